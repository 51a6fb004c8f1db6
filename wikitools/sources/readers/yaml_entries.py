"""Reads the entries of a YAML bibliography: all values as strings, each entry with its span, also in broken files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wikitools.markdown.page import Problem
from wikitools.markdown.safe_yaml import Budget, YamlError, compose
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_ENTRIES = 50_000
"""A broken file with more is not read entry by entry."""
_LARGEST_MENDED = 20_000
_DOCUMENT = re.compile(r"^(?:---(?=\s|$)|\.\.\.[ \t]*+$)", re.MULTILINE)
"""Where a document starts or ends, whatever is open before."""
_SILENT_LINES = re.compile(r"(?:[ \t\r]*+(?:[#%][^\n]*+)?\n)*+[ \t\r]*+(?:[#%][^\n]*+)?")
_TOP_KEY = re.compile(r"^([^\s#\-\[\]{}\"',&*!|>%@][^\n:]*?)[ \t]*:(?=\s|$)", re.MULTILINE)
_PLAIN_VALUE = re.compile(r"^([ \t]*(?:- )?[ \t]*[\w-]+:[ \t]+)([^\s\"'\[{|>&*!#][^\n]*?)[ \t\r]*$", re.MULTILINE)
_STRAY_LINE = re.compile(r"(?<=\n)[^\s-][^\n]*+")
"""A line that is indented less than the entry that it stands in."""
_MOST_PROBLEMS = 100
"""A file with more is not worth a line for each; the rest is only counted."""
_NOT_YAML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of a sequence (`key` is "") or mapping; `value` is a string, `None`, or a list or dict of such."""

    key: str
    value: Any
    span: Span


def read_yaml(path: str, text: str, *, under: tuple[str, ...] = ()) -> tuple[tuple[Part, ...], tuple[Problem, ...]]:
    """Return the entries of the top-level sequence or mapping, and the problems; `under` names keys to enter.

    Scalars stay as written (`no` is no boolean, `2019` no number, `2019-01-01` no date), except that null is `None`.
    Where the whole does not parse, each top-level entry is read by itself, so that a broken one costs only itself.
    All documents of a file are read, and all keys of one name. Spans cover the entries.
    """
    body = text.removeprefix("\ufeff")
    # libyaml does not count the byte order mark.
    base = len(text) - len(body)
    body = _NOT_YAML.sub(" ", body)
    documents = _documents(body)
    parts: list[Part] = []
    problems: list[Problem] = []
    for begin, end in documents:
        found, broken = _read_document(path, body[begin:end], base + begin, under)
        if parts and found and len(problems) < _MOST_PROBLEMS:
            place = Span(path, base + begin, base + begin + 1)
            problems.append(Problem(place, "malformed-source", "YAML: a second document starts here; it is read too"))
        parts += found
        problems += broken
    if len(problems) > _MOST_PROBLEMS:
        more = len(problems) - _MOST_PROBLEMS
        place = problems[_MOST_PROBLEMS].span
        problems[_MOST_PROBLEMS:] = [Problem(place, "malformed-source", f"and {more:,} more problems in this file")]
    return tuple(parts), tuple(problems)


def with_line_feeds(text: str) -> str:
    """Return a text at equal length in which carriage returns that end lines by themselves are line feeds."""
    return re.sub("\r(?!\n)", "\n", text) if "\r" in text else text


def _documents(text: str) -> list[tuple[int, int]]:
    """Return where the documents of a file begin and end; what says nothing belongs to the one behind it."""
    found: list[tuple[int, int]] = []
    begin = 0
    for match in _DOCUMENT.finditer(text):
        if _says_nothing(text, begin, match.start()):
            # Directives belong to the document that they stand before.
            begin = begin if text[match.start()] == "-" else match.end()
            continue
        found.append((begin, match.start()))
        begin = match.start() if text[match.start()] == "-" else match.end()
    if not found or not _says_nothing(text, begin, len(text)):
        found.append((begin, len(text)))
    return found


def _says_nothing(text: str, begin: int, end: int) -> bool:
    if text.startswith("---", begin, end):
        begin += 3
    silent = _SILENT_LINES.match(text, begin, end)
    return silent is not None and silent.end() == end


def _read_document(path: str, text: str, base: int, under: tuple[str, ...]) -> tuple[list[Part], list[Problem]]:
    problems: list[Problem] = []
    parts, problem = _parts(path, text, base, under, problems)
    if problem is None:
        return parts, problems
    return _salvaged(path, text, base, under, problem)


def _parts(
    path: str, text: str, base: int, under: tuple[str, ...], problems: list[Problem]
) -> tuple[list[Part], Problem | None]:
    """Return the entries of one document, and what kept it from being read; adds what did not to `problems`."""
    try:
        root: Any = compose(text)
    except YamlError as error:
        # The end of the text is no place to look at: what is missing there is missed by the last line with words.
        at = base + max(0, min(len(text.rstrip()) - 1, error.start))
        return [], Problem(Span(path, at, at + 1), "malformed-source", f"YAML: {error}")
    roots: list[Any] = [root]
    if under and root is not None and root.id == "mapping":
        entered = [(key, value) for key, value in root.value if str(key.value) in under]
        roots = [value for _key, value in entered] or roots
        for key, _root in entered[1:]:
            at = base + key.start_mark.index
            message = f'YAML: a second "{key.value}" starts here; it is read too'
            problems.append(Problem(Span(path, at, at + 1), "malformed-source", message))
        for key, value in entered:
            for child in (each for _name, each in value.value) if value.id == "mapping" else (value,):
                if child.id == "scalar" and child.tag != "tag:yaml.org,2002:null":
                    at = base + child.start_mark.index
                    message = f'YAML: not a reference: "{key.value}" lists entries with fields'
                    problems.append(Problem(Span(path, at, at + 1), "malformed-source", message))
    budget = Budget(text)
    parts: list[Part] = []
    nodes: list[tuple[Any, Any]] = []
    for root in roots:
        if root is not None and root.id == "sequence":
            nodes += [(None, child) for child in root.value]
        elif root is not None and root.id == "mapping":
            nodes += root.value
    for key, child in nodes:
        start = base + (key if key is not None else child).start_mark.index
        end = base + child.end_mark.index
        span = Span(path, start, max(start, _without_tail(text, start - base, end - base) + base))
        doubled: list[Any] = []
        try:
            parts.append(Part(str(key.value) if key is not None else "", _value(child, budget, 0, doubled), span))
        except YamlError as error:
            return parts, Problem(span, "malformed-source", f"YAML: {error}")
        for name in doubled[:_MOST_PROBLEMS]:
            at = base + name.start_mark.index
            message = f'YAML: "{str(name.value)[:60]}" appears twice in this entry; the last one is used'
            problems.append(Problem(Span(path, at, at + 1), "malformed-source", message))
    return parts, None


