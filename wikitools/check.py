"""One check of a wiki: what changed is read, each page looked at by itself, and what needs all pages comes last.

A page is read and looked at in one go, in any process, by what is known of the others beforehand: their paths, and the
shared bibliographies. Rules that want to know more (`UnknownError`) wait for the end. So what was found on a page holds
as long as the page and the list of files stay the same, which is what the cache goes by.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from wikitools import files, pipeline
from wikitools.cite.source import Bibliography, Source
from wikitools.lint.facts import Facts, cite, named_bibliographies, read_notes
from wikitools.lint.left_out import LeftOut, WhyLeftOut
from wikitools.lint.look import Look, checks_of, look, look_again, pack_look, targets_of, unpack_look
from wikitools.lint.redirects import sends_on
from wikitools.lint.rule import load_rules
from wikitools.lint.run import able_rules, lint, pack_outcome, unpack_outcome
from wikitools.lint.suppressions import may_silence
from wikitools.pipeline import Workspace, read_bibliography
from wikitools.wiki.compare import Tally, may_misfit, tally_links
from wikitools.wiki.heads import Alone, Closed, GoneError, Head, Sealed, Shelf, UnknownError
from wikitools.wiki.page import Page, Problem, WebLink
from wikitools.wiki.wiki import Wiki, may_name_place

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from wikitools.cite.match import Cited
    from wikitools.config import Settings
    from wikitools.lint.policy import Policy
    from wikitools.lint.rule import Rule
    from wikitools.lint.run import Outcome
    from wikitools.store import Store

_SOURCES = frozenset({"citations", "bibliography", "sources"})
"""The groups of rules that need to know citations and bibliographies."""
_KEPT_RUNS = 20
"""How many outcomes of whole runs are kept."""
_ATTEMPTS = 3
"""How often a check begins again because a page changed while it ran."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check came to."""

    workspace: Workspace
    """Its pages and citations are read when somebody asks for them."""
    outcome: Outcome
    asked: frozenset[str] | None
    may_misfit: bool
    """Whether so many links are broken that another engine may suit the wiki better."""
    read: int = 0
    """How many pages were read; the others were known from the cache."""


Answered = TypeVar("Answered")
Asked = Callable[[files.Inventory, Iterable[str]], "frozenset[str] | None"]
"""Told what there is (files, and further bibliographies), returns which of it is reported on; `None` for all."""


def check(
    settings: Settings,
    policy: Policy,
    *,
    asked: Asked = lambda _inventory, _bibliographies: None,
    jobs: int | None = None,
    progress: pipeline.Progress | None = None,
    store: Store | None = None,
    executor: Executor | None = None,
) -> Checked:
    """Run the rules of `policy` over the wiki; `asked` decides on which files is reported.

    `store` is the cache; without one everything is read anew. `executor` takes the place of processes of this machine
    for reading pages: it must see the same files. Raises `FileError` and `UnknownRuleError`.
    """
    job = Job(settings, policy, asked, jobs, progress or pipeline.silent, store, executor)
    with pipeline.no_collection():
        return read_again(lambda: Check(job).run())


def read_again(work: Callable[[], Answered]) -> Answered:
    """Return what `work` does, again from the beginning when a page changed meanwhile. Raises `ChangedError`."""
    for _attempt in range(_ATTEMPTS):
        try:
            return work()
        except GoneError as error:
            gone = error
    raise files.ChangedError(f"{gone}: changes all the time; run again when it does not")


def is_able(settings: Settings) -> bool:
    """Say whether wikis with these settings can be checked page by page: not when all references come from pandoc."""
    return not settings.block.style


# What is done with each page


@dataclass(frozen=True, slots=True)
class Item:
    """A page to be read, and what is wanted of it."""

    path: str
    hash: bytes = b""
    """Of its content when it was read last; then nothing but what `always` says is wanted of the same content."""
    body: bytes | None = None
    """What was read then."""
    always: tuple[bool, bool, bool] = (True, True, True)
    """Whether head, links and citations are wanted even of the same content."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page came to, as packed data; what was not wanted is `None`."""

    stamp: files.Stamp | None
    """`None` for a page that could not be read."""
    hash: bytes
    body: bytes | None = None
    head: bytes | None = None
    links: bytes | None = None
    cites: bytes | None = None
    failures: tuple[Any, ...] = ()
    fresh: bool = False
    """Whether the page was parsed."""


@dataclass(frozen=True, slots=True)
class PageLooker:
    """Reads a page and looks at it. A pure function of the page's bytes, the settings and the list of files."""

    settings: Settings
    pages: tuple[str, ...]
    attachments: tuple[str, ...]
    link_rules: tuple[str, ...]
    cite_rules: tuple[str, ...]
    tracked: frozenset[str] | None
    bibliography: Bibliography
    with_notes: bool
    """Whether it is known which pages are sources; citations can only be matched then."""
    with_cited: bool
    keeps_bodies: bool

    def __call__(self, item: Item) -> Answer:
        """Return what was asked for."""
        with _one_at_a_time:
            return _desk(self).answer(item)


