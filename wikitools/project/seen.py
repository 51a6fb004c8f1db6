"""The results of the first pass on one page, in three parts, each as it is stored in the cache."""

from __future__ import annotations

import functools
from array import array
from typing import TYPE_CHECKING, NamedTuple

from wikitools.lint.page_run import Look, Waiting, pack_look, unpack_look
from wikitools.records import dataclass
from wikitools.sources.joined import TitledPage
from wikitools.sources.questions import fold
from wikitools.wiki.engines import TOLD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from wikitools import files
    from wikitools.cite.citation_codec import CitedRow, ProblemRow, SourceRow
    from wikitools.lint.page_run import Failure
    from wikitools.sources.questions import Question
    from wikitools.wiki.engine_counts import Tally
    from wikitools.wiki.lazy_pages import Tell, Told


class PackedNotes(NamedTuple):
    """The sources that a page is or contains, and problems with reading them."""

    sources: Sequence[SourceRow]
    problems: Sequence[ProblemRow]


class Head(NamedTuple):
    """What other pages need to know about a page."""

    title: str
    aliases: tuple[str, ...]
    may_silence: bool
    sends_on: bool
    bibliographies: tuple[tuple[str, str], ...]
    """The bibliographies that the page names: as written, and as paths."""
    notes: PackedNotes | None
    """`None` if sources were not wanted."""
    told: tuple[Told, ...]
    """What each of `TOLD` says about the page; empty if none says anything."""

    def told_by(self, tell: Tell) -> Told:
        """Return what `tell` says about the page."""
        return tuple(self.told[TOLD.index(tell)]) if self.told else ()


def titled_pages(seen: Mapping[str, Seen]) -> Iterator[TitledPage]:
    """Yield what pages are called."""
    return (TitledPage(path, each.head.title, tuple(each.head.aliases)) for path, each in seen.items())


class AskedAnchor(NamedTuple):
    """A deferred link about which there is nothing to report if its anchor exists."""

    waiting: int
    """Its number among the deferred elements of the page."""
    target: str
    by_wikilink: bool
    anchor: str


class Links(NamedTuple):
    """The findings on a page that do not depend on sources, and where its links lead."""

    look: bytes
    """See `pack_found`."""
    targets: tuple[str, ...]
    elsewhere: tuple[str, ...]
    """Paths of files that may lie outside of the wiki."""
    later: tuple[int, ...]
    """The numbers of the links whose targets depend on other pages."""
    tally: Tally
    anchored: tuple[str, ...]
    """The targets that are linked with an anchor."""
    asked: Sequence[tuple[int, str, bool, str]]
    """The values of each `AskedAnchor`."""
    wants_sources: bool
    """Whether a rule asked for sources, which depend on all pages."""
    words: tuple[str, ...] = ()
    """Those of the files that links may lead to (`wiki/file_words.py`)."""


class Cites(NamedTuple):
    """The citations of a page, and the findings about them."""

    own: tuple[tuple[str, bytes], ...]
    """The bibliographies that the page names, with the hash of each content."""
    look: bytes
    """See `pack_found`."""
    cited: Sequence[CitedRow] | None
    """`None` if it was not worth packing."""
    asked: bytes = b""
    """What was asked of the shared bibliography (`pack_questions`)."""

    def has_asked(self, changed: AbstractSet[int]) -> bool:
        """Say whether one of these questions was asked, each as its `fold`."""
        return not changed.isdisjoint(memoryview(self.asked).cast("I"))


def pack_questions(asked: Iterable[Question]) -> bytes:
    """Return questions about sources as bytes, four each."""
    return array("I", sorted(set(map(fold, asked)))).tobytes()


@dataclass(slots=True)
class Seen:
    """What is known about one page."""

    stamp: files.Stamp | None
    """`None` for a page that could not be read."""
    hash: bytes
    head: Head
    links: Links | None = None
    cites: Cites | None = None
    failures: tuple[Failure, ...] = ()

    @property
    def known_links(self) -> Links:
        """The links of a page in the first pass."""
        if self.links is None:
            raise RuntimeError("the links of this page were not read")
        return self.links

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """The deferred elements of the page."""
        return tuple(each for found in self.found for each in unpack_waiting(found))

    @property
    def found(self) -> tuple[bytes, ...]:
        """What rules found on the page; see `pack_found`."""
        return tuple(part.look for part in (self.links, self.cites) if part is not None)

    def drop_looks(self) -> None:
        """Free what rules found, once it was passed on and nobody will pass it on again."""
        if self.links is not None and self.links.look:
            self.links = self.links._replace(look=b"")
        if self.cites is not None and self.cites.look:
            self.cites = self.cites._replace(look=b"")

    @property
    def note_sources(self) -> Sequence[SourceRow]:
        """The sources that the page is or contains."""
        return self.head.notes.sources if self.head.notes is not None else ()


def pack_found(look: Look) -> bytes:
    """Return what rules found on a page as bytes, which take a tenth of the memory; b"" for nothing."""
    from wikitools.project.cache import pack

    return pack(pack_look(look)) if look.findings or look.waiting else b""


def unpack_found(path: str, data: bytes) -> Look:
    """Return what was found on the page at `path`, without what was deferred."""
    from wikitools.project.cache import unpack

    return unpack_look(path, (unpack(data)[0], ())) if data else Look()


def unpack_waiting(data: bytes) -> tuple[Waiting, ...]:
    """Return the deferred elements in what was found on a page."""
    from wikitools.project.cache import unpack

    return tuple(Waiting(kind, number, _same(rules)) for kind, number, rules in unpack(data)[1]) if data else ()


@functools.cache
def _same(rules: tuple[str, ...]) -> tuple[str, ...]:
    """Return one object for equal rules: thousands of elements are deferred for the same ones."""
    return rules


def pack_part(part: Head | Links | Cites) -> bytes:
    """Return one part of what is known about a page as bytes."""
    from wikitools.project.cache import pack

    return pack(part)


def unpack_head(data: bytes) -> Head:
    """Return the head that was packed; raises `ValueError` for other data."""
    head = Head._make(_unpack(data, len(Head._fields)))
    return head if head.notes is None else head._replace(notes=PackedNotes(*head.notes))


def unpack_links(data: bytes) -> Links:
    """Return the links that were packed; raises `ValueError` for other data."""
    return Links._make(_unpack(data, len(Links._fields)))


def unpack_cites(data: bytes) -> Cites:
    """Return the citations that were packed; raises `ValueError` for other data."""
    return Cites._make(_unpack(data, len(Cites._fields)))


def _unpack(data: bytes, members: int) -> tuple[object, ...]:
    from wikitools.project.cache import unpack

    found = unpack(data)
    if not isinstance(found, tuple) or len(found) != members:
        raise ValueError(f"not {members} values, as one part of what is known about a page has")
    return found
