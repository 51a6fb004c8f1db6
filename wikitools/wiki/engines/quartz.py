"""Quartz 4: files become slugs, and a target is an address on their site (`absolute`, `relative`, `shortest`)."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wikitools.markdown.slugs import github_slug
from wikitools.records import dataclass
from wikitools.wiki.anchors import find_slugged, find_slugged_fragment
from wikitools.wiki.engines.engine import Engine, write_shortest
from wikitools.wiki.names_index import compose, group
from wikitools.wiki.paths import base_name, folder_of, join
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Reason, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wikitools.markdown.page import Page
    from wikitools.wiki.lazy_pages import PageNames
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


@dataclass(frozen=True, slots=True)
class _Site:
    """The addresses of a site: files by slug, what else bears a slug, slugs by their last part, folders, tags.

    Each folder has the path of the first page in it.
    """

    files: Mapping[str, tuple[str, ...]]
    others: Mapping[str, tuple[str, ...]]
    names: Mapping[str, tuple[str, ...]]
    folders: Mapping[str, str]
    tags: frozenset[str]

    def at(self, address: str | None) -> Resolution[str]:
        """Return what is at the address; Quartz generates a page for a folder of pages without an `index.md`."""
        if address is None:
            return Missing(why=Reason.OUTSIDE_ROOT)
        for slug, how in ((address, "slug"), (f"{address}/index" if address else "index", "the folder's index page")):
            paths = self.files.get(slug)
            if paths:
                return Found(paths[0], how) if len(paths) == 1 else Ambiguous(paths)
        if address in self.others:
            return Found(self.others[address][0], "alias or permalink")
        if address in self.tags:
            return Found(address + "/", "tag page")
        if address in self.folders:
            # Slugs keep their slashes, so the folder on disk has as many parts.
            example = self.folders[address]
            return Found("/".join(example.split("/")[: address.count("/") + 1]) + "/", "folder page")
        return Missing()


def _site(index: Index) -> _Site:
    files = group((quartz_slug(path), path) for path in sorted((*index.pages, *index.attachments)))
    told = index.told(_tell)
    others = group((slug, path) for path in sorted(index.pages) for slug in _other_slugs(index.pages[path], told[path]))
    names = group((base_name(slug), slug) for slug in (*files, *others))
    tags = frozenset(f"tags/{tag}" for _permalink, *tags in filter(None, told.values()) for tag in _tags(tags))
    return _Site(files, others, names, _folders({quartz_slug(path) for path in index.pages}, files), tags)


def _folders(pages: Iterable[str], files: Mapping[str, tuple[str, ...]]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for slug in sorted(pages):
        folder = folder_of(slug)
        while folder and folder not in found:
            found[folder] = files[slug][0]
            folder = folder_of(folder)
    return found


def _tell(page: Page) -> tuple[str, ...]:
    """Return the page's permalink after a slash ("" if it has none) and its tags; an empty tuple if it has neither."""
    fields = page.front_matter
    permalink, tags = fields.get("permalink"), fields.get("tags")
    address = "" if permalink is None or permalink.value in (None, "") else "/" + str(permalink.value).strip("/")
    values = tags.value if tags is not None else None
    named = values if isinstance(values, list) else str(values).split(",") if values else []
    return (address, *(str(tag).strip() for tag in named)) if address or named else ()


def _other_slugs(page: Page | PageNames, told: Sequence[str]) -> Iterator[str]:
    for alias in page.aliases:
        yield quartz_slug(alias if alias.endswith(".md") else alias + ".md")
    if told and told[0]:
        yield told[0][1:]


def _tags(tags: Iterable[str]) -> Iterator[str]:
    for tag in tags:
        parts = quartz_slug(f"{tag}.md").split("/")[:_TAG_DEPTH]
        yield from ("/".join(parts[: end + 1]) for end in range(len(parts)) if parts[0])


_TAG_DEPTH = 10


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
    site = index.table(_site)
    address, is_folder = _address(target)
    if strategy == "relative":
        return site.at(join(quartz_slug(folder + "/_")[:-2] if folder else "", address))
    canonical = address[1:].removeprefix("/")
    if strategy == "shortest" and not is_folder:
        named = site.names.get(canonical, ())
        if len(named) == 1:
            paths = site.files.get(named[0]) or site.others[named[0]]
            return Found(paths[0], "unique name") if len(paths) == 1 else Ambiguous(paths)
    return site.at(join("", canonical))


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
