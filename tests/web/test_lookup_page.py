"""The page about works that are missing: what its commands print, with the fakes in the place of the services.

`python -m web.test_lookup_page` in `tests` writes down what they print now.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import transcript
from web.fakes import Fakes
from web.library import LIBRARY, NAMESAKES

PAGE = transcript.REPOSITORY / "docs/lookup.md"


def now(folder: Path) -> str:
    """Return the page with what its commands print."""
    folder.mkdir()
    with Fakes((*LIBRARY, *NAMESAKES)) as services:
        variables = {"WIKITOOLS_WEB_SERVICES": services.addresses, "COLUMNS": "160"}
        return transcript.run(PAGE.read_text(encoding="utf-8"), folder, page=True, variables=variables)


@pytest.mark.slow
def test_a_missing_work_is_looked_up_added_and_resolves(tmp_path: Path) -> None:
    said = now(tmp_path / "wiki")
    assert said == PAGE.read_text(encoding="utf-8")
    assert "2 citations resolve now" in said


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as work:
        PAGE.write_text(now(Path(work, "wiki")), encoding="utf-8")
