"""Reads the text before a date: its words and signs, what joins them to the date, and whether they can be names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.cite.tokens import REST, SMALL, WORD, Piece, name_run, pieces_of
from wikitools.sources.names import PARTICLES, fold
from wikitools.sources.vocabulary import AND, ROLES

if TYPE_CHECKING:
    from wikitools.cite.dates import Date
    from wikitools.sources.source import Bibliography

NEAR, _FAR = 72, 400
"""How far back names are searched, and how far if the names go on."""
_WORD_BEFORE = re.compile(r"[^\W\d_]+$")
_BEFORE_DATES = frozenset(
    [
        "al",
        "alii",
        "colleagues",
        "others",
        "coworkers",
        "workers",
        "collaborators",
        "coauthors",
        "associates",
        "team",
        "co",
        "collab",
        "colaboradores",
        "authors",
        "cols",
        "col",
        "coll",
        "colab",
        "др",
        "ін",
        "a",
        "fl",
    ]
)
_LONGEST_WORD = 30


def after_other_word(text: str, date: Date, lowest: int, bibliography: Bibliography) -> bool:
    """Say whether the word right before the date is in lower case and not a name: most years are like "in 2010"."""
    if date.opening >= lowest:
        return False
    end = date.start
    while end > lowest and text[end - 1] in " \x01":
        end -= 1
    if end == lowest or not text[end - 1].islower():
        return False
    word = _WORD_BEFORE.search(text, max(lowest, end - _LONGEST_WORD), end)
    if (
        word is None
        or not word[0].islower()
        or word[0] in _BEFORE_DATES
        or text[word.start() - 1 : word.start()] in ("-", "'")
    ):
        return False
    return not _known_in(fold(word[0]), date, bibliography)


def _known_in(word: str, date: Date, bibliography: Bibliography) -> bool:
    return any(layer.by_author_and_year(word, date.year) for layer in bibliography.layers)


def capitalise_known(pieces: list[Piece], end: int, date: Date, bibliography: Bibliography) -> None:
    """Turn words in lower case into names if they are names.

    They are if an author of that year is at the end, "van der lee 2015", or if a known author without capitals is next
    to another name, "boyd & Ellison 2007".
    """
    at = end - 1
    while at > 0 and pieces[at].kind in (REST, ",", "."):
        at -= 1
    piece = pieces[at]
    if (
        piece.kind == SMALL
        and piece.folded
        and piece.folded[0] not in PARTICLES
        and _known_in(piece.folded[0], date, bibliography)
    ):
        piece.kind = WORD
    small = [layer.small_names() for layer in bibliography.layers]
    if not any(small):
        return
    for number, piece in enumerate(pieces[:end]):
        if piece.kind != SMALL or not piece.folded or not any(piece.folded[0] in names for names in small):
            continue
        beside = pieces[max(0, number - 1) : number] + pieces[number + 1 : min(number + 2, end)]
        if any(other.kind in (REST, "&", ",") or other.folded[:1] in _JOINS for other in beside):
            piece.kind = WORD


_JOINS = frozenset((word,) for word in AND)


def pieces_before(text: str, date: Date, lowest: int) -> tuple[list[Piece], int, str, str]:
    """Return the pieces before a date, how many of them come before the lead (comma, bracket), and its kind.

    The kind is "narrative" for `Shah (2023`, "bracket" for `(Shah, 2023`, else "bare". The last value is the acronym in
    a bracket after the names, if there is one.
    """
    acronym = ""
    for width in (NEAR, _FAR):
        begin = max(lowest, date.start - width)
        if begin > lowest:
            while begin < date.start and text[begin].isalnum():
                begin += 1
        pieces = pieces_of(text, begin, date.start)
        end = len(pieces)
        lead = "bracket" if date.opening >= 0 else "bare"
        while end > 0 and pieces[end - 1].kind in ",;:.([\"'“”„«»":
            sign = pieces[end - 1].kind
            if (
                sign == "."
                and lead == "bare"
                and end > 1
                and pieces[end - 2].kind == WORD
                and len(pieces[end - 2].text) > 3
            ):
                return pieces, 0, lead, ""  # a sentence ends here
            if sign == ";" and lead == "bare":
                return pieces, 0, lead, ""
            if sign in "([":
                if lead == "narrative":
                    break
                lead = "narrative"
            end -= 1
        if end > 2 and pieces[end - 1].text == "s" and pieces[end - 2].kind == "'":
            end -= 2
        end, acronym = _without_acronym(pieces, end)
        end, lead = _without_role(pieces, end, lead)
        if begin == lowest or (end > 0 and name_run(pieces, end) > 0) or (end == 0 and width == _FAR):
            break
    return pieces, end, lead, acronym


def _without_role(pieces: list[Piece], end: int, lead: str) -> tuple[int, str]:
    """Return the end of the names before a role, and the lead: "Flann, ed. 1976", "Flann (ed., 1976)"."""
    at = end - 1
    while at > 0 and pieces[at].kind in ".,":
        at -= 1
    if at < _FEWEST_BEFORE_ROLE or pieces[at].folded[:1] not in _ROLES:
        return end, lead
    joined = pieces[at - 1].kind
    if joined not in (",", "(", "[") or (pieces[at - 2].kind not in (WORD, ".")):
        return end, lead
    return at - 1, lead if joined == "," else "narrative"


_FEWEST_BEFORE_ROLE = 2
_ROLES = frozenset((word,) for word in ROLES)


def _without_acronym(pieces: list[Piece], end: int) -> tuple[int, str]:
    """Remove a bracket of words that ends at `end`, and return its word if it has only one.

    Such a bracket explains the name before it: "World Health Organization [WHO], 2021".
    """
    if end < 3 or pieces[end - 1].kind not in ")]":
        return end, ""
    at = end - 2
    while at > 0 and end - at < _LONGEST_ACRONYM and pieces[at].kind in (WORD, SMALL, "&", "-", "."):
        at -= 1
    if at == end - 2 or at == 0 or pieces[at].kind not in "([":
        return end, ""
    if pieces[at - 1].kind not in (WORD, SMALL) and not (
        pieces[at - 1].kind == "." and pieces[at + 1].folded[:1] in _ROLES  # "Flann, K. V. (Ed.). (1976)"
    ):
        return end, ""
    acronym = pieces[at + 1].folded[0] if end - at == 3 and pieces[at + 1].folded else ""
    del pieces[at:end]
    return at, acronym


_LONGEST_ACRONYM = 12
