"""Makes keys for works whose bibliography has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.sources.names import SUFFIXES, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.sources.names import Name

_SMALL = frozenset("a an the on of in and for to la le les el los der die das ein eine un une".split())


def make_key(names: Sequence[Name], years: Sequence[str], title: str) -> str:
    """Return a key as people make them: family name, year, first word of the title. One work always gets one key.

    >>> from wikitools.sources.names import Name
    >>> make_key([Name("van der Maaten", "L.")], ["2008"], "On visualizing data")
    'vandermaaten2008visualizing'
    """
    family = "".join(word for word in words(names[0].family)[:4] if word not in SUFFIXES) if names else ""
    year = next((year for year in years if year.isdigit()), "")
    first = next((word for word in words(title) if word not in _SMALL), "")
    return f"{family}{year}{first}"
