"""Reads a page: headings, links, notes and all that is not prose, each with its exact offsets.

Syntax that CommonMark does not know is hidden from pyromark at equal length, and added by `wiki_syntax.py`: wikilinks
and footnote references become words, formulas and comments between `%%` become blanks. So every offset stays an offset
into the file, and pyromark decides what hides a wikilink (code, HTML, a destination).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING

from wikitools.markdown.dialects import PLAIN, PYTHON_MARKDOWN
from wikitools.markdown.elements import Elements
from wikitools.markdown.events import (
    CODE,
    HEADING,
    HTML_BLOCK,
    HTML_TAG,
    IMAGE,
    LINK,
    NOTE,
    TABLE,
    UNDEFINED,
    Events,
    alone,
    as_read,
    blank,
    in_ascii,
    without_emphasis,
)
from wikitools.markdown.heading_text import (
    Change,
    find_attributes,
    heading_content,
    is_plain,
    shown_text,
)
from wikitools.markdown.html_tags import HtmlReader
from wikitools.markdown.insertions import find_insertions, may_insert
from wikitools.markdown.links import (
    is_web_address,
    make_wikilink,
    match_definition,
    match_destination,
    reference_key,
    split_wikilink,
    unescape,
)
from wikitools.markdown.page import (
    CUT,
    EMBED,
    MARKDOWN,
    WEB,
    WIKILINK,
    BlockId,
    FootnoteDefinition,
    FootnoteReference,
    Insertion,
    ReferenceDefinition,
    UndefinedReference,
)
from wikitools.markdown.python_markdown import as_commonmark
from wikitools.markdown.tables import delimiter_rows, has_bare_bar, surplus_cells, tables_in_paragraphs
from wikitools.markdown.wiki_syntax import (
    Hidden,
    Name,
    PossibleBlockId,
    Range,
    Ranges,
    find_addresses,
    find_block_ids,
    find_hidden,
    find_names,
    find_wrapped,
    is_escaped,
    may_hide,
    without_misread,
    without_names,
)
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from wikitools.markdown.dialects import Dialect
    from wikitools.markdown.events import Thing


_QUOTE_MARKS = re.compile(r"\n([ \t]*+>[ \t>]*+)")
"""The container marks of continuation lines."""


def read_text(path: str, text: str, begin: int, dialect: Dialect = PLAIN) -> Elements:
    """Read a page from offset `begin`, the end of its front matter."""
    return PageReader(path, as_read(text, begin), dialect).read()


@lru_cache(maxsize=20_000)
def heading_text(content: str) -> str:
    """Return the content of a heading, on one line and without attributes, as a reader sees it."""
    if is_plain(content):
        return " ".join(content.split())
    # Neither hashes nor braces mean anything after a letter.
    line = f"# {' '.join(content.split())}"
    tail = " x" if line[-1] in "#}" else ""
    shown = read_text("", line + tail, 0).headings[0][3]
    return shown.removesuffix(tail) if tail else shown


_WHOLE_LINK = re.compile(r"\[([^\[\]\\`<]*+)\]\(([^\x00-\x20\x7f()\[\]\\<>&]++)\)")
_CONTAINERS = re.compile(r"(?:[ \t\n]*+(?:>|(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t]|$)))*+[ \t\n]*+")
_REFERENCE = re.compile(r"\[(?!\^)[^\[\]\\]*+(?:\\.[^\[\]\\]*+)*+\]:")
_BEFORE_LABEL = re.compile(r"(?:[ \t]*+(?:>|[-+*]|[0-9]{1,9}[.)]|\[\^[^\s\[\]]{1,200}\]:)(?=[ \t>[]))*+[ \t]*+\Z")
_LONGEST_LABEL = 1000
_LONGEST_DEFINITION = 4000
"""The most characters of one definition."""
_BLANKS = " \t\n"
_TITLE_ENDS = {'"': '"', "'": "'", ")": "("}
_NUMBERS = re.compile(r"[0-9–,; -]++")
"""The labels of numbered citations: `[1][2]` is not a reference."""


_place = itemgetter(1, 2)


def _label_start(text: str, end: int) -> int:
    """Return the start of the label that ends at an offset if only container marks come before it; else -1."""
    start = text.rfind("[", max(0, end - _LONGEST_LABEL), end)
    while start > 0 and is_escaped(text, start):
        start = text.rfind("[", max(0, end - _LONGEST_LABEL), start)
    if start < 0:
        return -1
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return start if _BEFORE_LABEL.match(line) is not None else -1


class PageReader:
    """Reads one page."""

    def __init__(self, path: str, text: str, dialect: Dialect, *, keep: bool = False) -> None:
        self.path = path
        self.keep = keep
        self.dialect = dialect
        self.whole = text
        if ">" in text:
            text = _QUOTE_MARKS.sub(lambda match: "\n" + " " * len(match[1]), text)
        self.text = text
        """The page with blanks in place of the marks of quotes."""
        self.by_label = False
        """Whether pyromark gets the text itself, not its ASCII form: needed for link labels and XML instructions."""
        self.names: list[Name] = []
        self.hidden: list[Range] = []
        self.tables: list[Range] = []
        """Tables that pyromark does not find because they follow text without a blank line."""
        self.targets: list[Change] = []
        """The visible texts of wikilinks with an anchor and no label."""

    def read(self) -> Elements:
        source = written = in_ascii(self.whole)
        has_brackets = "[" in source
        has_wikilinks = has_brackets and "[[" in source
        if has_wikilinks or (has_brackets and "^" in source):
            self.names = list(find_names(source, self.whole, links_first=self.dialect.links_first))
            source = without_names(source, self.names)
        self.has_references = has_brackets and "]:" in source and _REFERENCE.search(source) is not None
        if self.has_references or ("<" in source and "<?" in source):
            # Lone surrogates cannot be encoded.
            source = without_names(self.whole, self.names).encode(errors="replace").decode()
            self.by_label = True
        has_hidden = may_hide(source)
        block_ids = list(find_block_ids(written)) if "^" in source else []
        wrapped = list(find_wrapped(self.text)) if has_wikilinks and "[[" in source else []
        self.keep = self.keep or bool(self.has_references or has_hidden or block_ids or wrapped)
        things = self.read_markdown(source)
        if "|" in source and len(delimiter_rows(source)) > sum(kind == TABLE for _start, _end, kind, _detail in things):
            self.keep = True
            self.read_events(source)
            self.tables = list(tables_in_paragraphs(source, Ranges(self.readings[0].texts())))
            things = self.read_markdown(source)
        if has_hidden:
            self.hidden, misread = self.find_hidden(source)
            if misread:
                source = without_misread(source, misread)
                things = self.read_markdown(source, {start for start, _end in misread})
            self.found.masked += self.hidden
        cover = Ranges(self.found.masked)
        if may_insert(source):
            self.found.insertions += [Insertion(Span(self.path, *each)) for each in find_insertions(self.text, cover)]
        if self.names:
            self.add_names(cover, things)
        if "://" in source:
            self.add_addresses(source, cover, things)
        if block_ids:
            self.add_block_ids(block_ids, written, cover, things)
        if wrapped:
            self.add_wrapped(wrapped, cover)
        self.add_headings(things)
        self.found.links.sort(key=_place)
        return self.found

    # -- what pyromark finds

    def read_markdown(self, source: str, skipped: Collection[int] = ()) -> list[Thing]:
        """Add what CommonMark knows; `skipped` are offsets of HTML blocks that only replace something else."""
        self.found = Elements()
        self.known: dict[str, ReferenceDefinition] = {}
        self.html = HtmlReader(self.path, self.whole, self.text, self.found)
        self.read_events(source)
        masked = self.found.masked
        if self.has_references:
            self.add_definitions()
        things = [thing for events in self.readings for thing in events.things]
        heading_end = 0
        for start, end, kind, detail in things:
            if kind == CODE:
                if detail:
                    block = source[start:end]
                    masked.append((start + len(block) - len(block.lstrip(_BLANKS)), start + len(block.rstrip(_BLANKS))))
                else:
                    masked.append((start, end))
            elif kind in (LINK, IMAGE):
                self.add_link(start, end, detail, image=kind == IMAGE)
            elif kind == HTML_TAG:
                self.html.read_tag(start, end, in_heading=start < heading_end)
            elif kind == HTML_BLOCK:
                if start not in skipped:
                    self.html.read_block(start, end)
            elif kind == HEADING:
                heading_end = end
            elif kind == NOTE:
                self.add_note(start, end)
            elif kind == UNDEFINED:
                self.add_undefined(start, end, detail)
        return things

    def read_events(self, source: str) -> None:
        """Have pyromark read the page and, separately, what it would drop or would not find in another dialect."""
        apart: list[Range] = []
        shown = source
        if self.dialect.maker == PYTHON_MARKDOWN:
            shown, apart = as_commonmark(source, 0)
        elif not self.by_label:
            shown = without_emphasis(source)
        for start, end in self.tables:
            shown = shown[:start] + blank(shown[start:end]) + shown[end:]
            apart.append((start, end))
        events = Events(shown, keep=self.keep)
        self.readings = [events]
        for start, end, kind, _detail in events.things:
            if kind == TABLE:
                apart += surplus_cells(shown, start, end)
        if apart:
            self.readings.append(Events(alone(source, sorted(apart)), keep=self.keep))

    def add_definitions(self) -> None:
        """Add link reference definitions: what looks like one and is not visible text to pyromark."""
        text = self.text
        events = self.readings[0]
        shown = events.starts()
        code = Ranges((start, end) for start, end, kind, _detail in events.things if kind in (CODE, HTML_BLOCK))
        position = 0
        middle = text.find("]:")
        while middle >= 0:
            start = _label_start(text, middle)
            middle = text.find("]:", middle + 2)
            if start < position or start in shown or code.end_at(start) >= 0:
                continue
            parts = match_definition(text[start : start + _LONGEST_DEFINITION])
            if parts is None:
                continue
            label = text[start + parts.label[0] : start + parts.label[1]]
            place = (start + parts.url[0], start + parts.url[1])
            position = start + parts.end
            definition = ReferenceDefinition(
                span=Span(self.path, start, position),
                label=label,
                key=reference_key(label),
                url=unescape(text[slice(*place)]),
                url_span=Span(self.path, *place),
            )
            self.found.definitions.append(definition)
            self.found.masked.append((start, position))
            self.known.setdefault(definition.key, definition)

    def add_link(self, start: int, end: int, written: str | int, *, image: bool) -> None:
        text, found = self.text, self.found
        first = start + image
        if written == "Inline":
            syntax = "inline"
            match = _WHOLE_LINK.match(text, first)
            if match is not None and match.end() == end:
                shown, url = match.groups()
                place = match.span(2)
                text_end = place[0] - 2
            else:
                text_end, place = self._destination(first, end)
                shown = text[first + 1 : text_end]
                url = unescape(text[slice(*place)])
        elif written in ("Autolink", "Email"):
            shown = text[start + 1 : end - 1]
            url = shown if written == "Autolink" else f"mailto:{shown}"
            found.links.append((WEB, start, end, url, shown, start + 1, end - 1, False, "autolink"))
            found.masked.append((start, end))
            return
        else:
            syntax = {"Reference": "full", "Collapsed": "collapsed"}.get(str(written), "shortcut")
            text_end = self._middle(first, end) if syntax == "full" else end - 1
            if syntax == "collapsed":
                # pulldown-cmark leaves the empty brackets out.
                end += 2
            shown = text[first + 1 : text_end]
            label = text[text_end + 2 : end - 1] if syntax == "full" else shown
            definition = self.known.get(reference_key(label))
            if definition is None:
                return
            url = definition.url
            place = definition.url_span.start, definition.url_span.end
        found.masked += ((start, first + 1), (text_end, end))
        kind = WEB if is_web_address(url) else MARKDOWN
        found.links.append((kind, start, end, url, shown, *place, image, syntax))

    def _destination(self, start: int, end: int) -> tuple[int, Range]:
        """Return where the text of an inline link ends, and the range of its destination.

        Searches from the end: links nest in the text of images, and each would search all links within.
        """
        text = self.text
        inside = text[start : end - 1].rstrip(_BLANKS)
        limits = [end]
        if inside[-1:] in _TITLE_ENDS:
            opening = start + inside.rfind(_TITLE_ENDS[inside[-1]], 0, len(inside) - 1)
            while opening > start and is_escaped(text, opening):
                opening = text.rfind(text[opening], start, opening)
            limits.insert(0, opening)
        for limit in limits:
            middle = text.rfind("](", start, limit)
            parts = match_destination(text, middle + 1) if middle >= 0 else None
            if parts is not None and parts.end == end:
                if text[parts.stop - 1] == ">" and (angle := text.rfind("](<", start, middle)) >= 0:
                    # Between angle brackets, square brackets are part of the destination.
                    angled = match_destination(text, angle + 1)
                    if angled is not None and angled.end == end:
                        return angle, (angled.start, angled.stop)
                return middle, (parts.start, parts.stop)
        middle = text.rindex("](", start, end)
        return middle, (middle + 2, end - 1)

    def _middle(self, start: int, end: int) -> int:
        """Return where the text of a reference link ends."""
        middle = self.text.rindex("][", start, end)
        while middle > start and is_escaped(self.text, middle + 1):
            middle = self.text.rindex("][", start, middle)
        return middle

    def add_note(self, start: int, end: int) -> None:
        text, path = self.text, self.path
        mark_end = text.index("]:", start) + 2
        body = _CONTAINERS.match(text, mark_end, end)
        first = body.end() if body is not None else mark_end
        last = first + len(text[first:end].rstrip(_BLANKS))
        if first >= last:
            first = last = mark_end
        name = text[start + 2 : mark_end - 2]
        self.found.footnote_definitions.append(
            FootnoteDefinition(Span(path, start, mark_end), name, Span(path, first, last))
        )
        self.found.masked.append((start, mark_end))

    def add_undefined(self, start: int, end: int, written: str | int) -> None:
        text = self.text
        first = start + text.startswith("!", start) + 1
        if written == "Collapsed":
            middle = end - 1
            label = text[first:middle]
            end += 2
        else:
            middle = self._middle(start, end)
            label = text[middle + 2 : end - 1]
        before = text[start - 1 : start]
        if (
            label.strip()
            and text[first:middle].strip()
            and not label.startswith(("^", "@"))
            and not (before and (before.isalnum() or before in "])_\\"))
            and text[end : end + 1] not in {"(", "[", ":"}
            and not (_NUMBERS.fullmatch(label) and _NUMBERS.fullmatch(text, first, middle))
        ):
            self.found.undefined.append(UndefinedReference(Span(self.path, start, end), label))

    # -- what CommonMark does not know

    def find_hidden(self, source: str) -> Hidden:
        """Find formulas and comments."""
        cover = Ranges(self.found.masked)
        opaque = Ranges((*self.found.masked, *find_addresses(source, self.text, cover)))
        texts = [each for events in self.readings for each in events.texts()]
        return find_hidden(source, sorted(texts), opaque)

    def add_names(self, cover: Ranges, things: Sequence[Thing]) -> None:
        found, path, text = self.found, self.path, self.text
        tables: Ranges | None = None
        html_blocks = Ranges((start, end) for start, end, kind, _detail in things if kind == HTML_BLOCK)
        for start, end, written, note, embed in self.names:
            if cover.end_at(start + embed) >= 0 or html_blocks.end_at(start) >= 0:
                continue
            if note:
                found.footnotes.append(FootnoteReference(Span(path, start, end), written))
                found.masked.append((start, end))
                continue
            target, anchor, label, whole = split_wikilink(written)
            flags = EMBED if embed else 0
            if label is not None and has_bare_bar(written):
                if tables is None:
                    tables = Ranges((each[0], each[1]) for each in things if each[2] == TABLE)
                if tables.end_at(start) >= 0:
                    flags |= CUT
            found.links.append((WIKILINK, start, end, target, anchor, label, flags, whole))
            if anchor is not None and label is None and not embed:
                shown = " > ".join([target, *anchor.split("#")]).strip(" >")
                self.targets.append(Change(start + 2, end - 2, shown))
            if embed:
                found.masked.append((start, end))
            else:
                bar = text.find("|", start, end)
                found.masked += ((start, start + 2 if bar < 0 else bar + 1), (end - 2, end))

    def add_addresses(self, source: str, cover: Ranges, things: Sequence[Thing]) -> None:
        """Add bare URLs, except in the text of a link."""
        found = self.found
        links: Ranges | None = None
        for start, end in find_addresses(source, self.text, cover):
            if links is None:
                links = Ranges((each[0], each[1]) for each in things if each[2] in (LINK, IMAGE))
            found.masked.append((start, end))
            if links.end_at(start) < 0:
                url = self.text[start:end]
                found.links.append((WEB, start, end, unescape(url), url, start, end, False, "bare"))

    def add_block_ids(
        self, candidates: Sequence[PossibleBlockId], source: str, cover: Ranges, things: Sequence[Thing]
    ) -> None:
        breaks = self.readings[0].line_breaks()
        html_blocks = Ranges((start, end) for start, end, kind, _detail in things if kind == HTML_BLOCK)
        tables = Ranges((start, end) for start, end, kind, _detail in things if kind == TABLE)
        for start, end, name, following in candidates:
            if cover.end_at(start) >= 0 or html_blocks.end_at(start) >= 0:
                continue
            before, after = source[start - 1 : start], source[following - 1 : following]
            if (after == "\n" and following in breaks) or ("|" in (before, after) and tables.end_at(start) < 0):
                continue
            if before == ">" and source[source.rfind("\n", 0, start) + 1 : start].strip(" \t>"):
                continue
            self.found.block_ids.append(BlockId(Span(self.path, start, end), name))
            self.found.masked.append((start, end))

    def add_wrapped(self, candidates: Sequence[Name], cover: Ranges) -> None:
        texts = Ranges(self.readings[0].texts())
        for start, end, written, _note, embed in candidates:
            if cover.end_at(start) < 0 and texts.end_at(start) >= end:
                self.found.wrapped.append(make_wikilink(written, Span(self.path, start, end), embed=embed))

    # -- headings

    def add_headings(self, things: Sequence[Thing]) -> None:
        text, found = self.text, self.found
        masked: list[Range] | None = None
        for start, end, kind, level in things:
            if kind != HEADING:
                continue
            line = text[start:end].rstrip("\n")
            place = heading_content(line)
            if place is not None:
                first, last = place[0] + start, place[1] + start
            else:
                above = text[start:end].rstrip(_BLANKS).rpartition("\n")[0]
                first, last = start, start + len(above.rstrip(_BLANKS))
            content = text[first:last]
            ids: tuple[str, ...] = ()
            if content[-1:] == "}" and (attributes := find_attributes(content)) is not None:
                ids = (attributes.name,)
                found.masked.append((first + attributes.start, last))
                content = content[: attributes.start].rstrip(" \t")
                last = first + len(content)
            if is_plain(content):
                shown = " ".join(content.split())
            else:
                if masked is None:
                    masked = sorted(found.masked)
                inside = masked[bisect_left(masked, (first, 0)) : bisect_left(masked, (last, 0))]
                shown = shown_text(text, first, last, inside, self.targets)
            found.headings.append((first, last, int(level), shown, ids))
