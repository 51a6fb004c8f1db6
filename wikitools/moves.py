"""Writes pages and moves files together: either everything happens, or everything is restored."""

from __future__ import annotations

import contextlib
import os
from functools import partial
from typing import TYPE_CHECKING

from wikitools import files, interrupts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path


def write_and_move(
    root: Path,
    old_texts: Mapping[str, str],
    texts: Mapping[str, str],
    moves: Mapping[str, str],
    *,
    last: Collection[str] = (),
    follow_links: bool = False,
) -> None:
    """Give pages their new `texts` (by their present paths), then move files and folders; folders on the way are made.

    The pages that move, and those in `last`, are written after all others: until then the old names are still there,
    so that the same command can be run again to finish what a kill cut short. A kill leaves each page old or new.

    Raises `FileError` when a page no longer holds its old text, something may not be written, or a place is taken, and
    `KeyboardInterrupt` when an interrupt comes. All that was done is undone first; the message says what could not be.
    """
    undo: list[tuple[str, Callable[[], None]]] = []
    with files.writing(root, sorted((*texts, *moves)), follow_links=follow_links), interrupts.Held():
        try:
            for path in sorted(texts, key=lambda path: (path in last or _is_moved(path, moves), path)):
                interrupts.check()
                # What is to be undone is known before it is done: an error may come right after the file changed.
                undo.append(
                    (path, partial(_restore, root, path, old_texts[path], texts[path], follow_links=follow_links))
                )
                files.write_atomic(root, path, old_texts[path].encode("utf-8"), texts[path], follow_links=follow_links)
            for old, new in sorted(moves.items()):
                interrupts.check()
                for folder in _make_folders(root, new, follow_links=follow_links):
                    undo.append(("", partial(_remove_folder, folder)))
                _move(root, old, new, follow_links=follow_links)
                undo.append((new, partial(_move, root, new, old, follow_links=follow_links)))
        except BaseException as error:
            stuck = _put_back(undo)
            if stuck and isinstance(error, files.FileError | KeyboardInterrupt):
                why = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
                raise files.FileError(f"{why}; could not be put back: {', '.join(stuck)}") from error
            raise


def _is_moved(path: str, moves: Mapping[str, str]) -> bool:
    return path in moves or any(path.startswith(f"{old}/") for old in moves)


def _restore(root: Path, path: str, old: str, new: str, *, follow_links: bool) -> None:
    """Give a page its old text again, unless it still has it; raises `FileError` when it has neither."""
    if not files.holds(root, path, old.encode("utf-8"), follow_links=follow_links):
        files.write_atomic(root, path, new.encode("utf-8"), old, follow_links=follow_links)


def _put_back(undo: list[tuple[str, Callable[[], None]]]) -> list[str]:
    """Take all steps back, the last one first; return the files for which that failed."""
    stuck: list[str] = []
    for path, step in reversed(undo):
        try:
            step()
        except files.FileError:
            stuck.append(path)
    return stuck


def _remove_folder(place: str) -> None:
    # What somebody else has put there meanwhile stays.
    with contextlib.suppress(OSError):
        os.rmdir(place)


def is_free(root: Path, new: str, old: str, *, follow_links: bool = False) -> bool:
    """Say whether nothing lies at `new`, or nothing but `old` itself, where case does not count to the file system."""
    place = files.locate(root, new, follow_links=follow_links)
    if not os.path.lexists(place):
        return True
    with contextlib.suppress(OSError):
        return (
            new != old
            and new.lower() == old.lower()
            and os.path.samefile(place, files.locate(root, old, follow_links=follow_links))
        )
    return False


def files_below(root: Path, folder: str, *, follow_links: bool = False) -> tuple[str, ...]:
    """Return all files below a folder, hidden ones included, relative to the root; raises `FileError` for links."""
    top = os.fspath(root)
    found = []
    for here, folders, names in os.walk(files.locate(root, folder, follow_links=follow_links)):
        for name in (*folders, *names):
            place = os.path.join(here, name)
            path = os.path.relpath(place, top).replace(os.sep, "/")
            if os.path.islink(place):
                raise files.FileError(f"{path}: a symbolic link; move it by hand")
            if name in names:
                found.append(path)
    return tuple(sorted(found))


def _make_folders(root: Path, path: str, *, follow_links: bool) -> list[str]:
    """Make the folders that a file at `path` needs, and return where they lie."""
    made: list[str] = []
    folder = ""
    for part in path.split("/")[:-1]:
        folder = f"{folder}/{part}" if folder else part
        place = files.locate(root, folder, follow_links=follow_links)
        if not os.path.isdir(place):
            try:
                os.mkdir(place)
            except OSError as error:
                for each in reversed(made):
                    _remove_folder(each)
                raise files.FileError(f"{folder}: the folder cannot be made: {_reason(error)}") from error
            made.append(place)
    return made


def _move(root: Path, old: str, new: str, *, follow_links: bool) -> None:
    source, target = (
        files.locate(root, old, follow_links=follow_links),
        files.locate(root, new, follow_links=follow_links),
    )
    if os.path.islink(source):
        raise files.FileError(f"{old}: a symbolic link; move it by hand")
    if not is_free(root, new, old, follow_links=follow_links):
        raise files.FileError(f"{new}: already exists")
    try:
        # No folder replaces a folder with files in it.
        if os.path.lexists(target) or os.path.isdir(source):
            os.rename(source, target)
        else:
            _move_to_free_place(source, target)
    except OSError as error:
        raise files.FileError(f"{old}: cannot be moved to {new}: {_reason(error)}") from error


def _move_to_free_place(source: str, target: str) -> None:
    """Move a file without ever replacing one that somebody puts there at this moment."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        # The file system has no hard links.
        os.rename(source, target)
        return
    os.unlink(source)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
