"""Sources as people keep them, from the note to the written page: roles, links as authors, tables, names of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from test_addresses import listed

from wikitools.sources.names import Name
from wikitools.sources.readers.persons import read_name, read_names

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call


@pytest.mark.parametrize(
    ("written", "families"),
    [
        ("Kent V. Flannery (ed.)", ["Flannery"]),
        ("Flannery, Kent V. (ed.)", ["Flannery"]),
        ("Flannery, Kent V., ed.", ["Flannery"]),
        ("Richard B. Lee (editor), Irven DeVore (editor)", ["Lee", "DeVore"]),
        ("Smith, J. (Hrsg.) and Poe, A. (trans.)", ["Smith", "Poe"]),
        ("Vane, D. [reviser]", ["Vane"]),
        ("World Health Organization (WHO)", ["World Health Organization (WHO)"]),
        ("[[granovetter-mark-s]]", ["Granovetter"]),
        ("[[people/orr_ann_b]]; [[pim-c|Cy Pim]]", ["Orr", "Pim"]),
        ("[[Ann Orr]]", ["Orr"]),
    ],
)
def test_roles_and_links_of_authors(written: str, families: list[str]) -> None:
    assert [name.family for name in read_names(written)[0]] == families


def test_a_file_name_without_initials_does_not_say_which_is_the_family_name() -> None:
    assert read_name("[[jane-doe]]") == Name("Jane Doe")


TABLE = "---\ntype: source\n---\n\n# The hot mess\n\n| Field | Value |\n|---|---|\n"


@pytest.mark.parametrize(
    ("note", "citation", "entry"),
    [
        (
            TABLE + "| Authors | Jascha Sohl-Pim |\n| **Year** | 2023 |\n| URL | https://example.org/m |\n",
            "(Sohl-Pim 2023)",
            "[The hot mess](https://example.org/m) — referenced as (Sohl-Pim 2023)",
        ),
        (
            "---\ntype: source\n---\n\n# The hot mess\n\n**Authors:** Jascha Sohl-Pim\n**Year:** 2023\n",
            "(Sohl-Pim 2023)",
            "[The hot mess](note.md) — referenced as (Sohl-Pim 2023)",
        ),
        (
            '---\ntitle: Village\nauthor: ["[[granovetter-mark-s]]"]\nyear: 1985\n---\n',
            "(Granovetter 1985)",
            "[Village](note.md) — referenced as (Granovetter 1985)",
        ),
        (
            "---\ntitle: Village\nauthor: [Kent V. Flannery (ed.)]\nyear: 1976\n---\n",
            "(Flannery 1976) and the 9th (9th ed. 1976)",
            "[Village](note.md) — referenced as (Flannery 1976)",
        ),
        (
            TABLE + "| URL | https://example.org/m |\n",
            "[[note]]",
            "[The hot mess](https://example.org/m) — referenced as `[[note]]`",
        ),
    ],
)
def test_a_note_reaches_the_page(tmp_path: Path, call: Call, note: str, citation: str, entry: str) -> None:
    assert listed(call, tmp_path, {"note.md": note}, f"See {citation}.\n") == [f"- {entry}"]
    assert "wikitools:sources" not in (tmp_path / "note.md").read_text(), "a note does not cite itself"


def test_a_page_of_another_type_is_no_source(tmp_path: Path, call: Call) -> None:
    note = TABLE.replace("type: source", "type: concept") + "| Authors | Ann Orr |\n| Year | 2023 |\n"
    assert listed(call, tmp_path, {"note.md": note}, "See [[note]].\n") == []


def test_a_file_may_be_named_after_a_later_author(tmp_path: Path, call: Call) -> None:
    entry = "@online{a, author={Wang, Rowan and Treut, Jo and Roe, Fay}, title={Honesty}, year={2025}, url={https://e.org/h}}"
    note = f"---\ntype: source\n---\n\n# Honesty\n\n```bibtex\n{entry}\n```\n"
    lines = listed(call, tmp_path, {"treut-et-al-2025.md": note}, "So (Treut et al. 2025) and (Wang et al. 2025).\n")
    assert lines == ["- [Honesty](https://e.org/h) — referenced as (Treut et al. 2025), (Wang et al. 2025)"]


def test_a_second_author_is_said_to_be_one(tmp_path: Path, call: Call) -> None:
    (tmp_path / "refs.bib").write_text("@book{a, author={Wang, R. and Treut, J.}, title={Honesty}, year={2025}}")
    (tmp_path / "a.md").write_text("---\ntitle: Honesty\nauthors: [R. Wang, J. Treut]\nyear: 2025\n---\n")
    (tmp_path / "page.md").write_text("See (Treut 2025).\n")
    _code, out, _err = call("cite", "-v", str(tmp_path))
    assert out.count("not a: Treut is its second author") == 1, "the entry and the note on it are one work"
    assert "no such author" not in out


def test_the_tail_of_a_title_names_a_work_with_chapters(tmp_path: Path, call: Call) -> None:
    notes = {
        "moss-ch7-02-kelp.md": "---\ntitle: Deep Moss Atlas Ch.7 — Kelp\nurl: https://example.org/7-2\n---\n",
        "deep-moss-atlas.md": "---\ntitle: Deep Moss Atlas\ntype: textbook\n---\n",
    }
    page = "One (Atlas Ch.7 — Kelp). Two (Atlas Ch.7.6). Three (Atlas Ch.7).\n"
    assert listed(call, tmp_path, notes, page) == [
        "- [Deep Moss Atlas Ch.7 — Kelp](https://example.org/7-2) — referenced as (Atlas Ch.7 — Kelp)",
        "- [Deep Moss Atlas](deep-moss-atlas.md) — referenced as (Atlas Ch.7.6), (Atlas Ch.7)",
    ]


def test_a_tail_that_two_works_share_names_none(tmp_path: Path, call: Call) -> None:
    notes = {
        "one.md": "---\ntitle: Deep Moss Atlas Ch.7 — Kelp\nurl: https://example.org/7\n---\n",
        "two.md": "---\ntitle: Dry Fern Atlas Ch.7 — Dust\nurl: https://example.org/8\n---\n",
    }
    assert listed(call, tmp_path, notes, "One (Atlas Ch.7).\n") == []
    assert "Atlas Ch.7" in call("cite", str(tmp_path))[1], "told all the same"
