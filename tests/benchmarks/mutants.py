"""Change one operator, number or statement at a time in the core of wikitools and count the changes that tests notice.

    python tests/benchmarks/mutants.py [--seed 1] [--count 200] [--jobs 2] [--only FILE] [--tests GLOB ...]

First each fast test runs once, to learn which lines it reaches; that is kept in build/mutants.json until the test
changes. Then each mutant (the same for the same seed and code) is put into the functions in memory, in a process of
its own, and the tests that reach its line run, quickest first, until one fails; if it matters only when its file is
imported, all is imported anew there. Prints those that survive: read them, and write tests for those that matter.

Needs coverage (`pip install --group bench`) and a system that can fork. A mutant exists in memory only.
"""

from __future__ import annotations

import argparse
import difflib
import functools
import gc
import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

import pytest
from code_changes import REPOSITORY, Mutant, mutants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

TESTS = REPOSITORY / "tests"
CORE = (
    "wikitools/cite/author_list.py",
    *(f"wikitools/cite/{name}.py" for name in ("match", "disambiguate", "author_fit", "dates", "tokens")),
    *(f"wikitools/block/{name}.py" for name in ("block", "ownership", "own_lists")),
    *(f"wikitools/wiki/{name}.py" for name in ("wiki", "names_index", "resolution")),
    "wikitools/wiki/engines/*.py",
    *(f"wikitools/lint/{name}.py" for name in ("page_run", "run", "certainty", "fix/fixing", "fix/proof")),
    "wikitools/text.py",
)
KNOWN = REPOSITORY / "build" / "mutants.json"


