"""Finds the files of a wiki: in its folder, or in a snapshot as if they were in a folder."""

from __future__ import annotations

import heapq
import os
from bisect import bisect_left
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wikitools.files.bibliographies import BibliographyFinder, is_bibliography, why_refused
from wikitools.files.failure import FileError, OutsideError
from wikitools.files.ignored import Ignored
from wikitools.files.inventory import Inventory, real_path, stamp_from
from wikitools.files.read import read_head
from wikitools.files.real_paths import find_boundary, is_inside, resolve, within
from wikitools.sources.readers import BIBLIOGRAPHY_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wikitools.files.inventory import Snapshot, Stamp

PAGE_SUFFIXES = (".md", ".markdown")

SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})
_OLD_COPIES = ("logseq/bak", "logseq/version-files")
"""Folders, from the root, in which Logseq keeps old versions of pages, which readers never see."""


def find_pages(
    root: Path,
    *,
    exclude: Sequence[str] = (),
    gitignore: bool = True,
    bibliography: Sequence[str] | None = None,
    config_folder: Path | None = None,
    snapshot: Snapshot | None = None,
    stamps: bool = False,
    dot_pages: bool = False,
    follow_links: bool = False,
    anywhere: bool = False,
    suffixes: Sequence[str] = PAGE_SUFFIXES,
) -> Inventory:
    """Return the files under `root`, or those that a snapshot has there.

    Hidden files and folders, `node_modules` and `__pycache__` are left out, then what `.gitignore` files (nested ones,
    those above the root up to the repository's, and `.git/info/exclude`) and the `exclude` patterns (gitignore syntax,
    relative to the root) say. `bibliography` lists paths and globs relative to `config_folder` (default: the root);
    with `None` wikitools searches for them. A `.gitignore` does not leave out what a snapshot lists. With `stamps`,
    each page gets its stamp. With `dot_pages`, the name of a page may start with a dot. Symbolic links that leave the
    repository are followed only with `follow_links`, and named bibliographies may be outside of it only with
    `anywhere`. Names of pages end with one of `suffixes`, in whatever case. Raises `FileError` if `root` is no folder
    or a named bibliography does not exist.
    """
    top = os.fspath(root)
    if not os.path.isdir(top):
        raise FileError(f"{top}: no such folder")
    ignored = Ignored(top, exclude, gitignore=gitignore, snapshot=snapshot)
    pages: list[str] = []
    others: list[str] = []
    ends = tuple(each.lower() for each in suffixes)
    walk = _Walk(top, ignored, stamped=ends if stamps else (), dot_pages=dot_pages, follow_links=follow_links)
    found = tuple(walk.files()) if snapshot is None or snapshot.beside else ()
    untracked: tuple[str, ...] = ()
    if snapshot is not None:
        known = tuple(file for file in found if _is_listed(file, top, snapshot))
        untracked = tuple(sorted({file.path for file in found} - {file.path for file in known}))
        more = _sparse(snapshot, known, dot_pages) if snapshot.on_disk else walk.listed(snapshot)
        found = (*known, *more) if snapshot.on_disk else tuple(more)
    again = _second_paths(found)
    for each in found:
        is_page = each.path.lower().endswith(ends) and each.path not in again
        (pages if is_page else others).append(each.path)
    if bibliography is None:
        candidates = sorted(path for path in others if path not in again)
        if snapshot is not None:
            snapshot.fetch(path for path in candidates if path.lower().endswith(BIBLIOGRAPHY_SUFFIXES))
        bibliographies = tuple(
            path
            for path in candidates
            if is_bibliography(root, path, snapshot, follow_links) and not why_refused(root, path, snapshot)
        )
    else:
        folder = top if config_folder is None else os.fspath(config_folder)
        look = BibliographyFinder(folder, top, snapshot, anywhere=anywhere, follow_links=follow_links)
        bibliographies = look.named(bibliography)
    return Inventory(
        pages=tuple(sorted(pages)),
        attachments=tuple(sorted(others)),
        bibliographies=bibliographies,
        discovered=bibliography is None,
        excluded=tuple(sorted(ignored.excluded)),
        ignored=tuple(sorted(ignored.by_git)),
        untracked=untracked,
        unfollowed=tuple(sorted(set(walk.unfollowed))),
        has_links=any(each.linked for each in found),
        unread=tuple(ignored.unread),
        stamps={each.path: each.stamp for each in found if each.stamp is not None},
    )


