"""What looks like names and a year but is not a citation: codes, degrees, volumes, journals, species, acronyms."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from wikitools.cite.tokens import REST, SMALL, WORD, Piece
from wikitools.sources.names import words
from wikitools.sources.questions import finds_sources, table_of
from wikitools.sources.vocabulary import PLACES, PUBLISHERS
from wikitools.text import places_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wikitools.cite.author_list import Shape
    from wikitools.cite.dates import Date
    from wikitools.sources.source import Bibliography, Layer, Source

IN_WORD = re.compile(r"\w")
_CODE = re.compile(r"[A-Z-]*\d[\dA-Z-]*\d[\dA-Z-]*\Z|[A-Z]-?\d+[A-Z]?\Z")
_ROMAN = re.compile(r"[IVXLCDM]{2,}\Z")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_SMALL = frozenset(("of", "the", "and", "for", "in", "on", "de", "des", "der", "la", "und"))
_JOURNALS = (
    "journal",
    "journaltitle",
    "shortjournal",
    "container-title",
    "container-title-short",
    "venue",
    "publication",
    "publisher",
)


def is_no_name(pieces: Sequence[Piece]) -> bool:
    """Say whether words are a code ("WP096"), a degree ("Ph.D."), a court ("D. Md.") or the number of a volume."""
    printed = [number for number, piece in enumerate(pieces) if piece.kind == WORD]
    if all(_is_short(pieces, number) for number in printed):
        return True
    return any(_CODE.match(pieces[number].text) for number in printed) or (
        len(printed) == 1 and _ROMAN.match(pieces[printed[0]].text) is not None
    )


def _is_short(pieces: Sequence[Piece], number: int) -> bool:
    """Say whether a word is an abbreviation with a full stop, or the letter that ends one: "Ph.D."."""
    stopped = number + 1 < len(pieces) and pieces[number + 1].kind == "."
    after_stop = number > 0 and pieces[number - 1].kind == "."
    size = len(pieces[number].text)
    return (stopped and size <= (_LONGEST_INNER if after_stop else _LONGEST_SHORT)) or (after_stop and size == 1)


_LONGEST_SHORT, _LONGEST_INNER = 2, 4


def is_firm(pieces: Sequence[Piece]) -> bool:
    """Say whether "& Co." follows, as publishers print it: "(Chicago: Keller & Co., 1923)"."""
    return any(piece.kind == REST and piece.text.startswith("&") and "Co" in piece.text for piece in pieces)


def is_journal(form: tuple[str, ...], written: str, bibliography: Bibliography) -> bool:
    """Say whether words are a journal or publisher of the bibliography, or several that the page emphasises elsewhere.

    They may be abbreviated: "Nat Commun" is *Nature Communications*, QJE the *Quarterly Journal of Economics*.
    """
    if len(form) > 1 and form in _emphasised(written):
        return True
    is_acronym = len(form) == 1 and len(form[0]) >= _SHORTEST_ACRONYM
    initials = {tuple(word[0] for word in form), *((tuple(form[0]),) if is_acronym else ())}
    for layer in bibliography.layers:
        journals = _journals(layer)
        for letters in initials:
            layer.note(table_of(_journal_letters), letters)
        if any(_is_called(known, form) for letters in initials for known in journals.get(letters, ())):
            return True
    return False


_SHORTEST_ACRONYM = 3


def appeared_in(source: Source, form: tuple[str, ...]) -> bool:
    """Say whether words are the journal or publisher of a source, perhaps abbreviated: "Nat Commun", "QJE"."""
    short = tuple(word for word in form if word not in _SMALL)
    return any(_is_called(title, short) for title in _journals_of(source))


def _is_called(title: tuple[str, ...], form: tuple[str, ...]) -> bool:
    """Say whether words are a journal's: itself, its abbreviation or acronym, but not Humanoid for Humanoids."""
    if len(form) == 1 < len(title):
        return len(form[0]) == len(title) and form[0] == "".join(word[0] for word in title)
    return len(form) == len(title) and all(
        long.startswith(short) and len(long) - len(short) != 1 for short, long in zip(form, title, strict=True)
    )


def _journals_of(source: Source) -> Iterator[tuple[str, ...]]:
    """Yield the words of the journals and publishers of a source."""
    for field in _JOURNALS:
        if field in source.fields and not source.fields[field].isupper():
            printed = words(_YEAR.sub("", source.fields[field]))
            yield tuple(word for word in printed if word not in _SMALL)


