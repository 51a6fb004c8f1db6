"""Where paths lead on the disk: what is inside a wiki, and which symbolic links leave it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from wikitools.files.failure import OutsideError
from wikitools.wiki.paths import join

if TYPE_CHECKING:
    from pathlib import Path


def resolve(place: str | Path) -> str:
    """Return `os.path.realpath`; raises `OutsideError` if a link on the way may not be read, as below `/proc`."""
    try:
        return os.path.realpath(place)
    except OSError as error:
        raise OutsideError(f"{place}: a symbolic link that may not be read: {error.filename}") from error


def find_boundary(root: str | Path) -> str:
    """Return the real folder outside of which nothing is read or written: the repository around `root`, else `root`."""
    top = resolve(root)
    return find_repository(top) or top


def is_inside(real: str, boundary: str) -> bool:
    """Say whether a real path is inside a boundary, and not in git's own folder."""
    return within(real, boundary) and not _is_of_git(real[len(boundary) :])


_GIT_FOLDERS = frozenset({".git", "git~1"})
"""It contains addresses with passwords, and tokens in CI. The second name is another one for it on Windows."""


def locate(root: Path, path: str, *, follow_links: bool = False) -> str:
    """Return the path on disk of `path` (relative to `root`), without resolving links.

    Raises `OutsideError` if it leads out of the wiki as written, or by links that must not be followed.
    """
    place = os.path.join(os.fspath(root), inside(path))
    if not follow_links:
        check_links(resolve(place), path, find_boundary(root))
    return place


_DRIVE = re.compile(r"[A-Za-z]:")


def inside(path: str) -> str:
    """Return a path relative to the root, normalised; raises `OutsideError` if it leads out of the root as written."""
    if os.sep != "/":
        # There a backslash separates folders, and a letter with a colon is a drive.
        path = path.replace("\\", "/")
    found = "" if os.sep != "/" and _DRIVE.match(path) else join("", path)
    if not found or path.startswith("/"):
        raise OutsideError(f"{path}: outside the wiki")
    _check_git(found, path)
    return found


def _check_git(path: str, shown: str) -> None:
    if _is_of_git(path):
        raise OutsideError(f"{shown}: in git's own folder, which is not read")


def _is_of_git(path: str) -> bool:
    return any(part.lower() in _GIT_FOLDERS for part in path.replace(os.sep, "/").split("/"))


def check_links(real: str, path: str, boundary: str) -> None:
    """Raise `OutsideError` unless `real`, the target of the links on `path`, is inside the boundary."""
    if not is_inside(real, boundary):
        if within(real, boundary):
            _check_git(real[len(boundary) :], path)
        raise OutsideError(f"{path}: a symbolic link leads out of the {_kind_of(boundary)}; {FOLLOW} follows it")


def _kind_of(boundary: str) -> str:
    return "repository" if os.path.lexists(os.path.join(boundary, ".git")) else "wiki"


FOLLOW = "--follow-links"


def check_given(path: str, *, follow_links: bool = False) -> None:
    """Raise `OutsideError` if a path on the command line leads, by a link, out of the repository in which it is named.

    The user may name any file, but whoever writes to the repository must not decide where the name leads.
    """
    place = os.path.abspath(path)
    real = resolve(place)
    folder = os.path.dirname(place)
    while not follow_links:
        if os.path.lexists(os.path.join(folder, ".git")):
            check_links(real, path, resolve(folder))
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above


def locate_named(root: str | Path, place: str, shown: str, *, anywhere: bool, follow_links: bool) -> str | None:
    """Return the boundary of a file that the configuration of `root` names; `None` if it may be anywhere.

    With `anywhere`, the path is from the command line or the environment. Raises `OutsideError`.
    """
    boundary = find_boundary(root)
    if is_inside(resolve(place), boundary):
        return boundary
    written, top = os.path.abspath(place), os.path.abspath(root)
    if within(written, whole := find_repository(top) or top):
        _check_git(written[len(whole) :], shown)
        if not follow_links:
            check_links(resolve(place), shown, boundary)
        return None
    if not anywhere:
        raise OutsideError(
            f"{shown}: outside of the {_kind_of(boundary)}; only the command line and the environment may name it"
        )
    check_given(place, follow_links=follow_links)
    return None


