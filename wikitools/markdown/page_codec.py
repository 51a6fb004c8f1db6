"""Pages as plain data and back: lists, numbers and strings, without the text, for the cache and between processes."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from functools import cache
from itertools import starmap
from typing import TYPE_CHECKING, Any

from wikitools.markdown.dialects import Dialect
from wikitools.markdown.page import (
    MARKS,
    Field,
    Page,
    Problem,
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
    from collections.abc import Sequence

Data = Any
"""What msgpack and JSON can hold; tuples may come back as lists."""


class NotPlainError(ValueError):
    """A front matter value has a type that cannot be packed."""


def pack_page(page: Page) -> list[Data]:
    """Return everything on a page but its path and its text. Raises `NotPlainError`.

    All spans on a page have its path, so they are packed as two numbers.
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
        [list(map(_pack_mark, getattr(page, name))) for name in MARKS],
        [(each.span.start, each.span.end, each.kind, each.message) for each in page.problems],
        rows_of(page.wrapped),
        [heading_row(each) for each in page.html_headings],
        tuple(page.dialect),
    ]


def unpack_page(path: str, text: str, data: Sequence[Data]) -> Page:
    """Return the page that was packed; `text` is the text that it had."""
    (
        masked,
        front,
        head,
        headings,
        links,
        marks,
        problems,
        wrapped,
        html_headings,
        dialect,
    ) = data
    return Page(
        path=path,
        text=text,
        masked=tuple(zip(masked[::2], masked[1::2], strict=True)),
        front_matter={name: Field(unpack_value(value), Span(path, start, end)) for name, value, start, end in front},
        front_matter_span=None if head is None else Span(path, *head),
        headings=headings_of(path, headings),
        links=links_of(path, links),
        **{
            name: tuple(_unpack_mark(kind, path, each) for each in found)
            for (name, kind), found in zip(MARKS.items(), marks, strict=True)
        },
        problems=tuple(Problem(Span(path, start, end), kind, message) for start, end, kind, message in problems),
        wrapped=tuple(link for link in links_of(path, wrapped) if isinstance(link, Wikilink)),
        html_headings=tuple(headings_of(path, html_headings)),
        dialect=Dialect(*dialect),
    )


def anchors_in(data: Sequence[Data]) -> tuple[list[tuple[int, int, str, tuple[str, ...]]], tuple[str, ...]]:
    """Return what links to a packed page can name: headings (length in the text, level, words, ids), and other ids."""
    marks = dict(zip(MARKS, data[_MARKS_AT], strict=True))
    names = [name for _start, _end, name in (*marks["block_ids"], *marks["html_ids"])]
    headings = [(end - start, level, shown, tuple(ids)) for start, end, level, shown, ids in data[_HEADINGS_AT]]
    return headings, (*names, *map(repr, ranked(data[_HEADINGS_AT], data[_HTML_HEADINGS_AT])))


_HEADINGS_AT, _MARKS_AT, _HTML_HEADINGS_AT = 3, 5, 8
"""The indices of these fields in a packed page."""


@cache
def _fields(kind: Any) -> tuple[tuple[str, bool], ...]:
    """Return the fields of a kind of marks, in order, each with whether it is a span."""
    return tuple((each.name, each.type == "Span") for each in fields(kind))


def _pack_mark(mark: Any) -> list[Data]:
    packed: list[Data] = []
    for name, is_span in _fields(mark.__class__):
        value = getattr(mark, name)
        packed += (value.start, value.end) if is_span else (value,)
    return packed


def _unpack_mark(kind: type, path: str, packed: Sequence[Data]) -> Any:
    values = iter(packed)
    return kind(*(Span(path, next(values), next(values)) if is_span else next(values) for _, is_span in _fields(kind)))


_LARGEST = 2**63
_LIST, _DICT, _DATE, _MOMENT, _NUMBER = range(5)


def pack_value(value: Any) -> Data:
    """Return a front matter value as plain data. Raises `NotPlainError` for types that front matter cannot contain."""
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