_one_at_a_time = Lock()
"""Threads take turns: the desk looks at one page, and mistletoe keeps its state in modules."""
_desks: dict[int, tuple[PageLooker, _Desk]] = {}


def _desk(looker: PageLooker) -> _Desk:
    known = _desks.get(id(looker))
    if known is None or known[0] is not looker:
        _desks.clear()
        known = _desks[id(looker)] = looker, _Desk(looker)
    return known[1]


class _Desk:
    """What a process keeps while it looks at pages."""

    def __init__(self, looker: PageLooker) -> None:
        self.looker = looker
        self.settings = looker.settings
        self.reader = files.Reader(self.settings.root)
        self.wiki = Wiki(
            Alone(looker.pages),
            attachments=looker.attachments,
            engine=self.settings.engine,
            anchors=self.settings.anchors or None,
            heads=Closed(looker.pages),
        )
        self.cited = Sealed()
        self.own: dict[str, Bibliography] = {}
        self.files: dict[str, tuple[tuple[Source, ...], bytes]] = {}
        self.joined: dict[tuple[str, ...], Bibliography] = {}
        self.places: dict[int, tuple[Bibliography, Mapping[int, int]]] = {}
        self.known_places = {source.span.path for source in looker.bibliography.sources}
        self.sources_are_new = False
        self.facts = Facts(
            wiki=self.wiki,
            bibliography=looker.bibliography,
            own=self.own,
            cited=self.cited,
            style=self.settings.block,
            texts=Sealed(),
            entry_pages=self.settings.entry_pages,
            left_out=LeftOut(known=False),
            tracked=looker.tracked,
        )
        rules = load_rules()
        self.link_checks = checks_of(rules[each] for each in looker.link_rules)
        self.cite_checks = checks_of(rules[each] for each in looker.cite_rules)

    def answer(self, item: Item) -> Answer:
        from wikitools.store import content_hash, unpack
        from wikitools.wiki.packed import unpack_page
        from wikitools.wiki.parse import decode, read

        path = item.path
        head_wanted, links_wanted, cites_wanted = item.always
        try:
            data, stamp = self.reader.read(path, limit=self.settings.max_page_size)
        except files.FileError as error:
            page = pipeline.unreadable_page(path, error)
            return self._look(page, Answer(None, b"", fresh=True), (True, True, True))
        hash_ = content_hash(data)
        same = hash_ == item.hash
        if same and not (head_wanted or links_wanted or cites_wanted):
            return Answer(stamp, hash_)
        wanted = item.always if same else (True, True, True)
        if same and item.body is not None:
            try:
                page = unpack_page(path, decode(data)[0], unpack(item.body))
            except (ValueError, TypeError, KeyError, IndexError):
                # Sound by its checksum, and yet nothing that this version makes.
                page = read(path, data)
            return self._look(page, Answer(stamp, hash_), wanted)
        page = read(path, data)
        body = _packed(page) if self.looker.keeps_bodies else None
        if self.looker.keeps_bodies and body is None:
            return self._look(page, Answer(stamp, b"", fresh=True), wanted)
        return self._look(page, Answer(stamp, hash_, body, fresh=True), wanted)

    def _look(self, page: Page, answer: Answer, wanted: tuple[bool, bool, bool]) -> Answer:
        from wikitools.store import pack

        head_wanted, links_wanted, cites_wanted = wanted
        found: dict[str, Any] = {}
        self.wiki.turn_to(page)
        failures: list[Any] = []
        waits = False
        if head_wanted:
            head = _head_of(page, with_notes=bool(self.looker.cite_rules))
            found["head"] = pack(head)
            if head[5] and head[5][0] and page.path not in self.known_places:
                self.sources_are_new = True
        if links_wanted:
            seen = look(page, self.facts, self.link_checks)
            failures += seen.failures
            targets, elsewhere, later, anchored = _leads(page, self.wiki)
            try:
                tally: Tally | None = tally_links(page, self.wiki, self.wiki.plain_targets(page))
            except UnknownError:
                tally = None
            waits = bool(seen.waiting or later)
            found["links"] = pack((pack_look(seen), sorted(targets), sorted(elsewhere), later, tally, sorted(anchored)))
        # A page that is a source nobody knew: all pages are matched again when all sources are known.
        postponed = cites_wanted and bool(self.looker.cite_rules) and self.sources_are_new
        if cites_wanted and self.looker.cite_rules and self.looker.with_notes and not postponed:
            seen, data = self._cite(page)
            failures += seen.failures
            waits = waits or bool(seen.waiting)
            found["cites"] = pack(data)
        if not self.looker.keeps_bodies and answer.hash:
            # Whoever looks again unpacks the page in a third of the time that reading it takes.
            found["body"] = (answer.body or _packed(page)) if waits or postponed else None
        return replace(answer, failures=tuple(failures), **found)

    def _cite(self, page: Page) -> tuple[Look, Any]:
        from wikitools.cite.packed import StrangeSourceError, pack_cited

        self.own.clear()
        self.cited.known.clear()
        hashes = self._take_own(page)
        bibliography = self.facts.bibliography_of(page.path)
        packed = None
        try:
            cited = cite(page, self.wiki, bibliography, self.facts.style)
        except UnknownError:
            pass
        else:
            self.cited.known[page.path] = cited
            if self.looker.with_cited:
                try:
                    packed = pack_cited(cited, self._places_in(page.path, bibliography) if cited else {})
                except StrangeSourceError:
                    packed = None
        seen = look(page, self.facts, self.cite_checks)
        return seen, (hashes, pack_look(seen), packed)

    def _take_own(self, page: Page) -> list[tuple[str, bytes]]:
        """Read the bibliographies that a page names, and return the hashes of what is in them."""
        paths = [path for _name, path in named_bibliographies(page) if path]
        for path in paths:
            if path not in self.files:
                try:
                    _text, sources, _problems, hash_ = read_bibliography(self.settings, path, None)
                except files.FileError:
                    sources, hash_ = (), b""
                self.files[path] = sources, hash_
        usable = tuple(dict.fromkeys(path for path in paths if self.files[path][1]))
        if usable:
            if usable not in self.joined:
                self.joined[usable] = Bibliography(source for path in usable for source in self.files[path][0])
            self.own[page.path] = self.joined[usable]
        return [(path, self.files[path][1]) for path in dict.fromkeys(paths)]

    def _places_in(self, path: str, bibliography: Bibliography) -> Mapping[int, int]:
        from wikitools.cite.packed import places_of

        own = self.own.get(path)
        key = id(own)
        if key not in self.places:
            self.places[key] = bibliography, places_of(bibliography.sources)
        return self.places[key][1]


