"""The messages between the editor and us: answers requests, takes notifications, publishes findings."""

from __future__ import annotations

import logging
import os
import signal
import sys
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from lsprotocol import types
from pygls.exceptions import FeatureRequestError, JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter, lsp_method

from wikitools import __version__, interrupts
from wikitools.lsp.documents import Change, Document, path_of
from wikitools.lsp.positions import Encoding, Place
from wikitools.lsp.session import NotReadyError, Session
from wikitools.lsp.view import Client, View, client_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from pygls.server import ServerErrors

    from wikitools.lsp.homes import Options
    from wikitools.lsp.session import Shown

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")


class _AtPosition(Protocol):
    """A request about a position in an open page."""

    @property
    def text_document(self) -> types.TextDocumentIdentifier:
        """The page."""

    @property
    def position(self) -> types.Position:
        """The place."""


class _Protocol(LanguageServerProtocol):
    """The protocol with our own store of texts: lines end where Markdown ends them, and no text is kept twice."""

    _server: Server

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Choose the encoding before the answer is made: ours, if the editor supports it."""
        general = params.capabilities.general
        if general is not None:
            ours = Encoding.UTF32 in (general.position_encodings or ())
            general.position_encodings = [Encoding.UTF32 if ours else Encoding.UTF16]
        return (yield from super().lsp_initialize(params))

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Keep a text that was opened."""
        self._server.opened(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Apply changes to a text."""
        self._server.changed(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Forget a text that was closed."""
        self._server.session.closed(params.text_document.uri)


class Server(LanguageServer):
    """The server of one editor."""

    def __init__(self, options: Options) -> None:
        super().__init__(
            "wikitools",
            __version__,
            types.TextDocumentSyncKind.Incremental,
            protocol_cls=_Protocol,
            converter_factory=default_converter,
        )
        self.session = Session(options, publish=self._publish, say=self._say, progress=self._progress)
        self.client = Client()
        self.navigation = options.navigation
        self._look_up = options.look_up
        self.is_over = False
        """Whether the editor asked us to shut down, as it should before it sends "exit"."""
        self._told: set[str] = set()
        self._token: str | None = None
        """The token under which progress is shown; `None` if none is shown."""
        self._percent = -1
        _register(self)

    # What comes

    def began(self, params: types.InitializeParams) -> None:
        """Remember what the editor supports and which folders it has open."""
        self.client = client_of(params.capabilities)
        if self._look_up is None:
            self.client = replace(self.client, applies_edits=False)
        self.session.client = self.client
        self.session.encoding = (
            Encoding.UTF32 if self.workspace.position_encoding == types.PositionEncodingKind.Utf32 else Encoding.UTF16
        )
        asked = params.initialization_options
        if isinstance(asked, dict) and isinstance(asked.get("lsp"), dict) and asked["lsp"].get("navigation") is False:
            self.navigation = False
        if isinstance(asked, dict) and isinstance(asked.get("lsp"), dict):
            self.session.shows_closed_pages = asked["lsp"].get("closedPages") is True
        folders = [each.uri for each in params.workspace_folders or ()] or [each for each in (params.root_uri,) if each]
        self.session.homes.folders = [path for uri in folders if (path := path_of(uri)) is not None]

    def folders_changed(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        """Use the editor's new list of folders."""
        gone = {path_of(each.uri) for each in params.event.removed}
        new = [path for each in params.event.added if (path := path_of(each.uri)) is not None]
        self.session.homes.folders = [each for each in self.session.homes.folders if each not in gone] + new
        self.session.start_over()

    def opened(self, params: types.DidOpenTextDocumentParams) -> None:
        """Keep a text that was opened."""
        given = params.text_document
        is_page = given.language_id not in _NO_PAGES
        self.session.opened(Document(given.uri, given.version, given.text, self.session.encoding, is_page))

    def changed(self, params: types.DidChangeTextDocumentParams) -> None:
        """Apply changes to a text."""
        changes = [
            Change(each.text, _place(each.range.start), _place(each.range.end))
            if isinstance(each, types.TextDocumentContentChangePartial)
            else Change(each.text)
            for each in params.content_changes
        ]
        self.session.changed(params.text_document.uri, params.text_document.version, changes)

    async def ask(
        self,
        uri: str,
        work: Callable[[View], Answer],
        otherwise: Answer,
        *,
        latest: bool = True,
    ) -> Answer:
        """Return what `work` makes of an open page, or `otherwise` if nothing has been checked yet."""
        try:
            return await self.session.ask(uri, work, latest=latest)
        except NotReadyError:
            return otherwise

    async def ask_at(self, params: _AtPosition, work: Callable[[View, int], Answer], otherwise: Answer) -> Answer:
        """Return what `work` makes of a place in an open page, or `otherwise`."""
        return await self.ask(
            params.text_document.uri, lambda view: work(view, view.offset(params.position)), otherwise
        )

    # What goes

    def _publish(self, shown: Shown) -> None:
        document = self.session.documents.get(shown.uri)
        if (None if document is None else document.version) != shown.version:
            # That text has changed; the new one will be shown once it has been checked.
            return
        version = shown.version if self.client.versions else None
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(shown.uri, shown.diagnostics, version=version)
        )

    def _say(self, words: str) -> None:
        """Tell the user something, once."""
        if words not in self._told:
            self._told.add(words)
            logger.warning("%s", words)
            self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"wikitools: {words}"))

    def inform(self, words: str) -> None:
        """Tell the user something that they asked for."""
        self.window_show_message(types.ShowMessageParams(types.MessageType.Info, f"wikitools: {words}"))

    async def choose(self, question: str, answers: Sequence[str]) -> str | None:
        """Return which answer the user chooses; `None` for none."""
        actions = [types.MessageActionItem(each) for each in answers]
        params = types.ShowMessageRequestParams(types.MessageType.Info, f"wikitools: {question}", actions)
        chosen = await self.window_show_message_request_async(params)
        return None if chosen is None else chosen.title

    async def make(self, edit: types.WorkspaceEdit, title: str) -> str | None:
        """Make an edit; return why not, if it was not made."""
        done = await self.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, title))
        return None if done.applied else done.failure_reason or "the editor refused"

    async def look_up(self, uri: str, line: int, column: int) -> None:
        """Look a citation up on the web, as the user asks for."""
        from wikitools.lsp import look_up

        if self._look_up is not None:
            await look_up.run(self, self._look_up, uri, line, column)

    def report_server_error(self, error: Exception, source: ServerErrors) -> None:
        """Log an error in a notification, which has no answer, and tell the user once."""
        logger.error("%s", error, exc_info=error)
        if source is not FeatureRequestError:
            self._say(f"a bug in wikitools {__version__}: {error}")

    def _progress(self, phase: str, done: int, total: int) -> None:
        """Show how far the first check is; without a phase, it is done."""
        if not self.client.progress:
            return
        shown = self.work_done_progress
        if not phase:
            if self._token is not None and self._token in shown.tokens:
                shown.end(self._token, types.WorkDoneProgressEnd())
            self._token = None
            return
        percent = done * 100 // max(total, 1)
        if self._token is None:
            self._token = token = uuid.uuid4().hex
            begins = types.WorkDoneProgressBegin("wikitools", message=phase, percentage=percent)

            def begin(_result: object) -> None:
                if token == self._token:
                    shown.begin(token, begins)

            shown.create(token, begin)
        elif self._token in shown.tokens and percent != self._percent:
            self._percent = percent
            shown.report(self._token, types.WorkDoneProgressReport(message=phase, percentage=percent))


