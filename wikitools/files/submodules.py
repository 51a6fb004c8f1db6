"""Submodules that are not checked out: git leaves an empty folder in their place."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from wikitools.files.failure import FileError
from wikitools.files.paths import find_repository
from wikitools.files.read import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = ".gitmodules"
_LONGEST = 1_000_000
"""Bytes of a list of submodules; a longer one lists something else."""
_PATH = re.compile(r'^[ \t]*+path[ \t]*+=[ \t]*+("?)([^"\\\n]++)\1[ \t\r]*+$', re.MULTILINE | re.IGNORECASE)


def find_absent(root: Path) -> tuple[str, ...]:
    """Return the empty folders of submodules that `.gitmodules` lists, relative to the root (`..` leads out of it).

    Submodules inside of submodules have their own list.
    """
    top = os.path.realpath(root)
    repository = find_repository(top)
    if repository is None:
        return ()
    return tuple(sorted(os.path.relpath(each, top).replace(os.sep, "/") for each in _absent_in(repository)))


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
            try:
                with os.scandir(place) as entries:
                    is_empty = next(entries, None) is None
            except OSError:
                continue
            if is_empty:
                yield place
            else:
                pending.append(place)


def _listed_in(folder: str) -> list[str]:
    if not os.path.isfile(os.path.join(folder, _NAMES)):
        return []
    try:
        text = read_bytes(Path(folder), _NAMES, limit=_LONGEST).decode("utf-8", errors="replace")
    except FileError:
        return []
    return [match[2].strip() if not match[1] else match[2] for match in _PATH.finditer(text)]
