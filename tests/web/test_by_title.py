"""`bib verify --by-title`: sources without identifiers, given to paper-preflight, and what its answers become."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Call

BIB = """\
@article{doe2020, author = {Doe, Jane and Roe, Rex}, title = {A Study of Nothing}, journal = {Land}, year = {2020}}
@article{ngo2021, author = {Ngo, Ann}, title = {A Study of Something}, year = {2011}}
@book{bell2019, author = {Bell, Ann}, title = {A Report of Ours}, year = {2019}}
@book{known2019, author = {Known, Ann}, title = {A Book}, year = {2019}}
"""


@dataclass(frozen=True)
class Matched:
    source: str
    title: str
    year: int
    doi: str = ""


@dataclass(frozen=True)
class Reference:
    """As paper_preflight 1.0 has it (`paper_preflight.api.Reference`)."""

    key: str
    verdict: str
    reasons: tuple[str, ...] = ()
    matched: Matched | None = None
    findings: tuple[Any, ...] = field(default=())


ANSWERS = {
    "A Study of Nothing": ("not_found", (), None),
    "A Study of Something": ("metadata_mismatch", (), Matched("crossref", "A Study of Something", 2021, "10.5555/1")),
    "A Report of Ours": ("cannot_determine", ("GREY_LITERATURE",), None),
    "A Book": ("verified", (), Matched("openlibrary", "A Book", 2019)),
}


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("r.bib").write_text(BIB)
    Path("a.md").write_text("Nothing is studied (Doe & Roe 2020).\n")
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let paper-preflight answer as it is documented, and return what it was asked."""
    seen: list[Any] = []

    def check_paper(path: str, **options: Any) -> Any:
        items = json.loads(Path(path).read_text("utf-8"))
        seen.append((items, options))
        report = ModuleType("report")
        report.references = [Reference(each["id"], *ANSWERS[each["title"]]) for each in items]  # type: ignore[attr-defined]
        return report

    module = ModuleType("paper_preflight")
    module.check_paper = check_paper  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "paper_preflight", module)
    return seen


def test_what_nobody_knows_is_reported(wiki: Path, asked: list[Any], call: Call) -> None:
    code, out, err = call("bib", "verify", "--by-title", "--output-format", "concise")
    assert code == 1
    assert [line.partition(": ")[2] for line in out.splitlines()[:2]] == [
        "warning[source-not-found] no service knows this work, and 1 page cites it",
        "warning[source-differs] the year differs: 2021 at the registry",
    ]
    assert "paper-preflight: grey literature" in err
    (items, options), *_rest = asked
    assert options["settings"] is None
    assert items[0]["author"] == [{"family": "Doe", "given": "Jane"}, {"family": "Roe", "given": "Rex"}]
    assert items[0]["issued"] == {"date-parts": [[2020]]}
    assert items[0]["container-title"] == "Land"


def test_without_the_option_nobody_is_asked_by_title(wiki: Path, asked: list[Any], call: Call) -> None:
    code, _out, err = call("bib", "verify")
    assert (code, asked) == (0, [])
    assert "4 sources without DOI, arXiv id or PubMed id were not" in err


def test_without_the_extra_the_run_says_so(wiki: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    monkeypatch.setitem(sys.modules, "paper_preflight", None)
    code, _out, err = call("bib", "verify", "--by-title")
    assert code == 2
    assert "wikitools-md[verify]" in err


@pytest.mark.slow  # it tries its sources several times, with pauses
def test_the_real_one_says_nothing_without_a_network(wiki: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    code, out, err = call("bib", "verify", "--by-title", "--no-cache")
    assert code == 2
    assert "source-not-found" not in out
    assert "could not be verified: paper-preflight: sources unavailable" in err
