"""The cache: damaged, shared, cleaned up, and never a wrong answer."""

from __future__ import annotations

import os
import random
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from checks import BIB, EVERYTHING, by_reading_all, checked, page, told

from wikitools.config import Settings
from wikitools.files import cache_folder
from wikitools.project import cache as store
from wikitools.project import checking, loading, workers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


TABLES = ("about", "pages", "bodies", "results", "ways", "things")


def alter(path: Path, *statements: str) -> None:
    """Change a database as its owner may, or somebody who knows its form."""
    base = sqlite3.connect(path)
    with base:
        for statement in statements:
            base.execute(statement)
    base.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_random_damage_to_a_cache_is_no_wrong_answer(tmp_path: Path, seed: int) -> None:
    root, cache, rng = tmp_path / "wiki", tmp_path / "cache", random.Random(seed)
    root.mkdir()
    for number in range(30):
        (root / f"p{number}.md").write_text(f"# P{number}\n\nSee [[nowhere {number}]] (Doe 2020).\n")
    settings = Settings(root=root)
    expected = told(checked(settings, EVERYTHING, cache).outcome)
    (file,) = cache.glob("*.db")
    whole = file.read_bytes()
    for _ in range(20):
        data = bytearray(whole[: rng.choice((len(whole), rng.randrange(len(whole))))])
        for _bit in range(rng.choice((0, 1, 10, 1000))):
            data[rng.randrange(len(data))] = rng.randrange(256)
        file.write_bytes(data)
        opened = store.open_store(str(cache), root, lambda _note: None)
        assert told(checking.check(settings, EVERYTHING, jobs=1, store=opened).outcome) == expected
        if opened is not None:
            opened.close()


def test_a_page_whose_time_was_set_back_is_read_again(tmp_path: Path) -> None:
    root, page = tmp_path / "wiki", tmp_path / "wiki/a.md"
    root.mkdir()
    page.write_text("[[b]]\n")
    settings = Settings(root=root)
    before, old = page.stat(), told(checked(settings, EVERYTHING, tmp_path / "cache").outcome)
    page.write_text("[[c]]\n")
    os.utime(page, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (page.stat().st_size, page.stat().st_ino) == (before.st_size, before.st_ino)
    assert told(checked(settings, EVERYTHING, tmp_path / "cache").outcome) == told(by_reading_all(settings, EVERYTHING))
    assert told(by_reading_all(settings, EVERYTHING)) != old


@pytest.mark.slow
@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        lambda path: path.write_bytes(b"not a database at all" * 1000),
        lambda path: path.write_bytes(path.read_bytes()[:100] + b"\x07" * (path.stat().st_size - 100)),
        lambda path: path.write_bytes(path.read_bytes().replace(b"nowhere", b"nowhera")),
        lambda path: (path.unlink(), path.mkdir()),
        lambda path: (path.unlink(), os.mkfifo(path)),
        lambda path: (path.rename(path.parent.parent / "elsewhere"), path.symlink_to(path.parent.parent / "elsewhere")),
        lambda path: alter(path, "DROP TABLE pages", "CREATE TABLE pages (path, head)"),
        lambda path: alter(path, "DROP TABLE bodies"),
        lambda path: alter(path, "CREATE TRIGGER more AFTER INSERT ON pages BEGIN DELETE FROM bodies; END"),
        lambda path: alter(path, "PRAGMA application_id = 1"),
        lambda path: alter(path, "UPDATE about SET value = 77 WHERE name = 'format'"),
        lambda path: alter(path, "UPDATE pages SET head = NULL", "UPDATE results SET data = 7"),
        lambda path: alter(path, *(f"DROP TABLE {name}" for name in TABLES), "CREATE TABLE photos (name)"),
        lambda path: path.with_name(f"{path.name}-journal").write_bytes(random.Random(3).randbytes(5000)),
        lambda path: path.with_name(f"{path.name}-wal").mkdir(),
    ],
    ids=[
        *("empty", "truncated", "foreign", "scrambled", "one letter", "a folder", "a pipe", "a link", "other columns"),
        *("a table less", "a trigger", "another program's", "another format", "other values", "another's tables"),
        *("a journal of others", "a folder for a journal"),
    ],
)
def test_a_damaged_cache_is_no_error_and_no_wrong_answer(tmp_path: Path, harm: Callable[[Path], object]) -> None:
    root, cache = tmp_path / "wiki", tmp_path / "cache"
    root.mkdir()
    for number in range(30):
        (root / f"p{number}.md").write_text(f"# P{number}\n\nSee [[nowhere {number}]] (Doe 2020).\n")
    settings = Settings(root=root)
    expected = told(checked(settings, EVERYTHING, cache).outcome)
    (file,) = cache.glob("*.db")
    harm(file)
    for _ in range(3):
        notes: list[str] = []
        opened = store.open_store(str(cache), root, notes.append)
        assert told(checking.check(settings, EVERYTHING, jobs=1, store=opened).outcome) == expected
        if opened is not None:
            opened.close()
    usable = file.is_file() and not file.is_symlink() and not file.with_name(f"{file.name}-wal").exists()
    if usable:
        # The damaged part was rebuilt.
        assert checked(settings, EVERYTHING, cache).read == 0


