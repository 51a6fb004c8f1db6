"""A folder with a wiki, and no settings from above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from link_findings import dendron_like

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path, text in dendron_like().items():
        (tmp_path / path).write_text(text)
    (tmp_path / "dendron.yml").write_text("version: 5\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path
