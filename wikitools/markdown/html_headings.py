"""Headings written as HTML, `<h1 align="center">My <i>Project</i></h1>`: GitHub gives them anchors like any other.

They are not Markdown headings, so they count only as anchors. Their text is what a browser calls the text content of
the element, with blanks and line breaks as written, because these count in the anchor.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, NamedTuple

from wikitools.markdown.page import Heading
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class HeadingTag(NamedTuple):
    """A tag that begins or ends a heading."""

    start: int
    end: int
    level: int
    """0 for a closing tag, whose level browsers ignore."""
    in_html: bool
    """Whether it is in an HTML block, where nothing is Markdown up to the next blank line."""


_LONGEST = 2000
"""The most characters of a heading; a longer one counts as not closed."""
_MARKUP = re.compile(r"<!--[\s\S]*?-->|</?[A-Za-z][^<>]*+>")
_BLANK_LINES = re.compile(r"\n[ \t]*+\r?\n\s*")


def level_of(name: str) -> int:
    """Return the level of the heading that a tag of this name begins; 0 for other tags.

    >>> level_of("H2"), level_of("hr"), level_of("div")
    (2, 0, 0)
    """
    return int(name[1]) if len(name) == 2 and name[0] in "hH" and name[1] in "123456" else 0


def html_headings(path: str, text: str, tags: Iterable[HeadingTag], as_seen: Callable[[str], str]) -> Iterator[Heading]:
    """Yield the headings that tags begin and end, in page order; a heading inside another one ends that.

    `as_seen` returns a line of Markdown as its reader sees it.
    """
    begun: HeadingTag | None = None
    for tag in sorted(tags):
        if begun is not None and tag.start - begun.end <= _LONGEST:
            span = Span(path, begun.end, tag.start)
            yield Heading(span, begun.level, _text_content(span.of(text), as_seen, in_html=begun.in_html))
        begun = tag if tag.level else None


def _text_content(written: str, as_seen: Callable[[str], str], *, in_html: bool) -> str:
    """Return what a browser calls the text content of a heading."""
    if not in_html:
        return as_seen(written)
    first, *others = _BLANK_LINES.split(written)
    # After a blank line Markdown begins again, unless the line starts with a tag.
    shown = (_plain(each) if each.startswith("<") else as_seen(each) for each in others)
    return "\n".join((_plain(first), *shown))


def _plain(written: str) -> str:
    return html.unescape(_MARKUP.sub("", written)).replace("\r", "")
