"""The client against servers that misbehave: what each fault becomes, and what it costs."""

from __future__ import annotations

import asyncio
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from web.faults import START, Time, _fine, ask, bomb, faulty
from web.server import Asked, Server, response

from wikitools.lint.url_status import Refused, Unasked, Unknown
from wikitools.web.answer import Absent, Received
from wikitools.web.client import Ask, Client
from wikitools.web.pace import Pace

if TYPE_CHECKING:
    from wikitools.web.answer import Answer


FAULTS: list[tuple[str, type, int]] = [
    ("ok", Received, 1),
    ("packed", Received, 1),
    ("bare-deflate", Received, 1),
    ("wall", Received, 2),
    ("404", Absent, 1),
    ("410", Absent, 1),
    ("400", Refused, 1),
    ("401", Refused, 1),
    ("403", Refused, 1),
    ("405", Refused, 1),
    ("406", Refused, 1),
    ("418", Refused, 1),
    ("451", Refused, 1),
    ("999", Refused, 1),
    ("challenge", Refused, 1),
    ("loop", Refused, 10),
    ("408", Unknown, 3),
    ("429", Unknown, 3),
    ("500", Unknown, 3),
    ("502", Unknown, 3),
    ("503", Unknown, 3),
    ("504", Unknown, 3),
    ("501", Unknown, 1),
    ("300", Unknown, 1),
    ("304", Unknown, 1),
    ("hour", Unknown, 1),
    ("date", Unknown, 1),
    ("forever", Unknown, 1),
    ("reset", Unknown, 3),
    ("closed", Unknown, 3),
    ("truncated", Unknown, 3),
    ("bad-chunk", Unknown, 3),
    ("garbage", Unknown, 3),
    ("endless-head", Unknown, 3),
    ("packed-cut", Unknown, 3),
    ("packed-garbage", Unknown, 3),
    ("brotli", Unknown, 3),
    ("endless", Unknown, 1),
    ("bomb", Unknown, 1),
    ("inside", Unasked, 1),
    ("mapped", Unasked, 1),
    ("file", Unasked, 1),
]


def test_each_fault_becomes_what_it_means_and_is_asked_as_often_as_it_should() -> None:
    found = {}
    bomb()
    with Server(faulty) as server:
        for path, _kind, _requests in FAULTS:
            before = len(server.asked)
            answer = ask(server, f"/{path}")
            found[path] = (path, type(answer), len(server.asked) - before)
            assert "\n" not in getattr(answer, "why", "")
    assert list(found.values()) == FAULTS


@pytest.mark.parametrize("path", ["dripping", "silent"])
def test_a_slow_answer_is_given_up(path: str) -> None:
    with Server(faulty) as server:
        answer = ask(server, f"/{path}", seconds=0.07)
        assert isinstance(answer, Unknown)
        assert "within 0.07 s" in answer.why
        # On a busy machine the time may be over before the request is sent.
        assert 1 <= len(server.asked) <= 3


