"""Creates files so that each is always old or complete, never through a symbolic link that strangers may have made.

Git stores symbolic links, so whoever writes to a wiki can put one where wikitools creates a report, a baseline, a
configuration or its cache. wikitools creates no file through a link in a repository (or in the wiki's folder, if there
is no repository), neither as the file itself nor as a folder on the way to it. Links elsewhere, such as `/tmp` on macOS
or `/dev/stdout`, belong to you or to the system.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from typing import IO, TYPE_CHECKING

from wikitools.files.failure import DiskFullError, FileError, reason
from wikitools.files.real_paths import find_repository, relative

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_OLD = os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_MOST_LINKS = 40
"""After so many links, operating systems too assume a circle."""


class LinkedError(FileError):
    """There is a symbolic link where a file should be created, or on the way to it."""


# Where a file may be created


def without_links(path: str, root: str | os.PathLike[str] | None = None) -> str:
    """Return the real path of a file or folder that exists or will be created.

    Refuses links that strangers may have made. Raises `LinkedError` for a link in a repository, in `root` (the wiki's)
    or, if it belongs to another user, in a folder where everybody may write. As in the system, `..` after a link is the
    folder above the one that the link leads to.
    """
    here = os.path.realpath(os.getcwd())
    drive, tail = os.path.splitdrive(os.path.join(here, path))
    at, ahead, links = drive + os.sep, _parts(tail), 0
    while ahead:
        part = ahead.pop()
        if part == os.pardir:
            at = os.path.dirname(at)
            continue
        step = os.path.join(at, part)
        if not os.path.islink(step):
            at = step
            continue
        target = os.readlink(step)
        links += 1
        inside = find_repository(at) is not None or (root is not None and _lies_in(at, root))
        if inside or _is_of_another(step, at) or links > _MOST_LINKS:
            link = "" if not ahead and os.path.basename(path) == part else f"{relative(step, here)} is "
            raise LinkedError(f"{path}: {link}a symbolic link (to {target}); wikitools does not write through it")
        drive, tail = os.path.splitdrive(target)
        if os.path.isabs(target):
            at = drive + os.sep
        ahead += _parts(tail)
    return at


def _lies_in(place: str, folder: str | os.PathLike[str]) -> bool:
    """Say whether a real path is a folder or inside it, ignoring case if the file system does."""
    wanted = os.stat(folder)
    while not os.path.samestat(os.stat(place), wanted):
        place, below = os.path.dirname(place), place
        if place == below:
            return False
    return True


def _is_of_another(link: str, folder: str) -> bool:
    """Say whether a link in a folder open to everybody belongs neither to this user nor to the folder's owner."""
    if not hasattr(os, "geteuid"):
        return False
    status = os.stat(folder)
    return bool(status.st_mode & stat.S_IWOTH) and os.lstat(link).st_uid not in (os.geteuid(), status.st_uid)


def _parts(tail: str) -> list[str]:
    """Return the names in a path, the last one first."""
    if os.altsep:
        tail = tail.replace(os.altsep, os.sep)
    return [part for part in reversed(tail.split(os.sep)) if part not in ("", os.curdir)]


# Whole files


def make_file(path: str, pieces: Iterable[str], *, root: str | os.PathLike[str] | None = None) -> None:
    """Write a file that is not a page, in UTF-8: at any moment it is the old file or complete.

    The file keeps its mode and, if that is permitted, its owner. Something that is not a regular file (a pipe, a
    device) is written to directly. `root` is the wiki's. Raises `LinkedError` (see `without_links`), `DiskFullError` or
    `FileError`.
    """
    try:
        stream = _own_stream(path)
        if stream is not None:
            with open(os.dup(stream), "wb") as file:
                _write(file, pieces)
            return
        place = without_links(path, root)
        status = _status_of(place)
        if status is not None and stat.S_ISDIR(status.st_mode):
            raise FileError(f"{path}: a folder; not written")
        if status is not None and not stat.S_ISREG(status.st_mode):
            with open(os.open(place, _OLD), "wb") as file:
                _write(file, pieces)
            return
        if status is not None:
            refuse_read_only(place, path, status)
        with taking_the_place_of(place, status) as file:
            _write(file, pieces)
    except (OSError, ValueError) as error:
        raise not_written(path, error) from error


def refuse_links(path: str, root: str | os.PathLike[str]) -> None:
    """Raise `LinkedError` if `make_file` would, before there is anything to write."""
    if _own_stream(path) is None:
        without_links(path, root)


def _write(file: IO[bytes], pieces: Iterable[str]) -> None:
    file.writelines(piece.encode("utf-8", "backslashreplace") for piece in pieces)


def _status_of(place: str) -> os.stat_result | None:
    try:
        return os.lstat(place)
    except FileNotFoundError:
        return None


_STREAM = re.compile(r"/(?:dev|proc/self)/fd/(\d{1,6})|/dev/(?:stdout|(stderr))").fullmatch


def _own_stream(path: str) -> int | None:
    """Return the open file that a path like `/dev/stdout` means.

    It is written at its current position, after what other programs wrote, whatever it leads to.
    """
    found = _STREAM(path) if os.name == "posix" else None
    if found is None:
        return None
    return int(found[1]) if found[1] else 2 if found[2] else 1


def append(path: str, text: str) -> None:
    """Append to a file, all of the text or nothing. Raises `FileError`; `LinkedError` for a link."""
    try:
        place = without_links(path)
        descriptor = os.open(place, _OLD | os.O_APPEND | os.O_CREAT, 0o666)
        with open(descriptor, "wb", buffering=0) as file:
            status = os.fstat(descriptor)
            try:
                left = memoryview(text.encode("utf-8", "backslashreplace"))
                while left:
                    left = left[file.write(left) :]
            except BaseException:
                if stat.S_ISREG(status.st_mode):
                    os.ftruncate(descriptor, status.st_size)
                raise
    except OSError as error:
        raise not_written(path, error) from error


def claim(place: str, mode: int = 0o600) -> bool:
    """Create an empty file unless something with this name exists; return whether it was created. Follows no link.

    Raises `OSError`.
    """
    try:
        os.close(os.open(place, NEW, mode))
    except FileExistsError:
        return False
    return True


def not_written(path: str, error: OSError | ValueError) -> FileError:
    """Return the failure to write a file as one line for the user."""
    kind = DiskFullError if isinstance(error, OSError) and error.errno in _FULL else FileError
    return kind(f"{path}: {reason(error)}; not written")


_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


def refuse_read_only(place: str, path: str, status: os.stat_result) -> None:
    """Raise `FileError` if a file may not be written, although its folder would allow to replace it."""
    # The system lets root write all the same, but a file that nobody may write is protected from root too.
    if not (os.access(place, os.W_OK) and stat.S_IMODE(status.st_mode) & 0o222):
        raise FileError(f"{path}: read-only; not written")


# Under another name first


@contextlib.contextmanager
def taking_the_place_of(
    place: str, old: os.stat_result | None, *, last: Callable[[], None] | None = None
) -> Iterator[IO[bytes]]:
    """Yield a new file that replaces `place` once all of it is on the disk; after an error it is deleted.

    It gets the mode, the extended attributes and, if that is permitted, the owner and group of the `old` file. `last`
    is called right before the replacement, and may raise. A link at `place` is not followed.
    """
    folder = os.path.dirname(place)
    # Its name is known before it exists, so that an interrupt at any moment leaves nothing behind.
    temporary = os.path.join(folder, new_temporary())
    try:
        with open(os.open(temporary, NEW, 0o666 if old is None else 0o600), "wb") as file:
            descriptor = file.fileno()
            lock(descriptor)
            yield file
            file.flush()
            if old is not None:
                _keep_owner(descriptor, old)
                os.chmod(temporary, stat.S_IMODE(old.st_mode))
                _keep_attributes(place, temporary)
            os.fsync(descriptor)
        if last is not None:
            last()
        os.replace(temporary, place)
    except FileExistsError:
        # It belongs to somebody else.
        raise
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    sync_folder(folder)


_BEGIN, _END = ".wikitools-write-", ".tmp"
"""The start and end of temporary file names: hidden, and without a page's suffix, so that none is taken for a page."""


def new_temporary() -> str:
    """Return a new name for a file that is about to take the place of another one."""
    return f"{_BEGIN}{os.urandom(4).hex()}{_END}"


is_temporary = re.compile(r"\.wikitools-write-[a-z0-9_]{8}\.tmp").fullmatch
"""Matches only our own temporary names, not those of files that somebody named by hand."""


def lock(descriptor: int) -> bool:
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


def sweep(folder: str) -> None:
    """Remove the temporary files of runs that were killed; those of other runs are locked."""
    with contextlib.suppress(OSError), os.scandir(folder) as scan:
        for entry in scan:
            if is_temporary(entry.name) and entry.is_file(follow_symlinks=False):
                descriptor = os.open(entry.path, os.O_RDONLY)
                try:
                    if lock(descriptor):
                        os.unlink(entry.path)
                finally:
                    os.close(descriptor)


def _keep_owner(descriptor: int, status: os.stat_result) -> None:
    """Give the file its old owner and group, or only the group if nothing else is permitted."""
    if not hasattr(os, "fchown"):
        return
    mine = os.fstat(descriptor)
    if (mine.st_uid, mine.st_gid) == (status.st_uid, status.st_gid):
        return
    for owner in (status.st_uid, -1):
        try:
            os.fchown(descriptor, owner, status.st_gid)
        except PermissionError:
            # Only root can change the owner. The group keeps its access.
            continue
        return


def _keep_attributes(place: str, temporary: str) -> None:
    """Copy extended attributes (labels, access control lists) if system and file system support them."""
    if not hasattr(os, "listxattr"):
        return
    with contextlib.suppress(OSError):
        for name in os.listxattr(place):
            # Some belong to the system, which alone may set them.
            with contextlib.suppress(OSError):
                os.setxattr(temporary, name, os.getxattr(place, name))


def sync_folder(folder: str) -> None:
    """Make the rename itself durable, if the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    # The file is complete either way, even if the system cannot sync folders.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
