"""The format `concise`: one line a finding, `path:line:column: severity[rule] message`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.report.around import around
from wikitools.report.rule_pages import rule_url
from wikitools.report.screen import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.report.report import Report


def render(report: Report) -> Iterator[str]:
    """Yield one line a finding, with its line end, then the summary."""
    return around(report, _lines(report))


def _lines(report: Report) -> Iterator[str]:
    paint, link = report.style.paint, report.style.link
    for each in report.diagnostics:
        place = f"{paint('bold', visible(report.shown(each.path)))}:{each.line}:{each.column}"
        severity = str(each.severity)
        rule = paint(severity, f"{severity}[{link(rule_url(each.rule), each.rule)}]")
        yield f"{link(report.address(each.path), place)}: {rule} {visible(each.message)}\n"
