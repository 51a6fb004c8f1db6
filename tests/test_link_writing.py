"""Rewritten links: a repair after a move without `rename` writes what `rename` would have written."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("c d", "[x](old/c%20d.md)"),
        ("c d", "[x](<old/c d.md>)"),
        ("c d", "[x](./old/c%20d.md#head)"),
        ("c (d)", "[x](old/c%20%28d%29.md)"),
        ("c (d)", "[x](old/c%20(d).md)"),
        ("c d", "[[old/c d]]"),
        ("c d", "[[old/c d|label]]"),
        ("c d", "| [[old/c d\\|label]] | b |\n|---|---|"),
        ("c d", "![[old/c d#Head]]"),
        ("été", "[x](old/%C3%A9t%C3%A9.md)"),
        ("été", "[x](old/été.md)"),
        ("c & d", "[x](old/c%20%26%20d.md)"),
        ("c [d]", "[x](old/c%20[d].md)"),
        ("c's", "<a href='old/c%27s.md'>x</a>"),
    ],
)
def test_a_repair_writes_what_a_rename_would(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch, name: str, link: str
) -> None:
    written = []
    for number, command in enumerate(("rename", "repair")):
        wiki = tmp_path / str(number)
        (wiki / "old").mkdir(parents=True)
        (wiki / "new").mkdir()
        (wiki / "new/other.md").write_text("# Other\n")
        (wiki / f"old/{name}.md").write_text("# Head\n", encoding="utf-8")
        (wiki / "page.md").write_text(f"# Page\n\n{link}\n", encoding="utf-8")
        monkeypatch.chdir(wiki)
        if command == "rename":
            code, out, err = call("rename", f"old/{name}.md", f"new/{name}.md")
            assert code == 0, out + err
        else:
            shutil.move(wiki / f"old/{name}.md", wiki / f"new/{name}.md")
            call("lint", "--fix", "--unsafe-fixes", "--select", "links")
        written.append((wiki / "page.md").read_text(encoding="utf-8"))
    renamed, repaired = written
    assert "new/" in renamed
    assert repaired == renamed
