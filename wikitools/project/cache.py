"""The cache on disk: what was read from files and found in them, with what it depended on. Data only, safe to delete.

There is one SQLite file (`files/database.py`) for each wiki and version of wikitools. Every row has a checksum of its
key and content, so that a damaged or foreign file is detected and replaced.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.util
import os
import sys
import time
import zlib
from typing import TYPE_CHECKING, Any

import msgpack

from wikitools import __version__
from wikitools.files import NO_FILE, FileError, Stamp, cache_folder
from wikitools.files.database import Database, Layout, refuse_odd_files
from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from wikitools.files.database import Connection

FORMAT = 7
"""The version of the stored data; raise it when their form or meaning changes."""

_APPLICATION = 0x77696B69
_KEPT_RESULTS = 24
"""For how many different sets of settings and rules results are kept."""
_FEW = 50
"""Up to so many rows are read one by one, which is faster than reading all of their kind."""
_RACY = 2_000_000_000
"""A file that changed less than these nanoseconds before it was read may change again without a new time."""


def pack(data: object) -> bytes:
    """Return plain data as bytes. Tuples and lists both come back as tuples."""
    packed: bytes = msgpack.packb(data, unicode_errors="surrogatepass")
    return packed


def unpack(packed: bytes) -> Any:
    """Return the data that was packed; raises `ValueError` if it is not packed data.

    The caller gives it a type at once: that of the record which it packed.
    """
    try:
        return msgpack.unpackb(packed, use_list=False, strict_map_key=False, unicode_errors="surrogatepass")
    except (msgpack.exceptions.UnpackException, UnicodeDecodeError, RecursionError, TypeError) as error:
        raise ValueError(f"not packed data: {error}") from error


def pack_each(items: Iterable[object]) -> bytes:
    """Return plain data as bytes, compressed, one item after another."""
    packer = msgpack.Packer(unicode_errors="surrogatepass", autoreset=False)
    squeezer = zlib.compressobj(level=1)
    pieces: list[bytes] = []
    for item in items:
        packer.pack(item)
        if len(packer.getbuffer()) > _PIECE:
            pieces.append(squeezer.compress(packer.getbuffer()))
            packer.reset()
    return b"".join((*pieces, squeezer.compress(packer.getbuffer()), squeezer.flush()))


def unpack_each(packed: bytes) -> Iterator[tuple[object, ...]]:
    """Yield the items that were packed; raises `ValueError` at data that was not packed."""
    unpacker = msgpack.Unpacker(use_list=False, strict_map_key=False, unicode_errors="surrogatepass")
    expander = zlib.decompressobj()
    try:
        for start in range(0, len(packed), _PIECE):
            unpacker.feed(expander.decompress(packed[start : start + _PIECE]))
            yield from unpacker
    except (zlib.error, msgpack.exceptions.UnpackException, UnicodeDecodeError, RecursionError, TypeError) as error:
        raise ValueError(f"not packed data: {error}") from error


_PIECE = 16_384
"""So many bytes are compressed or expanded at once."""


def digest(*parts: bytes) -> bytes:
    """Return 16 bytes that identify these parts."""
    made = hashlib.blake2b(digest_size=16)
    for part in parts:
        made.update(len(part).to_bytes(8, "little"))
        made.update(part)
    return made.digest()


def content_hash(data: bytes) -> bytes:
    """Return the hash of a file's content: 16 bytes."""
    return hashlib.blake2b(data, digest_size=16).digest()


@functools.cache
def code_key() -> bytes:
    """Return the hash of the code that reads pages, as it is at the first call.

    For an installed wikitools it is made from the version, for a checkout from the times of its files. The libraries
    that affect results count as well.
    """
    parts = [f"{__version__} {FORMAT} {sys.version_info[:3]} {sys.implementation.name}".encode()]
    parts += (f"{path} {stamp}".encode() for path, stamp in _sources(os.path.dirname(os.path.dirname(__file__))))
    for place in library_files():
        with contextlib.suppress(OSError):
            status = os.stat(place)
            parts.append(f"{place} {status.st_size} {status.st_mtime_ns}".encode())
    return digest(*parts)


