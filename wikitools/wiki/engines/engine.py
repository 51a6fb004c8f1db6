"""What an engine is, and what several engines share: parts of wikilinks, relative paths, suffixes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.markdown.slugs import Slugger, github_slugs
from wikitools.records import dataclass
from wikitools.wiki.names_index import fold
from wikitools.wiki.paths import base_name, join, relative, without_suffix
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Reason, Resolution

if TYPE_CHECKING:
    from collections.abc import Callable

    from wikitools.markdown.page import Page, Wikilink
    from wikitools.text import Span
    from wikitools.wiki.anchors import Anchors
    from wikitools.wiki.names_index import Index, Key, Lookup


FROM_PAGE = "path relative to the page"
"""How a link was resolved that works alike in every program that shows the page."""
DEFINITION = "the page's reference definition"
"""How a wikilink was resolved if its target is the label of a reference definition on its page."""


def target_first(link: Wikilink) -> tuple[str, str | None]:
    """Return target and anchor of `[[target#anchor|label]]`."""
    return link.target, link.anchor


def label_first(link: Wikilink) -> tuple[str, str | None]:
    """Return target and anchor of `[[label|target#anchor]]`, and of `[[target#anchor]]`."""
    if link.label is None:
        return link.target, link.anchor
    target, hash_sign, anchor = link.label.partition("#")
    return target.strip(), anchor.strip() if hash_sign else None


def whole_target(link: Wikilink, target: str, anchor: str) -> str:
    """Return target and anchor as one name, with the blanks around its `#` as written."""
    written = link.whole if link.label is None or link.target == target else link.label
    return written if written is not None and "#" in written else f"{target}#{anchor}"


def one_name(anchor: str) -> tuple[str, ...]:
    """Return the whole anchor as a single name."""
    return (anchor,)


@dataclass(frozen=True, slots=True)
class Engine:
    """What a link means to one kind of wiki.

    `resolve` takes the index, a wikilink's target and the folder of its page ("" for the root), and
    returns `Found` (a path; one that ends with `/` is a folder of which the engine makes a page), `Ambiguous` (paths,
    the engine's own choice first) or `Missing`; a plain `Missing()` gets its reason from `explain_missing`.
    `resolve_path` does the same for the percent-decoded path of a Markdown link. `find_anchor` looks for a wikilink's
    anchor on the page that was found, `find_fragment` for that of a Markdown link; `slugger` makes the anchors of
    headings. `read` says which half of a wikilink is its target; `write` returns the shortest target that leads to a
    file from a folder.
    """

    name: str
    summary: str
    resolve: Callable[[Index, str, str], Resolution[str]]
    resolve_path: Callable[[Index, str, str], Resolution[str]]
    find_anchor: Callable[[Anchors, str], Resolution[Span]]
    find_fragment: Callable[[Anchors, str], Resolution[Span]]
    write: Callable[[Index, str, str], str]
    slugger: Slugger = github_slugs
    read: Callable[[Wikilink], tuple[str, str | None]] = target_first
    case_sensitive: bool = False
    """Names that differ only in case are different names."""
    hash_in_names: bool = False
    """A `#` may be part of a name: the whole target is looked up before the part after the `#` counts as an anchor."""
    anchor_parts: Callable[[str], tuple[str, ...]] = one_name
    """Splits an anchor into names and the text between them, alternating; a range has two names."""
    definitions: bool = False
    """If the page has a reference definition whose label is the wikilink's target, that says where the link leads."""
    by_names: bool = False
    """Only paths, titles and aliases decide where a link leads, nothing else on other pages."""
    one_space: bool = False
    """A wikilink leads to the same file from every page."""
    links_before_tables: bool = False
    """Wikilinks are read before tables, so a bar in a wikilink does not end a cell."""
    links_first: bool = False
    """Markdown links are read before wikilinks (see `Dialect`)."""
    paths_first: bool = False
    """If there is a file at exactly a Markdown link's path from the page's folder, the link leads to it."""
    flat: bool = False
    """All pages are published in one folder: the path of a Markdown link is read from the root, whatever folder its
    page is in."""
    told: Callable[[Page], tuple[str, ...]] | None = None
    """What the engine reads from a page, besides title and aliases, to find pages by name; recorded when the page is
    read (`Index.told`)."""
    shows_unwritten: bool = False
    """A link to a name without a file is no mistake: the program shows a page for every name."""
    dot_pages: bool = False
    """A Markdown file whose name begins with a dot is a page like any other (`.NET.md`); hidden folders stay hidden."""


def write_shortest(resolve: Callable[[Index, str, str], Resolution[str]]) -> Callable[[Index, str, str], str]:
    """Return a `write` function that returns the first of name, path and relative path that leads to the file."""

    def write(index: Index, path: str, folder: str) -> str:
        bare, beside = without_suffix(path), relative(path, folder)
        for target in (base_name(bare), bare, without_suffix(beside), path, beside):
            answer = resolve(index, target, folder)
            if isinstance(answer, Found) and answer.target == path:
                return target
        return path

    return write


def spellings(target: str) -> tuple[str, ...]:
    """Return the paths that a target may mean if only `.md` may be left out.

    A dot may start a suffix or be part of the name ("Note v1.2"); without a dot only a page can be meant.
    """
    return (target, target + ".md") if "." in base_name(target) else (target + ".md",)


def first_at(files: Lookup, paths: tuple[str, ...], how: str) -> Resolution[str]:
    """Return the file at the first of `paths` at which there is one."""
    for path in paths:
        at = files.exact(path)
        if at:
            return one_of(at, path, how)
    return Missing()


def one_of(paths: tuple[str, ...], path: str, how: str) -> Resolution[str]:
    """Choose between files whose paths differ only in case (or composition): the one at exactly `path`, else none."""
    if len(paths) == 1:
        return Found(paths[0], how)
    return Found(path, how) if path in paths else Ambiguous(paths)


def resolve_relative(
    index: Index, path: str, folder: str, key: Key = fold, *, suffixes: tuple[str, ...] = ("", ".md")
) -> Resolution[str]:
    """Return what `path` leads to, read from `folder`, or from the root when it starts with `/`.

    `suffixes` may be left out; they are tried in this order. A folder leads to its `index.md` or `README.md`, else to
    itself: the path found then ends with `/` (the root itself is "/"). `key` maps a path to what is compared.
    """
    files = index.by(key)
    whole = join(folder, path)
    if whole is None:
        return Missing(why=Reason.OUTSIDE_ROOT)
    if whole and not path.endswith("/"):
        how = "path from the root" if path.startswith("/") else FROM_PAGE
        found = first_at(files, tuple(whole + suffix for suffix in suffixes), how)
        if not isinstance(found, Missing):
            return found
    inside = files.folder(whole)
    if inside is None:
        return Missing()
    found = first_at(files, (inside + "index.md", inside + "README.md"), "the folder's index page")
    return Found(inside or "/", "folder") if isinstance(found, Missing) else found
