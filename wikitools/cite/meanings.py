"""Meanings that the configuration sets for citations that their pages leave ambiguous."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from wikitools.sources.names import words
from wikitools.sources.same_work import distinct_works
from wikitools.wiki.resolution import Ambiguous, Found, Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wikitools.cite.citation import Citation, Cited
    from wikitools.sources.source import Bibliography


NO_SOURCE = "meaning-without-source"
"""Why a citation is missing although the configuration names a key: no source has it."""


def settled(cited: Iterable[Cited], means: Mapping[str, str], bibliography: Bibliography) -> Iterator[Cited]:
    """Yield citations; open ones get their source from `means`, which has keys of sources by the form of citations."""
    keys = _by_form(tuple(means.items()))
    for each in cited:
        if isinstance(each.resolution, Found) or each.citation.kind != "author-year":
            yield each
            continue
        key = next((keys[form] for form in _forms(each.citation) if form in keys), None)
        yield each if key is None else _settled(each, key, bibliography)


@lru_cache(maxsize=4)
def _by_form(means: tuple[tuple[str, str], ...]) -> Mapping[tuple[str, ...], str]:
    """Return the keys by what printings of a citation share; every page asks for those of the same table."""
    return MappingProxyType({form_of(form): key for form, key in means})


def form_of(text: str) -> tuple[str, ...]:
    """Return what two printings of the same citation share: its words, without the one that joins two names.

    >>> form_of("(Smith & Jones, 2020a)") == form_of("Smith and Jones 2020a")
    True
    """
    return tuple(word for word in words(text) if word != "and")


def unused(means: Iterable[str], cited: Iterable[Cited]) -> tuple[str, ...]:
    """Return the forms in `means` that none of the citations has."""
    left = {form_of(form): form for form in means}
    for each in cited:
        if not left:
            break
        if each.citation.kind == "author-year":
            for form in _forms(each.citation):
                left.pop(form, None)
    return tuple(left.values())


def _forms(citation: Citation) -> Iterator[tuple[str, ...]]:
    yield form_of(citation.text)
    # "Smith's (2020)" is more than the names.
    yield form_of(" ".join((*citation.names, "et al." * citation.et_al, citation.year + citation.suffix)))


def _settled(cited: Cited, key: str, bibliography: Bibliography) -> Cited:
    works = distinct_works(bibliography.by_key(key))
    if len(works) != 1:
        return replace(cited, resolution=Missing(why=NO_SOURCE), losers=((key, "the configuration means it"),))
    rivals = cited.resolution.candidates if isinstance(cited.resolution, Ambiguous) else ()
    losers = tuple((each.key, "the configuration means another work") for each in rivals if each is not works[0])
    evidence = (*cited.evidence, "the configuration")
    return replace(cited, resolution=Found(works[0], ", ".join(evidence)), evidence=evidence, losers=losers[:3])
