"""`wikitools graph`: exports the links and citations of a wiki as data for other programs, and as lists."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wikitools import files
from wikitools.cli import options
from wikitools.cli.request import Request
from wikitools.cli.startup import open_wiki
from wikitools.cli.terminal import fail, write

if TYPE_CHECKING:
    from wikitools.cli.startup import AskedWiki
    from wikitools.lint.graph import Graph

Format = Annotated[
    Literal["json", "dot", "graphml"] | None,
    typer.Option(
        "--format",
        "--output-format",
        help="Format of the graph. Default: json.",
        rich_help_panel=options.OUTPUT,
    ),
]
Citations = Annotated[
    bool, typer.Option("--citations", help="Include sources as nodes.", rich_help_panel=options.OUTPUT)
]
Around = Annotated[
    str | None,
    typer.Option(
        "--around",
        metavar="PAGE|@KEY",
        help="Include only what is near this page or source.",
        rich_help_panel=options.OUTPUT,
    ),
]
Depth = Annotated[
    int | None,
    typer.Option(
        "--depth",
        min=0,
        metavar="N",
        help="Number of steps from that page or source. Default: 1.",
        rich_help_panel=options.OUTPUT,
    ),
]


def _list(name: str, about: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(name, help=about, rich_help_panel=options.OUTPUT)
    return option


Orphans = Annotated[bool, _list("--orphans", "List the pages that no other page links to.")]
Hubs = Annotated[bool, _list("--hubs", "List the nodes by the number of links to them.")]
Components = Annotated[bool, _list("--components", "List the parts of the wiki without a link between them.")]


def graph(  # noqa: PLR0917  # typer turns the parameters into options; nobody passes them by position
    asked: Request,
    output_format: Format = None,
    citations: Citations = False,
    around: Around = None,
    depth: Depth = None,
    orphans: Orphans = False,
    hubs: Hubs = False,
    components: Components = False,
) -> None:
    """Export the graph of pages and links as data.

    To draw it, use Graphviz, Gephi or Cytoscape: wikitools graph --format dot --around PAGE | dot -Tsvg.
    """
    from wikitools.lint import graph as graphs
    from wikitools.report import graph as writers

    lists = {"--orphans": orphans, "--hubs": hubs, "--components": components}
    chosen = [name for name, is_chosen in lists.items() if is_chosen]
    if len(chosen) > 1:
        fail(f"{chosen[0]} and {chosen[1]} exclude each other", "run once for each list")
    if chosen and output_format is not None:
        fail(f"{chosen[0]} prints a list for people", f"leave out {chosen[0]} to get the graph as {output_format}")
    if depth is not None and around is None:
        fail("--depth counts steps from a page or source", "name it with --around")
    wiki = open_wiki(asked.on([]))
    found = graphs.make_graph(wiki.workspace.facts, citations=citations)
    if around is not None:
        found = graphs.around(found, _node(around, found, wiki), 1 if depth is None else depth)
    if orphans:
        write(writers.render_nodes(graphs.orphans(found)))
    elif hubs:
        write(writers.render_nodes(graphs.hubs(found)))
    elif components:
        write(writers.render_components(graphs.components(found)))
    elif output_format in (None, "json"):
        write(writers.render_json(found), exact=True)
    else:
        write(writers.render_dot(found) if output_format == "dot" else writers.render_graphml(found), exact=True)


def _node(name: str, graph: "Graph", wiki: "AskedWiki") -> str:
    """Return the id of a node: a page by its path from here or from the root, or by its name; a source by its key."""
    import os

    from wikitools.wiki.resolution import Found, Missing

    ids = {node.id for node in graph.nodes}
    inside = files.below_root(name, os.fspath(wiki.settings.root))
    named = wiki.workspace.facts.wiki.resolve_name(name, "")
    for each in (inside, name, named.target if isinstance(named, Found) else None):
        if each in ids:
            return each
    if isinstance(named, Missing) and named.near and not name.startswith("@"):
        fail(f"--around {name}: no such page", f"near: {', '.join(named.near)}")
    fail(f"--around {name}: no such page or source", "a source is @KEY, with --citations")
