"""Decides whether a hand-written list of sources may become the block: only if no word of it is lost.

Each line must name exactly one source that the text cites, too, and must say nothing that the source does not.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from wikitools.block.entries import cites_sources, identity
from wikitools.block.generated import lines
from wikitools.block.own_lists import find_own_lists
from wikitools.block.ownership import MALFORMED, heading_end
from wikitools.block.template import address_of, title_of
from wikitools.block.unformatted import ITEM, unformatted
from wikitools.markdown.page import Problem, WebLink, Wikilink
from wikitools.sources.names import fold, words
from wikitools.sources.same_work import group_surely
from wikitools.sources.vocabulary import AND
from wikitools.text import Span
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wikitools.block.own_lists import SourceList
    from wikitools.cite.citation import Cited
    from wikitools.markdown.page import MarkdownLink, Page
    from wikitools.sources.source import Source

_ADDRESS_WORDS = frozenset("http https www doi dx org arxiv abs pdf url".split())
_CONNECTING = frozenset("et al in ed eds edited by p pp vol no".split()) | AND | _ADDRESS_WORDS
"""Words of a reference that say nothing about the work."""
_MARKS = frozenset(" \t\r\n.,;:()[]{}<>|/\\*_`\"'“”‘’«»„@&·•-–—­\N{NO-BREAK SPACE}\x01")
"""Marks in a reference that say nothing about the work."""
_TOKEN = re.compile(r"[^\W_]+(?:['’`][^\W_]+)*")
_QUOTED = 5
"""How many words of those that would be lost are quoted."""
_NUMBERED_REFERENCE = re.compile(
    r"\\?\[\d{1,3}(?:\\?\]|[,–-])|\(\d{1,3}\)|[¹²³⁰⁴-⁹]|<sup>\s*\d|\b(?:refs?|references?|sources?|nos?)\.?\s\d{1,3}\b",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_LONGEST_NUMBERS = 40
_NUMBERED = re.compile(r"(?:\s*[-*+][ \t]+)?\s*\\?[\[(]?\d{1,3}(?:\\?[\])]|\.)")
_NAME = re.compile(r"(?<![^\s{])[#^][\w-]+")
"""A tag, or a name to which links lead: `#kelp`, `^kelp`, `{#kelp}`."""
_DEFINITION = re.compile(r"\s*\*?\[[^\]\n]+\]:")
"""A definition of a link, an abbreviation or a footnote; Python-Markdown reads them in the middle of a list, too."""
_NAME_BELOW = re.compile(r"\s*(\^[\w-]+)[ \t]*$", re.MULTILINE)


class Adopted(NamedTuple):
    """A hand-written list that the block can replace."""

    span: Span
    """From its first line to the end of its last one; heading and text around it stay."""
    cited: tuple[Cited, ...]
    """The citations of the page outside of the list."""


def adopt_list(page: Page, own: SourceList, cited: Sequence[Cited]) -> Adopted | Problem:
    """Return the list `own` as what the block can replace, or the first place that would lose something."""
    items = _items(page, own, cited)
    if isinstance(items, Problem):
        return items
    span = Span(page.path, items[0].start, items[-1].end)
    inside = [one for one in cited if span.start <= one.citation.span.start < span.end]
    outside = tuple(one for one in cited if not span.start <= one.citation.span.start < span.end)
    below = _NAME_BELOW.match(page.text, span.end)
    if below is not None:
        return _problem(Span(page.path, *below.span(1)), "links may lead to the list by this name")
    listed = [one.resolution.target for one in outside if isinstance(one.resolution, Found)]
    named = [(one.citation.span.start, one.resolution.target) for one in inside if isinstance(one.resolution, Found)]
    works = _Works([*(source for _at, source in named), *listed])
    for item in items:
        here = [source for at, source in named if item.start <= at < item.end]
        why = (
            _lost_link(page, item, span)
            or _lost_passage([one for one in inside if item.start <= one.citation.span.start < item.end])
            or _what_is_lost(item.of(page.text), here, listed, works)
        )
        if why:
            return _problem(_first_line(page, item), why)
    if not cites_sources(page, outside):
        return _problem(own.place, "the text outside of the list cites no source")
    if any(_NUMBERED.match(page.text, item.start) for item in items) and (number := _number_of(page, span, len(items))):
        return _problem(number, "this may be a number of the list, which would change")
    return Adopted(span, outside)


def _number_of(page: Page, of_list: Span, length: int) -> Span | None:
    """Return the first place outside of a list of this length that looks like one of its numbers."""
    text = page.text
    for found in _NUMBERED_REFERENCE.finditer(text):
        if of_list.start <= found.start() < of_list.end:
            continue
        # In square brackets there may be several.
        said = text[found.start() : found.end() + _LONGEST_NUMBERS].partition("]")[0] if "[" in found[0] else found[0]
        if any(int(number) <= length for number in _DIGITS.findall(fold(said))):
            return Span(page.path, found.start(), found.end())
    return None


def _items(page: Page, own: SourceList, cited: Sequence[Cited]) -> list[Span] | Problem:
    """Return the items of the list, each with the lines that belong to it; the list is all that the section has."""
    text = page.text
    below = heading_end(text, own.place) if own.level else own.start
    if below is None:
        return _problem(own.place, "a list inside a quote or another list cannot become the block")
    second = next((each for each in find_own_lists(page, cited) if each.start >= own.end), None)
    if second is not None:
        return _problem(second.place, "the page has a second list of sources here")
    items: list[Span] = []
    ended = False
    blank = True
    for start, stop in lines(text, below, own.end):
        line = text[start:stop]
        end = start + len(line.rstrip())
        if not line.strip():
            blank = True
            continue
        if ITEM.match(line) is not None:
            if ended:
                return _problem(Span(page.path, start, end), "the list goes on here, after other text")
            if items and _indent(line) > _indent(text[items[0].start :]):
                return _problem(Span(page.path, start, end), "this line belongs to the one above it")
            items.append(Span(page.path, start, end))
        elif items and not ended and _DEFINITION.match(line):
            return _problem(Span(page.path, start, end), "some engines read this as a definition that the page may use")
        elif items and not ended and (not blank or line[:1] in " \t") and any(map(str.isalnum, line)):
            items[-1] = Span(page.path, items[-1].start, end)
        else:
            ended = bool(items)
        blank = False
    return items or _problem(own.place, "this list cannot be read line by line")


class _Works:
    """Which of some sources are certainly one work."""

    def __init__(self, sources: Iterable[Source]) -> None:
        groups = group_surely([*{identity(source): source for source in sources}.values()])
        self._numbers = {identity(source): number for number, group in enumerate(groups) for source in group}

    def of(self, source: Source) -> int:
        """Return the number of a source's work."""
        return self._numbers[identity(source)]


