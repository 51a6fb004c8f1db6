"""The entries of the block: each cited source once, with the ways in which the page refers to it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wikitools.block.own_lists import find_own_lists
from wikitools.block.template import (
    DOI_FORM,
    address_of,
    authors_of,
    code_span,
    escape,
    readable,
    squeeze,
    title_of,
    year_of,
)
from wikitools.cite.nocite import KIND as NOCITE
from wikitools.sources.same_work import group_surely
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wikitools.block.own_lists import SourceList
    from wikitools.cite.citation import Citation, Cited
    from wikitools.markdown.page import Page
    from wikitools.sources.source import Source


def identity(source: Source) -> str:
    """Return the identity of a source in the wiki: its place and its key."""
    return f"{source.span.path}:{source.span.start}:{source.key}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One source of the block, and the Markdown of each way in which the page refers to it, in order of appearance."""

    source: Source
    forms: tuple[str, ...]
    note: str = ""
    """The path of the page that is a note on it; "" if there is none."""
    has_namesake: bool = False
    """Whether another entry of the list has the same title."""


def collect_entries(page: Page, cited: Sequence[Cited], sort: str) -> tuple[Entry, ...]:
    """Return the sources that `page` cites, each once, in the order of `sort` (one of `SORTS`).

    Only citations with one certain source count; ambiguous and unmatched ones are findings, not entries. Sources that
    are certainly the same work share an entry: a page may link a summary page and cite the same paper from a BibTeX
    file.
    """
    certain = [*_listed(page, cited)]
    # Works that the text cites come first, then those that only the front matter names.
    certain.sort(key=lambda pair: (pair[0].kind == NOCITE, pair[0].span))
    sources = {identity(source): source for _citation, source in reversed(certain)}
    works = group_surely([*reversed(sources.values())])
    work_of = {identity(source): number for number, work in enumerate(works) for source in work}
    groups: dict[int, list[tuple[Citation, Source]]] = {}
    for citation, source in certain:
        groups.setdefault(work_of[identity(source)], []).append((citation, source))
    entries = [_entry(page, group) for group in groups.values() if not _is_own(page, group)]
    titles = Counter(_folded(title_of(entry.source)) for entry in entries)
    entries = [replace(entry, has_namesake=titles[_folded(title_of(entry.source))] > 1) for entry in entries]
    return tuple(sorted(entries, key=lambda entry: _rank(entry.source, sort)))  # stable: then by appearance


def cites_sources(page: Page, cited: Sequence[Cited]) -> bool:
    """Say whether a page has something to list."""
    return bool(collect_entries(page, cited, "appearance"))


def _listed(page: Page, cited: Sequence[Cited]) -> Iterator[tuple[Citation, Source]]:
    """Yield the certain citations of the text, without addresses in a hand-written list of sources."""
    lists: list[SourceList] | None = None
    for one in cited:
        if not isinstance(one.resolution, Found):
            continue
        if one.citation.kind == "url":
            lists = [*find_own_lists(page, cited)] if lists is None else lists
            if any(own.start <= one.citation.span.start < own.end for own in lists):
                continue
        yield one.citation, one.resolution.target


def _is_own(page: Page, group: Sequence[tuple[Citation, Source]]) -> bool:
    """Say whether the page is the note on this work: a note lists what it cites, not itself."""
    return any(source.note == page.path for _citation, source in group)


def _entry(page: Page, group: Sequence[tuple[Citation, Source]]) -> Entry:
    # A bibliography entry has the work's own title; a note about it may have another one.
    best = min((source for _citation, source in group), key=lambda one: (not address_of(one), bool(one.note)))
    # If the text cites a source, the front matter is not mentioned.
    told = [citation for citation, _source in group if citation.kind != NOCITE] or [group[0][0]]
    note = next((source.note for _citation, source in group if source.note), "")
    return Entry(best, _forms(page, told, best), note)


