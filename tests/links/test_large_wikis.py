"""Links in wikis with many pages of one name, and in very deep folders, resolve as quickly as elsewhere."""

from __future__ import annotations

import time

import pytest

from wikitools.markdown.page import Page
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.wiki import Wiki


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_many_pages_of_one_name_stay_quick(engine: str) -> None:
    paths = [f"d{number % 100}/e{number}/README.md" for number in range(4_000)]
    vault = Wiki([Page(path, "") for path in paths], engine=engine)
    started = time.process_time()
    for path in paths:
        vault.resolve_name("README", path)
        vault.resolve_name("x/readme", path)
    assert time.process_time() - started < 8, "a fraction of a second when linear"


@pytest.mark.parametrize("engine", ENGINES)
def test_very_deep_folders(engine: str) -> None:
    deep = "d/" * 5_000 + "Page.md"
    vault = Wiki([Page(deep, ""), Page("index.md", "")], engine=engine)
    started = time.process_time()
    for target in ("Page", "d/d/Page", "../" * 5_000 + "index", "d/" * 5_000, "nothing"):
        vault.resolve_name(target, deep)
        vault.resolve_name(target, "index.md")
    assert time.process_time() - started < 5
