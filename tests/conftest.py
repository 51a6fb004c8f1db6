"""What all tests share: an environment without settings from outside, and the program called in this process."""

from __future__ import annotations

import io
import itertools
import os
import signal
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from pathlib import Path

# The default never fails by luck: the same examples in every run, however slow the machine is. Random examples have a
# command of their own, `pytest --hypothesis-profile=search`; what it finds becomes a fixed example.
settings.register_profile(
    "fixed", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "search", derandomize=False, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("fixed")

# Tests as on Windows, where nothing can be forked; programs that tests run learn it from `program.environment`.
if os.environ.get("WIKITOOLS_TEST_SPAWN") and hasattr(os, "fork"):
    del os.fork

# A shell starts what runs in the background with interrupts ignored; tests send them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders for caches, one for each test: `mktemp` would look at all that there are before it makes one."""
    base = tmp_path_factory.mktemp("caches")
    return (base / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def cache_of_its_own(caches: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """No settings from outside, and no cache in the fixtures or from another run."""
    for name in [each for each in os.environ if each.startswith(("WIKITOOLS_", "FORCE_", "CLICOLOR", "NO_COLOR"))]:
        monkeypatch.delenv(name)
    # Tests run in processes with threads, from which no workers should be forked.
    monkeypatch.setenv("WIKITOOLS_JOBS", "1" if hasattr(os, "fork") else "2")
    parent = next(caches)
    parent.mkdir()
    folder = parent / "wikitools"
    monkeypatch.setenv("WIKITOOLS_CACHE_DIR", str(folder))
    return folder


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test pulls the plug; those that look at what a failing `fsync` leaves put in their own."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run a command in this process and return its exit code, its output and what it says on standard error."""
    # Here, not above: most tests need no command line.
    from wikitools.cli.app import run

    def called(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = run(list(arguments))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return called
