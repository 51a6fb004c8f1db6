"""Source notes: which pages describe a source, and what they say about it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from wikitools.markdown.page import Field, Page
from wikitools.markdown.parse import parse
from wikitools.sources.names import Name
from wikitools.sources.readers.notes import read_note
from wikitools.sources.source import Source
from wikitools.sources.verdict import identifiers_of
from wikitools.text import Span


def page(path: str, body: str = "", /, **fields: Any) -> Page:
    head = "---\n" + "".join(f"{name}: {value}\n" for name, value in fields.items()) + "---\n"
    text = head + body
    span = Span(path, 0, len(head))
    at = 4
    front: dict[str, Field] = {}
    for name, value in fields.items():
        line = len(f"{name}: {value}\n")
        front[name.replace("__", "-")] = Field(value, Span(path, at, at + line - 1))
        at += line
    return Page(path, text, front_matter=front, front_matter_span=span)


def source(path: str, body: str = "", /, **fields: Any) -> Source:
    sources, problems = read_note(page(path, body, **fields))
    assert not problems
    assert len(sources) == 1
    return sources[0]


def test_a_note_whole() -> None:
    path = "sources/hubinger-et-al-2019.md"
    found = source(
        path,
        title="Risks from Learned Optimization",
        authors=["Evan Hubinger", "van Merwijk, Chris"],
        year=2019,
        url="https://arxiv.org/abs/1906.01820",
        type="paper",
        aliases=["RLO"],
    )
    assert found == Source(
        span=found.span,
        key="hubinger-et-al-2019",
        names=(Name("Hubinger", "Evan"), Name("van Merwijk", "Chris")),
        years=("2019",),
        title="Risks from Learned Optimization",
        url="https://arxiv.org/abs/1906.01820",
        arxiv="1906.01820",
        note=path,
        aliases=("RLO",),
        kind="article-journal",
    )
    assert found.span.start == 0


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("a.md", {"title": "Concept"}),
        ("a.md", {"title": "Concept", "date": datetime.date(2024, 1, 1)}),
        ("a.md", {"title": "Post", "author": "Me", "date": datetime.date(2024, 1, 1)}),
        ("a.md", {"title": "Concept", "source": "[[Other page]]"}),
        ("a.md", {"title": "Concept", "source": "what people say"}),
        ("a.md", {"title": "Concept", "url": "/"}),
        ("a.md", {"title": "Concept", "url": "concepts/a"}),
        ("a.md", {"title": "Jane Doe", "type": "person", "url": "https://example.org"}),
        ("a.md", {"title": "Concept", "doi": None, "citekey": ""}),
        ("2024-01-01.md", {"title": "Day", "author": "Me"}),
        ("a.md", {"part_of": "[[Book]]"}),
    ],
)
def test_ordinary_pages_carry_no_source(path: str, fields: dict[str, Any]) -> None:
    assert read_note(page(path, **fields)) == ((), ())


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("a.md", {"url": "https://example.org/x"}),
        ("a.md", {"source": "https://example.org/x"}),
        ("a.md", {"source": "[Here](https://example.org/x)"}),
        ("a.md", {"doi": "10.1000/a"}),
        ("a.md", {"arxiv": "1906.01820"}),
        ("a.md", {"citekey": "doe2019"}),
        ("a.md", {"bibtex_key": "doe2019"}),
        ("a.md", {"citation-key": "@doe2019"}),
        ("a.md", {"author": "Jane Doe", "year": 2019}),
        ("a.md", {"author": "Jane Doe", "published": "2019-05-01"}),
        ("doe-2019.md", {"author": "Jane Doe"}),
        ("a.md", {"author": "Jane Doe", "title": "Doe (2019): Things"}),
        ("a.md", {"author": "Jane Doe", "type": "book"}),
        ("a.md", {"author": "Jane Doe", "journal": "J. Things"}),
        ("a.md", {"book": "[[Atlas]]", "chapter": 7}),
        ("@doe2019.md", {"tags": "x"}),
    ],
)
def test_source_notes(path: str, fields: dict[str, Any]) -> None:
    (found,), problems = read_note(page(path, **fields))
    assert not problems
    assert found.note == path


@pytest.mark.parametrize(
    ("path", "fields", "key"),
    [
        ("x/@Doe2019.md", {}, "Doe2019"),
        ("x/doe-2019.md", {"url": "https://example.org"}, "doe-2019"),
        ("x/doe-2019.md", {"citekey": "doe19"}, "doe19"),
        ("x/doe-2019.md", {"citation_key": "@doe19"}, "doe19"),
    ],
)
def test_keys(path: str, fields: dict[str, Any], key: str) -> None:
    assert source(path, **fields).key == key


@pytest.mark.parametrize(
    ("authors", "names"),
    [
        ("Jane Doe", [Name("Doe", "Jane")]),
        ("Doe, Jane", [Name("Doe", "Jane")]),
        ("A. One, B. Two and C. Three", [Name("One", "A."), Name("Two", "B."), Name("Three", "C.")]),
        (["Doe, Jane", "Rex Roe"], [Name("Doe", "Jane"), Name("Roe", "Rex")]),
        (["[[Alan Turing]]"], [Name("Turing", "Alan")]),
        ([[["Alan Turing"]]], [Name("Turing", "Alan")]),
        ([{"family": "Doe", "given": "Jane"}, {"name": "Rex Roe"}], [Name("Doe", "Jane"), Name("Roe", "Rex")]),
        (["World Health Organization"], [Name("World Health Organization", literal=True)]),
        ("Marcos {López de Prado}", [Name("de Prado", "Marcos López")]),
        (["Jane Doe", "et al."], [Name("Doe", "Jane")]),
    ],
)
def test_authors(authors: Any, names: list[Name]) -> None:
    assert list(source("a.md", authors=authors, year=2019).names) == names


@pytest.mark.parametrize(
    ("path", "fields", "years", "suffix"),
    [
        ("a.md", {"year": 2019}, ("2019",), ""),
        ("a.md", {"year": "2019a"}, ("2019",), "a"),
        ("a.md", {"date": datetime.date(2019, 5, 1)}, ("2019",), ""),
        ("a.md", {"published": "May 2019"}, ("2019",), ""),
        ("a.md", {"year": "in press"}, ("in press",), ""),
        ("doe-et-al-2018.md", {"year": 2019}, ("2019", "2018"), ""),
        ("doe-2018b.md", {}, ("2018",), "b"),
        ("2024-05-01 doe.md", {"year": 2019}, ("2019",), ""),
        ("arxiv-2001.08361.md", {"year": 2020}, ("2020",), ""),
        ("a.md", {"arxiv": "1906.01820"}, ("2019",), ""),
        ("a.md", {"title": "Doe & Roe (2022): Land"}, ("2022",), ""),
    ],
)
def test_years(path: str, fields: dict[str, Any], years: tuple[str, ...], suffix: str) -> None:
    found = source(path, url="https://example.org", **fields)
    assert (found.years, found.suffix) == (years, suffix)


def test_authors_from_the_file_name_where_nothing_else_says() -> None:
    assert source("hubinger-et-al-2019.md", url="https://example.org").names == (Name("Hubinger"),)
    assert source("hubinger-et-al-2019.md", url="https://example.org").fields["others"] == "and others"
    assert source("shah-and-jones-2023.md", url="https://example.org").names == (Name("Shah"), Name("Jones"))
    assert source("a-page-about-1984.md", url="https://example.org").names == ()


def test_a_title_that_cites_is_taken_apart() -> None:
    assert source("a.md", title="Doe & Roe (2022): Land", url="https://example.org").title == "Land"


def test_chapters_keep_their_numbers_as_written() -> None:
    found = source("atlas-7-10.md", part_of="[[ai-safety-atlas-textbook|Atlas]]", chapter=7.10)
    assert found.fields["part_of"] == "ai-safety-atlas-textbook"
    assert found.kind == "chapter"
    parsed = parse("c.md", '---\nbook: "[[atlas]]"\nchapter: 7.10\n---\n')
    assert read_note(parsed)[0][0].fields["chapter"] == "7.10"


def test_an_identifier_that_is_none_is_a_problem() -> None:
    sources, problems = read_note(page("a.md", title="T", doi="10.abc/1", url="https://example.org"))
    assert len(sources) == 1
    assert problems[0].kind == "malformed-source"
    assert problems[0].span.of(page("a.md", title="T", doi="10.abc/1").text) == "doi: 10.abc/1"


def test_lines_at_the_head_of_a_key_note() -> None:
    text = "*title:* Things\n*authors:* Jane Doe, Rex Roe\nyear:: 2019\n*tags:* #x\n\n## Notes\n*year:* 1999\n"
    (found,), problems = read_note(parse("in/@doeThings2019.md", text))
    assert not problems
    assert (found.key, found.title, found.years) == ("doeThings2019", "Things", ("2019",))
    assert found.names == (Name("Doe", "Jane"), Name("Roe", "Rex"))
    assert found.span.of(text) == "*title:* Things\n*authors:* Jane Doe, Rex Roe\nyear:: 2019"


BIB = "@misc{doe2019, author = {Doe, Jane}, title = {Things}, year = {2019}, doi = {10.1000/a}}"


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        ("Text.\n\n```bibtex\n", "", "\n```\nMore.\n"),
        ("~~~~ {.bib}\n", "", "\n~~~~\n"),
        ("> ```BibTeX\n> ", "", "\n> ```\n"),
        ("```bibtex\r\n", "", "\r\n```\r\n"),
        ("```bibtex\n", "", ""),
    ],
)
def test_bibtex_in_a_fence(before: str, line: str, after: str) -> None:
    text = before + BIB + line + after
    (found,), problems = read_note(Page("refs.md", text))
    assert not problems
    assert found.span.of(text) == BIB
    assert (found.key, found.note, found.names) == ("doe2019", "refs.md", (Name("Doe", "Jane"),))


def test_several_entries_in_fences_describe_no_page() -> None:
    first, second = f"{BIB}\n@misc{{b, title = {{B}}", "@misc{c, title = {C}}"
    text = f"```bibtex\n{first}\n```\n```bibtex\n{second}\n```\n```python\n{BIB}\n```\n"
    sources, problems = read_note(Page("refs.md", text))
    assert [(each.key, each.note) for each in sources] == [("doe2019", ""), ("b", ""), ("c", "")]
    assert [problem.span.of(text)[:7] for problem in problems] == ["@misc{"]


def test_front_matter_and_fence_are_one_work() -> None:
    found = source(
        "things.md", f"```bibtex\n{BIB}\n```\n", title="Things", year=2018, aliases=["Th"], url="https://example.org"
    )
    assert (found.key, found.years, found.doi) == ("doe2019", ("2019", "2018"), "10.1000/a")
    assert (found.note, found.aliases, found.fields["ids"]) == ("things.md", ("Th",), "things")


def test_another_work_in_the_fence_stays_another() -> None:
    sources, _problems = read_note(page("x.md", f"```bibtex\n{BIB}\n```\n", title="Other", author="Rex Roe", year=1999))
    assert [each.key for each in sources] == ["x", "doe2019"]


def test_pandoc_references_in_the_front_matter() -> None:
    sources, _problems = read_note(page("x.md", references=[{"id": "doe", "title": "T", "issued": 2019}, "[[link]]"]))
    assert [(each.key, each.years, each.note) for each in sources] == [("doe", ("2019",), "")]


def test_a_note_keeps_its_pubmed_id() -> None:
    found = source("sources/doe.md", authors=["Ann Doe"], year=2001, type="paper", pmid=15192576)
    assert identifiers_of(found) == ("pmid:15192576",)
