"""Rules run over facts: what is reported where and in which order, and what fixing does, refuses and proves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from growth import is_linear
from hypothesis import given, settings
from hypothesis import strategies as st

from wikitools.lint.facts import Facts, facts_of, own_bibliography_paths
from wikitools.lint.fix import proof
from wikitools.lint.fix.fixing import (
    FixOutcome,
    FixProofError,
    Outcome,
    Policy,
    UnknownRuleError,
    fix,
    lint,
)
from wikitools.lint.policy import ignored_in, select_rules
from wikitools.lint.rule import Finding, Rule, Severity, load_rules, rule
from wikitools.markdown.page import Heading, Page, Problem, Wikilink
from wikitools.markdown.parse import parse
from wikitools.text import Edit, Fix, Safety, Span
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LINKS = Policy(select=("links", "anchors"), ignore=("slug-anchor",))


def found(files: Mapping[str, str], policy: Policy = LINKS) -> list[tuple[str, int, int, str]]:
    outcome = lint(facts_of(files), policy)
    return [(each.path, each.line, each.column, each.rule) for each in outcome.diagnostics]


def fixed(files: Mapping[str, str], policy: Policy = LINKS, *, unsafe: bool = True) -> FixOutcome:
    return fix(facts_of(files), policy, rebuild=lambda texts: facts_of({**files, **texts}), unsafe=unsafe)


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


# Rules of our own


def made(*rules: Rule) -> dict[str, Rule]:
    return {each.id: each for each in sorted(rules, key=lambda each: each.id)}


def find(group: str = "pages", *, needs_web: bool = False) -> Callable[..., Rule]:
    return rule(group=group, severity=Severity.ERROR, since="0", needs_web=needs_web)


def replacing(old: str, new: str, name: str, *, also: tuple[str, str] | None = None, safe: bool = True) -> Rule:
    """Return a rule that finds `old` and replaces it; `also` is another edit (text, replacement) of the same fix."""

    def check(page: Page, facts: Facts) -> Iterator[Finding]:
        """Words are out of date."""
        place = page.text.find(old)
        while place >= 0:
            edits = [Edit(Span(page.path, place, place + len(old)), new)]
            if also is not None and (other := page.text.find(also[0])) >= 0:
                edits.append(Edit(Span(page.path, other, other + len(also[0])), also[1]))
            safety = Safety.SAFE if safe else Safety.UNSAFE
            yield Finding(edits[0].span, f"{old} here", subject=old, fix=Fix(f"write {new}", tuple(edits), safety))
            place = page.text.find(old, place + len(old))

    check.__name__ = name
    return find()(check)


def fix_with(files: Mapping[str, str], *rules: Rule, policy: Policy | None = None, unsafe: bool = False) -> FixOutcome:
    return fix(
        facts_of(files),
        policy or Policy(),
        rebuild=lambda texts: facts_of({**files, **texts}),
        unsafe=unsafe,
        rules=made(*rules),
    )


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
    assert "test_engine" in failure.traceback


def test_a_rule_that_needs_the_web_is_skipped_with_the_reason() -> None:
    def online(page: Page, facts: Facts) -> Iterator[Finding]:
        """A rule that looks things up."""
        yield Finding(Span(page.path, 0, 0), "looked up")

    outcome: Outcome = lint(facts_of({"a.md": ""}), Policy(), rules=made(find(needs_web=True)(online)))
    assert [(each.rule, each.reason) for each in outcome.skipped] == [("online", "it needs the web")]
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


# Fixes


def test_fixes_reach_a_fixed_point_and_a_second_run_does_nothing() -> None:
    rules = (replacing("one", "two", "first"), replacing("two", "three", "second"))
    outcome = fix_with({"a.md": "one two one", "b.md": "nil"}, *rules)
    assert outcome.texts == {"a.md": "three three three"}
    assert [each.rule for each in outcome.fixed] == ["first", "second", "first"]
    assert outcome.remaining.diagnostics == ()
    assert fix_with({**outcome.texts, "b.md": "nil"}, *rules).texts == {}


def test_fixes_that_want_the_same_place_wait_for_each_other() -> None:
    rules = (replacing("one two", "1 two", "a"), replacing("two three", "2 three", "b"))
    assert fix_with({"a.md": "one two three"}, *rules).texts == {"a.md": "1 2 three"}


def test_a_fix_happens_whole_or_not_at_all() -> None:
    # Both fixes want "end": the second one waits as a whole, and then finds nothing to do.
    rules = (replacing("one", "1", "a", also=("end", "END")), replacing("two", "2", "b", also=("end", "ende")))
    assert fix_with({"a.md": "one two end"}, *rules).texts == {"a.md": "1 2 END"}


def test_a_fix_that_changes_nothing_is_not_offered() -> None:
    idle = replacing("A", "A", "idle")
    outcome = lint(facts_of({"a.md": "A B"}), Policy(select=("ALL",)), rules=made(idle))
    assert [(each.rule, each.fix) for each in outcome.diagnostics] == [("idle", None)]


def test_guesses_are_made_only_when_asked_for() -> None:
    guess = replacing("one", "two", "guess", safe=False)
    assert fix_with({"a.md": "one"}, guess).texts == {}
    assert fix_with({"a.md": "one"}, guess, unsafe=True).texts == {"a.md": "two"}


def test_only_fixable_rules_on_asked_for_pages_are_fixed() -> None:
    rules = (replacing("one", "1", "a"), replacing("two", "2", "b"))
    files = {"a.md": "one two", "b.md": "one two"}
    outcome = fix_with(files, *rules, policy=Policy(fixable=("a",), paths=frozenset({"b.md"})))
    assert outcome.texts == {"b.md": "1 two"}
    assert [(each.path, each.rule) for each in outcome.remaining.diagnostics] == [("b.md", "b")]
    assert [(each.path, each.rule) for each in outcome.fixed] == [("b.md", "a")]


def test_suppressed_findings_are_not_fixed() -> None:
    text = "<!-- wikitools-ignore-next-line a -->\none\n\none\n"
    assert fix_with({"a.md": text}, replacing("one", "1", "a")).texts == {"a.md": text[:-4] + "1\n"}


def test_a_fix_that_breaks_something_is_taken_back() -> None:
    def shouting(page: Page, facts: Facts) -> Iterator[Finding]:
        """Capitals shout."""
        for place, letter in enumerate(page.text):
            if letter.isupper():
                yield Finding(Span(page.path, place, place + 1), "a capital", subject=letter)

    rules = (replacing("one", "One", "a"), replacing("two", "2", "b"), find()(shouting))
    outcome = fix_with({"a.md": "one two"}, *rules)
    assert outcome.texts == {"a.md": "one 2"}
    assert [each.rule for each in outcome.withdrawn] == ["a"]
    (left,) = outcome.remaining.diagnostics
    assert (left.rule, left.fix) == ("a", None)
    assert left.help.startswith("not repaired: it would cause a new finding, shouting in a.md")


def test_fixes_that_never_end_are_taken_back() -> None:
    rules = (
        replacing("one", "two", "a"),
        replacing("two", "one", "b"),
        replacing("x", "x.", "c"),
        replacing("y", "z", "d"),
    )
    outcome = fix_with({"a.md": "one", "b.md": "x", "c.md": "y"}, *rules)
    assert outcome.texts == {"c.md": "z"}
    assert [each.rule for each in outcome.withdrawn] == ["a", "c"]
    assert [(each.rule, each.fix) for each in outcome.remaining.diagnostics] == [("a", None), ("c", None)]
    assert {each.rule for each in outcome.withdrawn} == {rule for _path, rule, _subject, _title in outcome.refused}
    assert all(outcome.refused.values())


def test_a_fix_that_meets_itself_is_refused() -> None:
    # The page keeps its text; what else is wrong elsewhere is fixed.
    outcome = fix_with(
        {"a.md": "one", "b.md": "two"}, replacing("one", "two", "a", also=("on", "x")), replacing("two", "2", "b")
    )
    assert outcome.texts == {"b.md": "2"}
    assert "overlap" in outcome.failed["a.md"]


def test_a_fix_that_does_not_cure_is_refused() -> None:
    def stubborn(page: Page, facts: Facts) -> Iterator[Finding]:
        """Said, whatever the page says."""
        fix = Fix("write two", (Edit(Span(page.path, 0, 3), "two"),)) if "one" in page.text else None
        yield Finding(Span(page.path, 0, 3), "still here", fix=fix)

    outcome = fix_with({"a.md": "one", "b.md": "2"}, find()(stubborn), replacing("2", "3", "b"))
    assert outcome.texts == {"b.md": "3"}
    assert "stubborn was fixed and is still there" in outcome.failed["a.md"]


def test_a_fix_that_breaks_another_page_without_a_trace_is_refused() -> None:
    def elsewhere(wiki: Wiki, facts: Facts) -> Iterator[Finding]:
        """Page b is wrong when page a says 1."""
        if "1" in wiki.pages["a.md"].text:
            yield Finding(Span("b.md", 0, 0), "wrong")

    outcome = fix_with({"a.md": "one", "b.md": ""}, replacing("one", "1", "a"), find()(elsewhere))
    assert outcome.texts == {}
    assert outcome.failed == {"a.md": "b.md: fixes elsewhere cause a new finding, elsewhere"}


def test_a_fix_that_breaks_a_page_with_a_link_to_it_is_taken_back() -> None:
    def elsewhere(page: Page, facts: Facts) -> Iterator[Finding]:
        """Page b is wrong when page a says 1."""
        if page.path == "b.md" and "1" in facts.wiki.pages["a.md"].text:
            yield Finding(Span("b.md", 0, 0), "wrong")

    files = {"a.md": "one", "b.md": "[[a]]", "c.md": "one"}
    outcome = fix_with(files, replacing("one", "1", "a"), find()(elsewhere))
    assert (outcome.texts, outcome.failed) == ({"c.md": "1"}, {})


@pytest.mark.parametrize("edit", [(2, 9), (-1, 2), (3, 1)])
def test_an_edit_outside_of_the_file_is_refused(edit: tuple[int, int]) -> None:
    def outside(page: Page, facts: Facts) -> Iterator[Finding]:
        """Edits what is not there."""
        yield Finding(Span(page.path, 0, 1), "x", fix=Fix("x", (Edit(Span(page.path, *edit), "yyy"),)))

    outcome = fix_with({"a.md": "one"}, find()(outside))
    assert outcome.texts == {}
    assert "does not fit the file" in outcome.failed["a.md"]


def test_unreadable_pages_are_never_edited() -> None:
    damaged = Page("a.md", "one", problems=(Problem(Span("a.md", 0, 1), "unreadable-page", "not UTF-8"),))
    facts = Facts(wiki=Wiki([damaged, parse("b.md", "one")]), bibliography=facts_of({}).bibliography)

    def rebuild(texts: Mapping[str, str]) -> Facts:
        pages = [damaged, parse("b.md", texts.get("b.md", "one"))]
        return Facts(wiki=Wiki(pages), bibliography=facts.bibliography)

    outcome = fix(facts, Policy(), rebuild=rebuild, rules=made(replacing("one", "1", "a")))
    assert outcome.texts == {"b.md": "1"}


def test_a_fix_that_makes_front_matter_unreadable_is_taken_back() -> None:
    files = {"a.md": "---\ntitle: one\n---\n"}
    outcome = fix_with(files, replacing("one", "[", "a"))
    assert outcome.texts == {}
    assert [each.rule for each in outcome.withdrawn] == ["a"]


def test_the_proof_compares_texts_on_its_own() -> None:
    edits = [Edit(Span("a.md", 4, 7), "2")]
    proof.check_edits("a.md", "one two three", "one 2 three", edits)
    for wrong in ("one 2 thre", "one 2 three ", "One 2 three", "one 3 three", "one two three"):
        with pytest.raises(FixProofError):
            proof.check_edits("a.md", "one two three", wrong, edits)
    with pytest.raises(FixProofError, match="UTF-8"):
        proof.check_edits("a.md", "one", "\ud800", [Edit(Span("a.md", 0, 3), "\ud800")])


def test_line_ends_byte_order_mark_and_the_missing_last_line_end_survive_a_fix() -> None:
    files = {"a.md": "\ufeffA\t\r\n\r\n[[alan-turing]]  \r\nB [[alan turing]]", "Alan Turing.md": ""}
    assert fixed(files).texts == {"a.md": "\ufeffA\t\r\n\r\n[[Alan Turing]]  \r\nB [[Alan Turing|alan turing]]"}


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("[[early-life#early-life]]", "[[early-life#Early life]]"),
        ("![[early-life#early-life|300]]", "![[early-life#Early life|300]]"),
        ("[[ elk ]]", "[[ Eliciting latent knowledge |elk]]"),
        ("[[elk#Why]]", "[[Eliciting latent knowledge#Why|elk]]"),
        ("[[elk#Never]]", "[[elk#Never]]"),
        ("[[elk|it]]", "[[Eliciting latent knowledge|it]]"),
        ("![[elk]]", "![[Eliciting latent knowledge]]"),
        ("| [[elk\\|it]] |\n|-|", "| [[Eliciting latent knowledge\\|it]] |\n|-|"),
        ("[[no/early-life]]", "[[early-life]]"),
        ("[[early%2Dlife]]", "[[early-life]]"),
        ("[[it|early-life]]", "[[early-life|it]]"),
        ("[x](early-life.md#Erly-life)", "[x](early-life.md#early-life)"),
        ("[x](<early-life.md#Erly-life>)", "[x](<early-life.md#early-life>)"),
        ("[x][y]\n\n[y]: early-life.md#Erly-life", "[x][y]\n\n[y]: early-life.md#early-life"),
        ('---\nup: "[[elk]]"\n---\n', '---\nup: "[[Eliciting latent knowledge|elk]]"\n---\n'),
    ],
)
def test_links_are_written_anew_in_the_style_of_the_author(link: str, expected: str) -> None:
    files = {
        "a.md": link,
        "early-life.md": "# Early life\n",
        "Eliciting latent knowledge.md": "---\naliases: elk\n---\n# Why\n",
    }
    assert {**files, **fixed(files).texts}["a.md"] == expected


WORDS = st.sampled_from(
    [
        *(
            "(Bostrom 2014)",
            "## Sources cited\n",
            "<!-- wikitools:sources -->\n",
            "<!-- /wikitools:sources -->\n",
            "<!--",
        ),
        *("[[Alan Turng]]", "[[alan-turing]]", "[[ELK]]", "[[Alan Turing#early-life]]", "[[Nobody|x]]", "![[ELK]]"),
        *("<!-- wikitools-ignore-line links -->", "<!-- wikitools-ignore-end -->", "<!-- wikitools-ignore -->", "`"),
        *(
            "\n",
            "\r\n",
            "\n\n",
            "- ",
            "> ",
            "| ",
            " | ",
            "\\|",
            "word",
            "👋",
            "---\n",
            "[a](Alan%20Turing.md#erly-life)",
        ),
        *(
            "<!-- wikitools-ignore-next-line broken-anchor, links -->",
            "```\n",
            "$",
            "%%",
            "# Early life\n",
            "[[#erly life]]",
        ),
    ]
)


@settings(max_examples=150)
@given(st.lists(WORDS, max_size=14).map("".join))
def test_any_page_is_fixed_to_a_fixed_point_or_left_alone(text: str) -> None:
    files = {
        "a.md": text,
        "Alan Turing.md": "# Early life\n",
        "Eliciting latent knowledge.md": "---\naliases: ELK\n---\n",
        "refs.bib": "@book{bostrom2014, author={Bostrom, Nick}, title={Superintelligence}, year={2014}}",
    }
    outcome = fixed(files, Policy(select=("ALL",)))
    assert set(outcome.texts) <= {"a.md"}
    again = fixed({**files, **outcome.texts}, Policy(select=("ALL",)))
    assert again.texts == {}
    assert again.remaining.diagnostics == outcome.remaining.diagnostics


# Facts


@pytest.mark.parametrize(
    ("written", "path", "expected"),
    [
        ("refs.bib", "a.md", ("refs.bib",)),
        ("refs.bib", "notes/a.md", ("notes/refs.bib",)),
        ("../refs.bib", "notes/a.md", ("refs.bib",)),
        ("/refs.bib", "notes/a.md", ("refs.bib",)),
        ("[one.bib, two.json, one.bib]", "a.md", ("one.bib", "two.json")),
        ("../refs.bib", "a.md", ()),
        ("../../etc/x.bib", "notes/a.md", ()),
        ("https://example.org/refs.bib", "a.md", ()),
        ("[1, null, '']", "a.md", ()),
        ("", "a.md", ()),
    ],
)
def test_bibliographies_named_in_front_matter(written: str, path: str, expected: tuple[str, ...]) -> None:
    page = parse(path, f"---\nbibliography: {written}\n---\n")
    assert own_bibliography_paths(page) == expected


@pytest.mark.slow
def test_time_is_linear_in_pages_and_links() -> None:
    def seconds(pages: int) -> float:
        files = {f"p{number}.md": f"[[p{number + 1}]] [[p{number}#x]] [[q{number}]]\n" * 4 for number in range(pages)}
        facts = facts_of(files)
        begin = time.process_time()
        lint(facts, Policy(select=("broken-anchor", "ambiguous-wikilink", "suppressions")))
        return time.process_time() - begin

    assert is_linear(seconds, 200, times=8)
