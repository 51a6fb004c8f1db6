"""When two entries are one work: what says so, and that rules, blocks and citations give the same answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikitools.sources.names import Name
from wikitools.sources.same_work import (
    TITLE,
    distinct_works,
    find_twins,
    group_surely,
    group_works,
    likely_one_work,
    same_work,
    surely_one_work,
)
from wikitools.sources.source import Source
from wikitools.text import Span

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call


def source(key: str, **fields: object) -> Source:
    values: dict[str, object] = {"title": "A title", "names": (Name("Doe", "Jane"),), "years": ("2020",), **fields}
    return Source(Span("a.bib", 0, 0), key, **values)  # type: ignore[arg-type]  # the fields are those of the test


def twins(*sources: Source) -> list[tuple[str, str, str]]:
    found = find_twins(sources, lambda each: each.span.path)
    return [(twin.source.key, twin.first.key, twin.evidence) for twin in found]


BOOK = {"kind": "book"}


@pytest.mark.parametrize(
    ("one", "other", "evidence"),
    [
        ({"doi": "10.1/x"}, {"doi": "10.1/X", "title": "Another"}, "DOI"),
        ({"arxiv": "1906.01820"}, {"arxiv": "1906.01820", "title": "Another"}, "arXiv id"),
        ({"url": "https://www.a.org/b/", "years": ()}, {"url": "http://a.org/b"}, "URL and title"),
        ({}, {"title": "a Title."}, "title, first author and year"),
        ({"years": ("2019", "2020")}, {}, "title, first author and year"),
        ({}, {"years": ("2021",)}, None),
        ({}, {"names": (Name("Roe"),)}, None),
        ({"title": "Editorial"}, {"title": "Editorial"}, None),
        ({"doi": "10.1/x"}, {"doi": "10.1/y"}, None),
        ({"fields": {"volume": "1"}}, {"fields": {"volume": "2"}}, None),
        ({"fields": {"pages": "1-9"}}, {"fields": {"pages": "1–9"}}, "title, first author and year"),
        ({"doi": "10.1/x", "kind": "book"}, {"doi": "10.1/x", "kind": "chapter", "title": "One chapter"}, None),
        ({"doi": "10.1/x.pdf"}, {"doi": "10.1/x", "title": "Another"}, None),
        ({"title": "Kelp"} | BOOK, {"title": "Kelp: A History"} | BOOK, TITLE),
        ({"title": "Kelp – A History"} | BOOK, {"title": "Kelp"} | BOOK, TITLE),
        # Another edition, another volume, a part of it, another book, and articles.
        ({"title": "Kelp"} | BOOK, {"title": "Kelp: A History", "years": ("2024",)} | BOOK, None),
        ({"title": "Kelp"} | BOOK, {"title": "Kelp: A History", "fields": {"volume": "2"}} | BOOK, None),
        ({"title": "Kelp"} | BOOK, {"title": "Kelp: Volume 2"} | BOOK, None),
        ({"title": "Kelp: A Cookbook"} | BOOK, {"title": "Kelp: A History"} | BOOK, None),
        ({"title": "Kelp"}, {"title": "Kelp: A History"}, None),
    ],
)
def test_what_makes_two_entries_one_work(
    one: dict[str, object], other: dict[str, object], evidence: str | None
) -> None:
    found = twins(source("a", **one), source("b", **other))
    assert found == ([] if evidence is None else [("b", "a", evidence)])


def test_one_key_twice_is_no_duplicate_work() -> None:
    assert twins(source("a"), source("a")) == []


SOURCES = st.builds(
    source,
    st.sampled_from("abcdef"),
    doi=st.sampled_from(["", "", "10.1/x", "10.1/y"]),
    title=st.sampled_from(["", "One thing", "Two things", "Editorial"]),
    years=st.sampled_from([(), ("2020",), ("2020", "2021")]),
)


@given(st.lists(SOURCES, max_size=12))
def test_groups_hold_every_source_once_and_all_twins(sources: list[Source]) -> None:
    groups = group_works(sources)
    assert sorted(id(each) for group in groups for each in group) == sorted(map(id, sources))
    group_of = {id(each): number for number, group in enumerate(groups) for each in group}
    for twin in find_twins(sources, lambda each: each.span.path):
        assert group_of[id(twin.source)] == group_of[id(twin.first)]
        assert twin.source.key != twin.first.key


# What each level says

BOOK = {"title": "The art", "fields": {"volume": "1"}}


@pytest.mark.parametrize(
    ("one", "other", "sure", "likely"),
    [
        ({}, {"title": "a Title."}, False, True),
        ({}, {"years": ("1999",)}, False, True),
        ({}, {"names": ()}, False, True),
        ({}, {"names": (Name("Roe"),)}, False, False),
        ({"suffix": "a"}, {"suffix": "b"}, False, False),
        ({"title": "Editorial", "fields": {"journal": "Soil"}}, {"title": "Editorial"}, False, False),
        (BOOK, {**BOOK, "fields": {"volume": "2"}}, False, False),
        # A preprint's "volume" is not the journal's.
        (
            {"title": "On long titles", "fields": {"journal": "CoRR", "volume": "abs/1906.01820"}},
            {"title": "On long titles", "fields": {"journal": "Soil", "volume": "7"}},
            False,
            True,
        ),
        ({"doi": "10.48550/arXiv.1906.01820", "title": "X"}, {"arxiv": "1906.01820"}, True, False),
        ({"url": "http://www.a.org/b"}, {"url": "https://a.org/b/"}, True, True),
        ({"doi": "10.1000/x", "kind": "chapter", "title": "One"}, {"doi": "10.1000/x", "title": "Two"}, False, False),
        (
            {"doi": "10.1000/x", "kind": "paper-conference"},
            {"doi": "10.1000/x", "kind": "paper-conference", "title": "Another"},
            False,
            False,
        ),
        ({"doi": "10.1000/x", "kind": "paper-conference"}, {"doi": "10.1000/x", "title": "A summary"}, True, False),
    ],
)
def test_levels(one: dict[str, object], other: dict[str, object], sure: bool, likely: bool) -> None:
    pair = source("a", **one), source("b", **other)
    for first, second in (pair, pair[::-1]):
        assert surely_one_work(first, second) == sure
        assert likely_one_work(first, second) == likely
        assert (len(distinct_works((first, second))) == 1) == same_work(first, second) == (sure or likely)
        assert (len(group_surely((first, second))) == 1) == sure


@given(st.lists(SOURCES, max_size=8))
def test_the_levels_agree(sources: list[Source]) -> None:
    for twin in find_twins(sources, lambda each: each.span.path):
        is_one = likely_one_work if twin.evidence == TITLE else surely_one_work
        assert is_one(twin.first, twin.source), twin
    left = distinct_works(sources)
    assert all(any(one is each or same_work(one, each) for one in left) or sources for each in sources)
    for group in group_surely(sources):
        assert len(group) == 1 or all(
            any(surely_one_work(one, each) for each in group if each is not one) for one in group
        )


# From the file to what users see


def reported(call: Call, wiki: Path, rule: str) -> int:
    code, output, _error = call("lint", str(wiki), "--select", rule, "--output-format", "concise")
    assert code in (0, 1)
    return output.count(f"[{rule}]")


ENTRY = "@misc{KEY, title = {TITLE}, author = {Doe, Jane}, year = {2020}, REST}\n"


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("url = {http://www.example.org/a/}", "url = {https://example.org/a}", True),
        ("doi = {10.1000/ABC}", "doi = {10.1000/abc}", True),
        ("doi = {10.48550/arXiv.1906.01820}", "url = {https://arxiv.org/abs/1906.01820v2}", True),
        ("doi = {10.1000/abc}", "doi = {10.1000/abd}", False),
        ("url = {https://example.org/a}, volume = 1", "url = {https://example.org/b}, volume = 2", False),
    ],
)
def test_rule_and_block_agree(tmp_path: Path, call: Call, one: str, other: str, is_one: bool) -> None:
    """An entry is reported as a repetition just where the block lists both citations as one work."""
    entries = [ENTRY.replace("KEY", key).replace("TITLE", "Risks from goals") for key in ("one", "other")]
    (tmp_path / "a.bib").write_text(entries[0].replace("REST", one) + entries[1].replace("REST", other))
    (tmp_path / "page.md").write_text("# Page\n\nIt is so [@one]. And so [@other].\n")
    found = reported(call, tmp_path, "duplicate-source")
    assert found == is_one
    assert call("backfill", str(tmp_path), "--init")[0] == 0
    assert (tmp_path / "page.md").read_text().count("\n- ") == (1 if is_one else 2)


def test_a_citation_may_mean_either_entry_of_one_work(tmp_path: Path, call: Call) -> None:
    """Two volumes are two works for a citation, as they are for the rule; a preprint and the article are one."""
    entries = [
        ENTRY.replace("KEY", "v1").replace("TITLE", "The art of goals").replace("REST", "volume = 1"),
        ENTRY.replace("KEY", "v2").replace("TITLE", "The art of goals").replace("REST", "volume = 2"),
    ]
    (tmp_path / "a.bib").write_text("".join(entries))
    (tmp_path / "page.md").write_text("# Page\n\nIt is so (Doe 2020).\n")
    found = reported(call, tmp_path, "ambiguous-citation")
    assert found == 1
    (tmp_path / "a.bib").write_text("".join(entries).replace("volume", "note"))
    found = reported(call, tmp_path, "ambiguous-citation")
    assert found == 0
