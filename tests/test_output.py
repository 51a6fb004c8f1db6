"""How output leaves the program: documents exact to the byte, and no command to the program that runs a CI job."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from program import PROGRAM, environment

from wikitools.block.style import BlockStyle
from wikitools.block.template import TemplateError
from wikitools.report import runner
from wikitools.report.csv import record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CI = {"GITHUB_ACTIONS": "true"}
UNUSED = " <!-- wikitools-ignore-line links -->"
TEXT = (
    "# 中文\n\n::: note\nsee ##[error]x and ##vso[task]y\n"
    f"::add-mask::x\n[[b]]{UNUSED}\n  ::set-output name=a::b\n:::\r\n\nEnd.\n"
)
FIXED = TEXT.replace(UNUSED, "")


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    root = tmp_path / "wiki"
    root.mkdir()
    (root / "a.md").write_bytes(TEXT.encode())
    (root / "b.md").write_text("# B\n")
    return root


def lint(wiki: Path, *arguments: str, given: bytes = b"", **more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*PROGRAM, *arguments], cwd=wiki, env=only(more), input=given, capture_output=True, check=False
    )


def only(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with these settings of a CI job and of Python, and without those of the machine."""
    names = {"GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION", "GITHUB_STEP_SUMMARY", "PYTHONIOENCODING", "PYTHONUTF8"}
    return {name: value for name, value in environment().items() if name not in names} | dict(settings)


SETTINGS = (
    {},
    CI,
    {"TF_BUILD": "True"},
    {"PYTHONIOENCODING": "ascii"},
    {**CI, "PYTHONIOENCODING": "latin-1"},
    {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
)


@pytest.mark.slow
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_a_page_from_standard_input_comes_back_exact(wiki: Path, settings: dict[str, str]) -> None:
    done = lint(wiki, "lint", "--fix", "--stdin-filename", "a.md", "-", given=TEXT.encode(), **settings)
    assert done.stdout == FIXED.encode(), done.stderr


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("settings", [each for each in SETTINGS if "TF_BUILD" not in each], ids=str)
def test_a_patch_applies_wherever_it_goes_and_commands_nothing(wiki: Path, settings: dict[str, str]) -> None:
    arguments = ("lint", "--diff")
    into_file = wiki.parent / "patch"
    with into_file.open("wb") as file:
        subprocess.run([*PROGRAM, *arguments], cwd=wiki, env=only(settings), stdout=file, check=False)
    exact = into_file.read_bytes()
    assert b"stop-commands" not in exact
    assert b"\n ::add-mask::x\n-[[b]]" in exact
    assert b" see ##[error]x" in exact
    piped = lint(wiki, *arguments, **settings).stdout
    if settings.get("GITHUB_ACTIONS"):
        first, *rest, last = piped.split(b"\n")[:-1]
        token = first.removeprefix(b"::stop-commands::")
        assert re.fullmatch(b"[0-9a-f]{32}", token)
        assert last == b"::" + token + b"::"
        assert b"\n".join(rest) + b"\n" == exact
    else:
        assert piped == exact
    for patch in (exact, piped):
        subprocess.run(["git", "apply", "--check", "-"], cwd=wiki, input=patch, check=True)


def test_a_patch_for_a_service_that_cannot_be_told_is_refused(wiki: Path) -> None:
    done = lint(wiki, "lint", "--diff", TF_BUILD="True")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--diff > FILE" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "format_", ["json", "json-lines", "sarif", "junit", "gitlab", "rdjson", "markdown", "full", "concise"]
)
def test_no_format_carries_a_command(wiki: Path, format_: str) -> None:
    name = "##[error]n.md"
    (wiki / name).write_text("# N\n\n[[::add-mask::x]] and [[##[error]x##vso[y##teamcity[z]]\n")
    done = lint(wiki, "lint", "--output-format", format_, "--select", "ALL", **CI)
    text = done.stdout.decode()
    assert "add-mask" in text
    assert not runner.has_commands(text)
    if format_ == "json":
        assert name in {each["path"] for each in json.loads(text)["diagnostics"]}


@pytest.mark.parametrize(
    "line",
    [
        "::error::x",
        "  ::error::x",
        "\u00a0\u2003::error::x",
        "\ufeff::error::x",
        ":\u200b:error::x",
        "a\r::error::x",
        "a ##[error]x",
        "##VSO[task.x]y",
        "#\u200b#[x]",
        "##teamcity[setParameter]",
    ],
)
def test_what_is_a_command(line: str) -> None:
    assert runner.has_commands(line)
    assert not runner.has_commands(runner.tame(line))
    assert len(runner.tame(line)) == len(line)


@pytest.mark.parametrize("line", ["a ::b", "std::vector", "## [x]", "## Heading", ": :", "a: [[b]]"])
def test_what_is_none(line: str) -> None:
    assert not runner.has_commands(line)
    assert runner.tame(line) == line


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_a_cell_is_no_formula(cell: str) -> None:
    ((first, second),) = csv.reader(io.StringIO(record((cell, 7)), newline=""))
    assert (first, second) == (f"'{cell}", "7")


def test_other_cells_come_back_as_they_were() -> None:
    cells = ["a", "", "::x", " y ", 'q"q', "a,b", "a\nb", "a\r\nb", "中"]
    assert list(csv.reader(io.StringIO(record(cells), newline=""))) == [cells]
    assert record(["::x"]) == '"::x"\n'


@pytest.mark.slow
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_tables_are_utf_8_and_hold_no_command(wiki: Path, settings: dict[str, str]) -> None:
    entries = "@book{=cmd, title={@中 ##[error]x}, year=2023}\n@book{::add-mask::y, title={B}, year=2023}\n"
    (wiki / "refs.bib").write_text(entries)
    out = lint(wiki, "bib", "list", "--output-format", "csv", **settings).stdout.decode()
    rows = list(csv.reader(io.StringIO(out)))
    assert {row[0] for row in rows[1:]} == {"'=cmd", "::add-mask::y"}
    assert any(row[3].startswith("'@中 ##") for row in rows)
    # Whoever asks for a table in a CI job gets a look-alike of the bracket.
    assert runner.has_commands(out) is not runner.listens(settings)


@pytest.mark.parametrize(
    "more", ["{0.__class__}", "{count.__class__}", "{count!r}", "{count:>99999}", "{}", "{other}", "{"]
)
def test_more_takes_the_field_that_there_is_and_nothing_of_python(more: str) -> None:
    with pytest.raises(TemplateError, match='"more" of the block'):
        BlockStyle(more=more)


def test_more_may_have_braces_of_its_own() -> None:
    assert BlockStyle(more="{{and}} {count} more").more.format(count=3) == "{and} 3 more"


def test_a_folder_of_the_wiki_holds_no_modules_of_ours(wiki: Path) -> None:
    for name in ("json", "typer", "multiprocessing", "csv", "pypandoc"):
        (wiki / f"{name}.py").write_text(f"open({str(wiki.parent / 'sprung')!r}, 'w')\n")
    done = lint(wiki, "lint", "-j", "2", "--output-format", "json")
    assert done.returncode in (0, 1), done.stderr
    assert not (wiki.parent / "sprung").exists()
