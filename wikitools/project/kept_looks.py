"""Results of the second pass from earlier runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.project.kept_answers import Kept, KeptAnswers
from wikitools.project.second_pass_work import Finished, Settled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.lint.page_run import Waiting
    from wikitools.project.cache import Store
    from wikitools.project.kept_answers import Fingerprints

_Deferred = tuple["Waiting", ...]
_Targets = tuple[tuple[str, ...], tuple[str, ...]]
"""Paths of pages and attachments, and of files that may be outside of the wiki."""


class KeptLooks:
    """Results of the second pass from earlier runs."""

    def __init__(self, store: Store, links_key: bytes, fingerprints: Fingerprints, *, writes: bool) -> None:
        from wikitools.project.cache import digest

        self._around = b""
        self._looks: KeptAnswers[_Deferred, bytes] = KeptAnswers(
            store, digest(b"late", links_key), fingerprints, writes=writes
        )
        self._settled: KeptAnswers[tuple[()], _Targets] = KeptAnswers(
            store, digest(b"settled", links_key), fingerprints, writes=writes
        )

    def set_around(self, around: bytes) -> None:
        """Set the key of sources and of files outside of the wiki, now that these are known."""
        self._around = around

    def settled(self, path: str) -> Settled | None:
        """Return where those links of a page lead that depend on other pages; `None` if that is unknown."""
        kept = self._settled.holding(path, (), around=b"")
        return None if kept is None else Settled(kept.found[0], kept.found[1], kept.asked)

    def keep_settled(self, path: str, settled: Settled) -> None:
        """Store where the links of a page lead."""
        self._settled.keep(path, Kept((), b"", settled.asked, (), (settled.targets, settled.elsewhere)))

    def finished(self, path: str, waiting: Sequence[Waiting]) -> Finished | None:
        """Return what was found on a page with the same deferred elements; `None` if it may have changed."""
        kept = self._looks.holding(path, tuple(waiting), around=self._around)
        return None if kept is None else Finished(kept.found, asked=kept.asked)

    def keep_finished(self, path: str, waiting: Sequence[Waiting], finished: Finished) -> None:
        """Store what was found on a page."""
        if not finished.failures:
            self._looks.keep(path, Kept(tuple(waiting), self._around, finished.asked, (), finished.look))

    def remember(self) -> None:
        """Write new results to the cache."""
        self._looks.remember()
        self._settled.remember()
