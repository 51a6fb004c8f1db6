"""Tables of names and paths that change say what new ones say."""

from __future__ import annotations

from examples import few
from hypothesis import given
from hypothesis import strategies as st

from wikitools.wiki.names_index import Lookup, fold
from wikitools.wiki.nearness import Names

NAMES = st.lists(
    st.sampled_from(
        ("Tides", "Tide", "Tidse", "tides", "Salt lake", "Salt lakes", "Salty lake", "Elk", "Elks", "42", "Q&A", "--")
    ).flatmap(lambda name: st.sampled_from((name, f"{name} tables", f"Old {name}"))),
    unique=True,
)
PATHS = st.lists(st.sampled_from(("a.md", "A.md", "b/a.md", "b/A.md", "b/c/a.md", "c.png", "b/c.png", "b/c/d.md")))


@few(60)
@given(before=NAMES, now=NAMES, asked=NAMES)
def test_names_that_change_are_near_as_new_ones_are(before: list[str], now: list[str], asked: list[str]) -> None:
    names, fresh = Names(sorted(before)), Names(sorted(now))
    old = {each: names.near(each) for each in asked}
    change = names.change(sorted({*now} - {*before}), sorted({*before} - {*now}))
    for each in asked:
        assert names.near(each) == fresh.near(each)
        assert old[each] == fresh.near(each) or change.concerns(each)


@few(60)
@given(before=PATHS, now=PATHS, asked=PATHS)
def test_paths_that_change_are_looked_up_as_new_ones_are(before: list[str], now: list[str], asked: list[str]) -> None:
    lookup, fresh = Lookup({*before}, fold), Lookup({*now}, fold)
    lookup.ending("a.md")
    lookup.update({*now} - {*before}, {*before} - {*now})
    for each in (*asked, *now, *before):
        assert lookup.exact(each) == fresh.exact(each)
        assert lookup.ending(each) == fresh.ending(each)
        assert lookup.ending_below("a.md", "b") == fresh.ending_below("a.md", "b")
        assert lookup.folder(each.rpartition("/")[0]) == fresh.folder(each.rpartition("/")[0])
