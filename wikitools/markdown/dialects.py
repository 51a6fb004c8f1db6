"""Which Markdown the program reads that makes a wiki's pages, and so which of a page's marks mean something."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from wikitools.markdown.slugs import Slugger

PANDOC, PYTHON_MARKDOWN = "pandoc", "python-markdown"
"""Makers that are told apart; they are called like the makers of anchors in `SLUGGERS`."""


class Dialect(NamedTuple):
    """What is not the same for all readers of Markdown."""

    maker: str = ""
    """`PANDOC` or `PYTHON_MARKDOWN`; "" for all others: what CommonMark and GitHub read."""
    links_first: bool = False
    """Markdown links are read before wikilinks, so that `[[a]](14)` leads to "14" and shows "[a]".

    Else it is the wikilink `[[a]]`, and text in parentheses."""

    @property
    def key(self) -> bytes:
        """Return what stands for the dialect in keys of the cache."""
        return b"" if self == PLAIN else f"{self.maker} {self.links_first}".encode()


PLAIN = Dialect()


def dialect_of(slugger: Slugger, anchors: str | None, *, links_first: bool) -> Dialect:
    """Return the dialect of pages whose anchors are made by the maker called `anchors`, else by `slugger`.

    >>> from wikitools.markdown.slugs import SLUGGERS
    >>> dialect_of(SLUGGERS["python-markdown"], None, links_first=False)
    Dialect(maker='python-markdown', links_first=False)
    >>> dialect_of(SLUGGERS["github"], "pandoc", links_first=True).maker
    'pandoc'
    """
    from wikitools.markdown.slugs import SLUGGERS

    maker = anchors or next((name for name, each in SLUGGERS.items() if each is slugger), "")
    return Dialect(maker if maker in (PANDOC, PYTHON_MARKDOWN) else "", links_first)
