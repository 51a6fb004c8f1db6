"""The "Sources cited" block of a page: finds it, renders it, and makes the edit that brings it up to date.

The heading above the opening marker belongs to the author, who may translate it, move it or change its level;
everything from marker to marker is generated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from wikitools.block.adoption import Adopted, adopt_list
from wikitools.block.entries import Entry, cites_sources, collect_entries, identity
from wikitools.block.generated import ListedSource, is_known, outside
from wikitools.block.open_ends import find_open
from wikitools.block.own_lists import find_own_lists
from wikitools.block.ownership import (
    CLOSING,
    MALFORMED,
    Block,
    hidden_markers,
    scan,
    split_hash,
    split_items,
)
from wikitools.block.placement import place_block
from wikitools.block.style import BlockStyle, StyleError
from wikitools.block.template import format_entry
from wikitools.block.unformatted import digest, unformatted
from wikitools.markdown.page import Problem
from wikitools.text import Edit, Fix, Span, apply
from wikitools.wiki.paths import folder_of, relative
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wikitools.cite.citation import Cited
    from wikitools.markdown.page import Page

__all__ = [
    "Block",
    "BlockChanges",
    "BlockPlan",
    "BlockState",
    "BlockStyle",
    "Entry",
    "StyleError",
    "block_changes",
    "block_problems",
    "block_wanted",
    "collect_entries",
    "entries_of",
    "find_block",
    "generated_ranges",
    "plan_block",
    "render_block",
    "sources_of",
]


class BlockState(StrEnum):
    """What happened to a page's block, or why nothing did."""

    UPDATED = "updated"
    ADOPTED = "adopted"
    ADDED = "added"
    UNCHANGED = "unchanged"
    ABSENT = "absent"
    """The page cites sources and has no block; `init` would add one."""
    NOTHING_CITED = "nothing-cited"
    """The page has no block and needs none."""
    UNWANTED = "unwanted"
    """`sources: false` in the front matter."""
    MALFORMED = "malformed"
    """See `block_problems`."""
    HAND_EDITED = "hand-edited"
    """`force` would overwrite it."""
    HEADING_TAKEN = "heading-taken"
    """The author has a section with the block's heading: a second one would be confusing."""
    UNSAFE_PLACE = "unsafe-place"
    """The page ends inside an open code block, comment or HTML block, which a new block would be part of."""
    LEFT_OUT = "left-out"
    """The page cites sources and has no block, and the configuration gives it none: README, log, template …"""
    NOT_ADOPTED = "not-adopted"
    """Like `LISTED_BY_HAND`, and the block may not replace that list, because words of it would be lost."""
    LISTED_BY_HAND = "listed-by-hand"
    """The page cites sources and has no block, but a hand-written list of sources."""
    SOURCES_LOST = "sources-lost"
    """The block lists a source that is no longer in any bibliography, and one of these is damaged: the entry would be
    lost."""
    SILENCED = "silenced"
    """A comment on the page, or the configuration, silences the rule that would report the block."""
    WOULD_BREAK = "would-break"
    """The new block would cause a finding, or break an anchor that a link to the page names."""
    NOT_PROVEN = "not-proven"
    """The new block could not be proven harmless: a bug in wikitools."""
    CHANGED_ON_DISK = "changed-on-disk"
    """The page changed twice while wikitools ran, so it was not written."""
    NOT_WRITTEN = "not-written"
    """The file could not be written: read-only, or the disk is full."""


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """The state of a page's block, and the fix if there is something to do."""

    state: BlockState
    fix: Fix | None = None
    old: str = ""
    """The block's text before; "" if there was none."""
    new: str = ""
    """The block's text after; the same as `old` if nothing changes."""
    after: Page | None = None
    """The page as it will be, if planning had to read it."""
    places: tuple[Problem, ...] = ()
    """What keeps the block from being changed, each with its span; empty if nothing does."""
    has_block: bool = False
    """Whether the page has a valid block before anything is written."""


