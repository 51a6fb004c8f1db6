"""Places in a work: "§4", "pp. 3-5", "ch. 7", "Fig. 2", the 116 of "2014:116"."""

from __future__ import annotations

import re

from wikitools.sources.vocabulary import LOCATORS

_WORDS = "|".join(re.escape(word) for word in sorted(LOCATORS, key=len, reverse=True))
_NUMBER = r"(?:\d+(?:\.\d+)*[a-z]?|[ivxlcdm]+|[A-Z](?:\.?\d+)*)"
_GAP = r"[ \x01]*"
_RANGE = rf"{_NUMBER}(?:{_GAP}(?:-|,|&|and|f{{1,2}}\.?){_GAP}{_NUMBER})?(?:f{{1,2}}\.?)?"
_LOCATOR = re.compile(
    rf"{_GAP}[,:;]?{_GAP}"
    rf"(?P<worded>(?:[§¶]{{1,2}}{_GAP}|(?i:{_WORDS})(?:\.[ \x01]*|[ \x01]+|(?=\d))){_RANGE}(?![^\W_]))"
    rf"|{_GAP}:{_GAP}(?P<bare>{_NUMBER}(?:{_GAP}[-,]{_GAP}{_NUMBER})?)(?={_GAP}[,;)\]])",
)
_ENDINGS = (")", "]", ".", "")
"""What follows most citations: no locator begins with it."""


def locator_at(text: str, at: int) -> tuple[int, int] | None:
    """Return the range in plain prose of the locator after a citation that ends at `at`, without its comma.

    >>> locator_at("2019, §4; B", 4)
    (6, 8)
    """
    if text[at : at + 1] in _ENDINGS:
        return None
    match = _LOCATOR.match(text, at, at + 80)
    if match is None:
        return None
    return match.span("worded") if match["worded"] else match.span("bare")
