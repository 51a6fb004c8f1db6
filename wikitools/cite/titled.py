"""Citations that print the title of a work together with its author and year: "In *Bowling Alone* (2000), Putnam"."""

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
_JOURNAL = r"(?:(?:(?<=[,.][”\"»])|[,.])\s*(?P<journal>\*{1,3}|_)[^*_\n]{2,80}(?P=journal)[\s\d,.:nov–-]{0,24})?"
_BEFORE_DATE = rf"[”\"*_]{{0,3}}{_JOURNAL}(?:[,.;]?\s*(?:\((?:[^()\n]{{2,60}},\s*)?)?|,\s*(?:[^(),\n]{{2,60}},\s*)?)\Z"
"""What may stand between a title and its date: the journal with its volume, a bracket, and who published it."""
MARKED_TITLE = (
    r"(?:(?<![\w*])(?P<stars>\*{1,3})(?![\s*])(?P<emphasis>[^*]{2,250}?)(?P=stars)|(?<!\w)_(?P<underlined>[^_]{2,250})_(?!\w)"
    r"|[“\"«„](?P<quoted>[^“”\"«»„]{2,250})[”\"»])"
)
"""A title in emphasis or quote marks."""
_TITLE = re.compile(rf"(?:{MARKED_TITLE}|\[(?P<linked>[^\[\]]{{2,200}})\]\([^()\s]*\))" + _BEFORE_DATE)
_MARKED = ("emphasis", "underlined", "quoted", "linked")
_CAPITALISED = re.compile(r"[^\W\d_a-z][^\W\d_]+(?:['-](?!s\b)[^\W\d_]+)*|(?<=['-])[^\W\d_a-z][^\W\d_]+")
_SUBTITLE = re.compile(r"[:?!]\s|\s[-–—]\s|[.]\s")


class Titled(NamedTuple):
    """A title before a date, and the works that have it: none if the bibliography lacks it."""

    start: int
    """Where the marks of the title begin."""
    title: str
    fits: tuple[Fit, ...]


def titled_works(page: Page, text: str, date: Date, bibliography: Bibliography) -> Titled | None:
    """Return the title that ends right before a date, with the works that have it and whose author is named near it.

    A title is what is emphasised, quoted or linked there, or all between the first comma of the bracket and the date;
    of these, links and parts of brackets count only if a work is called so. It may end where a subtitle would begin,
    or after two words. `text` is the plain prose of `page`.
    """
    low = max(date.block, date.start - _BACK)
    if not date.year.isdigit():
        return None
    printed = _title_before(page, text, date, low)
    if printed is None:
        return None
    start, title, is_marked = printed
    form = words(title)
    stop = text.find(BREAK, date.end, date.end + _AHEAD)
    near = f"{text[low:start]} {text[date.end : stop if stop >= 0 else date.end + _AHEAD]}"
    authors = dict.fromkeys(word for name in _CAPITALISED.findall(near) for word in words(name))
    for layer in bibliography.layers:
        known = {id(source): source for word in authors for source in dated(layer, word, date)}
        fits = tuple(Fit(source, EXACT, 1, False) for source in known.values() if is_called(source, form))
        if fits:
            return Titled(start, " ".join(title.split()), fits)
    return Titled(start, " ".join(title.split()), ()) if is_marked and form else None


def _title_before(page: Page, text: str, date: Date, low: int) -> tuple[int, str, bool] | None:
    """Return where the title before a date begins, its words as printed, and whether it is emphasised or quoted."""
    window = page.text[low : date.start]
    match = _TITLE.search(window) if not _SIGNS.isdisjoint(window) else None
    if match is not None:
        title = next(match[name] for name in _MARKED if match[name])
        return low + match.start(), title, "](" not in match[0]
    if date.opening < low:
        return None
    comma = text.find(",", date.opening, date.start)
    title = page.text[comma + 1 : date.start].strip(" ,")
    return (comma + 1, title, False) if comma >= 0 and title else None


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
