"""Which files of a wiki came or went, and whether what happened to a path matters."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from wikitools import files
from wikitools.project import loading
from wikitools.sources.readers import BIBLIOGRAPHY_SUFFIXES
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.file_words import words_of_file, words_of_folders
from wikitools.wiki.paths import folder_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

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
    files: bool = False
    """Whether files may have come or gone."""
    sources: frozenset[str] = frozenset()
    """Bibliographies that may have another text."""
    outside: frozenset[str] = frozenset()
    """Paths that links name, whether or not they are part of the wiki: if they are none, other things may change."""


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
        self,
        paths: Iterable[str],
        *,
        unsaved: Mapping[str, files.Unsaved],
        changed: Collection[str],
        named_elsewhere: Collection[str],
    ) -> Change | None:
        """Return what may have changed by what happened to `paths` (absolute); `None` when that may be anything.

        `unsaved` are texts in an editor, of which those at `changed` did; `named_elsewhere` are the paths of dead
        links.
        """
        found = {path for path in changed if path in self._pages}
        outside: set[str] = set()
        sources: set[str] = set()
        listing = len(found) < len(changed)
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
                listing = True
                if any(each == path or each.startswith(f"{path}/") for each in named_elsewhere):
                    outside.add(path)
        if len(found) > _AT_ONCE:
            return None
        return Change(frozenset(found), listing, frozenset(sources), frozenset(outside))

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
        below = f"{path}/"
        inventory = self._inventory
        if path in inventory.excluded or below in inventory.excluded:
            return None
        known = any(each.startswith(below) for each in (*inventory.pages, *inventory.attachments))
        return _FILES if known else _NOTHING


_PAGE, _SOURCES, _FILES, _NOTHING = "page", "sources", "files", "nothing"


def find_files(settings: Settings, unsaved: Mapping[str, files.Unsaved], *, stamps: bool = False) -> files.Inventory:
    """Return the files of the wiki, with the pages that are only in an editor yet."""
    inventory = loading.find_pages(settings, stamps=stamps)
    known = {*inventory.pages, *inventory.attachments}
    new = [path for path in unsaved if path not in known and _may_be_page(path, settings)]
    return replace(inventory, pages=tuple(sorted((*inventory.pages, *new)))) if new else inventory


def _may_be_page(path: str, settings: Settings) -> bool:
    return (
        path.lower().endswith(files.PAGE_SUFFIXES)
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
    return Listed(sorted(came), sorted(went), _folders(before) ^ _folders(now) if came or went else frozenset())


def _rest(inventory: files.Inventory) -> files.Inventory:
    return replace(inventory, pages=(), attachments=(), stamps={})


def _folders(inventory: files.Inventory) -> frozenset[str]:
    """Return all folders that anything lies in, however deep, and, with a slash before them, those with pages."""
    pages = {folder_of(path) for path in inventory.pages}
    found: set[str] = set()
    for folder in {*pages, *map(folder_of, inventory.attachments)}:
        each = folder
        while each and each not in found:
            found.add(each)
            each = folder_of(each)
    return frozenset((*found, *(f"/{folder}" for folder in pages)))


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
