"""wikitools from Python: the page on it says what happens, and the answers are those of the command line."""

from __future__ import annotations

import doctest
import gc
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import wikitools.api
from wikitools.api import WikiError

if TYPE_CHECKING:
    from conftest import Call

PAGE = Path(__file__).parent.parent / "docs" / "api.md"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The wiki that the page describes, in the current folder."""
    text = PAGE.read_text(encoding="utf-8")
    files = re.findall(r"^`(wiki/[^`]+)`:\n\n```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(files) == 3
    for path, content in files:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_examples_of_the_page(home: Path) -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.ELLIPSIS, encoding="utf-8")
    assert failed == 0
    assert tried > 15


def test_the_page_names_what_is_public() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in ("Page", "Wiki", "Findings", "Fixed", "Link"):
        public = [each for each in vars(getattr(wikitools.api, name)) if not each.startswith("_")]
        # The command line may ask for more.
        missing = [each for each in public if not re.search(rf"\b{each}\b", text)]
        assert set(missing) <= {"workspace", "check", "close", "root", "settings", "image", "target"}, (name, missing)


@pytest.mark.parametrize("settings", [{}, {"engine": "quartz"}, {"block.style": "apa"}])
def test_findings_are_those_of_the_command_line(home: Path, call: Call, settings: dict[str, str]) -> None:
    (home / "wiki/wikitools.toml").write_text("".join(f'{key} = "{value}"\n' for key, value in settings.items()))
    with wikitools.api.open("wiki") as wiki:
        findings = [(each.rule, each.path, each.line, each.message) for each in wiki.lint()]
    told = json.loads(call("lint", "wiki", "--output-format", "json")[1])["diagnostics"]
    assert findings == [(each["rule"], each["path"], each["line"], each["message"]) for each in told] != []


def test_a_repair_writes_what_the_command_line_would(home: Path, call: Call) -> None:
    wiki = wikitools.api.open("wiki")
    before = (home / "wiki/index.md").read_text()
    fixed = wiki.fix(select=["ALL"], unsafe=True, dry_run=True)
    assert (home / "wiki/index.md").read_text() == before
    assert set(fixed.texts) == {"index.md", "Learned goals.md"}
    again = wiki.fix(select=["ALL"], unsafe=True)
    assert again.texts == fixed.texts == {path: (home / "wiki" / path).read_text() for path in fixed.texts}
    assert wiki.page("index.md").links[-1].path == "Learned goals.md"
    assert wiki.fix(select=["ALL"], unsafe=True).texts == {}
    assert wiki.render_block("Learned goals.md") in wiki.page("Learned goals.md").text
    assert call("backfill", "wiki", "--check")[0] == 0


def test_only_what_was_asked_about(home: Path) -> None:
    wiki = wikitools.api.open(home / "wiki", cache=False)
    assert [each.path for each in wiki.lint(["Learned goals.md"], select=["ALL"], ignore=["pages", "anchors"])] == [
        "Learned goals.md"
    ]
    assert wiki.fix(["Learned goals.md"], select=["broken-wikilink"], unsafe=True).texts == {}
    for asked in (lambda: wiki.lint(["Nobody.md"]), lambda: wiki.fix(["Nobody.md"]), lambda: wiki.page("Nobody.md")):
        with pytest.raises(WikiError, match=r"^Nobody\.md: no page"):
            asked()


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (lambda: wikitools.api.open("nowhere"), "nowhere: no such file or folder"),
        (lambda: wikitools.api.open("wiki", settings={"engine": "x"}), "engine"),
        (lambda: wikitools.api.open("wiki", config="wiki/none.toml"), "no such configuration file"),
        (lambda: wikitools.api.open("wiki").lint(select=["broken-wikilnk"]), 'did you mean "broken-wikilink"'),
        (lambda: wikitools.api.open("wiki", index="git"), "git"),
    ],
)
def test_what_goes_wrong_is_one_line(home: Path, work: object, said: str) -> None:
    with pytest.raises(WikiError) as raised:
        work()  # type: ignore[operator]  # mypy does not look at the tests
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_no_repair_by_the_rules_of_the_wrong_engine(tmp_path: Path) -> None:
    (tmp_path / "wikitools.toml").write_text('engine = "obsidian"\n')
    for number in range(40):
        (tmp_path / f"Note number {number}.md").write_text(f"# N\n\n[[note_number_{(number + 1) % 40}]]\n")
    with pytest.raises(WikiError, match="nothing was repaired") as raised:
        wikitools.api.open(tmp_path).fix()
    assert "ignore=" in raised.value.hint


def test_a_page_that_is_gone(home: Path) -> None:
    wiki = wikitools.api.open("wiki", cache=False)
    (home / "wiki/Learned goals.md").unlink()
    assert wiki.pages == ("Learned goals.md", "index.md")
    wiki.reload()
    assert wiki.pages == ("index.md",)


def test_a_wiki_that_nobody_closes(home: Path) -> None:
    wiki = wikitools.api.open("wiki")
    assert len(wiki.lint()) == 1
    del wiki
    gc.collect()
    with wikitools.api.open("wiki") as again:
        assert len(again.lint()) == 1
