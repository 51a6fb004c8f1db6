"""Mentions after a citation, footnotes, and sources that are named by a title."""

from __future__ import annotations

import pytest
from small_library import GOALS, LIBRARY, cited, keys, only, source

from wikitools.cite.match import cite_page
from wikitools.markdown.page import Page
from wikitools.sources.names import Name
from wikitools.sources.source import Bibliography, Source
from wikitools.text import Span
from wikitools.wiki.resolution import Found, Missing

# Later mentions


def test_possessive_mention_means_the_only_cited_work() -> None:
    found = cited("(Bostrom 2014) and (Hubinger et al. 2019).\n\nHubinger et al.'s analysis is theoretical.")
    assert [(each.citation.kind, keys(each)) for each in found][-1] == ("mention", "hubinger2019")
    assert found[-1].citation.text == "Hubinger et al."


def test_mention_means_the_only_work_cited_in_its_paragraph() -> None:
    text = "(Hubinger et al. 2019)\n\n(Hubinger et al. 2024)\n\n"
    text += "Hubinger et al.’s analysis is old (Hubinger et al. 2019, §6)."
    found = cited(text)
    assert [keys(each) for each in found if each.citation.kind == "mention"] == ["hubinger2019"]


def test_possessive_mention_means_the_work_cited_in_its_sentence() -> None:
    found = cited("(Hubinger et al. 2024). Hubinger et al.'s analysis is old (Hubinger et al. 2019, §6). So it is.")
    assert [keys(each) for each in found if each.citation.kind == "mention"] == ["hubinger2019"]


def test_mention_that_fits_two_cited_works_is_no_citation() -> None:
    text = "(Hubinger et al. 2019) (Hubinger et al. 2024)\n\nHubinger et al.'s analysis and Hubinger et al. say"
    assert [each.citation.kind for each in cited(text)] == ["author-year", "author-year"]


def test_mention_without_possessive_is_a_subject_or_follows_the_work_in_its_paragraph() -> None:
    after = cited("So (Langosco et al. 2022). Langosco et al. trained agents.")
    assert [each.citation.kind for each in after] == ["author-year", "mention"]
    same = cited("So (Langosco et al. 2022), where Langosco et al. trained agents.")
    assert [each.citation.kind for each in same] == ["author-year"]
    apart = cited("So (Langosco et al. 2022).\n\nThen Langosco et al. trained agents.")
    assert [each.citation.kind for each in apart] == ["author-year"]
    subject = cited("- **Seen.** Langosco et al. trained agents that ran on (Langosco et al. 2022).")
    assert [each.citation.kind for each in subject] == ["mention", "author-year"]


def test_letters_that_only_the_keys_assign() -> None:
    bibliography = Bibliography(
        Source(Span("b.bib", number, number + 1), key, (Name("Axer"), Name("Amunts")), ("2011",), title=title)
        for number, (key, title) in enumerate([("axer2011a", "Fibres"), ("axer2011b", "Light")])
    )
    page = Page("a.md", "First (Axer and Amunts 2011b), then (Axer and Amunts, 2011a).")
    found = cite_page(page, bibliography, note_of=lambda link: None)
    assert [each.resolution.target.key for each in found if isinstance(each.resolution, Found)] == [
        "axer2011b",
        "axer2011a",
    ]


# Footnotes


@pytest.mark.parametrize(
    "body",
    [
        "Bostrom (2014), ch. 7.",
        "See Bostrom 2014.",
        "[@bostrom2014, p. 3]",
        "Nick Bostrom, *Superintelligence*. Oxford University Press, 2014, with many more words after the title.",
    ],
)
def test_footnote_means_what_its_definition_names(body: str) -> None:
    found = cited(f"So it is.[^a]\n\n[^a]: {body}\n")
    (footnote,) = [each for each in found if each.citation.kind == "footnote"]
    assert keys(footnote) == "bostrom2014"
    assert footnote.citation.text == "[^a]"


def test_a_remark_with_a_citation_is_no_reference() -> None:
    text = "So.[^a]\n\n[^a]: This was long disputed in the literature, but see Bostrom (2014) for another view.\n"
    assert [each.citation.kind for each in cited(text)] == ["author-year"]


def test_footnote_names_are_no_keys() -> None:
    assert cited("So.[^bostrom2014]\n\n[^bostrom2014]: A remark.\n") == ()


# Named sources

ATLAS = source("atlas", "", "", "AI Safety Atlas", aliases=("Atlas",), note="atlas.md")
SEVEN = source("seven", "", "", "Goal Misgeneralization", aliases=("Atlas Ch.7",), note="seven.md")


@pytest.mark.parametrize(
    ("text", "want", "locator"),
    [
        ("(Atlas Ch.7 — Goal-Directedness)", "goals", "Ch.7 — Goal-Directedness"),
        ("(Atlas Ch.7; see also x)", "seven", "Ch.7"),
        ("(Atlas, Ch. 7)", "seven", "Ch. 7"),
        ("(Atlas Ch.7.6)", "seven", "Ch.7.6"),
        ("(Atlas Ch.3)", "atlas", "Ch.3"),
        ("(AI Safety Atlas, chapter 3)", "atlas", "chapter 3"),
        ("(Atlas)", "atlas", ""),
        ("(see Atlas; Bostrom 2014)", "atlas", ""),
    ],
)
def test_named_source(text: str, want: str, locator: str) -> None:
    found = cited(text, Bibliography([ATLAS, GOALS, SEVEN, *LIBRARY.sources]))[0]
    assert found.citation.kind == "named"
    assert keys(found) == want
    assert found.citation.locator == locator


def test_a_chapter_without_a_note_of_its_own_is_the_book() -> None:
    assert only("(Atlas Ch.7)", ATLAS, GOALS)[0] == "atlas"


def test_an_unknown_name_is_a_citation_only_with_a_chapter_in_brackets() -> None:
    (found,) = cited(
        "(Handbook Ch.7) and the Atlas mountains, Handbook Ch. 3 (see Ch. 4; Table Ch. 2)", Bibliography([ATLAS])
    )
    assert found.citation.text == "Handbook Ch.7"
    assert isinstance(found.resolution, Missing)


@pytest.mark.parametrize("text", ["(AI Safety Atlas, Ch. 7)", "(Atlas Ch. 7)"])
def test_a_title_or_short_title_and_a_chapter_name_a_source(text: str) -> None:
    atlas = source("atlas", "Grey, Markov", "2025", "AI Safety Atlas", fields={"shorttitle": "Atlas"})
    assert only(text, atlas)[0] == "atlas"
