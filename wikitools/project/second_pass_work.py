"""Second pass over one page, in any process: follow its links, run deferred rules, match its citations."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

from wikitools.lint.facts import cite
from wikitools.lint.page_run import look_again
from wikitools.markdown.page import WebLink
from wikitools.project import loading
from wikitools.project.first_pass import places_in
from wikitools.project.seen import pack_found
from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wikitools.cite.citation import Cited
    from wikitools.lint.facts import Facts
    from wikitools.lint.page_run import Failure, Waiting
    from wikitools.lint.rule import Rule
    from wikitools.project.memo import Question
    from wikitools.project.noted_wiki import NotedWiki
    from wikitools.project.seen import Seen


class Settled(NamedTuple):
    """The targets of those links on a page that depend on all pages."""

    targets: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    """Paths of files that may be outside of the wiki."""
    asked: tuple[Question, ...] = ()


class Finished(NamedTuple):
    """What deferred rules found on a page."""

    look: bytes = b""
    """See `pack_found`."""
    failures: tuple[Failure, ...] = ()
    asked: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Settler:
    """Resolves links that depend on all pages."""

    wiki: NotedWiki
    later: Mapping[str, Sequence[int]]

    def __call__(self, path: str) -> Settled:
        """Return the targets of these links on a page."""
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
    """Runs deferred rules."""

    facts: Facts
    wiki: NotedWiki
    rules: Mapping[str, Rule]
    waiting: Mapping[str, Sequence[Waiting]]

    def __call__(self, path: str) -> Finished:
        """Return what was found on a page."""
        with self.wiki.listening() as asked:
            page = self.wiki.pages[path]
            found = look_again(page, self.facts, self.rules, self.waiting[path])
            for place in places_in(found, path):
                self.wiki.note_source(place)
        return Finished(pack_found(found), tuple(found.failures), tuple(sorted(asked)))


@dataclass(frozen=True, slots=True)
class Citer:
    """Returns the citations of a page: the stored ones, or newly matched ones."""

    seen: Mapping[str, Seen]
    facts: Facts
    opened: bool
    """Whether pages are read when they are needed, in their current state."""

    def __call__(self, path: str) -> tuple[Cited, ...]:
        """Return the citations of a page."""
        from wikitools.cite.citation_codec import unpack_cited

        seen = self.seen[path]
        if self.opened:
            # The page has changed since.
            self.facts.wiki.pages[path]
        if seen.cites is None or seen.cites.cited is None:
            return self.again(path)
        sources = self.facts.bibliography_of(path).sources if seen.cites.cited else ()
        # Each unmatched citation asks, so compute the answer once.
        return unpack_cited(path, seen.cites.cited, sources, functools.cache(lambda: self.again(path)))

    def again(self, path: str) -> tuple[Cited, ...]:
        """Match the citations of a page."""
        return cite(self.facts.wiki.pages[path], self.facts)