class Mutated(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Gives Python the mutant where it looks for the file."""

    def __init__(self, mutant: Mutant) -> None:
        self.name = ".".join(Path(mutant.path).with_suffix("").parts).removesuffix(".__init__")
        self.path = str(REPOSITORY / mutant.path)
        self.mutant = mutant

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        folders = [str(Path(self.path).parent)] if self.path.endswith("__init__.py") else None
        return importlib.util.spec_from_file_location(name, self.path, loader=self, submodule_search_locations=folders)

    def get_code(self, fullname: str) -> CodeType:
        return self.mutant.code()


class Live:
    """The functions of the core as they are in memory, and what wikitools keeps of their answers."""

    def __init__(self) -> None:
        files = {str(REPOSITORY / path) for path in core_files()}
        self.functions: dict[tuple[str, str, int], list[FunctionType]] = {}
        self.kept: list[functools._lru_cache_wrapper[object]] = []
        for each in gc.get_objects():
            if isinstance(each, FunctionType) and each.__code__.co_filename in files:
                self.functions.setdefault(_place(each.__code__), []).append(each)
            elif isinstance(each, functools._lru_cache_wrapper) and each.__module__.startswith("wikitools"):
                self.kept.append(each)

    def change(self, mutant: Mutant) -> bool:
        """Put a mutant into the functions; return `False` if it changes none: it matters when its file is imported."""
        changed = False
        for code in _codes_in(mutant.code()):
            for function in self.functions.get(_place(code), ()):
                if function.__code__ != code:
                    if len(function.__code__.co_freevars) != len(code.co_freevars):
                        return False
                    function.__code__ = code
                    changed = True
        for each in self.kept:
            each.cache_clear()
        return changed


def _place(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _codes_in(each)


def import_anew(mutant: Mutant) -> None:
    """Forget all that was imported from this repository; what is imported from now on has the mutant in it."""
    ours = tuple(f"{folder}{os.sep}" for folder in (REPOSITORY / "wikitools", TESTS))
    for name, module in list(sys.modules.items()):
        if name != "__main__" and (getattr(module, "__file__", None) or "").startswith(ours):
            del sys.modules[name]
    sys.meta_path.insert(0, Mutated(mutant))


@dataclass
class Traced:
    """What a test took, and the lines of the core that it reached: none if it failed."""

    digest: str
    seconds: float
    lines: dict[str, list[int]]


class Tests:
    """Pytest plugin that hands all tests to `work` instead of running them."""

    def __init__(self, work: Callable[[Tests], None]) -> None:
        self.work = work
        self.items: dict[str, pytest.Item] = {}
        self.failed = False

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise session.Interrupted("a test file cannot be imported")
        self.items = {item.nodeid: item for item in session.items}
        self.work(self)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or report.failed

    def run(self, names: Sequence[str]) -> Iterator[tuple[str, bool]]:
        """Run tests; yield after each its name and whether it passed."""
        items = [self.items[name] for name in names if name in self.items]
        for item, following in zip(items, [*items[1:], None], strict=True):
            self.failed = False
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            yield item.nodeid, not self.failed

    def all_pass(self, names: Sequence[str]) -> bool:
        return all(passed for _name, passed in self.run(names))


def with_tests(files: Sequence[str], work: Callable[[Tests], None]) -> int:
    """Collect the fast tests of these files and hand them to `work`; return pytest's exit code."""
    arguments = [
        "-q",
        "-s",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-m",
        "not slow",
        "--no-header",
        "--no-summary",
    ]
    arguments += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # where tests are imported anew
    return int(pytest.main([*arguments, *files], plugins=[Tests(work)]))


def forked(work: Callable[[], bool]) -> int:
    """Do work in a process of its own, in a process group of its own, that writes nowhere; return its id.

    It ends with `PASSED`, `FAILED`, or another code if the work itself is broken.
    """
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        os.setsid()
        loud, nowhere = os.dup(2), os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        try:
            code = PASSED if work() else FAILED
        except BaseException:
            os.write(loud, traceback.format_exc().encode())
            raise
    finally:
        os._exit(code)


def ended(processes: dict[int, float]) -> tuple[int, int | None]:
    """Wait until one of the processes ends or its time (by process: when it is over) is up; return it and its code."""
    while True:
        for process, latest in processes.items():
            done, status = os.waitpid(process, os.WNOHANG)
            if done:
                return process, os.waitstatus_to_exitcode(status)
            if time.monotonic() > latest:
                os.killpg(process, signal.SIGKILL)
                os.waitpid(process, 0)
                return process, None
        time.sleep(0.02)


PASSED, FAILED = 0, 1
OUT_OF_TIME = -signal.SIGXCPU
KILLED = {FAILED, OUT_OF_TIME, None}
"""Tests fail, cannot be imported, or do not end."""


def learn(tests: Tests, jobs: int) -> dict[str, Traced]:
    """Return what each test reaches, traced again where the function of the test changed."""
    known = json.loads(KNOWN.read_text()) if KNOWN.exists() else {"code": {}, "tests": {}}
    code = {path: (REPOSITORY / path).read_text(encoding="utf-8") for path in core_files()}
    found = {name: Traced(**each) for name, each in known["tests"].items() if name in tests.items}
    for path, old in known["code"].items():
        if old != code.get(path):
            where = _moved(old.splitlines(), code.get(path, "").splitlines())
            for each in found.values():
                reached = {line for before in each.lines.pop(path, ()) for line in where.get(before, ())}
                each.lines.update({path: sorted(reached)} if reached else {})
    digests = {name: _digest(item) for name, item in tests.items.items()}
    waiting: dict[str, list[str]] = {}
    for name in tests.items:
        if name not in found or found[name].digest != digests[name]:
            waiting.setdefault(name.partition("::")[0], []).append(name)
    running: dict[int, tuple[str, list[str], Path]] = {}
    latest = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        while waiting or running:
            while waiting and len(running) < jobs:
                file, names = waiting.popitem()
                answer = Path(folder) / file.replace("/", "-")
                running[forked(lambda names=names, answer=answer: _trace(tests, names, answer))] = file, names, answer
            process, ending = ended(dict.fromkeys(running, float("inf")))
            file, names, answer = running.pop(process)
            if ending != PASSED:
                pytest.exit(f"{file} cannot be traced: its process ended with {ending}")
            print(f"traced {len(names)} tests of {file}", file=sys.stderr, flush=True)
            traced = json.loads(answer.read_text())
            found.update((name, Traced(digests[name], *traced.get(name, (0.0, {})))) for name in names)
            if not waiting or time.monotonic() > latest + 60:
                latest = time.monotonic()
                KNOWN.parent.mkdir(exist_ok=True)
                KNOWN.write_text(
                    json.dumps({"code": code, "tests": {name: vars(each) for name, each in found.items()}})
                )
    return found


def _digest(item: pytest.Item) -> str:
    text = inspect.getsource(inspect.unwrap(item.function)) if isinstance(item, pytest.Function) else ""
    return hashlib.sha256(text.strip().encode()).hexdigest()


def _moved(old: Sequence[str], new: Sequence[str]) -> dict[int, list[int]]:
    """Return where each line of a file is after a change of the file, counted from 1.

    All lines of a passage that changed count for each; new lines are reached by what reaches the line before them.
    """
    where: dict[int, list[int]] = {}
    for tag, start, end, begin, stop in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for line in range(start, end) or [start - 1]:
            at = begin + line - start
            where.setdefault(line + 1, []).extend([at + 1] if tag == "equal" else range(begin + 1, stop + 1))
    return where


def _trace(tests: Tests, names: Sequence[str], answer: Path) -> bool:
    import coverage

    tracer = coverage.Coverage(data_file=None, include=[str(REPOSITORY / each) for each in CORE], config_file=False)
    tracer.start()
    tracer.switch_context("0")
    found: dict[str, tuple[float, dict[str, list[int]]]] = {}
    order: list[str] = []
    start = _cpu()
    for name, passed in tests.run(names):
        order.append(name)
        tracer.switch_context(str(len(order)))
        if passed:
            found[name] = round(_cpu() - start, 3), {}
        start = _cpu()
    tracer.stop()
    warnings.simplefilter("ignore")  # tests that reach nothing of the core
    data = tracer.get_data()
    for file in data.measured_files():
        path = Path(file).relative_to(REPOSITORY).as_posix()
        for line, contexts in data.contexts_by_lineno(file).items():
            for number in contexts:
                if number and int(number) < len(order) and (test := found.get(order[int(number)])):
                    test[1].setdefault(path, []).append(line)
    answer.write_text(json.dumps(found))
    return True


def _cpu() -> float:
    return sum(os.times()[:4])


def core_files() -> list[str]:
    """Return the files that are changed."""
    found = [(each, sorted(REPOSITORY.glob(each))) for each in CORE]
    if gone := [each for each, paths in found if not paths]:
        raise SystemExit(f"no such file: {', '.join(gone)}")
    return [path.relative_to(REPOSITORY).as_posix() for _each, paths in found for path in paths]


def tests_of(mutant: Mutant, known: dict[str, Traced], most: float) -> list[str]:
    """Return the tests that reach a mutant's line, quickest first; if there are none, those that reach its file."""
    lines = range(mutant.line, mutant.last_line + 1)
    by_file = {name: each for name, each in known.items() if mutant.path in each.lines}
    by_line = [name for name, each in by_file.items() if any(line in lines for line in each.lines[mutant.path])]
    chosen: list[str] = []
    left = most
    for name in sorted(by_line or by_file, key=lambda name: (known[name].seconds, name)):
        left -= known[name].seconds
        if left < 0:
            break
        chosen.append(name)
    return chosen


def passes(mutant: Mutant, names: Sequence[str], tests: Tests, live: Live, most: float) -> bool:
    """Say whether all these tests pass with a mutant. A mutant that does not end is killed by the system."""
    seconds = int(2 * most) + 5
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    if live.change(mutant):
        return tests.all_pass(names)
    import_anew(mutant)
    passed = False

    def try_again(again: Tests) -> None:
        nonlocal passed
        passed = again.all_pass(names)

    with_tests(list(dict.fromkeys(name.partition("::")[0] for name in names)), try_again)
    return passed


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200, help="so many mutants of the shuffled list are tried")
    parser.add_argument("--first", type=int, default=0, help="after so many that are left out")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=15.0, help="CPU time of the tests of a mutant, at most")
    parser.add_argument("--only", action="append", help="mutants of this file only, say wikitools/text.py")
    parser.add_argument("--tests", nargs="+", default=["test_*.py"], help="tests of these files, say test_match.py")
    arguments = parser.parse_args()
    files = sorted(str(each) for glob in arguments.tests for each in TESTS.rglob(glob))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = folder  # the processes never tidy up
        return with_tests(files, lambda tests: measure(tests, arguments))


