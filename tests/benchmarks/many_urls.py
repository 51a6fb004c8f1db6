"""Measures `urls` on many addresses of many local hosts, with delays, and lychee on the same ones if it is there.

    python tests/benchmarks/many_urls.py [--hosts 2000] [--each 5] [--seed 1] [--lychee PATH]

All hosts are addresses of 127.0.0.0/8, served by one process. Both ask each host once a second, one request at a time.
Printed are wall time, CPU time and peak memory of each, then what a second run of `urls` asks.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

REPOSITORY = Path(__file__).parents[2]


def serve(seed: int, ready: Connection, asked: Any) -> None:
    """Answer on all local addresses; each host needs its own time, and some refuse.

    None is gone: the archive, which is asked then, has a pace of its own.
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
        server = await asyncio.start_server(handle, "0.0.0.0", 0, backlog=4096)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

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
    given = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    asked = multiprocessing.Value("q", 0)
    server = multiprocessing.Process(target=serve, args=(given.seed, theirs, asked), daemon=True)
    server.start()
    port = ours.recv()
    hosts = [
        f"127.{1 + number // 60000}.{number // 250 % 250}.{1 + number % 250}:{port}" for number in range(given.hosts)
    ]
    with tempfile.TemporaryDirectory() as folder:
        lines = (f"- <http://{host}/{number}>\n" for number in range(given.each) for host in hosts)
        Path(folder, "page.md").write_text("# Addresses\n\n" + "".join(lines), encoding="utf-8")
        Path(folder, "wikitools.toml").write_text("[web]\ninterval = 1\n", encoding="utf-8")
        variables = {
            "WIKITOOLS_WEB_ALLOW_HOSTS": " ".join(hosts),
            "WIKITOOLS_CACHE_DIR": os.path.join(folder, "cache"),
            # Nobody outside is asked.
            "WIKITOOLS_WEB_SERVICES": f"wayback=http://{hosts[0]}",
            "PYTHONPATH": str(REPOSITORY),
        }
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
