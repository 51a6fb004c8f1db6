"""Pages whose structure is plain, read without their structure: most pages of most wikis.

Where a link, a code span or a tag stands on one line and leaves nothing over, it is read alike in a paragraph, a list,
a quote and a table. So what stands on a page is looked for by one search for each kind of thing, each of which starts
with a fixed string and is quick for that reason. The page is left to the other readers (`skim` returns `None`) when

- a line starts what hides Markdown or joins lines: an HTML block, a fence in a list, math, a comment, a definition, an
  underlined heading, code by indentation;
- a sign is left over that might begin something with what follows: a backtick, `](`, `<a`, `<h2>`;
- two things overlap, unless one lies inside the other, which then is what starts first (CommonMark 0.31, §6).

Why single searches find what a reader finds that goes from left to right: let all found things be apart from each
other, or inside of one. At the first sign after a thing, the reader tries what each search tried there; what starts
within a thing is seen by neither. `structure.py` says what is right; `tests/benchmarks/equality.py` compares.
"""

from __future__ import annotations

import bisect
import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from wikitools.markdown.blocks import heading_content, is_rule
from wikitools.markdown.inline import bare_url_end, heading_text, is_web_address, split_wikilink, unescape
from wikitools.markdown.page import MARKDOWN, WEB, WIKILINK, HeadingRow, LinkRow

if TYPE_CHECKING:
    from collections.abc import Container

Mark = tuple[int, int, str]
"""Start, end, and the words that count: a name, or what stands inside."""


class Skimmed(NamedTuple):
    """What stands on a page, as rows (see `page.py`); the masked ranges are in no order."""

    masked: list[tuple[int, int]]
    headings: list[HeadingRow]
    links: list[LinkRow]
    comments: list[Mark]
    footnotes: list[Mark]
    footnote_definitions: list[tuple[int, int, str, int, int]]
    """Start, end and name of the mark; start and end of the body."""
    block_ids: list[Mark]

    @classmethod
    def nothing(cls) -> Skimmed:
        """Return what stands on an empty page."""
        return cls([], [], [], [], [], [], [])


def skim(text: str, begin: int) -> Skimmed | None:
    """Read a page from offset `begin`, where its front matter ends; `None` where its structure is not plain."""
    if "\r" in text or "\0" in text:
        return None
    found = Skimmed.nothing()
    body = text
    if begin:
        if text[begin - 1] != "\n":
            return found if begin == len(text) else None
        body = without_head(text, begin)
    # One character is found much sooner than several.
    if (
        ("`" in body and "\n```" in body)
        or ("<" in body and "\n<!--" in body)
        or ("~" in body and "~~~" in body)
        or ("$" in body and "$$" in body)
    ):
        without = without_hidden(body, found)
        if without is None:
            return None
        body = without
    if _has_structure(body, begin) or not _read_headings(body, begin, found.headings):
        return None
    things = _find_things(body)
    return found if things is not None and _read_things(body, things, found) else None


# ---- blocks ----------------------------------------------------------------------------------------------------------

_HIDING = re.compile(r"\n(?:(`{3,}+)(?=[^`\n]*+(?:\n|\Z))|(~{3,}+)|(<!--)(?!-?>)| {0,3}(\$\$))")
_COMMENT_GROUP, _FORMULA_GROUP = 3, 4
_NOTHING_MORE = re.compile(r"[ \t]*+(?=\n|\Z)")
_BLANK_LINE = re.compile(r"\n[^\S\n]*+(?:\n|\Z)")


@cache
def _fence_end(mark: str) -> re.Pattern[str]:
    return re.compile(rf"\n {{0,3}}{mark}{mark[0]}*+(?=[ \t]*+(?:\n|\Z))")


