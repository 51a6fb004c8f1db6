"""What stands before and after the findings in text for people: a word on the engine, and the summary."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wikitools.report import engine_hint
from wikitools.report.groups import explain
from wikitools.report.heavy import hint
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
        yield from (f"{line}\n" for line in fold(engine_hint.render(report.misfit).strip(), report.fold))
        yield "\n"
    if report.statistics:
        yield render_statistics(report.diagnostics, style=report.style)
    else:
        yield from findings
    if not report.quiet:
        for line in (*render(report.summary).splitlines(), *_hints(report, groups)):
            yield from (f"{part}\n" for part in fold(line, report.fold))


def _hints(report: Report, groups: Iterable[Group] | None) -> Iterator[str]:
    if groups is not None and not report.statistics and (said := explain(groups)):
        yield said
    # Of a part of the wiki, nothing is known of what the rest holds.
    if len(report.pages) == report.summary.pages:
        pages = frozenset(report.pages)
        counts = Counter(each.path for each in report.diagnostics if each.path in pages)
        if said := hint(counts, pages):
            yield said
