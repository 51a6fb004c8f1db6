"""Citation File Format: CITATION.cff of a software or data repository (schema 1.2.0)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wikitools.markdown.page import Problem
from wikitools.sources.names import Name
from wikitools.sources.readers.address_fields import read_address, read_arxiv, read_doi, years_with_preprint
from wikitools.sources.readers.made_keys import make_key
from wikitools.sources.readers.yaml_entries import as_text, read_yaml, text_fields, with_line_feeds
from wikitools.sources.readers.years import years_of
from wikitools.sources.source import Source
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wikitools.sources.readers.yaml_entries import Part

KINDS: Mapping[str, str] = {
    "article": "article-journal",
    "blog": "post-weblog",
    "book": "book",
    "conference-paper": "paper-conference",
    "data": "dataset",
    "database": "dataset",
    "dataset": "dataset",
    "edited-work": "book",
    "generic": "document",
    "magazine-article": "article-magazine",
    "manual": "book",
    "newspaper-article": "article-newspaper",
    "pamphlet": "pamphlet",
    "patent": "patent",
    "proceedings": "book",
    "report": "report",
    "software": "software",
    "software-code": "software",
    "software-executable": "software",
    "standard": "standard",
    "thesis": "thesis",
    "unpublished": "manuscript",
    "video": "motion_picture",
    "website": "webpage",
}
"""The format's reference types as CSL types."""

_USED = frozenset(
    "title authors editors doi url year date-released date-published issue-date identifiers references "
    "preferred-citation type abstract keywords message cff-version contact commit license".split()
)

_REFERENCES = re.compile(r"^references[ \t]*:[^\n]*+(?:\n(?:[ \t#-][^\n]*+|[ \t\r]*+$))*+", re.MULTILINE)
_SIGN = re.compile(r"[^\r\n]")


def read_cff(path: str, text: str) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return what a CITATION.cff describes, and the problems: the repository, its preferred citation, its references.

    Never raises. Keys are made of author, year and title, as the format has none. The repository's span is its title,
    the others' their entries.
    """
    text = with_line_feeds(text)
    # A broken reference must not cost the others, nor what the file says of the repository.
    rest, listed = _without_and_only_references(text)
    parts, found = read_yaml(path, rest)
    problems = list(found)
    root: dict[str, Any] = {}
    sources: list[Source] = []
    place = next((part.span for part in parts if part.key == "title"), None)
    for part in parts:
        root.setdefault(part.key, part.value)
    if place is not None and as_text(root.get("title")):
        sources.append(_source({"type": "software", **root}, place))
    elif parts:
        first = parts[0].span
        spot = Span(path, first.start, min(first.end, first.start + 1))
        problems.append(Problem(spot, "malformed-source", "no title"))
    for part in parts:
        if part.key == "preferred-citation" and part.value is not None:
            if isinstance(part.value, dict):
                sources.append(_source(part.value, part.span))
            else:
                problems.append(_not_a_reference(part))
    if listed:
        references, broken = read_yaml(path, listed, under=("references",))
        sources += [_source(part.value, part.span) for part in references if isinstance(part.value, dict)]
        # Under a key, the reader of YAML has said so.
        problems += [_not_a_reference(part) for part in references if not isinstance(part.value, dict) and not part.key]
        problems += broken
    return tuple(sources), tuple(sorted(problems, key=lambda problem: problem.span))


def _not_a_reference(part: Part) -> Problem:
    start = part.span.start
    return Problem(Span(part.span.path, start, start + 1), "malformed-source", "not a reference: fields were expected")


def _without_and_only_references(text: str) -> tuple[str, str]:
    """Return a file without its references, and only they ("" where there are none): both at equal length."""
    rest: list[str] = []
    listed: list[str] = []
    at = 0
    for match in _REFERENCES.finditer(text):
        before, found = text[at : match.start()], match.group()
        rest += before, _SIGN.sub(" ", found)
        listed += _SIGN.sub(" ", before), found
        at = match.end()
    return "".join((*rest, text[at:])), "".join(listed)


def _source(entry: Mapping[str, Any], span: Span) -> Source:
    names = _people(entry.get("authors")) or _people(entry.get("editors"))
    if not names:
        names = _people([entry.get("institution") or entry.get("publisher")])
    url = next(
        (
            found
            for name in ("url", "repository-code", "repository", "repository-artifact")
            if (found := read_address(as_text(entry.get(name))))
        ),
        "",
    )
    doi, arxiv = read_doi(as_text(entry.get("doi"))), read_arxiv(as_text(entry.get("doi")))
    for identifier in entry.get("identifiers") or () if isinstance(entry.get("identifiers"), list) else ():
        if isinstance(identifier, dict):
            value = as_text(identifier.get("value"))
            doi = doi or (read_doi(value) if as_text(identifier.get("type")) == "doi" else "")
            arxiv = arxiv or read_arxiv(value)
    arxiv = arxiv or (read_arxiv(url) if "rxiv" in url else "")
    years, suffix = years_of(
        *(as_text(entry.get(name)) for name in ("year", "date-published", "date-released", "issue-date"))
    )
    title = " ".join(as_text(entry.get("title")).split())
    fields = text_fields(entry, without=_USED)
    return Source(
        span=span,
        key=make_key(names, years, title),
        names=names,
        years=years_with_preprint(years, arxiv),
        suffix=suffix,
        title=title,
        url=url,
        doi=doi,
        arxiv=arxiv,
        kind=KINDS.get(as_text(entry.get("type")), ""),
        fields=fields,
    )


def _people(written: Any) -> tuple[Name, ...]:
    names: list[Name] = []
    for person in written if isinstance(written, list) else [written]:
        if not isinstance(person, dict):
            continue
        family = " ".join(
            part for part in (as_text(person.get("name-particle")), as_text(person.get("family-names"))) if part
        )
        if family:
            names.append(Name(family, as_text(person.get("given-names")), as_text(person.get("name-suffix"))))
        elif whole := as_text(person.get("name")) or as_text(person.get("alias")):
            names.append(Name(whole, literal=True))
    return tuple(names)
