"""`wikitools lint`: every check that needs no network, and the repairs."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from wikitools.cli import options
from wikitools.cli.start import Wiki, open_wiki, or_fail, request
from wikitools.cli.terminal import columns, complain, fail, note, output_style, warn, write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wikitools.cli.change import Written
    from wikitools.config import Settings
    from wikitools.lint.engine import FixOutcome
    from wikitools.lint.facts import Facts
    from wikitools.lint.policy import Policy
    from wikitools.lint.run import Diagnostic, Outcome
    from wikitools.pipeline import Workspace
    from wikitools.report.summary import Summary
    from wikitools.wiki.compare import Misfit

Format = Annotated[
    Literal["full", "concise", "json"],
    typer.Option("--output-format", help="How findings are shown.", rich_help_panel=options.OUTPUT),
]


def lint(  # noqa: PLR0917  # typer turns the parameters into options; nobody passes them by position
    paths: options.Paths = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    extend_select: options.ExtendSelect = None,
    fail_on: options.FailOn = None,
    fix: options.Fix = False,
    unsafe_fixes: options.UnsafeFixes = False,
    diff: options.Diff = False,
    exclude: options.Exclude = None,
    output_format: Format = "full",
    statistics: options.Statistics = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    color: options.Color = "auto",
    no_progress: options.NoProgress = False,
    config: options.Config = None,
    isolated: options.Isolated = False,
    jobs: options.Jobs = None,
    no_cache: options.NoCache = False,
    exit_zero: options.ExitZero = False,
) -> None:
    """Check links, anchors, citations and blocks; --fix repairs.

    Never touches the network. The whole wiki is read, whatever PATHS are reported on.
    """
    wiki = open_wiki(
        request(
            paths,
            config=config,
            isolated=isolated,
            jobs=jobs,
            quiet=quiet,
            verbose=verbose,
            color=color,
            no_progress=no_progress,
            select=options.split(select),
            ignore=options.split(ignore),
            extend_select=options.split(extend_select),
            fail_on=fail_on,
            exclude=exclude,
        )
    )
    wiki = _look_around(wiki)
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
    if fix or diff:
        fixing = _fix(wiki, unsafe=unsafe_fixes)
        outcome, changes, facts = fixing.remaining, bool(fixing.texts), fixing.facts or facts
        failed = fixing.failed
        if diff:
            write_diff(wiki, fixing.texts)
            if not quiet:
                note(_would_fix(fixing))
            _end(1 if changes and not exit_zero else 0, outcome, failed)
        written, wiki, failed = _write(wiki, fixing, unsafe=unsafe_fixes)
        if wiki.workspace is not before:
            # Somebody meddled: what is left is told of the wiki as it is now.
            outcome, facts = _lint(wiki), wiki.workspace.facts
        refused = written.refused
        fixed = tuple(each for each in fixing.fixed if each.path not in {*refused, *written.changed})
        for path in written.changed:
            complain(f"{path}: changed on disk while wikitools ran; not written, run again")
    else:
        outcome = _lint(wiki)
    inventory = wiki.workspace.inventory
    summary = summarise(
        outcome.diagnostics,
        pages=len(inventory.pages),
        suppressed=outcome.suppressed,
        fixed=len(fixed),
        bibliographies=inventory.bibliographies if inventory.discovered else (),
    )
    for skipped in outcome.skipped:
        if not quiet:
            warn(f"{skipped.rule} was skipped: {skipped.reason}")
    _report(wiki, facts, outcome, summary, output_format, statistics=statistics)
    if refused:
        fail(f"{len(refused)} of {len(refused) + len({each.path for each in fixed})} changed pages were not written")
    code = max(exit_code(outcome.diagnostics, wiki.settings.fail_on), int(bool(written.changed)))
    _end(0 if exit_zero else code, outcome, failed)


def _write(wiki: Wiki, fixing: "FixOutcome", *, unsafe: bool) -> "tuple[Written, Wiki, Mapping[str, str]]":
    """Write the new texts; files that somebody changed meanwhile are read, fixed and written once more.

    Returns what was not written, the wiki as it is now (the same one when nobody meddled), and what is not
    proven.
    """
    from dataclasses import replace

    from wikitools.cli.change import write_and_retry

    texts, failed = dict(fixing.texts), dict(fixing.failed)

    def again(fresh: "Workspace", paths: frozenset[str]) -> "Mapping[str, str]":
        made = _fix(replace(wiki, workspace=fresh, asked=paths), unsafe=unsafe)
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
    counts = {"any": ("error", "warning", "info"), "warning": ("error", "warning"), "error": ("error",), "never": ()}
    return int(any(str(each.severity) in counts[fail_on] for each in diagnostics))


def _end(code: int, outcome: "Outcome", failed: "Mapping[str, str]") -> None:
    for why in dict.fromkeys(failed.values()):
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
    per_file = [rule for _glob, rules in settings.per_file_ignores for rule in rules]
    places = {
        "select": settings.select,
        "ignore": settings.ignore,
        "extend-select": settings.extend_select,
        "severity": settings.severity,
        "per-file-ignores": per_file,
    }
    origins = [settings.origin(key) for key, names in places.items() if name in names]
    fail(": ".join([*origins[:1], message]), 'all rules: "wikitools explain"')


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
