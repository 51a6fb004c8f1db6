"""A server with every fault, and the client that asks it by a clock that only waiting moves."""

from __future__ import annotations

import asyncio
import datetime
import gzip
import zlib
from dataclasses import dataclass, field
from email.utils import format_datetime
from functools import cache
from typing import TYPE_CHECKING

from web.server import Asked, Server, response

from wikitools.web.client import Ask, Client, Limits
from wikitools.web.pace import Clock

if TYPE_CHECKING:
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


async def _fine(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(response(200, b"fine"))