@dataclass(frozen=True, slots=True)
class BlockChanges:
    """The differences between two texts of a block: entries by title, reworded ones as (old line, new line)."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reworded: tuple[tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()
    """What was removed, as written."""


# --- the existing block
# ---------------------------------------------------------------------------------------------------


def find_block(page: Page, style: BlockStyle) -> Block | None:
    """Return the generated block of `page`; `None` if there is none or its markers are not valid."""
    return scan(page, style).block


def block_problems(page: Page, style: BlockStyle, cited: Callable[[], Sequence[Cited]] = tuple) -> tuple[Problem, ...]:
    """Return what is wrong with the markers of `page` (kind "malformed-block"): unclosed, nested, stray.

    Markers in code, comments and front matter are examples, unless the page cites sources and has no block. `cited`
    returns its citations; it is called only if there are such markers.
    """
    owned = scan(page, style)
    if owned.problems or owned.block is not None:
        return owned.problems
    hidden = tuple(hidden_markers(page, style))
    return hidden if hidden and cites_sources(page, cited()) else ()


def generated_ranges(page: Page, style: BlockStyle) -> tuple[tuple[int, int], ...]:
    """Return the half-open ranges that are generated and so contain no citations, even if the markers are invalid."""
    return scan(page, style).generated


def block_wanted(page: Page) -> bool:
    """Say whether `page` may have a block: `sources: false` in its front matter says no."""
    entry = page.front_matter.get("sources")
    if entry is None:
        return True
    # YAML 1.1's words for "false" are strings in YAML 1.2, but mean the same to whoever writes them.
    return entry.value is not False and str(entry.value).strip().lower() not in _NO


_NO = frozenset({"false", "no", "off"})


# --- the block as it should be
# --------------------------------------------------------------------------------------------


def _list_line(page: Page, number: int, entry: Entry, style: BlockStyle, reference: str) -> str:
    forms = list(entry.forms[: style.max_forms])
    hidden = len(entry.forms) - len(forms)
    if hidden:
        forms.append(style.more.format(count=hidden))
    bullet = f"{number}." if style.numbered else "-"
    note = relative(entry.note, folder_of(page.path)) if entry.note and style.links_notes else ""
    by = style.authors or entry.has_namesake
    return f"{bullet} {format_entry(entry.source, ', '.join(forms), style.line, reference, note=note, by=by)}"


def _referenced(entries: Sequence[Entry], style: BlockStyle) -> list[tuple[Entry, str]]:
    """Return the entries in the order in which they are listed, each with its reference in the CSL style."""
    if not style.style:
        return [(entry, "") for entry in entries]
    written = (style.references or {}).get(sources_of(entries), ())
    listed = [(entries[number], reference) for number, reference in written if reference]
    # A style may leave works out, but the block must not.
    known = {number for number, reference in written if reference}
    return listed + [
        (entry, format_entry(entry.source, "", "{link}")) for at, entry in enumerate(entries) if at not in known
    ]


def sources_of(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return the identities of the sources of these entries, by which their references are stored."""
    return tuple(identity(entry.source) for entry in entries)


def entries_of(page: Page, cited: Sequence[Cited], style: BlockStyle) -> tuple[Entry, ...]:
    """Return the entries of a page's block, in the order of the list or, with a CSL style, of its input."""
    return collect_entries(page, cited, "appearance" if style.style else style.sort)


def _body(page: Page, cited: Sequence[Cited], style: BlockStyle) -> list[str]:
    entries = entries_of(page, cited, style)
    if not entries:
        return [style.empty] if style.empty else []
    intro = [style.intro, ""] if style.intro else []
    listed = enumerate(_referenced(entries, style), start=1)
    return [*intro, *(_list_line(page, number, entry, style, reference) for number, (entry, reference) in listed)]


def render_block(page: Page, cited: Sequence[Cited], style: BlockStyle, *, block: Block | None = None) -> str:
    """Return the block as it should be on `page`, from marker to marker, without a line end after it.

    `block` is the one to be replaced; its foreign markers stay. Line ends are those of the page.
    """
    lines = _body(page, cited, style)
    # Blank lines inside the markers and `_…_` in the intro, as formatters write them.
    body = ["", *lines, "", CLOSING] if lines else ["", CLOSING]
    recorded = digest("\n".join(lines))
    if block is not None and block.kind == "foreign":
        body = [block.opening, f"<!-- wikitools:hash={recorded} -->", *body[:-1], block.closing]
    else:
        body = [_opening(recorded), *body]
    return _line_end_of(page.text, block).join(body)


def _opening(recorded: str) -> str:
    return f"<!-- wikitools:sources hash={recorded} -->"


def _line_end_of(text: str, block: Block | None) -> str:
    """Return the most frequent line end outside the block; without any outside, the first one in the block.

    Lines in the block do not count: rewriting them could change the majority, and the next run would rewrite them
    again.
    """
    outside = text if block is None else text[: block.span.start] + "|" + text[block.span.end :]
    for part in (outside, text):
        ends: list[str] = re.findall(r"\r\n?|\n", part)
        if ends:
            return max(dict.fromkeys(ends), key=ends.count)  # the first of those that are as frequent
    return "\n"


# --- the edit that makes it true -------------------------------------------------------------------------------------


