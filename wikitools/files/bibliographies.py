"""Which files are bibliographies: those that the configuration names, or those that look like one."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from wikitools.files.failure import FileError
from wikitools.files.inventory import real_path
from wikitools.files.paths import is_spelled_so, relative, relative_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.files.inventory import Snapshot

BIBLIOGRAPHY_SUFFIXES = (
    *(".bib", ".bibtex", ".biblatex", ".ris", ".cff", ".json", ".csljson", ".yaml", ".yml", ".csv", ".tsv", ".tab"),
)
"""Ends of the names of files that may be bibliographies, whatever they hold."""

_HEAD = 8192
_CERTAIN_SUFFIXES = (".bib", ".bibtex", ".ris")
_CERTAIN_NAMES = frozenset({"citation.cff"})
_YAML_STEMS = re.compile(
    r"(?:^|[-_.])(?:references|bibliography|sources|library|hayagriva|csl|bib)(?:[-_.]|$)", re.IGNORECASE
)
_CSL_ENTRY = re.compile(
    r'"(?:issued|title-short|citation-key|container-title|DOI)"\s*:|"type"\s*:\s*"[a-z]+(?:[-_][a-z]+)*"'
)
_YAML_ENTRY = re.compile(r"^\s*-?\s*(?:issued|type|author|DOI|container-title)\s*:", re.MULTILINE)


def is_bibliography(place: str, path: str, snapshot: Snapshot | None = None) -> bool:
    """Say whether a file is one, by its name and, where that says too little, by how it begins."""
    base = os.path.basename(place).lower()
    stem, suffix = os.path.splitext(base)
    if suffix in _CERTAIN_SUFFIXES or base in _CERTAIN_NAMES:
        return True
    if suffix == ".json":
        head = head_of(place, path, snapshot).lstrip("\ufeff \t\r\n")
        return (
            re.match(r"\[\s*\{", head) is not None
            and '"title"' in head
            and '"id"' in head
            and bool(_CSL_ENTRY.search(head))
        )
    if suffix in {".yaml", ".yml"} and _YAML_STEMS.search(stem):
        head = head_of(place, path, snapshot)
        return "title" in head and _YAML_ENTRY.search(head) is not None
    return False


def head_of(place: str, path: str, snapshot: Snapshot | None) -> str:
    """Return how a file begins, on the disk or in a snapshot; "" when it cannot be read."""
    from wikitools.cite.readers.encodings import decode_head

    if snapshot is not None:
        held = snapshot.contents.get(real_path(path, snapshot))
        if held is not None or not snapshot.on_disk:
            return decode_head((held or b"")[:_HEAD])
    try:
        with open(place, "rb") as file:
            return decode_head(file.read(_HEAD))
    except OSError:
        # Looking around never fails; a bibliography that is named and unreadable does.
        return ""


def named_bibliographies(
    patterns: Sequence[str], folder: str, top: str, snapshot: Snapshot | None = None
) -> tuple[str, ...]:
    """Return the paths of the bibliographies that paths and globs name; raises `FileError` when one names nothing."""
    import glob

    from wikitools.lint.policy import glob_test

    found: list[str] = []
    for pattern in patterns:
        # A name that exists is no pattern, whatever brackets it has.
        path = os.path.join(folder, os.path.expanduser(pattern))
        if snapshot is not None and not snapshot.on_disk and not os.path.isabs(inside := relative_to(top, path)):
            matches = (
                [inside] if inside in snapshot.files else sorted(filter(glob_test((f"/{inside}",)), snapshot.files))
            )
            # What a commit did not have yet, it had not; the present state must have what its configuration names.
            if not matches and snapshot.beside:
                raise FileError(f"{pattern}: no such bibliography is staged")
            found += (relative(os.path.normpath(os.path.join(top, match)), top) for match in matches)
            continue
        matches = [path] if os.path.exists(path) else sorted(glob.glob(path, recursive=True))
        matches = [match for match in matches if is_spelled_so(folder, relative(match, folder))]
        files = [match for match in matches if os.path.isfile(match)]
        if not files:
            kind = "bibliography is a folder, not a file" if matches else "no such bibliography"
            raise FileError(f"{pattern}: {kind} (looked in {folder})")
        found += [relative(os.path.normpath(match), top) for match in files]
    return tuple(dict.fromkeys(found))
