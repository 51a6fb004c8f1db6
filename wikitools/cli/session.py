"""What every command begins with: the settings, the wiki, and the pages that were asked about."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from wikitools import files
from wikitools.cli.asked_paths import asked_files, put_in, relative
from wikitools.cli.cleanup import at_end
from wikitools.cli.terminal import fail, note, warn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Executor

    from wikitools.cli.request import Request
    from wikitools.config import Settings
    from wikitools.lint.policy import Policy
    from wikitools.project.cache import Store
    from wikitools.project.job import Checked
    from wikitools.project.loading import Workspace

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Wiki:
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
        """Return the pages and bibliographies that PATHS name one by one, not by their folder."""
        if self.asked is None:
            return frozenset()
        root = os.fspath(self.settings.root)
        return frozenset(relative(path, root) or os.path.abspath(path) for path in self.request.paths) & self.asked

    def data_of(self, path: str) -> bytes:
        """Return the bytes of a page or bibliography file, as it is now; none for one that cannot be read any more."""
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
        """Return a path as the reader can open it: relative to the current folder where that is near the wiki."""
        root, here = os.fspath(self.settings.root), os.getcwd()
        if root == here:
            return path
        place = os.path.join(root, path)
        near = root.startswith(here.rstrip(os.sep) + os.sep) or here.startswith(root.rstrip(os.sep) + os.sep)
        return (os.path.relpath(place, here) if near else place).replace(os.sep, "/")


def open_wiki(asked_for: Request) -> Wiki:
    """Read settings and wiki; ends the run with exit code 2 when that is not possible."""
    from wikitools.cli.progress import ProgressBar
    from wikitools.project import checking

    settings = _settings(asked_for)
    store = open_cache(asked_for, settings)
    began = time.perf_counter()
    with ProgressBar(wanted=asked_for.progress) as progress:
        snapshot = or_fail(lambda: _snapshot(asked_for, settings))
        workspace = or_fail(
            lambda: checking.open_workspace(
                settings,
                jobs=asked_for.jobs,
                progress=progress,
                snapshot=snapshot,
                store=store,
            )
        )
    inventory = workspace.inventory
    _tell(asked_for, workspace, began, len(inventory.pages))
    if asked_for.stands_in:
        workspace, page = put_in(workspace, asked_for.stands_in)
        return Wiki(workspace, asked_for, frozenset({page}))
    return Wiki(workspace, asked_for, asked_files(asked_for, settings, inventory, workspace.facts.texts), store)


def check_wiki(asked_for: Request, policy_of: Callable[[Settings], Policy]) -> tuple[Wiki, Checked] | None:
    """Read settings and check the wiki; ends the run with exit code 2 when that is not possible.

    `None` for a wiki that can only be checked as a whole (see `open_wiki`). Raises `UnknownRuleError`.
    """
    from wikitools.cli.progress import ProgressBar
    from wikitools.project import checking

    settings = _settings(asked_for)
    if not checking.is_able(settings):
        return None
    snapshot = or_fail(lambda: _snapshot(asked_for, settings))
    began = time.perf_counter()
    executor = _executor(asked_for)
    store = open_cache(asked_for, settings)
    with ProgressBar(wanted=asked_for.progress) as progress:
        checked = or_fail(
            lambda: checking.check(
                settings,
                policy_of(settings),
                asked=lambda inventory, others: asked_files(asked_for, settings, inventory, others),
                jobs=asked_for.jobs,
                progress=progress,
                store=store,
                executor=executor,
                snapshot=snapshot,
            )
        )
    _tell(asked_for, checked.workspace, began, checked.read)
    return Wiki(checked.workspace, asked_for, checked.asked, store), checked


def _executor(asked_for: Request) -> Executor | None:
    """Return what reads pages in place of this machine's processes, when that was asked for."""
    if not asked_for.executor:
        return None
    from wikitools.project.cluster import find_executor

    return or_fail(lambda: find_executor(asked_for.executor))


def _settings(asked_for: Request) -> Settings:
    settings = find_settings(asked_for)
    if asked_for.verbose:
        note(f"wiki: {settings.root}")
        note(f"configuration: {settings.config or 'none'}")
    return settings


