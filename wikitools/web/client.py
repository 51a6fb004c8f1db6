"""The only way to the network: which hosts may be asked, how often, how much is read, and what an answer means.

Connections are made by `transport.py`, and only these two know httpx.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import Counter
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.request import getproxies_environment

import httpcore
import httpx

from wikitools import __version__
from wikitools.lint.url_status import Refused, Unasked, Unknown, Unreachable
from wikitools.web.answer import Absent, Answer, Hop, Received
from wikitools.web.body import ACCEPTED, Body, BodyError, TooLargeError
from wikitools.web.guard import is_inside
from wikitools.web.pace import Clock, Host, Pace, retry_after
from wikitools.web.transport import Guard, Names, NoHostError, NoProxyError, PrivateError, Proxies, Transport

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Mapping

    from wikitools.web.transport import Resolve

AGENT = f"Mozilla/5.0 (compatible; wikitools/{__version__})"
"""The first word is a browser's, without which many hosts refuse to answer; the rest is the truth."""
_RETRIED = frozenset({408, 429, 500, 502, 503, 504})
_ABSENT = frozenset({404, 410})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_HOPS = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of an answer is read."""

    size: int = 2_000_000
    """Bytes of a body, after unpacking."""
    seconds: float = 15.0
    """The time for one request, from resolving the name to the last byte."""
    cut: bool = False
    """Whether the beginning of a larger body is enough."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request."""

    url: str
    accept: str = "*/*"
    body: bytes | None = None
    """JSON to be posted; `None` for a GET."""
    head: bool = False
    """Request only the headers (HEAD), and follow no redirect; not every host answers as it would answer a GET."""
    reads: bool = True
    """Whether to read the body of a page that exists; that of a 404 shows whether it is one."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Headers for this host only: they do not follow redirects and appear in no message."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Parameters for this host besides the question, such as a key: treated like `secrets`."""
    limits: Limits = Limits()
    attempts: int = 3
    """The most attempts, if another one may help."""
    elsewhere: bool = True
    """Whether to follow redirects to other hosts; an answer of a registry must come from the registry."""


class _Head(NamedTuple):
    """An answer that arrived, whatever it says."""

    code: int
    url: httpx.URL
    headers: httpx.Headers
    body: bytes
    whole: bool


class _Fault(NamedTuple):
    """A request without an answer: the result, and whether to try again."""

    answer: Refused | Unreachable | Unknown | Unasked
    again: bool


