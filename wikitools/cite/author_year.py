"""Author-year citations as they are read from prose, with the sources whose authors and year agree."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wikitools.cite.alignment import EXACT, ONE_MORE, Fit, align, makes_another_name, may_be_particle
from wikitools.cite.author_fit import best_fits, dated
from wikitools.cite.author_list import NEVER_BEFORE_COMMA, name_span, read_organisation, read_shape
from wikitools.cite.before_date import NEAR, after_other_word, capitalise_known, pieces_before
from wikitools.cite.corroboration import confirmed
from wikitools.cite.cues import LIKELY, NO, PERHAPS, YES
from wikitools.cite.draft import Draft
from wikitools.cite.drafting import as_printed, group_of, locator_after, make_draft, squeezed
from wikitools.cite.handles import judge_handle, read_handle
from wikitools.cite.named_works import titles_of
from wikitools.cite.plausibility import is_plausible, judge, may_be_name
from wikitools.cite.printed_titles import may_be_venue
from wikitools.cite.references import read_item, read_reference
from wikitools.cite.tokens import (
    LABEL,
    NUMBER,
    REST,
    WORD,
    Piece,
    is_family,
    name_run,
    pieces_of,
    split_at_dashes,
)
from wikitools.sources.locators import locator_at
from wikitools.sources.names import words
from wikitools.sources.vocabulary import MONTHS, NOT_AUTHORS, PLACES, SENTENCE_WORDS, UNFINISHED
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.cite.dates import Date
    from wikitools.markdown.page import Page
    from wikitools.sources.source import Bibliography, Layer, Source


_AND = "and|und|et|y|e|&"
_BETWEEN = re.compile(rf"[ \x01]*[,;/]?[ \x01]*(?:{_AND})?[ \x01]*")
_REOPENED = re.compile(rf"[\])][ \x01]*[,;]?[ \x01]*(?:{_AND})?[ \x01]*[\[(]")
_LINE_START = re.compile(r"\n(?:[ ]{0,3}>[ ]?)+")


def draft_citations(page: Page, text: str, dates: Sequence[Date], bibliography: Bibliography) -> list[Draft]:
    """Return the author-year citations that end with `dates` in `text`, the plain prose of `page`, in order."""
    drafts: list[Draft] = []
    acronyms: dict[str, list[Piece]] = {}
    previous: Date | None = None
    last: Draft | None = None
    for number, date in enumerate(dates):
        after = dates[number + 1] if number + 1 < len(dates) else None
        if previous is not None and date.end <= previous.end:
            continue  # the last year of a range
        draft: Draft | None = None
        years = int(date.end - date.start > _YEAR)
        if after is not None and _is_range(text, date, after):
            years = int(after.year) - int(date.year) if after.year.isdigit() and date.year.isdigit() else 0
            date.end, date.lasts = after.end, True
        if previous is not None and last is not None and _continues(text, previous, date):
            draft = _continued(page, text, last, date, bibliography)
        else:
            lowest = max(date.block, previous.end if previous is not None else 0)
            draft = _ending_with(page, text, date, lowest, bibliography, acronyms=acronyms)
        if draft is not None and date.lasts and not _is_work_of_years(draft, years):
            draft = None
        if draft is not None:
            drafts.append(draft)
        last, previous = draft, date
    return confirmed(page, text, drafts)


_YEAR = 4
_LONGEST_GAP = 80
_LONGEST_WORK = 25


def _is_work_of_years(draft: Draft, years: int) -> bool:
    """Say whether "1986-2005" dates a work in several volumes: its authors have a work from the first year.

    "Alan Turing (1912-1954)" is a lifetime, which is longer.
    """
    if draft.citation.et_al and draft.lead == "bracket":
        return True  # "(Castroviejo et al. 1986-2005)": nobody's life
    return bool(draft.fits) and years > 0 and (draft.lead != "narrative" or years <= _LONGEST_WORK)


def _is_range(text: str, first: Date | None, second: Date) -> bool:
    """Say whether the two dates are the ends of "1912-1954"."""
    if first is None or second.follows or second.start - first.end > 3:
        return False
    return text[first.end : second.start].strip(" \x01") == "-"


def _continues(text: str, previous: Date, date: Date) -> bool:
    """Say whether there is only a locator and a separator between two dates: "1978, 1990a", "1897: 339, 1901: 84"."""
    if date.follows:
        return True
    if date.start - previous.end > _LONGEST_GAP:
        return False
    place = locator_at(text, previous.end) if date.opening == previous.opening else None
    gap = text[place[1] if place is not None and place[1] < date.start else previous.end : date.start]
    if place is not None and not gap.strip(" \x01"):
        return False
    if len(gap) > 14:
        return False
    return (_BETWEEN if date.opening == previous.opening else _REOPENED).fullmatch(gap) is not None


def _continued(page: Page, text: str, last: Draft, date: Date, bibliography: Bibliography) -> Draft | None:
    """Return the citation of another year of the authors before it."""
    year = date.year or last.citation.year
    citation = replace(
        last.citation,
        span=Span(page.path, date.start, date.end),
        text=squeezed(page.text[date.start : date.end]),
        year=year,
        suffix=date.suffix,
        locator=locator_after(page, text, date.end),
        group=group_of(page, date),
    )
    fits, _start = best_fits(last.printed, 0, len(last.printed), replace(date, year=year), bibliography)
    if not fits and year in UNFINISHED:
        return None
    draft = Draft(citation, fits, last.printed, last.lead, replace(date, year=year))
    return draft if fits else replace(draft, convincing=last.convincing, perhaps=last.perhaps, likely=last.likely)


def _ending_with(
    page: Page, text: str, date: Date, lowest: int, bibliography: Bibliography, *, acronyms: dict[str, list[Piece]]
) -> Draft | None:
    """Return the citation whose year or other date is `date` and whose names stand after `lowest`, if there is one.

    `acronyms` holds the names that the page has explained so far; new ones are added.
    """
    if after_other_word(text, date, lowest, bibliography):
        return None
    pieces, end, lead, acronym = pieces_before(text, date, lowest)
    if end == 0:
        return read_item(page, text, date, lowest, bibliography)
    capitalise_known(pieces, end, date, bibliography)
    run = name_run(pieces, end, bibliography.particles())
    fits: tuple[Fit, ...] = ()
    start = end
    if run < end:
        fits, start = _with_particle(pieces, *best_fits(pieces, run, end, date, bibliography))
        if fits and acronym:
            acronyms[acronym] = pieces[start:end]
        elif not fits and pieces[end - 1].folded and (full := acronyms.get(pieces[end - 1].folded[0])):
            fits, _start = best_fits(full, 0, len(full), date, bibliography)
            if fits:
                return replace(make_draft(page, text, date, pieces[end - 1 : end], lead=lead, fits=fits), printed=full)
    if not fits and run < end and any("-" in piece.text[1:-1] for piece in pieces[run:end]):
        apart = split_at_dashes(pieces[run:end])
        fits, first = best_fits(apart, 0, len(apart), date, bibliography)
        if fits and fits[0].named > 1 and fits[0].rank <= ONE_MORE:
            return make_draft(page, text, date, apart[first:], lead=lead, fits=fits)
        fits = ()
    if not fits and lead == "bracket":
        fits, whole = _whole_place(text, date, lowest, bibliography)
        if fits:
            return make_draft(page, text, date, whole, lead=lead, fits=fits)
    if fits:
        if not is_plausible(pieces, start, end, lead, fits[0]):
            fits = _perhaps_dates(text, date, pieces, start, fits) if lead == "bracket" else ()
            if not fits:
                return None
        if _is_another_author(pieces, start, lead):
            fits = tuple(replace(fit, guess="another-name-before-it") for fit in fits)
        return make_draft(page, text, date, pieces[start:end], lead=lead, fits=fits)
    if lead == "bracket" and (around := _around_title(page, text, date, lowest, bibliography)) is not None:
        return around
    if (reference := read_reference(page, text, date, lowest, bibliography)) is not None:
        return reference
    shape = read_shape(pieces, run, end) if run < end else None
    if lead == "bracket" and (shape is None or (not shape.et_al and len(shape.spans) == 1)):
        shape = read_organisation(pieces, end) or shape
    if shape is None:
        handle = read_handle(pieces, end, date.year) if lead == "bracket" else None
        looks = NO if handle is None else judge_handle(handle, page, bibliography)
        if handle is None or looks == NO:
            return None
        return _looking(make_draft(page, text, date, [handle], lead=lead, fits=()), looks)
    known = _works_titled(pieces[shape.start : end], bibliography)
    by_title = tuple(Fit(source, EXACT, 1, False) for source in known if date.year in source.years)
    if known and not by_title:
        return None
    if by_title:  # "Progress and Poverty (1879)": two capitals and an "and", but nobody's names
        draft = make_draft(page, text, date, pieces[shape.start : end], lead=lead, fits=by_title)
        title = as_printed(page, text, *name_span(pieces[shape.start : end]))
        return replace(draft, citation=replace(draft.citation, names=(), title=title))
    looks = judge(pieces, shape, date, bibliography, lead=lead, text=text, written=page.text)
    slip = lead == "narrative" and date.year.isdigit() and end - shape.start == 1 and may_be_name(pieces[shape.start])
    if looks == NO and not slip:
        return None
    draft = make_draft(page, text, date, pieces[shape.start : end], lead=lead, fits=(), spans=shape.spans)
    return _looking(draft, looks)


def _looking(draft: Draft, looks: str) -> Draft:
    """Note in a new citation that fits no source how much it looks like one, and return it."""
    draft.convincing, draft.perhaps, draft.likely = looks == YES, looks in (LIKELY, PERHAPS), looks == LIKELY
    return draft


def _perhaps_dates(text: str, date: Date, pieces: list[Piece], start: int, fits: tuple[Fit, ...]) -> tuple[Fit, ...]:
    """Return the fits of a name that is a month, too: certain beside other citations, alone in a bracket only possible.

    "(March 1991; Simon 1957)" cites March, "(March 1991)" may be a date, and "(in March 1991)" is one.
    """
    if not start or pieces[start - 1].kind not in ("(", "[", ";"):
        return ()
    if ";" in text[date.opening : date.closing if date.closing >= 0 else date.end]:
        return fits
    return tuple(replace(fit, guess="may-be-a-date") for fit in fits)


def _is_another_author(pieces: list[Piece], start: int, lead: str) -> bool:
    """Say whether one more family name fills the place between the bracket and the names: "(Moss, Kerr 1985)".

    Words such as "As" may be names even where a sentence begins: "As, Moss & Kerr (1985)".
    """
    if start < _NAME_AND_COMMA or pieces[start - 1].kind != ",":
        return False
    name = pieces[start - 2]
    before = pieces[start - 3].kind if start > _NAME_AND_COMMA else ""
    if name.kind != WORD or not is_family(name.text):
        return False
    if not NEVER_BEFORE_COMMA.isdisjoint(name.folded):
        return before in ("", "(", "[", ";") or before in _SENTENCE_STARTS
    return lead == "bracket" and before in ("", "(", "[", ";") and _NO_AUTHOR.isdisjoint(name.folded)


_NAME_AND_COMMA = 2
_NO_AUTHOR = SENTENCE_WORDS | NOT_AUTHORS | MONTHS | PLACES


def _with_particle(pieces: list[Piece], fits: tuple[Fit, ...], start: int) -> tuple[tuple[Fit, ...], int]:
    """Return the fits without those whose names do not have the particle before the names, and where the names start.

    A sentence may begin with such a word, "Da Pell (2007) …", so there it makes the others only possible.
    """
    if not fits or not start or not may_be_particle(pieces[start - 1]):
        return fits, start
    others = {
        id(fit.source)
        for fit in fits
        if fit.source.names and makes_another_name(pieces[start - 1], fit.source.names[0])
    }
    if not others:
        # The very same tuple: what was found out about its sources is remembered by it.
        return fits, start
    if len(others) < len(fits):
        return tuple(fit for fit in fits if id(fit.source) not in others), start
    if start > 1 and pieces[start - 2].kind not in _SENTENCE_STARTS:
        return (), len(pieces)
    return tuple(replace(fit, guess="particle-may-belong-to-the-name") for fit in fits), start - 1


_SENTENCE_STARTS = frozenset((".", ":", "|", LABEL))


def _works_titled(printed: list[Piece], bibliography: Bibliography) -> Sequence[Source]:
    """Return the works with this title; two words may be a person's name."""
    form = tuple(word for piece in printed for word in (("and",) if piece.kind == "&" else piece.folded))
    if len(form) < _SHORTEST_WHOLE_TITLE:
        return ()
    return next((known for layer in bibliography.layers if (known := layer.find(titles_of, form))), ())


