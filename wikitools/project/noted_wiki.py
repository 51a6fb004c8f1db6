"""A wiki that notes what is asked of it: its pages, their citations, its names and its files."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from wikitools.project.memo import ALL, ANCHORS, LINKS_TO, PAGE, REDIRECTS, SOURCES, Notes, Question
from wikitools.project.noted_index import NotedIndex, NotedPages
from wikitools.sources import questions
from wikitools.sources.questions import fold
from wikitools.wiki.lazy_pages import ByPath, Shelf
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from wikitools import files
    from wikitools.cite.citation import Cited
    from wikitools.markdown.page import Page, PageLink
    from wikitools.sources.questions import Question as AskedOfSources
    from wikitools.wiki.anchors import Anchors
    from wikitools.wiki.lazy_pages import PageNames
    from wikitools.wiki.names_index import Key, Lookup


class NotedCitations(ByPath["tuple[Cited, ...]"]):
    """The citations of each page, of which the last ones asked for are kept with what they depend on."""

    def __init__(
        self, paths: Mapping[str, object], find: Callable[[str], tuple[Cited, ...]], notes: Notes, kept: int
    ) -> None:
        super().__init__(paths)
        self._find = find
        self._notes = notes
        self._kept = kept
        self._known: dict[str, tuple[tuple[Cited, ...], frozenset[Question]]] = {}

    def __getitem__(self, path: str) -> tuple[Cited, ...]:
        if path not in self._paths:
            raise KeyError(path)
        known = self._known.get(path)
        if known is None:
            if len(self._known) >= self._kept:
                for old in list(self._known)[: self._kept // 2]:
                    del self._known[old]
            with self._notes.listening() as asked:
                found = self._find(path)
            known = self._known[path] = found, frozenset((*asked, Question(PAGE, path)))
        self._notes.note_all(known[1])
        return known[0]

    def take_paths(self, paths: Iterable[str]) -> None:
        """Take over which pages there are."""
        self._paths = dict.fromkeys(paths)

    def forget(self, changed: AbstractSet[Question], pages: Collection[str]) -> None:
        """Find anew, when they are asked for, the citations of these pages, and those that depend on what changed."""
        known = self._known.items()
        for path in [path for path, (_found, asked) in known if path in pages or not asked.isdisjoint(changed)]:
            del self._known[path]


class NotedTexts(ByPath[str]):
    """The texts of bibliography files: a look at one is noted as a question about all sources."""

    def __init__(self, texts: Mapping[str, str], wiki: NotedWiki) -> None:
        super().__init__(texts)
        self._texts = texts
        self._wiki = wiki

    def __getitem__(self, path: str) -> str:
        self._wiki.note_source((questions.SOURCES, questions.ALL))
        return self._texts[path]

    def __iter__(self) -> Iterator[str]:
        self._wiki.note_source((questions.SOURCES, questions.ALL))
        return iter(self._paths)


class NotedWiki(Wiki):
    """A wiki that notes what is asked of it beyond the list of its files."""

    def __init__(
        self,
        pages: Mapping[str, Page],
        *,
        heads: Mapping[str, PageNames],
        attachments: Iterable[str],
        engine: str,
        anchors: str | None,
        linkers: Callable[[str], Iterable[str]] | None,
        senders: Iterable[str],
        anchorers: Callable[[str], Iterable[str]] | None,
        placeholders: tuple[str, ...],
        absent: Iterable[str],
    ) -> None:
        super().__init__(
            pages,
            heads=heads,
            attachments=attachments,
            engine=engine,
            anchors=anchors,
            linkers=linkers,
            senders=senders,
            anchorers=anchorers,
            placeholders=placeholders,
            absent=absent,
        )
        self.index = noted = NotedIndex(heads, self.attachments, placeholders)
        self.notes = noted.notes
        self._shelf = pages
        self.pages = NotedPages(pages, self.notes)

    @contextmanager
    def listening(self) -> Iterator[set[Question]]:
        """Give the set of what is asked meanwhile."""
        self._forget_answers()
        with self.notes.listening() as asked:
            yield asked

    def note_source(self, question: AskedOfSources) -> None:
        """Note a question about sources."""
        if self.notes.is_heard:
            self.notes.note(Question(SOURCES, str(fold(question))))

    def forget(self, path: str) -> None:
        """Know nothing any more of a page."""
        super().forget(path)
        for shelf in (self._shelf, self.heads):
            if isinstance(shelf, Shelf):
                shelf.forget(path)

    def update_lookups(self, came: Collection[str], went: Collection[str]) -> dict[Key, Lookup]:
        """Take these files into the lookups that there are, or out of them, and return the lookups."""
        return self._noted_index().update_lookups(came, went)

    def renew_names(self, pages: Collection[str]) -> set[Question]:
        """Take over what these pages say of themselves, and return the questions that have another answer now."""
        return self._noted_index().renew(pages)

    def take_files(
        self,
        came: Collection[str],
        went: Collection[str],
        *,
        inventory: files.Inventory,
        pages: Collection[str],
        words: Iterable[str],
        near: Iterable[Question],
    ) -> set[Question]:
        """Take over which files there are; see `NotedIndex.take_files`."""
        for path in went:
            self.forget(path)
        for shelf in (self._shelf, self.heads):
            if isinstance(shelf, Shelf):
                shelf.take_paths(inventory.pages)
        self.attachments = frozenset(inventory.attachments)
        self.__dict__.pop("_plain_links", None)
        return self._noted_index().take_files(
            came, went, pages=pages, attachments=self.attachments, words=words, near=near
        )

    def _noted_index(self) -> NotedIndex:
        """Return the index, whose names are about to change."""
        if not isinstance(self.index, NotedIndex):
            raise TypeError("the names of this wiki are not noted")
        self._forget_answers()
        self.incoming.clear()
        return self.index

    def anchors_of(self, path: str) -> Anchors | None:
        """Return the places on a page that links may name; `None` for a file that is no page."""
        self.notes.note(Question(ANCHORS, path))
        with self.notes.unheard():
            return super().anchors_of(path)

    def links_to(self, path: str) -> tuple[PageLink, ...]:
        """Return all links that lead to `path`, its own included, by page and place."""
        self.notes.note(Question(LINKS_TO, path))
        if self.incoming.has(path):
            return super().links_to(path)
        with self._aside():
            return super().links_to(path)

    def anchored_links_to(self, path: str) -> Iterable[PageLink]:
        """Return those of `links_to(path)` that may name a place on the page."""
        self.notes.note(Question(LINKS_TO, path))
        with self._aside():
            return tuple(super().anchored_links_to(path))

    @contextmanager
    def _aside(self) -> Iterator[None]:
        """Note nothing meanwhile, and keep no answer that was given then: whoever asks the same again is noted."""
        with self.notes.unheard():
            yield
        self._forget_answers()

    def senders(self, test: Callable[[Page], bool]) -> Iterable[str]:
        """Return the paths of the pages that fit `test`, in order."""
        self.notes.note(Question(REDIRECTS, ALL))
        return super().senders(test)
