"""Citations of works that no bibliography has: which are reported, under which names, and what is not a citation."""

from __future__ import annotations

import pytest
from small_library import cited, source

from wikitools.sources.source import Bibliography
from wikitools.wiki.resolution import Missing


def told(text: str) -> list[str]:
    """Return the citations in `text` that are reported if no work is known, with the names in each."""
    return [
        f"{each.citation.text}: {', '.join(each.citation.names)}"
        for each in cited(text, Bibliography())
        if each.convincing
    ]


TOLD = {
    # names that are words elsewhere
    "a pronoun that is a name": (
        "(He, Pell & Orr 2017), (An, Pell, Orr 2018); He, Pell & Orr (2019). However, Pell & Orr (2020)",
        [
            "He, Pell & Orr 2017: He, Pell, Orr",
            "An, Pell, Orr 2018: An, Pell, Orr",
            "He, Pell & Orr (2019): He, Pell, Orr",
            "Pell & Orr (2020): Pell, Orr",
        ],
    ),
    "students": ("Roe and her students (2020); Pim & his group 2021", ["Roe and her students (2020): Roe"]),
    "words, et al.": ("(He et al. 2024; So et al. 2019)", ["He et al. 2024: He", "So et al. 2019: So"]),
    "months": (
        "(May et al. 2021) by Novembre et al. (2008)",
        ["May et al. 2021: May", "Novembre et al. (2008): Novembre"],
    ),
    "a word beside a name": ("(Thus & Pell 2004)", ["Thus & Pell 2004: Thus, Pell"]),
    "a place in a work beside a name": ("(Cyert & March, 1963)", ["Cyert & March, 1963: Cyert, March"]),
    "acronym that is a word": ("(WHO, 2016)", ["WHO, 2016: WHO"]),
    # organisations and acronyms in brackets of their own
    "acronym": ("(METR, 2023)", ["METR, 2023: METR"]),
    "camel case": ("(OpenAI, 2024)", ["OpenAI, 2024: OpenAI"]),
    "organisation": ("(Future of Life Institute, 2023)", ["Future of Life Institute, 2023: Future of Life Institute"]),
    "organisation without comma": ("(JASP Team 2019)", ["JASP Team 2019: JASP Team"]),
    "long organisation": (
        "(Standards and Petitions Working Group, 2014)",
        ["Standards and Petitions Working Group, 2014: Standards, Petitions Working Group"],
    ),
    "after a quoted title": ("“Coordination Challenges in Conflict” (Torges, 2021)", ["Torges, 2021: Torges"]),
    "after a bold label": ("- **Open Agency Architecture:** (Dalrymple, 2022) builds", ["Dalrymple, 2022: Dalrymple"]),
    "in a group after a capital and a word like an epithet": (
        "the Laplace approximation (Rasmussen and Williams, 2006; Rue, 2009)",
        ["Rasmussen and Williams, 2006: Rasmussen, Williams", "Rue, 2009: Rue"],
    ),
    "after a word that has no genus elsewhere": (
        "Bayesian inference (Koh & Liang, 2020) is exact inference.",
        ["Koh & Liang, 2020: Koh, Liang"],
    ),
    "after a word in capitals and one like an epithet": ("the KELP pipeline (Orr, 2013)", ["Orr, 2013: Orr"]),
    "after a species, with a letter": ("in Puya longissima (Yen & Koh, 1990d)", ["Yen & Koh, 1990d: Yen, Koh"]),
    "after an acronym": ("aggregated volition (CAV) (Goertzel, 2010)", ["Goertzel, 2010: Goertzel"]),
    # family names first, as in lists of references, and editors
    "one author in a numbered list": ("14. Roe, Jane (2012). “On kelp.”", ["Roe, Jane (2012): Roe, Jane"]),
    "one author with initials": ("- Roe, J. (2012). On kelp.", ["Roe, J. (2012): Roe, J."]),
    "initials behind commas": (
        "- Roe, J. K., Pim, B., & Orr, A. (2011). On moss.",
        ["Roe, J. K., Pim, B., & Orr, A. (2011): Roe, J. K., Pim, B., Orr, A."],
    ),
    "initials without stops": ("- Roe JD, Pim A (2007). On kelp.", ["Roe JD, Pim A (2007): Roe JD, Pim A"]),
    "given name behind a comma": ("- Roe, Ann-Marie (2004). On kelp.", ["Roe, Ann-Marie (2004): Roe, Ann-Marie"]),
    "year behind a comma": (
        "* Ann Roe, Bo Pim and Cy Orr, 2020. On kelp.",
        ["Ann Roe, Bo Pim and Cy Orr, 2020: Ann Roe, Bo Pim, Cy Orr"],
    ),
    "initials first": (
        "1. A. Roe, B. Pim, C. Orr, 2016. On kelp.",
        ["A. Roe, B. Pim, C. Orr, 2016: A. Roe, B. Pim, C. Orr"],
    ),
    "initials and a joining word": (
        "Roe, J. and Pim, B. (2017a). On kelp.",
        ["Roe, J. and Pim, B. (2017a): Roe, J., Pim, B."],
    ),
    "initials in brackets": ("(Roe, J. & Pim, B., 2013)", ["Roe, J. & Pim, B., 2013: Roe, J., Pim, B."]),
    "editor": ("(Roe, ed. 1980; Roe & Pim, eds., 1981)", ["Roe, ed. 1980: Roe", "Roe & Pim, eds., 1981: Roe, Pim"]),
    "verbs before names": (
        "- Rebuts Roe et al. (2024).\n- [x] Refines Roe & Pim (2020).",
        ["Roe et al. (2024): Roe", "Roe & Pim (2020): Roe, Pim"],
    ),
    # one author in the sentence
    "verb of saying": ("Carlsmith (2023) argues", ["Carlsmith (2023): Carlsmith"]),
    "possessive": ("White’s (1983) theory", ["White’s (1983): White"]),
    "a clause about a person": ("Wald (1945), who made them known", ["Wald (1945): Wald"]),
    "the last of alternatives": (
        "see Hwang et al. (2014) or Kolmogorov (1933) (among others)",
        ["Hwang et al. (2014): Hwang", "Kolmogorov (1933): Kolmogorov"],
    ),
    "after a title, where brackets hold authors": (
        "(Orr & Pim, 2001; Roe, 2002; Dale & Lund, 2003; Wik, 2004) by ***Learned Moss Functions*** (Koh & Ly, 2020)",
        [
            "Orr & Pim, 2001: Orr, Pim",
            "Roe, 2002: Roe",
            "Dale & Lund, 2003: Dale, Lund",
            "Wik, 2004: Wik",
            "Koh & Ly, 2020: Koh, Ly",
        ],
    ),
    "after “by”": ("as shown by Wald (1945)", ["Wald (1945): Wald"]),
    "page": ("in Fan (1992: 33)", ["Fan (1992: Fan"]),
    "list": (
        "Following Arrow (1959), Davis (1991) and Hsiaw (2009)",
        ["Arrow (1959): Arrow", "Davis (1991): Davis", "Hsiaw (2009): Hsiaw"],
    ),
    "list without brackets": (
        "Per Orr 2001, Pim 2003 and Quill 2004 they grow.",
        ["Orr 2001: Orr", "Pim 2003: Pim", "Quill 2004: Quill"],
    ),
    "cited beyond doubt elsewhere": (
        "(Lynch, 2007) and Lynch (2007) too",
        ["Lynch, 2007: Lynch", "Lynch (2007): Lynch"],
    ),
    # where names begin and end
    "particle with a capital": ("(Van Rossum and Drake, 2009)", ["Van Rossum and Drake, 2009: Van Rossum, Drake"]),
    "apostrophe within": (
        "(Sanders and Huis in 't Veld, 1999; Orr and Huis in't Veld, 1999)",
        ["Orr and Huis in't Veld, 1999: Orr, Huis in't Veld"],
    ),
    "inner capitals": ("(DerSimonian and Laird 1986)", ["DerSimonian and Laird 1986: DerSimonian, Laird"]),
    "compound surnames": (
        "(Singh Gahoonia and Nielsen 2004)",
        ["Singh Gahoonia and Nielsen 2004: Singh Gahoonia, Nielsen"],
    ),
    "commas alone": ("(Peng, Kana, Malik, Levine 2018)", ["Peng, Kana, Malik, Levine 2018: Peng, Kana, Malik, Levine"]),
    "semicolons alone": ("(Lin; Hilton; Evans, 2022)", ["Lin; Hilton; Evans, 2022: Lin, Hilton, Evans"]),
    "glued dash": ("no decline—Smith et al. 2007 disagree", ["Smith et al. 2007: Smith"]),
    "bold label before": (
        "- **Extends** Chen, Gers & Petersen (2024)",
        ["Chen, Gers & Petersen (2024): Chen, Gers, Petersen"],
    ),
    "verb before": ("- Extends Bender & Koller (2020) too.", ["Bender & Koller (2020): Bender, Koller"]),
    "given name before": ("- James Mirrlees et al. (2011)", ["James Mirrlees et al. (2011): James Mirrlees"]),
    "title of a callout before": (
        "> [!warning] Classification Reframing\n> Shi et al. (2025) argue",
        ["Shi et al. (2025): Shi"],
    ),
    "table cell": (
        "| A | B |\n|---|---|\n| Orseau & Armstrong 2016 | x |\n",
        ["Orseau & Armstrong 2016: Orseau, Armstrong"],
    ),
    "colleagues": ("(Kitchell and her co-workers, 2016)", ["Kitchell and her co-workers, 2016: Kitchell"]),
    "initials behind a comma": ("(Karukes, E. V. et al., 2015)", ["Karukes, E. V. et al., 2015: Karukes"]),
}


