"""The grammar of links: addresses, destinations, definitions, wikilinks."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, NamedTuple

from wikitools.markdown.page import Wikilink
from wikitools.text import NO_ADDRESS

if TYPE_CHECKING:
    from wikitools.text import Span

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


_BARE_URL = re.compile(rf"(?i:https?://)[^\s<>\"`\[\]|{{}}\\^{NO_ADDRESS}]++")
_TRAILING_ENTITY = re.compile(r"&[A-Za-z0-9]{1,32};\Z")


def bare_url_end(text: str, start: int) -> int:
    """Return where a bare URL at `start` ends; `start` itself if there is none (GFM 0.29, §6.9).

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


# ---- wikilinks -------------------------------------------------------------------------------------------------------


def split_wikilink(written: str) -> tuple[str, str | None, str | None, str | None]:
    """Split the text between `[[` and `]]` into target, anchor, label, and `whole` (see `Wikilink`)."""
    page, bar, label = written.partition("|")
    if bar:
        # In a table the bar is escaped.
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
    """Return the link with this text between `[[` and `]]`."""
    target, anchor, label, whole = split_wikilink(written)
    return Wikilink(span, target, anchor, label, embed, in_front_matter, whole, cut)


# ---- destinations and definitions ------------------------------------------------------------------------------------


class Destination(NamedTuple):
    """The range of a destination without angle brackets, and the end of the whole."""

    start: int
    stop: int
    end: int


class Definition(NamedTuple):
    """The half-open ranges of the parts of a link reference definition, and its end."""

    label: tuple[int, int]
    url: tuple[int, int]
    end: int


_LABEL = re.compile(r" {0,3}\[(?!\^)((?:[^\\\[\]]|\\.){1,999}+)\]:", re.DOTALL)
_GAP = re.compile(r"[ \t]*+\n?[ \t]*+")
_REST = re.compile(r"[ \t]*+(?:\n|\Z)")
_TITLE = re.compile(
    r'"[^"\\]*+(?:\\[\s\S][^"\\]*+)*+"'
    r"|'[^'\\]*+(?:\\[\s\S][^'\\]*+)*+'"
    r"|\([^()\\]*+(?:\\[\s\S][^()\\]*+)*+\)"
)
_ANGLED = re.compile(r"<([^<>\n\\]*+(?:\\[^\n][^<>\n\\]*+)*+)>")
_PLAIN = re.compile(r"[^ \x00-\x1f\x7f()\\]++|\\[!-/:-@\[-`{-~]|\\|[()]")
_NESTING = 32


def _destination(text: str, position: int) -> Destination | None:
    """Read a link destination at `position`.

    Parentheses must balance and nest at most 32 deep, as in the reference implementation of CommonMark.
    """
    match = _ANGLED.match(text, position)
    if match is not None:
        return Destination(match.start(1), match.end(1), match.end())
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
    return None if depth else Destination(position, end, end)


def match_destination(text: str, position: int) -> Destination | None:
    """Read `(url "title")` at `position`."""
    gap = _GAP.match(text, position + 1)
    place = _destination(text, gap.end() if gap is not None else position + 1)
    if place is None:
        return None
    start, stop, end = place
    gap = _GAP.match(text, end)
    after = gap.end() if gap is not None else end
    if after > end and text[after : after + 1] in {'"', "'", "("}:
        title = _TITLE.match(text, after)
        if title is None:
            return None
        gap = _GAP.match(text, title.end())
        after = gap.end() if gap is not None else title.end()
    return Destination(start, stop, after + 1) if text.startswith(")", after) else None


def match_definition(text: str, position: int = 0) -> Definition | None:
    """Read one link reference definition at the start of a line (CommonMark 0.31, §4.7)."""
    label = _LABEL.match(text, position)
    if label is None or not label[1].strip():
        return None
    gap = _GAP.match(text, label.end())
    place = _destination(text, gap.end() if gap is not None else label.end())
    if place is None or place.end == label.end() or (place.start == place.stop == place.end):
        return None
    start, stop, end = place
    gap = _GAP.match(text, end)
    if gap is not None and gap.end() > end:
        title = _TITLE.match(text, gap.end())
        if title is not None and _REST.match(text, title.end()) is not None:
            return Definition(label.span(1), (start, stop), title.end())
    if _REST.match(text, end) is None:
        return None
    return Definition(label.span(1), (start, stop), end)
