"""Finds existing names that are one typo away from a name that does not exist, for "did you mean"."""

from __future__ import annotations

import re
import unicodedata
from bisect import insort
from collections import Counter, defaultdict
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
    folded = name.casefold()
    if folded.isascii():
        folded = folded.replace("'", "")
    else:
        folded = folded.translate(_APOSTROPHES)
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
        self._place = {name: place for place, name in enumerate(dict.fromkeys(names))}
        """Names by what they are ordered by; names of one place are in alphabetical order."""

    def near(self, wanted: str, *, limit: int = 3) -> tuple[str, ...]:
        """Return up to `limit` similar names, the nearest first.

        Equally near ones in the order in which they were given.
        """
        if not self._place or len(wanted) > _LONGEST_ASKED:
            return ()
        asked = _read(wanted)
        if not asked.words:
            return ()
        found = dict.fromkeys(self._by_letters.get(asked.letters, ()), _SPELLING)
        if len(wanted) <= _LONGEST and len(asked.words) <= _MOST_WORDS:
            for at, word in enumerate(asked.words):
                self._add_alike(asked, at, word, found)
        alike = (
            (rank, self._place[name], name) for name, rank in found.items() if _read(name).numbers == asked.numbers
        )
        return tuple(name for _rank, _place, name in sorted(alike)[:limit])

    @property
    def all(self) -> Iterable[str]:
        """The names, each once."""
        return self._place.keys()

    def prepare(self) -> None:
        """Build the index."""
        _ = self._by_letters, self._by_words

    def change(self, came: Iterable[str], went: Iterable[str]) -> NameChange:
        """Take in names, and out others, where all are given in alphabetical order; return what that concerns."""
        self.prepare()
        went = [name for name in went if name in self._place]
        came = [name for name in came if name not in self._place]
        table, known = self._by_words
        before = {word: known[word] for name in (*came, *went) for word in _read(name).words}
        keys = (key for name in (*came, *went) for key in _keys_of(name, _read(name).words))
        crowded = {key for key in keys if len(table.get(key, ())) >= _COMPARED - 1}
        for name in went:
            self._take_out(name)
        for name in came:
            self._take_in(name)
        words = frozenset(word for word, count in before.items() if bool(count) != bool(known[word]))
        return NameChange((*came, *went), words, frozenset(crowded))

    def _take_out(self, name: str) -> None:
        read = _read(name)
        table, known = self._by_words
        if read.letters:
            self._by_letters[read.letters].remove(name)
        for key, word in _keys_of(name, read.words).items():
            table[key].remove((word, name))
        known.subtract(read.words)
        del self._place[name]

    def _take_in(self, name: str) -> None:
        # Names of one place are ordered by themselves, so a new one may have that of the last before it.
        place = max((place for other, place in self._place.items() if other < name), default=-1)
        self._place[name] = place
        read = _read(name)
        table, known = self._by_words
        if read.letters:
            self._by_letters.setdefault(read.letters, []).append(name)
        for key, word in _keys_of(name, read.words).items():
            insort(table.setdefault(key, []), (word, name), key=lambda pair: (self._place[pair[1]], pair[1]))
        known.update(read.words)

    def _add_alike(self, asked: _Read, at: int, word: str, found: dict[str, int]) -> None:
        """Add the names in which only the word at `at` differs, and only by a typo."""
        if not _is_plain(word):
            return
        table, known = self._by_words
        for length in range(len(word) - 2, len(word) + 3):
            for other, name in table.get(_key(asked.words, at, word[0], length), ())[:_COMPARED]:
                if _is_plural(word, other):
                    found.setdefault(name, _PLURAL)
                elif (
                    # A word that other names contain is not a typo.
                    not known[word] and len(asked.letters) + len(other) - len(word) > _SHORT and _is_typo(word, other)
                ):
                    found.setdefault(name, _TYPO)

    @cached_property
    def _by_letters(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for name in self._place:
            if letters := _read(name).letters:
                found[letters].append(name)
        return dict(found)

    @cached_property
    def _by_words(self) -> tuple[dict[str, list[tuple[str, str]]], Counter[str]]:
        """Return words with names, by the other words there, their first letter and length; how often each word is."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        words: list[str] = []
        for name in self._place:
            own = _read(name).words
            words += own
            for key, word in _keys_of(name, own).items():
                found[key].append((word, name))
        return dict(found), Counter(words)


class NameChange:
    """Names that came or went among others: which answers of `Names` may be other ones since.

    `words` are words of other names now, or no longer; under the keys in `crowded` not all words are compared.
    """

    def __init__(self, names: Iterable[str], words: frozenset[str], crowded: frozenset[str]) -> None:
        self._names = Names(names)
        self._first = frozenset(_read(name).letters[:1] for name in self._names.all)
        self._words = words
        self._any_word = re.compile("|".join(map(_as_whole, sorted(words))) or r"(?!)")
        self._known: dict[str, bool] = {}
        self._crowded = crowded
        self._lengths = frozenset(len(key.split(" ")) for key in crowded)

    def with_names(self, names: Iterable[str]) -> NameChange:
        """Return the change of these names."""
        return NameChange(names, self._words, self._crowded)

    def concerns(self, wanted: str) -> bool:
        """Say whether `near(wanted)` may be another answer than before."""
        known = self._known.get(wanted)
        if known is None:
            known = self._known[wanted] = self._may_concern(wanted)
        return known

    def _may_concern(self, wanted: str) -> bool:
        if not self._crowded:
            # Most names begin with another letter, which is never a typo, and have none of the words.
            folded = wanted.casefold()
            is_plain = folded.isascii() and folded[:1].isalnum() and "'" not in folded
            if is_plain and folded[0] not in self._first and self._any_word.search(folded) is None:
                return False
        words = _read(wanted).words
        if self._crowded and len(words) in self._lengths and any(key in self._crowded for key in _keys_near(words)):
            return True
        return bool(self._names.near(wanted)) or not self._words.isdisjoint(words)


def _as_whole(word: str) -> str:
    """Return a pattern for a word as `_WORD` finds it."""
    return rf"(?<![^\W_]){word}(?![^\W_])" if word.isalnum() else re.escape(word)


def _keys_of(name: str, words: tuple[str, ...]) -> dict[str, str]:
    """Return those of the words of a name that may be compared, by the keys under which they are found."""
    if len(words) > _MOST_WORDS or len(name) > _LONGEST:
        return {}
    return {_key(words, at, word[0], len(word)): word for at, word in enumerate(words) if _is_plain(word)}


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
    if word.isascii():
        return word.isalpha()
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
