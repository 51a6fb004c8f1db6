"""Finds lists of references by what their items are, whatever stands above them."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from wikitools.markdown.page import WebLink
from wikitools.sources.identifiers import arxiv_in, doi_in
from wikitools.sources.names import words
from wikitools.sources.vocabulary import AND
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wikitools.cite.citation import Cited
    from wikitools.markdown.page import Page, PageLink
    from wikitools.sources.source import Source

PARAGRAPH = r"[*_]{0,2}[^\W\d_][\w'’-]*+(?: [\w'’-]++){0,3}+, [^\W\d_]\.(?=[^\n]*\b(?:1[5-9]|20)\d\d)"
"""How a reference begins that is a paragraph: "Walker, M. (2017). …"."""
_ITEM = re.compile(
    r"^ {0,3}(?:(?:[-*+•]|(?P<number>\d{1,9})[.)]|\\?\[\d{1,3}\\?\])[ \t]+(?=\S)|(?=" + PARAGRAPH + r"))"
    r"(?P<marks>[*_\"“‘«(<\[]*+)[^\r\n]*",
    re.MULTILINE,
)
_ENDS_LIST = re.compile(r"\n[ \t\r]*\n(?=\S)|\n {0,3}#")
_AS_IN_REFERENCES = re.compile(r"[,\s][A-Z]{1,3}\.?\Z|, [A-Z]")
"""An author as only references print them: "Orr, A.", "Orr A", "Orr, Ann"."""
_TITLE = re.compile(r"[\s)\].,:;*_—–-]*(?:[*_]{1,2}(?=[^\W_])|[“\"«‘]|\[(?![\[@^]))")
"""A title in emphasis, quotes or a link, right behind authors and year."""
_NO_SENTENCE = re.compile(r"[*_\"”’»>)\]]*+\s*(?:\Z|[\n.,;:(\[—–|-])")
"""What follows a link that is the reference itself: "[On kelp](…) (2019)", not "[On kelp](…) says that"."""


class ReferenceList(NamedTuple):
    """A list most of whose items are references: from its first item to the end of its last one."""

    start: int
    end: int
    items: int
    numbered: bool


def find_reference_lists(page: Page, cited: Sequence[Cited]) -> Iterator[ReferenceList]:
    """Yield the lists of `page` most of whose items are references; `cited` are its citations, in order.

    A reference prints a work's title or address, and begins with one of these or with the authors. What begins with a
    citation and says something about the work is none: "- Orr et al. (2019) found kelp", "- Orr (2019): kelp grows".
    Nor is a link to a page: a block would add the address of the work.
    """
    links = {link.span.start: link for link in page.links}
    starts = [one.citation.span.start for one in cited]
    for items in _lists(page):
        references = 0
        for item, end in zip(items, (*(each.start() for each in items[1:]), items[-1].end()), strict=True):
            here = cited[bisect_left(starts, item.start()) : bisect_left(starts, end)]
            references += _is_reference(page.text, item, end, here, links)
        if references * 2 > len(items):
            yield ReferenceList(items[0].start(), items[-1].end(), len(items), items[0]["number"] is not None)


def _lists(page: Page) -> Iterator[list[re.Match[str]]]:
    items: list[re.Match[str]] = []
    for item in _ITEM.finditer(page.text):
        if items and _ENDS_LIST.search(page.text, items[-1].end(), item.start()):
            yield items
            items = []
        items.append(item)
    if items:
        yield items


def _is_reference(
    text: str, item: re.Match[str], end: int, cited: Sequence[Cited], links: Mapping[int, PageLink]
) -> bool:
    """Say whether an item up to `end` is a reference; `cited` are the citations in it."""
    first, last = item.span("marks")
    link = next((links[at] for at in range(first, last + 1) if at in links), None)
    if link is not None and not isinstance(link, WebLink):
        return False
    sources = [one.resolution.target for one in cited if isinstance(one.resolution, Found)]
    if any(_leads_to_title(text[last:end], source) for source in sources):
        return True
    leading = [one.citation for one in cited if first <= one.citation.span.start <= last and one.citation.year]
    for citation in leading:
        if citation.title or _AS_IN_REFERENCES.search(citation.names[0] if citation.names else ""):
            return True
        if _TITLE.match(text, citation.span.end, end):
            return True
    if link is None or not _NO_SENTENCE.match(text[link.span.end : end]):
        return False
    if leading and words(text[link.span.end : end]):
        return False
    known = doi_in(link.url) or arxiv_in(link.url)
    return bool(known) or any(isinstance(one.resolution, Found) and one.citation.url == link.url for one in cited)


def _leads_to_title(item: str, source: Source) -> bool:
    """Say whether an item prints the title of `source`, with nothing but its authors and year before it."""
    said, title = words(item), words(source.title)
    if not title:
        return False
    known = {word for name in source.names for word in words(f"{name.given} {name.family}")}
    known |= {*source.years, "et", "al", *AND}
    for at in range(len(said) - len(title) + 1):
        if said[at : at + len(title)] == title:
            return True
        if said[at] not in known and len(said[at]) > 1:
            return False
    return False
