"""`cite --unmatched --lookup`: open citations, the works that they may mean, and how these are added."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web.fakes import OUTAGES, Fakes, lead_to
from web.faults import Time
from web.library import LECUN, NAMESAKES, OFF_SWITCH, Work
from web.test_bib_add import BIB, DEEP

from wikitools.cli.cite_lookup import _toml
from wikitools.sources.names import Name
from wikitools.sources.readers import read_bibliography
from wikitools.sources.record import Record
from wikitools.sources.source import Source
from wikitools.text import Span
from wikitools.web.unlisted_works import Want, is_fit, look_up
from wikitools.web.wording import Wording

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

PAGE = """\
# Nets

Nets are deep (LeCun et al. 2015). A robot may want to be switched off (Hadfield-Menell et al. 2017), and the
off-switch game says when (Hadfield-Menell et al. 2017). The lac operon is older (García-López & O’Neill 2020).
Vaccines were doubted (Wakefield et al. 1998). Nobody knows this one (Unwritten 2011).
"""


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "wiki"
    root.mkdir()
    (root / "references.bib").write_text(f"{BIB}\n{DEEP}")
    (root / "nets.md").write_text(PAGE)
    monkeypatch.chdir(root)
    return root


def test_open_citations_are_looked_up_and_added(wiki: Path, services: Fakes, call: Call) -> None:
    code, out, err = call("cite", "--unmatched", "--lookup", "-o", "proposals.toml")
    assert code == 0
    assert out.splitlines()[:2] == [
        "Hadfield-Menell et al. 2017: 2 citations on 1 page; first at nets.md:3:73",
        "  likely    10.24963/ijcai.2017/32  Hadfield-Menell, Dragan, Abbeel, Russell 2017. The Off-Switch Game "
        "(in the references of lecun2015deep)",
    ]
    assert "  likely    10.5555/markup  García-López, O’Neill 2020. The lac operon & H2O" in out
    assert re.search(r"^Unwritten 2011: 1 citation on 1 page; first at nets.md:5:\d+$\n^Wakefield", out, re.MULTILINE)
    assert "4 works wanted: 2 likely found, " in err
    assert (wiki / "references.bib").read_text() == f"{BIB}\n{DEEP}"
    proposals = (wiki / "proposals.toml").read_text()
    listed = tomllib.loads(proposals)["work"]
    assert [each["take"] for each in listed] == [False] * len(listed)
    assert listed[0]["identifier"] == "doi:10.24963/ijcai.2017/32"
    assert listed[0]["citations"] == 2
    # No word of the page was sent.
    asked = " ".join(target for targets in services.asked().values() for target in targets)
    assert not {"robot", "switched", "Vaccines", "doubted"} & set(asked.replace("+", " ").replace("%20", " ").split())
    assert call("bib", "add", "--from", "proposals.toml")[0] == 2
    (wiki / "proposals.toml").write_text(proposals.replace("take = false", "take = true", 2))
    code, out, err = call("bib", "add", "--from", "proposals.toml")
    assert code == 0
    assert out.count("added ") == 2
    assert err == "3 citations resolve now\n"
    assert "4 works" not in call("cite", "--unmatched", "--lookup")[2]


def test_what_is_known_only_by_name_is_possible(wiki: Path, services: Fakes, call: Call) -> None:
    (wiki / "nets.md").write_text("Ileal hyperplasia and pervasive disorder in children (Wakefield et al. 1998).\n")
    out = call("cite", "--unmatched", "--lookup")[1]
    assert "  possible  10.1016/s0140-6736(97)11096-0  Wakefield" in out
    # A few telling words are enough on the only page of a wiki, however long the title is.
    (wiki / "nets.md").write_text("Hyperplasia and colitis in children (Wakefield et al. 1998).\n")
    assert "  possible  10.1016/s0140-6736(97)11096-0  Wakefield" in call("cite", "--unmatched", "--lookup")[1]


def test_the_only_work_of_its_names_and_year_is_proposed_if_its_title_is_of_this_page(
    wiki: Path, services: Fakes, call: Call
) -> None:
    text = "The receptors of dopamine are many, and so are their motor effects (Le Moine et al. 2004).\n"
    (wiki / "nets.md").write_text(text)
    people = (("Le Moine", "C."), ("Bloch", "B."), ("Roe", "R."))
    services.library += (Work("Receptors expressed in striatal neurons", people, 2004, doi="10.5555/receptors"),)
    out = call("cite", "--unmatched", "--lookup")[1]
    assert "  possible  10.5555/receptors" in out
    assert (
        "(Crossref and DataCite have no other such work; 25% of its title is near the citations, 25% on their pages)"
        in out
    )
    # If there are others, it takes more than a word.
    services.library += tuple(
        Work(f"Volume {number} of all", people, 2004, doi=f"10.5555/volume{number}") for number in range(3)
    )
    call("cache", "clean", "--web")
    assert "10.5555/receptors" not in call("cite", "--unmatched", "--lookup")[1]


def test_lists_of_references_are_asked_for_together(wiki: Path, services: Fakes, call: Call) -> None:
    sources = [Work(f"Source {n}", ((f"Sourcer{n}", "S."),), 2019, doi=f"10.5555/s{n}") for n in range(3)]
    cited = Work("The wanted one", (("Wanter", "W."),), 2011, doi="10.5555/wanted")
    services.library += (*sources[:2], replace(sources[2], cites=(cited.doi,)), cited)
    entries = (
        f"@misc{{s{n}, author={{Sourcer{n}, S.}}, title={{S}}, year=2019, doi={{10.5555/s{n}}}}}" for n in range(3)
    )
    (wiki / "references.bib").write_text("\n".join(entries))
    (wiki / "nets.md").write_text("So say (Sourcer0 2019), (Sourcer1 2019), (Sourcer2 2019) and (Wanter 2011).\n")
    assert (
        "  likely    10.5555/wanted  Wanter 2011. The wanted one (in the references of s2)"
        in call("cite", "--unmatched", "--lookup")[1]
    )
    lists = [target for target in services.asked()["crossref"] if "reference" in target]
    assert len(lists) == 1
    assert all(f"s{n}" in lists[0] for n in range(3))


def test_common_words_say_little_about_a_title() -> None:
    pages = {f"{n}.md": f"rice and yield and plants, word{n}" for n in range(40)}
    pages["40.md"] = "rice and yield and plants; the stomata of orchids open at night"
    wording = Wording(pages.values(), pages, pages.__getitem__)
    common = wording.told("Yield of rice plants", "rice", ["40.md"])
    telling = wording.told("Stomata of orchids", "rice", ["40.md"])
    assert (common.on_pages, telling.on_pages) == (1.0, 1.0)
    assert common.odds < 0 < telling.odds
    assert wording.told("Of the", "rice", ["40.md"]) == (0.0, 0.0, 0.0)


def test_all_authors_by_name_are_enough_to_be_possible(wiki: Path, services: Fakes, call: Call) -> None:
    (wiki / "nets.md").write_text("It was so (Le Moine & Bloch 2004).\n")
    work = Work("Dopamine receptors", (("Le Moine", "C."), ("Bloch", "B.")), 2004, doi="10.5555/receptors")
    services.library += (work,)
    assert "  possible  10.5555/receptors" in call("cite", "--unmatched", "--lookup")[1]
    # One name could be anybody's.
    (wiki / "nets.md").write_text("It was so (Le Moine et al. 2004).\n")
    assert "10.5555/receptors" not in call("cite", "--unmatched", "--lookup")[1]


def test_a_work_that_the_bibliography_has_is_not_proposed() -> None:
    want = Want(("Hadfield-Menell",), True, "2017", frozenset({"a.md"}), "")
    lecun = Source(Span("r.bib", 0, 1), "lecun", title=LECUN.title, doi=LECUN.doi)
    names = tuple(Name(family, given) for family, given in OFF_SWITCH.names)
    entry = Source(Span("r.bib", 1, 2), "off", names, ("2017",), title=OFF_SWITCH.title, doi=OFF_SWITCH.doi)
    entries = {"as cited": (entry,), "of another year": (replace(entry, years=("2001",)),), "none": ()}
    found: dict[str, bool] = {}
    for name, known in entries.items():
        with Fakes() as services:
            looked = services.ask(
                lambda web, known=known: look_up(
                    web, [want], {"a.md": [lecun]}, known=lambda each: known if each == f"doi:{OFF_SWITCH.doi}" else ()
                ),
                Time().clock,
                keys={},
            )
        found[name] = bool(looked.candidates[want])
    # A wrong entry hides nothing: its work is named, and "bib add" says that it is there.
    assert found == {"as cited": False, "of another year": True, "none": True}


BESIDE = {
    "brackets": "A robot is switched off (Hadfield-Menell et al. 2017, doi:10.24963/ijcai.2017/32).",
    "brackets of two lines": "A robot is switched off (Hadfield-Menell et al. 2017,\n[pdf](https://doi.org/10.24963/ijcai.2017/32)).",
    "a link": "A robot [Hadfield-Menell et al. (2017)](https://doi.org/10.24963/ijcai.2017/32) is switched off.",
    "a line": "- Hadfield-Menell et al. (2017): switched off. <https://doi.org/10.24963/ijcai.2017/32>",
    "a footnote": "Off.[^1]\n\n[^1]: Hadfield-Menell et al. (2017), https://doi.org/10.24963/ijcai.2017/32",
    "a footnote behind": "Hadfield-Menell et al. (2017)[^1] say so.\n\n[^1]: The paper: 10.24963/ijcai.2017/32",
}


@pytest.mark.parametrize("where", BESIDE)
def test_an_identifier_beside_a_citation_is_certain(where: str, wiki: Path, services: Fakes, call: Call) -> None:
    (wiki / "nets.md").write_text(f"# Off\n\n{BESIDE[where]}\n")
    _code, out, err = call("cite", "--unmatched", "--lookup", "-o", "proposals.toml")
    assert "  certain   10.24963/ijcai.2017/32  Hadfield-Menell" in out
    assert "(its identifier is next to the citation)" in out
    assert "1 work wanted: 1 found for certain, 0 likely found, 0 possibly, 0 not" in err
    # Only a certain one is taken without a person.
    assert tomllib.loads((wiki / "proposals.toml").read_text())["work"][0]["take"] is True
    code, out, err = call("bib", "add", "--from", "proposals.toml")
    assert code == 0
    assert re.fullmatch(r"(1 citation resolves|2 citations resolve) now\n", err)


def test_another_work_beside_a_citation_is_none(wiki: Path, services: Fakes, call: Call) -> None:
    (wiki / "nets.md").write_text(
        "They differ (Hadfield-Menell et al. 2017; unlike doi:10.1016/s0140-6736(97)11096-0).\n"
    )
    out = call("cite", "--unmatched", "--lookup")[1]
    lines = out.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("Hadfield-Menell et al. 2017: "))
    # What is next to it is wanted separately.
    assert not any(line.startswith("  ") for line in lines[at + 1 : at + 2])
    assert "  certain   10.1016/s0140-6736(97)11096-0" in out


def test_an_identifier_elsewhere_on_the_page_is_likely(wiki: Path, services: Fakes, call: Call) -> None:
    text = "Off (Hadfield-Menell et al. 2017).\n\nTo read: <https://doi.org/10.24963/ijcai.2017/32>\n"
    (wiki / "nets.md").write_text(text)
    out = call("cite", "--unmatched", "--lookup", "-o", "p.toml")[1]
    assert "  likely    10.24963/ijcai.2017/32" in out
    assert "(its identifier is on a page that cites it)" in out
    assert tomllib.loads((wiki / "p.toml").read_text())["work"][0]["take"] is False


def test_a_year_beside_that_of_the_work_is_likely_only(wiki: Path, services: Fakes, call: Call) -> None:
    (wiki / "nets.md").write_text("Off (Hadfield-Menell et al. 2018, doi:10.24963/ijcai.2017/32).\n")
    assert "  likely    10.24963/ijcai.2017/32" in call("cite", "--unmatched", "--lookup")[1]


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_outage_finds_nothing_and_says_so(
    outage: str, wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Fakes(out=dict.fromkeys(("crossref", "datacite", "doi", "arxiv"), outage)) as services:
        lead_to(services, monkeypatch)
        code, out, err = call("cite", "--unmatched", "--lookup", "-o", "proposals.toml")
        assert call("bib", "add", "--from-wiki", "--yes")[0] == 2
    # As for "bib add" and "bib verify": no answer is no failure of the wiki, and not the end of the question either.
    assert code == 2
    assert (wiki / "proposals.toml").read_text().startswith("#")
    assert "likely" not in out
    assert "no proposals in proposals.toml\n" in err
    assert "without an answer" in err
    assert "0 not, 4 undetermined" in err


def test_offline_and_without_time_nobody_is_asked(wiki: Path, services: Fakes, call: Call) -> None:
    assert "without an answer: offline" in call("cite", "--unmatched", "--lookup", "--offline")[2]
    assert "there was no time left" in call("cite", "--unmatched", "--lookup", "--max-time", "0s")[2]
    assert "write a time such as 90s" in call("cite", "--unmatched", "--lookup", "--max-time", "soon")[2]
    assert not services.asked()
    first = call("cite", "--unmatched", "--lookup")[1]
    asked = services.asked()
    assert call("cite", "--unmatched", "--lookup", "--offline")[1] == first
    assert services.asked() == asked


@pytest.mark.parametrize(
    "arguments", [["--lookup"], ["--ambiguous", "--lookup"], ["--unmatched", "--offline"], ["-o", "x"]]
)
def test_options_that_do_not_go_together(arguments: list[str], wiki: Path, call: Call) -> None:
    assert call("cite", *arguments)[0] == 2


HOSTILE = (
    "Ends \\",
    'Quotes " and \'\'\' and """',
    'New\nline, take = true\n[[work]]\nidentifier = "doi:10.5555/evil"',
    "\x1b[31mred\x07 \x7f\x00",
    "Half a \ud800 character",
    "\u202eright to left \u2028 and \x85 lines",
    "named &#x202e;left to right\u2066\u00ad\ufeff",
    "<i>x</i> &amp; \\emph{y} % # _",
    r"Norms $\ell_1$ and {\AA}ngstr\"om in \LaTeX",
    "} , doi = {10.5555/evil}, x = {",
    "@article{evil, title={x}}",
)


