"""Which sources an author list before a date fits: its names laid against their authors, in order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from wikitools.cite.tokens import (
    NUMBER,
    REST,
    SMALL,
    WORD,
    Piece,
    other_words,
)
from wikitools.sources.names import (
    PARTICLES,
    SUFFIXES,
    folded,
    initials_agree,
    initials_equal,
    is_cjk,
    organisation_forms,
    words,
)
from wikitools.sources.vocabulary import AND, NO_DATE, SENTENCE_WORDS, UNFINISHED, word_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.cite.dates import Date
    from wikitools.sources.names import Name
    from wikitools.sources.source import Bibliography, Layer, Source


@dataclass(frozen=True, slots=True)
class Fit:
    """How the names printed stand to the authors of `source`; `rank` 0 is best."""

    source: Source
    rank: int
    named: int
    """How many authors are printed."""
    et_al: bool
    loose: int = 0
    """How many printed given names or initials are only compatible with the author's ("M." for M. K.), not the same."""
    ranges: tuple[tuple[int, int], ...] = ()
    """The pieces of each author's name, counted from the first piece of the names."""


EXACT, ONE_MORE, FEWER, NO_MORE, DOUBTFUL = range(5)
"""Ranks: all authors agree · "A et al." for two authors · fewer are printed than there are · "et al." though no more
are known · an unknown name stands before."""


def align(pieces: list[Piece], start: int, end: int, source: Source) -> Fit | None:
    """Lay the pieces `start` to `end` against the authors of `source`; `None` when a printed name is not theirs.

    Grammar: name {separator name} [separator] ["et al."]; a name is [given] [particles] family [initials] [suffix].
    """
    names = source.names
    if not names:
        at = _words_at(pieces, start, end, words(source.title))
        return Fit(source, EXACT, 1, False) if at is not None and _only_signs(pieces, at, end) else None
    at, named, loose = start, 0, 0
    et_al = False
    ranges: list[tuple[int, int]] = []
    while True:
        if named == len(names):
            return None
        found = _name_at(pieces, at, end, names[named], named == 0)
        if found is None:
            return None
        after, given_loosely = found
        loose += given_loosely
        ranges.append((at - start, after - start))
        named += 1
        at = _skip_separators(pieces, after, end)
        if at == end:
            break
        if pieces[at].kind == REST:
            if _skip_separators(pieces, at + 1, end) != end:
                return None
            et_al = True
            break
        if at == after:
            return None
    more = len(names) - named
    if et_al:
        rank = NO_MORE if not more else ONE_MORE if more == 1 and named == 1 else EXACT
    else:
        rank = FEWER if more else EXACT
    return Fit(source, rank, named, et_al, loose, tuple(ranges))


def _only_signs(pieces: list[Piece], start: int, end: int) -> bool:
    return all(piece.kind not in (WORD, SMALL, NUMBER) for piece in pieces[start:end])


def _skip_separators(pieces: list[Piece], at: int, end: int) -> int:
    while at < end:
        piece = pieces[at]
        if piece.kind in ",;&./'-" or (
            piece.kind in (SMALL, WORD)
            and len(piece.folded) == 1
            and piece.folded[0] in AND
            and (piece.kind == SMALL or piece.text in ("和", "与", "與"))
        ):
            at += 1
        else:
            break
    return at


def _words_at(pieces: list[Piece], at: int, end: int, form: tuple[str, ...]) -> int | None:
    """Return the index after the words of `form`, if they stand at `at`; signs between words do not count."""
    wanted = 0
    while wanted < len(form):
        if at >= end:
            return None
        piece = pieces[at]
        found = piece.folded
        if not found:
            if piece.kind in (NUMBER, REST):
                if piece.text != form[wanted]:
                    return None
                wanted += 1
            elif wanted == 0:
                return None
            at += 1
            continue
        if found != form[wanted : wanted + len(found)] and other_words(piece) != form[wanted : wanted + len(found)]:
            return None
        wanted += len(found)
        at += 1
    return at


