"""Which sources the citations of a page mean, on what evidence, and why the runners-up lost."""

from __future__ import annotations

import bisect
import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from wikitools.cite import prefilter
from wikitools.cite.alignment import align
from wikitools.cite.author_year import draft_citations
from wikitools.cite.citation import Cited
from wikitools.cite.dates import find_dates
from wikitools.cite.defined_works import DefinedWork, DefinedWorks, beside_address, ruling_out
from wikitools.cite.disambiguate import MOST_WORKS, TOO_WEAK, Decider, Decision
from wikitools.cite.footnotes import footnoted
from wikitools.cite.keys_and_links import Pointer, addressed, keyed, noted
from wikitools.cite.meanings import settled
from wikitools.cite.mentions import mentions
from wikitools.cite.named_works import named_citations
from wikitools.cite.printed_titles import other_title_behind
from wikitools.cite.prose import Prose
from wikitools.sources.names import PARTICLES, folded
from wikitools.sources.same_work import distinct_works, same_work
from wikitools.text import Span
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Resolution, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wikitools.cite.alignment import Fit
    from wikitools.cite.citation import Citation
    from wikitools.cite.draft import Draft
    from wikitools.markdown.page import Page, Wikilink
    from wikitools.sources.source import Bibliography, Layer, Source


def cite_page(
    page: Page,
    bibliography: Bibliography,
    *,
    note_of: Callable[[Wikilink], str | None],
    hidden: Iterable[tuple[int, int]] = (),
    means: Mapping[str, str] | None = None,
) -> tuple[Cited, ...]:
    """Return the citations of `page`, in order, each with the source it means.

    `note_of` gives the path of the page a wikilink leads to; `hidden` ranges have no citations. Evidence, strongest
    first: a key or a link to the source's note; a URL, DOI or arXiv id; a name or title; author names, year and letter.
    What these leave open is what `means` has: keys of sources by citations as they are printed.
    """
    prose = Prose(page, tuple(hidden))
    drafts = _drafted(prose, bibliography)
    pointers = [
        *noted(page, bibliography, note_of, prose.hidden),
        *keyed(prose, bibliography),
        *addressed(prose, bibliography),
    ]
    named = named_citations(prose, bibliography)
    # A name that a work is known by may look like authors and a year that nothing fits: "(Orr et al. 2025)".
    called = {each.citation.span for each in named if each.sources}
    drafts = [draft for draft in drafts if draft.fits or draft.citation.span not in called]
    works = _Works()
    defined = DefinedWorks(prose, drafts, pointers, bibliography) if page.footnotes else None
    if defined is not None:
        pointers = [
            each for each in pointers if each.sources or each.citation.key or defined.holds(each.citation.span) is None
        ]
    drafts, pointed = _merged(page, drafts, pointers, works) if pointers else (drafts, [])
    referring: list[Cited] = []
    if defined is not None:
        drafts = [defined.weighed(draft) for draft in drafts]
        referring = [_referring(citation, work, works) for citation, work in defined.references()]
    cited = [*pointed, *_authored(prose, drafts, [*pointed, *referring], bibliography)] if drafts else pointed
    cited += [_pointed(Pointer(each.citation, each.sources, each.evidence), works) for each in named]
    if means:
        cited = list(settled(cited, means, bibliography))
    if cited:
        places = [(each.citation.span, each.resolution.target) for each in cited if isinstance(each.resolution, Found)]
        taken = [each.citation.span for each in cited]
        cited += [
            Cited(citation, Found(source, f"authors, {how}"), ("authors", how))
            for citation, source, how in mentions(prose, places, taken)
        ]
    if defined is not None:
        cited += footnoted(page, prose.masked, cited, bibliography, known=defined)
        cited += referring
    return tuple(sorted(cited, key=_place))


def _drafted(prose: Prose, bibliography: Bibliography) -> list[Draft]:
    """Return the author-year citations of a page, read only where there may be the date of one."""
    years, in_words = prefilter.years(prose), prefilter.dates_in_words(prose)
    if not years and not in_words:
        return []
    excerpt = prose.around(sorted(years + in_words))
    dates = find_dates(excerpt.text, years=years, parts=excerpt.parts if in_words else ())
    return draft_citations(prose.written_page, excerpt.text, dates, bibliography)


def _place(cited: Cited) -> tuple[int, int, str, str]:
    citation = cited.citation
    target = cited.resolution.target.key if isinstance(cited.resolution, Found) else ""
    return citation.span.start, citation.span.end, citation.kind, target


