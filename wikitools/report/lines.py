"""The lines of the files that findings stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.text import Span, line_and_column, line_starts

if TYPE_CHECKING:
    from collections.abc import Callable


class Lines:
    """Finds lines; each file is counted through once. `text_of` gives its text by path."""

    def __init__(self, text_of: Callable[[str], str]) -> None:
        self._text_of = text_of
        self._starts: dict[str, list[int]] = {}
        self._last: tuple[str, int, str] = ("", 0, "")
        self._bytes: tuple[tuple[str, int, int], int] = (("", 0, 1), 1)

    def _starts_of(self, path: str) -> list[int]:
        if path not in self._starts:
            self._starts[path] = line_starts(self._text_of(path))
        return self._starts[path]

    def place(self, span: Span) -> tuple[int, int]:
        """Return line and column, both from 1, at which `span` begins."""
        return line_and_column(self._starts_of(span.path), span.start)

    def region(self, span: Span) -> tuple[int, int, int, int]:
        """Return line and column of the beginning and of the end of `span`, all from 1, the end exclusive."""
        starts = self._starts_of(span.path)
        return *line_and_column(starts, span.start), *line_and_column(starts, span.end)

    def in_bytes(self, path: str, line: int, column: int) -> int:
        """Return a column (from 1) that counts code points as one that counts bytes of UTF-8."""
        start = self._starts_of(path)[line - 1]
        known, units = self._bytes if self._bytes[0][:2] == (path, line) else ((path, line, 1), 1)
        if known[2] > column:
            known, units = (path, line, 1), 1
        # From the last place on: a line of megabytes can hold a hundred thousand findings.
        between = self._text_of(path)[start + known[2] - 1 : start + column - 1]
        units += len(between.encode("utf-8", "surrogatepass"))
        self._bytes = ((path, line, column), units)
        return units

    def text(self, path: str, line: int) -> str:
        """Return the text of a line (from 1) without its end."""
        # Kept, because a line of megabytes can hold a hundred thousand findings.
        if self._last[:2] != (path, line):
            starts = self._starts_of(path)
            end = starts[line] if line < len(starts) else None
            self._last = (path, line, self._text_of(path)[starts[line - 1] : end].rstrip("\r\n"))
        return self._last[2]
