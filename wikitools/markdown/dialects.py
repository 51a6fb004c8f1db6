"""The dialects of Markdown: what the program that renders a wiki reads differently from CommonMark."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from wikitools.markdown.slugs import Slugger

PANDOC, PYTHON_MARKDOWN = "pandoc", "python-markdown"
"""The programs that differ from all others; they have the same names as in `SLUGGERS`."""


class Dialect(NamedTuple):
    """What differs between programs that read Markdown."""

    maker: str = ""
    """`PANDOC` or `PYTHON_MARKDOWN`; "" for all others: what CommonMark and GitHub read."""
    links_first: bool = False
    """Markdown links are read before wikilinks, so that `[[a]](14)` leads to "14" and shows "[a]".

    Otherwise it is the wikilink `[[a]]`, followed by text in parentheses."""

    @property
    def key(self) -> bytes:
        """Return the name of the dialect in cache keys."""
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
