"""BibTeX and BibLaTeX bibliographies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.markdown.page import Problem
from wikitools.sources.identifiers import url_key
from wikitools.sources.names import Name
from wikitools.sources.readers.address_fields import (
    read_address,
    read_arxiv,
    read_doi,
    read_url,
    read_urls,
    without_latex,
    year_of_arxiv,
)
from wikitools.sources.readers.bibtex_blocks import split_file
from wikitools.sources.readers.bibtex_names import read_bibtex_names
from wikitools.sources.readers.bibtex_values import expanded, strings_of
from wikitools.sources.readers.latex import to_unicode
from wikitools.sources.readers.made_keys import make_key
from wikitools.sources.readers.mojibake import broken_characters, has_broken_characters, mended
from wikitools.sources.readers.salvage import RawEntry, read_entry
from wikitools.sources.readers.years import years_of
from wikitools.sources.source import Source
from wikitools.text import Span, line_and_column, line_starts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

CSL_KINDS: Mapping[str, str] = {
    "article": "article-journal",
    "artwork": "graphic",
    "audio": "song",
    "blog": "post-weblog",
    "book": "book",
    "bookinbook": "chapter",
    "booklet": "pamphlet",
    "collection": "book",
    "conference": "paper-conference",
    "dataset": "dataset",
    "electronic": "webpage",
    "image": "graphic",
    "inbook": "chapter",
    "incollection": "chapter",
    "inproceedings": "paper-conference",
    "inreference": "entry-encyclopedia",
    "jurisdiction": "legal_case",
    "legislation": "legislation",
    "letter": "personal_communication",
    "manual": "book",
    "mastersthesis": "thesis",
    "misc": "document",
    "movie": "motion_picture",
    "music": "song",
    "mvbook": "book",
    "mvcollection": "book",
    "mvproceedings": "book",
    "mvreference": "book",
    "newspaper": "article-newspaper",
    "online": "webpage",
    "patent": "patent",
    "performance": "performance",
    "periodical": "periodical",
    "phdthesis": "thesis",
    "preprint": "article",
    "proceedings": "book",
    "reference": "book",
    "report": "report",
    "review": "review",
    "software": "software",
    "standard": "standard",
    "suppbook": "chapter",
    "suppcollection": "chapter",
    "suppperiodical": "article-journal",
    "techreport": "report",
    "thesis": "thesis",
    "unpublished": "manuscript",
    "video": "motion_picture",
    "webpage": "webpage",
    "website": "webpage",
    "www": "webpage",
}
"""Entry types of BibTeX, biblatex and common managers as CSL 1.0.2 types."""

UNUSED = frozenset(
    "abstract file annote annotation review keywords mendeley-groups owner timestamp date-added date-modified groups "
    "local-url pmid-url __markedentry bdsk-file-1 bdsk-file-2 jabref-groups options".split()
)
"""Fields that are left out of `Source.fields`: readers of a wiki never see them, and they are larger than all
others."""

_VERBATIM = frozenset("url doi eprint ids crossref xdata xref entryset file pdf link ee isbn issn urldate".split())
_NAMES = ("author", "editor", "bookauthor", "translator", "director", "editora")
_BODIES = ("organization", "institution", "collaboration", "publisher")
_OF_BODIES = frozenset(
    "manual online misc techreport report proceedings standard software electronic webpage www".split()
)
_NOT_INHERITED = frozenset(
    "crossref xdata xref ids entryset options sortkey key shorttitle shorthand shortauthor doi url eprint arxivid "
    "file abstract note".split()
)
_INTO_BOOK = {"title": "booktitle", "subtitle": "booksubtitle", "titleaddon": "booktitleaddon"}
_PARTS_OF_BOOKS = frozenset(
    ("inbook", "incollection", "inproceedings", "conference", "bookinbook", "inreference", "suppbook")
)


def read_bibtex(path: str, text: str) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return the sources of a BibTeX or BibLaTeX file, in its order, and what is wrong with it.

    Never raises. bibtexparser splits the file. `salvage` reads again what it refuses or damages, up to the start of the
    next entry, so that a broken entry never affects its neighbours.
    Entries with one key are all kept. `@string`, `crossref` and `xdata` are resolved; LaTeX becomes Unicode; fields
    that only reference managers use are left out.
    """
    blocks = split_file(text)
    strings = strings_of(blocks.definitions)
    problems = [Problem(Span(path, each.start, each.end), "malformed-source", each.reason) for each in blocks.damages]
    values = [_values(path, blocks.plain, entry, strings, problems) for entry in blocks.entries]
    if has_broken_characters(text):
        for entry in blocks.entries:
            for start, end, reason in broken_characters(text, entry.start, entry.end):
                problems.append(Problem(Span(path, start, end), "malformed-source", f'{reason} (entry "{entry.key}")'))
        values = [{name: mended(value) for name, value in own.items()} for own in values]
    problems += _duplicate_keys(path, text, blocks.entries)
    parents = _parents(blocks.entries, values)
    sources = [
        _source(Span(path, entry.start, entry.end), entry, _with_inherited(entry.kind, own, parents))
        for entry, own in zip(blocks.entries, values, strict=True)
        if entry.kind != "xdata"
    ]
    if not problems and not blocks.entries and not blocks.definitions and (other := _OTHER_TEXT.search(text)):
        place = Span(path, *other.span(1))
        problems.append(Problem(place, "malformed-source", "no entry in this file: an entry starts with @"))
    problems.sort(key=lambda problem: (problem.span, problem.message))
    return tuple(sources), tuple(problems)


