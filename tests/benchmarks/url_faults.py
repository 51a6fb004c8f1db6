"""Shows link checkers faulty addresses on this machine, and prints which of them each one judges right.

    python tests/benchmarks/url_faults.py [--lychee PATH] [--markdown-link-check PATH] [--linkinator PATH]
        [--linkchecker PATH] [--sphinx SPHINX-BUILD]

Each address has a host of its own (127.0.0.2 and on), so that no host's pause is held against its neighbours. An
address is judged right when it is reported exactly if it is dead. A tool that does not end within five minutes is
ended, and has judged nothing. A tool that is not given is left out, and the output says so.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 300
PORT = 18_765


@dataclass(frozen=True)
class Fault:
    """One address: its path, what it is, and whether it is dead."""

    path: str
    about: str
    dead: bool = False


FAULTS = (
    Fault("404", "404", dead=True),
    Fault("410", "410", dead=True),
    Fault("redirect-to-404", "redirect to a 404", dead=True),
    Fault("404-long", "404 with a long page", dead=True),
    Fault("404-packed", "404, packed", dead=True),
    Fault("404-slow", "404 after two seconds", dead=True),
    *(Fault(code, code) for code in "200 204 206 400 401 403 405 406 409 418 421 425 429 451".split()),
    *(Fault(code, code) for code in "500 501 502 503 504 520 999".split()),
    *(Fault(f"head-{code}", f"{code} to HEAD, 200 to GET") for code in "400 403 404 405 500 501 503".split()),
    Fault("head-reset", "connection reset at HEAD"),
    Fault("head-silent", "no answer to HEAD"),
    Fault("429-once", "429 once"),
    Fault("503-once", "503 once"),
    Fault("502-twice", "502 twice"),
    Fault("retry-1", "429 once, Retry-After: 1"),
    Fault("retry-3600", "429, Retry-After: 3600"),
    Fault("retry-date", "503, Retry-After: a date in a year"),
    Fault("reset", "connection reset"),
    Fault("reset-once", "connection reset once"),
    Fault("closed", "connection closed without a word"),
    Fault("truncated", "body cut off"),
    Fault("bad-chunk", "broken chunks"),
    Fault("garbage", "no HTTP"),
    Fault("dripping", "a byte every second"),
    Fault("endless", "a body without end"),
    Fault("bomb", "400 MB of zeros, packed"),
    Fault("bomb#x", "the same, with an anchor"),
    Fault("loop", "redirects in a circle"),
    Fault("long-way", "nine redirects"),
    Fault("wall", "a wall of cookies"),
    Fault("challenge", "a challenge for browsers"),
    Fault("needs-agent", "403 without a browser's name"),
    Fault("html#there", "an anchor that is there"),
    Fault("html#old", "an anchor by name"),
    Fault("html#page=3", "a place in a PDF"),
    Fault("html#:~:text=word", "a text fragment"),
    Fault("moved", "moved for ever"),
    Fault("moved-for-now", "moved for now"),
    Fault("to-private", "redirect to a private address"),
    Fault("latin", "a page in Latin-1"),
    Fault("empty", "an empty page"),
    Fault("no-length", "a page without a length"),
)  # fmt: skip


def packed_zeros() -> bytes:
    """Return 400 MB of zeros in 400 kB."""
    import zlib

    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1_000_000)) for _each in range(400)) + packer.flush()


def said(code: int, body: bytes = b"fine", **headers: str) -> bytes:
    """Return an answer with these headers, `_` standing for `-`."""
    lines = [f"HTTP/1.1 {code} x", f"content-length: {len(body)}", "content-type: text/html", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


HTML = b"<html><h1 id=there>x</h1><a name=old>y</a></html>"


class Site:
    """All faults, each at a host of its own; `asked` counts the requests by path."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}
        self.bomb = packed_zeros()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, target, _version = head.split("\r\n")[0].split(" ", 2)
            path = target.partition("?")[0].strip("/")
            self.asked[path] = self.asked.get(path, 0) + 1
            await self.answer(path, method == "HEAD", head.lower(), writer)
            await writer.drain()
        with contextlib.suppress(ConnectionError):
            writer.close()

    async def answer(self, path: str, is_head: bool, head: str, writer: asyncio.StreamWriter) -> None:
        """Write what a path answers."""
        first = self.asked[path] == 1
        body = said(200)
        match path:
            case "redirect-to-404":
                body = said(302, location="/404")
            case "404-long":
                body = said(404, b"x" * 300_000)
            case "404-packed":
                body = said(404, gzip.compress(b"not here"), content_encoding="gzip")
            case "404-slow":
                await asyncio.sleep(2)
                body = said(404)
            case "head-reset" | "reset" | "reset-once":
                if (is_head and path == "head-reset") or path == "reset" or (path == "reset-once" and first):
                    writer.transport.abort()
                    return
            case "head-silent":
                if is_head:
                    await asyncio.sleep(60)
            case "429-once" | "503-once":
                body = said(int(path[:3]) if first else 200)
            case "502-twice":
                body = said(502 if self.asked[path] < 3 else 200)
            case "retry-1":
                body = said(429, retry_after="1") if first else said(200)
            case "retry-3600":
                body = said(429, retry_after="3600")
            case "retry-date":
                body = said(503, retry_after="Fri, 31 Dec 2027 23:59:59 GMT")
            case "closed":
                return
            case "truncated":
                body = b"HTTP/1.1 200 x\r\ncontent-type: text/html\r\ncontent-length: 9999\r\n\r\n<p>half"
            case "bad-chunk":
                body = b"HTTP/1.1 200 x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"
            case "garbage":
                body = b"\x00\x01 nothing\r\n\r\n"
            case "dripping" | "endless":
                writer.write(b"HTTP/1.1 200 x\r\ncontent-type: text/html\r\n\r\n")
                for _each in range(100_000 if not is_head else 0):
                    writer.write(b"x" if path == "dripping" else b"x" * 100_000)
                    await writer.drain()
                    await asyncio.sleep(1 if path == "dripping" else 0)
                return
            case "bomb":
                body = said(200, self.bomb, content_encoding="gzip")
            case "loop":
                body = said(302, location="/loop")
            case "long-way" | "way":
                body = said(302, location="/way" if self.asked[path] < 9 else "/200")
            case "wall":
                body = said(200) if "seen=1" in head else said(302, location="/wall", set_cookie="seen=1")
            case "challenge":
                body = said(403, cf_mitigated="challenge", server="cloudflare")
            case "needs-agent":
                body = said(200 if "mozilla" in head else 403)
            case "html":
                body = said(200, HTML)
            case "moved" | "moved-for-now":
                body = said(301 if path == "moved" else 302, location="/200")
            case "to-private":
                body = said(302, location="http://10.255.255.1/")
            case "latin":
                body = said(200, "é".encode("latin-1"))
            case "empty":
                body = said(200, b"")
            case "no-length":
                body = b"HTTP/1.1 200 x\r\ncontent-type: text/html\r\nconnection: close\r\n\r\nfine"
            case _ if path.startswith("head-"):
                body = said(int(path[5:]) if is_head else 200)
            case _ if path.isdigit():
                body = said(int(path), b"" if path == "204" else b"x")
        writer.write(body.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if is_head and body.startswith(b"HTTP") else body)


