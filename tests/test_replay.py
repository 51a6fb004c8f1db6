"""A run in which nothing has changed prints again what it printed before, and only then."""

from __future__ import annotations

import builtins
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from program import PROGRAM, environment, on_terminal

from wikitools import replay
from wikitools.cli import replayable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Call

FILES = {
    "wiki/wikitools.toml": 'extend = "../shared.toml"\nbaseline = "known.json"\n',
    "wiki/index.md": "# Index\n\n[[Tides]], [[nowhere]], [out](../notes/near.md), [a](.github/guide.md), [x](y.png)\n",
    "wiki/Tides.md": "---\nbibliography: own.bib\n---\n\n# Tides\n\n(Doe 2020) and [[index#Nothing]]\n",
    "wiki/own.bib": "@book{doe, author = {Doe, Ann}, title = {Tides}, year = {2020}}\n",
    "wiki/all.bib": "@book{roe, author = {Roe, Rik}, title = {Dunes}, year = {2021}}\n",
    "wiki/known.json": '{"version": 1, "findings": []}',
    "wiki/y.png": "",
    "wiki/sub/.gitignore": "draft.md\n",
    "wiki/sub/draft.md": "# Draft\n",
    "wiki/sub/page.md": "# Page\n\n[[Tides]] [draft](draft.md) [none](no/such/page.md)\n",
    "wiki/.github/guide.md": "# Guide\n",
    "shared.toml": 'ignore = ["cut-link"]\n',
    "notes/near.md": "# Near\n",
    ".gitignore": "*.tmp\n",
}


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> Path:
    """A wiki in a repository, with everything that a run may look at; its files count as old."""
    top = tmp_path / "repository"
    for name, text in FILES.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    (top / "wiki" / "known.json").unlink()
    subprocess.run(("git", "init", "-q"), cwd=top, check=True)
    subprocess.run(("git", "add", "-A"), cwd=top, check=True)
    monkeypatch.chdir(top / "wiki")
    monkeypatch.setattr(replayable, "_TOO_YOUNG", -(10**12))
    assert call("baseline", "create", "--config", 'select=["anchors"]', "-q")[0] == 0
    return top / "wiki"


LINT = ("lint", "--output-format", "json")


def printed(record: replay.Record | None) -> tuple[int, bytes, bytes]:
    assert record is not None
    out = b"".join(data for kind, data in record.printed if kind != replay.ERROR)
    return record.code, out, b"".join(data for kind, data in record.printed if kind == replay.ERROR)


def test_a_record_holds_what_was_printed(wiki: Path, call: Call) -> None:
    (wiki / "new.md").write_text("[[missing]] ünïcode \x1b[31m\n")
    for arguments in (LINT, ("lint",), ("lint", "--output-format", "concise"), ("lint", "sub"), ("lint", "-q")):
        code, out, err = call(*arguments)
        assert printed(replay.find(arguments)) == (code, out.encode(), err.encode()), arguments