def test_hostile_titles_are_proposed_and_added_as_they_are(wiki: Path, services: Fakes, call: Call) -> None:
    names = [f"Hostile{chr(ord('A') + number)}" for number in range(len(HOSTILE))]
    services.library += tuple(
        Work(title, ((name, "H."), ("Two", "B."), ("Three", "C.")), 2011, doi=f"10.5555/{name.lower()}")
        for name, title in zip(names, HOSTILE, strict=True)
    )
    lines = (f"It is so ({name} et al. 2011, doi:10.5555/{name.lower()}).\n" for name in names)
    (wiki / "nets.md").write_text("".join(lines))
    assert call("cite", "--unmatched", "--lookup", "-o", "proposals.toml")[0] == 0
    listed = tomllib.loads((wiki / "proposals.toml").read_text(encoding="utf-8"))["work"]
    assert sorted(each["identifier"] for each in listed) == [f"doi:10.5555/{name.lower()}" for name in names]
    assert all(each["take"] is True and each["title"].isprintable() for each in listed)
    code, out, err = call("bib", "add", "--from", "proposals.toml")
    assert code == 0, err
    assert out.count("added ") == len(names)
    assert f"{len(names)} citations resolve now" in err
    assert "\u202e" not in out + (wiki / "references.bib").read_text(encoding="utf-8")
    added = read_bibliography("r.bib", (wiki / "references.bib").read_text(encoding="utf-8"))[0]
    assert not any(each.doi == "10.5555/evil" for each in added)
    titles = {each.doi: each.title for each in added}
    assert titles["10.5555/hostileh"] == "x & y % # _"
    assert titles["10.5555/hostilei"] == "Norms ℓ_1 and Ångström in LaTeX"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_read_back_from_proposals(text: str) -> None:
    assert tomllib.loads(f"x = {_toml(text)}")["x"] == text