_LONGEST = 100
"""Signs of a fence: each length has its own search."""
_PREFIX = r"[ \t]*+(?:(?:>|(?:[-+*]|[0-9]{1,9}[.)])(?= )) {0,4}(?![ \t]))*+"
_DEEP = r"(?:>|[-+*]|[0-9]{1,9}[.)])(?:(?: {5}| *\t)[ \t]*+[^ \t\n]|[^\S \t\n])"
"""A mark of a quote or list item in which code begins, or white space of another kind."""
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]{1,31}:"
_ODD = rf"(?:{_DEEP}|```|~~~|<(?!{_SCHEME})[A-Za-z/!?]|\[(?!\[)[^\[\]\\]*+(?:\]:|\\))"
_UNDERLINE = r"[=-]++[ \t]*+(?=\n|\Z)"
_ATX = r"#{1,6}(?=[ \t\n]|\Z)"
_LINE = (
    rf"(?:(?P<code>(?: {{4}}| {{0,3}}\t)[ \t]*+(?=[^ \t\n]))|(?P<under>(?:[ \t>]*+|{_PREFIX}){_UNDERLINE})"
    rf"|{_PREFIX}(?:{_ODD}|(?<!\n)(?:{_ATX}|[^\S \t\n])))"
)
"""How lines start that may be more than text. Headings and odd white space are odd behind something."""
_ODD_LINE = re.compile(rf"\n(?=[ \t>*+=~`<\[0-9-]){_LINE}")
_ODD_START = re.compile(rf"(?!#){_LINE}")
_ODD_INDENTED = re.compile(rf"{_UNDERLINE}|{_PREFIX}(?:{_ODD}|{_UNDERLINE}|{_ATX}|[^\S \t\n])")
_MARKERS = re.compile(_PREFIX)
_DELIMITERS = frozenset("|:- \t")
"""What the second line of a table consists of."""
_EMPTY_ITEM = re.compile(r"(?:[-+*]|[0-9]{1,9}[.)])\Z")
_FOOTNOTE = re.compile(
    r"\n\[\^([^\s\[\]]{1,200})\]:[ \t]*+([^\s#>`~<\[$%*_+=0-9^-][^\n]*+|\*\*?[^\s*][^\n]*+|_[^\s_][^\n]*+)"
    r"(?=\n\[\^[^\s\[\]]{1,200}\]:|\s*+\Z|\n(?:[ \t]*+\n)++(?! {4}| {0,3}\t))"
)
"""A definition of one line of text, behind which nothing goes on."""


def without_head(text: str, begin: int) -> str:
    """Return a page with blanks in place of its front matter, which ends at offset `begin`."""
    return f"{' ' * (begin - 1)}\n{text[begin:]}" if begin else text


def without_hidden(body: str, found: Skimmed) -> str | None:
    """Return the page without fenced code, comments and formulas that take all of their lines.

    `None` when one of them has no end, or something stands behind it.
    """
    pieces: list[str] = []
    position = 0
    opening = _HIDING.search(body)
    while opening is not None:
        group = opening.lastindex or 0
        start = opening.start(group)
        if group == _COMMENT_GROUP:
            end = body.find("-->", start + 4) + 3
        elif group == _FORMULA_GROUP:
            end = body.find("$$", start + 2) + 2
            if end > start and "\n" not in body[start:end]:
                opening = _HIDING.search(body, end)
                continue
            if body[start - 2 : start] != "\n\n" or _BLANK_LINE.search(body, start, end) is not None:
                return None
        else:
            closing = _fence_end(opening[group]).search(body, opening.end()) if len(opening[group]) < _LONGEST else None
            end = closing.end() if closing is not None else 0
        if end < start or _NOTHING_MORE.match(body, end) is None:
            return None
        found.masked.append((start, end))
        if group == _COMMENT_GROUP:
            if "\t" in body[start:end]:
                return None
            inside = "\n".join(
                ["" if line.isspace() else line.strip(" ") for line in body[start + 4 : end - 3].split("\n")]
            )
            found.comments.append((start, end, inside.strip()))
        pieces += (body[position:start], " " * (end - start))
        position = end
        opening = _HIDING.search(body, end)
    pieces.append(body[position:])
    return "".join(pieces)


