"""Dendron: notes by file name, whatever their vault; the label comes first."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from wikitools.markdown.page import ANCHOR, KIND, LABEL, TARGET, WIKILINK, Wikilink, rows_of
from wikitools.markdown.slugs import github_slug
from wikitools.text import Span
from wikitools.wiki.anchors import find_slugged, find_slugged_fragment
from wikitools.wiki.engines.engine import Engine, label_first, one_of, resolve_relative
from wikitools.wiki.names_index import FilesByName, fold
from wikitools.wiki.paths import base_name, folder_of, without_suffix
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Reason, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wikitools.markdown.page import Page
    from wikitools.wiki.anchors import Anchors
    from wikitools.wiki.names_index import Index

_SCHEME = "dendron://"


@FilesByName
def _notes(index: Index, path: str) -> Iterable[str]:
    return (fold(base_name(without_suffix(path))),) if path in index.pages else ()


def resolve_dendron(index: Index, target: str, folder: str) -> Resolution[str]:
    """Return the note that Dendron opens for a target: the one whose file name, dots included, is the target.

    Case is ignored, and `.md` may be added. `dendron://vault/note` names the vault (a folder); without it, the note in
    the page's own vault comes first. Other files are named by their path from the root. A note in a vault that is not
    here is missing with the reason "other-wiki". `a.b.*` shows all notes whose names start with `a.b.`, and is found as
    the folder of that name.
    """
    vault, name = "", target
    if target.startswith(_SCHEME):
        vault, _slash, name = target[len(_SCHEME) :].partition("/")
    if name.endswith("*"):
        return _wildcard(index, vault, name)
    found = index.table(_notes).get(fold(without_suffix(name.strip())), ())
    if vault:
        # A vault and its folder can have different names; then it is not known where the vault is.
        inside = tuple(path for path in found if fold(vault) in fold(folder_of(path)).split("/"))
        found = inside or found
    if len(found) == 1:
        return Found(found[0], "note name")
    if found:
        own = index.by(fold).exact(f"{folder}/{without_suffix(name.strip())}.md".removeprefix("/"))
        return Found(own[0], "note name in the page's vault") if len(own) == 1 and not vault else Ambiguous(found)
    at = index.by(fold).exact(name.removeprefix("/"))
    if at:
        return one_of(at, name.removeprefix("/"), "path from the root")
    # Assets are in vaults, and their paths start there.
    ending = index.by(fold).ending(name.removeprefix("/")) if name.startswith(("/assets/", "assets/")) else ()
    if len(ending) > 1 and (own := index.by(fold).exact(f"{folder}/{name.removeprefix('/')}")):
        # All notes of a vault are directly in its folder.
        ending = own
    if ending:
        return Found(ending[0], "path from the vault") if len(ending) == 1 else Ambiguous(ending)
    return Missing(why=Reason.OTHER_WIKI) if vault and not index.remember(_has_vault, fold(vault)) else Missing()


def _wildcard(index: Index, vault: str, name: str) -> Resolution[str]:
    below = notes_below(index, f"{_SCHEME}{vault}/{name}" if vault else name)
    if not below:
        return Missing(why=Reason.OTHER_WIKI) if vault and not index.remember(_has_vault, fold(vault)) else Missing()
    return Found(f"{name}/", "notes below")


def notes_below(index: Index, target: str) -> tuple[str, ...]:
    """Return the notes that a wildcard reference such as `a.b.*` shows, in alphabetical order of their names."""
    vault = ""
    if target.startswith(_SCHEME):
        vault, _slash, target = target[len(_SCHEME) :].partition("/")
    start = fold(target.removesuffix("*"))
    names = index.table(_note_names)
    low, high = bisect_left(names, start), bisect_left(names, start + "\U0010ffff")
    notes = index.table(_notes)
    paths = tuple(path for name in names[low:high] for path in notes[name])
    inside = tuple(path for path in paths if fold(vault) in fold(folder_of(path)).split("/")) if vault else paths
    return inside or paths


def _note_names(index: Index) -> tuple[str, ...]:
    return tuple(sorted(index.table(_notes)))


def _has_vault(index: Index, vault: str) -> bool:
    """Say whether a vault (folded) is here: a folder has its name, or some link finds its note there."""
    notes = index.table(_notes)
    return bool(index.table(_folder_names).get(vault)) or any(
        fold(without_suffix(name.strip())) in notes
        for path in index.table(_linked_vaults).get(vault, ())
        for named, name in _in_vaults(index, path)
        if named == vault
    )


@FilesByName
def _folder_names(index: Index, path: str) -> Iterable[str]:
    return fold(folder_of(path)).split("/") if path in index.pages else ()


@FilesByName
def _linked_vaults(index: Index, path: str) -> Iterable[str]:
    return (vault for vault, _name in _in_vaults(index, path))


def _in_vaults(index: Index, path: str) -> Iterator[tuple[str, str]]:
    """Yield the vaults that links on a page name, folded, each with the note there."""
    for target in index.told_of(path, _tell) if path in index.pages else ():
        vault, _slash, name = target.removeprefix(_SCHEME).partition("/")
        yield fold(vault), name


def _tell(page: Page) -> tuple[str, ...]:
    """Return the targets of a page's wikilinks that name their vault."""
    links = (
        Wikilink(_NOWHERE, row[TARGET], row[ANCHOR], row[LABEL])
        for row in rows_of(page.links)
        if row[KIND] == WIKILINK and (_SCHEME in row[TARGET] or _SCHEME in (row[LABEL] or ""))
    )
    targets = dict.fromkeys(read_dendron(link)[0] for link in links)
    return tuple(target for target in targets if target.startswith(_SCHEME))


