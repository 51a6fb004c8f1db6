"""Links to files that are not part of the wiki: hidden, left out, above its root."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from link_findings import LINKS, found

from wikitools import files, git
from wikitools.cli.app import run
from wikitools.lint.facts import facts_of
from wikitools.lint.fix.fixing import Policy, lint
from wikitools.lint.outside_files import LeftOut, WhyLeftOut

if TYPE_CHECKING:
    from pathlib import Path

# Files that are not part of the wiki


def test_files_outside_of_the_wiki_are_not_simply_dead() -> None:
    left = {
        ".github/workflows/ci.yml": WhyLeftOut.UNREAD,
        "drafts/Plan.md": WhyLeftOut.UNREAD,
        "../CONTRIBUTING.md": WhyLeftOut.UNREAD,
        "build/out.pdf": WhyLeftOut.IGNORED,
        ".vscode/": WhyLeftOut.UNREAD,
    }
    text = (
        "[a](.github/workflows/ci.yml) [[Plan]] [b](../CONTRIBUTING.md) [c](drafts/) [d](.vscode) [e](build/out.pdf)\n"
    )
    wiki = {"index.md": text}
    assert len(found(wiki)) == 6
    assert found(wiki, left_out=left) == [("broken-link", "ignored", "build/out.pdf")]


def test_a_name_alone_finds_nothing_in_hidden_folders() -> None:
    left = {".github/x.md": WhyLeftOut.UNREAD, "drafts/Plan.md": WhyLeftOut.UNREAD, ".a/b.md": WhyLeftOut.IGNORED}
    wiki = {"index.md": "[a](.github/x.md) [[x]] [[.github/x]] [[Plan]] [[b]]\n"}
    dead = [("broken-wikilink", "no-such-page", name) for name in ("x", "b")]
    assert found(wiki, engine="foam", left_out=left) == dead
    hidden = ("broken-wikilink", "hidden", ".github/x")
    assert found(wiki, left_out=left) == [dead[0], hidden, dead[1]]


@pytest.mark.parametrize("flags", [(), ("--no-cache",)])
def test_a_wikilink_that_names_a_hidden_page_is_looked_up_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...]
) -> None:
    (tmp_path / ".trash").mkdir()
    (tmp_path / ".trash" / "Old.md").write_text("")
    (tmp_path / "index.md").write_text("[[.trash/Old]] [[Old]] [[.trash/Older]]\n")
    monkeypatch.chdir(tmp_path)
    assert run(["lint", "-j1", "--output-format", "json", *flags]) == 1
    assert [each["reason"] for each in json.loads(capsys.readouterr().out)["diagnostics"]] == [
        "hidden",
        "no-such-page",
        "no-such-page",
    ]


def test_of_two_pages_that_differ_in_case_none_is_surely_meant() -> None:
    pages = {"index.md": "[a](CASE.md) [b](OTHER.md)\n", "Case.md": "", "case.md": "", "Other.md": ""}
    first, second = lint(facts_of(pages, engine="markdown"), LINKS).diagnostics
    assert first.fix is None
    assert first.help == 'other candidates: "case.md"'
    assert second.fix is not None


def test_where_a_path_leads_from_a_page() -> None:
    assert LeftOut().by_path("x.md", "a.md") is None
    assert LeftOut(lambda: {"notes": WhyLeftOut.UNREAD}).by_path("/", "notes/a.md") is None


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a wiki in `docs/`; `new.md` is not added, `build/` ignored."""
    root = tmp_path / "docs"
    for name, text in {
        "index.md": "[a](new.md) [b](build/out.md) [c](.hidden/x.md) [d](../LICENSE) [e](old.md) [f](../../nowhere)\n",
        "new.md": "",
        "old.md": "",
        "build/out.md": "",
        ".hidden/x.md": "",
        "../LICENSE": "",
        "../.gitignore": "build/\n",
        "wikitools.toml": 'engine = "markdown"\n',
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for command in (["init", "-q"], ["add", "LICENSE", ".gitignore", "docs/index.md", "docs/old.md"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    monkeypatch.chdir(root)
    return root


@needs_git
def test_what_lies_around_a_wiki(repository: Path) -> None:
    inventory = files.find_pages(repository)
    assert inventory.ignored == inventory.excluded == ("build/",)
    named = ["new.md", ".hidden/x.md", ".hidden", "../LICENSE", "../../nowhere", "gone.md", "../../../../../etc/passwd"]
    assert files.find_left_out(repository, inventory, named) == {
        "build/out.md": True,
        ".hidden/x.md": False,
        ".hidden/": False,
        "../LICENSE": False,
    }
    assert git.find_tracked(repository) == {"index.md", "old.md"}


def test_without_a_repository_nothing_is_known_of_git(tmp_path: Path) -> None:
    assert files.find_repository(str(tmp_path)) is None
    assert git.find_tracked(tmp_path) is None


@needs_git
@pytest.mark.usefixtures("repository")
def test_lint_in_a_repository(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--output-format", "concise", "-q", "--extend-select", "untracked-target"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        'index.md:1:13: error[broken-link] "build/out.md" is here, but git ignores it, so nobody else has it',
        'index.md:1:77: error[broken-link] "../../nowhere" is outside the wiki',
        'index.md:1:1: warning[untracked-target] git does not track "new.md"',
    ]


@needs_git
@pytest.mark.parametrize("cached", [True, False])
def test_a_repository_that_tracks_next_to_nothing_is_one_sentence(
    cached: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wiki = tmp_path / "wiki"
    wiki.mkdir()
    for number in range(40):
        (wiki / f"{number}.md").write_text("".join(f"[[{each}]]\n" for each in range(40)))
    options = ["--cache-dir", str(tmp_path / "cache")] if cached else ["--no-cache"]
    command = ["lint", *options, "--select", "untracked-target", str(wiki)]
    git_ = ["git", "-C", str(wiki)]
    subprocess.run([*git_, "init", "-q"], check=True)
    for added, told in (([], "none"), (["1.md", "2.md"], "2")):
        if added:
            subprocess.run([*git_, "add", *added], check=True)
        assert run(command) == 0
        said = capsys.readouterr()
        assert said.out == "No problems found (40 pages).\n"
        assert said.err == (
            f"warning: untracked-target was skipped: git tracks {told} of the 40 pages; add them first\n"
        )
    subprocess.run([*git_, "add", *(f"{number}.md" for number in range(39))], check=True)
    assert run(command) == 1
    assert "Found 39 problems in 39 pages: 39 warnings" in capsys.readouterr().out
    subprocess.run([*git_, "add", "."], check=True)
    assert run(command) == 0


def test_without_git_the_rule_is_skipped_and_says_why() -> None:
    outcome = lint(facts_of({"a.md": "[[b]]\n", "b.md": ""}), Policy(select=("untracked-target",)))
    assert [(each.rule, each.reason) for each in outcome.skipped] == [
        ("untracked-target", "there is no git repository")
    ]
