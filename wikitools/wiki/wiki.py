"""All pages of a wiki, and the targets of their links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property, partial
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wikitools.markdown.dialects import Dialect, dialect_of
from wikitools.markdown.links import is_web_address
from wikitools.markdown.page import (
    MarkdownLink,
    Page,
    PageLink,
    ReferenceDefinition,
    WebLink,
    Wikilink,
)
from wikitools.markdown.slugs import SLUGGERS
from wikitools.text import Span
from wikitools.wiki.anchors import Anchors
from wikitools.wiki.engines import ENGINES, explain_missing, is_asset_path
from wikitools.wiki.engines.dendron import notes_below
from wikitools.wiki.engines.engine import DEFINITION, whole_target
from wikitools.wiki.incoming_links import IncomingLinks
from wikitools.wiki.lazy_pages import Alone, PageNames
from wikitools.wiki.link_halves import are_forms, names_file
from wikitools.wiki.names_index import Index
from wikitools.wiki.paths import base_name, folder_of, join_anywhere, relative
from wikitools.wiki.placeholders import PLACEHOLDERS
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Reason, Resolution

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from wikitools.wiki.plain_links import PlainLinks, PlainTargets

_SELF = "the page itself"
_UNREAD = "a file whose content is not read"
_CUT = Missing[str](why=Reason.CUT_BY_TABLE)
_UNEXPLAINED = Missing[str]().why


class Wiki:
    """Pages and attachments by path, and what their links mean to one engine.

    Paths are POSIX and relative to the wiki's root. The time to resolve a link depends on the number of candidates, not
    of pages; every table is built once, when it is first needed, in linear time; equal questions get the same answer
    object. No answer depends on the order in which pages were given.

    `anchors` names a way of making anchors (see `SLUGGERS`) if it is not that of the engine; `placeholders` are globs
    of targets that lead nowhere on purpose; `absent` are folders whose files are not here, so that links into them are
    not dead. `pages` may be a mapping, sorted by path, that reads pages when they are needed. Then `heads` has the
    names of all pages, `linkers` returns the pages that may link to a path, `anchorers` those of them whose links may
    have an anchor, and `senders` are the paths of redirects.

    Raises `KeyError` for an engine that is not in `ENGINES` or a way that is not in `SLUGGERS`, and `ValueError` if two
    different pages have the same path.
    """

    def __init__(
        self,
        pages: Iterable[Page] | Mapping[str, Page],
        *,
        attachments: Iterable[str] = (),
        engine: str = "obsidian",
        anchors: str | None = None,
        heads: Mapping[str, Page | PageNames] | None = None,
        linkers: Callable[[str], Iterable[str]] | None = None,
        senders: Iterable[str] | None = None,
        anchorers: Callable[[str], Iterable[str]] | None = None,
        placeholders: tuple[str, ...] = PLACEHOLDERS,
        absent: Iterable[str] = (),
    ) -> None:
        self.pages: Mapping[str, Page] = pages if isinstance(pages, Mapping) else _by_path(pages)
        self.attachments: frozenset[str] = frozenset(attachments) - self.pages.keys()
        self.engine = ENGINES[engine]
        self.heads: Mapping[str, Page | PageNames] = self.pages if heads is None else heads
        self.index = Index(self.heads, self.attachments, placeholders)
        self.absent = tuple(absent)
        self._unknown = frozenset(self.absent)
        self._senders = senders
        self.incoming = IncomingLinks(self.pages, linkers=linkers, anchorers=anchorers)
        # Several rules ask about the same link in a row.
        self._last: tuple[MarkdownLink, Resolution[str]] | None = None
        self._plain: tuple[Page, PlainTargets] | None = None
        self._made_by = anchors
        self._slugger = self.engine.slugger if anchors is None else SLUGGERS[anchors]
        self._targets: dict[tuple[str, str], Resolution[str]] = {}
        self._paths: dict[tuple[str, str, bool], Resolution[str]] = {}
        self._nowhere: dict[tuple[str, str], tuple[Resolution[str], str]] = {}
        self._wikilinks: dict[tuple[str, str | None, str | None, bool, str], Resolution[str]] = {}
        self._reversed: dict[str, Missing[str]] = {}
        self._definitions: dict[str, dict[str, ReferenceDefinition]] = {}
        self._anchors: dict[str, Anchors] = {}

    def turn_to(self, page: Page) -> None:
        """Make `page` the only page that is known, in a wiki whose pages are `Alone`."""
        if not isinstance(self.pages, Alone):
            raise TypeError("all pages of this wiki are known")
        self.pages.page = page
        self._anchors.clear()

    def forget(self, path: str) -> None:
        """Forget the content of a page; its title and aliases are the same as before."""
        self._anchors.pop(path, None)
        self._definitions.pop(path, None)
        self.incoming.forget_links_on(path)
        self.incoming.forget_links_to(path)

    def forget_answers(self) -> None:
        """Forget what can be found again: many answers are about links that no page has any more."""
        self._forget_answers()
        self.index.forget_answers()

    def _forget_answers(self) -> None:
        """Forget where links lead."""
        for known in (self._targets, self._paths, self._nowhere, self._wikilinks, self._reversed):
            known.clear()
        self._last = self._plain = None
        self._plain_links.forget()

    def with_files(self, pages: Iterable[Page], attachments: Iterable[str]) -> Wiki:
        """Return the wiki of these files, whose links are read as in this one."""
        changed = Wiki(
            pages,
            attachments=attachments,
            engine=self.engine.name,
            anchors=self._made_by,
            absent=self.absent,
            placeholders=self.index.placeholders,
        )
        for path, known in self._anchors.items():
            if changed.pages.get(path) is known.page:
                changed._anchors[path] = known
        return changed

    def read(self, link: Wikilink) -> tuple[str, str | None]:
        """Return target and anchor of a wikilink: the engine knows which half is the target, and what `#` means."""
        target, anchor = self.engine.read(link)
        if anchor is not None and self.engine.hash_in_names and target:
            whole = whole_target(link, target, anchor)
            if self._is_found(whole, link.span.path):
                return whole, None
        return target, anchor

    def resolve(self, link: Wikilink) -> Resolution[str]:
        """Return the path of the page or attachment that a wikilink leads to; without a target, that of its own page.

        Of `Ambiguous` candidates the engine itself opens the first. `Missing` has a `Reason`; `near` are targets that
        may stand in the link instead. A path that ends with `/` is a folder that the engine shows as a page.
        """
        # Many rules ask about every link, and many links are equal. Without a target in either half, the link leads
        # to its own page.
        if link.cut and not self.engine.links_before_tables:
            return _CUT
        if self.engine.definitions and not link.in_front_matter:
            defined = self._resolve_defined(link)
            if defined is not None:
                return defined
        named = link.target and (link.label is None or link.label[:1] not in ("", "#"))
        folder = folder_of(link.span.path) if named else link.span.path
        asked = (link.whole or link.target, link.anchor, link.label, link.embed, folder)
        found = self._wikilinks.get(asked)
        if found is None:
            found = self._wikilinks[asked] = self._resolve(link)
        return found

    def _resolve_defined(self, link: Wikilink) -> Resolution[str] | None:
        """Return where the page's own definition of a wikilink's target leads; `None` if there is none."""
        page = self.pages.get(link.span.path)
        if page is None or not page.definitions:
            return None
        definitions = self._definitions.get(page.path)
        if definitions is None:
            definitions = self._definitions[page.path] = {}
            for each in page.definitions:
                definitions.setdefault(each.label, each)
        definition = definitions.get(link.target)
        if definition is None:
            return None
        if is_web_address(definition.url):
            return Missing(why=Reason.OTHER_WIKI)
        found = self.resolve_link(MarkdownLink(definition.span, definition.url, link.target, definition.url_span))
        if isinstance(found, Found):
            return Found(found.target, DEFINITION)
        return Missing((definition.url,), Reason.DEAD_DEFINITION) if isinstance(found, Missing) else found

    def _resolve(self, link: Wikilink) -> Resolution[str]:
        target, _anchor = self.read(link)
        found = self.resolve_name(target, link.span.path)
        if isinstance(found, Missing) and not link.embed and link.label and found.why not in _NO_NAME:
            other = link.label if target == link.target else link.target
            if found.why not in (Reason.NO_SUCH_PAGE, *_NAMES_IN_PAGES) and not are_forms(target, other):
                return found
            if other == link.target and not (link.label or "").startswith(target):
                return found  # The engine reads both halves as one name.
            name = other.partition("#")[0].strip() if other else ""
            if not name or not self._is_found(name, link.span.path):
                return found
            if (
                found.why == Reason.NO_SUCH_PAGE
                or are_forms(target, other)
                or self._is_called(found, name, link, label_first=other == link.target)
            ):
                return self._reversed.setdefault(other, Missing((other,), Reason.LOOKS_REVERSED))
        return found

    def _is_called(self, found: Missing[str], name: str, link: Wikilink, *, label_first: bool) -> bool:
        """Say whether a target that is not a page is the title or an alias of the page that `name` leads to.

        If the target comes first, the label may be just words, so it has to look like a file's name.
        """
        if found.why not in _NAMES_IN_PAGES or (not label_first and not names_file(name, link.target)):
            return False
        goal, *others = (self.resolve_name(each, link.span.path) for each in (name, *found.near))
        return any(
            isinstance(each, Found) and isinstance(goal, Found) and each.target == goal.target for each in others
        )

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
            if (
                isinstance(found, Missing)
                and self.absent
                and _leads_into(self._unknown, name, (folder_of(from_path), ""))
            ):
                return Missing(why=Reason.OTHER_WIKI)
            if isinstance(found, Missing) and found.why == _UNEXPLAINED:
                found = explain_missing(self.index, self.engine, name, folder)
            self._targets[name, folder] = found
        return found

    def resolve_link(self, link: MarkdownLink) -> Resolution[str]:
        """Return the path that a Markdown link leads to; a folder's ends with `/`. The fragment is ignored.

        `near` of `Missing` are paths from the page's folder, not percent-encoded.
        """
        if self._last is not None and self._last[0] is link:
            return self._last[1]
        found = self._resolve_link(link)
        self._last = link, found
        return found

    @cached_property
    def dialect(self) -> Dialect:
        """The dialect of Markdown of the pages (see `dialects.py`)."""
        return dialect_of(self.engine.slugger, self._made_by, links_first=self.engine.links_first)

    def base_of(self, path: str) -> str:
        """Return the folder from which the paths of Markdown links on the page `path` are read."""
        return "" if self.engine.flat else folder_of(path)

    def _resolve_link(self, link: MarkdownLink) -> Resolution[str]:
        path, _fragment = split_url(link.url)
        from_path = link.span.path
        if not path or path.startswith("?"):
            return Found(from_path, _SELF)
        folder = self.base_of(from_path)
        asked = (path, folder, link.image)
        found = self._paths.get(asked)
        if found is None:
            found = self._paths[asked] = self._resolve_path(path, folder, image=link.image)
        return found

    def _resolve_path(self, path: str, folder: str, *, image: bool) -> Resolution[str]:
        found, written = self._look_up_path(path, folder)
        if not isinstance(found, Missing) or found.why != _UNEXPLAINED:
            return found
        asset = image or _has_other_suffix(written)
        return explain_missing(
            self.index, self.engine, written, folder, write=partial(relative, folder=folder), asset=asset
        )

    def _look_up_path(self, path: str, folder: str) -> tuple[Resolution[str], str]:
        """Return what is at a path, and the spelling that was looked up last. A missing target gets no explanation."""
        found = self._nowhere.get((path, folder))
        if found is None:
            found = self._search_path(path, folder)
            if isinstance(found[0], Missing):
                # Each rule about dead links asks again.
                self._nowhere[path, folder] = found
        return found

    def _search_path(self, path: str, folder: str) -> tuple[Resolution[str], str]:
        # A "?" starts a query, unless it is part of a file's name.
        for spelling in (path, path.partition("?")[0]):
            written = unquote(spelling)
            found = self.engine.resolve_path(self.index, written, folder)
            if isinstance(found, Missing) and self.absent and _leads_into(self._unknown, written, (folder,)):
                return Missing(why=Reason.OTHER_WIKI), written
            if not isinstance(found, Missing) or found.why != _UNEXPLAINED:
                break
        return found, written

    def resolve_anchor(self, link: Wikilink, path: str) -> Resolution[Span]:
        """Return the span on the page `path` that a wikilink's anchor names; without an anchor, the top of the page.

        The content of attachments is not read: any anchor is found at their start (`[[paper.pdf#page=3]]`).
        """
        _target, anchor = self.read(link)
        return self._find_place(path, anchor or "", self.engine.find_anchor)

    def resolve_fragment(self, fragment: str, path: str) -> Resolution[Span]:
        """Return the span on the page `path` that a URL's fragment (as written, without `#`) names."""
        return self._find_place(path, fragment, self.engine.find_fragment)

    def _find_place(self, path: str, name: str, find: Callable[[Anchors, str], Resolution[Span]]) -> Resolution[Span]:
        if not name:
            return Found(Span(path, 0, 0), _SELF)
        anchors = self.anchors_of(path)
        if anchors is None:
            return Found(Span(path, 0, 0), _UNREAD)
        found = anchors.asked.get((find, name))
        if found is None:
            found = anchors.asked[find, name] = find(anchors, name)
        return found

    def anchors_of(self, path: str) -> Anchors | None:
        """Return what links can name on a page; `None` for a file that is not a page."""
        found = self._anchors.get(path)
        if found is None and (page := self.pages.get(path)) is not None:
            found = self._anchors[path] = self.anchors_in(page)
        return found

    def anchors_in(self, page: Page) -> Anchors:
        """Return what links can name on a page, whether or not it belongs to the wiki."""
        return Anchors(page, self._slugger)

    def plain_targets(self, page: Page) -> PlainTargets:
        """Return where the plain links of a page lead, and which others lead into the wiki (see `PlainLinks`)."""
        if self._plain is None or self._plain[0] is not page:
            self._plain = page, self._plain_links.of(page, self.reach)
        return self._plain[1]

    @cached_property
    def _plain_links(self) -> PlainLinks:
        from wikitools.wiki.plain_links import PlainLinks

        return PlainLinks(self.engine, (*self.pages, *self.attachments))

    def links_to(self, path: str) -> tuple[PageLink, ...]:
        """Return all links that lead to `path`, its own included, sorted by page and offset.

        An ambiguous link counts for its first candidate, which is the one that the engine opens.
        """
        return self.incoming.of(path, self._leads)

    def anchored_links_to(self, path: str) -> Iterable[PageLink]:
        """Return those of `links_to(path)` that may have an anchor; the others are not searched for."""
        return self.incoming.with_anchors(path, self._leads)

    def _leads(self, page: Page) -> Iterator[tuple[PageLink, Sequence[str]]]:
        """Yield the links on a page with the paths that they lead to."""
        for link, plain in zip(page.links, self.plain_targets(page).targets, strict=True):
            target = plain or self.target_of(link)
            if target is None:
                continue
            # A wildcard leads to many notes.
            if target.endswith("*/") and isinstance(link, Wikilink):
                yield link, notes_below(self.index, self.read(link)[0])
            else:
                yield link, (target,)

    def senders(self, test: Callable[[Page], bool]) -> Iterable[str]:
        """Return the paths of the redirects, in order. Calls `test` for every page, unless they are known already."""
        if self._senders is not None:
            return self._senders
        return [path for path, page in self.pages.items() if test(page)]

    def name_of(self, path: str, from_path: str = "") -> str:
        """Return the shortest wikilink target that leads to the file at `path` from the page `from_path`.

        If the engine finds pages by name, it is the same from every page. If the engine cannot name the file, it is
        only a guess.
        """
        return self.engine.write(self.index, path, folder_of(from_path))

    def target_of(self, link: PageLink) -> str | None:
        """Return the path that the engine opens for a link; `None` if there is none or it is outside the wiki."""
        answer = self.reach(link)
        if answer is None:
            return None
        return answer.target if isinstance(answer, Found) else answer.candidates[0]

    def reach(self, link: PageLink) -> Found[str] | Ambiguous[str] | None:
        """Return what `resolve` or `resolve_link` finds for a link; `None` if it is `Missing`.

        The reason depends on all pages, but for most engines file names are enough to know that a target is missing.
        """
        if isinstance(link, WebLink):
            return None
        answer = self._reach_name(link) if isinstance(link, Wikilink) else self._reach_path(link)
        return None if isinstance(answer, Missing) else answer

    def _reach_name(self, link: Wikilink) -> Resolution[str]:
        if link.cut and not self.engine.links_before_tables:
            return _CUT
        if self.engine.definitions and not link.in_front_matter:
            defined = self._resolve_defined(link)
            if defined is not None:
                return defined
        target, _anchor = self.read(link)
        if not target:
            return Found(link.span.path, _SELF)
        folder = "" if self.engine.one_space else folder_of(link.span.path)
        found = self._targets.get((target, folder))
        if found is None:
            found = self.engine.resolve(self.index, target, folder)
            if not isinstance(found, Missing):
                self._targets[target, folder] = found
        return found

    def _reach_path(self, link: MarkdownLink) -> Resolution[str]:
        path, _fragment = split_url(link.url)
        if not path or path.startswith("?"):
            return Found(link.span.path, _SELF)
        folder = self.base_of(link.span.path)
        known = self._paths.get((path, folder, link.image))
        return self._look_up_path(path, folder)[0] if known is None else known


