"""Files that are older than the cache."""

from __future__ import annotations

import pytest

from wikitools.project import cache as store


@pytest.fixture(autouse=True)
def old_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Believe the times of files that were written a moment ago, as a user's are older: else nothing is known."""
    monkeypatch.setattr(store, "_RACY", -(10**18))
