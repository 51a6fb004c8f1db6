"""Footnotes as citations: `[^hubinger2019]` means what its definition names. Footnote names are local to their page."""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING, NamedTuple

from wikitools.cite.citation import Citation, Cited
from wikitools.sources.names import words
from wikitools.sources.source import first_words
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from wikitools.markdown.page import FootnoteReference, Page
    from wikitools.sources.source import Bibliography, Layer, Source
    from wikitools.text import Span

_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_KEY = re.compile(r"([^\W\d_]{2}(?:[^\W\d_]|[-'’_. ])*?)[-_. ]?((?:1[5-9]|20)\d\d)(?!\d)")
_LONGEST_BODY = 2000
_FIRST_NAMES = 6
_BEGINNING = 400
"""The most characters that this many ordinary words take."""
_FEW_WORDS = 2
_FEW_NAMESAKES = 100


class Key(NamedTuple):
    """A footnote's name that is an author and a year: `coppe2008`, `brown-borg-1996b`."""

    words: tuple[str, ...]
    year: str

    @property
    def firsts(self) -> frozenset[str]:
        """The words that the author may be printed as."""
        return frozenset((*self.words, "".join(self.words)))


def read_key(name: str) -> Key | None:
    """Return the author and year that a footnote is called after, `None` if it is not.

    >>> read_key("brown-borg-1996b")
    Key(words=('brown', 'borg'), year='1996')
    """
    found = _KEY.match(name)
    return Key(words(found[1]), found[2]) if found is not None and words(found[1]) else None


def full_reference(body: str, bibliography: Bibliography) -> Source | None:
    """Return the one source that `body` spells out: it contains its first author, one of its years and its title."""
    years = dict.fromkeys(_YEAR.findall(body[:_LONGEST_BODY]))
    first = dict.fromkeys(words(body[:_BEGINNING])[:_FIRST_NAMES])
    # Most footnotes do not begin with the name of a known author from that year.
    if not any(
        layer.by_author_and_year(word, year) for layer in bibliography.layers for word in first for year in years
    ):
        return None
    said = words(body[:_LONGEST_BODY])
    joined = " " + " ".join(said) + " "
    for layer in bibliography.layers:
        fitting: dict[int, Source] = {}
        for word in first:
            for year in years:
                for source in _titled_in(said, layer.by_author_and_year(word, year), layer):
                    title = words(source.title)
                    if title and " " + " ".join(title) + " " in joined:
                        fitting[id(source)] = source
        if fitting:
            return next(iter(fitting.values())) if len(fitting) == 1 else None
    return None


def _titled_in(said: tuple[str, ...], namesakes: Sequence[Source], layer: Layer) -> Iterable[Source]:
    """Return those of many namesakes' works whose titles are in a text; few works are returned unfiltered."""
    if len(namesakes) <= _FEW_NAMESAKES:
        return namesakes

    def by_title() -> tuple[Mapping[tuple[str, ...], Sequence[Source]], frozenset[int]]:
        titles: dict[tuple[str, ...], list[Source]] = {}
        for source in namesakes:
            titles.setdefault(words(source.title), []).append(source)
        return titles, frozenset(map(len, titles))

    index, lengths = layer.remember(("titles", id(namesakes)), by_title)
    pieces = {said[at : at + length] for length in lengths for at in range(len(said) - length + 1)}
    return [source for title in sorted(each for each in pieces if each in index) for source in index[title]]


def remarks(place: Span, body: str, citations: Sequence[Span]) -> bool:
    """Say whether a footnote's body, which starts at `place`, says much besides its citations."""
    outside = list(body)
    for span in citations:
        start, end = span.start - place.start, span.end - place.start
        outside[start:end] = " " * (end - start)
    return len(words("".join(outside))) > _FEW_WORDS


def names_source(body: str, cited: Cited) -> bool:
    """Say whether the body names the first author or the title of what it points to."""
    if not isinstance(cited.resolution, Found):
        return False
    source = cited.resolution.target
    said = words(body[:_LONGEST_BODY])
    title = words(source.title)
    return any(word in said for word in first_words(source)) or (
        bool(title) and " " + " ".join(title) + " " in " " + " ".join(said) + " "
    )


def reference_citation(page: Page, reference: FootnoteReference) -> Citation:
    """Return the citation that a footnote reference of `page` is."""
    return Citation(span=reference.span, text=reference.span.of(page.text), kind="footnote")


_MOST_AGAIN = 20
"""How many of a footnote's sources are repeated when it is referred to again."""


def footnoted(
    page: Page, prose: str, cited: Sequence[Cited], bibliography: Bibliography, *, known: Container[str]
) -> Iterator[Cited]:
    """Yield what references to footnotes cite, if the footnote is a reference, not a remark that contains citations.

    The footnotes named in `known` are left out: their works are already cited.
    """
    ordered = sorted(range(len(cited)), key=lambda number: cited[number].citation.span.start)
    starts = [cited[number].citation.span.start for number in ordered]

    def within(place: Span) -> list[Cited]:
        first, last = bisect.bisect_left(starts, place.start), bisect.bisect_left(starts, place.end)
        return [cited[number] for number in sorted(ordered[first:last]) if place.contains(cited[number].citation.span)]

    meant = {
        definition.name: list(_meant(definition.body.of(prose), definition.body, within(definition.body), bibliography))
        for definition in reversed(page.footnote_definitions)
        if definition.name not in known
    }
    referred: set[str] = set()
    for footnote in page.footnotes:
        # Without a limit, a footnote with a whole bibliography would be repeated at each reference to it.
        told = _MOST_AGAIN if footnote.name in referred else None
        referred.add(footnote.name)
        for source, evidence in meant.get(footnote.name, [])[:told]:
            yield Cited(reference_citation(page, footnote), Found(source, "its footnote"), ("its footnote", *evidence))


def _meant(
    body: str, place: Span, inside: list[Cited], bibliography: Bibliography
) -> Iterator[tuple[Source, tuple[str, ...]]]:
    """Yield the sources that a footnote refers to, each once, with the evidence; `inside` are its citations."""
    spelled = full_reference(body, bibliography)
    if spelled is not None:
        yield spelled, ("author, year and title",)
        return
    if remarks(place, body, [each.citation.span for each in inside]):
        inside = [each for each in inside if each.citation.kind in ("url", "key", "note") and names_source(body, each)]
    seen: set[int] = set()
    for each in inside:
        if isinstance(each.resolution, Found) and id(each.resolution.target) not in seen:
            seen.add(id(each.resolution.target))
            yield each.resolution.target, each.evidence
