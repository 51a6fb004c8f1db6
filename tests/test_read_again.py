"""A BibTeX file that changed is read again in part, and as if it were read as a whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikitools.sources.readers import read_again, read_bibliography

NAME = "refs.bib"


def entry(number: int, title: str = "On tides") -> str:
    return f"@book{{k{number},\n  author = {{Doe{number}, J.}},\n  title = {{{title}}},\n  year = 2020,\n}}\n\n"


FILE = "".join(map(entry, range(8)))


def same(before: str, after: str) -> bool:
    """Say whether the file was read in part; check that it is then what reading all of it gives."""
    known, problems = read_bibliography(NAME, before)
    assert not problems
    again = read_again(NAME, after, before, known)
    if again is not None:
        assert (again, ()) == read_bibliography(NAME, after)
    return again is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("year = 2020", "year = 2021"),
        ("year = 2020", "year = 2020, doi = {10.1000/5}"),
        (entry(5), ""),
        (entry(5), entry(5) + entry(50)),
        ("k5", "kk5"),
        ("@book{k5", "Some words, name = 5\n@book{k5"),
        (entry(5), entry(5, "{Nested} \\'etudes")),
    ],
)
@pytest.mark.parametrize("place", [0, 5, 7])
def test_what_is_sound_is_read_in_part(old: str, new: str, place: int) -> None:
    old, new = (each.replace("k5", f"k{place}").replace("Doe5", f"Doe{place}") for each in (old, new))
    at = FILE.index(old, FILE.index(f"@book{{k{place}"))
    assert same(FILE, FILE[:at] + new + FILE[at + len(old) :])


def test_entries_in_front_of_a_change_are_the_same_objects() -> None:
    known, _problems = read_bibliography(NAME, FILE)
    again = read_again(NAME, f"{FILE}{entry(9)}", FILE, known)
    assert again is not None
    assert [one is other for one, other in zip(known, again, strict=False)] == [*[True] * 7, False]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("k5", "k1"),
        ("2020,\n}\n\n@book{k5", "2020,\n\n\n@book{k5"),
        ("title = {On tides},\n  year = 2020,\n}\n\n@book{k6", "title = {On tides,\n  year = 2020,\n}\n\n@book{k6"),
        ("@book{k5", "% @book{k5"),
        ("@book{k5", "@comment{k5"),
        ("@book{k5,", "@book{k5, crossref = {k6},"),
        ("@book{k5", "@string{a = {b}}\n@book{k5"),
        ("@book{k5", "book{k5"),
        ("year = 2020", "year = soon"),
    ],
)
def test_what_concerns_other_entries_is_read_as_a_whole(old: str, new: str) -> None:
    at = FILE.index(old, FILE.index("@book{k4"))
    changed = FILE[:at] + new + FILE[at + len(old) :]
    assert not same(FILE, changed)
    if not read_bibliography(NAME, changed)[1]:
        assert not same(changed, FILE)


def test_other_formats_are_read_as_a_whole() -> None:
    text = '[{"id": "a", "title": "A"}]'
    known, _problems = read_bibliography("refs.json", text)
    assert read_again("refs.json", text, text, known) is known
    assert read_again("refs.json", f"{text} ", text, known) is None


PIECES = st.sampled_from(
    [
        "@",
        "{",
        "}",
        ",",
        "=",
        '"',
        "\n",
        "\n@book{k9, ",
        "x",
        "%",
        "crossref = k1",
        "@string{a=1}",
        "\r\n",
        "é",
        entry(9),
    ]
)


def edits(size: int) -> st.SearchStrategy[list[tuple[int, int, str]]]:
    return st.lists(
        st.tuples(st.integers(0, len(FILE)), st.integers(0, 60), st.lists(PIECES, max_size=3).map("".join)),
        min_size=1,
        max_size=size,
    )


def follow(changes: list[tuple[int, int, str]]) -> None:
    text = FILE
    for start, length, new in changes:
        changed = text[:start] + new + text[start + length :]
        if not read_bibliography(NAME, text)[1]:
            same(text, changed)
        text = changed


@settings(max_examples=25)
@given(edits(3))
def test_any_edit(changes: list[tuple[int, int, str]]) -> None:
    follow(changes)


@pytest.mark.slow
@pytest.mark.nightly
@settings(max_examples=1500)
@given(edits(4))
def test_many_edits(changes: list[tuple[int, int, str]]) -> None:
    follow(changes)
