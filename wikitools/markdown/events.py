"""What pyromark (a binding of pulldown-cmark) finds on a page, with offsets that count characters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyromark import Options, events_with_range

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from pyromark.event import BrokenLink

Range = tuple[int, int]
"""A half-open range of a page."""
Thing = tuple[int, int, int, "str | int"]
"""What pyromark found: start, end, what it is, and a detail.

The detail is the level of a heading, whether code is a block, and how a link was written, by pulldown-cmark's name.
"""
CODE, HTML_BLOCK, HTML_TAG, TABLE, NOTE, HEADING, LINK, IMAGE, UNDEFINED = range(9)

_OPTIONS = Options.ENABLE_FOOTNOTES | Options.ENABLE_TABLES
_EMPHASIS = Options.ENABLE_STRIKETHROUGH
_WIDTHS = {"Emphasis": 1, "Strong": 2, "Strikethrough": 2}
_INLINE = frozenset({"Emphasis", "Strong", "Strikethrough", "Link", "Image"})
_KINDS = {"Heading": "heading", "TableCell": "cell", "CodeBlock": "code", "HtmlBlock": "html"}
_WITH_TEXT = frozenset({"paragraph", "heading", "cell"})
_BREAKS = frozenset({"SoftBreak", "HardBreak"})


class Events:
    """One reading of a page by pyromark. `things` are in page order, except undefined references, which come last.

    `keep` says that `starts`, `line_breaks` or `texts` will be needed.
    """

    __slots__ = ("_data", "_kept", "things")

    def __init__(self, source: str, *, keep: bool) -> None:
        self._data = None if source.isascii() else source.encode()
        broken: set[Thing] = set()

        def note_undefined(link: BrokenLink) -> None:
            kind, place = link["link_type"], link["span"]
            if kind in ("Reference", "Collapsed"):
                broken.add((place["start"], place["end"], UNDEFINED, kind))

        callback = note_undefined if "][" in source else None
        # Pieces of text are needed by themselves only where each may be the start of a definition.
        events: Iterable[Any] = events_with_range(
            source, options=_OPTIONS, merge_text=not keep, broken_link_callback=callback
        )
        if keep:
            events = list(events)
        self._kept: Any = events
        # Most events are words, line ends, ends of elements, and blocks that matter only for their content.
        things = _sort_out(
            [
                each
                for each in events
                if type(event := each[0]) is dict
                and "Text" not in event
                and "End" not in event
                and (type(tag := event.get("Start")) is not str or tag == "HtmlBlock")
            ]
        )
        things += sorted(broken)
        if self._data is not None:
            at = _characters(self._data, {offset for thing in things for offset in thing[:2]})
            things = [(at[start], at[end], kind, detail) for start, end, kind, detail in things]
        self.things: list[Thing] = things

    def starts(self) -> set[int]:
        """Return where visible elements start: text, code, links."""
        return self._in_characters({place["start"] for _event, place in self._kept})

    def line_breaks(self) -> set[int]:
        """Return the starts of lines that continue a paragraph."""
        breaks = {place["end"] for event, place in self._kept if type(event) is str and event in _BREAKS}
        return self._in_characters(breaks)

    def texts(self) -> list[Range]:
        """Return the range of the text of each block: paragraphs, headings, cells, and items without paragraphs."""
        return [(start, end) for kind, start, end, _level in self.blocks() if kind in _WITH_TEXT]

    def blocks(self) -> list[tuple[str, int, int, int]]:
        """Return the blocks without children by kind (see `markdown/blocks.py`), start, end, and level of a heading.

        The text of a list item may have no paragraph around it.
        """
        found: list[tuple[str, int, int, int]] = []
        kind, level = "paragraph", 0
        first = last = -1
        for event, place in self._kept:
            if type(event) is str:
                if event == "Rule":
                    continue
            elif "Text" not in event and (tag := event.get("Start") or event.get("End")) is not None:
                name = tag if type(tag) is str else next(iter(tag))
                if name not in _INLINE:
                    if first >= 0:
                        found.append((kind, first, last, level))
                        first = -1
                    kind, level = "paragraph", 0
                    if "Start" in event:
                        kind = _KINDS.get(name, kind)
                        if name == "Heading":
                            level = int(tag["Heading"]["level"][1])
                        elif kind in ("code", "html"):
                            found.append((kind, place["start"], place["end"], 0))
                    continue
            if kind in ("code", "html"):
                continue
            if first < 0:
                first = place["start"]
            last = place["end"]
        if self._data is None:
            return found
        at = _characters(self._data, {offset for each in found for offset in each[1:3]})
        return [(kind, at[start], at[end], level) for kind, start, end, level in found]

    def _in_characters(self, offsets: set[int]) -> set[int]:
        return offsets if self._data is None else set(_characters(self._data, offsets).values())


def _sort_out(events: list[Any]) -> list[Thing]:
    found: list[Thing] = []
    for event, place in events:
        start, end = place["start"], place["end"]
        tag = event.get("Start")
        if tag is None:
            if "Code" in event:
                found.append((start, end, CODE, 0))
            elif "InlineHtml" in event:
                found.append((start, end, HTML_TAG, 0))
        elif tag == "HtmlBlock":
            found.append((start, end, HTML_BLOCK, 0))
        elif "Link" in tag:
            found.append((start, end, LINK, tag["Link"]["link_type"]))
        elif "Image" in tag:
            found.append((start, end, IMAGE, tag["Image"]["link_type"]))
        elif "Heading" in tag:
            found.append((start, end, HEADING, int(tag["Heading"]["level"][1])))
        elif "CodeBlock" in tag:
            found.append((start, end, CODE, 1))
        elif "Table" in tag:
            found.append((start, end, TABLE, 0))
        elif "FootnoteDefinition" in tag:
            found.append((start, end, NOTE, 0))
    return found


# ---- what pyromark gets ----------------------------------------------------------------------------------------------

_NOT_LINE_END = re.compile(r"[^\n]")


def as_read(text: str, begin: int) -> str:
    """Return the text for the parser, at equal length: blanks before `begin`, and all lines end with a line feed."""
    shown = f"{' ' * (begin - 1)}\n{text[begin:]}" if begin else text
    if "\r" in shown:
        shown = shown.replace("\r\n", " \n").replace("\r", "\n")
    if "\0" in shown:
        shown = shown.replace("\0", "\ufffd")
    return shown


def blank(text: str) -> str:
    """Return the text with every character but line ends as a blank."""
    return _NOT_LINE_END.sub(" ", text)


def alone(text: str, ranges: Sequence[Range]) -> str:
    """Return a text of equal length that contains only some ranges, each at the start of a line."""
    blanks = blank(text)
    pieces: list[str] = []
    position = 0
    for start, end in ranges:
        if start > position:
            pieces += (blanks[position : start - 1], "\n")
        pieces.append(text[start:end])
        position = end
    pieces.append(blanks[position:])
    return "".join(pieces)


_RULE = re.compile(r"\n[ \t>]*+([*_])[ \t]*+\1[ \t]*+\1[ \t*_]*+(?=\n|\Z)")


def in_ascii(text: str) -> str:
    """Return ASCII of equal length in which Markdown finds the same elements: byte offsets are character offsets.

    Every other character becomes a question mark, which means nothing to Markdown except after `<`. Characters in
    labels matter, so reference links need the text itself.
    """
    return text if text.isascii() else text.encode("ascii", "replace").decode("ascii")


_UNDERSCORE = re.compile(r"_(?:(?<![A-Za-z0-9]_)|(?![A-Za-z0-9]))")
"""An underscore that may begin or end emphasis: not one within a name, which may be that of an attribute of HTML."""


def without_emphasis(text: str) -> str:
    """Return a text at equal length without most emphasis marks, which saves an event for each of them.

    A percent sign takes their place: it means nothing to Markdown, and begins neither a list nor a tag.
    """
    # Searching for one character is much faster than for two.
    has_stars = "*" in text
    if (has_stars or "_" in text) and _RULE.search(f"\n{text}") is None:
        text = text.replace("**", "%%") if has_stars else text
        text = _UNDERSCORE.sub("%", text) if "<" in text else text.replace("_", "%")
    return text.replace("&", "%")


def _characters(data: bytes, offsets: Iterable[int]) -> dict[int, int]:
    """Return how many characters come before each byte offset."""
    found: dict[int, int] = {}
    place = count = 0
    for offset in sorted(offsets):
        count += len(data[place:offset].decode())
        place = offset
        found[offset] = count
    return found


def emphasis_marks(content: str) -> list[Range]:
    """Return the ranges of emphasis marks (`*`, `_` and `~~`) in a text on one line.

    >>> emphasis_marks("a *b* _c")
    [(2, 3), (4, 5)]
    """
    prefix = "# "
    data = (prefix + content).encode()
    marks: list[Range] = []
    for event, place in events_with_range(prefix + content, options=_EMPHASIS):
        tag = event.get("Start") if type(event) is dict else None
        if type(tag) is str and tag in _WIDTHS:
            start, end, width = place["start"], place["end"], _WIDTHS[tag]
            if tag != "Strikethrough" or data[start : start + 2] == b"~~":
                marks += ((start, start + width), (end - width, end))
    at = _characters(data, {offset for mark in marks for offset in mark})
    return sorted((at[start] - len(prefix), at[end] - len(prefix)) for start, end in marks)
