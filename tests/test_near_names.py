"""Which names are near enough to a dead one to be suggested: a slip of the pen, and nothing else."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikitools.markdown.page import Page
from wikitools.wiki.names_index import Index, fold
from wikitools.wiki.nearness import Names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Call

NEAR = [
    ("Alan Turng", "Alan Turing"),
    ("Inner Alignmnt", "Inner alignment"),
    ("goaldirectedness", "Goal-directedness"),
    ("gradient_descent", "Gradient descent"),
    ("Model organism", "Model organisms"),
    ("theory of knowledges", "Theory of knowledge"),
    ("Studies of twins", "Study of twins"),
    ("Meta-analyses", "Meta-analysis"),
    ("Godels theorem", "Gödel's theorem"),
    ("separaet spheres", "Separate spheres"),
    ("ab-cd", "abcd"),
    ("Gen-3 reactor", "gen 3 reactors"),
]
FAR = [
    ("lamp2", "lamp3"),
    ("bonds", "bands"),
    ("xyzt", "yzt"),
    ("nephrosis", "necrobiosis"),
    ("Max Weber", "Max Leber"),
    ("History of art", "History of ant"),
    ("atypical cells", "Typical cells"),
    ("Inner alignment", "Outer alignment"),
    ("Inner alignment problem", "Inner alignment"),
    ("Chapter 12", "Chapter 13"),
    ("1-0 rule", "10 rule"),
    ("C", "C++"),
    ("深度学习", "强度学习"),
    ("page [1]", ""),
    ("", "page"),
    ("x" * 5_000_000, "x"),
]


@pytest.mark.parametrize(("wanted", "name"), NEAR)
def test_one_slip_is_near(wanted: str, name: str) -> None:
    assert Names(["Something else", name]).near(wanted) == (name,)


@pytest.mark.parametrize(("wanted", "name"), FAR, ids=range(len(FAR)))
def test_another_name_is_not(wanted: str, name: str) -> None:
    assert Names(["Something else", name]).near(wanted) == ()


def test_a_word_that_other_names_have_is_no_typo() -> None:
    names = ["Casual effects", "Causal models"]
    assert Names(names).near("Causal effects") == ()
    assert Names(names[:1]).near("Causal effects") == ("Casual effects",)


def test_the_nearest_come_first() -> None:
    names = ["Value modle", "Value modell", "Values model", "value-model"]
    assert Names(names[:3]).near("Value mdel") == ()
    assert Names(names).near("Value model") == ("value-model", "Values model")


@given(st.lists(st.text("abc -é1", min_size=1, max_size=8), max_size=30), st.text("abc -é1", max_size=8))
def test_names_are_near_by_themselves_or_not_at_all(names: list[str], wanted: str) -> None:
    """What is near among many is near alone; only a known word makes it less."""
    assert set(Names(names).near(wanted)) <= {name for name in names if Names([name]).near(wanted)}


@pytest.mark.slow
def test_a_dead_name_costs_the_same_however_many_names_there_are() -> None:
    def cost(size: int) -> float:
        names = Names(f"page of {number} things about bonds {number * 7919 % 1000}" for number in range(size))
        names.prepare()
        start = time.process_time()
        for number in range(500):
            names.near(f"page fo {number * 13} things abuot bonds")
        return time.process_time() - start

    assert min(cost(20_000) for _ in range(2)) < 6 * max(cost(1_000), 0.01)


class Counted(dict[str, Page]):
    """Pages that count how often all of them are gone through."""

    times = 0

    def __iter__(self) -> Iterator[str]:
        self.times += 1
        return super().__iter__()


def test_what_dead_links_need_is_made_once_and_ahead_in_a_large_wiki() -> None:
    """Else each of the processes that are forked then would make it for itself."""
    paths = [f"d{number % 7}/Page {word} of {number}.md" for number in range(1200) for word in ("one", "two")]
    pages = Counted({path: Page(path, "") for path in paths})
    index, fresh = Index(pages), Index(dict(pages))
    index.expect_dead_links()
    made = pages.times
    for target in ("Paeg one of 700", "d3/PAGE TWO OF 17", "page-one-of-3", "nothing of it"):
        assert index.near_pages(target) == fresh.near_pages(target)
        assert index.by(fold).exact(target) == fresh.by(fold).exact(target)
        assert index.loose_names.get(target) == fresh.loose_names.get(target)
        assert index.ids.get(target) == fresh.ids.get(target)
    assert index.near_pages("Paeg one of 700") == ("d0/Page one of 700.md",)
    assert pages.times == made


def test_a_note_is_found_by_its_id(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "202403051230 Kelp.md").write_text("# Kelp\n")
    (tmp_path / "20240305 Meeting.md").write_text("# Meeting\n")
    links = "[[202403051230]] [[202403051230 Seaweed|it]] [x](202403051230.md) [[20240305]] [[202403051231]]\n"
    (tmp_path / "202403051229 Start.md").write_text(links)

    def told() -> list[str]:
        answers = [call("lint", "--output-format", "concise", *cache)[1] for cache in ([], ["--no-cache"])]
        assert answers[0] == answers[1]
        return [line.partition("] ")[2] for line in answers[0].splitlines() if "error[" in line]

    near = 'did you mean "202403051230 Kelp'
    assert told() == [
        f'no page is named "202403051230"; {near}"?',
        f'no page is named "202403051230 Seaweed"; {near}"?',
        f'there is no page "202403051230.md"; {near}.md"?',
        'no page is named "20240305"',
        'no page is named "202403051231"',
    ]
    # A later run notices what became of the note.
    (tmp_path / "202403051230 Kelp.md").rename(tmp_path / "202403051231 Moss.md")
    assert told()[0] == 'no page is named "202403051230"'
    assert told()[-1] == 'no page is named "202403051231"; did you mean "202403051231 Moss"?'
