"""The inline text of blocks: one pass from left to right that finds links, marks and everything that is not prose.

Precedence is CommonMark 0.31's (§6): what starts first wins; code spans, autolinks and HTML tags bind tighter than
brackets; links do not nest. On top of it: wikilinks, footnotes, bare URLs (GFM 0.29, §6.9), math (Pandoc's rule for
`$`), Obsidian's comments and block ids. Every search is remembered, every stack is popped, so time is linear.
"""

from __future__ import annotations

import bisect
import html
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from wikitools.markdown.blocks import TITLE, destination, has_bare_bar, joined, match_definition
from wikitools.markdown.dialects import PLAIN
from wikitools.markdown.emphasis import emphasis_marks
from wikitools.markdown.html_headings import HeadingTag, level_of
from wikitools.markdown.page import (
    BlockId,
    Comment,
    FootnoteDefinition,
    FootnoteReference,
    Heading,
    HtmlId,
    MarkdownLink,
    PageLink,
    ReferenceDefinition,
    UndefinedReference,
    WebLink,
    Wikilink,
)
from wikitools.text import Span, mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wikitools.markdown.blocks import Block, Piece
    from wikitools.markdown.dialects import Dialect


@dataclass(slots=True)
class Inline:
    """Everything that the blocks of one page hold, in page order; `masked` in no order."""

    masked: list[tuple[int, int]] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    links: list[PageLink] = field(default_factory=list)
    definitions: list[ReferenceDefinition] = field(default_factory=list)
    undefined: list[UndefinedReference] = field(default_factory=list)
    footnotes: list[FootnoteReference] = field(default_factory=list)
    footnote_definitions: list[FootnoteDefinition] = field(default_factory=list)
    block_ids: list[BlockId] = field(default_factory=list)
    html_ids: list[HtmlId] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    wrapped: list[Wikilink] = field(default_factory=list)
    heading_tags: list[HeadingTag] = field(default_factory=list)


def read_inline(path: str, text: str, blocks: Sequence[Block], dialect: Dialect = PLAIN) -> Inline:
    """Read the text of all blocks of a page. `blocks` are in page order; reference links may precede definitions."""
    found = Inline()
    known: dict[str, ReferenceDefinition] = {}
    for block in blocks:
        if block[0] == "definition":
            _read_definition(path, text, block, found, known)
    scan = _Scan(path, known, found, links_first=dialect.links_first)
    masked, headings = found.masked, found.headings
    is_marked = _MARKS_IN_HEADINGS.search
    for kind, pieces, level in blocks:
        if kind == "heading":
            if len(pieces) == 1:
                start, end = pieces[0]
                content = text[start:end]
                if content[-1:] != "}" and is_marked(content) is None:
                    # Most headings: mere words on one line.
                    headings.append(Heading(Span(path, start, end), level, " ".join(content.split())))
                    continue
            _read_heading(text, pieces, level, scan)
        elif kind == "code":
            masked.append((pieces[0][0], pieces[-1][1]))
        elif kind == "html":
            if "<" in (content := joined(text, pieces)):
                scan.begin(content, pieces)
                scan.read_html()
        elif kind == "footnote":
            (start, end), body = pieces
            name = text[text.index("^", start) + 1 : end - 2]
            found.footnote_definitions.append(FootnoteDefinition(Span(path, start, end), name, Span(path, *body)))
            masked.append((start, end))
        elif kind != "definition":
            scan.begin(joined(text, pieces), pieces, in_cell=kind == "cell")
            scan.read()
    return found


def _read_definition(path: str, text: str, block: Block, found: Inline, known: dict[str, ReferenceDefinition]) -> None:
    content = joined(text, block.pieces)
    parts = match_definition(content)
    if parts is None:
        return
    places = _Places(block.pieces)
    label = content[slice(*parts.label)]
    start, end = places.range(parts.label[0] - 1, parts.end)
    definition = ReferenceDefinition(
        span=Span(path, start, end),
        label=label,
        key=reference_key(label),
        url=unescape(content[slice(*parts.url)]),
        url_span=Span(path, *places.range(*parts.url)),
    )
    found.definitions.append(definition)
    found.masked.append((start, end))
    known.setdefault(definition.key, definition)


