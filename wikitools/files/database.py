"""SQLite files in the cache folder: only data, safe to delete, replaced when damaged or foreign.

A missing or broken file never raises: after any failure the database is empty, ignores writes, and a note says why.
SQLite's locks separate two runs at the same time: the later one works without the database.
"""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import field
from typing import TYPE_CHECKING, Any

from wikitools.files import cache_folder
from wikitools.files.failure import FileError, reason
from wikitools.files.make import claim
from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from sqlite3 import Connection as Connection  # noqa: PLC0414  # others import it from here

_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Layout:
    """The tables of a kind of file, and what identifies it."""

    name: str
    """What notes call it: "cache"."""
    application: int
    """SQLite's `application_id`."""
    tables: tuple[str, ...]
    """The text after CREATE TABLE, for each table but `about`."""
    about: Mapping[str, int | bytes] = field(default_factory=dict)
    """What the table `about` must contain; otherwise the file is a different one."""
    synchronous: bool = False
    """Whether writes wait for the disk, because the content cannot be restored from files."""

    def schema(self) -> tuple[str, ...]:
        """Return the text after CREATE TABLE, for all tables."""
        return ("about (name TEXT PRIMARY KEY, value)", *self.tables)


class Database:
    """An open database. Temporary problems go to `note`; `warn` is told why the file can never be used."""

    def __init__(
        self, file: str, layout: Layout, note: Callable[[str], None], warn: Callable[[str], None] | None = None
    ) -> None:
        self.file = file
        self._layout = layout
        self._note = note
        self._warn = warn or note
        self._base: Connection | None = None
        self._writable = True
        self._open()

    @property
    def usable(self) -> bool:
        """Whether anything can be read from it."""
        return self._base is not None

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query; none after a failure."""
        if self._base is None:
            return []
        import sqlite3

        try:
            return self._base.execute(query, values).fetchall()
        except (sqlite3.Error, ValueError) as error:
            self.fail(error)
            return []

    def write(self, work: Callable[[Connection], None]) -> None:
        """Run `work` in one transaction, or not at all."""
        if self._base is None or not self._writable:
            return
        import sqlite3

        try:
            with _transaction(self._base):
                work(self._base)
        except (sqlite3.Error, ValueError) as error:
            if not _passes(error):
                self.fail(error)
                return
            # Read-only, full, or another run is writing: what was read is still valid.
            self._writable = False
            self._note(f"{self._layout.name}: {self.file}: nothing written: {error}")

    def fail(self, error: Exception) -> None:
        """Stop using the file; a damaged one is removed."""
        if _passes(error):
            self._give_up(f"not used: {error}")
        else:
            self._note(f"{self._layout.name}: {self.file}: damaged ({error}); the next run creates a new one")
            self._discard()

    def close(self) -> None:
        """Close the file."""
        if self._base is not None:
            self._base.close()
            self._base = None

    # Opening

    def _open(self) -> None:
        import sqlite3

        name = self._layout.name
        for attempt in (1, 2):
            try:
                self._base = self._connect()
            except (sqlite3.Error, ValueError, _ForeignError) as error:
                if _passes(error):
                    self._give_up(f"not used: {error}")
                    return
                self._discard()
                if attempt == 1:
                    self._note(f"{name}: {self.file}: {error}; creating a new one")
                    continue
                self._give_up(f"not used: {error}")
            except OSError as error:
                self._warn(f"{name} not used: {self.file}: {reason(error)}")
            return

    def _connect(self) -> Connection:
        import sqlite3

        # SQLite follows links, so make the file first if it does not exist; anything else here was checked.
        claim(self.file)
        base = sqlite3.connect(self.file, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            base.execute(f"PRAGMA synchronous = {'NORMAL' if self._layout.synchronous else 'OFF'}")
            base.execute("PRAGMA trusted_schema = OFF")
            base.execute("PRAGMA cell_size_check = ON")
            schema = {sql for (sql,) in base.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")}
            if not schema:
                self._lay(base)
            elif (
                schema != {f"CREATE TABLE {table}" for table in self._layout.schema()}
                or base.execute("PRAGMA application_id").fetchone()[0] != self._layout.application
            ):
                raise _ForeignError(f"not a {self._layout.name} of wikitools")
            else:
                rows = dict(base.execute("SELECT name, value FROM about"))
                if any(rows.get(name) != value for name, value in self._layout.about.items()):
                    raise _ForeignError(f"the {self._layout.name} of another wiki or version")
        except BaseException:
            base.close()
            raise
        return base

    def _lay(self, base: Connection) -> None:
        with _transaction(base):
            base.execute(f"PRAGMA application_id = {self._layout.application}")
            for table in self._layout.schema():
                base.execute(f"CREATE TABLE IF NOT EXISTS {table}")
            base.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", list(self._layout.about.items()))

    def _discard(self) -> None:
        self.close()
        for name in (self.file, *cache_folder.beside(self.file)):
            with contextlib.suppress(OSError):
                os.unlink(name)

    def _give_up(self, why: str) -> None:
        self.close()
        self._note(f"{self._layout.name}: {self.file}: {why}")


def refuse_odd_files(file: str) -> None:
    """Raise `FileError` if something other than a regular file has a name that SQLite would open."""
    for name in (file, *cache_folder.beside(file)):
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISREG(os.lstat(name).st_mode):
                raise FileError(f"{name}: not a regular file")


class _ForeignError(Exception):
    """The file is not the database that is wanted."""


def _passes(error: Exception) -> bool:
    """Say whether an error is temporary (locked, read-only, disk full), so that the file may be intact.

    Even the message about a damaged file may not be text; that is a `ValueError`.
    """
    import sqlite3

    of_the_moment = (
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR),
        *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PERM),
    )
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF in of_the_moment


@contextlib.contextmanager
def _transaction(base: Connection) -> Iterator[None]:
    import sqlite3

    base.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            base.execute("ROLLBACK")
        raise
    base.execute("COMMIT")