class _File(NamedTuple):
    """A file that the walk found."""

    path: str
    """Relative to the root and POSIX."""
    real: str
    """Its real path, with links followed."""
    linked: bool
    """Whether a link led here: to the file, or to a folder above it."""
    stamp: Stamp | None = None


def _second_paths(found: Iterable[_File]) -> frozenset[str]:
    """Return the paths of files that have a better path: the one without links, else the first by name.

    A page with two paths would be reported, and rewritten, twice.
    """
    linked = [file for file in found if file.linked]
    best = {file.real: file.path for file in found if not file.linked} if linked else {}
    again = set()
    for file in sorted(linked, key=lambda file: file.path):
        if best.setdefault(file.real, file.path) != file.path:
            again.add(file.path)
    return frozenset(again)


def _is_listed(file: _File, top: str, snapshot: Snapshot) -> bool:
    """Say whether a snapshot has the file, or the one that its links lead to."""
    if file.path in snapshot.files or not file.linked:
        return file.path in snapshot.files
    return os.path.relpath(file.real, os.path.realpath(top)).replace(os.sep, "/") in snapshot.files


def _sparse(snapshot: Snapshot, found: Iterable[_File], dot_pages: bool) -> Iterator[_File]:
    """Yield the files whose content is in the snapshot because they are not on the disk."""
    there = {file.path for file in found}
    for path in sorted({*snapshot.contents, *snapshot.sizes} - there):
        if not path.startswith("../") and not is_hidden(path, dot_pages=dot_pages):
            yield _File(path, path, linked=False)


def is_hidden(path: str, *, dot_pages: bool = False) -> bool:
    """Say whether this path cannot be a page, whatever is there.

    With `dot_pages`, a page's name may start with a dot.
    """
    *folders, name = path.split("/")
    if dot_pages and _is_dot_page(name):
        name = ""
    return any(each.startswith(".") or each in SKIPPED_FOLDERS for each in (*folders, name)) or path.startswith(
        tuple(f"{folder}/" for folder in _OLD_COPIES)
    )


def _is_dot_page(name: str) -> bool:
    """Say whether a name that starts with a dot is that of a page; macOS keeps other data in `._Page.md`."""
    return name.startswith(".") and name.lower().endswith(PAGE_SUFFIXES) and name.count(".") > 1 and name[1] not in "._"


