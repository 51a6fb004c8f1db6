"""Completion of links: pages, headings and blocks, each with the shortest link that the engine follows there."""

from __future__ import annotations

import heapq
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from lsprotocol import types

from wikitools.lsp.page_names import NameRow, names_of
from wikitools.lsp.proposals import MOST, Proposals
from wikitools.lsp.under import target_of
from wikitools.markdown.links import make_wikilink
from wikitools.markdown.page import MarkdownLink, WebLink, Wikilink
from wikitools.text import Span
from wikitools.wiki.anchors import linkable
from wikitools.wiki.link_parts import Encoder, is_label_first
from wikitools.wiki.names_index import fold
from wikitools.wiki.paths import base_name, relative

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wikitools.lsp.view import View
    from wikitools.wiki.anchors import Anchors

_WIKILINK = re.compile(r"(!?)\[\[([^\[\]\r\n]*)$")
_DESTINATION = re.compile(r"(!?)\[[^\[\]\r\n]*\]\((<?)([^()<>\r\n]*)$")
_FORBIDDEN = re.compile(r"[\[\]|#^\r\n]|%%")


def complete(view: View, offset: int) -> list[types.CompletionItem] | None:
    """Return where the link that is being written may lead; `None` if no link is being written."""
    text = view.document.text
    line = text[max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1 : offset]
    if (found := _WIKILINK.search(line)) is not None:
        return [] if _is_code(view, offset) else _in_wikilink(view, found[2], offset, is_embed=bool(found[1]))
    if (found := _DESTINATION.search(line)) is not None and "://" not in found[3]:
        return [] if _is_code(view, offset) else _in_destination(view, found[3], offset, angled=bool(found[2]))
    return None


def _is_code(view: View, offset: int) -> bool:
    """Say whether no link can be here: in code, a comment or a formula. Properties may hold links."""
    page = view.page_now
    # A destination is no prose, but here it is what is being written; editors close its bracket at once.
    spans = (link.url_span for link in page.links if isinstance(link, MarkdownLink | WebLink))
    if any(span.start <= offset <= span.end for span in spans):
        return False
    front = page.front_matter_span
    if front is not None and offset <= front.end:
        return False
    return any(start < offset <= end for start, end in page.masked)


# Wikilinks


def _in_wikilink(view: View, inside: str, offset: int, *, is_embed: bool) -> list[types.CompletionItem]:
    wiki = view.facts.wiki
    nowhere = Span(view.path, 0, 0)
    before, bar, typed = inside.rpartition("|")
    label_first = is_label_first(make_wikilink("a|b", nowhere), wiki)
    if bar and not label_first:
        # This is the label, which may be anything.
        return []

    def link(words: str) -> Wikilink:
        return make_wikilink(f"{before}{bar}{words}", nowhere, embed=is_embed)

    closing = "" if view.document.text[offset : offset + 2] == "]]" else "]]"
    target, mark, anchor = typed.partition("#")
    if mark:
        path = wiki.target_of(link(target))
        anchors = wiki.anchors_of(path) if path is not None else None
        if anchors is None:
            return []
        places = _Places(anchors, lambda name: target_of(link(f"{target}#{name}"), view.facts), _in_wikilinks)
        if anchor.startswith("^"):
            return _blocks(view, places, anchor[1:], offset, closing)
        return _headings(view, places, anchor, offset, closing)
    found = Proposals(view, len(typed), offset, types.CompletionItemKind.File)
    for name, path, is_other in _best(view, typed, with_files=is_embed):
        target = wiki.name_of(path, view.path)
        if _FORBIDDEN.search(target):
            continue
        forms = [target]
        if is_other and not before and not is_embed and not _FORBIDDEN.search(name):
            # The label is the name that was asked for; some engines have no labels, but know the name itself.
            forms = [f"{name}|{target}" if label_first else f"{target}|{name}", name, target]
        written = next((words for words in forms if wiki.target_of(link(words)) == path), None)
        if written is not None:
            found.add_page(name, path, written + closing, other_label=target)
    return found.items


