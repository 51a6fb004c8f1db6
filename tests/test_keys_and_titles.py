"""Citations that name their work outright: by a key, or by its title with author and year."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

LIBRARY = """\
@book{smythe2005, author={Smythe, S.}, title={Things}, year={2005}}
@book{HFH+:WEKA:09, author={Hall, S.}, title={Weka}, year={2009}}
@book{a_b_2001, author={Hall, S.}, title={More}, year={2001}}
@book{Jarse.2023, author={Jarse, S.}, title={Seats}, year={2023}}
@book{Jarse-2023, author={Jarse, S.}, title={Buses}, year={2023}}
@book{odd--key, author={Odd, S.}, title={Oddities}, year={2024}}
@book{vane2014, author={Vane, Nick}, title={Superkelp: Paths, Dangers, Strategies}, year={2014}}
@article{orr2019, author={Orr, Evan and van Pim, Chris}, title={Risks from Learned Moss}, year={2019}}
@article{orr2019b, author={Orr, Evan and van Pim, Chris}, title={Other Risks}, year={2019}}
@book{stack1974, author={Stack, Carol}, title={All Our Kin}, year={1974}}
"""


def cited(call: Call, folder: Path, text: str) -> list[str]:
    """Return the citations of a page with this text, each as `what is printed -> keys`."""
    (folder / "refs.bib").write_text(LIBRARY)
    (folder / "page.md").write_text(text)
    _code, out, _err = call("cite", "--output-format", "json-lines", str(folder))
    rows = [json.loads(line) for line in out.splitlines()]
    return [f"{row['text']} -> {' '.join(row['keys'])}".strip() for row in rows if "text" in row]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("As @smythe2005---the first---says", ["@smythe2005 -> smythe2005"]),
        ("see @smythe2005...and so on", ["@smythe2005 -> smythe2005"]),
        ("[@smythe2005--his best]", ["@smythe2005 -> smythe2005"]),
        ("[@HFH+:WEKA:09] and @odd--key", ["@HFH+:WEKA:09 -> HFH+:WEKA:09", "@odd--key -> odd--key"]),
        ("[@unknown2020--so]", ["@unknown2020 ->"]),
        ("see _@smythe2005_ and __@smythe2005__.", ["@smythe2005 -> smythe2005"] * 2),
        ("(_@smythe2005_) _@smythe2005,_ ~~@smythe2005~~", ["@smythe2005 -> smythe2005"] * 3),
        ("_@a_b_2001_ and @a_b_2001", ["@a_b_2001 -> a_b_2001"] * 2),
        ("mail to x_@smythe2005.org or x@smythe2005", []),
        ("[@Jarse.2023] and @Jarse.2023", ["@Jarse.2023 -> Jarse.2023"] * 2),
        ("[see @Jarse-2023, p. 3; @Jarse.2023]", ["@Jarse-2023 -> Jarse-2023", "@Jarse.2023 -> Jarse.2023"]),
        ("[@Bermud.2020]", ["@Bermud.2020 ->"]),
    ],
)
def test_where_a_key_ends(tmp_path: Path, call: Call, text: str, keys: list[str]) -> None:
    assert cited(call, tmp_path, text + "\n") == keys


def test_a_bracketed_key_is_no_author_and_year(tmp_path: Path, call: Call) -> None:
    assert cited(call, tmp_path, "[@Bermud.2020] and [@Jarse.2023]\n")
    _code, out, _err = call("cite", str(tmp_path))
    assert "no such key" in out
    assert "link" not in out
    assert "authors" not in out


@pytest.mark.parametrize(
    ("text", "citations"),
    [
        ("Vane, *Superkelp* (2014).", ["Vane, *Superkelp* (2014) -> vane2014"]),
        ("Vane’s _Superkelp_ (2014)", ["Vane’s _Superkelp_ (2014) -> vane2014"]),
        ("(Vane, *Superkelp*, 2014)", ["Vane, *Superkelp*, 2014 -> vane2014"]),
        ("(Vane, Superkelp, 2014)", ["Vane, Superkelp, 2014 -> vane2014"]),
        ("Vane's book *Superkelp* (2014)", ["*Superkelp* (2014) -> vane2014"]),
        ("Nick Vane, *Superkelp* (Kelp Press, 2014)", ["Nick Vane, *Superkelp* (Kelp Press, 2014) -> vane2014"]),
        ("In *Superkelp* (2014), Vane says", ["*Superkelp* (2014) -> vane2014"]),
        ("*All Our Kin* (1974) by Carol Stack", ["*All Our Kin* (1974) -> stack1974"]),
        ("Stack, *All Our Kin*, 1974.", ["Stack, *All Our Kin*, 1974 -> stack1974"]),
        (
            "Orr and van Pim, “Risks from Learned Moss” (2019)",
            ["Orr and van Pim, “Risks from Learned Moss” (2019) -> orr2019"],
        ),
        ("Orr and van Pim, “Other Risks” (2019)", ["Orr and van Pim, “Other Risks” (2019) -> orr2019b"]),
        # neither the title alone, nor another title, nor another year
        ("in *Superkelp* (2014) alone", []),
        ("Vane's *Things* (2014)", ["Vane's *Things* (2014) ->"]),
        ("Vane, *Superkelp* (2010)", ["Vane, *Superkelp* (2010) ->"]),
        ("Vane, *Super* (2014)", ["Vane, *Super* (2014) ->"]),
        ("Vane dived.\n\nSo did *Superkelp* (2014).", []),
    ],
)
def test_author_title_and_year(tmp_path: Path, call: Call, text: str, citations: list[str]) -> None:
    assert cited(call, tmp_path, text + "\n") == citations


def test_what_stands_between_author_and_year_may_be_the_journal(tmp_path: Path, call: Call) -> None:
    (tmp_path / "refs.bib").write_text(
        "@article{roe, author={Roe, Ann and Pim, Bo and Orr, Al}, title={On kelp}, journal={Nature Moss}, year=2013}"
    )
    (tmp_path / "page.md").write_text("Roe A et al., *Nat Moss* 2013. Roe et al., *On Sand* (2013). (Lund, Roe 2013)\n")
    _code, out, _err = call("cite", str(tmp_path))
    assert "roe (authors and year)" in out
    assert "unmatched: its title is another" in out


def test_another_name_before_it_makes_a_match_doubtful(tmp_path: Path, call: Call) -> None:
    (tmp_path / "refs.bib").write_text(LIBRARY)
    (tmp_path / "page.md").write_text("(Lund, Stack 1974) and (Lund, Stack, 1974) and (see Lund; Stack 1974).\n")
    _code, out, _err = call("cite", str(tmp_path))
    assert ["another name before it" in line for line in out.splitlines()[1:4]] == [True, True, False]
