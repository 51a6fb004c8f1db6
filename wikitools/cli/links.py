"""`wikitools links`: lists the links to and from a page."""

# Typer reads the annotations when the program runs, so they are not postponed here.

import os
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from wikitools.cli import options
from wikitools.cli.request import Request
from wikitools.cli.startup import AskedWiki, open_wiki
from wikitools.cli.terminal import fail, output_style, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.markdown.page import Page, PageLink

Format = Annotated[
    Literal["text", "json"],
    typer.Option("--output-format", help="Format of the links.", rich_help_panel=options.OUTPUT),
]


def links(
    asked: Request,
    page: Annotated[str, typer.Argument(metavar="PAGE", help="The page, by its path or by its name in links.")],
    output_format: Format = "text",
) -> None:
    """List the links to a page and the links on it."""
    wiki, path = _asked_page(asked, page)
    incoming = [_row(link, path, wiki) for link in _to(path, wiki)]
    outgoing = [_row(link, _target(link, wiki), wiki) for link in _page(path, wiki).links]
    if output_format == "json":
        from wikitools.report.json import dumps

        data = {"version": 1, "path": path, "incoming": incoming, "outgoing": outgoing}
        write(dumps(data, indent=2) + "\n", exact=True)
    else:
        write(_lines(path, incoming, outgoing, wiki))


def _asked_page(asked: Request, page: str) -> tuple[AskedWiki, str]:
    """Return the page of this path, or else the only one to which wikilinks with this name lead."""
    from wikitools.wiki.resolution import Ambiguous, Found

    if page and not os.path.lexists(page):
        wiki = open_wiki(asked)
        facts = wiki.workspace.facts.wiki
        named = facts.resolve_name(page, "")
        if isinstance(named, Found) and named.target in facts.pages:
            return wiki, named.target
        if isinstance(named, Ambiguous):
            fail(f'"{page}" fits several pages: {", ".join(sorted(named.candidates))}', "give the path of one")
    wiki = open_wiki(asked.on([page]))
    found = wiki.pages()
    if not page or len(found) != 1:
        fail(f'"{page}" is not one page', "PAGE is the path of one page, or its name")
    return wiki, found[0]


def _page(path: str, wiki: AskedWiki) -> "Page":
    return wiki.workspace.facts.wiki.pages[path]


def _to(path: str, wiki: AskedWiki) -> "list[PageLink]":
    """Return the links to a page from other pages."""
    return [link for link in wiki.workspace.facts.wiki.links_to(path) if link.span.path != path]


def _target(link: "PageLink", wiki: AskedWiki) -> str | None:
    """Return the file that a link leads to; the address for a web link, `None` for a dead link."""
    from wikitools.markdown.page import WebLink

    return link.url if isinstance(link, WebLink) else wiki.workspace.facts.wiki.target_of(link)


def _row(link: "PageLink", target: str | None, wiki: AskedWiki) -> dict[str, Any]:
    from wikitools.text import line_and_column, line_starts

    text = wiki.workspace.text_of(link.span.path)
    line, column = line_and_column(line_starts(text), link.span.start)
    return {
        "path": link.span.path,
        "line": line,
        "column": column,
        "text": text[link.span.start : link.span.end],
        "target": target,
    }


def _lines(
    path: str, incoming: list[dict[str, Any]], outgoing: list[dict[str, Any]], wiki: AskedWiki
) -> "Iterator[str]":
    from wikitools.report.screen import visible
    from wikitools.report.summary import count

    style = output_style()

    def place(row: dict[str, Any]) -> str:
        return f"{visible(wiki.shown(row['path']))}:{row['line']}:{row['column']}"

    pages = len({row["path"] for row in incoming})
    yield style.paint("bold", f"{count(len(incoming), 'link')} to {visible(path)} on {count(pages, 'page')}") + "\n"
    yield from (f"  {place(row)}  {visible(' '.join(row['text'].split()))}\n" for row in incoming)
    yield style.paint("bold", f"{count(len(outgoing), 'link')} on {visible(path)}") + "\n"
    for row in outgoing:
        target = "broken" if row["target"] is None else f"-> {visible(row['target'])}"
        yield f"  {row['line']}:{row['column']}  {visible(' '.join(row['text'].split()))}  {target}\n"
