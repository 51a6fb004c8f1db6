"""`wikitools bib add`, from the command to the file: what is found, what is written, what is left alone."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from web.fakes import OUTAGES, Fakes, lead_to
from web.library import Work
from web.server import Asked, Server, response

from wikitools.sources.names import Name
from wikitools.sources.readers import read_bibliography

if TYPE_CHECKING:
    import asyncio
    from pathlib import Path

    from conftest import Call

BIB = """\
% What the pages cite.

@article{knuth1984literate,
  author  = {Knuth, Donald E.},
  title   = {Literate Programming},
  journal = {The Computer Journal},
  volume  = {27},
  number  = {2},
  pages   = {97--111},
  year    = {1984},
  doi     = {10.1093/comjnl/27.2.97}
}

@misc{olah2020zoom,
  author        = {Olah, Chris and others},
  title         = {Zoom In},
  year          = {2020},
  eprint        = {2001.00001},
  archiveprefix = {arXiv}
}
"""
DEEP = """\
@article{lecun2015deep,
  author  = {LeCun, Yann and Bengio, Yoshua and Hinton, Geoffrey},
  title   = {Deep learning},
  journal = {Nature},
  volume  = {521},
  number  = {7553},
  pages   = {436--444},
  year    = {2015},
  doi     = {10.1038/nature14539}
}
"""


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "wiki"
    root.mkdir()
    (root / "references.bib").write_text(BIB)
    (root / "index.md").write_text("# Index\n\nNets are deep (LeCun et al. 2015), programs are read (Knuth 1984).\n")
    monkeypatch.chdir(root)
    return root


def test_a_doi_is_added_in_the_hand_of_the_file(wiki: Path, services: Fakes, call: Call) -> None:
    code, out, err = call("bib", "add", "https://doi.org/10.1038/nature14539")
    assert (code, out) == (0, "added lecun2015deep to references.bib: LeCun, Bengio, Hinton 2015. Deep learning\n")
    assert err == "1 citation resolves now\n"
    assert (wiki / "references.bib").read_text() == f"{BIB}\n{DEEP}"


def test_what_is_there_is_named_and_not_added(wiki: Path, services: Fakes, call: Call) -> None:
    call("bib", "add", "10.1038/nature14539")
    before = (wiki / "references.bib").read_text()
    # By an identifier that an entry has, it is known without asking.
    asked = services.asked()
    assert call("bib", "add", "https://doi.org/10.1038/NATURE14539")[1].startswith("already there: lecun2015deep")
    assert call("bib", "add", "arxiv:2001.00001")[1].startswith("already there: olah2020zoom in references.bib: Olah")
    assert services.asked() == asked
    for work in ("10.1038/nature14539", "pmid:26017442"):
        code, out, _err = call("bib", "add", work)
        assert (code, out) == (
            0,
            "already there: lecun2015deep in references.bib: LeCun, Bengio, Hinton 2015. Deep learning\n",
        )
    assert (wiki / "references.bib").read_text() == before


@pytest.mark.parametrize(("option", "code"), [("--diff", 1), ("--dry-run", 0)])
def test_looking_writes_nothing(option: str, code: int, wiki: Path, services: Fakes, call: Call) -> None:
    found, out, err = call("bib", "add", option, "10.1038/nature14539")
    assert found == code
    assert (wiki / "references.bib").read_text() == BIB
    assert "would add lecun2015deep" in (err if option == "--diff" else out)
    assert ("+@article{lecun2015deep," in out) == (option == "--diff")


def test_several_at_once_and_one_that_does_not_exist(wiki: Path, services: Fakes, call: Call) -> None:
    code, out, err = call("bib", "add", "arXiv:1906.01820v2", "10.5555/none", "978-0-19-967811-2", "1906.99999")
    assert code == 2
    assert out.splitlines() == [
        "added hubinger2019risks to references.bib: Hubinger, van Merwijk, Mikulik, Skalse et al. 2019. "
        "Risks from Learned Optimization in Advanced Machine Learning Systems",
        "added bostrom2014superintelligence to references.bib: Bostrom 2014. "
        "Superintelligence: Paths, Dangers, Strategies",
    ]
    assert "doi:10.5555/none: does not exist, says doi.org" in err
    assert "arxiv:1906.99999: does not exist, says arXiv" in err
    text = (wiki / "references.bib").read_text()
    assert "eprint        = {1906.01820}" in text
    assert "isbn" in text


def test_a_preprint_that_was_published_is_added_as_published(wiki: Path, services: Fakes, call: Call) -> None:
    assert call("bib", "add", "--dry-run", "--preprint", "1611.08219")[1].endswith(
        "Russell 2016. The Off-Switch Game\n"
    )
    assert call("bib", "add", "1611.08219")[0] == 0
    text = (wiki / "references.bib").read_text()
    assert "@inproceedings{hadfield2017off," in text
    assert "10.24963/ijcai.2017/32" in text
    assert "1611.08219" in text


@pytest.mark.parametrize(
    ("out", "told"),
    [
        ({}, "; --preprint takes the preprint"),
        ({"crossref": "down"}, ", but no registry described that: the preprint is taken"),
    ],
)
def test_which_form_of_a_preprint_is_taken_is_told(
    out: dict[str, str], told: str, wiki: Path, services: Fakes, call: Call
) -> None:
    services.out |= out
    was = "arXiv:1611.08219 was published as 10.24963/ijcai.2017/32"
    assert f"{was}{told}\n" in call("bib", "add", "--dry-run", "1611.08219")[2]
    assert "was published" not in call("bib", "add", "--dry-run", "--preprint", "1611.08219")[2]


def test_a_title_names_the_entry_that_is_there(wiki: Path, services: Fakes, call: Call) -> None:
    (wiki / "references.bib").write_text(DEEP)
    assert call("bib", "add", "Deep learning")[1].endswith("Deep learning (already there: lecun2015deep)\n")


def test_a_retracted_work_is_added_with_a_warning(wiki: Path, services: Fakes, call: Call) -> None:
    code, _out, err = call("bib", "add", "10.1016/S0140-6736(97)11096-0")
    assert code == 0
    assert "warning: wakefield1998retracted: this work is retracted (2010-02-06, 10.1016/s0140-6736(10)60175-4)" in err


def test_a_title_lists_and_chooses_only_with_its_author(wiki: Path, services: Fakes, call: Call) -> None:
    code, out, err = call("bib", "add", "Deep learning")
    assert code == 2
    assert out.startswith("  10.1038/nature14539 ")
    assert out.count("\n") == 1, "works with another title are not shown"
    assert "one work may be meant" in err
    twin = Work("Deep learning!", (("Roe", "R."),), 2016, doi="10.5555/twin")
    services.library += (twin,)
    call("cache", "clean", "--web")
    assert "several works may be meant" in call("bib", "add", "Deep learning")[2]
    assert (wiki / "references.bib").read_text() == BIB
    assert call("bib", "add", "Deep learning", "--author", "Somebody")[0] == 2
    assert call("bib", "add", "Deep learning", "--author", "Hinton", "--year", "2015")[0] == 0
    assert "lecun2015deep" in (wiki / "references.bib").read_text()
    assert call("bib", "add", "Words that no title has")[2].count("not found") == 1


def test_a_page_says_which_work_it_is_about(
    wiki: Path, services: Fakes, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def handler(asked: Asked, writer: asyncio.StreamWriter) -> None:
        metas = {"/one": '<meta name="citation_doi" content="doi:10.1038/NATURE14539">', "/none": "<meta name=x>"}
        writer.write(response(200, f"<head>{metas.get(asked.path, '')}</head>".encode(), "text/html; charset=utf-8"))

    with Server(handler) as server:
        # No page inside of a network is read, unless you say so.
        code, _out, err = call("bib", "add", f"{server.url}/one")
        assert code == 2
        assert "inside a network" in err
        assert not server.asked
        monkeypatch.setenv("WIKITOOLS_WEB_ALLOW_HOSTS", f"127.0.0.1:{server.port}")
        monkeypatch.setenv("WIKITOOLS_CONTACT", "me@example.org")
        assert call("bib", "add", f"{server.url}/none")[0] == 2
        assert call("bib", "add", f"{server.url}/one")[0] == 0
        assert all("example.org" not in f"{each.target} {each.headers}" for each in server.asked)
    assert "lecun2015deep" in (wiki / "references.bib").read_text()


@pytest.mark.parametrize("outage", OUTAGES)
def test_no_outage_says_that_a_work_does_not_exist(
    outage: str, wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = dict.fromkeys(("doi", "crossref", "datacite", "arxiv", "openlibrary", "pubmed"), outage)
    with Fakes(out=everything) as services:
        lead_to(services, monkeypatch)
        works = ("10.1038/nature14539", "1906.01820", "9780199678112", "pmid:1", "Deep learning")
        code, out, err = call("bib", "add", *works)
    assert (code, out) == (2, "")
    assert err.count("no service could answer") == len(works)
    assert "does not exist" not in err
    assert "not found" not in err
    assert "application/json instead of JSON" not in err
    assert (wiki / "references.bib").read_text() == BIB


def test_what_was_answered_is_remembered_and_serves_offline(
    wiki: Path, services: Fakes, call: Call, cache_of_its_own: Path
) -> None:
    assert call("bib", "add", "--offline", "10.1038/nature14539")[0] == 2
    assert call("bib", "add", "--dry-run", "10.1038/nature14539")[0] == 0
    asked = services.asked()
    assert asked
    assert call("bib", "add", "--dry-run", "--offline", "10.1038/nature14539")[0] == 0
    assert call("bib", "add", "--dry-run", "10.1038/nature14539")[0] == 0
    assert services.asked() == asked
    assert (cache_of_its_own / "web.sqlite").exists()
    assert call("cache", "clean", "--web")[0] == 0
    assert call("bib", "add", "--offline", "10.1038/nature14539")[0] == 2


def test_verbose_says_what_leaves_the_machine(wiki: Path, services: Fakes, call: Call) -> None:
    _code, _out, err = call("bib", "add", "-v", "--dry-run", "10.1038/nature14539")
    assert f"web: ask {services.servers['crossref'].url}/works/10.1038/nature14539" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["978-0-19-967811-3"], "is no ISBN: its check digit is wrong"),
        ([" "], "the text is empty"),
        (
            ["10.1038/nature14539", "--to", "other.bib"],
            "neither a bibliography of this wiki nor a folder with source notes",
        ),
        (["10.1038/nature14539", "--key", "knuth1984literate"], 'the key "knuth1984literate" is taken'),
        (["10.1038/nature14539", "1906.01820", "--key", "x"], "--key names one work, and there are several"),
    ],
)
def test_mistakes_are_explained(arguments: list[str], said: str, wiki: Path, services: Fakes, call: Call) -> None:
    code, _out, err = call("bib", "add", *arguments)
    assert code == 2
    assert said in err
    assert (wiki / "references.bib").read_text() == BIB


def test_without_a_bibliography_or_with_several(wiki: Path, services: Fakes, call: Call) -> None:
    (wiki / "more.bib").write_text("")
    assert "2 bibliographies (choose one: --to" in call("bib", "add", "1906.01820")[2]
    assert call("bib", "add", "1906.01820", "--to", "more.bib", "--key", "mine")[0] == 0
    assert (wiki / "more.bib").read_text().startswith("@misc{mine,\n")
    for each in wiki.glob("*.bib"):
        each.unlink()
    assert "no bibliography to add to" in call("bib", "add", "1906.01820")[2]


def test_a_service_at_no_address_is_a_mistake(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIKITOOLS_WEB_SERVICES", "crosref=http://127.0.0.1")
    code, _out, err = call("bib", "add", "1906.01820")
    assert (code, "is not one of" in err) == (2, True)


NOTES = {
    "sources/literate-programming.md": """\
