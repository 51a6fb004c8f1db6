"""The headings of a page as an outline, and a search for pages by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from wikitools.text import Span
from wikitools.wiki.names_index import fold

if TYPE_CHECKING:
    from wikitools.lsp.view import View

_MOST = 200


def outline(view: View) -> list[types.DocumentSymbol] | list[types.SymbolInformation]:
    """Return the headings of a page, each with those below it; a flat list for editors that do not support levels."""
    page = view.facts.wiki.pages.get(view.path)
    if page is None:
        return []
    headings = list(page.headings)
    kind = types.SymbolKind.String
    if not view.client.nested_symbols:
        return [types.SymbolInformation(view.location(each.span), each.text or "…", kind) for each in headings]
    top: list[types.DocumentSymbol] = []
    above: list[tuple[int, types.DocumentSymbol]] = []
    for number, heading in enumerate(headings):
        following = (each.span.start for each in headings[number + 1 :] if each.level <= heading.level)
        start = page.text.rfind("\n", 0, heading.span.start) + 1
        end = next(following, None)
        # Its section ends before the next heading of the same or a higher level.
        end = len(page.text) if end is None else page.text.rfind("\n", 0, end) + 1
        symbol = types.DocumentSymbol(
            name=heading.text or "…",
            kind=kind,
            range=view.range(Span(page.path, start, max(end, heading.span.end))),
            selection_range=view.range(heading.span),
            children=[],
        )
        while above and above[-1][0] >= heading.level:
            above.pop()
        below = above[-1][1].children if above else top
        if isinstance(below, list):
            below.append(symbol)
        above.append((heading.level, symbol))
    return top


def find(view: View, query: str) -> list[types.WorkspaceSymbol]:
    """Return the pages whose name, title or alias contains these letters, shorter names first."""
    wiki = view.wiki
    if wiki is None:
        return []
    wanted = fold(query).strip()
    rows = sorted((len(row.name), row.name, row.path) for row in wiki.page_names if wanted in row.folded)
    start = types.Range(types.Position(0, 0), types.Position(0, 0))
    found = []
    for _size, name, path in rows[:_MOST]:
        place = types.Location(view.uri(path), start)
        found.append(types.WorkspaceSymbol(location=place, name=name, kind=types.SymbolKind.File, container_name=path))
    return found
