"""Entries that are one work: what says so, which of them repeat others, and which belong together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.sources.identifiers import url_key
from wikitools.sources.names import folded, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from wikitools.sources.source import Source


@dataclass(frozen=True, slots=True)
class Twin:
    """`source` is the same work as `first`, which stands before it; `evidence` is what they share, as a phrase."""

    source: Source
    first: Source
    evidence: str


def find_twins(sources: Iterable[Source], form_of: Callable[[Source], str]) -> tuple[Twin, ...]:
    """Return each source that repeats an earlier one under another key, with the first that it repeats.

    Only sources of one form, in the words of `form_of`, are compared: a source note is no repetition of the entry that
    it is about. Linear in the number of sources.
    """
    known: dict[tuple[str, ...], list[Source]] = {}
    twins: list[Twin] = []
    for source in sources:
        form = form_of(source)
        twin: Twin | None = None
        for evidence, *identity in _identities(source):
            if evidence == TITLE and " " not in identity[0]:
                continue  # "Editorial", "Introduction"
            earlier = known.setdefault((form, evidence, *identity), [])
            if twin is None:
                sure = evidence in _IDENTIFIERS
                first = next(
                    (one for one in earlier if one.key != source.key and (sure or _may_be_one(one, source))), None
                )
                twin = Twin(source, first, evidence) if first is not None else None
            if len(earlier) < _MOST_COMPARED:
                earlier.append(source)
        if twin is not None:
            twins.append(twin)
    return tuple(twins)


def group_works(sources: Sequence[Source]) -> tuple[tuple[Source, ...], ...]:
    """Return the sources in groups that may be one work: notes, also by their keys, and entries of all formats.

    In doubt two sources are in one group, so this is for telling that a work is known elsewhere. Groups stand in order
    of their first sources.
    """
    parent = list(range(len(sources)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    keys_of_notes = {source.key for source in sources if source.note}
    first_with: dict[tuple[str, ...], int] = {}
    for number, source in enumerate(sources):
        marks: list[tuple[str, ...]] = [*_identities(source)]
        # Two entries with one key are a slip; a note has the key of the entry that it is about.
        marks += [("key", source.key)] if source.key in keys_of_notes else []
        marks += [("note", source.note)] if source.note else []
        for mark in marks:
            one, other = sorted((root(first_with.setdefault(mark, number)), root(number)))
            parent[other] = one
    groups: dict[int, list[Source]] = {}
    for number, source in enumerate(sources):
        groups.setdefault(root(number), []).append(source)
    return tuple(tuple(group) for group in groups.values())


DOI, ARXIV, URL, TITLE = "DOI", "arXiv id", "URL and title", "title, first author and year"
_IDENTIFIERS = frozenset({DOI, ARXIV})
_MOST_COMPARED = 8
"""So many sources with one identity are compared with each further one: a thousand editorials stay linear."""


def _identities(source: Source) -> Iterator[tuple[str, ...]]:
    """Yield what makes a source the same work as another one, the best evidence first."""
    title = words(source.title)
    joined = " ".join(title)
    # A chapter may carry its book's DOI: then the titles tell them apart.
    part = joined if source.kind in _PARTS else ""
    if source.doi:
        yield DOI, source.doi.lower(), part
    if source.arxiv:
        yield ARXIV, source.arxiv.lower(), part
    if not title:
        return
    if source.url and (address := url_key(source.url)):
        yield URL, address, joined
    if source.names:
        author = " ".join(folded(source.names[0]).core)
        for year in source.years or ("",):
            yield TITLE, joined, author, year


_PARTS = frozenset({"chapter", "entry", "entry-dictionary", "entry-encyclopedia", "paper-conference"})
_TELLING = ("volume", "issue", "number", "edition", "chapter", "pages", "part_of")


def _may_be_one(one: Source, other: Source) -> bool:
    """Say whether nothing tells two sources apart that share an identity: each says the same, or is silent."""
    if one.doi and other.doi:
        return one.doi == other.doi
    if one.arxiv and other.arxiv:
        return one.arxiv == other.arxiv
    for name in _TELLING:
        mine, its = words(one.fields.get(name, "")), words(other.fields.get(name, ""))
        if mine and its and mine != its and mine[:1] != its[:1]:
            return False
    return True
