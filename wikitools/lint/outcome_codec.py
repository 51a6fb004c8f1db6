"""The outcome of a run as plain data, for the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wikitools.lint.page_run import pack_finding, unpack_finding
from wikitools.lint.rule import Finding, Severity
from wikitools.lint.run import Diagnostic, Outcome, Skipped, configured

if TYPE_CHECKING:
    from collections.abc import Sequence


def pack_outcome(outcome: Outcome) -> list[Any]:
    """Return an outcome without failures as plain data."""
    if outcome.failures:
        raise ValueError("a run in which a rule failed is not worth keeping")
    return [
        [
            (each.rule, each.group, str(each.severity), each.path, each.line, each.column, each.end_line,
             each.end_column, *pack_finding(_finding_of(each)))
            for each in outcome.diagnostics
        ],
        outcome.silenced,
        outcome.ignored,
        [(each.rule, each.reason) for each in outcome.skipped],
        outcome.rules,
        outcome.placeholders,
    ]  # fmt: skip


def _finding_of(diagnostic: Diagnostic) -> Finding:
    return Finding(
        span=diagnostic.span,
        message=diagnostic.message,
        subject=diagnostic.subject,
        help=diagnostic.help,
        fix=diagnostic.fix,
        related=diagnostic.related,
        reason=diagnostic.reason,
    )


def unpack_outcome(data: Sequence[Any]) -> Outcome:
    """Return the outcome that was packed."""
    diagnostics, silenced, ignored, skipped, rules, placeholders = data
    return Outcome(
        diagnostics=tuple(map(_unpack_diagnostic, diagnostics)),
        silenced=tuple((path, rule, subject) for path, rule, subject in silenced),
        ignored=ignored,
        skipped=tuple(Skipped(rule, reason) for rule, reason in skipped),
        rules=tuple(rules),
        placeholders=placeholders,
    )


def _unpack_diagnostic(data: Sequence[Any]) -> Diagnostic:
    rule, group, severity, path, line, column, end_line, end_column, *rest = data
    place = line, column, end_line, end_column
    return configured(unpack_finding(path, rest), rule, group, Severity(severity), place)
