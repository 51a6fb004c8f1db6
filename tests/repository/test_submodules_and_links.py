"""Submodules and symbolic links, as git's index knows them and as the disk has them."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

import pytest
from git_wiki import OLD, Call, commit, git_in, write
from growth import is_linear

from wikitools import files, git
from wikitools.cli.app import run
from wikitools.files.inventory import real_path

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")]


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
    """Make a repository whose wiki has links to files in a folder next to it."""
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
