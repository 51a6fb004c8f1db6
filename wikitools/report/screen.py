"""Makes text of pages harmless for terminals, and measures its true width in columns."""

from __future__ import annotations

import re
import unicodedata

# C0, DEL, C1; line and paragraph separators; bidi marks, embeddings, overrides and isolates (Unicode UAX #9), which
# make text look different from what it is; lone surrogates, which cannot be encoded; the byte order mark.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_TAB = "    "
UNSEEN = 120
"""Columns by which a table is laid out that nobody sees on a terminal."""
_ASCII = re.compile(r"[\x20-\x7e]*")


def visible(text: str) -> str:
    r"""Return `text` safe to print: tabs as four blanks, control characters as their symbols or U+FFFD.

    >>> visible("a\x1b[31m\tb\u202e")
    'a␛[31m    b�'
    """
    return text if _ASCII.fullmatch(text) else _UNSAFE.sub(_picture, text)


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code == 0x09:
        return _TAB
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return "" if code == 0xFEFF else "\ufffd"


def width(text: str) -> int:
    """Return the columns that `visible` text takes: East Asian wide ones count two (UAX #11), marks none.

    >>> width("日本"), width("e\u0301")
    (4, 1)
    """
    return len(text) if _ASCII.fullmatch(text) else sum(map(_columns, text))


def _columns(character: str) -> int:
    if character < "\u0300":
        return 1
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def clip(text: str, columns: int, *, from_end: bool = False) -> str:
    """Return as much of the start (or end) of `visible` text as fits into `columns`."""
    room = columns
    count = 0
    for character in reversed(text) if from_end else text:
        room -= _columns(character)
        if room < 0:
            break
        count += 1
    return text[len(text) - count :] if from_end else text[:count]


_KEPT = "\ue000"
"""A blank at which `fold` does not wrap; a character for private use, which no text has."""


def whole(path: str) -> str:
    """Return a path that `fold` does not wrap at its blanks; only `fold` makes them blanks again.

    >>> fold(f"see {whole('a b.md')}", 6)
    ['see', 'a b.md']
    """
    return path.replace(" ", _KEPT)


def fold(text: str, columns: int, *, first: int = 0, indent: int = 0) -> list[str]:
    """Return `visible` text wrapped between words into lines that fit into `columns`; without `columns`, as one line.

    `first` columns are already used on the first line, `indent` columns on the others; a wider word stays whole.

    >>> fold("one two three", 9), fold("one two three", 9, first=5, indent=2)
    (['one two', 'three'], ['one', 'two', 'three'])
    """
    if not columns or first + width(text) <= columns:
        return [text.replace(_KEPT, " ")]
    lines: list[str] = []
    line, used = "", first
    for word in text.split(" "):
        room = width(word)
        if line and used + 1 + room > columns:
            lines.append(line)
            line, used = word, indent + room
        else:
            used += room + bool(line)
            line = f"{line} {word}" if line else word
    return [each.replace(_KEPT, " ") for each in (*lines, line)]


_ELLIPSIS = "..."
_SHORTEST = 24
_WORD = 12
"""How far a cut may move to be between words."""


def crop(text: str, start: int, end: int, columns: int) -> tuple[str, int, int]:
    """Return the visible part of a line around `start:end`, the columns before the range, and those of the range."""
    # An empty range is marked with a caret too, which may be after the last character.
    columns = max(columns, _SHORTEST) - (start == end)
    # Characters may take no column at all, but this many on each side always fill the screen's width.
    reach = columns * 4
    left, right = text[max(0, start - reach) : start], text[end : end + reach]
    place = text[start : min(end, start + reach)]
    left, place, right = visible(left), visible(place), visible(right)
    cut_left, cut_right = start > reach, end + reach < len(text)
    if not cut_left and not cut_right and width(left) + width(place) + width(right) <= columns:
        return left + place + right, width(left), width(place)
    mark = len(_ELLIPSIS) + 1
    if width(place) > columns - 2 * mark:
        place = clip(place, columns - 2 * mark)
        right = ""
        cut_right = True
    room = columns - width(place)
    if cut_left or width(left) > room // 2:
        wanted = room // 2 if cut_right or width(right) > room // 2 else room - width(right)
        if cut_left or width(left) > wanted:
            left = f"{_ELLIPSIS} {_from_word(clip(left, wanted - mark, from_end=True))}"
    room -= width(left)
    if cut_right or width(right) > room:
        right = f"{_to_word(clip(right, room - mark))} {_ELLIPSIS}"
    return left + place + right, width(left), width(place)


def _from_word(text: str) -> str:
    blank = text.find(" ", 0, _WORD)
    return text[blank + 1 :] if blank >= 0 else text


def _to_word(text: str) -> str:
    blank = text.rfind(" ", max(0, len(text) - _WORD))
    return text[:blank] if blank >= 0 else text
