"""What the first pass finds on one page, in three parts, each as it is kept in the cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from wikitools.wiki.engines import TOLD

if TYPE_CHECKING:
    from wikitools import files
    from wikitools.lint.page_run import Failure
    from wikitools.wiki.engine_counts import Tally
    from wikitools.wiki.lazy_pages import Tell, Told

Packed = Any
"""Lists, numbers and strings that another module packed, and unpacks."""


class PackedNotes(NamedTuple):
    """The sources that a page is or holds, and what could not be read of them."""

    sources: Packed
    problems: Packed


class Head(NamedTuple):
    """What other pages need to know of a page."""

    title: str
    aliases: tuple[str, ...]
    may_silence: bool
    sends_on: bool
    bibliographies: tuple[tuple[str, str], ...]
    """Those that the page names: as written, and as paths."""
    notes: PackedNotes | None
    """`None` where nobody asked for sources."""


class AskedAnchor(NamedTuple):
    """A link of which nothing is left to be said when what it names is there."""

    waiting: int
    """Its number among what waits on the page."""
    target: str
    by_wikilink: bool
    anchor: str


class Links(NamedTuple):
    """What was found on a page without a look at sources, and where its links lead."""

    look: Packed
    targets: tuple[str, ...]
    elsewhere: tuple[str, ...]
    """Paths of files that may lie outside of the wiki."""
    later: tuple[int, ...]
    """The numbers of the links that need other pages to know where they lead."""
    tally: Tally
    anchored: tuple[str, ...]
    """The targets on which places may be named."""
    asked: tuple[AskedAnchor, ...]
    told: tuple[Told, ...]
    """What each of `TOLD` says of the page; empty when all say nothing."""
    wants_sources: bool
    """Whether a rule asked for sources, which only all pages together can tell."""

    def told_by(self, tell: Tell) -> Told:
        """Return what `tell` says of the page."""
        return tuple(self.told[TOLD.index(tell)]) if self.told else ()


class Cites(NamedTuple):
    """The citations of a page, and what was found by a look at them."""

    own: tuple[tuple[str, bytes], ...]
    """The bibliographies that the page names, with the hash of what is in each."""
    look: Packed
    cited: Packed | None
    """`None` where it was not worth packing."""


@dataclass(slots=True)
class Seen:
    """What is known of one page."""

    stamp: files.Stamp | None
    """`None` for a page that could not be read."""
    hash: bytes
    head: Head
    links: Links | None = None
    cites: Cites | None = None
    failures: tuple[Failure, ...] = ()

    @property
    def known_links(self) -> Links:
        """The links of a page that was looked at."""
        if self.links is None:
            raise RuntimeError("nobody looked at the links of this page")
        return self.links

    @property
    def note_sources(self) -> Packed:
        """The sources of the page, packed; empty for none."""
        return self.head.notes.sources if self.head.notes is not None else ()


def pack_part(part: Head | Links | Cites) -> bytes:
    """Return one part of what is known of a page as bytes."""
    from wikitools.project.cache import pack

    return pack(part)


def unpack_head(data: bytes) -> Head:
    """Return the head that was packed; raises `ValueError` when it is none."""
    head = Head(*_unpack(data, Head))
    return head if head.notes is None else head._replace(notes=PackedNotes(*head.notes))


def unpack_links(data: bytes) -> Links:
    """Return the links that were packed; raises `ValueError` when they are none."""
    links = Links(*_unpack(data, Links))
    return links._replace(asked=tuple(AskedAnchor(*each) for each in links.asked)) if links.asked else links


def unpack_cites(data: bytes) -> Cites:
    """Return the citations that were packed; raises `ValueError` when they are none."""
    return Cites(*_unpack(data, Cites))


def _unpack(data: bytes, part: type[Head | Links | Cites]) -> tuple[Any, ...]:
    from wikitools.project.cache import unpack

    found = unpack(data)
    if not isinstance(found, tuple) or len(found) != len(part._fields):
        raise ValueError(f"not the {part.__name__.lower()} of a page")
    return found
