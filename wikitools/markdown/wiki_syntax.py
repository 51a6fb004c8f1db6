"""Finds syntax that CommonMark does not know: `[[…]]`, `[^x]`, `$…$`, `%%…%%`, `^id` and bare URLs."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from wikitools.markdown.links import bare_url_end, match_destination

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Range = tuple[int, int]


class Ranges:
    """Sorted ranges that do not overlap, in which offsets can be looked up."""

    __slots__ = ("ends", "starts")

    def __init__(self, ranges: Iterable[Range]) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        last = -1
        for start, end in sorted(ranges):
            if start >= end:
                continue
            if start <= last:
                if end > last:
                    self.ends[-1] = last = end
                continue
            self.starts.append(start)
            self.ends.append(end)
            last = end

    def end_at(self, offset: int) -> int:
        """Return the end of the range that contains an offset; -1 if there is none."""
        index = bisect_right(self.starts, offset) - 1
        return self.ends[index] if index >= 0 and offset < self.ends[index] else -1

    def starts_at(self, offset: int) -> bool:
        """Say whether a range starts at an offset."""
        index = bisect_right(self.starts, offset) - 1
        return index >= 0 and self.starts[index] == offset

    def pairs(self) -> list[Range]:
        """Return the ranges."""
        return list(zip(self.starts, self.ends, strict=True))


# ---- wikilinks and footnotes -----------------------------------------------------------------------------------------

_NAME = re.compile(r"\[(?:\[((?:[^\[\]\n]|\[(?!\[)|\](?!\]))++)\]\]|\^([^\s\[\]]{1,200})\])")
_NOTE = 2
_WRAPPED = re.compile(r"\[\[((?:[^\[\]\n]|\n(?!\n)){1,400}+)\]\]")
_MAY_HIDE = re.compile(r"[`<]")
_DELIMITER_ROW = re.compile(r"\n[ \t>]*+[|:-][ \t|:-]*+(?=\n|\Z)")


class Name(NamedTuple):
    """A wikilink or a footnote reference, if nothing hides it. `written` is the text between its brackets."""

    start: int
    end: int
    written: str
    note: bool
    embed: bool = False
    """Whether it starts with `!`."""


def is_escaped(text: str, offset: int) -> bool:
    """Say whether a backslash takes its meaning from the character at an offset."""
    count = 0
    while text[offset - count - 1 : offset - count] == "\\":
        count += 1
    return count % 2 == 1


def find_names(source: str, text: str, *, links_first: bool) -> Iterator[Name]:
    """Yield what would be a wikilink or a footnote reference in plain text.

    `source` is the text in ASCII. With `links_first`, brackets before `(…)` belong to a Markdown link.
    """
    match = _NAME.search(source)
    while match is not None:
        start, end = match.span()
        position = start + 1
        before = source[start - 1 : start]
        if before != "\\" or not is_escaped(source, start):
            embed = before == "!" and not is_escaped(source, start - 1)
            if match.lastindex == _NOTE:
                if not embed:
                    yield Name(start, end, text[start + 2 : end - 1], note=True)
                    position = end
            else:
                written = text[start + 2 : end - 2]
                if source[end : end + 1] == "]" and written.count("[") > written.count("]"):
                    # `[[page|[1]]]`: the third bracket closes the label's.
                    end += 1
                    written += "]"
                if written.strip() and not (links_first and _is_link_text(text, end)):
                    yield Name(start - embed, end, written, note=False, embed=embed)
                    position = end
        match = _NAME.search(source, position)


def _is_link_text(text: str, end: int) -> bool:
    """Say whether brackets that end here are the text of a Markdown link, as in `[[1]](https://…)`."""
    return text.startswith("(", end) and match_destination(text, end) is not None


def without_names(text: str, names: Sequence[Name]) -> str:
    """Return the text with a word of equal length in place of each name.

    Names that may begin within code or a tag stay, because only the parser knows whether they do. In the head of a
    table, bars stay: the delimiter row must have as many.
    """
    pieces: list[str] = []
    position = 0
    for start, end, written, note, embed in names:
        if note:
            if text.startswith(":", end):
                continue
        elif _MAY_HIDE.search(written) is not None:
            continue
        first = start + embed
        pieces.append(text[position:first])
        if "|" in written and (line_end := text.find("\n", end)) >= 0 and _DELIMITER_ROW.match(text, line_end):
            pieces.append(re.sub(r"[^|\\]", "x", text[first:end]))
        else:
            pieces.append("x" * (end - first))
        position = end
    pieces.append(text[position:])
    return "".join(pieces)


def find_wrapped(text: str) -> Iterator[Name]:
    """Yield wikilinks with a line break inside, if nothing hides them."""
    start = text.find("[[")
    while start >= 0:
        match = _WRAPPED.match(text, start)
        if match is not None and "\n" in match[1] and match[1].strip() and not is_escaped(text, start):
            embed = text.startswith("!", start - 1) and not is_escaped(text, start - 1)
            yield Name(start - embed, match.end(), " ".join(match[1].split()), note=False, embed=embed)
        start = text.find("[[", start + 1 if match is None else match.end())


# ---- bare URLs -------------------------------------------------------------------------------------------------

_ADDRESS = re.compile(r"://[^\s<>\"`\[\]|{}\\^]")


def find_addresses(text: str, written: str, cover: Ranges) -> Iterator[Range]:
    """Yield where the URLs are that do not start in `cover`; `written` is the text with its wikilinks.

    Links are covered, and most URLs stand in links.
    """
    position = 0
    for match in _ADDRESS.finditer(text):
        colon = match.start()
        start = colon - 4
        scheme = text[max(start, 0) : colon]
        if scheme != "http":
            if scheme.lower() == "ttps" and text[start - 1 : start] in ("h", "H"):
                start -= 1
            elif scheme.lower() != "http":
                continue
        if start < position or cover.end_at(start) >= 0:
            continue
        if start > 0 and (written[start - 1].isalnum() or written[start - 1] in "/+-."):
            continue
        end = bare_url_end(written, start)
        if end > start:
            yield start, end
            position = end


# ---- block ids -------------------------------------------------------------------------------------------------------

_BLOCK_ID = re.compile(r"\^([A-Za-z0-9-]++)[ \t]*+(?=\n|\||\Z)")


class PossibleBlockId(NamedTuple):
    """What may be a block id."""

    start: int
    end: int
    name: str
    following: int
    """Where the next line or cell starts."""


def find_block_ids(text: str) -> Iterator[PossibleBlockId]:
    """Yield what looks like a block id at the end of a line or cell."""
    for match in _BLOCK_ID.finditer(text):
        if text[match.start() - 1 : match.start()] in ("", " ", "\t", "\n", ">", "|"):
            yield PossibleBlockId(match.start(), match.end(1), match[1], match.end() + 1)


# ---- formulas and comments -------------------------------------------------------------------------------------------

_SPREAD = re.compile(r"\n[ \t>]*+(?:(?:[-+*]|[0-9]{1,9}[.)])[ \t]++(?:>[ \t]*+)*+)*+(\$\$|%%)")
_MARK = re.compile(r"\\[\s\S]|\$\$|\$|%%")
_DOLLARS = re.compile(r"\\[\s\S]|\$\$|\$")
_MATTERS = re.compile(r"[\[\]`<]")
_UNDERLINE = re.compile(r"[^\n]*+\n[ \t>]*+(?:=++|-++)[ \t]*+(?=\n|\Z)")
_BLANK_LINE = re.compile(r"\n[ \t]*+\n")


_CLOSES = re.compile(r"\$(?<=\S\$)(?!\d)")


def may_hide(text: str) -> bool:
    """Say whether a text may contain formulas or comments; prices are not formulas."""
    return (
        ("$" in text and _CLOSES.search(text) is not None)
        or ("%" in text and "%%" in text)
        or ("{" in text and _MDX_COMMENT[0] in text)
    )


_MDX_COMMENT = ("{/*", "*/}")
"""How a comment of MDX begins and ends; Docusaurus reads pages in `.md` as MDX, too."""


class Hidden(NamedTuple):
    """Formulas and comments, between `%%` or as in MDX, and those of them that Markdown would misread."""

    ranges: list[Range]
    misread: list[Range]


def find_hidden(text: str, texts: Sequence[Range], opaque: Ranges) -> Hidden:
    """Return the ranges of formulas and comments; `texts` are those of blocks, `opaque` is code, HTML and the like."""
    found = Hidden([], [])
    starts = [start for start, _end in texts]
    ends = [end for _start, end in texts]
    position = 0
    for start, end in sorted((*_spread(text), *_mdx_comments(text))):
        if start < position or opaque.end_at(start) >= 0:
            continue
        if text.startswith(_MDX_COMMENT[0], start):
            found.ranges.append((start, end))
            found.misread.append((start, end))
            position = end
            continue
        index = bisect_right(starts, start) - 1
        inside = index >= 0 and start < ends[index]
        if inside and text.count(text[start : start + 2], starts[index], start) % 2:
            continue
        found.ranges.append((start, end))
        if (
            not inside
            or end > ends[index]
            or _MATTERS.search(text, start, end) is not None
            or _UNDERLINE.match(text, end) is not None
        ):
            found.misread.append((start, end))
        position = end
    spread = Ranges(found.ranges)
    for start, end in texts:
        if "$" in text[start:end] or "%%" in text[start:end]:
            # pulldown-cmark leaves out the backslash of an escape.
            first = start - (text[start - 1 : start] == "\\")
            for each in _in_block(text, first, end, opaque, spread):
                found.ranges.append(each)
                if _MATTERS.search(text, *each) is not None:
                    found.misread.append(each)
    return found


def _spread(text: str) -> Iterator[Range]:
    """Yield formulas and comments from a line's start to a later line: blocks in Obsidian, whatever is in them."""
    missing: set[str] = set()
    for match in _SPREAD.finditer(f"\n{text}"):
        start, mark = match.start(1) - 1, match[1]
        line_end = text.find("\n", start)
        if line_end < 0 or mark in missing or mark in text[start + 2 : line_end]:
            continue
        close = text.find(mark, line_end)
        if close < 0:
            missing.add(mark)
        # TeX allows no blank line in a formula. Without this limit a stray mark would swallow headings.
        elif (mark == "%%" or _BLANK_LINE.search(text, line_end, close) is None) and _stays_inside(text, start, close):
            yield start, close + 2


