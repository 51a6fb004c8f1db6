"""What an editor has not saved yet counts in place of what lies on the disk, and never comes into the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from checks import EVERYTHING, FIXTURES, told

from wikitools import files
from wikitools.config import Settings, load_settings
from wikitools.files import Unsaved
from wikitools.lint.policy import Policy
from wikitools.project import cache as store
from wikitools.project import checking
from wikitools.project.live import Live

if TYPE_CHECKING:
    from pathlib import Path

    from wikitools.lint.run import Outcome


@pytest.fixture(autouse=True)
def old_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Believe the times of files that were written a moment ago."""
    monkeypatch.setattr(store, "_RACY", -(10**18))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "wiki"
    root.mkdir()
    (root / "refs.bib").write_text("@book{doe, author = {Doe, J.}, title = {T}, year = 2020}\n")
    (root / "a.md").write_text("# A\n\nSee [[b#Life]] (Doe 2020).\n")
    (root / "b.md").write_text("# B\n\n## Life\n\nSee [[a]].\n")
    (root / "c.md").write_text("# C\n\nSee [[a]] (Roe 2001).\n")
    return root


def live_on(root: Path, opened: store.Store | None = None) -> Live:
    return Live(Settings(root=root), EVERYTHING, asked=lambda _inventory, _others: None, jobs=1, store=opened)


def as_saved(root: Path, texts: dict[str, str]) -> Outcome:
    """Return what a new check finds when these pages have these texts on the disk."""
    before = {path: (root / path).read_bytes() for path in texts}
    for path, text in texts.items():
        (root / path).write_text(text)
    try:
        return checking.check(Settings(root=root), EVERYTHING, jobs=1).outcome
    finally:
        for path, data in before.items():
            (root / path).write_bytes(data)


NOTE = "---\ntype: source\nauthor: Roe, K.\nyear: 2001\ntitle: On salt\n---\n# B\n"


@pytest.mark.parametrize(
    "text", ["# B\n\n## Death\n\n[[nowhere]]\n", "---\ntitle: Bee\n---\n# B\n", NOTE, "---\nbibliography: x.bib\n---\n"]
)
@pytest.mark.parametrize("cached", [True, False], ids=["cache", "no cache"])
def test_an_unsaved_text_counts_and_is_not_kept(root: Path, tmp_path: Path, text: str, *, cached: bool) -> None:
    opened = store.open_store(str(tmp_path / "cache"), root, pytest.fail) if cached else None
    saved, unsaved = as_saved(root, {}), as_saved(root, {"b.md": text})
    live = live_on(root, opened)
    assert told(live.start().outcome) == told(saved)
    live.unsaved["b.md"] = Unsaved(text.encode(), 1)
    for found in (live.update(), live.update([str(root / "a.md")])):
        assert found is not None
        assert told(found.checked.outcome) == told(unsaved)
        live.remember()
    assert live.overlooked() == ()
    if opened is not None:
        assert told(checking.check(Settings(root=root), EVERYTHING, jobs=1, store=opened).outcome) == told(saved)
    # The same from the beginning, and while it is open the file is changed by another program.
    again = live_on(root, opened)
    again.unsaved["b.md"] = Unsaved(text.encode(), 7)
    assert told(again.start().outcome) == told(unsaved)
    again.remember()
    (root / "b.md").write_text("# Bzzz\n")
    assert again.overlooked() == ()
    found = again.update([str(root / "b.md")])
    assert found is not None
    assert told(found.checked.outcome) == told(unsaved)
    del again.unsaved["b.md"]
    found = again.update()
    assert found is not None
    assert told(found.checked.outcome) == told(as_saved(root, {}))
    again.remember()
    if opened is not None:
        known = checking.check(Settings(root=root), EVERYTHING, jobs=1, store=opened)
        assert told(known.outcome) == told(as_saved(root, {}))
        opened.close()


