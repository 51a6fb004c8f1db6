"""Whether names and a date look like a citation, whether or not any source fits them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.cite.cues import LIKELY, MORE_OF_IT, NO, YES, Cues
from wikitools.cite.lookalikes import is_authority, is_firm, is_no_name, prints_authorities
from wikitools.cite.tokens import INNER_CAPITAL, NUMBER, WORD, Piece
from wikitools.sources.names import organisation_forms, words
from wikitools.sources.vocabulary import MONTHS, NOT_AUTHORS, PLACES, SENTENCE_WORDS, UNFINISHED

if TYPE_CHECKING:
    from wikitools.cite.alignment import Fit
    from wikitools.cite.author_list import Shape
    from wikitools.cite.dates import Date
    from wikitools.sources.source import Bibliography


def may_be_name(piece: Piece) -> bool:
    """Say whether a single word before "(2014)" could be a slip in a name."""
    return len(piece.text) >= _SHORTEST_SLIP and INNER_CAPITAL.match(piece.text) is not None


_SHORTEST_SLIP = 5


def is_plausible(pieces: list[Piece], start: int, end: int, lead: str, fit: Fit) -> bool:
    """Say whether names that fit a source are more than words that happen to be a name: "May 2011" is a date."""
    if fit.named > 1 or fit.et_al:
        return True
    printed = [piece for piece in pieces[start:end] if piece.folded]
    if len(printed) > 1:
        return True
    word, text = printed[0].folded[0], printed[0].text
    if word in MONTHS:
        return lead == "narrative" or (lead == "bracket" and end < len(pieces) and pieces[end].kind == ",")
    if lead == "bracket" or (len(text) > 1 and text.isupper()):
        return True
    if word in NOT_AUTHORS:
        return False
    return lead == "narrative" or word not in SENTENCE_WORDS


# Not only up to the newest source: what a bibliography lacks was often published after its last update.
_FIRST_YEAR, _LAST_YEAR = 1900, 2099


def judge(
    pieces: list[Piece], shape: Shape, date: Date, bibliography: Bibliography, *, lead: str, text: str, written: str
) -> str:
    """Say how much names and a date that fit no source look like a citation.

    An author who is in the bibliography speaks for it, and so do "et al.", joined names, a bracket or item of its own,
    and a verb of saying. A product or collection number ("NanoDrop 2000"), the authority of a species name ("Porcellio
    laevis Latreille, 1804"), a place, a publisher, the end of a title and a manuscript in preparation speak against
    it. `text` is the plain prose, `written` the page's own text, which shows the marks around a title.
    """
    if date.year in UNFINISHED:
        return NO
    if is_authority(pieces, shape, date, text, written):
        recent = lead == "bracket" and date.year.isdigit() and int(date.year) >= _FIRST_YEAR
        return LIKELY if recent and not prints_authorities(written) else NO
    if date.suffix == "s" and date.year.endswith("0"):
        return NO  # a decade
    known = _is_known(pieces, shape, bibliography)
    cues = Cues(pieces, shape, date, lead, text, written, known, bibliography)
    if not date.year.isdigit():
        if date.opening < 0:
            return NO  # "which George accepted"
        return YES if known or shape.et_al or (lead == "bracket" and cues.fills) else NO
    year = int(date.year)
    is_old = False
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        sure = known and not shape.et_al and year < _FIRST_YEAR and lead != "bare"
        if not sure and not (_EARLIEST <= year < _FIRST_YEAR and lead != "bare" and not shape.et_al):
            return NO
        if not sure:
            if not cues.is_person() or cues.is_titled():
                return NO
            if lead == "bracket" and (cues.cued or MORE_OF_IT.match(text, date.end)):
                return YES
            is_old = True
    if shape.et_al:
        return NO if is_firm(cues.names) and not known else YES
    if cues.is_titled() or cues.is_life() or any(piece.kind == NUMBER for piece in cues.names):
        return NO
    if not known and is_no_name(pieces[shape.start : shape.end + 1]):
        return NO
    looks = cues.several() if len(shape.spans) > 1 else cues.alone()
    if not is_old or looks == NO:
        return looks
    return NO if not cues.is_old_work() else LIKELY if looks == YES else looks


_EARLIEST = 1700


_MOST_NAMESAKES = 40


def _is_known(pieces: list[Piece], shape: Shape, bibliography: Bibliography) -> bool:
    """Say whether the first name is one of a first author, as far as it is printed."""
    first, last = shape.spans[0]
    printed = [
        word
        for piece in pieces[shape.start : shape.end]
        if piece.kind == WORD and first <= piece.start < last
        for word in piece.folded
        if len(word) > 1
    ]
    for layer in bibliography.layers:
        for word in shape.firsts:
            for source in layer.by_author(word)[:_MOST_NAMESAKES]:
                if not source.names:
                    continue
                name = source.names[0]
                is_body = name.literal or not name.given
                if is_body and all(each in PLACES for each in printed):
                    continue  # "Office for Statistics (UK)"
                forms = organisation_forms(name.family) if is_body else ()
                if tuple(printed) in forms or set(printed) <= {*words(name.family), *words(name.given)}:
                    return True
    return False
