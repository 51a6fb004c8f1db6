"""The block stage without mistletoe: what the inline stage needs of a page's blocks, or `None` when not sure.

This is the algorithm of mistletoe's block readers as `structure.py` mends them, written out once more for speed: a
container (quote, list item, footnote) first takes its lines, stripped of its prefix, then these are read the same way.
`structure.py` says what is right; the two are compared on real wikis and on generated pages. Grammar, by the first
character of a line that no container claims (indented by at most three blanks):

    four blanks   code, up to the next line that is neither blank nor indented so
    #             an ATX heading
    > - + * 0-9   a quote, a list item, a thematic break
    ` ~           a fence
    <             an HTML block of CommonMark's seven kinds
    [             a footnote, or a link reference definition
    $ %           math or an Obsidian comment that ends on a later line
    any           a table if a delimiter row follows, else a paragraph or setext heading

Places follow from the ends of lines: readers only take characters away from the front of a line.
"""

from __future__ import annotations

import re
from operator import add
from typing import TYPE_CHECKING

from wikitools.markdown.blocks import (
    ATX,
    CONTAINERS,
    FENCE,
    FOOTNOTE,
    LONGEST_DEFINITION,
    SETEXT,
    WORTH_READING,
    Block,
    Lines,
    Piece,
    closes_fence,
    heading_content,
    is_affordable,
    is_rule,
    is_table,
    match_definition,
    needed,
    split_row,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DEEPEST = 40
"""Containers around a line. Deeper nesting is left to the reference, which has a limit of its own."""


class _UnsureError(Exception):
    """The page has something that this reader does not claim to read as the reference does."""


def read_blocks_fast(text: str, lines: Lines) -> list[Block] | None:
    """Return what `needed` leaves of the reference's blocks, or `None` where only the reference knows."""
    if not is_affordable(lines) or "\0" in text:
        return None
    try:
        return _Reader(text, lines).blocks()
    except _UnsureError:
        return None


# ---- lines ----------------------------------------------------------------------------------------------------------

_MARKER = re.compile(r"( {0,3})([0-9]{1,9}[.)]|[+\-*])($|\s+)")
_LIST = re.compile(r" {0,3}(?:[0-9]{1,9}[.)]|[+\-*])(?:[ \t]*+$|[ \t])")
_TEXT_START = r"(?:[^\s#>`~<\[$%*_+0-9-]|\*\*?[^\s*]|__?[^\s_]|`[^`\s]|\[(?!\^)[^\[\]\\]++\](?!:))"
"""How a line starts that can only be text, if no line comes after it."""
_TEXT = re.compile(_TEXT_START)
_TEXT_ITEM = re.compile(rf"([-*+]) (?={_TEXT_START})")
_LIST_GOES_ON = frozenset("-+*0123456789")
"""First characters that may continue a list after a blank line, beside white space."""
_PLAIN_HEADING = re.compile(r"(#{1,6})[ \t]++(?=\S)")
_BLANK = " \t"
_CODE_INDENT = "    "
_QUOTED_BLANK = " "
"""A line of which a quote leaves nothing: blank, but not a blank line of the file."""


def _is_code(line: str) -> bool:
    return line.replace("\t", _CODE_INDENT, 1).startswith(_CODE_INDENT)


def _same_list(marker: str, other: str) -> bool:
    return marker[-1] == other[-1] and (len(marker) > 1) == (len(other) > 1)


_HTML_RAW = re.compile(r"<(pre|script|style|textarea)[ >]")
_HTML_NAME = re.compile(r"</?(.+?)(?:/?>| )")
_HTML_TAG = re.compile(
    r"<(?:[A-Za-z][A-Za-z0-9-]*+"
    r"(?:\s++[A-Za-z_:][A-Za-z0-9_.:-]*+(?:\s*+=\s*+(?:[^\s\"'=<>`]++|'[^']*+'|\"[^\"]*+\"))?+)*+\s*+/?>"
    r"|/[A-Za-z][A-Za-z0-9-]*+\s*+>)\s*+$"
)
HTML_BLOCK_NAMES = frozenset(
    "address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link "
    "main menu menuitem meta nav noframes ol optgroup option p param section source summary table tbody td tfoot th "
    "thead title tr track ul".split()
)
"""The elements that begin an HTML block of CommonMark's sixth kind."""
_UP_TO_BLANK = ""
_SINGLE_TAG = "tag"


def _html_end(bare: str) -> str | None:
    """Return what ends the HTML block that starts with this line, or `None` when none starts.

    "" and "tag" mean a blank line; a block of the kind "tag" does not interrupt a paragraph.
    """
    # As if a blank followed the line: where a name may end, so may the line.
    line = bare + " "
    raw = _HTML_RAW.match(line)
    if raw is not None:
        return f"</{raw[1]}>"
    if bare.startswith("<!--"):
        return "-->"
    if bare.startswith("<?"):
        return "?>"
    if bare.startswith("<!") and bare[2:3].isupper():
        return ">"
    if bare.startswith("<![CDATA["):
        return "]]>"
    name = _HTML_NAME.match(line)
    if name is not None and name[1].casefold() in HTML_BLOCK_NAMES:
        return _UP_TO_BLANK
    return _SINGLE_TAG if _HTML_TAG.match(bare) is not None else None


def _starts_spread(line: str) -> bool:
    bare = line.lstrip(" ")
    return bare.startswith(("$$", "%%")) and len(line) - len(bare) < 4 and bare[:2] not in bare[2:]


def _spread_end(lines: Sequence[str], first: int) -> int | None:
    """Return the line on which the math or comment ends that begins on line `first`."""
    mark = lines[first].lstrip(" ")[:2]
    for at in range(first + 1, len(lines)):
        line = lines[at]
        if mark in line:
            return at
        if mark == "$$" and not line.strip():
            return None
    return None


def _starts_table(lines: Sequence[str], at: int) -> bool:
    return at + 1 < len(lines) and "-" in lines[at + 1] and is_table(lines[at], lines[at + 1])


def _starts_interrupting_list(line: str) -> bool:
    marker = _MARKER.match(line)
    return marker is not None and marker.end() < len(line) and (marker[2] in _FIRST_MARKERS)


_FIRST_MARKERS = frozenset({"-", "+", "*", "1.", "1)"})
_DIGITS = frozenset("0123456789")


def _interrupts(line: str, *, list_too: bool, quote_too: bool = True) -> bool:
    """Say whether a block other than a table, math or comment starts with this line and may follow a paragraph."""
    bare = line.lstrip(" ")
    if len(line) - len(bare) > 3 or not bare:
        return False
    sign = bare[0]
    if sign in {"-", "*"}:
        return is_rule(line) or (list_too and _starts_interrupting_list(line))
    if sign == "+" or sign in _DIGITS:
        return list_too and _starts_interrupting_list(line)
    if sign == "#":
        return ATX.match(line) is not None
    if sign == ">":
        return quote_too
    if sign in {"`", "~"}:
        return FENCE.match(line) is not None
    if sign == "_":
        return is_rule(line)
    if sign == "<":
        return _html_end(bare) not in {None, _SINGLE_TAG}
    return sign == "[" and FOOTNOTE.match(line) is not None


def _still_open(lines: Sequence[str], mark: str) -> bool:
    """Say whether `mark`, `$$` or `%%`, is open after these lines of a paragraph."""
    return sum(line.count(mark) for line in lines) % 2 == 1


# ---- the reader -----------------------------------------------------------------------------------------------------

_PARAGRAPH_WATCH = frozenset("#>`~-+*_<[0123456789=$% \t")
"""First characters of lines that may end a paragraph."""


class _Reader:
    """One page while it is being read."""

    __slots__ = ("contents", "depth", "ends", "found", "keep_all", "lazy", "lines", "quotes", "starts", "tabs", "text")

    def __init__(self, text: str, lines: Lines) -> None:
        self.text = text
        self.contents, self.starts = lines
        self.found: list[Block] = []
        self.depth = 0
        self.quotes = 0
        self.keep_all = 0
        """How many footnotes are open: their range needs every block in them."""
        self.lazy: set[int] = set()
        """Lines that belong to their list item only as the continuation of a paragraph."""
        self.ends = list(map(add, self.starts, map(len, self.contents)))
        self.tabs: set[int] = set()
        self.lines = self.contents
        if "\t" in text or any(map(str.isspace, self.contents)):
            self._even_out_blanks()

    def _even_out_blanks(self) -> None:
        """Empty blank lines, and write tabs before content as blanks up to the next multiple of four columns."""
        self.lines = list(self.contents)
        for number, content in enumerate(self.contents):
            if content.isspace():
                self.lines[number] = ""
                self.ends[number] = self.starts[number]
            elif "\t" in content:
                prefix = CONTAINERS.match(content)
                width = prefix.end() if prefix is not None else 0
                self.lines[number] = content[:width].expandtabs(4) + content[width:]
                self.tabs.add(number)

    def blocks(self) -> list[Block]:
        self.read(self.lines, range(len(self.lines)))
        return self.found

    def read(self, lines: Sequence[str], numbers: Sequence[int]) -> None:
        """Read the lines of the page or of a container; `numbers` are their numbers in the page."""
        at, count = 0, len(lines)
        readers = _READERS
        while at < count:
            line = lines[at]
            if not line:
                at += 1
                continue
            reader = readers.get(line[0])
            at = self.read_leaf(lines, numbers, at) if reader is None else reader(self, lines, numbers, at)

    # -- places

    def piece(self, line: str, number: int) -> Piece:
        """Return where the content of a line stands in the file."""
        end = self.ends[number]
        bare = line.lstrip(_BLANK)
        if self.tabs and number in self.tabs and not self.contents[number].endswith(bare):
            # Tabs behind a list marker that is none were made blanks; take all that can be content.
            prefix = CONTAINERS.match(self.contents[number])
            start = self.starts[number] + (prefix.end() if prefix is not None else 0)
            return start, max(start, self.starts[number] + len(self.contents[number].rstrip(_BLANK)))
        start = end - len(bare)
        return start, start + len(bare.rstrip(_BLANK))

    def pieces(self, lines: Sequence[str], numbers: Sequence[int], begin: int, end: int) -> list[Piece]:
        return [self.piece(lines[at], numbers[at]) for at in range(begin, end)]

    def is_lazy(self, line: str, number: int) -> bool:
        if not line:
            return False
        if number in self.lazy:
            return True
        if not self.quotes:
            return False
        source = self.contents[number]
        prefix = source[: len(source) - len(line.lstrip(_BLANK))]
        return prefix.count(">") < self.quotes

    # -- leaves

    def read_blank_start(self, lines: Sequence[str], numbers: Sequence[int], at: int) -> int:
        line = lines[at]
        if line.isspace():
            return at + 1
        if _is_code(line):
            return self.read_code(lines, numbers, at)
        reader = _READERS.get(line.lstrip(" ")[0])
        if reader is None or reader is _Reader.read_blank_start:
            return self.read_leaf(lines, numbers, at)
        return reader(self, lines, numbers, at)

    def read_code(self, lines: Sequence[str], numbers: Sequence[int], at: int) -> int:
        last = at
        for index in range(at + 1, len(lines)):
            line = lines[index]
            if not line:
                continue
            if line.isspace():
                raise _UnsureError
            if not _is_code(line):
                break
            last = index
        self.add_code(lines, numbers, at, last)
        return last + 1

    def add_code(self, lines: Sequence[str], numbers: Sequence[int], first: int, last: int) -> None:
        pieces = [self.piece(lines[first], numbers[first])]
        if last > first:
            pieces.append(self.piece(lines[last], numbers[last]))
        self.found.append(Block("code", pieces))

    def read_fence(self, lines: Sequence[str], numbers: Sequence[int], at: int) -> int:
        opening = FENCE.match(lines[at])
        if opening is None:
            return self.read_leaf(lines, numbers, at)
        mark = opening[1]
        last = at
        for index in range(at + 1, len(lines)):
            line = lines[index]
            if self.is_lazy(line, numbers[index]):
                break
            last = index
            if mark in line and closes_fence(line, mark):
                break
        self.add_code(lines, numbers, at, last)
        return last + 1

    def read_heading(self, lines: Sequence[str], numbers: Sequence[int], at: int) -> int:
        line = lines[at]
        plain = _PLAIN_HEADING.match(line)
        if plain is not None and line[-1] not in "# \t":
            end = self.ends[numbers[at]]
            self.found.append(Block("heading", [(end - len(line) + plain.end(), end)], plain.end(1)))
            return at + 1
        if ATX.match(line) is None:
            return self.read_leaf(lines, numbers, at)
        start, end = self.piece(line, numbers[at])
        parts = heading_content(line.lstrip(_BLANK))
        if parts is not None:
            level, left, right = parts
            self.found.append(Block("heading", [(start + left, min(start + right, end))], level))
        return at + 1

    def read_html(self, lines: Sequence[str], numbers: Sequence[int], at: int) -> int:
        end = _html_end(lines[at].lstrip(_BLANK))
        if end is None:
            return self.read_leaf(lines, numbers, at)
        up_to_blank = end in {_UP_TO_BLANK, _SINGLE_TAG}
        after = at
        while after < len(lines):
            line = lines[after]
            if after > at and self.is_lazy(line, numbers[after]):
                break
            if up_to_blank and (not line or line.isspace()):
                break
            after += 1
            if not up_to_blank and end in line.casefold():
                break
        self.found.append(Block("html", self.pieces(lines, numbers, at, after)))
        return after

    def read_spread(self, lines: Sequence[str], numbers: Sequence[int], at: int) -> int:
        last = _spread_end(lines, at) if _starts_spread(lines[at]) else None
        if last is None:
            return self.read_leaf(lines, numbers, at)
        self.found.append(Block("paragraph", self.pieces(lines, numbers, at, last + 1)))
        return last + 1

    def read_bracket(self, lines: Sequence[str], numbers: Sequence[int], at: int) -> int:
        line = lines[at]
        if line.startswith("[^", len(line) - len(line.lstrip(" "))) and FOOTNOTE.match(line) is not None:
            return self.read_footnote(lines, numbers, at)
        if "|" in line and _starts_table(lines, at):
            return self.read_table(lines, numbers, at)
        if "]:" in line or "]" not in line:
            taken = []
            for index in range(at, min(at + LONGEST_DEFINITION, len(lines))):
                if not lines[index] or lines[index].isspace():
                    break
                taken.append(lines[index])
            text = "\n".join(taken)
            definition = match_definition(text)
            if definition is not None:
                after = at + text.count("\n", 0, definition.end) + 1
                self.found.append(Block("definition", self.pieces(lines, numbers, at, after)))
                return after
        return self.read_paragraph(lines, numbers, at)

    def read_leaf(self, lines: Sequence[str], numbers: Sequence[int], at: int) -> int:
        """Read a table, or else a paragraph."""
        if "|" in lines[at] and _starts_table(lines, at):
            return self.read_table(lines, numbers, at)
        return self.read_paragraph(lines, numbers, at)

    def read_table(self, lines: Sequence[str], numbers: Sequence[int], at: int) -> int:
        self.add_row(lines[at], numbers[at])
        after = at + 2
        while after < len(lines) and "|" in (line := lines[after]):
            if line[0] in _PARAGRAPH_WATCH and _interrupts(line, list_too=True):
                break
            self.add_row(line, numbers[after])
            after += 1
        return after

    def add_row(self, line: str, number: int) -> None:
        if WORTH_READING.search(line) is None and not self.keep_all:
            return
        start, _end = self.piece(line, number)
        row = line.lstrip(_BLANK)
        for left, right in split_row(row):
            if left < right and (WORTH_READING.search(row, left, right) is not None or self.keep_all):
                self.found.append(Block("cell", [(start + left, start + right)]))

    def read_paragraph(self, lines: Sequence[str], numbers: Sequence[int], at: int) -> int:
        after = at + 1
        level = 0
        end = after
        count = len(lines)
        while after < count:
            line = lines[after]
            if not line:
                break
            if line[0] in _PARAGRAPH_WATCH:
                if line.isspace():
                    break
                mark = line.lstrip(" ")[:2]
                underline = SETEXT.match(line) if mark[:1] in {"=", "-"} else None
                if underline is not None and not self.is_lazy(line, numbers[after]):
                    level = 1 if underline[1] else 2
                    end = after
                    after += 1
                    break
                if _interrupts(line, list_too=True):
                    break
                if (
                    mark in {"$$", "%%"}
                    and _starts_spread(line)
                    and not _still_open(lines[at:after], mark)
                    and _spread_end(lines, after) is not None
                ):
                    break
            if "|" in line and _starts_table(lines, after):
                break
            after += 1
        if not level:
            end = after
            if not self.keep_all and not any(map(WORTH_READING.search, lines[at:end])):
                return after
        self.found.append(Block("heading" if level else "paragraph", self.pieces(lines, numbers, at, end), level))
        return after

    # -- containers

    def read_inside(self, lines: Sequence[str], numbers: Sequence[int]) -> None:
        """Read the lines that a container took."""
        if self.depth >= _DEEPEST:
            raise _UnsureError
        self.depth += 1
        self.read(lines, numbers)
        self.depth -= 1

    def read_quote(self, lines: Sequence[str], numbers: Sequence[int], at: int) -> int:
        inside: list[str] = []
        after = at
        may_be_lazy = False
        while after < len(lines):
            line = lines[after]
            if not line or line.isspace():
                break
            if after > at and (
                _interrupts(line, list_too=True, quote_too=False)
                or (_starts_spread(line) and _spread_end(lines, after) is not None)
                or ("|" in line and _starts_table(lines, after))
            ):
                break
            bare = line.lstrip()
            if bare[0] == ">":
                content = bare[2:] if bare[1:2] == " " else bare[1:]
                blank = not content or content.isspace()
                if blank and content.strip(_BLANK):
                    # White space of another kind, which readers of lists treat in their own way.
                    raise _UnsureError
                inside.append(_QUOTED_BLANK if blank else content)
                may_be_lazy = not (blank or FENCE.match(content) is not None or _is_code(content))
            elif may_be_lazy:
                inside.append(line)
            else:
                break
            after += 1
        self.quotes += 1
        self.read_inside(inside, numbers[at:after])
        self.quotes -= 1
        return after

    def read_dash(self, lines: Sequence[str], numbers: Sequence[int], at: int) -> int:
        """Read what starts with `-` or `*`: a thematic break or a list."""
        if is_rule(lines[at]):
            return at + 1
        return self.read_list(lines, numbers, at)

    def read_underscore(self, lines: Sequence[str], numbers: Sequence[int], at: int) -> int:
        return at + 1 if is_rule(lines[at]) else self.read_leaf(lines, numbers, at)

    def read_list(self, lines: Sequence[str], numbers: Sequence[int], at: int) -> int:
        at, is_over = self.read_text_items(lines, numbers, at)
        if is_over:
            return at
        line = lines[at]
        marker = _MARKER.match(line)
        if marker is None or _LIST.match(line) is None:
            return self.read_leaf(lines, numbers, at)
        while True:
            content = line[marker.end() :]
            width = len(marker[0].expandtabs(4)) if "\t" in marker[0] else marker.end()
            gap = width - marker.end(2)
            if gap > 4:
                width -= gap - 1
                content = " " * (gap - 1) + content
            if not content or content.isspace():
                content = ""
                width = marker.end(2) + 1
            at, following = self.read_item(lines, numbers, at, width, content)
            if following is None or not _same_list(marker[2], following[2]):
                return at
            marker = following
            line = lines[at]

    def read_text_items(self, lines: Sequence[str], numbers: Sequence[int], at: int) -> tuple[int, bool]:
        """Read items of one line of text each, as long as it is plain that the item ends with its line.

        Return the line that comes next, and whether the list is over before it.
        """
        count = len(lines)
        is_item, is_worth_reading = _TEXT_ITEM.match, WORTH_READING.search
        item = is_item(lines[at])
        while item is not None and at + 1 < count:
            after = at + 1
            while after < count and not lines[after]:
                after += 1
            is_loose = after > at + 1
            line = lines[after] if after < count else ""
            following = is_item(line)
            if following is not None:
                if following[1] != item[1] or "|" in line:
                    return at, False
            elif not is_loose or (line and (line[0] in _LIST_GOES_ON or line[0].isspace())):
                return at, False
            text = lines[at]
            if is_worth_reading(text, 2) is not None or self.keep_all:
                number = numbers[at]
                if self.tabs and number in self.tabs:
                    self.found.append(Block("paragraph", [self.piece(text[2:], number)]))
                else:
                    # The text starts right behind the mark and its blank.
                    end = self.ends[number]
                    bare = text if text[-1] not in _BLANK else text.rstrip(_BLANK)
                    start = end - len(text)
                    self.found.append(Block("paragraph", [(start + 2, start + len(bare))]))
            at = after
            if following is None:
                return at, True
        return at, False

    def add_text(self, content: str, number: int) -> None:
        """Add a paragraph of one line."""
        if WORTH_READING.search(content) is not None or self.keep_all:
            self.found.append(Block("paragraph", [self.piece(content, number)]))

    def read_item(
        self, lines: Sequence[str], numbers: Sequence[int], at: int, width: int, content: str
    ) -> tuple[int, re.Match[str] | None]:
        """Read a list item or footnote whose first line holds `content`, and whose others are indented by `width`.

        Return the line after it, and the marker there when that line starts another item.
        """
        first = at
        count = len(lines)
        at += 1
        if not content and at < count and _is_blank(lines[at]):
            while at < count and _is_blank(lines[at]):
                at += 1
            return at, _MARKER.match(lines[at]) if at < count else None
        inside = [content]
        blanks = 0
        following: re.Match[str] | None = None
        while at < count:
            line = lines[at]
            bare = line.lstrip(_BLANK)
            if not bare:
                inside.append("")
                blanks += 1
                at += 1
                continue
            indent = line[: len(line) - len(bare)]
            if "\t" in indent:
                indent = indent.expandtabs(4)
            if len(indent) >= width and not bare[0].isspace():
                inside.append(indent[width:] + bare)
            else:
                if (
                    _interrupts(line, list_too=False)
                    or (_starts_spread(line) and _spread_end(lines, at) is not None)
                    or ("|" in line and _starts_table(lines, at))
                ):
                    break
                following = _MARKER.match(line)
                if following is not None:
                    # Blank lines before the next item stay in this one.
                    blanks = 0
                    break
                if blanks:
                    break
                self.lazy.add(numbers[at])
                inside.append(line)
            blanks = 0
            at += 1
        if blanks:
            del inside[-blanks:]
        if len(inside) == 1 and _TEXT.match(content) is not None:
            self.add_text(content, numbers[first])
        else:
            self.read_inside(inside, numbers[first : first + len(inside)])
        return at, following

    def read_footnote(self, lines: Sequence[str], numbers: Sequence[int], at: int) -> int:
        line = lines[at]
        match = FOOTNOTE.match(line)
        content = line[match.end() :].lstrip(_BLANK) if match is not None else line
        if content.isspace():
            raise _UnsureError
        start, _end = self.piece(line, numbers[at])
        bare = FOOTNOTE.match(line.lstrip(_BLANK))
        mark_end = start + (bare.end() if bare is not None else 0)
        index = len(self.found)
        self.keep_all += 1
        at, _following = self.read_item(lines, numbers, at, 4, content)
        self.keep_all -= 1
        inside = self.found[index:]
        pieces = [piece for block in inside for piece in block.pieces]
        begin = min((piece[0] for piece in pieces), default=mark_end)
        end = max((piece[1] for piece in pieces), default=mark_end)
        kept = inside if self.keep_all else needed(self.text, inside)
        self.found[index:] = [Block("footnote", [(start, mark_end), (begin, end)]), *kept]
        return at


def _is_blank(line: str) -> bool:
    return not line or line.isspace()


_READERS: dict[str, Callable[[_Reader, Sequence[str], Sequence[int], int], int]] = {
    " ": _Reader.read_blank_start,
    "\t": _Reader.read_blank_start,
    "#": _Reader.read_heading,
    ">": _Reader.read_quote,
    "`": _Reader.read_fence,
    "~": _Reader.read_fence,
    "<": _Reader.read_html,
    "[": _Reader.read_bracket,
    "$": _Reader.read_spread,
    "%": _Reader.read_spread,
    "-": _Reader.read_dash,
    "*": _Reader.read_dash,
    "_": _Reader.read_underscore,
    "+": _Reader.read_list,
    **dict.fromkeys("0123456789", _Reader.read_list),
}
