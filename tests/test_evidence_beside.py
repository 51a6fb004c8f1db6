"""What speaks for a citation and how far it reaches, from the files of a wiki to what `cite` prints."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from program import PROGRAM, environment

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

LIBRARY = """\
@article{kelp, author={Orr, Ann and Pim, Bo}, title={On kelp}, year={2019}, url={https://example.org/kelp}}
@article{moss, author={Quill, Ann and Lund, Cy and Wik, Di}, title={On moss}, year={2022}}
@article{fern, author={Quill, Bo and Vane, Ed and Roe, Fay}, title={Tropical fern spores}, year={2023},
  eprint={2203.07475}, archiveprefix={arXiv}}
@article{sedge, author={Dale, Bo and Vane, Ed and Roe, Fay}, title={On sedge}, year={2023}, eprint={2203.07476},
  archiveprefix={arXiv}}
@article{rush, author={Ruiz, Bo}, title={On rushes}, year={2020}, doi={10.1000/rush}}
"""


def cited(call: Call, folder: Path, text: str) -> list[str]:
    """Return the citations of a page with this text, each as `what is printed -> keys (evidence)`."""
    (folder / "refs.bib").write_text(LIBRARY)
    (folder / "page.md").write_text(text + "\n")
    _code, out, _err = call("cite", "--output-format", "json-lines", str(folder))
    rows = [json.loads(line) for line in out.splitlines()]
    return [f"{row['text']} -> {' '.join(row['keys'])} ({', '.join(row['evidence'])})" for row in rows if "text" in row]


BY_NAME, BY_LINK = "authors and year", "URL in the link"
LINKED = f"Orr & Pim 2019 -> kelp ({BY_LINK}, {BY_NAME})"
APART = [f"On kelp -> kelp ({BY_LINK})", f"Orr & Pim 2019 -> kelp ({BY_NAME})"]
LINK, CALLOUT = "[On kelp](https://example.org/kelp)", "(Orr & Pim 2019)"


@pytest.mark.parametrize(
    ("text", "citations"),
    [
        (f"- {LINK} {CALLOUT}", [LINKED]),
        (f"- {CALLOUT} {LINK}", [LINKED]),
        (f"- {CALLOUT}. {LINK}", [LINKED]),  # a reference
        (f"It grows {CALLOUT},\n{LINK}", [LINKED]),
        (f"- {LINK}\n- {CALLOUT}", APART),
        (f"- {CALLOUT}\n- {LINK}", APART[::-1]),
        (f"{LINK}\n\n{CALLOUT}", APART),
        (f"> {LINK}\n\n{CALLOUT}", APART),
        (f"It grows {CALLOUT}. {LINK} says where.", APART[::-1]),
        (f"See {LINK}. {CALLOUT}", APART),
    ],
)
def test_a_link_is_evidence_in_its_own_sentence_and_item(
    tmp_path: Path, call: Call, text: str, citations: list[str]
) -> None:
    assert cited(call, tmp_path, text) == citations


@pytest.mark.parametrize(
    ("between", "key"), [(" ", ""), (". ", "rush"), ("\n- ", "rush"), ("\n\n", "rush")], ids=["", ".", "item", "block"]
)
def test_another_doi_speaks_against_a_work_in_its_own_sentence_and_item(
    tmp_path: Path, call: Call, between: str, key: str
) -> None:
    address = "[here](https://doi.org/10.1000/other)"
    for text in (f"- See (Ruiz 2020){between}{address} too", f"- See {address}{between}(Ruiz 2020) too"):
        found = [row for row in cited(call, tmp_path, text) if row.startswith("Ruiz 2020")]
        assert [row.split(" -> ")[1].split(" (")[0] for row in found] == [key]


def test_a_declared_year_beats_the_year_of_an_arxiv_id(tmp_path: Path, call: Call) -> None:
    assert cited(call, tmp_path, "(Quill et al. 2022; Dale et al. 2022)") == [
        f"Quill et al. 2022 -> moss ({BY_NAME}, its declared year)",
        f"Dale et al. 2022 -> sedge ({BY_NAME})",
    ]
    assert cited(call, tmp_path, "**Tropical fern spores** (Quill et al. 2022)") == [
        f"Quill et al. 2022 -> fern ({BY_NAME}, title words before it)"
    ]


@pytest.mark.parametrize(
    ("file", "title", "key"),
    [
        ("2025-bastani-contracting-paradox", "The contracting paradox", True),
        ("bastani_2025_contracting_paradox", "The contracting paradox of moss", True),
        ("2025-bastani-contracting-paradox", "Another title", False),
        ("2025-contracting-paradox-revisited", "The contracting paradox revisited", False),
    ],
)
def test_a_file_named_after_author_and_title_gives_an_open_list(
    tmp_path: Path, call: Call, file: str, title: str, key: bool
) -> None:
    (tmp_path / f"{file}.md").write_text(
        f"---\ntitle: {title}\ntype: source\nyear: 2025\nurl: https://example.org/b\n---\n"
    )
    rows = cited(call, tmp_path, f"Bastani & Cachon (2025), [[{file}]], and (Bastani et al. 2025) say so.")
    found = [row.split(" -> ")[1].split(" (")[0] for row in rows if row.startswith("Bastani")]
    assert found == 2 * [file if key else ""]


HERRINGS = """\
@article{bays, author={Herr, Ann and Sild, Bo}, title={Spawning Grounds in Shallow Bays}, year={2004}}
@article{net1, author={Knot, Cy}, title={Mesh sizes of nets: a review}, year={2012}}
@article{net2, author={Knot, Cy}, title={Twine and the strength of twine}, year={2012}}
@article{crab, author={Krab, Di}, title={On crabs}, journal={Annals of the Shore}, year={2015}}
"""


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        # another title speaks against a source
        ('(Herr & Sild 2004, "Moonlight and the Migration of Eels")', [""]),
        ("(Herr & Sild 2004, *Moonlight and the Migration of Eels*)", [""]),
        ("Herr and Sild's (2004) \"Moonlight and the Migration of Eels\" says", [""]),
        ("“Moonlight and the Migration of Eels” (Herr & Sild 2004)", [""]),
        ("(Krab 2015, *Moonlight and the Migration of Eels*)", [""]),
        # its own title, its journal, a phrase and a quotation do not
        ("(Herr & Sild 2004, *Spawning Grounds in Shallow Bays*)", ["bays"]),
        ("“Spawning Grounds in Shallow Bays” (Herr & Sild 2004)", ["bays"]),
        ("(Krab 2015, *Annals of the Shore*)", ["crab"]),
        ("(Herr & Sild 2004, *Journal of Eels*)", ["bays"]),
        ("Herr and Sild (2004) call it “the long way home of the eels”", ["bays"]),
        ("It is “the long way home of the eels” (Herr & Sild 2004)", ["bays"]),
        ("the *Migration of Eels by Moonlight* (Herr & Sild 2004)", ["bays"]),
        ("“Moonlight and the Migration of Eels” (Orr 2001; Herr & Sild 2004)", ["", "bays"]),
        # a title, or how it begins, chooses between namesakes
        ("“Mesh sizes” (Knot 2012) and “Twine and the strength” (Knot 2012)", ["net1", "net2"]),
        ("| a | b |\n|---|---|\n| Knot 2012 | Mesh sizes of nets |\n| Knot (2012) | *Twine and the strength* |",
         ["net1", "net2"]),
        ("| a | b |\n|---|---|\n| *Mesh sizes of nets* | Knot 2012 |\n| Twine and the strength | Knot (2012) |",
         ["net1", "net2"]),
    ],
)  # fmt: skip
def test_a_printed_title_counts_for_and_against(tmp_path: Path, call: Call, text: str, keys: list[str]) -> None:
    (tmp_path / "refs.bib").write_text(HERRINGS)
    (tmp_path / "page.md").write_text(text + "\n")
    _code, out, _err = call("cite", "--output-format", "json-lines", str(tmp_path))
    rows = [json.loads(line) for line in out.splitlines()]
    assert [" ".join(row["keys"]) for row in rows if "text" in row] == keys


@pytest.mark.parametrize(
    ("text", "citations"),
    [
        ("(Ruiz et al. 2020; doi:10.1000/rush)", ["Ruiz et al. 2020 -> rush (DOI)"]),
        ("(doi:10.1000/rush) (Ruiz et al. 2020)", ["10.1000/rush -> rush (DOI)", "Ruiz et al. 2020 ->  ()"]),
        ("(Ruiz et al. 2020)", ["Ruiz et al. 2020 ->  ()"]),
    ],
)
def test_an_identifier_in_the_bracket_outranks_the_authors(
    tmp_path: Path, call: Call, text: str, citations: list[str]
) -> None:
    assert cited(call, tmp_path, text) == citations


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("(Vane et al. 2020)", "perhaps vane"), ("(Vane et al. 2020, [[vane]])", "a link beside it")],
)
def test_a_note_may_name_only_the_first_author(tmp_path: Path, call: Call, text: str, outcome: str) -> None:
    (tmp_path / "vane.md").write_text("---\ntitle: On lichens\nauthor: Vane\nyear: 2020\ntype: source\n---\n")
    (tmp_path / "page.md").write_text(text + "\n")
    _code, out, _err = call("cite", str(tmp_path))
    assert outcome in out
    assert ("names no more authors" in out) == ("perhaps" in outcome)


@pytest.mark.slow
def test_answers_do_not_depend_on_how_pages_are_divided(tmp_path: Path) -> None:
    forms = ("(De Dale et al. 2023)", "De Dale et al. (2023)", "Von Dale et al. (2023)", "(Dale et al. 2023)")
    (tmp_path / "refs.bib").write_text(LIBRARY)
    for number in range(40):
        before, after = forms[number % 4], forms[(number // 4) % 4]
        (tmp_path / f"page{number}.md").write_text(f"{before} says so. {after} agrees; we follow {before}.\n")
    outputs = {
        subprocess.run(
            [*PROGRAM, "cite", "--no-cache", "--jobs", jobs, "--output-format", "json-lines"],
            cwd=tmp_path,
            env=environment(PYTHONHASHSEED=seed),
            capture_output=True,
            check=True,
        ).stdout
        for jobs, seed in (("1", "1"), ("2", "2"), ("3", "3"))
    }
    assert len(outputs) == 1
