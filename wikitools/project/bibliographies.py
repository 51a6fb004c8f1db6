"""The bibliographies of a wiki: those that all pages share, and those that pages name for themselves."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple

from wikitools import files
from wikitools.project.bibliography_file import hash_bibliography, read_bibliography
from wikitools.records import dataclass
from wikitools.sources.source import Bibliography, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wikitools.markdown.page import Problem
    from wikitools.project.job import Job


@dataclass(frozen=True, slots=True)
class Shared:
    """The bibliographies that all pages share, as they were read."""

    sources: tuple[Source, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    """By path."""
    problems: tuple[Problem, ...] = ()
    hashes: tuple[bytes, ...] = ()
    """Paths and content hashes, alternating."""

    def sound(self, path: str) -> tuple[str, tuple[Source, ...]] | None:
        """Return text and sources of a bibliography with which nothing is wrong."""
        if path not in self.texts or any(each.span.path == path for each in self.problems):
            return None
        return self.texts[path], tuple(each for each in self.sources if each.span.path == path)


class OwnBibliographies(NamedTuple):
    """The bibliographies that pages name for themselves."""

    named: dict[str, tuple[tuple[str, str], ...]]
    """The names as each page writes them, and the paths; "" for one outside of the wiki."""
    files: dict[str, tuple[str, tuple[Source, ...], tuple[Problem, ...]]]
    """Text, sources and problems of each that could be read."""
    unreadable: dict[str, str]
    """Why each of the others could not be read."""

    @property
    def paths(self) -> list[str]:
        """All paths that pages name, each once."""
        return list(dict.fromkeys(path for each in self.named.values() for _name, path in each if path))

    def texts_with(self, shared: Shared) -> dict[str, str]:
        """Return the texts of all bibliographies."""
        return {**shared.texts, **{path: each[0] for path, each in self.files.items()}}

    def by_page(self) -> dict[str, Bibliography]:
        """Return the bibliography of each page that names its own."""
        own: dict[str, Bibliography] = {}
        joined: dict[tuple[str, ...], Bibliography] = {}
        for path, named in self.named.items():
            usable = tuple(dict.fromkeys(place for _name, place in named if place in self.files))
            if usable:
                if usable not in joined:
                    joined[usable] = Bibliography(source for each in usable for source in self.files[each][1])
                own[path] = joined[usable]
        return own


def read_shared(job: Job, inventory: files.Inventory, before: Shared | None = None) -> Shared:
    """Read the bibliographies that all pages share; raises `FileError`.

    What did not change since `before` is not read again, where that can be told.
    """
    sources: list[Source] = []
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    hashes: list[bytes] = []
    for path in inventory.bibliographies:
        known = before.sound(path) if before is not None else None
        text, found, broken, hash_ = read_bibliography(job.settings, path, job.store, job.snapshot, before=known)
        texts[path] = text
        sources += found
        problems += broken
        hashes += (_encoded(path), hash_)
    return Shared(tuple(sources), texts, tuple(problems), tuple(hashes))


def hash_shared(job: Job, inventory: files.Inventory) -> Shared:
    """Return only the hashes of the bibliographies that all pages share; raises `FileError`."""
    hashes: list[bytes] = []
    for path in inventory.bibliographies:
        hashes += (_encoded(path), hash_bibliography(job.settings, path, job.snapshot))
    return Shared(hashes=tuple(hashes))


def _encoded(path: str) -> bytes:
    return path.encode("utf-8", "surrogatepass")


def read_own(job: Job, named: dict[str, tuple[tuple[str, str], ...]], *, with_sources: bool) -> OwnBibliographies:
    """Read the bibliographies that pages name; without sources, only check whether they can be read."""
    own = OwnBibliographies(named, {}, {})
    for path in own.paths:
        try:
            if with_sources:
                text, sources, problems, _hash = read_bibliography(
                    job.settings, path, job.store, job.snapshot, own=True
                )
                own.files[path] = text, sources, problems
            else:
                files.read_bibliography_bytes(
                    job.settings.root,
                    path,
                    limit=job.settings.max_bibliography_size,
                    snapshot=job.snapshot,
                    follow_links=job.settings.follow_links,
                )
                own.files[path] = "", (), ()
        except files.FileError as error:
            own.unreadable[path] = str(error).removeprefix(f"{path}: ")
    return own
