"""Programs that wikitools runs: found outside of the wiki, and no program of the wiki or of its repository is run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wikitools import programs, repository
from wikitools.cli.app import run

if TYPE_CHECKING:
    from collections.abc import Callable

    Call = Callable[..., tuple[int, str, str]]

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of the machine, no hook, no pull request."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "CI_", "GITHUB_")) or name in {"PRE_COMMIT", "CI"}:
            monkeypatch.delenv(name)
    (tmp_path / "gitconfig").write_text("[user]\nname = A\nemail = a@example.org\n[init]\ndefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Run wikitools; return its exit code and what it wrote."""

    def called(*arguments: str) -> tuple[int, str, str]:
        code = run(list(arguments))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return called


def git_in(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git_in(folder, "add", "-A")
    git_in(folder, "commit", "-q", "-m", "change")


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A program that leaves a mark when it is run."""
    place = tmp_path / "trap"
    place.write_text(f'#!/bin/sh\ntouch "{tmp_path}/sprung"\ncat 2>/dev/null\n')
    place.chmod(0o755)
    return place


def set_traps(folder: Path, config: Path, trap: Path) -> None:
    """Name the trap wherever git would run it for a wiki in `folder`; `config` is that of its repository."""
    for key in ("core.fsmonitor", "filter.x.clean", "filter.x.smudge", "filter.y.process", "diff.external"):
        subprocess.run(["git", "config", "--file", str(config), key, str(trap)], check=True)
    hooks = config.parent / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "pre-commit", "fsmonitor-watchman", "post-checkout"):
        shutil.copy(trap, hooks / name)
    (folder / ".gitattributes").write_text("*.md filter=x\n*.txt filter=y\n")


ASKING_GIT = (
    ("--changed",),
    ("--new-since", "HEAD"),
    ("--index", "git"),
    ("--staged",),
    ("--fix", "--require-clean"),
    ("--select", "ALL"),
)


def embed(folder: Path, trap: Path) -> None:
    """Turn a folder of a wiki into what git takes for a repository of its own, with an index of its own."""
    git_in(folder, "init", "-q")
    git_in(folder, "add", "a.md")
    git_in(folder, "commit", "-q", "-m", "theirs")
    set_traps(folder, folder / ".git/config", trap)
    for each in list((folder / ".git").iterdir()):
        shutil.move(each, folder / each.name)
    (folder / ".git").rmdir()
    git_in(folder, "config", "--file", "config", "core.bare", "false")
    git_in(folder, "config", "--file", "config", "core.worktree", str(folder))
    # Git keeps no empty folder.
    for name in ("refs/heads", "objects/info"):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "kept").touch()


@pytest.fixture
def embedded(tmp_path: Path, trap: Path) -> Path:
    """A clone of a wiki whose folder is what git takes for a repository."""
    origin = tmp_path / "origin"
    (origin / "docs").mkdir(parents=True)
    (origin / "docs/wikitools.toml").write_text("")
    (origin / "docs/a.md").write_text("# A\n\nSee [[b]].\n")
    embed(origin / "docs", trap)
    (origin / "docs/b.md").write_text("# B\n\nSee [[a]].\n")
    git_in(origin, "init", "-q")
    commit(origin)
    clone = tmp_path / "clone"
    git_in(tmp_path, "clone", "-q", str(origin), str(clone))
    (tmp_path / "sprung").unlink(missing_ok=True)
    # What git has to look at once more, by a filter if there is one.
    (clone / "docs/a.md").write_text("# A\n\nSee [[b]], too.\n")
    return clone


@needs_git
@pytest.mark.parametrize("old", [False, True], ids=["this git", "an old git"])
def test_a_folder_that_looks_like_a_repository_is_none(
    embedded: Path, call: Call, monkeypatch: pytest.MonkeyPatch, *, old: bool
) -> None:
    if old:
        # Versions before 2.38 pass over this switch.
        switches = [
            each if "bareRepository" not in each else "core.hooksPath=/dev/null" for each in repository._SWITCHES
        ]
        monkeypatch.setattr(repository, "_SWITCHES", tuple(switches))
    for folder, more in ((embedded, ("--config", "docs/wikitools.toml")), (embedded / "docs", ())):
        monkeypatch.chdir(folder)
        for options in ASKING_GIT:
            code, out, err = call("lint", *options, *more)
            assert not (embedded.parent / "sprung").exists(), options
            assert code == (2 if "--require-clean" in options else 0), out + err
            # The index of the real repository has both pages, that of the folder one.
            assert "no page" not in out
    assert call("lint", "--fix", "--require-clean")[2].startswith("error: --require-clean: docs/a.md not committed")


@needs_git
def test_filters_and_helpers_of_the_real_repository_are_not_run(
    tmp_path: Path, call: Call, trap: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki = tmp_path / "wiki"
    wiki.mkdir()
    git_in(wiki, "init", "-q")
    for text in ("# A\n\nSee [[b]].\n", "# A\n\nOn [[b]].\n"):
        (wiki / "a.md").write_text(text)
        (wiki / "b.md").write_text("# B\n\nSee [[a]].\n")
        (wiki / "c.txt").write_text("c\n")
        commit(wiki)
    set_traps(wiki, wiki / ".git/config", trap)
    monkeypatch.chdir(wiki)
    # Touched, and so looked at once more.
    for name in ("a.md", "c.txt"):
        os.utime(wiki / name, (1, 1))
    for options in ASKING_GIT:
        call("lint", *options)
        assert not (tmp_path / "sprung").exists(), options
    # What an earlier commit holds is missing, and the remote that should have it is a program.
    for key, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::{trap}",
        "protocol.ext.allow": "always",
    }.items():
        git_in(wiki, "config", key, value)
    done = subprocess.run(["git", "rev-parse", "HEAD~1:a.md"], cwd=wiki, check=True, capture_output=True, text=True)
    blob = done.stdout.strip()
    (wiki / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert call("lint", "--new-since", "HEAD~1")[0] == 2
    # Versions before 2.45 do not know how to leave such a remote alone.
    monkeypatch.delitem(repository._SET_BY_US, "GIT_NO_LAZY_FETCH")
    code, _, err = call("lint", "--new-since", "HEAD~1")
    assert code == 2
    assert "transport 'ext' not allowed" in err
    assert not (tmp_path / "sprung").exists()


@needs_git
@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_dot_git_that_leads_among_the_files_of_the_wiki_is_not_believed(
    tmp_path: Path, call: Call, trap: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    wiki = tmp_path / "wiki"
    (wiki / "docs").mkdir(parents=True)
    git_in(wiki, "init", "-q")
    (wiki / "docs/a.md").write_text("# A\n")
    git_in(wiki / "docs", "init", "-q", "--separate-git-dir", str(wiki / "data"))
    git_in(wiki / "docs", "add", "-A")
    git_in(wiki / "docs", "commit", "-q", "-m", "theirs")
    set_traps(wiki, wiki / "data/config", trap)
    os.utime(wiki / "docs/a.md", (1, 1))
    if kind == "link":
        (wiki / "docs/.git").unlink()
        (wiki / "docs/.git").symlink_to("../data")
    monkeypatch.chdir(wiki / "docs")
    for options in (("--index", "git"), ("--changed",), ("--fix", "--require-clean")):
        code, _, err = call("lint", *options)
        assert code == 2
        assert ".git: leads to" in err
        assert "does not trust" in err
    assert not (tmp_path / "sprung").exists()
    # Elsewhere on the disk it is one that its owner put there.
    shutil.move(wiki / "data", tmp_path / "apart")
    (wiki / "docs/.git").unlink()
    (wiki / "docs/.git").write_text(f"gitdir: {tmp_path / 'apart'}\n")
    assert call("lint", "--index", "git")[0] == 0
    assert not (tmp_path / "sprung").exists()


@needs_git
def test_worktrees_are_believed_and_submodules_asked_one_by_one(
    tmp_path: Path, call: Call, trap: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    for folder, text in ((inner, "# Inner\n"), (outer, "# Outer\n\nSee [[inner]].\n")):
        folder.mkdir()
        git_in(folder, "init", "-q")
        (folder / f"{folder.name}.md").write_text(text)
        commit(folder)
    git_in(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "part")
    commit(outer)
    monkeypatch.chdir(outer)
    assert call("lint", "--index", "git")[0] == 0
    assert call("lint", "--fix", "--require-clean")[0] == 0
    set_traps(outer / "part", outer / ".git/modules/part/config", trap)
    (outer / "part/.gitattributes").unlink()
    (outer / ".git/modules/part/info/attributes").write_text("*.md filter=x\n")
    (outer / "part/inner.md").write_text("# Inner\n\nMore.\n")
    code, _, err = call("lint", "--fix", "--require-clean")
    assert (code, err.partition(" (")[0]) == (2, "error: --require-clean: part/inner.md not committed")
    assert not (tmp_path / "sprung").exists()
    git_in(outer, "worktree", "add", "-q", str(tmp_path / "tree"))
    monkeypatch.chdir(tmp_path / "tree")
    assert call("lint", "--new-since", "HEAD")[0] == 0


@needs_git
@pytest.mark.parametrize("path", ["", ".", "bin", "{here}", "./bin/..", "{here}/../wiki"])
def test_no_program_is_found_in_the_current_folder_or_by_way_of_it(
    tmp_path: Path, call: Call, trap: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    wiki = tmp_path / "wiki"
    (wiki / "bin").mkdir(parents=True)
    git_in(wiki, "init", "-q")
    (wiki / "a.md").write_text("# A\n")
    commit(wiki)
    for place in (wiki, wiki / "bin"):
        for name in ("git", "pandoc"):
            shutil.copy(trap, place / name)
    real = os.environ["PATH"]
    monkeypatch.chdir(wiki)
    monkeypatch.setenv("PATH", os.pathsep.join((path.format(here=wiki), real)))
    found = programs.find_program("git")
    assert found is not None
    assert os.path.isabs(found)
    assert not found.startswith(str(wiki))
    assert programs.inherited()["PATH"] == os.pathsep.join(programs.trusted_folders(real, str(wiki)))
    call("lint", "--changed")
    assert not (tmp_path / "sprung").exists()


def test_a_program_is_started_by_its_absolute_path_only(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="absolute"):
        programs.run(["git"], folder=str(tmp_path), environment={}, timeout=1)


def test_nothing_else_starts_programs() -> None:
    starts = ("import subprocess", "from subprocess", "os.system", "os.popen", "os.exec", "os.spawn", "os.startfile")
    folder = Path(programs.__file__).parent
    found = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        if any(each in path.read_text() for each in starts)
    }
    # The second only knows the names of what a program leaves behind.
    assert found == {"programs.py", "repository.py", "pandoc.py"}
