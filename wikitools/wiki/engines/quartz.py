"""Quartz 4: files become slugs, and a target is an address on their site (`absolute`, `relative`, `shortest`)."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wikitools.markdown.slugs import github_slug
from wikitools.wiki.anchors import find_slugged, find_slugged_fragment
from wikitools.wiki.engines.engine import Engine, write_shortest
from wikitools.wiki.names_index import FilesByName, compose
from wikitools.wiki.paths import base_name, folder_of, join
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Reason, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wikitools.markdown.page import Page
    from wikitools.wiki.names_index import Index

_SUFFIX = re.compile(r"\.[A-Za-z0-9]+\Z")
_BLANK = re.compile(r"\s")


@lru_cache(maxsize=1 << 16)
def quartz_slug(path: str) -> str:
    """Return the address that Quartz gives to a file or to the target of a link (`slugifyFilePath`).

    Blanks become `-`, `&` becomes `-and-`, `%` becomes `-percent`; `?`, `#`, `.md` and `.html` are removed, other
    suffixes are kept; `_index` becomes `index`. Case is kept.

    >>> quartz_slug("Q&A/50% off?.md"), quartz_slug("img/a b.png")
    ('Q-and-A/50-percent-off', 'img/a-b.png')
    """
    path = compose(path.removeprefix("/").removesuffix("/"))
    suffix = _SUFFIX.search(base_name(path)[-40:])
    ending = suffix.group() if suffix else ""
    bare = path[: len(path) - len(ending)]
    slug = _BLANK.sub("-", bare).replace("&", "-and-").replace("%", "-percent").replace("?", "").replace("#", "")
    slug = slug.removesuffix("/")
    if base_name(slug) == "_index":
        slug = slug[: -len("_index")] + "index"
    return slug if ending in (".md", ".html") else slug + ending


@FilesByName
def _files(_index: Index, path: str) -> Iterable[str]:
    return (quartz_slug(path),)


@FilesByName
def _others(index: Index, path: str) -> Iterable[str]:
    return _other_slugs(index, path)


@FilesByName
def _names(index: Index, path: str) -> Iterable[str]:
    """Return the last parts of all slugs that lead to the file."""
    return dict.fromkeys(map(base_name, (quartz_slug(path), *_other_slugs(index, path))))


@FilesByName
def _folders(index: Index, path: str) -> Iterator[str]:
    if path in index.pages:
        folder = folder_of(quartz_slug(path))
        while folder:
            yield folder
            folder = folder_of(folder)


@FilesByName
def _tags(index: Index, path: str) -> Iterator[str]:
    for tag in index.told_of(path, _tell)[1:] if path in index.pages else ():
        parts = quartz_slug(f"{tag}.md").split("/")[:_TAG_DEPTH]
        yield from ("/".join(("tags", *parts[: end + 1])) for end in range(len(parts)) if parts[0])


_TAG_DEPTH = 10


def _other_slugs(index: Index, path: str) -> Iterator[str]:
    """Yield the slugs that lead to a page besides its own: aliases, and its permalink."""
    if path in index.pages:
        for alias in index.pages[path].aliases:
            yield quartz_slug(alias if alias.endswith(".md") else alias + ".md")
        permalink = index.told_of(path, _tell)[:1]
        if permalink and permalink[0]:
            yield permalink[0][1:]


def _at(index: Index, address: str | None) -> Resolution[str]:
    """Return what is at an address; Quartz generates a page for a folder of pages without an `index.md`."""
    if address is None:
        return Missing(why=Reason.OUTSIDE_ROOT)
    files = index.table(_files)
    for slug, how in ((address, "slug"), (f"{address}/index" if address else "index", "the folder's index page")):
        paths = files.get(slug)
        if paths:
            return Found(paths[0], how) if len(paths) == 1 else Ambiguous(paths)
    if paths := index.table(_others).get(address):
        return Found(paths[0], "alias or permalink")
    if address in index.table(_tags):
        return Found(address + "/", "tag page")
    if paths := index.table(_folders).get(address):
        # Slugs keep their slashes, so the folder on disk has as many parts.
        return Found("/".join(paths[0].split("/")[: address.count("/") + 1]) + "/", "folder page")
    return Missing()


def _only_slug(index: Index, name: str) -> str | None:
    """Return the one slug that has this last part; `None` if there are several, or none."""
    found: set[str] = set()
    for path in index.table(_names).get(name, ()):
        found.update(slug for slug in (quartz_slug(path), *_other_slugs(index, path)) if base_name(slug) == name)
        if len(found) > 1:
            return None
    return found.pop() if found else None


def _tell(page: Page) -> tuple[str, ...]:
    """Return the page's permalink after a slash ("" if it has none) and its tags; an empty tuple if it has neither."""
    fields = page.front_matter
    permalink, tags = fields.get("permalink"), fields.get("tags")
    address = "" if permalink is None or permalink.value in (None, "") else "/" + str(permalink.value).strip("/")
    values = tags.value if tags is not None else None
    named = values if isinstance(values, list) else str(values).split(",") if values else []
    return (address, *(str(tag).strip() for tag in named)) if address or named else ()


