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

    def _starts_of(self, path: str) -> list[int]:
        if path not in self._starts:
            self._starts[path] = line_starts(self._text_of(path))
        return self._starts[path]

    def place(self, span: Span) -> tuple[int, int]:
        """Return line and column, both from 1, at which `span` begins."""
        return line_and_column(self._starts_of(span.path), span.start)

    def text(self, path: str, line: int) -> str:
        """Return the text of a line (from 1) without its end."""
        # Kept, because a line of megabytes can hold a hundred thousand findings.
        if self._last[:2] != (path, line):
            starts = self._starts_of(path)
            end = starts[line] if line < len(starts) else None
            self._last = (path, line, self._text_of(path)[starts[line - 1] : end].rstrip("\r\n"))
        return self._last[2]
