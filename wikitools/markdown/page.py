"""One file of a wiki: its text, headings and links, and the part of it that is prose."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from wikitools.markdown.dialects import PLAIN, Dialect
from wikitools.markdown.rows import Rows
from wikitools.records import dataclass
from wikitools.text import Span, mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

Value: TypeAlias = "str | int | float | date | datetime | list[Value] | dict[str, Value] | None"
"""A value in front matter. `int` includes `bool`."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `span` covers its text without the marks, `text` is how a reader sees it (markup gone)."""

    span: Span
    level: int
    text: str
    ids: tuple[str, ...] = ()
    """Explicit identifiers: `{#id}` attributes at the end of the heading."""


@dataclass(frozen=True, slots=True)
class Wikilink:
    r"""`[[target#anchor|label]]`, as the author wrote it; `embed` for `![[...]]`.

    Parts are stripped of surrounding blanks; `anchor` lacks the `#` (`^id` for a block, `A#B` for a chain); a missing
    part is `None`, an empty one is "". In a table the separator may be `\|`; the backslash belongs to neither part.
    """

    span: Span
    target: str
    anchor: str | None = None
    label: str | None = None
    embed: bool = False
    in_front_matter: bool = False
    whole: str | None = None
    """Target and anchor as one text, if there are blanks around the `#`: some engines have names like "C# notes"."""
    cut: bool = False
    """Whether it is in a table and has an unescaped bar, which ends the cell in most engines, so that it is not a
    link."""


@dataclass(frozen=True, slots=True)
class MarkdownLink:
    """A link or image inside this wiki: `[text](url)`, a reference link, or HTML `href`/`src`.

    `url` is the destination as written, escapes and entities resolved, still percent-encoded. `syntax` says how it was
    written: "inline", "full", "collapsed", "shortcut" (reference links) or "html". `url_span` covers the destination
    as written (in the definition, for reference links).
    """

    span: Span
    url: str
    text: str
    url_span: Span
    image: bool = False
    syntax: str = "inline"


@dataclass(frozen=True, slots=True)
class WebLink:
    """A link to an address with a scheme (or `//host`).

    `syntax` is as in `MarkdownLink`, or "autolink" (`<https://…>`), "bare" (a URL in prose) or "front-matter".
    """

    span: Span
    url: str
    text: str
    url_span: Span
    image: bool = False
    syntax: str = "inline"


@dataclass(frozen=True, slots=True)
class ReferenceDefinition:
    """`[label]: url "title"`.

    `label` is as written, `key` as compared (CommonMark 0.31, §6.3: case-folded, blanks squeezed).
    """

    span: Span
    label: str
    key: str
    url: str
    url_span: Span


@dataclass(frozen=True, slots=True)
class UndefinedReference:
    """`[text][label]` without a definition of `label`: rendered as plain text, probably a mistake."""

    span: Span
    label: str


@dataclass(frozen=True, slots=True)
class FootnoteReference:
    """`[^name]` in the text."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class FootnoteDefinition:
    """`[^name]: …`; `span` covers the mark `[^name]:`, `body` the definition's text."""

    span: Span
    name: str
    body: Span


@dataclass(frozen=True, slots=True)
class BlockId:
    """Obsidian's `^id` at the end of a block; `name` is without the caret."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class HtmlId:
    """An anchor that HTML defines: `id="…"` or `<a name="…">`."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class Comment:
    """An HTML comment outside code; `text` is the stripped text between `<!--` and `-->`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Insertion:
    """A line that the program which renders the page replaces by text from elsewhere, with headings perhaps."""

    span: Span


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that kept a page (or a part of it) from being read; `kind` names the rule that reports it.

    Kinds: "unreadable-page", "invalid-front-matter", "malformed-source", "duplicate-key", "conflict-marker"; no rule
    reports a "lost-source", a page that may have been a source note and cannot be read.
    """

    span: Span
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Field:
    """One front matter entry: its value and its place."""

    value: Value
    span: Span


