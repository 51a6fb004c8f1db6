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


def test_init_makes_pages_of_all_kinds(wiki: Path, call: Call) -> None:
    code, _out, err = call("init", str(wiki))
    assert code == 0
    assert all(f"suffixes: {kind} as well (1 file)\n" in err for kind in (".qmd", ".mdx", ".Rmd"))
    assert 'suffixes = [".markdown", ".qmd", ".mdx", ".Rmd"]\n' in (wiki / "wikitools.toml").read_text()
    assert TOLD not in "".join(call("lint", str(wiki))[1:])


def test_links_lead_to_what_pages_are_rendered_to(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wikitools.toml").write_text('engine = "markdown"\nsuffixes = [".Rmd", ".md"]\n')
    (tmp_path / "a.Rmd").write_text("[b](b.html) [b](b.html#kelp) [b](b.Rmd) [c](c.html)\n")
    (tmp_path / "b.Rmd").write_text("# Kelp\n\n[a](a.html)\n")
    (tmp_path / "c.md").write_text("# GitHub shows it as c.md\n")
    code, out, _err = call("lint", str(tmp_path))
    assert (code, out.count("error[")) == (1, 1)
    assert 'there is no file "c.html"' in out
    assert call("rename", "b.Rmd", "d/bee.Rmd")[0] == 0
    written = "[b](d/bee.html) [b](d/bee.html#kelp) [b](d/bee.Rmd) [c](c.html)\n"
    assert (tmp_path / "a.Rmd").read_text() == written
    assert "[a](../a.html)" in (tmp_path / "d/bee.Rmd").read_text()


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
