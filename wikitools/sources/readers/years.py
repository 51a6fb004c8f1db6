"""Reads years as bibliographies write them into the forms that citations use."""

from __future__ import annotations

import re
from functools import lru_cache

from wikitools.sources.vocabulary import NO_DATE

_YEAR = re.compile(
    r"(?<!\d)((?:1\d|20|21)\d\d)(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))?(?!\d)(?:([a-z])(?![a-z]))?"
)
"""A year from 1000 to 2199, also at the head of `20190501`, with the letter of `2019a`."""

_SHORT_END = re.compile(r"(?<!\d)((?:1\d|20|21)\d\d)\s*(?:/|–|--)\s*(\d\d)(?!\d)(?![/-])")
"""`1998/99`: the second year is written short. A single hyphen may as well start a month, so it does not count."""

_BARE = re.compile(r"-?\d{1,3}\s*(?:bc|bce|ad|ce)?", re.IGNORECASE)

_WORDS = {
    **NO_DATE,
    "inpress": "in press",
    "in print": "in press",
    "toappear": "forthcoming",
    "inpreparation": "in prep.",
    "in-preparation": "in prep.",
    "n.d": "n.d.",
    "nd": "n.d.",
    "unpublished": "unpublished",
}
"""Words instead of a year in a field of their own: those of prose, and the codes of biblatex's `pubstate`."""


@lru_cache(maxsize=1 << 12)
def read_years(written: str) -> tuple[tuple[str, ...], str]:
    """Return the years in `written`, the main one first, and the letter of `2019a` ("" without one).

    Understands ISO 8601 dates, ranges (`2019/2020`, `1998/99`), original years (`1781/1998`), words that stand for a
    year ("in press", "n.d."), and years of antiquity as written. Nothing recognised: no years.

    >>> read_years("{2019a}")
    (('2019',), 'a')
    >>> read_years("In Press.")
    (('in press',), '')
    """
    text = " ".join(written.replace("{", " ").replace("}", " ").split())
    years: list[str] = []
    suffix = ""
    for match in _YEAR.finditer(text[:200]):
        if not years and match.group(2):
            suffix = match.group(2)
        years.append(match.group(1))
    short = _SHORT_END.search(text[:200])
    if short is not None and short.group(2) > short.group(1)[2:]:
        years.append(short.group(1)[:2] + short.group(2))
    if years:
        return tuple(dict.fromkeys(years)), suffix
    plain = text.strip(" ()[]").casefold()
    word = _WORDS.get(plain) or _WORDS.get(plain.rstrip("."))
    if word is not None:
        return (word,), ""
    if _BARE.fullmatch(plain) and plain.strip("-0123456789 ") + plain.lstrip("-0"):
        return (plain.upper() if plain[-1].isalpha() else plain.lstrip("0"),), ""
    return (), ""


def years_of(*written: str) -> tuple[tuple[str, ...], str]:
    """Join the years of several fields; the first field that says a year gives the main one, and the letter."""
    years: list[str] = []
    suffix = ""
    for text in written:
        if not text:
            continue
        found, letter = read_years(text)
        if found and not years:
            suffix = letter
        years += found
    return tuple(dict.fromkeys(years)), suffix
