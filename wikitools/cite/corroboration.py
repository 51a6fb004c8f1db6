"""Decides whether a doubtful citation is one, by what else its page cites."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from wikitools.cite.footnotes import read_key
from wikitools.cite.plausibility import may_be_name
from wikitools.cite.tokens import is_family
from wikitools.sources.names import words

if TYPE_CHECKING:
    from wikitools.cite.draft import Draft
    from wikitools.markdown.page import Page

_LISTED = re.compile(r"[\])]?[ \x01]*(?:[,;]|[,;]?[ \x01]*(?:and|or|und|oder|et|ou|y|o|e|&))[ \x01]*")
_FEWEST_LISTED, _FEWEST_SURE = 3, 4


def confirmed(page: Page, text: str, drafts: list[Draft]) -> list[Draft]:
    """Return the drafts of a page that are convincing, or may be a typo; `text` is their plain prose.

    A doubtful citation counts if one of its names is certainly cited on the page (without brackets: with its year), if
    a footnote is called after its first author and year, if it shares a bracket with a certain citation, or if it is in
    a list of such: "Orr 2001, Pim 2003 and Quill 2004". One that is likely also counts if the page usually cites in its
    form, so that at least as many works are certain as are likely.
    """
    if not any(draft.perhaps for draft in drafts):
        return drafts
    sure = {words(name) for draft in drafts if draft.convincing for name in draft.citation.names}
    groups = {draft.citation.group for draft in drafts if draft.convincing and draft.citation.group is not None}
    works = {(name, draft.citation.year) for draft in drafts if draft.convincing for name in _first(draft)}
    works |= {
        ((word,), key.year) for each in page.footnote_definitions if (key := read_key(each.name)) for word in key.firsts
    }
    good = [draft.convincing for draft in drafts]
    for number, draft in enumerate(drafts):
        if draft.perhaps and draft.lead != "bare":
            good[number] = not sure.isdisjoint(_first(draft)) or (
                draft.lead == "bracket" and draft.citation.group in groups
            )
        if draft.perhaps and not good[number] and not _has_comma(text, draft):
            good[number] = any((name, draft.citation.year) in works for name in _first(draft))
    for first, last in _lists(text, drafts):
        people = all(is_family(name) for draft in drafts[first:last] for name in draft.citation.names)
        if (drafts[first].lead != "bare" and any(good[first:last])) or (people and last - first >= _FEWEST_LISTED):
            good[first:last] = [good[number] or drafts[number].perhaps for number in range(first, last)]
    usual = _usual_forms(text, drafts, good)
    good = [each or (draft.likely and _form(text, draft) in usual) for each, draft in zip(good, drafts, strict=True)]
    kept: list[Draft] = []
    for draft, convincing in zip(drafts, good, strict=True):
        if convincing != draft.convincing:
            kept.append(replace(draft, convincing=True, perhaps=False))
        elif convincing or (draft.lead == "narrative" and len(draft.printed) == 1 and may_be_name(draft.printed[0])):
            kept.append(draft)
    return kept


def _first(draft: Draft) -> set[tuple[str, ...]]:
    """Return the first author as other citations on the page may name him: with and without his given name."""
    printed = words(draft.citation.names[0]) if draft.citation.names else ()
    return {printed, printed[-1:]} if len(printed) == _WITH_GIVEN_NAME else {printed}


_WITH_GIVEN_NAME = 2


def _has_comma(text: str, draft: Draft) -> bool:
    """Say whether a comma is before the year, as in a list, or behind a species: "Kelpia rubra Orr, 1927"."""
    return bool(draft.printed) and draft.date is not None and "," in text[draft.printed[-1].end : draft.date.start]


def _form(text: str, draft: Draft) -> tuple[str, bool]:
    """Return how a citation is printed: "bracket", "narrative" or "bare", and whether a comma is before the year."""
    return draft.lead, _has_comma(text, draft)


def _usual_forms(text: str, drafts: list[Draft], good: list[bool]) -> set[tuple[str, bool]]:
    """Return the forms in which a page certainly cites, at least as often as there are works that it perhaps cites."""
    sure: Counter[tuple[str, bool]] = Counter()
    likely: dict[tuple[str, bool], set[tuple[tuple[str, ...], str]]] = {}
    for draft, convincing in zip(drafts, good, strict=True):
        form = _form(text, draft)
        if convincing:
            sure[form] += 1
        elif draft.likely:
            likely.setdefault(form, set()).add((draft.citation.names, draft.citation.year))
    return {form for form, works in likely.items() if len(works) <= sure[form] >= _FEWEST_SURE}


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
