"""The block stage, by mistletoe: which line of a page belongs to which list, quote, code, HTML block or paragraph.

mistletoe decides the structure, but gives no places in the text, and building its tree would parse the inline text as
well. So only its block readers run, on lines that carry their own number: a tail of blanks in which a space is a 0 and
a tab a 1. Trailing blanks mean nothing to CommonMark, and every reader of containers only takes characters away from
the front of a line. What a leaf gets is therefore the end of a source line, and its column follows from its length.

This is the reference. `fast.py` reads nearly all pages in its stead and must give the same blocks.
"""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

import mistletoe.block_token as mistletoe_blocks
import mistletoe.block_tokenizer as mistletoe_reader

from wikitools.markdown.blocks import (
    ATX,
    CONTAINERS,
    FENCE,
    FOOTNOTE,
    LONGEST_DEFINITION,
    SETEXT,
    Block,
    Lines,
    Piece,
    closes_fence,
    heading_content,
    is_affordable,
    is_rule,
    is_table,
    match_definition,
    read_blocks_plainly,
    split_row,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 100
_INTERRUPTING = frozenset("#>`~-+*_<[0123456789")
_TAIL_SIGNS = str.maketrans("01", " \t")


def read_blocks(lines: Lines) -> list[Block]:
    """Return the blocks of a page in order, by mistletoe's reading; by the plain reading where that one fails.

    mistletoe fails on nesting that exceeds Python's stack and, rarely, with an exception; and its time grows with
    depth times lines. Such pages get `read_blocks_plainly`.
    """
    if is_affordable(lines):
        with _LOCK:
            try:
                return _Reading(lines).blocks()
            except _FAILURES:
                # The page must be read all the same.
                pass
    return list(read_blocks_plainly(lines))


def read_blocks_twice(before: Lines, after: Lines) -> tuple[list[Block], list[Block]]:
    """Return what `read_blocks` gives for two versions of a page; what both begin with is read once.

    A block reader knows the lines of its block and the first one after it. So what stands before a block of the page's
    own level, followed by another that both versions have, is read alike.
    """
    if is_affordable(before) and is_affordable(after):
        with _LOCK:
            try:
                reading = _Reading(before)
                old = reading.blocks()
                pairs = enumerate(zip(before.contents, after.contents, strict=False))
                common = next((at for at, (one, other) in pairs if one != other), len(before.contents))
                shared = [begin for begin in reading.begins if begin[0] < common]
                line, count = shared[-2] if len(shared) > 1 else (0, 0)
                rest = Lines(after.contents[line:], after.starts[line:])
                return old, old[:count] + _Reading(rest).blocks()
            except _FAILURES:
                pass
    return read_blocks(before), read_blocks(after)


_LOCK = threading.Lock()
"""mistletoe's list of block readers is global."""


class _TooDeepError(Exception):
    """Quotes and lists nest deeper than anyone reads."""


_FAILURES = (_TooDeepError, AttributeError, IndexError, RecursionError, StopIteration, TypeError, ValueError)
"""What mistletoe 1.4 and 1.5 are known to raise on odd pages, and what ends a reading that goes too deep."""


@lru_cache(maxsize=16)
def _tails(width: int) -> tuple[list[str], dict[str, int]]:
    # From 1 on: a tail of blanks alone could be the author's.
    tails = [format(number, f"0{width}b").translate(_TAIL_SIGNS) for number in range(1, 1 << width)]
    return tails, {tail: number for number, tail in enumerate(tails)}


class _Reading:
    """One run of mistletoe's block readers over numbered lines, and what they found, as places in the file."""

    current: ClassVar[_Reading]
    """The run under way: mistletoe's readers are class methods and have no other way to know."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.width = max(8, (len(lines.contents) + 1).bit_length())
        self.numbers: dict[str, int] = {}
        self.depth = 0
        self.quotes = 0
        self.lazy: set[int] = set()
        self.begins: list[tuple[int, int]] = []
        """Of each block of the page's own level: the line that it begins on, and how many blocks come before it."""

    def blocks(self) -> list[Block]:
        with _readers_installed(self):
            buffer = mistletoe_reader.tokenize_block(self._numbered(), mistletoe_blocks._token_types)  # type: ignore[no-untyped-call]  # mistletoe has no types
        found: list[Block] = []
        for each in buffer:
            self.begins.append((each[2] - 1, len(found)))
            self._collect([each], found)
        return found

    def _numbered(self) -> list[str]:
        if self.width <= 12:
            tails, self.numbers = _tails(self.width)
        else:
            form = f"0{self.width}b"
            tails = [format(number, form).translate(_TAIL_SIGNS) for number in range(1, len(self.lines.contents) + 1)]
            self.numbers = {tail: number for number, tail in enumerate(tails)}
        numbered = []
        for content, tail in zip(self.lines.contents, tails, strict=False):
            if content.strip():
                written = content
                if "\t" in content:
                    # Tabs stop at columns of the page, but a container's reader counts from where its content starts.
                    prefix = CONTAINERS.match(content)
                    width = prefix.end() if prefix is not None else 0
                    written = content[:width].expandtabs(4) + content[width:]
                # The blank before the tail: mistletoe's tag patterns know blank and line end, but no tab.
                line = f"{written} {tail}\n"
                numbered.append(line if "\0" not in line else line.replace("\0", "\ufffd"))
            else:
                numbered.append("\n")
        return numbered

    def enter(self) -> None:
        """Count one more container around what is read next."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _TooDeepError

    def number(self, line: str) -> int | None:
        """Return the number that a line carries; `None` for a blank line."""
        return self.numbers.get(line[-self.width - 1 : -1])

    def content(self, line: str) -> str:
        """Return a line without its number and its line end."""
        return line[: -self.width - 2] if self.number(line) is not None else line.rstrip("\n")

    def pieces(self, lines: list[str]) -> list[Piece]:
        """Return where the lines of a leaf stand in the file; blank ones count on from the line before."""
        found: list[Piece] = []
        previous = -1
        for index, line in enumerate(lines):
            number = self.number(line)
            if number is None:
                if previous < 0:
                    following = next((n for n in map(self.number, lines[index:]) if n is not None), None)
                    if following is None:
                        return []
                    number = following - next(i for i, other in enumerate(lines) if self.number(other) is not None)
                else:
                    number = previous + 1
                previous = number
                if number < len(self.lines.starts):
                    place = self.lines.starts[number]
                    found.append((place, place))
                continue
            previous = number
            source = self.lines.contents[number]
            bare = line[: -self.width - 2].lstrip(" \t")
            begin = len(source) - len(bare)
            if not source.endswith(bare) and "\0" not in source:
                # A reader changed more than the front of the line. Take all of it that can be content.
                prefix = CONTAINERS.match(source)
                begin = prefix.end() if prefix is not None else 0
            start = self.lines.starts[number]
            found.append((start + begin, max(start + begin, start + len(source.rstrip(" \t")))))
        return found

    def is_lazy(self, line: str) -> bool:
        """Say whether a line belongs to its quote or list item only as the continuation of a paragraph."""
        number = self.number(line)
        if number is None:
            return False
        if number in self.lazy:
            return True
        if not self.quotes:
            return False
        source = self.lines.contents[number]
        prefix = source[: len(source) - len(self.content(line).lstrip(" \t"))]
        return prefix.count(">") < self.quotes

    def _collect(self, buffer: list[Any], found: list[Block]) -> None:
        for kind, result, _line_number in buffer:
            if kind is _Quote:
                self._collect(result, found)
            elif kind is _List:
                for inner, *_marker in result:
                    self._collect(inner, found)
            elif kind is _Footnote:
                line, inner = result
                self._collect_footnote(line, inner, found)
            elif kind is _Table:
                self._collect_table(result, found)
            elif kind is _Paragraph:
                level, lines = result
                pieces = self.pieces(lines)
                if pieces:
                    found.append(Block("heading" if level else "paragraph", pieces, level))
            elif kind is _Heading:
                self._collect_heading(result, found)
            elif kind is not _Rule:
                pieces = self.pieces(result)
                if pieces:
                    found.append(Block(_KINDS[kind], pieces))

    def _collect_heading(self, line: str, found: list[Block]) -> None:
        ((start, end),) = self.pieces([line])
        source = self.content(line).lstrip(" \t")
        parts = heading_content(source)
        if parts is not None:
            level, left, right = parts
            found.append(Block("heading", [(start + left, min(start + right, end))], level))

    def _collect_table(self, rows: list[str], found: list[Block]) -> None:
        for index, ((start, _end), row) in enumerate(zip(self.pieces(rows), rows, strict=True)):
            if index != 1:
                cells = split_row(self.content(row).lstrip(" \t"))
                found.extend(Block("cell", [(start + left, start + right)]) for left, right in cells if left < right)

    def _collect_footnote(self, line: str, buffer: list[Any], found: list[Block]) -> None:
        ((start, _end),) = self.pieces([line])
        match = FOOTNOTE.match(self.content(line).lstrip(" \t"))
        width = match.end() if match is not None else 0
        index = len(found)
        self._collect(buffer, found)
        body = [piece for block in found[index:] for piece in block.pieces]
        begin = min((piece[0] for piece in body), default=start + width)
        end = max((piece[1] for piece in body), default=start + width)
        found.insert(index, Block("footnote", [(start, start + width), (begin, end)]))


@contextmanager
def _readers_installed(reading: _Reading) -> Iterator[None]:
    """Replace mistletoe's global list of block readers for a while, and undo whatever an exception left behind."""
    before = list(mistletoe_blocks._token_types)
    setext = mistletoe_blocks.Paragraph.parse_setext
    _Reading.current = reading
    mistletoe_blocks._token_types[:] = _READERS
    try:
        yield
    finally:
        mistletoe_blocks._token_types[:] = before
        mistletoe_blocks.Paragraph.parse_setext = setext
        del _Reading.current


# ---- readers: mistletoe's for containers, code and HTML, mended where wrong or slow; our own for leaves --------------


class _CountsAsParent(type):
    """Makes a class equal to the one it comes from.

    mistletoe leaves a reader out of a list of interrupting ones by comparing classes (`t == List`).
    """

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is cls.__base__

    __hash__ = type.__hash__


class _Quote(mistletoe_blocks.Quote, metaclass=_CountsAsParent):
    @classmethod
    def read(cls, lines: Any) -> Any:
        reading = _Reading.current
        reading.enter()
        reading.quotes += 1
        # A reading that an exception ends is thrown away, so its counts need no repair.
        found = super().read(lines)  # type: ignore[no-untyped-call]  # mistletoe has no types
        reading.quotes -= 1
        reading.depth -= 1
        return found

    @staticmethod
    def convert_leading_tabs(string: str) -> str:
        # mistletoe's own replaces any ">" before a tab in the line. Here no tab is left before the content.
        return string


class _Item(mistletoe_blocks.ListItem):
    # mistletoe takes "." and ")" for markers of an ordered list.
    pattern = re.compile(r"( {0,3})([0-9]{1,9}[.)]|[+\-*])($|\s+)")

    @classmethod
    def read(cls, lines: Any, prev_marker: Any = None) -> Any:
        reading = _Reading.current
        reading.enter()
        found = super().read(lines, prev_marker)  # type: ignore[no-untyped-call]  # mistletoe has no types
        reading.depth -= 1
        return found

    @classmethod
    def parse_continuation(cls, line: str, prepend: int) -> Any:
        found = super().parse_continuation(line, prepend)  # type: ignore[no-untyped-call]  # mistletoe has no types
        if found is None:
            number = _Reading.current.number(line)
            if number is not None:
                _Reading.current.lazy.add(number)
        return found


class _List(mistletoe_blocks.List, metaclass=_CountsAsParent):
    pattern = re.compile(r" {0,3}(?:[0-9]{1,9}[.)]|[+\-*])(?:[ \t]*+$|[ \t])")

    @classmethod
    def read(cls, lines: Any) -> Any:
        # mistletoe reads an item of another list whole, and once more afterwards: two to the power of the depth.
        matches = []
        marker = None
        while True:
            output, marker = _Item.read(lines, marker)
            matches.append(output)
            if marker is None or not _same_list(output[3], marker[2]):
                return matches

    @classmethod
    def check_interrupts_paragraph(cls, lines: Any) -> bool:
        marker = _Item.parse_marker(lines.peek())  # type: ignore[no-untyped-call]  # mistletoe has no types
        if marker is None:
            return False
        _, _, leader, content = marker
        return bool(content.strip()) and (not leader[0].isdigit() or leader in {"1.", "1)"})


def _same_list(marker: str, other: str) -> bool:
    """Say whether two list markers belong to one list: the same bullet, or numbers with the same punctuation."""
    return marker[-1] == other[-1] and (len(marker) > 1) == (len(other) > 1)


class _Code(mistletoe_blocks.BlockCode):
    @staticmethod
    def start(line: str) -> bool:
        # A blank line of a list or quote still has its number, which must not count as indentation.
        return line[:1] in " \t" and bool(line.strip()) and line.replace("\t", "    ", 1).startswith("    ")


class _Html(mistletoe_blocks.HtmlBlock):
    @classmethod
    def start(cls, line: str) -> Any:
        bare = line.lstrip(" \t")
        if not bare.startswith("<") or _Code.start(line):
            return False
        return super().start(bare)  # type: ignore[no-untyped-call]  # mistletoe has no types

    @classmethod
    def read(cls, lines: Any) -> list[str]:
        # mistletoe counts a line without indentation to the item above even when no paragraph is open there.
        first = lines.get_pos() + 1
        taken: list[str] = super().read(lines)  # type: ignore[no-untyped-call]  # mistletoe has no types
        reading = _Reading.current
        for index, line in enumerate(taken):
            if index and reading.is_lazy(line):
                lines.set_pos(first + index - 1)
                return taken[:index]
        return taken


class _Leaf:
    """A reader of blocks without children: says where one starts, and takes its lines."""

    @classmethod
    def start(cls, line: str) -> bool:
        raise NotImplementedError


class _InterruptingLeaf(_Leaf):
    """A leaf that may follow a paragraph without a blank line between. mistletoe looks for this method by its name."""

    @classmethod
    def check_interrupts_paragraph(cls, lines: Any) -> bool:
        return cls.start(lines.peek())


class _Heading(_InterruptingLeaf):
    @classmethod
    def start(cls, line: str) -> bool:
        return ATX.match(line.rstrip("\n")) is not None

    @classmethod
    def read(cls, lines: Any) -> str:
        line: str = next(lines)
        return line


class _Rule(_InterruptingLeaf):
    @classmethod
    def start(cls, line: str) -> bool:
        return line.lstrip(" ")[:1] in {"*", "-", "_"} and is_rule(line)

    @classmethod
    def read(cls, lines: Any) -> list[str]:
        return [next(lines)]


class _Fence(_InterruptingLeaf):
    @classmethod
    def start(cls, line: str) -> bool:
        return FENCE.match(line.rstrip("\n")) is not None

    @classmethod
    def read(cls, lines: Any) -> list[str]:
        taken = [next(lines)]
        match = FENCE.match(taken[0].rstrip("\n"))
        mark = match[1] if match is not None else "```"
        reading = _Reading.current
        while (line := lines.peek()) is not None and not reading.is_lazy(line):
            taken.append(next(lines))
            if closes_fence(line.rstrip("\n"), mark):
                break
        return taken


class _Spread(_InterruptingLeaf):
    """`$$ … $$` and `%% … %%` that begin a line and end on a later one.

    Both are blocks to Obsidian, whatever their lines look like to Markdown. All of their lines become one paragraph;
    the inline stage sees the math or the comment in it.
    """

    @classmethod
    def start(cls, line: str) -> bool:
        bare = line.lstrip(" ")
        return bare.startswith(("$$", "%%")) and len(line) - len(bare) < 4 and bare[:2] not in bare[2:]

    @classmethod
    def check_interrupts_paragraph(cls, lines: Any) -> bool:
        return cls.start(lines.peek()) and cls._end(lines) is not None

    @classmethod
    def _end(cls, lines: Any) -> int | None:
        first = lines.get_pos() + 1
        mark = lines.lines[first].lstrip(" ")[:2]
        for at in range(first + 1, len(lines.lines)):
            line = lines.lines[at]
            if mark in line:
                return at
            if mark == "$$" and not line.strip():
                # TeX allows no blank line in math. Without this limit a stray mark would swallow headings.
                return None
        return None

    @classmethod
    def read(cls, lines: Any) -> list[str] | None:
        end = cls._end(lines)
        return None if end is None else [next(lines) for _ in range(lines.get_pos(), end)]


class _Footnote(_InterruptingLeaf):
    """`[^x]: …` with all that is indented below it: a container, as in GFM and Pandoc."""

    @classmethod
    def start(cls, line: str) -> bool:
        return line.lstrip(" ").startswith("[^") and FOOTNOTE.match(line) is not None

    @classmethod
    def read(cls, lines: Any) -> tuple[str, Any]:
        line = lines.peek()
        match = FOOTNOTE.match(line)
        content = line[match.end() :].lstrip(" \t") if match is not None else line
        (buffer, *_), _next = _Item.read(lines, (0, 4, "[^]", content))
        return line, buffer


class _Table(_InterruptingLeaf):
    @classmethod
    def start(cls, line: str) -> bool:
        return "|" in line

    @classmethod
    def check_interrupts_paragraph(cls, lines: Any) -> bool:
        return cls.start(lines.peek()) and cls._begins(lines)

    @classmethod
    def _begins(cls, lines: Any) -> bool:
        first = lines.get_pos() + 1
        if first + 1 >= len(lines.lines):
            return False
        return is_table(lines.lines[first].rstrip("\n"), lines.lines[first + 1].rstrip("\n"))

    @classmethod
    def read(cls, lines: Any) -> list[str] | None:
        if not cls._begins(lines):
            return None
        taken = [next(lines), next(lines)]
        while (line := lines.peek()) is not None and "|" in line and not _interrupted(lines, line):
            taken.append(next(lines))
        return taken


class _Definition(_Leaf):
    @classmethod
    def start(cls, line: str) -> bool:
        return line.lstrip(" ").startswith("[") and ("]:" in line or "]" not in line)

    @classmethod
    def read(cls, lines: Any) -> list[str] | None:
        reading = _Reading.current
        first = lines.get_pos() + 1
        taken = []
        for line in lines.lines[first : first + LONGEST_DEFINITION]:
            if not line.strip():
                break
            taken.append(line)
        text = "\n".join([reading.content(line) for line in taken])
        definition = match_definition(text)
        if definition is None:
            return None
        return [next(lines) for _ in range(text.count("\n", 0, definition.end) + 1)]


class _Paragraph(_Leaf):
    @classmethod
    def start(cls, line: str) -> bool:
        return bool(line.strip())

    @classmethod
    def read(cls, lines: Any) -> tuple[int, list[str]]:
        reading = _Reading.current
        taken = [next(lines)]
        opened = _still_open(taken[0], "")
        while (line := lines.peek()) is not None and line.strip():
            underline = SETEXT.match(line) if line.lstrip(" ")[:1] in {"=", "-"} else None
            if underline is not None and not reading.is_lazy(line):
                next(lines)
                return (1 if underline[1] else 2), taken
            if _interrupted(lines, line) or _Table.check_interrupts_paragraph(lines):
                break
            # Such a mark at the start of a line may also end what began in the paragraph.
            mark = line.lstrip(" ")[:2]
            if mark in {"$$", "%%"} and mark not in opened and _Spread.check_interrupts_paragraph(lines):
                break
            opened = _still_open(line, opened)
            taken.append(next(lines))
        return 0, taken


def _still_open(line: str, opened: str) -> str:
    """Return which of `$$` and `%%` are open after a line, given those that were before it."""
    for mark in ("$$", "%%"):
        if line.count(mark) % 2:
            opened = opened.replace(mark, "") if mark in opened else opened + mark
    return opened


def _interrupted(lines: Any, line: str) -> bool:
    """Say whether a block other than a table starts at the next line and ends a paragraph or table before it."""
    if line.lstrip()[:1] not in _INTERRUPTING:
        return False
    return any(reader.check_interrupts_paragraph(lines) for reader in _INTERRUPTERS)


_READERS: list[Any] = [
    _Code,
    _Html,
    _Heading,
    _Quote,
    _Fence,
    _Rule,
    _List,
    _Footnote,
    _Spread,
    _Table,
    _Definition,
    _Paragraph,
]
_INTERRUPTERS: list[Any] = [_Heading, _Quote, _Fence, _Html, _Rule, _List, _Footnote]
_KINDS: dict[Any, str] = {_Code: "code", _Fence: "code", _Html: "html", _Spread: "paragraph", _Definition: "definition"}
