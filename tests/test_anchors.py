"""Headings as anchors: Obsidian's comparison of text, GitHub's slugs, and ids."""

from __future__ import annotations

import time

import pytest
from examples import few
from hypothesis import given
from hypothesis import strategies as st

from wikitools.markdown.page import BlockId, Heading, HtmlId, Page
from wikitools.markdown.parse import parse
from wikitools.markdown.slugs import SLUGGERS
from wikitools.text import Span
from wikitools.wiki.anchors import (
    Anchors,
    find_obsidian_anchor,
    find_obsidian_fragment,
    linkable,
    obsidian_text,
)
from wikitools.wiki.resolution import Found, Missing, Resolution

OUTLINE = (
    (1, "Guide", "Guide"),
    (2, "Install", "Install"),
    (3, "On **Linux**", "On Linux"),
    (2, "Use", "Use"),
    (3, "On Linux", "On Linux"),
    (4, "Notes", "Notes"),
    (1, "Hello World", "Hello World"),
    (1, "Hello World", "Hello World"),
    (1, "C# | what's it: v1.2?", "C# | what's it: v1.2?"),
    (1, "See [[Alan Turing|Turing]]", "See Turing"),
    (1, "snake_case & more", "snake_case & more"),
    (1, "Étude — suite", "Étude — suite"),
    (1, "Named {#my-id}", "Named"),
    (1, "", ""),
    (1, "日本語", "日本語"),
)


def outline_page() -> Page:
    text, headings = "", []
    for level, written, rendered in OUTLINE:
        start = len(text) + level + 1
        ids = ("my-id",) if "my-id" in written else ()
        headings.append(Heading(Span("p.md", start, start + len(written)), level, rendered, ids))
        text += "#" * level + f" {written}\n"
    text += "x ^Block-1\n<a id='Spot'></a>"
    return Page(
        "p.md",
        text,
        headings=tuple(headings),
        block_ids=(BlockId(Span("p.md", 1, 2), "Block-1"),),
        html_ids=(HtmlId(Span("p.md", 3, 4), "Spot"),),
    )


PAGE = outline_page()
ANCHORS = Anchors(PAGE)


def shown(answer: Resolution[Span]) -> object:
    """The number of the heading found, the place otherwise found, or the reason."""
    if isinstance(answer, Missing):
        return str(answer.why)
    assert isinstance(answer, Found)
    numbers = [number for number, heading in enumerate(PAGE.headings) if heading.span == answer.target]
    return numbers[0] if numbers else (answer.target.start, answer.how)


OBSIDIAN = {
    "text": ("Install", 1),
    "case and blanks": ("  hELLO   wORLD ", 6),
    "the first of equal headings": ("Hello World", 6),
    "markup of the heading may be left out": ("On Linux", 2),
    "markup of the heading may be written": ("On **Linux**", 2),
    "chain": ("Use#On Linux", 4),
    "chain from the top": ("Guide#Use#On Linux#Notes", 5),
    "chain that skips levels": ("Guide#On Linux", 2),
    "chain in the wrong order": ("On Linux#Use", "no-such-heading"),
    "chain below another heading": ("Install#Notes", "no-such-heading"),
    "chain longer than any outline": ("#".join(["Guide"] * 5000), "no-such-heading"),
    "special characters as blanks": ("C what's it v1 2", 8),
    "special characters as written, but for the hash": ("C | what's it: v1.2?", 8),
    "link in a heading, as written": ("See Alan Turing Turing", 9),
    "link in a heading, as rendered": ("See Turing", 9),
    "underscore stays": ("snake_case more", 10),
    "underscore is no blank": ("snake case more", "no-such-heading"),
    "decomposed": ("E\u0301tude — suite", 11),
    "slug": ("hello-world", "slug-anchor"),
    "slug in capitals": ("Hello-World", "slug-anchor"),
    "slug of a duplicate, which no text can name": ("hello-world-1", "no-such-heading"),
    "explicit id": ("my-id", "slug-anchor"),
    "block": ("^block-1", (1, "block id")),
    "block after a heading": ("Guide#^Block-1", (1, "block id")),
    "no such block": ("^block-2", "no-such-block"),
    "HTML id is no heading": ("Spot", "no-such-heading"),
    "nothing": ("", (0, "the page itself")),
    "hash alone": ("#", (0, "the page itself")),
    "special characters alone": ("!?", "no-such-heading"),
    "not there": ("Uninstall", "no-such-heading"),
}


@pytest.mark.parametrize(("anchor", "expected"), OBSIDIAN.values(), ids=OBSIDIAN)
def test_obsidian_anchor(anchor: str, expected: object) -> None:
    assert shown(find_obsidian_anchor(ANCHORS, anchor)) == expected


FRAGMENTS = {
    "slug": ("install", 1),
    "slug of a duplicate": ("hello-world-1", 7),
    "slug of a duplicate under another heading": ("on-linux-1", 4),
    "percent-encoded slug": ("%E6%97%A5%E6%9C%AC%E8%AA%9E", 14),
    "slug as it is": ("étude--suite", 11),
    "slug in capitals": ("Hello-World", "case-differs"),
    "prefix of GitHub": ("user-content-hello-world", 6),
    "text, as Obsidian reads it": ("Hello%20World", 6),
    "explicit id": ("my-id", 12),
    "HTML id": ("Spot", (3, "HTML id")),
    "HTML id in another case": ("spot", "case-differs"),
    "block": ("^block-1", (1, "block id")),
    "encoded block": ("%5Eblock-1", (1, "block id")),
    "no such block": ("^nothing", "no-such-block"),
    "top": ("top", (0, "the page itself")),
    "text directive": (":~:text=x", (0, "the page itself")),
    "slug and text directive": ("install:~:text=x", 1),
    "not there": ("uninstall", "no-such-heading"),
}


