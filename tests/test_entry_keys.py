"""Keys of new entries: in the form of those that are there, as the program makes them that made those."""

from __future__ import annotations

import pytest

from wikitools.sources.names import Name
from wikitools.sources.writers.key_style import Work, find_key_style, next_key

KEYS = [
    ("hubinger2019", "lecun2015"),
    ("hubinger2019risks", "lecun2015deep"),
    ("Hubinger2019", "LeCun2015"),
    ("Hubinger:2019", "LeCun:2015"),
    ("hubinger_risks_2019", "lecun_deep_2015"),
    ("hubingerRisksLearnedOptimization2019", "lecunDeepLearning2015"),
    ("hubinger-et-al-2019", "lecun-et-al-2015"),
    ("HubingerEtAl2019", "LeCunEtAl2015"),
    ("2019-hubinger", "2015-lecun"),
    ("hubinger19", "lecun15"),
    ("Hubinger2019Risks", "LeCun2015Deep"),
    ("hubinger2019riskslearnedoptimization", "lecun2015deeplearning"),
    ("hubinger-etal-2019-risks", "lecun-etal-2015-deep"),
    ("HubingerEtAl:2019", "LeCunEtAl:2015"),
    ("hubinger-2019-risks-learned", "lecun-2015-deep-learning"),
]


@pytest.mark.parametrize(("form", "expected"), KEYS)
def test_keys_are_made_as_those_that_are_there(form: str, expected: str) -> None:
    style = find_key_style([(form, _work("Hubinger", "2019", "Risks from Learned Optimization", 5))])
    assert style is not None
    known = [
        (style.make(work), work)
        for work in (
            _work("Hubinger", "2019", "Risks from Learned Optimization", 5),
            _work("Ngo", "2022", "The Alignment Problem from a Deep Learning Perspective", 3),
            _work("García Márquez", "1967", "Cien años de soledad", 1),
        )
    ]
    assert known[0][0] == form
    assert next_key(known, _work("LeCun", "2015", "Deep learning", 3), ()) == expected


def test_keys_are_those_that_a_manager_of_references_would_make() -> None:
    def made(form: str, work: Work) -> str:
        return next_key([(form, _work("Ngo", "2022", "Why do gradients explode in self-supervised nets", 3))], work, ())

    work = _work("Pereira-Marques", "2024", "Whose model's weights are safe", 2)
    assert made("ngo2022gradients", work) == "pereira2024model"
    assert made("ngoWhyGradientsExplode2022", work) == "pereira-marquesWhoseModelsWeights2024"
    assert made("ngo_why_2022", work) == "pereira-marques_whose_2024"
    particles = _work("van der Berg", "2020", "Self-organised maps", 1)
    assert made("ngo_why_2022", particles) == "van_der_berg_self-organised_2020"


def test_keys_are_those_that_arxiv_and_semantic_scholar_make() -> None:
    known = [
        ("vaswani2023attentionneed", _work("Vaswani", "2023", "Attention Is All You Need", 8)),
        (
            "kojima2023largelanguagemodelszeroshot",
            _work("Kojima", "2023", "Large Language Models are Zero-Shot Reasoners", 5),
        ),
    ]
    clark = _work("Clark", "2018", "Think you have Solved Question Answering? Try ARC", 7)
    assert next_key(known, clark, ()) == "clark2018thinksolvedquestionanswering"
    known = [
        ("Vaswani2017AttentionIA", _work("Vaswani", "2017", "Attention is All you Need", 8)),
        ("Devlin2019BERTPO", _work("Devlin", "2019", "BERT: Pre-training of Deep Bidirectional Transformers", 4)),
    ]
    assert next_key(known, clark, ()) == "Clark2018ThinkYH"
    assert next_key(known, _work("de Vries", "2020", "On Maps", 1), ()) == "Vries2020OnM"


def test_keys_are_those_that_a_publisher_makes() -> None:
    def work(family: str, doi: str, page: str) -> Work:
        return Work((Name(family, "X"),), "2020", f"A title by {family}", doi, page)

    by_doi = [(doi, work("Ngo", doi, "1")) for doi in ("10.1145/1.2", "10.1145/3.4")]
    assert next_key(by_doi, work("Bell", "10.1145/5.6", "7"), ()) == "10.1145/5.6"
    assert next_key(by_doi, work("Bell", "", "7"), ()) == "bell2020title"
    assert next_key(by_doi, work("Bell", "10.1145/5,6", "7"), ()) == "bell2020title"
    by_page = [(f"{name.upper()}2020{page}", work(name, "", page)) for name, page in (("Ngo", "357"), ("Day", "12"))]
    assert next_key(by_page, work("Bell", "10.1145/5.6", "99"), ()) == "BELL202099"


def test_in_a_mixed_file_the_commonest_form_goes_on() -> None:
    plain = [(f"{name}:2001", _work(name, "2001", "Anything", 1)) for name in ("Bell", "Ngo", "Day")]
    others = [(f"tool{letter}", _work("Author", "2010", "Software", 1)) for letter in "abcdefg"]
    assert next_key([*plain, *others], _work("Majda", "1986", "Flows", 2), ()) == "Majda:1986"
    assert next_key([*plain[:2], *others], _work("Majda", "1986", "Flows", 2), ()) == "majda1986flows"


def _work(family: str, year: str, title: str, count: int) -> Work:
    return Work((Name(family, "X"), *(Name(f"Other{number}", "Y") for number in range(1, count))), year, title)


def test_twins_get_letters_and_numbers_go_on() -> None:
    known = [("ngo2022", _work("Ngo", "2022", "One", 1)), ("bell1964", _work("Bell", "1964", "Two", 1))]
    work = _work("Ngo", "2022", "Another", 1)
    assert next_key(known, work, {"ngo2022"}) == "ngo2022a"
    assert next_key(known, work, {"ngo2022", "ngo2022a"}) == "ngo2022b"
    assert next_key(known, work, {"ngo2022", "ngo2022b"}) == "ngo2022c"
    assert next_key(known, work, {"NGO2022"}) == "ngo2022a"
    numbered = [(f"ref{number:02}", _work("Ngo", "2022", "One", 1)) for number in range(1, 9)]
    assert next_key(numbered, work, ()) == "ref09"


def test_a_work_without_authors_gets_a_key_from_its_title() -> None:
    assert next_key([], Work((), "2019", "The state of the forests"), ()) == "2019stateforests"
    known = [("ngo2022", _work("Ngo", "2022", "One", 1)), ("bell1964", _work("Bell", "1964", "Two", 1))]
    assert next_key(known, Work((), "", ""), ()) == "work"
