"""Change one operator, number or statement at a time in the core of wikitools and count the changes that tests notice.

    python tests/benchmarks/mutants.py [--seed 1] [--count 200] [--jobs 2] [--only FILE] [--tests GLOB ...]

First the fast tests run once, to learn which of them reach which lines; that is kept in build/mutants.json until the
code or a test file changes. Then each mutant (the same for the same seed and code) is tried by the tests that reach
its line, quickest first, then by those that reach its file, until one fails. Prints those that survive: read them, and
write tests for those that matter.

Needs coverage (`pip install --group bench`) and a system that can fork. A mutant exists in memory only.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis  # noqa: F401  # loaded once, before processes are forked
import pytest
import yaml  # noqa: F401  # the same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import CodeType, ModuleType

REPOSITORY = Path(__file__).parent.parent.parent
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
MOST_SECONDS = 30.0
"""So much CPU time of tests is spent on a mutant at most, by what the tests took when they were traced."""
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.Break: ast.Continue,
    ast.Continue: ast.Break,
}


@dataclass(frozen=True)
class Mutant:
    """One change of one file: its text before and after."""

    path: str
    line: int
    last_line: int
    node: int
    """The place of the node among all that may be changed."""
    variant: int

    def __str__(self) -> str:
        tree = _tree(self.path)
        node = next(islice(_code(tree), self.node, None))
        before = ast.unparse(node).splitlines()[0]
        after = ast.unparse(_changes(node)[self.variant]()).splitlines()[0]
        return f"{self.path}:{self.line}: {before}  →  {after}"

    def tree(self) -> ast.Module:
        """Return the whole file with the change made."""
        tree = _tree(self.path)
        node = next(islice(_code(tree), self.node, None))
        replaced = _changes(node)[self.variant]()
        if replaced is not node:
            _put(tree, node, replaced)
        return ast.fix_missing_locations(tree)


def mutants(path: str) -> Iterator[Mutant]:
    """Yield all mutants of a file, in order."""
    for number, node in enumerate(_code(_tree(path))):
        line, end = node.lineno, node.end_lineno or node.lineno
        # What comes below a condition is not changed with it.
        last = node.test.end_lineno or line if isinstance(node, ast.If | ast.While) else end
        for variant in range(len(_changes(node))):
            yield Mutant(path, line, last, number, variant)


def _tree(path: str) -> ast.Module:
    return ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))


def _code(tree: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Yield all nodes that may be changed: no annotations, no imports for the type checker, no docstrings."""
    for field, value in ast.iter_fields(tree):
        if field in {"annotation", "returns", "decorator_list", "type_comment"}:
            continue
        for node in value if isinstance(value, list) else [value]:
            if not isinstance(node, ast.AST):
                continue
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                continue
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue
            if isinstance(node, ast.expr | ast.stmt):
                yield node
            yield from _code(node)


def _changes(node: ast.AST) -> list[Callable[[], ast.AST]]:
    """Return functions that each change a node or make its replacement."""
    found: list[Callable[[], ast.AST]] = []
    match node:
        case ast.Compare(ops=[first, *_]) if type(first) in SWAPS:
            found.append(lambda: _with(node, "ops", [SWAPS[type(first)](), *node.ops[1:]]))
        case ast.BoolOp():
            found.append(lambda: _with(node, "op", SWAPS[type(node.op)]()))
            if len(node.values) > 1:
                found += [lambda at=at: _without(node, at) for at in range(len(node.values))]
        case ast.BinOp(left=left, op=op) if type(op) in SWAPS and not isinstance(left, ast.Constant | ast.JoinedStr):
            found.append(lambda: _with(node, "op", SWAPS[type(op)]()))
        case ast.UnaryOp(op=ast.Not()):
            found.append(lambda: node.operand)
        case ast.Constant(value=bool()):
            found.append(lambda: _with(node, "value", not node.value))
        case ast.Constant(value=int()):
            found.append(lambda: _with(node, "value", node.value + 1))
        case ast.If() | ast.While() | ast.IfExp() if not isinstance(node.test, ast.Compare | ast.UnaryOp):
            # Else it would be the same as the change of the condition itself.
            found.append(lambda: _with(node, "test", ast.UnaryOp(ast.Not(), node.test)))
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            for made in node.generators:
                if made.ifs:
                    found.append(lambda made=made: _with(made, "ifs", []) and node)
        case ast.Break() | ast.Continue():
            found.append(SWAPS[type(node)])
        case ast.AugAssign() | ast.Expr(value=ast.Call()):
            found.append(ast.Pass)
        case ast.Return(value=ast.AST()) if not isinstance(node.value, ast.Constant):
            found.append(lambda: _with(node, "value", ast.Constant(None)))
    return found


