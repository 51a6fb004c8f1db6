"""Measures `urls` on many addresses of many local hosts, with delays, and lychee on the same ones if it is there.

    python tests/benchmarks/many_urls.py [--hosts 2000] [--each 5] [--seed 1] [--tls] [--lychee PATH]

All hosts are addresses of 127.0.0.0/8, served by one process; with `--tls`, over TLS, with certificates for a few hosts
each. Both ask each host once a second, one request at a time.
Printed are wall time, CPU time and peak memory of each, then what a second run of `urls` asks.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import random
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

REPOSITORY = Path(__file__).parents[2]


def contexts(hosts: list[str], folder: str) -> list[tuple[ssl.SSLContext | None, list[str]]]:
    """Return a context with a certificate for each few hosts; who trusts `ca.pem` in the folder trusts them."""
    import trustme

    authority = trustme.CA()
    authority.cert_pem.write_to_path(os.path.join(folder, "ca.pem"))
    found: list[tuple[ssl.SSLContext | None, list[str]]] = []
    for start in range(0, len(hosts), _EACH_CERTIFICATE):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        names = hosts[start : start + _EACH_CERTIFICATE]
        authority.issue_cert(*names).configure_cert(context)
        found.append((context, names))
    return found


_EACH_CERTIFICATE = 40


def serve(seed: int, ready: Connection, asked: Any, hosts: list[str], folder: str = "") -> None:
    """Answer on all local addresses; each host needs its own time, and some refuse.

    With a `folder`, over TLS, and what to trust is written there. None is gone: the archive, which is asked then, has a
    pace of its own.
    """
    chance = random.Random(seed)
    delays = [chance.uniform(0.01, 0.3) for _each in range(1009)]

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = hash(writer.get_extra_info("sockname")[0])
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                method, target, _rest = head.split(" ", 2)
                with asked.get_lock():
                    asked.value += 1
                await asyncio.sleep(delays[host % len(delays)])
                number = int(target.rpartition("/")[2]) if "?" not in target else 0
                code, more = {4: (403, "")}.get(number % 10, (200, ""))
                # The index of the archive has nothing.
                body = b"" if method == "HEAD" else b"[]" if "?" in target else b"<p>page</p>"
                writer.write(f"HTTP/1.1 {code} x\r\ncontent-length: {len(body)}\r\n{more}\r\n".encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        served: list[str] = []
        for context, names in contexts(hosts, folder) if folder else [(None, hosts)]:
            server = await asyncio.start_server(handle, "0.0.0.0", 0, backlog=4096, ssl=context)
            port = server.sockets[0].getsockname()[1]
            served += [f"{name}:{port}" for name in names]
        ready.send(served)
        await asyncio.Event().wait()

    asyncio.run(run())


def measured(command: list[str], folder: str, variables: dict[str, str]) -> tuple[float, float, float]:
    """Return wall time, CPU time and peak memory in MB of a command."""
    began = time.monotonic()
    with open(os.path.join(folder, "out.txt"), "wb") as out:
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, **variables}, stdout=out, stderr=out)
        _pid, _status, used = os.wait4(process.pid, 0)
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=2000)
    parser.add_argument("--each", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lychee", default="")
    parser.add_argument("--tls", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(given, folder)
    return 0


def measure(given: argparse.Namespace, folder: str) -> None:
    """Serve all hosts, and print what each command needs."""
    ours, theirs = multiprocessing.Pipe()
    asked = multiprocessing.Value("q", 0)
    names = [f"127.{1 + number // 60000}.{number // 250 % 250}.{1 + number % 250}" for number in range(given.hosts)]
    server = multiprocessing.Process(
        target=serve, args=(given.seed, theirs, asked, names, folder if given.tls else ""), daemon=True
    )
    server.start()
    hosts = ours.recv()
    scheme = "https" if given.tls else "http"
    lines = (f"- <{scheme}://{host}/{number}>\n" for number in range(given.each) for host in hosts)
    Path(folder, "page.md").write_text("# Addresses\n\n" + "".join(lines), encoding="utf-8")
    Path(folder, "wikitools.toml").write_text("[web]\ninterval = 1\n", encoding="utf-8")
    variables = {
        "WIKITOOLS_WEB_ALLOW_HOSTS": " ".join(hosts),
        "WIKITOOLS_CACHE_DIR": os.path.join(folder, "cache"),
        # Nobody outside is asked.
        "WIKITOOLS_WEB_SERVICES": f"wayback={scheme}://{hosts[0]}",
        "PYTHONPATH": str(REPOSITORY),
    }
    if given.tls:
        variables["SSL_CERT_FILE"] = os.path.join(folder, "ca.pem")
    command = [sys.executable, "-m", "wikitools", "urls", "--exit-zero", "--statistics", "--no-progress"]
    print(f"{given.hosts * given.each:,} addresses of {given.hosts:,} hosts")
    print(f"{'':<22}wall s   CPU s      MB   requests")
    runs = [("wikitools", command), ("wikitools, again", command)]
    if given.lychee:
        pace = ["--host-concurrency", "1", "--host-request-interval", "1s", "--max-concurrency", "128"]
        runs.append(("lychee", [given.lychee, "--no-progress", *pace, "--max-retries", "2", "page.md"]))
    for name, each in runs:
        asked.value = 0
        wall, cpu, memory = measured(each, folder, variables)
        print(f"{name:<20}{wall:>8.1f}{cpu:>8.1f}{memory:>8.0f}{asked.value:>11,}", flush=True)
        if name == "wikitools":
            print(Path(folder, "out.txt").read_text("utf-8")[-600:])
    server.terminate()


if __name__ == "__main__":
    sys.exit(main())
