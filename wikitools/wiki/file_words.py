"""The words by which files are found: a file that comes or goes affects only links that have one of its words.

Where an engine goes by paths, a link that may lead to a file, or to its folder by way of this file, shares a word with
it, and most links that share one lead there. Words consist of what every engine keeps of names (`letters`). Names that
engines read from pages, as Logseq does, are recorded differently (`project/noted_index.py`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wikitools.markdown.page import KIND, MARKDOWN, URL, WIKILINK, rows_of
from wikitools.wiki.candidates import letters, names_in, names_of_file
from wikitools.wiki.lazy_pages import UnknownError
from wikitools.wiki.names_index import id_of
from wikitools.wiki.paths import base_name, folder_of, join_anywhere
from wikitools.wiki.resolution import Ambiguous

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wikitools.markdown.page import Page, PageLink
    from wikitools.wiki.wiki import Wiki

_INDEX_PAGES = frozenset(("index", "readme"))
"""Pages that stand for their folder, by their letters: the folder is what tells them apart."""
_MANY = "*"
"""The word of a name with a wildcard, which any page may fit."""
_FOLDERS = "/"
"""The word of all folders: which one of several files a link means may depend on them."""


def words_of_file(path: str) -> frozenset[str]:
    """Return the words that links to a file have one of.

    >>> sorted(words_of_file("notes/Salt lake.md")), sorted(words_of_file("a/index.md"))
    (['*', 'saltlake'], ['*', 'a', 'aindex', 'index'])
    """
    found = {_MANY, *filter(None, (id_of(path),))}
    for name in names_of_file(path):
        word = letters(name)
        found.add(word)
        if word in _INDEX_PAGES:
            folder = letters(base_name(folder_of(path)))
            found.update((folder, folder + word))
    return frozenset(found)


def words_of_folders(folders: Iterable[str]) -> set[str]:
    """Return the words that links have one of when it matters to them that these folders are there.

    >>> sorted(words_of_folders(["a/Salt lakes"])), words_of_folders([])
    (['/', 'saltlakes'], set())
    """
    found = {letters(base_name(folder)) for folder in folders}
    return {_FOLDERS, *found} if found else found


def words_asked(path: str, folder: str = "") -> frozenset[str]:
    """Return the words of a path, or a name, that is looked for on a page in `folder`.

    >>> sorted(words_asked("notes/Salt lake.md")), sorted(words_asked("../", "a/b"))
    (['saltlake'], ['a'])
    """
    steps = [step for step in path.split("/") if step not in ("", ".", "..")]
    if not steps or path.endswith(("/.", "/..")) or path in (".", ".."):
        steps = join_anywhere(folder, path).split("/")
    if steps[-1].endswith(_MANY):
        return frozenset((_MANY,))
    words = frozenset((*map(letters, names_of_file(steps[-1])), *filter(None, (id_of(steps[-1]),))))
    if len(steps) > 1 and not words.isdisjoint(_INDEX_PAGES):
        before = letters(steps[-2])
        return frozenset(before + word if word in _INDEX_PAGES else word for word in words)
    return words


def words_on(page: Page, wiki: Wiki) -> tuple[str, ...]:
    """Return the words of all files that links on a page may lead to, sorted."""
    folder = folder_of(page.path)
    found: set[str] = set()
    targets, doubtful = wiki.plain_targets(page)
    # Plain links are spelled like the file they lead to.
    for target in filter(None, set(targets)):
        found |= _words_of_target(target)
    rows = rows_of(page.links)
    for number in doubtful:
        row = rows[number]
        if row[KIND] == WIKILINK:
            _kind, _start, _end, target, anchor, label, _flags, written = row
            found |= _words_of_wikilink(target, anchor, label, written or "", folder if ".." in target else "")
        elif row[KIND] == MARKDOWN:
            url = row[URL]
            found |= _words_of_url(url, folder if url.endswith((".", "/")) else "")
        if _FOLDERS not in found and _is_ambiguous(page.links[number], wiki):
            found.add(_FOLDERS)
    for link in page.wrapped:
        # Plain text, but what is said of it depends on where it would lead.
        whole, base = link.whole or "", folder if ".." in link.target else ""
        found |= _words_of_wikilink(link.target, link.anchor, link.label, whole, base)
    for definition in page.definitions:
        found |= _words_of_url(definition.url, folder)
    return tuple(sorted(found))


def _is_ambiguous(link: PageLink, wiki: Wiki) -> bool:
    try:
        return isinstance(wiki.reach(link), Ambiguous)
    except UnknownError:
        return False


@lru_cache(maxsize=1 << 16)
def _words_of_target(path: str) -> frozenset[str]:
    return words_asked(path)


@lru_cache(maxsize=1 << 15)
def _words_of_wikilink(target: str, anchor: str | None, label: str | None, whole: str, folder: str) -> frozenset[str]:
    names = {*names_in((target, anchor, label, folder)), whole}
    names.update(part.partition(">")[0].rpartition("dendron://")[2] for part in tuple(names))
    return frozenset(word for name in names if name for word in words_asked(name, folder))


@lru_cache(maxsize=1 << 15)
def _words_of_url(url: str, folder: str) -> frozenset[str]:
    return frozenset(word for path in _paths_in(url) for word in words_asked(path, folder))


def _paths_in(url: str) -> Iterator[str]:
    """Yield the paths that the destination of a link may name."""
    path = url.partition("#")[0]
    for written in {path, path.partition("?")[0]}:
        for each in {written, unquote(written)}:
            if each:
                yield each
                yield each.removeprefix("[[").removesuffix("]]")
