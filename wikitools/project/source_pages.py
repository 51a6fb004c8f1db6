"""Finds the pages that are sources before all pages are read, so that citations can be matched in the first pass.

The result is a guess. It is compared with what was read in the end, and citations that were matched by a wrong guess
are matched again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools import files
from wikitools.project import workers
from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.cite.citation_codec import SourceRow
    from wikitools.config import Settings
    from wikitools.project.job import Job

_SAMPLE = 200
"""A sample of this many pages shows whether it is worth searching for sources: most wikis have none."""


@dataclass(frozen=True, slots=True)
class SourceFinder:
    """Reads as much of a page as is needed to know its sources."""

    settings: Settings
    snapshot: files.Snapshot | None

    def __call__(self, path: str) -> list[SourceRow] | None:
        """Return the sources of a page as packed data; `None` for an ordinary page."""
        from wikitools.cite.citation_codec import pack_sources
        from wikitools.sources.readers.notes import may_carry_sources, read_note_alone

        try:
            data, _stamp = _reader(self.settings, self.snapshot).read(path, limit=self.settings.max_page_size)
        except files.FileError:
            return None
        sources = read_note_alone(path, data) if may_carry_sources(path, data) else ()
        return pack_sources(sources) if sources else None


_readers: dict[tuple[str, int, bool], files.Reader] = {}


def _reader(settings: Settings, snapshot: files.Snapshot | None) -> files.Reader:
    """Return the reader of the wiki's files in this process."""
    key = str(settings.root), id(snapshot), settings.follow_links
    if key not in _readers:
        _readers.clear()
        _readers[key] = files.Reader(settings.root, snapshot, follow_links=settings.follow_links)
    return _readers[key]


def may_be_sources(job: Job, paths: Sequence[str]) -> bool:
    """Say whether a sample of these pages has sources: enough for a wiki with none, or with few."""
    finder = SourceFinder(job.settings, job.snapshot)
    return any(map(finder, paths[:: max(1, len(paths) // _SAMPLE)]))


def find_sources(job: Job, paths: Sequence[str]) -> dict[str, list[SourceRow]]:
    """Return the packed sources of those pages that have any, by path; nothing if hardly any page has."""
    if job.snapshot is not None:
        job.snapshot.fetch(paths)
    finder = SourceFinder(job.settings, job.snapshot)
    if len(paths) > _SAMPLE and not may_be_sources(job, paths):
        return {}
    found = workers.map_all(
        finder, paths, jobs=job.jobs, report=job.report, phase="looking for sources", executor=job.executor
    )
    return {path: sources for path, sources in zip(paths, found, strict=True) if sources}
