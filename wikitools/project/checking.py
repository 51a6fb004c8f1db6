"""One check of a wiki, step by step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from wikitools.lint.facts import Facts
from wikitools.lint.outcome_codec import pack_outcome, unpack_outcome
from wikitools.lint.outside_files import LeftOut, WhyLeftOut
from wikitools.lint.policy import Policy
from wikitools.lint.rule import load_rules
from wikitools.lint.run import Run, able_rules
from wikitools.project import loading, workers
from wikitools.project.backlinks import Backlinks
from wikitools.project.bibliographies import OwnBibliographies, Shared, read_own, read_shared
from wikitools.project.cache_keys import CacheKeys, Plan, asked_key
from wikitools.project.job import Checked, Job, KnownRun, read_again
from wikitools.project.kept_answers import Fingerprints
from wikitools.project.kept_looks import KeptLooks
from wikitools.project.kept_misfit import misfit_of_run
from wikitools.project.loading import Workspace
from wikitools.project.noted_wiki import NotedCitations, NotedTexts, NotedWiki
from wikitools.project.page_rows import Keeper
from wikitools.project.reading import Reading
from wikitools.project.second_pass import SecondPass
from wikitools.project.second_pass_work import Citer
from wikitools.project.seen import titled_pages
from wikitools.sources.joined import join_notes
from wikitools.sources.source import Bibliography, Source
from wikitools.wiki.engine_fit import may_misfit
from wikitools.wiki.lazy_pages import PageNames, Sealed, Shelf

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from concurrent.futures import Executor

    from wikitools import files
    from wikitools.config import Settings
    from wikitools.lint.page_run import Look
    from wikitools.lint.rule import Rule
    from wikitools.lint.run import Outcome
    from wikitools.markdown.page import Problem
    from wikitools.project.cache import Store
    from wikitools.project.job import Wanted
    from wikitools.project.memo import Memo
    from wikitools.project.seen import Seen
    from wikitools.wiki.engine_counts import Tally
    from wikitools.wiki.engine_fit import Misfit

_KEPT_RUNS = 20
"""How many outcomes of whole runs are stored in the cache."""


def check(
    settings: Settings,
    policy: Policy,
    *,
    asked: Wanted = lambda _inventory, _bibliographies: None,
    jobs: int | None = None,
    progress: workers.Progress | None = None,
    store: Store | None = None,
    executor: Executor | None = None,
    snapshot: files.Snapshot | None = None,
) -> Checked:
    """Run the rules of `policy` over the wiki; `asked` decides which files are reported on.

    `store` is the cache; without one everything is read. `executor` reads the pages instead of processes on this
    machine, and must see the same files. Raises `FileError` and `UnknownRuleError`.
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
    """Return the wiki, whose pages and citations are read when they are needed.

    Raises `FileError`; reading a page that has changed since raises `GoneError`.
    """
    job = Job(
        settings, Policy(), lambda _inventory, _others: None, jobs, progress or workers.silent, store, None, snapshot
    )
    with workers.no_collection():
        return read_again(lambda: Check(job).open())


def is_able(settings: Settings) -> bool:
    """Say whether wikis with these settings can be checked page by page: not if pandoc writes all references."""
    return not settings.block.style


