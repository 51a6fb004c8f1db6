"""Finds lists of sources under a heading that says so, hand-written and generated ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.markdown.page import Heading, Page

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
    r"^ {0,3}(?:(?:[-*+]|(\d{1,9})[.)])[ \t]+\S|\||\\?\[\d{1,3}\\?\][ \t]+\S"
    r"|[*_]{0,2}[^\W\d_][\w'’-]*+(?: [\w'’-]++){0,3}+, [^\W\d_]\.(?=[^\n]*\b(?:1[5-9]|20)\d\d))",
    re.MULTILINE,
)
_REACH = 2_000
"""How many characters below its heading a list may start: there may be an intro of some lines."""
_GENERATED = ("wikitools:sources", " — referenced as ")


class SourceList(NamedTuple):
    """A section with a list of sources: from the end of its heading to the next heading that is not deeper."""

    heading: Heading
    start: int
    end: int
    numbered: bool
    by_hand: bool
    """Whether it was written by hand."""


def find_own_lists(page: Page, *, heading: str = "") -> Iterator[SourceList]:
    """Yield the sections of `page` with a hand-written list of sources."""
    return (each for each in find_source_lists(page, heading=heading) if each.by_hand)


def find_source_lists(page: Page, *, heading: str = "") -> Iterator[SourceList]:
    """Yield the sections of `page` that list sources.

    The heading is one of the usual ones, or is `heading`: "Energy sources" above a list of fuels does not count.
    """
    for at, each in enumerate(page.headings):
        bare = bare_heading(each.text)
        words = frozenset(_WORD.findall(bare))
        is_usual = bare in _HEADINGS or (not words.isdisjoint(_WORDS) and words <= _WORDS | _BESIDE)
        if not is_usual and (not heading or bare != bare_heading(heading)):
            continue
        start = each.span.end
        # The section of a level-1 heading may be the whole page.
        deepest = 6 if each.level == 1 else each.level
        end = next((one.span.start for one in page.headings[at + 1 :] if one.level <= deepest), len(page.text))
        text = page.text[start:end]
        first = _ITEM.search(text)
        if first is not None and first.start() <= _REACH:
            by_hand = not any(mark in text for mark in _GENERATED)
            yield SourceList(each, start, end, first[1] is not None, by_hand)


def bare_heading(heading: str) -> str:
    """Return a heading for comparison, without case, and without blanks and marks around it."""
    return " ".join(heading.casefold().strip(" \t*_`:.#").split())
