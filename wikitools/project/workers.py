"""Spreads work over the processors of this machine, or over an executor; answers come in order.

If the system can fork, workers inherit everything that the work needs, so that the wiki is never sent to them. Only
answers are sent. The pieces of work are in a pipe, from which each worker takes the next one. On other systems
(Windows) the work itself is sent too; work that needs the whole wiki is done by the main process.
"""

from __future__ import annotations

import contextlib
import gc
import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar, cast

from wikitools import interrupts

if TYPE_CHECKING:
    from concurrent.futures import Executor

Progress = Callable[[str, int, int], None]
"""Called in the main process with a phase ("reading pages"), how many items of it are done, and how many it has."""

_ALONE_SECONDS = 0.03
"""How long the main process works alone before it may start workers."""
_WORTH_SECONDS = 0.1
"""How much work must be left then: for small wikis, processes are not worth it."""
_SURELY_MANY = 1500
"""This many pages certainly take longer than that."""
_REMOTE_CHUNKS = 200
"""Into how many pieces work is divided for an executor."""
_PIECES_PER_WORKER = 12
"""How many pieces of work there are per worker, at least: the last ones are small, so that no worker waits long."""
_MOST_STARTED = 61
"""Windows cannot wait for more processes."""
_LARGE_PIECES, _SMALL_PIECES = 250, 500
"""The most pieces of work: the numbers of all must fit into the smallest pipe, which has 4096 bytes."""

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class WorkerError(Exception):
    """A worker ended before its work was done."""

    def __init__(self, how: str = "") -> None:
        super().__init__(f"a worker process ended early{how}; --jobs 1 needs less memory")


def silent(phase: str, done: int, total: int) -> None:
    """Report progress to nobody."""


