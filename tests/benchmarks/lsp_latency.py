"""How long an editor waits for the language server, and what that costs, in a wiki of any size.

    python tests/benchmarks/lsp_latency.py FOLDER [--pages 10000] [--sources 5000] [--changes 200] [--many 10000]

FOLDER is a wiki that `synthetic.py` made, or a new one that is made now. Times are processor time of the server, all of
its threads, in milliseconds (Linux only): the median, and the 99th percentile. The first findings are also told in
seconds of the clock. Memory is what the server holds (RSS) after so many changes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import synthetic
from lsprotocol import types
from pytest_lsp import client_capabilities, make_test_lsp_client

from wikitools.lsp.documents import uri_of

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Server:
    """A server, and one page that is open in it."""

    def __init__(self, root: Path, page: Path, cache: str) -> None:
        self.client = make_test_lsp_client()
        self.root, self.page, self.cache = root, page, cache
        self.uri = uri_of(str(page))
        self.version = 1
        self.news = asyncio.Event()
        self.client.protocol.fm.features.pop(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)

        @self.client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def registered(_params: types.RegistrationParams) -> None:
            return None

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: types.PublishDiagnosticsParams) -> None:
            if params.version == self.version and params.uri == self.uri:
                self.news.set()

    async def start(self, added: str = "") -> tuple[float, float]:
        """Open the page in a new server, with something `added` to it that is not saved.

        Returns the seconds until the first findings are there, by the clock and spent.
        """
        began = time.perf_counter()
        await self.client.start_io(sys.executable, "-m", "wikitools", "lsp", "--cache-dir", self.cache)
        capabilities = client_capabilities("visual-studio-code")
        published = capabilities.text_document and capabilities.text_document.publish_diagnostics
        assert published
        published.version_support = True
        folders = [types.WorkspaceFolder(uri_of(str(self.root)), "wiki")]
        await self.client.initialize_session(
            types.InitializeParams(capabilities=capabilities, workspace_folders=folders)
        )
        text = self.page.read_text(encoding="utf-8") + added
        item = types.TextDocumentItem(self.uri, "markdown", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        await self.news.wait()
        return time.perf_counter() - began, self.spent()

    @property
    def process(self) -> int:
        assert self.client._server is not None
        return self.client._server.pid

    def spent(self) -> float:
        """Return the seconds of processors that the server and its workers have used."""
        threads = list(Path(f"/proc/{self.process}/task").iterdir())
        workers = [child for each in threads for child in (each / "children").read_text().split()]
        threads += [each for child in workers for each in Path(f"/proc/{child}/task").glob("*")]
        running = sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9
        ended = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()[13:15]
        return running + sum(map(int, ended)) / _TICKS

    def held(self) -> float:
        """Return how many megabytes it holds."""
        status = Path(f"/proc/{self.process}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    async def change(self, start: types.Position, end: types.Position, text: str) -> float:
        """Change the page, and return the milliseconds of processors until its findings are there."""
        before = self.spent()
        self.send(start, end, text)
        await self.news.wait()
        return (self.spent() - before) * 1000

    def send(self, start: types.Position, end: types.Position, text: str) -> None:
        """Change the page, and wait for nothing."""
        self.version += 1
        self.news.clear()
        change = types.TextDocumentContentChangePartial(types.Range(start, end), text)
        document = types.VersionedTextDocumentIdentifier(self.version, self.uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    async def complete(self, place: types.Position) -> tuple[float, int]:
        """Return the milliseconds of processors of a list of proposals, and how many there are."""
        before = self.spent()
        params = types.CompletionParams(types.TextDocumentIdentifier(self.uri), place)
        found = await self.client.text_document_completion_async(params)
        assert isinstance(found, types.CompletionList)
        return (self.spent() - before) * 1000, len(found.items)

    async def quiet(self) -> None:
        """Wait until the server has nothing left to do."""
        last = -1.0
        while (now := self.spent()) - last > 0.02:
            last = now
            await asyncio.sleep(1.5)

    async def stop(self) -> None:
        await self.client.shutdown_session()
        await self.client.stop()


def middle_and_end(times: list[float]) -> str:
    """Return the median and the 99th percentile."""
    ordered = sorted(times)
    return f"{ordered[len(ordered) // 2]:8.1f} {ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]:8.1f}"


_LINE = "\n\nSo it was (Nobodyhere, 1987).\n"
"""Has a finding that does not depend on other pages."""


async def measure(root: Path, changes: int, many: int) -> None:
    pages = sorted(root.rglob("*.md"), key=lambda path: path.stat().st_size)
    # One with a title, of middling size.
    page = next(each for each in pages[len(pages) // 2 :] if each.read_text(encoding="utf-8").startswith("---\n"))
    with tempfile.TemporaryDirectory() as cache:
        for name, added in (("cold", _LINE), ("warm, not as saved", _LINE), ("warm", "")):
            server = Server(root, page, cache)
            clock, spent = await server.start(added)
            print(f"first findings, {name}: {clock:.2f} s by the clock, {spent:.2f} s of processors", flush=True)
            await server.quiet()
            print(f"the wiki is known after {server.spent():.2f} s of processors", flush=True)
            if added:
                await server.stop()
        print(f"memory once all is counted: {server.held():.0f} MB", flush=True)
        at = types.Position
        print(f"{'milliseconds of processors':40} {'p50':>8} {'p99':>8}")
        text = page.read_text(encoding="utf-8")
        end, behind = at(text.count("\n"), len(text.rpartition("\n")[2])), at(10**6, 0)
        kinds = {
            "a letter in the text": "x",
            "a line with a link and a citation": "\nSee [[nowhere]] (Doe 2001).\n",
            "a heading": "\n## Section\n\nWords.\n",
        }
        dice = random.Random(1)
        for name, added in kinds.items():
            times = []
            for _ in range(changes):
                times.append(await server.change(end, end, added))
                times.append(await server.change(end, behind, ""))
            print(f"{f'{name}, there and back':40} {middle_and_end(times)}", flush=True)
        number = next(number for number, line in enumerate(text.split("\n")) if line.startswith("title:"))
        written = text.split("\n")[number]
        titles = []
        for _ in range(changes):
            place, stop = at(number, 0), at(number, len(written))
            changed = f"title: T{dice.randrange(9999)}"
            titles.append(await server.change(place, stop, changed))
            titles.append(await server.change(place, at(number, len(changed)), written))
        print(f"{'a title, there and back':40} {middle_and_end(titles)}", flush=True)
        await server.change(at(10**6, 0), at(10**6, 0), "\n\n(bra\n\n[[bra\n\n@bra\n")
        for name, back, column in (("by author", 5, 4), ("pages", 3, 5), ("by key", 1, 4)):
            times, count = [], 0
            for _ in range(20):
                took, count = await server.complete(at(await _last_line(server) - back, column))
                times.append(took)
            print(f"{f'proposals {name} ({count})':40} {middle_and_end(times)}", flush=True)
        before = server.held()
        for number in range(many):
            server.send(at(10**6, 0), at(10**6, 0), "x" if number % 40 else "\nMore, see [[page]] (Doe 2001).\n")
            if number % 100 == 99:
                await server.news.wait()
        await server.quiet()
        print(f"memory before and after {many} changes: {before:.0f} MB, {server.held():.0f} MB", flush=True)
        await server.stop()


async def _last_line(server: Server) -> int:
    """Return the number of the last line, which is empty."""
    found = await server.client.text_document_document_symbol_async(
        types.DocumentSymbolParams(types.TextDocumentIdentifier(server.uri))
    )
    assert found
    return max(each.range.end.line for each in found if isinstance(each, types.DocumentSymbol))


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--sources", type=int, default=5000)
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--many", type=int, default=10_000)
    options = parser.parse_args()
    root = options.folder.resolve()
    if not root.exists():
        synthetic.make_wiki(root, pages=options.pages, sources=options.sources)
    asyncio.run(measure(root, options.changes, options.many))
    return 0


if __name__ == "__main__":
    sys.exit(main())
