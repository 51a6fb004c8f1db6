"""Makes a citation of an author list and a date, as printed on its page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.cite.author_list import name_span, read_shape
from wikitools.cite.citation import Citation
from wikitools.cite.draft import Draft
from wikitools.cite.prose import GONE
from wikitools.cite.tokens import REST, Piece
from wikitools.sources.locators import locator_at
from wikitools.text import Span

if TYPE_CHECKING:
    from wikitools.cite.alignment import Fit
    from wikitools.cite.dates import Date
    from wikitools.markdown.page import Page

_LINE_START = re.compile(r"\n(?:[ ]{0,3}>[ ]?)+")


def make_draft(
    page: Page,
    text: str,
    date: Date,
    printed: list[Piece],
    *,
    lead: str,
    fits: tuple[Fit, ...],
    spans: tuple[tuple[int, int], ...] = (),
) -> Draft:
    """Return the citation of names and a date; `spans` are those of the names, if they are already known."""
    start = printed[0].start
    end = date.end
    group = group_of(page, date)
    if (
        lead == "narrative"
        and date.closing >= 0
        and not text[date.end : date.closing].strip(" \x01")
        and start < date.opening
    ):
        end = date.closing + 1
    names = tuple(as_printed(page, text, *span) for span in spans or _names(printed, fits))
    citation = Citation(
        span=Span(page.path, start, end),
        text=squeezed(page.text[start:end]),
        names=names,
        et_al=any(piece.kind == REST for piece in printed),
        year=date.year,
        suffix=date.suffix,
        locator=locator_after(page, text, date.end),
        narrative=lead == "narrative",
        group=group,
    )
    return Draft(citation, fits, printed, lead, date)


def _names(printed: list[Piece], fits: tuple[Fit, ...]) -> tuple[tuple[int, int], ...]:
    """Return the span of each author's name, as divided by the source that fits, or else by their form."""
    if fits and fits[0].ranges:
        return tuple(name_span(printed[start:stop]) for start, stop in fits[0].ranges)
    shape = read_shape(printed, 0, len(printed))
    return shape.spans if shape is not None else ((printed[0].start, printed[-1].end),)


def group_of(page: Page, date: Date) -> Span | None:
    """Return the bracket around a date; `None` if there is none."""
    return Span(page.path, date.opening, date.closing + 1) if date.opening >= 0 and date.closing >= 0 else None


def locator_after(page: Page, text: str, at: int) -> str:
    """Return the locator that follows a date which ends at an offset, "" if there is none."""
    place = locator_at(text, at)
    return " ".join(page.text[place[0] : place[1]].split()) if place else ""


def squeezed(written: str) -> str:
    """Return a text on one line, without quote marks at the starts of lines and with single blanks."""
    if "\n" in written and ">" in written:
        written = _LINE_START.sub(" ", written)
    return " ".join(written.split())


def as_printed(page: Page, text: str, start: int, end: int) -> str:
    """Return a name as a reader sees it: the page's own characters, without markup."""
    written = page.text[start:end]
    if GONE in text[start:end]:
        written = "".join(sign for sign, plain in zip(written, text[start:end], strict=True) if plain != GONE)
    return squeezed(written)
