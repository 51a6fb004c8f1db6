"""The pages and bibliographies that PATHS select, and a page whose text comes from standard input."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from wikitools import files
from wikitools.cli.terminal import fail, warn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wikitools.cli.request import Request
    from wikitools.config import Settings
    from wikitools.project.loading import Workspace


def asked_files(
    asked_for: Request, settings: Settings, inventory: files.Inventory, bibliographies: Iterable[str]
) -> frozenset[str] | None:
    """Return the pages and bibliographies that PATHS mean; `None` if the whole wiki is among them."""
    if not asked_for.paths:
        return None
    root = os.fspath(settings.root)
    known = frozenset((*inventory.pages, *inventory.bibliographies, *bibliographies))
    asked: set[str] = set()
    for path in asked_for.paths:
        inside = files.below_root(path, root)
        if inside is None and os.path.abspath(path) in known:
            asked.add(os.path.abspath(path))
            continue
        if inside is None:
            fail(f"{path}: outside the wiki {root}", "the configuration file's folder is the wiki")
        if inside == ".":
            return None
        if inside in known:
            asked.add(inside)
            continue
        below = {each for each in known if each.startswith(inside + "/")}
        behind = files.below_root(files.resolve(path), files.resolve(root))
        if not below and behind is not None and behind in known:
            # A symbolic link to a page means that page.
            below.add(behind)
        why = "" if below else _why_not(path, inside, inventory, settings.suffixes)
        if why and not asked_for.quiet and not (asked_for.force_exclude and why == _LEFT_OUT):
            warn(f"{path}: {why}; nothing to report on")
        asked |= below
    return frozenset(asked)


_LEFT_OUT = "left out of the wiki by .gitignore or exclude"


def _why_not(path: str, inside: str, inventory: files.Inventory, suffixes: Sequence[str]) -> str:
    if any(f"{inside}/".startswith(each if each.endswith("/") else f"{each}/") for each in inventory.excluded):
        return _LEFT_OUT
    if any(f"{inside}/".startswith(f"{each}/") for each in inventory.unfollowed):
        return f"behind a symbolic link that is not followed ({files.FOLLOW})"
    if any(part.startswith(".") for part in inside.split("/")):
        return "hidden, so not part of the wiki"
    return "no pages in this folder" if os.path.isdir(path) else f"not a page ({', '.join(suffixes)})"


def put_in(workspace: Workspace, path: str) -> tuple[Workspace, str]:
    """Return the workspace in which the page `path`, saved or not, has the text from standard input, and its path."""
    data = sys.stdin.buffer.read()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        fail(f"{path}: standard input is not UTF-8 (byte {error.start})")
    root = os.fspath(workspace.settings.root)
    page = files.below_root(path, root)
    if page is None:
        fail(f"{path}: outside the wiki {root}", "the configuration file's folder is the wiki")
    suffixes = workspace.settings.suffixes
    if not page.lower().endswith(tuple(each.lower() for each in suffixes)):
        fail(f"{path}: not a page ({', '.join(suffixes)})")
    inventory = workspace.inventory
    if page not in inventory.pages:
        inventory = replace(inventory, pages=tuple(sorted((*inventory.pages, page))))
    return replace(workspace, inventory=inventory).refreshed({page: text}), page
