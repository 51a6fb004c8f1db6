"""Checks anchors on other pages without reading these pages: most deferred links need nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.markdown.page import (
    BlockId,
    Heading,
    HtmlId,
    MarkdownLink,
    Page,
    Wikilink,
    heading_rows_of,
    headings_of,
)
from wikitools.project.seen import AskedAnchor
from wikitools.records import dataclass
from wikitools.text import Span
from wikitools.wiki.lazy_pages import UnknownError
from wikitools.wiki.resolution import Found, Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wikitools.lint.page_run import Waiting
    from wikitools.wiki.wiki import Wiki

RULE = "broken-anchor"
"""The rules that report nothing if the anchor exists, and depend on nothing else."""

Named = tuple[bool, str]
"""Whether a wikilink names the anchor, and the anchor or fragment itself."""


def asked_by(page: Page, wiki: Wiki, waiting: Iterable[Waiting]) -> tuple[AskedAnchor, ...]:
    """Return which anchors must exist so that there is nothing to report about the deferred links."""
    found: list[AskedAnchor] = []
    for place, (_kind, number, rules) in enumerate(waiting):
        if rules != (RULE,) or number < 0:
            continue
        link = page.links[number]
        try:
            if isinstance(link, Wikilink):
                anchor, answer = wiki.read(link)[1], wiki.resolve(link)
            elif isinstance(link, MarkdownLink):
                anchor, answer = link.url.partition("#")[2], wiki.resolve_link(link)
            else:
                continue
        except UnknownError:
            continue
        if anchor and isinstance(answer, Found) and answer.target in wiki.pages:
            found.append(AskedAnchor(place, answer.target, isinstance(link, Wikilink), anchor))
    return tuple(found)


def pack_places(page: Page) -> bytes:
    """Return what links to a page can name, as packed data; b"" if there is nothing."""
    from wikitools.project.cache import pack

    rows, text = heading_rows_of(page.headings), page.text
    if not (rows or page.block_ids or page.html_ids or page.html_headings or page.insertions):
        return b""
    levels: list[int] = []
    shown: list[str] = []
    otherwise: list[tuple[int, str]] = []
    identifiers: list[tuple[int, tuple[str, ...]]] = []
    for number, (start, end, level, words, ids) in enumerate(rows):
        levels.append(level)
        shown.append(words)
        if (written := text[start:end]) != words:
            otherwise.append((number, written))
        if ids:
            identifiers.append((number, ids))
    return pack(
        (
            bytes(levels),
            shown,
            otherwise,
            identifiers,
            [each.name for each in page.block_ids],
            [each.name for each in page.html_ids],
            page.html_heading_rows(),
            # Nobody names these, but where they are, a name that is missing may be there all the same.
            len(page.insertions),
        )
    )


def unpack_places(path: str, data: bytes) -> Page:
    """Return a page with only what links to the packed one can name, in the same order."""
    from wikitools.project.cache import unpack

    if not data:
        return Page(path, "")
    levels, shown, otherwise, ids, blocks, html_ids, in_html, _insertions = unpack(data)
    written, identifiers = list(shown), dict(ids)
    for number, words in otherwise:
        written[number] = words
    rows = []
    starts = []
    start = 0
    for number, (level, words) in enumerate(zip(levels, shown, strict=True)):
        end = start + len(written[number])
        starts.append(start)
        rows.append((start, end, level, words, identifiers.get(number, ())))
        start = end + 1
    top = Span(path, 0, 0)
    starts.append(start)
    return Page(
        path,
        "\n".join(written),
        headings=headings_of(path, rows),
        block_ids=tuple(BlockId(top, name) for name in blocks),
        html_ids=tuple(HtmlId(top, name) for name in html_ids),
        html_headings=tuple(
            Heading(Span(path, starts[before], starts[before]), level, words) for before, level, words in in_html
        ),
    )


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds anchors on pages of which only the anchors are known."""

    wiki: Wiki
    asked: Mapping[str, Sequence[Named]]
    """The anchors that links name on each page."""
    places: Mapping[str, bytes]

    def __call__(self, path: str) -> list[Named]:
        """Return those named anchors of a page that certainly exist."""
        anchors = self.wiki.anchors_in(unpack_places(path, self.places[path]))
        engine = self.wiki.engine
        found = []
        for by_wikilink, anchor in self.asked[path]:
            find = engine.find_anchor if by_wikilink else engine.find_fragment
            try:
                place = find(anchors, anchor)
            except Exception:  # noqa: BLE001  # whatever it is, the rule gets the same error and reports it
                continue
            if not isinstance(place, Missing):
                found.append((by_wikilink, anchor))
        return found
