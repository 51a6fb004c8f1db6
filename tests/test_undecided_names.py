"""Forms that a name and something else share: handles, words that are surnames, two names with a comma, paragraphs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from small_library import cited, source

from wikitools.sources.source import Bibliography
from wikitools.wiki.resolution import Ambiguous, Found, Missing

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

HABIT = "(Roe, 2001) (Pell, 2002) (Lund, 2003) (Quist, 2004)\n\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("([gwern, 2021](https://example.org/a))", True),
        ("[His site](https://gwern.example.org) says so (gwern, 2021).", True),
        ("As gwern argues (gwern, 2021), it is.", True),
        ("It is so (gwern, 2021).", False),
        (f"{HABIT}It is so (nostalgebraist, 2020).", True),
        (f"{HABIT}It is so (cerivastatin, 2001), and cerivastatin was withdrawn.", False),
        (f"{HABIT}The survey asks for it (survey, 2001).", False),
        (f"{HABIT}It rained (yesterday, 2020).", False),
    ],
)
def test_a_name_in_lower_case_is_told_where_the_page_knows_it_as_one(text: str, told: bool) -> None:
    assert (len([each for each in cited(text, Bibliography()) if each.convincing]) > 4 * text.count(HABIT)) == told


def test_an_author_of_the_bibliography_is_one_in_lower_case_too() -> None:
    library = Bibliography([source("g", "gwern", "2019")])
    assert [each.citation.text for each in cited("(gwern, 2021)", library)] == ["gwern, 2021"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("As, Li & Wu (2017) show it.", "As, Li & Wu (2017)"),
        ("(As, Pell & Orr 2004)", "As, Pell & Orr 2004"),
        ("(On, Hsu et al. 2019)", "On, Hsu et al. 2019"),
        ("However, Hsu et al. (2019) show it.", "Hsu et al. (2019)"),
        ("(Rutt, Pell 1985)", "Rutt, Pell 1985"),
        (f"{HABIT}(Rutt, Pell, 1985)", "Rutt, Pell, 1985"),
        ("(Rutt, Pell, 1985)", ""),
        ("(Rome, Italy 2013)", ""),
        ("(Substack, July 2026)", ""),
    ],
)
def test_an_unknown_first_author_is_told_though_the_name_is_a_word(text: str, name: str) -> None:
    told = [each.citation.text for each in cited(text, Bibliography()) if each.convincing]
    assert told[4 * text.count(HABIT) :] == ([name] if name else [])


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("As, Li & Wu (2017) show it.", Ambiguous),
        ("(As, Li & Wu 2017)", Ambiguous),
        ("However, Li & Wu (2017) show it.", Found),
        ("(Rutt, Kerr, 1985)", Ambiguous),
        ("(Rutt, Kerr 1985)", Ambiguous),
        ("(Kerr, 1985)", Found),
    ],
)
def test_a_namesake_of_the_others_only_may_be_meant(text: str, means: type) -> None:
    library = Bibliography([source("li", "Li, B.; Wu, C.", "2017"), source("kerr", "Kerr, A.", "1985")])
    assert [type(each.resolution) for each in cited(text, library)] == [means]


def test_the_article_of_an_organisation_belongs_to_its_name() -> None:
    library = Bibliography([source("guardian", "{The Guardian}", "2021")])
    found = cited("(The Guardian, 2021), but the Guardian (2021) and the OECD: The Guardian (2021) said.", library)
    printed = [each.citation.text for each in found]
    assert printed == ["The Guardian, 2021", "the Guardian (2021)", "The Guardian (2021)"]
    assert found[0].citation.names == ("The Guardian",)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("(AI Safety Handbook §3.2)", Found),
        ("(Handbook §3)", Missing),
        ("(Clean Air Act §9)", None),
        ("(Section §3)", None),
        ("the Handbook §3", None),
    ],
)
def test_a_paragraph_of_a_work_is_cited_where_a_title_ends_so(text: str, means: type | None) -> None:
    library = Bibliography([source("zed", "Zed, A.", "2022", "AI Safety Handbook")])
    assert [type(each.resolution) for each in cited(text, library)] == ([means] if means else [])


def test_what_joins_names_is_nobody(tmp_path: Path, call: Call) -> None:
    people = [{"family": "Orr", "given": "A."}, {"family": "and", "sequence": "additional"}, {"family": "Pim"}]
    item = {"id": "a", "type": "book", "title": "Kelp", "author": people, "issued": {"date-parts": [[2019]]}}
    (tmp_path / "refs.json").write_text(json.dumps([item]))
    (tmp_path / "note.md").write_text("---\ntitle: Moss\nauthors: [Ann Roe, and Bo Lund]\nyear: 2018\n---\n")
    (tmp_path / "page.md").write_text("(Orr & Pim 2019) and (Roe & Lund 2018)\n")
    assert "2 matched" in call("cite", str(tmp_path))[1]
    assert '"and" joins names and is nobody\'s: left out' in call("bib", "check", str(tmp_path))[1]
