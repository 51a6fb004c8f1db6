"""Interrupts at any moment: a wiki is what it was or what it was to be, and the exit code says what happened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from program import PROGRAM, environment

from wikitools import files, interrupts, moves

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Call

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="needs the signals of POSIX")]

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PAGES = int(os.environ.get("WIKITOOLS_TEST_PAGES", "20"))
INTERRUPTS = int(os.environ.get("WIKITOOLS_TEST_INTERRUPTS", "6"))


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def put(root: Path, wanted: dict[str, bytes]) -> None:
    """Make a folder hold these files and no others."""
    for path in contents(root).keys() - wanted.keys():
        (root / path).unlink()
    for path, data in wanted.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    for folder in sorted((path for path in root.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    root = tmp_path / "wiki"
    (root / "notes").mkdir(parents=True)
    (root / "wikitools.toml").write_text("")
    (root / "notes/Old.md").write_text("# Part\n\n[first](../page000.md)\n")
    (root / "notes/Near.md").write_text("[[Old#Part]] and [x](../page001.md)\n")
    for number in range(PAGES):
        (root / f"page{number:03}.md").write_text(f"{number}: [[Old]], [x](notes/Old.md#part), [[notes/Near]]\n")
    return root


BEGIN = """
import sys
from wikitools import __main__, interrupts
interrupts.listen()
try:
    print("!", flush=True)
    code = __main__.main()
except KeyboardInterrupt:
    interrupts.end_now()
sys.exit(code)
"""
"""What happens before the first line of the program is Python's; from there on, every moment is ours."""


