"""Which files make up a wiki that git tracks: untracked and removed ones, hooks, sparse checkouts, odd names."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from git_wiki import OLD, PAGES, Call, commit, found_in, git_in, write

from wikitools.cli.app import run

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")]


# Which files make up the wiki


def test_an_untracked_page_hides_a_broken_link_only_on_the_disk(wiki: Path, lint: Call) -> None:
    write(wiki, {"index.md": "# Index\n\nSee [[draft]].\n", "draft.md": "# Draft\n\nSee [[index]] and [[lost]].\n"})
    git_in(wiki, "add", "index.md")
    on_disk = lint("--index", "disk")[1]
    assert ("draft.md", "broken-wikilink", "lost") in on_disk
    assert ("index.md", "broken-wikilink", "draft") not in on_disk
    code, found, _ = lint("--index", "git")
    assert code == 1
    assert found == [OLD, ("index.md", "broken-wikilink", "draft")]


def test_the_message_about_an_untracked_page_says_what_to_do(wiki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        wiki,
        {"index.md": "# Index\n\nSee [[draft]] and [it](draft.md) and ![](p.png).\n", "draft.md": "# D\n", "p.png": ""},
    )
    run(["lint", "--index", "git"])
    out = capsys.readouterr().out
    assert '"draft" is here, but git does not track it' in out
    assert '"draft.md" is here, but git does not track it' in out
    assert '"p.png" is here, but git does not track it' in out
    assert '"git add" the file' in out


@pytest.mark.parametrize("variable", [{"PRE_COMMIT": "1"}, {"GIT_INDEX_FILE": ".git/index"}])
def test_a_hook_means_the_files_of_git(
    wiki: Path, lint: Call, monkeypatch: pytest.MonkeyPatch, variable: Mapping[str, str]
) -> None:
    write(wiki, {"nowhere.md": "# Nowhere\n\nSee [[index]].\n"})
    assert lint()[1] == []
    for name, value in variable.items():
        monkeypatch.setenv(name, value)
    assert lint()[1] == [OLD]
    assert lint("--index", "disk")[1] == []


def test_what_git_tracks_counts_although_an_ignore_file_names_it(wiki: Path, lint: Call) -> None:
    write(
        wiki,
        {
            ".gitignore": "gamma.md\nbuilt/\n",
            "built/kept.md": "# Kept\n\n[[lost]]\n",
            "built/page.md": "# P\n\n[[lost]]\n",
        },
    )
    git_in(wiki, "add", "-f", "built/kept.md")
    code, found, _ = lint("--index", "git")
    assert (code, found) == (1, [("built/kept.md", "broken-wikilink", "lost"), OLD])


def test_a_page_removed_from_the_working_tree_is_gone_and_one_removed_from_the_index_too(
    wiki: Path, lint: Call
) -> None:
    (wiki / "alpha.md").unlink()
    assert ("index.md", "broken-wikilink", "alpha") in lint("--index", "git")[1]
    git_in(wiki, "rm", "-q", "--cached", "beta.md")
    assert ("index.md", "broken-wikilink", "beta") in lint("--index", "git")[1]
    # What is staged still has the page whose removal is not.
    assert [each[2] for each in lint("--staged")[1]] == ["beta"]


@pytest.mark.parametrize("name", ["Ärger über 図.md", "tab\tand\nline.md", 'quo"te.md', "a\udce9b.md", " blank .md"])
def test_any_name_that_a_file_can_have(wiki: Path, lint: Call, name: str) -> None:
    write(wiki, {name: "# Page\n\nSee [[index]] and [[lost]].\n"})
    git_in(wiki, "add", "-A")
    shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    for options in (("--staged",), ("--index", "git"), ("--new-since", "HEAD")):
        _code, found, _ = lint(*options)
        assert [each[1:] for each in found if each != OLD] == [("broken-wikilink", "lost")], (options, shown)


def test_a_wiki_in_a_folder_of_its_repository(tmp_path: Path, lint: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    top = tmp_path / "project"
    write(top, {f"docs/{path}": text for path, text in PAGES.items()} | {"README.md": "# Readme\n\n[[lost]]\n"})
    write(top, {"docs/wikitools.toml": "", "docs/far.md": "# Far\n\n[readme](../README.md) [[index]]\n"})
    git_in(top, "init", "-q")
    commit(top)
    write(top, {"docs/beta.md": "# Beta\n\nSee [[index]].\n"})
    git_in(top, "add", "-A")
    monkeypatch.chdir(top)
    for options in (("--index", "git"), ("--staged",), ("--changed",), ("--new-since", "HEAD")):
        _code, found, err = lint(*options, "docs")
        assert ("docs/index.md", "broken-anchor", "beta#Methods") in [
            (path if path.startswith("docs/") else f"docs/{path}", rule, subject) for path, rule, subject in found
        ], (options, err)
        assert not any("far" in each[0] or "README" in each[0] for each in found)


def test_a_hook_that_git_runs_in_a_worktree_of_another_folder(
    wiki: Path, lint: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    git_in(wiki, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    write(tmp_path / "side", {"alpha.md": "# Alpha\n\n[[lost]] [[index]]\n"})
    git_in(tmp_path / "side", "add", "-A")
    monkeypatch.chdir(tmp_path / "side")
    assert [each[2] for each in lint("--staged")[1]] == ["lost"]
    # Git sets these for hooks in worktrees.
    monkeypatch.setenv("GIT_DIR", git_in(tmp_path / "side", "rev-parse", "--absolute-git-dir"))
    monkeypatch.setenv("GIT_INDEX_FILE", os.environ["GIT_DIR"] + "/index")
    assert [each[2] for each in lint("--staged")[1]] == ["lost"]
    # They are not about the wiki when the run is about a wiki elsewhere.
    assert lint("--staged", str(wiki))[1] == []


def test_a_commit_of_some_files_has_an_index_of_its_own(wiki: Path, tmp_path: Path) -> None:
    """`git commit FILE` gives its hooks another index than that of the repository."""
    hook = wiki / ".git/hooks/pre-commit"
    hook.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m wikitools lint --staged --output-format json > "{tmp_path}/out"\n'
    )
    hook.chmod(0o755)
    write(wiki, {"alpha.md": "# Alpha\n\n[[lost]]\n", "beta.md": "# Beta\n\n[[other]]\n"})
    git_in(wiki, "add", "beta.md")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    done = subprocess.run(
        ["git", "commit", "-q", "-m", "one", "alpha.md"], cwd=wiki, check=False, capture_output=True, env=environment
    )
    assert done.returncode == 1, done.stderr
    assert found_in((tmp_path / "out").read_text()) == [("alpha.md", "broken-wikilink", "lost")]


def test_sparse_checkouts_have_the_pages_that_are_not_there(wiki: Path, lint: Call) -> None:
    write(
        wiki,
        {"far/page.md": "# Page\n\n## Part\n\n[[index]] [[lost]]\n", "near.md": "# N\n\n[[page#Part]] [[page#No]]\n"},
    )
    commit(wiki)
    git_in(wiki, "sparse-checkout", "set", "--no-cone", "/*", "!/far/")
    assert not (wiki / "far").exists()
    assert ("near.md", "broken-wikilink", "page") in lint("--index", "disk")[1]
    code, found, _ = lint("--index", "git")
    assert code == 1
    assert found == [
        ("far/page.md", "broken-wikilink", "lost"),
        OLD,
        ("near.md", "broken-anchor", "page#No"),
    ]
