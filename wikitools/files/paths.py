"""Where paths lead on the disk: what lies inside a wiki, and what a link leads out of it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from wikitools.files.failure import OutsideError

if TYPE_CHECKING:
    from pathlib import Path


def join(page: str, reference: str) -> str | None:
    """Return the path that `reference`, written on `page`, leads to, or `None` when that is outside the root.

    A leading `/` means the root. Nothing is looked up on disk.

    >>> join("pages/a.md", "../bib/x.json")
    'bib/x.json'
    >>> join("pages/a.md", "../../etc/passwd") is None
    True
    """
    reference = reference.replace("\\", "/")
    if re.match(r"[A-Za-z]:", reference) or reference.startswith("//"):
        return None
    folder = "" if reference.startswith("/") else page.rpartition("/")[0]
    parts: list[str] = []
    for part in f"{folder}/{reference}".split("/"):
        if part in {"", "."}:
            continue
        if part == "..":
            if not parts:
                return None
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def locate(root: Path, path: str) -> str:
    """Return where `path` (relative to `root`) lies on disk; raises `OutsideError` when it leads out of the wiki."""
    inside = join("", path)
    if not inside or path.startswith("/"):
        raise OutsideError(f"{path}: outside the wiki")
    top = os.fspath(root)
    first, slash, rest = inside.partition("/")
    if not slash:
        return os.path.join(top, first)
    # The top level is the owner's; from there on, links must stay below the root or below that first folder.
    place = os.path.join(top, first, rest)
    real = os.path.realpath(place)
    if not (within(real, os.path.realpath(os.path.join(top, first))) or within(real, os.path.realpath(top))):
        raise OutsideError(f"{path}: a symbolic link leads out of the wiki")
    return place


def behind_links(root: Path, path: str) -> str | None:
    """Return where `path` really lies, relative to `root` (with `..` where it must be), once links are followed.

    `None` when that is neither below the root nor in its repository.
    """
    top, real = os.path.realpath(root), real_place(root, path)
    inside = os.path.relpath(real, top).replace(os.sep, "/")
    if within(real, top):
        return inside
    repository = find_repository(top)
    return inside if repository is not None and within(real, repository) else None


def exists(root: Path, path: str) -> bool:
    """Say whether `path` (relative to `root`) is a file or folder inside the wiki, ignored ones included."""
    inside = join("", path)
    # Most that is asked about is not there at all: then it does not matter where links on the way to it lead.
    if not inside or not os.path.lexists(os.path.join(root, inside)) or not is_spelled_so(os.fspath(root), inside):
        return False
    try:
        return os.path.exists(locate(root, path))
    except (OutsideError, ValueError):
        # A NUL in a name is a ValueError: no such file can exist.
        return False


def is_spelled_so(top: str, path: str) -> bool:
    """Say whether a path that exists below `top` is spelled as its folders list it.

    Disks on which case does not count open `Page.md` for `page.md`; the site made of the wiki, or another machine, will
    not. Where case counts, what exists is spelled so, and nothing is listed.
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
            # A folder that may be passed through and not listed.
            return True
        folder = os.path.join(folder, name)
    return True


def lies_near(root: Path, path: str, repository: str | None) -> bool:
    """Say whether a path that a link names exists, in the root or in its repository."""
    if not path.startswith("../"):
        return exists(root, path)
    place = os.path.join(root, path)
    if repository is None or not os.path.exists(place) or not is_spelled_so(os.fspath(root), path):
        return False
    return within(os.path.realpath(place), os.path.realpath(repository))


def real_place(root: Path, path: str) -> str:
    """Return the real place of a file that is to be replaced: where a symbolic link leads."""
    return os.path.realpath(path if os.path.isabs(path) else locate(root, path))


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
    """Return a path relative to `top` as snapshots name it; absolute when it lies outside of the repository."""
    repository = find_repository(top)
    path = os.path.normpath(path)
    if repository is None or not within(path, repository):
        return path
    return os.path.relpath(path, top).replace(os.sep, "/")


def relative(path: str, top: str) -> str:
    """Return a path relative to `top` where it lies below it, with slashes."""
    if within(path, top):
        path = os.path.relpath(path, top)
    return path.replace(os.sep, "/")


def within(path: str, folder: str) -> bool:
    """Say whether a path is a folder or lies below it, by their names."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
