"""The format `full`: each finding with its line, a caret line under the place, and what would repair it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.report.lines import Lines
from wikitools.report.screen import clip, visible, width
from wikitools.report.style import Style
from wikitools.text import Safety

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wikitools.lint.run import Diagnostic

DEFAULT_WIDTH = 120
_ELLIPSIS = "..."
_SHORTEST = 24
_WORD = 12
"""How far a cut moves to fall between words."""


def render(
    diagnostics: Iterable[Diagnostic],
    *,
    text_of: Callable[[str], str],
    shown: Callable[[str], str] = str,
    style: Style | None = None,
    columns: int = DEFAULT_WIDTH,
) -> Iterator[str]:
    """Yield the report in pieces, one a finding, each with its line ends and an empty line after it.

    `text_of` gives the text of a file by path, `shown` the path as the reader should see it. Lines that do not fit
    into `columns` are cropped around the place.
    """
    lines = Lines(text_of)
    for diagnostic in diagnostics:
        yield "\n".join(_block(diagnostic, lines, shown, style or Style(), columns)) + "\n\n"


def _block(
    diagnostic: Diagnostic, lines: Lines, shown: Callable[[str], str], style: Style, columns: int
) -> Iterator[str]:
    severity = str(diagnostic.severity)
    rule = style.paint(severity, f"{severity}[{diagnostic.rule}]")
    yield f"{rule}: {style.paint('bold', visible(diagnostic.message))}"
    gutter = " " * len(str(diagnostic.line))
    bar = style.paint("frame", "|")
    arrow = style.paint("frame", "-->")
    yield f"{gutter}{arrow} {visible(shown(diagnostic.path))}:{diagnostic.line}:{diagnostic.column}"
    if text := lines.text(diagnostic.path, diagnostic.line):
        # A place that ends on a later line is marked to the end of its first.
        start = diagnostic.column - 1
        end = diagnostic.end_column - 1 if diagnostic.end_line == diagnostic.line else len(text)
        window, before, marked = _crop(text, start, min(end, len(text)), columns - len(gutter) - 3)
        yield f"{gutter} {bar}"
        yield f"{style.paint('frame', str(diagnostic.line))} {bar} {window}".rstrip()
        yield f"{gutter} {bar} {' ' * before}{style.paint(severity, '^' * max(marked, 1))}"
    equals = style.paint("frame", "=")
    for related in diagnostic.related:
        line, column = lines.place(related.span)
        place = f"{visible(shown(related.span.path))}:{line}:{column}"
        yield f"{gutter} {equals} note: {visible(related.message)} ({place})"
    if diagnostic.help:
        yield f"{gutter} {equals} help: {visible(diagnostic.help)}"
    if diagnostic.fix is not None:
        unsafe = " (unsafe)" if diagnostic.fix.safety == Safety.UNSAFE else ""
        yield f"{gutter} {equals} fix: {visible(diagnostic.fix.title)}{unsafe}"


def _crop(text: str, start: int, end: int, columns: int) -> tuple[str, int, int]:
    """Return the visible part of a line around `start:end`, the columns before the place, and those of the place."""
    columns = max(columns, _SHORTEST)
    # A character may take no column at all, so this many on each side are always enough to fill the screen's width.
    reach = columns * 4
    left, right = text[max(0, start - reach) : start], text[end : end + reach]
    place = text[start : min(end, start + reach)]
    left, place, right = visible(left), visible(place), visible(right)
    cut_left, cut_right = start > reach, end + reach < len(text)
    if not cut_left and not cut_right and width(left) + width(place) + width(right) <= columns:
        return left + place + right, width(left), width(place)
    mark = len(_ELLIPSIS) + 1
    if width(place) > columns - 2 * mark:
        place = clip(place, columns - 2 * mark)
        right = ""
        cut_right = True
    room = columns - width(place)
    if cut_left or width(left) > room // 2:
        wanted = room // 2 if cut_right or width(right) > room // 2 else room - width(right)
        if cut_left or width(left) > wanted:
            left = f"{_ELLIPSIS} {_from_word(clip(left, wanted - mark, from_end=True))}"
    room -= width(left)
    if cut_right or width(right) > room:
        right = f"{_to_word(clip(right, room - mark))} {_ELLIPSIS}"
    return left + place + right, width(left), width(place)


def _from_word(text: str) -> str:
    blank = text.find(" ", 0, _WORD)
    return text[blank + 1 :] if blank >= 0 else text


def _to_word(text: str) -> str:
    blank = text.rfind(" ", max(0, len(text) - _WORD))
    return text[:blank] if blank >= 0 else text
