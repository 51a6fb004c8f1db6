"""Connections that reach only public addresses, whatever a name, a redirect or a proxy says.

The guard sits where a connection is made: it resolves the name itself, refuses unless every address is public
(`guard.py`), and connects to the address that it checked. So names that point inside, redirects, and names that change
between two look-ups all end here. It speaks HTTP/1.1, and takes the certificates of the system and the proxies of the
environment.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import sys
import threading
from functools import cached_property
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple, TypedDict
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # undeclared

import httpcore
import httpx

from wikitools.web.guard import is_public

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping

    Resolve = Callable[[str, int], Awaitable[list[str]]]
    """Return the addresses of a name, for a port. Raises `OSError`."""

_AT_ONCE = 256
"""How many hosts are asked at once."""
_LOOKED_UP = 64
"""How many names are looked up at once."""
_OPEN = 3
"""How many hosts may keep a connection, for each that is asked."""
_MOST_AT_ONCE = 4
"""The most requests that a host gets at once."""
_KEPT_ALIVE = 10.0
"""Seconds that an idle connection stays open."""
_ONE_ADDRESS = 5.0
"""Seconds for one of several addresses of a name."""


class PrivateError(Exception):
    """The name leads to an address that is not public; the message says which name."""


class NoHostError(Exception):
    """The name could not be resolved."""

    def __init__(self, host: str, *, certain: bool) -> None:
        super().__init__(f"no such host: {host}" if certain else f"the name {host} cannot be looked up")
        self.certain = certain


class NoProxyError(Exception):
    """The proxy cannot be reached, which says nothing about the hosts behind it."""


class Guard:
    """Resolves names and lets only public addresses pass."""

    def __init__(self, allowed: Iterable[str], resolve: Resolve) -> None:
        self._allowed = frozenset(allowed)
        self._resolve = resolve

    async def addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a name. Raises `PrivateError` unless all are public, or the host is allowed."""
        try:
            found = await self._resolve(host, port)
        except socket.gaierror as error:
            raise NoHostError(host, certain=error.errno in _NO_SUCH_NAME) from error
        except (OSError, UnicodeError) as error:
            raise NoHostError(host, certain=False) from error
        if not found:
            raise NoHostError(host, certain=False)
        if not self._allowed & {host, f"{host}:{port}"} and not all(map(is_public, found)):
            raise PrivateError(f"{host} points to an address inside a network")
        return found


_NO_SUCH_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})


class Names:
    """Resolves names in threads that the end of the run does not wait for: a name server may never answer."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(_LOOKED_UP)

    async def __call__(self, host: str, port: int) -> list[str]:
        """Return the addresses that the system knows for a name. Raises `OSError`."""
        with contextlib.suppress(ValueError):
            return [str(ip_address(host))]
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[str]] = loop.create_future()
        await self._slots.acquire()

        def note(found: list[str] | OSError | UnicodeError) -> None:
            self._slots.release()
            if answer.done():
                return
            if isinstance(found, list):
                answer.set_result(found)
            else:
                answer.set_exception(found)

        def look_up() -> None:
            found: list[str] | OSError | UnicodeError
            try:
                rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                found = list(dict.fromkeys(str(address[0]) for *_kind, address in rows))
            except (OSError, UnicodeError) as error:
                found = error
            with contextlib.suppress(RuntimeError):
                # The run has ended meanwhile.
                loop.call_soon_threadsafe(note, found)

        threading.Thread(target=look_up, daemon=True).start()
        return await answer


class _Network(httpcore.AsyncNetworkBackend):
    """Connects to the very addresses that a name was found to have, which the guard has checked.

    A proxy is reached by its name, and its faults are not those of the host that it is asked for.
    """

    def __init__(self, network: httpcore.AsyncNetworkBackend, addresses: Resolve, *, to_proxy: bool = False) -> None:
        self._network = network
        self._addresses = addresses
        self._to_proxy = to_proxy

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        *others, last = await self._addresses(host, port)
        try:
            for address in others:
                with contextlib.suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                    return await self._network.connect_tcp(address, port, _ONE_ADDRESS, local_address, socket_options)
            return await self._network.connect_tcp(last, port, timeout, local_address, socket_options)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            if self._to_proxy:
                raise NoProxyError(f"the proxy {host}:{port} cannot be reached") from error
            raise

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise PrivateError(f"{path} is a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


async def _itself(host: str, _port: int) -> list[str]:
    return [host]


class Proxies(NamedTuple):
    """The proxies of the environment, by scheme, and the hosts that are asked without one."""

    by_scheme: Mapping[str, str]

    def of(self, url: httpx.URL) -> str:
        """Return the proxy for an address; "" for none."""
        found = self.by_scheme.get(url.scheme) or self.by_scheme.get("all", "")
        if found and proxy_bypass_environment(url.netloc.decode("ascii", "replace"), self.by_scheme):
            return ""
        return found if "://" in found or not found else f"http://{found}"


def _certificates() -> ssl.SSLContext:
    """Return a context that trusts the certificates that the system trusts."""
    found = ssl.get_default_verify_paths()
    if sys.platform not in {"darwin", "win32"} and found.cafile:
        # truststore would read this file again for every connection: 20 ms each.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_default_certs()
        return context
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _unchecked() -> ssl.SSLContext:
    """Return a context that accepts any certificate, for hosts whose certificates are known to be bad."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _allow_files(wanted: int) -> int:
    """Let this process open so many files and connections, if the system agrees; return how many it may open."""
    try:
        import resource
    except ImportError:
        # Windows counts no connections.
        return wanted
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if now == resource.RLIM_INFINITY or now >= wanted:
        return wanted
    more = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (more, most))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class _PoolOptions(TypedDict):
    """What all pools of connections have in common, by httpcore's names."""

    max_connections: int
    max_keepalive_connections: int
    keepalive_expiry: float
    http1: bool
    http2: bool


