"""Completion: which kind is asked for is told by what stands before the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from wikitools.lsp import cite, link_to

if TYPE_CHECKING:
    from wikitools.lsp.view import View


def triggers(*, links: bool) -> tuple[str, ...]:
    """Return the characters behind which an editor should ask by itself."""
    return ("@", "[", "#", "^", "(", "/") if links else ("@",)


def complete(view: View, offset: int, *, links: bool) -> types.CompletionList:
    """Return what may be meant at an offset of the open text, the best first.

    There may always be more: what is typed next is asked for anew.
    """
    found = link_to.complete(view, offset) if links else None
    items = cite.complete(view, offset) if found is None else found
    return types.CompletionList(is_incomplete=True, items=items)


def resolve(view: View, item: types.CompletionItem, data: dict[str, Any]) -> types.CompletionItem:
    """Return a proposal with what explains it."""
    wanted = data.get("source")
    return cite.resolve(view, item, wanted) if isinstance(wanted, str) else item
