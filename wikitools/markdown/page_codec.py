"""Pages as plain data and back: lists, numbers and strings, without the text, for the cache and between processes."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

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
    from collections.abc import Callable, Sequence

    from wikitools.markdown.page import HeadingRow, LinkRow, Mark, Value

PackedValue: TypeAlias = "str | int | float | tuple[PackedValue, ...] | None"
"""A front matter value. Lists and so on are tuples, whose first member says which."""
PackedMark: TypeAlias = "Sequence[str | int]"
"""The fields of a mark in order, each span as its start and its end."""
ProblemRow = tuple[int, int, str, str]
"""Start and end of its span, kind, message."""


class PackedPage(NamedTuple):
    """Everything on a page but its path and its text. Spans have no path: it is that of the page."""

    masked: Sequence[int]
    """Starts and ends in turn."""
    front_matter: Sequence[tuple[str, PackedValue, int, int]]
    """Name, value, start and end of each field."""
    front_matter_span: tuple[int, int] | None
    headings: Sequence[HeadingRow]
    links: Sequence[LinkRow]
    marks: Sequence[Sequence[PackedMark]]
    """Those of each kind, in the order of `MARKS`."""
    problems: Sequence[ProblemRow]
    wrapped: Sequence[LinkRow]
    html_headings: Sequence[HeadingRow]
    dialect: tuple[str, bool]


class NotPlainError(ValueError):
    """A front matter value has a type that cannot be packed."""


def pack_page(page: Page) -> PackedPage:
    """Return everything on a page but its path and its text. Raises `NotPlainError`.

    All spans on a page have its path, so they are packed as two numbers.
    """
    head = page.front_matter_span
    return PackedPage(
        masked=[place for pair in page.masked for place in pair],
        front_matter=[
            (name, pack_value(field.value), field.span.start, field.span.end)
            for name, field in page.front_matter.items()
        ],
        front_matter_span=None if head is None else (head.start, head.end),
        headings=heading_rows_of(page.headings),
        links=rows_of(page.links),
        marks=[list(map(_pack_mark, getattr(page, name))) for name in MARKS],
        problems=[(each.span.start, each.span.end, each.kind, each.message) for each in page.problems],
        wrapped=rows_of(page.wrapped),
        html_headings=[heading_row(each) for each in page.html_headings],
        dialect=(page.dialect.maker, page.dialect.links_first),
    )


def unpack_page(path: str, text: str, packed: PackedPage) -> Page:
    """Return the page that was packed; `text` is the text that it had."""
    head, masked = packed.front_matter_span, packed.masked
    # The fields of marks follow from `MARKS`, where mypy cannot look.
    make: Callable[..., Page] = Page
    return make(
        path=path,
        text=text,
        masked=tuple(zip(masked[::2], masked[1::2], strict=True)),
        front_matter={
            name: Field(unpack_value(value), Span(path, start, end)) for name, value, start, end in packed.front_matter
        },
        front_matter_span=None if head is None else Span(path, *head),
        headings=headings_of(path, packed.headings),
        links=links_of(path, packed.links),
        **{
            name: tuple(_unpack_mark(kind, path, each) for each in found)
            for (name, kind), found in zip(MARKS.items(), packed.marks, strict=True)
        },
        problems=tuple(Problem(Span(path, start, end), kind, message) for start, end, kind, message in packed.problems),
        wrapped=tuple(link for link in links_of(path, packed.wrapped) if isinstance(link, Wikilink)),
        html_headings=tuple(headings_of(path, packed.html_headings)),
        dialect=Dialect(*packed.dialect),
    )


def anchors_in(packed: PackedPage) -> tuple[list[tuple[int, int, str, tuple[str, ...]]], tuple[str, ...]]:
    """Return what links to a packed page can name: headings (length in the text, level, words, ids), and other ids."""
    marks = dict(zip(MARKS, packed.marks, strict=True))
    names = [str(name) for _start, _end, name in (*marks["block_ids"], *marks["html_ids"])]
    headings = [(end - start, level, shown, tuple(ids)) for start, end, level, shown, ids in packed.headings]
    return headings, (*names, *map(repr, ranked(packed.headings, packed.html_headings)))


_fields_of: dict[type[Mark], tuple[tuple[str, bool], ...]] = {}


def _fields(kind: type[Mark]) -> tuple[tuple[str, bool], ...]:
    """Return the fields of a kind of marks, in order, each with whether it is a span."""
    found = _fields_of.get(kind)
    if found is None:
        found = _fields_of[kind] = tuple((each.name, each.type == "Span") for each in fields(kind))
    return found


def _pack_mark(mark: Mark) -> list[str | int]:
    packed: list[str | int] = []
    for name, is_span in _fields(type(mark)):
        value = getattr(mark, name)
        packed += (value.start, value.end) if is_span else (value,)
    return packed


def _unpack_mark(kind: type[Mark], path: str, packed: PackedMark) -> Mark:
    make: Callable[..., Mark] = kind
    values = iter(packed)
    return make(
        *(Span(path, int(next(values)), int(next(values))) if span else next(values) for _name, span in _fields(kind))
    )


_AS_THEY_ARE = (str, bool, float)
_LARGEST = 2**63
_LIST, _DICT, _DATE, _MOMENT, _NUMBER = range(5)


def pack_value(value: Value) -> PackedValue:
    """Return a front matter value as plain data. Raises `NotPlainError` for types that front matter cannot contain."""
    if value is None or isinstance(value, _AS_THEY_ARE):
        return value
    if isinstance(value, int):
        return value if -_LARGEST <= value < _LARGEST else (_NUMBER, hex(value))
    if isinstance(value, list):
        return (_LIST, *map(pack_value, value))
    if isinstance(value, dict):
        return (_DICT, *((key, pack_value(each)) for key, each in value.items()))
    if isinstance(value, datetime):
        return _MOMENT, value.isoformat()
    if isinstance(value, date):
        return _DATE, value.isoformat()
    raise NotPlainError(f"a value of the type {type(value).__name__}")


def unpack_value(packed: PackedValue) -> Value:
    """Return the value that was packed."""
    if not isinstance(packed, tuple):
        return packed
    kind, *rest = packed
    if kind == _LIST:
        return list(map(unpack_value, rest))
    if kind == _DICT:
        pairs = (each for each in rest if isinstance(each, tuple))
        return {str(key): unpack_value(value) for key, value in pairs}
    written = str(rest[0])
    if kind == _DATE:
        return date.fromisoformat(written)
    return datetime.fromisoformat(written) if kind == _MOMENT else int(written, 16)
