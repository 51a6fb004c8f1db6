"""Finds out whether a bare name in a link can mean a file in any folder, or only one next to the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.markdown.page import Page
from wikitools.wiki.names_index import Index
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from wikitools.wiki.engines.engine import Engine


@dataclass(frozen=True, slots=True)
class Roaming:
    """Whether `name` on the page `folder/page` can mean a file outside of `folder`, in each kind of link."""

    wikilinks: bool
    links: bool


def find_roaming(engine: Engine) -> Roaming:
    """Return whether an engine looks for bare names in other folders.

    >>> from wikitools.wiki.engines import ENGINES
    >>> find_roaming(ENGINES["foam"])
    Roaming(wikilinks=True, links=False)
    """
    index = Index({"one/name.md": Page("one/name.md", "")})
    return Roaming(
        isinstance(engine.resolve(index, "name", "other"), Found),
        isinstance(engine.resolve_path(index, "name.md", "other"), Found),
    )
