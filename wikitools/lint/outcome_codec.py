"""The outcome of a run as plain data, for the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wikitools.lint.page_run import pack_finding, unpack_finding
from wikitools.lint.rule import Finding, Severity
from wikitools.lint.run import Diagnostic, Outcome, Skipped, configured

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence


def pack_outcome(outcome: Outcome) -> Iterator[Any]:
    """Yield an outcome without failures as plain data: first all but the diagnostics, then these one by one."""
    if outcome.failures:
        raise ValueError("a run in which a rule failed is not worth keeping")
    yield (
        len(outcome.diagnostics),
        outcome.silenced,
        outcome.ignored,
        [(each.rule, each.reason) for each in outcome.skipped],
        outcome.rules,
        outcome.placeholders,
    )
    for each in outcome.diagnostics:
        yield (
            each.rule, each.group, str(each.severity), each.path, each.line, each.column, each.end_line,
            each.end_column, *pack_finding(_finding_of(each)),
        )  # fmt: skip


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


def unpack_outcome(data: Iterable[Any]) -> Outcome:
    """Return the outcome that was packed."""
    rest = iter(data)
    for first in rest:
        count, silenced, ignored, skipped, rules, placeholders = first
        diagnostics = tuple(map(_unpack_diagnostic, rest))
        break
    else:
        raise ValueError("there is nothing")
    if len(diagnostics) != count:
        raise ValueError("diagnostics are missing")
    return Outcome(
        diagnostics=diagnostics,
        silenced=tuple((path, rule, subject) for path, rule, subject in silenced),
        ignored=ignored,
        skipped=tuple(Skipped(rule, reason) for rule, reason in skipped),
        rules=tuple(rules),
        placeholders=placeholders,
    )


def unpack_diagnostics(data: Iterable[Any], paths: Collection[str]) -> Iterator[Diagnostic]:
    """Yield the diagnostics in these files of an outcome that was packed."""
    rest = iter(data)
    next(rest)
    return (_unpack_diagnostic(each) for each in rest if each[_PATH] in paths)


_PATH = 3
"""Where the path is among the packed data of a diagnostic."""


def _unpack_diagnostic(data: Sequence[Any]) -> Diagnostic:
    rule, group, severity, path, line, column, end_line, end_column, *rest = data
    place = line, column, end_line, end_column
    return configured(unpack_finding(path, rest), rule, group, Severity(severity), place)
