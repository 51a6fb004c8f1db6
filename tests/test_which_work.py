"""Which of several works by the same authors a citation means: by what is printed around it, and why."""

from __future__ import annotations

import pytest
from small_library import cited, keys, source

from wikitools.sources.source import Bibliography

WORKS = Bibliography(
    [
        source("validity", "Messick, S", "1995", "Validity of psychological assessment: validation of inferences"),
        source("standards", "Messick, S", "1995", "Standards of validity in performance assessment"),
        source("mio", "Messick, S", "1995", "MIO: a foundation model"),
        source("style", "Dai, N", "2019", "Style Transformer"),
        source("rivers", "Dai, N", "2019", "On Attention to Rivers"),
        source("kelp", "Roe, A", "2001", "Kelp forests", suffix="a"),
        source("moss", "Roe, A", "2001", "Moss gardens", suffix="b"),
        source("low2004a", "Low, B", "2004", "Tide pools"),
        source("low2004b", "Low, B", "2004", "Salt lakes"),
        source("alder", "Elm, A", "2017", "Alder trees"),
        source("birch", "Elm, A", "2017", "Birch trees"),
        source("cedar", "Elm, A", "2017", "Cedar trees"),
        source("three", "Huang, A; Schneider, B; Stuart, C", "2022", "Of three"),
        source("four", "Huang, A; Huang, B; Reich, C; Stuart, D", "2022", "Of four"),
        source("rue", "Rue, A; Doe, B; Poe, C", "2001"),
        source("lew", "Lew, A; Bow, B; Tow, C", "2002"),
        source("one", "Ash, A", "2018 2017", "Ash one", arxiv="1701.00001"),
        source("two", "Ash, A", "2017", "Ash two"),
    ]
)
MESSICK, ELM = "validity standards mio", "alder birch cedar"
AFTER, BEFORE, WORDS = "title behind it", "title before it", "title words before it"
EVERYWHERE = f"{WORDS}, here or with the same letter"
CASES = {
    "Messick (1995): Standards of validity": [("standards", AFTER)],
    "(Messick 1995) Standards of it": [(MESSICK, "")],
    '"Standards of validity" (Messick 1995)': [("standards", BEFORE)],
    "|Standards of validity|Messick (1995)|": [("standards", BEFORE)],
    "With MIO (Messick 1995) it works.": [("mio", WORDS)],
    "With MIO it works (Messick 1995).": [(MESSICK, "")],
    "Of psychological assessment (Messick 1995).": [(MESSICK, "")],
    "Of standards of validity in performance so far (Messick 1995).": [("standards", WORDS)],
    "Style Transformer so (Dai 2019)": [("style rivers", "")],
    "[@validity] and (Messick 1995)": [("validity", ""), ("validity", "a link beside it")],
    "(Messick 1995) [@validity; @standards]": [(MESSICK, ""), ("validity", ""), ("standards", "")],
    "Kelp forests (Roe 2001).": [("kelp", WORDS)],
    "(Roe 2001a)": [("kelp", "letter")],
    "(Low 2004a)": [("low2004a", "letter, as in its key")],
    "Tide pools (Low 2004x)": [("low2004a", EVERYWHERE)],
    "(Elm 2017a) and (Elm 2017b) and (Elm 2017c)": [(ELM, ""), (ELM, ""), (ELM, "")],
    "Alder trees (Elm 2017a). Birch trees (Elm 2017b). (Elm 2017c)": [
        ("alder", EVERYWHERE),
        ("birch", EVERYWHERE),
        ("cedar", EVERYWHERE),
    ],
    "Alder trees (Elm 2017a); Birch trees (Elm 2017a) and (Elm 2017b)": [(ELM, ""), (ELM, ""), (ELM, "")],
    "[@alder] (Elm 2017a) (Elm 2017b)": [("alder", ""), (ELM, ""), (ELM, "")],
    "(Huang et al. 2022; Rue, Doe, Poe 2001)": [("three four", ""), ("rue", "")],
    "(Huang et al. 2022; Rue, Doe, Poe 2001; Lew, Bow, Tow 2002)": [
        ("four", "this page spells out 3 authors"),
        ("rue", ""),
        ("lew", ""),
    ],
    "(Ash 2017)": [("two", "its declared year")],
}


@pytest.mark.parametrize("text", CASES)
def test_which_work_is_meant_and_why(text: str) -> None:
    found = cited(text, WORKS)
    assert [(set(keys(each).split()), "; ".join(each.evidence[1:])) for each in found] == [
        (set(meant.split()), why) for meant, why in CASES[text]
    ]
    for each, (meant, why) in zip(found, CASES[text], strict=True):
        namesakes = {work.key for work in WORKS.sources if work.names[0].family in each.citation.names[:1]}
        assert {key for key, reason in each.losers if reason} == (namesakes - set(meant.split()) if why else set())
