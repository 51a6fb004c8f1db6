"""How a bibliography makes its keys: the form of most existing keys, and the next key in that form."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from wikitools.sources.names import PARTICLES, SUFFIXES, Name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence


_SKIPPED: dict[str, frozenset[str]] = {
    "better bibtex": frozenset(
        "a ab aboard about above across after against al along amid among an and anti around as at before behind below "
        "beneath beside besides between beyond but by d da das de del dell dello dei degli della delle dem den der des "
        "despite die do down du during ein eine einem einen einer eines el en et except for from gli i il in inside "
        "into is l la las le les like lo los near nor of off on onto or over past per plus round save since so some "
        "sur than the through to toward towards un una unas under underneath une unlike uno unos until up upon versus "
        "via von while with within without yet zu zum".split()
    ),
    "scholar": frozenset(
        "a an and are as at by der die das do et for from how in is la le les of on or the to und what when where "
        "which who whom whose why with".split()
    ),
    "zotero": frozenset(
        "a al an das de del der des die do ein eine einem einen einer eines el from in la las le los of on some the to "
        "un una unas une uno unos with".split()
    ),
}
"""Words of a title that programs leave out of keys."""
_SKIPPED["arxiv"] = _SKIPPED["better bibtex"] | frozenset(
    "all almost alone also always am any are be because been being both can cannot could do done each either enough "
    "even ever every few find first five found four full further get give go had has have he her here his how however "
    "if it its itself last least less made many may me might more most much must my name never next no none not "
    "nothing now often one only or other others our out own part perhaps put rather same see several she should show "
    "side six still such system take ten that their them then there therefore these they third this those though three "
    "thus together too top twelve two us very was we well were what when where whether which who whole whose why will "
    "would yet you your".split()
)
"""arXiv also leaves out the words that search engines do, of which these are in titles."""
_PLAIN = "better bibtex"
_LETTER_OF_TWIN = re.compile(r"(?<=\d)[a-z]$")
_NUMBERED = re.compile(r"(?P<head>.*?)(?P<number>\d+)$")


@dataclass(frozen=True, slots=True)
class Work:
    """What a key is made of."""

    names: tuple[Name, ...]
    year: str
    title: str
    doi: str = ""
    page: str = ""
    """The first page."""


class KeyStyle(NamedTuple):
    """One way to make keys. Of ways that make the same keys, the one that sorts first is taken."""

    authors: str
    """Which names: a key of `_AUTHORS`."""
    titles: int
    """How many significant words of the title; 0 for none."""
    order: str
    """The parts: `a`uthors, `y`ear, `t`itle."""
    between: str
    """The text between the parts."""
    within: str
    """The text between the words of a part."""
    short_year: bool
    author_case: str
    """`lower` or `upper`, of the first letter."""
    title_case: str
    hyphens: str
    """Words that a hyphen joins in a title: `split`, `joined` to one word, or `kept` as they are.

    `initials`: joined, and only the first letters of all words but the first, with none skipped.
    """
    skipped: str
    """Which words of a title are skipped: a key of `_SKIPPED`."""

    def make(self, work: Work) -> str:
        """Return the key of a work; "" where it lacks a part."""
        year = work.year[-2:] if self.short_year else work.year
        parts = {
            "a": _authors_in(self.authors, work.names, self.within, self.author_case),
            "y": year,
            "t": self._title(work.title),
        }
        if any(not parts[part] for part in self.order):
            return ""
        return self.between.join([parts[part] for part in self.order])

    def _title(self, title: str) -> str:
        form = (self.title_case, self.hyphens, self.skipped)
        return _title_in(title, self.titles, self.within, form)


@lru_cache(maxsize=1 << 14)
def _authors_in(kind: str, names: tuple[Name, ...], within: str, case: str) -> str:
    return within.join(_cased(_AUTHORS[kind](names), case)) if names else ""


@lru_cache(maxsize=1 << 14)
def _title_in(title: str, count: int, within: str, form: tuple[str, str, str]) -> str:
    case, hyphens, skipped = form
    if hyphens == "initials":
        first, *others = [word.replace(_JOINT, "") for word in _all_words(title, joined=True)[:count]] or [""]
        return "".join((first[:1].upper() + first[1:], *(word[:1].upper() for word in others)))
    words = _cased(_telling_words(title, skipped, joined=hyphens != "split")[:count], case)
    return within.join(words).replace(_JOINT, "-" if hyphens == "kept" else "")


def _cased(words: Iterable[str], case: str) -> list[str]:
    """Return words in lower case, or with a capital at the beginning and behind each hyphen."""
    if case == "lower":
        return [word.lower() for word in words]
    return ["".join(part[:1].upper() + part[1:] for part in re.split(f"(-|{_JOINT})", word)) for word in words]


_JOINT = "\x02"
"""Stands where a hyphen joined two words of a title."""


# Parts


def plain_letters(text: str) -> str:
    """Return a text with letters of ASCII, as keys have them, where there are such letters.

    >>> plain_letters("Müller-Ångström"), plain_letters("Ørsted")
    ('Muller-Angstrom', 'Orsted')
    """
    spelled = text.translate(_WITHOUT_MARKS)
    return "".join(char for char in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(char))


_WITHOUT_MARKS = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "đ": "d"}
)


def _word(text: str) -> str:
    return re.sub(r"[\W_]+", "", plain_letters(text))


def _family(name: Name) -> list[str]:
    return [word for part in name.family.split() if (word := _word(part)) and word.casefold() not in SUFFIXES]


def _whole(name: Name) -> str:
    """Return a family name with its particles as one word: "vanderMaaten" in the letters that are written."""
    return "".join(_family(name)[:4])


def _core(name: Name) -> str:
    """Return a family name without its particles."""
    words = _family(name)
    while len(words) > 1 and words[0].casefold() in PARTICLES:
        words = words[1:]
    return "".join(words[:4])


def _hyphened(name: Name) -> list[str]:
    """Return the words of a family name, also those that a hyphen joins."""
    return [word for part in re.split(r"[\s-]+", name.family) if (word := _word(part))]


def _first_word(name: Name) -> str:
    """Return what a family name begins with: `van` of "van de Ven", `lougee` of "Lougee-Heimer"."""
    return next((word for part in re.split(r"[\s-]+", name.family) if (word := _word(part))), "")


def _with_hyphens(name: Name) -> str:
    return "-".join(word for part in name.family.split("-") if (word := _word(part)))


def _two_or_et_al(names: Sequence[Name], joint: Sequence[str] = ()) -> list[str]:
    firsts = [_whole(name) for name in names]
    if len(names) > 2:
        return [firsts[0], "et", "al"]
    return [*firsts[:1], *joint, *firsts[1:]]


def _initials(names: Sequence[Name]) -> list[str]:
    """Return LaTeX's "alpha": three letters of one name, the initials of several."""
    if len(names) == 1:
        return [_core(names[0])[:3]]
    few = names[:4] if len(names) <= 4 else names[:3]
    return ["".join(_core(name)[:1].upper() for name in few) + ("+" if len(names) > 4 else "")]


