"""Citations that print the title of their work between authors and date, as references do."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wikitools.cite.author_fit import best_fits
from wikitools.cite.author_list import Shape, read_shape
from wikitools.cite.before_date import NEAR
from wikitools.cite.cues import Cues
from wikitools.cite.drafting import make_draft, squeezed
from wikitools.cite.lookalikes import appeared_in
from wikitools.cite.printed_titles import WITHIN, is_other, may_be_venue
from wikitools.cite.reference_form import ITEM_MARK
from wikitools.cite.titled import MARKED_TITLE, titled_works
from wikitools.cite.tokens import REST, SMALL, WORD, name_run, pieces_of
from wikitools.sources.names import is_cjk, words
from wikitools.sources.same_work import VENUES
from wikitools.sources.source import Bibliography
from wikitools.sources.vocabulary import BEFORE_AUTHORS, SAYING, SENTENCE_WORDS
from wikitools.text import Span

if TYPE_CHECKING:
    from wikitools.cite.alignment import Fit
    from wikitools.cite.dates import Date
    from wikitools.cite.draft import Draft
    from wikitools.cite.titled import Titled
    from wikitools.cite.tokens import Piece
    from wikitools.markdown.page import Page

_ITEM = re.compile(
    rf"{ITEM_MARK}(?P<names>[^*_\"“”«\[\](){{}}|]{{3,200}}?)(?P<sign>[,.:·，]|\s[—–-])\s*{MARKED_TITLE}(?P<rest>[^|]{{0,200}})\Z"
)
"""A list item, footnote or paragraph up to a date, if it begins with names and a title."""
_FAMILY = r"[^\W\d_][\w'’-]+(?: [^\W\d_][\w'’-]+)?"
_VANCOUVER = rf"{_FAMILY} [A-Z]{{1,3}}(?:, {_FAMILY} [A-Z]{{1,3}})*(?:,? et al)?"
_INITIALS = r"[A-Z]\.(?:[ -]?[A-Z]\.){0,3}"
_NATURE = rf"{_FAMILY}, {_INITIALS}(?:,? (?:(?:&|and|und|et|y) )?{_FAMILY}, {_INITIALS})*(?:,? et al\.)?"
_PLAIN_ITEM = re.compile(
    rf"{ITEM_MARK}(?P<names>{_VANCOUVER}(?=\.)|{_NATURE})\.?\s*"
    # A sentence: "Eric A. Posner & E. Glen Weyl" has no word in lower case.
    r"(?P<title>(?![\sa-z])(?=[^.]* [a-z]{3})[^*_\"“«\[\].|\n]{6,250})[.?!]\s(?P<rest>[^|]{0,200})\Z"
)
"""The same with authors as in medicine or in *Nature*, after whom a title needs no marks."""
_REVERSED = re.compile(r"[^\W\d_][\w'’-]+(?:,? [A-Z]{1,3},|, [A-Z])")
"""How a paragraph begins that is a reference: "Orr, Ann", "Orr A, Pim B"."""
_LONGEST_ITEM = 600
_EMPHASIS_ENDS = re.compile(r"(?:\*(?!\*)|_(?!\w))")
_QUANTITY = re.compile(r"\W*\d[\d.,]*\s?[^\W\d_A-Z]")
"""What is measured, not a title: "Rictor MW: “190 kDa”"."""
_LEADS_ELSEWHERE = BEFORE_AUTHORS | SAYING


def read_reference(page: Page, text: str, date: Date, lowest: int, bibliography: Bibliography) -> Draft | None:
    """Return the citation that prints authors, title and date of a work; `text` is the plain prose of `page`.

    The work may have another title in the bibliography, or not be there; if nothing is known of it, authors and title
    have to look like those of a reference. Names come after `lowest`.
    """
    titled = titled_works(page, text, date, bibliography)
    if titled is not None and titled.start < lowest:
        titled = None
    if titled is not None and titled.fits:
        return _with_title(page, text, date, lowest, titled)
    if (item := read_item(page, text, date, lowest, bibliography)) is not None:
        return item
    before = titled and _before_title(page, text, date, lowest, titled, bibliography=bibliography)
    return before or _in_venue(page, text, date, lowest, bibliography)


def _with_title(page: Page, text: str, date: Date, lowest: int, titled: Titled) -> Draft:
    """Return the citation that begins with a title, or with the author list right before it."""
    pieces = pieces_of(text, max(lowest, titled.start - NEAR), titled.start)
    end = len(pieces)
    while end and (pieces[end - 1].kind in ",'(" or pieces[end - 1].text == "s"):
        end -= 1
    sources = Bibliography(fit.source for fit in titled.fits)
    run = name_run(pieces, end)
    fits, first = best_fits(pieces, run, end, date, sources) if run < end else ((), end)
    start = pieces[first].start if fits else titled.start
    printed = pieces[first:end] if fits else pieces_of(text, titled.start, date.start)
    lead = "narrative" if start < date.opening else "bracket"
    draft = make_draft(page, text, date, printed, lead=lead, fits=titled.fits)
    span = Span(page.path, start, draft.citation.span.end)
    names = draft.citation.names if fits else ()
    citation = replace(draft.citation, span=span, text=squeezed(span.of(page.text)), title=titled.title, names=names)
    return replace(draft, citation=citation)


def _before_title(
    page: Page, text: str, date: Date, lowest: int, titled: Titled, *, bibliography: Bibliography
) -> Draft | None:
    """Return the citation whose authors and title stand right before its date.

    "Ann Orr, *On kelp* (1984)", and in notes "Ann Orr, *On kelp* (Leeds: Press, 1984)", "Orr's *On kelp* (1984)". What
    looks like a title may be the journal: "Orr et al., *Nature* 2013".
    """
    pieces = pieces_of(text, max(lowest, titled.start - NEAR), titled.start)
    end = len(pieces)
    if not end or not (pieces[end - 1].kind == "," or pieces[end - 1].text.endswith("'s")):
        return None
    # Nothing but blanks before the year: rather a journal.
    is_bare = page.text[titled.start : date.start].rstrip().endswith(("*", "_"))
    return _named(page, text, date, pieces, titled.title, is_bare=is_bare, bibliography=bibliography)


def _in_venue(page: Page, text: str, date: Date, lowest: int, bibliography: Bibliography) -> Draft | None:
    """Return the citation that has where the work appeared between authors and date: "Orr et al., Nat Moss 2013".

    Only "et al." shows that authors end there, or a bracket behind several who have a work of that year: "Orr and Pim
    (Silt 2013)".
    """
    pieces = pieces_of(text, max(lowest, date.start - NEAR), date.start)
    end = len(pieces)
    while end and pieces[end - 1].kind == ",":
        end -= 1
    at = end
    while at and (pieces[at - 1].kind in (WORD, "&", "-", ".") or pieces[at - 1].folded[:1] in _SMALL_IN_VENUES):
        at -= 1
    venue = [word for piece in pieces[at:end] for word in piece.folded]
    if not venue or len(venue) > _LONGEST_VENUE or venue[0] in SENTENCE_WORDS or is_cjk(pieces[at].text):
        return None
    if pieces[end - 1].kind == "-":
        return None  # a number: "Orr et al. RNF-1535"
    stop = at
    in_bracket = stop > 0 and pieces[stop - 1].kind in "(["
    if in_bracket and text[date.end : date.end + 2].lstrip(" \x01")[:1].isalnum():
        return None  # "Orr et al. (GBD 2016 Collaborators)"
    while stop and pieces[stop - 1].kind in ",([":
        stop -= 1
    run = name_run(pieces, stop, bibliography.particles()) if stop else stop
    shape = read_shape(pieces, run, stop) if run < stop else None
    if shape is None or (shape.start and pieces[shape.start - 1].kind == "/"):
        return None
    lead = "narrative" if in_bracket else "bracket" if date.opening >= 0 else "bare"
    fits, start = best_fits(pieces, run, stop, date, bibliography)
    if pieces[stop - 1].kind != REST and not (in_bracket and fits and fits[0].named > 1):
        return None
    if not fits:
        return make_draft(page, text, date, pieces[shape.start : stop], lead=lead, fits=(), spans=shape.spans)
    return make_draft(page, text, date, pieces[start:stop], lead=lead, fits=_appeared(fits, tuple(venue)))


def _appeared(fits: tuple[Fit, ...], venue: tuple[str, ...]) -> tuple[Fit, ...]:
    """Return the works that appeared in a venue, else those of which nobody knows where, else all as possible ones.

    A venue can be called in so many ways (CVPR, "IEEE/CVF Conference on …") that another one proves nothing.
    """
    there = tuple(fit for fit in fits if may_be_venue(fit.source, venue))
    unknown = tuple(fit for fit in fits if fit.source.arxiv or not any(map(fit.source.fields.get, VENUES)))
    return there or unknown or tuple(replace(fit, guess="may-have-appeared-elsewhere") for fit in fits)


_LONGEST_VENUE = 8
_SMALL_IN_VENUES = frozenset((word,) for word in ("of", "the", "and", "for", "in", "on", "de", "der", "und"))


def read_item(page: Page, text: str, date: Date, lowest: int, bibliography: Bibliography) -> Draft | None:
    """Return the citation that an item of a list of references is, up to its first date behind a title.

    "- Ann Orr, *On kelp*, Moss Society, May 1984", "1. Orr A et al. “On kelp.” *Silt* 2013;4:1".
    """
    if date.start - date.block > _LONGEST_ITEM:
        return None
    for form in (_ITEM, _PLAIN_ITEM):
        match = form.match(page.text, date.block, date.start)
        if match is None or lowest > match.start("rest"):
            continue
        if match["marker"] or _REVERSED.match(match["names"]):
            draft = _of_item(page, text, date, match, bibliography)
            if draft is not None and draft.citation.span.start == match.start("names"):
                return draft
    return None


def _of_item(page: Page, text: str, date: Date, match: re.Match[str], bibliography: Bibliography) -> Draft | None:
    rest = pieces_of(text, match.start("rest"), date.start)
    if any(piece.kind == SMALL and not _LEADS_ELSEWHERE.isdisjoint(piece.folded) for piece in rest):
        return None  # "- Ann Orr, *On kelp*: see Pim (2001)"
    found = match.groupdict()
    title = next(found[kind] for kind in ("title", "emphasis", "underlined", "quoted") if found.get(kind))
    pieces = pieces_of(text, match.start("names"), match.end("names"))
    is_bare = not (found.get("quoted") or found.get("title") or match["rest"].strip())
    shape = _shape_in_medicine(pieces, match.start("names"), match["names"])
    return _named(page, text, date, pieces, title, shape=shape, is_bare=is_bare, bibliography=bibliography)


def _shape_in_medicine(pieces: list[Piece], begin: int, names: str) -> Shape | None:
    """Return the author list "Roe JN, Pim B, et al" as it is; `begin` is where it stands."""
    if not re.fullmatch(_VANCOUVER, names):
        return None
    spans = tuple((begin + each.start(), begin + each.end()) for each in re.finditer(rf"{_FAMILY} [A-Z]{{1,3}}", names))
    return Shape(0, len(pieces), spans, names.endswith(" et al"), pieces[0].folded[:1])


def _named(
    page: Page,
    text: str,
    date: Date,
    pieces: list[Piece],
    title: str,
    *,
    shape: Shape | None = None,
    is_bare: bool,
    bibliography: Bibliography,
) -> Draft | None:
    """Return the citation of a title and the authors that `pieces` end with; `is_bare` if it may be the journal."""
    if _QUANTITY.match(title):
        return None
    end = len(pieces)
    run = name_run(pieces, end, bibliography.particles())
    are_authors = shape is not None
    if shape is None:
        shape = read_shape(pieces, run, end) if run < end else None
    if shape is None or "](" in page.text[pieces[shape.start].start : date.start]:
        return None
    if _EMPHASIS_ENDS.match(page.text, shape.spans[-1][1]):
        return None  # another title: "*Kelp*, *Moss* (1990)"
    lead = "narrative" if date.opening > pieces[-1].end else "bracket" if date.opening >= 0 else "bare"
    form = words(title)
    fits, start = best_fits(pieces, run, end, date, bibliography)
    is_venue = may_be_venue if is_bare else appeared_in
    if appeared := tuple(fit for fit in fits if is_venue(fit.source, form)):
        return make_draft(page, text, date, pieces[start:end], lead=lead, fits=appeared)
    if called := tuple(fit for fit in fits if not is_other(title, fit.source, 1)):
        draft = make_draft(page, text, date, pieces[start:end], lead=lead, fits=called)
        return replace(draft, citation=replace(draft.citation, title=squeezed(title)))
    cues = Cues(pieces, shape, date, lead, text, page.text, False, bibliography)
    if not (are_authors or shape.et_al or cues.are_authors_of_title()):
        return None
    draft = make_draft(page, text, date, pieces[shape.start : end], lead=lead, fits=(), spans=shape.spans)
    if is_bare:
        return draft
    others = tuple((fit.source, WITHIN) for fit in fits)
    return replace(draft, citation=replace(draft.citation, title=squeezed(title)), ruled_out=others)
