"""YAML read defensively: strings instead of guesses, places of everything, no alias bombs, no endless nesting."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wikitools.text import Span
from wikitools.wiki.page import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEEPEST = 200
_MOST_ENTRIES = 50_000
"""A broken file with more is not read entry by entry."""
_FLOW = re.compile(r"[\[\]{}]")
_RUN_OF_INDICATORS = re.compile(rf"(?:[-?:][ \t]{{1,100}}){{{_DEEPEST}}}")
_DEEP_INDENT = re.compile(r"^[ ]{1000}", re.MULTILINE)
_NOT_YAML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class _TooLargeError(ValueError):
    """Aliases expand to more than the file could say without them."""


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of a sequence (`key` is "") or mapping; `value` is a string, `None`, or a list or dict of such."""

    key: str
    value: Any
    span: Span


def read_yaml(path: str, text: str, *, under: str = "") -> tuple[tuple[Part, ...], tuple[Problem, ...]]:
    """Return the entries of the top-level sequence or mapping, and the problems; `under` names a key to enter.

    Scalars stay as written (`no` is no boolean, `2019` no number, `2019-01-01` no date), except that null is `None`.
    Where the whole does not parse, each top-level entry is read by itself, so that a broken one costs only itself.
    Spans cover the entries.
    """
    body = text.removeprefix("\ufeff")
    # libyaml does not count the byte order mark.
    base = len(text) - len(body)
    body = _NOT_YAML.sub(" ", body)
    if _is_too_deep(body):
        return (), (
            Problem(Span(path, base, base + 1), "malformed-source", "YAML is nested too deeply to be read safely"),
        )
    parts, problem = _parts(path, body, base, under)
    if problem is None:
        return parts, ()
    return _salvaged(path, body, base, under, problem)


def _is_too_deep(text: str) -> bool:
    depth = 0
    for match in _FLOW.finditer(text):
        depth = depth + 1 if match.group() in "[{" else max(0, depth - 1)
        if depth > _DEEPEST:
            return True
    return _RUN_OF_INDICATORS.search(text) is not None or _DEEP_INDENT.search(text) is not None


def _parts(path: str, text: str, base: int, under: str) -> tuple[tuple[Part, ...], Problem | None]:
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root: Any = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # The end of the text is no place to look at: what is missing there is missed by the last line with words.
        at = base + max(0, min(len(text.rstrip()) - 1, mark.index if mark is not None else 0))
        reason = f"YAML: {error.problem or error.context or 'cannot be read'}"
        return (), Problem(Span(path, at, at + 1), "malformed-source", reason)
    except yaml.YAMLError as error:
        return (), Problem(Span(path, base, base + 1), "malformed-source", f"YAML: {str(error).splitlines()[0]}")
    if under and isinstance(root, yaml.MappingNode):
        root = next((value for key, value in root.value if key.value == under), root)
    budget = [10 * len(text) + 1000]
    parts: list[Part] = []
    nodes: list[tuple[Any, Any]] = []
    if isinstance(root, yaml.SequenceNode):
        nodes = [(None, child) for child in root.value]
    elif isinstance(root, yaml.MappingNode):
        nodes = list(root.value)
    for key, child in nodes:
        start = base + (key if key is not None else child).start_mark.index
        end = base + child.end_mark.index
        span = Span(path, start, max(start, _without_tail(text, start - base, end - base) + base))
        try:
            parts.append(Part(str(key.value) if key is not None else "", _value(child, budget, 0), span))
        except _TooLargeError as error:
            return tuple(parts), Problem(span, "malformed-source", str(error))
    return tuple(parts), None


def _without_tail(text: str, start: int, end: int) -> int:
    """Return the end without the blank lines and comments that libyaml counts to the entry before them."""
    lines = text[start:end].split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return start + len("\n".join(lines).rstrip())


def _value(node: Any, budget: list[int], depth: int) -> Any:
    budget[0] -= 1
    if budget[0] < 0 or depth > _DEEPEST:
        raise _TooLargeError("YAML aliases expand without end")
    if node.id == "scalar":
        return None if node.tag == "tag:yaml.org,2002:null" else node.value
    if node.id == "sequence":
        return [_value(child, budget, depth + 1) for child in node.value]
    found: dict[str, Any] = {}
    for key, child in node.value:
        value = _value(child, budget, depth + 1)
        if key.tag == "tag:yaml.org,2002:merge" and isinstance(value, dict):
            for name, inherited in value.items():
                found.setdefault(name, inherited)
        else:
            found[str(key.value)] = value
    return found


def _salvaged(
    path: str, text: str, base: int, under: str, whole: Problem
) -> tuple[tuple[Part, ...], tuple[Problem, ...]]:
    """Read each top-level entry by itself."""
    start = 0
    if under:
        head = re.compile(rf"^{re.escape(under)}[ \t]*:[ \t]*$", re.MULTILINE).search(text)
        start = head.end() if head else 0
    first = re.compile(r"^([ \t]*)(- )?(?=[^\s#-]|\S{2})(?!---)", re.MULTILINE).search(text, start)
    if first is None:
        return (), (whole,)
    entry = rf"^{re.escape(first.group(1))}" + ("- " if first.group(2) else r"(?=[^\s#\-}\]])")
    places = [match.start() for match in re.compile(entry, re.MULTILINE).finditer(text, start)]
    if not places or len(places) > _MOST_ENTRIES:
        return (), (whole,)
    parts: list[Part] = []
    problems: list[Problem] = []
    for begin, end in zip(places, [*places[1:], len(text)], strict=True):
        found, problem = _parts(path, text[begin:end], base + begin, "")
        parts += found
        if problem is not None:
            problems.append(problem)
    return tuple(parts), tuple(problems) or (whole,)


def as_text(value: Any) -> str:
    """Return a scalar as a stripped string; "" for what is none."""
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
