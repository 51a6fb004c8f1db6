"""What is open in one editor, and the one thread that checks it.

Methods without an underscore are called in the protocol's thread; those that begin with `_check` run in the other.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from wikitools import files
from wikitools.lint.facts import facts_of
from wikitools.lint.policy import UnknownRuleError
from wikitools.lsp import diagnostics
from wikitools.lsp.closed_pages import ClosedPages
from wikitools.lsp.documents import Document, path_of
from wikitools.lsp.homes import Homes, Options
from wikitools.lsp.open_wiki import OpenWiki, look_alone
from wikitools.lsp.positions import Encoding
from wikitools.lsp.view import Client, View
from wikitools.wiki.lazy_pages import GoneError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from concurrent.futures import Future

    from lsprotocol import types

    from wikitools.lsp.documents import Change

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

_PAUSE = 0.08
"""Seconds after the last key until what was typed is checked."""
_LONGEST = 0.3
"""Seconds after the first key until it is checked although more keys follow."""
_QUIET = 1.0
"""Seconds of idleness after which findings are written to the cache."""
_ATTEMPTS = 3
"""How often a request starts again because more was typed meanwhile."""
_AT_ONCE = 25
"""How many pages' citations are counted at a time: few enough that no request waits noticeably."""


class Shown(NamedTuple):
    """The diagnostics of a page, and the version of the page that they belong to."""

    uri: str
    version: int | None
    """`None` for a page that is not open."""
    diagnostics: list[types.Diagnostic]


class NotReadyError(Exception):
    """The wiki has not been checked yet."""


