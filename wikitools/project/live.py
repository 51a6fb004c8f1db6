"""A check that stays in memory: after a change only what changed is read again, and what depends on it looked at again.

The answer is always that of a new check. Which answers a change concerns is looked up in what each of them asked
(`memo.py`), of files that came or went, by the words of links (`wiki/file_words.py`), and of sources, by what each page
asked of them (`live_sources.py`).

An editor puts the texts that it has not saved into `Live.unsaved`: they count in place of what lies on the disk. A
check begins with what is on the disk, which the cache knows, and reads them as the first change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from wikitools import files
from wikitools.project import workers
from wikitools.project.first_look import EarlierRun, look_first
from wikitools.project.job import Checked, Job, read_again
from wikitools.project.live_check import LiveCheck
from wikitools.wiki.lazy_pages import GoneError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wikitools.config import Settings
    from wikitools.lint.policy import Policy
    from wikitools.lint.run import Diagnostic
    from wikitools.project.cache import Store
    from wikitools.project.job import Wanted


@dataclass(frozen=True, slots=True)
class Update:
    """What a check came to after a change."""

    checked: Checked
    pages: tuple[str, ...] = ()
    """The pages that changed, came or went, when only they were read again."""
    whole: bool = False
    """Whether the check began anew."""


class FirstLook(NamedTuple):
    """What is known of a page before the wiki was checked."""

    path: str
    diagnostics: tuple[Diagnostic, ...]
    is_all: bool = False
    """Whether there is nothing else to find."""


class Live:
    """The check of one wiki, kept up to date. Raises what `check.check` raises; then the next update begins anew.

    `alone` says that the process is there for nothing else: then the garbage collector skips what it holds.
    """

    def __init__(
        self,
        settings: Settings,
        policy: Policy,
        *,
        asked: Wanted,
        jobs: int | None = None,
        progress: workers.Progress | None = None,
        store: Store | None = None,
        alone: bool = False,
    ) -> None:
        # Of other programs' objects it is not ours to say that they need no collection, or to search them all now.
        self._building = workers.built_to_stay if alone else workers.no_collection
        self.job = Job(settings, policy, asked, jobs, progress or workers.silent, store, None)
        self.unsaved: dict[str, files.Unsaved] = {}
        """Texts of pages as they are in an editor, by path relative to the root. Call `update` after a change; what
        happens to the mapping meanwhile counts the next time."""
        self._check: LiveCheck | None = None

    def start(self) -> Checked:
        """Check the whole wiki."""
        if self._check is not None:
            self._check.close()
            self._check = None
        with self._building():
            check, checked = read_again(self._run)
        self._check = check
        return checked

    def _run(self) -> tuple[LiveCheck, Checked]:
        check = LiveCheck(self.job, {})
        checked = check.run()
        again = check.follow((), self.unsaved)
        if again is not None:
            return check, again.checked or checked
        check.close()
        check = LiveCheck(self.job, dict(self.unsaved))
        return check, check.run()

    def update(self, paths: Iterable[str] = ()) -> Update | None:
        """Check again after something happened to `unsaved`, or to the files at `paths` (absolute).

        `None` when it does not matter.
        """
        if self._check is not None:
            try:
                with workers.no_collection():
                    found = self._check.follow(paths, self.unsaved)
            except GoneError:
                # It changed once more while we looked.
                found = None
            if found is not None:
                return None if found.checked is None else Update(found.checked, found.pages)
        return Update(self.start(), whole=True)

    def look_first(self, texts: Mapping[str, files.Unsaved]) -> Iterator[FirstLook]:
        """Yield what is known of some pages in an editor before `start`.

        That is all, if the cache knows the wiki as it is, and nothing but what is certain by the page alone otherwise.
        """
        known = EarlierRun(self.job).known_of(texts) if self.job.store is not None else None
        for path, text in texts.items():
            if known is not None and self._is_saved(path, text):
                yield FirstLook(path, tuple(known[path]), is_all=True)
            else:
                yield FirstLook(path, look_first(self.job, path, text))

    def _is_saved(self, path: str, text: files.Unsaved) -> bool:
        settings = self.job.settings
        try:
            saved = files.read_bytes(
                settings.root, path, limit=settings.max_page_size, follow_links=settings.follow_links
            )
        except files.FileError:
            return False
        return saved == text.data

    def remember(self, *, whole: bool = False) -> None:
        """Keep in the cache what was found since the last time; with `whole`, also the result of the whole check."""
        if self._check is not None:
            self._check.remember(whole=whole)

    def overlooked(self) -> tuple[str, ...]:
        """Return the paths (absolute) of what is no longer as it was when it was looked at, though nobody said so."""
        return () if self._check is None else self._check.overlooked()
