"""The output formats: each read by a parser of its own on ordinary and hostile pages, and by the formats' own tools."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import jsonschema
import junitparser
import pytest
import xmlschema

from wikitools.cli.app import run
from wikitools.lint.rule import Severity, load_rules
from wikitools.lint.run import Diagnostic, RuleFailure, Skipped
from wikitools.report import github, junit, markdown, rule_pages, runner, sarif
from wikitools.report.fingerprints import fingerprints, line_hashes
from wikitools.report.formats import COUNTING, FORMATS, GROUPINGS, renderer
from wikitools.report.report import Report
from wikitools.report.schemas import (
    cite_line_schema,
    cite_schema,
    lint_line_schema,
    lint_schema,
    source_line_schema,
    sources_schema,
)
from wikitools.report.summary import summarise
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable

VALIDATORS = Path(__file__).parent / "validators"
MULTITOOL = VALIDATORS / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
SARIF_SCHEMA = MULTITOOL.with_name("sarif-2.1.0.json")
RDFORMAT = VALIDATORS / "node_modules/.bin/rdformat-validator"
MISSING = "needs: npm ci --ignore-scripts --prefix tests/validators"

needs_multitool = pytest.mark.skipif(not MULTITOOL.exists() or sys.platform != "linux", reason=MISSING)
needs_rdformat = pytest.mark.skipif(not RDFORMAT.exists() or shutil.which("node") is None, reason=MISSING)

ALL = tuple(FORMATS)
FOR_PROGRAMS = tuple(name for name, each in FORMATS.items() if not each.for_people)

LONG = "word " * 1000 + "[[Gone]]" + " word" * 1000

PAGES: dict[str, tuple[bytes, bytes]] = {
    "ordinary": (b"a.md", b"# A\n\nSee [[Gone]] and more.\n"),
    "escape sequences": (b"a.md", b"\x1b[2J [[bad\x1b[31mname]] \x07 \x1b]8;;http://x\x07 \x08\x0c\n"),
    "c1": (b"a.md", "\x9b31m [[bad\x9b31mname]] \x85 \x90\n".encode()),
    "bidi": (b"a.md", "\u202e [[bad\u202ename\u2066]] \u200f\u061c \u2028 [[b\u2029c]]\n".encode()),
    "commands": (
        b"a.md",
        b"::error::x [[::error::y]]\n##[error]x ##vso[task.x] [x](##[error]y.md)\n[[::add-mask::z]]\n",
    ),
    "end of cdata": (b"a.md", b"]]> [x](a]]%3Eb.md) <![CDATA[ [x](%3C!--.md) &amp; [x](%26lt;.md)\n"),
    "cjk": (b"a.md", "日本語の [[語彙]] と [[한국어]]。\n".encode()),
    "emoji": (
        b"a.md",
        "\U0001f600 [[\U0001f468\u200d\U0001f469\u200d\U0001f467 page]] \U0001f1e9\U0001f1ea e\u0301\n".encode(),
    ),
    "tabs": (b"a.md", b"- a\tb\n\t- c\t[[Gone\there]]\td\n"),
    "crlf": (b"a.md", b"# A\r\n\r\none [[Gone]]\r\ntwo [[Gone\r\nthere]]\r\n"),
    "cr": (b"a.md", b"# A\r\rone [[Gone]]\rtwo\r"),
    "byte order mark": (b"a.md", b"\xef\xbb\xbf[[Gone]] after\n"),
    "invalid utf-8": (b"a.md", b"# A\n\ncaf\xe9 [[Gone\xff]] \xc3\n"),
    "nul": (b"a.md", b"a\0b [[Go\0ne]]\n"),
    "noncharacters": (b"a.md", "\ufffe [[x\uffffy]] \U000e0041\n".encode()),
    "long line": (b"a.md", LONG.encode()),
    "long target": (b"a.md", b"[[" + b"x" * 5000 + b"]]\n"),
    "markup": (b"a.md", b"[[<script>alert(1)</script> @octocat #12 | x]] [[a\"b'c&d]] [/] [[*_`$x$~]]\n"),
    "no end of line": (b"a.md", b"[[Gone]]"),
    "a name with signs": (b"a b%20c#d,e:f.md", b"[[Gone]]\n"),
    "a name in quotes": (b"a\"b'<c>&d|e.md", b"[[Gone]]\n"),
    "a name with a line end": (b"new\nline\r.md", b"[[Gone]]\n"),
    "a name that is a command": (b"::error::x.md", b"[[Gone]]\n"),
    "a name with a command": (b"##[group]x.md", b"[[Gone]]\n"),
    "a name with control characters": (b"a\x1b[31m\x9b\xe2\x80\xaeb.md", b"[[Gone]]\n"),
    "a name that is not utf-8": (b"caf\xe9.md", b"[[Gone]]\n"),
}

CONTROLS = frozenset(
    {*map(chr, range(32)), *map(chr, range(0x7F, 0xA0)), *"\u2028\u2029\u061c\u200e\u200f\ufeff"}
    | {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A)), *map(chr, range(0xD800, 0xE000))}
) - {"\n"}


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No CI."""
    for name in list(os.environ):
        if name.startswith("GITHUB_") or name in {"CI", "TF_BUILD"}:
            monkeypatch.delenv(name)


