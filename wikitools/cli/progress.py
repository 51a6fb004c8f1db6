"""A progress bar on standard error, for runs on a terminal that take longer than a second."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from wikitools.cli.terminal import is_terminal, style_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from rich.progress import Progress, TaskID

_PATIENCE = 1.0
_INTERVAL = 0.1


class ProgressBar:
    """Shows `(phase, done, total)` after the first second; without threads, because workers are forked meanwhile."""

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted and is_terminal(sys.stderr) and not os.environ.get("CI")
        self._next = time.monotonic() + _PATIENCE
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __call__(self, phase: str | Callable[[], str], done: int, total: int) -> None:
        """Record the progress of a phase. The text is only made when it is shown."""
        now = time.monotonic()
        if not self._wanted or now < self._next:
            return
        self._next = now + _INTERVAL
        phase = phase if isinstance(phase, str) else phase()
        if self._bar is None:
            self._bar = _start()
        if self._task is None:
            self._task = self._bar.add_task(phase, total=total)
        self._bar.update(self._task, description=phase, completed=done, total=total)
        self._bar.refresh()

    def __enter__(self) -> ProgressBar:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the bar from the screen, however the work ended."""
        if self._bar is not None:
            self._bar.stop()


def _start() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True, no_color=not style_for(sys.stderr, os.environ).colour),
        auto_refresh=False,
        transient=True,
    )
    bar.start()
    return bar
