"""Reads files: only regular ones inside the wiki and up to a size, with their state at that time."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from typing import TYPE_CHECKING

from wikitools.files.failure import FileError, TooLargeError, as_megabytes, reason
from wikitools.files.inventory import NO_FILE, blob_of, real_path, stamp_from
from wikitools.files.opening import READ, open_file
from wikitools.files.real_paths import (
    check_given,
    find_boundary,
    find_repository,
    inside,
    is_inside,
    locate_named,
    relative_to,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wikitools.files.inventory import Snapshot, Stamp, Unsaved

CONFIG_NAMES = ("wikitools.toml", "pyproject.toml")
DEFAULT_PAGE_SIZE = 5_000_000
DEFAULT_BIBLIOGRAPHY_SIZE = 500_000_000
CONFIG_SIZE = 1_000_000
"""The most bytes of a configuration or ignore file, far more than anybody writes."""


def read_bytes(
    root: Path,
    path: str,
    *,
    limit: int = DEFAULT_PAGE_SIZE,
    snapshot: Snapshot | None = None,
    follow_links: bool = False,
    anywhere: bool = False,
) -> bytes:
    """Return the bytes of `path`, relative to `root` or, if the configuration names it, absolute.

    With `anywhere` an absolute path may lead out of the repository. Raises `OutsideError`, `TooLargeError` (more than
    `limit` bytes) or `FileError` (missing, no file, no permission).
    """
    if snapshot is not None and not os.path.isabs(
        listed := relative_to(os.fspath(root), path) if os.path.isabs(path) else path
    ):
        real = real_path(listed, snapshot)
        data = snapshot.contents.get(real)
        size = snapshot.sizes.get(real, 0) if data is None else len(data)
        if size > limit:
            raise _too_large(path, size, limit)
        if data is not None:
            return data
        if not snapshot.on_disk:
            # The same message as for the disk: the result must not depend on where the wiki is read from.
            raise FileError(f"{path}: {os.strerror(errno.ENOENT).lower()}")
    return read_stamped(root, path, limit=limit, follow_links=follow_links, anywhere=anywhere)[0]


def read_stamped(
    root: Path, path: str, *, limit: int = DEFAULT_PAGE_SIZE, follow_links: bool = False, anywhere: bool = False
) -> tuple[bytes, Stamp]:
    """Return the bytes of `path` and the file's stamp just before they were read; see `read_bytes`."""
    boundary: str | None
    if os.path.isabs(path):
        place, boundary = path, locate_named(root, path, path, anywhere=anywhere, follow_links=follow_links)
    else:
        place, boundary = os.path.join(root, inside(path)), None if follow_links else find_boundary(root)
    return _read(_open(place, path, boundary), path, limit)


def read_head(root: Path, path: str, size: int, *, follow_links: bool = False) -> bytes:
    """Return the first bytes of `path`, relative to `root`; empty if it cannot be read."""
    try:
        descriptor = _open(os.path.join(root, inside(path)), path, None if follow_links else find_boundary(root))
    except FileError:
        return b""
    try:
        return os.read(descriptor, size) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    except OSError:
        return b""
    finally:
        os.close(descriptor)


class Reader:
    """Reads many files below one root; where its folders lead is found out once.

    Contents in a snapshot are read there, with the stamp `NO_FILE`. The texts in `unsaved`, by path, come before
    everything else.
    """

    def __init__(
        self,
        root: Path,
        snapshot: Snapshot | None = None,
        *,
        follow_links: bool = False,
        unsaved: Mapping[str, Unsaved] | None = None,
    ) -> None:
        self._root = root
        self._snapshot = snapshot
        self._unsaved = {} if unsaved is None else unsaved
        self._top = os.fspath(root)
        self._follow_links = follow_links
        self._boundary = find_boundary(root)
        self._plain: dict[str, str] = {}

    def read(self, path: str, *, limit: int = DEFAULT_PAGE_SIZE) -> tuple[bytes, Stamp]:
        """Return the bytes of `path` and the file's stamp just before they were read; raises as `read_bytes`."""
        if (text := self._unsaved.get(path)) is not None:
            if len(text.data) > limit:
                raise _too_large(path, len(text.data), limit)
            return text.data, text.stamp
        if self._snapshot is not None and (not self._snapshot.on_disk or blob_of(path, self._snapshot)):
            return read_bytes(self._root, path, limit=limit, snapshot=self._snapshot), NO_FILE
        folder, _slash, name = path.rpartition("/")
        if _NO_FOLLOW and not os.path.isabs(path) and (plain := self._plain_folder(folder)):
            with contextlib.suppress(_LinkError):
                return _read(_open_plain(f"{self._top}/{path}", path, f"{plain}/{name}"), path, limit)
        return read_stamped(self._root, path, limit=limit, follow_links=self._follow_links)

    def _plain_folder(self, folder: str) -> str:
        """Return the path of a folder below the root; "" if its name is odd or a link leads to it."""
        known = self._plain.get(folder)
        if known is None:
            real = os.path.realpath(os.path.join(self._top, folder))
            expected = f"{os.path.realpath(self._top)}/{folder}".rstrip("/")
            is_plain = real == expected and (not folder or inside(folder) == folder) and is_inside(real, self._boundary)
            known = self._plain[folder] = real if is_plain else ""
        return known


