"""Comments on a page that silence rules: reads and applies them, and reports those that silence nothing.

    <!-- wikitools-ignore-next-line broken-wikilink -- page planned -->   the next line that is not blank
    <!-- wikitools-ignore-line broken-wikilink, anchors -->               the lines the comment stands on
    <!-- wikitools-ignore citations --> … <!-- wikitools-ignore-end -->   everything between, nested as you like
    <!-- wikitools-ignore-file unmatched-citation -->                     the page, wherever the comment stands

Names are rules, groups or `ALL`, separated by commas; without a name all rules are silenced. The text after ` -- ` is
the reason, for human readers. A finding is silenced by its start.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING

from wikitools.markdown.page import Page, Problem
from wikitools.records import dataclass
from wikitools.text import Edit, Fix, Span, line_and_column
from wikitools.wiki.resolution import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

ALL = "ALL"

_DIRECTIVES = (
    "wikitools-ignore",
    "wikitools-ignore-end",
    "wikitools-ignore-file",
    "wikitools-ignore-line",
    "wikitools-ignore-next-line",
)
_COMMENT = re.compile(r"(?:<!--)?\s*(wikitools-[\w-]*)")
_REASON = re.compile(r"\s--(?=\s|>|\Z)")
_NAME = re.compile(r"[^\s,]+")


@dataclass(slots=True)
class Directive:
    """One comment that silences `names` from `start` to `end` (offsets on its page); `used` are names that did."""

    span: Span
    names: tuple[tuple[str, Span], ...]
    """Each name with its place; a comment without names holds `ALL` at its own span."""
    kind: str
    start: int = 0
    end: int = 0
    closing: Span | None = None
    """The comment that ends it."""
    used: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class UnusedSuppression:
    """A comment, or one of the names in it, that silences nothing; `fix` removes it where that is harmless."""

    span: Span
    name: str
    """The name that silences nothing; "" for a comment that names no rule."""
    whole: bool
    """Whether the whole comment is unused, not only one of its names."""
    fix: Fix | None


@dataclass(slots=True)
class Suppressions:
    """What the comments of one page silence. Offsets must be asked for in rising order."""

    page: Page
    problems: tuple[Problem, ...]
    """Comments that were meant to silence something and cannot, kind "malformed-suppression"."""
    _file: list[Directive]
    _lines: list[Directive]
    _blocks: list[Directive]

    def silences(self, places: Iterable[tuple[int, str, str]]) -> Iterator[bool]:
        """Yield for each (offset, rule, group), sorted by offset, whether a comment silences it (the closest is used).

        Linear in places and comments: both are walked side by side.
        """
        file = _by_name(self._file)
        lines, blocks = _Sweep(self._lines), _Sweep(self._blocks)
        for offset, rule, group in places:
            names = (rule, group, ALL)
            yield lines.takes(offset, names) or blocks.takes(offset, names) or _take(file, names)

    def unused(self, judged: Callable[[str], bool]) -> Iterator[UnusedSuppression]:
        """Yield the names that silenced nothing, among those that `judged` accepts (those whose rules ran)."""
        for directive in sorted((*self._file, *self._lines, *self._blocks), key=lambda each: each.span):
            idle = [(name, span) for name, span in directive.names if name not in directive.used and judged(name)]
            if idle and len(idle) == len(directive.names):
                name = "" if idle[0][1] == directive.span else ", ".join(name for name, _ in idle)
                comments = (directive.span,) if directive.closing is None else (directive.span, directive.closing)
                edits = [edit for span in comments if (edit := _removal(self.page.text, span)) is not None]
                fix = Fix("remove the comment", tuple(edits)) if len(edits) == len(comments) else None
                yield UnusedSuppression(directive.span, name, True, fix)
            elif idle:
                # One name per round: the fixes of neighbours would change the same comma.
                name, span = idle[0]
                fix = Fix(f'remove "{name}" from the comment', (_name_removal(directive, span),))
                yield UnusedSuppression(span, name, False, fix)
                yield from (UnusedSuppression(span, name, False, None) for name, span in idle[1:])


class _Sweep:
    """Directives that apply at a position which only moves forward."""

    def __init__(self, directives: Sequence[Directive]) -> None:
        self._waiting = sorted(directives, key=lambda each: (each.start, -each.end), reverse=True)
        self._open: dict[str, list[Directive]] = {}

    def takes(self, offset: int, names: Sequence[str]) -> bool:
        while self._waiting and self._waiting[-1].start <= offset:
            directive = self._waiting.pop()
            for name, _ in directive.names:
                self._open.setdefault(name, []).append(directive)
        for name in names:
            stack = self._open.get(name, [])
            # Ranges nest, so those that have ended are on top.
            while stack and stack[-1].end <= offset:
                stack.pop()
        return _take(self._open, names)


def _by_name(directives: Iterable[Directive]) -> dict[str, list[Directive]]:
    found: dict[str, list[Directive]] = {}
    for directive in directives:
        for name, _ in directive.names:
            found.setdefault(name, []).append(directive)
    return found


def _take(directives: dict[str, list[Directive]], names: Sequence[str]) -> bool:
    for name in names:
        if directives.get(name):
            directives[name][-1].used.add(name)
            return True
    return False


def may_silence(page: Page) -> bool:
    """Say whether a page has comments that are meant to silence something."""
    return any("wikitools-" in comment.text for comment in page.comments)


def find_suppressions(page: Page, starts: Sequence[int], names: Iterable[str]) -> Suppressions:
    """Read the comments that silence rules; `starts` are the page's `line_starts`, `names` are all valid ones."""
    known = frozenset(names)
    file: list[Directive] = []
    lines: list[Directive] = []
    blocks: list[Directive] = []
    problems: list[Problem] = []
    opened: list[Directive] = []
    for comment in page.comments:
        raw = comment.span.of(page.text)
        match = _COMMENT.match(raw)
        if match is None:
            continue
        kind = match[1].rstrip("-")
        if kind not in _DIRECTIVES:
            near = nearest(kind, _DIRECTIVES, limit=1, cutoff=60.0)
            guess = f'; did you mean "{near[0]}"?' if near else ""
            problems.append(_problem(comment.span, f'"{kind}" silences nothing{guess}'))
            continue
        found = tuple(_names(raw, match.end(), comment.span))
        problems += [_unknown(span, name, known) for name, span in found if name not in known]
        valid = tuple((name, span) for name, span in found if name in known)
        if found and not valid and kind != "wikitools-ignore":
            continue
        directive = Directive(comment.span, valid or (() if found else ((ALL, comment.span),)), kind)
        if kind == "wikitools-ignore-end":
            if opened:
                opened[-1].end, opened[-1].closing = comment.span.start, comment.span
                opened.pop()
            else:
                problems.append(
                    _problem(comment.span, f"there is no range to end: no <!-- {_DIRECTIVES[0]} … --> is open here")
                )
        elif kind == "wikitools-ignore":
            directive.start, directive.end = comment.span.end, len(page.text) + 1
            opened.append(directive)
            blocks.append(directive)
        elif kind == "wikitools-ignore-file":
            file.append(directive)
        else:
            lines.append(directive)
    _aim(lines, page.text, starts)
    problems += [
        _problem(each.span, f"this range never ends: no <!-- {_DIRECTIVES[1]} --> follows on the page")
        for each in opened
    ]
    return Suppressions(page, tuple(sorted(problems, key=lambda each: each.span)), file, lines, blocks)


