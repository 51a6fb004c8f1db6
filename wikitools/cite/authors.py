"""Author lists in prose: read backwards from a date, and laid against the authors of a source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from wikitools.cite.names import PARTICLES, SUFFIXES, folded, is_cjk, initials_agree, initials_equal, organisation_forms, words
from wikitools.cite.words import AND, MONTHS, NOT_AUTHORS, SENTENCE_WORDS

if TYPE_CHECKING:
    from wikitools.cite.source import Name, Source

_GAP = r"[ \x01]*"
_REST = "|".join(
    (
        r"et\x01?[ \x01]{1,4}al(?:ii|ia|\b)\x01*\.?",
        r"et[ \x01]{1,4}coll?\b\.?",
        rf"et\.{_GAP}al\b\.?",
        r"(?:and|&)[ \x01]{1,4}(?:others|colleagues|co-?workers|collaborators|co-?authors)\b",
        r"[ye][ \x01]{1,4}(?:cols?|colab)\b\.?",
        rf"u\.{_GAP}a\.",
        rf"и{_GAP}др\.",
        rf"та{_GAP}ін\.",
        r"a\.o\.",
        r"m\.fl\.",
    )
)
"""What stands for the authors that are not named."""

_LETTER = r"[^\W_等和与與]"
_LETTERS = rf"{_LETTER}*(?:[\u0300-\u036f]+{_LETTER}*)*"
"""The rest of a word; accents may be characters of their own. Chinese joins names without blanks."""

_TOKEN = re.compile(rf"(?<![^\W_])(?:{_REST})|[等和与與]|[^\W\d_等和与與]{_LETTERS}(?:['-]{_LETTER}{_LETTERS})*|\d+|[^\s\x01]")

WORD, SMALL, REST, NUMBER = "W", "w", "E", "0"
"""Kinds of token: a word with a capital (or of a script without case), another word, "et al.", a number; else the sign itself."""


@dataclass(slots=True)
class Token:
    """A word, number or sign of the prose; `folded` are its words as compared (none for signs)."""

    kind: str
    text: str
    start: int
    end: int
    folded: tuple[str, ...] = ()


@lru_cache(maxsize=1 << 15)
def _classify(text: str) -> tuple[str, tuple[str, ...]]:
    first = text[0]
    if first.isalpha():
        if " " in text or "\x01" in text or text in ("等", "a.o.", "m.fl.") or text.startswith(("u.", "и")) and text.endswith("."):
            return REST, ()
        bare = text[:-2] if text.endswith(("'s", "'S")) and len(text) > 3 else text
        parts = words(bare)
        while len(parts) > 1 and parts[0] in PARTICLES:
            parts = parts[1:]
        return (SMALL if first.islower() else WORD), parts
    return (NUMBER if first.isdigit() else text), ()


def tokens_of(text: str, start: int, end: int) -> list[Token]:
    """Return the tokens of `text` between two offsets."""
    found = []
    for match in _TOKEN.finditer(text, start, end):
        piece = match[0]
        kind, folded_words = _classify(piece)
        found.append(Token(kind, piece, match.start(), match.end(), folded_words))
    return found


_JOINING = frozenset(",;&./-'")
_INSIDE_NAMES = frozenset("of the for on in de del des du et und für der die das pour la le los las do da dos das di e y i and og en och".split())


def name_run(tokens: list[Token], end: int) -> int:
    """Return where the run of tokens that could be an author list, and ends before index `end`, starts.

    A run holds capitalised words, particles, joining words, the small words of organisations, "et al." and signs that join;
    a full stop ends it unless it closes an initial or a short form.
    """
    at = end
    while at > 0:
        token = tokens[at - 1]
        kind = token.kind
        if kind in (WORD, REST):
            at -= 1
        elif kind == SMALL:
            word = token.folded[0] if token.folded else ""
            if word in PARTICLES or word in AND or word in _INSIDE_NAMES or token.text[1:2].isupper() or word in SUFFIXES:
                at -= 1
            elif "'" in token.text and token.text[token.text.index("'") + 1 :][:1].isupper():
                at -= 1
            else:
                break
        elif kind == ".":
            if at < 2 or not _abbreviated(tokens[at - 2]):
                break
            at -= 1
        elif kind in _JOINING:
            at -= 1
        else:
            break
    return at


def _abbreviated(token: Token) -> bool:
    """Say whether a full stop after this token is that of an initial or a short form, not of a sentence."""
    if token.kind == REST:
        return True
    if token.kind != WORD:
        return token.kind == SMALL and (token.text in ("al", "St", "cols") or len(token.text) == 1)
    return len(token.text) <= 2 or (len(token.text) <= 3 and (token.text.isupper() or token.text in ("Jr", "Sr", "St", "Ste", "Chr", "Jos", "Wm", "Th")))


@dataclass(frozen=True, slots=True)
class Fit:
    """How the names printed in tokens `start` to the end of the run stand to the authors of `source`; `rank` 0 is best."""

    source: Source
    rank: int
    start: int
    named: int
    """How many authors are printed."""
    et_al: bool
    loose: int = 0
    """How many printed given names or initials are only compatible with the author's ("M." for M. K.), not the same."""


