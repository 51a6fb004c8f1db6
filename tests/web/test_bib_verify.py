"""`wikitools bib verify`: sound entries pass, each corruption is named, and no outage is ever a finding."""

from __future__ import annotations

import html
import json
import random
import re
import signal
import subprocess
import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import jsonschema
import program
import pytest
from web.fakes import OUTAGES, Fakes, lead_to
from web.library import (
    COMMA,
    ELSEWHERE,
    HUBINGER,
    LECUN,
    MARKUP,
    OFF_SWITCH,
    OFF_SWITCH_PREPRINT,
    SCHEMA,
    WAKEFIELD,
    Work,
)

from wikitools.report.schemas import doubts_schema
from wikitools.sources.names import Name
from wikitools.sources.record import Record
from wikitools.sources.source import Source
from wikitools.sources.verdict import Differs, Missing, Undetermined, Verified, WrongIdentifier, judge
from wikitools.text import Span
from wikitools.web.memory import open_memory
from wikitools.web.works import crossref

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

SOUND = (LECUN, OFF_SWITCH, SCHEMA, ELSEWHERE, COMMA, MARKUP, HUBINGER)


class Entry(NamedTuple):
    key: str
    title: str
    authors: tuple[str, ...]
    year: int
    doi: str = ""
    arxiv: str = ""

    def __str__(self) -> str:
        lines = [
            f"  title = {{{self.title}}}",
            f"  author = {{{' and '.join(self.authors)}}}",
            f"  year = {{{self.year}}}",
        ]
        lines += [f"  doi = {{{self.doi}}}"] if self.doi else []
        lines += [f"  eprint = {{{self.arxiv}}}", "  archiveprefix = {arXiv}"] if self.arxiv else []
        return f"@article{{{self.key},\n" + ",\n".join(lines) + "\n}\n"


def entry(work: Work) -> Entry:
    title = re.sub(r"<[^>]+>", "", html.unescape(html.unescape(work.title))).replace("&", "\\&")
    authors = tuple(f"{family}, {given}" if given else f"{{{family}}}" for family, given in work.names)
    key = f"{work.names[0][0].split()[0].lower()}{work.year}"
    return Entry(key, title.replace("RETRACTED: ", ""), authors, work.year, work.doi, work.arxiv)


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "wiki"
    root.mkdir()
    (root / "index.md").write_text("# Index\n\nVaccines were doubted (Wakefield et al. 1998).\n")
    monkeypatch.chdir(root)
    return root


def write(wiki: Path, *entries: Entry) -> None:
    (wiki / "references.bib").write_text("\n".join(map(str, entries)))


def test_sound_entries_are_sound(wiki: Path, services: Fakes, call: Call) -> None:
    unnamed = Entry("gauss1801", "Disquisitiones", ("Gauss, C. F.",), 1801)
    write(wiki, *map(entry, SOUND), unnamed)
    code, out, err = call("bib", "verify")
    assert (code, out) == (0, "No problems found (1 page).\nBibliographies found: references.bib.\n")
    assert err == "7 sources compared with registries; 1 source without DOI, arXiv id or PubMed id was not\n"
    requests = sum(map(len, services.asked().values()))
    assert requests <= 12
    # The memory answers the second time.
    assert call("bib", "verify")[0] == 0
    assert sum(map(len, services.asked().values())) == requests


def test_a_doi_that_ends_like_a_view_of_a_page_is_asked_as_it_is(wiki: Path, services: Fakes, call: Call) -> None:
    work = replace(LECUN, doi="10.5555/deep.html")
    services.library += (work,)
    write(wiki, entry(work))
    assert call("bib", "verify")[0] == 0
    (wiki / "references.bib").write_text("")
    assert call("bib", "add", "10.5555/deep.html")[0] == 0
    assert "doi = {10.5555/deep.html}" in (wiki / "references.bib").read_text()
    assert call("bib", "add", "10.5555/deep.html")[1].startswith("already there")


CORRUPTIONS = [
    ("unknown-identifier", lambda it, _other: it._replace(doi="10.5555/nothing", arxiv="")),
    ("unknown-identifier", lambda it, _other: it._replace(doi="", arxiv="1906.99999")),
    ("wrong-identifier", lambda it, other: it._replace(doi=other.doi, arxiv=other.arxiv)),
    ("source-differs", lambda it, _other: it._replace(title=it.title.replace(it.title.split()[-1], "Turnips"))),
    ("source-differs", lambda it, _other: it._replace(authors=("Nobody, Nora", *it.authors[1:]))),
    ("source-differs", lambda it, _other: it._replace(year=it.year - 7)),
    ("source-differs", lambda it, _other: it._replace(authors=it.authors[:1])),
]