def open_cache(asked_for: Request, settings: Settings) -> Store | None:
    """Return the cache of the wiki; `None` when it is not wanted, or not usable."""
    if not asked_for.cache:
        return None
    try:
        from wikitools.project import cache as store
    except ImportError as error:
        # A Python without SQLite.
        if asked_for.verbose:
            note(f"cache: not used: {error}")
        return None
    say = note if asked_for.verbose else _to_nobody
    complaint = _to_nobody if asked_for.quiet else warn
    try:
        folder = cache_folder_of(asked_for)
        _refuse_tracked(folder, settings)
    except files.FileError as error:
        complaint(f"cache not used: {error}")
        return None
    opened = store.open_store(folder, settings.root, say, complaint)
    if opened is not None:
        at_end.callback(opened.close)
        if asked_for.verbose:
            note(f"cache: {opened.file}")
    return opened


def cache_folder_of(asked_for: Request) -> str:
    """Return the folder of the cache: the one asked for, else the user's. Raises `FileError` for want of a home."""
    from wikitools.files import cache_folder

    folder = asked_for.cache_dir or cache_folder.user_folder()
    if folder is None:
        raise files.FileError("there is no home folder for it; --cache-dir names another place")
    return os.path.abspath(folder)


def _refuse_tracked(folder: str, settings: Settings) -> None:
    """Raise `FileError` when git tracks a cache, or cannot say so: whoever writes to the wiki may have filled it."""
    place = files.without_links(folder, settings.root)
    if os.path.isdir(place) and files.find_repository(place) is not None:
        from pathlib import Path

        from wikitools import git
        from wikitools.repository import open_repository

        if git.tracks_any(open_repository(Path(place))):
            raise files.FileError(f"{folder}: git tracks it, so it may say what somebody else wants")


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
        for why in inventory.unread:
            warn(f"{why}; not used")
        if inventory.unfollowed and not asked_for.summarises:
            from wikitools.report.summary import unfollowed

            note(unfollowed(inventory.unfollowed))
    if not inventory.pages and not asked_for.quiet:
        warn(f"no pages (.md, .markdown) in {workspace.settings.root}{_left_out(inventory.excluded)}")


def or_fail(work: Callable[[], Answer]) -> Answer:
    """Return what `work` does; what cannot be read ends the run with exit code 2."""
    try:
        return work()
    except files.FileError as error:
        fail(str(error), getattr(error, "hint", ""))


def _snapshot(asked_for: Request, settings: Settings) -> files.Snapshot | None:
    """Return the state of the wiki that is asked for; `None` for that of its folder. Raises `GitError`."""
    from wikitools import git
    from wikitools.repository import open_repository

    mode = _index(asked_for, settings)
    if asked_for.staged:
        if mode == "disk":
            fail("--staged and --index disk exclude each other", "what is staged, git knows")
        return git.read_index(open_repository(settings.root), wanted(settings), named=named_outside(settings))
    return git.list_index(open_repository(settings.root), wanted(settings)) if mode == "git" else None


def _index(asked_for: Request, settings: Settings) -> str:
    """Return which files make up the wiki: those of "git", or those on the "disk"."""
    if asked_for.index != "auto":
        return asked_for.index
    from wikitools.repository import is_hook

    # Outside of a repository, a hook's variables are about something else.
    in_hook = is_hook(os.environ) and files.find_repository(os.fspath(settings.root)) is not None
    return "git" if in_hook or asked_for.staged else "disk"


def wanted(settings: Settings) -> dict[str, int]:
    """Return which files of a snapshot have to be read, by the ends of their names, and how much of them at most."""
    named = (each.replace(os.sep, "/").rpartition("/")[2].lower() for each in settings.bibliography or ())
    return {
        **{f"/{name}": settings.max_bibliography_size for name in named},
        **dict.fromkeys(files.BIBLIOGRAPHY_SUFFIXES, settings.max_bibliography_size),
        **dict.fromkeys(files.PAGE_SUFFIXES, max(settings.max_page_size, settings.max_bibliography_size)),
    }


def named_outside(settings: Settings) -> tuple[str, ...]:
    """Return the bibliographies that the configuration names in the repository and outside of the wiki."""
    top = os.fspath(settings.root)
    paths = (files.relative_to(top, os.path.join(settings.folder, each)) for each in settings.bibliography or ())
    return tuple(path for path in paths if path.startswith("../"))


