"""The format `json`: everything about each finding, in a versioned envelope."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from wikitools import __version__
from wikitools.report import engine_hint
from wikitools.report.runner import tame_escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        "diagnostics": [diagnostic_as_data(each) for each in report.diagnostics],
        "summary": summary_as_data(report),
    }
    yield dumps(envelope, indent=2) + "\n"


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
    text = json.dumps(data, ensure_ascii=False, indent=indent)
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
