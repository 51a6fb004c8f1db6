"""Parts of citations that are searched for by themselves: dates, identifiers, names."""

from __future__ import annotations

import pytest
from small_library import cited, source

from wikitools.cite.dates import Date, find_dates
from wikitools.sources.identifiers import identifiers_in
from wikitools.sources.source import Bibliography
from wikitools.text import mask


def date_of(date: Date) -> tuple[str, int, int, int]:
    return date.year, date.opening, date.closing, date.block


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("none (at all)\nnor [here]", []),
        ("a (b\n1999) c", [("1999", -1, -1, 5)]),
        ("(a [b 1999] c 2001", [("1999", 3, 10, 0), ("2001", 0, -1, 0)]),
        ("x\n(in press; 2001)\n)(n.d.", [("in press", 2, 17, 2), ("2001", 2, 17, 2), ("n.d.", 20, -1, 19)]),
        ("1999\n\nforthcoming", [("1999", -1, -1, 0), ("forthcoming", -1, -1, 6)]),
    ],
)
def test_dates_know_their_brackets_and_blocks(text: str, expected: list[tuple[str, int, int, int]]) -> None:
    assert [date_of(date) for date in find_dates(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.1000/abc arXiv:1906.01820 10.1000/d", ["doi:10.1000/abc", "arxiv:1906.01820", "doi:10.1000/d"]),
        ("10.48550/arXiv:1906.01820 x", ["arxiv:1906.01820"]),
        ("arXiv:2010.12345/v 10.1000/e", ["arxiv:2010.12345", "doi:10.1000/e"]),
        ("arXiv: 1906.01820, arXiv:hep-th/9901001v2", ["arxiv:1906.01820", "arxiv:hep-th/9901001"]),
        ("10.5 and arXiv", []),
        ("见 10.1000/abc（期刊 2016），又见 10.1000/d。", ["doi:10.1000/abc", "doi:10.1000/d"]),
    ],
)
def test_identifiers_are_found_in_order_and_do_not_overlap(text: str, expected: list[str]) -> None:
    assert [key for _start, _end, key in identifiers_in(text)] == expected


@pytest.mark.parametrize("text", ["a`b`\nc", "\n\n", "x\r\ny\rz\n", "\u2028a\n\x0bb\n"])
def test_masks_keep_line_breaks_and_nothing_else(text: str) -> None:
    for end in range(len(text) + 1):
        masked = mask(text, [(0, end)])
        assert masked == "".join(sign if sign in "\r\n" else " " for sign in text[:end]) + text[end:]


@pytest.mark.parametrize(
    ("text", "printed", "names"),
    [
        ("As Yu. Petrov (2013) says", "Yu. Petrov (2013)", ("Yu. Petrov",)),
        ("(London 王伟 2011)", "王伟 2011", ("王伟",)),
        ("Smith 王伟 (2011)", "王伟 (2011)", ("王伟",)),
        ("(Jane Smithers 2019)", "Jane Smithers 2019", ("Jane Smithers",)),
    ],
)
def test_where_a_name_begins(text: str, printed: str, names: tuple[str, ...]) -> None:
    """An initial may have two letters; a name is in one script, and a word of another before it is not part of it."""
    sources = Bibliography([source("petrov", "Petrov, Yuri", "2013"), source("wang", "王伟", "2011")])
    (found,) = cited(text, sources)
    assert (found.citation.text, found.citation.names) == (printed, names)


DATES = {
    "letters": ("(Orr 2001a)", ["2001a: 2001 a"]),
    "a letter that is said again": ("(2001b,b)", ["2001b: 2001 b"]),
    "letters far apart": ("(Orr 2001a-e)", ["2001a: 2001 a"]),
    "letters of works to come": ("in press a-d", ["in press a: in press a", "d: in press d"]),
    "a letter at a short form": ("(Orr n.d.a)", []),
    "an edition after one with a letter": ("(Orr 1781a/1998)", ["1781a: 1781 a", "1998: 1998"]),
    "an edition with a letter": ("1781/1998x", ["1781/1998x: 1998 x first 1781"]),
    "an edition of the same year": ("2001/2001", ["2001/2001: 2001 first 2001"]),
    "years that last": ("(Orr 2001-03)", ["2001-03: 2001 and later"]),
    "a month": ("(Orr 2001-01)", []),
    "years that last after a letter": ("2001b-03", []),
    "two years": ("1999-2001", ["1999: 1999", "2001: 2001"]),
    "a range with a number": ("1999-20a1", []),
    "a number before it": ("99-2001", []),
    "a number with a point": ("7.2001", []),
    "a point before all": (".2001 of 5", ["2001: 2001"]),
    "a number that goes on": ("2001.5 2003", ["2003: 2003"]),
    "a letter before it": ("a2001", []),
    "a sign before it": ("#2001", []),
    "emphasis around it": ("2001\x01", ["2001: 2001"]),
    "capitals": ("(Orr N.D.)", ["N.D.: n.d."]),
    "words": ("submitted for no date", ["submitted: submitted", "no date: n.d."]),
    "words in one": ("(Orr, nodate)", []),
    "words far apart": ("so no        date", ["no        date: n.d."]),
    "words too far apart": ("so no         date", []),
    "the end of another word": ("xno date", []),
    "blocks": ("A.\n\n(2001)\n\nB (n.d.)", ["2001: 2001", "n.d.: n.d."]),
}


@pytest.mark.parametrize("form", DATES)
def test_what_is_a_date(form: str) -> None:
    text, expected = DATES[form]
    assert [
        f"{text[date.start : date.end]}: {date.year}"
        + (f" {date.suffix}" if date.suffix else "")
        + (f" first {date.original}" if date.original else "")
        + (" and later" if date.lasts else "")
        for date in find_dates(text)
    ] == expected