@pytest.mark.parametrize("name", TOLD)
def test_told(name: str) -> None:
    text, wanted = TOLD[name]
    assert told(text) == wanted


NOT_TOLD = {
    "months": "(March 2019), in May and June (2019), (April & May 2019)",
    "decades": "the Florida Land Boom (1920s)",
    "lives": "Fred Harrison (1944–) is an author; Peter Barnes (1942-)",
    "places": "(London 1666, Lisbon 1755, Chicago 1871)",
    "films": "Inception (2010) earned more than Titanic (1997)",
    "conferences": "(ICRA 2024), (CoRL 2022)",
    "publishers": "*Who Owns the Future?* (Simon & Schuster, 2013)",
    "publisher after its town": "(New York: Harper & Row, 1973)",
    "university press": "*Homevoter Hypothesis* (Harvard University Press, 2001)",
    "words joined": "progress and poverty: Progress and Poverty (1879)",
    "gloss in Chinese": "安全控制（CLF，1983）",
    "emphasised titles": "*Her* (2013) by *Spike Jonze* (2013)",
    "figures": "(Figure 2010) and (Tables and Figures 2010)",
}


@pytest.mark.parametrize("name", NOT_TOLD)
def test_not_told(name: str) -> None:
    assert told(NOT_TOLD[name]) == []


