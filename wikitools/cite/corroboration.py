"""Decides whether a doubtful citation is one, by what else its page cites."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from wikitools.cite.plausibility import is_family, may_be_name
from wikitools.sources.names import words

if TYPE_CHECKING:
    from wikitools.cite.draft import Draft

_LISTED = re.compile(r"[\])]?[ \x01]*(?:[,;]|[,;]?[ \x01]*(?:and|or|und|oder|et|ou|y|o|e|&))[ \x01]*")
_FEWEST_LISTED, _FEWEST_SURE, _SHORTEST_NAME = 3, 4, 2


def confirmed(text: str, drafts: list[Draft]) -> list[Draft]:
    """Return the drafts that are convincing, or may be a typo; `text` is their plain prose.

    A doubtful citation counts if the same name is certainly cited on the page, if it shares a bracket with a certain
    citation, or if it is in a list of such: "Orr 2001, Pim 2003 and Quill 2004". One without
    a bracket, or two names in one, also count if most of those on the page are certain.
    """
    if not any(draft.perhaps for draft in drafts):
        return drafts
    sure = {_first(draft) for draft in drafts if draft.convincing}
    groups = {draft.citation.group for draft in drafts if draft.convincing and draft.citation.group is not None}
    good = [draft.convincing for draft in drafts]
    for number, draft in enumerate(drafts):
        if draft.perhaps and draft.lead != "bare":
            good[number] = _first(draft) in sure or (draft.lead == "bracket" and draft.citation.group in groups)
    bare = [draft for draft in drafts if draft.lead == "bare"]
    likely = [draft for draft in bare if draft.perhaps and len(draft.citation.names[0]) >= _SHORTEST_NAME]
    if len(likely) <= sum(draft.convincing for draft in bare) >= _FEWEST_SURE:
        # A page in whose tables and lists "Orr 2009" is how works are named.
        good = [
            each or (draft in likely and is_family(draft.citation.names[0]))
            for each, draft in zip(good, drafts, strict=True)
        ]
    brackets = [draft for draft in drafts if draft.lead == "bracket"]
    untold = {
        id(draft)
        for draft in brackets
        if draft.perhaps and len(draft.citation.names) > 1 and all(map(is_family, draft.citation.names))
    }
    if len(untold) <= sum(draft.convincing for draft in brackets) >= _FEWEST_SURE:
        # Behind a title, "(Koh & Liang, 2020)" may be its publisher; not where brackets usually hold authors.
        good = [each or id(draft) in untold for each, draft in zip(good, drafts, strict=True)]
    for first, last in _lists(text, drafts):
        people = all(is_family(name) for draft in drafts[first:last] for name in draft.citation.names)
        if (drafts[first].lead != "bare" and any(good[first:last])) or (people and last - first >= _FEWEST_LISTED):
            good[first:last] = [good[number] or drafts[number].perhaps for number in range(first, last)]
    kept: list[Draft] = []
    for draft, convincing in zip(drafts, good, strict=True):
        if convincing != draft.convincing:
            kept.append(replace(draft, convincing=True, perhaps=False))
        elif convincing or (draft.lead == "narrative" and len(draft.printed) == 1 and may_be_name(draft.printed[0])):
            kept.append(draft)
    return kept


def _first(draft: Draft) -> tuple[str, ...]:
    return words(draft.citation.names[0]) if draft.citation.names else ()


def _lists(text: str, drafts: list[Draft]) -> list[tuple[int, int]]:
    """Return start and end of lists of two or more citations of one form."""
    found: list[tuple[int, int]] = []
    begin = 0
    for number, (one, other) in enumerate(pairwise(drafts), 1):
        gap = text[one.citation.span.end : other.citation.span.start]
        if one.lead != other.lead or _LISTED.fullmatch(gap) is None:
            found.append((begin, number))
            begin = number
    found.append((begin, len(drafts)))
    return [(first, last) for first, last in found if last - first > 1]
