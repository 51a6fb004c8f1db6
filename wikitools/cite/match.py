"""Which sources the citations of a page mean, on what evidence, and why the runners-up lost."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from wikitools.cite import prefilter
from wikitools.cite.alignment import DOUBTFUL, align, makes_another_name
from wikitools.cite.author_year import draft_citations
from wikitools.cite.citation import UNSOUGHT, Cited
from wikitools.cite.dates import find_dates
from wikitools.cite.defined_works import DefinedWorks, ruling_out
from wikitools.cite.disambiguate import MOST_WORKS, TOO_WEAK, Decider, Decision
from wikitools.cite.footnotes import footnoted
from wikitools.cite.keys_and_links import Pointer, addressed, keyed, noted
from wikitools.cite.meanings import settled
from wikitools.cite.mentions import mentions
from wikitools.cite.named_works import Named, named_citations, near_titles
from wikitools.cite.pointed import MOST_LOSERS, Works, merged, ordered, pointed_work, referring_work
from wikitools.cite.printed_titles import contradicted_by_title
from wikitools.cite.prose import Prose
from wikitools.cite.tokens import REST
from wikitools.sources.names import PARTICLES, folded, words
from wikitools.sources.questions import finds_sources
from wikitools.sources.same_work import distinct_works, group_surely, same_work
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Resolution, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wikitools.cite.alignment import Fit
    from wikitools.cite.citation import Citation
    from wikitools.cite.draft import Draft, Form
    from wikitools.cite.tokens import Piece
    from wikitools.markdown.page import Page, Wikilink
    from wikitools.sources.source import Bibliography, Layer, Source


def cite_page(
    page: Page,
    bibliography: Bibliography,
    *,
    note_of: Callable[[Wikilink], str | None],
    hidden: Iterable[tuple[int, int]] = (),
    means: Mapping[str, str] | None = None,
    runners_up: bool = True,
) -> tuple[Cited, ...]:
    """Return the citations of `page`, in order, each with the source it means.

    `note_of` gives the path of the page a wikilink leads to; `hidden` ranges have no citations. Evidence, strongest
    first: a key or a link to the source's note; a URL, DOI or arXiv id; a name or title; author names, year and letter.
    `means` decides what these leave open: keys of sources by citations as they are printed. Without `runners_up`, they
    are not looked for where a source is found: whom that answer concerns depends on every work of its author.
    """
    if "\r" in page.text:
        # How lines end means nothing, and all offsets stay as they are.
        page = replace(page, text=page.text.replace("\r\n", " \n"))
    prose = Prose(page, tuple(hidden))
    # First what may need other pages: if these are not known yet, nothing else is done in vain.
    to_notes = noted(page, bibliography, note_of, prose.hidden)
    pointers = [*to_notes, *keyed(prose, bibliography), *addressed(prose, bibliography)]
    # Before the others, as it may read all of the page.
    named = named_citations(prose, bibliography)
    drafts = _drafted(prose, bibliography)
    # The name of a work may look like authors and a year that fit no source: "(Orr et al. 2025)".
    called = {each.citation.span for each in named if each.sources}
    drafts = [draft for draft in drafts if draft.fits or draft.citation.span not in called]
    named = _apart_from_authors(named, drafts)
    works = Works()
    defined = DefinedWorks(prose, drafts, pointers, bibliography) if page.footnotes else None
    if defined is not None:
        pointers = [
            each for each in pointers if each.sources or each.citation.key or defined.holds(each.citation.span) is None
        ]
    drafts, pointed = merged(prose, drafts, pointers, works) if pointers else (drafts, [])
    referring: list[Cited] = []
    if defined is not None:
        drafts = [defined.weighed(draft) for draft in drafts]
        referring = [referring_work(citation, work, works) for citation, work in defined.references()]
    cited = [*pointed]
    cited += _authored(prose, drafts, [*pointed, *referring], bibliography, runners_up=runners_up) if drafts else ()
    cited += [
        pointed_work(Pointer(each.citation, each.sources, each.evidence), works)
        if each.sources
        else Cited(each.citation, Missing(near_titles(each.citation.title, bibliography), "not-in-the-bibliography"))
        for each in named
    ]
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
    return tuple(sorted(_without_itself(page, cited, bibliography), key=_place))


def _apart_from_authors(named: Sequence[Named], drafts: list[Draft]) -> list[Named]:
    """Return the citations by name that are not by author and year, too; if a name is both, it chooses what fits."""
    apart: list[Named] = []
    at = {draft.citation.span: number for number, draft in enumerate(drafts)} if named else {}
    for each in named:
        number = at.get(each.citation.span)
        if number is None:
            apart.append(each)
            continue
        called = {id(source) for source in each.sources}
        if fits := tuple(fit for fit in drafts[number].fits if id(fit.source) in called):
            drafts[number] = replace(drafts[number], fits=fits, witness=each.evidence)
    return apart


def _without_itself(page: Page, cited: Iterable[Cited], bibliography: Bibliography) -> Iterable[Cited]:
    """Return the citations without those of the works that a page is the note on."""
    own = bibliography.by_note(page.path)
    if not own:
        return cited
    count = len(group_surely(own))
    return [
        each
        for each in cited
        if not isinstance(each.resolution, Found) or len(group_surely((*own, each.resolution.target))) > count
    ]


def _drafted(prose: Prose, bibliography: Bibliography) -> list[Draft]:
    """Return the author-year citations of a page; only the text around possible dates is read."""
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


def _authored(
    prose: Prose, drafts: list[Draft], pointed: list[Cited], bibliography: Bibliography, *, runners_up: bool
) -> Iterator[Cited]:
    """Yield what author-year citations cite."""
    drafts = _without_named_in_full(drafts)
    decide = Decider(prose, drafts, pointed, bibliography)
    decided_of = partial(_decided, bibliography=bibliography, runners_up=runners_up)
    contested = _contested(drafts)
    decided: dict[tuple[Form, int, str], _Answer] = {}  # the same form again means the same work
    among_many: dict[tuple[Form, str, int], tuple[tuple[Fit, ...], _Answer]] = {}
    missed: dict[Form, tuple[Missing[Source], tuple[tuple[str, str], ...]]] = {}
    for draft in drafts:
        if (
            draft.citation.suffix
            and draft.fits
            and draft.form in contested
            and draft.fits[0].source.suffix != draft.citation.suffix
        ):
            draft = replace(draft, fits=())  # noqa: PLW2901  # one work cannot be both 2023a and 2023b
        if other := contradicted_by_title(prose, draft):
            draft = ruling_out(draft, [source for source, _why in other], other[0][1])  # noqa: PLW2901
        if not draft.fits and draft.ruled_out:
            yield Cited(draft.citation, *_ruled_out(draft))
            continue
        if not draft.fits:
            form = draft.form
            if form not in missed:
                missed[form] = _missing(draft, bibliography)
            missing, losers = missed[form]
            if draft.convincing or missing.near:
                yield Cited(draft.citation, missing, losers=losers[:MOST_LOSERS], convincing=draft.convincing)
            continue
        if len(draft.fits) > MOST_WORKS and len(decide.works(draft)) > MOST_WORKS:
            # Among so many, only the citation itself can decide.
            alike = draft.form, draft.citation.suffix, id(draft.fits)
            if alike not in among_many:
                among_many[alike] = draft.fits, decided_of(draft, decide(draft))
            yield _cited(draft, among_many[alike][1])
            continue
        if len(draft.fits) > 1 or draft.fits[0].guess:
            yield _cited(draft, decided_of(draft, decide(draft)))
            continue
        asked = draft.form, id(draft.fits[0].source), draft.witness
        if asked not in decided:
            decided[asked] = decided_of(draft, decide(draft))
        yield _cited(draft, decided[asked])


def _cited(draft: Draft, answer: _Answer) -> Cited:
    """Return the citation with its answer; no source and the end of a longer name, "Science Robotics 2026", is none."""
    resolution, evidence, losers = answer
    is_end = isinstance(resolution, Missing) and draft.fits[0].rank >= DOUBTFUL
    return Cited(draft.citation, resolution, evidence, losers, convincing=not is_end)


def _ruled_out(draft: Draft) -> _Answer:
    """Return the answer if what is beside a citation speaks against every source that fits it."""
    why = draft.ruled_out[0][1]
    losers = tuple((source.key, each) for source, each in draft.ruled_out)[:MOST_LOSERS]
    if why == _NAMED_IN_FULL:
        return Missing(tuple(label(source) for source, _why in draft.ruled_out[:1]), "coauthors-differ"), (), losers
    return Missing(why=why.replace(" ", "-")), (), losers


_BOTH = 2
_NAMED_IN_FULL = "this page names both of its authors"


def _without_named_in_full(drafts: list[Draft]) -> list[Draft]:
    """Return the drafts; those with "et al." lose works of two authors that the page names in full.

    A page with "Hell & Poe 2003" does not call the same work "Hell et al. 2003"; that one is not in the bibliography.
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
"""What is meant, the evidence, and which sources lost and why."""