LOOK_ALIKES = {
    "index number": "Prices (Relative Numbers, 1918=100) and (2005=100) rose.",
    "code": "The paper (WP096, 2005) and a patent (US12168300B2, 2024).",
    "degree": "He took his M.A. 1971, M.Phil. 1972 and Ph.D. 1975.",
    "court": "A case (D. Md. 2022) went on.",
    "volume": "See *EcHR* 2nd ser. XXVII (1974).",
    "publisher with “& Co.”": "Old and New (Chicago: Keller & Co., 1923).",
    "publisher behind a title": "*Kelp and Moss* (Alder Books, 2012); *The Moss Crash*, Harper & Row, 1973.",
    "place and newspaper": "In Niger, *The Moss Times* (1990); in New Orleans, *The Kelp Mirror* (2005).",
    "quantities": "- Rictor MW: “~190 kDa” → “192 kDa” in May 2004",
    "titles in a row": "*Kelp*, *Moss and Fen*, *The Tide* (1990)",
    "label before a title": "**Kelp of the north** *Moss and Fen* (1990)",
    "journal behind authors": "Growth (Orr et al., Cell Metab 2013; Pim, Moss Biol Lett 2011).",
    "journal that the page emphasises": "In *Moss Studies* it stands (Moss Studies 1975).",
    "acronym that explains": "The Speculation and Vacancy Tax (SVT, 2018) came.",
    "possessive of a deed": "Bad years (Idi Amin's 1971 expropriations) followed.",
    "places with years": "Booms (Chicago 1835, Canary Wharf 1993) and shares of 21% (Denmark, 2001).",
    "laws with years": "After them (Tillman Act 1907, Glass-Steagall 1933).",
    "place behind a place": "He drowned near Bexhill, England (1882).",
    "languages of editions": "A book (Spanish 1971; English 1973).",
    "verb that is a word for a date": "This is what Orr accepted.",
    "hyphenated term": "We learn (Q-learning 1989).",
    "states of a work": "The (Beta, 2024), (Preview 2023) and (Draft, 2022), (Translation, 2012).",
    "number of a product": "It ran on Windows 2000 (Windows 2000), and in Excel 97 (Excel 2016).",
    "plural of a word": "Of humanoid robots (Humanoids 2025).",
    "item before a date": "By robots, Moss et al.; 2019 it was moved.",
    "title of a section": "Split-Rate Moss and Kelp (2000)\n\nOf split-rate moss and kelp.",
}


