"""Citations with their sources, as a table, JSON, JSON lines or CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wikitools import __version__
from wikitools.report.ansi import Style
from wikitools.report.json import dumps, pieces
from wikitools.report.screen import UNSEEN, clip, fold, visible, width
from wikitools.report.summary import count
from wikitools.text import line_and_column, line_starts
from wikitools.wiki.resolution import Ambiguous, Found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wikitools.cite.citation import Cited

VERSION = 1
STATUSES = ("matched", "ambiguous", "unmatched")
_TEXT_LEAST = 20


class Row(NamedTuple):
    """One citation, flat. Offsets, lines and columns count code points; lines and columns from 1."""

    path: str
    start: int
    end: int
    line: int
    column: int
    text: str
    status: str
    """"matched", "ambiguous" or "unmatched"."""
    keys: tuple[str, ...]
    """The key of the source, or of the candidates; of many, only the first ones."""
    evidence: tuple[str, ...]
    names: tuple[str, ...]
    year: str
    kind: str
    why: str
    """Why it is not matched."""
    near: tuple[str, ...]
    losers: tuple[tuple[str, str], ...]
    et_al: bool = False
    more: int = 0
    """How many more candidates there are."""
    address: str = ""
    """The URL, DOI or other identifier on or beside it, as written."""


_MOST_KEYS = 20


def rows_of(path: str, text: str, cited: Iterable[Cited]) -> Iterator[Row]:
    """Yield the citations of one page, whose text is `text`."""
    starts = line_starts(text)
    for each in cited:
        citation, resolution = each.citation, each.resolution
        line, column = line_and_column(starts, citation.span.start)
        keys: tuple[str, ...] = ()
        near: tuple[str, ...] = ()
        more = 0
        if isinstance(resolution, Found):
            status, keys, why = "matched", (resolution.target.key,), ""
        elif isinstance(resolution, Ambiguous):
            keys = tuple(source.key for source in resolution.candidates[:_MOST_KEYS])
            more = len(resolution.candidates) - len(keys)
            status, why = "ambiguous", resolution.why
        else:
            status, why, near = "unmatched", resolution.why, resolution.near
        yield Row(
            path=path,
            start=citation.span.start,
            end=citation.span.end,
            line=line,
            column=column,
            text=citation.text,
            status=status,
            keys=keys,
            evidence=each.evidence,
            names=citation.names,
            year=citation.year + citation.suffix,
            kind=citation.kind,
            why=why,
            near=near,
            losers=each.losers,
            et_al=citation.et_al,
            more=more,
            address=citation.url,
        )


def render_json_lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield one JSON object per citation, each on its own line."""
    for row in rows:
        yield dumps(_data(row)) + "\n"


def render_json(rows: Sequence[Row], *, wanted: Sequence[Mapping[str, Any]] | None = None) -> Iterator[str]:
    """Yield all citations in a versioned envelope, with the `wanted` sources if they were asked for."""
    envelope = {
        "version": VERSION,
        "tool": {"name": "wikitools", "version": __version__},
        **({} if wanted is None else {"wanted": list(wanted)}),
        "citations": map(_data, rows),
        "summary": {"citations": len(rows), **_by_status(rows)},
    }
    return pieces(envelope)


def _data(row: Row) -> dict[str, Any]:
    return {
        "path": row.path,
        "start": row.start,
        "end": row.end,
        "line": row.line,
        "column": row.column,
        "text": row.text,
        "status": row.status,
        "keys": list(row.keys),
        "more": row.more,
        "evidence": list(row.evidence),
        "names": list(row.names),
        "year": row.year,
        "kind": row.kind,
        "address": row.address,
        "why": row.why,
        "near": list(row.near),
        "losers": [{"key": key, "why": why} for key, why in row.losers],
    }


