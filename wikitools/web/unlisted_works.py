"""Works that pages cite and the bibliography lacks: by identifiers beside them, in reference lists, and by name.

An identifier in the brackets, the footnote or the line of a citation says which work is meant, if that work has these
authors and this year. A page's open citations are often among the references of the works that it cites, or is about:
one request per such work answers for all of its citations. The rest is searched for by names and year; which of the
works found fits the text around the citations best is decided here, because no text of a page leaves the machine.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from wikitools.sources.names import folded, words
from wikitools.web.lookup_result import Here, LookupResult, NoAnswer
from wikitools.web.wording import Wording, Words
from wikitools.web.works import crossref, datacite, semantic_scholar
from wikitools.web.works.by_identifier import records

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from wikitools.sources.record import Record
    from wikitools.sources.source import Source
    from wikitools.web.asking import Web

CERTAIN, LIKELY, POSSIBLE = "certain", "likely", "possible"
_SHOWN = 5
_PRINTED = "the page has its identifier"


class Want(NamedTuple):
    """What citations say about a work."""

    names: tuple[str, ...]
    et_al: bool
    year: str
    pages: frozenset[str]
    """The pages that cite it."""
    context: str
    """The text around the citations."""
    beside: tuple[str, ...] = ()
    """Identifiers (`doi:…`) in the brackets, the link, the footnote or the line of one of the citations."""
    on_pages: tuple[str, ...] = ()
    """Identifiers elsewhere on these pages."""
    identifier: str = ""
    """`doi:…`, `arxiv:…` or `pmid:…`, if a page contains it; it identifies the work for certain."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A work that may be meant."""

    record: Record
    certainty: str
    """`certain`, `likely` or `possible`."""
    evidence: str
    """Why, as a phrase."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found, and why some services gave no answer."""

    candidates: Mapping[Want, tuple[Candidate, ...]]
    silent: Counter[str]
    """The reasons for questions without an answer, each with their number."""
    undetermined: frozenset[Want] = frozenset()
    """Works without candidates for which a question got no answer: whether there is one is not known."""
    failed: frozenset[Want] = frozenset()
    """Those of them for which a service gave no answer; the others lack only one that needs a key."""


class _Silence:
    """Questions that got no answer: why, and which works they were about."""

    def __init__(self) -> None:
        self.whys: Counter[str] = Counter()
        self.wants: set[Want] = set()
        self.failed: set[Want] = set()

    def add(self, why: str, wants: Collection[Want]) -> None:
        self.whys[why] += 1
        self.wants.update(wants)
        if why != semantic_scholar.NO_KEY.why:
            self.failed.update(wants)


async def look_up(
    web: Web,
    wants: Sequence[Want],
    sources_on: Mapping[str, Sequence[Source]],
    *,
    known: Callable[[str], Sequence[Source]] = lambda _subject: (),
    text_of: Callable[[str], str] = lambda _path: "",
) -> Looked:
    """Return candidates for each wanted work; `sources_on` are the sources that each page cites or is about.

    `known` returns the sources of the bibliography with an identifier. What fits one of them would have been matched,
    so citations without a source mean another work of these names and this year. `text_of` returns the text of a page;
    no word of it is sent.
    """
    silent = _Silence()
    candidates = await _beside(web, wants, silent)
    open_wants = [want for want in wants if not candidates[want] and not want.identifier]
    listed = await _references(web, open_wants, sources_on, silent, known)
    subjects = [subject for found in listed.values() for subject in found]
    about: dict[str, list[Want]] = {}
    for want in open_wants:
        for subject in (*listed.get(want, ()), *want.on_pages):
            about.setdefault(subject, []).append(want)
    said = await _records(web, [*subjects, *(each for want in open_wants for each in want.on_pages)], about, silent)
    for want in open_wants:
        evidence = dict.fromkeys(want.on_pages, "its identifier is on a page that cites it")
        in_lists = listed.get(want, {})
        evidence |= {each: place.told() for each, place in in_lists.items()}
        doubtful = any(place.has_rival for place in in_lists.values())
        candidates[want] = _fitting(want, said, evidence, POSSIBLE if doubtful else LIKELY)
    wording = Wording((want.context for want in wants), (page for want in wants for page in want.pages), text_of)
    candidates |= await _search(web, [want for want in open_wants if not candidates[want]], silent, known, wording)
    undetermined, failed = (
        frozenset(want for want in found if not candidates[want]) for found in (silent.wants, silent.failed)
    )
    return Looked(candidates, silent.whys, undetermined, failed)


async def _records(
    web: Web, subjects: Sequence[str], about: Mapping[str, Sequence[Want]], silent: _Silence
) -> dict[str, Record]:
    """Return the works that have these identifiers; `about` says which wanted works each may be."""
    said = await records(web, subjects)
    for subject, each in said.items():
        if isinstance(each, NoAnswer):
            silent.add(each.why, about.get(subject, ()))
    return {subject: each.what for subject, each in said.items() if isinstance(each, Here)}