class _Works:
    """Which works lists of sources come to: each list that is the same object is looked at once, however long."""

    def __init__(self) -> None:
        self._ordered: dict[int, tuple[Sequence[Source], tuple[Source, ...]]] = {}
        self._ids: dict[int, tuple[Sequence[object], frozenset[int]]] = {}

    def ordered(self, sources: Sequence[Source]) -> tuple[Source, ...]:
        """Return the works among sources, in an order that is not that of files."""
        known = self._ordered.get(id(sources))
        if known is None:
            # The list is kept, so that no other is ever known by its number.
            known = self._ordered[id(sources)] = sources, _ordered(distinct_works(sources))
        return known[1]

    def ids(self, sources: Sequence[Source]) -> frozenset[int]:
        """Return what sources are known by."""
        known = self._ids.get(id(sources))
        if known is None:
            known = self._ids[id(sources)] = sources, frozenset(map(id, sources))
        return known[1]

    def fitting(self, draft: Draft) -> frozenset[int]:
        """Return what the sources that fit a draft are known by."""
        known = self._ids.get(id(draft.fits))
        if known is None:
            known = self._ids[id(draft.fits)] = draft.fits, frozenset(id(fit.source) for fit in draft.fits)
        return known[1]


def _merged(page: Page, drafts: list[Draft], pointers: list[Pointer], works: _Works) -> tuple[list[Draft], list[Cited]]:
    """Join author-year citations with the links around or beside them, whose sources win.

    Returns the drafts that are left, and what the pointers cite.
    """
    if len(pointers) > 1:
        pointers.sort(key=_start)
    if not drafts:
        return drafts, [_pointed(pointer, works) for pointer in pointers]
    starts = [draft.citation.span.start for draft in drafts]
    joined: set[int] = set()
    cited: list[Cited] = []
    for pointer in pointers:
        inside = [number for number in _overlapping(drafts, starts, pointer.citation.span) if number not in joined]
        if pointer.citation.kind == "key" and not pointer.citation.note:
            joined.update(inside)  # "[@Jarse.2023]" is a key, however much it looks like a name and a year
            inside = []
        beside = _beside(page, drafts, starts, pointer, works) if not inside else None
        if not pointer.sources and not pointer.citation.key:
            near = [beside] if beside is not None else inside
            if len(near) == 1:
                drafts[near[0]] = beside_address(drafts[near[0]], pointer.citation.url)
            elif not near and pointer.convincing:
                cited.append(_pointed(pointer, works))
            continue
        if len(inside) == 1 or beside is not None:
            one = inside[0] if beside is None else beside
            joined.add(one)
            cited.append(_joined(drafts[one], pointer, bool(inside), works))
            continue
        if pointer.citation.kind == "note":
            joined.update(inside)
        cited.append(_pointed(pointer, works))
    return [draft for number, draft in enumerate(drafts) if number not in joined], cited


def _start(pointer: Pointer) -> tuple[int, int]:
    span = pointer.citation.span
    return span.start, span.end


def _overlapping(drafts: list[Draft], starts: list[int], span: Span) -> list[int]:
    first = max(0, bisect.bisect_left(starts, span.start) - 1)
    last = bisect.bisect_left(starts, span.end)
    return [number for number in range(first, last) if drafts[number].citation.span.overlaps(span)]


_MOST_BESIDE = 4
_LABELLED = re.compile(r"[^\w\n]{0,4}(?:\([^()\n]{0,60}[ ,;:])?(?:doi|arxiv)?[: ]{0,2}", re.IGNORECASE)
"""What may stand between a citation and its DOI: "Kang 2024 (Nutrients, doi:10.1000/182)"."""


def _beside(page: Page, drafts: list[Draft], starts: list[int], pointer: Pointer, works: _Works) -> int | None:
    """Return the number of the draft right before or after an address that leads to one of the sources that fit it."""
    if pointer.citation.kind != "url":
        return None
    span = pointer.citation.span
    after = bisect.bisect_left(starts, span.start)
    for number in (after - 1, after):
        if not 0 <= number < len(drafts):
            continue
        own = drafts[number].citation.span
        gap = page.text[own.end : span.start] if number < after else page.text[span.end : own.start]
        if not pointer.sources and _LABELLED.fullmatch(gap):
            return number
        if len(gap) > _MOST_BESIDE or any(sign.isalnum() for sign in gap):
            continue
        if not pointer.sources or not works.fitting(drafts[number]).isdisjoint(works.ids(pointer.sources)):
            return number
    return None


