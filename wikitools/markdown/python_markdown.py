"""Content that only Python-Markdown finds: in the bodies of admonitions, tabs and definitions, and in HTML.

A body that is indented by four below `!!! note`, `??? note`, `=== "Tab"` or `:   ` reads like that of a list item. So
the line above it is rewritten, at equal length, as the start of one; the reader then finds everything where it is in
the file. What the rewriting takes away (titles, tags) is read apart.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPES = r"[\w-]++(?: ++[\w-]++)*+"
_TITLE = r'"(?P<{0}>[^\n]*)"'
_LINE = re.compile(
    r"^(?P<before>(?:[ \t]*+>)*+[ \t]*+)(?:(?P<mark>"
    # The extensions admonition (its title stands behind a type), pymdownx.details and pymdownx.tabbed.
    rf"!!! ?+{_TYPES}(?: ++{_TITLE.format('admonition')})?"
    rf"|\?\?\?\+? ?+(?:{_TYPES})?(?: *+{_TITLE.format('details')})?"
    rf"|===(?:\+!|!\+|[+!])? ++{_TITLE.format('tab')}"
    r")[ \t]*+\r?$|(?P<definition>:)(?= {1,3}[^ \r\n]))",
    re.MULTILINE,
)
_MAY_HAVE_LINES = re.compile(r"!!!|\?\?\?|===|\n[ \t>]*+: ")
_RULE = "-   ***"
"""An item that begins with a thematic break: what follows is no part of a paragraph that began in the first line."""
_SHORTEST = "-   x"


class Rewritten(NamedTuple):
    """A page rewritten at equal length so that CommonMark finds what Python-Markdown finds, and what was taken out."""

    text: str
    apart: list[tuple[int, int]]


def as_commonmark(text: str, begin: int) -> Rewritten:
    """Rewrite the text after offset `begin`."""
    apart: list[tuple[int, int]] = []
    shown = text
    if _MAY_HAVE_LINES.search(text, max(0, begin - 1)) is not None:
        shown = text[:begin] + _LINE.sub(lambda match: _item(match, begin, apart), text[begin:])
    if _MARKDOWN_ATTRIBUTE.search(text, begin) is not None:
        shown = _without_tags(shown, begin, apart)
    return Rewritten(shown, sorted(apart))


def _item(match: re.Match[str], begin: int, apart: list[tuple[int, int]]) -> str:
    """Return the line before an indented body as the start of a list item, and record its title."""
    written, before = match[0], match["before"]
    if match["definition"]:
        return f"{before}-"
    mark = match["mark"]
    # The body of an item begins where its first line does; that of an admonition is indented by four.
    start = _RULE if len(mark) >= len(_RULE) else _SHORTEST
    if len(mark) < len(start):
        return written
    title = next((group for group in ("admonition", "details", "tab") if match[group]), None)
    if title is not None:
        # Including the quote mark before it, so that it cannot be read as the mark of a block.
        apart.append((match.start(title) + begin - 1, match.end(title) + begin))
    rest = written[len(before) + len(mark) :]
    return f"{before}{start.ljust(len(mark))}{rest}"


# ---- HTML with Markdown in it (the extension md_in_html) -------------------------------------------------------------

_MARKDOWN_ATTRIBUTE = re.compile(r"\smarkdown(?:\s*+=\s*+[\"']?(?:1|block|span)\b[\"']?)?(?=[\s/>])", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*+)((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>")
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_FENCE_LINE = re.compile(r"^[ \t>]*+(`{3,}+|~{3,}+)([^\n]*+)$", re.MULTILINE)


def _without_tags(text: str, begin: int, apart: list[tuple[int, int]]) -> str:
    """Return the text so that elements with Markdown in them, and elements within those, do not hide their content.

    A tag alone on its line is blanked. A tag at the start of a line of text is made to look like text.
    """
    pieces: list[str] = []
    position = 0
    for start, end in _tags_around_markdown(text, begin):
        line_end = text.find("\n", end)
        if text[end : len(text) if line_end < 0 else line_end].strip():
            pieces += (text[position:start], "x" * (end - start))
            position = end
            apart.append((start, end))
            continue
        pieces += (text[position:start], re.sub(r"[^\r\n]", " ", text[start:end]))
        position = end
        apart.append((start, end))
    pieces.append(text[position:])
    return "".join(pieces)


def _tags_around_markdown(text: str, begin: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the tags of elements with Markdown in them, and of whole elements within.

    Only tags at the start of a line count, because others hide nothing. An element within that has no Markdown of its
    own counts if it ends on its line; otherwise it is a block of HTML.
    """
    fences = _fences(text, begin)
    opened: list[tuple[str, bool]] = []
    open_names: Counter[str] = Counter()
    fence_start, fence_end = next(fences, (len(text), len(text)))
    for tag in _TAG.finditer(text, begin):
        while fence_end <= tag.start() and fence_start < len(text):
            fence_start, fence_end = next(fences, (len(text), len(text)))
        if fence_start <= tag.start():
            continue
        name = tag[2].lower()
        if not tag[1]:
            if name in _VOID or tag[3].endswith("/"):
                continue
            has_markdown = _MARKDOWN_ATTRIBUTE.search(f"{tag[3]}>") is not None
            if has_markdown or (opened and opened[-1][1]):
                end = tag.end() if has_markdown else _end_on_line(text, name, tag)
                if end and _begins_line(text, tag.start()):
                    yield tag.start(), end
            opened.append((name, has_markdown))
            open_names[name] += 1
        elif open_names[name]:
            closed = False
            while opened:
                other, closed = opened.pop()
                open_names[other] -= 1
                if other == name:
                    break
            if closed and _begins_line(text, tag.start()):
                yield tag.span()


_DEEPEST = 200
"""The most characters of marks and blanks before the first tag of a line."""


def _begins_line(text: str, start: int) -> bool:
    before = text[max(0, start - _DEEPEST) : start]
    return not before[before.rfind("\n") + 1 :].strip(" \t>") and ("\n" in before or start <= _DEEPEST)


def _end_on_line(text: str, name: str, tag: re.Match[str]) -> int:
    """Return where the element that a tag opens ends, if the tag begins its line and the element ends on it; else 0."""
    start = tag.end()
    if not _begins_line(text, tag.start()):
        return 0
    line_end = text.find("\n", start)
    line = text[start : len(text) if line_end < 0 else line_end].lower()
    close = line.rfind(f"</{name}")
    end = line.find(">", close) if close >= 0 else -1
    return start + end + 1 if end >= 0 else 0


def _fences(text: str, begin: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of fenced code, whatever its indentation."""
    mark, start = "", 0
    for match in _FENCE_LINE.finditer(text, begin):
        if not mark:
            if match[1][0] != "`" or "`" not in match[2]:
                mark, start = match[1], match.start()
        elif match[1].startswith(mark) and not match[2].strip():
            yield start, match.end()
            mark = ""
    if mark:
        yield start, len(text)