@lru_cache(maxsize=1 << 14)
def _forms(name: Name) -> tuple[tuple[str, ...], ...]:
    """Return the word sequences that mean this author's family name or this organisation, longest first."""
    if name.literal or not name.given:
        return tuple(sorted(organisation_forms(name.family), key=lambda form: (-len(form), form)))
    parts = folded(name)
    found = [parts.core]
    if parts.other:
        found.append(parts.other)
    if parts.whole:
        found.insert(0, parts.whole)
    if is_cjk(name.family):
        found.insert(0, words(name.family + name.given))
    return tuple(found)


def _name_at(pieces: list[Piece], at: int, end: int, name: Name, first: bool) -> tuple[int, bool] | None:
    """Return the index after the author `name` printed at `at`, and whether printed given names agree only loosely.

    Particles and given names may stand before the family name.
    """
    leading: list[str] = []
    given: tuple[str, ...] | None = None
    while at < end and len(leading) <= 5:
        for form in _forms(name):
            after = _words_at(pieces, at, end, form)
            if after is None:
                continue
            given = folded(name).given if given is None else given
            loosely = False
            if not name.literal and leading and given:
                if not initials_agree(tuple(leading), given):
                    return None
                loosely = not initials_equal(tuple(leading), given)
            return _trailing_initials(pieces, after, end, given, loosely)
        piece = pieces[at]
        if first or piece.kind not in (WORD, SMALL, ".", "-"):
            return None
        if piece.kind in (WORD, SMALL):
            leading += [word for word in piece.folded if word not in PARTICLES]
        at += 1
    return None


def _trailing_initials(
    pieces: list[Piece], at: int, end: int, given: tuple[str, ...], loosely: bool
) -> tuple[int, bool] | None:
    """Return the index after initials ("J.M.", "JM") and a suffix ("Jr.") that follow a family name.

    `None` when they are not that author's.
    """
    initials: list[str] = []
    follows = 0
    last = at
    while at < end:
        piece = pieces[at]
        if (
            piece.kind == WORD
            and not initials
            and piece.folded
            and given
            and piece.folded == given[follows : follows + len(piece.folded)]
        ):
            follows += len(piece.folded)
            at += 1
            last = at
        elif (
            piece.kind == WORD
            and len(piece.text) <= 3
            and piece.text.isupper()
            and piece.folded
            and piece.folded[0] not in SUFFIXES
        ):
            initials += piece.folded
            at += 1
            last = at
        elif (piece.kind in (WORD, SMALL) and piece.folded and piece.folded[0] in SUFFIXES) or (
            piece.kind in ".-'" and at > 0 and (initials or piece.kind == ".")
        ):
            at += 1
            last = at
        else:
            break
    if initials and given:
        if not initials_agree(tuple(initials), given):
            return None
        loosely = loosely or not initials_equal(tuple(initials), given)
    return last, loosely


def extend_left(pieces: list[Piece], start: int, lowest: int, source: Source) -> tuple[int, bool] | None:
    """Return where the first author's name starts, given names before it counted, and whether those agree only loosely.

    `None` when the initials before it are not that author's ("L. Z. Li" is not Q. Li).
    """
    if not source.names:
        return start, False
    name = folded(source.names[0])
    at = start
    given: list[str] = []
    while at > lowest:
        piece = pieces[at - 1]
        before = pieces[at - 2] if at - 1 > lowest else None
        if (
            piece.kind == SMALL
            and piece.folded
            and piece.folded[-1] in PARTICLES
            and (piece.folded[-1] in name.family or piece.folded[-1] in _DROPPED)
        ) or (piece.kind == WORD and piece.folded[-1] in PARTICLES and piece.folded[-1] in name.family):
            at -= 1
        elif (
            piece.kind == "." and before is not None and before.kind == WORD and len(before.text) <= 2 and before.folded
        ):
            if len(before.text) > 1 and name.given and not initials_agree((*before.folded, *given), name.given):
                break  # a sentence ends with a short word: "4 Ma. Wu et al. (2008)"
            given[:0] = before.folded
            at -= 2
        elif (
            piece.kind == WORD
            and piece.text.isupper()
            and len(piece.text) <= 2
            and piece.folded
            and piece.text not in ("A", "I")
        ) or (piece.kind == WORD and len(piece.text) > 2 and piece.folded and piece.folded[0] in name.given):
            given[:0] = piece.folded
            at -= 1
        elif piece.kind == "-" and before is not None and before.kind == ".":
            at -= 1
        else:
            break
    if given and name.given:
        if not initials_agree(tuple(given), name.given):
            return None
        return at, not initials_equal(tuple(given), name.given)
    return at, False


