"""Files that wikitools makes: never through a link that strangers may have laid, and whole or not at all."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import threading
from typing import IO, TYPE_CHECKING

import pytest
from program import PROGRAM, environment

from wikitools import files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Call

SECRET = "what somebody else keeps here\n"


@pytest.fixture(params=["repository", "folder"])
def wiki(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wiki with a broken link, in a repository or not, next to files that no command may write."""
    root = tmp_path / "there/wiki"
    (root / "sub").mkdir(parents=True)
    (root / "a.md").write_text("# A\n\n[[nowhere]]\n")
    if request.param == "repository":
        (root / ".git").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/victim").write_text(SECRET)
    monkeypatch.chdir(root)
    return root


@pytest.fixture(autouse=True)
def nothing_changes_outside(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Nothing outside of a wiki is ever written or made."""
    yield
    if "wiki" in request.fixturenames:
        assert [(path.name, path.read_text()) for path in (tmp_path / "outside").iterdir()] == [("victim", SECRET)]
        assert not list(tmp_path.rglob(".wikitools-write-*")), "a temporary file was left behind"


def link(place: Path, target: str) -> None:
    """Lay the link `place`; the target is relative to the folder `outside`."""
    place.parent.mkdir(parents=True, exist_ok=True)
    root = next(each for each in place.parents if each.name == "there").parent
    place.symlink_to(os.path.relpath(root / "outside" / target, place.parent))


LINKS = [
    ("x", "victim", "x"),
    ("x", "not-there-yet", "x"),
    ("out", "", "out/x"),
    ("sub/deep/out", "", "sub/deep/out/x"),
    ("sub/up", "..", "sub/up/outside/x"),
]
"""A link, its target, and the path of a file at or below it."""


@pytest.mark.parametrize(("laid", "target", "path"), LINKS)
def test_a_report_goes_through_no_link_of_the_wiki(wiki: Path, call: Call, laid: str, target: str, path: str) -> None:
    link(wiki / laid, target)
    code, out, err = call("lint", "--report", f"sarif={path}", "--fix")
    assert code == 2
    assert not out
    assert f"error: --report sarif={path}: " in err
    assert f"{laid} is a symbolic link (to " in err or f"{laid}: a symbolic link (to " in err
    assert (wiki / laid).is_symlink()


@pytest.mark.parametrize("case", LINKS)
@pytest.mark.parametrize("named", ["typed", "configured", "variable"])
def test_a_baseline_goes_through_no_link_of_the_wiki(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch, case: tuple[str, str, str], named: str
) -> None:
    laid, target, path = case
    link(wiki / laid, target)
    if named == "configured":
        (wiki / "wikitools.toml").write_text(f'baseline = "{path}"\n')
    if named == "variable":
        monkeypatch.setenv("WIKITOOLS_BASELINE", path)
    code, _out, err = call("baseline", "create", "--force", *([path] if named == "typed" else []))
    assert code == 2
    assert "a symbolic link (to " in err


def test_the_default_baseline_and_configuration_are_made_through_no_link(wiki: Path, call: Call) -> None:
    for target in ("victim", "not-there-yet"):
        for name, command in (("wikitools-baseline.json", ("baseline", "create")), ("wikitools.toml", ("init",))):
            link(wiki / name, target)
            for more in ((), ("--force",)):
                code, _out, err = call(*command, *more)
                assert code == 2, err
                assert "a symbolic link (to " in err
            (wiki / name).unlink()
    assert call("baseline", "create")[0] == 0
    assert call("baseline", "update")[0] == 0


def test_a_link_is_not_followed_either_where_it_stays_inside(wiki: Path, call: Call) -> None:
    (wiki / "hooks").mkdir()
    (wiki / "x.sarif").symlink_to("hooks/pre-commit")
    (wiki / "wikitools-baseline.json").symlink_to("a.md")
    assert call("lint", "--report", "sarif=x.sarif")[0] == 2
    assert call("baseline", "create", "--force")[0] == 2
    assert not list((wiki / "hooks").iterdir())
    assert (wiki / "a.md").read_text() == "# A\n\n[[nowhere]]\n"


@pytest.mark.parametrize("named", ["../../outside/base.json", "../new.json", ".git/hooks/pre-commit"])
def test_a_configuration_places_no_baseline_elsewhere(wiki: Path, call: Call, named: str) -> None:
    (wiki / ".git/hooks").mkdir(parents=True, exist_ok=True)
    (wiki / "wikitools.toml").write_text(f'baseline = "{named}"\n')
    code, _out, err = call("baseline", "create")
    assert code == 2
    assert f"wikitools.toml:1:1: {named} leads out of the repository" in err
    assert not os.path.lexists(wiki / named)
    # Whoever types the path means it.
    assert call("baseline", "create", "../typed.json")[0] == 0
    assert (wiki.parent / "typed.json").is_file()


def test_links_elsewhere_are_yours(wiki: Path, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "disk/reports").mkdir(parents=True)
    (tmp_path / "mine").symlink_to("disk")
    (tmp_path / "mine/latest").symlink_to("reports/r.json")
    assert call("lint", "--report", f"json={tmp_path}/mine/reports/../latest")[0] == 1
    assert (tmp_path / "disk/reports/r.json").read_text().startswith("{")
    assert (tmp_path / "disk/latest").is_symlink()
    # One of the wiki that is reached through one of mine stays one of the wiki.
    link(wiki / "out", "")
    (tmp_path / "there/short").symlink_to("wiki")
    assert call("lint", "--report", f"json={tmp_path}/there/short/out/x")[0] == 2
    # Where everybody writes, other users may have laid one.
    (tmp_path / "disk").chmod(0o1777)
    assert call("lint", "--report", f"json={tmp_path}/disk/latest")[0] == 1
    # The folder is mine, and a link in it that is not is neither the owner's nor the user's.
    lstat = os.lstat

    def of_another(path: str | os.PathLike[str]) -> os.stat_result:
        found = lstat(path)
        return os.stat_result((*found[:4], 54321, *found[5:10])) if os.fspath(path).endswith("latest") else found

    monkeypatch.setattr(os, "lstat", of_another)
    code, _out, err = call("lint", "--report", f"json={tmp_path}/disk/latest")
    assert code == 2
    assert "latest: a symbolic link (to reports/r.json); wikitools does not write through it" in err


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    with pytest.raises(files.LinkedError):
        files.make_file(str(tmp_path / "one/x"), ["text"])


@pytest.mark.slow
def test_devices_pipes_and_standard_output_take_reports(wiki: Path, tmp_path: Path) -> None:
    def lint(path: str, out: int | IO[str] = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
        command = [*PROGRAM, "lint", "-q", "--no-progress", "--report", f"concise={path}", "--output-format", "json"]
        return subprocess.run(
            command, cwd=wiki, env=environment(), stdout=out, stderr=subprocess.PIPE, text=True, check=False
        )

    assert lint("/dev/null").returncode == 1
    said = lint("/dev/stdout")
    assert said.returncode == 1
    assert said.stdout.startswith("a.md:3:")
    assert said.stdout.endswith("}\n")
    # If standard output is a file, both are appended to it.
    place = tmp_path / "log"
    with place.open("w") as log:
        log.write("before\n")
        log.flush()
        assert lint("/dev/stdout", log).returncode == 1
    assert place.read_text() == "before\n" + said.stdout
    os.mkfifo(tmp_path / "pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_text()))
    reader.start()
    assert lint(str(tmp_path / "pipe")).returncode == 1
    reader.join(60)
    assert read[0].startswith("a.md:3:")
    full = lint("/dev/full")
    assert full.returncode == 2
    assert "/dev/full: no space left on device; not written" in full.stderr


# Whole or not at all


def made_by(wiki: Path) -> dict[str, tuple[str, ...]]:
    return {
        "wikitools-baseline.json": ("baseline", "create", "--force"),
        "wikitools.toml": ("init", "--force"),
        "report.json": ("lint", "--report", "json=report.json"),
    }


@pytest.mark.parametrize("name", ["wikitools-baseline.json", "wikitools.toml", "report.json"])
@pytest.mark.parametrize("moment", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_full_disk_and_an_interrupt_leave_what_was_there(
    wiki: Path, call: Call, name: str, moment: str, error: BaseException
) -> None:
    def failing(*_: object) -> None:
        raise error

    for old in ("", "# mine\n" if name.endswith("toml") else '{"version": 1, "findings": []}\n'):
        if old:
            (wiki / name).write_text(old)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, moment, failing)
            code, _out, err = call(*made_by(wiki)[name])
        assert code == (2 if isinstance(error, OSError) else 130)
        assert f"{name}: no space left on device; not written" in err or code == 130
        assert (wiki / name).read_text() == old if old else not (wiki / name).exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["wikitools-baseline.json", "wikitools.toml", "report.json"])
def test_a_disk_that_is_full_in_the_middle_leaves_what_was_there(wiki: Path, name: str) -> None:
    (wiki / "a.md").write_text("# A\n\n" + "".join(f"[[nowhere {number}]]\n" for number in range(300)))
    (wiki / name).write_text("# mine\n" if name.endswith("toml") else '{"version": 1, "findings": []}\n')
    before = (wiki / name).read_bytes()
    done = subprocess.run(
        [*PROGRAM, *made_by(wiki)[name]],
        cwd=wiki,
        env=environment(WIKITOOLS_CACHE_DIR=""),
        capture_output=True,
        text=True,
        check=False,
        # The system lets no file grow beyond this.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500)),
    )
    assert done.returncode == 2, done.stderr
    assert f"{name}: file too large; not written" in done.stderr
    assert (wiki / name).read_bytes() == before


def test_a_file_that_is_replaced_keeps_its_mode_and_a_new_one_gets_that_of_all(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        files.make_file(str(tmp_path / "new"), ["text"])
        (tmp_path / "old").write_text("old")
        (tmp_path / "old").chmod(0o604)
        files.make_file(str(tmp_path / "old"), ["text"])
    finally:
        os.umask(mask)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "old").stat().st_mode & 0o777 == 0o604
    (tmp_path / "old").chmod(0o444)
    with pytest.raises(files.FileError, match="read-only"):
        files.make_file(str(tmp_path / "old"), ["new"])
    assert (tmp_path / "old").read_text() == "text"


def test_what_is_written_behind_others_is_whole_too(tmp_path: Path) -> None:
    place = tmp_path / "summary.md"
    place.write_text("of another step\n")
    files.append(str(place), "ours\n")
    assert place.read_text() == "of another step\nours\n"
    code = (
        "import resource, sys; from wikitools import files\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        f"try: files.append({str(place)!r}, 'x' * 1000)\n"
        "except files.FileError as error: sys.exit(str(error))\n"
    )
    done = subprocess.run([PROGRAM[0], "-c", code], env=environment(), capture_output=True, text=True, check=False)
    assert "file too large; not written" in done.stderr
    assert place.read_text() == "of another step\nours\n"
    (tmp_path / ".git").mkdir()
    (tmp_path / "link.md").symlink_to("summary.md")
    with pytest.raises(files.LinkedError):
        files.append(str(tmp_path / "link.md"), "more\n")
