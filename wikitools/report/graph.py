"""The graph of a wiki as JSON, Graphviz' DOT and GraphML, and as lists for people."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from wikitools.report.json import dumps
from wikitools.report.screen import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wikitools.lint.graph import Graph, Node

VERSION = 1


def render_json(graph: Graph) -> str:
    """Return the graph as JSON, its keys as `docs/graph.md` describes them."""
    data = {
        "version": VERSION,
        "nodes": [
            {
                "id": node.id,
                "kind": node.kind,
                "title": node.title,
                "folder": node.folder,
                "incoming": node.incoming,
                "outgoing": node.outgoing,
                "dead": graph.dead.get(node.id, 0),
            }
            for node in graph.nodes
        ],
        "edges": [
            {"start": edge.start, "end": edge.end, "kind": edge.kind, "count": edge.count} for edge in graph.edges
        ],
    }
    return dumps(data, indent=2) + "\n"


def render_dot(graph: Graph) -> Iterator[str]:
    """Yield the graph in DOT (https://graphviz.org/doc/info/lang.html)."""
    yield "digraph wiki {\n"
    for node in graph.nodes:
        shape = ", shape=box" if node.kind == "source" else ""
        yield f"  {_dot(node.id)} [label={_dot(node.title)}{shape}];\n"
    for edge in graph.edges:
        style = ", style=dashed" if edge.kind == "citation" else ""
        yield f"  {_dot(edge.start)} -> {_dot(edge.end)} [weight={edge.count}{style}];\n"
    yield "}\n"


def _dot(text: str) -> str:
    r"""Return a text as a DOT string, in which only quotes and backslashes are special.

    >>> _dot('a "b"\\n')
    '"a \\"b\\"\\\\n"'
    """
    escaped = _one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _one_line(text: str) -> str:
    return visible(" ".join(text.split()))


_KEYS = (
    ("kind", "node", "string"),
    ("title", "node", "string"),
    ("folder", "node", "string"),
    ("incoming", "node", "int"),
    ("outgoing", "node", "int"),
    ("link", "edge", "string"),
    ("count", "edge", "int"),
)


def render_graphml(graph: Graph) -> Iterator[str]:
    """Yield the graph in GraphML (http://graphml.graphdrawing.org/specification.html)."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for name, owner, kind in _KEYS:
        yield f'  <key id="{name}" for="{owner}" attr.name="{name}" attr.type="{kind}"/>\n'
    yield '  <graph id="wiki" edgedefault="directed">\n'
    for node in graph.nodes:
        yield f"    <node id={_attribute(node.id)}>"
        yield _data("kind", node.kind) + _data("title", node.title) + _data("folder", node.folder)
        yield _data("incoming", node.incoming) + _data("outgoing", node.outgoing) + "</node>\n"
    for edge in graph.edges:
        yield f"    <edge source={_attribute(edge.start)} target={_attribute(edge.end)}>"
        yield _data("link", edge.kind) + _data("count", edge.count) + "</edge>\n"
    yield "  </graph>\n</graphml>\n"


def _attribute(text: str) -> str:
    return quoteattr(_one_line(text))


def _data(key: str, value: str | int) -> str:
    return f'<data key="{key}">{escape(_one_line(str(value)))}</data>'


def render_nodes(nodes: Sequence[Node]) -> Iterator[str]:
    """Yield a line per node: how many links lead there, its id, and its title if that says more."""
    room = max((len(f"{node.incoming:,}") for node in nodes), default=0)
    for node in nodes:
        title = f"  {_one_line(node.title)}" if node.title != node.id else ""
        yield f"{node.incoming:>{room},}  {_one_line(node.id)}{title}\n"


def render_components(parts: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a line per part: how many nodes it has, and the first of them."""
    for part in parts:
        shown = ", ".join(_one_line(each) for each in part[:_FIRST])
        more = f" and {len(part) - _FIRST:,} more" if len(part) > _FIRST else ""
        yield f"{len(part):,}  {shown}{more}\n"


_FIRST = 5
