"""The names that pages are found by while one writes: those of their files, their titles and their aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wikitools.wiki.names_index import fold
from wikitools.wiki.paths import base_name, without_suffix

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class NameRow(NamedTuple):
    """One name of one page."""

    folded: str
    name: str
    path: str
    is_other: bool
    """It is a title or an alias, and not the name of the file."""


def names_of(heads: Iterable[Any]) -> Iterator[NameRow]:
    """Yield the names of pages, or of what is known of each."""
    for head in heads:
        name = without_suffix(base_name(head.path))
        own = fold(name)
        yield NameRow(own, name, head.path, False)
        for other in dict.fromkeys((head.title, *head.aliases)):
            if (folded := fold(other)) != own:
                yield NameRow(folded, other, head.path, True)
