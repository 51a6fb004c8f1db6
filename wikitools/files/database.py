"""SQLite files in the cache folder: only data, safe to delete, replaced when damaged or foreign.

Nothing here ever raises for want of such a file: after any failure it holds nothing and takes nothing, and a note says
why. Two runs at once are kept apart by SQLite's locks: the one that comes too late does without.
"""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wikitools.files import cache_folder
from wikitools.files.failure import FileError, reason
from wikitools.files.make import claim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from sqlite3 import Connection as Connection  # noqa: PLC0414  # others name it from here

_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file of this kind holds, and by what it is known."""

    name: str
    """What it is, in notes: "cache"."""
    application: int
    """SQLite's `application_id`."""
    tables: tuple[str, ...]
    """What follows CREATE TABLE, for each table but `about`."""
    about: Mapping[str, int | bytes] = field(default_factory=dict)
    """What the table `about` must say; a file that says otherwise is another one."""
    synchronous: bool = False
    """Wait for the disk: what is in it cannot be made anew from files."""

    def schema(self) -> tuple[str, ...]:
        """Return what follows CREATE TABLE, for all tables."""
        return ("about (name TEXT PRIMARY KEY, value)", *self.tables)


class Database:
    """One file, opened. `note` is told what passes by itself, `warn` why it can never be used as things are."""

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
        """Return the rows that a query finds; none after a failure."""
        if self._base is None:
            return []
        import sqlite3

        try:
            return self._base.execute(query, values).fetchall()
        except (sqlite3.Error, ValueError) as error:
            self.fail(error)
            return []

    def write(self, work: Callable[[Connection], None]) -> None:
        """Do some work in one transaction, or none of it."""
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
            # Read-only, full, or another run writes: what was read stays good.
            self._writable = False
            self._note(f"{self._layout.name}: {self.file}: nothing written: {error}")

    def fail(self, error: Exception) -> None:
        """Do without the file from here on; a damaged one is removed."""
        if _passes(error):
            self._give_up(f"not used: {error}")
        else:
            self._note(f"{self._layout.name}: {self.file}: damaged ({error}); the next run makes a new one")
            self._discard()

    def close(self) -> None:
        """Let go of the file."""
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
                    self._note(f"{name}: {self.file}: {error}; a new one is made")
                    continue
                self._give_up(f"not used: {error}")
            except OSError as error:
                self._warn(f"{name} not used: {self.file}: {reason(error)}")
            return

    def _connect(self) -> Connection:
        import sqlite3

        # SQLite follows links; this makes a file where nothing is, and what else may be here was looked at.
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
    """Raise `FileError` when something else than a regular file has the name of one that SQLite would open."""
    for name in (file, *cache_folder.beside(file)):
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISREG(os.lstat(name).st_mode):
                raise FileError(f"{name}: not a regular file")


class _ForeignError(Exception):
    """The file is something else than the one that is wanted."""


def _passes(error: Exception) -> bool:
    """Say whether an error is of the moment (locked, read-only, no room), and the file may be sound.

    Of a damaged file, even the message may be no text; that is a `ValueError`.
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
