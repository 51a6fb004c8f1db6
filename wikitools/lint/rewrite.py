"""Links written anew in the author's own style: only the part that changes is touched."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wikitools.text import Edit, Span
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from wikitools.lint.facts import Facts
    from wikitools.wiki.page import MarkdownLink, Wikilink

_IN_NO_TARGET = re.compile(r"[\[\]|#^\r\n]|%%")
_IN_NO_ANCHOR = re.compile(r"[\[\]|\r\n]|%%")
_YAML = re.compile(r"[\"'\\]")
_WIKILINK = re.compile(r"\[\[[^\[\]]*\]\]")
_LINE_REACH = 2000
"""How far around a link its line is looked at; on longer lines nothing is added to links."""


def retarget(link: Wikilink, target: str, facts: Facts, *, label: str | None = None) -> Edit | None:
    """Return the edit that leads a wikilink to `target`; the rest of it stays, `label` is added if it has none.

    `None` when the target cannot be written so, or when the link, its anchor included, would still lead nowhere.
    """
    text = facts.text_of(link.span.path)
    written, anchor = facts.wiki.engine.read(link)
    if _IN_NO_TARGET.search(target) or (link.in_front_matter and _YAML.search(target)):
        return None
    place = _part(link, text, written, facts)
    if place is None or not _leads(link, target, anchor, facts):
        return None
    if label is None or link.label is not None or link.embed:
        return Edit(place, target)
    bar = _bar(link, text)
    if bar is None or _IN_NO_ANCHOR.search(label) or link.span.of(text)[-2:] != "]]":
        return None
    whole = Span(place.path, place.start, link.span.end - 2)
    led = target + text[place.end : whole.end]
    return Edit(whole, f"{label}{bar}{led}" if _is_label_first(link, facts) else f"{led}{bar}{label}")


def reanchor(link: Wikilink, anchor: str, path: str, facts: Facts) -> Edit | None:
    """Return the edit that gives a wikilink to the page `path` another anchor; `None` when that would lead nowhere."""
    written = facts.wiki.engine.read(link)[1] or ""
    if _IN_NO_ANCHOR.search(anchor) or (link.in_front_matter and _YAML.search(anchor)):
        return None
    place = _part(link, facts.text_of(link.span.path), written, facts, behind="#")
    found = _place_of(link, anchor, path, facts)
    # A link in the very heading that it would name would change what it names.
    if place is None or found is None or found.contains(link.span):
        return None
    return Edit(place, anchor)


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


def _part(link: Wikilink, text: str, part: str, facts: Facts, *, behind: str = "") -> Span | None:
    """Return where `part` of a wikilink is written, in that half of it that leads; `behind` is the mark before it."""
    raw = link.span.of(text)
    start = raw.find("[[") + 2
    if link.label is not None and _is_label_first(link, facts):
        start = raw.find("|", start) + 1
    if behind:
        start = raw.find(behind, start) + 1
    place = raw.find(part, start) if start > 0 else -1
    if not part or place < 0:
        return None
    return Span(link.span.path, link.span.start + place, link.span.start + place + len(part))


def _is_label_first(link: Wikilink, facts: Facts) -> bool:
    """Say whether this wiki's engine takes the second half of a wikilink as the target."""
    return facts.wiki.engine.read(replace(link, target="first", anchor=None, label="second"))[0] == "second"


def _leads(link: Wikilink, target: str, anchor: str | None, facts: Facts) -> bool:
    found = facts.wiki.resolve_name(target, link.span.path)
    return isinstance(found, Found) and (not anchor or _place_of(link, anchor, found.target, facts) is not None)


def _place_of(link: Wikilink, anchor: str, path: str, facts: Facts) -> Span | None:
    # Without a label every engine reads target and anchor where Obsidian has them.
    found = facts.wiki.resolve_anchor(replace(link, anchor=anchor, label=None), path)
    return found.target if isinstance(found, Found) else None


def _bar(link: Wikilink, text: str) -> str | None:
    """Return what parts target and label: in tables the bar needs a backslash. `None` when the line is too long."""
    start, end = link.span.start, link.span.end
    before, after = text[max(0, start - _LINE_REACH) : start], text[end : end + _LINE_REACH]
    before = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
    after = after[: min(place if place >= 0 else len(after) for place in (after.find("\n"), after.find("\r")))]
    if max(len(before), len(after)) == _LINE_REACH:
        return None
    in_table = "|" in _WIKILINK.sub("", before + after)
    return r"\|" if in_table and not link.in_front_matter else "|"
