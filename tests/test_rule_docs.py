"""Pages of rules: what people read instead of the notation of the examples, and that its advice works."""

from __future__ import annotations

import re

import pytest
from test_rules import facts_for, policy_for

from wikitools.config import load_settings
from wikitools.lint.fix.fixing import lint
from wikitools.lint.rule import Rule, load_rules
from wikitools.report.rule_docs import PlainWriter, SiteWriter, page

RULES = [pytest.param(rule, id=rule.id) for rule in load_rules().values()]


@pytest.mark.parametrize("rule", RULES)
def test_the_page_shows_each_example_and_none_of_the_notation(rule: Rule) -> None:
    site, plain = page(rule, SiteWriter()), page(rule, PlainWriter())
    for text in (site, plain):
        assert text.startswith(f"# {rule.id}\n\n{rule.summary}\n\nseverity: {rule.severity} ")
        assert re.search(r"^ *-- .* --$", text, re.MULTILINE) is None
        assert "```wiki" not in text
    for example in rule.examples:
        for text in (*example.fixed.values(), *example.fixed_unsafely.values()):
            assert text in site
        for each in example.expected:
            assert f"^ {each.message}\n" in plain


@pytest.mark.parametrize("rule", RULES)
def test_what_is_not_reported_is_folded(rule: Rule) -> None:
    shown, _, folded = page(rule, SiteWriter()).partition("<summary>Not reported</summary>")
    folded = folded.partition("</details>")[0]
    assert "hl_lines" not in folded
    assert "- Line " not in folded
    assert shown.count("- Line ") == sum(len(example.expected) for example in rule.examples)


@pytest.mark.parametrize("rule", RULES)
def test_the_configuration_that_a_page_shows_is_valid(rule: Rule) -> None:
    text = page(rule, SiteWriter()).partition("## Configure and silence")[2]
    (shown,) = re.findall(r'^```toml title="wikitools.toml"\n(.*?)^```$', text, re.MULTILINE | re.DOTALL)
    load_settings("/wiki", [("wikitools.toml", shown)])


@pytest.mark.parametrize("rule", RULES)
def test_the_comments_that_a_page_shows_silence_the_rule(rule: Rule) -> None:
    comments = re.findall(r"^<!-- wikitools-ignore-.*? -->$", page(rule, SiteWriter()).partition("## Conf")[2], re.M)
    for example in rule.examples:
        for path in {each.path for each in example.expected if each.path.endswith(".md")}:
            for comment in comments:
                lines = example.files[path].splitlines(keepends=True)
                reported = {each.line for each in example.expected if each.path == path}
                for line in sorted(reported if "next-line" in comment else {len(lines) + 1}, reverse=True):
                    lines.insert(line - 1, f"{comment}\n\n" if "next-line" in comment else f"\n{comment}\n")
                found = lint(facts_for(example, {path: "".join(lines)}), policy_for(rule)).diagnostics
                assert not [each for each in found if each.rule == rule.id and each.path == path], comment


def test_a_page_for_people() -> None:
    rule = load_rules()["broken-wikilink"]
    site = page(rule, SiteWriter())
    assert (
        '```md title="index.md" hl_lines="1"\nAsk [[Alan Turng]] about it.\n```\n\n'
        '- Line 1, `[[Alan Turng]]`: no page is named "Alan Turng"; did you mean "Alan Turing"?\n\n'
        "The wiki also has `Alan Turing.md`.\n\n"
        "After `--fix --unsafe-fixes`:\n\n"
        '```md title="index.md"\nAsk [[Alan Turing]] about it.\n```\n'
    ) in site
    assert (
        "`index.md`:\n\n    Ask [[Alan Turng]] about it.\n"
        '        ^^^^^^^^^^^^^^ no page is named "Alan Turng"; did you mean "Alan Turing"?\n'
    ) in page(rule, PlainWriter())