def _packed(page: Page) -> bytes | None:
    """Return a page as packed data; `None` when its front matter holds what cannot be packed."""
    from wikitools.store import pack
    from wikitools.wiki.packed import NotPlainError, pack_page

    try:
        return pack(pack_page(page))
    except (NotPlainError, OverflowError):
        return None


def _head_of(page: Page, *, with_notes: bool) -> Any:
    from wikitools.cite.packed import pack_problems, pack_sources

    notes = None
    if with_notes:
        sources, problems = read_notes([page])
        notes = pack_sources(sources), pack_problems(problems)
    return page.title, page.aliases, may_silence(page), sends_on(page), named_bibliographies(page), notes


def _leads(page: Page, wiki: Wiki) -> tuple[set[str], set[str], list[int], set[str]]:
    """Return where the links of a page lead: into the wiki, elsewhere, and the numbers of those that nobody knows.

    Last, those paths in the wiki on which places may be named.
    """
    anchored: set[str] = set()
    targets: set[str] = set()
    elsewhere: set[str] = set()
    later: list[int] = []
    for number, (link, plain) in enumerate(zip(page.links, wiki.plain_targets(page), strict=True)):
        if plain is not None:
            targets.add(plain)
            continue
        if isinstance(link, WebLink):
            continue
        try:
            target = wiki.target_of(link)
            if target is not None:
                targets.add(target)
                if may_name_place(link):
                    anchored.add(target)
            elif (path := pipeline.named_elsewhere(link, page.path, wiki)) is not None:
                elsewhere.add(path)
        except UnknownError:
            later.append(number)
    return targets, elsewhere, later, anchored


# The check


@dataclass(slots=True)
class Seen:
    """What is known of one page."""

    stamp: files.Stamp | None
    hash: bytes
    head: Any
    links: Any = None
    cites: Any = None
    failures: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """What `check` was asked for."""

    settings: Settings
    policy: Policy
    asked: Asked
    jobs: int | None
    report: pipeline.Progress
    store: Store | None
    executor: Executor | None