async def _beside(web: Web, wants: Sequence[Want], silent: _Silence) -> dict[Want, tuple[Candidate, ...]]:
    """Return the works whose identifiers are next to citations, if names and year fit: certain if there is one."""
    about: dict[str, list[Want]] = {}
    for want in wants:
        for subject in filter(None, (want.identifier, *want.beside)):
            about.setdefault(subject, []).append(want)
    said = await _records(web, list(about), about, silent)
    found: dict[Want, tuple[Candidate, ...]] = {}
    for want in wants:
        if want.identifier:
            work = said.get(want.identifier)
            found[want] = () if work is None else (Candidate(work, CERTAIN, _PRINTED),)
            continue
        evidence = dict.fromkeys(want.beside, "its identifier is next to the citation")
        found[want] = _fitting(want, said, evidence, CERTAIN) or _fitting(want, said, evidence, LIKELY, years=1)
    return found


def _fitting(
    want: Want, said: Mapping[str, Record], evidence: Mapping[str, str], certainty: str, *, years: int = 0
) -> tuple[Candidate, ...]:
    """Return the works that fit, each once; if several do, each is only possible."""
    fits: dict[tuple[object, ...], Candidate] = {}
    for subject, why in evidence.items():
        record = said.get(subject)
        if record is not None and is_fit(want, record, years=years):
            work = _identity(record)
            # Of a preprint and its publication, keep the publication.
            if work not in fits or fits[work].record.arxiv:
                fits[work] = Candidate(record, certainty, why)
    found = tuple(fits.values())[:_SHOWN]
    return found if len(fits) == 1 else tuple(replace(each, certainty=POSSIBLE) for each in found)


class _Place(NamedTuple):
    """Where a reference stands."""

    source: str
    """The key of the source in whose list it is."""
    has_rival: bool
    """Whether the list has another work by this author from this year, which cannot be looked at: it has no DOI."""

    def told(self) -> str:
        """Return it as a phrase."""
        more = ", which have another by this author from this year" if self.has_rival else ""
        return f"in the references of {self.source}{more}"


async def _references(
    web: Web,
    wants: Sequence[Want],
    sources_on: Mapping[str, Sequence[Source]],
    silent: _Silence,
    known: Callable[[str], Sequence[Source]],
) -> dict[Want, dict[str, _Place]]:
    """Return for each wanted work the identifiers in reference lists for its first author and year, and which list."""
    by_source: dict[str, list[Want]] = {}
    keys: dict[str, str] = {}
    for want in wants:
        for page in sorted(want.pages):
            for source in sources_on.get(page, ()):
                subject = _subject(source)
                if subject:
                    keys.setdefault(subject, source.key)
                    by_source.setdefault(subject, []).append(want)
    found: dict[Want, dict[str, _Place]] = {}
    # Works on pages with many open citations first: there may not be time for all.
    ordered = sorted(by_source, key=lambda subject: (-len(set(by_source[subject])), subject))
    for subject, listed in (await _lists(web, ordered)).items():
        if isinstance(listed, NoAnswer):
            silent.add(listed.why, by_source[subject])
        if not isinstance(listed, Here):
            continue
        for want in dict.fromkeys(by_source[subject]):
            alike = [each for each in listed.what if want.year in each.years and _begins_alike(want, each)]
            identifiers = [_subject(each) for each in alike]
            place = _Place(keys[subject], has_rival=not all(identifiers))
            for identifier in filter(None, identifiers):
                if not _is_known(want, known(identifier)):
                    found.setdefault(want, {}).setdefault(identifier, place)
    return found


def _subject(work: Source | Record) -> str:
    """Return the identifier of a work as services are asked for it; "" if it has none."""
    return f"doi:{work.doi}" if work.doi else f"arxiv:{work.arxiv}" if work.arxiv else ""


async def _lists(web: Web, subjects: Sequence[str]) -> dict[str, LookupResult[tuple[Record, ...]]]:
    """Return the works that each of these works (`doi:…`, `arxiv:…`) cites, asked for in this order."""
    dois = [subject.removeprefix("doi:") for subject in subjects if subject.startswith("doi:")]
    listed = {f"doi:{doi}": each for doi, each in (await crossref.references(web, dois)).items()}
    for subject in subjects:
        if subject.startswith("arxiv:"):
            listed[subject] = await semantic_scholar.references(web, subject.removeprefix("arxiv:"))
    return {subject: listed[subject] for subject in subjects}


