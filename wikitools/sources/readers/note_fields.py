"""Reads the work that the front matter of a page describes: authors, years, title and addresses, under many names."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from wikitools.markdown.page import Field, Problem
from wikitools.sources.names import Name, words
from wikitools.sources.readers.address_fields import (
    read_address,
    read_arxiv,
    read_doi,
    read_url,
    without_latex,
    years_with_preprint,
)
from wikitools.sources.readers.persons import read_name, read_names
from wikitools.sources.readers.years import years_of
from wikitools.sources.source import Source
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wikitools.markdown.page import Page

KEYS = ("citekey", "citation_key", "citation-key", "citationkey", "bibtex_key", "bibtex-key", "bibkey", "bibtexkey")
AUTHORS = ("authors", "author", "creators", "creator", "editors", "editor")
YEARS = (
    "year",
    "published",
    "publication_date",
    "publication-date",
    "date_published",
    "date-published",
    "issued",
    "publication_year",
)
DATES = ("date",)
URLS = ("source_url", "source-url", "sourceurl", "url", "source", "link", "canonical_url", "permalink_url", "website")
TITLES = ("title", "full_title", "full-title")
BOOKS = ("part_of", "part-of", "partof", "book", "in_book", "textbook")
CHAPTERS = ("chapter", "chapters")
SHORT = ("shorthand", "short", "short_title", "short-title", "shorttitle", "abbr", "abbreviation", "acronym")
VENUES = ("journal", "venue", "booktitle", "container-title", "publisher", "publication", "conference", "isbn")

_KINDS = {
    "article": "article-journal",
    "journal-article": "article-journal",
    "journal article": "article-journal",
    "paper": "article-journal",
    "preprint": "article",
    "conference-paper": "paper-conference",
    "conference paper": "paper-conference",
    "book": "book",
    "textbook": "book",
    "chapter": "chapter",
    "book-chapter": "chapter",
    "book chapter": "chapter",
    "report": "report",
    "working-paper": "report",
    "whitepaper": "report",
    "thesis": "thesis",
    "dissertation": "thesis",
    "blog": "post-weblog",
    "blog-post": "post-weblog",
    "blogpost": "post-weblog",
    "post": "post-weblog",
    "website": "webpage",
    "webpage": "webpage",
    "online": "webpage",
    "news": "article-newspaper",
    "newspaper": "article-newspaper",
    "video": "motion_picture",
    "film": "motion_picture",
    "podcast": "broadcast",
    "talk": "speech",
    "lecture": "speech",
    "dataset": "dataset",
    "software": "software",
    "patent": "patent",
    "source": "",
    "source-summary": "",
    "source-note": "",
    "summary": "",
    "reference": "",
    "literature": "",
    "literature-note": "",
    "literature note": "",
}
"""What a note's `type` says it is, as CSL types; an empty one says "a source", not which kind."""
DECLARED = frozenset(
    ("source", "source-note", "source-summary", "literature-note", "literature note", "literature", "textbook")
)
"""Types that pages have only as sources; an article, a post or a book may be anything."""
_NO_SOURCES = frozenset(
    "concept person people author moc index map daily daily-note journal event place organization organisation company "
    "institution tool project topic glossary term template meta home hub dashboard meeting team".split()
)
"""Types of pages that have a URL of their own (a homepage) and are no sources."""

_TITLE_WITH_CITATION = re.compile(r"[^:()]{2,80}\((1[5-9]\d\d|20\d\d)\)\s*[:—–-]\s+(\S.*)", re.DOTALL)
_YEAR_IN_NAME = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)(?![._-]\d)([a-z](?![A-Za-z]))?")
_DATE_IN_NAME = re.compile(r"(?<!\d)\d{4}[-_.]\d\d[-_.]\d\d(?!\d)")
_NAMED_AFTER_AUTHORS = re.compile(
    r"@?([^\W\d_]+(?:['’-][^\W\d_]+)?)"
    r"(?:(-et-al|_et_al|EtAl| et al\.?)|(?:-and-|_and_|-&-| and | & )([^\W\d_]+))?"
    r"[-_ ,(]*(?:1[5-9]\d\d|20\d\d)[a-z]?\)?"
)
_NAMED_AFTER_AUTHOR_AND_TITLE = re.compile(
    r"(?:(?:1[5-9]\d\d|20\d\d)[-_]([^\W\d_]{2,})|([^\W\d_]{2,})[-_](?:1[5-9]\d\d|20\d\d))[-_](\w+(?:[-_]\w+)+)"
)
_FEWEST_TITLE_WORDS = 2
_HEAD_LINE = re.compile(r"[ \t>*_-]*([^\W\d_][\w -]{1,20}?)[*_]*[ \t]*::?[*_]*[ \t]*(.*)")
_HEAD_ROW = re.compile(r"[ \t]*\|[ \t*_]*([^\W\d_][\w -]{1,20}?)[*_:]*[ \t]*\|[ \t]*([^|]*?)[ \t]*\|?[ \t]*")
_WIKILINK = re.compile(r"\[\[([^\[\]|#]+)")
_MARKDOWN_LINK = re.compile(r"\[([^\[\]]*)\]\(([^()\s]+)\)")
_SCHEME = re.compile(r"https?://\S+", re.IGNORECASE)
_CHAPTER = re.compile(r":[ \t]*[\"']?([\w.]+)")