class Check:
    """One check, step by step."""

    def __init__(self, job: Job) -> None:
        self.settings = job.settings
        self.policy = job.policy
        self.asked = job.asked
        self.jobs = job.jobs
        self.report = job.report
        self.store = job.store
        self.executor = job.executor
        self.began = time.time_ns()
        self.process = os.getpid()
        self.reader = files.Reader(job.settings.root)
        self.own_hashes: dict[str, bytes] = {}
        self.bodies: dict[str, bytes] = {}
        self.linkers: dict[str, list[str]] | None = None
        self.anchorers: dict[str, list[str]] = {}
        self.new_bodies: dict[bytes, bytes] = {}
        self.new_pages: set[str] = set()
        self.new_links: dict[str, tuple[bytes, bytes]] = {}
        self.new_cites: dict[str, tuple[bytes, bytes]] = {}
        self.late: _Late | None = None
        self.read = 0

    def run(self) -> Checked:
        self.inventory = inventory = pipeline.find_pages(self.settings, stamps=True)
        self.rules = rules = load_rules()
        needs_git = any(rule.needs_git for rule in _selected(self.policy, rules))
        self.tracked = None
        if needs_git:
            from wikitools.git import find_tracked

            self.tracked = find_tracked(self.settings.root)
        able, _skipped = able_rules(self.policy, rules, web=False, git=self.tracked is not None)
        self.link_rules = tuple(rule.id for rule in able if rule.group not in _SOURCES)
        self.cite_rules = tuple(rule.id for rule in able if rule.group in _SOURCES)
        self.with_cited = any(
            kind.__name__ in ("Wiki", "Source") for rule in able if rule.group in _SOURCES for kind in rule.looks_at
        )
        self.shared = self._read_shared()
        self.known = self.store.pages() if self.store is not None else {}
        self._find_ways()
        known_run = self._same_as_before(self._by_stamps())
        if known_run is not None:
            return known_run
        self.seen = self._look_at_pages()
        pages = inventory.pages
        if self.read == 0 and self.new_pages:
            # Only times have changed, as in a fresh checkout.
            known_run = self._same_as_before({path: each.hash for path, each in self.seen.items()})
            if known_run is not None:
                self._remember()
                return known_run
        own = self._own_bibliographies()
        asked = self.asked(inventory, own)
        self.linkers = {}
        facts = self._facts()
        if self.store is not None and facts.wiki.engine.by_names:
            self.late = _Late(self.store, self.link_way, self._names_key())
        self.facts = self._looked_around(facts)
        self.reported = asked
        self.looks = self._finish(self.facts, pages if asked is None else [path for path in pages if path in asked])
        checked = self._sum_up()
        self._remember()
        # What is looked at from now on, while somebody edits, is known better here than in the cache.
        self.late = None
        self._remember_run(checked.outcome, asked, misfits=checked.may_misfit)
        return checked

    def _sum_up(self) -> Checked:
        """Return what the check comes to, now that everything was looked at."""
        facts, asked, pages = self.facts, self.reported, self.inventory.pages
        outcome = lint(
            facts,
            replace(self.policy, paths=asked),
            looks=self.looks,
            commented=[path for path in pages if self.seen[path].head[2]],
        )
        tallies = [seen.links[4] for seen in self.seen.values() if seen.links is not None]
        known = [each for each in tallies if each is not None]
        misfits = len(known) < len(pages) or may_misfit(known)
        return Checked(self._workspace(facts), outcome, asked, misfits, self.read)

    # The same wiki as before

    def _by_stamps(self) -> dict[str, bytes] | None:
        """Return the content hash of each page; `None` when a page is not as it was, by its stamp."""
        pages, stamps, known = self.inventory.pages, self.inventory.stamps, self.known
        if not all(path in known and path in stamps and _is_same(stamps[path], known[path].stamp) for path in pages):
            return None
        return {path: known[path].hash for path in pages}

    def _same_as_before(self, hashes: Mapping[str, bytes] | None) -> Checked | None:
        """Return what the check came to when pages had the same content; `None` when anything else may have changed."""
        from wikitools.store import digest, unpack

        if self.store is None or hashes is None or not all(hashes.values()):
            return None
        known = self.known
        way = self._run_way(list(hashes.items()))
        told = self.store.thing(way)
        if told is None:
            return None
        try:
            named, found, own, misfits = unpack(told)
            if any(self._own_hash(path) != hash_ for path, hash_ in own):
                return None
            if _as_data(files.find_left_out(self.settings.root, self.inventory, named)) != found:
                return None
            asked = self.asked(self.inventory, [path for path, hash_ in own if hash_])
            told = self.store.thing(digest(way, _asked_key(asked)))
            if told is None:
                return None
            outcome = unpack_outcome(unpack(told))
            if not self.new_pages:
                self.seen = {
                    path: Seen(known[path].stamp, hash_, unpack(known[path].head)) for path, hash_ in hashes.items()
                }
        except (ValueError, TypeError, KeyError, IndexError):
            # Sound by its checksum, and yet nothing that this version makes.
            return None
        self._own_bibliographies()
        facts = replace(self._facts(), left_out=_left_out(found))
        return Checked(self._workspace(facts), outcome, asked, misfits, 0)

    def _remember_run(self, outcome: Outcome, asked: frozenset[str] | None, *, misfits: bool) -> None:
        """Keep what the check came to, with everything that it depended on."""
        from wikitools.store import digest, pack

        hashes = [(path, each.hash) for path, each in self.seen.items()]
        if self.store is None or outcome.failures or not all(hash_ for _path, hash_ in hashes):
            return
        own = [
            (path, self._own_hash(path))
            for path in dict.fromkeys(place for each in self.named.values() for _name, place in each if place)
        ]
        way = self._run_way(hashes)
        self.store.put_thing(way, "run", pack((self.elsewhere, self.left_out, own, misfits)), kept=_KEPT_RUNS)
        self.store.put_thing(digest(way, _asked_key(asked)), "outcome", pack(pack_outcome(outcome)), kept=_KEPT_RUNS)

    def _run_way(self, hashes: Sequence[tuple[str, bytes]]) -> bytes:
        from wikitools.store import digest

        content = digest(*(part for path, hash_ in hashes for part in (path.encode("utf-8", "surrogatepass"), hash_)))
        policy = repr(replace(self.policy, paths=None)).encode("utf-8", "surrogatepass")
        return digest(b"run", content, self.link_way, self._cite_way(b""), policy)

    def _workspace(self, facts: Facts) -> Workspace:
        notes = {path: sources for path, (sources, _problems) in self.notes.items() if sources}
        return Workspace(
            self.settings, self.inventory, facts, notes=notes, shared=self.shared[0], unreadable=self.unreadable
        )

    # Sources

    def _read_shared(self) -> tuple[tuple[Source, ...], dict[str, str], tuple[Problem, ...], tuple[bytes, ...]]:
        if not self.cite_rules:
            return (), {}, (), ()
        sources: list[Source] = []
        texts: dict[str, str] = {}
        problems: list[Problem] = []
        hashes: list[bytes] = []
        for path in self.inventory.bibliographies:
            text, found, broken, hash_ = read_bibliography(self.settings, path, self.store)
            texts[path] = text
            sources += found
            problems += broken
            hashes += (path.encode("utf-8", "surrogatepass"), hash_)
        return tuple(sources), texts, tuple(problems), tuple(hashes)

    def _own_bibliographies(self) -> tuple[str, ...]:
        """Read what pages name as their bibliographies, and return the paths of what could be read."""
        named = {path: seen.head[4] for path, seen in self.seen.items() if seen.head[4]}
        paths = dict.fromkeys(place for each in named.values() for _name, place in each if place)
        self.own_files: dict[str, tuple[str, tuple[Source, ...], tuple[Problem, ...]]] = {}
        self.unreadable: dict[str, str] = {}
        for path in paths:
            try:
                if self.cite_rules:
                    text, sources, problems, _hash = read_bibliography(self.settings, path, self.store)
                    self.own_files[path] = text, sources, problems
                else:
                    files.read_bytes(self.settings.root, path, limit=self.settings.max_bibliography_size)
                    self.own_files[path] = "", (), ()
            except files.FileError as error:
                self.unreadable[path] = str(error).removeprefix(f"{path}: ")
        self.named = named
        return tuple(self.own_files)

    # Pages

    def _look_at_pages(self) -> dict[str, Seen]:
        from wikitools.store import unpack

        inventory, store = self.inventory, self.store
        pages, stamps = inventory.pages, inventory.stamps
        known = self.known
        heads: dict[str, Any] = {}
        try:
            heads = {path: unpack(known[path].head) for path in pages if path in known}
        except ValueError:
            known = {}
        needs_notes = bool(self.cite_rules)
        link_way = self.link_way
        links = store.results(link_way) if store is not None else {}
        # Which pages are sources is known once all are read; until then it is what it was the last time.
        guess = self._notes_key({path: heads[path] for path in pages if path in heads}) if needs_notes else b""
        cite_way = self._cite_way(guess)
        cites = store.results(cite_way) if store is not None and needs_notes else {}
        notes = self._note_sources(heads) if needs_notes else ()
        seen: dict[str, Seen] = {}
        items: list[Item] = []
        for path in pages:
            old = known.get(path)
            if old is None:
                items.append(Item(path))
                continue
            has_links = links.get(path, _NOTHING)[0] == old.hash
            has_cites = not needs_notes or cites.get(path, _NOTHING)[0] == old.hash
            has_head = not needs_notes or heads[path][5] is not None
            if path in stamps and _is_same(stamps[path], old.stamp) and has_links and has_cites and has_head:
                seen[path] = Seen(old.stamp, old.hash, heads[path])
                continue
            body = None
            if store is not None and not (has_links and has_cites and has_head):
                body = store.body(old.hash)
            items.append(Item(path, old.hash, body, (not has_head, not has_links, not has_cites)))
        # A wiki that is new to us may have notes; whoever has pages that are sources finds out, and starts anew.
        looker = PageLooker(
            settings=self.settings,
            pages=pages,
            attachments=inventory.attachments,
            link_rules=self.link_rules,
            cite_rules=self.cite_rules,
            tracked=self.tracked,
            bibliography=Bibliography((*self.shared[0], *notes)),
            with_notes=True,
            with_cited=self.with_cited,
            keeps_bodies=store is not None,
        )
        self.looker = looker
        self._take(looker, items, seen, heads, "reading pages")
        for path, each in seen.items():
            # What was known and still holds.
            each.links = each.links or (unpack(links[path][1]) if path in links else None)
            if needs_notes and each.cites is None and path in cites:
                each.cites = unpack(cites[path][1])
        self.cite_way = cite_way
        if needs_notes:
            self._match_again(looker, seen, guess)
        return {path: seen[path] for path in pages}

    def _take(
        self, looker: PageLooker, items: Sequence[Item], seen: dict[str, Seen], heads: Mapping[str, Any], phase: str
    ) -> None:
        """Have pages looked at, and take over what was found."""
        from wikitools.store import unpack

        answers = pipeline.map_all(
            looker, items, jobs=self.jobs, report=self.report, phase=phase, executor=self.executor
        )
        for item, answer in zip(items, answers, strict=True):
            path = item.path
            if answer.stamp is None and self.executor is not None and looker(item).stamp is not None:
                raise files.FileError(f"{path}: the workers cannot read it, this machine can; they must see the same")
            old = seen.get(path)
            if old is not None and answer.hash != old.hash:
                raise GoneError(path)
            head = unpack(answer.head) if answer.head is not None else old.head if old is not None else heads[path]
            each = seen[path] = Seen(answer.stamp, answer.hash, head)
            each.failures = answer.failures
            if old is not None:
                each.links, each.cites = old.links, old.cites
                each.failures = (*old.failures, *answer.failures)
            each.links = unpack(answer.links) if answer.links is not None else each.links
            each.cites = unpack(answer.cites) if answer.cites is not None else each.cites
            self.read += answer.fresh
            if answer.body is not None:
                if self.store is None or not answer.hash:
                    self.bodies[path] = answer.body
                else:
                    self.new_bodies[answer.hash] = answer.body
            if answer.stamp is not None and answer.hash:
                self.new_pages.add(path)
                if answer.links is not None and not answer.failures:
                    self.new_links[path] = answer.hash, answer.links
                if answer.cites is not None and not answer.failures:
                    self.new_cites[path] = answer.hash, answer.cites

    def _match_again(self, looker: PageLooker, seen: dict[str, Seen], guess: bytes) -> None:
        """Match citations again where sources came, went or changed since they were matched."""
        from wikitools.store import unpack

        heads = {path: each.head for path, each in seen.items()}
        key = self._notes_key(heads)
        changed: set[str] = set()
        if key != guess:
            self.cite_way = self._cite_way(key)
            self.new_cites.clear()
            cites = self.store.results(self.cite_way) if self.store is not None else {}
            for path, each in seen.items():
                hash_, data = cites.get(path, _NOTHING)
                each.cites = unpack(data) if each.hash and hash_ == each.hash else None
                each.failures = tuple(failure for failure in each.failures if failure[0] not in self.cite_rules)
                if each.cites is None:
                    changed.add(path)
            looker = replace(looker, bibliography=Bibliography((*self.shared[0], *self._note_sources(heads))))
            self.looker = looker
        # A bibliography that a page names for itself is no part of the key.
        for path, each in seen.items():
            if each.cites is None or any(self._own_hash(place) != hash_ for place, hash_ in each.cites[0]):
                changed.add(path)
        if changed:
            items = [
                Item(path, seen[path].hash, self._body(path, seen[path].hash), (False, False, True))
                for path in sorted(changed)
            ]
            self._take(looker, items, seen, {}, "matching citations")

    def _own_hash(self, path: str) -> bytes:
        from wikitools.store import content_hash

        known: bytes | None = self.own_hashes.get(path)
        if known is None:
            try:
                data = files.read_bytes(self.settings.root, path, limit=self.settings.max_bibliography_size)
                known = content_hash(data)
            except files.FileError:
                known = b""
            self.own_hashes[path] = known
        return known

    # What results depend on

    def _find_ways(self) -> None:
        from wikitools.store import code_key, digest

        settings, inventory = self.settings, self.inventory
        paths = "\0".join((*inventory.pages, "", *inventory.attachments)).encode("utf-8", "surrogatepass")
        tracked = "\0".join(sorted(self.tracked)) if self.tracked is not None else "-"
        told = (settings.engine, settings.anchors, settings.entry_pages, settings.max_page_size, self.link_rules)
        self.base_way = digest(code_key(), paths)
        self.link_way = digest(b"links", self.base_way, tracked.encode("utf-8", "surrogatepass"), repr(told).encode())

    def _cite_way(self, notes: bytes) -> bytes:
        from wikitools.store import digest

        settings = self.settings
        told = (
            settings.engine,
            settings.anchors,
            settings.block,
            settings.max_page_size,
            settings.max_bibliography_size,
            self.cite_rules,
            self.with_cited,
        )
        return digest(b"cites", self.base_way, notes, repr(told).encode("utf-8", "surrogatepass"), *self.shared[3])

    def _notes_key(self, heads: Mapping[str, Any]) -> bytes:
        from wikitools.store import digest, pack

        found = [(path, heads[path][5][0]) for path in sorted(heads) if heads[path][5] and heads[path][5][0]]
        return digest(pack(found))

    def _note_sources(self, heads: Mapping[str, Any]) -> tuple[Source, ...]:
        from wikitools.cite.packed import unpack_sources

        packed = (heads[path][5][0] for path in sorted(heads) if heads[path][5] and heads[path][5][0])
        return tuple(source for each in packed for source in unpack_sources(each))

    def _names_key(self) -> bytes:
        """Return what stands for the names of all pages: titles and aliases."""
        from wikitools.store import digest, pack

        return digest(pack([(path, each.head[0], each.head[1]) for path, each in self.seen.items()]))

    # All pages together

    def _body(self, path: str, hash_: bytes) -> bytes | None:
        body = self.bodies.get(path)
        if body is None and hash_:
            body = self.new_bodies.get(hash_)
        if body is None and hash_ and self.store is not None and os.getpid() == self.process:
            # A connection to SQLite must not be used in a forked process.
            body = self.store.body(hash_)
        return body

    def _page(self, path: str) -> Page:
        """Return a page as it was looked at. Raises `GoneError` when it is no longer so."""
        from wikitools.store import content_hash, unpack
        from wikitools.wiki.packed import unpack_page
        from wikitools.wiki.parse import decode, read

        seen = self.seen[path]
        try:
            data, _stamp = self.reader.read(path, limit=self.settings.max_page_size)
        except files.FileError as error:
            if seen.stamp is not None:
                raise GoneError(path) from error
            return pipeline.unreadable_page(path, error)
        if seen.stamp is None or (seen.hash and content_hash(data) != seen.hash):
            raise GoneError(path)
        body = self._body(path, seen.hash) if seen.hash else None
        if body is None:
            return read(path, data)
        try:
            return unpack_page(path, decode(data)[0], unpack(body))
        except (ValueError, TypeError, KeyError, IndexError):
            return read(path, data)

    def _facts(self) -> Facts:
        """Return all that is known, with pages and citations that are read when somebody asks for them."""
        from wikitools.cite.packed import unpack_problems, unpack_sources

        settings, inventory, seen = self.settings, self.inventory, self.seen
        pages = Shelf(inventory.pages, self._page)
        heads = {path: Head(path, each.head[0], tuple(each.head[1]), pages.__getitem__) for path, each in seen.items()}
        wiki = Wiki(
            pages,
            attachments=inventory.attachments,
            engine=settings.engine,
            anchors=settings.anchors or None,
            heads=heads,
            linkers=None if self.linkers is None else self._linkers_of,
            anchorers=None if self.linkers is None else self._anchorers_of,
            senders=[path for path, each in seen.items() if each.head[3]],
        )
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
            *self.shared[2],
            *(problem for path, each in self.own_files.items() if path not in shared_paths for problem in each[2]),
            *(problem for path in inventory.pages if path in self.notes for problem in self.notes[path][1]),
        ]
        if self.cite_rules:
            problems += (
                problem
                for path in self.named
                if any(self.unreadable.get(place) or not place for _name, place in self.named[path])
                for problem in pipeline.unusable(pages[path], self.unreadable)
            )
        facts = Facts(
            wiki=wiki,
            bibliography=Bibliography((*self.shared[0], *note_sources)),
            own=own,
            style=settings.block,
            problems=tuple(problems),
            texts={**self.shared[1], **{path: each[0] for path, each in self.own_files.items()}},
            entry_pages=settings.entry_pages,
            tracked=self.tracked,
        )
        return replace(facts, cited=Shelf(inventory.pages, _Citer(self, facts)) if self.cite_rules else Sealed())

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
        self._fetch(waiting)
        settler = Settler(facts.wiki, {path: tuple(self.seen[path].links[3]) for path in waiting})
        found = pipeline.map_all(settler, waiting, jobs=self.jobs, report=self.report, phase="following links")
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
        self.left_out = _as_data(files.find_left_out(self.settings.root, self.inventory, self.elsewhere))
        return replace(facts, left_out=_left_out(self.left_out))

    def _linkers_of(self, path: str) -> Iterable[str]:
        return () if self.linkers is None else self.linkers.get(path, ())

    def _anchorers_of(self, path: str) -> Iterable[str]:
        return self.anchorers.get(path, ())

    def _fetch(self, paths: Iterable[str]) -> None:
        """Have what was read of pages at hand, also in processes that are started now."""
        if self.store is not None:
            for path in paths:
                body = self._body(path, self.seen[path].hash)
                if body is not None:
                    self.bodies[path] = body

    def _finish(self, facts: Facts, paths: Sequence[str]) -> dict[str, list[Look]]:
        """Return what was found on these pages, with what had to wait."""
        from wikitools.store import pack

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
        self._fetch(waiting)
        finisher = _Finisher(facts, self.rules, waiting)
        late_paths = tuple(waiting)
        last = pipeline.map_all(finisher, late_paths, jobs=self.jobs, report=self.report, phase="checking links")
        for path, (data, failures, targets) in zip(late_paths, last, strict=True):
            looks[path] += (unpack_look(path, data), Look(failures=list(failures)))
            if kept is not None and targets is not None and not failures:
                kept.keep_look(path, self.seen, waiting[path], left_out, targets=targets, found=data)
        return looks

    # What is kept

    def _remember(self) -> None:
        from wikitools.store import Known, pack, prune

        store = self.store
        if store is None:
            return
        pages = {}
        for path in self.new_pages:
            each = self.seen[path]
            if each.stamp is not None:
                pages[path] = Known(each.stamp, each.hash, pack(each.head))
        gone = [path for path in self.known if path not in self.seen]
        if pages or gone:
            store.put_pages(pages, bodies=self.new_bodies, began=self.began, gone=gone)
        if self.new_links:
            store.put_results(self.link_way, self.new_links)
        if self.new_cites:
            store.put_results(self.cite_way, self.new_cites)
        if self.late is not None:
            self.late.remember()
        if gone or len(pages) > 1:
            store.tidy()
            prune(os.path.dirname(store.file), keep=store.file)