def _mdx_comments(text: str) -> Iterator[Range]:
    """Yield the comments of MDX, which may hold anything but their end."""
    opening, closing = _MDX_COMMENT
    end = 0
    while (start := text.find(opening, end)) >= 0:
        close = text.find(closing, start + len(opening))
        if close < 0:
            return
        end = close + len(closing)
        yield start, end


def _stays_inside(text: str, start: int, end: int) -> bool:
    """Say whether all lines of a range are in the list item or quote in which it starts."""
    prefix = text[text.rfind("\n", 0, start) + 1 : start]
    if not prefix.strip(" \t"):
        return True
    for line in text[start:end].split("\n")[1:]:
        if ">" in prefix:
            if not line.lstrip(" \t").startswith(">"):
                return False
        elif line.strip() and len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip(" ")) < len(prefix):
            return False
    return True


def _in_block(text: str, start: int, end: int, opaque: Ranges, spread: Ranges) -> Iterator[Range]:
    """Yield formulas and comments within the text of one block. `$` follows Pandoc's rule: `$5` is not a formula."""
    stops = _stops(text, start, end)
    position = start
    missing: set[str] = set()
    while (match := _MARK.search(text, position, end)) is not None:
        place, position = match.span()
        skip = max(opaque.end_at(place), spread.end_at(place))
        if skip >= 0:
            position = skip
            continue
        mark = match[0]
        if mark in ("$$", "%%"):
            close = -1 if mark in missing else text.find(mark, position, end)
            if close < 0:
                missing.add(mark)
            elif close > position or mark == "%%":
                position = close + 2
                yield place, position
        elif mark == "$":
            stop = stops.get(place, -1)
            if stop < 0 or text[position].isspace() or text[stop - 1].isspace() or text.startswith("$$", stop):
                continue
            position = stop + 1
            yield place, position


