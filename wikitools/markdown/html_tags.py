"""Reads tags, comments and addresses in the HTML of a page."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from wikitools.markdown.html_headings import HeadingTag, level_of
from wikitools.markdown.links import bare_url_end, is_web_address
from wikitools.markdown.page import MARKDOWN, WEB, Comment, HtmlId
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.markdown.elements import Elements

_TAG_OR_URL = re.compile(r"<|(?i:https?://)")
_ATTRIBUTES = re.compile(
    r"[ \t\n]++([A-Za-z_:][A-Za-z0-9_.:-]*+)"
    r"(?:[ \t\n]*+=[ \t\n]*+(?:([^ \t\n\"'=<>`]++)|'([^']*+)'|\"([^\"]*+)\"))?+"
)
_OPEN_TAG = re.compile(
    r"<([A-Za-z][A-Za-z0-9-]*+)"
    r"((?:[ \t\n]++[A-Za-z_:][A-Za-z0-9_.:-]*+"
    r"(?:[ \t\n]*+=[ \t\n]*+(?:[^ \t\n\"'=<>`]++|'[^']*+'|\"[^\"]*+\"))?+)*+)"
    r"[ \t\n]*+/?>"
)
_CLOSE_TAG = re.compile(r"</([A-Za-z][A-Za-z0-9-]*+)[ \t\n]*+>")
_RAW_ELEMENTS = frozenset({"script", "style", "textarea", "pre"})
_CANDIDATE = re.compile(r"[\s,]*+(\S++)")
_ANY_TAG = re.compile(r"<[^<>]*+>")
_LONGEST_TEXT = 1000
"""The most characters of the text of an HTML link."""


class HtmlReader:
    """Reads the HTML of one page; `unquoted` is the page with blanks in place of the marks of quotes."""

    def __init__(self, path: str, text: str, unquoted: str, found: Elements) -> None:
        self.path = path
        self.whole = text
        self.text = self.unquoted = unquoted
        self.found = found

    def read_block(self, start: int, end: int) -> None:
        """Read an HTML block: its tags and comments. Markdown inside is text, to CommonMark and to Obsidian."""
        # A line of HTML may start with the `>` of a tag, unless it is in a quote.
        in_quote = ">" in self.whole[self.whole.rfind("\n", 0, start) + 1 : start]
        text = self.text = self.unquoted if in_quote else self.whole
        masked = self.found.masked
        position = start
        missing: set[str] = set()
        while (match := _TAG_OR_URL.search(text, position, end)) is not None:
            position = match.start()
            if match[0] != "<":
                stop = min(bare_url_end(text, position), end)
                masked.append((position, stop))
                position = max(stop, match.end())
                continue
            stop = self._read_tag(position, end, missing, in_html=True)
            if stop < 0:
                if text.startswith("<!--", position):
                    # The comment is not closed: all the rest belongs to it.
                    masked.append((position, end))
                    return
                position += 1
                continue
            tag = _OPEN_TAG.match(text, position, stop)
            position = stop
            if tag is not None and tag[1].lower() in _RAW_ELEMENTS:
                close = re.compile(f"</{tag[1]}", re.IGNORECASE).search(text, stop, end)
                position = close.start() if close is not None else end
                masked.append((stop, position))

    def read_tag(self, start: int, end: int, *, in_heading: bool) -> None:
        """Read one tag, comment, instruction or declaration whose end is known."""
        self.text = self.unquoted
        if self._read_tag(start, end, set(), in_heading=in_heading) < 0:
            self.found.masked.append((start, end))

    def _read_tag(
        self, start: int, limit: int, missing: set[str], *, in_html: bool = False, in_heading: bool = False
    ) -> int:
        """Read what begins with `<`.

        Return its end, or -1. `missing` are closing marks that are known not to follow.
        """
        text, found = self.text, self.found
        following = text[start + 1 : start + 2]
        if following in {"!", "?"}:
            return self._read_declaration(start, following, limit, missing)
        if ">" in missing:
            return -1
        if text.find(">", start, limit) < 0:
            missing.add(">")
            return -1
        if following == "/":
            match = _CLOSE_TAG.match(text, start, limit)
            if match is None:
                return -1
            found.masked.append(match.span())
            if level_of(match[1]):
                found.heading_tags.append(HeadingTag(*match.span(), 0, in_html))
            return match.end()
        match = _OPEN_TAG.match(text, start, limit)
        if match is None:
            return -1
        found.masked.append(match.span())
        if (level := level_of(match[1])) and not in_heading:
            found.heading_tags.append(HeadingTag(*match.span(), level, in_html))
        if match[2]:
            self._read_attributes(match)
        return match.end()

    def _read_declaration(self, start: int, following: str, limit: int, missing: set[str]) -> int:
        text = self.text
        is_comment = text.startswith("<!--", start)
        if is_comment:
            closing, begin = "-->", start + 4
            short = next((short for short in ("<!-->", "<!--->") if text.startswith(short, start)), None)
            if short is not None:
                closing, begin = ">", start + len(short) - 1
        elif text.startswith("<![CDATA[", start):
            closing, begin = "]]>", start + 2
        elif following == "?":
            closing, begin = "?>", start + 2
        elif text[start + 2 : start + 3].isalpha():
            closing, begin = ">", start + 2
        else:
            return -1
        close = -1 if closing in missing else text.find(closing, begin, limit)
        if close < 0:
            missing.add(closing)
            return -1
        end = close + len(closing)
        if is_comment:
            inside = _on_lines(text[start + 4 : max(start + 4, end - 3)])
            self.found.comments.append(Comment(Span(self.path, start, end), inside))
        self.found.masked.append((start, end))
        return end

    def _read_attributes(self, tag: re.Match[str]) -> None:
        name = tag[1].lower()
        text, path = self.text, self.path
        values: dict[str, tuple[int, int]] = {}
        for match in _ATTRIBUTES.finditer(text, tag.start(2), tag.end(2)):
            group = next((group for group in (2, 3, 4) if match[group] is not None), 0)
            if group:
                values.setdefault(match[1].lower(), match.span(group))
        for attribute, (start, end) in values.items():
            value = html.unescape(text[start:end])
            if attribute == "id" or (attribute == "name" and name == "a"):
                if value:
                    self.found.html_ids.append(HtmlId(Span(path, start, end), value))
            elif attribute == "srcset" and name in {"img", "source"}:
                alt = html.unescape(text[slice(*values["alt"])]) if "alt" in values else ""
                for place in _addresses(text, start, end):
                    self._add_link(tag, html.unescape(text[slice(*place)]), alt, place, image=True)
            elif attribute in {"href", "src"}:
                shown = ""
                if name == "a":
                    close = text.find("</a", tag.end(), tag.end() + _LONGEST_TEXT)
                    inside = text[tag.end() : close] if close >= 0 else ""
                    shown = " ".join(html.unescape(_ANY_TAG.sub("", inside)).split()) if "\n\n" not in inside else ""
                elif "alt" in values:
                    shown = html.unescape(text[slice(*values["alt"])])
                self._add_link(tag, value.strip(), shown, (start, end), image=name == "img")

    def _add_link(self, tag: re.Match[str], url: str, shown: str, place: tuple[int, int], *, image: bool) -> None:
        kind = WEB if is_web_address(url) else MARKDOWN
        self.found.links.append((kind, *tag.span(), url, shown, *place, image, "html"))


def _on_lines(written: str) -> str:
    """Return the text of a comment without the indentation of its lines."""
    if "\n" not in written:
        return written.strip()
    return "\n".join([line.strip(" \t") for line in written.split("\n")]).strip()


def _addresses(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the addresses in a `srcset` (WHATWG HTML, "parse a srcset attribute").

    Each is a run without blanks; the text up to the next comma says for which screens it is.
    """
    while (match := _CANDIDATE.match(text, start, end)) is not None:
        bare = match[1].rstrip(",")
        if bare:
            yield match.start(1), match.start(1) + len(bare)
        comma = text.find(",", match.end(), end)
        start = match.end() if len(bare) < len(match[1]) else comma if comma >= 0 else end
