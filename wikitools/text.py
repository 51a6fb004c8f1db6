"""Positions in text and changes to it: spans, edits, fixes, masks, lines and columns.

Every offset in wikitools counts code points of the file as it is on disk (byte order mark and carriage returns
included), which is what Python slices. Formats that count otherwise convert at the edge.
"""

from __future__ import annotations

import bisect
import re
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate, count
from operator import add
from typing import TYPE_CHECKING

from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

NO_ADDRESS = "，。、；：！？（）「」『』【】《》“”‘’„"
"""Punctuation that is in no address and no DOI, but right behind one where prose has no blanks, as in Chinese."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of characters, `start` up to but not including `end`, of the file `path`.

    `path` is POSIX and relative to the wiki's root; offsets are code points.
    """

    path: str
    start: int
    end: int

    def of(self, text: str) -> str:
        """Return what the span covers in `text`, the text of its file."""
        return text[self.start : self.end]

    def contains(self, other: Span) -> bool:
        """Say whether `other` lies wholly inside this span."""
        return self.path == other.path and self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Say whether the two spans share a character (or one is empty inside the other).

        >>> [Span("a", 2, 4).overlaps(other) for other in (Span("a", 3, 9), Span("a", 3, 3), Span("a", 2, 2))]
        [True, True, True]
        >>> [Span("a", 2, 4).overlaps(other) for other in (Span("a", 4, 9), Span("a", 0, 2), Span("b", 3, 9))]
        [False, False, False]
        """
        return self.path == other.path and self.start < max(other.end, other.start + 1) and other.start < self.end


class Safety(StrEnum):
    """Whether a fix keeps what the author meant (`SAFE`) or guesses it (`UNSAFE`)."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace what `span` covers with `text`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """One repair, maybe across pages: all of its edits happen or none."""

    title: str
    edits: tuple[Edit, ...]
    safety: Safety = Safety.SAFE


class EditConflictError(ValueError):
    """Two edits want the same characters."""


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return `text` with the edits made. All of them must belong to this one file.

    Raises `EditConflictError` when two edits overlap, or when two insert at the same offset: their order would be a
    guess.

    >>> apply("one two", [Edit(Span("a.md", 4, 7), "2"), Edit(Span("a.md", 0, 3), "1")])
    '1 2'
    """
    pieces: list[str] = []
    position = 0
    previous: Span | None = None
    for edit in sorted(edits, key=lambda edit: edit.span):
        span = edit.span
        if previous is not None and (span.start < position or (span.start, span.end) == (previous.start, previous.end)):
            raise EditConflictError(f"{span.path}: edits at {previous.start} and {span.start} overlap")
        pieces += (text[position : span.start], edit.text)
        position, previous = span.end, span
    pieces.append(text[position:])
    return "".join(pieces)


_NOT_LINE_BREAK = re.compile(r"[^\r\n]")


def mask(text: str, ranges: Iterable[tuple[int, int]], blank: str = " ") -> str:
    """Return `text` at equal length with every character in `ranges` blanked; line breaks stay.

    Ranges are half-open, may touch, nest and overlap, and need no order.

    >>> mask("see `x` now", [(4, 7)])
    'see     now'
    """
    pieces: list[str] = []
    position = 0
    for start, end in sorted(ranges):
        if end <= position:
            continue
        begin = max(start, position)
        covered = text[begin:end]
        if "\r" in covered:
            blanked = _NOT_LINE_BREAK.sub(blank, covered)
        elif "\n" in covered:
            blanked = "\n".join([blank * len(line) for line in covered.split("\n")])
        else:
            blanked = blank * len(covered)
        pieces += (text[position:begin], blanked)
        position = end
    pieces.append(text[position:])
    return "".join(pieces)


def places_of(part: str, text: str) -> Iterator[int]:
    """Yield where `part`, which is not empty, stands in a text, overlaps included."""
    searched = _in_ascii(text) if part.isascii() and "?" not in part else text
    at = searched.find(part)
    while at >= 0:
        yield at
        at = searched.find(part, at + 1)


@lru_cache(maxsize=2)
def _in_ascii(text: str) -> str:
    """Return a text of equal length with question marks for other characters, which is much faster to search."""
    return text if text.isascii() else text.encode("ascii", "replace").decode("ascii")


_LINE_END = re.compile(r"\r\n|\n|\r")


def line_starts(text: str) -> list[int]:
    """Return the offset at which each line of `text` starts; lines end with LF, CRLF or CR (CommonMark 0.31, §2.1).

    >>> line_starts("a\\r\\nb\\nc")
    [0, 3, 5]
    """
    if "\r" in text:
        return [0, *(match.end() for match in _LINE_END.finditer(text))]
    lines = text.split("\n")
    return [0, *map(add, accumulate(map(len, lines[:-1])), count(1))]


def line_and_column(starts: Sequence[int], offset: int) -> tuple[int, int]:
    """Return line and column, both counted from 1, of `offset`, given `line_starts` of its text.

    >>> line_and_column([0, 3, 5], 4)
    (2, 2)
    """
    line = bisect.bisect_right(starts, offset)
    return line, offset - starts[line - 1] + 1
