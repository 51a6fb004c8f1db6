"""The format `rdjson`: Reviewdog's diagnostic format, with repairs as suggestions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wikitools.report import rule_pages
from wikitools.report.file_lines import Lines
from wikitools.report.gitlab import readable
from wikitools.report.json import dumps
from wikitools.report.screen import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.run import Diagnostic
    from wikitools.report.report import Report
    from wikitools.text import Span


def render(report: Report) -> Iterator[str]:
    """Yield the report. Columns count bytes of UTF-8 from 1, the end is exclusive (`reviewdog.proto`)."""
    source = {"name": "wikitools", **({"url": rule_pages.DOCS} if rule_pages.DOCS else {})}
    lines = Lines(report.text_of, report.data_of)
    yield f'{{"source": {dumps(source)}, "diagnostics": ['
    separator = "\n"
    for each in report.diagnostics:
        yield separator + dumps(_diagnostic(each, report, lines))
        separator = ",\n"
    yield "\n]}\n" if report.diagnostics else "]}\n"


def _diagnostic(diagnostic: Diagnostic, report: Report, lines: Lines) -> dict[str, Any]:
    url = rule_pages.rule_url(diagnostic.rule)
    found: dict[str, Any] = {
        "message": visible(diagnostic.message),
        "location": _location(diagnostic.span, report, lines),
        "severity": str(diagnostic.severity).upper(),
        "code": {"value": diagnostic.rule, **({"url": url} if url else {})},
    }
    fix = diagnostic.fix
    # Each suggestion is accepted or ignored separately, so one that is only part of a repair would do harm.
    if fix is not None and len(fix.edits) == 1 and fix.edits[0].span.path == diagnostic.path:
        edit = fix.edits[0]
        found["suggestions"] = [{"range": _range(edit.span, lines), "text": edit.text}]
    if diagnostic.related:
        found["related_locations"] = [
            {"message": visible(each.message), "location": _location(each.span, report, lines)}
            for each in diagnostic.related
        ]
    return found


def _location(span: Span, report: Report, lines: Lines) -> dict[str, Any]:
    return {"path": readable(report.placed(span.path)), "range": _range(span, lines)}


def _range(span: Span, lines: Lines) -> dict[str, Any]:
    line, column, end_line, end_column = lines.region(span)
    return {
        "start": {"line": line, "column": lines.in_bytes(span.path, line, column)},
        "end": {"line": end_line, "column": lines.in_bytes(span.path, end_line, end_column)},
    }
