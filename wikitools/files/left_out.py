"""Finds files that exist without being part of the wiki, and files next to it that links name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wikitools.files.real_paths import find_boundary, find_repository, is_inside, lies_near, resolve
from wikitools.files.walk import SKIPPED_FOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from wikitools.files.inventory import Inventory, Snapshot


def find_left_out(
    root: Path,
    inventory: Inventory,
    named: Iterable[str] = (),
    *,
    snapshot: Snapshot | None = None,
    follow_links: bool = False,
) -> dict[str, bool]:
    """Return files that exist and are not part of the wiki, by path, each with whether git ignores it.

    These are the files that the inventory leaves out (of very many, the first), and the existing ones among `named`,
    the normalised paths that links name: hidden files and, starting with `..`, those outside the root in the same git
    repository. Folders among them end with `/`. Nothing is read, and no symbolic link that leads out is followed: such
    a link counts as existing, and so does everything behind it, because nobody can say that it does not exist.
    """
    found: dict[str, bool] = dict.fromkeys(inventory.unfollowed, False)
    unfollowed = frozenset(inventory.unfollowed)
    ignored = frozenset(inventory.ignored)
    top = os.fspath(root)
    for entry in inventory.excluded:
        for path in _files_in(top, entry):
            if len(found) == _MOST_LEFT_OUT:
                break
            found[path] = entry in ignored
    known = frozenset((*inventory.pages, *inventory.attachments))
    repository = find_repository(top)
    for path in sorted(set(named)):
        if path in known or path in found:
            continue
        if unfollowed and any(path[:end] in unfollowed for end, char in enumerate(path) if char == "/"):
            found[path] = False
            continue
        if snapshot is not None:
            there = path in snapshot.files or path in snapshot.folders
            is_folder = path in snapshot.folders
            if there and snapshot.on_disk and path not in snapshot.contents and path not in snapshot.sizes:
                # Git tracks a file that was removed from the working tree until the removal is staged.
                there = lies_near(root, path, repository, follow_links=follow_links)
        else:
            there = lies_near(root, path, repository, follow_links=follow_links)
            is_folder = there and os.path.isdir(os.path.join(top, path))
        if there:
            found[f"{path}/" if is_folder else path] = False
    return found


_MOST_LEFT_OUT = 50_000


def _files_in(top: str, entry: str) -> Iterator[str]:
    """Yield the files that an entry of `excluded` means."""
    if not entry.endswith("/"):
        yield entry
        return
    place = os.path.join(top, entry)
    if not is_inside(resolve(place), find_boundary(top)):
        yield entry
        return
    for folder, folders, names in os.walk(place):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in SKIPPED_FOLDERS)
        inside = os.path.relpath(folder, top).replace(os.sep, "/")
        for name in sorted(names):
            yield f"{inside}/{name}"
