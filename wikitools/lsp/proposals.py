"""A list of proposals for what is being typed, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

if TYPE_CHECKING:
    from wikitools.lsp.view import View

MOST = 50


class Proposals:
    """What can replace the last `typed` characters before an offset of the open text."""

    def __init__(self, view: View, typed: int, offset: int, kind: types.CompletionItemKind) -> None:
        self._lines = view.document.lines
        self._typed, self._offset = typed, offset
        self._kind = kind
        self.items: list[types.CompletionItem] = []

    @property
    def is_full(self) -> bool:
        """Whether there are already as many as anybody would read."""
        return len(self.items) >= MOST

    def add(
        self,
        label: str,
        text: str,
        *,
        detail: str = "",
        filtered: str = "",
        typed: int | None = None,
        behind: int = 0,
        data: Any = None,
    ) -> None:
        """Propose `text`, shown as `label`; the editor keeps it while `filtered` matches what is typed.

        `typed`: it replaces so many characters, not as many as the others. `behind`: and so many after the offset.
        """
        self.items.append(
            types.CompletionItem(
                label=label,
                kind=self._kind,
                detail=detail or None,
                filter_text=filtered or label,
                sort_text=f"{len(self.items):03}",
                text_edit=types.TextEdit(self._range(self._typed if typed is None else typed, behind), text),
                data=data,
            )
        )

    def _range(self, typed: int, behind: int) -> types.Range:
        ends = self._offset - typed, self._offset + behind
        start, end = (types.Position(*self._lines.place(each)) for each in ends)
        return types.Range(start, end)

    def add_page(self, name: str, path: str, text: str, *, other_label: str, filtered: str = "") -> None:
        """Propose a page. The first with a name gets it as its label; those after it get another one."""
        label = name if all(each.label != name for each in self.items) else other_label
        self.add(label, text, detail=path, filtered=filtered or name)