_OTHER_TEXT = re.compile(
    r"\A(?:[\s\ufeff]*+%[^\n]*+(?:\n|\Z))*+[\s\ufeff]*+(?!@[ \t]*(?:comment|preamble)\b)([^\s%\ufeff]+)", re.IGNORECASE
)
"""Text at the start of a file that is not a comment."""


def _duplicate_keys(path: str, text: str, entries: Sequence[RawEntry]) -> Iterator[Problem]:
    first: dict[str, RawEntry] = {}
    starts: list[int] = []
    for entry in entries:
        earlier = first.setdefault(entry.key, entry)
        if earlier is entry or not entry.key:
            continue
        starts = starts or line_starts(text)
        line, _column = line_and_column(starts, earlier.start)
        at = text.find(entry.key.split()[0], entry.start, entry.end)
        span = Span(path, at, at + len(entry.key)) if at >= 0 else Span(path, entry.start, entry.start + 1)
        message = f'duplicate key "{entry.key}": first used on line {line}; both entries are kept'
        yield Problem(span, "duplicate-key", message)


def _parents(entries: Sequence[RawEntry], values: Sequence[dict[str, str]]) -> dict[str, dict[str, str]]:
    """Return what `crossref` and `xdata` may name: fields by key and alias; the first entry with a key counts."""
    parents: dict[str, dict[str, str]] = {}
    for entry, own in zip(entries, values, strict=True):
        for key in (entry.key, *(own["ids"].split(",") if "ids" in own else ())):
            parents.setdefault(key.strip(), own)
    return parents


def _values(
    path: str, plain: str, entry: RawEntry, strings: Mapping[str, str], problems: list[Problem]
) -> dict[str, str]:
    """Return the entry's fields, `@string`s resolved, LaTeX untouched."""
    values: dict[str, str] = {}
    for name, written in entry.values.items():
        if written[0] == "{" and written.find("}") == len(written) - 1:
            values[name] = written[1:-1]
            continue
        values[name], unknown = expanded(written, strings)
        for word in unknown:
            places = entry.places or _places(plain, entry)
            start = places.get(name, entry.start)
            message = f'"{word}" in "{name}" of "{entry.key}" is not an @string; it is kept as text'
            problems.append(Problem(Span(path, start, start + len(name)), "malformed-source", message))
    return values


def _places(plain: str, entry: RawEntry) -> dict[str, int]:
    """Return where the fields of an undamaged entry are; bibtexparser does not say."""
    again, _damages, _end = read_entry(plain, entry.start, entry.end)
    return {} if again is None else again.places


def _with_inherited(kind: str, own: dict[str, str], parents: Mapping[str, dict[str, str]]) -> dict[str, str]:
    """Add fields that this entry lacks and that entries named by its `xdata` or `crossref` have.

    After the biblatex manual (§2.4.1, §3.13.6, appendix B), for BibTeX's files too. Identifiers are not inherited: the
    DOI of a volume would make every chapter the same work.
    """
    if "crossref" not in own and "xdata" not in own:
        return own
    merged = dict(own)
    seen: set[int] = {id(own)}
    waiting = [own]
    while waiting and len(seen) < 20:
        values = waiting.pop(0)
        for name, container in (("xdata", True), ("crossref", False)):
            for key in values.get(name, "").split(","):
                parent = parents.get(key.strip())
                if parent is None or id(parent) in seen:
                    continue
                seen.add(id(parent))
                waiting.append(parent)
                for field, value in parent.items():
                    if container:
                        if field not in ("xdata", "ids"):
                            merged.setdefault(field, value)
                        continue
                    if field in _NOT_INHERITED:
                        continue
                    if kind in _PARTS_OF_BOOKS and field in _INTO_BOOK:
                        merged.setdefault(_INTO_BOOK[field], value)
                    elif field not in ("author", "editor") or "author" not in merged or field == "editor":
                        merged.setdefault(field, value)
    return merged


