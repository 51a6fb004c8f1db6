"""Positions in both encodings, and texts that are edited piece by piece."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wikitools.lsp.documents import Change, Document, path_of, uri_of
from wikitools.lsp.positions import Encoding, Lines, Place

Pair = tuple[int, int]
TEXTS = st.text(st.sampled_from("ab \n\r\t\ufeffé漢😀𝔸\u0301\u2028\x0b"), max_size=40)


def as_utf16(text: str) -> list[str]:
    """Return the lines of a text, as JavaScript counts them: each character of the result is one unit."""
    units = "".join(each if each < "\U00010000" else "\ud83d\ude00" for each in text)
    return units.replace("\r\n", "\n").replace("\r", "\n").split("\n")


@given(TEXTS)
def test_a_place_leads_back_to_its_offset(text: str) -> None:
    for encoding in Encoding:
        lines = Lines(text, encoding)
        for offset in range(len(text) + 1):
            place = lines.place(offset)
            if text[max(0, offset - 1) : offset + 1] == "\r\n":
                # Within a line break is no place: its line ends before it.
                assert lines.offset(place) == offset - 1
            else:
                assert lines.offset(place) == offset


@given(TEXTS)
def test_columns_are_units(text: str) -> None:
    lines = Lines(text, Encoding.UTF16)
    for offset, char in enumerate(text):
        line, column = lines.place(offset)
        unit = as_utf16(text)[line][column : column + 1]
        assert unit == ("" if char in "\r\n" else char if char < "\U00010000" else "\ud83d")


def test_what_lies_outside_is_clamped() -> None:
    lines = Lines("😀a\r\nb", Encoding.UTF16)
    assert [lines.offset(Place(0, column)) for column in range(5)] == [0, 0, 1, 2, 2]
    assert lines.offset(Place(1, 99)) == lines.offset(Place(9, 0)) == 5
    assert lines.offset(Place(-1, 0)) == lines.offset(Place(0, -1)) == 0
    assert lines.place(99) == Place(1, 1)


AT = st.tuples(st.integers(0, 3), st.integers(0, 9))
CHANGES = st.lists(st.tuples(AT, AT, TEXTS), max_size=5)


@given(TEXTS, CHANGES)
def test_a_text_that_is_edited_is_the_text_of_the_editor(text: str, changes: list[tuple[Pair, Pair, str]]) -> None:
    for encoding in Encoding:
        document = Document("file:///a.md", 1, text, encoding)
        here = text
        for version, (one, other, new) in enumerate(changes, 2):
            # The editor knows the offsets, and reports them in its own form.
            lines = Lines(here, encoding)
            first, second = sorted(lines.offset(Place(*each)) for each in (one, other))
            document.change(version, [Change(new, lines.place(first), lines.place(second))])
            here = here[:first] + new + here[second:]
            assert (document.text, document.version) == (here, version)
            assert document.typed_at == first + len(new)
    document.change(9, [Change("all new")])
    assert (document.text, document.typed_at) == ("all new", None)


def test_addresses_of_files() -> None:
    for path in ("/a b/c#d?.md", "/é漢😀.md", "/100%.md"):
        assert path_of(uri_of(path)) == path
    assert path_of("untitled:Untitled-1") is path_of("https://example.org/a.md") is None
