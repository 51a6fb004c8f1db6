"""Finds the record of a work by its identifier: from any service that has it, else what the registry says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.web.lookup_result import Here, LookupResult, NoAnswer, Nothing
from wikitools.web.registry.handles import dois_exist
from wikitools.web.works import arxiv, crossref, csl, datacite, open_library, pubmed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wikitools.sources.record import Record
    from wikitools.web.asking import Web

_ARXIV_DOI = re.compile(r"doi:10\.48550/arxiv\.(.+?)(?:v\d+)?$")
BOOKS = frozenset({"book", "thesis", "report"})


async def records(web: Web, subjects: Iterable[str]) -> dict[str, LookupResult[Record]]:
    """Return the record of each `doi:…`, `arxiv:…`, `pmid:…` or `isbn:…`.

    `Nothing` only if the identifier's own registry (doi.org, arXiv, PubMed) says that it does not exist. An ISBN has no
    registry that can be asked; there it means that no library asked here knows it.
    """
    known_as = {subject: _known_as(subject) for subject in subjects}
    by_kind: dict[str, list[str]] = {}
    for kind, _colon, value in (each.partition(":") for each in known_as.values()):
        by_kind.setdefault(kind, []).append(value)
    found: dict[str, LookupResult[Record]] = {}
    for kind, ask in (("doi", _by_doi), ("arxiv", arxiv.records), ("pmid", pubmed.records), ("isbn", _by_isbn)):
        if by_kind.get(kind):
            found |= {f"{kind}:{value}": each for value, each in (await ask(web, by_kind[kind])).items()}
    return {subject: found[known] for subject, known in known_as.items()}


def _known_as(subject: str) -> str:
    """Return the identifier to ask for: arXiv's own DOIs become arXiv ids."""
    match = _ARXIV_DOI.match(subject)
    return f"arxiv:{match[1]}" if match else subject


async def _by_doi(web: Web, dois: Iterable[str]) -> dict[str, LookupResult[Record]]:
    found = await crossref.records(web, dois)
    others = [doi for doi, each in found.items() if not isinstance(each, Here)]
    silent = {doi: each for doi, each in found.items() if isinstance(each, NoAnswer)}
    for doi, each in (await datacite.records(web, others) if others else {}).items():
        found[doi] = each
        if isinstance(each, NoAnswer):
            silent.setdefault(doi, each)
    others = [doi for doi in others if not isinstance(found[doi], Here)]
    known = await dois_exist(web, others) if others else {}
    # Another agency registered it.
    elsewhere = [doi for doi in others if isinstance(known[doi], Here) and doi not in silent]
    said = await csl.records(web, elsewhere) if elsewhere else {}
    for doi in others:
        exists = known[doi]
        if isinstance(exists, Nothing):
            found[doi] = exists
        elif doi in said:
            found[doi] = said[doi]
        elif isinstance(exists, Here):
            # It exists, but the service that could describe it gave no answer.
            found[doi] = silent[doi]
        else:
            found[doi] = NoAnswer(silent[doi].why if doi in silent else exists.why)
    return found


async def _by_isbn(web: Web, isbns: Iterable[str]) -> dict[str, LookupResult[Record]]:
    return {isbn: await _one_isbn(web, isbn) for isbn in isbns}


async def _one_isbn(web: Web, isbn: str) -> LookupResult[Record]:
    at_crossref = await crossref.by_isbn(web, isbn)
    if isinstance(at_crossref, Here):
        # The chapters of a book have its ISBN, too; if a book has two DOIs, a person must choose.
        whole = [each for each in at_crossref.what if each.kind in BOOKS and isbn in each.isbn]
        if len(whole) == 1:
            return Here(whole[0], at_crossref.asked)
    in_library = await open_library.by_isbn(web, isbn)
    if isinstance(in_library, Here):
        if len(in_library.what) == 1:
            return Here(in_library.what[0], in_library.asked)
        return NoAnswer(f"Open Library lists {len(in_library.what)} books with this ISBN")
    return at_crossref if isinstance(at_crossref, NoAnswer) else in_library
