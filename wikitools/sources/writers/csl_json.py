"""Writes a new item of a CSL-JSON file in the form of the existing ones."""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from wikitools.sources.identifiers import doi_address
from wikitools.sources.writers.entry_habits import NameHabits, line_end, most, ordered, placed, position
from wikitools.sources.writers.write_error import CannotWriteError
from wikitools.text import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wikitools.sources.names import Name
    from wikitools.sources.record import Record
    from wikitools.sources.source import Source

USUAL = (
    "id citation-key type title container-title publisher volume issue page number author editor issued DOI URL ISBN"
).split()


def insertion(path: str, text: str, sources: Sequence[Source], record: Record, key: str) -> Edit:
    """Return the edit that adds the item of a work where it belongs."""
    items = [_item_of(text, source) for source in sources]
    shapes = [list(item) for item in items]
    item = csl_item(record, key, items, NameHabits(sources))
    item = {name: item[name] for name in ordered(item, shapes, USUAL)}
    ascii_only = text.isascii() and "\\u" in text
    place = position(sources, record.as_source(key))
    if not sources:
        return _first(path, text, item)
    shown = _Shape(text, sources)
    written = shown.dumped(item, ascii_only=ascii_only)
    if place == 0:
        start = sources[0].span.start
        return Edit(Span(path, start, start), f"{written},{shown.gap}")
    end = sources[place - 1].span.end
    return Edit(Span(path, end, end), f",{shown.gap}{written}")


def completion(path: str, text: str, sources: Sequence[Source], source: Source, record: Record) -> Edit:
    """Return the edit that makes an item that of a record, in the layout of the others. Raises `CannotWriteError`.

    It keeps its id and its further fields, in their order.
    """
    old = _item_of(text, source)
    if len(_fields_of(source.span.of(text))) != len(old) or "id" not in old:
        # A field that is there twice would be lost.
        raise CannotWriteError("the entry cannot be read as it is")
    items = [_item_of(text, each) for each in sources]
    new = csl_item(record, source.key, items, NameHabits(sources)) | {"id": old["id"]}
    own = {name: value for name, value in old.items() if name not in _SUPERSEDED}
    whole = new | {name: value for name, value in own.items() if name not in new}
    item = {name: whole[name] for name in ordered(whole, [list(old), *map(list, items)], USUAL)}
    ascii_only = text.isascii() and "\\u" in text
    return Edit(source.span, _Shape(text, sources).dumped(item, ascii_only=ascii_only))


_SUPERSEDED = frozenset(
    "type genre title title-short author editor issued container-title container-title-short journalAbbreviation DOI"
    " collection-title publisher publisher-place volume issue page page-first number archive archive_location".split()
)
"""Fields of an incomplete item that the registry's take the place of."""


def doi_insertion(path: str, text: str, sources: Sequence[Source], source: Source, doi: str) -> Edit:
    """Return the edit that adds a DOI to an item, laid out as its other fields. Raises `CannotWriteError`."""
    written = source.span.of(text)
    fields = _fields_of(written)
    if not fields:
        raise CannotWriteError("the entry cannot be read as it is")
    names = [field.name for field in fields]
    at = max(1, placed("DOI", names, (list(_item_of(text, each)) for each in sources), USUAL))
    before, after = (fields[at - 1], fields[at]) if at < len(fields) else fields[-2:] if at > 1 else (fields[0],) * 2
    glue = written[before.end : after.start] if after is not before else ", "
    colon = most((field.colon for field in fields), ": ")
    start = source.span.start + fields[at - 1].end
    return Edit(Span(path, start, start), f'{glue}"DOI"{colon}{json.dumps(doi)}')


class _Field(NamedTuple):
    """A field of an item: where it starts and ends in the item, and what stands between its name and its value."""

    name: str
    start: int
    end: int
    colon: str


def _fields_of(item: str) -> list[_Field]:
    """Return the fields of an item in their order; none if it is not JSON."""
    decode = json.JSONDecoder().raw_decode
    found: list[_Field] = []
    at = 1
    try:
        while (opening := re.compile(r"[\s,]*(?=\")").match(item, at)) is not None:
            name, end = decode(item, opening.end())
            colon = re.compile(r"\s*:\s*").match(item, end)
            if colon is None:
                return []
            _value, at = decode(item, colon.end())
            found.append(_Field(name, opening.end(), at, colon[0]))
    except (ValueError, RecursionError):
        return []
    return found


