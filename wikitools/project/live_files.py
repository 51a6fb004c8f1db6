"""Which files of a wiki came or went, and whether what happened to a path matters."""

from __future__ import annotations

import os
import stat
from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from typing import TYPE_CHECKING, NamedTuple

from wikitools import files
from wikitools.project import loading
from wikitools.sources.readers import BIBLIOGRAPHY_SUFFIXES
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.file_words import words_of_file, words_of_folders
from wikitools.wiki.paths import folder_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from wikitools.config import Settings

_AT_ONCE, _SHARE = 200, 0.1
"""Of more changed pages, or of so large a share of all that must be looked at, a new check is the shorter way."""
_MARKERS = frozenset({".gitignore", "CACHEDIR.TAG"})
"""Files that say of others whether they are part of the wiki."""


@dataclass(frozen=True, slots=True)
class Change:
    """What may have changed in a wiki, as far as it can be looked at without a new check."""

    pages: frozenset[str] = frozenset()
    """Pages that may have another text."""
    files: frozenset[str] = frozenset()
    """Files, or folders of files, that may have come or gone."""
    sources: frozenset[str] = frozenset()
    """Bibliographies that may have another text."""


class Changes:
    """Tells what a change of files means to a wiki that was looked at."""

    def __init__(self, settings: Settings, inventory: files.Inventory) -> None:
        self._settings = settings
        self._root = os.fspath(settings.root)
        self.take(inventory)

    def take(self, inventory: files.Inventory) -> None:
        """Take over which files there are."""
        self._inventory = inventory
        self._pages = frozenset(inventory.pages)
        self._attachments = frozenset(inventory.attachments)

    def concern(
        self, paths: Iterable[str], *, unsaved: Mapping[str, files.Unsaved], changed: Collection[str]
    ) -> Change | None:
        """Return what may have changed by what happened to `paths` (absolute); `None` when that may be anything.

        `unsaved` are texts in an editor, of which those at `changed` did.
        """
        found = {path for path in changed if path in self._pages}
        sources: set[str] = set()
        listed = {path for path in changed if path not in self._pages}
        for place in paths:
            path = os.path.relpath(place, self._root).replace(os.sep, "/")
            verdict = self._verdict(path, place, unsaved)
            if verdict is None:
                return None
            if verdict is _PAGE:
                found.add(path)
            elif verdict is _SOURCES:
                sources.add(path)
            elif verdict is _FILES:
                listed.add(path)
        if len(found) > _AT_ONCE:
            return None
        return Change(frozenset(found), frozenset(listed), frozenset(sources))

    def look(
        self, paths: Collection[str], unsaved: Mapping[str, files.Unsaved]
    ) -> tuple[files.Inventory, Listed] | None:
        """Return the files of the wiki, and which came and went, where only something at `paths` did.

        `None` when bibliographies, or what is left out, have changed as well.
        """
        inventory = self._inventory
        there = {path: self._is_there(path, unsaved) for path in paths}
        if inventory.has_links or None in there.values():
            now = find_files(self._settings, unsaved)
        else:
            pages, others = set(self._pages), set(self._attachments)
            for path, is_there in there.items():
                group = pages if _has_suffix(path, self._settings) else others
                (group.add if is_there else group.discard)(path)
            now = replace(inventory, pages=tuple(sorted(pages)), attachments=tuple(sorted(others)), stamps={})
        listed = compare(inventory, now)
        return None if listed is None else (now, listed)

    def _is_there(self, path: str, unsaved: Mapping[str, files.Unsaved]) -> bool | None:
        """Say whether a file is part of the wiki now; `None` when only a walk through the wiki can tell."""
        settings, folder = self._settings, folder_of(path)
        known = path in self._pages or path in self._attachments
        place = os.path.join(self._root, path)
        if not os.path.isdir(os.path.dirname(place)) or not (known or self._holds(folder)):
            # A folder that nobody has looked into.
            return None
        if os.path.lexists(place):
            if not _is_plain_file(place) or files.is_left_out(
                self._root, path, settings.exclude, gitignore=settings.respect_gitignore
            ):
                return None
            return True
        if not known and self._holds(path):
            return None
        return path in unsaved and _may_be_page(path, settings)

    def _holds(self, folder: str) -> bool:
        return not folder or any(
            _below(folder, paths) for paths in (self._inventory.pages, self._inventory.attachments)
        )

    def _verdict(self, path: str, place: str, unsaved: Mapping[str, files.Unsaved]) -> str | None:
        """Say what may be otherwise after something happened to `path`; `None`: everything."""
        if path == ".." or path.startswith("../"):
            return None
        if path in self._pages:
            return _PAGE if path in unsaved or _is_plain_file(place) else _FILES
        if path in self._attachments:
            if path.lower().endswith(BIBLIOGRAPHY_SUFFIXES):
                return _SOURCES if path in self._inventory.bibliographies and _is_plain_file(place) else None
            # Only that it is there counts.
            return _NOTHING if _is_plain_file(place) else _FILES
        if path.rpartition("/")[2] in _MARKERS:
            return None
        if files.is_hidden(path, dot_pages=ENGINES[self._settings.engine].dot_pages):
            return _NOTHING
        # What came and went before we looked, as editors' temporary files do, was never there.
        if os.path.lexists(place):
            return _FILES if not os.path.isdir(place) or _holds_files(place, self._pages, path) else _NOTHING
        excluded = self._inventory.excluded
        if path in excluded or f"{path}/" in excluded:
            return None
        return _FILES if self._holds(path) else _NOTHING


