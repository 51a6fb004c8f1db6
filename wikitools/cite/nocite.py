"""Reads Pandoc's `nocite` in the front matter: sources that a page lists without citing them in its text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.cite.citation import Citation, Cited
from wikitools.sources.same_work import distinct_works
from wikitools.text import Span
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.markdown.page import Page
    from wikitools.sources.source import Bibliography, Source

KIND = "nocite"
"""The `kind` of citations that are not in the text."""
EVERYTHING = "*"

_KEY = re.compile(r"(?<![\w@])-?@(?:\{([^{}\s]{1,500})\}|(\*)|(\w(?:[\w:.#$%&+?<>~/-]{0,498}\w)?))")


def find_nocite(page: Page, bibliography: Bibliography) -> tuple[Cited, ...]:
    """Return a citation for each key of the page's `nocite`, in its order; `@*` means the whole bibliography.

    `nocite: "@one, @two"` as in Pandoc (keys as in its manual, braces included), or a list of keys, with or without
    the `@`. An unknown key gives a citation that is `Missing`.
    """
    entry = page.front_matter.get("nocite")
    if entry is None:
        return ()
    cited: list[Cited] = []
    position = entry.span.start
    for key in dict.fromkeys(_keys(entry.value)):
        found = page.text.find(key, position, entry.span.end)
        place = Span(page.path, found, found + len(key)) if found >= 0 else entry.span
        position = place.end if found >= 0 else position
        if key == EVERYTHING:
            cited += [_cited(source.key, place, Found(source, KIND)) for source in distinct_works(bibliography.sources)]
        else:
            cited.append(_cited(key, place, _resolve(key, bibliography)))
    return tuple(cited)


def _keys(value: object) -> Iterator[str]:
    for part in value if isinstance(value, list) else [value]:
        if not isinstance(part, str):
            continue
        named = [match[1] or match[2] or match[3] for match in _KEY.finditer(part)]
        if named:
            yield from named
        elif isinstance(value, list) and part.strip():
            yield part.strip()


def _resolve(key: str, bibliography: Bibliography) -> Resolution[Source]:
    works = distinct_works(bibliography.by_key(key))
    if len(works) > 1:
        return Ambiguous(tuple(works))
    return Found(works[0], KIND) if works else Missing(why="no-such-key")


def _cited(key: str, place: Span, resolution: Resolution[Source]) -> Cited:
    return Cited(Citation(place, "@" + key, key=key, kind=KIND), resolution, (KIND,))
