"""The text around the findings in reports for people: a sentence about the engine, and the summary."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wikitools.report import engine_hint
from wikitools.report.groups import explain
from wikitools.report.heavy import hint
from wikitools.report.screen import fold, visible
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
    """Yield the findings, or the number for each rule, with the texts before and after them.

    `groups` are the findings in groups of equal ones; `counted` says how many findings of each rule are not among them.
    """
    if report.misfit is not None:
        yield from (f"{line}\n" for line in fold(engine_hint.render(report.misfit).strip(), report.fold))
        yield "\n"
    if report.statistics:
        yield render_statistics(report.diagnostics, style=report.style)
    else:
        yield from findings
    if not report.quiet:
        if _has_table(report, counted):
            yield render_statistics(report.diagnostics, style=report.style) + "\n"
        for line in (*render(report.summary).splitlines(), *_hints(report, groups, counted)):
            yield "\n  ".join(fold(line, report.fold, indent=2)) + "\n"


def _hints(report: Report, groups: Iterable[Group], counted: Mapping[str, int]) -> Iterator[str]:
    if not report.statistics:
        yield from explain(groups, counted, in_table=_has_table(report, counted))
    # A report on part of the wiki does not know the findings of the rest.
    if len(report.pages) == report.summary.pages:
        pages = frozenset(report.pages)
        counts = Counter(each.path for each in report.diagnostics if each.path in pages)
        if said := hint(counts, pages):
            yield said
    yield from _next_steps(report, counted=report.statistics or _has_table(report, counted))


def _has_table(report: Report, counted: Mapping[str, int]) -> bool:
    """Say whether the rules are counted below the findings: for somebody at a terminal who does not see them all."""
    return bool(counted) and report.fold > 0


def _next_steps(report: Report, *, counted: bool) -> Iterator[str]:
    """Yield what to do if there are too many findings to go through one by one; `counted`: rules have been counted."""
    if report.misfit is not None:
        # Until then, most findings are about the engine.
        place = visible(report.configuration) or 'wikitools.toml, or let "wikitools init" write it'
        yield f'Next: set engine = "{report.misfit.better}" in {place}.'
        return
    rules = Counter(each.rule for each in report.diagnostics)
    if rules["unmatched-citation"] >= _MANY:
        yield 'Next: "wikitools cite --unmatched" lists the works that the bibliography lacks, the most cited first.'
    elif rules["ambiguous-citation"] >= _MANY:
        yield 'Next: "wikitools cite --ambiguous --fix" asks once for each citation which source it means.'
    if rules.total() >= _VERY_MANY and not report.summary.known:
        steps = '"wikitools baseline create" accepts the current problems, so that only new ones fail'
        has_steps = max(rules["unmatched-citation"], rules["ambiguous-citation"]) >= _MANY
        yield f"{'Or' if has_steps else 'Next'}: {steps}" + ("." if counted else "; --statistics counts by rule.")


_MANY, _VERY_MANY = 10, 50
"""From how many citations without one source, and from how many findings, hints are shown."""
