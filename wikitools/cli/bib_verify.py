"""`wikitools bib verify`: compares the sources with what registries say about their identifiers."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from wikitools.cli import options
from wikitools.cli.ask_registries import asked_sources, judge_sources, with_verdicts
from wikitools.cli.request import Request
from wikitools.cli.run_rules import end, exit_code, find
from wikitools.cli.startup import AskedWiki, open_wiki
from wikitools.cli.terminal import fail, note, warn, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.cli.repair import Repaired
    from wikitools.lint.run import Outcome
    from wikitools.sources.record import Record
    from wikitools.sources.source import Source
    from wikitools.sources.verdict import Judged
    from wikitools.web.asking import Web

Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PATHS]...",
        help="Bibliography files, source notes and folders to verify; with --by-page also pages, whose sources are "
        "verified. Default: everything.",
        show_default=False,
    ),
]
ByPage = Annotated[
    bool,
    typer.Option(
        "--by-page",
        help="List pages instead of findings, the most doubtful first, with the citations that rest on wrong entries.",
        rich_help_panel=options.OUTPUT,
    ),
]
ByTitle = Annotated[
    bool,
    typer.Option(
        "--by-title",
        help="Also look for sources without identifiers, by title and authors, with paper-preflight (extra verify).",
        rich_help_panel=options.NETWORK,
    ),
]


def verify(  # noqa: PLR0917  # typer turns the parameters into options; nobody passes them by position
    asked: Request,
    paths: Paths = None,
    ignore: options.Ignore = None,
    fail_on: options.FailOn = None,
    baseline: options.Baseline = None,
    offline: options.Offline = False,
    max_time: options.MaxTime = None,
    by_title: ByTitle = False,
    by_page: ByPage = False,
    fix: options.Fix = False,
    diff: options.Diff = False,
    reporting: options.Reporting = options.Reporting(),  # noqa: B008  # frozen
) -> None:
    """Check with registries whether works exist, match their entries, or were retracted.

    Looks up sources with a DOI, arXiv id or PubMed id at Crossref, DataCite, arXiv, PubMed and doi.org, in batches;
    nothing about your pages is sent. A missing answer is never a finding: the summary counts it, and the run ends with
    2 if there is no finding. --fix adds DOIs that entries lack and that are known for certain, and changes nothing
    else.
    """
    from wikitools.cli.bib_fix import preview, repair
    from wikitools.cli.lint import sift, write_findings
    from wikitools.cli.network import seconds_of
    from wikitools.cli.output import plan
    from wikitools.cli.repair import Repaired

    elsewhere = reporting.report or reporting.output_file or reporting.group_by or reporting.statistics
    if by_page and (elsewhere or reporting.output_format not in {None, "full", "json"}):
        fail("--by-page goes with --output-format full or json, and with no other form of output")
    if by_page and (fix or diff):
        fail("--by-page goes without --fix and --diff")
    output = plan(reporting, diff=diff)
    request = asked.on(
        paths,
        select=["registries"],
        ignore=options.split(ignore),
        fail_on=fail_on,
        baseline=options.absolute(baseline),
    )
    wiki = open_wiki(request)
    sources = asked_sources(wiki)
    pages = _pages(wiki, sources) if by_page else None
    if pages is not None:
        wiki, sources = _used_on(wiki, pages, sources)
    judged = judge_sources(wiki, sources, offline=offline, seconds=seconds_of(max_time, wiki.settings))
    if by_title:
        if offline:
            fail("--by-title and --offline exclude each other", "--by-title asks services")
        judged += _judged_by_title(wiki, sources)
    facts = with_verdicts(wiki, judged)
    found = Repaired(wiki, facts, find(wiki, facts))
    if diff:
        preview(found, silent=_tell_count(wiki, sources, judged), exit_zero=reporting.exit_zero)
    if fix:
        found = repair(found)
    sifted = sift(found, None)
    outcome = sifted.outcome
    whole = (
        _write_pages(found, sources, outcome, pages, reporting.output_format)
        if by_page
        else write_findings(found, sifted, output, None)
    )
    silent = _tell_count(wiki, sources, judged)
    code = exit_code(outcome.diagnostics, wiki.settings.fail_on) or int(bool(found.changed)) or 2 * bool(silent)
    end(2 if not whole or found.refused else 0 if reporting.exit_zero else code, outcome)


def _write_pages(
    found: "Repaired",
    sources: "Sequence[Source]",
    outcome: "Outcome",
    only: frozenset[str] | None,
    output_format: str | None,
) -> bool:
    """Write the pages, the most doubtful first; return true, as all was written."""
    from wikitools.report import doubts

    pages = doubts.pages_by_doubt(found.facts, sources, outcome.diagnostics, only)
    if output_format == "json":
        write(doubts.render_json(pages), exact=True)
    else:
        write(doubts.render(pages, shown=found.wiki.shown))
    return True


def _pages(wiki: AskedWiki, sources: "Sequence[Source]") -> frozenset[str] | None:
    """Return the pages that PATHS name; `None` if all of them are source notes, which are named for their sources."""
    pages = frozenset(wiki.pages())
    return None if wiki.asked is None or pages <= {each.span.path for each in sources} else pages


def _used_on(wiki: AskedWiki, pages: frozenset[str], sources: "Sequence[Source]") -> "tuple[AskedWiki, list[Source]]":
    """Return the wiki with the files of all sources that these pages use, and these sources besides the given ones."""
    from wikitools.lint.usage import citing_pages, identity
    from wikitools.sources.source import Source

    users = citing_pages(wiki.workspace.facts)
    there = {identity(each) for each in sources}
    found = [
        each
        for each in wiki.workspace.facts.each(Source)
        if identity(each) in there or not pages.isdisjoint(users.get(identity(each), ()))
    ]
    return replace(wiki, asked=pages | {each.span.path for each in found}), found


def _judged_by_title(wiki: AskedWiki, sources: "Sequence[Source]") -> "list[tuple[Source, Judged]]":
    from wikitools.sources.verdict import identifiers_of
    from wikitools.web.preflight import NotInstalledError, judge_by_title

    try:
        judged = judge_by_title([each for each in sources if not identifiers_of(each)], keep=wiki.request.cache)
    except NotInstalledError:
        fail("--by-title needs paper-preflight", "pip install 'wikitools-md[verify]'")
    return _with_dois(wiki, judged)


def _with_dois(wiki: AskedWiki, judged: "Sequence[tuple[Source, Judged]]") -> "list[tuple[Source, Judged]]":
    """Return verdicts with the DOIs under which the sources were found, if their registry agrees in all that counts."""
    from wikitools.cli.network import ask_web
    from wikitools.sources.same_version import is_same_version
    from wikitools.sources.verdict import Verified
    from wikitools.web.lookup_result import Here, LookupResult
    from wikitools.web.works.by_identifier import records

    dois = [each.verdict.record.doi if isinstance(each.verdict, Verified) else "" for _source, each in judged]

    async def question(web: "Web") -> "dict[str, LookupResult[Record]]":
        return await records(web, [f"doi:{doi}" for doi in dict.fromkeys(dois) if doi])

    said = ask_web(wiki.request, wiki.settings, question, offline=False, insist=False) if any(dois) else {}
    return [
        (source, replace(each, doi=doi))
        if isinstance(found := said.get(f"doi:{doi}"), Here) and is_same_version(source, found.what)
        else (source, each)
        for (source, each), doi in zip(judged, dois, strict=True)
    ]


def _tell_count(wiki: AskedWiki, sources: "Sequence[Source]", judged: "Sequence[tuple[Source, Judged]]") -> int:
    """Say how many sources were compared, and why others were not; return how many got no answer."""
    from collections import Counter

    from wikitools.report.summary import count
    from wikitools.sources.verdict import Undetermined

    silent = Counter(each.verdict.why for _source, each in judged if isinstance(each.verdict, Undetermined))
    if not wiki.request.quiet:
        without = len(sources) - len(judged)
        rest = (
            f"; {count(without, 'source')} without DOI, arXiv id or PubMed id {'was' if without == 1 else 'were'} not"
        )
        note(f"{count(len(judged) - silent.total(), 'source')} compared with registries{rest if without else ''}")
        for why, number in silent.most_common(5):
            warn(f"{count(number, 'source')} could not be verified: {why}")
    return silent.total()
