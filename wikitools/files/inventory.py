"""The files of a wiki: those in its folder, or those that a snapshot lists instead."""

from __future__ import annotations

import sys
from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple

from wikitools.records import dataclass

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping


class Stamp(NamedTuple):
    """What the system knows about a file without reading it: if all of it is the same, the file has not changed."""

    size: int
    modified: int
    """The last change of the content, in nanoseconds. Any program can set this time."""
    changed: int
    """The last change of anything about the file, which programs cannot set. On Windows: when the file was made."""
    inode: int
    """0 on Windows, where the listing of a folder does not contain it."""


NO_FILE = Stamp(-1, -1, -1, -1)
"""The stamp of a file that is not on the disk."""


def stamp_from(status: os.stat_result) -> Stamp:
    """Return the stamp of a file with this status."""
    inode = 0 if sys.platform == "win32" else status.st_ino
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, inode)


class Unsaved(NamedTuple):
    """The text of a page that is open in an editor and counts instead of the file on the disk."""

    data: bytes
    version: int = 0
    """The editor's number for this version; each change has another one."""

    @property
    def stamp(self) -> Stamp:
        """A stamp that identifies the text."""
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
    """Everything else that a link may point to: bibliographies, and other paths of pages, through symbolic links."""
    bibliographies: tuple[str, ...] = ()
    """Relative to the root; absolute if the configuration names a file outside of it."""
    discovered: bool = False
    """Whether wikitools found the bibliographies by itself, because the configuration names none."""
    excluded: tuple[str, ...] = ()
    """Pages and folders left out by `.gitignore` or `exclude`; a folder ends with `/` and means everything in it."""
    ignored: tuple[str, ...] = ()
    """Those of `excluded` that `.gitignore` files leave out."""
    untracked: tuple[str, ...] = ()
    """Files in the folder that are not in the snapshot."""
    absent: tuple[str, ...] = ()
    """Folders of submodules that are not checked out; those outside of the root start with `..`."""
    unfollowed: tuple[str, ...] = ()
    """Symbolic links that lead out of the repository and were not followed."""
    has_links: bool = False
    """Whether there are symbolic links, so that one file may have several paths."""
    unread: tuple[str, ...] = ()
    """Why ignore files were not read, one line each for the user."""
    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    """The stamp of each page when it was found, if asked for."""


def _nothing_to_fetch(_paths: Iterable[str]) -> None:
    """Do nothing: all contents are known."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A list of files that is used instead of the folder, and the contents of those that are not read from the disk.

    Paths are POSIX and relative to the root; files outside of it, in the same repository, start with `..`.
    """

    files: frozenset[str]
    folders: frozenset[str]
    """All folders that contain these files."""
    contents: Mapping[str, bytes] = field(default_factory=dict)
    """May be read only when they are needed, see `fetch`."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Files too large to be kept, each with its size in bytes."""
    blobs: Mapping[str, str] = field(default_factory=dict)
    """Git's object id for the content of each of these files."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Symbolic links among the files, with their targets."""
    fetch: Callable[[Iterable[str]], None] = _nothing_to_fetch
    """Reads the contents of these files together into `contents`."""
    on_disk: bool = False
    """Whether files that are not in `contents` are read from the disk."""
    beside: bool = True
    """Whether to mention files in the folder that are not in the snapshot."""
    absent: frozenset[str] = frozenset()
    """Folders of submodules that are not checked out."""


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
    """Return git's object id for the content of a file in a snapshot; "" if the file is read from the disk."""
    return snapshot.blobs.get(real_path(path, snapshot), "")


def real_path(path: str, snapshot: Snapshot) -> str:
    """Return the real path of a file in a snapshot, with links followed; for links in a circle, one of them."""
    for _link in range(_MOST_LINKS if snapshot.links else 0):
        if path in snapshot.contents or path in snapshot.sizes:
            return path
        further = _behind_first_link(path, snapshot.links)
        if further is None:
            return path
        path = further
    return path


def _behind_first_link(path: str, links: Mapping[str, str]) -> str | None:
    """Return where a path leads by the first link on it; `None` if there is no link."""
    end = path.find("/")
    while end >= 0:
        if path[:end] in links:
            return links[path[:end]] + path[end:]
        end = path.find("/", end + 1)
    return links.get(path)


_MOST_LINKS = 40
"""How many links one path may have, as on Linux: more are taken for a circle."""
