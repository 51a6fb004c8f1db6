"""What all tests share: no run leaves a cache in the fixtures, or finds one that another run left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def cache_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache") / "wikitools"
    monkeypatch.setenv("WIKITOOLS_CACHE_DIR", str(folder))
    return folder
