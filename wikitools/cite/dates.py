"""Years and other dates that a citation can end with, and the brackets they stand in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.cite.prose import BREAK
from wikitools.sources.vocabulary import NO_DATE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MARK = re.compile(r"[()\[\]12](?:(?<![12])|(?<=1)[5-9]\d\d|(?<=2)0\d\d)")
"""A bracket or the four digits of a year. It starts with one set of characters, which is quick to search for."""
_YEAR = re.compile(r"[12](?:(?<=1)[5-9]|(?<=2)0)\d\d")
_YEAR_END = re.compile(r"\x01?([a-z])(?![^\W_])\x01?|\x01?(?![^\W_])")
_ORIGINAL = re.compile(r"/((?:1[5-9]|20)\d\d)(?!\d)")
_SHORT_RANGE = re.compile(r"[-/](\d\d)(?![^\W_]|[-/.]\d)")
_NEXT_LETTER = re.compile(r"[ \x01]?(?:[,;/&]|-|and|und|y)[ \x01]*([b-z])\x01*(?=[,;)\]/&. \n-]|$)")
_LETTER_BEFORE = re.compile(r"[,/&][ \x01]?([a-h])\x01*(?=[;)\]])")
"""A letter that closes its bracket, in any order: "2015b,a"."""


@dataclass(slots=True)
class Date:
    """A year with its letter, or a date of another kind, at `start` to `end` of the prose."""

    start: int
    end: int
    year: str
    suffix: str = ""
    original: str = ""
    """The other year of `1781/1998`."""
    opening: int = -1
    """Where the innermost bracket around it opens; -1 if there is none."""
    closing: int = -1
    """Where that bracket closes; -1 if it does not in this block."""
    block: int = 0
    """Where its block of text starts."""
    lasts: bool = False
    """The first year of several volumes, "1926-27"; the rest of the range is part of the date."""
    follows: bool = False
    """A letter after `2019a,` that shares the year before it."""


def find_dates(
    text: str, *, years: Sequence[int] | None = None, parts: Sequence[tuple[int, int]] | None = None
) -> list[Date]:
    """Return all dates in plain prose, in order, each with the bracket around it; brackets end with their block.

    `years` are offsets where years may start, if these are known; `parts` are the blocks that may have dates in words.
    """
    found: list[Date] = []
    parts = ((0, len(text)),) if parts is None else parts
    waiting = [date for start, end in parts for date in _other_dates(text, start, end)][::-1]
    if years is None:
        years = [match.start() for match in _YEAR.finditer(text)]
    if not years and not waiting:
        return found
    places = sorted([*years, *(date.start for date in waiting)])
    end = -1
    for place in places:
        if place > end:
            # Brackets matter only in the few blocks that have a date.
            start = text.rfind(BREAK, 0, place) + 1
            end = text.find(BREAK, place)
            end = len(text) if end < 0 else end
            _dates_in(text, start, end, waiting, found)
    return found


def _dates_in(text: str, start: int, end: int, waiting: list[Date], found: list[Date]) -> None:
    """Add the dates of one block; those in words are taken from the end of `waiting`."""
    stack: list[tuple[int, list[Date]]] = []  # where the bracket opens, the dates directly in it
    for mark in _MARK.finditer(text, start, end):
        at = mark.start()
        while waiting and waiting[-1].start < at:
            _add(waiting.pop(), found, stack, start)
        sign = text[at]
        if sign in "([":
            stack.append((at, []))
        elif sign in ")]":
            if stack:
                _opening, inside = stack.pop()
                for date in inside:
                    date.closing = at
        else:
            for date in _years_at(text, at):
                _add(date, found, stack, start)
    while waiting and waiting[-1].start < end:
        _add(waiting.pop(), found, stack, start)


def _add(date: Date, found: list[Date], stack: list[tuple[int, list[Date]]], block: int) -> None:
    date.block = block
    if stack:
        date.opening = stack[-1][0]
        stack[-1][1].append(date)
    found.append(date)


def _years_at(text: str, at: int) -> Iterator[Date]:
    """Yield the year at `at` and the letters that follow it, if it is a year and not part of a number or word."""
    before = text[at - 1] if at else " "
    is_part = before.isalnum() or before in "_#$€£=" or (before in ".:/-" and at > 1 and text[at - 2].isdigit())
    if is_part and not (before == "-" and _is_year(text, at - 5)):
        return
    end = _YEAR_END.match(text, at + 4)
    original = ""
    if end is None:
        return
    if not end[1] and (other := _ORIGINAL.match(text, at + 4)):
        original = text[at : at + 4]
        if other[1] < original:  # no earlier edition: the number of a law, "2024/1689"
            return
        end = _YEAR_END.match(text, other.end())
        if end is None:
            return
        yield Date(at, end.end(), other[1], end[1] or "", original)
        return
    after = text[end.end() : end.end() + 2]
    if not end[1] and (short := _SHORT_RANGE.match(text, end.end())) and short[1] > text[at + 2 : at + 4]:
        yield Date(at, short.end(), text[at : at + 4], lasts=True)
        return
    if after[:1] in ("-", "/", ".", ",", "%", "=") and after[1:].isdigit() and not _is_year(text, end.end() + 1):
        return
    year, suffix = text[at : at + 4], end[1] or ""
    stop = end.end()
    while text[stop - 1] == "\x01":
        stop -= 1
    yield Date(at, stop, year, suffix)
    yield from _letters_after(text, stop, year, suffix)


def _letters_after(text: str, stop: int, year: str, suffix: str) -> Iterator[Date]:
    """Yield the letters that follow a date with the letter `suffix` which ends at `stop`, each as a date."""
    while suffix:
        following = _NEXT_LETTER.match(text, stop)
        if following is None or following[1] <= suffix or ord(following[1]) - ord(suffix) > 3:
            following = _LETTER_BEFORE.match(text, stop)
            if following is None or following[1] >= suffix:
                return
        suffix = following[1]
        stop = following.end(1)
        yield Date(following.start(1), stop, year, suffix, follows=True)


def _is_year(text: str, at: int) -> bool:
    return at >= 0 and text[at : at + 2] in ("15", "16", "17", "18", "19", "20") and text[at + 2 : at + 4].isdigit()


def _other_dates(whole: str, begin: int, end: int) -> Iterator[Date]:
    """Yield "in press", "n.d." and the like, as whole words between the ends of two blocks."""
    text = whole[begin:end]
    lower = text.lower()
    if len(lower) != len(text):  # a few capitals (İ) are longer in lower case
        lower = text
    found: list[Date] = []
    for part, dates in _NO_DATES:
        at = lower.find(part)
        while at >= 0:
            for known in dates:
                found += _other_date(text, lower, at, known)
            at = lower.find(part, at + len(part))
    found.sort(key=lambda date: (date.start, -date.end))
    position = 0
    for date in found:
        if date.start >= position:
            position = date.end
            date.start += begin
            date.end += begin
            yield date


_PRESS_LETTER = re.compile(r"[ \x01]([a-h])(?![^\W_])")


@dataclass(frozen=True, slots=True)
class _NoDate:
    """A date in words: its last word, those before it, its standard form, and where a part of the last word starts."""

    last: str
    before: tuple[str, ...]
    called: str
    offset: int


def _no_dates() -> list[tuple[str, list[_NoDate]]]:
    """Return the dates in words by a part of the last word that several share: one search of the text for each part."""
    lasts = sorted({printed.split(" ")[-1] for printed in NO_DATE}, key=lambda last: (len(last), last))
    parts: dict[str, list[_NoDate]] = {}
    for printed, called in NO_DATE.items():
        *before, last = printed.split(" ")
        part = next(each for each in lasts if each in last)
        parts.setdefault(part, []).append(_NoDate(last, tuple(before), called, last.index(part)))
    return list(parts.items())


_NO_DATES = _no_dates()


def _other_date(text: str, lower: str, at: int, known: _NoDate) -> Iterator[Date]:
    """Yield the date `known`, if a part of its last word is the one that stands at `at`, and the letters after it."""
    first = at - known.offset
    end = first + len(known.last)
    if first < 0 or not lower.startswith(known.last, first) or lower[end : end + 1].isalnum():
        return
    start = _start_of(lower, first, known.before)
    if start < 0 or lower[max(0, start - 1) : start].isalnum():
        return
    letter = _PRESS_LETTER.match(text, end)
    if letter is None:
        yield Date(start, end, known.called)
        return
    yield Date(start, letter.end(), known.called, letter[1])
    yield from _letters_after(text, letter.end(), known.called, letter[1])


def _start_of(lower: str, at: int, before: tuple[str, ...]) -> int:
    """Return where the words `before` start if they end right before `at`; -1 if they do not."""
    for word in reversed(before):
        end = at
        while end > 0 and lower[end - 1] in " \x01" and at - end < _WIDEST_GAP:
            end -= 1
        if end == at or not lower.startswith(word, end - len(word)) or end < len(word):
            return -1
        at = end - len(word)
    return at


_WIDEST_GAP = 8
