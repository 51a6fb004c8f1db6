"""What a check is asked for, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
"""Told what there is (files, and further bibliographies), returns which of it is reported on; `None` for all."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a check is asked for."""

    settings: Settings
    policy: Policy
    asked: Wanted
    jobs: int | None
    report: Progress
    store: Store | None
    executor: Executor | None
    snapshot: Snapshot | None = None
    """What is checked in place of what lies in the folder: a state that git knows."""
    unsaved: Mapping[str, Unsaved] = field(default_factory=dict)
    """The texts of pages, by path, that count before all else. Nothing that comes from them is kept in the cache."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check came to."""

    workspace: Workspace
    """Its pages and citations are read when somebody asks for them."""
    outcome: Outcome
    asked: frozenset[str] | None
    misfit: Callable[[Collection[str]], Misfit | None]
    """Tells which engine would suit these kinds of the wiki's links better, if another one would."""
    read: int = 0
    """How many pages were read; the others were known from the cache."""
