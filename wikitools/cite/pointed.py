"""Citations that point at their sources: by keys, links, addresses and footnotes, and by what is next to these."""

from __future__ import annotations

import bisect
import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from wikitools.cite.citation import Cited
from wikitools.cite.defined_works import beside_address
from wikitools.cite.keys_and_links import Pointer
from wikitools.cite.near_misses import authors_agree
from wikitools.sources.same_work import distinct_works
from wikitools.text import Span
from wikitools.wiki.resolution import Ambiguous, Found, Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wikitools.cite.citation import Citation
    from wikitools.cite.defined_works import DefinedWork
    from wikitools.cite.draft import Draft
    from wikitools.cite.prose import Prose
    from wikitools.sources.source import Source

MOST_LOSERS = 3
"""So many runners-up are told."""


class Works:
    """Which works lists of sources come to: each list that is the same object is looked at once, however long."""

    def __init__(self) -> None:
        self._ordered: dict[int, tuple[Sequence[Source], tuple[Source, ...]]] = {}
        self._ids: dict[int, tuple[Sequence[object], frozenset[int]]] = {}

    def ordered(self, sources: Sequence[Source]) -> tuple[Source, ...]:
        """Return the works among sources, in an order that is not that of files."""
        known = self._ordered.get(id(sources))
        if known is None:
            # The list is kept, so that no other is ever known by its number.
            known = self._ordered[id(sources)] = sources, ordered(distinct_works(sources))
        return known[1]

    def ids(self, sources: Sequence[Source]) -> frozenset[int]:
        """Return what sources are known by."""
        known = self._ids.get(id(sources))
        if known is None:
            known = self._ids[id(sources)] = sources, frozenset(map(id, sources))
        return known[1]

    def fitting(self, draft: Draft) -> frozenset[int]:
        """Return what the sources that fit a draft are known by."""
        known = self._ids.get(id(draft.fits))
        if known is None:
            known = self._ids[id(draft.fits)] = draft.fits, frozenset(id(fit.source) for fit in draft.fits)
        return known[1]


def merged(prose: Prose, drafts: list[Draft], pointers: list[Pointer], works: Works) -> tuple[list[Draft], list[Cited]]:
    """Join author-year citations with the links around or beside them, whose sources win.

    Returns the drafts that are left, and what the pointers cite.
    """
    if len(pointers) > 1:
        pointers.sort(key=_start)
    if not drafts:
        return drafts, [pointed_work(pointer, works) for pointer in pointers]
    starts = [draft.citation.span.start for draft in drafts]
    joined: set[int] = set()
    cited: list[Cited] = []
    for pointer in pointers:
        inside = [number for number in _overlapping(drafts, starts, pointer.citation.span) if number not in joined]
        if pointer.citation.kind == "key" and not pointer.citation.note:
            joined.update(inside)  # "[@Jarse.2023]" is a key, however much it looks like a name and a year
            inside = []
        beside = _beside(prose, drafts, starts, pointer, works) if not inside else None
        if not pointer.sources and not pointer.citation.key:
            near = [beside] if beside is not None else inside
            if len(near) == 1:
                drafts[near[0]] = beside_address(drafts[near[0]], pointer.citation.url)
            elif not near and pointer.convincing:
                cited.append(pointed_work(pointer, works))
            continue
        if len(inside) == 1 or beside is not None:
            one = inside[0] if beside is None else beside
            joined.add(one)
            cited.append(_joined(drafts[one], pointer, bool(inside), works))
            continue
        if pointer.citation.kind == "note":
            joined.update(inside)
        cited.append(pointed_work(pointer, works))
    return [draft for number, draft in enumerate(drafts) if number not in joined], cited


def _start(pointer: Pointer) -> tuple[int, int]:
    span = pointer.citation.span
    return span.start, span.end


def _overlapping(drafts: list[Draft], starts: list[int], span: Span) -> list[int]:
    first = max(0, bisect.bisect_left(starts, span.start) - 1)
    last = bisect.bisect_left(starts, span.end)
    return [number for number in range(first, last) if drafts[number].citation.span.overlaps(span)]


_MOST_BESIDE = 4
_LABELLED = re.compile(r"[^\w\n]{0,4}(?:\([^()\n]{0,60}[ ,;:])?(?:doi|arxiv)?[: ]{0,2}", re.IGNORECASE)
"""What may stand between a citation and its DOI: "Kang 2024 (Nutrients, doi:10.1000/182)"."""


