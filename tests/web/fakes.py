"""Each service on a local socket, over one small library, or out of order in one of many ways."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from web.faults import Time
from web.library import LIBRARY, Work
from web.server import Asked, Server, response
from web.service_answers import ANSWERS

from wikitools.web.asking import Web
from wikitools.web.client import Client
from wikitools.web.memory import Memory
from wikitools.web.services import SERVICES, paces_of, services_at

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    import pytest

    from wikitools.web.pace import Clock

KEYS = {"github": "key-of-github", "openalex": "key-of-openalex", "semanticscholar": "key-of-semanticscholar"}
OUTAGES: dict[str, bytes | None] = {
    "reset": None,
    "down": response(503, b"down"),
    "busy": response(429, b"", retry_after="3600"),
    "proxy": response(200, b"<html>Please log in</html>"),
    "portal 404": response(404, b"<html>Not found</html>"),
    "gone": response(410, b""),
    "refused": response(403, b"no robots"),
    "half": b'HTTP/1.1 200 x\r\ncontent-length: 900\r\ncontent-type: application/json\r\n\r\n{"status":',
    "empty": response(200, b"", "application/json"),
    "other JSON": response(200, b"[{}]", "application/json"),
    "null": response(200, b"null", "application/json"),
    "redirect": response(302, b"", location="http://portal.example/"),
    "entities": response(200, b'<!DOCTYPE f [<!ENTITY a "b">]><feed>&a;</feed>', "application/atom+xml"),
}


@dataclass
class Fakes:
    """All services; those in `out` do not work, each in its way."""

    library: tuple[Work, ...] = LIBRARY
    out: dict[str, str] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    allowed: list[str] = field(default_factory=list)
    """Further hosts that may be contacted."""

    def __enter__(self) -> Self:
        self._stack = contextlib.ExitStack()
        for name in SERVICES:
            self.servers[name] = self._stack.enter_context(Server(self._handler(name)))
        return self

    def __exit__(self, *about: object) -> None:
        self._stack.close()

    def _handler(self, name: str) -> Callable[[Asked, asyncio.StreamWriter], Coroutine[Any, Any, None]]:
        async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
            if self.out.get(name) == "hangs":
                await asyncio.sleep(60)
            if name in self.out:
                said = OUTAGES[self.out[name]]
                if said is None:
                    writer.transport.abort()
                    return
                writer.write(said)
                if self.out[name] == "half":
                    writer.close()
                return
            writer.write(ANSWERS[name](self.library, asked))

        return handle

    @property
    def addresses(self) -> str:
        """The value of WIKITOOLS_WEB_SERVICES that sends all requests here."""
        return " ".join(f"{name}={server.url}" for name, server in self.servers.items())

    def asked(self) -> dict[str, list[str]]:
        """Return what each service was asked for."""
        return {name: [each.target for each in server.asked] for name, server in self.servers.items() if server.asked}

    def ask(self, question: Callable[[Web], Coroutine[Any, Any, Any]], clock: Clock, **more: Any) -> Any:
        """Return what a question to the services brings."""

        async def run() -> Any:
            services = services_at(self.addresses)
            allowed = [f"127.0.0.1:{server.port}" for server in self.servers.values()] + self.allowed
            async with Client(paces=paces_of(services), allowed=allowed, clock=clock, proxies={}) as client:
                memory = more.pop("memory", None) or Memory(clock=clock)
                return await question(Web(client, memory, services, keys=more.pop("keys", KEYS), **more))

        return asyncio.run(run())


def lead_to(services: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program ask these services, without waiting for the pace of any."""
    monkeypatch.setenv("WIKITOOLS_WEB_SERVICES", services.addresses)
    monkeypatch.setattr("wikitools.web.client.Clock", lambda: Time().clock)