_NAMES_IN_PAGES = (Reason.TITLE_ONLY, Reason.ALIAS_ONLY)
_NO_NAME = (Reason.PLACEHOLDER, Reason.WEB_ADDRESS, Reason.OTHER_WIKI, Reason.OUTSIDE_ROOT)


def _by_path(pages: Iterable[Page]) -> Mapping[str, Page]:
    by_path: dict[str, Page] = {}
    for page in pages:
        if by_path.setdefault(page.path, page) is not page:
            raise ValueError(f"two pages have the path {page.path!r}")
    return MappingProxyType(dict(sorted(by_path.items())))


def _leads_into(absent: frozenset[str], path: str, folders: Iterable[str]) -> bool:
    """Say whether a path leads into one of the `absent` folders, as seen from one of `folders`."""
    paths = dict.fromkeys(join_anywhere(folder, path) for folder in folders)
    # A list of submodules can have any length, and so can a path.
    steps = (each.split("/", _DEEPEST) for each in paths)
    return any("/".join(each[:last]) in absent for each in steps for last in range(1, min(len(each), _DEEPEST) + 1))


_DEEPEST = 100
"""The most folders above that of a submodule; nobody nests deeper."""


def split_url(url: str) -> tuple[str, str | None]:
    """Return path (with query) and fragment of a destination inside the wiki, both as written.

    >>> split_url("a%20b.md#hello-world"), split_url("#top"), split_url("a.md")
    (('a%20b.md', 'hello-world'), ('', 'top'), ('a.md', None))
    """
    path, hash_sign, fragment = url.partition("#")
    return path, fragment if hash_sign else None


_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,7}\Z")


def _has_other_suffix(path: str) -> bool:
    """Say whether a Markdown link's path has the suffix of a file that is not a page."""
    suffix = _SUFFIX.search(base_name(path)[-9:])
    return is_asset_path(path) or (suffix is not None and suffix.group().lower() not in (".md", ".markdown", ".html"))
