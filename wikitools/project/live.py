"""A check that stays in memory: after a change only what changed is read again, and what depends on it looked at again.

The answer is always that of a new check. Which answers a change concerns is looked up in what each of them asked
(`memo.py`). Where files come or go, or sources change, the check begins anew, with what the cache knows.

An editor puts the texts that it has not saved into `Live.unsaved`: they count in place of what lies on the disk. A
check begins with what is on the disk, which the cache knows, and reads them as the first change.
"""

from __future__ import annotations

import os
import stat
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wikitools import files
from wikitools.lint.run import EVERYWHERE
from wikitools.markdown.page import Problem
from wikitools.project import loading, memo, workers
from wikitools.project.checking import Check, read_again
from wikitools.project.first_pass import Item
from wikitools.project.job import Checked, Job
from wikitools.project.memo import Answer, Memo, NotedCitations, Question
from wikitools.sources.readers import BIBLIOGRAPHY_SUFFIXES
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.lazy_pages import GoneError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from wikitools.config import Settings
    from wikitools.lint.policy import Policy
    from wikitools.lint.run import Asked, Outcome
    from wikitools.markdown.page import Heading, Page
    from wikitools.project.cache import Store
    from wikitools.project.job import Wanted
    from wikitools.project.seen import Seen

_AT_ONCE = 200
"""Of more changed pages a new check is the shorter way."""


@dataclass(frozen=True, slots=True)
class Update:
    """What a check came to after a change."""

    checked: Checked
    pages: tuple[str, ...] = ()
    """The pages that changed, when only they were read again."""
    whole: bool = False
    """Whether the check began anew."""


class Live:
    """The check of one wiki, kept up to date. Raises what `check.check` raises; then the next update begins anew."""

    def __init__(
        self,
        settings: Settings,
        policy: Policy,
        *,
        asked: Wanted,
        jobs: int | None = None,
        progress: workers.Progress | None = None,
        store: Store | None = None,
    ) -> None:
        self.job = Job(settings, policy, asked, jobs, progress or workers.silent, store, None)
        self.unsaved: dict[str, files.Unsaved] = {}
        """Texts of pages as they are in an editor, by path relative to the root. Call `update` after a change; what
        happens to the mapping meanwhile counts the next time."""
        self._check: _LiveCheck | None = None

    def start(self) -> Checked:
        """Check the whole wiki."""
        if self._check is not None:
            self._check.close()
            self._check = None
        with workers.no_collection():
            check, checked = read_again(self._run)
        self._check = check
        return checked

    def _run(self) -> tuple[_LiveCheck, Checked]:
        check = _LiveCheck(self.job, {})
        checked = check.run()
        pages = check.take_unsaved(self.unsaved)
        if not pages:
            return check, checked
        again = check.look_again(sorted(pages))
        if again is not None:
            return check, again
        check.close()
        check = _LiveCheck(self.job, dict(self.unsaved))
        return check, check.run()

    def update(self, paths: Iterable[str] = ()) -> Update | None:
        """Check again after something happened to `unsaved`, or to the files at `paths` (absolute).

        `None` when it does not matter.
        """
        check = self._check
        pages = None if check is None else check.concerned(paths, also=check.take_unsaved(self.unsaved))
        if check is not None and pages is not None:
            if not pages:
                return None
            try:
                with workers.no_collection():
                    checked = check.look_again(pages)
            except GoneError:
                # It changed once more while we looked.
                checked = None
            if checked is not None:
                return Update(checked, tuple(pages))
        return Update(self.start(), whole=True)

    def remember(self) -> None:
        """Keep in the cache what was found since the last time."""
        if self._check is not None:
            self._check.remember()

    def overlooked(self) -> tuple[str, ...]:
        """Return the paths (absolute) of what is no longer as it was when it was looked at, though nobody said so."""
        return () if self._check is None else self._check.overlooked()


