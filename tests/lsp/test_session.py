"""What must not happen: answers about outdated texts, silent errors, a server that does not end."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from lsp.editor import Editor, edit
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from wikitools.lsp.documents import Document, uri_of
from wikitools.lsp.homes import Options
from wikitools.lsp.positions import Encoding
from wikitools.lsp.protocol import Server
from wikitools.lsp.session import NotReadyError, Session, Shown

if TYPE_CHECKING:
    from pathlib import Path


def session(said: list[str], shown: list[Shown]) -> Session:
    return Session(Options(cache=False), publish=shown.append, say=said.append, progress=lambda *_how_far: None)


def test_an_error_in_the_check_is_told(wiki: Path) -> None:
    said: list[str] = []

    async def run() -> None:
        open_in = session(said, [])

        def fails() -> None:
            raise RuntimeError("no such luck")

        open_in._check_changes = fails  # type: ignore[method-assign]  # a bug of ours
        open_in.opened(Document(uri_of(str(wiki / "tides.md")), 1, "# Tides\n", Encoding.UTF32))
        while not said:
            await asyncio.sleep(0.01)
        assert open_in.wait(60)

    asyncio.run(run())
    assert said == ["the check failed: RuntimeError: no such luck"]


def test_the_first_look_is_at_the_open_page_alone(wiki: Path) -> None:
    shown: list[Shown] = []
    uri = uri_of(str(wiki / "tides.md"))

    async def run() -> None:
        open_in = session([], shown)
        open_in.opened(Document(uri, 1, "# Tides\n\n[[none]], [this](#nowhere) (Nobody 2020)\n", Encoding.UTF32))
        while len(shown) < 2:
            await asyncio.sleep(0.01)
        assert open_in.wait(60)

    asyncio.run(run())
    alone, whole = ([str(found.code) for found in each.diagnostics] for each in shown)
    assert alone == ["broken-anchor", "unmatched-citation"]
    assert set(whole) == {"broken-wikilink", "broken-anchor", "unmatched-citation"}


def test_the_user_is_told_once() -> None:
    server = Server(Options())
    told: list[str] = []
    server.window_show_message = lambda params: told.append(params.message)  # type: ignore[method-assign]
    for _ in range(3):
        server._say("something is odd")
    assert told == ["wikitools: something is odd"]


def test_what_was_typed_during_a_look_is_not_shown(wiki: Path) -> None:
    shown: list[Shown] = []
    uri = uri_of(str(wiki / "tides.md"))

    async def run() -> None:
        open_in = session([], shown)
        open_in.opened(Document(uri, 1, "# Tides\n\n[[none]]\n", Encoding.UTF32))
        while not shown:
            await asyncio.sleep(0.01)
        # A change comes while a look at the page is waiting.
        with open_in._lock:
            open_in.documents[uri].change(2, [])
            open_in._dirty.add(uri)
        open_in._check_show([uri])
        # A page that was closed is asked about.
        open_in.closed(uri)
        with pytest.raises(NotReadyError):
            await open_in.ask(uri, lambda view: view.path)
        assert open_in.wait(60)

    asyncio.run(run())
    assert [each.version for each in shown] == [1]


@pytest.mark.slow
def test_requests_that_come_late_or_are_taken_back(wiki: Path) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("waves.md")
        await editor.published("waves.md")
        protocol = editor.client.protocol
        params = types.HoverParams(*editor.at("waves.md", 2, 5))
        asked = [
            protocol.send_request(types.TEXT_DOCUMENT_HOVER, params, msg_id=f"hover {number}") for number in range(20)
        ]
        protocol.notify(types.CANCEL_REQUEST, types.CancelParams("hover 19"))
        # It may have been answered already; else it is answered that it was cancelled.
        (last,) = await asyncio.gather(asyncio.wrap_future(asked[-1]), return_exceptions=True)
        assert isinstance(last, types.Hover) or (
            isinstance(last, JsonRpcException) and last.code == types.LSPErrorCodes.RequestCancelled
        )
        for each in asked[:-1]:
            assert (await asyncio.wrap_future(each)) is not None
        # Of a page that was closed, or never opened, nothing is known.
        editor.client.text_document_did_close(types.DidCloseTextDocumentParams(editor.document("waves.md")))
        assert await editor.hover("waves.md", 2, 5) == ""
        assert await editor.complete("never.md", 0, 0) == {}
        editor.type("never.md", 2, ((0, 0), (0, 0), "x"))
        # Positions behind the end are its end.
        editor.open("waves.md")
        assert await editor.hover("waves.md", 2, 9999) == ""
        assert await editor.actions("waves.md", 9999, 0) is not None

    edit(wiki, scenario)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_it_ends_when_it_is_told_to(wiki: Path) -> None:
    for end in ("term", "close"):
        process = subprocess.Popen(
            [sys.executable, "-m", "wikitools", "lsp", "--no-cache"],
            cwd=wiki,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        body = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}'
        process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        process.stdin.flush()
        process.stdout.readline()
        if end == "term":
            process.terminate()
            assert process.wait(60) == -signal.SIGTERM
        else:
            # The editor is gone without a word.
            process.stdin.close()
            assert process.wait(60) == 1
        process.stdout.close()
        if end == "term":
            process.stdin.close()
