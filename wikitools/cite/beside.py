"""Identifiers beside a citation: in its brackets, its link or its footnote, or on its line."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from wikitools.markdown.page import WebLink
from wikitools.sources.identifiers import identifiers_in, url_key

if TYPE_CHECKING:
    from wikitools.markdown.page import Page

_FARTHEST = 600
"""The most characters between a bracket and a citation in it."""
_TO_REFERENCE = re.compile(r"[\s)\].,;:]{0,3}")


class Identifiers:
    """The DOIs and arXiv ids of one page, written out or as addresses of links."""

    def __init__(self, page: Page) -> None:
        self._page = page
        written = [(start, subject) for start, _end, subject in identifiers_in(page.text)]
        links = [link for link in page.links if isinstance(link, WebLink)]
        linked = ((link.url_span.start, url_key(link.url)) for link in links)
        found = {*written, *(each for each in linked if each[1].startswith(("doi:", "arxiv:")))}
        self._links = links
        self._found = sorted(found)
        self._starts = [start for start, _subject in self._found]

    def all(self) -> tuple[str, ...]:
        """Return the identifiers on the page, each `doi:…` or `arxiv:…` once, in order."""
        return tuple(dict.fromkeys(subject for _start, subject in self._found))

    def beside(self, start: int, end: int) -> tuple[str, ...]:
        """Return the identifiers beside a citation at these offsets, in order."""
        if not self._found:
            return ()
        text = self._page.text
        line_end = text.find("\n", end)
        places = [(text.rfind("\n", 0, start) + 1, len(text) if line_end < 0 else line_end)]
        places += [bracket] if (bracket := _brackets(text, start, end)) else []
        places += [(link.span.start, link.span.end) for link in self._links if link.span.start <= start < link.span.end]
        places += self._footnotes(start, end)
        return tuple(dict.fromkeys(subject for place in places for subject in self._within(*place)))

    def _within(self, start: int, end: int) -> list[str]:
        return [
            subject for _at, subject in self._found[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
        ]

    def _footnotes(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the footnote that a citation is in, and those referred to right after it."""
        page = self._page
        gap = _TO_REFERENCE.match(page.text, end)
        reach = gap.end() if gap else end
        names = {each.name for each in page.footnotes if end <= each.span.start <= reach}
        return [
            (each.span.start, each.body.end)
            for each in page.footnote_definitions
            if each.name in names or each.span.start <= start < each.body.end
        ]


def _brackets(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where the brackets around a citation begin and end; `None` if there are none in its paragraph."""
    depth = 0
    for at in range(start - 1, max(-1, start - _FARTHEST), -1):
        if text[at] == "(":
            depth -= 1
            if depth < 0:
                break
        elif text[at] == ")":
            depth += 1
        elif text.startswith("\n\n", at):
            return None
    else:
        return None
    depth = 1
    for close in range(end, min(len(text), end + _FARTHEST)):
        depth += {"(": 1, ")": -1}.get(text[close], 0)
        if depth == 0:
            return at, close
        if text.startswith("\n\n", close):
            return None
    return None