_SHORTEST_WHOLE_TITLE = 3


def _around_title(page: Page, text: str, date: Date, lowest: int, bibliography: Bibliography) -> Draft | None:
    """Return the citation that has a title in its bracket, or where the work appeared: "Orr et al. (On kelp, 2019)"."""
    if date.opening < lowest or date.start - date.opening > _LONGEST_PLACE:
        return None
    inside = words(text[date.opening + 1 : date.start])
    if len(inside) < _SHORTEST_TITLE:
        return None
    pieces = pieces_of(text, max(lowest, date.opening - NEAR), date.opening)
    end = len(pieces)
    run = name_run(pieces, end)
    fits, start = best_fits(pieces, run, end, date, bibliography) if run < end else ((), end)
    if not fits:
        return None
    draft = make_draft(page, text, date, pieces[start:end], lead="narrative", fits=fits)
    if there := tuple(fit for fit in fits if may_be_venue(fit.source, inside)):
        return replace(draft, fits=there)
    same = tuple(fit for fit in fits if _same_beginning(inside, words(fit.source.title)))
    if not same and not (fits[0].et_al or fits[0].named > 1):
        return None
    draft = replace(draft, fits=same)
    title = squeezed(page.text[date.opening + 1 : date.start].rstrip(" ,*_"))
    return replace(draft, citation=replace(draft.citation, title=title.lstrip('*_"“')))


