"""Reading only the prose near a cue finds what reading all of it finds."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikitools.cite import prefilter
from wikitools.cite.citation import Citation, Cited
from wikitools.cite.match import cite_page
from wikitools.cite.prose import Excerpt, Prose
from wikitools.markdown.parse import parse
from wikitools.sources.identifiers import identifiers_in
from wikitools.sources.names import Name
from wikitools.sources.source import Bibliography, Source
from wikitools.sources.vocabulary import NO_DATE
from wikitools.text import Span


def source(key: str, *names: str, year: str, title: str = "", **rest: str) -> Source:
    """Return a source of these authors."""
    return Source(
        Span("a.bib", 0, 0), key, tuple(Name(name, "J. M.") for name in names), (year,), title=title or key, **rest
    )


BIBLIOGRAPHY = Bibliography(
    (
        source("smith2019", "Smith", "Jones", "Brown", year="2019", arxiv="1906.01820"),
        source("smith2019b", "Smith", year="2019", title="On sheep and goats", doi="10.1000/182"),
        source("li2020", "Li", year="2020", url="https://example.org/li"),
        source("vries1998", "de Vries", "Smith", year="1998"),
        source("brown", "Brown", "Li", year="in press", title="Progress and poverty"),
        source("atlas", "Jones", year="2024", title="The Atlas"),
    )
)
WORDS = (
    "Smith", "Jones", "Brown", "Li", "de Vries", "Vries", "et al.", "et al", "et *al.*", "colleagues", "co–workers",
    "and", "&", "&amp;", ",", ";", ".", "。", "，", "(", ")", "[", "]", "（", "）", "|", "- ", "> ", "# ", "1. ",
    ":", "-",
    "–", "/", "2019", "2020", "1998", "2019a", "2019*b*", "19980", "x2019", "2019-05-20", "2019/20",
    "2019–21", "1998/2019",
    "2019年", "in 2019", "arXiv:1906.01820", "arXiv: 1906.01820v2", "10.1000/182", "https://doi.org/10.1000/182",
    "https://example.org/li", "[a](https://example.org/li)", "[Smith 2019](https://example.org/x2019)",
    "<https://a.b/2019>",
    "@smith2019", "[@li2020, p. 3]", "[@nobody2001]", "a@b.org", "{cite:p}`li2020`", "[[Smith 2019]]",
    "[[x|Li 2020]]",
    "![[2019]]", "![2019](2020.png)", "`2019`", "`x`", "$1998$", "<b>", "</b>", "<!-- 2019 -->", "%%x%%",
    "*", "**", "_",
    "~~", "\\", "\\*", "\n", "\n\n", "\n\n\n", "\r\n", "\r\n\r\n", " ", "  ", "\t", "\xa0", "\u2009",
    "\u200b", "ʼ", "'",
    "'s", "’s", "in", "press", "In", "PRESS", "in press", "in\npress", "In&nbsp;Press", "in *press*", "n.d.", "n. d.",
    "n.`x`d.", "N.D.", "s. d.", "n。d。", "forthcoming", "no date", "undated", "under review", "im Druc\u212a", "İ",
    "à paraître", "Ch. 7", "Ch.7", "Chapter", "chap", "ch", "7", "IV", "VII", "Atlas", "The Atlas",
    "Progress and Poverty",
    "see", "The", "word", "word", "wörter", "语料", "text of a page, ", "[^1]", "\n\n[^1]: ",
    "\n\n```\nSmith 2019\n```\n\n",
    "\n\n    Smith 2019\n\n", "---\n", "title: Smith 2019\n", "·", "§4", "p. 3", "(Smith et al., 2019)",
    "Brown (in press)",
    "Li (2020)", "x (2019a, b)", "(see Vries & Smith, 1998; Li 2020)", "Smith and colleagues", "Smith et al.'s",
    "(The Atlas, Ch. 7)",
)  # fmt: skip


def cited_whole(text: str, bibliography: Bibliography, hidden: tuple[tuple[int, int], ...]) -> tuple[Cited, ...]:
    """Return the citations that are found when all of the prose is read."""
    everywhere = lambda prose: list(range(len(prose.page.text)))  # noqa: E731  # the same for each kind of cue
    names = ("years", "dates_in_words", "chapters", "mentions", "identifiers", "keys")
    patches = [patch.object(prefilter, name, everywhere) for name in names]
    patches.append(patch.object(Prose, "around", lambda prose, _places: prose.whole()))
    patches.append(patch.object(Prose, "lines", lambda prose, _places: [(0, prose.masked)]))
    for each in patches:
        each.start()
    try:
        return cite_page(parse("a.md", text), bibliography, note_of=lambda link: None, hidden=hidden)
    finally:
        for each in patches:
            each.stop()


def check_same(text: str, hidden: tuple[tuple[int, int], ...] = ()) -> None:
    """Check that cues leave out nothing, whatever other text the page has."""
    page = parse("a.md", text)
    for bibliography in (BIBLIOGRAPHY, Bibliography()):
        found = cite_page(page, bibliography, note_of=lambda link: None, hidden=hidden)
        assert found == cited_whole(text, bibliography, hidden)


@pytest.mark.slow
@given(st.lists(st.sampled_from(WORDS), max_size=60).map("".join))
@settings(max_examples=400)
def test_cues_leave_out_no_citation(text: str) -> None:
    check_same(text)
    # Much text around it, so that it is read in parts.
    check_same("word " * 400 + "\n\n" + text + "\n\n" + "word " * 400)


@pytest.mark.slow
@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join), st.integers(0, 10), st.integers(1, 5))
@settings(max_examples=200)
def test_cues_leave_out_no_citation_between_blanks(text: str, start: int, length: int) -> None:
    text += "\n\n" + "word " * 400
    check_same(text)
    ends = [at for at, sign in enumerate(text) if sign == "\n"]
    first = min(start, len(ends) - 1)
    check_same(text, ((ends[first] + 1, ends[min(first + length, len(ends) - 1)]),))


@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join), st.lists(st.sampled_from(WORDS), max_size=8))
@settings(max_examples=200)
def test_an_excerpt_has_what_the_prose_has_there(text: str, before: list[str]) -> None:
    page = parse("a.md", "".join(before) + "\n\n" + text + "\n\n" + "word " * 200)
    places = [at for at, sign in enumerate(page.text) if sign.isalnum()][:3]
    excerpt = Prose(page).around(places)
    prose = Prose(page)
    plain = prose.plain
    assert len(excerpt.text) == len(plain)
    assert excerpt.parts in (prose.around(places).parts, prose.whole().parts)
    for start, end in excerpt.parts:
        assert excerpt.text[start:end] == plain[start:end]
        # A block ends before and after it.
        assert not start or plain[start - 1] == "\n"
        assert end == len(plain) or plain[end] == "\n"
    assert all(any(start <= place < end for start, end in excerpt.parts) for place in places)
    assert all(lead == text for lead, text in _outside(excerpt))


def _outside(excerpt: Excerpt) -> list[tuple[str, str]]:
    position = 0
    found = []
    for start, end in (*excerpt.parts, (len(excerpt.text), len(excerpt.text))):
        found.append((excerpt.text[position:start], "\n" * (start - position)))
        position = end
    return found


@pytest.mark.parametrize("printed", [*NO_DATE, *map(str.upper, NO_DATE), *map(str.title, NO_DATE)])
def test_every_date_in_words_has_a_cue(printed: str) -> None:
    for text in (printed, f"Smith ({printed})", printed.replace(" ", "\n> "), f"*{printed}*", printed + "a"):
        prose = Prose(parse("a.md", text))
        assert prefilter.dates_in_words(prose) or text.endswith("a"), text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("in 2019", True),
        ("2019a", True),
        ("2019–2021", True),
        ("1998/2019", True),
        ("2019-20", True),
        ("2019-05-20", False),
        ("v1.2019", False),
        ("x2019", False),
        ("2019x5", False),
        ("20190", False),
        ("2019年", False),
        ("`2019`", False),
        ("[a](b2019)", False),
        ("1450", False),
    ],
)
def test_cues_of_years(text: str, found: bool) -> None:
    assert bool(prefilter.years(Prose(parse("a.md", text)))) is found


def test_lines_have_the_identifiers_of_the_prose() -> None:
    text = "see 10.1000/a`x`, 10.1000/b\n`10.1000/c` arXiv:1906.01820, \narXiv:\n1906.01821\n10.1000/d"
    prose = Prose(parse("a.md", text))
    found = [
        (begin + start, begin + end, key)
        for begin, line in prose.lines(prefilter.identifiers(prose))
        for start, end, key in identifiers_in(line)
    ]
    assert found == identifiers_in(prose.masked)
    assert len(found) == 4


def test_pages_without_cues_are_not_read() -> None:
    with (
        patch.object(Prose, "masked", property(lambda prose: pytest.fail("the prose was read"))),
        patch.object(Prose, "plain", property(lambda prose: pytest.fail("the prose was read"))),
    ):
        page = parse("a.md", "# A page\n\nwith [a link](https://example.org/li), `2019` and no more.\n")
        cited = cite_page(page, BIBLIOGRAPHY, note_of=lambda link: None)
    assert [each.citation for each in cited] == [
        Citation(page.links[0].span, "a link", url="https://example.org/li", kind="url")
    ]
