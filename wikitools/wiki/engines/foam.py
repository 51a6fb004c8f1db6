"""Foam: finds files whose path ends with the target, folders by their index page, headings by their exact text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wikitools.wiki.anchors import Anchors, find_block, find_slug
from wikitools.wiki.engines.engine import Engine, first_at, resolve_relative, write_shortest
from wikitools.wiki.names_index import Lookup, compose, fold
from wikitools.wiki.nearness import Names
from wikitools.wiki.paths import base_name, folder_of, join, without_suffix
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Reason, Resolution

if TYPE_CHECKING:
    from wikitools.text import Span
    from wikitools.wiki.names_index import Index


def _index_pages(index: Index) -> Lookup:
    """Return the pages that stand for their folders, looked up by folder; `index` before `README`."""
    best: dict[str, tuple[bool, str]] = {}
    for path in sorted(index.pages):
        name = fold(base_name(without_suffix(path)))
        if name in ("index", "readme"):
            folder = fold(folder_of(path))
            best[folder] = min(best.get(folder, (True, "\U0010ffff")), (name == "readme", path))
    return Lookup((path for _rank, path in best.values()), key=lambda path: fold(folder_of(path)), asked=fold)


def resolve_foam(index: Index, target: str, folder: str) -> Resolution[str]:
    """Return the note, attachment or folder page that Foam follows a wikilink to.

    A target that starts with `/`, `./` or `../` is a path; any other target names each file whose path ends with it,
    with or without `.md`. If there are several, only those in exactly the written case count, and the first path among
    them wins. If there is none, a folder whose path ends with the target stands for its index page.
    """
    if target.startswith(("/", "./", "../")):
        path = join(folder, target)
        if path is None:
            return Missing(why=Reason.OUTSIDE_ROOT)
        return first_at(index.by(fold), (path, path + ".md"), "path")
    # From here on the page does not matter, and many files may have the same name.
    return index.remember(_resolve_identifier, target)


def _resolve_identifier(index: Index, target: str) -> Resolution[str]:
    files = index.by(fold)
    found = files.ending(target)
    if not target.lower().endswith(".md"):
        found += files.ending(target + ".md")
    if len(found) > 1:
        name = compose(base_name(target))
        exact = [path for path in found if compose(base_name(path)) in (name, name + ".md")]
        if not exact:
            return Missing(tuple(without_suffix(path) for path in sorted(found)[:3]), Reason.CASE_DIFFERS)
        found = tuple(sorted(exact))
    if not found:
        found = tuple(sorted(index.table(_index_pages).ending(target)))
        if len(found) == 1:
            return Found(found[0], "the folder's index page")
    if not found:
        return Missing()
    return (
        Found(found[0], "path ending" if "/" in target else "unique name")
        if len(found) == 1
        else Ambiguous(found, first_wins=True)
    )


_IN_NO_LINK = re.compile(r"[\[\]|\r\n]")


def find_foam_anchor(anchors: Anchors, anchor: str) -> Resolution[Span]:
    """Return the section whose text is exactly the anchor, or the block with that id."""
    anchor = compose(anchor.strip())
    if not anchor:
        return Found(anchors.top, "the page itself")
    if anchor.startswith("^"):
        return find_block(anchors, anchor[1:])
    heading = anchors.by_exact_text.get(anchor)
    if heading is not None:
        return Found(heading.span, "heading text")
    # The last part of a chain names the section.
    wanted = anchor.rpartition("#")[2]
    slug = anchors.by_slug.get(wanted)
    if slug is not None and _IN_NO_LINK.search(slug.text) is None:
        return Missing((slug.text,), Reason.SLUG_ANCHOR)
    return Missing(
        lambda: Names(text for text in anchors.by_exact_text if _IN_NO_LINK.search(text) is None).near(wanted),
        Reason.NO_SUCH_HEADING,
    )


def find_foam_fragment(anchors: Anchors, fragment: str) -> Resolution[Span]:
    """Return the same for a Markdown link, for which VS Code's preview also accepts slugs."""
    section = find_foam_anchor(anchors, unquote(fragment))
    return section if isinstance(section, Found) else find_slug(anchors, fragment)


FOAM = Engine(
    name="foam",
    summary="any file whose path ends with the target; case-insensitive, exact case first; folders by index or README",
    resolve=resolve_foam,
    resolve_path=resolve_relative,
    paths_first=True,
    find_anchor=find_foam_anchor,
    find_fragment=find_foam_fragment,
    write=write_shortest(resolve_foam),
    definitions=True,
    by_names=True,
)