async def _search(
    web: Web, wants: Iterable[Want], silent: _Silence, known: Callable[[str], Sequence[Source]], wording: Wording
) -> dict[Want, tuple[Candidate, ...]]:
    """Return works by these authors from this year, those that fit the text around the citations best first."""
    named = [want for want in wants if want.names and want.year.isdigit()]
    said: dict[Want, dict[str, LookupResult[tuple[Record, ...]]]] = {}
    for want in named:
        year = int(want.year)
        author = " ".join(want.names[:_NAMES])
        said[want] = {"Crossref": await crossref.search(web, author=author, years=(year, year), count=_ROWS)}
    if "datacite" not in web.left_out:
        # It has the preprints of arXiv.
        preprints = await datacite.search(web, ((want.names[:_NAMES], want.year) for want in named))
        for want in named:
            said[want]["DataCite"] = preprints[want.names[:_NAMES], want.year]
    for want in named:
        for each in said[want].values():
            if isinstance(each, NoAnswer):
                silent.add(each.why, (want,))
    return {want: _proposed(said[want], want, known, wording) for want in named}


_NAMES = 3
"""Names that are searched for at most."""
_ROWS = datacite.MOST
"""Works that a search returns at most; if it returns fewer, there are no others."""


def _proposed(
    said: Mapping[str, LookupResult[tuple[Record, ...]]],
    want: Want,
    known: Callable[[str], Sequence[Source]],
    wording: Wording,
) -> tuple[Candidate, ...]:
    """Return those of the works that services found that may be meant, the likeliest first."""
    fits: dict[tuple[object, ...], Record] = {}
    for each in (work for found in said.values() if isinstance(found, Here) for work in found.what):
        if is_fit(want, each) and not _is_known(want, known(f"doi:{each.doi}")):
            # Each version of a deposit has a DOI of its own, and so has a preprint.
            fits.setdefault(_identity(each), each)
    is_only = len(fits) == 1 and all(isinstance(each, Here) and len(each.what) < _ROWS for each in said.values())
    told = [(wording.told(record.title, want.context, want.pages, want.names), record) for record in fits.values()]
    ranked = sorted(told, key=lambda each: -each[0].odds)
    only_at = f"{' and '.join(said)} {'have' if len(said) > 1 else 'has'}" if is_only else ""
    shown = ((record, _evidence(want, words, only_at)) for words, record in ranked)
    return tuple(Candidate(record, POSSIBLE, evidence) for record, evidence in shown if evidence)[:_SHOWN]


def _identity(record: Record) -> tuple[object, ...]:
    """Return what two forms of a work have in common: the title and the first author."""
    return words(record.title), folded((record.names or record.editors)[0]).core


_ENOUGH, _ENOUGH_ALONE = 6.0, -2.0
"""Odds from which a work is proposed that is one of several, or the only one of its names and year."""


def _evidence(want: Want, found: Words, only_at: str) -> str:
    """Return why a work that a search found may be meant; "" if too little speaks for it.

    `only_at` says who has no other of these names and year: "Crossref has".
    """
    near = f"{found.near:.0%} of its title is near the citations, {found.on_pages:.0%} on their pages"
    if len(want.names) > 1 and not want.et_al:
        # Two names that are all of the authors are stronger evidence than some words nearby.
        return f"these are all of its authors; {near}"
    if only_at and found.on_pages > 0 and found.odds >= _ENOUGH_ALONE:
        return f"{only_at} no other such work; {near}"
    return near if found.odds >= _ENOUGH else ""


def is_fit(want: Want, record: Record, *, years: int = 0) -> bool:
    """Say whether a work fits citations: it has their authors in order, and a year at most `years` off."""
    if not record.title or not (want.year in record.years or _are_near(want.year, record.years, years)):
        return False
    people = record.names or record.editors
    if len(people) < len(want.names) + want.et_al or (not want.et_al and 0 < len(want.names) < min(len(people), 3)):
        return False
    return bool(want.names) and all(
        _is_named(name, folded(person).core, folded(person).family)
        for name, person in zip(want.names, people, strict=False)
    )


def _are_near(year: str, years: Iterable[str], most: int) -> bool:
    return bool(most) and year.isdigit() and any(abs(int(each) - int(year)) <= most for each in years if each.isdigit())


def _is_named(written: str, core: Iterable[str], family: Sequence[str]) -> bool:
    told = words(written)
    return bool(told) and (told == tuple(family) or set(told) <= set(core))


def _is_known(want: Want, sources: Iterable[Source]) -> bool:
    """Say whether an entry agrees with the citations about its work; a wrong entry does not."""
    return any(want.year in source.years and _begins_alike(want, source) for source in sources)


def _begins_alike(want: Want, record: Record | Source) -> bool:
    """Say whether the first author of a reference can be the first that a citation names; references name only one."""
    if not want.names or not record.names:
        return False
    first = folded(record.names[0])
    return _is_named(want.names[0], first.core, first.family)
