"""Books at Open Library: its answers confirm that a book exists, and never contradict an entry."""

from __future__ import annotations

import re
from typing import Any

from wikitools.sources.readers.persons import read_name
from wikitools.sources.record import Record
from wikitools.web.answer import Received
from wikitools.web.asking import No, Said, Web, Yes, all_of, not_received, unreadable
from wikitools.web.fields import (
    UnreadableError,
    first,
    plain,
    read_json,
    rows,
    table,
    texts,
    titled,
    valid_date,
    years_in,
)
from wikitools.web.lookup_result import LookupResult, mapped

_FIELDS = "key,title,subtitle,author_name,first_publish_year,publish_year,isbn,publisher,editions,editions.*"
_YEAR = re.compile(r"\b(1\d{3}|20\d{2})\b")


async def by_isbn(web: Web, isbn: str) -> LookupResult[tuple[Record, ...]]:
    """Return the books with an ISBN; `Nothing` if Open Library knows none."""
    return await _found(web, {"isbn": isbn}, isbn)


async def search(web: Web, *, title: str, author: str = "") -> LookupResult[tuple[Record, ...]]:
    """Return the books that Open Library finds by words of a title and a name, the best first."""
    return await _found(web, {"title": title, **({"author": author} if author else {})})


async def _found(web: Web, question: dict[str, str], isbn: str = "") -> LookupResult[tuple[Record, ...]]:
    async def fetch(chunk: list[str]) -> dict[str, Said]:
        answer = await web.ask("openlibrary", "/search.json", {**question, "fields": _FIELDS, "limit": "10"})
        if not isinstance(answer, Received):
            return all_of(chunk, not_received(answer, "Open Library"))
        try:
            said = table(read_json(answer))
        except UnreadableError as error:
            return all_of(chunk, unreadable("Open Library", error))
        docs = said.get("docs")
        if not isinstance(docs, list) or not isinstance(said.get("numFound"), int):
            return all_of(chunk, unreadable("Open Library", UnreadableError("something other than books")))
        return all_of(chunk, Yes([_kept(each) for each in rows(docs)]) if docs else No())

    subject = "search:" + "\n".join(f"{name}={value}" for name, value in sorted(question.items()))
    found = (await web.many("openlibrary", [subject], fetch))[subject]
    return mapped(found, lambda items: tuple(record_of(each, isbn) for each in items))


def _kept(doc: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a book that are used; some books have thousands of editions."""
    kept: dict[str, Any] = {
        name: doc[name] for name in ("title", "subtitle", "author_name", "first_publish_year") if name in doc
    }
    kept |= {name: doc[name][:200] for name in ("publish_year", "isbn", "publisher") if isinstance(doc.get(name), list)}
    return kept | {"editions": rows(table(doc.get("editions")).get("docs"))[:20]}


def record_of(doc: dict[str, Any], isbn: str = "") -> Record:
    """Return the record of one book: that of the edition with this ISBN, if it is listed."""
    doc = table(doc)
    edition = next((each for each in rows(doc.get("editions")) if isbn and isbn in texts(each.get("isbn"))), {})
    dates = (each for each in (*texts(edition.get("publish_date")), *texts(edition.get("publish_year"))))
    own = next((valid_date([match[1]]) for each in dates if (match := _YEAR.search(each))), ())
    years = sorted(valid_date([each]) for each in texts(doc.get("publish_year")))
    earliest = valid_date([doc.get("first_publish_year")]) or next(filter(None, years), ())
    names = (read_name(each) for each in texts(doc.get("author_name")))
    return Record(
        service="openlibrary",
        kind="book",
        title=titled(
            plain(edition.get("title") or doc.get("title")), plain(edition.get("subtitle") or doc.get("subtitle"))
        ),
        names=tuple(name for name in names if name is not None),
        date=own or earliest,
        years=years_in(own or earliest, earliest, *years),
        publisher=plain(first(texts(edition.get("publisher")))),
        isbn=(isbn,) if isbn else texts(doc.get("isbn")),
    )
