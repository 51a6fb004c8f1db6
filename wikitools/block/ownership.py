"""Finds the generated block of a page: by wikitools' markers, by configured ones, or in the old unmarked form.

One scan finds the block, what is wrong with its markers, and which ranges of the page are generated and so contain no
citations. Everything that is not clearly the block belongs to the author.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.block.generated import OldList, lines, read_list
from wikitools.block.unformatted import ITEM, digest, is_digest_of, normalised
from wikitools.markdown.page import Problem, heading_rows_of
from wikitools.text import Span, line_and_column, line_starts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wikitools.block.generated import ListedSource
    from wikitools.block.style import BlockStyle
    from wikitools.markdown.page import Page

CLOSING = "<!-- /wikitools:sources -->"
MALFORMED = "malformed-block"
"""The `kind` of all problems found here."""

_OPENING_TEXT = re.compile(r"wikitools:sources(?:[ \t]+hash=([0-9A-Fa-f]{1,64}))?")
_CLOSING_TEXT = "/wikitools:sources"
_ALMOST = re.compile(r"/?\s*wikitools\s*:\s*sources?\b", re.IGNORECASE)
_HASH_LINE = re.compile(r"<!-- wikitools:hash=(\S{1,64}) -->[ \t]*(?:\r\n|\n|\r|\Z)")
_MARKER_LINE = re.compile(
    r"(?:^|(?<=\r))[ \t>]*+(<!-- /?wikitools:sources(?:[ \t]+hash=\S{1,64})? -->)[ \t]*+(?=\r|\n|\Z)", re.MULTILINE
)
_LINE = re.compile(r"[^\r\n]*")
_SETEXT = re.compile(r" {0,3}(?:=+|-+)[ \t]*")
_ATX = re.compile(r"\ufeff? {0,3}#{1,6}(?:[ \t]|$)")
_LONGEST_INTRO = 2000  # in characters: no more of a page is read below each heading


@dataclass(frozen=True, slots=True)
class Block:
    """The generated block of a page.

    `span` reaches from the first character of the opening marker to the last of the closing one; without markers
    ("adopted"), from the intro sentence to the end of the list. Line ends before and after it are not part of it.
    """

    span: Span
    body: Span
    """The range between the markers, line ends included; without markers the same as `span`."""
    kind: str
    """"own" (our markers), "foreign" (configured ones) or "adopted" (heading and intro sentence, not marked yet)."""
    hand_edited: bool = False
    """Whether it was changed by hand since it was generated (or was never generated): regenerating would lose text."""
    vouched: bool = False
    """Whether its hash shows that it has not changed since it was generated, apart from formatting."""
    opening: str = ""
    closing: str = ""
    """The markers of a foreign block, as configured."""
    stray: Span | None = None
    """The first line that was not generated, if known."""
    listed: tuple[ListedSource, ...] = ()
    """The contents of the lines of a block without a hash, which are recognised only by their form."""


@dataclass(frozen=True, slots=True)
class Ownership:
    """The result of one scan of a page. If there are problems, there is no block: the page must not be changed."""

    block: Block | None
    problems: tuple[Problem, ...] = ()
    generated: tuple[tuple[int, int], ...] = ()
    """Half-open ranges of everything that is generated or claims to be, valid or not: there are no citations in
    them."""


def scan(page: Page, style: BlockStyle) -> Ownership:
    """Return the block of `page`, or what is wrong with its markers; linear in the page's length.

    The order is: our markers, the foreign ones of `style`, the old form (exact heading and known intro sentence).
    """
    global _last
    known = _last
    if known is None or known[0] is not page or known[1] is not style:
        known = _last = page, style, _scan(page, style)
    return known[2]


_last: tuple[Page, BlockStyle, Ownership] | None = None
"""The last scan: several callers ask about the same page in a row."""


def _scan(page: Page, style: BlockStyle) -> Ownership:
    blocks, problems = _own_blocks(page, style)
    if not blocks and not problems:
        blocks, problems = _foreign_blocks(page, style)
    marked = tuple(blocks)
    ends = [block.span.end for block in marked]
    for block in _unmarked_blocks(page, style):
        at = bisect.bisect_right(ends, block.span.start)
        if at == len(ends) or marked[at].span.start >= block.span.end:
            blocks.append(block)
    blocks.sort(key=lambda block: block.span)
    if len(blocks) > 1:
        first = _line_of(line_starts(page.text), blocks[0].span)
        for extra in blocks[1:]:
            place = Span(page.path, extra.span.start, _line_end(page.text, extra.span.start))
            problems.append(_problem(place, f"a second block of sources starts here; the first is on {first}"))
    problems.sort(key=lambda problem: (problem.span, problem.message))
    ranges = tuple((block.span.start, block.span.end) for block in blocks)
    return Ownership(blocks[0] if blocks and not problems else None, tuple(problems), ranges)


def split_items(body: str) -> tuple[str, ...]:
    """Return the entries of a block's list without their bullets, each on one line.

    >>> split_items("Intro.\\n\\n- one\\n  more\\n- two\\n")
    ('one more', 'two')
    """
    items: list[str] = []
    for line in normalised(body).split("\n"):
        start = ITEM.match(line)
        if start is not None:
            items.append(line[start.end() :].strip())
        elif items and line[:1] in (" ", "\t"):
            items[-1] = f"{items[-1]} {line.strip()}"
    return tuple(items)


# --- our markers and configured ones ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Marker:
    span: Span
    opens: bool
    hash: str = ""


def _own_blocks(page: Page, style: BlockStyle) -> tuple[list[Block], list[Problem]]:
    markers: list[_Marker] = []
    problems: list[Problem] = []
    head_end = page.front_matter_span.end if page.front_matter_span is not None else 0
    for comment in page.comments:
        if comment.span.start < head_end or _ALMOST.match(comment.text) is None:
            continue
        opening = _OPENING_TEXT.fullmatch(comment.text)
        if opening is None and comment.text != _CLOSING_TEXT:
            wanted = CLOSING if comment.text.startswith("/") else "<!-- wikitools:sources -->"
            problems.append(_problem(comment.span, f"this marker is not valid; it should read {wanted}"))
        elif not _fills_line(page.text, comment.span):
            problems.append(_problem(comment.span, "a marker must be on a line of its own, with nothing before it"))
        else:
            markers.append(_Marker(comment.span, opening is not None, (opening and opening[1]) or ""))
    pairs, unpaired = _pair(page, markers, CLOSING)
    blocks = []
    for first, last in pairs:
        body = Span(page.path, first.span.end, last.span.start)
        span = Span(page.path, first.span.start, last.span.end)
        if first.hash or not body.of(page.text).strip():
            content = body.of(page.text)
            vouched = is_digest_of(first.hash, content)
            edited = bool(first.hash and content.strip()) and not vouched
            blocks.append(Block(span, body, "own", edited, vouched))
        else:
            old = _read_body(page, body, style)
            blocks.append(Block(span, body, "own", old.stray is not None, stray=old.stray, listed=old.listed))
    return blocks, problems + unpaired


def hidden_markers(page: Page, style: BlockStyle) -> Iterator[Problem]:
    """Yield a problem for each marker that fills a line of code, of a comment, of a quote or of the front matter.

    It is a problem only if the page needs a block and has none: then it may be the block itself, inside a fence that
    was never closed. Otherwise such a marker is an example.
    """
    head_end = page.front_matter_span.end if page.front_matter_span is not None else 0
    for start, end, ours in sorted(_marker_lines(page, style)):
        if start < head_end:
            where = "the front matter"
        elif _is_masked(page, start):
            where = "code or a comment"
        elif ours:
            continue
        else:
            where = "a quote or an indented line"
        span = Span(page.path, start, end)
        yield _problem(span, f"a marker inside {where} has no effect; move it out, or write it within a line of text")


def _marker_lines(page: Page, style: BlockStyle) -> Iterator[tuple[int, int, bool]]:
    """Yield the place of each marker that fills a line, apart from blanks and `>` before it, and whether it is ours."""
    if "wikitools:sources" in page.text:
        yield from ((*match.span(1), True) for match in _MARKER_LINE.finditer(page.text))
    for literal in (literal for pair in style.foreign_markers for literal in pair):
        if literal in page.text:
            line = re.compile(rf"(?:^|(?<=\r))[ \t>]*+({re.escape(literal)})[ \t]*+(?=\r|\n|\Z)", re.MULTILINE)
            yield from ((*match.span(1), False) for match in line.finditer(page.text))


def _foreign_blocks(page: Page, style: BlockStyle) -> tuple[list[Block], list[Problem]]:
    blocks: list[Block] = []
    problems: list[Problem] = []
    for opening, closing in style.foreign_markers:
        markers = [_Marker(span, True) for span in lines_that_read(page, opening)]
        markers += [_Marker(span, False) for span in lines_that_read(page, closing)]
        pairs, unpaired = _pair(page, sorted(markers, key=lambda marker: marker.span), closing)
        problems += unpaired
        for first, last in pairs:
            body = Span(page.path, first.span.end, last.span.start)
            content, recorded = split_hash(body.of(page.text))
            # Without a hash it was written by the tool that the configuration names, and may be replaced.
            vouched = is_digest_of(recorded, content)
            edited = bool(recorded and content.strip()) and not vouched
            span = Span(page.path, first.span.start, last.span.end)
            blocks.append(Block(span, body, "foreign", edited, vouched, opening, closing))
    blocks.sort(key=lambda block: block.span)
    return blocks, problems


def split_hash(body: str) -> tuple[str, str]:
    """Return the body of a foreign block without its hash line, and that hash ("" without one)."""
    lead = len(body) - len(body.lstrip("\r\n"))
    line = _HASH_LINE.match(body, lead)
    return (body, "") if line is None else (body[line.end() :], line[1])


def renew_hash(before: Page, after: Page, style: BlockStyle) -> str:
    """Return the text of `after`, with a valid hash in its block if that of `before` was valid.

    This is for changes that are not hand edits, such as links that follow a renamed page.
    """
    was, now = scan(before, style).block, scan(after, style).block
    if was is None or now is None or not was.vouched or now.vouched:
        return after.text
    body = now.body.of(after.text)
    content, recorded = split_hash(body) if now.kind == "foreign" else (body, "")
    start, end = (now.body.start, now.body.end - len(content)) if recorded else (now.span.start, now.body.start)
    marker = _HASH.sub(f"hash={digest(content)}", after.text[start:end])
    return after.text[:start] + marker + after.text[end:]


_HASH = re.compile(r"(?<=[ :])hash=\S+")


def _pair(page: Page, markers: Sequence[_Marker], closing: str) -> tuple[list[tuple[_Marker, _Marker]], list[Problem]]:
    """Return the pairs that markers, in page order, form, and a problem for each marker without a partner."""
    pairs: list[tuple[_Marker, _Marker]] = []
    problems: list[Problem] = []
    opened: _Marker | None = None
    starts: list[int] = []
    for marker in markers:
        if marker.opens and opened is not None:
            starts = starts or line_starts(page.text)
            line = _line_of(starts, opened.span)
            problems.append(_problem(marker.span, f"a block of sources starts inside the one opened on {line}"))
        elif marker.opens:
            opened = marker
        elif opened is None:
            problems.append(_problem(marker.span, "this closes a block of sources that was never opened"))
        else:
            pairs.append((opened, marker))
            opened = None
    if opened is not None:
        problems.append(_problem(opened.span, f"the block of sources opened here is never closed with {closing}"))
    return pairs, problems


def lines_that_read(page: Page, literal: str) -> Iterator[Span]:
    """Yield the lines that consist of `literal`, outside of code, front matter and other comments."""
    exact = {comment.span.start: comment.span.end for comment in page.comments}
    head_end = page.front_matter_span.end if page.front_matter_span is not None else 0
    starts = [start for start, _end in page.masked]
    position = page.text.find(literal, head_end)
    while position >= 0:
        span = Span(page.path, position, position + len(literal))
        if _fills_line(page.text, span):
            at = bisect.bisect_right(starts, position) - 1
            hidden = at >= 0 and page.masked[at][1] > position and page.masked[at] != (span.start, span.end)
            if exact.get(span.start) == span.end or not (hidden or literal.startswith("<!--")):
                yield span
        position = page.text.find(literal, span.end)


def _fills_line(text: str, span: Span) -> bool:
    """Say whether the span starts its line (a byte order mark may precede) and only blanks follow on it."""
    before = text[span.start - 1 : span.start] if span.start else ""
    if before not in ("", "\n", "\r") and not (before == "\ufeff" and span.start == 1):
        return False
    covered = span.of(text)
    return "\n" not in covered and "\r" not in covered and not text[span.end : _line_end(text, span.end)].strip(" \t")


def _read_body(page: Page, body: Span, style: BlockStyle) -> OldList:
    """Read the text between markers without a hash: a known sentence (or none), then a list."""
    known = {_plain_sentence(sentence) for sentence in (style.intro, style.empty, *style.known_intros)} | {""}
    lead: list[tuple[int, int]] = []
    start = body.end
    for first, stop in lines(page.text, body.start, body.end):
        if ITEM.match(page.text[first:stop]) is not None:
            start = first
            break
        if page.text[first:stop].strip():
            lead.append((first, stop))
    if _plain_sentence(" ".join(page.text[first:stop] for first, stop in lead)) not in known:
        return OldList(body.end, stray=Span(page.path, *lead[0]))
    return read_list(page, start, body.end, closed=True)


# --- the old form, without markers -----------------------------------------------------------------------------------


def _unmarked_blocks(page: Page, style: BlockStyle) -> Iterator[Block]:
    rows = enumerate(heading_rows_of(page.headings))
    headed = [page.headings[number] for number, (_start, _end, _level, text, _ids) in rows if text == style.heading]
    wanted = {_plain_sentence(sentence) for sentence in (style.intro, *style.known_intros)} - {""} if headed else set()
    for heading in headed:
        after = heading_end(page.text, heading.span)
        if after is None:
            continue
        intro = _intro(page, after, wanted)
        if intro is None:
            continue
        old = read_list(page, _after_line_end(page.text, intro[1]), len(page.text), closed=False)
        span = Span(page.path, intro[0], max(intro[1], old.end))
        yield Block(span, span, "adopted", old.stray is not None, stray=old.stray, listed=old.listed)


def heading_end(text: str, span: Span) -> int | None:
    """Return where the last line of the heading whose text `span` covers ends, line end excluded.

    Returns `None` for a heading inside a quote or a list, where each following line has a prefix.
    """
    start = max(text.rfind("\n", 0, span.start), text.rfind("\r", 0, span.start)) + 1
    end = _line_end(text, span.end)
    if _ATX.match(text, start) is not None:
        return end
    if text[start : span.start].strip(" \ufeff"):
        return None
    below = next(lines(text, _after_line_end(text, end), len(text)), None)
    return below[1] if below is not None and _SETEXT.fullmatch(text, *below) is not None else None


def _intro(page: Page, position: int, wanted: set[str]) -> tuple[int, int] | None:
    """Return the place of a known intro sentence if it is the first paragraph after `position`."""
    text = page.text
    first: int | None = None
    last = position
    for start, end in lines(text, _after_line_end(text, position), len(text)):
        line = text[start:end]
        if first is None:
            if not line.strip():
                continue
            if _is_masked(page, start) or line.startswith(("    ", "\t", "```", "~~~")) or ITEM.match(line) is not None:
                return None
            first = start
        elif not line.strip() or ITEM.match(line) is not None:
            break
        last = start + len(line.rstrip())
        if last - first > _LONGEST_INTRO:
            return None
    return (first, last) if first is not None and _plain_sentence(text[first:last]) in wanted else None


def _plain_sentence(markdown: str) -> str:
    """Return a sentence for comparison, without emphasis, code marks and the form of apostrophes."""
    bare = " ".join(markdown.replace("`", "").split())
    for mark in ("*", "_"):
        bare = bare.strip(mark).strip()
    return bare.replace("’", "'").replace("‘", "'")


# --- lines -----------------------------------------------------------------------------------------------------------


def _line_end(text: str, position: int) -> int:
    match = _LINE.match(text, position)
    return match.end() if match is not None else position


def _after_line_end(text: str, position: int) -> int:
    return position + (2 if text.startswith("\r\n", position) else len(text[position : position + 1]))


def _is_masked(page: Page, position: int) -> bool:
    at = bisect.bisect_right(page.masked, (position, len(page.text) + 1)) - 1
    return at >= 0 and page.masked[at][0] <= position < page.masked[at][1]


def _line_of(starts: Sequence[int], span: Span) -> str:
    return f"line {line_and_column(starts, span.start)[0]}"


def _problem(span: Span, message: str) -> Problem:
    return Problem(span, MALFORMED, message)
