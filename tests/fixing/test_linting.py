"""Rules run over facts: what is reported where, in which order, and what is silenced."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from linting import LINKS, find, made

from wikitools.lint.facts import Facts, facts_of
from wikitools.lint.fix.fixing import (
    Outcome,
    Policy,
    UnknownRuleError,
    lint,
)
from wikitools.lint.policy import ignored_in, select_rules
from wikitools.lint.rule import Finding, Severity, load_rules
from wikitools.markdown.page import Heading, Page, Problem, Wikilink
from wikitools.text import Span
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def found(files: Mapping[str, str], policy: Policy = LINKS) -> list[tuple[str, int, int, str]]:
    outcome = lint(facts_of(files), policy)
    return [(each.path, each.line, each.column, each.rule) for each in outcome.diagnostics]


# What is reported


def test_diagnostics_come_by_path_place_and_rule() -> None:
    files = {
        "b.md": "[[Nobody]] [[#No]]\n",
        "a/z.md": "x\n\n[[Nobody]]\n",
        "a.md": "[[No#x]]\n",
    }
    assert found(files) == [
        ("a.md", 1, 1, "broken-wikilink"),
        ("a/z.md", 3, 1, "broken-wikilink"),
        ("b.md", 1, 1, "broken-wikilink"),
        ("b.md", 1, 12, "broken-anchor"),
    ]
    assert found(dict(reversed(files.items()))) == found(files)


def test_lines_and_columns_count_code_points_of_the_file_as_it_is() -> None:
    outcome = lint(facts_of({"a.md": "\ufeff# 👋🏽\r\n\r\né\t[[No\u0301body]]\r\n"}), LINKS)
    (only,) = outcome.diagnostics
    assert (only.line, only.column, only.end_line, only.end_column) == (3, 3, 3, 14)
    assert only.subject == "No\u0301body"


def test_only_the_asked_for_paths_are_reported_but_all_are_known() -> None:
    files = {"a.md": "[[b]] [[x]]", "b.md": "[[y]]"}
    assert found(files, Policy(select=("links",), paths=frozenset({"a.md"}))) == [("a.md", 1, 7, "broken-wikilink")]


def test_one_severity_can_be_changed() -> None:
    policy = Policy(select=("links",), severity={"links": Severity.WARNING, "broken-wikilink": Severity.INFO})
    (only,) = lint(facts_of({"a.md": "[[x]]"}), policy).diagnostics
    assert only.severity is Severity.INFO


@pytest.mark.parametrize(
    ("policy", "runs", "not_runs"),
    [
        (Policy(), "broken-wikilink stale-sources", "missing-sources"),
        (Policy(select=("ALL",)), "broken-wikilink missing-sources", ""),
        (Policy(select=("sources",)), "missing-sources stale-sources", "broken-wikilink"),
        (Policy(extend_select=("missing-sources",)), "broken-wikilink missing-sources", ""),
        (Policy(ignore=("links",)), "broken-anchor", "broken-wikilink ambiguous-wikilink"),
        (Policy(ignore=("ALL",)), "", "broken-wikilink"),
        (Policy(ignore=("links",), extend_select=("broken-wikilink",)), "broken-wikilink", "ambiguous-wikilink"),
        (Policy(select=("broken-wikilink",), ignore=("broken-wikilink",)), "", "broken-wikilink"),
        (Policy(select=("ALL",), ignore=("links",)), "broken-anchor", "broken-wikilink"),
    ],
)
def test_which_rules_run(policy: Policy, runs: str, not_runs: str) -> None:
    selected = {each.id for each in select_rules(policy, load_rules())}
    assert selected >= set(runs.split())
    assert not selected & set(not_runs.split())


@pytest.mark.parametrize(
    "policy",
    [
        Policy(select=("broken-wikilnk",)),
        Policy(ignore=("broken-wikilnk",)),
        Policy(extend_select=("broken-wikilnk",)),
        Policy(severity={"broken-wikilnk": Severity.INFO}),
        Policy(per_file_ignores=(("*.md", ("broken-wikilnk",)),)),
        Policy(fixable=("broken-wikilnk",)),
    ],
)
def test_an_unknown_rule_is_refused_with_a_guess(policy: Policy) -> None:
    with pytest.raises(UnknownRuleError, match='named "broken-wikilnk"; did you mean "broken-wikilink"'):
        lint(facts_of({"a.md": ""}), policy)


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("*.md", "a.md", True),
        ("*.md", "notes/a.md", True),
        ("notes/*.md", "notes/a.md", True),
        ("notes/*.md", "notes/b/a.md", False),
        ("notes/*.md", "x/notes/a.md", False),
        ("notes/**", "notes/b/a.md", True),
        ("notes/", "notes/b/a.md", True),
        ("/a.md", "a.md", True),
        ("/a.md", "notes/a.md", False),
        ("**/old/*", "a/b/old/c.md", True),
        ("**/old/*", "old/c.md", True),
        ("a/**/z.md", "a/z.md", True),
        ("a/**/z.md", "a/b/c/z.md", True),
        ("a?.md", "ab.md", True),
        ("a?.md", "a.md", False),
        ("[x].md", "x.md", False),
        ("[x].md", "[x].md", True),
        ("a*b*c.md", "a-b-bc.md", True),
        ("a*b*c.md", "a-c.md", False),
    ],
)
def test_globs_of_per_file_ignores(glob: str, path: str, *, matches: bool) -> None:
    rules = list(load_rules().values())
    ignored = ignored_in(Policy(per_file_ignores=((glob, ("links",)),)), rules)
    assert ("broken-wikilink" in ignored(path)) is matches


def test_hostile_globs_take_little_time() -> None:
    ignored = ignored_in(Policy(per_file_ignores=(("*a" * 50 + "b", ("ALL",)), ("**/" * 50 + "b", ("ALL",)))), [])
    begin = time.process_time()
    ignored("a" * 2000)
    ignored("a/" * 1000)
    assert time.process_time() - begin < 1


def test_per_file_ignores_are_counted_and_not_reported() -> None:
    policy = Policy(select=("links",), per_file_ignores=(("old/**", ("broken-wikilink",)),))
    outcome = lint(facts_of({"old/a.md": "[[x]]", "b.md": "[[x]]"}), policy)
    assert [each.path for each in outcome.diagnostics] == ["b.md"]
    assert (outcome.ignored, outcome.suppressed) == (1, 0)


def test_suppressed_findings_are_counted_and_idle_comments_told() -> None:
    files = {
        "a.md": "<!-- wikitools-ignore-next-line broken-wikilink -- planned -->\n[[x]]\n\n"
        "<!-- wikitools-ignore-next-line broken-anchor -->\n[[a]]\n"
    }
    outcome = lint(facts_of(files), Policy())
    assert [(each.rule, each.line) for each in outcome.diagnostics] == [("unused-suppression", 4)]
    assert outcome.suppressed == 1


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (Policy(), True),
        (Policy(ignore=("broken-wikilink",)), False),
        (Policy(select=("unused-suppression",)), False),
        (Policy(per_file_ignores=(("a.md", ("links",)),)), False),
        (Policy(paths=frozenset({"b.md"})), False),
    ],
)
def test_idle_comments_are_told_only_where_the_rule_ran(policy: Policy, *, told: bool) -> None:
    outcome = lint(facts_of({"a.md": "<!-- wikitools-ignore-file broken-wikilink -->\n", "b.md": ""}), policy)
    assert bool(outcome.diagnostics) is told


def test_an_idle_comment_can_be_silenced_itself() -> None:
    text = "<!-- wikitools-ignore-file unused-suppression -->\n\n<!-- wikitools-ignore-line broken-wikilink -->\n"
    outcome = lint(facts_of({"a.md": text}), Policy())
    assert (outcome.diagnostics, outcome.suppressed) == ((), 1)


def test_a_rule_that_fails_is_named_and_the_others_go_on() -> None:
    def bad(page: Page, facts: Facts) -> Iterator[Finding]:
        """A rule with a bug."""
        yield Finding(Span(page.path, 0, 0), "before the bug")
        raise KeyError(page.path)

    rules = made(find()(bad), load_rules()["broken-wikilink"])
    outcome = lint(facts_of({"a.md": "[[x]]", "b.md": ""}), Policy(), rules=rules)
    assert [(each.path, each.rule) for each in outcome.diagnostics] == [
        ("a.md", "bad"),
        ("a.md", "broken-wikilink"),
        ("b.md", "bad"),
    ]
    (failure,) = outcome.failures
    assert (failure.rule, failure.path, failure.error, failure.times) == ("bad", "a.md", "KeyError: 'a.md'", 2)
    assert "test_linting" in failure.traceback


def test_a_rule_that_needs_the_web_is_skipped_with_the_reason() -> None:
    def online(page: Page, facts: Facts) -> Iterator[Finding]:
        """A rule that looks things up."""
        yield Finding(Span(page.path, 0, 0), "looked up")

    outcome: Outcome = lint(facts_of({"a.md": ""}), Policy(), rules=made(find(needs_web=True)(online)))
    assert [(each.rule, each.reason) for each in outcome.skipped] == [("online", 'needs the web: run "wikitools urls"')]
    assert outcome.rules == ()


def test_each_thing_is_shown_once_to_all_rules_of_its_kind() -> None:
    seen: list[tuple[str, object]] = []

    def one(thing: Wikilink | Heading, facts: Facts) -> Iterator[Finding]:
        """A rule with two kinds."""
        seen.append(("one", type(thing)))
        yield from ()

    def two(thing: Wiki, facts: Facts) -> Iterator[Finding]:
        """A rule about the whole."""
        seen.append(("two", type(thing)))
        yield from ()

    lint(
        facts_of({"a.md": "# A\n\n[[b]] <https://x.org>", "b.md": "[[a]]"}),
        Policy(),
        rules=made(find()(one), find()(two)),
    )
    assert sorted(seen, key=str) == sorted(
        [("one", Heading), ("one", Wikilink), ("one", Wikilink), ("two", Wiki)], key=str
    )


@pytest.mark.parametrize(("group", "kind"), [("pages", "Nothing"), ("nowhere", "Page")])
def test_a_function_of_another_form_is_no_rule(group: str, kind: str) -> None:
    def odd(thing: Page, facts: Facts) -> Iterator[Finding]:
        """No rule."""
        yield from ()

    odd.__annotations__["thing"] = kind
    with pytest.raises(TypeError, match="rule odd"):
        find(group)(odd)


def test_things_come_in_a_fixed_order() -> None:
    files = {"b.md": "[[x]]\n---\n", "a.md": "# B\n# A\n[[y]] [[x]]"}
    forth, back = facts_of(files), facts_of(dict(reversed(files.items())))
    for kind in (Page, Wikilink, Heading, Problem):
        assert list(forth.each(kind)) == list(back.each(kind))
    assert [link.target for link in forth.each(Wikilink)] == ["y", "x", "x"]
