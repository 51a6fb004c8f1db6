"""Bibliographies other than BibTeX: CSL-JSON, CSL-YAML, tables, RIS, Hayagriva, CITATION.cff."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikitools.sources.names import Name
from wikitools.sources.readers import BIBLIOGRAPHY_SUFFIXES, read_bibliography
from wikitools.sources.readers.mojibake import mended
from wikitools.sources.readers.persons import read_names
from wikitools.sources.readers.ris import read_ris_name
from wikitools.sources.readers.table import read_table
from wikitools.sources.readers.years import read_years
from wikitools.sources.verdict import identifiers_of
from wikitools.text import line_and_column, line_starts

if TYPE_CHECKING:
    from wikitools.sources.source import Source

FIXTURES = Path(__file__).parent.parent / "fixtures" / "bibliographies"


def read(path: str, text: str) -> tuple[list[Source], list[tuple[int, str]]]:
    """Return the sources, and the problems as line and message."""
    sources, problems = read_bibliography(path, text)
    starts = line_starts(text)
    return list(sources), [(line_and_column(starts, each.span.start)[0], each.message) for each in problems]


def csl(**item: Any) -> Source:
    sources, problems = read("refs.json", json.dumps([{"id": "k", "title": "T", **item}]))
    assert not problems
    return sources[0]


# CSL-JSON


def test_items_have_exact_places() -> None:
    text = '\ufeff[\n  {"id": "é😀", "title": "A"} ,\n  {"id": 7, "title": "B"}\n]'
    sources, problems = read("refs.json", text)
    assert not problems
    assert [source.key for source in sources] == ["é😀", "7"]
    assert [source.span.of(text) for source in sources] == ['{"id": "é😀", "title": "A"}', '{"id": 7, "title": "B"}']


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ({"family": "Doe", "given": "Jane"}, Name("Doe", "Jane")),
        ({"literal": "World Health Organization"}, Name("World Health Organization", literal=True)),
        ({"family": "Maaten", "given": "L.", "non-dropping-particle": "van der"}, Name("van der Maaten", "L.")),
        ({"family": "Aubignac", "given": "F.", "dropping-particle": "d’"}, Name("d’Aubignac", "F.")),
        ({"family": "Ford", "given": "Henry", "suffix": "Jr."}, Name("Ford", "Henry", "Jr.")),
        ({"family": "NASA"}, Name("NASA")),
        ({"given": "Plato"}, Name("Plato")),
        ("Jane Doe", Name("Doe", "Jane")),
    ],
)
def test_csl_names(author: Any, name: Name) -> None:
    assert csl(author=[author]).names == (name,)


@pytest.mark.parametrize(
    ("issued", "years", "suffix"),
    [
        ({"date-parts": [[2019, 5, 1]]}, ("2019",), ""),
        ({"date-parts": [["2019"]]}, ("2019",), ""),
        ({"date-parts": [[2019], [2020]]}, ("2019", "2020"), ""),
        ({"date-parts": [[2019]], "season": 2}, ("2019",), ""),
        ({"date-parts": [[]]}, (), ""),
        ({"raw": "2019-05"}, ("2019",), ""),
        ({"literal": "in press"}, ("in press",), ""),
        ("2019a", ("2019",), "a"),
        (2019, ("2019",), ""),
        ([{"year": 2019, "month": 5}], ("2019",), ""),
        ({"date-parts": [[350]]}, ("350",), ""),
    ],
)
def test_csl_dates(issued: Any, years: tuple[str, ...], suffix: str) -> None:
    source = csl(issued=issued)
    assert (source.years, source.suffix) == (years, suffix)


def test_csl_identifiers_and_fields() -> None:
    source = csl(
        **{
            "type": "article-journal",
            "DOI": "https://doi.org/10.1000/ABC",
            "URL": "https://example.org/x",
            "note": "arXiv: 1906.01820v2 [cs.LG]",
            "container-title": "J. <i>Things</i>",
            "volume": 3,
            "citation-key": "doe2019",
            "abstract": "Long",
        }
    )
    assert (source.key, source.doi, source.url, source.arxiv) == (
        "doe2019",
        "10.1000/abc",
        "https://example.org/x",
        "1906.01820",
    )
    assert source.kind == "article-journal"
    assert source.years == ("2019",)
    assert source.fields["container-title"] == "J. Things"
    assert (source.fields["volume"], source.fields["ids"]) == ("3", "k")
    assert "abstract" not in source.fields


def test_editors_stand_in_for_authors() -> None:
    assert csl(editor=[{"family": "Doe"}]).names == (Name("Doe"),)


@pytest.mark.parametrize("wrapper", ["[%s]", '{"items": [%s]}', '{"x": 1, "references": [%s]}', "%s"])
def test_ways_to_wrap_items(wrapper: str) -> None:
    text = wrapper % '{"id": "k", "type": "book", "title": "T"}'
    sources, problems = read("refs.json", text)
    assert [source.key for source in sources] == ["k"]
    assert not problems


def test_an_object_of_items_by_key() -> None:
    sources, _problems = read("refs.json", '{"a": {"title": "A"}, "b": {"type": "book"}, "version": 3}')
    assert [source.key for source in sources] == ["a", "b"]


def test_broken_items_cost_no_neighbours() -> None:
    text = (FIXTURES / "broken.csl.json").read_text(encoding="utf-8")
    sources, problems = read("broken.csl.json", text)
    assert [source.key for source in sources] == ["one", "three", "five"]
    assert [line for line, _message in problems] == [3, 4, 5, 7, 7, 7]


@pytest.mark.parametrize(
    "text", ["", "[", "[1, 2", "{", '{"items": [', "null", '"x"', "[" * 100_000, '{"a":' * 100_000]
)
def test_json_that_is_no_bibliography(text: str) -> None:
    assert read_bibliography("refs.json", text)[0] == ()


def test_items_without_or_with_one_id() -> None:
    _sources, problems = read("refs.json", '[{"title": "A"},\n{"id": "x"},\n{"id": "x"}]')
    assert [line for line, _message in problems] == [1, 3]


# CSL-YAML


def test_csl_yaml() -> None:
    text = (
        "---\nreferences:\n- id: a\n  type: book\n  author:\n  - family: Doe\n    given: Jane\n"
        "  issued: 2019-05\n  title: No\n- id: 007\n  title: 'É😀'\n...\n"
    )
    sources, problems = read("refs.yaml", text)
    assert not problems
    first, second = sources
    assert (first.names, first.years, first.title) == ((Name("Doe", "Jane"),), ("2019",), "No")
    assert (second.key, second.title) == ("007", "É😀")
    assert second.span.of(text) == "id: 007\n  title: 'É😀'"


def test_broken_yaml_costs_one_entry() -> None:
    text = "\ufeffreferences:\n- id: a\n  title: A\n- id: b\n  title: 'open\n  x: [\n- id: c\n  title: C\n"
    sources, problems = read("refs.yaml", text)
    assert [source.key for source in sources] == ["a", "c"]
    assert len(problems) == 1
    assert 4 <= problems[0][0] <= 6
    assert sources[1].span.of(text) == "id: c\n  title: C"


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\n"
        + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(24)),
        "a: &a\n  b: *a\n",
        "[" * 300_000,
        "- " * 100_000,
        "? " * 100_000,
        "{" * 100_000,
        "a: \x00b",
    ],
    ids=["alias bomb", "itself", "brackets", "dashes", "questions", "braces", "NUL"],
)
def test_hostile_yaml(text: str) -> None:
    begin = time.process_time()
    for name in ("refs.yaml", "refs.csl.yaml", "CITATION.cff"):
        read_bibliography(name, text)
    assert time.process_time() - begin < 5


# Tables


def test_a_registry() -> None:
    text = (FIXTURES / "registry.csv").read_text(encoding="utf-8")
    sources, problems = read("registry.csv", text)
    assert [source.key for source in sources] == ["doe1998", "isp2003", "abel2004", "short", "abel2005"]
    land, report, unclosed, _short, last = sources
    assert land.names == (Name("Doe", "Jane"), Name("Roe", "Rex"))
    assert land.title == "Land, Rent and Reason"
    assert land.fields == {"category": "Book"}
    assert report.names == (Name("Institute for Slow Policy", literal=True),)
    assert unclosed.title == "An unclosed quote"
    assert [name.family for name in last.names] == ["Abel", "Bell", "Cole"]
    assert (last.years, last.suffix, last.doi) == (("2005",), "a", "10.1000/last")
    assert [line for line, _message in problems] == [4, 5]
    assert land.span.of(text) == text.splitlines()[1]


def test_columns_may_be_named() -> None:
    text = "Werk;Von;Jahr\nDas Boot;Doe, Jane;1973\n"
    sources, problems = read_table("registry.csv", text, {"title": "werk", "authors": "Von", "year": "Jahr"})
    assert not problems
    assert (sources[0].title, sources[0].names, sources[0].years) == ("Das Boot", (Name("Doe", "Jane"),), ("1973",))


def test_rows_over_several_lines() -> None:
    text = 'title,author\r\n"A\r\ntitle","Doe, Jane"\r\nB,Rex Roe\r\n'
    sources, problems = read("a.csv", text)
    assert not problems
    assert [source.title for source in sources] == ["A title", "B"]
    assert sources[0].span.of(text) == '"A\r\ntitle","Doe, Jane"'


def test_tabs() -> None:
    sources, problems = read("a.tsv", "title\tauthors\tyear\nA, B\tJane Doe\t2019\n\n")
    assert not problems
    assert sources[0].title == "A, B"


@pytest.mark.parametrize("text", ["", "\n\n", "a,b\n1,2\n", '"'])
def test_no_registry(text: str) -> None:
    assert read("a.csv", text)[0] == []


# RIS


def test_ris() -> None:
    text = (
        "\ufeffTY  - JOUR\r\nAU  - Doe, Jane\r\nAU  - van der Berg, R., Jr.\r\n"
        "PY  - 2019/05//\r\nTI  - A title\r\n  that goes on\r\n"
        "JO  - J. Things\r\nSP  - 1\r\nEP  - 9\r\nDO  - 10.1000/AB\r\nUR  - https://example.org\r\nER  - \r\n\r\n"
        "TY  - RPRT\r\nA1  - World Health Organization\r\nY1  - 2021\r\nT1  - Report\r\nID  - who\r\nER  -\r\n"
    )
    sources, problems = read("refs.ris", text)
    assert not problems
    first, second = sources
    assert first.names == (Name("Doe", "Jane"), Name("van der Berg", "R.", "Jr."))
    assert (first.key, first.title, first.years, first.doi) == (
        "doe2019title",
        "A title that goes on",
        ("2019",),
        "10.1000/ab",
    )
    assert first.fields == {"container-title": "J. Things", "page": "1–9"}
    assert (second.key, second.kind, second.names) == (
        "who",
        "report",
        (Name("World Health Organization", literal=True),),
    )
    assert first.span.of(text).startswith("TY")
    assert first.span.of(text).endswith("ER  - ")


def test_damaged_ris() -> None:
    text = (
        "lost words\nTY  - JOUR\nTI  - A\nTY  - BOOK\nTI  - B\nER  - \nTI  - C\nER  - \nER  - \nTY  - BOOK\nTI  - D\n"
    )
    sources, problems = read("refs.ris", text)
    assert [source.title for source in sources] == ["A", "B", "C", "D"]
    assert [line for line, _message in problems] == [1, 2, 7, 9, 10]


# Hayagriva and CITATION.cff


def test_hayagriva() -> None:
    text = (
        "doe:\n  type: article\n  title: {value: 'On {BERT}'}\n"
        "  author: ['Doe, Jane', {name: Maaten, given-name: L., prefix: van der}]\n"
        "  date: 2019-05\n  serial-number: {doi: 10.1000/AB, arxiv: 1906.01820v1}\n"
        "  parent: {type: proceedings, title: ACL}\n\n"
        "# a comment\nweb:\n  type: web\n  title: Page\n  url: {value: 'https://example.org', date: 2020-01-01}\n"
    )
    sources, problems = read("works.yaml", text)
    assert not problems
    doe, web = sources
    assert doe.names == (Name("Doe", "Jane"), Name("van der Maaten", "L."))
    assert (doe.title, doe.years, doe.doi, doe.arxiv) == ("On BERT", ("2019",), "10.1000/ab", "1906.01820")
    assert (doe.kind, doe.fields["container-title"]) == ("paper-conference", "ACL")
    assert (web.kind, web.url, web.years) == ("webpage", "https://example.org", ())
    assert doe.span.of(text).endswith("title: ACL}")
    assert web.span.of(text).startswith("web:")


def test_broken_hayagriva() -> None:
    sources, problems = read("works.yaml", "a:\n  title: A\nb: [\nc:\n  title: C\nd: words\n")
    assert [source.key for source in sources] == ["a", "c"]
    assert [line for line, _message in problems] == [3, 6]


def test_cff() -> None:
    text = (
        "cff-version: 1.2.0\ntitle: Tool\nauthors:\n- family-names: Doe\n  given-names: Jane\n- name: The Team\n"
        "date-released: 2020-02-02\nrepository-code: https://example.org/tool\n"
        "preferred-citation:\n  type: article\n  title: Paper\n  year: 2019\n  doi: 10.1000/P\n"
        "  authors: [{family-names: Berg, name-particle: van den, given-names: Al}]\n"
        "references:\n- type: book\n  title: Book\n  authors: [{family-names: Roe}]\n  year: 1999\n"
    )
    sources, problems = read("CITATION.cff", text)
    assert not problems
    tool, paper, book = sources
    assert (tool.names, tool.years, tool.kind) == (
        (Name("Doe", "Jane"), Name("The Team", literal=True)),
        ("2020",),
        "software",
    )
    assert (paper.names, paper.doi, paper.key) == ((Name("van den Berg", "Al"),), "10.1000/p", "vandenberg2019paper")
    assert (book.years, book.span.of(text)[:10]) == (("1999",), "type: book")


# People and years in plain text


@pytest.mark.parametrize(
    ("written", "families"),
    [
        ("Alan Turing", ["Turing"]),
        ("Turing, Alan", ["Turing"]),
        ("A. One, B. Two and C. Three", ["One", "Two", "Three"]),
        ("A. One, B. Two, and C. Three", ["One", "Two", "Three"]),
        ("One, A., Two, B., Three, C.", ["One", "Two", "Three"]),
        ("One, A. and Two, B.", ["One", "Two"]),
        ("One, Ann; Two, Ben", ["One", "Two"]),
        ("Smith JA, Roe B", ["Smith", "Roe"]),
        ("One, Two, Three, and Four", ["One", "Two", "Three", "Four"]),
        ("Charles Cao, Zhiwu Chen, John M. Griffin", ["Cao", "Chen", "Griffin"]),
        ("Laurens van der Maaten & Geoffrey Hinton", ["van der Maaten", "Hinton"]),
        ("[[Alan Turing]], [[people/Alonzo Church|Church]]", ["Turing", "Church"]),
        ("World Health Organization", ["World Health Organization"]),
        ("Department of Food and Agriculture", ["Department of Food and Agriculture"]),
        ("Mary O’Neill (1901–1999)", ["O’Neill"]),
        ("王伟", ["王伟"]),
        ("王伟、李明", ["王伟", "李明"]),
        ("OpenAI", ["OpenAI"]),
        ("Sammy Davis Jr.", ["Davis"]),
        ("", []),
    ],
)
def test_people(written: str, families: list[str]) -> None:
    assert [name.family for name in read_names(written)[0]] == families


@pytest.mark.parametrize("written", ["A. One et al.", "One, A., et al", "A. One and others"])
def test_et_al_stands_for_more(written: str) -> None:
    names, others = read_names(written)
    assert ([name.family for name in names], others) == (["One"], True)


@pytest.mark.parametrize(
    ("written", "years"),
    [
        ("20190501", ("2019",)),
        ("01.05.2019", ("2019",)),
        ("c. 1781", ("1781",)),
        ("1998–99", ("1998", "1999")),
        ("2019-12", ("2019",)),
        ("350 BC", ("350 BC",)),
        ("12345", ()),
        ("forthcoming", ("forthcoming",)),
    ],
)
def test_years_in_text(written: str, years: tuple[str, ...]) -> None:
    assert read_years(written)[0] == years


def test_mojibake_is_mended_and_sound_text_left_alone() -> None:
    assert mended("MÃ¼ller â€“ cafÃ©") == "Müller – café"
    assert mended("São João, Ãñ, â€") == "São João, Ãñ, â€"


# All of them


@pytest.mark.parametrize(
    "name", ["a.bib", "a.json", "a.yaml", "a.csl.yaml", "a.csv", "a.tsv", "a.ris", "CITATION.cff", "a"]
)
@given(text=st.text(alphabet="[]{}():,\"'-#&*|>\n\r\t a1é@=TYERAU\x00", max_size=120))
@settings(max_examples=60)
def test_any_text_is_read_and_all_places_lie_in_it(name: str, text: str) -> None:
    sources, problems = read_bibliography(name, text)
    for each in (*sources, *problems):
        assert 0 <= each.span.start <= each.span.end <= len(text)
        assert each.span.path == name


def test_suffixes_are_lower_case() -> None:
    assert all(suffix == suffix.lower() for suffix in BIBLIOGRAPHY_SUFFIXES)


def test_formats_are_known_by_their_names_and_else_by_their_looks() -> None:
    assert read("REFS.BIB", "@misc{k, title = {T}}")[0][0].key == "k"
    assert read("refs", "TY  - BOOK\nTI  - T\nER  - \n")[0][0].title == "T"
    assert read("refs", '[{"id": "k"}]')[0][0].key == "k"
    assert read("refs", "@misc{k, title = {T}}")[0][0].key == "k"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Doe, Jane", Name("Doe", "Jane")),
        ("King, Martin Luther, Jr.", Name("King", "Martin Luther", "Jr.")),
        ("Davis, Jr., Sammy", Name("Davis", "Sammy", "Jr.")),
        ("Davis, Jr", Name("Davis", "", "Jr")),
        ("Davis,, Jr", Name("Davis", "", "Jr")),
        ("Big Panel,", Name("Big Panel", literal=True)),
        ("Acme,, Inc.", Name("Acme, Inc.", literal=True)),
        ("Davis Jr,", Name("Davis Jr", literal=True)),
    ],
)
def test_a_name_in_ris(written: str, name: Name) -> None:
    assert read_ris_name(written) == name


def test_hayagriva_has_the_pubmed_id_among_the_serial_numbers() -> None:
    text = "a:\n  type: article\n  title: One\n  author: Doe, Ann\n  date: 2001\n  serial-number:\n    pmid: 15192576\n"
    source = read_bibliography("a.yml", text)[0][0]
    assert identifiers_of(source) == ("pmid:15192576",)