def test_settings_are_not_mixed_up(tmp_path: Path) -> None:
    root, cache = tmp_path / "wiki", tmp_path / "cache"
    root.mkdir()
    (root / "Salt lake.md").write_text("# Salt lake\n\n[[salt-lake]] (Doe 2020)\n")
    (root / "Notes.md").write_text(
        "!!! note\n\n    ## In\n\n    [a](a.md) (Doe 2021)\n\n[s]{#id} [in](#in) [id](#id)\n"
    )
    (root / "refs.bib").write_text(BIB.format(n=1, year=2021))
    plain = Settings(root=root)
    variants = [
        plain,
        replace(plain, engine="slug"),
        replace(plain, engine="mkdocs-ezlinks"),
        replace(plain, anchors="pandoc"),
        replace(plain, bibliography=()),
        replace(plain, entry_pages=("*",)),
    ]
    for _ in range(2):
        for settings in variants:
            assert told(checked(settings, EVERYTHING, cache).outcome) == told(by_reading_all(settings, EVERYTHING))


@pytest.mark.slow
def test_several_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_SURELY_MANY", -1)
    root = tmp_path / "wiki"
    root.mkdir()
    rng = random.Random(7)
    for number in range(60):
        (root / f"p{number}.md").write_bytes(page(rng))
    settings = Settings(root=root)
    expected = told(by_reading_all(settings, EVERYTHING))
    opened = store.open_store(str(tmp_path / "cache"), root, pytest.fail)
    for _ in range(2):
        assert told(checking.check(settings, EVERYTHING, jobs=2, store=opened).outcome) == expected
    (root / "new.md").write_text("# New\n")
    expected = told(by_reading_all(settings, EVERYTHING))
    assert told(checking.check(settings, EVERYTHING, jobs=2, store=opened).outcome) == expected


def test_a_run_beside_another_that_writes_does_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wikitools.files.database._PATIENCE", 0.05)
    root, cache = tmp_path / "wiki", tmp_path / "cache"
    root.mkdir()
    (root / "a.md").write_text("[[b]]\n")
    settings = Settings(root=root)
    expected = told(checked(settings, EVERYTHING, cache).outcome)
    (file,) = cache.glob("*.db")
    (root / "c.md").write_text("[[a]]\n")
    other = sqlite3.connect(file, isolation_level=None)
    for lock, noted in (("IMMEDIATE", "nothing written"), ("EXCLUSIVE", "not used")):
        other.execute(f"BEGIN {lock}")
        notes: list[str] = []
        opened = store.open_store(str(cache), root, notes.append)
        found = checking.check(settings, EVERYTHING, jobs=1, store=opened).outcome
        assert told(found)[1:] != []
        assert any(noted in each for each in notes)
        if opened is not None:
            opened.close()
        other.execute("ROLLBACK")
    other.close()
    (root / "c.md").unlink()
    assert told(checked(settings, EVERYTHING, cache).outcome) == expected