class _Walk:
    """A walk through the files of a wiki, on the disk or in a snapshot."""

    def __init__(
        self, top: str, ignored: Ignored, *, stamped: tuple[str, ...], dot_pages: bool, follow_links: bool
    ) -> None:
        self.unfollowed: list[str] = []
        """Symbolic links that lead out of the boundary."""
        self._top = top
        self._real_top = os.path.realpath(top)
        self._boundary = find_boundary(top)
        self._ignored = ignored
        self._stamped = stamped
        self._dot_pages = dot_pages
        self._follow_links = follow_links

    def files(self) -> Iterator[_File]:
        """Yield the files under the top, each folder that links lead to at most once, so loops of links end."""
        seen = {self._real_top}
        # A folder to visit: its path relative to the root, its real path, and whether a link led there.
        pending = [("", self._real_top, False)]
        while pending:
            folder, here, behind_link = pending.pop()
            self._ignored.enter(folder)
            begin = os.path.join(here, "")
            inside: list[tuple[str, str, bool]] = []
            for entry, is_folder, is_file in self._entries(folder):
                name = entry.name
                path = f"{folder}/{name}" if folder else name
                linked = entry.is_symlink()
                if is_file:
                    real = os.path.realpath(entry.path) if linked else begin + name
                    stamp = _stamp_of(entry) if name.lower().endswith(self._stamped) else None
                    yield _File(path, real, linked or behind_link, stamp)
                elif is_folder and linked:
                    inner = os.path.realpath(entry.path)
                    # A link back into the wiki would show its pages twice.
                    if not (within(inner, self._real_top) or within(self._real_top, inner) or inner in seen):
                        seen.add(inner)
                        inside.append((path, inner, True))
                elif is_folder:
                    inside.append((path, begin + name, behind_link))
            # Sorted by name, so that the first of several links to one folder is followed, as in `listed`.
            pending += reversed(inside)

    def _entries(self, folder: str) -> Iterator[tuple[os.DirEntry[str], bool, bool]]:
        """Yield the entries of a folder that are part of the wiki, each with whether it is a folder or a file."""
        ignored = self._ignored
        silent = ignored.is_silent(folder)
        try:
            with os.scandir(os.path.join(self._top, folder)) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError:
            # A folder that may not be listed has no pages; a path in it on the command line gets a message.
            ignored.excluded.append(folder + "/")
            return
        if folder and any(entry.name == _CACHE_TAG for entry in entries) and self._is_our_cache(folder):
            return
        for entry in entries:
            name = entry.name
            if name in SKIPPED_FOLDERS or (name.startswith(".") and not (self._dot_pages and _is_dot_page(name))):
                continue
            path = f"{folder}/{name}" if folder else name
            if path in _OLD_COPIES:
                continue
            if entry.is_symlink() and not self._may_follow(entry.path):
                # The target is not accessed at all.
                if silent or not any(ignored.leaves_out(path, is_folder=each) for each in (False, True)):
                    self.unfollowed.append(path)
                continue
            is_folder, is_file = _kind(entry)
            if is_folder and name.startswith("."):
                continue
            if silent or not ignored.leaves_out(path, is_folder=is_folder):
                yield entry, is_folder, is_file

    def _may_follow(self, link: str) -> bool:
        try:
            real = resolve(link)
        except OutsideError:
            return False
        return self._follow_links or is_inside(real, self._boundary)

    def _is_our_cache(self, folder: str) -> bool:
        """Say whether a folder is a cache of wikitools, wherever the user put it."""
        head = read_head(Path(self._top), f"{folder}/{_CACHE_TAG}", _TAG_SIZE, follow_links=self._follow_links)
        return b"made by wikitools" in head

    def listed(self, snapshot: Snapshot) -> Iterator[_File]:
        """Yield the files of a snapshot, as they would be found on the disk; links are followed in the same way.

        Each folder is entered by one link only: of several, by the one that `files` finds first.
        """
        below = sorted(snapshot.files)
        seen: set[str] = set()
        # Links to folders outside of the root, in the order in which `files` finds them, each with its target.
        links: list[tuple[list[str], str, str]] = []
        yield from self._listed_in("", "", below, snapshot, links)
        while links:
            folders, name, target = heapq.heappop(links)
            if target not in seen:
                seen.add(target)
                path = "/".join((*folders, name))
                yield from self._listed_in(f"{path}/", f"{target}/", below, snapshot, links)

    def _listed_in(
        self, shown: str, place: str, below: Sequence[str], snapshot: Snapshot, links: list[tuple[list[str], str, str]]
    ) -> Iterator[_File]:
        """Yield the files of the folder `place` under the path `shown`; add the `links` to folders outside of the root.

        Both paths end with a slash, or are empty for the root. `below` are all files of the snapshot, sorted.
        """
        for each in islice(below, bisect_left(below, place), None):
            if not each.startswith(place):
                return
            path = shown + each[len(place) :]
            if (not place and each.startswith("../")) or each in snapshot.folders:
                continue
            if is_hidden(path, dot_pages=self._dot_pages) or self._ignored.excludes(path):
                continue
            if each not in snapshot.links:
                yield _File(path, each, linked=bool(place))
                continue
            target = real_path(each, snapshot)
            if target in snapshot.folders:
                # A link back into the wiki, or to a folder around it, would show its pages twice.
                outside = target.startswith("../") and target.rpartition("/")[2] != ".."
                if outside and not (is_hidden(f"{path}/") or self._ignored.excludes(path, is_folder=True)):
                    *folders, name = path.split("/")
                    heapq.heappush(links, (folders, name, target))
            elif target in snapshot.files and target not in snapshot.links:
                yield _File(path, target, linked=True)
            elif not is_inside(os.path.normpath(os.path.join(self._real_top, target)), self._boundary):
                self.unfollowed.append(path)


def _kind(entry: os.DirEntry[str]) -> tuple[bool, bool]:
    """Say whether an entry, with links followed, is a folder or a file; a link in a circle is neither."""
    try:
        return entry.is_dir(), entry.is_file()
    except OSError:
        return False, False


def _stamp_of(entry: os.DirEntry[str]) -> Stamp | None:
    try:
        status = entry.stat()
    except OSError:
        return None
    return stamp_from(status)


_CACHE_TAG = "CACHEDIR.TAG"
_TAG_SIZE = 4096