---
type: source
title: "Literate Programming"
authors: [Donald E. Knuth]
year: 1984
url: https://doi.org/10.1093/comjnl/27.2.97
---

# Literate Programming

It says a lot.
""",
    "sources/goto-considered-harmful.md": """\
---
type: source
title: "Go-To Considered Harmful"
authors: [Edsger W. Dijkstra]
year: 1968
url: https://doi.org/10.1145/362929.362947
---

# Go-To Considered Harmful
""",
    "sources/zoom-in.md": """\
---
type: source
title: "Zoom In"
authors: [Chris Olah, Nick Cammarata]
year: 2020
url: https://example.org/zoom
---

# Zoom In
""",
}
NOTE = """\
---
type: source
title: "Deep learning"
authors: [Yann LeCun, Yoshua Bengio, Geoffrey Hinton]
year: 2015
url: https://doi.org/10.1038/nature14539
---

# Deep learning
"""


def test_a_wiki_of_source_notes_gets_a_note(wiki: Path, services: Fakes, call: Call) -> None:
    (wiki / "references.bib").unlink()
    (wiki / "sources").mkdir()
    for path, text in NOTES.items():
        (wiki / path).write_text(text)
    code, out, _err = call("bib", "add", "--diff", "10.1038/nature14539")
    assert code == 1
    assert not (wiki / "sources/deep-learning.md").exists()
    subprocess.run(["git", "apply", "-"], input=out, text=True, cwd=wiki, check=True)
    assert (wiki / "sources/deep-learning.md").read_text() == NOTE
    (wiki / "sources/deep-learning.md").unlink()
    code, out, err = call("bib", "add", "10.1038/nature14539", "1906.01820")
    assert code == 0
    assert "to sources/deep-learning.md: LeCun, Bengio, Hinton 2015" in out
    assert err == "1 citation resolves now\n"
    assert (wiki / "sources/deep-learning.md").read_text() == NOTE
    text = (wiki / "sources/risks-from-learned-optimization-in-advanced-machine-learning-systems.md").read_text()
    assert "url: https://arxiv.org/abs/1906.01820\n" in text
    assert "already there" in call("bib", "add", "10.1038/nature14539")[1]


def test_a_folder_of_notes_can_be_chosen(wiki: Path, services: Fakes, call: Call) -> None:
    (wiki / "sources").mkdir()
    for path, text in NOTES.items():
        (wiki / path).write_text(text)
    assert call("bib", "add", "--to", "sources", "10.1038/nature14539")[0] == 0
    assert (wiki / "sources/deep-learning.md").read_text() == NOTE
    assert (wiki / "references.bib").read_text() == BIB


def test_a_stub_of_a_citation_alone(wiki: Path, services: Fakes, call: Call) -> None:
    code, out, err = call("bib", "add", "--stub", "LeCun et al. 2015", "van der Maaten & Hinton (2008)")
    assert (code, err) == (0, "1 citation resolves now\n")
    assert out.splitlines()[0] == "added lecun2015 to references.bib: LeCun et al. 2015 (stub)"
    text = (wiki / "references.bib").read_text()
    stub = """\
