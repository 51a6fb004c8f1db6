"""Edits of any kind, of pages, files and sources: after each, the live check says what a new one says."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from checks import EVERYTHING, told
from hypothesis import given, settings
from hypothesis import strategies as st
from test_live import fresh

from wikitools.config import Settings
from wikitools.project import cache as store
from wikitools.project import checking
from wikitools.project.live import Live
from wikitools.wiki.engines import ENGINES

if TYPE_CHECKING:
    from wikitools.lint.policy import Policy


@pytest.fixture(autouse=True)
def old_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Believe the times of files that were written a moment ago."""
    monkeypatch.setattr(store, "_RACY", -(10**18))


PAGES = ("index.md", "Tides.md", "a/Deep.md", "b/Deep.md", "vault/salt.lake.md", "Old.md")
COMING = (
    *("Moon.md", "a/Tides.md", "b/Moon.md", "Tide.md", "a/index.md", "vault/salt.md", "b/elk.md", "2020_01_02.md"),
    *("b/salt-lake.md", "a/sea___far.md", "x.png", "b/x.png", "a/Deeps.md", "Tides tables.md", "sea.html"),
)
"""Files that are there only now and then."""
SOURCES = (
    "@book{doe, author = {Doe, J.}, title = {T}, year = 2020}",
    "@book{doe2, author = {Doe, J.}, title = {On tides}, year = 2020, doi = {10.1000/1}}",
    "@book{poe, author = {Poe, Al and Doe, J.}, title = {On tides}, year = 2021, url = {https://example.org/poe}}",
    "@book{doe, author = {Doe, K.}, title = {Twice}, year = {2020a}, doi = {10.1000/1}}",
    "@book{broken, author = ",
)
FIELDS = ("title: {}", "aliases: [{}]", "permalink: {}", "tags: [{}]", "redirect: {}", "twice: 1\ntwice: {}")
PROPERTIES = ("title:: {}", "alias:: {}, Salt")
WORDS = ("Moon", "Tides", "Deep", "ELK", "far/away", "sea")
BLOCK = "6f1c2b9e-0000-4000-8000-000000000001"
LINES = (
    *(f"See [[{word}]], [[{word}|label]], [[label|{word}]] and ![[{word}]]." for word in WORDS),
    *(f"[x]({word}.md) [y](/{word}) [z](/wiki/{word}/) [l]([[{word}]])" for word in WORDS),
    "[[Deep#Life]] [[Tides#^b]] [d](a/Deep.md#life) [[Moon#Work]] [[#Life]]",
    "[[dendron://vault/salt.lake]] [[x|dendron://gone/salt.lake]] [[salt.*]]",
    f"(({BLOCK})) [b]((({BLOCK})))",
    f"- a block\n  id:: {BLOCK}",
    "## Life",
    "### Work",
    "A block. ^b",
    "Moved to [[Tides]].",
    "[[ref]] and [r][ref]\n\n[ref]: Tides.md",
    "<!-- wikitools-ignore-next-line broken-wikilink -->\n[[Moon]]",
    "Tides turn (Doe 2020), [@doe].",
    "[[tags/sea]] [[Tides]]",
    "![[x.png]] ![i](b/x.png) ![i](y.png) [f](a/) [up](../) [i](a/index.md) [[a/index]] [[sea/far]]",
    "[[Tidse]] [[Tide table]] [[salt lake]] [[Jan 2nd, 2020]] [[elks]] [m](Mooon.md) [[Tides]] [s](sea)",
    "Poe and Doe (2021) and (Doe 2021), (Do 2020), [@poe; @pou], [it](https://example.org/poe), (Poe & Doe, 2021).",
)


class Written:
    """A page as somebody writes it: fields, properties and lines."""

    def __init__(self) -> None:
        self.fields: dict[int, str] = {}
        self.properties: dict[int, str] = {}
        self.lines: list[str] = []

    def text(self) -> str:
        head = [FIELDS[number].format(word) for number, word in sorted(self.fields.items())]
        properties = [PROPERTIES[number].format(word) for number, word in sorted(self.properties.items())]
        front_matter = ["---", *head, "---"] if head else []
        return "\n".join((*front_matter, *properties, "", "\n\n".join(self.lines), ""))