def _names(raw: str, position: int, span: Span) -> Iterator[tuple[str, Span]]:
    """Yield the names in a comment with their places; `raw` is the comment, `position` the end of its first word."""
    end = len(raw) - len("-->") if raw.endswith("-->") else len(raw)
    reason = _REASON.search(raw, position)
    if reason is not None:
        end = min(end, reason.start())
    for name in _NAME.finditer(raw, position, end):
        yield name[0], Span(span.path, span.start + name.start(), span.start + name.end())


def _problem(span: Span, message: str) -> Problem:
    return Problem(span, "malformed-suppression", message)


def _unknown(span: Span, name: str, known: Iterable[str]) -> Problem:
    near = nearest(name, known, limit=1, cutoff=65.0)
    guess = f'; did you mean "{near[0]}"?' if near else ""
    return _problem(span, f'no rule or group is named "{name}"{guess}')


_WRITTEN = re.compile(r"\S")
_REST = re.compile(r"[ \t]*(\r\n|\n|\r|\Z)")


def _aim(directives: Sequence[Directive], text: str, starts: Sequence[int]) -> None:
    """Set the ranges of directives about lines, which come in order of their places."""
    aims: dict[int, tuple[int, int]] = {}
    following: dict[int, tuple[int, int]] = {}
    # From the last to the first, so that of several comments above each other all mean the line below them.
    for directive in reversed(directives):
        first, _ = line_and_column(starts, directive.span.start)
        last, _ = line_and_column(starts, max(directive.span.start, directive.span.end - 1))
        if directive.kind == "wikitools-ignore-line":
            directive.start, directive.end = _bounds(text, starts, first, last)
            continue
        if last not in following:
            written = _WRITTEN.search(text, starts[last]) if last < len(starts) else None
            if written is None:
                following[last] = (len(text) + 1, len(text) + 1)
            elif written.start() in aims:
                following[last] = aims[written.start()]
            else:
                line, _ = line_and_column(starts, written.start())
                following[last] = _bounds(text, starts, line, line)
        directive.start, directive.end = aims[directive.span.start] = following[last]


def _bounds(text: str, starts: Sequence[int], first: int, last: int) -> tuple[int, int]:
    return starts[first - 1], starts[last] if last < len(starts) else len(text) + 1


def _removal(text: str, span: Span) -> Edit | None:
    """Return the edit that removes a comment, with its line if nothing else is on it.

    Between two lines of text the line end stays: the comment separated two blocks, and the blank line still does.
    Returns `None` for a comment before text on its line, which is HTML: without the comment it would become Markdown.
    Reads only the blanks around the comment.
    """
    start = _before_blanks(text, span.start)
    rest = _REST.match(text, span.end)
    if not _at_line_start(text, start):
        return Edit(Span(span.path, start if rest or text[span.end].isspace() else span.start, span.end), "")
    if rest is None:
        return None
    above = start - (2 if text[max(0, start - 2) : start] == "\r\n" else 1)
    below = _WRITTEN.match(text, _skip_blanks(text, rest.end()))
    parts_blocks = start > 0 and not _at_line_start(text, _before_blanks(text, max(above, 0))) and below is not None
    return Edit(Span(span.path, start, rest.start(1) if parts_blocks else rest.end()), "")


def _before_blanks(text: str, position: int) -> int:
    while position > 0 and text[position - 1] in " \t":
        position -= 1
    return position


def _skip_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t":
        position += 1
    return position


def _at_line_start(text: str, position: int) -> bool:
    return position == 0 or text[position - 1] in "\r\n" or (position == 1 and text[0] == "\ufeff")


def _name_removal(directive: Directive, span: Span) -> Edit:
    """Return the edit that removes one of several names, with the comma between it and its neighbour."""
    spans = [each for _, each in directive.names]
    place = spans.index(span)
    if place + 1 < len(spans):
        return Edit(Span(span.path, span.start, spans[place + 1].start), "")
    return Edit(Span(span.path, spans[place - 1].end, span.end), "")
