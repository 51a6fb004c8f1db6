"""The program in a process of its own: pipes, encodings, terminals, full disks."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import program
import pytest
from program import PROGRAM

from wikitools.cli.app import run

if TYPE_CHECKING:
    from conftest import Call


def start(*arguments: str, cwd: Path, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=cwd,
        env=program.environment(WIKITOOLS_JOBS="2", **environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.slow
def test_a_closed_pipe_is_silent(wiki: Path) -> None:
    (wiki / "main.md").write_text("[[x]]\n" * 20_000)
    with start("lint", "--output-format", "concise", cwd=wiki) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1
    (wiki / "many").mkdir()
    with start("--help", cwd=wiki) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.slow
def test_an_encoding_without_the_characters_ends_nothing(wiki: Path) -> None:
    (wiki / "main.md").write_text("日本 [[語]]\n", encoding="utf-8")
    with start("lint", "--output-format", "full", cwd=wiki, PYTHONIOENCODING="latin-1", LC_ALL="C") as process:
        out, err = process.communicate()
    assert (process.returncode, err) == (1, b"")
    assert rb"\u65e5\u672c [[\u8a9e]]" in out


def on_full_disk(*arguments: str, cwd: Path) -> tuple[int, bytes]:
    """Return the exit code and standard error of the program when no more can be written to its output."""
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with open("/dev/full", "wb") as full:
        command = [*PROGRAM, *arguments]
        done = subprocess.run(
            command, cwd=cwd, env=program.environment(), stdout=full, stderr=subprocess.PIPE, check=False
        )
    return done.returncode, done.stderr


FULL = (2, b"error: cannot write to standard output: no space left on device\n")


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["lint"], ["--help"], ["explain", "broken-link"], ["--version"], ["lint", "-q"]])
def test_a_full_disk_is_said(wiki: Path, arguments: list[str]) -> None:
    assert on_full_disk(*arguments, cwd=wiki) == FULL


@pytest.mark.slow
def test_a_report_larger_than_the_buffer_meets_the_full_disk_in_its_middle(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("".join(f"[[Gone {n}]]\n" for n in range(2000)))
    assert on_full_disk("lint", "--no-progress", cwd=tmp_path) == FULL


def test_a_page_under_two_paths_is_repaired_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("out", "wiki"):
        (tmp_path / folder).mkdir()
    (tmp_path / "out/secret.md").write_text("# A\n\n[x](<./old page.md>)\n")
    (tmp_path / "out/old-page.md").write_text("")
    root = tmp_path / "wiki"
    (root / "link.md").symlink_to("../out/secret.md")
    (root / "sub").symlink_to("../out")
    assert run(["lint", "--fix", "--unsafe-fixes", "--fail-on", "never", "--follow-links", str(root)]) == 0
    said = capsys.readouterr()
    assert "changed on disk" not in said.err
    assert "Fixed 1 problem." in said.out
    assert run(["lint", "--fail-on", "never", "--follow-links", str(root)]) == 0
    assert "nothing to report on" not in capsys.readouterr().err


def on_terminal(*arguments: str, cwd: Path, columns: int | None = None, **environment: str) -> str:
    """Return what the program writes when its streams are a terminal."""
    settings = program.environment(**{"TERM": "xterm", **environment})
    settings.pop("CI", None)
    return program.on_terminal(*arguments, cwd=cwd, environment=settings, columns=columns)[1]


@pytest.mark.slow
def test_colour_on_a_terminal(wiki: Path) -> None:
    red = "\x1b[1;31m"
    arguments = ("lint", "--output-format", "concise")
    assert red in on_terminal(*arguments, cwd=wiki)
    assert red not in on_terminal(*arguments, cwd=wiki, NO_COLOR="1")
    assert red not in on_terminal(*arguments, cwd=wiki, TERM="dumb")
    assert red in on_terminal(*arguments, "--color", "always", cwd=wiki, NO_COLOR="1")
    assert red not in on_terminal(*arguments, "--color", "never", cwd=wiki, FORCE_COLOR="1")


@pytest.mark.slow
def test_colour_in_a_pipe(wiki: Path) -> None:
    for environment, expected in (({}, False), ({"FORCE_COLOR": "1"}, True), ({"CLICOLOR_FORCE": "1"}, True)):
        with start("lint", "--output-format", "concise", cwd=wiki, **environment) as process:
            assert (b"\x1b[" in process.communicate()[0]) == expected


@pytest.mark.slow
def test_page_text_never_steers_the_terminal(wiki: Path) -> None:
    (wiki / "main.md").write_text("[[bad\x1b[2Jname]] \u202e [[\x9bx]] (Hubinger 1999)\n", encoding="utf-8")
    for arguments in (
        ("lint", "--color", "never"),
        ("cite", "--color", "never"),
        ("backfill", "--init", "--diff", "--color", "never"),
    ):
        written = on_terminal(*arguments, cwd=wiki)
        assert not set(written) & {"\x1b", "\x9b", "\u202e"}, arguments


@pytest.mark.slow
def test_the_table_on_a_terminal(wiki: Path) -> None:
    (wiki / "[a|b].md").write_text("See (Shah 2023).\n")
    written = on_terminal("backfill", "--init", "--check", "--color", "never", cwd=wiki)
    assert "added    1  [a|b].md\n" in written


@pytest.mark.slow
def test_no_line_of_backfill_wraps_within_a_word(wiki: Path) -> None:
    (wiki / "sub").mkdir(exist_ok=True)
    (wiki / f"sub/{'long-' * 12}page.md").write_text("See (Shah 2023), (Nobody 2020).\n\n```\n")
    (wiki / f"sub/{'long-' * 12}too.md").write_text("See (Shah 2023), (Nobody 2020).\n")
    written = on_terminal("backfill", "--init", "--dry-run", "--color", "never", cwd=wiki, columns=80)
    assert max(map(len, written.splitlines())) <= 80, written
    assert f"added    1\n  sub/{'long-' * 12}too.md\n" in written


def test_progress_shows_only_on_a_terminal_and_only_on_long_runs(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from wikitools.cli import progress

    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich draws on what is no terminal
    monkeypatch.setenv("TERM", "xterm")
    now = 0.0
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: now))

    def shown(*, terminal: bool, wanted: bool = True, pause: float = 2.0) -> bool:
        nonlocal now
        monkeypatch.setattr(progress, "is_terminal", lambda _: terminal)
        with progress.ProgressBar(wanted=wanted) as bar:
            bar("reading pages", 0, 2)
            now += pause
            bar("reading pages", 1, 2)
            bar("reading pages", 2, 2)
        return "reading pages" in capfd.readouterr().err

    assert shown(terminal=True)
    assert not shown(terminal=True, pause=0)
    assert not shown(terminal=False)
    assert not shown(terminal=True, wanted=False)
    monkeypatch.setenv("CI", "true")
    assert not shown(terminal=True)


@pytest.mark.slow
def test_an_interrupt_leaves_whole_pages(wiki: Path) -> None:
    for number in range(400):
        (wiki / f"page{number}.md").write_text("See (Shah 2023).\n" + "word " * 2000)
    before = {path.name: path.read_bytes() for path in wiki.glob("page*.md")}
    with start("backfill", "--init", "-q", cwd=wiki) as process:
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline and process.poll() is None:
            if any(path.read_bytes() != before[path.name] for path in wiki.glob("page39*.md")):
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=300)
    assert process.returncode in {0, 130}
    assert b"Traceback" not in err
    for path in wiki.glob("page*.md"):
        text = path.read_bytes()
        assert text == before[path.name] or text.endswith(b"<!-- /wikitools:sources -->\n") or text.endswith(b"-->")
    assert not list(wiki.glob(".wikitools-*"))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system does not say which files are open")
def test_a_command_leaves_no_file_open(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").write_text("[[Gone]]\n")
    monkeypatch.chdir(tmp_path)
    before = set(os.listdir("/proc/self/fd"))
    for command in (("lint",), ("lint", "--diff"), ("cite",), ("backfill", "--check"), ("bib", "list")):
        call(*command)
    assert set(os.listdir("/proc/self/fd")) == before