@contextlib.contextmanager
def served() -> Iterator[Site]:
    """Serve the faults on the loopback addresses of this machine."""
    site, loop, ready = Site(), asyncio.new_event_loop(), threading.Event()
    hosts = [host_of(number) for number in range(len(FAULTS))]

    async def run() -> None:
        server = await asyncio.start_server(site.serve, hosts, PORT)
        ready.set()
        await server.serve_forever()

    task = loop.create_task(run())
    thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.wait([task])), daemon=True)
    thread.start()
    assert ready.wait(10)
    yield site
    loop.call_soon_threadsafe(task.cancel)


def host_of(number: int) -> str:
    """Return the host of a fault."""
    return f"127.0.0.{number + 2}"


def url_of(number: int) -> str:
    """Return the address of a fault."""
    return f"http://{host_of(number)}:{PORT}/{FAULTS[number].path}"


URL = re.compile(rf"http://127\.0\.0\.(\d+):{PORT}")


def numbers_in(texts: list[str]) -> set[int]:
    """Return the faults whose hosts occur in these texts."""
    return {int(match[1]) - 2 for text in texts for match in URL.finditer(text)}


def run(command: list[str], folder: Path, **environment: str) -> tuple[str, float, bool]:
    """Return what a command prints, how long it takes, and whether it ended by itself."""
    began = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **environment},
        start_new_session=True,
    )
    try:
        out = process.communicate(timeout=PATIENCE)[0]
        ended = True
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        out, ended = process.communicate()[0], False
    return out.decode("utf-8", "replace"), time.monotonic() - began, ended


def ours(path: str, folder: Path) -> tuple[set[int], float, bool]:
    """Return what `wikitools urls` reports as dead."""
    hosts = " ".join(f"{host_of(number)}:{PORT}" for number in range(len(FAULTS)))
    command = [path, "urls", "--no-cache", "--output-format", "json-lines", "--select", "dead-url", "-q", "page.md"]
    out, took, ended = run(command, folder, WIKITOOLS_WEB_ALLOW_HOSTS=hosts)
    lines = [line for line in out.splitlines() if line.startswith("{")]
    subjects = [each["subject"] for each in map(json.loads, lines) if "subject" in each]
    return numbers_in(subjects), took, ended