def test_a_work_that_only_pubmed_knows_is_proposed_by_its_id(wiki: Path, services: Fakes, call: Call) -> None:
    services.library += (Work("Old trials", (("Trialer", "T."),), 1971, 5, pmid="4200001", page="1-9"),)
    (wiki / "nets.md").write_text("It was so (Trialer 1971).[^1]\n\n[^1]: PMID 4200001\n")
    out = call("cite", "--unmatched", "--lookup", "-o", "p.toml")[1]
    assert "  certain   PMID 4200001  Trialer 1971. Old trials" in out
    assert call("bib", "add", "--from", "p.toml")[0] == 0
    assert "Old trials" in (wiki / "references.bib").read_text()


def test_a_file_of_proposals_that_is_none(wiki: Path, call: Call) -> None:
    (wiki / "p.toml").write_text("work = 3")
    assert "no work is given" in call("bib", "add", "--from", "p.toml")[2]
    (wiki / "p.toml").write_text("[[work]")
    assert "p.toml: " in call("bib", "add", "--from", "p.toml")[2]
    assert "no such file" in call("bib", "add", "--from", "gone.toml")[2].lower()


FITS = [
    (("Hubinger",), True, ["Hubinger", "van Merwijk", "Mikulik"], True),
    (("Hubinger", "van Merwijk"), False, ["Hubinger", "van Merwijk"], True),
    (("Hubinger", "Merwijk"), True, ["Hubinger", "van Merwijk", "Mikulik"], True),
    (("Müller",), False, ["Muller"], True),
    (("Hubinger",), True, ["Hubinger"], False),
    (("Merwijk",), True, ["Hubinger", "van Merwijk", "Mikulik"], False),
    (("Hubinger", "Mikulik"), False, ["Hubinger", "van Merwijk"], False),
    (("Hubinger",), False, ["Hubinger", "van Merwijk"], False),
    ((), False, ["Hubinger"], False),
]


