"""The outcome of a run as plain data, for the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from wikitools.lint.page_run import FindingRow, Place, pack_finding, unpack_finding
from wikitools.lint.run import Diagnostic, Outcome, Skipped, configured

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from wikitools.lint.fix.proof import Key
    from wikitools.lint.rule import Finding


class SummaryRow(NamedTuple):
    """An outcome without its diagnostics."""

    diagnostics: int
    """How many there are."""
    silenced: Sequence[Key]
    ignored: int
    skipped: Sequence[tuple[str, str]]
    """Rules, each with the reason."""
    rules: tuple[str, ...]
    placeholders: int


class DiagnosticRow(NamedTuple):
    """A diagnostic: a finding, and what comes of the configuration and of its place."""

    rule: str
    group: str
    path: str
    place: Place
    finding: FindingRow
    """With the severity of the diagnostic."""


def pack_outcome(outcome: Outcome) -> Iterator[SummaryRow | DiagnosticRow]:
    """Yield an outcome without failures as plain data: first all but the diagnostics, then these one by one."""
    if outcome.failures:
        raise ValueError("a run in which a rule failed is not worth keeping")
    yield SummaryRow(
        len(outcome.diagnostics),
        outcome.silenced,
        outcome.ignored,
        [(each.rule, each.reason) for each in outcome.skipped],
        outcome.rules,
        outcome.placeholders,
    )
    for each in outcome.diagnostics:
        # A diagnostic has all that its finding had; to make a finding of each takes a sixth of this.
        place = each.line, each.column, each.end_line, each.end_column
        yield DiagnosticRow(each.rule, each.group, each.path, place, pack_finding(cast("Finding", each)))


def unpack_outcome(data: Iterable[tuple[object, ...]]) -> Outcome:
    """Return the outcome that was packed. Raises `ValueError` or `TypeError` for other data."""
    summary, rows = _rows_in(data)
    diagnostics = tuple(map(_unpack_diagnostic, rows))
    if len(diagnostics) != summary.diagnostics:
        raise ValueError("diagnostics are missing")
    return Outcome(
        diagnostics=diagnostics,
        silenced=tuple(summary.silenced),
        ignored=summary.ignored,
        skipped=tuple(Skipped(rule, reason) for rule, reason in summary.skipped),
        rules=summary.rules,
        placeholders=summary.placeholders,
    )


def unpack_diagnostics(data: Iterable[tuple[object, ...]], paths: Collection[str]) -> Iterator[Diagnostic]:
    """Yield the diagnostics in these files of an outcome that was packed."""
    _summary, rows = _rows_in(data)
    return (_unpack_diagnostic(each) for each in rows if each.path in paths)


def _rows_in(data: Iterable[tuple[object, ...]]) -> tuple[SummaryRow, Iterator[DiagnosticRow]]:
    rest = iter(data)
    first = next(rest, None)
    if first is None:
        raise ValueError("there is nothing")
    return SummaryRow._make(first), map(DiagnosticRow._make, rest)


def _unpack_diagnostic(row: DiagnosticRow) -> Diagnostic:
    finding = unpack_finding(row.path, row.finding)
    if finding.severity is None:
        raise ValueError("a diagnostic without severity")
    return configured(finding, row.rule, row.group, finding.severity, row.place)
