"""What is done with pages once all are known, beside others: where links lead, what waited, and whom they cite."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wikitools.lint.facts import cite
from wikitools.lint.page_run import look_again, pack_look, targets_of
from wikitools.markdown.page import WebLink
from wikitools.project import loading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wikitools.cite.citation import Cited
    from wikitools.lint.facts import Facts
    from wikitools.lint.rule import Rule
    from wikitools.project.reading import Seen
    from wikitools.wiki.wiki import Wiki


@dataclass(frozen=True, slots=True)
class Settler:
    """Tells where links lead that need all pages to be told."""

    wiki: Wiki
    later: Mapping[str, tuple[int, ...]]

    def __call__(self, path: str) -> tuple[list[str], list[str]]:
        """Return the pages that the links on a page lead to, and the paths elsewhere that they name."""
        page = self.wiki.pages[path]
        targets: set[str] = set()
        elsewhere: set[str] = set()
        for number in self.later[path]:
            link = page.links[number]
            if isinstance(link, WebLink):
                continue
            target = self.wiki.target_of(link)
            if target is not None:
                targets.add(target)
            elif (place := loading.named_elsewhere(link, path, self.wiki)) is not None:
                elsewhere.add(place)
        return sorted(targets), sorted(elsewhere)


@dataclass(frozen=True, slots=True)
class Finisher:
    """Lets rules look at what waited."""

    facts: Facts
    rules: Mapping[str, Rule]
    waiting: Mapping[str, tuple[Any, ...]]

    def __call__(self, path: str) -> tuple[Any, tuple[Any, ...], tuple[str, ...] | None]:
        """Return what was found, which rules failed, and the pages that it depends on; `None` when it may be more."""
        page, waiting = self.facts.wiki.pages[path], self.waiting[path]
        found = look_again(page, self.facts, self.rules, waiting)
        return pack_look(found), tuple(found.failures), targets_of(page, self.facts, waiting)


@dataclass(frozen=True, slots=True)
class Citer:
    """Gives the citations of a page: those that were kept, else matched anew."""

    seen: Mapping[str, Seen]
    facts: Facts
    opened: bool
    """Pages are read when somebody asks for them, as they are then."""

    def __call__(self, path: str) -> Any:
        """Return the citations of a page."""
        from wikitools.cite.citation_codec import unpack_cited

        seen = self.seen[path]
        if self.opened:
            # A page that changed since has others.
            self.facts.wiki.pages[path]
        if seen.cites is None or seen.cites[2] is None:
            return self.again(path)
        sources = self.facts.bibliography_of(path).sources if seen.cites[2] else ()
        # Each citation that fits nothing asks; one answer has what all of them want.
        return unpack_cited(path, seen.cites[2], sources, functools.cache(lambda: self.again(path)))

    def again(self, path: str) -> tuple[Cited, ...]:
        """Match the citations of a page."""
        facts = self.facts
        return cite(facts.wiki.pages[path], facts.wiki, facts.bibliography_of(path), facts.style)