_AUTHORS: dict[str, Callable[[Sequence[Name]], list[str]]] = {
    "first": lambda names: [_whole(names[0])],
    "first without particles": lambda names: [_core(names[0])],
    "first word": lambda names: [_first_word(names[0])],
    "first with hyphens": lambda names: [_with_hyphens(names[0])],
    "words with hyphens": lambda names: [_with_hyphens(Name(part)) for part in names[0].family.split()],
    "words of the first": lambda names: _hyphened(names[0]),
    "two or et al": _two_or_et_al,
    "and or et al": lambda names: _two_or_et_al(names, ("and",)),
    "EtAl": lambda names: [_whole(names[0]), "EtAl"] if len(names) > 2 else [_whole(name) for name in names],
    "two or etal": lambda names: [_whole(names[0]), "etal"] if len(names) > 2 else [_whole(name) for name in names],
    "first EtAl": lambda names: [_whole(names[0]), *(["etal"] if len(names) > 1 else [])],
    "all": lambda names: [_whole(name) for name in names[:8]],
    "up to three": lambda names: [_whole(name) for name in names[:3]],
    "alpha": _initials,
}


@lru_cache(maxsize=1 << 12)
def _telling_words(title: str, skipped: str = _PLAIN, *, joined: bool = False) -> list[str]:
    if skipped == "scholar":
        title = re.sub(r"(?<=\w)[’']\w*", "", title)
    found = _all_words(title, joined=joined)
    return [word for word in found if word.casefold() not in _SKIPPED[skipped]] or found


