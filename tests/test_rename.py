"""Renaming: what is rewritten, in which style, and when nothing happens at all."""

from __future__ import annotations

import shutil
import subprocess
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from wikitools import files, moves
from wikitools.cli.app import run
from wikitools.lint.facts import facts_of
from wikitools.wiki.rename import RenameError, RenamePlan, Renaming, plan_rename

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conftest import Call


def plan(
    texts: Mapping[str, str],
    *,
    moves: Mapping[str, str] | None = None,
    headings: Mapping[tuple[str, int], str] | None = None,
    engine: str = "obsidian",
) -> RenamePlan:
    return plan_rename(facts_of(texts, engine=engine).wiki, Renaming(moves or {}, headings or {}))


def rewritten(link: str, *, engine: str = "obsidian", old: str = "notes/Old.md", new: str = "notes/New name.md") -> str:
    """Return what becomes of `link`, on a page in the root, when a page with the heading "First part" is renamed."""
    texts = {"index.md": link + "\n", old: "# First part\n\n<a id='spot'></a>\n\ntext ^block\n"}
    done = plan(texts, moves={old: new}, engine=engine)
    return done.texts.get("index.md", link + "\n").removesuffix("\n")


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


# ---- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "wiki"
    (root / "notes").mkdir(parents=True)
    (root / "wikitools.toml").write_text("")
    (root / "index.md").write_text("[[Old]] and [x](notes/Old.md#part)\n")
    (root / "notes/Old.md").write_text("# Part\n\n[up](../index.md)\n")
    (root / "notes/Other.md").write_text("[[Old#Part]]\n")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def rename(call: Call) -> Call:
    return partial(call, "rename")


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("Old", "New", "notes/New.md"),
        ("old", "New", "notes/New.md"),
        ("notes/Old.md", "New", "notes/New.md"),
        ("notes/Old", "notes/New.md", "notes/New.md"),
        ("notes/Old.md", "New.md", "notes/New.md"),
        ("notes/Old.md", "./New.md", "New.md"),
        ("Old", "./New", "New.md"),
        ("Old", "more/deep/", "more/deep/Old.md"),
        ("Old", "more/v1.2", "more/v1.2.md"),
    ],
)
def test_where_a_page_goes(wiki: Path, rename: Call, old: str, new: str, place: str) -> None:
    code, out, err = rename(old, new)
    assert (code, err) == (0, "")
    assert out == f"renamed notes/Old.md to {place}; {out.partition('; ')[2]}"
    assert (wiki / place).exists()
    assert not (wiki / "notes/Old.md").exists()
    assert run(["lint", "-q"]) == 0


