"""Writes a new record of a RIS file in the form of the existing ones."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from wikitools.sources.names import words
from wikitools.sources.readers.ris import read_ris_name
from wikitools.sources.writers.entry_habits import NameHabits, insert_block, line_end, most, ordered, placed, position
from wikitools.sources.writers.write_error import CannotWriteError
from wikitools.text import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.sources.names import Name
    from wikitools.sources.record import Record
    from wikitools.sources.source import Source

_TYPES = {
    "article-journal": "JOUR",
    "article": "UNPB",
    "paper-conference": "CPAPER",
    "book": "BOOK",
    "chapter": "CHAP",
    "report": "RPRT",
    "thesis": "THES",
    "dataset": "DATA",
    "software": "COMP",
    "webpage": "ELEC",
}
_USUAL = "TY ID AU A1 TI T1 T2 JO JF VL IS SP EP PB PY Y1 DO SN UR".split()
_LINE = re.compile(r"^([A-Z][A-Z0-9])  ?-", re.MULTILINE)


def insertion(path: str, text: str, sources: Sequence[Source], record: Record, key: str) -> Edit:
    """Return the edit that adds the record of a work where it belongs."""
    tags = [_LINE.findall(source.span.of(text)) for source in sources]
    seen = [list(dict.fromkeys(each)) for each in tags]
    has = {tag for each in tags for tag in each}
    names, _more = NameHabits(sources).shown(record.names or record.editors)
    author = _either(has, "AU", "A1") if record.names else "ED"
    first, _dash, last = record.pages.replace("--", "-").partition("-")
    values: dict[str, list[str]] = {
        author: [_person(name) for name in names],
        _either(has, "TI", "T1"): [record.title],
        "T2" if record.kind == "chapter" else _either(has, "JO", "JF", "T2"): [record.container],
        "VL": [record.volume],
        "IS": [record.issue],
        "SP": [first or record.number],
        "EP": [last],
        "PB": [record.publisher],
        _either(has, "PY", "Y1"): [record.year],
        "DO": ["" if record.doi.startswith("10.48550/") else record.doi],
        "SN": list(record.isbn[:1]),
        "UR": [f"https://arxiv.org/abs/{record.arxiv}" if record.arxiv else record.url],
    }
    if "ID" in has or not sources:
        values["ID"] = [key]
    written = {tag: [each for each in found if each] for tag, found in values.items()}
    order = ordered([tag for tag, found in written.items() if found], seen, _USUAL)
    lines = [f"TY  - {_TYPES.get(record.kind, 'GEN')}"]
    lines += [f"{tag}  - {value}" for tag in order for value in written[tag]]
    lines.append("ER  - ")
    gaps = (text[one.span.end : other.span.start] for one, other in itertools.pairwise(sources))
    gap = most((gap.replace("\r", "") for gap in gaps if not gap.strip()), "\n\n")
    return insert_block(path, text, sources, position(sources, record.as_source(key)), "\n".join(lines), gap)


def doi_insertion(path: str, text: str, sources: Sequence[Source], source: Source, doi: str) -> Edit:
    """Return the edit that adds a DOI to a record. Raises `CannotWriteError`."""
    lines = [line for line in _LINE.finditer(text, source.span.start, source.span.end) if line[1] not in {"TY", "ER"}]
    end = re.compile(r"^ER", re.MULTILINE).search(text, source.span.start, source.span.end)
    if not lines or end is None:
        raise CannotWriteError("the record has no end")
    shapes = [_LINE.findall(each.span.of(text)) for each in sources]
    at = placed("DO", [line[1] for line in lines], shapes, _USUAL)
    start = lines[at].start() if at < len(lines) else end.start()
    return Edit(Span(path, start, start), f"DO  - {doi}{line_end(text)}")


def _person(name: Name) -> str:
    """Return a name; that of an organisation so that it is read as one.

    Nothing may stand where given names would. What follows a comma and would be a suffix loses the comma.
    """
    written = ", ".join(part for part in (name.family, name.given, name.suffix) if part)
    if not name.literal:
        return written
    forms = (written, f"{written},", written.replace(",", ",,", 1), f"{written.replace(',', '')},")
    return next((each for each in forms if _is_whole(read_ris_name(each), words(written))), written)


def _is_whole(found: Name | None, family: tuple[str, ...]) -> bool:
    return found is not None and words(found.family) == family and not (found.given or found.suffix)


def _either(has: set[str], *tags: str) -> str:
    return next((tag for tag in tags if tag in has), tags[0])