EXACT, ONE_MORE, FEWER, NO_MORE, DOUBTFUL = range(5)
"""Ranks: all authors agree · "A et al." for two authors · fewer are printed than there are · "et al." though no more are
known · an unknown name stands before."""


def align(tokens: list[Token], start: int, end: int, source: Source) -> Fit | None:
    """Lay the tokens `start` to `end` against the authors of `source`, in order; `None` when a printed name is not theirs.

    Grammar: name {separator name} [separator] ["et al."]; a name is [given] [particles] family [initials] [suffix].
    """
    names = source.names
    if not names:
        at = _words_at(tokens, start, end, words(source.title))
        return Fit(source, EXACT, start, 1, False) if at is not None and _only_signs(tokens, at, end) else None
    at, named, loose = start, 0, 0
    et_al = False
    while True:
        if named == len(names):
            return None
        found = _name_at(tokens, at, end, names[named], named == 0)
        if found is None:
            return None
        after, given_loosely = found
        loose += given_loosely
        named += 1
        at = _skip_separators(tokens, after, end)
        if at == end:
            break
        if tokens[at].kind == REST:
            if _skip_separators(tokens, at + 1, end) != end:
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
    return Fit(source, rank, start, named, et_al, loose)


def _only_signs(tokens: list[Token], start: int, end: int) -> bool:
    return all(token.kind not in (WORD, SMALL, NUMBER) for token in tokens[start:end])


def _skip_separators(tokens: list[Token], at: int, end: int) -> int:
    while at < end:
        token = tokens[at]
        if token.kind in ",;&./'-":
            at += 1
        elif token.kind in (SMALL, WORD) and len(token.folded) == 1 and token.folded[0] in AND and (token.kind == SMALL or token.text in ("和", "与", "與")):
            at += 1
        else:
            break
    return at


def _words_at(tokens: list[Token], at: int, end: int, form: tuple[str, ...]) -> int | None:
    """Return the index after the words of `form`, if they stand at `at`; signs between words do not count."""
    wanted = 0
    while wanted < len(form):
        if at >= end:
            return None
        token = tokens[at]
        found = token.folded
        if not found:
            if token.kind in (NUMBER, REST):
                if token.text != form[wanted]:
                    return None
                wanted += 1
            elif wanted == 0:
                return None
            at += 1
            continue
        if found != form[wanted : wanted + len(found)]:
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
    if is_cjk(name.family):
        found.insert(0, words(name.family + name.given))
    return tuple(found)


