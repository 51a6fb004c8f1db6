"""The format `full`: each finding with its line, a line of carets below it, and the repair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.report.around import around
from wikitools.report.file_lines import Lines
from wikitools.report.groups import Choice, choose, find_groups, place_of
from wikitools.report.rule_pages import rule_url
from wikitools.report.screen import crop, fold, visible, whole, width
from wikitools.text import Safety

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.report.groups import Group
    from wikitools.report.report import Report


def render(report: Report) -> Iterator[str]:
    """Yield the report in pieces, one per finding, each with its line ends and an empty line after it, and the summary.

    Many equal findings are one piece, with the line of the first; of a rule with very many findings only the most
    frequent are shown. Lines of pages that do not fit into the report's columns are cropped around the finding.
    """
    lines = Lines(report.text_of)
    groups = find_groups(report)
    choice = Choice(groups, {}) if report.verbose else choose(groups, on_screen=report.fold > 0)
    pieces = ("\n".join(_block(each, lines, report)) + "\n\n" for each in choice.shown)
    return around(report, pieces, choice.shown, choice.counted)


def _block(group: Group, lines: Lines, report: Report) -> Iterator[str]:
    diagnostic, style = group.first, report.style
    severity = str(diagnostic.severity)
    name = f"{severity}[{diagnostic.rule}]"
    rule = style.paint(severity, f"{severity}[{style.link(rule_url(diagnostic.rule), diagnostic.rule)}]")
    message = fold(visible(group.message), report.fold, first=len(name) + 2, indent=2)
    yield f"{rule}: {style.paint('bold', message[0])}"
    yield from (f"  {style.paint('bold', line)}" for line in message[1:])
    gutter = " " * len(str(diagnostic.line))
    bar = style.paint("frame", "|")
    place = place_of(diagnostic, report.shown)
    arrow, linked = f"{gutter}{style.paint('frame', '-->')}", style.link(report.address(diagnostic.path), place)
    if 0 < report.fold < len(gutter) + 4 + width(place):
        # A path that the terminal would break gets a line of its own.
        yield arrow
        yield f"{' ' * min(2, max(0, report.fold - width(place)))}{linked}"
    else:
        yield f"{arrow} {linked}"
    text = lines.text(diagnostic.path, diagnostic.line)
    # A blank line shows nothing, or may replace a line that must not be shown.
    if text.strip():
        # A finding that ends on a later line is marked up to the end of its first line.
        start = diagnostic.column - 1
        end = diagnostic.end_column - 1 if diagnostic.end_line == diagnostic.line else len(text)
        window, before, marked = crop(text, start, min(end, len(text)), report.columns - len(gutter) - 3)
        yield f"{gutter} {bar}"
        yield f"{style.paint('frame', str(diagnostic.line))} {bar} {window}".rstrip()
        yield f"{gutter} {bar} {' ' * before}{style.paint(severity, '^' * max(marked, 1))}"
    for kind, words in _remarks(group, lines, report):
        indent = len(gutter) + len(kind) + 5
        equals = style.paint("frame", "=")
        widest, under = max(map(width, words.split(" "))), len(gutter) + 3
        if under + widest <= report.fold < indent + widest:
            # A long path stays whole below the word before it.
            indent = under
            folded = ["", *fold(words, report.fold, first=indent, indent=indent)]
        else:
            folded = fold(words, report.fold, first=indent, indent=indent)
        yield f"{gutter} {equals} {kind}: {folded[0]}".rstrip()
        yield from (" " * indent + line for line in folded[1:])


def _remarks(group: Group, lines: Lines, report: Report) -> Iterator[tuple[str, str]]:
    diagnostic = group.first
    if group.is_many:
        yield "also at", group.others(report.shown)
    for related in diagnostic.related:
        line, column = lines.place(related.span)
        place = whole(f"{visible(report.shown(related.span.path))}:{line}:{column}")
        yield "note", f"{visible(related.message)} ({place})"
    if diagnostic.help:
        yield "help", visible(diagnostic.help)
    if diagnostic.fix is not None:
        unsafe = " (unsafe)" if diagnostic.fix.safety == Safety.UNSAFE else ""
        yield "fix", f"{visible(diagnostic.fix.title)}{unsafe}"
