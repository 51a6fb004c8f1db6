"""The pipeline: what is read from disk, in one process or several, and seen again after a change."""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING

import pytest

from wikitools.config import Settings
from wikitools.lint.facts import Facts, facts_of
from wikitools.project import cache as store
from wikitools.project import checking, loading, workers
from wikitools.wiki.resolution import Found, Missing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BIB = """@article{doe2020tides, author = {Doe, Jane}, title = {Tides}, year = {2020}, doi = {10.1000/tides}}
@article{roe2021salt, author = {Roe, Richard}, title = {Salt}, year = {2021}}
"""
FILES = {
    "index.md": "# Index\n\nTides turn (Doe 2020), salt stays (Roe 2021). See [[Harbour]] and [[nowhere]].\n",
    "Harbour.md": "# Harbour\n\nQuiet water (Poe 1999), as [[poe-1999-harbours]] says.\n",
    "poe-1999-harbours.md": "---\ntitle: Harbours\nauthors: [Edgar Poe]\nyear: 1999\nurl: https://example.org/h\n---\n",
    "refs.bib": BIB,
}


def lay(root: Path, files: Mapping[str, str | bytes]) -> Settings:
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Settings(root=root)


def same(one: Facts, other: Facts) -> None:
    assert dict(one.wiki.pages) == dict(other.wiki.pages)
    assert one.wiki.attachments == other.wiki.attachments
    assert one.bibliography.sources == other.bibliography.sources
    assert {path: bibliography.sources for path, bibliography in one.own.items()} == {
        path: bibliography.sources for path, bibliography in other.own.items()
    }
    assert dict(one.cited) == dict(other.cited)
    assert sorted(one.problems, key=str) == sorted(other.problems, key=str)
    assert dict(one.texts) == dict(other.texts)


def matches(facts: Facts, path: str) -> dict[str, str | None]:
    return {
        cited.citation.text: cited.resolution.target.key if isinstance(cited.resolution, Found) else None
        for cited in facts.cited[path]
    }


def test_reading_a_folder_gives_the_facts_of_its_files(tmp_path: Path) -> None:
    workspace = checking.open_workspace(lay(tmp_path, FILES), jobs=1)
    same(workspace.facts, facts_of(FILES))
    assert matches(workspace.facts, "index.md") == {"Doe 2020": "doe2020tides", "Roe 2021": "roe2021salt"}


def test_several_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # However small the wiki: the first page is read here, the others elsewhere.
    monkeypatch.setattr(workers, "_SURELY_MANY", -1)
    pages = {f"p{number}.md": f"# P{number}\n\nSee [[p{number + 1}]] (Doe 2020).\n" for number in range(40)}
    settings = lay(tmp_path, {**FILES, **pages})
    same(checking.open_workspace(settings, jobs=2).facts, checking.open_workspace(settings, jobs=1).facts)


def test_progress_counts_up_to_the_whole(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    checking.open_workspace(lay(tmp_path, FILES), jobs=1, progress=lambda *step: told.append(step))
    assert [step for step in told if step[0] == "reading pages"][-1] == ("reading pages", 3, 3)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"index.md": "# Index\n\nOnly salt (Roe 2021) and [[Harbour]].\n"}, id="a page"),
        pytest.param(
            {"poe-1999-harbours.md": FILES["poe-1999-harbours.md"].replace("1999\n", "2001\n")}, id="a source"
        ),
        pytest.param({"poe-1999-harbours.md": "\n" + FILES["poe-1999-harbours.md"]}, id="a source that is gone"),
        pytest.param({"Harbour.md": "---\nbibliography: own.bib\n---\n\n(Lee 2003)\n"}, id="an own bibliography"),
    ],
)
def test_a_change_is_seen_as_if_the_wiki_were_read_again(tmp_path: Path, change: Mapping[str, str]) -> None:
    own = "@book{lee2003, author = {Lee, Ann}, title = {Own}, year = {2003}}\n"
    settings = Settings(root=tmp_path, bibliography=("refs.bib",))
    lay(tmp_path, {**FILES, "own.bib": own})
    rebuilt = checking.open_workspace(settings, jobs=1).rebuild(change)
    lay(tmp_path, change)
    same(rebuilt, checking.open_workspace(settings, jobs=1).facts)


def test_a_bibliography_in_an_old_encoding_is_read_and_reported(tmp_path: Path) -> None:
    bib = "@book{m, author = {Müller, Ute}, title = {Watt}, year = {1999}}\n".encode("cp1252")
    workspace = checking.open_workspace(lay(tmp_path, {"a.md": "Mud (Müller 1999).\n", "refs.bib": bib}), jobs=1)
    assert matches(workspace.facts, "a.md") == {"Müller 1999": "m"}
    assert [(problem.kind, problem.span.start) for problem in workspace.facts.problems] == [
        ("malformed-source", bib.index(b"\xfc"))
    ]


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("missing.bib", "no such file"),
        ("../up.bib", "outside the wiki"),
        ("..", "outside the wiki"),
        ("folder", "its name ends in none of"),
        ("folder.bib", "a folder"),
    ],
)
def test_an_own_bibliography_that_cannot_be_read_is_a_problem_of_each_page(
    tmp_path: Path, named: str, why: str
) -> None:
    page = f"---\nbibliography: {named}\n---\n\nMud (Doe 2020).\n"
    settings = lay(tmp_path, {"a.md": page, "b.md": page, "folder/c.md": "c\n", "folder.bib/c.md": "c\n"})
    workspace = checking.open_workspace(settings, jobs=1)
    facts = workspace.facts
    assert [(each.kind, each.span.path, each.span.of(page)) for each in facts.problems] == [
        ("malformed-source", "a.md", named),
        ("malformed-source", "b.md", named),
    ]
    assert all(why in each.message for each in facts.problems)
    assert isinstance(facts.cited["a.md"][0].resolution, Missing)
    # It is still so after an edit elsewhere on the page, and gone when the line is.
    assert set(workspace.rebuild({"a.md": page + "More.\n"}).problems) == set(facts.problems)
    assert [each.span.path for each in workspace.rebuild({"a.md": "Mud.\n"}).problems] == ["b.md"]


