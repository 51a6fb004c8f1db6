"""How many links each engine would leave broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.markdown.page import MarkdownLink, Page, Wikilink
from wikitools.text import Span
from wikitools.wiki.engine_counts import choose_engine
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.resolution import Missing, Reason
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Mapping


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


def figures(wiki: Wiki) -> Mapping[str, tuple[int, int]]:
    return choose_engine(wiki, {}).broken


def test_reversed_links_show_whose_they_are() -> None:
    choice = choose_engine(dendron_like(), {})
    assert (choice.wikilinks, choice.paths) == (6, 2), "one total for all"
    assert choice.broken["dendron"][0] == 1
    assert choice.broken["obsidian"] == (4, 0)
    assert choice.broken["markdown"][1] == 1
    assert next(iter(choice.broken)) == "dendron"
    assert set(choice.broken) == set(ENGINES)


def test_a_hash_may_belong_to_a_name() -> None:
    wiki = Wiki([Page("Home.md", "", links=(link("Home.md", "C", anchor=" notes"),)), Page("C# notes.md", "")])
    assert (figures(wiki)["gollum"], figures(wiki)["obsidian"]) == ((0, 0), (1, 0))


def test_figures_are_those_of_resolving_each_link() -> None:
    wiki = dendron_like()
    for name, (broken, _paths) in figures(wiki).items():
        other = Wiki(wiki.pages.values(), engine=name)
        answers = [other.resolve(each) for each in wiki.pages["a.home.md"].links if isinstance(each, Wikilink)]
        silent = (Reason.PLACEHOLDER, Reason.WEB_ADDRESS, Reason.OTHER_WIKI)
        dead = [answer for answer in answers if isinstance(answer, Missing) and answer.why not in silent]
        # A label in place of the target may look like a placeholder, which the comparison leaves out for all engines.
        assert 0 <= len(dead) - broken <= 3


def test_an_empty_wiki() -> None:
    assert set(figures(Wiki([])).values()) == {(0, 0)}
