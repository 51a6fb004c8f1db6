"""Comments that silence current findings: where they go, that nothing else changes, and that a second run is idle."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import mistletoe
import pytest

from wikitools.config import load_settings
from wikitools.lint.facts import facts_of
from wikitools.lint.fix.add_ignores import ReasonError, check_reason, silence
from wikitools.lint.fix.fixing import Policy, lint

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

POLICY = Policy()


def silenced(text: str, reason: str = "") -> str:
    """Return the page with comments that silence all its findings; checks that none is left afterwards."""
    files = {"a.md": text}
    facts = facts_of(files)
    found = lint(facts, POLICY).diagnostics
    assert found
    done = silence(facts, POLICY, found, reason=reason, rebuild=lambda texts: facts_of({**files, **texts}))
    assert done.left == ()
    after = lint(facts_of({**files, **done.texts}), POLICY)
    assert after.diagnostics == ()
    assert rendered(done.texts["a.md"]) == rendered(text)
    return done.texts["a.md"]


def rendered(text: str) -> str:
    """Return what a reader sees: mistletoe's HTML without comments and the blanks around them."""
    body = re.sub(r"\A\ufeff?---\n.*?\n---\n?", "", text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"\s*<!--.*?-->\s*?", "", mistletoe.markdown(body), flags=re.DOTALL)).strip()


NEXT, LINE, FILE = (f"<!-- wikitools-ignore-{kind} broken-wikilink -->" for kind in ("next-line", "line", "file"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[x]]\n", f"{NEXT}\n[[x]]\n"),
        ("[[x]]", f"{NEXT}\n[[x]]"),
        ("# A\r\n[[x]]\r\n", f"# A\r\n{NEXT}\r\n[[x]]\r\n"),
        ("A\r\n\r\n[[x]]\r\n", f"A\r\n\r\n{NEXT}\r\n[[x]]\r\n"),
        ("one\n[[x]]\nthree\n", f"one\n[[x]] {LINE}\nthree\n"),
        ("[[x]] [[x]]\n[[y]]\n", f"{NEXT}\n[[x]] [[x]]\n[[y]] {LINE}\n"),
        ("# A [[x]]\n", f"{NEXT}\n# A [[x]]\n"),
        ("A [[x]]\n===\n", f"{NEXT}\nA [[x]]\n===\n"),
        ("- one\n- [[x]]\n- three\n", f"- one\n- [[x]] {LINE}\n- three\n"),
        ("1. one\n   - [[x]]\n\n   more [[y]]\n", f"1. one\n   - [[x]] {LINE}\n\n   more [[y]] {LINE}\n"),
        ("> quoted [[x]]\n> more\n", f"> quoted [[x]] {LINE}\n> more\n"),
        ("| a | b |\n|---|---|\n| [[x]] | c |\n", f"| a | b |\n|---|---|\n| [[x]] | c {LINE} |\n"),
        ("a | b\n---|---\n[[x]] | c\n", f"a | b\n---|---\n[[x]] | c {LINE}\n"),
        ("one\n[[x]]  \nthree\n", f"one\n[[x]] {LINE}  \nthree\n"),
        ("one\n[[x]]\\\nthree\n", f"one\n[[x]] {LINE}\\\nthree\n"),
        ("one\n[[x]] ^id\n", f"one\n[[x]] {LINE} ^id\n"),
        ('---\nsee: "[[x]]"\n---\n# A\n', f'---\nsee: "[[x]]"\n---\n{FILE}\n# A\n'),
        ('---\nsee: "[[x]]"\n---', f'---\nsee: "[[x]]"\n---\n{FILE}\n'),
        ("> # Head [[x]]\n", f"{FILE}\n> # Head [[x]]\n"),
    ],
)
def test_where_comments_stand(text: str, expected: str) -> None:
    assert silenced(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        # The end of the line lies in code: the comment would be seen.
        "one *two\n[[x]] `three\nfour` [[y]]\n",
        "one\n[[x]] $$a\nb$$\n",
    ],
)
def test_a_comment_that_would_be_seen_stands_elsewhere(text: str) -> None:
    assert "wikitools-ignore-file" in silenced(text)


def test_several_rules_of_a_line_share_a_comment_with_the_reason() -> None:
    text = silenced("# A\n\n[[x]] and [gone](no.md)\n", "moved next spring")
    assert "<!-- wikitools-ignore-next-line broken-link, broken-wikilink -- moved next spring -->\n[[x]]" in text


@pytest.mark.parametrize("reason", ["a --> b", "a\nb", "<!-- a", "a --!> b", "\x1b[31m"])
def test_a_reason_that_would_end_the_comment_is_refused(reason: str) -> None:
    with pytest.raises(ReasonError, match="the reason must"):
        check_reason(reason)


def test_the_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wikitools.toml").write_text('bibliography = ["r.bib"]\n')
    (tmp_path / "a.md").write_text("# A\n\n[[x]]\n\n- [[y]]\n")
    (tmp_path / "r.bib").write_text("@book{a, title = {A}, author = {B, C}, year = {2000}\n")
    code, out, err = call("lint", "--add-ignore", "--diff", "a.md")
    assert (code, err) == (1, "Would silence 2 problems in 1 page.\n")
    assert "+<!-- wikitools-ignore-next-line broken-wikilink -->" in out
    assert "<!--" not in (tmp_path / "a.md").read_text()
    assert call("lint", "--add-ignore=until May", "a.md") == (
        0,
        "No problems found (1 page, 2 suppressed).\n",
        "Silenced 2 problems in 1 page.\n",
    )
    text = (tmp_path / "a.md").read_text()
    assert text.count("-- until May -->") == 2
    assert call("lint", "--add-ignore", "a.md") == (0, "No problems found (1 page, 2 suppressed).\n", "")
    assert (tmp_path / "a.md").read_text() == text
    # Once the pages are there the comments are idle, which is a finding with a repair.
    for name in "xy":
        (tmp_path / f"{name}.md").write_text(f"# {name}\n")
    assert call("lint", "--fix", "a.md")[0] == 0
    assert (tmp_path / "a.md").read_text() == "# A\n\n[[x]]\n\n- [[y]]\n"
    code, _, err = call("lint", "--add-ignore", "r.bib")
    assert code == 1
    assert "No comment can silence 1 problem: per-file-ignores or a baseline can." in err
    assert call("lint", "--add-ignore", "--fix")[0] == 2
    assert call("lint", "--add-ignore=a --> b") == (2, "", "error: --add-ignore: the reason must hold no <!-- or -->\n")


def test_a_generated_list_without_markers_costs_the_other_findings_no_comment_of_their_own(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    intro = load_settings(str(tmp_path), []).block.known_intros[0]
    (tmp_path / "a.md").write_text(
        "# A\n\nSee [[Gone]] (Nobody 2020).\n\n"
        f"## Sources cited\n\n*{intro}*\n\n- [Tides](https://example.org/t) — referenced as Doe 2019\n"
    )
    entry = "@book{doe, author = {Doe, Ann}, title = {Tides}, year = {2019}, url = {https://example.org/t}}\n"
    (tmp_path / "r.bib").write_text(entry)
    call("lint", "--add-ignore")
    text = (tmp_path / "a.md").read_text()
    assert text.startswith("<!-- wikitools-ignore-file stale-sources -->\n# A\n")
    assert "<!-- wikitools-ignore-next-line broken-wikilink, unmatched-citation -->\nSee [[Gone]]" in text
    assert call("lint")[0] == 0
