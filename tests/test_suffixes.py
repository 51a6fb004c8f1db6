"""Pages whose names do not end with .md: read if the configuration says so, mentioned if it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    (tmp_path / "refs.bib").write_text(
        "@book{k, author={Known, Ann}, title={Kelp}, year={2001}, url={https://e.org/k}}"
    )
    for name in ("a.qmd", "b.mdx", "c.Rmd", "d.markdown"):
        (tmp_path / name).write_text("# A\n\nText (Known 2001). See [d](d.markdown).\n")
    return tmp_path


TOLD = '3 files (.qmd, .mdx, .Rmd) are not read; "suffixes" in the configuration makes them pages.'


@pytest.mark.parametrize("command", [["cite"], ["lint"], ["backfill", "--dry-run"]])
def test_what_is_not_read_is_told(wiki: Path, call: Call, command: list[str]) -> None:
    _code, out, err = call(*command, str(wiki))
    assert (out + err).count(TOLD) == 1


def test_pages_are_what_the_configuration_says(wiki: Path, call: Call) -> None:
    (wiki / "wikitools.toml").write_text('suffixes = [".qmd", ".mdx", ".rmd"]\n')
    code, out, err = call("backfill", "--init", str(wiki))
    assert TOLD not in out + err
    assert "- [Kelp](https://e.org/k) — referenced as (Known 2001)" in (wiki / "a.qmd").read_text()
    assert "- [Kelp]" in (wiki / "c.Rmd").read_text()
    assert "- [Kelp]" not in (wiki / "d.markdown").read_text()
    # MDX has no HTML comments: such a block would break the page.
    assert code == 1
    assert "MDX has no HTML comments" in out
    assert (wiki / "b.mdx").read_text().count("\n") == 3


def test_a_file_of_another_kind_is_no_page(wiki: Path, call: Call) -> None:
    (wiki / "wikitools.toml").write_text('suffixes = [".qmd"]\n')
    _code, _out, err = call("lint", str(wiki / "d.markdown"))
    assert "not a page (.qmd)" in err


@pytest.mark.parametrize("value", ['"md"', "[]", '["."]', "3"])
def test_a_suffix_begins_with_a_full_stop(wiki: Path, call: Call, value: str) -> None:
    (wiki / "wikitools.toml").write_text(f"suffixes = {value}\n")
    code, _out, err = call("lint", str(wiki))
    assert code == 2
    assert '"suffixes" must be' in err
