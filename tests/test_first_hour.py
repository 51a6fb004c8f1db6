"""What people type in their first hour: the answer to every mistake names the next right step."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Call

NOBODY = "Abel Bohr Cramer Dirac Euler Fermat Gauss Hilbert Ising Jacobi Klein Laplace".split()
MESA = Path(__file__).parent.parent / "fixtures/wiki-mesa"


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(MESA, tmp_path / "wiki")
    monkeypatch.chdir(tmp_path / "wiki")
    return tmp_path / "wiki"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("chek", 'no such command "chek"; did you mean "check"?'),
        ("frobnicate", 'no such command "frobnicate" (see'),
        ("fix", "lint --fix makes repairs"),
        ("baseline add", "baseline update adds"),
        ("config set engine=foam", "edit wikitools.toml, or give --config KEY=VALUE"),
        ("bib add works.bib", "works.bib: a file, not a work (--to FILE"),
        ("completions", "Choose from: bash, zsh, fish, powershell"),
        ("lint --config tool.wikitools.engine='foam'", 'unknown key "tool"; here its keys stand at the top'),
        ("lnt", 'did you mean "lint"?'),
        ("lint --severity error", "--min-severity reports only"),
        ("lint --format json", "--output-format sets"),
        ("lint --fixx", "did you mean --fix?"),
        ("lint --shw-files", "did you mean --show-files?"),
        ("lint schemin.md", 'did you mean "scheming.md"?'),
        ("lint nosuch.md", "nosuch.md: no such file or folder\n"),
        ("lint notes/a.md", "there is no folder"),
        ("lint --select broken-wikilnk", 'did you mean "broken-wikilink"?'),
        ("lint --out x.json", "--output-file or -o"),
        ("lint -f json", "--output-format sets"),
        ("lint https://example.org", '"wikitools urls" checks the addresses'),
        ("--config engine='foam' lint", "options come after the command: wikitools lint --config …"),
        ("init --engine foam", "init tries them all"),
        ("urls --timeout 5", "--config web.timeout=SECONDS sets it"),
        ("graph -o g.png", "the graph is printed; > FILE"),
        ("report out.html", 'missing option "--output-file" / "-o": wikitools report -o FILE.html'),
        ("bib check --fix", "it belongs to bib verify, "),
        ("bib fix", "bib verify --fix repairs entries"),
        ("lint --no-color", "--color never"),
        ("watch", "lint --watch checks after every save"),
        ("config engine", "config show prints each setting"),
        ("lint --output-format jsn", 'did you mean "json"?'),
        ("lint --config engine=obsidan", 'did you mean "obsidian"?'),
        ("lint --config engin=obsidian", 'did you mean "engine"?'),
        ("lint -o findings.tex", "no format has this suffix (.txt,"),
        ("lint -o findings.html", '"wikitools report -o findings.html" writes a report in HTML'),
        ("lint --report json", "write FORMAT=PATH"),
        ("lint --jobs 0", "--jobs"),
        ("explain broken-wikilnk", 'did you mean "broken-wikilink"?'),
        ("rename scheming", 'missing argument "NEW"'),
        ("baseline show", '"wikitools baseline create" makes one'),
        ("completions tcsh", "bash"),
        ("links nosuch.md", "no such file"),
        ("lnit", 'did you mean "lint"?'),
        ("links .", "PAGE is the path of one page, or its name"),
        ("scheming.md", '"wikitools lint scheming.md" checks it'),
        ("lint --unmatched", "no such option: --unmatched; it belongs to cite ("),
        ("--fix", "it belongs to lint, "),
        ("lint -fix", "no such option: -fix; did you mean --fix?"),
        ("lint --dry-run", "--diff shows what would be written"),
        ("cite --dry-run", "it belongs to backfill, "),
        ("lint -o json", "--output-format json sets the format"),
        ("lint *.txt", "no file fits this pattern"),
        ("lint --ignore stale-sources orphan-page", "several are joined by commas"),
        ("rename Goal directedness.md Goals.md", "a name with blanks needs quotes"),
        ("lint --config block.heading-level=9", '"heading-level" of the block must be 1 to 6'),
        ("lint /", "/ is the whole disk, not a wiki"),
        ("init /", "name the folder with the pages"),
    ],
)
def test_a_mistake_is_told_with_what_was_meant(typed: str, told: str, wiki: Path, call: Call) -> None:
    code, out, err = call(*typed.split())
    assert code == 2
    assert told in err
    assert out == ""


def test_a_wiki_without_sources_is_told_what_is_missing(wiki: Path, call: Call) -> None:
    for path in (wiki / "references.bib", *wiki.glob("summaries/*")):
        path.unlink()
    (wiki / "wikitools.toml").unlink()
    for typed in (["cite"], ["cite", "--unmatched"], ["backfill", "--init", "--dry-run"], ["bib", "list"]):
        assert '"wikitools bib add" fills an empty one' in call(*typed)[2], typed


def test_no_name_is_suggested_that_merely_looks_alike(wiki: Path, call: Call) -> None:
    _code, _out, err = call("lint", "nosuch.md")
    assert "did you mean" not in err


@pytest.mark.parametrize("typed", ["-V", "version", "--version"])
def test_the_version_however_it_is_asked_for(typed: str, wiki: Path, call: Call) -> None:
    code, out, _err = call(typed)
    assert (code, out.split()[0]) == (0, "wikitools")


def test_check_is_lint_and_help_is_help(wiki: Path, call: Call) -> None:
    assert call("check", "--no-cache") == call("lint", "--no-cache")
    assert call("help", "lint") == call("lint", "--help")
    assert call("help") == call("--help")


@pytest.mark.parametrize(("name", "starts"), [("a.sarif", "{"), ("a.json", "{"), ("a.xml", "<?xml"), ("a.md", "<!--")])
def test_a_report_in_the_format_of_its_suffix(name: str, starts: str, wiki: Path, call: Call) -> None:
    code, out, _err = call("lint", "-o", name)
    assert code == 1
    assert "Found " in out
    assert (wiki / name).read_text().startswith(starts)


def test_less_severe_findings_are_left_out_everywhere(wiki: Path, call: Call) -> None:
    code, out, _err = call("lint", "--min-severity", "error", "--output-format", "json")
    assert code == 1
    assert {each["severity"] for each in json.loads(out)["diagnostics"]} == {"error"}
    assert call("lint", "--min-severity", "error", "scheming.md")[0] == 0


def test_errors_come_first(wiki: Path, call: Call) -> None:
    for name in ("full", "concise"):
        _code, out, _err = call("lint", "--output-format", name)
        order = [line.partition("[")[0].rpartition(" ")[2] for line in out.splitlines() if "[" in line.split(" ")[0]]
        order = [each for each in order if each in ("error", "warning", "info")]
        assert order == sorted(order, key=("error", "warning", "info").index)


def test_very_many_findings_of_one_rule_are_counted(wiki: Path, call: Call) -> None:
    names = " ".join(f"[[page {number:03}]]" for number in range(70))
    (wiki / "many.md").write_text(f"{names}\n" + "[[wanted]]\n" * 6)
    _code, out, _err = call("lint", "--select", "broken-wikilink", "many.md")
    assert out.count("error[broken-wikilink]") == 10
    # The most wanted is among those that are shown.
    assert '"wanted" (6 links on 1 page)' in out
    assert "Not shown: 61 broken-wikilink; -v shows each finding" in out
    assert "wikitools baseline create" in out
    _code, out, _err = call("lint", "--select", "broken-wikilink", "-v", "many.md")
    assert out.count("error[broken-wikilink]") == 76
    _code, out, _err = call("lint", "--select", "broken-wikilink", "--output-format", "concise", "many.md")
    assert out.count("error[broken-wikilink]") == 71


def test_citations_without_a_source_lead_to_the_list_of_wanted_works(wiki: Path, call: Call) -> None:
    (wiki / "many.md").write_text("".join(f"A claim ({name} 2001).\n\n" for name in NOBODY))
    _code, out, _err = call("lint", "--select", "unmatched-citation", "many.md")
    assert 'Next: "wikitools cite --unmatched" lists the works' in out


SMITHS = "".join(
    f"@book{{smith-{each}, author={{Smith, {each}}}, title={{On {each}}}, year={{2020}}}}\n" for each in ("Ann", "Bob")
)


@pytest.fixture
def smiths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a wiki with four pages that cite one ambiguous name in four forms; three have long names with blanks."""
    (tmp_path / "refs.bib").write_text(SMITHS)
    folder = tmp_path / "A folder whose name has blanks"
    folder.mkdir()
    (tmp_path / "a.md").write_text("# A\n\nIt grows (Smith, 2020).\n")
    for number, form in enumerate(("(Smith 2020)", "as Smith (2020) says", "(see *Smith* 2020)")):
        (folder / f"A page with a long name {number}.md").write_text(f"# A\n\nIt grows {form}.\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_one_ambiguous_name_is_one_group_in_whatever_form(smiths: Path, call: Call) -> None:
    out = call("lint", "--select", "ambiguous-citation")[1]
    assert out.count("warning[ambiguous-citation]") == 1
    assert "4 equal problems are shown as 1 group" in out
    assert call("lint", "--select", "ambiguous-citation", "-v")[1].count("warning[ambiguous-citation]") == 4


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands find a terminal of 80 columns; a real one costs a process for each."""
    from wikitools.cli import backfill, cite, output

    for module in (backfill, cite, output):
        monkeypatch.setattr(module, "columns", lambda *_, **__: 80)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("typed", ["lint", "lint --group-by rule", "cite --ambiguous", "backfill --init -v --dry-run"])
def test_no_path_is_broken_at_its_blanks(typed: str, smiths: Path, call: Call) -> None:
    if typed.startswith("backfill"):
        for page in smiths.rglob("*.md"):
            page.write_text("# A\n\nIt grows [@smith-Ann].\n\n## Sources\n\n- Mine\n")
    said = call(*typed.split())[1]
    names = re.findall(r"A folder whose name has blanks/A page with a long name \d\.md", said)
    assert len(names) == said.count("A folder") > 0, said
    assert max(map(len, said.splitlines())) <= 80


@pytest.mark.usefixtures("narrow")
def test_how_ambiguous_names_are_settled_is_told(smiths: Path, call: Call) -> None:
    said = call("cite", "--ambiguous")[1]
    assert said.endswith('Next: "wikitools cite --ambiguous --fix" asks once for each which source it\n  means.\n')
    for number in range(20):
        (smiths / f"{number}.md").write_text("# A\n\nIt grows (Smith 2020).\n")
    assert 'Next: "wikitools cite --ambiguous --fix" asks once' in call("lint")[1]


def test_why_others_lost_is_told_when_asked(smiths: Path, call: Call) -> None:
    (smiths / "a.md").write_text("# A\n\nIt grows (Smith et al. 2020).\n")
    assert "not smith-Ann" not in call("cite", "a.md")[1]
    assert "not smith-Ann: it has one author" in call("cite", "-v", "a.md")[1]
    assert "not smith-Ann: it has one author" in call("cite", "Smith et al. 2020")[1]


def test_a_page_in_place_of_a_citation(wiki: Path, call: Call) -> None:
    code, out, _err = call("cite", "scheming")
    assert (code, out.splitlines()[1]) == (1, 'scheming is a page: "wikitools cite scheming.md" lists what it cites.')


def test_which_files_are_read(wiki: Path, call: Call) -> None:
    code, out, _err = call("lint", "--show-files")
    assert code == 0
    assert {"scheming.md", "references.bib"} <= set(out.splitlines())
    assert call("lint", "--show-files", "scheming.md")[1] == "scheming.md\n"


def test_links_to_and_from_a_page(wiki: Path, call: Call) -> None:
    (wiki / "new.md").write_text("[[scheming]], [[scheming#Signs|signs]], [[Nowhere]], <https://example.org/a>\n")
    code, out, _err = call("links", "scheming.md")
    assert code == 0
    assert "  new.md:1:1  [[scheming]]\n  new.md:1:15  [[scheming#Signs|signs]]\n" in out
    assert call("links", "Scheming")[1] == out
    code, out, _err = call("links", "new.md")
    assert out == (
        "0 links to new.md on 0 pages\n"
        "4 links on new.md\n"
        "  1:1  [[scheming]]  -> scheming.md\n"
        "  1:15  [[scheming#Signs|signs]]  -> scheming.md\n"
        "  1:41  [[Nowhere]]  broken\n"
        "  1:54  <https://example.org/a>  -> https://example.org/a\n"
    )
    data = json.loads(call("links", "scheming.md", "--output-format", "json")[1])
    assert (data["path"], data["incoming"][-1]["path"]) == ("scheming.md", "new.md")


@pytest.mark.parametrize(
    "query",
    [
        *(["Hubinger et al. 2019"], ["(Hubinger et al. 2019)"], ["hubinger2019risks"], ["@hubinger2019risks"]),
        ["Hubinger", "et", "al.", "2019"],
    ],
)
def test_a_citation_or_key_by_itself(query: list[str], wiki: Path, call: Call) -> None:
    code, out, _err = call("cite", *query)
    assert code == 0
    assert out.startswith("1 source for ")
    assert "hubinger2019risks  Hubinger E, van Merwijk C, Mikulik V et al. · 2019 · Risks from Learned" in out
    assert "deceptive-alignment.md\n" in out


def test_an_author_by_name(wiki: Path, call: Call) -> None:
    code, out, _err = call("cite", "Hubinger")
    assert code == 0
    assert "hubinger2019risks  Hubinger E" in out
    assert "deceptive-alignment.md\n" in out


def test_an_empty_path_is_not_the_whole_wiki(wiki: Path, call: Call) -> None:
    for command in ("lint", "cite", "backfill"):
        code, _out, err = call(command, "")
        assert (code, '"" is no path' in err) == (2, True)


def test_a_citation_that_nobody_has(wiki: Path, call: Call) -> None:
    code, out, _err = call("cite", "Ngo et al. 2022")
    assert code == 0
    assert out.startswith("No source fits Ngo et al. 2022.\n\ninstrumental-convergence.md\n")
    assert call("cite", "Nobody 1900")[:2] == (1, "No source fits Nobody 1900.\nNo page cites Nobody 1900.\n")


def test_the_configuration_names_the_rules(wiki: Path, call: Call) -> None:
    _code, out, _err = call("config", "show", "--config", "ignore=['broken-wikilink']")
    assert "rules run; off: broken-wikilink, " in out
    data = json.loads(call("config", "show", "--output-format", "json")[1])
    assert "broken-wikilink" in data["rules"]


def test_text_without_quotes_in_toml(wiki: Path, call: Call) -> None:
    (wiki / "wikitools.toml").write_text("engine = quartz  # our site\n")
    _code, _out, err = call("lint")
    assert err.endswith('wikitools.toml:1:10: invalid value; text needs quotes: engine = "quartz"\n')
    (wiki / "wikitools.toml").write_text('[severity]\norphan-page = "off"\n')
    assert 'not "off"; ignore = ["orphan-page"] turns a rule off' in call("lint")[2]
    (wiki / "wikitools.toml").write_text('ignore = ["orphan-page", broken-wikilink]\n')
    _code, _out, err = call("lint")
    assert err.endswith(':1:26: invalid value; text needs quotes: "broken-wikilink"\n')


def test_a_shell_completes_commands(wiki: Path) -> None:
    import program

    script = subprocess.run(
        [*program.PROGRAM, "completions", "bash"], env=program.environment(), capture_output=True, text=True, check=True
    )
    assert "complete" in script.stdout
    asked = {"_WIKITOOLS_COMPLETE": "complete_bash", "COMP_WORDS": "wikitools ba", "COMP_CWORD": "1"}
    done = subprocess.run(
        program.PROGRAM, env={**program.environment(), **asked}, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["backfill", "baseline"]


def test_a_run_over_nothing_may_be_a_mistake(wiki: Path, call: Call) -> None:
    (wiki / "empty").mkdir()
    assert call("lint", "empty")[0] == 0
    code, _out, err = call("lint", "--error-on-empty", "empty")
    assert (code, err.splitlines()[-1]) == (2, "error: no page to report on (--error-on-empty was given)")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            'exclude = "drafts/, old/"',
            '"drafts/, old/" in exclude leaves nothing out; write several as ["drafts/", "old/"]',
        ),
        ('exclude = ["index.md", "drafts/"]', '"drafts/" in exclude leaves nothing out'),
        ('exclude = ["sub/", "!gone.md"]', '"!gone.md" in exclude leaves nothing out'),
        ('entry-pages = ["index.md", "start.md"]', '"start.md" in entry-pages matches no file'),
        (
            'placeholders = ["TODO, TBD"]',
            '"TODO, TBD" in placeholders: no link matches; write several as ["TODO", "TBD"]',
        ),
        ('per-file-ignores = { "old/**" = ["links"], "scheming.md" = ["links"] }', '"old/**" in per-file-ignores'),
        ('[block]\npages = ["sub/**", "notes/**"]', '"notes/**" in pages of [block] matches no file'),
        ('[block]\nexclude = ["README.md", "journal/**"]', '"journal/**" in exclude of [block] matches no file'),
    ],
)
def test_a_pattern_in_the_configuration_that_matches_nothing(line: str, told: str, wiki: Path, call: Call) -> None:
    (wiki / "sub").mkdir()
    (wiki / "sub/a.md").write_text("# A\n")
    (wiki / "index.md").write_text("# Index\n")
    (wiki / "wikitools.toml").write_text(f"{line}\n")
    for command in ("lint", "backfill") if "placeholders" not in line else ("lint",):
        _code, _out, err = call(command, "--no-cache")
        assert told in err
        assert err.count("warning") == 1
        assert err.startswith("warning: wikitools.toml:")
        # Of a part of the wiki nothing follows; and who wants silence has it.
        assert "warning" not in call(command, "scheming.md")[2] + call(command, "-q")[2]


def test_what_leaves_something_out_is_not_idle(wiki: Path, call: Call) -> None:
    for name in ("drafts/deep/a.md", "drafts/b.md", "img/c.png", "built/d.md"):
        (wiki / name).parent.mkdir(parents=True, exist_ok=True)
        (wiki / name).write_text("# A\n")
    (wiki / ".gitignore").write_text("built/\n")
    lines = ["drafts/*.md", "deep", "*.png", "built/", "/built", "!scheming.md", "# none", ""]
    (wiki / "wikitools.toml").write_text(f"exclude = {json.dumps(lines)}\n")
    assert "leaves nothing out" not in call("lint")[2]


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("hubinger2019", "hubinger2019risks"),
        ("@hubinger2019risk", "hubinger2019risks"),
        ("Hubinger et al. 2018", "Hubinger et al. 2019, Hubinger et al. 2024"),
    ],
)
def test_a_citation_or_key_that_fits_nothing_gets_the_nearest(typed: str, near: str, wiki: Path, call: Call) -> None:
    code, out, _err = call("cite", typed)
    assert (code, out.splitlines()[0]) == (1, f"No source fits {typed}; the nearest: {near}.")
    assert call("cite", "Frobenius 1849")[1] == "No source fits Frobenius 1849.\nNo page cites Frobenius 1849.\n"


def test_no_list_of_commands_is_cut(call: Call) -> None:
    for group in ("", "bib", "baseline", "cache", "config"):
        _code, out, err = call(*group.split(), "--help")
        assert "..." not in (out + err).partition("Commands:")[2]
