"""What fixing does, refuses and proves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from examples import few
from hypothesis import given
from hypothesis import strategies as st
from linting import LINKS, find, made

from wikitools.lint.facts import Facts, facts_of
from wikitools.lint.fix import proof
from wikitools.lint.fix.fixing import (
    FixOutcome,
    FixProofError,
    Policy,
    fix,
    lint,
)
from wikitools.lint.rule import Finding, Rule
from wikitools.markdown.page import Page, Problem
from wikitools.markdown.parse import parse
from wikitools.text import Edit, Fix, Safety, Span
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def fixed(files: Mapping[str, str], policy: Policy = LINKS, *, unsafe: bool = True) -> FixOutcome:
    return fix(facts_of(files), policy, rebuild=lambda texts: facts_of({**files, **texts}), unsafe=unsafe)


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


def test_a_fix_waits_for_another_that_has_its_second_place() -> None:
    rules = (replacing("one", "1", "a", also=("three four", "3 4")), replacing("two three", "2 three", "b"))
    assert fix_with({"a.md": "one two three four"}, *rules).texts == {"a.md": "1 two 3 4"}
    inserting = (replacing("one", "1", "a", also=("", "A")), replacing("two", "2", "b", also=("", "B")))
    assert fix_with({"a.md": "one two"}, *inserting, unsafe=True).texts == {"a.md": "BA1 2"}


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


def shouting(page: Page, facts: Facts) -> Iterator[Finding]:
    """Capitals shout."""
    for place, letter in enumerate(page.text):
        if letter.isupper():
            yield Finding(Span(page.path, place, place + 1), "a capital", subject=letter)


def test_a_fix_that_breaks_something_is_taken_back() -> None:
    rules = (replacing("one", "One", "a"), replacing("two", "2", "b"), find()(shouting))
    outcome = fix_with({"a.md": "one two"}, *rules)
    assert outcome.texts == {"a.md": "one 2"}
    assert [each.rule for each in outcome.withdrawn] == ["a"]
    (left,) = outcome.remaining.diagnostics
    assert (left.rule, left.fix) == ("a", None)
    assert left.help.startswith("not repaired: it would cause a new finding, shouting in a.md")


@pytest.mark.parametrize("text", ["one x", "x one", "one x one", "one one x", "one one one x"])
def test_a_fix_is_taken_back_wherever_later_fixes_moved_it(text: str) -> None:
    rules = (replacing("one", "eleven", "b"), replacing("eleven", "a hundred", "c"), replacing("x", "X", "a"))
    outcome = fix_with({"a.md": text}, *rules, find()(shouting))
    assert outcome.texts == {"a.md": text.replace("one", "a hundred")}
    assert [each.rule for each in outcome.withdrawn] == ["a"]


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
        """Reports the same for every page."""
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


@few(50)
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
