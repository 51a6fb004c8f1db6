"""The names that completion finds pages by: file names, titles and aliases."""

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
    """Whether it is a title or an alias, not the name of the file."""


def names_of(heads: Iterable[Any]) -> Iterator[NameRow]:
    """Yield the names of pages, which may be whole pages or only their heads."""
    for head in heads:
        name = without_suffix(base_name(head.path))
        own = fold(name)
        yield NameRow(own, name, head.path, False)
        for other in dict.fromkeys((head.title, *head.aliases)):
            if (folded := fold(other)) != own:
                yield NameRow(folded, other, head.path, True)