def render_csv(rows: Iterable[Row]) -> Iterator[str]:
    """Yield a header and one record per citation (RFC 4180, but with plain line feeds); lists are joined by "; "."""
    from wikitools.report.csv import record

    yield record(
        ("path", "line", "column", "start", "end", "text", "status", "keys", "evidence", "why", "near", "losers")
    )
    for row in rows:
        losers = "; ".join(f"{key} ({why})" for key, why in row.losers)
        keys = (*row.keys, f"and {row.more:,} more") if row.more else row.keys
        joined = ("; ".join(keys), "; ".join(row.evidence), row.why, "; ".join(row.near), losers)
        places = (row.path, row.line, row.column, row.start, row.end)
        yield record((*places, row.text, row.status, *joined))


_LOOKS = {"matched": "good", "ambiguous": "warning", "unmatched": "bad"}


def render_table(
    rows: Iterable[Row],
    *,
    shown: Callable[[str], str],
    style: Style | None = None,
    columns: int,
    every: bool = False,
) -> Iterator[str]:
    """Yield the citations page by page: location, text, match and evidence, and with `every` below them each runner-up.

    `shown` returns a path as the user should see it. On a terminal with this many `columns`, long citations are cut at
    the end and other text is wrapped between words; with 0 columns nothing is cut or wrapped.
    """
    paint = (style or Style()).paint
    page: list[Row] = []
    for row in (*rows, None):
        if page and (row is None or row.path != page[0].path):
            yield f"{paint('bold', visible(shown(page[0].path)))}\n"
            yield from _page(page, style or Style(), columns, every=every)
            yield "\n"
            page = []
        if row is not None:
            page.append(row)


def _page(rows: Sequence[Row], style: Style, columns: int, *, every: bool) -> Iterator[str]:
    places = [f"{row.line}:{row.column}" for row in rows]
    place_room = max(map(len, places))
    texts = [visible(row.text) for row in rows]
    wide = columns or UNSEEN
    text_room = min(max(map(width, texts)), max(_TEXT_LEAST, wide * 2 // 5 - place_room))
    indent = " " * (place_room + text_room + 6)
    for row, place, text in zip(rows, places, texts, strict=True):
        shown = text if width(text) <= text_room or not columns else clip(text, text_room - 3) + "..."
        pad = " " * (text_room - width(shown))
        meaning, why = _meaning(row)
        # Evidence that does not fit next to the match goes below it, instead of where the terminal breaks the line.
        fits = len(indent) + width(meaning) + width(why) + 3 <= wide
        beside = style.paint("dim", f" ({why})") if why and fits else ""
        yield f"  {place:>{place_room}}  {shown}{pad}  {style.paint(_LOOKS[row.status], meaning)}{beside}\n"
        below = [f"not {visible(key)}: {visible(reason)}" for key, reason in row.losers if every]
        for told in below if fits or not why else (why, *below):
            for line in fold(told, columns, first=len(indent), indent=len(indent)):
                yield f"{indent}{style.paint('dim', line)}\n"


def _meaning(row: Row) -> tuple[str, str]:
    """Return what the citation means and why, both safe to print."""
    if row.status == "unmatched":
        near = f"did you mean {', '.join(row.near)}?" if row.near else ""
        return visible(f"unmatched: {row.why.replace('-', ' ')}"), visible(near)
    if row.status == "ambiguous" and len(row.keys) == 1:
        return visible(f"perhaps {row.keys[0]}"), visible(", ".join((*row.evidence, row.why.replace("-", " "))))
    label = "ambiguous: " if row.status == "ambiguous" else ""
    more = f" or one of {row.more:,} more" if row.more else ""
    return visible(label + " or ".join(row.keys) + more), visible(", ".join(row.evidence))


def render_summary(rows: Sequence[Row]) -> str:
    """Return the counts on one line."""
    if not rows:
        return "No citations found.\n"
    pages = len({row.path for row in rows})
    told = ", ".join(f"{number:,} {status}" for status, number in _by_status(rows).items() if number)
    return f"{count(len(rows), 'citation')} on {count(pages, 'page')}: {told}.\n"


def _by_status(rows: Iterable[Row]) -> dict[str, int]:
    counts = dict.fromkeys(STATUSES, 0)
    for row in rows:
        counts[row.status] += 1
    return counts
