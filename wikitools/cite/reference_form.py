"""What the beginning of a reference looks like: authors, a year, and a title behind it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wikitools.cite.dates import Date

_TITLE_AFTER = re.compile(r"[*_]{0,3}(?:[,:.]\s{1,4}(?:[“\"«„]|[*_]{1,3}[^\W\d_a-z]|\[[“\"*])|:\s{0,4}<?https?://)")
ITEM_MARK = r"[\s>]*(?P<marker>(?:[-*+•]|\d{1,3}[.)]|\[\^[^\]\n]+\]:|\[\d{1,3}\])\s+)?"
"""The mark of a list item, numbered reference or footnote before its text, if there is one."""
_MARK = re.compile(ITEM_MARK)
_GAP = r"(?:[ \t]{1,4}|[ \t]{0,4}\n[ \t>]{0,8})"
_TEXT_AFTER = re.compile(rf"[.,:]?{_GAP}[*_“\"«„\[]{{0,3}}[^\W_a-z]")
_STOP_AFTER = re.compile(rf"[.:]{_GAP}[*_“\"«„\[]{{0,3}}\w")


def leads_to_title(written: str, date: Date) -> bool:
    """Say whether a title or an address follows the bracket of a date: "Ann Orr & Bo Pim (1984), “On kelp”"."""
    return date.closing >= 0 and _TITLE_AFTER.match(written, date.closing + 1) is not None


def opens_reference(written: str, date: Date, start: int) -> bool:
    """Say whether authors that start at an offset open their item or paragraph, and text follows their date.

    "- Orr JD, Pim A (2007). Sand in rivers", "Ann Orr and Bo Pim, 2020. Sand in rivers".
    """
    mark = _MARK.match(written, date.block, start)
    if mark is None or mark.end() != start:
        return False
    if date.closing < 0:
        return _STOP_AFTER.match(written, date.end) is not None
    return _TEXT_AFTER.match(written, date.closing + 1) is not None
