"""Author lists before a year: each name, in each form of list and wherever the list is, is read back whole."""

from __future__ import annotations

import pytest
from small_library import cited, keys, source

from wikitools.sources.source import Bibliography
from wikitools.wiki.resolution import Found

NAMES = {
    "plain": "Orwin",
    "particles": "van der Orwin",
    "a particle with a capital": "De Houwer",
    "an apostrophe": "O'Neil",
    "a hyphen": "Orwin-Pell",
    "a capital inside": "McOrwin",
    "an accent": "Örwin",
    "an initial": "J. Orwin",
    "initials": "J. K. Orwin",
    "joined initials": "J.-P. Orwin",
    "initials after it": "Orwin J. K.",
    "a suffix": "Orwin Jr.",
    "a given name": "Jane Orwin",
}
LISTS = {
    "{0}": ("{0}",),
    "{0} and Quell": ("{0}", "Quell"),
    "{0} & Quell": ("{0}", "Quell"),
    "Quell and {0}": ("Quell", "{0}"),
    "{0}, Quell and Tarn": ("{0}", "Quell", "Tarn"),
    "{0}, Quell, and Tarn": ("{0}", "Quell", "Tarn"),
    "{0}, Quell, & Tarn": ("{0}", "Quell", "Tarn"),
    "Quell, {0} and Tarn": ("Quell", "{0}", "Tarn"),
    "{0} et al.": ("{0}",),
    "{0}, Quell et al.": ("{0}", "Quell"),
    "{0} and colleagues": ("{0}",),
}
PLACES = {
    "bracket": "It was seen ({} 2001).",
    "bracket with a comma": "It was seen ({}, 2001).",
    "sentence": "Once {} (2001) saw it.",
    "start of a sentence": "It was seen. {} (2001) saw it.",
    "after a word in the bracket": "It was seen (see {} 2001).",
    "after a short form in the bracket": "It was seen (e.g., {}, 2001).",
    "after another citation": "It was seen (Able 1999; {} 2001).",
    "item of a list": "- {} (2001) saw it.",
    "possessive": "It was {}'s (2001) view.",
}
UNRELATED = Bibliography([source("other", "Zeta, Q", "1850", "Unrelated")])


def names_before(text: str, bibliography: Bibliography = UNRELATED) -> list[tuple[tuple[str, ...], bool]]:
    """Return names and "et al." of the citations with the year 2001; the full stop at the end of a name is left out."""
    found = (each.citation for each in cited(text, bibliography) if each.citation.year == "2001")
    return [(tuple(name.rstrip(".") for name in one.names), one.et_al) for one in found]


@pytest.mark.parametrize("form", LISTS)
@pytest.mark.parametrize("place", PLACES)
def test_every_name_is_read_back(place: str, form: str) -> None:
    for name in NAMES.values():
        text = PLACES[place].format(form.format(name))
        expected = tuple(each.format(name).rstrip(".") for each in LISTS[form])
        assert names_before(text) == [(expected, "al." in form or "colleagues" in form)], text


AUTHORS = {
    "plain": "Orwin, Jane Kay",
    "particles": "van der Orwin, Jane",
    "a particle with a capital": "De Houwer, Jan",
    "an apostrophe": "O'Neil, Jane",
    "a hyphen": "Orwin-Pell, Jane",
    "a capital inside": "McOrwin, Jane",
    "an accent": "Örwin, Jane",
    "an initial": "Orwin, Jane",
    "initials": "Orwin, Jane Kay",
    "joined initials": "Orwin, Jean-Paul",
    "initials after it": "Orwin, Jane Kay",
    "a suffix": "Orwin, Jane",
    "a given name": "Orwin, Jane",
}


