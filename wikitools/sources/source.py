"""A bibliography: its sources, and fast look-ups of those that a citation may mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from wikitools.sources.identifiers import shorter_dois, url_key
from wikitools.sources.names import folded, is_cjk, organisation_forms, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wikitools.sources.names import Name
    from wikitools.text import Span


@dataclass(frozen=True, slots=True)
class Source:
    """One work: an entry of a bibliography file, or a source note. `span` is its own place there."""

    span: Span
    key: str
    names: tuple[Name, ...] = ()
    """Authors in order; the editors if there is no author."""
    years: tuple[str, ...] = ()
    """All years that are right (preprint, venue, file name …), the main one first; "in press" and the like too."""
    suffix: str = ""
    """The year's letter where the bibliography assigns one (`year = {2019a}`)."""
    title: str = ""
    url: str = ""
    doi: str = ""
    """Bare and lower-case: `10.1000/xyz`."""
    arxiv: str = ""
    """Bare, without version: `1906.01820` or `hep-th/9901001`."""
    note: str = ""
    """The path of the source note that is, or describes, this work."""
    aliases: tuple[str, ...] = ()
    """Names it is known by: "Atlas"."""
    kind: str = ""
    """CSL type where known: "article-journal", "book", "chapter" …"""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Everything else, as plain Unicode strings, by lower-case BibTeX or CSL name."""


_NO_LATEST = 2099
_LONG_ANSWER = 16
_SHORTEST_LIST = 10
_IN_ORDER = 0.95


class Layer:
    """The sources of one bibliography, with indices that are built when they are first needed.

    Every answer lists sources in the order of the bibliography.
    """

    __slots__ = (
        "_authors",
        "_dated",
        "_is_list",
        "_keys",
        "_latest",
        "_notes",
        "_places",
        "_urls",
        "_years",
        "memo",
        "sources",
    )

    def __init__(self, sources: Iterable[Source]) -> None:
        self.sources: tuple[Source, ...] = tuple(sources)
        self.memo: dict[object, object] = {}
        """Memo for callers that compute the same answers about this bibliography often."""
        self._keys: dict[str, list[Source]] | None = None
        self._urls: dict[str, list[Source]] | None = None
        self._notes: dict[str, list[Source]] | None = None
        self._authors: dict[str, list[Source]] | None = None
        self._dated: dict[tuple[str, str], list[Source]] | None = None
        self._years: dict[str, tuple[str, ...]] | None = None
        self._latest: int | None = None
        self._is_list: bool | None = None
        self._places: dict[int, int] | None = None

    def by_key(self, key: str) -> Sequence[Source]:
        """Return the sources with this citation key."""
        if self._keys is None:
            self._keys = {}
            for source in self.sources:
                self._keys.setdefault(source.key, []).append(source)
        return self._keys.get(key, ())

    def by_url(self, key: str) -> Sequence[Source]:
        """Return the sources with this DOI, arXiv id or URL, given as `url_key` writes it."""
        if self._urls is None:
            self._urls = {}
            for source in self.sources:
                for known in dict.fromkeys(address_keys(source)):
                    self._urls.setdefault(known, []).append(source)
        return self._urls.get(key, ())

    def by_note(self, path: str) -> Sequence[Source]:
        """Return the sources that the note at `path` is, or describes."""
        if self._notes is None:
            self._notes = {}
            for source in self.sources:
                if source.note:
                    self._notes.setdefault(source.note, []).append(source)
        return self._notes.get(path, ())

    def by_author(self, word: str) -> Sequence[Source]:
        """Return the sources whose first author's name can start with this folded word, whatever their year."""
        if self._authors is None:
            self._index_authors()
        return self._authors.get(word, ()) if self._authors else ()

    def by_author_and_year(self, word: str, year: str) -> Sequence[Source]:
        """Return the sources whose first author's name can start with this folded word, of this year ("" for none)."""
        if self._dated is None:
            self._index_authors()
        return self._dated.get((word, year), ()) if self._dated else ()

    def _index_authors(self) -> None:
        authors: dict[str, list[Source]] = {}
        dated: dict[tuple[str, str], list[Source]] = {}
        for source in self.sources:
            for first in first_words(source):
                authors.setdefault(first, []).append(source)
                for each in source.years or ("",):
                    dated.setdefault((first, each), []).append(source)
        self._authors, self._dated = authors, dated

    def first_words_in(self, year: str) -> tuple[str, ...]:
        """Return the words that first authors of works of this year can start with, each once."""
        if self._years is None:
            years: dict[str, dict[str, None]] = {}
            self.by_author_and_year("", "")
            for word, each in self._dated or ():
                years.setdefault(each, {})[word] = None
            self._years = {each: tuple(found) for each, found in years.items()}
        return self._years.get(year, ())

    def small_names(self) -> frozenset[str]:
        """Return the folded family names that are written without any capital: boyd, hooks."""
        known = self.memo.get("small names")
        if not isinstance(known, frozenset):
            names = {name.family for source in self.sources for name in source.names if name.family[:1].islower()}
            last = {family.split()[-1] for family in names if family.islower()}
            known = self.memo["small names"] = frozenset(word for each in last for word in words(each))
        return known

    def particles(self) -> frozenset[str]:
        """Return the folded words that stand before the last ones of family names: van, de, la."""
        known = self.memo.get("particles")
        if not isinstance(known, frozenset):
            names = (folded(name) for source in self.sources for name in source.names if " " in name.family)
            known = self.memo["particles"] = frozenset(
                word for name in names for word in name.family[: len(name.family) - len(name.core)]
            )
        return known

    def latest_year(self) -> int:
        """Return the latest year of any source; 0 if none has a year."""
        if self._latest is None:
            self._latest = max(
                (int(year) for source in self.sources for year in source.years if year.isdigit()), default=0
            )
        return self._latest

    def shared(self, found: Sequence[Source]) -> tuple[Source, ...]:
        """Return one of this layer's answers as a tuple; long ones are the same object each time."""
        if len(found) < _LONG_ANSWER:
            return tuple(found)
        known = self.memo.get(("shared", id(found)))
        if not isinstance(known, tuple):
            self.memo["shared", id(found)] = known = tuple(found)
        return known

    def has(self, source: Source) -> bool:
        """Say whether `source` is one of these objects."""
        return id(source) in self._numbered()

    def place(self, source: Source) -> int:
        """Return the index of `source`, one of these objects, in the bibliography."""
        return self._numbered()[id(source)]

    def _numbered(self) -> dict[int, int]:
        if self._places is None:
            self._places = {id(each): number for number, each in enumerate(self.sources)}
        return self._places

    def is_reference_list(self) -> bool:
        """Say whether the sources are sorted by first author, like a printed reference list."""
        if self._is_list is None:
            authors = [words(source.names[0].family) for source in self.sources if source.names]
            ordered = sum(one <= other for one, other in pairwise(authors))
            self._is_list = len(authors) >= _SHORTEST_LIST and ordered >= _IN_ORDER * (len(authors) - 1)
        return self._is_list