class Session:
    """Everything that is open."""

    def __init__(
        self,
        options: Options,
        *,
        publish: Callable[[Shown], None],
        say: Callable[[str], None],
        progress: Callable[[str, int, int], None],
    ) -> None:
        self.options = options
        self.documents: dict[str, Document] = {}
        self.client = Client()
        self.encoding = Encoding.UTF16
        self._publish, self._say, self._progress = publish, say, progress
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="check")
        self._lock = threading.Lock()
        self._dirty: set[str] = set()
        """The addresses of documents that changed since they were checked."""
        self._outside: set[str] = set()
        """The absolute paths of files that changed, came or went."""
        self._look_around = False
        """Whether files may have changed without a notification."""
        self._first: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._end: Future[None] | None = None
        self._is_starting = False
        self.shows_closed_pages = False
        """Whether the editor also wants the findings on pages that are not open."""
        self._closed_pages: dict[str, ClosedPages] = {}
        """By the root of the wiki, which may be opened again with other settings."""
        self.homes = Homes(options, self._tell, self._check_progress)

    # In the thread of the protocol

    def opened(self, document: Document) -> None:
        """Keep a text that was opened, and check it at once."""
        with self._lock:
            self.documents[document.uri] = document
            self._dirty.add(document.uri)
            self._look_around = not self.client.watches
        self._soon(0)

    def changed(self, uri: str, version: int, changes: Iterable[Change]) -> None:
        """Apply changes, and check them once there is a pause."""
        with self._lock:
            document = self.documents.get(uri)
            if document is None:
                return
            document.change(version, changes)
            self._dirty.add(uri)
        self._soon(_PAUSE)

    def saved(self, uri: str) -> None:
        """Check what was saved: nobody is typing there at the moment."""
        with self._lock:
            document = self.documents.get(uri)
            if document is not None:
                document.typed_at = None
            self._look_around = not self.client.watches
        if (path := path_of(uri)) is not None:
            self.happened([path])

    def closed(self, uri: str) -> None:
        """Forget a text that was closed: from now on the file counts."""
        with self._lock:
            self.documents.pop(uri, None)
            self._dirty.add(uri)
        self._soon(0)

    def happened(self, paths: Iterable[str]) -> None:
        """Check again after these files changed, came or went."""
        with self._lock:
            self._outside.update(paths)
        self._soon(_PAUSE)

    def start_over(self) -> None:
        """Check everything again, because the folders have changed."""
        self._submit(self.homes.forget)
        with self._lock:
            self._dirty.update(self.documents)
        self._soon(0)

    def left(self, uri: str, offset: int) -> None:
        """Remember where the cursor is: a link that it has left is no longer being written."""
        document = self.documents.get(uri)
        if document is None or document.typed_at is None:
            return
        start, end = sorted((document.typed_at, offset))
        if any(mark in document.text[start:end] for mark in ("[[", "]]", "\n", "\r")):
            document.typed_at = None
            self._submit(self._check_show, [uri])
        else:
            document.typed_at = offset

    def cursor_at(self, uri: str, offset: int) -> None:
        """Remember where the cursor is; may be called in any thread."""
        self._in_loop(partial(self.left, uri, offset))

    async def ask(self, uri: str, work: Callable[[View], Answer], *, latest: bool = True) -> Answer:
        """Return what `work` makes of an open page. With `latest`, what was typed last is checked first.

        Raises `NotReadyError` if nothing has been checked yet.
        """
        if self._is_starting or self._end is not None or uri not in self.documents:
            raise NotReadyError
        return await asyncio.wrap_future(self._thread.submit(partial(self._check_ask, uri, work, latest=latest)))

    async def ask_all(self, work: Callable[[View], Sequence[Answer]]) -> list[Answer]:
        """Return what `work` makes of each wiki, independent of any page."""
        if self._is_starting or self._end is not None:
            return []
        return await asyncio.wrap_future(self._thread.submit(self._check_ask_all, work))

    def show_closed_pages(self) -> None:
        """From now on, also show the findings on pages that are not open."""
        self.shows_closed_pages = True
        self._soon(0)

    def close(self) -> None:
        """Finish the current work, write the cache, free everything and stop."""
        for timer in (self._timer, self._rest):
            if timer is not None:
                timer.cancel()
        if self._end is None:
            self._end = self._thread.submit(self._check_close)

    def wait(self, seconds: float) -> bool:
        """Wait until all work is done, at most this long; say whether it is."""
        self.close()
        return self._end is not None and bool(wait([self._end], timeout=seconds).done)

    def _soon(self, pause: float) -> None:
        loop = self._loop = asyncio.get_running_loop()
        now = loop.time()
        if self._first is None:
            self._first = now
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(min(now + pause, self._first + _LONGEST), self._flush)

    def _flush(self) -> None:
        self._timer = self._first = None
        self._submit(self._check_changes)

    def _submit(self, work: Callable[..., None], *arguments: Any) -> None:
        if self._end is not None:
            return
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        future = self._thread.submit(work, *arguments)
        future.add_done_callback(self._ended)

    def _ended(self, future: Future[None]) -> None:
        """Report an error in work that nobody waits for, and do other work if there is time."""
        if not future.cancelled() and (error := future.exception()) is not None:
            logger.error("the check failed", exc_info=error)
            self._tell(f"the check failed: {type(error).__name__}: {error}")
        self._in_loop(self._pause)

    def _pause(self) -> None:
        loop = asyncio.get_running_loop()
        if self._rest is None:
            self._rest = loop.call_later(_QUIET, lambda: self._submit_rest(keep=True))
            self._submit_rest(keep=False)

    def _submit_rest(self, *, keep: bool) -> None:
        if self._end is not None:
            return
        future = self._thread.submit(self._check_rest, keep=keep)

        def again(done: Future[bool]) -> None:
            if not done.cancelled() and (error := done.exception()) is not None:
                logger.error("counting failed", exc_info=error)
            elif not done.cancelled() and done.result() and not keep:
                self._in_loop(lambda: self._submit_rest(keep=False))

        future.add_done_callback(again)

    def _in_loop(self, work: Callable[[], None]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work)

    def _tell(self, words: str) -> None:
        self._in_loop(partial(self._say, words))

    # In the thread of the check

    def _check_changes(self) -> None:
        """Check everything that changed, and show what is different."""
        with self._lock:
            dirty, self._dirty = self._dirty, set()
            outside, self._outside = self._outside, set()
            look_around, self._look_around = self._look_around, False
            documents = {uri: replace(document) for uri, document in self.documents.items()}
        if any(os.path.basename(path) in files.CONFIG_NAMES for path in outside):
            self.homes.forget()
            dirty |= documents.keys()
        changed: dict[str, dict[str, files.Unsaved | None]] = {}
        others = []
        for uri in sorted(dirty):
            home = self.homes.of(uri, documents)
            if home is not None and home.is_page:
                document = documents.get(uri)
                text = None if document is None else files.Unsaved(document.data, document.version)
                changed.setdefault(home.wiki.root, {})[home.path] = text
            elif uri in documents:
                others.append(uri)
        show = set(others)
        for wiki in self.homes:
            texts = changed.get(wiki.root, {})
            if self._check_wiki(wiki, texts, outside, documents, look_around=look_around):
                show.update(uri for uri in documents if (home := self.homes.of(uri, documents)) and home.wiki is wiki)
        for uri in dirty - documents.keys():
            self.homes.leave(uri)
            self._in_loop(partial(self._publish, Shown(uri, None, [])))
        self._check_show(sorted(show), documents)

    def _check_wiki(
        self,
        wiki: OpenWiki,
        texts: Mapping[str, files.Unsaved | None],
        outside: Iterable[str],
        documents: Mapping[str, Document],
        *,
        look_around: bool,
    ) -> bool:
        """Check what changed in a wiki, or all of it; say whether there is anything new to show."""
        try:
            if not wiki.is_ready:
                self._check_start(wiki, documents)
                return True
            near = [path for path in outside if wiki.inside(path) is not None or path in wiki.bibliographies]
            missed = wiki.overlooked() if look_around else ()
            if not texts and not near and not missed:
                return False
            # A text that is not in the wiki, such as one that was never saved, is checked alone.
            return wiki.refresh(texts, [*near, *missed]) or bool(texts)
        except (files.FileError, UnknownRuleError) as error:
            self.homes.give_up(wiki.root, error)
            return False

    def _check_start(self, wiki: OpenWiki, documents: Mapping[str, Document]) -> None:
        unsaved = {
            path: files.Unsaved(documents[uri].data, documents[uri].version)
            for uri, path in self.homes.pages_of(wiki, documents)
        }
        self._is_starting = True
        try:
            opened = {path: each for each in documents.values() if (path := each.path) is not None}
            uris = {path: uri for uri, path in self.homes.pages_of(wiki, documents)}
            for first in wiki.look_first(unsaved):
                # Only a check of the whole wiki can say that nothing is wrong.
                if first.diagnostics or first.is_all:
                    uri = uris[first.path]
                    view = View(documents[uri], first.path, facts_of({}), first.diagnostics, wiki, opened, self.client)
                    shown = Shown(uri, documents[uri].version, diagnostics.shown(view))
                    self._in_loop(partial(self._publish, shown))
            wiki.start(unsaved)
        finally:
            self._is_starting = False
            self._check_progress("", 0, 0)

    def _check_progress(self, phase: str, done: int, total: int) -> None:
        self._in_loop(partial(self._progress, phase, done, total))

    def _check_show(self, uris: Iterable[str], documents: Mapping[str, Document] | None = None) -> None:
        """Show the findings on these pages."""
        if documents is None:
            with self._lock:
                # What changed meanwhile is shown once it has been checked.
                documents = {uri: replace(each) for uri, each in self.documents.items() if uri not in self._dirty}
        for uri in uris:
            if uri in documents:
                view = self._check_view(uri, documents)
                if view is not None:
                    shown = Shown(uri, documents[uri].version, diagnostics.shown(view))
                    self._in_loop(partial(self._publish, shown))

    def _check_view(self, uri: str, documents: Mapping[str, Document]) -> View | None:
        """Return a page as it was last read; `None` if it is left out of its wiki."""
        document = documents[uri]
        opened = {path: each for each in documents.values() if (path := each.path) is not None}
        home = self.homes.of(uri, documents)
        if home is not None and home.wiki.is_ready and home.wiki.has(home.path, document.text):
            wiki, path = home
            return View(document, path, wiki.facts, wiki.diagnostics_of(path), wiki, opened, self.client)
        if (home is not None and os.path.lexists(document.path or "")) or not document.is_page:
            # It is left out of its wiki, or it is a bibliography with unsaved changes.
            return None
        path = os.path.basename(document.path or "page.md")
        if not path.lower().endswith(files.PAGE_SUFFIXES):
            path += ".md"
        facts, found = look_alone(path, document.text)
        return View(document, path, facts, found, None, opened, self.client)

    def _check_ask(self, uri: str, work: Callable[[View], Answer], *, latest: bool) -> Answer:
        for _attempt in range(_ATTEMPTS):
            with self._lock:
                documents = {each: replace(document) for each, document in self.documents.items()}
                is_behind = latest and bool(self._dirty)
            if not is_behind:
                break
            self._check_changes()
        else:
            raise NotReadyError
        if uri not in documents:
            raise NotReadyError
        view = self._check_view(uri, documents)
        if view is None:
            raise NotReadyError
        try:
            return work(view)
        except GoneError as error:
            # Something changed on the disk without a notification.
            with self._lock:
                self._look_around = True
            self._in_loop(lambda: self._soon(0))
            raise NotReadyError from error

    def _check_ask_all(self, work: Callable[[View], Sequence[Answer]]) -> list[Answer]:
        if self._dirty:
            self._check_changes()
        with self._lock:
            opened = {path: replace(each) for each in self.documents.values() if (path := each.path) is not None}
        nowhere = Document("", 0, "", self.encoding)
        views = [View(nowhere, "", wiki.facts, (), wiki, opened, self.client) for wiki in self.homes.ready]
        return [answer for view in views for answer in work(view)]

    def _check_rest(self, *, keep: bool) -> bool:
        """Do what can wait: count citations, write the cache. Say whether more is left."""
        left = False
        for wiki in self.homes.ready:
            try:
                left = (self.shows_closed_pages and self._check_closed(wiki)) or left
                left = wiki.works.count(wiki.facts, _AT_ONCE) or left
            except GoneError:
                continue
            if keep:
                wiki.remember()
        return left

    def _check_closed(self, wiki: OpenWiki) -> bool:
        """Show the findings on some pages that are not open; say whether more are left."""
        with self._lock:
            documents = {uri: replace(document) for uri, document in self.documents.items()}
        opened = {path: each for each in documents.values() if (path := each.path) is not None}
        nowhere = Document("", 0, "", self.encoding)
        pages = [path for _uri, path in self.homes.pages_of(wiki, documents)]
        closed = self._closed_pages.setdefault(wiki.root, ClosedPages())
        for path, found in closed.news(wiki, pages, _AT_ONCE):
            view = View(nowhere, "", wiki.facts, found, wiki, opened, self.client)
            self._in_loop(partial(self._publish, Shown(view.uri(path), None, diagnostics.shown(view))))
        return closed.is_behind

    def _check_close(self) -> None:
        for wiki in self.homes.ready:
            wiki.remember(whole=True)
        self.homes.forget()
