"""Which questions about a bibliography have another answer after its sources changed (see `sources/questions.py`)."""

from __future__ import annotations

from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING

from wikitools.sources.questions import ALL, DIFFERENCES, PLACES, SOURCES, TABLES, number_of, table_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wikitools.sources.questions import Question
    from wikitools.sources.source import Layer, Source


def changes(old: Layer, new: Layer) -> Iterator[Question]:
    """Yield the questions that may have another answer in `new` than in `old`."""
    before, after = old.all_sources, new.all_sources
    start, stop = common_ends(before, after)
    gone, came = before[start : len(before) - stop], after[start : len(after) - stop]
    for keys in TABLES.values():
        had, has = (Counter(key for source in each for key in dict.fromkeys(keys(source))) for each in (gone, came))
        for key in had | has:
            yield table_of(keys), key
            if had[key] != has[key]:
                yield number_of(keys), key
    touched = bool(gone or came)
    if touched:
        yield SOURCES, ALL
        for compare in DIFFERENCES:
            yield from compare(old, new)
    same = (*zip(before[:start], after[:start], strict=True),)
    same += (*zip(before[len(before) - stop :], after[len(after) - stop :], strict=True),)
    moved = [one.span for one, other in same if one.span != other.span]
    moved += [source.span for source in gone]
    for span in moved:
        yield PLACES, (span.path, span.start)
    if moved and not touched:
        yield SOURCES, ALL


_content = attrgetter(
    *("key", "names", "years", "suffix", "title", "url", "doi", "arxiv", "note", "aliases", "kind", "fields", "links")
)


def common_ends(before: Sequence[Source], after: Sequence[Source]) -> tuple[int, int]:
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