class _LiveCheck(Check):
    """A check that can go on where it ended."""

    keeps_times = True

    def __init__(self, job: Job, unsaved: dict[str, files.Unsaved]) -> None:
        super().__init__(replace(job, unsaved=unsaved))
        self.unsaved = unsaved
        self.memo: Memo = Memo()
        self.pages: frozenset[str] = frozenset()
        self.attachments: frozenset[str] = frozenset()
        self.times: dict[str, files.Stamp] = {}
        self.anchors: dict[str, bytes] = {}
        """What links could name on the pages that were looked into, the last time."""
        self.looks: dict[type, list[Asked]] = {}
        """What was looked at that stands on no page, by its kind."""
        self.named_elsewhere: Counter[str] = Counter()
        """On how many pages links name files that may lie outside of the wiki."""

    def run(self) -> Checked:
        checked = super().run()
        self.remember(again=False)
        self.pages = frozenset(self.inventory.pages)
        self.attachments = frozenset(self.inventory.attachments)
        self.times = dict(self.inventory.stamps)
        self.named_elsewhere = Counter(
            name for path, each in self.seen.items() for name in self.second.named_elsewhere(path, each)
        )
        return checked

    def take_unsaved(self, texts: Mapping[str, files.Unsaved]) -> set[str]:
        """Read the texts of an editor from now on, and return the pages that are not as they were before."""
        now = {path: text for path, text in dict(texts).items() if path in self.pages}
        changed = {path for path in {*self.unsaved, *now} if self.unsaved.get(path) != now.get(path)}
        self.unsaved.clear()
        self.unsaved.update(now)
        return changed

    def close(self) -> None:
        """Let go of everything: what is known of the wiki refers to the check, and the check to that."""
        self.__dict__.clear()

    def _same_as_before(self, hashes: Mapping[str, bytes] | None) -> None:
        # That a run is known says what was found, not why.
        return None

    def _remember_run(self, outcome: Outcome, asked: frozenset[str] | None) -> None:
        pass

    def _remember(self) -> None:
        pass

    def _look_at_all(self) -> None:
        for kind in EVERYWHERE:
            self._look_at_things(kind)

    def _look_at_things(self, kind: type) -> None:
        """Let rules look at all things of a kind that stand on no page."""
        for asked in self.looks.get(kind, ()):
            self.memo.drop(Answer(memo.RULE, asked))
        self.looks[kind] = self.summing.find_things(kind)
        for asked in self.looks[kind]:
            self._look_anew(asked)

    def _look_anew(self, asked: Asked) -> None:
        """Let a rule look at something that stands on no page, and keep what it asked."""
        with self.second.wiki.listening() as questions:
            self.summing.look_again(asked)
        self.memo.keep(Answer(memo.RULE, asked), questions)

    # What a change concerns

    def concerned(self, paths: Iterable[str], *, also: Collection[str]) -> list[str] | None:
        """Return the pages that may have changed, sorted; `None` when other things may have."""
        root = os.fspath(self.settings.root)
        found = set(also)
        for place in paths:
            path = os.path.relpath(place, root).replace(os.sep, "/")
            verdict = self._verdict(path, place)
            if verdict is None:
                return None
            if verdict:
                found.add(path)
        return sorted(found) if len(found) <= _AT_ONCE else None

    def _verdict(self, path: str, place: str) -> bool | None:
        """Say whether a page is read again after something happened to `path`; `None`: everything is."""
        if path == ".." or path.startswith("../"):
            return None
        if path in self.pages:
            return True if path in self.unsaved or _is_plain_file(place) else None
        if path in self.attachments:
            # Only that it is there counts, unless it may be a bibliography.
            return False if _is_plain_file(place) and not path.lower().endswith(BIBLIOGRAPHY_SUFFIXES) else None
        name = path.rpartition("/")[2]
        if name in _MARKERS or any(each == path or each.startswith(f"{path}/") for each in self.named_elsewhere):
            return None
        if files.is_hidden(path, dot_pages=ENGINES[self.settings.engine].dot_pages):
            return False
        # What came and went before we looked, as editors' temporary files do, was never there.
        if os.path.lexists(place):
            return None if not os.path.isdir(place) or _holds_files(place, self.pages, path) else False
        below = f"{path}/"
        known = any(each.startswith(below) for each in (*self.inventory.pages, *self.inventory.attachments))
        return None if known or path in self.inventory.excluded or below in self.inventory.excluded else False

    def overlooked(self) -> tuple[str, ...]:
        root = os.fspath(self.settings.root)
        now = loading.find_pages(self.settings, stamps=True)
        before = self.inventory
        if (now.pages, now.attachments, now.bibliographies, now.excluded) != (
            before.pages,
            before.attachments,
            before.bibliographies,
            before.excluded,
        ):
            # Something outside of all that is known: whoever is told begins anew.
            return (os.path.dirname(root),)
        changed = [
            path for path in now.pages if path not in self.unsaved and now.stamps.get(path) != self.times.get(path)
        ]
        return tuple(os.path.join(root, path) for path in changed)

    # Looking again

    def look_again(self, pages: Collection[str]) -> Checked | None:
        """Look at changed pages, and at what depends on them; `None` when that may be everything.

        After `None` or an error nothing here holds any more.
        """
        reading = self.reading
        reading.began = time.time_ns()
        reading.read = 0
        if any(self._own_trouble(path) for path in pages):
            return None
        reading.look_anew()
        for path in pages:
            reading.bodies.pop(path, None)
        now: dict[str, Seen] = {}
        reading.take(reading.looker, [Item(path) for path in pages], now, {}, "reading pages")
        before: dict[str, Seen] = {}
        for path in pages:
            old, new = self.seen[path], now[path]
            if old.stamp is None or new.stamp is None or not new.hash:
                return None
            self.times[path] = new.stamp
            if new.hash == old.hash:
                old.stamp = new.stamp
                continue
            if (old.head.bibliographies, old.note_sources) != (new.head.bibliographies, new.note_sources):
                # All citations may mean other sources now.
                return None
            before[path] = old
        if self.facts.tracked is not None and self._tracked_changed():
            return None
        has_problems = any(old.head.notes != now[path].head.notes for path, old in before.items())
        changed = self._take_in(before, now)
        if changed is None:
            return None
        if has_problems:
            self._find_problems(before)
        self._answer_again(changed, before)
        return self._checked(self.summing.outcome(), reading.read)

    def _take_in(self, before: Mapping[str, Seen], now: Mapping[str, Seen]) -> set[Question] | None:
        """Take over changed pages, and return the questions that may have other answers; `None` for all of them."""
        wiki = self.second.wiki
        was_named = {path: self.second.named_elsewhere(path, old) for path, old in before.items()}
        led = {path: self.second.targets_of(path, old) for path, old in before.items()}
        changed: set[Question] = set()
        for path in before:
            wiki.forget(path)
            self.seen[path] = now[path]
            changed.add(Question(memo.PAGE, path))
        for path, old in before.items():
            if self._anchors_changed(path, old):
                changed.add(Question(memo.ANCHORS, path))
        if any(old.head.sends_on != now[path].head.sends_on for path, old in before.items()):
            self.senders[:] = [path for path, each in self.seen.items() if each.head.sends_on]
            changed.add(Question(memo.REDIRECTS, ""))
        if any(self._names(old) != self._names(now[path]) for path, old in before.items()):
            changed |= wiki.renew_names()
        for path in self.memo.pages(memo.WHERE_LINKS_LEAD, changed) - before.keys():
            was_named[path] = self.second.named_elsewhere(path, self.seen[path])
            led[path] = self.second.targets_of(path, self.seen[path])
        self.second.settle(sorted(path for path in led if self.seen[path].known_links.later))
        for path, (gone, was_anchored) in led.items():
            if not self.seen[path].known_links.later:
                self.second.settled.pop(path, None)
                self.memo.drop(Answer(memo.WHERE_LINKS_LEAD, path))
            targets, anchored = self.second.targets_of(path, self.seen[path])
            self.backlinks.remove(path, gone - targets, was_anchored - anchored)
            self.backlinks.add(path, targets - gone, anchored - was_anchored)
            # Of a page that changed, the links that stayed may stand elsewhere.
            for target in gone | targets if path in before else gone ^ targets:
                wiki.forget_links_to(target)
                changed.add(Question(memo.LINKS_TO, target))
        for path, names in was_named.items():
            if not self._same_elsewhere(names, self.second.named_elsewhere(path, self.seen[path])):
                return None
        return changed

    def _find_problems(self, pages: Iterable[str]) -> None:
        """Take over what cannot be read now of what says that a page is a source."""
        from wikitools.cite.citation_codec import unpack_problems

        for path in pages:
            notes = self.seen[path].head.notes
            sources = self.notes.pop(path, ((), ()))[0]
            problems = unpack_problems(notes.problems) if notes is not None else ()
            if sources or problems:
                self.notes[path] = sources, problems
        self.facts = self.summing.facts = replace(self.facts, problems=self._problems(self.second.wiki))
        self._look_at_things(Problem)

    def _answer_again(self, changed: set[Question], before: Collection[str]) -> None:
        """Look again at the pages that changed, and at whatever asked what has another answer now."""
        if isinstance(self.facts.cited, NotedCitations):
            self.facts.cited.forget(changed)
        pages = self.memo.pages(memo.WHAT_WAITED, changed).union(before)
        reported = self.reported
        looked_at = sorted(path for path in pages if reported is None or path in reported)
        for path, looks in self.second.finish(self.facts, looked_at).items():
            self.summing.take(path, looks, commented=self.seen[path].head.may_silence)
        for asked in self.memo.looks(changed):
            self._look_anew(asked)

    def _names(self, seen: Seen) -> tuple[object, ...]:
        """Return what a page is found by, besides its path."""
        tell = ENGINES[self.settings.engine].told
        return seen.head.title, seen.head.aliases, None if tell is None else seen.head.told_by(tell)

    def _own_trouble(self, path: str) -> bool:
        """Say whether a page names bibliographies that cannot be read: then its places are told with the sources."""
        return any(not place or place in self.own.unreadable for _name, place in self.own.named.get(path, ()))

    def _tracked_changed(self) -> bool:
        from wikitools.git import find_tracked

        return find_tracked(self.settings.root) != self.facts.tracked

    def _same_elsewhere(self, before: set[str], after: set[str]) -> bool:
        """Take over which files outside of the wiki links name; false when one of them is, or was, there."""
        names = self.named_elsewhere
        names.update(after - before)
        names.subtract(before - after)
        lost = {name for name in before - after if not names[name]}
        new = {name for name in after - before if names[name] == 1}
        for name in lost:
            del names[name]
        there = {path for path, _why in self.left_out}
        if any(name in there or f"{name}/" in there for name in lost):
            return False
        bare = replace(self.inventory, excluded=(), ignored=())
        return not new.intersection(path.rstrip("/") for path in loading.find_left_out(self.settings, bare, new))

    def _anchors_changed(self, path: str, old: Seen) -> bool:
        """Say whether a link to a place on the page may find another one, or none."""
        page = self.second.wiki.pages[path]
        now = _anchors_of(page)
        before = self.anchors.get(path)
        self.anchors[path] = now
        return before != now if before is not None else not self._had_anchors(path, page, old)

    def _had_anchors(self, path: str, page: Page, old: Seen) -> bool:
        """Say whether the page surely had these anchors before, by what was kept of it without its text."""
        from wikitools.markdown.page_codec import anchors_in
        from wikitools.project.cache import unpack

        body = self.store.body(old.hash) if self.store is not None and old.hash else None
        if body is None or not all(_is_plain_heading(heading.span.of(page.text), heading) for heading in page.headings):
            return False
        headings, ids = anchors_in(unpack(body))
        now = [(each.span.end - each.span.start, each.level, each.text, tuple(each.ids)) for each in page.headings]
        return headings == now and ids == _names_of(page)

    # What is kept

    def remember(self, *, again: bool = True) -> None:
        """Keep what was found in the cache."""
        super()._remember()
        if again:
            self.inventory = replace(self.inventory, stamps=self.times)
        reading = self.reading
        for kept in (reading.new_bodies, reading.new_pages, reading.new_links, reading.new_cites):
            kept.clear()