def test_nothing_of_an_unsaved_text_is_in_the_cache(root: Path, tmp_path: Path) -> None:
    opened = store.open_store(str(tmp_path / "cache"), root, pytest.fail)
    assert opened is not None
    live = live_on(root, opened)
    live.unsaved["b.md"] = Unsaved(b"# B\n\n## Zanzibar (Doe 2020)\n\n[[Zanzibar]]\n", 3)
    live.start()
    live.unsaved["a.md"] = Unsaved(b"[[b#Zanzibar]]\n", 4)
    live.update()
    live.remember()
    opened.close()
    for file in (tmp_path / "cache").rglob("*"):
        assert not file.is_file() or b"anzibar" not in file.read_bytes()


def test_texts_that_nobody_told_of_are_seen(root: Path) -> None:
    live = live_on(root)
    live.start()
    live.unsaved["a.md"] = Unsaved(b"[[b]]\n")
    live.unsaved["b.md"] = Unsaved(b"[[nowhere]]\n")
    found = live.update()
    assert found is not None
    assert (found.whole, found.pages) == (False, ("a.md", "b.md"))
    assert live.update() is None
    assert found.checked.workspace.text_of("b.md") == "[[nowhere]]\n"


def test_a_text_beyond_the_limit_is_refused_as_a_file_is(root: Path) -> None:
    reader = files.Reader(root, unsaved={"a.md": Unsaved(b"x" * 10)})
    with pytest.raises(files.TooLargeError):
        reader.read("a.md", limit=5)
    assert files.is_unsaved(reader.read("a.md")[1])
    assert not files.is_unsaved(reader.read("b.md")[1])


@pytest.mark.parametrize("wiki", FIXTURES, ids=lambda path: path.name)
def test_the_first_look_says_nothing_that_does_not_hold(wiki: Path) -> None:
    found = [each for each in files.find_config_files(str(wiki)) if each[0].startswith(str(wiki))]
    settings = load_settings(str(wiki), found)
    live = Live(settings, Policy(), asked=lambda _inventory, _others: None, jobs=1)
    all_of_them = {repr(each) for each in checking.check(settings, Policy(), jobs=1).outcome.diagnostics}
    for path in files.find_pages(wiki).pages:
        live.unsaved[path] = Unsaved((wiki / path).read_bytes())
        (first,) = live.look_first({path: live.unsaved[path]})
        assert {repr(each) for each in first.diagnostics} <= all_of_them


def test_the_first_look_says_what_is_certain(root: Path) -> None:
    live = live_on(root)
    live.unsaved["new/d.md"] = Unsaved(
        b"# D\n\nSee [b][ref] and [[../a]].\n\n<!-- wikitools-ignore broken-link -->\n[[b#Nowhere]] (Nobody 2020)\n"
    )
    (first,) = live.look_first(live.unsaved)
    rules = [each.rule for each in first.diagnostics]
    assert {"undefined-reference", "unmatched-citation"} <= {*rules}
    assert not {"broken-anchor", "unused-suppression"} & {*rules}
    live.unsaved[".hidden.md"] = Unsaved(b"[b][ref]\n")
    assert [each.diagnostics for each in live.look_first(live.unsaved) if each.path == ".hidden.md"] == [()]


def test_the_first_look_knows_what_an_earlier_run_found(root: Path, tmp_path: Path) -> None:
    settings = Settings(root=root)
    opened = store.open_store(str(tmp_path / "cache"), root, pytest.fail)
    found = checking.check(settings, Policy(), jobs=1, store=opened).outcome.diagnostics
    live = Live(settings, Policy(), asked=lambda _inventory, _others: None, jobs=1, store=opened)
    texts = {path: Unsaved((root / path).read_bytes()) for path in files.find_pages(root).pages}
    looks = list(live.look_first(texts))
    assert all(each.is_all for each in looks)
    assert [diagnostic for each in looks for diagnostic in each.diagnostics] == list(found)
    (first,) = live.look_first({"a.md": Unsaved(b"Changed.\n")})
    assert not first.is_all
    # What a live check found is known as well.
    (root / "a.md").write_text("[[gone]]\n")
    live.start()
    live.remember(whole=True)
    (first,) = Live(settings, Policy(), asked=lambda _i, _o: None, jobs=1, store=opened).look_first(
        {"a.md": Unsaved(b"[[gone]]\n")}
    )
    assert first.is_all
    assert [each.rule for each in first.diagnostics] == ["broken-wikilink"]
