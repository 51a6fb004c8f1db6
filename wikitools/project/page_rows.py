"""Results of commands for each page: computed now, or kept from earlier runs as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from wikitools.project import memo
from wikitools.project.kept_answers import Kept, KeptAnswers
from wikitools.project.memo import Question
from wikitools.project.workers import spread
from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.project.cache import Store
    from wikitools.project.kept_answers import Fingerprints
    from wikitools.project.noted_wiki import NotedWiki
    from wikitools.project.workers import Progress

Value = TypeVar("Value")
Packed = TypeVar("Packed")


class PageWork(Protocol[Value, Packed]):
    """Computes a result for each page, which depends on the page, its citations and what it asks of the wiki.

    `Packed` is plain data: tuples, numbers, strings and bytes.
    """

    @property
    def kind(self) -> str:
        """The name of the result and of all options that affect it, part of the cache key."""

    def __call__(self, path: str) -> Value:
        """Return the result for a page."""

    def pack(self, value: Value) -> Packed | None:
        """Return a result as plain data; `None` for one that must not be kept."""

    def unpack(self, data: Packed) -> Value:
        """Return what was packed."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps results for pages, under keys of everything that they depend on."""

    store: Store
    key: bytes
    """The key of the settings and the list of files."""
    around: bytes
    """The key of the sources."""
    wiki: NotedWiki
    fingerprints: Fingerprints


def say_of_pages(
    keeper: Keeper | None,
    work: PageWork[Value, Packed],
    paths: Sequence[str],
    *,
    phase: str,
    jobs: int | None = 1,
    progress: Progress | None = None,
) -> dict[str, Value]:
    """Return the result of `work` for each of these pages; results that `keeper` has and that still hold are reused.

    The work may be spread over processes, which inherit the wiki.
    """
    from wikitools.project.cache import digest

    if keeper is None:
        found = spread(work, paths, jobs=jobs, phase=phase, progress=progress, inherited=True)
        return dict(zip(paths, found, strict=True))
    kept: KeptAnswers[tuple[()], Packed] = KeptAnswers(
        keeper.store, digest(work.kind.encode(), keeper.key), keeper.fingerprints, paths
    )
    known: dict[str, Value] = {}
    for path in paths:
        if (held := kept.holding(path, (), around=keeper.around)) is not None:
            known[path] = work.unpack(held.found)
    rest = [path for path in paths if path not in known]
    answers = spread(_Noting(work, keeper), rest, jobs=jobs, phase=phase, progress=progress, inherited=True)
    for path, (value, answer) in zip(rest, answers, strict=True):
        known[path] = value
        if answer is not None:
            kept.keep(path, answer)
    kept.remember()
    return {path: known[path] for path in paths}


@dataclass(frozen=True, slots=True)
class _Noting(Generic[Value, Packed]):
    """Records, in the process that works, which questions a result asked and what the answers were."""

    work: PageWork[Value, Packed]
    keeper: Keeper

    def __call__(self, path: str) -> tuple[Value, Kept[tuple[()], Packed] | None]:
        keeper = self.keeper
        with keeper.wiki.listening() as asked:
            value = self.work(path)
        packed = self.work.pack(value)
        if packed is None:
            return value, None
        # A page that changed since it was found has no fingerprint any more, and nothing is kept of it.
        questions = tuple(sorted({*asked, Question(memo.PAGE, path)}))
        answers = keeper.fingerprints.of_all(questions)
        return value, None if answers is None else Kept((), keeper.around, questions, answers, packed)
