"""Paths as wikis write them: with slashes, from the root or from a page's folder. Nothing here reads a disk."""

from __future__ import annotations


def base_name(path: str) -> str:
    """Return what follows the last slash."""
    return path.rpartition("/")[2]


def folder_of(path: str) -> str:
    """Return the folder of a path without a slash at its end; "" for the root."""
    return path.rpartition("/")[0]


def without_suffix(path: str) -> str:
    """Return a page's path without `.md`; other paths unchanged."""
    return path[:-3] if path[-3:].lower() == ".md" else path


def join(folder: str, path: str) -> str | None:
    """Return `path` as seen from `folder`, with `.` and `..` resolved, or `None` when it climbs out of the root.

    A leading slash means the root.

    >>> join("a/b", "../c.md"), join("a", "../../c.md"), join("a/b", "/c.md")
    ('a/c.md', None, 'c.md')
    """
    found = join_anywhere(folder, path)
    return None if found == ".." or found.startswith("../") else found


def join_anywhere(folder: str, path: str) -> str:
    """Return `path` as seen from `folder`, with `.` and `..` resolved; it starts with `..` if it is outside the root.

    A leading slash means the root.

    >>> join_anywhere("notes", "../b.md"), join_anywhere("notes", "../../b.md"), join_anywhere("notes", "/b.md")
    ('b.md', '../b.md', 'b.md')
    """
    if path and path[0] not in "./" and path[-1] != "/" and "/." not in path and "//" not in path:
        # Most paths have nothing to resolve.
        return f"{folder}/{path}" if folder else path
    parts = folder.split("/") if folder and not path.startswith("/") else []
    for part in path.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def relative(path: str, folder: str) -> str:
    """Return `path` (from the root) as a page in `folder` would write it.

    >>> relative("a/b.md", "a/c"), relative("a/b.md", "")
    ('../b.md', 'a/b.md')
    """
    here, there = folder.split("/") if folder else [], path.split("/")
    shared = 0
    while shared < min(len(here), len(there) - 1) and here[shared] == there[shared]:
        shared += 1
    return "/".join([".."] * (len(here) - shared) + there[shared:])