@pytest.mark.parametrize("number", range(len(CORRUPTIONS)))
def test_each_corruption_is_named(number: int, wiki: Path, services: Fakes, call: Call) -> None:
    rule, corrupt = CORRUPTIONS[number]
    chance = random.Random(number)
    works = [work for work in SOUND if len(work.names) > 1]
    spoilt = [
        corrupt(entry(work), entry(chance.choice([each for each in SOUND if each is not work]))) for work in works
    ]
    write(wiki, *spoilt)
    code, out, _err = call("bib", "verify", "--output-format", "json")
    found = json.loads(out)["diagnostics"]
    # Lists of authors are often cut on purpose.
    assert code == int(any(each["severity"] != "info" for each in found))
    assert {each["rule"] for each in found} == {rule}
    assert len(found) == len(works)


def test_a_retracted_work_names_the_pages_that_rest_on_it(wiki: Path, services: Fakes, call: Call) -> None:
    write(wiki, entry(WAKEFIELD))
    code, out, _err = call("bib", "verify")
    assert code == 1
    said = "this work is retracted (2010-02-06, 10.1016/s0140-6736(10)60175-4); cited on index.md"
    assert f"error[retracted-source]: {said}" in out
    sarif = json.loads(call("bib", "verify", "--output-format", "sarif")[1])
    assert sarif["runs"][0]["results"][0]["ruleId"] == "retracted-source"
    # The report shows it without another question.
    asked = services.asked()
    report = wiki.parent / "report.html"
    assert call("report", "-o", str(report))[0] == 0
    assert f"<td>{said}</td><td>retracted-source</td>" in report.read_text()
    assert services.asked() == asked
    assert call("bib", "verify", "--ignore", "retracted-source")[0] == 0
    # Not even with all rules does lint ask anybody, or remember.
    code, out, err = call("lint", "--select", "ALL", "--ignore", "pages")
    assert "retracted" not in out
    assert 'skipped: needs the web: run "wikitools bib verify"' in err


def test_a_preprint_that_was_published_is_pointed_out(wiki: Path, services: Fakes, call: Call) -> None:
    write(wiki, entry(OFF_SWITCH)._replace(doi="", arxiv="1611.08219", year=2016))
    code, out, _err = call("bib", "verify")
    assert code == 0
    assert "info[published-since]: this preprint was published as 10.24963/ijcai.2017/32" in out
    # The year of either version is right.
    write(wiki, entry(OFF_SWITCH)._replace(doi="", arxiv="1611.08219", year=2017))
    assert "differs" not in call("bib", "verify")[1]


