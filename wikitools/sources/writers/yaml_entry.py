"""Writes a new entry of a YAML bibliography (CSL-YAML, Hayagriva) in the form of the existing ones."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

from wikitools.sources.readers.persons import read_name
from wikitools.sources.readers.yaml_entries import read_yaml
from wikitools.sources.writers.csl_json import USUAL, csl_item
from wikitools.sources.writers.entry_habits import NameHabits, insert_block, line_end, most, ordered, placed, position
from wikitools.sources.writers.write_error import CannotWriteError
from wikitools.text import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wikitools.sources.names import Name
    from wikitools.sources.record import Record
    from wikitools.sources.source import Source

_PLAIN = re.compile(r"[^\W\d_](?:[\w/.,()'’–—-]|[ ](?=[^\s#]))*", re.UNICODE)
_WORDS = frozenset("y n yes no true false on off null none".split())
_HAYAGRIVA_TYPES = {
    "article-journal": "article",
    "article": "article",
    "paper-conference": "article",
    "book": "book",
    "chapter": "chapter",
    "report": "report",
    "thesis": "thesis",
    "dataset": "repository",
    "software": "repository",
    "webpage": "web",
}
_HAYAGRIVA_PARENTS = {"article-journal": "periodical", "paper-conference": "proceedings", "chapter": "book"}
_HAYAGRIVA_USUAL = "type title author editor date publisher parent page-range serial-number url".split()


def csl_insertion(path: str, text: str, sources: Sequence[Source], record: Record, key: str) -> Edit:
    """Return the edit that adds a work to a CSL-YAML file: a list, alone or under `references:`."""
    items = _items(path, text)
    item = csl_item(record, key, items, NameHabits(sources))
    item = {name: item[name] for name in ordered(item, [list(each) for each in items], USUAL)}
    first = text.rfind("\n", 0, sources[0].span.start) + 1 if sources else 0
    dash = re.match(r"([ \t]*)-([ \t]+)", text[first:]) if sources else None
    margin, gap = (dash[1], dash[2]) if dash else ("", " ")
    form = _Form(text)
    is_flow = most((source.span.of(text).startswith("{") for source in sources), False)
    lines = [form.flow(item)] if is_flow else form.mapping(item)
    inner = f"{margin} {' ' * len(gap)}"
    block = "\n".join([f"{margin}-{gap}{lines[0]}", *(f"{inner}{line}" for line in lines[1:])])
    return _insert(path, text, sources, record, key, block, head="" if dash or not text.strip() else "references:\n")


def hayagriva_insertion(path: str, text: str, sources: Sequence[Source], record: Record, key: str) -> Edit:
    """Return the edit that adds a work to a Hayagriva file: a mapping of keys."""
    items = _items(path, text)
    entry = _hayagriva(record, NameHabits(sources), items)
    entry = {name: entry[name] for name in ordered(entry, [list(each) for each in items], _HAYAGRIVA_USUAL)}
    form = _Form(text)
    indent = most(re.findall(r"^\S[^\n]*:\n([ \t]+)\S", text, re.MULTILINE), "  ")
    if most((re.match(r"[^\n]*?:[ \t]+\{", source.span.of(text)) is not None for source in sources), False):
        block = f"{form.scalar(key)}: {form.flow(entry)}"
    else:
        block = "\n".join([f"{form.scalar(key)}:", *(f"{indent}{line}" for line in form.mapping(entry))])
    return _insert(path, text, sources, record, key, block)


def csl_doi_insertion(path: str, text: str, source: Source, doi: str) -> Edit:
    """Return the edit that adds a DOI to an item of a CSL-YAML file. Raises `CannotWriteError`."""
    # The span of an item begins behind its dash.
    indent = source.span.start - (text.rfind("\n", 0, source.span.start) + 1)
    shapes = [list(item) for item in _items(path, text)]
    return _field_edit(text, source.span, " " * indent, "DOI", f"DOI: {_Form(text).scalar(doi)}", shapes, USUAL)


def hayagriva_doi_insertion(path: str, text: str, source: Source, doi: str) -> Edit:
    """Return the edit that adds a DOI to an entry of a Hayagriva file, as serial number. Raises `CannotWriteError`."""
    written = source.span.of(text)
    head = re.match(r"[^\n]*:[ \t]*\r?\n([ \t]+)(?=[^\s#])", written)
    if head is None:
        raise CannotWriteError("its fields are not on lines of their own")
    line = f"doi: {_Form(text).scalar(doi)}"
    serial = re.search(rf"^{head[1]}serial-number:[ \t]*(\r?\n)({head[1]}[ \t]+)(?=[\w\"'-]+:)", written, re.MULTILINE)
    if serial is not None:
        start = source.span.start + serial.end(1)
        return Edit(Span(path, start, start), f"{serial[2]}{line}{serial[1]}")
    if re.search(rf"^{head[1]}serial-number:", written, re.MULTILINE):
        raise CannotWriteError("its serial-number is a single value")
    shapes = [list(item) for item in _items(path, text)]
    block = f"serial-number:{line_end(text)}{head[1]}  {line}"
    return _field_edit(text, source.span, head[1], "serial-number", block, shapes, _HAYAGRIVA_USUAL)


def _field_edit(  # noqa: PLR0917  # an entry, and what is written of it
    text: str, span: Span, indent: str, name: str, line: str, shapes: Sequence[Sequence[str]], usual: Sequence[str]
) -> Edit:
    """Return the edit that adds a field to an entry whose fields have this indent. Raises `CannotWriteError`."""
    line_start = text.rfind("\n", 0, span.start) + 1
    fields = [
        match
        for match in re.compile(rf"^(?:{indent}|[ \t]*- +)(?P<name>[\w-]+):(?=\s)", re.MULTILINE).finditer(
            text, line_start, span.end
        )
        if match.start("name") - match.start() == len(indent)
    ]
    if not fields or "\t" in indent:
        raise CannotWriteError("its fields are not on lines of their own")
    eol = line_end(text)
    at = max(1, placed(name, [field["name"] for field in fields], shapes, usual))
    if at < len(fields):
        start = fields[at].start()
        return Edit(Span(span.path, start, start), f"{indent}{line}{eol}")
    end = len(text[: span.end].rstrip())
    return Edit(Span(span.path, end, end), f"{eol}{indent}{line}")


def _items(path: str, text: str) -> list[dict[str, Any]]:
    parts, _problems = read_yaml(path, text, under=("references", "items"))
    return [part.value for part in parts if isinstance(part.value, dict)]


def _insert(  # noqa: PLR0917  # a file, a work, and what is written of it
    path: str, text: str, sources: Sequence[Source], record: Record, key: str, block: str, head: str = ""
) -> Edit:
    gaps = (text[one.span.end : other.span.start] for one, other in itertools.pairwise(sources))
    blank = most((gap.count("\n") - 1 for gap in gaps if "\n" in gap), 0)
    place = position(sources, record.as_source(key))
    if place == 0 and sources:
        # The span of an item begins behind its dash.
        place = len(sources) if sources[0].span.start != text.rfind("\n", 0, sources[0].span.start) + 1 else 0
    return insert_block(path, text, sources, place, f"{head}{block}", "\n" * (1 + max(0, blank)))


class _Form:
    """How values are written: quotes, indent, and lists and mappings on one line or several."""

    def __init__(self, text: str) -> None:
        quotes = re.findall(r"(?:^[ \t]*(?:- +)?|[{,] *)[\w-]+:[ \t]+([\"'])", text, re.MULTILINE)
        self._quote = most(quotes, '"')
        self._quotes_prose = _are_quoted(text, "title")
        self._quotes_words = _are_quoted(text, "type|family|given|publisher")
        people = re.findall(r"^[ \t]*- ([\"']?)[^\"'\n:,]+, [^\n:]*$", text, re.MULTILINE)
        self._quotes_people = most(map(bool, people), True)
        """Names like "Family, Given" are in quotes."""
        self._flow_lists = _count(r":[ \t]+\[", text) > _count(r":[ \t]*\n[ \t]*- ", text)
        nested = re.findall(r"^([ \t]+)(?:- +)?[\w-]+:[ \t]*\n(\1[ \t]+)[\w-]+:", text, re.MULTILINE)
        self._step = most((inner[len(outer) :] for outer, inner in nested if len(inner) - len(outer) < _WIDE), "  ")
        self._flow_mappings = _count(r"[\w-]:[ \t]+\{", text) > len(nested)
        deeper = (
            match[2][len(match[1]) :]
            for match in re.finditer(r"^([ \t]*)[\w-]+:[ \t]*\n([ \t]*)- ", text, re.MULTILINE)
        )
        self._indent = most(deeper, "")
        self._dash = most(re.findall(r"^[ \t]+-([ ]+)[\w-]+:", text, re.MULTILINE), " ")

    def mapping(self, values: Mapping[str, Any]) -> list[str]:
        """Return the lines of a mapping, without indent."""
        return [line for name, value in values.items() for line in self._field(name, value)]

    def flow(self, value: Any, name: str = "") -> str:
        """Return a value on one line: `{id: a, author: [{family: Doe}]}`."""
        if isinstance(value, dict):
            return f"{{{', '.join(f'{each}: {self.flow(inner, each)}' for each, inner in value.items())}}}"
        if isinstance(value, list):
            return f"[{', '.join(self.flow(each, name) for each in value)}]"
        return self.scalar(value, name=name, flow=True)

    def _field(self, name: str, value: Any) -> list[str]:
        if isinstance(value, dict):
            if self._flow_mappings:
                return [f"{name}: {self.flow(value)}"]
            return [f"{name}:", *(f"{self._step}{line}" for line in self.mapping(value))]
        if isinstance(value, list) and all(isinstance(each, list) for each in value):
            # The parts of a date.
            return [f"{name}:", *(f"{self._indent}-{self._dash}{self.flow(each, name)}" for each in value)]
        if isinstance(value, list):
            if self._flow_lists:
                return [f"{name}: {self.flow(value)}"]
            found = [f"{name}:"]
            for each in value:
                first, *rest = self.mapping(each) if isinstance(each, dict) else [self._item(each)]
                found.append(f"{self._indent}-{self._dash}{first}")
                found += [f"{self._indent} {' ' * len(self._dash)}{line}" for line in rest]
            return found
        return [f"{name}: {self.scalar(value, name=name)}"]

    def _item(self, value: Any) -> str:
        return self.scalar(value, name=_PERSON)

    def scalar(self, value: Any, *, name: str = "", flow: bool = False) -> str:
        """Return a value, in quotes where it would mean something else without, or where this file quotes such."""
        text = str(value)
        if isinstance(value, int):
            return text
        needed = _PLAIN.fullmatch(text) is None or text.casefold() in _WORDS
        if (_OF_NUMBERS if name in _NUMBERS else _OF_ADDRESSES).fullmatch(text):
            needed = False
        needed = needed or (flow and not {*",[]{}"}.isdisjoint(text))
        usual = self._quotes_prose if name in _PROSE else self._quotes_words if name in _QUOTED else False
        usual = usual or (name == _PERSON and self._quotes_people and "," in text)
        if not needed and not usual:
            return text
        if self._quote == "'" and "\\" not in text:
            doubled = text.replace("'", "''")
            return f"'{doubled}'"
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'


def _are_quoted(text: str, names: str) -> bool:
    """Say whether most values of fields with these names are in quotes."""
    found = re.findall(rf"(?:^[ \t]*|- +|[{{,] *)(?:{names}):[ \t]+([^\s>|{{\[])", text, re.MULTILINE)
    return 2 * sum(sign in "\"'" for sign in found) > len(found)


def _count(pattern: str, text: str) -> int:
    return len(re.findall(pattern, text))


_WIDE = 9
"""An indent of so many columns or more aligns something."""
_PERSON = "person"
_QUOTED = frozenset({"id", "type", "family", "given", "literal", "suffix", "publisher"})
_PROSE = frozenset({"title", "container-title"})
_NUMBERS = frozenset(
    {"date", "date-parts", "year", "month", "day", "issued", "volume", "issue", "number", "page", "page-range"}
)
_OF_ADDRESSES = re.compile(r"10\.\d{4,9}/\S*[^\s:]|https?://[^\s#]*[^\s#:]")
"""DOIs and addresses need no quotes."""
_OF_NUMBERS = re.compile(r"0|[1-9]\d{0,3}|\d{4}(?:-\d\d){1,2}|\d+-\d+")
"""Numbers and dates have none where a number is meant; with a zero in front, YAML reads another number (YAML 1.1)."""


def _hayagriva(record: Record, names: NameHabits, items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    people, _more = names.shown(record.names)
    editors, _more = names.shown(record.editors)
    lengths = [str(item["date"]).count("-") + 1 for item in items if item.get("date")]
    length = most(sorted(lengths, reverse=True), 3)
    date = record.date[:length] if record.date and str(record.date[0]) == record.year else ()
    parent = {
        "type": _HAYAGRIVA_PARENTS.get(record.kind, "periodical"),
        "title": record.container,
        "volume": _number(record.volume),
        "issue": _number(record.issue),
    }
    serial = {"doi": "" if record.doi.startswith("10.48550/") else record.doi, "arxiv": record.arxiv}
    serial["isbn"] = next(iter(record.isbn), "")
    found: dict[str, Any] = {
        "type": _HAYAGRIVA_TYPES.get(record.kind, "misc"),
        "title": record.title,
        "author": [_person(name) for name in people],
        "editor": [] if people else [_person(name) for name in editors],
        "date": "-".join(f"{part:02}" for part in date) or record.year,
        "publisher": "" if record.container or record.arxiv else record.publisher,
        "page-range": record.pages,
        "serial-number": {name: value for name, value in serial.items() if value},
        "parent": {name: value for name, value in parent.items() if value} if record.container else {},
    }
    if not found["serial-number"]:
        found["url"] = record.url
    return {name: value for name, value in found.items() if value}


def _number(written: str) -> str | int:
    """Return a volume or an issue; a zero in front is part of its name."""
    return int(written) if written.isascii() and written.isdigit() and str(int(written)) == written else written


def _person(name: Name) -> str | dict[str, str]:
    if name.literal and (found := read_name(name.family)) is not None and (found.given or found.suffix):
        # As a string it would be a person's.
        return {"name": name.family}
    return ", ".join(part for part in (name.family, name.suffix, name.given) if part)
