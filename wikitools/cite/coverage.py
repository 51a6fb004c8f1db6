"""How many of the works that a page cites the bibliography has: where many are missing, namesakes fit by chance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wikitools.cite.alignment import FEWER
from wikitools.cite.topic import form_of
from wikitools.sources.names import words
from wikitools.sources.source import first_words
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.cite.citation import Cited
    from wikitools.cite.draft import Draft
    from wikitools.sources.source import Bibliography

_FEW_WORKS = 3
"""With more works by authors of a name, one of any year is likely there."""


class Coverage:
    """How many of the works that a page cites the bibliography has, by those that no namesake's work fits by chance.

    These are links and keys, and authors and years with a co-author, or by an author of few works.
    """

    def __init__(self, drafts: Sequence[Draft], pointed: Sequence[Cited], bibliography: Bibliography) -> None:
        self._bibliography = bibliography
        self._has: dict[object, bool] = {}
        for each in pointed:
            found = each.resolution.target if isinstance(each.resolution, Found) else None
            self._has[each.citation.text if found is None else id(found)] = found is not None
        for draft in drafts:
            fits = bool(draft.fits)
            if (draft.fits[0].rank < FEWER if fits else draft.convincing) and self._is_telling(draft):
                self._has[form_of(draft)] = fits
        self._held = sum(self._has.values())

    def _is_telling(self, draft: Draft) -> bool:
        """Say whether another's work would hardly fit by chance."""
        names = draft.citation.names
        if len(names) != 1:
            return bool(names)
        surname = words(names[0])[-1:]
        return all(
            layer.count(first_words, word) <= _FEW_WORKS for word in surname for layer in self._bibliography.layers
        )

    def odds_of_lack(self, draft: Draft) -> float:
        """Return the log odds that the bibliography lacks a work, by all that the page cites but the work of `draft`.

        Without any other citation, one in three works is expected to be missing.
        """
        held, known = self._held, len(self._has)
        if (own := self._has.get(form_of(draft))) is not None:
            held, known = held - own, known - 1
        return math.log((known - held + 1) / (held + 2))
