"""Prepares the prose of a page for the citation grammar: equal length, blanks for every kind of gap, no markup."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wikitools.markdown.page import START, Wikilink, rows_of
from wikitools.text import mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wikitools.markdown.page import MarkdownLink, Page, PageLink, WebLink

GONE = "\x01"
"""Replaces a character of markup: it separates nothing ("2017*b*" is one date) and means nothing."""

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
_PLAIN_ASCII = tuple(pair for pair in _PLAIN if pair[0].isascii())
_BLOCK_START = re.compile(r"\n(?=[ \t>]*(?:\n|#|[-+*•](?:[ \n]|\Z)|\d{1,3}[.)] |\||:::|\Z))")
_QUOTE_MARKS = re.compile(r"[\n\x02](?:[ ]{0,3}>[ ]?)+")
_UNDERSCORE = re.compile(r"_(?:(?<![^\W_]_)|(?![^\W_]))")
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_ENTITY = re.compile(r"&(?:amp|nbsp|ndash|#38|#160);")
_ENTITIES = {"&amp;": "&", "&#38;": "&", "&nbsp;": " ", "&#160;": " ", "&ndash;": "-"}
_HEADING = re.compile(r"\x02 {0,3}#{1,6} [^\n\x02]*\n")
_CALLOUT = re.compile(r"[\n\x02] {0,3}>[ >]*\[![\w-]+\][^\n\x02]*\n")
"""The first line of a callout, with its kind and title: the text after it is a separate block."""
_GLUED_DASH = re.compile(r"—(?<=[^\W_]—)(?=[^\W\d_])")
"""A dash without blanks separates clauses: "no decline—Smith et al. 2007 disagree"."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Parts of the plain prose, at the page's offsets; the rest is `BREAK` where it was not prepared."""

    text: str
    parts: tuple[tuple[int, int], ...]
    """Half-open, in order: each starts after the end of a block, or with the page, and ends likewise."""


class Prose:
    """The prose of one page, prepared only where it is needed: most of a page is not near a citation."""

    __slots__ = ("_masked", "_plain", "hidden", "page")

    def __init__(self, page: Page, hidden: Sequence[tuple[int, int]] = ()) -> None:
        self.page = page
        self.hidden = hidden
        """Ranges of whole lines that are not prose either, because they were generated."""
        self._masked: str | None = None
        self._plain: str | None = None

    @property
    def masked(self) -> str:
        """The page's text at equal length, with everything that is not prose blanked."""
        if self._masked is None:
            prose = self.page.prose()
            self._masked = mask(prose, self.hidden) if self.hidden else prose
        return self._masked

    @property
    def plain(self) -> str:
        """All of it, as `plain_prose` returns it."""
        if self._plain is None:
            self._plain = plain_prose(self.page, self.masked)
        return self._plain

    def is_one_block(self, start: int, end: int) -> bool:
        """Say whether no block ends between two offsets: no paragraph, list item or row of a table."""
        return "\n" not in self.page.text[start:end] or BREAK not in self.plain[start:end]

    @property
    def written_page(self) -> Page:
        """The page without generated text, at equal length: a block of sources is no evidence for itself."""
        return replace(self.page, text=mask(self.page.text, self.hidden)) if self.hidden else self.page

    def whole(self) -> Excerpt:
        """Return the whole prose as an excerpt."""
        return Excerpt(self.plain, ((0, len(self.page.text)),))

    def around(self, places: Iterable[int]) -> Excerpt:
        """Return the plain prose around `places`, which are in order and at no line end.

        Grammar that looks no further than the end of a block finds in it what it finds there in all of the prose.
        """
        size = len(self.page.text)
        parts: list[tuple[int, int]] = []
        end = -1
        for place in places:
            if place < end:
                continue
            start, end = self._block(place)
            if parts and start - parts[-1][1] < _NEAR:
                start = parts.pop()[0]
            parts.append((start, end))
        if self._plain is not None:
            return Excerpt(self._plain, tuple(parts))
        if sum(end - start for start, end in parts) > size * _MOST_IN_PARTS:
            return self.whole()
        return Excerpt(self._read(parts), tuple(parts))

    def _block(self, place: int) -> tuple[int, int]:
        """Return where blocks certainly start and end before and after `place`, which is not at a line end."""
        text = self.page.text
        line = place
        while True:
            line = text.rfind("\n", 0, line)
            if line < 0 or self._ends_block(line):
                break
        end = place
        while True:
            end = text.find("\n", end)
            if end < 0 or self._ends_block(end):
                break
            end += 1
        return line + 1, len(text) if end < 0 else end

    def _ends_block(self, line_end: int) -> bool:
        """Say whether a block ends at a line end, whatever the lines around it are: a blank line or a mark follows."""
        after = self.page.text[line_end + 1 : line_end + 3]
        if after[:1] == "\n":
            return True
        return (after in _MARKS or after[:1] in ("|", "#")) and bool(self.visible((line_end + 1,)))

    def _read(self, parts: Iterable[tuple[int, int]]) -> str:
        """Return the plain prose of parts that start and end with a block."""
        text, links = self.page.text, self.page.links
        starts = [row[START] for row in rows_of(links)]
        wanted: list[str] = []
        for start, end in parts:
            # With the line end after it, which shows that its last line ends there.
            part = text[start : end + 1]
            hides = [(first - start, last - start) for first, last in self._hidden_in(start, end)]
            syntax = [
                (first - start, last - start)
                for number in range(bisect_left(starts, start), bisect_left(starts, end))
                for first, last in syntax_of(self.page, links[number])
            ]
            part = mask(part, hides) if hides else part
            wanted.append(mask(part, syntax, blank=GONE) if syntax else part)
        # All in one: at the start of each a block starts there, too.
        plain = _plain("".join(wanted) + "\n")
        pieces: list[str] = []
        position = taken = 0
        for (start, end), part in zip(parts, wanted, strict=True):
            pieces += (BREAK * (start - position), plain[taken : taken + end - start])
            position = end
            taken += len(part)
        pieces.append(BREAK * (len(text) - position))
        return "".join(pieces)

    def _hidden_in(self, start: int, end: int) -> list[tuple[int, int]]:
        masked = self.page.masked
        first = max(0, bisect_right(masked, (start,)) - 1)
        return [*masked[first : bisect_left(masked, (end,))], *self.hidden]

    def hides(self, start: int, end: int) -> bool:
        """Say whether invisible text starts between `start` and `end`."""
        masked = self.page.masked
        after = bisect_left(masked, (start,))
        if after < len(masked) and masked[after][0] <= end:
            return True
        return bool(self.hidden) and any(start <= first <= end for first, _ in self.hidden)

    def lines(self, places: Iterable[int]) -> Iterator[tuple[int, str]]:
        """Yield the lines of masked prose with `places`, which are in order, and the start of each."""
        text = self.page.text
        end = -1
        for place in places:
            if place >= end:
                start = text.rfind("\n", 0, place) + 1
                end = text.find("\n", place)
                end = len(text) if end < 0 else end
                hides = [(first - start, last - start) for first, last in self._hidden_in(start, end)]
                yield start, mask(text[start:end], hides) if hides else text[start:end]

    def visible(self, places: Iterable[int]) -> list[int]:
        """Return those of `places` that are in the prose."""
        masked, hidden = self.page.masked, self.hidden
        seen: list[int] = []
        for place in places:
            before = bisect_right(masked, (place + 1,)) - 1
            if (before < 0 or masked[before][1] <= place) and not any(start <= place < end for start, end in hidden):
                seen.append(place)
        return seen


