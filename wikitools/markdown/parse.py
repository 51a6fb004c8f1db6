"""Parses Markdown to a `Page`: front matter, blocks, and the links and marks inside, each with its exact span."""

from __future__ import annotations

import bisect
import codecs
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wikitools.markdown.attribute_ids import attribute_ids
from wikitools.markdown.dialects import PLAIN
from wikitools.markdown.frontmatter import begin_of, read_front_matter
from wikitools.markdown.html_headings import html_headings
from wikitools.markdown.page import MARKS, Page, PageLink, Problem, headings_of, link_row, links_of
from wikitools.markdown.reader import heading_text, read_text
from wikitools.markdown.wiki_syntax import Ranges
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wikitools.markdown.dialects import Dialect


def read(path: str, data: bytes, dialect: Dialect = PLAIN) -> Page:
    """Read one file, written in a dialect (see `dialects.py`).

    Offsets count code points of the decoded text; a byte order mark is kept as U+FEFF.

    Invalid UTF-8, UTF-16 and NUL give a `Problem("unreadable-page")` at their first place; the page is then read from
    a lossy decoding, so that links to it still find its headings.
    """
    text, problem = decode(data)
    page = parse(path, text, dialect)
    if problem is None:
        return page
    start, end, message = problem
    return _with_problem(page, Problem(Span(path, start, end), "unreadable-page", message))


def decode(data: bytes) -> tuple[str, tuple[int, int, str] | None]:
    """Return the text of a file, and where and why it is not valid UTF-8 (see `read`)."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace"), (0, 0, "the file is UTF-16; save it as UTF-8")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", errors="replace")
        place = len(data[: error.start].decode("utf-8"))
        return text, (place, place + 1, f"byte 0x{data[error.start]:02x} is not valid UTF-8")
    if b"\0" not in data:
        return text, None
    place = text.index("\0")
    return text, (place, place + 1, "the file contains a NUL character")


def parse(path: str, text: str, dialect: Dialect = PLAIN) -> Page:
    """Read the text of one page. Never raises; takes time linear in the length of `text`."""
    page = _parse(path, text, dialect)
    return page if dialect == PLAIN else _in_dialect(page, dialect)


def _in_dialect(page: Page, dialect: Dialect) -> Page:
    """Return a page with the ids in braces, if its dialect has them."""
    ids = attribute_ids(page, dialect.maker) if dialect.maker else ()
    return replace(page, dialect=dialect, html_ids=(*page.html_ids, *ids))


def _parse(path: str, text: str, dialect: Dialect) -> Page:
    fields, head, wikilinks, weblinks, problems = read_front_matter(path, text)
    found = read_text(path, text, begin_of(text, head), dialect)
    in_head: list[PageLink] = sorted((*wikilinks, *weblinks), key=lambda link: (link.span.start, link.span.end))
    ranges = tuple(Ranges(found.masked if head is None else [*found.masked, (head.start, head.end)]).pairs())
    # The fields of marks follow from `MARKS`, where mypy cannot look.
    make: Callable[..., Page] = Page
    return make(
        path=path,
        text=text,
        masked=ranges,
        front_matter=fields,
        front_matter_span=head,
        headings=headings_of(path, found.headings),
        links=links_of(path, [*map(link_row, in_head), *found.links]),
        **{name: tuple(getattr(found, name)) for name in MARKS},
        wrapped=tuple(found.wrapped),
        html_headings=tuple(html_headings(path, text, found.heading_tags, heading_text)),
        problems=(*problems, *_conflicts(path, text, ranges)),
    )


def _with_problem(page: Page, problem: Problem) -> Page:
    return replace(page, problems=(problem, *page.problems))


_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})(?=[ \t\r\n]|\Z)", re.MULTILINE)


def _conflicts(path: str, text: str, masked: tuple[tuple[int, int], ...]) -> Iterator[Problem]:
    """Yield a problem for each unfinished merge: git's three conflict markers, in their order, outside of code."""
    if "<<<<<<<" not in text:
        return
    opened: Span | None = None
    divided = False
    for match in _CONFLICT.finditer(text):
        index = bisect.bisect_right(masked, (match.start(), len(text) + 1)) - 1
        if index >= 0 and match.start() < masked[index][1]:
            continue
        if match[0][0] == "<":
            opened, divided = Span(path, match.start(), match.end()), False
        elif match[0][0] == "=":
            divided = opened is not None
        elif opened is not None and divided:
            yield Problem(opened, "conflict-marker", "unfinished merge: the text contains git's conflict markers")
            opened = None
