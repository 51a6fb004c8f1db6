"""First pass over one page, in any process: parse it and run every rule that needs no other page."""

from __future__ import annotations

from dataclasses import field, replace
from threading import Lock
from typing import TYPE_CHECKING, NoReturn, cast

from wikitools import files
from wikitools.lint.facts import Facts, cite, named_bibliographies, read_notes
from wikitools.lint.outside_files import LeftOut
from wikitools.lint.page_run import checks_of, look
from wikitools.lint.redirect_pages import sends_on
from wikitools.lint.rule import load_rules
from wikitools.lint.suppressions import may_silence
from wikitools.project import loading
from wikitools.project.anchor_pass import RULE, asked_by, pack_places
from wikitools.project.bibliography_file import read_bibliography
from wikitools.project.cache_keys import page_hash
from wikitools.project.page_bodies import pack_body, read_body
from wikitools.project.seen import Cites, Head, Links, PackedNotes, pack_found, pack_part, pack_questions
from wikitools.records import dataclass
from wikitools.sources.questions import PLACES
from wikitools.sources.source import Bibliography
from wikitools.wiki.engine_counts import tally_links
from wikitools.wiki.engines import tell_all
from wikitools.wiki.file_words import words_on
from wikitools.wiki.incoming_links import may_name_place
from wikitools.wiki.lazy_pages import Alone, Closed, Sealed, UnknownError
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wikitools.cite.citation import Cited
    from wikitools.config import Settings
    from wikitools.lint.page_run import Failure, Look
    from wikitools.markdown.page import Page, Problem
    from wikitools.sources.questions import Question
    from wikitools.sources.source import Source
    from wikitools.wiki.names_index import Key, Lookup


@dataclass(frozen=True, slots=True)
class Item:
    """A page to read, and which results are wanted."""

    path: str
    hash: bytes = b""
    """The hash of its content in an earlier run; if it is unchanged, only what `always` says is wanted."""
    body: bytes | None = None
    """The packed page of that run."""
    always: tuple[bool, bool, bool] = (True, True, True)
    """Whether head, links and citations are wanted even if the content is unchanged."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The results for a page, as packed data; a result that was not wanted is `None`."""

    stamp: files.Stamp | None
    """`None` for a page that could not be read."""
    hash: bytes
    body: bytes | None = None
    head: bytes | None = None
    links: bytes | None = None
    cites: bytes | None = None
    failures: tuple[Failure, ...] = ()
    fresh: bool = False
    """Whether the page was parsed."""
    places: bytes | None = None
    """What links to the page can name (`pack_places`)."""


@dataclass(frozen=True, slots=True)
class PageLooker:
    """Reads a page and runs the rules. A pure function of the page's bytes, the settings and the list of files."""

    settings: Settings
    pages: tuple[str, ...]
    attachments: tuple[str, ...]
    absent: tuple[str, ...]
    link_rules: tuple[str, ...]
    cite_rules: tuple[str, ...]
    tracked: frozenset[str] | None
    bibliography: Bibliography
    with_notes: bool
    """Whether it is known which pages are sources; only then citations can be matched."""
    with_cited: bool
    keeps_bodies: bool
    links: bool = True
    cites: bool = False
    snapshot: files.Snapshot | None = None
    """Files that are not read from the disk."""
    unsaved: Mapping[str, files.Unsaved] = field(default_factory=dict)
    """Texts of pages that are open in an editor."""
    lookups: dict[Key, Lookup] | None = None
    """The files, as somebody compared them already, which takes a while."""

    def __call__(self, item: Item) -> Answer:
        """Return the results that the item wants."""
        with _one_at_a_time:
            return _state_of(self).answer(item)


_one_at_a_time = Lock()
"""Threads take turns: the state is about one page at a time, and mistletoe keeps its own in modules."""
_states: dict[int, tuple[PageLooker, _ProcessState]] = {}


def _state_of(looker: PageLooker) -> _ProcessState:
    known = _states.get(id(looker))
    if known is None or known[0] is not looker:
        _states.clear()
        known = _states[id(looker)] = looker, _ProcessState(looker)
    return known[1]


def forget_answers() -> None:
    """Forget what this process can find again, of texts that may stand on no page any more."""
    for _looker, state in _states.values():
        state.wiki.forget_answers()
        state.looker.bibliography.forget_answers()


