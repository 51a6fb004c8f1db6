"""`rename` and the configuration: paths there are renamed too, exactly, or nothing moves."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from functools import partial
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

CONFIG = """\
# Our wiki.
engine   =   "obsidian"   # as ever
bibliography = [
  "bib/refs.bib",   # the main one
  './more.bib',
]
exclude = ["drafts/", "/notes/Old.md.bak"]
entry-pages = ["index.md", "notes/Old.md"]

[per-file-ignores]
"notes/Old.md" = ["links"] # "notes/Old.md" is old
"lone.md" = "anchors"
"notes/*.md" = ["pages"]

[block]
heading = "Sources"
"""


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "wiki"
    for folder in ("notes", "bib", "drafts"):
        (root / folder).mkdir(parents=True)
    (root / "wikitools.toml").write_text(CONFIG)
    (root / "index.md").write_text("[[Old]] [[lone]]\n")
    (root / "notes/Old.md").write_text("# Part\n")
    (root / "notes/lone.md").write_text("# L\n")
    for name in ("bib/refs.bib", "more.bib"):
        (root / name).write_text("@book{a, title = {A}}\n")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def rename(call: Call) -> Call:
    return partial(call, "rename")


MOVES = [
    (
        "notes/Old.md",
        "New name",
        {'"notes/Old.md" =': '"notes/New name.md" =', '"notes/Old.md"]': '"notes/New name.md"]'},
    ),
    ("notes/Old.md", "./top", {'"notes/Old.md" =': '"top.md" =', '"notes/Old.md"]': '"top.md"]'}),
    ("lone", "solo", {'"lone.md" =': '"solo.md" ='}),
    ("bib/refs.bib", "all.bib", {'"bib/refs.bib",': '"bib/all.bib",'}),
    ("bib/refs.bib", "./it's.bib", {'"bib/refs.bib",': '"it\'s.bib",'}),
    ("more.bib", "it's.bib", {"'./more.bib',": '"it\'s.bib",'}),
    ("more.bib", "most.bib", {"'./more.bib',": "'most.bib',"}),
    ("bib/", "lib/", {'"bib/refs.bib",': '"lib/refs.bib",'}),
    (
        "notes/",
        "ideas/",
        {
            '"notes/Old.md" =': '"ideas/Old.md" =',
            '"notes/Old.md"]': '"ideas/Old.md"]',
            '"notes/*.md" =': '"ideas/*.md" =',
            '"/notes/Old.md.bak"': '"/ideas/Old.md.bak"',
        },
    ),
]


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize(("ends", "mark"), [("\n", ""), ("\r\n", "\ufeff")])
def test_what_the_configuration_names_is_named_anew(
    wiki: Path, rename: Call, move: tuple[str, str, dict[str, str]], ends: str, mark: str
) -> None:
    old, new, changes = move
    (wiki / "wikitools.toml").write_bytes((mark + CONFIG.replace("\n", ends)).encode())
    wanted = CONFIG
    for before, after in changes.items():
        assert wanted.count(before) == 1
        wanted = wanted.replace(before, after)
    code, _out, err = rename(old, new)
    assert code == 0, err
    assert "renamed in wikitools.toml\n" in err
    assert (wiki / "wikitools.toml").read_bytes() == (mark + wanted.replace("\n", ends)).encode()
    tomllib.loads(wanted)


def test_pyproject_and_what_it_extends(wiki: Path, rename: Call) -> None:
    (wiki / "wikitools.toml").unlink()
    (wiki / "shared").mkdir()
    (wiki / "shared/base.toml").write_text('bibliography = ["../bib/refs.bib"]\n')
    text = (
        '[project]\nname = "shared/base.toml"\n\n'
        '[tool.wikitools]\nextend = "shared/base.toml"\nper-file-ignores."notes/Old.md" = "links"\n'
    )
    (wiki / "pyproject.toml").write_text(text)
    assert rename("bib/", "x/y/")[0] == 0
    assert (wiki / "shared/base.toml").read_text() == 'bibliography = ["../x/y/refs.bib"]\n'
    (wiki / "shared/page.md").write_text("")
    assert rename("shared/", "deep/er/")[0] == 0
    assert (wiki / "deep/er/base.toml").read_text() == 'bibliography = ["../../x/y/refs.bib"]\n'
    text = text.replace('extend = "shared', 'extend = "deep/er')
    assert (wiki / "pyproject.toml").read_text() == text
    assert rename("Old", "New")[0] == 0
    assert (wiki / "pyproject.toml").read_text() == text.replace("notes/Old.md", "notes/New.md")


def test_a_name_that_other_files_have_as_well_stays(wiki: Path, rename: Call) -> None:
    (wiki / "wikitools.toml").write_text('[per-file-ignores]\n"lone.md" = "anchors"\n')
    (wiki / "lone.md").write_text("")
    code, _out, err = rename("notes/lone.md", "solo")
    assert (code, err) == (0, 'per-file-ignores: "lone.md" no longer applies to notes/solo.md\n')


@pytest.mark.parametrize(
    ("config", "arguments", "why"),
    [
        ('bibliography = ["bib/*.bib"]', ("bib/refs.bib", "./refs.bib"), "names bib/refs.bib as a bibliography"),
        ('bibliography = ["""bib/\\\n  refs.bib"""]', ("bib/refs.bib", "x.bib"), ""),
        ('exclude = ["tmp*"]', ("Old", "tmp1"), "notes/tmp1.md would be left out of the wiki by .gitignore or exclude"),
        ('exclude = ["/old/"]', ("Old", "old/x/y"), "old/x/y.md would be left out"),
    ],
)
def test_what_cannot_be_named_anew_is_refused(
    wiki: Path, rename: Call, config: str, arguments: tuple[str, str], why: str
) -> None:
    (wiki / "wikitools.toml").write_text(config + "\n")
    before = (wiki / "wikitools.toml").read_bytes()
    code, out, err = rename(*arguments)
    if why:
        assert (code, out) == (2, "")
        assert why in err
        assert (wiki / "wikitools.toml").read_bytes() == before
    else:
        assert tomllib.loads((wiki / "wikitools.toml").read_text()) == {"bibliography": ["bib/x.bib"]}


def test_a_variable_that_names_a_bibliography_is_refused(
    wiki: Path, rename: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIKITOOLS_BIBLIOGRAPHY", "bib/refs.bib")
    code, _out, err = rename("bib/refs.bib", "all.bib")
    assert code == 2
    assert "WIKITOOLS_BIBLIOGRAPHY names bib/refs.bib as a bibliography, and not bib/all.bib (change it first)" in err
    assert (wiki / "bib/refs.bib").exists()


def test_a_baseline_knows_the_page_by_its_new_name(wiki: Path, call: Call) -> None:
    (wiki / "notes/Old.md").write_text("# Part\n\n[[nowhere]]\n")
    (wiki / "wikitools.toml").write_text("")
    assert call("baseline", "create")[0] == 0
    assert call("lint", "-q")[0] == 0
    assert call("rename", "Old", "New")[0] == 0
    assert call("lint", "-q")[0] == 0


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_configuration_is_in_the_patch(wiki: Path, rename: Call) -> None:
    subprocess.run(("git", "init", "-q"), cwd=wiki, check=True)
    code, patch, _err = rename("notes/", "ideas/", "--diff", "-q")
    assert code == 1
    assert (wiki / "wikitools.toml").read_text() == CONFIG
    subprocess.run(("git", "apply", "-"), input=patch.encode(), cwd=wiki, check=True)
    applied = (wiki / "wikitools.toml").read_text()
    assert '"ideas/Old.md" = ["links"] # "notes/Old.md" is old' in applied
    assert (wiki / "ideas/Old.md").exists()
