"""A small wiki for tests of the language server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PAGES = {
    "tides.md": """\
# Tides

The moon pulls, see [[moon]] and [[Mon]].

😀漢 é [[nowhere]] (Doe et al. 2019).
""",
    "moon.md": """\
---
title: The Moon
aliases: [Luna]
---

# The Moon

It circles.

## Phases

New, full. ^phase
""",
    "waves.md": """\
# Waves

As Doe et al. (2019) and Roe & Poe (2001) say.

Of [tides](tides.md#tides), and [[moon#Phases]].
""",
    "refs.bib": """\
@article{doe2019, author = {Doe, Ann and Fox, Cy and Gnu, Di}, title = {On Tides}, journal = {Seas},
  year = {2019}, doi = {10.1000/tides}}
@book{roe2001, author = {Roe, Jo and Poe, Al}, title = {Of Waves}, year = {2001}}
@book{doeringer2005, author = {Doeringer, Max}, title = {Sands}, year = {2005}}
""",
}


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    root = tmp_path / "wiki"
    root.mkdir()
    (root / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n')
    for path, text in PAGES.items():
        (root / path).write_text(text, encoding="utf-8")
    return root
