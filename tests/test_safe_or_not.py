"""Which repairs of dead links are made by themselves, and which wait: the links of one page, under two engines."""

from __future__ import annotations

from functools import cache

import pytest

from wikitools.lint.facts import facts_of
from wikitools.lint.fix.fixing import lint
from wikitools.lint.policy import Policy

FILES = {
    "coin/omga9000.md": "---\naliases: [OMGA, Omega Coin, T-cell, omega-coin]\n---\n# OMGA9000\n",
    "guide/setup.md": "# Setup\n",
    "guide/setup-2.md": "# Setup 2\n",
    "old/guide/intro.md": "# Intro\n",
    "notes/Salt Lake.md": "# Salt Lake\n",
    "notes/salt-marsh.md": "# Salt marsh\n",
    "a/b/c/deep.md": "# Deep\n",
    "img/photo.png": "",
    "docs/v1/api.md": "# API\n",
    "docs/v2/api.md": "# API\n",
    "2020/report-2020.md": "# Report 2020\n",
    "2021/report-2021.md": "# Report 2021\n",
    "x/index.md": "# X\n",
    "solo.md": "# Solo\n",
}
REPAIRS = (
    ("guide/page.md", "markdown", "[x](guide/Setup.md)", "unsafe setup.md"),
    ("guide/page.md", "markdown", "[x](report-2020.md)", "unsafe ../2020/report-2020.md"),
    ("guide/page.md", "markdown", "[x](x/)", "unsafe ../x/index.md"),
    ("guide/page.md", "markdown", "[x](notes/salt-lake.md)", "unsafe ../notes/Salt%20Lake.md"),
    ("index.md", "markdown", "[x](guide/Setup.md)", "safe guide/setup.md"),
    ("index.md", "markdown", "[x](guide/setup)", "unsafe guide/setup.md"),
    ("index.md", "markdown", "[x](docs/api.md)", ""),
    ("index.md", "markdown", "[x](v1/api.md)", "safe docs/v1/api.md"),
    ("index.md", "markdown", "[x](api.md)", ""),
    ("index.md", "markdown", "[x](a/deep.md)", "unsafe a/b/c/deep.md"),
    ("index.md", "markdown", "[x](b/c/deep.md)", "safe a/b/c/deep.md"),
    ("index.md", "markdown", "[x](photo.png)", "unsafe img/photo.png"),
    ("index.md", "markdown", "[x](2022/report-2020.md)", "unsafe 2020/report-2020.md"),
    ("index.md", "markdown", "[x](report-2020.md)", "safe 2020/report-2020.md"),
    ("index.md", "markdown", "[x](solo/solo.md)", "safe solo.md"),
    ("index.md", "markdown", "[x](notes/salt-lake.md)", "safe notes/Salt%20Lake.md"),
    ("index.md", "markdown", "The page [x](setup.md) does not exist yet.", "unsafe guide/setup.md"),
    ("index.md", "obsidian", "[[omga|OMGA]]", "unsafe omga9000"),
    ("index.md", "obsidian", "[[Omega Coin]]", "safe omga9000|Omega Coin"),
    ("index.md", "obsidian", "[[omega coin]]", "unsafe omga9000|omega coin"),
    ("index.md", "obsidian", "[[T-cell]]", "unsafe omga9000|T-cell"),
    ("index.md", "obsidian", "[[omega-coin|omga9000]]", "safe omga9000"),
    ("index.md", "obsidian", "[[salt-lake]]", "safe Salt Lake"),
    ("index.md", "obsidian", "[[Saltlake]]", "unsafe Salt Lake"),
    ("index.md", "obsidian", "[[Salt Marsh]]", "safe salt-marsh|Salt Marsh"),
    ("index.md", "obsidian", "[[other/intro]]", "unsafe old/guide/intro"),
    ("index.md", "obsidian", "[[a/deep]]", "unsafe a/b/c/deep"),
    ("index.md", "obsidian", "[[Omega Coin]] is missing.", "unsafe omga9000|Omega Coin"),
)


@cache
def repairs(path: str, engine: str) -> dict[str, str]:
    """Return the repair of each line of a page, and whether it is safe."""
    lines = [line for where, by, line, _repair in REPAIRS if (where, by) == (path, engine)]
    text = "".join(f"{line}\n\n" for line in lines)
    outcome = lint(facts_of({**FILES, path: text}, engine=engine), Policy(select=("links",), ignore=("case-mismatch",)))
    return {
        lines[text[: each.span.start].count("\n") // 2]: f"{each.fix.safety} {each.fix.edits[0].text}"
        for each in outcome.diagnostics
        if each.fix is not None
    }


@pytest.mark.parametrize(("path", "engine", "line", "repair"), REPAIRS)
def test_which_repairs_are_safe(path: str, engine: str, line: str, repair: str) -> None:
    assert repairs(path, engine).get(line, "") == repair
