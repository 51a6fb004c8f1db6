"""Sources that change: the live check says what a new one says, and matches only the citations that they concern."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from checks import told
from hypothesis import given, settings
from hypothesis import strategies as st
from test_live import fresh

from wikitools.config import Settings
from wikitools.lint.facts import Facts, cite
from wikitools.lint.policy import ALL, Policy
from wikitools.lint.rule import load_rules
from wikitools.project import cache as store
from wikitools.project import checking, first_pass, live_check
from wikitools.project.live import Live
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.cite.citation import Cited
    from wikitools.markdown.page import Page


@pytest.fixture(autouse=True)
def old_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Believe the times of files that were written a moment ago; forget often what can be found again."""
    monkeypatch.setattr(store, "_RACY", -(10**18))
    monkeypatch.setattr(live_check, "_FORGETS_AFTER", 3)


COUNTING = tuple(rule.id for rule in load_rules().values() if rule.counts_citations and Wiki in rule.looks_at)
"""Rules that need the citations of all pages; with them, a changed source begins a new check."""
ALL_BUT_THESE = Policy(select=(ALL,), ignore=COUNTING)
ENTRIES = (
    "@book{doe2020, author = {Doe, Jane}, title = {On tides and salt}, year = 2020}",
    "@book{doe2020b, author = {Doe, Jo}, title = {Tides of salt}, year = 2020, journal = {Nature Elk}}",
    "@book{doe2021, author = {Doe, Jane and Roe, Ann}, title = {On tides}, year = 2021, doi = {10.1000/1}}",
    "@book{roe, author = {Roe, Ann}, title = {Elk}, year = {2020a}, url = {https://example.org/elk}}",
    "@book{boyd, author = {boyd, danah}, title = {Networks of elk}, year = 2007, shorttitle = {Networks}}",
    "@book{lee, author = {van der Lee, Ko}, title = {The Salt Atlas}, year = {in press}}",
    "@book{atlas, author = {Orr, Al}, title = {The Salt Atlas}, year = 2025, ids = {salty}}",
    "@inbook{part, author = {Orr, Al}, title = {Deep elk}, booktitle = {Salt Atlas}, chapter = 7, year = 2025}",
    "@book{who, author = {{World Health Organization}}, title = {Elk health}, year = 2020}",
    "@misc{untitled, title = {A handbook of elk}}",
    "@book{roe, author = {Rue, Ann}, title = {Twice}, year = 2020}",
    "@book{broken, author = ",
    "% a comment that moves what follows",
)
NOTES = ("@doe2020.md", "notes/Atlas.md", "notes/Elk.md")
HEADS = (
    *("authors: [Doe, Jane]\nyear: 2020", "aliases: [Atlas, The Atlas]\ntype: source", "doi: 10.1000/1"),
    *(
        "citekey: roe\nauthors: [Ann Roe]\nyear: 2020\ntitle: Elk",
        "title: Elk",
        "type: source\nbook: Atlas\nchapter: 7",
    ),
    *("authors: ['[[notes/Elk]]', '[[@doe2020]]']\nyear: 2021", "title: Jane Doe", "aliases: [Jo Roe]"),
)
LINES = (
    *(
        "Tides turn (Doe 2020).",
        "Doe (2020a) and Doe (2020b), (Doe et al. 2021).",
        "As Roe (2020) and Doe & Roe (2021).",
    ),
    *("See [@doe2020; @roe], [@doe2022].", "[it](https://example.org/elk) [that](https://doi.org/10.1000/1)."),
    *("(Dow 2020) and (Doe and Poe 2020), (Roe 1999).", "Networks (boyd & Ellison, 2007), (boyd 2007)."),
    *("It says (van der Lee in press), (Lee, forthcoming).", "See Salt Atlas Ch.7, (Atlas), (The Salt Atlas, Ch. 7)."),
    *("(WHO 2020) and (World Health Organization 2020).", "(A handbook of elk, n.d.) and (Nature Elk 2020)."),
    *("See [[@doe2020]], [[Atlas]] and [[notes/Elk]].", "A note.[^1]\n\n[^1]: Doe, J. 2020. On tides and salt."),
    *("Elk: 10.1000/1, doi:10.1000/1.", "<!-- wikitools-ignore-next-line unmatched-citation -->\n(Doe 2022)"),
)
PAGES = ("One.md", "Two.md", "Three.md")

EDIT = st.one_of(
    st.tuples(st.just("entry"), st.integers(0, len(ENTRIES) - 1), st.booleans()),
    st.tuples(st.just("entry"), st.integers(0, len(ENTRIES) - 1), st.booleans()),
    st.tuples(st.just("order"), st.integers(1, len(ENTRIES) - 1), st.booleans()),
    st.tuples(st.sampled_from(NOTES), st.integers(0, len(HEADS) - 1), st.booleans()),
    st.tuples(st.sampled_from(PAGES), st.integers(0, len(LINES) - 1), st.booleans()),
)


