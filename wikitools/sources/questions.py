"""What was asked of a bibliography, and which of that has another answer after its sources changed.

Who reads a bibliography asks for sources by something that each of them has: a key, an author's name, a title. Such a
question has another answer only if a source with that very thing came, went or changed. `by` tables and `differences`
say so themselves, where they are defined, so there is no list of them that could lack one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar
from zlib import crc32

if TYPE_CHECKING:
    from wikitools.sources.source import Layer, Source

Question = tuple[str, Hashable]
"""The name of a table, and what was looked up in it."""
KeysOf = Callable[["Source"], Iterable[Hashable]]
"""Returns what a source is found by."""
Differences = Callable[["Layer", "Layer"], Iterable[Question]]
"""Returns the questions about all sources together that two layers answer in different ways."""

_TABLES: dict[str, KeysOf] = {}
_DIFFERENCES: list[Differences] = []
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
    _TABLES[table_of(keys)] = keys
    return keys


def differs(compare: Compare) -> Compare:
    """Have `compare` asked whenever sources change."""
    _DIFFERENCES.append(compare)
    return compare


def table_of(keys: KeysOf) -> str:
    """Return the name of a table."""
    return keys.__name__


def fold(question: Question) -> int:
    """Return a number for a question: now and then two share one, and then an answer is found once more than needed."""
    return crc32(repr(question).encode())


def changes(old: Layer, new: Layer) -> Iterator[Question]:
    """Yield the questions that may have another answer in `new` than in `old`."""
    before, after = old.all_sources, new.all_sources
    start, stop = _common(before, after)
    touched = (*before[start : len(before) - stop], *after[start : len(after) - stop])
    for source in touched:
        for name, keys in _TABLES.items():
            for key in keys(source):
                yield name, key
    if touched:
        yield SOURCES, ALL
        for compare in _DIFFERENCES:
            yield from compare(old, new)
    same = (*zip(before[:start], after[:start], strict=True),)
    same += (*zip(before[len(before) - stop :], after[len(after) - stop :], strict=True),)
    moved = [one.span for one, other in same if one.span != other.span]
    moved += [source.span for source in before[start : len(before) - stop]]
    for span in moved:
        yield PLACES, (span.path, span.start)
    if moved and not touched:
        yield SOURCES, ALL


_content = attrgetter(
    *("key", "names", "years", "suffix", "title", "url", "doi", "arxiv", "note", "aliases", "kind", "fields")
)


def _common(before: tuple[Source, ...], after: tuple[Source, ...]) -> tuple[int, int]:
    """Return how many sources are the same at the start and at the end, wherever they are in their files."""
    most = min(len(before), len(after))
    start = 0
    while start < most and _is_same(before[start], after[start]):
        start += 1
    stop = 0
    while stop < most - start and _is_same(before[-1 - stop], after[-1 - stop]):
        stop += 1
    return start, stop


def _is_same(one: Source, other: Source) -> bool:
    return one is other or (one.span.path == other.span.path and _content(one) == _content(other))