def _decided(draft: Draft, decision: Decision, bibliography: Bibliography, *, runners_up: bool) -> _Answer:
    how = "authors and year" if draft.citation.names else "title and year"
    if draft.citation.names and draft.citation.title:
        how = "author, year and title"
    evidence = (how, *([draft.witness] if draft.witness else []), *decision.evidence)
    losers = UNSOUGHT
    if runners_up or decision.doubt == TOO_WEAK:
        ruled_out = ((source.key, why) for source, why in draft.ruled_out)
        losers = (*ruled_out, *decision.losers, *_runners_up(draft, decision, bibliography))[:MOST_LOSERS]
    works = decision.sources
    resolution: Resolution[Source]
    if decision.doubt == TOO_WEAK:
        losers = (*((source.key, "nothing else on the page speaks for it") for source in ordered(works)), *losers)
        near = tuple(dict.fromkeys(map(label, ordered(works))))
        return Missing(near[:MOST_LOSERS], "weak-evidence"), (), losers[:MOST_LOSERS]
    if len(works) > 1:
        resolution = Ambiguous(ordered(works))
    elif decision.doubt:
        resolution = Ambiguous(tuple(works), decision.doubt)
    else:
        resolution = Found(works[0], ", ".join(evidence))
    return resolution, evidence, losers


