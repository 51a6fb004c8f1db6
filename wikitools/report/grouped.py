"""The format `grouped`: findings by page, by subject or by rule, with counts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wikitools.lint.dead_links import DEAD_LINK_RULES
from wikitools.lint.url_status import host_of
from wikitools.report.around import around
from wikitools.report.groups import find_groups, folded, grouped, place_of
from wikitools.report.rule_pages import rule_url
from wikitools.report.screen import clip, fold, visible, width
from wikitools.report.summary import count, places
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.engines.roaming import Roaming, find_roaming
from wikitools.wiki.paths import folder_of, join_anywhere

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from wikitools.lint.run import Diagnostic
    from wikitools.report.groups import Group
    from wikitools.report.report import Report

_GAP = "  "
_SHORTEST = 16
"""How many columns a target has at least on a narrow terminal."""
_USUAL = 60
"""How many columns targets have without a terminal."""
_ELLIPSIS = "…"


def render(report: Report) -> Iterator[str]:
    """Yield the groups, each with its line ends, and the summary."""
    if report.group_by == "target":
        return around(report, _by_target(report))
    groups = find_groups(report)
    by = {"page": _by_page, "rule": _by_rule, "host": _by_host}[report.group_by]
    return around(report, by(groups, report), groups)


# By page


def _by_page(groups: Iterable[Group], report: Report) -> Iterator[str]:
    """Yield the findings of each page, then those that many pages have in common."""
    paint, link = report.style.paint, report.style.link
    pages: dict[str, list[Group]] = {}
    shared: list[Group] = []
    for group in groups:
        if len(group.paths) > 1:
            shared.append(group)
        else:
            pages.setdefault(group.first.path, []).append(group)
    below = Counter(each.path for group in shared for each in group.members)
    for path, own in pages.items():
        name = link(report.address(path), paint("bold", visible(report.shown(path))))
        more = f", and {below[path]:,} of those at the end" if below[path] else ""
        yield f"{name}: {count(sum(len(group.members) for group in own), 'problem')}{more}\n"
        yield from _rows(own, [f"{group.first.line}:{group.first.column}" for group in own], report)
        yield "\n"
    if shared:
        name = paint("bold", f"On {places(below)}")
        yield f"{name}: {count(below.total(), 'problem')}\n"
        shared.sort(key=lambda group: -len(group.members))
        yield from _rows(shared, [""] * len(shared), report)
        yield "\n"


def _rows(groups: Sequence[Group], spots: Sequence[str], report: Report) -> Iterator[str]:
    """Yield a line for each group, which starts with its position on the page.

    Without one, all locations follow below.
    """
    paint, link = report.style.paint, report.style.link
    spot = max(map(len, spots))
    severity = max(len(str(group.first.severity)) for group in groups)
    rule = max(len(group.first.rule) for group in groups)
    start = 2 + spot + 2 if spot else 2
    indent = start + severity + 2 + rule + 2
    for at, group in zip(spots, groups, strict=True):
        each = group.first
        name = link(rule_url(each.rule), each.rule)
        painted = paint(str(each.severity), f"{each.severity!s:<{severity}}")
        message = _folded(visible(group.message), report.fold, indent)
        yield f"{f'{at}  ':>{start}}{painted}  {name}{' ' * (rule - len(each.rule))}  {message}\n"
        if group.is_many:
            yield from _also(group, report, indent, skipped=1 if at else 0)


def _also(group: Group, report: Report, indent: int, *, skipped: int = 1) -> Iterator[str]:
    words = f"{'also ' if skipped else ''}at {group.others(report.shown, skipped)}"
    yield f"{' ' * indent}{_folded(words, report.fold, indent)}\n"


def _folded(text: str, columns: int, first: int, *, under: int = 0) -> str:
    """Return text that starts at the column `first`, wrapped to start there, or at column `under`, on further lines.

    If the location leaves no room, the text starts on its own line.
    """
    if columns and columns - first < _SHORTEST * 2 and first + width(text) > columns:
        under = 6
        return "\n" + " " * under + f"\n{' ' * under}".join(fold(text, columns, first=under, indent=under))
    under = under or first
    return f"\n{' ' * under}".join(fold(text, columns, first=first, indent=under))


# By rule


def _by_rule(groups: Iterable[Group], report: Report) -> Iterator[str]:
    paint, link = report.style.paint, report.style.link
    rules: dict[tuple[str, str], list[Group]] = {}
    for group in groups:
        rules.setdefault((group.first.rule, str(group.first.severity)), []).append(group)
    found = [(told, [each for group in told for each in group.members]) for told in rules.values()]
    for told, members in sorted(found, key=lambda each: -len(each[1])):
        first = members[0]
        severity = str(first.severity)
        name = paint(severity, f"{severity}[{link(rule_url(first.rule), first.rule)}]")
        where = f"{count(len(members), 'problem')} in {places(each.path for each in members)}"
        yield f"{name}: {_folded(where, report.fold, len(severity) + len(first.rule) + 4, under=2)}\n"
        for group in told:
            path, place = group.first.path, place_of(group.first, report.shown)
            message = _folded(visible(group.message), report.fold, 2 + width(place) + 2, under=6)
            yield f"  {link(report.address(path), paint('bold', place))}{_GAP}{message}\n"
            if group.is_many:
                yield from _also(group, report, 6)
        yield "\n"


# By host


def _by_host(groups: Iterable[Group], report: Report) -> Iterator[str]:
    """Yield the findings about each host's addresses, the host with most of them first."""
    paint, link = report.style.paint, report.style.link
    hosts = grouped(groups, lambda group: host_of(group.first.subject))
    for host, told in sorted(hosts.items(), key=lambda each: -len(each[1])):
        members = [each for group in told for each in group.members]
        where = f"{count(len(members), 'problem')} in {places(each.path for each in members)}"
        yield f"{paint('bold', visible(str(host)) or 'No host')}: {where}\n"
        for group in told:
            each = group.first
            severity = str(each.severity)
            yield f"  {paint(severity, severity)}  {link(rule_url(each.rule), each.rule)}"
            message, used = visible(group.message), 6 + len(severity) + len(each.rule)
            # An address is long: it gets a line of its own unless everything fits.
            if report.fold and used + width(message) > report.fold:
                yield f"\n    {_folded(message, report.fold, 4)}\n"
            else:
                yield f"  {message}\n"
            at = link(report.address(each.path), place_of(each, report.shown))
            others = f", {group.others(report.shown)}" if group.is_many else ""
            yield f"    at {_folded(f'{at}{others}', report.fold, 7, under=4)}\n"
            if each.help:
                yield f"    {_folded(visible(each.help), report.fold, 4)}\n"
        yield "\n"


