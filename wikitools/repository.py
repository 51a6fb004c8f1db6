"""The git repository of a wiki: which one is trusted, and how to ask git without running what it configures.

A wiki can bring along a folder that looks like a repository (`HEAD`, `objects/`, `refs/`, `config`), and git takes it
for one. So this module finds the repository by its `.git`, which nobody can commit, and tells git which one to use.
Programs that a repository's configuration names are never run: no hook, no filter, no file system monitor, no remote
helper.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import field, replace
from typing import TYPE_CHECKING, NamedTuple

from wikitools.files import FileError
from wikitools.files.real_paths import within
from wikitools.programs import find_program, inherited, run, started
from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path


class GitError(FileError):
    """Git cannot answer; the message is one line for the user, and `hint` says what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Repository:
    """The git repository that a wiki is in."""

    top: str
    """The absolute path of its working tree, with links resolved."""
    prefix: str
    """The wiki's root relative to it: "" or `docs/wiki`."""
    shallow: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    """The environment that git runs with."""
    switches: tuple[str, ...] = ()
    """Options for git before the command: they turn off the filters that this repository's configuration names."""


ON_DISK = 'only "--index disk" works without git'
_TIMEOUT = 300.0
_SWITCHES = (
    # The program to run as file system monitor; "" means none in every version of git, "false" only in new ones.
    "-c",
    "core.fsmonitor=",
    "-c",
    "core.hooksPath=/dev/null",
    # Git looks for repositories only in a `.git`. Versions before 2.38 do not know this option, but they are told the
    # folder anyway.
    "-c",
    "safe.bareRepository=explicit",
    # Otherwise, objects that a partial clone left out would be fetched.
    "-c",
    "protocol.allow=never",
)
_SET_BY_US = {
    # Messages are parsed, so they must be in English; nothing may be written, asked or fetched.
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    # A repository's configuration can allow single protocols, even "ext", whose remotes are programs;
    # this takes precedence over all configuration.
    "GIT_ALLOW_PROTOCOL": "none",
}
_LOCAL = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_PREFIX",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_NAMESPACE",
    "GIT_INTERNAL_SUPER_PREFIX",
)
"""Variables that git sets for its hooks; they describe one repository and are wrong for any other."""


def is_hook(environment: Mapping[str, str]) -> bool:
    """Say whether git, or a runner of hooks, started this run for a commit."""
    return bool(environment.get("GIT_INDEX_FILE")) or environment.get("PRE_COMMIT", "") == "1"


def is_in_environment() -> bool:
    """Say whether variables tell git which repository to use, or how to read its configuration."""
    return any(name in _LOCAL or name.startswith("GIT_CONFIG") for name, value in os.environ.items() if value)


# Which repository


def open_repository(root: Path) -> Repository:
    """Return the repository that `root` is in. Raises `GitError` without git or repository, or if git refuses."""
    place = os.path.realpath(root)
    plain = {name: value for name, value in inherited().items() if name not in _LOCAL} | _SET_BY_US
    local = {name: os.environ[name] for name in _LOCAL if os.environ.get(name)}
    if local:
        # A hook's variables may be relative to where git started it, and may be about another repository.
        found = _of_hook({**plain, **local})
        if found is not None and within(place, found.top):
            local = {name: _absolute(name, value, found.top) for name, value in local.items()}
            return _opened(found, place, {**plain, **local})
    return _opened(_find(place, os.fspath(root), plain), place, plain)


def open_submodule(repository: Repository, name: str) -> Repository | None:
    """Return the submodule in the folder `name` of a repository; `None` if it was not cloned or is not trusted."""
    place = os.path.join(repository.top, name)
    if not os.path.lexists(os.path.join(place, ".git")) or os.path.realpath(place) != place:
        # It was not cloned, or it was replaced by a link to some other repository.
        return None
    plain = {key: value for key, value in repository.environment.items() if key not in _LOCAL}
    try:
        return _opened(_asked(place, plain), place, plain)
    except GitError:
        # Its files are as unknown as those of a submodule that was not cloned.
        return None


class _Found(NamedTuple):
    """A repository as git knows it."""

    top: str
    folder: str
    """Git's own folder: `.git`, or what a `.git` file names."""
    shallow: bool


