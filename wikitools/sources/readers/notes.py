"""Source notes: pages of the wiki that are, or describe, a work that others cite."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wikitools.sources.readers.note_fields import DECLARED, TELLING, TITLES, names_in_name, own_source, years_in_name
from wikitools.sources.same_work import same_work
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.markdown.page import Page, Problem
    from wikitools.sources.source import Source

_FENCE = re.compile(
    r"^([ \t>]*+)(`{3,}+|~{3,}+)[ \t]*+\{?\.?(?:bibtex|biblatex|bib)\b[^\n]*+\n", re.IGNORECASE | re.MULTILINE
)
_OPENINGS = tuple((marks, re.compile(rf"{marks}[ \t]*\{{?\.?[bB].[bB]")) for marks in ("```", "~~~"))
"""What fences begin with; led by letters of its own, which is quick to look for. The dot is a letter i of any kind."""
_QUOTE_MARKS = re.compile(r"^[ \t]*+>[ \t>]*+", re.MULTILINE)
_UNREADABLE = ("unreadable-page", "invalid-front-matter")


def read_note(page: Page) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return the sources that a page carries, and the problems: the work it describes, BibTeX in its code fences.

    A page describes a work when its front matter has a citation key, a DOI, an arXiv id, a web address (under the names
    in `URLS`), authors with a year, a book and a chapter in it, or when it is named `@key` or says `type: source`
    (then lines such as `*authors:* …` and rows of a table at its head count, too). An ordinary page with a title and a
    date does not, nor does one whose `source:` is a wikilink or prose. The key is the citation key, else the file's
    name without `@`; `note` is the page's path; the span is the front matter's. If a fence holds just that work, the
    two are one source, placed at the entry. A front matter list `references:` (Pandoc's) is read as CSL.
    """
    # What kept the page from being read is reported elsewhere; here it matters that it may have been a source.
    problems = [replace(each, kind="lost-source") for each in page.problems if each.kind in _UNREADABLE]
    own = own_source(page, problems)
    fenced = _fenced(page, problems)
    sources: list[Source] = []
    if own is not None:
        same = [source for source in fenced if own.key == source.key or same_work(own, source)]
        if not same and len(fenced) == 1 and not _contradicts(own, fenced[0]):
            same = fenced
        if same:
            merged = _merged(own, same[0])
            fenced = [merged if source is same[0] else source for source in fenced]
        else:
            sources.append(own)
    elif len(fenced) == 1:
        fenced = [replace(fenced[0], note=page.path)]
    described = [_called(source, page) for source in (*sources, *fenced)]
    return (*described, *_references(page)), tuple(problems)


def _called(source: Source, page: Page) -> Source:
    """Return the work of a note with the name that the file's name gives it, where its first author is another.

    `treutlein-et-al-2025.md` is called so by who wrote it, whoever stands first on the title page.
    """
    names, others = names_in_name(page.name) if source.note == page.path else ((), False)
    years = years_in_name(page.name)[0]
    if not (others and years and source.names) or _plain(names[0].family) == _plain(source.names[0].family):
        return source
    alias = f"{names[0].family} et al. {years[-1]}"
    return replace(source, aliases=tuple(dict.fromkeys((*source.aliases, alias))))


_HEAD_KEY = re.compile(rb"^[\"' ]*([a-z][a-z_ -]*?)[\"']?[ \t]*:", re.MULTILINE)
_DECLARED = re.compile(
    rb"^[\"' ]*type[\"']?[ \t]*:[ \t\"']*(?:%s)\b" % b"|".join(sorted(name.encode() for name in DECLARED)), re.MULTILINE
)
_TELLING_KEYS = frozenset(name.encode() for name in (*TELLING, "references"))
_OPENINGS_IN_BYTES = tuple((marks.encode(), re.compile(opening.pattern.encode())) for marks, opening in _OPENINGS)


def may_carry_sources(path: str, data: bytes) -> bool:
    """Say whether `read_note` may find sources on the page with these bytes; quick, and no more than a guess.

    It errs where names in the front matter are written in odd ways.
    """
    if path.rpartition("/")[2].startswith("@"):
        return True
    if any(marks in data and opening.search(data) for marks, opening in _OPENINGS_IN_BYTES):
        return True
    if not data.startswith((b"---", b"\xef\xbb\xbf---")):
        return False
    end = data.find(b"\n---", 3)
    head = data[: end if end >= 0 else len(data)].lower()
    return not _TELLING_KEYS.isdisjoint(_HEAD_KEY.findall(head)) or _DECLARED.search(head) is not None