class _Shape:
    """How items are laid out: on one line or several, and how deep."""

    def __init__(self, text: str, sources: Sequence[Source]) -> None:
        self._eol = line_end(text)
        first = sources[0].span
        line = text.rfind("\n", 0, first.start) + 1
        before = text[line : first.start]
        self._margin = before if not before.strip() else ""
        of_items = [each.span.of(text) for each in sources]
        inner = most((match[1] for each in of_items if (match := re.match(r"\{\s*\n([ \t]*)", each))), "")
        self._is_open = any("\n" in each for each in of_items)
        self._step: str | int = inner[len(self._margin) :] or 2
        self._colon = most((":" if re.search(r'"\s*:\S', each) else ": " for each in of_items), ": ")
        between = (text[one.span.end : other.span.start] for one, other in itertools.pairwise(sources))
        usual = f"{self._eol}{self._margin}" if self._is_open or not before.strip() else " "
        self.gap = most((gap.partition(",")[2] for gap in between if not gap.replace(",", "").strip()), usual)

    def dumped(self, item: Mapping[str, Any], *, ascii_only: bool) -> str:
        """Return an item as JSON in this layout; short lists stand on one line where they do in others."""
        if not self._is_open:
            comma = "," if self._colon == ":" else ", "
            return json.dumps(item, ensure_ascii=ascii_only, separators=(comma, self._colon))
        written = json.dumps(item, ensure_ascii=ascii_only, indent=self._step, separators=(",", self._colon))
        return written.replace("\n", f"{self._eol}{self._margin}")


def _first(path: str, text: str, item: Mapping[str, Any]) -> Edit:
    """Return the edit that puts the first item into an empty list, or an empty file."""
    eol = line_end(text)
    written = json.dumps([item], ensure_ascii=False, indent=2).replace("\n", eol)
    match = re.search(r"\[\s*\]", text)
    if match is not None:
        return Edit(Span(path, match.start(), match.end()), written)
    return Edit(Span(path, len(text), len(text)), f"{written}{eol}")


def _item_of(text: str, source: Source) -> dict[str, Any]:
    try:
        found = json.loads(source.span.of(text))
    except (ValueError, RecursionError):
        # Read all the same, with a problem; it is no model for others.
        return {}
    return found if isinstance(found, dict) else {}


def csl_item(record: Record, key: str, items: Sequence[Mapping[str, Any]], names: NameHabits) -> dict[str, Any]:
    """Return a work as CSL item: its fields those that such items have here, its date as theirs."""
    has = {name for item in items for name in item}
    item: dict[str, Any] = {"id": key, "type": record.kind or "document"}
    if "citation-key" in has:
        item["citation-key"] = key
    item["title"] = record.title
    for field, people in (("author", record.names), ("editor", record.editors)):
        if people:
            item[field] = [_person(name) for name in names.shown(people)[0]]
    more = (
        ("container-title", record.container),
        ("publisher", "" if record.arxiv and not record.container else record.publisher),
        ("volume", record.volume),
        ("issue", record.issue),
        ("page", record.pages),
        ("number", record.number or (f"arXiv:{record.arxiv}" if record.arxiv and not record.container else "")),
        ("ISBN", next(iter(record.isbn), "")),
    )
    item |= {name: value for name, value in more if value}
    own_doi = record.doi.startswith("10.48550/arxiv.")
    if record.doi and not (own_doi and "DOI" in has and not any("48550" in str(each.get("DOI", "")) for each in items)):
        item["DOI"] = record.doi
    if record.arxiv:
        item["URL"] = f"https://arxiv.org/abs/{record.arxiv}"
    elif sum("URL" in each for each in items) > len(items) / 2 or not record.doi:
        item["URL"] = doi_address(record.doi) if record.doi else record.url
    if record.years:
        item["issued"] = _issued(record, items)
    return {name: value for name, value in item.items() if value}


def _issued(record: Record, items: Sequence[Mapping[str, Any]]) -> Any:
    parts: list[Any] = list(record.date) if record.date and str(record.date[0]) == record.year else [int(record.year)]
    known = [item["issued"] for item in items if item.get("issued")]
    model = next(reversed(known), None)
    if isinstance(model, int):
        return int(record.year)
    if isinstance(model, str):
        return "-".join(f"{part:02}" for part in parts[: 1 + model.count("-")])
    if isinstance(model, dict) and "raw" in model and "date-parts" not in model:
        return {"raw": "-".join(f"{part:02}" for part in parts)}
    named = model[0] if isinstance(model, list) and model else model
    if isinstance(named, dict) and "year" in named and "date-parts" not in named:
        # Older CSL-YAML of pandoc.
        found = {name: part for name, part in zip(("year", "month", "day"), parts, strict=False) if name in named}
        return [found] if isinstance(model, list) else found
    dated = [each["date-parts"][0] for each in known if isinstance(each, dict) and _has_parts(each)]
    if dated and all(len(each) == 1 for each in dated):
        parts = parts[:1]
    if dated and all(isinstance(part, str) for each in dated for part in each):
        parts = [str(part) for part in parts]
    return {"date-parts": [parts]}


def _has_parts(issued: Mapping[str, Any]) -> bool:
    parts = issued.get("date-parts")
    return isinstance(parts, list) and bool(parts) and isinstance(parts[0], list) and bool(parts[0])


def _person(name: Name) -> dict[str, str]:
    if name.literal or not name.given:
        return {"literal": name.family}
    return {"family": name.family, "given": name.given} | ({"suffix": name.suffix} if name.suffix else {})
