"""Records which questions an answer asked while it was computed, so that nobody has to list its dependencies."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from wikitools.lint.run import Asked
from wikitools.wiki.lazy_pages import Shelf
from wikitools.wiki.names_index import Index
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wikitools.markdown.page import Page, PageLink
    from wikitools.wiki.anchors import Anchors

PAGE = "page"
"""The content of a page."""
ANCHORS = "anchors"
"""What links can name on a page."""
LINKS_TO = "links to"
"""Which links lead to a file."""
REDIRECTS = "redirects"
"""Which pages are redirects."""
NAMES = "names"
"""What a name means, or all names, in a table made from the names that pages give themselves."""
_ALL = ""
"""Means all names of a table; no page has this name."""


class Question(NamedTuple):
    """Something that an answer depends on: its kind, and the path or name that it is about."""

    kind: str
    about: str
    table: str = ""
    """For names: the table that was asked."""


class Notes:
    """Records the questions that are asked while somebody listens."""

    def __init__(self) -> None:
        self._asked: set[Question] | None = None

    def note(self, question: Question) -> None:
        """Record a question."""
        if self._asked is not None:
            self._asked.add(question)

    def note_all(self, questions: Iterable[Question]) -> None:
        """Record the questions of an answer that is given again."""
        if self._asked is not None:
            self._asked.update(questions)

    @contextmanager
    def listening(self) -> Iterator[set[Question]]:
        """Yield the set of questions that are asked meanwhile; outer listeners get them too."""
        outside, own = self._asked, set[Question]()
        self._asked = own
        try:
            yield own
        finally:
            self._asked = outside
            self.note_all(own)

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Record nothing meanwhile, because one question that covers everything was recorded."""
        outside, self._asked = self._asked, None
        try:
            yield
        finally:
            self._asked = outside


class NotedPages(Mapping[str, Any]):
    """Pages, or what is known about each; access to one is recorded as a question about that page."""

    def __init__(self, below: Mapping[str, Any], notes: Notes) -> None:
        self._below = below
        self._notes = notes

    def __getitem__(self, path: str) -> Any:
        self._notes.note(Question(PAGE, path))
        return self._below[path]

    def __contains__(self, path: object) -> bool:
        return path in self._below

    def __iter__(self) -> Iterator[str]:
        return iter(self._below)

    def __len__(self) -> int:
        return len(self._below)


class NotedCitations(Mapping[str, Any]):
    """The citations of each page; the last ones used are kept with their dependencies."""

    def __init__(self, paths: Mapping[str, Any], find: Callable[[str], Any], notes: Notes, kept: int) -> None:
        self._paths = paths
        self._find = find
        self._notes = notes
        self._kept = kept
        self._known: dict[str, tuple[Any, frozenset[Question]]] = {}

    def __getitem__(self, path: str) -> Any:
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

    def forget(self, changed: AbstractSet[Question]) -> None:
        """Forget the citations that depend on what changed."""
        for path in [path for path, (_found, asked) in self._known.items() if not asked.isdisjoint(changed)]:
            del self._known[path]

    def __contains__(self, path: object) -> bool:
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


class _NotedTable(Mapping[str, Any]):
    """A table of names that records each name that is looked up."""

    def __init__(self, table: Mapping[str, Any], name: str, notes: Notes) -> None:
        self._table = table
        self._name = name
        self._notes = notes

    def __getitem__(self, key: str) -> Any:
        self._notes.note(Question(NAMES, key, self._name))
        return self._table[key]

    def __contains__(self, key: object) -> bool:
        self._notes.note(Question(NAMES, str(key), self._name))
        return key in self._table

    def __iter__(self) -> Iterator[str]:
        self._notes.note(Question(NAMES, _ALL, self._name))
        return iter(self._table)

    def __len__(self) -> int:
        self._notes.note(Question(NAMES, _ALL, self._name))
        return len(self._table)


class _NotedSet(AbstractSet[str]):
    """A set of names that records each name that is looked up."""

    def __init__(self, names: AbstractSet[str], name: str, notes: Notes) -> None:
        self._table = _NotedTable(dict.fromkeys(names), name, notes)

    def __contains__(self, key: object) -> bool:
        return key in self._table

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)


Table = TypeVar("Table")
Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")