def plan_block(
    page: Page,
    cited: Sequence[Cited],
    style: BlockStyle,
    *,
    init: bool = False,
    force: bool = False,
    knows: Callable[[ListedSource, str], bool] | None = None,
) -> BlockPlan:
    """Return what to do about the block of `page`, and why.

    `init` adds a block to a page that cites sources and has none, `force` overwrites hand edits. `knows` says whether
    everything in a line of an old list is known elsewhere, given the text outside of the list; by default, only what
    the page cites is known.
    """
    owned = scan(page, style)
    has = owned.block is not None
    if not block_wanted(page):
        return BlockPlan(BlockState.UNWANTED, has_block=has)
    if owned.problems:
        return BlockPlan(BlockState.MALFORMED, places=owned.problems)
    block = owned.block
    if block is None:
        return _plan_first(page, cited, style, init=init)
    old, new = block.span.of(page.text), render_block(page, cited, style, block=block)
    alike = _says(page, block) == unformatted("\n".join(_body(page, cited, style)))
    if old == new or (alike and block.vouched):
        return BlockPlan(BlockState.UNCHANGED, None, old, old, has_block=True)
    if alike and block.kind == "own":
        # Only the hash is out of date: the rest stays as a formatter left it.
        new = f"{_opening(digest(block.body.of(page.text)))}{block.body.of(page.text)}{CLOSING}"
    elif not force and not alike:
        place = _edited_place(page, block, cited, knows)
        if place is not None:
            return BlockPlan(BlockState.HAND_EDITED, None, old, old, places=(place,), has_block=True)
    edit = Edit(block.span, new)
    if block.kind == "adopted":
        after = _after(page, edit, style, len(new))
        if after is None:
            places = _no_marker(page, block.span.start)
            return BlockPlan(BlockState.UNSAFE_PLACE, None, old, old, places=places, has_block=True)
        fix = Fix("add markers to the generated list of sources and update it", (edit,))
        return BlockPlan(BlockState.ADOPTED, fix, old, new, after, has_block=True)
    fix = Fix("update the block of sources", (edit,))
    return BlockPlan(BlockState.UPDATED, fix, old, new, has_block=True)


def _plan_first(page: Page, cited: Sequence[Cited], style: BlockStyle, *, init: bool) -> BlockPlan:
    """Return what to do about a page that has no block."""
    if not cites_sources(page, cited):
        return BlockPlan(BlockState.NOTHING_CITED)
    if hidden := tuple(hidden_markers(page, style)):
        return BlockPlan(BlockState.MALFORMED, places=hidden)
    if not style.wants_block(page.path):
        return BlockPlan(BlockState.LEFT_OUT)
    own = next(find_own_lists(page, cited, heading=style.heading), None)
    adopted = adopt_list(page, own, cited) if own is not None and style.adopt_lists else None
    wants_new = isinstance(adopted, Adopted) or (init and (own is None or style.beside_lists))
    if wants_new and page.path.lower().endswith(".mdx"):
        told = _problem(_line_at(page, 0), "MDX has no HTML comments: put markers of your own there (foreign-markers)")
        return BlockPlan(BlockState.UNSAFE_PLACE, places=(told,))
    if isinstance(adopted, Adopted):
        return _adopted(page, adopted, style)
    if own is None or style.beside_lists:
        return _added(page, cited, style) if init else BlockPlan(BlockState.ABSENT)
    if adopted is not None:
        return BlockPlan(BlockState.NOT_ADOPTED, places=(adopted,))
    where = f'under "{own.name}"' if own.name else "here"
    message = f"the page has its own list of sources {where}"
    return BlockPlan(BlockState.LISTED_BY_HAND, places=(_problem(own.place, message),))


def _edited_place(
    page: Page, block: Block, cited: Sequence[Cited], knows: Callable[[ListedSource, str], bool] | None
) -> Problem | None:
    """Return the first hand-written place in a block; `None` if all of it is generated."""
    if block.stray is not None:
        return _problem(block.stray, "this line was written by hand: move it out of the block")
    if block.hand_edited:
        return _problem(_line_at(page, block.span.start), "this block was edited since it was generated")
    prose = outside(page, block.span) if block.listed else ""
    for listed in block.listed:
        if not (knows(listed, prose) if knows is not None else _is_cited(listed, prose, cited)):
            message = f'this line about "{listed.title}" matches nothing in the wiki: did you correct it by hand?'
            return _problem(listed.span, message)
    return None


def _is_cited(listed: ListedSource, prose: str, cited: Sequence[Cited]) -> bool:
    sources = [one.resolution.target for one in cited if isinstance(one.resolution, Found)]
    return is_known(listed, sources, (), prose) and all(f"[[{target}" in prose for target in listed.targets)


def _problem(span: Span, message: str) -> Problem:
    return Problem(span, MALFORMED, message)


def _line_at(page: Page, start: int) -> Span:
    ends = [end for mark in "\r\n" if (end := page.text.find(mark, start)) >= 0]
    return Span(page.path, start, min(ends, default=len(page.text)))


