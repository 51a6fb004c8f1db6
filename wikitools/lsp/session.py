"""What is open in one editor, and the one thread that checks it.

Methods without an underscore are called in the thread of the protocol; those that begin with `_check` run in the other.
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
"""Seconds after the last key after which it is looked at what was typed."""
_LONGEST = 0.3
"""Seconds after the first key after which it is looked at though more are coming."""
_QUIET = 1.0
"""Seconds without anything to do after which what was found is kept."""
_ATTEMPTS = 3
"""How often a request waits for what is typed meanwhile."""
_AT_ONCE = 25
"""Pages whose citations are counted in one go: a request waits no longer for it than one would notice."""


class Shown(NamedTuple):
    """What is to be shown of an open page, and for which of its versions."""

    uri: str
    version: int
    diagnostics: list[types.Diagnostic]


class NotReadyError(Exception):
    """The wiki was not looked at yet."""


class Session:
    """All that is open."""

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
        """The addresses of documents that changed since they were looked at."""
        self._outside: set[str] = set()
        """Files that something happened to, by their absolute paths."""
        self._look_around = False
        """Whether files may have changed without a word."""
        self._first: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._end: Future[None] | None = None
        self._is_starting = False
        self.homes = Homes(options, self._tell, self._check_progress)

    # In the thread of the protocol

    def opened(self, document: Document) -> None:
        """Take over a text, and look at it at once."""
        with self._lock:
            self.documents[document.uri] = document
            self._dirty.add(document.uri)
            self._look_around = not self.client.watches
        self._soon(0)

    def changed(self, uri: str, version: int, changes: Iterable[Change]) -> None:
        """Take over changes, and look at them once there is a pause."""
        with self._lock:
            document = self.documents.get(uri)
            if document is None:
                return
            document.change(version, changes)
            self._dirty.add(uri)
        self._soon(_PAUSE)

    def saved(self, uri: str) -> None:
        """Look at what was saved: nothing is being written there just now."""
        with self._lock:
            document = self.documents.get(uri)
            if document is not None:
                document.typed_at = None
            self._look_around = not self.client.watches
        if (path := path_of(uri)) is not None:
            self.happened([path])

    def closed(self, uri: str) -> None:
        """Let go of a text: the file counts again."""
        with self._lock:
            self.documents.pop(uri, None)
            self._dirty.add(uri)
        self._soon(0)

    def happened(self, paths: Iterable[str]) -> None:
        """Look again after something happened to these files."""
        with self._lock:
            self._outside.update(paths)
        self._soon(_PAUSE)

    def start_over(self) -> None:
        """Look at everything again: the folders are others."""
        self._submit(self.homes.forget)
        with self._lock:
            self._dirty.update(self.documents)
        self._soon(0)

    def left(self, uri: str, offset: int) -> None:
        """Take note of where the cursor is: a link that it has left is no longer being written."""
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
        """Take note of where the cursor is, from whatever thread."""
        self._in_loop(partial(self.left, uri, offset))

    async def ask(self, uri: str, work: Callable[[View], Answer], *, latest: bool = True) -> Answer:
        """Return what `work` makes of an open page.

        `latest`: what was typed last is looked at before. Raises `NotReadyError` when there is nothing to look at yet.
        """
        if self._is_starting or self._end is not None or uri not in self.documents:
            raise NotReadyError
        return await asyncio.wrap_future(self._thread.submit(partial(self._check_ask, uri, work, latest=latest)))

    async def ask_all(self, work: Callable[[View], Sequence[Answer]]) -> list[Answer]:
        """Return what `work` makes of each wiki, seen from no page of it."""
        if self._is_starting or self._end is not None:
            return []
        return await asyncio.wrap_future(self._thread.submit(self._check_ask_all, work))

    def close(self) -> None:
        """Stop, and free what is held, once what is being done is done; what was found is kept."""
        for timer in (self._timer, self._rest):
            if timer is not None:
                timer.cancel()
        if self._end is None:
            self._end = self._thread.submit(self._check_close)

    def wait(self, seconds: float) -> bool:
        """Say whether all is done, after waiting for it so long at most."""
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
        """Tell of an error in work that nobody waits for, and see whether there is time for other work."""
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
        """Look at everything that changed, and show what is different."""
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
        """Look at what changed in a wiki, or at all of it; says whether anything is to be shown."""
        try:
            if not wiki.is_ready:
                self._check_start(wiki, documents)
                return True
            near = [path for path in outside if wiki.inside(path) is not None or path in wiki.bibliographies]
            missed = wiki.overlooked() if look_around else ()
            if not texts and not near and not missed:
                return False
            # A text that is not in the wiki, as one that was never saved, is looked at by itself.
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
            for uri, path in self.homes.pages_of(wiki, documents):
                # That nothing is wrong, only the whole wiki can tell.
                if found := wiki.look_first(path, unsaved[path]):
                    view = View(documents[uri], path, facts_of({}), found, wiki, opened, self.client)
                    shown = Shown(uri, documents[uri].version, diagnostics.shown(view))
                    self._in_loop(partial(self._publish, shown))
            wiki.start(unsaved)
        finally:
            self._is_starting = False
            self._check_progress("", 0, 0)

    def _check_progress(self, phase: str, done: int, total: int) -> None:
        self._in_loop(partial(self._progress, phase, done, total))

    def _check_show(self, uris: Iterable[str], documents: Mapping[str, Document] | None = None) -> None:
        """Show what was found on these pages."""
        if documents is None:
            with self._lock:
                # What changed meanwhile is shown when it was looked at.
                documents = {uri: replace(each) for uri, each in self.documents.items() if uri not in self._dirty}
        for uri in uris:
            if uri in documents:
                view = self._check_view(uri, documents)
                if view is not None:
                    shown = Shown(uri, documents[uri].version, diagnostics.shown(view))
                    self._in_loop(partial(self._publish, shown))

    def _check_view(self, uri: str, documents: Mapping[str, Document]) -> View | None:
        """Return a page as it is known; `None` for a page that is left out of its wiki."""
        document = documents[uri]
        opened = {path: each for each in documents.values() if (path := each.path) is not None}
        home = self.homes.of(uri, documents)
        if home is not None and home.wiki.is_ready and home.wiki.has(home.path, document.text):
            wiki, path = home
            return View(document, path, wiki.facts, wiki.diagnostics_of(path), wiki, opened, self.client)
        if (home is not None and os.path.lexists(document.path or "")) or not document.is_page:
            # It is left out of its wiki, or a bibliography that is not as it was saved.
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
            # Something changed on the disk, and nobody said so.
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
        """Do what has time: count citations, keep what was found. Says whether more of it is left."""
        left = False
        for wiki in self.homes.ready:
            try:
                left = wiki.works.count(wiki.facts, _AT_ONCE) or left
            except GoneError:
                continue
            if keep:
                wiki.remember()
        return left

    def _check_close(self) -> None:
        for wiki in self.homes.ready:
            wiki.remember()
        self.homes.forget()
