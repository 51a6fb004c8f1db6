"""The input of every output format: the findings of a run, and how the user wants to see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.records import dataclass
from wikitools.report.ansi import PLAIN, Style
from wikitools.report.file_lines import no_data

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wikitools.lint.run import Diagnostic, RuleFailure, Skipped
    from wikitools.report.summary import Summary
    from wikitools.wiki.engine_fit import Misfit

DEFAULT_WIDTH = 120
"""The number of columns without a terminal."""


def _no_text(_path: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Report:
    """One run, ready to be rendered; each format uses what it needs."""

    diagnostics: Sequence[Diagnostic]
    """In order of path and offset."""
    summary: Summary
    text_of: Callable[[str], str] = _no_text
    """The text of a file, by path."""
    data_of: Callable[[str], bytes] = no_data
    """The bytes of a file, by path; empty if it cannot be read."""
    shown: Callable[[str], str] = str
    """A path that the user can open from the current folder."""
    placed: Callable[[str], str] = str
    """A path as a Git host knows it: relative to the wiki's repository; absolute for a file outside of it."""
    address: Callable[[str], str] = str
    """The `file:` URL of a path."""
    pages: Sequence[str] = ()
    """The pages that were reported on, with findings or without."""
    failing: frozenset[str] = frozenset({"error", "warning"})
    """The severities that fail the run."""
    skipped: Sequence[Skipped] = ()
    failures: Sequence[RuleFailure] = ()
    engine: str = "obsidian"
    """The engine with which links were read."""
    configuration: str = ""
    """The path of the configuration file that the user can open; "" if the wiki has none."""
    misfit: Misfit | None = None
    """An engine that would suit the wiki better."""
    quiet: bool = False
    """Findings only: no summary."""
    verbose: bool = False
    """Each finding separately, even if many are equal."""
    statistics: bool = False
    """Count by rule instead of listing; only in `COUNTING` formats."""
    group_by: str = "page"
    style: Style = PLAIN
    columns: int = DEFAULT_WIDTH
    fold: int = 0
    """The width in columns to which prose is wrapped; 0 for no wrapping."""
