"""The cache folder: where it is, how it differs from other programs' folders, and which files may be deleted.

By default it is in the user's cache folder, so that no repository can contain a cache. Wherever it is, wikitools
deletes only files whose names have its own form, and only if the folder's tag says that wikitools made it.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from typing import TYPE_CHECKING

from wikitools.files.failure import FileError, reason
from wikitools.files.make import NEW, is_temporary, lock, make_file, new_temporary, without_links
from wikitools.user_cache import user_folder as user_folder  # noqa: PLC0414  # others import it from here

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TAG = "CACHEDIR.TAG"
SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55"
"""The start of the tag (Cache Directory Tagging Specification 0.6)."""
DEFAULT_LIMIT = 1_000_000_000
"""How many bytes the folder may take before the least recently used files are deleted."""

_MAKER = "made by wikitools"
_OURS = {
    ".gitignore": "# Made by wikitools.\n*\n",
    TAG: f"{SIGNATURE}\n# This folder is a cache {_MAKER}. It is safe to delete.\n",
}
"""The files in the folder besides those of wikis; the tag is written last, after everything else."""
_IS_OURS = re.compile(r"([0-9a-f]{16})-[0-9a-f]{16}\.(db|replay)(?P<beside>(?<=db)(?:-journal|-wal|-shm))?").fullmatch
MEMORY = "web.sqlite"
"""The remembered answers from the web. They outlive the cache in the same folder, because no file can restore them."""
_KEPT_FILES = 3
"""How many files of each kind are kept for one wiki: each version of wikitools or of Python has its own cache, and each
command line its own record (`replay.py`)."""
_LONGEST_TAG = 4096


def file_name(wiki: bytes, code: bytes) -> str:
    """Return the name of the file for a wiki and a version of the code, each identified by at least 8 bytes."""
    return f"{wiki.hex()[:16]}-{code.hex()[:16]}.db"


def lay(folder: str, root: str | os.PathLike[str]) -> str:
    """Make the folder of a cache if there is none, and return its real path.

    Raises `FileError` if it cannot be made or contains files of others, and `LinkedError` if its path leads through a
    link of the wiki at `root`.
    """
    place = without_links(folder, root)
    if is_cache_folder(place):
        return place
    try:
        # It may contain text of private pages.
        os.makedirs(place, mode=0o700, exist_ok=True)
        others = [name for name in os.listdir(place) if name not in _OURS and not is_temporary(name)]
    except OSError as error:
        raise FileError(f"{folder}: {reason(error)}") from error
    # Another run may have made it just now.
    is_tagged = os.path.lexists(os.path.join(place, TAG))
    if (others or is_tagged) and not is_cache_folder(place):
        what = "is the cache of another program" if is_tagged else "contains other files than a cache of wikitools"
        raise FileError(f"{folder}: the folder {what} ({TAG} {'says so' if is_tagged else 'is missing'})")
    for name, text in _OURS.items():
        inside = os.path.join(place, name)
        if not os.path.lexists(inside):
            make_file(inside, [text], root=root)
    return place


def is_cache_folder(place: str) -> bool:
    """Say whether wikitools made a folder for a cache: its tag says so, and is not a link."""
    text = _read_small(os.path.join(place, TAG))
    return text.startswith(SIGNATURE) and _MAKER in text


def _read_small(path: str) -> str:
    """Return the start of a regular file; "" for anything else, including links and pipes."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError:
        return ""
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        return file.read(_LONGEST_TAG).decode("utf-8", "replace")


def _files_of_wikis(place: str, wiki: str = "") -> Iterator[tuple[re.Match[str], os.DirEntry[str], os.stat_result]]:
    """Yield the files of wikitools in a cache folder (with `wiki`, those of one wiki); nothing for other folders."""
    if not is_cache_folder(place):
        return
    with os.scandir(place) as scan:
        for entry in scan:
            match = _IS_OURS(entry.name)
            if match is not None and match[1].startswith(wiki) and not entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(FileNotFoundError):
                    yield match, entry, entry.stat(follow_symlinks=False)


