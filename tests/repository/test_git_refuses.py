"""What git cannot or must not answer, and the messages about it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from git_wiki import OLD, PAGES, Call, commit, git_in, write

from wikitools import git
from wikitools.cli.app import run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")]


# What git cannot answer


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--since", "main"), "--since needs --changed"),
        (("--staged", "--changed"), "exclude each other"),
        (("--staged", "--index", "disk"), "exclude each other"),
        (("--changed", "--new-since", "main"), "exclude each other"),
        (("--staged", "--fix"), "--staged writes nothing"),
        (("--new-since", "main", "--fix"), "--new-since repairs nothing"),
        (("--new-since", "no-such"), 'git knows no commit "no-such"'),
        (("--changed", "--since", "no-such"), 'git knows no commit "no-such"'),
        (("--new-since", "--output=x"), 'git knows no commit "--output=x"'),
        (("--new-since", ""), 'git knows no commit ""'),
        (("--index", "gti"), "--index"),
    ],
)
def test_what_cannot_be_done_ends_with_two_and_a_reason(
    wiki: Path, lint: Call, options: tuple[str, ...], words: str
) -> None:
    code, found, err = lint(*options)
    assert (code, found) == (2, [])
    assert words in err
    assert len(err.splitlines()) == 1


def test_a_branch_that_only_the_remote_has(
    wiki: Path, lint: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_in(wiki, "branch", "release")
    git_in(tmp_path, "clone", "-q", str(wiki), "clone")
    monkeypatch.chdir(tmp_path / "clone")
    code, _, err = lint("--new-since", "release")
    assert code == 2
    assert 'did you mean "origin/release"?' in err


@pytest.mark.parametrize("options", [("--index", "git"), ("--staged",), ("--changed",), ("--new-since", "HEAD")])
def test_without_a_repository(
    tmp_path: Path, lint: Call, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    folder = tmp_path / "plain"
    write(folder, {"a.md": "# A\n"})
    monkeypatch.chdir(folder)
    code, _, err = lint(*options)
    assert code == 2
    assert "not in a git repository" in err
    # A variable that a hook left behind does not make it one.
    monkeypatch.setenv("PRE_COMMIT", "1")
    assert lint()[0] == 0


@pytest.mark.parametrize("options", [("--index", "git"), ("--staged",), ("--new-since", "HEAD")])
def test_without_git(wiki: Path, lint: Call, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]) -> None:
    monkeypatch.setenv("PATH", str(wiki))
    code, _, err = lint(*options)
    assert code == 2
    assert "git is not installed" in err
    assert lint("--index", "disk")[:2] == (1, [OLD])
    assert git.find_tracked(wiki) is None


def test_a_bare_repository_has_no_pages(
    wiki: Path, lint: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_in(tmp_path, "clone", "-q", "--bare", str(wiki), "bare")
    monkeypatch.chdir(tmp_path / "bare")
    code, _, err = lint("--index", "git")
    assert code == 2
    assert "a bare repository" in err


def test_a_repository_of_another_user_is_said_plainly(wiki: Path, lint: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    code, _, err = lint("--index", "git")
    assert code == 2
    assert "belongs to another user" in err
    assert "git config --global --add safe.directory" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "options", [("--new-since", "HEAD~1"), ("--changed", "--since", "origin/side"), ("--new-since", "origin/main~1")]
)
def test_a_shallow_clone_says_how_to_get_the_rest(
    wiki: Path, lint: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    git_in(wiki, "checkout", "-q", "-b", "side")
    write(wiki, {"alpha.md": "# Alpha\n\nside\n"})
    commit(wiki)
    git_in(wiki, "checkout", "-q", "main")
    write(wiki, {"beta.md": "# Beta\n\nmain\n"})
    commit(wiki)
    git_in(tmp_path, "clone", "-q", "--depth", "1", "--no-single-branch", wiki.as_uri(), "shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    code, _, err = lint(*options)
    assert code == 2
    assert "shallow clone" in err
    assert "fetch-depth: 0" in err


def test_a_partial_clone_is_not_completed_behind_the_users_back(
    wiki: Path, lint: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(wiki, {"alpha.md": "# Alpha\n\nother [[index]]\n"})
    commit(wiki)
    git_in(wiki, "config", "uploadpack.allowFilter", "true")
    git_in(tmp_path, "clone", "-q", "--filter=blob:none", wiki.as_uri(), "partial")
    monkeypatch.chdir(tmp_path / "partial")
    write(tmp_path / "partial", {"beta.md": "# Beta\n\n[[index]]\n"})
    code, _, err = lint("--new-since", "HEAD~1")
    assert code == 2
    assert "partial clone" in err


def test_nothing_that_the_repository_names_is_run(wiki: Path, lint: Call, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f'#!/bin/sh\ntouch "{tmp_path}/sprung"\n')
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "core.pager", "diff.x.textconv", "core.sshCommand"):
        git_in(wiki, "config", key, str(trap))
    write(wiki, {".gitattributes": "*.md diff=x\n", "alpha.md": "# Alpha\n\n[[lost]]\n"})
    for options in (("--staged",), ("--changed",), ("--new-since", "HEAD"), ("--index", "git")):
        lint(*options)
    assert not (tmp_path / "sprung").exists()


def test_old_objects_of_sha256(tmp_path: Path, lint: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "new"
    write(root, PAGES)
    git_in(root, "init", "-q", "--object-format=sha256")
    git_in(root, "add", "-A")
    monkeypatch.chdir(root)
    assert lint("--staged")[1] == [OLD]
    commit(root)
    write(root, {"alpha.md": "# A\n\n[[lost]]\n"})
    assert lint("--new-since", "HEAD")[1] == [("alpha.md", "broken-wikilink", "lost")]


def test_backfill_knows_the_files_of_git_too(wiki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = "@article{a, author = {Doe, Jane}, title = {On it}, year = {2019}, url = {https://example.org/a}}\n"
    write(wiki, {"alpha.md": "# Alpha\n\nSo it is (Doe 2019).\n"})
    commit(wiki)
    write(wiki, {"untracked.bib": entry})
    assert run(["backfill", "--init", "--check", "--index", "disk"]) == 1
    assert run(["backfill", "--init", "--check", "--index", "git"]) == 0
    capsys.readouterr()
