"""Damaged entries of BibTeX files are read as far as possible, and cost no neighbour."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

import pytest
from bibtex_entries import BEFORE, read
from growth import is_linear
from hypothesis import given, settings
from hypothesis import strategies as st

from wikitools.sources.names import Name
from wikitools.sources.readers import read_bibliography
from wikitools.sources.readers.bibtex import read_bibtex
from wikitools.sources.readers.latex import to_unicode

FIXTURES = Path(__file__).parent.parent / "fixtures" / "bibliographies"
AFTER = "\n\n@book{after,\n  author = {Zorn, Zoe},\n  title = {After},\n  year = {2002},\n}\n"
BEGIN = "@article{k,\n  title = {One},\n"
BODY = "  author = {Doe, Jane},\n  year = {2019}\n}"


class Damage(NamedTuple):
    """One way to break an entry."""

    what: str
    entry: str
    line: int = 0
    """The line that is reported, counted from the entry's first; 0 where nothing is wrong in our eyes."""
    reason: str = ""
    """A part of the report."""
    keys: tuple[str, ...] = ("k",)
    """The keys that must come out all the same."""


DAMAGES = [
    Damage(
        "comma between fields missing",
        "@article{k,\n  title = {One}\n" + BODY,
        2,
        'no comma after the value of "title"',
    ),
    Damage(
        "comma after a number missing",
        "@article{k,\n  year = 2019\n  title = {One}, author = {Doe, Jane}}",
        2,
        "no comma",
    ),
    Damage("comma after the key missing", "@article{k\n  title = {One},\n" + BODY, 1, 'no comma after the key "k"'),
    Damage(
        "the same on one line",
        "@article{k title = {One}, author = {Doe, Jane}, year = 2019}",
        1,
        "no comma after the key",
    ),
    Damage("brace in a value not closed", "@article{k,\n  title = {One {},\n" + BODY, 2, "not closed"),
    Damage(
        "the same on one line", "@article{k, title = {One {}, author = {Doe, Jane}, year = {2019}}", 1, "not closed"
    ),
    Damage(
        "two values swallow each other",
        "@article{k,\n  title = {One,\n  author = {Doe, Jane}},\n  year = {2019}\n}",
        2,
        "not closed",
    ),
    Damage("opening brace missing", "@article{k,\n  title = One},\n" + BODY, 2, "no opening brace"),
    Damage(
        "opening brace of names missing",
        "@article{k,\n  title = {One},\n  author = Doe, Jane},\n  year = {2019}\n}",
        3,
        "no opening brace",
    ),
    Damage("brace too many", "@article{k,\n  title = {One}},\n" + BODY, 2, 'extra "}"'),
    Damage("brace too many at the end", "@article{k,\n  title = {One},\n" + BODY + "\n}", 6, 'extra "}"'),
    Damage(
        "closing brace of the entry missing",
        "@article{k,\n  title = {One},\n  author = {Doe, Jane},\n  year = {2019}\n",
        1,
        "is not closed",
    ),
    Damage(
        "brace and end missing",
        "@article{k,\n  title = {One,\n  author = {Doe, Jane},\n  year = {2019}\n",
        1,
        "is not closed",
    ),
    Damage(
        "closing quote missing",
        '@article{k,\n  title = "One,\n  author = "Doe, Jane",\n  year = "2019"\n}',
        2,
        "no closing quote",
    ),
    Damage("closing quote before braces missing", '@article{k,\n  title = "One,\n' + BODY, 2, "no closing quote"),
    Damage("opening quote missing", '@article{k,\n  title = One",\n' + BODY, 2, "no braces"),
    Damage(
        "two closing quotes missing",
        '@article{k,\n  title = "One,\n  author = "Doe, Jane,\n  year = {2019}\n}',
        2,
        "no closing quote",
    ),
    Damage("field twice", BEGIN + "  title = {Two},\n" + BODY, 3, "appears twice"),
    Damage("field twice in other letters", BEGIN + "  TITLE = {Two},\n" + BODY, 3, "appears twice"),
    Damage(
        "key twice",
        "@article{k,\n  title = {One},\n" + BODY + "\n@misc{k, title = {Two}}",
        6,
        'duplicate key "k"',
        keys=("k", "k"),
    ),
    Damage("key empty", "@article{,\n  title = {One},\n" + BODY, 1, "entry has no key", keys=("doe2019one",)),
    Damage("key left out", "@article{\n  title = {One},\n" + BODY, 1, "entry has no key", keys=("doe2019one",)),
    Damage("key with blanks", "@article{my key,\n  title = {One},\n" + BODY, 1, "contains spaces", keys=("my key",)),
    Damage("key in braces", "@article{{k},\n  title = {One},\n" + BODY, 1, "in braces"),
    Damage("key on the next line", "@article{\n  k,\n  title = {One},\n" + BODY),
    Damage("key with an equals sign", "@article{a?id=3,\n  title = {One},\n" + BODY, keys=("a?id=3",)),
    Damage("key not ASCII", "@article{дое2019é,\n  title = {One},\n" + BODY, keys=("дое2019é",)),
    Damage("@ in a value", BEGIN + "  note = {mail a@b.org, @doe {x}},\n" + BODY),
    Damage("@ at a line's start", BEGIN + "  note = {x\n@twitter (doe) says\n@foo{bar}},\n" + BODY),
    Damage("@ missing", "article{k,\n  title = {One},\n" + BODY, 1, 'without "@"'),
    Damage("brace of the head missing", "@articlek,\n  title = {One},\n" + BODY, 1, 'without "{"'),
    Damage("type missing", "@{k,\n  title = {One},\n" + BODY, 1, "no type"),
    Damage("type unknown", "@gizmo{k,\n  title = {One},\n" + BODY),
    Damage("blanks in the head", "@ article {k,\n  title = {One},\n" + BODY),
    Damage("brace on the next line", "@article\n{k,\n  title = {One},\n" + BODY),
    Damage("@string unknown", BEGIN + "  journal = jox,\n" + BODY, 3, "is not an @string"),
    Damage(
        "@string without =", '@string{jox "J"}\n@article{k,\n  title = {One},\n  journal = jox,\n' + BODY, 1, "damaged"
    ),
    Damage(
        "@string not closed",
        '@string{jox = "J"\n@article{k,\n  title = {One},\n  journal = jox,\n' + BODY,
        1,
        "damaged",
    ),
    Damage(
        "quotes in quotes", '@article{k,\n  title = "One",\n  note = "the "real" one",\n' + BODY, 3, "quotes inside"
    ),
    Damage("quotes in braces in quotes", '@article{k,\n  title = "One",\n  note = "the {"real", one}",\n' + BODY),
    Damage("typographic quotes", "@article{k,\n  title = “One”,\n" + BODY, 2, "typographic quotes"),
    Damage("= missing", "@article{k,\n  title {One},\n" + BODY, 2, 'no "=" after "title"'),
    Damage("= missing before a quote", '@article{k,\n  title "One",\n' + BODY, 2, 'no "=" after "title"'),
    Damage("= twice", "@article{k,\n  title == {One},\n" + BODY, 2, 'a "=" too many'),
    Damage("colon for =", "@article{k,\n  title: {One},\n" + BODY, 2, 'no "=" after "title"'),
    Damage("comma before =", "@article{k,\n  title, = {One},\n" + BODY, 2, "a comma between"),
    Damage("value missing", BEGIN + "  journal = ,\n" + BODY, 3, '"journal" has no value'),
    Damage("value and comma missing", BEGIN + "  journal =\n" + BODY, 3, '"journal" has no value'),
    Damage("field name missing", BEGIN + "  = {odd},\n" + BODY, 3, "without a field name"),
    Damage("field name of two words", BEGIN + "  date seen = {2020},\n" + BODY, 3, "contains spaces"),
    Damage("words in the entry", BEGIN + "  lorem ipsum\n" + BODY, 3, "cannot read"),
    Damage("words behind the entry", "@article{k,\n  title = {One},\n" + BODY + " and words, = {odd}"),
    Damage("braces forgotten", BEGIN + "  note = two words,\n" + BODY, 3, "no braces"),
    Damage("# without a second part", '@article{k,\n  title = "One" #,\n' + BODY, 2, 'nothing after "#"'),
    Damage("semicolons for commas", "@article{k,\n  title = {One};\n" + BODY, 2, "text after the value"),
    Damage("commas doubled", "@article{k,,\n  title = {One},,\n" + BODY),
    Damage("round brackets", "@article(k,\n  title = {One},\n  author = {Doe, Jane},\n  year = 2019\n)"),
    Damage("round bracket closed by a brace", "@article(k,\n  title = {One},\n" + BODY, 5, 'opened with "("'),
    Damage("capital letters", "@ARTICLE{k,\n  TITLE = {One},\n  AUTHOR = {Doe, Jane},\n  YEAR = 2019\n}"),
    Damage("percent comments", "@article{k,\n  title = {One}, % so\n  % author = {No},\n" + BODY),
    Damage("entry commented out", "%@article{no,\n%  title = {No},\n%}\n@article{k,\n  title = {One},\n" + BODY),
    Damage("words with @ before", "% see @these\n@article{k,\n  title = {One},\n" + BODY),
    Damage("comment", "@comment{ x {y} @z }\n@article{k,\n  title = {One},\n" + BODY),
    Damage("comment without braces", "@comment nothing\n@article{k,\n  title = {One},\n" + BODY),
    Damage(
        "comment not closed", "@comment{ nothing\n@article{k,\n  title = {One},\n" + BODY, 1, "@comment is not closed"
    ),
    Damage(
        "preamble not closed", '@preamble{"x"\n@article{k,\n  title = {One},\n' + BODY, 1, "@preamble is not closed"
    ),
    Damage(
        "two on one line",
        "@article{k, title = {One}, author = {Doe, Jane}, year = 2019} @misc{l, title = {Two}}",
        keys=("k", "l"),
    ),
    Damage(
        "two on one line, one broken",
        "@article{k, title = {One} author = {Doe, Jane}, year = 2019} @misc{l, title = {Two}}",
        1,
        "no comma",
        keys=("k", "l"),
    ),
    Damage(
        "2000 braces deep",
        "@article{k, title = " + "{" * 2000 + "One" + "}" * 2000 + ", author = {Doe, Jane}, year = 2019}",
    ),
    Damage(
        "a field of a megabyte",
        "@article{k, title = {One}, author = {Doe, Jane}, year = 2019, note = {" + "x {y} " * 170_000 + "}}",
    ),
    Damage("NUL", BEGIN + "  note = {a\x00b},\n" + BODY, 3, "NUL"),
    Damage("wrong encoding", BEGIN + "  note = {MÃ¼ller},\n" + BODY, 3, "wrong encoding"),
    Damage("lost characters", BEGIN + "  note = {M\ufffdller},\n" + BODY, 3, "lost"),
    Damage("braces uneven but escaped", BEGIN + "  note = {a \\{ b},\n" + BODY),
    Damage("backslashes before a brace", BEGIN + "  note = {a\\\\},\n" + BODY),
]


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("damage", DAMAGES, ids=[damage.what for damage in DAMAGES])
def test_a_damaged_entry_is_read_and_costs_no_neighbour(damage: Damage, ending: str) -> None:
    text = (BEFORE + damage.entry + AFTER).replace("\n", ending)
    sources, problems = read(text)
    assert [source.key for source in sources] == ["before", *damage.keys, "after"]
    before, first, *_rest, after = sources
    assert (before.names, before.title, before.years) == ((Name("Abel", "Ann"),), "Before", ("2001",))
    assert (after.names, after.title, after.years) == ((Name("Zorn", "Zoe"),), "After", ("2002",))
    assert (first.names, first.title, first.years) == ((Name("Doe", "Jane"),), "One", ("2019",))
    if damage.reason:
        assert any(found == damage.line + 2 and damage.reason in message for found, _column, message in problems)
    else:
        assert not problems
    for source in sources:
        assert source.span.of(text)[0] in "@a"
    assert after.span.of(text) == AFTER.strip().replace("\n", ending)


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES, ids=[damage.what for damage in DAMAGES])
def test_pybtex_reads_nothing_that_we_lose(damage: Damage) -> None:
    """What pybtex makes of a damaged file, in its forgiving mode, is found here too: at least as many titles."""
    import pybtex.errors
    from pybtex.database.input.bibtex import Parser

    if damage.what == "entry commented out":
        pytest.skip("pybtex knows no percent comments")
    with pybtex.errors.capture():
        entries = Parser().parse_string(BEFORE + damage.entry + AFTER).entries
    theirs = {to_unicode(each.fields["title"]) for each in entries.values() if "title" in each.fields}
    ours = {source.title for source in read(BEFORE + damage.entry + AFTER)[0]}
    assert {title for title in theirs if title in ("Before", "After", "One", "Two")} <= ours


