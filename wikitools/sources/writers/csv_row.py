"""Writes a new row of a table of sources in the form of the existing ones."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from wikitools.sources.readers.table import header_of
from wikitools.sources.writers.entry_habits import NameHabits, insert_block, most, position
from wikitools.sources.writers.write_error import CannotWriteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.sources.names import Name
    from wikitools.sources.record import Record
    from wikitools.sources.source import Source
    from wikitools.text import Edit

_KINDS = {
    "article-journal": ("article", "paper"),
    "article": ("preprint", "paper", "article"),
    "paper-conference": ("conference paper", "paper", "article"),
    "book": ("book",),
    "chapter": ("book section", "chapter"),
    "report": ("report",),
    "thesis": ("thesis",),
    "webpage": ("website", "webpage", "web"),
}
"""Words for a kind of work, the best first; the one that the table uses is taken."""


def insertion(path: str, text: str, sources: Sequence[Source], record: Record, key: str) -> Edit:
    """Return the edit that adds the row of a work where it belongs: cells for what the table has columns for."""
    header = header_of(path, text)
    rows = [_cells(source.span.of(text), header.delimiter) for source in sources]

    def column(name: str) -> list[str]:
        at = header.places.get(name)
        return [] if at is None else [row[at] for row in rows if at < len(row) and row[at].strip()]

    own_doi = record.doi.startswith("10.48550/")
    doi = "" if own_doi else record.doi
    address = f"https://doi.org/{doi}" if doi else record.url
    address = f"https://arxiv.org/abs/{record.arxiv}" if record.arxiv else address
    needed = {"url", *(("doi",) if doi else ()), *(("arxiv",) if record.arxiv else ())}
    if (doi or record.arxiv) and needed.isdisjoint(header.places):
        raise CannotWriteError(
            f"the table has no column for its {'arXiv id' if record.arxiv else 'DOI'} or its address"
        )
    values = {
        "key": key,
        "authors": _people(record, NameHabits(sources), column("authors")),
        "year": record.year,
        "title": record.title,
        "url": address,
        "doi": f"https://doi.org/{doi}" if doi and any("://" in each for each in column("doi")) else doi,
        "arxiv": record.arxiv,
        "kind": _kind(record.kind, column("kind")),
    }
    cells = [""] * len(header.cells)
    for name, at in header.places.items():
        cells[at] = values.get(name, "")
    quoted = most((source.span.of(text).startswith('"') for source in sources), False)
    always = quoted and most((source.span.of(text).rstrip().endswith('"') for source in sources), False)
    written = io.StringIO()
    csv.writer(
        written,
        delimiter=header.delimiter,
        quoting=csv.QUOTE_ALL if always else csv.QUOTE_MINIMAL,
        lineterminator="",
    ).writerow(cells)
    return insert_block(path, text, sources, position(sources, record.as_source(key)), written.getvalue(), "\n")


def _cells(row: str, delimiter: str) -> list[str]:
    return next(csv.reader([row.replace("\n", " ").replace("\r", " ")], delimiter=delimiter), [])


def _kind(kind: str, used: Sequence[str]) -> str:
    """Return the word that this table has for a kind of work; "" where it has none."""
    words = _KINDS.get(kind, ())
    return next(
        (
            most((each for each in used if each.casefold() == word), word)
            for word in words
            if any(each.casefold() == word for each in used)
        ),
        "",
    )


def _people(record: Record, habits: NameHabits, used: Sequence[str]) -> str:
    """Return the authors in one cell, written and parted as others are."""
    names, more = habits.shown(record.names or record.editors)
    inverted = most(("," in each.partition(";")[0] for each in used), True)
    between = most((sign for each in used for sign in ("; ", " and ", ", ") if sign in each), "; ")
    if inverted and between == ", ":
        between = "; "
    return between.join((*(_person(name, inverted=inverted) for name in names), *(("et al.",) if more else ())))


def _person(name: Name, *, inverted: bool) -> str:
    if name.literal or not name.given:
        return name.family
    return f"{name.family}, {name.given}" if inverted else f"{name.given} {name.family}"