@pytest.mark.parametrize("form", LISTS)
@pytest.mark.parametrize("place", PLACES)
def test_every_list_finds_the_work_of_its_authors_and_no_other(place: str, form: str) -> None:
    for kind, name in NAMES.items():
        author = AUTHORS[kind]
        printed = [author if each == "{0}" else each for each in LISTS[form]]
        open_ended = "al." in form or "colleagues" in form
        # With "et al.", there are more authors than those printed.
        right = source("right", "; ".join([*printed, *(["Ulm, V", "Wex, Y"] if open_ended else [])]), "2001")
        other_year = source("other-year", "; ".join(printed), "1998")
        others = source("others", "; ".join(["Xyst, A", *printed[1:], "Yule, B"]), "2001")
        text = PLACES[place].format(form.format(name))
        (found,) = [
            each for each in cited(text, Bibliography([right, other_year, others])) if each.citation.year == "2001"
        ]
        assert isinstance(found.resolution, Found), text
        assert keys(found) == "right", text


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("text", "names"),
    [
        # Commas alone join three names or more if nothing else is in their bracket, or before their year.
        ("It was seen (Quell, {}, Tarn, 2001).", ("Quell", "{}", "Tarn")),
        ("It was seen. Quell, {}, Tarn (2001) saw it.", ("Quell", "{}", "Tarn")),
        ("- Quell, {}, Tarn (2001) saw it.", ("Quell", "{}", "Tarn")),
        ("It was seen (Quell; {}; Tarn, 2001).", ("Quell", "{}", "Tarn")),
        # Elsewhere they join clauses.
        ("It was seen (see Quell, {}, Tarn 2001).", ("Tarn",)),
        ("Once Quell, {}, Tarn (2001) saw it.", ("Tarn",)),
        ("It was seen (Quell; {}; Tarn 2001).", ("Tarn",)),
    ],
)
def test_commas_alone_join_names_only_where_nothing_else_is(text: str, names: tuple[str, ...], name: str) -> None:
    if name in {"a suffix", "a given name"} and len(names) > 1:
        names = names[-1:]  # A name of two words may be a title or a place.
    printed = NAMES[name]
    found = [each for each, _et_al in names_before(text.format(printed))]
    if name in {"a suffix", "a given name"} and "Tarn, 2001" in text and "; " not in text:
        assert found == []
    else:
        assert found == [tuple(each.format(printed).rstrip(".") for each in names)]


@pytest.mark.parametrize(
    "text",
    [
        "It was seen by Orwin 2001 in short.",
        "It was seen by Orwin and Quell 2001 in short.",
        "Peddle's November 2001 review was long.",
        "The talk of the Orwin and Peddle Workshop (2001) was long.",
        "The project ran from March to May (2001).",
        "It is told in Chapter 4 (2001).",
        # Semicolons join names only before a comma and the year.
        "It was seen (Orwin; Quell; Tarn [2001]) in short.",
    ],
)
def test_words_before_a_year_are_not_always_authors(text: str) -> None:
    assert names_before(text) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "Ann Orwin, Ben J Quell, Carla De Tarn (2001), _On kelp_, Silt.",
            ("Ann Orwin", "Ben J Quell", "Carla De Tarn"),
        ),
        ("[^1]: Ann Orwin, Ben Quell, Cy Tarn (2001). On kelp.", ("Ann Orwin", "Ben Quell", "Cy Tarn")),
        ("It was seen. Ann Orwin, Ben Quell, Cy Tarn (2001) show it.", ("Ann Orwin", "Ben Quell", "Cy Tarn")),
        ("At Leeds University, Ben Quell, Cy Tarn (2001) saw it.", ("Cy Tarn",)),
        ("Nobel Laureate, Cy Tarn (2001) saw it.", ("Cy Tarn",)),
    ],
)
def test_commas_join_names_that_all_have_given_names(text: str, names: tuple[str, ...]) -> None:
    assert [found for found, _et_al in names_before(text)] == [names]


@pytest.mark.parametrize("name", ["vonOrwin", "al-Orwin", "d'Orwin"])
def test_a_name_with_a_small_letter_first_may_be_in_a_list(name: str) -> None:
    library = Bibliography([source("right", f"Quell, K; {name}, J; Tarn, L", "2001")])
    for text in ("It was seen (Quell, {} and Tarn 2001).", "Once Quell, {} and Tarn (2001) saw it."):
        (found,) = cited(text.format(name), library)
        assert (found.citation.names, keys(found)) == (("Quell", name, "Tarn"), "right")


