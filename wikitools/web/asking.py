"""Asks services and remembers what they say: the memory first, then the network, in batches, without ever guessing."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from wikitools import __version__
from wikitools.lint.url_status import Refused, Unasked, Unknown, Unreachable
from wikitools.web.answer import Absent, NotReceived, Received
from wikitools.web.client import Ask, Client, Limits
from wikitools.web.lookup_result import Here, LookupResult, NoAnswer, Nothing
from wikitools.web.memory import Memory, Remembered, Status
from wikitools.web.services import SERVICES, Service

if TYPE_CHECKING:
    from wikitools.web.answer import Answer
    from wikitools.web.fields import UnreadableError

LARGEST = 8_000_000
"""Bytes of an answer of a service; a list of twenty works has about 200,000."""


@dataclass(frozen=True, slots=True)
class Yes:
    """The service has it; `data` is what the service says about it, as JSON."""

    data: Any


@dataclass(frozen=True, slots=True)
class No:
    """The service itself says that it has nothing."""


Said = Yes | No | NotReceived
Fetch = Callable[[list[str]], Awaitable[Mapping[str, Said]]]
"""Asks about some subjects at once. A subject that is missing in the answer got no answer."""


@dataclass
class Web:
    """Services, the client that asks them and the memory of what they said."""

    client: Client
    memory: Memory
    services: Mapping[str, Service] = field(default_factory=lambda: SERVICES)
    contact: str = ""
    """Your mail address, sent only to the services, which allow more requests to callers who give one."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Keys of services, by their names."""
    left_out: Collection[str] = ()
    """Services that are not asked, by their names."""
    offline: bool = False
    insist: bool = False
    """Whether the user waits for the answer: then questions that got none last time are asked again at once."""
    progress: Callable[[str, int, int], None] | None = None
    """Called with the service that is asked, how many subjects were answered, and how many there are."""
    _ends: float | None = None
    _refusals: Counter[str] = field(default_factory=Counter)
    """How many questions in a row each service refused."""

    def until(self, seconds: float | None) -> None:
        """Stop asking after this many seconds from now."""
        self._ends = None if seconds is None else self.client.clock.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left, below 0 if they are over."""
        return math.inf if self._ends is None else self._ends - self.client.clock.monotonic()

    async def ask(
        self,
        service: str,
        path: str,
        parameters: Mapping[str, str] | None = None,
        *,
        accept: str = "application/json",
        body: bytes | None = None,
        elsewhere: bool = False,
        secrets: Mapping[str, str] | None = None,
        private: Mapping[str, str] | None = None,
    ) -> Answer:
        """Request a path of a service. `secrets` are headers, and `private` parameters, that no message may show."""
        if self.offline:
            return Unasked("offline")
        if service in self.left_out:
            return Unasked(f'"sources" in the configuration leaves out {self.services[service].label}')
        left = self.left()
        if left <= 0:
            return Unasked(_NO_TIME)
        query = f"?{urlencode(parameters)}" if parameters else ""
        said_of_us = f" (mailto:{self.contact})" if self.contact else ""
        asked = Ask(
            self.services[service].base + path + query,
            accept=accept,
            body=body,
            secrets={"user-agent": f"wikitools/{__version__}{said_of_us}", **(secrets or {})},
            parameters=private or {},
            limits=Limits(size=LARGEST),
            elsewhere=elsewhere,
        )
        try:
            # A host that says nothing is asked three times, for 15 seconds each.
            async with asyncio.timeout(left if left < math.inf else None):
                answer = await self.client.ask(asked)
        except TimeoutError:
            return Unasked(_NO_TIME)
        if isinstance(answer, Refused) and answer.code == _WRONG_KEY and (secrets or private):
            return replace(answer, why=f"{self.services[service].label} does not accept your key")
        return answer

    async def many(
        self, service: str, subjects: Iterable[str], fetch: Fetch, *, batch: int = 1, exists: bool = False
    ) -> dict[str, LookupResult[Any]]:
        """Return what a service says about each subject; those not in the memory are fetched, `batch` at once.

        `exists`: the question is only whether the subject exists, which seldom changes.
        """
        found: dict[str, LookupResult[Any]] = {}
        waiting: list[str] = []
        for subject in dict.fromkeys(subjects):
            kept = self.memory.get(service, subject)
            if self.offline and (kept is None or kept.status in _OPEN):
                found[subject] = NoAnswer("offline, and not in the memory")
            elif kept is not None and (self.offline or self.memory.fresh(service, subject, insist=self.insist)):
                found[subject] = self._of(service, kept)
            else:
                waiting.append(subject)
        for start in range(0, len(waiting), batch):
            if self.progress is not None:
                self.progress(f"asking {self.services[service].label}", start, len(waiting))
            chunk = waiting[start : start + batch]
            said = await self._fetched(service, fetch, chunk)
            for subject in chunk:
                found[subject] = self._learned(service, subject, said.get(subject, _SILENT), exists=exists)
        return found

    async def _fetched(self, service: str, fetch: Fetch, chunk: list[str]) -> Mapping[str, Said]:
        """Fetch some subjects. If the service refuses all of them, maybe because of one, fetch each half by itself.

        A service that refuses many questions in a row refuses us, and gets no more of them.
        """
        if self._refusals[service] >= _MOST_REFUSALS:
            return all_of(chunk, Unasked(f"{self.services[service].label} refuses all questions"))
        said = await fetch(chunk)
        refusals = [each for subject in chunk if isinstance(each := said.get(subject, _SILENT), Refused)]
        if len(refusals) < len(chunk):
            self._refusals[service] = 0
            return said
        is_wrong_key = refusals[0].code == _WRONG_KEY
        self._refusals[service] += _MOST_REFUSALS if is_wrong_key else 1
        if len(chunk) == 1 or is_wrong_key:
            return said
        half = len(chunk) // 2
        return {
            **await self._fetched(service, fetch, chunk[:half]),
            **await self._fetched(service, fetch, chunk[half:]),
        }

    def _learned(self, service: str, subject: str, said: Said, *, exists: bool) -> LookupResult[Any]:
        put = self.memory.put
        match said:
            case Yes():
                status = Status.EXISTS if exists else Status.HERE
                return self._of(service, put(service, subject, status, said.data))
            case No():
                return self._of(service, put(service, subject, Status.GONE))
            case Refused() if said.code == _WRONG_KEY:
                # With another key, it is asked again at once.
                pass
            case Refused():
                put(service, subject, Status.REFUSED, why=said.why)
            case Unreachable():
                put(service, subject, Status.UNREACHABLE, why=said.why)
            case Unknown():
                put(service, subject, Status.UNKNOWN, why=said.why, until=said.until)
        return NoAnswer(said.why)

    def _of(self, service: str, kept: Remembered) -> LookupResult[Any]:
        match kept.status:
            case Status.HERE | Status.EXISTS:
                return Here(kept.data, kept.asked)
            case Status.GONE:
                return Nothing(self.services[service].label, kept.asked)
        return NoAnswer(kept.why)

    def save(self) -> None:
        """Write new answers to the memory."""
        self.memory.save(self.client.closed(), self.client.paused())


_OPEN = frozenset({Status.REFUSED, Status.UNREACHABLE, Status.UNKNOWN})
_WRONG_KEY = 401
_MOST_REFUSALS = 12
"""To find the one subject in 200 that a service refuses, and the two beside it, takes fewer in a row."""
_NO_TIME = "there was no time left"
_SILENT = Unknown("the answer does not mention it")


def all_of(chunk: Iterable[str], said: Said) -> dict[str, Said]:
    """Return the same answer for all subjects: nothing was received."""
    return dict.fromkeys(chunk, said)


def by_lists(
    fetch_list: Callable[[list[str]], Awaitable[dict[str, Said]]], fetch_one: Callable[[str], Awaitable[Said]]
) -> Fetch:
    """Return a function that fetches DOIs in lists, and those that are missing in the answer one by one."""

    async def fetch(chunk: list[str]) -> dict[str, Said]:
        # A comma separates the DOIs of a list, and may be part of one.
        listed = [doi for doi in chunk if "," not in doi]
        said = await fetch_list(listed) if len(listed) > 1 else {}
        for doi in chunk:
            if doi not in said:
                said[doi] = await fetch_one(doi)
        return said

    return fetch


def unreadable(label: str, error: UnreadableError) -> Unknown:
    """Return the result for an answer that is not in the form of its service."""
    return Unknown(f"{label} answers with {error}")


def not_received(answer: Answer, label: str) -> NotReceived:
    """Return the result for an answer that does not settle the question; a bare 404 does not."""
    if isinstance(answer, Received | Absent):
        return Unknown(f"{label} answers {answer.code} in an unexpected form")
    return answer
