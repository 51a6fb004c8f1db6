"""Works at Semantic Scholar: reference lists of arXiv papers. Needs a key. No entry is made from its answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wikitools.sources.identifiers import arxiv_in, doi_in
from wikitools.sources.readers.persons import read_name
from wikitools.sources.record import Record
from wikitools.web.answer import Received
from wikitools.web.asking import No, Said, Web, Yes, all_of, not_received, unreadable
from wikitools.web.fields import UnreadableError, plain, read_json, rows, table, text, valid_date, years_in
from wikitools.web.lookup_result import LookupResult, NoAnswer, mapped

if TYPE_CHECKING:
    from collections.abc import Iterable

BATCH = 500
_FIELDS = "title,year,authors,externalIds"
NO_KEY = NoAnswer("Semantic Scholar needs a key")


async def records(web: Web, ids: Iterable[str]) -> dict[str, LookupResult[Record]]:
    """Return what Semantic Scholar says about each `doi:…` or `arxiv:…`. Its year is that of the earliest version."""
    wanted = list(ids)
    if not web.keys.get("semanticscholar") and not web.offline:
        return dict.fromkeys(wanted, NO_KEY)

    async def fetch(chunk: list[str]) -> dict[str, Said]:
        names = [f"{kind.upper()}:{value}" for kind, _colon, value in (each.partition(":") for each in chunk)]
        body = json.dumps({"ids": names}).encode()
        answer = await web.ask(
            "semanticscholar", "/graph/v1/paper/batch", {"fields": _FIELDS}, body=body, secrets=_key(web)
        )
        if not isinstance(answer, Received):
            return all_of(chunk, not_received(answer, "Semantic Scholar"))
        try:
            said = read_json(answer)
        except UnreadableError as error:
            return all_of(chunk, unreadable("Semantic Scholar", error))
        if not isinstance(said, list) or len(said) != len(chunk):
            return all_of(chunk, unreadable("Semantic Scholar", UnreadableError("something other than works")))
        pairs = zip(chunk, said, strict=True)
        return {each: No() if item is None else Yes(item) for each, item in pairs if item is None or _is_work(item)}

    found = await web.many("semanticscholar", wanted, fetch, batch=BATCH)
    return {each: mapped(said, record_of) for each, said in found.items()}


async def references(web: Web, arxiv: str) -> LookupResult[tuple[Record, ...]]:
    """Return the works that a paper on arXiv cites."""
    if not web.keys.get("semanticscholar") and not web.offline:
        return NO_KEY

    async def fetch(chunk: list[str]) -> dict[str, Said]:
        path = f"/graph/v1/paper/ARXIV:{arxiv}/references"
        answer = await web.ask("semanticscholar", path, {"fields": _FIELDS, "limit": "1000"}, secrets=_key(web))
        if not isinstance(answer, Received):
            return all_of(chunk, not_received(answer, "Semantic Scholar"))
        try:
            data = table(read_json(answer)).get("data")
        except UnreadableError as error:
            return all_of(chunk, unreadable("Semantic Scholar", error))
        if not isinstance(data, list):
            return all_of(chunk, unreadable("Semantic Scholar", UnreadableError("something other than references")))
        return all_of(chunk, Yes([table(each.get("citedPaper")) for each in rows(data)]))

    subject = f"references:arxiv:{arxiv}"
    found = (await web.many("semanticscholar", [subject], fetch))[subject]
    return mapped(found, lambda items: tuple(map(record_of, items)))


def _is_work(item: Any) -> bool:
    return bool(text(table(item).get("title")))


def _key(web: Web) -> dict[str, str]:
    return {"x-api-key": web.keys.get("semanticscholar", "")}


def record_of(item: dict[str, Any]) -> Record:
    """Return the record of one work at Semantic Scholar."""
    item = table(item)
    names = (read_name(plain(each.get("name"))) for each in rows(item.get("authors")))
    identifiers = table(item.get("externalIds"))
    return Record(
        service="semanticscholar",
        title=plain(item.get("title")),
        names=tuple(name for name in names if name is not None),
        years=years_in(valid_date([item.get("year")])),
        doi=doi_in(text(identifiers.get("DOI"))),
        arxiv=arxiv_in(f"arxiv:{text(identifiers.get('ArXiv'))}"),
        pmid=text(identifiers.get("PubMed")),
    )