def _source(span: Span, entry: RawEntry, raw: Mapping[str, str]) -> Source:
    names: tuple[Name, ...] = ()
    others = False
    for field in ("author", "editor"):
        if field in raw:
            names, others = read_bibtex_names(raw[field])
            if names:
                break
    if not names and entry.kind in _OF_BODIES:
        body = next((raw[field] for field in _BODIES if field in raw), "")
        names = (Name(to_unicode(body), literal=True),) if to_unicode(body) else ()
    url = _address(raw.get("url", ""))
    elsewhere = [
        _address(raw[field])
        for field in ("howpublished", "note", "link", "ee", "bdsk-url-1", "journal", "publisher")
        if field in raw
    ]
    if not url:
        url = next((found for value in elsewhere if (found := read_url(value))), "")
    arxiv = _arxiv(raw, url, elsewhere)
    doi = read_doi(raw.get("doi", "")) or (read_doi(url) if "10." in url and "doi" in url else "")
    if not doi:
        doi = next((found for value in elsewhere if "doi" in value.lower() and (found := read_doi(value))), "")
    years, suffix = years_of(raw.get("date", ""), raw.get("year", ""))
    more, _letter = years_of(
        raw.get("eventdate", ""),
        raw.get("origdate", "") or raw.get("origyear", ""),
        raw.get("pubstate", ""),
        year_of_arxiv(arxiv),
    )
    title = _titled(to_unicode(raw.get("title", "")), to_unicode(raw.get("subtitle", "")))
    used = {"title", "subtitle", "url", "date", "year", "shortauthor", "shorthand"}
    if "author" in raw and names:
        used.add("author")
    if not years:
        used -= {"date", "year"}
    if doi:
        used.add("doi")
    fields = {
        name: " ".join(value.split()) if name in _VERBATIM else to_unicode(value)
        for name, value in raw.items()
        if name not in used and name not in UNUSED
    }
    if others:
        fields["others"] = "and others"
    kind = CSL_KINDS.get(entry.kind, "")
    if not kind and entry.kind:
        fields["entrytype"] = entry.kind
    if kind == "document" and arxiv and "journal" not in raw:
        kind = "article"
    aliases = tuple(
        dict.fromkeys(
            alias
            for value in (
                raw.get("shorthand", ""),
                raw.get("shortauthor", ""),
                *_listed(raw, "aliases"),
            )
            if (alias := to_unicode(value))
        )
    )
    return Source(
        span=span,
        key=entry.key or make_key(names, years, title),
        names=names,
        years=tuple(dict.fromkeys((*years, *more))),
        suffix=suffix,
        title=title,
        url=url,
        doi=doi,
        arxiv=arxiv,
        aliases=aliases,
        kind=kind,
        fields=fields,
        links=_links(raw, (url, f"doi:{doi}", f"arxiv:{arxiv}")),
    )


_PRINTED = ("howpublished", "note", "addendum")


def _links(raw: Mapping[str, str], known: Iterable[str]) -> tuple[str, ...]:
    """Return the web addresses in the fields that styles print, except those that lead to what is known."""
    found = [url for name in _PRINTED if name in raw for url in read_urls(raw[name])]
    if not found:
        return ()
    keys = {key for each in known if (key := url_key(each))}
    return tuple(dict.fromkeys(url for url in found if url_key(url) not in keys))


def _listed(raw: Mapping[str, str], field: str) -> list[str]:
    """Return the items of a field that lists them with commas."""
    return [item.strip() for item in raw.get(field, "").split(",") if item.strip()]


def _titled(title: str, subtitle: str) -> str:
    if not subtitle or not title:
        return title or subtitle
    return f"{title} {subtitle}" if title[-1] in ".:?!…" else f"{title}: {subtitle}"


def _address(value: str) -> str:
    """Return a URL field without LaTeX, whose braces mean nothing here, angle brackets and line breaks."""
    value = " ".join(without_latex(value).replace("{", "").replace("}", "").split())
    return (read_address(value) or value) if "://" in value else value.strip("<>")


def _arxiv(raw: Mapping[str, str], url: str, elsewhere: Sequence[str]) -> str:
    eprint = raw.get("eprint", "")
    if eprint:
        archive = (raw.get("eprinttype", "") or raw.get("archiveprefix", "")).strip().lower()
        if archive == "arxiv" or (
            not archive and (raw.get("primaryclass") or "arxiv" in eprint.lower() or "." in eprint)
        ):
            found = read_arxiv(eprint, marked=False)
            if found:
                return found
    for field in ("arxivid", "arxiv"):
        if field in raw and (found := read_arxiv(raw[field], marked=False)):
            return found
    for value in (
        url,
        raw.get("doi", ""),
        *elsewhere,
        raw.get("volume", ""),
        raw.get("number", ""),
        raw.get("pages", ""),
        raw.get("eid", ""),
    ):
        if value and ("ar" in value.lower() or "abs/" in value) and (found := read_arxiv(value)):
            return found
    return ""
