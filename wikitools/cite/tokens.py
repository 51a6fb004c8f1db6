"""Splits the prose before a date into words and signs, and finds how far back an author list can reach."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from wikitools.sources.names import PARTICLES, SUFFIXES, is_cjk, spelled_out, words
from wikitools.sources.vocabulary import AND, word_set

if TYPE_CHECKING:
    from collections.abc import Container

_GAP = r"[ \x01]*"
_REST = "|".join(
    (
        r"et\x01?[ \x01]{1,4}al(?:ii|ia|\b)\x01*\.?",
        r"et[ \x01]{1,4}coll?(?:ab)?\b\.?",
        rf"et\.{_GAP}al\b\.?",
        r"(?:and|&)[ \x01]{1,4}(?:(?:his|her|their|its|two|three|four|other|several)[ \x01]{1,4})?"
        r"(?:others|colleagues|co-?workers|collaborators|co-?authors|associates|team)\b",
        r"(?:and|&)[ \x01]{1,4}(?:his|her|their)[ \x01]{1,4}(?:students|group|lab)\b",
        r"&[ \x01]{1,4}[Cc]o\b\.?",
        r"[ye][ \x01]{1,4}(?:cols?|colab(?:oradores)?)\b\.?",
        rf"u\.{_GAP}a\.",
        rf"и{_GAP}др\.",
        rf"та{_GAP}ін\.",
        r"a\.o\.",
        r"m\.fl\.",
    )
)
"""The words for authors that are not named."""

_LETTER = r"[^\W_等和与與]"
_LETTERS = rf"[A-Za-z]*{_LETTER}*(?:[\u0300-\u036f]+{_LETTER}*)*"
"""The rest of a word; accents may be characters of their own. Chinese joins names without blanks."""

_PIECE = re.compile(
    rf"(?=[ea&yuитm])(?<![^\W_])(?:{_REST})|[等和与與]|[^\W\d_等和与與]{_LETTERS}(?:['-]{_LETTER}{_LETTERS})*|\d+|[^\s\x01]"
)

WORD, SMALL, REST, NUMBER, LABEL = "W", "w", "E", "0", "*"
"""Kinds of piece: a word with a capital (or of a script without case), another word, "et al.", a number, and the end of
markup between two words, which parts a label from a name: "**Extends** Chen"."""


@dataclass(slots=True)
class Piece:
    """A word, number or sign of the prose; `folded` are its words for comparison (none for signs)."""

    kind: str
    text: str
    start: int
    end: int
    folded: tuple[str, ...] = ()


_GLUED = re.compile(r"(?:al|an|da|de|del|der|di|du|el|la|le|von|van)-?[^\W\d_a-z][^\W\d_A-Z]+\Z")
"""A name in lower case because of its particle: vonHoldt, al-Azawi."""


_IN_NO_WORD = frozenset(" .\x01")


@lru_cache(maxsize=1 << 15)
def _classify(text: str) -> tuple[str, tuple[str, ...]]:
    first = text[0]
    if text.isascii() and text.isalpha():
        return (SMALL if first.islower() and not _GLUED.match(text) else WORD), (text.lower(),)
    if first.isalpha():
        if text == "等" or not _IN_NO_WORD.isdisjoint(text):
            return REST, ()
        bare = text[:-2] if text.endswith(("'s", "'S")) and len(text) > 3 else text
        parts = words(bare)
        while len(parts) > 1 and parts[0] in PARTICLES:
            parts = parts[1:]
        return (SMALL if first.islower() and not _GLUED.match(text) else WORD), parts
    if first == "&" and len(text) > 1:
        return REST, ()  # "& colleagues"
    return (NUMBER if first.isdigit() else text), ()


def other_words(piece: Piece) -> tuple[str, ...]:
    """Return the words of a piece with umlauts spelled out: () where it has none."""
    if piece.text.isascii():
        return ()
    other = _classify(spelled_out(piece.text))[1]
    return other if other != piece.folded else ()


def pieces_of(text: str, start: int, end: int) -> list[Piece]:
    """Return the pieces of `text` between two offsets."""
    found: list[Piece] = []
    for match in _PIECE.finditer(text, start, end):
        piece = match[0]
        kind, folded_words = _classify(piece)
        at = match.start()
        if kind == WORD and found and found[-1].kind == WORD and text[at - 1] == " " and text[found[-1].end] == "\x01":
            found.append(Piece(LABEL, "", found[-1].end, found[-1].end))
        found.append(Piece(kind, piece, at, match.end(), folded_words))
    return found


def split_at_dashes(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces with words split at their dashes: "Fehr-Schmidt" may be two people."""
    found: list[Piece] = []
    for piece in pieces:
        if piece.kind != WORD or "-" not in piece.text:
            found.append(piece)
            continue
        at = piece.start
        for number, part in enumerate(piece.text.split("-")):
            if number:
                found.append(Piece("-", "-", at - 1, at))
            if part:
                kind, folded_words = _classify(part)
                found.append(Piece(kind, part, at, at + len(part), folded_words))
            at += len(part) + 1
    return found


