"""Whatever stands in the place of a value in a service's answer: a record is read, of plain text that can be seen."""

from __future__ import annotations

import copy
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
from web import service_answers
from web.library import ELSEWHERE, LECUN, WAKEFIELD

from wikitools.report.screen import visible
from wikitools.sources.names import Name
from wikitools.web.works import crossref, csl, datacite, open_library, openalex, semantic_scholar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wikitools.sources.record import Record

WRONG = (
    None,
    0,
    1.5,
    True,
    "",
    [],
    {},
    [None],
    [[]],
    {"a": None},
    float("inf"),
    10**400,
    "\u202e\x00<b>&#x202e;x",
    "9" * 99,
)
ANSWERS: dict[str, tuple[Callable[[dict[str, Any]], Record], dict[str, Any]]] = {
    "Crossref": (crossref.record_of, service_answers.crossref_item(WAKEFIELD)),
    "DataCite": (datacite.record_of, service_answers.datacite_item(LECUN)),
    "doi.org": (
        csl.record_of,
        {
            "type": "article-journal",
            "DOI": ELSEWHERE.doi,
            "title": ELSEWHERE.title,
            "author": [{"family": "Rossi", "given": "Maria", "suffix": "Jr."}, {"literal": "NASA"}],
            "issued": {"date-parts": [[2011, 3]]},
            "container-title": "Prove",
            "volume": "3",
            "page": "1-9",
        },
    ),
    "Open Library": (
        open_library.record_of,
        {
            "title": "Kelp",
            "subtitle": "A History",
            "author_name": ["Ann Doe"],
            "first_publish_year": 2001,
            "publish_year": [2001, 2004],
            "isbn": ["9780199678112"],
            "publisher": ["Press"],
        },
    ),
    "OpenAlex": (
        openalex.record_of,
        {
            "doi": "https://doi.org/10.5555/x",
            "display_name": "Kelp",
            "publication_year": 2001,
            "publication_date": "2001-02-03",
            "is_retracted": True,
            "authorships": [{"author": {"display_name": "Ann Doe"}}],
            "primary_location": {"source": {"display_name": "Kelps"}},
        },
    ),
    "Semantic Scholar": (
        semantic_scholar.record_of,
        {
            "title": "Kelp",
            "year": 2001,
            "authors": [{"name": "Ann Doe"}],
            "externalIds": {"DOI": "10.5555/x", "PubMed": "1"},
        },
    ),
}


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the keys that lead to each value inside of a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*place, key)
        yield from places(each, (*place, key))


@pytest.mark.parametrize("service", ANSWERS)
def test_any_value_may_be_any_other(service: str) -> None:
    read, answer = ANSWERS[service]
    for place in places(answer):
        for wrong in WRONG:
            changed = copy.deepcopy(answer)
            inner = changed
            for key in place[:-1]:
                inner = inner[key]
            inner[place[-1]] = wrong
            record = read(changed)
            assert all(name.family for name in record.names), (place, wrong)
            written = [value for field in fields(record) if isinstance(value := getattr(record, field.name), str)]
            written += [part for name in record.names for part in (name.family, name.given, name.suffix)]
            assert all(visible(each) == each for each in written), (place, wrong)


def test_a_person_with_one_name_has_it_as_family() -> None:
    read, answer = ANSWERS["doi.org"]
    assert read(answer | {"author": [{"family": "", "given": "Plato"}]}).names == (Name("Plato"),)
