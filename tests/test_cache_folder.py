"""Where the cache is, whose it is, what is never done to files of others, and several runs at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from program import PROGRAM, environment

from wikitools.files import FileError, cache_folder
from wikitools.project import cache as store

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

SECRET = "what somebody else keeps here\n"
NOT_ROOT = pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wiki, in which runs begin, next to files of others; a home folder; no folder for the cache is set."""
    root = tmp_path / "wiki"
    for folder in (root, tmp_path / "outside", tmp_path / "home"):
        folder.mkdir()
    (root / "a.md").write_text("# A\n\n[[nowhere]]\n")
    (tmp_path / "outside/victim").write_text(SECRET)
    monkeypatch.chdir(root)
    monkeypatch.delenv("WIKITOOLS_CACHE_DIR")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return root


def in_git(root: Path, *arguments: str) -> None:
    git = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.org", *arguments]
    subprocess.run(git, cwd=root, check=True, capture_output=True)


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def made_in(folder: Path) -> bool:
    """Say whether a folder is the cache of one wiki, with nothing else in it."""
    names = {".gitignore", "CACHEDIR.TAG"} ^ set(files_in(folder))
    forms = [re.sub("[0-9a-f]{16}", "HASH", name) for name in names]
    return forms.count("HASH-HASH.db") == 1 and {*forms} <= {"HASH-HASH.db", "HASH-HASH.replay"}


# Where it is


def test_the_cache_is_in_the_users_cache_folder(wiki: Path, call: Call, tmp_path: Path) -> None:
    assert call("lint")[0] == 1
    assert files_in(wiki) == ["a.md"]
    assert made_in(tmp_path / "home/.cache/wikitools")
    assert (tmp_path / "home/.cache/wikitools").stat().st_mode & 0o77 == 0
    assert call("cache", "dir")[1] == f"{tmp_path}/home/.cache/wikitools\n"


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, "HOME/.cache/wikitools"),
        ("linux", {"XDG_CACHE_HOME": "/caches"}, "/caches/wikitools"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "HOME/.cache/wikitools"),
        ("linux", {"XDG_CACHE_HOME": ""}, "HOME/.cache/wikitools"),
        ("darwin", {}, "HOME/Library/Caches/wikitools"),
        ("darwin", {"XDG_CACHE_HOME": "/caches"}, "/caches/wikitools"),
        ("win32", {}, "HOME/AppData/Local/wikitools/Cache"),
        ("win32", {"LOCALAPPDATA": "/local", "XDG_CACHE_HOME": "/caches"}, "/local/wikitools/Cache"),
    ],
)
@pytest.mark.usefixtures("wiki")
def test_the_folder_of_each_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], expected: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder.user_folder(variables) == expected.replace("HOME", f"{tmp_path}/home")