_DROPPED = word_set("van von der den de del della di da dos du ter ten")
"""Particles that a bibliography may lack though the page prints them."""


def best_fits(
    pieces: list[Piece], run: int, end: int, date: Date, bibliography: Bibliography
) -> tuple[tuple[Fit, ...], int]:
    """Return the best fits among the author lists that the pieces `run` to `end` end with, and where they start.

    Earlier layers win over later ones of the same rank.
    """
    best: tuple[Fit, ...] = ()
    best_order = _WORST
    printed = [(piece.kind, piece.text) for piece in pieces[run:end]]
    asked = ("fits", date.year, date.original, *printed)
    for layer in bibliography.layers:
        # Pages cite one work many times, in the same words.
        answer = layer.memo.get(asked)
        if answer is None:
            fits, (rank, start, loose) = _layer_fits(pieces, run, end, date, layer)
            answer = layer.memo[asked] = tuple(fits), (rank, start - run, loose)
        found, order = cast("tuple[tuple[Fit, ...], _Order]", answer)
        if found and order < best_order:
            best, best_order = found, order
    return best, best_order[1] + run if best else end


_Order = tuple[int, int, int]
"""Rank, where the names start, looseness of given names."""

_WORST = (99, 0, 0)
_FEW_WORKS = 40


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
            doubt = _doubt(pieces, run, start)
            if doubt is None:
                continue
            order = (fit.rank + doubt, start, fit.loose + loosely)
            if order < best_order:
                best, best_order = [], order
            if order == best_order:
                best.append(Fit(source, order[0], fit.named, fit.et_al, order[2], _moved(fit.ranges, at - start)))
    if not best and date.year in _YEARLESS and date.year not in UNFINISHED:
        return _only_work(pieces, run, end, date, layer)
    return best, best_order


def _only_work(pieces: list[Piece], run: int, end: int, date: Date, layer: Layer) -> tuple[list[Fit], _Order]:
    """Return the one work of these authors that has no date, is not out yet, or came out at last: it was in press."""
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
            return [replace(fits[0], ranges=ranges)], (EXACT, extended[0], 0)
    return [], _WORST


def _moved(ranges: tuple[tuple[int, int], ...], by: int) -> tuple[tuple[int, int], ...]:
    """Return the ranges of names counted from `by` pieces before, which belong to the first name."""
    if not by or not ranges:
        return ranges
    return (0, ranges[0][1] + by), *((start + by, stop + by) for start, stop in ranges[1:])


def _has_appeared(source: Source, date: Date, layer: Layer) -> bool:
    """Say whether a source may be what was in press: it is of the last years that the bibliography knows.

    Bibliographies are brought up to date when a work appears, texts are not. What has no date never gets one.
    """
    if date.year == _DATELESS:
        return False
    return any(year.isdigit() and int(year) > layer.latest_year() - _YEARS_TO_APPEAR for year in source.years)


_DATELESS = "n.d."
_YEARS_TO_APPEAR = 5


def _is_undated(source: Source) -> bool:
    """Say whether a source has no year of its own, or says in words that it is not out yet."""
    known = [year for year in source.years if year.isdigit()]
    # The year of an entry without a date is read off its arXiv id.
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


def _doubt(pieces: list[Piece], run: int, start: int) -> int | None:
    """Return how much what stands before the names makes them doubtful; `None` when a name is joined to them.

    "Penneys and Judd 2013" is not Judd 2013; "Kong Li et al." may be a Kong Li, not Li.
    """
    if start <= run:
        return 0
    before = pieces[start - 1]
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


def _ends_list(pieces: list[Piece], run: int, at: int) -> bool:
    """Say whether the words that end with piece `at` are joined to others before them, as in a list of names."""
    while at >= run and pieces[at].kind in (WORD, ".", "-", "'"):
        at -= 1
    return at >= run and pieces[at].kind in ",;&"