_NOTHING = b"-", b""


class _Late:
    """What was found, in runs before, by looking at pages beside others; and what that depended on.

    That is the page, the list of files and the names of all pages, what there is outside of the wiki, and the content
    of the pages that its links lead to. What depends on more is not kept.
    """

    def __init__(self, store: Store, link_way: bytes, names: bytes) -> None:
        from wikitools.store import digest

        self._store = store
        self._names = names
        self._look_way, self._settled_way = digest(b"late", link_way), digest(b"settled", link_way)
        self._looks, self._settled = store.results(self._look_way), store.results(self._settled_way)
        self._new_looks: dict[str, tuple[bytes, bytes]] = {}
        self._new_settled: dict[str, tuple[bytes, bytes]] = {}

    def settled(self, path: str, hash_: bytes) -> Any:
        """Return where the links of a page lead that it could not tell alone; `None` when that is not known."""
        from wikitools.store import unpack

        known, data = self._settled.get(path, _NOTHING)
        if not hash_ or known != hash_:
            return None
        names, found = unpack(data)
        return found if names == self._names else None

    def keep_settled(self, path: str, hash_: bytes, found: Any) -> None:
        """Keep it."""
        from wikitools.store import pack

        if hash_:
            self._new_settled[path] = hash_, pack((self._names, found))

    def look(self, path: str, seen: Mapping[str, Seen], waiting: Any, left_out: bytes) -> Any:
        """Return what was found on a page where the same waited; `None` when anything may be otherwise by now."""
        from wikitools.store import pack, unpack

        known, data = self._looks.get(path, _NOTHING)
        if not seen[path].hash or known != seen[path].hash:
            return None
        names, waited, around, targets, found = unpack(data)
        if names != self._names or waited != pack(waiting) or around != left_out:
            return None
        if any(each not in seen or seen[each].hash != hash_ for each, hash_ in targets):
            return None
        return found

    def keep_look(
        self, path: str, seen: Mapping[str, Seen], waiting: Any, left_out: bytes, *, targets: Sequence[str], found: Any
    ) -> None:
        """Keep it, with the pages in `targets`, whose content it depends on."""
        from wikitools.store import pack

        hashes = [(each, seen[each].hash) for each in targets]
        if seen[path].hash and all(hash_ for _path, hash_ in hashes):
            data = pack((self._names, pack(waiting), left_out, hashes, found))
            self._new_looks[path] = seen[path].hash, data

    def remember(self) -> None:
        """Write what is new to the cache."""
        if self._new_looks:
            self._store.put_results(self._look_way, self._new_looks)
        if self._new_settled:
            self._store.put_results(self._settled_way, self._new_settled)


