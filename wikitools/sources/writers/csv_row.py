"""Writes a new row of a table of sources in the form of the existing ones."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from wikitools.sources.identifiers import doi_address
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
    "article-journal": ("journalarticle", "journal article", "article", "academic paper", "paper"),
    "article": ("preprint", "paper", "article"),
    "paper-conference": ("conferencepaper", "conference paper", "paper", "article"),
    "book": ("book",),
    "chapter": ("booksection", "book section", "chapter"),
    "report": ("report",),
    "thesis": ("thesis",),
    "webpage": ("website", "webpage", "web"),
}
"""Words for a kind of work, the best first; the one that the table uses is taken."""
_FIELDS = {
    "container": "publicationtitle journal journaltitle containertitle booktitle venue publication proceedings",
    "volume": "volume vol",
    "issue": "issue number issuenumber no",
    "pages": "pages page pagerange pp",
    "publisher": "publisher",
    "isbn": "isbn",
    "editors": "editors editor",
    "pmid": "pmid pubmedid",
    "date": "date publicationdate",
}
"""What more a table may hold, and the names under which it does: header cells in lower case, letters only."""


def insertion(path: str, text: str, sources: Sequence[Source], record: Record, key: str) -> Edit:
    """Return the edit that adds the row of a work where it belongs: cells for what the table has columns for."""
    header = header_of(path, text)
    rows = [_cells(source.span.of(text), header.delimiter) for source in sources]

    def column(name: str) -> list[str]:
        at = header.places.get(name)
        return [] if at is None else [row[at] for row in rows if at < len(row) and row[at].strip()]

    own_doi = record.doi.startswith("10.48550/")
    doi = "" if own_doi else record.doi
    address = doi_address(doi) if doi else record.url
    address = f"https://arxiv.org/abs/{record.arxiv}" if record.arxiv else address
    needed = {"url", *(("doi",) if doi else ()), *(("arxiv",) if record.arxiv else ())}
    if (doi or record.arxiv) and needed.isdisjoint(header.places):
        raise CannotWriteError(
            f"the table has no column for its {'arXiv id' if record.arxiv else 'DOI'} or its address"
        )
    values = {
        "key": key,
        "authors": _people(record.names or record.editors, NameHabits(sources), column("authors")),
        "year": record.year,
        "title": record.title,
        "url": address,
        "doi": doi_address(doi) if doi and any("://" in each for each in column("doi")) else doi,
        "arxiv": record.arxiv,
        "kind": _kind(record.kind, column("kind")),
    }
    cells = [""] * len(header.cells)
    for name, at in header.places.items():
        cells[at] = values.get(name, "")
    for at, cell in enumerate(header.cells):
        name = "".join(filter(str.isalpha, cell)).casefold()
        field = next((field for field, names in _FIELDS.items() if name in names.split()), "")
        if field and not cells[at]:
            used = [row[at] for row in rows if at < len(row) and row[at].strip()]
            cells[at] = _more(field, record, used, NameHabits(sources))
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


def _more(field: str, record: Record, used: Sequence[str], habits: NameHabits) -> str:
    """Return what a column holds that means nothing to the reader, as `used` cells of it do."""
    if field == "pages":
        # "Page" may also be that of the wiki on this work.
        pages = record.pages or record.number
        dash = most((sign for each in used for sign in ("--", "–", "-") if sign in each), "-")
        are_pages = all(re.match(r"[A-Za-z]{0,2}\d", each.strip()) for each in used)
        return re.sub(r"\s*[-–—]+\s*", dash, pages) if are_pages else ""
    if field == "isbn":
        return next(iter(record.isbn), "")
    if field == "editors":
        return _people(record.editors, habits, used) if record.names else ""
    if field == "date":
        whole = all(re.fullmatch(r"\d{4}(?:-\d\d){0,2}", each.strip()) for each in used)
        length = most((each.count("-") + 1 for each in used), 3)
        parts = record.date[:length] if record.date and str(record.date[0]) == record.year else ()
        return "-".join(f"{part:02}" for part in parts) if whole else record.year
    return str(getattr(record, field))


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


def _people(people: Sequence[Name], habits: NameHabits, used: Sequence[str]) -> str:
    """Return names in one cell, written and parted as others are."""
    names, more = habits.shown(people)
    inverted = most(("," in each.partition(";")[0] for each in used), True)
    between = most((sign for each in used for sign in ("; ", " and ", ", ") if sign in each), "; ")
    if inverted and between == ", ":
        between = "; "
    return between.join((*(_person(name, inverted=inverted) for name in names), *(("et al.",) if more else ())))


def _person(name: Name, *, inverted: bool) -> str:
    if name.literal or not name.given:
        return name.family
    return f"{name.family}, {name.given}" if inverted else f"{name.given} {name.family}"
