"""The lines of files that contain findings."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING

from wikitools.text import Span, line_and_column, line_starts

if TYPE_CHECKING:
    from collections.abc import Callable


def no_data(_path: str) -> bytes:
    """Return no bytes: the file is encoded like its text."""
    return b""


class Lines:
    """Finds lines and columns.

    Each file is scanned once. `text_of` returns a file's text by path, `data_of` its bytes.
    """

    def __init__(self, text_of: Callable[[str], str], data_of: Callable[[str], bytes] = no_data) -> None:
        self._text_of = text_of
        self._data_of = data_of
        self._damaged: dict[str, tuple[bytes, list[int]] | None] = {}
        self._columns: tuple[tuple[str, int], list[int] | None] = (("", 0), None)
        self._starts: dict[str, list[int]] = {}
        self._last: tuple[str, int, str] = ("", 0, "")
        self._bytes: tuple[tuple[str, int, int], int] = (("", 0, 1), 1)

    def _starts_of(self, path: str) -> list[int]:
        if path not in self._starts:
            self._starts[path] = line_starts(self._text_of(path))
        return self._starts[path]

    def place(self, span: Span) -> tuple[int, int]:
        """Return line and column, both from 1, at which `span` starts."""
        return line_and_column(self._starts_of(span.path), span.start)

    def region(self, span: Span) -> tuple[int, int, int, int]:
        """Return line and column of the start and of the end of `span`, all from 1, the end exclusive."""
        starts = self._starts_of(span.path)
        return *line_and_column(starts, span.start), *line_and_column(starts, span.end)

    def in_bytes(self, path: str, line: int, column: int) -> int:
        """Convert a column (from 1) from code points to bytes: those of the file, which may not be UTF-8."""
        columns = self._damaged_columns(path, line)
        if columns is not None:
            return columns[min(column, len(columns)) - 1]
        start = self._starts_of(path)[line - 1]
        known, units = self._bytes if self._bytes[0][:2] == (path, line) else ((path, line, 1), 1)
        if known[2] > column:
            known, units = (path, line, 1), 1
        # Continue from the last column: a line of megabytes can have a hundred thousand findings.
        between = self._text_of(path)[start + known[2] - 1 : start + column - 1]
        units += len(between.encode("utf-8", "surrogatepass"))
        self._bytes = ((path, line, column), units)
        return units

    def _damaged_columns(self, path: str, line: int) -> list[int] | None:
        """Return the byte columns of a line's code points, and of its end; `None` if they are those of its text."""
        if self._columns[0] != (path, line):
            self._columns = ((path, line), self._count_damaged(path, line))
        return self._columns[1]

    def _count_damaged(self, path: str, line: int) -> list[int] | None:
        text = self.text(path, line)
        if text.isascii():
            return None
        if path not in self._damaged:
            data = self._data_of(path)
            # Latin-1 has a character for each byte, and the same line ends.
            self._damaged[path] = None if _is_utf8(data) else (data, line_starts(data.decode("latin-1")))
        damaged = self._damaged[path]
        if damaged is None or line > len(damaged[1]):
            return None
        data, starts = damaged
        raw = data[starts[line - 1] : starts[line] if line < len(starts) else None].rstrip(b"\r\n")
        widths = _widths(raw, text)
        return None if widths is None else list(accumulate(widths, initial=1))

    def text(self, path: str, line: int) -> str:
        """Return the text of a line (from 1) without its end."""
        # Kept, because a line of megabytes can have a hundred thousand findings.
        if self._last[:2] != (path, line):
            starts = self._starts_of(path)
            end = starts[line] if line < len(starts) else None
            self._last = (path, line, self._text_of(path)[starts[line - 1] : end].rstrip("\r\n"))
        return self._last[2]


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


_RUNS = re.compile("[\udc80-\udcff]+|[^\udc80-\udcff]+")
"""Bytes that are not UTF-8, as `surrogateescape` reads them, and the text between them."""


def _widths(raw: bytes, text: str) -> list[int] | None:
    """Return from how many bytes of a line that is not UTF-8 each character was read; `None` if the line has changed.

    Pages are read with U+FFFD for damaged bytes, bibliographies as Windows-1252.
    """
    if raw.decode("utf-8", errors="replace") != text:
        return [1] * len(text) if raw.decode("cp1252", errors="replace") == text else None
    widths: list[int] = []
    for run in _RUNS.findall(raw.decode("utf-8", errors="surrogateescape")):
        if "\udc80" <= run[0] <= "\udcff":
            # One U+FFFD replaces up to three bytes that start like a character.
            count = len(run.encode("utf-8", "surrogateescape").decode("utf-8", errors="replace"))
            widths += [1] * (count - 1) + [len(run) - count + 1]
        else:
            widths += (len(character.encode("utf-8")) for character in run)
    return widths
