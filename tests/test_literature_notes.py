"""Notes on works that the bibliography has, too: one work, listed once, and no citation of itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

LIBRARY = """\
@article{wick2020, author={Wick, Ann}, title={On fens}, year={2020}, doi={10.1000/182}}
@article{poe2019, author={Poe, Bo and Lund, Cy}, title={On bogs}, year={2019}, url={https://example.org/bogs}}
"""
NOTES = {
    "named @key": ("lit/@wick2020.md", "# My reading\n\nText.\n", "[[@wick2020]]"),
    "empty": ("lit/@wick2020.md", "", "[[@wick2020]]"),
    "named key": ("lit/wick2020.md", "---\ncitekey: wick2020\n---\nText.\n", "[[wick2020]]"),
    "citekey": ("lit/fens.md", "---\ncitekey: wick2020\n---\nText.\n", "[[fens]]"),
    "citekey and alias": (
        "lit/fens.md",
        '---\ncitekey: wick2020\naliases: ["Wick 2020"]\n---\nText.\n',
        "[[fens|Wick 2020]]",
    ),
    "title, authors and year": (
        "lit/fens.md",
        "---\ntitle: On fens\nauthors: [Ann Wick]\nyear: 2020\ntype: source\n---\nText.\n",
        "[[fens]]",
    ),
}


def lay_out(folder: Path, note: str, text: str, page: str) -> None:
    (folder / "wikitools.toml").write_text('engine = "obsidian"\n')
    (folder / "refs.bib").write_text(LIBRARY)
    (folder / note).parent.mkdir(exist_ok=True)
    (folder / note).write_text(text)
    (folder / "page.md").write_text(page)


@pytest.mark.parametrize("name", NOTES)
def test_a_note_and_its_entry_are_one_work(name: str, tmp_path: Path, call: Call) -> None:
    note, text, link = NOTES[name]
    lay_out(tmp_path, note, text, f"{link} is (Wick 2020).\n")
    call("backfill", "--init", str(tmp_path))
    entries = [line for line in (tmp_path / "page.md").read_text().splitlines() if line.startswith("- ")]
    target = link.strip("[]").partition("|")[0]
    assert entries == [f"- [On fens](https://doi.org/10.1000/182) — referenced as `[[{target}]]`, (Wick 2020)"]
    assert (tmp_path / note).read_text() == text


@pytest.mark.parametrize("name", [name for name in NOTES if name != "title, authors and year"])
def test_a_link_to_the_note_alone_lists_what_the_entry_says(name: str, tmp_path: Path, call: Call) -> None:
    note, text, link = NOTES[name]
    lay_out(tmp_path, note, text, f"See {link}.\n")
    call("backfill", "--init", str(tmp_path))
    assert "- [On fens](https://doi.org/10.1000/182) — " in (tmp_path / "page.md").read_text()


def test_a_citation_of_both_counts_once_and_has_a_true_reason(tmp_path: Path, call: Call) -> None:
    note, text, link = NOTES["citekey and alias"]
    lay_out(tmp_path, note, text, f"{link} and (Wick 2020).\n")
    _code, out, _err = call("cite", "--output-format", "json-lines", str(tmp_path))
    rows = [json.loads(line) for line in out.splitlines()]
    assert [(row["text"], row["keys"], row["losers"]) for row in rows if "text" in row] == [
        ("Wick 2020", ["wick2020"], []),
        ("Wick 2020", ["wick2020"], []),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "# @wick2020\n",
        "(Wick 2020) says.\n",
        "[@wick2020] says.\n",
        "https://doi.org/10.1000/182\n",
        "[[@wick2020]]\n",
        "*On fens* (Wick 2020)\n",
        "Wick (2020)[^1]\n\n[^1]: doi:10.1000/182\n",
    ],
)
def test_a_note_never_cites_its_own_work(body: str, tmp_path: Path, call: Call) -> None:
    lay_out(tmp_path, "lit/@wick2020.md", body, "Nothing.\n")
    _code, out, _err = call("cite", str(tmp_path))
    assert out == "No citations found.\n"
    call("backfill", "--init", str(tmp_path))
    assert (tmp_path / "lit/@wick2020.md").read_text() == body


def test_a_note_cites_other_works(tmp_path: Path, call: Call) -> None:
    lay_out(tmp_path, "lit/@wick2020.md", "Wick (2020) follows Poe & Lund (2019).\n", "Nothing.\n")
    _code, out, _err = call("cite", str(tmp_path))
    assert "Poe & Lund (2019)" in out
    assert "Wick" not in out


def test_a_name_that_no_work_has_is_told_with_the_title_that_ends_like_it(tmp_path: Path, call: Call) -> None:
    note = "---\ntitle: Lichen Handbook\ntype: textbook\nurl: https://example.org/h\n---\nText.\n"
    lay_out(tmp_path, "lit/handbook.md", note, "(Handbook Ch.2) and (Almanac Ch.3)\n")
    _code, out, _err = call("lint", str(tmp_path))
    assert 'no source fits "Handbook Ch.2"; did you mean "Lichen Handbook"?' in out
    assert out.count("add this name to the source's aliases") == 1
    assert 'no source fits "Almanac Ch.3"\n' in out
