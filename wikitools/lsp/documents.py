"""The texts that are open in the editor, kept in step with it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from wikitools.lsp.positions import Encoding, Lines, Place

if TYPE_CHECKING:
    from collections.abc import Iterable


class Change(NamedTuple):
    """A replacement for a part of a text; without `start` and `end`, for all of it."""

    text: str
    start: Place | None = None
    end: Place | None = None


@dataclass(slots=True)
class Document:
    """One open text."""

    uri: str
    version: int
    text: str
    encoding: Encoding
    is_page: bool = True
    """Whether the editor says that it is Markdown."""
    typed_at: int | None = None
    """Where the last change ended, which is probably where the cursor is; `None` once it has moved."""
    _lines: Lines | None = field(default=None, repr=False)

    @property
    def lines(self) -> Lines:
        """Its lines, for positions."""
        if self._lines is None:
            self._lines = Lines(self.text, self.encoding)
        return self._lines

    @property
    def path(self) -> str | None:
        """The absolute path of its file; `None` if it has none."""
        return path_of(self.uri)

    @property
    def data(self) -> bytes:
        """The bytes that saving it would write."""
        return self.text.encode("utf-8", "surrogatepass")

    def change(self, version: int, changes: Iterable[Change]) -> None:
        """Apply changes one after another: each refers to the text that the previous one left."""
        for change in changes:
            if change.start is None or change.end is None:
                self.text, self.typed_at = change.text, None
            else:
                start, end = self.lines.offset(change.start), self.lines.offset(change.end)
                end = max(start, end)
                self.text = self.text[:start] + change.text + self.text[end:]
                self.typed_at = start + len(change.text)
            self._lines = None
        self.version = version


def path_of(uri: str) -> str | None:
    """Return the path of a `file:` address, absolute; `None` for other addresses.

    >>> path_of("file:///wiki/a%20b.md"), path_of("untitled:1")
    ('/wiki/a b.md', None)
    """
    parts = urlsplit(uri)
    if parts.scheme != "file" or not parts.path:
        return None
    # Nothing may follow "?" or "#": editors encode both.
    path = unquote(parts.path, errors="surrogateescape")
    if os.name == "nt":
        path = path.removeprefix("/").replace("/", "\\")
        return f"\\\\{parts.netloc}\\{path}" if parts.netloc else path
    return os.path.normpath(path)


def uri_of(path: str) -> str:
    """Return the address of an absolute path.

    >>> uri_of("/wiki/a b?.md")
    'file:///wiki/a%20b%3F.md'
    """
    posix = path.replace(os.sep, "/")
    return "file://" + quote(posix if posix.startswith("/") else f"/{posix}", errors="surrogateescape")
