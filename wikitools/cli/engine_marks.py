"""Finds files of other programs in or above a wiki's root, and the engine or folder of pages that they suggest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    hugo: str = ""
    """The configuration of Hugo; "" if it does not make the site."""


def find_marks(root: Path, pages: Collection[str]) -> Marks:
    """Return the marks; `pages` are the paths of the wiki's pages."""
    engines: dict[str, str] = {}
    site: tuple[str, str] | None = None
    hugo = ""
    for up, folder in _upwards(root):
        for name, engine, pages_folder in (*_mkdocs(folder), *_quartz(folder), *_hugo(folder)):
            inside = root == folder or root.is_relative_to(folder / pages_folder)
            if engine == _HUGO and inside:
                hugo = hugo or f"{up}{name}"
            elif engine and inside:
                engines.setdefault(engine, f"{up}{name}")
            if root == folder and pages_folder not in ("", ".") and (root / pages_folder).is_dir():
                site = site or (name, pages_folder)
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
    # It has no engine of its own; this one knows addresses such as /posts/kelp/, and paths of files.
    hints |= {"slug": hugo} if hugo else {}
    return Marks(engines, hints, site, hugo)


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


_LONGEST = 1_000_000
"""How many bytes of another program's configuration are read."""


def _read(folder: Path, name: str) -> str | None:
    from wikitools import files

    try:
        return files.read_bytes(folder, name, limit=_LONGEST).decode("utf-8", "replace")
    except files.FileError:
        # A file that cannot be read is not a mark, and it is not part of the wiki.
        return None


_DOCS_DIR = re.compile(r"^docs_dir:([^#\r\n]*)", re.MULTILINE)
_YAML_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#.*$", re.MULTILINE)
_PLUGIN = re.compile(
    r"(?:^[ \t]*-[ \t]+|^[ \t]+|[\[,{][ \t]*)[\"']?(roamlinks|ezlinks)[\"']?[ \t]*(?=[:,\]}\r]|$)", re.MULTILINE
)


def _mkdocs(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield what the configuration of MkDocs in a folder says: its name, the engine or "", the folder of the pages.

    Its YAML may name Python objects, which must not be loaded, so only single lines are read.
    """
    for name in ("mkdocs.yml", "mkdocs.yaml"):
        text = _read(folder, name)
        if text is None:
            continue
        given = _DOCS_DIR.search(text)
        written = given[1].strip().strip("\"'").strip("/").removeprefix("./") if given is not None else ""
        docs = written or "docs"
        plugins = dict.fromkeys(_PLUGIN.findall(_YAML_COMMENT.sub("", text)))
        yield from ((name, f"mkdocs-{plugin}", docs) for plugin in plugins)
        yield name, "", docs
        return


_QUARTZ = ("quartz.config.ts", "quartz.config.js", "quartz.config.yaml", "quartz.config.yml")
# Line comments and block comments; a pattern such as "**/*.md" does not start one.
_SCRIPT_COMMENT = re.compile(r"^[ \t]*(?://|/?\*).*$|(?<=[\s,;{}()])//.*$", re.MULTILINE)
_RESOLUTION = re.compile(r"markdownLinkResolution[\"']?\s*:\s*[\"'`]?(shortest|absolute|relative)\b")
_NO_OPTIONS = re.compile(r"\bCrawlLinks\(\s*(?:\{\s*\}\s*)?\)")


def _quartz(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the same for the configuration of Quartz. It is a program, which is never run."""
    for name in _QUARTZ:
        text = _read(folder, name)
        if text is None:
            continue
        code = _SCRIPT_COMMENT.sub("", text) if name.endswith(("ts", "js")) else _YAML_COMMENT.sub("", text)
        said = _RESOLUTION.search(code)
        # By default the plugin reads links from the root.
        strategy = said[1] if said is not None else "absolute" if _NO_OPTIONS.search(code) else "shortest"
        engine = "quartz" if strategy == "shortest" else f"quartz-{strategy}"
        yield name, engine, "."
        # Unless the command line says otherwise, the site is made from this folder.
        yield name, "", "content"
        return


_HUGO = "hugo"
_HUGO_FILES = tuple(
    f"{folder}{name}.{suffix}"
    for folder in ("", "config/_default/")
    for name in (_HUGO, "config")
    for suffix in ("toml", "yaml", "yml", "json")
)
_BASE_URL = re.compile(r"^[ \t{]*[\"']?baseurl[\"']?[ \t]*[:=]", re.MULTILINE | re.IGNORECASE)
_CONTENT_DIR = re.compile(
    r"^[ \t{]*[\"']?contentdir[\"']?[ \t]*[:=][ \t]*[\"']?([^\"'\s#]+)", re.MULTILINE | re.IGNORECASE
)


def _hugo(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the same for the configuration of Hugo; a `config.toml` is one if it says where the site is published."""
    for name in _HUGO_FILES:
        text = _read(folder, name)
        if text is None or not (_HUGO in name or _BASE_URL.search(text)):
            continue
        given = _CONTENT_DIR.search(text)
        yield name, _HUGO, given[1].strip("/").removeprefix("./") if given is not None else "content"
        return