def _beside(prose: Prose, drafts: list[Draft], starts: list[int], pointer: Pointer, works: Works) -> int | None:
    """Return the number of the draft right before or after an address that leads to a source by its authors."""
    if pointer.citation.kind != "url":
        return None
    span = pointer.citation.span
    after = bisect.bisect_left(starts, span.start)
    for number in (after - 1, after):
        if not 0 <= number < len(drafts):
            continue
        own = drafts[number].citation.span
        start, end = (own.end, span.start) if number < after else (span.end, own.start)
        gap = prose.page.text[start:end]
        labelled = number < after and _LABELLED.fullmatch(gap) is not None
        if not labelled and (len(gap) > _MOST_BESIDE or any(sign.isalnum() for sign in gap)):
            continue
        if number == after and gap.startswith(")"):
            continue  # the address belongs to the bracket that ends here
        if _is_apart(prose, own, start, end):
            continue
        if not pointer.sources or not works.fitting(drafts[number]).isdisjoint(works.ids(pointer.sources)):
            return number
        if any(_is_by(drafts[number].citation, source) for source in islice(pointer.sources, MOST_LOSERS)):
            return number
    return None


def _is_by(citation: Citation, source: Source) -> bool:
    """Say whether a source is from a citation's year and by the printed authors, whatever "et al." says of others."""
    return citation.year in source.years and authors_agree(citation, source)


def _is_apart(prose: Prose, own: Span, start: int, end: int) -> bool:
    """Say whether a sentence, list item or other block ends between a citation and the address next to it.

    A reference goes on after a full stop: "- Orr & Pim (2019). https://…"; so what begins a block has no such end.
    """
    if not prose.is_one_block(start, end):
        return True
    if _SENTENCE_END.search(prose.page.text, start, end) is None:
        return False
    text = prose.page.text
    return own.start >= end or any(sign.isalpha() for sign in text[text.rfind("\n", 0, own.start) + 1 : own.start])


_SENTENCE_END = re.compile(r"[.!?][^\w\s]*\s")


def _joined(draft: Draft, pointer: Pointer, around: bool, works: Works) -> Cited:
    """Return one citation of a draft and the pointer around or beside it."""
    link, own = pointer.citation, draft.citation
    start, end = min(link.span.start, own.span.start), max(link.span.end, own.span.end)
    citation = replace(
        own,
        span=Span(own.span.path, start, end) if around else own.span,
        text=own.text,
        locator=own.locator or link.locator,
        key=link.key,
        url=link.url,
        note=link.note,
        kind=link.kind,
    )
    meant = works.ids(pointer.sources)
    fitting = works.fitting(draft)
    both = fitting & meant
    # Where all of many fit, the list stays the object that is known already.
    fits = pointer.sources if len(both) == len(meant) else tuple(f.source for f in draft.fits if id(f.source) in both)
    evidence = (pointer.evidence, "authors and year") if both else (pointer.evidence,)
    result = pointed_work(Pointer(citation, fits if both else pointer.sources, pointer.evidence), works)
    others = (
        fit.source
        for fit in (draft.fits if len(both) < len(fitting) else ())
        if id(fit.source) not in meant and not _is_one_with(fit.source, pointer.sources)
    )
    losers = tuple((source.key, "the link leads to another work") for source in islice(others, MOST_LOSERS))
    return replace(result, evidence=evidence, losers=losers)


def _is_one_with(source: Source, others: Sequence[Source]) -> bool:
    """Say whether a source is one work with the first of others: an entry and the note on it."""
    return any(len(distinct_works((source, other))) == 1 for other in islice(others, MOST_LOSERS))


def pointed_work(pointer: Pointer, known: Works) -> Cited:
    """Return what a key, link, address or name cites."""
    works = known.ordered(pointer.sources)
    if not works:
        why = "no-such-key" if pointer.citation.key else "not-in-the-bibliography"
        return Cited(pointer.citation, Missing(why=why), convincing=pointer.convincing)
    if len(works) == 1:
        return Cited(pointer.citation, Found(works[0], pointer.evidence), (pointer.evidence,))
    return Cited(pointer.citation, Ambiguous(works), (pointer.evidence,))


def referring_work(citation: Citation, work: DefinedWork, known: Works) -> Cited:
    """Return what a reference to a footnote cites that defines a work."""
    result = pointed_work(Pointer(citation, work.sources, "its footnote"), known)
    return replace(result, evidence=("its footnote", work.evidence)) if work.sources else result


def ordered(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Return sources in an order that is not that of files."""
    return tuple(sorted(sources, key=lambda source: (source.key, source.span)))
