"""What decides between sources whose authors and year fit a citation: its letter, and what else the page says."""

from __future__ import annotations

import bisect
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.cite.alignment import EXACT, FEWER
from wikitools.cite.coverage import Coverage
from wikitools.cite.prose import GONE
from wikitools.cite.titled import is_called
from wikitools.cite.topic import Topic, may_be_one_work
from wikitools.sources.names import folded, words
from wikitools.sources.readers.address_fields import year_of_arxiv
from wikitools.sources.same_work import distinct_works
from wikitools.sources.source import first_words
from wikitools.sources.vocabulary import SENTENCE_WORDS
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wikitools.cite.alignment import Fit
    from wikitools.cite.citation import Cited
    from wikitools.cite.draft import Draft, Form
    from wikitools.cite.prose import Prose
    from wikitools.sources.source import Bibliography, Layer, Source


@dataclass(frozen=True, slots=True)
class Decision:
    """The sources that are left of those that fit, what decided, and which lost and why."""

    sources: tuple[Source, ...]
    evidence: tuple[str, ...] = ()
    losers: tuple[tuple[str, str], ...] = ()
    doubt: str = ""
    """Why a single source is only possibly the one meant."""


class Decider:
    """Decides between the sources that fit a citation, by what else its page says."""

    def __init__(
        self, prose: Prose, drafts: Sequence[Draft], pointed: Sequence[Cited], bibliography: Bibliography
    ) -> None:
        self._prose = prose
        self._drafts = drafts
        self._pointed = pointed
        self._bibliography = bibliography
        self._pointed_at = {id(each.resolution.target) for each in pointed if isinstance(each.resolution, Found)}
        self._pointers = sorted(
            (each.citation.span.start, id(each.resolution.target))
            for each in pointed
            if isinstance(each.resolution, Found)
        )
        self._ends = sorted(draft.citation.span.end for draft in drafts)
        self._spelled: int | None = None
        self._letters: dict[Form, set[str]] | None = None
        self._forms: dict[Form, list[Draft]] | None = None
        self._series: dict[tuple[Form, tuple[int, ...]], dict[str, Source]] = {}
        self._topic: Topic | None = None
        self._coverage: Coverage | None = None
        self._doubts: dict[tuple[Form, tuple[int, ...]], str] = {}
        self._named_in_full: set[int] | None = None
        self._works: dict[int, tuple[tuple[Fit, ...], list[Source]]] = {}

    def __call__(self, draft: Draft) -> Decision:
        """Return which sources that fit `draft` are left: one, or several that nothing on the page distinguishes."""
        if len(draft.fits) == 1:
            source = draft.fits[0].source
            if draft.fits[0].guess and self._pointed_at_beside(draft, [source]):
                return Decision((source,), (_LINK_BESIDE,))
            doubt = draft.fits[0].guess or _letter_doubt(draft, source)
            return Decision((source,), doubt=doubt or self._namesake_doubt(draft, (source,)))
        works = self.works(draft)
        evidence: list[str] = []
        losers: list[tuple[str, str]] = []
        if len(works) < len(draft.fits):
            evidence.append("several entries of one work")
        choices = (
            self._by_letter,
            self._by_pointer,
            self._by_length,
            self._by_title,
            self._by_order,
            _by_declared_year,
            self._by_topic,
        )
        # The page's topic cannot single out one work among hundreds, and comparing all of them takes long.
        for choose in choices if len(works) <= MOST_WORKS else choices[:3]:
            if len(works) < 2:
                break
            left, because, why_lost = choose(draft, works)
            if left and len(left) < len(works):
                stays = {id(source) for source in left}
                losers += [(source.key, why_lost) for source in works if id(source) not in stays]
                evidence.append(because)
                works = left
        doubt = ""
        decided_by = {why for _key, why in losers}
        if len(works) == 1:
            guess = next((fit.guess for fit in draft.fits if fit.source is works[0]), "")
            doubt = guess or ("" if losers else _letter_doubt(draft, works[0]))
        if not doubt and decided_by <= {_UNDECLARED, *_LESS} and len(works) <= MOST_WORKS:
            # Between namesakes the topic only says which is the likeliest; of one without a title it knows nothing.
            untitled = not decided_by.isdisjoint(_LESS) and any(not fit.source.title for fit in draft.fits)
            likely = _SOMEWHAT_LESS in decided_by
            if not untitled or len(works) > 1:
                doubt = self._namesake_doubt(draft, works, several=len(works) > 1 or likely)
            if not doubt and len(works) == 1 and (untitled or likely):
                doubt = "weak-evidence"
        return Decision(tuple(works), tuple(evidence), tuple(losers), doubt)

    def _namesake_doubt(self, draft: Draft, works: Sequence[Source], *, several: bool = False) -> str:
        """Return why all sources that fit may be by namesakes: "Li et al. 2013", without any other evidence.

        In a large library, a missing work is likely to match a namesake's by chance, the more so the more works have a
        first author of that name. A co-author or a given name that is printed, a title before it, or a link on the
        page decides; else the page's words and other works, and how many of these are known, must outweigh the chance.
        `several` says that the page does not surely decide between works that fit.
        """
        fit, layers = draft.fits[0], self._bibliography.layers
        if (
            (fit.named > 1 and fit.rank < FEWER)
            or not any(layer.has_at_least(_LARGE) for layer in layers)
            or not all(each.names for each in works)
        ):
            return ""
        asked = draft.form, tuple(id(source) for source in works)
        if asked in self._doubts:
            return self._doubts[asked]
        best = max(self._speaks_for(draft, source) for source in works)
        doubt = ""
        if best < _SPEAKS and self._titled_before(draft, list(works), _ENOUGH_IN_SERIES) is None:
            too_weak = best < (_SPEAKS_FOR_ANY if several else _SPEAKS_AT_ALL)
            doubt = TOO_WEAK if too_weak else "weak-evidence" if len(works) == 1 else ""
        self._doubts[asked] = doubt
        return doubt

    def _speaks_for(self, draft: Draft, source: Source) -> float:
        """Return the evidence for a source, in log odds, against a missing work by a namesake."""
        printed = words(draft.citation.names[0]) if draft.citation.names else ()
        known = (*folded(source.names[0]).family, *folded(source.names[0]).other)
        given = [word for word in printed if word not in known]
        if any(len(word) > 1 for word in given) or id(source) in self._pointed_at or self._is_spelled(source):
            return math.inf
        chance = math.log1p(
            max(_namesakes(layer, known[-1], "".join(given[:1])) for layer in self._bibliography.layers)
        )
        otherwise = _PRINTED_OTHERWISE if draft.fits[0].rank > EXACT else 0.0
        if self._coverage is None:
            self._coverage = Coverage(self._drafts, self._pointed, self._bibliography)
        against = chance + otherwise + self._coverage.odds_of_lack(draft)
        return self._topic_of_page().speaks_for(draft, source) - against

    def _is_spelled(self, source: Source) -> bool:
        """Say whether the page names several authors of a source elsewhere."""
        if self._named_in_full is None:
            self._named_in_full = {
                id(draft.fits[0].source)
                for draft in self._drafts
                if len(draft.fits) == 1 and draft.fits[0].named > 1 and draft.fits[0].rank < FEWER
            }
        return id(source) in self._named_in_full

    def _topic_of_page(self) -> Topic:
        if self._topic is None:
            self._topic = Topic(self._prose.plain, self._drafts, self._bibliography)
        return self._topic

    def works(self, draft: Draft) -> list[Source]:
        """Return the works that fit a draft. Pages repeat authors and years, so each list is compared once."""
        known = self._works.get(id(draft.fits))
        if known is None:
            # The fits are kept alive, so that no other object gets the same id.
            known = self._works[id(draft.fits)] = draft.fits, distinct_works([fit.source for fit in draft.fits])
        return known[1]

    def _by_letter(self, draft: Draft, works: list[Source]) -> _Choice:
        """Choose the sources with the citation's letter in the bibliography: in the year, or else in all their keys."""
        letter = draft.citation.suffix
        if not letter:
            return [], "", ""
        left = [source for source in works if source.suffix == letter]
        if left or any(source.suffix for source in works):
            return left, "letter", "it has another letter"
        in_keys = [letter_of_key(source.key, draft.citation.year) for source in works]
        if not all(in_keys) or len(set(in_keys)) < len(works):
            return [], "", ""
        left = [source for source, each in zip(works, in_keys, strict=True) if each == letter]
        return left, "letter, as in its key", "its key has another letter"

    def _by_pointer(self, draft: Draft, works: list[Source]) -> _Choice:
        """Choose the source that the page links to or names by key: in the same bracket or line, or else elsewhere."""
        if beside := self._pointed_at_beside(draft, works):
            return beside, _LINK_BESIDE, "the link beside it leads to another"
        left = [source for source in works if id(source) in self._pointed_at]
        return (
            left if len(left) == 1 and not draft.citation.suffix else [],
            "the page links to it",
            "the page links to another source",
        )

    def _pointed_at_beside(self, draft: Draft, works: list[Source]) -> list[Source]:
        """Return the one work to which a link or key in the same bracket or line leads; else nothing."""
        for place in self._places_around(draft):
            near = {source for at, source in self._pointers_in(*place)}
            beside = [source for source in works if id(source) in near]
            if len(beside) == 1:
                return beside
        return []

    def _places_around(self, draft: Draft) -> Iterator[tuple[int, int]]:
        """Yield the bracket around a citation, and its line if there is no other citation in it."""
        span, group, text = draft.citation.span, draft.citation.group, self._prose.page.text
        if group is not None:
            yield group.start, group.end
        start = text.rfind("\n", 0, span.start) + 1
        end = text.find("\n", span.end)
        end = len(text) if end < 0 else end
        if sum(start <= other.citation.span.start < end for other in self._drafts) == 1:
            yield start, end

    def _pointers_in(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the links to sources and the keys between two offsets."""
        first = bisect.bisect_left(self._pointers, (start, 0))
        return self._pointers[first : bisect.bisect_left(self._pointers, (end, 0))]

    def _by_length(self, draft: Draft, works: list[Source]) -> _Choice:
        """Choose the sources with more authors than this page spells out, for "A et al."."""
        if self._spelled is None:
            self._spelled = _most_spelled_out(self._drafts)
        fit = draft.fits[0]
        if not fit.et_al or fit.named > 1 or self._spelled < 3:
            return [], "", ""
        left = [source for source in works if len(source.names) > self._spelled]
        return left, f"this page spells out {self._spelled} authors", "this page would spell out its authors"

    def _by_title(self, draft: Draft, works: list[Source]) -> _Choice:
        """Choose the source whose title, or the name that it starts with, is printed right before the citation.

        A year with a letter means the same work everywhere on the page, so one such title decides it; if all letters
        but one are decided, the last work has the last letter.
        """
        why_lost = "the citation follows another title"
        if (after := self._titled_after(draft, works)) is not None:
            return [after], "title behind it", "the title behind it is another"
        if (quoted := self._quoted_before(draft, works)) is not None:
            return [quoted], "title before it", why_lost
        if not draft.citation.suffix:
            named = self._titled_before(draft, works, _ENOUGH_ALONE)
            if named is None or any(named is not other and may_be_one_work(named, other) for other in works):
                return [], "", ""
            return [named], "title words before it", why_lost
        asked = draft.form, tuple(id(source) for source in works)
        if asked not in self._series:
            self._series[asked] = self._read_series(draft.form, works)
        meant = self._series[asked].get(draft.citation.suffix)
        return [meant] if meant is not None else [], "title words before it, here or with the same letter", why_lost

    def _read_series(self, form: Form, works: list[Source]) -> dict[str, Source]:
        """Return the works that letters mean by the titles printed before them; none for a letter with two titles."""
        told: dict[str, dict[int, Source]] = {}
        for draft in self._drafts_of(form):
            told.setdefault(draft.citation.suffix, {})
            if (named := self._titled_before(draft, works, _ENOUGH_IN_SERIES)) is not None:
                told[draft.citation.suffix][id(named)] = named
        told.pop("", None)
        meant = {letter: next(iter(found.values())) for letter, found in told.items() if len(found) == 1}
        if len({id(source) for source in meant.values()}) < len(meant) or any(
            len(found) > 1 for found in told.values()
        ):
            return {}
        left = [source for source in works if all(source is not other for other in meant.values())]
        untold = [letter for letter in told if letter not in meant]
        if meant and len(left) == len(untold) == 1:
            meant[untold[0]] = left[0]
        return meant

    def _drafts_of(self, form: Form) -> list[Draft]:
        if self._forms is None:
            self._forms = {}
            for draft in self._drafts:
                self._forms.setdefault(draft.form, []).append(draft)
        return self._forms.get(form, [])

    def _titled_before(self, draft: Draft, works: list[Source], enough: int) -> Source | None:
        """Return the one work whose title contains the words right before a citation, at least `enough` of them."""
        if len(works) > MOST_WORKS:
            return None
        start = draft.citation.span.start
        # Never across another citation, or the end of a block.
        earlier = bisect.bisect_right(self._ends, start) - 1
        begin = max(0, start - _LOOK_BACK, self._ends[earlier] if earlier >= 0 else 0)
        said = self._prose.plain[begin:start].rpartition("\n")[2]
        before = words(said.replace(GONE, ""))[-_MOST_WORDS_BEFORE:]
        scores = [_said_before(before, source, enough) for source in works]
        return works[scores.index(max(scores))] if sum(map(bool, scores)) == 1 else None

    def _quoted_before(self, draft: Draft, works: list[Source]) -> Source | None:
        """Return the one work whose title, or the beginning of it, is quoted right before a citation."""
        start = draft.citation.span.start
        quoted = _QUOTED_BEFORE.search(self._prose.plain, max(0, start - _LOOK_BACK), start)
        form = words((quoted[1] or quoted[2]).replace(GONE, "")) if quoted is not None else ()
        if sum(word not in SENTENCE_WORDS for word in form) < _ENOUGH_IN_SERIES:
            return None
        called = [source for source in works if is_called(source, form)]
        return called[0] if len(called) == 1 else None

    def _titled_after(self, draft: Draft, works: list[Source]) -> Source | None:
        """Return which of several works has its title right after a citation: `Messick (1995), "Validity of …"`."""
        if len(works) > MOST_WORKS:
            return None
        end = draft.citation.span.end
        begins = _TITLE_AFTER.match(self._prose.plain, end)
        if begins is None:
            return None
        said = words(self._prose.plain[begins.end() : begins.end() + _LOOK_BACK].partition("\n")[0].replace(GONE, ""))
        fitting = []
        for source in works:
            title = words(source.title)
            same = next((at for at, pair in enumerate(zip(title, said, strict=False)) if pair[0] != pair[1]), None)
            length = min(len(title), len(said)) if same is None else same
            telling = sum(word not in SENTENCE_WORDS for word in title[:length])
            fitting.append((telling, source))
        fitting.sort(key=lambda each: -each[0])
        clear = fitting[0][0] >= _ENOUGH_IN_SERIES and fitting[1][0] < fitting[0][0]
        return fitting[0][1] if clear else None

    def _by_order(self, draft: Draft, works: list[Source]) -> _Choice:
        """Choose by the order of the bibliography, if it is a sorted reference list without letters.

        A printed list sorted by author shows 2017a before 2017b. So this holds only when the whole bibliography is
        sorted, and when the page uses exactly as many letters as there are works.
        """
        letter = draft.citation.suffix
        if not letter or any(source.suffix for source in works):
            return [], "", ""
        if self._letters is None:
            self._letters = {}
            for other in self._drafts:
                self._letters.setdefault(other.form, set()).add(other.citation.suffix)
        alphabet = [chr(ord("a") + number) for number in range(len(works))]
        layer = next((layer for layer in self._bibliography.layers if all(layer.has(source) for source in works)), None)
        if layer is None or sorted(self._letters[draft.form]) != alphabet or not layer.is_reference_list():
            return [], "", ""
        chosen = sorted(works, key=layer.place)[alphabet.index(letter)]
        return [chosen], "letter, by the order of the reference list", "it has another position in the reference list"

    def _by_topic(self, draft: Draft, works: list[Source]) -> _Choice:
        """Choose the source whose title, authors and journal go with what the page says and cites.

        Works that differ only in their letter are too similar for that.
        """
        if draft.citation.suffix:
            return [], "", ""
        found = self._topic_of_page().choose(draft, works)
        if found is None:
            return [], "", ""
        return list(found.works), found.evidence, _FAR_LESS if found.sure else _SOMEWHAT_LESS


_LINK_BESIDE = "a link beside it"
_LARGE = 1000
"""From this number of sources on, namesakes are likely to match by chance."""
_SPEAKS, _SPEAKS_AT_ALL, _SPEAKS_FOR_ANY = 0.0, -2.0, -0.5
"""Log odds, measured on articles over a library of 97,000 works, whole and with half of the works cited taken out.

Below the first, the only source that fits, or that the page's topic chose, is perhaps meant: so are 1 in 100 of the
right ones and 7 in 10 of the wrong ones. Below the second, it is not: 2 in 1,000 of the right ones, half of the wrong.
Of several that fit and stay undecided, none is meant below the third: 8 in 100 of the lists with the right work are,
and 9 in 10 of the others. docs/citations.md has the whole curve.
"""
_PRINTED_OTHERWISE = 3.0
"""What it speaks against a source that the page would print otherwise: "A et al." for a work of two authors, "A" alone
for one of several. Of works by namesakes one in five fits only so, of those that are meant two in a thousand.
"""
_LESS = _FAR_LESS, _SOMEWHAT_LESS = tuple(
    f"its title, authors and journal match this page {how}less" for how in ("", "somewhat ")
)
"""Why works lose to those that the page's topic singles out, and to those that are only likelier."""
TOO_WEAK = "too-weak-evidence"
"""The doubt that rules out all sources that fit."""
MOST_WORKS = 100
"""The most works that are compared by the page's topic."""
_LOOK_BACK = 200
_QUOTED_BEFORE = re.compile(r"(?:[“\"«]([^“”\"«»\n]{4,200})[”\"»]|\|([^|\n]{4,200})\|)[ \x01]{0,3}[(\[]?\Z")
"""A title in quotes, or in a cell of its own, before a citation."""
_TITLE_AFTER = re.compile(r"[)\]]?[ \x01]{0,2}[|,:-]?[ \x01]{0,3}[\"“'«]?(?=[A-Z\d])")
_MOST_WORDS_BEFORE = 14
_WORDS_BETWEEN = 2
"""How many words may be between a title and the citation: "methodological review boards (Lakens 2023)"."""
_ENOUGH_IN_SERIES, _ENOUGH_ALONE = 2, 3
"""How many distinctive words are needed: for works that differ in a letter, which are few, and for namesakes."""
_LONGEST_PROPER_NAME = 3
_NAME_END = re.compile(r":\s|\s[-–—]\s")


def _namesakes(layer: Layer, name: str, initial: str) -> int:
    """Return how many sources have a first author of this name, and with this initial, if one is printed."""
    if not initial:
        return layer.count(first_words, name)
    sources = layer.by_author(name)
    return sum(
        any(word.startswith(initial) for word in words(each.names[0].given)[:1]) for each in sources if each.names
    )


def _said_before(before: tuple[str, ...], source: Source, enough: int) -> int:
    """Return how many distinctive words of the title are right before a citation; 0 for fewer than `enough`.

    The name that a title starts with ("MIO: a foundation model") may be a single word, but the last one.
    """
    title = words(source.title)
    name, colon, _rest = source.title.partition(match[0]) if (match := _NAME_END.search(source.title)) else ("", "", "")
    proper = words(name) if colon else ()
    if 0 < len(proper) <= _LONGEST_PROPER_NAME and before[-len(proper) :] == proper:
        return len(proper)
    best = 0
    for skipped in range(min(len(before), _WORDS_BETWEEN + 1)):
        end = len(before) - skipped
        for at, word in enumerate(title):
            if word != before[end - 1]:
                continue
            length = 0
            while length < min(end, at + 1) and title[at - length] == before[end - 1 - length]:
                length += 1
            telling = sum(word not in SENTENCE_WORDS for word in title[at - length + 1 : at + 1])
            # A whole title may be short: "**Style Transformer** (Dai et al. 2019)".
            whole = length == len(title) and telling >= _ENOUGH_IN_SERIES and skipped == 0
            best = max(best, enough if whole else telling)
    return best if best >= enough else 0


_UNDECLARED = "its arXiv id alone is from that year"


def _by_declared_year(draft: Draft, works: list[Source]) -> _Choice:
    """Choose the sources that are dated to the citation's year over those that only came to arXiv in it."""
    year = draft.citation.year
    left = [source for source in works if year in source.years and not _is_only_of_arxiv(year, source)]
    return left, "its declared year", _UNDECLARED


def _is_only_of_arxiv(year: str, source: Source) -> bool:
    """Say whether a year of a source is that of its arXiv id; readers put this one behind those that are declared."""
    return source.years[0] != year == source.years[-1] == year_of_arxiv(source.arxiv)


def _letter_doubt(draft: Draft, source: Source) -> str:
    """Return why the only source that fits may not be meant: only the citation has a letter.

    Authors add a letter when they cite another work from that year, which this bibliography lacks.
    """
    letter = draft.citation.suffix
    if not letter or source.suffix == letter or letter_of_key(source.key, draft.citation.year) == letter:
        return ""
    return "its-letter-is-unknown"


def letter_of_key(key: str, year: str) -> str:
    """Return the letter after `year` in `key`: "b" for `axer2011b`; "" if there is none."""
    match = _KEY_LETTER.search(key)
    return match[2].lower() if match is not None and match[1] == year else ""


_KEY_LETTER = re.compile(r"(?<!\d)((?:1[5-9]|20)\d\d)[_-]?([A-Za-z])(?![A-Za-z])")

_Choice = tuple[list["Source"], str, str]
"""The sources that are left, the evidence for them, and why the others lost."""

_ENOUGH_SPELLED = 2


def _most_spelled_out(drafts: Sequence[Draft]) -> int:
    """Return the largest number of authors that the page names in full, seen for at least two works."""
    works: set[tuple[int, str]] = set()
    for draft in drafts:
        fit = draft.fits[0] if draft.fits else None
        if fit is not None and not fit.et_al and fit.named >= 3 and fit.named == len(fit.source.names):
            works.add((fit.named, fit.source.key))
    counts = Counter(named for named, _key in works)
    return max((named for named, seen in counts.items() if seen >= _ENOUGH_SPELLED), default=0)