def _rank(source: Source, sort: str) -> tuple[object, ...]:
    author = tuple(_folded(f"{name.family} {name.given}") for name in source.names)
    year = (source.years[0], source.suffix) if source.years else ("~", "")
    title = _folded(title_of(source))
    if sort == "author":
        return (not author, author, year, title, source.key)
    if sort == "year":
        return (year, author, title, source.key)
    return (title, author, year, source.key) if sort == "title" else ()


def _folded(text: str) -> str:
    bare = "".join(char for char in unicodedata.normalize("NFKD", squeeze(text)) if not unicodedata.combining(char))
    return bare.casefold()


_BRACKETS = {"(": ")", "[": "]", "（": "）", "【": "】"}
_MAX_LOOK_BACK = 300  # an opening bracket is searched within so many characters
_MAX_FORM = 120  # characters; a form is there to be recognised, not read


def _forms(page: Page, citations: Sequence[Citation], source: Source) -> tuple[str, ...]:
    """Return the Markdown of the ways in which the page refers to a source.

    Those that differ only in brackets count once. A year alone or a DOI does not name a work: it counts only if there
    is nothing else, and is then put in words.
    """
    telling = [one for one in citations if not (_is_doi(one) or _BARE_YEAR.fullmatch(one.text))]
    forms: dict[str, str] = {}
    for citation in telling:
        form = _form(page, citation)
        forms.setdefault(form if form.startswith("`") else _BRACKETS_AND_BLANKS.sub("", form), form)
    if forms:
        return tuple(forms.values())
    if all(map(_is_doi, citations)):
        return (DOI_FORM,)
    by = escape(squeeze(f"{authors_of(source)} {year_of(source)}"))
    return (by or _form(page, citations[0]),)


def _is_doi(citation: Citation) -> bool:
    return citation.kind == "url" and _DOI.match(citation.text.strip()) is not None


_BARE_YEAR = re.compile(r"[\s(\[（【]*(?:1[0-9]|20)\d\d[a-z]?[\s)\]）】]*")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?10\.\d{4,9}/", re.IGNORECASE)
_BRACKETS_AND_BLANKS = re.compile(r"[\\()\[\]（）【】\s]+")


def _form(page: Page, citation: Citation) -> str:
    """Return the Markdown of one way to refer to a source, as a reader of the page would recognise it."""
    if citation.kind == "note" or (citation.note and not citation.names):
        target = _cut(citation.note or citation.text)
        return code_span(target if target.startswith("[[") else f"[[{target}]]")
    text = _cut(readable(citation.text[:1000]))
    if citation.kind in ("key", "url", "footnote", NOCITE):
        return code_span(text or _cut(citation.key or citation.url))
    for opening, closing in _BRACKETS.items():
        if text.count(opening) == text.count(closing) + 1:  # "Hubinger et al. (Risks …, 2019" lost its bracket
            text += closing
    opening = "" if citation.narrative or citation.kind == "mention" else _bracket_around(page, citation)
    if not opening or text[:1] in _BRACKETS:
        return escape(text)
    return escape(f"{opening}{text}{_BRACKETS[opening]}")


def _bracket_around(page: Page, citation: Citation) -> str:
    """Return the opening bracket around the citation, "" if there is none; looks back a limited distance."""
    if citation.group is not None:
        opening = page.text[citation.group.start : citation.group.start + 1]
        return opening if opening in _BRACKETS else "("
    before = page.text[max(0, citation.span.start - _MAX_LOOK_BACK) : citation.span.start]
    closed = 0
    for char in reversed(re.split(r"(?:\r\n|\n|\r)[ \t]*(?:\r\n|\n|\r)", before)[-1]):
        if char in _BRACKETS.values():
            closed += 1
        elif char in _BRACKETS and closed:
            closed -= 1
        elif char in _BRACKETS:
            return char
    return ""


def _cut(text: str) -> str:
    line = squeeze(text)
    return line if len(line) <= _MAX_FORM else line[: _MAX_FORM - 1].rstrip() + "…"
