"""Who is contacted, who never is, what is sent to them, and whose certificates are accepted."""

from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING

import httpcore
import pytest
import trustme
from web.faults import Time, _fine, ask, faulty
from web.server import Asked, Server, response

from wikitools.lint.url_status import Moved, Unasked, Unknown, Unreachable
from wikitools.web import transport
from wikitools.web.answer import Absent, Received
from wikitools.web.asking import Web
from wikitools.web.client import Ask, Client
from wikitools.web.guard import is_public
from wikitools.web.memory import Memory
from wikitools.web.urls import find_statuses

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wikitools.lint.url_status import UrlStatus
    from wikitools.web.answer import Answer


# Who is contacted


class Recorder(httpcore.AnyIOBackend):
    """A network that records which addresses are connected to, and connects all of them to one server."""

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
    # The first connection broke; the next one looked the name up again and got a private address.
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


@pytest.mark.parametrize("url", ["http://example.org/", "https://example.org/", "http://unknown.example/"])
def test_what_a_proxy_or_the_network_before_it_cannot_do_is_no_fault_of_the_host(url: str) -> None:
    async def resolve(host: str, _port: int) -> list[str]:
        if host != "example.org":
            raise socket.gaierror(socket.EAI_NONAME, "unknown here")
        return ["93.184.216.34"]

    async def run() -> Answer:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            proxy = f"http://127.0.0.1:{nobody.getsockname()[1]}"
            async with Client(resolve=resolve, clock=Time().clock, proxies={"all": proxy}) as client:
                return await client.ask(Ask(url))

    assert isinstance(asyncio.run(run()), Unknown)


@pytest.mark.parametrize(
    ("page", "encrypted", "kind"), [("/a", 404, Absent), ("/a", 200, Unknown), (":8080/a", 404, Unknown)]
)
def test_that_nothing_is_there_must_be_said_by_the_host_and_not_by_a_proxy(
    page: str, encrypted: int, kind: type
) -> None:
    async def proxy(asked: Asked, writer: asyncio.StreamWriter) -> None:
        # It forwards nothing, as a web server that somebody takes for a proxy.
        writer.write(response(404, b"no such page here"))

    async def host(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(response(encrypted, b"x"))

    async def resolve(_host: str, _port: int) -> list[str]:
        return ["93.184.216.34"]

    async def run() -> Answer:
        network = ToServers({443: behind.port})
        client = Client(
            resolve=resolve, clock=Time().clock, proxies={"http": front.url}, network=network, insecure=["example.org"]
        )
        async with client:
            return await client.ask(Ask(f"http://example.org{page}"))

    context = _certified(trustme.CA(), "example.org")
    with Server(proxy) as front, Server(host, certificates=context) as behind:
        answer = asyncio.run(run())
        assert isinstance(answer, kind)
        assert len(behind.asked) == (page == "/a")
        if isinstance(answer, Unknown):
            assert answer.why == "a proxy answers 404 for example.org, or passes it on"


PORTAL, ENCRYPTED = "https://portal.example/welcome", "https://www.example.org/a"


@pytest.mark.parametrize(("target", "surely"), [(PORTAL, False), (ENCRYPTED, True)])
def test_a_redirect_that_a_proxy_may_have_made_is_no_move(target: str, surely: bool) -> None:
    async def proxy(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(response(301, location=target))

    async def host(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(response(200, b"x"))

    async def resolve(_host: str, _port: int) -> list[str]:
        return ["93.184.216.34"]

    async def run() -> dict[str, UrlStatus]:
        client = Client(
            resolve=resolve,
            clock=Time().clock,
            proxies={"http": front.url},
            network=ToServers({443: behind.port}),
            insecure=["www.example.org", "portal.example"],
        )
        async with client:
            return await find_statuses(Web(client, Memory()), ["http://example.org/a"])

    context = _certified(trustme.CA(), "www.example.org", "portal.example")
    with Server(proxy) as front, Server(host, certificates=context) as behind:
        (status,) = asyncio.run(run()).values()
    assert isinstance(status, Moved)
    assert (status.to, status.permanent) == (target, surely)


class ToServers(httpcore.AnyIOBackend):
    """A network in which some ports are those of servers on this machine."""

    def __init__(self, ports: dict[int, int]) -> None:
        self.ports = ports

    async def connect_tcp(self, host: str, port: int, *args: object, **named: object) -> httpcore.AsyncNetworkStream:
        return await super().connect_tcp("127.0.0.1", self.ports.get(port, port))


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
        # Under another name it is another host, and so is the target of the redirect.
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


def test_the_certificate_of_a_name_with_its_last_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))

    async def resolve(_host: str, _port: int) -> list[str]:
        return ["93.184.216.34"]

    async def run(url: str, port: int) -> Answer:
        async with Client(resolve=resolve, network=Recorder(port), proxies={}) as client:
            return await client.ask(Ask(url))

    with Server(_fine, _certified(authority, "here.example")) as server:
        assert isinstance(asyncio.run(run("https://here.example./a", server.port)), Received)
        assert isinstance(asyncio.run(run("https://there.example./a", server.port)), Unreachable)


def test_a_connection_that_is_refused_and_a_name_that_is_none() -> None:
    async def run(url: str, network: Callable[[], httpcore.AsyncNetworkBackend] = httpcore.AnyIOBackend) -> Answer:
        async with Client(allowed=["127.0.0.1"], network=network(), proxies={}) as client:
            return await client.ask(Ask(url))

    with Server(_fine) as server:
        url = server.url
    assert isinstance(asyncio.run(run(url)), Unreachable)
    # Without a network, it is unknown whether the name exists.
    assert isinstance(asyncio.run(run("http://nosuchname.invalid/")), Unreachable | Unknown)
