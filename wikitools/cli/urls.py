"""`wikitools urls`: reports web addresses that are dead or have moved."""

# Typer reads the annotations when the program runs, so they are not postponed here.

import sys
import time
from dataclasses import replace
from typing import Annotated

import typer

from wikitools.cli import options
from wikitools.cli.ask_urls import ask_for, find_addresses
from wikitools.cli.idle_globs import warn_of_idle_addresses
from wikitools.cli.lint import sift, write_findings
from wikitools.cli.request import Request
from wikitools.cli.run_rules import at_least, end, exit_code, find
from wikitools.cli.since import Comparison, find_scope
from wikitools.cli.startup import open_wiki
from wikitools.cli.terminal import columns, note
from wikitools.report.screen import fold, visible

_RULES = ["web"]

ExcludeUrl = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude-url",
        metavar="GLOB",
        help="Skip these addresses: https://example.org/**.",
        rich_help_panel=options.NETWORK,
    ),
]


def urls(  # noqa: PLR0917  # typer turns the parameters into options; nobody passes them by position
    asked: Request,
    paths: options.Paths = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    fail_on: options.FailOn = None,
    min_severity: options.MinSeverity = "info",
    baseline: options.Baseline = None,
    offline: options.Offline = False,
    max_time: options.MaxTime = None,
    exclude_url: ExcludeUrl = None,
    changed: options.Changed = False,
    since: options.Since = None,
    fix: options.Fix = False,
    unsafe_fixes: options.UnsafeFixes = False,
    reporting: options.Reporting = options.Reporting(),  # noqa: B008  # frozen
) -> None:
    """Check the web addresses in pages and bibliographies.

    Reports those that are gone or have moved. Uses the network. Only a host's own answer makes an address dead;
    refusals, pauses and silence are counted by host.
    Answers are remembered for days, so a second run requests little.
    """
    from wikitools.cli.network import seconds_of
    from wikitools.cli.output import check_overwriting, plan
    from wikitools.cli.repair import Repaired, repair
    from wikitools.lint.url_status import Unasked
    from wikitools.report.address_summary import summarise_addresses

    began = time.monotonic()
    output = plan(reporting, by_host=True)
    comparison = Comparison(changed=changed, since=since)
    comparison.check(writes=fix, fixes=fix)
    request = replace(asked, summarises=True).on(
        paths,
        select=options.split(select) or _RULES,
        ignore=options.split(ignore),
        fail_on=fail_on,
        baseline=options.absolute(baseline),
    )
    wiki = open_wiki(request)
    check_overwriting(output, wiki)
    scope = find_scope(wiki, comparison) if comparison else None
    seconds = seconds_of(max_time, wiki.settings)
    if seconds is not None:
        # Reading a large wiki takes time as well, and who pushes waits for the whole.
        seconds = max(0.0, seconds - (time.monotonic() - began))
    excluded = (*(exclude_url or ()), *wiki.settings.web.exclude)
    addresses = list(find_addresses(wiki, scope))
    if scope is None:
        warn_of_idle_addresses(wiki, addresses, excluded)
    statuses, oldest = ask_for(wiki, addresses, seconds, excluded, offline=offline)
    facts = replace(wiki.workspace.facts, web=statuses)
    wiki = replace(wiki, workspace=replace(wiki.workspace, facts=facts))
    found = repair(wiki, scope, unsafe=unsafe_fixes) if fix else Repaired(wiki, facts, find(wiki, facts))
    sifted = sift(found, None)
    if scope is not None:
        shown = scope.changed or frozenset()
        kept = tuple(each for each in sifted.outcome.diagnostics if each.path in shown)
        sifted = replace(sifted, outcome=replace(sifted.outcome, diagnostics=kept))
    outcome = at_least(sifted.outcome, min_severity)
    unasked = bool(statuses) and all(isinstance(each, Unasked) for each in statuses.values())
    whole = write_findings(found, replace(sifted, outcome=outcome), output, None, unasked=unasked)
    if not asked.quiet:
        room = columns(0, sys.stderr)
        for line in summarise_addresses(statuses, oldest=oldest):
            text = visible(line).lstrip(" ")
            lead = len(line) - len(line.lstrip(" "))
            note(" " * lead + "\n    ".join(fold(text, room, first=lead, indent=4)))
    code = exit_code(outcome.diagnostics, wiki.settings.fail_on)
    end(2 if not whole or found.refused else 0 if reporting.exit_zero else code, outcome, found.failed)