# `decodeURI` does not decode the reserved characters: # $ & + , / : ; = ? @
_RESERVED = re.compile(r"%(2[3-6BCF]|3[ABDF]|40)", re.IGNORECASE)


def _address(target: str) -> tuple[str, bool]:
    """Return a target as Quartz writes it into the page, such as `./a/b` or `../a`, and whether it means a folder."""
    if "%" in target:
        target = unquote(_RESERVED.sub(r"%25\1", target))
    folder = target.endswith("/") or base_name(target) in ("index", "index.md", "index.html")
    steps = [step for step in target.split("/") if step]
    # All dots are moved to the front, wherever they were.
    up = "/".join(step for step in steps if step in (".", ".."))
    slug = quartz_slug("/".join(step for step in steps if step not in (".", "..")))
    if base_name(slug) == "index":
        slug = folder_of(slug)
    address = "/".join(part for part in (up, slug) if part) or "."
    return (address if up or address == "." else f"./{address}"), folder


def resolve_quartz(index: Index, target: str, folder: str, *, strategy: str) -> Resolution[str]:
    """Return the page or file that Quartz links to, by its `markdownLinkResolution`.

    "relative" reads the target from the page's folder, "absolute" from the root. "shortest" takes the slug whose last
    part is the whole target if there is exactly one, else reads the target from the root. With "absolute" and
    "shortest" the first dot of `./x` and `../x` is dropped, so these start at the root too. Case counts. Aliases (from
    the root) and permalinks have addresses of their own. Percent-encoding is decoded.
    """
    address, is_folder = _address(target)
    if strategy == "relative":
        return _at(index, join(quartz_slug(folder + "/_")[:-2] if folder else "", address))
    canonical = address[1:].removeprefix("/")
    if strategy == "shortest" and not is_folder:
        # Many pages link to the same name.
        slug = index.remember(_only_slug, canonical)
        if slug is not None:
            paths = index.table(_files).get(slug) or index.table(_others)[slug]
            return Found(paths[0], "unique name") if len(paths) == 1 else Ambiguous(paths)
    return _at(index, join("", canonical))


def _quartz(name: str, strategy: str, summary: str) -> Engine:
    resolve = partial(resolve_quartz, strategy=strategy)
    return Engine(
        name=name,
        summary=summary,
        resolve=resolve,
        resolve_path=resolve,
        find_anchor=find_slugged(github_slug, blocks=True),
        find_fragment=find_slugged_fragment(github_slug, blocks=True),
        write=write_shortest(resolve),
        case_sensitive=True,
        one_space=strategy != "relative",
        links_before_tables=True,
        links_first=True,
        told=_tell,
    )


QUARTZ = _quartz("quartz", "shortest", "slugs; a unique name, else the path from the root; case-sensitive; aliases")
QUARTZ_ABSOLUTE = _quartz("quartz-absolute", "absolute", "slugs; the path from the root; case-sensitive; aliases")
QUARTZ_RELATIVE = _quartz("quartz-relative", "relative", "slugs; the path from the page; case-sensitive; aliases")