class _ProcessState:
    """What a process keeps from page to page."""

    def __init__(self, looker: PageLooker) -> None:
        self.looker = looker
        self.settings = looker.settings
        self.reader = files.Reader(
            self.settings.root, looker.snapshot, follow_links=self.settings.follow_links, unsaved=looker.unsaved
        )
        self.wiki = Wiki(
            Alone(looker.pages),
            attachments=looker.attachments,
            engine=self.settings.engine,
            anchors=self.settings.anchors or None,
            placeholders=self.settings.placeholders,
            heads=Closed(looker.pages),
            absent=looker.absent,
        )
        if looker.lookups is not None:
            self.wiki.index.share(looker.lookups)
        self.cited: Sealed[tuple[Cited, ...]] = Sealed()
        self.own: dict[str, Bibliography] = {}
        self.files: dict[str, tuple[tuple[Source, ...], bytes]] = {}
        self.joined: dict[tuple[str, ...], Bibliography] = {}
        self.places: dict[int, tuple[Bibliography, Mapping[int, int]]] = {}
        self.known_places = {source.span.path for source in looker.bibliography.sources}
        self.sources_are_new = False
        # Packing all of them takes long, and without sources few of them are citations.
        self.packs_cited = looker.with_cited or not looker.bibliography.sources
        self.facts = Facts(
            wiki=self.wiki,
            bibliography=looker.bibliography,
            own=self.own,
            cited=self.cited,
            style=self.settings.block,
            texts=Sealed(),
            settings=self.settings.for_rules,
            left_out=LeftOut(known=False),
            tracked=looker.tracked,
        )
        # Findings of these rules are cached whatever the sources are, so a rule that asks for sources is deferred.
        self.sources = NoSources()
        self.facts_of_links = replace(
            self.facts,
            bibliography=cast("Bibliography", self.sources),
            own=cast("Mapping[str, Bibliography]", self.sources),
            cited=cast("Mapping[str, tuple[Cited, ...]]", self.sources),
            problems=cast("tuple[Problem, ...]", self.sources),
        )
        rules = load_rules()
        self.link_checks = checks_of(rules[each] for each in looker.link_rules)
        self.cite_checks = checks_of(rules[each] for each in looker.cite_rules)
        self.places_wanted = RULE in looker.link_rules

    def answer(self, item: Item) -> Answer:
        from wikitools.markdown.parse import read

        path = item.path
        head_wanted, links_wanted, cites_wanted = item.always
        try:
            data, stamp = self.reader.read(path, limit=self.settings.max_page_size)
        except files.FileError as error:
            page = loading.unreadable_page(path, error)
            return self._look(page, Answer(None, b"", fresh=True), (True, True, True))
        hash_ = page_hash(data, self.wiki.dialect)
        same = hash_ == item.hash
        if same and not (head_wanted or links_wanted or cites_wanted):
            return Answer(stamp, hash_)
        wanted = item.always if same else (True, True, True)
        if same and item.body is not None:
            page = read_body(path, data, item.body, self.wiki.dialect)
            return self._look(page, Answer(stamp, hash_), wanted)
        page = read(path, data, self.wiki.dialect)
        body = pack_body(page) if self.looker.keeps_bodies else None
        if self.looker.keeps_bodies and body is None:
            return self._look(page, Answer(stamp, b"", fresh=True), wanted)
        return self._look(page, Answer(stamp, hash_, body, fresh=True), wanted)

    def _look(self, page: Page, answer: Answer, wanted: tuple[bool, bool, bool]) -> Answer:
        head_wanted, links_wanted, cites_wanted = wanted
        body, packed_head, links, cites, places = answer.body, None, None, None, None
        self.wiki.turn_to(page)
        failures: list[Failure] = []
        waits = False
        if head_wanted:
            head = _head_of(page, with_notes=self.looker.cites)
            packed_head = pack_part(head)
            if head.notes and head.notes.sources and page.path not in self.known_places:
                self.sources_are_new = True
        if links_wanted and self.looker.links:
            self.sources.asked = False
            seen = look(page, self.facts_of_links, self.link_checks)
            failures += seen.failures
            targets, elsewhere, later, anchored = _leads(page, self.wiki)
            tally = tally_links(page, self.wiki)
            asked = asked_by(page, self.wiki, seen.waiting)
            waits = bool(later) or len(seen.waiting) > len(asked)
            links = pack_part(
                Links(
                    look=pack_found(seen),
                    targets=tuple(sorted(targets)),
                    elsewhere=tuple(sorted(elsewhere)),
                    later=tuple(later),
                    tally=tally,
                    anchored=tuple(sorted(anchored)),
                    asked=asked,
                    wants_sources=self.sources.asked,
                    words=words_on(page, self.wiki),
                )
            )
            if self.places_wanted:
                places = pack_places(page)
        # A page that is a new source: citations are matched again when all sources are known.
        postponed = cites_wanted and self.looker.cites and self.sources_are_new
        if cites_wanted and self.looker.cites and self.looker.with_notes and not postponed:
            seen, found = self._cite(page)
            failures += seen.failures
            waits = waits or bool(seen.waiting)
            cites = pack_part(found)
        if not self.looker.keeps_bodies and answer.hash:
            # Unpacking a page for a second look takes a third of the time of reading it. For an anchor on another
            # page, a second look is needed only if it does not exist.
            body = (body or pack_body(page)) if waits or postponed else None
        return replace(
            answer, body=body, head=packed_head, links=links, cites=cites, failures=tuple(failures), places=places
        )

    def _cite(self, page: Page) -> tuple[Look, Cites]:
        from wikitools.cite.citation_codec import StrangeSourceError, pack_cited

        self.own.clear()
        self.cited.known.clear()
        hashes = self._take_own(page)
        bibliography = self.facts.bibliography_of(page.path)
        packed = None
        asked: set[Question] = set()
        for layer in self.facts.bibliography.layers:
            layer.on_question = asked.add
        try:
            cited = cite(page, self.facts, runners_up=self.packs_cited)
        except UnknownError:
            pass
        else:
            self.cited.known[page.path] = cited
            if self.packs_cited:
                try:
                    packed = pack_cited(
                        cited,
                        self._places_in(page.path, bibliography) if cited else {},
                        # Commands that open a wiki show citations and what they may mean.
                        with_near=not self.looker.links,
                    )
                except StrangeSourceError:
                    packed = None
        seen = look(page, self.facts, self.cite_checks)
        asked.update(places_in(seen, page.path))
        return seen, Cites(tuple(hashes), pack_found(seen), packed, pack_questions(asked))

    def _take_own(self, page: Page) -> list[tuple[str, bytes]]:
        """Read the bibliographies that a page names, and return the hashes of their contents."""
        paths = [path for _name, path in named_bibliographies(page) if path]
        for path in paths:
            if path not in self.files:
                try:
                    _text, sources, _problems, hash_ = read_bibliography(
                        self.settings, path, None, self.looker.snapshot, own=True
                    )
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
        from wikitools.cite.citation_codec import places_of

        own = self.own.get(path)
        key = id(own)
        if key not in self.places:
            self.places[key] = bibliography, places_of(bibliography.sources)
        return self.places[key][1]


