"""Works whose DOI neither Crossref nor DataCite registered (mEDRA, JaLC, KISTI …): asked at doi.org, as CSL-JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from wikitools.sources.readers.csl import read_csl_item
from wikitools.sources.record import Record
from wikitools.text import Span
from wikitools.web.answer import Received
from wikitools.web.asking import Said, Web, Yes, not_received, unreadable
from wikitools.web.fields import UnreadableError, date_parts, plain, read_json, table, text, texts
from wikitools.web.lookup_result import LookupResult, mapped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wikitools.sources.names import Name

CSL_JSON = "application/vnd.citationstyles.csl+json"
_KEPT = 40
"""Fields of an item; none has more."""


async def records(web: Web, dois: Iterable[str]) -> dict[str, LookupResult[Record]]:
    """Return what the agency that registered a DOI says about it. Never `Nothing`: only the registry can say that."""

    async def fetch(chunk: list[str]) -> dict[str, Said]:
        return {doi: await _ask(web, doi) for doi in chunk}

    # Remembered under a different name than whether the DOI exists.
    found = await web.many("doi", (f"csl:{doi}" for doi in dois), fetch)
    return {subject.removeprefix("csl:"): mapped(each, record_of) for subject, each in found.items()}


async def _ask(web: Web, subject: str) -> Said:
    doi = subject.removeprefix("csl:")
    # The answer comes from the agency, to which doi.org redirects.
    answer = await web.ask("doi", f"/{quote(doi, safe='/')}", accept=CSL_JSON, elsewhere=True)
    if not isinstance(answer, Received):
        return not_received(answer, "doi.org")
    try:
        item = table(read_json(answer))
    except UnreadableError as error:
        return unreadable("the agency of the DOI", error)
    if text(item.get("DOI")).lower() != doi or not item.get("title"):
        return not_received(answer, "the agency of the DOI")
    return Yes({name: item[name] for name in list(item)[:_KEPT] if name not in {"reference", "abstract"}})


def record_of(item: dict[str, Any]) -> Record:
    """Return the record of one CSL item."""
    source = read_csl_item({**item, "id": "x"}, Span("", 0, 0))
    title = item.get("title")
    return Record(
        service="doi",
        kind=text(source.kind),
        title=plain(texts(title)[0] if isinstance(title, list) and texts(title) else title),
        names=tuple(name for name in map(_plain_name, source.names) if name.family),
        date=date_parts(item.get("issued")),
        years=source.years,
        container=plain(item.get("container-title")),
        volume=text(item.get("volume")),
        issue=text(item.get("issue")),
        pages=text(item.get("page")),
        publisher=plain(item.get("publisher")),
        doi=source.doi,
        url=text(source.url),
    )


def _plain_name(name: Name) -> Name:
    """Return a name without markup; a single one is the family's."""
    family, given = plain(name.family), plain(name.given)
    return replace(name, family=family or given, given=given if family else "", suffix=plain(name.suffix))
