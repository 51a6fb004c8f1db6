"""Titles printed right behind a citation, which speak against sources that have other titles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.cite.lookalikes import appeared_in
from wikitools.sources.names import words
from wikitools.sources.same_work import VENUES
from wikitools.sources.vocabulary import PUBLISHERS, SENTENCE_WORDS

if TYPE_CHECKING:
    from wikitools.cite.draft import Draft
    from wikitools.cite.prose import Prose
    from wikitools.sources.source import Source

_IN_QUOTES = r"(?:“([^“”\n]{8,200})”|\"([^\"\n]{8,200})\"|«([^«»\n]{8,200})»)"
_QUOTED = re.compile(r"[)\]]?[ \x01]{0,2}[,:][ \x01]{0,3}" + _IN_QUOTES)
_OWNED = re.compile(r"[ \x01]{1,3}" + _IN_QUOTES)
"""Behind a possessive: `Judd's (1987) "Agency at Work"`."""
_EMPHASISED = re.compile(r"\)?,[ ]\x01{1,2}([^\x01\n]{8,200})\x01{1,2},")
"""Between commas in a sentence."""
_EMPHASISED_IN_BRACKETS = re.compile(r"[,:][ ]\x01{1,2}([^\x01\n]{8,200})\x01{1,2}[,.)\]]")
_QUOTED_BEFORE = re.compile(r"(?:“([^“”\n]{8,200})”|\"([^\"\n]{8,200})\"|«([^«»\n]{8,200})»)[ \x01]{1,3}\(\Z")
_MAY_PRECEDE = re.compile(r"[”»\"][\s*_]{1,3}\(\Z")
_GAP, _LONGEST = 6, 220
BEFORE, BEHIND = "the title before it is another", "the title behind it is another"
WITHIN = "its title is another"
_MAY_FOLLOW = re.compile(r"[)\]]?[\s*_]{0,3}(?:[,:]|(?<=\)))[\s*_]{0,4}[“«\"*_\[]")
"""What a title begins with in the page's own text: the plain prose is made of few pages."""
_POSSESSIVE = re.compile(r"['’]s?\s*\(")
_SENTENCE_ENDS = re.compile(r"[.!?;][ \x01]")
_MOST_WORDS = 20
_FEWEST_TELLING = 2
_SHARED = 0.5
_SHORT = 4
_CAPITALISED = 0.6


def contradicted_by_title(prose: Prose, draft: Draft) -> list[tuple[Source, str]]:
    """Return the sources that fit a citation and have another title than the one beside it, with where it stands."""
    if not draft.fits:
        return []
    start, end = draft.citation.span.start, draft.citation.span.end
    found: list[tuple[Source, str]] = []
    if _MAY_FOLLOW.match(prose.page.text, end) is not None:
        found += [
            (fit.source, BEHIND)
            for fit in draft.fits
            if is_other(_title_behind(prose.plain, draft, fit.source), fit.source, _FEWEST_TELLING)
        ]
    group = draft.citation.group
    if (
        not found
        and group is not None
        and not draft.citation.narrative
        and start == group.start + 1
        and _MAY_PRECEDE.search(prose.page.text, max(0, start - _GAP), start)
    ):
        printed = _QUOTED_BEFORE.search(prose.plain, max(0, start - _LONGEST), start)
        said = _as_title(next(filter(None, printed.groups()), "")) if printed is not None else ""
        found += [(fit.source, BEFORE) for fit in draft.fits if is_other(said, fit.source, _FEWEST_TELLING + 1)]
    return found


def is_other(printed: str, source: Source, fewest: int) -> bool:
    """Say whether a printed title is another one than that of `source`: (Judd 1987, "Agency at Work")."""
    if not printed or not source.title:
        return False
    telling = {word for word in words(printed) if word not in SENTENCE_WORDS}
    known = {word for title in (source.title, *source.aliases) for word in words(title)}
    return len(telling) >= fewest and len(telling & known) < _SHARED * min(len(telling), len(known))


def may_be_venue(source: Source, printed: tuple[str, ...]) -> bool:
    """Say whether what is emphasised may be the journal or publisher of a source, not a title."""
    if appeared_in(source, printed):
        return True
    venue = {word for name in VENUES for word in words(source.fields.get(name, "")) if word not in SENTENCE_WORDS}
    return not venue.isdisjoint(printed) if venue else not PUBLISHERS.isdisjoint(printed)


def _title_behind(plain: str, draft: Draft, source: Source) -> str:
    """Return the title that is printed right behind a citation, "" where none is."""
    citation = draft.citation
    patterns = [_QUOTED]
    if citation.narrative:
        patterns += [_EMPHASISED, *([_OWNED] if _POSSESSIVE.search(citation.text) else [])]
    found = next(filter(None, (pattern.match(plain, citation.span.end) for pattern in patterns)), None)
    said = next(filter(None, found.groups()), "") if found is not None else ""
    if not said and not citation.narrative and (found := _EMPHASISED_IN_BRACKETS.match(plain, citation.span.end)):
        said = "" if may_be_venue(source, words(found[1])) else found[1]
    return _as_title(said)


def _as_title(said: str) -> str:
    """Return what is quoted if it has the form of a title, else "": it may be anything.

    A title starts most of its longer words with capitals, and is no sentence.
    """
    longer = [word for word in said.replace("\x01", "").split() if len(word) >= _SHORT]
    if not longer or len(said.split()) > _MOST_WORDS or _SENTENCE_ENDS.search(said):
        return ""
    capitals = sum(not word.lstrip("(-")[:1].islower() for word in longer)
    return said if said[:1].isupper() and capitals >= _CAPITALISED * len(longer) else ""
