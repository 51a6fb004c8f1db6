"""`wikitools report`: shows the state of a wiki on one HTML page, most useful work first."""

# Typer reads the annotations when the program runs, so they are not postponed here.

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from wikitools import files
from wikitools.cli import options
from wikitools.cli.request import Request
from wikitools.cli.run_rules import end, find_all, misfit_of
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

Proposals = Annotated[
    str | None,
    typer.Option(
        "--proposals",
        metavar="FILE.toml",
        help='Show which works "wikitools cite --unmatched --lookup -o FILE.toml" found.',
        rich_help_panel=options.OUTPUT,
    ),
]


def report(asked: Request, output_file: OutputFile, against: Against = None, proposals: Proposals = None) -> None:
    """Show what needs work on one HTML page.

    Missing works come first, then dead links, open citations, and pages and sources to check. Never uses the network:
    of addresses and registries, it shows what "urls" and "bib verify" learned.

    The page loads nothing, works without scripts and in print, and is the same for the same wiki.
    """
    from wikitools.report.html.document import render
    from wikitools.report.html.sections import make_sections

    if not output_file.lower().endswith((".html", ".htm")):
        fail(f"-o {output_file}: the report is an HTML page", "name it FILE.html")
    earlier = None if against is None else _read_keys(against)
    proposed = {} if proposals is None else _read_proposals(proposals)
    # Rules and tables need the same citations, which are matched once for both.
    wiki = open_wiki(asked.on([]))
    outcome = find_all(wiki)
    data = replace(_gather(wiki, outcome), against=earlier, proposals=proposed)
    title = f"{os.path.basename(os.fspath(wiki.settings.root)) or 'Wiki'}: what needs work"
    try:
        pieces = render(title, list(_facts(data, wiki, outcome)), make_sections(data))
        files.make_file(output_file, pieces, root=wiki.settings.root)
    except files.FileError as error:
        fail(f"-o {error}")
    if not asked.quiet:
        note(f"Wrote {output_file}.")
    end(0, outcome)


def _gather(wiki: "AskedWiki", outcome: "Outcome") -> "Data":
    from wikitools.cli.cite import rows_of_wiki
    from wikitools.cli.network import remembers
    from wikitools.lint.graph import make_graph
    from wikitools.lint.usage import citing_pages
    from wikitools.report import sources
    from wikitools.report.html.sections import Data

    facts = wiki.workspace.facts
    rows = list(sources.rows_of(facts.bibliography.sources, text_of=facts.text_of, citing=citing_pages(facts)))
    data = Data(outcome.diagnostics, rows_of_wiki(wiki), rows, make_graph(facts))
    if not remembers(wiki.request):
        return data
    from wikitools.cli import ask_registries, ask_urls

    addresses, oldest = ask_urls.look_back(wiki)
    answered = "" if oldest is None else f"{datetime.fromtimestamp(oldest, UTC):%Y-%m-%d}"
    registries = ask_registries.remembered_findings(wiki)
    return replace(data, addresses=addresses, answered=answered, registries=registries)


def _facts(data: "Data", wiki: "AskedWiki", outcome: "Outcome") -> "Iterator[str]":
    """Yield the sentences below the title."""
    from wikitools.cli.baseline import without_known
    from wikitools.report import engine_hint
    from wikitools.report.summary import count

    matched = sum(row.status == "matched" for row in data.cited)
    share = f" ({matched / len(data.cited):.0%})" if data.cited else ""
    yield (
        f"{count(len(wiki.pages()), 'page')}, {count(len(data.sources), 'source')}, "
        f"{count(len(data.cited), 'citation')}, of which {matched:,} are matched{share}."
    )
    kinds = [(str(each.severity)) for each in data.diagnostics]
    told = ", ".join(count(kinds.count(kind), kind) for kind in ("error", "warning", "info") if kind in kinds)
    known = without_known(wiki, outcome).known
    baseline = f" The baseline has {known:,} of them." if known else ""
    yield f"Found {count(len(kinds), 'problem')}: {told}.{baseline}" if kinds else "No problems found."
    if misfit := misfit_of(wiki.workspace.facts, outcome):
        yield f"{engine_hint.render(misfit).strip()}."


_LARGEST = 1_000_000_000
"""The most bytes of an earlier report."""


def _read_keys(path: str) -> "list[Key]":
    """Return the findings of an earlier report; ends the run with exit code 2 if the file is not one."""
    try:
        data = json.loads(files.read_text(path, limit=_LARGEST))
        keys = [(each["path"], each["rule"], each["subject"]) for each in data["diagnostics"]]
    except files.FileError as error:
        fail(f"--against {error}")
    except (ValueError, KeyError, TypeError, RecursionError):
        keys = None
    if keys is None or not all(isinstance(word, str) for key in keys for word in key):
        fail(f"--against {path}: not a report of wikitools", '"wikitools lint -o FILE.json" makes one')
    return keys


def _read_proposals(path: str) -> "dict[str, list[str]]":
    """Return what a file of proposals has for each work, the best first; ends the run if the file is not one."""
    import tomllib

    from wikitools.cli.cite_lookup import are_proposals
    from wikitools.cli.startup import or_fail

    try:
        works = tomllib.loads(or_fail(lambda: files.read_text(path))).get("work", [])
    except tomllib.TOMLDecodeError as error:
        fail(f"--proposals {path}: {error}")
    if not are_proposals(works):
        fail(f"--proposals {path}: not a file of proposals", '"wikitools cite --unmatched --lookup -o FILE.toml"')
    found: dict[str, list[str]] = {}
    for each in works:
        what = " ".join(str(each[name]) for name in ("identifier", "title") if each.get(name))
        told = f"{what} ({each['certainty']})" if each.get("certainty") else what
        found.setdefault(str(each.get("cited-as", "")), []).append(told)
    return found
