"""The blocks of a page as plain data, and the grammars of single blocks: table rows, definitions, fences, headings.

A block stage yields `Block`s in page order; the inline stage reads their text. The two share nothing else, so a block
stage can be replaced by any other that yields the same blocks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from operator import add
from typing import TYPE_CHECKING, NamedTuple

from wikitools.text import line_starts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Piece = tuple[int, int]
"""A half-open range of the file that lies on one line."""


class Block(NamedTuple):
    """A block without children: its kind, and the part of each of its lines that is content.

    Pieces lack list and quote prefixes, indentation and line ends. Kinds: "paragraph", "heading" (marks gone), "cell"
    (one cell of a table), "code" (fence lines included), "html", "definition" (one link reference definition),
    "footnote" (two pieces: the mark `[^x]:`, then everything up to the end of its body; the body's own blocks follow).
    """

    kind: str
    pieces: list[Piece]
    level: int = 0


class Lines(NamedTuple):
    """The lines of a text without their line ends, and where each one starts."""

    contents: list[str]
    starts: list[int]


def split_lines(text: str, begin: int = 0) -> Lines:
    """Split `text` from offset `begin` at LF, CRLF and CR, and nowhere else (CommonMark 0.31, §2.1)."""
    if "\r" not in text:
        contents = text[begin:].split("\n")
        # Each line starts behind the lengths of all before it and one line feed for each.
        starts = list(map(add, accumulate(map(len, contents), initial=begin), range(len(contents))))
        return Lines(contents, starts)
    body = text[begin:]
    offsets = line_starts(body)
    contents = [body[start:end].rstrip("\r\n") for start, end in zip(offsets, [*offsets[1:], len(body)], strict=True)]
    return Lines(contents, [begin + offset for offset in offsets])


_MOST_WORK = 200_000
_MOST_WORK_PER_LINE = 12
_NESTING_STARTS = frozenset(" \t>-+*0123456789")


def is_affordable(lines: Lines) -> bool:
    """Say whether handing lines from one container to the next stays linear in practice, as nobody nests deep."""
    allowed = _MOST_WORK + _MOST_WORK_PER_LINE * len(lines.contents)
    if lines.starts[-1] + len(lines.contents[-1]) <= allowed:
        return True
    total = 0
    for content in lines.contents:
        if content[:1] in _NESTING_STARTS:
            prefix = CONTAINERS.match(content)
            if prefix is not None:
                total += prefix.end() // 2
    return total <= allowed


# ---- single blocks ---------------------------------------------------------------------------------------------------

ATX = re.compile(r" {0,3}(#{1,6})(?![^ \t])")
FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
SETEXT = re.compile(r" {0,3}(?:(=)=*+|--*+)[ \t]*+$")
CONTAINERS = re.compile(r"(?:[ \t]*+(?:>|(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t]|$)))*+[ \t]*+")
"""All quote and list marks at the start of a line, with the blanks before, between and behind them."""
FOOTNOTE = re.compile(r"( {0,3})\[\^([^\s\[\]]{1,200})\]:")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*+){3,}|(?:-[ \t]*+){3,}|(?:_[ \t]*+){3,})$")
_DELIMITER_CELL = re.compile(r":?-++:?")
_DELIMITER_CHARACTERS = frozenset("|:- \t")


def is_rule(line: str) -> bool:
    """Say whether the line is a thematic break."""
    return _RULE.match(line) is not None


def closes_fence(line: str, mark: str) -> bool:
    """Say whether the line ends the fence that `mark` opened."""
    bare = line.strip(" \t")
    return bare.startswith(mark) and not bare.strip(mark[0]) and len(line) - len(line.lstrip(" ")) < 4


def heading_content(content: str) -> tuple[int, int, int] | None:
    """Return level, start and end of an ATX heading's text in its line; `None` when the line is none."""
    match = ATX.match(content)
    if match is None:
        return None
    body = content.rstrip(" \t")
    bare = body.rstrip("#")
    # A closing sequence counts only after a blank; "# C#" keeps its last character.
    if len(bare) < len(body) and (bare.endswith((" ", "\t")) or len(bare) < match.end(1)):
        body = bare.rstrip(" \t")
    end = max(len(body), match.end(1))
    start = match.end(1)
    while start < end and content[start] in " \t":
        start += 1
    return len(match[1]), start, end


def split_cells(row: str) -> list[tuple[int, int]]:
    r"""Return the ranges of a table row's cells, blanks stripped; `\|` does not end a cell (GFM 0.29, §4.10)."""
    start, end = 0, len(row)
    while start < end and row[start] in " \t":
        start += 1
    while end > start and row[end - 1] in " \t":
        end -= 1
    if start < end and row[start] == "|":
        start += 1
    cells: list[tuple[int, int]] = []
    position = start
    if "\\" not in row:
        for cell in row[start:end].split("|"):
            if position == end:
                break
            bare = cell.lstrip(" \t")
            left = position + len(cell) - len(bare)
            cells.append((left, left + len(bare.rstrip(" \t"))))
            position += len(cell) + 1
        return cells
    while position < end:
        pipe = row.find("|", position, end)
        while pipe > 0 and row[pipe - 1] == "\\":
            pipe = row.find("|", pipe + 1, end)
        stop = end if pipe < 0 else pipe
        left, right = position, stop
        while left < right and row[left] in " \t":
            left += 1
        while right > left and row[right - 1] in " \t":
            right -= 1
        cells.append((left, right))
        position = stop + 1
    return cells


_LINK_IN_ROW = re.compile(r"\[\[(?=[^\s|])(?:[^\[\]\n]|\[(?!\[)|\](?!\]))++\]\]")


def split_row(row: str) -> list[tuple[int, int]]:
    r"""Return the ranges of a table row's cells where a wikilink is one thing, whatever bars stand in it.

    Engines that end the cell at a bare bar leave text of such a link, which is then marked as cut (see `Wikilink`).

    >>> split_row("| [[a|b]] | c |"), split_cells("| [[a|b]] |")
    ([(2, 9), (12, 13)], [(2, 5), (6, 9)])
    """
    if "[[" in row and has_bare_bar(row):
        row = _LINK_IN_ROW.sub(lambda match: match[0].replace("|", "x"), row)
    return split_cells(row)


def has_bare_bar(text: str) -> bool:
    """Say whether a bar stands in the text that ends the cell of a table: one without a backslash before it."""
    return "|" in text and "|" in text.replace("\\|", "")


def is_table(header: str, delimiter: str) -> bool:
    """Say whether two lines begin a table: a delimiter row below a header row with as many cells."""
    if "-" not in delimiter or not _DELIMITER_CHARACTERS.issuperset(delimiter):
        return False
    marks = split_cells(delimiter)
    if not all(_DELIMITER_CELL.fullmatch(delimiter, start, end) for start, end in marks):
        return False
    return len(marks) == len(split_cells(header))


@dataclass(frozen=True, slots=True)
class Definition:
    """Where the parts of a link reference definition stand in a text: half-open ranges, and its end."""

    label: tuple[int, int]
    url: tuple[int, int]
    end: int


LONGEST_DEFINITION = 30
"""Lines of one definition. Definitions of more lines are paragraphs."""
_LABEL = re.compile(r" {0,3}\[(?!\^)((?:[^\\\[\]]|\\.){1,999}+)\]:", re.DOTALL)
_GAP = re.compile(r"[ \t]*+\n?[ \t]*+")
_REST = re.compile(r"[ \t]*+(?:\n|\Z)")
TITLE = re.compile(
    r'"[^"\\]*+(?:\\[\s\S][^"\\]*+)*+"'
    r"|'[^'\\]*+(?:\\[\s\S][^'\\]*+)*+'"
    r"|\([^()\\]*+(?:\\[\s\S][^()\\]*+)*+\)"
)
ANGLED = re.compile(r"<([^<>\n\\]*+(?:\\[^\n][^<>\n\\]*+)*+)>")
_PLAIN = re.compile(r"[^ \x00-\x1f\x7f()\\]++|\\[!-/:-@\[-`{-~]|\\|[()]")
_NESTING = 32


def destination(text: str, position: int) -> tuple[int, int, int] | None:
    """Read a link destination at `position`: its range without angle brackets, and where it ends.

    Parentheses must balance and nest at most 32 deep, as in the reference implementation of CommonMark.
    """
    match = ANGLED.match(text, position)
    if match is not None:
        return match.start(1), match.end(1), match.end()
    if text.startswith("<", position):
        return None
    depth = 0
    end = position
    while (part := _PLAIN.match(text, end)) is not None:
        if part[0] == "(":
            depth += 1
            if depth > _NESTING:
                return None
        elif part[0] == ")":
            if not depth:
                break
            depth -= 1
        end = part.end()
    return None if depth else (position, end, end)


def match_definition(text: str, position: int = 0) -> Definition | None:
    """Read one link reference definition at the start of a line (CommonMark 0.31, §4.7)."""
    label = _LABEL.match(text, position)
    if label is None or not label[1].strip():
        return None
    gap = _GAP.match(text, label.end())
    place = destination(text, gap.end() if gap is not None else label.end())
    if place is None or place[2] == label.end() or (place[0] == place[1] == place[2]):
        return None
    start, stop, end = place
    gap = _GAP.match(text, end)
    if gap is not None and gap.end() > end:
        title = TITLE.match(text, gap.end())
        if title is not None and _REST.match(text, title.end()) is not None:
            return Definition(label.span(1), (start, stop), title.end())
    if _REST.match(text, end) is None:
        return None
    return Definition(label.span(1), (start, stop), end)


# ---- the fallback ----------------------------------------------------------------------------------------------------


def read_blocks_plainly(lines: Lines) -> Iterator[Block]:
    """Read blocks line by line without nesting: the way to read a page that the full reading cannot take.

    Quote and list prefixes are skipped wherever they stand; fences, HTML comments that start a line, ATX headings and
    definitions on one line are known; everything else between blank lines is a paragraph. One pass over the text.
    """
    paragraph: list[Piece] = []
    fenced: list[Piece] = []
    comment: list[Piece] = []
    mark = ""
    for content, start in zip(lines.contents, lines.starts, strict=True):
        matched = CONTAINERS.match(content)
        skipped = matched.end() if matched is not None else 0
        bare = content[skipped:].rstrip(" \t")
        piece = (start + skipped, start + skipped + len(bare))
        if mark:
            fenced.append(piece)
            if closes_fence(bare, mark):
                yield Block("code", fenced)
                fenced, mark = [], ""
            continue
        if comment:
            comment.append(piece)
            if "-->" in bare:
                yield Block("html", comment)
                comment = []
            continue
        fence = FENCE.match(bare)
        heading = heading_content(bare)
        definition = match_definition(bare) if bare.startswith("[") else None
        if bare and not (fence or heading or definition or bare.startswith("<!--")):
            paragraph.append(piece)
            continue
        if paragraph:
            yield Block("paragraph", paragraph)
            paragraph = []
        if fence is not None:
            fenced, mark = [piece], fence[1]
        elif heading is not None:
            level, left, right = heading
            yield Block("heading", [(piece[0] + left, piece[0] + right)], level)
        elif definition is not None:
            yield Block("definition", [piece])
        elif bare and "-->" in bare:
            yield Block("html", [piece])
        elif bare:
            comment = [piece]
    for kind, pieces in (("code", fenced), ("html", comment), ("paragraph", paragraph)):
        if pieces:
            yield Block(kind, pieces)


WORTH_READING = re.compile(r"`|<|\$|\[|\^|%%|://")
"""What the inline stage looks for in a paragraph. No alternative starts with a class, so that `re` can skip ahead."""


def needed(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Leave out what the inline stage has no use for: paragraphs and cells of mere words, and lines inside of code."""
    kept: list[Block] = []
    for block in blocks:
        kind, pieces, level = block
        if kind == "code":
            kept.append(Block(kind, pieces if len(pieces) < 3 else [pieces[0], pieces[-1]], level))
        elif kind not in {"paragraph", "cell"} or WORTH_READING.search(joined(text, pieces)) is not None:
            kept.append(block)
    return kept


def joined(text: str, pieces: Sequence[Piece]) -> str:
    """Return the content of a block's pieces, one line each."""
    if len(pieces) == 1:
        return text[pieces[0][0] : pieces[0][1]]
    return "\n".join([text[start:end] for start, end in pieces])
