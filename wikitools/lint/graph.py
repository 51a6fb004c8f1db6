"""The graph of a wiki: pages and the sources they cite as nodes, links and citations as counted edges."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wikitools.markdown.page import WebLink
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wikitools.lint.facts import Facts
    from wikitools.sources.source import Source

PAGE, SOURCE = "page", "source"
LINK, CITATION = "link", "citation"


@dataclass(frozen=True, slots=True)
class Node:
    """A page, by its path, or a source, by its key."""

    id: str
    kind: str
    title: str
    incoming: int = 0
    """How many other nodes lead here."""
    outgoing: int = 0
    """How many other nodes this one leads to."""

    @property
    def folder(self) -> str:
        """The folder of a page; "" at the root, and for sources."""
        return self.id.rpartition("/")[0] if self.kind == PAGE else ""


@dataclass(frozen=True, slots=True)
class Edge:
    """Links from one page to another, or citations of a source on a page."""

    start: str
    end: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes and edges, both sorted. Links from a page to itself are not edges."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    dead: Mapping[str, int] = field(default_factory=dict)
    """How many links on each page lead nowhere in the wiki; they are not edges."""


def make_graph(facts: Facts, *, citations: bool = False) -> Graph:
    """Return the graph of all pages; with `citations` also of the sources that they certainly cite.

    An ambiguous link counts for the page that the engine opens. Attachments and web addresses are not nodes.
    """
    wiki = facts.wiki
    counts: Counter[tuple[str, str, str]] = Counter()
    dead: Counter[str] = Counter()
    for path, page in wiki.pages.items():
        for link in page.links:
            if isinstance(link, WebLink):
                continue
            target = wiki.target_of(link)
            if target is None:
                dead[path] += 1
            elif target in wiki.pages and target != path:
                counts[path, target, LINK] += 1
    names = {path: (PAGE, page.title or path) for path, page in wiki.pages.items()}
    if citations:
        for path, source in _cited(facts):
            counts[path, source_id(source), CITATION] += 1
            names[source_id(source)] = (SOURCE, source.title or source.key)
    edges = tuple(Edge(start, end, kind, number) for (start, end, kind), number in sorted(counts.items()))
    return Graph(_nodes(names, edges), edges, dict(sorted(dead.items())))


def source_id(source: Source) -> str:
    """Return the node id of a source: its key, as in citations, so that it is never a page's path."""
    return f"@{source.key}"


def _cited(facts: Facts) -> Iterable[tuple[str, Source]]:
    for path, cited in facts.cited.items():
        for each in cited:
            if isinstance(each.resolution, Found):
                yield path, each.resolution.target


def _nodes(names: Mapping[str, tuple[str, str]], edges: Iterable[Edge]) -> tuple[Node, ...]:
    incoming, outgoing = Counter[str](), Counter[str]()
    for edge in edges:
        outgoing[edge.start] += 1
        incoming[edge.end] += 1
    return tuple(Node(id_, *names[id_], incoming[id_], outgoing[id_]) for id_ in sorted(names))


def around(graph: Graph, start: str, depth: int) -> Graph:
    """Return the part of a graph within `depth` steps of the node `start`, in both directions of its edges."""
    beside: dict[str, set[str]] = {}
    for edge in graph.edges:
        beside.setdefault(edge.start, set()).add(edge.end)
        beside.setdefault(edge.end, set()).add(edge.start)
    reached = newest = {start}
    for _step in range(depth):
        newest = {each for node in newest for each in beside.get(node, ())} - reached
        reached = reached | newest
    # Degrees stay those of the whole wiki.
    return Graph(
        tuple(node for node in graph.nodes if node.id in reached),
        tuple(edge for edge in graph.edges if edge.start in reached and edge.end in reached),
        {path: number for path, number in graph.dead.items() if path in reached},
    )


def orphans(graph: Graph) -> Sequence[Node]:
    """Return the pages that no other page links to, by path."""
    linked = {edge.end for edge in graph.edges if edge.kind == LINK}
    return [node for node in graph.nodes if node.kind == PAGE and node.id not in linked]


def hubs(graph: Graph) -> Sequence[Node]:
    """Return the nodes that other nodes lead to, those with the most links first."""
    return sorted((node for node in graph.nodes if node.incoming), key=lambda node: (-node.incoming, node.id))


def components(graph: Graph) -> Sequence[Sequence[str]]:
    """Return the parts of the wiki without links between them, the largest first, each with sorted ids."""
    parent = {node.id: node.id for node in graph.nodes}

    def root(id_: str) -> str:
        while parent[id_] != id_:
            parent[id_] = id_ = parent[parent[id_]]
        return id_

    for edge in graph.edges:
        parent[root(edge.start)] = root(edge.end)
    parts: dict[str, list[str]] = {}
    for node in graph.nodes:
        parts.setdefault(root(node.id), []).append(node.id)
    return sorted(parts.values(), key=lambda part: (-len(part), part[0]))