def _name_at(tokens: list[Token], at: int, end: int, name: Name, first: bool) -> tuple[int, bool] | None:
    """Return the index after the author `name` printed at `at`, and whether printed given names agree only loosely.

    Particles and given names may stand before the family name.
    """
    leading: list[str] = []
    given: tuple[str, ...] | None = None
    while at < end and len(leading) <= 5:
        for form in _forms(name):
            after = _words_at(tokens, at, end, form)
            if after is None:
                continue
            given = folded(name).given if given is None else given
            loosely = False
            if not name.literal and leading and given:
                if not initials_agree(tuple(leading), given):
                    return None
                loosely = not initials_equal(tuple(leading), given)
            return _trailing_initials(tokens, after, end, given, loosely)
        token = tokens[at]
        if first or token.kind not in (WORD, SMALL, ".", "-"):
            return None
        if token.kind in (WORD, SMALL):
            leading += [word for word in token.folded if word not in PARTICLES]
        at += 1
    return None


def _trailing_initials(
    tokens: list[Token], at: int, end: int, given: tuple[str, ...], loosely: bool
) -> tuple[int, bool] | None:
    """Return the index after initials ("J.M.", "JM") and a suffix ("Jr.") that follow a family name; `None` when they contradict it."""
    initials: list[str] = []
    follows = 0
    last = at
    while at < end:
        token = tokens[at]
        if token.kind == WORD and not initials and token.folded and given and token.folded == given[follows : follows + len(token.folded)]:
            follows += len(token.folded)
            at += 1
            last = at
        elif token.kind == WORD and len(token.text) <= 3 and token.text.isupper() and token.folded and token.folded[0] not in SUFFIXES:
            initials += token.folded
            at += 1
            last = at
        elif token.kind in (WORD, SMALL) and token.folded and token.folded[0] in SUFFIXES:
            at += 1
            last = at
        elif token.kind in ".-'" and at > 0 and (initials or token.kind == "."):
            at += 1
            last = at
        else:
            break
    if initials and given:
        if not initials_agree(tuple(initials), given):
            return None
        loosely = loosely or not initials_equal(tuple(initials), given)
    return last, loosely


def extend_left(tokens: list[Token], start: int, lowest: int, source: Source) -> tuple[int, bool] | None:
    """Return where the first author's name starts once particles, given names and initials before it are counted, and
    whether those agree only loosely.

    `None` when the initials before it are not that author's ("L. Z. Li" is not Q. Li).
    """
    if not source.names:
        return start, False
    name = folded(source.names[0])
    at = start
    given: list[str] = []
    while at > lowest:
        token = tokens[at - 1]
        before = tokens[at - 2] if at - 1 > lowest else None
        if token.kind == SMALL and token.folded and token.folded[-1] in PARTICLES and (token.folded[-1] in name.family or token.folded[-1] in _DROPPED):
            at -= 1
        elif token.kind == WORD and token.folded[-1] in PARTICLES and token.folded[-1] in name.family:
            at -= 1
        elif token.kind == "." and before is not None and before.kind == WORD and len(before.text) <= 2 and before.folded:
            given[:0] = before.folded
            at -= 2
        elif token.kind == WORD and token.text.isupper() and len(token.text) <= 2 and token.folded and token.text not in ("A", "I"):
            given[:0] = token.folded
            at -= 1
        elif token.kind == WORD and len(token.text) > 2 and token.folded and token.folded[0] in name.given:
            given[:0] = token.folded
            at -= 1
        elif token.kind == "-" and before is not None and before.kind == ".":
            at -= 1
        else:
            break
    if given and name.given:
        if not initials_agree(tuple(given), name.given):
            return None
        return at, not initials_equal(tuple(given), name.given)
    return at, False


_DROPPED = frozenset("van von der den de del della di da dos du ter ten".split())
"""Particles that a bibliography may lack though the page prints them."""


@dataclass(frozen=True, slots=True)
class Shape:
    """An author list told by its form alone."""

    start: int
    """Index of its first token."""
    spans: tuple[tuple[int, int], ...]
    """Where each name stands in the prose."""
    et_al: bool
    firsts: tuple[str, ...]
    """Folded words that its first author may be filed under."""


