"""A check that stays in memory: after a change only what changed is read again, and what depends on it looked at again.

The answer is always that of a new check. Where that cannot be had by looking at the changed pages and their neighbours
(files came or went, a title or a source changed), the check begins anew, with what the cache knows.
"""

from __future__ import annotations

import os
import stat
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wikitools import files
from wikitools.project import loading, workers
from wikitools.project.checking import Check, read_again
from wikitools.project.first_pass import Item
from wikitools.project.job import Checked, Job
from wikitools.project.second_pass import Settler
from wikitools.sources.readers import BIBLIOGRAPHY_SUFFIXES
from wikitools.wiki.engines import ENGINES, TOLD
from wikitools.wiki.lazy_pages import GoneError, Shelf

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from wikitools.config import Settings
    from wikitools.lint.policy import Policy
    from wikitools.markdown.page import Page
    from wikitools.project.cache import Store
    from wikitools.project.job import Asked
    from wikitools.project.reading import Seen

_AT_ONCE = 200
"""Of more changed pages a new check is the shorter way."""
_HEAD_KEPT = (0, 1, 3, 4, 5)
"""What other pages depend on of a page's head: all but whether it has comments that silence."""

Anchor = tuple[Any, ...]


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
        asked: Asked,
        jobs: int | None = None,
        progress: workers.Progress | None = None,
        store: Store | None = None,
    ) -> None:
        self.job = Job(settings, policy, asked, jobs, progress or workers.silent, store, None)
        self._check: _LiveCheck | None = None

    def start(self) -> Checked:
        """Check the whole wiki."""
        self._check = None
        with workers.no_collection():
            check, checked = read_again(self._run)
        self._check = check
        return checked

    def _run(self) -> tuple[_LiveCheck, Checked]:
        check = _LiveCheck(self.job)
        return check, check.run()

    def update(self, paths: Iterable[str]) -> Update | None:
        """Check again after something happened to the files at `paths` (absolute); `None` when it does not matter."""
        check = self._check
        pages = None if check is None else check.concerned(paths)
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

    def run(self) -> Checked:
        checked = super().run()
        self.remember(again=False)
        self.pages = frozenset(self.inventory.pages)
        self.attachments = frozenset(self.inventory.attachments)
        self.times = dict(self.inventory.stamps)
        self.anchors: dict[str, Anchor] = {}
        self.named_elsewhere = Counter(
            name for path, each in self.seen.items() for name in {*each.links[2], *self.settled.get(path, _NOWHERE)[1]}
        )
        return checked

    def _same_as_before(self, hashes: Mapping[str, bytes] | None) -> None:
        # That a run is known says what was found, not why.
        return None

    def _remember_run(self, *_run: Any, **_more: Any) -> None:
        pass

    def _remember(self) -> None:
        pass

    # What a change concerns

    def concerned(self, paths: Iterable[str]) -> list[str] | None:
        """Return the pages that may have changed, sorted; `None` when other things may have."""
        root = os.fspath(self.settings.root)
        found: set[str] = set()
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
            return True if _is_plain_file(place) else None
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
        changed = [path for path in now.pages if now.stamps.get(path) != self.times.get(path)]
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
        # The reader keeps folders open: another one for files that may lie in another folder of that name now.
        reading.reader = files.Reader(self.settings.root, follow_links=self.settings.follow_links)
        now: dict[str, Seen] = {}
        reading.take(reading.looker, [Item(path) for path in pages], now, {}, "reading pages")
        again: set[str] = set()
        changed: list[str] = []
        for path in pages:
            old, new = self.seen[path], now[path]
            if old.stamp is None or new.stamp is None or not new.hash:
                return None
            self.times[path] = new.stamp
            if new.hash == old.hash:
                old.stamp = new.stamp
                continue
            if any(old.head[place] != new.head[place] for place in _HEAD_KEPT):
                return None
            if self._told(old) != self._told(new):
                return None
            changed.append(path)
        for path in changed:
            old, self.seen[path] = self.seen[path], now[path]
            self._forget(path)
            around = self._lead_on(path, old)
            if around is None:
                return None
            again |= around
        if self.facts.tracked is not None and self._tracked_changed():
            return None
        reported = self.reported
        for path, looks in self._finish(
            self.facts, sorted(path for path in again if reported is None or path in reported)
        ).items():
            self.looks[path] = looks
        return self._sum_up()

    def _told(self, seen: Seen) -> Any:
        """Return what the engine takes from a page to find others: when that changes, any link may lead elsewhere."""
        tell = ENGINES[self.settings.engine].told
        return seen.links[7][TOLD.index(tell)] if tell is not None and seen.links[7] else ()

    def _own_trouble(self, path: str) -> bool:
        """Say whether a page names bibliographies that cannot be read: then its places are told with the sources."""
        return any(not place or place in self.unreadable for _name, place in self.named.get(path, ()))

    def _tracked_changed(self) -> bool:
        from wikitools.git import find_tracked

        return find_tracked(self.settings.root) != self.facts.tracked

    def _forget(self, path: str) -> None:
        self.reading.bodies.pop(path, None)
        self.facts.wiki.forget(path)
        for shelf in (self.facts.wiki.pages, self.facts.cited):
            if isinstance(shelf, Shelf):
                shelf.forget(path)

    def _lead_on(self, path: str, old: Seen) -> set[str] | None:
        """Follow the links of a page that changed, and return the pages to look at again; `None` for all of them."""
        wiki, new = self.facts.wiki, self.seen[path]
        gone = {*old.links[1], *self.settled.get(path, _NOWHERE)[0]}
        was_anchored = {*old.links[5], *self.settled.get(path, _NOWHERE)[0]}
        left = {*old.links[2], *self.settled.pop(path, _NOWHERE)[1]}
        if new.links[3]:
            self.settled[path] = Settler(wiki, {path: tuple(new.links[3])})(path)
        targets = {*new.links[1], *self.settled.get(path, _NOWHERE)[0]}
        anchored = {*new.links[5], *self.settled.get(path, _NOWHERE)[0]}
        elsewhere = {*new.links[2], *self.settled.get(path, _NOWHERE)[1]}
        if not self._same_elsewhere(left, elsewhere):
            return None
        linkers: dict[str, list[str]] = self.linkers or {}
        for known, before, after in ((linkers, gone, targets), (self.anchorers, was_anchored, anchored)):
            for target in before - after:
                known[target].remove(path)
            for target in after - before:
                known.setdefault(target, []).append(path)
        around = {path, *gone, *targets}
        for target in around:
            wiki.forget_links_to(target)
        if self._anchors_changed(path, old):
            around.update(linkers.get(path, ()))
        return {each for each in around if each in self.seen}

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
        page = self.facts.wiki.pages[path]
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


_NOWHERE: tuple[list[str], list[str]] = ([], [])
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


def _anchors_of(page: Page) -> Anchor:
    headings = tuple((each.level, each.text, each.ids, each.span.of(page.text)) for each in page.headings)
    return headings, _names_of(page)


def _names_of(page: Page) -> tuple[str, ...]:
    names = (*(each.name for each in page.block_ids), *(each.name for each in page.html_ids))
    return (*names, *map(repr, page.html_heading_rows()))


def _is_plain_heading(written: str, heading: Any) -> bool:
    """Say whether nothing of a heading is markup: no other way of writing it is as short."""
    return written in (heading.text, f"{'#' * heading.level} {heading.text}")
