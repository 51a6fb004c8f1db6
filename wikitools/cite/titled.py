"""Citations that print the title of a work beside its author and year: "In *Bowling Alone* (2000), Putnam"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from wikitools.cite.alignment import EXACT, Fit
from wikitools.cite.author_fit import dated
from wikitools.cite.prose import BREAK
from wikitools.sources.names import words

if TYPE_CHECKING:
    from wikitools.cite.dates import Date
    from wikitools.markdown.page import Page
    from wikitools.sources.source import Bibliography, Source

_BACK, _AHEAD = 260, 120
"""How far before and after a date its author and title are looked for, in characters of one block."""
_SIGNS = frozenset('*_"”»)')
_BEFORE_DATE = r"[”\"*_]{0,3}(?:[,.;]?\s*(?:\((?:[^()\n]{2,60},\s*)?)?|,\s*(?:[^(),\n]{2,60},\s*)?)\Z"
"""What may stand between a title and its date: a bracket, and who published it."""
_TITLE = re.compile(
    r"(?:(?<![\w*])(?P<stars>\*{1,3})(?P<emphasis>[^*]{2,200}?)(?P=stars)|(?<!\w)_(?P<underlined>[^_]{2,200})_"
    r"|[“\"«„](?P<quoted>[^“”\"«»„]{2,200})[,.]?[”\"»]|\[(?P<linked>[^\[\]]{2,200})\]\([^()\s]*\))" + _BEFORE_DATE
)
_CAPITALISED = re.compile(r"[^\W\d_a-z][^\W\d_]+(?:['-](?!s\b)[^\W\d_]+)*|(?<=['-])[^\W\d_a-z][^\W\d_]+")
_SUBTITLE = re.compile(r"[:?!]\s|\s[-–—]\s|[.]\s")


class Titled(NamedTuple):
    """A title before a date, and the works that have it."""

    start: int
    """Where the marks of the title begin."""
    title: str
    fits: tuple[Fit, ...]


def titled_works(page: Page, text: str, date: Date, bibliography: Bibliography) -> Titled | None:
    """Return the works of this date whose title ends right before it and whose author is named near it, if any.

    A title is what is emphasised, quoted or linked there, or all between the first comma of the bracket and the date.
    It may end where a subtitle would begin, or after two words. `text` is the plain prose of `page`.
    """
    low = max(date.block, date.start - _BACK)
    if not date.year.isdigit():
        return None
    printed = _title_before(page, text, date, low)
    if printed is None:
        return None
    start, title = printed
    form = words(title)
    stop = text.find(BREAK, date.end, date.end + _AHEAD)
    near = f"{text[low:start]} {text[date.end : stop if stop >= 0 else date.end + _AHEAD]}"
    authors = dict.fromkeys(word for name in _CAPITALISED.findall(near) for word in words(name))
    for layer in bibliography.layers:
        known = {id(source): source for word in authors for source in dated(layer, word, date)}
        fits = tuple(Fit(source, EXACT, 1, False) for source in known.values() if is_called(source, form))
        if fits:
            return Titled(start, " ".join(title.split()), fits)
    return None


def _title_before(page: Page, text: str, date: Date, low: int) -> tuple[int, str] | None:
    """Return where the title before a date begins, with its marks, and its words as printed."""
    window = page.text[low : date.start]
    match = _TITLE.search(window) if not _SIGNS.isdisjoint(window) else None
    if match is not None:
        name = match.lastgroup if match.lastgroup != "stars" else "emphasis"
        assert name is not None  # one of the groups is the title
        return low + match.start(), match[name]
    if date.opening < low:
        return None
    comma = text.find(",", date.opening, date.start)
    title = page.text[comma + 1 : date.start].strip(" ,")
    return (comma + 1, title) if comma >= 0 and title else None


def is_called(source: Source, form: tuple[str, ...]) -> bool:
    """Say whether a source has this title, as far as it is printed: all before its subtitle, or some words of it."""
    if not form:
        return False
    if form == words(_SUBTITLE.split(source.title, maxsplit=1)[0]) or form == words(
        source.fields.get("shorttitle", "")
    ):
        return True
    title = words(source.title)
    shorter = min(len(form), len(title))
    return shorter >= _FEWEST_WORDS and form[:shorter] == title[:shorter]


_FEWEST_WORDS = 2