def link(place: Path, target: str) -> None:
    place.unlink(missing_ok=True)
    place.symlink_to(target)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a page": lambda wiki: (wiki / "index.md").write_text("# Index\n"),
    "a page of the same size": lambda wiki: (wiki / "index.md").write_text(
        FILES["wiki/index.md"].replace("out", "OUT")
    ),
    "a new page": lambda wiki: (wiki / "nowhere.md").write_text("# Nowhere\n"),
    "a new empty folder": lambda wiki: (wiki / "folder").mkdir(),
    "a page deleted": lambda wiki: (wiki / "Tides.md").unlink(),
    "a page renamed": lambda wiki: (wiki / "Tides.md").rename(wiki / "tides.md"),
    "an attachment": lambda wiki: (wiki / "y.png").unlink(),
    "a link instead of a file": lambda wiki: link(wiki / "y.png", "own.bib"),
    "a link in a circle": lambda wiki: link(wiki / "loop", "loop"),
    "a link above in a circle": lambda wiki: link(wiki.parent / ".gitignore", ".gitignore"),
    "a bibliography": lambda wiki: (wiki / "all.bib").write_text(""),
    "a bibliography of a page": lambda wiki: (wiki / "own.bib").unlink(),
    "what is ignored": lambda wiki: (wiki / "sub" / ".gitignore").unlink(),
    "what is ignored above": lambda wiki: (wiki.parent / ".gitignore").write_text("Tides.md\n"),
    "what is ignored in git's folder": lambda wiki: (wiki.parent / ".git/info/exclude").write_text("Tides.md\n"),
    "an ignored page": lambda wiki: (wiki / "sub" / "draft.md").unlink(),
    "the configuration": lambda wiki: (wiki / "wikitools.toml").write_text('ignore = ["ALL"]\n'),
    "no configuration": lambda wiki: (wiki / "wikitools.toml").unlink(),
    "what it extends": lambda wiki: (wiki.parent / "shared.toml").write_text('engine = "logseq"\n'),
    "another configuration": lambda wiki: (wiki / "pyproject.toml").write_text("[tool.wikitools]\n"),
    "the baseline": lambda wiki: (wiki / "known.json").unlink(),
    "git's index": lambda wiki: subprocess.run(("git", "rm", "-q", "--cached", "Tides.md"), cwd=wiki, check=True),
    "no repository": lambda wiki: shutil.rmtree(wiki.parent / ".git"),
    "a repository further in": lambda wiki: subprocess.run(("git", "init", "-q"), cwd=wiki, check=True),
    "a page outside that a link names": lambda wiki: (wiki.parent / "notes/near.md").unlink(),
    "a hidden page that a link names": lambda wiki: (wiki / ".github/guide.md").unlink(),
    "a page that may not be read": lambda wiki: (wiki / "index.md").chmod(0),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_ends_it(wiki: Path, call: Call, change: str) -> None:
    call(*LINT)
    assert replay.find(LINT) is not None
    CHANGES[change](wiki)
    assert replay.find(LINT) is None
    if os.getuid() or change != "a page that may not be read":
        again = call(*LINT)
        assert again == call(*LINT, "--no-cache")


SAME: dict[str, Callable[[Path], object]] = {
    "nothing": lambda _wiki: None,
    "a file in a hidden folder": lambda wiki: (wiki / ".github/more.md").write_text("# More\n"),
    "a file beside the wiki": lambda wiki: (wiki.parent / "other.md").write_text("# Other\n"),
    "what Python compiled": lambda wiki: (wiki / "__pycache__").mkdir(),
}


@pytest.mark.parametrize("change", SAME)
def test_what_no_run_looks_at_does_not_count(wiki: Path, call: Call, change: str) -> None:
    call(*LINT)
    SAME[change](wiki)
    assert replay.find(LINT) is not None


