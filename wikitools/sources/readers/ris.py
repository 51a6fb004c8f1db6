"""RIS bibliographies, as reference managers and publishers export them."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from wikitools.markdown.page import Problem
from wikitools.sources.names import SUFFIXES, Name
from wikitools.sources.readers.address_fields import read_address, read_arxiv, read_doi, years_with_preprint
from wikitools.sources.readers.made_keys import make_key
from wikitools.sources.readers.persons import read_name
from wikitools.sources.readers.years import years_of
from wikitools.sources.source import Source
from wikitools.text import Span, line_starts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TAG = re.compile(r"[ \t\ufeff]*+([A-Z][A-Z0-9])[ \t]{0,3}-(?:[ \t]+(.*))?[ \t]*", re.DOTALL)
_LOOSE_TAG = re.compile(r"[ \t\ufeff]*+([A-Za-z][A-Za-z0-9])([ \t]*+)[-\u2010-\u2014]([ \t]*+)(.*?)[ \t]*", re.DOTALL)
"""What may be meant as a tag: in small letters, without its blanks, with another dash."""
_TAGS = frozenset(
    "TY ER AU A1 A2 A3 A4 AB AD AN AV BT C1 C2 C3 C4 C5 C6 C7 C8 CA CL CN CP CT CY DA DB DI DO DP ED EP ET FD H1 H2 ID "
    "IP IS J1 J2 JA JF JO KW L1 L2 L3 L4 LA LB LK LL M1 M2 M3 N1 N2 NO NV OL OP PA PB PP PY RD RI RN RP RT SE SF SL SN "
    "SP SR ST SV T1 T2 T3 TA TI TT U1 U2 U3 U4 U5 UR VL VO WP WT WV Y1 Y2 YR".split()
)
_CERTAIN = re.compile(r"(?:PY|Y1|YR|DA)\d{4}.*|UR(?:https?://|www\.).*|DO(?:https?://\S+/)?10\.\d{4}.*")
"""Tags and values that belong together, whatever stands between them."""
_FREE_TEXT = frozenset("AB N1 N2 NO KW TI T1 T2 T3 AD RN".split())
"""Tags whose values are long enough to be broken into lines, which may begin with any word: "ER-mediated stress"."""

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

    is_loose_entry = False
    loose: list[Span] = []
    outside: list[Span] = []
    for start, end in pairwise(starts):
        line = text[start:end].rstrip("\r\n\x1a")
        found = _tag_of(line, tags, is_loose_entry)
        if found is None:
            if not line.strip():
                continue
            if tags:
                name, value = tags[-1]
                tags[-1] = (name, f"{value} {line.strip()}")
                last = start + len(line)
            elif not line.strip("\ufeff \x00").isdigit() and line.strip("\ufeff \x00"):
                if not outside or text[outside[-1].end : start].strip():
                    outside.append(Span(path, start, start + len(line)))
                else:
                    # One stretch of other text is one problem.
                    outside[-1] = Span(path, outside[-1].start, start + len(line))
            continue
        tag, value, is_loose = found
        is_loose_entry = is_loose if tag == "TY" else is_loose_entry
        if is_loose:
            loose.append(Span(path, start, start + len(line)))
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
    problems += (
        Problem(each, "malformed-source", f'text outside of an entry: "{" ".join(each.of(text)[:60].split())}"')
        for each in outside
    )
    if loose:
        more = f", nor do {len(loose) - 1:,} more" if len(loose) > 1 else ""
        message = f'RIS writes a tag as "AU  - "; this line does not{more}: read as if it did'
        problems.append(Problem(loose[0], "malformed-source", message))
    if tags:
        problems.append(
            Problem(
                Span(path, begin, begin + 1), "malformed-source", "entry is not closed: no ER at the end of the file"
            )
        )
        close(last)
    return tuple(sources), tuple(sorted(problems, key=lambda problem: problem.span))


def _tag_of(line: str, tags: Sequence[tuple[str, str]], is_loose_entry: bool) -> tuple[str, str, bool] | None:
    """Return the tag and the value of a line, and whether it is written as RIS writes none; `None` for other lines.

    `tags` are those of the entry so far, whose first line may have been written so too. A line that may go on with the
    words of the line before is no tag.
    """
    exact = _TAG.fullmatch(line)
    if exact is not None:
        return exact.group(1), (exact.group(2) or "").strip(), False
    match = _LOOSE_TAG.fullmatch(line)
    if match is None or (tag := match.group(1).upper()) not in _TAGS:
        return None
    before, after, value = match.group(2), match.group(3), match.group(4)
    is_wide = len(before.expandtabs()) > 1
    if tag == "TY":
        is_tag = value.upper() in KINDS or is_wide
    elif not tags:
        is_tag = is_wide
    elif tag == "ER":
        is_tag = not value
    elif is_loose_entry or is_wide or _CERTAIN.fullmatch(tag + value):
        is_tag = True
    else:
        # "is - so they say -" may be anything, and so may "ER-mediated stress" in an abstract.
        is_tag = match.group(1) == tag and (bool(before and not after) or tags[-1][0] not in _FREE_TEXT)
    return (tag, value.strip(), True) if is_tag else None


def _source(tags: Sequence[tuple[str, str]], span: Span) -> Source:
    values: dict[str, list[str]] = {}
    for tag, value in tags:
        if value:
            values.setdefault(tag, []).append(value)

    def first(*names: str) -> str:
        return next((values[name][0] for name in names if name in values), "")

    names: tuple[Name, ...] = ()
    for tag in ("AU", "A1", "ED", "A2", "A3"):
        names = tuple(name for value in values.get(tag, ()) if (name := read_ris_name(value)) is not None)
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
        years=years_with_preprint(years, arxiv),
        suffix=suffix,
        title=title,
        url=url,
        doi=doi,
        arxiv=arxiv,
        kind=KINDS.get(first("TY").upper(), ""),
        fields=fields,
    )


def read_ris_name(written: str) -> Name | None:
    """Read "Last, First, Suffix"; a name without a comma is a person's in natural order, or an organisation's.

    "Big Panel," and "Panel,, The Big" are organisations: nothing stands where given names do.
    """
    parts = [part.strip() for part in written.split(",")]
    if len(parts) == 1 or not parts[0]:
        return read_name(written)
    given, rest = parts[1], ", ".join(parts[2:]).strip(", ")
    if given.rstrip(".").casefold() in SUFFIXES:
        # "Davis, Jr., Sammy", as BibTeX has it, and "Davis, Jr".
        return Name(parts[0], rest, given)
    if given or rest.rstrip(".").casefold() in SUFFIXES:
        return Name(parts[0], given, rest)
    return Name(f"{parts[0]}, {rest}" if rest else parts[0], literal=True)
