"""Links to missing pages that are expected: a setting names them, and the output says how many were skipped."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from wikitools.cli.app import run
from wikitools.wiki.placeholders import PLACEHOLDERS, is_placeholder

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "[[...]] [[<slug>]] ![[{{image}}.png]] [x](<{{ url }}>) [[unknown]] [[TBD later]]\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "index.md").write_text(TEXT)
    return tmp_path


def summary(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, int, str]:
    """Return the findings and placeholders that JSON counts, and the last line for people."""
    run(["lint", "-j1", "--output-format", "json", *arguments])
    counts = json.loads(capsys.readouterr().out)["summary"]
    run(["lint", "-j1", "--output-format", "concise", *arguments])
    return counts["problems"], counts["placeholders"], capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize("flags", [(), ("--no-cache",)])
def test_what_is_passed_over_is_counted(
    folder: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...]
) -> None:
    told = "Found 2 problems in 1 page: 2 errors (1 page, 4 links are placeholders)."
    # The second time from the cache, if there is one.
    assert summary(capsys, *flags) == summary(capsys, *flags) == (2, 4, told)
    assert run(["lint", "-j1", "--fix", "--output-format", "concise", *flags]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == told


def test_the_setting_replaces_the_default(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "wikitools.toml").write_text('placeholders = ["unknown", "tbd *"]\n')
    assert summary(capsys)[:2] == (4, 2)
    (folder / "wikitools.toml").write_text("placeholders = []\n")
    assert summary(capsys)[:2] == (6, 0)


def test_a_page_of_that_name_comes_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "wikitools.toml").write_text('placeholders = ["unknown"]\n')
    (folder / "unknown.md").write_text("")
    assert summary(capsys)[:2] == (5, 0)


@pytest.mark.parametrize("target", ["unknown", "wikilink syntax", "a.b", "notes...", "$AAPL", "<>", "{}", "[x]"])
def test_what_is_no_placeholder(target: str) -> None:
    assert not is_placeholder(target)


def test_hostile_globs_and_targets_take_no_time() -> None:
    assert not is_placeholder("a" * 50_000, ("*a" * 30 + "*b",))
    assert not is_placeholder("<" * 100_000, PLACEHOLDERS)
    assert not is_placeholder("{" * 100_000, PLACEHOLDERS)
