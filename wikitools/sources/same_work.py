"""Says when two entries are the same work: surely, likely or possibly, and when they are parts of one work.

This is the only definition: the block lists a work once (surely), a citation may mean either of two entries of one work
(surely or likely), `duplicate-source` reports an entry that repeats another (surely, or likely if nothing differs), and
what one entry says about a work counts for all of its entries (possibly).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from wikitools.sources.identifiers import url_key
from wikitools.sources.names import folded, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from wikitools.sources.source import Source

DOI, ARXIV, URL, NOTE, TITLE = "DOI", "arXiv id", "URL and title", "source note", "title, first author and year"
"""Phrases for what two entries of one work share, for messages."""


class MatchKey(NamedTuple):
    """What entries of one work share: `value` is compared, `evidence` names it in messages."""

    evidence: str
    value: tuple[str, ...]


# Surely


def sure_match_keys(source: Source) -> Iterator[MatchKey]:
    """Yield match keys that no other work has, the best evidence first: DOI, arXiv id, address and title, source note.

    arXiv's own DOIs are arXiv ids; the scheme of an address and `www.` are ignored.
    """
    title = " ".join(words(source.title))
    identifiers = [f"doi:{source.doi}".lower()] if source.doi else []
    identifiers += [f"arxiv:{source.arxiv}".lower()] if source.arxiv else []
    for identifier in identifiers:
        key = url_key(identifier)
        # The keys of a DOI and of a view of it are equal, the DOIs are not.
        key = key if key.startswith("arxiv:") else identifier
        yield MatchKey(ARXIV if key.startswith("arxiv:") else DOI, (key,))
    if source.url and title and (address := url_key(source.url)):
        yield MatchKey(URL, (address, title))
    if source.note:
        yield MatchKey(NOTE, (source.note,))


def surely_one_work(one: Source, other: Source) -> bool:
    """Say whether two entries share a match key that no other work has."""
    return not {*sure_match_keys(one)}.isdisjoint(sure_match_keys(other)) and not are_parts(one, other)


def are_parts(one: Source, other: Source) -> bool:
    """Say whether two entries with one identifier are parts, by their titles: chapters may have their book's DOI."""
    kinds = {one.kind, other.kind}
    if kinds.isdisjoint(_IN_BOOKS) and kinds != {_IN_PROCEEDINGS}:
        return False
    mine, its = words(one.title), words(other.title)
    return bool(mine and its) and mine != its


_IN_BOOKS = frozenset({"chapter", "entry", "entry-dictionary", "entry-encyclopedia", "inbook", "incollection"})
_IN_PROCEEDINGS = "paper-conference"
"""Papers are often cited with their proceedings' DOI, so only two papers are compared by their titles."""


# Likely


def likely_one_work(one: Source, other: Source) -> bool:
    """Say whether two entries have the same title and first author, as far as given, and are not two parts of one work.

    Years do not count: a preprint and the article are one work. A short title ("Introduction") says nothing unless both
    are in the same journal or book. Of two books from one year, one may lack the subtitle.
    """
    title = words(one.title)
    if not title or not _have_one_author(one, other):
        return False
    if title != words(other.title):
        return _only_one_has_its_subtitle(one, other) and not _details_differ(one, other)
    same_venue = venue_of(one) == venue_of(other)
    if len(title) <= _SHORT_TITLE and not same_venue:
        return False
    # The numbers of a journal cannot be compared with those of a preprint archive.
    return not (_differ(one.suffix, other.suffix) or (same_venue and _details_differ(one, other)))


def _only_one_has_its_subtitle(one: Source, other: Source) -> bool:
    """Say whether two are books of one year with one title, of which one is without its subtitle."""
    heads = without_subtitle(one), without_subtitle(other)
    is_bare = words(one.title) == heads[0] or words(other.title) == heads[1]
    volumes = (words(each.fields.get("volume", "")) for each in (one, other))
    return (
        is_bare
        and heads[0] == heads[1] != ()
        and bool(one.names and other.names)
        and not {*one.years}.isdisjoint(other.years)
        and len({*volumes}) == 1
    )


def without_subtitle(source: Source) -> tuple[str, ...]:
    """Return the words of a book's title without its subtitle; none for anything but books.

    "Collected Papers: Volume 3" is one of several.
    """
    if source.kind != "book":
        return ()
    head = head_of_title(source.title)
    return words(source.title if _OF_SEVERAL.search(source.title, len(head)) else head)