_KIND_NAMES = ("type", "kind", "source_type", "source-type", "category", "itemtype")
_KIND_KEYS = frozenset(("type",))
_NO_SOURCE_NAMES = ("type", "kind", "class")
_MORE = ("volume", "issue", "pages", "publisher", "language", "doi", "pmid", "tier", "edition", "institution")
TELLING = frozenset((*KEYS, *AUTHORS, *URLS, *BOOKS, "doi", "arxiv", "arxiv_id"))
"""Names in a front matter without one of which a page describes no work."""
_OF_WORKS = frozenset(
    (*TELLING, *YEARS, *DATES, *TITLES, *CHAPTERS, *SHORT, *VENUES, *_KIND_NAMES, *_NO_SOURCE_NAMES, *_MORE)
)
"""All names in a front matter that are looked at."""


def own_source(page: Page, problems: list[Problem]) -> Source | None:
    """Return the work that a page describes, `None` when it describes none; what is wrong is added to `problems`."""
    stem = page.name
    telling = not TELLING.isdisjoint(name.strip().lower() for name in page.front_matter)
    if not stem.startswith("@") and not telling and _KIND_KEYS.isdisjoint(name.lower() for name in page.front_matter):
        return None
    # Values are made when somebody asks for them, so nobody asks for those that say nothing of a work.
    known = {name.strip().lower(): name for name in page.front_matter}
    fields = {name: page.front_matter[written] for name, written in known.items() if name in _OF_WORKS}
    span = page.front_matter_span
    declared = _is_declared(fields)
    if not (telling or declared or stem.startswith("@")):
        return None
    if declared or (stem.startswith("@") and len(stem) > 1):
        head, head_span = _head_lines(page, past_title=declared)
        fields = {**head, **fields}
        span = span or head_span
    key = _text(_first(fields, KEYS)).lstrip("@")
    doi = _identifier(page, fields, "doi", problems)
    arxiv = _identifier(page, fields, "arxiv", problems) or _identifier(page, fields, "arxiv_id", problems)
    url = _url(fields)
    doi = doi or (read_doi(url) if "10." in url else "")
    arxiv = arxiv or (read_arxiv(url) if "rxiv" in url.lower() else "")
    arxiv = arxiv or read_arxiv(_text(fields.get("doi")))
    names, others = _names(fields)
    title, title_year = _title(page, fields)
    name_years, letter = years_in_name(stem)
    years, suffix = years_of(*(_text(fields.get(name)) for name in YEARS))
    firm = (*years, *title_year, *name_years)
    if not years:
        years, suffix = years_of(*(_text(fields.get(name)) for name in DATES))
    kind, is_source = _kind(fields)
    book = _link_target(_first(fields, BOOKS))
    chapter = _chapter(page, fields) if book else ""
    enough = (
        key
        or doi
        or arxiv
        or stem.startswith("@")
        or declared
        or (book and chapter)
        or (names and (firm or is_source or any(_text(fields.get(name)) for name in VENUES)))
        or (url and not (_is_no_source(fields) and not names))
    )
    if not enough:
        return None
    if not names:
        names, others = names_in_name(stem, title)
    rest = {
        name: text
        for name in (*VENUES, *_MORE)
        if name in fields and (text := _text(fields[name])) and not (name == "doi" and doi)
    }
    if book:
        rest["part_of"] = book
    if chapter:
        rest["chapter"] = chapter
    if others:
        rest["others"] = "and others"
    if key and key != stem.lstrip("@"):
        rest["ids"] = stem.lstrip("@")
    short = (_text(fields.get(name)) for name in SHORT)
    return Source(
        span=span or Span(page.path, 0, 0),
        key=key or stem.lstrip("@"),
        names=names,
        years=years_with_preprint((*years, *title_year, *name_years), arxiv),
        suffix=suffix or letter,
        title=title,
        url=url,
        doi=doi,
        arxiv=arxiv,
        note=page.path,
        aliases=tuple(dict.fromkeys((*page.aliases, *(name for name in short if name)))),
        kind=kind or ("chapter" if book and chapter else ""),
        fields=rest,
    )


