"""`bib verify --fix` and `--diff`: a missing DOI that is known for certain is added, and nothing else happens."""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from web.fakes import OUTAGES, Fakes, lead_to
from web.library import LECUN, OFF_SWITCH
from web.test_by_title import Matched, Reference

from wikitools.sources.readers import read_bibliography

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

PUBLISHED = f"""\
@inproceedings{{hadfield2017off,
  author        = {{Hadfield-Menell, Dylan and Dragan, Anca and Abbeel, Pieter and Russell, Stuart}},
  title         = {{The Off-Switch Game}},
  booktitle     = {{{OFF_SWITCH.container}}},
  year          = {{2017}},
  eprint        = {{1611.08219}},
  archiveprefix = {{arXiv}}
}}
"""
IN_PUBMED = """\
@article{lecun2015,
  author = {LeCun, Y. and Bengio, Y. and Hinton, G.},
  title = {Deep learning},
  journal = {Nature},
  year = {2015},
  pmid = {26017442},
}
"""
UNTOUCHED = """\
% Older works
@book{gauss1801,
  author = {Gauss, C. F.},
  title = {Disquisitiones},
  year = {1801}
}
"""


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "wiki"
    root.mkdir()
    (root / "index.md").write_text("# Index\n\nNets are deep (LeCun et al. 2015).\n")
    monkeypatch.chdir(root)
    return root


def test_missing_dois_are_reported_shown_and_added(wiki: Path, services: Fakes, call: Call) -> None:
    bib = wiki / "references.bib"
    before = f"{PUBLISHED}\n{UNTOUCHED}\n{IN_PUBMED}"
    bib.write_text(before)
    code, out, _err = call("bib", "verify", "--output-format", "concise")
    assert code == 0
    messages = [line.partition(": ")[2] for line in out.splitlines()[:2]]
    assert messages == [
        f"info[missing-doi] the registry has a DOI for this work: {OFF_SWITCH.doi}",
        f"info[missing-doi] the registry has a DOI for this work: {LECUN.doi}",
    ]
    code, patch, err = call("bib", "verify", "--diff")
    assert (code, bib.read_text()) == (1, before)
    assert "Would fix 2 problems in 1 bibliography." in err
    added = [line for line in patch.splitlines() if line.startswith("+ ")]
    assert added == ["+  doi           = {10.24963/ijcai.2017/32},", "+  doi = {10.1038/nature14539},"]
    code, out, err = call("bib", "verify", "--fix")
    assert code == 0, (out, err)
    assert "Fixed 2 problems. Nothing is left" in out
    assert bib.read_text() == before.replace(
        "  eprint        =", "  doi           = {10.24963/ijcai.2017/32},\n  eprint        ="
    ).replace("{26017442},\n", "{26017442},\n  doi = {10.1038/nature14539},\n")
    # A second run is a no-op, and finds nothing.
    once = bib.read_text()
    code, out, err = call("bib", "verify", "--fix")
    assert (code, bib.read_text()) == (0, once)
    assert "missing-doi" not in out


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("{2017}", "{2016}"),
        ("The Off-Switch Game", "The Off-Switch Games"),
        (" and Russell, Stuart", ""),
        (OFF_SWITCH.container, "AAAI Workshops"),
        (OFF_SWITCH.container, "arXiv preprint arXiv:1611.08219"),
    ],
)
def test_another_version_gets_no_doi(written: str, instead: str, wiki: Path, services: Fakes, call: Call) -> None:
    before = PUBLISHED.replace(written, instead)
    (wiki / "references.bib").write_text(before)
    out = call("bib", "verify", "--fix")[1]
    assert "missing-doi" not in out
    assert (wiki / "references.bib").read_text() == before


def test_what_differs_from_pubmed_gets_no_doi(wiki: Path, services: Fakes, call: Call) -> None:
    before = IN_PUBMED.replace("Deep learning", "Shallow teaching of donkeys")
    (wiki / "references.bib").write_text(before)
    code, out, _err = call("bib", "verify", "--fix")
    assert code == 1
    assert "missing-doi" not in out
    assert (wiki / "references.bib").read_text() == before


