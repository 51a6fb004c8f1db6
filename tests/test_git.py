"""States of a wiki that git knows: the index, what is staged, an earlier commit; and what is reported of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from growth import is_linear

from wikitools import files, git
from wikitools.cli.app import run
from wikitools.files.inventory import real_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")]

Git = "Callable[..., str]"
Call = "Callable[..., tuple[int, list[tuple[str, str, str]], str]]"

PAGES = {
    "index.md": "# Index\n\nSee [[alpha]], [[beta#Methods]] and [[gamma]].\n",
    "alpha.md": "# Alpha\n\nSee [[index]].\n",
    "beta.md": "# Beta\n\n## Methods\n\nSee [[index]].\n",
    "gamma.md": "# Gamma\n\nSee [[index]] and [[nowhere]].\n",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of the machine, no hook, no pull request."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "CI_", "GITHUB_")) or name in {"PRE_COMMIT", "CI"}:
            monkeypatch.delenv(name)
    (tmp_path / "gitconfig").write_text(
        "[user]\nname = A\nemail = a@example.org\n[init]\ndefaultBranch = main\n[commit]\ngpgsign = false\n"
        '[protocol "file"]\nallow = always\n[core]\nautocrlf = false\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


def git_in(folder: Path, *arguments: str) -> str:
    """Run git, which must succeed, and return what it says."""
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True, errors="surrogateescape"
    ).stdout.strip()


def write(folder: Path, texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def commit(folder: Path, message: str = "change", **texts: str) -> str:
    """Commit everything in the folder; return the commit."""
    git_in(folder, "add", "-A")
    git_in(folder, "commit", "-q", "-m", message)
    return git_in(folder, "rev-parse", "HEAD")


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wiki with one commit, in which one link is broken."""
    root = tmp_path / "wiki"
    root.mkdir()
    git_in(root, "init", "-q")
    write(root, PAGES)
    commit(root, "first")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def lint(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, list[tuple[str, str, str]], str]]:
    """Run `wikitools lint` and return its exit code, path, rule and subject of each finding, and standard error."""

    def called(*arguments: str) -> tuple[int, list[tuple[str, str, str]], str]:
        code = run(["lint", "--output-format", "json", *arguments])
        captured = capsys.readouterr()
        return code, found_in(captured.out), captured.err

    return called


def found_in(output: str) -> list[tuple[str, str, str]]:
    if not output:
        return []
    return [(each["path"], each["rule"], each["subject"]) for each in json.loads(output)["diagnostics"]]


OLD = ("gamma.md", "broken-wikilink", "nowhere")


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
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
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