class NotedIndex(Index):
    """An index whose tables of page names record what is looked up, and can be built again."""

    def __init__(self, pages: Mapping[str, Any], attachments: Iterable[str], placeholders: tuple[str, ...]) -> None:
        self.notes = Notes()
        super().__init__(NotedPages(pages, self.notes), attachments, placeholders)
        self._of_pages: dict[Callable[[Index], Any], tuple[Any, Any]] = {}
        """Tables that are built from the content of pages: plain, and recording."""
        self._found: dict[tuple[Any, Hashable], tuple[Any, frozenset[Question]]] = {}

    @property
    def titles(self) -> Mapping[str, tuple[str, ...]]:
        """Paths of pages by folded title."""
        return self.table(_titles)

    @property
    def aliases(self) -> Mapping[str, tuple[str, ...]]:
        """Paths of pages by folded alias."""
        return self.table(_aliases)

    def table(self, build: Callable[[Index], Table]) -> Table:
        """Return `build(self)`, which is called only once."""
        if build in self._of_pages:
            noted: Table = self._of_pages[build][1]
            self._note_whole(build, noted)
            return noted
        if build not in self._tables:
            with self.notes.unheard(), self.notes.listening() as asked:
                made = build(self)
            if asked:
                self._of_pages[build] = made, _noted(made, _name_of(build), self.notes)
                return self.table(build)
            self._tables[build] = made
        table: Table = self._tables[build]
        return table

    def _note_whole(self, build: Callable[[Index], Any], noted: object) -> None:
        if not isinstance(noted, _NotedTable | _NotedSet):
            # The use of its parts cannot be recorded one by one.
            self.notes.note(Question(NAMES, _ALL, _name_of(build)))

    def remember(self, find: Callable[[Index, Key], Found], asked: Key) -> Found:
        """Return `find(self, asked)`, computed once, and record its questions."""
        known = self._found.get((find, asked))
        if known is None:
            with self.notes.listening() as questions:
                answer = find(self, asked)
            known = self._found[find, asked] = answer, frozenset(questions)
        self.notes.note_all(known[1])
        found: Found = known[0]
        return found

    def renew(self) -> set[Question]:
        """Build the tables of page names again, and return the questions whose answers changed."""
        changed: set[Question] = set()
        before, self._of_pages = self._of_pages, {}
        for build, (old, _noted_table) in before.items():
            self.table(build)
            changed |= _differences(old, self._of_pages[build][0], _name_of(build))
        self._found = {asked: known for asked, known in self._found.items() if known[1].isdisjoint(changed)}
        return changed


def _titles(index: Index) -> Mapping[str, tuple[str, ...]]:
    return Index(index.pages).titles


def _aliases(index: Index) -> Mapping[str, tuple[str, ...]]:
    return Index(index.pages).aliases


def _name_of(build: Callable[..., Any]) -> str:
    return f"{build.__module__}.{build.__qualname__}"


def _noted(table: Any, name: str, notes: Notes) -> Any:
    """Return a table that records what is looked up, in as much detail as its type allows."""
    if isinstance(table, Mapping):
        return _NotedTable(table, name, notes)
    if isinstance(table, frozenset):
        return _NotedSet(table, name, notes)
    if dataclasses.is_dataclass(table) and not isinstance(table, type):
        parts = {each.name: _noted(getattr(table, each.name), f"{name}.{each.name}", notes) for each in _fields(table)}
        return dataclasses.replace(table, **parts)
    return table


def _fields(table: Any) -> list[dataclasses.Field[Any]]:
    return [each for each in dataclasses.fields(table) if isinstance(getattr(table, each.name), Mapping | frozenset)]


def _differences(old: Any, new: Any, name: str) -> set[Question]:
    """Return the questions that two tables of one kind answer differently."""
    changed: set[Question] = set()
    if isinstance(old, Mapping):
        keys = {key for key, _value in dict(old).items() ^ dict(new).items()}
    elif isinstance(old, frozenset):
        keys = set(old ^ new)
    elif dataclasses.is_dataclass(old) and not isinstance(old, type):
        noted = {each.name for each in _fields(old)}
        for field in dataclasses.fields(old):
            before, after = getattr(old, field.name), getattr(new, field.name)
            if field.name in noted:
                changed |= _differences(before, after, f"{name}.{field.name}")
            elif before != after:
                changed.add(Question(NAMES, _ALL, name))
        return changed
    else:
        return {Question(NAMES, _ALL, name)} if old != new else changed
    changed.update(Question(NAMES, key, name) for key in keys)
    return changed | ({Question(NAMES, _ALL, name)} if keys else set())


