"""Faults that no other test noticed when they were put into the core on purpose (`tests/benchmarks/mutants.py`)."""

from __future__ import annotations

import dataclasses

import pytest
from cited_works import ATLAS, STYLE, cite
from small_library import cited, source
from small_wikis import link, shown, wiki

from wikitools.block.block import render_block
from wikitools.block.own_lists import find_named_lists
from wikitools.block.ownership import heading_end
from wikitools.markdown.page import MarkdownLink, Page
from wikitools.markdown.parse import parse
from wikitools.sources.source import Bibliography
from wikitools.text import Span
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.wiki import Wiki

PATHS = {
    "logseq: brackets that are not closed are part of a file's name": (
        "logseq",
        ("a.md", "((draft) plan.pdf"),
        "((draft) plan.pdf",
        "a.md",
        "((draft) plan.pdf",
    ),
    "github-wiki: a page as seen from its repository": (
        "github-wiki",
        ("Home.md", "Foo-Bar.md"),
        "/me/repo/wiki/wiki/Foo-Bar",
        "Home.md",
        "Foo-Bar.md",
    ),
    "github-wiki: no page in a folder of that name": (
        "github-wiki",
        ("Home.md", "Foo-Bar.md"),
        "/me/repo/wiki/wiki/x/Foo-Bar",
        "Home.md",
        "wrong-folder",
    ),
    "markdown: a slash at the end does not name a file": (
        "markdown",
        ("a.md", "b.md"),
        "b.md/",
        "a.md",
        "wrong-folder",
    ),
}


@pytest.mark.parametrize(("engine", "files", "url", "path", "expected"), PATHS.values(), ids=PATHS)
def test_where_a_markdown_link_leads(engine: str, files: tuple[str, ...], url: str, path: str, expected: str) -> None:
    span = Span(path, 0, 1)
    assert shown(wiki(engine, *files).resolve_link(MarkdownLink(span, url, "text", span))) == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_only_foam_follows_a_definition_with_the_name_of_a_wikilink(engine: str) -> None:
    pages = [parse("a.md", "[[far away]]\n\n[far away]: b.md\n"), parse("b.md", "")]
    (wikilink, *_definitions) = pages[0].links
    answer = shown(Wiki(pages, engine=engine).resolve(wikilink))
    assert (answer == "b.md") == (engine == "foam")


@pytest.mark.parametrize("engine", ENGINES)
def test_brackets_before_an_address_are_a_wikilink_except_where_markdown_comes_first(engine: str) -> None:
    dialect = Wiki([Page("a.md", "")], engine=engine).dialect
    first = parse("a.md", "[[b]](c.md)\n", dialect).links[0]
    assert isinstance(first, MarkdownLink) == (engine == "markdown" or engine.startswith("quartz"))


def test_a_page_that_is_here_is_found_in_a_folder_that_is_not() -> None:
    pages = [Page("a.md", ""), Page("sub/b.md", "")]
    here = Wiki(pages, engine="markdown", absent=["sub"])
    links = {url: MarkdownLink(Span("a.md", 0, 1), url, "", Span("a.md", 0, 1)) for url in ("sub/b.md", "sub/c.md")}
    assert {url: shown(here.resolve_link(each)) for url, each in links.items()} == {
        "sub/b.md": "sub/b.md",
        "sub/c.md": "other-wiki",
    }


def test_the_sites_own_folder_is_known_from_any_link_on_a_page() -> None:
    pages = [parse("index.md", "Some words, then [a link](/wiki/tides/).\n"), parse("topics/tides.md", "")]
    assert shown(Wiki(pages, engine="slug").resolve_link(pages[0].links[0])) == "topics/tides.md"  # type: ignore[arg-type]
    assert shown(Wiki(pages, engine="slug").resolve(link("/wiki/tides", "index.md"))) != "topics/tides.md"


def test_a_list_far_below_a_heading_is_not_its_list_of_sources() -> None:
    near, far = (f"## Sources\n\n{'Many words. ' * times}\n\n- Orr 2019\n" for times in (10, 500))
    assert len(list(find_named_lists(parse("a.md", near)))) == 1
    assert list(find_named_lists(parse("a.md", far))) == []


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Sources\n-------\n\n- x\n", "\n\n- x\n"),
        ("## Sources ##\n\n- x\n", "\n\n- x\n"),
        ("Sources\n===", ""),
        ("> Sources\n> ---\n\n- x\n", None),
    ],
)
def test_where_a_heading_ends(text: str, rest: str | None) -> None:
    end = heading_end(text, parse("a.md", text).headings[0].span)
    assert (None if end is None else text[end:]) == rest


def test_a_source_without_note_and_address_is_not_a_link() -> None:
    plain = dataclasses.replace(ATLAS, note="")
    block = render_block(parse("notes/deep/a.md", "Text.\n"), (cite("Atlas", plain),), STYLE)
    assert "- AI Safety Atlas — referenced as (Atlas)\n" in block


def test_a_footnote_with_many_works_is_told_in_full_once() -> None:
    works = [source(f"k{number}", "Abel, Bo", str(1950 + number)) for number in range(30)]
    body = "; ".join(f"Abel {1950 + number}" for number in range(30))
    found = cited(f"So.[^a] Again.[^a] And again.[^a]\n\n[^a]: {body}.\n", Bibliography(works))
    references = [each.citation.span for each in found if each.citation.kind == "footnote"]
    assert [references.count(span) for span in sorted(set(references))] == [30, 20, 20]


def test_an_initial_is_not_the_name_that_is_misspelled() -> None:
    (found,) = cited("(H. Hubingre & Roe 2019)", Bibliography([source("h", "Hubinger, Evan; Roe, Ann", "2019")]))
    assert "Hubinger & Roe 2019" in str(found.resolution)
