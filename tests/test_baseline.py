"""The baseline: what a run knows already, what is new, and what of the baseline is out of date."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from wikitools.lint.baseline import (
    BaselineError,
    Comparison,
    compare,
    count_findings,
    read_baseline,
    render_baseline,
)
from wikitools.lint.facts import facts_of
from wikitools.lint.fix.fixing import Policy, lint
from wikitools.lint.rule import load_rules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conftest import Call

    from wikitools.lint.fix.proof import Key

# The file


ENTRIES = {("b.md", "broken-link", "x"): 2, ("a.md", "orphan-page", ""): 1, ("a.md", "broken-link", 'é "q"'): 3}


def test_a_file_is_sorted_one_entry_a_line_and_read_back() -> None:
    text = render_baseline(ENTRIES)
    assert text == render_baseline(dict(reversed(ENTRIES.items())))
    assert text.splitlines()[3] == r'    {"page": "a.md", "rule": "broken-link", "subject": "é \"q\"", "count": 3},'
    assert read_baseline(text) == ENTRIES
    assert read_baseline(render_baseline({})) == {}
    strange = {("a\u2028b.md", "broken-link", "\x1b[31m\udcff"): 1}
    assert len(render_baseline(strange).splitlines()) == 6
    assert read_baseline(render_baseline(strange)) == strange


def test_of_two_equal_entries_the_larger_counts() -> None:
    text = render_baseline(ENTRIES)
    line = '    {"page": "b.md", "rule": "broken-link", "subject": "x", "count": 1},\n'
    assert read_baseline(text.replace("    {", line + "    {", 1)) == ENTRIES


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: expecting value"),
        ('{\n  "version": 1,\n  "findings": [\n  }', "4:3: expecting value"),
        ("[]", '1:1: this is not a baseline: it has no list "findings"'),
        ("[" * 100_000, "1:1: this is not a baseline"),
        ('{"version": 1, "findings": [{"count": ' + "9" * 5000 + "}]}", "1:1: this is not a baseline"),
        ('{"version": 2, "findings": []}', "1:1: a baseline of version 2; this wikitools reads version 1"),
        (
            render_baseline(ENTRIES).replace('"count": 2', '"count": true'),
            '6:5: "count" must be a whole number',
        ),
        (render_baseline(ENTRIES).replace('"count": 2', '"count": 0'), '6:5: "count" must be at least 1'),
        (render_baseline(ENTRIES).replace('"page": "b.md", ', ""), '6:5: "page" must be text'),
        (
            render_baseline(ENTRIES).replace("    {", "<<<<<<< ours\n    {", 1),
            '4:1: unfinished merge: keep the lines of both sides, or run "wikitools baseline update"',
        ),
    ],
)
def test_what_is_no_baseline_is_said_with_its_place(text: str, message: str) -> None:
    with pytest.raises(BaselineError) as error:
        read_baseline(text)
    assert str(error.value) == message


def test_two_branches_that_change_a_baseline_merge(tmp_path: Path) -> None:
    base = {(f"page-{letter}.md", "broken-link", "x"): 1 for letter in "bdfhjln"}
    ours = {key: count for key, count in base.items() if key[0] != "page-b.md"} | {("page-c.md", "dead", "y"): 1}
    theirs = {key: count for key, count in base.items() if key[0] != "page-l.md"} | {("page-i.md", "dead", "y"): 1}
    for name, entries in (("base", base), ("ours", ours), ("theirs", theirs)):
        (tmp_path / name).write_text(render_baseline(entries))
    command = ["git", "merge-file", "-p", "ours", "base", "theirs"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    merged = {key: 1 for key in (*ours, *theirs) if key in ours and key in theirs} | {
        ("page-i.md", "dead", "y"): 1,
        ("page-c.md", "dead", "y"): 1,
    }
    assert done.returncode == 0
    assert read_baseline(done.stdout) == merged


# What is new, known, stale


WIKI = {"a.md": "# A\n\n[[x]] and [[x]]\n\n[[y]]\n", "b.md": "# B\n\n[[a]] [[x]]\n"}


def held(files: Mapping[str, str], entries: Mapping[Key, int], *paths: str, **policy: tuple[str, ...]) -> Comparison:
    asked = frozenset(paths) or None
    outcome = lint(facts_of(files), Policy(**({"select": ("links",)} | policy), paths=asked))
    return compare(outcome, entries, files=files, rules=load_rules(), root="/wiki", asked=asked)


def recorded(files: Mapping[str, str]) -> dict[Key, int]:
    return count_findings(lint(facts_of(files), Policy(select=("links",))).diagnostics, "/wiki")


def told(compared: Comparison) -> list[tuple[str, str, int]]:
    return [(each.path, each.subject, each.line) for each in compared.new]


def test_what_was_recorded_is_not_new_wherever_it_moves() -> None:
    entries = recorded(WIKI)
    assert entries[("a.md", "broken-wikilink", "x")] == 2
    for files in (WIKI, {**WIKI, "a.md": "# A\n\nMore.\n\n[[y]]\n\nMore.\n\n[[x]] [[x]]\n"}):
        compared = held(files, entries)
        assert (compared.new, compared.stale, len(compared.known)) == ((), {}, 4)
        assert compared.pruned == entries


def test_of_one_more_of_a_kind_the_last_is_new() -> None:
    compared = held({**WIKI, "a.md": WIKI["a.md"] + "\n[[x]]\n\n[[z]]\n"}, recorded(WIKI))
    assert told(compared) == [("a.md", "x", 7), ("a.md", "z", 9)]
    assert "the baseline has 2 of these on this page" in compared.new[0].help
    assert "baseline" not in compared.new[1].help


def test_what_is_gone_is_stale() -> None:
    compared = held({**WIKI, "a.md": "# A\n\n[[x]]\n"}, recorded(WIKI))
    assert compared.stale == {("a.md", "broken-wikilink", "x"): 1, ("a.md", "broken-wikilink", "y"): 1}
    assert compared.pruned == {("a.md", "broken-wikilink", "x"): 1, ("b.md", "broken-wikilink", "x"): 1}


def test_only_what_was_looked_for_can_be_stale() -> None:
    entries = {
        ("a.md", "broken-anchor", "gone"): 1,
        ("a.md", "broken-wikilink", "gone"): 1,
        ("b.md", "broken-wikilink", "gone"): 1,
        ("c.md", "broken-wikilink", "gone"): 1,
        ("a.md", "a-rule-of-yesterday", "gone"): 1,
    }
    assert {key[:2] for key in held(WIKI, entries).stale} == {
        ("a.md", "broken-wikilink"),
        ("b.md", "broken-wikilink"),
        ("c.md", "broken-wikilink"),
        ("a.md", "a-rule-of-yesterday"),
    }
    assert [key[0] for key in held(WIKI, entries, "b.md").stale] == ["b.md"]
    assert held(WIKI, entries, select=("broken-anchor",)).stale.keys() >= {("a.md", "broken-anchor", "gone")}


def test_silencing_a_finding_makes_its_entry_stale() -> None:
    compared = held({**WIKI, "b.md": "# B\n\n[[a]] [[x]] <!-- wikitools-ignore-line -->\n"}, recorded(WIKI))
    assert (compared.new, list(compared.stale)) == ((), [("b.md", "broken-wikilink", "x")])


@pytest.mark.parametrize("now", ["sub/a.md", "c.md", "sub/c.md"])
def test_a_renamed_page_keeps_its_entries(now: str) -> None:
    files = {now: WIKI["a.md"], "b.md": WIKI["b.md"]}
    compared = held(files, recorded(WIKI))
    assert [each.path for each in compared.new] == (["b.md"] if now.endswith("c.md") else [])
    assert (compared.moved, compared.stale) == ({"a.md": now}, {})
    assert compared.pruned[now, "broken-wikilink", "x"] == 2


def test_a_renamed_page_that_changed_brings_only_its_new_findings() -> None:
    compared = held({"sub/a.md": WIKI["a.md"] + "\n[[z]]\n", "b.md": WIKI["b.md"]}, recorded(WIKI))
    assert told(compared) == [("sub/a.md", "z", 7)]


def test_a_new_page_does_not_inherit_from_a_deleted_one() -> None:
    files = {"b.md": WIKI["b.md"], "new.md": "# New\n\n[[p]] [[x]]\n", "old.md": "# Old\n\n[[q]]\n"}
    entries = {("a.md", "broken-wikilink", f"{letter}"): 1 for letter in "xlmn"} | recorded({"b.md": WIKI["b.md"]})
    compared = held(files, entries)
    assert compared.moved == {}
    assert [subject for _, subject, _ in told(compared)] == ["p", "x", "q"]


def test_a_folder_with_all_its_pages_moves() -> None:
    before = {f"old/{number}.md": "# P\n\n[[missing]]\n" for number in range(300)}
    after = {path.replace("old/", "new/"): text for path, text in before.items()}
    compared = held(after, recorded(before))
    assert (compared.new, compared.stale, len(compared.moved)) == ((), {}, 300)


def test_bibliographies_outside_of_the_root_are_named_the_same_everywhere() -> None:
    entries = {("../all.bib", "broken-wikilink", ""): 1}
    outcome = lint(facts_of(WIKI), Policy(select=("links",)))
    compared = compare(outcome, entries, files=(*WIKI, "/org/all.bib"), rules=load_rules(), root="/org/wiki")
    assert compared.moved == {}
    assert compared.stale == entries


# The commands


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "wiki"
    root.mkdir()
    for name, text in WIKI.items():
        (root / name).write_text(text)
    monkeypatch.chdir(root)
    (root / "wikitools.toml").write_text("")
    return root


NAME = "wikitools-baseline.json"


def test_from_the_first_run_to_the_last_entry(wiki: Path, call: Call) -> None:
    assert call("lint")[0] == 1
    assert call("baseline", "create") == (0, "", f"Wrote {NAME}: 4 findings in 2 pages.\n")
    assert call("lint") == (0, "No new problems found (2 pages, 4 in baseline).\n", "")
    (wiki / "b.md").write_text("# B\n\n[[new]]\n")
    code, out, _ = call("lint", "--output-format", "concise")
    assert code == 1
    assert out.startswith("b.md:3:3: error[broken-wikilink]") or "b.md:3:" in out
    assert "Found 1 problem in 1 page: 1 error (2 pages, 3 in baseline)." in out
    assert out.endswith('1 in the baseline is stale: run "wikitools baseline prune".\n')
    assert json.loads(call("lint", "--output-format", "json")[1])["summary"]["known"] == 3
    assert call("baseline", "prune", "--check") == (1, "", f"Would change {NAME}: 1 removed.\n")
    assert call("baseline", "prune") == (0, "", f"Wrote {NAME}: 1 removed; now 3 findings in 1 page.\n")
    assert call("baseline", "prune") == (0, "", f"Nothing to change in {NAME}: 3 findings in 1 page.\n")
    assert call("lint")[0] == 1
    assert call("baseline", "update", "--check")[0] == 1
    assert call("baseline", "update")[2] == f"Wrote {NAME}: 1 added, 0 removed; now 4 findings in 2 pages.\n"
    assert call("lint")[0] == 0
    assert call("baseline", "create") == (
        2,
        "",
        f'error: {NAME} already exists ("wikitools baseline update" updates it, --force replaces it)\n',
    )


def test_the_baseline_shown(wiki: Path, call: Call) -> None:
    call("baseline", "create")
    (wiki / "a.md").write_text("# A\n\n[[x]]\n")
    assert call("baseline", "show") == (
        0,
        "a.md: broken-wikilink x (2 times) 1 stale\n"
        "a.md: broken-wikilink y stale\n"
        "b.md: broken-wikilink x\n\n"
        "4  broken-wikilink  in 2 files, 2 stale\n"
        f'4 findings in 2 pages; 2 stale: run "wikitools baseline prune" ({NAME}).\n',
        "",
    )
    assert call("baseline", "show", "-q")[1].splitlines()[-1] == "b.md: broken-wikilink x"
    data = json.loads(call("baseline", "show", "--output-format", "json")[1])
    assert data["findings"][0] == {
        "page": "a.md",
        "rule": "broken-wikilink",
        "subject": "x",
        "count": 2,
        "stale": 1,
    }


def test_which_baseline_counts(wiki: Path, call: Call) -> None:
    """The default name is taken when it is there; another one when it is named, and then it must be there."""
    assert call("baseline", "create", "known.json")[2] == (
        "Wrote known.json: 4 findings in 2 pages.\n"
        'To use it: lint --baseline known.json, or in the configuration: baseline = "known.json"\n'
    )
    assert call("lint")[0] == 1
    assert call("lint", "--baseline", "known.json")[0] == 0
    (wiki / "wikitools.toml").write_text('baseline = "known.json"\n')
    assert call("lint")[0] == 0
    assert call("lint", "--baseline", "")[0] == 1
    assert call("lint", "--isolated")[0] == 1
    (wiki / "wikitools.toml").write_text('\nbaseline = "no.json"\n')
    assert call("lint") == (
        2,
        "",
        'error: wikitools.toml:2:1: no such baseline: no.json ("wikitools baseline create no.json" makes it)\n',
    )
    (wiki / "wikitools.toml").write_text("")
    (wiki / "known.json").rename(wiki / NAME)
    assert call("lint")[0] == 0
    assert call("lint", "--isolated")[0] == 1
    code, _, err = call("baseline", "show", "nothing.json")
    assert (code, err) == (2, 'error: nothing.json: no such baseline ("wikitools baseline create" makes one)\n')


def test_a_broken_baseline_is_said_with_its_place(wiki: Path, call: Call) -> None:
    (wiki / NAME).write_text('{\n  "version": 1,\n  "findings": [\n  }\n')
    for command in (("lint",), ("baseline", "show"), ("baseline", "update"), ("baseline", "prune")):
        code, out, err = call(*command)
        assert (code, out) == (2, "")
        assert err.startswith(f"error: {NAME}:4:3: expecting value")
        assert err.count("\n") == 1


def test_repairs_go_on_in_what_the_baseline_knows(wiki: Path, call: Call) -> None:
    """A baseline says what does not fail. What can be repaired is repaired, and the entry is stale from then on."""
    (wiki / "b.md").write_text("# B\n\n[[a]] <!-- wikitools-ignore-line broken-wikilink -->\n")
    call("baseline", "create")
    assert call("lint")[0] == 0
    code, out, _ = call("lint", "--fix")
    assert code == 0
    assert out.startswith("Fixed 1 problem. Nothing is left (2 pages, 3 in baseline).\n")
    assert 'stale: run "wikitools baseline prune"' in out
    assert (wiki / "b.md").read_text() == "# B\n\n[[a]]\n"


def test_a_part_of_the_wiki_says_nothing_of_the_rest(wiki: Path, call: Call) -> None:
    call("baseline", "create")
    assert call("lint", "b.md") == (0, "No new problems found (2 pages, 1 in baseline).\n", "")
    assert call("lint", "--select", "anchors") == (0, "No problems found (2 pages).\n", "")


def test_one_more_of_a_kind_is_heard_on_changed_pages(wiki: Path, call: Call) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        subprocess.run(["git", *identity, *arguments], cwd=wiki, check=True, capture_output=True)

    call("baseline", "create")
    git("init")
    git("add", ".")
    git("commit", "-m", "start")
    assert call("lint", "--changed")[0] == 0
    (wiki / "a.md").write_text(WIKI["a.md"] + "\n[[x]]\n")
    code, out, _ = call("lint", "--changed")
    assert code == 1
    assert "a.md:7:" in out
    assert "the baseline has 2 of these on this page" in out