def head_of_title(title: str) -> str:
    """Return a title without its subtitle.

    >>> head_of_title("Superintelligence: Paths, Dangers, Strategies"), head_of_title("The Off-Switch Game")
    ('Superintelligence', 'The Off-Switch Game')
    """
    return _SUBTITLE.split(title, maxsplit=1)[0]


_SUBTITLE = re.compile(r"[:.?!—–]\s|\s[-–—]\s")
_OF_SEVERAL = re.compile(r"\d|\b(?:band|book|part|teil|tome|vol|volume)\b", re.IGNORECASE)
_SHORT_TITLE = 2
VENUES = ("container-title", "journal", "journaltitle", "booktitle")
_DETAILS = ("volume", "issue", "number", "edition", "chapter", "pages", "part_of")


def venue_of(source: Source) -> tuple[str, ...]:
    """Return the words of the journal, proceedings or book that contains a work; none if it has none."""
    return words(next((source.fields[name] for name in VENUES if source.fields.get(name)), ""))


def _have_one_author(one: Source, other: Source) -> bool:
    if not one.names or not other.names:
        return True
    mine, its = folded(one.names[0]), folded(other.names[0])
    return bool({mine.core, mine.other} & {its.core, its.other} - {()})


def _details_differ(one: Source, other: Source) -> bool:
    """Say whether volume, issue, pages and the like agree, or are missing in one of two entries."""
    return any(_differ(one.fields.get(name, ""), other.fields.get(name, "")) for name in _DETAILS)


def _differ(mine: str, its: str) -> bool:
    one, other = words(mine), words(its)
    # "1" and "1-9" are the same page.
    return bool(one and other) and one != other and one[:1] != other[:1]


def same_work(one: Source, other: Source) -> bool:
    """Say whether two entries are surely or likely one work."""
    return surely_one_work(one, other) or likely_one_work(one, other)


def distinct_works(sources: Sequence[Source]) -> list[Source]:
    """Return the sources without later entries of a work that is already there, surely or likely.

    >>> from wikitools.sources.source import Source
    >>> from wikitools.text import Span
    >>> place = Span("a.bib", 0, 0)
    >>> twins = Source(place, "a", title="On Sheep."), Source(place, "b", title="On sheep", doi="10.1000/1")
    >>> [source.key for source in distinct_works(twins)]
    ['a']
    """
    if len(sources) < 2:
        return list(sources)
    found: list[Source] = []
    known = _Known()
    keys: dict[str, Source] = {}
    for source in sources:
        namesake = keys.setdefault(source.key, source)
        # One key twice in a file is a slip; in a file and a note, it is the same work.
        told_again = namesake.span.path != source.span.path and bool(namesake.note or source.note)
        same = [
            *known.alike(source, sure_match_keys(source), lambda one, other: not are_parts(one, other)),
            *known.alike(source, [MatchKey("title", title) for title in _titles(source)], likely_one_work),
        ]
        if not same and not told_again:
            found.append(source)
    return found


class _Known:
    """Sources seen so far, by their match keys."""

    def __init__(self) -> None:
        self._by_match_key: dict[MatchKey, list[Source]] = {}

    def alike(self, source: Source, keys: Iterable[MatchKey], agree: Callable[[Source, Source], bool]) -> list[Source]:
        """Return the first source seen with each match key that agrees with `source`, and remember `source`."""
        found: list[Source] = []
        for key in keys:
            earlier = self._by_match_key.setdefault(key, [])
            found += [one for one in earlier if agree(one, source)][:1]
            if len(earlier) < _MOST_COMPARED:
                earlier.append(source)
        return found


_MOST_COMPARED = 8
"""The most sources with one match key that each further one is compared with, so that a thousand editorials take linear
time."""


# Repeated entries


@dataclass(frozen=True, slots=True)
class Twin:
    """`source` is the same work as `first`, which comes before it; `evidence` says what they share."""

    source: Source
    first: Source
    evidence: str


def find_twins(sources: Iterable[Source], form_of: Callable[[Source], str]) -> tuple[Twin, ...]:
    """Return each source that repeats an earlier one under another key, with the first that it repeats.

    Only sources of one form, in the words of `form_of`, are compared: a source note does not repeat the entry that it
    is about. Linear in the number of sources.
    """
    known: dict[str, _Known] = {}
    twins: list[Twin] = []
    for source in sources:
        of_form = known.setdefault(form_of(source), _Known())
        found = [
            Twin(source, first, match_key.evidence)
            for match_key in (*sure_match_keys(source), *_title_match_keys(source))
            for first in of_form.alike(source, (match_key,), partial(_repeats, match_key))
        ]
        twins += found[:1]
    return tuple(twins)