@pytest.fixture
def lint(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    """Lint the folder `wiki` in a repository, from the repository's root."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "wiki").mkdir()
    monkeypatch.chdir(tmp_path)

    def called(*arguments: str, wiki: str = "wiki") -> tuple[int, str, str]:
        code = run(["lint", "--isolated", "--no-cache", wiki, *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return called


Lint = "Callable[..., tuple[int, str, str]]"


def put(kind: str, folder: str = "") -> bytes:
    """Write the page of this kind and return its path in the wiki."""
    name, data = PAGES[kind]
    path = os.path.join(b"wiki", folder.encode(), name)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
    except OSError:
        pytest.skip("the file system has no such names")
    return os.path.relpath(path, b"wiki")


# The registry


def test_the_table_of_formats_is_complete() -> None:
    modules = {path.stem for path in (Path(__file__).parent.parent / "wikitools/report").glob("*.py")}
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


# Every format on every page


def diagnostics_of(text: str) -> list[dict[str, Any]]:
    data = json.loads(text)
    jsonschema.validate(data, strict(lint_schema()))
    return list(data["diagnostics"])


def strict(schema: Any) -> Any:
    """Return a schema that allows no field which it does not name: so that none is left undocumented."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(each) for key, each in schema.items()}
    return closed | ({"additionalProperties": False} if "properties" in schema else {})


def read_lines(text: str) -> int:
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        jsonschema.validate(line, strict(lint_line_schema()))
    assert [lines[0]["kind"], lines[-1]["kind"]] == ["run", "summary"]
    return len(lines) - 2


COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")
ESCAPES = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}


def commands_of(text: str) -> list[SimpleNamespace]:
    """Read workflow commands as GitHub's runner does (ActionCommand.cs)."""
    found = []
    for line in text.splitlines():
        match = COMMAND.fullmatch(line)
        assert match, line
        properties = dict(pair.partition("=")[::2] for pair in match[2].split(","))
        decoded = {key: re.sub("%..", lambda code: ESCAPES[code[0]], value) for key, value in properties.items()}
        found.append(SimpleNamespace(kind=match[1], message=match[3], **decoded))
    return found


def read_github(text: str) -> int:
    found = commands_of(text)
    assert not any("##[" in each.message for each in found)
    return len(found)


def read_gitlab(text: str) -> int:
    found = json.loads(text)
    jsonschema.validate(found, json.loads((VALIDATORS / "gitlab.json").read_text()))
    assert len({each["fingerprint"] for each in found}) == len(found)
    assert not any(each["location"]["path"].startswith(("/", "./")) for each in found)
    return len(found)


@cache
def junit_schema() -> Any:
    return xmlschema.XMLSchema(str(VALIDATORS / "junit-10.xsd"))


def read_junit(text: str) -> int:
    junit_schema().validate(ET.ElementTree(ET.fromstring(text.encode())))
    root = junitparser.JUnitXml.fromstring(text.encode())
    suites = list(root)
    assert suites
    for suite in suites:
        cases = list(suite)
        assert len(cases) == suite.tests > 0
        assert suite.failures == sum(any(isinstance(r, junitparser.Failure) for r in case.result) for case in cases)
        assert suite.skipped == sum(any(isinstance(r, junitparser.Skipped) for r in case.result) for case in cases)
        assert len({case.name for case in cases}) == len(cases)
    assert root.tests == sum(suite.tests for suite in suites)
    return sum(len(case.result) for suite in suites if suite.name != "wikitools" for case in suite)


