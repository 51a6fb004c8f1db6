"""Ids in braces, as in `![Plot](x.png){#fig-plot}`, which Pandoc and Python-Markdown's attr_list allow on any element.

Those of headings are read with them (`Heading.ids`). Only braces that are attached to something count: anywhere else
they are text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from wikitools.markdown.dialects import PANDOC
from wikitools.markdown.page import HtmlId
from wikitools.markdown.wiki_syntax import is_escaped
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.markdown.page import Page

_BRACES = re.compile(r"\{(?P<colon>:?)(?P<inside>[^{}]{1,500}+)\}")
_ID = re.compile(r"(?:(?<=\s)|\A)(?:[^\s=\"'#]*#([^\s#]+)|id=(?:\"([^\"]+)\"|'([^']+)'|([^\s\"']+)))")
_BLANK_LINE = re.compile(r"\n[ \t]*+\n")
_BRACKET_OR_BLANK_LINE = re.compile(r"[\[\]]|\n[ \t]*+\n")
_CONTAINERS = r"(?:[ \t]*+(?:>|(?:[-+*:]|[0-9]{1,9}[.)])(?=[ \t])))*+[ \t]*+"
_FENCE = re.compile(rf"{_CONTAINERS}(?P<mark>`{{3,}}+(?=[^`\n]*+$)|~{{3,}}+)[^\n{{]*+\Z", re.MULTILINE)
_DIV = re.compile(rf"{_CONTAINERS}:{{3,}}+[ \t]*+\Z")
_CAPTION = re.compile(r"[ \t]*+(?::|[Tt]able:)[ \t][^\n]*+\Z")
_DEFINITION = re.compile(r" {0,3}\[[^\[\]\n]++\]:[ \t]*+\S[^\n]*+[ \t]\Z")
_AUTOLINK_END = re.compile(r"<[^<>\s]++(?<=[^<])>\Z")
_REACH = 1000
"""The bracket or line that braces belong to must begin within this many characters before them."""


def attribute_ids(page: Page, maker: str) -> Iterator[HtmlId]:
    """Yield the ids in braces on a page, except those of headings."""
    text = page.text
    begin = page.front_matter_span.end if page.front_matter_span is not None else 0
    if text.find("{", begin) < 0:
        return
    attached = _attached_for_pandoc if maker == PANDOC else _attached_for_python_markdown
    for match in _BRACES.finditer(text, begin):
        inside = match["inside"]
        if "#" not in inside and "id=" not in inside:
            continue
        if (match["colon"] and maker == PANDOC) or _BLANK_LINE.search(inside) is not None:
            continue
        if not attached(page, match.start(), match.end()):
            continue
        for name in _ID.finditer(inside):
            group = name.lastindex or 1
            start = match.start("inside") + name.start(group)
            yield HtmlId(Span(page.path, start, start + len(name[group])), name[group])


def _attached_for_pandoc(page: Page, start: int, end: int) -> bool:
    """Say whether braces belong to a span, link, image, code, fenced div, or the caption of a table.

    A formula counts too: pandoc-crossref gives formulas ids.
    """
    text = page.text
    line = _line_before(text, start)
    hidden = _hidden_from(page, start)
    if hidden is not None:
        return _opens_fence(page, line, start, hidden)
    before = text[start - 1 : start]
    if before == "]":
        # The last bracket may be that of a reference link.
        is_link = _hidden_from(page, start - 1) is not None
        return is_link or (not is_escaped(text, start - 1) and _has_opening(page, start - 1))
    if _ends_inline(page, start):
        return True
    if _DIV.fullmatch(line) is not None:
        return not _line_after(text, end).strip(" \t\r:")
    if not _line_after(text, end).strip():
        is_formula = text[max(0, start - 3) : start].rstrip(" ").endswith("$$")
        return is_formula or _CAPTION.fullmatch(line) is not None or _DEFINITION.fullmatch(line) is not None
    return False


def _attached_for_python_markdown(page: Page, start: int, end: int) -> bool:
    """Say whether braces belong to a link, image, code, emphasis or table cell, or are the last line of a block."""
    text = page.text
    line = _line_before(text, start)
    hidden = _hidden_from(page, start)
    if hidden is not None:
        return _opens_fence(page, line, start, hidden)
    before = text[start - 1 : start]
    if before in ("*", "_"):
        return not text[start - 2 : start - 1].isspace()
    if before == "]":
        # Python-Markdown has no spans: text in brackets counts only if it is a reference link.
        return _hidden_from(page, start - 1) is not None
    if _ends_inline(page, start):
        return True
    after = _line_after(text, end)
    if "|" in line and after.lstrip(" \t").startswith("|"):
        return True
    if line.strip(" \t>") or after.strip():
        return False
    above = text[: start - len(line)].removesuffix("\n")
    return bool(above[above.rfind("\n") + 1 :].strip(" \t\r>"))


def _has_opening(page: Page, close: int) -> bool:
    """Say whether the bracket at `close` has an opening bracket in the same paragraph.

    Brackets in code do not count.
    """
    text = page.text
    within = text[max(0, close - _REACH) : close]
    first = close - len(within)
    depth = 1
    for match in reversed(tuple(_BRACKET_OR_BLANK_LINE.finditer(within))):
        at = first + match.start()
        if match[0] not in "[]":
            return False
        if not is_escaped(text, at) and _hidden_from(page, at) is None:
            depth += 1 if match[0] == "]" else -1
        if not depth:
            return True
    return False


def _ends_inline(page: Page, start: int) -> bool:
    """Say whether a link, an image, code or an address in angle brackets ends where braces start."""
    before = page.text[start - 1 : start]
    if before not in (")", "`", ">") or _hidden_from(page, start - 1) is None:
        return False
    return before != ">" or _AUTOLINK_END.search(page.text, max(0, start - _REACH), start) is not None


def _opens_fence(page: Page, line: str, start: int, hidden: int) -> bool:
    """Say whether braces are on the first line of the code block that starts at `hidden`."""
    fence = _FENCE.fullmatch(line)
    if fence is None:
        return False
    at = start - len(line) + fence.start("mark")
    head = page.front_matter_span
    return hidden == at or (head is not None and head.end == at)


def _hidden_from(page: Page, offset: int) -> int | None:
    """Return the start of the masked range that contains an offset; `None` for prose."""
    masked = page.masked
    number = bisect_right(masked, (offset, len(page.text) + 1)) - 1
    return masked[number][0] if number >= 0 and offset < masked[number][1] else None


def _line_before(text: str, start: int) -> str:
    """Return the text before an offset on its line, or the end of that text if the line is very long."""
    return text[max(text.rfind("\n", 0, start) + 1, start - _REACH) : start]


def _line_after(text: str, end: int) -> str:
    stop = text.find("\n", end)
    return text[end : min(len(text) if stop < 0 else stop, end + _REACH)]
