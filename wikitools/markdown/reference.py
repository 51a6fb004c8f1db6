"""mistletoe's reading of a page: the second opinion before it is written. Importing mistletoe takes 0.2 s."""

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
"""mistletoe keeps what it knows in modules."""
_FAILURES = (AttributeError, IndexError, RecursionError, StopIteration, TypeError, ValueError)
"""What mistletoe 1.4 and 1.5 are known to raise on odd pages."""
_MARKS = re.compile(r"(?:[ \t]*+(?:>|[-+*]|[0-9]{1,9}[.)])(?=[ \t>]|$))*+[ \t]*+", re.MULTILINE)
_DEEPEST = 24
"""Characters before the content of a line: mistletoe's time doubles with each list within a list."""
_SHARED = 2
"""Blocks that two versions must both have for what stands before them to be read alike."""


class TopBlock(NamedTuple):
    """A block of the page's own level: what it is, and where its first line starts."""

    kind: str
    start: int


def top_blocks(text: str) -> list[TopBlock] | None:
    """Return the blocks of the page's own level; `None` where mistletoe cannot read the page in reasonable time."""
    if any(match.end() - match.start() > _DEEPEST for match in _MARKS.finditer(text)):
        return None
    lines = [f"{line}\n" for line in text.split("\n")]
    starts = list(accumulate(map(len, lines), initial=0))
    with _LOCK:
        try:
            # The renderer makes mistletoe see HTML, and puts everything back where it was.
            with HtmlRenderer():  # type: ignore[no-untyped-call]  # mistletoe has no types
                found = tokenize_block(lines, _READERS)  # type: ignore[no-untyped-call]  # mistletoe has no types
        except _FAILURES:
            return None
        finally:
            Paragraph.parse_setext = True
    kinds = ["Setext" if type(result) is SetextHeading else kind.__name__ for kind, result, _number in found]
    return [TopBlock(kind, starts[number - 1]) for kind, (_reader, _result, number) in zip(kinds, found, strict=True)]


def top_blocks_twice(before: str, after: str) -> tuple[list[TopBlock] | None, list[TopBlock] | None]:
    """Return what `top_blocks` gives for two versions of a page; what both begin with is read once.

    mistletoe decides on a block by its lines and the first one after it. So what stands before a block, followed by
    another that both versions have, is read alike.
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
