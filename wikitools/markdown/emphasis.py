"""Which marks of emphasis in a line of text are marks, and which are text: CommonMark's rule (0.31, §6.2)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_RUN = re.compile(r"\*++|_++|~++|=++")
_SIGNS = "*_~="


@dataclass(slots=True)
class _Run:
    """A run of one sign: its place, how many of it are left, and on which sides it may stand."""

    start: int
    end: int
    sign: str
    length: int
    opens: bool
    closes: bool


def emphasis_marks(text: str) -> list[tuple[int, int]]:
    """Return the ranges of the marks in `text` that a reader does not see, in order.

    `*` and `_` as in CommonMark, `~~` as in GFM, `==` as in Obsidian. Linear in the length of `text`.

    >>> emphasis_marks("a *b* _c")
    [(2, 3), (4, 5)]
    """
    if not any(sign in text for sign in _SIGNS):
        return []
    marks: list[tuple[int, int]] = []
    order: list[_Run] = []
    # Where a search from a closer of the same kind ended in vain: it need not look further down again.
    bottoms: dict[tuple[str, bool, int], int] = {}
    for match in _RUN.finditer(text):
        run = _run(text, match.start(), match.end())
        if run.closes:
            _close(run, order, bottoms, marks)
        if run.opens and run.length:
            order.append(run)
    return sorted(marks)


def _close(
    run: _Run, order: list[_Run], bottoms: dict[tuple[str, bool, int], int], marks: list[tuple[int, int]]
) -> None:
    """Pair a closing run with the openers before it, nearest first."""
    while run.length:
        kind = (run.sign, run.opens, (run.end - run.start) % 3)
        bottom = bottoms.get(kind, 0)
        index = len(order) - 1
        while index >= bottom and not _pairs(order[index], run):
            index -= 1
        if index < bottom:
            bottoms[kind] = len(order)
            return
        opener = order[index]
        del order[index + 1 :]
        for known, place in bottoms.items():
            bottoms[known] = min(place, len(order))
        used = 2 if run.length >= 2 and opener.length >= 2 else 1
        inner = opener.start + opener.length
        marks.append((inner - used, inner))
        outer = run.end - run.length
        marks.append((outer, outer + used))
        opener.length -= used
        run.length -= used
        if not opener.length:
            order.pop()
            for known, place in bottoms.items():
                bottoms[known] = min(place, len(order))


def _pairs(opener: _Run, closer: _Run) -> bool:
    if opener.sign != closer.sign:
        return False
    if opener.sign in "~=":
        return opener.length == closer.length == 2
    first, second = opener.end - opener.start, closer.end - closer.start
    if opener.closes or closer.opens:
        return (first + second) % 3 != 0 or (first % 3 == 0 and second % 3 == 0)
    return True


def _run(text: str, start: int, end: int) -> _Run:
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    left = not after.isspace() and (not _is_punctuation(after) or before.isspace() or _is_punctuation(before))
    right = not before.isspace() and (not _is_punctuation(before) or after.isspace() or _is_punctuation(after))
    opens, closes = left, right
    if text[start] == "_":
        opens = left and (not right or _is_punctuation(before))
        closes = right and (not left or _is_punctuation(after))
    return _Run(start, end, text[start], end - start, opens, closes)


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"