def _with(node: ast.AST, field: str, value: object) -> ast.AST:
    setattr(node, field, value)
    return node


def _without(node: ast.BoolOp, at: int) -> ast.AST:
    left = [each for number, each in enumerate(node.values) if number != at]
    return left[0] if len(left) == 1 else ast.BoolOp(node.op, left)


def _put(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    """Put a node in the stead of another."""
    ast.copy_location(new, old)
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
            elif isinstance(value, list) and any(each is old for each in value):
                setattr(parent, field, [new if each is old else each for each in value])


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
        return compile(self.mutant.tree(), self.path, "exec", dont_inherit=True)


@dataclass
class Traced:
    """What a test took, and the lines of the core that it reached."""

    seconds: float
    lines: dict[str, list[int]]


class Tracer:
    """Pytest plugin that learns which lines of the core each test reaches."""

    def __init__(self) -> None:
        import coverage

        self.tests: dict[str, float] = {}
        self.failed: set[str] = set()
        self.coverage = coverage.Coverage(
            data_file=None, include=[str(REPOSITORY / each) for each in CORE], config_file=False
        )
        self.coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> object:
        self.coverage.switch_context(item.nodeid)
        start = _cpu()
        result = yield
        self.tests[item.nodeid] = _cpu() - start
        self.coverage.switch_context("")
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.passed:
            self.failed.add(report.nodeid)

    def found(self) -> dict[str, Traced]:
        self.coverage.stop()
        data = self.coverage.get_data()
        found = {name: Traced(round(seconds, 3), {}) for name, seconds in self.tests.items() if name not in self.failed}
        for file in data.measured_files():
            path = Path(file).relative_to(REPOSITORY).as_posix()
            for line, contexts in data.contexts_by_lineno(file).items():
                for name in contexts:
                    if name in found:
                        found[name].lines.setdefault(path, []).append(line)
        return found


def _cpu() -> float:
    return sum(os.times()[:4])


class Chosen:
    """Pytest plugin that runs only the named tests, in that order."""

    def __init__(self, names: Sequence[str]) -> None:
        self.order = {name: number for number, name in enumerate(names)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self.order), key=lambda item: self.order[item.nodeid]
        )


def run_tests(files: Sequence[str], *plugins: object, stop: bool = True) -> int:
    """Run test files in this process; return pytest's exit code."""
    arguments = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not slow", *(["-x"] if stop else [])]
    # Hypothesis is loaded already.
    arguments += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return int(pytest.main([*arguments, *files], plugins=list(plugins)))


def forked(work: Callable[[], int]) -> int:
    """Do work in a process of its own, in a process group of its own, that writes nowhere; return its id."""
    process = os.fork()
    if process:
        return process
    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        os.chdir(REPOSITORY)
        code = work()
    except BaseException:
        code = 70
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
        time.sleep(0.05)


TRACED = {int(each) for each in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)}
OUT_OF_TIME = -signal.SIGXCPU
KILLED = {int(each) for each in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)} | {OUT_OF_TIME, None}
"""Tests fail, cannot be imported, or do not end."""


def learn(jobs: int, tests: Sequence[str]) -> dict[str, dict[str, Traced]]:
    """Return the tests by file, traced again where the code or the file changed."""
    code = hashlib.sha256()
    for path in core_files():
        code.update((REPOSITORY / path).read_bytes())
    known = json.loads(KNOWN.read_text()) if KNOWN.exists() else {}
    stored: dict[str, dict[str, object]] = {}
    waiting = []
    for file in sorted(each for glob in tests for each in TESTS.rglob(glob)):
        name = file.relative_to(REPOSITORY).as_posix()
        digest = hashlib.sha256(code.digest() + file.read_bytes()).hexdigest()
        if known.get(name, {}).get("digest") == digest:
            stored[name] = known[name]
        else:
            waiting.append((name, digest))
    with tempfile.TemporaryDirectory() as folder:
        running: dict[int, tuple[str, str, Path]] = {}
        while waiting or running:
            while waiting and len(running) < jobs:
                name, digest = waiting.pop(0)
                answer = Path(folder) / name.replace("/", "-")
                running[forked(lambda name=name, answer=answer: _trace(name, answer))] = name, digest, answer
            process, ending = ended(dict.fromkeys(running, float("inf")))
            name, digest, answer = running.pop(process)
            if ending not in TRACED or not answer.exists():
                raise SystemExit(f"{name} cannot be traced: pytest ended with {ending}")
            print(f"traced {name}", file=sys.stderr, flush=True)
            stored[name] = {"digest": digest, "tests": json.loads(answer.read_text())}
            KNOWN.parent.mkdir(exist_ok=True)
            KNOWN.write_text(json.dumps(known | stored))
    return {
        name: {test: Traced(**each) for test, each in entry["tests"].items()}  # type: ignore[attr-defined]
        for name, entry in stored.items()
    }


