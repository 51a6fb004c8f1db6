"""All pages of a wiki, and where their links lead."""

from __future__ import annotations

import re
from functools import cached_property, partial
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wikitools.text import Span
from wikitools.wiki.anchors import Anchors
from wikitools.wiki.engines import ENGINES, explain_missing, is_asset_path
from wikitools.wiki.index import Index, base_name, folder_of, relative
from wikitools.wiki.page import MarkdownLink, Page, PageLink, WebLink, Wikilink
from wikitools.wiki.resolution import Found, Missing, Reason, Resolution
from wikitools.wiki.slugs import SLUGGERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SELF = "the page itself"
_UNREAD = "a file whose inside is not read"
_UNEXPLAINED = Missing[str]().why


class Wiki:
    """Pages and attachments by path, and the answers of one engine to what their links mean.

    Paths are POSIX and relative to the wiki's root. Resolving costs the number of candidates, not of pages; every table
    is built once, when first needed, in linear time; equal questions get the same answer object. No answer depends on
    the order in which pages were given. `anchors` names another program's way of making anchors (see `SLUGGERS`) than
    the engine's. Raises `KeyError` for an engine that is not in `ENGINES`, or a way that is not in `SLUGGERS`;
    `ValueError` when two different pages have one path.
    """

    def __init__(
        self,
        pages: Iterable[Page],
        *,
        attachments: Iterable[str] = (),
        engine: str = "obsidian",
        anchors: str | None = None,
    ) -> None:
        by_path: dict[str, Page] = {}
        for page in pages:
            if by_path.setdefault(page.path, page) is not page:
                raise ValueError(f"two pages have the path {page.path!r}")
        self.pages: Mapping[str, Page] = MappingProxyType(dict(sorted(by_path.items())))
        self.attachments: frozenset[str] = frozenset(attachments) - by_path.keys()
        self.engine = ENGINES[engine]
        self.index = Index(self.pages, self.attachments)
        self._slugger = self.engine.slugger if anchors is None else SLUGGERS[anchors]
        self._targets: dict[tuple[str, str], Resolution[str]] = {}
        self._paths: dict[tuple[str, str, bool], Resolution[str]] = {}
        self._reversed: dict[str, Missing[str]] = {}
        self._anchors: dict[str, Anchors] = {}

    def read(self, link: Wikilink) -> tuple[str, str | None]:
        """Return target and anchor of a wikilink: the engine knows which half is the target, and what `#` means."""
        target, anchor = self.engine.read(link)
        if anchor is not None and self.engine.hash_in_names and target:
            whole = f"{target}#{anchor}"
            if self._is_found(whole, link.span.path):
                return whole, None
        return target, anchor

    def resolve(self, link: Wikilink) -> Resolution[str]:
        """Return the path of the page or attachment that a wikilink leads to; without a target, of its own page.

        Of `Ambiguous` candidates the engine itself opens the first. `Missing` has a `Reason`; `near` are targets that
        may stand in the link instead. A path that ends with `/` is a folder that the engine shows as a page.
        """
        target, _anchor = self.read(link)
        found = self.resolve_name(target, link.span.path)
        if isinstance(found, Missing) and found.why == Reason.NO_SUCH_PAGE and not link.embed:
            other = link.label if target == link.target else link.target
            if other == link.target and not (link.label or "").startswith(target):
                return found  # The engine makes one name of both halves.
            name = other.partition("#")[0].strip() if other else ""
            if other and name and self._is_found(name, link.span.path):
                return self._reversed.setdefault(other, Missing((other,), Reason.LOOKS_REVERSED))
        return found

    def _is_found(self, name: str, from_path: str) -> bool:
        return isinstance(self.engine.resolve(self.index, name, folder_of(from_path)), Found)

    def resolve_name(self, name: str, from_path: str) -> Resolution[str]:
        """Return the path that a wikilink's target `name` leads to on the page `from_path`; "" is that page itself."""
        if not name:
            return Found(from_path, _SELF)
        folder = "" if self.engine.one_space else folder_of(from_path)
        found = self._targets.get((name, folder))
        if found is None:
            found = self.engine.resolve(self.index, name, folder)
            if isinstance(found, Missing) and found.why == _UNEXPLAINED:
                found = explain_missing(self.index, self.engine, name, folder)
            self._targets[name, folder] = found
        return found

    def resolve_link(self, link: MarkdownLink) -> Resolution[str]:
        """Return the path that a Markdown link leads to; a folder's ends with `/`. The fragment plays no part.

        `near` of `Missing` are paths from the page's folder, not percent-encoded.
        """
        path, _fragment = split_url(link.url)
        from_path = link.span.path
        if not path or path.startswith("?"):
            return Found(from_path, _SELF)
        folder = folder_of(from_path)
        asked = (path, folder, link.image)
        found = self._paths.get(asked)
        if found is None:
            found = self._paths[asked] = self._resolve_path(path, folder, image=link.image)
        return found

    def _resolve_path(self, path: str, folder: str, *, image: bool) -> Resolution[str]:
        # A "?" opens a query, unless a file is really named so.
        for spelling in (path, path.partition("?")[0]):
            written = unquote(spelling)
            found = self.engine.resolve_path(self.index, written, folder)
            if not isinstance(found, Missing) or found.why != _UNEXPLAINED:
                return found
        asset = image or _has_other_suffix(written)
        return explain_missing(
            self.index, self.engine, written, folder, write=partial(relative, folder=folder), asset=asset
        )

    def resolve_anchor(self, link: Wikilink, path: str) -> Resolution[Span]:
        """Return the place on the page `path` that a wikilink's anchor names; without an anchor, the top of the page.

        Of attachments nothing is known inside: any anchor is found at their start (`[[paper.pdf#page=3]]`).
        """
        _target, anchor = self.read(link)
        anchors = self._anchors_of(path)
        if not anchor:
            return Found(Span(path, 0, 0), _SELF)
        return Found(Span(path, 0, 0), _UNREAD) if anchors is None else self.engine.find_anchor(anchors, anchor)

    def resolve_fragment(self, fragment: str, path: str) -> Resolution[Span]:
        """Return the place on the page `path` that a URL's fragment (as written, without `#`) names."""
        anchors = self._anchors_of(path)
        if not fragment:
            return Found(Span(path, 0, 0), _SELF)
        return Found(Span(path, 0, 0), _UNREAD) if anchors is None else self.engine.find_fragment(anchors, fragment)

    def _anchors_of(self, path: str) -> Anchors | None:
        found = self._anchors.get(path)
        if found is None and (page := self.pages.get(path)) is not None:
            found = self._anchors[path] = Anchors(page, self._slugger)
        return found

    def links_to(self, path: str) -> tuple[PageLink, ...]:
        """Return all links that lead to `path`, its own included, by page and place.

        An ambiguous link counts for its first candidate, which is the one that the engine opens.
        """
        return self._backlinks.get(path, ())

    @cached_property
    def _backlinks(self) -> Mapping[str, tuple[PageLink, ...]]:
        found: dict[str, list[PageLink]] = {}
        for page in self.pages.values():
            for link in page.links:
                target = self.target_of(link)
                if target is not None:
                    found.setdefault(target, []).append(link)
        return {path: tuple(links) for path, links in found.items()}

    def name_of(self, path: str, from_path: str = "") -> str:
        """Return the shortest wikilink target that leads to the file at `path` from the page `from_path`.

        Where the engine finds pages by name, that is the same from every page; it may be no more than a guess where the
        engine has no way to name the file.
        """
        return self.engine.write(self.index, path, folder_of(from_path))

    def target_of(self, link: PageLink) -> str | None:
        """Return the path that the engine opens for a link, or `None` when there is none (or it leaves the wiki)."""
        if isinstance(link, WebLink):
            return None
        answer = self.resolve(link) if isinstance(link, Wikilink) else self.resolve_link(link)
        if isinstance(answer, Missing):
            return None
        return answer.target if isinstance(answer, Found) else answer.candidates[0]


def split_url(url: str) -> tuple[str, str | None]:
    """Return path (with query) and fragment of a destination inside the wiki, both as written.

    >>> split_url("a%20b.md#hello-world"), split_url("#top"), split_url("a.md")
    (('a%20b.md', 'hello-world'), ('', 'top'), ('a.md', None))
    """
    path, hash_sign, fragment = url.partition("#")
    return path, fragment if hash_sign else None


_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,7}\Z")


def _has_other_suffix(path: str) -> bool:
    """Say whether a Markdown link's path names a file that is no page."""
    suffix = _SUFFIX.search(base_name(path)[-9:])
    return is_asset_path(path) or (suffix is not None and suffix.group().lower() not in (".md", ".markdown", ".html"))
