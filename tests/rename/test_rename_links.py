"""Which links are rewritten when a page or heading gets another name, and how."""

from __future__ import annotations

import pytest
from rename_plans import plan, rewritten

from wikitools.wiki.rename import RenameError

OBSIDIAN_PAGES = [
    # Names stay names, paths paths; `.md`, labels, anchors and marks stay.
    ("[[Old]]", "[[New name]]"),
    ("[[Old|the old one]]", "[[New name|the old one]]"),
    ("![[Old]]", "![[New name]]"),
    ("[[Old.md]]", "[[New name.md]]"),
    ("[[notes/Old]]", "[[notes/New name]]"),
    ("[[/notes/Old]]", "[[/notes/New name]]"),
    ("[[./notes/Old]]", "[[./notes/New name]]"),
    ("[[Old#First part]]", "[[New name#First part]]"),
    ("[[ Old # First part | x ]]", "[[ New name # First part | x ]]"),
    ("[[Old#^block]]", "[[New name#^block]]"),
    ("[[Old#Unwritten part]]", "[[New name#Unwritten part]]"),
    ("| a |\n| - |\n| [[Old\\|x]] |", "| a |\n| - |\n| [[New name\\|x]] |"),
    ('---\nup: "[[Old]]"\n---', '---\nup: "[[New name]]"\n---'),
    # Markdown links, with the author's way of writing blanks.
    ("[a](notes/Old.md)", "[a](notes/New%20name.md)"),
    ("[a](./notes/Old.md#first-part)", "[a](./notes/New%20name.md#first-part)"),
    ("[a](<notes/Old.md> 'title')", "[a](<notes/New name.md> 'title')"),
    ("[a](notes/Old.md?raw=1#spot)", "[a](notes/New%20name.md?raw=1#spot)"),
    ("[a](/notes/Old.md)", "[a](/notes/New%20name.md)"),
    ("[a](Old.md)", "[a](New%20name.md)"),
    ('<a href="notes/Old.md">a</a>', '<a href="notes/New%20name.md">a</a>'),
    ("[a][d]\n\n[d]: notes/Old.md 'title'", "[a][d]\n\n[d]: notes/New%20name.md 'title'"),
    ("[d]: notes/Old.md", "[d]: notes/New%20name.md"),
    # What is no link stays.
    ("`[[Old]]` <!-- [[Old]] --> \\[[Old]] $[[Old]]$", "`[[Old]]` <!-- [[Old]] --> \\[[Old]] $[[Old]]$"),
    ("[[Other]] and [a](notes/Other.md)", "[[Other]] and [a](notes/Other.md)"),
]


@pytest.mark.parametrize(("link", "wanted"), OBSIDIAN_PAGES)
def test_links_keep_their_style(link: str, wanted: str) -> None:
    assert rewritten(link) == wanted


ENGINE_PAGES = [
    ("dendron", "[[words|Old#first-part]]", "[[words|New name#first-part]]"),
    ("dendron", "[[dendron://notes/Old]]", "[[dendron://notes/New name]]"),
    ("gollum", "[[words|notes/Old#first-part]]", "[[words|notes/New name#first-part]]"),
    ("github-wiki", "[[words|old]]", "[[words|new name]]"),
    ("quartz", "[[Old]] [[notes/Old|x]]", "[[New name]] [[notes/New name|x]]"),
    ("foam", "[[old]]", "[[new name]]"),
    ("slug", "[[old|x]] [y](/wiki/old/)", "[[new-name|x]] [y](/wiki/new-name/)"),
    ("logseq", "[[Old]]", "[[New name]]"),
    ("mkdocs-roamlinks", "[[Old]]", "[[New name]]"),
    (
        "markdown",
        "[[notes/Old]] [a](notes/Old.md#first-part)",
        "[[notes/New name]] [a](notes/New%20name.md#first-part)",
    ),
]


@pytest.mark.parametrize(("engine", "link", "wanted"), ENGINE_PAGES)
def test_each_engine_finds_the_page_by_its_new_name(engine: str, link: str, wanted: str) -> None:
    # Home-made sites write dashes for blanks.
    new = "notes/new-name.md" if engine == "slug" else "notes/New name.md"
    assert rewritten(link, engine=engine, new=new) == wanted


