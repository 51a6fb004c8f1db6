"""Works at OpenAlex: references and retractions. Needs a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wikitools.sources.identifiers import doi_in
from wikitools.sources.readers.persons import read_name
from wikitools.sources.record import RETRACTED, Notice, Record
from wikitools.web.answer import Received
from wikitools.web.asking import No, Said, Web, Yes, all_of, not_received, unreadable
from wikitools.web.fields import UnreadableError, plain, read_json, rows, table, text, valid_date, years_in
from wikitools.web.lookup_result import LookupResult, NoAnswer, mapped

if TYPE_CHECKING:
    from collections.abc import Iterable

BATCH = 100
_SELECT = (
    "id,doi,display_name,publication_year,publication_date,type,authorships,primary_location,biblio,is_retracted,ids"
)
_KINDS = {
    "article": "article-journal",
    "book": "book",
    "book-chapter": "chapter",
    "preprint": "article",
    "dissertation": "thesis",
    "dataset": "dataset",
    "report": "report",
    "review": "article-journal",
    "standard": "standard",
}
NO_KEY = NoAnswer("OpenAlex needs a key")


async def records(web: Web, dois: Iterable[str]) -> dict[str, LookupResult[Record]]:
    """Return what OpenAlex says about each DOI. `Nothing` only means that it does not have the work."""
    wanted = list(dois)
    if not web.keys.get("openalex") and not web.offline:
        return dict.fromkeys(wanted, NO_KEY)

    async def fetch(chunk: list[str]) -> dict[str, Said]:
        # A bar or a comma in a DOI would be read as a separator of the list.
        odd = [doi for doi in chunk if "|" in doi or "," in doi]
        asked = [doi for doi in chunk if doi not in odd]
        return await _list(web, asked) if asked else {}

    found = await web.many("openalex", wanted, fetch, batch=BATCH)
    return {doi: mapped(each, record_of) for doi, each in found.items()}


async def _list(web: Web, dois: list[str]) -> dict[str, Said]:
    parameters = {"filter": f"doi:{'|'.join(dois)}", "per-page": str(BATCH), "select": _SELECT}
    answer = await web.ask("openalex", "/works", parameters, private={"api_key": web.keys.get("openalex", "")})
    if not isinstance(answer, Received):
        return all_of(dois, not_received(answer, "OpenAlex"))
    try:
        said = table(read_json(answer))
    except UnreadableError as error:
        return all_of(dois, unreadable("OpenAlex", error))
    count = table(said.get("meta")).get("count")
    if not isinstance(said.get("results"), list) or not isinstance(count, int):
        return all_of(dois, unreadable("OpenAlex", UnreadableError("something other than works")))
    items = {doi_in(text(item.get("doi"))): item for item in rows(said["results"])}
    found: dict[str, Said] = {doi: Yes(items[doi]) for doi in dois if doi in items}
    if count <= len(rows(said["results"])):
        found.update((doi, No()) for doi in dois if doi not in items)
    return found


def record_of(item: dict[str, Any]) -> Record:
    """Return the record of one work at OpenAlex."""
    item = table(item)
    people = (
        read_name(plain(each.get("raw_author_name")) or plain(table(each.get("author")).get("display_name")))
        for each in rows(item.get("authorships"))
    )
    biblio, place = table(item.get("biblio")), table(table(item.get("primary_location")).get("source"))
    pages = "-".join(each for each in (text(biblio.get("first_page")), text(biblio.get("last_page"))) if each)
    date = valid_date(text(item.get("publication_date")).split("-"))
    year = valid_date([item.get("publication_year")])
    return Record(
        service="openalex",
        kind=_KINDS.get(text(item.get("type")), ""),
        title=plain(item.get("display_name")),
        names=tuple(name for name in people if name is not None),
        date=date if date[:1] == year else year,
        years=years_in(year),
        container=plain(place.get("display_name")),
        volume=text(biblio.get("volume")),
        issue=text(biblio.get("issue")),
        pages=pages,
        doi=doi_in(text(item.get("doi"))),
        pmid=text(table(item.get("ids")).get("pmid")).rpartition("/")[2],
        notices=(Notice(RETRACTED, "OpenAlex"),) if item.get("is_retracted") is True else (),
    )