def behind_links(root: Path, path: str, *, follow_links: bool = False) -> str | None:
    """Return the real path of `path`, relative to `root` (with `..` if necessary), with links followed.

    Returns `None` if that is neither below the root nor in its repository.
    """
    top, real = resolve(root), real_place(root, path, follow_links=follow_links)
    near = os.path.relpath(real, top).replace(os.sep, "/")
    if within(real, top):
        return near
    repository = find_repository(top)
    return near if repository is not None and within(real, repository) else None


def exists(root: Path, path: str, *, follow_links: bool = False) -> bool:
    """Say whether `path` (relative to `root`) is a file or folder inside the wiki, ignored ones included."""
    try:
        # Most paths that are asked about do not exist; then it does not matter where links on the way lead.
        if not os.path.lexists(os.path.join(root, inside(path))):
            return False
        return os.path.exists(locate(root, path, follow_links=follow_links)) and is_spelled_so(
            os.fspath(root), inside(path)
        )
    except (OutsideError, ValueError):
        # A NUL in a name is a ValueError: no such file can exist.
        return False


def is_spelled_so(top: str, path: str) -> bool:
    """Say whether a path that exists below `top` is spelled as its folders list it.

    Case-insensitive file systems open `Page.md` for `page.md`, but the site made from the wiki, or another machine, may
    not. On a case-sensitive file system every existing path is spelled correctly, and nothing is listed.
    """
    other = path.swapcase()
    if other == path or not os.path.lexists(os.path.join(top, other)):
        return True
    folder = top
    for name in path.split("/"):
        try:
            if name not in {"", ".", ".."} and name not in os.listdir(folder):
                return False
        except OSError:
            # A folder that may be entered but not listed.
            return True
        folder = os.path.join(folder, name)
    return True


def lies_near(root: Path, path: str, repository: str | None, *, follow_links: bool = False) -> bool:
    """Say whether a path that a link names exists, in the root or in its repository."""
    if not path.startswith("../"):
        return exists(root, path, follow_links=follow_links)
    place = os.path.join(root, path)
    if repository is None or not os.path.lexists(place):
        return False
    real = resolve(place)
    if not (follow_links or is_inside(real, resolve(repository))):
        return False
    return os.path.exists(real) and is_spelled_so(os.fspath(root), path)


def real_place(root: Path, path: str, *, follow_links: bool = False) -> str:
    """Return the real path of a file that will be replaced: the target of a symbolic link."""
    return resolve(path if os.path.isabs(path) else locate(root, path, follow_links=follow_links))


def find_repository(start: str) -> str | None:
    """Return the nearest folder at or above `start` that has a `.git` (a folder, or the file of a worktree)."""
    folder = os.path.abspath(start)
    while True:
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def relative_to(top: str, path: str) -> str:
    """Return a path relative to `top`, as in snapshots; absolute if it is outside of the repository."""
    repository = find_repository(top)
    path = os.path.normpath(path)
    if repository is None or not within(path, repository):
        return path
    return os.path.relpath(path, top).replace(os.sep, "/")


def relative(path: str, top: str) -> str:
    """Return a path relative to `top` if it is below it, with slashes."""
    if within(path, top):
        path = os.path.relpath(path, top)
    return path.replace(os.sep, "/")


def below_root(path: str, root: str) -> str | None:
    """Return a path from the current folder relative to `root`, with slashes; `None` if it is outside.

    It is taken as written or, if that is outside, with symbolic links followed. Raises `OutsideError`.
    """
    written = os.path.abspath(path)
    place, top = (written, root) if within(written, root) else (resolve(path), resolve(root))
    return os.path.relpath(place, top).replace(os.sep, "/") if within(place, top) else None


def within(path: str, folder: str) -> bool:
    """Say whether a path is a folder or below it, by their names."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
