"""Every example in the docstring of every rule: findings where the carets are and nowhere else, fixes as shown."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from wikitools.block.block import BlockStyle
from wikitools.lint.example import Example, Expected, read_status
from wikitools.lint.facts import Facts, facts_of
from wikitools.lint.fix.fixing import Diagnostic, Policy, fix, lint
from wikitools.lint.rule import GROUPS, Rule, load_rules
from wikitools.lint.usage import identity
from wikitools.project.first_pass import NoSources
from wikitools.sources.readers.persons import read_name
from wikitools.sources.record import Notice, Record
from wikitools.sources.source import Source
from wikitools.sources.verdict import Judged, Missing, NotFound, judge
from wikitools.wiki.lazy_pages import UnknownError

if TYPE_CHECKING:
    from collections.abc import Mapping

RULES = list(load_rules().values())
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}-{number}")
    for rule in RULES
    for number, example in enumerate(rule.examples, start=1)
]


def facts_for(example: Example, texts: Mapping[str, str] | None = None) -> Facts:
    block = {name.replace("-", "_"): value for name, value in example.options.get("block", {}).items()}
    facts = facts_of(
        {**example.files, **(texts or {})},
        engine=example.options.get("engine", "obsidian"),
        anchors=example.options.get("anchors"),
        style=BlockStyle(**block),
        tracked=frozenset(example.options["tracked"]) if "tracked" in example.options else None,
        web={url: read_status(said) for url, said in example.options["web"].items()}
        if "web" in example.options
        else None,
    )
    if not example.registry:
        return facts
    said = {identifier: record_of(identifier, said) for identifier, said in example.registry.items()}
    judged = ((source, judge(source, said)) for source in facts.each(Source))
    verdicts = {identity(source): each for source, each in judged if each is not None}
    # Who has no identifier is looked for by its title.
    unknown = {identifier.removeprefix("title:") for identifier in example.registry if identifier.startswith("title:")}
    verdicts |= {identity(each): Judged(NotFound("x")) for each in facts.each(Source) if each.title in unknown}
    return replace(facts, verdicts=verdicts)


def record_of(identifier: str, said: Mapping[str, Any]) -> Record | Missing:
    """Return what a registry says in an example."""
    if not said:
        return Missing("doi.org")
    kind, _colon, value = identifier.partition(":")
    kinds = [name for name in ("retracted", "withdrawn", "concern", "corrected") if name in said]
    names = (read_name(each) for each in said["names"])
    return Record(
        service="crossref",
        title=said["title"],
        names=tuple(name for name in names if name is not None),
        years=(said["year"],),
        doi=value if kind == "doi" else "",
        arxiv=value if kind == "arxiv" else "",
        notices=tuple(Notice(kind, "publisher", said[kind] if isinstance(said[kind], str) else "") for kind in kinds),
        published=said.get("published", ""),
        container=said.get("container", ""),
    )


def marked(diagnostic: Diagnostic, facts: Facts) -> Expected:
    """Return what the carets of an example would say about a diagnostic."""
    if diagnostic.end_line == diagnostic.line:
        end = diagnostic.end_column
    else:
        line = re.split(r"\r\n|\n|\r", facts.text_of(diagnostic.path))[diagnostic.line - 1]
        end = len(line) + 1
    end = max(end, diagnostic.column + 1)
    return Expected(diagnostic.path, diagnostic.line, diagnostic.column, end, diagnostic.message)


def test_a_rule_that_asks_for_sources_says_so() -> None:
    # Otherwise it is right all the same, but pages are gone through twice.
    asking = set()
    for rule in RULES:
        for example in rule.examples:
            facts, none = facts_for(example), NoSources()
            without: Any = dict.fromkeys(("bibliography", "own", "cited", "problems"), none)
            for thing in (each for kind in rule.looks_at for each in facts.each(kind)):
                with suppress(UnknownError):
                    list(rule.check(thing, replace(facts, **without)))
            if none.asked:
                asking.add(rule.id)
    assert asking - {rule.id for rule in RULES if rule.needs_sources} == set()
    assert {"stale-sources", "uncited-source"} <= asking


def policy_for(rule: Rule) -> Policy:
    # All rules run, so that an example whose fix breaks another rule fails; only this rule's fixes are made.
    return Policy(select=("ALL",), fixable=(rule.id,))


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_findings_are_where_the_carets_stand(rule: Rule, example: Example) -> None:
    facts = facts_for(example)
    outcome = lint(facts, policy_for(rule))
    assert not outcome.failures
    found = [marked(each, facts) for each in outcome.diagnostics if each.rule == rule.id]
    expected = sorted(example.expected, key=lambda each: (each.path, each.line, each.column, each.end_column))
    found.sort(key=lambda each: (each.path, each.line, each.column, each.end_column))
    assert found == expected


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_fixes_are_as_shown(rule: Rule, example: Example) -> None:
    facts = facts_for(example)

    def fixed(*, unsafe: bool) -> dict[str, str]:
        outcome = fix(facts, policy_for(rule), rebuild=lambda texts: facts_for(example, texts), unsafe=unsafe)
        assert not outcome.withdrawn
        return {**example.files, **outcome.texts}

    assert fixed(unsafe=False) == {**example.files, **example.fixed}
    if example.fixed_unsafely:
        assert fixed(unsafe=True) == {**example.files, **example.fixed, **example.fixed_unsafely}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_documents_itself(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
    assert rule.id not in GROUPS
    assert rule.summary.endswith(".")
    assert rule.docs.partition("```")[0].strip(), "say why it hurts, and the usual cause"
    assert any(not example.expected for example in rule.examples), "show where the rule must stay silent"
    shows_no_finding = {"unreadable-page"}  # broken bytes cannot stand in a docstring
    assert rule.id in shows_no_finding or any(example.expected for example in rule.examples)
    for example in rule.examples:
        assert {*example.fixed, *example.fixed_unsafely} <= example.files.keys()
