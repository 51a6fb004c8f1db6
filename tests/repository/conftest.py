"""Wikis in a repository, with no settings of the machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from git_wiki import PAGES, commit, found_in, git_in, write

from wikitools.cli.app import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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
