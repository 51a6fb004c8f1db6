"""What readers see: frames and carets, widths, hostile characters, summaries and the envelope."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikitools.block.block import BlockState
from wikitools.cite.citation import Citation, Cited
from wikitools.lint.rule import Related, Severity
from wikitools.lint.run import Diagnostic
from wikitools.report import backfill, citations, concise, full
from wikitools.report import json as json_format
from wikitools.report.ansi import Style
from wikitools.report.report import Report
from wikitools.report.screen import clip, visible, width
from wikitools.report.summary import render as render_summary
from wikitools.report.summary import render_statistics, summarise
from wikitools.sources.source import Source
from wikitools.text import Edit, Fix, Safety, Span, line_and_column, line_starts
from wikitools.wiki.engine_fit import Misfit
from wikitools.wiki.resolution import Ambiguous, Found, Missing

SEED = (
    "It happens in training (Hubinger et al. 2019). See [[Inner Alignmnt]] and then much more text follows, as it does "
    "on real pages, where a paragraph is one line of many hundred characters."
)


def diagnostic(text: str, start: int, end: int, **more: Any) -> Diagnostic:
    starts = line_starts(text)
    line, column = line_and_column(starts, start)
    end_line, end_column = line_and_column(starts, end)
    settings: dict[str, Any] = {
        "rule": "broken-wikilink",
        "group": "links",
        "severity": Severity.ERROR,
        "path": "a.md",
        "span": Span("a.md", start, end),
        "message": 'no page is named "Inner Alignmnt"',
        "subject": "Inner Alignmnt",
    }
    return Diagnostic(**{**settings, **more}, line=line, column=column, end_line=end_line, end_column=end_column)


def report_on(*found: Diagnostic, pages: int = 1, **more: Any) -> Report:
    """Return a report of the findings alone, without a summary."""
    return Report(found, summarise(found, pages=pages), **{"quiet": True, "address": lambda _: "", **more})


def shown(text: str, start: int, end: int, columns: int = 80, **more: Any) -> str:
    report = report_on(diagnostic(text, start, end, **more), text_of=lambda _: text, columns=columns)
    return "".join(full.render(report))


def test_a_path_that_just_fits_the_screen_is_not_broken() -> None:
    path = "sources/" + "x" * 20
    for columns, told in (
        (80, f"  = help: see {path}\n"),
        (38, f"  = help: see\n          {path}\n"),
        (37, f"  = help:\n    see {path}\n"),
        (31, f"  = help: see\n          {path}\n"),
    ):
        found = diagnostic("[[x]]", 0, 5, help=f"see {path}")
        report = report_on(found, text_of=lambda _: "[[x]]", columns=columns, fold=columns)
        assert "".join(full.render(report)).endswith(f"{told}\n"), columns


def test_a_location_that_does_not_fit_beside_its_arrow_gets_a_line() -> None:
    path = "sources/" + "x" * 20
    for columns, told in ((0, f" --> {path}:1:1\n"), (37, f" --> {path}:1:1\n"), (36, f" -->\n  {path}:1:1\n")):
        report = report_on(diagnostic("[[x]]", 0, 5, path=path), text_of=lambda _: "[[x]]", columns=80, fold=columns)
        assert f"\n{told}" in "".join(full.render(report)), columns


def test_an_engine_that_does_not_fit_comes_first_and_last() -> None:
    misfit = Misfit("obsidian", 70, "slug", 0, 80, "Markdown links", 80)
    found = [diagnostic("[[x]]", 0, 5, rule="unmatched-citation", subject=f"{number}") for number in range(60)]
    report = report_on(*found, text_of=lambda _: "[[x]]", quiet=False, misfit=misfit)
    said = "".join(full.render(report)).splitlines()
    assert said[0].startswith('70 of 80 Markdown links are broken under the engine "obsidian", 0 under "slug"')
    # Known findings of the wrong engine would be of no use.
    assert said[-1] == 'Next: set engine = "slug" in wikitools.toml, or let "wikitools init" write it.'
    assert not any("baseline" in line for line in said)
    # Where there is a configuration, "init" would refuse to write another.
    said = "".join(full.render(replace(report, configuration="wiki/wikitools.toml"))).splitlines()
    assert said[-1] == 'Next: set engine = "slug" in wiki/wikitools.toml.'


def test_rules_are_counted_errors_first() -> None:
    found = [
        diagnostic("[[x]]", 0, 5, rule=rule, severity=severity)
        for rule, severity, times in (("orphan-page", Severity.WARNING, 9), ("broken-link", Severity.ERROR, 2))
        for _ in range(times)
    ]
    assert render_statistics(found) == "2  error    broken-link\n9  warning  orphan-page\n"


def test_a_terminal_shows_some_of_each_rule_and_counts_the_others() -> None:
    found = [
        diagnostic("[[x]]", 0, 5, rule=rule, subject=f"{rule}{number}")
        for rule, times in (("broken-wikilink", 200), ("orphan-page", 40), ("broken-anchor", 2))
        for number in range(times)
    ]
    report = report_on(*found, text_of=lambda _: "[[x]]", quiet=False)
    shown = "".join(full.render(replace(report, fold=80)))
    told = {rule: shown.count(f"[{rule}]") for rule in ("broken-wikilink", "orphan-page", "broken-anchor")}
    assert told == {"broken-wikilink": 7, "orphan-page": 6, "broken-anchor": 2}
    counts = re.findall(r"^ *(\d+)  error    ([a-z-]+)$", shown, re.MULTILINE)
    assert counts == [("200", "broken-wikilink"), ("40", "orphan-page"), ("2", "broken-anchor")]
    assert "Found 242 problems" in shown
    assert "Not shown: 227 problems; -v shows each finding" in shown
    # A pipe has no last screen.
    piped = "".join(full.render(report))
    assert piped.count("[orphan-page]") == 40
    assert "Not shown: 190 broken-wikilink; -v" in piped


def marked(text: str, start: int, end: int, columns: int = 80) -> str:
    """Return the text above the carets, cut out of its line by display columns."""
    lines = shown(text, start, end, columns).splitlines()
    caret = next(index for index, line in enumerate(lines) if "^" in line)
    before = width(lines[caret].partition("^")[0])
    room = lines[caret].count("^")
    rest = lines[caret - 1]
    while before > 0:
        before -= width(rest[0])
        rest = rest[1:]
    while rest and width(rest[0]) == 0:
        rest = rest[1:]
    return clip(rest, room)


def test_a_finding_as_a_whole() -> None:
    start = SEED.index("[[")
    fix = Fix('link to "Inner alignment"', (), Safety.UNSAFE)
    related = (Related(Span("a.md", 0, 2), "first named here"),)
    more = {"fix": fix, "help": "make the page", "related": related}
    assert shown(SEED, start, start + 18, **more) == (
        'error[broken-wikilink]: no page is named "Inner Alignmnt"\n'
        " --> a.md:1:52\n"
        "  |\n"
        "1 | ... et al. 2019). See [[Inner Alignmnt]] and then much more text ...\n"
        "  |                       ^^^^^^^^^^^^^^^^^^\n"
        "  = note: first named here (a.md:1:1)\n"
        "  = help: make the page\n"
        '  = fix: link to "Inner alignment" (unsafe)\n'
        "\n"
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plain [[x]] text", "[[x]]"),
        ("日本語の [[x]] 文", "[[x]]"),
        ("\t\ttabs [[x]]", "[[x]]"),
        ("e\u0301e\u0301 [[x]]", "[[x]]"),
        ("😀😀 [[😀x]] 😀", "[[😀x]]"),
        ("\ufeff[[x]] with BOM", "[[x]]"),
        ("\x1b[31m [[x]]", "[[x]]"),
        ("\u202e [[x]]", "[[x]]"),
    ],
)
def test_carets_stand_under_the_place(text: str, wanted: str) -> None:
    start = text.index("[[")
    assert marked(text, start, text.index("]]") + 2) == wanted


def test_lines_are_cropped_around_the_place() -> None:
    text = "word " * 400 + "[[x]]" + " word" * 400
    start = text.index("[[")
    for columns in (40, 80, 120):
        report = shown(text, start, start + 5, columns)
        line = report.splitlines()[3]
        assert width(line) <= columns
        assert line.startswith("1 | ... word")
        assert line.endswith("word ...")
        assert marked(text, start, start + 5, columns) == "[[x]]"
    assert shown(text, 0, 4, 80).splitlines()[3].startswith("1 | word word")
    assert shown(text, len(text) - 4, len(text), 80).splitlines()[3].endswith(" word word")


def test_many_findings_on_one_long_line_take_linear_time() -> None:
    text = "first\n" + "[[x]] " * 100_000 + "\nlast\n"
    found = [diagnostic("", 0, 0)] * 5_000
    found = [replace(one, line=2, column=7, end_line=2, end_column=12) for one in found]
    assert sum(1 for _ in full.render(report_on(*found, text_of=lambda _: text, verbose=True))) == 5_000


def test_a_place_wider_than_the_screen_is_cut() -> None:
    text = "x" * 5000
    lines = shown(text, 0, 5000, 60).splitlines()
    assert all(len(line) <= 60 for line in lines)
    assert lines[3].endswith("xxx ...")
    lines = shown(text, 100, 5000, 60).splitlines()
    assert all(len(line) <= 60 for line in lines[3:])
    assert lines[3].startswith("1 | ... xxx")


def test_a_place_over_several_lines_is_marked_to_the_end_of_the_first() -> None:
    report = shown("one\r\ntwo [[a\r\nb]] c", 9, 16)
    assert "2 | two [[a\n  |     ^^^\n" in report


def test_an_empty_file_has_no_frame() -> None:
    assert shown("", 0, 0).splitlines()[1:] == [" --> a.md:1:1", ""]


@given(st.text(max_size=300), st.integers(0, 300), st.integers(0, 300), st.integers(20, 150))
def test_no_text_breaks_the_frame(text: str, one: int, other: int, columns: int) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    report = shown(text, start, end, columns, message=f'about "{text}"', path=f"{text[:5]}.md")
    lines = report.splitlines()
    assert 3 <= len(lines) <= 6
    assert visible(report.replace("\n", "")) == report.replace("\n", "")
    assert all(width(line) <= max(columns, 40) for line in lines[3:])


@given(st.text())
def test_visible_text_holds_nothing_that_steers(text: str) -> None:
    safe = visible(text)
    assert not set(safe) & {*map(chr, range(32)), *map(chr, range(0x7F, 0xA0)), "\u202e", "\u2066", "\u2028", "\ufeff"}
    assert visible(safe) == safe


def test_concise() -> None:
    found = diagnostic("a\nb [[x\x1b]]", 4, 10, message="bad \x1b[31m", path="sub/a.md")
    assert "".join(concise.render(report_on(found))) == "sub/a.md:2:3: error[broken-wikilink] bad ␛[31m\n"
    painted = "".join(concise.render(report_on(found, shown=lambda path: f"w/{path}", style=Style(True))))
    assert painted.startswith("\x1b[1mw/sub/a.md\x1b[0m:2:3: \x1b[1;31merror[broken-wikilink]\x1b[0m bad")


def test_summaries() -> None:
    text = "[[x]] [[y]]"
    found = [
        diagnostic(text, 0, 5, fix=Fix("f", ())),
        diagnostic(text, 6, 11, fix=Fix("f", (), Safety.UNSAFE)),
        diagnostic(text, 6, 11, severity=Severity.WARNING, rule="other"),
    ]
    assert render_summary(summarise(found, pages=214, suppressed=2)) == (
        "Found 3 problems in 1 page: 2 errors, 1 warning (214 pages, 2 suppressed).\n"
        "1 can be repaired with --fix (1 more with --unsafe-fixes).\n"
    )
    assert render_summary(summarise(found[1:2], pages=1, fixed=2)) == (
        "Fixed 2 problems. Left: 1 problem in 1 page: 1 error (1 page).\n1 can be repaired with --fix --unsafe-fixes.\n"
    )
    mixed = [*found[:2], replace(found[0], path="x.bib"), replace(found[0], path="lib/y.bib")]
    assert render_summary(summarise(mixed, pages=1)).startswith(
        "Found 4 problems in 1 page and 2 bibliographies: 4 errors (1 page).\n"
    )
    assert render_summary(summarise(mixed[2:3], pages=1)).startswith("Found 1 problem in 1 bibliography: 1 error (")
    assert render_summary(summarise(found[:1] * 15178, pages=9)).endswith(
        "15,178 errors (9 pages).\n15,178 can be repaired with --fix.\n"
    )
    assert render_summary(summarise([], pages=1027)) == "No problems found (1,027 pages).\n"
    assert render_summary(summarise([], pages=2, fixed=1)) == "Fixed 1 problem. Nothing is left (2 pages).\n"
    assert render_summary(summarise([], pages=2, absent=("sub",))).endswith(
        'not checked: sub is not checked out ("git submodule update --init", in CI "submodules: true").\n'
    )
    assert ": a and 1 more are not checked out (" in render_summary(summarise([], pages=2, absent=("a", "b")))
    named = render_summary(summarise([], pages=2, bibliographies=("a.bib", "b.bib", "c.bib", "d.bib")))
    assert named.endswith("Bibliographies found: a.bib, b.bib, c.bib and 1 more.\n")
    assert render_statistics(found) == "2  error    broken-wikilink  (has fixes)\n1  warning  other\n"


def test_json() -> None:
    text = "é [[x]]"
    fix = Fix("link", (Edit(Span("a.md", 2, 7), "[[y]]"),))
    related = (Related(Span("b.md", 0, 1), "there"),)
    found = diagnostic(text, 2, 7, fix=fix, related=related, message="\u202e\x1b\x85é")
    written = "".join(json_format.render(report_on(found)))
    assert "\u202e" not in written
    assert "\x85" not in written
    data = json.loads(written)
    assert (data["version"], data["tool"]["name"], data["summary"]["errors"]) == (1, "wikitools", 1)
    (one,) = data["diagnostics"]
    assert (one["message"], one["start"], one["end"], one["line"], one["column"]) == ("\u202e\x1b\x85é", 2, 7, 1, 3)
    assert one["fix"] == {
        "title": "link",
        "safety": "safe",
        "edits": [{"path": "a.md", "start": 2, "end": 7, "text": "[[y]]"}],
    }
    assert one["related"] == [{"path": "b.md", "start": 0, "end": 1, "message": "there"}]


def source(key: str) -> Source:
    return Source(Span("r.bib", 0, 1), key)


TEXT = "See (Shah 2023), (Li 2020) and (Nobody 1999).\n"
CITED = (
    Cited(
        Citation(Span("a.md", 5, 14), "Shah 2023", ("Shah",), year="2023"),
        Found(source("shah2023"), "authors and year"),
        ("authors and year",),
        (("shah2022", "another year"),),
    ),
    Cited(
        Citation(Span("a.md", 18, 25), "Li 2020", ("Li",), year="2020"),
        Ambiguous((source("li2020a"), source("li2020b"))),
    ),
    Cited(Citation(Span("a.md", 32, 43), "Nobody\u2028 1999", ("Nobody",), year="1999"), Missing(("nobody1998",))),
)


def test_citations_as_json_lines() -> None:
    lines = "".join(citations.render_json_lines(citations.rows_of("a.md", TEXT, CITED))).splitlines()
    rows = [json.loads(line) for line in lines]
    assert [(row["status"], row["keys"]) for row in rows] == [
        ("matched", ["shah2023"]),
        ("ambiguous", ["li2020a", "li2020b"]),
        ("unmatched", []),
    ]
    assert rows[0] == {
        "path": "a.md",
        "start": 5,
        "end": 14,
        "line": 1,
        "column": 6,
        "text": "Shah 2023",
        "status": "matched",
        "keys": ["shah2023"],
        "more": 0,
        "evidence": ["authors and year"],
        "names": ["Shah"],
        "year": "2023",
        "kind": "author-year",
        "address": "",
        "why": "",
        "near": [],
        "losers": [{"key": "shah2022", "why": "another year"}],
    }
    assert (rows[2]["why"], rows[2]["near"], rows[2]["text"]) == ("no-such-target", ["nobody1998"], "Nobody\u2028 1999")


def test_citations_as_table_csv_and_json() -> None:
    rows = list(citations.rows_of("a.md", TEXT, CITED))
    table = "".join(citations.render_table(rows, shown=str, columns=100, every=True))
    assert table == (
        "a.md\n"
        "   1:6  Shah 2023     shah2023 (authors and year)\n"
        "                      not shah2022: another year\n"
        "  1:19  Li 2020       ambiguous: li2020a or li2020b\n"
        "  1:33  Nobody� 1999  unmatched: no such target (did you mean nobody1998?)\n"
        "\n"
    )
    narrow = "".join(citations.render_table(rows, shown=str, columns=40))
    assert "Shah 2023     shah2023\n                      authors and year\n" in narrow
    cut = "".join(citations.render_table([long := rows[0]._replace(text="Shah " * 30)], shown=str, columns=80))
    assert max(map(len, cut.splitlines())) <= 80
    assert long.text in "".join(citations.render_table([long], shown=str, columns=0)), "in a pipe"
    assert citations.render_summary(rows) == "3 citations on 1 page: 1 matched, 1 ambiguous, 1 unmatched.\n"
    assert citations.render_summary([]) == "No citations found.\n"
    lines = "".join(citations.render_csv(rows)).split("\n")
    assert lines[0].startswith("path,line,column,start,end,text,status,keys")
    assert lines[1] == "a.md,1,6,5,14,Shah 2023,matched,shah2023,authors and year,,,shah2022 (another year)"
    assert json.loads("".join(citations.render_json(rows)))["summary"] == {
        "citations": 3,
        "matched": 1,
        "ambiguous": 1,
        "unmatched": 1,
    }


def test_backfill_table() -> None:
    rows = [
        backfill.PageRow(
            "a.md",
            BlockState.UPDATED,
            changed=True,
            has_block=True,
            added=("Risks",),
            removed=("[old]",),
            reworded=("new \x1b words",),
            unplaced=tuple(citations.rows_of("a.md", TEXT, CITED[1:])),
            without_url=("Book",),
        ),
        backfill.PageRow("b.md", BlockState.HAND_EDITED, has_block=True, places=(backfill.Place(3, 1, "my words"),)),
        backfill.PageRow("c.md", BlockState.ABSENT, init_adds=True),
        backfill.PageRow("d.md", BlockState.UNCHANGED, has_block=True),
    ]
    assert [row.path for row in rows if row.has_details] == ["a.md"]
    table = "Block    +  -  ~  Page\nupdated  1  1  1  {}a.md\n\nSources: + added, - removed, ~ reworded\n\n"
    assert "".join(backfill.render_changes(rows)) == table.format("")
    long = rows[0]._replace(shown="sub/" * 20 + "a.md")
    assert "".join(backfill.render_changes([long])) == table.format("sub/" * 20)
    # Nothing wraps within a word.
    assert "".join(backfill.render_changes([long], columns=60)) == table.format("\n  " + "sub/" * 20).replace(
        "  \n", "\n"
    )
    details = "".join(backfill.render_details(rows[:1]))
    assert "  + Risks\n  - [old]\n  ~ new ␛ words\n" in details
    assert "  ambiguous: Li 2020 at 1:19 (li2020a, li2020b)\n" in details
    assert "  no URL: Book\n" in details
    assert "".join(backfill.render_stuck(rows)) == (
        "1 page not touched: edited by hand: --force overwrites it\n  b.md:3:1: my words\n\n"
    )
    many = [rows[1]._replace(path=f"{number}.md") for number in range(9)]
    few = "".join(backfill.render_stuck(many, columns=40))
    assert few.startswith("9 pages not touched: edited by hand:\n  --force overwrites it\n  0.md:3:1: my words\n")
    narrow = "".join(backfill.render_stuck(rows, columns=16))
    assert narrow.endswith("\n  b.md:3:1: my\n    words\n\n")
    assert few.endswith("  2.md:3:1: my words\n  and 6 more (-v shows all)\n\n")
    assert "".join(backfill.render_stuck(many, every=True)).count("my words") == 9
    assert backfill.render_summary(rows, written=False) == (
        "Would change 1 page: 1 source added, 1 removed, 1 reworded (3 of 4 pages with a block, 1 not touched, "
        "--init would add 1).\n"
        'Left to you: 1 unmatched and 1 ambiguous citations ("wikitools cite --unmatched", "wikitools cite '
        '--ambiguous"), 1 entry without an '
        "address, details with -v.\n"
    )
    assert backfill.render_summary(rows[3:], written=True) == "Nothing to change (1 of 1 page with a block).\n"
    assert "".join(backfill.render_changes([])) == ""


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20
)


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_json_in_pieces_is_json_at_once(data: dict[str, Any]) -> None:
    whole = json_format.dumps(data, indent=2) + "\n" if data else "{\n}\n"
    assert "".join(json_format.pieces(data)) == whole
    lazy = {key: iter(value) if isinstance(value, list) else value for key, value in data.items()}
    found = list(json_format.pieces(lazy))
    assert "".join(found) == whole
    assert all(piece.endswith("\n") for piece in found)
