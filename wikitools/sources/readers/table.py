"""Reads sources in tables: CSV and TSV with a header row."""

from __future__ import annotations

import csv
import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from wikitools.markdown.page import Problem
from wikitools.sources.readers.address_fields import read_address, read_arxiv, read_doi, years_with_preprint
from wikitools.sources.readers.made_keys import make_key
from wikitools.sources.readers.persons import read_names
from wikitools.sources.readers.years import years_of
from wikitools.sources.source import Source
from wikitools.text import Span, line_starts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "key": ("citekey", "citationkey", "bibtexkey", "bibkey", "key", "slug", "id", "sourceid"),
    "authors": ("authors", "author", "authornames", "creators", "creator", "writer", "writers", "by"),
    "year": ("year", "publicationyear", "pubyear", "yearpublished", "published", "date", "publicationdate", "issued"),
    "title": ("title", "worktitle", "sourcetitle", "name", "work"),
    "url": ("url", "sourceurl", "link", "urls", "links", "href", "web", "website", "primaryurl"),
    "doi": ("doi",),
    "arxiv": ("arxiv", "arxivid", "eprint"),
    "aliases": ("aliases", "alias", "shorthand", "short", "shortname", "abbreviation", "acronym"),
    "kind": ("csltype", "itemtype", "type", "kind", "format"),
    "note": ("notepath", "summarypage", "sourcenote", "page", "wikipage", "file", "path"),
}
"""The names under which a column is looked for, best first: header cells in lower case, letters and digits only."""

_KINDS = {
    "paper": "article-journal",
    "article": "article-journal",
    "academic paper": "article-journal",
    "journalarticle": "article-journal",
    "journal article": "article-journal",
    "conferencepaper": "paper-conference",
    "book": "book",
    "booksection": "chapter",
    "report": "report",
    "thesis": "thesis",
    "webpage": "webpage",
    "web": "webpage",
    "website": "webpage",
    "blog": "post-weblog",
    "blogpost": "post-weblog",
    "video": "motion_picture",
    "film": "motion_picture",
    "preprint": "article",
}
_DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*+"')
_SEPARATOR_LINE = re.compile(r"sep=(.)", re.IGNORECASE)
_NOTHING = "\r\n\ufeff \x00\x1a"
_LARGEST_FIELD = 10_000_000


def read_table(
    path: str, text: str, columns: Mapping[str, str] | None = None
) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return the sources of a CSV or TSV file, one a row, and the problems. Never raises.

    `columns` maps names of `COLUMNS` to header cells as they stand in the file; the rest is guessed by usual names.
    Columns that mean nothing here become `Source.fields`. A row without a key gets one made of author, year and title.
    A row with an unclosed quote is read by itself. Spans cover rows.
    """
    problems: list[Problem] = []
    rows = _rows(path, text, problems)
    first = next(rows, None)
    if first is None:
        return (), tuple(problems)
    header = [cell.strip().lstrip("\ufeff") for cell in first[0]]
    places = _places(header, columns or {})
    if "title" not in places and "authors" not in places and "key" not in places:
        problems.append(Problem(first[1], "malformed-source", "no column for title, authors or key in the header row"))
        return (), tuple(problems)
    sources: list[Source] = []
    keys: set[str] = set()
    for cells, span in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if _is_header(cells, header):
            problems.append(Problem(Span(path, span.start, span.start + 1), "malformed-source", _SECOND_HEADER))
            header = [cell.strip().lstrip("\ufeff") for cell in cells]
            places = _places(header, columns or {})
            continue
        if len(cells) != len(header):
            message = f"row has {len(cells)} cells, the header {len(header)}"
            problems.append(Problem(Span(path, span.start, span.start + 1), "malformed-source", message))
        source = _source(cells, span, header, places)
        if source is None:
            problems.append(
                Problem(
                    Span(path, span.start, span.start + 1),
                    "malformed-source",
                    "row names no work: no title, author or key",
                )
            )
            continue
        if "key" in places and source.key in keys:
            message = f'duplicate key "{source.key}"; both rows are kept'
            problems.append(Problem(Span(path, span.start, span.start + 1), "duplicate-key", message))
        keys.add(source.key)
        sources.append(source)
    return tuple(sources), tuple(problems)


_SECOND_HEADER = "a second header row: it applies to the rows below"


def _is_header(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Say whether a row is the header again, or that of another table: two of its cells or more name columns."""
    written = [cell.strip().lstrip("\ufeff") for cell in cells]
    if written == list(header):
        return True
    places = _places(written, {})
    named = sum(1 for cell in written if cell)
    return len(places) >= 3 and len(places) * 2 >= named and bool({"title", "authors", "key"} & places.keys())


class Header(NamedTuple):
    """The header row of a table, what stands between its cells, and which column says what (see `COLUMNS`)."""

    cells: list[str]
    delimiter: str
    places: dict[str, int]


def header_of(path: str, text: str) -> Header:
    """Return the header row of a table."""
    first = next(_rows(path, text, []), None)
    cells = [] if first is None else [cell.strip().lstrip("\ufeff") for cell in first[0]]
    head = "" if first is None else first[1].of(text)
    return Header(cells, "\t" if path.lower().endswith((".tsv", ".tab")) else _delimiter(head), _places(cells, {}))


