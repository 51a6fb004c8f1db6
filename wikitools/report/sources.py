"""The sources of a bibliography with their files and the number of citing pages: table, JSON, lines or CSV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wikitools import __version__
from wikitools.report.ansi import Style
from wikitools.report.file_lines import Lines
from wikitools.report.json import dumps
from wikitools.report.screen import UNSEEN, clip, visible, width
from wikitools.report.summary import count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wikitools.sources.names import Name
    from wikitools.sources.source import Source
    from wikitools.text import Span

VERSION = 1
_KEY_MOST, _AUTHORS_MOST, _TITLE_LEAST = 28, 24, 20


@dataclass(frozen=True, slots=True)
class Row:
    """One source, flat; `line` and `column` count from 1 and say where its entry starts."""

    source: Source
    line: int
    column: int
    pages: int
    """How many pages cite it."""

    @property
    def path(self) -> str:
        """The file it came from."""
        return self.source.span.path


def rows_of(
    sources: Iterable[Source],
    *,
    text_of: Callable[[str], str],
    citing: Mapping[tuple[Span, str], frozenset[str]],
) -> Iterator[Row]:
    """Yield the rows of sources; `text_of` returns a file's text, `citing` the pages that cite a source."""
    lines = Lines(text_of)
    for source in sources:
        line, column = lines.place(source.span)
        yield Row(source, line, column, len(citing.get((source.span, source.key), ())))


def render_json_lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield one JSON object per source, each on its own line."""
    for row in rows:
        yield dumps(_data(row)) + "\n"


def render_json(rows: Sequence[Row]) -> str:
    """Return all sources in a versioned envelope."""
    envelope = {
        "version": VERSION,
        "tool": {"name": "wikitools", "version": __version__},
        "sources": [_data(row) for row in rows],
        "summary": {"sources": len(rows), "cited": sum(row.pages > 0 for row in rows)},
    }
    return dumps(envelope, indent=2) + "\n"


def _data(row: Row) -> dict[str, Any]:
    source = row.source
    return {
        "key": source.key,
        "authors": [_person(name) for name in source.names],
        "years": list(source.years),
        "suffix": source.suffix,
        "title": source.title,
        "kind": source.kind,
        "url": source.url,
        "doi": source.doi,
        "arxiv": source.arxiv,
        "note": source.note,
        "aliases": list(source.aliases),
        "path": row.path,
        "line": row.line,
        "column": row.column,
        "pages": row.pages,
    }


def _person(name: Name) -> dict[str, str]:
    if name.literal:
        return {"literal": name.family}
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
    return {part: text for part, text in parts.items() if text}


def render_csv(rows: Iterable[Row]) -> Iterator[str]:
    """Yield a header and one record per source (RFC 4180, but with plain line feeds); lists are joined by "; "."""
    from wikitools.report.csv import record

    yield record(("key", "authors", "years", "title", "url", "doi", "arxiv", "path", "line", "pages"))
    for row in rows:
        source = row.source
        authors = "; ".join(", ".join(part for part in (name.family, name.given) if part) for name in source.names)
        works = (source.key, authors, "; ".join(source.years), source.title, source.url, source.doi, source.arxiv)
        yield record((*works, row.path, row.line, row.pages))


def render_table(
    rows: Sequence[Row], *, shown: Callable[[str], str], style: Style | None = None, columns: int
) -> Iterator[str]:
    """Yield one line per source: pages, key, authors, year, title, location. Nothing is wrapped.

    On a terminal with this many `columns`, authors and titles are cut at the end; with 0 columns nothing is. `shown`
    returns a path as the user should see it.
    """
    paint = (style or Style()).paint
    if not rows:
        return
    cells = [_cells(row, shown) for row in rows]
    head = ("pages", "key", "authors", "year", "title", "from")
    wide = columns or UNSEEN
    widest_key = max(width(each[1]) for each in cells)
    most = (5, widest_key if columns else _KEY_MOST, _AUTHORS_MOST, 9, wide, wide)
    rooms = [
        min(room, max(map(width, column))) for room, column in zip(most, zip(head, *cells, strict=True), strict=True)
    ]
    taken = sum(rooms[:4]) + rooms[5] + 2 * (len(rooms) - 1)
    rooms[4] = min(rooms[4], max(_TITLE_LEAST, wide - taken))
    yield paint("bold", _line(head, rooms, cut=bool(columns))) + "\n"
    for row, line in zip(rows, cells, strict=True):
        text = _line(line, rooms, cut=bool(columns))
        yield (text if row.pages else paint("dim", text)) + "\n"


def _cells(row: Row, shown: Callable[[str], str]) -> tuple[str, ...]:
    source = row.source
    year = (source.years[0] if source.years else "") + source.suffix
    place = f"{shown(row.path)}:{row.line}"
    return tuple(visible(cell) for cell in (str(row.pages), source.key, _authors(source), year, source.title, place))


def _authors(source: Source) -> str:
    names = [name.family for name in source.names]
    return " & ".join(names) if len(names) <= 2 else f"{names[0]} et al."


def _line(cells: Sequence[str], rooms: Sequence[int], *, cut: bool) -> str:
    pieces: list[str] = []
    for number, (cell, room) in enumerate(zip(cells, rooms, strict=True)):
        last = number == len(cells) - 1
        fits = cell if last or not cut or width(cell) <= room else clip(cell, room - 3) + "..."
        pad = "" if last else " " * max(0, room - width(fits))
        pieces.append(pad + fits if number == 0 else fits + pad)
    return "  ".join(pieces).rstrip()


def render_summary(rows: Sequence[Row]) -> str:
    """Return the counts on one line."""
    if not rows:
        return "No sources found.\n"
    files = len({row.path for row in rows})
    cited = sum(row.pages > 0 for row in rows)
    return f"{count(len(rows), 'source')} in {count(files, 'file')}: {cited:,} cited, {len(rows) - cited:,} not.\n"
