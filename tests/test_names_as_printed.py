"""Names as pages print them and as bibliographies have them: which source each citation of a page means."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from small_library import cited, keys, source

from wikitools.project import workers
from wikitools.sources.readers import read_bibliography
from wikitools.sources.source import Bibliography
from wikitools.wiki.resolution import Ambiguous, Found, Missing

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

BOOKS = """
busch | von dem Busch, G. | 2001
esposti | degli Esposti, M. | 2002
hof | van het Hof, S. | 2003
eert | {boven d'Eert}, C. | 2004
boyd2012 | boyd, danah and Crawson, Kate | 2012
elling2013 | Elling, Nicole and boyd, danah | 2013
smythe | Smythe, Ann | 2020
brown | Brown, Bo and Green, Gil | 2018
marquez | Garc\\'ia M\\'arquez, Gabriel | 1967
davani | Mostafazadeh Davani, Aida and Prab, Vin and Dia, Mark | 2022
sio | Santoni de Sio, Filippo and van den Hoven, Jeroen | 2018
kahneman | Kahneman, Daniel and Tversky, Amos | 1979
loomes | Loomes, G and Starmer, C and Sugden, R | 1991
haru | Haru, Mushegh and Jiang, Baojun | 2019
stacc | Stacc, Ennio | 1989
kitchell | Kitchell, J. and Other, O. and Third, T. | 2016
orr | Orr, Ann and others | 2020
dai-open | Dai, Ning and others | 2019
dai-three | Dai, Zihang and Yang, Zhilin and Yong, Yiming | 2019
pell | Pell, Bo | 2020
who | {World Health Organization} | 2021
le | Le, Quoc | 2012
will | Will, George | 2015
lee | Lee, Cy | 2018
lone | Lone, Di | 2014
two-a | Two, Di | 2014
moor | Moor, Ann and Fenn, Bo | 2006
loch | Loch, Jan De | 2011
tarn | Tarn, J. D. | 2011
marsh | van Marsh, Ann | 2013
march | March, James | 1991
simon | Simon, Herb | 1957
union | {Polar Union} | 2016
oecd | {Organisation for Economic Co-operation and Development} | 2018
gorm | Gorm, K. V. and Holt, Bo | 1976
slip | Stave, Otto and {and} and {et} and {de} | 2011
fenn-moor | fra Aasen, Ann and voor den Hock, Bo | 2007
"""


def library() -> Bibliography:
    """Return the sources of the table above, read from BibTeX."""
    rows = [[cell.strip() for cell in line.split("|")] for line in BOOKS.strip().splitlines()]
    text = "".join(
        f"@article{{{key}, author={{{author}}}, title={{On {key}}}, year={{{year}}}}}\n" for key, author, year in rows
    )
    return Bibliography(read_bibliography("refs.bib", text)[0])


def answers(text: str) -> list[str]:
    """Return the citations of a page, each with the source that it means, perhaps means, or with nothing."""
    found = []
    for each in cited(text, library()):
        if isinstance(each.resolution, Found):
            found.append(f"{each.citation.text} = {each.resolution.target.key}")
        elif isinstance(each.resolution, Ambiguous):
            keys = [source.key for source in each.resolution.candidates]
            found.append(f"{each.citation.text} ? {' '.join(keys)}")
        elif each.convincing:
            found.append(f"{each.citation.text} -")
    return found


CASES = {
    # words in lower case before a surname are part of it, whatever the language
    "particles": ("(von dem Busch 2001) (Busch 2001)", ["von dem Busch 2001 = busch", "Busch 2001 = busch"]),
    "particles after others": (
        "(Busch 2001) (von dem Busch 2001)",
        ["Busch 2001 = busch", "von dem Busch 2001 = busch"],
    ),
    "more particles": (
        "(degli Esposti 2002) (van het Hof 2003) (boven d'Eert 2004)",
        ["degli Esposti 2002 = esposti", "van het Hof 2003 = hof", "boven d'Eert 2004 = eert"],
    ),
    "particles in a sentence": ("By von dem Busch (2001).", ["von dem Busch (2001) = busch"]),
    "names in lower case": (
        "(boyd & Crawson 2012) boyd and Crawson (2012) (Elling & boyd 2013)",
        ["boyd & Crawson 2012 = boyd2012", "boyd and Crawson (2012) = boyd2012", "Elling & boyd 2013 = elling2013"],
    ),
    # family name first
    "inverted": ("(Smythe, Ann 2020) (Smythe, A., 2020)", ["Smythe, Ann 2020 = smythe", "Smythe, A., 2020 = smythe"]),
    "inverted in a sentence": ("Smythe, A. (2020) argues", ["Smythe, A. (2020) = smythe"]),
    "first inverted": ("(Brown, Bo, and Gil Green 2018)", ["Brown, Bo, and Gil Green 2018 = brown"]),
    # parts of surnames
    "parts": (
        "(García 1967) (Márquez 1967) (Davani et al. 2022)",
        ["García 1967 = marquez", "Márquez 1967 = marquez", "Davani et al. 2022 = davani"],
    ),
    "parts with particles": (
        "(de Sio & van den Hoven 2018)",
        ["de Sio & van den Hoven 2018 = sio"],
    ),
    # dashes join people
    "en dash": ("the Kahneman–Tversky (1979) model", ["Kahneman–Tversky (1979) = kahneman"]),
    "hyphens": ("cycles (Loomes-Starmer-Sugden 1991)", ["Loomes-Starmer-Sugden 1991 = loomes"]),
    # every printed author counts, also those before
    "one more before": ("by Diao, Haru & Jiang (2019)", ["Diao, Haru & Jiang (2019) -"]),
    "two more before": ("(Geanak, Pearce, Stacc 1989)", ["Geanak, Pearce, Stacc 1989 -"]),
    "three, serial comma": ("holds; Tarr, Haru, and Jiang (2019) say", ["Tarr, Haru, and Jiang (2019) -"]),
    "serial comma, though an entry has an author 'and'": (
        "(Roe, Smythe, and Lee 2018) (Loomes, Starmer, and Sugden 1991)",
        ["Roe, Smythe, and Lee 2018 -", "Loomes, Starmer, and Sugden 1991 = loomes"],
    ),
    # a particle with a capital is part of the name
    "capital, bracket": ("(De Moor & Fenn 2006)", ["De Moor & Fenn 2006 -"]),
    "capital, sentence": ("We follow Di Moor and Fenn (2006)", ["Di Moor and Fenn (2006) -"]),
    "capital, second author": ("(Haru & Del Jiang 2019)", ["Haru & Del Jiang 2019 -"]),
    "capital, sentence begins": ("It is so. Da Moor & Fenn (2006) say", ["Da Moor & Fenn (2006) ? moor"]),
    "no capital": ("(de Moor & Fenn 2006)", ["de Moor & Fenn 2006 = moor"]),
    "capital of its own": ("(Van Marsh 2013) (De Marsh 2013)", ["Van Marsh 2013 = marsh", "De Marsh 2013 -"]),
    "among the given names": (
        "Jan De Loch (2011) (De Loch 2011)",
        ["Jan De Loch (2011) = loch", "De Loch 2011 = loch"],
    ),
    "among the initials": ("(De Tarn 2011) (Von Tarn 2011)", ["De Tarn 2011 = tarn", "Von Tarn 2011 -"]),
    "of a second author": ("(fra Aasen & voor den Hock 2007)", ["fra Aasen & voor den Hock 2007 = fenn-moor"]),
    "unlisted, with a capital": ("(Boven d'Eert 2004)", ["Boven d'Eert 2004 = eert"]),
    # "et al."
    "his colleagues": (
        "Kitchell and his colleagues (2016), Kitchell & colleagues (2016)",
        ["Kitchell and his colleagues (2016) = kitchell", "Kitchell & colleagues (2016) = kitchell"],
    ),
    "of one author": ("(Smythe et al. 2020)", ["Smythe et al. 2020 -"]),
    "of one organisation": ("(Polar Union et al. 2016)", ["Polar Union et al. 2016 -"]),
    "of an open list": ("(Orr et al. 2020)", ["Orr et al. 2020 = orr"]),
    "open list, more names": (
        "(Orr & Pim 2020) (Orr, Pim & Quill 2020)",
        ["Orr & Pim 2020 = orr", "Orr, Pim & Quill 2020 = orr"],
    ),
    "open list beside another": ("(Dai et al. 2019)", ["Dai et al. 2019 ? dai-open dai-three"]),
    "open list, others contradict": (
        "(Dai, Liang, Qiu, and Huang 2019)",
        ["Dai, Liang, Qiu, and Huang 2019 = dai-open"],
    ),
    "open list, given name": ("(Dai, Ning, et al. 2019)", ["Dai, Ning, et al. 2019 = dai-open"]),
    # names that are words elsewhere
    "acronym": ("WHO (2021) says; WHO’s (2021) rule", ["WHO (2021) = who", "WHO’s (2021) = who"]),
    "words": ("Le (2012) shows it. Will (2015) doubts it.", ["Le (2012) = le", "Will (2015) = will"]),
    "months": ("March (1991) found", ["March (1991) = march"]),
    "months beside others": ("(March 1991; Simon 1957)", ["March 1991 = march", "Simon 1957 = simon"]),
    "months alone in brackets": ("(March 1991)", ["March 1991 ? march"]),
    "months in dates": ("in March 1991 (in March 1991) since March 1991", []),
    "acronym of two words": ("PU (2016) and (PU 2016)", ["PU (2016) = union", "PU 2016 = union"]),
    "acronym, joined word": ("OECD (2018)", ["OECD (2018) = oecd"]),
    # roles before a date
    "editors": (
        "(Gorm & Holt, eds. 1976) Gorm & Holt (eds., 1976) Gorm, K. V., & Holt, B. (Eds.). (1976).",
        [
            "Gorm & Holt, eds. 1976 = gorm",
            "Gorm & Holt (eds., 1976) = gorm",
            "Gorm, K. V., & Holt, B. (Eds.). (1976) = gorm",
        ],
    ),
    "editions": ("(9th ed. 1976) (rev. ed. 1976) (Hrsg. 1976)", []),
    # dates
    "in press, out since": ("Lee (in press)", ["Lee (in press) ? lee"]),
    "one source, two letters": ("(Two 2014a) and (Two 2014b)", ["Two 2014a -", "Two 2014b -"]),
    "one source, one letter": ("(Lone 2014a)", ["Lone 2014a ? lone"]),
}


@pytest.mark.parametrize("name", CASES)
def test_names_as_printed(name: str) -> None:
    text, wanted = CASES[name]
    assert answers(text) == wanted


def test_a_letter_that_no_source_has_is_the_reason() -> None:
    found = cited("(Two 2014a) and (Two 2014b)", library())
    for each in found:
        assert isinstance(each.resolution, Missing)
        assert each.resolution.why == "letter-unknown"
        assert each.losers == (("two-a", "nothing says that it has this letter"),)


WORDS = "moss kelp fern lichen alga rust sedge reed pond bog marsh dune reef tide silt loam peat clay sand".split()


def large_library(*more: str) -> Bibliography:
    """Return 1,200 works on plants and water, with a dozen by people called Li, and `more` BibTeX entries."""
    rows = []
    for number in range(1200):
        name = "Li" if number % 100 == 0 else f"Name{chr(97 + number % 26)}{chr(97 + number // 26 % 26)}"
        title = " ".join(WORDS[(number * step + step) % len(WORDS)] for step in (1, 3, 7, 9))
        year = 1900 + number % 90
        rows.append(f"@article{{k{number}, author={{{name}, A. and Orr, B.}}, title={{{title}}}, year={{{year}}}}}")
    return Bibliography(read_bibliography("refs.bib", "\n".join([*rows, *more]))[0])


def test_in_a_large_library_a_name_and_a_year_need_a_word_for_them() -> None:
    authors = "Li, Wei and Poe, Cy and Roe, D."
    bridge = f"@article{{bridge, author={{{authors}}}, title={{Corrosion of suspension bridges}}, year={{2013}}}}"
    library = large_library(bridge)
    page = "Moss grows in the bog, and kelp on the reef (Li et al. 2013). Silt and loam hold moss and fern.\n"
    (doubtful,) = cited(page, library)
    assert not isinstance(doubtful.resolution, Found)
    said = "Suspension bridges rust: corrosion weakens bridges (Li et al. 2013). Corrosion of bridges is slow.\n"
    (right,) = cited(said, library)
    assert isinstance(right.resolution, Found)
    (spelled,) = cited(page.replace("Li et al.", "Li, Poe & Roe"), library)
    assert isinstance(spelled.resolution, Found)
    (small,) = cited(page, Bibliography(read_bibliography("refs.bib", bridge)[0]))
    assert isinstance(small.resolution, Found)


BRIDGES = "Suspension bridges rust: corrosion weakens bridges ({}). Corrosion of bridges is slow.\n"


@pytest.mark.parametrize(
    ("printed", "authors"),
    [
        ("Li et al. 2013", "Li, Wei and Poe, Cy"),
        ("Li 2013", "Li, Wei and Poe, Cy and Roe, D."),
    ],
)
def test_in_a_large_library_authors_that_would_be_printed_otherwise_speak_against_a_work(
    printed: str, authors: str
) -> None:
    entry = f"@article{{bridge, author={{{authors}}}, title={{Suspension bridges}}, year={{2013}}}}"
    (found,) = cited(BRIDGES.format(printed), large_library(entry))
    assert not isinstance(found.resolution, Found)
    (small,) = cited(BRIDGES.format(printed), Bibliography(read_bibliography("refs.bib", entry)[0]))
    assert isinstance(small.resolution, Found)


def test_in_a_large_library_two_names_for_more_authors_need_a_word_for_them() -> None:
    authors = "Li, Wei and Poe, Cy and Roe, D."
    entry = f"@article{{tariffs, author={{{authors}}}, title={{Tariffs of railways}}, year={{2013}}}}"
    (two,) = cited(BRIDGES.format("Li & Poe 2013"), large_library(entry))
    assert not isinstance(two.resolution, Found)
    (all_of_them,) = cited(BRIDGES.format("Li, Poe & Roe 2013"), large_library(entry))
    assert isinstance(all_of_them.resolution, Found)


def test_in_a_large_library_the_end_of_a_longer_name_is_not_reported() -> None:
    entry = "@article{act, author={{Robotics}}, title={Sermons in Latin}, year={2013}}"
    page = "Moss grows in the bog (Science {}2013), and kelp on the reef. Silt and loam hold moss and fern.\n"
    (journal,) = cited(page.format("Robotics "), large_library(entry))
    assert not journal.convincing
    (alone,) = cited(page.replace("Science ", "").format("Robotics "), large_library(entry))
    assert alone.convincing


def test_in_a_large_library_an_initial_is_no_proof() -> None:
    authors = "Li, Wei and Poe, Cy and Roe, D."
    entry = f"@article{{tariffs, author={{{authors}}}, title={{Tariffs of railways}}, year={{2013}}}}"
    (initial,) = cited(BRIDGES.format("W. Li et al. 2013"), large_library(entry))
    assert not isinstance(initial.resolution, Found)
    (given,) = cited(BRIDGES.format("Wei Li et al. 2013"), large_library(entry))
    assert isinstance(given.resolution, Found)


def test_a_namesake_without_a_title_may_be_meant_whatever_the_topic_says() -> None:
    authors = "Li, Wei and Poe, Cy and Roe, D."
    bridge = f"@article{{bridge, author={{{authors}}}, title={{Corrosion of suspension bridges}}, year={{2013}}}}"
    bare = "@article{bare, author={Li, Na and Koh, Y. and Wik, E.}, year={2013}}"
    (found,) = cited(BRIDGES.format("Li et al. 2013"), large_library(bridge, bare))
    assert isinstance(found.resolution, Ambiguous)
    assert [source.key for source in found.resolution.candidates] == ["bridge"]


def test_in_a_large_library_none_of_several_that_nothing_speaks_for_is_meant() -> None:
    titles = ("Corrosion of suspension bridges", "Tariffs of railways", "Sermons in Latin")
    several = [
        f"@article{{li{number}, author={{Li, {given} and Poe, Cy and Roe, D.}}, title={{{title}}}, year={{2013}}}}"
        for number, (given, title) in enumerate(zip(("Wei", "Na", "Bo"), titles, strict=True))
    ]
    page = "Moss grows in the bog, and kelp on the reef (Li et al. 2013). Silt and loam hold moss and fern.\n"
    (found,) = cited(page, large_library(*several))
    assert isinstance(found.resolution, Missing)
    assert (found.resolution.why, found.resolution.near) == ("weak-evidence", ("Li et al. 2013",))
    assert [key for key, _why in found.losers] == ["li0", "li1", "li2"]
    (few,) = cited(page, Bibliography(read_bibliography("refs.bib", "\n".join(several))[0]))
    assert isinstance(few.resolution, Ambiguous)


def test_who_names_both_authors_does_not_write_et_al_for_them() -> None:
    (both, others) = cited(
        "(Poe & Quill 2003) and (Poe et al. 2003)", Bibliography([source("two", "Poe, A; Quill, B", "2003")])
    )
    assert isinstance(both.resolution, Found)
    assert isinstance(others.resolution, Missing)
    assert others.resolution.why == "coauthors-differ"
    assert others.losers == (("two", "this page names both of its authors"),)
    (alone,) = cited("(Poe et al. 2003)", Bibliography([source("two", "Poe, A; Quill, B", "2003")]))
    assert isinstance(alone.resolution, Found)


TITLED = source("kelp", "Poe, A; Quill, B", "2003", "Kelp Forests of the North")


@pytest.mark.parametrize(
    "text",
    [
        'The companion (Poe & Quill 2003, "Strategic Manipulation in Rival Agencies") says so.',
        "Poe & Quill (2003), *The Cybernetic Teammate*, say so.",
        "Poe & Quill (2003): “Strategic Manipulation in Rival Agencies”.",
    ],
)
def test_another_title_behind_a_citation_contradicts(text: str) -> None:
    (found,) = cited(text, Bibliography([TITLED]))
    assert isinstance(found.resolution, Missing)
    assert found.losers == (("kelp", "the title behind it is another"),)


@pytest.mark.parametrize(
    "text",
    [
        'The companion (Poe & Quill 2003, "Kelp Forests of the North") says so.',
        "Poe & Quill (2003), *Kelp Forests*, say so.",
        'Poe & Quill (2003), "the sea is full of them", say so.',
        "(Poe & Quill 2003, *Journal of Applied Botany*)",
        "Poe & Quill (2003) say. *The Cybernetic Teammate* says otherwise.",
    ],
)
def test_what_is_no_other_title_behind_a_citation_says_nothing(text: str) -> None:
    found = cited(text, Bibliography([TITLED]))
    assert [each.resolution for each in found if isinstance(each.resolution, Missing)] == []


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("**Style Transformer** (Dai et al. 2019) does it.", "style"),
        ("The Style Transformer of (Dai et al. 2019) does it.", "other style"),
        ("A style (Dai et al. 2019) it is.", "other style"),
    ],
)
def test_a_whole_title_of_two_words_right_before_a_citation_tells_it(text: str, key: str) -> None:
    style, other = (
        source("style", "Dai, N; Liu, X; Poe, A", "2019", "Style Transformer"),
        source("other", "Dai, Z; Roe, Y; Orr, B", "2019", "On Attention"),
    )
    assert [keys(found) for found in cited(text, Bibliography([style, other]))] == [key]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing can be forked here")
def test_particles_mean_the_same_however_pages_are_divided_among_processes(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However little there is to do: other processes do it, and each remembers only what its own pages asked.
    monkeypatch.setattr(workers, "_SURELY_MANY", -1)
    (tmp_path / "refs.bib").write_text(
        "@article{markups, author={De Loecker, Jan and Eeckhout, Jan and Unger, Bo}, title={Markups}, year={2020}}\n"
        "@article{jan, author={Jan De Loecker and Frederic Warzynski}, title={Firms}, year={2012}}\n"
        "@article{giorgi, author={Giorgi, Ann and Pell, Bo}, title={Moss}, year={2010}}\n"
    )
    forms = (
        "De Loecker, Eeckhout & Unger (2020)",
        "Jan De Loecker et al. (2020)",
        "(De Loecker & Warzynski 2012)",
        "Loecker and Warzynski (2012)",
        "De Giorgi & Pell (2010)",
        "Giorgi & Pell (2010)",
        "as de Giorgi and Pell (2010)",
    )
    for number in range(24):
        said = [forms[(number * step + step) % len(forms)] for step in (1, 2, 3)]
        (tmp_path / f"page{number:02}.md").write_text(". ".join(said) + " say so.\n")
    answers = [
        call("cite", str(tmp_path), "--no-cache", "--output-format", "json-lines", "--jobs", jobs)[1]
        for jobs in ("1", "2", "5")
    ]
    assert answers[0].count('"matched"') > 24
    assert answers[1] == answers[0]
    assert answers[2] == answers[0]
