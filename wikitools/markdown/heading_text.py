"""The text of a heading: its range in the line, and how a reader sees it."""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from wikitools.markdown.events import emphasis_marks
from wikitools.text import mask

if TYPE_CHECKING:
    from collections.abc import Sequence

_ATX = re.compile(r" {0,3}(#{1,6})(?![^ \t])")
_ATTRIBUTES = re.compile(r"[ \t]*+\{:?[ \t]*+(?:[^{}#\s]\S*+[ \t]++)*+#([^\s{}]++)[^{}]*+\}[ \t]*+\Z")
_MARKS = re.compile(r"\[|`|\*|_|<|&|\\|\$|\^|~|=|%%|://")
"""Markup that makes the rendered text of a heading differ from the written one. `re` skips to the first characters."""
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_HIGHLIGHT = re.compile(r"(?<!=)==(?=[^\s=])([^=\n]*+(?:=(?!=)[^=\n]++)*+)(?<!\s)==(?!=)")
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\x00-\x20<>]*+|[^\s<>/!?@]++@[^\s<>]++)>")


class Attributes(NamedTuple):
    """`{#id}` at the end of a heading: where it starts, and the identifier."""

    start: int
    name: str


class Change(NamedTuple):
    """A range of the text, and what a reader sees instead."""

    start: int
    end: int
    shown: str


def heading_content(line: str) -> tuple[int, int] | None:
    """Return where the text of an ATX heading starts and ends in its line; `None` if the line is not a heading."""
    match = _ATX.match(line)
    if match is None:
        return None
    start = match.end(1)
    body = line.rstrip(" \t")
    bare = body.rstrip("#")
    # A closing sequence counts only after a blank; "# C#" keeps its last character.
    if len(bare) < len(body) and (bare.endswith((" ", "\t")) or len(bare) < start):
        body = bare.rstrip(" \t")
    end = max(len(body), start)
    while start < end and line[start] in " \t":
        start += 1
    return start, end


def find_attributes(content: str) -> Attributes | None:
    """Return the attributes at the end of a heading's content."""
    brace = content.rfind("{")
    match = _ATTRIBUTES.match(content, brace) if brace >= 0 else None
    return Attributes(brace, match[1]) if match is not None else None


def is_plain(content: str) -> bool:
    """Say whether a heading's rendered text is its written text."""
    return _MARKS.search(content) is None


def _shown_mark(text: str, start: int, end: int) -> Change:
    """Return what a reader sees of a range that is not prose."""
    written = text[start:end]
    sign = written[:1]
    shown = ""
    if sign == "`":
        shown = _code_shown(written.strip("`"))
    elif sign == "$" or written[:4].lower() == "http":
        shown = written
    elif sign == "<":
        match = _AUTOLINK.fullmatch(written)
        shown = match[1] if match is not None else ""
    return Change(start, end, shown)


def _code_shown(code: str) -> str:
    code = code.replace("\n", " ")
    return code[1:-1] if code.startswith(" ") and code.endswith(" ") and code.strip(" ") else code


def shown_text(text: str, start: int, end: int, masked: Sequence[tuple[int, int]], targets: Sequence[Change]) -> str:
    """Return a range as a reader sees it: without markup, entities and escapes resolved, on one line.

    `masked` are the ranges that are not prose, `targets` the visible texts of wikilinks.
    """
    changes = [_shown_mark(text, *each) for each in masked]
    # A masked range contains no emphasis, but it may be next to some: a letter takes its place.
    bare = mask(text[start:end], [(first - start, last - start) for first, last in masked], "x")
    changes += (Change(*match.span(), match[1]) for match in _ESCAPE.finditer(text, start, end))
    marks = emphasis_marks(bare.replace("\n", " ")) if any(sign in bare for sign in "*_~") else []
    if "==" in bare:
        for match in _HIGHLIGHT.finditer(bare):
            marks += ((match.start(), match.start() + 2), (match.end() - 2, match.end()))
    changes += targets[bisect_left(targets, (start,)) : bisect_left(targets, (end,))]
    edits = [*changes, *(Change(start + first, start + last, "") for first, last in marks)]
    pieces: list[str] = []
    position = start
    for first, last, shown in sorted(edits):
        if first >= position:
            pieces += (html.unescape(text[position:first]), shown)
            position = last
    pieces.append(html.unescape(text[position:end]))
    return " ".join("".join(pieces).split())
