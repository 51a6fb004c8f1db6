"""A check that stays in memory answers after every change what a new check answers."""

from __future__ import annotations

import gc
import random
import weakref
from typing import TYPE_CHECKING

import pytest
from checks import EVERYTHING, change, sentence, told

from wikitools.config import Settings
from wikitools.lint.policy import Policy
from wikitools.project import cache as store
from wikitools.project import checking, first_pass, live_check, loading
from wikitools.project.live import Live, Update
from wikitools.wiki.engines import ENGINES

if TYPE_CHECKING:
    from pathlib import Path

    from wikitools.lint.run import Outcome


@pytest.fixture(autouse=True)
def old_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Believe the times of files that were written a moment ago; forget often what can be found again."""
    monkeypatch.setattr(store, "_RACY", -(10**18))
    monkeypatch.setattr(live_check, "_FORGETS_AFTER", 3)


def snapshot(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def happened(before: dict[str, bytes], after: dict[str, bytes]) -> list[str]:
    return [path for path in {*before, *after} if before.get(path) != after.get(path)]


def edit(rng: random.Random, root: Path) -> None:
    """Change one page as an author does: add a sentence, delete a line, add a heading."""
    pages = sorted(root.rglob("*.md"))
    if not pages:
        return change(rng, root)
    page = rng.choice(pages)
    text = page.read_bytes().decode("utf-8", "replace")
    lines = text.split("\n")
    place = rng.randrange(len(lines) + 1)
    match rng.randrange(5):
        case 0:
            del lines[place : place + 1]
        case 1:
            lines.insert(place, f"\n## {rng.choice(('Life', 'Late', '*Life*', '_Life_', 'Work'))}\n")
        case 2:
            lines.insert(place, "\nA block. ^block\n")
        case _:
            lines.append(f"\n{sentence(rng)}")
    page.write_text("\n".join(lines), encoding="utf-8")
    return None


def fresh(settings: Settings, policy: Policy) -> Outcome:
    return checking.check(settings, policy, jobs=1).outcome


@pytest.mark.slow
@pytest.mark.parametrize("engine", sorted(ENGINES))
@pytest.mark.parametrize("cached", [True, False], ids=["cache", "no cache"])
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.nightly)])
def test_after_any_change_it_answers_as_a_new_check(tmp_path: Path, engine: str, seed: int, *, cached: bool) -> None:
    rng = random.Random(f"live {engine} {seed}")
    root = tmp_path / "wiki"
    root.mkdir()
    for _ in range(14):
        change(rng, root)
    settings = Settings(root=root, engine=engine)
    policy = rng.choice([EVERYTHING, Policy(), Policy(select=("links", "anchors"))])
    opened = store.open_store(str(tmp_path / "cache"), root, pytest.fail) if cached else None
    live = Live(settings, policy, asked=lambda _inventory, _others: None, jobs=1, store=opened)
    last = told(live.start().outcome)
    assert last == told(fresh(settings, policy))
    for step in range(18):
        before = snapshot(root)
        for _ in range(rng.choice((1, 1, 1, 2))):
            (edit if rng.random() < 0.8 else change)(rng, root)
        found = live.update(happened(before, snapshot(root)))
        expected = told(fresh(settings, policy))
        if found is not None:
            last = told(found.checked.outcome)
        assert last == expected, step
        if rng.random() < 0.5:
            live.remember()
    if opened is not None:
        live.remember()
        assert told(checking.check(settings, policy, jobs=1, store=opened).outcome) == told(fresh(settings, policy))
        opened.close()


def wiki(root: Path, pages: int = 30, *, engine: str = "obsidian") -> Live:
    root.mkdir()
    for number in range(pages):
        (root / f"p{number}.md").write_text(f"# P{number}\n\n## Life\n\nSee [[p{number + 1}#Life]] (Doe 2020).\n")
    (root / "x.png").write_bytes(b"")
    live = Live(Settings(root=root, engine=engine), Policy(), asked=lambda _inventory, _others: None, jobs=1)
    live.start()
    return live


def told_by(live: Live, *paths: Path) -> Update | None:
    found = live.update([str(path) for path in paths])
    settings = live.job.settings
    if found is not None:
        assert told(found.checked.outcome) == told(fresh(settings, Policy()))
    return found


@pytest.mark.parametrize("alone", [True, False])
def test_a_check_that_begins_anew_leaves_nothing_of_the_last_one(tmp_path: Path, *, alone: bool) -> None:
    gc.unfreeze()
    (tmp_path / "a.md").write_text("# A\n\nSee [[b]] (Doe 2020).\n")
    live = Live(Settings(root=tmp_path), Policy(), asked=lambda _inventory, _others: None, jobs=1, alone=alone)
    live.start()
    first = weakref.ref(live._check)
    try:
        assert bool(gc.get_freeze_count()) == alone
        live.start()
        if not alone:
            gc.collect()
        assert first() is None
    finally:
        gc.unfreeze()


def test_only_changed_pages_are_read(tmp_path: Path) -> None:
    live = wiki(tmp_path / "wiki")
    page = tmp_path / "wiki" / "p3.md"
    page.write_text("# P3\n\nNo heading any more, [[nowhere]].\n")
    found = told_by(live, page)
    assert found is not None
    assert not found.whole
    assert (found.pages, found.checked.read) == (("p3.md",), 1)
    broken = {(each.path, each.rule) for each in found.checked.outcome.diagnostics}
    assert ("p2.md", "broken-anchor") in broken
    page.write_text("# P3\n\n## Life\n\nSee [[p4]].\n")
    assert ("p2.md", "broken-anchor") not in {
        (each.path, each.rule)
        for each in told_by(live, page).checked.outcome.diagnostics  # type: ignore[union-attr]  # a page changed
    }


@pytest.mark.parametrize("engine", ["quartz", "quartz-absolute", "quartz-relative"])
def test_a_page_whose_permalink_changes_is_no_longer_found_by_it(tmp_path: Path, engine: str) -> None:
    root = tmp_path / "wiki"
    root.mkdir()
    (root / "a.md").write_text("See [[far/away]].\n")
    (root / "b.md").write_text("---\npermalink: far/away\n---\n# B\n")
    live = Live(Settings(root=root, engine=engine), Policy(), asked=lambda _inventory, _others: None, jobs=1)
    assert not live.start().outcome.diagnostics
    (root / "b.md").write_text("---\npermalink: nearby\n---\n# B\n")
    found = live.update([str(root / "b.md")])
    assert found is not None
    assert [each.path for each in found.checked.outcome.diagnostics if each.rule == "broken-wikilink"] == ["a.md"]


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_one_changed_line_is_read_alone_under_every_engine(tmp_path: Path, engine: str) -> None:
    root = tmp_path / "wiki"
    root.mkdir()
    for number in range(5):
        (root / f"p{number}.md").write_text(f"# P{number}\n\nSee [it](p{(number + 1) % 5}.md).\n")
    live = Live(Settings(root=root, engine=engine), Policy(), asked=lambda _inventory, _others: None, jobs=1)
    live.start()
    (root / "p3.md").write_text("# P3\n\nSee [it](p4.md), and [that](p1.md).\n")
    found = live.update([str(root / "p3.md")])
    assert found is not None
    assert (found.whole, found.pages) == (False, ("p3.md",))


@pytest.mark.parametrize("engine", ["obsidian", "slug"])
def test_edits_leave_nothing_to_the_garbage_collector(tmp_path: Path, engine: str) -> None:
    # It runs seldom, and what a check knew of the files before one came or went is large.
    live = wiki(tmp_path / "wiki", engine=engine)
    page, new = tmp_path / "wiki" / "p3.md", tmp_path / "wiki" / "new.md"
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for number in range(3):
            page.write_text(f"# P3\n\n## Life {number}\n\nSee [[new#Life]] and [it](p4.md) (Doe 2020).\n")
            new.write_text("# New\n\n## Life\n\nSee [[p3]].\n")
            live.update([str(page), str(new)])
            new.unlink()
            live.update([str(new)])
        gc.collect()
        assert not [each for each in gc.garbage if type(each).__module__.startswith("wikitools")]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def test_what_was_typed_for_a_moment_is_forgotten(tmp_path: Path) -> None:
    live = wiki(tmp_path / "wiki")
    page = tmp_path / "wiki" / "p3.md"

    def found_of_links() -> list[str]:
        (state,) = (each for _looker, each in first_pass._states.values())
        check = live._check
        assert check is not None
        noted = check.second.wiki.index
        tables = (state.wiki._targets, state.wiki._wikilinks, noted._found, noted._pages_by_nearness._known)  # type: ignore[attr-defined]  # its kind
        return [str(asked) for table in tables for asked in table]

    for number in range(live_check._FORGETS_AFTER):
        page.write_text(f"# P3\n\nSee [[typed {number}]] (Typed {1990 + number}).\n")
        assert live.update([str(page)]) is not None
        assert any(f"typed {number}" in each for each in found_of_links())
    assert not any("typed 0" in each for each in found_of_links())


def test_what_editors_leave_beside_a_page_does_not_matter(tmp_path: Path) -> None:
    live = wiki(tmp_path / "wiki")
    root = tmp_path / "wiki"
    (root / ".p1.md.swp").write_text("x")
    (root / "x.png").write_bytes(b"another picture")
    assert told_by(live, root / ".p1.md.swp", root / "4913", root / "x.png", root / ".git" / "index") is None
    # Written under another name, then renamed over the page.
    (root / "p1.md.tmp").write_text("# P1\n\n## Life\n\n[[p2]] [[gone]]\n")
    (root / "p1.md.tmp").rename(root / "p1.md")
    found = told_by(live, root / "p1.md.tmp", root / "p1.md")
    assert found is not None
    assert (found.whole, found.pages) == (False, ("p1.md",))


def test_files_that_come_and_go_are_seen(tmp_path: Path) -> None:
    live = wiki(tmp_path / "wiki")
    root = tmp_path / "wiki"
    (root / "p30.md").write_text("# P30\n\n## Life\n")
    found = told_by(live, root / "p30.md")
    assert found is not None
    assert (found.whole, found.checked.read) == (False, 1)
    (root / "p30.md").rename(root / "q.md")
    found = told_by(live, root / "p30.md", root / "q.md")
    assert found is not None
    assert (found.whole, found.pages) == (False, ("p30.md", "q.md"))
    (root / "x.png").rename(root / "y.png")
    assert not told_by(live, root / "x.png", root / "y.png").whole  # type: ignore[union-attr]  # a picture
    (root / "q.md").unlink()
    assert not told_by(live, root / "q.md").whole  # type: ignore[union-attr]  # it is gone
    (root / "refs.bib").write_text("@book{doe, author = {Doe, J.}, title = {T}, year = 2020}\n")
    assert told_by(live, root / "refs.bib").whole  # type: ignore[union-attr]  # sources
    (root / ".gitignore").write_text("p7.md\n")
    assert told_by(live, root / ".gitignore").whole  # type: ignore[union-attr]  # a page less
    (root / "new").mkdir()
    (root / "new" / "p7.md").write_text("# P7\n")
    assert told_by(live, root / "new").whole  # type: ignore[union-attr]  # a folder that was moved here


def test_what_nobody_told_of_is_found_when_it_is_quiet(tmp_path: Path) -> None:
    live = wiki(tmp_path / "wiki")
    root = tmp_path / "wiki"
    assert live.overlooked() == ()
    (root / "p5.md").write_text("changed [[nowhere]]\n")
    assert live.overlooked() == (str(root / "p5.md"),)
    told_by(live, root / "p5.md")
    assert live.overlooked() == ()
    (root / "p5.md").unlink()
    assert live.overlooked() == (str(root / "p5.md"),)
    assert not told_by(live, root / "p5.md").whole  # type: ignore[union-attr]  # a page less
    assert loading.find_pages(live.job.settings).pages
    assert live.overlooked() == ()


def test_a_link_that_was_found_good_while_editing_is_looked_at_again(tmp_path: Path) -> None:
    root = tmp_path / "wiki"
    root.mkdir()
    (root / "a.md").write_text("Nothing yet.\n")
    (root / "b.md").write_text("# B\n\n## Life\n")
    opened = store.open_store(str(tmp_path / "cache"), root, pytest.fail)
    assert opened is not None
    for _ in range(2):
        live = Live(Settings(root=root), Policy(), asked=lambda _inventory, _others: None, jobs=1, store=opened)
        assert not live.start().outcome.diagnostics
        live.remember()
    (root / "a.md").write_text("See [[b#Life]].\n")
    assert not told_by(live, root / "a.md").checked.outcome.diagnostics  # type: ignore[union-attr]  # a page changed
    (root / "b.md").write_text("# B\n\n## Death\n")
    found = told_by(live, root / "b.md")
    assert found is not None
    assert [each.rule for each in found.checked.outcome.diagnostics] == ["broken-anchor"]
    opened.close()


def test_after_a_file_came_the_next_run_knows_all_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "wiki"
    root.mkdir()
    for number in range(5):
        (root / f"p{number}.md").write_text(f"# P{number}\n\nSee [[p{number + 1}]] (Doe 2020).\n")
    opened = store.open_store(str(tmp_path / "cache"), root, pytest.fail)
    assert opened is not None
    live = Live(Settings(root=root), Policy(), asked=lambda _inventory, _others: None, jobs=1, store=opened)
    live.start()
    (root / "p5.md").write_text("# P5\n")
    found = told_by(live, root / "p5.md")
    assert found is not None
    assert not found.whole
    live.remember()
    expected = told(fresh(Settings(root=root), Policy()))
    monkeypatch.setattr(first_pass.PageLooker, "__call__", lambda _looker, item: pytest.fail(item.path))
    assert told(checking.check(Settings(root=root), Policy(), jobs=1, store=opened).outcome) == expected
    opened.close()
