"""Finds the sources that an author list before a date fits: compares its names with their authors, in order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from wikitools.cite.alignment import DOUBTFUL, EXACT, Fit, align, extend_left
from wikitools.cite.author_list import NEVER_BEFORE_COMMA, read_shape
from wikitools.cite.tokens import (
    NUMBER,
    SMALL,
    WORD,
    Piece,
    other_words,
)
from wikitools.sources.vocabulary import AND, NO_DATE, PLACES, SENTENCE_WORDS, UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.cite.dates import Date
    from wikitools.sources.source import Bibliography, Layer, Source


def best_fits(
    pieces: list[Piece], run: int, end: int, date: Date, bibliography: Bibliography
) -> tuple[tuple[Fit, ...], int]:
    """Return the best fits among the author lists that the pieces `run` to `end` end with, and where they start.

    Earlier layers win over later ones of the same rank.
    """
    best: tuple[Fit, ...] = ()
    best_order = _WORST
    printed = [(piece.kind, piece.text) for piece in pieces[run:end]]
    for layer in bibliography.layers:
        # Pages cite one work many times, in the same words.
        if layer.on_question is not None:
            _note_all(pieces[run:end], date, layer)
        asked = ("fits", date.year, date.original, _particles_before(pieces, run, layer), *printed)
        answer = layer.memo.get(asked)
        if answer is None:
            fits, (rank, start, loose) = _layer_fits(pieces, run, end, date, layer)
            answer = layer.memo[asked] = tuple(fits), (rank, start - run, loose)
        found, order = cast("tuple[tuple[Fit, ...], _Order]", answer)
        if found and order < best_order:
            best, best_order = found, order
    return best, best_order[1] + run if best else end


def _note_all(pieces: list[Piece], date: Date, layer: Layer) -> None:
    """Note all that `_layer_fits` may ask for."""
    for piece in pieces:
        for word in (*piece.folded[:1], *other_words(piece)[:1]):
            dated(layer, word, date)
            if date.year in _YEARLESS:
                layer.by_author(word)
    if date.year in _YEARLESS:
        layer.latest_year()


def _particles_before(pieces: list[Piece], run: int, layer: Layer) -> tuple[str, ...]:
    """Return the words right before the names that may be part of a name in the layer, the nearest first."""
    found: list[str] = []
    for piece in reversed(pieces[max(0, run - _PARTICLES_BEFORE) : run]):
        if piece.kind != SMALL or not piece.folded or piece.folded[-1] not in layer.particles():
            break
        found.append(piece.folded[-1])
    return tuple(found)


_Order = tuple[int, int, int]
"""Rank, where the names start, looseness of given names."""

_WORST = (99, 0, 0)
_FEW_WORKS = 40
_PARTICLES_BEFORE = 3


def _layer_fits(pieces: list[Piece], run: int, end: int, date: Date, layer: Layer) -> tuple[list[Fit], _Order]:
    """Return the best fits in one layer and their order."""
    best: list[Fit] = []
    best_order = _WORST
    for at in range(run, end):
        piece = pieces[at]
        if not piece.folded or piece.kind == NUMBER:
            continue
        known = dated(layer, piece.folded[0], date)
        if other := other_words(piece):
            known = [*known, *(source for source in dated(layer, other[0], date) if source not in known)]
        for source in known:
            fit = align(pieces, at, end, source)
            extended = extend_left(pieces, at, run, source) if fit is not None else None
            if fit is None or extended is None:
                continue
            start, loosely = extended
            doubt = _doubt(pieces, run, start, end)
            if doubt is None:
                continue
            order = (fit.rank + doubt, start, fit.loose + loosely)
            if order < best_order:
                best, best_order = [], order
            if order == best_order:
                best.append(replace(fit, rank=order[0], loose=order[2], ranges=_moved(fit.ranges, at - start)))
    if not best and date.year in _YEARLESS and date.year not in UNFINISHED:
        return _only_work(pieces, run, end, date, layer)
    return best, best_order


def _only_work(pieces: list[Piece], run: int, end: int, date: Date, layer: Layer) -> tuple[list[Fit], _Order]:
    """Return these authors' only work without a date, not published yet, or published since it was in press."""
    for at in range(run, end):
        known = layer.by_author(pieces[at].folded[0]) if pieces[at].folded else ()
        if not known or len(known) > _FEW_WORKS:
            continue
        fits = [
            fit
            for source in known
            if (_is_undated(source) or _has_appeared(source, date, layer))
            and (fit := align(pieces, at, end, source)) is not None
            and fit.rank == EXACT
        ]
        if len(fits) == 1 and (extended := extend_left(pieces, at, run, fits[0].source)) is not None:
            ranges = _moved(fits[0].ranges, at - extended[0])
            guess = "" if _is_undated(fits[0].source) else "may-have-come-out"
            return [replace(fits[0], ranges=ranges, guess=guess)], (EXACT, extended[0], 0)
    return [], _WORST


