"""The bibliography of a wiki: the entries of its files, and the notes on works, filled in from their entries."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from wikitools.sources.readers.persons import read_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from wikitools.sources.source import Source


class TitledPage(NamedTuple):
    """A page and what it is called."""

    path: str
    title: str
    aliases: tuple[str, ...]


def join_notes(
    entries: Sequence[Source], notes: Iterable[Source], pages: Callable[[], Iterable[TitledPage]]
) -> tuple[Source, ...]:
    """Return entries and notes. A note with the key of an entry is on that work, so it has what the entry says.

    What only the note says stays: its own path, its names for the work, an address that the entry lacks. An author who
    is a link is called as the page that it leads to; `pages` yields all pages, and is only asked if there is one.
    """
    notes = tuple(notes)
    if has_linked_authors(notes):
        called = _called(frozenset(name.link for note in notes for name in note.names if name.link), pages())
        notes = tuple(_named(note, called) for note in notes)
    by_key = {entry.key: entry for entry in reversed(entries)}
    return (*entries, *(_filled(note, by_key[note.key]) if note.key in by_key else note for note in notes))


def has_linked_authors(sources: Iterable[Source]) -> bool:
    """Say whether an author of any of these sources is a link to a page."""
    return any(name.link for source in sources for name in source.names)


def _called(links: frozenset[str], pages: Iterable[TitledPage]) -> Mapping[str, str]:
    """Return the titles, else the first aliases, of the pages to which links lead; those that fit two pages are out."""
    wanted: dict[str, list[str]] = {}
    for link in links:
        wanted.setdefault(_stem(link).rpartition("/")[2], []).append(link)
    found: dict[str, list[str]] = {}
    for path, title, aliases in pages:
        stem = _stem(path)
        name = stem.rpartition("/")[2]
        for link in wanted.get(name, ()):
            if f"/{stem}".endswith(f"/{_stem(link)}"):
                # A page without a title is called as its file.
                own = title if title.casefold() != name else next(iter(aliases), title)
                found.setdefault(link, []).append(own)
    return {link: titles[0] for link, titles in found.items() if len(titles) == 1 and titles[0]}


def _stem(path: str) -> str:
    folder, slash, name = path.strip("/").rpartition("/")
    return f"{folder}{slash}{name.rpartition('.')[0] or name}".casefold()


def _named(note: Source, called: Mapping[str, str]) -> Source:
    if called.keys().isdisjoint(name.link for name in note.names):
        return note
    names = []
    for name in note.names:
        person = read_name(called.get(name.link, ""))
        names.append(name if person is None else replace(person, link=name.link))
    return replace(note, names=tuple(names))


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