PageLink = Wikilink | MarkdownLink | WebLink
Mark = (
    ReferenceDefinition
    | UndefinedReference
    | FootnoteReference
    | FootnoteDefinition
    | BlockId
    | HtmlId
    | Comment
    | Insertion
)


# Links and headings as rows

WIKILINK: Literal[0] = 0
MARKDOWN: Literal[1] = 1
WEB: Literal[2] = 2
"""The kind of link in a row."""

KIND: Final = 0
START: Final = 1
END: Final = 2
TARGET: Final = 3
ANCHOR: Final = 4
LABEL: Final = 5
FLAGS: Final = 6
URL: Final = 3
"""Where the row of a link has what. Flags are `EMBED`, `IN_FRONT_MATTER` and `CUT`; `whole` follows them. In the row of
a link that is no wikilink, the URL is followed by `text` (blanks as written), start and end of `url_span`, `image`, and
`syntax`."""

EMBED, IN_FRONT_MATTER, CUT = 1, 2, 4
WikilinkRow = tuple[Literal[0], int, int, str, "str | None", "str | None", int, "str | None"]
UrlRow = tuple[Literal[1, 2], int, int, str, str, int, int, bool, str]
LinkRow = WikilinkRow | UrlRow
HeadingRow = tuple[int, int, int, str, tuple[str, ...]]
"""Start and end of its span, level, text, identifiers."""


def link_row(link: PageLink) -> LinkRow:
    """Return a link as a row."""
    span = link.span
    if isinstance(link, Wikilink):
        flags = EMBED * link.embed + IN_FRONT_MATTER * link.in_front_matter + CUT * link.cut
        return WIKILINK, span.start, span.end, link.target, link.anchor, link.label, flags, link.whole
    kind = MARKDOWN if isinstance(link, MarkdownLink) else WEB
    place = link.url_span
    return kind, span.start, span.end, link.url, link.text, place.start, place.end, link.image, link.syntax


def rows_of(links: Sequence[PageLink]) -> Sequence[LinkRow]:
    """Return links as rows."""
    return links.rows if isinstance(links, Rows) else list(map(link_row, links))


def heading_row(heading: Heading) -> HeadingRow:
    """Return a heading as a row."""
    return heading.span.start, heading.span.end, heading.level, heading.text, heading.ids


def heading_rows_of(headings: Sequence[Heading]) -> Sequence[HeadingRow]:
    """Return headings as rows."""
    return headings.rows if isinstance(headings, Rows) else list(map(heading_row, headings))


def links_of(path: str, rows: Sequence[LinkRow]) -> Rows[LinkRow, PageLink]:
    """Return the links that rows describe; `path` is that of their page."""

    def make(row: LinkRow) -> PageLink:
        if row[KIND] == WIKILINK:
            _kind, start, end, target, anchor, label, flags, whole = row
            return Wikilink(
                Span(path, start, end),
                target,
                anchor,
                label,
                bool(flags & EMBED),
                bool(flags & IN_FRONT_MATTER),
                whole,
                bool(flags & CUT),
            )
        kind, start, end, url, shown, first, last, image, syntax = row
        made = MarkdownLink if kind == MARKDOWN else WebLink
        return made(Span(path, start, end), url, " ".join(shown.split()), Span(path, first, last), image, syntax)

    return Rows(rows, make)


def headings_of(path: str, rows: Sequence[HeadingRow]) -> Rows[HeadingRow, Heading]:
    """Return the headings that rows describe; `path` is that of their page."""

    def make(row: HeadingRow) -> Heading:
        start, end, level, shown, ids = row
        return Heading(Span(path, start, end), level, shown, tuple(ids))

    return Rows(rows, make)


def ranked(headings: Sequence[HeadingRow], in_html: Sequence[HeadingRow]) -> list[tuple[int, int, str]]:
    """Return for each HTML heading how many Markdown headings come before it, its level and its text."""
    starts = [start for start, _end, _level, _text, _ids in headings]
    return [(bisect_left(starts, start), level, text) for start, _end, level, text, _ids in in_html]