@pytest.mark.parametrize(("fragment", "expected"), FRAGMENTS.values(), ids=FRAGMENTS)
def test_fragment(fragment: str, expected: object) -> None:
    assert shown(find_obsidian_fragment(ANCHORS, fragment)) == expected


def test_near_anchors() -> None:
    assert find_obsidian_anchor(ANCHORS, "Instal") == Missing(("Install",), "no-such-heading")
    assert find_obsidian_anchor(ANCHORS, "Hello Wrld") == Missing(("Hello World",), "no-such-heading")
    assert find_obsidian_fragment(ANCHORS, "hello-wrld") == Missing(("hello-world",), "no-such-heading")


def test_linkable_text_finds_its_heading() -> None:
    for heading in PAGE.headings:
        if heading.text:
            answer = find_obsidian_anchor(ANCHORS, linkable(heading.text))
            assert isinstance(answer, Found)
            assert obsidian_text(answer.target.of(PAGE.text)) == obsidian_text(heading.span.of(PAGE.text))


@few(30)
@given(st.text(max_size=40))
def test_comparison_is_stable(text: str) -> None:
    assert obsidian_text(obsidian_text(text)) == obsidian_text(text)
    assert linkable(linkable(text)) == linkable(text)


def test_many_headings_stay_quick() -> None:
    headings = tuple(Heading(Span("p.md", 0, 0), 1 + number % 6, "same") for number in range(20_000))
    anchors = Anchors(Page("p.md", "", headings=headings))
    started = time.process_time()
    assert isinstance(find_obsidian_fragment(anchors, "same-19999"), Found)
    assert isinstance(find_obsidian_anchor(anchors, "same#other"), Missing)
    assert time.process_time() - started < 3, "linear: a fraction of a second"


HTML_HEADINGS: dict[str, tuple[str, set[str]]] = {
    # Each with the ids that rehype-slug gives behind rehype-raw, and nothing else.
    "attribute, and tags within": ('<h1 align="center">My <i>Project</i></h1>\n', {"my-project"}),
    "several": ("<h2>Sub</h2>\n<h3>Sub</h3>\n", {"sub", "sub-1"}),
    "counted with others": ("# A\n\n<h1>A</h1>\n\n# A\n", {"a", "a-1", "a-2"}),
    "in a div": (
        '<div align="center">\n\n<h1>One &amp; Two</h1>\n\n# One & Two\n\n</div>\n',
        {"one--two", "one--two-1"},
    ),
    "in details": ("<details><summary>s</summary><h4>In details</h4></details>\n", {"in-details"}),
    "in a summary": ("<details>\n<summary><h2>In sum</h2></summary>\n\ntext\n</details>\n", {"in-sum"}),
    "in a cell": ("<table><tr><td><h3>Cell</h3></td></tr></table>\n", {"cell"}),
    "in a quote": ("> <h2>Quoted</h2>\n", {"quoted"}),
    "in an item": ("- item\n\n  <h3>In item</h3>\n", {"in-item"}),
    "in a line of text": ("text <h3>Mid *em*</h3> after\n", {"mid-em"}),
    "Markdown within": ("<h2>\n\nMy **Bold** `code`\n\n</h2>\n", {"my-bold-code"}),
    "no Markdown within": ("<h2>a_b *x* [l](u)</h2>\n", {"a_b-x-lu"}),
    "over lines": ("<h2>\nOver lines\n</h2>\n", {"over-lines"}),
    "capitals": ("<H2 class=x>Upper</H2>\n", {"upper"}),
    "comment within": ("<h2>A<!-- c -->B</h2>\n", {"ab"}),
    "ended by another": ("<h2>One</h3> tail\n\n<h2>Two <h3>Three</h3>\n", {"one", "two-", "two", "three"}),
    "no end": ("<h2>Open\n\ntext\n", set()),
    "no heading": (
        "```html\n<h2>No</h2>\n```\n\n<!-- <h2>No2</h2> -->\n\n`<h2>No3</h2>`\n\n<hr><header>x</header>\n",
        set(),
    ),
}


@pytest.mark.parametrize(("text", "expected"), HTML_HEADINGS.values(), ids=HTML_HEADINGS)
def test_headings_written_as_html(text: str, expected: set[str]) -> None:
    for written in (text, text.replace("\n", "\r\n"), f"# Long\n\n{'word ' * 1000}\n\n# Next\n\n{text}"):
        page = parse("page.md", written)
        anchors = Anchors(page)
        assert {*anchors.by_slug, *anchors.by_id} - {"long", "next"} == expected
        assert not {*Anchors(page, SLUGGERS["python-markdown"]).by_id, *Anchors(page, SLUGGERS["pandoc"]).by_id}
        assert not {each.text for each in page.html_headings} & {*anchors.by_text}, (
            "Obsidian compares words of Markdown"
        )


def test_blanks_of_headings_over_lines_may_be_left_out() -> None:
    text = '<h1 align="center">\n  <img src="x.png" alt="logo">\n  <br>\n  My Project\n</h1>\n'
    anchors = Anchors(parse("page.md", text))
    assert {*anchors.by_id} == {"------my-project", "my-project"}
    assert {*Anchors(parse("page.md", text), SLUGGERS["gollum"]).by_id} == {"my-project"}
