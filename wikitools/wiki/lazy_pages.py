"""Pages that are read only when needed, and mappings that refuse to answer before all pages are known."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from wikitools.markdown.page import Page

Value = TypeVar("Value")
Told = tuple[str, ...]
Tell = Callable[["Page"], Told]
"""What an engine reads from a page, besides title and aliases, to find it by name."""


class UnknownError(Exception):
    """The answer depends on the content of other pages, which is not known yet."""


class GoneError(Exception):
    """A page has changed since it was read."""


class ByPath(Mapping[str, Value]):
    """Values by path: the paths are known, and a subclass says how it gets a value."""

    def __init__(self, paths: Mapping[str, object]) -> None:
        self._paths = paths

    def __contains__(self, path: object) -> bool:
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


class Closed(ByPath["Page"]):
    """Files of which only the paths are known; asking for one raises `UnknownError`."""

    def __init__(self, paths: Iterable[str]) -> None:
        super().__init__(dict.fromkeys(sorted(paths)))

    def __getitem__(self, path: str) -> Page:
        if path in self._paths:
            raise UnknownError(path)
        raise KeyError(path)


class Alone(Closed):
    """The pages of a wiki of which only one, `page`, is known."""

    def __init__(self, paths: Iterable[str]) -> None:
        super().__init__(paths)
        self.page: Page | None = None

    def __getitem__(self, path: str) -> Page:
        if self.page is not None and path == self.page.path:
            return self.page
        return super().__getitem__(path)


class Sealed(Mapping[str, Value]):
    """Mapping that raises `UnknownError` for every key that was not set."""

    def __init__(self) -> None:
        self.known: dict[str, Value] = {}

    def __getitem__(self, key: str) -> Value:
        try:
            return self.known[key]
        except KeyError:
            raise UnknownError(key) from None

    def __contains__(self, key: object) -> bool:
        return self[str(key)] is not None

    def __iter__(self) -> Iterator[str]:
        raise UnknownError("everything")

    def __len__(self) -> int:
        raise UnknownError("everything")


class PageNames:
    """The names of a page, which are known without reading it: path, title, aliases, and what an engine tells."""

    __slots__ = ("_told", "aliases", "path", "title")

    def __init__(self, path: str, title: str, aliases: tuple[str, ...], told: Callable[[Tell], Told]) -> None:
        self.path = path
        self.title = title
        self.aliases = aliases
        self._told = told

    def told(self, tell: Tell) -> Told:
        """Return what `tell` says about the page, as it was recorded."""
        return self._told(tell)


class Shelf(ByPath[Value]):
    """Values that are read when they are first needed; up to `kept` of them stay in memory."""

    def __init__(self, paths: Iterable[str], read: Callable[[str], Value], kept: int = 2000) -> None:
        super().__init__(dict.fromkeys(sorted(paths)))
        self._read = read
        self._kept = kept
        self._pages: dict[str, Value] = {}

    def __getitem__(self, path: str) -> Value:
        page = self._pages.get(path)
        if page is None:
            if path not in self._paths:
                raise KeyError(path)
            if len(self._pages) >= self._kept:
                # Drop the older half: cheaper than recording every use.
                for old in list(self._pages)[: self._kept // 2]:
                    del self._pages[old]
            page = self._pages[path] = self._read(path)
        return page

    def forget(self, path: str) -> None:
        """Read a page again when it is next needed."""
        self._pages.pop(path, None)

    def take_paths(self, paths: Iterable[str]) -> None:
        """Take over which pages there are."""
        self._paths = dict.fromkeys(sorted(paths))


class Overlay(Mapping[str, Value]):
    """Another mapping with some values replaced and some added; sorted by key, like the other one."""

    def __init__(self, below: Mapping[str, Value], above: Mapping[str, Value]) -> None:
        # Layers do not pile up: an overlay of an overlay is a single overlay.
        self._below: Mapping[str, Value] = below._below if isinstance(below, Overlay) else below
        self._above: dict[str, Value] = {**below._above, **above} if isinstance(below, Overlay) else dict(above)
        self._new = [key for key in self._above if key not in self._below]

    def __getitem__(self, key: str) -> Value:
        return self._above[key] if key in self._above else self._below[key]

    def __contains__(self, key: object) -> bool:
        return key in self._above or key in self._below

    def __iter__(self) -> Iterator[str]:
        return heapq.merge(self._below, sorted(self._new)) if self._new else iter(self._below)

    def __len__(self) -> int:
        return len(self._below) + len(self._new)
