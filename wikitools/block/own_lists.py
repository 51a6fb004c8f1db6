"""Finds lists of sources: those below a name that says so, and those that consist of references."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from wikitools.block.reference_lists import PARAGRAPH, find_reference_lists
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wikitools.block.reference_lists import ReferenceList
    from wikitools.cite.citation import Cited
    from wikitools.markdown.page import Page

_HEADINGS = frozenset(
    "bibliography|citations|literature|literature cited|reference list|references|references cited|sources"
    "|sources cited|works cited"
    "|literatur|literaturverzeichnis|quellen|quellenverzeichnis|einzelnachweise"
    "|bibliographie|références|bibliografía|referencias|fuentes|bibliografia|riferimenti|fonti|referências|fontes"
    "|bronnen|literatuur|źródła|источники|литература|参考文献|参考资料|参考来源|来源|出典|참고문헌".split("|")
)
_WORDS = frozenset(name for name in _HEADINGS if " " not in name)
_BESIDE = frozenset(
    "and article cited consulted for further general key list main notes of original other page primary reading"
    " secondary selected the this used".split()
)
"""Words that may be added to those: "Key references", "Notes and sources", but not "Cross-references"."""
_WORD = re.compile(r"[^\W\d_]+")
_ITEM = re.compile(
    # "- Walker …", "1. Walker …", "| Walker | 2017 |", "[1] Walker …", and in paragraphs "Walker, M. (2017). …".
    rf"^ {{0,3}}(?:(?:[-*+]|(\d{{1,9}})[.)])[ \t]+\S|\||\\?\[\d{{1,3}}\\?\][ \t]+\S|{PARAGRAPH})",
    re.MULTILINE,
)
_LABEL = re.compile(
    r"^ {0,3}(?P<name>(?:\*\*|__)[^*_\n]{1,80}(?:\*\*|__):?|[^\s#>|*_][^*_:\n]{1,80}:)[ \t]*\r?$",
    re.MULTILINE,
)
"""A line that names what is below it, in place of a heading: "**Sources**", "Sources:"."""
_ENDS_LABELLED = re.compile(r"\n[ \t\r]*\n(?= {0,3}[^\s\-*+|\d\\\[])|\n {0,3}(?:\*\*|__)|\Z")
_NAMED = re.compile(r"[ \t]*(#{1,6} .*|(?:\*\*|__).*(?:\*\*|__):?|.*:)[ \t\r]*\Z")
"""The last line above a list, if it names it."""
_REACH = 2_000
"""How many characters below its heading a list may start: there may be an intro of some lines."""
_GENERATED = ("wikitools:sources", " — referenced as ")


class SourceList(NamedTuple):
    """A list of sources, with what belongs to it: of a section, all up to the next heading that is not deeper."""

    name: str
    """The heading or the line above that names it; "" if nothing does."""
    place: Span
    """That name, or the first item."""
    level: int
    """The level of the heading, or 0."""
    start: int
    end: int
    numbered: bool
    by_hand: bool
    """Whether it was written by hand."""


def find_own_lists(page: Page, cited: Sequence[Cited], *, heading: str = "") -> Iterator[SourceList]:
    """Yield the hand-written lists of sources on `page`, in order; `cited` are its citations."""
    named = [*find_named_lists(page, heading=heading)]
    for found in find_reference_lists(page, cited):
        own = _of_references(page, found)
        if (own.name or found.items > 1) and all(own.end <= each.start or each.end <= own.start for each in named):
            named.append(own)
    return (each for each in sorted(named, key=lambda each: each.start) if each.by_hand)


def find_named_lists(page: Page, *, heading: str = "") -> Iterator[SourceList]:
    """Yield the lists of sources that a heading or a line above names, hand-written and generated ones.

    The name is one of the usual ones, or is `heading`: "Energy sources" above a list of fuels does not count.
    """
    for at, each in enumerate(page.headings):
        if not _names_sources(each.text, heading):
            continue
        start = each.span.end
        # The section of a level-1 heading may be the whole page.
        deepest = 6 if each.level == 1 else each.level
        end = next((one.span.start for one in page.headings[at + 1 :] if one.level <= deepest), len(page.text))
        yield from _below(page, each.text, each.span, each.level, (start, end))
    for label in _LABEL.finditer(page.prose()):
        if _names_sources(label["name"], heading):
            start = label.end()
            following = next((one.span.start for one in page.headings if one.span.start > start), len(page.text))
            stop = _ENDS_LABELLED.search(page.text, start, following)
            end = following if stop is None else stop.start()
            yield from _below(page, _bare(label["name"]), Span(page.path, *label.span("name")), 0, (start, end))


def _names_sources(text: str, heading: str) -> bool:
    bare = bare_heading(text)
    words = frozenset(_WORD.findall(bare))
    if bare in _HEADINGS or (not words.isdisjoint(_WORDS) and words <= _WORDS | _BESIDE):
        return True
    return bool(heading) and bare == bare_heading(heading)


def _below(page: Page, name: str, place: Span, level: int, section: tuple[int, int]) -> Iterator[SourceList]:
    start, end = section
    text = page.text[start:end]
    first = _ITEM.search(text)
    if first is not None and first.start() <= _REACH:
        by_hand = not any(mark in text for mark in _GENERATED)
        yield SourceList(name, place, level, start, end, first[1] is not None, by_hand)


def _of_references(page: Page, found: ReferenceList) -> SourceList:
    """Return a list of references with the heading or the line that names it, if there is one right above."""
    start, end = found.start, found.end
    above = page.text[:start].rstrip()
    line = above.rfind("\n") + 1
    named = _NAMED.match(above, line)
    place, name = ((line, len(above)), _bare(named[1])) if named is not None else ((start, end), "")
    by_hand = not any(mark in page.text[start:end] for mark in _GENERATED)
    return SourceList(name, Span(page.path, *place), 0, start, end, found.numbered, by_hand)


def _bare(name: str) -> str:
    return name.strip(" \t*_:#")


def bare_heading(heading: str) -> str:
    """Return a heading for comparison, without case, and without blanks and marks around it."""
    return " ".join(heading.casefold().strip(" \t*_`:.#").split())
