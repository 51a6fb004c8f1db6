"""The files that links may mean under any engine: names that differ only in punctuation, case and folders."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wikitools.wiki.engines import TOLD
from wikitools.wiki.names_index import fold
from wikitools.wiki.paths import base_name, folder_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wikitools.wiki.engine_counts import Written
    from wikitools.wiki.names_index import Index

_SIGNS = re.compile(r"[\W_]+")
_SUFFIX = re.compile(r"\.(?:md|markdown|html|org)\Z", re.IGNORECASE)
_PARTS = re.compile(r"[,\[\]]+")
_CROWD = 20
"""If more files than this have one name, only those count whose folder the link names or which are next to the page."""
_ALWAYS = ("logseq/config.edn",)
"""The file that marks the folder of a Logseq graph."""


def letters(name: str) -> str:
    """Return the part of a name that every engine compares: letters and digits, in lower case.

    >>> letters("Q&A: 50% off"), letters("q-and-a-50-percent-off")
    ('qanda50percentoff', 'qanda50percentoff')
    """
    folded = fold(name)
    if "&" in folded or "%" in folded:
        folded = folded.replace("&", "and").replace("%", "percent")
    return _SIGNS.sub("", folded)


class Candidates:
    """The files of an index, by the letters of their names."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._named: dict[str, list[str]] = defaultdict(list)
        self._folders: dict[str, str] = {}
        """A file in each folder."""
        for path in (*sorted(index.pages), *sorted(index.attachments)):
            self._folders.setdefault(folder_of(path), path)
            self._add(path, names_of_file(path))
        for path, page in index.pages.items():
            self._add(path, (page.title, *page.aliases))
        for tell in TOLD:
            for path, told in index.told(tell).items():
                for name in told:
                    self._add(path, (name, *_PARTS.split(name)))

    def _add(self, path: str, names: Iterable[str]) -> None:
        for name in names:
            self._named[letters(name)].append(path)

    def meant(self, links: Iterable[Written]) -> frozenset[str]:
        """Return the files that any of these links may lead to under any engine, and perhaps more.

        Names are file names, titles, aliases, and other names that engines read from pages. A folder is represented by
        a file in it.
        """
        wanted: set[str] = set()
        near: set[str] = set()
        for link in links:
            folder = link[-1]
            while folder not in near:
                near.add(folder)
                folder = folder_of(folder)
            for name in names_in(link):
                keys = list(map(letters, name.split("/")))
                wanted.update(keys)
                wanted.update("".join(keys[start:]) for start in range(len(keys) - 1))
        wanted.discard("")
        found = set(self._index.attachments.intersection(_ALWAYS))
        for key in wanted & self._named.keys():
            paths = sorted(set(self._named[key]), key=lambda path: (len(path), path))
            found.update(paths[:_CROWD])
            for path in paths[_CROWD:]:
                folder = folder_of(path)
                if folder in near or letters(base_name(folder)) in wanted:
                    found.add(path)
        for folder, path in self._folders.items():
            if folder in near or any(letters(part) in wanted for part in folder.split("/")):
                found.add(path)
        return frozenset(found)


def names_in(link: Written) -> Iterator[str]:
    """Yield the names that an engine may read in a link."""
    *halves, _folder = link
    target, anchor, label = (*halves, None, None)[:3]
    written = {half for half in (target, label) if half}
    if target and label:
        written.add(f"{target}|{label}")
    if anchor:
        written.update({anchor, f"{target}#{anchor}"})
    for name in tuple(written):
        written.add(name.partition("#")[0])
        if "%" in name:
            written.add(unquote(name))
    for name in written:
        if name:
            yield _SUFFIX.sub("", name.strip().rstrip("/"))


def names_of_file(path: str) -> Iterator[str]:
    """Yield the names by which a file may be found: without its suffix and, unless it is a page, with it."""
    name = base_name(path)
    bare = _SUFFIX.sub("", name)
    yield bare
    if bare == name and "." in name:
        yield name.rpartition(".")[0]
    if "%" in bare:
        yield unquote(bare)