@pytest.mark.parametrize(
    ("link", "old", "wanted"),
    [
        ("[a](my%20notes/Old%20%28v1%29.md)", "my notes/Old (v1).md", "[a](my%20notes/New%20%28v2%29.md)"),
        ("[a](my%20notes/Old%20(v1).md)", "my notes/Old (v1).md", "[a](my%20notes/New%20(v2).md)"),
        ("[a](<my notes/Old (v1).md>)", "my notes/Old (v1).md", "[a](<my notes/New (v2).md>)"),
        ("[a](<my%20notes/Old%20(v1).md>)", "my notes/Old (v1).md", "[a](<my%20notes/New%20(v2).md>)"),
    ],
)
def test_percent_encoding_follows_the_author(link: str, old: str, wanted: str) -> None:
    assert rewritten(link, old=old, new="my notes/New (v2).md", engine="markdown") == wanted


def test_letters_beyond_ascii_are_encoded_where_the_author_does() -> None:
    texts = {"index.md": "[a](%C3%A9.md) [b](é.md)\n", "é.md": ""}
    assert plan(texts, moves={"é.md": "ü.md"}).texts["index.md"] == "[a](%C3%BC.md) [b](ü.md)\n"


def test_a_page_that_moves_takes_its_own_links_along() -> None:
    texts = {
        "notes/Old.md": "[up](../index.md) ![](i.png) [[./near]] [self](Old.md#a) [b](#a) [[#A]]\n\n# A\n",
        "notes/near.md": "",
        "notes/i.png": "",
        "index.md": "",
    }
    done = plan(texts, moves={"notes/Old.md": "deep/er/New.md"})
    assert done.texts["notes/Old.md"] == (
        "[up](../../index.md) ![](../../notes/i.png) [[../../notes/near]] [self](New.md#a) [b](#a) [[#A]]\n\n# A\n"
    )


def test_a_name_that_becomes_ambiguous_gets_its_folder() -> None:
    texts = {"index.md": "[[Old]] [[Taken]] [[a/Taken]]\n", "a/Taken.md": "", "b/Old.md": ""}
    done = plan(texts, moves={"b/Old.md": "c/Taken.md"})
    assert done.texts["index.md"] == "[[c/Taken]] [[a/Taken]] [[a/Taken]]\n"


def test_links_stay_when_the_old_name_uncovers_another_page() -> None:
    texts = {"x/index.md": "[[Name]]\n", "x/Name.md": "", "y/Name.md": ""}
    done = plan(texts, moves={"x/Name.md": "x/Other.md"})
    assert done.texts == {"x/index.md": "[[Other]]\n"}


def test_a_path_from_the_page_stays_one_when_the_pages_come_together() -> None:
    texts = {"x/A.md": "", "y/A.md": "", "y/index.md": "[[../x/A]] [[../x/A.md|a]] [b](../x/A.md)\n"}
    assert plan(texts, moves={"x/A.md": "y/B.md"}).texts["y/index.md"] == "[[./B]] [[./B.md|a]] [b](B.md)\n"


def test_links_that_were_dead_stay_and_are_told_when_they_come_alive() -> None:
    texts = {"index.md": "[[Nobody]] [[New]]\n", "Old.md": ""}
    done = plan(texts, moves={"Old.md": "New.md"})
    assert done.texts == {}
    assert [str(link) for link in done.revived] == ["index.md:1 [[New]]"]


def test_a_folder_link_follows_its_index_page() -> None:
    texts = {"index.md": "[a](notes/) [b](notes/index.md)\n", "notes/index.md": ""}
    done = plan(texts, moves={"notes/index.md": "notes/Start.md"}, engine="markdown")
    assert done.texts["index.md"] == "[a](notes/Start.md) [b](notes/Start.md)\n"


def test_foam_definitions_follow_the_wikilinks_that_they_stand_for() -> None:
    texts = {"index.md": "[[Old]]\n\n[Old]: notes/Old.md 'Old'\n", "notes/Old.md": ""}
    done = plan(texts, moves={"notes/Old.md": "notes/New.md"}, engine="foam")
    assert done.texts["index.md"] == "[[New]]\n\n[New]: notes/New.md 'Old'\n"


def test_attachments_are_renamed_as_well() -> None:
    texts = {"index.md": "![[i.png|300]] ![alt](img/i.png) <img src='img/i.png'>\n", "img/i.png": ""}
    done = plan(texts, moves={"img/i.png": "img/picture one.png"})
    assert done.texts["index.md"] == (
        "![[picture one.png|300]] ![alt](img/picture%20one.png) <img src='img/picture%20one.png'>\n"
    )


