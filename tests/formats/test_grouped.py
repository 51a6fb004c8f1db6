"""Findings grouped by page, target or rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from format_wiki import ALL, READERS, Lint, put

from wikitools.cli.app import run
from wikitools.report.formats import GROUPINGS

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