def _trace(name: str, answer: Path) -> int:
    tracer = Tracer()
    code = run_tests([name], tracer, stop=False)
    answer.write_text(json.dumps({test: vars(each) for test, each in tracer.found().items()}))
    return code


def core_files() -> list[str]:
    """Return the files that are changed."""
    found = [(each, sorted(REPOSITORY.glob(each))) for each in CORE]
    if gone := [each for each, paths in found if not paths]:
        raise SystemExit(f"no such file: {', '.join(gone)}")
    return [path.relative_to(REPOSITORY).as_posix() for _each, paths in found for path in paths]


def tests_of(mutant: Mutant, known: dict[str, dict[str, Traced]]) -> list[str]:
    """Return the tests that reach a mutant's line, quickest first, then those that reach its file."""
    lines = range(mutant.line, mutant.last_line + 1)
    tests = [(name, each) for file in known.values() for name, each in file.items() if mutant.path in each.lines]
    # What is made once in a process, and kept, is seen in its first test only; so all that reach the file may need it.
    reach = [(all(line not in lines for line in each.lines[mutant.path]), each.seconds, name) for name, each in tests]
    chosen: list[str] = []
    left = MOST_SECONDS
    for _far, seconds, name in sorted(reach):
        left -= seconds
        if left < 0:
            break
        chosen.append(name)
    return chosen


def try_mutant(mutant: Mutant, tests: Sequence[str]) -> int:
    """Run tests against a mutant; return pytest's exit code. A mutant that does not end is killed by the system."""
    seconds = int(2 * MOST_SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    sys.meta_path.insert(0, Mutated(mutant))
    files = list(dict.fromkeys(name.partition("::")[0] for name in tests))
    return run_tests(files, Chosen(tests))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200, help="so many mutants of the shuffled list are tried")
    parser.add_argument("--first", type=int, default=0, help="after so many that are left out")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", action="append", help="mutants of this file only, say wikitools/text.py")
    parser.add_argument("--tests", nargs="+", default=["test_*.py"], help="tests of these files, say test_match.py")
    arguments = parser.parse_args()
    every = [mutant for path in core_files() for mutant in mutants(path)]
    random.Random(arguments.seed).shuffle(every)
    some = [each for each in every if not arguments.only or each.path in arguments.only]
    some = some[arguments.first : arguments.first + arguments.count]
    known = learn(arguments.jobs, arguments.tests)
    print(f"{len(every)} mutants, {len(some)} of them tried", flush=True)
    waiting = list(enumerate(some, arguments.first + 1))
    running: dict[int, tuple[int, Mutant, float]] = {}
    killed: list[Mutant] = []
    survived: list[Mutant] = []
    while waiting or running:
        while waiting and len(running) < arguments.jobs:
            number, mutant = waiting.pop(0)
            tests = tests_of(mutant, known)
            if not tests:
                survived.append(mutant)
                print(f"{number} no test reaches it: {mutant}", flush=True)
                continue
            work = forked(lambda mutant=mutant, tests=tests: try_mutant(mutant, tests))
            running[work] = number, mutant, time.monotonic() + 600
        if not running:
            break
        process, code = ended({process: latest for process, (_number, _mutant, latest) in running.items()})
        number, mutant, _latest = running.pop(process)
        if code not in KILLED | {0}:
            raise SystemExit(f"pytest ended with {code} for {mutant}")
        if code == 0:
            survived.append(mutant)
            print(f"{number} survives: {mutant}", flush=True)
        else:
            killed.append(mutant)
            print(
                f"{number} killed{' by time' if code in {OUT_OF_TIME, None} else ''}: {mutant}",
                file=sys.stderr,
                flush=True,
            )
    print(f"{len(killed)} of {len(some)} killed ({len(killed) / max(1, len(some)):.0%}), {len(survived)} survive")
    return 0


if __name__ == "__main__":
    sys.exit(main())
