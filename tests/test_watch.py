"""`lint --watch` as people see it: it soon reports what a save changed, and an interrupt ends it."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from program import PROGRAM, environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("watchfiles", reason="watchfiles is not installed")

pytestmark = pytest.mark.slow


class Watched:
    """A run of `lint --watch` on a wiki."""

    def __init__(self, root: Path, *options: str) -> None:
        command = [*PROGRAM, "lint", "--watch", "--output-format", "concise", *options, "."]
        self.process = subprocess.Popen(
            command,
            cwd=root,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self.lines: queue.Queue[str] = queue.Queue()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def until(self, words: str) -> list[str]:
        """Return the lines up to the first that has these words in it."""
        found: list[str] = []
        end = time.monotonic() + 300
        while not found or words not in found[-1]:
            try:
                found.append(self.lines.get(timeout=max(0.1, end - time.monotonic())))
            except queue.Empty:
                pytest.fail(f"no {words!r} in {found}")
        return found

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=300)
        self.reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    root = tmp_path / "wiki"
    root.mkdir()
    (root / "index.md").write_text("# Index\n\n[[a]] and [[b]]\n")
    (root / "a.md").write_text("# A\n\n[[b]] and [[nowhere]]\n")
    (root / "b.md").write_text("# B\n\n[[a]]\n")
    return root


@pytest.fixture
def watched(wiki: Path) -> Iterator[Watched]:
    run = Watched(wiki)
    try:
        yield run
    finally:
        run.process.kill()
        run.process.wait()


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
def test_what_a_save_changes_is_said(wiki: Path, watched: Watched) -> None:
    first = watched.until("Watching for changes")
    assert any("a.md:3:11: error[broken-wikilink]" in line for line in first)
    # Written under another name and renamed, as many editors do.
    (wiki / "b.md~").write_text("# B\n\n[[a]] and [[elsewhere]]\n")
    os.replace(wiki / "b.md~", wiki / "b.md")
    told = watched.until("error[broken-wikilink]")
    assert "b.md: 1 new, 0 gone, 2 problems" in told[-2]
    assert told[-1].startswith("b.md:3:11: error[broken-wikilink]")
    (wiki / "a.md").write_text("# A\n\n[[b]]\n")
    told = watched.until("gone: ")
    assert "a.md: 0 new, 1 gone, 1 problem" in told[-2]
    assert told[-1].startswith("gone: a.md: error[broken-wikilink]")
    (wiki / "elsewhere.md").write_text("# Elsewhere\n\n[[a]]\n")
    assert "elsewhere.md: 0 new, 1 gone, 0 problems" in watched.until("1 gone")[-1]
    (wiki / "wikitools.toml").write_text("selct = []\n")
    assert watched.until("waiting for the next change")[-2].startswith("error: ")
    (wiki / "wikitools.toml").write_text('ignore = ["links"]\n')
    watched.until("Watching for changes")
    (wiki / "b.md").write_text("# B\n\n[[a]] and [[elsewhere else]]\n")
    assert "b.md: 0 new, 0 gone, 0 problems" in watched.until("b.md: ")[-1]
    assert watched.end() == 130
    assert "\x1b" not in "".join(told)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--fix",), "--watch does not go with --fix"),
        (("--staged",), "--watch does not go with --staged"),
        (("--output-format", "sarif"), "--watch writes to the terminal"),
        (("--report", "json=x.json"), "--watch writes to the terminal"),
        (("--executor", "dask://h:1"), "--watch does not go with --executor"),
    ],
)
def test_what_does_not_go_with_it_is_refused(wiki: Path, options: tuple[str, ...], words: str) -> None:
    command = [*PROGRAM, "lint", "--watch", *options, "."]
    done = subprocess.run(
        command, cwd=wiki, env=environment(), capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 2
    assert words in done.stderr


def test_without_watchfiles_the_message_says_what_to_install(wiki: Path) -> None:
    program = (
        "import sys; sys.modules['watchfiles'] = None; "
        "from wikitools.cli.app import run; sys.exit(run(['lint', '--watch']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=wiki, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 2
    assert 'pip install "wikitools-md[watch]"' in done.stderr
