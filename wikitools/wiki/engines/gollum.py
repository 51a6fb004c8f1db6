"""Gollum and GitHub's wikis: the label comes first; Gollum uses paths, GitHub one flat set of names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.markdown.slugs import gollum_slugs
from wikitools.wiki.anchors import find_slug
from wikitools.wiki.engines.engine import Engine, first_at, label_first, resolve_relative, whole_target, write_shortest
from wikitools.wiki.engines.missing import is_address
from wikitools.wiki.names_index import FilesByName, compose, fold
from wikitools.wiki.paths import base_name, join, without_suffix
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Reason, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wikitools.markdown.page import Wikilink
    from wikitools.wiki.names_index import Index

_IMAGE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|bmp)\Z", re.IGNORECASE)


def read_gollum(link: Wikilink) -> tuple[str, str | None]:
    """Return target and anchor of `[[label|page#anchor]]`, split at the last `#`.

    For `[[a.png|frame]]`, the picture.
    """
    if link.label is not None and link.anchor is None and (_IMAGE.search(link.target[-6:]) or link.target == _CONTENTS):
        return link.target, None
    target, anchor = label_first(link)
    if anchor is not None and "#" in anchor:
        target, _hash, anchor = whole_target(link, target, anchor).rpartition("#")
        return target.strip(), anchor.strip()
    return target, anchor


_CONTENTS = "_TOC_"


def _is_no_page(target: str) -> bool:
    """Say whether a target is the table of contents, an included page or a web address."""
    return target == _CONTENTS or target.startswith("include:") or is_address(target)


def resolve_gollum(index: Index, target: str, folder: str) -> Resolution[str]:
    """Return the page or file at the path `target` as seen from the page's folder, or from the root after a `/`.

    `.md` may be left out; case, blanks and dashes count (Gollum's `case_insensitive_tag_lookup` and
    `hyphened_tag_lookup` are off by default). No other folder is searched. Web addresses (`[[label|https://…]]` is a
    link), `[[_TOC_]]` and `[[include:page]]` are not checked.
    """
    if _is_no_page(target):
        return Missing(why=Reason.OTHER_WIKI)
    path = join(folder, target)
    if path is None:
        return Missing(why=Reason.OUTSIDE_ROOT)
    return first_at(index.by(compose), (path + ".md", path), "path") if path else Missing()


def resolve_gollum_path(index: Index, path: str, folder: str) -> Resolution[str]:
    """Return what a Markdown link leads to; the addresses of pages have no suffix."""
    return resolve_relative(index, path, folder, compose)


GOLLUM = Engine(
    name="gollum",
    summary="[[label|page]]: the path from the page's folder, or from the root after a /; case-sensitive",
    resolve=resolve_gollum,
    resolve_path=resolve_gollum_path,
    paths_first=True,
    find_anchor=find_slug,
    find_fragment=find_slug,
    write=write_shortest(resolve_gollum),
    slugger=gollum_slugs,
    read=read_gollum,
    case_sensitive=True,
    hash_in_names=True,
    by_names=True,
    dot_pages=True,
    links_before_tables=True,
)

_BLANK = re.compile(r"\s")


def _github_name(name: str) -> str:
    return _BLANK.sub("-", fold(name))


@FilesByName
def _github_pages(index: Index, path: str) -> Iterable[str]:
    return (_github_name(base_name(without_suffix(path))),) if path in index.pages else ()


def resolve_github_wiki(index: Index, target: str, _folder: str) -> Resolution[str]:
    """Return the page of that name: a GitHub wiki is flat, whatever folders its repository has.

    Blanks and dashes are equal, case is ignored, and `.md` is not part of a name. Other files are named by their path
    from the root. The targets that `resolve_gollum` does not check are not checked here either.
    """
    if _is_no_page(target):
        return Missing(why=Reason.OTHER_WIKI)
    found = index.table(_github_pages).get(_github_name(target), ())
    if found:
        return Found(found[0], "page name") if len(found) == 1 else Ambiguous(found)
    path = target.removeprefix("/")
    return first_at(index.by(compose), (path,), "path from the root") if path in index.attachments else Missing()


def write_github_wiki(_index: Index, path: str, _folder: str) -> str:
    """Return the page's name."""
    bare = without_suffix(path)
    return path if bare == path else base_name(bare).replace("-", " ")


_REPOSITORY = ("owner", "repository")
"""The part before `wiki` in the address of a page; which repository it names does not matter."""


def resolve_github_wiki_path(index: Index, path: str, _folder: str) -> Resolution[str]:
    """Return what a Markdown link leads to: a page by its name, without folders, or a file by its path.

    The address of a page is `/owner/repository/wiki/Page`, whatever folder its file is in, and links are relative to
    that: `images/a.png` and `/owner/repository/wiki/images/a.png` are the same file, and `../issues/1` leads to the
    repository itself, which wikitools does not know.
    """
    address = [] if path.startswith("/") else [*_REPOSITORY, "wiki"]
    for step in path.split("/"):
        if step == "..":
            if not address:
                return Missing(why=Reason.OUTSIDE_ROOT)
            address.pop()
        elif step not in ("", "."):
            address.append(step)
    inside = address[2:]
    is_known = path.startswith("/") or tuple(address[:2]) == _REPOSITORY
    if is_known and inside[:1] == ["wiki"]:
        return _in_github_wiki(index, inside[1:], slash=path.endswith("/"))
    if path.startswith("/"):
        # In a local copy of the wiki, unlike on GitHub, the root may be that of the wiki.
        found = _in_github_wiki(index, address, slash=path.endswith("/"))
        of_repository = bool(inside) and inside[0] in _OF_REPOSITORY
        return Missing(why=Reason.OTHER_WIKI) if isinstance(found, Missing) and of_repository else found
    is_nothing = is_known and (not inside or inside[0] not in _OF_REPOSITORY)
    return Missing(why=Reason.OUTSIDE_ROOT if is_nothing or len(address) < 2 else Reason.OTHER_WIKI)


def _in_github_wiki(index: Index, steps: Sequence[str], *, slash: bool) -> Resolution[str]:
    """Return what is at a path of the wiki: a file, a page by its name, or a folder; the root is the page Home."""
    whole = "/".join(steps)
    if whole and not slash:
        found = first_at(index.by(compose), (whole, f"{whole}.md"), "path from the root")
        if not isinstance(found, Missing):
            return found
    # A page whose path is written from its repository: wiki/Page.
    name = (
        steps[0] if len(steps) == 1 else steps[1] if len(steps) == 2 and steps[0] == "wiki" else "" if steps else "Home"
    )
    found = resolve_github_wiki(index, name, "")
    if not isinstance(found, Missing):
        return found
    inside = index.by(compose).folder(whole)
    return Missing() if inside is None else Found(inside or "/", "folder")


_OF_REPOSITORY = frozenset(
    "actions blame blob branches commit commits compare discussions issues labels milestone milestones packages"
    " projects pull pulls raw releases security tags tree".split()
)
"""What can follow a repository in an address on GitHub."""


GITHUB_WIKI = Engine(
    name="github-wiki",
    summary="[[label|page]]: pages by name, in any folder; spaces equal dashes; case-insensitive",
    resolve=resolve_github_wiki,
    resolve_path=resolve_github_wiki_path,
    flat=True,
    dot_pages=True,
    find_anchor=find_slug,
    find_fragment=find_slug,
    write=write_github_wiki,
    read=read_gollum,
    hash_in_names=True,
    one_space=True,
    by_names=True,
    links_before_tables=True,
)
