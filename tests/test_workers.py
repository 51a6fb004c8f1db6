"""Work that is spread over processes has the same result, and ends in the same way, as in one process."""

from __future__ import annotations

import errno
import os
import signal
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikitools.cli import app
from wikitools.files import FileError
from wikitools.project import workers

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing can be forked here")


FORKED: set[int] = set()
"""The workers of one test."""


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # However little there is to do: the first item is done here, the others elsewhere.
    monkeypatch.setattr(workers, "_SURELY_MANY", -1)
    fork = os.fork
    FORKED.clear()

    def noted() -> int:
        process = fork()
        FORKED.add(process)
        return process

    monkeypatch.setattr(os, "fork", noted)


def run(work: Any, items: Any, jobs: int = 2) -> list[Any]:
    return workers.map_all(work, items, jobs=jobs, report=workers.silent, phase="working")


def square(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


def children() -> bool:
    """Say whether there are workers that were not waited for."""
    return any(_is_there(process) for process in FORKED)


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("count", [0, 1, 2, 3, 50, 5000])
@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_answers_come_in_order(count: int, jobs: int) -> None:
    found = run(square, range(count), jobs)
    assert [answer for answer, _process in found] == [number * number for number in range(count)]
    others = {process for _answer, process in found} - {os.getpid()}
    assert bool(others) == (jobs > 1 and count > 1)
    assert len(others) <= jobs
    assert not children()


def test_progress_counts_up_to_the_whole() -> None:
    told: list[tuple[str, int, int]] = []
    workers.spread(square, range(400), jobs=2, phase="counting", progress=lambda *step: told.append(step))
    assert told[-1] == ("counting", 400, 400)
    assert told == sorted(told)


def test_answers_of_any_length_travel() -> None:
    assert run(bytes, [0, 5_000_000, 1, 3_000_000, 0]) == [bytes(number) for number in (0, 5_000_000, 1, 3_000_000, 0)]


@given(st.integers(1, 100_000), st.integers(1, 512))
def test_pieces_are_all_there_is_and_fit_into_a_pipe(count: int, jobs: int) -> None:
    pieces = list(workers._pieces(count, jobs))
    assert [0, *(end for _start, end in pieces)] == [*(start for start, _end in pieces), count]
    # Numbers of four bytes: Linux gives those who have many pipes no more than a page for another.
    assert len(pieces) * 4 <= 4096


def test_the_first_error_is_raised_with_where_it_came_from() -> None:
    def fails(number: int) -> int:
        if number in (700, 900):
            raise FileError(f"{number}: broken")
        # The later error comes sooner.
        time.sleep(0.1 if number == 699 else 0)
        return number

    with pytest.raises(FileError, match=r"^700: broken") as caught:
        run(fails, range(1000))
    assert "in fails" in "".join(caught.value.__notes__)
    assert not children()


def test_an_error_that_cannot_travel_is_told() -> None:
    class StrangeError(Exception):
        def __init__(self, one: int, other: int) -> None:
            super().__init__(f"{one} and {other}")

    def fails(number: int) -> int:
        if number == 9:
            raise StrangeError(1, 2)
        return number

    with pytest.raises(RuntimeError, match=r"^StrangeError: 1 and 2"):
        run(fails, range(10))


def test_a_worker_that_is_killed_is_missed() -> None:
    def dies(number: int) -> int:
        if number == 50:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    with pytest.raises(workers.WorkerError, match=r"ended early \(signal 9\)"):
        run(dies, range(100))
    assert not children()


def test_whoever_stops_listening_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    here = os.getpid()
    answers_of = workers._Workers.answers

    def slow(number: int) -> int:
        time.sleep(0 if os.getpid() == here else 600)
        return number

    began = time.monotonic()
    answers = workers.each_of(slow, range(100), jobs=2, report=workers.silent, phase="sleeping")
    assert next(answers) == 0
    signal.signal(signal.SIGALRM, signal.default_int_handler)

    def interrupted(group: workers._Workers) -> Iterator[tuple[int, bytes]]:
        # Not while workers are forked: what is raised in a hook of `fork` is lost, and a busy machine forks slowly.
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        yield from answers_of(group)

    monkeypatch.setattr(workers._Workers, "answers", interrupted)
    with closing(answers), pytest.raises(KeyboardInterrupt):
        next(answers)
    assert time.monotonic() - began < 300
    assert not children()


def test_where_nothing_can_be_forked_work_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    assert run(abs, range(-20, 20)) == [abs(number) for number in range(-20, 20)]


def test_work_that_knows_the_whole_wiki_is_never_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    here = os.getpid()
    done = workers.map_all(
        lambda number: (number, os.getpid()),
        range(3000),
        jobs=2,
        report=workers.silent,
        phase="working",
        inherited=True,
    )
    assert done == [(number, here) for number in range(3000)]


def test_no_more_workers_are_started_than_windows_can_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    asked: list[int] = []

    def started(work: Any, pieces: Any, count: int) -> Any:
        asked.append(count)
        yield from map(work, pieces)

    monkeypatch.setattr(workers, "_started", started)
    assert run(abs, range(5000), 96) == list(range(5000))
    assert asked == [61]


def test_without_room_for_helpers_one_process_does_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room() -> int:
        raise OSError(errno.EAGAIN, "no more processes")

    monkeypatch.setattr(os, "fork", no_room)
    assert run(square, range(5000), 4) == list(map(square, range(5000)))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (workers.WorkerError(" (signal 9)"), "ended early (signal 9)"),
        (MemoryError(), "too little for this run: memory"),
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files"),
    ],
)
def test_what_the_machine_lacks_is_no_bug_of_ours(
    error: Exception, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app._explain_failure(error) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "bug" not in said