class Client:
    """Asks hosts, each at its own pace. Use it as an asynchronous context. Every request gets a result."""

    def __init__(
        self,
        *,
        paces: Mapping[str, Pace] | None = None,
        pace: Pace | None = None,
        headers: Mapping[str, Mapping[str, str]] | None = None,
        allowed: Iterable[str] = (),
        insecure: Iterable[str] = (),
        closed: Mapping[str, float] | None = None,
        paused: Mapping[str, float] | None = None,
        clock: Clock | None = None,
        chance: random.Random | None = None,
        resolve: Resolve | None = None,
        network: httpcore.AsyncNetworkBackend | None = None,
        proxies: Mapping[str, str] | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        """Open a way to the network.

        `paces` are those of hosts that differ from others, whose pace is `pace`. `headers` are for one host each, and
        sent over TLS only, unless it is allowed. `allowed` are hosts (or `host:port`) that may be private; certificates
        of `insecure` ones are not checked.

        `closed` are hosts that want no requests until a time (seconds since 1970), as an earlier run was told;
        `paused` are those that an earlier run asked just now, each with the time of its next turn.
        `say` is called with each address that is requested, without secrets.
        """
        if chance is None:
            import random

            chance = random.Random()
        self.clock = clock or Clock()
        self._chance = chance
        self._paces = paces or {}
        self._pace = pace or Pace()
        allowed = tuple(allowed)
        self._headers = headers or {}
        self._plain = frozenset(allowed)
        self._closed = closed or {}
        self._paused = paused or {}
        self._hosts: dict[str, Host] = {}
        self._say = say
        found = Proxies(getproxies_environment() if proxies is None else proxies)
        self._transport = Transport(
            Guard(allowed, resolve or Names()), network or httpcore.AnyIOBackend(), found, insecure
        )
        self._slots = asyncio.Semaphore(self._transport.at_once)
        self._cookies: dict[str, httpx.Cookies] = {}
        """By the first host: some redirect endlessly until they get their cookie back."""
        self.asked: Counter[str] = Counter()
        """How many requests each host got."""
        self.heard = False
        """Whether any host has answered: if not, the user's own network may be down."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_about: object) -> None:
        await self._transport.aclose()

    async def leave(self, url: str) -> None:
        """Close the connection to the host of an address, which gets no more requests."""
        with contextlib.suppress(httpx.InvalidURL, UnicodeError, ValueError):
            await self._transport.leave(httpx.URL(url))

    def closed(self) -> dict[str, float]:
        """Return the hosts that want no requests, each until a time in seconds since 1970."""
        now = self.clock.now()
        return {name: host.closed_until for name, host in self._hosts.items() if host.closed_until > now}

    def paused(self) -> dict[str, float]:
        """Return the hosts whose next turn is still to come, each with its time in seconds since 1970."""
        now = self.clock.now()
        return {name: host.next_at for name, host in self._hosts.items() if host.next_at > now}

    def at_once(self, name: str) -> int:
        """Return how many requests a host takes at once."""
        return self._paces.get(name, self._pace).at_once

    def _host(self, url: httpx.URL) -> Host:
        name = url.netloc.decode("ascii", "replace")
        if name not in self._hosts:
            self._hosts[name] = Host(name, self._paces.get(name, self._pace), self.clock)
            self._hosts[name].closed_until = self._closed.get(name, 0.0)
            self._hosts[name].resume(self._paused.get(name, 0.0))
        return self._hosts[name]

    def is_own(self, url: str) -> bool:
        """Say whether an address is nobody else's affair: its host is let in, gets headers, or is inside a network."""
        try:
            address = httpx.URL(url)
        except (httpx.InvalidURL, UnicodeError, ValueError):
            return True
        name, host = address.netloc.decode("ascii", "replace").lower(), address.host.lower()
        is_let_in = not {name, host}.isdisjoint({*self._plain, *self._headers})
        return is_let_in or bool(address.userinfo) or is_inside(host)

    def header_marks(self, url: str) -> tuple[str, ...]:
        """Return the names of the further headers that the host of an address gets, each with a mark of its value.

        A mark is to show that a value has changed, and may be read by others. So it is one byte, and always the same
        one for a value: of 256 guesses at a password it excludes 255, and nobody who collects marks learns more.
        """
        if not self._headers:
            # Asked four times for each address, and to parse one takes longer than all else here.
            return ()
        try:
            headers = self._headers_for(httpx.URL(url))
        except (httpx.InvalidURL, UnicodeError, ValueError):
            return ()
        return tuple(f"{name}:{sha256(value.encode()).hexdigest()[:2]}" for name, value in sorted(headers.items()))

    def _headers_for(self, url: httpx.URL) -> Mapping[str, str]:
        """Return the further headers for this host, which nobody on the way may read."""
        name = url.netloc.decode("ascii", "replace")
        safe = url.scheme == "https" or name in self._plain or url.host in self._plain
        return self._headers.get(name, {}) if safe else {}

    async def ask(self, ask: Ask) -> Answer:
        """Return the result of a request, after redirects. Raises nothing for what a host or a network does."""
        try:
            url = httpx.URL(ask.url)
            first = url
            hops: tuple[Hop, ...] = ()
            for _hop in range(_MOST_HOPS):
                if why := _not_askable(url):
                    return Unasked(why)
                found = await self._insist(ask, url, first)
                if not isinstance(found, _Head):
                    return found
                if found.code not in _REDIRECTS or not (target := found.headers.get("location", "")):
                    return await self._confirmed(ask, url, _meaning(found, hops))
                if ask.head:
                    return Received(found.code, str(url), found.headers, b"", hops=(*hops, Hop(found.code, str(url))))
                if ask.body is not None:
                    return Unknown(f"{url.host} redirects a request with content")
                try:
                    to = url.join(target)
                except (httpx.InvalidURL, UnicodeError, ValueError):
                    return Unknown(f"{url.host} redirects to something that is not an address")
                doubtful = self._transport.is_relayed(url) and not _is_upgrade(url, to)
                hops = (*hops, Hop(found.code, str(url), doubtful))
                url = to
                if not ask.elsewhere and url.host != first.host:
                    return Unknown(f"{first.host} redirects to {url.host or 'another host'}")
        except (httpx.InvalidURL, UnicodeError, ValueError) as error:
            return Unasked(f"not a valid address: {str(error)[:100]}")
        return Refused("endless redirects")

    async def _confirmed(self, ask: Ask, url: httpx.URL, meant: Answer) -> Answer:
        """Return an answer; that nothing is there only if no proxy can have said it instead of the host.

        A proxy that is set up wrong, or is none, says it of all pages. Encrypted requests are tunnelled to the host.
        """
        if not isinstance(meant, Absent) or ask.head or not self._transport.is_relayed(url):
            return meant
        if url.port is None:
            encrypted = await self.ask(replace(ask, url=str(url.copy_with(scheme="https")), secrets={}, parameters={}))
            if isinstance(encrypted, Absent):
                return meant
        return Unknown(f"a proxy answers {meant.code} for {url.host}, or passes it on")

    async def _insist(self, ask: Ask, url: httpx.URL, first: httpx.URL) -> _Head | Answer:
        """Ask one host, several times if that may help. Return its answer, or why there is none."""
        host = self._host(url)
        fault = _Fault(Unknown("not asked"), again=True)
        async with host.turn:
            for attempt in range(ask.attempts):
                if why := host.why_closed():
                    return fault.answer if attempt else Unasked(why)
                await host.ready()
                async with self._slots:
                    found = await self._exchange(host, ask, url, first)
                if isinstance(found, _Head):
                    verdict = self._judge(host, found)
                    if verdict is None:
                        host.answered()
                        return found
                    fault = verdict
                else:
                    fault = found
                if not fault.again:
                    break
                if attempt + 1 < ask.attempts:
                    host.later(2.0**attempt * (0.5 + self._chance.random()))
            if isinstance(fault.answer, Unknown) and not ask.head:
                # After a failed HEAD request, the caller requests the page.
                host.failed()
        return fault.answer

    def _judge(self, host: Host, found: _Head) -> _Fault | None:
        """Return the result for an answer that does not settle the question; `None` for other answers."""
        if found.headers.get("cf-mitigated", "").lower() == "challenge":
            return _Fault(Refused("a challenge for browsers"), again=False)
        if found.code not in _RETRIED:
            return None
        pause = retry_after(found.headers, self.clock.now())
        if pause is None or host.obeys(pause):
            return _Fault(Unknown(f"{host.name} answers {found.code}", host.closed_until), again=True)
        return _Fault(Unknown(host.why_closed() or f"{host.name} answers {found.code}", host.closed_until), again=False)

    async def _exchange(self, host: Host, ask: Ask, url: httpx.URL, first: httpx.URL) -> _Head | _Fault:
        sent: list[float] = []

        async def trace(event: str, _about: object) -> None:
            if event == "http11.send_request_headers.started":
                sent.append(self.clock.monotonic())

        headers = {
            "accept": ask.accept,
            "accept-encoding": ACCEPTED,
            "connection": "keep-alive",
            "user-agent": AGENT,
            **self._headers_for(url),
        }
        if ask.body is not None:
            headers["content-type"] = "application/json"
        full = url
        if _origin(url) == _origin(first):
            headers.update(ask.secrets)
            full = url.copy_merge_params(dict(ask.parameters)) if ask.parameters else url
        limits = ask.limits
        request = httpx.Request(
            _method(ask),
            full,
            headers=headers,
            content=ask.body,
            extensions={"timeout": httpx.Timeout(limits.seconds).as_dict(), "trace": trace},
        )
        if (cookies := self._cookies.get(first.host)) is not None:
            cookies.set_cookie_header(request)
        if self._say is not None:
            self._say(f"{'ask' if ask.body is None else 'post to'} {url}")
        self.asked[host.name] += 1
        began = self.clock.monotonic()
        host.sent(began)
        try:
            async with asyncio.timeout(limits.seconds):
                response = await self._transport.handle_async_request(request)
                self.heard = True
                try:
                    if "set-cookie" in response.headers:
                        response.request = request
                        self._cookies.setdefault(first.host, httpx.Cookies()).extract_cookies(response)
                    host.heard(response.status_code, response.headers, self.clock.monotonic() - began)
                    return await _read(response, url, ask)
                finally:
                    await response.aclose()
        except Exception as error:  # noqa: BLE001  # sorted below; errors that are not the network's are raised again
            if any(isinstance(cause, PrivateError | NoHostError) for cause in _causes(error)):
                host.spared(began)
            return _fault_of(error, host.name, limits)
        finally:
            if sent:
                host.sent(sent[-1])


def _is_upgrade(url: httpx.URL, to: httpx.URL) -> bool:
    """Say whether a redirect leads to the same host over TLS, where the host itself answers."""
    return to.scheme == "https" and to.host.removeprefix("www.") == url.host.removeprefix("www.")


def _method(ask: Ask) -> str:
    if ask.body is not None:
        return "POST"
    return "HEAD" if ask.head else "GET"


async def _read(response: httpx.Response, url: httpx.URL, ask: Ask) -> _Head:
    limits = ask.limits
    if ask.head:
        # There is no body, but only a connection that was read to the end of an answer takes another request.
        async for _piece in response.aiter_raw():
            break
    if ask.head or not (ask.reads or response.status_code in _ABSENT):
        return _Head(response.status_code, url, response.headers, b"", whole=True)
    body = Body(response.headers.get("content-encoding", ""), limits.size)
    try:
        async for piece in response.aiter_raw():
            body.feed(piece)
    except TooLargeError:
        if not limits.cut:
            raise
        return _Head(response.status_code, url, response.headers, body.so_far(), whole=False)
    return _Head(response.status_code, url, response.headers, body.all(), whole=True)


def _not_askable(url: httpx.URL) -> str:
    """Return why an address may not be requested; "" if it may."""
    if url.scheme not in {"http", "https"}:
        return f'"{url.scheme}" is not a web scheme' if url.scheme else "not a web address"
    if not url.host:
        return "the address has no host"
    if url.port is not None and not 0 < url.port < 65_536:
        return f"there is no port {url.port}"
    return "the address contains a user name or password" if url.userinfo else ""


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _meaning(found: _Head, hops: tuple[Hop, ...]) -> Answer:
    code, url = found.code, str(found.url)
    # 202 is no page yet: with it, firewalls send programs a challenge.
    if 200 <= code < 300 and code != 202:
        return Received(code, url, found.headers, found.body, found.whole, hops)
    if code in _ABSENT:
        return Absent(code, url, found.headers, found.body, hops)
    if 400 <= code < 500 or code in {202, 999}:
        return Refused(f"{found.url.host} answers {code}", code)
    return Unknown(f"{found.url.host} answers {code}")


def _fault_of(error: Exception, host: str, limits: Limits) -> _Fault:
    """Return the result for an error of the network. Raises other errors again."""
    causes = list(_causes(error))
    for cause in causes:
        match cause:
            case PrivateError():
                return _Fault(Unasked(str(cause)), again=False)
            case NoHostError():
                return _Fault((Unreachable if cause.certain else Unknown)(str(cause)), again=False)
            case ssl.SSLCertVerificationError():
                kind = Unreachable if cause.verify_code in _BAD_CERTIFICATES else Unknown
                return _Fault(kind(f"the certificate of {host} is not valid: {cause.verify_message}"), again=False)
            case NoProxyError():
                return _Fault(Unknown(str(cause)), again=False)
            case ConnectionRefusedError():
                return _Fault(Unreachable(f"{host} refuses connections"), again=False)
            case TooLargeError():
                return _Fault(Unknown(f"more than {limits.size / 1_000_000:g} MB"), again=False)
            case BodyError():
                return _Fault(Unknown(f"the answer of {host} {cause}"), again=True)
            case httpcore.LocalProtocolError() | httpx.UnsupportedProtocol() | httpx.InvalidURL():
                return _Fault(Unasked(f"not a valid address: {cause}"), again=False)
    if any(isinstance(cause, TimeoutError | httpcore.TimeoutException | httpx.TimeoutException) for cause in causes):
        return _Fault(Unknown(f"no answer from {host} within {limits.seconds:g} s"), again=True)
    if isinstance(
        error, httpcore.NetworkError | httpcore.ProtocolError | httpcore.ProxyError | OSError | httpx.HTTPError
    ):
        words = " ".join(str(error).split())[:100]
        if isinstance(error, httpcore.RemoteProtocolError) and not any(each in words for each in _ENDED):
            # What follows a colon are the bytes.
            return _Fault(Unknown(f"the answer of {host} is no valid HTTP ({words.partition(':')[0]})"), again=True)
        return _Fault(Unknown(f"the connection to {host} broke{f' ({words})' if words else ''}"), again=True)
    raise error


_ENDED = ("disconnected", "closed")
"""Words of h11 and httpcore for a connection that ended too early."""
_BAD_CERTIFICATES = frozenset({10, 62, 64})
"""OpenSSL's numbers: expired, for another name, for another address. Browsers repair an incomplete chain (20, 21)."""


def _causes(error: BaseException) -> Iterable[BaseException]:
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        found = waiting.pop(0)
        if found is None or any(found is each for each in seen):
            continue
        seen.append(found)
        # httpcore raises "from None": only the context still knows the cause.
        waiting += [*(found.exceptions if isinstance(found, BaseExceptionGroup) else ()), found.__cause__]
        waiting.append(found.__context__)
    return seen