class Library:
    """A wiki whose sources somebody edits."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.entries = [0, 1, 2, 3]
        self.first = 0
        self.lines: dict[str, list[int]] = {path: [number, number + 3, number + 6] for number, path in enumerate(PAGES)}
        (root / "notes").mkdir(parents=True)
        self._write_entries()
        for path in (*PAGES, *NOTES):
            self._write_page(path)

    def apply(self, edits: list[tuple[Any, int, bool]]) -> Iterator[str]:
        """Do these edits, and yield the paths of the files (absolute)."""
        for what, number, there in edits:
            path = "refs.bib" if what in ("entry", "order") else what
            if what == "order":
                self.first = number
            elif what == "entry":
                self.entries = sorted({*self.entries, number} if there else {*self.entries} - {number})
            elif what in NOTES:
                head = f"---\n{HEADS[number]}\n---\n" if there else ""
                (self.root / path).write_text(f"{head}A work on elk.\n")
            else:
                lines = self.lines[what]
                self.lines[what] = [*lines, number] if there else [each for each in lines if each != number]
                self._write_page(path)
            if path == "refs.bib":
                self._write_entries()
            yield str(self.root / path)

    def _write_entries(self) -> None:
        ordered = [*self.entries[self.first :], *self.entries[: self.first]]
        (self.root / "refs.bib").write_text("\n\n".join((*(ENTRIES[each] for each in ordered), _ALWAYS)))

    def _write_page(self, path: str) -> None:
        (self.root / path).write_text("\n\n".join(LINES[each] for each in self.lines.get(path, ())) + "\n")


_ALWAYS = "@book{zoe, author = {Zoe, A.}, title = {Always there}, year = 1970}\n"


def follow(root: Path, steps: list[list[tuple[Any, int, bool]]]) -> None:
    """Edit a library step by step: after each, the live check reports what a new one reports, and never starts over."""
    library = Library(root)
    asked = Settings(root=root)
    opened = store.open_store(str(root.parent / "cache"), root, pytest.fail)
    assert opened is not None
    live = Live(asked, ALL_BUT_THESE, asked=lambda _inventory, _others: None, jobs=1, store=opened)
    # The second one knows from the cache what each page asked.
    for _ in range(2):
        last = told(live.start().outcome)
        live.remember()
    for edits in steps:
        found = live.update(library.apply(edits))
        if found is not None:
            assert not found.whole, edits
            last = told(found.checked.outcome)
        assert last == told(fresh(asked, ALL_BUT_THESE)), edits
        live.remember()
    assert told(checking.check(asked, ALL_BUT_THESE, jobs=1, store=opened).outcome) == last
    opened.close()


def test_a_page_after_which_an_author_is_called_gets_another_title(tmp_path: Path) -> None:
    linked, doe, roe, none = (
        ("notes/Atlas.md", 6, True),
        ("notes/Elk.md", 7, True),
        ("notes/Elk.md", 3, True),
        (
            "notes/Elk.md",
            0,
            False,
        ),
    )
    follow(tmp_path / "wiki", [[linked], [doe], [roe], [none], [doe], [linked, none]])


def test_pages_that_cite_another_work_of_the_author_are_not_matched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "wiki"
    root.mkdir()
    for number in range(20):
        (root / f"other{number}.md").write_text("Nothing.\n")
    (root / "early.md").write_text("It is so (Doe 1999).\n")
    (root / "late.md").write_text("It is so (Doe 2020).\n")
    entries = "@book{early, author = {Doe, J.}, title = {Elk}, year = 1999}\n" + ENTRIES[0]
    (root / "refs.bib").write_text(entries)
    live = Live(Settings(root=root), ALL_BUT_THESE, asked=lambda _inventory, _others: None, jobs=1)
    live.start()
    matched: list[str] = []

    def noted(page: Page, facts: Facts, **named: bool) -> tuple[Cited, ...]:
        matched.append(page.path)
        return cite(page, facts, **named)

    monkeypatch.setattr(first_pass, "cite", noted)
    (root / "refs.bib").write_text(entries.replace("1999", "2000"))
    live.update([str(root / "refs.bib")])
    assert matched == ["early.md"]


STEPS = st.lists(st.lists(EDIT, min_size=1, max_size=3), max_size=8)


@settings(max_examples=5)
@given(steps=STEPS)
def test_changed_sources_are_followed(steps: list[list[tuple[Any, int, bool]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        follow(Path(folder) / "wiki", steps)


@pytest.mark.slow
@pytest.mark.nightly
@settings(max_examples=200)
@given(steps=STEPS)
def test_many_changed_sources_are_followed(steps: list[list[tuple[Any, int, bool]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        follow(Path(folder) / "wiki", steps)