def _what_is_lost(item: str, here: Sequence[Source], listed: Sequence[Source], works: _Works) -> str:
    """Return what the page would lose with an item of the list; "" for nothing.

    `here` are the sources that the item names, `listed` those that a block would list.
    """
    meant = {works.of(source) for source in here}
    if not meant:
        return "this line names no known source"
    if len(meant) > 1:
        return "this line names several sources"
    first, again = here[0], [source for source in listed if works.of(source) in meant]
    if not again:
        return f'the text does not cite "{title_of(first)}": cite it, or name it in "nocite" of the front matter'
    surplus = " ".join(_surplus(item, [*here, *again])[:_QUOTED])
    return f'the bibliography does not say "{surplus}" of "{title_of(first)}"' if surplus else ""


def _lost_passage(here: Sequence[Cited]) -> str:
    """Return which passage of a source the page would lose with an item of the list; "" for none."""
    for one in here:
        passage = one.citation.locator
        if passage and isinstance(one.resolution, Found) and not _is_all_of(passage, one.resolution.target):
            return f'the block would not have the passage "{passage}"'
    return ""


def _is_all_of(locator: str, source: Source) -> bool:
    """Say whether a locator names all pages of a source, not a passage: "pp. 2-3" of an article on pages 2 to 3."""
    pages = tuple(word for word in words(source.fields.get("pages", "")) if word.isdecimal())
    return bool(pages) and tuple(word for word in words(locator) if any(map(str.isdecimal, word))) == pages


def _lost_link(page: Page, item: Span, of_list: Span) -> str:
    """Return which tag, name for links, or link within the wiki the page would lose with an item; "" for none."""
    name = _NAME.search(item.of(page.text))
    if name is not None:
        return f'the block would not have "{name[0]}", a tag or what links lead to'
    inner = [link for link in page.links if not isinstance(link, WebLink)]
    elsewhere = {_target(link) for link in inner if not of_list.start <= link.span.start < of_list.end}
    for link in inner:
        if item.start <= link.span.start < item.end and _target(link) not in elsewhere:
            return f'the block would not have the link "{link.span.of(page.text)}"'
    return ""


def _target(link: MarkdownLink | Wikilink) -> tuple[str, str | None]:
    return (link.target, link.anchor) if isinstance(link, Wikilink) else (link.url, None)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _surplus(item: str, sources: Sequence[Source]) -> list[str]:
    """Return the words, numbers and marks of an item that its source does not have, as written.

    A number may be there as often as one entry has it: the page of a passage may well be the year of something else.
    """
    said = "\n".join(text for source in sources for text in _texts(source))
    known = frozenset(words(said)) | _CONNECTING
    initials = {word[0] for source in sources for name in source.names for word in words(name.given)}
    numbers = Counter[str]()
    for source in sources:
        numbers |= Counter(words(" ".join(_texts(source))))
    text = unformatted(item).partition(" ")[2]
    more = [char for char in text if not (char.isalnum() or char in _MARKS or char in said)]
    for token in _TOKEN.findall(text):
        for word in words(token):
            numbers[word] -= any(char.isdigit() for char in word)
            if (word not in known and word not in initials) or numbers[word] < 0:
                more.append(token)
                break
    return more


def _texts(source: Source) -> Iterator[str]:
    """Yield all that a bibliography says of a work."""
    yield from (f"{name.family} {name.given}" for name in source.names)
    yield from (*source.years, source.suffix, source.title, source.doi, source.arxiv, source.key, source.note)
    yield from dict.fromkeys((source.url, address_of(source)))
    yield from source.aliases
    yield from source.fields.values()


def _first_line(page: Page, item: Span) -> Span:
    return Span(page.path, item.start, next(lines(page.text, item.start, item.end))[1])


def _problem(span: Span, message: str) -> Problem:
    return Problem(span, MALFORMED, message)
