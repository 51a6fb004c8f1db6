"""What a run imports: start-up is measured in modules, not in seconds."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


HEAVY = ("mistletoe", "httpx", "rapidfuzz", "yaml", "bibtexparser", "pylatexenc", "asyncio", "pydantic", "rich")

PROGRAM = """
import sys
sys.argv = ["wikitools", *sys.argv[1:]]
from wikitools.__main__ import main
code = main()
sys.stderr.write(" ".join(sorted({*sys.modules, *(name.partition(".")[0] for name in sys.modules)})))
sys.exit(code)
"""


def modules_after(*arguments: str, code: int = 0) -> set[str]:
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return set(done.stderr.splitlines()[-1].split())


def test_version_is_answered_before_typer() -> None:
    loaded = modules_after("--version")
    assert not loaded & {"typer", "click", *HEAVY}


@pytest.mark.parametrize(
    "arguments", [("--help",), ("lint", "--help"), ("backfill", "--help"), ("lint", "--version-x")]
)
def test_help_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    loaded = modules_after(*arguments, code=2 if arguments[-1] == "--version-x" else 0)
    assert "typer" in loaded
    # What is wrong in the command line is answered with the nearest name.
    heavy = set(HEAVY) - ({"rapidfuzz"} if arguments[-1] == "--version-x" else set())
    assert not loaded & heavy


def test_plain_output_needs_no_rich(tmp_path: object) -> None:
    loaded = modules_after("lint", "--output-format", "concise", str(tmp_path))
    assert not loaded & {"rich", "httpx", "asyncio", "pydantic"}


def test_a_command_imports_no_other_command() -> None:
    loaded = modules_after("lint", "--help")
    assert not loaded & {"pygls", "lsprotocol"}
    commands = {"backfill", "baseline", "bib", "cache", "cite", "config", "explain", "init", "lint", "rename"}
    assert {name for name in commands if f"wikitools.cli.{name}" in loaded} == {"lint"}
    assert {f"wikitools.cli.{name}" for name in commands} <= modules_after("--help")


def test_links_are_checked_without_what_reads_citations(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\n[[b]] and [[nowhere]] (Doe 2020)\n")
    (tmp_path / "b.md").write_text("---\ntitle: B\n---\n\n# B\n")
    loaded = modules_after("lint", "--no-cache", "--select", "links,anchors", str(tmp_path), code=1)
    grammar = {
        *("wikitools.block.block", "wikitools.block.entries"),
        *(f"wikitools.cite.{name}" for name in ("disambiguate", "author_year", "match", "near_misses", "topic")),
    }
    assert not loaded & {*grammar, "sqlite3", "concurrent", "multiprocessing", "tempfile", "yaml", "mistletoe"}


def test_a_known_wiki_is_checked_without_what_reads_pages(tmp_path: Path) -> None:
    wiki, cache = tmp_path / "wiki", tmp_path / "cache"
    wiki.mkdir()
    (wiki / "a.md").write_text("# A\n\n[[nowhere]] (Doe 2020)\n")
    (wiki / "refs.bib").write_text("@book{doe, author = {Doe, Ann}, title = {Tides}, year = {2020}}\n")
    # What has changed less than two seconds ago is read again.
    time.sleep(2.1)
    arguments = ("lint", "--no-progress", "--output-format", "json", "--cache-dir", str(cache), str(wiki))
    first = modules_after(*arguments, code=1)
    assert "bibtexparser" in first
    again = modules_after(*arguments, code=1)
    readers = {"pyromark", "wikitools.markdown.reader", "wikitools.block.block", "wikitools.cite.match"}
    assert not again & {*HEAVY, *readers, "wikitools.lint.fix.fixing", "concurrent", "multiprocessing"}