def test_pages_of_submodules(wiki: Path, lint: Call, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write(other, {"inner.md": "# Inner\n\n## Part\n\n[[index]]\n"})
    git_in(other, "init", "-q")
    commit(other)
    git_in(wiki, "submodule", "--quiet", "add", str(other), "sub")
    write(wiki, {"near.md": "# N\n\n[[inner#Part]] [in](sub/inner.md#part) [all](sub/) [[inner#No]]\n"})
    git_in(wiki, "add", "-A")
    for options in (("--index", "git"), ("--staged",), ("--index", "disk")):
        assert [each for each in lint(*options)[1] if each != OLD] == [("near.md", "broken-anchor", "inner#No")]
    # What the submodule has and its commit in the index has not is not staged.
    write(wiki, {"sub/inner.md": "# Inner\n\n[[index]]\n"})
    assert ("near.md", "broken-anchor", "inner#Part") in lint("--index", "git")[1]
    assert lint("--staged")[1] == [("near.md", "broken-anchor", "inner#No")]


@pytest.mark.parametrize("options", [("--index", "disk"), ("--index", "git"), ("--staged",)])
def test_nothing_is_known_of_a_submodule_that_is_not_checked_out(
    wiki: Path, lint: Call, tmp_path: Path, options: tuple[str, ...]
) -> None:
    other = tmp_path / "other"
    write(other, {"inner.md": "# Inner\n"})
    git_in(other, "init", "-q")
    commit(other)
    git_in(wiki, "submodule", "--quiet", "add", str(other), "parts/sub")
    write(
        wiki,
        {
            "near.md": "# N\n\n[a](parts/sub/inner.md#x) ![b](parts/sub/b.png) [[parts/sub/inner]] [c](parts/sub/)\n\n"
            "![[parts/sub/b.png]] [gone](parts/gone.md) [gone](parts/sub2/inner.md)\n",
            "notes/deep.md": "# D\n\n[a](../parts/sub/run.py) <img src='/parts/sub/b.png'> [[parts/sub/inner]]\n",
        },
    )
    git_in(wiki, "add", "-A")
    git_in(wiki, "submodule", "--quiet", "deinit", "-f", "parts/sub")
    gone = [("near.md", "broken-link", "parts/gone.md"), ("near.md", "broken-link", "parts/sub2/inner.md")]
    assert [each for each in lint(*options)[1] if each != OLD] == gone
    # A folder that is empty for another reason hides nothing.
    (wiki / "parts/sub").rmdir()
    (wiki / "parts/sub2").mkdir()
    assert ("near.md", "broken-link", "parts/sub2/inner.md") in lint(*options)[1]


def test_a_submodule_that_no_list_names_is_known_by_the_index(wiki: Path, lint: Call) -> None:
    git_in(wiki, "update-index", "--add", "--cacheinfo", "160000", "1" * 40, "lost")
    (wiki / "lost").mkdir()
    write(wiki, {"near.md": "# N\n\n[a](lost/a.md)\n"})
    assert [each for each in lint("--index", "disk")[1] if each[0] == "near.md"] == []


@pytest.mark.parametrize("options", [("--index", "disk"), ("--index", "git"), ("--staged",)])
@pytest.mark.parametrize("listed", [True, False])
def test_nothing_is_known_of_a_submodule_whose_folder_was_deleted(
    wiki: Path, lint: Call, options: tuple[str, ...], listed: bool
) -> None:
    write(wiki, {"near.md": "# N\n\n[a](lost/a.md) [[lost/b]] [gone](lost2/a.md)\n"})
    git_in(wiki, "add", "-A")
    git_in(wiki, "update-index", "--add", "--cacheinfo", "160000", "1" * 40, "lost")
    if listed:
        write(wiki, {".gitmodules": '[submodule "lost"]\n\tpath = lost\n\turl = ../lost\n'})
        git_in(wiki, "add", ".gitmodules")
    found = [each for each in lint(*options)[1] if each[0] == "near.md"]
    assert found == [("near.md", "broken-link", "lost2/a.md")]


def test_the_index_says_what_is_a_submodule_whatever_the_disk_has(wiki: Path, lint: Call) -> None:
    write(wiki, {"near.md": "# N\n\n[a](lost/a.md)\n"})
    git_in(wiki, "add", "-A")
    git_in(wiki, "update-index", "--add", "--cacheinfo", "160000", "1" * 40, "lost")
    write(wiki, {"lost/b.md": "# B\n"})
    for options in (("--index", "git"), ("--staged",)):
        assert [each for each in lint(*options)[1] if each[0] == "near.md"] == []


def test_links_in_the_index_lead_where_they_do_on_the_disk(
    tmp_path: Path, lint: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path / "project"
    write(
        top,
        {"shared/common.md": "# Common\n\n## Part\n\n[[index]] [[lost]]\n", "shared/one.md": "# One\n\n[[index]]\n"},
    )
    write(
        top,
        {"wiki/index.md": "# Index\n\n[[common#Part]] [[one]] [[alias]] [[common#No]]\n", "wiki/wikitools.toml": ""},
    )
    (top / "wiki/shared").symlink_to("../shared")
    (top / "wiki/alias.md").symlink_to("index.md")
    (top / "wiki/sub").mkdir()
    (top / "wiki/sub/out.md").symlink_to("../../../outside.md")
    git_in(top, "init", "-q")
    git_in(top, "add", "-A")
    monkeypatch.chdir(top / "wiki")
    on_disk = lint("--index", "disk")[1]
    assert on_disk == [("index.md", "broken-anchor", "common#No"), ("shared/common.md", "broken-wikilink", "lost")]
    assert lint("--index", "git")[1] == on_disk
    assert lint("--staged")[1] == on_disk
    git_in(top, "commit", "-q", "-m", "all")
    assert lint("--new-since", "HEAD")[1] == []


def linked(top: Path, links: int, shared: int) -> Path:
    """Make a repository whose wiki has links to one folder beside it, with files."""
    write(
        top,
        {
            "docs/wikitools.toml": "",
            "docs/index.md": "[[gone]]\n",
            **{f"big/{number}.txt": "" for number in range(shared)},
        },
    )
    for number in range(links):
        (top / f"docs/l{number}").symlink_to("../big")
    git_in(top, "init", "-q")
    commit(top)
    return top / "docs"


def test_time_is_linear_in_links_to_one_folder_and_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {size: linked(tmp_path / str(size), size, 5 * size) for size in (30, 240)}

    def seconds(size: int) -> float:
        monkeypatch.chdir(made[size])
        begin = time.process_time()
        assert run(["lint", "--staged", "--no-cache", "--select", "broken-wikilink", "-q"]) == 0
        return time.process_time() - begin

    assert is_linear(seconds, 30, times=8)


@pytest.mark.parametrize("exclude", [(), ("l1",), ("l1/",), ("l1/**",), ("sub",), ("d/more",)])
def test_folders_behind_several_links_are_found_as_on_the_disk(tmp_path: Path, exclude: tuple[str, ...]) -> None:
    top = tmp_path / "project"
    write(top, {f"big/{name}.md": name for name in ("a", "sub/b", "sub/deep/c", ".hidden/d")})
    write(top, {"other/o.md": "o", "docs/index.md": "i", "docs/sub/s.md": "s", "docs/d/e/s.md": "s", "root.md": "r"})
    for path, target in {
        **{f"docs/l{number}": "../big" for number in range(1, 4)},
        **{f"docs/{folder}/big": "../" * up + "big" for folder, up in (("sub", 2), ("d/e", 3))},
        "docs/d/deep": "../../big/sub/deep",
        "docs/chain": "l1",
        "docs/again.md": "l2/a.md",
        "docs/up": "..",
        "docs/d/back": "../sub",
        "docs/l2.md": "../big/a.md",
        "docs/.hidden": "../other",
        "docs/circle.md": "circle.md",
        "big/more": "../other",
        "big/o.md": "../other/o.md",
        "big/round": ".",
        "big/wiki": "../docs",
        "other/big": "../big",
    }.items():
        (top / path).symlink_to(target)
    git_in(top, "init", "-q")
    sha = commit(top)
    repository = git.open_repository(top / "docs")
    wanted = {".md": 1000}
    disk = files.find_pages(top / "docs", exclude=exclude)
    for snapshot in (git.read_index(repository, wanted), git.read_commit(repository, sha, wanted)):
        found = files.find_pages(top / "docs", exclude=exclude, snapshot=snapshot)
        assert (found.pages, found.attachments) == (disk.pages, disk.attachments)
        for path in found.pages:
            assert snapshot.contents[real_path(path, snapshot)] == (top / "docs" / path).read_bytes()


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
