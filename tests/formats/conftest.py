"""A wiki to report on, and no CI around it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from wikitools.cli.app import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No CI."""
    for name in list(os.environ):
        if name.startswith("GITHUB_") or name in {"CI", "TF_BUILD"}:
            monkeypatch.delenv(name)


@pytest.fixture
def lint(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    """Lint the folder `wiki` in a repository, from the repository's root."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "wiki").mkdir()
    monkeypatch.chdir(tmp_path)

    def called(*arguments: str, wiki: str = "wiki") -> tuple[int, str, str]:
        code = run(["lint", "--isolated", "--no-cache", wiki, *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return called
