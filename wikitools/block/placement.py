"""Finds where a new block of sources goes on a page that has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.block.own_lists import bare_heading
from wikitools.block.ownership import MALFORMED, heading_end, lines_that_read
from wikitools.block.style import START
from wikitools.markdown.page import Problem
from wikitools.text import Edit, Span

if TYPE_CHECKING:
    from wikitools.block.style import BlockStyle
    from wikitools.markdown.page import Heading, Page


def place_block(page: Page, style: BlockStyle, block: str, end: str) -> Edit | Problem:
    """Return the edit that adds `block` to a page, with its heading; `end` is the page's line end.

    It goes under the author's own empty section of that name, else where `style` says: behind the front matter, before
    or after a line; else to the end of the page. Returns a problem if a section of the author's is in the way.
    """
    twins = [heading for heading in page.headings if bare_heading(heading.text) == bare_heading(style.heading)]
    if twins:
        return _under(page, style, twins, f"{end}{end}{block}")
    section = f"{'#' * style.heading_level} {style.heading}{end}{end}{block}"
    side, line = style.place_line
    text = page.text
    if style.place == START and page.front_matter_span is None:
        first = len(text) - len(text.removeprefix("\ufeff"))
        return Edit(Span(page.path, first, first), f"{section}{end}{end if text[first:] else ''}")
    found = next(lines_that_read(page, line), None) if line else None
    if style.place == START and page.front_matter_span is not None:
        head = page.front_matter_span
        found = Span(head.path, head.start, head.start + len(head.of(text).rstrip("\r\n")))
    if found is None:
        return _at_end(page, section, end)
    if side == "before":
        gap = "" if _ends_with_blank_line(text[: found.start]) else end
        return Edit(Span(page.path, found.start, found.start), f"{gap}{section}{end}{end}")
    after = len(text) if (stop := _next_line(text, found.end)) is None else stop
    rest = text[after:]
    finished = text[after - 1 : after] in ("\n", "\r")
    lead = end if finished else end + end
    tail = end + end if rest and not rest.startswith(("\n", "\r")) else end if finished else ""
    return Edit(Span(page.path, after, after), f"{lead}{section}{tail}")


def _under(page: Page, style: BlockStyle, twins: list[Heading], block: str) -> Edit | Problem:
    own, text = twins[0], page.text
    after = heading_end(text, own.span)
    following = next((one.span.start for one in page.headings if one.span.start > own.span.start), len(text))
    line = max(text.rfind("\n", 0, following), text.rfind("\r", 0, following)) + 1
    below = len(text) if following == len(text) else line
    exact = own.text == style.heading and own.level == style.heading_level
    if len(twins) > 1 or not exact or after is None or text[after:below].strip():
        message = f'the section "{own.text}" was written by hand: put the markers where the block belongs'
        return Problem(own.span, MALFORMED, message)
    return Edit(Span(page.path, after, after), block)


def _at_end(page: Page, section: str, end: str) -> Edit:
    text = page.text
    finished = not text or text[-1] in "\r\n"
    gap = "" if not text.strip("\ufeff\r\n \t") else end if finished else end + end
    if gap == "" and not finished and text.strip("\ufeff"):
        gap = end  # blanks without a line end would indent the heading
    return Edit(Span(page.path, len(text), len(text)), f"{gap}{section}{end if finished else ''}")


def _ends_with_blank_line(text: str) -> bool:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return not any(line.strip(" \t\ufeff") for line in lines) or (len(lines) > 1 and not lines[-2].strip())


def _next_line(text: str, position: int) -> int | None:
    """Return where the line after the one at `position` starts; `None` on the last line without a line end."""
    ends = [found for mark in "\r\n" if (found := text.find(mark, position)) >= 0]
    if not ends:
        return None
    return min(ends) + (2 if text.startswith("\r\n", min(ends)) else 1)
