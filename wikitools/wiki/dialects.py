"""Which Markdown the program reads that makes a wiki's pages, and so which of a page's marks mean something."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wikitools.wiki.engines.engine import Engine

PANDOC, PYTHON_MARKDOWN = "pandoc", "python-markdown"
"""Dialects that are told apart; they are called like the makers of anchors in `SLUGGERS`."""
PLAIN = ""
"""All others: what CommonMark and GitHub read."""


def dialect_of(engine: Engine, anchors: str | None) -> str:
    """Return the dialect of pages whose anchors are made by `anchors`, or by the engine itself.

    >>> from wikitools.wiki.engines import ENGINES
    >>> dialect_of(ENGINES["mkdocs-ezlinks"], None), dialect_of(ENGINES["markdown"], "pandoc")
    ('python-markdown', 'pandoc')
    """
    from wikitools.wiki.slugs import SLUGGERS

    maker = anchors or next((name for name, slugger in SLUGGERS.items() if slugger is engine.slugger), PLAIN)
    return maker if maker in (PANDOC, PYTHON_MARKDOWN) else PLAIN
