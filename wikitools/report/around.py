"""What stands before and after the findings in text for people: a word on the engine, and the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.report import opening
from wikitools.report.groups import explain
from wikitools.report.screen import fold
from wikitools.report.summary import render, render_statistics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wikitools.report.groups import Group
    from wikitools.report.report import Report


def around(report: Report, findings: Iterable[str], groups: Iterable[Group] | None = None) -> Iterator[str]:
    """Yield the findings, or how many there are of each rule, with what stands around them.

    `groups` are those that the findings were put together to.
    """
    if report.misfit is not None:
        yield from (f"{line}\n" for line in fold(opening.render(report.misfit).strip(), report.fold))
        yield "\n"
    if report.statistics:
        yield render_statistics(report.diagnostics, style=report.style)
    else:
        yield from findings
    if not report.quiet:
        said = "" if report.statistics or groups is None else explain(groups)
        for line in (*render(report.summary).splitlines(), *([said] if said else [])):
            yield from (f"{part}\n" for part in fold(line, report.fold))
