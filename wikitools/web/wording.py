"""How much the words of pages speak for a work: which words of its title stand near citations, or on their pages."""

from __future__ import annotations

import math
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from wikitools.sources.names import words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

_SHORTEST = 4
_BEGINNING = 5
_NEAR, _ON_PAGE = 0.3, 0.5
"""How many of the words of the cited title stand near the citations for its sake; and of the others, on their pages.
Measured on works that pages of the gold set cite."""
_NONE_NEAR, _NONE_ON_PAGE = 50, 10
"""Assume so many more citations, and pages, without any of the words: in a small wiki, no word is common."""
_SAMPLE = 200


class Words(NamedTuple):
    """Where the words of a title stand, and what that says."""

    near: float
    """The share that stands near the citations, from 0 to 1."""
    on_pages: float
    """The share that stands anywhere on their pages."""
    odds: float
    """The logarithm of how many times likelier this is if the title is the one that is cited than if it is another."""


class Wording:
    """The words around all open citations, and those of their pages. They are compared here, and sent to nobody."""

    def __init__(self, contexts: Iterable[str], pages: Iterable[str], text_of: Callable[[str], str]) -> None:
        """Take what stands around the citations of each wanted work, and the paths of all pages that cite them."""
        self._contexts = tuple(contexts)
        self._pages = sorted(set(pages))
        self._text_of = text_of
        self._words: dict[str, frozenset[str]] = {}

    def told(self, title: str, context: str, pages: Collection[str], names: Iterable[str] = ()) -> Words:
        """Return where the words of a title stand: in a context, and on the pages at these paths.

        The words of the cited `names` stand at each citation, whatever its title is: "The Taylor rule" by Taylor.
        """
        telling = _beginnings(title) - _beginnings(" ".join(names))
        if not telling:
            return Words(0.0, 0.0, 0.0)
        near = telling & _beginnings(context)
        there = near.union(*(telling & self._on(path) for path in pages))
        odds = sum(self._odds(word, is_near=word in near, is_there=word in there) for word in telling)
        return Words(len(near) / len(telling), len(there) / len(telling), odds)

    def _odds(self, word: str, *, is_near: bool, is_there: bool) -> float:
        if is_near:
            near = self._near.share(word)
            return math.log((near + _NEAR * (1 - near)) / near)
        if is_there:
            there = self._there.share(word)
            return math.log((1 - _NEAR) * (there + _ON_PAGE * (1 - there)) / there)
        return math.log((1 - _NEAR) * (1 - _ON_PAGE))

    @cached_property
    def _near(self) -> _Shares:
        return _Shares(map(_beginnings, self._contexts), _NONE_NEAR)

    @cached_property
    def _there(self) -> _Shares:
        step = max(1, len(self._pages) // _SAMPLE)
        return _Shares(map(self._on, self._pages[::step]), _NONE_ON_PAGE)

    def _on(self, path: str) -> frozenset[str]:
        if path not in self._words:
            self._words[path] = _beginnings(self._text_of(path))
        return self._words[path]


class _Shares:
    """In which share of some texts each word stands: never in none."""

    def __init__(self, texts: Iterable[frozenset[str]], more: int) -> None:
        self._texts: Counter[str] = Counter()
        number = 0
        for text in texts:
            self._texts.update(text)
            number += 1
        self._others = max(0, number - 1) + more

    def share(self, word: str) -> float:
        """Return in which share of the other texts than one with this word it stands, too."""
        return max(1, self._texts[word]) / self._others


def _beginnings(text: str) -> frozenset[str]:
    """Return the beginnings of the longer words of a text: "stomata" and "stomatal" have the same."""
    return frozenset(word[:_BEGINNING] for word in words(text) if len(word) >= _SHORTEST)
