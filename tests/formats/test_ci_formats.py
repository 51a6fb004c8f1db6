"""What each format for programs must have: GitHub, SARIF, rdjson, JUnit, Markdown."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import junitparser
import pytest
from format_wiki import READERS, Lint, commands_of, found, put, read_junit, strict

from wikitools.cli.app import run
from wikitools.lint.rule import Severity, load_rules
from wikitools.lint.run import Diagnostic, RuleFailure, Skipped
from wikitools.report import github, junit, markdown, rule_pages, runner, sarif
from wikitools.report.fingerprints import fingerprints, line_hashes
from wikitools.report.formats import renderer
from wikitools.report.report import Report
from wikitools.report.schemas import (
    cite_line_schema,
    cite_schema,
    source_line_schema,
    sources_schema,
)
from wikitools.report.summary import summarise


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