def put(place: str, pieces: Iterable[bytes]) -> None:
    """Write a file of the cache: it is complete, or it is not there. Raises `OSError`.

    Nothing waits for the disk: what a power failure damages has a wrong checksum.
    """
    temporary = os.path.join(os.path.dirname(place), new_temporary())
    try:
        with open(os.open(temporary, NEW, 0o600), "wb") as file:
            lock(file.fileno())
            file.writelines(pieces)
        os.replace(temporary, place)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def prune(folder: str, *, keep: str = "", limit: int = DEFAULT_LIMIT) -> None:
    """Delete the least recently used files of the cache: those above `limit` bytes, and those too many for one wiki."""
    found: list[tuple[float, int, str, tuple[str, str]]] = []
    with contextlib.suppress(OSError):
        for match, entry, status in _files_of_wikis(folder):
            if not match["beside"]:
                found.append((status.st_mtime, status.st_size, entry.path, (match[1], match[2])))
    total = 0
    of_kind: dict[tuple[str, str], int] = {}
    for _used, size, path, kind in sorted(found, key=lambda each: (each[2] != keep, -each[0])):
        of_kind[kind] = of_kind.get(kind, 0) + 1
        total += size
        if path != keep and (total > limit or of_kind[kind] > _KEPT_FILES):
            total -= size
            for name in (path, *beside(path)):
                with contextlib.suppress(OSError):
                    os.unlink(name)


def beside(file: str) -> tuple[str, ...]:
    """Return the files that SQLite may make next to a database file."""
    return tuple(f"{file}-{end}" for end in ("journal", "wal", "shm"))


def clean(folder: str, root: str | os.PathLike[str], wiki: bytes | None = None) -> tuple[int, int]:
    """Delete the cache of one wiki, or of all; return how many files and bytes were deleted. Files of others stay.

    The folder is deleted with its last file. Raises `FileError` for a file that cannot be deleted.
    """
    place = without_links(folder, root)
    if not is_cache_folder(place):
        return 0, 0
    count = size = 0
    try:
        for match, entry, status in list(_files_of_wikis(place, wiki.hex()[:16] if wiki is not None else "")):
            os.unlink(entry.path)
            size += status.st_size
            count += not match["beside"]
        _unlay_if_empty(place)
    except OSError as error:
        raise FileError(f"{error.filename or folder}: {reason(error)}") from error
    return count, size


def forget(folder: str, root: str | os.PathLike[str]) -> int:
    """Delete the remembered answers from the web; return how many bytes they took, 0 if there were none.

    The folder is deleted with its last file. Raises `FileError` for a file that cannot be deleted.
    """
    place = without_links(folder, root)
    if not is_cache_folder(place):
        return 0
    memory = os.path.join(place, MEMORY)
    size = 0
    try:
        for name in (memory, *beside(memory)):
            with contextlib.suppress(FileNotFoundError):
                size += os.lstat(name).st_size
                os.unlink(name)
        _unlay_if_empty(place)
    except OSError as error:
        raise FileError(f"{error.filename or folder}: {reason(error)}") from error
    return size


def _unlay_if_empty(place: str) -> None:
    if not any(_files_of_wikis(place)) and not os.path.lexists(os.path.join(place, MEMORY)):
        _unlay(place)


def _unlay(place: str) -> None:
    """Remove what `lay` made, and the folder if nothing else is in it."""
    for name in os.listdir(place):
        path = os.path.join(place, name)
        if is_temporary(name) or (name in _OURS and name != TAG and _read_small(path) == _OURS[name]):
            os.unlink(path)
    os.unlink(os.path.join(place, TAG))
    with contextlib.suppress(OSError):
        # Somebody else's files are in it.
        os.rmdir(place)