@pytest.mark.parametrize(("names", "et_al", "authors", "fits"), FITS)
def test_who_fits(names: tuple[str, ...], et_al: bool, authors: list[str], fits: bool) -> None:
    record = Record("crossref", title="T", names=tuple(Name(each, "X") for each in authors), years=("2019",))
    assert is_fit(Want(names, et_al, "2019", frozenset(), ""), record) == fits
    assert not is_fit(Want(names, et_al, "2018", frozenset(), ""), record)


def test_a_file_that_is_there_is_not_lost(wiki: Path, services: Fakes, call: Call) -> None:
    (wiki / "mine.toml").write_text("[lint]\nignore = []\n")
    for name in ("references.bib", "nets.md", "mine.toml"):
        before = (wiki / name).read_bytes()
        code, _out, err = call("cite", "--unmatched", "--lookup", "-o", name)
        assert (code, f"error: -o {name}: " in err) == (2, True)
        assert (wiki / name).read_bytes() == before
    # Nor may it be what makes every later run end: a configuration that is none.
    code, _out, err = call("cite", "--unmatched", "--lookup", "-o", "pyproject.toml")
    assert (code, "this name is for configurations" in err, (wiki / "pyproject.toml").exists()) == (2, True, False)
    assert not services.asked()


def test_what_was_chosen_in_the_proposals_is_kept(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    write = ("cite", "--unmatched", "--lookup", "-o", "proposals.toml")
    with Fakes() as services:
        lead_to(services, monkeypatch)
        call(*write)
        made = (wiki / "proposals.toml").read_text()
        chosen = made.replace("take = false", "take = true", 1)
        (wiki / "proposals.toml").write_text(chosen)
        assert call(*write)[0] == 0
        assert (wiki / "proposals.toml").read_text() == chosen
    # Nor is it lost when nothing is found.
    (wiki / "nets.md").write_text("Nobody knows this one (Unwritten 2011).\n")
    assert call(*write, "--offline")[0] == 0
    left = tomllib.loads((wiki / "proposals.toml").read_text())["work"]
    assert [(each["take"], each["identifier"]) for each in left] == [(True, "doi:10.24963/ijcai.2017/32")]


def test_a_preprint_is_found_by_the_words_of_the_page_without_a_key(wiki: Path, services: Fakes, call: Call) -> None:
    services.library += NAMESAKES
    page = "# The alignment problem\n\nHow far it reaches into deep learning is disputed ({} 2022).\n"
    (wiki / "nets.md").write_text(page.format("Ngo et al."))
    out = call("cite", "--unmatched", "--lookup", "-o", "p.toml")[1]
    assert re.findall(r"^  \w+ .*", out, re.MULTILINE) == [
        "  possible  arXiv:2209.00626  Ngo, Chan, Mindermann 2022. The Alignment Problem from a Deep Learning "
        "Perspective (67% of its title is near the citations, 67% on their pages)"
    ]
    (wiki / "p.toml").write_text((wiki / "p.toml").read_text().replace("take = false", "take = true"))
    assert call("bib", "add", "--from", "p.toml")[2] == "1 citation resolves now\n"
    assert "= {2209.00626}" in (wiki / "references.bib").read_text()


def test_preprints_are_searched_for_together_and_only_where_they_may_be(
    wiki: Path, services: Fakes, call: Call
) -> None:
    (wiki / "nets.md").write_text("Off (Orr et al. 2019; Pim et al. 2020), or (Koh 2021); deep (LeCun et al. 2015).\n")
    call("cite", "--unmatched", "--lookup")
    assert len(services.asked()["datacite"]) == 1
    # Whose choice it is to leave a service out misses no answer of it.
    (wiki / "wikitools.toml").write_text('[web]\nsources = ["crossref"]\n')
    call("cache", "clean", "--web")
    code, _out, err = call("cite", "--unmatched", "--lookup")
    assert (code, "3 not" in err, "DataCite" in err) == (0, True, False)
    assert len(services.asked()["datacite"]) == 1


def test_a_work_of_one_service_is_the_only_one_if_the_other_has_none(wiki: Path, services: Fakes, call: Call) -> None:
    people = (("Ngo", "B."), ("Roe", "R."))
    services.library += (Work("The moss of the fens", people, 2022, doi="10.5555/fens"),)
    (wiki / "nets.md").write_text("The fens have little (Ngo et al. 2022).\n")
    assert "10.5555/fens" not in call("cite", "--unmatched", "--lookup")[1]
    services.library = services.library[-1:]
    call("cache", "clean", "--web")
    out = call("cite", "--unmatched", "--lookup")[1]
    assert "10.5555/fens  Ngo, Roe 2022. The moss of the fens (Crossref and DataCite have no other such work; " in out


def test_of_the_only_preprint_it_is_said_where_there_is_no_other(wiki: Path, services: Fakes, call: Call) -> None:
    # Each version of a deposit has a DOI of its own.
    one, other = (replace(each, title="Moss of the fens") for each in NAMESAKES[:2])
    services.library = (one, other)
    (wiki / "nets.md").write_text("The fens have little moss (Ngo et al. 2022).\n")
    out = call("cite", "--unmatched", "--lookup")[1]
    assert out.count("  possible  ") == 1
    assert "(Crossref and DataCite have no other such work; 100% of its title is near the citations" in out


def test_the_name_of_an_author_says_nothing_about_a_title(wiki: Path, services: Fakes, call: Call) -> None:
    people = (("Taylor", "John B."), ("Roe", "R."), ("Pim", "P."))
    services.library += (Work("The Taylor rule", people, 1993, doi="10.5555/taylor"),)
    (wiki / "nets.md").write_text("It was so (Taylor et al. 1993).\n")
    assert "10.5555/taylor" not in call("cite", "--unmatched", "--lookup")[1]
    (wiki / "nets.md").write_text("A rule says where it leads (Taylor et al. 1993).\n")
    out = call("cite", "--unmatched", "--lookup")[1]
    assert "  possible  10.5555/taylor  Taylor, Roe, Pim 1993. The Taylor rule" in out
    assert "100% of its title is near the citations" in out


def test_a_list_with_another_such_work_that_has_no_doi_makes_none_likely(
    wiki: Path, services: Fakes, call: Call
) -> None:
    source, wanted = (Work(f"On {name}", ((name, "S."),), 2011, doi=f"10.5555/{name}") for name in ("lister", "wanter"))
    entry = "@misc{lister, author={Lister, S.}, title={On lists}, year=2011, doi={10.5555/lister}}"
    (wiki / "references.bib").write_text(entry)
    (wiki / "nets.md").write_text("So say (Lister 2011) and (Wanter 2011).\n")
    found: dict[str, str] = {}
    for name, others in {"no other": (), "another": (("Wanter", 2011),), "another's": (("Pell", 2011),)}.items():
        services.library = (replace(source, cites=(wanted.doi,), also_cites=others), wanted)
        call("cache", "clean", "--web")
        found[name] = call("cite", "--unmatched", "--lookup")[1].splitlines()[1]
    assert found["no other"] == found["another's"]
    assert "  likely    10.5555/wanter" in found["no other"]
    assert "  possible  10.5555/wanter" in found["another"]
    assert found["another"].endswith("(in the references of lister, which have another by this author from this year)")


def test_a_work_that_pages_cite_in_several_forms_is_wanted_once(wiki: Path, services: Fakes, call: Call) -> None:
    doi = "doi:10.24963/ijcai.2017/32"
    (wiki / "nets.md").write_text("Off (Hadfield-Menell et al. 2017).\n")
    (wiki / "off.md").write_text(f"Off (Hadfield-Menell et al. 2017, {doi}), again (Hadfield-Menell et al. 2017).\n")
    assert call("cite", "--unmatched")[1].startswith("Hadfield-Menell et al. 2017: 3 citations on 2 pages; 10.24963")
    # What has another identifier elsewhere may be another work.
    (wiki / "other.md").write_text("Off (Hadfield-Menell et al. 2017, doi:10.5555/other).\n")
    assert call("cite", "--unmatched")[1].count("Hadfield-Menell et al. 2017: ") == 3
    (wiki / "other.md").unlink()
    # Other forms are known to mean it when services have said so.
    (wiki / "nets.md").write_text("Off (Hadfield-Menell, Dragan, et al. 2017). Nets are deep (LeCun et al. 2015).\n")
    assert call("cite", "--unmatched")[1].count("Hadfield-Menell") == 2
    _code, out, err = call("cite", "--unmatched", "--lookup", "-o", "p.toml")
    first, second = out.splitlines()
    assert first.startswith(
        "Hadfield-Menell et al. 2017: 3 citations on 2 pages; also as Hadfield-Menell, Dragan et al."
    )
    assert second.startswith("  certain   10.24963/ijcai.2017/32")
    assert "1 work wanted: 1 found for certain" in err
    assert len(tomllib.loads((wiki / "p.toml").read_text())["work"]) == 1
    assert call("bib", "add", "--from", "p.toml")[2] == "3 citations resolve now\n"