def _without_tail(text: str, start: int, end: int) -> int:
    """Return the end without the blank lines and comments that libyaml counts to the entry before them."""
    lines = text[start:end].split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return start + len("\n".join(lines).rstrip())


def _value(node: Any, budget: Budget, depth: int, doubled: list[Any]) -> Any:
    """Return a node as plain data; the keys that a mapping has twice are added to `doubled`."""
    budget.enter(node, depth)
    if node.id == "scalar":
        return None if node.tag == "tag:yaml.org,2002:null" else node.value
    if node.id == "sequence":
        return [_value(child, budget, depth + 1, doubled) for child in node.value]
    found: dict[str, Any] = {}
    inherits = False
    for key, child in node.value:
        value = _value(child, budget, depth + 1, doubled)
        if key.tag == "tag:yaml.org,2002:merge" and isinstance(value, dict):
            inherits = True
            for name, inherited in value.items():
                found.setdefault(name, inherited)
        else:
            if str(key.value) in found and not inherits:
                doubled.append(key)
            found[str(key.value)] = value
    return found


def _salvaged(
    path: str, text: str, base: int, under: tuple[str, ...], whole: Problem
) -> tuple[list[Part], list[Problem]]:
    """Read each top-level entry by itself: of the sections named `under`, or of the whole where there are none."""
    keys = list(_TOP_KEY.finditer(text)) if under else []
    ends = [*(key.start() for key in keys[1:]), len(text)]
    sections = [(key.start(), key.end(), end) for key, end in zip(keys, ends, strict=False) if key[1] in under]
    parts: list[Part] = []
    problems: list[Problem] = []
    for number, (head, begin, end) in enumerate(sections or [(0, 0, len(text))]):
        if number:
            place = Span(path, base + head, base + head + 1)
            message = f'YAML: a second "{text[head:begin].rstrip(": ")}" starts here; it is read too'
            problems.append(Problem(place, "malformed-source", message))
        found, broken = _entries(path, text, base, begin, end)
        parts += found
        problems += broken
    return parts, problems or [whole]


def _entries(path: str, text: str, base: int, start: int, stop: int) -> tuple[list[Part], list[Problem]]:
    """Read each entry of a section by itself."""
    first = re.compile(r"^([ \t]*)(- )?(?=[^\s#-]|\S{2})(?!---)", re.MULTILINE).search(text, start, stop)
    if first is None:
        return [], []
    entry = rf"^{re.escape(first.group(1))}" + ("- " if first.group(2) else r"(?=[^\s#\-}\]])")
    places = [match.start() for match in re.compile(entry, re.MULTILINE).finditer(text, start, stop)]
    if not places or len(places) > _MOST_ENTRIES:
        return [], []
    parts: list[Part] = []
    problems: list[Problem] = []
    for begin, end in zip(places, [*places[1:], stop], strict=True):
        found, problem = _parts(path, text[begin:end], base + begin, (), problems)
        if problem is not None:
            problems.append(problem)
            found = _mended(path, text[begin:end], base + begin)
        parts += found
    return parts, problems


def _mended(path: str, written: str, base: int) -> list[Part]:
    """Return what a person would read in a broken entry: values with a colon, tabs for blanks, stray lines between."""
    if len(written) > _LARGEST_MENDED:
        return []
    quoted = _PLAIN_VALUE.sub(lambda match: match[1] + "'" + match[2].replace("'", "''") + "'", written)
    untabbed = quoted.replace("\t", "  ")
    for attempt in (quoted, untabbed, _STRAY_LINE.sub("", untabbed)):
        found, problem = _parts(path, attempt, base, (), [])
        if problem is None and len(found) == 1 and isinstance(found[0].value, dict):
            return [
                Part(found[0].key, found[0].value, Span(path, base, _without_tail(written, 0, len(written)) + base))
            ]
    return []


def as_text(value: Any) -> str:
    """Return a scalar as a stripped string; "" for other values."""
    if value is None or isinstance(value, (list, dict, tuple)):
        return ""
    return str(value).strip()


def text_fields(entry: Mapping[str, Any], *, without: frozenset[str]) -> dict[str, str]:
    """Return what an entry says in strings, names in lower case, lists joined by "; ", but not the names `without`."""
    fields: dict[str, str] = {}
    for name, value in entry.items():
        key = str(name).lower()
        if key in without:
            continue
        if isinstance(value, list):
            text = "; ".join(part for item in value if (part := as_text(item)))
        else:
            text = as_text(value)
        if text:
            fields[key] = text
    return fields
