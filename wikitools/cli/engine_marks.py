"""Finds files of other programs in or above a wiki's root, and the settings that they suggest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.cli.site_programs import find_sites

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks that were found."""

    engines: Mapping[str, str]
    """Engines that left a mark, each with the mark, the clearest first."""
    hints: Mapping[str, str]
    """The same for marks that wikis of other engines may have too."""
    site: tuple[str, str] | None = None
    """A file in the root that says which folder below it a site is made of, and this folder."""
    anchors: tuple[str, str] | None = None
    """The program that makes the anchors, as the key `anchors` names it, and its configuration."""
    references: str = ""
    """The configuration that loads a plugin which defines references; "" if there is none."""


def find_marks(root: Path, pages: Collection[str]) -> Marks:
    """Return the marks; `pages` are the paths of the wiki's pages."""
    engines: dict[str, str] = {}
    site: tuple[str, str] | None = None
    anchors: tuple[str, str] | None = None
    references = ""
    for up, folder in _upwards(root):
        for each in find_sites(folder):
            if root == folder or root.is_relative_to(folder / each.pages):
                if each.engine:
                    engines.setdefault(each.engine, f"{up}{each.file}")
                if each.anchors:
                    anchors = anchors or (each.anchors, f"{up}{each.file}")
                if each.defines_references:
                    references = references or f"{up}{each.file}"
            if root == folder and each.pages != "." and (root / each.pages).is_dir():
                site = site or (each.file, each.pages)
    for engine, names in _FILES:
        for name in names:
            if (root / name).exists():
                engines.setdefault(engine, name)
    github = [name for name in ("_Sidebar.md", "_Footer.md") if name in pages]
    github += [f"{root.name}/"] if root.name.endswith(".wiki") else []
    if github:
        engines.setdefault("github-wiki", github[0])
    if (root / ".obsidian").exists():
        engines.setdefault("obsidian", ".obsidian")
    hints = {"github-wiki": "Home.md"} if "Home.md" in pages and _may_be_of_github(pages) else {}
    if anchors is not None and anchors[0] == "hugo":
        hints["slug"] = anchors[1]
    return Marks(engines, hints, site, anchors, references)


def _may_be_of_github(pages: Collection[str]) -> bool:
    """Say whether GitHub's editor may have made the pages: all in one folder, without blanks in their names."""
    return not any(" " in path for path in pages) and sum("/" in path for path in pages) * 2 <= len(pages)


_FILES = (
    ("dendron", ("dendron.yml", "../dendron.yml")),
    ("logseq", ("logseq/config.edn",)),
    ("foam", (".foam", ".vscode/foam.json", "_layouts/foam.html")),
    ("gollum", (".gollum", "custom.css.gollum")),
)
"""Files that programs leave in, or just above, the root of their wikis."""


def _upwards(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield the root and the folders above it within the repository, each with the relative path to it."""
    from wikitools import files

    top = files.find_repository(str(root))
    for number, folder in enumerate((root, *root.parents[:_LEVELS])):
        yield "../" * number, folder
        if top is not None and str(folder) == top:
            return


_LEVELS = 3
"""How many folders above its pages the configuration of a site is looked for."""
