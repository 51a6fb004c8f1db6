"""How Obsidian and other engines read the target of a link: one function each, behind one interface."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from wikitools.wiki.engines.dendron import DENDRON
from wikitools.wiki.engines.engine import Engine, label_first, resolve_relative, target_first
from wikitools.wiki.engines.foam import FOAM
from wikitools.wiki.engines.gollum import GITHUB_WIKI, GOLLUM
from wikitools.wiki.engines.logseq import LOGSEQ
from wikitools.wiki.engines.markdown import MARKDOWN
from wikitools.wiki.engines.missing import explain_missing, is_address, is_asset_path, is_placeholder
from wikitools.wiki.engines.mkdocs import EZLINKS, ROAMLINKS
from wikitools.wiki.engines.obsidian import OBSIDIAN
from wikitools.wiki.engines.quartz import QUARTZ, QUARTZ_ABSOLUTE, QUARTZ_RELATIVE
from wikitools.wiki.engines.slug import SLUG

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ENGINES",
    "Engine",
    "explain_missing",
    "is_address",
    "is_asset_path",
    "is_placeholder",
    "label_first",
    "resolve_relative",
    "target_first",
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
