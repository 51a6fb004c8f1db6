"""`wikitools urls`: reports web addresses that are dead or have moved."""

# Typer reads the annotations when the program runs, so they are not postponed here.

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from wikitools.cli import options
from wikitools.cli.lint import sift, write_findings
from wikitools.cli.request import Request
from wikitools.cli.run_rules import at_least, end, exit_code, find
from wikitools.cli.since import Comparison, find_scope, texts_before
from wikitools.cli.startup import open_wiki
from wikitools.cli.terminal import note
from wikitools.globs import glob_test
from wikitools.sources.identifiers import url_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wikitools.cli.since import Scope
    from wikitools.cli.startup import AskedWiki
    from wikitools.lint.url_status import UrlStatus

_RULES = ["web"]
_WEB = "Network"

Offline = Annotated[
    bool, typer.Option("--offline", help="Use only remembered answers, of any age.", rich_help_panel=_WEB)
]
MaxTime = Annotated[
    str | None,
    typer.Option(
        "--max-time",
        metavar="TIME",
        help="Stop after this time (90s, 10m, 1h); the next run starts with the rest.",
        rich_help_panel=_WEB,
    ),
]
ExcludeUrl = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude-url",
        metavar="GLOB",
        help="Skip these addresses: https://example.org/**.",
        rich_help_panel=_WEB,
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
    offline: Offline = False,
    max_time: MaxTime = None,
    exclude_url: ExcludeUrl = None,
    changed: options.Changed = False,
    since: options.Since = None,
    fix: options.Fix = False,
    unsafe_fixes: options.UnsafeFixes = False,
    output_format: options.OutputFormat = None,
    report: options.Reports = None,
    output_file: options.OutputFile = None,
    group_by: options.GroupBy = None,
    hyperlinks: options.Hyperlinks = "auto",
    statistics: options.Statistics = False,
    exit_zero: options.ExitZero = False,
) -> None:
    """Check the web addresses in pages and bibliographies.

    Reports those that are gone or have moved. Uses the network. Only a host's own answer makes an address dead;
    refusals, pauses and silence are counted by host.
    Answers are remembered for days, so a second run requests little.
    """
    from wikitools.cli.network import seconds_of
    from wikitools.cli.output import check_overwriting, plan
    from wikitools.cli.repair import Repaired, repair

    output = plan(output_format, report, group_by, to_file=output_file, statistics=statistics, hyperlinks=hyperlinks)
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
    excluded = glob_test((*(exclude_url or ()), *wiki.settings.web.exclude))
    statuses = _ask(wiki, _addresses(wiki, scope), seconds, excluded, offline=offline)
    facts = replace(wiki.workspace.facts, web=statuses)
    wiki = replace(wiki, workspace=replace(wiki.workspace, facts=facts))
    found = repair(wiki, scope, unsafe=unsafe_fixes) if fix else Repaired(wiki, facts, find(wiki, facts))
    sifted = sift(found, None)
    if scope is not None:
        shown = scope.changed or frozenset()
        kept = tuple(each for each in sifted.outcome.diagnostics if each.path in shown)
        sifted = replace(sifted, outcome=replace(sifted.outcome, diagnostics=kept))
    outcome = at_least(sifted.outcome, min_severity)
    whole = write_findings(found, replace(sifted, outcome=outcome), output, None)
    if not asked.quiet:
        for line in _summary(statuses):
            note(line)
    code = exit_code(outcome.diagnostics, wiki.settings.fail_on)
    end(2 if not whole or found.refused else 0 if exit_zero else code, outcome, found.failed)


def _addresses(wiki: "AskedWiki", scope: "Scope | None") -> "Iterator[str]":
    """Yield the addresses in the pages and bibliography files that are reported on."""
    from wikitools.lint.url_status import addresses_of
    from wikitools.markdown.page import WebLink
    from wikitools.sources.source import Source

    facts = wiki.workspace.facts
    inside = None if scope is None else scope.changed or frozenset()
    before = {} if scope is None else texts_before(wiki, scope, sorted(inside or ()))

    def is_meant(path: str) -> bool:
        return (wiki.asked is None or path in wiki.asked) and (inside is None or path in inside)

    for link in facts.each(WebLink):
        path, url = link.span.path, link.url
        is_address = is_meant(path) and url.lower().startswith(("http://", "https://", "//"))
        if is_address and not _stood_in(before.get(path, ""), url):
            yield url
    for source in facts.each(Source):
        if is_meant(source.span.path):
            old = before.get(source.span.path, "")
            yield from (url for url in addresses_of(source) if not _stood_in(old, url))


_FOR_COPIES = 60.0
"""Seconds for the archived copies of what is gone; the next run asks for the rest."""


