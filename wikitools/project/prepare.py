"""Prepares a run: the settings, the state of the wiki that is meant, its cache, and the rules to run.

Problems are raised as `FileError`, `GitError` and `ConfigError`, each with one line for the user.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from wikitools import files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wikitools.config import Settings
    from wikitools.lint.policy import Policy
    from wikitools.project.cache import Store
    from wikitools.project.loading import Workspace


# Settings


def find_settings(
    paths: Sequence[str] = (),
    *,
    config: Sequence[str] = (),
    isolated: bool = False,
    follow_links: bool = False,
    options: Mapping[str, object] | None = None,
    unsaved: str = "",
) -> Settings:
    """Return the settings for `paths` (without any, for the current folder).

    `config` names a file, or sets values (`KEY=VALUE`); `options` are values by key that override any file; `isolated`
    ignores files and the environment. `unsaved` is the one path that need not exist. Raises `FileError` and
    `ConfigError`.
    """
    from wikitools.config import follows_links, load_settings

    targets = [os.path.abspath(path) for path in paths]
    for path, target in zip(paths, targets, strict=True):
        if not (path == unsaved and os.path.isdir(os.path.dirname(target))) and not os.path.lexists(target):
            is_address = path.startswith(("http://", "https://"))
            hint = '"wikitools urls" checks the addresses in a wiki' if is_address else _near_file(target)
            raise files.FileError(f"{path}: no such file or folder", hint)
    environment = {} if isolated else os.environ
    start = _start_of(targets)
    follows = follow_links or follows_links(environment)
    files.check_given(start, follow_links=follows)
    chosen = [value for value in config if "=" not in value or os.path.exists(value)]
    assignments = [value for value in config if value not in chosen]
    if not chosen and not isolated and os.environ.get("WIKITOOLS_CONFIG"):
        chosen = [os.environ["WIKITOOLS_CONFIG"]]
    found: list[tuple[str, str]] = []
    if chosen:
        if not os.path.isfile(chosen[-1]):
            raise files.FileError(
                f"{chosen[-1]}: no such configuration file", "to set a single value, use --config KEY=VALUE"
            )
        found = [(os.path.abspath(chosen[-1]), files.read_text(chosen[-1], follow_links=follows))]
    elif not isolated:
        found = files.find_config_files(start, follow_links=follows)
    return load_settings(
        _root_without_file(targets, start),
        found,
        read=_read_extended,
        options=dict(options or {}),
        environment=environment,
        assignments=assignments,
        named=bool(chosen),
        follow_links=follows,
    )


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
    except ValueError as error:
        raise files.FileError("the paths are on different drives", "run once for each") from error


def _root_without_file(targets: list[str], start: str) -> str:
    """Return the wiki's root if no file says it: the given folder, else the repository, else the current folder."""
    if targets and all(os.path.isdir(target) for target in targets):
        return start
    here = os.getcwd()
    repository = files.find_repository(start)
    if repository is not None:
        return repository
    return here if start == here or start.startswith(here.rstrip(os.sep) + os.sep) else start


def _near_file(target: str) -> str:
    """Return a hint with a name in the same folder that is one or two typos away from the missing one."""
    from rapidfuzz.distance import OSA

    from wikitools.lint.rule import load_rules

    folder, name = os.path.split(target)
    if name in load_rules():
        return "that is a rule; several are joined by commas: --ignore RULE,RULE"
    if "*" in name:
        return "no file fits this pattern, or quotes kept your shell from reading it"
    if not os.path.isdir(folder):
        return f"there is no folder {folder}"
    stem = os.path.splitext(name)[0].casefold()
    most = 1 if len(stem) <= _SHORT else 2
    slips = [(OSA.distance(stem, os.path.splitext(each)[0].casefold()), each) for each in os.listdir(folder)]
    near = min(slips, default=(most + 1, ""))
    return f'did you mean "{near[1]}"?' if near[0] <= most else ""


_SHORT = 6
"""In a name with this many letters, two typos would make another name."""


