"""The files of a wiki: those in its folder, or those that a snapshot lists instead."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping


class Stamp(NamedTuple):
    """What the system says of a file without reading it: a file that keeps all of it has not changed."""

    size: int
    modified: int
    """When the content changed last, in nanoseconds. Any program can set this time back."""
    changed: int
    """When anything of the file changed last, which no program can set. On Windows: when the file was made."""
    inode: int
    """0 on Windows, where the listing of a folder does not have it."""


NO_FILE = Stamp(-1, -1, -1, -1)
"""The stamp of what lies on no disk."""


def stamp_from(status: os.stat_result) -> Stamp:
    """Return the stamp of a file with this status."""
    inode = 0 if sys.platform == "win32" else status.st_ino
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, inode)


class Unsaved(NamedTuple):
    """The text of a page that is open in an editor, and counts in place of what lies on the disk."""

    data: bytes
    version: int = 0
    """A number that the editor gives it, another one after each change."""

    @property
    def stamp(self) -> Stamp:
        """What stands for the stamp of a file."""
        return Stamp(len(self.data), self.version, _UNSAVED, _UNSAVED)


_UNSAVED = -2


def is_unsaved(stamp: Stamp) -> bool:
    """Say whether a stamp is that of an unsaved text."""
    return stamp.inode == _UNSAVED


@dataclass(frozen=True, slots=True)
class Inventory:
    """The files of one wiki. Paths are POSIX, relative to the root and sorted."""

    pages: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    """Everything else that a link may point to: bibliographies, and the further paths of pages that links lead to."""
    bibliographies: tuple[str, ...] = ()
    """Relative to the root; absolute where the configuration names a file outside of it."""
    discovered: bool = False
    """The bibliographies were found by looking, not named in the configuration."""
    excluded: tuple[str, ...] = ()
    """Pages and folders left out by `.gitignore` or `exclude`; a folder ends with `/` and stands for what is in it."""
    ignored: tuple[str, ...] = ()
    """Those of `excluded` that `.gitignore` files leave out."""
    untracked: tuple[str, ...] = ()
    """Files that are there and not listed, where a snapshot says what the wiki consists of."""
    absent: tuple[str, ...] = ()
    """Folders of submodules that are not checked out; those outside of the root begin with `..`."""
    unfollowed: tuple[str, ...] = ()
    """Symbolic links that lead out of the repository and were not followed."""
    unread: tuple[str, ...] = ()
    """Why ignore files were not read, each a line for the user."""
    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    """How each page was when it was found, where that was asked for."""


def _nothing_to_fetch(_paths: Iterable[str]) -> None:
    """Do nothing: all contents are at hand."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Which files there are, where not the folder says it, and what those hold that are not read from the disk.

    Paths are POSIX and relative to the root; files outside of it, in the same repository, begin with `..`.
    """

    files: frozenset[str]
    folders: frozenset[str]
    """All folders that these lie in."""
    contents: Mapping[str, bytes] = field(default_factory=dict)
    """Perhaps read when they are asked for, see `fetch`."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Files too large to be held, each with its size in bytes."""
    blobs: Mapping[str, str] = field(default_factory=dict)
    """What git calls the content of each of these files: the same name, the same content."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Symbolic links among the files, with where they lead."""
    fetch: Callable[[Iterable[str]], None] = _nothing_to_fetch
    """Reads what these files hold in one go; `contents` then has it."""
    on_disk: bool = False
    """What is not in `contents` is read from the disk."""
    beside: bool = True
    """The folder has files beside those of the snapshot that are worth a word."""
    absent: frozenset[str] = frozenset()
    """Folders of submodules of which nothing is known."""


def snapshot_of(
    paths: Iterable[str],
    *,
    contents: Mapping[str, bytes] | None = None,
    sizes: Mapping[str, int] | None = None,
    blobs: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
    fetch: Callable[[Iterable[str]], None] = _nothing_to_fetch,
    on_disk: bool = False,
    beside: bool = True,
    absent: Iterable[str] = (),
) -> Snapshot:
    """Return the snapshot of these files."""
    files = frozenset(paths)
    folders: set[str] = set()
    for path in files:
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return Snapshot(
        files,
        frozenset(folders),
        contents=contents or {},
        sizes=sizes or {},
        blobs=blobs or {},
        links=links or {},
        fetch=fetch,
        on_disk=on_disk,
        beside=beside,
        absent=frozenset(absent),
    )


def blob_of(path: str, snapshot: Snapshot) -> str:
    """Return what git calls the content of a file of a snapshot; "" for one that is read from the disk."""
    return snapshot.blobs.get(real_path(path, snapshot), "")


def real_path(path: str, snapshot: Snapshot) -> str:
    """Return where a file of a snapshot lies once its links are followed; for links in a circle, one of them."""
    for _link in range(_MOST_LINKS if snapshot.links else 0):
        if path in snapshot.contents or path in snapshot.sizes:
            return path
        further = _behind_first_link(path, snapshot.links)
        if further is None:
            return path
        path = further
    return path


def _behind_first_link(path: str, links: Mapping[str, str]) -> str | None:
    """Return where a path leads by the first link on it; `None` when there is none."""
    end = path.find("/")
    while end >= 0:
        if path[:end] in links:
            return links[path[:end]] + path[end:]
        end = path.find("/", end + 1)
    return links.get(path)


_MOST_LINKS = 40
"""On one path, as Linux counts them: with more, they lead in a circle."""
