"""How every command starts: with the settings, the wiki, and the pages that the user named."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, TypeVar

from wikitools import files
from wikitools.cli.asked_paths import asked_files, put_in
from wikitools.cli.cleanup import at_end
from wikitools.cli.terminal import fail, note, warn
from wikitools.project import prepare
from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from pathlib import Path

    from wikitools import api
    from wikitools.cli.request import Request
    from wikitools.config import Settings
    from wikitools.lint.policy import Policy
    from wikitools.project.cache import Store
    from wikitools.project.job import Checked
    from wikitools.project.loading import Workspace
    from wikitools.project.workers import Progress

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class AskedWiki:
    """The wiki that a command works on."""

    workspace: Workspace
    request: Request
    asked: frozenset[str] | None
    """The pages and bibliography files that PATHS name; `None` for all."""
    store: Store | None = None
    """The cache."""

    @property
    def settings(self) -> Settings:
        """The settings of the run."""
        return self.workspace.settings

    def pages(self) -> tuple[str, ...]:
        """Return the pages that were asked about, sorted."""
        pages = self.workspace.inventory.pages
        return pages if self.asked is None else tuple(page for page in pages if page in self.asked)

    def named_files(self) -> frozenset[str]:
        """Return the pages and bibliographies that PATHS name directly, not by their folder."""
        if self.asked is None:
            return frozenset()
        root = os.fspath(self.settings.root)
        return (
            frozenset(files.below_root(path, root) or os.path.abspath(path) for path in self.request.paths) & self.asked
        )

    def data_of(self, path: str) -> bytes:
        """Return the current bytes of a page or bibliography file; empty if it can no longer be read."""
        limit = max(self.settings.max_page_size, self.settings.max_bibliography_size)
        try:
            return files.read_bytes(
                self.settings.root,
                path,
                limit=limit,
                snapshot=self.workspace.snapshot,
                follow_links=self.settings.follow_links,
                anywhere="bibliography" in self.settings.anywhere,
            )
        except files.FileError:
            return b""

    def shown(self, path: str) -> str:
        """Return a path that the user can open: relative to the current folder if that is near the wiki."""
        root, here = os.fspath(self.settings.root), os.getcwd()
        if root == here:
            return path
        place = os.path.join(root, path)
        near = root.startswith(here.rstrip(os.sep) + os.sep) or here.startswith(root.rstrip(os.sep) + os.sep)
        return (os.path.relpath(place, here) if near else place).replace(os.sep, "/")

    @property
    def configuration(self) -> str:
        """The path of the configuration file, as the user can open it; "" if the wiki has none."""
        if self.settings.config is None:
            return ""
        path = os.fspath(self.settings.config)
        return self.shown(files.below_root(path, os.fspath(self.settings.root)) or path)


def open_wiki(asked_for: Request) -> AskedWiki:
    """Read settings and wiki; ends the run with exit code 2 if that is not possible."""
    from wikitools.cli.progress import ProgressBar

    settings = _settings(asked_for)
    began = time.perf_counter()
    with ProgressBar(wanted=asked_for.progress) as progress:
        opened, store = _open(asked_for, settings, progress)
        workspace = or_fail(lambda: opened.workspace)
    inventory = workspace.inventory
    _tell(asked_for, workspace, began, len(inventory.pages))
    if asked_for.stands_in:
        workspace, page = put_in(workspace, asked_for.stands_in)
        return AskedWiki(workspace, asked_for, frozenset({page}))
    return AskedWiki(workspace, asked_for, asked_files(asked_for, settings, inventory, workspace.facts.texts), store)


def check_wiki(asked_for: Request, policy_of: Callable[[Settings], Policy]) -> tuple[AskedWiki, Checked] | None:
    """Read settings and check the wiki; ends the run with exit code 2 if that is not possible.

    Returns `None` if the wiki can only be checked as a whole (see `open_wiki`). Raises `UnknownRuleError`.
    """
    from wikitools.cli.progress import ProgressBar
    from wikitools.project import checking

    settings = _settings(asked_for)
    if not checking.is_able(settings):
        return None
    began = time.perf_counter()
    executor = _executor(asked_for)
    with ProgressBar(wanted=asked_for.progress) as progress:
        opened, store = _open(asked_for, settings, progress)
        checked = or_fail(
            lambda: opened.check(
                policy_of(settings),
                asked=lambda inventory, others: asked_files(asked_for, settings, inventory, others),
                executor=executor,
            )
        )
    _tell(asked_for, checked.workspace, began, checked.read)
    return AskedWiki(checked.workspace, asked_for, checked.asked, store), checked


def _open(asked_for: Request, settings: Settings, progress: Progress) -> tuple[api.Wiki, Store | None]:
    """Return the wiki, before anything is read, and its cache."""
    from wikitools import api

    snapshot = or_fail(lambda: _snapshot(asked_for, settings))
    store = open_cache(asked_for, settings)
    opened = api.Wiki(settings, snapshot=snapshot, store=store, jobs=asked_for.jobs, progress=progress)
    return opened, store


def _executor(asked_for: Request) -> Executor | None:
    """Return the executor that reads pages instead of this machine's processes, if one was asked for."""
    if not asked_for.executor:
        return None
    from wikitools.project.cluster import find_executor

    return or_fail(lambda: find_executor(asked_for.executor))


