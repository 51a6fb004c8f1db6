"""The second pass over a wiki: resolves links that depend on other pages, and runs deferred rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.page_run import Look, pack_look, unpack_look
from wikitools.project import memo, workers
from wikitools.project.anchor_pass import Finder
from wikitools.project.memo import Answer, Question
from wikitools.project.second_pass_work import Finished, Finisher, Settled, Settler

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
    from wikitools.project.seen import AskedAnchor, Seen

_NOTHING_FOUND = Finished(pack_look(Look()))
"""The result if nothing on a page was deferred."""


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

    @property
    def seen(self) -> dict[str, Seen]:
        """What the first pass found."""
        return self.reading.seen

    def targets_of(self, path: str, seen: Seen) -> tuple[set[str], set[str]]:
        """Return where all links of a page lead, and those targets that are linked with an anchor."""
        links, settled = seen.known_links, self.settled.get(path, Settled())
        return {*links.targets, *settled.targets}, {*links.anchored, *settled.targets}

    def named_elsewhere(self, path: str, seen: Seen) -> set[str]:
        """Return the paths on a page that may lead to files outside of the wiki."""
        return {*seen.known_links.elsewhere, *self.settled.get(path, Settled()).elsewhere}

    def follow_links(self) -> set[str]:
        """Find out where all links lead, and return the paths that may lie outside of the wiki."""
        self.settle([path for path, each in self.seen.items() if each.known_links.later])
        elsewhere: set[str] = set()
        for path, each in self.seen.items():
            self.backlinks.add(path, *self.targets_of(path, each))
            elsewhere |= self.named_elsewhere(path, each)
        return elsewhere

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

    def finish(self, facts: Facts, paths: Iterable[str]) -> dict[str, list[Look]]:
        """Return all findings on pages, including those of deferred rules."""
        looks: dict[str, list[Look]] = {}
        waiting: dict[str, tuple[Waiting, ...]] = {}
        for path in paths:
            each = self.seen[path]
            parts = [part.look for part in (each.links, each.cites) if part is not None]
            found = [unpack_look(path, part) for part in parts]
            found.append(Look(failures=list(each.failures)))
            late = tuple(waits for part in found for waits in part.waiting)
            if late:
                waiting[path] = late
            for part in found:
                part.waiting = []
            looks[path] = found
            if self.asked is None:
                each.drop_looks()
            if self.asked is not None:
                self.asked.drop(Answer(memo.WHAT_WAITED, path))
        for path, finished in self._finish_waiting(facts, waiting).items():
            looks[path] += (unpack_look(path, finished.look), Look(failures=list(finished.failures)))
            if self.asked is not None:
                self.asked.keep(Answer(memo.WHAT_WAITED, path), finished.asked)
        return looks

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
        found = workers.map_all(
            finisher, tuple(rest), jobs=job.jobs, report=job.report, phase="checking links", inherited=True
        )
        finished = dict(zip(rest, found, strict=True))
        for path, waits in asked.items():
            each = finished.get(path, _NOTHING_FOUND)
            places = {Question(memo.ANCHORS, target) for target in there[path]}
            done[path] = each = each._replace(asked=tuple(sorted(places.union(each.asked))))
            if self.kept is not None:
                self.kept.keep_finished(path, waits, each)
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

    def _asked_by(self, path: str) -> Sequence[AskedAnchor]:
        links = self.seen[path].links
        return links.asked if links is not None else ()