def test_a_preprint_with_a_doi_of_its_own_is_pointed_out(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    preprint = replace(OFF_SWITCH, doi="10.1101/2016.11.24.1", preprint_of=OFF_SWITCH.doi, kind="posted-content")
    write(wiki, entry(preprint))
    with Fakes((OFF_SWITCH, preprint)) as services:
        lead_to(services, monkeypatch)
        out = call("bib", "verify")[1]
        assert "info[published-since]: this preprint was published as 10.24963/ijcai.2017/32" in out
        write(wiki, entry(OFF_SWITCH))
        assert "published-since" not in call("bib", "verify")[1]


@pytest.mark.parametrize("outage", OUTAGES)
def test_no_outage_is_a_finding(outage: str, wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = dict.fromkeys(("doi", "crossref", "datacite", "arxiv"), outage)
    absent = Entry("none2020", "Nothing at all", ("Nobody, N.",), 2020, "10.5555/none")
    write(wiki, *map(entry, SOUND), absent, absent._replace(key="none2021", doi="", arxiv="2001.99999"))
    with Fakes(out=everything) as services:
        lead_to(services, monkeypatch)
        code, out, err = call("bib", "verify")
    assert code == 2
    assert out.startswith("No problems found")
    assert "0 sources compared with registries" in err
    assert "could not be verified" in err


def test_one_service_that_is_out_leaves_the_others(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    write(wiki, *map(entry, SOUND), Entry("none2020", "Nothing", ("Nobody, N.",), 2020, "10.5555/none"))
    with Fakes(out={"crossref": "reset"}) as services:
        lead_to(services, monkeypatch)
        code, out, err = call("bib", "verify")
    # doi.org says itself that this one does not exist; what only Crossref could say stays open.
    assert code == 1
    assert out.count("unknown-identifier") == 1
    assert "could not be verified" in err


def test_no_time_and_no_network(wiki: Path, services: Fakes, call: Call) -> None:
    write(wiki, entry(LECUN))
    code, _out, err = call("bib", "verify", "--max-time", "0")
    assert (code, "there was no time left" in err) == (2, True)
    assert not services.asked()
    code, _out, err = call("bib", "verify", "--offline")
    assert (code, "offline, and not in the memory" in err) == (2, True)
    assert call("bib", "verify")[0] == 0
    assert call("bib", "verify", "--offline")[0] == 0


@pytest.mark.slow
def test_an_interrupt_keeps_what_was_learned(wiki: Path, cache_of_its_own: Path) -> None:
    write(wiki, entry(LECUN), entry(HUBINGER))
    with Fakes(out={"arxiv": "hangs"}) as services:
        environment = program.environment(WIKITOOLS_WEB_SERVICES=services.addresses)
        process = subprocess.Popen(
            [*program.PROGRAM, "bib", "verify"], cwd=wiki, env=environment, stderr=subprocess.PIPE
        )
        for _each in range(200):
            if services.servers["arxiv"].asked:
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"interrupted" in err
    memory = open_memory(str(cache_of_its_own), str(wiki), pytest.fail, pytest.fail)
    assert memory.get("crossref", LECUN.doi) is not None
    assert memory.get("arxiv", HUBINGER.arxiv) is None
    memory.close()


# The judgement alone


def source(title: str, *names: str, year: str = "2015", doi: str = "10.1/x", others: bool = False) -> Source:
    people = tuple(Name(*each.split(", ")) for each in names)
    fields = {"others": "and others"} if others else {}
    return Source(Span("a.bib", 0, 0), "k", people, (year,), title=title, doi=doi, fields=fields)


RECORD = Record(
    "crossref",
    title="Sheep and Goats: A Field Study of α-Acids",
    names=(Name("García Márquez", "Gabriel"), Name("Müller", "Jörg"), Name("World Health Organization", literal=True)),
    years=("2015", "2014"),
    doi="10.1/x",
)
SAME = [
    source("Sheep and goats", "García Márquez, G.", "Mueller, J.", "WHO"),
    source("SHEEP AND GOATS: a field study of alpha-acids", "Marquez, Gabriel", others=True),
    source("Sheep & Goats. A Field Study of α-acids", "Garcia, Gabriel", others=True, year="2013"),
    source("Sheep and goats: a field-study of α acids", "García-Márquez, G", others=True, year="2016"),
    source("", "García Márquez, G.", others=True),
    source("Sheep and goats", year="2014"),
    source("Sheep and Goats", "加西亚, 马", others=True),
]
OTHERWISE = [
    (source("Sheep and Dogs: A Field Study of α-Acids", "García Márquez, G.", others=True), "title"),
    (source("Sheep and goats", "Schmidt, Gabriel", others=True), "first author"),
    (source("Sheep and goats", "García Márquez, G.", others=True, year="2009"), "year"),
    (source("Sheep and goats", "García Márquez, G.", "Müller, J."), "authors"),
]


@pytest.mark.parametrize("number", range(len(SAME)))
def test_what_is_no_difference(number: int) -> None:
    judged = judge(SAME[number], {"doi:10.1/x": RECORD})
    assert judged is not None
    assert isinstance(judged.verdict, Verified), judged.verdict


@pytest.mark.parametrize("number", range(len(OTHERWISE)))
def test_what_is_a_difference(number: int) -> None:
    it, field = OTHERWISE[number]
    judged = judge(it, {"doi:10.1/x": RECORD})
    assert judged is not None
    assert isinstance(judged.verdict, Differs), judged.verdict
    assert [each.field for each in judged.verdict.differences] == [field]


@pytest.mark.parametrize(
    ("title", "notice", "is_wrong"),
    [
        ("Sheep and goats", "Correction to: Sheep and Goats", True),
        ("Sheep and goats: a study", "Erratum: Sheep and Goats: A Study", True),
        ("Sheep and goats", "Retraction: Sheep and Goats: A Study", True),
        ("Sheep and goats", "Retraction Notice to “Sheep and Goats”", True),
        ("Retraction: Sheep and goats", "Retraction: Sheep and Goats", False),
        ("Correction to sheep and goats", "Author Correction: Sheep and Goats", False),
        ("", "Retraction: Sheep and Goats", False),
    ],
)
def test_a_notice_is_not_the_work_that_it_is_about(title: str, notice: str, is_wrong: bool) -> None:
    record = crossref.record_of(
        {"DOI": "10.1/X", "title": [notice], "update-to": [{"DOI": "10.1/y", "type": "retraction"}]}
    )
    judged = judge(source(title), {"doi:10.1/x": record})
    assert judged is not None
    assert isinstance(judged.verdict, WrongIdentifier) == is_wrong
    # Nor is an article a notice that was updated under its own DOI, or to a new edition.
    for update in ({"DOI": "10.1/x", "type": "correction"}, {"DOI": "10.1/y", "type": "new_edition"}):
        assert not crossref.record_of({"DOI": "10.1/X", "title": [notice], "update-to": [update]}).is_notice


def test_another_work_and_nobody_who_could_say() -> None:
    judged = judge(source("On the Origin of Species", "Darwin, Charles", year="1859"), {"doi:10.1/x": RECORD})
    assert judged is not None
    assert isinstance(judged.verdict, WrongIdentifier)
    judged = judge(SAME[0], {"doi:10.1/x": Undetermined("timeout")})
    assert judged is not None
    assert judged.verdict == Undetermined("timeout")
    assert judge(source("X", doi=""), {}) is None
    both = Source(Span("a.bib", 0, 0), "k", title=RECORD.title, doi="10.1/x", arxiv="1906.01820")
    for other, kind in ((Undetermined("down"), Undetermined), (RECORD, Verified)):
        judged = judge(both, {"doi:10.1/x": RECORD, "arxiv:1906.01820": other})
        assert judged is not None
        assert isinstance(judged.verdict, kind)
    judged = judge(both, {"doi:10.1/x": RECORD, "arxiv:1906.01820": Missing("arXiv")})
    assert judged is not None
    assert judged.verdict.by == "arXiv"  # type: ignore[union-attr]


def test_pages_by_doubt(wiki: Path, services: Fakes, call: Call) -> None:
    lost = Entry("none2020", "Nothing", ("Nobody, N.",), 2020, "10.5555/none")
    other = entry(LECUN)._replace(key="doe2001", title="A Study of Sheep", authors=("Doe, J.",), year=2001)
    book = Entry("gauss1801", "Disquisitiones", ("Gauss, C. F.",), 1801)
    write(wiki, entry(WAKEFIELD), lost, other, entry(SCHEMA), book)
    (wiki / "sound.md").write_text(f"# Sound\n\nThis holds [@{entry(SCHEMA).key}; @gauss1801].\n")
    (wiki / "sheep.md").write_text("# Sheep\n\nSheep (Doe 2001) do nothing (Nobody 2020). So it is (Doe 2001).\n")
    (wiki / "wanted.md").write_text("# Wanted\n\nThis was shown (Smith and Jones 1999).\n")
    code, out, _err = call("bib", "verify", "--by-page")
    assert code == 1
    assert out == (
        "index.md: 1 of 1 source doubtful\n"
        "  retracted-source  wakefield1998 at 3:24: "
        "this work is retracted (2010-02-06, 10.1016/s0140-6736(10)60175-4); cited on index.md\n"
        "sheep.md: 2 of 2 sources doubtful\n"
        "  unknown-identifier  none2020 at 3:30: doi.org has no DOI 10.5555/none\n"
        '  wrong-identifier    doe2001 at 3:8, 3:54: the DOI 10.1038/nature14539 belongs to "Deep learning" '
        "(LeCun 2015)\n"
        "wanted.md: 1 work cited that the bibliography lacks\n"
        "  no source  Smith & Jones 1999 at 3:17\n"
    )
    said = json.loads(call("bib", "verify", "--by-page", "--output-format", "json")[1])
    jsonschema.validate(said, doubts_schema())
    assert [page["path"] for page in said["pages"]] == ["index.md", "sheep.md", "wanted.md"]
    assert said["pages"][1]["doubts"][1]["citations"] == [{"line": 3, "column": 8}, {"line": 3, "column": 54}]
    # A silenced finding is not in doubt, and an unanswered question is reported as unanswered, no more.
    assert "wakefield" not in call("bib", "verify", "--by-page", "--ignore", "retracted-source")[1]
    out = call("bib", "verify", "--by-page", "--offline", "--no-cache")[1]
    assert "doubtful\n" not in out.replace("0 of", "")
    assert "no answer  none2020 at 3:30: offline" in out
    assert call("bib", "verify", "--by-page", "--statistics")[0] == 2


def test_paths_select_pages_by_doubt(wiki: Path, services: Fakes, call: Call) -> None:
    lost = Entry("none2020", "Nothing", ("Nobody, N.",), 2020, "10.5555/none")
    write(wiki, entry(WAKEFIELD), lost)
    (wiki / "wikitools.toml").touch()
    (wiki / "farm").mkdir()
    (wiki / "farm/sheep.md").write_text("# Sheep\n\nThey do nothing (Nobody 2020), nor vaccines (Smith 1999).\n")
    (wiki / "farm/cows.md").write_text("# Cows\n\nThey do nothing (Nobody 2020), nor more.\n")
    bibliography = next(each.name for each in wiki.iterdir() if each.suffix == ".bib")
    for asked, pages, compared in (
        (("index.md",), ["index.md"], 1),
        (("farm/sheep.md",), ["farm/sheep.md"], 1),
        (("farm",), ["farm/sheep.md", "farm/cows.md"], 1),
        (("farm/cows.md", "index.md"), ["index.md", "farm/cows.md"], 2),
        (("farm/cows.md", bibliography), ["farm/cows.md"], 2),
        ((bibliography,), ["index.md", "farm/sheep.md", "farm/cows.md"], 2),
        ((".",), ["index.md", "farm/sheep.md", "farm/cows.md"], 2),
    ):
        code, out, err = call("bib", "verify", "--by-page", *asked)
        assert (code, [line.partition(":")[0] for line in out.splitlines() if line[0] != " "]) == (1, pages), asked
        assert f"{compared} source{'s' if compared > 1 else ''} compared" in err, asked
    assert "unknown-identifier  none2020 at 3:18" in call("bib", "verify", "--by-page", "farm/cows.md")[1]


def test_a_source_note_stands_for_its_source(wiki: Path, services: Fakes, call: Call) -> None:
    (wiki / "wikitools.toml").touch()
    (wiki / "sources").mkdir()
    (wiki / "sources/nothing.md").write_text(
        '---\ntype: source\ntitle: Nothing\nauthor: "Nobody, N."\nyear: 2020\ndoi: 10.5555/none\n---\n'
    )
    (wiki / "sheep.md").write_text("# Sheep\n\nThey do nothing (Nobody 2020).\n")
    for asked in ("sources", "sources/nothing.md", "sheep.md"):
        code, out, _err = call("bib", "verify", "--by-page", asked)
        assert (code, out.partition(":")[0]) == (1, "sheep.md"), asked


def test_without_doubts_the_list_of_pages_is_empty(wiki: Path, services: Fakes, call: Call) -> None:
    write(wiki, entry(LECUN))
    (wiki / "index.md").write_text("# Index\n\nNets are deep (LeCun et al. 2015).\n")
    assert call("bib", "verify", "--by-page")[:2] == (0, "Nothing doubtful was found on any page.\n")


def test_the_time_ends_while_a_service_says_nothing(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    write(wiki, entry(LECUN))
    with Fakes(out={"crossref": "hangs"}) as services:
        lead_to(services, monkeypatch)
        code, _out, err = call("bib", "verify", "--max-time", "0.3s")
        asked = services.asked()
    assert code == 2
    assert "could not be verified: there was no time left" in err
    # Nobody waited for an answer, and asked again.
    assert len(asked["crossref"]) == 1


def test_what_is_remembered_can_be_a_baseline(wiki: Path, services: Fakes, call: Call, cache_of_its_own: Path) -> None:
    (wiki / "references.bib").write_text(str(entry(WAKEFIELD)))
    assert "retracted-source" in call("bib", "verify")[1]
    asked = services.asked()
    assert call("baseline", "create", "--registries")[0] == 0
    assert services.asked() == asked
    code, out, _err = call("bib", "verify")
    assert (code, "1 in baseline" in out) == (0, True)
    # Other runs cannot see this finding, and neither call it stale nor drop it.
    before = (wiki / "wikitools-baseline.json").read_text()
    assert "stale" not in call("lint")[1]
    for command in ("update", "prune"):
        assert call("baseline", command)[0] == 0
        assert (wiki / "wikitools-baseline.json").read_text() == before
    (wiki / "references.bib").write_text(str(entry(LECUN)))
    assert call("baseline", "update", "--registries")[0] == 0
    assert "retracted-source" not in (wiki / "wikitools-baseline.json").read_text()


@pytest.mark.parametrize("outage", OUTAGES)
def test_the_year_of_a_published_preprint_waits_for_the_answer(
    outage: str, wiki: Path, services: Fakes, call: Call
) -> None:
    long_before = replace(OFF_SWITCH_PREPRINT, year=2013)
    services.library = (*(each for each in services.library if each is not OFF_SWITCH_PREPRINT), long_before)
    (wiki / "references.bib").write_text(str(entry(long_before)._replace(year=OFF_SWITCH.year)))
    services.out |= dict.fromkeys(("crossref", "datacite", "doi"), outage)
    code, out, err = call("bib", "verify")
    assert (code, "source-differs" in out) == (2, False)
    assert "1 source could not be verified" in err
    services.out.clear()
    assert "source-differs" not in call("bib", "verify", "--no-cache")[1]
