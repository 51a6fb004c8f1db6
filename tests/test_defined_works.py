"""Footnotes that define works, and identifiers next to citations: evidence for a source and against its namesakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

BIBLIOGRAPHY = """
@article{kelp, author={Orr, Ann}, title={Kelp in spring}, year={2015}, doi={10.1000/kelp}}
@article{moss, author={Pim, Bo}, title={On moss}, year={2016}, pmid={11111111}}
@article{fern, author={Pim, Bo}, title={On ferns and their kin}, year={2016}, doi={10.1000/fern}}
@article{sedge, author={Quill, Cy}, title={Sedges}, year={2017}}
"""
Cite = Callable[[str], list[tuple[str, str, str]]]


@pytest.fixture
def cite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> Cite:
    """Return the citations of a page: text, keys of the sources or why there are none, and address."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "refs.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")

    def rows(page: str) -> list[tuple[str, str, str]]:
        (tmp_path / "page.md").write_text(page, encoding="utf-8")
        found = map(json.loads, call("cite", "--no-cache", "--output-format", "json-lines")[1].splitlines())
        return [(each["text"], " or ".join(each["keys"]) or each["why"], each["address"]) for each in found]

    return rows


NOWHERE = "not-in-the-bibliography"
ANOTHER = "its-footnote-names-another-work"


@pytest.mark.parametrize(
    ("body", "address"),
    [
        ("doi:10.1000/none · Roe J · Botany 2011", "10.1000/none"),
        ("https://doi.org/10.1000/none", "https://doi.org/10.1000/none"),
        ("arXiv:1906.01820", "arXiv:1906.01820"),
        ("<https://example.org/lichens>", "https://example.org/lichens"),
    ],
)
def test_a_footnote_that_defines_a_work_nobody_has_is_told(cite: Cite, body: str, address: str) -> None:
    assert cite(f"Lichens grow.[^1]\n\n[^1]: {body}\n") == [("[^1]", NOWHERE, address)]


def test_a_reference_in_a_footnote_is_told_once_with_its_identifier(cite: Cite) -> None:
    reference = "Roe J, Poe K. *Lichens*. Botany 2011"
    assert cite(f"Lichens grow.[^1]\n\n[^1]: {reference}. PMID: 22222222\n") == [
        (reference, "no-such-author", "PMID: 22222222")
    ]


def test_a_footnote_that_is_a_citation_is_told_where_it_stands(cite: Cite) -> None:
    found = cite("Lichens grow.[^1]\n\n[^1]: Roe & Poe (2011). Lichens. [pdf](https://example.org/lichens.pdf)\n")
    assert found == [("Roe & Poe (2011)", "no-such-author", "https://example.org/lichens.pdf")]


@pytest.mark.parametrize(
    "body",
    [
        "This was long disputed; see also https://example.org/lichens for a gentler view.",
        "Compare the survey at 10.1000/none, which counts otherwise.",
        "A remark about 2011.",
    ],
)
def test_a_remark_defines_nothing(cite: Cite, body: str) -> None:
    assert [text for text, *_ in cite(f"Lichens grow.[^1]\n\n[^1]: {body}\n")] in ([], ["10.1000/none"])


def test_a_footnote_named_after_author_and_year_needs_no_identifier(cite: Cite) -> None:
    assert cite("Lichens grow [^roe2011].\n\n[^roe2011]: Roe J, Poe K · Botany 2011\n") == [("[^roe2011]", NOWHERE, "")]
    assert cite("Lichens grow [^roe2011].\n\n[^roe2011]: Nobody knows.\n") == []


@pytest.mark.parametrize("between", [" ", "", ", "])
def test_the_footnote_right_behind_contradicts_a_namesake(cite: Cite, between: str) -> None:
    page = f"Kelp sings (Orr 2015){between}[^orr2015].\n\n[^orr2015]: doi:10.1000/song · Orr B · Acoustics 2015\n"
    assert cite(page) == [("Orr 2015", ANOTHER, "10.1000/song")]


