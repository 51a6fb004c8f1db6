"""The prose of a page as the citation grammar reads it: same length, one blank for every kind of gap, no markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.text import mask
from wikitools.wiki.page import MarkdownLink, WebLink, Wikilink

if TYPE_CHECKING:
    from wikitools.wiki.page import Page

GONE = "\x01"
"""Stands for a character of markup: it parts nothing ("2017*b*" is one date) and means nothing."""

BREAK = "\n"
"""Ends a block of text; no citation crosses it."""

_PLAIN = (
    ("\r", " "), ("\t", " "), ("\xa0", " "), ("\u202f", " "), ("\u2009", " "), ("\u2002", " "), ("\u2003", " "),
    ("\u2005", " "), ("\u200a", " "), ("\u3000", " "), ("\u200b", GONE), ("\u200c", GONE), ("\u200d", GONE),
    ("\u2060", GONE), ("\ufeff", GONE), ("\xad", GONE), ("’", "'"), ("‘", "'"), ("ʼ", "'"), ("´", "'"), ("`", "'"),
    ("‐", "-"), ("‑", "-"), ("‒", "-"), ("–", "-"), ("—", "-"), ("−", "-"), ("（", "("), ("）", ")"), ("，", ","),
    ("；", ";"), ("、", ","), ("：", ":"), ("［", "["), ("］", "]"), ("＆", "&"), ("。", "."),
    ("＇", "'"), ("【", "["), ("】", "]"), ("*", GONE), ("~", GONE),
)  # fmt: skip
_BLOCK_START = re.compile(r"\n(?=[ \t>]*(?:\n|#|[-+*•](?:[ \n]|\Z)|\d{1,3}[.)] |\||:::|\Z))")
_QUOTE_MARKS = re.compile(r"\n(?:[ ]{0,3}>[ ]?)+")
_UNDERSCORE = re.compile(r"_(?:(?<![^\W_]_)|(?![^\W_]))")
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_ENTITY = re.compile(r"&(?:amp|nbsp|ndash|#38|#160);")
_ENTITIES = {"&amp;": "&", "&#38;": "&", "&nbsp;": " ", "&#160;": " ", "&ndash;": "-"}
_HEADING = re.compile(r"\x02 {0,3}#{1,6} [^\n\x02]*\n")


def plain_prose(page: Page, prose: str) -> str:
    """Return `prose`, the masked text of `page`, at equal length and ready for the citation grammar.

    Emphasis, link syntax and destinations, escapes and zero-width characters become `GONE`; line breaks inside a block,
    quote marks, tabs and typographic blanks become blanks, ends of blocks `BREAK`; typographic apostrophes, dashes and
    full-width punctuation become ASCII.
    """
    text = mask(prose, _link_syntax(page), blank=GONE) if page.links else prose
    if "&" in text and ";" in text:
        text = _ENTITY.sub(lambda found: _ENTITIES[found[0]].ljust(len(found[0]), GONE), text)
    if "\\" in text:
        text = _ESCAPE.sub(GONE, text)
    text = _BLOCK_START.sub("\x02", text)
    if "#" in text:
        text = _HEADING.sub(lambda found: found[0][:-1] + "\x02", "\x02" + text)[1:]
    if ">" in text:
        text = _QUOTE_MARKS.sub(lambda found: " " * len(found[0]), text)
    if "_" in text:
        text = _UNDERSCORE.sub(GONE, text)
    text = text.replace("\n", " ").replace("\x02", BREAK)
    for printed, plain in _PLAIN:
        text = text.replace(printed, plain)
    return text


def _link_syntax(page: Page) -> list[tuple[int, int]]:
    """Return the ranges of link syntax, destinations included, so that only what a reader sees is left."""
    ranges: list[tuple[int, int]] = []
    for link in page.links:
        start, end = link.span.start, link.span.end
        written = page.text[start:end]
        if isinstance(link, Wikilink):
            if link.in_front_matter or link.embed:
                ranges.append((start, end))
                continue
            bar = written.find("|")
            ranges += [(start, start + (bar + 1 if bar > 0 else 2)), (end - 2, end)]
        elif isinstance(link, (MarkdownLink, WebLink)):
            ranges += _label_edges(link, written, start, end)
    return ranges


def _label_edges(link: MarkdownLink | WebLink, written: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return what surrounds the visible text of `[text](url)` or `[text][label]`; a bare address is all syntax."""
    if link.image or link.syntax in ("bare", "autolink", "front-matter"):
        return [(start, end)]
    if link.syntax == "html" or not written.startswith("["):
        return []
    close = written.find("](") if link.syntax == "inline" else written.find("][")
    if link.syntax == "inline" and close >= 0 and link.url_span.start > start:
        close = written.rfind("](", 0, link.url_span.start - start + 1)
    if close < 0:
        close = len(written) - 1
    return [(start, start + 1), (start + close, end)]
