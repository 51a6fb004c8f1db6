"""`wikitools cite`: lists the citations, each with its source."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from typing import Annotated, Literal

import typer

from wikitools.cli import options
from wikitools.cli.request import Request
from wikitools.cli.session import Wiki, open_wiki
from wikitools.cli.terminal import columns, output_style, write, write_table

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


def cite(  # typer turns the parameters into options; nobody passes them by position
    asked: Request,
    paths: options.Paths = None,
    output_format: Format = "table",
    unmatched: Unmatched = False,
    ambiguous: Ambiguous = False,
) -> None:
    """List the citations, each with its source; a citation or key instead of PATHS explains that one.

    Shows the evidence for each match, and why runners-up lost. Text that looks a little like a citation but fits no
    source is not listed.
    """
    from wikitools.cli import cite_query

    if paths and cite_query.is_query(paths):
        if not cite_query.answer(asked, paths[0], output_format):
            raise typer.Exit(1)
        return
    wiki = open_wiki(asked.on(paths))
    statuses = {status for status, wanted in (("unmatched", unmatched), ("ambiguous", ambiguous)) if wanted}
    _write(wiki, statuses, output_format)


def _write(wiki: Wiki, statuses: set[str], output_format: str) -> None:
    from wikitools.report import citations, wanted

    facts = wiki.workspace.facts
    rows = [
        row
        for path in wiki.pages()
        for row in citations.rows_of(
            path,
            wiki.workspace.text_of(path),
            (each for each in facts.cited.get(path, ()) if each.convincing or not is_missing(each.resolution)),
        )
        if not statuses or row.status in statuses
    ]
    match output_format:
        case "json":
            wants = [wanted.as_data(each) for each in wanted.group(rows)] if statuses else None
            write(citations.render_json(rows, wanted=wants), exact=True)
        case "json-lines":
            write(citations.render_json_lines(rows), exact=True)
        case "csv":
            write_table(citations.render_csv(rows))
        case _ if statuses:
            write(wanted.render(wanted.group(rows), shown=wiki.shown, style=output_style(), columns=columns(0)))
            if not wiki.request.quiet:
                write(citations.render_summary(rows))
        case _:
            write(citations.render_table(rows, shown=wiki.shown, style=output_style(), columns=columns(120)))
            if not wiki.request.quiet:
                write(citations.render_summary(rows))


def is_missing(resolution: object) -> bool:
    """Say whether a name points to nothing."""
    from wikitools.wiki.resolution import Missing

    return isinstance(resolution, Missing)