@pytest.mark.parametrize("mark", "ʼʻʹﹰﾞ")
@pytest.mark.parametrize("place", PLACES)
def test_letters_that_are_no_part_of_words_are_no_trouble(place: str, mark: str) -> None:
    library = Bibliography([source("right", "Orwin, J; Quell, K; Tarn, L", "2001")])
    for names in (mark, f"{mark} {mark}", f"Orwin {mark}", f"Orwin, {mark} et al."):
        cited(PLACES[place].format(names), library)
    for names in (f"{mark} Orwin et al.", f"{mark}Orwin et al.", f"Orwin{mark} et al."):
        found = cited(PLACES[place].format(names), library)
        assert [keys(each) for each in found if each.citation.year == "2001"] == ["right"], names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("It was seen (May, Pell & Tarn 2001).", ("May", "Pell", "Tarn")),
        ("It was seen. May, Pell & Tarn (2001) saw it.", ("Pell", "Tarn")),
        ("In May, Pell & Tarn (2001) saw it.", ("Pell", "Tarn")),
    ],
)
def test_a_month_is_a_name_only_at_the_start_of_a_bracket(text: str, names: tuple[str, ...]) -> None:
    assert names_before(text) == [(names, False)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("It was seen by Orwin-Peddle. Quell & Tarn (2001) saw it.", ("Quell", "Tarn")),
        ("It was seen (Orwin-Ch. & Tarn 2001).", ("Orwin-Ch", "Tarn")),
    ],
)
def test_a_full_stop_is_part_of_a_name_only_after_a_short_form(text: str, names: tuple[str, ...]) -> None:
    assert names_before(text) == [(names, False)]


@pytest.mark.parametrize(
    "text",
    ["{} saw it.", "- {} saw it.", "* {} saw it.", "It is so.\n\n{} saw it.", "> {} saw it.", "# So\n> {} saw it."],
)
def test_an_inverted_name_may_begin_a_block(text: str) -> None:
    assert names_before(text.format("Orwin, Jane (2001b)")) == [(("Orwin, Jane",), False)]


