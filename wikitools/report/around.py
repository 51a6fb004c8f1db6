"""The text around the findings in reports for people: a sentence about the engine, and the summary."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wikitools.report import engine_hint
from wikitools.report.groups import explain
from wikitools.report.heavy import hint
from wikitools.report.screen import fold
from wikitools.report.summary import render, render_statistics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wikitools.report.groups import Group
    from wikitools.report.report import Report


_NOTHING_COUNTED: Mapping[str, int] = {}


def around(
    report: Report,
    findings: Iterable[str],
    groups: Iterable[Group] = (),
    counted: Mapping[str, int] = _NOTHING_COUNTED,
) -> Iterator[str]:
    """Yield the findings, or how many there are of each rule, with what stands around them.

    `groups` are what the findings were put together to, `counted` says how many of each rule are not among them.
    """
    if report.misfit is not None:
        yield from (f"{line}\n" for line in fold(engine_hint.render(report.misfit).strip(), report.fold))
        yield "\n"
    if report.statistics:
        yield render_statistics(report.diagnostics, style=report.style)
    else:
        yield from findings
    if not report.quiet:
        for line in (*render(report.summary).splitlines(), *_hints(report, groups, counted)):
            yield from (f"{part}\n" for part in fold(line, report.fold))


def _hints(report: Report, groups: Iterable[Group], counted: Mapping[str, int]) -> Iterator[str]:
    if not report.statistics:
        yield from explain(groups, counted)
    # Of a part of the wiki, nothing is known of what the rest holds.
    if len(report.pages) == report.summary.pages:
        pages = frozenset(report.pages)
        counts = Counter(each.path for each in report.diagnostics if each.path in pages)
        if said := hint(counts, pages):
            yield said
    yield from _next_steps(report)


def _next_steps(report: Report) -> Iterator[str]:
    """Yield what a reader may do about findings of which there are too many to go through one by one."""
    rules = Counter(each.rule for each in report.diagnostics)
    if rules["unmatched-citation"] >= _MANY:
        yield 'Next: "wikitools cite --unmatched" lists the works that the bibliography lacks, the most cited first.'
    if rules.total() >= _VERY_MANY and not report.summary.known:
        steps = '"wikitools baseline create" accepts what is there, so that only new problems fail'
        yield f"{'Or' if rules['unmatched-citation'] >= _MANY else 'Next'}: {steps}" + (
            "." if report.statistics else "; --statistics counts by rule."
        )


_MANY, _VERY_MANY = 10, 50
"""How many citations without a source, and how many findings, call for a hint on what to do."""