EDITS = st.tuples(
    st.integers(0, len(PAGES) - 1),
    st.one_of(
        st.tuples(st.just("field"), st.integers(0, len(FIELDS) - 1), st.none() | st.sampled_from(WORDS)),
        st.tuples(st.just("property"), st.integers(0, len(PROPERTIES) - 1), st.none() | st.sampled_from(WORDS)),
        st.tuples(st.just("line"), st.integers(0, 3), st.none() | st.sampled_from(LINES)),
    ),
)
FILES = st.tuples(st.just("file"), st.sampled_from((*PAGES, *COMING)), st.none() | st.sampled_from(LINES))
BIBLIOGRAPHY = st.tuples(st.just("source"), st.sampled_from(SOURCES), st.booleans())
ALL_EDITS = st.one_of(EDITS, EDITS, FILES, BIBLIOGRAPHY)


def write(page: Written, edit: tuple[str, int, str | None]) -> None:
    kind, number, words = edit
    if kind == "line":
        page.lines[number : number + (words is None)] = [] if words is None else [words]
        return
    known = page.fields if kind == "field" else page.properties
    known.pop(number, None)
    if words is not None:
        known[number] = words


class Edited:
    """A wiki that somebody edits."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pages = {path: Written() for path in PAGES}
        self.sources = {SOURCES[0]}
        shutil.rmtree(root, ignore_errors=True)
        for path, page in self.pages.items():
            page.lines.append("Words.")
            self.write(path, page.text())
        self.write("refs.bib", SOURCES[0])

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def apply(self, edits: list[Any]) -> list[str]:
        """Do these edits, and return the paths of the files (absolute)."""
        paths: list[str] = []
        for first, *rest in edits:
            path = first if isinstance(first, str) else PAGES[first]
            if path == "source":
                source, there = rest
                (self.sources.add if there else self.sources.discard)(source)
                path = "refs.bib"
                self.write(path, "\n".join(sorted(self.sources)))
            elif path == "file":
                path, line = rest
                (self.root / path).unlink(missing_ok=True)
                if line is not None:
                    self.write(path, f"---\ntitle: Elk\n---\n{line}\n" if len(line) % 2 else line)
            else:
                write(self.pages[path], *rest)
                self.write(path, self.pages[path].text())
            paths.append(str(self.root / path))
        return paths


def follow(root: Path, engine: str, first: list[Any], steps: list[list[Any]], policy: Policy) -> None:
    """Edit a wiki step by step: each time the live check reports what a new one does; no title makes it start over."""
    wiki = Edited(root)
    wiki.apply(first)
    settings = Settings(root=root, engine=engine)
    opened = store.open_store(str(root.parent / "cache"), root, pytest.fail)
    # The second one knows all pages from the cache, and has looked at none.
    for _ in range(2):
        live = Live(settings, policy, asked=lambda _inventory, _others: None, jobs=1, store=opened)
        last = told(live.start().outcome)
        assert last == told(fresh(settings, policy))
        live.remember()
    for edits in steps:
        there = {path.relative_to(root) for path in root.rglob("*")}
        found = live.update(wiki.apply(edits))
        if found is not None:
            last = told(found.checked.outcome)
        assert last == told(fresh(settings, policy)), edits
        same_files = there == {path.relative_to(root) for path in root.rglob("*")}
        assert found is None or not found.whole or not same_files or any(edit[0] == "source" for edit in edits)
        if len(edits) == 2:
            live.remember()
    assert opened is not None
    assert told(checking.check(settings, policy, jobs=1, store=opened).outcome) == last
    live.remember()
    assert told(checking.check(settings, policy, jobs=1, store=opened).outcome) == last
    opened.close()


STEPS = st.lists(st.lists(ALL_EDITS, min_size=1, max_size=3), max_size=8)


FAST = ("obsidian", "quartz", "logseq", "slug")


@pytest.mark.parametrize(
    "engine", [pytest.param(name, marks=[] if name in FAST else pytest.mark.slow) for name in sorted(ENGINES)]
)
@settings(max_examples=4)
@given(first=st.lists(ALL_EDITS, max_size=30), steps=STEPS)
def test_edits_of_any_kind_are_followed(engine: str, first: list[Any], steps: list[list[Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        follow(Path(folder) / "wiki", engine, first, steps, EVERYTHING)


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("engine", sorted(ENGINES))
@settings(max_examples=15)
@given(first=st.lists(ALL_EDITS, max_size=40), steps=STEPS)
def test_many_edits_of_any_kind_are_followed(engine: str, first: list[Any], steps: list[list[Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        follow(Path(folder) / "wiki", engine, first, steps, EVERYTHING)
