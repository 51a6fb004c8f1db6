"""Rewrites links in their author's style, touching only the part that changes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wikitools.markdown.page import WebLink
from wikitools.text import Edit, Fix, Safety, Span
from wikitools.wiki.link_parts import Encoder, find_destination, forbidden_in, inside_of, is_label_first
from wikitools.wiki.paths import join, without_suffix
from wikitools.wiki.resolution import Found
from wikitools.wiki.wiki import split_url

if TYPE_CHECKING:
    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import MarkdownLink, Wikilink
    from wikitools.sources.source import Source

_IN_NO_TARGET = re.compile(r"[#^]")
_WIKILINK = re.compile(r"\[\[[^\[\]]*\]\]")
_IN_NO_PATH = re.compile(r"[\x00-\x1f\x7f]")
_LINE_REACH = 2000
"""How much of its line is read around a link; on longer lines, links get no label."""


def retarget(link: Wikilink, target: str, facts: Facts, *, label: str | None = None) -> Edit | None:
    """Return the edit that leads a wikilink to `target`; the rest of it stays, and `label` is added if it has none.

    Returns `None` if the target cannot be written, or if the link with its anchor and label would lead nowhere.
    """
    text = facts.text_of(link.span.path)
    written, anchor = facts.wiki.read(link)
    forbidden = forbidden_in(link, text)
    if _IN_NO_TARGET.search(target) or forbidden.search(target) or not written:
        return None
    destination = find_destination(link, text, written, anchor, facts.wiki)
    if destination is None or not _leads(link, target, anchor, facts):
        return None
    place = replace(destination, end=destination.start + len(written))
    if label is None or link.label is not None or link.embed:
        return Edit(place, target)
    bar = _bar(link, text)
    inside = inside_of(link, text)
    if bar is None or forbidden.search(label) or inside is None:
        return None
    whole = replace(inside, start=place.start)
    led = target + text[place.end : whole.end]
    label_first = is_label_first(link, facts.wiki)
    halves = (label, target) if label_first else (target, label)
    # Not every engine has labels.
    if facts.wiki.read(replace(link, target=halves[0], label=halves[1]))[0] != target:
        return None
    return Edit(whole, f"{label}{bar}{led}" if label_first else f"{led}{bar}{label}")


def reanchor(link: Wikilink, anchor: str, path: str, facts: Facts) -> Edit | None:
    """Return the edit that gives a wikilink to the page `path` another anchor; `None` if that would lead nowhere."""
    target, written = facts.wiki.read(link)
    text = facts.text_of(link.span.path)
    if not written or forbidden_in(link, text).search(anchor):
        return None
    place = find_destination(link, text, target, written, facts.wiki)
    found = _place_of(link, anchor, path, facts)
    # A link in the heading that it names would change the heading's anchor.
    if place is None or found is None or found.contains(link.span):
        return None
    start = text.index(written, text.index("#", place.start + len(target)) + 1)
    return Edit(replace(place, start=start, end=start + len(written)), anchor)


def refragment(link: MarkdownLink, fragment: str, path: str, facts: Facts) -> Edit | None:
    """Return the edit that gives a Markdown link to the page `path` another fragment; `None` if that leads nowhere."""
    raw = link.url_span.of(facts.text_of(link.url_span.path))
    mark = raw.find("#")
    end = len(raw) - 1 if raw.startswith("<") and raw.endswith(">") else len(raw)
    found = facts.wiki.resolve_fragment(fragment, path)
    if mark < 0 or not isinstance(found, Found) or found.target.contains(link.span):
        return None
    if re.search(r"[\s()<>\"'\\&]", fragment):
        return None
    span = link.url_span
    return Edit(Span(span.path, span.start + mark + 1, span.start + end), fragment)


def repath(link: MarkdownLink, path: str, facts: Facts, *, goal: str | None = None) -> Edit | None:
    """Return the edit that leads a Markdown link to `path`, which is not percent-encoded.

    `goal` is the file there, if the path is not that of a file but the address of a page.

    The link keeps its style: `/` or `./` before it, `.md` left out, `<…>` around it, its query and fragment. Returns
    `None` if the path cannot be written that way, or if the link with its fragment would still lead nowhere.
    """
    span = link.url_span
    text = facts.text_of(span.path)
    raw = span.of(text)
    start, end = (1, len(raw) - 1) if raw.startswith("<") and raw.endswith(">") else (0, len(raw))
    bracketed = start == 1 or text[span.start - 1 : span.start] == "<"
    stop = min((place for mark in "?#" if (place := raw.find(mark, start, end)) >= 0), default=end)
    written = raw[start:stop]
    wanted = goal or join(facts.wiki.base_of(link.span.path), path)
    # With escapes or entities, the written destination is not the actual one.
    if not wanted or not written or not link.url.startswith(written) or link.url[len(written) :] != raw[stop:end]:
        return None
    spellings = [path]
    if written.startswith("/"):
        spellings = ["/" + (join(facts.wiki.base_of(link.span.path), path) or wanted)]
    elif written.startswith("./") and not path.startswith("../"):
        spellings = ["./" + path]
    if not written.lower().endswith(".md"):
        spellings.insert(0, without_suffix(spellings[0]))
    encode = Encoder(written, angled=bracketed, in_html=link.syntax == "html")
    for spelling in spellings:
        encoded = encode(spelling)
        moved = replace(link, url=encoded + raw[stop:end])
        found = facts.wiki.resolve_link(moved)
        if isinstance(found, Found) and found.target == wanted:
            anchor = facts.wiki.resolve_fragment(split_url(moved.url)[1] or "", wanted)
            if isinstance(anchor, Found) and not _IN_NO_PATH.search(encoded):
                return Edit(Span(span.path, span.start + start, span.start + stop), encoded)
    return None


def _leads(link: Wikilink, target: str, anchor: str | None, facts: Facts) -> bool:
    found = facts.wiki.resolve_name(target, link.span.path)
    return isinstance(found, Found) and (not anchor or _place_of(link, anchor, found.target, facts) is not None)


def _place_of(link: Wikilink, anchor: str, path: str, facts: Facts) -> Span | None:
    # Without a label, every engine reads target and anchor in the same place as Obsidian.
    found = facts.wiki.resolve_anchor(replace(link, anchor=anchor, label=None), path)
    return found.target if isinstance(found, Found) else None


def _bar(link: Wikilink, text: str) -> str | None:
    """Return the separator of target and label: in tables the bar needs a backslash. `None` if the line is too long."""
    start, end = link.span.start, link.span.end
    before, after = text[max(0, start - _LINE_REACH) : start], text[end : end + _LINE_REACH]
    before = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
    after = after[: min(place if place >= 0 else len(after) for place in (after.find("\n"), after.find("\r")))]
    if max(len(before), len(after)) == _LINE_REACH:
        return None
    in_table = "|" in _WIKILINK.sub("", before + after)
    return r"\|" if in_table and not link.in_front_matter else "|"


_PLAIN_ADDRESS = re.compile(r"https?://[\w.~:/?#@!$&+,;=%-]+", re.ASCII)
"""Addresses that need no escapes in any kind of link."""


def change_address(thing: WebLink | Source, url: str, to: str, facts: Facts, safety: Safety) -> Fix | None:
    """Return the repair that gives a link another address; `None` for sources, or if it could be misread."""
    if not isinstance(thing, WebLink) or not _PLAIN_ADDRESS.fullmatch(to):
        return None
    if thing.url_span.of(facts.text_of(thing.url_span.path)) != url:
        return None
    return Fix(f'link to "{to}"', (Edit(thing.url_span, to),), safety)