class Check:
    """One check, step by step."""

    kept_pages: ClassVar[int] = 2000
    """How many pages, and the citations of how many, stay in memory."""
    memo: Memo | None = None
    """Records what each answer asked for, so that the check can continue after a change."""

    inventory: files.Inventory
    plan: Plan
    keys: CacheKeys
    reading: Reading
    own: OwnBibliographies
    facts: Facts
    second: SecondPass
    summing: Run
    reported: frozenset[str] | None
    elsewhere: tuple[str, ...]
    """Paths that links name and that are not in the list of files."""
    left_out: tuple[tuple[str, str], ...]
    notes: dict[str, tuple[tuple[Source, ...], tuple[Problem, ...]]]
    """The sources that pages are or contain, and problems with reading them."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.settings = job.settings
        self.policy = job.policy
        self.store = job.store
        self.rules = load_rules()
        self.backlinks = Backlinks()
        self.senders: list[str] = []
        self.kept: KeptLooks | None = None
        self.run_key: bytes | None = None
        """What this run is kept under in the cache."""
        self._misfits: bool | None = None

    @property
    def seen(self) -> dict[str, Seen]:
        """What is known about each page."""
        return self.reading.seen

    def run(self) -> Checked:
        """Check the wiki."""
        self.inventory = self._find_files()
        self._begin(self._plan(with_sources=False))
        known_run = self._same_as_before(self.reading.by_stamps())
        if known_run is not None:
            return known_run
        wiki = self._look_at_pages()
        if self.reading.read == 0 and self.reading.new_pages:
            # Only times have changed, as in a fresh checkout.
            known_run = self._same_as_before({path: each.hash for path, each in self.seen.items()})
            if known_run is not None:
                self._remember()
                return known_run
        if not self.plan.cites and any(each.known_links.wants_sources for each in self.seen.values()):
            # A rule that is not about citations asked for sources.
            self._begin(self._plan(with_sources=True))
            wiki = self._look_at_pages()
        self.own = self._read_own()
        self.reported = self.job.asked(self.inventory, tuple(self.own.files))
        facts = self._facts(wiki)
        self.kept = kept = self._kept_looks()
        self.second = SecondPass(self.job, self.reading, wiki, self.backlinks, self.rules, kept=kept, asked=self.memo)
        self.elsewhere = tuple(sorted(self.second.follow_links()))
        self.left_out = self._find_left_out(self.elsewhere)
        self.facts = replace(facts, left_out=_left_out(self.left_out))
        if kept is not None:
            kept.set_around(self._around())
        pages, asked = self.inventory.pages, self.reported
        looks = self.second.finish(self.facts, pages if asked is None else [path for path in pages if path in asked])
        checked = self._sum_up(looks)
        self._remember()
        # From now on, while the user edits, memory is more current than the cache.
        self.kept = self.second.kept = None
        self._remember_run(checked.outcome, asked)
        return checked

    def _find_files(self) -> files.Inventory:
        return loading.find_pages(self.settings, snapshot=self.job.snapshot, stamps=self.store is not None)

    def _begin(self, plan: Plan) -> None:
        self.plan = plan
        self.keys = CacheKeys(plan)
        self.reading = Reading(self.job, plan, self.keys)

    def _look_at_pages(self) -> NotedWiki:
        """Run the first pass over what changed, and return the wiki."""
        wiki = self._wiki(with_backlinks=True)
        self.reading.on_dead_link = wiki.index.expect_dead_links
        self.reading.look_at_pages()
        return wiki

    def open(self) -> Workspace:
        """Read what changed, match citations, and return the wiki without running any rule."""
        self.inventory = loading.find_pages(self.settings, snapshot=self.job.snapshot, stamps=self.store is not None)
        self._begin(
            Plan(
                settings=self.settings,
                inventory=self.inventory,
                link_rules=(),
                cite_rules=(),
                with_cited=True,
                tracked=None,
                shared=read_shared(self.job, self.inventory),
                links=False,
                cites=True,
            )
        )
        self.reading.look_at_pages()
        self.own = self._read_own()
        wiki = self._wiki(with_backlinks=False)
        facts = self._facts(wiki)
        self._remember()
        workspace = replace(self._workspace(facts), keeper=self._keeper(wiki))
        return workspace.with_references(self.inventory.pages, jobs=self.job.jobs)

    def _keeper(self, wiki: NotedWiki) -> Keeper | None:
        if self.store is None:
            return None
        return Keeper(self.store, self.keys.links, self._sources_key(), wiki, self._fingerprints(None))

    def _kept_looks(self) -> KeptLooks | None:
        """Return the answers of the second pass in earlier runs; `None` without a cache."""
        if self.store is None:
            return None
        # Nothing that comes from an unsaved text is kept.
        writes = not self.job.unsaved
        return KeptLooks(self.store, self.keys.links, self._fingerprints(self.backlinks), writes=writes)

    def _fingerprints(self, backlinks: Backlinks | None) -> Fingerprints:
        return Fingerprints(self.seen, engine=self.settings.engine, senders=self.senders, backlinks=backlinks)

    def _around(self) -> bytes:
        """Return the key of everything besides pages that the second pass may ask for: sources, and files left out."""
        from wikitools.project.cache import digest, pack

        return digest(self._sources_key(), pack(self.left_out))

    def _sources_key(self) -> bytes:
        """Return the key of all sources, and of what could not be read of them."""
        from wikitools.project.cache import digest, pack

        own = [(path, self.reading.own_hash(path)) for path in self.own.paths]
        heads = ((path, each.head.notes) for path, each in self.seen.items())
        problems = [(path, notes.problems) for path, notes in heads if notes is not None and notes.problems]
        return digest(self.keys.cites(self.reading.notes_key), pack((problems, own)))

    def _plan(self, *, with_sources: bool) -> Plan:
        """Return what to look at, after reading bibliographies and asking git."""
        tracked = None
        if any(rule.needs_git for rule in _selected(self.policy, self.rules)):
            from wikitools.git import find_tracked

            snapshot = self.job.snapshot
            tracked = find_tracked(self.settings.root) if snapshot is None else snapshot.files
        able, _skipped = able_rules(
            self.policy, self.rules, web=False, registries=False, tracked=tracked, pages=self.inventory.pages
        )
        of_sources = tuple(rule for rule in able if rule.needs_sources)
        return Plan(
            settings=self.settings,
            inventory=self.inventory,
            link_rules=tuple(rule.id for rule in able if not rule.needs_sources),
            cite_rules=tuple(rule.id for rule in of_sources),
            with_cited=any(
                kind.__name__ in ("Wiki", "Source")
                for rule in of_sources
                if rule.counts_citations
                for kind in rule.looks_at
            ),
            tracked=tracked,
            shared=self._read_shared() if of_sources or with_sources else Shared(),
            cites=bool(of_sources) or with_sources,
        )

    def _read_shared(self) -> Shared:
        return read_shared(self.job, self.inventory)

    def _sum_up(self, looks: Iterable[tuple[str, list[Look]]]) -> Checked:
        """Return the result of the check, after all passes."""
        self.summing = Run(self.facts, replace(self.policy, paths=self.reported))
        for path, found in looks:
            self.summing.take(path, found, commented=self.seen[path].head.may_silence)
        self._look_at_all()
        return self._checked(self.summing.outcome(), self.reading.read)

    def _look_at_all(self) -> None:
        self.summing.look_at_all()

    def _checked(self, outcome: Outcome, read: int) -> Checked:
        return Checked(
            self._workspace(self.facts),
            outcome,
            self.reported,
            self._misfit,
            read,
            hashes={path: each.hash for path, each in self.seen.items()},
            outside=(*self.elsewhere, *self.own.paths),
        )

    def _tallies(self) -> dict[str, Tally] | None:
        """Return the tallies of the links of all pages; `None` if those of a page are unknown in this run."""
        if any(each.links is None for each in self.seen.values()):
            return None
        return {path: each.known_links.tally for path, each in self.seen.items()}

    def _may_misfit(self) -> bool:
        """Say whether another engine may suit the wiki better."""
        if self._misfits is None:
            tallies = self._tallies()
            self._misfits = tallies is None or may_misfit(tallies.values())
        return self._misfits

    def _misfit(self, kinds: Collection[str]) -> Misfit | None:
        """Return which engine would suit these kinds of links better, if any."""
        if not self._may_misfit():
            return None
        return misfit_of_run(
            self.facts.wiki,
            self._tallies(),
            kinds,
            store=self.store,
            run_key=self.run_key,
            files_key=self.keys.links,
            fingerprints=self._fingerprints(self.backlinks),
        )

    # The same wiki as before

    def _known_run(self, hashes: Mapping[str, bytes] | None) -> KnownRun | None:
        """Return what is stored of a run over the same wiki; raises `ValueError` and the like if it is damaged."""
        from wikitools.project.cache import digest, unpack

        if self.store is None or hashes is None or not all(hashes.values()):
            return None
        key = self.keys.run(self.policy, list(hashes.items()))
        told = self.store.thing(key)
        if told is None:
            return None
        named, found, own, misfits = unpack(told)
        if any(self.reading.own_hash(path) != hash_ for path, hash_ in own) or self._find_left_out(named) != found:
            return None
        asked = self.job.asked(self.inventory, [path for path, hash_ in own if hash_])
        outcome = self.store.thing(digest(key, asked_key(asked)))
        return None if outcome is None else KnownRun(key, named, found, misfits, asked, outcome)

    def _same_as_before(self, hashes: Mapping[str, bytes] | None) -> Checked | None:
        """Return the stored result if nothing has changed since; otherwise `None`."""
        from wikitools.project.cache import unpack_each

        try:
            known = self._known_run(hashes)
            if known is None or hashes is None:
                return None
            outcome = unpack_outcome(unpack_each(known.outcome))
            if not self.reading.new_pages:
                self.reading.take_known(hashes)
        except (ValueError, TypeError, KeyError, IndexError):
            # The checksum is right, but this version did not write it.
            return None
        self.own = self._read_own()
        self.elsewhere = known.named
        self.reported = known.asked
        self.run_key, self._misfits = known.key, known.misfits
        # Links were not resolved in that run.
        self.facts = replace(self._facts(self._wiki(with_backlinks=False)), left_out=_left_out(known.left_out))
        return self._checked(outcome, 0)

    def _remember_run(self, outcome: Outcome, asked: frozenset[str] | None) -> None:
        """Store the result of the check, with everything that it depended on."""
        from wikitools.project.cache import digest, pack, pack_each

        hashes = [(path, each.hash) for path, each in self.seen.items()]
        if self.store is None or outcome.failures or not all(hash_ for _path, hash_ in hashes):
            return
        own = [(path, self.reading.own_hash(path)) for path in self.own.paths]
        self.run_key = key = self.keys.run(self.policy, hashes)
        run = pack((self.elsewhere, self.left_out, own, self._may_misfit()))
        self.store.put_thing(key, "run", run, kept=_KEPT_RUNS)
        self.store.put_thing(
            digest(key, asked_key(asked)), "outcome", pack_each(pack_outcome(outcome)), kept=_KEPT_RUNS
        )

    def _workspace(self, facts: Facts) -> Workspace:
        notes = {path: sources for path, (sources, _problems) in self.notes.items() if sources}
        return Workspace(
            self.settings,
            self.inventory,
            facts,
            notes=notes,
            shared=self.plan.shared.sources,
            unreadable=self.own.unreadable,
            snapshot=self.job.snapshot,
        )

    def _read_own(self) -> OwnBibliographies:
        named = {path: seen.head.bibliographies for path, seen in self.seen.items() if seen.head.bibliographies}
        return read_own(self.job, named, with_sources=self.plan.cites)

    def _wiki(self, *, with_backlinks: bool) -> NotedWiki:
        """Return the wiki: its files are known, and its pages are read when they are needed."""
        settings, inventory = self.settings, self.inventory
        # Commands that open a wiki go through its pages several times.
        kept = self.kept_pages if self.plan.links else len(inventory.pages) + 1
        pages = Shelf(inventory.pages, self.reading.page, kept)

        def names_of(path: str) -> PageNames:
            head = self.seen[path].head
            return PageNames(path, head.title, head.aliases, head.told_by)

        return NotedWiki(
            pages,
            attachments=inventory.attachments,
            engine=settings.engine,
            anchors=settings.anchors or None,
            placeholders=settings.placeholders,
            heads=Shelf(inventory.pages, names_of, kept=len(inventory.pages) + 1),
            linkers=self.backlinks.linkers_of if with_backlinks else None,
            anchorers=self.backlinks.anchorers_of if with_backlinks else None,
            senders=self.senders,
            absent=inventory.absent,
        )

    def _facts(self, wiki: NotedWiki) -> Facts:
        """Return the facts, now that pages are known; citations are matched when they are needed."""
        from wikitools.cite.citation_codec import unpack_problems, unpack_sources

        settings, inventory, seen = self.settings, self.inventory, self.seen
        self.senders[:] = [path for path, each in seen.items() if each.head.sends_on]
        packed = {path: each.head.notes for path, each in seen.items() if each.head.notes}
        self.notes = {
            path: (unpack_sources(each.sources), unpack_problems(each.problems))
            for path, each in packed.items()
            if each.sources or each.problems
        }
        note_sources = (source for path in sorted(self.notes) for source in self.notes[path][0])
        bibliography = Bibliography(join_notes(self.plan.shared.sources, note_sources, lambda: titled_pages(seen)))
        texts: Mapping[str, str] = self.own.texts_with(self.plan.shared)
        if self.memo is not None:
            bibliography.layers[0].on_question = wiki.note_source
            texts = NotedTexts(texts, wiki)
        facts = Facts(
            wiki=wiki,
            bibliography=bibliography,
            own=self.own.by_page(),
            style=settings.block,
            problems=self._problems(wiki),
            texts=texts,
            settings=settings.for_rules,
            tracked=self.plan.tracked,
        )
        if not self.plan.cites:
            return replace(facts, cited=Sealed())
        kept = self.kept_pages if self.plan.links else len(inventory.pages) + 1
        citer = Citer(seen, facts, opened=not self.plan.links)
        return replace(facts, cited=NotedCitations(dict.fromkeys(inventory.pages), citer, wiki.notes, kept))

    def _problems(self, wiki: NotedWiki) -> tuple[Problem, ...]:
        """Return the problems with reading bibliographies and pages that are sources."""
        own, inventory = self.own, self.inventory
        shared_paths = frozenset(inventory.bibliographies)
        problems = [
            *self.plan.shared.problems,
            *(problem for path, each in own.files.items() if path not in shared_paths for problem in each[2]),
            *(problem for path in inventory.pages if path in self.notes for problem in self.notes[path][1]),
        ]
        if self.plan.cites:
            problems += (
                problem
                for path, named in own.named.items()
                if any(own.unreadable.get(place) or not place for _name, place in named)
                for problem in loading.unusable(wiki.pages[path], own.unreadable)
            )
        return tuple(problems)

    def _find_left_out(self, named: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Return the files that exist and are not part of the wiki, sorted, each with the reason."""
        found = loading.find_left_out(self.settings, self.inventory, named, snapshot=self.job.snapshot)
        why = dict.fromkeys(self.inventory.untracked, WhyLeftOut.UNTRACKED)
        why |= {path: WhyLeftOut.IGNORED if ignored else WhyLeftOut.UNREAD for path, ignored in found.items()}
        return tuple((path, str(why[path])) for path in sorted(why))

    # What is kept

    def _remember(self) -> None:
        self.reading.remember(self.kept)


def _left_out(found: Iterable[tuple[str, str]]) -> LeftOut:
    return LeftOut({path: WhyLeftOut(why) for path, why in found})


def _selected(policy: Policy, rules: Mapping[str, Rule]) -> tuple[Rule, ...]:
    from wikitools.lint.policy import select_rules

    return select_rules(policy, rules)