def read_shape(tokens: list[Token], run: int, end: int) -> Shape | None:
    """Read the author list that the tokens `run` to `end` end with, by its form alone.

    Grammar, backwards: ["et al."] name {"," | ";" name} [("and" | "&") name]; commas join names only beside an "and" or
    "et al.", since a clause may end with one. Words that begin sentences are no names.
    """
    at = end
    et_al = False
    while at > run and tokens[at - 1].kind in ",.'":
        at -= 1
    if at > run and tokens[at - 1].kind == REST:
        et_al = True
        at -= 1
        while at > run and tokens[at - 1].kind in ",.":
            at -= 1
    pieces: list[tuple[int, int]] = []
    joined = et_al
    joined_by_and = True
    while True:
        start = _name_before(tokens, run, at)
        if start is None or (pieces and not joined_by_and and _is_phrase(tokens[start:at])):
            break
        pieces.insert(0, (start, at))
        at = start
        before = at - 1
        if before >= run and _is_and(tokens[before]):
            before -= 1
            joined = joined_by_and = True
            if before >= run and tokens[before].kind == ",":
                before -= 1
        elif before >= run and tokens[before].kind in ",;" and joined:
            before -= 1
            joined_by_and = False
        else:
            break
        if len(pieces) > 12:
            break
        at = before + 1
    if not pieces:
        return None
    spans = tuple(_name_span(tokens[start:stop]) for start, stop in pieces)
    first = tokens[pieces[0][0] : pieces[0][1]]
    firsts = tuple(dict.fromkeys(word for token in first if token.kind == WORD for word in (*token.folded[:1], *token.folded[-1:])))
    return Shape(pieces[0][0], spans, et_al, firsts)


def _is_phrase(tokens: list[Token]) -> bool:
    """Say whether this is too long for a name in a list of names: "Machine Learning Research"."""
    return sum(token.kind == WORD and len(token.text) > 2 for token in tokens) > 2


def _is_and(token: Token) -> bool:
    return token.kind == "&" or (token.kind == SMALL and len(token.folded) == 1 and token.folded[0] in AND) or token.text in ("和", "与", "與")


def _name_before(tokens: list[Token], run: int, end: int) -> int | None:
    """Return where the name starts that ends before index `end`: [initials] {particle} word {word} [initials] [suffix]."""
    at = end
    words_seen = 0
    while at > run:
        token = tokens[at - 1]
        if token.kind == WORD:
            word = token.folded[0] if token.folded else ""
            if words_seen and (word in SENTENCE_WORDS or word in NOT_AUTHORS or word in MONTHS):
                break
            if not words_seen and len(token.text) > 2 and (word in NOT_AUTHORS or word in MONTHS):
                return None
            words_seen += 1
            at -= 1
        elif token.kind == "." and at - 1 > run and _abbreviated(tokens[at - 2]) and tokens[at - 2].kind == WORD:
            at -= 1
        elif token.kind == "-" and at - 1 > run and tokens[at - 2].kind == "." and words_seen:
            at -= 1
        elif token.kind == SMALL and words_seen and token.folded and token.folded[-1] in PARTICLES and token.folded[-1] not in _NOT_LEADING:
            at -= 1
        elif token.kind == "'" and words_seen and at < end:
            at -= 1
        else:
            break
        if words_seen > 7:
            break
    while at < end and tokens[at].kind in (".", "-", "'"):
        at += 1
    while at < end and tokens[at].kind == WORD and tokens[at].folded and tokens[at].folded[0] in SENTENCE_WORDS and end - at > 1:
        at += 1
    if at == end or not any(token.kind == WORD and len(token.text) > 1 and token.folded for token in tokens[at:end]):
        return None
    if at == end - 1 and tokens[at].folded and tokens[at].folded[0] in SENTENCE_WORDS:
        return None
    return at


_NOT_LEADING = frozenset("y e i in a al op do la o s en".split())


def _name_span(tokens: list[Token]) -> tuple[int, int]:
    """Return the place of a name, without a possessive and without signs after it (but with the full stop of "J." or "Jr.")."""
    last = len(tokens)
    while last > 1 and not tokens[last - 1].folded and not (tokens[last - 1].kind == "." and _abbreviated(tokens[last - 2])):
        last -= 1
    end = tokens[last - 1].end
    if tokens[last - 1].text.endswith(("'s", "'S")) and len(tokens[last - 1].text) > 3:
        end -= 2
    return tokens[0].start, end
