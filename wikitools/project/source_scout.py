"""Looks for the pages that are sources before pages are read, so that citations can be matched on the way.

It is a guess: what it takes for sources is compared with what was read in the end, and what was matched by a wrong
guess is matched again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wikitools import files
from wikitools.project import workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.config import Settings
    from wikitools.project.job import Job

_SAMPLE = 200
"""So many pages, spread over the wiki, tell whether looking for sources is worth it: most wikis have none."""


@dataclass(frozen=True, slots=True)
class Scout:
    """Reads a page as far as it takes to know which sources it carries."""

    settings: Settings
    snapshot: files.Snapshot | None

    def __call__(self, path: str) -> list[Any] | None:
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
    """Return this process's reader of the wiki's files."""
    key = str(settings.root), id(snapshot), settings.follow_links
    if key not in _readers:
        _readers.clear()
        _readers[key] = files.Reader(settings.root, snapshot, follow_links=settings.follow_links)
    return _readers[key]


def find_sources(job: Job, paths: Sequence[str]) -> dict[str, list[Any]]:
    """Return the packed sources of those of `paths` that carry any, by path; nothing when hardly any do."""
    if job.snapshot is not None:
        job.snapshot.fetch(paths)
    scout = Scout(job.settings, job.snapshot)
    if len(paths) > _SAMPLE:
        sample = paths[:: len(paths) // _SAMPLE]
        # No more than this is done for a wiki without sources, or with few.
        if not any(map(scout, sample)):
            return {}
    found = workers.map_all(
        scout, paths, jobs=job.jobs, report=job.report, phase="looking for sources", executor=job.executor
    )
    return {path: sources for path, sources in zip(paths, found, strict=True) if sources}