@contextlib.contextmanager
def no_collection() -> Iterator[None]:
    """Disable the cyclic garbage collector meanwhile: the objects built here are many, stay, and have no cycles."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def collect_as_usual() -> None:
    """Let Python collect cyclic garbage as often as by default, for a command that runs for hours."""
    gc.set_threshold(700, 10, 10)


@contextlib.contextmanager
def built_to_stay() -> Iterator[None]:
    """Disable the cyclic garbage collector meanwhile, and exempt from it what is there at the end.

    To search a wiki of 10,000 pages for cycles takes most of a second, now and then at a keystroke. What an earlier
    call left behind is searched once, before the new objects are built.
    """
    if gc.get_freeze_count():
        gc.unfreeze()
        gc.collect()
    with no_collection():
        yield
        gc.freeze()


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(
    work: Callable[[Item], Answer],
    items: Sequence[Item],
    *,
    jobs: int | None,
    phase: str,
    progress: Progress | None = None,
    inherited: bool = False,
) -> list[Answer]:
    """Return `work(item)` for each item, in order, on as many processes as are worth it; see `each_of`.

    Answers must be picklable.
    """
    with no_collection():
        return map_all(work, items, jobs=jobs, report=progress or silent, phase=phase, inherited=inherited)


def map_all(
    work: Callable[[Item], Answer],
    items: Sequence[Item],
    *,
    jobs: int | None,
    report: Progress,
    phase: str,
    executor: Executor | None = None,
    inherited: bool = False,
) -> list[Answer]:
    """Return `work(item)` for each item, in order; see `each_of`."""
    answers = each_of(work, items, jobs=jobs, report=report, phase=phase, executor=executor, inherited=inherited)
    return list(answers)


def each_of(
    work: Callable[[Item], Answer],
    items: Sequence[Item],
    *,
    jobs: int | None,
    report: Progress,
    phase: str,
    executor: Executor | None = None,
    inherited: bool = False,
) -> Generator[Answer, None, None]:
    """Yield `work(item)` for each item, in order. Longer work is spread over processes.

    Work that can only be `inherited` is done in this process if the system cannot fork: it needs the whole wiki, and
    sending that would take longer than workers could save.

    `executor` is used instead of processes of this machine; its work is picklable and a pure function. Raises
    `WorkerError`, and what `work` raises for the first item that fails.
    """
    total = len(items)
    done = 0
    if executor is not None and items:
        size = max(1, total // _REMOTE_CHUNKS)
        for answers in executor.map(_Chunk(work), [items[start : start + size] for start in range(0, total, size)]):
            done += len(answers)
            report(phase, done, total)
            yield from answers
        return
    forks = hasattr(os, "fork")
    workers = jobs if jobs is not None else processors()
    if not forks:
        workers = 1 if inherited else min(workers, _MOST_STARTED)
    began = 0.0
    for item in items:
        answer = work(item)
        done += 1
        # The first item does the imports that the work needs; forked workers inherit them.
        began = began or time.perf_counter()
        if workers > 1 and _is_long(time.perf_counter() - began, done, total):
            yield answer
            break
        report(phase, done, total)
        yield answer
    rest = items[done:]
    if not rest:
        return
    pieces = [rest[start:end] for start, end in _pieces(len(rest), workers)]
    helpers = _forked if forks else _started
    with contextlib.closing(helpers(_Chunk(work), pieces, min(workers, len(pieces)))) as found:
        for answers in found:
            done += len(answers)
            report(phase, done, total)
            yield from answers


def _is_long(seconds: float, done: int, total: int) -> bool:
    """Say whether workers should be started for the rest, after some seconds of working alone."""
    left = total - done
    return left > _SURELY_MANY or (seconds > _ALONE_SECONDS and seconds * left > _WORTH_SECONDS * done)


def _pieces(count: int, workers: int) -> Iterator[tuple[int, int]]:
    """Yield start and end of each piece of work; the last ones are the smallest."""
    least, most = 1 + count // _SMALL_PIECES, 1 + count // min(workers * _PIECES_PER_WORKER, _LARGE_PIECES)
    start = 0
    while start < count:
        end = start + max(least, min(most, (count - start) // (3 * workers)))
        yield start, min(end, count)
        start = end


class _Chunk(Generic[Item, Answer]):
    """Does the work for several items, in any process."""

    def __init__(self, work: Callable[[Item], Answer]) -> None:
        self.work = work

    def __call__(self, items: Sequence[Item]) -> list[Answer]:
        return [self.work(item) for item in items]


# Forked workers

_SIZE = 8
"""The sizes in bytes of the length of an answer, and of the number of its piece of work."""
_NUMBER = 4
_AT_ONCE = 1 << 20


def _forked(
    work: _Chunk[Item, Answer], pieces: Sequence[Sequence[Item]], workers: int
) -> Generator[list[Answer], None, None]:
    """Yield the answers to each piece of work, in order."""
    import pickle  # noqa: TID251  # between this process and copies of itself

    waiting: dict[int, bytes] = {}
    following = 0
    try:
        group = _Workers(work, pieces, workers)
    except OSError:
        # No processes, pipes or memory left for workers: this process does all the work.
        yield from map(work, pieces)
        return
    with contextlib.closing(group):
        for number, data in group.answers():
            waiting[number] = data
            while following in waiting:
                told, answers = pickle.loads(waiting.pop(following))  # noqa: S301  # it comes from a copy of ourselves
                if not told:
                    raise answers
                following += 1
                yield answers
    if following < len(pieces):
        raise WorkerError(f" ({group.ends})")


class _Workers:
    """Processes that share pieces of work; they end with it, or when the group is closed."""

    def __init__(self, work: _Chunk[Item, Answer], pieces: Sequence[Sequence[Item]], workers: int) -> None:
        self._workers: dict[int, int] = {}
        """The process behind each pipe."""
        self.ends = ""
        """The exit codes of processes that failed."""
        taken, given = os.pipe()
        try:
            os.write(given, b"".join(number.to_bytes(_NUMBER, "little") for number in range(len(pieces))))
            os.close(given)
            for _ in range(workers):
                self._start_one(work, pieces, taken)
        except BaseException:
            self.close()
            raise
        finally:
            os.close(taken)

    def _start_one(self, work: _Chunk[Item, Answer], pieces: Sequence[Sequence[Item]], taken: int) -> None:
        import signal

        heard, said = os.pipe()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, interrupts.SIGNALS)
        try:
            process = os.fork()
            if not process:
                interrupts.leave_to_parent()
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
                for pipe in (heard, *self._workers):
                    os.close(pipe)
                _work_on(work, pieces, taken, said)
            self._workers[heard] = process
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(said)
        _widen(heard)

    def answers(self) -> Iterator[tuple[int, bytes]]:
        """Yield number and packed answers of pieces of work, as they come, until no worker is left."""
        import select

        poll = select.poll()
        parts: dict[int, bytearray] = {}
        for pipe in self._workers:
            poll.register(pipe, select.POLLIN)
            parts[pipe] = bytearray()
        while parts:
            for pipe, _event in poll.poll():
                data = os.read(pipe, _AT_ONCE)
                if not data:
                    poll.unregister(pipe)
                    del parts[pipe]
                    self._wait_for(pipe)
                    continue
                told = parts[pipe]
                told += data
                start = 0
                while len(told) - start >= _SIZE:
                    end = start + _SIZE + int.from_bytes(told[start : start + _NUMBER], "little")
                    if len(told) < end:
                        break
                    yield (
                        int.from_bytes(told[start + _NUMBER : start + _SIZE], "little"),
                        bytes(told[start + _SIZE : end]),
                    )
                    start = end
                del told[:start]

    def _wait_for(self, pipe: int) -> None:
        os.close(pipe)
        process = self._workers.pop(pipe)
        # Other code in this process may have waited for it already.
        with contextlib.suppress(ChildProcessError):
            code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            if code:
                self.ends = f"signal {-code}" if code < 0 else f"exit code {code}"

    def close(self) -> None:
        """End the remaining workers; they only read, so nothing is lost."""
        import signal

        for process in self._workers.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        for pipe in tuple(self._workers):
            self._wait_for(pipe)


def _work_on(work: _Chunk[Item, Answer], pieces: Sequence[Sequence[Item]], taken: int, said: int) -> NoReturn:
    """Take pieces of work until none is left, then end this process."""
    code = 1
    try:
        import pickle  # noqa: TID251  # between this process and the one that it is a copy of

        gc.disable()
        while number := os.read(taken, _NUMBER):
            try:
                told = pickle.dumps((True, work(pieces[int.from_bytes(number, "little")])), 5)
            except Exception as error:  # noqa: BLE001  # whatever it is, the main process raises it
                told = pickle.dumps((False, _portable(error)), 5)
            _write(said, len(told).to_bytes(_NUMBER, "little") + number)
            _write(said, told)
        code = 0
    finally:
        # Skip everything that the main process would do at its exit, whatever happened.
        os._exit(code)


def _write(pipe: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(pipe, rest) :]


def _portable(error: Exception) -> Exception:
    """Return an error in a form that can be pickled, with its traceback."""
    import pickle  # noqa: TID251  # only tried, to see whether it can be done
    import traceback

    trace = "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # it was made a moment ago
    except Exception:  # noqa: BLE001  # the constructor of an error may need anything
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(f"in another process:\n{trace}")
    return error


def _widen(pipe: int) -> None:
    """Enlarge a pipe, if the system can, so that a worker can go on while the main process is busy."""
    try:
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _AT_ONCE)
    except (ImportError, AttributeError, OSError):
        # Without it, work is only slower.
        return


# Workers where nothing can be forked

_work: Callable[[Sequence[object]], list[object]] | None = None
"""In a worker: what it does with each piece of work."""


def _start(work: _Chunk[Item, Answer]) -> None:
    global _work
    _work = cast("Callable[[Sequence[object]], list[object]]", work)
    gc.disable()
    interrupts.leave_to_parent()


def _work_here(items: Sequence[object]) -> list[object]:
    if _work is None:
        raise RuntimeError("a worker was given items before it was told what to do with them")
    return _work(items)


def _started(
    work: _Chunk[Item, Answer], pieces: Sequence[Sequence[Item]], workers: int
) -> Generator[list[Answer], None, None]:
    """Yield the answers to each piece of work, in order; work and items are sent to the processes."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=partial(_start, work)) as pool:
        try:
            yield from cast("Iterator[list[Answer]]", pool.map(_work_here, pieces))
        except BrokenProcessPool as error:
            raise WorkerError from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
