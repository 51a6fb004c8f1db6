"""How many links each engine would leave broken."""

from __future__ import annotations

from wikitools.text import Span
from wikitools.wiki.compare import compare_engines
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.page import MarkdownLink, Page, Wikilink
from wikitools.wiki.resolution import Missing, Reason
from wikitools.wiki.wiki import Wiki


def link(path: str, target: str, label: str | None = None, anchor: str | None = None) -> Wikilink:
    return Wikilink(Span(path, 0, 1), target, anchor, label)


def path_link(path: str, url: str) -> MarkdownLink:
    return MarkdownLink(Span(path, 0, 1), url, "text", Span(path, 0, 1))


def dendron_like() -> Wiki:
    here = "a.home.md"
    links = (
        link(here, "Other note", "b.other"),
        link(here, "Other note", "b.other#part"),
        link(here, "b.other"),
        link(here, "Gone", "b.gone"),
        link(here, "", anchor="part"),
        link(here, "..."),
        link(here, "https://example.org"),
        link(here, "text", "<slug>"),
        link(here, "There", "dendron://elsewhere/note"),
        path_link(here, "b.other.md#x"),
        path_link(here, "b.other"),
        path_link(here, "#x"),
    )
    return Wiki([Page(here, "", links=links), Page("b.other.md", "")])


def test_reversed_links_show_whose_they_are() -> None:
    figures = {name: (broken, total) for name, broken, total in compare_engines(dendron_like())}
    assert figures["dendron"] == (1, 6)
    assert figures["obsidian"] == (4, 6)
    assert compare_engines(dendron_like())[0][0] == "dendron"
    assert set(figures) == set(ENGINES)
    assert {total for _broken, total in figures.values()} == {6}, "one total for all"


def test_some_engines_and_markdown_links() -> None:
    assert compare_engines(dendron_like(), ["obsidian", "dendron"]) == (("dendron", 1, 6), ("obsidian", 4, 6))
    assert compare_engines(dendron_like(), ["markdown", "obsidian"], markdown=True) == (
        ("obsidian", 0, 2),
        ("markdown", 1, 2),
    )


def test_a_hash_may_belong_to_a_name() -> None:
    wiki = Wiki([Page("Home.md", "", links=(link("Home.md", "C", anchor=" notes"),)), Page("C# notes.md", "")])
    assert compare_engines(wiki, ["gollum", "obsidian"]) == (("gollum", 0, 1), ("obsidian", 1, 1))


def test_figures_are_those_of_resolving_each_link() -> None:
    wiki = dendron_like()
    for name, broken, _total in compare_engines(wiki):
        other = Wiki(wiki.pages.values(), engine=name)
        answers = [other.resolve(each) for each in wiki.pages["a.home.md"].links if isinstance(each, Wikilink)]
        silent = (Reason.PLACEHOLDER, Reason.WEB_ADDRESS, Reason.OTHER_WIKI)
        dead = [answer for answer in answers if isinstance(answer, Missing) and answer.why not in silent]
        # A label in place of the target may look like a placeholder, which the comparison leaves out for all engines.
        assert 0 <= len(dead) - broken <= 3


def test_an_empty_wiki() -> None:
    assert {figure[1:] for figure in compare_engines(Wiki([]))} == {(0, 0)}
