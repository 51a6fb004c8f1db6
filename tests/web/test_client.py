"""The client against servers that misbehave: what each fault becomes, what it costs, and who is never contacted."""

from __future__ import annotations

import asyncio
import datetime
import gzip
import ssl
import subprocess
import sys
import tracemalloc
import zlib
from dataclasses import dataclass, field
from email.utils import format_datetime
from functools import cache
from typing import TYPE_CHECKING

import httpcore
import pytest
import trustme
from web.server import Asked, Server, response

from wikitools.lint.url_status import Refused, Unasked, Unknown, Unreachable
from wikitools.web import transport
from wikitools.web.answer import Absent, Received
from wikitools.web.client import Ask, Client, Limits
from wikitools.web.guard import is_public
from wikitools.web.pace import Clock, Pace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wikitools.web.answer import Answer

START = 1_700_000_000.0


@dataclass
class Time:
    """A clock that only waiting moves."""

    passed: float = 0.0
    waits: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.passed += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.passed, lambda: START + self.passed, self.sleep)


@cache
def bomb() -> bytes:
    """Return 400 MB of zeros, packed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first, more = (packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH) for _each in range(2))
    # After a full flush, equal data are packed to equal bytes. Nobody reads as far as the checksum at the end.
    return first + 399 * more


async def faulty(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Answer a path like `/404` with that code, and words with what they say."""
    later = format_datetime(datetime.datetime.fromtimestamp(START + 7200, datetime.UTC), usegmt=True)
    head = b"HTTP/1.1 200 x\r\n"
    match asked.path[1:]:
        case "ok":
            writer.write(response(200, b"fine"))
        case "packed":
            writer.write(response(200, gzip.compress(b"fine"), content_encoding="gzip"))
        case "bare-deflate":
            packer = zlib.compressobj(wbits=-15)
            writer.write(response(200, packer.compress(b"fine") + packer.flush(), content_encoding="deflate"))
        case "packed-cut":
            writer.write(response(200, gzip.compress(b"fine" * 100)[:-9], content_encoding="gzip"))
        case "brotli":
            writer.write(response(200, b"abc", content_encoding="br"))
        case "packed-garbage":
            writer.write(response(200, b"abc", content_encoding="gzip"))
        case "reset":
            writer.transport.abort()
        case "closed":
            writer.close()
        case "truncated":
            writer.write(head + b"content-length: 100\r\n\r\nhello")
            writer.close()
        case "bad-chunk":
            writer.write(head + b"transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n")
            writer.close()
        case "garbage":
            writer.write(b"\x00\xff nothing of HTTP\r\n\r\n")
            writer.close()
        case "endless-head":
            writer.write(head + 5000 * (b"x-more: " + b"y" * 100 + b"\r\n"))
            await writer.drain()
        case "dripping":
            writer.write(head + b"content-length: 10000\r\n\r\n")
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)
        case "silent":
            await asyncio.sleep(60)
        case "endless":
            writer.write(head + b"\r\n")
            while True:
                writer.write(b"x" * 100_000)
                await writer.drain()
        case "bomb":
            writer.write(head + b"content-encoding: gzip\r\n\r\n" + bomb())
            writer.close()
        case "loop":
            writer.write(response(302, location="/loop"))
        case "wall":
            has = "seen=1" in asked.headers.get("cookie", "")
            writer.write(response(200, b"fine") if has else response(302, location="/wall", set_cookie="seen=1"))
        case "inside":
            writer.write(response(302, location="http://127.0.0.2:9/"))
        case "mapped":
            writer.write(response(301, location="http://[::ffff:10.0.0.1]/"))
        case "file":
            writer.write(response(302, location="file:///etc/passwd"))
        case "hour":
            writer.write(response(429, retry_after="3600"))
        case "date":
            writer.write(response(503, retry_after=later))
        case "forever":
            writer.write(response(429, retry_after="9" * 99))
        case "challenge":
            writer.write(response(503, cf_mitigated="challenge"))
        case code:
            writer.write(response(int(code), b"body"))


def ask(server: Server, path: str, time: Time | None = None, **limits: float) -> Answer:
    async def run() -> Answer:
        time_ = time or Time()
        async with Client(allowed=[f"127.0.0.1:{server.port}"], clock=time_.clock, proxies={}) as client:
            return await client.ask(Ask(server.url + path, limits=Limits(**({"seconds": 30.0} | limits))))

    return asyncio.run(run())


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
        # The next run was told, and asks nothing.
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
        # What nobody was asked for is no answer, and comes first in the next run.
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
        # A clock that was wrong keeps nobody waiting.
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


# Who is contacted