_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


class _LinkError(Exception):
    """The file may have been reached by a symbolic link."""


def _open(place: str, path: str, boundary: str | None) -> int:
    try:
        return open_file(place, path, boundary)
    except (OSError, ValueError) as error:
        raise FileError(f"{path}: {reason(error)}") from error


def _open_plain(place: str, path: str, expected: str) -> int:
    """Open a file without links on its path; raises `_LinkError` unless the opened file is where it is expected."""
    try:
        descriptor = os.open(place, READ | _NO_FOLLOW)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in _IS_LINK:
            raise _LinkError from error
        raise FileError(f"{path}: {reason(error)}") from error
    # A folder on the way may have become a link since it was checked.
    if _path_of(descriptor) != expected:
        os.close(descriptor)
        raise _LinkError
    return descriptor


def _path_of(descriptor: int) -> str:
    """Return the path of an open file according to the system; "" if it is unknown."""
    if sys.platform == "darwin":
        import fcntl

        return os.fsdecode(fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0"))
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return ""


def _read(descriptor: int, path: str, limit: int) -> tuple[bytes, Stamp]:
    """Return the bytes of an open file and its stamp before, and close it."""
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise FileError(f"{path}: {kind}")
        if status.st_size > limit:
            raise _too_large(path, status.st_size, limit)
        # One byte more than expected: then a short answer is the whole file, and no second call is needed.
        data = os.read(descriptor, min(status.st_size + 1, limit))
        if len(data) != status.st_size:
            data = _read_on(descriptor, data, limit)
        return data, stamp_from(status)
    except OSError as error:
        raise FileError(f"{path}: {reason(error)}") from error
    finally:
        os.close(descriptor)


def _too_large(path: str, size: int, limit: int) -> TooLargeError:
    return TooLargeError(f"{path}: {as_megabytes(size)}, more than the limit of {as_megabytes(limit)}")


def _read_on(descriptor: int, data: bytes, limit: int) -> bytes:
    """Return `data` and the rest of a file that changes while it is read, or that the file system returns in parts."""
    parts, size = [data], len(data)
    while data and size < limit:
        data = os.read(descriptor, limit - size)
        parts.append(data)
        size += len(data)
    return b"".join(parts)


# The error codes for a link that must not be followed: Linux and macOS, FreeBSD, NetBSD.
_IS_LINK = (errno.ELOOP, errno.EMLINK, getattr(errno, "EFTYPE", errno.ELOOP))


def read_text(path: str, *, limit: int = CONFIG_SIZE, follow_links: bool = False) -> str:
    """Return the text of a file that the command line names; raises `FileError` if it is too large or not UTF-8."""
    check_given(path, follow_links=follow_links)
    return _decoded(_read(_open(path, path, None), path, limit)[0], path)


def read_named(
    root: str | Path,
    path: str,
    *,
    limit: int = CONFIG_SIZE,
    anywhere: bool = False,
    follow_links: bool = False,
) -> str:
    """Return the text of a file that belongs to the configuration of `root`, or is named there.

    The file must be in the repository, unless it may be `anywhere`. Raises `FileError`.
    """
    boundary = locate_named(root, path, path, anywhere=anywhere, follow_links=follow_links)
    return _decoded(_read(_open(path, path, boundary), path, limit)[0], path)


def _decoded(data: bytes, path: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(f"{path}: not UTF-8 (byte {error.start})") from error


def read_patterns(path: str, *, follow_links: bool = False) -> list[str]:
    """Return the lines of an ignore file; empty if there is none. Raises `FileError`.

    git does not read a `.gitignore` that is a symbolic link; neither does wikitools, unless the user asks to follow
    links.
    """
    try:
        descriptor = os.open(path, READ if follow_links else READ | _NO_FOLLOW)
    except (FileNotFoundError, NotADirectoryError):
        # Most folders have none.
        return []
    except OSError as error:
        if error.errno in _IS_LINK:
            raise FileError(f"{path}: a symbolic link, which git does not follow either") from error
        raise FileError(f"{path}: {reason(error)}") from error
    text = _read(descriptor, path, CONFIG_SIZE)[0].decode("utf-8", "surrogateescape")
    return text.removeprefix("\ufeff").split("\n")


def find_config_files(start: str, *, follow_links: bool = False) -> list[tuple[str, str]]:
    """Return `(path, text)` of the files that may hold the configuration, nearest first.

    Looks from `start` upward, to the repository's root if there is one. Raises `FileError` if one cannot be read.
    """
    found = []
    folder = os.path.abspath(start)
    last = find_repository(folder)
    while True:
        for name in CONFIG_NAMES:
            path = os.path.join(folder, name)
            if os.path.islink(path) or (os.path.exists(path) and not os.path.isdir(path)):
                found.append((path, read_named(folder, path, follow_links=follow_links)))
        above = os.path.dirname(folder)
        if folder in (last, above):
            return found
        folder = above


def stamp_of(path: str) -> Stamp | None:
    """Return the current stamp of a file, wherever it is; `None` if it does not exist."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return stamp_from(status)


def size_of(path: str) -> int:
    """Return the size of a file in bytes; 0 if there is none."""
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
