"""Every form of citation, and everything that looks like one and is not, as named rows."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_library import LIBRARY, cited, keys

from wikitools.cite.match import cite_page
from wikitools.markdown.parse import parse
from wikitools.text import Span


@dataclass(frozen=True)
class Want:
    """What one citation must be; `key` is the source found, several with blanks where ambiguous, "" where none."""

    text: str
    key: str
    names: str | None = None
    year: str | None = None
    suffix: str = ""
    locator: str = ""
    narrative: bool = False
    et_al: bool = False
    kind: str = "author-year"
    title: str = ""


HUBINGER = {"names": "Hubinger", "year": "2019", "et_al": True}

FORMS = {
    # parenthetical
    "one bracket": ("x (Hubinger et al. 2019) y", [Want("Hubinger et al. 2019", "hubinger2019", **HUBINGER)]),
    "comma": ("(Hubinger et al., 2019)", [Want("Hubinger et al., 2019", "hubinger2019", **HUBINGER)]),
    "square bracket": ("as [Hubinger et al. 2019] say", [Want("Hubinger et al. 2019", "hubinger2019", **HUBINGER)]),
    "two authors": ("(Shah & Jones 2023)", [Want("Shah & Jones 2023", "shah-jones", "Shah|Jones", "2023")]),
    "three authors": (
        "(Shah, Jones, and Li 2023)",
        [Want("Shah, Jones, and Li 2023", "shah-jones-li", "Shah|Jones|Li")],
    ),
    "three authors, commas": (
        "(Shah, Jones, Li 2023)",
        [Want("Shah, Jones, Li 2023", "shah-jones-li", "Shah|Jones|Li")],
    ),
    "three authors, semicolons": ("(Shah; Jones; Li, 2023)", [Want("Shah; Jones; Li, 2023", "shah-jones-li")]),
    "semicolon between authors": ("(Kass; Raftery, 1995)", [Want("Kass; Raftery, 1995", "kass1995", "Kass|Raftery")]),
    "comma between authors": ("(Kass, Raftery 1995)", [Want("Kass, Raftery 1995", "kass1995", "Kass|Raftery")]),
    "dash between authors": ("(Kass–Raftery 1995)", [Want("Kass–Raftery 1995", "kass1995", "Kass|Raftery")]),
    "two names and et al.": (
        "(Axer, Amunts, et al. 2011)",
        [Want("Axer, Amunts, et al. 2011", "axer2011", "Axer|Amunts", et_al=True)],
    ),
    # groups, prefixes, suffixes
    "prefix in words": (
        "(Hubinger et al. 2019, §4; empirically demonstrated in modern LLMs by Greenblatt et al. 2024)",
        [
            Want("Hubinger et al. 2019", "hubinger2019", **HUBINGER, locator="§4"),
            Want("Greenblatt et al. 2024", "greenblatt2024", "Greenblatt", et_al=True),
        ],
    ),
    "see also, cf., for a review": (
        "(see also Bostrom 2014; cf. Shah 2020, for a review)",
        [Want("Bostrom 2014", "bostrom2014", "Bostrom"), Want("Shah 2020", "shah2020", "Shah")],
    ),
    "e.g. and a comma group": (
        "(e.g., Bostrom 2014, Shah 2020)",
        [Want("Bostrom 2014", "bostrom2014"), Want("Shah 2020", "shah2020")],
    ),
    "bracket in a bracket": (
        "(inner alignment [Hubinger et al. 2019] is hard)",
        [Want("Hubinger et al. 2019", "hubinger2019", **HUBINGER)],
    ),
    "narrative in a bracket": (
        "(as Shah et al. (2022) argue)",
        [Want("Shah et al. (2022)", "shah2023", "Shah", "2022", narrative=True, et_al=True)],
    ),
    # several years
    "letters in a row": (
        "(Christiano 2019a,b; Shah 2020)",
        [
            Want("Christiano 2019a", "christiano-a", "Christiano", "2019", "a"),
            Want("b", "christiano-b", "Christiano", "2019", "b"),
            Want("Shah 2020", "shah2020"),
        ],
    ),
    "letters with blanks": (
        "(Christiano 2019a, b)",
        [Want("Christiano 2019a", "christiano-a", suffix="a"), Want("b", "christiano-b", suffix="b")],
    ),
    "letters with a dash": (
        "(Christiano 2019a–b)",
        [Want("Christiano 2019a", "christiano-a", suffix="a"), Want("b", "christiano-b", suffix="b")],
    ),
    "two years": (
        "(Meehl, 1978, 1990a)",
        [Want("Meehl, 1978", "meehl1978", "Meehl"), Want("1990a", "meehl1990", "Meehl", "1990", "a")],
    ),
    "two years, narrative": (
        "Meehl (1978, 1990a) warned",
        [
            Want("Meehl (1978", "meehl1978", "Meehl", narrative=True),
            Want("1990a", "meehl1990", "Meehl", "1990", "a", narrative=True),
        ],
    ),
    # locators
    "section without comma": (
        "(Greenblatt et al. 2024 §5)",
        [Want("Greenblatt et al. 2024", "greenblatt2024", locator="§5", et_al=True)],
    ),
    "page": ("(Bostrom 2014, p. 3)", [Want("Bostrom 2014", "bostrom2014", locator="p. 3")]),
    "pages": ("(Bostrom 2014, pp. 3–5)", [Want("Bostrom 2014", "bostrom2014", locator="pp. 3–5")]),
    "chapter": ("(Bostrom 2014, ch. 7)", [Want("Bostrom 2014", "bostrom2014", locator="ch. 7")]),
    "figure": ("(Bostrom 2014, Fig. 2)", [Want("Bostrom 2014", "bostrom2014", locator="Fig. 2")]),
    "colon": ("(Bostrom 2014:116)", [Want("Bostrom 2014", "bostrom2014", locator="116")]),
    "locator in a narrative bracket": (
        "Bostrom (2014, ch. 7) says",
        [Want("Bostrom (2014", "bostrom2014", locator="ch. 7", narrative=True)],
    ),
    # narrative
    "narrative": (
        "Shah et al. (2022) show",
        [Want("Shah et al. (2022)", "shah2023", "Shah", narrative=True, et_al=True)],
    ),
    "possessive": ("Bostrom’s (2014) book", [Want("Bostrom’s (2014)", "bostrom2014", "Bostrom", narrative=True)]),
    "possessive after et al.": (
        "Hubinger et al.'s (2019) paper",
        [Want("Hubinger et al.'s (2019)", "hubinger2019", **HUBINGER, narrative=True)],
    ),
    "colleagues": (
        "Shah and colleagues (2022)",
        [Want("Shah and colleagues (2022)", "shah2023", "Shah", narrative=True, et_al=True)],
    ),
    "no bracket": (
        "so Krakovna et al. 2020 found",
        [Want("Krakovna et al. 2020", "krakovna2020", "Krakovna", et_al=True)],
    ),
    "square narrative": (
        "Kass and Raftery [1995] say",
        [Want("Kass and Raftery [1995]", "kass1995", "Kass|Raftery", narrative=True)],
    ),
    # with the title
    "title in the bracket": (
        "by Hubinger et al. (Risks from Learned Optimization in Advanced Machine Learning Systems, 2019) and",
        [
            Want(
                "Hubinger et al. (Risks from Learned Optimization in Advanced Machine Learning Systems, 2019)",
                "hubinger2019",
                **HUBINGER,
                narrative=True,
                title="Risks from Learned Optimization in Advanced Machine Learning Systems",
            )
        ],
    ),
    "title instead of authors": (
        "(“Grimshaw v. Ford Motor Co.” 1981)",
        [Want("Grimshaw v. Ford Motor Co.” 1981", "grimshaw")],
    ),
    # linked
    "linked": (
        "[Hubinger et al., 2019](https://arxiv.org/abs/1906.01820)",
        [Want("[Hubinger et al., 2019](https://arxiv.org/abs/1906.01820)", "hubinger2019", **HUBINGER, kind="url")],
    ),
    "linked year": (
        "Hubinger et al. ([2019](https://arxiv.org/abs/1906.01820)) show",
        [
            Want(
                "Hubinger et al. ([2019](https://arxiv.org/abs/1906.01820))",
                "hubinger2019",
                **HUBINGER,
                narrative=True,
                kind="url",
            )
        ],
    ),
    "the URL wins over the name": (
        "[Bostrom, 2014](https://arxiv.org/abs/1906.01820v3)",
        [Want("[Bostrom, 2014](https://arxiv.org/abs/1906.01820v3)", "hubinger2019", "Bostrom", "2014", kind="url")],
    ),
    "URL beside": (
        "Bostrom 2014; Hubinger et al. 2019 ([pdf](https://arxiv.org/pdf/1906.01820)).",
        [Want("Bostrom 2014", "bostrom2014"), Want("Hubinger et al. 2019", "hubinger2019", **HUBINGER, kind="url")],
    ),
    "link that leads elsewhere": (
        "[Bostrom, 2014](https://example.org/b)",
        [Want("Bostrom, 2014", "bostrom2014", "Bostrom", "2014")],
    ),
    # wikilinks
    "note": (
        "see [[alignment-faking]]",
        [Want("[[alignment-faking]]", "greenblatt2024", kind="note")],
    ),
    "note with a label": (
        "see [[alignment-faking|Greenblatt et al. 2024]]",
        [
            Want(
                "[[alignment-faking|Greenblatt et al. 2024]]",
                "greenblatt2024",
                "Greenblatt",
                "2024",
                et_al=True,
                kind="note",
            )
        ],
    ),
    "key link": ("([[@bostrom2014]], 6)", [Want("[[@bostrom2014]]", "bostrom2014", kind="key")]),
    # keys
    "key group": (
        "[@bostrom2014, p. 3; see @shah2020]",
        [Want("@bostrom2014", "bostrom2014", kind="key", locator="p. 3"), Want("@shah2020", "shah2020", kind="key")],
    ),
    "key in the text": (
        "@bostrom2014 [p. 3] says",
        [Want("@bostrom2014", "bostrom2014", kind="key", locator="p. 3", narrative=True)],
    ),
    "key without author": ("Bostrom [-@bostrom2014]", [Want("-@bostrom2014", "bostrom2014", kind="key")]),
    "unknown key": ("[@nobody2020]", [Want("@nobody2020", "", kind="key")]),
    "key before a full stop": (
        "as in @bostrom2014.",
        [Want("@bostrom2014", "bostrom2014", kind="key", narrative=True)],
    ),
    "MyST role": (
        "as {cite:p}`bostrom2014,shah2020` say",
        [Want("bostrom2014", "bostrom2014", kind="key"), Want("shah2020", "shah2020", kind="key")],
    ),
    # identifiers
    "bare DOI": ("see doi:10.1000/XYZ.123.", [Want("10.1000/XYZ.123", "doi2001", kind="url")]),
    "bare arXiv id": ("see arXiv:1906.01820v2", [Want("arXiv:1906.01820v2", "hubinger2019", kind="url")]),
    "bare URL": (
        "see https://doi.org/10.1000/xyz.123",
        [Want("https://doi.org/10.1000/xyz.123", "doi2001", kind="url")],
    ),
    # dates of another kind
    "in press": (
        "(Uslaner et al., in press)",
        [Want("Uslaner et al., in press", "", "Uslaner", "in press", et_al=True)],
    ),
    "n.d.": ("(Chen n.d.)", [Want("Chen n.d.", "chen-nd", "Chen", "n.d.")]),
    "no date": ("(Chen, no date)", [Want("Chen, no date", "chen-nd", "Chen", "n.d.")]),
    "original year": ("(Kant 1781/1998)", [Want("Kant 1781/1998", "kant1781", "Kant", "1998")]),
    "original year, letter": ("(Kant 1781/1998b)", [Want("Kant 1781/1998b", "kant1781", "Kant", "1998", "b")]),
    # names
    "particles": (
        "(van der Maaten & Hinton 2008)",
        [Want("van der Maaten & Hinton 2008", "vandermaaten2008", "van der Maaten|Hinton")],
    ),
    "particles dropped": (
        "(Maaten and Hinton 2008)",
        [Want("Maaten and Hinton 2008", "vandermaaten2008", "Maaten|Hinton")],
    ),
    "particle in the sentence": (
        "Von Neumann (1945)",
        [Want("Von Neumann (1945)", "neumann1945", "Von Neumann", narrative=True)],
    ),
    "initials before": (
        "(A. Zuur and E. Ieno 2009)",
        [Want("A. Zuur and E. Ieno 2009", "zuur2009", "A. Zuur|E. Ieno")],
    ),
    "initials after": ("(Zuur A. et al., 2009)", [Want("Zuur A. et al., 2009", "zuur2009", "Zuur A.", et_al=True)]),
    "suffix": (
        "[Goodwin Jr. et al. 1996]",
        [Want("Goodwin Jr. et al. 1996", "goodwin1996", "Goodwin Jr.", et_al=True)],
    ),
    "apostrophe": ("(O'Neill 2010)", [Want("O'Neill 2010", "oneill2010", "O'Neill")]),
    "hyphened particle": (
        "(Al-Safadi & Simon, 2000)",
        [Want("Al-Safadi & Simon, 2000", "alsafadi2000", "Al-Safadi|Simon")],
    ),
    "double name": ("(García Márquez 2005)", [Want("García Márquez 2005", "garcia2005", "García Márquez")]),
    "no accents": ("(Garcia Marquez 2005)", [Want("Garcia Marquez 2005", "garcia2005", "Garcia Marquez")]),
    "umlaut spelled out": ("(Mueller 2011)", [Want("Mueller 2011", "muller2011", "Mueller")]),
    "decomposed accents": ("(Mu\u0308ller 2011)", [Want("Mu\u0308ller 2011", "muller2011", "Mu\u0308ller")]),
    "organisation": ("(World Health Organization 2021)", [Want("World Health Organization 2021", "who2021")]),
    "organisation with acronym": (
        "(World Health Organization [WHO] 2021)",
        [Want("World Health Organization [WHO] 2021", "who2021", "World Health Organization")],
    ),
    "acronym": ("(WHO 2021)", [Want("WHO 2021", "who2021", "WHO")]),
    "acronym explained on the page": (
        "(Deutsches Zentrum für Raumfahrt [DLRZ] 2020), then (DLRZ 2020)",
        [
            Want("Deutsches Zentrum für Raumfahrt [DLRZ] 2020", "dlr2020"),
            Want("DLRZ 2020", "dlr2020", "DLRZ"),
        ],
    ),
    "organisation with small words": (
        "(Department of Commerce, Bureau of Industry and Security 2024)",
        [Want("Department of Commerce, Bureau of Industry and Security 2024", "commerce2024")],
    ),
    "Chinese": ("（王伟等，2020）", [Want("王伟等，2020", "wang2020", "王伟", et_al=True)]),
    "y": ("(Kass y Raftery 1995)", [Want("Kass y Raftery 1995", "kass1995", "Kass|Raftery")]),
    "und": ("Kass und Raftery (1995)", [Want("Kass und Raftery (1995)", "kass1995", "Kass|Raftery", narrative=True)]),
    "et": ("Kass et Raftery (1995)", [Want("Kass et Raftery (1995)", "kass1995", "Kass|Raftery", narrative=True)]),
    "et al without a full stop": ("(Hubinger et al, 2019)", [Want("Hubinger et al, 2019", "hubinger2019", **HUBINGER)]),
    "a word between names": ("(Quell for Shah 2020)", [Want("Shah 2020", "shah2020", "Shah")]),
    # sentence words are no authors
    "As": ("As Benjamini (2016) says", [Want("Benjamini (2016)", "benjamini2016", "Benjamini", narrative=True)]),
    "See": (
        "See Muenchow et al. (2012)",
        [Want("Muenchow et al. (2012)", "muenchow2012", "Muenchow", narrative=True, et_al=True)],
    ),
    "Following": (
        "Following Cotra et al. (2020)",
        [Want("Cotra et al. (2020)", "", "Cotra", narrative=True, et_al=True)],
    ),
    # layout
    "wrapped": ("so (Hubinger et\nal. 2019)", [Want("Hubinger et\nal. 2019", "hubinger2019", **HUBINGER)]),
    "wrapped in a quote": (
        "> so (Hubinger et\n> al. 2019)",
        [Want("Hubinger et\n> al. 2019", "hubinger2019", **HUBINGER)],
    ),
    "wrapped with CRLF": (
        "so (Hubinger\r\net al. 2019)",
        [Want("Hubinger\r\net al. 2019", "hubinger2019", **HUBINGER)],
    ),
    "in a list": ("- x\n- (Bostrom 2014)\n", [Want("Bostrom 2014", "bostrom2014")]),
    "in a table": ("| a | b |\n|---|---|\n| x | (Bostrom 2014) |\n", [Want("Bostrom 2014", "bostrom2014")]),
    "emphasis in the names": (
        "(Hubinger *et al.*, 2019)",
        [Want("Hubinger *et al.*, 2019", "hubinger2019", **HUBINGER)],
    ),
    "full stop after emphasis": (
        "(Hubinger *et al*., 2019)",
        [Want("Hubinger *et al*., 2019", "hubinger2019", **HUBINGER)],
    ),
    "emphasised letter": ("(Christiano, 2019*b*)", [Want("Christiano, 2019*b", "christiano-b", suffix="b")]),
    "underscores": ("(Hubinger _et al._, 2019)", [Want("Hubinger _et al._, 2019", "hubinger2019", **HUBINGER)]),
    "no-break space": ("(Hubinger et\xa0al., 2019)", [Want("Hubinger et\xa0al., 2019", "hubinger2019", **HUBINGER)]),
    "escaped ampersand": (r"(Kass \& Raftery 1995)", [Want(r"Kass \& Raftery 1995", "kass1995")]),
    "in a heading": ("# After Bostrom (2014)\n\ntext", [Want("Bostrom (2014)", "bostrom2014", narrative=True)]),
    # fits nothing, but is one
    "unknown, et al.": ("(Nobody et al. 2020)", [Want("Nobody et al. 2020", "", "Nobody", et_al=True)]),
    "unknown, alone in brackets": ("(Nobody, 2015)", [Want("Nobody, 2015", "", "Nobody")]),
    "unknown pair": ("(Nobody & Noone 2015)", [Want("Nobody & Noone 2015", "", "Nobody|Noone")]),
    "year off by one": ("Bostrom (2013)", [Want("Bostrom (2013)", "", "Bostrom", narrative=True)]),
}


@pytest.mark.parametrize("name", FORMS)
def test_form(name: str) -> None:
    text, wanted = FORMS[name]
    notes = {"alignment-faking": "summaries/alignment-faking-in-large-language-models.md"}
    found = cited(text, notes=notes)
    assert [each.citation.span.of(text) for each in found] == [want.text for want in wanted]
    for each, want in zip(found, wanted, strict=True):
        citation = each.citation
        assert keys(each) == want.key
        assert (
            citation.suffix,
            citation.locator,
            citation.narrative,
            citation.et_al,
            citation.kind,
            citation.title,
        ) == (
            want.suffix,
            want.locator,
            want.narrative,
            want.et_al,
            want.kind,
            want.title,
        )
        if want.names is not None:
            assert citation.names == tuple(want.names.split("|"))
        if want.year is not None:
            assert citation.year == want.year


NOT_CITATIONS = {
    "month": "published (March 2019) and in May 2019",
    "month that is an author": "in May 1973 and (in May 1973)",
    "model": "(GPT-4 2023)",
    "conference": "at NeurIPS 2024 and ICML 2023",
    "film": "Her (2013) and Paris (2014)",
    "law": "the EU AI Act (2024)",
    "number of a law": "by Regulation (EU) 2024/1689 of the parliament",
    "life": "Alan Turing (1912–1954)",
    "figure": "(Figure 2) and (Table 2010)",
    "section": "(see Section 2021)",
    "function call": "st_buffer(seine, 5000)",
    "code": "`Hubinger et al. 2019` and\n\n    (Bostrom 2014)\n",
    "fence": "```\n(Bostrom 2014)\n```\n",
    "math": "$Bostrom (2014)$",
    "comment": "<!-- (Bostrom 2014) -->",
    "URL": "https://example.org/Bostrom-2014/2019 and [x](https://example.org/Bostrom_2014)",
    "front matter": "---\nauthor: Bostrom 2014\n---\ntext",
    "plain years": "In 2010 and 2011, from 1990 to 2000, since the 1990s.",
    "names and years apart": "Bostrom wrote. In 2014 it was out.",
    "acronym that nothing explains": "(PEG 2010) and (ICRA 2024)",
    "Chinese words": "（行为克隆，1988）",
    "handle with digits": "thanks to @user2081 and @britt#3020",
    "product": "(NanoDrop 2000, Thermo) and (PEG 1500)",
    "specimen": "Giacomin et al. 1854 (BHCB)",
    "authority": "Porcellio laevis (Latreille, 1804) and Mica tardus Budde-Lund, 1885 occur",
    "money": "$2014 and 2,014 and 2014.5 and 12014",
    "handle": "ask @alice or mail bob@bostrom2014.org",
    "cross-reference": "see @fig-results and @tbl-x",
    "mention without a citation": "Hubinger et al. trained models.",
    "manuscript": "(Nobody, in preparation) and (Noone, submitted)",
    "next block": "by Bostrom\n\n(2014)",
    "table cells": "| a | b |\n|---|---|\n| Bostrom | 2014 |\n",
}


@pytest.mark.parametrize("name", NOT_CITATIONS)
def test_not_a_citation(name: str) -> None:
    assert [each.citation.text for each in cited(NOT_CITATIONS[name])] == []


def test_hidden_ranges_have_no_citations() -> None:
    text = "(Bostrom 2014)\n\n## Sources cited\n\n- (Shah 2020)\n"
    page = parse("page.md", text)
    start = text.index("## Sources")
    assert [
        each.citation.text for each in cite_page(page, LIBRARY, note_of=lambda _link: None, hidden=[(start, len(text))])
    ] == ["Bostrom 2014"]


def test_text_is_one_line_and_group_is_the_bracket() -> None:
    text = "> see (Hubinger et\n> al. 2019; Bostrom 2014) there"
    first, second = (each.citation for each in cited(text))
    assert first.text == "Hubinger et al. 2019"
    assert first.group == second.group == Span("page.md", text.index("("), text.index(")") + 1)


HOSTILE = {
    "capitals": "Aa Bb Cc " * 7000,
    "open brackets and years": "(2019 a " * 8000,
    "brackets": "(" * 60_000,
    "names in a row": "Smith, " * 9000,
    "et al.": "et al. " * 9000,
    "years in a row": "Smith (2019), (2019), " + "2019, " * 10_000,
    "at signs": "[@" * 30_000,
    "keys": "@a::::" * 10_000,
    "emphasis": "*2019*" * 10_000,
    "blanks": "Smith" + " " * 60_000 + "(2019)",
    "blanks after a bracket": "(" + " " * 60_000 + "Atlas)",
    "identifiers": "10.1000/" + ")" * 60_000,
    "letters": "2019a, " + "b, " * 20_000,
    "mentions": "(Hubinger et al. 2019) " + "Hubinger et al.'s " * 3000,
    "quotes": "“Grimshaw " * 6000 + "1981)",
    "no dates": "in press n.d. s. d. " * 3000,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_takes_linear_time(name: str) -> None:
    """Twice the text may take a little more than twice the time, never four times; and never long."""
    from wikitools.markdown.page import Page

    def seconds(text: str) -> float:
        """Return the best of three runs: the machine may be busy with something else."""
        page = Page("page.md", text)
        times = []
        for _ in range(3):
            start = time.process_time()
            cite_page(page, LIBRARY, note_of=lambda _link: None)
            times.append(time.process_time() - start)
        return min(times)

    text = HOSTILE[name]
    half = seconds(text[: len(text) // 2])
    whole = seconds(text)
    assert whole < max(3.2 * half, 0.25)


PIECES = st.sampled_from(
    ["Hubinger", " et al.", " (", ")", "[", "]", " 2019", "a", ",", ";", " ", "\n", "> ", "*", "_", "(Bostrom 2014)",
     "@shah2020", " and ", "&", " in press", "Ch. 7", "'s", "é", "u\u0308", "王", "等", "10.1000/x", "`", "|", "-",
     "1998/2001", "\r\n"]
)  # fmt: skip


@settings(max_examples=200)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_spans_are_ordered_inside_the_page_and_say_their_text(text: str) -> None:
    found = cited(text)
    places = [each.citation.span for each in found]
    assert places == sorted(places)
    for each in found:
        span = each.citation.span
        assert 0 <= span.start < span.end <= len(text)
        assert each.citation.text
    assert cited(text) == found