def _as_data(found: Mapping[str, bool]) -> tuple[tuple[str, bool], ...]:
    return tuple(sorted(found.items()))


def _left_out(found: Iterable[tuple[str, bool]]) -> LeftOut:
    return LeftOut({path: WhyLeftOut.IGNORED if ignored else WhyLeftOut.UNREAD for path, ignored in found})


def _asked_key(asked: frozenset[str] | None) -> bytes:
    return b"all" if asked is None else "\0".join(("", *sorted(asked))).encode("utf-8", "surrogatepass")


def _is_same(stamp: files.Stamp, known: files.Stamp) -> bool:
    from wikitools.store import to_signed

    return (stamp[0], stamp[1], to_signed(stamp[2])) == known


def _selected(policy: Policy, rules: Mapping[str, Rule]) -> tuple[Rule, ...]:
    from wikitools.lint.policy import select_rules

    return select_rules(policy, rules)


@dataclass(frozen=True, slots=True)
class Settler:
    """Tells where links lead that need all pages to be told."""

    wiki: Wiki
    later: Mapping[str, tuple[int, ...]]

    def __call__(self, path: str) -> tuple[list[str], list[str]]:
        page = self.wiki.pages[path]
        targets: set[str] = set()
        elsewhere: set[str] = set()
        for number in self.later[path]:
            link = page.links[number]
            if isinstance(link, WebLink):
                continue
            target = self.wiki.target_of(link)
            if target is not None:
                targets.add(target)
            elif (place := pipeline.named_elsewhere(link, path, self.wiki)) is not None:
                elsewhere.add(place)
        return sorted(targets), sorted(elsewhere)


