"""An editor for tests: it starts the program, opens pages, types, and sees what it is shown."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

from wikitools.lsp.documents import uri_of
from wikitools.lsp.positions import Encoding, Lines, Place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from pathlib import Path

NEOVIM = "neovim@v0.11"
CODE = "visual-studio-code@v1.65"
_SECONDS = 60.0
"""So long a test waits for what must come; it only ends a test that hangs."""

At = tuple[int, int]


class Editor:
    """One editor with one folder, and the server that it started."""

    def __init__(self, client: LanguageClient, root: Path) -> None:
        self.client = client
        self.root = root
        self.shown: dict[str, list[types.PublishDiagnosticsParams]] = {}
        """What was published of each page, in order."""
        self.capabilities: types.ServerCapabilities
        self._news = asyncio.Event()

        # The one that the client has keeps only the last.
        client.protocol.fm.features.pop(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)

        @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: types.PublishDiagnosticsParams) -> None:
            self.shown.setdefault(params.uri, []).append(params)
            self._news.set()

    def uri(self, path: str) -> str:
        return path if ":" in path else uri_of(str(self.root / path))

    def document(self, path: str) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(path))

    def open(self, path: str, text: str | None = None, language: str = "markdown") -> None:
        """Open a page, with the text that it has on the disk or another one."""
        if text is None:
            text = (self.root / path).read_bytes().decode("utf-8").removeprefix("\ufeff")
        item = types.TextDocumentItem(self.uri(path), language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def type(self, path: str, version: int, *changes: tuple[At, At, str]) -> None:
        """Replace the text between two positions."""
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(version, self.uri(path)),
                [types.TextDocumentContentChangePartial(_range(start, end), text) for start, end, text in changes],
            )
        )

    def replace(self, path: str, version: int, text: str) -> None:
        """Replace a whole text."""
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(version, self.uri(path)),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def save(self, path: str) -> None:
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(self.document(path)))

    async def published(self, path: str, test: Callable[[list[str]], bool] | None = None) -> list[types.Diagnostic]:
        """Wait until what is shown of a page passes a test of its rules, and return it."""

        async def wait() -> list[types.Diagnostic]:
            while True:
                self._news.clear()
                last = self.shown.get(self.uri(path), [])[-1:]
                if last and (test is None or test([str(each.code) for each in last[0].diagnostics])):
                    return list(last[0].diagnostics)
                await self._news.wait()

        return await asyncio.wait_for(wait(), _SECONDS)

    async def complete(self, path: str, line: int, column: int) -> dict[str, str]:
        """Return what is proposed at a position: the labels, each with what would be inserted, the best first."""
        params = types.CompletionParams(self.document(path), types.Position(line, column))
        found = await self.client.text_document_completion_async(params)
        assert isinstance(found, types.CompletionList)
        assert [each.sort_text for each in found.items] == sorted(str(each.sort_text) for each in found.items)
        return {each.label: each.text_edit.new_text for each in found.items if each.text_edit is not None}

    async def actions(self, path: str, line: int, column: int, *only: str) -> dict[str, types.CodeAction]:
        """Return what can be done at a position, by its title."""
        place = types.Position(line, column)
        context = types.CodeActionContext([], only=list(only) or None)
        params = types.CodeActionParams(self.document(path), types.Range(place, place), context)
        found = await self.client.text_document_code_action_async(params)
        return {each.title: each for each in found or () if isinstance(each, types.CodeAction)}

    async def hover(self, path: str, line: int, column: int) -> str:
        """Return what is shown at a position; "" for nothing."""
        found = await self.client.text_document_hover_async(types.HoverParams(*self.at(path, line, column)))
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    def at(self, path: str, line: int, column: int) -> tuple[types.TextDocumentIdentifier, types.Position]:
        return self.document(path), types.Position(line, column)

    def place(self, location: types.Location) -> tuple[str, str]:
        """Return which page a location is on, by its path, and the words there, as they are on the disk."""
        path = next(each for each in self.root.rglob("*") if uri_of(str(each)) == location.uri)
        text = path.read_text(encoding="utf-8")
        lines = Lines(text, Encoding.UTF32 if self.capabilities.position_encoding == "utf-32" else Encoding.UTF16)
        start, end = (lines.offset(Place(p.line, p.character)) for p in (location.range.start, location.range.end))
        return path.relative_to(self.root).as_posix(), text[start:end]


def _range(start: At, end: At) -> types.Range:
    return types.Range(types.Position(*start), types.Position(*end))


@asynccontextmanager
async def _editing(
    root: Path, capabilities: types.ClientCapabilities, *, folder: bool, arguments: Sequence[str]
) -> AsyncIterator[Editor]:
    client = make_test_lsp_client()
    await client.start_io(sys.executable, "-m", "wikitools", "lsp", *arguments)
    try:
        editor = Editor(client, root)
        folders = [types.WorkspaceFolder(uri_of(str(root)), "wiki")] if folder else None
        result = await client.initialize_session(
            types.InitializeParams(capabilities=capabilities, workspace_folders=folders)
        )
        editor.capabilities = result.capabilities
        yield editor
        await client.shutdown_session()
        assert client._server is not None
        assert client._server.returncode == 0
    finally:
        # What failed before the end must not wait for it.
        if client._server is not None and client._server.returncode is None:
            client._server.kill()
        await client.stop()


def edit(
    root: Path,
    scenario: Callable[[Editor], Awaitable[None]],
    *,
    like: str = NEOVIM,
    encodings: Sequence[str] | None = None,
    bare: bool = False,
    folder: bool = True,
    arguments: Sequence[str] = (),
) -> None:
    """Let an editor do something in a folder. `bare`: it can do nothing that it need not."""
    capabilities = types.ClientCapabilities() if bare else client_capabilities(like)
    if encodings is not None:
        capabilities.general = types.GeneralClientCapabilities(position_encodings=list(encodings))

    async def run() -> None:
        async with _editing(root, capabilities, folder=folder, arguments=arguments) as editor:
            await asyncio.wait_for(scenario(editor), 2 * _SECONDS)

    asyncio.run(run())


def edits_of(made: types.WorkspaceEdit | None) -> dict[str, list[types.TextEdit]]:
    """Return the edits of documents, by the address of each."""
    assert made is not None
    if made.changes is not None:
        return {uri: list(edits) for uri, edits in made.changes.items()}
    found = {}
    for each in made.document_changes or ():
        if isinstance(each, types.TextDocumentEdit):
            found[each.text_document.uri] = [one for one in each.edits if isinstance(one, types.TextEdit)]
    return found


def applied(text: str, edits: Sequence[types.TextEdit], encoding: Encoding = Encoding.UTF32) -> str:
    """Return a text with edits made, as an editor makes them."""
    lines = Lines(text, encoding)
    rows = []
    for each in edits:
        start, end = (lines.offset(Place(p.line, p.character)) for p in (each.range.start, each.range.end))
        rows.append((start, end, each.new_text))
    for start, end, new in sorted(rows, reverse=True):
        text = text[:start] + new + text[end:]
    return text