_MARKERS = frozenset({".gitignore", "CACHEDIR.TAG"})
"""Files that say of others whether they are part of the wiki."""


def _is_plain_file(place: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(place).st_mode)
    except OSError:
        return False


def _holds_files(place: str, pages: Collection[str], path: str) -> bool:
    """Say whether a folder that something happened to is new, and has something in it."""
    below = f"{path}/"
    if any(each.startswith(below) for each in pages):
        # What happened in it is told of the files themselves, and looked for when it is quiet.
        return False
    return any(names for _folder, _folders, names in os.walk(place))


def _anchors_of(page: Page) -> bytes:
    """Return what stands for all that links can name on a page."""
    from wikitools.project.cache import digest, pack

    headings = [(each.level, each.text, each.ids, each.span.of(page.text)) for each in page.headings]
    return digest(pack((headings, _names_of(page))))


def _names_of(page: Page) -> tuple[str, ...]:
    names = (*(each.name for each in page.block_ids), *(each.name for each in page.html_ids))
    return (*names, *map(repr, page.html_heading_rows()))


def _is_plain_heading(written: str, heading: Heading) -> bool:
    """Say whether nothing of a heading is markup: no other way of writing it is as short."""
    return written in (heading.text, f"{'#' * heading.level} {heading.text}")
