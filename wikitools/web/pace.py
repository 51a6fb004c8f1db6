"""How often a host is asked, and when it gets no more requests."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

LONGEST_WAIT = 30.0
"""The longest wait in seconds for one `Retry-After`; a host that wants more gets no more requests."""
ALL_WAITS = 60.0
"""The longest wait in seconds for all that a host asks for (`Retry-After`, `RateLimit-Reset`) together."""
LONGEST_CLOSED = 86_400.0
"""The longest time in seconds for which a host can refuse requests: a day."""
_SLOWEST = 30.0
_MOST_FAILURES = 3
_QUICK = 0.5


@dataclass(frozen=True, slots=True)
class Clock:
    """The time, and how to wait. Tests use their own, so that they never sleep."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    """Seconds since 1970."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two requests to one host: at first, and the least if it answers quickly."""

    interval: float = 1.0
    fastest: float = 0.25
    at_once: int = 1
    """How many requests may wait for their answers."""


class Host:
    """What is known about one host in this run. A request holds `turn`, whose size the pace sets."""

    def __init__(self, name: str, pace: Pace, clock: Clock) -> None:
        self.name = name
        self.turn = asyncio.Semaphore(pace.at_once)
        self._pace = pace
        self._clock = clock
        self._interval = pace.interval
        self._next = 0.0
        self._waited = 0.0
        self._failures = 0
        self.closed_until = 0.0
        """When the host wants to be asked again, in seconds since 1970; 0 if it did not say."""
        self._given_up = False

    @property
    def next_at(self) -> float:
        """When it may be asked next at its pace, in seconds since 1970."""
        return self._clock.now() + max(0.0, self._next - self._clock.monotonic())

    def resume(self, next_at: float) -> None:
        """Keep the pace of an earlier run: wait until this time, but at most half a minute."""
        self.later(min(max(0.0, next_at - self._clock.now()), _SLOWEST))

    def why_closed(self) -> str:
        """Return why the host must not be asked now; "" if it may be."""
        if self.closed_until > self._clock.now():
            return f"{self.name} asks for a pause until {as_moment(self.closed_until)}"
        return f"{self.name} gave no answer to {_MOST_FAILURES} questions in a row" if self._given_up else ""

    def close(self, until: float) -> None:
        """Send the host no requests until then, for a day at most."""
        self.closed_until = min(until, self._clock.now() + LONGEST_CLOSED)

    async def ready(self) -> None:
        """Wait until the host may be asked; the next request may follow an interval later."""
        while (wait := self._next - self._clock.monotonic()) > 0:
            await self._clock.sleep(wait)
        self.sent(self._clock.monotonic())

    def sent(self, at: float) -> None:
        """Record when a request was sent, on the monotonic clock: the next one follows an interval later."""
        self._next = max(self._next, at + self._interval)

    def spared(self, at: float) -> None:
        """Record that what was to be sent then was not: the next request need not wait for its interval."""
        if self._next <= at + self._interval:
            self._next = at

    def later(self, seconds: float) -> None:
        """Make the next request wait this many seconds from now."""
        self._next = max(self._next, self._clock.monotonic() + seconds)

    def heard(self, code: int, headers: Mapping[str, str], took: float) -> None:
        """Adapt the pace to an answer: its code, the limits it announces, and how long it took."""
        if code in {429, 503}:
            self._interval = min(max(self._interval, 0.5) * 2, _SLOWEST)
        elif took < _QUICK:
            self._interval = max(self._pace.fastest, self._interval * 0.8)
        announced = announced_interval(headers)
        if announced is not None:
            self._interval = min(max(self._interval, announced), _SLOWEST)
        pause = exhausted(headers, self._clock.now())
        self.sent(self._clock.monotonic() - took)
        if pause > self._pace.interval:
            self.obeys(pause)
        elif pause:
            # As long as the usual pace: a limit for each second, say.
            self.later(pause)

    def answered(self) -> None:
        """Record that the host gave a usable answer."""
        self._failures = 0

    def failed(self) -> None:
        """Record that a question got no answer after all retries; after several, stop asking the host in this run."""
        self._failures += 1
        self._given_up = self._failures >= _MOST_FAILURES

    def obeys(self, seconds: float) -> bool:
        """Say whether a wait that the host asks for is short enough, and wait so long before the next request."""
        # One answer may ask for the same wait in two headers.
        more = max(0.0, self._clock.monotonic() + seconds - max(self._next, self._clock.monotonic()))
        if seconds > LONGEST_WAIT or self._waited + more > ALL_WAITS:
            self.close(self._clock.now() + seconds)
            return False
        self._waited += more
        self.later(seconds)
        return True


def as_moment(seconds: float) -> str:
    """Return a time, given in seconds since 1970, as text."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that `Retry-After` asks for; `None` without it, or if it cannot be understood."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.replace(".", "", 1).isdigit():
        # A hundred digits mean "never"; no more than a day is obeyed.
        return float(value[:12])
    if not value:
        return None
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


def announced_interval(headers: Mapping[str, str]) -> float | None:
    """Return the seconds between requests that a host announces (`x-rate-limit-limit`, as Crossref does)."""
    limit = _number(headers.get("x-rate-limit-limit", ""))
    interval = _number(headers.get("x-rate-limit-interval", "").removesuffix("s"))
    return interval / limit if limit and interval else None


def exhausted(headers: Mapping[str, str], now: float) -> float:
    """Return the seconds until a used-up limit is filled again (`RateLimit-Remaining: 0`); 0 while some is left."""
    for prefix in ("ratelimit-", "x-ratelimit-"):
        reset = _number(headers.get(f"{prefix}reset", ""))
        if _number(headers.get(f"{prefix}remaining", "")) == 0 and reset:
            # Some give a time, most the seconds from now.
            return max(0.0, reset - now) if reset > 1_000_000_000 else reset
    return 0.0


def _number(text: str) -> float | None:
    """Return the number at the start of a header; `None` if there is none."""
    digits = text.strip().partition(",")[0].partition(";")[0].strip()[:12]
    return float(digits) if digits.isascii() and digits.replace(".", "", 1).isdigit() else None
