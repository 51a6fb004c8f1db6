"""What looks like an author list, and like a citation, whether or not any source fits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.cite.tokens import (
    NUMBER,
    REST,
    SMALL,
    WORD,
    Piece,
    is_abbreviated,
)
from wikitools.sources.names import PARTICLES, is_cjk, organisation_forms, words
from wikitools.sources.vocabulary import (
    AND,
    MONTHS,
    NOT_AUTHORS,
    NOT_PEOPLE,
    SENTENCE_WORDS,
    UNFINISHED,
    word_set,
)

if TYPE_CHECKING:
    from wikitools.cite.author_fit import Fit
    from wikitools.cite.dates import Date
    from wikitools.sources.source import Bibliography


@dataclass(frozen=True, slots=True)
class Shape:
    """An author list told by its form alone."""

    start: int
    """Index of its first piece."""
    end: int
    """Index after its last piece."""
    spans: tuple[tuple[int, int], ...]
    """Where each name stands in the prose."""
    et_al: bool
    firsts: tuple[str, ...]
    """Folded words that its first author may be filed under."""


def read_shape(pieces: list[Piece], run: int, end: int) -> Shape | None:
    """Read the author list that the pieces `run` to `end` end with, by its form alone.

    Grammar, backwards: ["et al."] name {"," | ";" name} [("and" | "&") name]; commas join names only beside an "and" or
    "et al.", since a clause may end with one. Words that begin sentences are no names.
    """
    at = end
    et_al = False
    while at > run and pieces[at - 1].kind in ",.'":
        at -= 1
    if at > run and pieces[at - 1].kind == REST:
        et_al = True
        at -= 1
        while at > run and pieces[at - 1].kind in ",.":
            at -= 1
    found: list[tuple[int, int]] = []
    joined = et_al
    joined_by_and = True
    while True:
        start = _name_before(pieces, run, at)
        if start is None or (found and not joined_by_and and _is_phrase(pieces[start:at])):
            break
        if found and is_cjk(pieces[start].text) != is_cjk(pieces[found[0][0]].text):
            break
        if found and not joined_by_and and _is_acronym(pieces[start:at]) and not pieces[found[0][0]].text.isupper():
            break  # "in-context learning (ICL, Chan et al. 2022)"
        found.insert(0, (start, at))
        at = start
        before = at - 1
        if before >= run and _is_and(pieces[before]):
            before -= 1
            joined = joined_by_and = True
            if before >= run and pieces[before].kind == ",":
                before -= 1
        elif before >= run and pieces[before].kind in ",;" and joined:
            before -= 1
            joined_by_and = False
        else:
            break
        if len(found) > 12:
            break
        at = before + 1
    if not found:
        return None
    spans = tuple(name_span(pieces[start:stop]) for start, stop in found)
    first = pieces[found[0][0] : found[0][1]]
    firsts = tuple(
        dict.fromkeys(word for piece in first if piece.kind == WORD for word in (*piece.folded[:1], *piece.folded[-1:]))
    )
    return Shape(found[0][0], end, spans, et_al, firsts)


def _is_phrase(pieces: list[Piece]) -> bool:
    """Say whether this is too long for a name in a list of names: "Machine Learning Research"."""
    return sum(piece.kind == WORD and len(piece.text) > 2 for piece in pieces) > 2


def _is_acronym(pieces: list[Piece]) -> bool:
    """Say whether a name is a single word in capitals."""
    return len(pieces) == 1 and len(pieces[0].text) > 1 and pieces[0].text.isupper()


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
            if words_seen and (word in SENTENCE_WORDS or word in NOT_AUTHORS or word in MONTHS):
                break
            if not words_seen and len(piece.text) > 2 and (word in NOT_AUTHORS or word in MONTHS):
                return None
            if words_seen and is_cjk(piece.text) != is_cjk(pieces[end - 1].text):
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
                and piece.folded[-1] in PARTICLES
                and piece.folded[-1] not in _NOT_LEADING
            )
            or (piece.kind == "'" and words_seen and at < end)
        ):
            at -= 1
        else:
            break
        if words_seen > 7:
            break
    while at < end and (pieces[at].kind in (".", "-", "'") or (pieces[at].kind == SMALL and pieces[at].text == "of")):
        at += 1
    while (
        at < end
        and pieces[at].kind == WORD
        and pieces[at].folded
        and pieces[at].folded[0] in SENTENCE_WORDS
        and end - at > 1
    ):
        at += 1
    if at == end or not any(piece.kind == WORD and len(piece.text) > 1 and piece.folded for piece in pieces[at:end]):
        return None
    if at == end - 1 and pieces[at].folded and pieces[at].folded[0] in SENTENCE_WORDS:
        return None
    return at


_NOT_LEADING = word_set("y e i in a al op do la o s en")


def name_span(pieces: list[Piece]) -> tuple[int, int]:
    """Return the place of a name, without a possessive and signs after it (but with the full stop of "J." or "Jr.")."""
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


def may_be_name(piece: Piece) -> bool:
    """Say whether a single word before "(2014)" could be a slip in a name."""
    return len(piece.text) >= _SHORTEST_SLIP and _INNER_CAPITAL.match(piece.text) is not None


_SHORTEST_SLIP = 5


def is_plausible(pieces: list[Piece], start: int, end: int, lead: str, fit: Fit) -> bool:
    """Say whether names that fit a source are more than words that happen to be a name: "May 2011" is a date."""
    if fit.named > 1 or fit.et_al:
        return True
    printed = [piece for piece in pieces[start:end] if piece.folded]
    if len(printed) > 1:
        return True
    word = printed[0].folded[0]
    if word in MONTHS:
        return lead == "narrative" or (lead == "bracket" and end < len(pieces) and pieces[end].kind == ",")
    return not (lead != "bracket" and (word in NOT_AUTHORS or word in SENTENCE_WORDS))


# Not up to the newest source: what a bibliography lacks is often what appeared after it was last looked after.
_FIRST_YEAR, _LAST_YEAR = 1900, 2099
_MOST_WORDS = 4
_EPITHET = re.compile(r"[a-z-]{3,}(?:us|um|is|ii|i|ae|a|oides|ans|ens|e|on|or|x)\Z")
_INNER_CAPITAL = re.compile(
    r"(?:Mc|Mac|De|Di|Da|Du|La|Le|Van|Von|Ver|Fitz|O'|D'|L')?[^\W\d_][^\W\d_A-Z]*(?:[-'][^\W\d_][^\W\d_A-Z]*)*\Z"
)


def is_convincing(
    pieces: list[Piece], shape: Shape, date: Date, bibliography: Bibliography, *, lead: str, written: str
) -> bool:
    """Say whether names and a date that fit no source still look like a citation.

    An author whom the bibliography knows speaks for it, and so do "et al.", two names joined, a bracket of its own; a
    product or collection number ("NanoDrop 2000", "Giacomin et al. 1854"), the authority of a species name
    ("Porcellio laevis Latreille, 1804"), a venue or publisher, the end of a title and a manuscript in preparation speak
    against it. `written` is the page's own text, which shows the marks around a title.
    """
    if date.year in UNFINISHED:
        return False
    known = _is_known(pieces, shape, bibliography)
    if not date.year.isdigit():
        return known
    if _is_authority(pieces, shape):
        return False
    year = int(date.year)
    in_range = _FIRST_YEAR <= year <= _LAST_YEAR
    if not in_range and (not known or shape.et_al or year >= _FIRST_YEAR or lead == "bare"):
        return False
    if shape.et_al:
        return True
    names = pieces[shape.start : shape.end]
    capitals = [piece for piece in names if piece.kind == WORD and len(piece.text) > 1]
    if any(piece.kind == NUMBER for piece in names) or _has_title_marks(written, names[0].start, date.start):
        return False
    if not known and any(not _is_family(piece.text) for piece in capitals):
        return False
    if not known and any(word in NOT_PEOPLE for piece in capitals for word in piece.folded):
        return False
    if (
        not known
        and date.opening >= 0
        and shape.end < len(pieces)
        and pieces[shape.end].kind == ","
        and _after_title(written, date.opening)
    ):
        return False  # who published it: *The Power in the Land* (Shepheard-Walwyn, 1983)
    if len(shape.spans) > 1:
        return known or (lead != "bare" and len(capitals) <= len(shape.spans))
    if lead == "bare" or len(capitals) > _MOST_WORDS:
        return False
    before = pieces[shape.start - 1] if shape.start > 0 else None
    return known or (lead == "bracket" and (before is None or before.kind in "([;,"))


def _is_family(word: str) -> bool:
    """Say whether a word has the shape of a name in the Latin script or its like: no acronym, no Chinese."""
    return _INNER_CAPITAL.match(word) is not None and not is_cjk(word)


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
                forms = organisation_forms(name.family) if name.literal or not name.given else ()
                if tuple(printed) in forms or set(printed) <= {*words(name.family), *words(name.given)}:
                    return True
    return False


_TITLE_MARKS = frozenset('*_"“”„«»')
_LONGEST_NAMES = 400
_LONGEST_TITLE = 200
_TITLE_END = re.compile(r"(?:[*_\"”»][^\n()*_\"]{0,24}|\))[)\]]{0,2}\Z")
_TITLE_CAPITAL = re.compile(r"[A-Z][\w'’-]+")


def _has_title_marks(written: str, start: int, end: int) -> bool:
    """Say whether emphasis, quote marks or half a link stand between two places: a title ends with them."""
    printed = written[max(start, end - _LONGEST_NAMES) : end]
    if not _TITLE_MARKS.isdisjoint(printed):
        return True
    link = printed.find("](")
    return link >= 0 and "[" not in written[max(0, start - 3) : start + link]


def _after_title(written: str, end: int) -> bool:
    """Say whether a title in emphasis, quote marks or a link, told by its capitals, ends before `end`."""
    before = written[max(0, end - _LONGEST_TITLE) : end].rstrip()
    if _TITLE_END.search(before) is None:
        return False
    line = before.rpartition("\n\n")[2]
    return len(_TITLE_CAPITAL.findall(line[-_TITLE_TAIL:])) > 1


_TITLE_TAIL = 60


def _is_authority(pieces: list[Piece], shape: Shape) -> bool:
    """Say whether the names are the authority of a species: after genus and epithet, with a comma before the year."""
    if shape.et_al or shape.end >= len(pieces) or pieces[shape.end].kind != ",":
        return False
    at = shape.start - 1
    if at > 0 and pieces[at].kind == "(":
        at -= 1
    if at > 0 and pieces[at].kind == ")":  # a subgenus: Bembidion (Trepanes) octomaculatum
        return False
    if at < 1 or pieces[at].kind != SMALL or not _EPITHET.match(pieces[at].text):
        return False
    genus = pieces[at - 1]
    if genus.kind == ")" and at > 3:
        genus = pieces[at - 4]
    return genus.kind == WORD or (genus.kind == "." and at > 1 and len(pieces[at - 2].text) <= 2)
