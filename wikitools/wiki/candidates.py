"""The files that links may mean under any engine: those whose names are alike but for signs, case and folders."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wikitools.wiki.engines import TOLD
from wikitools.wiki.index import base_name, fold, folder_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wikitools.wiki.compare import Written
    from wikitools.wiki.index import Index

_SIGNS = re.compile(r"[\W_]+")
_SUFFIX = re.compile(r"\.(?:md|markdown|html|org)\Z", re.IGNORECASE)
_PARTS = re.compile(r"[,\[\]]+")
_CROWD = 20
"""Of files with one name that are more, those count whose folder is named as well, or holds the page with the link."""
_ALWAYS = ("logseq/config.edn",)
"""What marks the folder of a graph."""


def letters(name: str) -> str:
    """Return what every engine keeps of a name: letters and digits, in lower case.

    >>> letters("Q&A: 50% off"), letters("q-and-a-50-percent-off")
    ('qanda50percentoff', 'qanda50percentoff')
    """
    folded = fold(name)
    if "&" in folded or "%" in folded:
        folded = folded.replace("&", "and").replace("%", "percent")
    return _SIGNS.sub("", folded)


def files_meant(index: Index, links: Iterable[Written]) -> frozenset[str]:
    """Return the files that any of these links may lead to under any engine; there may be more than any engine finds.

    Names are file names, titles, aliases, and what else engines take from pages. A folder is stood for by a file in it.
    """
    wanted: set[str] = set()
    near: set[str] = set()
    for link in links:
        folder = link[-1]
        while folder not in near:
            near.add(folder)
            folder = folder_of(folder)
        for name in _names_in(link):
            parts = name.split("/")
            keys = list(map(letters, parts))
            wanted.update(keys)
            wanted.update("".join(keys[start:]) for start in range(len(keys) - 1))
    wanted.discard("")
    named: dict[str, list[str]] = defaultdict(list)
    folders: dict[str, str] = {}
    for path in (*sorted(index.pages), *sorted(index.attachments)):
        folders.setdefault(folder_of(path), path)
        for name in _names_of(path):
            if (key := letters(name)) in wanted:
                named[key].append(path)
    for path, page in index.pages.items():
        for name in (page.title, *page.aliases):
            if (key := letters(name)) in wanted:
                named[key].append(path)
    for tell in TOLD:
        for path, told in index.told(tell).items():
            for name in told:
                for part in (name, *_PARTS.split(name)):
                    if (key := letters(part)) in wanted:
                        named[key].append(path)
    found = set(index.attachments.intersection(_ALWAYS))
    for paths in named.values():
        found.update(sorted(set(paths), key=lambda path: (len(path), path))[:_CROWD])
        found.update(
            path for path in paths[_CROWD:] if folder_of(path) in near or letters(base_name(folder_of(path))) in wanted
        )
    for folder, path in folders.items():
        if folder in near or any(letters(part) in wanted for part in folder.split("/")):
            found.add(path)
    return frozenset(found)


def _names_in(link: Written) -> Iterator[str]:
    """Yield the names that a link may be read as."""
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


def _names_of(path: str) -> Iterator[str]:
    """Yield the names by which a file may be found: with its suffix, unless that is a page's, and without."""
    name = base_name(path)
    bare = _SUFFIX.sub("", name)
    yield bare
    if bare == name and "." in name:
        yield name.rpartition(".")[0]
    if "%" in bare:
        yield unquote(bare)
