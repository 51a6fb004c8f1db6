"""CSL-JSON and CSL-YAML bibliographies: Pandoc's, Zotero's, citeproc's (CSL 1.0.2 data schema)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wikitools.markdown.page import Problem
from wikitools.sources.names import Name
from wikitools.sources.readers.address_fields import read_address, read_arxiv, read_doi, read_url, year_of_arxiv
from wikitools.sources.readers.json_items import find_items
from wikitools.sources.readers.latex import to_unicode
from wikitools.sources.readers.persons import read_name, read_names
from wikitools.sources.readers.yaml_entries import read_yaml
from wikitools.sources.readers.years import years_of
from wikitools.sources.source import Source
from wikitools.sources.vocabulary import AND
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MARKUP = re.compile(r"</?(?:i|b|em|strong|sup|sub|sc|span|jats:[a-z]+)(?:\s[^<>]{0,200})?/?>")
_ONCE = frozenset(
    "id type author title issued doi url citation-key citationkey abstract custom citation-label keyword categories "
    "file".split()
)
"""Read into attributes of `Source`, or (abstract and the like) of no use to a wiki's reader."""
_EDITORS = ("editor", "container-author", "collection-editor", "editorial-director", "translator", "director")
_SEASONS = {"1": "spring", "2": "summer", "3": "autumn", "4": "winter"}


def read_csl_json(path: str, text: str) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return the sources of a CSL-JSON file, and the problems.

    An array, Zotero's `{"items": […]}`, or an object of items by key. Items are decoded one after the other, so that
    each has its place and a broken one is skipped (or kept, where a person could read it) with a problem. Never raises.
    """
    problems: list[Problem] = []
    sources: list[Source] = []
    keys: set[str] = set()

    def take(item: Mapping[str, Any], span: Span) -> None:
        source = read_csl_item(item, span)
        problems.extend(_no_persons(item, span))
        if not source.key:
            problems.append(Problem(_head(span), "malformed-source", "entry has no id"))
        elif source.key in keys:
            problems.append(
                Problem(_head(span), "duplicate-key", f'duplicate id "{source.key}"; both entries are kept')
            )
        keys.add(source.key)
        sources.append(source)

    find_items(path, text, problems, take)
    return tuple(sources), tuple(problems)


def read_csl_yaml(path: str, text: str) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return the sources of a CSL-YAML file (`references:`, or a bare list), and the problems. Never raises."""
    parts, found = read_yaml(path, text, under=("references", "items"))
    problems = list(found)
    sources: list[Source] = []
    keys: set[str] = set()
    for part in parts:
        if not isinstance(part.value, dict):
            if not part.key:
                problems.append(Problem(_head(part.span), "malformed-source", "not a reference: fields were expected"))
            continue
        source = read_csl_item({"id": part.key, **part.value} if part.key else part.value, part.span)
        problems.extend(_no_persons(part.value, part.span))
        if not source.key:
            problems.append(Problem(_head(part.span), "malformed-source", "entry has no id"))
        elif source.key in keys:
            problems.append(
                Problem(_head(part.span), "duplicate-key", f'duplicate id "{source.key}"; both entries are kept')
            )
        keys.add(source.key)
        sources.append(source)
    return tuple(sources), tuple(problems)


def read_csl_item(item: Mapping[str, Any], span: Span) -> Source:
    """Return the source that one CSL item describes; what is malformed in it is left out."""
    get = item.get
    names: tuple[Name, ...] = ()
    others = False
    for role in ("author", *_EDITORS):
        written = get(role)
        if written:
            names, others = _people(written)
            if names:
                break
    url = _plain(get("URL") or get("url"))
    url = read_address(url) or url
    doi = read_doi(_plain(get("DOI") or get("doi")))
    note = _plain(get("note"))
    if not doi:
        doi = next((found for place in (url, note) if "10." in place and (found := read_doi(place))), "")
    arxiv = _arxiv(item, url, note)
    if not url and "://" in note:
        url = read_url(note)
    issued = get("issued") or get("year") or get("date") or ""
    years, suffix = years_of(_date(issued), _plain(get("year-suffix")) if not issued else "")
    more, _letter = years_of(
        _date(get("original-date") or ""), _date(get("event-date") or ""), _plain(get("status")), year_of_arxiv(arxiv)
    )
    key = _plain(get("citation-key") or get("citationKey") or get("id"))
    fields: dict[str, str] = {}
    for name, value in item.items():
        lower = name.lower()
        if lower in _ONCE:
            continue
        if type(value) is str:
            if value:
                fields[lower] = _unmarked(value)
        elif type(value) is list:
            if value and lower in _EDITORS:
                fields[lower] = "; ".join(_written(person) for person in _people(value)[0])
            elif value and not isinstance(value[0], (dict, list)):
                fields[lower] = "; ".join(str(part) for part in value)
        elif type(value) is dict:
            if date := _date(value):
                fields[lower] = date
        elif value is not None:
            fields[lower] = str(value)
    if others:
        fields["others"] = "and others"
    identity = _plain(get("id"))
    if identity and identity != key:
        fields["ids"] = identity
    return Source(
        span=span,
        key=key,
        names=names,
        years=tuple(dict.fromkeys((*years, *more))) if more else years,
        suffix=suffix or _plain(get("year-suffix")),
        title=_titled(_plain(get("title"))),
        url=url,
        doi=doi,
        arxiv=arxiv,
        kind=_plain(get("type")),
        fields=fields,
    )


