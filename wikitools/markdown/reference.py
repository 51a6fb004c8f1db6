"""Reads a page with mistletoe, for a second opinion before it is written. Importing mistletoe takes 0.2 s."""

from __future__ import annotations

import re
import threading
from itertools import accumulate, takewhile
from typing import NamedTuple

from mistletoe.block_token import (
    BlockCode,
    CodeFence,
    Footnote,
    Heading,
    HtmlBlock,
    List,
    Paragraph,
    Quote,
    SetextHeading,
    Table,
    ThematicBreak,
)
from mistletoe.block_tokenizer import tokenize_block
from mistletoe.html_renderer import HtmlRenderer

_READERS = [HtmlBlock, BlockCode, Heading, Quote, CodeFence, ThematicBreak, List, Table, Footnote, Paragraph]
_LOCK = threading.Lock()
"""mistletoe keeps its state in modules."""
_FAILURES = (AttributeError, IndexError, RecursionError, StopIteration, TypeError, ValueError)
"""Errors that mistletoe 1.4 and 1.5 raise on unusual pages."""
_MARKS = re.compile(r"^(?:[ \t]*+(?:>|[-+*]|[0-9]{1,9}[.)])(?=[ \t>]|$))*+[ \t]*+(?=\S)", re.MULTILINE)
_DEEPEST = 24
"""The most characters before the content of a line: mistletoe's time doubles with each nested list."""
_SHARED = 2
"""How many equal blocks two versions must share so that the text before them is certainly read alike."""


class TopBlock(NamedTuple):
    """A top-level block: its kind, and where its first line starts."""

    kind: str
    start: int


def top_blocks(text: str) -> list[TopBlock] | None:
    """Return the top-level blocks; `None` if mistletoe cannot read the page in reasonable time."""
    if any(match.end() - match.start() > _DEEPEST for match in _MARKS.finditer(text)):
        return None
    lines = [f"{line}\n" for line in text.split("\n")]
    starts = list(accumulate(map(len, lines), initial=0))
    with _LOCK:
        try:
            # The renderer makes mistletoe read HTML, and restores mistletoe's state afterwards.
            with HtmlRenderer():  # type: ignore[no-untyped-call]  # mistletoe has no types
                found = tokenize_block(lines, _READERS)  # type: ignore[no-untyped-call]  # mistletoe has no types
        except _FAILURES:
            return None
        finally:
            Paragraph.parse_setext = True
    kinds = ["Setext" if type(result) is SetextHeading else kind.__name__ for kind, result, _number in found]
    return [TopBlock(kind, starts[number - 1]) for kind, (_reader, _result, number) in zip(kinds, found, strict=True)]


def top_blocks_twice(before: str, after: str) -> tuple[list[TopBlock] | None, list[TopBlock] | None]:
    """Return `top_blocks` of two versions of a page; their common start is read once.

    mistletoe decides on a block by its lines and the first line after it. So the text before a block that both versions
    have, and that is followed by another such block, is read alike.
    """
    old = top_blocks(before)
    if old is None:
        return None, top_blocks(after)
    pairs = zip(before.splitlines(keepends=True), after.splitlines(keepends=True), strict=False)
    common = sum(len(line) for line, _other in takewhile(lambda pair: pair[0] == pair[1], pairs))
    shared = [at for at, block in enumerate(old) if block.start < common]
    if len(shared) < _SHARED:
        return old, top_blocks(after)
    kept = shared[-_SHARED]
    first = old[kept].start
    rest = top_blocks(after[first:])
    return old, None if rest is None else [*old[:kept], *(TopBlock(kind, start + first) for kind, start in rest)]
