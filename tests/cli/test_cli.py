"""The command line from end to end, in this process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from wikitools import __version__, files
from wikitools.cli.explain import _fitted, _listed
from wikitools.lint.rule import load_rules
from wikitools.project import loading
from wikitools.report import formats
from wikitools.report.ansi import Style
from wikitools.report.rule_docs import PlainWriter, page

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call


FORMATS = [
    *(("lint", "--output-format", name) for name in formats.FORMATS),
    *(("cite", "--output-format", name) for name in ("table", "json", "json-lines", "csv")),
    ("backfill", "--check"),
    ("backfill", "--diff"),
]
LINT_FORMATS = [arguments for arguments in FORMATS if arguments[0] == "lint"]


@pytest.mark.parametrize("arguments", FORMATS)
@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (("missing.md",), "missing.md: no such file or folder"),
        (("mian.md",), 'mian.md: no such file or folder (did you mean "main.md"?)'),
        (("--colr", "auto"), "no such option: --colr; did you mean --color?"),
        (("--config", "engin=x"), '--config engin=x: unknown key "engin"; did you mean "engine"?'),
        (("--config", "nowhere.toml"), "nowhere.toml: no such configuration file"),
        (("--config", 'bibliography="no.bib"'), "no.bib: no such bibliography"),
        (("..",), "outside the wiki"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_2(
    wiki: Path, call: Call, arguments: tuple[str, ...], mistake: tuple[str, ...], said: str
) -> None:
    if mistake == ("..",):
        mistake = ("..", "--config", "wikitools.toml")
    code, out, err = call(*arguments, *mistake)
    assert (code, out) == (2, "")
    assert said in err
    assert err.startswith("error: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", LINT_FORMATS)
def test_exit_codes_of_lint(wiki: Path, call: Call, arguments: tuple[str, ...]) -> None:
    assert call(*arguments)[0] == 1
    assert call(*arguments, "sub")[0] == 0
    assert call(*arguments, "--exit-zero")[0] == 0
    assert call(*arguments, "--fail-on", "never")[0] == 0
    assert call(*arguments, "--fail-on", "error", "--ignore", "broken-wikilink")[0] == 0
    assert call(*arguments, "--select", "stale-sources")[0] == 1
    assert call(*arguments, "--select", "broken-anchor")[0] == 0
    code, out, err = call(*arguments, "--select", "broken-wikilnk")
    assert (code, out) == (2, "")
    assert 'error: --select: no rule or group is named "broken-wikilnk"; did you mean "broken-wikilink"?' in err


@pytest.mark.parametrize("arguments", FORMATS)
def test_a_bug_of_ours_is_one_line(
    wiki: Path, call: Call, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(loading, "find_pages", broken)
    code, out, err = call(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "please report it" in err
    monkeypatch.setenv("WIKITOOLS_DEBUG", "1")
    assert "Traceback" in call(*arguments)[2]


@pytest.mark.parametrize("arguments", FORMATS)
def test_an_interrupt_is_130(
    wiki: Path, call: Call, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(loading, "find_pages", interrupted)
    code, out, err = call(*arguments)
    assert (code, out) == (130, "")
    assert "Traceback" not in err


def test_findings_as_people_see_them(wiki: Path, call: Call) -> None:
    code, out, err = call("lint", "--select", "broken-wikilink")
    assert (code, err) == (1, "")
    assert out == (
        'error[broken-wikilink]: no page is named "Inner Alignmnt"; did you mean "Inner alignment"?\n'
        " --> main.md:3:32\n"
        "  |\n"
        "3 | See (Hubinger et al. 2019) and [[Inner Alignmnt]].\n"
        "  |                                ^^^^^^^^^^^^^^^^^^\n"
        '  = fix: link to "Inner alignment" (unsafe)\n'
        "\n"
        "Found 1 problem in 1 page: 1 error (3 pages).\n"
        "1 can be repaired with --fix --unsafe-fixes.\n"
    )
    assert call("lint", "-q", "--output-format", "concise", "--select", "broken-wikilink")[1] == (
        'main.md:3:32: error[broken-wikilink] no page is named "Inner Alignmnt"; did you mean "Inner alignment"?\n'
    )
    assert "1  error    broken-wikilink" in call("lint", "--statistics")[1]


def test_paths_filter_the_report_not_the_index(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = call("lint", "sub/clean.md", "--output-format", "json")
    assert (code, json.loads(out)["diagnostics"], json.loads(out)["summary"]["pages"]) == (0, [], 3)
    # From below, the configuration above is found, and paths are shown as they can be opened.
    monkeypatch.chdir(wiki / "sub")
    code, out, _ = call("lint", "--output-format", "concise", "..")
    assert "../main.md:3:32: error" in out
    monkeypatch.chdir(wiki.parent)
    assert "wiki/main.md:3:32: error" in call("lint", "--output-format", "concise", "wiki")[1]
    assert json.loads(call("lint", "--output-format", "json", "wiki")[1])["diagnostics"][0]["path"] == "main.md"
    (wiki.parent / "elsewhere").mkdir()
    monkeypatch.chdir(wiki.parent / "elsewhere")
    assert f"{wiki}/main.md:3:32: error" in call("lint", "--output-format", "concise", str(wiki))[1]


def test_paths_with_nothing_to_report_on(wiki: Path, call: Call) -> None:
    (wiki / "drafts").mkdir()
    (wiki / "drafts/x.md").write_text("[[nowhere]]\n")
    (wiki / "picture.png").write_bytes(b"\x89PNG")
    (wiki / ".hidden").mkdir()
    (wiki / "empty").mkdir()
    for path, why in (
        ("drafts", "left out of the wiki"),
        ("drafts/x.md", "left out of the wiki"),
        ("picture.png", "not a page"),
        (".hidden", "hidden"),
        ("empty", "no pages in this folder"),
    ):
        code, _, err = call("lint", "--exclude", "drafts/", path)
        assert code == 0
        assert f"warning: {path}: {why}" in err


def test_a_wiki_without_pages_or_configuration(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    code, out, err = call("lint", "empty")
    assert (code, out) == (0, "No problems found, for there are no pages.\n")
    assert f"warning: no pages (.md, .markdown) in {tmp_path}/empty" in err
    (tmp_path / "empty/a.md").write_text("See [[b]].\n")
    (tmp_path / "empty/refs.bib").write_text(
        "@book{shah2023, author = {Shah, Rohin}, title = {Goals}, year = {2023}}\n"
    )
    code, out, err = call("lint", "empty")
    assert (code, err) == (1, "")
    assert "--> empty/a.md:1:5" in out
    assert "Bibliographies found: refs.bib.\n" in out


def test_fixing(wiki: Path, call: Call) -> None:
    before = (wiki / "main.md").read_bytes()
    code, diff, err = call("lint", "--diff", "--unsafe-fixes")
    assert (code, (wiki / "main.md").read_bytes()) == (1, before)
    assert (
        "-See (Hubinger et al. 2019) and [[Inner Alignmnt]].\n+See (Hubinger et al. 2019) and [[Inner alignment]].\n"
        in diff
    )
    assert "Would fix 2 problems in 1 page." in err
    assert call("lint", "--fix", "--unsafe-fixes")[0] == 0
    after = (wiki / "main.md").read_text()
    assert "[[Inner alignment]]" in after
    assert "- [Risks](https://example.org/risks)" in after
    code, out, _ = call("lint", "--fix", "--unsafe-fixes")
    assert (code, out, (wiki / "main.md").read_text()) == (0, "No problems found (3 pages).\n", after)
    assert call("lint", "--diff")[:2] == (0, "")


def test_the_diff_is_a_patch(wiki: Path, call: Call) -> None:
    if shutil.which("git") is None:
        pytest.skip("needs git")
    (wiki / "main.md").write_bytes(
        b"\xef\xbb\xbf# Main\r\n\r\nSee (Shah 2023) \x1b[0m\r\n\r\n"
        + b"filler\r\n" * 30
        + b"last [[Inner Alignmnt]] no end"
    )
    patch = call("backfill", "--init", "--diff", "main.md")[1]
    git = ("git", "apply", "--whitespace=nowarn", "-")
    subprocess.run(
        git, input=patch.encode(), cwd=wiki, check=True, env={"GIT_CEILING_DIRECTORIES": str(wiki.parent)} | os.environ
    )
    assert call("backfill", "--init", "--check", "main.md")[0] == 0
    assert (wiki / "main.md").read_bytes().startswith(b"\xef\xbb\xbf# Main\r\n\r\nSee (Shah 2023) \x1b[0m\r\n")


def test_backfill(wiki: Path, call: Call) -> None:
    before = (wiki / "main.md").read_bytes()
    said = (
        "Block    +  Page\nupdated  1  main.md\n\nSources: + added\n\n"
        "Would change 1 page: 1 source added "
        "(1 of 3 pages with a block, --init would add 1).\n"
        "Left to you: 1 entry without an address, details with -v.\n"
    )
    assert call("backfill", "--check")[:2] == (1, said)
    assert call("backfill", "--dry-run")[:2] == (0, said)
    assert (wiki / "main.md").read_bytes() == before
    assert "  + Risks\n" in call("backfill", "--check", "-v")[1]
    code, diff, err = call("backfill", "--diff")
    assert (code, err) == (1, "".join(said.partition("Would")[1:]))
    assert "+- [Risks](https://example.org/risks)" in diff
    assert call("backfill")[0] == 0
    assert "(https://example.org/risks)" in (wiki / "main.md").read_text()
    written = (wiki / "main.md").read_bytes()
    assert call("backfill")[:2] == (
        0,
        "Nothing to change (1 of 3 pages with a block, --init would add 1).\n",
    )
    code, out, _ = call("backfill", "--init", "-v")
    assert code == 0
    assert "  no URL: Goals\n" in out
    assert "Goals — referenced as (Shah 2023)" in (wiki / "Inner alignment.md").read_text()
    assert call("backfill", "--check", "--init", "-q") == (0, "", "")
    assert call("backfill", "--init")[1] == "Nothing to change (2 of 3 pages with a block).\n"
    assert (wiki / "main.md").read_bytes() == written


def test_a_block_edited_by_hand_is_left_alone(wiki: Path, call: Call) -> None:
    call("backfill")
    page = wiki / "main.md"
    page.write_text(page.read_text().replace("Risks", "My Risks"))
    code, out, _ = call("backfill", "main.md")
    assert code == 1
    assert "not touched: edited by hand: --force overwrites it" in out
    assert "My Risks" in page.read_text()
    # That is what -q leaves.
    assert call("backfill", "-q", "main.md")[:2] == (1, out.rpartition("Nothing")[0])
    assert call("backfill", "--force", "main.md")[0] == 0
    assert "My Risks" not in page.read_text()


def test_backfill_leaves_other_pages_alone(wiki: Path, call: Call) -> None:
    before = (wiki / "main.md").read_bytes()
    assert call("backfill", "sub")[0] == 0
    assert (wiki / "main.md").read_bytes() == before


def test_a_page_that_cannot_be_written(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_root: Path, path: str, *_: object, **__: object) -> None:
        raise files.FileError(f"{path}: read-only; not written")

    monkeypatch.setattr(files, "write_atomic", refused)
    for command in (("backfill",), ("lint", "--fix")):
        code, _, err = call(*command)
        assert code == 2
        assert "error: main.md: read-only; not written" in err


def test_citations_as_programs_see_them(wiki: Path, call: Call) -> None:
    code, out, err = call("cite", "--no-cache", "--output-format", "json-lines", "main.md", "Inner alignment.md")
    assert (code, err) == (0, "")
    rows = [json.loads(line) for line in out.splitlines()]
    cited = [row for row in rows if row["kind"] == "author-year"]
    assert [(row["path"], row["keys"], row["status"]) for row in cited] == [
        ("Inner alignment.md", ["shah2023"], "matched"),
        ("main.md", ["hubinger2019"], "matched"),
    ]
    for row in rows:
        assert (wiki / row["path"]).read_text()[row["start"] : row["end"]]
    assert cited[1]["evidence"]
    assert call("cite", "--unmatched")[1] == "No citations found.\n"


def test_a_bibliography_beyond_a_link_at_the_top(wiki: Path, call: Call) -> None:
    (wiki / "wikitools.toml").write_text("bibliography = []\n")
    outside = wiki.parent / "elsewhere"
    outside.mkdir()
    (wiki / "refs.bib").rename(outside / "x.bib")
    (wiki / "bib").symlink_to(outside)
    (wiki / "sub/own.md").write_text("---\nbibliography: ../bib/x.bib\n---\n\nSee (Shah 2023).\n")
    (wiki / "sub/thief.md").write_text("---\nbibliography: ../../elsewhere/x.bib\n---\n\nSee (Shah 2023).\n")
    command = ("cite", "--output-format", "json-lines", "--follow-links", "sub")
    rows = [json.loads(line) for line in call(*command)[1].splitlines()]
    assert {row["path"]: row["keys"] for row in rows if row["year"] == "2023"} == {
        "sub/own.md": ["shah2023"],
        "sub/thief.md": [],
    }


def test_an_explanation_fits_the_terminal_and_keeps_its_examples() -> None:
    text = page(load_rules()["broken-link"], PlainWriter())
    assert _fitted(text, 0) == text
    narrow = _fitted(text, 60)
    assert narrow.split() == text.split()
    lines: dict[bool, list[str]] = {False: [], True: []}
    for line in narrow.splitlines():
        lines[line.startswith("    ")].append(line)
    assert max(map(len, lines[False])) <= 60
    assert lines[True] == [line for line in text.splitlines() if line.startswith("    ")], "examples are as they were"


def test_the_list_of_rules_fits_the_terminal() -> None:
    whole = "".join(_listed(load_rules().values(), Style(False), 0))
    narrow = "".join(_listed(load_rules().values(), Style(False), 80))
    assert narrow.split() == whole.split()
    assert max(map(len, narrow.splitlines())) <= 80
    assert whole.endswith("-: off by default; --extend-select runs it.\n")


def test_explain(call: Call) -> None:
    code, out, _ = call("explain")
    assert code == 0
    assert "broken-wikilink" in out
    code, out, _ = call("explain", "broken-wikilink")
    assert out.startswith("# broken-wikilink\n\n")
    assert "severity: error" in out
    assert call("explain", "links")[1].startswith("links: ")
    code, out, err = call("explain", "broken-wikilnk")
    assert (code, out) == (2, "")
    assert 'did you mean "broken-wikilink"?' in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("lnt",), 'error: no such command "lnt"; did you mean "lint"? (see "wikitools --help")\n'),
        (
            ("lint", "--selct", "x"),
            'error: no such option: --selct; did you mean --select? (see "wikitools lint --help")\n',
        ),
        (("lint", "--fail-on"), 'error: option "--fail-on" requires an argument (see "wikitools lint --help")\n'),
        (("lint", "-j", "0"), 'error: invalid value for "--jobs" / "-j"'),
        (("lint", "--output-format", "xml"), 'error: invalid value for "--output-format": "xml" is not one of'),
    ],
)
def test_usage(call: Call, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(said)


def test_help_and_version(call: Call) -> None:
    code, out, _ = call("--help")
    assert (code, "backfill" in out) == (0, True)
    assert call("lint", "--help")[1].index("Rules:") < call("lint", "--help")[1].index("--select")
    assert call("--version")[1] == f"wikitools {__version__}\n"
    code, out, err = call()
    assert (code, out, err.startswith("Usage:")) == (2, "", True)


def test_verbose_says_what_is_read(wiki: Path, call: Call) -> None:
    err = call("lint", "-v")[2]
    assert f"wiki: {wiki}" in err
    assert "configuration: " in err
    assert "read: 3 pages, 1 bibliography, 2 sources" in err


def test_unknown_rules_in_the_file_are_said_with_their_place(wiki: Path, call: Call) -> None:
    (wiki / "wikitools.toml").write_text('\n[per-file-ignores]\n"a.md" = ["broken-wikilnk"]\n')
    code, _, err = call("lint")
    assert code == 2
    assert err.startswith('error: wikitools.toml:3:11: no rule or group is named "broken-wikilnk"')
