"""Reads what changed, and keeps what is known about each page, from this run or from the cache."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from wikitools import files
from wikitools.lint.dead_links import DEAD_LINK_RULES
from wikitools.project import loading, workers
from wikitools.project.cache_keys import notes_key, page_hash
from wikitools.project.first_pass import Item, PageLooker
from wikitools.project.kept_answers import NOTHING
from wikitools.project.page_bodies import read_body
from wikitools.project.seen import (
    Head,
    Seen,
    pack_part,
    titled_pages,
    unpack_cites,
    unpack_head,
    unpack_links,
    unpack_waiting,
)
from wikitools.project.source_pages import find_sources
from wikitools.sources.joined import TitledPage, join_notes
from wikitools.sources.source import Bibliography
from wikitools.wiki.lazy_pages import GoneError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from wikitools.cite.citation_codec import SourceRow
    from wikitools.markdown.page import Page
    from wikitools.project.cache import KnownBlob
    from wikitools.project.cache_keys import CacheKeys, Plan
    from wikitools.project.first_pass import Answer
    from wikitools.project.job import Job
    from wikitools.project.kept_looks import KeptLooks
    from wikitools.project.seen import Links
    from wikitools.sources.source import Source
    from wikitools.wiki.names_index import Key, Lookup


_MANY = 500
"""While this many pages are read, there is time to build tables that may be needed."""


class Reading:
    """What is known about each page of a wiki during a check."""

    def __init__(self, job: Job, plan: Plan, keys: CacheKeys) -> None:
        self.job = job
        self.settings = job.settings
        self.jobs = job.jobs
        self.report = job.report
        self.store = job.store
        self.executor = job.executor
        self.plan = plan
        self.keys = keys
        self.began = time.time_ns()
        self.process = os.getpid()
        self.snapshot = job.snapshot
        self.look_anew()
        self.known = job.store.pages() if job.store is not None else {}
        self.seen: dict[str, Seen] = {}
        self.looker: PageLooker
        self.read = 0
        self.on_dead_link: Callable[[], None] | None = None
        """Called once, while other processes read pages, if a link may be dead: finding what was meant needs tables."""
        self.blobs = job.store.blobs() if job.store is not None and job.snapshot is not None else {}
        self.new_blobs: dict[str, KnownBlob] = {}
        self.on_disk = dict(self.known) if job.snapshot is not None else self.known
        """What is known about pages in the folder."""
        if job.snapshot is not None:
            self._know_by_blobs(job.snapshot)
        self.own_hashes: dict[str, bytes] = {}
        self.bodies: dict[str, bytes] = {}
        self.new_bodies: dict[bytes, bytes] = {}
        self.places: dict[str, bytes] = {}
        """What links can name on each page that was read."""
        self.new_pages: set[str] = set()
        self.new_links: dict[str, tuple[bytes, bytes]] = {}
        self.new_cites: dict[str, tuple[bytes, bytes]] = {}

    def turn_to(self, plan: Plan, keys: CacheKeys, lookups: dict[Key, Lookup]) -> None:
        """Look at pages from now on as the files of another plan ask for; `lookups` have these, or will."""
        self.plan, self.keys = plan, keys
        inventory = plan.inventory
        self.looker = replace(
            self.looker,
            pages=inventory.pages,
            attachments=inventory.attachments,
            absent=inventory.absent,
            lookups=lookups,
        )

    def turn_to_sources(self, plan: Plan, keys: CacheKeys, notes: bytes, bibliography: Bibliography) -> None:
        """Match citations from now on with other sources; `notes` is the key of the pages that are sources."""
        self.plan, self.keys, self.notes_key = plan, keys, notes
        self.looker = replace(self.looker, bibliography=bibliography)

    def look_anew(self) -> None:
        """Make a new reader, because a reader remembers where the folders of the wiki lead."""
        job, settings = self.job, self.settings
        self.reader = files.Reader(settings.root, job.snapshot, follow_links=settings.follow_links, unsaved=job.unsaved)

    def _know_by_blobs(self, snapshot: files.Snapshot) -> None:
        """Use what is known about pages that differ between git and the folder."""
        from wikitools.project.cache import Known

        for path in self.plan.inventory.pages:
            blob = self.blobs.get(files.blob_of(path, snapshot) or "")
            if blob is not None and blob.head:
                self.known[path] = Known(files.NO_FILE, blob.hash, blob.head)

    def by_stamps(self) -> dict[str, bytes] | None:
        """Return the content hash of each page; `None` if the stamp of a page has changed."""
        pages, known = self.plan.inventory.pages, self.known
        if not all(path in known and self._is_as_known(path) for path in pages):
            return None
        return {path: known[path].hash for path in pages}

    def _is_as_known(self, path: str) -> bool:
        """Say, without reading it, whether a known page is unchanged: by its stamp, or by its object id in git."""
        if path in self.job.unsaved:
            return False
        known = self.known[path]
        if self.snapshot is not None and (blob := files.blob_of(path, self.snapshot)):
            return blob in self.blobs and self.blobs[blob].hash == known.hash
        stamp = self.plan.inventory.stamps.get(path)
        return stamp is not None and _is_same(stamp, known.stamp)

    def take_known(self, hashes: Mapping[str, bytes]) -> None:
        """Use what is known about all pages."""
        self.seen = {
            path: Seen(self.known[path].stamp, hash_, unpack_head(self.known[path].head))
            for path, hash_ in hashes.items()
        }

    def look_at_pages(self) -> None:
        """Run the first pass over the pages that changed, and use what is known about the others."""
        plan, store = self.plan, self.store
        pages = plan.inventory.pages
        known = self.known
        heads: dict[str, Head] = {}
        try:
            heads = {path: unpack_head(known[path].head) for path in pages if path in known}
        except ValueError:
            known = {}
        needs_notes = plan.cites
        links = store.results(self.keys.links) if store is not None and plan.links else {}
        # Which pages are sources is known once all are read; until then it is what it was last time and, for new pages,
        # that are new, what a look at their front matter says.
        carried: dict[str, Sequence[SourceRow]] = {}
        if needs_notes:
            carried = {path: head.notes.sources for path, head in heads.items() if head.notes and head.notes.sources}
            carried |= find_sources(self.job, [path for path in pages if path not in known])
        sources = join_notes(
            plan.shared.sources,
            note_sources(carried),
            lambda: (TitledPage(path, head.title, tuple(head.aliases)) for path, head in heads.items()),
        )
        guess = notes_key(carried, sources) if needs_notes else b""
        cites = store.results(self.keys.cites(guess)) if store is not None and needs_notes else {}
        seen: dict[str, Seen] = {}
        items: list[Item] = []
        for path in pages:
            old = known.get(path)
            if old is None:
                items.append(Item(path))
                continue
            has_links = not plan.links or links.get(path, NOTHING)[0] == old.hash
            has_cites = not needs_notes or cites.get(path, NOTHING)[0] == old.hash
            has_head = not needs_notes or heads[path].notes is not None
            if self._is_as_known(path) and has_links and has_cites and has_head:
                seen[path] = Seen(old.stamp, old.hash, heads[path])
                continue
            body = None
            if store is not None and not (has_links and has_cites and has_head):
                body = store.body(old.hash)
            items.append(Item(path, old.hash, body, (not has_head, not has_links, not has_cites)))
        # A new wiki may have source notes; if it turns out that it has, matching starts again.
        looker = PageLooker(
            settings=self.settings,
            pages=pages,
            attachments=plan.inventory.attachments,
            absent=plan.inventory.absent,
            link_rules=plan.link_rules,
            cite_rules=plan.cite_rules,
            tracked=plan.tracked,
            bibliography=Bibliography(sources),
            with_notes=True,
            with_cited=plan.with_cited,
            links=plan.links,
            cites=plan.cites,
            # Commands that open a wiki need its pages.
            keeps_bodies=store is not None or not plan.links,
            snapshot=self.snapshot,
            unsaved=self.job.unsaved,
        )
        self.looker = looker
        self.take(looker, items, seen, heads, "reading pages")
        for path, each in seen.items():
            # What was known and is still valid.
            each.links = each.links or (unpack_links(links[path][1]) if path in links else None)
            if needs_notes and each.cites is None and path in cites:
                each.cites = unpack_cites(cites[path][1])
        self.notes_key = guess
        if needs_notes:
            self._match_again(looker, seen, guess)
        self.seen = {path: seen[path] for path in pages}

    def take(
        self, looker: PageLooker, items: Sequence[Item], seen: dict[str, Seen], heads: Mapping[str, Head], phase: str
    ) -> None:
        """Run the first pass over pages, and store the results."""
        if self.snapshot is not None:
            # All at once, and before other processes start.
            self.snapshot.fetch(item.path for item in items)
        answers = workers.each_of(
            looker, items, jobs=self.jobs, report=self.report, phase=phase, executor=self.executor
        )
        if len(items) < _MANY:
            self.on_dead_link = None
        with contextlib.closing(answers):
            for item, answer in zip(items, answers, strict=True):
                self._take_answer(looker, item, answer, seen, heads)

    def _take_answer(
        self, looker: PageLooker, item: Item, answer: Answer, seen: dict[str, Seen], heads: Mapping[str, Head]
    ) -> None:
        from wikitools.project.cache import KnownBlob

        path = item.path
        if answer.stamp is None and self.executor is not None and looker(item).stamp is not None:
            raise files.FileError(f"{path}: the workers cannot read it, this machine can; they must see the same files")
        old = seen.get(path)
        if old is not None and answer.hash != old.hash:
            raise GoneError(path)
        head = unpack_head(answer.head) if answer.head is not None else old.head if old is not None else heads[path]
        each = seen[path] = Seen(answer.stamp, answer.hash, head)
        each.failures = answer.failures
        if old is not None:
            each.links, each.cites = old.links, old.cites
            each.failures = (*old.failures, *answer.failures)
        each.links = unpack_links(answer.links) if answer.links is not None else each.links
        each.cites = unpack_cites(answer.cites) if answer.cites is not None else each.cites
        if self.on_dead_link is not None and each.links is not None and _may_be_dead(each.links):
            self.on_dead_link()
            self.on_dead_link = None
        self.read += answer.fresh
        if answer.places is not None:
            self.places[path] = answer.places
        elif answer.fresh:
            self.places.pop(path, None)
        unsaved = answer.stamp is not None and files.is_unsaved(answer.stamp)
        if answer.body is not None:
            if self.store is None or not answer.hash or unsaved:
                self.bodies[path] = answer.body
            else:
                self.new_bodies[answer.hash] = answer.body
        if self.store is not None and answer.stamp is not None and answer.hash and not unsaved:
            self.new_pages.add(path)
            if self.snapshot is not None and (blob := files.blob_of(path, self.snapshot)):
                same = path not in self.on_disk or self.on_disk[path].hash == answer.hash
                self.new_blobs[blob] = KnownBlob(answer.hash, b"" if same else pack_part(head))
            if answer.links is not None and not answer.failures:
                self.new_links[path] = answer.hash, answer.links
            if answer.cites is not None and not answer.failures:
                self.new_cites[path] = answer.hash, answer.cites

    def _match_again(self, looker: PageLooker, seen: dict[str, Seen], guess: bytes) -> None:
        """Match citations again if sources were added, removed or changed since they were matched."""
        carried = {path: each.note_sources for path, each in seen.items() if each.note_sources}
        sources = join_notes(self.plan.shared.sources, note_sources(carried), lambda: titled_pages(seen))
        key = notes_key(carried, sources)
        changed: set[str] = set()
        if key != guess:
            self.notes_key = key
            self.new_cites.clear()
            cites = self.store.results(self.keys.cites(key)) if self.store is not None else {}
            for path, each in seen.items():
                hash_, data = cites.get(path, NOTHING)
                each.cites = unpack_cites(data) if each.hash and hash_ == each.hash else None
                each.failures = tuple(failure for failure in each.failures if failure.rule not in self.plan.cite_rules)
                if each.cites is None:
                    changed.add(path)
            looker = replace(looker, bibliography=Bibliography(sources))
            self.looker = looker
        # A bibliography that a page names for itself is not part of the key.
        for path, each in seen.items():
            if each.cites is None or any(self.own_hash(place) != hash_ for place, hash_ in each.cites.own):
                changed.add(path)
        if changed:
            items = [
                Item(path, seen[path].hash, self.body(path, seen[path].hash), (False, False, True))
                for path in sorted(changed)
            ]
            self.take(looker, items, seen, {}, "matching citations")

    def forget(self, path: str) -> None:
        """Know nothing of a page that is gone."""
        self.new_pages.discard(path)
        for kept in (self.bodies, self.places, self.new_links, self.new_cites):
            kept.pop(path, None)

    def own_hash(self, path: str) -> bytes:
        """Return the content hash of a bibliography; b"" if it cannot be read."""
        from wikitools.project.cache import content_hash

        known: bytes | None = self.own_hashes.get(path)
        if known is None:
            try:
                data = files.read_bibliography_bytes(
                    self.settings.root,
                    path,
                    limit=self.settings.max_bibliography_size,
                    snapshot=self.snapshot,
                    follow_links=self.settings.follow_links,
                )
                known = content_hash(data)
            except files.FileError:
                known = b""
            self.own_hashes[path] = known
        return known

    def body(self, path: str, hash_: bytes) -> bytes | None:
        """Return the packed page with this content; `None` if it is unknown."""
        body = self.bodies.get(path)
        if body is None and hash_:
            body = self.new_bodies.get(hash_)
        if body is None and hash_ and self.store is not None and os.getpid() == self.process:
            # A connection to SQLite must not be used in a forked process.
            body = self.store.body(hash_)
        return body

    def page(self, path: str) -> Page:
        """Return a page as it was in the first pass. Raises `GoneError` if it has changed.

        If it was not part of that, its current content is as good, and its citations are matched again.
        """
        seen = self.seen[path]
        dialect = loading.find_dialect(self.settings)
        try:
            data, _stamp = self.reader.read(path, limit=self.settings.max_page_size)
        except files.FileError as error:
            if seen.stamp is not None and self.plan.links:
                raise GoneError(path) from error
            return loading.unreadable_page(path, error)
        if seen.stamp is None or (seen.hash and page_hash(data, dialect) != seen.hash):
            if self.plan.links:
                raise GoneError(path)
            seen.hash, seen.cites = b"", None
        body = self.body(path, seen.hash) if seen.hash else None
        return read_body(path, data, body, dialect)

    def fetch(self, paths: Iterable[str]) -> None:
        """Load the packed pages, so that processes that are started now have them too."""
        if self.store is not None:
            for path in paths:
                body = self.body(path, self.seen[path].hash)
                if body is not None:
                    self.bodies[path] = body

    def keep_all(self) -> None:
        """Have what is known of all pages written to the cache: under other keys, nothing of it is there yet."""
        for path, each in self.seen.items():
            if each.stamp is None or files.is_unsaved(each.stamp) or not each.hash or each.failures:
                continue
            if each.links is not None:
                self.new_links[path] = each.hash, pack_part(each.links)
            if each.cites is not None:
                self.new_cites[path] = each.hash, pack_part(each.cites)

    def remember(self, kept: KeptLooks | None) -> None:
        """Write new results about pages to the cache."""
        from wikitools.files import cache_folder
        from wikitools.project.cache import Known

        store = self.store
        if store is None:
            return
        pages = {}
        for path in self.new_pages:
            if self.snapshot is not None and path in self.on_disk:
                # The next check of the folder finds its results unchanged.
                continue
            each = self.seen[path]
            if each.stamp is not None and not files.is_unsaved(each.stamp):
                pages[path] = Known(each.stamp, each.hash, pack_part(each.head))
        # Files that are not in the commit or index still exist in the folder.
        gone = [path for path in self.known if path not in self.seen] if self.snapshot is None else []
        if pages or gone or self.new_bodies:
            store.put_pages(pages, bodies=self.new_bodies, began=self.began, gone=gone)
        if self.new_blobs:
            store.put_blobs(self.new_blobs)
        if self.new_links:
            store.put_results(self.keys.links, self.new_links)
        if self.new_cites and not self.job.unsaved:
            # An unsaved page may be a source, too.
            store.put_results(self.keys.cites(self.notes_key), self.new_cites)
        if kept is not None:
            kept.remember()
        if gone or len(pages) > 1:
            store.tidy()
            cache_folder.prune(os.path.dirname(store.file), keep=store.file)


def note_sources(carried: Mapping[str, Sequence[SourceRow]]) -> tuple[Source, ...]:
    """Return the sources of pages, in the order of their paths."""
    from wikitools.cite.citation_codec import unpack_sources

    return tuple(source for path in sorted(carried) for source in unpack_sources(carried[path]))


def _is_same(stamp: files.Stamp, known: files.Stamp) -> bool:
    from wikitools.project.cache import as_kept

    return as_kept(stamp) == known


def _may_be_dead(links: Links) -> bool:
    """Say whether a link on a page may be dead, or a rule is deferred that explains a dead link."""
    waiting = unpack_waiting(links.look)
    return bool(links.later) or any(rule in DEAD_LINK_RULES for each in waiting for rule in each.rules)