def _contested(drafts: list[Draft]) -> frozenset[Form]:
    """Return the authors and years that are printed with several letters ("2023a,b") though only one work fits them."""
    letters: dict[Form, set[str]] = {}
    for draft in drafts:
        if draft.citation.suffix and 0 < len(draft.fits) <= MOST_WORKS:
            letters.setdefault(draft.form, set()).add(draft.citation.suffix)
    several = {form for form, found in letters.items() if len(found) > 1}
    return frozenset(
        draft.form
        for draft in drafts
        if draft.form in several and draft.fits and len(distinct_works([fit.source for fit in draft.fits])) == 1
    )


def _runners_up(draft: Draft, decision: Decision, bibliography: Bibliography) -> Iterator[tuple[str, str]]:
    """Yield works of the same first author that do not fit, each with the reason; only where there are few."""
    first = _first_word(draft, bibliography)
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
    """Return suggestions for a citation that fits nothing: other years of its authors, or similar names in its year."""
    citation = draft.citation
    pieces = draft.printed
    year = int(citation.year) if citation.year.isdigit() else 0
    other_letters: list[Source] = []
    other_names: list[Source] = []
    other_years: list[tuple[int, str, Source]] = []
    other_authors: list[Source] = []
    word = _first_word(draft, bibliography)
    for layer in bibliography.layers:
        for source in layer.by_author(word):
            if any(align(pieces, at, len(pieces), source) for at in range(min(len(pieces), _PARTICLES_BEFORE))):
                if citation.year in source.years:
                    (other_names if _has_other_particle(pieces, source) else other_letters).append(source)
                    continue
                away = min((abs(int(each) - year) for each in source.years if each.isdigit()), default=_FAR_AWAY)
                other_years.append((away, source.key, source))
            elif citation.year in source.years:
                other_authors.append(source)
    if other_names:
        other_names.sort(key=lambda source: source.key)
        return _suggested("name-differs", ((each, f"its author is {each.names[0].family}") for each in other_names))
    if other_letters:
        other_letters.sort(key=lambda source: source.key)
        why = "nothing says that it has this letter" if citation.suffix else "other authors"
        reason = "letter-unknown" if citation.suffix else "coauthors-differ"
        return _suggested(reason, ((source, why) for source in other_letters))
    if other_years:
        other_years.sort(key=lambda near: near[:2])
        of_years = (
            (each, f"its year is {each.years[0]}" if each.years else "it has no year") for *_, each in other_years
        )
        return _suggested("year-differs", of_years)
    if other_authors:
        other_authors.sort(key=lambda source: source.key)
        return _suggested("coauthors-differ", ((source, _why_others(pieces, source)) for source in other_authors))
    second = [source for layer in bibliography.layers for source in _by_second_author(layer, word, citation.year)]
    if second:
        who = citation.names[0] if citation.names else word
        return _suggested("coauthors-differ", ((source, f"{who} is its second author") for source in second))
    return _near_names(citation, word, bibliography), ()