def _moved(ranges: tuple[tuple[int, int], ...], by: int) -> tuple[tuple[int, int], ...]:
    """Return the ranges of names, counted from `by` pieces earlier, which become part of the first name."""
    if not by or not ranges:
        return ranges
    return (0, ranges[0][1] + by), *((start + by, stop + by) for start, stop in ranges[1:])


def _has_appeared(source: Source, date: Date, layer: Layer) -> bool:
    """Say whether a source may be the work that was in press: it is from the last years of the bibliography.

    Bibliographies are updated when a work appears, but texts are not. A work without a date never gets one later.
    """
    if date.year == _DATELESS:
        return False
    return any(year.isdigit() and int(year) > layer.latest_year() - _YEARS_TO_APPEAR for year in source.years)


_DATELESS = "n.d."
_YEARS_TO_APPEAR = 5


def _is_undated(source: Source) -> bool:
    """Say whether a source has no year of its own, or says that it is not published yet."""
    known = [year for year in source.years if year.isdigit()]
    # The year of an entry without a date is that of its arXiv id.
    if not known or known == ["20" + source.arxiv[:2]]:
        return True
    said = " ".join(source.fields.get(name, "") for name in ("pubstate", "note", "howpublished", "status")).lower()
    return any(printed in said for printed in NO_DATE)


_YEARLESS = ("in press", "forthcoming", "n.d.", "in prep.", "in review", "submitted")


def dated(layer: Layer, word: str, date: Date) -> Sequence[Source]:
    """Return the sources whose first author can start with `word` and whose year is right."""
    found = layer.by_author_and_year(word, date.year)
    if date.original and not found:
        found = layer.by_author_and_year(word, date.original)
    if not found and date.year in _YEARLESS:
        found = layer.by_author_and_year(word, "")
    return found


def _doubt(pieces: list[Piece], run: int, start: int, end: int) -> int | None:
    """Return how doubtful the names are because of the words before them; `None` if another name is joined to them.

    "Penneys and Judd 2013" is not Judd 2013; "Kong Li et al." may be a Kong Li, not Li.
    """
    if start <= run:
        return 0
    before = pieces[start - 1]
    if before.kind == "," and _in_list(pieces, run, start, end):
        return None
    if before.kind == WORD and before.folded:
        return 0 if before.folded[0] in SENTENCE_WORDS else DOUBTFUL
    if before.kind == "&" or (before.kind == SMALL and before.folded and before.folded[0] in AND):
        at = start - 2
        while at >= run and pieces[at].kind in ",.":
            at -= 1
        if at >= run and pieces[at].kind == WORD and pieces[at].folded and pieces[at].folded[0] not in SENTENCE_WORDS:
            # "… of Texas, and Ubick (2005)": two names take no comma.
            clause = any(piece.kind == "," for piece in pieces[at + 1 : start]) and not _ends_list(pieces, run, at)
            return DOUBTFUL if clause else None
    return 0


def _in_list(pieces: list[Piece], run: int, start: int, end: int) -> bool:
    """Say whether the name before the comma is one more author: "Diao, Haru & Jiang", "(Geanak, Pearce, Stacc 1989)".

    It is if three names fill a bracket, and if an "and" joins the others.
    """
    shape = read_shape(pieces, run, end)
    if (
        shape is None
        or shape.start >= start
        or len(shape.spans) < _FEWEST_LISTED
        or pieces[shape.start].folded[:1] in _NO_AUTHORS
    ):
        return False
    if shape.listed or (shape.start > 0 and pieces[shape.start - 1].kind in "(["):
        return True
    last = next(
        (at for at in range(end - 1, start, -1) if pieces[at].kind == "&" or pieces[at].folded[:1] in _AND), start
    )
    first = pieces[shape.start : start - 1]
    return last > start and sum(piece.kind == WORD for piece in first) == 1


_FEWEST_LISTED = 3
_AND = frozenset((word,) for word in AND)
_NO_AUTHORS = frozenset((word,) for word in PLACES | NEVER_BEFORE_COMMA)


def _ends_list(pieces: list[Piece], run: int, at: int) -> bool:
    """Say whether the words that end with piece `at` are joined to others before them, as in a list of names."""
    while at >= run and pieces[at].kind in (WORD, ".", "-", "'"):
        at -= 1
    return at >= run and pieces[at].kind in ",;&"