_HEADING_ATTRIBUTES = re.compile(r"[ \t]*+\{:?[ \t]*+(?:[^{}#\s]\S*+[ \t]++)*+#([^\s{}]++)[^{}]*+\}[ \t]*+\Z")


_MARKS_IN_HEADINGS = re.compile(r"\[|`|\*|_|<|&|\\|\$|\^|~|=|%%|://")
"""What makes a heading look different to its reader than to its author. `re` skips ahead to the first characters."""


def _read_heading(text: str, pieces: Sequence[Piece], level: int, scan: _Scan) -> None:
    content = joined(text, pieces)
    path, found = scan.path, scan.found
    ids: tuple[str, ...] = ()
    length = len(content)
    begin = pieces[0][0]
    places = None
    if len(pieces) > 1 or content.endswith("}"):
        places = _Places(pieces)
        brace = content.rfind("{")
        if brace >= 0 and content.rstrip(" \t").endswith("}"):
            attributes = _HEADING_ATTRIBUTES.match(content, brace)
            if attributes is not None:
                ids = (attributes[1],)
                length = len(content[:brace].rstrip(" \t"))
                found.masked.append(places.range(brace, len(content)))
                content = content[:length]
    if _MARKS_IN_HEADINGS.search(content) is None:
        shown = " ".join(content.split())
    else:
        scan.begin(content, pieces, in_heading=True)
        scan.read()
        shown = scan.shown()
    first, last = (begin, begin + length) if places is None or not length else places.range(0, length)
    found.headings.append(Heading(Span(path, first, last), level, shown, ids))


@lru_cache(maxsize=20_000)
def heading_text(content: str) -> str:
    """Return the content of a heading, on one line and without attributes, as a reader sees it."""
    if _MARKS_IN_HEADINGS.search(content) is None:
        return " ".join(content.split())
    scan = _Scan("", {}, Inline())
    scan.begin(content, [(0, len(content))], in_heading=True)
    scan.read()
    return scan.shown()


class _Places:
    """Where the characters of joined pieces stand in the file."""

    __slots__ = ("begins", "starts")

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.starts = [start for start, _end in pieces]
        self.begins = [0]
        for start, end in pieces[:-1]:
            self.begins.append(self.begins[-1] + end - start + 1)

    def range(self, start: int, end: int) -> tuple[int, int]:
        """Return the range in the file of a range of the joined text that does not end with a line break."""
        first = self._place(start)
        return first, self._place(end - 1) + 1 if end > start else first

    def _place(self, offset: int) -> int:
        line = bisect.bisect_right(self.begins, offset) - 1 if len(self.begins) > 1 else 0
        return self.starts[line] + offset - self.begins[line]


# ---- escapes, references, addresses ----------------------------------------------------------------------------------

