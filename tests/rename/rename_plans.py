"""Plans to rename pages and headings, and what is on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.facts import facts_of
from wikitools.wiki.rename import RenamePlan, Renaming, plan_rename

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def plan(
    texts: Mapping[str, str],
    *,
    moves: Mapping[str, str] | None = None,
    headings: Mapping[tuple[str, int], str] | None = None,
    engine: str = "obsidian",
) -> RenamePlan:
    return plan_rename(facts_of(texts, engine=engine).wiki, Renaming(moves or {}, headings or {}))


def rewritten(link: str, *, engine: str = "obsidian", old: str = "notes/Old.md", new: str = "notes/New name.md") -> str:
    """Return what becomes of `link`, on a page in the root, when a page with the heading "First part" is renamed."""
    texts = {"index.md": link + "\n", old: "# First part\n\n<a id='spot'></a>\n\ntext ^block\n"}
    done = plan(texts, moves={old: new}, engine=engine)
    return done.texts.get("index.md", link + "\n").removesuffix("\n")


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
