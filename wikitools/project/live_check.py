"""A check that can go on where it ended: what changed is looked at again, and whatever asked for it."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from wikitools import files
from wikitools.lint.run import EVERYWHERE, Outcome, able_rules
from wikitools.markdown.page import Problem
from wikitools.project import first_pass, loading, memo, page_anchors
from wikitools.project.cache_keys import CacheKeys
from wikitools.project.checking import Check
from wikitools.project.first_pass import Item
from wikitools.project.live_files import Changes, Listed, compare, find_files, is_much
from wikitools.project.live_sources import concern_sources, follow_sources, same_sources
from wikitools.project.memo import Answer, Memo, Question
from wikitools.project.noted_wiki import NotedCitations
from wikitools.project.seen import unpack_waiting
from wikitools.sources.source import Source
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.file_words import words_of_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from wikitools.lint.run import Asked
    from wikitools.markdown.page import Page
    from wikitools.project.job import Checked, Job
    from wikitools.project.seen import Seen


_FORGETS_AFTER = 250
"""After how many updates it is forgotten where links lead and whom citations mean that were typed meanwhile."""


class Followed(NamedTuple):
    """What a check came to after a change; nothing when that did not matter."""

    checked: Checked | None
    pages: tuple[str, ...] = ()
    """The pages that changed, came or went."""


class LiveCheck(Check):
    """A check that can go on where it ended."""

    kept_pages = 500

    def __init__(self, job: Job, unsaved: dict[str, files.Unsaved]) -> None:
        super().__init__(replace(job, unsaved=unsaved))
        self.unsaved = unsaved
        self.memo: Memo = Memo()
        self.changes = Changes(self.settings, files.Inventory())
        self.times: dict[str, files.Stamp] = {}
        self.anchors: dict[str, bytes] = {}
        """What links could name on the pages that were looked into, the last time."""
        self.looks: dict[type, list[Asked]] = {}
        """What was looked at that stands on no page, by its kind."""
        self.kept_under: CacheKeys | None = None
        """The keys of what was written to the cache last: when files come or go, they change."""
        self.named_elsewhere: Counter[str] = Counter()
        """On how many pages links name files that may lie outside of the wiki."""
        self.outcome = Outcome(())
        """What was found last."""
        self._updates = 0

    def run(self) -> Checked:
        checked = super().run()
        self.outcome = checked.outcome
        self._is_kept()
        self.changes = Changes(self.settings, self.inventory)
        self.times = dict(self.inventory.stamps)
        self.named_elsewhere = Counter(
            name for path, each in self.seen.items() for name in self.second.named_elsewhere(path, each)
        )
        return checked

    def _find_files(self) -> files.Inventory:
        return find_files(self.settings, self.unsaved, stamps=True)

    def close(self) -> None:
        """Let go of everything: what is known of the wiki refers to the check, and the check to that."""
        self.__dict__.clear()

    def _same_as_before(self, hashes: Mapping[str, bytes] | None) -> None:
        # That a run is known says what was found, not why.
        return None

    def _remember_run(self, outcome: Outcome, asked: frozenset[str] | None) -> None:
        super()._remember_run(outcome, asked)
        # What is known of that run holds no longer after a change.
        self.run_key = self._misfits = None

    def _look_at_all(self) -> None:
        for kind in EVERYWHERE:
            self._look_at_things(kind)

    def _look_at_things(self, kind: type, texts: Mapping[str, str] | None = None) -> None:
        """Let rules look at all things of a kind that stand on no page.

        With `texts`, those of bibliographies before a change, they look only at sources that changed, and where they
        found or asked something before.
        """
        summing, before = self.summing, self.summing.sources
        told = set()
        for asked in self.looks.get(kind, ()):
            answer = Answer(memo.RULE, asked)
            if summing.has_result(asked) or self.memo.has_asked(answer):
                told.add(asked)
                self.memo.drop(answer)
        self.looks[kind] = summing.find_things(kind)
        same = {} if texts is None else same_sources(before, summing.sources, texts, self.facts.texts)
        for asked in self.looks[kind]:
            old = same.get(asked.thing)
            if old is None or asked._replace(thing=old) in told:
                self._look_anew(asked)

    def _look_anew(self, asked: Asked) -> None:
        """Let a rule look at something that stands on no page, and keep what it asked."""
        with self.second.wiki.listening() as questions:
            self.summing.look_again(asked)
        self.memo.keep(Answer(memo.RULE, asked), questions)

    # After a change

    def follow(self, paths: Iterable[str], texts: Mapping[str, files.Unsaved]) -> Followed | None:
        """Look at what changed, and at what depends on it; `None` when that may be everything.

        Something happened to `paths` (absolute), and perhaps to the texts in an editor. After `None` or an error
        nothing here holds any more.
        """
        self._updates += 1
        if self._updates % _FORGETS_AFTER == 0:
            first_pass.forget_answers()
            self.second.wiki.forget_answers()
            self.facts.bibliography.forget_answers()
        edited = self._take_unsaved(texts)
        change = self.changes.concern(paths, unsaved=self.unsaved, changed=edited)
        if change is None:
            return None
        listed = Listed()
        if change.files:
            found = self.changes.look(change.files, self.unsaved)
            if found is None:
                return None
            now, listed = found
            if self._name_any(change.files.difference(listed.came, listed.went)):
                return None
            if (listed.came or listed.went) and not self._take_files(now, listed):
                return None
        pages = change.pages.difference(listed.went)
        touched = {*pages, *listed.came, *listed.went, *change.sources}
        if not touched:
            return Followed(None)
        if not change.sources.isdisjoint(self.own.paths):
            return None
        checked = self._look_again(pages, listed, sources=self.plan.cites and bool(change.sources))
        return None if checked is None else Followed(checked, tuple(sorted(touched)))

    def _name_any(self, paths: Collection[str]) -> bool:
        """Say whether dead links name any of these paths, or what lies below: the wiki has none of it, now or before.

        What links say of such a file depends on whether it exists.
        """
        below = tuple(f"{path}/" for path in paths)
        return any(each in paths or each.startswith(below) for each in self.named_elsewhere) if paths else False

    def _take_unsaved(self, texts: Mapping[str, files.Unsaved]) -> set[str]:
        """Read the texts of an editor from now on, and return the pages that are not as they were before."""
        now = dict(texts)
        changed = {path for path in {*self.unsaved, *now} if self.unsaved.get(path) != now.get(path)}
        self.unsaved.clear()
        self.unsaved.update(now)
        return changed

    def overlooked(self) -> tuple[str, ...]:
        """Return the paths (absolute) of what is no longer as it was when it was looked at."""
        root = os.fspath(self.settings.root)
        now = find_files(self.settings, self.unsaved, stamps=True)
        listed = compare(self.inventory, now)
        if listed is None:
            # Something outside of all that is known: whoever is told begins anew.
            return (os.path.dirname(root),)
        changed = [path for path in now.stamps if path not in self.unsaved and now.stamps[path] != self.times.get(path)]
        return tuple(os.path.join(root, path) for path in dict.fromkeys((*changed, *listed.came, *listed.went)))

    # Looking again

    def _take_files(self, now: files.Inventory, listed: Listed) -> bool:
        """Take over which files there are; false when that may change anything."""
        if not {*listed.came, *listed.went}.isdisjoint(self.own.paths):
            return False
        words = {word for path in (*listed.came, *listed.went) for word in words_of_file(path)} - {"*"}
        if any(
            not words.isdisjoint(words_of_file(path)) for path, (sources, _problems) in self.notes.items() if sources
        ):
            # How pages name their sources may change with the names of these.
            return False
        self.inventory = now
        self.changes.take(now)
        self.plan = replace(self.plan, inventory=now)
        self.keys = CacheKeys(self.plan)
        lookups = self.second.wiki.update_lookups(listed.came, listed.went)
        self.reading.turn_to(self.plan, self.keys, lookups)
        _able, skipped = able_rules(
            self.policy, self.rules, web=False, registries=False, tracked=self.plan.tracked, pages=now.pages
        )
        self.reported = self.job.asked(now, tuple(self.own.files))
        self.summing.policy = replace(self.policy, paths=self.reported)
        return skipped == self.summing.skipped

    def _look_again(self, pages: Collection[str], listed: Listed, *, sources: bool) -> Checked | None:
        """Look at pages that changed, at files that came or went, and at what depends on them."""
        came, went = listed.came, listed.went
        reading = self.reading
        reading.began = time.time_ns()
        reading.read = 0
        if any(self._own_trouble(path) for path in (*pages, *went)):
            return None
        reading.look_anew()
        attachments = frozenset(self.inventory.attachments)
        new = [path for path in came if path not in attachments]
        gone = {path: self.seen[path] for path in went if path in self.seen}
        around = self._concerned(listed).difference(gone)
        if is_much(len(around), len(self.seen)):
            return None
        items = [
            Item(path, each.hash, reading.body(path, each.hash), (False, True, True))
            for path in sorted(around.difference(pages))
            for each in (self.seen[path],)
        ]
        now = {path: replace(self.seen[path], failures=()) for path in around.difference(pages)}
        for path in (*pages, *new, *gone):
            reading.bodies.pop(path, None)
        reading.take(reading.looker, [*map(Item, pages), *map(Item, new), *items], now, {}, "reading pages")
        before: dict[str, Seen] = {path: self.seen[path] for path in around} | gone
        for path in pages:
            old, seen = self.seen[path], now[path]
            if old.stamp is None or seen.stamp is None or not seen.hash:
                return None
            self.times[path] = seen.stamp
            if seen.hash == old.hash and path not in around:
                old.stamp = seen.stamp
                del now[path]
            else:
                before[path] = old
        if any(_names_own(before.get(path)) != _names_own(now.get(path)) for path in {*before, *now}):
            return None
        if self.facts.tracked is not None and self._tracked_changed():
            return None
        has_problems = any(
            (path in before and before[path].head.notes) != (path in now and now[path].head.notes)
            for path in _other(before, now)
        )
        for path in new:
            stamp = now[path].stamp
            if stamp is None or not now[path].hash:
                return None
            self.times[path] = stamp
        followed: set[Question] = set()
        sources = sources or concern_sources(before, now, self.reading.looker.bibliography)
        if sources:
            asked = follow_sources(self, before, now)
            if asked is None:
                return None
            followed = asked
        changed = self._take_in(before, now, listed)
        if changed is None:
            return None
        if sources:
            self._take_facts()
        elif has_problems:
            self._find_problems(_other(before, now))
        self._answer_again(changed | followed, before, now, (Problem, Source) if sources else ())
        self.outcome = self.summing.outcome()
        return self._checked(self.outcome, reading.read)

    def _take_facts(self) -> None:
        """Take over the sources that there are now, and look at each of them."""
        texts = self.facts.texts
        self.facts = replace(self._facts(self.second.wiki), left_out=self.facts.left_out)
        self.summing.turn_to(self.facts)
        self._look_at_things(Problem)
        self._look_at_things(Source, texts)

    def _concerned(self, listed: Listed) -> set[str]:
        """Return the pages with links that may lead elsewhere, now that these files are there or not."""
        words = listed.words()
        return (
            {path for path, each in self.seen.items() if not words.isdisjoint(each.known_links.words)}
            if words
            else words
        )

    def _take_in(self, before: Mapping[str, Seen], now: Mapping[str, Seen], listed: Listed) -> set[Question] | None:
        """Take over pages as they are now, and return the questions that may have other answers; `None` for all.

        A page that is only in `before` went, one that is only in `now` came.
        """
        wiki, second = self.second.wiki, self.second
        # Where citations were matched again, links are as they were.
        linking = {path: old for path, old in before.items() if path not in now or now[path].links is not old.links}
        was_named = {path: second.named_elsewhere(path, old) for path, old in linking.items()}
        led = {path: second.targets_of(path, old) for path, old in linking.items()}
        for path in now.keys() - before.keys():
            was_named[path], led[path] = set(), (set(), set())
        other = _other(before, now)
        changed = {Question(memo.PAGE, path) for path in other}
        for path in other:
            wiki.forget(path)
        self._take_seen(before, now)
        if listed.came or listed.went:
            changed |= wiki.take_files(
                listed.came,
                listed.went,
                inventory=self.inventory,
                pages=other,
                words=listed.words(),
                near=self.memo.questions(memo.NEAR),
            )
            if isinstance(self.facts.cited, NotedCitations):
                self.facts.cited.take_paths(self.inventory.pages)
        elif any(self._names(before[path]) != self._names(now[path]) for path in other):
            changed |= wiki.renew_names(other)
        for path in other:
            if path not in before or path not in now or self._anchors_changed(path, before[path]):
                changed.add(Question(memo.ANCHORS, path))
        if any(_sends_on(before.get(path)) != _sends_on(now.get(path)) for path in other):
            self.senders[:] = [path for path, each in self.seen.items() if each.head.sends_on]
            changed.add(Question(memo.REDIRECTS, ""))
        for path in self.memo.pages(memo.WHERE_LINKS_LEAD, changed) - led.keys():
            was_named[path] = second.named_elsewhere(path, self.seen[path])
            led[path] = second.targets_of(path, self.seen[path])
        second.settle(sorted(path for path in led if path in self.seen and self.seen[path].known_links.later))
        for path, (gone, was_anchored) in led.items():
            seen = self.seen.get(path)
            if seen is None or not seen.known_links.later:
                second.settled.pop(path, None)
                self.memo.drop(Answer(memo.WHERE_LINKS_LEAD, path))
            targets, anchored = (set(), set()) if seen is None else second.targets_of(path, seen)
            self.backlinks.remove(path, gone - targets, was_anchored - anchored)
            self.backlinks.add(path, targets - gone, anchored - was_anchored)
            # Of a page that changed, the links that stayed may stand elsewhere.
            for target in gone | targets if path in other else gone ^ targets:
                wiki.incoming.forget_links_to(target)
                changed.add(Question(memo.LINKS_TO, target))
        for path, names in was_named.items():
            seen = self.seen.get(path)
            if not self._same_elsewhere(names, set() if seen is None else second.named_elsewhere(path, seen)):
                return None
        return changed

    def _take_seen(self, before: Mapping[str, Seen], now: Mapping[str, Seen]) -> None:
        """Take over what is known of pages."""
        seen = self.seen
        for path in before.keys() - now.keys():
            del seen[path]
            self.reading.forget(path)
            self.anchors.pop(path, None)
            self.times.pop(path, None)
            self.memo.drop(Answer(memo.WHAT_WAITED, path))
            self.second.late.pop(path, None)
            self.summing.take(path, (), commented=False)
        seen.update(now)
        if now.keys() - before.keys():
            # Always in order of their paths.
            ordered = sorted(seen.items())
            seen.clear()
            seen.update(ordered)

    def _find_problems(self, pages: Iterable[str]) -> None:
        """Take over what cannot be read now of what says that a page is a source."""
        from wikitools.cite.citation_codec import unpack_problems

        for path in pages:
            seen = self.seen.get(path)
            notes = seen.head.notes if seen is not None else None
            sources = self.notes.pop(path, ((), ()))[0]
            problems = unpack_problems(notes.problems) if notes is not None else ()
            if sources or problems:
                self.notes[path] = sources, problems
        self.facts = self.summing.facts = replace(self.facts, problems=self._problems(self.second.wiki))
        self._look_at_things(Problem)

    def _answer_again(
        self, changed: set[Question], before: Mapping[str, Seen], now: Mapping[str, Seen], done: Collection[type]
    ) -> None:
        """Look again at these pages, and at what asked what has another answer now; not at things of kinds `done`."""
        around = {*before, *now}
        if isinstance(self.facts.cited, NotedCitations):
            self.facts.cited.forget(changed, around)
        asking = self.memo.pages(memo.WHAT_WAITED, changed)
        cited = {path for path in around - asking if _only_citations_changed(before.get(path), now.get(path))}
        reported = self.reported
        looked_at = sorted(
            path for path in asking | around if path in self.seen and (reported is None or path in reported)
        )
        for path, looks in self.second.finish(self.facts, (path for path in looked_at if path not in cited)):
            self.summing.take(path, looks, commented=self.seen[path].head.may_silence)
        for path in cited.intersection(looked_at):
            self.summing.take(path, self.second.joined(path), commented=self.seen[path].head.may_silence)
        for asked in self.memo.looks(changed):
            if EVERYWHERE[asked.kind] not in done:
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
        now = page_anchors.fingerprint(page)
        before = self.anchors.get(path)
        self.anchors[path] = now
        return before != now if before is not None else not self._had_anchors(page, old)

    def _had_anchors(self, page: Page, old: Seen) -> bool:
        """Say whether the page surely had these anchors before, by what was kept of it without its text."""
        body = self.store.body(old.hash) if self.store is not None and old.hash else None
        return body is not None and page_anchors.surely_same(page, body)

    # What is kept

    def remember(self, *, whole: bool = False) -> None:
        """Keep what was found in the cache; `whole` says that the result of the whole check is worth it, too."""
        if self.store is not None and self.reading.keys is not self.kept_under:
            self.reading.keep_all()
        self._remember()
        self.inventory = replace(self.inventory, stamps=self.times)
        self._is_kept()
        if whole:
            self.elsewhere = tuple(sorted(self.named_elsewhere))
            self._remember_run(self.outcome, self.reported)

    def _is_kept(self) -> None:
        """Let go of what waited to be written to the cache."""
        reading = self.reading
        self.kept_under = reading.keys
        for kept in (reading.new_bodies, reading.new_pages, reading.new_links, reading.new_cites):
            kept.clear()


def _other(before: Mapping[str, Seen], now: Mapping[str, Seen]) -> set[str]:
    """Return the pages that have another text, came or went."""
    return {
        path for path in {*before, *now} if path not in before or path not in now or before[path].hash != now[path].hash
    }


def _only_citations_changed(old: Seen | None, new: Seen | None) -> bool:
    """Say whether nothing else on a page may be found otherwise, and no rule about citations waits for other pages."""
    if old is None or new is None or old.links is not new.links or old.cites is None or new.cites is None:
        return False
    return old.hash == new.hash and not any(unpack_waiting(cites.look) for cites in (old.cites, new.cites))


def _names_own(seen: Seen | None) -> tuple[object, ...]:
    """Return the bibliographies that a page names."""
    return () if seen is None else tuple(seen.head.bibliographies)


def _sends_on(seen: Seen | None) -> bool:
    return seen is not None and seen.head.sends_on
