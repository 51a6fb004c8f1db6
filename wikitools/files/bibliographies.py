"""Finds bibliographies: files that the configuration names, or that look like one."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from wikitools.files.failure import FileError, OutsideError
from wikitools.files.inventory import real_path
from wikitools.files.read import read_bytes, read_head
from wikitools.files.real_paths import (
    find_boundary,
    is_spelled_so,
    locate_named,
    relative,
    relative_to,
    resolve,
    within,
)
from wikitools.globs import glob_test, path_test
from wikitools.sources.readers import BIBLIOGRAPHY_SUFFIXES, FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from wikitools.files.inventory import Snapshot

_HEAD = 8192
_CERTAIN_SUFFIXES = tuple(suffix for each in FORMATS if each.says_bibliography for suffix in each.suffixes)
_CERTAIN_NAMES = frozenset({"citation.cff"})
_YAML_STEMS = re.compile(
    r"(?:^|[-_.])(?:references|bibliography|sources|library|hayagriva|csl|bib)(?:[-_.]|$)", re.IGNORECASE
)
_CSL_ENTRY = re.compile(
    r'"(?:issued|title-short|citation-key|container-title|DOI)"\s*:|"type"\s*:\s*"[a-z]+(?:[-_][a-z]+)*"'
)
_YAML_ENTRY = re.compile(r"^[ \t]*+(?:-[ \t]*+)?+(?:issued|type|author|DOI|container-title)[ \t]*+:", re.MULTILINE)


def is_bibliography(root: Path, path: str, snapshot: Snapshot | None = None, follow_links: bool = False) -> bool:
    """Say whether a file is a bibliography, by its name and, if that is not enough, by its first bytes."""
    base = os.path.basename(path).lower()
    stem, suffix = os.path.splitext(base)
    if suffix in _CERTAIN_SUFFIXES or base in _CERTAIN_NAMES:
        return True
    if suffix == ".json":
        head = _head_of(root, path, snapshot, follow_links).lstrip("\ufeff \t\r\n")
        return (
            re.match(r"\[\s*\{", head) is not None
            and '"title"' in head
            and '"id"' in head
            and bool(_CSL_ENTRY.search(head))
        )
    if suffix in {".yaml", ".yml"} and _YAML_STEMS.search(stem):
        head = _head_of(root, path, snapshot, follow_links)
        return "title" in head and _YAML_ENTRY.search(head) is not None
    return False


def why_refused(root: str | Path, path: str, snapshot: Snapshot | None = None) -> str:
    """Return why a file that the wiki names, or contains, is not read as a bibliography; "" if it is read.

    A hidden file, or one with another suffix, may contain secrets, and reports quote what is wrong in a bibliography.
    The same checks apply to the file that a link leads to.
    """
    written, real = _written_and_real(os.fspath(root), path, snapshot)
    suffix = os.path.splitext(written.lower())[1]
    if _is_hidden(written):
        return "it is hidden (a name begins with a dot)"
    if suffix not in BIBLIOGRAPHY_SUFFIXES:
        return f"its name ends in none of {', '.join(BIBLIOGRAPHY_SUFFIXES)}"
    if _is_hidden(real):
        return "the link leads to a hidden file (a name begins with a dot)"
    if os.path.splitext(real.lower())[1] != suffix:
        return "the link leads to a file with another suffix"
    return ""


def _written_and_real(top: str, path: str, snapshot: Snapshot | None) -> tuple[str, str]:
    """Return the path of a file, and where its links lead, both relative to the root."""
    place = os.path.join(top, path)
    if snapshot is not None and not snapshot.on_disk and not os.path.isabs(listed := relative_to(top, place)):
        return listed, real_path(listed, snapshot)
    real = resolve(place)
    # With --follow-links, the user has chosen the folder that a link leads to.
    near = os.path.relpath(real, resolve(top)) if within(real, find_boundary(top)) else os.path.basename(real)
    return os.path.relpath(place, top), near


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") and part not in (".", "..") for part in path.replace(os.sep, "/").split("/"))


def read_bibliography_bytes(
    root: Path, path: str, *, limit: int, snapshot: Snapshot | None, follow_links: bool, anywhere: bool = False
) -> bytes:
    """Return the bytes of a bibliography (see `read_bytes`); raises `FileError` also for a refused one.

    With `anywhere`, because the command line or the environment names it, none is refused.
    """
    if not anywhere and (why := why_refused(root, path, snapshot)):
        raise FileError(f"{path}: not read as a bibliography: {why}")
    return read_bytes(root, path, limit=limit, snapshot=snapshot, follow_links=follow_links, anywhere=anywhere)


def _head_of(root: Path, path: str, snapshot: Snapshot | None, follow_links: bool) -> str:
    """Return the first bytes of a file, on the disk or in a snapshot; "" if it cannot be read.

    A search for bibliographies never fails; an unreadable one that is named does.
    """
    from wikitools.sources.readers.encodings import decode_head

    if snapshot is not None:
        held = snapshot.contents.get(real_path(path, snapshot))
        if held is not None or not snapshot.on_disk:
            return decode_head((held or b"")[:_HEAD])
    return decode_head(read_head(root, path, _HEAD, follow_links=follow_links))


class BibliographyFinder:
    """Finds the bibliographies that the paths and globs of a configuration name."""

    def __init__(
        self, folder: str, top: str, snapshot: Snapshot | None = None, *, anywhere: bool, follow_links: bool
    ) -> None:
        """`folder` is what the paths are relative to; with `anywhere` they may be outside of the repository."""
        self._folder = folder
        self._top = top
        self._snapshot = snapshot
        self._anywhere = anywhere
        self._follow_links = follow_links

    def named(self, patterns: Sequence[str]) -> tuple[str, ...]:
        """Return the paths of the named files.

        Raises `FileError` if a pattern matches nothing, or a file that must not be read.
        """
        return tuple(dict.fromkeys(path for pattern in patterns for path in self._matches(pattern)))

    def _matches(self, pattern: str) -> list[str]:
        snapshot = self._snapshot
        path = os.path.join(self._folder, os.path.expanduser(pattern))
        if snapshot is not None and not snapshot.on_disk and not os.path.isabs(inside := relative_to(self._top, path)):
            matches = (
                [inside] if inside in snapshot.files else sorted(filter(glob_test((f"/{inside}",)), snapshot.files))
            )
            # An earlier commit may lack a bibliography; the present state must have what its configuration names.
            if not matches and snapshot.beside:
                raise FileError(f"{pattern}: no such bibliography is staged")
            found = [relative(os.path.normpath(os.path.join(self._top, match)), self._top) for match in matches]
            return self._read_of(found, pattern, is_glob=matches != [inside])
        fixed, pieces = _fixed_part(path)
        self._check(fixed, pattern)
        found = [fixed] if not pieces else sorted(filter(self._may_read, _expand(fixed, pieces)))
        found = [match for match in found if is_spelled_so(self._folder, relative(match, self._folder))]
        files = [match for match in found if os.path.isfile(match)]
        if not files:
            there = any(map(os.path.exists, found))
            kind = "bibliography is not a file" if there else "no such bibliography"
            raise FileError(f"{pattern}: {kind} (looked in {self._folder}{_others_beside(fixed)})")
        found = [relative(os.path.normpath(match), self._top) for match in files]
        return self._read_of(found, pattern, is_glob=bool(pieces))

    def _read_of(self, found: list[str], pattern: str, *, is_glob: bool) -> list[str]:
        """Return those files that may be read; raises `FileError` for one that is named and must not be read."""
        if self._anywhere:
            return found
        refused = {path: why for path in found if (why := why_refused(self._top, path, self._snapshot))}
        if refused and (not is_glob or len(refused) == len(found)):
            path, why = next(iter(refused.items()))
            raise FileError(f"{pattern}: {f'{path} is ' if is_glob else ''}not read as a bibliography: {why}")
        return [path for path in found if path not in refused]

    def _check(self, place: str, pattern: str) -> None:
        locate_named(self._top, place, pattern, anywhere=self._anywhere, follow_links=self._follow_links)

    def _may_read(self, place: str) -> bool:
        try:
            self._check(place, place)
        except OutsideError:
            # It is listed with the links that were not followed.
            return False
        return True


_MAGIC = re.compile(r"[*?\[]")


def _others_beside(path: str) -> str:
    """Return which files with the same suffix are in the folder of a missing one, in words; "" for none."""
    folder, suffix = os.path.dirname(path), os.path.splitext(path)[1]
    names = sorted(each for each in os.listdir(folder) if each.endswith(suffix)) if os.path.isdir(folder) else []
    return f"; there is {', '.join(names[:_NAMED])}" if suffix and names else ""


_NAMED = 3


def _fixed_part(path: str) -> tuple[str, list[str]]:
    """Return the path up to the first wildcard, and the rest as pieces; a name that exists is not a pattern."""
    path = os.path.normpath(path)
    if _MAGIC.search(path) is None or os.path.lexists(path):
        return path, []
    pieces = path.split(os.sep)
    first = next(at for at, piece in enumerate(pieces) if _MAGIC.search(piece))
    rest = pieces[first:]
    return os.sep.join(pieces[:first]) or os.sep, [*rest, "*"] if rest[-1] == "**" else rest


def _expand(folder: str, pieces: Sequence[str]) -> set[str]:
    """Return the files below a folder that the pieces of a glob match; each folder is listed once for each piece."""
    reached = {folder}
    for piece in pieces:
        if piece == "**":
            reached = _folders_below(reached)
        elif _MAGIC.search(piece) is None:
            reached = {place for each in reached if os.path.lexists(place := os.path.join(each, piece))}
        else:
            fits = path_test(piece, brackets=True)
            reached = {
                os.path.join(each, name)
                for each in reached
                for name in _names_in(each)
                if fits(name) and (piece.startswith(".") or not name.startswith("."))
            }
    return reached


def _folders_below(folders: Iterable[str]) -> set[str]:
    """Return these folders and all below them that are not hidden, without following links."""
    pending = list(folders)
    found: set[str] = set()
    while pending:
        folder = pending.pop()
        if folder not in found:
            found.add(folder)
            places = (os.path.join(folder, name) for name in _names_in(folder) if not name.startswith("."))
            pending += (place for place in places if os.path.isdir(place) and not os.path.islink(place))
    return found


def _names_in(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        # Not a folder, or one that may not be listed: nothing in it matches.
        return []
