"""Updates blocks of sources page by page and proves that nothing else changed, in the same way for all commands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wikitools.block.block import BlockPlan, BlockState, find_block, plan_block
from wikitools.block.generated import ListedSource, is_known, titled
from wikitools.lint.fix.damage import find_loss
from wikitools.lint.fix.proof import FixProofError, check_edits, new_among
from wikitools.lint.policy import Policy, ignored_in
from wikitools.lint.rule import GROUPS, load_rules
from wikitools.lint.run import lint
from wikitools.lint.suppressions import ALL, UnusedSuppression, find_suppressions
from wikitools.markdown.page import MarkdownLink, Problem, WebLink, Wikilink
from wikitools.markdown.reads_alike import reads_alike
from wikitools.text import Span, apply, line_and_column, line_starts
from wikitools.wiki.resolution import Found, Missing
from wikitools.wiki.wiki import split_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Page, PageLink

STALE, MISSING = "stale-sources", "missing-sources"
"""The rules whose fixes are blocks: for pages with a block, and for pages without one."""


@dataclass(frozen=True, slots=True)
class Regenerated:
    """What to do about the block of one page; `page` is the page as it will be, `None` if nothing changes."""

    path: str
    plan: BlockPlan
    page: Page | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a page with a new block must stay as it is: what would go wrong, and where."""

    path: str
    state: BlockState
    """`WOULD_BREAK`, or `NOT_PROVEN` for a bug in wikitools."""
    problem: Problem


def plan(facts: Facts, path: str, *, init: bool = False, force: bool = False) -> BlockPlan:
    """Return what to do about the block of a page, given the facts about its wiki.

    If an entry can only have been lost through damage, the block stays as it is, unless `force` is given.
    """
    page = facts.wiki.pages[path]
    cited = facts.cited.get(path, ())
    # GitHub wikis publish all pages in one folder, by their names.
    style = replace(facts.style, links_notes=False) if facts.wiki.engine.name == "github-wiki" else facts.style
    made = plan_block(page, cited, style, init=init, force=force, knows=_knows(facts, path))
    if made.fix is None or force or not made.has_block:
        return made
    loss = find_loss(facts, path, made, made.fix.edits[0].span.start)
    return made if loss is None else refused(made, BlockState.SOURCES_LOST, loss)


def _knows(facts: Facts, path: str) -> Callable[[ListedSource, str], bool]:
    """Return a function that says whether everything in a line of an old list is known, so that it can be removed."""

    def knows(listed: ListedSource, prose: str) -> bool:
        answers = [facts.wiki.resolve_name(target, path) for target in listed.targets]
        notes = [answer.target for answer in answers if isinstance(answer, Found)]
        if len(notes) < len(answers):
            return False
        bibliography = facts.bibliography_of(path)
        sources = [*titled(bibliography, listed.title), *(one for note in notes for one in bibliography.by_note(note))]
        pages = [facts.wiki.pages[note] for note in notes if note in facts.wiki.pages]
        return is_known(listed, sources, pages, prose)

    return knows


def is_silenced(facts: Facts, path: str, policy: Policy, block_plan: BlockPlan) -> bool:
    """Say whether a comment on the page, or the configuration, silences the finding that its block is out of date."""
    page = facts.wiki.pages[path]
    rules = load_rules()
    block = find_block(page, facts.style) if block_plan.has_block else None
    rule = rules[MISSING if block is None else STALE]
    if rule.id in ignored_in(policy, (rule,))(path):
        return True
    if not any("wikitools-" in comment.text for comment in page.comments):
        return False
    if block is not None:
        place = block.span.start
    else:
        cited = facts.cited.get(path, ())
        place = next((one.citation.span.start for one in cited if isinstance(one.resolution, Found)), 0)
    suppressions = find_suppressions(page, line_starts(page.text), (*rules, *GROUPS, ALL))
    return any(suppressions.silences([(place, rule.id, rule.group)]))


def regenerate(
    facts: Facts, path: str, *, init: bool = False, force: bool = False, policy: Policy | None = None
) -> Regenerated:
    """Plan the block of a page and read the page as it will be.

    A block that is silenced under the policy is left alone, and so is one whose change would make the rest of the page
    read differently.
    """
    from wikitools.markdown.parse import parse

    page = facts.wiki.pages[path]
    made = plan(facts, path, init=init, force=force)
    told = made.fix is not None or made.state in _TOLD
    if told and policy is not None and is_silenced(facts, path, policy, made):
        return Regenerated(path, refused(made, BlockState.SILENCED))
    if made.fix is None:
        return Regenerated(path, made)
    (edit,) = made.fix.edits
    text = apply(page.text, made.fix.edits)
    try:
        check_edits(path, page.text, text, made.fix.edits)
    except FixProofError as error:
        return Regenerated(path, refused(made, BlockState.NOT_PROVEN, Problem(edit.span, "", str(error))))
    after = parse(path, text, page.dialect) if made.after is None else made.after
    if not reads_alike(page, after, made.fix.edits):
        message = "a block here would change how the rest of the page is read"
        return Regenerated(path, refused(made, BlockState.UNSAFE_PLACE, Problem(edit.span, "", message)))
    return Regenerated(path, replace(made, after=None), after)


