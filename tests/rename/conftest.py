"""A wiki whose files are renamed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call


# ---- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "wiki"
    (root / "notes").mkdir(parents=True)
    (root / "wikitools.toml").write_text("")
    (root / "index.md").write_text("[[Old]] and [x](notes/Old.md#part)\n")
    (root / "notes/Old.md").write_text("# Part\n\n[up](../index.md)\n")
    (root / "notes/Other.md").write_text("[[Old#Part]]\n")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def rename(call: Call) -> Call:
    return partial(call, "rename")
