"""The format `concise`: one line per finding (or group of equal ones), `path:line:column: severity[rule] message`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.report.around import around
from wikitools.report.groups import find_groups
from wikitools.report.rule_pages import rule_url
from wikitools.report.screen import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wikitools.report.groups import Group
    from wikitools.report.report import Report


def render(report: Report) -> Iterator[str]:
    """Yield one line per finding, or per group of equal ones at the first of them, with line ends, then the summary."""
    groups = find_groups(report)
    return around(report, _lines(groups, report), groups)


def _lines(groups: Iterable[Group], report: Report) -> Iterator[str]:
    paint, link = report.style.paint, report.style.link
    for group in groups:
        each = group.first
        place = f"{paint('bold', visible(report.shown(each.path)))}:{each.line}:{each.column}"
        severity = str(each.severity)
        rule = paint(severity, f"{severity}[{link(rule_url(each.rule), each.rule)}]")
        yield f"{link(report.address(each.path), place)}: {rule} {visible(group.message)}\n"
