"""What prose is taken apart into before a date, and where the words begin that may be an author list."""

from __future__ import annotations

import pytest

from wikitools.cite.tokens import is_abbreviated, is_family, name_run, other_words, pieces_of, split_at_dashes

KINDS = {
    "small letters of particles": (
        "vonHoldt al-Azawi delRio vanX von-Holdt dE",
        "W vonholdt, W azawi, W delrio, w vanx, W holdt, w de",
    ),
    "words for other authors": ("等 a.o. m.fl. u.a. и др. et al.", "E, E, E, E, E, E"),
    "an ampersand with a word": ("& colleagues && &", "E, &, &, &"),
    "digits": ("3rd 3 42a 1st-Orr", "0, w rd, 0, 0, w a, 0, w orr"),
    "possessives": ("Orwin's O's ORWIN'S ß's", "W orwin, W os, W orwin, w sss"),
    "a line break after bold type": ("A\x01B C\x01 D", "W a, W b, W c, *, W d"),
    "umlauts": ("Müller Mueller Øre ß", "W muller (mueller), W mueller, W ore (oere), w ss"),
    "particles before a name": ("de-la-Orr van", "w orr, w van"),
}


@pytest.mark.parametrize("form", KINDS)
def test_kinds_of_pieces_and_their_words(form: str) -> None:
    text, expected = KINDS[form]
    found = []
    for piece in pieces_of(text, 0, len(text)):
        other = " ".join(other_words(piece))
        found.append(" ".join((piece.kind, *piece.folded, *([f"({other})"] if other else []))))
        assert piece.text == text[piece.start : piece.end]
    assert ", ".join(found) == expected


def test_names_with_dashes_are_split_where_they_stand() -> None:
    text = "so Fehr-Schmidt-Orr A--B re-do"
    found = split_at_dashes(pieces_of(text, 0, len(text)))
    assert [text[piece.start : piece.end] for piece in found] == [
        *("so", "Fehr", "-", "Schmidt", "-", "Orr", "A", "-", "-", "B", "re-do"),
    ]
    assert [piece.text for piece in found] == [text[piece.start : piece.end] for piece in found]


SHORT = "Jr Sr St Ste Chr Jos Wm Th ABC Ab A al cols x Rangel-Ch Rangel-Cha A-B"
LONG = "Abc ABCD Abcd xy Rangel-ch Rangel-Cast col 42"


def test_a_full_stop_may_be_part_of_a_name_after_these() -> None:
    assert [piece.text for piece in pieces_of(SHORT, 0, len(SHORT)) if not is_abbreviated(piece)] == []
    assert [piece.text for piece in pieces_of(LONG, 0, len(LONG)) if is_abbreviated(piece)] == []


def test_words_with_the_shape_of_a_family_name() -> None:
    words = "Orr McOrr MacOrr DeVries VanDyke O'Orr d'Orr Orr-Pim vanDyke ORR Q-learning LaTeX 王伟 OrrPim R2"
    assert [word for word in words.split() if is_family(word)] == (
        "Orr McOrr MacOrr DeVries VanDyke O'Orr d'Orr Orr-Pim".split()
    )


@pytest.mark.parametrize(
    ("text", "run", "with_particles"),
    [
        ("It was Orr Jr. and Pim", "Orr Jr. and Pim", None),
        ("seen by Orr et al. and Pim", "Orr et al. and Pim", None),
        ("It was so. Orr", "Orr", None),
        ("it is a. Orr", ". Orr", None),
        ("of the AB. C", "of the AB. C", None),
        ("in it the Bank of England", "the Bank of England", None),
        ("seen by Huis in't Veld", "Huis in't Veld", None),
        ("it was vonHoldt", "vonHoldt", None),
        ("it was jr Orr", "jr Orr", None),
        ("he (Orr: Pim", "Pim", None),
        # "voor" is a particle in a name of the bibliography, and no word for one elsewhere.
        ("so Aasen, voor den Hock", "den Hock", "Aasen, voor den Hock"),
        ("so Aasen & voor den Hock", "den Hock", "Aasen & voor den Hock"),
        ("so Aasen and voor den Hock", "den Hock", "Aasen and voor den Hock"),
        ("so Aasen told voor den Hock", "den Hock", None),
        ("and voor Orr", "Orr", "and voor Orr"),
        ("voor den Hock", "den Hock", None),
    ],
)
def test_where_the_words_begin_that_may_be_authors(text: str, run: str, with_particles: str | None) -> None:
    pieces = pieces_of(text, 0, len(text))
    assert text[pieces[name_run(pieces, len(pieces))].start :] == run
    assert text[pieces[name_run(pieces, len(pieces), {"voor", "den"})].start :] == (with_particles or run)
