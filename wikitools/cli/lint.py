"""`wikitools lint`: every check that needs no network, and the repairs."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from wikitools.cli import options
from wikitools.cli.request import Request
from wikitools.cli.start import Wiki, open_wiki, or_fail
from wikitools.cli.terminal import columns, complain, fail, note, output_style, warn, write

if TYPE_CHECKING:
    from wikitools.config import Settings
    from wikitools.lint.engine import FixOutcome
    from wikitools.lint.facts import Facts
    from wikitools.lint.policy import Policy
    from wikitools.lint.run import Diagnostic, Outcome
    from wikitools.report.summary import Summary
    from wikitools.wiki.compare import Misfit

Format = Annotated[
    Literal["full", "concise", "json"],
    typer.Option("--output-format", help="How findings are shown.", rich_help_panel=options.OUTPUT),
]


def lint(  # noqa: PLR0917  # typer turns the parameters into options; nobody passes them by position
    asked: Request,
    paths: options.Paths = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    extend_select: options.ExtendSelect = None,
    fail_on: options.FailOn = None,
    baseline: options.Baseline = None,
    add_ignore: options.AddIgnore = None,
    fix: options.Fix = False,
    unsafe_fixes: options.UnsafeFixes = False,
    diff: options.Diff = False,
    output_format: Format = "full",
    statistics: options.Statistics = False,
    exit_zero: options.ExitZero = False,
) -> None:
    """Check links, anchors, citations and blocks; --fix repairs.

    Never touches the network. The whole wiki is read, whatever PATHS are reported on.
    """
    from wikitools.cli.silence import check_request, silence_findings

    check_request(add_ignore, fix=fix)
    wiki = open_wiki(
        asked.on(
            paths,
            select=options.split(select),
            ignore=options.split(ignore),
            extend_select=options.split(extend_select),
            fail_on=fail_on,
            baseline=options.absolute(baseline),
        )
    )
    wiki = _look_around(wiki)
    from wikitools.cli.change import write_diff, write_pages
    from wikitools.report.summary import summarise

    fixed: tuple[Diagnostic, ...] = ()
    refused: tuple[str, ...] = ()
    changes = False
    facts = wiki.workspace.facts
    if fix and not diff:
        _check_engine(wiki)
    if (fix or diff) and add_ignore is None:
        fixing = _fix(wiki, unsafe=unsafe_fixes)
        outcome, changes, facts = fixing.remaining, bool(fixing.texts), fixing.facts or facts
        if diff:
            write_diff(wiki, fixing.texts)
            if not wiki.request.quiet:
                note(_would_fix(fixing))
            end(1 if changes and not exit_zero else 0, outcome)
        refused = write_pages(wiki, fixing.texts)
        fixed = tuple(each for each in fixing.fixed if each.path not in refused)
    else:
        outcome = _lint(wiki)
    from wikitools.cli.baseline import without_known

    sifted = without_known(wiki, outcome)
    outcome = sifted.outcome
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
    _report(wiki, facts, outcome, summary, output_format, statistics=statistics)
    if refused:
        fail(f"{len(refused)} of {len(refused) + len({each.path for each in fixed})} changed pages were not written")
    code = exit_code(outcome.diagnostics, wiki.settings.fail_on)
    end(0 if exit_zero else code, outcome)


def exit_code(diagnostics: "tuple[Diagnostic, ...]", fail_on: str) -> int:
    """Return 1 when a diagnostic is at or above `fail_on`, else 0."""
    counts = {"any": ("error", "warning", "info"), "warning": ("error", "warning"), "error": ("error",), "never": ()}
    return int(any(str(each.severity) in counts[fail_on] for each in diagnostics))


def end(code: int, outcome: "Outcome") -> NoReturn:
    """End the run with this exit code; when a rule failed, say so and end with 2."""
    for failure in outcome.failures:
        place = f" on {failure.path}" if failure.path else ""
        complain(
            f"the rule {failure.rule} failed{place}: {failure.error}", "this is a bug of wikitools: please report it"
        )
        if debugging():
            note(failure.traceback)
    raise typer.Exit(2 if outcome.failures else code)


def debugging() -> bool:
    """Say whether tracebacks are wanted."""
    import os

    return os.environ.get("WIKITOOLS_DEBUG", "0") not in {"", "0"}


def find_all(wiki: Wiki) -> "Outcome":
    """Return what the rules of the settings find."""
    return _lint(_look_around(wiki))


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


def _look_around(wiki: Wiki) -> Wiki:
    """Return the wiki with what its links name outside of it, and what git tracks when a rule wants to know."""
    from dataclasses import replace

    from wikitools.lint.policy import UnknownRuleError, select_rules
    from wikitools.lint.rule import load_rules

    try:
        rules = select_rules(policy_of(wiki.settings, wiki.asked), load_rules())
    except UnknownRuleError as error:
        _unknown_rule(wiki.settings, error.name, str(error))
    git = any(rule.needs_git for rule in rules)
    return replace(wiki, workspace=or_fail(lambda: wiki.workspace.looked_around(git=git)))


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


def _lint(wiki: Wiki) -> "Outcome":
    from wikitools.lint.policy import UnknownRuleError
    from wikitools.lint.run import lint as run

    try:
        return run(wiki.workspace.facts, policy_of(wiki.settings, wiki.asked))
    except UnknownRuleError as error:
        _unknown_rule(wiki.settings, error.name, str(error))


def _fix(wiki: Wiki, *, unsafe: bool) -> "FixOutcome":
    from wikitools.lint.engine import fix
    from wikitools.lint.policy import UnknownRuleError

    try:
        return fix(
            wiki.workspace.facts,
            policy_of(wiki.settings, wiki.asked),
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


def _report(
    wiki: Wiki, facts: "Facts", outcome: "Outcome", summary: "Summary", output_format: str, *, statistics: bool
) -> None:
    misfit = _misfit(facts, outcome)
    if output_format == "json":
        from wikitools.report import json

        write(json.render(outcome.diagnostics, summary, misfit=misfit))
        return
    from dataclasses import replace

    from wikitools.report import concise, full, opening
    from wikitools.report.summary import render, render_statistics

    style = output_style()
    if misfit is not None:
        write(opening.render(misfit))
        # The repairs wait for the right engine, see `_check_engine`.
        summary = replace(summary, fixable=0, unsafely_fixable=0)
    if statistics:
        write(render_statistics(outcome.diagnostics))
    elif output_format == "concise":
        write(concise.render(outcome.diagnostics, shown=wiki.shown, style=style))
    else:
        width = columns(full.DEFAULT_WIDTH)
        found = outcome.diagnostics
        write(full.render(found, text_of=facts.text_of, shown=wiki.shown, style=style, columns=width))
    if not wiki.request.quiet:
        write(render(summary))