def _settings(asked_for: Request) -> Settings:
    settings = find_settings(asked_for)
    if settings.config is None:
        refuse_disk(settings.root)
    if asked_for.verbose:
        note(f"wiki: {settings.root}")
        note(f"configuration: {settings.config or 'none'}")
    return settings


def open_cache(asked_for: Request, settings: Settings) -> Store | None:
    """Return the cache of the wiki; `None` if it is not wanted, or not usable."""
    if not asked_for.cache:
        return None
    opened = prepare.open_cache(
        settings,
        asked_for.cache_dir,
        note=note if asked_for.verbose else _to_nobody,
        warn=_to_nobody if asked_for.quiet else warn,
    )
    if opened is not None:
        at_end.callback(opened.close)
        if asked_for.verbose:
            note(f"cache: {opened.file}")
    return opened


def _to_nobody(_message: str) -> None:
    """Say nothing."""


def _tell(asked_for: Request, workspace: Workspace, began: float, read: int) -> None:
    inventory = workspace.inventory
    if asked_for.verbose:
        from wikitools.report.summary import count

        known = len(inventory.pages) - read
        pages = f"{count(len(inventory.pages), 'page')}{f' ({known:,} from the cache)' if known else ''}"
        bibliographies = count(len(inventory.bibliographies), "bibliography")
        sources = count(len(workspace.facts.bibliography.sources), "source")
        note(f"read: {pages}, {bibliographies}, {sources} in {time.perf_counter() - began:.2f} s")
    if not asked_for.quiet:
        from wikitools.report.summary import unread_kinds

        for why in inventory.unread:
            warn(f"{why}; not used")
        if inventory.unfollowed and not asked_for.summarises:
            from wikitools.report.summary import unfollowed

            note(unfollowed(inventory.unfollowed))
        if not asked_for.summarises and (kinds := unread_kinds(inventory.attachments)):
            note(kinds)
    if not inventory.pages and not asked_for.quiet:
        kinds = ", ".join(workspace.settings.suffixes)
        warn(f"no pages ({kinds}) in {workspace.settings.root}{_left_out(inventory.excluded)}")


def warn_without_sources(wiki: AskedWiki) -> None:
    """Say what is missing if no citation can be matched: a bibliography, or entries in it."""
    if not wiki.request.quiet and not wiki.workspace.facts.has_sources:
        names = '"bibliography" in wikitools.toml names the file'
        warn(f'no source is known; {names}, "wikitools bib add" fills an empty one')


def or_fail(work: Callable[[], Answer]) -> Answer:
    """Return `work()`; a file that cannot be read ends the run with exit code 2."""
    try:
        return work()
    except files.FileError as error:
        fail(str(error), getattr(error, "hint", ""))


def _snapshot(asked_for: Request, settings: Settings) -> files.Snapshot | None:
    """Return the state of the wiki that was asked for; `None` for that in its folder. Raises `GitError`."""
    if asked_for.staged and asked_for.index == "disk":
        fail("--staged and --index disk exclude each other", "only git knows what is staged")
    return prepare.find_snapshot(settings, asked_for.index, staged=asked_for.staged)


def _left_out(excluded: tuple[str, ...]) -> str:
    return f"; {len(excluded)} left out by .gitignore or exclude" if excluded else ""


# Settings


def refuse_disk(root: Path) -> None:
    """End the run if the folder is a whole disk: somebody forgot to name one, or to go to it."""
    if root == root.parent:
        fail(f"{root} is the whole disk, not a wiki", "name the folder with the pages")


def find_settings(asked_for: Request) -> Settings:
    """Return the settings; ends the run with exit code 2 if a path is missing or the configuration is wrong."""
    from wikitools.config import ConfigError

    try:
        settings = or_fail(
            lambda: prepare.find_settings(
                asked_for.paths,
                config=asked_for.config,
                isolated=asked_for.isolated,
                follow_links=asked_for.follow_links,
                options=asked_for.options,
                unsaved=asked_for.stands_in,
            )
        )
    except ConfigError as error:
        fail(str(error))
    if not asked_for.quiet:
        for warning in settings.warnings:
            warn(warning)
    return settings
