"""Wikilinks with a bare bar in a table: text to most engines, links to those that read wikilinks before tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wikitools.cli.app import run
from wikitools.markdown.page import Wikilink, link_row, links_of
from wikitools.markdown.parse import parse
from wikitools.wiki.engines import ENGINES

if TYPE_CHECKING:
    from pathlib import Path

PLACES = {
    "a row": "| a | b |\n|---|---|\n| [[x|y]] | z |\n",
    "without bars at the ends": "a | b\n---|---\n[[x|y]] | z\n",
    "a quote": "> | a | b |\n> |---|---|\n> | [[x|y]] | z |\n",
    "a list": "- | a | b |\n  |---|---|\n  | z | [[x|y]] |\n",
    "behind front matter": "---\na: 1\n---\n\n| a | b |\n|---|---|\n| [[x|y]] | z |\n",
    "a head that counts its cells so": "| [[x|y]] | b |\n|---|---|---|\n| c | d | e |\n",
    "two bars": "| a | b |\n|---|---|\n| [[x|y|z]] | z |\n",
    "an embed": "| a | b |\n|---|---|\n| ![[x|100]] | z |\n",
    "behind a link that is whole": "| a | b |\n|---|---|\n| [[v\\|w]] [[x|y]] | z |\n",
}


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
def test_a_bare_bar_cuts_a_link(text: str) -> None:
    page = parse("a.md", text)
    cut = [link for link in page.links if isinstance(link, Wikilink) and link.cut]
    assert [link.target for link in cut] == ["x"]
    assert links_of("a.md", [link_row(link) for link in cut]) == tuple(cut)


WHOLE = {
    "a backslash": "| a | b |\n|---|---|\n| [[x\\|y]] | z |\n",
    "no table": "a | b\n\n[[x|y]] | z\n",
    "a head with another number of cells": "| [[x|y]] | b |\n|---|---|\n| c | d |\n",
    "no label": "| a | b |\n|---|---|\n| [[x]] | z |\n",
}


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_what_cuts_no_link(text: str) -> None:
    (link,) = parse("a.md", text).links
    assert isinstance(link, Wikilink)
    assert (link.target, link.cut) == ("x", False)


@pytest.mark.parametrize("cell", ["`[[x|y]]`", "[[ -f x | wc ]]", "`[[` | `]]`", "[[x | y"])
def test_what_is_no_link_in_a_table(cell: str) -> None:
    links = parse("a.md", f"| a | b |\n|---|---|\n| {cell} | z |\n").links
    assert not [link for link in links if isinstance(link, Wikilink) and link.target == "x"]


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ada.md").write_text("# Ada\n")
    (tmp_path / "t.md").write_text("| who | when |\n|---|---|\n| [[ada|Ada]] | 1815 |\n| [[gone|None]] | 0 |\n")
    return tmp_path / "t.md"


def test_both_are_repaired_though_one_leads_nowhere(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "-j1", "--no-cache", "--fix", "--output-format", "concise"]) == 1
    assert "[[ada\\|Ada]] | 1815 |\n| [[gone\\|None]] | 0 |" in table.read_text()
    assert capsys.readouterr().out.splitlines() == [
        't.md:4:3: error[broken-wikilink] no page is named "gone"',
        "Fixed 2 problems. Left: 1 problem in 1 page: 1 error (2 pages).",
    ]


@pytest.mark.parametrize("engine", [name for name, engine in ENGINES.items() if engine.links_before_tables])
def test_they_live_where_wikilinks_are_read_first(table: Path, capsys: pytest.CaptureFixture[str], engine: str) -> None:
    (table.parent / "wikitools.toml").write_text(f'engine = "{engine}"\n')
    text = table.read_text()
    if "gollum" in engine or "github" in engine:
        text = text.replace("[[ada|Ada]]", "[[Ada|ada]]").replace("[[gone|None]]", "[[None|gone]]")
        table.write_text(text)
    assert run(["lint", "-j1", "--no-cache", "--output-format", "concise"]) == 1
    (finding, _summary) = capsys.readouterr().out.splitlines()
    assert finding == 't.md:4:3: error[broken-wikilink] no page is named "gone"'
    assert run(["rename", "ada.md", "ida.md"]) == 0
    assert table.read_text() == text.replace("ada", "ida")


HEADS = {
    "a head that counts the cells of the cut link": "| [[ada|Ada]] | b |\n|---|---|---|\n| c | d | e |\n",
    "without bars at the ends": "[[ada|Ada]] | b\n---|---|---\nc | d | e\n",
    "a quote": "> | [[ada|Ada]] | b |\n> |---|---|---|\n",
    "a list": "- | b | [[ada|Ada]] |\n  |---|---|---|\n",
    "two links": "| [[ada|Ada]] | [[ada|her]] |\n|---|---|---|---|\n",
    "Windows": "| [[ada|Ada]] | b |\r\n|---|---|---|\r\n",
}


@pytest.mark.parametrize("text", HEADS.values(), ids=HEADS)
def test_no_repair_takes_the_table_apart(table: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    table.write_bytes(text.encode())
    assert run(["lint", "-j1", "--no-cache", "--fix", "--unsafe-fixes"]) == 1
    assert table.read_bytes() == text.encode()
    assert "remove one cell from the delimiter row" in capsys.readouterr().out


def test_rows_below_such_a_head_are_repaired(table: Path) -> None:
    head = "| [[ada|Ada]] | b |\n|---|---|---|\n"
    table.write_text(f"{head}| [[ada|Ada]] | d | e |\n")
    assert run(["lint", "-j1", "--no-cache", "--fix"]) == 1
    assert table.read_text() == f"{head}| [[ada\\|Ada]] | d | e |\n"


@pytest.mark.parametrize(("engine", "said"), [("logseq", ["cut-link"]), ("markdown", [])])
def test_where_a_bar_parts_nothing_no_backslash_is_added(
    table: Path, capsys: pytest.CaptureFixture[str], engine: str, said: list[str]
) -> None:
    table.write_text("| who | when |\n|---|---|\n| [[ada|Ada]] | 1815 |\n")
    (table.parent / "wikitools.toml").write_text(f'engine = "{engine}"\n')
    before = table.read_text()
    run(["lint", "-j1", "--no-cache", "--fix", "--unsafe-fixes", "--output-format", "concise"])
    assert table.read_text() == before
    assert [rule for rule in ("cut-link", "broken-wikilink") if f"[{rule}]" in capsys.readouterr().out] == said
