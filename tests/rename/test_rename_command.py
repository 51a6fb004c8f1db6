"""The command `rename`: names, refusals, undoing."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from rename_plans import contents

from wikitools import files, moves
from wikitools.cli.app import run

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call


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
