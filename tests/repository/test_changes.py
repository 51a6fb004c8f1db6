"""What changed since a commit, and which findings are new."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from git_wiki import OLD, PAGES, Call, commit, git_in, write

from wikitools.cli.app import run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")]


# What changed, and what is new


def test_changed_pages_and_the_links_elsewhere_that_they_broke(wiki: Path, lint: Call) -> None:
    git_in(wiki, "checkout", "-q", "-b", "topic")
    write(wiki, {"beta.md": "# Beta\n\nSee [[index]].\n", "delta.md": "# Delta\n\n[[lost]]\n"})
    commit(wiki)
    (wiki / "alpha.md").unlink()
    write(wiki, {"untracked.md": "# U\n\n[[index]] [[gone]]\n"})
    expected = [
        ("delta.md", "broken-wikilink", "lost"),
        ("index.md", "broken-wikilink", "alpha"),
        ("index.md", "broken-anchor", "beta#Methods"),
        ("untracked.md", "broken-wikilink", "gone"),
    ]
    code, found, err = lint("--changed")
    assert (code, found) == (1, expected)
    assert "compared with main" in err
    assert "3 pages changed, 1 deleted" in err
    assert lint("--changed", "--since", "main")[1] == expected
    assert lint("--changed", "--since", "HEAD")[1] == [expected[1], expected[3]]
    assert lint("--changed", "--index", "git")[1] == expected[:3]


def test_an_old_finding_on_a_changed_page_is_reported_and_on_others_not(wiki: Path, lint: Call) -> None:
    write(wiki, {"gamma.md": PAGES["gamma.md"] + "\nMore.\n", "alpha.md": "# Alpha\n\n[[index]] [[lost]]\n"})
    commit(wiki)
    assert lint("--changed", "--since", "HEAD~1")[1] == [("alpha.md", "broken-wikilink", "lost"), OLD]
    assert lint("--new-since", "HEAD~1")[1] == [("alpha.md", "broken-wikilink", "lost")]
    assert lint("--new-since", "HEAD")[:2] == (0, [])


def test_what_the_main_branch_changed_since_is_not_ours(wiki: Path, lint: Call) -> None:
    git_in(wiki, "checkout", "-q", "-b", "topic")
    write(wiki, {"alpha.md": "# Alpha\n\n[[index]] [[mine]]\n"})
    commit(wiki)
    git_in(wiki, "checkout", "-q", "main")
    write(wiki, {"beta.md": "# Beta\n\n## Methods\n\n[[index]] [[theirs]]\n"})
    commit(wiki)
    git_in(wiki, "checkout", "-q", "topic")
    assert lint("--changed")[1] == [("alpha.md", "broken-wikilink", "mine")]


@pytest.mark.parametrize("variable", ["GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"])
def test_a_pull_request_says_what_to_compare_with(
    wiki: Path, lint: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    git_in(wiki, "branch", "release")
    clone = tmp_path / "clone"
    git_in(tmp_path, "clone", "-q", str(wiki), str(clone))
    git_in(clone, "checkout", "-q", "--detach")
    write(clone, {"alpha.md": "# Alpha\n\n[[lost]]\n"})
    commit(clone)
    monkeypatch.chdir(clone)
    monkeypatch.setenv(variable, "release")
    code, found, err = lint("--changed")
    assert (code, found) == (1, [("alpha.md", "broken-wikilink", "lost")])
    assert "compared with origin/release" in err
    monkeypatch.setenv(variable, "no-such")
    assert lint("--changed")[0] == 2


def test_a_new_page_may_make_links_elsewhere_ambiguous(wiki: Path, lint: Call) -> None:
    write(
        wiki,
        {
            "sub/one/alpha.md": "# A\n\n[[index]]\n",
            "sub/two/x.md": "# X\n\n[[dup]] [[index]]\n",
            "sub/one/dup.md": "# D\n",
        },
    )
    base = commit(wiki)
    write(wiki, {"other/dup.md": "# D\n\n[[index]]\n"})
    commit(wiki)
    select = ("--select", "ambiguous-wikilink")
    now = lint(*select)[1]
    assert lint("--changed", "--since", base, *select)[1] == now
    assert lint("--new-since", base, *select)[1] == now


def test_counts_matter_and_the_new_one_is_shown(wiki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(wiki, {"gamma.md": "# Gamma\n\nAdded: [[nowhere]].\n\nSee [[index]] and [[nowhere]].\n"})
    run(["lint", "--new-since", "HEAD", "--output-format", "json"])
    found = json.loads(capsys.readouterr().out)["diagnostics"]
    assert [(each["subject"], each["line"]) for each in found] == [("nowhere", 3)]


def test_renames_are_followed(wiki: Path, lint: Call) -> None:
    git_in(wiki, "mv", "gamma.md", "delta.md")
    write(
        wiki,
        {"delta.md": PAGES["gamma.md"] + "\nAnd [[more]].\n", "index.md": PAGES["index.md"].replace("gamma", "delta")},
    )
    commit(wiki)
    assert lint("--new-since", "HEAD~1")[:2] == (1, [("delta.md", "broken-wikilink", "more")])


def test_a_deleted_heading_and_a_deleted_page(wiki: Path, lint: Call) -> None:
    write(wiki, {"beta.md": "# Beta\n\n[[index]]\n"})
    (wiki / "alpha.md").unlink()
    commit(wiki)
    assert lint("--new-since", "HEAD~1")[1] == [
        ("index.md", "broken-wikilink", "alpha"),
        ("index.md", "broken-anchor", "beta#Methods"),
    ]


def test_lines_may_move(wiki: Path, lint: Call) -> None:
    write(wiki, {"gamma.md": "# Gamma\n\n" + "Words.\n\n" * 50 + "See [[index]] and [[nowhere]].\n"})
    commit(wiki)
    assert lint("--new-since", "HEAD~1")[:2] == (0, [])


def test_a_comment_that_is_taken_away_lets_a_finding_appear(wiki: Path, lint: Call) -> None:
    line = "<!-- wikitools-ignore-next-line broken-wikilink -->\n"
    write(wiki, {"alpha.md": f"# Alpha\n\n{line}See [[index]] and [[lost]].\n"})
    commit(wiki)
    write(wiki, {"alpha.md": "# Alpha\n\nSee [[index]] and [[lost]].\n"})
    assert lint("--new-since", "HEAD")[1] == [("alpha.md", "broken-wikilink", "lost")]


def test_nothing_is_touched(wiki: Path, lint: Call) -> None:
    write(wiki, {"alpha.md": "# Alpha\n\n[[lost]]\n", "beta.md": "# Beta\n"})
    git_in(wiki, "add", "alpha.md")
    os.utime(wiki / "gamma.md", (1, 1))

    def state() -> dict[str, tuple[bytes, int]]:
        return {
            str(path): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in sorted(wiki.rglob("*"))
            if path.is_file()
        }

    before = state()
    for options in (("--staged",), ("--changed",), ("--new-since", "HEAD"), ("--index", "git")):
        lint(*options)
        assert state() == before, options


def test_repairs_reach_the_changed_pages_only(wiki: Path, lint: Call) -> None:
    write(wiki, {"one.md": "# One\n\n[[ index]] [[alphas]]\n", "two.md": "# Two\n\n[[alphas]]\n"})
    commit(wiki)
    write(wiki, {"one.md": "# One\n\n[[alphas]] [[index]]\n"})
    lint("--changed", "--since", "HEAD", "--fix", "--unsafe-fixes")
    assert (wiki / "one.md").read_text() == "# One\n\n[[alpha]] [[index]]\n"
    assert (wiki / "two.md").read_text() == "# Two\n\n[[alphas]]\n"


def test_the_diff_of_what_is_staged_applies_to_the_index(wiki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(wiki, {"beta.md": "# Beta\n\n[[alphas]] [[index]]\n"})
    git_in(wiki, "add", "-A")
    write(wiki, {"beta.md": "# Beta\n\nsomething else\n"})
    assert run(["lint", "--staged", "--diff", "--unsafe-fixes", "-q"]) == 1
    patch = capsys.readouterr().out
    subprocess.run(["git", "apply", "--cached"], cwd=wiki, input=patch.encode(), check=True)
    assert git_in(wiki, "show", ":beta.md") == "# Beta\n\n[[alpha]] [[index]]"
