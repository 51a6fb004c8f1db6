"""The index of a wiki's files: by path, by the end of a path, by name, title and alias."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cached_property, update_wrapper
from typing import TYPE_CHECKING, TypeVar, cast

from wikitools.wiki.lazy_pages import PageNames, UnknownError
from wikitools.wiki.nearness import NameChange, Names
from wikitools.wiki.paths import base_name, without_suffix
from wikitools.wiki.placeholders import PLACEHOLDERS

if TYPE_CHECKING:
    from wikitools.markdown.page import Page
    from wikitools.wiki.lazy_pages import Tell, Told

Key = Callable[[str], str]
NamesOf = Callable[["Index", str], Iterable[str]]
"""Yields the names that the file at a path has by itself, whatever other files there are."""
Table = TypeVar("Table")
Asked = TypeVar("Asked", bound=Hashable)
Answer = TypeVar("Answer")

# Obsidian treats no-break spaces as spaces, in links and in paths.
_BLANKS = {0x00A0: " ", 0x202F: " "}


def fold(text: str) -> str:
    """Return `text` as a case-insensitive engine compares it: NFC, lower case, no-break spaces as spaces.

    Lower case rather than full case folding: engines compare with `toLowerCase`, for which "ß" is not "ss".

    >>> fold("E\u0301tude.MD")
    'étude.md'
    >>> fold("Salt\u00a0lake"), fold("Salt\u202flake")
    ('salt lake', 'salt lake')
    """
    if text.isascii():
        return text.lower()
    if "\u00a0" in text or "\u202f" in text:
        text = text.translate(_BLANKS)
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())


def compose(text: str) -> str:
    """Return `text` as a case-sensitive engine compares it: NFC."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def loosen(text: str) -> str:
    """Return `text` folded, with each run of blanks, dashes and underscores as one blank.

    >>> loosen("Goal-directedness  (AI)")
    'goal directedness (ai)'
    """
    return " ".join(fold(text).replace("-", " ").replace("_", " ").split())


class Lookup:
    """Paths, to be looked up by `key`, which maps a path to what is compared and keeps its slashes.

    `asked` is used instead of `key` for the paths that are looked up, if that differs. Answers are tuples of paths, the
    shortest path first, equally long ones in alphabetical order.
    """

    def __init__(self, paths: Iterable[str], key: Key, asked: Key | None = None) -> None:
        self._key = key
        self._asked = asked or key
        self._paths = sorted(paths, key=_length_first)
        self._ending: dict[str, tuple[str, ...]] = {}
        self._below: dict[str, list[str]] = {}

    @cached_property
    def _exact(self) -> dict[str, tuple[str, ...]]:
        return group((self._key(path), path) for path in self._paths)

    @cached_property
    def _reversed(self) -> tuple[list[str], list[str]]:
        # Sorted from the back, all paths with one ending are neighbours: two bisections find them, however deep they
        # lie, and the index stays linear in the length of all paths.
        pairs = sorted((("/" + self._key(path))[::-1], path) for path in self._paths)
        return [back for back, _path in pairs], [path for _back, path in pairs]

    @cached_property
    def _keys(self) -> list[str]:
        return sorted(self._exact)

    def prepare(self) -> None:
        """Build the tables now that are otherwise built when they are first needed."""
        _ = self._exact, self._reversed

    def update(self, came: Iterable[str], went: Iterable[str]) -> None:
        """Take in the paths that came, and out those that went."""
        self.prepare()
        _ = self._keys
        self.forget_answers()
        for path in went:
            self._paths.remove(path)
            self._regroup(path, without=True)
        for path in came:
            insort(self._paths, path, key=_length_first)
            self._regroup(path, without=False)

    def forget_answers(self) -> None:
        """Forget what was found; it can be found again."""
        self._ending.clear()
        self._below.clear()

    def _regroup(self, path: str, *, without: bool) -> None:
        key = self._key(path)
        known = set(self._exact.pop(key, ()))
        if known:
            del self._keys[bisect_left(self._keys, key)]
        paths = known - {path} if without else known | {path}
        if paths:
            self._exact[key] = tuple(sorted(paths, key=_length_first))
            insort(self._keys, key)
        backs, there = self._reversed
        pair = ("/" + key)[::-1], path
        place = bisect_left(backs, pair[0])
        while place < len(backs) and (backs[place], there[place]) < pair:
            place += 1
        if without:
            del backs[place], there[place]
        else:
            backs.insert(place, pair[0])
            there.insert(place, path)

    def exact(self, path: str) -> tuple[str, ...]:
        """Return the files at this path: several only if `key` maps them to the same key."""
        return self._exact.get(self._asked(path), ())

    def ending(self, path: str) -> tuple[str, ...]:
        """Return the files whose last path segments are those of `path`."""
        wanted = self._asked(path)
        found = self._ending.get(wanted)
        if found is None:
            backs, paths = self._reversed
            back = wanted[::-1] + "/"
            low = bisect_left(backs, back)
            # "0" follows "/" in Unicode: the first text that no longer starts with `back`.
            high = bisect_left(backs, back[:-1] + "0", low)
            found = tuple(sorted(paths[low:high], key=_length_first)) if low < high else ()
            self._ending[wanted] = found
        return found

    def ending_below(self, path: str, folder: str) -> tuple[str, ...]:
        """Return those of `ending(path)` that lie in `folder` or deeper."""
        found = self.ending(path)
        if not folder or not found:
            return found
        wanted = self._asked(path)
        ordered = self._below.get(wanted)
        if ordered is None:
            ordered = self._below[wanted] = sorted(found)
        low = bisect_left(ordered, folder + "/")
        high = bisect_left(ordered, folder + "0", low)
        return tuple(sorted(ordered[low:high], key=_length_first))

    def folder(self, path: str) -> str | None:
        """Return the folder at this path as it is spelled on disk, with a slash at its end, or `None`; "" is the root.

        A folder exists if any file is in it or below it.
        """
        if not path:
            return ""
        wanted = self._asked(path) + "/"
        place = bisect_left(self._keys, wanted)
        if place == len(self._keys) or not self._keys[place].startswith(wanted):
            return None
        example = self._exact[self._keys[place]][0]
        return "/".join(example.split("/")[: wanted.count("/")]) + "/"


