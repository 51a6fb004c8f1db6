"""Author names: folds them to words, and says when a printed name means an author in a bibliography."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import field
from functools import lru_cache

from wikitools.records import dataclass
from wikitools.sources.vocabulary import word_set


@dataclass(frozen=True, slots=True)
class Name:
    """An author: `family` holds the particle as printed ("van der Maaten"); an organisation has only a `family`."""

    family: str
    given: str = ""
    suffix: str = ""
    """Jr., III."""
    literal: bool = False
    """An organisation, or any name that must not be split."""
    link: str = field(default="", compare=False, repr=False)
    """The target of the wikilink that this author is written as: a page that is called after the author."""


PARTICLES = word_set(
    "van von vom der den de del della delle di da das do dos du la las le les el al los ter ten te zu zum zur af av op "
    "in t e y i of bin ibn ben abu st saint san santa d l s o"
)
"""Words that belong to a family name but are dropped by some styles; folded."""

SUFFIXES = word_set("jr jnr sr ii iii iv filho neto junior")
"""Suffixes of family names, which are not compared."""

_LETTERS = str.maketrans(
    {
        "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th",
        "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ß": "ss", "ẞ": "ss", "ı": "i", "ħ": "h", "ŋ": "n", "ə": "e",
        "'": "", "’": "", "‘": "", "ʼ": "", "ʻ": "", "`": "", "´": "", "ʹ": "", "ʿ": "", "ʾ": "", "ʽ": "",
        "-": " ", "‐": " ", "‑": " ", "‒": " ", "–": " ", "—": " ", "−": " ", "\u00ad": "",
    }
)  # fmt: skip
_GERMAN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ø": "oe", "Ø": "Oe", "å": "aa", "Å": "Aa"}
)
_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """Return `text` for comparing names: without case, accents, apostrophes; hyphens as blanks.

    Ł ø đ ð þ æ œ ß ı plain.

    >>> fold("O’Neill-Łukasz")
    'oneill lukasz'
    """
    return fold_long(text)


def fold_long(text: str) -> str:
    """Return `text` as `fold` does, without remembering it: for texts longer than names."""
    if text.isascii():
        return text.replace("'", "").replace("`", "").replace("-", " ").lower()
    return text.translate(_FOLDED)


class _Folded(dict[int, str]):
    """What each character is folded to, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKD", chr(code).translate(_LETTERS))
        kept = "".join(char for char in plain if not unicodedata.combining(char))
        folded = self[code] = kept.translate(_LETTERS).casefold()
        return folded


_FOLDED = _Folded()


@lru_cache(maxsize=1 << 16)
def words(text: str) -> tuple[str, ...]:
    """Return the folded words of `text`.

    >>> words("van der Maaten, L.J.P.")
    ('van', 'der', 'maaten', 'l', 'j', 'p')
    """
    return tuple(_WORD.findall(fold(text)))


def spelled_out(text: str) -> str:
    """Return `text` with umlauts, ø and å spelled out, as in some bibliographies.

    >>> spelled_out("Müller"), spelled_out("Årseth")
    ('Mueller', 'Aarseth')
    """
    return unicodedata.normalize("NFC", text).translate(_GERMAN)


@dataclass(frozen=True, slots=True)
class FoldedName:
    """An author's name as words to compare with."""

    family: tuple[str, ...]
    """All words of the family name, particles included."""
    core: tuple[str, ...]
    """The family name without particles (all of it, if it has nothing else)."""
    given: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    """`core` with umlauts spelled out, where that differs."""
    literal: bool = False
    whole: tuple[str, ...] = ()
    """The family name without particles but with a suffix that may belong to it (Oliveira Filho), if it has one."""


def _without_particles(family: tuple[str, ...], small: int = 0) -> tuple[str, ...]:
    """Return the words of a family name without its particles, which the first `small` words are, too."""
    start = min(small, len(family) - 1)
    while start < len(family) - 1 and family[start] in PARTICLES:
        start += 1
    return family[max(start, 0) :]


def _small_words(family: str) -> int:
    """Return how many words without a capital a family name starts with: "von dem Busch", "boven d'Eert".

    In BibTeX all words before the last that start in lower case are particles, whatever the language.
    """
    if family[:1].isupper():
        return 0
    parts = family.split()
    return next((at for at, part in enumerate(parts[:-1]) if not part[:1].islower()), len(parts) - 1)