HEADINGS = [
    ("[[P#Old part]]", "[[P#New part]]"),
    ("[[P#old part|x]]", "[[P#new part|x]]"),
    ("[[P#Top#Old part]]", "[[P#Top#New part]]"),
    ("[[P#Old part#Below]]", "[[P#New part#Below]]"),
    ("![[P#Old part]]", "![[P#New part]]"),
    ("[a](P.md#old-part)", "[a](P.md#new-part)"),
    ("[a](P.md#Old%20part)", "[a](P.md#New%20part)"),
    ("[a](P.md#own-id)", "[a](P.md#own-id)"),
    ("[[P#Top]] [a](P.md#top)", "[[P#Top]] [a](P.md#top)"),
]


@pytest.mark.parametrize(("link", "wanted"), HEADINGS)
def test_links_to_headings(link: str, wanted: str) -> None:
    texts = {"index.md": link + "\n", "P.md": "# Top\n\n## Old part {#own-id}\n\n### Below\n"}
    done = plan(texts, headings={("P.md", 1): "New part"})
    assert done.texts["P.md"] == "# Top\n\n## New part {#own-id}\n\n### Below\n"
    assert done.texts.get("index.md", link + "\n") == wanted + "\n"


def test_the_numbers_of_later_headings_shift() -> None:
    texts = {"index.md": "[a](P.md#intro) [b](P.md#intro-1) [c](P.md#intro-2)\n", "P.md": "# Intro\n# Intro\n# Intro\n"}
    done = plan(texts, headings={("P.md", 0): "Start"}, engine="markdown")
    assert done.texts["index.md"] == "[a](P.md#start) [b](P.md#intro) [c](P.md#intro-1)\n"


def test_a_page_named_in_a_heading_changes_that_heading_and_the_links_to_it() -> None:
    texts = {"index.md": "[a](P.md#on-old)\n", "P.md": "# On [[Old]]\n", "Old.md": ""}
    done = plan(texts, moves={"Old.md": "New.md"}, engine="foam")
    assert done.texts == {"P.md": "# On [[New]]\n", "index.md": "[a](P.md#on-new)\n"}


@pytest.mark.parametrize(
    ("heading", "wanted"),
    [
        ("## **Old** ##", "## **New** ##"),
        ("## Old ^block", "## New ^block"),
        ("Old\n---", "New\n---"),
        ("> ## Old", "> ## New"),
        ("## `Old` *name*", "## New"),
    ],
)
def test_marks_around_a_heading_stay(heading: str, wanted: str) -> None:
    assert plan({"P.md": f"{heading}\n"}, headings={("P.md", 0): "New"}).texts == {"P.md": f"{wanted}\n"}


REFUSED = [
    # Nothing but the first of two equal headings can be named in Obsidian.
    (
        {"index.md": "[[P#B]]\n", "P.md": "# A\n# B\n"},
        {},
        {("P.md", 0): "B"},
        r"1 link would lead elsewhere.*index.md:1 \[\[P#B\]\]",
    ),
    ({"index.md": "[[Old]]\n", "Old.md": ""}, {"Old.md": "a|b.md"}, {}, r"index.md:1 \[\[Old\]\]"),
    ({"P.md": "# A\n"}, {}, {("P.md", 0): "B [[P]]"}, "read differently"),
    ({"P.md": "# A `x` [[P]]\n"}, {}, {("P.md", 0): "B"}, "by hand"),
    ({"P.md": '---\nup: "[[Old]]"\n---\n', "Old.md": ""}, {"Old.md": 'a "b".md'}, {}, r"P.md:2 \[\[Old\]\]"),
]


@pytest.mark.parametrize(("texts", "moved", "headings", "message"), REFUSED)
def test_what_would_lead_elsewhere_is_refused(
    texts: dict[str, str], moved: dict[str, str], headings: dict[tuple[str, int], str], message: str
) -> None:
    with pytest.raises(RenameError, match=message):
        plan(texts, moves=moved, headings=headings)


def test_text_outside_of_links_stays_to_the_letter() -> None:
    text = "\ufeff---\r\nup: '[[Old]]'\r\n---\r\n\r\n[[Old]]  \r\n\tend [[Old]]"
    done = plan({"index.md": text, "Old.md": ""}, moves={"Old.md": "New.md"})
    assert done.texts["index.md"] == text.replace("Old", "New")