def lychee(path: str, folder: Path) -> tuple[set[int], float, bool]:
    """Return what lychee calls an error."""
    out, took, ended = run([path, "--no-progress", "--format", "json", "--include-fragments", "page.md"], folder)
    start = out.find("{")
    # Its other output follows the JSON.
    found = json.JSONDecoder().raw_decode(out[start:])[0] if ended and start >= 0 else {}
    failed = [
        each["url"] for kind in ("error_map", "timeout_map") for rows in found.get(kind, {}).values() for each in rows
    ]
    return numbers_in(failed), took, ended


def markdown_link_check(path: str, folder: Path) -> tuple[set[int], float, bool]:
    """Return what markdown-link-check marks as dead."""
    out, took, ended = run([path, "page.md"], folder)
    return numbers_in([line for line in out.splitlines() if "[✖]" in line]), took, ended


def linkinator(path: str, folder: Path) -> tuple[set[int], float, bool]:
    """Return what linkinator calls broken."""
    out, took, ended = run([path, "page.md", "--markdown", "--format", "json"], folder)
    start = out.find("{")
    rows = json.JSONDecoder().raw_decode(out[start:])[0]["links"] if ended and start >= 0 else []
    return numbers_in([each["url"] for each in rows if each["state"] == "BROKEN"]), took, ended


def linkchecker(path: str, folder: Path) -> tuple[set[int], float, bool]:
    """Return what LinkChecker calls an error."""
    out, took, ended = run([path, "--check-extern", "-o", "csv", "--no-status", "page.html"], folder)
    rows = [line.split(";") for line in out.splitlines() if ";" in line]
    return numbers_in([row[0] for row in rows if len(row) > 6 and "False" in row]), took, ended


def sphinx(path: str, folder: Path) -> tuple[set[int], float, bool]:
    """Return what Sphinx's linkcheck calls broken; `path` is sphinx-build."""
    (folder / "conf.py").write_text('project = "x"\nextensions = []\n')
    links = (folder / "page.md").read_text().replace("- [x](", "* `<").replace(")\n", ">`__\n")
    (folder / "index.rst").write_text(f"Page\n====\n\n{links}")
    _out, took, ended = run([path, "-q", "-b", "linkcheck", ".", "out"], folder)
    found = folder / "out" / "output.json"
    rows = [json.loads(line) for line in found.read_text().splitlines()] if found.exists() else []
    return numbers_in([each["uri"] for each in rows if each["status"] == "broken"]), took, ended


TOOLS: dict[str, Callable[[str, Path], tuple[set[int], float, bool]]] = {
    "wikitools": ours,
    "lychee": lychee,
    "markdown-link-check": markdown_link_check,
    "linkinator": linkinator,
    "linkchecker": linkchecker,
    "sphinx": sphinx,
}


def main() -> int:
    """Print a table; the exit code is 1 when wikitools judges an address wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name in TOOLS:
        parser.add_argument(
            f"--{name}", default=str(Path(sys.executable).with_name(name)) if name == "wikitools" else ""
        )
    given = {name: getattr(parser.parse_args(), name.replace("-", "_")) for name in TOOLS}
    wrong: dict[str, set[int]] = {}
    print(f"{len(FAULTS)} addresses, {sum(each.dead for each in FAULTS)} of them dead\n")
    print("| tool | right | seconds | requests |\n|---|---|---|---|")
    for name, look in TOOLS.items():
        if not given[name]:
            print(f"| {name} | not given | | |")
            continue
        with tempfile.TemporaryDirectory() as work, served() as site:
            # LinkChecker gives up the rights of root, and must read the folder all the same.
            Path(work).chmod(0o755)
            urls = [url_of(number) for number in range(len(FAULTS))]
            Path(work, "page.md").write_text("".join(f"- [x]({url})\n" for url in urls))
            Path(work, "page.html").write_text("".join(f'<a href="{url}">x</a>\n' for url in urls))
            reported, took, ended = look(given[name], Path(work))
            asked = sum(site.asked.values())
        wrong[name] = {number for number, each in enumerate(FAULTS) if each.dead is not (number in reported)}
        right = f"{len(FAULTS) - len(wrong[name])}" if ended else "none: did not end"
        print(f"| {name} | {right} | {took:.0f} | {asked} |", flush=True)
    for name, numbers in wrong.items():
        print(f"\n{name} is wrong about: {', '.join(FAULTS[number].about for number in sorted(numbers)) or 'none'}")
    return int(bool(wrong.get("wikitools")))


if __name__ == "__main__":
    sys.exit(main())
