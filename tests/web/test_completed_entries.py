"""`bib add` of a work of which the bibliography has a stub or the preprint: the entry becomes that of the work."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest
from web.library import OFF_SWITCH, Work
from web.test_bib_add import BIB

from wikitools.sources.readers import read_bibliography

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call
    from web.fakes import Fakes

PAGE = "Nets are deep (LeCun et al. 2015). Off (Hadfield-Menell et al. 2017), or on (Hadfield-Menell et al. 2016).\n"
PREPRINT = """
@article{hadfield2016,
  author = {Hadfield-Menell, Dylan and Dragan, Anca and others},
  title = {The Off-Switch Game},
  journal = {arXiv preprint arXiv:1611.08219},
  year = {2016},
  keywords = {"a", {b}
              and c},
  url = {https://arxiv.org/abs/1611.08219}
}
"""


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "wiki"
    root.mkdir()
    (root / "references.bib").write_text(BIB)
    (root / "index.md").write_text(PAGE)
    monkeypatch.chdir(root)
    return root


def test_a_stub_is_completed_by_its_work(wiki: Path, services: Fakes, call: Call) -> None:
    assert call("bib", "add", "--stub", "LeCun et al. 2015")[0] == 0
    bib = wiki / "references.bib"
    stub = bib.read_text()
    bib.write_text(stub.replace("  note   = {Stub", "  abstract = {Mine.},\n  note   = {Stub"))
    code, out, err = call("bib", "add", "--diff", "10.1038/nature14539")
    line = "lecun2015 in references.bib, so far a stub: LeCun, Bengio, Hinton 2015. Deep learning\n"
    assert (code, err) == (1, f"would complete {line}")
    assert "-  note   = {Stub: only the citation is known}" in out
    subprocess.run(["git", "apply", "-"], input=out, text=True, cwd=wiki, check=True)
    patched = bib.read_text()
    bib.write_text(stub.replace("  note   = {Stub", "  abstract = {Mine.},\n  note   = {Stub"))
    assert call("bib", "add", "10.1038/nature14539")[:2] == (0, f"completed {line}")
    assert bib.read_text() == patched
    assert patched.startswith(BIB)
    assert "Stub" not in patched
    assert "  abstract = {Mine.}" in patched
    assert "@article{lecun2015,\n" in patched
    assert call("bib", "add", "10.1038/nature14539")[1].startswith("already there: lecun2015 in")


@pytest.mark.parametrize("citation", ["LeCun 2015", "LeCun & Bengio 2015", "LeCun et al. 2016"])
def test_a_stub_of_another_work_stays(citation: str, wiki: Path, services: Fakes, call: Call) -> None:
    assert call("bib", "add", "--stub", citation)[0] == 0
    before = (wiki / "references.bib").read_text()
    assert call("bib", "add", "10.1038/nature14539")[1].startswith("added lecun2015deep to")
    assert "only the citation is known" in (wiki / "references.bib").read_text().removeprefix(before[:-200])


def test_a_key_of_its_own_keeps_a_work_apart_from_a_stub(wiki: Path, services: Fakes, call: Call) -> None:
    assert call("bib", "add", "--stub", "LeCun et al. 2015")[0] == 0
    assert call("bib", "add", "10.1038/nature14539", "--key", "deep")[1].startswith("added deep to")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_the_entry_of_a_preprint_becomes_that_of_what_was_published(
    line_end: str, wiki: Path, services: Fakes, call: Call
) -> None:
    bib = wiki / "references.bib"
    bib.write_bytes(f"{PREPRINT}{BIB}".replace("\n", line_end).encode())
    assert "published as 10.24963/ijcai.2017/32" in call("bib", "verify")[1]
    # The preprint itself is there.
    assert call("bib", "add", "1611.08219")[1].startswith("already there: hadfield2016")
    code, out, err = call("bib", "add", "10.24963/ijcai.2017/32")
    assert (code, out) == (
        0,
        "completed hadfield2016 in references.bib, so far a preprint: Hadfield-Menell, Dragan, Abbeel, Russell 2017. "
        "The Off-Switch Game\n",
    )
    assert err == "1 citation resolves now\n", "the year of the preprint resolved before, and still does"
    text = bib.read_bytes().decode()
    assert text.endswith(BIB.replace("\n", line_end))
    assert text.count("\r\n") == (text.count("\n") if line_end == "\r\n" else 0)
    assert f'keywords = {{"a", {{b}}{line_end}              and c}}'.replace(" ", "") in text.replace(" ", "")
    entry = read_bibliography("a.bib", text)[0][0]
    assert (entry.key, entry.doi, entry.arxiv) == ("hadfield2016", "10.24963/ijcai.2017/32", "1611.08219")
    assert "published as" not in call("bib", "verify")[1]
    assert call("bib", "add", "10.24963/ijcai.2017/32")[1].startswith("already there: hadfield2016")


@pytest.mark.parametrize(
    "entry",
    [
        # It was published elsewhere, has a comment that would be lost, has one field twice.
        PREPRINT.replace("arXiv preprint arXiv:1611.08219", "Journal of Games"),
        PREPRINT.replace("  year =", "  % from the library\n  year ="),
        PREPRINT.replace("  year =", "  keywords = {b},\n  year ="),
    ],
)
def test_an_entry_that_would_lose_something_is_named_and_stays(
    entry: str, wiki: Path, services: Fakes, call: Call
) -> None:
    (wiki / "references.bib").write_text(entry)
    code, out, err = call("bib", "add", "10.24963/ijcai.2017/32")
    assert code == 0
    assert out.startswith("already there")
    assert ("was not completed with 10.24963/ijcai.2017/32: the entry has more than fields" in err) == (
        "as a preprint" in out
    )
    assert (wiki / "references.bib").read_text() == entry


ITEM = """\
  {
    "id": "off",
    "type": "article",
    "title": "The Off-Switch Game",
    "author": [{"family": "Hadfield-Menell", "given": "Dylan"}, {"family": "Dragan", "given": "Anca"}],
    "issued": {"date-parts": [[2016, 11]]},
    "number": "arXiv:1611.08219",
    "custom": {"tags": ["a", 1.5]},
    "URL": "https://arxiv.org/abs/1611.08219",
    "note": "Mine: \u00e9"
  }"""
OTHER = '  {\n    "id": "a",\n    "type": "book",\n    "title": "Kelp",\n    "author": [{"family": "Orr"}]\n  }'


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_an_item_of_csl_json_is_completed(line_end: str, wiki: Path, services: Fakes, call: Call) -> None:
    (wiki / "references.bib").unlink()
    file = wiki / "references.json"
    more = OTHER.replace('"a"', '"b"').replace("Kelp", "Moss")
    before, after = f"[\n{OTHER},\n", f",\n{more}\n]\n"
    file.write_bytes(f"{before}{ITEM}{after}".replace("\n", line_end).encode())
    code, out, err = call("bib", "add", "10.24963/ijcai.2017/32")
    assert (code, err) == (0, "1 citation resolves now\n"), "the year of the preprint resolved before, and still does"
    assert out.startswith("completed off in references.json, so far a preprint: Hadfield-Menell")
    text = file.read_bytes().decode()
    assert text.count("\r\n") == (text.count("\n") if line_end == "\r\n" else 0)
    text = text.replace("\r\n", "\n")
    assert text.startswith(before)
    assert text.endswith(after)
    item = json.loads(text)[1]
    old = json.loads(ITEM)
    assert [name for name in item if name in old] == [name for name in old if name != "number"]
    assert {name: item[name] for name in ("id", "custom", "URL", "note")} == {
        name: old[name] for name in ("id", "custom", "URL", "note")
    }
    assert (item["DOI"], item["issued"]["date-parts"][0][0]) == ("10.24963/ijcai.2017/32", 2017)
    assert len(item["author"]) == 4
    assert call("bib", "add", "10.24963/ijcai.2017/32")[1].startswith("already there: off in")
    # What is there twice would be lost.
    file.write_text(f"{before}{ITEM.replace('custom', 'note')}{after}")
    assert "(to replace it, delete it, then: wikitools" in call("bib", "add", "10.24963/ijcai.2017/32")[2]


def test_in_other_files_a_preprint_is_named_as_one(wiki: Path, services: Fakes, call: Call) -> None:
    (wiki / "references.bib").unlink()
    other = "references:\n- id: a\n  type: book\n  title: Kelp\n  author:\n  - family: Orr\n"
    off = "- id: off\n  type: article\n  title: The Off-Switch Game\n  URL: https://arxiv.org/abs/1611.08219\n"
    file = wiki / "references.yaml"
    file.write_text(f"{other}{off}")
    code, out, err = call("bib", "add", "10.24963/ijcai.2017/32")
    assert (code, out.startswith("already there as a preprint: off in references.yaml: Hadfield")) == (0, True)
    why, advice = err.rstrip(")\n").split(" (to replace it, delete it, then: wikitools ")
    what = (
        "off was not completed with 10.24963/ijcai.2017/32: entries can be completed in BibTeX and CSL-JSON files only"
    )
    assert why.endswith(what)
    assert file.read_text() == f"{other}{off}"
    # What it says can be done.
    file.write_text(other)
    code, _out, err = call(*shlex.split(advice))
    assert code == 0, err
    entry = read_bibliography("a.yaml", file.read_text())[0][-1]
    assert (entry.key, entry.doi) == ("off", "10.24963/ijcai.2017/32")


def test_a_source_note_about_a_preprint_is_named_as_one(wiki: Path, services: Fakes, call: Call) -> None:
    note = "---\ntype: source\ntitle: The Off-Switch Game\nurl: https://arxiv.org/abs/1611.08219\n---\n"
    (wiki / "off.md").write_text(note)
    code, out, err = call("bib", "add", "10.24963/ijcai.2017/32", "--to", "references.bib")
    assert (code, out.startswith("already there as a preprint: off in off.md")) == (0, True)
    assert "source notes are not completed (change its front matter yourself)" in err
    assert (wiki / "off.md").read_text() == note


def test_a_published_preprint_keeps_its_id_in_a_file_without_fields_for_it(
    wiki: Path, services: Fakes, call: Call
) -> None:
    venue = "journal={arXiv preprint arXiv:2001.0000%d}"
    entries = [f"@article{{k{n}, author={{A{n}, B.}}, title={{T {n}}}, {venue % n}, year=2020}}" for n in range(6)]
    (wiki / "references.bib").write_text("\n".join(entries) + "\n")
    code, _out, err = call("bib", "add", "1611.08219")
    assert code == 0, err
    added = read_bibliography("a.bib", (wiki / "references.bib").read_text())[0][-1]
    assert (added.doi, added.arxiv) == (OFF_SWITCH.doi, "1611.08219")


def test_a_book_is_there_with_or_without_its_subtitle(wiki: Path, services: Fakes, call: Call) -> None:
    book = "@book{super, author = {Bostrom, Nick}, title = {Superintelligence}, year = {2014}}\n"
    (wiki / "references.bib").write_text(book)
    assert call("bib", "add", "9780199678112")[1].startswith("already there: super in references.bib: Bostrom 2014.")
    (wiki / "references.bib").write_text(book.replace("2014", "1999"))
    assert call("bib", "add", "9780199678112")[1].startswith("added bostrom2014"), "another edition"


def test_two_works_of_one_run_and_a_stub_in_another_file(wiki: Path, services: Fakes, call: Call) -> None:
    services.library += (Work("Kelp", (("Egner", "M."),), 1998, doi="10.5555/kelp"),)
    (wiki / "more.bib").write_text("")
    assert call("bib", "add", "--stub", "Egner 1998", "--to", "more.bib")[0] == 0
    out = call("bib", "add", "10.1038/nature14539", "10.5555/kelp", "--to", "references.bib")[1]
    assert [line.partition(":")[0] for line in out.splitlines()] == [
        "added lecun2015deep to references.bib",
        "completed egner1998 in more.bib, so far a stub",
    ]
    assert "10.5555/kelp" in (wiki / "more.bib").read_text()