def started(root: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start the program, and return when it hears signals."""
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN, *arguments],
        cwd=root,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.read(1) == b"!"
    return process


def moments(process: subprocess.Popen[bytes], number: int, dice: random.Random, lasted: float, watched: Path) -> None:
    """Wait for a random moment of the run; every other one falls among the writes, which are a small part of it."""
    if number % 2:
        before = watched.read_bytes()
        while process.poll() is None and watched.exists() and watched.read_bytes() == before:
            time.sleep(0.0005)
    else:
        time.sleep(dice.uniform(0, lasted))


@pytest.mark.parametrize(
    "arguments",
    [
        ("rename", "Old", "deep/er/New name", "-q"),
        ("rename", "Old#Part", "Piece", "-q"),
        ("rename", "notes/", "more/ideas/", "-q"),
    ],
)
def test_a_rename_that_is_interrupted_leaves_the_wiki_old_or_new(wiki: Path, arguments: tuple[str, ...]) -> None:
    """The full number is 100 interrupts: WIKITOOLS_TEST_INTERRUPTS=100."""
    old = contents(wiki)
    began = time.monotonic()
    process = started(wiki, *arguments)
    process.communicate(timeout=300)
    assert process.returncode == 0
    lasted = time.monotonic() - began
    new = contents(wiki)
    assert new != old
    dice = random.Random(12)
    for number in range(INTERRUPTS):
        put(wiki, old)
        sent = dice.choice(SIGNALS)
        process = started(wiki, *arguments)
        moments(process, number, dice, lasted, wiki / f"page{dice.randrange(PAGES):03}.md")
        process.send_signal(sent)
        said = process.communicate(timeout=300)[1]
        found = contents(wiki)
        assert found in (old, new), (number, sent)
        assert process.returncode in (0, 128 + sent), said
        if found == old and b"interrupted" in said:
            assert not (wiki / "deep").exists()
            assert not (wiki / "more").exists()


@pytest.mark.parametrize("command", [("lint", "--fix", "-q"), ("rename", "Old", "New", "-q", "-j", "2"), ("--help",)])
def test_the_exit_code_says_which_signal_came(wiki: Path, command: tuple[str, ...]) -> None:
    dice = random.Random(7)
    old = contents(wiki)
    for number in range(max(2 * len(SIGNALS), INTERRUPTS)):
        sent = SIGNALS[number % len(SIGNALS)]
        put(wiki, old)
        process = started(wiki, *command)
        time.sleep(dice.uniform(0, 0.3))
        process.send_signal(sent)
        said = process.communicate(timeout=300)[1]
        assert process.returncode in (0, 128 + sent), said
        assert b"Traceback" not in said


def test_signals_that_the_caller_ignores_stay_ignored(wiki: Path) -> None:
    # As nohup does it.
    process = subprocess.Popen(
        [*PROGRAM, "rename", "Old", "New", "-q"],
        cwd=wiki,
        env=environment(),
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),  # noqa: PLW1509  # no threads here
    )
    time.sleep(0.2)
    process.send_signal(signal.SIGHUP)
    assert process.wait(300) == 0
    assert (wiki / "notes/New.md").exists()


# --- each moment between two steps, in this process ------------------------------------------------------------------


@pytest.fixture
def listening() -> Iterator[None]:
    """Signals are heard as the program hears them."""
    before = {number: signal.getsignal(number) for number in interrupts.SIGNALS}
    interrupts.listen()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
    interrupts._received, interrupts._waiting, interrupts._over = 0, False, False


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("after", [True, False])
def test_an_interrupt_beside_each_write_puts_all_back(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    monkeypatch.chdir(wiki)
    old = contents(wiki)
    real = files.write_atomic
    for number in (0, 1, PAGES // 2, PAGES):
        steps = iter(range(10 * PAGES))

        def interrupted(
            root: Path, path: str, old: bytes, new: str, *, at: int = number, steps: Any = steps, **more: Any
        ) -> None:
            if next(steps) != at:
                real(root, path, old, new, **more)
                return
            if after:
                real(root, path, old, new, **more)
            signal.raise_signal(signal.SIGTERM)
            if not after:
                real(root, path, old, new, **more)

        monkeypatch.setattr(files, "write_atomic", interrupted)
        code, out, err = call("rename", "Old", "deep/New")
        assert (code, out, err) == (143, "", "nothing was renamed\nerror: interrupted\n")
        assert contents(wiki) == old
        assert not (wiki / "deep").exists()
        interrupts._received = 0


@pytest.mark.usefixtures("listening")
def test_an_error_right_after_a_write_puts_that_page_back_too(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(wiki)
    old = contents(wiki)
    real = files.write_atomic

    def late(root: Path, path: str, old: bytes, new: str, **more: Any) -> None:
        real(root, path, old, new, **more)
        if path == "page003.md" and b"Old" in old:
            raise KeyboardInterrupt

    monkeypatch.setattr(files, "write_atomic", late)
    assert call("rename", "Old", "New")[0] == 130
    assert contents(wiki) == old


@pytest.mark.usefixtures("listening")
def test_an_interrupt_after_the_last_step_says_what_was_done(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(wiki)
    real = moves._move

    def late(root: Path, old: str, new: str, **more: Any) -> None:
        real(root, old, new, **more)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(moves, "_move", late)
    code, out, err = call("rename", "Old", "New")
    assert (code, err) == (130, "error: interrupted\n")
    assert out.startswith("renamed notes/Old.md to notes/New.md; ")
    assert (wiki / "notes/New.md").exists()


@pytest.mark.usefixtures("listening")
def test_what_cannot_be_put_back_is_named(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(wiki)
    real = files.write_atomic

    def meddled(root: Path, path: str, old: bytes, new: str, **more: Any) -> None:
        real(root, path, old, new, **more)
        if path == "page003.md":
            (root / path).write_text("somebody's own words")
            signal.raise_signal(signal.SIGHUP)

    monkeypatch.setattr(files, "write_atomic", meddled)
    code, _out, err = call("rename", "Old", "New")
    assert (code, err) == (2, "error: interrupted; could not be put back: page003.md\n")
    assert (wiki / "page003.md").read_text() == "somebody's own words"
    assert "[[Old]]" in (wiki / "page002.md").read_text()


@pytest.mark.usefixtures("listening")
def test_repairs_stop_between_two_pages(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(wiki)
    (wiki / "refs.bib").write_text("@book{shah2023, author = {Shah, Rohin}, title = {Goals}, year = {2023}}\n")
    (wiki / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n')
    empty = "# A\n\nSee (Shah 2023).\n\n## Sources cited\n\n<!-- wikitools:sources -->\n<!-- /wikitools:sources -->\n"
    for name in "abc":
        (wiki / f"{name}.md").write_text(empty)
    real = files.write_atomic

    def interrupted(root: Path, path: str, old: bytes, new: str, **more: Any) -> None:
        signal.raise_signal(signal.SIGTERM)
        real(root, path, old, new, **more)

    monkeypatch.setattr(files, "write_atomic", interrupted)
    for number, command in enumerate((("backfill",), ("lint", "--fix", "--select", "stale-sources")), 1):
        code, _out, err = call(*command)
        assert code == 143
        assert err == f"1 of {4 - number} changed pages was written\nerror: interrupted\n"
        assert [(wiki / f"{name}.md").read_text() != empty for name in "abc"] == [number > each for each in range(3)]
        interrupts._received = 0


def test_a_rename_that_was_killed_is_finished_by_running_it_again(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill cannot be undone by the killed; each page is old or new then, and the same command does the rest."""
    monkeypatch.chdir(wiki)
    old = contents(wiki)
    real = files.write_atomic

    class Killed(BaseException):
        pass

    for arguments in (("Old", "deep/New name"), ("notes/", "more/ideas/"), ("Old#Part", "Piece")):
        put(wiki, old)
        assert call("rename", *arguments)[0] == 0
        new = contents(wiki)
        for number in (0, 1, PAGES // 2, *range(PAGES, PAGES + 3)):
            put(wiki, old)
            steps = iter(range(10 * PAGES))

            def killed(
                root: Path, path: str, old: bytes, new: str, *, at: int = number, steps: Any = steps, **more: Any
            ) -> None:
                if next(steps) == at:
                    raise Killed
                real(root, path, old, new, **more)

            monkeypatch.setattr(files, "write_atomic", killed)
            # Nothing is put back after a kill.
            monkeypatch.setattr(moves, "_put_back", lambda _undo: [])
            try:
                call("rename", *arguments)
            except Killed:
                pass
            else:
                break
            finally:
                monkeypatch.setattr(files, "write_atomic", real)
            found = contents(wiki)
            assert all(found[path] in (old[path], new.get(path, found[path])) for path in old)
            assert call("rename", *arguments)[0] == 0, (arguments, number)
            assert contents(wiki) == new