@functools.cache
def library_files() -> tuple[str, ...]:
    """Return the main file of each library that affects results."""
    specs = map(importlib.util.find_spec, LIBRARIES)
    return tuple(spec.origin for spec in specs if spec is not None and spec.origin)


LIBRARIES = {
    "pyromark": "pyromark",
    "yaml": "pyyaml",
    "rapidfuzz": "rapidfuzz",
    "bibtexparser": "bibtexparser",
    "pylatexenc": "pylatexenc",
    "msgpack": "msgpack",
}
"""The libraries that affect results: the module of each, and the package that it comes in."""


def _sources(folder: str) -> Iterator[tuple[str, tuple[int, int]]]:
    with contextlib.suppress(OSError), os.scandir(folder) as scan:
        for entry in sorted(scan, key=lambda entry: entry.name):
            if entry.is_dir() and entry.name != "__pycache__":
                yield from _sources(entry.path)
            elif entry.name.endswith(".py"):
                status = entry.stat()
                yield entry.path, (status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered about a file: its stamp, the hash of its content, and what every run needs of it."""

    stamp: Stamp
    hash: bytes
    head: bytes


@dataclass(frozen=True, slots=True)
class KnownBlob:
    """What is remembered about a page in git: the hash of its content, and its head if the file on disk differs."""

    hash: bytes
    head: bytes = b""


class Store:
    """The cache of one wiki. After any failure it is empty, ignores writes, and has told `note` why."""

    def __init__(
        self, file: str, root: str, note: Callable[[str], None], warn: Callable[[str], None] | None = None
    ) -> None:
        self.file = file
        about: dict[str, int | bytes] = {"root": root.encode("utf-8", "surrogateescape"), "format": FORMAT}
        self._base = Database(file, Layout("cache", _APPLICATION, _TABLES, about), note, warn)

    @property
    def usable(self) -> bool:
        """Whether anything can be read from it."""
        return self._base.usable

    # Reading

    def pages(self) -> dict[str, Known]:
        """Return what is known about each page, by path."""
        found: dict[str, Known] = {}
        try:
            for path, size, modified, changed, inode, hash_, check, head in self._base.rows("SELECT * FROM pages"):
                if check != zlib.crc32(head, zlib.crc32(hash_, zlib.crc32(path))):
                    raise ValueError("a checksum is wrong")
                found[path.decode("utf-8", "surrogatepass")] = Known(Stamp(size, modified, changed, inode), hash_, head)
        except (ValueError, TypeError, UnicodeDecodeError) as error:
            self._base.fail(error)
            return {}
        return found

    def body(self, hash_: bytes) -> bytes | None:
        """Return what was read from a page with this content; `None` if it is unknown."""
        found = self._checked("SELECT sum, data FROM bodies WHERE hash = ?", hash_, place=hash_)
        return found[0] if found else None

    def blobs(self) -> dict[str, KnownBlob]:
        """Return what is known about files in git, by git's object id for their content."""
        found: dict[str, KnownBlob] = {}
        try:
            for blob, hash_, check, head in self._base.rows("SELECT blob, hash, sum, head FROM blobs"):
                if check != zlib.crc32(head, zlib.crc32(hash_, zlib.crc32(blob.encode()))):
                    raise ValueError("a checksum is wrong")
                found[blob] = KnownBlob(hash_, head)
        except (ValueError, TypeError, AttributeError) as error:
            self._base.fail(error)
            return {}
        return found

    def results(self, key: bytes, paths: Sequence[str] | None = None) -> dict[str, tuple[bytes, bytes]]:
        """Return the results for pages with the settings and rules of `key`: hash of the page, and data.

        With `paths`, those for these pages are in it; others may be.
        """
        found: dict[str, tuple[bytes, bytes]] = {}
        query = "SELECT path, hash, sum, data FROM results WHERE way = ?"
        if paths is None or len(paths) > _FEW:
            rows = self._base.rows(query, key)
        else:
            rows = [row for path in paths for row in self._base.rows(f"{query} AND path = ?", key, _path(path))]
        try:
            for path, hash_, check, data in rows:
                if check != zlib.crc32(data, zlib.crc32(hash_, zlib.crc32(path, zlib.crc32(key)))):
                    raise ValueError("a checksum is wrong")
                found[path.decode("utf-8", "surrogatepass")] = hash_, data
        except (ValueError, TypeError, UnicodeDecodeError) as error:
            self._base.fail(error)
            return {}
        return found

    def thing(self, key: bytes) -> bytes | None:
        """Return what was stored under `key`: a bibliography that was read, or the outcome of a run."""
        found = self._checked("SELECT sum, data FROM things WHERE key = ?", key, place=key)
        return found[0] if found else None

    def _checked(self, query: str, *values: bytes, place: bytes) -> list[bytes]:
        found = []
        try:
            for check, data in self._base.rows(query, *values):
                if check != zlib.crc32(data, zlib.crc32(place)):
                    raise ValueError("a checksum is wrong")
                found.append(data)
        except (ValueError, TypeError) as error:
            self._base.fail(error)
            return []
        return found

    # Writing

    def put_pages(
        self, pages: Mapping[str, Known], *, bodies: Mapping[bytes, bytes], began: int, gone: Iterable[str] = ()
    ) -> None:
        """Store pages, and what was read from each content, by its hash; delete those in `gone`.

        `began` is a time before the first of these files was read, in nanoseconds.
        """

        def work(base: Connection) -> None:
            base.executemany("DELETE FROM pages WHERE path = ?", ((_path(path),) for path in gone))
            base.executemany(
                "INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                ((_path(path), *_trusted(known.stamp, began), known.hash, _sum_of(path, known), known.head)
                 for path, known in sorted(pages.items())),
            )  # fmt: skip
            base.executemany(
                "INSERT OR REPLACE INTO bodies VALUES (?, ?, ?)",
                ((hash_, zlib.crc32(data, zlib.crc32(hash_)), data) for hash_, data in bodies.items()),
            )

        self._base.write(work)

    def put_blobs(self, blobs: Mapping[str, KnownBlob]) -> None:
        """Store files in git, by git's object id for their content."""

        def work(base: Connection) -> None:
            base.executemany(
                "INSERT OR REPLACE INTO blobs VALUES (?, ?, ?, ?)",
                ((blob, each.hash, zlib.crc32(each.head, zlib.crc32(each.hash, zlib.crc32(blob.encode()))), each.head)
                 for blob, each in blobs.items()),
            )  # fmt: skip

        self._base.write(work)

    def put_results(self, key: bytes, results: Mapping[str, tuple[bytes, bytes]]) -> None:
        """Store the results for pages with the settings and rules of `key`; see `results`."""
        way = zlib.crc32(key)

        def work(base: Connection) -> None:
            base.execute("INSERT OR REPLACE INTO ways VALUES (?, ?)", (key, time.time_ns()))
            base.executemany(
                "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?)",
                ((key, place, hash_, zlib.crc32(data, zlib.crc32(hash_, zlib.crc32(place, way))), data)
                 for path, (hash_, data) in sorted(results.items()) for place in (_path(path),)),
            )  # fmt: skip
            old = base.execute("SELECT way FROM ways ORDER BY used DESC LIMIT -1 OFFSET ?", (_KEPT_RESULTS,)).fetchall()
            base.executemany("DELETE FROM results WHERE way = ?", old)
            base.executemany("DELETE FROM ways WHERE way = ?", old)

        self._base.write(work)

    def put_thing(self, key: bytes, kind: str, data: bytes, *, kept: int = 1000) -> None:
        """Store something under `key`; the last `kept` things of each `kind` stay."""

        def work(base: Connection) -> None:
            check = zlib.crc32(data, zlib.crc32(key))
            base.execute(
                "INSERT OR REPLACE INTO things VALUES (?, ?, ?, ?, ?)", (key, kind, time.time_ns(), check, data)
            )
            base.execute(
                "DELETE FROM things WHERE kind = ? AND key NOT IN "
                "(SELECT key FROM things WHERE kind = ? ORDER BY used DESC LIMIT ?)",
                (kind, kind, kept),
            )

        self._base.write(work)

    def tidy(self) -> None:
        """Delete data that no longer belongs to any page, if there is much of it."""

        def work(base: Connection) -> None:
            bodies = base.execute("SELECT count(*) FROM bodies").fetchone()[0]
            pages = base.execute("SELECT count(*) FROM pages").fetchone()[0]
            if bodies > 2 * pages + 100:
                base.execute("DELETE FROM bodies WHERE hash NOT IN (SELECT hash FROM pages)")
            base.execute("DELETE FROM results WHERE path NOT IN (SELECT path FROM pages)")
            if base.execute("SELECT count(*) FROM blobs").fetchone()[0] > 4 * pages + 1000:
                base.execute("DELETE FROM blobs WHERE hash NOT IN (SELECT hash FROM pages)")

        self._base.write(work)

    def close(self) -> None:
        """Close the file."""
        self._base.close()


