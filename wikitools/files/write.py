"""Writes files so that at any moment they are what they were, or whole; one run at a time in one wiki."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import time
from typing import TYPE_CHECKING

from wikitools.files.failure import ChangedError, DiskFullError, FileError, reason
from wikitools.files.paths import real_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def write_report(path: str, pieces: Iterable[str]) -> None:
    """Write a file that is no part of the wiki, in UTF-8: at any moment it is what it was, or whole.

    What is no regular file (a pipe, a device) is written to. Raises `FileError`.
    """
    import tempfile

    place = os.path.realpath(path)
    try:
        if os.path.lexists(place) and not os.path.isfile(place):
            with open(place, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                file.writelines(pieces)
            return
        descriptor, temporary = tempfile.mkstemp(prefix=_TEMPORARY[0], suffix=_TEMPORARY[1], dir=os.path.dirname(place))
        try:
            with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                file.writelines(pieces)
            os.chmod(temporary, _mode_of(place))
            os.replace(temporary, place)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
    except OSError as error:
        raise FileError(f"{path}: {reason(error)}; not written") from error


def _mode_of(place: str) -> int:
    """Return the mode of a file; of one that is not there, what new files get."""
    with contextlib.suppress(FileNotFoundError):
        return stat.S_IMODE(os.stat(place).st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def append(path: str, text: str) -> None:
    """Write at the end of a file; raises `FileError`."""
    try:
        with open(path, "a", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise FileError(f"{path}: {reason(error)}; not written") from error


_TEMPORARY = (".wikitools-write-", ".tmp")
# What `mkstemp` makes of it, and no file that somebody named by hand.
_IS_TEMPORARY = re.compile(r"\.wikitools-write-[a-z0-9_]{8}\.tmp").fullmatch
"""How names of temporary files begin and end: hidden, and without a page's suffix, so that none is taken for a page."""
_PATIENCE = 60.0
_PAUSE = 0.05


