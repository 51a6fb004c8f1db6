"""A wiki with a finding of each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

BIBLIOGRAPHY = """\
@article{hubinger2019, author = {Hubinger, Evan and Merwijk, Chris}, title = {Risks}, year = {2019},
  url = {https://example.org/risks}}
@book{shah2023, author = {Shah, Rohin}, title = {Goals}, year = {2023}}
"""


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wiki with one broken link, one citation that fits nothing, and a block that is out of date."""
    root = tmp_path / "wiki"
    (root / "sub").mkdir(parents=True)
    (root / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n')
    (root / "refs.bib").write_text(BIBLIOGRAPHY)
    (root / "Inner alignment.md").write_text("# Inner alignment\n\nSee [[main]] (Shah 2023).\n")
    (root / "main.md").write_text(
        "# Main\n\nSee (Hubinger et al. 2019) and [[Inner Alignmnt]].\n\n## Sources cited\n\n"
        "<!-- wikitools:sources -->\n<!-- /wikitools:sources -->\n"
    )
    (root / "sub/clean.md").write_text("# Clean\n\nSee [[Inner alignment]].\n")
    monkeypatch.chdir(root)
    return root
