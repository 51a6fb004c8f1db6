"""A bibliography: its sources, and fast look-ups of the sources that a citation may mean."""

from __future__ import annotations

from dataclasses import field
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar, cast

from wikitools.records import dataclass
from wikitools.sources.identifiers import shorter_dois, url_key
from wikitools.sources.names import PARTICLES, folded, is_cjk, organisation_forms, words
from wikitools.sources.questions import ALL, COUNT, SOURCES, differs, finds_sources, number_of, table_of
from wikitools.sources.vocabulary import AND, ROLES

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from wikitools.sources.names import Name
    from wikitools.sources.questions import KeysOf, Question
    from wikitools.text import Span

Answer = TypeVar("Answer")


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
    links: tuple[str, ...] = ()
    """Further web addresses that lists of references print: those in a BibTeX entry's note."""

    @property
    def lists_all_authors(self) -> bool:
        """Whether no author is missing: only BibTeX has a way to say that some are, "and others"."""
        return self.span.path.lower().endswith(_BIBTEX) and "others" not in self.fields


_BIBTEX = (".bib", ".bibtex", ".biblatex")

_NO_LATEST = 2099
_LONG_ANSWER = 16
_SHORTEST_LIST = 10
_IN_ORDER = 0.95


class Layer:
    """The sources of one bibliography, with indices that are built when they are first needed.

    Every answer lists sources in the order of the bibliography. What is asked is noted while somebody listens.
    """

    __slots__ = (
        "_is_list",
        "_latest",
        "_places",
        "_tables",
        "_years",
        "all_sources",
        "memo",
        "on_question",
    )

    def __init__(self, sources: Iterable[Source]) -> None:
        self.all_sources: tuple[Source, ...] = tuple(sources)
        """The sources, for who notes by itself what it asks of them."""
        self.memo: dict[object, object] = {}
        """Memo for callers that compute the same answers about this bibliography often. What such an answer asks must
        be noted before the memo is asked."""
        self.on_question: Callable[[Question], object] | None = None
        """Gets each question."""
        self._tables: dict[KeysOf, dict[Hashable, list[Source]]] = {}
        self._years: dict[str, tuple[str, ...]] | None = None
        self._latest: int | None = None
        self._is_list: bool | None = None
        self._places: dict[int, int] | None = None

    def remember(self, asked: Hashable, find: Callable[[], Answer]) -> Answer:
        """Return `find()`, computed once; `asked` names the question. What it asks must be noted before."""
        known = self.memo.get(asked)
        if known is None:
            known = self.memo[asked] = find()
        return cast("Answer", known)

    def note(self, table: str, key: Hashable = ALL) -> None:
        """Note a question."""
        if self.on_question is not None:
            self.on_question((table, key))

    @property
    def sources(self) -> tuple[Source, ...]:
        """All sources."""
        self.note(SOURCES)
        return self.all_sources

    def has_at_least(self, number: int) -> bool:
        """Say whether there are so many sources."""
        self.note(COUNT, number)
        return len(self.all_sources) >= number

    def find(self, keys: KeysOf, key: Hashable) -> Sequence[Source]:
        """Return the sources that have this among their `keys`."""
        # Asked for nearly every word before a year.
        if self.on_question is not None:
            self.on_question((table_of(keys), key))
        table = self._tables.get(keys)
        return (self._table(keys) if table is None else table).get(key, ())

    def count(self, keys: KeysOf, key: Hashable) -> int:
        """Return how many sources have this among their `keys`, whatever else they have."""
        self.note(number_of(keys), key)
        return len(self._table(keys).get(key, ()))

    def _table(self, keys: KeysOf) -> dict[Hashable, list[Source]]:
        table = self._tables.get(keys)
        if table is None:
            table = self._tables[keys] = {}
            for source in self.all_sources:
                for each in dict.fromkeys(keys(source)):
                    table.setdefault(each, []).append(source)
        return table

    def by_key(self, key: str) -> Sequence[Source]:
        """Return the sources with this citation key."""
        return self.find(_keys, key)

    def by_url(self, key: str) -> Sequence[Source]:
        """Return the sources with this DOI, arXiv id or URL, given as `url_key` writes it."""
        return self.find(address_keys, key)

    def by_note(self, path: str) -> Sequence[Source]:
        """Return the sources that the note at `path` is, or describes."""
        return self.find(_note_paths, path)

    def has_notes(self) -> bool:
        """Say whether any source is, or has, a note."""
        self.note(_NOTES)
        known = self.memo.get(_NOTES)
        if not isinstance(known, bool):
            known = self.memo[_NOTES] = any(source.note for source in self.all_sources)
        return known

    def by_author(self, word: str) -> Sequence[Source]:
        """Return the sources whose first author's name can start with this folded word, whatever their year."""
        return self.find(first_words, word)

    def has_author(self, word: str) -> bool:
        """Say whether there is any source of `by_author(word)`."""
        return self.count(first_words, word) > 0

    def by_author_and_year(self, word: str, year: str) -> Sequence[Source]:
        """Return the sources whose first author's name can start with this folded word, of this year ("" for none)."""
        return self.find(first_words_and_years, (word, year))

    def first_words_in(self, year: str) -> tuple[str, ...]:
        """Return the words that first authors of works of this year can start with, each once.

        Noted is any work of this year: who asks this looks at what it finds.
        """
        self.note(table_of(in_year), year)
        if self._years is None:
            years: dict[str, dict[str, None]] = {}
            for word, each in cast("Iterable[tuple[str, str]]", self._table(first_words_and_years)):
                years.setdefault(each, {})[word] = None
            self._years = {each: tuple(found) for each, found in years.items()}
        return self._years.get(year, ())

    def small_names(self) -> frozenset[str]:
        """Return the folded family names that are written without any capital: boyd, hooks.

        One entry with an author "and", or "de", says nothing about that word in prose.
        """
        self.note(_SMALL_NAMES)
        return self.remember("small names", self._small_names)

    def _small_names(self) -> frozenset[str]:
        names = {name.family for source in self.all_sources for name in source.names if name.family[:1].islower()}
        last = {family.split()[-1] for family in names if family.islower()}
        return frozenset(word for each in last for word in words(each) if len(word) > 1) - _GRAMMAR

    def particles(self) -> frozenset[str]:
        """Return the folded words before the last word of family names: van, de, la."""
        self.note(_PARTICLES)
        return self.remember("particles", self._particles)

    def _particles(self) -> frozenset[str]:
        names = (folded(name) for source in self.all_sources for name in source.names if " " in name.family)
        return frozenset(word for name in names for word in name.family[: len(name.family) - len(name.core)])

    def latest_year(self) -> int:
        """Return the latest year of any source; 0 if none has a year."""
        self.note(_LATEST_YEAR)
        if self._latest is None:
            self._latest = max(
                (int(year) for source in self.all_sources for year in source.years if year.isdigit()), default=0
            )
        return self._latest

    def shared(self, found: Sequence[Source]) -> tuple[Source, ...]:
        """Return one of this layer's answers as a tuple; long ones are the same object each time."""
        if len(found) < _LONG_ANSWER:
            return tuple(found)
        return self.remember(("shared", id(found)), lambda: tuple(found))

    def has(self, source: Source) -> bool:
        """Say whether `source` is one of these objects."""
        return id(source) in self._numbered()

    def place(self, source: Source) -> int:
        """Return the index of `source`, one of these objects, in the bibliography."""
        return self._numbered()[id(source)]

    def _numbered(self) -> dict[int, int]:
        if self._places is None:
            self._places = {id(each): number for number, each in enumerate(self.all_sources)}
        return self._places

    def is_reference_list(self) -> bool:
        """Say whether the sources are sorted by first author, like a printed reference list."""
        self.note(_REFERENCE_LIST)
        if self._is_list is None:
            authors = [words(source.names[0].family) for source in self.all_sources if source.names]
            ordered = sum(one <= other for one, other in pairwise(authors))
            self._is_list = len(authors) >= _SHORTEST_LIST and ordered >= _IN_ORDER * (len(authors) - 1)
        return self._is_list


