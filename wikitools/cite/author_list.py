"""Reads author lists before a date by their form alone, whether or not any source fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.cite.tokens import (
    INSIDE_NAMES,
    LABEL,
    NUMBER,
    REST,
    SMALL,
    WORD,
    Piece,
    is_abbreviated,
    is_family,
    is_initials,
)
from wikitools.sources.names import PARTICLES, is_cjk
from wikitools.sources.vocabulary import (
    AND,
    BODIES,
    MONTHS,
    NOT_AUTHORS,
    RELATING,
    SENTENCE_WORDS,
    word_set,
)

if TYPE_CHECKING:
    from collections.abc import Container


@dataclass(frozen=True, slots=True)
class Shape:
    """An author list, recognised by its form alone."""

    start: int
    """Index of its first piece."""
    end: int
    """Index after its last piece."""
    spans: tuple[tuple[int, int], ...]
    """The range of each name in the prose."""
    et_al: bool
    firsts: tuple[str, ...]
    """Folded words by which its first author may be looked up."""
    listed: bool = False
    """Whether the names are joined only by commas or semicolons: "(Peng, Kana, Malik 2018)"."""


def read_shape(pieces: list[Piece], run: int, end: int) -> Shape | None:
    """Read the author list that the pieces `run` to `end` end with, by its form alone.

    Grammar, backwards: ["et al."] name {"," | ";" name} [("and" | "&") name]. Commas join names only with an "and" or
    "et al.", since a clause may end with a comma, or if nothing else is in their bracket. A word that starts sentences,
    or is a month, is a name only with "et al." or another name, never alone.
    """
    at = _before_signs(pieces, run, end, ",.'")
    et_al = at > run and pieces[at - 1].kind == REST
    if et_al:
        at = _before_initials(pieces, run, _before_signs(pieces, run, at - 1, ",."))
    last = at
    found: list[tuple[int, int]] = []
    joined = et_al
    joined_by_and, by_and = True, False
    while True:
        start = _name_before(pieces, run, _before_initials(pieces, run, at))
        if start is None or (found and not joined_by_and and not _goes_on(pieces, run, start, at, found[0][0])):
            break
        if found and is_cjk(pieces[start].text) != is_cjk(pieces[found[0][0]].text):
            break
        found.insert(0, (start, at))
        at = start
        if at == run or len(found) > _MOST_NAMES:
            break
        mark = pieces[at - 1]
        if _is_and(mark):
            at -= 1
            joined = joined_by_and = by_and = True  # a semicolon before "Orr and Pim" ends another item
            if at > run and pieces[at - 1].kind == ",":
                at -= 1
        elif joined and (mark.kind == "," or (mark.kind == ";" and not by_and)):
            at -= 1
            joined_by_and = False
        else:
            break
    listed = [] if et_al or len(found) > 1 else _listed(pieces, run, last)
    found = listed or found
    if not found or (not et_al and (all(_is_mere_word(pieces[a:b]) for a, b in found) or _is_date(pieces, found[-1]))):
        return None
    if len(found) == 1 and (start := _inverted(pieces, run, found[0][0])) is not None:
        found = [(start, found[0][1])]
    spans = tuple(name_span(pieces[start : _closed(pieces, stop)]) for start, stop in found)
    first = pieces[found[0][0] : found[0][1]]
    firsts = tuple(
        dict.fromkeys(word for piece in first if piece.kind == WORD for word in (*piece.folded[:1], *piece.folded[-1:]))
    )
    return Shape(found[0][0], end, spans, et_al, firsts, bool(listed))


_MOST_NAMES = 12


def _closed(pieces: list[Piece], end: int) -> int:
    """Return the end of a name with the full stop of its last initial."""
    stopped = end < len(pieces) and pieces[end].kind == "." and is_abbreviated(pieces[end - 1])
    return end + 1 if stopped else end


def read_organisation(pieces: list[Piece], end: int) -> Shape | None:
    """Read the name of an organisation that fills its bracket, or an item of it, up to index `end`.

    It begins with a capital and ends with one, or with what organisations are called, and has small words in between:
    "(International Organization for Standardization, 2007)", "(HPC Carpentry development team, 2021)".
    """
    last = _before_signs(pieces, 0, end, ",.")
    start = _before_signs(pieces, 0, last, (WORD, SMALL, "&", "-", "/"))
    name = [piece for piece in pieces[start:last] if piece.folded]
    if len(name) < _SHORTEST_WORD or (start > 0 and pieces[start - 1].kind not in "([;"):
        return None
    if len(name) == last - start - 1 == _TWO and pieces[start + 1].kind == "/" and name[1].start - name[0].end == 1:
        is_body = all(piece.text.isupper() for piece in name)  # "FAO/WHO"
    else:
        is_body = any(word in BODIES for piece in name for word in piece.folded)
    first, small = name[0].folded[0], [piece.folded[-1] for piece in name if piece.kind == SMALL]
    if name[0].kind != WORD or first in SENTENCE_WORDS or first in NOT_AUTHORS or not is_body:
        return None
    if any(piece.folded[-1] in MONTHS for piece in name) or not (INSIDE_NAMES.issuperset(small) or small[-1] in BODIES):
        return None
    firsts = tuple(dict.fromkeys((*name[0].folded[:1], *name[-1].folded[-1:])))
    return Shape(start, end, (name_span(pieces[start:last]),), False, firsts)


_TWO = 2


def _before_signs(pieces: list[Piece], run: int, end: int, kinds: Container[str]) -> int:
    """Return the end of what stands before the pieces of these kinds that end at `end`."""
    at = end
    while at > run and pieces[at - 1].kind in kinds:
        at -= 1
    return at


def _before_initials(pieces: list[Piece], run: int, end: int) -> int:
    """Return the end of the family name whose initials, after a comma, end at `end`: "Karukes, E. V. et al."."""
    at = end
    while at > run and (pieces[at - 1].kind in ".-" or (pieces[at - 1].kind == WORD and len(pieces[at - 1].text) == 1)):
        at -= 1
    found = run + 2 <= at < end and pieces[at - 1].kind == "," and pieces[at - 2].kind == WORD
    return at - 1 if found else end


def _is_date(pieces: list[Piece], name: tuple[int, int]) -> bool:
    """Say whether the last of several words is a month or the like: "Peddle's November 2024 review"."""
    last = next((piece for piece in reversed(pieces[slice(*name)]) if piece.folded), None)
    if last is None or name[1] - name[0] < _SHORTEST_WORD:
        return False
    return last.folded[-1] in MONTHS or last.folded[-1] in NOT_AUTHORS


def _inverted(pieces: list[Piece], run: int, start: int) -> int | None:
    """Return the index of the family name whose given name starts at `start`, in lists: "- Gaffney, Mason (1994b)"."""
    family = start - 2
    if family < run or pieces[start - 1].kind != "," or pieces[family].kind != WORD or _is_mere_word([pieces[family]]):
        return None
    numbered = family > 1 and pieces[family - 1].kind in ".)" and pieces[family - 2].kind == NUMBER
    begins = family == 0 or numbered or pieces[family - 1].kind in ("-", "·", LABEL)
    return family if begins and not pieces[family].text.isupper() else None


def _goes_on(pieces: list[Piece], run: int, start: int, end: int, after: int) -> bool:
    """Say whether the name before a comma is part of the list, not the end of a clause before it."""
    name = pieces[start:end]
    if sum(piece.kind == WORD and len(piece.text) > 2 for piece in name) > 2:
        return False  # too long for a name in a list: "Machine Learning Research"
    if len(name) == 1 and len(name[0].text) > 1 and name[0].text.isupper() and not pieces[after].text.isupper():
        return False  # "in-context learning (ICL, Chan et al. 2022)"
    # "(May, Pell & Orr 2004)" and "He, Pell & Orr (2004)", but "However, Pell & Orr (2004)".
    word = name[0].folded[0] if name[0].folded else ""
    return (
        not _is_mere_word(name)
        or _is_name_in_list(name)
        or (start == run > 0 and pieces[run - 1].kind in "([" and word not in SENTENCE_WORDS)
    )


NEVER_BEFORE_COMMA = word_set(
    "a an and as at be but by do for from he her his i if in it its my nor of on or our she than the their they to us "
    "was we with you your"
)
"""Articles, pronouns, prepositions and the like. A clause goes on behind them; with a comma they are names."""


def opens(pieces: list[Piece], run: int, start: int) -> bool:
    """Say whether a bracket, an item in it or a sentence starts at `start`, together with the run of names."""
    return start == run and (run == 0 or pieces[run - 1].kind in _OPENING)


_OPENING = frozenset(("(", "[", ".", ":", "|", LABEL))


def _is_mere_word(name: list[Piece]) -> bool:
    """Say whether a name is one word that is probably not a name: a word that starts sentences, a month, "Figure"."""
    printed = [piece for piece in name if piece.folded]
    if len(printed) != 1 or len(printed[0].text) < _SHORTEST_WORD:
        return False
    word = printed[0].folded[0]
    if printed[0].text.isupper() and word in SENTENCE_WORDS:
        return False  # WHO
    return word in SENTENCE_WORDS or word in NOT_AUTHORS or word in MONTHS


_SHORTEST_WORD = 2


def _listed(pieces: list[Piece], run: int, end: int) -> list[tuple[int, int]]:
    """Return the names that are joined only by commas, or semicolons, if they fill a bracket or start a sentence.

    Two names with a comma may be one person, so there must be three, or they fill a bracket. Semicolons separate people
    only in a bracket, and only if there is a comma before the year. Given names count only if all have them, and before
    a year in brackets: elsewhere two words may be a place.
    """
    while run < end and pieces[run].kind == "-":
        run += 1
    narrative = end + 1 < len(pieces) and pieces[end].kind in "(["
    if not opens(pieces, run, run) and pieces[run - 1].kind != "-" and not narrative:
        return []
    in_bracket = run > 0 and pieces[run - 1].kind in "(["
    if not in_bracket and pieces[end:] and pieces[end].kind in "([" and (names := _with_given_names(pieces, run, end)):
        return names
    found: list[tuple[int, int]] = []
    start, signs = run, set[str]()
    for at in range(run, end + 1):
        if at < end and pieces[at].kind not in ",;":
            continue
        name = pieces[start:at]
        capitals = [
            piece
            for piece in name
            if piece.kind == WORD and len(piece.text) > 1 and not (piece.folded and piece.folded[0] in PARTICLES)
        ]
        initials = bool(name) and not capitals and all(piece.kind in (WORD, ".", "-") for piece in name)
        if initials and found:
            found[-1] = found[-1][0], at  # "Smith, J., Poe, A."
        elif len(capitals) != 1 or not _is_plain(name) or (_is_mere_word(name) and not _is_name_in_list(name)):
            return []
        elif any(piece.text.isupper() for piece in capitals):
            return []  # "(T-Trials, TRAVERSE, Hudson 2023)"
        else:
            found.append((start, at))
        if at < end:
            signs.add(pieces[at].kind)
        start = at + 1
    if signs == {";"}:
        comma = end < len(pieces) and pieces[end].kind == ","
        return found if in_bracket and comma and len(found) > 1 else []
    if len(found) == _TWO and in_bracket and not narrative:
        both = [pieces[start:stop] for start, stop in found]
        return found if signs == {","} and all(len(name) == 1 and is_family(name[0].text) for name in both) else []
    return found if signs == {","} and len(found) >= _FEWEST_LISTED else []


_FEWEST_LISTED = 3


def _with_given_names(pieces: list[Piece], start: int, end: int) -> list[tuple[int, int]]:
    """Return the names between two indices, if they are joined by commas and each has a given name, or initials.

    Two with initials behind their surnames are enough: "Orr JD, Pim A (2007)".
    """
    commas = [at for at in range(start, end) if pieces[at].kind == ","]
    bounds = list(zip([start, *(at + 1 for at in commas)], [*commas, end], strict=True))
    inverted = 0
    for first, last in bounds:
        name = pieces[first:last]
        capitals = [piece for piece in name if piece.kind == WORD]
        whole = [piece for piece in capitals if not is_initials(piece)]
        if not _is_plain(name) or not whole or not _TWO <= len(capitals) <= _MOST_WORDS:
            return []
        if any(not _NO_NAMES.isdisjoint(piece.folded[:1]) for piece in whole):
            return []
        inverted += is_initials(capitals[-1])
    if inverted not in (0, len(bounds)):
        return []
    return bounds if len(bounds) >= (_TWO if inverted else _FEWEST_LISTED) else []


_NO_NAMES = (SENTENCE_WORDS | NOT_AUTHORS | BODIES | frozenset(MONTHS)) - PARTICLES
"""Words that are hardly ever a part of a name, although they have a capital."""


def _is_name_in_list(name: list[Piece]) -> bool:
    return not NEVER_BEFORE_COMMA.isdisjoint(name[0].folded[:1])


def _is_plain(name: list[Piece]) -> bool:
    """Say whether a name consists of words with a capital, initials and particles."""
    return all(
        piece.kind in (WORD, ".", "-", "'")
        or (piece.kind == SMALL and piece.folded and (piece.folded[-1] in PARTICLES or "'" in piece.text))
        for piece in name
    )


def _is_and(piece: Piece) -> bool:
    return (
        piece.kind == "&"
        or (piece.kind == SMALL and len(piece.folded) == 1 and piece.folded[0] in AND)
        or piece.text in ("和", "与", "與")
    )


def _name_before(pieces: list[Piece], run: int, end: int) -> int | None:
    """Return where the name that ends before `end` starts: [initials] {particle} word {word} [initials] [suffix]."""
    at = end
    words_seen = 0
    while at > run:
        piece = pieces[at - 1]
        if piece.kind == WORD:
            word = piece.folded[0] if piece.folded else ""
            if (
                words_seen
                and (word in SENTENCE_WORDS or word in NOT_AUTHORS or word in MONTHS)
                and word not in _CAPITAL
                and not (len(word) == 1 and pieces[at].kind == ".")
            ):
                break
            if words_seen and is_cjk(piece.text) != is_cjk(pieces[end - 1].text):
                break
            if (
                words_seen
                and word in RELATING
                and (at - 1 == 0 or pieces[at - 2].kind in (".", ":", "|", "]", LABEL, "-"))
            ):
                break
            words_seen += 1
            at -= 1
        elif (
            (piece.kind == "." and at - 1 > run and is_abbreviated(pieces[at - 2]) and pieces[at - 2].kind == WORD)
            or (piece.kind == "-" and at - 1 > run and pieces[at - 2].kind == "." and words_seen)
            or (
                piece.kind == SMALL
                and words_seen
                and piece.folded
                and (
                    (piece.folded[-1] in PARTICLES and piece.folded[-1] not in _NOT_LEADING) or "'" in piece.text[1:-1]
                )
            )
            or (piece.kind == "'" and words_seen and at < end)
        ):
            at -= 1
        else:
            break
        if words_seen > _MOST_WORDS:
            break
    while at < end and (pieces[at].kind in (".", "-", "'") or (pieces[at].kind == SMALL and pieces[at].text == "of")):
        at += 1
    while (
        at < end - 1
        and pieces[at].kind == WORD
        and pieces[at].folded
        and pieces[at].folded[0] in SENTENCE_WORDS - _CAPITAL
        and not (len(pieces[at].text) == 1 and pieces[at + 1].kind == ".")
        and any(piece.kind == WORD and len(piece.text) > 1 for piece in pieces[at + 1 : end])
    ):
        at += 1
    if at == end or not any(piece.kind == WORD and len(piece.text) > 1 and piece.folded for piece in pieces[at:end]):
        return None
    return at


_MOST_WORDS = 7
_NOT_LEADING = word_set("y e i in a al op do la o s en")


_CAPITAL = word_set("de le la el da du von")
"""Particles that are sentence words elsewhere: before a name they are part of it, "De Houwer 2007"."""


def name_span(pieces: list[Piece]) -> tuple[int, int]:
    """Return the range of a name, without a possessive and signs after it (but with the full stop of "J." or "Jr.")."""
    last = len(pieces)
    while (
        last > 1
        and not pieces[last - 1].folded
        and not (pieces[last - 1].kind == "." and is_abbreviated(pieces[last - 2]))
    ):
        last -= 1
    end = pieces[last - 1].end
    if pieces[last - 1].text.endswith(("'s", "'S")) and len(pieces[last - 1].text) > 3:
        end -= 2
    return pieces[0].start, end
