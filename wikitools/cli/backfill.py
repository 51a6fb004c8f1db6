"""`wikitools backfill`: updates the "Sources cited" blocks to what the pages cite."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from wikitools.cli import options
from wikitools.cli.request import Request
from wikitools.cli.run_rules import checked_policy, look_around
from wikitools.cli.session import Wiki, open_wiki
from wikitools.cli.terminal import columns, complain, fail, note, output_style, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wikitools.block.block import BlockPlan, BlockState
    from wikitools.lint.facts import Facts
    from wikitools.lint.fix.blocks import Regenerated
    from wikitools.lint.policy import Policy
    from wikitools.markdown.page import Page
    from wikitools.project.loading import Workspace
    from wikitools.report.backfill import PageRow

Check = Annotated[
    bool,
    typer.Option("--check", help="Write nothing; exit with 1 if a block would change.", rich_help_panel=options.FIXES),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Write nothing; print and exit as the run itself would.",
        rich_help_panel=options.FIXES,
    ),
]
Init = Annotated[
    bool,
    typer.Option("--init", help="Add a block to pages that cite sources and have none.", rich_help_panel=options.FIXES),
]
Force = Annotated[
    bool, typer.Option("--force", help="Overwrite blocks that were edited by hand.", rich_help_panel=options.FIXES)
]


Json = Annotated[
    bool, typer.Option("--json", help="Report the result for each page as JSON.", rich_help_panel=options.OUTPUT)
]


def backfill(  # noqa: PLR0917  # typer turns the parameters into options; nobody passes them by position
    asked: Request,
    paths: options.Paths = None,
    check: Check = False,
    diff: options.Diff = False,
    dry_run: DryRun = False,
    init: Init = False,
    force: Force = False,
    json: Json = False,
) -> None:
    """Regenerate the "Sources cited" blocks.

    PATHS are pages and folders; a bibliography file or a source note selects the pages that cite its sources.
    Pages without a block need --init, blocks that were edited by hand need --force. Exits with 1 if --check or --diff
    would change something, or if a block could not be regenerated.
    """
    if diff and json:
        fail("--diff and --json exclude each other", "--check --json says what would change")
    wiki = look_around(open_wiki(asked.on(paths)))
    from wikitools.cli.writing import write_diff
    from wikitools.report.backfill import is_stuck

    job = _Job(wiki.request, checked_policy(wiki.settings), init, force)
    workspace = wiki.workspace
    made = _regenerate(workspace, _scope(wiki), job)
    texts = _texts(made)
    states: dict[str, BlockState] = {}
    if diff:
        write_diff(wiki, texts)
    elif not (check or dry_run):
        workspace, made, states = _write(workspace, made, job)
    rows = [_row(wiki, workspace, path, each.plan, states.get(path)) for path, each in made.items()]
    _report(wiki, rows, written=not (check or diff or dry_run), init=init, json=json, table=not diff)
    bugs = _complain_of_bugs(rows)
    refused = [path for path, state in states.items() if state == "not-written"]
    if refused:
        fail(f"{len(refused)} of {len(texts)} changed pages were not written")
    stuck = any(is_stuck(row.state) for row in rows)
    raise typer.Exit(2 if bugs else int(stuck or (bool(texts) and (check or diff))))


def _complain_of_bugs(rows: "list[PageRow]") -> bool:
    """Say which pages could not be proven; the others are none the worse for it."""
    bugs = [row for row in rows if row.state == "not-proven"]
    for row in bugs:
        why = "; ".join(place.message.removeprefix(f"{row.path}: ") for place in row.places)
        complain(f"{row.shown or row.path}: {why}", "this is a bug in wikitools: please report it")
    return bool(bugs)


@dataclass(frozen=True, slots=True)
class _Job:
    """What was asked for."""

    request: "Request"
    policy: "Policy"
    init: bool
    force: bool


@dataclass(frozen=True, slots=True)
class _Regenerator:
    """Plans one page after the other, in whatever process."""

    facts: "Facts"
    job: _Job

    def __call__(self, path: str) -> "Regenerated":
        from wikitools.lint.fix.blocks import regenerate

        job = self.job
        return regenerate(self.facts, path, init=job.init, force=job.force, policy=job.policy)


def _scope(wiki: Wiki) -> tuple[str, ...]:
    """Return the pages whose blocks are asked about, sorted.

    A bibliography or source note that PATHS name changed, presumably: the pages that cite a source of it are meant, and
    those that have a block and a citation that fits no source, which may be one that the file has lost. So with a page
    that is no source note any more: the blocks that still list it are meant.
    """
    from wikitools.block.block import find_block
    from wikitools.block.generated import notes_in
    from wikitools.sources.source import Source
    from wikitools.wiki.resolution import Found

    facts = wiki.workspace.facts
    pages = facts.wiki.pages
    named = wiki.named_files()
    sources = {place for source in facts.each(Source) for place in (source.span.path, source.note)}
    # A bibliography that lost its last source is one all the same; a page without a source may never have had one.
    homes = {path for path in named if path in sources or path not in pages}
    links = (link for home in homes for link in facts.wiki.links_to(home))
    embedding = {link.span.path for link in links if getattr(link, "embed", False)}

    def lists(path: str, note: str) -> bool:
        block = find_block(pages[path], facts.style)
        names = () if block is None else notes_in(block.span.of(pages[path].text))
        answers = (facts.wiki.resolve_name(name, path) for name in names)
        return any(isinstance(answer, Found) and answer.target == note for answer in answers)

    def cites(path: str) -> bool:
        open_ends = path in embedding
        for each in facts.cited.get(path, ()):
            if isinstance(each.resolution, Found):
                source = each.resolution.target
                if source.span.path in homes or source.note in homes:
                    return True
            else:
                open_ends = open_ends or each.convincing
        return open_ends and find_block(pages[path], facts.style) is not None

    found = set(wiki.pages())
    for page in sorted(named - homes):
        linking = {link.span.path for link in facts.wiki.links_to(page)} - found
        found.update(path for path in linking if lists(path, page))
    if homes:
        found.update(path for path in pages if path not in found and cites(path))
    return tuple(path for path in wiki.workspace.inventory.pages if path in found)


def _regenerate(workspace: "Workspace", paths: "Iterable[str]", job: _Job) -> "dict[str, Regenerated]":
    """Return what is to be done on each page that can be read; only what is proven is to be written."""
    from wikitools.cli.progress import ProgressBar
    from wikitools.lint.fix.blocks import settle
    from wikitools.markdown.page import Problem
    from wikitools.project.workers import no_collection, spread

    facts = workspace.facts
    unreadable = {each.span.path for each in facts.each(Problem) if each.kind == "unreadable-page"}
    readable = [path for path in paths if path not in unreadable]
    jobs = job.request.jobs
    with ProgressBar(wanted=job.request.progress) as progress, no_collection():

        def rebuild(pages: "Mapping[str, Page]") -> "Facts":
            texts = {path: page.text for path, page in pages.items()}
            return workspace.rebuild(texts, read=pages, jobs=jobs, progress=progress)

        work = _Regenerator(facts, job)
        found = spread(work, readable, jobs=jobs, phase="regenerating blocks", progress=progress, inherited=True)
        made = {each.path: each for each in found}
        return settle(facts, made, job.policy, rebuild=rebuild, init=job.init, force=job.force)


def _texts(made: "dict[str, Regenerated]") -> dict[str, str]:
    return {path: each.page.text for path, each in made.items() if each.page is not None}


def _write(
    workspace: "Workspace", made: "dict[str, Regenerated]", job: _Job
) -> "tuple[Workspace, dict[str, Regenerated], dict[str, BlockState]]":
    """Write the pages; those that somebody changed meanwhile are read, regenerated and written once more.

    Returns the wiki as it was read last, what was made in the end, and the state of each page that was not written.
    """
    from wikitools.block.block import BlockState
    from wikitools.cli.writing import write_and_retry

    known = dict(made)

    def again(fresh: "Workspace", paths: "frozenset[str]") -> dict[str, str]:
        remade = _regenerate(fresh, sorted(paths), job)
        known.update(remade)
        return _texts(remade)

    written, workspace = write_and_retry(workspace, _texts(made), again)
    states = dict.fromkeys(written.refused, BlockState.NOT_WRITTEN)
    return workspace, known, states | dict.fromkeys(written.changed, BlockState.CHANGED_ON_DISK)


def _row(wiki: Wiki, workspace: "Workspace", path: str, plan: "BlockPlan", instead: "BlockState | None") -> "PageRow":
    """Return what the report says about a page; `instead` is its state where its new text was not written."""
    from wikitools.block.block import block_changes, entries_of
    from wikitools.block.template import address_of, title_of
    from wikitools.report.backfill import PageRow, Place
    from wikitools.report.citations import rows_of
    from wikitools.text import line_and_column, line_starts
    from wikitools.wiki.resolution import Found

    facts = workspace.facts
    cited = facts.cited.get(path, ())
    changes = block_changes(plan.old, plan.new) if instead is None else block_changes("", "")
    entries = entries_of(facts.wiki.pages[path], cited, facts.style)
    open_ends = (each for each in cited if each.convincing and not isinstance(each.resolution, Found))
    starts = line_starts(facts.text_of(path)) if plan.places else []
    changed = plan.fix is not None and instead is None
    return PageRow(
        path=path,
        shown=wiki.shown(path),
        state=plan.state if instead is None else instead,
        changed=changed,
        has_block=plan.has_block or changed,
        places=tuple(Place(*line_and_column(starts, each.span.start), each.message) for each in plan.places),
        added=changes.added,
        removed=changes.removed,
        reworded=tuple(title for _old, new in changes.reworded for title in block_changes("", f"- {new}").added),
        unplaced=tuple(rows_of(path, facts.text_of(path), open_ends)),
        without_url=tuple(title_of(entry.source) for entry in entries if not address_of(entry.source)),
    )


def _report(wiki: Wiki, rows: "list[PageRow]", *, written: bool, init: bool, json: bool, table: bool) -> None:
    from wikitools.report import backfill as report

    quiet = wiki.request.quiet
    if json:
        write(report.render_json(rows, written=written), exact=True)
        return
    wide = columns(0)
    stuck = report.render_stuck(rows, columns=wide, every=wiki.request.verbose)
    summary = report.render_summary(rows, written=written, init=init, columns=wide)
    if not table:
        # A patch cannot say what it leaves alone.
        if said := "".join((*stuck, "" if quiet else summary)).rstrip():
            note(said)
        return
    style = output_style()
    if not quiet:
        write(report.render_changes(rows, columns=wide, style=style))
        if wiki.request.verbose:
            write(report.render_details([row for row in rows if row.has_details], style=style))
    write(stuck)
    if not quiet:
        if init and (wiki.request.verbose or any(row.changed for row in rows)):
            write(report.render_left_out(rows, columns=wide, every=wiki.request.verbose))
        write(summary)
