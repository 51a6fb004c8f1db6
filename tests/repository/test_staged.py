"""What is staged is checked as it would be committed."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from git_wiki import OLD, PAGES, Call, commit, git_in, write

from wikitools.cli.app import run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")]


# What is staged


def test_a_partial_stage_shows_nothing_of_the_working_tree(wiki: Path, lint: Call) -> None:
    write(wiki, {"alpha.md": "# Alpha\n\nSee [[index]] and [[staged]].\n"})
    git_in(wiki, "add", "alpha.md")
    write(wiki, {"alpha.md": "# Alpha\n\nSee [[index]] and [[unstaged]].\n", "beta.md": "# Beta\n\n[[unstaged]]\n"})
    code, found, err = lint("--staged")
    assert (code, found) == (1, [("alpha.md", "broken-wikilink", "staged")])
    assert "compared with HEAD" in err
    assert "1 page changed" in err


def test_what_the_working_tree_repaired_and_nobody_staged_is_broken(wiki: Path, lint: Call) -> None:
    write(wiki, {"alpha.md": "# Alpha\n\nSee [[index]] and [[new]].\n"})
    git_in(wiki, "add", "alpha.md")
    write(wiki, {"new.md": "# New\n\nSee [[index]].\n"})
    assert lint("--staged")[1] == [("alpha.md", "broken-wikilink", "new")]
    git_in(wiki, "add", "--intent-to-add", "new.md")
    assert lint("--staged")[1] == [("alpha.md", "broken-wikilink", "new")]
    git_in(wiki, "add", "new.md")
    assert lint("--staged")[0] == 0


def test_an_empty_page_that_is_staged_is_a_page(wiki: Path, lint: Call) -> None:
    write(wiki, {"alpha.md": "# Alpha\n\nSee [[index]] and [[new]].\n", "new.md": ""})
    git_in(wiki, "add", "-A")
    assert not any(each[2] == "new" and each[1] == "broken-wikilink" for each in lint("--staged")[1])


def test_links_elsewhere_that_the_staged_change_broke(wiki: Path, lint: Call) -> None:
    git_in(wiki, "rm", "-q", "alpha.md")
    write(wiki, {"beta.md": "# Beta\n\n## Results\n\nSee [[index]].\n"})
    git_in(wiki, "add", "-A")
    code, found, _ = lint("--staged")
    # The page gamma.md has an old debt, and nothing staged.
    assert (code, found) == (
        1,
        [("index.md", "broken-wikilink", "alpha"), ("index.md", "broken-anchor", "beta#Methods")],
    )


def test_a_page_that_the_commit_deletes_is_said_to_be_deleted(wiki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git_in(wiki, "rm", "-q", "alpha.md")
    run(["lint", "--staged", "--output-format", "concise", "-q"])
    message = 'error[broken-wikilink] "alpha.md" was deleted in this commit'
    assert f"index.md:3:5: {message}\n" in capsys.readouterr().out
    commit(wiki)
    run(["lint", "--new-since", "HEAD~1", "--output-format", "concise", "-q"])
    assert '"alpha.md" was deleted since HEAD~1\n' in capsys.readouterr().out


def test_a_page_that_the_commit_renames_is_said_to_be_renamed(wiki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git_in(wiki, "mv", "alpha.md", "omega.md")
    run(["lint", "--staged", "--output-format", "concise", "-q"])
    assert '"alpha.md" was renamed to "omega.md" in this commit\n' in capsys.readouterr().out


def test_a_staged_rename_breaks_the_links_to_the_old_name(wiki: Path, lint: Call) -> None:
    git_in(wiki, "mv", "gamma.md", "delta.md")
    code, found, err = lint("--staged")
    assert (code, found) == (1, [("delta.md", *OLD[1:]), ("index.md", "broken-wikilink", "gamma")])
    assert "deleted" not in err


def test_before_the_first_commit(tmp_path: Path, lint: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "new"
    write(root, PAGES)
    git_in(root, "init", "-q")
    git_in(root, "add", "-A")
    monkeypatch.chdir(root)
    for options in (("--staged",), ("--staged", "--new-since", "HEAD"), ("--changed",)):
        assert lint(*options)[:2] == (1, [OLD]), options


def test_nothing_staged_is_nothing_to_report(wiki: Path, lint: Call) -> None:
    write(wiki, {"alpha.md": "# Alpha\n\n[[lost]]\n"})
    assert lint("--staged")[:2] == (0, [])
    assert lint("--staged", "--new-since", "HEAD")[:2] == (0, [])


def test_paths_narrow_what_is_staged(wiki: Path, lint: Call) -> None:
    write(wiki, {"alpha.md": "# A\n\n[[lost]]\n", "beta.md": "# B\n\n[[lost]]\n"})
    git_in(wiki, "add", "-A")
    assert lint("--staged", "alpha.md")[1] == [("alpha.md", "broken-wikilink", "lost")]


def test_bibliographies_are_read_as_staged(wiki: Path, lint: Call) -> None:
    def entry(author: str) -> str:
        return f"@article{{a, author = {{{author}}}, title = {{On it}}, year = 2019, url = {{https://example.org/}}}}\n"

    write(wiki, {"wikitools.toml": 'bibliography = ["refs.bib"]\n', "refs.bib": entry("Doe, Jane")})
    write(wiki, {"alpha.md": "# Alpha\n\nSee [[index]] (Doe 2019).\n"})
    commit(wiki)
    write(wiki, {"refs.bib": entry("Roe, Richard")})
    assert lint("--staged")[:2] == (0, [])
    git_in(wiki, "add", "-A")
    # The page that cites the lost source did not change.
    assert ("alpha.md", "unmatched-citation", "Doe 2019") in lint("--staged")[1]
    # The next state of the file is not staged yet.
    write(wiki, {"refs.bib": entry("Doe, Jane")})
    assert ("alpha.md", "unmatched-citation", "Doe 2019") in lint("--staged")[1]


def test_a_bibliography_that_is_configured_and_not_staged(wiki: Path, lint: Call) -> None:
    write(wiki, {"wikitools.toml": 'bibliography = ["refs.bib"]\n', "refs.bib": ""})
    git_in(wiki, "add", "wikitools.toml")
    code, _, err = lint("--staged")
    assert code == 2
    assert "refs.bib: no such bibliography is staged" in err
    git_in(wiki, "add", "refs.bib")
    # The last commit, which has none, is no reason to refuse.
    assert lint("--staged")[0] == 0


def test_a_bibliography_of_the_repository_outside_of_the_wiki(
    tmp_path: Path, lint: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path / "project"
    entry = "@article{a, author = {Doe, Jane}, title = {On it}, year = {2019}, url = {https://example.org/a}}\n"
    write(top, {"refs/all.bib": entry, "wiki/wikitools.toml": 'bibliography = ["../refs/*.bib"]\n'})
    write(top, {"wiki/index.md": "# Index\n\nSo it is (Doe 2019).\n"})
    git_in(top, "init", "-q")
    git_in(top, "add", "-A")
    (top / "refs/all.bib").write_text(entry.replace("Doe, Jane", "Roe, Richard"))
    monkeypatch.chdir(top / "wiki")
    assert ("index.md", "unmatched-citation", "Doe 2019") in lint("--index", "git")[1]
    assert not [each for each in lint("--staged")[1] if each[1] == "unmatched-citation"]


def test_conflicts_are_said(wiki: Path, lint: Call) -> None:
    git_in(wiki, "checkout", "-q", "-b", "side")
    write(wiki, {"alpha.md": "# Alpha\n\nside\n"})
    commit(wiki)
    git_in(wiki, "checkout", "-q", "main")
    write(wiki, {"alpha.md": "# Alpha\n\nmain\n"})
    commit(wiki)
    subprocess.run(["git", "merge", "-q", "side"], cwd=wiki, check=False, capture_output=True)
    code, _, err = lint("--staged")
    assert code == 2
    assert "alpha.md: a merge left it with conflicts" in err
    assert ("alpha.md", "conflict-marker") in [each[:2] for each in lint("--index", "git")[1]]


def test_a_page_over_the_limit_is_not_read(wiki: Path, lint: Call) -> None:
    write(wiki, {"alpha.md": "x" * 2000})
    git_in(wiki, "add", "-A")
    found = lint("--staged", "--config", "max-page-size=1000", "--config", "max-bibliography-size=1000")[1]
    assert ("alpha.md", "unreadable-page") in [each[:2] for each in found]