_ESCAPE_OR_ENTITY = re.compile(r"\\([!-/:-@\[-`{-~])|&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def unescape(written: str) -> str:
    r"""Resolve backslash escapes and entities (CommonMark 0.31, §2.4 and §2.5).

    >>> unescape(r"a\_b&amp;c\&amp;")
    'a_b&c&amp;'
    """
    if "\\" not in written and "&" not in written:
        return written
    return _ESCAPE_OR_ENTITY.sub(lambda match: match[1] or html.unescape(match[0]), written)


def reference_key(label: str) -> str:
    """Return the form in which reference labels are compared: case-folded, blanks squeezed (CommonMark 0.31, §6.3)."""
    return " ".join(label.split()).casefold()


_SCHEME = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:|//)")


def is_web_address(url: str) -> bool:
    """Say whether a destination has a scheme (or is `//host`), so that it leads out of the wiki."""
    return (":" in url or url.startswith("//")) and _SCHEME.match(url) is not None


_BARE_URL = re.compile(r"(?i:https?://)[^\s<>\"`\[\]|{}\\^，。、；：！？（）「」『』【】《》“”‘’„]++")
_TRAILING_ENTITY = re.compile(r"&[A-Za-z0-9]{1,32};\Z")


def bare_url_end(text: str, start: int) -> int:
    """Return where a naked URL at `start` ends; `start` itself when there is none (GFM 0.29, §6.9).

    Beyond GFM it also ends before brackets, quotes, pipes, and the punctuation of CJK prose.
    """
    match = _BARE_URL.match(text, start)
    if match is None:
        return start
    end = match.end()
    begin = text.index("//", start) + 2
    surplus = text.count(")", begin, end) - text.count("(", begin, end)
    while end > begin:
        last = text[end - 1]
        if last == ")" and surplus > 0:
            surplus -= 1
        elif last == ";":
            entity = _TRAILING_ENTITY.search(text, max(begin, end - 34), end)
            if entity is not None:
                end = entity.start()
                continue
        elif last not in "?!.,:*_~'":
            break
        end -= 1
    return end if end > begin and text[begin].isalnum() else start


_WIKILINK = re.compile(r"\[\[((?:[^\[\]\n]|\[(?!\[)|\](?!\]))++)\]\]")
_WRAPPED = re.compile(r"\[\[((?:[^\[\]\n]|\n(?!\n)){1,400}+)\]\]")


def split_wikilink(written: str) -> tuple[str, str | None, str | None, str | None]:
    """Take apart what stands between `[[` and `]]`: target, anchor, label, and `whole` (see `Wikilink`)."""
    page, bar, label = written.partition("|")
    if bar:
        # In a table the bar is escaped for the table's sake.
        page = page.removesuffix("\\")
    target, mark, anchor = page.partition("#")
    return (
        target.strip(),
        anchor.strip() if mark else None,
        label.strip() if bar else None,
        page.strip() if mark and (target[-1:].isspace() or anchor[:1].isspace()) else None,
    )


def make_wikilink(
    written: str, span: Span, *, embed: bool = False, in_front_matter: bool = False, cut: bool = False
) -> Wikilink:
    """Return what stands between `[[` and `]]` as a link."""
    target, anchor, label, whole = split_wikilink(written)
    return Wikilink(span, target, anchor, label, embed, in_front_matter, whole, cut)


# ---- the scan --------------------------------------------------------------------------------------------------------

_WHOLE = (
    # An inline link without marks in its text and without a title: too many to read bracket by bracket.
    r"\[([^\[\]\\`<$%^:]*+(?:[:%](?![/%])[^\[\]\\`<$%^:]*+)*+)\]\(([^\x00-\x20\x7f()\[\]\\<>&]++)\)"
    # A code span between single backticks.
    r"|`([^`]++)`(?!`)"
)
_SIGNS = r"|(\\|`|<|\]|\$\$|\$|\[|!\[|%%"
# Every alternative starts with a literal, so that `re` skips ahead to one of these characters.
_SPECIAL = re.compile(f"{_WHOLE}{_SIGNS})")
_SPECIAL_OR_URL = re.compile(f"{_WHOLE}{_SIGNS}|h(?i:ttps?://)|H(?i:ttps?://))")
_LINK_GROUP = 2
_CODE_GROUP = 3
_HTML_SPECIAL = re.compile(r"<|(?i:https?://)")
_TICKS = re.compile(r"`++")
_DOLLARS = re.compile(r"\\[\s\S]|\$\$|\$")
_ESCAPABLE = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\x00-\x20<>]*+)>")
_EMAIL = re.compile(r"<([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]++@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)*+)>")
_ATTRIBUTES = re.compile(
    r"[ \t\n]++([A-Za-z_:][A-Za-z0-9_.:-]*+)"
    r"(?:[ \t\n]*+=[ \t\n]*+(?:([^ \t\n\"'=<>`]++)|'([^']*+)'|\"([^\"]*+)\"))?+"
)
_CANDIDATE = re.compile(r"[\s,]*+(\S++)")
_OPEN_TAG = re.compile(
    r"<([A-Za-z][A-Za-z0-9-]*+)"
    r"((?:[ \t\n]++[A-Za-z_:][A-Za-z0-9_.:-]*+"
    r"(?:[ \t\n]*+=[ \t\n]*+(?:[^ \t\n\"'=<>`]++|'[^']*+'|\"[^\"]*+\"))?+)*+)"
    r"[ \t\n]*+/?>"
)
_CLOSE_TAG = re.compile(r"</([A-Za-z][A-Za-z0-9-]*+)[ \t\n]*+>")
_FOOTNOTE_REFERENCE = re.compile(r"\[\^([^\s\[\]]{1,200})\]")
_REFERENCE_LABEL = re.compile(r"\[((?:[^\\\[\]]|\\[\s\S]){0,999}+)\]")
_INLINE_GAP = re.compile(r"[ \t]*+\n?[ \t]*+")
_BLOCK_ID = re.compile(r"(?:\A|(?<=[ \t\n]))\^([A-Za-z0-9-]++)[ \t]*+\Z")
_RAW_ELEMENTS = frozenset({"script", "style", "textarea", "pre"})
_NUMBERS = re.compile(r"[0-9–,; -]++")
"""What `[1][2]` consists of: numbered citations, no reference."""
_ANY_TAG = re.compile(r"<[^<>]*+>")
_LONGEST_LABEL = 999


