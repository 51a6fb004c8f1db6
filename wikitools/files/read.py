"""Reads files: regular ones inside the wiki, up to a size, and how they were when they were read."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import TYPE_CHECKING

from wikitools.files.failure import FileError, TooLargeError, as_megabytes, reason
from wikitools.files.inventory import NO_FILE, blob_of, real_path, stamp_from
from wikitools.files.paths import find_repository, join, locate, relative_to

if TYPE_CHECKING:
    from pathlib import Path

    from wikitools.files.inventory import Snapshot, Stamp

CONFIG_NAMES = ("wikitools.toml", "pyproject.toml")
DEFAULT_PAGE_SIZE = 20_000_000
DEFAULT_BIBLIOGRAPHY_SIZE = 500_000_000


def read_bytes(root: Path, path: str, *, limit: int = DEFAULT_PAGE_SIZE, snapshot: Snapshot | None = None) -> bytes:
    """Return the bytes of `path`, relative to `root` or, for what the configuration names, absolute.

    Raises `OutsideError`, `TooLargeError` (more than `limit` bytes) or `FileError` (missing, no file, no permission).
    """
    if snapshot is not None and not os.path.isabs(
        listed := relative_to(os.fspath(root), path) if os.path.isabs(path) else path
    ):
        real = real_path(listed, snapshot)
        data = snapshot.contents.get(real)
        size = snapshot.sizes.get(real, 0) if data is None else len(data)
        if size > limit:
            raise TooLargeError(f"{path}: {as_megabytes(size)}, more than the limit of {as_megabytes(limit)}")
        if data is not None:
            return data
        if not snapshot.on_disk:
            # In the words of the disk: the same state of a wiki must read the same, wherever it lies.
            raise FileError(f"{path}: {os.strerror(errno.ENOENT).lower()}")
    return read_stamped(root, path, limit=limit)[0]


def read_stamped(root: Path, path: str, *, limit: int = DEFAULT_PAGE_SIZE) -> tuple[bytes, Stamp]:
    """Return the bytes of `path` and how the file was just before they were read; see `read_bytes`."""
    return _read(path if os.path.isabs(path) else locate(root, path), path, limit, 0)


class Reader:
    """Reads many files below one root: where its folders lead is found out once.

    What a snapshot holds of a file is read there, and bears the stamp `NO_FILE`.
    """

    def __init__(self, root: Path, snapshot: Snapshot | None = None) -> None:
        self._root = root
        self._snapshot = snapshot
        self._top = os.fspath(root)
        self._plain: dict[str, bool] = {}

    def read(self, path: str, *, limit: int = DEFAULT_PAGE_SIZE) -> tuple[bytes, Stamp]:
        """Return the bytes of `path` and how the file was just before they were read; raises as `read_bytes`."""
        if self._snapshot is not None and (not self._snapshot.on_disk or blob_of(path, self._snapshot)):
            return read_bytes(self._root, path, limit=limit, snapshot=self._snapshot), NO_FILE
        folder = path.rpartition("/")[0]
        if _NO_FOLLOW and not os.path.isabs(path) and self._is_plain(folder):
            with contextlib.suppress(_LinkError):
                return _read(f"{self._top}/{path}", path, limit, _NO_FOLLOW)
        return read_stamped(self._root, path, limit=limit)

    def _is_plain(self, folder: str) -> bool:
        """Say whether a folder below the root is named as it should be, and reached without any link."""
        known = self._plain.get(folder)
        if known is None:
            inside = f"{os.path.realpath(self._top)}/{folder}".rstrip("/")
            known = join("", folder) == folder and os.path.realpath(os.path.join(self._top, folder)) == inside
            self._plain[folder] = known
        return known


_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


class _LinkError(Exception):
    """The file is a symbolic link, and links were not to be followed."""


def _read(place: str, path: str, limit: int, flags: int) -> tuple[bytes, Stamp]:
    try:
        # O_NONBLOCK: opening a named pipe must not wait for a writer.
        descriptor = os.open(place, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | flags)
    except (OSError, ValueError) as error:
        if flags and isinstance(error, OSError) and error.errno in _IS_LINK:
            raise _LinkError from error
        raise FileError(f"{path}: {reason(error)}") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise FileError(f"{path}: {kind}")
    try:
        if status.st_size > limit:
            raise TooLargeError(f"{path}: {as_megabytes(status.st_size)}, more than the limit of {as_megabytes(limit)}")
        # One byte more than there should be: then a short answer is the whole file, and no second call is needed.
        data = os.read(descriptor, min(status.st_size + 1, limit))
        if len(data) != status.st_size:
            data = _read_on(descriptor, data, limit)
        return data, stamp_from(status)
    except OSError as error:
        raise FileError(f"{path}: {reason(error)}") from error
    finally:
        os.close(descriptor)


def _read_on(descriptor: int, data: bytes, limit: int) -> bytes:
    """Return `data` and what follows in a file that changes while it is read, or that a file system gives in parts."""
    parts, size = [data], len(data)
    while data and size < limit:
        data = os.read(descriptor, limit - size)
        parts.append(data)
        size += len(data)
    return b"".join(parts)


# What systems say of a link that is not to be followed: Linux and macOS, FreeBSD, NetBSD.
_IS_LINK = (errno.ELOOP, errno.EMLINK, getattr(errno, "EFTYPE", errno.ELOOP))


def read_text(path: str) -> str:
    """Return a configuration file's text; raises `FileError` when it cannot be read or is not UTF-8."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            return file.read()
    except UnicodeDecodeError as error:
        raise FileError(f"{path}: not UTF-8 (byte {error.start})") from error
    except OSError as error:
        raise FileError(f"{path}: {reason(error)}") from error


def find_config_files(start: str) -> list[tuple[str, str]]:
    """Return `(path, text)` of the files that may hold the configuration, nearest first.

    Looks from `start` upward, to the repository's root when there is one. Raises `FileError` when one cannot be read.
    """
    found = []
    folder = os.path.abspath(start)
    last = find_repository(folder)
    while True:
        for name in CONFIG_NAMES:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                found.append((path, read_text(path)))
        above = os.path.dirname(folder)
        if folder in (last, above):
            return found
        folder = above


def stamp_of(path: str) -> Stamp | None:
    """Return how a file is now, wherever it lies; `None` when it is not there."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return stamp_from(status)


def size_of(path: str) -> int:
    """Return the bytes of a file; 0 when there is none."""
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