class Recorder(httpcore.AnyIOBackend):
    """A network that notes which addresses are connected to, and leads all of them to one server."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.contacted: list[str] = []

    async def connect_tcp(self, host: str, port: int, *args: object, **named: object) -> httpcore.AsyncNetworkStream:
        self.contacted.append(host)
        if not self.port:
            raise httpcore.ConnectError("nobody there")
        return await super().connect_tcp("127.0.0.1", self.port)


PRIVATE = """
127.0.0.1 127.0.0.2 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 240.0.0.1
255.255.255.255 192.0.0.8 192.0.2.1 198.18.0.1 198.51.100.7 203.0.113.9 192.88.99.1 ::1 :: fe80::1 fe80::1%lo fc00::1
fd12::1 fec0::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:a9fe:a9fe ::127.0.0.1 2002:7f00:1:: 2002:a00:1::
64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1 2001::1 2001:db8::1 100::1 3fff::1 5f00::1 nonsense
""".split()
PUBLIC = "1.1.1.1 8.8.8.8 93.184.216.34 2606:4700:4700::1111 ::ffff:1.1.1.1 64:ff9b::101:101 2a00:1450::1".split()


def test_only_public_addresses_are_public() -> None:
    assert [each for each in PRIVATE if is_public(each)] == []
    assert [each for each in PUBLIC if not is_public(each)] == []


@pytest.mark.parametrize("address", PRIVATE)
def test_no_name_leads_inside(address: str) -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        # One that is public does not help: a host that lies about one address is not to be believed.
        return ["93.184.216.34", address]

    async def run() -> Answer:
        async with Client(resolve=resolve, network=network, proxies={}) as client:
            return await client.ask(Ask("http://innocent.example/"))

    network = Recorder()
    assert isinstance(asyncio.run(run()), Unasked)
    assert network.contacted == []


def test_the_address_that_was_checked_is_the_one_that_is_contacted() -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["10.0.0.1"]])

    async def resolve(_host: str, _port: int) -> list[str]:
        return next(answers)

    async def run() -> list[Answer]:
        async with Client(resolve=resolve, network=network, clock=Time().clock, proxies={}) as client:
            return [await client.ask(Ask("http://rebinding.example/closed")) for _each in range(2)]

    with Server(faulty) as server:
        network = Recorder(server.port)
        first, second = asyncio.run(run())
    # The first connection broke; the name was looked up anew for the next, and led inside.
    assert isinstance(first, Unasked)
    assert isinstance(second, Unasked)
    assert network.contacted == ["93.184.216.34"]


@pytest.mark.parametrize(
    "url",
    """http://127.0.0.1/ http://127.1/ http://0x7f.1/ http://2130706433/ http://0177.0.0.1/ http://localhost/ http://0/
    http://localhost./ http://[::1]/ http://[::]/ http://[::ffff:127.0.0.1]/ http://[::ffff:7f00:1]/ ftp://example.org/
    http://user:pass@example.org/ file:///etc/passwd javascript:alert(1) //example.org/x example.org http:///x""".split(),
)
def test_no_way_to_write_it_leads_inside(url: str) -> None:
    async def run() -> Answer:
        async with Client(network=network, proxies={}) as client:
            return await client.ask(Ask(url))

    network = Recorder()
    # What is no numeric name for this system's resolver is no host at all.
    assert isinstance(asyncio.run(run()), Unasked | Unreachable | Unknown)
    assert network.contacted == []


