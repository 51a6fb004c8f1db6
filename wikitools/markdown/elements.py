"""What the reader has found on a page so far."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from wikitools.records import dataclass

if TYPE_CHECKING:
    from wikitools.markdown.html_headings import HeadingTag
    from wikitools.markdown.page import (
        BlockId,
        Comment,
        FootnoteDefinition,
        FootnoteReference,
        HeadingRow,
        HtmlId,
        Insertion,
        LinkRow,
        ReferenceDefinition,
        UndefinedReference,
        Wikilink,
    )


@dataclass(slots=True)
class Elements:
    """The elements of a page. Links and headings are rows (see `page.py`); masked ranges are unsorted."""

    masked: list[tuple[int, int]] = field(default_factory=list)
    headings: list[HeadingRow] = field(default_factory=list)
    links: list[LinkRow] = field(default_factory=list)
    definitions: list[ReferenceDefinition] = field(default_factory=list)
    undefined: list[UndefinedReference] = field(default_factory=list)
    footnotes: list[FootnoteReference] = field(default_factory=list)
    footnote_definitions: list[FootnoteDefinition] = field(default_factory=list)
    block_ids: list[BlockId] = field(default_factory=list)
    html_ids: list[HtmlId] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    insertions: list[Insertion] = field(default_factory=list)
    wrapped: list[Wikilink] = field(default_factory=list)
    heading_tags: list[HeadingTag] = field(default_factory=list)
