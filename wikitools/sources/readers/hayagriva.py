"""Hayagriva YAML, the bibliography format of Typst."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wikitools.markdown.page import Problem
from wikitools.sources.names import Name
from wikitools.sources.readers.address_fields import read_address, read_arxiv, read_doi, years_with_preprint
from wikitools.sources.readers.persons import read_name
from wikitools.sources.readers.yaml_entries import Part, as_text, read_yaml, text_fields
from wikitools.sources.readers.years import years_of
from wikitools.sources.source import Source
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "anthology": "book",
    "anthos": "chapter",
    "article": "article-journal",
    "artwork": "graphic",
    "audio": "song",
    "blog": "post-weblog",
    "book": "book",
    "case": "legal_case",
    "chapter": "chapter",
    "conference": "paper-conference",
    "entry": "entry",
    "legislation": "legislation",
    "manuscript": "manuscript",
    "misc": "document",
    "newspaper": "article-newspaper",
    "patent": "patent",
    "periodical": "periodical",
    "post": "post",
    "proceedings": "book",
    "reference": "book",
    "report": "report",
    "repository": "software",
    "thesis": "thesis",
    "thread": "post",
    "video": "motion_picture",
    "web": "webpage",
}
"""Hayagriva's entry types as CSL types."""

_USED = frozenset("title author date url serial-number type parent doi abstract".split())


def read_hayagriva(path: str, text: str) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return the sources of a Hayagriva file, a YAML mapping of keys to entries, and the problems. Never raises.

    The container's title and what the entry lacks come from `parent`. Spans cover entries.
    """
    parts, problems = read_yaml(path, text)
    sources: list[Source] = []
    found = list(problems)
    keys: set[str] = set()
    for part in parts:
        if not isinstance(part.value, dict):
            found.append(
                Problem(_head(part), "malformed-source", f'"{part.key}" is not an entry: fields were expected')
            )
            continue
        if part.key in keys:
            found.append(Problem(_head(part), "duplicate-key", f'duplicate key "{part.key}"; both entries are kept'))
        keys.add(part.key)
        sources.append(_source(part))
    return tuple(sources), tuple(found)


def _head(part: Part) -> Span:
    return Span(part.span.path, part.span.start, min(part.span.end, part.span.start + max(1, len(part.key))))


def _source(part: Part) -> Source:
    entry: Mapping[str, Any] = part.value
    parents = entry.get("parent")
    parent: Mapping[str, Any] = (
        next((each for each in parents if isinstance(each, dict)), {}) if isinstance(parents, list) else parents or {}
    )
    parent = parent if isinstance(parent, dict) else {}
    names = _people(entry.get("author")) or _people(entry.get("editor")) or _people(parent.get("author"))
    if not names and (body := as_text(entry.get("organization"))):
        names = (Name(body, literal=True),)
    address = entry.get("url") or parent.get("url")
    url = as_text(address.get("value") if isinstance(address, dict) else address)
    url = read_address(url) or url
    serial = entry.get("serial-number")
    numbers = serial if isinstance(serial, dict) else {"serial": serial}
    doi = (
        read_doi(as_text(numbers.get("doi")) or as_text(entry.get("doi")))
        or read_doi(as_text(numbers.get("serial")))
        or (read_doi(url) if "10." in url else "")
    )
    arxiv = (
        read_arxiv(as_text(numbers.get("arxiv")), marked=False)
        or read_arxiv(as_text(numbers.get("serial")))
        or (read_arxiv(url) if "rxiv" in url else "")
    )
    years, suffix = years_of(as_text(entry.get("date")) or as_text(parent.get("date")))
    fields = text_fields(entry, without=_USED)
    if container := _formatted(parent.get("title")):
        fields["container-title"] = container
    for name in ("volume", "issue", "publisher", "editor"):
        if name not in fields and (text := _formatted(parent.get(name))):
            fields[name] = text
    if pmid := as_text(numbers.get("pmid")):
        fields.setdefault("pmid", pmid)
    kind = as_text(entry.get("type")).lower()
    if kind == "article" and as_text(parent.get("type")).lower() in ("proceedings", "conference"):
        kind = "conference"
    return Source(
        span=part.span,
        key=part.key,
        names=names,
        years=years_with_preprint(years, arxiv),
        suffix=suffix,
        title=_formatted(entry.get("title")),
        url=url,
        doi=doi,
        arxiv=arxiv,
        kind=KINDS.get(kind, ""),
        fields=fields,
    )


def _formatted(value: Any) -> str:
    """Return a formattable string (plain, or `{value: …}`) without the braces that protect its case."""
    if isinstance(value, dict):
        value = value.get("value")
    return " ".join(as_text(value).replace("{", "").replace("}", "").split())


def _people(written: Any) -> tuple[Name, ...]:
    """Read one person or a list of them: "Last, First", "Last, Jr, First", an organisation, or a dict of parts."""
    people = written if isinstance(written, list) else [written]
    names: list[Name] = []
    for person in people:
        if isinstance(person, dict):
            family = " ".join(part for part in (as_text(person.get("prefix")), as_text(person.get("name"))) if part)
            if family:
                given = as_text(person.get("given-name"))
                names.append(Name(family, given, as_text(person.get("suffix")), literal=not given))
            continue
        name = read_name(as_text(person))
        if name is not None:
            names.append(name)
    return tuple(names)