@finds_sources
def _journal_letters(source: Source) -> Iterator[tuple[str, ...]]:
    yield from (tuple(word[0] for word in title) for title in _journals_of(source))


def _journals(layer: Layer) -> dict[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the words of the journals of a layer's sources, by their first letters; worked out once."""

    def by_letters() -> dict[tuple[str, ...], list[tuple[str, ...]]]:
        found: dict[tuple[str, ...], dict[tuple[str, ...], None]] = {}
        for source in layer.all_sources:
            for title in _journals_of(source):
                found.setdefault(tuple(word[0] for word in title), {})[title] = None
        return {letters: list(titles) for letters, titles in found.items()}

    return layer.remember("journals", by_letters)


_EMPHASIS = re.compile(
    r"[*_](?:(?<=\*)(?<![\w*]\*)([^*\s][^*\n]{1,60}+)\*(?![\w*])|(?<=_)(?<!\w_)([^_\s][^_\n]{1,60}+)_(?!\w))"
)
"""It starts with one set of characters, which is quick to search for."""


@lru_cache(maxsize=2)
def _emphasised(written: str) -> frozenset[tuple[str, ...]]:
    """Return what a page emphasises, each as its words."""
    return frozenset(words(match[1] or match[2]) for match in _EMPHASIS.finditer(written))


_BEFORE_ACRONYM = re.compile(r"(?:[^\W_]+['.,\]\")]{0,3}[ \x01-]{1,3}){1,8}[^\W_]*['.,\]\")]{0,3}[ \x01]{0,90}\Z")
_REACH = 200


def explains(acronym: str, text: str, opening: int) -> bool:
    """Say whether a bracket that opens there explains the words before it by their first letters.

    "the Speculation and Vacancy Tax (SVT, 2018)" has no author.
    """
    if not acronym.isupper() or len(acronym) < _SHORTEST_ACRONYM:
        return False
    before = words(text[max(0, opening - _REACH) : opening].replace("\x01", " "))[-2 * len(acronym) :]
    letters = "".join(word[0] for word in before if word not in _SMALL)
    return letters.endswith(acronym.lower()) or letters[:-1].endswith(acronym.lower())


_VERSION = re.compile(r"\d{1,3}(?![\w.,:/%-]*\w)")
_PLATFORM, _LONGEST_PLATFORM = re.compile(r"\b(?:on|under) \Z"), 7


def is_product(name: str, year: str, written: str) -> bool:
    """Say whether a page uses a name and a year as that of a product: "on Windows 2000", beside "Windows 95"."""
    named = f"{name} "
    for at in places_of(named, written):
        end = at + len(named)
        if _VERSION.match(written, end) and not IN_WORD.match(written, max(0, at - 1), at):
            return True
        used = year.endswith("000") and written.startswith(year, end) and not IN_WORD.match(written, end + len(year))
        if used and _PLATFORM.search(written, max(0, at - _LONGEST_PLATFORM), at):
            return True
    return False


def is_place(name: str, written: str) -> bool:
    """Say whether a page has a name as that of a place: "in Lusaka", but not "in Orr (2010)" or "in Orr's view"."""
    return name in _places(written)


@lru_cache(maxsize=2)
def _places(written: str) -> frozenset[str]:
    """Return the names before which a page has a word for where, without a year or other authors behind them."""
    return frozenset(match[1] for match in _WHERE.finditer(written))


@lru_cache(maxsize=2)
def prints_places(written: str) -> bool:
    """Say whether a page has several countries or the like with years: "(Denmark, 2001) … (France, 2008)"."""
    names = {words(match[1]) for match in _PLACE_AND_YEAR.finditer(written)}
    return sum(bool(name) and name[0] in PLACES for name in names) > 1


_PLACE_AND_YEAR = re.compile(r"(?<=[(;])([^\W\d_a-z]\w+),? (?:19|20)\d\d(?=[);])")
_WHERE = re.compile(
    r"\b(?:in|at|near|across|throughout) ([^\W\d_a-z][\w-]*+(?: [^\W\d_a-z][\w-]*+){0,2}+)"
    r"(?!['’]|[*_\s\]]{0,3}(?:[(\[&\d]|et\b|and\b))"
)


def ends_link(written: str, start: int, opening: int) -> bool:
    """Say whether the text of a link ends with the name at `start`, and is more than it, or the year is outside.

    Then it is the title of what the link leads to: "[Open Letter to Orr (1990)](…)", "[Moses](…) (1878)".
    """
    if "](" in written[start:opening]:
        return True
    line = max(written.rfind("\n", 0, start), start - _LONGEST_LABEL)
    bracket = written.rfind("[", max(0, line), start)
    before = written[bracket + 1 : start]
    return bracket >= 0 and "]" not in before and any(map(str.isalpha, before)) and "](" in written[opening:][:_TO_LINK]


_TO_LINK = 12
_LONGEST_LABEL = 200


_LISTED = re.compile(
    r"(?:[(\[,;]|\band\b|\bin\b)[ \x01]*(?:[^\W\d_a-z][\w'-]+[ \x01]+)*?([^\W\d_a-z]\w+)[ \x01]+(?:1[5-9]|20)\d\d\b"
)


def is_among_others(text: str, date: Date) -> bool:
    """Say whether the bracket around a date lists places or laws with years: "(Chicago 1835, Canary Wharf 1993)"."""
    if date.opening < 0 or date.closing - date.opening > _REACH:
        return False
    listed = (words(match[1])[0] for match in _LISTED.finditer(text, date.opening, date.closing))
    return any(word in PLACES or word in PUBLISHERS for word in listed)


_EPITHET = re.compile(r"[a-z-]{3,}(?:us|um|is|ii|i|ae|a|oides|ans|ens|e|on|or|x)\Z")
_GENUS = re.compile(r"[^\W\d_a-z][^\W\d_A-Z]+\Z")


def is_authority(pieces: list[Piece], shape: Shape, date: Date, text: str, written: str) -> bool:
    """Say whether the names are the authority of a species: after genus and epithet, with a comma before the year.

    "Bayesian inference (Orr & Pim, 2019; Lund, 2020)" is not one: an authority has its own bracket, and an epithet
    only follows its genus. Nor is "KELP pipeline (Orr, 2013)", for a genus has one capital, nor a year with a
    letter.
    """
    if date.suffix or shape.et_al or shape.end >= len(pieces) or pieces[shape.end].kind != ",":
        return False
    in_group = pieces[shape.start - 1].kind == "(" and text[date.end : date.end + 2].lstrip("\x01 ")[:1] == ";"
    epithet = _epithet_before(pieces, shape.start)
    return epithet is not None and not in_group and epithet.text not in _common_words(written)


def is_species(pieces: list[Piece], start: int) -> bool:
    """Say whether the name of a species, in Latin by its form, ends before the names, or the bracket, at `start`."""
    return _epithet_before(pieces, start) is not None


def _epithet_before(pieces: list[Piece], start: int) -> Piece | None:
    """Return the second word of the name of a species that ends before the names, or the bracket, at `start`."""
    at = start - 1
    if at > 0 and pieces[at].kind == "(":
        at -= 1
    if at > 0 and pieces[at].kind == ")":  # a subgenus: Bembidion (Trepanes) octomaculatum
        return None
    if at < 1 or pieces[at].kind != SMALL or not _EPITHET.match(pieces[at].text):
        return None
    genus = pieces[at - 1]
    if genus.kind == ")" and at > 3:
        genus = pieces[at - 4]
    is_short = genus.kind == "." and at > 1 and len(pieces[at - 2].text) <= 2
    if not is_short and not (genus.kind == WORD and _GENUS.match(genus.text)):
        return None
    return pieces[at]


@lru_cache(maxsize=2)
def _common_words(written: str) -> frozenset[str]:
    """Return the words in lower case that a page has behind another such word."""
    printed = (word.strip("*_(),;:.") for word in written.split())
    return frozenset(word for before, word in pairwise(printed) if before.islower() and word.islower())


_AUTHORITY = re.compile(
    r"\b[A-Z][a-z]+[*_]?[ \n][*_]?[a-z-]{3,}(?:us|um|is|ii|i|ae|a|oides|ans|ens|e|on|or|x)[*_]{0,2}[ \n]"
    r"\(?[A-Z][^\W\d_]+(?:[ \n](?:and|&|et)[ \n][A-Z][^\W\d_]+)?, 1[789]\d\d"
)


@lru_cache(maxsize=2)
def prints_authorities(written: str) -> bool:
    """Say whether a page is about taxonomy: it has authorities behind species that no citation looks like.

    Those are not in a bracket ("Porcellio laevis Latreille, 1804"), or are older than what most pages cite.
    """
    return any(match[0].find("(") < 0 or match[0][-4:] < "1900" for match in _AUTHORITY.finditer(written))
