"""`wikitools cite`: lists the citations, each with its source."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wikitools.cli import options
from wikitools.cli.request import Request
from wikitools.cli.startup import AskedWiki, open_wiki, warn_without_sources
from wikitools.cli.terminal import columns, fail, output_style, write, write_table

if TYPE_CHECKING:
    from collections.abc import Collection

    from wikitools.lint.facts import Facts
    from wikitools.report.citations import Row


Format = Annotated[
    Literal["table", "json", "json-lines", "csv"],
    typer.Option("--output-format", help="Format of the citations.", rich_help_panel=options.OUTPUT),
]
Unmatched = Annotated[
    bool,
    typer.Option(
        "--unmatched",
        help="Only citations that fit no source, grouped by the source they need, the most wanted first.",
        rich_help_panel=options.OUTPUT,
    ),
]
Ambiguous = Annotated[
    bool,
    typer.Option(
        "--ambiguous",
        help="Only citations that fit several sources, grouped in the same way.",
        rich_help_panel=options.OUTPUT,
    ),
]

Fix = Annotated[
    bool,
    typer.Option(
        "--fix",
        help="With --ambiguous: ask for each form of citation which source it means, and write the answers on the "
        "pages or into the configuration.",
        rich_help_panel=options.OUTPUT,
    ),
]

Lookup = Annotated[
    bool,
    typer.Option(
        "--lookup",
        help="With --unmatched: look up in registries which works are meant. Adds nothing.",
        rich_help_panel=options.NETWORK,
    ),
]
Offline = Annotated[
    bool,
    typer.Option("--offline", help="With --lookup: use only remembered answers.", rich_help_panel=options.NETWORK),
]
MaxTime = Annotated[
    str | None,
    typer.Option(
        "--max-time",
        metavar="TIME",
        help="With --lookup: stop after this time (90s, 10m, 1h). Default: 5m.",
        show_default=False,
        rich_help_panel=options.NETWORK,
    ),
]
Proposals = Annotated[
    str | None,
    typer.Option(
        "--output-file",
        "-o",
        metavar="FILE",
        help='With --lookup: write the proposals to this file, for "bib add --from".',
        rich_help_panel=options.NETWORK,
    ),
]


def cite(  # noqa: PLR0917  # typer turns the parameters into options; nobody passes them by position
    asked: Request,
    paths: options.Paths = None,
    output_format: Format = "table",
    unmatched: Unmatched = False,
    ambiguous: Ambiguous = False,
    fix: Fix = False,
    lookup: Lookup = False,
    offline: Offline = False,
    max_time: MaxTime = None,
    proposals: Proposals = None,
) -> None:
    """List the citations, each with the source it means.

    A citation or key instead of PATHS explains that one.

    Shows the evidence for each match, with -v also why runners-up lost. Text that looks a little like a citation but
    fits no source is not listed. What is listed does not make the exit code 1; with --lookup it is 2 if a work got no
    answer.
    """
    from wikitools.cli import cite_query

    if lookup and (ambiguous or not unmatched or output_format != "table"):
        fail("--lookup goes with --unmatched alone, as a table")
    if fix and (unmatched or not ambiguous or output_format != "table"):
        fail("--fix goes with --ambiguous alone, as a table")
    if not lookup and (offline or max_time is not None or proposals is not None):
        fail("--offline, --max-time and -o go with --lookup")
    if query := cite_query.query_in(paths):
        if not cite_query.answer(asked, query, output_format):
            raise typer.Exit(1)
        return
    wiki = open_wiki(asked.on(paths))
    warn_without_sources(wiki)
    statuses = {status for status, wanted in (("unmatched", unmatched), ("ambiguous", ambiguous)) if wanted}
    if lookup:
        from wikitools.cli.cite_lookup import look_up
        from wikitools.report.wanted import group

        groups = group(rows_of_wiki(wiki, statuses))
        if not look_up(wiki, groups, offline=offline, max_time=max_time, proposals=proposals):
            raise typer.Exit(2)
        return
    if fix:
        from wikitools.cli.cite_fix import settle
        from wikitools.report.wanted import group

        settle(wiki, group(rows_of_wiki(wiki, statuses)))
        return
    _write(wiki, statuses, output_format)


def rows_of_wiki(wiki: AskedWiki, statuses: "Collection[str]" = ()) -> "list[Row]":
    """Return the citations of the pages that were asked about; with `statuses` only those with one of these."""
    from wikitools.project.page_rows import say_of_pages

    rows = say_of_pages(
        wiki.workspace.keeper,
        _Lister(wiki.workspace.facts),
        wiki.pages(),
        phase="listing citations",
        jobs=wiki.request.jobs,
    )
    return [row for each in rows.values() for row in each if not statuses or row.status in statuses]


@dataclass(frozen=True, slots=True)
class _Lister:
    """Lists the citations of one page after the other."""

    facts: "Facts"
    kind: str = "citations of a page"

    def __call__(self, path: str) -> "tuple[Row, ...]":
        """Return the citations of a page."""
        from wikitools.report.citations import rows_of

        cited = self.facts.cited.get(path, ())
        shown = (each for each in cited if each.convincing or not is_missing(each.resolution))
        return tuple(rows_of(path, self.facts.text_of(path), shown))

    def pack(self, value: "tuple[Row, ...]") -> "tuple[Row, ...]":
        """Return them as plain data, which they are."""
        return value

    def unpack(self, packed: "tuple[Row, ...]") -> "tuple[Row, ...]":
        """Return what was packed."""
        from wikitools.report.citations import Row

        return tuple(map(Row._make, packed))


_NEXT = {
    "unmatched": 'Next: "--lookup" looks these works up on the web; "wikitools bib add" adds one by its DOI, '
    "address or title.",
    "ambiguous": 'Next: "wikitools cite --ambiguous --fix" asks once for each which source it means.',
}
"""What to do about citations, by their status."""


def _write(wiki: AskedWiki, statuses: set[str], output_format: str) -> None:
    from wikitools.report import citations, wanted
    from wikitools.report.screen import fold

    rows = rows_of_wiki(wiki, statuses)
    match output_format:
        case "json":
            wants = [wanted.as_data(each) for each in wanted.group(rows)] if statuses else None
            write(citations.render_json(rows, wanted=wants), exact=True)
        case "json-lines":
            write(citations.render_json_lines(rows), exact=True)
        case "csv":
            write_table(citations.render_csv(rows))
        case _ if statuses:
            every, wide = wiki.request.verbose, columns(0)
            listed = wanted.group(rows)
            write(wanted.render(listed, shown=wiki.shown, style=output_style(), columns=wide, every=every))
            if not wiki.request.quiet:
                write(citations.render_summary(rows))
                for status, following in _NEXT.items():
                    if wide and any(each.status == status for each in rows):
                        write(["\n  ".join(fold(following, wide, indent=2)) + "\n"])
        case _:
            look, every = output_style(), wiki.request.verbose
            write(citations.render_table(rows, shown=wiki.shown, style=look, columns=columns(0), every=every))
            if not wiki.request.quiet:
                write(citations.render_summary(rows))


def is_missing(resolution: object) -> bool:
    """Say whether a name points to nothing."""
    from wikitools.wiki.resolution import Missing

    return isinstance(resolution, Missing)