def _has_other_particle(pieces: list[Piece], source: Source) -> bool:
    """Say whether a particle before the printed names makes them another's than the first author of a source."""
    core = next((at for at, piece in enumerate(pieces) if piece.folded[:1] not in _PARTICLES), 0)
    return core > 0 and bool(source.names) and makes_another_name(pieces[core - 1], source.names[0])


_PARTICLES = frozenset((word,) for word in PARTICLES)


def _why_others(pieces: list[Piece], source: Source) -> str:
    """Return why a source from the right year by the first author does not fit the printed names."""
    if pieces and pieces[-1].kind == REST and align(pieces, 0, len(pieces) - 1, source) is not None:
        return "it has one author" if len(source.names) == 1 else "it has no more authors"
    return "other authors"


def _suggested(why: str, sources: Iterable[tuple[Source, str]]) -> tuple[Missing[Source], tuple[tuple[str, str], ...]]:
    """Return the sources that a citation misses, each with the reason; an entry and the note on it are one."""
    told = tuple(sources)
    near = tuple(dict.fromkeys(label(source) for source, _reason in told))
    return Missing(near[:3], why), tuple(dict.fromkeys((source.key, reason) for source, reason in told))


def _by_second_author(layer: Layer, word: str, year: str) -> Sequence[Source]:
    """Return the sources of this year whose second author's family name begins or ends with this folded word."""
    return layer.find(_second_authors, (word, year))


@finds_sources
def _second_authors(source: Source) -> Iterator[tuple[str, str]]:
    parts = folded(source.names[1]).core if len(source.names) > 1 else ()
    yield from ((end, year) for end in {*parts[:1], *parts[-1:]} for year in source.years)


_FAR_AWAY = 9999
_PARTICLES_BEFORE = 4


def _first_word(draft: Draft, bibliography: Bibliography) -> str:
    """Return the first word of the names by which an author is known, no initial or particle; else the family name's.

    That is the last word of two, "Eric A. Posner", if no author's name starts with the first.
    """
    folded = [piece.folded[0] for piece in draft.printed if piece.folded and piece.folded[0] not in PARTICLES]
    first = next((word for word in folded if len(word) > 1), folded[0] if folded else "")
    named = [word for word in words(draft.citation.names[0]) if len(word) > 1] if draft.citation.names else []
    if len(named) != _WITH_GIVEN_NAME or any(layer.has_author(first) for layer in bibliography.layers):
        return first
    return named[-1]


_WITH_GIVEN_NAME = 2


def _near_names(citation: Citation, word: str, bibliography: Bibliography) -> Missing[Source]:
    """Return a suggestion: first authors from the same year whose names look similar."""
    if len(word) < _SHORTEST_NAME:
        return Missing(why="no-such-author")
    near: list[str] = []
    for layer in bibliography.layers:
        layer.first_words_in(citation.year)
        near += layer.remember(("near", word, citation.year), partial(_labels_near, word, citation.year, layer))
    return Missing(tuple(dict.fromkeys(near))[:3], "name-differs") if near else Missing(why="no-such-author")


def _labels_near(word: str, year: str, layer: Layer) -> tuple[str, ...]:
    names = layer.first_words_in(year)
    like = nearest(word, names, limit=2, cutoff=_ALIKE) if names else ()
    return tuple(label(source) for name in like for source in layer.by_author_and_year(name, year)[:1])


_SHORTEST_NAME = 4
_ALIKE = 85.0


def label(source: Source) -> str:
    """Return a source as a citation would name it: "Hubinger et al. 2019", or its title if it has no author."""
    year = " " + source.years[0] + source.suffix if source.years else ""
    names = source.names
    if not names:
        return (source.title or source.key) + year
    if len(names) == 2:
        return f"{names[0].family} & {names[1].family}{year}"
    return names[0].family + (" et al." if len(names) > 2 else "") + year
