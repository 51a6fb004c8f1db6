"""`wikitools backfill`: make the "Sources cited" blocks say what the pages cite."""

# Typer reads the annotations when the program runs, so they are not postponed here.

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from wikitools.cli import options
from wikitools.cli.start import Wiki, open_wiki, request
from wikitools.cli.terminal import fail, is_terminal, note, output_style, write

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wikitools.cite.block import BlockPlan
    from wikitools.lint.facts import Facts
    from wikitools.report.backfill import PageRow

Check = Annotated[
    bool,
    typer.Option("--check", help="Write nothing; exit with 1 if a block would change.", rich_help_panel=options.FIXES),
]
Init = Annotated[
    bool,
    typer.Option("--init", help="Add a block to pages that cite sources and have none.", rich_help_panel=options.FIXES),
]
Force = Annotated[
    bool, typer.Option("--force", help="Overwrite blocks that were edited by hand.", rich_help_panel=options.FIXES)
]


def backfill(  # noqa: PLR0917  # typer turns the parameters into options; nobody passes them by position
    paths: options.Paths = None,
    check: Check = False,
    diff: options.Diff = False,
    init: Init = False,
    force: Force = False,
    exclude: options.Exclude = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    color: options.Color = "auto",
    no_progress: options.NoProgress = False,
    config: options.Config = None,
    isolated: options.Isolated = False,
    jobs: options.Jobs = None,
    no_cache: options.NoCache = False,
) -> None:
    """Regenerate the "Sources cited" blocks.

    Pages that have no block are left alone without --init, blocks that were edited by hand without --force. Exits with
    1 when --check or --diff would change something, or when a block could not be regenerated.
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
            exclude=exclude,
        )
    )
    from wikitools.cli.change import write_diff, write_pages
    from wikitools.report.backfill import is_stuck, render_summary

    facts = wiki.workspace.facts
    plans = _plan(facts, wiki.pages(), init=init, force=force)
    texts = _prove(wiki, plans, init=init, force=force)
    refused: tuple[str, ...] = ()
    if diff:
        write_diff(wiki, texts)
    elif not check:
        refused = write_pages(wiki, texts)
    rows = [_row(wiki, path, plan) for path, plan in plans.items() if path not in refused]
    if diff and not quiet:
        note(render_summary(rows, written=False, init=init).rstrip())
    elif not quiet:
        _report(wiki, rows, written=not check, init=init)
    if refused:
        fail(f"{len(refused)} of {len(texts)} changed pages were not written")
    stuck = any(is_stuck(plan.state) for plan in plans.values())
    raise typer.Exit(int(stuck or (bool(texts) and (check or diff))))


def _plan(facts: "Facts", pages: "Iterable[str]", *, init: bool, force: bool) -> "dict[str, BlockPlan]":
    """Return what is to be done on each page that can be read."""
    from wikitools.cite.block import plan_block
    from wikitools.wiki.page import Problem

    unreadable = {each.span.path for each in facts.each(Problem) if each.kind == "unreadable-page"}
    return {
        path: plan_block(facts.wiki.pages[path], facts.cited.get(path, ()), facts.style, init=init, force=force)
        for path in pages
        if path not in unreadable
    }


def _prove(wiki: Wiki, plans: "dict[str, BlockPlan]", *, init: bool, force: bool) -> dict[str, str]:
    """Return the new texts, having checked on them what is promised: else `FixProofError`, and nothing is written.

    Outside the blocks every character is the same, a second run has nothing to do, and no finding is new.
    """
    from wikitools.lint.policy import Policy
    from wikitools.lint.proof import FixProofError, check_edits, new_among
    from wikitools.lint.run import lint
    from wikitools.text import apply

    facts = wiki.workspace.facts
    texts: dict[str, str] = {}
    for path, plan in plans.items():
        if plan.fix is not None:
            old = facts.text_of(path)
            texts[path] = apply(old, plan.fix.edits)
            check_edits(path, old, texts[path], plan.fix.edits)
    if not texts:
        return texts
    after = wiki.workspace.rebuild(texts)
    for path, plan in _plan(after, plans, init=init, force=force).items():
        if plan.fix is not None:
            raise FixProofError(f"{path}: a second run would change the block again")
    policy = Policy(paths=frozenset(texts))
    keys = [[each.key for each in lint(known, policy).diagnostics] for known in (facts, after)]
    for path, rule, subject in sorted(new_among(keys[1], keys[0])):
        raise FixProofError(f"{path}: the new block would be a finding of {rule} ({subject})")
    return texts


def _row(wiki: Wiki, path: str, plan: "BlockPlan") -> "PageRow":
    from wikitools.cite.block import block_changes, collect_entries
    from wikitools.cite.template import address_of, title_of
    from wikitools.report.backfill import PageRow
    from wikitools.report.citations import rows_of
    from wikitools.wiki.resolution import Found

    facts = wiki.workspace.facts
    cited = facts.cited.get(path, ())
    changes = block_changes(plan.old, plan.new)
    entries = collect_entries(facts.wiki.pages[path], cited, facts.style.sort)
    open_ends = (each for each in cited if each.convincing and not isinstance(each.resolution, Found))
    return PageRow(
        path=wiki.shown(path),
        state=plan.state,
        changed=plan.fix is not None,
        added=changes.added,
        removed=changes.removed,
        reworded=tuple(title for _old, new in changes.reworded for title in block_changes("", f"- {new}").added),
        unplaced=tuple(rows_of(path, facts.text_of(path), open_ends)),
        without_url=tuple(title_of(entry.source) for entry in entries if not address_of(entry.source)),
    )


def _report(wiki: Wiki, rows: "list[PageRow]", *, written: bool, init: bool) -> None:
    from wikitools.report import backfill as report

    told = [row for row in rows if row.is_worth_a_line]
    if is_terminal(sys.stdout):
        _draw(told)
    else:
        write(report.render_table(told))
    write(report.render_details(told, style=output_style()))
    write(report.render_summary(rows, written=written, init=init))


def _draw(rows: "list[PageRow]") -> None:
    """Draw the table on the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from wikitools.report.backfill import HEADER, cells

    if not rows:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(HEADER[0], overflow="fold", ratio=1)
    table.add_column(HEADER[1], no_wrap=True)
    for title in HEADER[2:]:
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        # Text, never markup: brackets in a page's name are part of it.
        table.add_row(*(Text(cell) for cell in cells(row)))
    console = Console(no_color=not output_style().colour, highlight=False, emoji=False, markup=False)
    console.print(table)
    console.print()
