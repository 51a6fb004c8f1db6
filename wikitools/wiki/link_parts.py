"""The parts of a link as written: the positions of target and anchor, allowed characters, encodings."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from wikitools.text import Span

if TYPE_CHECKING:
    from wikitools.markdown.page import Wikilink
    from wikitools.wiki.wiki import Wiki

_IN_NO_WIKILINK = r"[\[\]|\r\n]|%%"
_UNQUOTED = re.compile(_IN_NO_WIKILINK)
_IN_DOUBLE_QUOTES = re.compile(rf"{_IN_NO_WIKILINK}|[\"\\]")
_IN_YAML = re.compile(rf"{_IN_NO_WIKILINK}|[\"'\\]")


def forbidden_in(link: Wikilink, text: str) -> re.Pattern[str]:
    """Return the characters that a wikilink cannot contain; in front matter also those that would end the value."""
    if not link.in_front_matter:
        return _UNQUOTED
    return _IN_DOUBLE_QUOTES if text[link.span.start - 1 : link.span.start] == '"' else _IN_YAML


def is_label_first(link: Wikilink, wiki: Wiki) -> bool:
    """Say whether this wiki's engine takes the second half of a wikilink as the target."""
    return wiki.engine.read(replace(link, target="first", anchor=None, label="second"))[0] == "second"


def inside_of(link: Wikilink, text: str) -> Span | None:
    """Return what stands between the brackets of a wikilink; `None` where it is not written in brackets."""
    start = text.find("[[", link.span.start, link.span.end) + 2
    if start < 2 or not text.endswith("]]", start, link.span.end):
        return None
    return Span(link.span.path, start, link.span.end - 2)


def find_destination(link: Wikilink, text: str, target: str, anchor: str | None, wiki: Wiki) -> Span | None:
    """Return where target and anchor are written: in the half of a wikilink that its engine follows.

    `target` and `anchor` are what the engine reads in the link. In Dendron a filter may follow them.
    """
    within = inside_of(link, text)
    if within is None:
        return None
    inside = within.of(text)
    page, bar, label = inside.partition("|")
    behind = len(page) + len(bar)
    halves = [(0, page.removesuffix("\\") if bar else page), (0, inside)]
    if bar:
        halves.insert(0 if is_label_first(link, wiki) else 1, (behind, label))
    for begin, half in halves:
        bare = half.strip()
        rest = bare[len(target) :]
        gap, hash_sign, tail = rest.partition("#")
        same = bare.startswith(target) and (not gap.strip() or gap.lstrip().startswith(">"))
        if same and (
            tail.strip().startswith(anchor) if anchor else not (hash_sign and tail.strip() and anchor is None)
        ):
            at = within.start + begin + len(half) - len(half.lstrip())
            return Span(link.span.path, at, at + len(bare))
    return None


_ALWAYS_PLAIN = re.compile(r"[\w/.~-]*", re.ASCII)
"""Nearly all paths: nobody has to encode any of their characters."""
_BROKEN_BY = re.compile(r"[\x00-\x1f\x7f\"<>\\`|#?%]")


class Encoder:
    """Percent-encodes paths and fragments of Markdown links as far as needed, and as the author does in `example`.

    >>> Encoder("a%20b.md", angled=False, in_html=False)("c d.md")
    'c%20d.md'
    """

    def __init__(self, example: str, *, angled: bool, in_html: bool) -> None:
        decoded = unquote(example)
        self._encoded = {char for char in decoded if char not in example}
        self._blanks = " " in example or (angled and " " not in decoded)
        self._foreign = any(not char.isascii() for char in self._encoded)
        self._parentheses = angled or in_html or ("(" in example or ")" in example)
        self._apostrophe = in_html

    def __call__(self, path: str) -> str:
        """Return a path or fragment as it can be written."""
        if _ALWAYS_PLAIN.fullmatch(path):
            return path
        balanced = path.count("(") == path.count(")") and self._parentheses
        return "".join(self._one(char, balanced=balanced) for char in path)

    def _one(self, char: str, *, balanced: bool) -> str:
        if char == " ":
            return char if self._blanks else "%20"
        if not char.isascii():
            return quote(char) if self._foreign or char.isspace() or char in self._encoded else char
        if char in "()":
            return char if balanced and char not in self._encoded else quote(char)
        if char in self._encoded and not _ALWAYS_PLAIN.fullmatch(char):
            return quote(char, safe="")
        if _BROKEN_BY.match(char) or char == "&" or (char == "'" and self._apostrophe):
            return quote(char, safe="")
        return char