def test_paths_are_read_from_the_current_folder(wiki: Path, rename: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(wiki / "notes")
    assert rename("Old.md", "../New.md")[0] == 0
    assert (wiki / "New.md").read_text() == "# Part\n\n[up](index.md)\n"


def test_headings(wiki: Path, rename: Call) -> None:
    assert rename("Old#Part", "Piece")[:2] == (0, 'renamed "Part" to "Piece"; 2 links on 2 pages rewritten\n')
    assert (wiki / "index.md").read_text() == "[[Old]] and [x](notes/Old.md#piece)\n"
    assert (wiki / "notes/Other.md").read_text() == "[[Old#Piece]]\n"
    assert rename("Old#piece", "Old#Whole")[0] == 0
    assert (wiki / "notes/Old.md").read_text().startswith("# Whole\n")


MISUSES = [
    (("Olld", "New"), 'Olld: no such page (did you mean "notes/Old.md"?)'),
    (("Old", "Other"), "notes/Other.md: already exists"),
    (("Old", "../New.md"), "outside the wiki"),
    (("Old", "Old"), "already has that name"),
    (("Old", " "), "empty"),
    (("Old", ".hidden"), "hidden"),
    (("Old#Prt", "New"), 'notes/Old.md has no heading "Prt" (did you mean "Part"?)'),
    (("Old#Part", "Other#Part"), "a heading stays on its page"),
    (("Old#Part", ""), "empty"),
    (("Old#Part", "Part"), "already"),
    (("wikitools.toml", "x.md"), "cannot become"),
    (("Old",), "missing argument"),
]


@pytest.mark.parametrize(("arguments", "message"), MISUSES)
def test_misuses(wiki: Path, rename: Call, arguments: tuple[str, ...], message: str) -> None:
    before = contents(wiki)
    code, out, err = rename(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert contents(wiki) == before


def test_ambiguous_names_and_headings(wiki: Path, rename: Call) -> None:
    (wiki / "more").mkdir()
    (wiki / "more/Old.md").write_text("# A\n\n# A\n")
    assert "2 files have that name (name one by its path: more/Old.md, notes/Old.md)" in rename("Old", "New")[2]
    assert '2 headings "A" (name one by its anchor: "#a", "#a-1")' in rename("more/Old#A", "B")[2]
    assert rename("more/Old#a-1", "B")[0] == 0
    assert (wiki / "more/Old.md").read_text() == "# A\n\n# B\n"


def test_refusals_name_the_links(wiki: Path, rename: Call) -> None:
    before = contents(wiki)
    code, _out, err = rename("Old", "a%%b")
    assert code == 2
    assert "index.md:1 [[Old]]" in err
    assert contents(wiki) == before


def test_a_bibliography_that_a_page_names_stays_where_it_is(wiki: Path, rename: Call) -> None:
    (wiki / "notes/refs.bib").write_text("@book{a, title = {A}}\n")
    (wiki / "notes/Old.md").write_text("---\nbibliography: refs.bib\n---\n# Part\n")
    assert "names notes/refs.bib as its bibliography" in rename("notes/refs.bib", "other.bib")[2]
    assert "names notes/refs.bib as its bibliography" in rename("Old", "./New")[2]
    assert rename("Old", "New")[0] == 0


def test_the_diff_is_a_patch_that_git_takes(wiki: Path, rename: Call) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    code, patch, err = rename("Old", "sub folder/deep/New name.md", "--diff")
    assert code == 1
    assert err.startswith("would rename notes/Old.md to sub folder/deep/New name.md; ")
    before = contents(wiki)
    subprocess.run(["git", "init", "-q"], cwd=wiki, check=True)
    subprocess.run(["git", "apply", "-"], cwd=wiki, input=patch.encode(), check=True)
    shutil.rmtree(wiki / ".git")
    applied = contents(wiki)
    assert applied != before
    for path in before.keys() | applied.keys():
        (wiki / path).unlink(missing_ok=True)
    for path, data in before.items():
        (wiki / path).write_bytes(data)
    assert rename("Old", "sub folder/deep/New name.md")[0] == 0
    assert contents(wiki) == applied


def test_all_is_put_back_when_one_step_fails(wiki: Path, rename: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(wiki)
    write = files.write_atomic

    def failing(root: Path, path: str, old: bytes, new: str, **more: Any) -> None:
        if path == "notes/Other.md":
            raise files.FileError(f"{path}: no")
        write(root, path, old, new, **more)

    monkeypatch.setattr(files, "write_atomic", failing)
    code, out, err = rename("Old", "deep/New")
    assert (code, out, err) == (2, "", "error: notes/Other.md: no\n")
    assert contents(wiki) == before


def test_folders_and_pages_are_put_back_when_the_move_fails(
    wiki: Path, rename: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(wiki)

    def failing(root: Path, old: str, new: str) -> None:
        raise files.FileError(f"{new}: no")

    monkeypatch.setattr(moves, "_move", failing)
    assert rename("Old", "deep/er/New")[0] == 2
    assert contents(wiki) == before
    assert not (wiki / "deep").exists()


def test_a_page_that_changed_meanwhile_is_not_overwritten(
    wiki: Path, rename: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = moves.write_and_move

    def late(*arguments: Any, **named: Any) -> None:
        (wiki / "notes/Other.md").write_text("new text\n")
        real(*arguments, **named)

    monkeypatch.setattr(moves, "write_and_move", late)
    code, _out, err = rename("Old", "New")
    assert code == 2
    assert "changed on disk" in err
    assert (wiki / "index.md").read_text() == "[[Old]] and [x](notes/Old.md#part)\n"
    assert (wiki / "notes/Old.md").exists()


def test_case_alone_may_change(wiki: Path, rename: Call) -> None:
    assert rename("Old", "OLD")[0] == 0
    assert "OLD.md" in {path.name for path in (wiki / "notes").iterdir()}
    assert (wiki / "index.md").read_text() == "[[OLD]] and [x](notes/OLD.md#part)\n"


# ---- names that nobody can store or link to --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "culprit"),
    [
        ("#x", 'no link can reach a name with "#" in it (engine = "obsidian")'),
        ("a^b", 'no link can reach a name with "^" in it'),
        ("a[1]", 'no link can reach a name with "[" in it'),
        ("con?:*", 'a name with "?" in it cannot be stored on Windows'),
        ("a:b", 'a name with ":" in it'),
        ("a|b", 'a name with "|" in it cannot be stored'),
        ("con", '"con" is the name of a device on Windows'),
        ("LPT1.notes.md", '"LPT1" is the name of a device'),
        ("ends here./x.md", 'a name that ends with "." cannot be stored'),
        ("ends here /x.md", "a name that ends with a blank cannot be stored"),
        ("tab\there", "the character U+0009 in it cannot be stored"),
    ],
)
def test_names_that_cannot_be_are_refused(wiki: Path, rename: Call, new: str, culprit: str) -> None:
    before = contents(wiki)
    code, out, err = rename("Old", new)
    assert (code, out) == (2, "")
    assert culprit in err
    assert contents(wiki) == before


def test_an_engine_that_can_link_to_a_hash_may_have_one(wiki: Path, rename: Call) -> None:
    (wiki / "wikitools.toml").write_text('engine = "gollum"\n')
    (wiki / "index.md").write_text("[[notes/Old]]\n")
    assert rename("notes/Old.md", "C# notes")[0] == 0
    assert (wiki / "index.md").read_text() == "[[notes/C# notes]]\n"
    # A folder that has such a name already may keep it.
    (wiki / "a?b").mkdir()
    (wiki / "a?b/x.md").write_text("")
    assert rename("a?b/x.md", "y")[0] == 0


# ---- folders ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("notes/", "ideas/", "ideas"),
        ("notes", "ideas", "ideas"),
        ("notes", "more/ideas", "more/ideas"),
        ("./notes/", "./deep/er/ideas/", "deep/er/ideas"),
    ],
)
def test_a_folder_moves_with_all_that_is_in_it(wiki: Path, rename: Call, old: str, new: str, place: str) -> None:
    (wiki / "index.md").write_text("[[notes/Old]] [x](notes/Old.md#part) ![](notes/img/i.png) [dir](notes/)\n")
    (wiki / "notes/img/empty").mkdir(parents=True)
    (wiki / "notes/img/i.png").write_bytes(b"\x89PNG")
    (wiki / "notes/.hidden").write_text("kept")
    code, out, err = rename(old, new)
    assert (code, err) == (0, "")
    pages = 1 + ("/" in place)  # one level deeper, the way up is another one
    counted = f"{3 + pages} links on {pages} page{'s' * (pages - 1)}"
    assert out == f"renamed notes/ to {place}/ (4 files); {counted} rewritten\n"
    assert not (wiki / "notes").exists()
    assert (wiki / place / ".hidden").read_text() == "kept"
    assert (wiki / "index.md").read_text() == (
        f"[[{place}/Old]] [x]({place}/Old.md#part) ![]({place}/img/i.png) [dir]({place}/)\n"
    )
    up = "../" * (place.count("/") + 1)
    assert (wiki / place / "Old.md").read_text() == f"# Part\n\n[up]({up}index.md)\n"
    assert run(["lint", "-q"]) == 0


@pytest.mark.parametrize("beside", ["more/notes.md", "notes.md", "more/notes.png"])
def test_the_path_of_a_folder_means_the_folder(wiki: Path, rename: Call, beside: str) -> None:
    (wiki / "more").mkdir()
    (wiki / beside).write_text("# N\n")
    code, out, err = rename("notes", "ideas")
    assert (code, out[:35]) == (0, "renamed notes/ to ideas/ (2 files);")
    assert err == ("notes.md is another page and stays\n" if beside == "notes.md" else "")
    assert (wiki / beside).exists()
    assert (wiki / "index.md").read_text() == "[[Old]] and [x](ideas/Old.md#part)\n"


def test_a_folder_is_renamed_where_it_is(wiki: Path, rename: Call) -> None:
    assert rename("notes", "notes/../deep/sub/")[0] == 0
    assert rename("deep/sub/", "other/")[0] == 0
    assert (wiki / "deep/other/Old.md").exists()
    assert rename("deep/other", "./top")[0] == 0
    assert (wiki / "top/Old.md").exists()
    assert not (wiki / "notes").exists()


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("notes/", "taken/", "taken/: already exists"),
        ("notes/", "notes/sub/", "notes/sub/: a folder cannot move into itself"),
        ("notes/", "notes/", "notes/: already has that name"),
        ("notes/", "x?y/", 'x?y: a name with "?" in it'),
        ("notes/", "../out/", "../out/: outside the wiki"),
        ("nothing/", "x/", "nothing/: no such folder in the wiki"),
        ("linked/", "x/", "linked/alias.md: a symbolic link; move it by hand"),
    ],
)
def test_folders_that_cannot_move_stay(wiki: Path, rename: Call, old: str, new: str, why: str) -> None:
    (wiki / "taken").mkdir()
    (wiki / "taken/x.md").write_text("")
    (wiki / "linked").mkdir()
    (wiki / "linked/y.md").write_text("")
    (wiki / "linked/alias.md").symlink_to("y.md")
    before = contents(wiki)
    code, out, err = rename(old, new)
    assert (code, out) == (2, "")
    assert why in err
    assert contents(wiki) == before