def test_the_footnote_of_an_author_and_year_holds_on_the_whole_page(cite: Cite) -> None:
    page = "Orr 2015 heard it first.\n\nIt sings [^orr2015].\n\n[^orr2015]: doi:10.1000/song · Orr B · Acoustics 2015\n"
    assert cite(page) == [("Orr 2015", ANOTHER, "10.1000/song"), ("[^orr2015]", NOWHERE, "10.1000/song")]


def test_a_source_without_an_identifier_is_not_contradicted(cite: Cite) -> None:
    page = "Sedges (Quill 2017) [^quill2017].\n\n[^quill2017]: doi:10.1000/sedge · Quill C · Botany 2017\n"
    assert cite(page) == [("Quill 2017", "sedge", "")]


def test_the_footnote_chooses_among_namesakes(cite: Cite) -> None:
    assert cite("Plants (Pim 2016).\n") == [("Pim 2016", "fern or moss", "")]
    by_doi = cite("Plants (Pim 2016) [^1].\n\n[^1]: doi:10.1000/fern\n")
    assert by_doi == [
        ("Pim 2016", "fern", ""),
        ("[^1]", "fern", "10.1000/fern"),
        ("10.1000/fern", "fern", "10.1000/fern"),
    ]
    by_pubmed = cite("Plants (Pim 2016) [^1].\n\n[^1]: PMID 11111111\n")
    assert by_pubmed == [("Pim 2016", "moss", ""), ("[^1]", "moss", "PMID 11111111")]


def test_the_footnote_tells_the_work_where_the_year_is_off(cite: Cite) -> None:
    page = "Kelp (Orr 2016) [^orr2016].\n\n[^orr2016]: doi:10.1000/kelp · Orr A · online 2016\n"
    assert cite(page)[0] == ("Orr 2016", "kelp", "")


def test_a_footnote_behind_several_citations_belongs_to_none_of_them_for_sure(cite: Cite) -> None:
    page = "Plants (Orr 2015; Quill 2017) [^1].\n\n[^1]: doi:10.1000/fern\n"
    assert [keys for _text, keys, _address in cite(page)[:2]] == ["kelp", "sedge"]


# Identifiers in the prose


def test_identifiers_that_nobody_has_are_told(cite: Cite) -> None:
    assert cite("See doi:10.1000/none, https://doi.org/10.1000/none2 and arXiv:1906.01820.") == [
        ("10.1000/none", NOWHERE, "10.1000/none"),
        ("https://doi.org/10.1000/none2", NOWHERE, "https://doi.org/10.1000/none2"),
        ("arXiv:1906.01820", NOWHERE, "arXiv:1906.01820"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "**Figure 1.** Kelp in spring, 20 samples. DOI: 10.1000/figure.001\n\nMore text.",
        "DOI: https://doi.org/10.1000/this\n",
        "A [film](https://doi.org/10.1000/film) of it.",
        "A [film](https://journal.example/doi/10.1000/film/supplement.mov) of it.",
    ],
)
def test_identifiers_that_label_what_they_stand_under_are_none(cite: Cite, text: str) -> None:
    assert cite(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "(Orr 2015, doi:10.1000/song)",
        "Orr 2015 (Acoustics, doi:10.1000/song)",
        "[Orr 2015](https://doi.org/10.1000/song)",
    ],
)
def test_the_identifier_beside_a_citation_contradicts_a_namesake(cite: Cite, text: str) -> None:
    ((cited, why, address),) = cite(f"Kelp sings {text} in spring.")
    assert (cited, why) == ("Orr 2015", "the-DOI-beside-it-is-another")
    assert address.endswith("10.1000/song")


def test_wanted_works_are_grouped_by_identifier(cite: Cite, call: Call) -> None:
    cite(
        "(Roe & Poe 2011) (doi:10.1000/none) and again.[^roe2011]\n\n[^roe2011]: https://doi.org/10.1000/none · Roe J\n"
    )
    assert call("cite", "--no-cache", "--unmatched")[1].startswith(
        "Roe & Poe 2011: 2 citations on 1 page; 10.1000/none; first at"
    )
