"""Links are completed to what each engine follows: whatever is proposed leads where the proposal says."""

from __future__ import annotations

import pytest
from lsprotocol import types

from wikitools.lint.facts import facts_of
from wikitools.lsp import complete
from wikitools.lsp.documents import Document
from wikitools.lsp.positions import Encoding
from wikitools.lsp.under import target_of
from wikitools.lsp.view import Client, View
from wikitools.markdown.page import MarkdownLink, Wikilink
from wikitools.wiki.engines import ENGINES

PAGES = {
    "index.md": "# Start\n",
    "sub/moon.md": "---\ntitle: The Moon\naliases: [Luna]\n---\n\n# The Moon\n\n## Phases & Names\n\nNew. ^phase\n",
    "other/moon.md": "# Other Moon\n\n## Craters\n",
    "tides and waves.md": "# Tides and Waves\n\n## First *one*\n\n## Zwölf\n",
}


def view_of(text: str, engine: str) -> View:
    facts = facts_of({**PAGES, "new.md": text}, engine=engine)
    return View(Document("file:///new.md", 1, text, Encoding.UTF32), "new.md", facts, (), None, {}, Client())


def proposed(before: str, engine: str, text: str = "", after: str = "") -> dict[str, str]:
    """Return the proposals at the end of a text, or before what is `after` it, each by label as the whole link."""
    text = f"{text}{before}"
    items = complete.complete(view_of(text + after, engine), len(text), links=True).items
    assert len({each.label for each in items}) == len(items)
    found = {}
    for each in items:
        assert isinstance(each.text_edit, types.TextEdit)
        place = each.text_edit.range.start.character
        whole = before[:place] + each.text_edit.new_text
        found[each.label] = whole + ")" * whole.startswith("[x](")
    return found


def place_of(link: str, engine: str) -> str:
    """Return where a link leads: "PATH" or "PATH: HEADING"; "" for nowhere."""
    facts = facts_of({**PAGES, "new.md": link}, engine=engine)
    (only,) = facts.wiki.pages["new.md"].links
    assert isinstance(only, Wikilink | MarkdownLink)
    target = target_of(only, facts)
    if target is None:
        return ""
    words = target.of(facts.text_of(target.path))
    return f"{target.path}: {words}" if words else target.path


@pytest.mark.parametrize("engine", ENGINES)
def test_every_proposal_leads_there(engine: str) -> None:
    pages = {}
    for typed in ("[[moo", "[[lun", "[[the m", "[[sta", "[[tid", "[x](moo", "[x](tid"):
        for link in proposed(typed, engine).values():
            pages[link] = place_of(link, engine)
            assert pages[link] in PAGES
    assert {"index.md", "other/moon.md"} <= {*pages.values()}
    headings = []
    for link, page in pages.items():
        inside = link.removesuffix("]]").removesuffix(")")
        if "|" in inside and not inside.rpartition("|")[2].endswith(("moon", "index")):
            # This is a label, which may be anything.
            assert proposed(f"{inside}#", engine) == {} or engine == "logseq"
            continue
        for end in ("#", "#^"):
            for label, whole in proposed(f"{inside}{end}", engine).items():
                words = "Phases & Names" if label == "phase" else label
                assert place_of(whole, engine).startswith((f"{page}: {words[:5]}", f"{page}: ^phase"))
                headings.append(whole)
    assert any("[x](" in each for each in headings)
    # In Logseq, everything between the brackets is a name.
    assert any("[[" in each for each in headings) == (engine != "logseq")


@pytest.mark.parametrize(
    ("engine", "typed", "expected"),
    [
        ("obsidian", "[[lun", {"Luna": "[[sub/moon|Luna]]"}),
        ("logseq", "[[lun", {"Luna": "[[Luna]]"}),
        ("dendron", "[[lun", {"Luna": "[[Luna|dendron://sub/moon]]"}),
        ("gollum", "[[#ow", {"Own": "[[#own]]"}),
        ("logseq", "[[#ow", {}),
        # It opens one of two pages with a name: that one is proposed, and its headings are.
        ("github-wiki", "[[moo", {"moon": "[[moon]]"}),
        ("github-wiki", "[[moon#cra", {"Craters": "[[moon#craters]]"}),
        # It knows no page with blanks in its name.
        ("mkdocs-ezlinks", "[[tid", {}),
        ("mkdocs-roamlinks", "[[tides and waves#zw", {"Zwölf": "[[tides and waves#zwolf]]"}),
        ("markdown", "[x](moo", {"moon": "[x](other/moon.md)", "sub/moon.md": "[x](sub/moon.md)"}),
    ],
)
def test_links_as_an_engine_follows_them(engine: str, typed: str, expected: dict[str, str]) -> None:
    assert proposed(typed, engine, "# Own\n\n") == expected


@pytest.mark.parametrize(
    ("text", "typed"),
    [("```\n", "[[moo"), ("```\n", "[x](moo"), ("<!-- ", "[[moo")],
)
def test_no_link_is_completed_in_code_and_comments(text: str, typed: str) -> None:
    assert proposed(typed, "obsidian", text) == {}


@pytest.mark.parametrize("typed", ["[x](moo", "[x](", "[x](<moo", "[x](other/moon.md#", "![x](sta"])
def test_editors_may_have_closed_the_bracket(typed: str) -> None:
    assert proposed(typed, "markdown", after=">)" if "<" in typed else ")") == proposed(typed, "markdown") != {}


def test_links_in_properties_are_completed() -> None:
    assert [*proposed('up: "[[lun', "obsidian", "---\n")] == ["Luna"]
