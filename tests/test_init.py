"""The first configuration of a wiki: what is found becomes settings, and lint works right after."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from wikitools.cite.habits import find_block_habit
from wikitools.cli.app import run
from wikitools.config import load_settings
from wikitools.wiki.parse import parse

FIXTURES = Path(__file__).parent.parent / "fixtures"


def pages(*texts: str) -> list[object]:
    return [parse(f"{number}.md", text) for number, text in enumerate(texts)]


def test_how_sources_are_listed() -> None:
    numbered = "# A\n\n### References\n\nSome words.\n\n1. One\n2. Two\n"
    bulleted = "# A\n\n## Sources\n\n- One\n"
    habit = find_block_habit(pages(numbered, numbered, numbered, bulleted))
    assert habit is not None
    assert (habit.heading, habit.level, habit.numbered, habit.pages) == ("References", 3, True, 3)
    assert habit.others == (("Sources", 2, 1),)


@pytest.mark.parametrize(
    "text",
    ["# A\n", "# A\n\n## References\n\nNo list.\n", "# References\n\n## One\n\n- item\n", "## My sources\n\n- One\n"],
)
def test_what_is_no_list_of_sources(text: str) -> None:
    assert find_block_habit(pages(text, text, text)) is None


@pytest.mark.parametrize("name", ["wiki-clean", "wiki-mesa"])
def test_lint_works_right_after(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "wiki"
    shutil.copytree(FIXTURES / name, root)
    before = run(["lint", str(root)]), capsys.readouterr().out
    (root / "wikitools.toml").unlink()
    assert run(["init", str(root)]) == 0
    said = capsys.readouterr()
    assert said.out == f"Wrote {root}/wikitools.toml\n"
    assert "engine: obsidian" in said.err
    assert 'next: "wikitools lint --statistics"' in said.err
    assert (run(["lint", str(root)]), capsys.readouterr().out) == before
    assert run(["init", str(root)]) == 2


def test_what_is_found_becomes_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("1. Templates", "archive", "notes"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "page.md").write_text(
            f'---\ntitle: "{folder}"\ntags: [x]\n---\n# P\n\n## References\n\n1. One\n'
        )
    (tmp_path / "all.bib").write_text("@book{a, title = {A}, author = {B, C}, year = {2000}}\n")
    assert run(["init", "--dry-run", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    found = load_settings(str(tmp_path), [(str(tmp_path / "wikitools.toml"), text)])
    assert (found.bibliography, found.exclude) == (("all.bib",), ())
    assert (found.block.heading, found.block.heading_level, found.block.numbered) == ("References", 2, True)
    assert "# Front matter: 3 of 3 pages (title 3, tags 3)\n" in text
    assert '# exclude = ["1. Templates/", "archive/"]\n' in text
    assert '# "archive/**" = ["links"]\n' in text
    assert not (tmp_path / "wikitools.toml").exists()


def test_rules_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    assert run(["explain", "--output-format", "json", "broken_wikilink"]) == 0
    (rule,) = json.loads(capsys.readouterr().out)["rules"]
    assert (rule["rule"], rule["group"], rule["severity"]) == ("broken-wikilink", "links", "error")
    assert rule["page"].startswith("# broken-wikilink\n")
    assert run(["explain", "--output-format", "json", "anchors"]) == 0
    assert {each["group"] for each in json.loads(capsys.readouterr().out)["rules"]} == {"anchors"}
    assert run(["explain", "--output-format", "json", "brokn-wikilink"]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "",
        'error: no rule or group is named "brokn-wikilink" (did you mean "broken-wikilink"?)\n',
    )
