"""Works at Crossref: journals, books and proceedings of most publishers, with retractions and reference lists."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from wikitools.sources.identifiers import arxiv_in, doi_in
from wikitools.sources.names import Name
from wikitools.sources.readers.persons import read_name
from wikitools.sources.record import CONCERN, CORRECTED, RETRACTED, Notice, Record
from wikitools.web.answer import Absent, Received
from wikitools.web.asking import Fetch, No, Said, Web, Yes, all_of, by_lists, not_received, unreadable
from wikitools.web.fields import (
    UnreadableError,
    date_parts,
    first,
    plain,
    read_json,
    rows,
    table,
    text,
    texts,
    titled,
    valid_date,
    years_in,
)
from wikitools.web.lookup_result import LookupResult, mapped

if TYPE_CHECKING:
    from collections.abc import Iterable

BATCH = 20
LISTS = 10
"""Lists of references in one request; a review has hundreds of references."""
_SELECT = (
    "DOI,title,subtitle,author,editor,issued,published-print,published-online,container-title,type,volume,issue,page,"
    "publisher,ISBN,updated-by,update-to,relation,article-number,posted"
)
_KINDS = {
    "journal-article": "article-journal",
    "proceedings-article": "paper-conference",
    "book": "book",
    "monograph": "book",
    "edited-book": "book",
    "reference-book": "book",
    "proceedings": "book",
    "book-chapter": "chapter",
    "book-section": "chapter",
    "book-part": "chapter",
    "book-track": "chapter",
    "reference-entry": "entry",
    "report": "report",
    "report-component": "report",
    "posted-content": "article",
    "dissertation": "thesis",
    "dataset": "dataset",
    "standard": "standard",
    "peer-review": "review",
}
_NOTICES = {
    "retraction": RETRACTED,
    "removal": RETRACTED,
    "withdrawal": RETRACTED,
    "partial_retraction": RETRACTED,
    "expression_of_concern": CONCERN,
    "correction": CORRECTED,
    "corrigendum": CORRECTED,
    "erratum": CORRECTED,
}
_RETRACTED_TITLE = re.compile(r"\W*(?:RETRACTED|WITHDRAWN)\b|Retracted(?: article)?:")


async def records(web: Web, dois: Iterable[str]) -> dict[str, LookupResult[Record]]:
    """Return what Crossref says about each DOI. `Nothing`: it is not registered there, but may be elsewhere."""
    found = await web.many("crossref", dois, _works(web, _SELECT), batch=BATCH)
    return {doi: mapped(each, record_of) for doi, each in found.items()}


def _works(web: Web, select: str) -> Fetch:
    """Return what fetches some fields of works."""
    return by_lists(partial(_list, web, select=select), partial(_single, web, select=select))


async def _list(web: Web, dois: list[str], *, select: str) -> dict[str, Said]:
    parameters = {"filter": ",".join(f"doi:{doi}" for doi in dois), "rows": str(len(dois)), "select": select}
    answer = await web.ask("crossref", "/works", parameters, private=_private(web))
    if not isinstance(answer, Received):
        return all_of(dois, not_received(answer, "Crossref"))
    try:
        message = _message(read_json(answer), "work-list")
    except UnreadableError as error:
        return all_of(dois, unreadable("Crossref", error))
    items = {text(item.get("DOI")).lower(): item for item in rows(message.get("items"))}
    if message.get("total-results") != len(items):
        # Some are missing, and the answer does not say which.
        return {doi: Yes(items[doi]) for doi in dois if doi in items}
    return {doi: Yes(items[doi]) if doi in items else No() for doi in dois}


async def _single(web: Web, doi: str, *, select: str) -> Said:
    answer = await web.ask("crossref", f"/works/{quote(doi, safe='/')}", private=_private(web))
    if isinstance(answer, Absent) and answer.body.strip() == b"Resource not found.":
        return No()
    if not isinstance(answer, Received):
        return not_received(answer, "Crossref")
    try:
        message = _message(read_json(answer), "work")
    except UnreadableError as error:
        return unreadable("Crossref", error)
    if text(message.get("DOI")).lower() != doi:
        return not_received(answer, "Crossref")
    # A single work comes with all of its fields, and its list of references is long.
    return Yes({name: value for name, value in message.items() if name in select.split(",")})


def _message(said: Any, kind: str) -> dict[str, Any]:
    answer = table(said)
    message = answer.get("message")
    if answer.get("status") != "ok" or answer.get("message-type") != kind or not isinstance(message, dict):
        raise UnreadableError("something other than works")
    return message


def _private(web: Web) -> dict[str, str]:
    return {"mailto": web.contact} if web.contact else {}


async def references(web: Web, dois: Iterable[str]) -> dict[str, LookupResult[tuple[Record, ...]]]:
    """Return the works that each work cites, as publishers list them: the first author, the year, a title, a DOI."""

    fetch_works = _works(web, "DOI,reference")

    async def fetch(chunk: list[str]) -> dict[str, Said]:
        said = await fetch_works([subject.removeprefix(prefix) for subject in chunk])
        return {f"{prefix}{doi}": _references_of(each) for doi, each in said.items()}

    prefix = "references:"
    found = await web.many("crossref", [f"{prefix}{doi}" for doi in dois], fetch, batch=LISTS)
    return {
        subject.removeprefix(prefix): mapped(each, lambda items: tuple(map(_reference, items)))
        for subject, each in found.items()
    }


def _references_of(said: Said) -> Said:
    """Return what is kept of a list of references."""
    if not isinstance(said, Yes):
        return said
    kept = ("author", "year", "article-title", "volume-title", "DOI")
    return Yes([{name: each[name] for name in kept if name in each} for each in rows(said.data.get("reference"))])


def _reference(item: dict[str, Any]) -> Record:
    name = read_name(plain(item.get("author")))
    return Record(
        service="crossref",
        title=plain(item.get("article-title")) or plain(item.get("volume-title")),
        names=() if name is None else (name,),
        years=years_in(valid_date([text(item.get("year"))[:4]])),
        doi=doi_in(text(item.get("DOI"))),
    )


async def search(
    web: Web, *, title: str = "", author: str = "", years: tuple[int, int] | None = None, count: int = 20
) -> LookupResult[tuple[Record, ...]]:
    """Return the works that Crossref finds by words of a title, a name and a range of years, the best first."""
    parameters = {"rows": str(count), "select": _SELECT}
    if title:
        parameters["query.bibliographic"] = title
    if author:
        parameters["query.author"] = author
    if years:
        parameters["filter"] = f"from-pub-date:{years[0]},until-pub-date:{years[1]}"
    return await _found(web, parameters)


async def by_isbn(web: Web, isbn: str) -> LookupResult[tuple[Record, ...]]:
    """Return the works at Crossref with an ISBN: a book, or its chapters."""
    return await _found(web, {"filter": f"isbn:{isbn}", "rows": "50", "select": _SELECT})


async def _found(web: Web, parameters: dict[str, str]) -> LookupResult[tuple[Record, ...]]:
    async def fetch(chunk: list[str]) -> dict[str, Said]:
        answer = await web.ask("crossref", "/works", parameters, private=_private(web))
        if not isinstance(answer, Received):
            return all_of(chunk, not_received(answer, "Crossref"))
        try:
            return all_of(chunk, Yes(rows(_message(read_json(answer), "work-list").get("items"))))
        except UnreadableError as error:
            return all_of(chunk, unreadable("Crossref", error))

    subject = "search:" + "\n".join(f"{name}={value}" for name, value in sorted(parameters.items()) if name != "select")
    found = (await web.many("crossref", [subject], fetch))[subject]
    return mapped(found, lambda items: tuple(map(record_of, items)))


def record_of(item: dict[str, Any]) -> Record:
    """Return the record of one work as Crossref describes it."""
    print_date, online_date = date_parts(item.get("published-print")), date_parts(item.get("published-online"))
    posted = date_parts(item.get("posted"))
    issued = date_parts(item.get("issued")) or print_date or online_date or posted
    title = titled(plain(first(texts(item.get("title")))), plain(first(texts(item.get("subtitle")))))
    relation = table(item.get("relation"))
    doi = text(item.get("DOI")).lower()
    notices = [_notice(each) for each in rows(item.get("updated-by"))]
    if _RETRACTED_TITLE.match(title):
        notices.append(Notice(RETRACTED, "publisher"))
    return Record(
        service="crossref",
        kind=_KINDS.get(text(item.get("type")), ""),
        title=title,
        names=_names(item.get("author")),
        editors=_names(item.get("editor")),
        # The printed version is cited, though the online version came first. Of one year, use the more detailed date.
        date=issued if issued[:1] == print_date[:1] and len(issued) > len(print_date) else print_date or issued,
        years=years_in(print_date or issued, issued, online_date, posted),
        container=plain(first(texts(item.get("container-title")))),
        volume=text(item.get("volume")),
        issue=text(item.get("issue")),
        pages=text(item.get("page")),
        number=text(item.get("article-number")),
        publisher=plain(item.get("publisher")),
        isbn=tuple(each.rpartition("/")[2] for each in texts(item.get("ISBN"))),
        doi=doi,
        arxiv=arxiv_in(f"https://arxiv.org/abs/{doi.removeprefix('10.48550/arxiv.')}")
        if "10.48550/arxiv." in doi
        else "",
        notices=tuple(each for each in notices if each.kind),
        # Some publishers update an article under its own DOI.
        is_notice=any(each.kind and each.doi != doi for each in map(_notice, rows(item.get("update-to")))),
        published=next(iter(_related(relation, "is-preprint-of")), ""),
        preprints=_related(relation, "has-preprint"),
    )


def _names(people: Any) -> tuple[Name, ...]:
    return tuple(name for name in map(_name, rows(people)) if name.family)


def _name(person: dict[str, Any]) -> Name:
    if body := plain(person.get("name")):
        return Name(body, literal=True)
    family, given = plain(person.get("family")), plain(person.get("given"))
    return Name(family or given, given if family else "", plain(person.get("suffix")))


def _related(relation: dict[str, Any], kind: str) -> tuple[str, ...]:
    found = (doi_in(text(each.get("id"))) for each in rows(relation.get(kind)) if each.get("id-type") == "doi")
    return tuple(dict.fromkeys(doi for doi in found if doi))


def _notice(update: dict[str, Any]) -> Notice:
    kind = text(update.get("type")).lower().replace("-", "_").replace(" ", "_")
    date = "-".join(f"{part:02}" for part in date_parts(update.get("updated")))
    return Notice(_NOTICES.get(kind, ""), text(update.get("source")), text(update.get("DOI")).lower(), date)
