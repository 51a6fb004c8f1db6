"""The one pipeline: files → pages → wiki → sources → citations → facts, on all cores."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from wikitools import files
from wikitools.lint.facts import (
    Facts,
    cite,
    named_bibliographies,
    own_bibliographies,
    own_bibliography_paths,
    read_notes,
)
from wikitools.lint.outside_files import LeftOut, WhyLeftOut
from wikitools.markdown.dialects import PLAIN, Dialect, dialect_of
from wikitools.markdown.page import MarkdownLink, Page, PageLink, Problem, Wikilink
from wikitools.project.bibliography_file import read_bibliography
from wikitools.project.workers import map_all, no_collection, processors, silent
from wikitools.records import dataclass
from wikitools.sources.joined import TitledPage, has_linked_authors, join_notes
from wikitools.sources.source import Bibliography, Source
from wikitools.text import Span
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.engines.engine import spellings
from wikitools.wiki.lazy_pages import Overlay
from wikitools.wiki.paths import folder_of, join_anywhere
from wikitools.wiki.wiki import Wiki, split_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from wikitools.cite.citation import Cited
    from wikitools.config import Settings
    from wikitools.markdown.page_codec import PackedPage
    from wikitools.project.page_rows import Keeper
    from wikitools.project.workers import Progress
    from wikitools.wiki.lazy_pages import PageNames


@dataclass(frozen=True, slots=True)
class Workspace:
    """A wiki that was read: the facts about it, and how to update them after a change."""

    settings: Settings
    inventory: files.Inventory
    facts: Facts
    notes: Mapping[str, tuple[Source, ...]]
    """The sources that each page is or contains, by its path."""
    shared: tuple[Source, ...]
    """The sources of the bibliography files that all pages share."""
    unreadable: Mapping[str, str]
    """Why a bibliography that a page names cannot be read, by its path."""
    snapshot: files.Snapshot | None = None
    """The snapshot that the bytes came from; `None` for the disk."""
    keeper: Keeper | None = None
    """The store of what commands say about pages (`page_rows.py`); `None` without a cache, and after a change."""

    def text_of(self, path: str) -> str:
        """Return the text of a page or bibliography file; "" for a file that was not read."""
        return self.facts.text_of(path)

    def looked_around(self, *, tracking: bool = False) -> Workspace:
        """Return the workspace with the files outside of it that links name and, with `tracking`, what git tracks."""
        root = self.settings.root
        wiki = self.facts.wiki

        def find() -> dict[str, WhyLeftOut]:
            named = _named_elsewhere(wiki.pages.values(), wiki)
            found = find_left_out(self.settings, self.inventory, named, snapshot=self.snapshot)
            why = dict.fromkeys(self.inventory.untracked, WhyLeftOut.UNTRACKED)
            return why | {path: WhyLeftOut.IGNORED if ignored else WhyLeftOut.UNREAD for path, ignored in found.items()}

        tracked = None
        if tracking:
            from wikitools.git import find_tracked

            tracked = find_tracked(root) if self.snapshot is None else self.snapshot.files
        return replace(self, facts=replace(self.facts, left_out=LeftOut(find), tracked=tracked))

    def rebuild(
        self,
        texts: Mapping[str, str],
        *,
        read: Mapping[str, Page] | None = None,
        jobs: int | None = 1,
        progress: Progress | None = None,
    ) -> Facts:
        """Return the facts as they would be if the pages in `texts` (by path) had these texts. Nothing is written.

        Only these pages are parsed again, except those in `read`, which were parsed from their new texts already. The
        citations of other pages are matched again only if a source changed.
        """
        with no_collection():
            return self._rebuild(texts, read or {}, jobs, progress or silent)

    def refreshed(self, texts: Mapping[str, str]) -> Workspace:
        """Return the workspace after the pages in `texts` (by path) got these texts on disk."""
        facts = self.rebuild(texts)
        notes = dict(self.notes) | {path: read_notes([facts.wiki.pages[path]])[0] for path in sorted(texts)}
        return replace(self, facts=facts, notes=notes, keeper=None)

    def with_references(self, paths: Sequence[str], *, jobs: int | None = 1) -> Workspace:
        """Return the workspace with the references of these pages written in the CSL style of the settings, if any."""
        return replace(self, facts=_with_references(self.facts, self.settings, paths, jobs))

    def _rebuild(self, texts: Mapping[str, str], read: Mapping[str, Page], jobs: int | None, report: Progress) -> Facts:
        from wikitools.markdown.parse import parse

        facts = self.facts
        changed = {
            path: read[path] if path in read else parse(path, texts[path], facts.wiki.dialect) for path in sorted(texts)
        }
        pages = Overlay(facts.wiki.pages, changed)
        wiki = _wiki(pages, self.inventory, self.settings, heads=Overlay(facts.wiki.heads, changed))
        notes = dict(self.notes)
        problems = [problem for problem in facts.problems if problem.span.path not in texts]
        for path in sorted(texts):
            notes[path], broken = read_notes([pages[path]])
            problems += broken
        same_sources = all(_same_works(notes[path], self.notes.get(path, ())) for path in texts) and not (
            has_linked_authors(facts.bibliography.sources)
            and any(_is_called_otherwise(path, facts.wiki, wiki) for path in texts)
        )
        same_files = all(
            own_bibliography_paths(pages[path]) == own_bibliography_paths(facts.wiki.pages[path])
            for path in texts
            if path in facts.wiki.pages
        )
        known = replace(facts, wiki=wiki, left_out=self._left_out(changed.values(), wiki))
        unreadable = self.unreadable
        if not same_files:
            own = _read_own(self.settings, self.inventory, pages.values(), self.snapshot)
            unreadable = own.unreadable
            problems += (problem for problem in own.problems if problem not in problems)
            own_by_page = own_bibliographies(pages.values(), own.sources)
            known = replace(known, own=own_by_page, texts={**known.texts, **own.texts})
        problems += (problem for path in sorted(texts) for problem in unusable(pages[path], unreadable))
        known = replace(known, problems=tuple(problems))
        if not same_sources:
            known = replace(known, bibliography=_bibliography(self.shared, notes, wiki))
        if same_sources and same_files:
            again = tuple(sorted(texts))
            cited = map_all(
                _PageCiter(known), again, jobs=jobs, report=report, phase="checking citations", inherited=True
            )
            known = replace(known, cited=Overlay(facts.cited, dict(zip(again, cited, strict=True))))
            return _with_references(known, self.settings, again, jobs)
        again = tuple(pages)
        cited = map_all(_PageCiter(known), again, jobs=jobs, report=report, phase="checking citations", inherited=True)
        known = replace(known, cited=dict(zip(again, cited, strict=True)))
        return _with_references(known, self.settings, again, jobs)

    def _left_out(self, changed: Iterable[Page], wiki: Wiki) -> LeftOut:
        """Return the files that are left out, including those that only the changed pages name."""
        # The files that the configuration and git leave out are known already, if they were searched for.
        here = replace(self.inventory, excluded=(), ignored=())
        found = find_left_out(self.settings, here, _named_elsewhere(changed, wiki), snapshot=self.snapshot)
        return self.facts.left_out.with_files(dict.fromkeys(found, WhyLeftOut.UNREAD))


def _with_references(facts: Facts, settings: Settings, paths: Sequence[str], jobs: int | None) -> Facts:
    """Return the facts with the references in a CSL style for the sources that these pages cite; raises `FileError`."""
    style = facts.style
    if not style.style:
        return facts
    from wikitools import pandoc
    from wikitools.block.block import block_wanted, entries_of, sources_of

    _check_style(settings)
    known = dict(style.references or {})
    lists: dict[tuple[str, ...], tuple[Source, ...]] = {}
    for path in paths:
        page = facts.wiki.pages[path]
        if block_wanted(page):
            entries = entries_of(page, facts.cited.get(path, ()), style)
            if entries and sources_of(entries) not in known:
                lists[sources_of(entries)] = tuple(entry.source for entry in entries)
    workers = jobs if jobs is not None else processors()
    try:
        written = pandoc.write_references(style.style, tuple(lists.values()), folder=settings.folder, jobs=workers)
    except pandoc.ReferencesError as error:
        raise files.FileError(str(error)) from error
    known.update(zip(lists, written, strict=True))
    return replace(facts, style=replace(style, references=known))


def _check_style(settings: Settings) -> None:
    """Raise `FileError` if the file of a style must not be read or is not a style, before anything opens it."""
    style = settings.block.style
    if "/" not in style and not style.endswith(".csl"):
        return
    place = os.path.join(settings.folder, os.path.expanduser(style))
    try:
        files.read_named(
            settings.root,
            place,
            limit=_LARGEST_STYLE,
            anywhere="block.style" in settings.anywhere,
            follow_links=settings.follow_links,
        )
    except files.FileError as error:
        why = str(error).removeprefix(f"{place}: ")
        raise files.FileError(f"{style}: the CSL style cannot be read: {why}") from error


_LARGEST_STYLE = 5_000_000


def load_wiki(
    settings: Settings, *, jobs: int | None = None, progress: Progress | None = None
) -> tuple[Wiki, files.Inventory]:
    """Read the pages of `settings` and return them as a wiki, with the files found; citations are not read."""
    with no_collection():
        inventory = find_pages(settings)
        reader = _page_reader(settings)
        read = map_all(reader, inventory.pages, jobs=jobs, report=progress or silent, phase="reading pages")
        return _wiki((page for page, _sources, _broken in read), inventory, settings), inventory


def find_pages(settings: Settings, *, snapshot: files.Snapshot | None = None, stamps: bool = False) -> files.Inventory:
    """Return the files of the wiki, on the disk or in a snapshot; with `stamps`, each page gets its stamp."""
    inventory = files.find_pages(
        settings.root,
        exclude=settings.exclude,
        gitignore=settings.respect_gitignore,
        bibliography=settings.bibliography,
        config_folder=settings.folder,
        follow_links=settings.follow_links,
        anywhere="bibliography" in settings.anywhere,
        snapshot=snapshot,
        stamps=stamps,
        dot_pages=ENGINES[settings.engine].dot_pages,
        suffixes=settings.suffixes,
    )
    return replace(inventory, absent=_find_absent(settings.root, snapshot))


def find_left_out(
    settings: Settings, inventory: files.Inventory, named: Iterable[str], *, snapshot: files.Snapshot | None = None
) -> dict[str, bool]:
    """Return files that exist and are not part of the wiki (see `files.find_left_out`)."""
    return files.find_left_out(settings.root, inventory, named, snapshot=snapshot, follow_links=settings.follow_links)


def _find_absent(root: Path, snapshot: files.Snapshot | None) -> tuple[str, ...]:
    """Return the folders of submodules that are not checked out.

    A snapshot lists them, whatever is on the disk; otherwise `.gitmodules` or git's index does.
    """
    if snapshot is not None:
        return tuple(sorted(snapshot.absent))
    if not files.may_have_gitlinks(root):
        return files.find_absent(root)
    from wikitools.git import find_gitlinks

    return tuple(sorted({*files.find_absent(root), *find_gitlinks(root)}))


def _wiki(
    pages: Iterable[Page] | Mapping[str, Page],
    inventory: files.Inventory,
    settings: Settings,
    heads: Mapping[str, Page | PageNames] | None = None,
) -> Wiki:
    return Wiki(
        pages,
        heads=heads,
        attachments=inventory.attachments,
        engine=settings.engine,
        anchors=settings.anchors or None,
        placeholders=settings.placeholders,
        absent=inventory.absent,
    )


def _named_elsewhere(pages: Iterable[Page], wiki: Wiki) -> Iterator[str]:
    """Yield the paths of dead links on these pages that may lead to files outside of the wiki."""
    for page in pages:
        for link in page.links:
            path = named_elsewhere(link, page.path, wiki)
            if path is not None:
                yield path


def named_elsewhere(link: PageLink, page: str, wiki: Wiki) -> str | None:
    """Return the path of a dead link on `page` that may lead to a file outside of the wiki; `None` for others."""
    if wiki.reach(link) is not None:
        return None
    if isinstance(link, MarkdownLink):
        path = unquote(split_url(link.url)[0].partition("?")[0])
    elif isinstance(link, Wikilink):
        # Without a dot only a page can be meant.
        path = spellings(wiki.read(link)[0])[0]
    else:
        return None
    if not path.strip("/") or len(path) >= _LONGEST_PATH or "\0" in path:
        return None
    return join_anywhere(folder_of(page), path)


_LONGEST_PATH = 1024


def _same_works(one: Sequence[Source], other: Sequence[Source]) -> bool:
    """Say whether two lists contain the same works, at whatever offsets."""
    return [replace(source, span=Span("", 0, 0)) for source in one] == [
        replace(source, span=Span("", 0, 0)) for source in other
    ]


def _is_called_otherwise(path: str, before: Wiki, now: Wiki) -> bool:
    """Say whether a page has another title or other aliases than before."""
    old, new = before.heads.get(path), now.heads[path]
    return old is None or (old.title, old.aliases) != (new.title, new.aliases)


def _bibliography(shared: Sequence[Source], notes: Mapping[str, tuple[Source, ...]], wiki: Wiki) -> Bibliography:
    heads = wiki.heads
    return Bibliography(
        join_notes(
            shared,
            (source for path in sorted(notes) for source in notes[path]),
            lambda: (TitledPage(path, heads[path].title, heads[path].aliases) for path in heads),
        )
    )


def unreadable_page(path: str, error: files.FileError) -> Page:
    """Return the page object for a page that cannot be read."""
    reason = str(error).removeprefix(f"{path}: ")
    problem = Problem(Span(path, 0, 0), "unreadable-page", f"the page cannot be read: {reason}")
    return Page(path, "", problems=(problem,))


# Work for processes


@dataclass(frozen=True, slots=True)
class _PageReader:
    root: Path
    limit: int
    snapshot: files.Snapshot | None = None
    dialect: Dialect = PLAIN
    follow_links: bool = False

    def __call__(self, path: str) -> _ReadPage:
        from wikitools.markdown.parse import read

        try:
            data = files.read_bytes(
                self.root, path, limit=self.limit, snapshot=self.snapshot, follow_links=self.follow_links
            )
        except files.FileError as error:
            page = unreadable_page(path, error)
            return _ReadPage(page, *read_notes([page]))
        page = read(path, data, self.dialect)
        return _ReadPage(page, *read_notes([page]))


def _page_reader(settings: Settings, snapshot: files.Snapshot | None = None) -> _PageReader:
    dialect = find_dialect(settings)
    return _PageReader(settings.root, settings.max_page_size, snapshot, dialect, settings.follow_links)


def find_dialect(settings: Settings) -> Dialect:
    """Return the dialect of Markdown of the wiki's pages."""
    engine = ENGINES[settings.engine]
    return dialect_of(engine.slugger, settings.anchors or None, links_first=engine.links_first)


