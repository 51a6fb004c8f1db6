"""Finds sources that a citation misses by one year, or by a letter in an author's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.sources.names import PARTICLES, folded, organisation_forms, words
from wikitools.sources.questions import finds_sources, table_of
from wikitools.sources.same_work import distinct_works
from wikitools.wiki.resolution import Found, Missing, nearest, plain_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wikitools.cite.citation import Citation, Cited
    from wikitools.sources.names import Name
    from wikitools.sources.source import Bibliography, Layer, Source


def near_in_year(cited: Cited, bibliography: Bibliography) -> tuple[Source, ...]:
    """Return the works by exactly a citation's authors whose year differs by one; with a link, only the linked work.

    Several authors must be spelled out, or the first author must have no other work in the bibliography: prolific
    authors publish every year, so a neighbouring year means nothing.
    """
    citation = cited.citation
    if not citation.names or not citation.year.isdigit():
        return ()
    resolution = cited.resolution
    if isinstance(resolution, Found):
        source = resolution.target
        printed_otherwise = citation.kind in _LINKED and citation.year not in source.years
        return (source,) if printed_otherwise and _is_next(citation, source) and authors_agree(citation, source) else ()
    if not isinstance(resolution, Missing) or resolution.why != "year-differs":
        return ()
    named = (source for key, _why in cited.losers if key for source in bibliography.by_key(key))
    near = [source for source in named if _is_next(citation, source) and _as_many(citation, source)]
    near = distinct_works([source for source in near if authors_agree(citation, source)])
    if not near or (len(citation.names) == 1 and _has_other_works(citation.names[0], bibliography)):
        return ()
    return tuple({source.key: source for source in reversed(near)}.values())[::-1]


def _has_other_works(printed: str, bibliography: Bibliography) -> bool:
    first = core_of(printed)[:1]
    works = [
        source for word in first for layer in bibliography.layers for source in layer.by_author(word)[:_MOST_OTHER]
    ]
    return len({source.key for source in distinct_works(works)}) > 1


_MOST_OTHER = 8
_LINKED = frozenset({"url", "note", "key"})


def _is_next(citation: Citation, source: Source) -> bool:
    year = int(citation.year)
    return any(each.isdigit() and abs(int(each) - year) == 1 for each in source.years)


def near_in_name(cited: Cited, bibliography: Bibliography) -> tuple[tuple[Source, tuple[tuple[str, str], ...]], ...]:
    """Return the works of a citation's year by authors whose names are a typo away, with each printed and right name.

    Every author must be the printed one or similar; a first author whose printed name is in the bibliography is not a
    typo.
    """
    citation, resolution = cited.citation, cited.resolution
    if not isinstance(resolution, Missing) or resolution.why not in _NAME_IS_OFF or not citation.names:
        return ()
    first = core_of(citation.names[0])
    known = bool(first) and any(layer.has_author(first[0]) for layer in bibliography.layers)
    found: dict[int, tuple[tuple[str, str], ...]] = {}
    sources: list[Source] = []
    for layer in bibliography.layers:
        for source, slips in _near_in_layer(citation, layer):
            if not (known and slips[0][0] == citation.names[0]):
                sources.append(source)
                found[id(source)] = slips
    return tuple((source, found[id(source)]) for source in distinct_works(sources))


def near_in_key(cited: Cited, bibliography: Bibliography) -> str:
    """Return the known key that is most similar to the unknown one of a citation; "" if there is none.

    Keys that start with a different letter are not compared, because a bibliography may have a hundred thousand keys.
    """
    key, resolution = cited.citation.key, cited.resolution
    if not key or not isinstance(resolution, Missing) or resolution.why != "no-such-key":
        return ""
    return next(filter(None, (_near_key(key, layer) for layer in bibliography.layers)), "")


def _near_key(key: str, layer: Layer) -> str:
    layer.note(table_of(_first_letter), key[:1].casefold())
    return layer.remember(("near in key", key), lambda: next(iter(nearest(key, _keys_like(key, layer), limit=1)), ""))


@finds_sources
def _first_letter(source: Source) -> tuple[str, ...]:
    return (source.key[:1].casefold(),)


def _keys_like(key: str, layer: Layer) -> Mapping[str, str]:
    def by_letter() -> Mapping[str, Mapping[str, str]]:
        letters: dict[str, list[str]] = {}
        for source in layer.all_sources:
            letters.setdefault(source.key[:1].casefold(), []).append(source.key)
        return {letter: plain_names(keys) for letter, keys in letters.items()}

    return layer.remember("keys by their first letter", by_letter).get(key[:1].casefold(), {})


_NAME_IS_OFF = frozenset({"name-differs", "coauthors-differ"})
_Near = tuple[tuple["Source", tuple[tuple[str, str], ...]], ...]


def _near_in_layer(citation: Citation, layer: Layer) -> _Near:
    layer.first_words_in(citation.year)
    asked = ("near in name", citation.names, citation.et_al, citation.year)
    return layer.remember(asked, lambda: _look_for_names(citation, layer))


def _look_for_names(citation: Citation, layer: Layer) -> _Near:
    first = core_of(citation.names[0])
    if not first:
        return ()
    likes = nearest(first[0], layer.first_words_in(citation.year), limit=_MOST_LIKE, cutoff=70.0)
    found: list[tuple[Source, tuple[tuple[str, str], ...]]] = []
    for like in likes:
        for source in layer.by_author_and_year(like, citation.year)[:_MOST_SOURCES]:
            slips = _slips(citation, source)
            if slips and all(source is not other for other, _slips_of_other in found):
                found.append((source, slips))
    return tuple(found)


_MOST_LIKE = 5
_MOST_SOURCES = 50


def _slips(citation: Citation, source: Source) -> tuple[tuple[str, str], ...]:
    """Return the printed names that are a typo away from names of the source, in pairs; () if others differ."""
    if not _as_many(citation, source):
        return ()
    alone = not any(_is_name(printed, name) for printed, name in zip(citation.names, source.names, strict=False))
    slips: list[tuple[str, str]] = []
    for printed, name in zip(citation.names, source.names, strict=False):
        if _is_name(printed, name):
            continue
        if not _is_slip(printed, name, shortest=_SHORTEST_ALONE if alone else _SHORTEST):
            return ()
        slips.append((printed, name.family))
    return tuple(slips)


def _as_many(citation: Citation, source: Source) -> bool:
    count = len(source.names)
    if citation.et_al:
        return count > len(citation.names) or ("others" in source.fields and count == len(citation.names))
    return count == len(citation.names)


def authors_agree(citation: Citation, source: Source) -> bool:
    """Say whether the printed names are authors of the source, in order, as far as they go."""
    if not citation.names or len(citation.names) > len(source.names):
        return False
    return all(_is_name(printed, name) for printed, name in zip(citation.names, source.names, strict=False))


def core_of(printed: str) -> tuple[str, ...]:
    """Return the folded words of a printed name without initials and without the particles before it.

    >>> core_of("A. J. van der Maaten")
    ('maaten',)
    """
    core = [word for word in words(printed) if len(word) > 1]
    while len(core) > 1 and core[0] in PARTICLES:
        core.pop(0)
    return tuple(core)


def _is_name(printed: str, name: Name) -> bool:
    said, known = core_of(printed), folded(name)
    if said in (known.core, known.family, known.other):
        return True
    # "Jane Doe" is Doe, and so is "Doe" of "Doe-Smith"; an organisation may be printed as its acronym.
    if known.core and said[-len(known.core) :] == known.core:
        return True
    return (name.literal or not name.given) and words(printed) in organisation_forms(name.family)


_SHORTEST, _SHORTEST_ALONE, _LONG = 4, 6, 8
"""The fewest letters of a name: Lee and Li, Chen and Cheng, Zhang and Zheng are different people unless a co-author
agrees; from `_LONG` letters on two may be wrong."""


def _is_slip(printed: str, name: Name, *, shortest: int) -> bool:
    from rapidfuzz.distance import OSA

    said = " ".join(core_of(printed))
    known = " ".join(folded(name).core)
    if min(len(said), len(known)) < shortest or said[0] != known[0]:
        return False
    allowed = 2 if min(len(said), len(known)) >= _LONG else 1
    return OSA.distance(said, known, score_cutoff=allowed) <= allowed


def linked_elsewhere(cited: Cited, bibliography: Bibliography) -> Sequence[Source] | None:
    """Return the works that a linked citation names while its link leads to another one; `None` if they agree.

    An empty answer means that authors and year both differ from the linked work, and fit no source.
    """
    citation, resolution = cited.citation, cited.resolution
    if not isinstance(resolution, Found) or citation.kind not in _LINKED or not citation.names or not citation.year:
        return None
    target = resolution.target
    if authors_agree(citation, target) and (citation.year in target.years or not target.years):
        return None
    losers = (source for key, _why in cited.losers if key for source in bibliography.by_key(key))
    named = [source for source in losers if citation.year in source.years and authors_agree(citation, source)]
    if named:
        return distinct_works([target, *named])[1:] or None
    if not citation.year.isdigit() or not target.names or not target.years or citation.year in target.years:
        return None
    return None if _is_name(citation.names[0], target.names[0]) else ()
