"""`wikitools bib`: checks, lists, verifies and extends the bibliography."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from typing import Annotated, Literal

import typer

from wikitools.cli import options
from wikitools.cli.bib_add import add
from wikitools.cli.bib_verify import verify
from wikitools.cli.help import GroupedCommand
from wikitools.cli.lint import lint
from wikitools.cli.request import Request, reads_wiki
from wikitools.cli.startup import open_wiki, warn_without_sources
from wikitools.cli.terminal import columns, output_style, write, write_table

bib = typer.Typer(
    name="bib",
    help="Check, list, verify or extend the bibliography: files, source notes, and bibliographies of single pages.",
    short_help="Check, list, verify or extend the bibliography.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PATHS]...",
        help="Bibliography files, source notes and folders to report on. Default: everything.",
        show_default=False,
    ),
]
ListFormat = Annotated[
    Literal["table", "json", "json-lines", "csv"],
    typer.Option("--output-format", help="Format of the sources.", rich_help_panel=options.OUTPUT),
]


bib.command(name="add", cls=GroupedCommand)(reads_wiki(add))
bib.command(name="verify", cls=GroupedCommand)(reads_wiki(verify))


@bib.command(name="check", cls=GroupedCommand)
@reads_wiki
def check(  # typer turns the parameters into options; nobody passes them by position
    asked: Request,
    paths: Paths = None,
    ignore: options.Ignore = None,
    fail_on: options.FailOn = None,
    reporting: options.Reporting = options.Reporting(),  # noqa: B008  # frozen
) -> None:
    """Check the bibliography: damaged and duplicate entries, identifiers, missing fields, uncited sources.

    The same as "wikitools lint --select bibliography": all its rules, including those that are off by default.
    """
    lint(asked, paths=paths, select=["bibliography"], ignore=ignore, fail_on=fail_on, reporting=reporting)


@bib.command(name="list", cls=GroupedCommand)
@reads_wiki
def list_sources(  # as above
    asked: Request,
    paths: Paths = None,
    output_format: ListFormat = "table",
) -> None:
    """List the sources: key, authors, year, title, file, and number of citing pages."""
    wiki = open_wiki(asked.on(paths))
    warn_without_sources(wiki)
    from wikitools.lint.usage import citing_pages
    from wikitools.report import sources
    from wikitools.sources.source import Source

    facts = wiki.workspace.facts
    wanted = (each for each in facts.each(Source) if wiki.asked is None or each.span.path in wiki.asked)
    rows = list(sources.rows_of(wanted, text_of=facts.text_of, citing=citing_pages(facts)))
    match output_format:
        case "json":
            write(sources.render_json(rows), exact=True)
        case "json-lines":
            write(sources.render_json_lines(rows), exact=True)
        case "csv":
            write_table(sources.render_csv(rows))
        case _:
            write(sources.render_table(rows, shown=wiki.shown, style=output_style(), columns=columns(0)))
            if not wiki.request.quiet:
                write(sources.render_summary(rows))
