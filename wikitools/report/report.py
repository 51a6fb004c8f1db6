"""The input of every output format: the findings of a run, and how the user wants to see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.report.ansi import PLAIN, Style
from wikitools.report.file_lines import no_data

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wikitools.lint.run import Diagnostic, RuleFailure, Skipped
    from wikitools.report.summary import Summary
    from wikitools.wiki.engine_fit import Misfit

DEFAULT_WIDTH = 120
"""Columns where no terminal says how many there are."""


def _no_text(_path: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Report:
    """One run, ready to be rendered; each format takes of it what it needs."""

    diagnostics: Sequence[Diagnostic]
    """In order of path and place."""
    summary: Summary
    text_of: Callable[[str], str] = _no_text
    """The text of a file, by path."""
    data_of: Callable[[str], bytes] = no_data
    """The bytes of a file, by path; empty when it cannot be read."""
    shown: Callable[[str], str] = str
    """A path as people can open it from where they are."""
    placed: Callable[[str], str] = str
    """A path as a forge knows it: relative to the repository that holds the wiki; absolute for a file outside of it."""
    address: Callable[[str], str] = str
    """The `file:` URL of a path."""
    pages: Sequence[str] = ()
    """The pages that were reported on, with findings or without."""
    failing: frozenset[str] = frozenset({"error", "warning"})
    """The severities that fail the run."""
    skipped: Sequence[Skipped] = ()
    failures: Sequence[RuleFailure] = ()
    engine: str = "obsidian"
    """The engine by whose rules links were read."""
    misfit: Misfit | None = None
    """An engine that would suit the wiki better."""
    quiet: bool = False
    """Findings only: no summary."""
    verbose: bool = False
    """Each finding for itself, also where many say the same."""
    statistics: bool = False
    """Count by rule instead of listing; only in `COUNTING` formats."""
    group_by: str = "page"
    style: Style = PLAIN
    columns: int = DEFAULT_WIDTH
    fold: int = 0
    """Where to break lines of prose, in columns; 0: nowhere."""