_TABLES = (
    "pages (path BLOB PRIMARY KEY, size INTEGER, modified INTEGER, changed INTEGER, inode INTEGER, hash BLOB, "
    "sum INTEGER, head BLOB)",
    "bodies (hash BLOB PRIMARY KEY, sum INTEGER, data BLOB)",
    "blobs (blob TEXT PRIMARY KEY, hash BLOB, sum INTEGER, head BLOB)",
    "results (way BLOB, path BLOB, hash BLOB, sum INTEGER, data BLOB, PRIMARY KEY (way, path)) WITHOUT ROWID",
    "ways (way BLOB PRIMARY KEY, used INTEGER)",
    "things (key BLOB PRIMARY KEY, kind TEXT, used INTEGER, sum INTEGER, data BLOB)",
)


def _path(path: str) -> bytes:
    return path.encode("utf-8", "surrogatepass")


def _sum_of(path: str, known: Known) -> int:
    return zlib.crc32(known.head, zlib.crc32(known.hash, zlib.crc32(_path(path))))


def _trusted(stamp: Stamp, began: int) -> Stamp:
    """Return a stamp with which the file can be compared later; one that is too recent to be sure matches no file."""
    return as_kept(stamp) if max(stamp.modified, stamp.changed) < began - _RACY else NO_FILE


