"""What regenerating the blocks did, page by page, and which citations have no place in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.cite.block import BlockState
from wikitools.report.screen import visible, width
from wikitools.report.style import Style
from wikitools.report.summary import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wikitools.report.citations import Row

_STUCK = {
    BlockState.MALFORMED: "its markers are malformed",
    BlockState.HAND_EDITED: "edited by hand: --force overwrites it",
    BlockState.HEADING_TAKEN: "the page has a section of its own under that heading",
    BlockState.UNSAFE_PLACE: "the page ends inside an open code block or comment",
}
_QUIET = frozenset({BlockState.ABSENT, BlockState.NOTHING_CITED, BlockState.UNWANTED})


@dataclass(frozen=True, slots=True)
class PageRow:
    """One page: what became of its block. Sources are named by their titles."""

    path: str
    state: BlockState
    changed: bool = False
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reworded: tuple[str, ...] = ()
    unplaced: tuple[Row, ...] = ()
    """Citations that are unmatched or ambiguous."""
    without_url: tuple[str, ...] = ()

    @property
    def is_worth_a_line(self) -> bool:
        """Say whether something changed, or an editor has something to look at; pages without a block are lint's."""
        if self.changed or is_stuck(self.state):
            return True
        return self.state not in _QUIET and bool(self.unplaced or self.without_url)

    def with_status(self, status: str) -> tuple[Row, ...]:
        """Return the citations with that status."""
        return tuple(row for row in self.unplaced if row.status == status)


def is_stuck(state: BlockState) -> bool:
    """Say whether the page has (or should get) a block that could not be regenerated."""
    return state in _STUCK


HEADER = ("Page", "Block", "+", "-", "~", "Unmatched", "Ambiguous", "No URL")
"""The signs stand for sources added, removed and reworded; the details below the table use them too."""


def cells(row: PageRow) -> tuple[str, ...]:
    """Return a row of the table, safe to print; zeros are left out."""
    lists = (
        row.added,
        row.removed,
        row.reworded,
        row.with_status("unmatched"),
        row.with_status("ambiguous"),
        row.without_url,
    )
    return visible(row.path), str(row.state), *(str(len(each)) if each else "" for each in lists)


def render_table(rows: Sequence[PageRow]) -> Iterator[str]:
    """Yield the table as plain text, and an empty line after it; nothing without rows."""
    if not rows:
        return
    lines = [HEADER, *(cells(row) for row in rows)]
    rooms = [max(width(line[column]) for line in lines) for column in range(len(HEADER))]
    for line in lines:
        left = [cell + " " * (room - width(cell)) for cell, room in zip(line[:2], rooms[:2], strict=True)]
        right = [cell.rjust(room) for cell, room in zip(line[2:], rooms[2:], strict=True)]
        yield "  ".join((*left, *right)).rstrip() + "\n"
    yield "\n"


def render_details(rows: Iterable[PageRow], *, style: Style | None = None) -> Iterator[str]:
    """Yield for each page which sources came and went, and which citations are open, one a line."""
    paint = (style or Style()).paint
    for row in rows:
        yield f"{paint('bold', visible(row.path))}\n"
        if is_stuck(row.state):
            yield f"  {paint('warning', 'not touched')}: {_STUCK[row.state]}\n"
        marked = (("+", "good", row.added), ("-", "bad", row.removed), ("~", "info", row.reworded))
        for sign, look, titles in marked:
            for title in titles:
                yield f"  {paint(look, sign)} {visible(title)}\n"
        for citation in row.unplaced:
            place = f"{citation.line}:{citation.column}"
            between = f" ({', '.join(citation.keys)})" if citation.keys else ""
            status = paint("warning", citation.status)
            yield f"  {status}: {visible(citation.text)} at {place}{visible(between)}\n"
        for title in row.without_url:
            yield f"  {paint('warning', 'no URL')}: {visible(title)}\n"
        yield "\n"


def render_summary(rows: Sequence[PageRow], *, written: bool, init: bool) -> str:
    """Return the counts: changed blocks, and pages that could have one."""
    changed = sum(row.changed for row in rows)
    blocks = sum(row.state not in _QUIET for row in rows)
    absent = sum(row.state is BlockState.ABSENT for row in rows)
    stuck = sum(is_stuck(row.state) for row in rows)
    verb = "Changed" if written else "Would change"
    first = f"{verb} {count(changed, 'page')}" if changed else "Nothing to change"
    said = [f"{blocks:,} of {count(len(rows), 'page')} with a block"]
    if stuck:
        said.append(f"{stuck:,} not touched")
    line = f"{first} ({', '.join(said)}).\n"
    if absent and not init:
        verb = "cites" if absent == 1 else "cite"
        line += f"{count(absent, 'page')} without a block {verb} sources: --init adds one.\n"
    return line
