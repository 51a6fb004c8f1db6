"""The findings on pages that are not open, for editors that want them: shown piece by piece when there is time."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from wikitools.lint.run import Diagnostic
    from wikitools.lsp.open_wiki import OpenWiki

    Found = tuple[Diagnostic, ...]


class ClosedPages:
    """What the editor shows of the closed pages of one wiki."""

    def __init__(self) -> None:
        self._shown: dict[str, Found] = {}
        self._seen: object = None
        """The result that `_waiting` was made from."""
        self._opened: frozenset[str] = frozenset()
        self._waiting: dict[str, Found] = {}

    def news(self, wiki: OpenWiki, opened: Collection[str], at_most: int) -> Iterator[tuple[str, Found]]:
        """Yield some pages whose findings are not shown as they are now, each with all of its findings.

        Those of `opened` pages, by their paths, are shown as they are checked.
        """
        outcome = wiki.checked.outcome
        if outcome is not self._seen or self._opened != frozenset(opened):
            self._seen, self._opened = outcome, frozenset(opened)
            for path in opened:
                self._shown.pop(path, None)
            now = {path: tuple(found) for path, found in groupby(outcome.diagnostics, lambda each: each.path)}
            self._waiting = {
                path: now.get(path, ())
                for path in sorted({*now, *self._shown}.difference(opened))
                if now.get(path, ()) != self._shown.get(path, ())
            }
        for path in [*self._waiting][:at_most]:
            # The editor may lack what it was shown before the page was opened.
            found = self._shown[path] = self._waiting.pop(path)
            yield path, wiki.without_known(path, found)

    @property
    def is_behind(self) -> bool:
        """Whether there is more to show."""
        return bool(self._waiting)