MARKS: Mapping[str, type[Mark]] = MappingProxyType(
    {
        "definitions": ReferenceDefinition,
        "undefined": UndefinedReference,
        "footnotes": FootnoteReference,
        "footnote_definitions": FootnoteDefinition,
        "block_ids": BlockId,
        "html_ids": HtmlId,
        "comments": Comment,
        "insertions": Insertion,
    }
)
"""What a page can contain besides headings and links: the field of `Page`, and the type of its members. Rules, the
cache and the proof of edits use this one list. A mark has a `span` first, then only strings and further spans."""


@dataclass(frozen=True, slots=True)
class Page:
    """One file. All offsets count code points of `text`, which is the file as it is on disk, BOM and CRLF included."""

    path: str
    text: str
    masked: Sequence[tuple[int, int]] = ()
    """What is not prose: code, comments, math, front matter, HTML tags. Sorted half-open ranges that do not overlap."""
    front_matter: Mapping[str, Field] = field(default_factory=dict)
    front_matter_span: Span | None = None
    """The front matter with both fences and the line end of the last one; `None` if there is none."""
    headings: Sequence[Heading] = ()
    links: Sequence[PageLink] = ()
    """All links in order of their spans."""
    definitions: tuple[ReferenceDefinition, ...] = ()
    undefined: tuple[UndefinedReference, ...] = ()
    footnotes: tuple[FootnoteReference, ...] = ()
    footnote_definitions: tuple[FootnoteDefinition, ...] = ()
    block_ids: tuple[BlockId, ...] = ()
    html_ids: tuple[HtmlId, ...] = ()
    comments: tuple[Comment, ...] = ()
    insertions: tuple[Insertion, ...] = ()
    problems: tuple[Problem, ...] = ()
    wrapped: tuple[Wikilink, ...] = ()
    """Wikilinks with a line break inside: plain text to every engine, so not among `links`."""
    html_headings: tuple[Heading, ...] = ()
    """HTML headings, which have anchors on GitHub; `text` is their text content, line breaks included."""
    dialect: Dialect = PLAIN
    """The dialect of Markdown in which it was read (see `dialects.py`)."""

    @property
    def is_unreadable(self) -> bool:
        """Whether `text` is not exactly what is in the file, so that the file cannot be written."""
        return any(problem.kind == "unreadable-page" for problem in self.problems)

    @property
    def name(self) -> str:
        """The file's name without `.md`: `notes/Alan Turing.md` is named "Alan Turing"."""
        base = self.path.rpartition("/")[2]
        return base[: -len(".md")] if base.lower().endswith(".md") else base

    @property
    def title(self) -> str:
        """The front matter's `title`, else the first level-1 heading, else the file's name."""
        given = self.front_matter.get("title")
        if given is not None and isinstance(given.value, str) and given.value.strip():
            return given.value.strip()
        if isinstance(self.headings, Rows):
            return next((text for _start, _end, level, text, _ids in self.headings.rows if level == 1), self.name)
        return next((heading.text for heading in self.headings if heading.level == 1), self.name)

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names from the front matter's `aliases` or `alias`: a list, or one string."""
        found: list[str] = []
        for key in ("aliases", "alias"):
            entry = self.front_matter.get(key)
            if entry is None:
                continue
            values = entry.value if isinstance(entry.value, list) else [entry.value]
            found += [text for value in values if value is not None and (text := str(value).strip())]
        return tuple(dict.fromkeys(found))

    def html_heading_rows(self) -> list[tuple[int, int, str]]:
        """Return for each HTML heading how many of `headings` come before it, its level and its text."""
        if not self.html_headings:
            return []
        return ranked(heading_rows_of(self.headings), list(map(heading_row, self.html_headings)))

    def prose(self) -> str:
        """`text` at equal length with everything that is not prose blanked; computed at each call."""
        return mask(self.text, self.masked)


def elements(page: Page) -> Iterator[Heading | PageLink | Mark]:
    """Yield everything that was found on a page, one kind after the other."""
    yield from page.headings
    yield from page.links
    for name in MARKS:
        yield from getattr(page, name)
    yield from page.html_headings
    yield from page.wrapped