def _joined(draft: Draft, pointer: Pointer, around: bool, works: _Works) -> Cited:
    """Return one citation of a draft and the pointer around or beside it."""
    link, own = pointer.citation, draft.citation
    start, end = min(link.span.start, own.span.start), max(link.span.end, own.span.end)
    citation = replace(
        own,
        span=Span(own.span.path, start, end) if around else own.span,
        text=own.text,
        locator=own.locator or link.locator,
        key=link.key,
        url=link.url,
        note=link.note,
        kind=link.kind,
    )
    meant = works.ids(pointer.sources)
    fitting = works.fitting(draft)
    both = fitting & meant
    # Where all of many fit, the list stays the object that is known already.
    fits = pointer.sources if len(both) == len(meant) else tuple(f.source for f in draft.fits if id(f.source) in both)
    evidence = (pointer.evidence, "authors and year") if both else (pointer.evidence,)
    result = _pointed(Pointer(citation, fits if both else pointer.sources, pointer.evidence), works)
    others = (fit.source for fit in (draft.fits if len(both) < len(fitting) else ()) if id(fit.source) not in meant)
    losers = tuple((source.key, "the link leads to another work") for source in islice(others, _MOST_LOSERS))
    return replace(result, evidence=evidence, losers=losers)


def _pointed(pointer: Pointer, known: _Works) -> Cited:
    """Return what a key, link, address or name cites."""
    works = known.ordered(pointer.sources)
    if not works:
        why = "no-such-key" if pointer.citation.key else "not-in-the-bibliography"
        return Cited(pointer.citation, Missing(why=why), convincing=pointer.convincing)
    if len(works) == 1:
        return Cited(pointer.citation, Found(works[0], pointer.evidence), (pointer.evidence,))
    return Cited(pointer.citation, Ambiguous(works), (pointer.evidence,))


def _referring(citation: Citation, work: DefinedWork, known: _Works) -> Cited:
    """Return what a reference to a footnote cites that defines a work."""
    result = _pointed(Pointer(citation, work.sources, "its footnote"), known)
    return replace(result, evidence=("its footnote", work.evidence)) if work.sources else result


def _ordered(sources: Iterable[Source]) -> tuple[Source, ...]:
    return tuple(sorted(sources, key=lambda source: (source.key, source.span)))


_MOST_LOSERS = 3


def _authored(prose: Prose, drafts: list[Draft], pointed: list[Cited], bibliography: Bibliography) -> Iterator[Cited]:
    """Yield what author-year citations cite."""
    drafts = _without_named_in_full(drafts)
    decide = Decider(prose, drafts, pointed, bibliography)
    contested = _contested(drafts)
    decided: dict[tuple[_Form, int, str], _Answer] = {}  # the same form again means the same work
    among_many: dict[tuple[_Form, str, int], tuple[tuple[Fit, ...], _Answer]] = {}
    missed: dict[_Form, tuple[Missing[Source], tuple[tuple[str, str], ...]]] = {}
    for draft in drafts:
        if (
            draft.citation.suffix
            and draft.fits
            and _form(draft) in contested
            and draft.fits[0].source.suffix != draft.citation.suffix
        ):
            draft = replace(draft, fits=())  # noqa: PLW2901  # one work cannot be 2023a and 2023b: nobody knows which
        other = [fit.source for fit in draft.fits if other_title_behind(prose.plain, draft, fit.source)]
        if other:
            draft = ruling_out(draft, other, "the title behind it is another")  # noqa: PLW2901
        if not draft.fits and draft.ruled_out:
            yield Cited(draft.citation, *_ruled_out(draft))
            continue
        if not draft.fits:
            form = _form(draft)
            if form not in missed:
                missed[form] = _missing(draft, bibliography)
            missing, losers = missed[form]
            if draft.convincing or missing.near:
                yield Cited(draft.citation, missing, losers=losers[:_MOST_LOSERS], convincing=draft.convincing)
            continue
        if len(draft.fits) > MOST_WORKS and len(decide.works(draft)) > MOST_WORKS:
            # Of so many nothing but the form tells any apart.
            alike = _form(draft), draft.citation.suffix, id(draft.fits)
            if alike not in among_many:
                among_many[alike] = draft.fits, _decided(draft, decide(draft), bibliography)
            yield Cited(draft.citation, *among_many[alike][1])
            continue
        if len(draft.fits) > 1:
            yield Cited(draft.citation, *_decided(draft, decide(draft), bibliography))
            continue
        asked = _form(draft), id(draft.fits[0].source), draft.witness
        if asked not in decided:
            decided[asked] = _decided(draft, decide(draft), bibliography)
        yield Cited(draft.citation, *decided[asked])


