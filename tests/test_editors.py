"""The recipes for editors' lists of problems, taken from the page that has them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.program import PROGRAM, environment

if TYPE_CHECKING:
    from conftest import Call

PAGE = (Path(__file__).parent.parent / "docs/editors.md").read_text(encoding="utf-8")


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "c.md").write_text("# C\n\n[[gone: 1]] and\n(see [x](y.md))\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_problem_matcher_of_vs_code_reads_all_lines(wiki: Path, call: Call) -> None:
    (task,) = json.loads(PAGE.partition("```json\n")[2].partition("```")[0])["tasks"]
    command, pattern = task["command"].removeprefix("wikitools "), task["problemMatcher"]["pattern"]
    lines = call(*command.split())[1].splitlines()
    found = [re.match(pattern["regexp"], line) for line in lines]
    names = ("file", "line", "column", "severity", "code")
    assert [[each and each[pattern[name]] for name in names] for each in found] == [
        ["a b/c.md", "3", "1", "error", "broken-wikilink"],
        ["a b/c.md", "4", "6", "error", "broken-link"],
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "editor", [("nvim", "--headless", "--clean", "-n", "-i", "NONE"), ("vim", "-u", "NONE", "-es", "-n", "-i", "NONE")]
)
def test_vim_lists_all_problems(wiki: Path, editor: tuple[str, ...]) -> None:
    if shutil.which(editor[0]) is None:
        pytest.skip(f"needs {editor[0]}")
    (wiki / "bin").mkdir()
    (wiki / "bin" / "wikitools").write_text(f'#!/bin/sh\nexec {" ".join(PROGRAM)} "$@"\n')
    (wiki / "bin" / "wikitools").chmod(0o755)
    setting = re.search(r"`:(set makeprg=[^`]+)`", PAGE)
    assert setting is not None
    listed = (
        'writefile(map(getqflist(), \'bufname(v:val.bufnr).":".v:val.lnum.":".v:val.col." ".v:val.text\'), \'list\')'
    )
    own = environment()
    subprocess.run(
        (*editor, "-c", setting[1], "-c", "silent make", "-c", f"call {listed}", "-c", "qa!"),
        env={**own, "PATH": f"{wiki / 'bin'}:{own['PATH']}"},
        cwd=wiki,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert [line.partition("]")[0] for line in (wiki / "list").read_text().splitlines()] == [
        "a b/c.md:3:1 error[broken-wikilink",
        "a b/c.md:4:6 error[broken-link",
    ]
