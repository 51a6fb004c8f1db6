"""An index that notes which names and files are looked up in it, and tells which answers a change concerns."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from wikitools.project.memo import ALL, FILES, NAMES, NEAR, PAGE, Notes, Question
from wikitools.wiki.file_words import words_asked
from wikitools.wiki.lazy_pages import ByPath
from wikitools.wiki.names_index import FilesByName, FilesByPath, Index, Lookup, suffixed
from wikitools.wiki.paths import base_name, without_suffix

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from _typeshed import DataclassInstance

    from wikitools.markdown.page import Page
    from wikitools.wiki.lazy_pages import PageNames
    from wikitools.wiki.names_index import Key


Value = TypeVar("Value")


class NotedPages(ByPath[Value]):
    """Pages, or what is known of each: a look at one is noted as a question about that page."""

    def __init__(self, below: Mapping[str, Value], notes: Notes) -> None:
        super().__init__(below)
        self._below = below
        self._notes = notes

    def __getitem__(self, path: str) -> Value:
        self._notes.note(Question(PAGE, path))
        return self._below[path]

    def __iter__(self) -> Iterator[str]:
        self._notes.note(Question(FILES, ALL))
        return iter(self._paths)

    def __len__(self) -> int:
        self._notes.note(Question(FILES, ALL))
        return len(self._paths)


class _NotedTable(Mapping[str, Value]):
    """A table of names; each name that is looked up is noted."""

    def __init__(self, table: Mapping[str, Value], name: str, notes: Notes) -> None:
        self._table = table
        self._name = name
        self._notes = notes

    def __getitem__(self, key: str) -> Value:
        self._notes.note(Question(NAMES, key, self._name))
        return self._table[key]

    def __contains__(self, key: object) -> bool:
        self._notes.note(Question(NAMES, str(key), self._name))
        return key in self._table

    def __iter__(self) -> Iterator[str]:
        self._notes.note(Question(NAMES, ALL, self._name))
        return iter(self._table)

    def __len__(self) -> int:
        self._notes.note(Question(NAMES, ALL, self._name))
        return len(self._table)


class _NotedSet(AbstractSet[str]):
    """A set of names; each name that is looked up is noted."""

    def __init__(self, names: AbstractSet[str], name: str, notes: Notes) -> None:
        self._table = _NotedTable(dict.fromkeys(names), name, notes)

    def __contains__(self, key: object) -> bool:
        return key in self._table

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)


class _NotedLookup(Lookup):
    """Paths, of which the words of each that is looked up are noted."""

    def __init__(self, below: Lookup, notes: Notes) -> None:
        self._files = below
        self._notes = notes

    def _note(self, path: str) -> None:
        self._notes.note_all(_files_asked(path))

    def prepare(self) -> None:
        self._files.prepare()

    def exact(self, path: str) -> tuple[str, ...]:
        self._note(path)
        return self._files.exact(path)

    def ending(self, path: str) -> tuple[str, ...]:
        self._note(path)
        return self._files.ending(path)

    def ending_below(self, path: str, folder: str) -> tuple[str, ...]:
        self._note(path)
        return self._files.ending_below(path, folder)

    def folder(self, path: str) -> str | None:
        self._note(path)
        return self._files.folder(path)


@lru_cache(maxsize=1 << 12)
def _files_asked(path: str) -> tuple[Question, ...]:
    """Return the questions about files of who looks for a path, as one does several times for each link."""
    return tuple(Question(FILES, word) for word in words_asked(path))


Table = TypeVar("Table")
Asked = TypeVar("Asked", bound=Hashable)
Found = TypeVar("Found")


class _Made(NamedTuple):
    """A table, as it is and as it notes what is asked."""

    table: object
    noted: object
    of_pages: bool
    """Whether it takes what stands on pages, not only where they lie."""


class NotedIndex(Index):
    """An index whose tables note what is looked up, and can be made anew."""

    def __init__(
        self, pages: Mapping[str, Page | PageNames], attachments: Iterable[str], placeholders: tuple[str, ...]
    ) -> None:
        self.notes = Notes()
        super().__init__(NotedPages(pages, self.notes), attachments, placeholders)
        self._made: dict[Callable[[Index], object], _Made] = {}
        self._noted_lookups: dict[Key, _NotedLookup] = {}
        self._found: dict[tuple[object, Hashable], tuple[object, frozenset[Question]]] = {}

    def by(self, key: Key) -> Lookup:
        """Return all files, pages and attachments, as `key` compares their paths."""
        noted = self._noted_lookups.get(key)
        if noted is None:
            noted = self._noted_lookups[key] = _NotedLookup(super().by(key), self.notes)
        return noted

    def near_pages(self, target: str) -> tuple[str, ...]:
        """Return paths of pages whose names look like that of `target`, best first."""
        self.notes.note(Question(NEAR, base_name(without_suffix(target))))
        return super().near_pages(target)

    def near_attachments(self, target: str) -> tuple[str, ...]:
        """Return paths of attachments whose names look like that of `target`, best first."""
        name, suffix = suffixed(target)
        self.notes.note(Question(NEAR, name, f".{suffix}"))
        return super().near_attachments(target)

    def table(self, build: Callable[[Index], Table]) -> Table:
        """Return what `build` makes of this index."""
        known = self._made.get(build)
        if known is None:
            with self.notes.unheard(), self.notes.listening() as asked:
                made = build(self)
            of_pages = any(each.kind == PAGE or (each.kind == NAMES and self._takes_pages(each)) for each in asked)
            # What is empty may be a place to keep things in; what was asked for is noted as a whole then.
            is_empty = not (made or of_pages or isinstance(build, FilesByName))
            noted = made if is_empty else _noted(made, _name_of(build), self.notes)
            known = self._made[build] = _Made(made, noted, of_pages)
        if not isinstance(known.noted, _NotedTable | _NotedSet | _NotedLookup):
            # It has parts whose use nobody can note one by one.
            self.notes.note(Question(NAMES, ALL, _name_of(build)))
        return cast("Table", known.noted)

    def _takes_pages(self, question: Question) -> bool:
        return any(known.of_pages for build, known in self._made.items() if question.table.startswith(_name_of(build)))

    def remember(self, find: Callable[[Index, Asked], Found], asked: Asked) -> Found:
        """Return `find(self, asked)`, found once, and noted with what it asked for."""
        known = self._found.get((find, asked))
        if known is None:
            with self.notes.listening() as questions:
                answer = find(self, asked)
            known = self._found[find, asked] = answer, frozenset(questions)
        self.notes.note_all(known[1])
        return cast("Found", known[0])

    def forget_answers(self) -> None:
        """Forget what was found; it can be found again."""
        super().forget_answers()
        self._found.clear()
        for known in self._made.values():
            if isinstance(known.table, Lookup):
                known.table.forget_answers()

    def renew(self, pages: Collection[str]) -> set[Question]:
        """Take over what these pages say of themselves now, and return the questions that have another answer."""
        of_pages = [build for build, known in self._made.items() if known.of_pages or isinstance(build, FilesByName)]
        changed = self._renew(of_pages, pages)
        self._found = {asked: known for asked, known in self._found.items() if known[1].isdisjoint(changed)}
        return changed

    def take_files(
        self,
        came: Collection[str],
        went: Collection[str],
        *,
        pages: Collection[str],
        attachments: Iterable[str],
        words: Iterable[str],
        near: Iterable[Question],
    ) -> set[Question]:
        """Take over which files there are, and what these `pages` say of themselves; return what has another answer.

        `words` are those of the files, `near` the questions about near names that somebody asked.
        """
        changed = {Question(FILES, ALL), *(Question(FILES, word) for word in words)}
        changed |= set(self._near_changes(came, went, near))
        self.attachments = frozenset(attachments)
        self._found.clear()
        for build, known in self._made.items():
            if isinstance(build, FilesByPath) and isinstance(known.table, Lookup):
                known.table.update(came, went)
        return changed | self._renew(list(self._made), {*pages, *came, *went})

    def update_lookups(self, came: Collection[str], went: Collection[str]) -> dict[Key, Lookup]:
        """Take these files into the lookups that there are, or out of them, and return the lookups."""
        for lookup in self._lookups.values():
            lookup.update(came, went)
        return self._lookups

    def _near_changes(
        self, came: Collection[str], went: Collection[str], near: Iterable[Question]
    ) -> Iterator[Question]:
        """Yield the questions about near names that may have another answer, and take over the names."""
        suffixes = {suffixed(path)[1] for path in (*came, *went) if path not in self.pages}
        self.__dict__.pop("_attachments_by_nearness", None)
        new = [(base_name(without_suffix(path)), path) for path in came if path in self.pages]
        old = [(base_name(without_suffix(path)), path) for path in went if path not in self.attachments]
        changes = []
        if "_pages_by_nearness" not in self.__dict__:
            # Nobody asked yet, but somebody did in a run before: back to how it was then.
            changes.append(self._pages_by_nearness.change(old, new))
        changes.append(self._pages_by_nearness.change(new, old))
        for question in near:
            if question.table:
                if question.table[1:] in suffixes:
                    yield question
            elif any(change.concerns(question.about) for change in changes):
                yield question

    def _renew(self, builds: Iterable[Callable[[Index], object]], pages: Collection[str]) -> set[Question]:
        changed: set[Question] = set()
        anew = []
        for build in builds:
            if isinstance(build, FilesByName):
                changed |= self._rename(build, cast("dict[str, tuple[str, ...]]", self._made[build].table), pages)
            elif not isinstance(build, FilesByPath):
                anew.append(build)
        before = {build: self._made.pop(build) for build in anew}
        for build, old in before.items():
            self.table(build)
            changed |= _differences(old.table, self._made[build].table, _name_of(build))
        return changed

    def _rename(self, build: FilesByName, table: dict[str, tuple[str, ...]], files: Collection[str]) -> set[Question]:
        """Take over how some files are named now, and return the questions that have another answer."""
        files = frozenset(files)
        had = [(name, paths) for name, paths in table.items() if not files.isdisjoint(paths)]
        before = {(name, path) for name, paths in had for path in files.intersection(paths)}
        there = [path for path in files if path in self.pages or path in self.attachments]
        now = {(name, path) for path in there for name in build.names(self, path)}
        changed: set[Question] = set()
        for name, path in before ^ now:
            paths = tuple(sorted({*table.get(name, ())} ^ {path}))
            if paths:
                table[name] = paths
            else:
                del table[name]
            changed.add(Question(NAMES, name, _name_of(build)))
        return changed | ({Question(NAMES, ALL, _name_of(build))} if changed else set())


def _name_of(build: Callable[..., object]) -> str:
    return f"{build.__module__}.{build.__qualname__}"


def _noted(table: object, name: str, notes: Notes) -> object:
    """Return a table that notes what is looked up, as finely as its kind allows."""
    if isinstance(table, Lookup):
        return _NotedLookup(table, notes)
    if isinstance(table, Mapping):
        return _NotedTable(table, name, notes)
    if isinstance(table, frozenset):
        return _NotedSet(table, name, notes)
    if dataclasses.is_dataclass(table) and not isinstance(table, type):
        parts = {each: _noted(getattr(table, each), f"{name}.{each}", notes) for each in _tables_in(table)}
        return dataclasses.replace(table, **parts)
    return table


def _tables_in(table: DataclassInstance) -> list[str]:
    names = (each.name for each in dataclasses.fields(table))
    return [name for name in names if isinstance(getattr(table, name), Mapping | frozenset)]


def _differences(old: object, new: object, name: str) -> set[Question]:
    """Return the questions that two tables of one kind answer in different ways."""
    changed: set[Question] = set()
    if isinstance(old, Lookup):
        # The words of the paths are noted in place of these.
        return changed
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        before, after = dict(old), dict(new)
        keys = {key for key in before.keys() | after.keys() if before.get(key, _NONE) != after.get(key, _NONE)}
    elif isinstance(old, frozenset) and isinstance(new, frozenset):
        keys = set(old ^ new)
    elif dataclasses.is_dataclass(old) and not isinstance(old, type):
        noted = _tables_in(old)
        for field in dataclasses.fields(old):
            before, after = getattr(old, field.name), getattr(new, field.name)
            if field.name in noted:
                changed |= _differences(before, after, f"{name}.{field.name}")
            elif before != after:
                changed.add(Question(NAMES, ALL, name))
        return changed
    else:
        return {Question(NAMES, ALL, name)} if old != new else changed
    changed.update(Question(NAMES, key, name) for key in keys)
    return changed | ({Question(NAMES, ALL, name)} if keys else set())


_NONE = object()
