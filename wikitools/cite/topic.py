"""Which of several namesakes a page means, told by its subject: title words, co-authors and kindred titles."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from wikitools.cite.names import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wikitools.cite.drafts import Draft
    from wikitools.cite.source import Bibliography, Name, Source

_WORD = re.compile(r"[a-z]{3,}")
_COMMON = frozenset(
    [
        "the",
        "and",
        "for",
        "with",
        "from",
        "that",
        "this",
        "are",
        "was",
        "were",
        "using",
        "use",
        "based",
        "study",
        "analysis",
        "new",
        "effect",
        "effects",
        "between",
        "among",
        "into",
        "during",
        "under",
        "its",
        "their",
        "can",
        "not",
        "und",
        "der",
        "die",
        "das",
        "les",
        "des",
        "pour",
        "une",
    ]
)
_SAMPLE = 5000
_BEFORE, _AFTER = 300, 150
_MOST_CANDIDATES = 60
_SURE = 0.9
_FEWEST_TITLES = 300

OFTEN, NEARBY, KINDRED, COAUTHOR = 1.0, 0.122, 0.9, 0.45
"""Weights of evidence in log odds, fitted (conditional logit) on namesakes in real articles: how often the page uses
the title's words, those in the sentences around the citation, those in titles that the page surely cites, and each
co-author who wrote one of these. With `_SURE`, 98 of 100 choices were right."""


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith("es"):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _stems(text: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(text.lower()) if word not in _COMMON]


@lru_cache(maxsize=1 << 15)
def _title_stems(title: str) -> frozenset[str]:
    return frozenset(_stems(title))


class _Rarity:
    """How rare words are in the titles of a bibliography: log of titles per title with the word."""

    def __init__(self, sources: Sequence[Source]) -> None:
        step = max(1, len(sources) // _SAMPLE)
        sample = sources[::step]
        self._titles = Counter(word for source in sample for word in _title_stems(source.title))
        self._count = len(sample)

        self._known: dict[str, float] = {}

    def __call__(self, word: str) -> float:
        known = self._known.get(word)
        if known is None:
            known = self._known[word] = math.log((self._count + 1) / (self._titles[word] + 0.5))
        return known


class Topic:
    """What a page is about: its words, and the works that it surely cites."""

    def __init__(self, text: str, drafts: Sequence[Draft], bibliography: Bibliography) -> None:
        self._text = text
        self._rarity = _rarity(bibliography)
        self._uses: Counter[str] = Counter()
        self._sure: set[int] = set()
        self._sure_words: Counter[str] = Counter()
        self._authors: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
        self._places: dict[tuple[tuple[str, ...], str, str], list[int]] = {}
        self._chosen: dict[tuple[tuple[str, ...], str, str], tuple[Source, str] | None] = {}
        if self._rarity is None:
            return
        self._uses.update(_stems(text))
        for draft in drafts:
            if len(draft.fits) == 1:
                self._learn(draft.fits[0].source)
            self._places.setdefault(_form(draft), []).append(draft.citation.span.start)
        # What is very likely meant tells about the subject too, and so about the rest.
        likely = [self._choose(draft, [fit.source for fit in draft.fits]) for draft in drafts if len(draft.fits) > 1]
        for chosen in likely:
            if chosen is not None:
                self._learn(chosen[0])

    def _learn(self, source: Source) -> None:
        if id(source) in self._sure:
            return
        self._sure.add(id(source))
        self._sure_words.update(_title_stems(source.title))
        self._authors.update(_author(source, number) for number in range(len(source.names)))

    def choose(self, draft: Draft, works: Sequence[Source]) -> tuple[Source, str] | None:
        """Return the one of `works` that is very likely meant, and the words that say so; `None` when none is."""
        form = _form(draft)
        if form not in self._chosen:
            self._chosen[form] = self._choose(draft, works)
        found = self._chosen[form]
        return found if found is not None and any(found[0] is source for source in works) else None

    def _choose(self, draft: Draft, works: Sequence[Source]) -> tuple[Source, str] | None:
        if self._rarity is None or len(works) > _MOST_CANDIDATES:
            return None
        near: set[str] = set()
        for place in self._places[_form(draft)]:
            near.update(_stems(self._text[max(0, place - _BEFORE) : place + _AFTER]))
        scored = sorted(
            ((self._score(source, near), source.key, source) for source in works), key=lambda each: (-each[0], each[1])
        )
        best = scored[0][0]
        likely = 1 / sum(math.exp(score - best) for score, _key, _source in scored)
        if likely < _SURE:
            return None
        chosen = scored[0][2]
        rarity = self._rarity
        said = sorted(
            {word for word in _title_stems(chosen.title) if self._uses[word]}, key=lambda word: (-rarity(word), word)
        )
        return chosen, "subject: " + ", ".join(said[:3]) if said else "subject"

    def _score(self, source: Source, near: Iterable[str]) -> float:
        """Return the log odds that the page means `source`, up to a constant that all its namesakes share."""
        rarity = self._rarity
        if rarity is None:
            return 0.0
        weights = {word: rarity(word) for word in sorted(_title_stems(source.title))}
        total = sum(weights.values()) or 1.0
        often = sum(weight * math.log1p(self._uses[word]) for word, weight in weights.items()) / total
        nearby = sum(weight for word, weight in weights.items() if word in near)
        share = 100 / max(1, len(self._sure))
        kindred = sum(weight * math.log1p(share * self._sure_words[word]) for word, weight in weights.items()) / total
        coauthors = sum(_author(source, number) in self._authors for number in range(1, len(source.names)))
        return OFTEN * often + NEARBY * nearby + KINDRED * kindred + COAUTHOR * min(coauthors, 4)


def _form(draft: Draft) -> tuple[tuple[str, ...], str, str]:
    return draft.citation.names, draft.citation.year, draft.citation.suffix


def _author(source: Source, number: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return _folded_author(source.names[number])


@lru_cache(maxsize=1 << 15)
def _folded_author(name: Name) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return words(name.family), words(name.given)[:1]


def _rarity(bibliography: Bibliography) -> _Rarity | None:
    """Return the rarity of words in the largest layer; `None` where it is too small to tell rare words from others."""
    layer = max(bibliography.layers, key=lambda layer: len(layer.sources))
    if len(layer.sources) < _FEWEST_TITLES:
        return None
    known = layer.memo.get("rarity")
    if not isinstance(known, _Rarity):
        known = layer.memo["rarity"] = _Rarity(layer.sources)
    return known
