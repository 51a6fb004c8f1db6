"""Long pages section by section: most are plain (`skim.py`), and one that is not makes no other one dear.

A heading at the first column behind a blank line ends every list, quote, table, footnote and paragraph. What it does
not end is found before: fences, comments and formulas hide their lines; HTML that goes on over blank lines, comments
between `%%`, link definitions (which count on the whole page) and indented fences leave the page to the other readers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from wikitools.markdown.blocks import Lines, split_lines
from wikitools.markdown.dialects import PLAIN, Dialect
from wikitools.markdown.fast import read_blocks_fast
from wikitools.markdown.inline import Inline, read_inline
from wikitools.markdown.page import heading_row, link_row
from wikitools.markdown.skim import Skimmed, skim, without_head, without_hidden

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHORT = 3_000
"""Characters of a page that is not worth parting, and of a section that is worth its own look."""
_PARTING = re.compile(r"\n\n(?=#{1,6}[ \t])")
_JOINING = re.compile(
    r"%%|<(?:[!?]|(?i:pre|script|style|textarea))|\n {1,3}(?:```|~~~)"
    r"|\n(?:[ \t>]|[-+*]|[0-9]{1,9}[.)])*+\[(?![\[^])[^\[\]\\]*+(?:\]:|\\)"
)
_HTML = re.compile(r"\n(?:[ \t>]|[-+*]|[0-9]{1,9}[.)])*+<[A-Za-z/]")


class Sections(NamedTuple):
    """What stands on a page: `plain` rows of everything, and `rest` for what rows do not have."""

    plain: Skimmed
    rest: Inline


NOTHING = Inline()


def read_sections(path: str, text: str, begin: int, dialect: Dialect = PLAIN) -> Sections | None:
    """Read a page from offset `begin`, where its front matter ends; `None` where sections depend on each other."""
    if len(text) - begin < _SHORT or "\r" in text or "\0" in text or text.startswith(("`", "~", "<", "$", "\ufeff")):
        return None
    hidden = Skimmed.nothing()
    visible = without_hidden(without_head(text, begin), hidden)
    if visible is None or _JOINING.search(visible) is not None:
        return None
    if hidden.masked and _HTML.search(visible) is not None:
        # What opens a fence elsewhere is HTML there.
        return None
    found = Sections(Skimmed.nothing(), Inline())
    for start, end in _parts(visible, begin):
        section = text[start:end]
        skimmed = skim(section, 0)
        if skimmed is not None:
            _add_plain(skimmed, start, found.plain)
        elif not _add_other(path, text, (start, end), dialect, found):
            return None
    return found


def _parts(body: str, begin: int) -> Iterator[tuple[int, int]]:
    start = begin
    for match in _PARTING.finditer(body, begin):
        if match.end() - start >= _SHORT:
            yield start, match.end()
            start = match.end()
    yield start, len(body)


def _add_plain(section: Skimmed, by: int, found: Skimmed) -> None:
    """Add what stands in a section that begins at offset `by`."""
    found.masked.extend([(start + by, end + by) for start, end in section.masked])
    found.headings.extend(
        [(start + by, end + by, level, words, ids) for start, end, level, words, ids in section.headings]
    )
    for kind, start, end, *rest in section.links:
        if kind:
            rest[2] += by
            rest[3] += by
        found.links.append((kind, start + by, end + by, *rest))
    for marks, add in (
        (section.comments, found.comments),
        (section.footnotes, found.footnotes),
        (section.block_ids, found.block_ids),
    ):
        add.extend([(start + by, end + by, words) for start, end, words in marks])
    found.footnote_definitions.extend(
        [
            (start + by, end + by, name, first + by, last + by)
            for start, end, name, first, last in section.footnote_definitions
        ]
    )


def _add_other(path: str, text: str, place: tuple[int, int], dialect: Dialect, found: Sections) -> bool:
    """Add what the other readers find in a section; `False` where they need the whole page."""
    contents, starts = split_lines(text[slice(*place)])
    blocks = read_blocks_fast(text, Lines(contents, [place[0] + each for each in starts]))
    if blocks is None or any(block.kind == "definition" for block in blocks):
        return False
    inline = read_inline(path, text, blocks, dialect)
    plain, rest = found
    plain.masked.extend(inline.masked)
    plain.headings.extend(map(heading_row, inline.headings))
    plain.links.extend(map(link_row, sorted(inline.links, key=lambda link: (link.span.start, link.span.end))))
    plain.comments.extend([(each.span.start, each.span.end, each.text) for each in inline.comments])
    plain.footnotes.extend([(each.span.start, each.span.end, each.name) for each in inline.footnotes])
    plain.block_ids.extend([(each.span.start, each.span.end, each.name) for each in inline.block_ids])
    plain.footnote_definitions.extend(
        [
            (each.span.start, each.span.end, each.name, each.body.start, each.body.end)
            for each in inline.footnote_definitions
        ]
    )
    rest.undefined.extend(inline.undefined)
    rest.html_ids.extend(inline.html_ids)
    rest.wrapped.extend(inline.wrapped)
    rest.heading_tags.extend(inline.heading_tags)
    return True
