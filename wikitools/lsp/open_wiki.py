"""A wiki that is open in the editor: its check, kept up to date with unsaved texts."""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from wikitools import files
from wikitools.config import BASELINE
from wikitools.lint.baseline import BaselineError, compare, read_baseline
from wikitools.lint.facts import facts_of
from wikitools.lint.policy import Policy
from wikitools.lint.run import Outcome, lint
from wikitools.lsp.page_names import NameRow, names_of
from wikitools.lsp.works import Works
from wikitools.project import prepare
from wikitools.project.checking import is_able
from wikitools.project.live import Live

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wikitools.config import Settings
    from wikitools.lint.facts import Facts
    from wikitools.lint.fix.proof import Key
    from wikitools.lint.run import Diagnostic
    from wikitools.project.cache import Store
    from wikitools.project.job import Checked
    from wikitools.project.live import FirstLook
    from wikitools.project.workers import Progress

_LARGEST_BASELINE = 100_000_000


class OpenWiki:
    """One wiki. Only the checking thread calls its methods; `say` shows the user a message once."""

    def __init__(
        self,
        settings: Settings,
        store: Store | None,
        *,
        say: Callable[[str], None],
        progress: Progress,
        jobs: int | None = None,
    ) -> None:
        self.policy = prepare.policy_of(settings)
        if not is_able(settings):
            say('"block.style" is set: blocks of sources are not checked here, for pandoc writes them all at once')
            style = replace(settings.block, style="", template=type(settings.block)().template)
            settings = replace(settings, block=style)
            self.policy = replace(self.policy, ignore=(*self.policy.ignore, "sources"))
        self.settings = settings
        self.root = os.fspath(settings.root)
        self.store = store
        self.works = Works()
        self._known = _read_known(settings, say)
        self._live = Live(
            settings,
            self.policy,
            asked=lambda _inventory, _others: None,
            jobs=jobs,
            progress=progress,
            store=store,
            alone=True,
        )
        self._checked: Checked | None = None
        self._names: tuple[NameRow, ...] | None = None

    @property
    def is_ready(self) -> bool:
        """Whether the whole wiki has been checked."""
        return self._checked is not None

    @property
    def writes_blocks(self) -> bool:
        """Whether blocks of sources can be made here."""
        return "sources" not in self.policy.ignore

    @property
    def facts(self) -> Facts:
        """What the last check learned about the wiki."""
        return self.checked.workspace.facts

    @property
    def checked(self) -> Checked:
        """The result of the last check."""
        if self._checked is None:
            raise RuntimeError("this wiki has not been checked yet")
        return self._checked

    @property
    def bibliography_files(self) -> tuple[str, ...]:
        """The bibliographies that all pages share."""
        return tuple(self.checked.workspace.inventory.bibliographies)

    def start(self, unsaved: Mapping[str, files.Unsaved]) -> None:
        """Check the whole wiki. Raises `FileError` and `UnknownRuleError`."""
        self._live.unsaved.clear()
        self._live.unsaved.update(unsaved)
        self._take(self._live.start())

    def look_first(self, unsaved: Mapping[str, files.Unsaved]) -> Iterator[FirstLook]:
        """Yield what is known of pages before the wiki has been checked. Raises the same as `start`."""
        for each in self._live.look_first(unsaved):
            yield each._replace(diagnostics=self.without_known(each.path, each.diagnostics))

    def refresh(self, texts: Mapping[str, files.Unsaved | None], paths: Iterable[str] = ()) -> bool:
        """Look again after texts changed (`None`: the file counts again) and something happened to files at `paths`.

        Paths of texts count from the root, the others are absolute. Says whether anything may be different now. Raises
        as `start` does.
        """
        for path, text in texts.items():
            if text is None:
                self._live.unsaved.pop(path, None)
            else:
                self._live.unsaved[path] = text
        update = self._live.update([*(os.path.join(self.root, path) for path in texts), *paths])
        if update is None:
            return False
        self._take(update.checked)
        self._names = None
        if not update.whole:
            self.works.forget(update.pages)
        return True

    def _take(self, checked: Checked) -> None:
        if (
            self._checked is None
            or self._checked.workspace.facts.bibliography is not checked.workspace.facts.bibliography
        ):
            self.works = Works()
        self._checked = checked

    def remember(self, *, whole: bool = False) -> None:
        """Write to the cache what was found since the last time; with `whole`, also the result of the whole check."""
        self._live.remember(whole=whole)

    def overlooked(self) -> tuple[str, ...]:
        """Return the absolute paths of files that changed although the editor did not say so."""
        return self._live.overlooked()

    def close(self) -> None:
        """Free the cache."""
        if self.store is not None:
            self.store.close()

    def has(self, path: str, text: str) -> bool:
        """Say whether the wiki has this page, or has this bibliography with this text."""
        return path in self.facts.wiki.pages or self.facts.texts.get(path) == text

    def diagnostics_of(self, path: str) -> tuple[Diagnostic, ...]:
        """Return the findings in a file that are not in the baseline, in order."""
        found = self.checked.outcome.diagnostics
        start = bisect_left(found, path, key=lambda each: each.span.path)
        own = found[start : bisect_right(found, path, lo=start, key=lambda each: each.span.path)]
        return self.without_known(path, own)

    def without_known(self, path: str, found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        """Return the findings in a file that are not in the baseline."""
        if not self._known or not found:
            return found
        return compare(Outcome(found), self._known, files=(path,), rules=(), root=self.root).new

    @cached_property
    def bibliographies(self) -> frozenset[str]:
        """The bibliographies that the settings name, by their absolute paths; patterns are among them."""
        folder = os.fspath(self.settings.folder)
        named = self.settings.bibliography or ()
        return frozenset(os.path.normpath(os.path.join(folder, os.path.expanduser(each))) for each in named)

    @property
    def page_names(self) -> tuple[NameRow, ...]:
        """The names of all pages: folded for comparison, as written, the path, and whether it is a title or alias."""
        if self._names is None:
            self._names = tuple(names_of(self.facts.wiki.heads.values()))
        return self._names

    def inside(self, place: str) -> str | None:
        """Return an absolute path relative to the root; `None` if it is outside of it."""
        return inside(self.root, place)


def inside(root: str, place: str) -> str | None:
    """Return an absolute path relative to `root`, with slashes; `None` for one outside of it."""
    try:
        return files.below_root(place, root)
    except files.OutsideError:
        return None


def _read_known(settings: Settings, say: Callable[[str], None]) -> dict[Key, int]:
    """Return the findings of the baseline that the settings name; warns if it cannot be read."""
    if not settings.baseline:
        return {}
    place = os.path.normpath(os.path.join(settings.folder, os.path.expanduser(settings.baseline)))
    if not os.path.lexists(place) and settings.baseline == BASELINE:
        return {}
    try:
        text = files.read_named(
            settings.root,
            place,
            limit=_LARGEST_BASELINE,
            anywhere="baseline" in settings.anywhere,
            follow_links=settings.follow_links,
        )
        return read_baseline(text)
    except (files.FileError, BaselineError) as error:
        say(f"the baseline is not used: {error}")
        return {}


# A page without a wiki

ALONE = Policy(ignore=("links", "pages", "citations", "bibliography", "sources"))
"""The rules that make sense for a page alone, when nobody knows which other files there are."""


def look_alone(name: str, text: str) -> tuple[Facts, tuple[Diagnostic, ...]]:
    """Return the facts about a page that is in no wiki, and what is wrong with it."""
    facts = facts_of({name: text}, bibliographies=())
    return facts, lint(facts, ALONE).diagnostics
