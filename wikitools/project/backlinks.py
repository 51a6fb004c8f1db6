"""Backlinks: the pages with links to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Backlinks:
    """The pages with links to each file, and those whose links may have an anchor."""

    def __init__(self) -> None:
        self._linkers: dict[str, list[str]] = {}
        self._anchorers: dict[str, list[str]] = {}
        self._add_all: Callable[[], None] | None = None

    def add_when_asked(self, add_all: Callable[[], None]) -> None:
        """Have `add_all` called before the first answer: after a small change hardly anybody asks."""
        self._add_all = add_all

    def _complete(self) -> None:
        add_all, self._add_all = self._add_all, None
        if add_all is not None:
            add_all()

    def linkers_of(self, path: str) -> Iterable[str]:
        """Return the pages with links to a file."""
        self._complete()
        return self._linkers.get(path, ())

    def anchorers_of(self, path: str) -> Iterable[str]:
        """Return the pages whose links to a page may have an anchor."""
        self._complete()
        return self._anchorers.get(path, ())

    def add(self, path: str, targets: Iterable[str], anchored: Iterable[str]) -> None:
        """Add the targets of the links of a page."""
        for known, paths in ((self._linkers, targets), (self._anchorers, anchored)):
            for target in paths:
                known.setdefault(target, []).append(path)

    def remove(self, path: str, targets: Iterable[str], anchored: Iterable[str]) -> None:
        """Remove the targets of the links of a page."""
        for known, paths in ((self._linkers, targets), (self._anchorers, anchored)):
            for target in paths:
                known[target].remove(path)
                if not known[target]:
                    del known[target]