_NO_PAGES = frozenset({"bibtex", "json", "yaml", "toml", "csv"})
"""Languages of documents that may be bibliographies and are not pages."""


def _place(position: types.Position) -> Place:
    return Place(position.line, position.character)


def _register(server: Server) -> None:
    """Register what the server answers. What depends on the editor is added once the editor is known."""
    add = server.feature

    @add(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.began(params)
        if server.client.literal_actions:
            add_actions(server)
        add_citations(server)
        if server.navigation:
            add_navigation(server)

    @add(types.INITIALIZED)
    async def initialized(_params: types.InitializedParams) -> None:
        if server.client.watches:
            watcher = types.FileSystemWatcher("**/*")
            options = types.DidChangeWatchedFilesRegistrationOptions([watcher])
            registration = types.Registration("watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            try:
                await server.client_register_capability_async(types.RegistrationParams([registration]))
            except JsonRpcException as error:
                logger.warning("the editor does not watch files, though it said so: %s", error)
                server.client = server.session.client = replace(server.client, watches=False)

    @add(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.session.saved(params.text_document.uri)

    @add(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: types.DidChangeWatchedFilesParams) -> None:
        server.session.happened(path for each in params.changes if (path := path_of(each.uri)) is not None)

    @add(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
        server.folders_changed(params)

    @server.command("wikitools.showClosedPages")
    def show_closed_pages() -> None:
        server.session.show_closed_pages()

    @add(types.SHUTDOWN)
    def shutdown(_params: None) -> None:
        server.is_over = True
        server.session.close()


def add_actions(server: Server) -> None:
    """Offer code actions."""
    from wikitools.lsp import actions

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[*actions.KINDS]))
    async def act(params: types.CodeActionParams) -> list[types.CodeAction]:
        uri = params.text_document.uri
        only = tuple(map(str, params.context.only or ()))

        def offered(view: View) -> list[types.CodeAction]:
            server.session.cursor_at(view.document.uri, view.offset(params.range.end))
            return actions.offer(view, params.range, only)

        return await server.ask(uri, offered, [])

    @server.command(actions.LOOK_UP)
    async def look_up(uri: str, line: int, column: int) -> None:
        await server.look_up(uri, line, column)


def add_citations(server: Server) -> None:
    """Offer what concerns citations and, unless another server does so, links."""
    from wikitools.lsp import complete, hover, navigation

    links = server.navigation

    options = types.CompletionOptions(trigger_characters=[*complete.triggers(links=links)], resolve_provider=True)

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, options)
    async def propose(params: types.CompletionParams) -> types.CompletionList:
        nothing = types.CompletionList(is_incomplete=True, items=[])
        uri = params.text_document.uri
        return await server.ask(
            uri,
            lambda view: complete.complete(view, view.offset(params.position), links=links),
            nothing,
            latest=False,
        )

    @server.feature(types.COMPLETION_ITEM_RESOLVE)
    async def resolve(item: types.CompletionItem) -> types.CompletionItem:
        data = item.data
        if not isinstance(data, dict) or not isinstance(data.get("uri"), str):
            return item
        return await server.ask(data["uri"], lambda view: complete.resolve(view, item, data), item, latest=False)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def show(params: types.HoverParams) -> types.Hover | None:
        return await server.ask_at(params, lambda view, offset: hover.hover(view, offset, links=links), None)

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def define(params: types.DefinitionParams) -> list[types.Location]:
        return await server.ask_at(params, lambda view, offset: navigation.define(view, offset, links=links), [])

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    async def refer(params: types.ReferenceParams) -> list[types.Location]:
        itself = params.context.include_declaration
        return await server.ask_at(
            params, lambda view, offset: navigation.refer(view, offset, links=links, itself=itself), []
        )

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    async def highlight(params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
        def at_cursor(view: View, offset: int) -> list[types.DocumentHighlight]:
            # Editors ask for this whenever the cursor moves.
            server.session.cursor_at(view.document.uri, offset)
            return navigation.highlight(view, offset, links=links)

        return await server.ask_at(params, at_cursor, [])


def add_navigation(server: Server) -> None:
    """Offer what concerns only links and headings."""
    from wikitools.lsp import renaming, symbols

    def told(work: Callable[[], Answer]) -> Answer:
        try:
            return work()
        except renaming.RefusedError as error:
            raise JsonRpcException(f"nothing was renamed: {error}", types.LSPErrorCodes.RequestFailed) from error

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    async def prepare(params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        return await server.ask_at(params, renaming.prepare, None)

    @server.feature(types.TEXT_DOCUMENT_RENAME)
    async def rename(params: types.RenameParams) -> types.WorkspaceEdit | None:
        def renamed(view: View, offset: int) -> types.WorkspaceEdit | None:
            return told(lambda: renaming.rename(view, offset, params.new_name))

        return await server.ask_at(params, renamed, None)

    options = types.FileOperationRegistrationOptions(
        [types.FileOperationFilter(types.FileOperationPattern("**/*"), scheme="file")]
    )

    @server.feature(types.WORKSPACE_WILL_RENAME_FILES, options)
    async def move(params: types.RenameFilesParams) -> types.WorkspaceEdit | None:
        def moved(view: View) -> list[types.WorkspaceEdit]:
            made = told(lambda: renaming.move(view, params.files))
            return [] if made is None else [made]

        made = await server.session.ask_all(moved)
        # Files that move from one wiki to another stay what they are in both.
        return made[0] if len(made) == 1 else None

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def outline(
        params: types.DocumentSymbolParams,
    ) -> list[types.DocumentSymbol] | list[types.SymbolInformation]:
        return await server.ask(params.text_document.uri, symbols.outline, [])

    @server.feature(types.WORKSPACE_SYMBOL)
    async def find(params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
        return await server.session.ask_all(lambda view: symbols.find(view, params.query))


def serve(options: Options) -> int:
    """Serve one editor over standard input and output until it ends; returns the exit code."""
    # When the editor ends us, do not wait for another message. Only the cache is written, and that may be cut off.
    for number in interrupts.SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    server = Server(options)
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        # Nothing but messages may be written to standard output.
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        server.start_io(sys.stdin.buffer, out)
    code = 0 if server.is_over else 1
    if not server.session.wait(_LAST_SECONDS):
        # The check of a large wiki may still be running, but nobody is left to see its result.
        os._exit(code)
    return code


_LAST_SECONDS = 2.0