_PAGE, _SOURCES, _FILES, _NOTHING = "page", "sources", "files", "nothing"


def find_files(settings: Settings, unsaved: Mapping[str, files.Unsaved], *, stamps: bool = False) -> files.Inventory:
    """Return the files of the wiki, with the pages that are only in an editor yet."""
    inventory = loading.find_pages(settings, stamps=stamps)
    known = {*inventory.pages, *inventory.attachments}
    new = [path for path in unsaved if path not in known and _may_be_page(path, settings)]
    return replace(inventory, pages=tuple(sorted((*inventory.pages, *new)))) if new else inventory


def _has_suffix(path: str, settings: Settings) -> bool:
    """Say whether a file at this path is a page by its name."""
    return path.lower().endswith(tuple(each.lower() for each in settings.suffixes))


def _may_be_page(path: str, settings: Settings) -> bool:
    return (
        _has_suffix(path, settings)
        and not path.startswith(("../", "/"))
        and not files.is_hidden(path, dot_pages=ENGINES[settings.engine].dot_pages)
        and not files.is_left_out(
            os.fspath(settings.root), path, settings.exclude, gitignore=settings.respect_gitignore
        )
    )


def is_much(pages: int, of: int) -> bool:
    """Say whether a new check is shorter than looking at so many pages again."""
    return pages > max(_AT_ONCE, of * _SHARE)


class Listed(NamedTuple):
    """The files that came and those that went, sorted."""

    came: Sequence[str] = ()
    went: Sequence[str] = ()
    folders: frozenset[str] = frozenset()
    """The folders that came or went, or that have pages now, or none any more."""

    def words(self) -> set[str]:
        """Return the words that links have one of when they may lead elsewhere now."""
        found = words_of_folders(self.folders)
        return found.union(*map(words_of_file, (*self.came, *self.went)))


def compare(before: files.Inventory, now: files.Inventory) -> Listed | None:
    """Return which files came and went; `None` when bibliographies, or what is left out, have changed as well."""
    if _rest(before) != _rest(now):
        return None
    old_pages, new_pages = set(before.pages), set(now.pages)
    old_others, new_others = set(before.attachments), set(now.attachments)
    if old_pages & new_others or new_pages & old_others:
        return None
    came, went = (new_pages | new_others) - old_pages - old_others, (old_pages | old_others) - new_pages - new_others
    if len(came) + len(went) > _AT_ONCE or any(path.lower().endswith(BIBLIOGRAPHY_SUFFIXES) for path in (*came, *went)):
        return None
    return Listed(sorted(came), sorted(went), frozenset(_other_folders(before, now, (*came, *went))))


def _rest(inventory: files.Inventory) -> files.Inventory:
    return replace(inventory, pages=(), attachments=(), stamps={})


def _other_folders(before: files.Inventory, now: files.Inventory, changed: Iterable[str]) -> Iterator[str]:
    """Yield the folders around these files that came or went, and, after a slash, those with pages now, or none now."""
    for path in changed:
        folder = folder_of(path)
        if _has_pages(folder, before.pages) != _has_pages(folder, now.pages):
            yield f"/{folder}"
        while folder:
            was, is_there = (
                any(_below(folder, paths) for paths in (each.pages, each.attachments)) for each in (before, now)
            )
            if was != is_there:
                yield folder
            folder = folder_of(folder)


def _below(folder: str, paths: Sequence[str]) -> bool:
    """Say whether any of these sorted paths is in a folder, however deep."""
    place = bisect_left(paths, f"{folder}/")
    return place < len(paths) and paths[place].startswith(f"{folder}/")


def _has_pages(folder: str, pages: Sequence[str]) -> bool:
    """Say whether any of these sorted paths is in a folder itself."""
    start = f"{folder}/" if folder else ""
    inside = takewhile(lambda path: path.startswith(start), islice(pages, bisect_left(pages, start), None))
    return any("/" not in path[len(start) :] for path in inside)


def _is_plain_file(place: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(place).st_mode)
    except OSError:
        return False


def _holds_files(place: str, pages: Collection[str], path: str) -> bool:
    """Say whether a folder that something happened to is new, and has something in it."""
    below = f"{path}/"
    if any(each.startswith(below) for each in pages):
        # What happened in it is told of the files themselves, and looked for when it is quiet.
        return False
    return any(names for _folder, _folders, names in os.walk(place))