@misc{lecun2015,
  author = {LeCun and others},
  year   = {2015},
  note   = {Stub: only the citation is known}
}
"""
    assert stub in text
    assert "author = {van der Maaten and Hinton}" in text
    assert not services.asked()
    assert "already there: lecun2015" in call("bib", "add", "--stub", "LeCun 2015")[1]
    # Another work of the same first author and year.
    assert "added knuth1984 to references.bib: Knuth, Zapf" in call("bib", "add", "--stub", "Knuth & Zapf 1984")[1]
    assert call("bib", "add", "--stub", "Deep learning")[2].startswith('error: "Deep learning" is no citation')
    (wiki / "references.bib").unlink()
    (wiki / "references.json").write_text('[{"id": "a", "type": "book", "title": "A", "issued": "2000"}]')
    assert call("bib", "add", "--stub", "Doe 2001")[2].startswith("error: Doe 2001: references.json: an entry from")


PANEL = Work(
    "A Review of Levees", (("Panel, The Big", ""), ("Two", "Bob")), 2007, doi="10.5555/panel", container="Levee Review"
)
ORGANISATION = (Name("Panel, The Big", literal=True), Name("Two", "Bob"))
FORMS = {
    "a.bib": ("@article{one2001,\n  author = {One, Ann},\n  title = {T}\n}\n", "{{Panel, The Big}} and Two, Bob"),
    "a.ris": ("TY  - JOUR\nAU  - One, Ann\nTI  - T\nPY  - 2001\nER  - \n", "AU  - Panel,, The Big\n"),
    "a.json": ('[\n  {"id": "one", "type": "book", "title": "T"}\n]\n', '{"literal": "Panel, The Big"}'),
    "references.yaml": (
        "references:\n- id: one\n  type: book\n  title: T\n  issued: 2001\n",
        "literal: Panel, The Big",
    ),
    "a.hayagriva.yaml": ("one:\n  type: article\n  title: T\n  author: One, Ann\n", "name: Panel, The Big"),
}


@pytest.mark.parametrize("path", FORMS)
def test_an_organisation_with_a_comma_is_read_back_as_one(
    path: str, wiki: Path, services: Fakes, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "library", (*services.library, PANEL))
    (wiki / "references.bib").unlink()
    before, line = FORMS[path]
    (wiki / path).write_text(before)
    (wiki / "wikitools.toml").write_text(f'bibliography = ["{path}"]\n')
    code, _out, err = call("bib", "add", "10.5555/panel")
    assert (code, "looks like" in err) == (0, False), err
    text = (wiki / path).read_text()
    assert line in text
    assert read_bibliography(path, text)[0][-1].names == ORGANISATION


def test_an_organisation_that_ends_like_a_person_is_read_back_as_one_from_ris(
    wiki: Path, services: Fakes, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "library", (*services.library, replace(PANEL, names=(("Levees, III", ""),))))
    (wiki / "references.bib").unlink()
    (wiki / "a.ris").write_text(FORMS["a.ris"][0])
    (wiki / "wikitools.toml").write_text('bibliography = ["a.ris"]\n')
    assert call("bib", "add", "10.5555/panel")[0] == 0
    # "Levees, III" would be a person's suffix.
    assert read_bibliography("a.ris", (wiki / "a.ris").read_text())[0][-1].names == (Name("Levees III", literal=True),)


def test_where_an_organisation_cannot_be_told_from_a_person_that_is_said(
    wiki: Path, services: Fakes, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "library", (*services.library, PANEL))
    (wiki / "references.bib").unlink()
    (wiki / "sources").mkdir()
    for path, text in NOTES.items():
        (wiki / path).write_text(text)
    code, _out, err = call("bib", "add", "10.5555/panel")
    path = "sources/a-review-of-levees.md"
    assert (code, err) == (
        0,
        f'warning: {path}: the organisation "Panel, The Big" looks like a person in this form of file\n',
    )
    assert "Panel, The Big" in (wiki / path).read_text()


def test_that_is_said_of_every_organisation_and_of_no_person(
    wiki: Path, services: Fakes, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = replace(
        PANEL, names=(("Two", "Bob"), ("NASA", ""), ("Board of Rivers, Lakes and Seas", ""), ("Big Panel", ""))
    )
    monkeypatch.setattr(services, "library", (*services.library, work))
    (wiki / "references.bib").unlink()
    (wiki / "wikitools.toml").write_text('bibliography = ["a.csv"]\n')
    (wiki / "a.csv").write_text('Key,Author,Title,Year,DOI\none,"One, Ann; Two, Bob",T,2001,10.5555/one\n')
    code, _out, err = call("bib", "add", "10.5555/panel")
    assert (code, err) == (0, 'warning: a.csv: the organisation "Big Panel" looks like a person in this form of file\n')


def test_a_file_is_no_title(wiki: Path, services: Fakes, call: Call) -> None:
    (wiki / "notes for the board").write_text("secret")
    for named in (
        "./secret-plan",
        "salary 2024.pdf",
        "file:///home/me/plan",
        "ftp://example.org/a",
        "~/plan",
        "C:\\a",
        "notes for the board",
    ):
        code, _out, err = call("bib", "add", named)
        assert (code, f"error: {named}: a file, not a work" in err) == (2, True)
    assert not services.asked()


def test_a_work_that_the_table_cannot_hold_is_named_and_the_others_are_added(
    wiki: Path, services: Fakes, call: Call
) -> None:
    (wiki / "wikitools.toml").write_text('bibliography = ["sources.csv"]\n')
    (wiki / "sources.csv").write_text("key,authors,year,title,doi\na1,Doe,2001,One,10.5555/one\n")
    code, out, err = call("bib", "add", "arXiv:1906.01820", "10.1038/nature14539")
    assert code == 2
    assert "error: arxiv:1906.01820: the table has no column for its arXiv id" in err
    assert "to sources.csv: LeCun" in out
    assert "10.1038/nature14539" in (wiki / "sources.csv").read_text()


ODD = {"10.5555/a%b": 0, "10.5555/a|b": 0, "10.5555/a{b}": 2, "10.5555/a{b": 2, "10.5555/a%20b": 2, "10.5555/a'b": 2}


@pytest.mark.parametrize("doi", ODD)
def test_a_doi_with_odd_characters(doi: str, wiki: Path, services: Fakes, call: Call) -> None:
    services.library += (Work("On kelp", (("Odder", "A."),), 2010, doi=doi.replace("%20", " ")),)
    before = (wiki / "references.bib").read_text()
    code, _out, err = call("bib", "add", doi)
    assert code == ODD[doi]
    if code:
        assert "entries cannot hold all characters of its DOI; write one with https://doi.org/10.5555/a" in err
        assert (wiki / "references.bib").read_text() == before
    else:
        assert doi in {each.doi for each in read_bibliography("a.bib", (wiki / "references.bib").read_text())[0]}


def test_a_doi_with_a_blank_is_no_title(wiki: Path, services: Fakes, call: Call) -> None:
    assert '"10.5555/a b" is no DOI: it has a blank' in call("bib", "add", "10.5555/a b")[2]
    assert not services.asked()