def _opened(found: _Found, place: str, plain: Mapping[str, str]) -> Repository:
    prefix = "" if place == found.top else os.path.relpath(place, found.top).replace(os.sep, "/")
    environment = {**plain, "GIT_DIR": found.folder, "GIT_WORK_TREE": found.top}
    repository = Repository(found.top, prefix, found.shallow, environment)
    return replace(repository, switches=tuple(_without_filters(repository)))


def _of_hook(environment: Mapping[str, str]) -> _Found | None:
    """Return the repository that git's variables name, or else that of this folder."""
    here = os.getcwd()
    if "GIT_DIR" in environment:
        found = _rev_parse(here, environment)
        return found if isinstance(found, _Found) else None
    try:
        return _find(os.path.realpath(here), here, environment)
    except GitError:
        # The variables do not concern this folder; look for the wiki's own repository.
        return None


def _find(place: str, shown: str, environment: Mapping[str, str]) -> _Found:
    """Return the repository of the nearest folder at or above `place` that has a `.git`."""
    ceilings = environment.get("GIT_CEILING_DIRECTORIES", "").split(os.pathsep)
    folder = place
    while not _has_git(folder):
        above = os.path.dirname(folder)
        if above == folder or (above in ceilings and above):
            raise _none_at(place, shown)
        folder = above
    return _asked(folder, environment)


def _has_git(folder: str) -> bool:
    """Say whether a folder has a `.git` that git would look into: a file, or a folder with a `HEAD`."""
    entry = os.path.join(folder, ".git")
    return os.path.lexists(entry) and (not os.path.isdir(entry) or os.path.lexists(os.path.join(entry, "HEAD")))


def _none_at(place: str, shown: str) -> GitError:
    if all(os.path.exists(os.path.join(place, name)) for name in ("HEAD", "objects", "refs")):
        return GitError(f"{shown}: a bare repository, which contains no pages", "name a clone with a working tree")
    return GitError(f"{shown}: not in a git repository", ON_DISK)


def _asked(folder: str, environment: Mapping[str, str]) -> _Found:
    """Return what git says about the repository whose `.git` is in `folder`; git checks who owns it."""
    expected = _folder_of_git(folder)
    found = _rev_parse(folder, environment)
    if isinstance(found, str):
        raise refusal(folder, found)
    if os.path.realpath(found.folder) != expected:
        raise GitError(f"{folder}/.git: not the repository that git finds ({found.folder})", ON_DISK)
    if found.top != folder:
        raise GitError(f"{folder}/.git: the repository names another working tree ({found.top})", ON_DISK)
    return found


def _folder_of_git(folder: str) -> str:
    """Return the real folder that the `.git` in `folder` is or names. Raises `GitError` if it is not trusted.

    A `.git` file or link can come with an archive of a wiki, and lead to a folder in it that looks like a repository.
    Real worktrees and submodules have their folder in some `.git`, or elsewhere on the disk.
    """
    entry = os.path.join(folder, ".git")
    if os.path.isdir(entry):
        if not os.path.islink(entry):
            return os.path.realpath(entry)
        target = os.path.realpath(entry)
    else:
        target = os.path.realpath(os.path.join(folder, _named_in(entry)))
    outermost = _outermost(folder)
    if within(target, outermost) and ".git" not in os.path.relpath(target, outermost).split(os.sep):
        raise GitError(
            f"{entry}: leads to {target}, a folder among the files of the wiki, which wikitools does not trust",
            f"{ON_DISK}; if you trust it, set GIT_DIR and GIT_WORK_TREE",
        )
    return target


_MOST_IN_FILE = 10_000


def _named_in(entry: str) -> str:
    """Return what a `.git` file names."""
    try:
        if not os.path.isfile(entry):
            raise GitError(f"{entry}: neither a file nor a folder", ON_DISK)
        with open(entry, "rb") as file:
            said = file.read(_MOST_IN_FILE)
    except OSError as error:
        raise GitError(f"{entry}: {error.strerror or error}", ON_DISK) from error
    if not said.startswith(b"gitdir: "):
        raise GitError(f"{entry}: not the file of a worktree or submodule", ON_DISK)
    return os.fsdecode(said.removeprefix(b"gitdir: ").rstrip(b"\r\n"))


