"""Which Markdown the program reads that makes a wiki's pages, and so which of a page's marks mean something."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wikitools.markdown.slugs import Slugger

PANDOC, PYTHON_MARKDOWN = "pandoc", "python-markdown"
"""Dialects that are told apart; they are called like the makers of anchors in `SLUGGERS`."""
PLAIN = ""
"""All others: what CommonMark and GitHub read."""


def dialect_of(slugger: Slugger, anchors: str | None) -> str:
    """Return the dialect of pages whose anchors are made by the maker called `anchors`, else by `slugger`.

    >>> from wikitools.markdown.slugs import SLUGGERS
    >>> dialect_of(SLUGGERS["python-markdown"], None), dialect_of(SLUGGERS["github"], "pandoc")
    ('python-markdown', 'pandoc')
    """
    from wikitools.markdown.slugs import SLUGGERS

    maker = anchors or next((name for name, each in SLUGGERS.items() if each is slugger), PLAIN)
    return maker if maker in (PANDOC, PYTHON_MARKDOWN) else PLAIN
