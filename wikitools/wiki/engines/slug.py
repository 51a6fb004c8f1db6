"""Slug: home-made sites that compare names, titles and aliases in lower case, with dashes for spaces."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from wikitools.markdown.page import KIND, MARKDOWN, URL, rows_of
from wikitools.wiki.anchors import find_fragment_or_heading, find_heading_or_slug
from wikitools.wiki.engines.engine import Engine, resolve_relative, write_shortest
from wikitools.wiki.names_index import FilesByName, FilesByPath, loosen
from wikitools.wiki.paths import base_name, join, without_suffix
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Reason, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wikitools.markdown.page import Page
    from wikitools.wiki.names_index import Index


@lru_cache(maxsize=1 << 16)
def slug(name: str) -> str:
    """Return a name, title or path as this engine compares it.

    >>> slug("Inner_Alignment  (AI)")
    'inner-alignment-(ai)'
    """
    return "/".join(loosen(part).replace(" ", "-") for part in name.split("/"))


def _key(path: str) -> str:
    return slug(without_suffix(path))


_files = FilesByPath(_key, asked=slug)


@FilesByName
def _other_names(index: Index, path: str) -> Iterable[str]:
    return map(slug, (*index.pages[path].aliases, index.pages[path].title)) if path in index.pages else ()


def resolve_slug(index: Index, target: str, folder: str) -> Resolution[str]:
    """Return the file whose path ends with the target, else the page with that alias or title, all compared as slugs.

    `./x` and `../x` are read from the page's folder, `/x` from the root. Among several files, one at exactly the
    target's path counts.
    """
    files = index.table(_files)
    bare = without_suffix(target.rstrip("/"))
    if target.startswith(("/", "./", "../")):
        path = join(folder, bare)
        if path is None:
            return Missing(why=Reason.OUTSIDE_ROOT)
        found = files.exact(path) if path else ()
    else:
        found = files.exact(bare) or files.ending(bare) if bare else ()
        found = found or index.table(_other_names).get(slug(bare), ())
    if not found:
        return Missing()
    return Found(found[0], "slug") if len(found) == 1 else Ambiguous(found)


def resolve_slug_path(index: Index, path: str, folder: str) -> Resolution[str]:
    """Return what a Markdown link leads to: a path from the page, else an address of the site such as `/wiki/page/`."""
    found = resolve_relative(index, path, folder)
    if not isinstance(found, Missing):
        return found
    address = (path[: -len(".html")] if path.endswith(".html") else path).strip("/")
    if path.startswith("/") and address in index.table(_first_steps) and index.by(slug).folder(address) is None:
        # Links start with it, and it is the name of no folder: the site may publish its pages there.
        return Found("/", "the site's own address")
    # A site may publish its pages under another path than that of their folder.
    for target in (address, base_name(address)) if path.startswith("/") else (address,):
        named = resolve_slug(index, target, folder)
        if not isinstance(named, Missing):
            return named
    return found


def _tell(page: Page) -> tuple[str, ...]:
    """Return the first steps of all addresses from the root in the links of a page."""
    steps = dict.fromkeys(
        row[URL].split("/", 2)[1]
        for row in rows_of(page.links)
        if row[KIND] == MARKDOWN and row[URL][:1] == "/" and row[URL].rstrip("/").count("/") > 1
    )
    return tuple(step for step in steps if step)


@FilesByName
def _first_steps(index: Index, path: str) -> Iterable[str]:
    return index.told_of(path, _tell) if path in index.pages else ()


SLUG = Engine(
    name="slug",
    summary="names, titles and aliases in lower case with dashes for spaces; any path with that ending",
    resolve=resolve_slug,
    resolve_path=resolve_slug_path,
    paths_first=True,
    told=_tell,
    find_anchor=find_heading_or_slug,
    find_fragment=find_fragment_or_heading,
    write=write_shortest(resolve_slug),
)
