"""Finds the work that a user means: by its identifier, or by a title if only one work fits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wikitools.sources.names import folded, words
from wikitools.sources.verdict import title_likeness
from wikitools.web.lookup_result import Here, LookupResult, NoAnswer, Nothing
from wikitools.web.meta_tags import identifiers_on
from wikitools.web.works import crossref, open_library
from wikitools.web.works.by_identifier import records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.sources.named_work import NamedWork
    from wikitools.sources.record import Record
    from wikitools.web.asking import Web


@dataclass(frozen=True, slots=True)
class Choice:
    """Several works that may be meant, the most likely first, and which service gave no answer."""

    works: tuple[Record, ...]
    silent: str = ""
    """Why a service gave no answer; "" if all answered."""


LookedUp = Here["Record"] | Choice | Nothing | NoAnswer


async def look_up(
    web: Web, named: Sequence[NamedWork], *, author: str = "", year: str = ""
) -> dict[NamedWork, LookedUp]:
    """Return the work that each name means. `author` and `year` help to choose among works of one title."""
    by_identifier = await records(web, [each.subject for each in named if each.kind not in {"url", "title"}])
    found: dict[NamedWork, LookedUp] = {}
    for each in named:
        if each.kind == "url":
            found[each] = await _by_page(web, each.value)
        elif each.kind == "title":
            found[each] = await _by_title(web, each.value, author, year)
        else:
            found[each] = by_identifier[each.subject]
    return found


async def _by_page(web: Web, url: str) -> LookedUp:
    named = await identifiers_on(web, url)
    if not isinstance(named, Here):
        return named
    if len(named.what) != 1:
        many = f"names {len(named.what)} works" if named.what else "does not say which work it is about"
        return NoAnswer(f"the page {many}; give the DOI, arXiv id or ISBN")
    return (await records(web, named.what))[named.what[0]]


async def _by_title(web: Web, title: str, author: str, year: str) -> LookedUp:
    years = (int(year) - 1, int(year) + 1) if year.isdigit() else None
    said: list[LookupResult[tuple[Record, ...]]] = [await crossref.search(web, title=title, author=author, years=years)]
    said.append(await open_library.search(web, title=title, author=author))
    works = [work for each in said if isinstance(each, Here) for work in each.what if work.title]
    silent = next((each.why for each in said if isinstance(each, NoAnswer)), "")
    same = [work for work in works if words(work.title) == words(title) and _is_by(work, author)]
    if author and not silent and len(_distinct(same)) == 1:
        return Here(same[0], 0.0)
    if not works:
        return NoAnswer(silent) if silent else Nothing("Crossref, Open Library", 0.0)
    # A search finds works that share any word, the best of which come first.
    near = [work for work in works if title_likeness(title, work.title) >= _NEAR_TITLE]
    return Choice(_distinct([*same, *(near or works)])[:5], silent)


_NEAR_TITLE = 0.6


def _is_by(work: Record, author: str) -> bool:
    """Say whether the words of a name are those of one of the authors: "Bostrom", "Nick Bostrom"."""
    wanted = set(words(author))
    return any(
        wanted & {*folded(name).core} and wanted <= {*folded(name).family, *words(name.given)} for name in work.names
    )


def _distinct(works: Sequence[Record]) -> tuple[Record, ...]:
    """Return the works without those that have the same title and first author in the same year as an earlier one."""
    found: dict[tuple[object, ...], Record] = {}
    for work in works:
        first = folded(work.names[0]).core if work.names else ()
        found.setdefault((words(work.title), first, work.year), work)
    return tuple(found.values())


async def published(web: Web, record: Record) -> Record:
    """Return the published form of a preprint, with its arXiv id; the preprint itself if that is unknown."""
    if not record.published:
        return record
    subject = f"doi:{record.published}"
    found = (await records(web, [subject]))[subject]
    if not isinstance(found, Here):
        return record
    years = tuple(dict.fromkeys((*found.what.years, *record.years)))
    return replace(found.what, arxiv=record.arxiv, arxiv_class=record.arxiv_class, years=years)