def _outermost(folder: str) -> str:
    """Return the outermost folder at or above `folder` that has a `.git`: all in it may be files of some wiki."""
    found = folder
    while (above := os.path.dirname(folder)) != folder:
        folder = above
        if _has_git(folder):
            found = folder
    return found


def _rev_parse(folder: str, environment: Mapping[str, str]) -> _Found | str:
    """Return the working tree, the git folder and whether the clone is shallow, or git's error message."""
    asked = ("rev-parse", "--show-toplevel", "--absolute-git-dir", "--is-shallow-repository")
    done = _run(folder, environment, asked)
    if done.returncode:
        return os.fsdecode(done.stderr).strip()
    top, git_folder, shallow = os.fsdecode(done.stdout).rstrip("\n").rsplit("\n", 2)
    return _Found(os.path.realpath(top), git_folder, shallow == "true")


def refusal(root: str, said: str) -> GitError:
    """Return the error for a message of git."""
    if "dubious ownership" in said:
        match = re.search(r"in repository at '([^'\n]*)'", said)
        place = match[1] if match else root
        return GitError(
            f"{place}: git does not read this repository, because it belongs to another user",
            f"if you trust it: git config --global --add safe.directory '{place}'",
        )
    if "not a git repository" in said:
        return GitError(f"{root}: not in a git repository", ON_DISK)
    if "must be run in a work tree" in said:
        return GitError(f"{root}: a bare repository, which contains no pages", "name a clone with a working tree")
    return GitError(f"{root}: {_first_line(said)}", ON_DISK)


def _absolute(name: str, value: str, top: str) -> str:
    if name not in {"GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"} or os.path.isabs(value):
        return value
    here = os.path.abspath(value)
    return here if os.path.exists(here) else os.path.join(top, value)


def _first_line(said: str) -> str:
    lines = said.splitlines()
    line = next((each for each in lines if each.startswith(("fatal: ", "error: "))), lines[0] if lines else "")
    return line.removeprefix("fatal: ").removeprefix("error: ") or "git failed without a message"


# Asking git


def _without_filters(repository: Repository) -> Iterator[str]:
    """Yield the options that turn every filter in the configuration into one that does nothing.

    Git would run a filter to see whether a file of the working tree differs from the one in the index.
    """
    done = ask_anyway(repository, "config", "-z", "--name-only", "--get-regexp", r"^filter\.")
    names = {name.rpartition(b".")[0] for name in done.stdout.split(b"\0") if name}
    for name in sorted(names):
        section = os.fsdecode(name)
        if "=" in section:
            raise GitError(f'{repository.top}: its configuration has a filter with "=" in its name', ON_DISK)
        for setting in ("clean=", "smudge=", "process=", "required=false"):
            yield from ("-c", f"{section}.{setting}")


def ask(repository: Repository, *arguments: str, seconds: float = _TIMEOUT) -> bytes:
    """Return git's output. Raises `GitError` if it fails, or takes longer than so many seconds."""
    done = _run(repository.top, repository.environment, arguments, repository.switches, seconds)
    if done.returncode:
        raise refusal(repository.top, os.fsdecode(done.stderr).strip())
    return done.stdout


def ask_anyway(repository: Repository, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Return git's exit code and output, even if it fails. Raises `GitError` if it cannot be run."""
    return _run(repository.top, repository.environment, arguments, repository.switches)


def converse(repository: Repository, *arguments: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Start git with pipes, for questions and answers; it ends with the block, if not before."""
    return started(
        [_git(), *_SWITCHES, *repository.switches, *arguments],
        folder=repository.top,
        environment=repository.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _run(
    folder: str,
    environment: Mapping[str, str],
    arguments: Iterable[str],
    switches: Iterable[str] = (),
    seconds: float = _TIMEOUT,
) -> subprocess.CompletedProcess[bytes]:
    asked = tuple(arguments)
    command = [_git(), *_SWITCHES, *switches, *asked]
    try:
        return run(command, folder=folder, environment=environment, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise GitError(f"git {asked[0]} takes longer than {seconds:.0f} s", ON_DISK) from error
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror or error}", ON_DISK) from error


def _git() -> str:
    found = find_program("git")
    if found is None:
        raise GitError("git is not installed, or not on the PATH", ON_DISK)
    return found
