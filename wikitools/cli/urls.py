"""`wikitools urls`: reports web addresses that are dead or have moved."""

# Typer reads the annotations when the program runs, so they are not postponed here.

import re
import time
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
    from collections.abc import Iterable, Iterator

    from wikitools.cli.since import Scope
    from wikitools.cli.startup import AskedWiki
    from wikitools.lint.run import Diagnostic
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
    from wikitools.report.addresses import summarise_addresses

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
    statuses, oldest = _ask(wiki, _addresses(wiki, scope), seconds, excluded, offline=offline)
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
        for line in summarise_addresses(statuses, oldest=oldest):
            note(line)
    code = exit_code(outcome.diagnostics, wiki.settings.fail_on)
    end(2 if not whole or found.refused else 0 if reporting.exit_zero else code, outcome, found.failed)


def remembered_findings(wiki: "AskedWiki") -> "tuple[Diagnostic, ...]":
    """Return what the rules about addresses find by the answers that are remembered, of any age."""
    from wikitools.lint.run import lint as run
    from wikitools.project.prepare import policy_of

    statuses, _oldest = _ask(wiki, _addresses(wiki, None), None, (), offline=True)
    facts = replace(wiki.workspace.facts, web=statuses)
    settings = replace(wiki.settings, select=tuple(_RULES), extend_select=())
    return run(facts, policy_of(settings, wiki.asked)).diagnostics


def _addresses(wiki: "AskedWiki", scope: "Scope | None") -> "Iterator[str]":
    """Yield the addresses in the pages and bibliography files that are reported on, or those that a change adds."""
    from wikitools.lint.url_status import addresses_of
    from wikitools.markdown.page import WebLink
    from wikitools.sources.source import Source

    facts = wiki.workspace.facts
    inside = None if scope is None else scope.changed or frozenset()
    texts = {} if scope is None else texts_before(wiki, scope, sorted(inside or ()))
    before = {path: _addresses_in(path, text, wiki) for path, text in texts.items()}

    def is_meant(path: str, url: str) -> bool:
        is_asked = (wiki.asked is None or path in wiki.asked) and (inside is None or path in inside)
        return is_asked and url not in before.get(path, ()) and not _names(texts.get(path, ""), url)

    for link in facts.each(WebLink):
        if link.url.lower().startswith(("http://", "https://", "//")) and is_meant(link.span.path, link.url):
            yield link.url
    for source in facts.each(Source):
        yield from (url for url in addresses_of(source) if is_meant(source.span.path, url))


def _addresses_in(path: str, text: str, wiki: "AskedWiki") -> frozenset[str]:
    """Return the addresses in an earlier text of a file."""
    from wikitools.lint.url_status import addresses_of
    from wikitools.markdown.page import WebLink
    from wikitools.markdown.parse import parse
    from wikitools.sources.readers import read_bibliography

    facts = wiki.workspace.facts
    if path in facts.wiki.pages:
        page = parse(path, text, facts.wiki.dialect)
        return frozenset(each.url for each in page.links if isinstance(each, WebLink))
    sources, _problems = read_bibliography(path, text)
    return frozenset(url for each in sources for url in addresses_of(each))


def _names(text: str, url: str) -> bool:
    """Say whether an earlier text of a file names the DOI or the arXiv id that an address is made of."""
    kind, _colon, value = url_key(url).partition(":")
    if not text or kind not in {"doi", "arxiv"}:
        return False
    return re.search(rf"(?<!\w){re.escape(value)}(?!\.?[\w/%?=&#~+-])", text, re.IGNORECASE) is not None


_FOR_COPIES = 60.0
"""Seconds for the archived copies of what is gone; the next run asks for the rest."""


def _ask(
    wiki: "AskedWiki", addresses: "Iterable[str]", seconds: float | None, globs: tuple[str, ...], *, offline: bool
) -> "tuple[dict[str, UrlStatus], float | None]":
    """Return what is known of each address, and when the oldest remembered answer was given if nobody was asked."""
    from wikitools.cli.network import ask_web
    from wikitools.cli.progress import ProgressBar
    from wikitools.lint.url_status import Gone
    from wikitools.web.archive import find_copies
    from wikitools.web.asking import Web
    from wikitools.web.client import Limits
    from wikitools.web.urls import Plan, find_statuses, oldest_answer

    wanted = list(addresses)
    if not wanted:
        return {}, None
    settings = wiki.settings.web
    excluded, skipped = glob_test(globs), frozenset(settings.hosts("skip", True))
    with ProgressBar(wanted=wiki.request.progress) as progress:
        asking = Plan(
            seconds,
            excluded=lambda url: excluded(url) or _is_at(url, skipped),
            reads_anchors=lambda url: not _is_at(url, without_anchors),
            limits=Limits(seconds=float(settings.timeout), cut=True),
            progress=progress,
        )
        without_anchors = frozenset(settings.hosts("anchors", False))

        async def question(web: Web) -> "tuple[dict[str, UrlStatus], float | None]":
            began = web.client.clock.monotonic()
            found = await find_statuses(web, wanted, asking)
            # Copies are only a help: they get what is left of the time, and a minute at most.
            left = _FOR_COPIES if seconds is None else began + seconds - web.client.clock.monotonic()
            web.until(min(_FOR_COPIES, max(0.0, left)))
            written = _written(wiki, {url for url, each in found.items() if isinstance(each, Gone)})
            copies = await find_copies(web, written)
            statuses: dict[str, UrlStatus] = {
                url: replace(each, archived=copies.get(url, "")) if isinstance(each, Gone) else each
                for url, each in found.items()
            }
            return statuses, oldest_answer(web.memory, wanted) if offline else None

        return ask_web(wiki.request, wiki.settings, question, offline=offline, insist=False)


def _is_at(url: str, hosts: frozenset[str]) -> bool:
    """Say whether an address is at one of these hosts, each written with its port if that is unusual."""
    try:
        return bool(hosts) and urlsplit(url).netloc.rpartition("@")[2].lower() in hosts
    except ValueError:
        return False


def _written(wiki: "AskedWiki", gone: "set[str]") -> "dict[str, float]":
    """Return when the links to dead addresses were written, according to git, or else now."""
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