def places_in(found: Look, path: str) -> Iterator[Question]:
    """Yield the questions where those sources are that findings on a page point to."""
    for _rule, finding, _place in found.findings:
        for related in finding.related:
            if related.span.path != path:
                yield PLACES, (related.span.path, related.span.start)


class NoSources:
    """Replaces everything about sources while rules must not use it, and records if a rule asks for it."""

    asked = False

    def _ask(self, *_asked: object) -> NoReturn:
        self.asked = True
        raise UnknownError("sources")

    def __getattr__(self, name: str) -> NoReturn:
        self._ask(name)

    __getitem__ = __contains__ = __iter__ = __len__ = __bool__ = _ask


def _head_of(page: Page, *, with_notes: bool) -> Head:
    from wikitools.cite.citation_codec import pack_problems, pack_sources

    notes = None
    if with_notes:
        sources, problems = read_notes([page])
        notes = PackedNotes(pack_sources(sources), pack_problems(problems))
    named = named_bibliographies(page)
    return Head(page.title, page.aliases, may_silence(page), sends_on(page), named, notes, tell_all(page))


def _leads(page: Page, wiki: Wiki) -> tuple[set[str], set[str], list[int], set[str]]:
    """Return where the links of a page lead: paths in the wiki, paths elsewhere, and the numbers of undecided links.

    The last value are those paths in the wiki that are linked with an anchor.
    """
    anchored: set[str] = set()
    elsewhere: set[str] = set()
    later: list[int] = []
    plain, doubtful = wiki.plain_targets(page)
    targets = {target for target in plain if target is not None}
    for number in doubtful:
        link = page.links[number]
        try:
            target = wiki.target_of(link)
            if target is not None:
                targets.add(target)
                if may_name_place(link):
                    anchored.add(target)
            elif (path := loading.named_elsewhere(link, page.path, wiki)) is not None:
                elsewhere.add(path)
        except UnknownError:
            later.append(number)
    return targets, elsewhere, later, anchored