def test_a_folder_as_a_diff(wiki: Path, rename: Call) -> None:
    before = contents(wiki)
    code, out, err = rename("notes/", "ideas/", "--diff")
    assert code == 1
    assert "rename from notes/Old.md\nrename to ideas/Old.md" in out
    assert err == "would rename notes/ to ideas/ (2 files); 1 link on 1 page rewritten\n"
    assert contents(wiki) == before


def test_a_page_that_a_symbolic_link_leads_to_stays(wiki: Path, rename: Call) -> None:
    (wiki / "alias.md").symlink_to("notes/Old.md")
    code, _out, err = rename("Old", "New")
    assert code == 2
    assert "alias.md is a symbolic link to notes/Old.md" in err


@pytest.mark.parametrize("new", ["ins/b.md", "ins/", "ins/new/b.md"])
def test_a_page_behind_a_link_goes_where_the_link_leads(wiki: Path, rename: Call, call: Call, new: str) -> None:
    (wiki / "sub/deep/er").mkdir(parents=True)
    (wiki / "ins").symlink_to("sub/deep/er")
    (wiki / "c.md").write_text("# C\n\n[a](a.md)\n")
    (wiki / "a.md").write_text("# A\n\n[c](c.md)\n")
    code, out, err = rename("a.md", new)
    place = {"ins/": "sub/deep/er/a.md"}.get(new, new.replace("ins", "sub/deep/er"))
    assert (code, err) == (0, "")
    assert f"a.md to {place};" in out
    up = "../" * place.count("/")
    assert (wiki / place).read_text() == f"# A\n\n[c]({up}c.md)\n"
    assert (wiki / "c.md").read_text() == f"# C\n\n[a]({place})\n"
    assert call("lint", "--select", "broken-link")[0] == 0