def test_the_damaged_fixture() -> None:
    text = (FIXTURES / "damaged.bib").read_text(encoding="utf-8")
    sources, problems = read_bibliography("damaged.bib", text)
    assert [source.key for source in sources] == [
        "sound1",
        "nocomma",
        "nokeycomma",
        "sound2",
        "openbrace",
        "openquote",
        "neverclosed",
        "closedtwice",
        "doubled",
        "samekey",
        "samekey",
        "kerr2011no",
        "two words",
        "noat",
        "unbraced",
        "abbreviated",
        "brackets",
        "last",
    ]
    assert all(source.names and source.years and source.title for source in sources)
    assert len({problem.span.start for problem in problems}) == 15
    assert {problem.kind for problem in problems} == {"malformed-source", "duplicate-key"}


# Properties


@given(st.text(alphabet='@{}()",=#%\\ \n\raz1é', max_size=300))
@settings(max_examples=300)
def test_any_text_is_read_and_all_places_lie_in_it(text: str) -> None:
    sources, problems = read_bibtex("refs.bib", text)
    for each in (*sources, *problems):
        assert 0 <= each.span.start <= each.span.end <= len(text)
    assert [source.span.start for source in sources] == sorted(source.span.start for source in sources)


@given(st.data())
@settings(max_examples=200)
def test_no_single_blow_to_an_entry_reaches_its_neighbours(data: st.DataObject) -> None:
    entry = '@article{k,\n  title = {One {T} "x"},\n  author = "Doe, Jane",\n  year = 2019,\n  note = {a, b = c}\n}'
    at = data.draw(st.integers(1, len(entry) - 1))
    blow = data.draw(st.sampled_from(["", *'{}",=()#%\\\n']))
    broken = entry[:at] + blow + entry[at + data.draw(st.integers(0, 2)) :]
    sources = {source.key: source for source in read_bibtex("refs.bib", BEFORE + broken + AFTER)[0]}
    assert sources["before"].title == "Before"
    assert (sources["after"].title, sources["after"].years) == ("After", ("2002",))


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        "@a{",
        "@a{b,",
        "@a{b,c={\n",
        '@a{b,c="',
        "{",
        "}",
        '"',
        "@",
        "=",
        "@article{b,\n title={x\n",
        "% @a{b,c={d}}\n",
        "@a{k,x={y}z ",
        "@a{k, author = {A and B and ",
        "\\begin{a}",
        "@a{k,t={$x$ \\foo{a} }}\n",
    ],
)
def test_hostile_files_take_linear_time(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        begin = time.process_time()
        read_bibtex("refs.bib", text)
        return time.process_time() - begin

    assert is_linear(seconds, 5_000, times=4)
