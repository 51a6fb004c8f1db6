"""Disks on which case does not count, emulated: links in the wrong case are reported as on Linux."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Call

REAL_LISTDIR, REAL_LSTAT = os.listdir, os.lstat


def folded(path: Any) -> Any:
    """Return the path of the file that such a disk opens for this one, or the path itself."""
    if not isinstance(path, str | os.PathLike):
        return path
    text = os.fspath(path)
    try:
        REAL_LSTAT(text)
    except OSError:
        return _folded(text)
    return text


def _folded(text: str) -> str:
    here = os.sep if os.path.isabs(text) else "."
    for step in text.strip(os.sep).split(os.sep):
        try:
            names = REAL_LISTDIR(here)
        except OSError:
            return text
        found = step if step in (".", "..") or step in names else None
        found = found or next((name for name in names if name.lower() == step.lower()), None)
        if found is None:
            return text
        here = os.path.join(here, found)
    return here


@pytest.fixture
def case_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every question about one path is answered as macOS and Windows answer it; folders list their exact names."""

    def folding(real: Callable[..., Any]) -> Callable[..., Any]:
        return lambda path, *rest, **named: real(folded(path), *rest, **named)

    for name in ("stat", "lstat", "open"):
        monkeypatch.setattr(os, name, folding(getattr(os, name)))
    # os.path asks os.
    monkeypatch.setattr("builtins.open", folding(open))


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "wiki"
    (root / ".git").mkdir(parents=True)
    (root / "notes/Img").mkdir(parents=True)
    (root / "out").mkdir()
    (root / "wikitools.toml").write_text('engine = "markdown"\nexclude = ["out/"]\n')
    (root / "page.md").write_text("# Page\n")
    (root / "notes/Img/a.png").write_bytes(b"")
    (root / ".hidden.md").write_text("")
    (root / "out/there.md").write_text("")
    (root / "index.md").write_text(
        "[a](Page.md) [b](notes/img/a.png) ![c](notes/Img/A.png) [d](NOTES/Img/a.png) [e](.Hidden.md)\n"
        "[f](Out/there.md) [right](page.md) ![r](notes/Img/a.png) [hidden](.hidden.md) [out](out/there.md)\n"
        "[[Page]] [dir](Notes/) [up](../WIKI/page.md)\n"
    )
    monkeypatch.chdir(root)
    return root


@pytest.mark.parametrize("engine", ["markdown", "obsidian", "github-wiki"])
def test_links_in_the_wrong_case_are_reported_as_where_case_counts(
    wiki: Path, call: Call, request: pytest.FixtureRequest, engine: str
) -> None:
    command = ("lint", "--no-cache", "--output-format", "json", "--select", "ALL", "--config", f'engine="{engine}"')
    counting = call(*command)
    assert "Page.md" in counting[1] or engine == "obsidian"
    request.getfixturevalue("case_does_not_count")
    assert os.path.exists(wiki / "Page.md")
    assert call(*command) == counting


def test_a_bibliography_in_the_wrong_case_is_missed(wiki: Path, call: Call, case_does_not_count: None) -> None:
    (wiki / "refs.bib").write_text("@book{a, title = {A}}\n")
    for name, code in (("refs.bib", 0), ("Refs.bib", 2)):
        (wiki / "wikitools.toml").write_text(f'bibliography = ["{name}"]\n')
        found, _out, err = call("bib", "list")
        assert found == code
        assert ("Refs.bib: no such bibliography" in err) == (code == 2)


def test_a_rename_that_changes_case_alone(wiki: Path, call: Call, case_does_not_count: None) -> None:
    assert call("rename", "page.md", "PAGE.md")[0] == 0
    assert "PAGE.md" in REAL_LISTDIR(wiki)
    assert "page.md" not in REAL_LISTDIR(wiki)