def first_words(source: Source) -> tuple[str, ...]:
    """Return the folded words that a citation of `source` can start with: of its first author's name, or its title.

    Particles are skipped ("van der Maaten" starts with "maaten"); a double name starts with either of its outer words;
    an organisation also with its acronym.
    """
    if not source.names:
        title = words(source.title)
        return title[:1]
    name = source.names[0]
    family = name.family
    if family.isascii() and family.isalpha():
        return (family.casefold(),)
    if name.literal or not name.given:
        return tuple(dict.fromkeys(form[0] for form in organisation_forms(family)))
    parts = folded(name)
    if is_cjk(family):
        return tuple(dict.fromkeys((*words(family), *words(family + name.given))))
    ends = (*parts.core[:1], *parts.core[-1:], *parts.other[:1], *parts.other[-1:])
    return tuple(dict.fromkeys(ends))


def address_keys(source: Source) -> Iterable[str]:
    """Yield the keys of a source's identifiers and address, as `url_key` writes them."""
    if source.doi:
        yield url_key("doi:" + source.doi)
    if source.arxiv:
        yield url_key("arxiv:" + source.arxiv)
    if pmid := source.fields.get("pmid"):
        yield url_key("pmid:" + pmid)
    if source.url:
        yield url_key(source.url)


class Bibliography:
    """Sources to match citations with: one layer, or several where earlier ones win over later ones."""

    __slots__ = ("_sources", "layers")

    def __init__(self, sources: Iterable[Source] = ()) -> None:
        self.layers: tuple[Layer, ...] = (Layer(sources),)
        self._sources: tuple[Source, ...] | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """All sources, those of earlier layers first."""
        if self._sources is None:
            self._sources = tuple(source for layer in self.layers for source in layer.sources)
        return self._sources

    def by_key(self, key: str) -> tuple[Source, ...]:
        """Return the sources with this citation key; those of the first layer that has any."""
        for layer in self.layers:
            if found := layer.by_key(key):
                return layer.shared(found)
        return ()

    def by_url(self, url: str) -> tuple[Source, ...]:
        """Return the sources that this URL, `doi:…` or `arxiv:…` leads to; those of the first layer that has any.

        A publisher's address may continue after a DOI; then the longest known one counts.
        """
        key = url_key(url)
        if found := self._addressed(key):
            return found
        if key.startswith("doi:") and "://" in url and "doi.org/" not in url:
            return next((found for each in shorter_dois(key) if (found := self._addressed(each))), ())
        return ()

    def _addressed(self, key: str) -> tuple[Source, ...]:
        for layer in self.layers:
            if key and (found := layer.by_url(key)):
                return layer.shared(found)
        return ()

    def by_note(self, path: str) -> tuple[Source, ...]:
        """Return the sources that the note at `path` is, or describes; those of the first layer that has any."""
        for layer in self.layers:
            if found := layer.by_note(path):
                return layer.shared(found)
        return ()

    def latest_year(self) -> int:
        """Return the latest year of any source; a year far in the future if none has a year."""
        return max((layer.latest_year() for layer in self.layers), default=0) or _NO_LATEST

    def joined(self, own: Bibliography) -> Bibliography:
        """Return a bibliography in which the sources of `own` come before, and win over, those of this one.

        Indices are shared, not built again.
        """
        joined = Bibliography.__new__(Bibliography)
        joined.layers = tuple(layer for layer in (*own.layers, *self.layers) if layer.sources) or (Layer(()),)
        joined._sources = None
        return joined
