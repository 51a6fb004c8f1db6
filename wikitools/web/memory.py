"""What was answered on the web, when, and when to ask again: kept for all wikis in the user's cache folder.

Each answer is kept under the service that gave it and what it was asked about (`doi:10.1000/182`), never under an
address: so the answers of one request are found one by one. Neither keys nor your mail address are in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from wikitools.files import FileError, cache_folder
from wikitools.files.database import Database, Layout, refuse_odd_files
from wikitools.web.pace import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wikitools.files.database import Connection

_BATCH = 1000
"""After this many new answers they are written, so that a killed run loses no more."""
FORMAT = 2
"""The version of the stored data; raise it when their form or meaning changes."""
_APPLICATION = 0x77696B77
_HOUR, _DAY = 3600.0, 86_400.0
_SPREAD = 0.3
"""Ages vary by this share, so that the answers of one night do not all expire in one night."""


class Status(StrEnum):
    """What was answered."""

    HERE = "here"
    """The service has it, and its answer is kept."""
    EXISTS = "exists"
    """The registry knows the identifier, which seldom changes."""
    GONE = "gone"
    """The service itself says that it has nothing."""
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


_AGES = {
    Status.HERE: 14 * _DAY,
    Status.EXISTS: 365 * _DAY,
    Status.GONE: 7 * _DAY,
    Status.REFUSED: 7 * _DAY,
    Status.UNREACHABLE: _DAY,
    Status.UNKNOWN: 6 * _HOUR,
}
_FIRST_AGES = {Status.GONE: _DAY}
"""The age after the first question, if it differs: a new identifier is not known everywhere at once."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """One answer."""

    status: Status
    data: Any
    """What the service says, as JSON; `None` if it says nothing."""
    why: str
    """Why there is no answer, as a phrase."""
    since: float
    """When it answered so for the first time, in seconds since 1970."""
    asked: float
    """When it was asked last."""
    due: float
    """When to ask again."""
    looks: int
    """How many times in a row it answered so."""


class Memory:
    """The answers of one file; without a file (`None`), those of this run."""

    def __init__(self, base: Database | None = None, clock: Clock | None = None) -> None:
        self._base = base
        self._clock = clock or Clock()
        self._new: dict[tuple[str, str], Remembered] = {}
        self._read: dict[tuple[str, str], Remembered | None] = {}
        """Answers from the file, each of which is read once, when it is needed."""
        self.days = int(_AGES[Status.HERE] / _DAY)
        """After this many days, a service or page that answered is asked again."""

    def get(self, service: str, subject: str) -> Remembered | None:
        """Return what a service answered about a subject, of whatever age."""
        key = service, subject
        if (found := self._new.get(key)) is not None:
            return found
        if self._base is None:
            return None
        if key not in self._read:
            self._read[key] = self._stored(self._base, service, subject)
        return self._read[key]

    def _stored(self, base: Database, service: str, subject: str) -> Remembered | None:
        rows = base.rows(
            "SELECT status, why, since, asked, due, looks, sum, data FROM answers WHERE service = ? AND subject = ?",
            service,
            subject,
        )
        try:
            for status, why, since, asked, due, looks, check, data in rows:
                if check != _sum(service, subject, status, data):
                    raise ValueError("a checksum is wrong")
                said = json.loads(zlib.decompress(data)) if data else None
                return Remembered(Status(status), said, why, since, asked, due, looks)
        except (ValueError, TypeError, zlib.error) as error:
            base.fail(error)
        return None

    def fresh(self, service: str, subject: str, *, insist: bool = False) -> Remembered | None:
        """Return an answer that is not due yet; `None` if the service must be asked.

        With `insist` the user waits for the answer, so a question that got none is asked again at once.
        """
        found = self.get(service, subject)
        if found is None or found.due <= self._clock.now() or (insist and found.status in _OPEN):
            return None
        # A clock that was wrong once must not keep an answer for ever.
        return found if found.asked <= self._clock.now() + _DAY else None

    def put(
        self,
        service: str,
        subject: str,
        status: Status,
        data: Any = None,
        *,
        why: str = "",
        until: float = 0.0,
        replaces: bool = False,
    ) -> Remembered:
        """Remember an answer; `until` is when the host wants to be asked again, if it said so.

        A missing answer does not replace an earlier answer, unless `replaces` says so.
        """
        now = self._clock.now()
        before = self.get(service, subject)
        if before is not None and status in _OPEN and before.status not in _OPEN and not replaces:
            return before
        same = before is not None and before.status == status
        looks = before.looks + 1 if before is not None and same else 1
        age = _FIRST_AGES.get(status, _AGES[status]) if looks == 1 else _AGES[status]
        age = self.days * _DAY if status == Status.HERE else age
        due = max(now + age * _spread(subject), until)
        since = before.since if before is not None and same else now
        kept = Remembered(status, data, why, since, now, due, looks)
        self._new[service, subject] = kept
        if len(self._new) >= _BATCH:
            self._write_new()
        return kept

    def subjects(self, service: str) -> tuple[str, ...]:
        """Return all subjects that the service was ever asked about."""
        rows = self._base.rows("SELECT subject FROM answers WHERE service = ?", service) if self._base else []
        new = (subject for asked, subject in self._new if asked == service)
        return tuple(dict.fromkeys((*(str(subject) for (subject,) in rows), *new)))

    def now(self) -> float:
        """Return the current time, in seconds since 1970."""
        return self._clock.now()

    def closed(self) -> dict[str, float]:
        """Return the hosts that want no requests, each until a time in seconds since 1970."""
        return self._moments("closed")

    def paused(self) -> dict[str, float]:
        """Return the hosts whose next turn is still to come, each with its time in seconds since 1970."""
        return self._moments("next")

    def _moments(self, column: str) -> dict[str, float]:
        rows = self._base.rows(f"SELECT host, {column} FROM hosts") if self._base is not None else []
        return {str(host): float(moment) for host, moment in rows if moment > self._clock.now()}

    def save(self, closed: Mapping[str, float] | None = None, paused: Mapping[str, float] | None = None) -> None:
        """Write new answers, which hosts want no requests, and when each may be asked next."""
        if self._base is None:
            return
        self._write_new()
        now = self._clock.now()

        def work(base: Connection) -> None:
            base.execute("DELETE FROM hosts WHERE closed <= ? AND next <= ?", (now, now))
            until, turn = closed or {}, paused or {}
            base.executemany(
                "INSERT OR REPLACE INTO hosts VALUES (?, ?, ?)",
                [(host, until.get(host, 0.0), turn.get(host, 0.0)) for host in sorted({*until, *turn})],
            )

        self._base.write(work)

    def _write_new(self) -> None:
        """Write the new answers, all in one transaction."""
        if self._base is None:
            return
        new, self._new = self._new, {}

        def work(base: Connection) -> None:
            base.executemany(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (_row(service, subject, found) for (service, subject), found in new.items()),
            )

        self._base.write(work)
        # Few of them are needed again, and those are read from the file.
        for key in new:
            self._read.pop(key, None)

    def close(self) -> None:
        """Close the file."""
        if self._base is not None:
            self._base.close()


_OPEN = frozenset({Status.REFUSED, Status.UNREACHABLE, Status.UNKNOWN})


def _row(service: str, subject: str, found: Remembered) -> tuple[object, ...]:
    said = json.dumps(found.data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    data = b"" if found.data is None else zlib.compress(said)
    check = _sum(service, subject, found.status, data)
    return (
        service,
        subject,
        *(str(found.status), found.why, found.since, found.asked, found.due, found.looks, check, data),
    )


def _sum(service: str, subject: str, status: str, data: bytes) -> int:
    return zlib.crc32(data, zlib.crc32(f"{service}\0{subject}\0{status}".encode("utf-8", "surrogatepass")))


def _spread(subject: str) -> float:
    """Return a factor near 1, the same for a subject each time."""
    return 1 - _SPREAD + 2 * _SPREAD * (zlib.crc32(subject.encode("utf-8", "surrogatepass")) % 1000) / 999


_LAYOUT = Layout(
    "memory of the web",
    _APPLICATION,
    (
        "answers (service TEXT, subject TEXT, status TEXT, why TEXT, since REAL, asked REAL, due REAL, looks INTEGER, "
        "sum INTEGER, data BLOB, PRIMARY KEY (service, subject)) WITHOUT ROWID",
        "hosts (host TEXT PRIMARY KEY, closed REAL, next REAL)",
    ),
    {"format": FORMAT},
    synchronous=True,
)


def open_memory(
    folder: str, root: str, note: Callable[[str], None], warn: Callable[[str], None], clock: Clock | None = None
) -> Memory:
    """Return the memory in the folder of the cache, created if there is none; one for this run if that fails.

    `warn` gets reasons that last until the user does something, `note` those that pass by themselves.
    """
    try:
        file = os.path.join(cache_folder.lay(folder, root), cache_folder.MEMORY)
        refuse_odd_files(file)
    except FileError as error:
        warn(f"memory of the web not used: {error}")
        return Memory(clock=clock)
    base = Database(file, _LAYOUT, note, warn)
    if base.usable:
        with contextlib.suppress(OSError):
            # It may say what a private wiki cites.
            os.chmod(file, 0o600)
    return Memory(base if base.usable else None, clock)