_TOLD = (BlockState.HAND_EDITED, BlockState.HEADING_TAKEN, BlockState.UNSAFE_PLACE, BlockState.SOURCES_LOST)
"""The states that the rules about blocks report without a fix."""


def refused(made: BlockPlan, state: BlockState, *why: Problem) -> BlockPlan:
    """Return the plan of a page that stays as it is."""
    return BlockPlan(state, None, made.old, made.old, places=why, has_block=made.has_block)


# --- the proof -------------------------------------------------------------------------------------------------------


def prove(
    before: Facts,
    after: Facts,
    paths: Sequence[str],
    policy: Policy,
    *,
    init: bool = False,
    force: bool = False,
) -> tuple[Refusal, ...]:
    """Return why pages with new blocks must not be written; `after` are the facts with the new texts.

    A second run must leave each page as it is, no finding (of the policy's rules) on any of them may be new, and no
    link to them may break. There is one refusal per page, the worst.
    """
    found: dict[str, Refusal] = {}
    for refusal in (*find_unsettled(after, paths, init=init, force=force), *find_dead_links(before, after, paths)):
        found.setdefault(refusal.path, refusal)
    # A dead link is a finding too, but on the page with the link; the page that it leads to must stay as it is.
    for refusal in () if found else _find_new_findings(before, after, paths, policy):
        found.setdefault(refusal.path, refusal)
    return tuple(found[path] for path in sorted(found))


def find_unsettled(after: Facts, paths: Iterable[str], *, init: bool = False, force: bool = False) -> Iterator[Refusal]:
    """Yield a refusal for each page whose block a second run would change: a bug in wikitools."""
    for path in paths:
        state = plan(after, path, init=init, force=force).state
        if state is not BlockState.UNCHANGED:
            message = f"a second run would change the block again ({state})"
            yield Refusal(path, BlockState.NOT_PROVEN, Problem(_place_of(after, path), "", message))


def _find_new_findings(before: Facts, after: Facts, paths: Sequence[str], policy: Policy) -> Iterator[Refusal]:
    asked = replace(policy, paths=frozenset(paths))
    was, now = lint(before, asked), lint(after, asked)
    # A comment that silenced findings of the old block silences nothing now; removing it is up to the author.
    idle = {rule.id for rule in load_rules().values() if UnusedSuppression in rule.looks_at}
    new = new_among((each.key for each in now.diagnostics), [*(each.key for each in was.diagnostics), *was.silenced])
    for each in now.diagnostics:
        if each.rule not in idle and new[each.key] > 0:
            new[each.key] -= 1
            message = f"the new block would be reported by {each.rule}: {each.message}"
            yield Refusal(each.path, BlockState.WOULD_BREAK, Problem(_place_of(before, each.path), "", message))


def find_dead_links(before: Facts, after: Facts, paths: Iterable[str]) -> Iterator[Refusal]:
    """Yield a refusal for each page with an anchor that links on other pages name and that would disappear."""
    for path in sorted(paths):
        for link in before.wiki.links_to(path):
            if isinstance(link, WebLink) or not _arrives(before, link, path) or _arrives(after, link, path):
                continue
            home, text = link.span.path, before.text_of(link.span.path)
            if any(_leads_alike(link, each) for each in after.wiki.pages[home].links):
                line, column = line_and_column(line_starts(text), link.span.start)
                message = f"{link.span.of(text)} at {home}:{line}:{column} links into the block and would break"
                yield Refusal(path, BlockState.WOULD_BREAK, Problem(_place_of(before, path), "", message))


def _place_of(facts: Facts, path: str) -> Span:
    """Return where on a page its block starts; the end of a page that has none."""
    page = facts.wiki.pages[path]
    block = find_block(page, facts.style)
    start = len(page.text) if block is None else block.span.start
    return Span(path, start, start)


def _arrives(facts: Facts, link: Wikilink | MarkdownLink, path: str) -> bool:
    """Say whether the anchor of a link to the page `path` exists."""
    if isinstance(link, Wikilink):
        return not isinstance(facts.wiki.resolve_anchor(link, path), Missing)
    return not isinstance(facts.wiki.resolve_fragment(split_url(link.url)[1] or "", path), Missing)


def _leads_alike(link: Wikilink | MarkdownLink, other: PageLink) -> bool:
    if isinstance(link, Wikilink):
        return isinstance(other, Wikilink) and (link.target, link.anchor) == (other.target, other.anchor)
    return isinstance(other, MarkdownLink) and link.url == other.url


def settle(
    facts: Facts,
    made: Mapping[str, Regenerated],
    policy: Policy,
    *,
    rebuild: Callable[[Mapping[str, Page]], Facts],
    init: bool = False,
    force: bool = False,
) -> dict[str, Regenerated]:
    """Return the results with only those pages changed that can be proven; `rebuild` returns the facts with new pages.

    A refused page stays as it is, and the rest is proven again without it.
    """
    settled = dict(made)
    while changed := {path: each.page for path, each in settled.items() if each.page is not None}:
        refusals = prove(facts, rebuild(changed), tuple(changed), policy, init=init, force=force)
        if not refusals:
            break
        for refusal in refusals:
            was = settled[refusal.path].plan
            settled[refusal.path] = Regenerated(refusal.path, refused(was, refusal.state, refusal.problem))
    return settled