def _all_words(title: str, *, joined: bool) -> list[str]:
    if joined:
        title = re.sub(r"(?<=\w)-(?=\w)", _JOINT, title)
    parts = (map(_word, part.split(_JOINT)) for part in re.split(r"[\s\-–—/:]+", title))
    words = (_JOINT.join(word for word in part if word) for part in parts)
    return [word for word in words if word]


_ORDERS = {True: ("ayt", "aty", "yat"), False: ("ay", "ya")}
_CASES = ("lower", "upper")
_TITLES: tuple[tuple[int, tuple[str, str, str]], ...] = (
    (0, ("lower", "split", _PLAIN)),
    *product((1, 2, 3, 4), product(_CASES, ("split", "joined", "kept"), ("better bibtex", "scholar", "zotero"))),
    (4, ("lower", "joined", "arxiv")),
    (3, ("upper", "initials", "semantic scholar")),
)


def _styles_of(key: str, work: Work) -> Iterator[KeyStyle]:
    """Yield the styles that make this very key of a work."""
    signs = ["", *sorted({char for char in key if not char.isalnum()})]
    for between, within in [(each, inner) for each in signs for inner in dict.fromkeys(("", each))]:
        # Most names and titles in most forms are no part of the key: few combinations are left.
        authors: dict[str, list[tuple[str, str]]] = {}
        for kind, case in product(_AUTHORS, _CASES):
            if (text := _authors_in(kind, work.names, within, case)) and text in key:
                authors.setdefault(text, []).append((kind, case))
        titles: dict[str, list[tuple[int, tuple[str, str, str]]]] = {}
        for count, form in _TITLES:
            if (text := _title_in(work.title, count, within, form)) in key and (text or not count):
                titles.setdefault(text, []).append((count, form))
        for author, year, title in product(authors, (work.year, work.year[-2:]), titles):
            parts = {"a": author, "y": year, "t": title}
            for order in _ORDERS[bool(title)]:
                if between.join([parts[part] for part in order]) == key:
                    for (kind, case), (count, form) in product(authors[author], titles[title]):
                        yield KeyStyle(kind, count, order, between, within, year != work.year, case, *form)


DEFAULT = KeyStyle("first", 1, "ayt", "", "", False, "lower", "lower", "split", _PLAIN)
"""`hubinger2019risks`: it needs no letters for most twins."""
_MANAGERS = (
    KeyStyle("first word", 1, "ayt", "", "", False, "lower", "lower", "split", "scholar"),
    KeyStyle("first", 4, "ayt", "", "", False, "lower", "lower", "joined", "arxiv"),
    KeyStyle("first without particles", 3, "ayt", "", "", False, "upper", "upper", "initials", "semantic scholar"),
    KeyStyle("first with hyphens", 3, "aty", "", "", False, "lower", "upper", "joined", _PLAIN),
    KeyStyle("words with hyphens", 1, "aty", "_", "_", False, "lower", "lower", "kept", "zotero"),
)
"""What Google Scholar, arXiv, Semantic Scholar, Better BibTeX and Zotero make. Existing keys that leave a choice are
theirs."""
_LOOKED_AT = 300
_MOSTLY = 0.5
_OFTENEST = 0.2
_FEWEST = 3


def find_key_style(known: Iterable[tuple[str, Work]], share: float = _MOSTLY) -> KeyStyle | None:
    """Return the style that makes most of the existing keys, at least this share; `None` if there is none."""
    usable = [(_LETTER_OF_TWIN.sub("", key), work) for key, work in known if key and work.names and work.year]
    # The newest keys are most similar to the next one.
    usable = usable[-_LOOKED_AT:]
    hits = Counter(style for key, work in usable for style in set(_styles_of(key, work)))
    most = max(hits.values(), default=0)
    if not most or most < share * len(usable):
        return None
    return min((style for style, count in hits.items() if count == most), key=_rank)