def measure(tests: Tests, arguments: argparse.Namespace) -> None:
    """Try the mutants that are asked for, and print what survives."""
    every = [mutant for path in core_files() for mutant in mutants(path)]
    random.Random(arguments.seed).shuffle(every)
    some = [each for each in every if not arguments.only or each.path in arguments.only]
    some = some[arguments.first : arguments.first + arguments.count]
    known = learn(tests, arguments.jobs)
    live = Live()
    gc.freeze()  # the processes share what is in memory
    print(f"{len(every)} mutants, {len(some)} of them tried", flush=True)
    waiting = list(enumerate(some, arguments.first + 1))
    running: dict[int, tuple[int, Mutant, float]] = {}
    killed = 0
    while waiting or running:
        while waiting and len(running) < arguments.jobs:
            number, mutant = waiting.pop(0)
            names = tests_of(mutant, known, arguments.seconds)
            if not names:
                print(f"{number} no test reaches it: {mutant}", flush=True)
                continue
            work = forked(lambda mutant=mutant, names=names: passes(mutant, names, tests, live, arguments.seconds))
            running[work] = number, mutant, time.monotonic() + 600
        if not running:
            break
        process, code = ended({process: latest for process, (_number, _mutant, latest) in running.items()})
        number, mutant, _latest = running.pop(process)
        if code not in KILLED | {PASSED}:
            pytest.exit(f"the process that tried {mutant} ended with {code}")
        if code == PASSED:
            print(f"{number} survives: {mutant}", flush=True)
        else:
            killed += 1
            how = "killed by time" if code in {OUT_OF_TIME, None} else "killed"
            print(f"{number} {how}: {mutant}", file=sys.stderr, flush=True)
    survive = len(some) - killed
    print(f"{killed} of {len(some)} killed ({killed / max(1, len(some)):.0%}), {survive} survive")


if __name__ == "__main__":
    sys.exit(main())
