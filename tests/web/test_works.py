"""What services say of works: one record from each, in batches, and never a "no" from who did not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from web import library, service_answers
from web.fakes import OUTAGES, Fakes
from web.faults import Time

from wikitools.sources.names import Name
from wikitools.sources.record import RETRACTED, WITHDRAWN, Notice
from wikitools.web.lookup_result import Here, NoAnswer, Nothing
from wikitools.web.memory import Memory
from wikitools.web.registry.handles import dois_exist
from wikitools.web.works import crossref, datacite, openalex, pubmed, semantic_scholar
from wikitools.web.works.by_identifier import records

if TYPE_CHECKING:
    from web.server import Asked

    from wikitools.sources.record import Record


def record(services: Fakes, subject: str) -> Record:
    found = services.ask(lambda web: records(web, [subject]), Time().clock)[subject]
    assert isinstance(found, Here), found
    return found.what


def test_crossref(services: Fakes) -> None:
    found = record(services, "doi:10.1038/nature14539")
    assert found.service == "crossref"
    assert found.names == (Name("LeCun", "Yann"), Name("Bengio", "Yoshua"), Name("Hinton", "Geoffrey"))
    assert (found.title, found.date, found.years) == ("Deep learning", (2015, 5), ("2015",))
    assert (found.kind, found.container) == ("article-journal", "Nature")
    assert (found.volume, found.issue, found.pages) == ("521", "7553", "436-444")
    assert not found.notices


def test_markup_print_and_online(services: Fakes) -> None:
    found = record(services, "doi:10.5555/markup")
    assert found.title == "The lac operon & H2O"
    assert found.container == "Journal of Physics & Chemistry"
    assert found.years == ("2020", "2019")
    assert found.date == (2020, 1)
    assert found.names[1] == Name("O’Neill", "Úna")


def test_a_retracted_work_says_who_retracted_it(services: Fakes) -> None:
    found = record(services, "doi:10.1016/s0140-6736(97)11096-0")
    assert Notice(RETRACTED, "retraction-watch", "10.1016/s0140-6736(10)60175-4", "2010-02-06") in found.notices
    by_pubmed = record(services, "pmid:9500320")
    assert by_pubmed.notices == (Notice(RETRACTED, "PubMed"),)
    assert by_pubmed.names[0] == Name("Wakefield", "A.")
    assert by_pubmed.pages == "637-641"
    assert by_pubmed.doi == found.doi
    said = services.ask(lambda web: openalex.records(web, [found.doi]), Time().clock)[found.doi]
    assert said.what.notices == (Notice(RETRACTED, "OpenAlex"),)


def test_datacite_and_other_agencies(services: Fakes) -> None:
    found = record(services, "doi:10.14454/3w3z-sa82")
    assert (found.service, found.years) == ("datacite", ("2021",))
    assert found.names == (Name("DataCite Metadata Working Group", literal=True),)
    elsewhere = record(services, "doi:10.5555/medra.11")
    assert (elsewhere.service, elsewhere.title, elsewhere.volume) == ("doi", "Una prova", "3")
    assert elsewhere.names == (Name("Rossi", "Maria"),)


def test_arxiv_by_id_and_by_its_doi(services: Fakes) -> None:
    for subject in ("arxiv:1906.01820", "doi:10.48550/arxiv.1906.01820"):
        found = record(services, subject)
        assert found.title == library.HUBINGER.title
        assert found.names[:2] == (Name("Hubinger", "Evan"), Name("van Merwijk", "Chris"))
        assert (found.arxiv, found.arxiv_class, found.date) == ("1906.01820", "cs.AI", (2019, 6, 5))
    assert record(services, "arxiv:1611.08219").published == "10.24963/ijcai.2017/32"
    assert record(services, "arxiv:1204.00001").notices == (Notice(WITHDRAWN, "arXiv"),)


def test_a_book_by_its_isbn(services: Fakes) -> None:
    found = record(services, "isbn:9780199678112")
    assert found.title == "Superintelligence: Paths, Dangers, Strategies"
    assert (found.names, found.years[0]) == ((Name("Bostrom", "Nick"),), "2014")
    assert found.publisher == "Oxford University Press"


def test_semantic_scholar_gives_hints(services: Fakes) -> None:
    found = services.ask(lambda web: semantic_scholar.references(web, "1906.01820"), Time().clock)
    assert [each.doi for each in found.what] == ["10.1038/nature14539", "10.24963/ijcai.2017/32"]
    said = services.ask(
        lambda web: semantic_scholar.records(web, ["arxiv:1906.01820", "doi:10.5555/none"]), Time().clock
    )
    assert said["arxiv:1906.01820"].what.title == library.HUBINGER.title
    assert isinstance(said["doi:10.5555/none"], Nothing)


def test_without_a_key_nobody_is_asked(services: Fakes) -> None:
    for question in (
        lambda web: openalex.records(web, ["10.1038/nature14539"]),
        lambda web: semantic_scholar.records(web, ["doi:10.1038/nature14539"]),
    ):
        (found,) = services.ask(question, Time().clock, keys={}).values()
        assert isinstance(found, NoAnswer)
    assert not services.asked()


def test_what_no_registry_knows_does_not_exist(services: Fakes) -> None:
    subjects = ["doi:10.5555/none", "arxiv:1906.99999", "pmid:1", "isbn:9780306406157"]
    found = services.ask(lambda web: records(web, subjects), Time().clock)
    assert [(subject, each.by) for subject, each in found.items()] == list(
        zip(subjects, ("doi.org", "arXiv", "PubMed", "Open Library"), strict=True)
    )


def test_many_are_asked_in_batches_and_known_ones_not_again(services: Fakes) -> None:
    time, memory = Time(), Memory(clock=Time().clock)
    dois = [f"doi:{work.doi}" for work in library.LIBRARY if work.doi]
    preprints = [f"arxiv:{work.arxiv}" for work in library.LIBRARY if work.arxiv]
    found = services.ask(lambda web: records(web, [*dois, *preprints]), time.clock, memory=memory)
    assert all(isinstance(each, Here) for each in found.values())
    asked = services.asked()
    # One list, and one by itself whose comma would end the filter.
    assert len(asked["crossref"]) == 2
    assert len(asked["datacite"]) == 1
    assert len(asked["arxiv"]) == 1
    again = services.ask(lambda web: records(web, [*dois, *preprints]), time.clock, memory=memory)
    assert again == found
    assert services.asked() == asked
    offline = services.ask(
        lambda web: records(web, [*dois, "doi:10.5555/new"]), time.clock, memory=memory, offline=True
    )
    assert isinstance(offline.pop("doi:10.5555/new"), NoAnswer)
    assert all(isinstance(each, Here) for each in offline.values())
    assert services.asked() == asked


def test_a_search_by_title_and_years(services: Fakes) -> None:
    found = services.ask(lambda web: crossref.search(web, title="deep learning", years=(2014, 2016)), Time().clock)
    assert [each.doi for each in found.what] == ["10.1038/nature14539"]
    (asked,) = services.asked()["crossref"]
    assert "from-pub-date%3A2014%2Cuntil-pub-date%3A2016" in asked


@pytest.mark.slow
@pytest.mark.parametrize("outage", OUTAGES)
def test_no_outage_ever_says_no(outage: str) -> None:
    """What exists and what does not: if any service is down, only services that answered count."""
    there = [f"doi:{work.doi}" for work in library.LIBRARY if work.doi]
    there += [f"arxiv:{work.arxiv}" for work in library.LIBRARY if work.arxiv] + ["pmid:26017442", "isbn:9780199678112"]
    absent = {
        "doi:10.5555/none": "doi",
        "arxiv:1906.99999": "arxiv",
        "pmid:1": "pubmed",
        "isbn:9780306406157": "openlibrary",
    }
    for out in ("doi", "crossref", "datacite", "arxiv", "openlibrary", "pubmed"):
        with Fakes(out={out: outage}) as services:
            found = services.ask(lambda web: records(web, [*there, *absent]), Time().clock)
        assert not [subject for subject in there if isinstance(found[subject], Nothing)], out
        for subject, registry in absent.items():
            assert not isinstance(found[subject], Here)
            if registry == out:
                assert isinstance(found[subject], NoAnswer), (out, subject)


def test_a_search_for_preprints_by_names_and_year(services: Fakes) -> None:
    titles = {
        (("Hubinger", "van Merwijk"), "2019"): [f"{library.HUBINGER.title}, 1906.01820"],
        (("Hubinger", "Nobody"), "2019"): [],
        (("Hubinger",), "2018"): [],
        (("NGO",), "2022"): [f"{library.NGO.title}, 2209.00626"],
        # A quote in a name does not end the name.
        (('" OR creators.name:"Ngo',), "2022"): [],
    }
    found = services.ask(lambda web: datacite.search(web, titles), Time().clock)
    assert {
        question: [f"{each.title}, {each.arxiv}" for each in said.what] for question, said in found.items()
    } == titles
    assert len(services.asked()["datacite"]) == 1


def test_a_name_with_too_many_preprints_does_not_spoil_the_others(services: Fakes) -> None:
    services.library += tuple(
        library.Work(f"Moss {number}", (("Wang", "A."),), 2019, arxiv=f"1901.{number:05}") for number in range(350)
    )
    questions = [(("Hubinger",), "2019"), (("Wang",), "2019"), (("Nobody",), "2019")]
    found = services.ask(lambda web: datacite.search(web, questions), Time().clock)
    assert [len(found[each].what) for each in questions] == [1, datacite.MOST, 0]


@pytest.mark.parametrize("outage", OUTAGES)
def test_no_outage_changes_what_each_service_says_alone(outage: str) -> None:
    names = ("doi", "openalex", "semanticscholar", "pubmed", "crossref", "datacite")
    with Fakes(out=dict.fromkeys(names, outage)) as services:
        for question in (
            lambda web: dois_exist(web, ["10.5555/none"]),
            lambda web: openalex.records(web, ["10.5555/none"]),
            lambda web: semantic_scholar.records(web, ["doi:10.5555/none"]),
            lambda web: pubmed.records(web, ["1"]),
            lambda web: crossref.records(web, ["10.5555/none"]),
            lambda web: crossref.records(web, ["10.5555/none", "10.5555/nothing"]),
            lambda web: datacite.search(web, [(("Ngo",), "2022"), (("Orr",), "2022"), (("Pim",), "2022")]),
        ):
            found = services.ask(question, Time().clock)
            assert all(isinstance(each, NoAnswer) for each in found.values()), found


def test_the_pace_of_each_service_is_kept(services: Fakes) -> None:
    time = Time()
    services.ask(lambda web: dois_exist(web, [f"10.5555/{number}" for number in range(5)]), time.clock)
    assert time.passed == pytest.approx(4)
    time = Time()
    services.ask(lambda web: records(web, [f"arxiv:1906.{number:05}" for number in range(120)]), time.clock)
    assert time.passed == pytest.approx(6)
    assert len(services.asked()["arxiv"]) == 3


def test_one_that_a_service_dislikes_does_not_spoil_the_others() -> None:
    seen: list[str] = []

    def picky(works: tuple[library.Work, ...], asked: Asked) -> bytes:
        seen.append(asked.target)
        return service_answers.response(400, b"") if "bad" in asked.target else service_answers.crossref(works, asked)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(service_answers.ANSWERS, "crossref", picky)
        with Fakes() as services:
            dois = ["10.1038/nature14539", "10.5555/bad", "10.5555/markup", "10.24963/ijcai.2017/32"]
            found = services.ask(lambda web: crossref.records(web, dois), Time().clock)
    assert [type(each) for each in found.values()] == [Here, NoAnswer, Here, Here]
    assert len(seen) <= 6


def test_an_id_that_arxiv_dislikes_does_not_spoil_the_others(services: Fakes) -> None:
    found = services.ask(lambda web: records(web, ["arxiv:1906.01820", "arxiv:1906.018201"]), Time().clock)
    assert isinstance(found["arxiv:1906.01820"], Here)
    assert isinstance(found["arxiv:1906.018201"], NoAnswer)


def test_contact_and_keys_are_in_no_memory(services: Fakes) -> None:
    memory = Memory(clock=Time().clock)
    services.ask(
        lambda web: records(web, ["doi:10.1038/nature14539", "pmid:26017442"]),
        Time().clock,
        memory=memory,
        contact="me@example.org",
    )
    assert "example.org" not in repr(memory._new)
    assert services.servers["crossref"].asked[0].query["mailto"] == "me@example.org"
    assert "me@example.org" in services.servers["pubmed"].asked[0].headers["user-agent"]
