"""How a bibliography makes its keys: the form that makes most of those that are there, and the next key in it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from wikitools.sources.names import PARTICLES, SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from wikitools.sources.names import Name

_SMALL = frozenset(
    "a about above across after against along among an and around as at before behind below beneath beside between "
    "beyond but by despite down during except for from in inside into is its like near nor of off on onto or out over "
    "past per plus since so than the through throughout to toward towards under underneath until up upon via versus vs "
    "with within without yet are la le les el los las un une der die das ein eine de du des et und y".split()
)
"""Words that say nothing in a title: articles, conjunctions and prepositions, as managers of references skip them."""
_LETTER_OF_TWIN = re.compile(r"(?<=\d)[a-z]$")
_NUMBERED = re.compile(r"(?P<head>.*?)(?P<number>\d+)$")


@dataclass(frozen=True, slots=True)
class Work:
    """What a key is made of."""

    names: tuple[Name, ...]
    year: str
    title: str


@dataclass(frozen=True, slots=True)
class KeyStyle:
    """One way to make keys."""

    authors: str
    """Which names: a key of `_AUTHORS`."""
    titles: int
    """So many words of the title that say something; 0 for none."""
    order: str
    """The parts: `a`uthors, `y`ear, `t`itle."""
    between: str
    """What stands between the parts, and between words in one."""
    short_year: bool
    author_case: str
    """`lower` or `Upper`."""
    title_case: str
    hyphens: bool
    """Words that a hyphen joins are one word."""

    def make(self, work: Work) -> str:
        """Return the key of a work; "" where it lacks a part."""
        year = work.year[-2:] if self.short_year else work.year
        parts = {
            "a": _authors_in(self.authors, work.names, self.between, self.author_case),
            "y": year,
            "t": _title_in(work.title, self.titles, self.between, self.title_case, self.hyphens),
        }
        if any(not parts[part] for part in self.order):
            return ""
        return self.between.join([parts[part] for part in self.order])


@lru_cache(maxsize=1 << 14)
def _authors_in(kind: str, names: tuple[Name, ...], between: str, case: str) -> str:
    return between.join(_cased(_AUTHORS[kind](names), case))


@lru_cache(maxsize=1 << 14)
def _title_in(title: str, count: int, between: str, case: str, hyphens: bool) -> str:
    return between.join(_cased(_telling_words(title, hyphens=hyphens)[:count], case))


def _cased(words: Iterable[str], case: str) -> list[str]:
    if case == "lower":
        return [word.lower() for word in words]
    return [word[:1].upper() + word[1:] for word in words]


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
    "first": lambda names: [_whole(name) for name in names[:1]],
    "first without particles": lambda names: [_core(name) for name in names[:1]],
    "words of the first": lambda names: _hyphened(names[0]) if names else [],
    "two or et al": lambda names: _two_or_et_al(names) if names else [],
    "and or et al": lambda names: _two_or_et_al(names, ("and",)) if names else [],
    "EtAl": lambda names: [_whole(names[0]), "EtAl"] if len(names) > 2 else [_whole(name) for name in names],
    "first EtAl": lambda names: [_whole(names[0]), *(["etal"] if len(names) > 1 else [])] if names else [],
    "all": lambda names: [_whole(name) for name in names[:8]],
    "up to three": lambda names: [_whole(name) for name in names[:3]],
    "alpha": lambda names: _initials(names) if names else [],
}


def _telling_words(title: str, *, hyphens: bool = False) -> list[str]:
    if hyphens:
        title = re.sub(r"(?<=\w)-(?=\w)", "", title)
    words = (_word(part) for part in re.split(r"[\s\-–—/:]+", title.replace("’s", "s").replace("'s", "s")))
    found = [word for word in words if word]
    return [word for word in found if word.casefold() not in _SMALL] or found


_TITLES = (0, 1, 2, 3)
_BETWEEN = ("", "-", "_", ":", ".")
_ORDERS = {True: ("ayt", "aty", "yat"), False: ("ay", "ya")}


def _styles() -> Iterable[KeyStyle]:
    for authors, titles, between, short in product(_AUTHORS, _TITLES, _BETWEEN, (False, True)):
        for order, mine in product(_ORDERS[titles > 0], ("lower", "Upper")):
            for its in ("lower", "Upper") if titles else ("lower",):
                for hyphens in (False, True) if titles else (False,):
                    yield KeyStyle(authors, titles, order, between, short, mine, its, hyphens)


DEFAULT = KeyStyle("first", 1, "ayt", "", False, "lower", "lower", False)
"""`hubinger2019risks`, as Google Scholar makes them: it needs no letters for most twins."""
_LOOKED_AT = 300
_TRIED_FIRST = 12
_NEEDED = 0.5


def find_key_style(known: Iterable[tuple[str, Work]]) -> KeyStyle | None:
    """Return the style that makes most keys of the works that are there, at least half of them; `None` for none."""
    usable = [(_LETTER_OF_TWIN.sub("", key), work) for key, work in known if key and work.names and work.year]
    if not usable:
        return None
    # The newest are most like what comes next, and the first dozen says which styles are worth a look.
    usable = usable[-_LOOKED_AT:]
    some = usable[:: max(1, len(usable) // _TRIED_FIRST)][:_TRIED_FIRST]
    signs = {char for key, _work in usable for char in key}
    hopeful = [style for style in _styles() if style.between in {"", *signs} and _hits(style, some)]
    best, hits = None, 0
    for style in sorted(hopeful, key=lambda style: -_hits(style, some)):
        count = _hits(style, usable)
        if count > hits:
            best, hits = style, count
    return best if hits >= _NEEDED * len(usable) else None


def _hits(style: KeyStyle, known: Sequence[tuple[str, Work]]) -> int:
    return sum(style.make(work) == key for key, work in known)


def next_key(known: Sequence[tuple[str, Work]], work: Work, taken: Collection[str]) -> str:
    """Return the key for a work in the way of those that are there, with a letter where another work has it."""
    style = find_key_style(known)
    if style is None and (numbered := _next_number([key for key, _work in known])):
        return numbered
    if not work.title:
        # Of a work without a title, the rest of the key.
        style = replace(style or DEFAULT, titles=0, order=(style or DEFAULT).order.replace("t", ""))
    key = (style or DEFAULT).make(work) or DEFAULT.make(work) or _without_parts(work)
    folded = {each.casefold() for each in taken}
    if key.casefold() not in folded:
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
    """Return the next of numbered keys (`ref07`); "" where keys are none."""
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
    author = [word.lower() for word in _AUTHORS["first"](work.names)]
    return "".join((*author, work.year, *words[: 1 if author else 3])) or "work"