class Transport(httpx.AsyncBaseTransport):
    """Sends requests through guarded connections, or a proxy when the guard lets the name pass.

    Each host has a pool of its own: httpcore walks all connections of a pool at each request.
    """

    def __init__(
        self, guard: Guard, network: httpcore.AsyncNetworkBackend, proxies: Proxies, insecure: Iterable[str] = ()
    ) -> None:
        # Some are left for the files of the wiki.
        self.at_once = max(1, min(_AT_ONCE, _allow_files((_OPEN + 1) * _AT_ONCE) // (_OPEN + 1)))
        """How many hosts may be asked at once."""
        self._guard = guard
        self._network = network
        self._guarded = _Network(network, guard.addresses)
        self._proxies = proxies
        self._insecure = frozenset(insecure)
        self._options: _PoolOptions = {
            "max_connections": _MOST_AT_ONCE + 1,
            "max_keepalive_connections": _MOST_AT_ONCE,
            "keepalive_expiry": _KEPT_ALIVE,
            "http1": True,
            "http2": False,
        }
        self._pools: dict[tuple[str, str, str, int | None], httpcore.AsyncConnectionPool] = {}
        """By proxy, scheme, host and port; the one used last comes last."""

    def is_relayed(self, url: httpx.URL) -> bool:
        """Say whether a proxy reads the request for an address, and may answer it itself: nothing is encrypted."""
        return url.scheme == "http" and bool(self._proxies.of(url))

    def _key(self, url: httpx.URL) -> tuple[str, str, str, int | None]:
        return self._proxies.of(url), url.scheme, url.host, url.port

    async def _pool(self, url: httpx.URL) -> httpcore.AsyncConnectionPool:
        key = self._key(url)
        if proxy := key[0]:
            # The proxy resolves the name once more, but it never gets a name that points inside from here.
            try:
                await self._guard.addresses(url.host, url.port or (443 if url.scheme == "https" else 80))
            except NoHostError as error:
                # Where a proxy is needed, the network often knows only its own names.
                raise NoHostError(url.host, certain=False) from error
        if key not in self._pools and len(self._pools) >= _OPEN * self.at_once:
            await self._close_oldest()
        self._pools[key] = found = self._pools.pop(key, None) or self._new_pool(url, proxy)
        return found

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        return _certificates()

    @cached_property
    def _unchecked(self) -> ssl.SSLContext:
        return _unchecked()

    def _context(self, url: httpx.URL, proxy: str) -> ssl.SSLContext | None:
        """Return what judges certificates; `None` where nothing is encrypted, for reading all of them takes 20 ms."""
        if "https" not in {url.scheme, urlsplit(proxy).scheme}:
            return None
        return self._unchecked if url.netloc.decode("ascii", "replace") in self._insecure else self._certificates

    def _new_pool(self, url: httpx.URL, proxy: str) -> httpcore.AsyncConnectionPool:
        context = self._context(url, proxy)
        if not proxy:
            return httpcore.AsyncConnectionPool(network_backend=self._guarded, ssl_context=context, **self._options)
        parsed = httpx.URL(proxy)
        return httpcore.AsyncHTTPProxy(
            proxy_url=httpcore.URL(scheme=parsed.raw_scheme, host=parsed.raw_host, port=parsed.port, target=b"/"),
            proxy_auth=(parsed.username, parsed.password) if parsed.username else None,
            network_backend=_Network(self._network, _itself, to_proxy=True),
            ssl_context=context,
            **self._options,
        )

    async def _close_oldest(self) -> None:
        """Close the connection of the host that was asked longest ago, unless all are being asked."""
        for key, pool in self._pools.items():
            if _is_idle(pool):
                del self._pools[key]
                await pool.aclose()
                return

    async def leave(self, url: httpx.URL) -> None:
        """Close the connection to the host of an address, unless it is being asked."""
        key = self._key(url)
        if key in self._pools and _is_idle(self._pools[key]):
            await self._pools.pop(key).aclose()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        pool = await self._pool(request.url)
        # "example.org." is the whole name of example.org, for which its certificate is.
        whole = {"sni_hostname": request.url.host.rstrip(".")} if request.url.host.endswith(".") else {}
        sent = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions={**request.extensions, **whole},
        )
        answer = await pool.handle_async_request(sent)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Stream(answer), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()


def _is_idle(pool: httpcore.AsyncConnectionPool) -> bool:
    return all(each.is_idle() or each.is_closed() for each in pool.connections)


class _Stream(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._answer.aiter_stream():
            yield piece

    async def aclose(self) -> None:
        await self._answer.aclose()
