"""What was asked of a bibliography, and which of that has another answer after its sources changed.

Who reads a bibliography asks for sources by something that each of them has: a key, an author's name, a title. Such a
question has another answer only if a source with that very thing came, went or changed; if it asks only how many there
are, only if one came or went. Tables and `differences` say so themselves, where they are defined, so there is no list
of them that could lack one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar
from zlib import crc32

Question = tuple[str, Hashable]
"""The name of a table, and what was looked up in it."""
KeysOf = Callable[..., Iterable[Hashable]]
"""Returns what a source is found by; it takes the source, whose type is defined with the help of this file."""
Differences = Callable[..., Iterable[Question]]
"""Takes two layers; returns the questions about all their sources together that they answer in different ways."""

TABLES: dict[str, KeysOf] = {}
DIFFERENCES: list[Differences] = []
ALL = ""
"""Stands for a table as a whole."""
SOURCES = "sources"
"""The table of all sources: any change of any of them is one of it."""
COUNT = "count"
"""How many sources there are, or whether there are so many."""
PLACES = "places"
"""Where a source is in its file."""

Keys = TypeVar("Keys", bound=KeysOf)
Compare = TypeVar("Compare", bound=Differences)


def finds_sources(keys: Keys) -> Keys:
    """Make a table of what `keys` returns: `Layer.find` looks up sources in it."""
    TABLES[table_of(keys)] = keys
    return keys


def differs(compare: Compare) -> Compare:
    """Have `compare` asked whenever sources change."""
    DIFFERENCES.append(compare)
    return compare


def table_of(keys: KeysOf) -> str:
    """Return the name of a table."""
    return keys.__name__


def number_of(keys: KeysOf) -> str:
    """Return the name of the questions how many sources a table has under a key: it may not matter which."""
    return f"number of {table_of(keys)}"


def fold(question: Question) -> int:
    """Return a number for a question: now and then two share one, and then an answer is found once more than needed."""
    return crc32(repr(question).encode())
