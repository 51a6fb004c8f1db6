"""Pages that change meanwhile, full disks, other runs and kills: each page is left old or new."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from backfilling import BIBLIOGRAPHY, BLOCK, EMPTY, backfilled, snapshot, states
from program import PROGRAM, environment

from wikitools import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Call


# --- when things go wrong --------------------------------------------------------------------------------------------


def meddling(monkeypatch: pytest.MonkeyPatch, meddle: Callable[[str], None], *, times: int) -> None:
    """Let another program change each page just before it is written, up to `times` times."""
    write, left = files.write_atomic, {"n": times}

    def meddled(root: Path, path: str, old: bytes, new: str, **more: Any) -> None:
        if left["n"]:
            left["n"] -= 1
            meddle(path)
        write(root, path, old, new, **more)

    monkeypatch.setattr(files, "write_atomic", meddled)


def test_a_page_that_changed_is_read_again_and_written(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def edit(path: str) -> None:
        (wiki / path).write_text("Their words (Hubinger et al. 2019).\n\n" + (wiki / path).read_text())

    meddling(monkeypatch, edit, times=1)
    code, out, err = call("backfill", "-v", "goals.md")
    assert (code, "error" in err) == (0, False)
    assert "  + Risks\n  + Goals\n" in out
    text = (wiki / "goals.md").read_text()
    assert text.startswith("Their words (Hubinger et al. 2019).\n\n# Goals\n")
    assert "referenced as (Hubinger et al. 2019)" in text
    assert call("backfill", "--check")[0] == 1  # risks.md was not asked about
    assert call("backfill", "--check", "goals.md")[0] == 0


def test_a_page_that_keeps_changing_is_a_finding(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def edit(path: str) -> None:
        if path == "goals.md":
            (wiki / path).write_text("More.\n\n" + (wiki / path).read_text())

    meddling(monkeypatch, edit, times=99)
    code, out, err = call("backfill")
    assert (code, err) == (1, "")
    assert "1 page not touched: it changed on disk meanwhile: run again\n" in out
    assert "Changed 1 page: 1 source added (2 of 3 pages with a block, 1 not touched).\n" in out
    assert (wiki / "goals.md").read_text() == f"More.\n\nMore.\n\n# Goals\n\nSee (Shah 2023).\n\n{EMPTY}"
    assert "(https://example.org/risks)" in (wiki / "risks.md").read_text()


@pytest.mark.parametrize("instead", [None, b"\xff\xfe no text", "folder"])
def test_a_page_that_vanished_is_a_finding(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch, instead: bytes | str | None
) -> None:
    def remove(path: str) -> None:
        (wiki / path).unlink()
        if isinstance(instead, bytes):
            (wiki / path).write_bytes(instead)
        elif instead:
            (wiki / path).mkdir()

    meddling(monkeypatch, remove, times=1)
    code, _, err = call("backfill", "goals.md")
    if instead == "folder":
        assert (code, "goals.md: not a regular file; not written" in err) == (2, True)
    else:
        assert (code, err) == (1, "")
    assert not list(wiki.glob(".wikitools-*"))


def test_a_page_that_already_says_so_needs_no_second_writing(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    meddled: list[str] = []

    def other_run(path: str) -> None:
        meddled.append(path)
        subprocess.run([*PROGRAM, "backfill", "-q", "--no-progress"], cwd=wiki, check=True, env=environment())

    # The other run waits for ours, so it cannot come in between; it is let in before ours has the lock.
    locked = files.writing

    def late(root: Path, paths: Any, **more: Any) -> Any:
        if not meddled:
            other_run("")
        return locked(root, paths, **more)

    monkeypatch.setattr(files, "writing", late)
    code, out, err = call("backfill")
    assert (code, err) == (0, "")
    assert "Nothing to change" in out
    assert set(states(call).values()) == {"unchanged", "nothing-cited"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("needs root to mount a small disk")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)], check=False, capture_output=True
    )
    if done.returncode:
        pytest.skip("file systems cannot be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.slow
def test_a_full_disk(small_disk: Path) -> None:
    (small_disk / "refs.bib").write_text(BIBLIOGRAPHY)
    for number in range(4):
        (small_disk / f"page{number}.md").write_text("See (Shah 2023).\n" + "word " * 6000)
    rest = os.statvfs(small_disk)
    (small_disk / "filler.bin").write_bytes(b"x" * (rest.f_bavail * rest.f_bsize - 8192))
    before = snapshot(small_disk)
    done = backfilled(small_disk, "--init")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "error: page0.md: no space left on device; not written",
        "error: 4 of 4 changed pages were not written",
    ]
    assert "Changed no page (0 of 4 pages with a block, 4 not touched)." in done.stdout
    assert snapshot(small_disk) == before
    (small_disk / "filler.bin").unlink()
    assert backfilled(small_disk, "--init").returncode == 0
    assert backfilled(small_disk, "--init", "--check").returncode == 0


def unprivileged(folder: Path) -> tuple[str, ...]:
    """Return a prefix that runs a command as the user nobody, who owns the wiki."""
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("needs setpriv, or a user who is not root")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 65534, 65534)
    for path in (folder, *folder.parents):
        if path.stat().st_uid == os.geteuid() and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o055)
    return ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def test_read_only_pages_and_folders(wiki: Path) -> None:
    (wiki / "sub").mkdir()
    (wiki / "sub/deep.md").write_text("See (Shah 2023).\n")
    before_it = unprivileged(wiki)
    (wiki / "goals.md").chmod(0o444)
    (wiki / "sub").chmod(0o555)
    before = snapshot(wiki)
    # The cache of the tests is not theirs.
    done = backfilled(wiki, "--init", "--no-cache", before=before_it)
    (wiki / "sub").chmod(0o755)
    if "Permission denied" in done.stderr:
        pytest.skip("the program cannot be read by another user here")
    assert done.stderr.splitlines() == [
        "error: goals.md: read-only; not written",
        "error: sub/deep.md: its folder is read-only; not written",
        "error: 2 of 3 changed pages were not written",
    ]
    assert done.returncode == 2
    assert "Changed 1 page: 1 source added (2 of 4 pages with a block, 2 not touched)." in done.stdout
    after = snapshot(wiki)
    assert {path for path in before if before[path] != after[path]} == {"risks.md"}


@pytest.mark.slow
def test_two_runs_at_once(wiki: Path) -> None:
    for number in range(60):
        (wiki / f"page{number}.md").write_text(f"See (Shah 2023).\n{'word ' * 400}\n\n{EMPTY}")
    orders = ("appearance", "author")
    processes = [
        subprocess.Popen(
            [*PROGRAM, "backfill", "-q", "-j", "1", "--config", f'block.intro="*By {order}.*"'],
            cwd=wiki,
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        for order in orders
    ]
    said = [process.communicate(timeout=300)[1] for process in processes]
    assert ([process.returncode for process in processes], said) == ([0, 0], ["", ""])
    written = {next(order for order in orders if f"By {order}" in path.read_text()) for path in wiki.glob("page*.md")}
    # One run wrote all its pages, then the other saw them changed and made them all its own.
    assert len(written) == 1
    assert all(len(BLOCK.findall(path.read_text())) == 1 for path in wiki.glob("page*.md"))


PAGES = int(os.environ.get("WIKITOOLS_TEST_PAGES", "100"))
KILLS = int(os.environ.get("WIKITOOLS_TEST_KILLS", "4"))


@pytest.mark.slow
def test_killed_at_any_moment(tmp_path: Path) -> None:
    """The full size is 2,000 pages and 100 kills: WIKITOOLS_TEST_PAGES=2000 WIKITOOLS_TEST_KILLS=100."""
    root = tmp_path / "wiki"
    root.mkdir()
    (root / "refs.bib").write_text(BIBLIOGRAPHY)
    names = [f"page{number:04}.md" for number in range(PAGES)]
    old = {name: f"# {name}\n\nSee (Shah 2023).\n\n{EMPTY}".encode() for name in names}
    for name in names:
        (root / name).write_bytes(old[name])
    began = time.monotonic()
    assert backfilled(root, "-q").returncode == 0
    lasted = time.monotonic() - began
    new = {name: (root / name).read_bytes() for name in names}
    assert all(new[name] != old[name] for name in names)
    dice = random.Random(20)
    torn = number = 0
    # On a busy machine the writes may be over before anybody looks; a few dozen kills more find a moment among them.
    while number < KILLS or (not torn and number < KILLS + 60):
        for name in names:
            (root / name).write_bytes(old[name])
        process = subprocess.Popen([*PROGRAM, "backfill", "-q", "-j", "1"], cwd=root, env=environment())
        number += 1
        if number % 2 == 0 or number > KILLS:
            # Half of the kills fall among the writes, which are a small part of the run.
            watched = root / dice.choice(names)
            while process.poll() is None and watched.read_bytes() == old[watched.name]:
                time.sleep(0.002)
        else:
            time.sleep(dice.uniform(0, lasted))
        process.send_signal(signal.SIGKILL)
        process.wait()
        found = {name: (root / name).read_bytes() for name in names}
        assert all(found[name] in (old[name], new[name]) for name in names)
        torn += 0 < sum(found[name] == new[name] for name in names) < PAGES
        assert set(files.find_pages(root).pages) == set(names)
    assert torn
    (root / ".wikitools-write-left____.tmp").write_bytes(b"# half a pa")
    for name in names[: PAGES // 2]:
        (root / name).write_bytes(old[name])
    assert backfilled(root, "-q").returncode == 0
    assert {name: (root / name).read_bytes() for name in names} == new
    assert [path.name for path in root.iterdir() if path.name.startswith(".")] == []


# --- lint --fix writes as backfill does ------------------------------------------------------------------------------


def test_lint_reads_a_page_that_changed_again_and_fixes_it(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edit(path: str) -> None:
        (wiki / path).write_text("Their words (Hubinger et al. 2019).\n\n" + (wiki / path).read_text())

    meddling(monkeypatch, edit, times=1)
    code, _, err = call("lint", "--fix", "--select", "stale-sources")
    assert (code, err) == (0, "")
    text = (wiki / "goals.md").read_text()
    assert text.startswith("Their words (Hubinger et al. 2019).\n\n# Goals\n")
    assert "referenced as (Hubinger et al. 2019)" in text
    assert "(https://example.org/risks)" in (wiki / "risks.md").read_text()
    assert call("lint", "--select", "stale-sources")[0] == 0


def test_lint_tells_of_a_page_that_keeps_changing(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def edit(path: str) -> None:
        if path == "goals.md":
            (wiki / path).write_text("More.\n\n" + (wiki / path).read_text())

    meddling(monkeypatch, edit, times=99)
    code, _, err = call("lint", "--fix", "--select", "stale-sources")
    assert (code, err) == (1, "error: goals.md: changed on disk while wikitools ran; not written, run again\n")
    assert (wiki / "goals.md").read_text() == f"More.\n\nMore.\n\n# Goals\n\nSee (Shah 2023).\n\n{EMPTY}"
