"""The blocks of a page: which part of each line belongs to which paragraph, heading, cell, code, HTML or definition."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from wikitools.markdown.dialects import PYTHON_MARKDOWN
from wikitools.markdown.events import as_read
from wikitools.markdown.frontmatter import begin_of
from wikitools.markdown.python_markdown import as_commonmark
from wikitools.markdown.reader import PageReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.markdown.events import Range
    from wikitools.markdown.page import Page

CONTAINERS = re.compile(r"(?:[ \t]*+(?:>|(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t]|$)))*+[ \t]*+")
"""All quote and list marks at the start of a line, with the blanks before, between and after them."""
FOOTNOTE = re.compile(r"( {0,3})\[\^([^\s\[\]]{1,200})\]:")
_PREFIX = re.compile(r"[ \t>]*+")


class Block(NamedTuple):
    """A block without children: its kind, and the part of each of its lines that is content.

    Pieces have no list or quote prefixes, indentation or line ends. Kinds: "paragraph", "heading", "cell" (one cell of
    a table), "code" (fence lines included), "html", "definition" (one link reference definition).
    """

    kind: str
    pieces: list[Range]
    level: int = 0


def read_blocks(page: Page) -> list[Block]:
    """Return the blocks of a page in order."""
    reader = PageReader(page.path, _shown(page), page.dialect, keep=True)
    reader.read()
    text = reader.whole
    found = [Block("definition", list(_pieces(text, each.span.start, each.span.end))) for each in page.definitions]
    formulas = {start for start, _end in reader.hidden}
    for reading in reader.readings:
        for kind, start, end, level in reading.blocks():
            pieces = list(_pieces(text, start, end))
            if pieces:
                found.append(Block("paragraph" if start in formulas else kind, pieces, level))
    return sorted(found, key=lambda block: block.pieces[0])


def source_of(page: Page) -> str:
    """Return the page's text as a CommonMark parser should get it, at equal length."""
    source = _shown(page)
    return as_commonmark(source, 0).text if page.dialect.maker == PYTHON_MARKDOWN else source


def _shown(page: Page) -> str:
    return as_read(page.text, begin_of(page.text, page.front_matter_span))


def _pieces(source: str, start: int, end: int) -> Iterator[Range]:
    """Yield the part of each line of a range that is content; blank lines are left out."""
    while start < end:
        stop = source.find("\n", start, end)
        stop = end if stop < 0 else stop
        line = source[start:stop]
        begin = start + len(line) - len(line.lstrip(" \t"))
        if line.strip(" \t"):
            yield begin, start + len(line.rstrip(" \t"))
        prefix = _PREFIX.match(source, stop + 1, end)
        start = prefix.end() if prefix is not None else stop + 1
