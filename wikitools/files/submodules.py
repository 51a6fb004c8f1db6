"""Finds submodules that are not checked out: git leaves an empty folder instead, which may be deleted."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from wikitools.files.failure import FileError
from wikitools.files.read import read_bytes
from wikitools.files.real_paths import find_repository

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = ".gitmodules"
_LONGEST = 1_000_000
"""The most bytes of a list of submodules; a longer file is something else."""
_PATH = re.compile(r'^[ \t]*+path[ \t]*+=[ \t]*+("?)([^"\\\n]++)\1[ \t\r]*+$', re.MULTILINE | re.IGNORECASE)


def find_absent(root: Path) -> tuple[str, ...]:
    """Return the empty or deleted folders of submodules that `.gitmodules` lists.

    They are relative to the root (`..` leads out of it). Submodules inside of submodules have their own list.
    """
    top = os.path.realpath(root)
    repository = find_repository(top)
    if repository is None:
        return ()
    return tuple(sorted(os.path.relpath(each, top).replace(os.sep, "/") for each in _absent_in(repository)))


def may_have_gitlinks(root: Path) -> bool:
    """Say whether git's index may contain submodules, without asking git: hardly any does."""
    repository = find_repository(os.path.realpath(root))
    if repository is None:
        return False
    folder = os.path.join(repository, ".git")
    index = os.path.join(folder, "index")
    if not os.path.isdir(folder):
        # A worktree, whose index is in another folder.
        return True
    if not os.path.isfile(index):
        return False
    try:
        with open(index, "rb") as file:
            return _GITLINK in file.read()
    except OSError:
        # Git will say whether it is readable.
        return True


_GITLINK = (0o160000).to_bytes(4, "big")
"""The mode of a submodule in each version of the index."""


def _absent_in(repository: str) -> Iterator[str]:
    pending = [repository]
    seen = set(pending)
    while pending:
        home = pending.pop()
        for path in _listed_in(home):
            place = os.path.normpath(os.path.join(home, path))
            # A hostile list could lead out of the repository, or in a circle.
            if place in seen or os.path.realpath(place) != place or not place.startswith(repository + os.sep):
                continue
            seen.add(place)
            if is_absent(place):
                yield place
            elif os.path.isdir(place):
                pending.append(place)


def is_absent(place: str) -> bool:
    """Say whether the folder of a submodule is empty, or was deleted."""
    try:
        with os.scandir(place) as entries:
            return next(entries, None) is None
    except FileNotFoundError:
        return True
    except OSError:
        # Not a folder, or one that may not be listed.
        return False


def _listed_in(folder: str) -> list[str]:
    if not os.path.isfile(os.path.join(folder, _NAMES)):
        return []
    try:
        text = read_bytes(Path(folder), _NAMES, limit=_LONGEST).decode("utf-8", errors="replace")
    except FileError:
        return []
    return [match[2].strip() if not match[1] else match[2] for match in _PATH.finditer(text)]
