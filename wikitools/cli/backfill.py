"""`wikitools backfill`: updates the "Sources cited" blocks to what the pages cite."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from wikitools.cli import options
from wikitools.cli.idle_globs import warn_of_idle_globs
from wikitools.cli.request import Request
from wikitools.cli.run_rules import checked_policy, look_around
from wikitools.cli.startup import AskedWiki, open_wiki, warn_without_sources
from wikitools.cli.terminal import columns, complain, fail, note, output_style, write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wikitools.block.block import BlockPlan, BlockState
    from wikitools.lint.facts import Facts
    from wikitools.lint.fix.source_blocks import Regenerated
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
Adopt = Annotated[
    bool,
    typer.Option(
        "--adopt",
        help="Replace a hand-written list of sources with the block if no word of it is lost.",
        rich_help_panel=options.FIXES,
    ),
]
Force = Annotated[
    bool, typer.Option("--force", help="Overwrite blocks that were edited by hand.", rich_help_panel=options.FIXES)
]


Staged = Annotated[
    bool,
    typer.Option(
        "--staged",
        help="Only blocks that the next commit concerns: those of staged pages, and those that it makes out of date. "
        "If nothing is staged: all.",
        rich_help_panel=options.FILES,
    ),
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
    adopt: Adopt = False,
    force: Force = False,
    staged: Staged = False,
    json: Json = False,
) -> None:
    """Regenerate the "Sources cited" blocks.

    PATHS are pages and folders; a bibliography file or a source note selects the pages that cite its sources.
    Pages without a block need --init, those with their own list of sources --adopt, blocks that were edited by hand
    --force. Exits with 1 if --check or --diff would change something, or if a block could not be regenerated.
    """
    if diff and json:
        fail("--diff and --json exclude each other", "--check --json says what would change")
    if adopt:
        asked = replace(asked, config=(*asked.config, "block.adopt-lists=true"))
    if staged:
        # What git does not track will not be committed.
        asked = replace(asked, index="git")
    wiki = look_around(open_wiki(asked.on(paths)))
    warn_of_idle_globs(wiki)
    warn_without_sources(wiki)
    from wikitools.cli.backfill_scope import asked_pages
    from wikitools.cli.writing import write_diff
    from wikitools.report.backfill import is_stuck

    job = _Job(wiki.request, checked_policy(wiki.settings), init, force)
    workspace = wiki.workspace
    pages = asked_pages(wiki)
    made = _regenerate(workspace, _concerned(wiki, pages, job) if staged else pages, job)
    texts = _texts(made)
    states: dict[str, BlockState] = {}
    if diff:
        write_diff(wiki, texts)
    elif not (check or dry_run):
        workspace, made, states = _write(workspace, made, job)
    rows = [_final_row(wiki, workspace, path, each, states) for path, each in made.items()]
    explained = adopt or (init and (wiki.request.verbose or any(row.changed for row in rows)))
    written = not (check or diff or dry_run)
    _report(wiki, rows, written=written, init=init, json=json, table=not diff, explained=explained)
    bugs = _complain_of_bugs(rows)
    refused = [path for path, state in states.items() if state == "not-written"]
    if refused:
        fail(f"{len(refused)} of {len(texts)} changed pages were not written")
    stuck = any(is_stuck(row.state) for row in rows)
    raise typer.Exit(2 if bugs else int(stuck or (bool(texts) and (check or diff))))


def _complain_of_bugs(rows: "list[PageRow]") -> bool:
    """Report the pages whose new blocks could not be proven harmless; this does not affect other pages."""
    bugs = [row for row in rows if row.state == "not-proven"]
    for row in bugs:
        why = "; ".join(place.message.removeprefix(f"{row.path}: ") for place in row.places)
        complain(f"{row.shown or row.path}: {why}", "this is a bug in wikitools: please report it")
    return bool(bugs)


@dataclass(frozen=True, slots=True)
class _Job:
    """The options of the run."""

    request: "Request"
    policy: "Policy"
    init: bool
    force: bool


@dataclass(frozen=True, slots=True)
class _Made:
    """The result for a page: its row in the report, and its new text if it changes."""

    row: "PageRow"
    regenerated: "Regenerated | None" = None


@dataclass(frozen=True, slots=True)
class _Regenerator:
    """Plans the blocks of pages one by one, in any process. Pages that cannot be read are left out."""

    workspace: "Workspace"
    job: _Job

    @property
    def kind(self) -> str:
        """The name of this work and its options, part of the cache key."""
        return f"block {(self.job.policy, self.job.init, self.job.force)}"

    def __call__(self, path: str) -> _Made | None:
        """Return the plan for a page."""
        from wikitools.block.block import BlockState
        from wikitools.lint.fix.source_blocks import regenerate

        facts, job = self.workspace.facts, self.job
        if any(each.kind == "unreadable-page" for each in facts.wiki.pages[path].problems):
            return None
        made = regenerate(facts, path, init=job.init, force=job.force, policy=job.policy)
        row = _row(self.workspace, path, made.plan)
        if made.plan.state is BlockState.ABSENT:
            # Not each page that cites sources and has no block can get one.
            trial = regenerate(facts, path, init=True, policy=job.policy)
            row = row._replace(init_adds=trial.page is not None)
        return _Made(row, None if made.page is None else made)

    def pack(self, value: _Made | None) -> "PageRow | None":
        """Return the row of a page that does not change; `None` for others, which must be proven together."""
        return None if value is None or value.regenerated is not None else value.row

    def unpack(self, packed: "PageRow") -> _Made:
        """Return what was packed."""
        from wikitools.report.backfill import unpack_row

        return _Made(unpack_row(packed))


def _concerned(wiki: AskedWiki, pages: "Sequence[str]", job: _Job) -> "Sequence[str]":
    """Return the pages of the next commit, and those whose blocks it makes out of date; without a change, all pages."""
    from wikitools import files
    from wikitools.cli.since import Comparison, facts_before, find_scope
    from wikitools.lint.fix.source_blocks import regenerate

    scope, settings = find_scope(wiki, Comparison(staged=True)), wiki.settings
    changed = scope.changed or frozenset()
    # The settings of today are applied to the state before, too.
    if scope.same or files.below_root(str(settings.config or ""), str(settings.root)) in changed:
        if not wiki.request.quiet:
            note(f"{'nothing is' if scope.same else 'the configuration is'} staged: all blocks are compared")
        return pages
    plans = _plan(wiki.workspace, [path for path in pages if path not in changed], job)
    stale = {path for path, each in plans.items() if each.regenerated is not None}
    if stale:
        before = facts_before(wiki, scope)
        # One that was out of date before the commit is none of its business.
        stale = {
            path
            for path in stale
            if path in before.wiki.pages
            and regenerate(before, path, init=job.init, force=job.force, policy=job.policy).page is None
        }
    return [path for path in pages if path in changed or path in stale]


def _plan(workspace: "Workspace", paths: "Sequence[str]", job: _Job) -> "dict[str, _Made]":
    """Return the plan for each page that can be read."""
    from wikitools.cli.progress import ProgressBar
    from wikitools.project.page_rows import say_of_pages
    from wikitools.project.workers import no_collection

    # References in a CSL style come from pandoc, and nothing records whether that is still the same.
    keeper = None if workspace.facts.style.style else workspace.keeper
    work, phase = _Regenerator(workspace, job), "regenerating blocks"
    with ProgressBar(wanted=job.request.progress) as progress, no_collection():
        said = say_of_pages(keeper, work, paths, phase=phase, jobs=job.request.jobs, progress=progress)
    return {path: each for path, each in said.items() if each is not None}


def _regenerate(workspace: "Workspace", paths: "Sequence[str]", job: _Job) -> "dict[str, _Made]":
    """Return the plan for each page that can be read, proven harmless where it changes the page."""
    from wikitools.cli.progress import ProgressBar
    from wikitools.lint.fix.source_blocks import settle
    from wikitools.project.workers import no_collection

    made = _plan(workspace, paths, job)
    changing = {path: each.regenerated for path, each in made.items() if each.regenerated is not None}
    with ProgressBar(wanted=job.request.progress) as progress, no_collection():

        def rebuild(pages: "Mapping[str, Page]") -> "Facts":
            texts = {path: page.text for path, page in pages.items()}
            return workspace.rebuild(texts, read=pages, jobs=job.request.jobs, progress=progress)

        settled = settle(workspace.facts, changing, job.policy, rebuild=rebuild, init=job.init, force=job.force)
        return made | {path: _Made(_row(workspace, path, each.plan), each) for path, each in settled.items()}


def _texts(made: "Mapping[str, _Made]") -> dict[str, str]:
    pages = {path: each.regenerated.page for path, each in made.items() if each.regenerated is not None}
    return {path: page.text for path, page in pages.items() if page is not None}


def _write(
    workspace: "Workspace", made: "dict[str, _Made]", job: _Job
) -> "tuple[Workspace, dict[str, _Made], dict[str, BlockState]]":
    """Write the pages; those that changed meanwhile are read, regenerated and written once more.

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


def _final_row(
    wiki: AskedWiki, workspace: "Workspace", path: str, made: _Made, states: "Mapping[str, BlockState]"
) -> "PageRow":
    """Return the final row of a page; `states` are those of pages that were not written."""
    row = made.row
    if made.regenerated is not None:
        # Its text has changed since.
        row = _row(workspace, path, made.regenerated.plan, states.get(path))
    return row._replace(shown=wiki.shown(path))


def _row(workspace: "Workspace", path: str, plan: "BlockPlan", instead: "BlockState | None" = None) -> "PageRow":
    """Return what the report says about a page; `instead` is its state if its new text was not written."""
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


def _report(
    wiki: AskedWiki, rows: "list[PageRow]", *, written: bool, init: bool, json: bool, table: bool, explained: bool
) -> None:
    from wikitools.report import backfill as report

    quiet = wiki.request.quiet
    if json:
        write(report.render_json(rows, written=written), exact=True)
        return
    wide = columns(0)
    stuck = report.render_stuck(rows, columns=wide, every=wiki.request.verbose)
    summary = report.render_summary(rows, written=written, columns=wide)
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
        if explained:
            write(report.render_left_out(rows, columns=wide, every=wiki.request.verbose))
        write(summary)