def _length_first(path: str) -> tuple[int, str]:
    return len(path), path


def group(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return the second halves of the pairs by their first halves, in the order given, each once."""
    grouped: dict[str, dict[str, None]] = {}
    for key, value in pairs:
        grouped.setdefault(key, {})[value] = None
    return {key: tuple(values) for key, values in grouped.items()}


class FilesByName:
    """A table for `Index.table`: the paths of files by the names that each has, sorted.

    One file's names can be replaced without looking at the others, which `project/noted_index.py` does after a change.
    """

    def __init__(self, names: NamesOf) -> None:
        self.names = names
        update_wrapper(self, names)

    def __call__(self, index: Index) -> dict[str, tuple[str, ...]]:
        """Return the table."""
        names = self.names
        return group((name, path) for path in sorted((*index.pages, *index.attachments)) for name in names(index, path))


class FilesByPath:
    """A table for `Index.table`: all files, compared by `key`; what is looked up is compared by `asked`."""

    def __init__(self, key: Key, asked: Key) -> None:
        self.asked = asked
        update_wrapper(self, key)
        self.key = key

    def __call__(self, index: Index) -> Lookup:
        """Return the table."""
        return Lookup((*index.pages, *index.attachments), self.key, self.asked)


class Index:
    """What engines can ask about the files of a wiki. Each table is built when it is first needed, in linear time."""

    def __init__(
        self,
        pages: Mapping[str, Page | PageNames],
        attachments: Iterable[str] = (),
        placeholders: tuple[str, ...] = PLACEHOLDERS,
    ) -> None:
        self.pages = pages
        self.placeholders = placeholders
        self.attachments = frozenset(attachments)
        self._lookups: dict[Key, Lookup] = {}
        self._tables: dict[Callable[[Index], object], object] = {}
        self._answers: dict[tuple[object, Hashable], object] = {}
        self._unknown: set[Callable[[Index], object]] = set()
        """Tables that need the content of pages while that is not known yet; they are tried again each time."""

    def table(self, build: Callable[[Index], Table]) -> Table:
        """Return `build(self)`, which is called only once. Engines keep their own tables this way."""
        if build not in self._tables:
            if build in self._unknown:
                raise UnknownError(build.__name__)
            try:
                self._tables[build] = build(self)
            except UnknownError:
                self._unknown.add(build)
                raise
        return cast("Table", self._tables[build])

    def remember(self, find: Callable[[Index, Asked], Answer], asked: Asked) -> Answer:
        """Return `find(self, asked)`, computed once: many pages ask the same."""
        key = find, asked
        if key not in self._answers:
            self._answers[key] = find(self, asked)
        return cast("Answer", self._answers[key])

    def told(self, tell: Tell) -> Mapping[str, Told]:
        """Return what `tell` says about each page, by path, sorted: as recorded with the page, else computed now."""
        return {path: self.told_of(path, tell) for path in sorted(self.pages)}

    def told_of(self, path: str, tell: Tell) -> Told:
        """Return what `tell` says about one page."""
        page = self.pages[path]
        return page.told(tell) if isinstance(page, PageNames) else tell(page)

    def share(self, lookups: dict[Key, Lookup]) -> None:
        """Take the files as they were compared for another index of the same ones, and keep in there what is new."""
        self._lookups = lookups

    def by(self, key: Key) -> Lookup:
        """Return all files, pages and attachments, as `key` compares their paths."""
        lookup = self._lookups.get(key)
        if lookup is None:
            lookup = self._lookups[key] = Lookup((*self.pages, *self.attachments), key)
        return lookup

    @property
    def aliases(self) -> Mapping[str, tuple[str, ...]]:
        """Paths of pages by folded alias."""
        return self.table(_aliases)

    @property
    def titles(self) -> Mapping[str, tuple[str, ...]]:
        """Paths of pages by folded title."""
        return self.table(_titles)

    @property
    def loose_names(self) -> Mapping[str, tuple[str, ...]]:
        """Paths of all files by their name (a page's without `.md`) as `loosen` compares it."""
        return self.table(_loose_names)

    @property
    def ids(self) -> Mapping[str, tuple[str, ...]]:
        """Paths of all files whose names begin with an id (`id_of`), by that id."""
        return self.table(_ids)

    def near_pages(self, target: str) -> tuple[str, ...]:
        """Return paths of pages whose names look like that of `target`, best first; computed once for each name."""
        return self._pages_by_nearness.near(base_name(without_suffix(target)))

    def near_attachments(self, target: str) -> tuple[str, ...]:
        """Return paths of attachments whose names look like that of `target`, best first.

        Computed once for each name.
        """
        name, suffix = suffixed(target)
        alike = self._attachments_by_nearness.get(suffix)
        return alike.near(name) if alike is not None else ()

    def forget_answers(self) -> None:
        """Forget what was found; it can be found again."""
        self._answers.clear()
        for lookup in self._lookups.values():
            lookup.forget_answers()
        if "_pages_by_nearness" in self.__dict__:
            self._pages_by_nearness.forget_answers()
        self.__dict__.pop("_attachments_by_nearness", None)

    def expect_dead_links(self) -> None:
        """Build the tables of paths that explain what dead links were meant to lead to."""
        self.by(fold).prepare()
        self._pages_by_nearness.prepare()
        _ = self.loose_names, self.ids

    @cached_property
    def _pages_by_nearness(self) -> _Nearness:
        return _Nearness((base_name(without_suffix(path)), path) for path in self.pages)

    @cached_property
    def _attachments_by_nearness(self) -> Mapping[str, _Nearness]:
        """Attachments by their suffix: a file of another kind is never what a link meant."""
        named: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for path in self.attachments:
            name, suffix = suffixed(path)
            named[suffix].append((name, path))
        return {suffix: _Nearness(pairs) for suffix, pairs in named.items()}


@FilesByName
def _aliases(index: Index, path: str) -> Iterable[str]:
    return map(fold, index.pages[path].aliases) if path in index.pages else ()


@FilesByName
def _titles(index: Index, path: str) -> Iterable[str]:
    return (fold(index.pages[path].title),) if path in index.pages else ()


@FilesByName
def _ids(_index: Index, path: str) -> Iterable[str]:
    return (found,) if (found := id_of(path)) else ()


_ID = re.compile(r"\d{10,17}(?![^\W_])")


def id_of(path: str) -> str:
    """Return the id with which a name begins, the time at which a note was made; "" without one.

    >>> id_of("notes/202403051230 Kelp.md"), id_of("202403051230"), id_of("20240305 Meeting")
    ('202403051230', '202403051230', '')
    """
    found = _ID.match(base_name(path))
    return found[0] if found is not None else ""


@FilesByName
def _loose_names(_index: Index, path: str) -> Iterable[str]:
    return (loosen(base_name(without_suffix(path))),)


class _Nearness:
    """Paths that can be looked up by a similar name."""

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        self._paths = group(sorted(named, key=_by_length))
        self._names = Names(self._paths)
        self._known: dict[str, tuple[str, ...]] = {}

    def prepare(self) -> None:
        self._names.prepare()

    def near(self, name: str) -> tuple[str, ...]:
        found = self._known.get(name)
        if found is None:
            found = tuple(path for near in self._names.near(name) for path in self._paths[near])[:3]
            self._known[name] = found
        return found

    def forget_answers(self) -> None:
        self._known.clear()

    def change(self, came: Iterable[tuple[str, str]], went: Iterable[tuple[str, str]]) -> NameChange:
        """Take in names with their paths, and out others; return which answers that concerns."""
        names = [name for name, _path in (*came, *went)]
        gone = frozenset(went)
        for name in names:
            pairs = [(name, path) for path in self._paths.pop(name, ()) if (name, path) not in gone]
            self._paths.update(group(sorted((*pairs, *(pair for pair in came if pair[0] == name)), key=_by_length)))
        new, old = [name for name in names if name in self._paths], [name for name in names if name not in self._paths]
        change = self._names.change(new, old)
        # A name that stays may stand for other paths.
        change = change.with_names(names)
        self._known = {name: paths for name, paths in self._known.items() if not change.concerns(name)}
        return change


def _by_length(pair: tuple[str, str]) -> tuple[str, int, str]:
    return pair[0], len(pair[1]), pair[1]


def suffixed(path: str) -> tuple[str, str]:
    """Return the name of a file without its suffix, and the suffix in lower case."""
    name, dot, suffix = base_name(path).rpartition(".")
    return (name, suffix.lower()) if dot else (suffix, "")
