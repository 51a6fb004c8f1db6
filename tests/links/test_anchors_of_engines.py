"""Anchors and fragments under each engine: one named row for each rule of the engine."""

from __future__ import annotations

import pytest

from wikitools.markdown.page import BlockId, Heading, HtmlId, Page, Wikilink
from wikitools.text import Span
from wikitools.wiki.resolution import Found, Missing, Reason, Resolution
from wikitools.wiki.wiki import Wiki

# ---- anchors ---------------------------------------------------------------------------------------------------------

OUTLINE = ("Hello World", "Étude — suite", "Hello World", "On Linux", "v1.0.0", "On Linux", "Named", "A & B", "日本語")


def outline() -> Page:
    text, headings = "", []
    for written in OUTLINE:
        start = len(text) + 2
        ids = ("my-id",) if written == "Named" else ()
        level = 2 if written == "On Linux" else 1
        headings.append(Heading(Span("p.md", start, start + len(written)), level, written, ids))
        text += f"# {written}\n"
    return Page(
        "p.md",
        text,
        headings=tuple(headings),
        block_ids=(BlockId(Span("p.md", 0, 1), "block-1"),),
        html_ids=(HtmlId(Span("p.md", 1, 2), "Spot"),),
    )


ANCHORS = {
    "obsidian: text": ("obsidian", "hello world", 0),
    "obsidian: chain": ("obsidian", "Hello World#On Linux", 3),
    "quartz: text": ("quartz", "Hello World", 0),
    "quartz: slug": ("quartz", "hello-world", 0),
    "quartz: second of two": ("quartz", "Hello World-1", 2),
    "quartz: accents": ("quartz", "Étude — suite", 1),
    "quartz: chain is no link": ("quartz", "Hello World#On Linux", "no-such-heading"),
    "quartz: block": ("quartz", "^Block-1", "block id"),
    "quartz: no block": ("quartz", "^nothing", "no-such-block"),
    "foam: text": ("foam", "Hello World", 0),
    "foam: text to the letter": ("foam", "hello world", "no-such-heading"),
    "foam: slug": ("foam", "on-linux", "slug-anchor"),
    "foam: block": ("foam", "^block-1", "block id"),
    "dendron: slug": ("dendron", "hello-world-1", 2),
    "dendron: text": ("dendron", "On Linux", 3),
    "dendron: range": ("dendron", "hello-world,1:#on-linux", 0),
    "dendron: range to all": ("dendron", "hello-world,1:#*", 0),
    "dendron: range that ends nowhere": ("dendron", "hello-world,1:#nowhere", "no-such-heading"),
    "dendron: all": ("dendron", "*", "the page itself"),
    "dendron: line": ("dendron", "L12", "the page itself"),
    "dendron: block": ("dendron", "^block-1", "block id"),
    "gollum: own slugs": ("gollum", "étude-suite", 1),
    "gollum: second of two": ("gollum", "on-linux-1", 5),
    "gollum: text is no anchor": ("gollum", "Hello World", "no-such-heading"),
    "github-wiki: slug": ("github-wiki", "a--b", 7),
    "github-wiki: case": ("github-wiki", "Hello-World", "case-differs"),
    "roamlinks: text": ("mkdocs-roamlinks", "Hello World", 0),
    "roamlinks: accents differ from the toc's": ("mkdocs-roamlinks", "Étude — suite", "no-such-heading"),
    "roamlinks: second of two": ("mkdocs-roamlinks", "hello-world_1", 2),
    "roamlinks: id": ("mkdocs-roamlinks", "my-id", 6),
    "ezlinks: text": ("mkdocs-ezlinks", "On Linux", 3),
    "ezlinks: two dashes where the toc has one": ("mkdocs-ezlinks", "A & B", "no-such-heading"),
    "slug: text": ("slug", "On Linux", 3),
    "slug: slug": ("slug", "étude--suite", 1),
    "slug: HTML id": ("slug", "Spot", "HTML id"),
    "markdown: slug": ("markdown", "v100", 4),
    "markdown: second of two": ("markdown", "on-linux-1", 5),
    "markdown: id": ("markdown", "my-id", 6),
    "markdown: HTML id": ("markdown", "Spot", "HTML id"),
    "markdown: other script": ("markdown", "日本語", 8),
}


def where(vault: Wiki, answer: Resolution[Span]) -> object:
    if isinstance(answer, Missing):
        return str(answer.why)
    assert isinstance(answer, Found)
    spans = [heading.span for heading in vault.pages["p.md"].headings]
    return spans.index(answer.target) if answer.target in spans else answer.how


@pytest.mark.parametrize(("engine", "anchor", "expected"), ANCHORS.values(), ids=ANCHORS)
def test_anchors(engine: str, anchor: str, expected: object) -> None:
    vault = Wiki([outline()], engine=engine)
    written = Wikilink(Span("x.md", 0, 1), "p", anchor)
    assert where(vault, vault.resolve_anchor(written, "p.md")) == expected


FRAGMENTS = {
    "quartz: slugged": ("quartz", "Hello%20World", 0),
    "quartz: as it stands": ("quartz", "Spot", "HTML id"),
    "foam: text": ("foam", "On%20Linux", 3),
    "foam: slug": ("foam", "on-linux-1", 5),
    "dendron: slug": ("dendron", "v100", 4),
    "gollum: own slugs": ("gollum", "v1-0-0", 4),
    "roamlinks: toc": ("mkdocs-roamlinks", "etude-suite", 1),
    "ezlinks: toc, empty slug": ("mkdocs-ezlinks", "_1", 8),
    "markdown: slug": ("markdown", "%C3%A9tude--suite", 1),
    "markdown: text": ("markdown", "Hello%20World", "no-such-heading"),
}


@pytest.mark.parametrize(("engine", "fragment", "expected"), FRAGMENTS.values(), ids=FRAGMENTS)
def test_fragments(engine: str, fragment: str, expected: object) -> None:
    vault = Wiki([outline()], engine=engine)
    assert where(vault, vault.resolve_fragment(fragment, "p.md")) == expected


def test_another_program_may_make_the_anchors() -> None:
    for anchors, fragment in (
        ("pandoc", "v1.0.0"),
        ("hugo", "v100"),
        ("python-markdown", "v100"),
        ("gollum", "v1-0-0"),
    ):
        vault = Wiki([outline()], engine="markdown", anchors=anchors)
        assert where(vault, vault.resolve_fragment(fragment, "p.md")) == 4
    with pytest.raises(KeyError):
        Wiki([], anchors="markdown")


def test_the_slug_of_a_text_is_suggested() -> None:
    vault = Wiki([outline()], engine="markdown")
    assert vault.resolve_fragment("On Linux", "p.md") == Missing(("on-linux",), Reason.NO_SUCH_HEADING)
    vault = Wiki([outline()], engine="quartz")
    written = Wikilink(Span("x.md", 0, 1), "p", "Hello World#On Linux")
    assert vault.resolve_anchor(written, "p.md") == Missing(("On Linux",), Reason.NO_SUCH_HEADING)
