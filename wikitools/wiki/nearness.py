"""Finds existing names that are one typo away from a name that does not exist, for "did you mean"."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WORD = re.compile(r"[^\W_]+|[+#*]")
_NUMBER = re.compile(r"\d+")
_APOSTROPHES = {ord(sign): None for sign in "'’ʼ"}
_SPELLING, _PLURAL, _TYPO = range(3)
"""How near a name is: same letters, one word in the plural, or one word with one typo."""
_SHORT = 6
"""In names this short, another letter makes another name: `foxp3` is not `foxo3`."""
_SHORTEST_SINGULAR, _SHORTEST_REPLACED, _SHORTEST_MISTYPED = 4, 6, 4
"""How many letters a word needs for a typo to count: an `s` at its end, another letter, any other typo."""
_LONGEST, _MOST_WORDS = 255, 16
"""Longer names are near only if they have the same letters. No file system allows them."""
_LONGEST_ASKED = 1024
_COMPARED = 300
"""How many words are compared with the one that is asked for."""


class _Read(NamedTuple):
    """A name for comparison: its words without case and accents, all its letters, and its numbers."""

    words: tuple[str, ...]
    letters: str
    numbers: tuple[str, ...]


def _read(name: str) -> _Read:
    folded = name.casefold().translate(_APOSTROPHES)
    if not folded.isascii():
        parts = unicodedata.normalize("NFKD", folded)
        folded = unicodedata.normalize("NFC", "".join(each for each in parts if not unicodedata.combining(each)))
    words = tuple(_WORD.findall(folded))
    return _Read(words, "".join(words), tuple(_NUMBER.findall(folded)))


class Names:
    """A set of names in which similar ones can be found; the index is built when it is first needed.

    A name is near if it has the same letters (blanks, dashes, case, accents and punctuation may differ), or if just one
    of its words differs, in its plural or by one typo. Another number, another word, or another letter in a name of six
    letters or less makes another name. The time for an answer grows with the number of words asked for.

    >>> Names(["Inner alignment", "Outer alignment", "foxo3"]).near("Inner Alignmnt")
    ('Inner alignment',)
    >>> Names(["foxo3", "Ferroptosis", "Models of mind"]).near("foxp3")
    ()
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(dict.fromkeys(names))

    def near(self, wanted: str, *, limit: int = 3) -> tuple[str, ...]:
        """Return up to `limit` similar names, the nearest first.

        Equally near ones in the order in which they were given.
        """
        if not self._names or len(wanted) > _LONGEST_ASKED:
            return ()
        asked = _read(wanted)
        if not asked.words:
            return ()
        found = dict.fromkeys(self._by_letters.get(asked.letters, ()), _SPELLING)
        if len(wanted) <= _LONGEST and len(asked.words) <= _MOST_WORDS:
            for at, word in enumerate(asked.words):
                self._add_alike(asked, at, word, found)
        ranked = sorted((rank, number) for number, rank in found.items() if self._numbers(number) == asked.numbers)
        return tuple(self._names[number] for _rank, number in ranked[:limit])

    @property
    def all(self) -> tuple[str, ...]:
        """The names, each once."""
        return self._names

    def is_crowded(self, key: str) -> bool:
        """Say whether so many words are under a key that some are not compared, or one more would not be."""
        return len(self._by_words[0].get(key, ())) >= _COMPARED - 1

    def prepare(self) -> None:
        """Build the index."""
        _ = self._by_letters, self._by_words

    def _add_alike(self, asked: _Read, at: int, word: str, found: dict[int, int]) -> None:
        """Add the names in which only the word at `at` differs, and only by a typo."""
        if not _is_plain(word):
            return
        table, known = self._by_words
        for length in range(len(word) - 2, len(word) + 3):
            for other, number in table.get(_key(asked.words, at, word[0], length), ())[:_COMPARED]:
                if _is_plural(word, other):
                    found.setdefault(number, _PLURAL)
                elif (
                    # A word that other names contain is not a typo.
                    word not in known and len(asked.letters) + len(other) - len(word) > _SHORT and _is_typo(word, other)
                ):
                    found.setdefault(number, _TYPO)

    def _numbers(self, number: int) -> tuple[str, ...]:
        return _read(self._names[number]).numbers

    @cached_property
    def _by_letters(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for number, name in enumerate(self._names):
            if letters := _read(name).letters:
                found[letters].append(number)
        return dict(found)

    @cached_property
    def _by_words(self) -> tuple[dict[str, list[tuple[str, int]]], set[str]]:
        """Return words with their names, by the other words of the name, their first letter and their length.

        And all words.
        """
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        known: set[str] = set()
        for number, name in enumerate(self._names):
            words = _read(name).words
            known.update(words)
            if len(words) <= _MOST_WORDS and len(name) <= _LONGEST:
                for at, word in enumerate(words):
                    if _is_plain(word):
                        found[_key(words, at, word[0], len(word))].append((word, number))
        return dict(found), known


class NameChange:
    """Names that came or went among others, and whether an answer of `Names` may be another one since."""

    def __init__(self, names: Iterable[str], others: Names | None) -> None:
        """`others` are the names as they were before; `None` when that is not known."""
        self._names = Names(names)
        self._others = others
        reads = [_read(name) for name in self._names.all]
        words = {word for each in reads for word in each.words}
        rest = [] if others is None else [name for name in others.all if name not in self._names.all]
        self._words = frozenset(word for word in words if not _is_word_of(word, rest))
        self._keys = frozenset(
            key for each in reads for key in _keys_of(each.words) if others is None or others.is_crowded(key)
        )

    def concerns(self, wanted: str) -> bool:
        """Say whether `near(wanted)` may be another answer than before."""
        asked = _read(wanted)
        return (
            # What is a word of another name is no slip; that it is, or is no longer.
            not self._words.isdisjoint(asked.words)
            or bool(self._names.near(wanted))
            or any(key in self._keys for key in _keys_near(asked.words))
        )


def _is_word_of(word: str, names: Iterable[str]) -> bool:
    return any(word in name.casefold() and word in _read(name).words for name in names)


def _keys_of(words: tuple[str, ...]) -> list[str]:
    """Return under which keys the words of a name are found."""
    return [_key(words, at, word[0], len(word)) for at, word in enumerate(words) if _is_plain(word)]


def _keys_near(words: tuple[str, ...]) -> Iterator[str]:
    """Yield the keys that are looked at for these words."""
    if len(words) <= _MOST_WORDS:
        for at, word in enumerate(words):
            if _is_plain(word):
                for length in range(len(word) - 2, len(word) + 3):
                    yield _key(words, at, word[0], length)


def _key(words: tuple[str, ...], at: int, letter: str, length: int) -> str:
    return " ".join((*words[:at], f"{letter}{length}?", *words[at + 1 :]))


def _is_plain(word: str) -> bool:
    """Say whether a word consists of letters that have case: in other scripts a single character can be a word."""
    return word.isalpha() and word.upper() != word and all(each.upper() != each for each in word)


def _is_plural(one: str, other: str) -> bool:
    """Say whether one of two different words is the plural of the other."""
    short, long = sorted((one, other), key=len)
    if len(short) < _SHORTEST_SINGULAR:
        return False
    if short[-1] != "s" and long in (f"{short}s", f"{short}es"):
        return True
    if long == f"{short}es" or (short.endswith("y") and long == f"{short[:-1]}ies"):
        return True
    return len(short) == len(long) and short[:-2] == long[:-2] and {short[-2:], long[-2:]} == {"is", "es"}


def _is_typo(one: str, other: str) -> bool:
    """Say whether two words differ in one letter that is missing, doubled, wrong or swapped with its neighbour.

    The first letter is never the typo: `typical` and `atypical` are different words.
    """
    short, long = sorted((one, other), key=len)
    if short == long or len(long) - len(short) > 1 or len(long) < _SHORTEST_MISTYPED or short[0] != long[0]:
        return False
    at = next((place for place, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(long) > len(short):
        return short[at:] == long[at + 1 :]
    if short[at + 1 :] == long[at + 1 :]:
        return len(long) >= _SHORTEST_REPLACED
    return short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
