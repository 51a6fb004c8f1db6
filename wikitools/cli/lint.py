"""`wikitools lint`: every check that needs no network, and the repairs."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import typer

from wikitools.cli import inputs, options
from wikitools.cli.compare import Comparison, find_scope, narrow
from wikitools.cli.request import Request
from wikitools.cli.start import Wiki, check_wiki, open_wiki, or_fail
from wikitools.cli.terminal import complain, fail, note, warn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wikitools.check import Checked
    from wikitools.cli.change import Written
    from wikitools.cli.reports import Output
    from wikitools.config import Settings
    from wikitools.lint.engine import FixOutcome
    from wikitools.lint.facts import Facts
    from wikitools.lint.policy import Policy
    from wikitools.lint.run import Diagnostic, Outcome
    from wikitools.pipeline import Workspace
    from wikitools.report.summary import Summary
    from wikitools.wiki.compare import Misfit


def lint(  # noqa: PLR0917  # typer turns the parameters into options; nobody passes them by position
    asked: Request,
    paths: options.Paths = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    extend_select: options.ExtendSelect = None,
    fail_on: options.FailOn = None,
    baseline: options.Baseline = None,
    add_ignore: options.AddIgnore = None,
    files_from: options.FilesFrom = None,
    stdin_filename: options.StdinFilename = None,
    force_exclude: options.ForceExclude = False,
    require_clean: options.RequireClean = False,
    fix: options.Fix = False,
    unsafe_fixes: options.UnsafeFixes = False,
    diff: options.Diff = False,
    staged: options.Staged = False,
    changed: options.Changed = False,
    since: options.Since = None,
    new_since: options.NewSince = None,
    output_format: options.OutputFormat = None,
    report: options.Reports = None,
    group_by: options.GroupBy = None,
    hyperlinks: options.Hyperlinks = "auto",
    statistics: options.Statistics = False,
    exit_zero: options.ExitZero = False,
) -> None:
    """Check links, anchors, citations and blocks; --fix repairs.

    Never touches the network. The whole wiki is read, whatever PATHS are reported on.
    """
    from wikitools.cli.silence import check_request, silence_findings

    check_request(add_ignore, fix=fix)
    asked, paths = inputs.gather(replace(asked, force_exclude=force_exclude), paths, files_from, stdin_filename)
    if asked.stands_in and (staged or changed or new_since or add_ignore is not None):
        fail("--stdin-filename looks at the text given, not at git's, and writes nothing", "leave the others out")
    from wikitools.cli.reports import check_overwriting, plan

    output = plan(output_format, report, group_by, statistics=statistics, hyperlinks=hyperlinks, diff=diff)
    comparison = Comparison(staged=staged, changed=changed, since=since, new_since=new_since)
    silences = add_ignore is not None
    comparison.check(writes=(fix or silences) and not diff, fixes=fix or diff or silences)
    request = replace(asked, staged=staged).on(
        paths,
        select=options.split(select),
        ignore=options.split(ignore),
        extend_select=options.split(extend_select),
        fail_on=fail_on,
        baseline=options.absolute(baseline),
    )
    reads_all = fix or diff or silences or comparison or asked.stands_in
    checked = None if reads_all else _check(request)
    wiki = _look_around(open_wiki(request)) if checked is None else checked[0]
    check_overwriting(output, wiki)
    scope = find_scope(wiki, comparison) if comparison else None
    from wikitools.cli.change import Written, write_diff
    from wikitools.report.summary import summarise

    fixed: tuple[Diagnostic, ...] = ()
    refused: tuple[str, ...] = ()
    changes = False
    written = Written()
    failed: Mapping[str, str] = {}
    before, facts = wiki.workspace, wiki.workspace.facts
    if fix and not diff:
        _check_engine(wiki)
    if require_clean and (fix or silences) and not diff:
        inputs.require_clean(wiki)
    if (fix or diff) and not silences:
        fixing = _fix(wiki, unsafe=unsafe_fixes, only=None if scope is None else scope.changed)
        changes, facts = bool(fixing.texts), fixing.facts or facts
        outcome = fixing.remaining if scope is None else _lint(wiki, facts)
        failed = fixing.failed
        if diff:
            write_diff(wiki, fixing.texts)
            if not wiki.request.quiet:
                note(_would_fix(fixing))
            end(1 if changes and not exit_zero else 0, outcome, failed)
        if asked.stands_in:
            inputs.write_fixed(wiki, fixing)
            end(0 if exit_zero else exit_code(fixing.remaining.diagnostics, wiki.settings.fail_on), outcome, failed)
        written, wiki, failed = _write(wiki, fixing, unsafe=unsafe_fixes)
        if wiki.workspace is not before:
            # Somebody meddled: what is left is told of the wiki as it is now.
            facts = wiki.workspace.facts
            outcome = _lint(wiki, facts)
        refused = written.refused
        fixed = tuple(each for each in fixing.fixed if each.path not in {*refused, *written.changed})
        for path in written.changed:
            complain(f"{path}: changed on disk while wikitools ran; not written, run again")
    else:
        outcome = _lint(wiki, facts) if checked is None else checked[1].outcome
    from wikitools.cli.baseline import without_known

    sifted = without_known(wiki, outcome)
    if scope is None:
        outcome = sifted.outcome
    else:
        # What the baseline knows is compared as well: it was there before, too.
        unknown = {(each.span, each.rule, each.message): each for each in sifted.outcome.diagnostics}
        outcome = narrow(outcome, wiki, facts, scope, policy_of(wiki.settings, None))
        found = ((each.span, each.rule, each.message) for each in outcome.diagnostics)
        outcome = replace(outcome, diagnostics=tuple(unknown[each] for each in found if each in unknown))
    if add_ignore is not None:
        outcome = silence_findings(wiki, outcome, policy_of(wiki.settings, wiki.asked), add_ignore, diff=diff)
    inventory = wiki.workspace.inventory
    summary = summarise(
        outcome.diagnostics,
        pages=len(inventory.pages),
        suppressed=outcome.suppressed,
        fixed=len(fixed),
        known=sifted.known,
        stale=sifted.stale,
        bibliographies=inventory.bibliographies if inventory.discovered else (),
    )
    for skipped in outcome.skipped:
        if not wiki.request.quiet:
            warn(f"{skipped.rule} was skipped: {skipped.reason}")
    misfit = _misfit(facts, outcome) if checked is None or checked[1].may_misfit else None
    whole = _report(wiki, facts, outcome, summary, output, misfit)
    if refused:
        fail(f"{len(refused)} of {len(refused) + len({each.path for each in fixed})} changed pages were not written")
    code = max(exit_code(outcome.diagnostics, wiki.settings.fail_on), int(bool(written.changed)))
    end(2 if not whole else 0 if exit_zero else code, outcome, failed)


def _write(wiki: Wiki, fixing: "FixOutcome", *, unsafe: bool) -> "tuple[Written, Wiki, Mapping[str, str]]":
    """Write the new texts; files that somebody changed meanwhile are read, fixed and written once more.

    Returns what was not written, the wiki as it is now (the same one when nobody meddled), and what is not
    proven.
    """
    from wikitools.cli.change import write_and_retry

    texts, failed = dict(fixing.texts), dict(fixing.failed)

    def again(fresh: "Workspace", paths: frozenset[str]) -> "Mapping[str, str]":
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


def exit_code(diagnostics: "tuple[Diagnostic, ...]", fail_on: str) -> int:
    """Return 1 when a diagnostic is at or above `fail_on`, else 0."""
    return int(any(str(each.severity) in failing(fail_on) for each in diagnostics))


def failing(fail_on: str) -> frozenset[str]:
    """Return the severities that fail a run with this `fail_on`."""
    counts = {"any": ("error", "warning", "info"), "warning": ("error", "warning"), "error": ("error",), "never": ()}
    return frozenset(counts[fail_on])


def end(code: int, outcome: "Outcome", failed: "Mapping[str, str] | None" = None) -> NoReturn:
    """End the run with this exit code; when a rule failed, or a repair could not be proven, say so and end with 2."""
    for why in dict.fromkeys((failed or {}).values()):
        complain(f"not repaired: {why}", "this is a bug of wikitools: please report it")
    for failure in outcome.failures:
        place = f" on {failure.path}" if failure.path else ""
        complain(
            f"the rule {failure.rule} failed{place}: {failure.error}", "this is a bug of wikitools: please report it"
        )
        if debugging():
            note(failure.traceback)
    raise typer.Exit(2 if outcome.failures or failed else code)


def debugging() -> bool:
    """Say whether tracebacks are wanted."""
    import os

    return os.environ.get("WIKITOOLS_DEBUG", "0") not in {"", "0"}


def find_all(wiki: Wiki) -> "Outcome":
    """Return what the rules of the settings find."""
    wiki = _look_around(wiki)
    return _lint(wiki, wiki.workspace.facts)


def policy_of(settings: "Settings", asked: frozenset[str] | None) -> "Policy":
    """Return what the settings say about rules, for the files that were asked about."""
    from wikitools.lint.policy import Policy
    from wikitools.lint.rule import Severity

    return Policy(
        select=settings.select,
        extend_select=settings.extend_select,
        ignore=settings.ignore,
        severity={rule: Severity(level) for rule, level in settings.severity.items()},
        per_file_ignores=settings.per_file_ignores,
        paths=asked,
    )


def checked_policy(settings: "Settings") -> "Policy":
    """Return what the settings say about rules, for all files; ends the run when they name one that does not exist."""
    from wikitools.lint.policy import UnknownRuleError, check_policy
    from wikitools.lint.rule import load_rules

    policy = policy_of(settings, None)
    try:
        check_policy(policy, load_rules())
    except UnknownRuleError as error:
        _unknown_rule(settings, error.name, str(error))
    return policy


def _check(request: Request) -> "tuple[Wiki, Checked] | None":
    """Return the wiki and what was found in it; `None` when all of it must be read for that."""
    from wikitools.lint.policy import UnknownRuleError

    chosen: list[Settings] = []

    def policy(settings: "Settings") -> "Policy":
        chosen.append(settings)
        return policy_of(settings, None)

    try:
        return check_wiki(request, policy)
    except UnknownRuleError as error:
        _unknown_rule(chosen[0], error.name, str(error))


def _look_around(wiki: Wiki) -> Wiki:
    """Return the wiki with what its links name outside of it, and what git tracks when a rule wants to know."""
    from wikitools.lint.policy import UnknownRuleError, select_rules
    from wikitools.lint.rule import load_rules

    try:
        rules = select_rules(policy_of(wiki.settings, wiki.asked), load_rules())
    except UnknownRuleError as error:
        _unknown_rule(wiki.settings, error.name, str(error))
    tracking = any(rule.needs_git for rule in rules)
    return replace(wiki, workspace=or_fail(lambda: wiki.workspace.looked_around(tracking=tracking)))


_TELLS_OF_LINKS = frozenset({"broken-wikilink", "broken-embed", "broken-link", "missing-image"})


def _misfit(facts: "Facts", outcome: "Outcome") -> "Misfit | None":
    """Return which engine would suit the wiki better, if any; only asked when findings would be explained by it."""
    if sum(each.rule in _TELLS_OF_LINKS for each in outcome.diagnostics) < _MANY:
        return None
    from wikitools.wiki.compare import find_misfit

    return find_misfit(facts.wiki)


_MANY = 20


def _check_engine(wiki: Wiki) -> None:
    """End the run when repairs would rewrite links by the rules of an engine that the wiki was not made for."""
    from wikitools.lint.policy import select_rules
    from wikitools.lint.rule import load_rules
    from wikitools.wiki.compare import find_misfit

    rules = select_rules(policy_of(wiki.settings, wiki.asked), load_rules())
    if any(rule.id in _TELLS_OF_LINKS for rule in rules) and (misfit := find_misfit(wiki.workspace.facts.wiki)):
        from wikitools.report import opening

        sentence = opening.render(misfit).strip()
        fail(f"nothing was repaired: {sentence}", "or leave links alone: --ignore links,anchors")


def _lint(wiki: Wiki, facts: "Facts") -> "Outcome":
    from wikitools.lint.policy import UnknownRuleError
    from wikitools.lint.run import lint as run

    try:
        return run(facts, policy_of(wiki.settings, wiki.asked))
    except UnknownRuleError as error:
        _unknown_rule(wiki.settings, error.name, str(error))


def _fix(wiki: Wiki, *, unsafe: bool, only: frozenset[str] | None) -> "FixOutcome":
    """Repair what was asked about and is among `only`."""
    from wikitools.lint.engine import fix
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
        _unknown_rule(wiki.settings, error.name, str(error))


def _unknown_rule(settings: "Settings", name: str, message: str) -> NoReturn:
    """End the run; the message begins with the place that names the rule."""
    origin = settings.origin_of_rule(name)
    fail(f"{origin}: {message}" if origin else message, 'all rules: "wikitools explain"')


def _would_fix(fixing: "FixOutcome") -> str:
    from wikitools.report.summary import count, places

    if not fixing.texts:
        return "Nothing to fix."
    return f"Would fix {count(len(fixing.fixed), 'problem')} in {places(fixing.texts)}."


def _report(  # noqa: PLR0917
    wiki: Wiki, facts: "Facts", outcome: "Outcome", summary: "Summary", output: "Output", misfit: "Misfit | None"
) -> bool:
    """Write the findings wherever they were asked for; false when a file could not be written."""
    from wikitools.cli.reports import located, write_reports
    from wikitools.report.report import Report

    if misfit is not None:
        # The repairs wait for the right engine, see `_check_engine`.
        summary = replace(summary, fixable=0, unsafely_fixable=0)
    report = Report(
        outcome.diagnostics,
        summary,
        text_of=facts.text_of,
        pages=wiki.pages(),
        failing=failing(wiki.settings.fail_on),
        skipped=outcome.skipped,
        failures=outcome.failures,
        misfit=misfit,
        quiet=wiki.request.quiet,
    )
    return write_reports(output, located(report, wiki))
