"""`lint --fix`: shows, prints or writes repairs."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, NoReturn

from wikitools.cli import inputs
from wikitools.cli.run_rules import end, end_with_unknown_rule, exit_code, find
from wikitools.cli.terminal import complain, fail, note, warn
from wikitools.cli.writing import write_and_retry, write_diff
from wikitools.project.prepare import policy_of
from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wikitools.cli.since import Scope
    from wikitools.cli.startup import AskedWiki
    from wikitools.lint.facts import Facts
    from wikitools.lint.fix.fixing import FixOutcome
    from wikitools.lint.run import Diagnostic, Outcome
    from wikitools.project.loading import Workspace
    from wikitools.project.write_pages import Written


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was found in a wiki, and what was repaired."""

    wiki: AskedWiki
    facts: Facts
    outcome: Outcome
    fixed: tuple[Diagnostic, ...] = ()
    refused: tuple[str, ...] = ()
    """Files that could not be written."""
    changed: tuple[str, ...] = ()
    """Files that changed meanwhile; not written either."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """Why files whose repair could not be proven were left alone, by path."""


def repair(wiki: AskedWiki, scope: Scope | None, *, unsafe: bool) -> Repaired:
    """Repair the pages that were asked about, and write them."""
    _check_engine(wiki)
    fixing = _fix(wiki, unsafe=unsafe, only=None if scope is None else scope.changed)
    written, now, failed = _write(wiki, fixing, unsafe=unsafe)
    _say_refused(wiki, fixing)
    _remember_refused(wiki, fixing)
    for path in written.changed:
        complain(f"{path}: changed on disk while wikitools ran; not written, run again")
    refused, is_new = tuple(written.refused), now.workspace is not wiki.workspace
    facts, outcome = _left(now, scope, fixing, refused=refused, is_new=is_new)
    fixed = tuple(each for each in fixing.fixed if each.path not in {*refused, *written.changed})
    return Repaired(now, facts, outcome, fixed, refused, written.changed, failed)


def preview(wiki: AskedWiki, scope: Scope | None, *, unsafe: bool, exit_zero: bool) -> NoReturn:
    """Print the repairs as a diff, write nothing, and end the run."""
    # It shows what --fix would do.
    _check_engine(wiki)
    fixing = _fix(wiki, unsafe=unsafe, only=None if scope is None else scope.changed)
    write_diff(wiki, fixing.texts)
    _say_refused(wiki, fixing)
    _remember_refused(wiki, fixing)
    if not wiki.request.quiet:
        note(_would_fix(fixing))
    end(1 if fixing.texts and not exit_zero else 0, _left(wiki, scope, fixing)[1], fixing.failed)


def print_fixed(wiki: AskedWiki, *, unsafe: bool, exit_zero: bool) -> NoReturn:
    """Print the page that came from standard input repaired, and end the run."""
    _check_engine(wiki)
    fixing = _fix(wiki, unsafe=unsafe, only=None)
    inputs.write_fixed(wiki, fixing)
    _say_refused(wiki, fixing)
    code = exit_code(fixing.remaining.diagnostics, wiki.settings.fail_on)
    end(0 if exit_zero else code, fixing.remaining, fixing.failed)


def _left(
    wiki: AskedWiki, scope: Scope | None, fixing: FixOutcome, *, refused: tuple[str, ...] = (), is_new: bool = False
) -> tuple[Facts, Outcome]:
    """Return what is left to report; files among `refused` could not be written and have not changed.

    With `is_new` the wiki was read again because files changed meanwhile: then it is what is left in the new state.
    """
    from wikitools.lint.fix.fixing import without_fixes, without_refused

    if is_new:
        facts = wiki.workspace.facts
    elif refused:
        facts = wiki.workspace.rebuild({path: text for path, text in fixing.texts.items() if path not in refused})
    else:
        facts = fixing.facts or wiki.workspace.facts
    same = scope is None and not refused and not is_new
    outcome = without_refused(fixing.remaining if same else find(wiki, facts), fixing.refused)
    return facts, without_fixes(outcome, dict.fromkeys(refused, "the page could not be written"))


def without_known_refusals(wiki: AskedWiki, outcome: Outcome) -> Outcome:
    """Return an outcome without the repairs that `lint --fix` has refused on these same pages."""
    if wiki.store is None or all(diagnostic.fix is None for diagnostic in outcome.diagnostics):
        return outcome
    from wikitools.project.refusals import recall_refused

    refused = recall_refused(wiki.store, policy_of(wiki.settings, None), lambda path: _hash_of(wiki, path))
    if not refused:
        return outcome
    from wikitools.lint.fix.fixing import without_refused

    return without_refused(outcome, refused)


def _remember_refused(wiki: AskedWiki, fixing: FixOutcome) -> None:
    from wikitools.project.refusals import remember_refused

    if wiki.store is not None and fixing.refused:
        policy = policy_of(wiki.settings, None)
        remember_refused(wiki.store, policy, fixing.refused, lambda path: _hash_of(wiki, path))


def _hash_of(wiki: AskedWiki, path: str) -> bytes:
    from wikitools.project.cache import content_hash

    return content_hash(wiki.data_of(path))


_SAID = 20


def _say_refused(wiki: AskedWiki, fixing: FixOutcome) -> None:
    """Print which repairs were refused, and why."""
    if wiki.request.quiet:
        return
    refused = list(fixing.refused.items())
    for (path, rule, subject, title), why in refused[:_SAID]:
        named = f' "{subject}"' if subject else ""
        warn(f"{path}: {rule}{named} was not repaired ({title}): {why}")
    if len(refused) > _SAID:
        warn(f"{len(refused) - _SAID} more were not repaired; each finding says why")


def _check_engine(wiki: AskedWiki) -> None:
    """End the run if repairs would rewrite links for an engine that the wiki was not made for."""
    from wikitools.lint.fix.fixing import find_better_engine

    if misfit := find_better_engine(wiki.workspace.facts, policy_of(wiki.settings, wiki.asked)):
        from wikitools.report import engine_hint

        sentence = engine_hint.render(misfit).strip()
        fail(f"nothing was repaired: {sentence}", "or leave links alone: --ignore links,anchors")


def _fix(wiki: AskedWiki, *, unsafe: bool, only: frozenset[str] | None) -> FixOutcome:
    """Repair the pages that were asked about and are among `only`."""
    from wikitools.lint.fix.fixing import fix
    from wikitools.lint.policy import UnknownRuleError

    asked = only if wiki.asked is None or only is None else wiki.asked & only
    try:
        return fix(
            wiki.workspace.facts,
            policy_of(wiki.settings, wiki.asked if only is None else asked),
            rebuild=wiki.workspace.rebuild,
            unsafe=unsafe,
        )
    except UnknownRuleError as error:
        end_with_unknown_rule(wiki.settings, error.name, str(error))


def _write(wiki: AskedWiki, fixing: FixOutcome, *, unsafe: bool) -> tuple[Written, AskedWiki, Mapping[str, str]]:
    """Write the new texts; files that changed meanwhile are read, fixed and written once more.

    Returns what was not written, the wiki as it is now (the same one if nothing changed), and what could not be proven.
    """
    texts, failed = dict(fixing.texts), dict(fixing.failed)

    def again(fresh: Workspace, paths: frozenset[str]) -> Mapping[str, str]:
        made = _fix(replace(wiki, workspace=fresh, asked=paths), unsafe=unsafe, only=None)
        failed.update(made.failed)
        texts.update({path: fresh.text_of(path) for path in paths} | dict(made.texts))
        return made.texts

    written, workspace = write_and_retry(wiki.workspace, texts, again)
    if workspace is wiki.workspace:
        return written, wiki, failed
    lost = {*written.refused, *written.changed}
    told = workspace.refreshed({path: text for path, text in texts.items() if path not in lost})
    return written, replace(wiki, workspace=told), failed


def _would_fix(fixing: FixOutcome) -> str:
    from wikitools.report.summary import count, places

    if not fixing.texts:
        return "Nothing to fix."
    return f"Would fix {count(len(fixing.fixed), 'problem')} in {places(fixing.texts)}."
