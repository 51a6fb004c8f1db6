"""How the pages of a wiki already list their sources: the heading, its level, and the form of the list."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wikitools.markdown.page import Heading, Page

_HEADINGS = frozenset(
    {"bibliography", "literature", "quellen", "literatur", "references", "sources", "sources cited", "works cited"}
)
_ITEM = re.compile(r" {0,3}(?:[-*+]|(\d{1,9})[.)])[ \t]+\S")
_FEWEST = 2
_REACH = 2_000
"""How far below its heading a list has to begin, in characters: an intro of some lines may stand between."""


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
    """Return how lists of sources at the end of pages are headed and made; `None` when hardly a page has one."""
    found: Counter[tuple[str, int]] = Counter()
    numbered: Counter[tuple[str, int]] = Counter()
    for page in pages:
        for heading in page.headings:
            if heading.text.strip().lower() in _HEADINGS and (mark := _first_item(page, heading)) is not None:
                about = heading.text.strip(), heading.level
                found[about] += 1
                numbered[about] += mark
    rows = sorted(found.items(), key=lambda row: (-row[1], row[0]))
    if not rows or rows[0][1] < _FEWEST:
        return None
    (text, level), count = rows[0]
    others = tuple((name, depth, number) for (name, depth), number in rows[1:4])
    return BlockHabit(text, level, 2 * numbered[text, level] > count, count, others)


def _first_item(page: Page, heading: Heading) -> bool | None:
    """Say whether the list below a heading is numbered; `None` when there is no list before the next heading."""
    following = (each.span.start for each in page.headings if each.span.start > heading.span.start)
    end = min(next(following, len(page.text)), heading.span.end + _REACH)
    for line in page.text[heading.span.end : end].splitlines()[1:]:
        if (match := _ITEM.match(line)) is not None:
            return match[1] is not None
    return None