def _repeats(shared: MatchKey, one: Source, other: Source) -> bool:
    """Say whether two entries with this match key do not differ in key, identifier, volume, issue or pages."""
    if one.key == other.key or shared.evidence == NOTE or are_parts(one, other):
        return False
    if shared.evidence in (DOI, ARXIV):
        return True
    if one.doi and other.doi:
        return one.doi == other.doi
    if one.arxiv and other.arxiv:
        return one.arxiv == other.arxiv
    if _details_differ(one, other):
        return False
    # One word ("Editorial") is the title of many.
    longer = max(len(words(each.title)) for each in (one, other))
    return shared.evidence != TITLE or (longer > 1 and likely_one_work(one, other))


def _title_match_keys(source: Source) -> Iterator[MatchKey]:
    """Yield title, first author and year, for each title and year."""
    for title in _titles(source) if source.names else ():
        author = " ".join(folded(source.names[0]).core)
        for year in source.years or ("",):
            yield MatchKey(TITLE, (" ".join(title), author, year))


def _titles(source: Source) -> tuple[tuple[str, ...], ...]:
    """Return the words of a title, and those of a book's without the subtitle, each once and none empty."""
    return tuple(dict.fromkeys(filter(None, (words(source.title), without_subtitle(source)))))


# Possibly


def group_works(sources: Sequence[Source]) -> tuple[tuple[Source, ...], ...]:
    """Return the sources in groups that may be one work: notes, also by their keys, and entries of all formats.

    In doubt, two sources are in one group, so use this to say that a work is known elsewhere. Groups are in the order
    of their first sources.
    """
    keys_of_notes = {source.key for source in sources if source.note}

    def match_keys(source: Source) -> Iterator[MatchKey]:
        yield from sure_match_keys(source)
        yield from _title_match_keys(source)
        # Two entries with one key are a slip; a note has the key of the entry that it is about.
        if source.key in keys_of_notes:
            yield MatchKey("key", (source.key,))

    return _groups(sources, match_keys)


def group_surely(sources: Sequence[Source]) -> tuple[tuple[Source, ...], ...]:
    """Return the sources in groups that are certainly one work, directly or through others, in their order.

    A note with the key of an entry is about that entry, and so is one with its title, all of its authors and its year.
    """
    keys_of_notes = {source.key for source in sources if source.note}

    def match_keys(source: Source) -> Iterator[MatchKey]:
        yield from sure_match_keys(source)
        if source.key in keys_of_notes:
            yield MatchKey("key", (source.key,))
        if keys_of_notes and source.title and source.names:
            authors = (" ".join(folded(name).core) for name in source.names)
            yield from (MatchKey(_RECORD, (" ".join(words(source.title)), year, *authors)) for year in source.years)

    return _groups(sources, match_keys)


_RECORD = "title, authors and year"
"""What a note shares with the entry that it is about; two entries with these may be two works."""


def _groups(
    sources: Sequence[Source], keys_of: Callable[[Source], Iterable[MatchKey]]
) -> tuple[tuple[Source, ...], ...]:
    parent = {id(source): source for source in sources}

    def root(source: Source) -> Source:
        while (above := parent[id(source)]) is not source:
            parent[id(source)] = parent[id(above)]
            source = above
        return source

    place = {id(source): number for number, source in reversed([*enumerate(sources)])}
    known = _Known()
    for source in sources:
        for match_key in keys_of(source):
            for one in known.alike(source, (match_key,), partial(_agree, match_key)):
                first, other = sorted((root(one), root(source)), key=lambda each: place[id(each)])
                parent[id(other)] = first
    groups: dict[int, list[Source]] = {}
    for source in sources:
        groups.setdefault(id(root(source)), []).append(source)
    return tuple(tuple(group) for group in groups.values())


def _agree(shared: MatchKey, one: Source, other: Source) -> bool:
    """Say whether two entries with this match key are one work."""
    if shared.evidence == _RECORD:
        return bool(one.note) != bool(other.note)
    if shared.evidence == TITLE and words(one.title) != words(other.title):
        return likely_one_work(one, other)
    return not are_parts(one, other)
