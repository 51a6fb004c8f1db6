"""Reads a BibTeX file again after a change: only the entries in and around the change."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wikitools.sources.readers.bibtex import read_bibtex

if TYPE_CHECKING:
    from collections.abc import Callable

    from wikitools.sources.source import Source

_ACROSS = re.compile(r"@\s*(?:string|comment|preamble)|xdata|crossref|^[ \t]*%", re.MULTILINE)
"""What may let one part of a file, in lower case, change what another part means."""
_PARTS = ("string", "comment", "preamble", "xdata", "crossref", "%")
"""One of these is in each of them: looked for first, because that takes a tenth of the time."""


def read_bibtex_again(path: str, text: str, before: str, known: tuple[Source, ...]) -> tuple[Source, ...] | None:
    """Return the sources of a file that had the text `before`, and then these sources and nothing wrong with it.

    `None` if the file must be read as a whole: it has definitions, comments or entries that inherit, or something is
    wrong. Sources that stand where they stood are the same objects.
    """
    if _says_more(before) or _says_more(text):
        return None
    first, last = _changed(before, text)
    # Also the entries next to the change are read: what changed may belong to them.
    head = max(0, sum(each.span.end < first for each in known) - 1)
    tail = min(len(known), sum(each.span.start <= last for each in known) + 1)
    begin = known[head].span.start if head else 0
    end = known[tail].span.start if tail < len(known) else len(before)
    moved = len(text) - len(before)
    found, problems = read_bibtex(path, text[begin : end + moved])
    sources = (*known[:head], *(_at(each, begin) for each in found), *(_at(each, moved) for each in known[tail:]))
    return None if problems or len({each.key for each in sources}) < len(sources) else sources


def _says_more(text: str) -> bool:
    lower = text.lower()
    return any(part in lower for part in _PARTS) and _ACROSS.search(lower) is not None


def _changed(before: str, now: str) -> tuple[int, int]:
    """Return where in the first of two texts the first difference is, and where the last one ends."""
    most = min(len(before), len(now))
    start = _longest(most, lambda length: before.startswith(now[:length]))
    return start, len(before) - _longest(most - start, lambda length: before.endswith(now[len(now) - length :]))


def _longest(most: int, fits: Callable[[int], bool]) -> int:
    """Return the greatest length up to `most` that fits; all shorter ones do, too."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _at(source: Source, distance: int) -> Source:
    """Return a source at another place in its file."""
    span = source.span
    return (
        replace(source, span=replace(span, start=span.start + distance, end=span.end + distance))
        if distance
        else source
    )
