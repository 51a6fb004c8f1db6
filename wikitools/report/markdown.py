"""The format `markdown`: a table for comments on pull requests and for job summaries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.report import engine_hint
from wikitools.report.groups import find_groups
from wikitools.report.screen import fold, visible
from wikitools.report.summary import render as render_summary
from wikitools.report.summary import rule_counts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.report.groups import Group
    from wikitools.report.report import Report

MARK = "<!-- wikitools report -->"
"""The first line of every report."""

_SPECIAL = re.compile(r"[\\`*_\[\]<>#!|~$]")
# Git hosts turn these into links, and notify the people who are named.
_LIVELY = re.compile(r"@(?=\w)|#(?=\d)|(?<=[a-zA-Z]):(?=//)|\b(?=www\.)")
_ENTITY = re.compile(r"&(?=#|\w)")


def render(report: Report, *, limit: int | None = None) -> Iterator[str]:
    """Yield the report; with a `limit`, in bytes of UTF-8, as many findings as fit, and how many more there are."""
    head = f"{MARK}\n"
    if report.misfit is not None:
        head += f"\n{escaped(engine_hint.render(report.misfit).strip())}\n"
    lines = "" if report.quiet else render_summary(report.summary)
    # "Found 3 problems …" is what the reader looks for first.
    first, _, rest = lines.partition("\n")
    head += f"\n**{escaped(first)}** {escaped(rest)}".rstrip() + "\n" if lines else ""
    rows = _counts(report) if report.statistics else _findings(report)
    yield from _bounded(head, rows, None if limit is None else limit - _RESERVE)


_RESERVE = 200
"""How many bytes the line needs that says how many rows were left out."""


def _bounded(head: str, rows: Iterator[str], limit: int | None) -> Iterator[str]:
    yield head
    used = len(head.encode("utf-8", "replace"))
    for row in rows:
        used += len(row.encode("utf-8", "replace"))
        if limit is not None and used > limit:
            left = 1 + sum(1 for _ in rows)
            yield f"\n{left:,} more lines are in the log.\n"
            return
        yield row


def _findings(report: Report) -> Iterator[str]:
    if report.diagnostics:
        yield "\n| place | severity | rule | problem |\n|---|---|---|---|\n"
    for group in find_groups(report):
        yield _row(group, report)


def _row(group: Group, report: Report) -> str:
    first = group.first
    place = f"{escaped(report.placed(first.path))}:{first.line}:{first.column}"
    also = f"; also at {escaped(fold(group.others(report.placed), 0)[0])}" if group.is_many else ""
    return f"| {place} | {first.severity} | {first.rule} | {escaped(group.message)}{also} |\n"


def _counts(report: Report) -> Iterator[str]:
    rows = rule_counts(report.diagnostics)
    if rows:
        yield "\n| problems | severity | rule |\n|---:|---|---|\n"
    for number, severity, rule, _fixes in rows:
        yield f"| {number:,} | {severity} | {rule} |\n"


def escaped(text: str) -> str:
    """Return text on one line that Markdown shows literally: no markup, no HTML, no mentions, no links."""
    plain = _ENTITY.sub("&amp;", visible(text.replace("\n", " ").strip()))
    joined, position = "", 0
    for match in _LIVELY.finditer(plain):
        # A comment separates the sign from the word: with only a backslash, a Git host would still read a name there.
        joined += _SPECIAL.sub(_BACKSLASHED, plain[position : match.end()]) + "<!-- -->"
        position = match.end()
    return joined + _SPECIAL.sub(_BACKSLASHED, plain[position:])


_BACKSLASHED = r"\\\g<0>"
