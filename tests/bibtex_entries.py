"""BibTeX files as a test writes them, read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.sources.readers.bibtex import read_bibtex
from wikitools.text import line_and_column, line_starts

if TYPE_CHECKING:
    from wikitools.sources.source import Source

BEFORE = "@article{before, author = {Abel, Ann}, title = {Before}, year = 2001}\n\n"


def read(text: str) -> tuple[list[Source], list[tuple[int, int, str]]]:
    """Return the sources and the problems as line, column, message."""
    sources, problems = read_bibtex("refs.bib", text)
    starts = line_starts(text)
    return list(sources), [(*line_and_column(starts, each.span.start), each.message) for each in problems]
