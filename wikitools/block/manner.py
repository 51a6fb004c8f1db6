"""The manner in which pages cite: the form of author and year that is usual there, and keys or links to notes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.block.template import squeeze
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wikitools.cite.citation import Cited
    from wikitools.sources.source import Source

_USUAL_ET_AL = 3
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Manner:
    """What the citations by author and year on some pages have in common, counted."""

    comma: int = 0
    no_comma: int = 0
    ampersand: int = 0
    word: int = 0
    """How often "and" stands between names."""
    short: tuple[int, ...] = (0,) * _MOST_NAMED
    """By number of authors, how often "et al." was written."""
    full: tuple[int, ...] = (0,) * _MOST_NAMED
    """By number of authors, how often all of them were named."""
    keys: int = 0
    """How often a key named a source by itself."""
    notes: int = 0
    """How often a link to its note did."""

    def __add__(self, other: Manner) -> Manner:
        return self._with(other, 1)

    def __sub__(self, other: Manner) -> Manner:
        return self._with(other, -1)

    def _with(self, other: Manner, sign: int) -> Manner:
        return Manner(
            self.comma + sign * other.comma,
            self.no_comma + sign * other.no_comma,
            self.ampersand + sign * other.ampersand,
            self.word + sign * other.word,
            tuple(one + sign * more for one, more in zip(self.short, other.short, strict=True)),
            tuple(one + sign * more for one, more in zip(self.full, other.full, strict=True)),
            self.keys + sign * other.keys,
            self.notes + sign * other.notes,
        )

    def or_else(self, other: Manner) -> Manner:
        """Return this manner, completed by `other` where nothing was counted here."""
        year = self if self.comma or self.no_comma else other
        names = self if self.ampersand or self.word else other
        several = self if any(self.short[_USUAL_ET_AL:]) or any(self.full[_USUAL_ET_AL:]) else other
        by_itself = self if self.keys or self.notes else other
        return Manner(
            year.comma,
            year.no_comma,
            names.ampersand,
            names.word,
            several.short,
            several.full,
            by_itself.keys,
            by_itself.notes,
        )

    @property
    def pointers(self) -> list[str]:
        """The kinds of citations that name a source by itself, as `pointers_in` has them."""
        counted = sorted((("key", self.keys), ("note", self.notes)), key=lambda each: -each[1])
        return [kind for kind, number in counted if number]

    @property
    def et_al_from(self) -> int:
        """The number of authors from which on only the first is named, followed by "et al."."""
        for count in range(2, _MOST_NAMED):
            if self.short[count] > self.full[count]:
                return count
        named = [count for count in range(_USUAL_ET_AL, _MOST_NAMED) if self.full[count]]
        return max(named) + 1 if named else _USUAL_ET_AL

    def write(self, source: Source, *, narrative: bool) -> str:
        """Return a citation of a source, without brackets around it; "" if it has no author or no year.

        In a sentence, the year is in brackets.
        """
        names = [squeeze(name.family) for name in source.names if squeeze(name.family)]
        year = squeeze(source.years[0] + source.suffix) if source.years else ""
        if not names or not year:
            return ""
        both = " & " if self.ampersand > self.word and not narrative else " and "
        if len(names) >= self.et_al_from and len(names) > 1:
            who = f"{names[0]} et al."
        elif len(names) > 2:
            who = f"{', '.join(names[:-1])},{both}{names[-1]}"
        else:
            who = both.join(names)
        if narrative:
            return f"{who} ({year})"
        return f"{who}{',' if self.comma > self.no_comma else ''} {year}"


_YEAR = re.compile(r"(,?)\s*[(\[（]?\s*$")
_BETWEEN = re.compile(r"\s(&|and)\s")


def manner_of(cited: Iterable[Cited]) -> Manner:
    """Return the counts of one page's citations, whether or not their sources are known."""
    cited = tuple(cited)
    comma = no_comma = ampersand = word = 0
    short, full = [0] * _MOST_NAMED, [0] * _MOST_NAMED
    for each in cited:
        citation = each.citation
        found = each.resolution.target if isinstance(each.resolution, Found) else None
        if citation.kind != "author-year" or not citation.names or not (found or each.convincing):
            continue
        written = citation.text
        year = written.rfind(citation.year) if citation.year else -1
        if year > 0 and not citation.narrative:
            before = _YEAR.search(written[:year])
            if before is not None and before[1]:
                comma += 1
            else:
                no_comma += 1
        between = _BETWEEN.search(written[: year if year > 0 else len(written)])
        if between is not None and not citation.narrative:
            ampersand += between[1] == "&"
            word += between[1] == "and"
        # How many authors "et al." stands for, only the source can tell.
        count = len(found.names) if found else len(citation.names)
        if count < _MOST_NAMED and (found or not citation.et_al):
            short[count] += citation.et_al
            full[count] += not citation.et_al and len(citation.names) == count
    kinds = Counter(each.citation.kind for each in cited)
    return Manner(comma, no_comma, ampersand, word, tuple(short), tuple(full), kinds["key"], kinds["note"])


def pointers_in(cited: Iterable[Cited]) -> list[str]:
    """Return the kinds of citations that name a source by itself, "key" and "note", the more frequent one first."""
    counts = Counter(each.citation.kind for each in cited if each.citation.kind in {"key", "note"})
    return [kind for kind, _count in counts.most_common()]