def _stood_in(text: str, url: str) -> bool:
    """Say whether an address, or the identifier that it is made of, was in an earlier text of its file."""
    if not text:
        return False
    kind, _colon, value = url_key(url).partition(":")
    named = value if kind in {"doi", "arxiv"} else url
    return re.search(rf"{re.escape(named)}(?![\w/%?=&#~+-])", text, re.IGNORECASE) is not None


def _ask(
    wiki: "AskedWiki",
    addresses: "Iterable[str]",
    seconds: float | None,
    excluded: "Callable[[str], bool]",
    *,
    offline: bool,
) -> "dict[str, UrlStatus]":
    from wikitools.cli.network import ask_web
    from wikitools.cli.progress import ProgressBar
    from wikitools.lint.url_status import Gone
    from wikitools.web.archive import find_copies
    from wikitools.web.asking import Web
    from wikitools.web.urls import Plan, find_statuses

    wanted = list(addresses)
    if not wanted:
        return {}
    with ProgressBar(wanted=wiki.request.progress) as progress:

        async def question(web: Web) -> "dict[str, UrlStatus]":
            began = web.client.clock.monotonic()
            found = await find_statuses(web, wanted, Plan(seconds, excluded, progress))
            # Copies are only a help: they get what is left of the time, and a minute at most.
            left = _FOR_COPIES if seconds is None else began + seconds - web.client.clock.monotonic()
            web.until(min(_FOR_COPIES, max(0.0, left)))
            written = _written(wiki, {url for url, each in found.items() if isinstance(each, Gone)})
            copies = await find_copies(web, written)
            return {
                url: replace(each, archived=copies.get(url, "")) if isinstance(each, Gone) else each
                for url, each in found.items()
            }

        return ask_web(wiki.request, wiki.settings, question, offline=offline, insist=False)


def _written(wiki: "AskedWiki", gone: "set[str]") -> "dict[str, float]":
    """Return when the links to dead addresses were written, according to git, or else now."""
    import time

    from wikitools import files, git
    from wikitools.markdown.page import WebLink
    from wikitools.repository import open_repository
    from wikitools.text import line_and_column, line_starts

    root = wiki.settings.root
    repository = open_repository(root) if gone and files.find_repository(str(root)) is not None else None
    starts: dict[str, list[int]] = {}
    found: dict[str, float] = {}
    for link in wiki.workspace.facts.each(WebLink):
        if link.url in gone and link.url not in found:
            path = link.span.path
            if path not in starts:
                starts[path] = line_starts(wiki.workspace.text_of(path))
            line, _column = line_and_column(starts[path], link.span.start)
            when = git.when_written(repository, path, line) if repository is not None else None
            found[link.url] = time.time() if when is None else when
    return found


_HOSTS = 10
"""How many hosts the summary names for each reason to look again."""


def _summary(statuses: "Mapping[str, UrlStatus]") -> "Iterator[str]":
    """Yield the lines of the summary: how many addresses answered, and which hosts gave no clear answer."""
    from wikitools.lint import url_status as status
    from wikitools.report.summary import count

    hosts = len({urlsplit(url).hostname for url in statuses})
    good = sum(isinstance(each, status.Ok | status.Moved | status.NoAnchor) for each in statuses.values())
    yield f"{_count_addresses(len(statuses))} on {count(hosts, 'host')}: {good:,} answer."
    for kind, words in (
        (status.Refused, "Hosts that refuse programs; check these addresses yourself"),
        (status.Unknown, "No conclusive answer; the next run asks again"),
        (status.Unreachable, "Unreachable; reported after three attempts over a week"),
        (status.Unasked, "Not asked"),
    ):
        told = {url: each for url, each in statuses.items() if isinstance(each, kind)}
        if told:
            yield f"{words}:"
            yield from _by_host(told)


def _by_host(told: "Mapping[str, UrlStatus]") -> "Iterator[str]":
    """Yield a line for each of the hosts with most of these addresses: how many, and why."""
    from collections import Counter

    from wikitools.report.summary import count

    hosts: dict[str, Counter[str]] = {}
    for url, each in told.items():
        parts = urlsplit(url)
        reason = getattr(each, "why", "").removeprefix(f"{parts.netloc} ").removeprefix(f"{parts.hostname} ")
        hosts.setdefault(parts.hostname or "", Counter())[reason] += 1
    for host, reasons in sorted(hosts.items(), key=lambda each: -each[1].total())[:_HOSTS]:
        why = reasons.most_common(1)[0][0]
        more = f"; {count(len(reasons) - 1, 'other reason')}" if len(reasons) > 1 else ""
        yield f"  {host}: {_count_addresses(reasons.total())} ({why}{more})"
    if len(hosts) > _HOSTS:
        yield f"  and {count(len(hosts) - _HOSTS, 'more host')}"


def _count_addresses(number: int) -> str:
    return f"{number:,} {'address' if number == 1 else 'addresses'}"
