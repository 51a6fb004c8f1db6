"""Programs that make a site from a wiki: where their configuration says its pages are, and what they render."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Site(NamedTuple):
    """What the configuration of such a program says."""

    file: str
    """The name of the configuration, in the folder that it is about."""
    pages: str
    """The folder of the pages, from there."""
    engine: str = ""
    """The engine that resolves links as it does; "" if none does so more than others."""
    anchors: str = ""
    """The value of the key `anchors`; "" if the engine knows."""
    defines_references: bool = False
    """Whether a plugin defines references, so that links without a definition may be fine."""


def find_sites(folder: Path) -> Iterator[Site]:
    """Yield what the configurations in a folder say. They are read as text: some are programs, which are never run."""
    yield from _mkdocs(folder)
    yield from _quartz(folder)
    yield from _hugo(folder)
    yield from _quarto(folder)


_LONGEST = 1_000_000
"""How many bytes of another program's configuration are read."""


def _read(folder: Path, name: str) -> str | None:
    from wikitools import files

    try:
        return files.read_bytes(folder, name, limit=_LONGEST).decode("utf-8", "replace")
    except files.FileError:
        # A file that cannot be read is not a mark, and it is not part of the wiki.
        return None


_DOCS_DIR = re.compile(r"^docs_dir[ \t]*[:=]([^#\r\n]*)", re.MULTILINE)
_YAML_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#.*$", re.MULTILINE)
_PLUGIN = re.compile(
    r"(?:^[ \t]*-[ \t]+|^[ \t]+|[\[,{][ \t]*)[\"']?(roamlinks|ezlinks)[\"']?[ \t]*(?=[:,\]}\r]|$)", re.MULTILINE
)


_DEFINES = re.compile(r"\b(?:autorefs|mkdocstrings|auto_append)\b")
"""Plugins of MkDocs that make links of `[text][identifier]`, and the setting that adds definitions to each page."""


def _mkdocs(folder: Path) -> Iterator[Site]:
    """Yield what the configuration of MkDocs, or of its successor Zensical, says.

    Its YAML may name Python objects, which must not be loaded, so only single lines are read.
    """
    for name in ("mkdocs.yml", "mkdocs.yaml", "zensical.toml", "zensical.yml", "zensical.yaml"):
        text = _read(folder, name)
        if text is None:
            continue
        text = _YAML_COMMENT.sub("", text)
        given = _DOCS_DIR.search(text)
        docs = (given[1].strip().strip("\"'").strip("/").removeprefix("./") if given is not None else "") or "docs"
        plugins = dict.fromkeys(_PLUGIN.findall(text))
        defines = _DEFINES.search(text) is not None
        yield from (Site(name, docs, f"mkdocs-{plugin}", "", defines) for plugin in plugins)
        yield Site(name, docs, "", "" if plugins else "python-markdown", defines)
        return


_QUARTZ = ("quartz.config.ts", "quartz.config.js", "quartz.config.yaml", "quartz.config.yml")
# Line comments and block comments; a pattern such as "**/*.md" does not start one.
_SCRIPT_COMMENT = re.compile(r"^[ \t]*(?://|/?\*).*$|(?<=[\s,;{}()])//.*$", re.MULTILINE)
_RESOLUTION = re.compile(r"markdownLinkResolution[\"']?\s*:\s*[\"'`]?(shortest|absolute|relative)\b")
_NO_OPTIONS = re.compile(r"\bCrawlLinks\(\s*(?:\{\s*\}\s*)?\)")


def _quartz(folder: Path) -> Iterator[Site]:
    """Yield what the configuration of Quartz says."""
    for name in _QUARTZ:
        text = _read(folder, name)
        if text is None:
            continue
        code = _SCRIPT_COMMENT.sub("", text) if name.endswith(("ts", "js")) else _YAML_COMMENT.sub("", text)
        said = _RESOLUTION.search(code)
        # By default the plugin reads links from the root.
        strategy = said[1] if said is not None else "absolute" if _NO_OPTIONS.search(code) else "shortest"
        engine = "quartz" if strategy == "shortest" else f"quartz-{strategy}"
        yield Site(name, ".", engine)
        # Unless the command line says otherwise, the site is made from this folder.
        yield Site(name, "content")
        return


_HUGO_FILES = tuple(
    f"{folder}{name}.{suffix}"
    for folder in ("", "config/_default/")
    for name in ("hugo", "config")
    for suffix in ("toml", "yaml", "yml", "json")
)
_BASE_URL = re.compile(r"^[ \t{]*[\"']?baseurl[\"']?[ \t]*[:=]", re.MULTILINE | re.IGNORECASE)
_CONTENT_DIR = re.compile(
    r"^[ \t{]*[\"']?contentdir[\"']?[ \t]*[:=][ \t]*[\"']?([^\"'\s#]+)", re.MULTILINE | re.IGNORECASE
)


def _hugo(folder: Path) -> Iterator[Site]:
    """Yield what the configuration of Hugo says; a `config.toml` is one if it says where the site is published.

    No engine reads all links as Hugo does; slug knows addresses such as /posts/kelp/, and paths of files.
    """
    for name in _HUGO_FILES:
        text = _read(folder, name)
        if text is None or not ("hugo" in name or _BASE_URL.search(text)):
            continue
        given = _CONTENT_DIR.search(text)
        pages = given[1].strip("/").removeprefix("./") if given is not None else "content"
        yield Site(name, pages, anchors="hugo")
        return


def _quarto(folder: Path) -> Iterator[Site]:
    """Yield what the presence of a project of Quarto or bookdown says: Pandoc renders the pages."""
    for name in ("_quarto.yml", "_quarto.yaml", "_bookdown.yml"):
        if _read(folder, name) is not None:
            yield Site(name, ".", anchors="pandoc")
            return
