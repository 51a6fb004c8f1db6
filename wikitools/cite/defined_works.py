"""Footnotes that define a work, and identifiers: what they say about the citations next to them."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wikitools.cite.alignment import EXACT, Fit
from wikitools.cite.footnotes import Key, full_reference, read_key, reference_citation, remarks
from wikitools.markdown.page import END, KIND, START, URL, WEB, rows_of
from wikitools.sources.identifiers import identifiers_in, pubmed_ids_in, url_key
from wikitools.sources.names import words
from wikitools.sources.same_work import same_work
from wikitools.sources.source import address_keys
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wikitools.cite.citation import Citation
    from wikitools.cite.draft import Draft
    from wikitools.cite.keys_and_links import Pointer
    from wikitools.cite.prose import Prose
    from wikitools.markdown.page import FootnoteDefinition, FootnoteReference
    from wikitools.sources.source import Bibliography, Source

_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_REFERENCE = re.compile(
    r"[\W_]*[^\W\d_][\w'’-]+(?:,? (?:[A-Z]\.?[ -]?){1,4}[,.;:·&(]|,? (?:et\b|(?:and|&) |\(?(?:1[5-9]|20)\d\d))"
)
"""How a reference begins: a name followed by initials, "et al.", another name or the year."""
_LONGEST_BODY = 2000
_FIRST_WORDS = 3
_BEGINNING = 200
_FEW_WORDS = 2
_MOST_BESIDE = 5
_WITNESS = "its footnote"
_ANOTHER = "its footnote names another work"


@dataclass(frozen=True, slots=True)
class DefinedWork:
    """The work that a footnote defines; `sources` are the entries that may be this work (none: it is not listed)."""

    name: str
    place: Span
    keys: tuple[str, ...]
    """Its identifiers in the form in which they are compared: `doi:…`, `arxiv:…`, `pmid:…`, or its address."""
    address: str
    """The first of them as written; "" for a link to a note or a key."""
    sources: tuple[Source, ...]
    evidence: str
    firsts: frozenset[str]
    """The words that its first author may be printed as."""
    years: frozenset[str]
    cited_inside: bool
    """Whether its text is also a citation by author and year."""

    def agrees(self, draft: Draft) -> bool:
        """Say whether the footnote is named after, or begins with, the first author of a citation and has its year."""
        names = draft.citation.names
        first = words(names[0]) if names else ()
        # The family name is the first or the last word: "Farr JN", "Joshua Farr".
        forms = {*first[:1], *first[-1:], "".join(first)}
        return draft.citation.year in self.years and not self.firsts.isdisjoint(forms)

    def is_not(self, source: Source) -> bool:
        """Say whether `source` is certainly a different work."""
        if self.sources:
            return all(each is not source and not same_work(each, source) for each in self.sources)
        return _contradict(self.keys, source)


def _is_identifier(key: str) -> bool:
    return key.startswith(("doi:", "arxiv:", "pmid:"))


def _contradict(keys: Sequence[str], source: Source) -> bool:
    """Say whether an identifier in `keys` shows that `source` is another work: it has a different one of that kind."""
    known = [key for key in address_keys(source) if _is_identifier(key)]
    if not set(known).isdisjoint(keys):
        return False
    kinds = {key.partition(":")[0] for key in keys if _is_identifier(key)}
    return any(key.partition(":")[0] in kinds for key in known)


def ruling_out(draft: Draft, sources: Sequence[Source], why: str) -> Draft:
    """Return a citation that certainly means none of `sources`, and why."""
    if not sources:
        return draft
    gone = {id(source) for source in sources}
    fits = tuple(fit for fit in draft.fits if id(fit.source) not in gone)
    return replace(draft, fits=fits, ruled_out=(*draft.ruled_out, *((source, why) for source in sources)))


def with_address(draft: Draft, address: str, *, convincing: bool = True) -> Draft:
    """Return a citation that fits no source with the address that is printed beside it; one that fits is unchanged."""
    if draft.fits:
        return draft
    citation = draft.citation if draft.citation.url or not address else replace(draft.citation, url=address)
    return replace(draft, citation=citation, convincing=draft.convincing or convincing)


def beside_address(draft: Draft, address: str) -> Draft:
    """Return a citation without the sources contradicted by the address around or beside it, which no source has."""
    key = url_key(address)
    kind = "DOI" if key.startswith("doi:") else "arXiv id"
    lost = [fit.source for fit in draft.fits if _contradict((key,), fit.source)]
    return with_address(ruling_out(draft, lost, f"the {kind} beside it is another"), address)


class DefinedWorks:
    """The footnotes of a page that define works."""

    def __init__(
        self, prose: Prose, drafts: Sequence[Draft], pointers: Iterable[Pointer], bibliography: Bibliography
    ) -> None:
        self._prose = prose
        page = self._page = prose.page
        self._by_name: dict[str, DefinedWork] = {}
        known = sorted(((each.citation.span.start, each) for each in pointers), key=lambda each: each[0])
        reader = _Reader(prose, [draft.citation.span for draft in drafts], known, bibliography)
        for definition in page.footnote_definitions:
            if definition.name not in self._by_name and (work := reader.read(definition)) is not None:
                self._by_name[definition.name] = work
        self._references = [each for each in page.footnotes if each.name in self._by_name]
        self._starts = [each.span.start for each in self._references]
        self._bodies = sorted((work.place.start, work.place.end, work) for work in self._by_name.values())
        self._taken: set[int] = set()
        self._by_year: dict[str, list[DefinedWork]] = {}
        for work in self._by_name.values():
            for year in work.years:
                self._by_year.setdefault(year, []).append(work)

    def __bool__(self) -> bool:
        return bool(self._by_name)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def holds(self, span: Span) -> DefinedWork | None:
        """Return the work whose definition contains an offset."""
        at = bisect.bisect_right(self._bodies, span.start, key=lambda each: each[0]) - 1
        return self._bodies[at][2] if at >= 0 and self._bodies[at][1] >= span.end else None

    def references(self) -> Iterator[tuple[Citation, DefinedWork]]:
        """Yield the citations that references to these footnotes make, except those that are part of another citation.

        A work that is already cited by author and year in the footnote is not cited again.
        """
        for reference in self._references:
            work = self._by_name[reference.name]
            if reference.span.start in self._taken or (not work.sources and work.cited_inside):
                continue
            citation = reference_citation(self._page, reference)
            yield replace(citation, url=work.address), work

    def weighed(self, draft: Draft) -> Draft:
        """Return a citation without the sources that its footnote contradicts.

        Its footnote follows it, contains it, or is the only one on the page with its first author and year.
        """
        reference = self._reference_behind(draft)
        beside = self._by_name[reference.name] if reference is not None else None
        around = self.holds(draft.citation.span)
        work = beside or around or self._namesake(draft)
        if work is None:
            return draft
        if not work.agrees(draft):
            # "Xu (2015)[^1]", and the footnote says no more than the address of one of those that fit.
            narrowed = ruling_out(draft, [fit.source for fit in draft.fits if work.is_not(fit.source)], _ANOTHER)
            return (
                replace(narrowed, witness=_WITNESS)
                if work.sources and narrowed.fits and narrowed is not draft
                else draft
            )
        found = ruling_out(draft, [fit.source for fit in draft.fits if work.is_not(fit.source)], _ANOTHER)
        if not work.sources:
            if reference is not None:
                self._taken.add(reference.span.start)
            return with_address(found, work.address, convincing=(beside or around) is not None)
        if not found.fits and len(work.sources) == 1 and (draft.fits or beside is not None):
            only = (Fit(work.sources[0], EXACT, 1, draft.citation.et_al),)
            return replace(found, fits=only, witness=_WITNESS)
        return replace(found, witness=_WITNESS) if found is not draft else draft

    def _reference_behind(self, draft: Draft) -> FootnoteReference | None:
        """Return the only footnote reference right after a citation or its bracket.

        If there are several references, or several citations in the bracket, it is unknown which belong together.
        """
        end, text = draft.citation.span.end, self._page.text
        number = bisect.bisect_left(self._starts, end)
        if number == len(self._starts) or self._starts[number] - end > _MOST_BESIDE:
            return None
        gap = text[end : self._starts[number]]
        if not self._prose.is_one_block(end, self._starts[number]) or any(sign.isalnum() for sign in gap):
            return None
        reference = self._references[number]
        return None if text.startswith("[^", reference.span.end) else reference

    def _namesake(self, draft: Draft) -> DefinedWork | None:
        """Return the only footnote on the page with this author and year, if the citation has no letter."""
        if draft.citation.suffix:
            return None
        found = [work for work in self._by_year.get(draft.citation.year, ()) if work.agrees(draft)]
        works = {work.keys or (work.name,) for work in found}
        return found[0] if len(works) == 1 else None


_Mark = tuple[int, int, str, str]
"""Start, end, what is compared, and the address as written."""


class _Reader:
    """Reads the definitions of footnotes."""

    def __init__(
        self, prose: Prose, drafts: Sequence[Span], known: Sequence[tuple[int, Pointer]], bibliography: Bibliography
    ) -> None:
        self._prose = prose
        self._drafts = [span.start for span in drafts]
        self._known = known
        self._bibliography = bibliography
        rows = rows_of(prose.page.links)
        self._links = [(row[START], row[END], row[URL]) for row in rows if row[KIND] == WEB]

    def read(self, definition: FootnoteDefinition) -> DefinedWork | None:
        """Return the work that a footnote defines; `None` if it is a remark or cites several works."""
        place = definition.body
        place = Span(place.path, place.start, min(place.end, place.start + _LONGEST_BODY))
        body = place.of(self._prose.page.text)
        told = list(self._marks(place, body))
        pointed = [each for at, each in self._within(self._known, place)]
        inside = bisect.bisect_left(self._drafts, place.end) - bisect.bisect_left(self._drafts, place.start)
        name = read_key(definition.name)
        if inside > 1 or not (told or pointed):
            return self._spelled_out(definition.name, name, place, body) if name and not inside else None
        first_known = pointed[0].citation.span.start if pointed else place.end
        first_told = place.start + told[0][0] if told else place.end
        first = min(first_known, first_told)
        spans = [Span(place.path, place.start + start, place.start + end) for start, end, _key, _address in told]
        begins = len(words(body[: first - place.start])) <= _FEW_WORDS
        reference = name is not None or (_REFERENCE.match(body) is not None and _YEAR.search(body) is not None)
        by_identifier = bool(told) and _is_identifier(told[0][2])
        if not (reference or (begins and (first_known <= first_told or by_identifier))) and remarks(
            place, body, [*spans, *(each.citation.span for each in pointed)]
        ):
            return None
        plain = "".join(_outside(body, [(start, end) for start, end, _key, _address in told]))
        firsts = name.firsts if name else frozenset(words(plain[:_BEGINNING])[:_FIRST_WORDS])
        years = {*_YEAR.findall(plain), *((name.year,) if name else ())}
        sources, evidence, keys = self._meant(body, told, pointed, first_known <= first_told)
        address = told[0][3] if told else ""
        return DefinedWork(
            definition.name, place, keys, address, sources, evidence, firsts, frozenset(years), inside > 0
        )

    def _spelled_out(self, name: str, key: Key, place: Span, body: str) -> DefinedWork | None:
        """Return the work of a reference that has no identifier, but the author and year in the footnote's name."""
        said = words(body)
        if key.year not in said or not {key.words[-1], "".join(key.words)}.intersection(said):
            return None
        spelled = full_reference(body, self._bibliography)
        sources = () if spelled is None else (spelled,)
        evidence = "author, year and title"
        return DefinedWork(
            name, place, (), "", sources, evidence, key.firsts, frozenset((key.year,)), cited_inside=False
        )

    def _meant(
        self, body: str, told: list[_Mark], pointed: list[Pointer], is_known: bool
    ) -> tuple[tuple[Source, ...], str, tuple[str, ...]]:
        """Return the sources that a definition may mean, the evidence, and its identifiers."""
        pubmed = [key for _start, _end, key, _address in told if key.startswith("pmid:")]
        keys = tuple(dict.fromkeys([*(mark[2] for mark in told[:1]), *pubmed[:1]]))
        if is_known and pointed:
            return pointed[0].sources, pointed[0].evidence, keys
        for key in keys:
            if sources := self._bibliography.by_url(key):
                return sources, "its identifier", keys
        spelled = full_reference(body, self._bibliography)
        if spelled is not None and not _contradict(keys, spelled):
            return (spelled,), "author, year and title", keys
        return (), "", keys

    def _marks(self, place: Span, body: str) -> list[_Mark]:
        """Return the identifiers and addresses in a definition, in order."""
        bare = (*identifiers_in(body), *pubmed_ids_in(body))
        found = [(start, end, key, body[start:end]) for start, end, key in bare]
        first = bisect.bisect_left(self._links, (place.start, 0, ""))
        for start, end, url in self._links[first:]:
            if start >= place.end:
                break
            mark = (start - place.start, end - place.start, url_key(url), url)
            found = [each for each in found if each[1] <= mark[0] or each[0] >= mark[1]]
            found.append(mark)
        return sorted(found)

    @staticmethod
    def _within(known: Sequence[tuple[int, Pointer]], place: Span) -> Sequence[tuple[int, Pointer]]:
        first = bisect.bisect_left(known, place.start, key=lambda each: each[0])
        last = bisect.bisect_left(known, place.end, key=lambda each: each[0])
        return known[first:last]


def _outside(body: str, places: Iterable[tuple[int, int]]) -> Iterator[str]:
    position = 0
    for start, end in places:
        yield body[position : max(position, start)]
        position = max(position, end)
    yield body[position:]
