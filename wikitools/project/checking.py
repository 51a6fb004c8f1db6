"""One check of a wiki, step by step."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from wikitools import files
from wikitools.lint.facts import Facts
from wikitools.lint.outside_files import LeftOut, WhyLeftOut
from wikitools.lint.page_run import Look, pack_look, unpack_look
from wikitools.lint.policy import Policy
from wikitools.lint.rule import load_rules
from wikitools.lint.run import able_rules, lint, pack_outcome, unpack_outcome
from wikitools.project import loading, workers
from wikitools.project.anchor_pass import Finder
from wikitools.project.cache_keys import Plan, Shared, Ways, asked_key, names_key
from wikitools.project.job import Checked, Job
from wikitools.project.kept_answers import Late
from wikitools.project.loading import Workspace, read_bibliography
from wikitools.project.reading import Reading
from wikitools.project.second_pass import Citer, Finisher, Settler
from wikitools.sources.source import Bibliography, Source
from wikitools.wiki.engine_fit import Misfit, find_misfit, may_misfit
from wikitools.wiki.engines import TOLD
from wikitools.wiki.lazy_pages import GoneError, Head, Sealed, Shelf
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from concurrent.futures import Executor

    from wikitools.config import Settings
    from wikitools.lint.rule import Rule
    from wikitools.lint.run import Outcome
    from wikitools.markdown.page import Problem
    from wikitools.project.anchor_pass import Named
    from wikitools.project.cache import Store
    from wikitools.project.job import Asked
    from wikitools.project.reading import Seen
    from wikitools.wiki.engine_counts import Tally
    from wikitools.wiki.lazy_pages import Tell, Told

_SOURCES = frozenset({"citations", "bibliography", "sources"})
"""The groups of rules that need to know citations and bibliographies."""
_KEPT_PAGES = _KEPT_CITED = 2000
"""Of how many pages what was read last is kept in memory."""
_KEPT_RUNS = 20
"""How many outcomes of whole runs are kept."""
_ATTEMPTS = 3
"""How often a check begins again because a page changed while it ran."""


_NOTHING_FOUND: tuple[Any, tuple[Any, ...], tuple[str, ...]] = (pack_look(Look()), (), ())
"""What a late look comes to that need not be taken."""

Answered = TypeVar("Answered")


def check(
    settings: Settings,
    policy: Policy,
    *,
    asked: Asked = lambda _inventory, _bibliographies: None,
    jobs: int | None = None,
    progress: workers.Progress | None = None,
    store: Store | None = None,
    executor: Executor | None = None,
    snapshot: files.Snapshot | None = None,
) -> Checked:
    """Run the rules of `policy` over the wiki; `asked` decides on which files is reported.

    `store` is the cache; without one everything is read anew. `executor` takes the place of processes of this machine
    for reading pages: it must see the same files. Raises `FileError` and `UnknownRuleError`.
    """
    job = Job(settings, policy, asked, jobs, progress or workers.silent, store, executor, snapshot)
    with workers.no_collection():
        return read_again(lambda: Check(job).run())


def open_workspace(
    settings: Settings,
    *,
    jobs: int | None = None,
    progress: workers.Progress | None = None,
    store: Store | None = None,
    snapshot: files.Snapshot | None = None,
) -> Workspace:
    """Return what is known of the wiki; its pages and citations are read when somebody asks for them.

    Raises `FileError`; whoever asks for a page that changed since meets a `GoneError`.
    """
    job = Job(
        settings, Policy(), lambda _inventory, _others: None, jobs, progress or workers.silent, store, None, snapshot
    )
    with workers.no_collection():
        return read_again(lambda: Check(job).open())


def read_again(work: Callable[[], Answered]) -> Answered:
    """Return what `work` does, again from the beginning when a page changed meanwhile. Raises `ChangedError`."""
    for _attempt in range(_ATTEMPTS):
        try:
            return work()
        except GoneError as error:
            gone = error
    raise files.ChangedError(f"{gone}: keeps changing; run again when it is stable")


def is_able(settings: Settings) -> bool:
    """Say whether wikis with these settings can be checked page by page: not when all references come from pandoc."""
    return not settings.block.style


class Check:
    """One check, step by step."""

    keeps_times = False
    """Whether it matters later how the files were when they were found, without a cache too."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.settings = job.settings
        self.policy = job.policy
        self.store = job.store
        self.linkers: dict[str, list[str]] | None = None
        self.anchorers: dict[str, list[str]] = {}
        self.senders: list[str] = []
        self.late: Late | None = None
        self.may_misfit = False
        self.way: bytes | None = None
        """What stands in the cache for this run."""

    @property
    def seen(self) -> dict[str, Seen]:
        """What is known of each page."""
        return self.reading.seen

    def run(self) -> Checked:
        """Check the wiki."""
        self.inventory = inventory = loading.find_pages(
            self.settings, snapshot=self.job.snapshot, stamps=self.keeps_times or self.store is not None
        )
        self.rules = load_rules()
        self.plan = self._plan()
        self.ways = Ways(self.plan)
        self.reading = reading = Reading(self.job, self.plan, self.ways)
        known_run = self._same_as_before(reading.by_stamps())
        if known_run is not None:
            return known_run
        pages = inventory.pages
        self.linkers = {}
        wiki = self._wiki()
        reading.on_dead_link = wiki.index.expect_dead_links
        reading.look_at_pages()
        if reading.read == 0 and reading.new_pages:
            # Only times have changed, as in a fresh checkout.
            known_run = self._same_as_before({path: each.hash for path, each in self.seen.items()})
            if known_run is not None:
                self._remember()
                return known_run
        own = self._own_bibliographies()
        asked = self.job.asked(inventory, own)
        facts = self._facts(wiki)
        if self.store is not None and facts.wiki.engine.by_names:
            self.late = Late(self.store, self.ways.links, names_key(self.seen))
        self.facts = self._looked_around(facts)
        self.reported = asked
        self.looks = self._finish(self.facts, pages if asked is None else [path for path in pages if path in asked])
        checked = self._sum_up()
        self._remember()
        # What is looked at from now on, while somebody edits, is known better here than in the cache.
        self.late = None
        self._remember_run(checked.outcome, asked)
        return checked

    def open(self) -> Workspace:
        """Read what changed, match citations, and return what is known; no rule looks at anything."""
        self.inventory = inventory = loading.find_pages(
            self.settings, snapshot=self.job.snapshot, stamps=self.store is not None
        )
        self.plan = Plan(
            settings=self.settings,
            inventory=inventory,
            link_rules=(),
            cite_rules=(),
            with_cited=True,
            tracked=None,
            shared=self._read_shared(),
            links=False,
            cites=True,
        )
        self.ways = Ways(self.plan)
        self.reading = Reading(self.job, self.plan, self.ways)
        self.reading.look_at_pages()
        self._own_bibliographies()
        facts = self._facts(self._wiki())
        self._remember()
        return self._workspace(facts).with_references(inventory.pages, jobs=self.job.jobs)

    def _plan(self) -> Plan:
        """Return what is to be looked at, once bibliographies and git were asked."""
        tracked = None
        if any(rule.needs_git for rule in _selected(self.policy, self.rules)):
            from wikitools.git import find_tracked

            snapshot = self.job.snapshot
            tracked = find_tracked(self.settings.root) if snapshot is None else snapshot.files
        able, _skipped = able_rules(self.policy, self.rules, web=False, tracked=tracked, pages=self.inventory.pages)
        of_sources = tuple(rule for rule in able if rule.group in _SOURCES)
        return Plan(
            settings=self.settings,
            inventory=self.inventory,
            link_rules=tuple(rule.id for rule in able if rule.group not in _SOURCES),
            cite_rules=tuple(rule.id for rule in of_sources),
            with_cited=any(
                kind.__name__ in ("Wiki", "Source")
                for rule in of_sources
                if rule.counts_citations
                for kind in rule.looks_at
            ),
            tracked=tracked,
            shared=self._read_shared() if of_sources else Shared(),
            cites=bool(of_sources),
        )

    def _sum_up(self) -> Checked:
        """Return what the check comes to, now that everything was looked at."""
        facts, asked, pages = self.facts, self.reported, self.inventory.pages
        outcome = lint(
            facts,
            replace(self.policy, paths=asked),
            looks=self.looks,
            commented=[path for path in pages if self.seen[path].head[2]],
        )
        tallies = self._tallies()
        self.may_misfit = tallies is None or may_misfit(tallies.values())
        return Checked(self._workspace(facts), outcome, asked, self._misfit, self.reading.read)

    def _tallies(self) -> dict[str, Tally] | None:
        """Return the links of all pages, counted; `None` when a page was not looked at in this run."""
        links = {path: seen.links for path, seen in self.seen.items()}
        return {path: each[4] for path, each in links.items()} if None not in links.values() else None

    def _misfit(self, kinds: Collection[str]) -> Misfit | None:
        """Return which engine would suit these kinds of links better, if any; the answer is kept."""
        from wikitools.project.cache import digest, pack, unpack

        if not self.may_misfit:
            return None
        asked = ", ".join(sorted(kinds)).encode()
        way = None if self.store is None or self.way is None else digest(self.way, b"misfit", asked)
        told = self.store.thing(way) if self.store is not None and way is not None else None
        if told is not None:
            try:
                return Misfit(*each) if (each := unpack(told)) else None
            except (ValueError, TypeError):
                # Sound by its checksum, and yet nothing that this version makes.
                pass
        found = find_misfit(self.facts.wiki, self._tallies(), kinds)
        if self.store is not None and way is not None:
            data = pack(() if found is None else [getattr(found, each.name) for each in fields(Misfit)])
            self.store.put_thing(way, "misfit", data, kept=_KEPT_RUNS)
        return found

    # The same wiki as before

    def _same_as_before(self, hashes: Mapping[str, bytes] | None) -> Checked | None:
        """Return what the check came to when pages had the same content; `None` when anything else may have changed."""
        from wikitools.project.cache import digest, unpack

        if self.store is None or hashes is None or not all(hashes.values()):
            return None
        way = self.ways.run(self.policy, list(hashes.items()))
        told = self.store.thing(way)
        if told is None:
            return None
        try:
            named, found, own, misfits = unpack(told)
            if any(self.reading.own_hash(path) != hash_ for path, hash_ in own):
                return None
            if self._find_left_out(named) != found:
                return None
            asked = self.job.asked(self.inventory, [path for path, hash_ in own if hash_])
            told = self.store.thing(digest(way, asked_key(asked)))
            if told is None:
                return None
            outcome = unpack_outcome(unpack(told))
            if not self.reading.new_pages:
                self.reading.take_known(hashes)
        except (ValueError, TypeError, KeyError, IndexError):
            # Sound by its checksum, and yet nothing that this version makes.
            return None
        self._own_bibliographies()
        # Nobody looked where links lead.
        self.linkers = None
        self.way, self.may_misfit = way, misfits
        self.facts = replace(self._facts(self._wiki()), left_out=_left_out(found))
        return Checked(self._workspace(self.facts), outcome, asked, self._misfit, 0)

    def _remember_run(self, outcome: Outcome, asked: frozenset[str] | None) -> None:
        """Keep what the check came to, with everything that it depended on."""
        from wikitools.project.cache import digest, pack

        hashes = [(path, each.hash) for path, each in self.seen.items()]
        if self.store is None or outcome.failures or not all(hash_ for _path, hash_ in hashes):
            return
        own = [
            (path, self.reading.own_hash(path))
            for path in dict.fromkeys(place for each in self.named.values() for _name, place in each if place)
        ]
        self.way = way = self.ways.run(self.policy, hashes)
        self.store.put_thing(way, "run", pack((self.elsewhere, self.left_out, own, self.may_misfit)), kept=_KEPT_RUNS)
        self.store.put_thing(digest(way, asked_key(asked)), "outcome", pack(pack_outcome(outcome)), kept=_KEPT_RUNS)

    def _workspace(self, facts: Facts) -> Workspace:
        notes = {path: sources for path, (sources, _problems) in self.notes.items() if sources}
        return Workspace(
            self.settings,
            self.inventory,
            facts,
            notes=notes,
            shared=self.plan.shared.sources,
            unreadable=self.unreadable,
            snapshot=self.job.snapshot,
        )

    # Sources

    def _read_shared(self) -> Shared:
        sources: list[Source] = []
        texts: dict[str, str] = {}
        problems: list[Problem] = []
        hashes: list[bytes] = []
        for path in self.inventory.bibliographies:
            text, found, broken, hash_ = read_bibliography(self.settings, path, self.store, self.job.snapshot)
            texts[path] = text
            sources += found
            problems += broken
            hashes += (path.encode("utf-8", "surrogatepass"), hash_)
        return Shared(tuple(sources), texts, tuple(problems), tuple(hashes))

    def _own_bibliographies(self) -> tuple[str, ...]:
        """Read what pages name as their bibliographies, and return the paths of what could be read."""
        named = {path: seen.head[4] for path, seen in self.seen.items() if seen.head[4]}
        paths = dict.fromkeys(place for each in named.values() for _name, place in each if place)
        self.own_files: dict[str, tuple[str, tuple[Source, ...], tuple[Problem, ...]]] = {}
        self.unreadable: dict[str, str] = {}
        for path in paths:
            try:
                if self.plan.cites:
                    text, sources, problems, _hash = read_bibliography(
                        self.settings, path, self.store, self.job.snapshot, own=True
                    )
                    self.own_files[path] = text, sources, problems
                else:
                    files.read_bibliography_bytes(
                        self.settings.root,
                        path,
                        limit=self.settings.max_bibliography_size,
                        snapshot=self.job.snapshot,
                        follow_links=self.settings.follow_links,
                    )
                    self.own_files[path] = "", (), ()
            except files.FileError as error:
                self.unreadable[path] = str(error).removeprefix(f"{path}: ")
        self.named = named
        return tuple(self.own_files)

    def _wiki(self) -> Wiki:
        """Return the wiki: its files are known, its pages are read when asked for, and need not be known yet."""
        settings, inventory = self.settings, self.inventory
        # Whoever opens a wiki goes through its pages several times.
        kept = _KEPT_PAGES if self.plan.links else len(inventory.pages) + 1
        pages = Shelf(inventory.pages, self.reading.page, kept)

        def head_of(path: str) -> Any:
            title, aliases, *_ = self.seen[path].head
            return Head(path, title, tuple(aliases), pages.__getitem__, partial(told_by, path))

        def told_by(path: str, tell: Tell) -> Told:
            links = self.seen[path].links
            if links is None:
                return tell(pages[path])
            return tuple(links[7][TOLD.index(tell)]) if links[7] else ()

        return Wiki(
            pages,
            attachments=inventory.attachments,
            engine=settings.engine,
            anchors=settings.anchors or None,
            placeholders=settings.placeholders,
            heads=Shelf(inventory.pages, head_of, kept=len(inventory.pages) + 1),
            linkers=None if self.linkers is None else self._linkers_of,
            anchorers=None if self.linkers is None else self._anchorers_of,
            senders=self.senders,
            absent=inventory.absent,
        )

    def _facts(self, wiki: Wiki) -> Facts:
        """Return all that is known, now that pages are; citations are matched when somebody asks for them."""
        from wikitools.cite.citation_codec import unpack_problems, unpack_sources

        settings, inventory, seen = self.settings, self.inventory, self.seen
        pages = wiki.pages
        self.senders[:] = [path for path, each in seen.items() if each.head[3]]
        packed = {path: each.head[5] for path, each in seen.items() if each.head[5]}
        self.notes = {
            path: (unpack_sources(sources), unpack_problems(problems))
            for path, (sources, problems) in packed.items()
            if sources or problems
        }
        note_sources = (source for path in sorted(self.notes) for source in self.notes[path][0])
        own = self._own()
        shared_paths = frozenset(inventory.bibliographies)
        problems = [
            *self.plan.shared.problems,
            *(problem for path, each in self.own_files.items() if path not in shared_paths for problem in each[2]),
            *(problem for path in inventory.pages if path in self.notes for problem in self.notes[path][1]),
        ]
        if self.plan.cites:
            problems += (
                problem
                for path in self.named
                if any(self.unreadable.get(place) or not place for _name, place in self.named[path])
                for problem in loading.unusable(pages[path], self.unreadable)
            )
        facts = Facts(
            wiki=wiki,
            bibliography=Bibliography((*self.plan.shared.sources, *note_sources)),
            own=own,
            style=settings.block,
            problems=tuple(problems),
            texts={**self.plan.shared.texts, **{path: each[0] for path, each in self.own_files.items()}},
            entry_pages=settings.entry_pages,
            tracked=self.plan.tracked,
        )
        kept = _KEPT_CITED if self.plan.links else len(inventory.pages) + 1
        cited = (
            Shelf(inventory.pages, Citer(seen, facts, opened=not self.plan.links), kept)
            if self.plan.cites
            else Sealed()
        )
        return replace(facts, cited=cited)

    def _own(self) -> dict[str, Bibliography]:
        own: dict[str, Bibliography] = {}
        joined: dict[tuple[str, ...], Bibliography] = {}
        for path, named in self.named.items():
            usable = tuple(dict.fromkeys(place for _name, place in named if place in self.own_files))
            if usable:
                if usable not in joined:
                    joined[usable] = Bibliography(source for each in usable for source in self.own_files[each][1])
                own[path] = joined[usable]
        return own

    def _looked_around(self, facts: Facts) -> Facts:
        """Return the facts with where links lead that could not be told by one page alone."""
        late = self.late
        settled: dict[str, Any] = {}
        waiting = [path for path, each in self.seen.items() if each.links[3]]
        if late is not None:
            settled = {
                path: known for path in waiting if (known := late.settled(path, self.seen[path].hash)) is not None
            }
            waiting = [path for path in waiting if path not in settled]
        self.reading.fetch(waiting)
        settler = Settler(facts.wiki, {path: tuple(self.seen[path].links[3]) for path in waiting})
        found = workers.map_all(
            settler, waiting, jobs=self.job.jobs, report=self.job.report, phase="following links", inherited=True
        )
        for path, places in zip(waiting, found, strict=True):
            settled[path] = places
            if late is not None:
                late.keep_settled(path, self.seen[path].hash, places)
        named: set[str] = set()
        linkers: dict[str, list[str]] = {}
        anchorers: dict[str, list[str]] = {}
        for path, each in self.seen.items():
            targets, elsewhere, anchored = each.links[1], each.links[2], each.links[5]
            named.update(elsewhere)
            if path in settled:
                targets = {*targets, *settled[path][0]}
                anchored = {*anchored, *settled[path][0]}
                named.update(settled[path][1])
            for target in targets:
                linkers.setdefault(target, []).append(path)
            for target in anchored:
                anchorers.setdefault(target, []).append(path)
        self.linkers, self.anchorers = linkers, anchorers
        self.settled = settled
        self.elsewhere = sorted(named)
        self.left_out = self._find_left_out(self.elsewhere)
        return replace(facts, left_out=_left_out(self.left_out))

    def _find_left_out(self, named: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Return the files that are there and not part of the wiki, sorted, each with why."""
        found = loading.find_left_out(self.settings, self.inventory, named, snapshot=self.job.snapshot)
        why = dict.fromkeys(self.inventory.untracked, WhyLeftOut.UNTRACKED)
        why |= {path: WhyLeftOut.IGNORED if ignored else WhyLeftOut.UNREAD for path, ignored in found.items()}
        return tuple((path, str(why[path])) for path in sorted(why))

    def _linkers_of(self, path: str) -> Iterable[str]:
        return () if self.linkers is None else self.linkers.get(path, ())

    def _anchorers_of(self, path: str) -> Iterable[str]:
        return self.anchorers.get(path, ())

    def _finish(self, facts: Facts, paths: Sequence[str]) -> dict[str, list[Look]]:
        """Return what was found on these pages, with what had to wait."""
        from wikitools.project.cache import pack

        looks: dict[str, list[Look]] = {}
        waiting: dict[str, tuple[Any, ...]] = {}
        for path in paths:
            each = self.seen[path]
            parts = [each.links[0]] if each.links is not None else []
            parts += [each.cites[1]] if each.cites is not None else []
            found = [unpack_look(path, part) for part in parts]
            found.append(Look(failures=list(each.failures)))
            late = tuple(waits for part in found for waits in part.waiting)
            if late:
                waiting[path] = late
            for part in found:
                part.waiting = []
            looks[path] = found
        kept = self.late
        if kept is not None:
            left_out = pack(self.left_out)
            for path in tuple(waiting):
                known = kept.look(path, self.seen, waiting[path], left_out)
                if known is not None:
                    looks[path].append(unpack_look(path, known))
                    del waiting[path]
        rest, there = self._look_for_places(facts, waiting)
        self.reading.fetch(rest)
        finisher = Finisher(facts, self.rules, rest)
        late_paths = tuple(rest)
        last = workers.map_all(
            finisher, late_paths, jobs=self.job.jobs, report=self.job.report, phase="checking links", inherited=True
        )
        answers = dict.fromkeys(waiting, _NOTHING_FOUND) | dict(zip(late_paths, last, strict=True))
        for path, (data, failures, targets) in answers.items():
            looks[path] += (unpack_look(path, data), Look(failures=list(failures)))
            if kept is not None and targets is not None and not failures:
                around = tuple(sorted({*targets, *there[path]}))
                kept.keep_look(path, self.seen, waiting[path], left_out, targets=around, found=data)
        return looks

    def _look_for_places(
        self, facts: Facts, waiting: Mapping[str, tuple[Any, ...]]
    ) -> tuple[dict[str, tuple[Any, ...]], dict[str, list[str]]]:
        """Return what of `waiting` still waits once links that name a place which is there no longer do.

        And the pages that those links lead to, by the page they stand on.
        """
        places = self.reading.places
        asked: dict[str, dict[Named, None]] = {}
        for path in waiting:
            for _place, target, by_wikilink, anchor in self._asked_by(path):
                if target in places:
                    asked.setdefault(target, {})[by_wikilink, anchor] = None
        finder = Finder(facts.wiki, {target: tuple(named) for target, named in asked.items()}, places)
        targets = tuple(asked)
        found = workers.map_all(
            finder, targets, jobs=self.job.jobs, report=self.job.report, phase="checking anchors", inherited=True
        )
        known = dict(zip(targets, map(frozenset, found), strict=True))
        rest: dict[str, tuple[Any, ...]] = {}
        there: dict[str, list[str]] = {}
        for path, all_waiting in waiting.items():
            done = {
                place: target
                for place, target, by_wikilink, anchor in self._asked_by(path)
                if (by_wikilink, anchor) in known.get(target, ())
            }
            there[path] = list(done.values())
            if len(done) < len(all_waiting):
                rest[path] = tuple(each for place, each in enumerate(all_waiting) if place not in done)
        return rest, there

    def _asked_by(self, path: str) -> Sequence[tuple[int, str, bool, str]]:
        links = self.seen[path].links
        return links[6] if links is not None else ()

    # What is kept

    def _remember(self) -> None:
        self.reading.remember(self.late)


def _left_out(found: Iterable[tuple[str, str]]) -> LeftOut:
    return LeftOut({path: WhyLeftOut(why) for path, why in found})


def _selected(policy: Policy, rules: Mapping[str, Rule]) -> tuple[Rule, ...]:
    from wikitools.lint.policy import select_rules

    return select_rules(policy, rules)
