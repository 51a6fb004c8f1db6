"""Whether a registry's record is of the version of a work that an entry describes, or of what became of its preprint.

A preprint, a report and an article may have one title, the same authors and even one year, and each its own DOI.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.sources.names import folded, words
from wikitools.sources.same_work import venue_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.sources.record import Record
    from wikitools.sources.source import Source

_MINOR = frozenset(
    "a an and d da das de del della der des di die du e el en et for i in la le les of on the und y".split()
)
"""Words that abbreviated names of journals leave out."""


def is_same_version(source: Source, record: Record) -> bool:
    """Say whether title, all authors, year and venue of an entry are those of a record; no word may differ.

    The venue is that of the journal, the proceedings or the book that contains the work, also abbreviated word by word.
    Without one it must be a book, with the same ISBN or publisher.
    """
    if not source.title or words(source.title) != words(record.title):
        return False
    if not _are_by_the_same(source, record) or not source.years or source.years[0] not in record.years:
        return False
    fields = source.fields
    if _differ(fields.get("volume", ""), record.volume) or _differ(fields.get("pages", ""), record.pages):
        return False
    if venue := venue_of(source):
        return _is_one_venue(venue, words(record.container))
    if source.kind != "book" or record.kind != "book":
        return False
    isbn = re.sub(r"[\s-]", "", fields.get("isbn", "")).upper()
    publisher = words(fields.get("publisher", ""))
    return isbn in record.isbn if isbn else bool(publisher) and _is_one_venue(publisher, words(record.publisher))


def is_preprint_of(source: Source, record: Record) -> bool:
    """Say whether an entry has nothing but the preprint of a work that this record has as published.

    That both are one work is known already.
    """
    if not record.doi or record.doi.startswith("10.48550/") or record.kind == "article":
        return False
    venue = venue_of(source)
    is_unpublished = not venue or not _ARCHIVES.isdisjoint(venue)
    return is_unpublished and (source.doi in record.preprints if source.doi else bool(source.arxiv))


_ARCHIVES = frozenset({"arxiv", "corr", "biorxiv", "medrxiv"})


def _are_by_the_same(source: Source, record: Record) -> bool:
    people = record.names or record.editors
    as_many = len(source.names) == len(people) or (source.fields.get("others") and len(source.names) <= len(people))
    return bool(source.names and as_many) and all(
        folded(name).core == folded(other).core for name, other in zip(source.names, people, strict=False)
    )


def _is_one_venue(one: Sequence[str], other: Sequence[str]) -> bool:
    """Say whether two names of a journal are one: equal, or one is the other word by word in abbreviations."""
    mine, its = ([word for word in name if word not in _MINOR] for name in (one, other))
    pairs = list(zip(mine, its, strict=False))
    if not mine or len(mine) != len(its):
        return False
    return all(a.startswith(b) for a, b in pairs) or all(b.startswith(a) for a, b in pairs)


def _differ(mine: str, its: str) -> bool:
    """Say whether two volumes, or the first of two ranges of pages, are given and differ."""
    first, other = (re.search(r"\w+", each) for each in (mine, its))
    return first is not None and other is not None and first[0].casefold() != other[0].casefold()
