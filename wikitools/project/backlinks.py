"""Where links come from: the pages with links that lead to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Backlinks:
    """Which pages have links that lead to a file, and which of these may name a place there."""

    def __init__(self) -> None:
        self._linkers: dict[str, list[str]] = {}
        self._anchorers: dict[str, list[str]] = {}

    def linkers_of(self, path: str) -> Iterable[str]:
        """Return the pages with links to a file."""
        return self._linkers.get(path, ())

    def anchorers_of(self, path: str) -> Iterable[str]:
        """Return the pages whose links may name a place on a page."""
        return self._anchorers.get(path, ())

    def add(self, path: str, targets: Iterable[str], anchored: Iterable[str]) -> None:
        """Take in where the links of a page lead."""
        for known, paths in ((self._linkers, targets), (self._anchorers, anchored)):
            for target in paths:
                known.setdefault(target, []).append(path)

    def remove(self, path: str, targets: Iterable[str], anchored: Iterable[str]) -> None:
        """Take out what was added."""
        for known, paths in ((self._linkers, targets), (self._anchorers, anchored)):
            for target in paths:
                known[target].remove(path)
                if not known[target]:
                    del known[target]
