"""Blocks of sources made true, page by page, and the proof that nothing else changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wikitools.cite.block import BlockPlan, BlockState, plan_block
from wikitools.lint.policy import Policy
from wikitools.lint.proof import FixProofError, check_edits, new_among
from wikitools.lint.run import lint
from wikitools.text import apply
from wikitools.wiki.blocks import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wikitools.lint.facts import Facts
    from wikitools.text import Edit, Span
    from wikitools.wiki.page import Page


@dataclass(frozen=True, slots=True)
class Regenerated:
    """What is to be done about the block of one page; `page` is the page as it will be, `None` when nothing changes."""

    path: str
    plan: BlockPlan
    page: Page | None = None


def regenerate(facts: Facts, path: str, *, init: bool, force: bool) -> Regenerated:
    """Plan the block of a page and read the page as it will be.

    A block whose change would make the rest of the page read otherwise is left alone: `UNSAFE_PLACE`.
    """
    from wikitools.wiki.parse import parse

    page = facts.wiki.pages[path]
    plan = plan_block(page, facts.cited.get(path, ()), facts.style, init=init, force=force)
    if plan.fix is None:
        return Regenerated(path, plan)
    (edit,) = plan.fix.edits
    text = apply(page.text, plan.fix.edits)
    check_edits(path, page.text, text, plan.fix.edits)
    after = parse(path, text) if plan.after is None else plan.after
    if not reads_alike(page, after, edit):
        return Regenerated(path, BlockPlan(BlockState.UNSAFE_PLACE, None, plan.old, plan.old))
    return Regenerated(path, replace(plan, after=None), after)


def reads_alike(before: Page, after: Page, edit: Edit) -> bool:
    """Say whether a page reads the same before and after an edit, apart from what the edit replaces.

    Compares the blocks that mistletoe sees, each with its place, and all headings, links, notes and anchors.
    """
    old, new = edit.span, replace(edit.span, end=edit.span.start + len(edit.text))
    shift = new.end - old.end
    if list(_things(before, old, shift)) != list(_things(after, new, 0)):
        return False
    return list(_blocks(before, old, shift)) == list(_blocks(after, new, 0))


def _things(page: Page, hole: Span, shift: int) -> Iterator[tuple[str, int, int, str]]:
    """Yield kind, place and address of what stands on a page outside of the hole; places after it moved by `shift`."""
    for things in (
        page.headings,
        page.links,
        page.definitions,
        page.undefined,
        page.footnotes,
        page.footnote_definitions,
        page.block_ids,
        page.html_ids,
        page.comments,
        page.wrapped,
    ):
        for thing in things:
            span = thing.span
            if not hole.start <= span.start < hole.end:
                start, end = _moved(span.start, hole, shift), _moved(span.end, hole, shift)
                yield type(thing).__name__, start, end, getattr(thing, "url", "")


def _blocks(page: Page, hole: Span, shift: int) -> Iterator[tuple[str, int, tuple[tuple[int, int], ...]]]:
    from wikitools.wiki.parse import read_blocks

    head = page.front_matter_span
    begin = head.end if head is not None else len("\ufeff") if page.text.startswith("\ufeff") else 0
    for kind, pieces, level in read_blocks(split_lines(page.text, begin)):
        # Empty lines at the end of code say nothing, and an added block stands after them.
        told = [(start, end) for start, end in pieces if start < end]
        if told and not hole.start <= told[0][0] < hole.end:
            yield kind, level, tuple((_moved(start, hole, shift), _moved(end, hole, shift)) for start, end in told)


def _moved(place: int, hole: Span, shift: int) -> int:
    return place + shift if place >= hole.end and place > hole.start else place


def prove(before: Facts, after: Facts, paths: Sequence[str], *, init: bool, force: bool) -> None:
    """Raise `FixProofError` unless a second run leaves these pages as they are and no finding on them is new.

    `after` are the facts with the new texts.
    """
    for path in paths:
        plan = plan_block(after.wiki.pages[path], after.cited.get(path, ()), after.style, init=init, force=force)
        if plan.state is not BlockState.UNCHANGED:
            raise FixProofError(f"{path}: a second run would not leave the block as it is ({plan.state})")
    policy = Policy(paths=frozenset(paths))
    keys = [[each.key for each in lint(known, policy).diagnostics] for known in (before, after)]
    for path, rule, subject in sorted(new_among(keys[1], keys[0])):
        raise FixProofError(f"{path}: the new block would be a finding of {rule} ({subject})")