def _rows(path: str, text: str, problems: list[Problem]) -> Iterator[tuple[list[str], Span]]:
    """Yield rows with their places; the header row is the first."""
    starts = [*line_starts(text), len(text)]
    lines = [text[start:end] for start, end in pairwise(starts)]
    first = next((number for number, line in enumerate(lines) if line.strip(_NOTHING)), len(lines))
    # Excel's own line before the header: which sign is between the cells.
    told = _SEPARATOR_LINE.fullmatch(lines[first].strip(_NOTHING)) if first < len(lines) else None
    head = "" if first == len(lines) else lines[first]
    delimiter = told[1] if told else "\t" if path.lower().endswith((".tsv", ".tab")) else _delimiter(head)
    csv.field_size_limit(max(csv.field_size_limit(), _LARGEST_FIELD))
    width = 0
    at = first + 1 if told else first
    while at < len(lines):
        if not lines[at].strip(_NOTHING):
            at += 1
            continue
        cells, taken, broken = _row(lines, at, delimiter, width)
        start, end = starts[at], starts[at + taken]
        span = Span(path, start + (text[start] == "\ufeff"), max(start, start + len(text[start:end].rstrip("\r\n"))))
        if broken:
            problems.append(Problem(Span(path, span.start, span.start + 1), "malformed-source", broken))
        width = width or len(cells)
        yield cells, span
        at += taken


def _row(lines: Sequence[str], at: int, delimiter: str, width: int) -> tuple[list[str], int, str]:
    """Read the row at line `at`: its cells, how many lines it takes, and what is wrong with it."""
    line = lines[at].replace("\x00", "")
    if line.count('"') % 2 == 0:
        cells = _cells([line], delimiter)
        if cells is not None:
            return cells, 1, ""
    taken, quotes = 1, lines[at].count('"')
    while quotes % 2 and at + taken < len(lines) and taken < 200:
        quotes += lines[at + taken].count('"')
        taken += 1
    cells = (
        _cells([part.replace("\x00", "") for part in lines[at : at + taken]], delimiter) if quotes % 2 == 0 else None
    )
    if cells is not None and (not width or len(cells) == width or taken == 1):
        return cells, taken, ""
    return (
        [cell.strip().strip('"') for cell in line.rstrip("\r\n").split(delimiter)],
        1,
        "a quote in this row is not closed",
    )


def _cells(lines: Sequence[str], delimiter: str) -> list[str] | None:
    """Return the one row that `lines` hold, or `None` if they hold none or several."""
    try:
        rows = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        # A cell beyond the limit: the caller splits the line by hand and says so.
        return None
    return rows[0] if len(rows) == 1 else None


def _delimiter(head: str) -> str:
    plain = _QUOTED.sub("", head)
    return max(_DELIMITERS, key=lambda mark: (plain.count(mark), -_DELIMITERS.index(mark)))


def _places(header: Sequence[str], columns: Mapping[str, str]) -> dict[str, int]:
    """Return which column says what."""
    folded = [re.sub(r"[^\w]|_", "", cell).casefold() for cell in header]
    places: dict[str, int] = {}
    for name, synonyms in COLUMNS.items():
        wanted = columns.get(name)
        if wanted is not None:
            exact = next(
                (place for place, cell in enumerate(header) if cell.casefold() == wanted.strip().casefold()), None
            )
            if exact is not None:
                places[name] = exact
            continue
        found = next((folded.index(synonym) for synonym in synonyms if synonym in folded), None)
        if found is not None and found not in places.values():
            places[name] = found
    return places


def _source(cells: Sequence[str], span: Span, header: Sequence[str], places: Mapping[str, int]) -> Source | None:
    def cell(name: str) -> str:
        place = places.get(name)
        return " ".join(cells[place].split()) if place is not None and place < len(cells) else ""

    names, others = read_names(cell("authors"))
    title = cell("title")
    if not names and not title and not cell("key"):
        return None
    url = read_address(cell("url")) or (cell("url") if "." in cell("url") and " " not in cell("url") else "")
    doi = read_doi(cell("doi")) or (read_doi(url) if "10." in url else "")
    arxiv = read_arxiv(cell("arxiv"), marked=False) or (read_arxiv(url) if "rxiv" in url.lower() else "")
    years, suffix = years_of(cell("year"))
    used = {place for name, place in places.items() if name != "year" or years}
    fields = {
        header[place].casefold(): text
        for place, value in enumerate(cells[: len(header)])
        if place not in used and header[place] and (text := " ".join(value.split()))
    }
    note = cell("note").removeprefix("[[").removesuffix("]]")
    if note and not note.lower().endswith(".md"):
        fields["page"] = note
        note = ""
    if others:
        fields["others"] = "and others"
    return Source(
        span=span,
        key=cell("key") or make_key(names, years, title),
        names=names,
        years=years_with_preprint(years, arxiv),
        suffix=suffix,
        title=title,
        url=url,
        doi=doi,
        arxiv=arxiv,
        note=note,
        aliases=tuple(part.strip() for part in re.split(r"[;|]", cell("aliases")) if part.strip()),
        kind=_KINDS.get(cell("kind").casefold(), ""),
        fields=fields,
    )
