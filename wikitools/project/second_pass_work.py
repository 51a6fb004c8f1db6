"""What processes do with one page in the second pass: follow its links, let rules look again, match its citations."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from wikitools.lint.facts import cite
from wikitools.lint.page_run import look_again, pack_look
from wikitools.markdown.page import WebLink
from wikitools.project import loading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wikitools.cite.citation import Cited
    from wikitools.lint.facts import Facts
    from wikitools.lint.page_run import Failure, Waiting
    from wikitools.lint.rule import Rule
    from wikitools.project.memo import NotedWiki, Question
    from wikitools.project.seen import Packed, Seen


class Settled(NamedTuple):
    """Where the links on a page lead that need all pages to be told."""

    targets: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    """Paths of files that may lie outside of the wiki."""
    asked: tuple[Question, ...] = ()


class Finished(NamedTuple):
    """What rules found by looking at what waited on a page."""

    look: Packed
    failures: tuple[Failure, ...] = ()
    asked: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Settler:
    """Tells where links lead that need all pages to be told."""

    wiki: NotedWiki
    later: Mapping[str, Sequence[int]]

    def __call__(self, path: str) -> Settled:
        """Return where these links on a page lead."""
        targets: set[str] = set()
        elsewhere: set[str] = set()
        with self.wiki.listening() as asked:
            page = self.wiki.pages[path]
            for number in self.later[path]:
                link = page.links[number]
                if isinstance(link, WebLink):
                    continue
                target = self.wiki.target_of(link)
                if target is not None:
                    targets.add(target)
                elif (place := loading.named_elsewhere(link, path, self.wiki)) is not None:
                    elsewhere.add(place)
        return Settled(tuple(sorted(targets)), tuple(sorted(elsewhere)), tuple(sorted(asked)))


@dataclass(frozen=True, slots=True)
class Finisher:
    """Lets rules look at what waited."""

    facts: Facts
    wiki: NotedWiki
    rules: Mapping[str, Rule]
    waiting: Mapping[str, Sequence[Waiting]]

    def __call__(self, path: str) -> Finished:
        """Return what was found on a page."""
        with self.wiki.listening() as asked:
            page = self.wiki.pages[path]
            found = look_again(page, self.facts, self.rules, self.waiting[path])
        return Finished(pack_look(found), tuple(found.failures), tuple(sorted(asked)))


@dataclass(frozen=True, slots=True)
class Citer:
    """Gives the citations of a page: those that were kept, else matched anew."""

    seen: Mapping[str, Seen]
    facts: Facts
    opened: bool
    """Pages are read when somebody asks for them, as they are then."""

    def __call__(self, path: str) -> tuple[Cited, ...]:
        """Return the citations of a page."""
        from wikitools.cite.citation_codec import unpack_cited

        seen = self.seen[path]
        if self.opened:
            # A page that changed since has others.
            self.facts.wiki.pages[path]
        if seen.cites is None or seen.cites.cited is None:
            return self.again(path)
        sources = self.facts.bibliography_of(path).sources if seen.cites.cited else ()
        # Each citation that fits nothing asks; one answer has what all of them want.
        return unpack_cited(path, seen.cites.cited, sources, functools.cache(lambda: self.again(path)))

    def again(self, path: str) -> tuple[Cited, ...]:
        """Match the citations of a page."""
        return cite(self.facts.wiki.pages[path], self.facts)
