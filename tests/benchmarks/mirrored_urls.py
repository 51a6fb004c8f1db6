"""Runs `urls` on all addresses of a wiki without the internet: offline first, then against a local mirror of fakes.

    python tests/benchmarks/mirrored_urls.py WIKI... [--max-time 20m]

In the mirror each name leads to one local server, over TLS too, and each address answers after its hash: most are
there, some are gone, moved, refused, overloaded or silent, and registries know nine of ten identifiers. The truth is
therefore known: printed are what each address should be called and what it is called, with time, memory and requests.
The exit code is 1 if anything is called dead that is not, or the other way round.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import resource
import ssl
import sys
import tempfile
import time
import zlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import escape

import httpcore
import trustme

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from wikitools.lint.url_status import UrlStatus

_KINDS = (("gone", 6), ("moved", 5), ("refused", 8), ("busy", 3), ("reset", 2))
"""What addresses are, in percent; the others are there."""


def kind_of(address: str) -> str:
    """Return what the mirror makes of an address without its scheme and fragment."""
    number = zlib.crc32(address.encode()) % 100
    for kind, share in _KINDS:
        number -= share
        if number < 0:
            return kind
    return "there"


def knows(identifier: str) -> bool:
    """Say whether the registries of the mirror know an identifier."""
    return zlib.crc32(identifier.lower().encode()) % 10 != 0


def said(code: int, body: bytes = b"", kind: str = "text/html", **headers: str) -> bytes:
    """Return an answer."""
    lines = [f"HTTP/1.1 {code} x", f"content-length: {len(body)}", f"content-type: {kind}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def registry(host: str, target: str) -> bytes | None:
    """Return what a registry answers; `None` where none is asked."""
    if host in {"doi.org", "hdl.handle.net"} and target.startswith("/api/handles/"):
        name = unquote(urlsplit(target).path.removeprefix("/api/handles/"))
        found = knows(name)
        answer = {"responseCode": 1 if found else 100, "handle": name, "values": []}
        return said(200 if found else 404, json.dumps(answer).encode(), "application/json")
    if host == "export.arxiv.org":
        query = dict(part.partition("=")[::2] for part in urlsplit(target).query.split("&"))
        names = [name for name in unquote(query["id_list"]).split(",") if knows(name)]
        entries = "".join(
            f"<entry><id>http://arxiv.org/abs/{escape(name)}v99</id><title>T</title><published>2020-01-01T00:00:00Z"
            "</published><author><name>A B</name></author></entry>"
            for name in names
        )
        total = f'<totalResults xmlns="http://a9.com/-/spec/opensearch/1.1/">{len(names)}</totalResults>'
        feed = f'<feed xmlns="http://www.w3.org/2005/Atom">{total}{entries}</feed>'
        return said(200, feed.encode(), "application/atom+xml")
    if host == "eutils.ncbi.nlm.nih.gov":
        query = dict(part.partition("=")[::2] for part in urlsplit(target).query.split("&"))
        ids, prefix = unquote(query["id"]).split(","), "PMC" if query["db"] == "pmc" else ""
        error = {"error": "cannot get document summary"}
        result = {each: {"uid": each, **({} if knows(prefix + each) else error)} for each in ids}
        return said(200, json.dumps({"result": result}).encode(), "application/json")
    if host == "web.archive.org" and target.startswith("/cdx/"):
        return said(200, b"[]", "application/json")
    return None


def serve(ready: Connection, folder: str, asked: Any) -> None:
    """Answer for every host, on one port without TLS and one with it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(os.path.join(folder, "ca.pem"))
    contexts: dict[str, ssl.SSLContext] = {}

    def by_name(connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        if name and name not in contexts:
            contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(name).configure_cert(contexts[name])
        connection.context = contexts[name or ""]

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, target, _version = head[0].split(" ", 2)
                host = next(line[6:] for line in head if line.lower().startswith("host: "))
                with asked.get_lock():
                    asked.value += 1
                answer = registry(host, target)
                kind = "there" if target.startswith("/moved-here/") else kind_of(f"{host}{target}")
                if answer is None and kind == "reset":
                    writer.transport.abort()
                    return
                codes = {"gone": 404, "moved": 301, "refused": 403, "busy": 503}
                number = zlib.crc32(target.encode())
                answer = answer or said(codes.get(kind, 200), b"<p>page", location=f"/moved-here/{number}")
                writer.write(answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if method == "HEAD" else answer)
                await writer.drain()
        writer.close()

    async def run() -> None:
        secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("mirror.example").configure_cert(secure)
        contexts[""] = secure
        secure.sni_callback = by_name
        plain = await asyncio.start_server(handle, "127.0.0.1", 0, backlog=4096)
        tls = await asyncio.start_server(handle, "127.0.0.1", 0, backlog=4096, ssl=secure)
        ready.send([each.sockets[0].getsockname()[1] for each in (plain, tls)])
        await asyncio.Event().wait()

    asyncio.run(run())


class Mirror(httpcore.AnyIOBackend):
    """Leads every connection to the local server."""

    def __init__(self, plain: int, tls: int) -> None:
        self.ports = {443: tls}
        self.plain = plain

    async def connect_tcp(self, host: str, port: int, *args: Any, **named: Any) -> httpcore.AsyncNetworkStream:
        return await super().connect_tcp("127.0.0.1", self.ports.get(port, self.plain))


async def everybody(_host: str, _port: int) -> list[str]:
    """Return one public address for every name."""
    return ["93.184.216.34"]


def check(wiki: str, cache: str, ports: list[int] | None, seconds: str, result: Connection) -> None:
    """Run `wikitools urls` in a wiki and send how often what was called what; without `ports`, offline."""
    from wikitools.cli import app, urls
    from wikitools.web import client

    os.chdir(wiki)
    known: dict[str, UrlStatus] = {}
    usual, ask_for = client.Client.__init__, urls.ask_for

    def mirrored(self: client.Client, **options: Any) -> None:
        usual(self, **{**options, "resolve": everybody, "network": Mirror(*(ports or (0, 0))), "proxies": {}})

    def noted(*about: Any, **more: Any) -> Any:
        statuses, oldest = ask_for(*about, **more)
        known.update(statuses)
        return statuses, oldest

    client.Client.__init__ = mirrored  # type: ignore[method-assign]
    urls.ask_for = noted
    arguments = ["urls", "--cache-dir", cache, "--statistics", "--no-progress", "--max-time", seconds]
    began = time.monotonic()
    app.run(arguments if ports else [*arguments, "--offline"])
    used = resource.getrusage(resource.RUSAGE_SELF)
    called = Counter((expected(url), type(each).__name__) for url, each in known.items())
    hosts = len({urlsplit(url).hostname for url in known})
    result.send((called, hosts, time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024))


def expected(url: str) -> str:
    """Return what an address should be called."""
    from wikitools.web.registry.identified import identify, is_surely

    kind, name = identify(url, {})
    if kind and knows(name):
        return "Ok"
    if kind and is_surely(url, kind, name):
        return "Gone"
    page = url.partition("#")[0].removeprefix("//")
    parts = urlsplit(page if "://" in page else f"https://{page}")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return {"gone": "Gone", "moved": "Moved", "refused": "Refused", "busy": "Unknown", "reset": "Unknown"}.get(
        kind_of(f"{parts.netloc.lower()}{target}"), "Ok"
    )


def main() -> int:
    """Run all, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wikis", nargs="+", type=Path)
    parser.add_argument("--max-time", default="20m")
    given = parser.parse_args()
    new = multiprocessing.get_context("spawn")
    wrong = 0
    for wiki in given.wikis:
        with tempfile.TemporaryDirectory() as folder:
            ours, theirs = new.Pipe()
            asked = new.Value("q", 0)
            server = new.Process(target=serve, args=(theirs, folder, asked), daemon=True)
            server.start()
            ports = ours.recv()
            os.environ["SSL_CERT_FILE"] = os.path.join(folder, "ca.pem")
            for mode in ("offline", "mirrored", "mirrored, again"):
                asked.value = 0
                results, end = new.Pipe(duplex=False)
                about = (
                    str(wiki.resolve()),
                    os.path.join(folder, "cache"),
                    None if mode == "offline" else ports,
                    given.max_time,
                    end,
                )
                run = new.Process(target=check, args=about)
                run.start()
                # If the run dies, nobody else keeps the other end open.
                end.close()
                called, hosts, wall, cpu, memory = results.recv()
                run.join()
                print(
                    f"\n{wiki.name}, {mode}: {called.total():,} addresses on {hosts:,} hosts, {wall:.1f} s wall, "
                    f"{cpu:.1f} s CPU, {memory:.0f} MB, {asked.value:,} requests"
                )
                for (truth, said_of_it), number in sorted(called.items()):
                    print(f"  {truth:<8} called {said_of_it:<12}{number:>8,}")
                    accused = said_of_it == "Gone" and truth != "Gone"
                    missed = truth == "Gone" and said_of_it in {"Ok", "Moved", "NoAnchor"}
                    wrong += number if accused or missed else 0
            server.terminate()
    print(f"\nwrong: {wrong}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