@pytest.mark.parametrize("outage", OUTAGES)
def test_no_outage_adds_anything(outage: str, wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    (wiki / "references.bib").write_text(f"{PUBLISHED}\n{IN_PUBMED}")
    with Fakes(out=dict.fromkeys(("crossref", "datacite", "doi", "pubmed"), outage)) as services:
        lead_to(services, monkeypatch)
        code, _out, err = call("bib", "verify", "--fix")
    assert code == 2
    assert "could not be verified" in err
    assert (wiki / "references.bib").read_text() == f"{PUBLISHED}\n{IN_PUBMED}"


def test_findings_after_a_repair_are_where_the_lines_are_now(wiki: Path, services: Fakes, call: Call) -> None:
    wrong = "@misc{doe2020,\n  author = {Doe, Jo},\n  title = {X},\n  doi = {10.5555/nothing}\n}\n"
    (wiki / "references.bib").write_text(f"{IN_PUBMED}\n{wrong}")
    code, out, _err = call("bib", "verify", "--fix", "--output-format", "concise")
    assert code == 1
    lines = (wiki / "references.bib").read_text().splitlines()
    (found,) = [line for line in out.splitlines() if "unknown-identifier" in line]
    assert "10.5555/nothing" in lines[int(found.split(":")[1]) - 1]


def test_items_and_notes_are_repaired(wiki: Path, services: Fakes, call: Call) -> None:
    people = [{"family": "LeCun"}, {"family": "Bengio"}, {"family": "Hinton"}]
    item = {"id": "a", "title": "Deep learning", "author": people, "PMID": "26017442", "issued": "2015"}
    (wiki / "references.json").write_text(json.dumps([item], indent=2))
    note = "---\ntitle: Deep learning\nauthors: [Yann LeCun, Yoshua Bengio, Geoffrey Hinton]\nyear: 2015\nurl: "
    (wiki / "deep.md").write_text(f"{note}https://pubmed.ncbi.nlm.nih.gov/26017442/\n---\nMine.\n")
    assert call("bib", "verify", "--fix")[0] == 0
    (source,) = read_bibliography("r.json", (wiki / "references.json").read_text())[0]
    assert source.doi == LECUN.doi
    assert f"doi: {LECUN.doi}\n---\nMine.\n" in (wiki / "deep.md").read_text()


def test_a_file_in_another_encoding_is_left_alone(wiki: Path, services: Fakes, call: Call) -> None:
    before = IN_PUBMED.replace("Nature", "Naturé").encode("latin-1")
    (wiki / "references.bib").write_bytes(before)
    assert "not UTF-8" in call("bib", "verify", "--fix")[2]
    assert (wiki / "references.bib").read_bytes() == before


def test_what_is_found_by_its_title_gets_its_doi(
    wiki: Path, services: Fakes, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check_paper(path: str, **_options: Any) -> Any:
        report = ModuleType("report")
        with open(path, encoding="utf-8") as file:
            items = json.load(file)
        matched = Matched("crossref", "Deep learning", 2015, LECUN.doi.upper())
        report.references = [Reference(each["id"], "verified", (), matched) for each in items]  # type: ignore[attr-defined]
        return report

    module = ModuleType("paper_preflight")
    module.check_paper = check_paper  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "paper_preflight", module)
    before = IN_PUBMED.replace("  pmid = {26017442},\n", "")
    (wiki / "references.bib").write_text(before)
    assert call("bib", "verify", "--by-title", "--fix")[0] == 0
    assert (wiki / "references.bib").read_text() == before.replace(
        "{2015},\n", f"{{2015}},\n  doi = {{{LECUN.doi}}},\n"
    )
    # The same title elsewhere is another version.
    other = before.replace("Nature", "Arxives")
    (wiki / "references.bib").write_text(other)
    assert call("bib", "verify", "--by-title", "--fix")[0] == 0
    assert (wiki / "references.bib").read_text() == other


@pytest.mark.parametrize("option", ["--fix", "--diff"])
def test_pages_by_doubt_are_not_repaired(option: str, wiki: Path, call: Call) -> None:
    assert "--by-page goes without --fix and --diff" in call("bib", "verify", "--by-page", option)[2]
