"""Titles printed right behind a citation, which speak against sources that have other titles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.sources.names import words
from wikitools.sources.vocabulary import SENTENCE_WORDS

if TYPE_CHECKING:
    from wikitools.cite.draft import Draft
    from wikitools.cite.prose import Prose
    from wikitools.sources.source import Source

_QUOTED = re.compile(
    r"[)\]]?[ \x01]{0,2}[,:][ \x01]{0,3}(?:“([^“”\n]{8,200})”|\"([^\"\n]{8,200})\"|«([^«»\n]{8,200})»)"
)
_EMPHASISED = re.compile(r"\)?,[ ]\x01{1,2}([^\x01\n]{8,200})\x01{1,2},")
"""Only between commas in a sentence: behind a citation in brackets, what is emphasised may be a journal."""
_MAY_FOLLOW = re.compile(r"[)\]]?[\s*_]{0,3}[,:][\s*_]{0,4}[“«\"*_\[]")
"""What a title begins with in the page's own text: the plain prose is made of few pages."""
_SENTENCE_ENDS = re.compile(r"[.!?;][ \x01]")
_MOST_WORDS = 20
_FEWEST_TELLING = 2
_SHARED = 0.5
_SHORT = 4
_CAPITALISED = 0.6


def contradicted_by_title(prose: Prose, draft: Draft) -> list[Source]:
    """Return the sources that fit a citation and have another title than the one that stands right behind it."""
    if not draft.fits or _MAY_FOLLOW.match(prose.page.text, draft.citation.span.end) is None:
        return []
    return [fit.source for fit in draft.fits if _other_title_behind(prose.plain, draft, fit.source)]


def _other_title_behind(plain: str, draft: Draft, source: Source) -> bool:
    """Say whether another title than that of `source` stands right behind a citation: (Judd 1987, "Agency at Work").

    What is quoted may be anything; a title starts most of its longer words with capitals, and is no sentence.
    """
    printed = _title_behind(plain, draft)
    if not printed or not source.title:
        return False
    telling = {word for word in words(printed) if word not in SENTENCE_WORDS}
    known = {word for title in (source.title, *source.aliases) for word in words(title)}
    return len(telling) >= _FEWEST_TELLING and len(telling & known) < _SHARED * min(len(telling), len(known))


def _title_behind(plain: str, draft: Draft) -> str:
    """Return the title that is printed right behind a citation, "" where none is."""
    end = draft.citation.span.end
    found = _QUOTED.match(plain, end) or (_EMPHASISED.match(plain, end) if draft.citation.narrative else None)
    said = next(filter(None, found.groups()), "") if found is not None else ""
    longer = [word for word in said.replace("\x01", "").split() if len(word) >= _SHORT]
    if not longer or len(said.split()) > _MOST_WORDS or _SENTENCE_ENDS.search(said):
        return ""
    capitals = sum(not word.lstrip("(-")[:1].islower() for word in longer)
    return said if said[:1].isupper() and capitals >= _CAPITALISED * len(longer) else ""
