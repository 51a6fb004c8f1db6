"""CSL-JSON and CSL-YAML bibliographies: Pandoc's, Zotero's, citeproc's (CSL 1.0.2 data schema)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from wikitools.cite.readers.addresses import read_arxiv, read_doi, read_url, year_of_arxiv
from wikitools.cite.readers.dates import years_of
from wikitools.cite.readers.latex import to_unicode
from wikitools.cite.readers.persons import read_name, read_names
from wikitools.cite.readers.safe_yaml import as_text, read_yaml
from wikitools.cite.source import Name, Source
from wikitools.text import Span
from wikitools.wiki.page import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BLANK = re.compile(r"[\s\ufeff]*+")
_NEXT_ITEM = re.compile(r"\{\s*+\"(?:id|type|DOI|title|citation-key|author|itemType|key)\"\s*+:")
_STRING_OR_BRACE = re.compile(r'"(?:[^"\\\n]|\\.)*+"|[{}]')
_COMMA = re.compile(r"\s*+,\s*+")
_MARKUP = re.compile(r"</?(?:i|b|em|strong|sup|sub|sc|span|jats:[a-z]+)(?:\s[^<>]{0,200})?/?>")
_ARRAYS = ("items", "references")
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
    each has its place and a broken one is skipped (or, if YAML can make sense of it, kept) with a problem. Never
    raises.
    """
    problems: list[Problem] = []
    sources: list[Source] = []
    keys: set[str] = set()
    for item, span in _items(path, text, problems):
        source = read_csl_item(item, span)
        if not source.key:
            problems.append(Problem(_head(span), "malformed-source", "entry has no id"))
        elif source.key in keys:
            problems.append(
                Problem(_head(span), "duplicate-key", f'duplicate id "{source.key}"; both entries are kept')
            )
        keys.add(source.key)
        sources.append(source)
    return tuple(sources), tuple(problems)


