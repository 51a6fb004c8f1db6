"""Works in PubMed: medicine and biology, with retractions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wikitools.sources.identifiers import doi_in
from wikitools.sources.names import Name
from wikitools.sources.record import CONCERN, RETRACTED, Notice, Record
from wikitools.web.answer import NotReceived, Received
from wikitools.web.asking import No, Said, Web, Yes, all_of, not_received, unreadable
from wikitools.web.fields import UnreadableError, plain, read_json, rows, table, text, texts, valid_date, years_in
from wikitools.web.lookup_result import LookupResult, mapped

if TYPE_CHECKING:
    from collections.abc import Iterable

BATCH = 200
_MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_NOTICES = {"retracted publication": RETRACTED, "expression of concern": CONCERN}
ABSENT = "cannot get document summary"


async def records(web: Web, ids: Iterable[str]) -> dict[str, LookupResult[Record]]:
    """Return what PubMed says about each of its ids."""

    async def fetch(chunk: list[str]) -> dict[str, Said]:
        result = await summaries(web, "pubmed", chunk)
        if not isinstance(result, dict):
            return all_of(chunk, result)
        found: dict[str, Said] = {}
        for each in chunk:
            item = table(result.get(each))
            if text(item.get("error")) == ABSENT:
                found[each] = No()
            elif text(item.get("uid")) == each and not item.get("error"):
                found[each] = Yes(item)
        return found

    found = await web.many("pubmed", ids, fetch, batch=BATCH)
    return {each: mapped(said, record_of) for each, said in found.items()}


async def summaries(web: Web, base: str, ids: list[str]) -> dict[str, Any] | NotReceived:
    """Return what the database `base` of the E-utilities says about each id."""
    parameters = {"db": base, "id": ",".join(ids), "retmode": "json", "tool": "wikitools"}
    private = {
        name: value for name, value in (("email", web.contact), ("api_key", web.keys.get("pubmed", ""))) if value
    }
    answer = await web.ask("pubmed", "/entrez/eutils/esummary.fcgi", parameters, private=private)
    if not isinstance(answer, Received):
        return not_received(answer, "PubMed")
    try:
        return table(table(read_json(answer)).get("result"))
    except UnreadableError as error:
        return unreadable("PubMed", error)


def record_of(item: dict[str, Any]) -> Record:
    """Return the record of one work in PubMed."""
    item = table(item)
    date, online = _date(text(item.get("pubdate"))), _date(text(item.get("epubdate")))
    identifiers = {text(each.get("idtype")): text(each.get("value")) for each in rows(item.get("articleids"))}
    kinds = [each.casefold() for each in texts(item.get("pubtype"))]
    return Record(
        service="pubmed",
        kind="article-journal",
        title=plain(item.get("title")).removesuffix("."),
        names=tuple(_name(each) for each in rows(item.get("authors")) if text(each.get("name"))),
        date=date or online,
        years=years_in(date, online),
        container=plain(item.get("fulljournalname")) or plain(item.get("source")),
        volume=text(item.get("volume")),
        issue=text(item.get("issue")),
        pages=_pages(text(item.get("pages"))),
        doi=doi_in(identifiers.get("doi", "")),
        pmid=text(item.get("uid")),
        notices=tuple(Notice(_NOTICES[kind], "PubMed") for kind in kinds if kind in _NOTICES),
    )


def _date(written: str) -> tuple[int, ...]:
    year, *rest = written.split()[:3] or [""]
    month = str(_MONTHS.get(rest[0][:3], "")) if rest else ""
    return valid_date([year, month, *rest[1:]])


def _pages(written: str) -> str:
    """Return a range of pages in full: PubMed leaves out the digits that stay the same.

    >>> _pages("1101-6"), _pages("e124")
    ('1101-1106', 'e124')
    """
    match = re.fullmatch(r"(\d+)-(\d+)", written)
    if match is None or len(match[2]) >= len(match[1]):
        return written
    return f"{match[1]}-{match[1][: -len(match[2])]}{match[2]}"


def _name(person: dict[str, Any]) -> Name:
    written = plain(person.get("name"))
    if text(person.get("authtype")) == "CollectiveName":
        return Name(written, literal=True)
    family, _blank, initials = written.rpartition(" ")
    if not family or not initials.isupper():
        return Name(written)
    return Name(family, " ".join(f"{letter}." for letter in initials))