def _plain(value: Any) -> str:
    if type(value) is str:
        return value.strip()
    if value is None or isinstance(value, (dict, list, bool)):
        return ""
    return str(value)


def _unmarked(text: str) -> str:
    """Return text without citeproc's inline HTML, blanks squeezed."""
    if "<" in text:
        text = _MARKUP.sub("", text)
    return " ".join(text.split()) if "\n" in text or "  " in text else text.strip()


def _titled(title: str) -> str:
    """Return a title as printed; Pandoc leaves mathematics in LaTeX."""
    title = _unmarked(title)
    return to_unicode(title) if "\\" in title and "$" in title else title


def _people(written: Any) -> tuple[tuple[Name, ...], bool]:
    if isinstance(written, str):
        return read_names(written)
    if isinstance(written, dict):
        written = [written]
    if not isinstance(written, list):
        return (), False
    names: list[Name] = []
    others = False
    for person in written:
        if isinstance(person, str):
            name = read_name(person)
        elif isinstance(person, dict):
            name = _person(person)
        else:
            continue
        if name is None:
            continue
        if name.family.lower() in ("others", "et al.", "et al"):
            others = True
        else:
            names.append(name)
    return tuple(names), others


def _no_persons(item: Mapping[str, Any], span: Span) -> Iterator[Problem]:
    """Yield a problem for each word that joins names where a person should be: `{"family": "and"}`."""
    for role in ("author", *_EDITORS):
        people = item.get(role)
        for person in people if isinstance(people, list) else ():
            if isinstance(person, dict) and (word := _only_name(person)) in AND:
                yield Problem(_head(span), "malformed-source", f'"{word}" joins names and is nobody\'s: left out')


def _only_name(person: Mapping[str, Any]) -> str:
    """Return the one name of a person or organisation that has no other; "" if there are several."""
    names = [text for name in ("family", "given", "literal", "name") if (text := _plain(person.get(name)))]
    return names[0] if len(names) == 1 else ""


def _person(person: Mapping[str, Any]) -> Name | None:
    family = person.get("family")
    if len(person) == 2 and isinstance(family, str) and isinstance(known := person.get("given"), str):
        return Name(family, known)
    if _only_name(person) in AND:
        return None  # what is left of a list that somebody split at its commas
    if not isinstance(family, str):
        whole = _plain(person.get("literal") or person.get("name") or family)
        if whole:
            return Name(whole, literal=True)
        given = _plain(person.get("given"))
        return Name(given) if given else None
    # Both kinds of particle: whether a style drops it is the style's affair, and names are compared with and without.
    for particle in (_plain(person.get("non-dropping-particle")), _plain(person.get("dropping-particle"))):
        if particle:
            family = particle + ("" if particle[-1] in "'’-" else " ") + family
    given = _plain(person.get("given"))
    literal = bool(person.get("isInstitution")) and not given
    return (
        Name(family.strip(), given, _plain(person.get("suffix")), literal)
        if family.strip()
        else (Name(given) if given else None)
    )


def _written(name: Name) -> str:
    return f"{name.family}, {name.given}" if name.given else name.family


def _date(value: Any) -> str:
    """Return a CSL date as text: `2019-5-1`, `2019/2020`, a literal, a season."""
    if type(value) is dict:
        parts = value.get("date-parts")
        if isinstance(parts, list) and parts:
            dates = [
                "-".join(str(number) for number in part if number not in (None, ""))
                if isinstance(part, list)
                else str(part)
                for part in parts
            ]
            dates = [date for date in dates if date]
            if dates:
                text = "/".join(dates)
                season = _plain(value.get("season"))
                return f"{text} {_SEASONS.get(season, season)}" if season else text
        for form in ("raw", "literal", "edtf", "year"):
            if text := _plain(value.get(form)):
                return text
        return ""
    if isinstance(value, list):
        # CSL-YAML's older form: a list of {year: …, month: …}, or bare date-parts.
        dates = [_date(part) if isinstance(part, dict) else _plain(part) for part in value]
        return "/".join(date for date in dates if date)
    return _plain(value)


def _arxiv(item: Mapping[str, Any], url: str, note: str) -> str:
    archive = _plain(item.get("archive") or item.get("publisher")).lower()
    if "arxiv" in archive:
        for name in ("archive_location", "archive-location", "archive_id", "number"):
            if found := read_arxiv(_plain(item.get(name)), marked=False):
                return found
    for place in (url, _plain(item.get("DOI")), note, _plain(item.get("number")), _plain(item.get("container-title"))):
        if place and "rxiv" in place.lower() and (found := read_arxiv(place)):
            return found
    if _plain(item.get("eprinttype") or item.get("archiveprefix")).lower() == "arxiv" or item.get("arxiv"):
        return read_arxiv(_plain(item.get("eprint") or item.get("arxiv")), marked=False)
    return ""


def _head(span: Span) -> Span:
    """Return the beginning of a place: a whole entry is too much to underline."""
    return Span(span.path, span.start, min(span.end, span.start + 1))