PAGE = """Kelp is old.

See *On
Kelp* (1984) and "Sand
in Rivers" (Roe, 1999).[^a] It
was Orr (2004)
who said so.

- Orr, Ann (2004).
  On kelp.
- Roe JD, Pim A (2007)
  "On moss."

[^a]: Dow, B.
  (1977). On sand.
"""


def test_how_lines_end_does_not_matter() -> None:
    assert told(PAGE.replace("\n", "\r\n")) == told(PAGE)
    assert len(told(PAGE)) > 3


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_what_only_looks_like_a_citation_is_not_told(name: str) -> None:
    assert [each for each in told(LOOK_ALIKES[name]) if not each.startswith(("Orr et al.", "Pim"))] == []


def test_a_journal_of_the_bibliography_is_no_author() -> None:
    library = Bibliography(
        [source("known", "Known, A.", "2001", fields={"journal": "Nature Communications", "publisher": "Alder Hall"})]
    )
    text = "It was shown (Nat Commun 2026), again in Nature Communications (2025) and (Alder Hall 1990)."
    assert not [each for each in cited(text, library) if each.convincing]


INSIDE = {
    "after e.g. in a bracket": ("It sells higher (e.g., Stoll (1978)).", ["Stoll (1978)"]),
    "inside of a remark": (
        "Iron rises (Feng et al. 2024). It lasts (in line with the Feng 2024 result).",
        ["Feng et al. 2024", "Feng 2024"],
    ),
    "inside of a remark, nowhere else": ("It lasts (as in the Boston 2024 race).", []),
}


@pytest.mark.parametrize("name", INSIDE)
def test_names_inside_of_a_bracket_with_other_words(name: str) -> None:
    text, citations = INSIDE[name]
    assert [each.partition(": ")[0] for each in told(text)] == citations


