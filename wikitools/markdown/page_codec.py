"""Pages as plain data and back: lists, numbers and strings, without the text, for the cache and between processes."""

from __future__ import annotations

from datetime import date, datetime
from itertools import starmap
from typing import TYPE_CHECKING, Any

from wikitools.markdown.dialects import Dialect
from wikitools.markdown.page import (
    BlockId,
    Comment,
    Field,
    FootnoteDefinition,
    FootnoteReference,
    HtmlId,
    Page,
    Problem,
    ReferenceDefinition,
    UndefinedReference,
    Wikilink,
    heading_row,
    heading_rows_of,
    headings_of,
    links_of,
    ranked,
    rows_of,
)
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Data = Any
"""What msgpack and JSON can hold; tuples may come back as lists."""


class NotPlainError(ValueError):
    """A value in a front matter is none of those that can be packed."""


def pack_page(page: Page) -> list[Data]:
    """Return everything on a page but its path and its text. Raises `NotPlainError`.

    All places on a page lie on that page, so spans are two numbers.
    """
    head = page.front_matter_span
    return [
        [place for pair in page.masked for place in pair],
        [
            [name, pack_value(field.value), field.span.start, field.span.end]
            for name, field in page.front_matter.items()
        ],
        None if head is None else (head.start, head.end),
        heading_rows_of(page.headings),
        rows_of(page.links),
        [
            (each.span.start, each.span.end, each.label, each.key, each.url, each.url_span.start, each.url_span.end)
            for each in page.definitions
        ],
        [(each.span.start, each.span.end, each.label) for each in page.undefined],
        [(each.span.start, each.span.end, each.name) for each in page.footnotes],
        [
            (each.span.start, each.span.end, each.name, each.body.start, each.body.end)
            for each in page.footnote_definitions
        ],
        [(each.span.start, each.span.end, each.name) for each in page.block_ids],
        [(each.span.start, each.span.end, each.name) for each in page.html_ids],
        [(each.span.start, each.span.end, each.text) for each in page.comments],
        [(each.span.start, each.span.end, each.kind, each.message) for each in page.problems],
        rows_of(page.wrapped),
        [heading_row(each) for each in page.html_headings],
        tuple(page.dialect),
    ]


def unpack_page(path: str, text: str, data: Sequence[Data]) -> Page:
    """Return the page that was packed; `text` is its text, as it was then."""
    (
        masked,
        fields,
        head,
        headings,
        links,
        definitions,
        undefined,
        footnotes,
        footnote_definitions,
        block_ids,
        html_ids,
        comments,
        problems,
        wrapped,
        html_headings,
        dialect,
    ) = data
    return Page(
        path=path,
        text=text,
        masked=tuple(zip(masked[::2], masked[1::2], strict=True)),
        front_matter={name: Field(unpack_value(value), Span(path, start, end)) for name, value, start, end in fields},
        front_matter_span=None if head is None else Span(path, *head),
        headings=headings_of(path, headings),
        links=links_of(path, links),
        definitions=tuple(
            ReferenceDefinition(Span(path, start, end), label, key, url, Span(path, first, last))
            for start, end, label, key, url, first, last in definitions
        ),
        undefined=_unpack_marks(UndefinedReference, path, undefined),
        footnotes=_unpack_marks(FootnoteReference, path, footnotes),
        footnote_definitions=tuple(
            FootnoteDefinition(Span(path, start, end), name, Span(path, first, last))
            for start, end, name, first, last in footnote_definitions
        ),
        block_ids=_unpack_marks(BlockId, path, block_ids),
        html_ids=_unpack_marks(HtmlId, path, html_ids),
        comments=_unpack_marks(Comment, path, comments),
        problems=tuple(Problem(Span(path, start, end), kind, message) for start, end, kind, message in problems),
        wrapped=tuple(link for link in links_of(path, wrapped) if isinstance(link, Wikilink)),
        html_headings=tuple(headings_of(path, html_headings)),
        dialect=Dialect(*dialect),
    )


def anchors_in(data: Sequence[Data]) -> tuple[list[tuple[int, int, str, tuple[str, ...]]], tuple[str, ...]]:
    """Return what links to a packed page can name: headings (length in the text, level, words, ids), and other ids."""
    headings = [(end - start, level, shown, tuple(ids)) for start, end, level, shown, ids in data[3]]
    names = [name for _start, _end, name in (*data[9], *data[10])]
    return headings, (*names, *map(repr, ranked(data[3], data[14])))


def _unpack_marks(kind: Any, path: str, marks: Iterable[Sequence[Data]]) -> tuple[Any, ...]:
    return tuple(kind(Span(path, start, end), name) for start, end, name in marks)


_LARGEST = 2**63
_LIST, _DICT, _DATE, _MOMENT, _NUMBER = range(5)


def pack_value(value: Any) -> Data:
    """Return a value of a front matter as plain data. Raises `NotPlainError` for what no front matter holds."""
    kind = type(value)
    if value is None or kind in {str, bool, float}:
        return value
    if kind is int:
        return value if -_LARGEST <= value < _LARGEST else (_NUMBER, hex(value))
    if kind is list:
        return (_LIST, *map(pack_value, value))
    if kind is dict:
        return (_DICT, *((pack_value(key), pack_value(each)) for key, each in value.items()))
    if kind is datetime:
        return _MOMENT, value.isoformat()
    if kind is date:
        return _DATE, value.isoformat()
    raise NotPlainError(f"a value of the type {kind.__name__}")


def unpack_value(data: Data) -> Any:
    """Return the value that was packed."""
    if not isinstance(data, tuple | list):
        return data
    kind, *rest = data
    if kind == _LIST:
        return list(map(unpack_value, rest))
    if kind == _DICT:
        return dict(starmap(_pair, rest))
    if kind == _DATE:
        return date.fromisoformat(rest[0])
    return datetime.fromisoformat(rest[0]) if kind == _MOMENT else int(rest[0], 16)


def _pair(key: Data, value: Data) -> tuple[Any, Any]:
    return unpack_value(key), unpack_value(value)