class NotedWiki(Wiki):
    """A wiki that records all questions beyond the list of its files."""

    def __init__(self, pages: Mapping[str, Page], *, heads: Mapping[str, Any], **rest: Any) -> None:
        super().__init__(pages, heads=heads, **rest)
        index = self.index
        self.index = noted = NotedIndex(heads, index.attachments, index.placeholders)
        self.notes = noted.notes
        self._shelf = pages
        self.pages = NotedPages(pages, self.notes)

    @contextmanager
    def listening(self) -> Iterator[set[Question]]:
        """Yield the set of questions that are asked meanwhile."""
        self._forget_answers()
        with self.notes.listening() as asked:
            yield asked

    def forget(self, path: str) -> None:
        """Forget a page."""
        super().forget(path)
        for shelf in (self._shelf, self.heads):
            if isinstance(shelf, Shelf):
                shelf.forget(path)

    def renew_names(self) -> set[Question]:
        """Read the names of pages again, and return the questions whose answers changed."""
        if not isinstance(self.index, NotedIndex):
            raise TypeError("the names of this wiki are not recorded")
        self._forget_answers()
        self._outgoing.clear()
        self._links_to.clear()
        return self.index.renew()

    def anchors_of(self, path: str) -> Anchors | None:
        """Return what links can name on a page; `None` for a file that is not a page."""
        self.notes.note(Question(ANCHORS, path))
        with self.notes.unheard():
            return super().anchors_of(path)

    def links_to(self, path: str) -> tuple[PageLink, ...]:
        """Return all links that lead to `path`, its own included, sorted by page and offset."""
        self.notes.note(Question(LINKS_TO, path))
        if path in self._links_to:
            return self._links_to[path]
        with self._aside():
            return super().links_to(path)

    def anchored_links_to(self, path: str) -> Iterable[PageLink]:
        """Return those of `links_to(path)` that may have an anchor."""
        self.notes.note(Question(LINKS_TO, path))
        with self._aside():
            return tuple(super().anchored_links_to(path))

    @contextmanager
    def _aside(self) -> Iterator[None]:
        """Record nothing meanwhile, and keep none of the answers, so that the same question is recorded next time."""
        with self.notes.unheard():
            yield
        self._forget_answers()

    def senders(self, test: Callable[[Page], bool]) -> Iterable[str]:
        """Return the paths of the redirects, in order."""
        self.notes.note(Question(REDIRECTS, _ALL))
        return super().senders(test)


WHERE_LINKS_LEAD = "where links lead"
"""The answer for a page about its links that depend on other pages."""
WHAT_WAITED = "what waited"
"""The answer for a page about what rules could not decide from the page alone."""
RULE = "rule"
"""The answer about something that is not on a page."""


class Answer(NamedTuple):
    """Something that was computed and asked questions: its kind, and what it is about."""

    kind: str
    about: str | Asked


class Memo:
    """Which answers asked which questions: if the answer to a question changes, so may they."""

    def __init__(self) -> None:
        self._asked: dict[Answer, tuple[Question, ...]] = {}
        self._askers: dict[Question, tuple[Question, set[Answer]]] = {}

    def keep(self, answer: Answer, asked: Iterable[Question]) -> None:
        """Store the questions of an answer, replacing those it asked before."""
        self.drop(answer)
        own = []
        for question in asked:
            # Share one object among equal questions.
            known, askers = self._askers.setdefault(question, (question, set()))
            askers.add(answer)
            own.append(known)
        if own:
            self._asked[answer] = tuple(own)

    def drop(self, answer: Answer) -> None:
        """Forget an answer."""
        for question in self._asked.pop(answer, ()):
            askers = self._askers[question][1]
            askers.discard(answer)
            if not askers:
                del self._askers[question]

    def pages(self, kind: str, changed: Iterable[Question]) -> set[str]:
        """Return the pages whose answers of one kind asked any of these questions."""
        return {each.about for each in self._depending(changed) if each.kind == kind and isinstance(each.about, str)}

    def looks(self, changed: Iterable[Question]) -> list[Asked]:
        """Return the answers about things that are not on a page and asked any of these questions, in order."""
        return sorted(each.about for each in self._depending(changed) if isinstance(each.about, Asked))

    def _depending(self, changed: Iterable[Question]) -> Iterator[Answer]:
        for question in changed:
            if question in self._askers:
                yield from self._askers[question][1]
