"""Reads values of BibTeX fields: pieces joined by `#`, and the names that `@string` defines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.sources.readers.salvage_values import closing_brace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MONTHS = {
    "jan": "January",
    "feb": "February",
    "mar": "March",
    "apr": "April",
    "may": "May",
    "jun": "June",
    "jul": "July",
    "aug": "August",
    "sep": "September",
    "oct": "October",
    "nov": "November",
    "dec": "December",
}
"""The names that every BibTeX style defines."""


_PIECE = re.compile(r"\s*+(?:([^\s{}\"#,=]++)|([{\"]))")
_QUOTE_OR_BRACE = re.compile(r"(?<!\\)\"|[{}]")
_LONGEST_STRING = 100_000


def pieces_of(value: str) -> list[tuple[str, str]] | None:
    """Split a value at its `#`; `None` if it is not a value.

    A piece is ("text", what the delimiters hold), ("number", digits) or ("name", the name of a `@string`).
    """
    pieces: list[tuple[str, str]] = []
    at, end = 0, len(value)
    while True:
        match = _PIECE.match(value, at)
        if match is None:
            return None
        if match.group(1):
            word = match.group(1)
            if word[0] in "“”„":
                return None
            pieces.append(("number" if word.isdigit() else "name", word))
            at = match.end()
        elif match.group(2) == "{":
            close = closing_brace(value, match.end() - 1, end)
            if close < 0:
                return None
            pieces.append(("text", value[match.end() : close]))
            at = close + 1
        else:
            close = _closing_quote(value, match.end())
            if close < 0:
                return None
            pieces.append(("text", value[match.end() : close]))
            at = close + 1
        while at < end and value[at].isspace():
            at += 1
        if at == end:
            return pieces
        if value[at] != "#":
            return None
        at += 1


def _closing_quote(value: str, start: int) -> int:
    depth = 0
    for match in _QUOTE_OR_BRACE.finditer(value, start):
        mark = match.group()
        if mark == '"':
            if depth == 0:
                return match.start()
        else:
            depth += 1 if mark == "{" else -1
            if depth < 0:
                return -1
    return -1


def strings_of(definitions: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Evaluate the `@string` definitions in order; a later one of the same name wins, as in BibTeX."""
    strings = dict(_MONTHS)
    for name, written in definitions:
        value, _unknown = expanded(written, strings)
        # A definition that doubles itself twenty times is an attack, not an abbreviation.
        strings[name] = value[:_LONGEST_STRING]
    return strings


def expanded(value: str, strings: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return a value without delimiters, its parts joined, and the @string names nobody defined."""
    if value[:1] == "{" and value.find("}") == len(value) - 1:
        return value[1:-1], ()
    pieces = pieces_of(value)
    if pieces is None:
        return value.strip().strip('"'), ()
    if len(pieces) == 1 and pieces[0][0] != "name":
        return pieces[0][1], ()
    parts: list[str] = []
    unknown: list[str] = []
    for kind, piece in pieces:
        if kind == "name" and piece.lower() not in strings:
            unknown.append(piece)
        parts.append(strings.get(piece.lower(), piece) if kind == "name" else piece)
    return "".join(parts), tuple(unknown)
