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
