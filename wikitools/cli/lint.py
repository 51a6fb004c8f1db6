"""`wikitools lint`: runs every check that needs no network, and makes repairs."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from wikitools.cli import inputs, options, recording
from wikitools.cli.idle_globs import warn_of_idle_globs, warn_of_idle_placeholders
from wikitools.cli.replayable import find_basis, is_replayable
from wikitools.cli.request import Request
from wikitools.cli.run_rules import (
    at_least,
    check,
    end,
    exit_code,
    failing,
    find,
    look_around,
    misfit_of,
)
from wikitools.cli.since import Comparison, find_scope, narrow
from wikitools.cli.startup import open_wiki
from wikitools.cli.terminal import fail, warn
from wikitools.project.prepare import policy_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.cli.baseline import Sifted
    from wikitools.cli.output import Output
    from wikitools.cli.repair import Repaired
    from wikitools.cli.since import Scope
    from wikitools.cli.startup import AskedWiki
    from wikitools.lint.run import Diagnostic
    from wikitools.project.job import Checked
    from wikitools.wiki.engine_fit import Misfit


def lint(  # noqa: PLR0917  # typer turns the parameters into options; nobody passes them by position
    asked: Request,
    paths: options.Paths = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    extend_select: options.ExtendSelect = None,
    fail_on: options.FailOn = None,
    min_severity: options.MinSeverity = "info",
    baseline: options.Baseline = None,
    add_ignore: options.AddIgnore = None,
    files_from: options.FilesFrom = None,
    stdin_filename: options.StdinFilename = None,
    force_exclude: options.ForceExclude = False,
    error_on_empty: options.ErrorOnEmpty = False,
    show_files: options.ShowFiles = False,
    require_clean: options.RequireClean = False,
    fix: options.Fix = False,
    unsafe_fixes: options.UnsafeFixes = False,
    diff: options.Diff = False,
    staged: options.Staged = False,
    changed: options.Changed = False,
    since: options.Since = None,
    new_since: options.NewSince = None,
    reporting: options.Reporting = options.Reporting(),  # noqa: B008  # frozen
    watch: options.Watch = False,
    executor: options.Executor = "",
) -> None:
    """Check links, anchors, citations and blocks; --fix repairs them.

    Never uses the network. Always reads the whole wiki; PATHS only limit the report.
    """
    from wikitools.cli.add_ignores import check_request, silence_findings

    check_request(add_ignore, fix=fix)
    asked, paths = inputs.gather(replace(asked, force_exclude=force_exclude), paths, files_from, stdin_filename)
    if asked.stands_in and (staged or changed or new_since or add_ignore is not None):
        fail("--stdin-filename checks the given text, not git's, and writes nothing", "omit the other options")
    from wikitools.cli.output import check_overwriting, plan

    output = plan(reporting, diff=diff)
    comparison = Comparison(staged=staged, changed=changed, since=since, new_since=new_since)
    silences = add_ignore is not None
    comparison.check(writes=(fix or silences) and not diff, fixes=fix or diff or silences)
    request = replace(asked, staged=staged, executor=executor, summarises=True).on(
        paths,
        select=options.split(select),
        ignore=options.split(ignore),
        extend_select=options.split(extend_select),
        fail_on=fail_on,
        baseline=options.absolute(baseline),
    )
    if show_files:
        inputs.show_files(open_wiki(request))
        return
    if watch:
        given = {
            "--fix": fix,
            "--unsafe-fixes": unsafe_fixes,
            "--diff": diff,
            "--add-ignore": silences,
            "--require-clean": require_clean,
            "--stdin-filename": asked.stands_in,
            "--staged": staged,
            "--changed": changed,
            "--since": since,
            "--new-since": new_since,
            "--index git": asked.index == "git",
            "--executor": executor,
            "--min-severity": min_severity != "info",
        }
        _watch(request, output, [name for name, is_given in given.items() if is_given])
    reads_all = fix or diff or silences or asked.stands_in
    checked = None if reads_all else check(request)
    if executor and checked is None:
        fail("--executor is for checks that go page by page", "not for repairs, states from git and CSL styles")
    wiki, result = (look_around(open_wiki(request)), None) if checked is None else checked
    if error_on_empty and not wiki.pages():
        fail("no page to report on", "--error-on-empty was given")
    warn_of_idle_globs(wiki)
    check_overwriting(output, wiki)
    scope = find_scope(wiki, comparison) if comparison else None
    if require_clean and (fix or silences) and not diff:
        inputs.require_clean(wiki)
    if (fix or diff) and not silences:
        from wikitools.cli.repair import preview, print_fixed, repair

        if diff:
            preview(wiki, scope, unsafe=unsafe_fixes, exit_zero=reporting.exit_zero)
        if asked.stands_in:
            print_fixed(wiki, unsafe=unsafe_fixes, exit_zero=reporting.exit_zero)
        found = repair(wiki, scope, unsafe=unsafe_fixes)
    else:
        from wikitools.cli.repair import Repaired, without_known_refusals

        facts = wiki.workspace.facts
        outcome = find(wiki, facts) if result is None else result.outcome
        found = Repaired(wiki, facts, without_known_refusals(wiki, outcome))
    warn_of_idle_placeholders(wiki, found.outcome.placeholders)
    sifted = sift(found, scope)
    sifted = replace(sifted, outcome=at_least(sifted.outcome, min_severity))
    outcome = sifted.outcome
    if add_ignore is not None:
        outcome = silence_findings(wiki, outcome, policy_of(wiki.settings, wiki.asked), add_ignore, diff=diff)
    if result is not None and not (comparison or silences or files_from) and is_replayable(wiki, output):
        recording.explain(lambda run: find_basis(run, wiki, result))
    whole = _tell(found, replace(sifted, outcome=outcome), output, result)
    if found.refused:
        written = len({each.path for each in found.fixed})
        fail(f"{len(found.refused)} of {len(found.refused) + written} changed pages were not written")
    code = max(exit_code(outcome.diagnostics, wiki.settings.fail_on), int(bool(found.changed)))
    end(2 if not whole else 0 if reporting.exit_zero else code, outcome, found.failed)


def _watch(request: Request, output: "Output", others: list[str]) -> NoReturn:
    """Check after every save until the user interrupts."""
    from wikitools.cli.baseline import without_known
    from wikitools.cli.output import write_reports
    from wikitools.cli.repair import Repaired, without_known_refusals
    from wikitools.cli.watch import check_request, watch

    def show(wiki: "AskedWiki", checked: "Checked") -> "tuple[Diagnostic, ...]":
        found = Repaired(wiki, wiki.workspace.facts, without_known_refusals(wiki, checked.outcome))
        sifted = sift(found, None)
        _tell(found, sifted, output, checked)
        return sifted.outcome.diagnostics

    def sift_(wiki: "AskedWiki", checked: "Checked") -> "tuple[Diagnostic, ...]":
        return without_known(wiki, checked.outcome).outcome.diagnostics

    def list_(wiki: "AskedWiki", new: "Sequence[Diagnostic]") -> None:
        from wikitools.report.report import Report
        from wikitools.report.summary import summarise

        summary = summarise(new, pages=len(wiki.workspace.inventory.pages))
        report = Report(new, summary, text_of=wiki.workspace.text_of, quiet=True)
        write_reports(output, report, wiki)

    check_request(output, others=others)
    watch(request, show=show, sift=sift_, list_=list_)


def _tell(found: "Repaired", sifted: "Sifted", output: "Output", checked: "Checked | None") -> bool:
    """Report the findings, and which rules could not run; return false if a file could not be written."""
    outcome = sifted.outcome
    if not found.wiki.request.quiet:
        for reason in dict.fromkeys(skipped.reason for skipped in outcome.skipped):
            rules = [skipped.rule for skipped in outcome.skipped if skipped.reason == reason]
            warn(f"{', '.join(rules)} {'was' if len(rules) == 1 else 'were'} skipped: {reason}")
    misfit = misfit_of(found.facts, outcome, checked)
    return write_findings(found, sifted, output, misfit)


def sift(found: "Repaired", scope: "Scope | None") -> "Sifted":
    """Return the findings that are in scope and not in the baseline."""
    from wikitools.cli.baseline import without_known

    sifted = without_known(found.wiki, found.outcome)
    if scope is None:
        return sifted
    # Findings in the baseline are compared as well: they existed before, too.
    unknown = {(each.span, each.rule, each.subject): each for each in sifted.outcome.diagnostics}
    inside = narrow(found.outcome, found.wiki, found.facts, scope, policy_of(found.wiki.settings, None))
    keys = [((each.span, each.rule, each.subject), each) for each in inside.diagnostics]
    new = tuple(replace(unknown[key], message=each.message, fix=each.fix) for key, each in keys if key in unknown)
    return replace(sifted, outcome=replace(inside, diagnostics=new))


def write_findings(
    found: "Repaired", sifted: "Sifted", output: "Output", misfit: "Misfit | None", *, unasked: bool = False
) -> bool:
    """Write the findings to all outputs; return false if a file could not be written. `unasked`: see `Summary`."""
    from wikitools.cli.output import write_reports
    from wikitools.report.report import Report
    from wikitools.report.summary import summarise, unread_kinds

    wiki, outcome, inventory = found.wiki, sifted.outcome, found.wiki.workspace.inventory
    summary = summarise(
        outcome.diagnostics,
        pages=len(inventory.pages),
        absent=inventory.absent,
        suppressed=outcome.suppressed,
        placeholders=outcome.placeholders,
        fixed=len(found.fixed),
        known=sifted.known,
        stale=sifted.stale,
        unfollowed=inventory.unfollowed,
        unread_kinds=unread_kinds(inventory.attachments),
        bibliographies=inventory.bibliographies if inventory.discovered else (),
    )
    summary = replace(summary, unasked=unasked)
    if misfit is not None:
        # The repairs wait for the right engine, see `repair`.
        summary = replace(summary, fixable=0, unsafely_fixable=0)
    report = Report(
        outcome.diagnostics,
        summary,
        text_of=found.facts.text_of,
        pages=wiki.pages(),
        failing=failing(wiki.settings.fail_on),
        skipped=outcome.skipped,
        failures=outcome.failures,
        engine=wiki.settings.engine,
        configuration=wiki.configuration,
        misfit=misfit,
        quiet=wiki.request.quiet,
        verbose=wiki.request.verbose,
    )
    return write_reports(output, report, wiki)