WITH_TITLES = {
    "book": ("Ann Orr, *Kelp and Moss* (1984) says", ["Ann Orr, *Kelp and Moss* (1984): Ann Orr"]),
    "publisher": (
        "Ann Orr, *Kelp and Moss* (Leeds: Alder Books, 1984), 23.",
        ["Ann Orr, *Kelp and Moss* (Leeds: Alder Books, 1984): Ann Orr"],
    ),
    "publisher without brackets": (
        "- Ann Orr, *Kelp and Moss*, Alder, 1984.",
        ["Ann Orr, *Kelp and Moss*, Alder, 1984: Ann Orr"],
    ),
    "family name that opens the sentence": ("Orr, _Kelp and Moss_ (1984)", ["Orr, _Kelp and Moss_ (1984): Orr"]),
    "possessive": ("We read Ann Orr’s *Kelp and Moss* (1984).", ["Ann Orr’s *Kelp and Moss* (1984): Ann Orr"]),
    "article": (
        "Jane Roe and Tom Pim, “Sand and Silt,” *Journal of Silt* 12, no. 3 (2004): 45.",
        ["Jane Roe and Tom Pim, “Sand and Silt,” *Journal of Silt* 12, no. 3 (2004): Jane Roe, Tom Pim"],
    ),
    "article without brackets": (
        'Roe et al., "Sand and Silt," *Journal of Silt*, 2004',
        ['Roe et al., "Sand and Silt," *Journal of Silt*, 2004: Roe'],
    ),
    "journal alone": ("Roe J et al., *Nature* 2013", ["Roe J et al., *Nature* 2013: Roe J"]),
    "journal behind a quoted title": (
        "Orr, “A Modern Treatment of Kelp” (QJE, 1959).",
        ["Orr, “A Modern Treatment of Kelp” (QJE, 1959): Orr"],
    ),
    "item, anywhere in it": (
        "- Ann Orr, “Sand and Silt,” Moss Society, 13 May 2004.\n- Bo Pim. *Kelp and Fen*. Leeds: Alder & Sons, 1984.",
        [
            "Ann Orr, “Sand and Silt,” Moss Society, 13 May 2004: Ann Orr",
            "Bo Pim. *Kelp and Fen*. Leeds: Alder & Sons, 1984: Bo Pim",
        ],
    ),
    "item with a meeting": (
        "1. Orr et al., *Kelp and Moss* (RSS 2021) — a note",
        ["Orr et al., *Kelp and Moss* (RSS 2021): Orr"],
    ),
    "item as in medicine": (
        "[^a]: Roe JN, Pim B, et al. Kelp and the moss of fens. Silt. 2011;4:1-9.",
        ["Roe JN, Pim B, et al. Kelp and the moss of fens. Silt. 2011: Roe JN, Pim B"],
    ),
    "item as in Nature": (
        "- Orr, A., Pim, B. & Koh, C. Kelp and the moss. *Silt* **4**, 1–9 (2011).",
        ["Orr, A., Pim, B. & Koh, C. Kelp and the moss. *Silt* **4**, 1–9 (2011): Orr, A., Pim, B., Koh, C."],
    ),
    "paragraphs": (
        "Orr, Ann. *Kelp and Moss*. Leeds: Alder & Co, 1984.\n\nRoe JN, Pim B. Kelp and the moss of fens. Silt. 2011;4",
        [
            "Orr, Ann. *Kelp and Moss*. Leeds: Alder & Co, 1984: Orr, Ann",
            "Roe JN, Pim B. Kelp and the moss of fens. Silt. 2011: Roe JN, Pim B",
        ],
    ),
    "paragraphs that are prose": (
        "Ann Orr. *Kelp* grew. In May 1984.\n\nIn Leeds A. The moss of the fens grew. It was 2011.",
        [],
    ),
    "item that leads to another work": (
        "- Ann Orr, *Kelp and Moss*: see Pim (2001).\n- Ann Orr, *Fen*, published in 1999.",
        ["Pim (2001): Pim"],
    ),
    "old": ("Ann Orr, *Kelp and Moss* (1776)", ["Ann Orr, *Kelp and Moss* (1776): Ann Orr"]),
    "in a footnote": (
        "Kelp.[^1]\n\n[^1]: Ann Orr, *Kelp and Moss* (Leeds: Alder, 1984), 23.",
        ["Ann Orr, *Kelp and Moss* (Leeds: Alder, 1984): Ann Orr"],
    ),
}


@pytest.mark.parametrize("name", WITH_TITLES)
def test_authors_before_a_title_and_a_year(name: str) -> None:
    text, expected = WITH_TITLES[name]
    assert told(text) == expected


IN_LISTS = {
    "two full names and a title": ("2. Ann Orr & Bo C. Pim (1984), “On kelp”, Moss 3.", ["Ann Orr & Bo C. Pim (1984)"]),
    "one full name and a title": ("5. Savina Pim (2012), *On Moss and Kelp*, Rome.", ["Savina Pim (2012)"]),
    "acronym and a title": ("4. IMF (2016), “Tax Policy”, a paper.", ["IMF (2016)"]),
    "an address": ("- Fletcher (1970): <https://example.org/f>", ["Fletcher (1970)"]),
    "no title": ("Ann Orr (1984) was a film about Bo Pim (1985).", []),
    "a law and its title": ("The EU AI Act (2024), “On machines”, came.", []),
}


