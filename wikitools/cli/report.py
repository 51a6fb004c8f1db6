"""`wikitools report`: shows the state of a wiki on one HTML page, most useful work first."""

# Typer reads the annotations when the program runs, so they are not postponed here.

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from wikitools.cli import options
from wikitools.cli.request import Request
from wikitools.cli.run_rules import check, end, find, look_around
from wikitools.cli.startup import open_wiki
from wikitools.cli.terminal import fail, note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.cli.startup import AskedWiki
    from wikitools.lint.run import Outcome
    from wikitools.report.html.sections import Data, Key

OutputFile = Annotated[
    str,
    typer.Option("--output-file", "-o", metavar="FILE.html", help="The file to write.", rich_help_panel=options.OUTPUT),
]
Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="FILE.json",
        help='Show what changed since this report of "wikitools lint -o FILE.json".',
        rich_help_panel=options.OUTPUT,
    ),
]


def report(asked: Request, output_file: OutputFile, against: Against = None) -> None:
    """Show what needs work on one HTML page.

    Missing works come first, then dead links, open citations, and pages and sources to check.

    The page loads nothing, works without scripts and in print, and is the same for the same wiki.
    """
    from wikitools import files
    from wikitools.report.html.document import render
    from wikitools.report.html.sections import make_sections

    if not output_file.lower().endswith((".html", ".htm")):
        fail(f"-o {output_file}: the report is an HTML page", "name it FILE.html")
    earlier = None if against is None else _read_keys(against)
    checked = check(asked.on([]))
    # The cache keeps findings and citations separately.
    wiki = open_wiki(replace(asked.on([]), progress=False) if checked else asked.on([]))
    outcome = find(look_around(wiki), wiki.workspace.facts) if checked is None else checked[1].outcome
    data = _gather(wiki, outcome, earlier)
    title = f"{os.path.basename(os.fspath(wiki.settings.root)) or 'Wiki'}: what needs work"
    try:
        pieces = render(title, list(_facts(data, wiki)), make_sections(data))
        files.make_file(output_file, pieces, root=wiki.settings.root)
    except files.FileError as error:
        fail(f"-o {error}")
    if not asked.quiet:
        note(f"Wrote {output_file}.")
    end(0, outcome)


def _gather(wiki: "AskedWiki", outcome: "Outcome", against: "list[Key] | None") -> "Data":
    from wikitools.cli.cite import rows_of_wiki
    from wikitools.lint.graph import make_graph
    from wikitools.lint.usage import citing_pages
    from wikitools.report import sources
    from wikitools.report.html.sections import Data

    facts = wiki.workspace.facts
    rows = list(sources.rows_of(facts.bibliography.sources, text_of=facts.text_of, citing=citing_pages(facts)))
    return Data(outcome.diagnostics, rows_of_wiki(wiki), rows, make_graph(facts), against)


def _facts(data: "Data", wiki: "AskedWiki") -> "Iterator[str]":
    """Yield the sentences below the title."""
    from wikitools.report.summary import count

    matched = sum(row.status == "matched" for row in data.cited)
    share = f" ({matched / len(data.cited):.0%})" if data.cited else ""
    yield (
        f"{count(len(wiki.pages()), 'page')}, {count(len(data.sources), 'source')}, "
        f"{count(len(data.cited), 'citation')}, of which {matched:,} are matched{share}."
    )
    kinds = [(str(each.severity)) for each in data.diagnostics]
    told = ", ".join(count(kinds.count(kind), kind) for kind in ("error", "warning", "info") if kind in kinds)
    yield f"Found {count(len(kinds), 'problem')}: {told}." if kinds else "No problems found."


_LARGEST = 1_000_000_000
"""The most bytes of an earlier report."""


def _read_keys(path: str) -> "list[Key]":
    """Return the findings of an earlier report; ends the run with exit code 2 if the file is not one."""
    from wikitools import files

    try:
        data = json.loads(files.read_text(path, limit=_LARGEST))
        return [(each["path"], each["rule"], each["subject"]) for each in data["diagnostics"]]
    except files.FileError as error:
        fail(f"--against {error}")
    except (ValueError, KeyError, TypeError, RecursionError):
        fail(f"--against {path}: not a report of wikitools", '"wikitools lint -o FILE.json" makes one')