def test_a_folder_behind_a_link_goes_where_the_link_leads(wiki: Path, rename: Call, call: Call) -> None:
    (wiki / "sub/deep").mkdir(parents=True)
    (wiki / "ins").symlink_to("sub/deep")
    code, out, err = rename("notes/", "ins/ideas/")
    assert (code, err) == (0, "")
    assert "notes/ to sub/deep/ideas/ (2 files)" in out
    assert (wiki / "sub/deep/ideas/Old.md").read_text() == "# Part\n\n[up](../../../index.md)\n"
    assert call("lint", "--select", "broken-link")[0] == 0


def test_a_folder_does_not_move_into_itself_by_a_link(wiki: Path, rename: Call) -> None:
    (wiki / "ins").symlink_to("notes")
    before = contents(wiki)
    code, _, err = rename("notes/", "ins/ideas/")
    assert (code, "notes/ideas/: a folder cannot move into itself" in err) == (2, True)
    assert contents(wiki) == before


def test_behind_a_link_out_of_the_root_only_what_the_wiki_reads_there(wiki: Path, rename: Call) -> None:
    (wiki.parent / ".git").mkdir()
    (wiki.parent / "shared/deep").mkdir(parents=True)
    (wiki.parent / "shared/deep/s.md").write_text("")
    (wiki / "one").symlink_to("../shared")
    (wiki / "two").symlink_to("../shared")
    (wiki / "sub").mkdir()
    (wiki / "sub/three").symlink_to("../../shared/deep")
    # It would be read as `one/x.md`.
    code, _, err = rename("index.md", "two/x.md")
    assert (code, "two/x.md: outside the wiki" in err) == (2, True)
    assert rename("one/deep/s.md", "t.md")[0] == 0
    assert rename("index.md", "one/new/x.md")[0] == 0
    assert (wiki.parent / "shared/deep/t.md").exists()
    assert (wiki.parent / "shared/new/x.md").exists()


