"""Works on arXiv: preprints, with the DOI of their publication and their authors' comments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wikitools.lint.url_status import Refused
from wikitools.sources.identifiers import arxiv_in, doi_in
from wikitools.sources.readers.persons import read_name
from wikitools.sources.readers.safe_xml import XmlError, read_xml
from wikitools.sources.record import WITHDRAWN, Notice, Record
from wikitools.web.answer import Received
from wikitools.web.asking import No, Said, Web, Yes, all_of, not_received, unreadable
from wikitools.web.fields import UnreadableError, plain, table, text, texts, valid_date, years_in
from wikitools.web.lookup_result import LookupResult, mapped

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

BATCH = 50
_ATOM, _OPENSEARCH, _ARXIV = (
    "{http://www.w3.org/2005/Atom}",
    "{http://a9.com/-/spec/opensearch/1.1/}",
    "{http://arxiv.org/schemas/atom}",
)
_VERSION = re.compile(r"v(\d{1,4})\Z")
_WITHDRAWN = re.compile(r"\bwithdrawn\b", re.IGNORECASE)
_WITHDRAWN_ABSTRACT = re.compile(
    r"\W*this (?:paper|article|submission|manuscript|work) (?:has been|is|was) withdrawn", re.IGNORECASE
)


async def records(web: Web, ids: Iterable[str]) -> dict[str, LookupResult[Record]]:
    """Return what arXiv says about each id (`1906.01820`, without version)."""
    return {each: mapped(said, record_of) for each, said in (await _ask(web, ids)).items()}


async def versions(web: Web, ids: Iterable[str]) -> dict[str, LookupResult[int]]:
    """Return the number of the latest version of each id (`1906.01820`); 0 if an answer does not tell it."""

    def latest(item: Any) -> int:
        number = table(item).get("version")
        return number if isinstance(number, int) else 0

    return {each: mapped(said, latest) for each, said in (await _ask(web, ids)).items()}


async def _ask(web: Web, ids: Iterable[str]) -> dict[str, LookupResult[Any]]:
    async def fetch(chunk: list[str]) -> dict[str, Said]:
        parameters = {"id_list": ",".join(chunk), "max_results": str(len(chunk))}
        answer = await web.ask("arxiv", "/api/query", parameters, accept="application/atom+xml")
        if not isinstance(answer, Received):
            return all_of(chunk, not_received(answer, "arXiv"))
        try:
            items, is_whole = _items(answer)
        except _RefusedError as error:
            # It may mean one id; each half is asked for by itself.
            return all_of(chunk, Refused(f"arXiv answers with {error}"))
        except UnreadableError as error:
            return all_of(chunk, unreadable("arXiv", error))
        found: dict[str, Said] = {each: Yes(items[each]) for each in chunk if each in items}
        if is_whole:
            found.update((each, No()) for each in chunk if each not in items)
        return found

    return await web.many("arxiv", ids, fetch, batch=BATCH)


class _RefusedError(UnreadableError):
    """arXiv does not take the question; the message is a phrase."""


def _items(answer: Received) -> tuple[dict[str, dict[str, Any]], bool]:
    """Return the works of a feed by their ids, and whether the feed is whole. Raises `UnreadableError`."""
    try:
        feed = read_xml(answer.body)
    except XmlError as error:
        raise UnreadableError(f"something that is not a feed: {error}") from error
    if feed.tag != f"{_ATOM}feed":
        raise UnreadableError("something that is not a feed")
    found: dict[str, dict[str, Any]] = {}
    count = 0
    for entry in feed.iter(f"{_ATOM}entry"):
        count += 1
        address = _text(entry, f"{_ATOM}id")
        if "/api/errors" in address:
            raise _RefusedError(f"an error ({_text(entry, f'{_ATOM}summary')[:80]})")
        if (identity := arxiv_in(address)) and _text(entry, f"{_ATOM}title"):
            found[identity] = _item(entry)
    # A feed that was cut off, or that cannot be understood, says nothing about the others.
    total = _text(feed, f"{_OPENSEARCH}totalResults")
    return found, count == len(found) and total.isdigit() and int(total) == count


def _item(entry: Element) -> dict[str, Any]:
    category = entry.find(f"{_ARXIV}primary_category")
    people = [_text(author, f"{_ATOM}name") for author in entry.findall(f"{_ATOM}author")]
    return {
        "id": arxiv_in(_text(entry, f"{_ATOM}id")),
        "version": int(found[1]) if (found := _VERSION.search(_text(entry, f"{_ATOM}id"))) else 0,
        "title": _text(entry, f"{_ATOM}title"),
        "authors": people,
        "published": _text(entry, f"{_ATOM}published"),
        "updated": _text(entry, f"{_ATOM}updated"),
        "doi": _text(entry, f"{_ARXIV}doi"),
        "journal": _text(entry, f"{_ARXIV}journal_ref"),
        "class": category.get("term", "") if category is not None else "",
        "withdrawn": bool(
            _WITHDRAWN.search(_text(entry, f"{_ARXIV}comment"))
            or _WITHDRAWN_ABSTRACT.match(_text(entry, f"{_ATOM}summary"))
        ),
    }


def _text(element: Element, tag: str) -> str:
    return " ".join((element.findtext(tag) or "").split())


def record_of(item: dict[str, Any]) -> Record:
    """Return the record of one preprint."""
    item = table(item)
    published, updated = _date(item, "published"), _date(item, "updated")
    names = (read_name(each) for each in texts(item.get("authors")))
    identity = text(item.get("id"))
    doi = doi_in(text(item.get("doi")))
    return Record(
        service="arxiv",
        kind="article",
        title=plain(item.get("title")),
        names=tuple(name for name in names if name is not None),
        date=published,
        years=years_in(published, updated),
        doi=f"10.48550/arxiv.{identity}",
        arxiv=identity,
        arxiv_class=text(item.get("class")),
        url=f"https://arxiv.org/abs/{identity}",
        notices=(Notice(WITHDRAWN, "arXiv"),) if item.get("withdrawn") is True else (),
        published="" if doi.startswith("10.48550/") else doi,
    )


def _date(item: dict[str, Any], name: str) -> tuple[int, ...]:
    return valid_date(text(item.get(name)).partition("T")[0].split("-"))