def _rank(style: KeyStyle) -> tuple[object, ...]:
    """Return where a style stands among those that make the same keys: those of programs first, then plain ones."""
    program = _MANAGERS.index(style) if style in _MANAGERS else len(_MANAGERS)
    return (program, list(_AUTHORS).index(style.authors), *style[1:])


def _publishers(known: Iterable[tuple[str, Work]]) -> Callable[[Work], str] | None:
    """Return how a publisher made most of the keys: by the DOI (ACM), or like `HARRIS2020357` (ScienceDirect)."""
    keys = list(known)[-_LOOKED_AT:]
    made = {form: sum(bool(key) and form(work) == key for key, work in keys) for form in _FORMS}
    best = max(_FORMS, key=lambda form: made[form])
    return best if made[best] >= max(_FEWEST - 1, _MOSTLY * len(keys)) else None


_FORMS: tuple[Callable[[Work], str], ...] = (
    lambda work: "" if re.search(r"[\s,{}%#~\\\"]", work.doi) else work.doi,
    lambda work: f"{_whole(work.names[0]).upper()}{work.year}{work.page}" if work.names and work.page else "",
)


def next_key(known: Sequence[tuple[str, Work]], work: Work, taken: Collection[str]) -> str:
    """Return the key for a work in the way of those that are there, with a letter where another work has it."""
    style = find_key_style(known)
    publishers = _publishers(known) if style is None else None
    if style is None and publishers is None:
        if numbered := _next_number([key for key, _work in known]):
            return numbered
        # If keys are mixed, another one of the most frequent kind is the least conspicuous.
        style = find_key_style(known, max(_OFTENEST, _FEWEST / max(1, len(known))))
    if not work.title:
        # Of a work without a title, the rest of the key.
        style = style or DEFAULT
        style = style._replace(titles=0, order=style.order.replace("t", ""))
    key = (
        (publishers(work) if publishers else "")
        or (style or DEFAULT).make(work)
        or DEFAULT.make(work)
        or _without_parts(work)
    )
    folded = {each.casefold() for each in taken}
    lettered = key[-1:].isdigit() and f"{key}a".casefold() in folded
    if key.casefold() not in folded and not lettered:
        return key
    for letter in _letters(taken):
        if f"{key}{letter}".casefold() not in folded:
            return f"{key}{letter}"
    number = next(number for number in range(2, len(folded) + 3) if f"{key}-{number}".casefold() not in folded)
    return f"{key}-{number}"


def _letters(taken: Collection[str]) -> str:
    """Return the letters that twins get: from "b" where the first of them bears none and none bears "a"."""
    keys = set(taken)
    pairs = Counter(
        "b" if f"{key}a" not in keys else "a"
        for key in keys
        if key[-1:].isdigit() and (f"{key}a" in keys or f"{key}b" in keys)
    )
    return "bcdefghijklmnopqrstuvwxyz" if pairs["b"] > pairs["a"] else "abcdefghijklmnopqrstuvwxyz"


def _next_number(keys: Sequence[str]) -> str:
    """Return the next of numbered keys (`ref07`); "" if the keys are not numbered."""
    found = [match for key in keys if (match := _NUMBERED.fullmatch(key))]
    heads = Counter(match["head"] for match in found)
    if not heads:
        return ""
    head, count = heads.most_common(1)[0]
    numbers = [match["number"] for match in found if match["head"] == head]
    if count < max(3, 0.9 * len(keys)) or any(len(number) == 4 and number[:2] in {"19", "20"} for number in numbers):
        return ""
    return f"{head}{max(map(int, numbers)) + 1:0{min(map(len, numbers))}}"


def _without_parts(work: Work) -> str:
    words = [word.lower() for word in _telling_words(work.title)[:3]]
    author = [word.lower() for word in _AUTHORS["first"](work.names)] if work.names else []
    return "".join((*author, work.year, *words[: 1 if author else 3])) or "work"
