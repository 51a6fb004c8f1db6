"""Compares printed names with the authors of a source, in order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

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
from wikitools.sources.vocabulary import AND, word_set

if TYPE_CHECKING:
    from wikitools.sources.names import Name
    from wikitools.sources.source import Source


@dataclass(frozen=True, slots=True)
class Fit:
    """How well the printed names fit the authors of `source`; `rank` 0 is best."""

    source: Source
    rank: int
    named: int
    """How many authors are printed."""
    et_al: bool
    loose: int = 0
    """How many printed given names or initials only agree with the author's ("M." for M. K.) without being the same."""
    ranges: tuple[tuple[int, int], ...] = ()
    """The range of pieces of each author's name, counted from the first piece of the names."""
    guess: str = ""
    """Why the source is only possibly the one meant: it may have been published since, or have further authors."""


EXACT, ONE_MORE, FEWER, PART, NO_MORE, DOUBTFUL = range(6)
"""Ranks: all authors agree · "A et al." for two authors · fewer are printed than there are, or more than an open list
names · a part of a surname is printed · "et al." though no more are known · an unknown name stands before."""


def align(pieces: list[Piece], start: int, end: int, source: Source) -> Fit | None:
    """Compare the pieces `start` to `end` with the authors of `source`; `None` if a printed name is not one of them.

    Grammar: name {separator name} [separator] ["et al."]; a name is [given] [particles] family [initials] [suffix].
    """
    names = source.names
    if not names:
        at = _words_at(pieces, start, end, words(source.title))
        return Fit(source, EXACT, 1, False) if at is not None and _only_signs(pieces, at, end) else None
    at, named, loose = start, 0, 0
    et_al, parted = False, False
    is_open = "others" in source.fields
    ranges: list[tuple[int, int]] = []
    while True:
        if named >= len(names):
            unlisted = _unlisted_name_at(pieces, at, end) if is_open else None
            if unlisted is None:
                return None
            found = unlisted, False, False
        else:
            following = names[named + 1] if named + 1 < len(names) else None
            known = _name_at(pieces, at, end, names[named], following, first=named == 0)
            if known is None:
                return None
            found = known
        after, given_loosely, part = found
        loose += given_loosely
        parted = parted or part
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
        if not more and not is_open:
            if source.lists_all_authors:
                return None  # a work of one author is not "et al."
            return Fit(source, NO_MORE, named, et_al, loose, tuple(ranges), guess="names-no-more-authors")
        rank = ONE_MORE if more == 1 and named == 1 and not is_open else EXACT
    else:
        rank = FEWER if more else EXACT
    if more < 0:
        rank = FEWER
    return Fit(source, PART if parted else rank, named, et_al, loose, tuple(ranges))


def _unlisted_name_at(pieces: list[Piece], at: int, end: int) -> int | None:
    """Return the index after a name that an open author list ("and others") does not contain."""
    stop = at
    while stop < end and (
        pieces[stop].kind in (WORD, ".") or (pieces[stop].folded and pieces[stop].folded[0] in PARTICLES)
    ):
        stop += 1
    return stop if any(piece.kind == WORD for piece in pieces[at:stop]) else None


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
    """Return the index after the words of `form` if they start at `at`; signs between words are ignored."""
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
def _forms(name: Name) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """Return the word sequences that mean this author's family name or this organisation, longest first.

    Each comes with whether it is only a part of a surname of several words: García or Márquez for García Márquez.
    """
    if name.literal or not name.given:
        return tuple(
            (form, False) for form in sorted(organisation_forms(name.family), key=lambda form: (-len(form), form))
        )
    parts = folded(name)
    found = [parts.core]
    if parts.other:
        found.append(parts.other)
    if parts.whole:
        found.insert(0, parts.whole)
    if is_cjk(name.family):
        found.insert(0, words(name.family + name.given))
    parted: list[tuple[str, ...]] = []
    if len(parts.core) > 1 and len(name.family.split()) > 1 and "-" not in name.family:
        parted = [parts.core[at:] for at in range(1, len(parts.core))] + [parts.core[:1]]
    return (*((form, False) for form in found), *((form, True) for form in parted if form not in found))


def _parts_end(pieces: list[Piece], after: int, end: int, form: tuple[str, ...], name: Name) -> bool:
    """Say whether only a part of a surname is printed: no other word of it follows."""
    if form[0] in PARTICLES and len(form) == 1:
        return False
    return after >= end or pieces[after].kind != WORD or pieces[after].folded[:1] == folded(name).given[:1]


def _inverted_given(pieces: list[Piece], at: int, end: int, given: tuple[str, ...], following: Name | None) -> int:
    """Return the index after given names that follow a comma, "Brown, Bo", "Smythe, A."; `at` without any."""
    if at >= end or pieces[at].kind != "," or not given:
        return at
    stop, printed = at + 1, list[str]()
    while stop < end and (pieces[stop].kind == "." or (pieces[stop].kind == WORD and pieces[stop].folded)):
        printed += pieces[stop].folded
        stop += 1
    if not printed or (following is not None and tuple(printed[-1:]) == folded(following).core[-1:]):
        return at
    return stop if initials_agree(tuple(printed), given) else at