def _addresses(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where a `srcset` has its addresses (WHATWG HTML, "parse a srcset attribute").

    Each is a run without blanks; what follows it up to the next comma says for which screens it is.
    """
    while (match := _CANDIDATE.match(text, start, end)) is not None:
        bare = match[1].rstrip(",")
        if bare:
            yield match.start(1), match.start(1) + len(bare)
        comma = text.find(",", match.end(), end)
        start = match.end() if len(bare) < len(match[1]) else comma if comma >= 0 else end


def _code_shown(code: str) -> str:
    code = code.replace("\n", " ")
    return code[1:-1] if code.startswith(" ") and code.endswith(" ") and code.strip(" ") else code


@dataclass(slots=True)
class _Opener:
    """A `[` or `![` that waits for its `]`."""

    start: int
    after: int
    image: bool
    bare: int
    """How many bare URLs had been found before it."""
    brackets: bool = False
    """Whether brackets stand inside: then it is no shortcut reference."""


class _Scan:
    """One pass over the text of one block."""

    def __init__(
        self, path: str, known: Mapping[str, ReferenceDefinition], found: Inline, *, links_first: bool = False
    ) -> None:
        self.path = path
        self.links_first = links_first
        self.known = known
        self.found = found
        self.openers: list[_Opener] = []
        self.bare: list[tuple[int, int]] = []
        self.edits: list[tuple[int, int, str]] = []
        """How the reader sees the text, kept for headings: ranges and what is shown in their stead."""
        self.searches: dict[str, tuple[int, int]] = {}

    def begin(self, text: str, pieces: Sequence[Piece], *, in_heading: bool = False, in_cell: bool = False) -> None:
        """Turn to the text of the next block."""
        self.in_heading = in_heading
        self.in_html = False
        self.in_cell = in_cell
        self.text = text
        self.offset = pieces[0][0]
        contiguous = len(pieces) == 1 or pieces[-1][1] - self.offset == len(text)
        self.places = None if contiguous else _Places(pieces)
        self.dead = 0
        """So many openers at the bottom of the stack hold a link already and cannot become one."""
        self.runs: dict[int, list[int]] | None = None
        self.dollars: tuple[list[int], list[int]] | None = None
        if self.openers or self.bare or self.edits or self.searches:
            for left_over in (self.openers, self.bare, self.edits, self.searches):
                left_over.clear()

    # -- reading

    def read(self) -> None:
        """Read Markdown."""
        text = self.text
        search = (_SPECIAL_OR_URL if "://" in text else _SPECIAL).search
        match = search(text)
        while match is not None:
            group = match.lastindex
            if group == _LINK_GROUP:
                position = self._read_whole_link(match)
            elif group == _CODE_GROUP:
                position = match.end()
                self._mask(match.start(), position, _code_shown(match[3]) if self.in_heading else "")
            else:
                position = self._step(match[0], match.start(), match.end())
            match = search(text, position)
        if self.bare:
            self._add_bare_links()
        if "^" in text:
            self._read_block_id()

    def _read_whole_link(self, match: re.Match[str]) -> int:
        """Add what the bracket rules would make of a plain inline link."""
        if self.openers:
            self.openers[-1].brackets = True
        self.dead = len(self.openers)
        start, end = match.span()
        after = match.start(2)
        url = match[2]
        kind = WebLink if is_web_address(url) else MarkdownLink
        shown = " ".join(match[1].split())
        if self.places is None and not self.in_heading:
            # Most links by far: spared the calls.
            path, offset, found = self.path, self.offset, self.found
            first, middle, last = start + offset, after + offset, end + offset
            place = Span(path, middle, last - 1)
            found.links.append(kind(Span(path, first, last), url, shown, place, False, "inline"))
            found.masked += ((first, first + 1), (middle - 2, last))
        else:
            self.found.links.append(kind(self._span(start, end), url, shown, self._span(after, end - 1)))
            self._mask(start, start + 1, "")
            self._mask(after - 2, end, "")
        return end

    def _step(self, sign: str, start: int, end: int) -> int:
        """Read what starts with `sign` and return where to go on."""
        if sign == "\\":
            if end < len(self.text) and self.text[end] in _ESCAPABLE:
                self.edits.append((start, end + 1, self.text[end]))
                return end + 1
            return end
        if sign == "`":
            return self._read_code(start)
        if sign == "<":
            return self._read_angle(start)
        if sign == "]":
            return self._close(start)
        if sign[0] == "$":
            return self._read_math(start, sign)
        if sign == "%%":
            close = self._find("%%", end)
            if close >= 0:
                self._mask(start, close + 2, "")
                return close + 2
            return end
        if sign[-1] == "[":
            return self._open(start, end)
        return self._read_bare_url(start, end)

    def read_html(self) -> None:
        """Read an HTML block: its tags and comments. Markdown inside is text, to CommonMark and to Obsidian."""
        self.in_html = True
        text = self.text
        position = 0
        while (match := _HTML_SPECIAL.search(text, position)) is not None:
            start = match.start()
            if match[0] != "<":
                end = bare_url_end(text, start)
                self._mask(start, end, text[start:end])
                position = max(end, match.end())
                continue
            if text.startswith("<!--", start) and self._comment_end(start) < 0:
                self._mask(start, len(text), "")
                return
            position = self._read_tag(start)
            if position < 0:
                position = start + 1
                continue
            tag = _OPEN_TAG.match(text, start)
            if tag is not None and tag[1].lower() in _RAW_ELEMENTS:
                close = self._find_raw_end(tag[1].lower(), position)
                self._mask(position, close, "")
                position = close

    def _find_raw_end(self, name: str, position: int) -> int:
        close = re.compile(f"</{name}", re.IGNORECASE).search(self.text, position)
        return close.start() if close is not None else len(self.text)

    # -- code, math, tags

    def _read_code(self, start: int) -> int:
        if self.runs is None:
            self.runs = {}
            for run in _TICKS.finditer(self.text):
                self.runs.setdefault(run.end() - run.start(), []).append(run.start())
        ticks = _TICKS.match(self.text, start)
        end = ticks.end() if ticks is not None else start + 1
        length = end - start
        closers = self.runs.get(length, [])
        index = bisect.bisect_left(closers, end)
        if index == len(closers):
            return end
        close = closers[index]
        self._mask(start, close + length, _code_shown(self.text[end:close]))
        return close + length

    def _read_math(self, start: int, sign: str) -> int:
        text = self.text
        if sign == "$$":
            close = self._find("$$", start + 2)
            if close > start + 2:
                self._mask(start, close + 2, text[start : close + 2])
                return close + 2
            return start + 2
        if self.dollars is None:
            self._sort_dollars()
        places, stops = self.dollars or ([], [])
        after = text[start + 1 : start + 2]
        index = bisect.bisect_right(places, start)
        if not after or after.isspace() or index == len(places):
            return start + 1
        stop = stops[index]
        if stop < 0 or text[stop - 1].isspace() or text.startswith("$$", stop):
            return start + 1
        self._mask(start, stop + 1, text[start : stop + 1])
        return stop + 1

    def _sort_dollars(self) -> None:
        """Note all dollars, and for each of them the first from there on that ends math or rules it out.

        A dollar before a digit does neither ("$5"): Pandoc goes on behind it.
        """
        text = self.text
        places = [match.start() for match in _DOLLARS.finditer(text) if match[0][0] == "$"]
        stops = [-1] * len(places)
        following = -1
        for index in range(len(places) - 1, -1, -1):
            place = places[index]
            blank_before = place > 0 and text[place - 1].isspace()
            if blank_before or not text[place + 1 : place + 2].isdecimal():
                following = place
            stops[index] = following
        self.dollars = places, stops

    def _read_angle(self, start: int) -> int:
        text = self.text
        match = _AUTOLINK.match(text, start) or _EMAIL.match(text, start)
        if match is not None:
            shown = match[1]
            url = shown if match.re is _AUTOLINK else f"mailto:{shown}"
            self._add_link(start, match.end(), url, shown, place=match.span(1), syntax="autolink")
            self._mask(start, match.end(), shown)
            return match.end()
        end = self._read_tag(start)
        return end if end >= 0 else start + 1

    def _comment_end(self, start: int) -> int:
        for short in ("<!-->", "<!--->"):
            if self.text.startswith(short, start):
                return start + len(short)
        close = self._find("-->", start + 4)
        return close + 3 if close >= 0 else -1

    def _read_tag(self, start: int) -> int:
        """Read one HTML tag, comment, instruction, declaration or CDATA section; return its end, or -1."""
        text = self.text
        following = text[start + 1 : start + 2]
        if following in {"!", "?"}:
            return self._read_declaration(start, following)
        if self._find(">", start) < 0:
            return -1
        if following == "/":
            match = _CLOSE_TAG.match(text, start)
            if match is None:
                return -1
            self._mask(start, match.end(), "")
            if level_of(match[1]):
                self.found.heading_tags.append(HeadingTag(*self._range(start, match.end()), 0, self.in_html))
            return match.end()
        match = _OPEN_TAG.match(text, start)
        if match is None:
            return -1
        self._mask(start, match.end(), "")
        if (level := level_of(match[1])) and not self.in_heading:
            self.found.heading_tags.append(HeadingTag(*self._range(start, match.end()), level, self.in_html))
        if match[2]:
            self._read_attributes(match)
        return match.end()

    def _read_declaration(self, start: int, following: str) -> int:
        text = self.text
        if text.startswith("<!--", start):
            end = self._comment_end(start)
            if end >= 0:
                inside = text[start + 4 : max(start + 4, end - 3)].strip()
                self.found.comments.append(Comment(self._span(start, end), inside))
        else:
            cdata = text.startswith("<![CDATA[", start)
            if not (cdata or following == "?" or text[start + 2 : start + 3].isalpha()):
                return -1
            closing = "]]>" if cdata else "?>" if following == "?" else ">"
            close = self._find(closing, start + 2)
            end = close + len(closing) if close >= 0 else -1
        if end >= 0:
            self._mask(start, end, "")
        return end

    def _read_attributes(self, tag: re.Match[str]) -> None:
        name = tag[1].lower()
        values: dict[str, tuple[int, int]] = {}
        for match in _ATTRIBUTES.finditer(self.text, tag.start(2), tag.end(2)):
            group = next((group for group in (2, 3, 4) if match[group] is not None), 0)
            if group:
                values.setdefault(match[1].lower(), match.span(group))
        for attribute, (start, end) in values.items():
            value = html.unescape(self.text[start:end])
            if attribute == "id" or (attribute == "name" and name == "a"):
                if value:
                    self.found.html_ids.append(HtmlId(self._span(start, end), value))
            elif attribute == "srcset" and name in {"img", "source"}:
                alt = html.unescape(self.text[slice(*values["alt"])]) if "alt" in values else ""
                for place in _addresses(self.text, start, end):
                    url = html.unescape(self.text[slice(*place)])
                    self._add_link(*tag.span(), url, alt, place=place, syntax="html", image=True)
            elif attribute in {"href", "src"}:
                shown = ""
                if name == "a":
                    close = self._find("</a", tag.end())
                    inside = self.text[tag.end() : close] if 0 <= close < tag.end() + 1000 else ""
                    shown = " ".join(html.unescape(_ANY_TAG.sub("", inside)).split())
                elif "alt" in values:
                    shown = html.unescape(self.text[slice(*values["alt"])])
                place = start, end
                url = value.strip()
                self._add_link(*tag.span(), url, shown, place=place, syntax="html", image=name == "img")

    # -- URLs in prose

    def _read_bare_url(self, start: int, end: int) -> int:
        if start and (self.text[start - 1].isalnum() or self.text[start - 1] in "/+-."):
            return end
        stop = bare_url_end(self.text, start)
        if stop == start:
            return end
        self.bare.append((start, stop))
        self._mask(start, stop, self.text[start:stop])
        return stop

    def _add_bare_links(self) -> None:
        for start, end in self.bare:
            url = self.text[start:end]
            self._add_link(start, end, unescape(url), url, place=(start, end), syntax="bare")

    # -- brackets

    def _open(self, start: int, end: int) -> int:
        text = self.text
        image = text[start] == "!"
        bracket = end - 1
        if self.openers:
            self.openers[-1].brackets = True
        following = text[end : end + 1]
        if following == "[":
            stop = self._read_wikilink(start, bracket, image)
            if stop >= 0:
                return stop
        elif following == "^" and not image:
            reference = _FOOTNOTE_REFERENCE.match(text, bracket)
            if reference is not None:
                self.found.footnotes.append(FootnoteReference(self._span(start, reference.end()), reference[1]))
                self._mask(start, reference.end(), "")
                return reference.end()
        self.openers.append(_Opener(start, end, image, len(self.bare)))
        return end

    def _read_wikilink(self, start: int, bracket: int, embed: bool) -> int:
        text = self.text
        match = _WIKILINK.match(text, bracket)
        if match is None:
            wrapped = _WRAPPED.match(text, bracket)
            if wrapped is not None and "\n" in wrapped[1] and wrapped[1].strip():
                written = " ".join(wrapped[1].split())
                self.found.wrapped.append(make_wikilink(written, self._span(start, wrapped.end()), embed=embed))
            return -1
        end = match.end()
        written = match[1]
        if text.startswith("]", end) and written.count("[") > written.count("]"):
            # `[[page|[1]]]`: the third bracket closes the label's.
            end += 1
            written += "]"
        if not written.strip() or (self.links_first and self._is_link_text(end)):
            return -1
        cut = self.in_cell and has_bare_bar(written)
        link = make_wikilink(written, self._span(start, end), embed=embed, cut=cut)
        self.found.links.append(link)
        if embed:
            self._mask(start, end, "")
        else:
            bar = text.find("|", bracket, end)
            self._mask(start, bracket + 2 if bar < 0 else bar + 1, "")
            self._mask(end - 2, end, "")
            if bar < 0 and link.anchor is not None:
                shown = " > ".join([link.target, *link.anchor.split("#")]).strip(" >")
                self.edits.append((bracket + 2, end - 2, shown))
        return end

    def _is_link_text(self, end: int) -> bool:
        """Say whether brackets that end here are the text of a Markdown link, as in `[[1]](https://…)`."""
        return self.text.startswith("(", end) and self._match_destination(end) is not None

    def _match_destination(self, position: int) -> tuple[int, int, int] | None:
        """Read `(url "title")` at `position`: the range of the URL, and where it all ends."""
        text = self.text
        gap = _INLINE_GAP.match(text, position + 1)
        begin = gap.end() if gap is not None else position + 1
        place = destination(text, begin)
        if place is None:
            return None
        start, stop, end = place
        gap = _INLINE_GAP.match(text, end)
        after = gap.end() if gap is not None else end
        if after > end and text[after : after + 1] in {'"', "'", "("} and text[after : after + 1]:
            title = TITLE.match(text, after)
            if title is None:
                return None
            gap = _INLINE_GAP.match(text, title.end())
            after = gap.end() if gap is not None else title.end()
        return (start, stop, after + 1) if text.startswith(")", after) else None

    def _close(self, position: int) -> int:
        after = position + 1
        if not self.openers:
            return after
        opener = self.openers.pop()
        alive = opener.image or len(self.openers) >= self.dead
        self.dead = min(self.dead, len(self.openers))
        if not alive:
            return after
        text = self.text
        following = text[after : after + 1]
        if following == "(":
            parts = self._match_destination(after)
            if parts is not None:
                start, stop, end = parts
                url = unescape(text[start:stop])
                self._add_bracketed(opener, position, end, url, place=(start, stop), syntax="inline")
                return end
        if following == "[":
            label = _REFERENCE_LABEL.match(text, after)
            if label is not None:
                return self._close_reference(opener, position, label)
        if not opener.brackets and position - opener.after <= _LONGEST_LABEL:
            definition = self._definition(text[opener.after : position])
            if definition is not None:
                self._add_reference(opener, position, after, definition, "shortcut")
        return after

    def _close_reference(self, opener: _Opener, position: int, label: re.Match[str]) -> int:
        text = self.text
        collapsed = not label[1]
        if collapsed and (opener.brackets or position - opener.after > _LONGEST_LABEL):
            return position + 1
        name = text[opener.after : position] if collapsed else label[1]
        definition = self._definition(name)
        if definition is not None:
            self._add_reference(opener, position, label.end(), definition, "collapsed" if collapsed else "full")
            return label.end()
        before = text[opener.start - 1 : opener.start]
        following = text[label.end() : label.end() + 1]
        if (
            name.strip()
            and text[opener.after : position].strip()
            and not name.startswith(("^", "@"))
            and not (before and (before.isalnum() or before in "])_\\"))
            and following not in {"(", "[", ":"}
            and not (_NUMBERS.fullmatch(name) and _NUMBERS.fullmatch(text, opener.after, position))
        ):
            self.found.undefined.append(UndefinedReference(self._span(opener.start, label.end()), name))
        return position + 1

    def _definition(self, label: str) -> ReferenceDefinition | None:
        return self.known.get(reference_key(label)) if self.known else None

    def _add_reference(
        self, opener: _Opener, position: int, end: int, definition: ReferenceDefinition, syntax: str
    ) -> None:
        self._add_bracketed(opener, position, end, definition.url, place=definition.url_span, syntax=syntax)

    def _add_bracketed(
        self, opener: _Opener, position: int, end: int, url: str, *, place: tuple[int, int] | Span, syntax: str
    ) -> None:
        """Add a link or image whose text ends at `position`, and which itself ends at `end`."""
        shown = " ".join(self.text[opener.after : position].split())
        self._add_link(opener.start, end, url, shown, place=place, syntax=syntax, image=opener.image)
        self._mask(opener.start, opener.after, "")
        self._mask(position, end, "")
        del self.bare[opener.bare :]
        if not opener.image:
            self.dead = len(self.openers)

    # -- results

    def _add_link(
        self,
        start: int,
        end: int,
        url: str,
        shown: str,
        *,
        place: tuple[int, int] | Span,
        syntax: str,
        image: bool = False,
    ) -> None:
        url_span = place if isinstance(place, Span) else self._span(*place)
        kind = WebLink if is_web_address(url) else MarkdownLink
        self.found.links.append(kind(self._span(start, end), url, shown, url_span, image, syntax))

    def _range(self, start: int, end: int) -> tuple[int, int]:
        """Return where a range of the text stands in the file."""
        if self.places is None:
            return start + self.offset, end + self.offset
        return self.places.range(start, end)

    def _span(self, start: int, end: int) -> Span:
        if self.places is None:
            return Span(self.path, start + self.offset, end + self.offset)
        return Span(self.path, *self.places.range(start, end))

    def _mask(self, start: int, end: int, shown: str) -> None:
        """Note that a range is not prose, and what a reader sees there."""
        if start < end:
            self.found.masked.append(self._range(start, end))
            if self.in_heading:
                self.edits.append((start, end, shown))

    def _find(self, wanted: str, position: int) -> int:
        """Find `wanted` from `position` on. Calls come with growing positions, so the last answer often still holds."""
        asked, answer = self.searches.get(wanted, (-1, 0))
        if asked < 0 or position < asked or 0 <= answer < position:
            answer = self.text.find(wanted, position)
            self.searches[wanted] = position, answer
        return answer

    def _read_block_id(self) -> None:
        text = self.text
        caret = text.rfind("^")
        match = _BLOCK_ID.match(text, caret)
        if match is not None:
            self.found.block_ids.append(BlockId(self._span(caret, match.end(1)), match[1]))
            self._mask(caret, match.end(1), "")

    def shown(self) -> str:
        """Return the text as a reader sees it: markup gone, entities and escapes resolved, on one line."""
        # What is hidden or shown otherwise holds no emphasis, but stands next to some: a letter keeps its place.
        bare = mask(self.text, [(start, end) for start, end, _shown in self.edits], "x") if self.edits else self.text
        edits = self.edits + [(start, end, "") for start, end in emphasis_marks(bare)]
        pieces: list[str] = []
        position = 0
        for start, end, shown in sorted(edits):
            if start >= position:
                pieces += (html.unescape(self.text[position:start]), shown)
                position = end
        pieces.append(html.unescape(self.text[position:]))
        return " ".join("".join(pieces).split())