def _has_structure(body: str, begin: int) -> bool:
    """Say whether a line may begin what hides Markdown or joins lines."""
    if not begin and (_ODD_START.match(body) is not None or body.startswith(("```", "~~~", "$$"))):
        return True
    for match in _ODD_LINE.finditer(body):
        kind = match.lastgroup
        if kind is None:
            if _FOOTNOTE.match(body, match.start()) is None:
                return True
            continue
        before = body[body.rfind("\n", 0, match.start()) + 1 : match.start()]
        if kind == "under":
            if before.strip() or match[0].strip("\n \t=-"):
                return True
        elif not _is_text(before) or _ODD_INDENTED.match(body, match.end()) is not None:
            return True
        elif "|" in body[match.end() : body.find("\n", match.end())]:
            # The head of a table would end the text.
            return True
    return False


def _is_text(line: str) -> bool:
    """Say whether a line is surely text that goes on in the next line, however deep that is indented."""
    markers = _MARKERS.match(line)
    content = line[markers.end() if markers is not None else 0 :].rstrip()
    return (
        bool(content)
        and "|" not in content
        and not content.startswith(("#", "<", ">", "$$"))
        and _EMPTY_ITEM.match(content) is None
        and not is_rule(content)
        and not _DELIMITERS.issuperset(content)
    )


# ---- headings --------------------------------------------------------------------------------------------------------

_HEADING_START = re.compile(r"(#{1,6})(?![^ \t\n])([^\n]*+)")
_HEADING = re.compile(rf"\n{_HEADING_START.pattern}")


def _read_headings(body: str, begin: int, found: list[HeadingRow]) -> bool:
    """Add all headings; say whether none of them may have attributes."""
    first = _HEADING_START.match(body) if not begin else None
    for match in (*((first,) if first is not None else ()), *_HEADING.finditer(body)):
        marks, content = match.groups()
        bare = content.strip(" \t")
        if bare and bare[-1] != "#":
            start = match.start(2) + content.index(bare)
            end = start + len(bare)
        else:
            parts = heading_content(marks + content)
            if parts is None or "^" in bare:
                return False
            start, end = parts[1] + match.start(1), parts[2] + match.start(1)
        if body[end - 1] == "}":
            return False
        found.append((start, end, len(marks), heading_text(body[start:end]), ()))
    return True


# ---- what stands on lines --------------------------------------------------------------------------------------------

_LINK, _WIKI, _CODE, _AUTOLINK, _BARE, _COMMENT, _REFERENCE, _BLOCK_ID, _MASKED, _NOTHING, _LEFT_OVER = range(11)

_Thing = tuple[int, int, int, Any]
"""Start, end, kind, and the match that has the rest."""

