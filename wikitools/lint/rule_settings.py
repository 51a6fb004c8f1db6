"""The settings of rules, each under the name of its key in the configuration."""

from __future__ import annotations

from dataclasses import field

from wikitools.cite.citation_settings import CitationSettings
from wikitools.records import dataclass

ENTRY_PAGES = ("index.md", "_index.md", "readme.md", "home.md", "_sidebar.md", "_footer.md", "404.md")
"""Pages that readers, or the program that shows the wiki, find without any link. Case is ignored."""


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """The settings of rules; `config/settings.py` has a field of the same name for each."""

    entry_pages: tuple[str, ...] = ENTRY_PAGES
    """Globs of pages that need no link to them."""
    citations: CitationSettings = field(default_factory=CitationSettings)
    """What citations mean that pages leave open."""
