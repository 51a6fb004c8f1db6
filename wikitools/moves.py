"""Pages written and files moved together: all of it happens, or everything is put back."""

from __future__ import annotations

import contextlib
import os
from functools import partial
from typing import TYPE_CHECKING

from wikitools import files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


def write_and_move(
    root: Path, old_texts: Mapping[str, str], texts: Mapping[str, str], moves: Mapping[str, str]
) -> None:
    """Give pages their new `texts` (by their present paths), then move files; folders on the way are made.

    Raises `FileError` when a page no longer holds its old text, something may not be written, or a place is taken. Then
    all that was done is undone, and the message says what could not be. A run that is killed leaves each page old or
    new.
    """
    undo: list[tuple[str, Callable[[], None]]] = []
    with files.writing(root, sorted((*texts, *moves))):
        try:
            for path in sorted(texts):
                old_text, text = old_texts[path], texts[path]
                files.write_atomic(root, path, old_text.encode("utf-8"), text)
                undo.append((path, partial(files.write_atomic, root, path, text.encode("utf-8"), old_text)))
            for old, new in sorted(moves.items()):
                for folder in _make_folders(root, new):
                    undo.append(("", partial(_remove_folder, folder)))
                _move(root, old, new)
                undo.append((new, partial(_move, root, new, old)))
        except BaseException as error:
            stuck = _put_back(undo)
            if stuck and isinstance(error, files.FileError):
                raise files.FileError(f"{error}; could not be put back: {', '.join(stuck)}") from error
            raise


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


def is_free(root: Path, new: str, old: str) -> bool:
    """Say whether nothing lies at `new`, or nothing but `old` itself, where case does not count to the file system."""
    place = files.locate(root, new)
    if not os.path.lexists(place):
        return True
    with contextlib.suppress(OSError):
        return new != old and new.lower() == old.lower() and os.path.samefile(place, files.locate(root, old))
    return False


def files_below(root: Path, folder: str) -> tuple[str, ...]:
    """Return all files below a folder, hidden ones included, relative to the root; raises `FileError` for links."""
    top = os.fspath(root)
    found = []
    for here, folders, names in os.walk(files.locate(root, folder)):
        for name in (*folders, *names):
            place = os.path.join(here, name)
            path = os.path.relpath(place, top).replace(os.sep, "/")
            if os.path.islink(place):
                raise files.FileError(f"{path}: a symbolic link; move it by hand")
            if name in names:
                found.append(path)
    return tuple(sorted(found))


def remove_empty_folders(root: Path, folder: str) -> None:
    """Remove the folders that nothing is left in: this one and those below it."""
    for here, _folders, _names in os.walk(files.locate(root, folder), topdown=False):
        with contextlib.suppress(OSError):
            os.rmdir(here)


def _make_folders(root: Path, path: str) -> list[str]:
    """Make the folders that a file at `path` needs, and return where they lie."""
    made: list[str] = []
    folder = ""
    for part in path.split("/")[:-1]:
        folder = f"{folder}/{part}" if folder else part
        place = files.locate(root, folder)
        if not os.path.isdir(place):
            try:
                os.mkdir(place)
            except OSError as error:
                for each in reversed(made):
                    _remove_folder(each)
                raise files.FileError(f"{folder}: the folder cannot be made: {_reason(error)}") from error
            made.append(place)
    return made


def _move(root: Path, old: str, new: str) -> None:
    source, target = files.locate(root, old), files.locate(root, new)
    if os.path.islink(source):
        raise files.FileError(f"{old}: a symbolic link; move it by hand")
    if not is_free(root, new, old):
        raise files.FileError(f"{new}: exists already")
    try:
        if os.path.lexists(target):
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