# By target


def _by_target(report: Report) -> Iterator[str]:
    roams = find_roaming(ENGINES[report.engine])
    groups = sorted(grouped(report.diagnostics, lambda each: _key(each, report, roams)).values(), key=_most_wanted)
    if not groups:
        return
    rows = [_row(members, report, roams) for members in groups]
    widths = [max(width(row[column]) for row in (_HEADS, *rows)) for column in range(len(_HEADS))]
    # Without a terminal nothing is cut, and one long name does not widen the column.
    widths = _fitted(widths, report.fold) if report.fold else [*widths[:2], min(widths[2], _USUAL), *widths[3:]]
    yield report.style.paint("dim", _line(_HEADS, widths)) + "\n"
    for row, members in zip(rows, groups, strict=True):
        severity = min((str(each.severity) for each in members), key=("error", "warning", "info").index)
        yield _line(row, widths, report, members[0], severity) + "\n"
    yield "\n"


_HEADS = ("times", "pages", "target", "rule", "first at")


def _key(diagnostic: Diagnostic, report: Report, roams: Roaming) -> Hashable:
    """Return what a finding is about: the same for all links that need one page, whatever their case and folder."""
    wanted = _wanted(diagnostic, report, roams)
    return diagnostic.group, folded(wanted)


def _wanted(diagnostic: Diagnostic, report: Report, roams: Roaming) -> str:
    """Return the subject of a finding; for a target that is relative to the page's folder, the path from the root."""
    subject = diagnostic.subject or diagnostic.message
    if diagnostic.rule not in DEAD_LINK_RULES or subject.startswith("/"):
        return subject
    if not subject.startswith(("./", "../")):
        start = diagnostic.span.start
        written = report.text_of(diagnostic.path)[start : start + len("![[")]
        if roams.wikilinks if written.removeprefix("!").startswith("[[") else roams.links:
            return subject
    return join_anywhere(folder_of(diagnostic.path), subject)


def _most_wanted(members: Sequence[Diagnostic]) -> tuple[int, int, str]:
    return -len(members), -len({each.path for each in members}), members[0].subject


def _row(members: Sequence[Diagnostic], report: Report, roams: Roaming) -> tuple[str, ...]:
    first = members[0]
    spellings = grouped(members, lambda each: _wanted(each, report, roams))
    # The most frequent spelling; of equally frequent ones, the first.
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
    """Return the widths, with those of target and location reduced to fit the terminal; 0 means left out."""
    times, pages, target, rule, place = widths
    room = columns - times - pages - 2 * len(_GAP)
    # A location is cut first, and at its start: line, column and the end of the name stay.
    place = min(place, max(room - rule - 2 * len(_GAP) - max(target, _SHORTEST), _SHORTEST))
    if room - rule - place - 2 * len(_GAP) < _SHORTEST:
        place = room - rule - 2 * len(_GAP) - _SHORTEST
    if place < _SHORTEST:
        place = 0
        rule = rule if room - rule - len(_GAP) >= _SHORTEST else 0
    left = room - sum(each + len(_GAP) for each in (rule, place) if each)
    return [times, pages, min(target, max(left, 1)), rule, place]


def _line(
    row: Sequence[str],
    widths: Sequence[int],
    report: Report | None = None,
    first: Diagnostic | None = None,
    severity: str = "",
) -> str:
    times, pages, target, rule, place = row
    target = _cut(target, widths[2]) if report is None or report.fold else target
    blanks = " " * (widths[2] - width(target))
    place = _cut(place, widths[4], from_end=True)
    named, padding = rule, " " * (widths[3] - len(rule))
    if report is not None and first is not None:
        style = report.style
        target = style.paint("bold", target)
        named = style.paint(severity, style.link(rule_url(first.rule), rule) if rule == first.rule else rule)
        place = style.link(report.address(first.path), place)
    cells = [f"{times:>{widths[0]}}", f"{pages:>{widths[1]}}", f"{target}{blanks}"]
    cells += [cell for cell, kept in ((f"{named}{padding}", widths[3]), (place, widths[4])) if kept]
    return _GAP.join(cells).rstrip()


def _cut(text: str, columns: int, *, from_end: bool = False) -> str:
    """Return the text, or as much of its start (or end) as fits, with a mark where it was cut."""
    if width(text) <= columns:
        return text
    kept = clip(text, columns - 1, from_end=from_end)
    return _ELLIPSIS + kept if from_end else kept + _ELLIPSIS
