"""Compares two readings of a page: whether edits change nothing but what they replace or insert."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from wikitools.markdown.blocks import read_blocks, source_of
from wikitools.markdown.page import elements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wikitools.markdown.blocks import Block
    from wikitools.markdown.page import Page
    from wikitools.markdown.reference import TopBlock
    from wikitools.text import Edit


def reads_alike(before: Page, after: Page, edits: Sequence[Edit]) -> bool:
    """Say whether a page reads the same before and after edits, apart from what they replace and insert.

    Compares the prose, all headings, links, notes and anchors, and the blocks, each with its offsets. mistletoe gives a
    second opinion on the blocks.
    """
    ordered = sorted(edits, key=lambda edit: edit.span)
    old = _Holes([(edit.span.start, edit.span.end - edit.span.start) for edit in ordered])
    grown = accumulate((len(edit.text) - (edit.span.end - edit.span.start) for edit in ordered), initial=0)
    new = _Holes([(edit.span.start + by, len(edit.text)) for edit, by in zip(ordered, grown, strict=False)])
    if list(_elements(before, old)) != list(_elements(after, new)) or old.cut(before.prose()) != new.cut(after.prose()):
        return False
    if list(_around(read_blocks(before), old)) != list(_around(read_blocks(after), new)):
        return False
    from wikitools.markdown.reference import top_blocks_twice

    was, now = top_blocks_twice(source_of(before), source_of(after))
    if was is None or now is None:
        return was is now
    return _tops(was, old) == _tops(now, new)


class _Place(NamedTuple):
    """An offset with the holes left out; `inside` counts from the start of the hole that the offset is in."""

    offset: int
    inside: int = 0


class _Holes:
    """The ranges that edits replace in one version of a page, as starts and lengths in order."""

    def __init__(self, holes: Sequence[tuple[int, int]]) -> None:
        self._holes = holes

    def place(self, offset: int) -> _Place:
        gone = 0
        for start, length in self._holes:
            if offset <= start:
                break
            if offset < start + length:
                return _Place(start - gone, offset - start)
            gone += length
        return _Place(offset - gone)

    def hold(self, offset: int) -> bool:
        return any(start <= offset < start + length for start, length in self._holes)

    def cut(self, text: str) -> str:
        pieces: list[str] = []
        position = 0
        for start, length in self._holes:
            pieces.append(text[position:start])
            position = start + length
        return "".join((*pieces, text[position:]))


def _elements(page: Page, holes: _Holes) -> Iterator[tuple[str, _Place, _Place, object]]:
    """Yield the elements of a page outside of the holes: type, place, and target or text."""
    for element in elements(page):
        span = element.span
        if not holes.hold(span.start):
            says = getattr(element, "url", None) or (getattr(element, "level", 0), getattr(element, "text", ""))
            yield type(element).__name__, holes.place(span.start), holes.place(span.end), says


def _tops(blocks: Iterable[TopBlock], holes: _Holes) -> list[tuple[str, _Place]]:
    """Return kind and place of mistletoe's blocks outside of the holes."""
    return [(kind, holes.place(start)) for kind, start in blocks if not holes.hold(start)]


def _around(blocks: Iterable[Block], holes: _Holes) -> Iterator[tuple[str, int, tuple[tuple[_Place, _Place], ...]]]:
    """Yield kind, level and places of the blocks outside of the holes."""
    for kind, pieces, level in blocks:
        # Empty lines at the end of code do not matter, and an added block comes after them.
        full = [(start, end) for start, end in pieces if start < end]
        if full and not holes.hold(full[0][0]):
            yield kind, level, tuple((holes.place(start), holes.place(end)) for start, end in full)
