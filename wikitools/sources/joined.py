"""The bibliography of a wiki: the entries of its files, and the notes on works, filled in from their entries."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wikitools.sources.source import Source


def join_notes(entries: Sequence[Source], notes: Iterable[Source]) -> tuple[Source, ...]:
    """Return entries and notes. A note with the key of an entry is on that work, so it has what the entry says.

    What only the note says stays: its own path, its names for the work, an address that the entry lacks.
    """
    by_key = {entry.key: entry for entry in reversed(entries)}
    return (*entries, *(_filled(note, by_key[note.key]) if note.key in by_key else note for note in notes))


def _filled(note: Source, entry: Source) -> Source:
    return replace(
        entry,
        span=note.span,
        note=note.note,
        names=entry.names or note.names,
        years=tuple(dict.fromkeys((*entry.years, *note.years))),
        suffix=entry.suffix or note.suffix,
        title=entry.title or note.title,
        url=entry.url or note.url,
        doi=entry.doi or note.doi,
        arxiv=entry.arxiv or note.arxiv,
        aliases=tuple(dict.fromkeys((*note.aliases, *entry.aliases))),
        kind=entry.kind or note.kind,
        fields={**note.fields, **entry.fields},
    )
