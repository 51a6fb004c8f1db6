"""What each service answers, over one small library, in the shapes of its public documentation."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

from web.library import LECUN, OFF_SWITCH, Work
from web.server import Asked, response

if TYPE_CHECKING:
    from collections.abc import Callable


def _json(code: int, said: Any) -> bytes:
    return response(code, json.dumps(said).encode(), "application/json")


_BY_DOI: dict[int, tuple[tuple[Work, ...], dict[str, Work]]] = {}
"""Large libraries by DOI; each is kept with its index, so that no other can get its id."""


def _of(library: tuple[Work, ...], **wanted: str) -> Work | None:
    if len(library) > 1000 and wanted.keys() == {"doi"}:
        if id(library) not in _BY_DOI:
            _BY_DOI[id(library)] = library, {work.doi: work for work in reversed(library)}
        return _BY_DOI[id(library)][1].get(wanted["doi"])
    return next((work for work in library if all(getattr(work, name) == value for name, value in wanted.items())), None)


# doi.org


def doi(library: tuple[Work, ...], asked: Asked) -> bytes:
    if asked.path.startswith("/api/handles/"):
        handle = unquote(asked.path.removeprefix("/api/handles/"))
        if any(handle.lower() in {work.doi, work.retracted} for work in library):
            value = {
                "index": 1,
                "type": "URL",
                "data": {"format": "string", "value": f"https://example.org/{handle}"},
                "ttl": 86400,
            }
            return _json(200, {"responseCode": 1, "handle": handle, "values": [value]})
        return _json(404, {"responseCode": 100, "handle": handle})
    work = _of(library, doi=unquote(asked.path[1:]).lower())
    if work is None or "citationstyles.csl+json" not in asked.headers.get("accept", ""):
        return response(404, b"<html>DOI Not Found</html>")
    people = [{"family": family, "given": given} for family, given in work.names]
    item = {"type": "article-journal", "DOI": work.doi, "title": work.title, "author": people, "volume": work.volume}
    item |= {"issued": {"date-parts": [[work.year]]}, "container-title": work.container}
    return response(200, json.dumps(item).encode(), "application/vnd.citationstyles.csl+json")


def handle(_library: tuple[Work, ...], asked: Asked) -> bytes:
    """Answer for the registry of handles, which has those of one prefix."""
    name = unquote(asked.path.removeprefix("/api/handles/"))
    there = name.startswith("2027/")
    return _json(200 if there else 404, {"responseCode": 1 if there else 100, "handle": name})


# Crossref


def crossref_item(work: Work) -> dict[str, Any]:
    people = [
        {"family": family, "given": given, "sequence": "additional"} if given else {"name": family}
        for family, given in work.names
    ]
    date = [[work.year, work.month] if work.month else [work.year]]
    item = {
        "DOI": work.doi.upper() if "(" in work.doi else work.doi,
        "title": [work.title],
        "subtitle": [work.subtitle] if work.subtitle else [],
        "author": people,
        "issued": {"date-parts": [[work.online]] if work.online else date},
        "published-print": {"date-parts": date},
        "container-title": [work.container] if work.container else [],
        "type": work.kind,
        "publisher": work.publisher,
        "relation": {},
    }
    item |= {name: getattr(work, name) for name in ("volume", "issue", "page") if getattr(work, name)}
    if work.online:
        item["published-online"] = {"date-parts": [[work.online]]}
    if work.retracted:
        item["updated-by"] = [
            {
                "DOI": work.retracted,
                "type": "retraction",
                "label": "Retraction",
                "source": source,
                "updated": {"date-parts": [[2010, 2, 6]]},
            }
            for source in ("publisher", "retraction-watch")
        ]
    if work.preprint_of:
        item["relation"] = {"is-preprint-of": [{"id-type": "doi", "id": work.preprint_of, "asserted-by": "subject"}]}
    return item


def crossref(library: tuple[Work, ...], asked: Asked) -> bytes:
    mine = [work for work in library if work.agency == "crossref"]
    if asked.path.startswith("/works/"):
        work = _of(tuple(mine), doi=unquote(asked.path.removeprefix("/works/")).lower())
        if work is None:
            return response(404, b"Resource not found.", "text/plain")
        return _json(
            200, _crossref("work", {**crossref_item(work), "reference": _references(library, work), "score": 1})
        )
    query = asked.query
    filters = [each.partition(":") for each in query.get("filter", "").split(",") if each]
    found = mine
    for name in {name for name, _colon, _value in filters}:
        values = {value.lower() for each, _colon, value in filters if each == name}
        match name:
            case "doi":
                found = [work for work in found if work.doi in values]
            case "isbn":
                found = [work for work in found if work.isbn in values]
            case "from-pub-date":
                found = [work for work in found if work.year >= int(min(values)[:4])]
            case "until-pub-date":
                found = [work for work in found if work.year <= int(max(values)[:4])]
            case _:
                return _json(400, {"status": "failed", "message-type": "validation-failure", "message": []})
    titled = set(query.get("query.bibliographic", "").casefold().split())
    named = set(query.get("query.author", "").casefold().split())
    if titled or named:
        scored = [(len(titled & _words(work)) + len(named & _people(work)), work) for work in found]
        found = [work for score, work in sorted(scored, key=lambda each: -each[0]) if score]
    selected = query.get("select", "").split(",")
    items = [crossref_item(work) for work in found[: int(query.get("rows", "20"))]]
    if "reference" in selected:
        # Works without a list do not have the field.
        listed = [_references(library, work) for work in found]
        items = [item | ({"reference": each} if each else {}) for item, each in zip(items, listed, strict=False)]
    items = [{name: value for name, value in item.items() if name in selected} for item in items]
    return _json(
        200, _crossref("work-list", {"total-results": len(found), "items": items, "items-per-page": 20, "query": {}})
    )


def _crossref(kind: str, message: Any) -> Any:
    return {"status": "ok", "message-type": kind, "message-version": "1.0.0", "message": message}


def _references(library: tuple[Work, ...], work: Work) -> list[dict[str, str]]:
    cited = [each for doi in work.cites if (each := _of(library, doi=doi)) is not None]
    listed = [
        {"key": str(number), "author": each.names[0][0], "year": str(each.year), "DOI": each.doi, "article-title": "x"}
        for number, each in enumerate(cited)
    ] + [
        {"key": f"b{number}", "author": author, "year": str(year), "volume-title": "y"}
        for number, (author, year) in enumerate(work.also_cites)
    ]
    return [*listed, {"key": "99", "unstructured": "Somebody, Somewhere"}] if listed else []


@cache
def _words(work: Work) -> set[str]:
    return _people(work) | set(work.title.casefold().split())


@cache
def _people(work: Work) -> set[str]:
    """Return what a search for an author looks at: family and given names."""
    return {word for family, given in work.names for word in f"{family} {given}".casefold().split()}


# DataCite


def datacite_item(work: Work) -> dict[str, Any]:
    people = [
        {"name": f"{family}, {given}", "nameType": "Personal", "familyName": family, "givenName": given}
        if given
        else {"name": family, "nameType": "Organizational"}
        for family, given in work.names
    ]
    attributes = {
        "doi": work.doi,
        "titles": [{"title": work.title}],
        "creators": people,
        "publicationYear": work.year,
        "types": {"resourceTypeGeneral": "Text", "citeproc": "article"},
        "publisher": work.publisher,
        "relatedIdentifiers": [],
        "dates": [{"date": str(work.year), "dateType": "Issued"}],
        "url": "https://example.org/",
    }
    return {"id": work.doi, "type": "dois", "attributes": attributes}


def datacite(library: tuple[Work, ...], asked: Asked) -> bytes:
    mine = tuple(work for work in library if work.agency == "datacite")
    if asked.path.startswith("/dois/"):
        work = _of(mine, doi=unquote(asked.path.removeprefix("/dois/")).lower())
        if work is None:
            return _json(
                404, {"errors": [{"status": "404", "title": "The resource you are looking for doesn't exist."}]}
            )
        return _json(200, {"data": datacite_item(work)})
    if query := asked.query.get("query"):
        searched = _datacite_query(library, query)
        page = searched[: int(asked.query["page[size]"])]
        selected = asked.query["fields[dois]"].split(",")
        data = [
            each | {"attributes": {name: value for name, value in each["attributes"].items() if name in selected}}
            for each in map(datacite_item, page)
        ]
        return _json(200, {"data": data, "meta": {"total": len(searched), "totalPages": 1, "page": 1}})
    ids = asked.query.get("ids", "").lower().split(",")
    found = [datacite_item(work) for work in mine if work.doi in ids]
    return _json(200, {"data": found, "meta": {"total": len(found), "totalPages": 1, "page": 1}})


def _datacite_query(library: tuple[Work, ...], query: str) -> list[Work]:
    """Return the works that fit a query of the one form that is asked: names and years, and types.

    arXiv registers a DOI for each of its preprints.
    """
    form = re.fullmatch(r"\((.*)\) AND types\.resourceTypeGeneral:\((?:\w+ OR )*Text(?: OR \w+)*\)", query)
    assert form is not None, query
    registered = [
        replace(work, doi=f"10.48550/arxiv.{work.arxiv}") if work.arxiv else work
        for work in library
        if work.arxiv or work.agency == "datacite"
    ]
    found: dict[str, Work] = {}
    for question in form[1].removeprefix("(").removesuffix(")").split(") OR ("):
        asked = re.fullmatch(r'((?:creators\.name:"[^"]*" AND )+)publicationYear:(\d{4})', question)
        assert asked is not None, query
        names = [word for name in re.findall(r'"([^"]*)"', asked[1]) for word in name.casefold().split()]
        for work in registered:
            if work.year == int(asked[2]) and _people(work).issuperset(names):
                found[work.doi] = work
    return list(found.values())


# arXiv


def arxiv(library: tuple[Work, ...], asked: Asked) -> bytes:
    ids = asked.query.get("id_list", "").split(",")
    if any(len(each.partition(".")[2]) > 5 for each in ids):
        # One malformed id spoils the whole request.
        error = "<entry><id>http://arxiv.org/api/errors#incorrect_id_format</id><title>Error</title></entry>"
        return response(
            200, f'<feed xmlns="http://www.w3.org/2005/Atom">{error}</feed>'.encode(), "application/atom+xml"
        )
    found = [work for each in ids for work in library if work.arxiv and work.arxiv == each]
    entries = "".join(map(_entry, found[: int(asked.query.get("max_results", "10"))]))
    feed = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        '<opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
        f"{len(found)}</opensearch:totalResults>{entries}</feed>"
    )
    return response(200, feed.encode(), "application/atom+xml; charset=UTF-8")


def _entry(work: Work) -> str:
    schema = 'xmlns:arxiv="http://arxiv.org/schemas/atom"'
    people = "".join(f"<author><name>{escape(f'{given} {family}')}</name></author>" for family, given in work.names)
    moment = f"{work.year}-{work.month:02}-05T13:42:00Z"
    more = f"<arxiv:doi {schema}>{work.arxiv_doi}</arxiv:doi>" if work.arxiv_doi else ""
    more += f"<arxiv:comment {schema}>{escape(work.comment)}</arxiv:comment>" if work.comment else ""
    return (
        f"<entry><id>http://arxiv.org/abs/{work.arxiv}v3</id><updated>{moment}</updated><published>{moment}</published>"
        f"<title>{escape(work.title.replace(' ', chr(10) + '  ', 1))}</title><summary>Ours.</summary>{people}{more}"
        f'<arxiv:primary_category {schema} term="{work.arxiv_class}" scheme="http://arxiv.org/schemas/atom"/></entry>'
    )


# OpenAlex


def openalex(library: tuple[Work, ...], asked: Asked) -> bytes:
    if asked.query.get("api_key") != "key-of-openalex":
        return _json(401, {"error": "Unauthorized"})
    dois = asked.query.get("filter", "").removeprefix("doi:").lower().split("|")
    found = [
        {
            "id": "https://openalex.org/W1",
            "doi": f"https://doi.org/{work.doi}",
            "display_name": work.title,
            "publication_year": work.year,
            "publication_date": f"{work.year}-01-01",
            "type": "article",
            "authorships": [{"author": {"display_name": f"{given} {family}"}} for family, given in work.names],
            "primary_location": {"source": {"display_name": work.container}},
            "biblio": {"volume": work.volume, "issue": work.issue, "first_page": "1", "last_page": None},
            "is_retracted": bool(work.retracted),
            "ids": {"pmid": f"https://pubmed.ncbi.nlm.nih.gov/{work.pmid}"} if work.pmid else {},
        }
        for work in library
        if work.doi in dois
    ]
    return _json(200, {"meta": {"count": len(found), "page": 1, "per_page": 100}, "results": found})


# Open Library


def openlibrary(library: tuple[Work, ...], asked: Asked) -> bytes:
    query = asked.query
    wanted = set(query.get("title", "").casefold().split())
    docs = [
        {
            "key": "/works/OL1W",
            "title": work.title,
            "subtitle": work.subtitle,
            "author_name": [f"{given} {family}" for family, given in work.names],
            "first_publish_year": work.year,
            "publish_year": [work.year + 2, work.year],
            "isbn": [work.isbn],
            "publisher": [work.publisher],
            "editions": {
                "docs": [{"isbn": [work.isbn], "publish_date": [f"Jul {work.year}"], "publisher": [work.publisher]}]
            },
        }
        for work in library
        if work.isbn and (query.get("isbn") == work.isbn or (wanted and wanted <= _words(work)))
    ]
    return _json(200, {"numFound": len(docs), "start": 0, "docs": docs})


# PubMed


def pubmed(library: tuple[Work, ...], asked: Asked) -> bytes:
    ids = asked.query.get("id", "").split(",")
    result: dict[str, Any] = {"uids": ids}
    for each in ids:
        if asked.query["db"] == "pmc":
            # PubMed Central has what ends with 7.
            there = each.endswith("7")
            result[each] = {"uid": each, **({"title": "T"} if there else {"error": "cannot get document summary"})}
            continue
        work = _of(library, pmid=each)
        result[each] = {"uid": each, "error": "cannot get document summary"}
        if work is not None:
            first, _dash, last = work.page.partition("-")
            result[each] = {
                "uid": each,
                "title": f"{work.title}.",
                "authors": [{"name": f"{family} {given[0]}", "authtype": "Author"} for family, given in work.names],
                "pubdate": f"{work.year} {'Feb' if work.month == 2 else 'May'} 28",
                "epubdate": "",
                "source": work.container,
                "fulljournalname": work.container,
                "volume": work.volume,
                "issue": work.issue,
                "pages": f"{first}-{last[-2:]}",
                "articleids": [{"idtype": "pubmed", "value": each}, {"idtype": "doi", "value": work.doi}],
                "pubtype": ["Journal Article", *(["Retracted Publication"] if work.retracted else [])],
            }
    return _json(200, {"header": {"type": "esummary", "version": "0.3"}, "result": result})


# Semantic Scholar


def semanticscholar(library: tuple[Work, ...], asked: Asked) -> bytes:
    if asked.headers.get("x-api-key") != "key-of-semanticscholar":
        return _json(403, {"message": "Forbidden"})
    if asked.path.endswith("/references"):
        return _json(200, {"offset": 0, "data": [{"citedPaper": _paper(LECUN)}, {"citedPaper": _paper(OFF_SWITCH)}]})
    ids = [each.partition(":") for each in json.loads(asked.body)["ids"]]
    works = [_of(library, **{"doi" if kind == "DOI" else "arxiv": value}) for kind, _colon, value in ids]
    return _json(200, [None if work is None else _paper(work) for work in works])


def _paper(work: Work) -> dict[str, Any]:
    identifiers = {name: value for name, value in (("DOI", work.doi), ("ArXiv", work.arxiv)) if value}
    people = [{"authorId": "1", "name": f"{given} {family}"} for family, given in work.names]
    return {"paperId": "1", "title": work.title, "year": work.year, "authors": people, "externalIds": identifiers}


# GitHub


def github(_library: tuple[Work, ...], asked: Asked) -> bytes:
    """Answer for GraphQL: repositories of "gone" are not there, "old/name" was renamed."""
    if asked.headers.get("authorization") != "Bearer key-of-github":
        return _json(401, {"message": "Bad credentials"})
    found = re.findall(r'(r\d+): repository\(owner: "([^"]+)", name: "([^"]+)"\)', json.loads(asked.body)["query"])
    data = {
        alias: None if owner == "gone" else {"url": f"https://github.com/{owner.replace('old', 'new')}/{name.title()}"}
        for alias, owner, name in found
    }
    errors = [{"type": "NOT_FOUND", "path": [alias], "message": "x"} for alias, each in data.items() if each is None]
    return _json(200, {"data": data, **({"errors": errors} if errors else {})})


# All of them


def wayback(_library: tuple[Work, ...], asked: Asked) -> bytes:
    """Answer for the index of the Wayback Machine, which has what ends with "archived"."""
    assert asked.path == "/cdx/search/cdx"
    query = asked.query
    assert (query["output"], query["filter"], query["sort"]) == ("json", "statuscode:200", "closest")
    rows = [["timestamp"], [f"{query['closest']}120000"]] if query["url"].endswith("archived") else []
    return _json(200, rows)


ANSWERS: dict[str, Callable[[tuple[Work, ...], Asked], bytes]] = {
    "doi": doi,
    "handle": handle,
    "github": github,
    "crossref": crossref,
    "datacite": datacite,
    "arxiv": arxiv,
    "openalex": openalex,
    "openlibrary": openlibrary,
    "pubmed": pubmed,
    "semanticscholar": semanticscholar,
    "wayback": wayback,
}