@contextlib.contextmanager
def writing(root: Path, paths: Iterable[str], *, patience: float = _PATIENCE) -> Iterator[None]:
    """Keep other runs from writing to the wiki at `root` meanwhile; clear away what killed ones left beside `paths`.

    The lock is one on the folder itself (flock), so no file is left behind and the end of a process, however it ends,
    frees it. Where the system has no such locks, the comparison before each rename is all there is. Raises `FileError`
    when another run goes on writing for `patience` seconds.
    """
    try:
        descriptor = os.open(os.path.realpath(root), os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except OSError:
        # A folder that may not be opened (or a system that opens none) cannot be locked; writing says what is wrong.
        yield
        return
    try:
        deadline = time.monotonic() + patience
        while not _lock(descriptor):
            if time.monotonic() > deadline:
                raise FileError(f"{os.fspath(root)}: another run of wikitools is writing here; run again later")
            time.sleep(_PAUSE)
        folders = sorted({os.path.dirname(real_place(root, path)) for path in paths})
        for folder in folders:
            _sweep(folder)
        try:
            yield
        except BaseException:
            # An interrupt may come between the making of a temporary file and the moment its name is known.
            for folder in folders:
                _sweep(folder)
            raise
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock an open file or folder until it is closed; `False` when another process has it locked."""
    try:
        import fcntl
    except ImportError:
        # Windows.
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # Some network file systems have no locks.
        return True
    return True


def _sweep(folder: str) -> None:
    """Remove the temporary files of runs that were killed; those of running ones are locked."""
    with contextlib.suppress(OSError), os.scandir(folder) as scan:
        for entry in scan:
            if _IS_TEMPORARY(entry.name) and _is_file(entry):
                descriptor = os.open(entry.path, os.O_RDONLY)
                try:
                    if _lock(descriptor):
                        os.unlink(entry.path)
                finally:
                    os.close(descriptor)


def _is_file(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False)


def write_atomic(root: Path, path: str, old: bytes, new: str) -> None:
    """Replace the file's content: at any moment it holds either `old` or `new` (UTF-8), never a part.

    The file keeps its mode, its extended attributes and, where that is permitted, its owner and group; a page that is a
    symbolic link stays one (its target is replaced). Raises `FileError`, with the file untouched, when it is read-only
    or `new` is not encodable; `ChangedError` when it no longer holds `old`; `DiskFullError`.
    """
    place = real_place(root, path)
    try:
        data = new.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FileError(f"{path}: the new text has a lone surrogate at {error.start}; not written") from error
    try:
        status = os.stat(place)
        if not stat.S_ISREG(status.st_mode):
            raise FileError(f"{path}: not a regular file; not written")
        # The system lets root write all the same; who takes away every right to write means root too.
        if not (os.access(place, os.W_OK) and stat.S_IMODE(status.st_mode) & 0o222):
            raise FileError(f"{path}: read-only; not written")
        if not os.access(os.path.dirname(place), os.W_OK | os.X_OK):
            raise FileError(f"{path}: its folder is read-only; not written")
        _replace(place, path, status, old, data)
    except FileNotFoundError as error:
        raise ChangedError(f"{path}: gone from the disk while wikitools ran; not written") from error
    except OSError as error:
        kind = DiskFullError if error.errno in _FULL else FileError
        raise kind(f"{path}: {reason(error)}; not written") from error


_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


def _replace(place: str, path: str, status: os.stat_result, old: bytes, data: bytes) -> None:
    import tempfile

    folder = os.path.dirname(place)
    descriptor, temporary = tempfile.mkstemp(prefix=_TEMPORARY[0], suffix=_TEMPORARY[1], dir=folder)
    try:
        with open(descriptor, "wb") as file:
            _lock(descriptor)
            file.write(data)
            file.flush()
            _keep_owner(descriptor, status)
            os.chmod(temporary, stat.S_IMODE(status.st_mode))
            _keep_attributes(place, temporary)
            os.fsync(descriptor)
        # As late as can be: whoever saves the page in the moment between these two lines is not seen.
        _expect(place, old, f"{path}: changed on disk while wikitools ran; not written")
        os.replace(temporary, place)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)
    _expect(place, data, f"{path}: changed by another program right after it was written")


def holds(root: Path, path: str, content: bytes) -> bool:
    """Say whether a file holds exactly this; `False` when it cannot be read."""
    with contextlib.suppress(OSError, FileError):
        _expect(real_place(root, path), content, "")
        return True
    return False


def _expect(place: str, content: bytes, message: str) -> None:
    """Raise `ChangedError` with the message unless the file holds exactly this."""
    with open(place, "rb") as file:
        if file.read(len(content) + 1) != content:
            raise ChangedError(message)


def _keep_owner(descriptor: int, status: os.stat_result) -> None:
    """Give the file the owner and group it had; at least the group where only that is permitted."""
    if not hasattr(os, "fchown"):
        return
    mine = os.fstat(descriptor)
    if (mine.st_uid, mine.st_gid) == (status.st_uid, status.st_gid):
        return
    for owner in (status.st_uid, -1):
        try:
            os.fchown(descriptor, owner, status.st_gid)
        except PermissionError:
            # Only root gives files away. Who may write the page may also replace it: the group keeps its access.
            continue
        return


def _keep_attributes(place: str, temporary: str) -> None:
    """Copy extended attributes (labels, access control lists) where system and file system have them."""
    if not hasattr(os, "listxattr"):
        return
    with contextlib.suppress(OSError):
        for name in os.listxattr(place):
            # Some belong to the system, which sets them itself and lets nobody else.
            with contextlib.suppress(OSError):
                os.setxattr(temporary, name, os.getxattr(place, name))


def _sync_folder(folder: str) -> None:
    """Make the rename itself durable where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    # The page is whole either way: a system that does not sync folders has not failed to write it.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