@pytest.mark.parametrize("name", IN_LISTS)
def test_names_before_a_title_or_address(name: str) -> None:
    text, citations = IN_LISTS[name]
    assert [each.partition(": ")[0] for each in told(text)] == citations


def test_names_and_years_without_brackets_where_a_page_is_full_of_them() -> None:
    sure = "Orr et al. 2001 and Pim & Quill 2002; Vane et al. 2003. Wik et al. 2004 too."
    cells = "| strong | Rodier 2009 (DDR) |\n| weak | Jaiswal 2014 n=12 |\n"
    assert [each for each in told(f"{sure}\n\n{cells}") if each.startswith(("Rodier", "Jaiswal"))]
    assert not told(cells)


BRACKETS = "(Orr et al. 2001; Pim & Quill 2002), (Vane et al. 2003), (Wik & Koh 2004), "
WITH_COMMA = "(Orr et al., 2001; Pim & Quill, 2002), (Vane et al., 2003), (Wik & Koh, 2004), "
SENTENCES = "Orr et al. (2001), Pim & Quill (2002), Vane et al. (2003) and Wik & Koh (2004) agree. "

HABITS = {
    "a name in lower case, of the web": (WITH_COMMA, "(mossgarden, 2020)", "mossgarden, 2020"),
    "one name in the sentence": (SENTENCES, "The method of Shimizu (1992) is used.", "Shimizu (1992)"),
    "one name, an early year": (SENTENCES, "Sendtner (1846) lists it.", "Sendtner (1846)"),
    "two names, an early year": (SENTENCES, "The genus of Ruiz and Pavón (1794) is old.", "Ruiz and Pavón (1794)"),
    "an early year in a bracket": (BRACKETS, "It was named later (Voigt 1845).", "Voigt 1845"),
    "an acronym that the page talks of": (BRACKETS, "The GBIF records are few (GBIF 2013).", "GBIF 2013"),
    "inner capitals": (BRACKETS, "OpenAI’s model is larger (OpenAI 2021).", "OpenAI 2021"),
    "behind a species": (
        WITH_COMMA,
        "It lives on Pinus banksiana (Colgan & Erbilgin, 2010).",
        "Colgan & Erbilgin, 2010",
    ),
    "behind “in” inside a bracket": (WITH_COMMA, "These are pores (reviewed in Brogden, 2005).", "Brogden, 2005"),
    "joined by “and” without brackets": (
        "Orr et al. 2001, Pim et al. 2002; Vane et al. 2003; Wik et al. 2004. ",
        "See Cope and Gray 2009:543.",
        "Cope and Gray 2009",
    ),
}


@pytest.mark.parametrize("name", HABITS)
def test_what_a_page_tells_in_a_form_in_which_it_usually_cites(name: str) -> None:
    others, text, citation = HABITS[name]
    assert citation in [each.partition(": ")[0] for each in told(others + text)]
    assert citation not in [each.partition(": ")[0] for each in told(text)]


NO_HABIT = {
    "kinds of works in lower case": (WITH_COMMA, "(film, 1999), (revised, 2003), (moss, 1950)"),
    "a place": (SENTENCES, "They live in Niger: low in Niamey, Niger (2007), and later Niger (2009)."),
    "a case in court": (SENTENCES, "As in Grimshaw v. Ford (1981)."),
    "the end of a page's title": (SENTENCES, "See the [Open Letter to Gorbachev (1990)](letter.md)."),
    "a page's title and its year": (SENTENCES, "See [Moses](moses.md) (1878)."),
    "an early law": (SENTENCES, "After the Homestead Act (1862) and the Land Tenure Association (1871)."),
    "a genus and who described it": (SENTENCES, "The name Leandra Cogn. (1886) is older."),
    "a meeting": (BRACKETS, "It won at **Moss** (CoRL 2024) and (RSS 2025)."),
    "a product": (BRACKETS, "NanoDrop spectra were taken (NanoDrop 2000)."),
    "a place and a year": (BRACKETS, "They met, in Utrecht first (in Utrecht 1713)."),
    "an authority": (WITH_COMMA, "It is Porcellio laevis (Latreille, 1804)."),
    "an authority on a page about taxonomy": (
        WITH_COMMA,
        "Moss mites are Oribatula tibialis Nicolet, 1855 and Scheloribates laevigatus (Pell, 1951).",
    ),
    "a collector's number": (BRACKETS, "(Punilla, 16 Feb 1897, Stuckert 1720)"),
}