def policy_of(settings: Settings, asked: frozenset[str] | None = None) -> Policy:
    """Return what the settings say about rules, for the files that were asked about (`None`: for all)."""
    from wikitools.lint.policy import Policy
    from wikitools.lint.rule import Severity

    return Policy(
        select=settings.select,
        extend_select=settings.extend_select,
        ignore=settings.ignore,
        severity={rule: Severity(level) for rule, level in settings.severity.items()},
        per_file_ignores=settings.per_file_ignores,
        paths=asked,
    )


def look_around(workspace: Workspace, policy: Policy) -> Workspace:
    """Return the workspace with the files outside of it that links name, and git's tracked files if a rule needs them.

    Raises `UnknownRuleError` and `FileError`.
    """
    from wikitools.lint.policy import select_rules
    from wikitools.lint.rule import load_rules

    rules = select_rules(policy, load_rules())
    return workspace.looked_around(tracking=any(rule.needs_git for rule in rules))


# Which state of the files


def find_snapshot(settings: Settings, index: str = "auto", *, staged: bool = False) -> files.Snapshot | None:
    """Return the state of the wiki that was asked for; `None` for that in its folder. Raises `GitError`.

    `index` is "git" for the files that git tracks, "disk" for those in the folder, or "auto" for git's in a hook. With
    `staged`, the files are read as they are staged.
    """
    from wikitools import git
    from wikitools.repository import is_hook, open_repository

    if index == "auto":
        # Outside of a repository, a hook's variables are about another one.
        in_hook = is_hook(os.environ) and files.find_repository(os.fspath(settings.root)) is not None
        index = "git" if in_hook or staged else "disk"
    if staged:
        return git.read_index(open_repository(settings.root), wanted(settings), named=named_outside(settings))
    return git.list_index(open_repository(settings.root), wanted(settings)) if index == "git" else None


def wanted(settings: Settings) -> dict[str, int]:
    """Return which files of a snapshot must be read, by suffix, and how many bytes of them at most."""
    named = (each.replace(os.sep, "/").rpartition("/")[2].lower() for each in settings.bibliography or ())
    return {
        **{f"/{name}": settings.max_bibliography_size for name in named},
        **dict.fromkeys(files.BIBLIOGRAPHY_SUFFIXES, settings.max_bibliography_size),
        **dict.fromkeys(
            (each.lower() for each in settings.suffixes), max(settings.max_page_size, settings.max_bibliography_size)
        ),
    }


def named_outside(settings: Settings) -> tuple[str, ...]:
    """Return the bibliographies that the configuration names in the repository and outside of the wiki."""
    top = os.fspath(settings.root)
    paths = (files.relative_to(top, os.path.join(settings.folder, each)) for each in settings.bibliography or ())
    return tuple(path for path in paths if path.startswith("../"))


# The cache


def open_cache(
    settings: Settings, folder: str | None, *, note: Callable[[str], None], warn: Callable[[str], None]
) -> Store | None:
    """Return the cache of the wiki in `folder` (`None`: the user's cache folder); `None` if it is not usable.

    `warn` is told why it can never be used, `note` about temporary problems.
    """
    try:
        from wikitools.project.cache import open_store
    except ImportError as error:
        # A Python without SQLite.
        note(f"cache: not used: {error}")
        return None
    try:
        folder = cache_folder(folder)
        _refuse_tracked(folder, settings)
    except files.FileError as error:
        warn(f"cache not used: {error}")
        return None
    return open_store(folder, settings.root, note, warn)


def cache_folder(folder: str | None) -> str:
    """Return the folder of the cache: the given one, else the user's. Raises `FileError` if there is no home folder."""
    from wikitools.files import cache_folder as place

    found = folder or place.user_folder()
    if found is None:
        raise files.FileError("there is no home folder for it; set another folder with --cache-dir")
    return os.path.abspath(found)


def _refuse_tracked(folder: str, settings: Settings) -> None:
    """Raise `FileError` if git tracks the cache, or may do so: whoever writes to the wiki may have filled it."""
    place = files.without_links(folder, settings.root)
    if os.path.isdir(place) and files.find_repository(place) is not None:
        from wikitools import git
        from wikitools.repository import open_repository

        if git.tracks_any(open_repository(Path(place))):
            raise files.FileError(f"{folder}: git tracks it, so somebody else may have written it")
