"""The format `json`: everything about each finding, in a versioned envelope."""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from wikitools import __version__
from wikitools.report import engine_hint
from wikitools.report.runner import tame_escaped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wikitools.lint.run import Diagnostic
    from wikitools.report.report import Report
    from wikitools.text import Fix, Span

VERSION = 1
"""The version of the envelope: it increases if a field changes its meaning or is removed, not for new fields."""


def render(report: Report) -> Iterator[str]:
    """Yield the whole report. Lines and columns count from 1; `start` and `end` are offsets; all in code points.

    Paths are relative to the wiki's root. The schema is `docs/schemas/lint.json`.
    """
    envelope = {
        **run_as_data(report),
        "diagnostics": map(diagnostic_as_data, report.diagnostics),
        "summary": summary_as_data(report),
    }
    yield from pieces(envelope)


def run_as_data(report: Report) -> dict[str, Any]:
    """Return the start of a report: its version, the program, and where the wiki is."""
    return {"version": VERSION, "tool": {"name": "wikitools", "version": __version__}, "root": report.shown("") or "."}


def summary_as_data(report: Report) -> dict[str, Any]:
    """Return the counts, and what was not checked."""
    summary = report.summary
    return {
        "problems": summary.problems,
        "errors": summary.errors,
        "warnings": summary.warnings,
        "infos": summary.infos,
        "pages": summary.pages,
        "suppressed": summary.suppressed,
        "placeholders": summary.placeholders,
        "known": summary.known,
        "stale": summary.stale,
        "fixed": summary.fixed,
        "rules": dict(sorted(Counter(each.rule for each in report.diagnostics).items())),
        "skipped": [{"rule": each.rule, "reason": each.reason} for each in report.skipped],
        "failures": [{"rule": each.rule, "path": each.path, "error": each.error} for each in report.failures],
        "bibliographies": list(summary.bibliographies),
        "misfit": engine_hint.as_data(report.misfit),
    }


# Characters that a terminal would obey, or that some programs take for the end of a line.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def dumps(data: Any, *, indent: int | None = None) -> str:
    """Return `data` as JSON: not limited to ASCII, harmless on a terminal, and without `indent` always one line."""
    return _harmless(json.dumps(data, ensure_ascii=False, indent=indent))


def pieces(data: Mapping[str, Any]) -> Iterator[str]:
    r"""Yield what `dumps(data, indent=2)` returns, and a line end; of values that are iterators one item at a time.

    Each piece ends at the end of a line.

    >>> list(pieces({"version": 1, "found": iter(["a", {"b": []}])}))
    ['{\n', '  "version": 1,\n', '  "found": [\n', '    "a",\n', '    {\n      "b": []\n    }\n  ]\n', '}\n']
    """
    yield "{\n"
    for number, (key, value) in enumerate(data.items(), 1):
        start, end = _harmless(f"  {_quoted(key)}: "), ",\n" if number < len(data) else "\n"
        if not isinstance(value, Iterator):
            yield _harmless(f"{start}{_laid_out(value, _LINE)}{end}")
            continue
        waiting = head = f"{start}["
        for item in value:
            yield f"{waiting}\n"
            waiting = _harmless(f"    {_laid_out(item, _LINE + '  ')},")
        yield f"{head}]{end}" if waiting is head else f"{waiting[:-1]}\n  ]{end}"
    yield "}\n"


_LINE = "\n  "
_quoted = json.encoder.encode_basestring
_encode = json.JSONEncoder(ensure_ascii=False).encode


def _laid_out(value: Any, line: str) -> Any:
    """Return a value as the json module lays it out, which is slow and keeps all parts; `line` starts a line.

    A number stays one: it is written as it is.
    """
    # Thousands of findings have these types; a subclass may write itself otherwise.
    kind = type(value)
    if kind is str:
        return _quoted(value)
    if kind is int:
        return value
    if value is None:
        return "null"
    if kind is dict and value:
        inner = f"{line}  "
        written = [
            _quoted(each) if (kind := type(each)) is str else each if kind is int else _laid_out(each, inner)
            for each in value.values()
        ]
        return _form(tuple(value), line) % tuple(written)
    if kind is list or kind is tuple:
        if not value:
            return "[]"
        inner = f"{line}  "
        return f"[{','.join([f'{inner}{_laid_out(each, inner)}' for each in value])}{line}]"
    return _encode(value)


@functools.cache
def _form(keys: tuple[str, ...], line: str) -> str:
    """Return an object with these keys as it is laid out, with `%s` for each value: thousands of findings share it."""
    return f"{{{','.join(f'{line}  {_quoted(key)}: '.replace('%', '%%') + '%s' for key in keys)}{line}}}"


def _harmless(text: str) -> str:
    # Most reports have no such characters.
    if text.isascii() and "\x7f" not in text and "##" not in text:
        return text
    return tame_escaped(_ESCAPED.sub(_escaped, text), "\\u005b")


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def diagnostic_as_data(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return one finding as plain data."""
    return {
        "rule": diagnostic.rule,
        "group": diagnostic.group,
        "severity": str(diagnostic.severity),
        "path": diagnostic.path,
        "start": diagnostic.span.start,
        "end": diagnostic.span.end,
        "line": diagnostic.line,
        "column": diagnostic.column,
        "end_line": diagnostic.end_line,
        "end_column": diagnostic.end_column,
        "message": diagnostic.message,
        "subject": diagnostic.subject,
        "reason": diagnostic.reason,
        "help": diagnostic.help,
        "fix": _fix_as_data(diagnostic.fix),
        "related": [{**_span_as_data(place.span), "message": place.message} for place in diagnostic.related],
    }


def _fix_as_data(fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    edits = [{**_span_as_data(edit.span), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safety": str(fix.safety), "edits": edits}


def _span_as_data(span: Span) -> dict[str, Any]:
    return {"path": span.path, "start": span.start, "end": span.end}
