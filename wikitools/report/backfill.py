"""What regenerating the blocks did, page by page, and which citations have no place in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wikitools import __version__
from wikitools.block.block import BlockState
from wikitools.report.ansi import Style
from wikitools.report.json import dumps
from wikitools.report.screen import visible, width
from wikitools.report.summary import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wikitools.report.citations import Row

_STUCK = {
    BlockState.MALFORMED: "its markers are malformed",
    BlockState.HAND_EDITED: "edited by hand: --force overwrites it",
    BlockState.HEADING_TAKEN: "the page has a section of its own under that heading",
    BlockState.UNSAFE_PLACE: "a block there would change how the page reads (an open code block, comment or tag?)",
    BlockState.SOURCES_LOST: "it lists a source that damage took away: mend the bibliography, or drop it with --force",
    BlockState.WOULD_BREAK: "its new block would do harm",
    BlockState.NOT_PROVEN: "a bug of wikitools: its new block could not be proven harmless",
    BlockState.CHANGED_ON_DISK: "somebody changed it meanwhile: run again",
    BlockState.NOT_WRITTEN: "it could not be written",
}
_SILENCED = "the page, or the configuration for it, silences what says that its block is out of date"
_QUIET = frozenset({BlockState.ABSENT, BlockState.NOTHING_CITED, BlockState.UNWANTED})


@dataclass(frozen=True, slots=True)
class Place:
    """A place on a page, counted from 1, and what is wrong there."""

    line: int
    column: int
    message: str


@dataclass(frozen=True, slots=True)
class PageRow:
    """One page: what became of its block. Sources are named by their titles."""

    path: str
    """Relative to the wiki's root."""
    state: BlockState
    changed: bool = False
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reworded: tuple[str, ...] = ()
    unplaced: tuple[Row, ...] = ()
    """Citations that are unmatched or ambiguous."""
    without_url: tuple[str, ...] = ()
    shown: str = ""
    """The path as the reader can open it, where that differs."""
    has_block: bool = False
    """Whether the page has a block of sources in the end."""
    places: tuple[Place, ...] = ()
    """What keeps the page from being touched."""

    @property
    def is_worth_a_line(self) -> bool:
        """Say whether something changed, or an editor has something to look at; pages without a block are lint's."""
        if self.changed or is_stuck(self.state) or self.state is BlockState.SILENCED:
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
    return visible(row.shown or row.path), str(row.state), *(str(len(each)) if each else "" for each in lists)


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
        yield f"{paint('bold', visible(row.shown or row.path))}\n"
        if is_stuck(row.state):
            yield f"  {paint('warning', 'not touched')}: {_STUCK[row.state]}\n"
            for each in row.places:
                yield f"    {visible(row.shown or row.path)}:{each.line}:{each.column}: {visible(each.message)}\n"
        elif row.state is BlockState.SILENCED:
            yield f"  left alone: {_SILENCED}\n"
        marked = (("+", "good", row.added), ("-", "bad", row.removed), ("~", "info", row.reworded))
        for sign, look, titles in marked:
            for title in titles:
                yield f"  {paint(look, sign)} {visible(title)}\n"
        for citation in row.unplaced:
            place = f"{citation.line}:{citation.column}"
            # Several sources may share a key: told how often, not over and over.
            keys = (f"{key} ×{times}" if times > 1 else key for key, times in Counter(citation.keys).items())
            more = f" and {citation.more:,} more" if citation.more else ""
            between = f" ({', '.join(keys)}{more})" if citation.keys else ""
            status = paint("warning", citation.status)
            yield f"  {status}: {visible(citation.text)} at {place}{visible(between)}\n"
        for title in row.without_url:
            yield f"  {paint('warning', 'no URL')}: {visible(title)}\n"
        yield "\n"


def render_summary(rows: Sequence[PageRow], *, written: bool, init: bool) -> str:
    """Return the counts: changed blocks, and pages that could have one."""
    changed = sum(row.changed for row in rows)
    blocks = sum(row.has_block for row in rows)
    absent = sum(row.state is BlockState.ABSENT for row in rows)
    stuck = sum(is_stuck(row.state) for row in rows)
    verb = "Changed" if written else "Would change"
    lost = any(row.state in (BlockState.NOT_WRITTEN, BlockState.CHANGED_ON_DISK) for row in rows)
    first = f"{verb} {count(changed, 'page')}" if changed else "Changed no page" if lost else "Nothing to change"
    said = [f"{blocks:,} of {count(len(rows), 'page')} with a block"]
    if stuck:
        said.append(f"{stuck:,} not touched")
    line = f"{first} ({', '.join(said)}).\n"
    if absent and not init:
        verb = "cites" if absent == 1 else "cite"
        line += f"{count(absent, 'page')} without a block {verb} sources: --init adds one.\n"
    return line


VERSION = 1
"""Of the JSON envelope: raised when a field changes its meaning or goes; new fields do not raise it."""


def render_json(rows: Sequence[PageRow], *, written: bool) -> str:
    """Return what became of every page, pages without a block included, in a versioned envelope."""
    envelope = {
        "version": VERSION,
        "tool": {"name": "wikitools", "version": __version__},
        "written": written,
        "pages": [_data(row) for row in rows],
        "summary": {
            "pages": len(rows),
            "with_block": sum(row.has_block for row in rows),
            "changed": sum(row.changed for row in rows),
            "without_block": sum(row.state is BlockState.ABSENT for row in rows),
            "not_touched": sum(is_stuck(row.state) for row in rows),
            "added": sum(len(row.added) for row in rows),
            "removed": sum(len(row.removed) for row in rows),
            "reworded": sum(len(row.reworded) for row in rows),
            "unmatched": sum(len(row.with_status("unmatched")) for row in rows),
            "ambiguous": sum(len(row.with_status("ambiguous")) for row in rows),
            "without_url": sum(len(row.without_url) for row in rows),
        },
    }
    return dumps(envelope, indent=2) + "\n"


def _data(row: PageRow) -> dict[str, Any]:
    citations = [
        {
            "line": each.line,
            "column": each.column,
            "text": each.text,
            "status": each.status,
            "candidates": list(each.keys),
            "more_candidates": each.more,
            "near": list(each.near),
        }
        for each in row.unplaced
    ]
    return {
        "path": row.path,
        "state": str(row.state),
        "changed": row.changed,
        "added": list(row.added),
        "removed": list(row.removed),
        "reworded": list(row.reworded),
        "open_citations": citations,
        "without_url": list(row.without_url),
        "places": [{"line": each.line, "column": each.column, "message": each.message} for each in row.places],
    }
