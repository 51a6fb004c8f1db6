"""Sources and citations as plain data and back: lists, numbers and strings, for the cache and between processes."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Literal, NamedTuple

from wikitools.cite.citation import Citation, Cited
from wikitools.markdown.page import Problem
from wikitools.sources.names import Name
from wikitools.sources.source import Source
from wikitools.text import Span
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Resolution

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


class SourceRow(NamedTuple):
    """A source."""

    path: str
    start: int
    end: int
    key: str
    names: Sequence[tuple[str, str, str, bool, str]]
    """Family, given, suffix, and whether it is literal."""
    years: tuple[str, ...]
    suffix: str
    title: str
    url: str
    doi: str
    arxiv: str
    note: str
    aliases: tuple[str, ...]
    kind: str
    fields: Sequence[str]
    """Names and values in turn."""
    links: Sequence[str]


ProblemRow = tuple[str, int, int, str, str]
"""Path, start and end of its span, kind, message."""
_FOUND: Literal[0] = 0
_MISSING: Literal[1] = 1
_AMBIGUOUS: Literal[2] = 2
FoundRow = tuple[Literal[0], int, str]
"""The index of the source, and how it was found."""
MissingRow = tuple[Literal[1], str, "Sequence[str] | None"]
"""The reason, and similar names; `None` if they were left out."""
AmbiguousRow = tuple[Literal[2], "Sequence[int] | int", str]
"""The indices of the candidates, or the number of the citation that has the same ones; and the reason."""


class CitedRow(NamedTuple):
    """A citation and what it means, without the path of its page."""

    start: int
    end: int
    group: tuple[int, int] | None
    names: Sequence[str]
    fields: Sequence[str | bool]
    """The other fields of `Citation`, in their order."""
    means: FoundRow | MissingRow | AmbiguousRow
    evidence: Sequence[str]
    losers: Sequence[tuple[str, str]]
    convincing: bool


class StrangeSourceError(ValueError):
    """A citation points to a source that is not in its bibliography."""


def pack_sources(sources: Iterable[Source]) -> list[SourceRow]:
    """Return sources as plain data."""
    return [
        SourceRow(
            each.span.path,
            each.span.start,
            each.span.end,
            each.key,
            [(name.family, name.given, name.suffix, name.literal, name.link) for name in each.names],
            each.years,
            each.suffix,
            each.title,
            each.url,
            each.doi,
            each.arxiv,
            each.note,
            each.aliases,
            each.kind,
            [part for pair in each.fields.items() for part in pair],
            each.links,
        )
        for each in sources
    ]


def unpack_sources(rows: Iterable[SourceRow]) -> tuple[Source, ...]:
    """Return the sources that were packed."""
    return tuple(map(_unpack_source, rows))


def _unpack_source(row: SourceRow) -> Source:
    # From msgpack it comes as a plain tuple.
    path, start, end, key, names, years, suffix, title, url, doi, arxiv, note, aliases, kind, pairs, links = row
    return Source(
        Span(path, start, end),
        key,
        tuple(Name(*name) for name in names),
        tuple(years),
        suffix,
        title,
        url,
        doi,
        arxiv,
        note,
        tuple(aliases),
        kind,
        dict(zip(pairs[::2], pairs[1::2], strict=True)),
        tuple(links),
    )


def pack_problems(problems: Iterable[Problem]) -> list[ProblemRow]:
    """Return problems as plain data."""
    return [(each.span.path, each.span.start, each.span.end, each.kind, each.message) for each in problems]


def unpack_problems(rows: Iterable[ProblemRow]) -> tuple[Problem, ...]:
    """Return the problems that were packed."""
    return tuple(Problem(Span(path, start, end), kind, message) for path, start, end, kind, message in rows)


_CITATION = tuple(each.name for each in fields(Citation) if each.name not in ("span", "group", "names"))


def places_of(sources: Sequence[Source]) -> Mapping[int, int]:
    """Return the index of each source in a bibliography, by the identity of the object."""
    return {id(source): place for place, source in enumerate(sources)}


def pack_cited(cited: Iterable[Cited], places: Mapping[int, int], *, with_near: bool = False) -> list[CitedRow]:
    """Return the citations of one page as plain data; `places` are those in its bibliography (see `places_of`).

    Names similar to unmatched ones are left out unless `with_near` says that they will be shown, because finding them
    takes long. Raises `StrangeSourceError`.
    """
    told: dict[int, int] = {}
    try:
        return [_pack_cited(each, number, places, told, with_near=with_near) for number, each in enumerate(cited)]
    except KeyError as error:
        raise StrangeSourceError from error


def _pack_cited(
    cited: Cited, number: int, places: Mapping[int, int], told: dict[int, int], *, with_near: bool
) -> CitedRow:
    """Return one citation as plain data; `told` has, for each list of candidates, the first citation that packed it."""
    citation, resolution = cited.citation, cited.resolution
    means: FoundRow | MissingRow | AmbiguousRow
    if isinstance(resolution, Found):
        means = _FOUND, places[id(resolution.target)], resolution.how
    elif isinstance(resolution, Missing):
        means = _MISSING, str(resolution.why), resolution.near if with_near and cited.convincing else None
    else:
        # Many citations may have the same candidates, and those may be many.
        first = told.setdefault(id(resolution.candidates), number)
        several = first if first < number else [places[id(source)] for source in resolution.candidates]
        means = _AMBIGUOUS, several, resolution.why
    group = citation.group
    return CitedRow(
        citation.span.start,
        citation.span.end,
        None if group is None else (group.start, group.end),
        citation.names,
        [getattr(citation, name) for name in _CITATION],
        means,
        cited.evidence,
        cited.losers,
        cited.convincing,
    )


def unpack_cited(
    path: str, rows: Iterable[CitedRow], sources: Sequence[Source], again: Callable[[], Sequence[Cited]]
) -> tuple[Cited, ...]:
    """Return the citations that were packed of the page at `path`.

    `sources` are those of its bibliography; `again` matches the citations again, to find names similar to unmatched
    ones.
    """
    found: list[Cited] = []
    for each in rows:
        found.append(_unpack_cited(path, each, sources, again, found))
    return tuple(found)


def _unpack_cited(
    path: str,
    row: CitedRow,
    sources: Sequence[Source],
    again: Callable[[], Sequence[Cited]],
    before: Sequence[Cited],
) -> Cited:
    number = len(before)
    start, end, group, names, values, means, evidence, losers, convincing = row

    def near() -> tuple[str, ...]:
        resolution = again()[number].resolution
        return resolution.near if isinstance(resolution, Missing) else ()

    resolution: Resolution[Source]
    if means[0] == _FOUND:
        resolution = Found(sources[means[1]], means[2])
    elif means[0] == _MISSING:
        resolution = Missing(near if means[2] is None else tuple(means[2]), means[1])
    elif isinstance(means[1], int):
        first = before[means[1]].resolution
        assert isinstance(first, Ambiguous)
        resolution = Ambiguous(first.candidates, means[2])
    else:
        resolution = Ambiguous(tuple(sources[place] for place in means[1]), means[2])
    made: Callable[..., Citation] = Citation
    citation = made(
        span=Span(path, start, end),
        group=None if group is None else Span(path, *group),
        names=tuple(names),
        **dict(zip(_CITATION, values, strict=True)),
    )
    return Cited(citation, resolution, tuple(evidence), tuple((key, why) for key, why in losers), convincing)
