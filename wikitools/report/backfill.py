"""The result of regenerating the blocks, page by page, and the citations that no block can list."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from wikitools import __version__
from wikitools.block.block import BlockState
from wikitools.report.ansi import Style
from wikitools.report.citations import Row
from wikitools.report.json import dumps
from wikitools.report.screen import fold, visible, whole, width
from wikitools.report.summary import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_STUCK = {
    BlockState.MALFORMED: "its markers are malformed",
    BlockState.HAND_EDITED: "edited by hand: --force overwrites it",
    BlockState.HEADING_TAKEN: "the page has a hand-written section with that heading",
    BlockState.UNSAFE_PLACE: "a block there would change how the page reads (an open code block or comment? MDX?)",
    BlockState.SOURCES_LOST: "missing from a damaged bibliography: repair that, or drop the entry with --force",
    BlockState.WOULD_BREAK: "a new block would break something",
    BlockState.NOT_PROVEN: "a bug in wikitools: the new block could not be proven harmless",
    BlockState.CHANGED_ON_DISK: "it changed on disk meanwhile: run again",
    BlockState.NOT_WRITTEN: "it could not be written",
}
_SILENCED = "the page or the configuration silences the finding that its block is out of date"
_NO_NEW_BLOCK = {
    BlockState.LEFT_OUT: 'left out by "pages" and "exclude" of [block]',
    BlockState.LISTED_BY_HAND: "with a hand-written list of sources; --adopt makes the block of it, beside-lists of "
    "[block] adds one beside it",
    BlockState.NOT_ADOPTED: "whose own list of sources says more than a block would; beside-lists of [block] adds one "
    "beside it",
    BlockState.UNWANTED: 'with "sources: false" in the front matter',
}
_QUIET = frozenset({BlockState.ABSENT, BlockState.NOTHING_CITED, *_NO_NEW_BLOCK})


class Place(NamedTuple):
    """A line and column on a page, counted from 1, and what is wrong there."""

    line: int
    column: int
    message: str


class PageRow(NamedTuple):
    """One page, and what happened to its block. Sources are named by their titles."""

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
    """The path that the user can open, if that is another one."""
    has_block: bool = False
    """Whether the page has a block after the run."""
    places: tuple[Place, ...] = ()
    """The places that kept the page from being changed."""
    init_adds: bool = False
    """Whether `--init`, which was not given, would add a block."""

    @property
    def has_details(self) -> bool:
        """Say whether something changed or needs attention; pages without a block are reported by lint."""
        if self.changed or self.state is BlockState.SILENCED:
            return True
        return self.state not in _QUIET and bool(self.unplaced or self.without_url)

    def with_status(self, status: str) -> tuple[Row, ...]:
        """Return the citations with that status."""
        return tuple(row for row in self.unplaced if row.status == status)


def unpack_row(data: PageRow) -> PageRow:
    """Return a row that comes from the cache, where it and its parts became plain tuples and strings."""
    row = PageRow._make(data)
    return row._replace(
        state=BlockState(row.state),
        unplaced=tuple(map(Row._make, row.unplaced)),
        places=tuple(map(Place._make, row.places)),
    )


def is_stuck(state: BlockState) -> bool:
    """Say whether the page has (or should get) a block that could not be regenerated."""
    return state in _STUCK


_SIGNS = {"+": "added", "-": "removed", "~": "reworded"}
_SHOWN = 3
"""How many pages are named for each reason, unless all are wanted."""


def render_changes(rows: Iterable[PageRow], *, columns: int = 0, style: Style | None = None) -> Iterator[str]:
    """Yield a table of the pages that change, the meaning of its signs, and an empty line; nothing if no page changes.

    A kind of change that no page has gets no column, and a path that is too wide for `columns` gets its own line.
    """
    paint = (style or Style()).paint
    changed = [row for row in rows if row.changed]
    if not changed:
        return
    told = [(row.added, row.removed, row.reworded) for row in changed]
    used = [at for at in range(len(_SIGNS)) if any(titles[at] for titles in told)]
    signs = [list(_SIGNS)[at] for at in used]
    lines = [["Block", *signs]]
    lines += (
        [str(row.state), *(_figure(titles[at]) for at in used)] for row, titles in zip(changed, told, strict=True)
    )
    rooms = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line, row in zip(lines, (None, *changed), strict=True):
        cells = "  ".join(
            (line[0].ljust(rooms[0]), *(cell.rjust(room) for cell, room in zip(line[1:], rooms[1:], strict=True)))
        )
        if row is None:
            yield f"{paint('bold', f'{cells}  Page')}\n"
            continue
        page = visible(row.shown or row.path)
        fits = not columns or len(cells) + 2 + width(page) <= columns
        yield f"{cells}  {page}\n" if fits else f"{cells.rstrip()}\n  {page}\n"
    if signs:
        yield f"\nSources: {', '.join(f'{sign} {_SIGNS[sign]}' for sign in signs)}\n"
    yield "\n"


def _figure(titles: Sequence[str]) -> str:
    return f"{len(titles):,}" if titles else ""


def render_stuck(rows: Iterable[PageRow], *, columns: int = 0, every: bool = False) -> Iterator[str]:
    """Yield the pages that could not be changed, by reason: how many, the first ones or `every` one, and where."""
    by_reason: dict[BlockState, list[PageRow]] = {}
    for row in rows:
        if is_stuck(row.state):
            by_reason.setdefault(row.state, []).append(row)
    for state, stuck in by_reason.items():
        yield from _folded(f"{count(len(stuck), 'page')} not touched: {_STUCK[state]}", columns)
        shown = stuck if every or len(stuck) <= _SHOWN + 1 else stuck[:_SHOWN]
        yield from _places(shown, len(stuck), columns)
        yield "\n"


def render_left_out(rows: Iterable[PageRow], *, columns: int = 0, every: bool = False) -> Iterator[str]:
    """Yield the pages that cite sources and get no block, by reason: how many, and the first ones or `every` one."""
    by_reason: dict[BlockState, list[PageRow]] = {}
    for row in rows:
        if row.state in _NO_NEW_BLOCK and not row.has_block:
            by_reason.setdefault(row.state, []).append(row)
    for state, left in by_reason.items():
        shown = left if every or len(left) <= _SHOWN + 1 else left[:_SHOWN]
        yield from _folded(f"No block on {count(len(left), 'page')} {_NO_NEW_BLOCK[state]}:", columns)
        if state is BlockState.NOT_ADOPTED:
            yield from _places(shown, len(left), columns)
            continue
        paths = ", ".join(whole(visible(row.shown or row.path)) for row in shown)
        more = f" and {len(left) - len(shown):,} more" if len(shown) < len(left) else ""
        yield from _folded(f"  {paths}{more}", columns)
    if by_reason:
        yield "\n"


def _places(shown: Sequence[PageRow], total: int, columns: int) -> Iterator[str]:
    """Yield what keeps each of the pages from being changed, and how many of the `total` are not shown."""
    for row in shown:
        page = visible(row.shown or row.path)
        for each in row.places:
            place = whole(f"{page}:{each.line}:{each.column}")
            yield from _folded(f"  {place}: {visible(each.message)}", columns)
        if not row.places:
            yield f"  {page}\n"
    if len(shown) < total:
        yield f"  and {total - len(shown):,} more (-v shows all)\n"


def _folded(text: str, columns: int) -> Iterator[str]:
    said = text.lstrip()
    lead = len(text) - len(said)
    first, *others = fold(said, columns, first=lead, indent=lead + 2)
    yield f"{' ' * lead}{first}\n"
    yield from (f"{' ' * (lead + 2)}{line}\n" for line in others)


def render_details(rows: Iterable[PageRow], *, style: Style | None = None) -> Iterator[str]:
    """Yield for each page the added and removed sources and the open citations, one per line."""
    paint = (style or Style()).paint
    for row in rows:
        yield f"{paint('bold', visible(row.shown or row.path))}\n"
        if row.state is BlockState.SILENCED:
            yield f"  left alone: {_SILENCED}\n"
        marked = (("+", "good", row.added), ("-", "bad", row.removed), ("~", "info", row.reworded))
        for sign, look, titles in marked:
            for title in titles:
                yield f"  {paint(look, sign)} {visible(title)}\n"
        for citation in row.unplaced:
            place = f"{citation.line}:{citation.column}"
            # Several sources may share a key, which is named once, with its number.
            keys = (f"{key} ×{times}" if times > 1 else key for key, times in Counter(citation.keys).items())
            more = f" and {citation.more:,} more" if citation.more else ""
            between = f" ({', '.join(keys)}{more})" if citation.keys else ""
            status = paint("warning", citation.status)
            yield f"  {status}: {visible(citation.text)} at {place}{visible(between)}\n"
        for title in row.without_url:
            yield f"  {paint('warning', 'no URL')}: {visible(title)}\n"
        yield "\n"


def render_summary(rows: Sequence[PageRow], *, written: bool, columns: int = 0) -> str:
    """Return the total changes, how many pages have a block, and what is left for the user to do."""
    changed = [row for row in rows if row.changed]
    blocks = sum(row.has_block for row in rows)
    addable = sum(row.init_adds for row in rows)
    stuck = sum(is_stuck(row.state) for row in rows)
    said = [f"{blocks:,} of {count(len(rows), 'page')} with a block"]
    if stuck:
        said.append(f"{stuck:,} not touched")
    if addable:
        said.append(f"--init would add {addable:,}")
    verb = "Changed" if written else "Would change"
    lost = any(row.state in (BlockState.NOT_WRITTEN, BlockState.CHANGED_ON_DISK) for row in rows)
    first = f"{verb} {count(len(changed), 'page')}" if changed else "Changed no page" if lost else "Nothing to change"
    lines = [f"{first}{_totals(changed)} ({', '.join(said)})."]
    left = _left(rows) if changed else ""
    if left:
        lines.append(f"Left to you: {left}.")
    return "".join(piece for line in lines for piece in _folded(line, columns))


def _totals(changed: Sequence[PageRow]) -> str:
    """Return how many sources were added, removed and reworded: ": 3 sources added, 1 removed"; "" for none."""
    counted = (
        (sum(len(row.added) for row in changed), "added"),
        (sum(len(row.removed) for row in changed), "removed"),
        (sum(len(row.reworded) for row in changed), "reworded"),
    )
    told = [(number, verb) for number, verb in counted if number]
    words = [f"{count(number, 'source') if not at else f'{number:,}'} {verb}" for at, (number, verb) in enumerate(told)]
    return f": {', '.join(words)}" if words else ""


def _left(rows: Sequence[PageRow]) -> str:
    unmatched = sum(len(row.with_status("unmatched")) for row in rows)
    ambiguous = sum(len(row.with_status("ambiguous")) for row in rows)
    without_url = sum(len(row.without_url) for row in rows)
    left = []
    if unmatched or ambiguous:
        known = {"unmatched": unmatched, "ambiguous": ambiguous}
        kinds = {kind: f"{number:,} {kind}" for kind, number in known.items() if number}
        ways = [f'"wikitools cite --{kind}"' for kind in kinds]
        citations = "citation" if unmatched + ambiguous == 1 else "citations"
        left.append(f"{' and '.join(kinds.values())} {citations} ({', '.join(ways)})")
    if without_url:
        left.append(f"{count(without_url, 'entry')} without an address")
    return ", ".join([*left, "details with -v"]) if left else ""


VERSION = 1
"""The version of the JSON envelope: it increases if a field changes its meaning or is removed, not for new fields."""


def render_json(rows: Sequence[PageRow], *, written: bool) -> str:
    """Return what happened to every page, pages without a block included, in a versioned envelope."""
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
