"""Every output format: registered, and read back by a reader of its own on every kind of page."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from format_wiki import ALL, PAGES, READERS, Lint, diagnostics_of, put

from wikitools.lint.rule import load_rules
from wikitools.report.formats import COUNTING, FORMATS, renderer

CONTROLS = frozenset(
    {*map(chr, range(32)), *map(chr, range(0x7F, 0xA0)), *"\u2028\u2029\u061c\u200e\u200f\ufeff"}
    | {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A)), *map(chr, range(0xD800, 0xE000))}
) - {"\n"}


# The registry


def test_the_table_of_formats_is_complete() -> None:
    modules = {path.stem for path in (Path(__file__).parent.parent.parent / "wikitools/report").glob("*.py")}
    assert {each.module for each in FORMATS.values()} <= modules
    assert len({each.module for each in FORMATS.values()}) == len(FORMATS)
    for name in FORMATS:
        assert callable(renderer(name)), name
        assert name in READERS, f"the format {name} has no reader in these tests"
    assert READERS.keys() == FORMATS.keys()
    assert FORMATS.keys() >= COUNTING


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_a_format_imports_no_other(name: str) -> None:
    heavy = ("xml", "rich", "typer", "httpx", "mistletoe", "yaml", "rapidfuzz", "asyncio", "pydantic", "jsonschema")
    program = (
        f"import sys; from wikitools.report.formats import renderer; renderer({name!r}); print(*sys.modules, sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not {each.partition(".")[0] for each in loaded} & set(heavy)
    own = {f"wikitools.report.{each.module}" for each in FORMATS.values()}
    # JSON is how several formats are written; GitLab's report and Reviewdog's need the same care with paths.
    shared = {"wikitools.report.json", *(("wikitools.report.gitlab",) if name == "rdjson" else ())}
    assert loaded & own - shared <= {f"wikitools.report.{FORMATS[name].module}"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", PAGES)
def test_every_format_on_every_page(kind: str, lint: Lint, tmp_path: Path) -> None:
    put(kind)
    reports = [f"--report={name}={tmp_path / name}" for name in ALL]
    code, out, err = lint("--output-format", "json", *reports)
    assert (code, err) == (1, "")
    found = diagnostics_of(out)
    assert found
    for name in ALL:
        text = (tmp_path / name).read_bytes().decode("utf-8")
        assert READERS[name](text) == len(found), name
        assert not set(text) & CONTROLS, name
        assert text.endswith("\n"), name
    assert (tmp_path / "json").read_text(encoding="utf-8") == out


@pytest.mark.parametrize("name", ALL)
def test_exit_codes_and_streams_are_the_same_in_every_format(name: str, lint: Lint) -> None:
    chosen = ("--output-format", name)
    assert lint(*chosen)[0] == 0  # no pages
    Path("wiki/clean.md").write_text("# Clean\n")
    code, out, err = lint(*chosen)
    assert (code, err) == (0, "")
    assert READERS[name](out) == 0
    put("ordinary")
    assert lint(*chosen)[0] == 1
    assert lint(*chosen, "--exit-zero")[0] == 0
    assert lint(*chosen, "--fail-on", "never")[0] == 0
    assert lint(*chosen, "--ignore", "ALL")[0] == 0
    assert lint(*chosen, "--select", "broken-wikilink")[0] == 1
    for mistake in (("missing.md",), ("--selct=x",), ("--select", "broken-wikilnk"), ("--config", "engin=x")):
        code, out, err = lint(*chosen, *mistake)
        assert (code, out, err.count("\n")) == (2, "", 1), mistake


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("loudness", ["-q", "-v"])
def test_quiet_and_verbose_keep_documents_whole(name: str, loudness: str, lint: Lint) -> None:
    put("ordinary")
    code, out, err = lint("--output-format", name, loudness)
    assert (code, READERS[name](out)) == (1, READERS[name](lint("--output-format", name)[1]))
    assert (loudness == "-v") == ("read: 1 page, " in err)
    if FORMATS[name].for_people or name == "markdown":
        assert ("Found " in out) == (loudness == "-v")
    else:
        assert "Found " not in out


@pytest.mark.parametrize("name", ALL)
def test_a_rule_that_fails_is_2_in_every_format(name: str, lint: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    rules = load_rules()
    failing = {**rules, "broken-wikilink": replace(rules["broken-wikilink"], check=broken)}
    for module in ("lint.run", "project.first_pass", "project.checking"):
        monkeypatch.setattr(f"wikitools.{module}.load_rules", lambda: failing)
    put("ordinary")
    code, out, err = lint("--output-format", name)
    assert code == 2
    assert "the rule broken-wikilink failed" in err
    READERS[name](out)
    if name == "sarif":
        (invocation,) = json.loads(out)["runs"][0]["invocations"]
        assert invocation["executionSuccessful"] is False
        assert "a bug" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    if name == "junit":
        assert '<error message="RuntimeError: a bug"' in out
