"""Finds out how the pages of a wiki already list their sources: the heading, its level, and the form of the list."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.block.own_lists import find_named_lists

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wikitools.markdown.page import Page

_FEWEST = 2


@dataclass(frozen=True, slots=True)
class BlockHabit:
    """What most lists of sources look like."""

    heading: str
    level: int
    numbered: bool
    pages: int
    """How many pages have one with this heading and level."""
    others: tuple[tuple[str, int, int], ...] = ()
    """Other headings of such lists, each with its level and how many pages have it."""


def find_block_habit(pages: Iterable[Page]) -> BlockHabit | None:
    """Return heading and form of the lists of sources at the end of pages; `None` if hardly any page has one."""
    found: Counter[tuple[str, int]] = Counter()
    numbered: Counter[tuple[str, int]] = Counter()
    for page in pages:
        for each in find_named_lists(page):
            if not each.level:
                continue
            about = each.name.strip(), each.level
            found[about] += 1
            numbered[about] += each.numbered
    rows = sorted(found.items(), key=lambda row: (-row[1], row[0]))
    if not rows or rows[0][1] < _FEWEST:
        return None
    (text, level), count = rows[0]
    others = tuple((name, depth, number) for (name, depth), number in rows[1:4])
    return BlockHabit(text, level, 2 * numbered[text, level] > count, count, others)
