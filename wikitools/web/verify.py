"""Compares sources with what registries say about their identifiers, in as few requests as possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.sources.verdict import Missing, Undetermined, identifiers_of, judge
from wikitools.web.lookup_result import Here, Nothing
from wikitools.web.works.by_identifier import records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wikitools.sources.record import Record
    from wikitools.sources.source import Source
    from wikitools.sources.verdict import Judged
    from wikitools.web.asking import Web
    from wikitools.web.lookup_result import LookupResult


async def verify(web: Web, sources: Iterable[Source]) -> list[tuple[Source, Judged]]:
    """Return the sources that have an identifier, each with the verdict on it."""
    wanted = [source for source in sources if identifiers_of(source)]
    found = await records(web, [each for source in wanted for each in identifiers_of(source)])
    published = {
        f"doi:{each.what.published}" for each in found.values() if isinstance(each, Here) and each.what.published
    }
    found |= await records(web, sorted(published - found.keys()))
    said: Mapping[str, Record | Missing | Undetermined] = {subject: _said(each) for subject, each in found.items()}
    return [(source, judged) for source in wanted if (judged := judge(source, said)) is not None]


def _said(found: LookupResult[Record]) -> Record | Missing | Undetermined:
    if isinstance(found, Here):
        return found.what
    return Missing(found.by) if isinstance(found, Nothing) else Undetermined(found.why)