def _stops(text: str, start: int, end: int) -> dict[int, int]:
    """Return for each dollar the next one that ends a formula or rules it out.

    A dollar before a digit does neither ("$5"): Pandoc continues after it.
    """
    places = [match.start() for match in _DOLLARS.finditer(text, start, end) if match[0][0] == "$"]
    found: dict[int, int] = {}
    following = -1
    for place in reversed(places):
        found[place] = following
        if text[place - 1 : place].isspace() or not text[place + 1 : place + 2].isdecimal():
            following = place
    return found


_SHORT = 6


def without_misread(text: str, ranges: Iterable[Range]) -> str:
    """Return the text with something of equal length in place of ranges that Markdown must not see.

    A range of whole lines becomes an HTML comment, which is a block of its own.
    """
    pieces: list[str] = []
    position = 0
    for start, end in sorted(ranges):
        if start < position:
            continue
        pieces.append(text[position:start])
        line_end = text.find("\n", end)
        is_block = "\n" in text[start:end] and not text[end : line_end if line_end >= 0 else len(text)].strip()
        length = end - start
        if not is_block:
            pieces.append("x" * length)
        else:
            # The shortest comments are `<!-->` and `<!--->`.
            pieces.append(f"<!--{'x' * (length - 7)}-->" if length > _SHORT else f"<!{'-' * (length - 3)}>")
        position = end
    pieces.append(text[position:])
    return "".join(pieces)
