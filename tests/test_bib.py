"""The bibliography as a whole: duplicates, identifiers, what is used, near misses, and the commands that show them."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from growth import is_linear
from hypothesis import given, settings
from hypothesis import strategies as st

from wikitools.cite.citation import Citation, Cited
from wikitools.cite.near_misses import near_in_name, near_in_year
from wikitools.lint.facts import Facts, facts_of
from wikitools.lint.fix.fixing import Policy, fix, lint
from wikitools.lint.usage import citing_pages, place_of
from wikitools.report import citations, wanted
from wikitools.report.ansi import Style
from wikitools.sources.names import Name
from wikitools.sources.same_work import find_twins
from wikitools.sources.source import Bibliography, Source
from wikitools.sources.wellformed import arxiv_error, isbn_error, isbns_in, url_error
from wikitools.text import Span
from wikitools.wiki.resolution import Found, Missing

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

BIBLIOGRAPHY = """\
@article{hubinger2019, author = {Hubinger, Evan and Merwijk, Chris}, title = {Risks from optimization}, year = {2019},
  url = {https://example.org/risks}}
@book{shah2023, author = {Shah, Rohin}, title = {Goals}, year = {2023}}
@book{risks, author = {Hubinger, E.}, title = {Risks from Optimization}, year = {2019}, doi = {nonsense 12}}
@book{shah2023, author = {Other, Ann}, title = {Else}}
"""


def source(key: str, **fields: object) -> Source:
    values: dict[str, object] = {"title": "A title", "names": (Name("Doe", "Jane"),), "years": ("2020",), **fields}
    return Source(Span("a.bib", 0, 0), key, **values)  # type: ignore[arg-type]  # the fields are those of the test


# Identifiers


@given(st.lists(st.integers(0, 9), min_size=12, max_size=12), st.integers(0, 11))
def test_an_isbn_has_one_check_digit_and_no_digit_may_change(digits: list[int], place: int) -> None:
    body = "".join(map(str, digits))
    right = [digit for digit in "0123456789" if not isbn_error(body + digit)]
    assert len(right) == 1
    changed = body[:place] + str((digits[place] + 1) % 10) + body[place + 1 :]
    assert isbn_error(changed + right[0])


@pytest.mark.parametrize(
    ("written", "isbns"),
    [
        ("978-0-306-40615-7", ["978-0-306-40615-7"]),
        ("ISBN 0-306-40615-2 (cloth); 9780306406157 (paper)", ["0-306-40615-2", "9780306406157"]),
        ("9780306406157 0306406152", ["9780306406157", "0306406152"]),
        ("", []),
        ("forthcoming", []),
    ],
)
def test_isbns_of_a_field(written: str, isbns: list[str]) -> None:
    assert list(isbns_in(written)) == isbns
    assert not any(map(isbn_error, isbns))


@pytest.mark.parametrize(
    ("identifier", "is_right"),
    [
        *(("1501.00001", True), ("0704.0001", True), ("hep-th/9901001", True), ("math.gt/0309136", True)),
        *(("1412.00001", False), ("1501.0001", False), ("1900.00001", False), ("hep-th/9913001", False)),
    ],
)
def test_arxiv_ids(identifier: str, is_right: bool) -> None:
    assert (arxiv_error(identifier) == "") is is_right


@pytest.mark.parametrize(
    ("url", "is_right"),
    [
        *(("https://example.org", True), ("http://example.org:8080/a?b=c#d", True), ("ftp://a.example/x", True)),
        *(("https://bücher.example/ä", True), ("http://localhost/x", True), ("https://[::1]/x", True)),
        *(
            ("http:/example.org", False),
            ("example.org/a", False),
            ("https://https://a.org", False),
            ("https://", False),
        ),
        *(("https://a b.org", False), ("see the book", False), ("https://nodots/x", False)),
    ],
)
def test_urls(url: str, is_right: bool) -> None:
    assert (url_error(url) is None) is is_right


@given(st.text(max_size=60))
def test_no_text_breaks_the_forms(text: str) -> None:
    assert isinstance(isbn_error(text), str)
    assert isinstance(arxiv_error(text), str)
    assert url_error(text) is not None or "://" in text
    assert all(isbn in text for isbn in isbns_in(text))


# Near misses


def missing(why: str, *names: str, year: str = "2020", et_al: bool = False, losers: tuple[str, ...] = ()) -> Cited:
    citation = Citation(Span("a.md", 0, 1), "x", names=names, et_al=et_al, year=year)
    return Cited(citation, Missing(why=why), losers=tuple((key, "") for key in losers))


def test_a_prolific_author_has_no_near_year() -> None:
    doe = source("doe2021", years=("2021",))
    cited = missing("year-differs", "Doe", losers=("doe2021",))
    assert near_in_year(cited, Bibliography([doe])) == (doe,)
    assert near_in_year(cited, Bibliography([doe, source("more", title="More", years=("1999",))])) == ()


@pytest.mark.parametrize(
    ("printed", "right", "is_slip"),
    [
        *((("Greenblat",), ("Greenblatt",), True), (("Hubigner",), ("Hubinger",), True)),
        *((("Chen",), ("Cheng",), False), (("Zhang",), ("Zheng",), False), (("Smith",), ("Jones",), False)),
        *((("Doe", "Kohc"), ("Doe", "Koch"), True), (("Doe", "Koch"), ("Doe", "Roth"), False)),
        *((("Doe",), ("Doe",), False), (("Greenblat", "Roe"), ("Greenblatt", "Poe"), False)),
    ],
)
def test_slips(printed: tuple[str, ...], right: tuple[str, ...], is_slip: bool) -> None:
    known = source("x", names=tuple(Name(family, "A.") for family in right))
    found = near_in_name(missing("name-differs", *printed), Bibliography([known]))
    assert bool(found) is is_slip


# Rules over a wiki


def found_in(facts: Facts, *select: str) -> list[tuple[str, str]]:
    outcome = lint(facts, Policy(select=select))
    assert not outcome.failures
    return [(each.rule, each.subject) for each in outcome.diagnostics]


def test_one_citation_is_reported_once() -> None:
    facts = facts_of(
        {
            "a.md": "(Hubinger & Merwijk 2018), (Hubingr & Merwijk 2019), (Nobody 1999), (Hubinger & Merwijk 2019)\n",
            "r.bib": BIBLIOGRAPHY,
        }
    )
    rules = [rule for rule, _subject in found_in(facts, "citations")]
    assert rules == ["citation-year-mismatch", "citation-misspelled", "unmatched-citation"]


def test_a_year_that_many_citations_print_is_hardly_a_slip() -> None:
    for times, repaired in ((1, True), (2, True), (3, False)):
        pages = {f"{number}.md": "See (Hubinger & Merwijk 2018).\n" for number in range(times)}
        # How it is written does not matter.
        pages["0.md"] = "Hubinger and Merwijk (2018) say so.\n"
        outcome = lint(facts_of({**pages, "r.bib": BIBLIOGRAPHY}), Policy(select=("citation-year-mismatch",)))
        assert [each.fix is not None for each in outcome.diagnostics] == [repaired] * times
        assert all(repaired or "perhaps they mean another work" in each.help for each in outcome.diagnostics)


def test_a_repaired_citation_may_cite_a_source_without_url() -> None:
    files = {
        "a.md": "See (Shaah 2023), (Greenblat 2024).\n",
        "r.bib": "@book{g, author={Greenblatt, Ann}, year=2024}\n",
    }
    facts = facts_of(files)
    outcome = fix(facts, Policy(select=("ALL",)), rebuild=lambda texts: facts_of({**files, **texts}), unsafe=True)
    assert outcome.texts["a.md"].startswith("See (Shaah 2023), (Greenblatt 2024).")
    assert "source-without-url" in {each.rule for each in outcome.remaining.diagnostics}


def test_own_bibliographies_are_scopes_of_their_own() -> None:
    files = {
        "a.md": "---\nbibliography: a.bib\n---\n(Doe 2020)\n",
        "b.md": "---\nbibliography: b.bib\n---\nnothing\n",
        "a.bib": "@book{x, author={Doe, Jane}, title={Some fruit}, year=2020, url={https://a.org}}\n",
        "b.bib": "@book{y, author={Doe, Jane}, title={Some fruit}, year=2020, url={https://a.org}}\n",
    }
    facts = facts_of(files)
    assert found_in(facts, "duplicate-source") == [("duplicate-source", "y")]
    apart = replace(facts, bibliography=Bibliography())
    assert found_in(apart, "duplicate-source") == []
    assert found_in(apart, "uncited-source") == [("uncited-source", "y")]


@pytest.mark.parametrize("nocite", ["'@*'", "'@shah2023, @risks'", "['@{shah2023}', '@risks']"])
def test_nocite_counts_as_cited(nocite: str) -> None:
    facts = facts_of({"a.md": f"---\nnocite: {nocite}\n---\n(Hubinger & Merwijk 2019)\n", "r.bib": BIBLIOGRAPHY})
    assert found_in(facts, "uncited-source") == []


def test_places_are_keys_not_whole_entries() -> None:
    facts = facts_of({"a.md": "", "r.bib": BIBLIOGRAPHY})
    places = [place_of(each, facts).of(BIBLIOGRAPHY) for each in facts.bibliography.sources]
    assert places == ["hubinger2019", "shah2023", "risks", "shah2023"]


@pytest.mark.slow
def test_large_bibliographies_and_wikis_take_linear_time() -> None:
    def seconds(sources: int, cited: int) -> float:
        works = [source(f"k{n}", title=f"Title number {n % 7}", years=(str(1900 + n % 120),)) for n in range(sources)]
        citation = Citation(Span("a.md", 0, 1), "x", names=("Doe",), year="2020")
        facts = facts_of({"a.md": ""})
        facts = Facts(
            wiki=facts.wiki,
            bibliography=Bibliography(works),
            cited={"a.md": tuple(Cited(citation, Found(works[n % sources], "")) for n in range(cited))},
        )
        began = time.process_time()
        find_twins(works, lambda each: each.span.path)
        assert len(citing_pages(facts)) == 1 or sources > 1
        return time.process_time() - began

    assert is_linear(lambda size: seconds(size, 10 * size), 1000, times=8)


# Commands


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n')
    (tmp_path / "refs.bib").write_text(BIBLIOGRAPHY)
    (tmp_path / "a.md").write_text("See (Hubinger & Merwijk 2019), (Ngo et al. 2022), Ngo et al.’s (2022).\n")
    (tmp_path / "b.md").write_text("See (Ngo et al., 2022; Nobody 1999).\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("wiki")
def test_bib_check(call: Call) -> None:
    code, out, _ = call("bib", "check", "--output-format", "json")
    rules = {each["rule"] for each in json.loads(out)["diagnostics"]}
    assert code == 1
    assert rules == {
        *("duplicate-key", "duplicate-source", "invalid-identifier", "source-without-year", "uncited-source"),
    }
    assert call("bib", "check", "--exit-zero")[0] == 0
    assert call("bib", "check", "a.md")[:2] == (0, "No problems found (2 pages).\n")
    assert call("bib", "check", "--ignore", "bibliography", "--fail-on", "any")[0] == 0
    assert call("bib", "check", "refs.bib", "--output-format", "concise")[1].count("refs.bib:") == 6


@pytest.mark.usefixtures("wiki")
def test_bib_list(call: Call) -> None:
    code, out, _ = call("bib", "list")
    assert code == 0
    assert out.splitlines()[0].split() == ["pages", "key", "authors", "year", "title", "from"]
    assert "Hubinger & Merwijk" in out
    assert "refs.bib:4" in out
    assert out.endswith("4 sources in 1 file: 2 cited, 2 not.\n")
    rows = [json.loads(line) for line in call("bib", "list", "--output-format", "json-lines")[1].splitlines()]
    assert [(row["key"], row["line"], row["pages"]) for row in rows] == [
        *(("hubinger2019", 1, 1), ("shah2023", 3, 0), ("risks", 4, 1), ("shah2023", 5, 0)),
    ]
    assert json.loads(call("bib", "list", "--output-format", "json")[1])["sources"] == rows
    assert call("bib", "list", "--output-format", "csv")[1].count("\n") == 5
    assert call("bib", "list", "a.md")[1] == "No sources found.\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("bib", "lst"), 'no such command "lst"; did you mean "list"? (see "wikitools bib --help")'),
        (("bib", "list", "--output-format", "xml"), 'see "wikitools bib list --help"'),
        (("bib", "check", "gone.bib"), "gone.bib: no such file or folder"),
    ],
)
@pytest.mark.usefixtures("wiki")
def test_mistakes(call: Call, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.usefixtures("wiki")
def test_wanted_sources_come_first_by_how_often_they_are_cited(call: Call) -> None:
    code, out, _ = call("cite", "--unmatched")
    assert code == 0
    assert out.splitlines()[:2] == [
        "Ngo et al. 2022: 3 citations on 2 pages; first at a.md:1:33",
        "Nobody 1999: 1 citation on 1 page; first at b.md:1:24",
    ]
    data = json.loads(call("cite", "--unmatched", "--output-format", "json")[1])
    assert [(each["label"], each["citations"], each["pages"]) for each in data["wanted"]] == [
        *(("Ngo et al. 2022", 3, 2), ("Nobody 1999", 1, 1)),
    ]
    assert len(data["citations"]) == 4
    assert "wanted" not in json.loads(call("cite", "--output-format", "json")[1])


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(["Ngo", "NGO", "Li"]), st.sampled_from(["2020", "2021"])), max_size=10))
def test_groups_of_wanted_sources_hold_each_citation_once(cited: list[tuple[str, str]]) -> None:
    rows = list(
        citations.rows_of("a.md", "x" * 20, [missing("no-such-author", name, year=year) for name, year in cited])
    )
    groups = wanted.group(rows)
    assert sorted(id(row) for each in groups for row in each.rows) == sorted(map(id, rows))
    assert len(groups) == len({(name.lower(), year) for name, year in cited})
    assert [len(each.rows) for each in groups] == sorted((len(each.rows) for each in groups), reverse=True)


def test_wanted_sources_on_a_terminal() -> None:
    many = [missing("no-such-author", f"Orrin{number:02}", year="2020") for number in range(60)]
    names = ["Ann Abelson", "Bo Bertelsen", "Cy Christensen", "Di Dahl", "Ed Eriksen", "Flo Friis"]
    long = missing("no-such-author", *names, year="2018")
    rows = list(citations.rows_of("a.md", "x" * 20, [long, long, *many]))
    lines = "".join(wanted.render(wanted.group(rows), columns=60, style=Style(colour=True))).splitlines()
    plain = [re.sub("\x1b\\[[0-9;]*m", "", line) for line in lines]
    # Names wrap as all words do, and stay bold.
    assert plain[:3] == [
        "Ann Abelson, Bo Bertelsen, Cy Christensen, Di Dahl, Ed",
        "  Eriksen & Flo Friis 2018: 2 citations on 1 page; first at",
        "  a.md:1:1",
    ]
    assert lines[1].startswith("  \x1b[1mEriksen & Flo Friis 2018\x1b[0m: 2 citations")
    assert lines[2] == "  a.md:1:1"
    assert plain[-1] == "and 41 more, each cited once (-v lists all)"
    assert max(map(len, plain)) <= 60
    # In a pipe nothing is left out, nor if all is asked for.
    assert len("".join(wanted.render(wanted.group(rows))).splitlines()) == 61
    assert "more, each" not in "".join(wanted.render(wanted.group(rows), columns=60, every=True))
