"""Writes files so that each is always old or complete, by one run at a time in each wiki."""

from __future__ import annotations

import contextlib
import functools
import os
import stat
import time
from typing import TYPE_CHECKING

from wikitools.files.failure import ChangedError, FileError
from wikitools.files.make import lock, not_written, refuse_read_only, sweep, taking_the_place_of
from wikitools.files.opening import STEPS, open_folder
from wikitools.files.real_paths import check_links, find_boundary, real_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


_PATIENCE = 60.0
_PAUSE = 0.05


@contextlib.contextmanager
def writing(
    root: Path, paths: Iterable[str], *, patience: float = _PATIENCE, follow_links: bool = False
) -> Iterator[None]:
    """Lock the wiki at `root` against other runs, and delete temporary files that killed runs left next to `paths`.

    The lock is on the folder itself (flock), so no lock file remains, and the end of a process, however it ends,
    releases it. On systems without such locks, only the comparison before each rename protects. Raises `FileError` if
    another run keeps writing for `patience` seconds.
    """
    try:
        descriptor = os.open(os.path.realpath(root), os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except OSError:
        # A folder that cannot be opened cannot be locked; if something is wrong with it, writing will say so.
        yield
        return
    try:
        deadline = time.monotonic() + patience
        while not lock(descriptor):
            if time.monotonic() > deadline:
                raise FileError(f"{os.fspath(root)}: another run of wikitools is writing here; run again later")
            time.sleep(_PAUSE)
        folders = sorted({os.path.dirname(real_place(root, path, follow_links=follow_links)) for path in paths})
        for folder in folders:
            sweep(folder)
        try:
            yield
        except BaseException:
            # An interrupt may come after a temporary file is created and before its name is known.
            for folder in folders:
                sweep(folder)
            raise
    finally:
        os.close(descriptor)


def write_atomic(root: Path, path: str, old: bytes, new: str, *, follow_links: bool = False) -> None:
    """Replace the file's content: at any moment it is either `old` or `new` (UTF-8), never a part.

    The file keeps its mode, its extended attributes and, if that is permitted, its owner and group. A page that is a
    symbolic link stays one (its target is replaced); a link out of the repository is refused. Raises `FileError`, and
    leaves the file alone, if it is read-only or `new` cannot be encoded; `OutsideError`; `ChangedError` if it no longer
    contains `old`; `DiskFullError`.
    """
    try:
        data = new.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FileError(f"{path}: the new text has a lone surrogate at {error.start}; not written") from error
    try:
        with _held(root, path, follow_links=follow_links) as place:
            status = os.lstat(place)
            if not stat.S_ISREG(status.st_mode):
                raise FileError(f"{path}: not a regular file; not written")
            refuse_read_only(place, path, status)
            if not os.access(os.path.dirname(place), os.W_OK | os.X_OK):
                raise FileError(f"{path}: its folder is read-only; not written")
            # As late as possible: a save right before the replacement goes unnoticed.
            expect = functools.partial(_expect, place, old, f"{path}: changed on disk while wikitools ran; not written")
            with taking_the_place_of(place, status, last=expect) as file:
                file.write(data)
            _expect(place, data, f"{path}: changed by another program right after it was written")
    except FileNotFoundError as error:
        raise ChangedError(f"{path}: deleted while wikitools ran; not written") from error
    except OSError as error:
        raise not_written(path, error) from error


@contextlib.contextmanager
def _held(root: Path, path: str, *, follow_links: bool) -> Iterator[str]:
    """Yield the real location of `path`, as a name in its open folder if the system has such names (Linux).

    That folder stays the same whatever happens to the path: a link that somebody puts there meanwhile has no effect.
    Raises `OutsideError` and `OSError`.
    """
    real = real_place(root, path, follow_links=follow_links)
    if not STEPS or not os.path.isdir(_DESCRIPTORS):
        yield real
        return
    boundary = None
    if not follow_links and not os.path.isabs(path):
        boundary = find_boundary(root)
        check_links(real, path, boundary)
    folder = open_folder(os.path.dirname(real), boundary)
    try:
        yield os.path.join(_DESCRIPTORS, str(folder), os.path.basename(real))
    finally:
        os.close(folder)


_DESCRIPTORS = "/proc/self/fd"


def holds(root: Path, path: str, content: bytes, *, follow_links: bool = False) -> bool:
    """Say whether a file contains exactly this; `False` if it cannot be read."""
    with contextlib.suppress(OSError, FileError):
        _expect(real_place(root, path, follow_links=follow_links), content, "")
        return True
    return False


def _expect(place: str, content: bytes, message: str) -> None:
    """Raise `ChangedError` with the message unless the file contains exactly this."""
    with open(place, "rb") as file:
        if file.read(len(content) + 1) != content:
            raise ChangedError(message)