@lru_cache(maxsize=1 << 15)
def _folded(family: str, given: str, literal: bool) -> FoldedName:
    all_words = words(family)
    whole = _without_particles(all_words) if len(all_words) > 1 and all_words[-1] in SUFFIXES else ()
    while len(all_words) > 1 and all_words[-1] in SUFFIXES:
        all_words = all_words[:-1]
    other: tuple[str, ...] = ()
    if not family.isascii():
        spelled = words(spelled_out(family))
        other = _without_particles(spelled) if spelled != words(family) else ()
    core = all_words if literal else _without_particles(all_words, _small_words(family))
    return FoldedName(all_words, core, words(given), other, literal, whole)


def folded(name: Name) -> FoldedName:
    """Return `name` as words to compare with; cheap for a name seen before."""
    return _folded(name.family, name.given, name.literal)


def initials_agree(printed: tuple[str, ...], given: tuple[str, ...]) -> bool:
    """Say whether printed initials or given names can be those of `given`: each is a prefix, in order.

    Runs of initials count letter by letter ("JM" is J. M.); if nothing is printed or known, they agree.

    >>> initials_agree(("j", "m"), ("john", "maynard")), initials_agree(("q",), ("wei",))
    (True, False)
    """
    if not printed or not given:
        return True
    return _agree(printed, given) or _agree(_letters(printed), _letters(given))


def initials_equal(printed: tuple[str, ...], given: tuple[str, ...]) -> bool:
    """Say whether printed initials or given names are all of `given`: "J. M." for John Maynard, but not for John.

    >>> initials_equal(("j", "m"), ("john", "maynard")), initials_equal(("m",), ("m", "k"))
    (True, False)
    """
    if _letters(printed) != _letters(given):
        return False
    return all(len(a) <= 2 or len(b) <= 2 or a == b for a, b in zip(printed, given, strict=False))


def _agree(printed: tuple[str, ...], given: tuple[str, ...]) -> bool:
    return all(a.startswith(b) or b.startswith(a) for a, b in zip(printed, given, strict=False))


def _letters(given: tuple[str, ...]) -> tuple[str, ...]:
    """Return initials: short runs ("jm") give a letter each, longer words their first."""
    found: list[str] = []
    for word in given:
        found += list(word) if len(word) <= 3 else [word[0]]
    return tuple(found)


def is_cjk(text: str) -> bool:
    """Say whether `text` starts with a Chinese, Japanese or Korean character, where the family name comes first."""
    return "\u3040" <= text[:1] <= "\u9fff" or "\uac00" <= text[:1] <= "\ud7a3"


_PARENTHESIS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_JOINED_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
"""A word of an organisation: "Co-operation" is one, which gives its acronym one letter."""
_SMALL_WORDS = word_set("of the and for in on at a an de la del des du et und für der die das & y e i")


def organisation_forms(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the forms of an organisation's name, as words: in full, without its bracket, the bracket, an acronym.

    >>> organisation_forms("The World Health Organization (WHO)")
    (('world', 'health', 'organization', 'who'), ('world', 'health', 'organization'), ('who',))
    """
    outside = _PARENTHESIS.sub(" ", name)
    printed = [name, outside, *_PARENTHESIS.findall(name)]
    capitals = [word for word in _JOINED_WORD.findall(outside) if word.casefold() not in _SMALL_WORDS]
    if len(capitals) >= 3 or (
        len(capitals) == 2 and all(word[0].isupper() and not word.isupper() for word in capitals)
    ):
        printed.append("".join(word[0] for word in capitals))
    if len(capitals) > 1 and capitals[0].isupper() and len(capitals[0]) >= 3 and not name.isupper():
        printed.append(capitals[0])  # a part of it: "IUCN Standards and Petitions Subcommittee"
    forms = (_without_article(words(text)) for text in printed)
    return tuple(dict.fromkeys(form for form in forms if form))


def _without_article(form: tuple[str, ...]) -> tuple[str, ...]:
    return form[1:] if len(form) > 1 and form[0] == "the" else form