def test_a_proxy_is_not_asked_for_what_leads_inside() -> None:
    async def handler(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(response(200, b"through the proxy"))

    async def run(url: str) -> Answer:
        async with Client(resolve=resolve, clock=Time().clock, proxies={"http": server.url}) as client:
            return await client.ask(Ask(url))

    async def resolve(host: str, _port: int) -> list[str]:
        return ["93.184.216.34"] if host == "example.org" else ["10.0.0.1"]

    with Server(handler) as server:
        answer = asyncio.run(run("http://example.org/page"))
        assert isinstance(answer, Received)
        assert isinstance(asyncio.run(run("http://inside.example/")), Unasked)
        assert [each.target for each in server.asked] == ["http://example.org/page"]


def test_secrets_go_to_one_host_only_and_into_no_message() -> None:
    said: list[str] = []

    async def handler(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(response(302, location=f"http://localhost:{other.port}/"))

    async def run() -> Answer:
        client = Client(allowed=["127.0.0.1", "localhost"], clock=Time().clock, proxies={}, say=said.append)
        async with client:
            secrets, parameters = {"x-api-key": "hush"}, {"mailto": "me@example.org"}
            return await client.ask(Ask(server.url, secrets=secrets, parameters=parameters))

    with Server(faulty) as other, Server(handler) as server:
        other.handler = _fine
        answer = asyncio.run(run())
        assert server.asked[0].headers["x-api-key"] == "hush"
        assert server.asked[0].query == {"mailto": "me@example.org"}
        assert "x-api-key" not in other.asked[0].headers
        assert other.asked[0].query == {}
    assert isinstance(answer, Received)
    assert "hush" not in f"{answer} {said}"
    assert "example.org" not in f"{answer} {said}"


def test_headers_go_to_the_host_that_they_are_for() -> None:
    said: list[str] = []

    async def handler(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(response(302, location=f"http://localhost:{other.port}/"))

    async def run(allowed: list[str]) -> None:
        mine = {f"127.0.0.1:{server.port}": {"authorization": "Bearer hush"}}
        async with Client(allowed=allowed, headers=mine, clock=Time().clock, proxies={}, say=said.append) as client:
            await client.ask(Ask(server.url, head=True))
            await client.ask(Ask(f"http://localhost:{server.port}/"))

    with Server(faulty) as other, Server(handler) as server:
        other.handler = _fine
        asyncio.run(run(["127.0.0.1", "localhost"]))
        # By another name it is another host, and so is where it leads.
        assert [each.headers.get("authorization") for each in server.asked] == ["Bearer hush", None]
        assert not any("authorization" in each.headers for each in other.asked)
    assert "hush" not in f"{said}"


async def _page(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(response(200, b"page").removesuffix(b"page" if asked.method == "HEAD" else b""))


def _connections(monkeypatch: pytest.MonkeyPatch, most: int) -> list[int]:
    """Return how many connections each of three hosts gets that are asked for three pages in turns."""
    monkeypatch.setattr(transport, "_OPEN", most)
    monkeypatch.setattr(transport, "_AT_ONCE", 1)
    hosts = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]

    async def run(network: Recorder) -> None:
        async with Client(allowed=hosts, clock=Time().clock, network=network, proxies={}) as client:
            for head in (True, True, False):
                for host in hosts:
                    answer = await client.ask(Ask(f"http://{host}/", head=head))
                    assert isinstance(answer, Received)
                    assert answer.body == (b"" if head else b"page")

    with Server(_page) as server:
        network = Recorder(server.port)
        asyncio.run(run(network))
    return [network.contacted.count(host) for host in hosts]


def test_a_host_keeps_its_connection_while_there_is_room_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _connections(monkeypatch, 3) == [1, 1, 1]
    assert _connections(monkeypatch, 2) == [3, 3, 3]


def test_few_open_files_mean_few_hosts_at_once() -> None:
    resource = pytest.importorskip("resource")
    script = (
        "import resource; from wikitools.web.client import Client\n"
        "for limit in ({}):\n"
        "    resource.setrlimit(resource.RLIMIT_NOFILE, (64, limit)); client = Client(proxies={{}})\n"
        "    print(client._transport.at_once, resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    )
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    enough = most == resource.RLIM_INFINITY or most >= 1024
    # Only the superuser may raise the limit again.
    script = script.format(f"{most}, 100" if enough else "100,")
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == [*(["256 1024"] if enough else []), "25 100"]


def test_a_cookie_is_for_the_host_that_was_asked_and_where_it_leads() -> None:
    async def handler(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.path == "/out":
            writer.write(response(302, location=f"http://127.0.0.2:{server.port}/cookie"))
        elif "cookie" in asked.headers or asked.path == "/see":
            writer.write(response(200, asked.headers.get("cookie", "none").encode()))
        else:
            writer.write(response(302, location="/cookie", set_cookie="seen=1"))

    async def run() -> list[bytes]:
        hosts = ["127.0.0.1", "127.0.0.2"]
        network = Recorder(server.port)
        async with Client(allowed=hosts, clock=Time().clock, network=network, proxies={}) as client:
            asked = ("1", "out"), ("2", "see"), ("1", "see"), ("2", "x")
            answers = [await client.ask(Ask(f"http://127.0.0.{host}:{server.port}/{path}")) for host, path in asked]
        assert all(isinstance(each, Received) for each in answers)
        return [each.body for each in answers if isinstance(each, Received)]

    with Server(handler) as server:
        assert asyncio.run(run()) == [b"seen=1", b"none", b"none", b"seen=1"]


def test_a_redirect_to_no_address_says_nothing() -> None:
    async def handler(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(response(301, location="http://a:port/"))

    with Server(handler) as server:
        assert isinstance(ask(server, "/"), Unknown)


async def _fine(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(response(200, b"fine"))


# Certificates


def _certified(authority: trustme.CA, *names: str, expired: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ended = {"not_before": datetime.datetime(2001, 1, 1), "not_after": datetime.datetime(2002, 1, 1)}
    authority.issue_cert(*names, **(ended if expired else {})).configure_cert(context)
    return context


@pytest.mark.parametrize(
    ("name", "state", "kind"),
    [
        ("127.0.0.1", "good", Received),
        ("127.0.0.1", "expired", Unreachable),
        ("example.org", "good", Unreachable),
        ("127.0.0.1", "unknown", Unknown),
    ],
)
def test_certificates(name: str, state: str, kind: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    if state != "unknown":
        authority.cert_pem.write_to_path(tmp_path / "authority.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with Server(_fine, _certified(authority, name, expired=state == "expired")) as server:
        answer = ask(server, "/")
    assert isinstance(answer, kind), answer


def test_a_connection_that_is_refused_and_a_name_that_is_none() -> None:
    async def run(url: str, network: Callable[[], httpcore.AsyncNetworkBackend] = httpcore.AnyIOBackend) -> Answer:
        async with Client(allowed=["127.0.0.1"], network=network(), proxies={}) as client:
            return await client.ask(Ask(url))

    with Server(_fine) as server:
        url = server.url
    assert isinstance(asyncio.run(run(url)), Unreachable)
    # Without a network, nobody can say whether there is such a name.
    assert isinstance(asyncio.run(run("http://nosuchname.invalid/")), Unreachable | Unknown)
