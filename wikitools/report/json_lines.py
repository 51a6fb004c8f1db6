"""The format `json-lines`: one JSON object per line: first the run, then each finding, then the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.report.json import diagnostic_as_data, dumps, run_as_data, summary_as_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.report.report import Report


def render(report: Report) -> Iterator[str]:
    """Yield the lines; `kind` says what each is: "run", "diagnostic" or "summary"."""
    yield dumps({"kind": "run", **run_as_data(report)}) + "\n"
    for each in report.diagnostics:
        yield dumps({"kind": "diagnostic", **diagnostic_as_data(each)}) + "\n"
    yield dumps({"kind": "summary", **summary_as_data(report)}) + "\n"