def _name_at(
    pieces: list[Piece], at: int, end: int, name: Name, following: Name | None, *, first: bool
) -> tuple[int, bool, bool] | None:
    """Return the index after the author `name` printed at `at`, and how it is printed.

    The latter says whether given names agree only loosely, and whether only a part of the surname is printed. Particles
    and given names may be before the family name, or after it, with a comma.
    """
    leading: list[str] = []
    given: tuple[str, ...] | None = None
    while at < end and len(leading) <= 5:
        for form, part in _forms(name):
            after = _words_at(pieces, at, end, form)
            if after is None or (part and not _parts_end(pieces, after, end, form, name)):
                continue
            given = folded(name).given if given is None else given
            loosely = False
            if not name.literal and leading and given:
                if not initials_agree(tuple(leading), given):
                    return None
                loosely = not initials_equal(tuple(leading), given)
            trailing = _trailing_initials(pieces, after, end, given, loosely)
            if trailing is None:
                return None
            inverted = _inverted_given(pieces, trailing[0], end, given, following)
            return inverted if inverted > trailing[0] else trailing[0], trailing[1], part
        piece = pieces[at]
        if first or piece.kind not in (WORD, SMALL, ".", "-") or makes_another_name(piece, name):
            return None
        if piece.kind in (WORD, SMALL):
            small = _small_part(name)
            initial = piece.kind == WORD and len(piece.text) == 1  # the E of "E. Glen Weyl" is no particle
            leading += [word for word in piece.folded if initial or (word not in PARTICLES and word not in small)]
        at += 1
    return None


def _small_part(name: Name) -> tuple[str, ...]:
    """Return the words of a family name before its core: van der, degli."""
    parts = folded(name)
    return parts.family[: len(parts.family) - len(parts.core)]


def _belongs_to(before: Piece, name: Name) -> bool:
    """Say whether a word with a capital before a family name is a particle of it."""
    if not before.folded:
        return False
    word = before.folded[-1]
    if word in _small_part(name) or (word in PARTICLES and word in folded(name).family):
        return True
    return before.folded[:1] in _NAME_PARTICLES and not name.literal and not makes_another_name(before, name)


def may_be_particle(piece: Piece) -> bool:
    """Say whether a word may be a particle with a capital: "De", "Van"."""
    return piece.kind == WORD and piece.folded[:1] in _NAME_PARTICLES


def makes_another_name(before: Piece, name: Name) -> bool:
    """Say whether a particle with a capital before a family name is part of it, so that this is another's name.

    "De Giorgi" is not Giorgi, but De Loecker is in some bibliographies as Loecker, Jan De, or Loecker, J. D.
    """
    if name.literal or not may_be_particle(before):
        return False
    particle = before.folded[0]
    if particle in folded(name).given or name.given.rstrip(". ").endswith(particle[0].upper()):
        return False
    # Del Ioio is Dello Ioio.
    return not any(word.startswith(particle) or particle.startswith(word) for word in folded(name).family[:-1])


_LONGEST_INITIALS = 3


def _trailing_initials(
    pieces: list[Piece], at: int, end: int, given: tuple[str, ...], loosely: bool
) -> tuple[int, bool] | None:
    """Return the index after initials ("J.M.", "JM") and a suffix ("Jr.") that follow a family name.

    `None` if they are not that author's.
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

    `None` if the initials before it are not that author's ("L. Z. Li" is not Q. Li).
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
            and (piece.folded[-1] in name.family or (piece.folded[-1] in PARTICLES and piece.folded[-1] in _DROPPED))
        ) or (
            piece.kind == WORD
            and (piece.text == "The" == source.names[0].family[:3] or _belongs_to(piece, source.names[0]))
        ):
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
        elif (piece.kind == "-" and before is not None and before.kind == ".") or (
            piece.kind == "'" and at < start and pieces[at].kind == SMALL and len(pieces[at].text) == 1  # 't Hart
        ):
            at -= 1
        else:
            break
    while at == lowest and lowest > 0:
        # Words in lower case that are not in the list of particles end a run of names, but may be part of this name.
        before = pieces[lowest - 1]
        if before.kind != SMALL or not before.folded or before.folded[-1] not in name.family[: -len(name.core)]:
            break
        at = lowest = lowest - 1
    if given and name.given:
        if not initials_agree(tuple(given), name.given):
            return None
        return at, not initials_equal(tuple(given), name.given)
    return at, False


_DROPPED = word_set("van von der den de del della di da dos du ter ten")
"""Particles that a bibliography may lack although the page prints them."""
_NAME_PARTICLES = frozenset(
    (word,) for word in word_set("van von vom de del de della delle dello dal dalla di da dos du la le lo ter ten")
)
"""Particles that are part of the name when they have a capital."""