_NOTES, _SMALL_NAMES, _PARTICLES = "notes", "small names", "particles"
_LATEST_YEAR, _REFERENCE_LIST = "latest year", "reference list"
_GRAMMAR = AND | PARTICLES | ROLES
_OF_ALL = {
    _NOTES: Layer.has_notes,
    _SMALL_NAMES: Layer.small_names,
    _PARTICLES: Layer.particles,
    _LATEST_YEAR: Layer.latest_year,
    _REFERENCE_LIST: Layer.is_reference_list,
}
"""What is said of all sources together."""


@differs
def _differences(old: Layer, new: Layer) -> Iterator[Question]:
    """Yield which of these is another one: how many sources there are, and what is said of all of them together."""
    fewer, more = sorted((len(old.all_sources), len(new.all_sources)))
    yield from ((COUNT, number) for number in range(fewer + 1, more + 1))
    if fewer != more:
        yield COUNT, ALL
    yield from ((name, ALL) for name, ask in _OF_ALL.items() if ask(old) != ask(new))


@finds_sources
def _keys(source: Source) -> tuple[str, ...]:
    return (source.key,)


@finds_sources
def _note_paths(source: Source) -> tuple[str, ...]:
    return (source.note,) if source.note else ()


@finds_sources
def in_year(source: Source) -> tuple[str, ...]:
    """Return the years of a source; "" without one."""
    return source.years or ("",)


@finds_sources
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


@finds_sources
def first_words_and_years(source: Source) -> Iterator[tuple[str, str]]:
    """Yield each of the `first_words` with each year; "" without one."""
    yield from ((word, year) for word in first_words(source) for year in source.years or ("",))


@finds_sources
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
        for layer in self.layers:
            layer.note(SOURCES)
        if self._sources is None:
            self._sources = tuple(source for layer in self.layers for source in layer.all_sources)
        return self._sources

    def forget_answers(self) -> None:
        """Forget what was found; it can be found again."""
        for layer in self.layers:
            layer.memo.clear()

    @property
    def has_notes(self) -> bool:
        """Whether any source is, or has, a note."""
        return any(layer.has_notes() for layer in self.layers)

    @property
    def is_empty(self) -> bool:
        """Whether there is no source."""
        return not any(layer.has_at_least(1) for layer in self.layers)

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

    def particles(self) -> frozenset[str]:
        """Return the words before family names in all layers: van, de, dem."""
        first, *others = (layer.particles() for layer in self.layers)
        return first.union(*others) if others else first

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
        joined.layers = tuple(layer for layer in (*own.layers, *self.layers) if layer.all_sources) or (Layer(()),)
        joined._sources = None
        return joined
