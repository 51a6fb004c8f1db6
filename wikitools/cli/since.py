"""Compares with an earlier commit: reports changed pages, and what is new elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wikitools.cli.startup import open_cache, or_fail
from wikitools.cli.terminal import fail, note
from wikitools.lint.rule import quoted
from wikitools.project.prepare import named_outside, wanted
from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wikitools.cli.startup import AskedWiki
    from wikitools.lint.facts import Facts
    from wikitools.lint.policy import Policy
    from wikitools.lint.run import Diagnostic, Outcome
    from wikitools.repository import Repository


@dataclass(frozen=True, slots=True)
class Comparison:
    """The options that compare with a commit."""

    staged: bool = False
    changed: bool = False
    since: str | None = None
    new_since: str | None = None

    def __bool__(self) -> bool:
        return self.staged or self.changed or self.new_since is not None

    def check(self, *, writes: bool, fixes: bool) -> None:
        """End the run if the options exclude each other; `fixes`: with repairs, `writes`: which are written to disk."""
        if self.since is not None and not self.changed:
            fail("--since needs --changed", "write --changed --since REF")
        if self.staged and self.changed:
            fail("--staged and --changed exclude each other", "--staged compares with the last commit")
        if self.changed and self.new_since is not None:
            fail("--changed and --new-since exclude each other", "new findings are on changed pages, or caused by them")
        if self.staged and writes:
            fail("--staged writes nothing", "--staged --diff shows the repairs; hooks run --index git --fix")
        if self.new_since is not None and fixes:
            fail("--new-since repairs nothing", "--changed --since REF --fix repairs the changed pages")


@dataclass(frozen=True, slots=True)
class Scope:
    """What is reported: everything on `changed` files (`None`: on none), and elsewhere what `base` did not have."""

    repository: Repository
    base: str
    """The commit that the wiki is compared with."""
    changed: frozenset[str] | None
    renamed: Mapping[str, str]
    """Files with a new path, each with its old one."""
    removed: frozenset[str]
    """Files that were deleted, without a new path."""
    when: str
    """When the changes were made: "in this commit", "since main"."""
    same: bool
    """Whether nothing at all changed, so that nothing can be new."""


def find_scope(wiki: AskedWiki, comparison: Comparison) -> Scope:
    """Return what is reported; ends the run with exit code 2 if git cannot say it."""
    return or_fail(lambda: _find_scope(wiki, comparison))


def _find_scope(wiki: AskedWiki, comparison: Comparison) -> Scope:
    from wikitools import git
    from wikitools.report.summary import count
    from wikitools.repository import open_repository

    repository = open_repository(wiki.settings.root)
    if comparison.new_since is not None:
        name = comparison.new_since
        # Before the first commit, everything is new.
        base = git.find_head(repository) if name == "HEAD" else git.find_commit(repository, name)
    elif comparison.staged:
        base, name = git.find_head(repository), "HEAD"
    else:
        base, name = git.find_base(repository, comparison.since)
    changes = git.find_changes(repository, base, staged=comparison.staged)
    inventory = wiki.workspace.inventory
    changed = set(changes.changed)
    removed = frozenset(changes.removed - set(changes.renamed.values()))
    if wiki.workspace.snapshot is None:
        # Git compares only tracked files, and a page that was not added yet is new.
        tracked = git.find_tracked(wiki.settings.root) or frozenset()
        changed |= {path for path in (*inventory.pages, *inventory.attachments) if path not in tracked}
    if not wiki.request.quiet:
        pages = [path for path in inventory.pages if path in changed]
        gone = sum(path.lower().endswith(_PAGES) for path in removed)
        words = f"{count(len(pages), 'page')} changed" + (f", {gone} deleted" if gone else "")
        note(f"compared with {name} ({base[:10]}): {words}")
    return Scope(
        repository,
        base,
        changed=None if comparison.new_since is not None else frozenset(changed),
        renamed=changes.renamed,
        removed=removed,
        when="in this commit" if comparison.staged else f"since {name}",
        same=not changed and not changes,
    )


_PAGES = (".md", ".markdown")


def narrow(outcome: Outcome, wiki: AskedWiki, facts: Facts, scope: Scope, policy: Policy) -> Outcome:
    """Return the outcome with what is in scope: the earlier state is read from git and checked with the same rules."""
    shown = scope.changed or frozenset()
    elsewhere = [each for each in outcome.diagnostics if each.path not in shown]
    silenced = tuple(key for key in outcome.silenced if scope.changed is None or key[0] in shown)
    if scope.same or not elsewhere:
        kept = () if scope.same else outcome.diagnostics
        return replace(outcome, diagnostics=kept, silenced=silenced)
    from wikitools.lint.new_findings import find_new

    old_facts, before = or_fail(lambda: _look_back(wiki, scope, policy))
    new = find_new(
        elsewhere,
        before.diagnostics,
        renamed=scope.renamed,
        text_of=facts.text_of,
        old_text_of=old_facts.text_of,
    )
    # By offset and rule as well as by key: of several equal findings, only some may be new.
    places = {(each.span, each.rule, each.subject) for each in new}
    kept = tuple(
        each for each in outcome.diagnostics if each.path in shown or (each.span, each.rule, each.subject) in places
    )
    kept = tuple(_with_deletion(kept, scope, facts, old_facts))
    return replace(outcome, diagnostics=kept, silenced=silenced, failures=outcome.failures or before.failures)


def texts_before(wiki: AskedWiki, scope: Scope, paths: Iterable[str]) -> dict[str, str]:
    """Return what files said in the commit that the wiki is compared with; those that were not there are left out."""
    from wikitools import git

    settings = wiki.settings
    snapshot = or_fail(
        lambda: git.read_commit(scope.repository, scope.base, wanted(settings), named=named_outside(settings))
    )
    old = {path: scope.renamed.get(path, path) for path in paths}
    found = ((path, snapshot.contents.get(before)) for path, before in old.items())
    return {path: data.decode("utf-8", "replace") for path, data in found if data is not None}


def _with_deletion(
    diagnostics: Iterable[Diagnostic], scope: Scope, facts: Facts, old_facts: Facts
) -> Iterator[Diagnostic]:
    """Yield the diagnostics; those about links to deleted or renamed pages say so."""
    now = {old: new for new, old in scope.renamed.items()}
    gone: dict[tuple[str, str], str] = {}
    for path in sorted(((scope.removed | now.keys()) & old_facts.wiki.pages.keys()) - facts.wiki.pages.keys()):
        for link in old_facts.wiki.links_to(path):
            at = link.span
            text = old_facts.text_of(at.path)[at.start : at.end]
            gone[now.get(at.path, at.path), text] = path
    for each in diagnostics:
        target = gone.get((each.path, facts.text_of(each.path)[each.span.start : each.span.end]))
        if each.group != "links" or target is None:
            yield each
        elif target in now:
            yield replace(each, message=f"{quoted(target)} was renamed to {quoted(now[target])} {scope.when}")
        else:
            yield replace(each, message=f"{quoted(target)} was deleted {scope.when}", fix=None)


def facts_before(wiki: AskedWiki, scope: Scope) -> Facts:
    """Return the facts about the wiki in the commit that it is compared with; ends the run if git cannot say them."""
    from wikitools import git
    from wikitools.cli.progress import ProgressBar
    from wikitools.project import checking

    settings = wiki.settings
    with ProgressBar(wanted=wiki.request.progress) as progress:
        return or_fail(
            lambda: (
                checking.open_workspace(
                    settings,
                    jobs=wiki.request.jobs,
                    progress=progress,
                    snapshot=git.read_commit(
                        scope.repository, scope.base, wanted(settings), named=named_outside(settings)
                    ),
                )
                .looked_around(tracking=False)
                .facts
            )
        )


def _look_back(wiki: AskedWiki, scope: Scope, policy: Policy) -> tuple[Facts, Outcome]:
    """Return the facts about the earlier state, and the findings in it. Raises `GitError`."""
    from wikitools import git
    from wikitools.cli.progress import ProgressBar
    from wikitools.lint.policy import select_rules
    from wikitools.lint.rule import load_rules
    from wikitools.lint.run import lint
    from wikitools.project import checking

    settings = wiki.settings
    snapshot = git.read_commit(scope.repository, scope.base, wanted(settings), named=named_outside(settings))
    with ProgressBar(wanted=wiki.request.progress) as progress:
        jobs = wiki.request.jobs
        if checking.is_able(settings):
            checked = checking.check(
                settings,
                policy,
                jobs=jobs,
                progress=progress,
                store=open_cache(wiki.request, settings),
                snapshot=snapshot,
            )
            return checked.workspace.facts, checked.outcome
        workspace = checking.open_workspace(settings, jobs=jobs, progress=progress, snapshot=snapshot)
    tracking = any(rule.needs_git for rule in select_rules(policy, load_rules()))
    facts = workspace.looked_around(tracking=tracking).facts
    return facts, lint(facts, policy)
