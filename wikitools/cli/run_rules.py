"""What commands that run rules share: the rules that the settings choose, their findings, and the exit code."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import typer

from wikitools.cli.startup import AskedWiki, check_wiki, or_fail
from wikitools.cli.terminal import complain, fail, note
from wikitools.project import prepare
from wikitools.project.prepare import policy_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wikitools.cli.request import Request
    from wikitools.config import Settings
    from wikitools.lint.facts import Facts
    from wikitools.lint.policy import Policy
    from wikitools.lint.run import Diagnostic, Outcome
    from wikitools.project.job import Checked
    from wikitools.wiki.engine_fit import Misfit


def checked_policy(settings: Settings) -> Policy:
    """Return what the settings say about rules, for all files; ends the run if they name an unknown rule."""
    from wikitools.lint.policy import UnknownRuleError, check_policy
    from wikitools.lint.rule import load_rules

    policy = policy_of(settings, None)
    try:
        check_policy(policy, load_rules())
    except UnknownRuleError as error:
        end_with_unknown_rule(settings, error.name, str(error))
    return policy


def end_with_unknown_rule(settings: Settings, name: str, message: str) -> NoReturn:
    """End the run; the message begins with the setting that names the rule."""
    origin = settings.origin_of_rule(name)
    fail(f"{origin}: {message}" if origin else message, 'all rules: "wikitools explain"')


def check(request: Request) -> tuple[AskedWiki, Checked] | None:
    """Return the wiki and what was found in it; `None` if it can only be checked as a whole."""
    from wikitools.lint.policy import UnknownRuleError

    chosen: list[Settings] = []

    def policy(settings: Settings) -> Policy:
        chosen.append(settings)
        return policy_of(settings, None)

    try:
        return check_wiki(request, policy)
    except UnknownRuleError as error:
        end_with_unknown_rule(chosen[0], error.name, str(error))


def look_around(wiki: AskedWiki) -> AskedWiki:
    """Return the wiki with the files outside of it that links name, and git's tracked files if a rule needs them."""
    from wikitools.lint.policy import UnknownRuleError

    try:
        policy = policy_of(wiki.settings, wiki.asked)
        return replace(wiki, workspace=or_fail(lambda: prepare.look_around(wiki.workspace, policy)))
    except UnknownRuleError as error:
        end_with_unknown_rule(wiki.settings, error.name, str(error))


def find(wiki: AskedWiki, facts: Facts) -> Outcome:
    """Return what the rules of the settings find in these facts, on the files that were asked about."""
    from wikitools.lint.policy import UnknownRuleError
    from wikitools.lint.run import lint as run

    try:
        return run(facts, policy_of(wiki.settings, wiki.asked))
    except UnknownRuleError as error:
        end_with_unknown_rule(wiki.settings, error.name, str(error))


def find_all(wiki: AskedWiki) -> Outcome:
    """Return what the rules of the settings find in the wiki as it was read."""
    wiki = look_around(wiki)
    return find(wiki, wiki.workspace.facts)


_MANY = 20
"""So many dead links may have one cause: the engine."""


def misfit_of(facts: Facts, outcome: Outcome, checked: Checked | None = None) -> Misfit | None:
    """Return which engine would suit the wiki better, if any; only computed if that would explain findings."""
    from wikitools.lint.dead_links import DEAD_LINK_RULES

    found = Counter(kind for each in outcome.diagnostics for kind in DEAD_LINK_RULES.get(each.rule, ()))
    kinds = [kind for kind, count in found.items() if count >= _MANY]
    if not kinds:
        return None
    if checked is not None:
        return checked.misfit(kinds)
    from wikitools.wiki.engine_fit import find_misfit

    return find_misfit(facts.wiki, kinds=kinds)


def at_least(outcome: Outcome, severity: str) -> Outcome:
    """Return what a run found, without what is less severe than `severity`."""
    from wikitools.lint.rule import Severity

    order = list(Severity)
    worst = order.index(Severity(severity))
    kept = tuple(each for each in outcome.diagnostics if order.index(each.severity) <= worst)
    return replace(outcome, diagnostics=kept)


def exit_code(diagnostics: tuple[Diagnostic, ...], fail_on: str) -> int:
    """Return 1 if a diagnostic is at or above `fail_on`, else 0."""
    return int(any(str(each.severity) in failing(fail_on) for each in diagnostics))


def failing(fail_on: str) -> frozenset[str]:
    """Return the severities that fail a run with this `fail_on`."""
    counts = {"any": ("error", "warning", "info"), "warning": ("error", "warning"), "error": ("error",), "never": ()}
    return frozenset(counts[fail_on])


def end(code: int, outcome: Outcome, failed: Mapping[str, str] | None = None) -> NoReturn:
    """End the run with this exit code, or with 2 and a message if a rule failed or a repair could not be proven."""
    for why in dict.fromkeys((failed or {}).values()):
        complain(f"not repaired: {why}", "this is a bug in wikitools: please report it")
    for failure in outcome.failures:
        place = f" on {failure.path}" if failure.path else ""
        complain(
            f"the rule {failure.rule} failed{place}: {failure.error}", "this is a bug in wikitools: please report it"
        )
        if debugging():
            note(failure.traceback)
    raise typer.Exit(2 if outcome.failures or failed else code)


def debugging() -> bool:
    """Say whether tracebacks are wanted."""
    return os.environ.get("WIKITOOLS_DEBUG", "0") not in {"", "0"}