def _ruled_out(draft: Draft) -> _Answer:
    """Return the answer where what stands beside a citation speaks against every source that fits it."""
    why = draft.ruled_out[0][1]
    losers = tuple((source.key, each) for source, each in draft.ruled_out)[:_MOST_LOSERS]
    if why == _NAMED_IN_FULL:
        return Missing(tuple(label(source) for source, _why in draft.ruled_out[:1]), "coauthors-differ"), (), losers
    return Missing(why=why.replace(" ", "-")), (), losers


_BOTH = 2
_NAMED_IN_FULL = "this page names both of its authors"


def _without_named_in_full(drafts: list[Draft]) -> list[Draft]:
    """Return the drafts, those with "et al." without works of two authors that the page names in full.

    Who writes "Hell & Poe 2003" does not write "Hell et al. 2003" for the same work: that is one that nobody has.
    """
    named = {
        id(draft.fits[0].source)
        for draft in drafts
        if len(draft.fits) == 1 and not draft.fits[0].et_al and draft.fits[0].named == len(draft.fits[0].source.names)
    }
    return (
        [draft if not draft.citation.et_al else _of_more_authors(draft, named) for draft in drafts] if named else drafts
    )


def _of_more_authors(draft: Draft, named: set[int]) -> Draft:
    gone = [
        fit.source
        for fit in draft.fits
        if id(fit.source) in named
        and fit.named == 1
        and len(fit.source.names) == _BOTH
        and "others" not in fit.source.fields
    ]
    return ruling_out(draft, gone, _NAMED_IN_FULL)


_Answer = tuple["Resolution[Source]", tuple[str, ...], tuple[tuple[str, str], ...]]
"""What is meant, the evidence, and who lost and why."""


def _decided(draft: Draft, decision: Decision, bibliography: Bibliography) -> _Answer:
    how = "authors and year" if draft.citation.names else "title and year"
    if draft.citation.names and draft.citation.title:
        how = "author, year and title"
    evidence = (how, *([draft.witness] if draft.witness else []), *decision.evidence)
    ruled_out = ((source.key, why) for source, why in draft.ruled_out)
    losers = (*ruled_out, *decision.losers, *_runners_up(draft, decision, bibliography))[:_MOST_LOSERS]
    works = decision.sources
    resolution: Resolution[Source]
    if decision.doubt == TOO_WEAK:
        losers = (*((source.key, "nothing else on the page speaks for it") for source in _ordered(works)), *losers)
        near = tuple(dict.fromkeys(map(label, _ordered(works))))
        return Missing(near[:_MOST_LOSERS], "weak-evidence"), (), losers[:_MOST_LOSERS]
    if len(works) > 1:
        resolution = Ambiguous(_ordered(works))
    elif decision.doubt:
        resolution = Ambiguous(tuple(works), decision.doubt)
    else:
        resolution = Found(works[0], ", ".join(evidence))
    return resolution, evidence, losers


_Form = tuple[tuple[str, ...], bool, str]


def _form(draft: Draft) -> _Form:
    """Return authors and year as printed."""
    return draft.citation.names, draft.citation.et_al, draft.citation.year


def _contested(drafts: list[Draft]) -> frozenset[_Form]:
    """Return the authors and years that are printed with several letters ("2023a,b") though only one work fits them."""
    letters: dict[_Form, set[str]] = {}
    for draft in drafts:
        if draft.citation.suffix and 0 < len(draft.fits) <= MOST_WORKS:
            letters.setdefault(_form(draft), set()).add(draft.citation.suffix)
    several = {form for form, found in letters.items() if len(found) > 1}
    return frozenset(
        _form(draft)
        for draft in drafts
        if _form(draft) in several and draft.fits and len(distinct_works([fit.source for fit in draft.fits])) == 1
    )


def _runners_up(draft: Draft, decision: Decision, bibliography: Bibliography) -> Iterator[tuple[str, str]]:
    """Yield works of the same first author that do not fit, each with the reason; only where there are few."""
    first = _first_word(draft)
    few = [namesakes for layer in bibliography.layers if len(namesakes := layer.by_author(first)) <= _FEW]
    if not any(few):
        return
    fitting = {id(fit.source) for fit in draft.fits} | {id(source) for source, _why in draft.ruled_out}
    keys = {fit.source.key for fit in draft.fits}
    for namesakes in few:
        for source in namesakes:
            if id(source) in fitting or source.key in keys or any(same_work(source, each) for each in decision.sources):
                continue
            if draft.citation.year in source.years:
                yield source.key, "its title is another" if draft.citation.title else "other authors"
            else:
                yield source.key, f"its year is {source.years[0]}" if source.years else "it has no year"


_FEW = 8


