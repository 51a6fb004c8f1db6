"""Which source a citation means, on what evidence, and what is said when none or several fit."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from small_library import GOALS, LIBRARY, cited, keys, only, source

from wikitools.cite.disambiguate import MOST_WORKS
from wikitools.cite.match import cite_page
from wikitools.markdown.parse import parse
from wikitools.sources.names import Name
from wikitools.sources.readers import read_bibliography
from wikitools.sources.source import Bibliography, Source
from wikitools.text import Span
from wikitools.wiki.resolution import Ambiguous, Found, Missing

LI = source("li", "Li, Wei; Wang, Bo; Chen, Xu; Wu, Yi", "2013", "Stoneflies of Sichuan")
LI_TWO = source("li-two", "Li, Wei; Zhao, Hu", "2013", "Mayflies of Tibet")
LI_OTHER = source("li-other", "Li, Na; Wang, Bo; Hu, Qi", "2013", "Beetles of Yunnan")


def test_et_al_means_at_least_two_more_where_a_work_has_them() -> None:
    assert only("(Li et al. 2013)", LI, LI_TWO)[0] == "li"
    assert only("(Li et al. 2013)", LI_TWO)[0] == "li-two"


def test_several_that_fit_are_all_shown() -> None:
    (found,) = cited("(Li et al. 2013)", Bibliography([LI_OTHER, LI]))
    assert isinstance(found.resolution, Ambiguous)
    assert keys(found) == "li li-other"


def test_the_same_form_means_the_same_among_very_many() -> None:
    many = [source(f"li-{n}", f"Li, A{n}", "2013", f"Title {n} of something") for n in range(MOST_WORKS + 1)]
    text = "(Li 2013) and (Li 2013)."
    found = cited(text, Bibliography(many))
    assert [len(each.resolution.candidates) for each in found if isinstance(each.resolution, Ambiguous)] == 2 * [
        len(many)
    ]
    assert [keys(each) for each in cited(f"{text} See [@li-7].", Bibliography(many))] == 3 * ["li-7"]


def test_initials_tell_namesakes_apart() -> None:
    assert only("(W. Li et al. 2013)", LI, LI_OTHER)[0] == "li"
    assert only("(Li N. et al. 2013)", LI, LI_OTHER)[0] == "li-other"


def test_a_co_author_tells_namesakes_apart() -> None:
    assert only("(Li, Wang, Hu 2013)", LI, LI_OTHER)[0] == "li-other"


def test_the_same_work_twice_is_one_work() -> None:
    twin = source("li-preprint", "Li, Wei; Wang, Bo; Chen, Xu", "2013", "Stoneflies of Sichuan.")
    key, evidence = only("(Li et al. 2013)", LI, twin)
    assert key == "li"
    assert "several entries of one work" in evidence


def test_an_exact_fit_beats_one_with_more_authors() -> None:
    alone = source("alone", "Li, Wei", "2013", "Alone")
    assert only("(Li 2013)", LI, alone, LI_TWO)[0] == "alone"
    assert only("(Li 2013)", LI_TWO)[0] == "li-two"


def test_several_years_are_all_right() -> None:
    preprint = source("preprint", "Orr, A; Poe, B; Quy, C", "2023 2022")
    assert only("(Orr et al. 2022)", preprint)[0] == only("(Orr et al. 2023)", preprint)[0] == "preprint"


def test_letters_that_the_bibliography_assigns() -> None:
    assert only("(Christiano 2019b)", *LIBRARY.sources) == ("christiano-b", ("authors and year", "letter"))


def test_no_letter_and_two_works_is_ambiguous() -> None:
    assert only("(Christiano 2019)", *LIBRARY.sources)[0] == "christiano-a christiano-b"


def letters(*, ordered: bool) -> list[Source]:
    """Return a reference list with two works of one year that have no letters."""
    others = [source(f"k{letter}", f"{letter}aron, X", "2000", f"On {letter}") for letter in "ABCDEFGHIJKLM"]
    twins = [source("yew-z", "Yew, A", "2017", "Zebras"), source("yew-a", "Yew, A", "2017", "Apes")]
    return [*others, *twins] if ordered else [twins[0], *others, twins[1]]


def test_letters_by_the_order_of_a_reference_list() -> None:
    bibliography = Bibliography(letters(ordered=True))
    first, second = cited("(Yew 2017a; Yew 2017b)", bibliography)
    assert (keys(first), keys(second)) == ("yew-z", "yew-a")
    assert "letter, by the order of the reference list" in first.evidence


def test_letters_stay_open_where_the_order_says_nothing() -> None:
    shuffled = letters(ordered=True)
    random.Random(1).shuffle(shuffled)
    assert {keys(each) for each in cited("(Yew 2017a; Yew 2017b)", Bibliography(shuffled))} == {"yew-a yew-z"}
    assert keys(cited("(Yew 2017a)", Bibliography(letters(ordered=True)))[0]) == "yew-a yew-z"


def test_the_page_decides_by_a_key_or_link() -> None:
    assert only("(Christiano 2019) and [@christiano-b]", *LIBRARY.sources) == (
        "christiano-b",
        ("authors and year", "a link beside it"),
    )
    far = "(Christiano 2019).\n\nSee [@christiano-b]."
    assert only(far, *LIBRARY.sources) == ("christiano-b", ("authors and year", "the page links to it"))


MESSICK = [
    source("m1", "Messick, Samuel", "1995", "Validity of psychological assessment: validation of inferences"),
    source("m2", "Messick, Samuel", "1995", "Standards of validity in performance assessment"),
]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Messick (1995), “Validity of psychological assessment”", ["m1"]),
        ("(Messick 1995 — Standards of Validity)", ["m2"]),
        ("- The standards of validity in performance (Messick 1995).\n- Other news (Messick 1995).", ["m2", "m1 m2"]),
        ("(Messick 1995, [@m1]) and (Messick 1995, [@m2])", ["m1", "m1", "m2", "m2"]),
        ("- [@m2] says so (Messick 1995).\n- (Messick 1995)", ["m2", "m2", "m2"]),
        ("@m1 says so (Messick 1995).\n\n@m2 as well (Messick 1995).", ["m1", "m1", "m2", "m2"]),
    ],
)
def test_a_title_or_link_beside_a_citation_decides_and_reaches_no_other(text: str, wanted: list[str]) -> None:
    assert [keys(each) for each in cited(text, Bibliography(MESSICK))] == wanted


def test_authors_who_fit_are_meant_even_if_another_work_is_called_like_their_citation() -> None:
    called = source("called", "", "", "Notes on tides", note="notes/orr.md", aliases=("Orr et al. 2025",))
    orr = source("orr", "Orr, A; Poe, B; Roe, C", "2025", "On tides")
    text = "Tides turn (Orr et al. 2025)."
    assert [keys(each) for each in cited(text, Bibliography([called]))] == ["called"]
    assert [keys(each) for each in cited(text, Bibliography([called, orr]))] == ["orr"]


def test_a_page_that_spells_out_three_authors_means_more_by_et_al() -> None:
    three = source("three", "Huang, A; Schneider, B; Stuart, C", "2022", "Three")
    four = source("four", "Huang, A; Huang, B; Reich, C; Stuart, D", "2022", "Four")
    spelled = [source("s1", "Roe, A; Doe, B; Poe, C", "2001"), source("s2", "Low, A; Bow, B; Tow, C", "2002")]
    assert only("(Huang et al. 2022)", three, four)[0] == "four three"
    found = cited("(Huang et al. 2022; Roe, Doe, Poe 2001; Low, Bow, Tow 2002)", Bibliography([three, four, *spelled]))
    assert keys(found[0]) == "four"
    assert found[0].losers[0][0] == "three"


def test_the_subject_decides_in_a_large_bibliography() -> None:
    crowd = [source(f"c{n}", f"Crowd{n}, A", "2001", f"Topic{n} and theme{n} of field{n}") for n in range(400)]
    rice = source("rice", "Wang, Li; Xu, Bo; Hu, Qi", "2015", "Cadmium uptake transporters in rice roots")
    fly = source("fly", "Wang, Min; Yu, An; Su, Li", "2015", "Mushroom body neurons of the fruit fly")
    text = "Rice takes up cadmium in its roots. " * 5 + "Cadmium transporters of rice roots (Wang et al. 2015)."
    found = cited(text, Bibliography([*crowd, rice, fly]))[0]
    assert keys(found) == "rice"
    assert found.evidence[1].startswith("subject: ")
    assert keys(cited("It is so (Wang et al. 2015).", Bibliography([*crowd, rice, fly]))[0]) == "fly rice"


CROWD = tuple(source(f"c{n}", f"Crowd{n}, A", "2001", f"Topic{n} and theme{n} of field{n}") for n in range(400))
SHEEP = source("sheep", "Roe, A", "1999", "Grazing of sheep on upland pastures")
IN_GRASS = {"container-title": "Grass Journal"}


def of_two(text: str, one: Source, other: Source, *more: Source) -> tuple[str, tuple[str, ...], str]:
    """Return keys, evidence and why the rival lost, of the first citation in `text` with a crowd in the library."""
    found = cited(text, Bibliography([*CROWD, one, other, *more]))[0]
    return keys(found), found.evidence[1:], found.losers[0][1] if found.losers else ""


def test_words_of_works_cited_beside_it_decide() -> None:
    herd = source("herd", "Wang, Li; Xu, Bo; Hu, Qi", "2015", "Sheep grazing and upland pastures")
    other = source("cells", "Wang, Min; Yu, An; Su, Li", "2015", "Insulin signalling of liver cells")
    key, evidence, why = of_two("It is so (Wang et al. 2015; Roe 1999).", herd, other, SHEEP)
    assert (key, why) == ("herd", "its title, authors and journal match this page less")
    assert evidence == ("subject",)


def test_authors_of_other_works_on_the_page_decide() -> None:
    one = source("one", "Wang, Li; Xu, Bo; Hu, Qi; Poe, Jo; Low, Di", "2015", "Alpha")
    other = source("other", "Wang, Min; Yu, An; Su, Li; Bow, Ed; Tow, Al", "2015", "Omega")
    more = source("more", "Xu, Bo; Hu, Qi; Poe, Jo; Low, Di", "2012", "Gamma")
    key, evidence, _why = of_two("(Wang et al. 2015) after (Xu et al. 2012)", one, other, more)
    assert (key, evidence) == ("one", ("its authors wrote other works cited here",))


def test_a_journal_alone_is_too_little_and_helps_with_authors() -> None:
    one = replace(source("one", "Wang, Li; Xu, Bo; Hu, Qi", "2015", "Alpha"), fields=IN_GRASS)
    other = source("other", "Wang, Min; Yu, An; Su, Li", "2015", "Omega")
    text = "(Wang et al. 2015)\n\n" + "x " * 200 + "(Roe 1999)"
    sheep = replace(SHEEP, fields={"container-title": "Grass J."})
    assert of_two(text, one, other, sheep)[0] == "one other"
    known = replace(source("known", "Xu, Bo; Hu, Qi; Wang, Li", "2012", "Gamma"), fields=IN_GRASS)
    key, evidence, _why = of_two(text + " (Xu et al. 2012)", one, other, sheep, known)
    assert (key, evidence) == ("one", ("its authors wrote other works cited here; its journal is cited here",))


def test_entries_that_may_be_one_work_are_not_told_apart() -> None:
    text = "Rice takes up cadmium in its roots. " * 5 + "Cadmium transporters of rice roots (Wang et al. 2015)."
    rice = source("rice", "Wang, Li; Xu, Bo; Hu, Qi", "2015", "Cadmium uptake transporters in rice roots")
    again = source("rice-again", "Wang, L; Xu, B; Hu, Q", "2015", "Cadmium uptake and transporters in the root of rice")
    bare = replace(again, key="rice-bare", title="")
    fly = source("fly", "Wang, Min; Yu, An; Su, Li", "2015", "Mushroom body neurons of the fruit fly")
    assert of_two(text, rice, fly, again)[0] == "rice rice-again"
    assert of_two(text, rice, fly, bare)[0] == "rice rice-bare"


def test_likely_works_are_evidence_for_the_rest_but_not_for_themselves() -> None:
    one = source("one", "Wang, Li; Xu, Bo; Hu, Qi", "2015", "Alpha")
    other = source("other", "Wang, Min; Yu, An; Su, Li", "2015", "Omega")
    assert of_two("(Wang et al. 2015) and again (Wang et al. 2015)", one, other)[0] == "one other"


def test_year_differs_suggests_the_right_year() -> None:
    (found,) = cited("Bostrom (2013)")
    assert found.resolution == Missing(("Bostrom 2014",), "year-differs")
    assert found.losers == (("bostrom2014", "its year is 2014"),)


def test_name_differs_suggests_the_name() -> None:
    (found,) = cited("Bostrum (2014)")
    assert found.resolution == Missing(("Bostrom 2014",), "name-differs")


def test_coauthors_differ() -> None:
    (found,) = cited("(Kass & Ratterby 1995)")
    assert isinstance(found.resolution, Missing)
    assert found.resolution.why == "coauthors-differ"
    assert found.resolution.near == ("Kass & Raftery 1995",)


def test_a_joined_unknown_name_is_no_sentence_word() -> None:
    (found,) = cited("(Penneys and Shah 2020)")
    assert isinstance(found.resolution, Missing)


@pytest.mark.parametrize("text", ["(Nobody et al. 2020)", "(Nobody, 2015)"])
def test_no_such_author(text: str) -> None:
    (found,) = cited(text)
    assert isinstance(found.resolution, Missing)
    assert found.resolution.why == "no-such-author"


def test_runners_up_say_why_they_lost() -> None:
    (found,) = cited("(Hubinger et al. 2019)")
    assert found.losers == (("hubinger2024", "its year is 2024"),)


def test_a_work_that_fits_and_lost_is_told_once_with_what_decided() -> None:
    (found,) = cited("(Christiano 2019b)")
    assert (keys(found), found.losers) == ("christiano-b", (("christiano-a", "it has another letter"),))


def test_no_runner_up_is_the_work_that_is_meant() -> None:
    preprint = source("preprint", "Orr, Ann; Poe, Bea", "2021", "Moss and stone", doi="10.1000/1")
    printed = source("printed", "Orr, Ann; Poe, Bea", "2023", "Moss and stone on old walls", doi="10.1000/1")
    other = source("other", "Orr, Ann; Quy, Cy", "2023", "Ferns")
    (found,) = cited("(Orr & Poe 2023)", Bibliography([preprint, printed, other]))
    assert (keys(found), found.losers) == ("printed", (("other", "other authors"),))


UPLANDS = source("uplands", "Roe, Ann", "2015", "Grazing of sheep on uplands")
CELLS = source("cells", "Roe, Bea", "2015", "Signals between liver cells")


@pytest.mark.parametrize("between", ["", " was studied", " studied", " (studied)"])
def test_up_to_two_words_stand_between_a_title_and_its_citation(between: str) -> None:
    key, evidence = only(f"Grazing of sheep on uplands{between} (Roe 2015).", UPLANDS, CELLS)
    assert (key, evidence) == ("uplands", ("authors and year", "title words before it"))


def test_a_title_three_words_before_a_citation_is_not_its_title() -> None:
    evidence = only("Grazing of sheep on uplands was studied much (Roe 2015).", UPLANDS, CELLS)[1]
    assert "title words before it" not in evidence


def test_one_key_in_a_file_and_a_note_is_one_work() -> None:
    entry = source("li2013", "Li, Wei", "2013", "Stoneflies of Sichuan")
    note = Source(
        Span("li2013.md", 0, 0), "li2013", (Name("Li", "Wei"),), ("2013",), title="Li on stoneflies", note="n.md"
    )
    found = cited("(Li 2013)", Bibliography([entry, note]))[0]
    assert keys(found) == "li2013"
    assert found.losers == ()


@pytest.mark.parametrize("text", ["Bostrom (forthcoming)", "(Bostrom, in press)", "(Bostrom, n.d.)"])
def test_an_undated_citation_means_no_dated_work(text: str) -> None:
    (found,) = cited(text)
    assert isinstance(found.resolution, Missing)
    assert found.resolution.near == ("Bostrom 2014",)


def test_one_work_cannot_have_two_letters() -> None:
    carlsmith = source("carlsmith", "Carlsmith, Joe", "2023")
    assert [keys(each) for each in cited("(Carlsmith 2023a,b)", Bibliography([carlsmith]))] == ["", ""]
    assert keys(cited("(Carlsmith 2023a)", Bibliography([carlsmith]))[0]) == "carlsmith"


def test_another_title_in_the_bracket_is_unmatched() -> None:
    (found,) = cited("by Hubinger et al. (Deceptive Alignment Considered, 2019)")
    assert found.citation.text.startswith("Hubinger")
    assert isinstance(found.resolution, Missing)
    assert found.resolution.near[0] == "Hubinger et al. 2019"


# Bibliographies


def test_own_entries_win_over_shared_ones() -> None:
    shared = Bibliography([source("shared", "Li, Wei", "2013", "Shared")])
    own = Bibliography([source("own", "Li, Wei", "2013", "Own")])
    joined = shared.joined(own)
    assert [each.key for each in joined.sources] == ["own", "shared"]
    (found,) = cited("(Li 2013)", joined)
    assert keys(found) == "own"
    assert joined.layers[1] is shared.layers[0]


def test_lookups_by_key_url_and_note() -> None:
    assert [each.key for each in LIBRARY.by_key("shah2020")] == ["shah2020"]
    assert [each.key for each in LIBRARY.by_url("http://www.arxiv.org/pdf/1906.01820v2")] == ["hubinger2019"]
    assert [each.key for each in LIBRARY.by_url("https://dx.doi.org/10.1000/XYZ.123")] == ["doi2001"]
    assert LIBRARY.by_url("https://example.org") == ()
    assert LIBRARY.by_note("no.md") == ()


def test_the_answer_does_not_depend_on_the_order_of_sources() -> None:
    text = "(Li et al. 2013; Christiano 2019; Shah & Jones 2023; Hubinger et al. 2019) [@bostrom2014]"
    sources = [*LIBRARY.sources, LI, LI_OTHER, LI_TWO]
    wanted = [keys(each) for each in cited(text, Bibliography(sources))]
    for seed in range(5):
        random.Random(seed).shuffle(sources)
        assert [keys(each) for each in cited(text, Bibliography(sources))] == wanted


def test_a_page_is_no_citation_of_itself_by_its_own_links() -> None:
    page = parse("goals.md", "see [[goals]]")
    assert cite_page(page, Bibliography([GOALS]), note_of=lambda link: link.target + ".md") == ()


def test_every_found_says_how() -> None:
    for each in cited("(Bostrom 2014) [@shah2020] arXiv:1906.01820"):
        assert isinstance(each.resolution, Found)
        assert each.resolution.how
        assert each.evidence


VOLUMES = source("flora", "Castroviejo, S.", "1986", "Flora iberica")
VOLUMES_LATER = source("urban-29", "Urban, I.", "1929", "Plantae Haitienses VII")
VOLUMES_FIRST = source("urban-26", "Urban, I.", "1926", "Sertum Antillanum XXVI")


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("(Castroviejo 1986–2012)", ["Castroviejo 1986–2012: flora"]),
        ("Castroviejo (1986-2005) says", ["Castroviejo (1986-2005): flora"]),
        ("(Urban 1926–27, 1929)", ["Urban 1926–27: urban-26", "1929: urban-29"]),
        ("(Urban 1926: 12, 1929: 3)", ["Urban 1926: urban-26", "1929: urban-29"]),
        ("Castroviejo (1986–2020) lived", []),
        ("Alan Turing (1912–1954)", []),
        ("(Turing, 1912–1954)", []),
        ("the season 2010-11", []),
    ],
)
def test_a_range_of_years_is_a_work_in_volumes_if_its_authors_have_one_of_the_first_year(
    text: str, want: list[str]
) -> None:
    library = Bibliography([VOLUMES, VOLUMES_FIRST, VOLUMES_LATER])
    assert [f"{each.citation.text}: {keys(each)}" for each in cited(text, library)] == want


@pytest.mark.parametrize(
    ("text", "authors"),
    [
        ("(Rangel-Ch. et al. 1997)", "Rangel-Ch., J. O.; Lowy, P.; Garzón, A."),
        ("(Oliveira-Filho & Fontes 1997)", "Oliveira-Filho, A. T.; Fontes, M. A. L."),
        ("Moura-Júnior et al. (1997)", "Moura Júnior, E. G.; Paiva, R.; Ferreira, A."),
        ("(IUCN 1997)", "{IUCN Standards and Petitions Subcommittee}"),
        ("at 6.5 Ma. Wu et al. (1997) dated", "Wu, D.; Lu, J. M.; Wang, H."),
        ("of southern Texas, and Ubick (1997) reports", "Ubick, D."),
        ("(Müller 1997)", "Mueller, A."),
        ("(Mueller 1997)", "Müller, A."),
        ("(Muller 1997)", "Müller, A."),
        ("(Sørensen 1997)", "Soerensen, B."),
        ("(Aarseth 1997)", "Årseth, B."),
        ("(Årseth 1997)", "Aarseth, B."),
        ("(Weiß 1997)", "Weiss, B."),
        ("(Weiss 1997)", "Weiß, B."),
    ],
)
def test_names_mean_their_authors_in_all_spellings(text: str, authors: str) -> None:
    assert [keys(each) for each in cited(text, Bibliography([source("it", authors, "1997")]))] == ["it"]


EMU = source("emu", "Wang, X.; Li, A.; Wu, B.", "2024", "Emu3: Next-token prediction is all you need")
MIO = source("mio", "Wang, Z.; Hu, A.; Qi, B.", "2024", "MIO: A foundation model on multimodal tokens")


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("EMU3 (Wang et al. 2024a) and others (Wang et al. 2024b). Again (Wang et al. 2024a).", ["emu", "mio", "emu"]),
        ("With a foundation model (Wang et al. 2024a).", ["mio"]),
        ("EMU3 (Wang et al. 2024) and others (Wang et al. 2024).", ["emu", "emu mio"]),
        ("With a foundation model (Wang et al. 2024).", ["emu mio"]),
        ("EMU3 (Wang et al. 2024a), MIO (Wang et al. 2024a).", ["emu mio", "emu mio"]),
    ],
)
def test_the_title_right_before_a_citation_decides(text: str, want: list[str]) -> None:
    assert [keys(each) for each in cited(text, Bibliography([EMU, MIO]))] == want


def test_letters_go_on_after_in_press() -> None:
    text = "(Assing, in press b, c)"
    works = [source(letter, "Assing, V.", "", f"Beetles {letter}") for letter in "ab"]
    assert [each.citation.suffix for each in cited(text, Bibliography(works))] == ["b", "c"]


def test_a_work_in_press_may_have_appeared_since() -> None:
    others = [source(f"other{year}", f"Other{year}, A.", str(year)) for year in range(2000, 2021)]
    new, old = source("new", "Bostrom, N.", "2018"), source("old", "Bostrom, N.", "2003")
    assert only("(Bostrom, in press)", new, *others)[0] == "new"
    assert only("(Bostrom, in press)", old, *others)[0] == ""
    assert only("(Bostrom, n.d.)", new, *others)[0] == ""


def test_the_year_of_an_arxiv_id_is_no_date() -> None:
    assert only("(Bostrom, n.d.)", source("preprint", "Bostrom, N.", "2022", arxiv="2205.09801"))[0] == "preprint"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("In Progress and Poverty (1879) he says", ["Progress and Poverty (1879): george"]),
        ("[Progress & Poverty (1879)](notes.md)", ["Progress & Poverty (1879): george"]),
        ("Progress and Poverty (1979)", []),
    ],
)
def test_a_title_with_its_year_is_its_work_and_names_nobody(text: str, want: list[str]) -> None:
    library = Bibliography([source("george", "George, Henry", "1879", "Progress and Poverty")])
    assert [f"{each.citation.text}: {keys(each)}" for each in cited(text, library)] == want


def test_what_an_old_bibliography_lacks_is_reported_however_new_it_is() -> None:
    old = Bibliography(read_bibliography("old.bib", "@book{a, author={Ada Alpha}, title={Things}, year={1998}}")[0])
    page = parse("p.md", "New (Delta et al. 2023), (Epsilon & Theta 2050), and by Zeta and Eta (2019).")
    cited = cite_page(page, old, note_of=lambda _link: None)
    assert [(each.citation.year, each.convincing) for each in cited] == [("2023", True), ("2050", True), ("2019", True)]