def _left_out(excluded: tuple[str, ...]) -> str:
    return f"; {len(excluded)} left out by .gitignore or exclude" if excluded else ""


# Settings


def find_settings(asked_for: Request) -> Settings:
    """Return the settings; ends the run with exit code 2 when a path is missing or the configuration is wrong."""
    from wikitools.config import ConfigError, load_settings

    targets = [os.path.abspath(path) for path in asked_for.paths]
    for path, target in zip(asked_for.paths, targets, strict=True):
        if path == asked_for.stands_in and os.path.isdir(os.path.dirname(target)):
            continue
        if not os.path.lexists(target):
            fail(f"{path}: no such file or folder", _near_file(target))
    environment = {} if asked_for.isolated else os.environ
    start = _start_of(targets)
    follows = _follows_links(environment, asked=asked_for.follow_links)
    or_fail(lambda: files.check_given(start, follow_links=follows))
    chosen = [value for value in asked_for.config if "=" not in value or os.path.exists(value)]
    assignments = [value for value in asked_for.config if value not in chosen]
    if not chosen and not asked_for.isolated and os.environ.get("WIKITOOLS_CONFIG"):
        chosen = [os.environ["WIKITOOLS_CONFIG"]]
    found: list[tuple[str, str]] = []
    if chosen:
        if not os.path.isfile(chosen[-1]):
            fail(f"{chosen[-1]}: no such configuration file", "a single value is set by --config KEY=VALUE")
        found = [(os.path.abspath(chosen[-1]), or_fail(lambda: files.read_text(chosen[-1], follow_links=follows)))]
    elif not asked_for.isolated:
        found = or_fail(lambda: files.find_config_files(start, follow_links=follows))
    try:
        settings = load_settings(
            _root_without_file(targets, start),
            found,
            read=_read_extended,
            options=asked_for.options,
            environment=environment,
            assignments=assignments,
            named=bool(chosen),
            follow_links=follows,
        )
    except ConfigError as error:
        fail(str(error))
    if not asked_for.quiet:
        for warning in settings.warnings:
            warn(warning)
    return settings


def _follows_links(environment: Mapping[str, str], *, asked: bool) -> bool:
    from wikitools.config import ConfigError, follows_links

    try:
        return asked or follows_links(environment)
    except ConfigError as error:
        fail(str(error))


def _read_extended(path: str, home: str, follow_links: bool) -> str:
    from wikitools.config import ConfigError

    try:
        if home:
            return files.read_named(home, path, follow_links=follow_links)
        return files.read_text(path, follow_links=follow_links)
    except files.FileError as error:
        raise ConfigError(str(error)) from error


def _start_of(targets: list[str]) -> str:
    """Return the deepest folder that holds all targets; the current one without any."""
    folders = [target if os.path.isdir(target) else os.path.dirname(target) for target in targets]
    try:
        return os.path.commonpath(folders) if folders else os.getcwd()
    except ValueError:
        fail("the paths lie on different drives", "run once for each")


def _root_without_file(targets: list[str], start: str) -> str:
    """Return the wiki's root when no file says it: the folder given, else the repository, else the current folder."""
    if targets and all(os.path.isdir(target) for target in targets):
        return start
    here = os.getcwd()
    repository = files.find_repository(start)
    if repository is not None:
        return repository
    return here if start == here or start.startswith(here.rstrip(os.sep) + os.sep) else start


def _near_file(target: str) -> str:
    """Return a hint with the name in the same folder that is a slip or two away from the missing one."""
    from rapidfuzz.distance import OSA

    folder, name = os.path.split(target)
    if not os.path.isdir(folder):
        return f"there is no folder {folder}"
    stem = os.path.splitext(name)[0].casefold()
    most = 1 if len(stem) <= _SHORT else 2
    slips = [(OSA.distance(stem, os.path.splitext(each)[0].casefold()), each) for each in os.listdir(folder)]
    near = min(slips, default=(most + 1, ""))
    return f'did you mean "{near[1]}"?' if near[0] <= most else ""


_SHORT = 6
"""Letters of a name in which two slips would make another name."""