@pytest.mark.parametrize("home", ["", "not/absolute", "/gone/for/ever"])
def test_without_a_home_there_is_no_cache_and_a_word(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.setenv("HOME", home)
    code, _out, err = call("lint")
    assert code == 1
    assert err == "warning: cache not used: there is no home folder for it; set another folder with --cache-dir\n"
    assert call("lint", "--no-cache")[2] == call("lint", "-q")[2] == ""
    assert files_in(wiki) == ["a.md"]
    for command in ("dir", "clean"):
        assert call("cache", command)[0] == 2


def test_a_home_that_takes_nothing_is_no_error(wiki: Path, call: Call, tmp_path: Path) -> None:
    # What is in the way stops root as well.
    (tmp_path / "home/.cache").write_text(SECRET)
    code, out, err = call("lint")
    assert (code, "nowhere" in out) == (1, True)
    assert err == f"warning: cache not used: {tmp_path}/home/.cache/wikitools: not a directory\n"
    assert (tmp_path / "home/.cache").read_text() == SECRET


@NOT_ROOT
def test_a_home_that_is_read_only_is_no_error(wiki: Path, call: Call, tmp_path: Path) -> None:
    (tmp_path / "home").chmod(0o500)
    code, _out, err = call("lint")
    assert code == 1
    assert "cache not used" in err


def test_no_configuration_says_where_the_cache_is(wiki: Path, call: Call) -> None:
    for key in ("cache-dir", "cache", "no-cache"):
        (wiki / "wikitools.toml").write_text(f'{key} = "/tmp/elsewhere"\n')
        code, _out, err = call("lint")
        assert code == 2
        assert f'"{key}"' in err


def test_two_wikis_share_the_folder_and_not_their_files(wiki: Path, call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "home/.cache/wikitools"
    assert call("lint")[0] == 1
    (tmp_path / "other").mkdir()
    (tmp_path / "other/b.md").write_text("[[gone]]\n")
    assert call("lint", "../other")[0] == 1
    assert len(list(folder.glob("*.db"))) == 2
    assert "of this wiki" in call("cache", "clean")[1]
    assert len(list(folder.glob("*.db"))) == 1
    assert "There was no cache of this wiki" in call("cache", "clean")[1]
    assert "of all wikis" in call("cache", "clean", "--all")[1]
    assert not folder.exists()


# Whose it is


NAMES = [".gitignore", "CACHEDIR.TAG", "HASH.db", "HASH.db-journal", "HASH.db-wal", "HASH.db-shm"]


@pytest.mark.parametrize(
    "case",
    [
        (place, target, name)
        for place, target in ((".wikitools_cache", "victim"), (".wikitools_cache", "new"), ("sub/deep/cache", "victim"))
        for name in ("", *NAMES)
    ],
    ids=" ".join,
)
def test_links_for_the_cache_and_what_is_in_it_lead_nowhere(
    wiki: Path, call: Call, tmp_path: Path, case: tuple[str, str, str]
) -> None:
    place, target, name = case
    outside, folder = tmp_path / "outside", wiki / place
    # Whoever knows where the wiki is knows the names of the files.
    hash_ = cache_folder.file_name(store.wiki_key(wiki), store.code_key()).removesuffix(".db")
    link = folder / name.replace("HASH", hash_) if name else folder
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside / target if name else outside)
    if name.startswith("HASH"):
        for each, text in cache_folder._OURS.items():
            (folder / each).write_text(text)
    expected = call("lint", "--no-cache")[:2]
    for arguments in ((), ("--cache-dir", place), ("--cache-dir", str(folder))):
        assert call("lint", *arguments)[:2] == expected
        assert call("cite", *arguments)[0] == 0
    call("cache", "clean", "--all", "--cache-dir", place)
    assert [(each.name, each.read_text()) for each in outside.iterdir()] == [("victim", SECRET)]


def test_a_folder_on_the_way_that_is_a_link_of_the_wiki_is_not_taken(wiki: Path, call: Call, tmp_path: Path) -> None:
    (wiki / "sub").symlink_to("../outside")
    code, _out, err = call("lint", "--cache-dir", "sub/cache")
    assert code == 1
    assert f"warning: cache not used: {wiki}/sub/cache: sub is a symbolic link (to ../outside)" in err
    assert files_in(tmp_path / "outside") == ["victim"]


def test_a_cache_that_git_tracks_is_not_used(wiki: Path, call: Call) -> None:
    in_git(wiki, "init", "-q")
    assert call("lint", "--cache-dir", ".kept") == call("lint", "--no-cache")
    assert made_in(wiki / ".kept")
    # What git does not track is used, in a repository as well.
    assert f"cache: {wiki}/.kept/" in call("lint", "-v", "--cache-dir", ".kept")[2]
    in_git(wiki, "add", "--force", ".kept")
    held = {path: path.read_bytes() for path in (wiki / ".kept").iterdir()}
    for folder in (".kept", "./.kept/", f"{wiki}/.kept"):
        code, _out, err = call("lint", "--cache-dir", folder)
        assert code == 1
        assert err.count("git tracks it, so somebody else may have written it") == 1
    assert {path: path.read_bytes() for path in (wiki / ".kept").iterdir()} == held
    # A disk that makes no difference between cases finds one by the name of the other.
    in_git(wiki, "mv", ".kept", ".KEPT")
    (wiki / ".kept").mkdir()
    assert "git tracks it" in call("lint", "--cache-dir", ".kept")[2]


def test_a_cache_in_a_repository_that_git_cannot_speak_for_is_not_used(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    (wiki / ".git").mkdir()
    (wiki / ".kept").mkdir()
    code, _out, err = call("lint", "--cache-dir", ".kept")
    assert code == 1
    assert "warning: cache not used: " in err
    assert not files_in(wiki / ".kept")


# What is deleted


def others_in(folder: Path) -> dict[str, str]:
    """Put files of others into a folder, and return them."""
    found = {"photos.db": "p", "x.db-wal": "w", "0123456789abcdef.db": "h", "notes.txt": "n", "A" * 16 + ".db": "a"}
    for name, text in found.items():
        (folder / name).write_text(text)
    return found


def test_only_files_of_our_own_form_are_deleted(wiki: Path, call: Call) -> None:
    assert call("lint", "--cache-dir", "c")[0] == 1
    others = others_in(wiki / "c")
    for path in (wiki / "c").glob("*.db"):
        os.utime(path, (1, 1))
    cache_folder.prune(str(wiki / "c"), limit=0)
    assert not [name for name in files_in(wiki / "c") if re.fullmatch(r"[0-9a-f]{16}-.*", name)]
    assert call("lint", "--cache-dir", "c")[0] == 1
    assert call("cache", "clean", "--cache-dir", "c")[0] == 0
    assert {path.name: path.read_text() for path in (wiki / "c").iterdir()} == others


@pytest.mark.parametrize(
    "tag",
    [None, "", "Signature: 8a477f597d28d172789f06886806bc55\n# by another program\n", "made by wikitools\n", "link"],
    ids=["none", "empty", "another's", "no signature", "a link"],
)
@pytest.mark.parametrize("alone", [False, True])
def test_a_folder_whose_tag_is_not_ours_is_left_alone(
    wiki: Path, call: Call, tmp_path: Path, tag: str | None, *, alone: bool
) -> None:
    folder = tmp_path / "c"
    folder.mkdir()
    if tag == "link":
        (tmp_path / "outside/tag").write_text(cache_folder._OURS["CACHEDIR.TAG"])
        (folder / "CACHEDIR.TAG").symlink_to(tmp_path / "outside/tag")
    elif tag is not None:
        (folder / "CACHEDIR.TAG").write_text(tag)
    if not alone or tag is None:
        (folder / f"{'0' * 16}-{'1' * 16}.db").write_text("of the form of ours")
        others_in(folder)
    before = files_in(folder)
    cache_folder.prune(str(folder), limit=0)
    assert call("cache", "clean", "--all", "--cache-dir", str(folder))[:1] == (0,)
    code, _out, err = call("lint", "--cache-dir", str(folder))
    assert code == 1
    assert "cache not used" in err
    assert files_in(folder) == before


def test_a_tag_that_is_a_pipe_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    os.mkfifo(tmp_path / "c/CACHEDIR.TAG")
    with pytest.raises(FileError, match="another program"):
        cache_folder.lay(str(tmp_path / "c"), tmp_path)


# Several runs at once


@pytest.mark.slow
@pytest.mark.parametrize("state", ["none", "whole", "damaged"])
def test_several_runs_at_once_find_what_one_finds(wiki: Path, tmp_path: Path, state: str) -> None:
    for number in range(40):
        (wiki / f"p{number}.md").write_text(f"# P{number}\n\nSee [[nowhere {number}]] and [[p{number // 2}]].\n")
    folder = tmp_path / "shared"
    command = [*PROGRAM, "lint", "--output-format", "json", "--no-progress", "--cache-dir", str(folder)]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, cwd=wiki, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    expected = subprocess.run([*command, "--no-cache"], cwd=wiki, env=environment(), capture_output=True, check=False)
    if state != "none":
        start().communicate()
    if state == "damaged":
        (file,) = folder.glob("*.db")
        data = bytearray(file.read_bytes())
        data[3000::50] = b"\x07" * len(data[3000::50])
        file.write_bytes(data)
    for process in [start() for _ in range(4)]:
        out, err = process.communicate(timeout=300)
        assert (process.returncode, out, err) == (1, expected.stdout, b"")
    # What is left is sound, and nothing lies about.
    assert start().communicate(timeout=300) == (expected.stdout, b"")
    assert made_in(folder)
