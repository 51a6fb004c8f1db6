"""Tables: the cells of a row, and which two lines are the head of a table (GFM 0.29, §4.10)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.markdown.wiki_syntax import Ranges

_BAR = re.compile(r"(?<!\\)\|")
_DELIMITER_ROW = re.compile(r"\n[ \t>]*+([:-][ \t:-]*+\|[ \t|:-]*+|\|[ \t|:-]*+)(?=\n|\Z)")
_CODE = 4
"""The indentation of code."""
_DELIMITER_CELL = re.compile(r":?-++:?")
_DELIMITERS = frozenset("|:- \t")


def split_cells(row: str) -> list[tuple[int, int]]:
    r"""Return the ranges of a table row's cells, blanks stripped; `\|` does not end a cell.

    >>> split_cells(r"| a | b\|c |")
    [(2, 3), (6, 10)]
    """
    bare = row.strip(" \t")
    position = len(row) - len(row.lstrip(" \t"))
    end = position + len(bare)
    if bare.startswith("|"):
        position += 1
    cells: list[tuple[int, int]] = []
    while position < end:
        bar = _BAR.search(row, position, end)
        stop = end if bar is None else bar.start()
        cell = row[position:stop]
        left = position + len(cell) - len(cell.lstrip(" \t"))
        cells.append((left, left + len(cell.strip(" \t"))))
        position = stop + 1
    return cells


def has_bare_bar(text: str) -> bool:
    """Say whether the text contains a bar that ends a table cell: one without a backslash before it."""
    return "|" in text and "|" in text.replace("\\|", "")


def is_table(header: str, delimiter: str) -> bool:
    """Say whether two lines begin a table: a delimiter row below a header row with as many cells."""
    if "-" not in delimiter or not _DELIMITERS.issuperset(delimiter):
        return False
    marks = split_cells(delimiter)
    if not all(_DELIMITER_CELL.fullmatch(delimiter, start, end) for start, end in marks):
        return False
    return len(marks) == len(split_cells(header))


def delimiter_rows(text: str) -> list[re.Match[str]]:
    """Return the ranges of lines that look like the second line of a table and contain bars."""
    return list(_DELIMITER_ROW.finditer(text))


def tables_in_paragraphs(text: str, paragraphs: Ranges) -> Iterator[tuple[int, int]]:
    """Yield the tables that follow a line of text without a blank line between.

    On GitHub and elsewhere a table ends the paragraph before it; pulldown-cmark reads it as part of the paragraph.
    """
    position = 0
    for match in delimiter_rows(text):
        if match.start() < position:
            continue
        start = text.rfind("\n", 0, match.start()) + 1
        header = text[start : match.start()]
        bare = header.lstrip(" \t>")
        prefix = header[: len(header) - len(bare)]
        end = paragraphs.end_at(start + len(prefix))
        begins_later = paragraphs.end_at(start - 1) == end
        if end >= match.end() and begins_later and (len(prefix) < _CODE or ">" in prefix) and is_table(bare, match[1]):
            yield start, end
            position = end


def surplus_cells(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the cells beyond the width of the table in a range, each with the bar before it.

    GitHub and others drop them. Their author meant them, so they are read all the same.
    """
    header = text[start : text.find("\n", start)]
    width = len(split_cells(header))
    for match in _longer_rows(width).finditer(text, start + len(header), end):
        first = match.start(1)
        for left, right in split_cells(match[1].rstrip(" \t"))[width:]:
            if left < right:
                yield text.rindex("|", first, first + left), first + right


@lru_cache
def _longer_rows(width: int) -> re.Pattern[str]:
    """Return a pattern for rows with something after their cell number `width`; escaped bars count as bars here."""
    return re.compile(rf"\n[ \t>]*+(\|?+(?:[^|\n]*+\|){{{width}}}[ \t|]*+[^ \t|\n][^\n]*+)")
