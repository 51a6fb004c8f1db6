"""How author names are folded and compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikitools.cite.alignment import (
    DOUBTFUL,
    EXACT,
    FEWER,
    ONE_MORE,
    align,
)
from wikitools.cite.tokens import pieces_of
from wikitools.sources.names import (
    Name,
    fold,
    folded,
    initials_agree,
    initials_equal,
    organisation_forms,
    spelled_out,
    words,
)
from wikitools.sources.source import Source
from wikitools.text import Span


@pytest.mark.parametrize(
    ("printed", "same"),
    [
        ("Müller", "muller"),
        ("Łukasz", "lukasz"),
        ("Øyvind", "oyvind"),
        ("Đinh", "dinh"),
        ("Guðmundsson", "gudmundsson"),
        ("Weiß", "weiss"),
        ("Ætna", "aetna"),
        ("Œuvre", "oeuvre"),
        ("Yıldırım", "yildirim"),
        ("O’Neill", "oneill"),
        ("O'Neill", "oneill"),
        ("Vanden-Eijnden", "vanden eijnden"),
        ("Hernández‑de‑Menéndez", "hernandez de menendez"),
        ("Žd’árská", "zdarska"),
        ("Mu\u0308ller", "muller"),
        ("İnce", "ince"),
        ("王", "王"),
    ],
)
def test_fold(printed: str, same: str) -> None:
    assert fold(printed) == same


@given(st.text(max_size=30))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert words(" ".join(words(text))) == words(text)


def test_spellings_of_umlauts() -> None:
    assert spelled_out("Müller") == "Mueller"
    assert spelled_out("Smith") == "Smith"


@pytest.mark.parametrize(
    ("printed", "given", "agree", "equal"),
    [
        ("j m", "john maynard", True, True),
        ("jm", "john maynard", True, True),
        ("j", "john maynard", True, False),
        ("john", "john", True, True),
        ("harrison", "harri", True, False),
        ("q", "wei", False, False),
        ("jk", "jm", False, False),
    ],
)
def test_initials(printed: str, given: str, agree: bool, equal: bool) -> None:
    assert initials_agree(words(printed), words(given)) is agree
    assert initials_equal(words(printed), words(given)) is equal


@pytest.mark.parametrize(
    ("family", "core"),
    [
        ("van der Maaten", ("maaten",)),
        ("Van Rossum", ("rossum",)),
        ("Reis e Sousa", ("reis", "e", "sousa")),
        ("Al-Safadi", ("safadi",)),
        ("Le", ("le",)),
        ("Gale Jr", ("gale",)),
        ("de A", ("a",)),
    ],
)
def test_core_of_a_family_name(family: str, core: tuple[str, ...]) -> None:
    assert folded(Name(family, "X")).core == core


def test_organisations() -> None:
    assert ("who",) in organisation_forms("World Health Organization")
    assert ("iwgsc",) in organisation_forms("The International Wheat Genome Sequencing Consortium (IWGSC)")
    assert organisation_forms("GIZ (Deutsche Gesellschaft)")[1:] == (("giz",), ("deutsche", "gesellschaft"))


def work(*families: str) -> Source:
    return Source(
        Span("a.bib", 0, 0), "key", tuple(Name(*family.partition(", ")[::2]) for family in families), ("2020",)
    )


@pytest.mark.parametrize(
    ("printed", "families", "rank"),
    [
        ("Shah", ["Shah, R."], EXACT),
        ("Shah and Jones", ["Shah, R.", "Jones, E."], EXACT),
        ("Shah, Jones & Li", ["Shah, R.", "Jones, E.", "Li, B."], EXACT),
        ("Shah et al.", ["Shah, R.", "Jones, E.", "Li, B."], EXACT),
        ("Shah et al.", ["Shah, R.", "Jones, E."], ONE_MORE),
        ("Shah", ["Shah, R.", "Jones, E."], FEWER),
        ("Shah et al.", ["Shah, R."], None),
        ("Shah and Li", ["Shah, R.", "Jones, E."], None),
        ("Jones and Shah", ["Shah, R.", "Jones, E."], None),
        ("Shah, Jones & Li", ["Shah, R.", "Jones, E."], None),
        ("Mas", ["Masatlioglu, Y."], None),
        ("Shah R. and Jones", ["Shah, R.", "Jones, E."], EXACT),
        ("Shah Q. and Jones", ["Shah, R.", "Jones, E."], None),
        ("Shah and Q. Jones", ["Shah, R.", "Jones, E."], None),
        ("Shah and von Jones", ["Shah, R.", "Jones, E."], EXACT),
        ("Perl Training Australia", ["Perl, Training Australia"], EXACT),
    ],
)
def test_align(printed: str, families: list[str], rank: int | None) -> None:
    pieces = pieces_of(printed, 0, len(printed))
    fit = align(pieces, 0, len(pieces), work(*families))
    assert (fit.rank if fit else None) == rank
    assert rank is None or rank < DOUBTFUL