def test_another_call_has_another_record(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    call(*LINT)
    assert replay.find((*LINT, "--select", "links")) is None
    assert replay.find(("backfill", "--check")) is None
    monkeypatch.setenv("WIKITOOLS_IGNORE", "broken-wikilink")
    assert replay.find(LINT) is None
    monkeypatch.delenv("WIKITOOLS_IGNORE")
    assert replay.find(LINT) is not None
    monkeypatch.chdir(wiki / "sub")
    assert replay.find(LINT) is None


@pytest.mark.parametrize(
    "arguments",
    [
        ("lint", "--no-cache"),
        ("lint", "-v"),
        ("lint", "--fix"),
        ("lint", "--diff"),
        ("lint", "--index", "git"),
        ("lint", "--staged"),
        ("lint", "--changed"),
        ("lint", "--new-since", "HEAD"),
        ("lint", "-o", "report.sarif"),
        ("lint", "--follow-links"),
        ("lint", "nowhere"),
        ("lint", "--select", "nowhere"),
        ("lint", "--no-such-option"),
        ("lint", "--help"),
    ],
)
def test_runs_that_depend_on_more_leave_no_record(wiki: Path, call: Call, arguments: tuple[str, ...]) -> None:
    subprocess.run(
        ("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "All"), cwd=wiki, check=True
    )
    call(*arguments)
    assert replay.find(arguments) is None


DOUBTS: dict[str, Callable[[Path, pytest.MonkeyPatch], object]] = {
    "a link to a file": lambda wiki, _patch: link(wiki / "linked.md", "Tides.md"),
    "a link to a folder": lambda wiki, _patch: link(wiki / "linked", "../notes"),
    "a link in a circle": lambda wiki, _patch: link(wiki / "loop", "loop"),
    "a bibliography at home": lambda _wiki, patch: patch.setenv("WIKITOOLS_BIBLIOGRAPHY", "~/x.bib"),
    "a hidden bibliography": lambda _wiki, patch: patch.setenv("WIKITOOLS_BIBLIOGRAPHY", ".refs/*.bib"),
    "a bibliography of packages": lambda _wiki, patch: patch.setenv("WIKITOOLS_BIBLIOGRAPHY", "node_modules/x.bib"),
    "a repository of variables": lambda wiki, patch: patch.setenv("GIT_DIR", str(wiki.parent / ".git")),
    "a configuration that includes another": lambda wiki, _patch: (wiki.parent / ".git/config").write_text(
        "[core]\n[include]\n\tpath = elsewhere\n"
    ),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_run_that_may_depend_on_more_leaves_no_record(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch, doubt: str
) -> None:
    DOUBTS[doubt](wiki, monkeypatch)
    call(*LINT)
    assert replay.find(LINT) is None


def test_a_record_of_somebody_else_is_not_used(wiki: Path, call: Call, cache_of_its_own: Path) -> None:
    call(*LINT)
    (file,) = cache_of_its_own.glob("*.replay")
    file.chmod(0o666)
    assert replay.find(LINT) is None
    file.chmod(0o600)
    assert replay.find(LINT) is not None
    file.unlink()
    os.mkfifo(file)
    assert replay.find(LINT) is None


def test_a_record_holds_no_secret(
    wiki: Path, call: Call, cache_of_its_own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", "s3cr3t-value")
    call(*LINT)
    (file,) = cache_of_its_own.glob("*.replay")
    assert b"s3cr3t" not in file.read_bytes()


# Records are kept however young the files are: what a user would wait for.
AT_ONCE = (
    *(sys.executable, "-c"),
    "import sys; from wikitools.cli import replayable; replayable._TOO_YOUNG = -(10**12)\n"
    "from wikitools.__main__ import main; sys.exit(main())",
)


@pytest.mark.slow
def test_what_a_reader_did_not_take_is_no_record(wiki: Path) -> None:
    (wiki / "many.md").write_text("".join(f"[[nowhere {number}]]\n\n" for number in range(2000)))
    with subprocess.Popen((*AT_ONCE, *LINT), env=environment(), stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        run.stdout.read(10)
        run.stdout.close()
    again = subprocess.run((*PROGRAM, *LINT), env=environment(), capture_output=True, check=False).stdout
    fresh = subprocess.run((*PROGRAM, *LINT, "--no-cache"), env=environment(), capture_output=True, check=False).stdout
    assert again == fresh


@pytest.mark.slow
def test_a_change_while_the_output_waits_for_its_reader_shows(wiki: Path) -> None:
    (wiki / "many.md").write_text("".join(f"[[nowhere {number}]]\n\n" for number in range(2000)))
    with subprocess.Popen((*AT_ONCE, *LINT), env=environment(), stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        run.stdout.read(10)
        (wiki.parent / "notes/near.md").unlink()
        (wiki / "Tides.md").unlink()
        run.stdout.read()
    again = subprocess.run((*PROGRAM, *LINT), env=environment(), capture_output=True, check=False).stdout
    fresh = subprocess.run((*PROGRAM, *LINT, "--no-cache"), env=environment(), capture_output=True, check=False).stdout
    assert again == fresh


def test_a_young_pipe_keeps_nobody_waiting(wiki: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(wiki / "pipe")
    done = subprocess.run((*PROGRAM, *LINT), env=environment(), capture_output=True, check=False, timeout=60)
    assert done.returncode == 1


def test_a_folder_that_is_gone_is_no_error(wiki: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = wiki / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    done = subprocess.run((*PROGRAM, "lint"), env=environment(), capture_output=True, check=False, text=True)
    assert "Traceback" not in done.stderr


def test_a_damaged_record_is_not_used(wiki: Path, call: Call, cache_of_its_own: Path) -> None:
    call(*LINT)
    (file,) = cache_of_its_own.glob("*.replay")
    whole = file.read_bytes()
    dice = random.Random(3)
    for _attempt in range(60):
        data = bytearray(whole)
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        file.write_bytes(data)
        assert replay.find(LINT) is None
        file.write_bytes(whole[: dice.randrange(len(whole))])
        assert replay.find(LINT) is None
    file.write_bytes(whole)
    assert replay.find(LINT) is not None
    file.unlink()
    file.symlink_to(file.with_name("elsewhere"))
    file.with_name("elsewhere").write_bytes(whole)
    assert replay.find(LINT) is None


def test_clean_deletes_records(wiki: Path, call: Call, cache_of_its_own: Path) -> None:
    call(*LINT)
    assert list(cache_of_its_own.glob("*.replay"))
    call("cache", "clean")
    assert not list(cache_of_its_own.glob("*"))


def test_few_records_are_kept(wiki: Path, call: Call, cache_of_its_own: Path) -> None:
    for limit in range(8):
        call(*LINT, "--min-severity", "info", *("-q",) * limit)
    assert 0 < len(list(cache_of_its_own.glob("*.replay"))) <= 3


# Files too young for their times to be trusted


def test_a_young_page_is_compared_by_its_content(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    old = time.time_ns()
    time.sleep(0.05)
    page = wiki / "sub/page.md"
    with page.open("a") as file:
        file.write("\nMore.\n")
    monkeypatch.setattr("time.time_ns", lambda: old)
    monkeypatch.setattr(replayable, "_TOO_YOUNG", -20_000_000)
    call(*LINT)
    record = replay.find(LINT)
    assert record is not None
    assert [path for path, _data in record.young] == [str(page)]
    status = page.stat()
    page.write_text(page.read_text().replace("More", "Less"))
    os.utime(page, ns=(status.st_atime_ns, status.st_mtime_ns))
    # Even if the file system had not noticed.
    monkeypatch.setattr(replay, "observe", lambda *_asked: ())
    monkeypatch.setattr(record, "state", "")
    monkeypatch.setattr(replay, "read", lambda _file: record)
    assert replay.find(LINT) is None
    page.write_text(page.read_text().replace("Less", "More"))
    assert replay.find(LINT) is record


@pytest.mark.parametrize("name", ["wiki/all.bib", "wiki/new.md", ".gitignore", "wiki/wikitools.toml"])
def test_other_young_files_leave_no_record(wiki: Path, call: Call, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old = time.time_ns()
    time.sleep(0.05)
    (wiki.parent / name).write_text(FILES.get(name, "# New\n"))
    monkeypatch.setattr("time.time_ns", lambda: old)
    monkeypatch.setattr(replayable, "_TOO_YOUNG", -20_000_000)
    call(*LINT)
    assert replay.find(LINT) is None


# Nothing is forgotten


def test_everything_that_a_run_asks_the_disk_is_compared(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch, cache_of_its_own: Path
) -> None:
    """Listens to each question to the disk, and looks for it in the record."""
    asked: set[str] = set()

    real_link = os.readlink

    def listen(patch: pytest.MonkeyPatch, module: Any, name: str) -> None:
        whole = getattr(module, name)

        def listening(path: Any = ".", *rest: Any, dir_fd: int | None = None, **more: Any) -> Any:
            if isinstance(path, str | os.PathLike):
                base = os.getcwd() if dir_fd is None else real_link(f"/proc/self/fd/{dir_fd}")
                asked.add(os.path.normpath(os.path.join(base, path)))
            return whole(path, *rest, **({} if dir_fd is None else {"dir_fd": dir_fd}), **more)

        patch.setattr(module, name, listening)

    with monkeypatch.context() as patch:
        for name in ("stat", "lstat", "open", "scandir", "listdir", "readlink", "access"):
            listen(patch, os, name)
        listen(patch, builtins, "open")
        call(*LINT)
    (file,) = cache_of_its_own.glob("*.replay")
    record = replay.read(str(file))
    assert record is not None
    assert str(wiki / "index.md") in asked
    assert str(wiki.parent / ".git") in asked
    compared = {str(path) for path, *_state in replay.observe(record.trees, record.places)}
    # Whether a folder above is there follows from what is in it, but for a file that is not there.
    compared |= {str(above) for path in record.places if not os.path.lexists(path) for above in Path(path).parents}
    assert sorted(set(not_compared(asked, compared, record.trees, cache_of_its_own))) == []


def not_compared(asked: set[str], compared: set[str], trees: tuple[str, ...], cache: Path) -> Iterator[str]:
    folders = {*compared, *trees}
    # Python and its packages, which are compared by their main files, what git looks for, and the cache itself.
    apart = (sys.prefix, sys.base_prefix, str(cache), "/proc", "/dev", str(Path(__file__).parent))
    programs = {os.path.join(folder, "git") for folder in os.environ["PATH"].split(os.pathsep)}
    for path in asked:
        if path in folders or path in programs or path.startswith(apart):
            continue
        if any(each.startswith(f"{path}/") for each in (*programs, str(cache))):
            # A folder above git, or above the cache.
            continue
        if os.path.basename(path) == ".git" and str(cache).startswith(os.path.dirname(path)):
            # Each run asks whether the cache is in a repository.
            continue
        if path.lower() in {each.lower() for each in compared} and not os.path.lexists(path):
            # A name in the other case: whether the file system knows the difference.
            continue
        if any(path.startswith(f"{tree}/") for tree in trees):
            # A name that is not there: the names in its folder, or in the nearest one above, are compared.
            there = path
            while not os.path.lexists(there):
                there = os.path.dirname(there)
            if there != path and there in folders and not any(part[:1] == "." for part in path.split("/")):
                continue
            if any(part in replay.SKIPPED for part in Path(path).parts):
                continue
        yield path


# The program


@pytest.mark.slow
def test_the_program_prints_the_same_bytes(wiki: Path) -> None:
    for arguments in (LINT, ("lint",)):
        runs = [
            subprocess.run((*program, *arguments), env=environment(), capture_output=True, check=False)
            for program in (AT_ONCE, PROGRAM)
        ]
        assert len({(run.returncode, run.stdout, run.stderr) for run in runs}) == 1
        assert runs[0].returncode == 1
        assert runs[0].stdout
        shown = [
            on_terminal(*arguments, program=program, cwd=wiki, environment=environment(), columns=70)
            for program in (AT_ONCE, PROGRAM)
        ]
        assert len(set(shown)) == 1


LOADED = """
import sys
sys.argv = ["wikitools", *sys.argv[1:]]
from wikitools.__main__ import main
code = main()
sys.stderr.write(" ".join(sorted(sys.modules)))
sys.exit(code)
"""


@pytest.mark.slow
def test_it_imports_hardly_anything(wiki: Path) -> None:
    loaded = [
        subprocess.run((*program, *LINT), env=environment(), capture_output=True, text=True, check=False)
        for program in (AT_ONCE, (sys.executable, "-c", LOADED))
    ]
    modules = set(loaded[1].stderr.splitlines()[-1].split())
    assert loaded[0].stdout == loaded[1].stdout
    assert {name for name in modules if name.startswith("wikitools.")} <= {
        *("wikitools.__main__", "wikitools.replay", "wikitools.user_cache")
    }
    assert not modules & {
        "typer",
        "typing",
        "re",
        "json",
        "signal",
        "sqlite3",
        "msgpack",
        "dataclasses",
        "pathlib",
    }


@pytest.mark.slow
def test_output_that_nobody_reads_or_that_finds_no_room(wiki: Path) -> None:
    first = subprocess.run((*AT_ONCE, *LINT), env=environment(), capture_output=True, check=False)
    with open("/dev/full", "wb") as full:
        done = subprocess.run((*PROGRAM, *LINT), env=environment(), stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert b"cannot write to standard output: no space left on device" in done.stderr
    with subprocess.Popen((*PROGRAM, *LINT), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        run.stdout.close()
        assert run.wait(60) == first.returncode


def test_random_changes_never_show(wiki: Path, call: Call) -> None:
    """After each change the output is that of a run without a cache, whether it was printed again or not."""
    dice = random.Random(5)
    again = 0
    for step in range(25):
        if dice.random() < 0.6:
            place = wiki / dice.choice(("index.md", "Tides.md", "sub/page.md", "new.md", "all.bib", "sub/.gitignore"))
            if place.exists() and dice.random() < 0.2:
                place.unlink()
            else:
                place.write_text(f"# {step}\n\n[[{dice.choice(('index', 'Tides', 'new', 'x'))}]] (Roe 2021)\n")
        record = replay.find(LINT)
        again += record is not None
        code, out, err = call(*LINT, "--no-cache")
        if record is not None:
            assert printed(record) == (code, out.encode(), err.encode())
        assert call(*LINT) == (code, out, err)
    assert 3 < again < 20