READ = {
    "It was seen (Orwin, J. K. et al., 2001).": {"Orwin, J. K. et al., 2001": ("Orwin",)},
    "It was seen (Orwin; Quell & Tarn, 2001).": {"Quell & Tarn, 2001": ("Quell", "Tarn")},
    "It was seen (Orwin; Quell; Tarn, 2001).": {"Orwin; Quell; Tarn, 2001": ("Orwin", "Quell", "Tarn")},
    "It was seen (Orwin; Quell; Tarn 2001).": {"Tarn 2001": ("Tarn",)},
    "It was seen (Orwin, J., Quell, K., Tarn, L. 2001).": {
        "Orwin, J., Quell, K., Tarn, L. 2001": ("Orwin, J.", "Quell, K.", "Tarn, L.")
    },
    "Orwin, Quell and Tarn (2001) saw it.": {"Orwin, Quell and Tarn (2001)": ("Orwin", "Quell", "Tarn")},
    "- Orwin, Quell, Tarn (2001) saw it.": {"Orwin, Quell, Tarn (2001)": ("Orwin", "Quell", "Tarn")},
    "So, Jane (2001) saw it.": {"Jane (2001)": ("Jane",)},
    "(However, Orwin & Tarn 2001)": {"Orwin & Tarn 2001": ("Orwin", "Tarn")},
    "(He, Orwin & Tarn 2001)": {"He, Orwin & Tarn 2001": ("He", "Orwin", "Tarn")},
    "May, Orwin & Tarn (2001) saw it.": {"Orwin & Tarn (2001)": ("Orwin", "Tarn")},
    "In May Orwin (2001) saw it.": {"Orwin (2001)": ("Orwin",)},
    "(May et al. 2001)": {"May et al. 2001": ("May",)},
    "(Orwin & May 2001)": {"Orwin & May 2001": ("Orwin", "May")},
    "It was seen (ICL, ORWIN et al. 2001).": {"ICL, ORWIN et al. 2001": ("ICL", "ORWIN")},
    "It was seen (WHO, Orwin & Tarn 2001).": {"Orwin & Tarn 2001": ("Orwin", "Tarn")},
    "It was seen (FAO/WHO, 2001).": {"FAO/WHO, 2001": ("FAO/WHO",)},
    "It was seen (Tarn Lab development team, 2001).": {
        "Tarn Lab development team, 2001": ("Tarn Lab development team",)
    },
    "It was seen (Tarn Lab of many things, 2001).": {},
    "It was seen (The Tarn Association, 2001).": {"Tarn Association, 2001": ("Tarn Association",)},
    "It was seen (Association of May, 2001).": {},
    "It was seen (Pim 1999; orwinist, 2001).": {"Pim 1999": ("Pim",), "orwinist, 2001": ("orwinist",)},
    "It was seen (orwinist, n.d.).": {},
    "It was seen (Jane van der Tarn & de Quell 2001).": {
        "Jane van der Tarn & de Quell 2001": ("Jane van der Tarn", "de Quell")
    },
    "On De Quell (2001) see it.": {"De Quell (2001)": ("De Quell",)},
    "It was seen (Orwin Jr. & Tarn 2001).": {"Orwin Jr. & Tarn 2001": ("Orwin Jr.", "Tarn")},
    "It was seen (J.-K. Orwin & K. Tarn 2001).": {"J.-K. Orwin & K. Tarn 2001": ("J.-K. Orwin", "K. Tarn")},
    "It was seen by A. Orwin (2001).": {"A. Orwin (2001)": ("A. Orwin",)},
    "It was seen (Machine Learning Research, Orwin & Tarn 2001).": {"Orwin & Tarn 2001": ("Orwin", "Tarn")},
    "It was seen (Machine Learning, Orwin & Tarn 2001).": {
        "Machine Learning, Orwin & Tarn 2001": ("Machine Learning", "Orwin", "Tarn")
    },
    "Orwin and Tarn Workshop (2001).": {},
    "So. Orwin (2001) saw it.": {"Orwin (2001)": ("Orwin",)},
    "Pim, Orwin (2001) saw it.": {"Pim, Orwin (2001)": ("Pim, Orwin",)},
    "(Pim, and Orwin 2001)": {"Pim, and Orwin 2001": ("Pim", "Orwin")},
    "(& Orwin 2001)": {},
    "(Orwin - Tarn 2001)": {},
    "(Aa, Bb, Cc, Dd, Ee, Ff, Gg, Hh, Ii, Jj, Kk, Ll, Mm & Nn 2001)": {
        "Bb, Cc, Dd, Ee, Ff, Gg, Hh, Ii, Jj, Kk, Ll, Mm & Nn 2001": (
            "Bb",
            "Cc",
            "Dd",
            "Ee",
            "Ff",
            "Gg",
            "Hh",
            "Ii",
            "Jj",
            "Kk",
            "Ll",
            "Mm",
            "Nn",
        )
    },
    "(of York 2001)": {},
    "(A 2001)": {},
    "(Orwin e Tarn 2001)": {"Orwin e Tarn 2001": ("Orwin", "Tarn")},
    "(Al Orwin, Bo Quell, Cy Tarn 2001)": {},
    "You, Orwin, Tarn (2001) saw it.": {"You, Orwin, Tarn (2001)": ("You", "Orwin", "Tarn")},
    "(An, Do, My 2001)": {},
    "(According to Orwin, Quell, Tarn 2001)": {"Tarn 2001": ("Tarn",)},
}
"""What is read of a text, by what is printed: the names of each citation; nothing where no authors can be told."""


@pytest.mark.parametrize("text", READ)
def test_which_words_before_a_year_are_authors(text: str) -> None:
    found = [each.citation for each in cited(text, UNRELATED)]
    assert {text[one.span.start : one.span.end]: one.names for one in found} == READ[text]
    assert [one.et_al for one in found] == ["et al." in each for each in READ[text]]