_NOWHERE = Span("", 0, 0)


def write_dendron(index: Index, path: str, _folder: str) -> str:
    """Return how a link names the file: a note by its name, with its vault if several notes have that name."""
    if path not in index.pages:
        return f"/{path}"
    name = base_name(without_suffix(path))
    vault = base_name(folder_of(path))
    return name if len(index.table(_notes)[fold(name)]) == 1 or not vault else f"{_SCHEME}{vault}/{name}"


_LINE = re.compile(r"L[0-9]+")
_SKIPPED = re.compile(r",[0-9]+\Z")
_find_header = find_slugged(github_slug, blocks=True)


def parts_of(anchor: str) -> tuple[str, ...]:
    """Return the names of an anchor and the text between them, alternating; joined, they are the anchor.

    >>> parts_of("a,1:#*"), parts_of("#a"), parts_of("a")
    (('a', ',1:#', '*'), ('', '#', 'a'), ('a',))
    """
    parts = [anchor]
    if anchor.startswith("#"):
        parts = ["", "#", anchor[1:]]
    match = _SKIP_OR_RANGE.search(parts[-1])
    if match is not None:
        last = parts.pop()
        parts += [last[: match.start()], match[0], last[match.end() :]]
    return tuple(parts)


_SKIP_OR_RANGE = re.compile(r" ?:#|,[0-9]+:#|,[0-9]+:?\Z|:\Z")


def is_range(anchor: str) -> bool:
    """Say whether an anchor is a range of a note reference: `#start:#end`, or `#start,1:#end` without the start itself.

    >>> is_range("0800,1:#0790"), is_range("a#b")
    (True, False)
    """
    return ":#" in anchor


def ends_of(anchor: str) -> tuple[str, str]:
    """Return the names at both ends of a note reference, the second "" for a single header.

    >>> ends_of("0800,1:#0790"), ends_of("#intro")
    (('0800', '0790'), ('intro', ''))
    """
    first, _mark, last = anchor.strip().removeprefix("#").removesuffix(":").partition(":#")
    return _SKIPPED.sub("", first.rstrip()), last


def find_dendron_anchor(anchors: Anchors, anchor: str) -> Resolution[Span]:
    """Return the header (compared by slug) or block that an anchor names.

    Both ends of a range, `start,1:#end`, must exist; the answer is its start. `*`, `^begin`, `^end` and lines (`L12`)
    always exist.
    """
    # A colon without an end after it does not make a range.
    first, mark, last = anchor.strip().removeprefix("#").removesuffix(":").partition(":#")
    start, _end = ends_of(anchor)
    found = _find_end(anchors, start)
    if isinstance(found, Missing):
        rest = first[len(start) :] + mark + last
        return Missing(lambda: tuple(f"{near}{rest}" for near in found.near), found.why) if rest else found
    ending = _find_end(anchors, last)
    if isinstance(ending, Missing):
        return Missing(lambda: tuple(f"{first}{mark}{near}" for near in ending.near), ending.why)
    return found


def _find_end(anchors: Anchors, name: str) -> Resolution[Span]:
    name = name.strip()
    if name in ("", "*", "^begin", "^end") or _LINE.fullmatch(name):
        return Found(anchors.top, "the page itself")
    return _find_header(anchors, name)


def resolve_dendron_path(index: Index, path: str, folder: str) -> Resolution[str]:
    """Return what a Markdown link leads to: a path from the page or the root, else a note by its name."""
    found = resolve_relative(index, path, folder)
    if not isinstance(found, Missing):
        return found
    named = resolve_dendron(index, path, folder)
    return found if isinstance(named, Missing) else named


def read_dendron(link: Wikilink) -> tuple[str, str | None]:
    """Return target and anchor, without what follows a `>` (a filter)."""
    target, anchor = label_first(link)
    return target.partition(">")[0].strip(), anchor


DENDRON = Engine(
    name="dendron",
    summary="[[label|note]]: notes by file name, case-insensitive; dendron://vault/note",
    resolve=resolve_dendron,
    resolve_path=resolve_dendron_path,
    paths_first=True,
    find_anchor=find_dendron_anchor,
    find_fragment=find_slugged_fragment(github_slug, blocks=True),
    write=write_dendron,
    read=read_dendron,
    anchor_parts=parts_of,
    told=_tell,
)