_JOINING = frozenset(",;&./-'")
INSIDE_NAMES = word_set(
    "of the for on in de del des du et und fur der die das pour la le los las do da dos di e y i and og en och"
)


def name_run(pieces: list[Piece], end: int, particles: Container[str] = ()) -> int:
    """Return the start of the run of pieces that could be an author list and ends before index `end`.

    A run holds capitalised words, particles, joining words, the small words of organisations, "et al." and signs that
    join; a full stop ends it unless it closes an initial or a short form. Further `particles` count behind what joins
    names: "Aasen and voor den Hock".
    """
    at = end
    while at > 0:
        piece = pieces[at - 1]
        kind = piece.kind
        if kind in (WORD, REST):
            at -= 1
        elif kind == SMALL:
            word = piece.folded[0] if piece.folded else ""
            if (
                word in PARTICLES
                or word in AND
                or word in INSIDE_NAMES
                or word in SUFFIXES
                or not piece.text.islower()  # vonHoldt, al-Azawi
                or "'" in piece.text[1:-1]  # Huis in't Veld
                or (word in particles and _is_joined(pieces, at - 1, particles))
            ):
                at -= 1
            else:
                break
        elif kind == ".":
            if at < 2 or not is_abbreviated(pieces[at - 2]):
                break
            at -= 1
        elif kind in _JOINING:
            at -= 1
        else:
            break
    return at


def _is_joined(pieces: list[Piece], at: int, particles: Container[str]) -> bool:
    """Say whether the particles up to `at` follow what joins names."""
    while at > 0 and pieces[at].kind == SMALL and pieces[at].folded and pieces[at].folded[0] in particles:
        at -= 1
    return pieces[at].kind in ("&", ",") or pieces[at].folded[:1] in _AND


_AND = frozenset((word,) for word in AND)


def is_abbreviated(piece: Piece) -> bool:
    """Say whether a full stop after this piece ends an initial or a short form, not a sentence."""
    if piece.kind == SMALL:
        return piece.text in ("al", "cols") or len(piece.text) == 1
    if piece.kind != WORD:
        return piece.kind == REST
    last = piece.text.rpartition("-")[2]
    if "-" in piece.text and len(last) <= 3 and last[0].isupper():  # Rangel-Ch.
        return True
    return len(piece.text) <= 2 or (
        len(piece.text) <= 3
        and (piece.text.isupper() or piece.text in ("Jr", "Sr", "St", "Ste", "Chr", "Jos", "Wm", "Th"))
    )


INNER_CAPITAL = re.compile(
    r"(?:Mc|Mac|De|Di|Da|Du|La|Le|Van|Von|Ver|Fitz|O'|D'|L')?[^\W\d_][^\W\d_A-Z]*(?:[-'][^\W\d_][^\W\d_A-Z]*)*\Z"
)


def is_initials(piece: Piece) -> bool:
    """Say whether a piece is one to three capitals: "J", "JD", also of "the UN"."""
    return len(piece.text) <= _MOST_INITIALS and piece.text.isupper()


_MOST_INITIALS = 3


def is_family(word: str) -> bool:
    """Say whether a word has the shape of a name in the Latin script or its like: no acronym, no Chinese."""
    if word[1:2] == "-":
        return False  # Q-learning
    return not is_cjk(word) and (INNER_CAPITAL.match(word) is not None or _CAMEL.match(word) is not None)


_CAMEL = re.compile(r"(?:De|Di|Da|Du|La|Le|Mac|Mc|Van|Von|Der|El|Al|Ben|Fitz|Mur)[A-Z][a-z]+\Z")
