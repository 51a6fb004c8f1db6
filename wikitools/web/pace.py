"""How often a host is asked, what it says about that, and when it is not asked any more."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

LONGEST_WAIT = 30.0
"""Seconds that one `Retry-After` may keep us waiting; a host that wants more is closed."""
ALL_WAITS = 60.0
"""Seconds that all of a host's `Retry-After` together may keep us waiting."""
LONGEST_CLOSED = 86_400.0
"""A host is closed for a day at most, whatever it says."""
_SLOWEST = 30.0
_MOST_FAILURES = 3
_QUICK = 0.5


@dataclass(frozen=True, slots=True)
class Clock:
    """The time, and how to wait. Tests bring their own, so that none of them sleeps."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    """Seconds since 1970."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two requests to one host: at first, and at the least while it answers quickly."""

    interval: float = 1.0
    fastest: float = 0.25
    at_once: int = 1
    """How many requests may wait for their answers."""


class Host:
    """What is known of one host in this run. Who asks it holds `turn`, which as many can as its pace allows."""

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
        """When the host wants to be asked again, as seconds since 1970; 0 where it did not say."""
        self._given_up = False

    @property
    def next_at(self) -> float:
        """When it may be asked next at its pace, as seconds since 1970."""
        return self._clock.now() + max(0.0, self._next - self._clock.monotonic())

    def resume(self, next_at: float) -> None:
        """Keep the pace of an earlier run: ask not before that moment, or half a minute from now."""
        self.later(min(max(0.0, next_at - self._clock.now()), _SLOWEST))

    def why_closed(self) -> str:
        """Return why the host is not to be asked now; "" while it is open."""
        if self.closed_until > self._clock.now():
            return f"{self.name} asks for a pause until {as_moment(self.closed_until)}"
        return f"{self.name} gave no answer to {_MOST_FAILURES} questions in a row" if self._given_up else ""

    def close(self, until: float) -> None:
        """Ask the host nothing more until then, a day at most."""
        self.closed_until = min(until, self._clock.now() + LONGEST_CLOSED)

    async def ready(self) -> None:
        """Wait until the host may be asked; the next one who waits may ask an interval later."""
        while (wait := self._next - self._clock.monotonic()) > 0:
            await self._clock.sleep(wait)
        self.sent(self._clock.monotonic())

    def sent(self, at: float) -> None:
        """Note when a request left, on the monotonic clock: the next one leaves an interval later."""
        self._next = max(self._next, at + self._interval)

    def later(self, seconds: float) -> None:
        """Let the next request wait so many seconds from now."""
        self._next = max(self._next, self._clock.monotonic() + seconds)

    def heard(self, code: int, headers: Mapping[str, str], took: float) -> None:
        """Take in what an answer says about the pace: its code, the limits it announces, and how long it took."""
        if code in {429, 503}:
            self._interval = min(max(self._interval, 0.5) * 2, _SLOWEST)
        elif took < _QUICK:
            self._interval = max(self._pace.fastest, self._interval * 0.8)
        announced = announced_interval(headers)
        if announced is not None:
            self._interval = min(max(self._interval, announced), _SLOWEST)
        pause = exhausted(headers, self._clock.now())
        if pause > LONGEST_WAIT:
            self.close(self._clock.now() + pause)
        elif pause:
            self.later(pause)
        self.sent(self._clock.monotonic() - took)

    def answered(self) -> None:
        """Note that the host gave an answer that counts."""
        self._failures = 0

    def failed(self) -> None:
        """Note that a question got no answer, with all retries; a host that gives none is closed for this run."""
        self._failures += 1
        self._given_up = self._failures >= _MOST_FAILURES

    def obeys(self, seconds: float) -> bool:
        """Say whether a wait that the host asks for is short enough, and wait so long before the next request."""
        if seconds > LONGEST_WAIT or self._waited + seconds > ALL_WAITS:
            self.close(self._clock.now() + seconds)
            return False
        self._waited += seconds
        self.later(seconds)
        return True


def as_moment(seconds: float) -> str:
    """Return a moment, given as seconds since 1970, as people read it."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that `Retry-After` asks for; `None` without it, or for what nobody understands."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.replace(".", "", 1).isdigit():
        # Whoever writes a hundred digits means "never"; a day is the most that is obeyed.
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
            # Some give the moment, most the seconds from now.
            return max(0.0, reset - now) if reset > 1_000_000_000 else reset
    return 0.0


def _number(text: str) -> float | None:
    """Return the number that a header begins with; `None` where there is none."""
    digits = text.strip().partition(",")[0].partition(";")[0].strip()[:12]
    return float(digits) if digits.isascii() and digits.replace(".", "", 1).isdigit() else None
