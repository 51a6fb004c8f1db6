"""Works at DataCite: data sets, software, reports, and the DOIs of arXiv and Zenodo."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from wikitools.lint.url_status import Unknown
from wikitools.sources.identifiers import arxiv_in, doi_in
from wikitools.sources.names import Name, words
from wikitools.sources.readers.persons import read_name
from wikitools.sources.record import Record
from wikitools.web.answer import Absent, NotReceived, Received
from wikitools.web.asking import No, Said, Web, Yes, all_of, by_lists, not_received, unreadable
from wikitools.web.fields import (
    UnreadableError,
    first,
    plain,
    read_json,
    rows,
    table,
    text,
    titled,
    valid_date,
    years_in,
)
from wikitools.web.lookup_result import LookupResult, mapped

if TYPE_CHECKING:
    from collections.abc import Iterable

BATCH = 25
_KINDS = {
    "JournalArticle": "article-journal",
    "ConferencePaper": "paper-conference",
    "ConferenceProceeding": "book",
    "Book": "book",
    "BookChapter": "chapter",
    "Preprint": "article",
    "Report": "report",
    "Dissertation": "thesis",
    "Dataset": "dataset",
    "Software": "software",
    "ComputationalNotebook": "software",
    "Image": "graphic",
    "Audiovisual": "motion_picture",
    "Standard": "standard",
    "PeerReview": "review",
    "Text": "document",
}


async def records(web: Web, dois: Iterable[str]) -> dict[str, LookupResult[Record]]:
    """Return what DataCite says about each DOI. `Nothing`: it is not registered there, but may be elsewhere."""
    found = await web.many("datacite", dois, by_lists(partial(_list, web), partial(_single, web)), batch=BATCH)
    return {doi: mapped(each, record_of) for doi, each in found.items()}


Question = tuple[tuple[str, ...], str]
"""Family names of authors, and a year."""


async def search(web: Web, questions: Iterable[Question]) -> dict[Question, LookupResult[tuple[Record, ...]]]:
    """Return the texts by authors of these names from a year, at most `MOST`, for each question.

    arXiv registers its preprints here. Data sets, software and pictures are left out: those of a paper have its title
    and authors.
    """
    asked = {f"search:{_query(*each)}": each for each in questions}

    async def fetch(chunk: list[str]) -> dict[str, Said]:
        query = " OR ".join(f"({subject.removeprefix('search:')})" for subject in chunk)
        types = f"types.resourceTypeGeneral:({' OR '.join(_TEXTS)})"
        size = {"page[size]": str(MOST * len(chunk)), "fields[dois]": ",".join(_KEPT)}
        found = await _page(web, {"query": f"({query}) AND {types}", **size})
        is_whole = not isinstance(found, NotReceived) and len(found[0]) >= found[1]
        if len(chunk) > 1 and (isinstance(found, Unknown) or not is_whole):
            # One name may have too many works, or works with thousands of authors.
            half = len(chunk) // 2
            return {**await fetch(chunk[:half]), **await fetch(chunk[half:])}
        if isinstance(found, NotReceived):
            return all_of(chunk, found)
        works = [item for _doi, item in found[0]]
        return {each: Yes([work for work in works if _answers(work, *asked[each])][:MOST]) for each in chunk}

    said = await web.many("datacite", asked, fetch, batch=QUESTIONS)
    return {asked[subject]: mapped(each, lambda items: tuple(map(record_of, items))) for subject, each in said.items()}


MOST = 100
"""Works of the answer to a question."""
QUESTIONS = 10
"""Questions in one request, whose answers are read at once."""


def _query(names: tuple[str, ...], year: str) -> str:
    named = " AND ".join(f'creators.name:"{_escaped(name)}"' for name in names)
    return f"{named} AND publicationYear:{year}"


def _answers(work: dict[str, Any], names: tuple[str, ...], year: str) -> bool:
    """Say whether a work is among those that were asked for by these names and this year."""
    people = {word for person in rows(work.get("creators")) for word in words(plain(person.get("name")))}
    return text(work.get("publicationYear")) == year and all(people.issuperset(words(name)) for name in names)


_TEXTS = (
    "Preprint Text JournalArticle ConferencePaper ConferenceProceeding Report Dissertation Book BookChapter".split()
)


def _escaped(name: str) -> str:
    """Return a name as it is written between the quotes of a query."""
    return name.replace("\\", " ").replace('"', " ").strip()


async def _list(web: Web, dois: list[str]) -> dict[str, Said]:
    found = await _page(web, {"ids": ",".join(dois), "page[size]": str(len(dois))})
    if isinstance(found, NotReceived):
        return all_of(dois, found)
    items, total = dict(found[0]), found[1]
    if total != len(items):
        # Some are missing, and the answer does not say which.
        return {doi: Yes(items[doi]) for doi in dois if doi in items}
    return {doi: Yes(items[doi]) if doi in items else No() for doi in dois}


async def _page(web: Web, parameters: dict[str, str]) -> tuple[list[tuple[str, dict[str, Any]]], int] | NotReceived:
    """Return the first page of a list, each work by its DOI, and how many works all pages have."""
    answer = await web.ask("datacite", "/dois", parameters)
    if not isinstance(answer, Received):
        return not_received(answer, "DataCite")
    try:
        said = table(read_json(answer))
    except UnreadableError as error:
        return unreadable("DataCite", error)
    if not isinstance(said.get("data"), list):
        return unreadable("DataCite", UnreadableError("something other than works"))
    total = table(said.get("meta")).get("total")
    items = [(text(item.get("id")).lower(), _kept(item)) for item in rows(said["data"])]
    return items, total if isinstance(total, int) else -1


async def _single(web: Web, doi: str) -> Said:
    answer = await web.ask("datacite", f"/dois/{quote(doi, safe='/')}")
    if not isinstance(answer, Received | Absent):
        return answer
    try:
        said = table(read_json(Received(answer.code, answer.url, answer.headers, answer.body)))
    except UnreadableError as error:
        return unreadable("DataCite", error)
    if isinstance(answer, Absent):
        return (
            No()
            if any(text(each.get("status")) == "404" for each in rows(said.get("errors")))
            else not_received(answer, "DataCite")
        )
    item = table(said.get("data"))
    return Yes(_kept(item)) if text(item.get("id")).lower() == doi else not_received(answer, "DataCite")


_KEPT = (
    "doi",
    "titles",
    "creators",
    "contributors",
    "publicationYear",
    "types",
    "relatedIdentifiers",
    "publisher",
    "container",
    "dates",
    "url",
)


def _kept(item: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a work that are used, without abstracts, funders and statistics."""
    attributes = table(item.get("attributes"))
    return {name: attributes[name] for name in _KEPT if name in attributes}


