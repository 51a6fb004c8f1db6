"""How often each work is cited in a wiki and how pages write citations: counted page by page when idle."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING

from wikitools.block.entries import identity
from wikitools.block.manner import Manner, manner_of
from wikitools.sources.names import fold
from wikitools.wiki.lazy_pages import UnknownError
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wikitools.cite.citation import Cited
    from wikitools.lint.facts import Facts
    from wikitools.sources.source import Bibliography, Source


class Works:
    """The works of one bibliography: which pages cite them, and an index of their authors' names."""

    def __init__(self) -> None:
        self._cited: dict[str, tuple[str, ...]] = {}
        """The sources that each page cites, one for each citation."""
        self._manners: dict[str, Manner] = {}
        self.counts: Counter[str] = Counter()
        """How often each source is cited on the pages counted so far."""
        self._manner = Manner()
        self._waiting: list[str] | None = None
        self._names: tuple[Bibliography, Names] | None = None

    def count(self, facts: Facts, at_most: int) -> bool:
        """Count the citations of some more pages; say whether any are left. The index of names is made first.

        That index takes longer than all else in a first completion.
        """
        self.names(facts.bibliography)
        if self._waiting is None:
            self._waiting = list(reversed([path for path in facts.wiki.pages if path not in self._cited]))
        for _ in range(at_most):
            if not self._waiting:
                return False
            self._count(self._waiting.pop(), facts)
        return bool(self._waiting)

    def _count(self, path: str, facts: Facts) -> None:
        cited = () if path in self._cited else cited_on(path, facts)
        found = tuple(identity(each.resolution.target) for each in cited if isinstance(each.resolution, Found))
        if cited:
            self._cited[path] = found
            self.counts.update(found)
            self._manners[path] = manner = manner_of(cited)
            self._manner += manner

    def forget(self, paths: Iterable[str]) -> None:
        """Count pages again, because they changed."""
        for path in paths:
            self.counts.subtract(self._cited.pop(path, ()))
            if (manner := self._manners.pop(path, None)) is not None:
                self._manner -= manner
            if self._waiting is not None:
                self._waiting.append(path)

    def manner(self, facts: Facts, path: str) -> Manner:
        """Return the manner in which a page cites; where it has none, that of the wiki."""
        self._count(path, facts)
        own = self._manners.get(path, Manner())
        return own.or_else(self._manner)

    def citing(self, source: Source, facts: Facts) -> tuple[str, ...]:
        """Return the pages that cite a source, sorted; first counts the pages that are left."""
        while self.count(facts, 1000):
            pass
        wanted = identity(source)
        return tuple(sorted(path for path, found in self._cited.items() if wanted in found))

    def on_page(self, path: str, facts: Facts) -> frozenset[str]:
        """Return the identities of the sources that a page cites."""
        self._count(path, facts)
        return frozenset(self._cited.get(path, ()))

    def names(self, bibliography: Bibliography) -> Names:
        """Return the index of the authors of a bibliography."""
        if self._names is None or self._names[0].sources is not bibliography.sources:
            self._names = bibliography, Names(bibliography.sources)
        return self._names[1]


def cited_on(path: str, facts: Facts) -> tuple[Cited, ...]:
    """Return the citations of a page; none if there is no such page, or if citations are not checked."""
    try:
        found: tuple[Cited, ...] = facts.cited[path]
    except (KeyError, UnknownError):
        return ()
    return found


class Names:
    """Sources by the first letters of their authors' names."""

    def __init__(self, sources: Iterable[Source]) -> None:
        found: dict[tuple[str, str], list[Source]] = {}
        for source in sources:
            for family in dict.fromkeys(name.family for name in source.names):
                folded = fold(family)
                for start in _starts(folded):
                    found.setdefault((folded[start:], family), []).append(source)
        self._rows = sorted(found.items(), key=lambda row: row[0])

    def beginning(self, letters: str) -> Iterator[tuple[str, Source]]:
        """Yield the sources that have an author with a name that begins so, each with that author as written."""
        wanted = fold(letters)
        at = bisect_left(self._rows, wanted, key=lambda row: row[0][0])
        seen: set[int] = set()
        while at < len(self._rows) and self._rows[at][0][0].startswith(wanted):
            (_folded, family), sources = self._rows[at]
            for source in sources:
                if id(source) not in seen:
                    seen.add(id(source))
                    yield family, source
            at += 1


def _starts(name: str) -> list[int]:
    """Return where the words of a folded name start."""
    return [at for at, char in enumerate(name) if char.isalnum() and (at == 0 or not name[at - 1].isalnum())]
