"""Plain links: spelled exactly like a file, without an anchor. Most links are plain, and are resolved only once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from wikitools.markdown.page import (
    ANCHOR,
    CUT,
    EMBED,
    FLAGS,
    KIND,
    LABEL,
    MARKDOWN,
    TARGET,
    URL,
    WIKILINK,
    Wikilink,
    rows_of,
)
from wikitools.wiki.counted_links import counted_path, is_counted
from wikitools.wiki.lazy_pages import UnknownError
from wikitools.wiki.paths import folder_of, join
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wikitools.markdown.page import Page, PageLink
    from wikitools.wiki.engines import Engine
    from wikitools.wiki.resolution import Ambiguous

_Written = tuple[str, str | None, int]
Reach = Callable[["PageLink"], "Found[str] | Ambiguous[str] | None"]
"""Says where a link leads; see `Wiki.reach`."""


class PlainTargets(NamedTuple):
    """The targets of the links of a page: the path of the file for each plain link, `None` for all others."""

    targets: Sequence[str | None]
    doubtful: Sequence[int]
    """The indices of the links into the wiki that are not plain."""


class PlainLinks:
    """Finds the plain links of a wiki's pages and their targets.

    The wiki passes `reach` with each question, for the reason that is said of `IncomingLinks`.
    """

    def __init__(self, engine: Engine, files: Iterable[str]) -> None:
        self._engine = engine
        self._files = frozenset(files)
        self._paths: dict[str, dict[str, str | None]] = {}
        self._names: dict[str, dict[_Written, str | None]] = {}

    def forget(self) -> None:
        """Forget where links lead."""
        self._paths.clear()
        self._names.clear()

    def of(self, page: Page, reach: Reach) -> PlainTargets:
        """Return where the plain links of a page lead.

        A plain link is `Found`, has no anchor, is spelled exactly like the end of the file's path, and is not broken in
        the count of `tally_links`. A page that is not known yet has no plain links.
        """
        folder = folder_of(page.path)
        paths = self._paths.get(folder)
        if paths is None:
            paths = self._paths[folder] = {}
            self._names[folder] = {}
        names = self._names[folder]
        links = page.links
        targets: list[str | None] = []
        doubtful: list[int] = []
        for number, row in enumerate(rows_of(links)):
            kind = row[KIND]
            target = None
            if kind == MARKDOWN:
                url = row[URL]
                if url in paths:
                    target = paths[url]
                else:
                    target = paths[url] = self._path(links, number, url, folder, reach)
                if target is None:
                    doubtful.append(number)
            elif kind == WIKILINK:
                if row[ANCHOR] is None:
                    written = row[TARGET], row[LABEL], row[FLAGS] & (EMBED | CUT)
                    if written in names:
                        target = names[written]
                    else:
                        target = names[written] = self._name(links[number], reach)
                if target is None:
                    doubtful.append(number)
            targets.append(target)
        return PlainTargets(targets, doubtful)

    def _path(self, links: Sequence[PageLink], number: int, url: str, folder: str, reach: Reach) -> str | None:
        if "#" in url or "?" in url or counted_path(url) is None:
            return None
        # A slash at either end means different things in different engines.
        if self._engine.paths_first and url[:1] != "/" != url[-1:] and (path := join(folder, url)) in self._files:
            # Spelled exactly like the path, so there is nothing to fold or to search.
            return path
        return self._spelt(links[number], unquote(url), reach)

    def _name(self, link: PageLink, reach: Reach) -> str | None:
        engine = self._engine
        # Another page may define the same words as something else.
        if not isinstance(link, Wikilink) or engine.definitions or link.cut or not is_counted(link.target, link.label):
            return None
        target, anchor = engine.read(link)
        return self._spelt(link, target, reach) if target and not anchor else None

    def _spelt(self, link: PageLink, target: str, reach: Reach) -> str | None:
        try:
            answer = reach(link)
        except UnknownError:
            return None
        if not isinstance(answer, Found) or answer.target not in self._files:
            return None
        path = answer.target
        for shown in (path, path[:-3] if path.endswith(".md") else path):
            if shown.endswith(target) and shown[: -len(target)][-1:] in ("", "/"):
                return path
        return None