def record_of(item: dict[str, Any]) -> Record:
    """Return the record of one work by its attributes at DataCite."""
    titles = rows(item.get("titles"))
    title = titled(
        plain(first(text(each.get("title")) for each in titles if not each.get("titleType"))),
        plain(first(text(each.get("title")) for each in titles if each.get("titleType") == "Subtitle")),
    )
    types, container = table(item.get("types")), table(item.get("container"))
    doi = text(item.get("doi")).lower()
    dates = {text(each.get("dateType")): text(each.get("date")) for each in rows(item.get("dates"))}
    year = valid_date([item.get("publicationYear")])
    issued = next(
        (date for kind in ("Issued", "Submitted", "Created") if (date := _date(dates.get(kind, "")))[:1] == year), year
    )
    publisher = item.get("publisher")
    arxiv = arxiv_in(f"https://arxiv.org/abs/{doi.removeprefix('10.48550/arxiv.')}") if "10.48550/arxiv." in doi else ""
    kind = _KINDS.get(text(types.get("resourceTypeGeneral")), "")
    return Record(
        service="datacite",
        kind="article" if arxiv else kind,
        title=title,
        names=_names(item.get("creators")),
        editors=_names([each for each in rows(item.get("contributors")) if each.get("contributorType") == "Editor"]),
        date=issued,
        years=years_in(year),
        container=plain(container.get("title")),
        volume=text(container.get("volume")),
        issue=text(container.get("issue")),
        publisher=plain(publisher.get("name") if isinstance(publisher, dict) else publisher),
        doi=doi,
        arxiv=arxiv,
        url=text(item.get("url")),
        published=next(
            (
                found
                for each in rows(item.get("relatedIdentifiers"))
                if text(each.get("relationType")) in {"IsPreprintOf", "IsPreviousVersionOf", "IsVersionOf"}
                and text(each.get("relatedIdentifierType")) == "DOI"
                and (found := doi_in(text(each.get("relatedIdentifier"))))
                and kind == "article"
            ),
            "",
        ),
    )


def _date(written: str) -> tuple[int, ...]:
    return valid_date(written.partition("T")[0].split("-"))


def _names(people: Any) -> tuple[Name, ...]:
    found: list[Name] = []
    for person in rows(people):
        written = plain(person.get("name"))
        family, given = plain(person.get("familyName")), plain(person.get("givenName"))
        if text(person.get("nameType")) == "Organizational":
            found.append(Name(written, literal=True))
        elif family:
            found.append(Name(family, given))
        elif (name := read_name(written)) is not None:
            found.append(name)
    return tuple(each for each in found if each.family)
