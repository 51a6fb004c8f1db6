"""Finds entries of a block that only a damaged bibliography can have lost: they stay until it is repaired."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import partial
from typing import TYPE_CHECKING

from wikitools.block.block import block_changes
from wikitools.block.generated import REFERENCED_AS, titled
from wikitools.block.template import title_of
from wikitools.lint.facts import own_bibliography_paths
from wikitools.markdown.page import Problem
from wikitools.sources.names import words
from wikitools.sources.questions import SOURCES
from wikitools.text import Span, line_and_column, line_starts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wikitools.block.block import BlockPlan
    from wikitools.lint.facts import Facts
    from wikitools.sources.source import Bibliography, Source

_ADDRESS = re.compile(r"https?://[^\s<>()]+(?:\([^\s<>()]*\)[^\s<>()]*)*")
_FEWEST_WORDS = 3
"""A title with fewer words may occur in a line by chance."""
_MOST_WORDS = 200


def find_loss(facts: Facts, path: str, plan: BlockPlan, start: int) -> Problem | None:
    """Return which entry the new block of a page would lose through damage, and through which; `None` if it loses none.

    `start` is where the old block starts on its page. An entry is lost through damage if no valid entry of the page's
    bibliography is the same work, and a file of it (or a page that may be a source note) is damaged or cannot be read,
    or no file has any entry left.
    """
    changes = block_changes(plan.old, plan.new)
    reworded = [(old, new) for old, new in changes.reworded if _head(old) != _head(new)]
    if not changes.gone and not reworded:
        return None
    damage = _Damage(facts, path)
    bibliography = facts.bibliography_of(path)
    why = ""
    for old, new in [*((line, "") for line in changes.gone), *reworded]:
        meant = list(_meant(bibliography, new or old))
        if any(damage.within(source) is None for source in meant):
            continue
        if new:
            cause = next((each for source in meant if (each := damage.within(source)) is not None), None)
            why = f"would change: {damage.told(cause)}" if cause is not None else ""
        elif (cause := damage.that_hides(old)) is not None:
            why = f"would be lost: {damage.told(cause)}"
        elif not bibliography.sources:
            why = "would be lost: the bibliographies have no entries"
        if why:
            at = start + max(0, plan.old.find(old))
            return Problem(Span(path, at, at + len(old)), "malformed-source", f'"{_title(old)}" {why}')
    return None


def _head(line: str) -> str:
    """Return what a line says about the source, without the ways in which the page refers to it."""
    return line.partition(REFERENCED_AS)[0]


def _title(line: str) -> str:
    return "".join(block_changes(f"- {line}", "").removed[:1])


class _Damage:
    """The damage in the bibliographies and source notes of one page's citations."""

    def __init__(self, facts: Facts, path: str) -> None:
        self._facts = facts
        self._path = path
        # If only this page is known, this raises `UnknownError`, because these texts are unknown too.
        files = frozenset(facts.texts)
        others = {source.span.path for own in facts.own.values() for source in own.sources}
        others -= {source.span.path for source in facts.bibliography.sources}
        near = (files - others).union(own_bibliography_paths(facts.wiki.pages[path]))
        self._problems = [
            each
            for each in facts.problems
            if each.kind in ("malformed-source", "lost-source") and (each.span.path in near or self._is_on_page(each))
        ]
        self._by_path: dict[str, list[Problem]] = {}
        for each in sorted(self._problems, key=lambda problem: problem.span):
            self._by_path.setdefault(each.span.path, []).append(each)

    def _is_on_page(self, problem: Problem) -> bool:
        """Say whether a problem is one of a source note, or of a bibliography that the page itself names."""
        page = self._facts.wiki.pages.get(problem.span.path)
        if page is None or page.path == self._path or problem.kind == "lost-source":
            return page is not None
        named = page.front_matter.get("bibliography")
        return named is None or named.span != problem.span

    def within(self, source: Source) -> Problem | None:
        """Return the damage in the entry of a source."""
        found = self._by_path.get(source.span.path, [])
        place = bisect_left(found, source.span.start, key=lambda problem: problem.span.start)
        each = found[place] if place < len(found) else None
        return each if each is not None and each.span.start < max(source.span.end, source.span.start + 1) else None

    def that_hides(self, line: str) -> Problem | None:
        """Return the damage that may hide the source in a line of a block."""
        title, addresses = _title(line), _ADDRESS.findall(line)
        for each in self._problems:
            path = each.span.path
            text = self._facts.text_of(path) if path in self._facts.wiki.pages and path != self._path else ""
            # A readable page that does not mention this work was not a note on it.
            if not text or title in text or any(address in text for address in addresses):
                return each
        return None

    def told(self, problem: Problem) -> str:
        """Return where the damage is, and what is wrong."""
        path = problem.span.path
        line, column = line_and_column(line_starts(self._facts.text_of(path)), problem.span.start)
        return f"{path}:{line}:{column} is damaged ({problem.message})"


def _meant(bibliography: Bibliography, line: str) -> Iterator[Source]:
    """Yield the sources that a line of a block may list, in whatever form: by address, title, or a title within."""
    for address in _ADDRESS.findall(line):
        yield from bibliography.by_url(address)
    yield from titled(bibliography, _title(line))
    said = words(_head(line))[:_MOST_WORDS]
    for layer in bibliography.layers:
        layer.note(SOURCES)
        by_title, lengths = layer.remember(_meant, partial(_short_titles, layer.all_sources))
        for length in lengths:
            for at in range(len(said) - length + 1):
                yield from by_title.get(said[at : at + length], ())


def _short_titles(sources: Iterable[Source]) -> tuple[Mapping[tuple[str, ...], Sequence[Source]], Sequence[int]]:
    """Return sources by the words of their titles, if these are few, and how many words such titles have."""
    found: dict[tuple[str, ...], list[Source]] = {}
    for source in sources:
        form = words(title_of(source))
        if _FEWEST_WORDS <= len(form) <= _MOST_WORDS:
            found.setdefault(form, []).append(source)
    return found, sorted({len(form) for form in found})
