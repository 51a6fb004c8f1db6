"""Obsidian: any file whose path ends with the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.wiki.anchors import find_obsidian_anchor, find_obsidian_fragment
from wikitools.wiki.engines.engine import Engine, first_at, one_of, resolve_relative, spellings
from wikitools.wiki.names_index import fold
from wikitools.wiki.paths import base_name, join, without_suffix
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Reason, Resolution

if TYPE_CHECKING:
    from wikitools.wiki.names_index import Index, Lookup


def resolve_obsidian(index: Index, target: str, folder: str) -> Resolution[str]:
    """Return the file that Obsidian opens for the wikilink target `target` on a page in `folder`.

    `./x` and `../x` are read only from the page's folder, `/x` only from the root. Otherwise Obsidian takes the file at
    exactly that path from the root, else any file whose path ends with `/target`; among several, those in the page's
    own folder (or below it) come first, then the shortest path. `.md` may be left out, other suffixes not. Case,
    aliases and titles do not matter.
    """
    files = index.by(fold)
    if target.startswith(("./", "../")) or target in (".", ".."):
        path = join(folder, target)
        if path is None:
            return Missing(why=Reason.OUTSIDE_ROOT)
        return first_at(files, spellings(path), "path relative to the page")
    if target.startswith("/"):
        return first_at(files, spellings(target[1:]), "path from the root")
    for spelling in spellings(target):
        at = files.exact(spelling)
        if at:
            return one_of(at, spelling, "exact path")
        several = files.ending(spelling)
        if len(several) == 1:
            return Found(several[0], "path ending" if "/" in target else "unique name")
        if several:
            return _prefer_own_folder(files, several, spelling, folder)
    return Missing()


def _prefer_own_folder(files: Lookup, several: tuple[str, ...], spelling: str, folder: str) -> Resolution[str]:
    if not folder:
        return _shortest_first(several)
    beside = files.exact(f"{folder}/{spelling}")
    if beside:
        return one_of(beside, f"{folder}/{spelling}", "the page's own folder")
    below = files.ending_below(spelling, folder)
    if len(below) == 1:
        return Found(below[0], "the page's own folder")
    if not below or len(below) == len(several):
        return _shortest_first(several)
    chosen = frozenset(below)
    others = tuple(path for path in several if path not in chosen)
    return Ambiguous(below + others, first_wins=_is_shortest(below))


def _shortest_first(paths: tuple[str, ...]) -> Resolution[str]:
    return Ambiguous(paths, first_wins=_is_shortest(paths))


def _is_shortest(paths: tuple[str, ...]) -> bool:
    """Say whether the first path is shorter than the second; if they are equally long, Obsidian may open either."""
    return len(paths[0]) < len(paths[1])


def write_obsidian(index: Index, path: str, _folder: str = "") -> str:
    """Return the shortest wikilink target that leads to the file at `path` from every page: its name, else its path.

    `.md` is left out, except where the target would then lead elsewhere.
    """
    for target in (base_name(without_suffix(path)), without_suffix(path)):
        answer = resolve_obsidian(index, target, "")
        if isinstance(answer, Found) and answer.target == path:
            return target
    return path


def resolve_obsidian_path(index: Index, path: str, folder: str) -> Resolution[str]:
    """Return the file (or folder, see `resolve_relative`) that a Markdown link leads to in a vault.

    The path from the page's folder comes first, because every other program follows that one; if there is no such file,
    Obsidian looks the path up like the target of a wikilink.
    """
    beside = resolve_relative(index, path, folder)
    if isinstance(beside, Ambiguous) or (isinstance(beside, Found) and not beside.target.endswith("/")):
        return beside
    anywhere = resolve_obsidian(index, path, folder)
    return beside if isinstance(anywhere, Missing) else anywhere


OBSIDIAN = Engine(
    name="obsidian",
    summary="any file whose path ends with the target; case-insensitive; own folder, then shortest path",
    resolve=resolve_obsidian,
    resolve_path=resolve_obsidian_path,
    paths_first=True,
    find_anchor=find_obsidian_anchor,
    find_fragment=find_obsidian_fragment,
    write=write_obsidian,
    by_names=True,
)