def read_note_alone(path: str, data: bytes) -> tuple[Source, ...]:
    """Return the sources that `read_note` finds on the page with these bytes, reading no more of it than that takes."""
    from wikitools.markdown.frontmatter import read_front_matter
    from wikitools.markdown.page import Heading, Page
    from wikitools.markdown.parse import decode, parse, read

    text = decode(data)[0]
    fields, span, _wikilinks, _weblinks, _problems = read_front_matter(path, text)
    page = Page(path=path, text=text, front_matter=fields, front_matter_span=span)
    if not any(name.strip().lower() in TITLES for name in fields):
        # Its title is a heading: mostly the first line, which can be read by itself unless it has a link or the like.
        line = _FIRST_LINE.match(text, span.end if span is not None else 0)
        if line is None:
            page = read(path, data)
        elif _PLAIN_LINE.fullmatch(line[1]):
            # Nothing in it can be markup.
            title = Heading(Span(path, *line.span(1)), 1, " ".join(line[1][1:].split()))
            page = replace(page, headings=(title,))
        else:
            page = replace(page, headings=parse(path, line[1]).headings)
    return read_note(page)[0]


_FIRST_LINE = re.compile(r"(?:[ \t]*\r?\n)*+(# [^\r\n\[<%$`{]*+)(?=\r?\n|\Z)")
_PLAIN_LINE = re.compile(r"# (?:[^#*_\\&~=^|@/]++|/(?!/)|& )*+")


def _fenced(page: Page, problems: list[Problem]) -> list[Source]:
    """Read the BibTeX in the page's code fences, at its place."""
    text = page.text.replace("\r\n", " \n").replace("\r", "\n") if "\r" in page.text else page.text
    if not any(marks in text and opening.search(text) for marks, opening in _OPENINGS):
        return []
    sources: list[Source] = []
    at = 0
    for start, end in _fences(text):
        if start < at:
            continue
        at = end
        from wikitools.sources.readers.bibtex import read_bibtex

        body = _QUOTE_MARKS.sub(lambda match: " " * len(match.group()), text[start:end])
        found, wrong = read_bibtex(page.path, body)
        sources += [replace(source, span=_moved(source.span, start)) for source in found]
        problems += [replace(problem, span=_moved(problem.span, start)) for problem in wrong]
    return sources


def _fences(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    while (opening := _FENCE.search(text, at)) is not None:
        mark = opening.group(2)
        closing = re.compile(rf"^[ \t>]*+{mark[0]}{{{len(mark)},}}[ \t]*+$", re.MULTILINE).search(text, opening.end())
        end = closing.start() if closing else len(text)
        yield opening.end(), end
        at = closing.end() if closing else len(text)


def _moved(span: Span, by: int) -> Span:
    return Span(span.path, span.start + by, span.end + by)


def _contradicts(own: Source, other: Source) -> bool:
    """Say whether the one entry in a fence is another work than the page's own."""
    if (own.doi and other.doi) or (own.arxiv and other.arxiv):
        # The same ones were found before.
        return True
    in_name, _others = names_in_name(own.note.rpartition("/")[2].removesuffix(".md"), own.title)
    said = own.names != in_name  # a file may be named after any of its authors
    if said and own.names and other.names and _plain(own.names[0].family) != _plain(other.names[0].family):
        return True
    return bool(own.years and other.years and not set(own.years) & set(other.years))


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def _merged(own: Source, entry: Source) -> Source:
    """Join front matter with the entry in a fence: the entry is the fuller record, the note knows its own names."""
    given_key = own.key != own.note.rpartition("/")[2].removesuffix(".md").lstrip("@")
    key = own.key if given_key else entry.key or own.key
    fields = {**own.fields, **entry.fields}
    if key != own.key:
        fields.setdefault("ids", own.key)
    return replace(
        entry,
        key=key,
        names=entry.names or own.names,
        years=tuple(dict.fromkeys((*entry.years, *own.years))),
        suffix=entry.suffix or own.suffix,
        title=entry.title or own.title,
        url=own.url or entry.url,
        doi=entry.doi or own.doi,
        arxiv=entry.arxiv or own.arxiv,
        note=own.note,
        aliases=tuple(dict.fromkeys((*own.aliases, *entry.aliases))),
        kind=entry.kind or own.kind,
        fields=fields,
    )


def _references(page: Page) -> list[Source]:
    """Read a page's own `references:` as Pandoc does: a list of CSL items in the front matter."""
    field = page.front_matter.get("references")
    if field is None or not isinstance(field.value, list):
        return []
    from wikitools.sources.readers.csl import read_csl_item

    return [read_csl_item(item, field.span) for item in field.value if isinstance(item, dict) and item.get("id")]
