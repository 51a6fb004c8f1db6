"""How Obsidian and other engines read the target of a link: one function each, behind one interface."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from wikitools.wiki.engines.dendron import DENDRON
from wikitools.wiki.engines.engine import Engine, label_first, resolve_relative, target_first
from wikitools.wiki.engines.foam import FOAM
from wikitools.wiki.engines.gollum import GITHUB_WIKI, GOLLUM
from wikitools.wiki.engines.logseq import LOGSEQ
from wikitools.wiki.engines.markdown import MARKDOWN
from wikitools.wiki.engines.missing import explain_missing, is_address, is_asset_path
from wikitools.wiki.engines.mkdocs import EZLINKS, ROAMLINKS
from wikitools.wiki.engines.obsidian import OBSIDIAN
from wikitools.wiki.engines.quartz import QUARTZ, QUARTZ_ABSOLUTE, QUARTZ_RELATIVE
from wikitools.wiki.engines.slug import SLUG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wikitools.markdown.page import Page

__all__ = [
    "ENGINES",
    "OTHER_NAMES",
    "TOLD",
    "Engine",
    "engine_name",
    "explain_missing",
    "is_address",
    "is_asset_path",
    "label_first",
    "resolve_relative",
    "target_first",
    "tell_all",
]

ENGINES: Mapping[str, Engine] = MappingProxyType(
    {
        engine.name: engine
        for engine in (
            OBSIDIAN,
            QUARTZ,
            QUARTZ_ABSOLUTE,
            QUARTZ_RELATIVE,
            FOAM,
            DENDRON,
            GOLLUM,
            GITHUB_WIKI,
            ROAMLINKS,
            EZLINKS,
            LOGSEQ,
            SLUG,
            MARKDOWN,
        )
    }
)
"""All engines by name, as written in the configuration; the default one comes first."""

TOLD = tuple(dict.fromkeys(engine.told for engine in ENGINES.values() if engine.told is not None))
"""What is recorded about each page, so that no engine needs to read it again."""


def tell_all(page: Page) -> tuple[tuple[str, ...], ...]:
    """Return what each of `TOLD` says about a page; an empty tuple if none says anything, as for most pages."""
    told = tuple(tell(page) for tell in TOLD)
    return told if any(told) else ()


OTHER_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "quartz-shortest": "quartz",
        "roam": "mkdocs-roamlinks",
        "roamlinks": "mkdocs-roamlinks",
        "ezlinks": "mkdocs-ezlinks",
        "github": "github-wiki",
        "plain": "markdown",
        "plain-markdown": "markdown",
        "relative": "markdown",
        "commonmark": "markdown",
        "gfm": "markdown",
    }
)
"""Other names of engines."""


def engine_name(written: str) -> str:
    """Return the name of the engine that is meant, ignoring case and blanks; unknown names are returned unchanged.

    >>> engine_name("Quartz (shortest)"), engine_name("quartz_absolute"), engine_name("hugo")
    ('quartz', 'quartz-absolute', 'hugo')
    """
    plain = "-".join(re.sub(r"[\s()_/-]+", " ", written).split()).lower()
    name = OTHER_NAMES.get(plain, plain)
    return name if name in ENGINES else written