def test_a_page_that_cannot_be_read_does_not_end_the_run(tmp_path: Path) -> None:
    settings = lay(tmp_path, {"a.md": "[[b]]\n", "b.md": "x" * 2000})
    facts = checking.open_workspace(Settings(root=settings.root, max_page_size=1000), jobs=1).facts
    assert [problem.kind for problem in facts.wiki.pages["b.md"].problems] == ["unreadable-page"]
    assert isinstance(facts.wiki.resolve(facts.wiki.pages["a.md"].links[0]), Found)


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may read everything")
def test_a_page_without_permission_is_a_finding(tmp_path: Path) -> None:
    settings = lay(tmp_path, {"a.md": "text\n"})
    (tmp_path / "a.md").chmod(0)
    facts = checking.open_workspace(settings, jobs=1).facts
    assert [problem.kind for problem in facts.wiki.pages["a.md"].problems] == ["unreadable-page"]


# The cache of bibliographies

DAMAGED = b"@article{doe2020tides, author = {Doe, Jane}, title = {Tides}, year = {2020}, journal = {Caf\xe9}}\n@book{\n"
CACHED = FILES | {
    "references.bib": DAMAGED,
    "own/own.bib": "@book{moe2001, author = {Moe, Mia}, title = {Winds}, year = {2001}}\n",
    "own/page.md": "---\nbibliography: [own.bib, gone.bib]\n---\n\nWinds blow (Moe 2001), tides turn (Doe 2020).\n",
}


def loaded(settings: Settings, cache: Path) -> loading.Workspace:
    opened = store.open_store(str(cache), settings.root, lambda _note: None)
    try:
        return checking.open_workspace(settings, jobs=1, store=opened)
    finally:
        if opened is not None:
            opened.close()


def test_bibliographies_from_the_cache_are_those_of_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, cache = lay(tmp_path / "wiki", CACHED), tmp_path / "cache"
    expected = checking.open_workspace(settings, jobs=1)
    assert expected.facts.problems
    assert expected.unreadable
    for _ in range(2):
        workspace = loaded(settings, cache)
        same(workspace.facts, expected.facts)
        assert (workspace.shared, workspace.unreadable) == (expected.shared, expected.unreadable)
    lay(settings.root, {"references.bib": BIB.replace("2021", "2022"), "own/gone.bib": BIB})
    same(loaded(settings, cache).facts, checking.open_workspace(settings, jobs=1).facts)
    # What is known is not read again by any command: a run of lint fills the same cache.
    expected = checking.open_workspace(settings, jobs=1)
    monkeypatch.setattr("wikitools.sources.readers.read_bibliography", lambda path, _text: pytest.fail(path))
    same(loaded(settings, cache).facts, expected.facts)


@pytest.mark.parametrize("rows", [False, True], ids=["the file", "its rows"])
def test_a_damaged_cache_of_bibliographies_is_no_error(
    tmp_path: Path, rows: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, cache = lay(tmp_path / "wiki", CACHED), tmp_path / "cache"
    expected = loaded(settings, cache)
    (file,) = cache.glob("*.db")
    if rows:
        # Sound rows that hold what no version makes.
        for broken in (b"\x93\x01\x02\x03", b"\x01", b"", b"\x92\x91\x01\x90", b"\x92\x90\x91\x01", b"\xc1"):
            monkeypatch.setattr(store.Store, "thing", lambda _store, _key, data=broken: data)
            same(loaded(settings, cache).facts, expected.facts)
        return
    data = file.read_bytes()
    for harmed in (b"", data[: len(data) // 2], b"no database" * 500, data.replace(b"Tides", b"Tidez")):
        file.write_bytes(harmed)
        same(loaded(settings, cache).facts, expected.facts)


def test_pages_travel_between_processes_unchanged(tmp_path: Path) -> None:
    settings = lay(
        tmp_path,
        FILES
        | {
            "odd.md": "---\ndate: 2020-01-02\nnumber: 99999999999999999999999\ntags: [a, {b: 1.5}]\n---\n\n"
            "# Odd #\n\n![[x|y]] <https://e.org> [a](b.md#c)[^1] ^block\n\n[^1]: Note \U0001f600\n",
            "bad.md": b"\xff\xfe\x00",
        },
    )
    reader = loading._PageReader(settings.root, settings.max_page_size)
    for path in loading.find_pages(settings).pages:
        read = reader(path)
        arrived = copy.copy(read)  # as pickle does it
        assert arrived == read
        assert repr(arrived.page) == repr(read.page)
