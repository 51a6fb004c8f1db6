"""`lint --watch`: checks, waits for a save, checks again, and shows what changed."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn, TypeVar

import typer

from wikitools import files
from wikitools.cli import startup
from wikitools.cli.asked_paths import asked_files
from wikitools.cli.run_rules import end_with_unknown_rule
from wikitools.cli.terminal import complain, fail, note, output_style, write
from wikitools.project.prepare import policy_of
from wikitools.project.workers import collect_as_usual
from wikitools.report.formats import FORMATS
from wikitools.report.screen import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wikitools.cli.output import Output
    from wikitools.cli.request import Request
    from wikitools.config import Settings
    from wikitools.lint.run import Diagnostic
    from wikitools.project.cache import Store
    from wikitools.project.job import Checked
    from wikitools.project.live import Live, Update

    Show = Callable[[startup.AskedWiki, Checked], Sequence[Diagnostic]]
    """Reports all findings as usual, and returns them."""
    Sift = Callable[[startup.AskedWiki, Checked], Sequence[Diagnostic]]
    """Returns the findings that are not in the baseline."""
    List = Callable[[startup.AskedWiki, Sequence[Diagnostic]], None]
    """Writes findings without a summary."""

_Answer = TypeVar("_Answer")

_STEP = 20
"""After so many milliseconds without a change, the changes are checked together."""
_BURST = 400
"""After so many milliseconds they are checked even if more are coming."""
_QUIET = 1000
"""After so many milliseconds without a change, the folder is searched for missed changes."""


def check_request(output: Output, *, others: Sequence[str]) -> None:
    """End the run with exit code 2 if another option does not go with --watch."""
    if others:
        fail(f"--watch does not go with {others[0]}", "it only reports, and only on the files in the folder")
    if not FORMATS[output.stdout].for_people or output.files or output.statistics:
        names = ", ".join(name for name, each in FORMATS.items() if each.for_people)
        fail("--watch writes to the terminal, for people", f"--output-format: {names}")


def watch(request: Request, *, show: Show, sift: Sift, list_: List) -> NoReturn:
    """Check the wiki whenever something in it is saved, until the user interrupts."""
    try:
        from watchfiles import watch as changes_of
    except ImportError:
        fail("--watch needs the package watchfiles", 'pip install "wikitools-md[watch]"')
    watcher = _Watcher(request, show, sift, list_)
    try:
        watcher.begin()
        while True:
            root = watcher.settings.root
            for changes in changes_of(
                root,
                watch_filter=None,
                step=_STEP,
                debounce=_BURST,
                rust_timeout=_QUIET,
                yield_on_timeout=True,
                ignore_permission_denied=True,
            ):
                try:
                    if changes:
                        watcher.happened([path for _kind, path in changes])
                    else:
                        watcher.quiet()
                except typer.Exit:
                    # The error was printed, and the next save may repair it.
                    note("waiting for the next change")
                if watcher.settings.root != root:
                    break
    except BrokenPipeError:
        # The reader has closed the pipe.
        raise typer.Exit(0) from None
    except OSError as error:
        # Too many folders for the system to watch, or the wiki was deleted.
        fail(
            f"--watch: cannot watch {watcher.settings.root}: {error}",
            "WATCHFILES_FORCE_POLLING=1 works without file events",
        )


class _Watcher:
    """The wiki that is watched, and the last findings."""

    def __init__(self, request: Request, show: Show, sift: Sift, list_: List) -> None:
        self.request = request
        self.show = show
        self.sift = sift
        self.list = list_
        self.settings: Settings
        self.live: Live
        self.store: Store | None = None
        self.found: Sequence[Diagnostic] = ()
        self.unsaved = True
        self.stamps: tuple[object, ...] = ()

    def begin(self) -> None:
        """Read the settings, check everything, and show it."""
        collect_as_usual()
        from wikitools.project.checking import is_able
        from wikitools.project.live import Live

        self.settings = settings = startup.find_settings(self.request)
        self.stamps = self._outside()
        if not is_able(settings):
            fail("--watch does not go with block.style", "references in a CSL style are written for the whole wiki")
        self.store = startup.open_cache(self.request, settings)
        self.live = Live(
            settings,
            policy_of(settings, None),
            asked=lambda inventory, others: asked_files(self.request, settings, inventory, others),
            jobs=self.request.jobs,
            store=self.store,
            alone=True,
        )
        from wikitools.cli.progress import ProgressBar

        with ProgressBar(wanted=self.request.progress) as progress:
            self.live.job = replace(self.live.job, report=progress)
            checked = self._checked(self.live.start)
        self.found = self.show(self._wiki(checked), checked)
        self.unsaved = True
        self._say("Watching for changes; press Ctrl-C to stop.")

    def happened(self, paths: Sequence[str]) -> None:
        """Check again after these files changed, and report what is different now."""
        began = time.perf_counter()
        paths = [path for path in paths if not self._is_ours(path)]
        if any(path.endswith(".toml") for path in paths):
            self.begin()
            return
        update: Update | None = self._checked(lambda: self.live.update(paths))
        if update is None:
            return
        self.unsaved = True
        self._tell(update, began)

    def quiet(self) -> None:
        """Use idle time: write results to the cache, and search for missed changes."""
        stamps = self._outside()
        if stamps != self.stamps:
            self.begin()
        elif self.unsaved:
            self.unsaved = False
            self.live.remember()
            missed = startup.or_fail(self.live.overlooked)
            if missed:
                self.happened(missed)

    def _checked(self, work: Callable[[], _Answer]) -> _Answer:
        from wikitools.lint.policy import UnknownRuleError

        try:
            return startup.or_fail(work)
        except UnknownRuleError as error:
            end_with_unknown_rule(self.settings, error.name, str(error))

    def _wiki(self, checked: Checked) -> startup.AskedWiki:
        return startup.AskedWiki(checked.workspace, self.request, checked.asked, self.store)

    def _is_ours(self, path: str) -> bool:
        if self.store is None:
            return False
        cache = os.path.dirname(os.path.abspath(self.store.file))
        return path == cache or path.startswith(cache + os.sep)

    def _outside(self) -> tuple[object, ...]:
        """Return the state of the files that matter outside the wiki: configuration and bibliographies."""
        root = os.fspath(self.settings.root)
        found = [os.fspath(self.settings.config)] if self.settings.config is not None else []
        if self.settings.config is not None and self.settings.extend:
            found.append(os.path.join(os.path.dirname(found[0]), self.settings.extend))
        folder, last = root, files.find_repository(root)
        while folder not in (last, os.path.dirname(folder)):
            folder = os.path.dirname(folder)
            found += (os.path.join(folder, name) for name in files.CONFIG_NAMES)
        found += (os.path.join(self.settings.folder, each) for each in self.settings.bibliography or ())
        return tuple((path, files.stamp_of(path)) for path in found)

    # Messages

    def _tell(self, update: Update, began: float) -> None:
        from wikitools.lint.new_findings import find_new
        from wikitools.report.summary import count

        checked = update.checked
        wiki = self._wiki(checked)
        before, now = self.found, self.sift(wiki, checked)
        self.found = now
        text_of = checked.workspace.text_of
        new = find_new(now, before, renamed={}, text_of=text_of, old_text_of=_nothing)
        gone = find_new(before, now, renamed={}, text_of=_nothing, old_text_of=text_of)
        took = f"{(time.perf_counter() - began) * 1000:,.0f} ms"
        what = "the whole wiki" if update.whole else _listed([wiki.shown(path) for path in update.pages])
        self._say(f"{what}: {len(new)} new, {len(gone)} gone, {count(len(now), 'problem')} ({took})")
        self.list(wiki, new)
        write(_gone(gone, wiki))
        for failure in checked.outcome.failures:
            complain(f"the rule {failure.rule} failed on {failure.path}: {failure.error}")
        _flush()

    def _say(self, words: str) -> None:
        if not self.request.quiet:
            write(f"[{time.strftime('%H:%M:%S')}] {words}\n")
            _flush()


def _nothing(_path: str) -> str:
    return ""


def _gone(gone: Sequence[Diagnostic], wiki: startup.AskedWiki) -> Iterator[str]:
    style = output_style()
    for each in gone:
        words = f"gone: {wiki.shown(each.path)}: {each.severity}[{each.rule}] {each.message}"
        yield f"{style.paint('dim', visible(words))}\n"


def _listed(paths: Sequence[str]) -> str:
    shown = ", ".join(map(visible, paths[:_SHOWN]))
    return shown if len(paths) <= _SHOWN else f"{shown} and {len(paths) - _SHOWN} more"


_SHOWN = 3


def _flush() -> None:
    """Flush the output. Raises `BrokenPipeError` if the reader has closed the pipe."""
    sys.stdout.flush()