def _first(fields: Mapping[str, Field], names: Sequence[str]) -> Field | None:
    return next((fields[name] for name in names if name in fields and _text(fields[name])), None)


def _text(field: Field | None) -> str:
    """Return a value as one string: dates in ISO 8601, lists joined, wikilinks that YAML took for lists put back."""
    return "" if field is None else _flat(field.value)


def _flat(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        if len(value) == 1 and isinstance(value[0], list) and len(value[0]) == 1:
            return f"[[{_flat(value[0][0])}]]"
        return "; ".join(text for part in value if (text := _flat(part)))
    if isinstance(value, dict):
        return ""
    return str(value).strip()


def _identifier(page: Page, fields: Mapping[str, Field], name: str, problems: list[Problem]) -> str:
    """Read `doi` or `arxiv`; something that should be one and is not becomes a problem."""
    field = fields.get(name)
    written = _text(field)
    if field is None or not written:
        return ""
    found = read_doi(written) if name == "doi" else read_arxiv(written, marked=False)
    if not found and any(character.isdigit() for character in written) and not (name == "doi" and read_arxiv(written)):
        what = "a DOI" if name == "doi" else "an arXiv id"
        problems.append(Problem(field.span, "malformed-source", f'{name} "{written[:80]}" is not {what}'))
    return found


def _url(fields: Mapping[str, Field]) -> str:
    """Return the first web address under one of the usual names; wikilinks, paths and prose do not count."""
    for name in URLS:
        written = _text(fields.get(name))
        link = _MARKDOWN_LINK.fullmatch(written)
        if link is not None:
            written = link.group(2)
        written = without_latex(written).strip(" <>")
        first = written.split(";")[0].strip() if written.count("://") > 1 else written
        if _SCHEME.fullmatch(first):
            return read_address(first) or first
        if _SCHEME.match(first) and (found := read_address(first)) != read_url(first):
            # With a blank, but no prose: an address all the same.
            return found
    return ""


def _names(fields: Mapping[str, Field]) -> tuple[tuple[Name, ...], bool]:
    for name in AUTHORS:
        field = fields.get(name)
        if field is None:
            continue
        found, others = _people(field.value)
        if found:
            return found, others
    return (), False


def _people(value: Any) -> tuple[tuple[Name, ...], bool]:
    if isinstance(value, str):
        if "{" in value:
            from wikitools.sources.readers.bibtex_names import read_bibtex_names

            plain = value if re.search(r"\sand\s", value) else value.replace("{", "").replace("}", "")
            return read_bibtex_names(plain) if plain is value else read_names(plain)
        return read_names(value)
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        return (), False
    names: list[Name] = []
    others = False
    for part in value:
        if isinstance(part, dict):
            name = _person(part)
            names += [name] if name is not None else []
            continue
        text = _flat([part] if isinstance(part, list) else part)
        if text.lower().rstrip(".") in ("et al", "others", "and others"):
            others = True
            continue
        if len(value) == 1:
            found, more = read_names(text)
            names += found
            others = others or more
        elif (name := read_name(text)) is not None:
            names.append(name)
    return tuple(names), others


def _person(person: Mapping[Any, Any]) -> Name | None:
    given = _flat(
        person.get("given") or person.get("first") or person.get("given-names") or person.get("firstName") or ""
    )
    family = _flat(
        person.get("family") or person.get("last") or person.get("family-names") or person.get("lastName") or ""
    )
    if family:
        return Name(family, given)
    whole = _flat(person.get("name") or person.get("literal") or given)
    if not whole and len(person) == 1:
        # `- Doe: Jane` is YAML's reading of a comma that was typed as a colon; the key is all there is to trust.
        whole = _flat(next(iter(person)))
    return read_name(whole) if whole else None


def _title(page: Page, fields: Mapping[str, Field]) -> tuple[str, tuple[str, ...]]:
    """Return the work's title, and the year of a title like "Doe & Roe (2022): Land"."""
    title = _text(_first(fields, TITLES)) or page.title.lstrip("@")
    title = " ".join(title.split())
    match = _TITLE_WITH_CITATION.fullmatch(title)
    return (match.group(2), (match.group(1),)) if match else (title, ())


def years_in_name(stem: str) -> tuple[tuple[str, ...], str]:
    """Return the years in a file's name; dates of daily notes and arXiv ids do not count."""
    matches = list(_YEAR_IN_NAME.finditer(_DATE_IN_NAME.sub(" ", stem)))
    letter = matches[-1].group(2) or "" if matches and matches[-1].end() == len(stem) else ""
    return tuple(dict.fromkeys(match.group(1) for match in matches)), letter


def names_in_name(stem: str, title: str = "") -> tuple[tuple[Name, ...], bool]:
    """Return the authors that a file is named after, and whether there may be others.

    `hubinger-et-al-2019`, `shah-and-jones-2023`, `@Hubinger2019`; the one word that stands with the year before words
    of the title is the first author's: `2019-hubinger-learned-optimization`.
    """
    match = _NAMED_AFTER_AUTHORS.fullmatch(stem)
    if match is None:
        found = _NAMED_AFTER_AUTHOR_AND_TITLE.fullmatch(stem)
        first = found[1] or found[2] if found is not None else ""
        said, called = words(re.sub(r"[-_]", " ", found[3])) if found is not None else (), words(title)
        starts = (at for at in range(len(called)) if called[at : at + len(said)] == said)
        if len(said) < _FEWEST_TITLE_WORDS or first.casefold() in called or next(starts, None) is None:
            return (), False
        return (Name(first[0].upper() + first[1:]),), True
    authors = [word for word in (match.group(1), match.group(3)) if word]
    return tuple(Name(word[0].upper() + word[1:]) for word in authors), match.group(2) is not None


def _kind(fields: Mapping[str, Field]) -> tuple[str, bool]:
    for name in _KIND_NAMES:
        written = _text(fields.get(name)).lower().replace("_", "-").strip("[]")
        if written in _KINDS:
            return _KINDS[written], name != "category" or bool(_KINDS[written])
    return "", False


def _is_declared(fields: Mapping[str, Field]) -> bool:
    """Say whether a page says outright that it is a source: `type: source`, `type: textbook`."""
    return _text(fields.get("type")).lower().replace("_", "-").strip("[]") in DECLARED


def _is_no_source(fields: Mapping[str, Field]) -> bool:
    return any(
        _text(fields.get(name)).lower().replace("_", "-").strip("[]") in _NO_SOURCES for name in _NO_SOURCE_NAMES
    )


def _link_target(field: Field | None) -> str:
    written = _text(field)
    match = _WIKILINK.search(written)
    return match.group(1).strip() if match else written


def _chapter(page: Page, fields: Mapping[str, Field]) -> str:
    field = _first(fields, CHAPTERS)
    if field is None:
        return ""
    if isinstance(field.value, float):
        # YAML reads 7.10 as 7.1: what the author wrote is in the text.
        match = _CHAPTER.search(field.span.of(page.text)) or re.search(r"([\d.]+)", field.span.of(page.text))
        if match is not None:
            return match.group(1)
    return _text(field)


def _head_lines(page: Page, *, past_title: bool) -> tuple[dict[str, Field], Span | None]:
    """Read lines such as `*authors:* …`, `year:: 2019` and `| Year | 2019 |` above the first heading of a note.

    `past_title` also reads those between a heading of the first level and the next one.
    """
    fields: dict[str, Field] = {}
    start = page.front_matter_span.end if page.front_matter_span else 0
    at = start
    end = start
    for line in page.text[start : start + 8000].splitlines(keepends=True)[:40]:
        body = line.strip("\r\n")
        if body.startswith("#") and body.lstrip("#").startswith(" "):
            if not (past_title and body.startswith("# ") and not fields):
                break
            past_title = False
        match = _HEAD_LINE.fullmatch(body) or _HEAD_ROW.fullmatch(body)
        if match is not None:
            name = match.group(1).strip().lower()
            value = match.group(2).strip().strip("*_").strip()
            if value and name in _IN_HEADS:
                fields.setdefault(name, Field(value, Span(page.path, at, at + len(body))))
                end = at + len(body)
        at += len(line)
    return fields, Span(page.path, start, end) if fields else None


_IN_HEADS = frozenset((*KEYS, *AUTHORS, *YEARS, *DATES, *URLS, *TITLES, *VENUES, "doi", "arxiv", "type", "aliases"))
