"""The second pass over a wiki: resolves links that depend on other pages, and runs deferred rules."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from wikitools.lint.page_run import Look
from wikitools.project import memo, workers
from wikitools.project.anchor_pass import Finder
from wikitools.project.memo import Answer, Question
from wikitools.project.second_pass_work import Finished, Finisher, Settled, Settler
from wikitools.project.seen import AskedAnchor, unpack_found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wikitools.lint.facts import Facts
    from wikitools.lint.page_run import Waiting
    from wikitools.lint.rule import Rule
    from wikitools.project.anchor_pass import Named
    from wikitools.project.backlinks import Backlinks
    from wikitools.project.job import Job
    from wikitools.project.kept_looks import KeptLooks
    from wikitools.project.memo import Memo
    from wikitools.project.noted_wiki import NotedWiki
    from wikitools.project.reading import Reading
    from wikitools.project.seen import Seen

_MANY = 100
"""If so many pages were read, rules may run in several processes."""
_NOTHING_FOUND = Finished()
"""The result if nothing on a page was deferred."""
_NOTHING_SETTLED = Settled()
"""The same for its links."""


class SecondPass:
    """Looks at pages once all are known. `kept` and `memo` record what each answer asked for."""

    def __init__(
        self,
        job: Job,
        reading: Reading,
        wiki: NotedWiki,
        backlinks: Backlinks,
        rules: Mapping[str, Rule],
        *,
        kept: KeptLooks | None = None,
        asked: Memo | None = None,
    ) -> None:
        self.job = job
        self.reading = reading
        self.wiki = wiki
        self.backlinks = backlinks
        self.rules = rules
        self.kept = kept
        self.asked = asked
        self.settled: dict[str, Settled] = {}
        self.late: dict[str, Finished] = {}
        """What deferred rules found on pages, if the check may go on: only pages where they found something."""

    @property
    def seen(self) -> dict[str, Seen]:
        """What the first pass found."""
        return self.reading.seen

    def targets_of(self, path: str, seen: Seen) -> tuple[set[str], set[str]]:
        """Return where all links of a page lead, and those targets that are linked with an anchor."""
        links, settled = seen.known_links, self.settled.get(path, _NOTHING_SETTLED)
        return {*links.targets, *settled.targets}, {*links.anchored, *settled.targets}

    def named_elsewhere(self, path: str, seen: Seen) -> set[str]:
        """Return the paths on a page that may lead to files outside of the wiki."""
        return {*seen.known_links.elsewhere, *self.settled.get(path, _NOTHING_SETTLED).elsewhere}

    def follow_links(self) -> set[str]:
        """Find out where all links lead, and return the paths that may lie outside of the wiki."""
        self.settle([path for path, each in self.seen.items() if each.known_links.later])
        if self.asked is None and self.reading.read < _MANY:
            self.backlinks.add_when_asked(self._add_backlinks)
        else:
            # All processes that will be started need them, or changes will be made to them.
            self._add_backlinks()
        named = (each.known_links.elsewhere for each in self.seen.values())
        return set().union(*named, *(settled.elsewhere for settled in self.settled.values()))

    def _add_backlinks(self) -> None:
        for path, each in self.seen.items():
            self.backlinks.add(path, *self.targets_of(path, each))

    def settle(self, paths: Sequence[str]) -> None:
        """Resolve those links on pages that depend on other pages."""
        for path in paths:
            self.settled.pop(path, None)
        if self.kept is not None:
            for path in paths:
                known = self.kept.settled(path)
                if known is not None:
                    self.settled[path] = known
        waiting = [path for path in paths if path not in self.settled]
        self.reading.fetch(waiting)
        settler = Settler(self.wiki, {path: self.seen[path].known_links.later for path in waiting})
        job = self.job
        found = workers.map_all(
            settler, waiting, jobs=job.jobs, report=job.report, phase="following links", inherited=True
        )
        for path, settled in zip(waiting, found, strict=True):
            self.settled[path] = settled
            if self.kept is not None:
                self.kept.keep_settled(path, settled)
        if self.asked is not None:
            for path in paths:
                self.asked.keep(Answer(memo.WHERE_LINKS_LEAD, path), self.settled[path].asked)

    def finish(self, facts: Facts, paths: Iterable[str]) -> Iterator[tuple[str, list[Look]]]:
        """Run deferred rules, and yield each page with all findings on it: at once, they would take much memory."""
        paths = list(paths)
        if self.asked is not None:
            for path in paths:
                self.asked.drop(Answer(memo.WHAT_WAITED, path))
        done = self._finish_waiting(facts, {path: late for path in paths if (late := self.seen[path].waiting)})
        for path in paths:
            finished = done.pop(path, _NOTHING_FOUND)
            if self.asked is not None:
                self.asked.keep(Answer(memo.WHAT_WAITED, path), finished.asked)
                self.late.pop(path, None)
                if finished.look or finished.failures:
                    self.late[path] = finished._replace(asked=())
            looks = self._joined(path, finished)
            if self.asked is None:
                self.seen[path].drop_looks()
            yield path, looks

    def joined(self, path: str) -> list[Look]:
        """Return all findings on a page, of deferred rules what they found the last time."""
        return self._joined(path, self.late.get(path, _NOTHING_FOUND))

    def _joined(self, path: str, finished: Finished) -> list[Look]:
        each = self.seen[path]
        looks = [unpack_found(path, part) for part in (*each.found, finished.look) if part]
        failures = [*each.failures, *finished.failures]
        return [*looks, Look(failures=failures)] if failures else looks

    def _finish_waiting(self, facts: Facts, waiting: Mapping[str, tuple[Waiting, ...]]) -> dict[str, Finished]:
        """Run deferred rules, except where the results of earlier runs are still valid."""
        done: dict[str, Finished] = {}
        if self.kept is not None:
            for path, waits in waiting.items():
                known = self.kept.finished(path, waits)
                if known is not None:
                    done[path] = known
        asked = {path: waits for path, waits in waiting.items() if path not in done}
        rest, there = self._look_for_places(asked)
        self.reading.fetch(rest)
        job = self.job
        finisher = Finisher(facts, self.wiki, self.rules, rest)
        found = workers.each_of(
            finisher, tuple(rest), jobs=job.jobs, report=job.report, phase="checking links", inherited=True
        )
        with contextlib.closing(found):
            for path, waits in asked.items():
                each = next(found) if path in rest else _NOTHING_FOUND
                places = {Question(memo.ANCHORS, target) for target in there[path]}
                each = each._replace(asked=tuple(sorted(places.union(each.asked))))
                if self.kept is not None:
                    self.kept.keep_finished(path, waits, each)
                # In a large wiki the questions take more memory than everything else.
                done[path] = each if self.asked is not None else each._replace(asked=())
        return done

    def _look_for_places(
        self, waiting: Mapping[str, tuple[Waiting, ...]]
    ) -> tuple[dict[str, tuple[Waiting, ...]], dict[str, list[str]]]:
        """Return `waiting` without the links whose anchors exist.

        Also returns the pages that those links lead to, by the page with the link.
        """
        places = self.reading.places
        named: dict[str, dict[Named, None]] = {}
        for path in waiting:
            for each in self._asked_by(path):
                if each.target in places:
                    named.setdefault(each.target, {})[each.by_wikilink, each.anchor] = None
        finder = Finder(self.wiki, {target: tuple(asked) for target, asked in named.items()}, places)
        targets = tuple(named)
        job = self.job
        found = workers.map_all(
            finder, targets, jobs=job.jobs, report=job.report, phase="checking anchors", inherited=True
        )
        known = dict(zip(targets, map(frozenset, found), strict=True))
        rest: dict[str, tuple[Waiting, ...]] = {}
        there: dict[str, list[str]] = {}
        for path, all_waiting in waiting.items():
            done = {
                each.waiting: each.target
                for each in self._asked_by(path)
                if (each.by_wikilink, each.anchor) in known.get(each.target, ())
            }
            there[path] = list(done.values())
            if len(done) < len(all_waiting):
                rest[path] = tuple(each for number, each in enumerate(all_waiting) if number not in done)
        return rest, there

    def _asked_by(self, path: str) -> list[AskedAnchor]:
        links = self.seen[path].links
        return list(map(AskedAnchor._make, links.asked)) if links is not None else []
