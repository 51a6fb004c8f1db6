"""Completion: the text before the cursor decides which kind is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from wikitools.lsp import cite, link_to

if TYPE_CHECKING:
    from wikitools.lsp.view import View


def triggers(*, links: bool) -> tuple[str, ...]:
    """Return the characters after which an editor should ask for completions by itself."""
    return ("@", "[", "#", "^", "(", "/") if links else ("@",)


def complete(view: View, offset: int, *, links: bool) -> types.CompletionList:
    """Return the proposals for an offset of the open text, best first.

    The list is never complete, so the editor asks again after each letter.
    """
    found = link_to.complete(view, offset) if links else None
    items = cite.complete(view, offset) if found is None else found
    return types.CompletionList(is_incomplete=True, items=items)


def resolve(view: View, item: types.CompletionItem, data: dict[str, Any]) -> types.CompletionItem:
    """Return a proposal with its explanation."""
    wanted = data.get("source")
    return cite.resolve(view, item, wanted) if isinstance(wanted, str) else item
