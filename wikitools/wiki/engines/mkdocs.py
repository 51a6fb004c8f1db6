"""MkDocs with the plugins roamlinks (names without dashes and spaces) or ezlinks (slugs, names, path endings)."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from wikitools.markdown.slugs import python_markdown_slugs
from wikitools.wiki.anchors import find_slug, find_slugged
from wikitools.wiki.engines.engine import Engine, first_at, resolve_relative, write_shortest
from wikitools.wiki.names_index import FilesByName, FilesByPath, compose
from wikitools.wiki.paths import base_name, join
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Reason, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wikitools.wiki.names_index import Index

_IN_NO_ANCHOR = re.compile(r"[^\w\u4e00-\u9fff\- ]+")
_BLANKS = re.compile(r" +")


def roamlinks_anchor(title: str) -> str:
    """Return the fragment that roamlinks makes from the text after the `#`."""
    return _BLANKS.sub("-", _IN_NO_ANCHOR.sub("", title.strip().lower()))


def _simplified(name: str) -> str:
    return compose(name).lower().replace("-", "").replace("_", "").replace(" ", "").replace(".md", "")


@FilesByName
def _simplified_names(_index: Index, path: str) -> Iterable[str]:
    return (_simplified(base_name(path)),)


def resolve_roamlinks(index: Index, target: str, _folder: str) -> Resolution[str]:
    """Return the file that the roamlinks plugin (0.3) links to.

    A name is compared with the names of all files, without blanks, dashes and underscores, in lower case. A target with
    a slash is an exact path from the root; `.md` is added if it has no dot. Paths that start with `../` are read from
    the root too.
    """
    if "/" in target:
        path = join("", target.removeprefix("/"))
        if path is None:
            return Missing(why=Reason.OUTSIDE_ROOT)
        return first_at(index.by(compose), (path if "." in target else path + ".md",), "path from the root")
    found = index.table(_simplified_names).get(_simplified(target), ())
    if not found or not _simplified(target):
        return Missing()
    # The plugin walks the folder and keeps the last match, so that one comes first here.
    return Found(found[0], "name without blanks and dashes") if len(found) == 1 else Ambiguous(found[::-1])


def resolve_mkdocs_path(index: Index, path: str, folder: str) -> Resolution[str]:
    """Return what a Markdown link leads to in MkDocs: exactly that file, or a folder."""
    return resolve_relative(index, path, folder, compose, suffixes=("",))


def resolve_roamlinks_path(index: Index, path: str, folder: str) -> Resolution[str]:
    """Return the same; the bare name of a page or picture is found in any folder."""
    found = resolve_mkdocs_path(index, path, folder)
    if isinstance(found, Missing) and "/" not in path and path.endswith((".md", ".png", ".jpg")):
        several = tuple(sorted(index.by(compose).ending(path), reverse=True))
        if several:
            return Found(several[0], "unique name") if len(several) == 1 else Ambiguous(several)
    return found


ROAMLINKS = Engine(
    name="mkdocs-roamlinks",
    summary="names without spaces, dashes and underscores, case-insensitive; paths from the root",
    resolve=resolve_roamlinks,
    resolve_path=resolve_roamlinks_path,
    paths_first=True,
    find_anchor=find_slugged(roamlinks_anchor, hashes=True),
    find_fragment=find_slug,
    write=write_shortest(resolve_roamlinks),
    slugger=python_markdown_slugs,
    one_space=True,
    by_names=True,
    links_before_tables=True,
)

_IN_NO_TARGET = re.compile(r"[^/^\w\u4e00-\u9fff\- ]+")
_SUFFIX = re.compile(r"(?<=[^/.])\.[^./]*\Z")


def ezlinks_slug(target: str) -> str:
    """Return the slug that ezlinks searches for a wikilink's target: lower case, dashes for blanks, no dots.

    >>> ezlinks_slug("Page Name"), ezlinks_slug("Folder/Note v1.2")
    ('page-name', 'folder/note-v12')
    """
    return _IN_NO_TARGET.sub("", target.lower().replace(" ", "-"))


def _stem(path: str) -> str:
    return compose(_SUFFIX.sub("", path))


_by_stem = FilesByPath(_stem, asked=compose)


def _ending(index: Index, wanted: str) -> tuple[str, ...]:
    """Return the files whose paths, with or without their suffix, end with `wanted`."""
    return tuple(dict.fromkeys((*index.by(compose).ending(wanted), *index.table(_by_stem).ending(wanted))))


def resolve_ezlinks_path(index: Index, path: str, folder: str) -> Resolution[str]:
    """Return the file that a path leads to with the ezlinks plugin (0.1.14); case counts.

    A path that starts with `/` is read from the root. Any other path is read from the page's folder. If there is no
    such file, ezlinks takes the only file with that name, whatever folder was written, else one whose path ends with
    the path, preferring one that shares the page's folders. Any suffix may be left out in these two cases.
    """
    files, stems = index.by(compose), index.table(_by_stem)
    beside = resolve_relative(index, path, folder, compose, suffixes=("",))
    if path.startswith("/") or not isinstance(beside, Missing):
        return beside
    # Many files may have the same name, and links to it may be on many pages.
    ending = partial(index.remember, _ending)
    name = base_name(path.rstrip("/"))
    if not name or name in (".", ".."):
        return beside
    named = ending(name)
    if len(named) == 1:
        return Found(named[0], "unique name")
    found = ending(path) if "/" in path else named
    exact = files.exact(path) or stems.exact(path)
    if exact:
        return Found(exact[-1], "path from the root")
    if not found:
        return beside
    if len(found) == 1:
        return Found(found[0], "path ending")
    wanted = path
    for part in reversed(folder.split("/")[-_DEPTH:]):
        wanted = f"{part}/{wanted}"
        near = ending(wanted)
        if len(near) == 1:
            return Found(near[0], "nearest name")
    return Ambiguous(found)


_DEPTH = 50
"""No site has deeper folders, and the time for a hostile one would grow with the square of its depth."""


def resolve_ezlinks(index: Index, target: str, folder: str) -> Resolution[str]:
    """Return the file that a wikilink leads to with ezlinks: one whose path is the slug of the target."""
    slug = ezlinks_slug(target)
    found = resolve_ezlinks_path(index, slug, folder) if slug.strip("/") else Missing[str]()
    if isinstance(found, Missing) and slug and slug != target:
        meant = resolve_ezlinks_path(index, target, folder)
        if isinstance(meant, Found) and (meant.target in index.pages or base_name(meant.target) == base_name(target)):
            bare = _SUFFIX.sub("", target)
            without = resolve_ezlinks_path(index, ezlinks_slug(bare), folder)
            if isinstance(without, Found) and without.target == meant.target:
                # Slugs have no dots, and so no suffixes.
                return Missing((bare,), Reason.SPACE_OR_DASH)
            return Missing((meant.target,), Reason.NOT_LINKABLE)
    # MkDocs does not make pages for folders.
    return Missing() if isinstance(found, Found) and found.target.endswith("/") else found


EZLINKS = Engine(
    name="mkdocs-ezlinks",
    summary="the target's slug (lower case, dashes, no dots) as a unique file name or path ending; case-sensitive",
    resolve=resolve_ezlinks,
    resolve_path=resolve_ezlinks_path,
    paths_first=True,
    find_anchor=find_slugged(ezlinks_slug, hashes=True),
    find_fragment=find_slug,
    write=write_shortest(resolve_ezlinks),
    slugger=python_markdown_slugs,
    case_sensitive=True,
    by_names=True,
    links_before_tables=True,
)