def as_kept(stamp: Stamp) -> Stamp:
    """Return a stamp as SQLite can store it: its integers have 64 bits with a sign, and inodes may use all of them."""
    return stamp._replace(inode=stamp.inode - 2**64) if stamp.inode >= 2**63 else stamp


# The file


def open_store(
    folder: str, root: Path | str, note: Callable[[str], None], warn: Callable[[str], None] | None = None
) -> Store | None:
    """Return the cache of the wiki at `root` in `folder`, which is created if necessary; `None` if that fails.

    `warn` is told why a cache can never be used, `note` about temporary problems.
    """
    warn = warn or note
    place = os.path.realpath(root)
    try:
        folder = cache_folder.lay(folder, place)
        file = os.path.join(folder, cache_folder.file_name(wiki_key(place), code_key()))
        refuse_odd_files(file)
    except FileError as error:
        warn(f"cache not used: {error}")
        return None
    store = Store(file, place, note, warn)
    if not store.usable:
        return None
    with contextlib.suppress(OSError):
        # The file's time says when it was last used.
        os.utime(file)
    return store


def wiki_key(root: Path | str) -> bytes:
    """Return the hash that identifies a wiki, by the path of its root."""
    return digest(os.path.realpath(root).encode("utf-8", "surrogateescape"))
