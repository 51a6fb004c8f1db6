"""The format `grouped`: findings by page, by what they are about, or by rule, with counts."""

from __future__ import annotations

import posixpath
import unicodedata
from typing import TYPE_CHECKING

from wikitools.report.around import around
from wikitools.report.rule_pages import rule_url
from wikitools.report.screen import clip, fold, visible, width
from wikitools.report.summary import count, places

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from wikitools.lint.run import Diagnostic
    from wikitools.report.report import Report

_GAP = "  "
_SHORTEST = 16
"""Columns that a target keeps on the narrowest terminal."""
_ELLIPSIS = "…"


def render(report: Report) -> Iterator[str]:
    """Yield the groups, each with its line ends, and the summary."""
    groups: Mapping[str, Callable[[Report], Iterator[str]]] = {
        "page": _by_page,
        "target": _by_target,
        "rule": _by_rule,
    }
    return around(report, groups[report.group_by](report))


def _grouped(
    diagnostics: Iterable[Diagnostic], key: Callable[[Diagnostic], Hashable]
) -> Mapping[Hashable, list[Diagnostic]]:
    groups: dict[Hashable, list[Diagnostic]] = {}
    for each in diagnostics:
        groups.setdefault(key(each), []).append(each)
    return groups


# By page


def _by_page(report: Report) -> Iterator[str]:
    paint, link = report.style.paint, report.style.link
    for path, members in _grouped(report.diagnostics, lambda each: each.path).items():
        name = link(report.address(str(path)), paint("bold", visible(report.shown(str(path)))))
        yield f"{name}: {count(len(members), 'problem')}\n"
        spots = [f"{each.line}:{each.column}" for each in members]
        spot = max(map(len, spots))
        severity = max(len(str(each.severity)) for each in members)
        rule = max(len(each.rule) for each in members)
        indent = 2 + spot + 2 + severity + 2 + rule + 2
        for at, each in zip(spots, members, strict=True):
            name = link(rule_url(each.rule), each.rule)
            painted = paint(str(each.severity), f"{each.severity!s:<{severity}}")
            message = _folded(visible(each.message), report.fold, indent)
            yield f"  {at:>{spot}}  {painted}  {name}{' ' * (rule - len(each.rule))}  {message}\n"
        yield "\n"


def _folded(text: str, columns: int, indent: int) -> str:
    """Return text broken under its own beginning; under the start of the line where that leaves it no room."""
    if columns and columns - indent < _SHORTEST * 2:
        indent = 6
        return "\n" + " " * indent + f"\n{' ' * indent}".join(fold(text, columns, first=indent, indent=indent))
    return f"\n{' ' * indent}".join(fold(text, columns, first=indent, indent=indent))


# By rule


def _by_rule(report: Report) -> Iterator[str]:
    paint, link = report.style.paint, report.style.link
    groups = _grouped(report.diagnostics, lambda each: (each.rule, str(each.severity)))
    for members in sorted(groups.values(), key=lambda found: -len(found)):
        first = members[0]
        severity = str(first.severity)
        name = paint(severity, f"{severity}[{link(rule_url(first.rule), first.rule)}]")
        yield f"{name}: {count(len(members), 'problem')} in {places(each.path for each in members)}\n"
        for each in members:
            place = f"{visible(report.shown(each.path))}:{each.line}:{each.column}"
            words = fold(visible(each.message), report.fold, first=2 + width(place) + 2, indent=6)
            message = f"\n{' ' * 6}".join(words)
            yield f"  {link(report.address(each.path), paint('bold', place))}{_GAP}{message}\n"
        yield "\n"


# By target


def _by_target(report: Report) -> Iterator[str]:
    groups = sorted(_grouped(report.diagnostics, _target).values(), key=_most_wanted)
    if not groups:
        return
    rows = [_row(members, report) for members in groups]
    heads = ("times", "pages", "target", "rule", "first at")
    widths = [max(width(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    if report.fold:
        widths = _fitted(widths, report.fold)
    yield report.style.paint("dim", _line(heads, widths)) + "\n"
    for row, members in zip(rows, groups, strict=True):
        severity = min((str(each.severity) for each in members), key=("error", "warning", "info").index)
        yield _line(row, widths, report, members[0], severity) + "\n"
    yield "\n"


def _target(diagnostic: Diagnostic) -> Hashable:
    """Return what a finding is about, the same for all links that want one page, whatever their case and folder."""
    subject = diagnostic.subject or diagnostic.message
    if subject.startswith(("./", "../")):
        subject = posixpath.normpath(posixpath.join(posixpath.dirname(diagnostic.path), subject))
    return diagnostic.group, unicodedata.normalize("NFC", subject).casefold()


def _most_wanted(members: Sequence[Diagnostic]) -> tuple[int, int, str]:
    return -len(members), -len({each.path for each in members}), members[0].subject


def _row(members: Sequence[Diagnostic], report: Report) -> tuple[str, ...]:
    first = members[0]
    spellings = _grouped(members, lambda each: each.subject or each.message)
    # Of several spellings the most frequent, of equally frequent ones the first.
    label = max(spellings, key=lambda each: len(spellings[each]))
    rules = ", ".join(sorted({each.rule for each in members}))
    return (
        f"{len(members):,}",
        f"{len({each.path for each in members}):,}",
        visible(str(label)),
        rules,
        f"{visible(report.shown(first.path))}:{first.line}:{first.column}",
    )


def _fitted(widths: Sequence[int], columns: int) -> list[int]:
    """Return the widths with target and place cut down to what the terminal has room for."""
    times, pages, target, rule, place = widths
    room = columns - times - pages - rule - 4 * len(_GAP)
    place = min(place, max(room - min(target, max(room * 3 // 5, _SHORTEST)), 8))
    return [times, pages, min(target, max(room - place, _SHORTEST)), rule, place]


def _line(
    row: Sequence[str],
    widths: Sequence[int],
    report: Report | None = None,
    first: Diagnostic | None = None,
    severity: str = "",
) -> str:
    times, pages, target, rule, place = row
    target = _cut(target, widths[2])
    blanks = " " * (widths[2] - width(target))
    place = _cut(place, widths[4], from_end=True)
    named, padding = rule, " " * (widths[3] - len(rule))
    if report is not None and first is not None:
        style = report.style
        target = style.paint("bold", target)
        named = style.paint(severity, style.link(rule_url(first.rule), rule) if rule == first.rule else rule)
        place = style.link(report.address(first.path), place)
    cells = (f"{times:>{widths[0]}}", f"{pages:>{widths[1]}}", f"{target}{blanks}", f"{named}{padding}", place)
    return _GAP.join(cells).rstrip()


def _cut(text: str, columns: int, *, from_end: bool = False) -> str:
    """Return the text, or as much of its beginning (or end) as fits, with a mark where it was cut."""
    if width(text) <= columns:
        return text
    kept = clip(text, columns - 1, from_end=from_end)
    return _ELLIPSIS + kept if from_end else kept + _ELLIPSIS