@pytest.mark.parametrize("name", NO_HABIT)
def test_what_is_no_citation_where_a_page_usually_cites_in_that_form(name: str) -> None:
    others, text = NO_HABIT[name]
    assert told(others + text) == told(others)


ORGANISATIONS = {
    "small words inside": "International Organization for Standardization, 2007",
    "begins with its kind": "Task Group of the Moss Federation, 2013",
    "small words at its end": "HPC Carpentry development team, 2021",
    "two in one": "FAO/WHO, 2001",
}


@pytest.mark.parametrize("name", ORGANISATIONS)
def test_an_organisation_that_fills_its_bracket(name: str) -> None:
    text = ORGANISATIONS[name]
    assert [each.partition(": ")[0] for each in told(f"It is so ({text}).")] == [text]


NO_ORGANISATION = {
    "a battle": "It fell (Battle of the Moss, 1916).",
    "a body and its authors": "It is so (Moss Institute, Lemieux 2020).",
    "affiliations": "They met (TUM / NYU / CMU, 2026).",
    "a month": "It was read (Institute for Moss Analyses, October 1968).",
}


@pytest.mark.parametrize("name", NO_ORGANISATION)
def test_what_is_no_organisation_that_fills_its_bracket(name: str) -> None:
    assert [each for each in told(NO_ORGANISATION[name]) if not each.startswith("Lemieux")] == []


NAMES = {
    "glued particles": (
        "(Earl and vonHoldt, 2012; deWaard et al. 2008)",
        ["Earl and vonHoldt, 2012", "deWaard et al. 2008"],
    ),
    "an article with a hyphen": ("(al-Ghazali and al-Azawi, 1990)", ["al-Ghazali and al-Azawi, 1990"]),
    "two particles": ("(Pérez and de los Campos, 2014)", ["Pérez and de los Campos, 2014"]),
    "a particle that begins sentences": ("(Wheeler and Von Braun, 2013)", ["Wheeler and Von Braun, 2013"]),
    "initials behind that are words": ("(Hua S. S. et al., 2014)", ["Hua S. S. et al., 2014"]),
    "initials inside that are words": (
        "2. Eric A. Posner & E. Glen Weyl (2018), *Moss*.",
        ["Eric A. Posner & E. Glen Weyl (2018)"],
    ),
    "initials first that are words": ("2. A. D. Ratzka (1981), “Land”", ["A. D. Ratzka (1981)"]),
    "an item before": ("(sub Mollugo; Sukhorukov and Kushunina 2012)", ["Sukhorukov and Kushunina 2012"]),
    "letters in any order": ("(Xu et al., 2015b,a)", ["Xu et al., 2015b", "a"]),
    "several volumes": ("(Castroviejo et al. 1986-2005)", ["Castroviejo et al. 1986-2005"]),
}


@pytest.mark.parametrize("name", NAMES)
def test_where_names_and_years_begin_and_end(name: str) -> None:
    text, citations = NAMES[name]
    assert [each.partition(": ")[0] for each in told(text)] == citations


def test_a_full_name_misses_the_works_of_its_family_name() -> None:
    library = Bibliography([source("posner", "Posner, Eric A.; Weyl, E. Glen", "2015")])
    (found,) = cited("- Eric A. Posner & E. Glen Weyl (2018), *Radical Moss*.", library)
    assert isinstance(found.resolution, Missing)
    assert (found.resolution.why, found.resolution.near) == ("year-differs", ("Posner & Weyl 2015",))