def read_csl_yaml(path: str, text: str) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return the sources of a CSL-YAML file (`references:`, or a bare list), and the problems. Never raises."""
    parts, found = read_yaml(path, text, under="references")
    problems = list(found)
    sources: list[Source] = []
    keys: set[str] = set()
    for part in parts:
        if not isinstance(part.value, dict):
            if not part.key:
                problems.append(Problem(_head(part.span), "malformed-source", "not a reference: fields were expected"))
            continue
        source = read_csl_item({"id": part.key, **part.value} if part.key else part.value, part.span)
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


def _person(person: Mapping[str, Any]) -> Name | None:
    family = person.get("family")
    if not isinstance(family, str):
        whole = _plain(person.get("literal") or person.get("name") or family)
        if whole:
            return Name(whole, literal=True)
        given = _plain(person.get("given"))
        return Name(given) if given else None
    if len(person) == 2 and isinstance(known := person.get("given"), str):
        return Name(family, known)
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


def _spot(path: str, text: str, at: int) -> Span:
    """Return the character at `at`, or the last one where the text ends too early."""
    start = min(at, max(0, len(text) - 1))
    return Span(path, start, min(len(text), start + 1))


def _head(span: Span) -> Span:
    """Return the beginning of a place: a whole entry is too much to underline."""
    return Span(span.path, span.start, min(span.end, span.start + 1))


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _items(path: str, text: str, problems: list[Problem]) -> Iterator[tuple[Mapping[str, Any], Span]]:
    """Yield the items of a CSL-JSON file with their places."""
    decode = json.JSONDecoder(strict=False).raw_decode
    at = _skip(text, 0)
    if at == len(text):
        return
    if text[at] == "[":
        yield from _array(path, text, at + 1, problems)
        return
    if text[at] != "{":
        problems.append(
            Problem(Span(path, at, at + 1), "malformed-source", "not CSL-JSON: neither a list nor an object")
        )
        return
    start = at
    members: list[tuple[str, Any, Span]] = []
    at = _skip(text, at + 1)
    while at < len(text) and text[at] != "}":
        try:
            name, after = decode(text, at)
            colon = _skip(text, after)
            place = _skip(text, colon + 1)
            if name in _ARRAYS and text[place : place + 1] == "[":
                yield from _array(path, text, place + 1, problems)
                return
            value, after = decode(text, place)
        except (ValueError, RecursionError) as error:
            broken = min(len(text), error.pos if isinstance(error, json.JSONDecodeError) else at)
            problems.append(Problem(_spot(path, text, broken), "malformed-source", f"JSON: {_reason(error)}"))
            yield from _array(path, text, at, [])
            return
        members.append((str(name), value, Span(path, at, after)))
        at = _skip(text, after)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
    if any(name in ("type", "title", "author") and not isinstance(value, dict) for name, value, _span in members):
        yield {name: value for name, value, _span in members}, Span(path, start, min(len(text), at + 1))
        return
    for name, value, span in members:
        if isinstance(value, dict) and ("title" in value or "type" in value):
            yield {"id": name, **value}, span


def _array(path: str, text: str, at: int, problems: list[Problem]) -> Iterator[tuple[Mapping[str, Any], Span]]:
    decode = json.JSONDecoder(strict=False).raw_decode
    end = len(text)
    failures = 0
    at = _skip(text, at)
    while at < end and text[at] != "]":
        try:
            item, after = decode(text, at)
        except (ValueError, RecursionError) as error:
            broken = min(end, error.pos if isinstance(error, json.JSONDecodeError) else at)
            problems.append(Problem(_spot(path, text, broken), "malformed-source", f"JSON: {_reason(error)}"))
            failures += 1
            if failures > 1000:
                # Whatever this is, it is no bibliography; each failure may have read far.
                return
            after = _item_end(text, at, _next_item(text, at, broken))
            yield from _mended_item(path, text[at:after], at)
            at = after
            continue
        if isinstance(item, dict):
            yield item, Span(path, at, after)
        else:
            problems.append(
                Problem(Span(path, at, after), "malformed-source", "not a reference: an object was expected")
            )
        at = after if after < end and text[after] == "," else _skip(text, after)
        if at < end and text[at] == ",":
            at = _skip(text, at + 1)
        elif at < end and text[at] != "]":
            problems.append(Problem(Span(path, at, at + 1), "malformed-source", "JSON: no comma between two entries"))
            if text[at] != "{":
                at = _next_item(text, at, at)
    if at >= end:
        problems.append(
            Problem(Span(path, max(0, end - 1), end), "malformed-source", "JSON: the list of references is not closed")
        )


def _item_end(text: str, start: int, limit: int) -> int:
    """Return where the braces of the item at `start` are closed, if that happens before `limit`; else `limit`."""
    depth = 0
    for match in _STRING_OR_BRACE.finditer(text, start, limit):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth == 0 and match.group() == "}":
            comma = _COMMA.match(text, match.end())
            return comma.end() if comma else match.end()
    return limit


def _next_item(text: str, start: int, broken: int) -> int:
    """Return where the next item seems to start, behind what broke the one at `start`."""
    at = max(start + 1, broken)
    while True:
        match = _NEXT_ITEM.search(text, at)
        if match is None:
            return len(text)
        before = text[:0] if match.start() == 0 else text[max(0, match.start() - 200) : match.start()].rstrip()
        # An item follows another's end or the list's start; a name or a date has a colon or bracket of its own before.
        if before.endswith(("},", "}", "[", ",")) and not before.endswith((":[", ": [")):
            return match.start()
        at = match.end()


def _mended_item(path: str, written: str, at: int) -> Iterator[tuple[Mapping[str, Any], Span]]:
    """Try a broken item as YAML, which forgives commas at the end and single quotes."""
    body = written.rstrip().rstrip(",]").rstrip()
    if len(body) > 20_000 or not body.startswith("{"):
        return
    parts, problems = read_yaml(path, "- " + body.replace("\n", "\n  "))
    if len(parts) == 1 and not problems and isinstance(parts[0].value, dict) and as_text(parts[0].value.get("id")):
        yield parts[0].value, Span(path, at, at + len(body))


def _reason(error: Exception) -> str:
    return error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
