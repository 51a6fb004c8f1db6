"""The input and the result of a check, and how it is repeated."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from wikitools import files
from wikitools.records import dataclass
from wikitools.wiki.lazy_pages import GoneError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from wikitools.config import Settings
    from wikitools.files import Inventory, Snapshot, Unsaved
    from wikitools.lint.policy import Policy
    from wikitools.lint.run import Outcome
    from wikitools.project.cache import Store
    from wikitools.project.loading import Workspace
    from wikitools.project.workers import Progress
    from wikitools.wiki.engine_fit import Misfit

Wanted = Callable[["Inventory", Iterable[str]], "frozenset[str] | None"]
"""Gets the files and further bibliographies, and returns those that are reported on; `None` for all."""


@dataclass(frozen=True, slots=True)
class Job:
    """The input of a check."""

    settings: Settings
    policy: Policy
    asked: Wanted
    jobs: int | None
    report: Progress
    store: Store | None
    executor: Executor | None
    snapshot: Snapshot | None = None
    """A state from git that is checked instead of the folder."""
    unsaved: Mapping[str, Unsaved] = field(default_factory=dict)
    """The texts of unsaved pages, by path, which come before everything else. Nothing about them is stored in the
    cache."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of a check."""

    workspace: Workspace
    """The wiki, whose pages and citations are read when they are needed."""
    outcome: Outcome
    asked: frozenset[str] | None
    misfit: Callable[[Collection[str]], Misfit | None]
    """Returns which engine would suit these kinds of links better, if any."""
    read: int = 0
    """How many pages were read; the others are from the cache."""
    hashes: Mapping[str, bytes] = field(default_factory=dict)
    """The hash of each page, as the result depends on it; b"" or no entry for one that could not be read."""
    outside: tuple[str, ...] = ()
    """Paths that links name and that are not in the list of files, and bibliographies that pages name."""


class KnownRun(NamedTuple):
    """What is stored of a run."""

    key: bytes
    named: tuple[str, ...]
    """Paths that links name and that are not in the list of files."""
    left_out: tuple[tuple[str, str], ...]
    misfits: bool
    asked: frozenset[str] | None
    outcome: bytes


_ATTEMPTS = 3
"""How often a check starts again because a page changed while it ran."""
Answered = TypeVar("Answered")


def read_again(work: Callable[[], Answered]) -> Answered:
    """Return `work()`, repeated if a page changed meanwhile. Raises `ChangedError`."""
    for _attempt in range(_ATTEMPTS):
        try:
            return work()
        except GoneError as error:
            gone = error
    raise files.ChangedError(f"{gone}: keeps changing; run again when it is stable")