def _best(view: View, typed: str, *, with_files: bool) -> list[tuple[str, str, bool]]:
    """Return the names that match what was typed, best first, each with its path and whether it is a title or alias."""
    wanted = fold(typed).strip()
    ranked: list[tuple[int, int, str, str, bool]] = []
    for folded, name, path, is_other in _names(view, with_files=with_files):
        at = folded.find(wanted)
        if at >= 0 and path != view.path:
            rank = 0 if at == 0 else 1 if not folded[at - 1].isalnum() else 2
            ranked.append((rank, len(name), name, path, is_other))
    best: dict[str, tuple[str, str, bool]] = {}
    # A page may match by several names.
    for _rank, _size, name, path, is_other in heapq.nsmallest(2 * MOST, ranked):
        best.setdefault(path, (name, path, is_other))
    return [*best.values()][:MOST]


def _names(view: View, *, with_files: bool) -> Iterable[NameRow]:
    rows = view.wiki.page_names if view.wiki is not None else tuple(names_of(view.facts.wiki.heads.values()))
    if not with_files:
        return rows
    files = sorted(view.facts.wiki.attachments)
    return (*rows, *(NameRow(fold(base_name(path)), base_name(path), path, False) for path in files))


# Places on pages


@dataclass(frozen=True, slots=True)
class _Places:
    """The headings of a page, and how links of one kind name them."""

    anchors: Anchors
    place_of: Callable[[str], Span | None]
    """Returns where the whole link leads, with a name behind `#`."""
    names: Callable[[Anchors, int], tuple[str, ...]]

    def name_of(self, number: int) -> str | None:
        """Return the first name that a heading is found by; `None` if there is none."""
        span = self.anchors.page.headings[number].span
        names = (name for name in self.names(self.anchors, number) if name and not _FORBIDDEN.search(name))
        return next((name for name in names if self.place_of(name) == span), None)


def _in_wikilinks(anchors: Anchors, number: int) -> tuple[str, ...]:
    heading = anchors.page.headings[number]
    return linkable(heading.text), heading.text, anchors.slugs[number], *heading.ids


def _in_destinations(anchors: Anchors, number: int) -> tuple[str, ...]:
    return anchors.slugs[number], *anchors.page.headings[number].ids


def _headings(view: View, places: _Places, typed: str, offset: int, closing: str) -> list[types.CompletionItem]:
    wanted = fold(typed)
    found = Proposals(view, len(typed), offset, types.CompletionItemKind.Reference)
    for number, heading in enumerate(places.anchors.page.headings):
        if wanted not in fold(heading.text) and wanted not in places.anchors.slugs[number]:
            continue
        name = places.name_of(number)
        if name is not None and not found.is_full:
            shown = name if wanted in name and wanted not in fold(heading.text) else heading.text
            found.add(heading.text, name + closing, detail="#" * heading.level, filtered=shown)
    return found.items


def _blocks(view: View, places: _Places, typed: str, offset: int, closing: str) -> list[types.CompletionItem]:
    found = Proposals(view, len(typed), offset, types.CompletionItemKind.Reference)
    text = places.anchors.page.text
    for block in places.anchors.page.block_ids:
        if typed.casefold() in block.name.casefold() and not found.is_full:
            place = places.place_of(f"^{block.name}")
            if place is not None and place.end:
                line = text[text.rfind("\n", 0, block.span.start) + 1 : block.span.start].strip()
                found.add(block.name, block.name + closing, detail=line)
    return found.items


# Destinations of Markdown links


def _in_destination(view: View, typed: str, offset: int, *, angled: bool) -> list[types.CompletionItem]:
    wiki = view.facts.wiki
    path, mark, fragment = typed.partition("#")
    nowhere = Span(view.path, 0, 0)

    def link(url: str) -> MarkdownLink:
        return MarkdownLink(nowhere, url, "", nowhere)

    if mark:
        page = wiki.target_of(link(path))
        anchors = wiki.anchors_of(page) if page is not None else None
        if anchors is None:
            return []
        places = _Places(anchors, lambda name: target_of(link(f"{path}#{name}"), view.facts), _in_destinations)
        return _headings(view, places, fragment, offset, "")
    encode = Encoder(path, angled=angled, in_html=False)
    found = Proposals(view, len(typed), offset, types.CompletionItemKind.File)
    for name, page, _is_other in _best(view, base_name(unquote(path)), with_files=True):
        written = encode(relative(page, wiki.base_of(view.path)))
        if wiki.target_of(link(written)) == page:
            # Editors compare what they keep with everything that was typed.
            found.add_page(name, page, written, other_label=page, filtered=written if "/" in typed else name)
    return found.items
