"""The format `gitlab`: a code quality report as GitLab reads it (its subset of Code Climate's)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.report.fingerprints import fingerprints
from wikitools.report.json import dumps
from wikitools.report.screen import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.report.report import Report

_SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}


def render(report: Report) -> Iterator[str]:
    """Yield the report: a list with an object for each finding."""
    separator = "[\n"
    names = fingerprints(report.diagnostics, placed=report.placed)
    for each, name in zip(report.diagnostics, names, strict=True):
        entry = {
            "description": visible(each.message),
            "check_name": each.rule,
            "fingerprint": name,
            "severity": _SEVERITIES[str(each.severity)],
            "location": {"path": readable(report.placed(each.path)), "lines": _lines(each.line, each.end_line)},
        }
        yield separator + dumps(entry)
        separator = ",\n"
    yield "\n]\n" if separator != "[\n" else "[]\n"


def _lines(begin: int, end: int) -> dict[str, int]:
    return {"begin": begin, "end": end}


def readable(path: str) -> str:
    """Return a path with U+FFFD for bytes that are not UTF-8: strict parsers refuse a report with lone surrogates."""
    return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in path)