def _says(page: Page, block: Block) -> str:
    """Return the content of a block for comparison with what it should be."""
    content = block.body.of(page.text)
    return unformatted(split_hash(content)[0] if block.kind == "foreign" else content)


def _added(page: Page, cited: Sequence[Cited], style: BlockStyle) -> BlockPlan:
    """Plan a new block on a page that has none."""
    new = render_block(page, cited, style)
    edit = place_block(page, style, new, _line_end_of(page.text, None))
    if isinstance(edit, Problem):
        return BlockPlan(BlockState.HEADING_TAKEN, places=(edit,))
    opened = find_open(page)
    after_it = _after(page, edit, style, len(new)) if opened is None or opened.start >= edit.span.start else None
    if after_it is None:
        where = opened if opened is not None else _line_at(page, edit.span.start)
        told = _problem(where, "this is never closed, so a block added below would be inside it")
        return BlockPlan(BlockState.UNSAFE_PLACE, places=(told,))
    return BlockPlan(BlockState.ADDED, Fix("add a block of sources", (edit,)), "", new, after_it)


def _adopted(page: Page, adopted: Adopted, style: BlockStyle) -> BlockPlan:
    """Plan the block that replaces a hand-written list of the same sources."""
    new = render_block(page, adopted.cited, style)
    edit = Edit(adopted.span, new)
    after = _after(page, edit, style, len(new))
    if after is None:
        return BlockPlan(BlockState.UNSAFE_PLACE, places=_no_marker(page, adopted.span.start))
    fix = Fix("replace the hand-written list by a block of sources", (edit,))
    return BlockPlan(BlockState.ADOPTED, fix, "", new, after)


def _no_marker(page: Page, at: int) -> tuple[Problem]:
    return (_problem(_line_at(page, at), "no marker can be written here: it would be plain text"),)


def _after(page: Page, edit: Edit, style: BlockStyle, length: int) -> Page | None:
    """Return the page after the edit, if its block is where the edit put it and has this length."""
    from wikitools.markdown.parse import parse  # the parser's start-up is paid only by pages that get a new block

    after = parse(page.path, apply(page.text, [edit]), page.dialect)
    block = find_block(after, style)
    within = (edit.span.start, edit.span.start + len(edit.text))
    stands = (
        block is not None
        and block.kind == "own"
        and within[0] <= block.span.start
        and block.span.end <= within[1]
        and block.span.end - block.span.start == length
    )
    return after if stands else None


# --- what changed ----------------------------------------------------------------------------------------------------


def block_changes(old_block_text: str, new_block_text: str) -> BlockChanges:
    """Compare the entries of two texts of a block: added, removed, reworded; order does not count.

    An entry is identified by its address, else by its title.

    >>> block_changes("- [A](https://a.example)", "- [A](https://a.example)\\n- B — referenced as (B 2020)").added
    ('B',)
    """
    old, new = _by_identity(old_block_text), _by_identity(new_block_text)
    gone = [known for known in old if known not in new]
    come = [known for known in new if known not in old]
    both = [(old[known], new[known]) for known in new if known in old]
    titles_gone = {_title_in(old[known]): known for known in reversed(gone)}
    for known in tuple(come):  # same title, other address: the entry was reworded
        before = titles_gone.pop(_title_in(new[known]), None)
        if before is not None:
            both.append((old[before], new[known]))
            gone.remove(before)
            come.remove(known)
    return BlockChanges(
        tuple(_title_in(new[known]) for known in come),
        tuple(_title_in(old[known]) for known in gone),
        tuple((was, now) for was, now in both if unformatted(was) != unformatted(now)),
        tuple(old[known] for known in gone),
    )


def _by_identity(block_text: str) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    seen: dict[str, int] = {}
    for line in split_items(block_text):
        link = _ENTRY_LINK.match(line) or _AUTOLINK.search(line.partition(_REFERENCED_AS)[0])
        known = unformatted(link[link.lastindex or 0].strip("<>") if link is not None else "") or _title_in(line)
        seen[known] = seen.get(known, 0) + 1
        found[known, seen[known]] = line
    return found


# Formatters drop escapes of balanced brackets, and the angle brackets around addresses with them.
_ENTRY_LINK = re.compile(r"\[((?:[^\[\]\\]|\\.|\[(?:[^\[\]\\]|\\.)*+\])*+)\]\((<[^<>]*>|(?:[^\s()]|\([^\s()]*+\))*+)\)")
_AUTOLINK = re.compile(r"<(https?://[^<>\s]+)>")
_REFERENCED_AS = " — referenced as "
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def _title_in(line: str) -> str:
    link = _ENTRY_LINK.match(line)
    title = link[1] if link is not None else line.partition(_REFERENCED_AS)[0]
    return _ESCAPED.sub(r"\1", title)
