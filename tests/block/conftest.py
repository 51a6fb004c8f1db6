"""A wiki whose pages have empty blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from backfilling import BIBLIOGRAPHY, EMPTY

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "wiki"
    (root / "notes").mkdir(parents=True)
    (root / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n')
    (root / "refs.bib").write_text(BIBLIOGRAPHY)
    (root / "risks.md").write_text(f"# Risks\n\nSee (Hubinger et al. 2019).\n\n{EMPTY}")
    (root / "goals.md").write_text(f"# Goals\n\nSee (Shah 2023).\n\n{EMPTY}")
    (root / "plain.md").write_text("# Plain\n\nNothing.\n")
    monkeypatch.chdir(root)
    return root