@dataclass(frozen=True, slots=True)
class _Finisher:
    """Lets rules look at what waited."""

    facts: Facts
    rules: Mapping[str, Rule]
    waiting: Mapping[str, tuple[Any, ...]]

    def __call__(self, path: str) -> tuple[Any, tuple[Any, ...], tuple[str, ...] | None]:
        page, waiting = self.facts.wiki.pages[path], self.waiting[path]
        found = look_again(page, self.facts, self.rules, waiting)
        return pack_look(found), tuple(found.failures), targets_of(page, self.facts, waiting)


@dataclass(frozen=True, slots=True)
class _Citer:
    """Gives the citations of a page: those that were kept, else matched anew."""

    check: Check
    facts: Facts

    def __call__(self, path: str) -> Any:
        from wikitools.cite.packed import unpack_cited

        seen = self.check.seen[path]
        if seen.cites is None or seen.cites[2] is None:
            return self.again(path)
        sources = self.facts.bibliography_of(path).sources if seen.cites[2] else ()
        return unpack_cited(path, seen.cites[2], sources, lambda: self.again(path))

    def again(self, path: str) -> tuple[Cited, ...]:
        facts = self.facts
        return cite(facts.wiki.pages[path], facts.wiki, facts.bibliography_of(path), facts.style)