def _missing(draft: Draft, bibliography: Bibliography) -> tuple[Missing[Source], tuple[tuple[str, str], ...]]:
    """Return what comes near a citation that fits nothing: other years of its authors, or like names in its year."""
    citation = draft.citation
    pieces = draft.printed
    year = int(citation.year) if citation.year.isdigit() else 0
    other_letters: list[Source] = []
    other_years: list[tuple[int, str, Source]] = []
    other_authors: list[Source] = []
    word = _first_word(draft)
    for layer in bibliography.layers:
        for source in layer.by_author(word):
            if any(align(pieces, at, len(pieces), source) for at in range(min(len(pieces), _PARTICLES_BEFORE))):
                if citation.year in source.years:
                    other_letters.append(source)
                    continue
                away = min((abs(int(each) - year) for each in source.years if each.isdigit()), default=_FAR_AWAY)
                other_years.append((away, source.key, source))
            elif citation.year in source.years:
                other_authors.append(source)
    if other_letters:
        other_letters.sort(key=lambda source: source.key)
        why = "nothing says that it has this letter" if citation.suffix else "other authors"
        near = tuple(dict.fromkeys(label(source) for source in other_letters))
        losers = tuple((source.key, why) for source in other_letters)
        return Missing(near[:3], "letter-unknown" if citation.suffix else "coauthors-differ"), losers
    if other_years:
        other_years.sort(key=lambda near: near[:2])
        losers = tuple(
            (key, f"its year is {source.years[0]}" if source.years else "it has no year")
            for _away, key, source in other_years
        )
        near = tuple(dict.fromkeys(label(source) for _away, _key, source in other_years))
        return Missing(near[:3], "year-differs"), losers
    if other_authors:
        other_authors.sort(key=lambda source: source.key)
        losers = tuple((source.key, "other authors") for source in other_authors)
        near = tuple(dict.fromkeys(label(source) for source in other_authors))
        return Missing(near[:3], "coauthors-differ"), losers
    second = [source for layer in bibliography.layers for source in _by_second_author(layer, word, citation.year)]
    if second:
        near = tuple(dict.fromkeys(label(source) for source in second))
        who = citation.names[0] if citation.names else word
        losers = tuple((source.key, f"{who} is its second author") for source in second)
        return Missing(near[:3], "coauthors-differ"), losers
    return _near_names(citation, word, bibliography), ()


def _by_second_author(layer: Layer, word: str, year: str) -> Sequence[Source]:
    """Return the sources of this year whose second author's family name begins or ends with this folded word."""
    known = layer.memo.get("second authors")
    if known is None:
        found: dict[tuple[str, str], list[Source]] = {}
        for source in layer.sources:
            parts = folded(source.names[1]).core if len(source.names) > 1 else ()
            for end in {*parts[:1], *parts[-1:]}:
                for each in source.years:
                    found.setdefault((end, each), []).append(source)
        known = layer.memo["second authors"] = found
    return known.get((word, year), ())  # type: ignore[attr-defined, no-any-return]  # memo holds what its askers put there


_FAR_AWAY = 9999
_PARTICLES_BEFORE = 4


def _first_word(draft: Draft) -> str:
    """Return the first word of the names that is neither an initial nor a particle."""
    folded = [piece.folded[0] for piece in draft.printed if piece.folded and piece.folded[0] not in PARTICLES]
    return next((word for word in folded if len(word) > 1), folded[0] if folded else "")


def _near_names(citation: Citation, word: str, bibliography: Bibliography) -> Missing[Source]:
    """Return the suggestion of first authors of the same year whose names look alike."""
    if len(word) < _SHORTEST_NAME:
        return Missing(why="no-such-author")
    near: list[str] = []
    for layer in bibliography.layers:
        known = layer.memo.get(("near", word, citation.year))
        if not isinstance(known, tuple):
            names = layer.first_words_in(citation.year)
            like = nearest(word, names, limit=2, cutoff=_ALIKE) if names else ()
            known = tuple(
                label(source) for name in like for source in layer.by_author_and_year(name, citation.year)[:1]
            )
            layer.memo["near", word, citation.year] = known
        near += known
    return Missing(tuple(dict.fromkeys(near))[:3], "name-differs") if near else Missing(why="no-such-author")


_SHORTEST_NAME = 4
_ALIKE = 85.0


def label(source: Source) -> str:
    """Return a source as a citation would name it: "Hubinger et al. 2019"; its title where it has no author."""
    year = " " + source.years[0] + source.suffix if source.years else ""
    names = source.names
    if not names:
        return (source.title or source.key) + year
    if len(names) == 2:
        return f"{names[0].family} & {names[1].family}{year}"
    return names[0].family + (" et al." if len(names) > 2 else "") + year
