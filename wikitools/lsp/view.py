"""What a request asks: an open page and its wiki at one moment, and the editor's positions in them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lsprotocol import types

from wikitools.lsp.documents import uri_of
from wikitools.lsp.positions import Lines, Place
from wikitools.markdown.parse import parse
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wikitools.lint.facts import Facts
    from wikitools.lint.run import Diagnostic
    from wikitools.lsp.documents import Document
    from wikitools.lsp.open_wiki import OpenWiki
    from wikitools.markdown.page import Page
    from wikitools.text import Edit


@dataclass
class View:
    """An open page. The facts are about its text, unless `is_behind` says otherwise."""

    document: Document
    path: str
    facts: Facts
    diagnostics: tuple[Diagnostic, ...]
    wiki: OpenWiki | None
    """`None` if the page is in no wiki."""
    opened: Mapping[str, Document]
    """All open documents, by their absolute paths."""
    client: Client
    _lines: dict[str, Lines] = field(default_factory=dict)

    @property
    def page(self) -> Page:
        """The page as it was last read."""
        page: Page = self.facts.wiki.pages[self.path]
        return page

    @property
    def page_now(self) -> Page:
        """The page with its unsaved text; it is parsed if the check has not seen that yet."""
        page = self.facts.wiki.pages.get(self.path)
        if page is not None and page.text == self.document.text:
            return page
        return parse(self.path, self.document.text, self.facts.wiki.dialect)

    def offset(self, position: types.Position) -> int:
        """Return the offset of a position in the page."""
        return self.document.lines.offset(Place(position.line, position.character))

    def span(self, asked: types.Range) -> Span:
        """Return the part of the page that a range covers."""
        return Span(self.path, self.offset(asked.start), self.offset(asked.end))

    def range(self, span: Span) -> types.Range:
        """Return the editor's range for a span in any file."""
        lines = self.lines(span.path)
        # Editors do not count a byte order mark.
        hidden = int(lines.text.startswith("\ufeff")) if self._document(span.path) is None else 0
        start, end = (_position(lines, offset, hidden) for offset in (span.start, span.end))
        return types.Range(start, end)

    def lines(self, path: str) -> Lines:
        """Return the lines of a file."""
        if path == self.path:
            return self.document.lines
        if path not in self._lines:
            document = self._document(path)
            text = self.facts.text_of(path)
            self._lines[path] = document.lines if document is not None else Lines(text, self.document.encoding)
        return self._lines[path]

    def uri(self, path: str) -> str:
        """Return the editor's address of a file of the wiki."""
        document = self._document(path)
        return document.uri if document is not None else uri_of(self._place(path))

    def location(self, span: Span) -> types.Location:
        """Return the editor's location of a span."""
        return types.Location(self.uri(span.path), self.range(span))

    def edit(self, edits: Iterable[Edit]) -> types.WorkspaceEdit:
        """Return edits in any files in the editor's form."""
        by_path: dict[str, list[types.TextEdit]] = {}
        for edit in edits:
            by_path.setdefault(edit.span.path, []).append(types.TextEdit(self.range(edit.span), edit.text))
        if not self.client.versioned_edits:
            return types.WorkspaceEdit(changes={self.uri(path): made for path, made in by_path.items()})
        return types.WorkspaceEdit(document_changes=[self.document_edit(path, made) for path, made in by_path.items()])

    def document_edit(self, path: str, edits: list[types.TextEdit]) -> types.TextDocumentEdit:
        """Return the edits in one file, for the text that it has now."""
        document = self._document(path)
        version = None if document is None else document.version
        return types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(self.uri(path), version), edits)

    def _document(self, path: str) -> Document | None:
        return self.document if path == self.path else self.opened.get(self._place(path))

    def _place(self, path: str) -> str:
        if self.wiki is None:
            return self.document.path or path
        return os.path.normpath(os.path.join(self.wiki.root, path))


def _position(lines: Lines, offset: int, hidden: int) -> types.Position:
    place = lines.place(offset)
    return types.Position(place.line, max(0, place.column - (hidden if place.line == 0 else 0)))


@dataclass(frozen=True, slots=True)
class Client:
    """What an editor supports, as far as it matters here."""

    versioned_edits: bool = False
    renames_files: bool = False
    applies_edits: bool = False
    markdown: bool = False
    """Whether it shows Markdown in explanations."""
    literal_actions: bool = False
    disabled_actions: bool = False
    preferred_actions: bool = False
    related: bool = False
    tags: bool = False
    code_description: bool = False
    data: bool = False
    progress: bool = False
    watches: bool = False
    nested_symbols: bool = False
    versions: bool = False
    """Whether diagnostics may say which version they belong to."""


def client_of(asked: types.ClientCapabilities) -> Client:
    """Return what an editor says it supports."""
    workspace, text, window = asked.workspace, asked.text_document, asked.window
    edits = workspace.workspace_edit if workspace else None
    watched = workspace.did_change_watched_files if workspace else None
    actions = text.code_action if text else None
    publish = text.publish_diagnostics if text else None
    hover = text.hover if text else None
    symbols = text.document_symbol if text else None
    return Client(
        # Files can only be renamed in changes with versions, which Neovim does not claim to support.
        versioned_edits=bool(edits and (edits.document_changes or edits.resource_operations)),
        applies_edits=bool(workspace and workspace.apply_edit),
        renames_files=types.ResourceOperationKind.Rename in ((edits and edits.resource_operations) or ()),
        markdown=types.MarkupKind.Markdown in ((hover and hover.content_format) or ()),
        literal_actions=bool(actions and actions.code_action_literal_support),
        disabled_actions=bool(actions and actions.disabled_support),
        preferred_actions=bool(actions and actions.is_preferred_support),
        related=bool(publish and publish.related_information),
        tags=bool(publish and publish.tag_support),
        code_description=bool(publish and publish.code_description_support),
        data=bool(publish and publish.data_support),
        versions=bool(publish and publish.version_support),
        progress=bool(window and window.work_done_progress),
        watches=bool(watched and watched.dynamic_registration),
        nested_symbols=bool(symbols and symbols.hierarchical_document_symbol_support),
    )