def test_a_folder_that_holds_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    notes: list[str] = []
    assert store.open_store(str(tmp_path), tmp_path, notes.append) is None
    assert "other files" in notes[0]
    assert [each.name for each in tmp_path.iterdir()] == ["mine.txt"]
    assert cache_folder.clean(str(tmp_path), tmp_path) == (0, 0)


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    notes: list[str] = []
    assert store.open_store(str(tmp_path / "file" / "cache"), tmp_path, notes.append) is None
    assert "not used" in notes[0]


def test_the_cache_is_no_part_of_the_wiki_and_can_be_deleted(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("[[b]]\n")
    settings = Settings(root=tmp_path)
    for folder in (tmp_path / "cache", tmp_path / "deep" / "er", tmp_path / ".wikitools_cache"):
        expected = told(checked(settings, EVERYTHING, None).outcome)
        assert told(checked(settings, EVERYTHING, folder).outcome) == expected
        assert loading.find_pages(settings).attachments == ()
        assert (folder / cache_folder.TAG).read_text().startswith(cache_folder.SIGNATURE)
        assert (folder / ".gitignore").read_text().splitlines()[-1] == "*"
        count, size = cache_folder.clean(str(folder), tmp_path)
        assert count == 1
        assert size > 0
        assert not folder.exists()


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    cache_folder.lay(str(folder), tmp_path)
    made = [
        folder / cache_folder.file_name(wiki * 8, bytes([number] * 8))
        for number, wiki in enumerate([b"a"] * 4 + [b"b", b"c"])
    ]
    for number, file in enumerate(made):
        file.write_bytes(b"x" * 100)
        os.utime(file, (number, number))
    (folder / f"{made[0].name}-journal").write_bytes(b"")

    def left() -> list[int]:
        return [number for number, file in enumerate(made) if file.exists()]

    cache_folder.prune(str(folder), keep=str(made[1]))
    assert left() == [1, 2, 3, 4, 5]
    assert not list(folder.glob("*-journal"))
    cache_folder.prune(str(folder), keep=str(made[1]), limit=250)
    assert left() == [1, 5]


def test_results_of_many_settings_do_not_pile_up(tmp_path: Path) -> None:
    root, cache = tmp_path / "wiki", tmp_path / "cache"
    root.mkdir()
    (root / "a.md").write_text("[[b]]\n")
    for number in range(30):
        checked(Settings(root=root, entry_pages=(str(number),)), EVERYTHING, cache)
    opened = store.open_store(str(cache), root, pytest.fail)
    assert opened is not None
    assert opened._base.rows("SELECT count(*) FROM results")[0][0] <= store._KEPT_RESULTS + 1
    opened.close()


def test_the_command_shows_and_deletes_the_cache(
    tmp_path: Path, cache_of_its_own: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from wikitools.cli.app import run

    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.md").write_text("[[b]]\n")
    assert run(["cache", "dir"]) == 0
    assert capsys.readouterr().out == f"{cache_of_its_own}\n"
    assert run(["lint"]) == 1
    assert run(["cache", "clean"]) == 0
    assert "Deleted" in capsys.readouterr().out
    assert not cache_of_its_own.exists()
    assert run(["lint", "--no-cache"]) == 1
    assert not cache_of_its_own.exists()
    assert run(["cache", "clean"]) == 0
    assert "There was no cache" in capsys.readouterr().out
    monkeypatch.delenv("WIKITOOLS_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert run(["cache", "dir"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'caches/wikitools'}\n"
    assert run(["cache", "dir", "gone"]) == 2
