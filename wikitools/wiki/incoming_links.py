"""The links to a page: from all pages, or only from those that may link to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.markdown.page import PageLink, Wikilink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wikitools.markdown.page import Page

    Leads = Callable[[Page], Iterator[tuple[PageLink, Sequence[str]]]]
    """Yields the links on a page with the paths that each leads to."""
    Linkers = Callable[[str], Iterable[str]]
    """Returns the pages that may link to a path."""

_KEPT_OUTGOING = 1000
"""Of how many pages the links are kept by where they lead."""


class IncomingLinks:
    """The links to each file.

    `linkers` gives the pages that may link to a path, `anchorers` those that may name a place there; without them, all
    pages are read. The wiki passes `leads` with each question: if it was kept here, neither of the two would be freed
    before the garbage collector runs.
    """

    def __init__(self, pages: Mapping[str, Page], *, linkers: Linkers | None, anchorers: Linkers | None) -> None:
        self._pages = pages
        self._linkers = linkers
        self._anchorers = anchorers
        self._known: dict[str, tuple[PageLink, ...]] = {}
        self._outgoing: dict[str, Mapping[str, list[PageLink]]] = {}
        self._of_all: Mapping[str, tuple[PageLink, ...]] | None = None

    def of(self, path: str, leads: Leads) -> tuple[PageLink, ...]:
        """Return all links that lead to `path`, sorted by page and offset."""
        if self._linkers is None:
            if self._of_all is None:
                found_in_all = _sorted_out(self._pages.values(), leads)
                self._of_all = {target: tuple(links) for target, links in found_in_all.items()}
            return self._of_all.get(path, ())
        found = self._known.get(path)
        if found is None:
            found = self._known[path] = tuple(self._from(self._linkers(path), path, leads))
        return found

    def with_anchors(self, path: str, leads: Leads) -> Iterable[PageLink]:
        """Return those of the links that may have an anchor."""
        links = self.of(path, leads) if self._anchorers is None else self._from(self._anchorers(path), path, leads)
        return filter(may_name_place, links)

    def has(self, path: str) -> bool:
        """Say whether somebody has asked for the links to `path` before."""
        return path in self._known

    def forget_links_on(self, path: str) -> None:
        """Forget where the links on a page lead."""
        self._outgoing.pop(path, None)

    def forget_links_to(self, path: str) -> None:
        """Forget which links lead to `path`."""
        self._known.pop(path, None)

    def clear(self) -> None:
        """Forget all links."""
        self._outgoing.clear()
        self._known.clear()

    def _from(self, linkers: Iterable[str], path: str, leads: Leads) -> Iterator[PageLink]:
        return (link for linker in sorted(linkers) for link in self._by_target(linker, leads).get(path, ()))

    def _by_target(self, path: str, leads: Leads) -> Mapping[str, list[PageLink]]:
        """Return the links on a page by target; a page full of links is asked about each of its targets."""
        found = self._outgoing.get(path)
        if found is None:
            if len(self._outgoing) >= _KEPT_OUTGOING:
                self._outgoing.clear()
            found = self._outgoing[path] = _sorted_out([self._pages[path]], leads)
        return found


def _sorted_out(pages: Iterable[Page], leads: Leads) -> dict[str, list[PageLink]]:
    """Return the links on pages by where they lead."""
    found: dict[str, list[PageLink]] = {}
    for page in pages:
        for link, paths in leads(page):
            for path in paths:
                found.setdefault(path, []).append(link)
    return found


def may_name_place(link: PageLink) -> bool:
    """Say whether a link may have an anchor, whichever half the engine reads as the target."""
    if isinstance(link, Wikilink):
        return link.anchor is not None or "#" in link.target or "#" in (link.label or "")
    return "#" in link.url