def _same_beginning(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Say whether one of two titles is the start of the other."""
    shorter = min(len(one), len(other))
    return shorter >= _SHORTEST_TITLE and one[:shorter] == other[:shorter]


_SHORTEST_TITLE = 2


_FIRST_WORD = re.compile(r"[ \x01\"'“”„«»]{0,4}(?:[Tt]he[ \x01])?([^\W_]+(?:-[^\W_]+){0,3})")
_LONGEST_PLACE = 400


def _whole_place(text: str, date: Date, lowest: int, bibliography: Bibliography) -> tuple[tuple[Fit, ...], list[Piece]]:
    """Return the fits of a title or organisation that fills its place in a bracket, and its pieces.

    The place runs from the bracket or the last `;` to the date: ("On sheep: a study", n.d.).
    """
    begin = max(date.opening + 1, lowest)
    if date.opening < 0 or date.start - begin > _LONGEST_PLACE:
        return (), []
    begin = max(begin, text.rfind(";", begin, date.start) + 1)
    first = _FIRST_WORD.match(text, begin, date.start)
    if first is None or not (folded := words(first[1])):
        return (), []
    word = folded[0]
    found: list[tuple[Fit, ...]] = []
    pieces: list[Piece] = []
    for layer in bibliography.layers:
        known = dated(layer, word, date)
        if not known:
            continue
        if not pieces:
            pieces = pieces_of(text, first.start(1), date.start)
            if any(piece.kind == REST for piece in pieces):
                return (), []  # neither a title nor one organisation is "et al."
            pieces = _trimmed(pieces)
        fits = _filling(pieces, known, layer)
        if fits:
            found.append(fits)
    return (found[0], pieces) if found else ((), [])


def _filling(pieces: list[Piece], known: Sequence[Source], layer: Layer) -> tuple[Fit, ...]:
    """Return the fits of sources known by a title or an organisation; cached, because words are often repeated."""
    asked = ("filling", id(known), *((piece.kind, piece.text) for piece in pieces))
    bodies = (source for source in known if not source.names or not source.names[0].given)
    fits = (fit for source in bodies if (fit := align(pieces, 0, len(pieces), source)) is not None)
    return layer.remember(asked, lambda: tuple(fits))


def _trimmed(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces without the signs before the date."""
    end = len(pieces)
    while end and not pieces[end - 1].folded and pieces[end - 1].kind != NUMBER:
        end -= 1
    return pieces[:end]