@pytest.mark.parametrize(
    "markers", [("<!-- wikitools:sources -->", "<!-- /wikitools:sources -->"), ("%% a %%", "%% z %%")]
)
def test_a_generated_block_stays_generated_when_its_links_follow_a_page(
    tmp_path: Path, markers: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wikitools.toml").write_text('[block]\nforeign-markers = [["%% a %%", "%% z %%"]]\n')
    (tmp_path / "atlas.md").write_text("---\ntitle: Atlas\ntype: book\nauthor: Cy Noor\nyear: 2021\n---\n")
    page = tmp_path / "page.md"
    page.write_text(f"See (Noor 2021).\n\n{markers[0]}\n{markers[1]}\n")
    assert run(["backfill", str(tmp_path)]) == 0
    assert "[Atlas](atlas.md)" in page.read_text()
    assert (
        run(
            [
                "rename",
                str(tmp_path / "atlas.md"),
                str(tmp_path / "maps.md"),
                "--config",
                str(tmp_path / "wikitools.toml"),
            ]
        )
        == 0
    )
    assert "[Atlas](maps.md)" in page.read_text()
    assert run(["backfill", "--check", str(tmp_path)]) == 0
    # A block that somebody edited stays edited.
    page.write_text(page.read_text().replace("[Atlas]", "[My Atlas]"))
    assert (
        run(
            [
                "rename",
                str(tmp_path / "maps.md"),
                str(tmp_path / "atlas.md"),
                "--config",
                str(tmp_path / "wikitools.toml"),
            ]
        )
        == 0
    )
    assert "[My Atlas](atlas.md)" in page.read_text()
    assert run(["backfill", str(tmp_path)]) == 1
    assert "edited by hand" in capsys.readouterr().out
