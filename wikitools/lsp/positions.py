"""Positions as editors count them: lines from 0, columns in UTF-16 or UTF-32 units, and back to our offsets."""

from __future__ import annotations

import re
from bisect import bisect_right
from enum import StrEnum
from typing import NamedTuple

from wikitools.text import line_starts


class Encoding(StrEnum):
    """What columns count: code points, like our offsets, or units of UTF-16, as in JavaScript."""

    UTF32 = "utf-32"
    UTF16 = "utf-16"


class Place(NamedTuple):
    """A line and a column, both from 0; the column counts units of some encoding."""

    line: int
    column: int


_WIDE = re.compile("[\U00010000-\U0010ffff]")
"""Characters that take two units in UTF-16."""


class Lines:
    r"""The lines of one text. Each line is converted by itself, so that a long page costs no more than a short one.

    >>> lines = Lines("a\n😀b\n", Encoding.UTF16)
    >>> lines.place(3), lines.offset(Place(1, 2)), lines.offset(Place(1, 1))
    (Place(line=1, column=2), 3, 2)
    """

    __slots__ = ("_counts_units", "_starts", "encoding", "text")

    def __init__(self, text: str, encoding: Encoding) -> None:
        self.text = text
        self.encoding = encoding
        self._starts = line_starts(text)
        self._counts_units = encoding is Encoding.UTF16 and not text.isascii() and _WIDE.search(text) is not None

    def place(self, offset: int) -> Place:
        """Return the place of an offset; one outside of the text is moved to the nearest end."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._starts, offset) - 1
        start = self._starts[line]
        column = offset - start
        if self._counts_units:
            column += len(_WIDE.findall(self.text, start, offset))
        return Place(line, column)

    def offset(self, place: Place) -> int:
        """Return the offset of a place: beyond the end of a line, its end; within a character, its start."""
        if place.line < 0:
            return 0
        if place.line >= len(self._starts):
            return len(self.text)
        start, end = self.line(place.line)
        column = max(place.column, 0)
        if not self._counts_units:
            return min(start + column, end)
        offset = start
        for wide in _WIDE.finditer(self.text, start, end):
            before = wide.start() - offset
            if column <= before:
                break
            # We have no offset in the middle of a pair of surrogates.
            if column < before + 2:
                return wide.start()
            column -= before + 2
            offset = wide.end()
        return min(offset + column, end)

    def line(self, number: int) -> tuple[int, int]:
        """Return where a line starts, and where it ends before its line break."""
        start = self._starts[number]
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self.text)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return start, end