_TEXT_GOES_ON = r"\n *+(?:[^\s>#|=~`<$%\[\]*+_0-9\\^-]|\*\*?[^\s*\[\]`<$%^\\]|(?![0-9]{1,9}[.)])[0-9])"
_INLINE_LINK = re.compile(
    rf"\[((?:[^\[\]\\`<$%^\n]++|%(?!%)|`[^`\n]++`(?!`)|{_TEXT_GOES_ON})*+)\]"
    r"\(((?:[^\x00-\x20\x7f()\[\]\\<>]++|\([^\x00-\x20\x7f()\[\]\\<>]*+\))++)(?:[ \t]++\"[^\"\\\n]*+\")?+\)"
)
_NO_LINK = re.compile(r"\]\([ \t]*+[^\s()<>\\]++[ \t]++[^\s\"'()]")
"""What stands behind its blank is no title."""
_WIKILINK = re.compile(r"\[\[([^\[\]\n]++)\]\](?![\](])")
_CODE_SPAN = re.compile(r"`[^`\n]++`(?!`)")
_ANGLE = re.compile(
    r"<(?:(?!/?[Hh][1-6][ \t>])(/[A-Za-z][A-Za-z0-9-]*+[ \t]*+>|[A-Za-z][A-Za-z0-9-]*+[ \t]*+/?>)"
    rf"|({_SCHEME}[^\x00-\x20<>]*+)>|(!--)(?!-?>)|[A-Za-z/!?])"
)
_ANGLES = (_LEFT_OVER, _MASKED, _AUTOLINK, _COMMENT)
_ADDRESS = re.compile(r"://[^\s<>\"`\[\]|{}\\^]")
_NUMBERED = re.compile(r"\[[0-9–,; -]++\](?=\[[0-9–,; -]++\])")
"""Citations as in `[1][2]`, which are no reference links."""
_ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")
_DOLLARS = re.compile(r"\\[\s\S]|\$\$?")
_FOOTNOTE_REFERENCE = re.compile(r"\[\^([^\s\[\]]{1,200})\]")
_CARET = re.compile(r"\^([A-Za-z0-9-]++)(?=[ \t]*+(?:\n|\||\Z))")
_BLOCK_ENDS = re.compile(r"[ \t]*+(?:\Z|\n(?:[ \t]*+(?:\n|\Z)| {0,3}[-+*][ \t]++[^\s=-]))")
_TABLE = re.compile(r"\n(?=[ \t>|:]*+-)[ \t>|:-]++(?=\n|\Z)")


def _find_things(body: str) -> list[_Thing] | None:
    """Return all things on a page in order; `None` where backticks or dollars reach further than their line."""
    links = [(match.start(), match.end(), _LINK, match) for match in _INLINE_LINK.finditer(body)]
    things: list[_Thing] = links[:]
    has_others = body.count("[") != len(links) or body.count("]") != len(links)
    if has_others and body.count("](") != len(links):
        middles = {match.end(1) for _start, _end, _kind, match in links}
        things += (each for each in _left_over(body, "](", middles) if _NO_LINK.match(body, each[0]) is None)
    if has_others and "[[" in body:
        wikilinks = [
            (match.start(), match.end(), _WIKI, match)
            for match in _WIKILINK.finditer(body)
            if body[match.start() - 1 : match.start()] != "["
        ]
        things += wikilinks
        if body.count("[[") != len(wikilinks):
            things += _left_over(body, "[[", {each[0] for each in wikilinks})
    if "`" in body:
        spans = [(match.start(), match.end(), _CODE, 0) for match in _CODE_SPAN.finditer(body)]
        things += spans
        if body.count("`") != 2 * len(spans):
            return None
    if "<" in body:
        things += _angles(body)
    if "://" in body:
        things += _bare_addresses(body)
    if has_others and "][" in body:
        things += _left_over(
            body,
            "][",
            {match.end() - 1 for match in _NUMBERED.finditer(body) if body[match.start() - 1 : match.start()] != "\\"},
        )
    if "\\" in body:
        things += ((match.start(), match.end(), _NOTHING, 0) for match in _ESCAPED.finditer(body))
    if "^" in body:
        things += _carets(body)
    if "%" in body and "%%" in body:
        things += _left_over(body, "%%")
    if "$" in body:
        math = _find_math(body)
        if math is None:
            return None
        things += math
    things.sort()
    return things


def _angles(body: str) -> list[_Thing]:
    """Return tags, autolinks and comments."""
    found: list[_Thing] = []
    close = 0
    for match in _ANGLE.finditer(body):
        start, end = match.span()
        kind = _ANGLES[match.lastindex or 0]
        if kind == _COMMENT:
            if 0 <= close < end:
                close = body.find("-->", end)
            if close < 0 or "\n" in body[end:close]:
                kind = _LEFT_OVER
            else:
                end = close + 3
        found.append((start, end, kind, match))
    return found


