"""What is remembered of the web, for how long, and how it is forgotten."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from web.faults import START, Time

from wikitools.files import cache_folder
from wikitools.project import cache as store
from wikitools.web.memory import Memory, Status, open_memory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAY = 86_400.0


def opened(folder: Path, time: Time | None = None, say: Callable[[str], None] = pytest.fail) -> Memory:
    return open_memory(str(folder), str(folder.parent), say, say, (time or Time()).clock)


@pytest.mark.parametrize(
    ("status", "days"),
    [
        (Status.HERE, (14, 14)),
        (Status.EXISTS, (365, 365)),
        (Status.GONE, (1, 7)),
        (Status.REFUSED, (7, 7)),
        (Status.UNREACHABLE, (1, 1)),
        (Status.UNKNOWN, (0.25, 0.25)),
    ],
)
def test_each_status_has_its_age_and_none_falls_due_with_all_others(
    status: Status, days: tuple[float, float], tmp_path: Path
) -> None:
    time = Time()
    memory = opened(tmp_path / "cache", time)
    for first, age in zip((True, False), days, strict=True):
        due = set()
        for number in range(200):
            found = memory.put("crossref", f"doi:10.1/{number}", status, {"n": 1})
            assert found.looks == (1 if first else 2)
            due.add((found.due - time.clock.now()) / DAY / age)
        assert 0.7 <= min(due) < 0.8
        assert 1.2 < max(due) <= 1.3
    memory.save()
    assert memory.fresh("crossref", "doi:10.1/7") is not None
    time.passed += 1.31 * days[1] * DAY
    assert memory.fresh("crossref", "doi:10.1/7") is None
    memory.close()
    again = opened(tmp_path / "cache", time)
    found = again.get("crossref", "doi:10.1/7")
    assert found is not None
    assert (found.status, found.data, found.since, found.looks) == (status, {"n": 1}, START, 2)
    again.close()


def test_a_run_that_is_killed_loses_a_thousand_answers_at_most(tmp_path: Path) -> None:
    killed = opened(tmp_path / "cache")
    for number in range(2500):
        killed.put("page", f"https://example.org/{number}", Status.HERE)
    assert killed.get("page", "https://example.org/7") is not None
    other = opened(tmp_path / "cache")
    assert len(other.subjects("page")) == 2000
    other.close()
    killed.close()


def test_what_is_no_answer_takes_the_place_of_none(tmp_path: Path) -> None:
    time = Time()
    memory = opened(tmp_path / "cache", time)
    memory.put("crossref", "doi:10.1/x", Status.HERE, ["work"])
    time.passed = 30 * DAY
    for status in (Status.UNKNOWN, Status.REFUSED, Status.UNREACHABLE):
        memory.put("crossref", "doi:10.1/x", status, why="down")
        found = memory.get("crossref", "doi:10.1/x")
        assert found is not None
        assert (found.status, found.data, found.asked) == (Status.HERE, ["work"], START)
        assert memory.fresh("crossref", "doi:10.1/x") is None
    memory.put("crossref", "doi:10.1/x", Status.GONE)
    assert memory.fresh("crossref", "doi:10.1/x") is not None
    memory.close()


def test_who_waits_for_an_answer_asks_again_at_once(tmp_path: Path) -> None:
    time = Time()
    memory = opened(tmp_path / "cache", time)
    memory.put("crossref", "down", Status.UNKNOWN, why="timeout")
    memory.put("crossref", "gone", Status.GONE)
    assert memory.fresh("crossref", "down") is not None
    assert memory.fresh("crossref", "down", insist=True) is None
    assert memory.fresh("crossref", "gone", insist=True) is not None
    time.passed = -3 * DAY
    assert memory.fresh("crossref", "gone") is None, "asked in the future: the clock was wrong"
    memory.close()


def test_a_host_that_wants_to_be_left_alone_is_remembered_until_then(tmp_path: Path) -> None:
    time = Time()
    memory = opened(tmp_path / "cache", time)
    memory.put("crossref", "x", Status.UNKNOWN, why="429", until=START + DAY)
    memory.save({"api.crossref.org": START + 3600}, {"export.arxiv.org": START + 3})
    memory.close()
    again = opened(tmp_path / "cache", time)
    assert again.closed() == {"api.crossref.org": START + 3600}
    assert again.paused() == {"export.arxiv.org": START + 3}
    time.passed = DAY - 1
    assert again.fresh("crossref", "x") is not None
    assert again.closed() == again.paused() == {}
    again.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(b"no database"),
        lambda file: file.write_bytes(file.read_bytes()[:5000]),
        lambda file: _change(file, "UPDATE answers SET data = x'00'"),
        lambda file: _change(file, "UPDATE answers SET status = 'here'"),
        lambda file: _change(file, "UPDATE about SET value = 99"),
        lambda file: _change(file, "CREATE TABLE other (x)"),
    ],
)
def test_a_damaged_memory_is_made_anew_and_never_believed(damage: Callable[[Path], None], tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    memory = opened(folder)
    memory.put("crossref", "x", Status.GONE)
    memory.save()
    memory.close()
    damage(folder / "web.sqlite")
    notes: list[str] = []
    broken = opened(folder, say=notes.append)
    assert broken.get("crossref", "x") is None
    broken.close()
    assert len(notes) == 1
    again = opened(folder)
    again.put("crossref", "x", Status.GONE)
    again.save()
    assert again.get("crossref", "x") is not None
    again.close()


def _change(file: Path, sql: str) -> None:
    with sqlite3.connect(file) as base:
        base.execute(sql)
    base.close()


def test_a_link_in_the_place_of_the_memory_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    opened(folder).close()
    (folder / "web.sqlite").rename(tmp_path / "elsewhere")
    (folder / "web.sqlite").symlink_to(tmp_path / "elsewhere")
    notes: list[str] = []
    memory = opened(folder, say=notes.append)
    assert "not a regular file" in notes[0]
    memory.put("crossref", "x", Status.GONE)
    memory.save()
    memory.close()


def test_cache_and_memory_are_cleaned_apart(
    tmp_path: Path, cache_of_its_own: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from wikitools.cli.app import run

    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.md").write_text("[[b]]\n")
    assert run(["cache", "clean", "--web"]) == 0
    assert "no answers" in capsys.readouterr().out
    memory = opened(cache_of_its_own)
    memory.put("crossref", "x", Status.GONE)
    memory.save()
    memory.close()
    run(["lint"])
    assert run(["cache", "clean"]) == 0
    assert (cache_of_its_own / "web.sqlite").exists()
    assert cache_folder.is_cache_folder(str(cache_of_its_own))
    run(["lint"])
    capsys.readouterr()
    assert run(["cache", "clean", "--web"]) == 0
    assert "Deleted" in capsys.readouterr().out
    assert not (cache_of_its_own / "web.sqlite").exists()
    kept = store.open_store(str(cache_of_its_own), tmp_path, pytest.fail)
    assert kept is not None
    kept.close()
    assert run(["cache", "clean"]) == 0
    assert not cache_of_its_own.exists()