_MARKS = ("- ", "* ", "+ ")
_NEAR = 200
"""Parts that are closer together than this are read as one."""
_MOST_IN_PARTS = 0.6
"""If the parts are more than this share of a page, the whole page is read."""


def plain_prose(page: Page, prose: str) -> str:
    """Return `prose`, the masked text of `page`, at equal length and ready for the citation grammar.

    Emphasis, link syntax and destinations, escapes and zero-width characters become `GONE`; line breaks inside a block,
    quote marks, tabs and typographic blanks become blanks, ends of blocks `BREAK`; typographic apostrophes, dashes and
    full-width punctuation become ASCII.
    """
    syntax = [each for link in page.links for each in syntax_of(page, link)]
    return _plain(mask(prose, syntax, blank=GONE) if syntax else prose)


def _plain(text: str) -> str:
    """Return masked text, from the end of one block to that of another, without link syntax, as plain prose."""
    if "&" in text and ";" in text:
        text = _ENTITY.sub(lambda found: _ENTITIES[found[0]].ljust(len(found[0]), GONE), text)
    if "\\" in text:
        text = _ESCAPE.sub(GONE, text)
    text = _BLOCK_START.sub("\x02", text)
    if "#" in text:
        text = _HEADING.sub(lambda found: found[0][:-1] + "\x02", "\x02" + text)[1:]
    if "[!" in text:
        text = _CALLOUT.sub(lambda found: found[0][:-1] + "\x02", "\x02" + text)[1:]
    if "—" in text:
        text = _GLUED_DASH.sub(":", text)
    if ">" in text:
        text = _QUOTE_MARKS.sub(lambda found: found[0][0].ljust(len(found[0])), "\x02" + text)[1:]
    if "_" in text:
        text = _UNDERSCORE.sub(GONE, text)
    text = text.replace("\n", " ").replace("\x02", BREAK)
    for printed, plain in _PLAIN_ASCII if text.isascii() else _PLAIN:
        text = text.replace(printed, plain)
    return text


def syntax_of(page: Page, link: PageLink) -> list[tuple[int, int]]:
    """Return the ranges of a link's syntax, destination included, so that only the visible text is left."""
    start, end = link.span.start, link.span.end
    if isinstance(link, Wikilink):
        if link.in_front_matter or link.embed:
            return [(start, end)]
        bar = page.text.find("|", start, end)
        return [(start, bar + 1 if bar > start else start + 2), (end - 2, end)]
    if link.image or link.syntax in ("bare", "autolink", "front-matter"):
        return [(start, end)]
    return _label_edges(link, page.text[start:end], start, end)


def _label_edges(link: MarkdownLink | WebLink, written: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the ranges around the visible text of `[text](url)` or `[text][label]`."""
    if link.syntax == "html" or not written.startswith("["):
        return []
    close = written.find("](") if link.syntax == "inline" else written.find("][")
    if link.syntax == "inline" and close >= 0 and link.url_span.start > start:
        close = written.rfind("](", 0, link.url_span.start - start + 1)
    if close < 0:
        close = len(written) - 1
    return [(start, start + 1), (start + close, end)]
