"""Finds where a page may have a citation: searches its raw text for signs that every citation has.

A sign does not make a citation; but where there is no sign, there is no citation, so the prose there need not be read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.sources.identifiers import ARXIV_MARKS
from wikitools.sources.vocabulary import NO_DATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.cite.prose import Prose

# Each pattern starts with fixed letters, which are much faster to search for than a set of characters. Invisible text
# (code, comments, destinations of links) may be between any two words, but not within one.

_WORD = r"[^\W_ʼ]"
"""Characters of words and numbers; the grammar takes ʼ for an apostrophe."""
_AFTER_YEAR = (
    rf"(?:[a-z](?!{_WORD})|(?!{_WORD}|[-/.,%]\d)"
    rf"|(?=[-/.,%](?:1[5-9]|20)\d\d)|(?=[-/]\d\d(?!{_WORD}|[-/.]\d)))"
)
_YEARS = (re.compile(rf"20\d\d{_AFTER_YEAR}"), re.compile(rf"1(?=[5-9]\d\d{_AFTER_YEAR})"))


def years(prose: Prose) -> list[int]:
    """Return where the page may have the year of a date, in order."""
    text = prose.page.text
    found = [match.start() for pattern in _YEARS for match in pattern.finditer(text) if _may_begin(text, match.start())]
    found.sort()
    return prose.visible(found) if found else found


def _may_begin(text: str, at: int) -> bool:
    """Say whether a year can start at `at` after the text before it: not in "x2019" or "3.2019"."""
    before = text[at - 1 : at]
    if before.isalnum():
        return before == "ʼ"
    return not (before and before in ".:/" and text[at - 2 : at - 1].isdigit())


_WIDEST_GAP = 8
"""How many blanks or characters of markup may be between the words of a date, as in `dates.py`."""


def _ascii(text: str) -> str:
    """Return text in ASCII and lower case, other characters as question marks: fast to make and to search."""
    return text.replace("\u212a", "k").encode("ascii", "replace").decode("ascii").lower()


_DOTTED = re.compile(rf"\.(?<=[nos]\.)(?=.{{0,{_WIDEST_GAP}}}?[djf][.?])", re.DOTALL)
_FULL_WIDTH = re.compile(rf"。(?<=[nosNOS]。)(?=.{{0,{_WIDEST_GAP}}}?[djfDJF][.。])", re.DOTALL)
"""The first full stop of "n.d.", "s. d." and their like."""
_PARTS = ("pre", "druck", "submitted", "accepted", "forthcoming", "appear", "erscheinen", "para?tre", "date", "review")
"""Parts of the last words of dates; a few parts cover many words."""
_FREQUENT = {"pre": re.compile(r"pre(?=ss|nsa|p)"), "date": re.compile(r"date(?:(?<=undate)|(?<![a-z]date))")}
"""Patterns for parts that other words have too."""


def _last_words(part: str) -> Iterator[tuple[str, int, str]]:
    """Yield the last words of dates with such a part, where in them it is, and the words before them, or ""."""
    for printed in NO_DATE:
        *before, last = _ascii(printed).split(" ")
        if part in last:
            yield last.rstrip("."), last.index(part), before[-1] if before else ""


_WORDS = tuple(
    (part, _FREQUENT.get(part) or re.compile(re.escape(part)), tuple(dict.fromkeys(_last_words(part))))
    for part in _PARTS
)


def dates_in_words(prose: Prose) -> list[int]:
    """Return where the page may have a date such as "in press" or "n.d.", in order."""
    text = prose.page.text
    lower = _ascii(text)
    found = [match.start() for match in _DOTTED.finditer(lower)]
    if "。" in text:
        found += (match.start() for match in _FULL_WIDTH.finditer(text))
    for part, pattern, words in _WORDS:
        if part not in lower:
            continue
        for match in pattern.finditer(lower):
            at = match.start()
            if any(_may_be(prose, lower, at - offset, last, before) for last, offset, before in words):
                found.append(at)
    found.sort()
    return prose.visible(found) if found else found


def _may_be(prose: Prose, lower: str, at: int, last: str, before: str) -> bool:
    """Say whether the word `last` may stand at `at`, after the word `before`."""
    if at < 0 or not lower.startswith(last, at):
        return False
    if before and before not in lower[max(0, at - _WIDEST_GAP - len(before)) : at]:
        return False
    end = at + len(last)
    after = prose.page.text[end : end + 1]
    return not after.isalnum() or after == "ʼ" or not prose.visible((end,))


_CHAPTER = re.compile(r"h(?<=[Cc]h)(?:ap(?:ter)?)?(?=([\W_]*)([\dIVXL]?))")
_PARAGRAPH = re.compile("§")
_MARKUP = frozenset("[]<>|&")
"""What the syntax of a link, or an entity, begins or ends with."""


def chapters(prose: Prose) -> list[int]:
    """Return where the page may name a chapter or paragraph by its number, in order."""
    text = prose.page.text
    found = [match.start() for match in _PARAGRAPH.finditer(text)] if "§" in text else []
    for match in _CHAPTER.finditer(text):
        gap, number = match.groups()
        # A number may follow after invisible text.
        if number or (gap and not _MARKUP.isdisjoint(gap)) or prose.hides(*match.span(1)):
            found.append(match.start())
    found.sort()
    return prose.visible(found) if found else found


_ET_AL = re.compile(rf"et(?<!{_WORD}et)(?=.{{1,5}}al)", re.DOTALL)
_COLLEAGUES = re.compile(r"co(?=lleagues|llaborators|.?workers)", re.DOTALL)


def mentions(prose: Prose) -> list[int]:
    """Return where the page may mention authors without a year ("et al."), in order."""
    text = prose.page.text
    found = [match.start() for pattern in (_ET_AL, _COLLEAGUES) for match in pattern.finditer(text)]
    found.sort()
    return prose.visible(found) if found else found


_KEY = re.compile(r"@[\w{]")
_BEFORE_KEY = re.compile(r"[^\W_]|[.@/\\]")
"""The text before the sign in a mail address."""


def keys(prose: Prose) -> list[int]:
    """Return where the page may have a citation key, in order."""
    text = prose.page.text
    found = [match.start() for match in _KEY.finditer(text)]
    return [
        at for at in prose.visible(found) if not (at and _BEFORE_KEY.match(text, at - 1) and prose.visible((at - 1,)))
    ]


_DOI = re.compile(r"10\.\d{4,9}/")
_MARK_ENDS = tuple(dict.fromkeys((mark[-3:], len(mark) - 3) for mark in ARXIV_MARKS))
"""The ends of the marks of arXiv ids, which several share, and the length of the text before them."""


def identifiers(prose: Prose) -> list[int]:
    """Return where the page may have a bare DOI or arXiv id, in order."""
    text = prose.page.text
    found = [match.start() for match in _DOI.finditer(text)] if "10." in text else []
    for end, length in _MARK_ENDS:
        at = text.find(end)
        while at >= 0:
            if at >= length and text[at - length : at + len(end)] in ARXIV_MARKS:
                found.append(at - length)
            at = text.find(end, at + 1)
    found.sort()
    return prose.visible(found) if found else found
