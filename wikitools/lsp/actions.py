"""Code actions: repairs, near names, silence, and the page's block of sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from wikitools.block.block import BlockState, find_block
from wikitools.lint.fix.add_ignores import can_be_silenced, comment_edits
from wikitools.lint.fix.proof import FixProofError, check_edits
from wikitools.lint.fix.source_blocks import MISSING, STALE, regenerate
from wikitools.lsp import look_up
from wikitools.lsp.diagnostics import inside, pairs
from wikitools.lsp.near_names import near_fixes
from wikitools.text import EditConflictError, Fix, Safety, apply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wikitools.lint.run import Diagnostic
    from wikitools.lsp.view import View
    from wikitools.text import Edit

FIX_ALL = "source.fixAll.wikitools"
REGENERATE = "source.wikitools.regenerateSources"
KINDS = (types.CodeActionKind.QuickFix, FIX_ALL, REGENERATE)
LOOK_UP = look_up.COMMAND
_UNMATCHED = "unmatched-citation"
_BLOCKS = (STALE, MISSING)
"""Rules whose fix is a new block. That is offered only once it is proven."""


def offer(view: View, asked: types.Range, only: Sequence[str] = ()) -> list[types.CodeAction]:
    """Return the actions for a part of a page; only those of some kinds if the editor asks for these."""
    found: list[types.CodeAction] = []
    page = view.facts.wiki.pages.get(view.path)
    if page is not None and page.is_unreadable:
        return found
    if _is_wanted(types.CodeActionKind.QuickFix, only):
        here = view.span(asked)
        touched = set(map(id, inside(view.diagnostics, here.start, here.end)))
        for diagnostic, shown in pairs(view):
            if id(diagnostic) in touched:
                found += _quick(view, diagnostic, shown)
    if page is None:
        # A bibliography has no block of sources, and none of its repairs is made without a look at it.
        return found
    if _is_wanted(FIX_ALL, only) and (edits := _safe_edits(view)):
        found.append(types.CodeAction("Make all safe repairs on this page", kind=FIX_ALL, edit=view.edit(edits)))
    if _is_wanted(REGENERATE, only) and (made := _regenerated(view)) is not None:
        found.append(made)
    return found


def _is_wanted(kind: str, only: Sequence[str]) -> bool:
    return not only or any(kind == each or kind.startswith(f"{each}.") for each in only)


def _quick(view: View, diagnostic: Diagnostic, shown: types.Diagnostic) -> Iterator[types.CodeAction]:
    def action(title: str, edits: Iterable[Edit], *, preferred: bool = False) -> types.CodeAction:
        return types.CodeAction(
            title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[shown],
            is_preferred=True if preferred and view.client.preferred_actions else None,
            edit=view.edit(edits),
        )

    known = set()
    if diagnostic.fix is not None and diagnostic.rule not in _BLOCKS:
        known.add(diagnostic.fix.title)
        yield action(_title(diagnostic.fix), diagnostic.fix.edits, preferred=diagnostic.fix.safety is Safety.SAFE)
    for fix in near_fixes(diagnostic, view.facts):
        if fix.title not in known:
            known.add(fix.title)
            yield action(_title(fix), fix.edits)
    if diagnostic.rule == _UNMATCHED and (command := look_up.offered(view, diagnostic.path, diagnostic.span.start)):
        kind = types.CodeActionKind.QuickFix
        yield types.CodeAction(command.title, kind=kind, diagnostics=[shown], command=command)
    if can_be_silenced(diagnostic, view.facts):
        rule = diagnostic.rule
        yield action(f"Silence {rule} here", comment_edits(view.page, view.facts, [diagnostic]))
        yield action(f"Silence {rule} on this page", comment_edits(view.page, view.facts, [], whole=[rule]))


def _title(fix: Fix) -> str:
    return fix.title[:1].upper() + fix.title[1:]


def _safe_edits(view: View) -> tuple[Edit, ...]:
    """Return all safe repairs on the page that do not overlap, including a new block if it is proven."""
    chosen: list[Edit] = []
    for diagnostic, _shown in pairs(view):
        fix = diagnostic.fix
        if fix is None or fix.safety is not Safety.SAFE or diagnostic.rule in _BLOCKS:
            continue
        # A repair that also changes other pages is a separate action.
        if any(edit.span.path != view.path for edit in fix.edits):
            continue
        if _fit(view, [*chosen, *fix.edits]):
            chosen += fix.edits
    if any(each.rule == STALE for each in view.diagnostics) and view.wiki is not None:
        block = regenerate(view.facts, view.path, policy=view.wiki.policy)
        if block.page is not None and block.plan.fix is not None and _fit(view, [*chosen, *block.plan.fix.edits]):
            chosen += block.plan.fix.edits
    return tuple(chosen)


def _fit(view: View, edits: Sequence[Edit]) -> bool:
    """Say whether edits can be made together, without a change to anything outside of them."""
    text = view.page.text
    try:
        check_edits(view.path, text, apply(text, edits), edits)
    except (EditConflictError, FixProofError):
        return False
    return True


def _regenerated(view: View) -> types.CodeAction | None:
    """Return what brings the block of sources up to date, or why that is impossible; `None` if it already is."""
    if view.wiki is None or not view.wiki.writes_blocks:
        return None
    has_block = find_block(view.page, view.facts.style) is not None
    title = "Regenerate this page's sources" if has_block else "Add a block of this page's sources"
    made = regenerate(view.facts, view.path, init=not has_block, policy=view.wiki.policy)
    if made.page is not None and made.plan.fix is not None:
        return types.CodeAction(title, kind=REGENERATE, edit=view.edit(made.plan.fix.edits))
    why = next((each.message for each in made.plan.places), "")
    if not why or made.plan.state in _NOTHING_TO_SAY or not view.client.disabled_actions:
        return None
    return types.CodeAction(title, kind=REGENERATE, disabled=types.CodeActionDisabled(why))


_NOTHING_TO_SAY = (BlockState.UNCHANGED, BlockState.NOTHING_CITED, BlockState.UNWANTED, BlockState.LEFT_OUT)