def _left_over(body: str, sign: str, taken: Container[int] = ()) -> list[_Thing]:
    """Return where a sign stands that begins something, but for the places in `taken`."""
    found: list[_Thing] = []
    place = body.find(sign)
    while place >= 0:
        if place not in taken:
            found.append((place, place + 1, _LEFT_OVER, 0))
        place = body.find(sign, place + 1)
    return found


def _carets(body: str) -> list[_Thing]:
    """Return footnote references and block ids."""
    found: list[_Thing] = []
    if "[^" in body:
        references = [(match.start(), match.end(), _REFERENCE, match) for match in _FOOTNOTE_REFERENCE.finditer(body)]
        found += references
        found += _left_over(body, "[^", {each[0] for each in references})
        found += _left_over(body, "![^")
    for match in _CARET.finditer(body):
        before = body[match.start() - 1 : match.start()]
        if before in "\n \t>|":
            is_id = before not in {"", ">", "|"} and _BLOCK_ENDS.match(body, match.end()) is not None
            found.append((match.start(), match.end(), _BLOCK_ID if is_id else _LEFT_OVER, match))
    return found


def _bare_addresses(body: str) -> list[_Thing]:
    """Return where addresses may begin; where each ends is asked when nothing before it holds it."""
    found: list[_Thing] = []
    for match in _ADDRESS.finditer(body):
        colon = match.start()
        start = colon - 4
        scheme = body[max(start, 0) : colon]
        if scheme != "http":
            if scheme.lower() == "ttps" and body[start - 1 : start] in "hH":
                start -= 1
            elif scheme.lower() != "http":
                continue
        if start > 0 and (body[start - 1].isalnum() or body[start - 1] in "/+-."):
            continue
        if start >= 0:
            found.append((start, start, _BARE, 0))
    return found


def _find_math(body: str) -> list[_Thing] | None:
    """Return formulas between dollars, each on one line, by the rule of `inline.py`; `None` where it needs the blocks.

    What is no formula in the page as a whole is none in its block: a dollar further on ends or rules out the same.
    """
    places = [match.span() for match in _DOLLARS.finditer(body) if match[0][0] == "$"]
    stops = [-1] * (len(places) + 1)
    for index in range(len(places) - 1, -1, -1):
        place = places[index][0]
        stands = body[place - 1 : place].isspace() or not body[place + 1 : place + 2].isdecimal()
        stops[index] = place if stands else stops[index + 1]
    found: list[_Thing] = []
    position = 0
    for index, (start, after) in enumerate(places):
        if start < position:
            continue
        if after - start == 2:
            stop = body.find("$$", after)
            if stop <= after:
                continue
            end = stop + 2
        else:
            stop = stops[index + 1]
            if stop < 0 or body[after].isspace() or body[stop - 1].isspace() or body.startswith("$$", stop):
                continue
            end = stop + 1
        if "\n" in body[start:end]:
            return None
        position = end
        found.append((start, end, _MASKED, 0))
    return found


