"""Many equal findings are one group for people, and each for itself for programs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from wikitools.cli.app import run

if TYPE_CHECKING:
    from pathlib import Path

FOR_PEOPLE = (["full"], ["concise"], ["grouped"], ["grouped", "--group-by", "rule"], ["markdown"])
MACHINES = ("json", "json-lines", "sarif", "gitlab", "rdjson", "junit", "github")


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    """Return a wiki in which four links on three pages fit two pages, and one link two others of equal paths."""
    files = {
        "people/smith.md": "# Smith\n",
        "archive/people/smith.md": "# Smith, long ago\n",
        "a/lab.md": "# Lab\n",
        "b/lab.md": "# Lab\n",
        "one.md": "[[smith]] and [[Smith|her]]\n",
        "two.md": "[[smith]]\n",
        "notes/three.md": "[[smith]], [[lab]]\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def lint(wiki: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    code = run(["lint", "--no-cache", *options, str(wiki)])
    return code, capsys.readouterr().out.replace(f"{wiki}/", "")


@pytest.mark.parametrize("options", FOR_PEOPLE)
def test_people_see_equal_findings_once(options: list[str], wiki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = lint(wiki, capsys, "--output-format", *options)
    # What is counted, and what fails the run, are findings.
    assert code == 1
    assert "Found 5 problems in 3 pages: 1 warning, 4 infos" in out.replace("*", "")
    assert out.count("fits 2 pages") == 2
    assert "(4 links on 3 pages)" in out.replace("\\", "")
    assert "opens" in out
    code, out = lint(wiki, capsys, "-v", "--output-format", *options)
    assert (code, out.count("fits 2 pages")) == (1, 5)
    assert "4 links" not in out


@pytest.mark.parametrize("name", MACHINES)
def test_programs_get_each(name: str, wiki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = lint(wiki, capsys, "--output-format", name)
    assert code == 1
    assert len(re.findall(r"""[Ss]mith(?:\\?"|&quot;) fits 2 pages""", out)) == 4 * (3 if name == "junit" else 1)
    assert "4 links" not in out


def test_full_names_the_first_places(wiki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _code, out = lint(wiki, capsys, "--select", "ambiguous-wikilink")
    (group,) = [block for block in out.split("\n\n") if '"smith" fits' in block]
    # The first place of each page comes before the second of any.
    assert group == (
        'info[ambiguous-wikilink]: "smith" fits 2 pages: "people/smith.md", "archive/people/smith.md"; '
        'Obsidian opens "people/smith.md" (4 links on 3 pages)\n'
        "  --> notes/three.md:1:1\n"
        "   |\n"
        " 1 | [[smith]], [[lab]]\n"
        "   | ^^^^^^^^^\n"
        "   = also at: one.md:1:1, two.md:1:1, one.md:1:15\n"
        "   = note: may be meant (people/smith.md:1:1)\n"
        "   = note: may be meant (archive/people/smith.md:1:1)\n"
        "   = help: write the folder into the link"
    ).replace("\n  -->", "\n -->").replace("\n   ", "\n  ").replace("\n 1 ", "\n1 ")
    assert "4 equal problems are shown as 1 group; -v shows each.\n" in out


def test_findings_that_say_something_else_stay_apart(wiki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (wiki / "one.md").write_text("[[nobody]] [[nobody]] [[nobody]] [[nobody]]\n")
    _code, out = lint(wiki, capsys, "--select", "broken-wikilink")
    assert out.count("no page is named") == 4
    (wiki / "two.md").write_text("[[Nobody]] [[smithe]]\n")
    _code, out = lint(wiki, capsys, "--select", "broken-wikilink")
    assert out.count("no page is named") == 2
    assert "(5 links on 2 pages)" in out


def severities(wiki: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, str]:
    _code, out = lint(wiki, capsys, "--select", "ambiguous-wikilink", "--output-format", "json", *options)
    return {each["subject"]: each["severity"] for each in json.loads(out)["diagnostics"]}


def test_only_an_order_without_doubt_makes_an_info(wiki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert severities(wiki, capsys) == {"smith": "info", "Smith": "info", "lab": "warning"}
    # From a folder above several of the candidates, Obsidian takes one of them: not the same for all.
    (wiki / "archive" / "old").mkdir()
    (wiki / "archive" / "old" / "smith.md").write_text("# Smith\n")
    (wiki / "archive" / "index.md").write_text("# Archive\n")
    assert severities(wiki, capsys)["smith"] == "warning"
    _code, out = lint(wiki, capsys, "--select", "ambiguous-wikilink")
    assert 'Obsidian opens "people/smith.md" from here' in out


def test_the_configuration_has_the_last_word_on_severity(wiki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (wiki / "wikitools.toml").write_text('[severity]\nambiguous-wikilink = "error"\n')
    assert set(severities(wiki, capsys).values()) == {"error"}


def test_the_cache_keeps_the_severity(wiki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["lint", "--output-format", "json", "--cache-dir", str(wiki.parent / "cache"), str(wiki)]
    run(options)
    first = capsys.readouterr().out
    run(options)
    assert capsys.readouterr().out == first
    assert '"info"' in first