def read_sarif(text: str) -> int:
    log = json.loads(text)
    if SARIF_SCHEMA.exists():
        sarif_validator().validate(log)
    (only,) = log["runs"]
    rules = only["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(load_rules())
    for result in only["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri), uri
        assert re.fullmatch(r"[0-9a-f]{1,16}:[1-9]\d*", result["partialFingerprints"]["primaryLocationLineHash"])
    return len(only["results"])


@cache
def sarif_validator() -> Any:
    schema = json.loads(SARIF_SCHEMA.read_text(encoding="utf-8-sig"))
    return jsonschema.validators.validator_for(schema)(schema)


def read_rdjson(text: str) -> int:
    data = json.loads(text)
    assert data["source"] == {"name": "wikitools"}
    for each in data["diagnostics"]:
        assert each["message"]
        where = each["location"]["range"]
        assert (where["start"]["line"], where["start"]["column"]) <= (where["end"]["line"], where["end"]["column"])
    return len(data["diagnostics"])


def read_markdown(text: str) -> int:
    assert text.startswith(markdown.MARK)
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) == 5, row
        assert not re.search(r"(?<!\\)[<\[*_`$~](?!!-- -->)", row), row
    return len(rows)


READERS: dict[str, Callable[[str], int]] = {
    "full": lambda text: len(re.findall(r"^(?:error|warning|info)\[", text, re.MULTILINE)),
    "concise": lambda text: len(re.findall(r":\d+:\d+: (?:error|warning|info)\[[a-z-]+\] ", text)),
    "grouped": lambda text: len(re.findall(r"^ +\d+:\d+  (?:error|warning|info)", text, re.MULTILINE)),
    "json": lambda text: len(diagnostics_of(text)),
    "json-lines": read_lines,
    "github": read_github,
    "gitlab": read_gitlab,
    "junit": read_junit,
    "sarif": read_sarif,
    "rdjson": read_rdjson,
    "markdown": read_markdown,
}


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


# Further reports


def test_reports_go_to_files_whole_or_not_at_all(lint: Lint, tmp_path: Path) -> None:
    put("ordinary")
    old = tmp_path / "old.json"
    old.write_text("old")
    old.chmod(0o640)
    elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere"
    elsewhere.mkdir()
    link = elsewhere / "link.sarif"
    link.symlink_to("real.sarif")
    code, out, err = lint("--report", "json=old.json", "--report", f"sarif={link}", "--report", "junit=wiki/../j.xml")
    assert (code, err) == (1, "")
    assert out.startswith("error[broken-wikilink]: ")
    assert read_sarif((elsewhere / "real.sarif").read_text()) == len(diagnostics_of(old.read_text()))
    assert (old.stat().st_mode & 0o777, link.is_symlink()) == (0o640, True)
    new = (tmp_path / "j.xml").stat().st_mode & 0o777
    (tmp_path / "by hand").touch()
    assert new == (tmp_path / "by hand").stat().st_mode & 0o777
    assert not list(tmp_path.glob(".wikitools-*"))
    assert lint("--report", "json=-")[1] == old.read_text()
    assert lint("-q", "--report", "gitlab=/dev/null")[0] == 1
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--report", "srif=x"), '--report srif=x: no format is named "srif"; did you mean "sarif"?'),
        (("--report", "sarif"), "--report sarif: write FORMAT=PATH (formats: full, concise,"),
        (("--report", "sarif="), "--report sarif=: write FORMAT=PATH"),
        (("--report", "json=no/x.json"), "--report json=no/x.json: there is no folder no"),
        (("--report", "json=wiki"), "--report json=wiki: wiki is a folder"),
        (("--report", "json=x", "--report", "sarif=./x"), "--report sarif=./x: ./x is already used by --report json=x"),
        (
            ("--report", "json=-", "--report", "sarif=-"),
            "--report sarif=-: standard output is already used by --report json=-",
        ),
        (("--report", "json=-", "--output-format", "full"), "standard output is already used by --output-format full"),
        (("--report", "json=x", "--diff"), "--report has nothing to write with --diff"),
        (
            ("--report", "markdown=wiki/a.md"),
            "--report markdown=wiki/a.md: that is a file of the wiki; not overwritten",
        ),
        (("--output-format", "srif"), 'did you mean "sarif"?'),
        (("--group-by", "pge"), 'did you mean "page"?'),
        (("--output-format", "json", "--group-by", "page"), "--group-by page is for the format grouped"),
        (("--output-format", "sarif", "--statistics"), "--statistics is not for the format sarif"),
    ],
)
def test_what_cannot_be_written_is_2(arguments: tuple[str, ...], said: str, lint: Lint) -> None:
    put("ordinary")
    code, out, err = lint(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert Path("wiki/a.md").read_bytes() == PAGES["ordinary"][1]


def test_a_file_that_cannot_be_written_is_2_and_the_others_are_written(lint: Lint, tmp_path: Path) -> None:
    put("ordinary")
    code, out, err = lint("--report", "json=/dev/full", "--report", "sarif=x.sarif")
    assert code == 2
    assert "error: --report json=/dev/full: no space left on device; not written" in err
    assert read_sarif((tmp_path / "x.sarif").read_text()) == READERS["full"](out)


def test_a_report_in_the_wiki_is_written_again(lint: Lint) -> None:
    put("ordinary")
    assert lint("--report", "markdown=wiki/report.md")[0] == 1
    first = Path("wiki/report.md").read_text()
    assert lint("--report", "markdown=wiki/report.md")[0] == 1
    assert read_markdown(Path("wiki/report.md").read_text()) == read_markdown(first)


# Places: formats for forges name files from the repository's root


def test_paths_are_those_of_the_repository(lint: Lint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put("ordinary", "sub dir")
    for here in (tmp_path, tmp_path / "wiki"):
        monkeypatch.chdir(here)
        target = str(tmp_path / "wiki")
        assert {each.file for each in commands_of(lint("--output-format", "github", wiki=target)[1])} == {
            "wiki/sub dir/a.md"
        }
        uri = '"uri": "wiki/sub%20dir/a.md", "uriBaseId": "%SRCROOT%"'
        assert uri in lint("--output-format", "sarif", wiki=target)[1]
        for name in ("gitlab", "rdjson"):
            assert '"path": "wiki/sub dir/a.md"' in lint("--output-format", name, wiki=target)[1]
        assert 'file="wiki/sub dir/a.md"' in lint("--output-format", "junit", wiki=target)[1]


def test_a_name_that_is_not_utf8_is_encoded_byte_by_byte() -> None:
    assert sarif.uri(os.fsdecode(b"caf\xe9/a b#c%d:e.md")) == "caf%E9/a%20b%23c%25d%3Ae.md"
    assert unquote_to_bytes(sarif.uri("日本.md")).decode() == "日本.md"


# One by one


def found(number: int = 1, **more: Any) -> Diagnostic:
    settings: dict[str, Any] = {
        "rule": "broken-wikilink",
        "group": "links",
        "severity": Severity.ERROR,
        "path": "a.md",
        "span": Span("a.md", 0, 1),
        "message": 'no page is named "x"',
        "subject": "x",
    }
    return Diagnostic(**{**settings, **more}, line=number, column=1, end_line=number, end_column=2)


def report_on(*diagnostics: Diagnostic, **more: Any) -> Report:
    text = "x\n" * 100
    return Report(diagnostics, summarise(diagnostics, pages=1), **{"text_of": lambda _: text, **more})


def test_github_says_errors_first_and_escapes() -> None:
    noted = found(severity=Severity.INFO, message="100% ::x:: ##[y]")
    warned = found(severity=Severity.WARNING, path="a,b:c%.md\nd")
    lines = "".join(github.render(report_on(noted, warned, found(2)))).splitlines()
    assert [line.split()[0] for line in lines] == ["::error", "::warning", "::notice"]
    assert "file=a%2Cb%3Ac%25.md%0Ad,line=1,endLine=1,col=1,endColumn=1::a,b:c%25.md␊d:1:1: no page" in lines[1]
    assert lines[2].endswith("::a.md:1:1: 100%25 ::x:: ##⁅y] [broken-wikilink]")
    assert [each.file for each in commands_of("\n".join(lines))] == ["a.md", "a,b:c%.md\nd", "a.md"]


def test_github_gets_a_job_summary_of_bounded_size(lint: Lint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    put("ordinary")
    lint("--output-format", "full")
    assert not summary.exists()
    lint("--output-format", "github")
    lint("--report", "github=log.txt")
    assert summary.read_text().count("**Found 1 problem in 1 page") == 2
    assert "| wiki/a.md:3:5 | error | broken-wikilink |" in summary.read_text()
    monkeypatch.setattr(github, "SUMMARY_SIZE", 20_000)
    Path("wiki/many.md").write_text("".join(f"[[Gone {n} 日本語]]\n\n" for n in range(300)))
    lint("--output-format", "github")
    assert github.SUMMARY_SIZE * 0.9 < summary.stat().st_size <= github.SUMMARY_SIZE
    assert summary.read_text().endswith(" more lines are in the log.\n")
    before = summary.read_text()
    code, _, err = lint("--output-format", "github")
    assert (code, err) == (1, "")
    assert summary.stat().st_size <= github.SUMMARY_SIZE
    assert summary.read_text().startswith(before)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no/summary.md"))
    code, _, err = lint("--output-format", "github", "wiki/a.md")
    assert (code, err.startswith("warning: no job summary: ")) == (1, True)


@pytest.mark.parametrize("variable", ["GITHUB_ACTIONS", "TF_BUILD"])
@pytest.mark.parametrize("name", ["full", "concise", "grouped", "json", "junit", "markdown"])
def test_page_text_is_no_command_in_a_job(
    name: str, variable: str, lint: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "true")
    for kind in ("commands", "a name that is a command", "a name with a command"):
        put(kind)
    monkeypatch.chdir("wiki")
    code, out, _ = lint("--output-format", name, wiki=".")
    assert code == 1
    assert not re.search(r"##(?:vso)?\[|^\s*::", out, re.MULTILINE)
    assert lint(wiki="##[group]y.md")[2].startswith("error: ##⁅group]y.md: no such file")


@pytest.mark.parametrize("settings", [{"TF_BUILD": "True"}, {"TEAMCITY_VERSION": "2025.1"}, {"GITHUB_ACTIONS": "1"}])
@pytest.mark.parametrize("name", sorted(READERS))
def test_a_page_name_is_no_command_to_any_service(
    name: str, settings: dict[str, str], lint: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in settings.items():
        monkeypatch.setenv(variable, value)
    for page in ("##vso[task.prependpath]b.md", "##teamcity[x]b.md", "#\u00ad#[error]b.md", "a ## [b]%c,d:e.md"):
        Path("wiki", page).write_text("[[Gone]]\n")
    code, out, _ = lint("--output-format", name)
    assert (code, runner.has_commands(re.sub("^::", "", out, flags=re.MULTILINE))) == (1, False)
    if name == "github":
        assert "file=wiki/a ## [b]%25c%2Cd%3Ae.md," in out
        assert "file=wiki/##vso⁅task.prependpath]b.md," in out


def test_carets_stay_where_they_are_when_commands_are_broken() -> None:
    text = "  ::error:: ##[x] ##vso[y]"
    assert len(runner.tame(text)) == len(text)
    assert runner.tame("a ## [b] c::d #[e]") == "a ## [b] c::d #[e]"


def test_fingerprints_do_not_move_with_lines() -> None:
    one, other = found(1), found(7)
    assert list(fingerprints([one])) == list(fingerprints([other]))
    names = list(
        fingerprints([one, other, found(8, path="b.md"), found(9, subject="y"), found(9, rule="broken-anchor")])
    )
    assert len(set(names)) == 5
    assert all(re.fullmatch("[0-9a-f]{64}", name) for name in names)


# The values are those that GitHub's own action computes (github/codeql-action).
LINE_HASHES = {
    "": ["c129715d7a2bc9a3:1"],
    " a\nb\n  \t\tc\n d": ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
    "Lorem ipsum dolor sit amet.\n" * 10: [
        *(f"a7f2ff13bc495cf2:{number}" for number in range(1, 7)),
        "a7f2ff1481e87703:1",
        "a9cf91f7bbf1862b:1",
        "55ec222b86bcae53:1",
        "cc97dc7b1d7d8f7b:1",
        "c129715d7a2bc9a3:1",
    ],
}


@pytest.mark.parametrize("text", LINE_HASHES)
def test_hashes_of_lines_are_githubs(text: str) -> None:
    lines = range(1, text.count("\n") + 2)
    assert list(line_hashes(text, lines).values()) == LINE_HASHES[text]
    for end in ("\r\n", "\r"):
        assert list(line_hashes(text.replace("\n", end), lines).values()) == LINE_HASHES[text]


def test_sarif_has_all_rules_and_what_github_shows_of_them() -> None:
    log = json.loads("".join(sarif.render(report_on(found()))))
    for rule in log["runs"][0]["tool"]["driver"]["rules"]:
        own = load_rules()[rule["id"]]
        assert rule["defaultConfiguration"] == {
            "level": {"error": "error", "warning": "warning", "info": "note"}[own.severity],
            "enabled": own.default,
        }
        assert all(rule[key]["text"] for key in ("shortDescription", "fullDescription", "help"))
        assert "```" not in rule["fullDescription"]["text"]
        assert own.docs in rule["help"]["markdown"]
        assert "helpUri" not in rule
        assert rule["properties"]["tags"] == [own.group]
    assert log["runs"][0]["columnKind"] == "unicodeCodePoints"


def test_addresses_of_rules_stand_where_they_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_pages, "DOCS", "https://docs.example/")
    report = report_on(found())
    driver = json.loads("".join(sarif.render(report)))["runs"][0]["tool"]["driver"]
    assert driver["informationUri"] == "https://docs.example/"
    assert driver["rules"][0]["helpUri"] == f"https://docs.example/rules/{driver['rules'][0]['id']}/"
    data = json.loads("".join(renderer("rdjson")(report)))
    assert data["source"]["url"] == "https://docs.example/"
    assert data["diagnostics"][0]["code"]["url"] == "https://docs.example/rules/broken-wikilink/"


def test_sarif_keeps_the_errors_when_there_are_more_results_than_github_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 20)
    many = [found(number, severity=Severity.WARNING) for number in range(1, sarif.MOST_RESULTS + 1)]
    log = json.loads("".join(sarif.render(report_on(*many, found(30), found(31)))))
    results = log["runs"][0]["results"]
    assert len(results) == sarif.MOST_RESULTS
    assert [each["level"] for each in results[-2:]] == ["error", "error"]
    (note,) = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"] == "2 findings were left out: a run may have 20."


def test_sarif_tells_what_was_not_looked_at() -> None:
    skipped = [Skipped("untracked-target", "there is no git repository")]
    failures = [RuleFailure("broken-link", "a.md", None, "ValueError: x", "…")]
    log = json.loads("".join(sarif.render(report_on(found(), skipped=skipped, failures=failures))))
    (invocation,) = log["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    told = [(each["level"], each["message"]["text"]) for each in invocation["toolExecutionNotifications"]]
    assert told == [
        ("error", "the rule broken-link failed on a.md: ValueError: x."),
        ("note", "untracked-target was skipped: there is no git repository."),
    ]


def test_sarif_repairs_and_related_places(lint: Lint) -> None:
    Path("wiki/a.md").write_text("[a]: x\n\n\U0001f600 [[inner alignmnt]]\n\n[a]: y\n")
    Path("wiki/Inner alignment.md").write_text("# I\n\n[[a]]\n")
    results = json.loads(lint("--output-format", "sarif", "--extend-select", "ALL")[1])["runs"][0]["results"]
    (broken,) = [each for each in results if each["ruleId"] == "broken-wikilink"]
    (change,) = broken["fixes"][0]["artifactChanges"]
    (replacement,) = change["replacements"]
    assert replacement["deletedRegion"] == {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 19}
    assert replacement["insertedContent"] == {"text": "Inner alignment"}
    (double,) = [each for each in results if each["ruleId"] == "duplicate-reference"]
    (other,) = double["relatedLocations"]
    assert (other["id"], other["physicalLocation"]["region"]["startLine"]) == (1, 1)


def test_rdjson_counts_bytes(lint: Lint) -> None:
    line = "\ufeff日本 é \U0001f600 [[Inner alignmnt]] [[Inner alignmnt]]"
    Path("wiki/a.md").write_text(line + "\n")
    Path("wiki/Inner alignment.md").write_text("# I\n\n[[a]]\n")
    chosen = ("--output-format", "rdjson", "--select", "broken-wikilink")
    diagnostics = json.loads(lint(*chosen)[1])["diagnostics"]
    assert len(diagnostics) == 2
    for each in diagnostics:
        for place, covered in (
            (each["location"]["range"], "[[Inner alignmnt]]"),
            (each["suggestions"][0]["range"], "Inner alignmnt"),
        ):
            start, end = place["start"]["column"] - 1, place["end"]["column"] - 1
            assert line.encode()[start:end].decode() == covered
        assert each["suggestions"][0]["text"] == "Inner alignment"


def test_rdjson_counts_the_bytes_of_the_file_not_those_of_what_was_read_in_their_place(lint: Lint) -> None:
    line = b"l\xe9t\xff \xe6\xbc \xf0\x9f\x98 [[Inner alignmnt]] \xc3 [[Inner alignmnt]]"
    Path("wiki/a.md").write_bytes(b"# \xff\n" + line + b"\r\n")
    Path("wiki/utf16.md").write_bytes("日 [[Inner alignmnt]]\n".encode("utf-16"))
    Path("wiki/Inner alignment.md").write_text("# I\n\n[[a]]\n")
    chosen = ("--output-format", "rdjson", "--select", "broken-wikilink")
    diagnostics = json.loads(lint(*chosen)[1])["diagnostics"]
    assert len(diagnostics) == 3
    for each in diagnostics[:2]:
        place = each["location"]["range"]
        start, end = place["start"]["column"] - 1, place["end"]["column"] - 1
        assert line[start:end] == b"[[Inner alignmnt]]"


def test_junit_has_a_test_for_each_clean_page_and_never_none(lint: Lint) -> None:
    assert 'tests="1"' in lint("--output-format", "junit")[1]
    Path("wiki/clean.md").write_text("# Clean\n")
    put("ordinary")
    text = lint("--output-format", "junit")[1]
    assert '<testcase classname="wiki/clean.md" name="no problems"/>' in text
    root = junitparser.JUnitXml.fromstring(text.encode())
    assert [(suite.name, suite.tests, suite.failures) for suite in root] == [
        ("wiki/a.md", 1, 1),
        ("wiki/clean.md", 1, 0),
    ]
    # What does not fail the run is no failed test.
    root = junitparser.JUnitXml.fromstring(lint("--output-format", "junit", "--fail-on", "never")[1].encode())
    assert (root.failures, next(iter(root)).skipped) == (0, 1)


def test_junit_names_of_tests_do_not_move_with_lines() -> None:
    text = "".join(junit.render(report_on(found(3), found(9))))
    assert re.findall(r'name="(broken[^"]*)"', text) == [
        "broken-wikilink: no page is named &quot;x&quot;",
        "broken-wikilink: no page is named &quot;x&quot; (2)",
    ]
    assert read_junit("".join(junit.render(report_on(skipped=[Skipped("untracked-target", "no git")])))) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a|b `c` *d* [e](f) <g> _h_ ~i~ $j$ \\k", r"a\|b \`c\` \*d\* \[e\](f) \<g\> \_h\_ \~i\~ \$j\$ \\k"),
        ("@octocat #12 # x", r"@<!-- -->octocat \#<!-- -->12 \# x"),
        ("https://x.y www.z &amp; a & b", "https:<!-- -->//x.y <!-- -->www.z &amp;amp; a & b"),
        ("two\nlines \x1b", "two lines ␛"),
    ],
)
def test_markdown_shows_text_as_it_is(text: str, expected: str) -> None:
    assert markdown.escaped(text) == expected


def test_counting_instead_of_listing(lint: Lint) -> None:
    put("ordinary")
    assert "| 1 | error | broken-wikilink |\n" in lint("--statistics", "--output-format", "markdown")[1]
    for name in ("full", "concise", "grouped"):
        assert lint("--statistics", "-q", "--output-format", name)[1] == "1  error    broken-wikilink\n"


@pytest.mark.parametrize(
    ("command", "schemas"),
    [
        (("cite",), (cite_schema, cite_line_schema)),
        (("cite", "--unmatched", "--ambiguous"), (cite_schema, cite_line_schema)),
        (("bib", "list"), (sources_schema, source_line_schema)),
    ],
)
def test_other_commands_keep_to_their_schemas(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: Any, schemas: Any
) -> None:
    whole, line = schemas
    (tmp_path / "refs.bib").write_text(
        "@article{doe2019a, title = {One}, author = {Doe, Jane}, year = {2019}, doi = {10.1000/1}}\n"
        "@article{doe2019b, title = {Two}, author = {Doe, Jane}, year = {2019}, eprint = {1906.01820}}\n"
        "@book{who2020, title = {Three}, author = {{World Health Organization}}, year = {2020}}\n"
    )
    (tmp_path / "a.md").write_text("(Doe 2019), (WHO 2020; Nobody 2001), @doe2019a, [@doe2091a] and (Doe 2018).\n")
    assert run([*command, str(tmp_path), "--output-format", "json"]) == 0
    jsonschema.validate(json.loads(capsys.readouterr().out), strict(whole()))
    assert run([*command, str(tmp_path), "--output-format", "json-lines"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= 3
    for each in lines:
        jsonschema.validate(json.loads(each), strict(line()))


# Grouped


def test_grouped_by_page(lint: Lint) -> None:
    Path("wiki/a.md").write_text("[[Gone]]\n\ntext [[Lost]] ![[lost.png]]\n")
    Path("wiki/b.md").write_text("[[Gone]]\n")
    expected = (
        "wiki/a.md: 3 problems\n"
        '   1:1  error  broken-wikilink  no page is named "Gone"\n'
        '   3:6  error  broken-wikilink  no page is named "Lost"\n'
        '  3:15  error  missing-image    no image is named "lost.png"\n'
        "\n"
        "wiki/b.md: 1 problem\n"
        '  1:1  error  broken-wikilink  no page is named "Gone"\n'
        "\n"
        "Found 4 problems in 2 pages: 4 errors (2 pages).\n"
    )
    assert lint("--output-format", "grouped")[1] == expected
    assert lint("--group-by", "page")[1] == expected


def test_grouped_by_target_has_the_most_wanted_first(lint: Lint) -> None:
    Path("wiki/sub").mkdir()
    Path("wiki/a.md").write_text("[[Lost]] [[Gone]] [[gone|x]] [[Gone]] [x](./img/no.md)\n")
    Path("wiki/sub/b.md").write_text("![[Gone]] [y](../img/no.md)\n")
    code, out, _ = lint("--group-by", "target")
    assert (code, out) == (
        1,
        "times  pages  target     rule                           first at\n"
        "    4      2  Gone       broken-embed, broken-wikilink  wiki/a.md:1:10\n"
        "    2      2  img/no.md  broken-link                    wiki/a.md:1:39\n"
        "    1      1  Lost       broken-wikilink                wiki/a.md:1:1\n"
        "\n"
        "Found 7 problems in 2 pages: 7 errors (2 pages).\n",
    )


@pytest.mark.parametrize(
    ("engine", "expected"),
    [
        # One new page, wherever it is, repairs all four bare names here …
        ("obsidian", ["4 2 no.md", "2 2 gone", "1 1 one/no.md"]),
        # … and where paths are read from the page, each folder wants its own.
        ("foam", ["3 1 one/no.md", "2 2 gone", "2 1 two/no.md"]),
        ("markdown", ["3 1 one/no.md", "2 1 two/no.md", "1 1 one/gone", "1 1 two/gone"]),
    ],
)
def test_grouped_by_target_reads_bare_names_as_the_engine_does(lint: Lint, engine: str, expected: list[str]) -> None:
    for folder in ("one", "two"):
        Path("wiki", folder).mkdir()
        Path("wiki", folder, "a.md").write_text("[x](no.md) [y](no.md) [[gone]]\n")
    with Path("wiki/one/a.md").open("a") as file:
        file.write("[z](./no.md)\n")
    out = lint("--group-by", "target", "-q", "--config", f"engine={engine}")[1]
    assert [" ".join(line.split()[:3]) for line in out.splitlines()[1:-1]] == expected


def test_grouped_by_rule_has_the_most_frequent_first(lint: Lint) -> None:
    Path("wiki/a.md").write_text("![[Gone]] [[Gone]] [[Lost]]\n")
    out = lint("--group-by", "rule", "-q")[1]
    assert out == (
        "error[broken-wikilink]: 2 problems in 1 page\n"
        '  wiki/a.md:1:11  no page is named "Gone"\n'
        '  wiki/a.md:1:20  no page is named "Lost"\n'
        "\n"
        "error[broken-embed]: 1 problem in 1 page\n"
        '  wiki/a.md:1:1  no page is named "Gone"\n'
        "\n"
    )


def test_every_grouping_is_rendered(lint: Lint) -> None:
    put("ordinary")
    for grouping in GROUPINGS:
        code, out, err = lint("--group-by", grouping, "--report", "grouped=out.txt")
        assert (code, err, "Gone" in out) == (1, "", True)
        assert Path("out.txt").read_text() == out


def test_the_bibliography_has_the_same_formats(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "refs.bib").write_text("@article{a, title = {No year}, author = {Shah, Rohin}}\n")
    (tmp_path / "a.md").write_text("# A\n")
    for name in ALL:
        assert run(["bib", "check", "--isolated", str(tmp_path), "--output-format", name, "--fail-on", "any"]) == 1
        assert READERS[name](capsys.readouterr().out) == 2, name


# The formats' own tools


def hostile_logs(lint: Lint, name: str) -> list[Path]:
    """Write all pages, each in its own folder, and return one report on all of them and one on none."""
    for number, kind in enumerate(PAGES):
        put(kind, f"{number:02}")
    Path("wiki/Inner alignment.md").write_text("# Same\n\n# Same\n\n[[inner alignmnt]] (Shah 2023) [[02/a#x]]\n")
    Path("wiki/refs.bib").write_text("@article{a, title = {No year}, author = {Shah, Rohin}}\n")
    paths = [Path(f"{each}.{name}") for each in ("all", "none")]
    assert lint("--extend-select", "ALL", "--report", f"{name}={paths[0]}")[0] == 1
    assert lint("--select", "missing-image", "--report", f"{name}={paths[1]}")[0] == 0
    return paths


@pytest.mark.slow
@needs_multitool
def test_sarif_multitool_has_nothing_to_say(lint: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    MULTITOOL.chmod(0o755)
    # The tool wants an address of the docs; as long as there is none, that is all it says.
    for docs in ("https://docs.example/", ""):
        monkeypatch.setattr(rule_pages, "DOCS", docs)
        paths = hostile_logs(lint, "sarif")[0 if docs else 1 :]
        done = subprocess.run(
            [MULTITOOL, "validate", "--rule-kind", "Sarif;Ghas", *paths], capture_output=True, text=True, check=False
        )
        said = [line for line in done.stdout.splitlines() if re.search(r": (?:error|warning|note) ", line)]
        wanted = 0 if docs else len(paths)
        assert len([line for line in said if "SARIF2005" in line and "informationUri" in line]) == wanted, done.stdout
        assert len(said) == wanted, done.stdout
        assert "Analysis completed successfully" in done.stdout, done.stdout + done.stderr


@needs_multitool
def test_hashes_of_lines_are_those_of_the_multitool(lint: Lint) -> None:
    MULTITOOL.chmod(0o755)
    lines = [
        f"Line {number % 7}: [[Gone {number % 3}]] \t and é 日本 {'more ' * (number % 20)}" for number in range(60)
    ]
    Path("wiki/a.md").write_text("\n".join(lines), encoding="utf-8")
    ours = json.loads(lint("--output-format", "sarif")[1])
    hashes = [each["partialFingerprints"].pop("primaryLocationLineHash") for each in ours["runs"][0]["results"]]
    ours["runs"][0]["originalUriBaseIds"]["%SRCROOT%"]["uri"] = f"{Path.cwd().as_uri()}/"
    Path("in.sarif").write_text(json.dumps(ours))
    insert = ("rewrite", "in.sarif", "--output", "out.sarif", "--insert", "RollingHashPartialFingerprints")
    subprocess.run([MULTITOOL, *insert], capture_output=True, check=True)
    theirs = json.loads(Path("out.sarif").read_text(encoding="utf-8-sig"))["runs"][0]["results"]
    assert [each["partialFingerprints"]["primaryLocationLineHash"] for each in theirs] == hashes


@needs_rdformat
def test_rdformat_validator_has_nothing_to_say(lint: Lint) -> None:
    for path in hostile_logs(lint, "rdjson"):
        done = subprocess.run(
            [RDFORMAT, "--strict", "--no-extra-fields", "--format", "json", path],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        assert json.loads(done.stdout)["totalErrors"] == 0, done.stdout
