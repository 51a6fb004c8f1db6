"""RIS bibliographies, as reference managers and publishers export them."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from wikitools.cite.readers.addresses import read_address, read_arxiv, read_doi, year_of_arxiv
from wikitools.cite.readers.dates import years_of
from wikitools.cite.readers.keys import make_key
from wikitools.cite.readers.persons import read_name
from wikitools.cite.source import Name, Source
from wikitools.text import Span, line_starts
from wikitools.wiki.page import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TAG = re.compile(r"[ \t\ufeff]*+([A-Z][A-Z0-9])[ \t]{0,3}-(?:[ \t]+(.*))?[ \t]*", re.DOTALL)

KINDS: Mapping[str, str] = {
    "ABST": "article-journal",
    "ADVS": "motion_picture",
    "BLOG": "post-weblog",
    "BOOK": "book",
    "CASE": "legal_case",
    "CHAP": "chapter",
    "COMP": "software",
    "CONF": "paper-conference",
    "CPAPER": "paper-conference",
    "DATA": "dataset",
    "EBOOK": "book",
    "ECHAP": "chapter",
    "EDBOOK": "book",
    "EJOUR": "article-journal",
    "ELEC": "webpage",
    "ENCYC": "entry-encyclopedia",
    "GEN": "document",
    "JFULL": "article-journal",
    "JOUR": "article-journal",
    "MGZN": "article-magazine",
    "NEWS": "article-newspaper",
    "PAT": "patent",
    "PCOMM": "personal_communication",
    "RPRT": "report",
    "STAND": "standard",
    "THES": "thesis",
    "UNPB": "manuscript",
    "VIDEO": "motion_picture",
}
"""RIS reference types as CSL types."""

_FIELDS = {
    "T2": "container-title",
    "JO": "container-title",
    "JF": "container-title",
    "JA": "container-title-short",
    "J2": "container-title-short",
    "VL": "volume",
    "IS": "issue",
    "PB": "publisher",
    "CY": "publisher-place",
    "SN": "issn",
    "ET": "edition",
    "N1": "note",
    "LA": "language",
    "AN": "accession-number",
}


def read_ris(path: str, text: str) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return the sources of a RIS file in its order, and the problems. Never raises.

    An entry runs from `TY` to `ER`; one that lacks either is kept and reported. A line without a tag continues the one
    before. The key is `ID` (EndNote, Zotero), else made of author, year and title. Spans cover entries.
    """
    problems: list[Problem] = []
    sources: list[Source] = []
    keys: set[str] = set()
    tags: list[tuple[str, str]] = []
    begin = last = 0
    starts = [*line_starts(text), len(text)]

    def close(end: int) -> None:
        if not any(value for tag, value in tags if tag != "TY"):
            problems.append(Problem(Span(path, begin, end), "malformed-source", "entry has no fields"))
            return
        source = _source(tags, Span(path, begin, end))
        if source.key in keys and any(tag == "ID" for tag, _value in tags):
            problems.append(
                Problem(
                    Span(path, begin, begin + 1),
                    "duplicate-key",
                    f'duplicate key "{source.key}"; both entries are kept',
                )
            )
        keys.add(source.key)
        sources.append(source)

    for start, end in pairwise(starts):
        line = text[start:end].rstrip("\r\n")
        match = _TAG.fullmatch(line)
        if match is None:
            if not line.strip():
                continue
            if tags:
                name, value = tags[-1]
                tags[-1] = (name, f"{value} {line.strip()}")
                last = start + len(line)
            elif not line.strip("\ufeff ").isdigit():
                problems.append(
                    Problem(
                        Span(path, start, start + len(line)),
                        "malformed-source",
                        f'text outside of an entry: "{line.strip()[:60]}"',
                    )
                )
            continue
        tag, value = match.group(1), (match.group(2) or "").strip()
        if tag == "ER":
            if tags:
                close(start + len(line))
            else:
                problems.append(
                    Problem(
                        Span(path, start, start + len(line)), "malformed-source", "ER ends an entry that did not start"
                    )
                )
            tags = []
            continue
        if tag == "TY" and tags:
            problems.append(
                Problem(
                    Span(path, begin, begin + 1), "malformed-source", "entry is not closed: no ER before the next TY"
                )
            )
            close(last)
            tags = []
        if not tags:
            begin = start + (text[start : start + 1] == "\ufeff")
            if tag != "TY":
                problems.append(
                    Problem(Span(path, begin, begin + 1), "malformed-source", "entry does not start with TY")
                )
        tags.append((tag, value))
        last = start + len(line)
    if tags:
        problems.append(
            Problem(
                Span(path, begin, begin + 1), "malformed-source", "entry is not closed: no ER at the end of the file"
            )
        )
        close(last)
    return tuple(sources), tuple(sorted(problems, key=lambda problem: problem.span))


def _source(tags: Sequence[tuple[str, str]], span: Span) -> Source:
    values: dict[str, list[str]] = {}
    for tag, value in tags:
        if value:
            values.setdefault(tag, []).append(value)

    def first(*names: str) -> str:
        return next((values[name][0] for name in names if name in values), "")

    names: tuple[Name, ...] = ()
    for tag in ("AU", "A1", "ED", "A2", "A3"):
        names = tuple(name for value in values.get(tag, ()) if (name := _name(value)) is not None)
        if names:
            break
    urls = [value for tag in ("UR", "L2", "LK", "L1") for value in values.get(tag, ())]
    url = next((found for value in urls if (found := read_address(value))), "")
    doi = read_doi(first("DO", "M3")) or next(
        (found for value in urls if "10." in value and (found := read_doi(value))), ""
    )
    notes = (
        *values.get("N1", ()),
        *values.get("M1", ()),
        *values.get("T2", ()),
        *values.get("JO", ()),
        *values.get("AN", ()),
        *values.get("DO", ()),
    )
    arxiv = next((found for value in (*urls, *notes) if "rxiv" in value.lower() and (found := read_arxiv(value))), "")
    years, suffix = years_of(first("PY"), first("Y1"), first("DA"))
    title = " ".join(first("TI", "T1", "CT", "BT").split())
    fields: dict[str, str] = {}
    for tag, field in _FIELDS.items():
        if tag in values:
            fields.setdefault(field, "; ".join(values[tag]))
    if first("SP"):
        fields["page"] = first("SP") + (f"–{first('EP')}" if first("EP") else "")
    return Source(
        span=span,
        key=first("ID") or make_key(names, years, title),
        names=names,
        years=tuple(dict.fromkeys((*years, *((year_of_arxiv(arxiv),) if arxiv else ())))),
        suffix=suffix,
        title=title,
        url=url,
        doi=doi,
        arxiv=arxiv,
        kind=KINDS.get(first("TY").upper(), ""),
        fields=fields,
    )


def _name(written: str) -> Name | None:
    """Read "Last, First, Suffix"; a name without a comma is a person's in natural order, or an organisation's."""
    parts = [part.strip() for part in written.split(",")]
    if len(parts) == 1 or not parts[0]:
        return read_name(written)
    return Name(parts[0], parts[1], ", ".join(parts[2:]).strip(", "), literal=not parts[1])