def _read_things(body: str, things: list[_Thing], found: Skimmed) -> bool:
    """Add links, comments, and what is no prose; `False` when two things overlap, or one is left over."""
    masked, rows = found.masked, found.links
    tables = _Tables(body)
    has_bars = "|" in body
    last, text_end, inner = 0, 0, 0
    for start, found_end, kind, match in things:
        end = found_end
        if kind == _BARE:
            if start < max(last, inner) and not inner <= start < text_end:
                continue
            end = bare_url_end(body, start)
            if end == start:
                continue
        if start < last:
            if end <= text_end and kind in (_CODE, _BARE):
                # In the text of a link.
                masked.append((start, end))
                inner = end
            elif end > last:
                return False
            continue
        if kind == _LEFT_OVER:
            return False
        if has_bars and kind != _NOTHING and "|" in body[start:end] and tables.cut(start, end):
            return False
        last, text_end = end, 0
        if kind == _LINK:
            text_end = match.end(1)
            text, url = match.groups()
            if "\n" in text and (_is_heading(body, start) or tables.meet(start, end)):
                return False
            first = start
            if body[start - 1 : start] == "!":
                first -= 1
                if body[first - 1 : first] == "\\":
                    return False
            masked += ((first, start + 1), (text_end, end))
            if "&" in url:
                url = unescape(url)
            goal = WEB if (":" in url or url[0] == "/") and is_web_address(url) else MARKDOWN
            rows.append((goal, first, end, url, text, *match.span(2), first < start, "inline"))
        elif kind == _WIKI:
            if not _read_wikilink(body, start, end, match[1], found):
                return False
        elif kind != _NOTHING:
            masked.append((start, end))
            if kind == _AUTOLINK:
                shown = match[2]
                rows.append((WEB, start, end, shown, shown, start + 1, end - 1, False, "autolink"))
            elif kind == _BARE:
                shown = body[start:end]
                rows.append((WEB, start, end, unescape(shown), shown, start, end, False, "bare"))
            elif kind == _REFERENCE:
                if body.startswith(":", end) and body[start - 1 : start] in {"", "\n"}:
                    masked[-1] = start, end + 1
                    found.footnote_definitions.append((start, end + 1, match[1], *_rest_of_line(body, end + 1)))
                else:
                    found.footnotes.append((start, end, match[1]))
            elif kind == _BLOCK_ID:
                if tables.meet(start, end):
                    return False
                found.block_ids.append((start, end, match[1]))
            elif kind == _COMMENT:
                found.comments.append((start, end, body[start + 4 : end - 3].strip()))
    return True


def _rest_of_line(body: str, place: int) -> tuple[int, int]:
    """Return where the content behind a place on a line starts and ends, blanks around it left out."""
    stop = body.find("\n", place)
    content = body[place : stop if stop >= 0 else len(body)]
    return place + len(content) - len(content.lstrip(" \t")), place + len(content.rstrip(" \t"))


class _Tables:
    """Ranges of lines that may be rows of tables: from before a delimiter row up to the next blank line."""

    __slots__ = ("_body", "_ranges")

    def __init__(self, body: str) -> None:
        self._body = body
        self._ranges: list[tuple[int, int]] | None = None

    def meet(self, start: int, end: int) -> bool:
        """Say whether a range may lie in a table. Looks for tables when it is asked first: hardly ever."""
        if self._ranges is None:
            self._ranges = self._find()
        index = bisect.bisect_left(self._ranges, (end, 0)) - 1
        return index >= 0 and start < self._ranges[index][1]

    def cut(self, start: int, end: int) -> bool:
        """Say whether a bar may end a cell within a range; one behind a backslash does not."""
        return "|" in self._body[start:end].replace("\\|", "") and self.meet(start, end)

    def _find(self) -> list[tuple[int, int]]:
        body = self._body
        found: list[tuple[int, int]] = []
        last = 0
        for match in _TABLE.finditer(body):
            above = body.rfind("\n", 0, match.start()) + 1
            if match.start() >= last and "|" in body[above : match.end()]:
                blank = _BLANK_LINE.search(body, match.end())
                last = len(body) if blank is None else blank.start()
                found.append((above, last))
        return found


def _is_heading(body: str, place: int) -> bool:
    return body.startswith("#", body.rfind("\n", 0, place) + 1)


def _read_wikilink(body: str, start: int, end: int, written: str, found: Skimmed) -> bool:
    if not written.strip():
        return False
    target, anchor, label, whole = split_wikilink(written)
    embed = body[start - 1 : start] == "!"
    if embed:
        start -= 1
        if body[start - 1 : start] == "\\":
            return False
        found.masked.append((start, end))
    else:
        bar = body.find("|", start, end)
        found.masked.extend(((start, start + 2 if bar < 0 else bar + 1), (end - 2, end)))
    found.links.append((WIKILINK, start, end, target, anchor, label, int(embed), whole))
    return True