def test_a_small_download_that_unpacks_to_gigabytes_costs_little() -> None:
    packed = bomb()
    assert len(packed) < 500_000

    async def handler(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 x\r\ncontent-encoding: gzip\r\n\r\n" + packed)
        writer.close()

    with Server(handler) as server:
        ask(server, "/")
        tracemalloc.start()
        answer = ask(server, "/")
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert answer == Unknown("more than 2 MB")
    assert peak < 6_000_000
    with Server(handler) as server:
        cut = ask(server, "/", cut=True, size=1000)
    assert isinstance(cut, Received)
    assert (cut.body, cut.whole) == (bytes(1000), False)


def test_a_host_that_wants_a_longer_pause_is_closed_and_costs_nothing() -> None:
    time = Time()

    async def run(closed: dict[str, float]) -> tuple[Answer, dict[str, float]]:
        client = Client(allowed=["127.0.0.1"], clock=time.clock, closed=closed, proxies={})
        async with client:
            first = await client.ask(Ask(server.url + "/hour"))
            second = await client.ask(Ask(server.url + "/ok"))
            assert isinstance(second, Unasked)
            assert second.why == getattr(first, "why", "")
            return first, client.closed()

    with Server(faulty) as server:
        answer, closed = asyncio.run(run({}))
        assert isinstance(answer, Unknown)
        assert answer.until == START + 3600
        assert closed == {f"127.0.0.1:{server.port}": START + 3600}
        assert len(server.asked) == 1
        assert sum(time.waits) == 0
        # The next run knows the answer and asks nothing.
        asyncio.run(run(closed))
        assert len(server.asked) == 1
        time.passed = 3601
        asyncio.run(run(closed))
        assert len(server.asked) == 2


def test_short_pauses_are_obeyed_up_to_a_minute_in_all() -> None:
    time = Time()

    async def handler(asked: Asked, writer: asyncio.StreamWriter) -> None:
        good = asked.path == "/good" and len(server.asked) % 2 == 0
        writer.write(response(200, b"fine") if good else response(429, retry_after="25"))

    async def run() -> list[Answer]:
        async with Client(allowed=["127.0.0.1"], clock=time.clock, proxies={}) as client:
            return [await client.ask(Ask(server.url + path)) for path in ("/good", "/good", "/bad", "/bad")]

    with Server(handler) as server:
        good, again, bad, last = asyncio.run(run())
        assert isinstance(good, Received)
        assert isinstance(again, Received)
        assert isinstance(bad, Unknown)
        assert isinstance(last, Unasked)
        assert bad.until > START
        assert len(server.asked) == 5
    assert 50 <= sum(time.waits) <= 70


def test_a_host_that_never_answers_is_given_up_for_this_run_only() -> None:
    async def run() -> tuple[list[Answer], dict[str, float]]:
        async with Client(allowed=["127.0.0.1"], clock=Time().clock, proxies={}) as client:
            return [await client.ask(Ask(server.url + "/reset")) for _each in range(9)], client.closed()

    with Server(faulty) as server:
        answers, closed = asyncio.run(run())
        # What was not asked has no answer, and comes first in the next run.
        assert [type(each) for each in answers] == [Unknown] * 3 + [Unasked] * 6
        assert len(server.asked) == 9
        assert closed == {}


def test_requests_to_one_host_keep_their_distance_and_come_one_at_a_time() -> None:
    at_once = most = 0
    time = Time()
    arrived: list[float] = []

    async def handler(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        arrived.append(time.passed)
        await asyncio.sleep(0.02)
        at_once -= 1
        writer.write(response(200, b"fine"))

    async def run(pace: Pace, count: int) -> None:
        paces = {f"127.0.0.1:{server.port}": pace}
        async with Client(allowed=["127.0.0.1"], clock=time.clock, paces=paces, proxies={}) as client:
            await asyncio.gather(*(client.ask(Ask(f"{server.url}/{number}")) for number in range(count)))

    with Server(handler) as server:
        asyncio.run(run(Pace(0.2, 0.2), 6))
    assert most == 1
    assert arrived == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])


def test_the_next_run_keeps_the_pace_of_the_last_one() -> None:
    time = Time()

    async def run(paused: dict[str, float]) -> dict[str, float]:
        async with Client(allowed=["127.0.0.1"], clock=time.clock, paused=paused, proxies={}) as client:
            await client.ask(Ask(server.url))
            return client.paused()

    with Server(_fine) as server:
        paused = asyncio.run(run({}))
        assert (time.passed, paused) == (0, {f"127.0.0.1:{server.port}": START + 1})
        time.passed = 0.25
        asyncio.run(run(paused))
        assert time.passed == pytest.approx(1)
        # A clock that was wrong makes no run wait.
        asyncio.run(run(dict.fromkeys(paused, START + 1000000000.0)))
        assert time.passed <= 31


def test_the_pace_follows_what_a_host_announces() -> None:
    async def handler(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(response(200, b"fine", x_rate_limit_limit="1", x_rate_limit_interval="5s"))

    async def run() -> None:
        async with Client(allowed=["127.0.0.1"], clock=time.clock, proxies={}) as client:
            for _each in range(3):
                await client.ask(Ask(server.url))

    time = Time()
    with Server(handler) as server:
        asyncio.run(run())
    assert time.passed == pytest.approx(10)


def test_a_used_up_limit_is_waited_for_or_closes_the_host() -> None:
    async def handler(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(response(200, b"fine", ratelimit_remaining="0", ratelimit_reset=asked.path[1:]))

    async def run() -> list[Answer]:
        async with Client(allowed=["127.0.0.1"], clock=time.clock, proxies={}) as client:
            return [await client.ask(Ask(f"{server.url}/{reset}")) for reset in (20, 900, 1)]

    time = Time()
    with Server(handler) as server:
        first, second, third = asyncio.run(run())
        assert len(server.asked) == 2
    assert isinstance(first, Received)
    assert isinstance(second, Received)
    assert isinstance(third, Unasked)
    assert 19 <= time.passed <= 21


@pytest.mark.parametrize(("reset", "expected"), [(25, 3), (1, 20)])
def test_many_used_up_limits_close_the_host_unless_they_are_its_pace(reset: int, expected: int) -> None:
    async def handler(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(response(200, b"fine", ratelimit_remaining="0", ratelimit_reset=str(reset)))

    async def run() -> None:
        async with Client(allowed=["127.0.0.1"], clock=time.clock, proxies={}) as client:
            for _each in range(20):
                await client.ask(Ask(server.url))

    time = Time()
    with Server(handler) as server:
        asyncio.run(run())
        assert len(server.asked) == expected
    assert time.passed <= 60
