"""Links that plainly lead to a file: spelt as it is, without an anchor. Most are, and each is told so only once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from wikitools.wiki.compare import counted_path, is_counted
from wikitools.wiki.heads import UnknownError
from wikitools.wiki.index import folder_of
from wikitools.wiki.page import MarkdownLink, Wikilink
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from wikitools.wiki.page import Page
    from wikitools.wiki.wiki import Wiki

_Written = tuple[str, str | None, bool]


class PlainLinks:
    """Tells which links of a wiki's pages are plain, and where these lead."""

    def __init__(self, wiki: Wiki) -> None:
        self._wiki = wiki
        self._files = frozenset((*wiki.pages, *wiki.attachments))
        self._paths: dict[str, dict[str, str | None]] = {}
        self._names: dict[str, dict[_Written, str | None]] = {}

    def targets(self, page: Page) -> list[str | None]:
        """Return for each link of a page the path of the file that it plainly leads to; `None` for all others.

        A plain link is `Found`, has no anchor, names the file by the end of its path to the letter, and is one of those
        that `tally_links` counts as living. Of a page that is not known yet no link is plain.
        """
        folder = folder_of(page.path)
        paths = self._paths.get(folder)
        if paths is None:
            paths = self._paths[folder] = {}
            self._names[folder] = {}
        names = self._names[folder]
        found: list[str | None] = []
        for link in page.links:
            target = None
            if type(link) is MarkdownLink:
                url = link.url
                if url in paths:
                    target = paths[url]
                else:
                    target = paths[url] = self._path(link, url, folder)
            elif type(link) is Wikilink and link.anchor is None:
                written = link.target, link.label, link.embed
                if written in names:
                    target = names[written]
                else:
                    target = names[written] = self._name(link)
            found.append(target)
        return found

    def _path(self, link: MarkdownLink, url: str, folder: str) -> str | None:
        if "#" in url or "?" in url or counted_path(url) is None:
            return None
        if self._wiki.engine.paths_first and (path := _joined(url, folder)) in self._files:
            # To the letter: nothing needs to be folded or looked for.
            return path
        return self._spelt(link, unquote(url))

    def _name(self, link: Wikilink) -> str | None:
        engine = self._wiki.engine
        # On another page, the same words may be defined as something else.
        if engine.definitions or not is_counted(link):
            return None
        target, anchor = engine.read(link)
        return self._spelt(link, target) if target and not anchor else None

    def _spelt(self, link: Wikilink | MarkdownLink, target: str) -> str | None:
        wiki = self._wiki
        try:
            answer = wiki.resolve(link) if isinstance(link, Wikilink) else wiki.resolve_link(link)
        except UnknownError:
            return None
        if not isinstance(answer, Found) or answer.target not in self._files:
            return None
        path = answer.target
        for shown in (path, path[:-3] if path.endswith(".md") else path):
            if shown.endswith(target) and shown[: -len(target)][-1:] in ("", "/"):
                return path
        return None


def _joined(url: str, folder: str) -> str:
    """Return what a path reads as from a folder when dots stand at its start only; no path of a file otherwise."""
    while url[:1] == ".":
        if url.startswith("./"):
            url = url[2:]
        elif folder and url.startswith("../"):
            folder = folder_of(folder)
            url = url[3:]
        else:
            break
    return f"{folder}/{url}" if folder else url
