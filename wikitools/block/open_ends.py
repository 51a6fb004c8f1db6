"""Finds what a page opens and never closes, so that some programs would show a block at its end inside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.markdown.page import Page

_TAG = re.compile(
    r"<(/?)(article|aside|audio|blockquote|center|details|div|dl|fieldset|figure|footer|form|header|iframe|main|math"
    r"|nav|object|ol|pre|script|section|select|style|svg|table|template|textarea|ul|video)\b([^<>]{0,2000})>",
    re.IGNORECASE,
)
"""Elements that need an end tag in HTML and whose content may be blocks, or is not Markdown."""
_COMMENT = re.compile(r"(?<![\w\\%])%%(?!%)")
_MATH = re.compile(r"^[ \t>]{0,20}\$\$", re.MULTILINE)
_DIV = re.compile(r"(?:^|(?<=\r))[ ]{0,3}(:{3,})(?!:)([^\r\n]*)", re.MULTILINE)
"""A line that opens a div of Pandoc, Quarto or MyST, or closes one if it has only colons."""
_DIV_NAME = re.compile(r"[ \t]*(?:\{[^{}]{1,500}\}|[^\s:{}]{1,100})(?:[ \t]*\{[^{}]{0,500}\})?[ \t]*(?::+[ \t]*)?\Z")
_DIV_TITLED = re.compile(r"(?:\{[^{}]{1,500}\}|\w[\w.-]{0,100})(?=[\s\[{])")
"""The text after the colons: as in Pandoc, or directly a name with a title after it (Docusaurus, MyST)."""
_IS_WHOLE = re.compile(r"\S[^\r\n]*:::[ \t]*\Z")
"""`:::row:::`, as in Microsoft's Markdown, is not closed by `:::`."""


def find_open(page: Page) -> Span | None:
    """Return the first place where something is opened that nothing closes before the page ends, or `None`.

    Looks at code fences, HTML comments and elements, Obsidian's `%%` comments, `$$` math and `:::` divs. In some of
    these cases CommonMark reads unclosed marks as text, but other programs hide everything that follows, or include it.
    """
    return min(_open(page), default=None)


def _open(page: Page) -> Iterator[Span]:
    yield from _open_elements(page)
    yield from _open_divs(page)
    if "%%" in page.text or "$$" in page.text:
        # What is closed is masked.
        prose = page.prose()
        for pattern in (_COMMENT, _MATH):
            match = pattern.search(prose)
            if match is not None:
                yield Span(page.path, match.end() - 2, match.end())
    yield from _open_code(page)


def _open_code(page: Page) -> Iterator[Span]:
    """Yield the fence or comment that reaches to the end of the page unclosed."""
    if not page.masked:
        return
    start, end = page.masked[-1]
    text = page.text[start:end]
    line = max(page.text.rfind("\n", 0, start), page.text.rfind("\r", 0, start)) + 1
    # A quote or a list closes what is open in it.
    if page.text[end:].strip() or page.text[line:start].strip(" \ufeff"):
        return
    fence = re.match(r" {0,3}(`{3,}|~{3,})", text)
    if fence is not None:
        last = text.rstrip().rsplit("\n", 1)[-1].strip(" \t>\r")
        if len(last) == len(text.strip()) or set(last) != {fence[1][0]} or len(last) < len(fence[1]):
            yield Span(page.path, start + fence.start(1), start + fence.end(1))
    elif text.startswith("<!--") and "-->" not in text:
        yield Span(page.path, start, start + len("<!--"))


def _open_elements(page: Page) -> Iterator[Span]:
    opened: list[tuple[str, Span]] = []
    for start, end in page.masked:
        if not page.text.startswith("<", start) or page.text.startswith("<!--", start):
            continue
        for tag in _TAG.finditer(page.text, start, end):
            name = tag[2].lower()
            if not tag[1] and not tag[3].endswith("/"):
                opened.append((name, Span(page.path, *tag.span())))
            elif tag[1]:
                at = next((at for at in range(len(opened) - 1, -1, -1) if opened[at][0] == name), None)
                if at is not None:
                    del opened[at:]
    if opened:
        yield opened[0][1]


def _open_divs(page: Page) -> Iterator[Span]:
    """Yield the first `:::` div that is never closed.

    Pandoc closes the innermost div with any line of three colons or more, so their number does not matter.
    """
    if ":::" not in page.text:
        return
    opened: list[Span] = []
    for line in _DIV.finditer(page.prose()):
        if not line[2].strip():
            del opened[-1:]
        elif not _IS_WHOLE.match(line[2]) and (_DIV_NAME.match(line[2]) or _DIV_TITLED.match(line[2])):
            opened.append(Span(page.path, line.start(1), line.end(1)))
    if opened:
        yield opened[0]