class _ReadPage(NamedTuple):
    """A page that was read, and its sources. It is pickled as plain data, which is faster."""

    page: Page
    sources: tuple[Source, ...]
    problems: tuple[Problem, ...]

    def __reduce__(self) -> tuple[Callable[..., _ReadPage], tuple[object, ...]]:
        from wikitools.markdown.page_codec import NotPlainError, pack_page

        page = self.page
        try:
            return _arrived, (page.path, page.text, pack_page(page), self.sources, self.problems)
        except NotPlainError:
            return _ReadPage, (page, self.sources, self.problems)


def _arrived(
    path: str, text: str, packed: PackedPage, sources: tuple[Source, ...], problems: tuple[Problem, ...]
) -> _ReadPage:
    from wikitools.markdown.page_codec import unpack_page

    return _ReadPage(unpack_page(path, text, packed), sources, problems)


@dataclass(frozen=True, slots=True)
class _PageCiter:
    facts: Facts

    def __call__(self, path: str) -> tuple[Cited, ...]:
        return cite(self.facts.wiki.pages[path], self.facts)


@dataclass(frozen=True, slots=True)
class _Own:
    """The bibliographies that pages name in their front matter, by path."""

    sources: dict[str, tuple[Source, ...]]
    texts: dict[str, str]
    problems: list[Problem]
    """Problems in them, except in those that are shared as well, where they are reported already."""
    unreadable: dict[str, str]
    """Why some of them could not be read."""


def _read_own(
    settings: Settings, inventory: files.Inventory, pages: Iterable[Page], snapshot: files.Snapshot | None
) -> _Own:
    own = _Own({}, {}, [], {})
    for path in dict.fromkeys(path for page in pages for path in own_bibliography_paths(page)):
        try:
            text, sources, problems, _hash = read_bibliography(settings, path, None, snapshot, own=True)
        except files.FileError as error:
            own.unreadable[path] = str(error).removeprefix(f"{path}: ")
            continue
        own.sources[path], own.texts[path] = sources, text
        if path not in inventory.bibliographies:
            own.problems.extend(problems)
    return own


def unusable(page: Page, unreadable: Mapping[str, str]) -> Iterator[Problem]:
    """Yield a problem for each bibliography that the page names and that cannot be read."""
    for name, path in named_bibliographies(page):
        why = unreadable.get(path, "") if path else "it lies outside the wiki"
        if why:
            place = page.front_matter["bibliography"].span
            yield Problem(place, "malformed-source", f'the bibliography "{name}" cannot be read: {why}')
