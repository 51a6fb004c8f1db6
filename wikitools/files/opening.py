"""Opens files and folders inside a boundary that no symbolic link can leave, not even one made meanwhile."""

from __future__ import annotations

import os

from wikitools.files.real_paths import check_links, resolve

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
# Linux can open a folder that may be entered but not listed.
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | _NO_FOLLOW
# Opening a named pipe must not wait for a writer, and a terminal must not become the controlling terminal.
READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)
STEPS = bool(_NO_FOLLOW) and os.open in os.supports_dir_fd
"""Whether the system can open a path step by step. Windows cannot: there, only the check before opening protects."""


def open_file(place: str, shown: str, boundary: str | None) -> int:
    """Open a file of any kind for reading; with a `boundary`, only inside of it.

    Raises `OutsideError` or `OSError`.
    """
    if boundary is None:
        return os.open(place, READ)
    real = resolve(place)
    check_links(real, shown, boundary)
    if not STEPS:
        return os.open(real, READ)
    folder = open_folder(os.path.dirname(real), boundary)
    try:
        return os.open(os.path.basename(real), READ | _NO_FOLLOW, dir_fd=folder)
    finally:
        os.close(folder)


def open_folder(real: str, boundary: str | None) -> int:
    """Open a folder as the `dir_fd` of further calls, by its real path: no step from the boundary on may be a link.

    Works only if `STEPS` is true. Raises `OSError`.
    """
    if boundary is None:
        return os.open(real, _FOLDER)
    here = os.open(boundary, _FOLDER)
    try:
        for name in real[len(boundary) :].split(os.sep):
            if name:
                inner = os.open(name, _FOLDER, dir_fd=here)
                os.close(here)
                here = inner
    except BaseException:
        os.close(here)
        raise
    return here
