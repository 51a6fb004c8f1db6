"""Identifiers and addresses in all the ways they are written; `test_every_reader` has the kinds of bibliographies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from wikitools.sources.source import Bibliography, Source
from wikitools.text import Span

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

SICI = "10.1002/(SICI)1097-0258(19980815)17:15<1661::AID-SIM968>3.0.CO;2-2"
ENCODED = SICI.replace("<", "%3C").replace(">", "%3E")
NEXT = SICI.replace("1661", "1713")


def listed(call: Call, folder: Path, files: dict[str, str], page: str, *config: str) -> list[str]:
    """Return the lines of the block that `backfill --init` writes to a page with this text."""
    for name, text in {**files, "wikitools.toml": "\n".join(config), "page.md": page}.items():
        (folder / name).write_text(text)
    code, out, err = call("backfill", "--init", str(folder))
    assert code == 0, (out, err)
    return [line for line in (folder / "page.md").read_text().splitlines() if line.startswith("- ")]


@pytest.mark.parametrize(
    "written",
    [
        SICI.replace("<", r"{\textless}").replace(">", r"{\textgreater}"),
        SICI.replace("<", "$<$").replace(">", "$>$"),
        SICI.replace("<", "&lt;").replace(">", "&gt;"),
        f"https://doi.org/{ENCODED}",
    ],
)
def test_two_articles_of_one_issue_are_two_however_managers_escape_their_dois(
    tmp_path: Path, call: Call, written: str
) -> None:
    bib = "".join(
        f"@article{{{key}, author={{{key}, A.}}, title={{{title}}}, year={{1998}}, doi={{{doi}}}}}\n"
        for key, title, doi in (("Egner", "Kelp", written), ("Newlin", "Moss", written.replace("1661", "1713")))
    )
    assert len(listed(call, tmp_path, {"refs.bib": bib}, "(Egner 1998) (Newlin 1998)\n")) == 2
    assert call("bib", "check", str(tmp_path))[0] == 0


@pytest.mark.parametrize("address", ["https://doi.org/10.5555/ab.html", "https://example.org/doi/10.5555/ab.html/pdf"])
def test_a_doi_that_ends_like_a_view_is_found_by_its_addresses(tmp_path: Path, call: Call, address: str) -> None:
    bib = (
        "@article{a, title={Kelp}, doi={10.5555/ab.html}} @article{b, title={Moss}, url={https://doi.org/10.5555/abc}}"
    )
    lines = listed(call, tmp_path, {"refs.bib": bib}, f"See [this]({address}) here.\n")
    assert [line[:8] for line in lines] == ["- [Kelp]"]


@pytest.mark.parametrize(
    "citation",
    [
        f"[it](https://doi.org/{ENCODED})",
        f"<https://doi.org/{ENCODED}>",
        f"doi:{SICI}, and",
    ],
)
def test_a_doi_with_angle_brackets_cites(tmp_path: Path, call: Call, citation: str) -> None:
    bib = f"@article{{a, title={{Kelp}}, doi={{{SICI}}}}} @article{{b, title={{Moss}}, doi={{{NEXT}}}}}"
    lines = listed(call, tmp_path, {"refs.bib": bib}, f"See {citation} here.\n")
    assert [line[:8] for line in lines] == ["- [Kelp]"]


@pytest.mark.parametrize(
    ("field", "address"),
    [
        (r"url={https://example.org/some{\_}page}", "https://example.org/some_page"),
        (r"url={https://example.org/a{\%}20b?x=1{\&}y=2}", "https://example.org/a%20b?x=1&y=2"),
        (r"url={https://example.org/{~}user}", "https://example.org/~user"),
        (r"url={https://example.org/{\~{}}user}", "https://example.org/~user"),
        (r"url={https://example.org/\string~user}", "https://example.org/~user"),
        (r"url={https://example.org/\textasciitilde{}user}", "https://example.org/~user"),
        (r"url={https://example.org/{\textasciitilde}user}", "https://example.org/~user"),
        (r"url={https://example.org/$\sim$user}", "https://example.org/~user"),
        (r"url={http://example.org/a{\#}b}", "http://example.org/a#b"),
        (r"url={\href{https://example.org/four}{the site}}", "https://example.org/four"),
        (r"howpublished={\href{https://example.org/four}{the site}}", "https://example.org/four"),
        (r"note={Available at \url{https://example.org/a\_b}, seen in May}", "https://example.org/a_b"),
        (r"doi={\href{https://doi.org/10.1000/abd}{10.1000/abd}}", "https://doi.org/10.1000/abd"),
        (r"doi={10.1000/ab{\_}d}", "https://doi.org/10.1000/ab_d"),
        (r"eprint={math.GT/0309136}, eprinttype={arxiv}", "https://arxiv.org/abs/math/0309136"),
    ],
)
def test_latex_in_addresses_is_read(tmp_path: Path, call: Call, field: str, address: str) -> None:
    bib = f"@misc{{a, author={{Aaone, A.}}, title={{One}}, year={{2001}}, {field}}}"
    assert listed(call, tmp_path, {"refs.bib": bib}, "[@a]\n") == [f"- [One]({address}) — referenced as `@a`"]


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://www.frontiersin.org/articles/10.3389/fpsyg.2019.00001/full", "a"),
        ("https://onlinelibrary.wiley.com/doi/10.1111/nous.12244/abstract", "b"),
        ("https://onlinelibrary.wiley.com/doi/epdf/10.1111/nous.12244", "b"),
        ("https://link.springer.com/article/10.1111/nous.12244/figures/1", "b"),
        ("https://link.springer.com/content/pdf/10.1111/nous.12244.pdf", "b"),
        ("https://academic.oup.com/nous/article/doi/10.1111/nous.12244/5012345", "b"),
        ("https://www.biorxiv.org/content/10.1101/2020.01.02.123456v2.full.pdf", "d"),
        ("https://example.org/10.1111/nous.12244v3", "b"),
        ("https://doi.org/10.1111/nous.12244/", "b"),
        ("https://doi.org/10.1111%2Fnous.12244", "b"),
        ("https://doi.org/10.1111/nous.12244.ch5", None),
        ("https://example.org/10.1111/nous.12244.ch5", None),
        ("https://example.org/10.1111/nous.122445", None),
        ("https://doi.org/10.1111/nous.12244/other", None),
        ("https://arxiv.org/abs/math/0309136", "e"),
        ("https://arxiv.org/abs/math.GT/0309136v2", "e"),
        ("arxiv:cond-mat.stat-mech/0309136", "f"),
        ("https://doi.org/10.48550/arXiv.math.GT/0309136", "e"),
    ],
)
def test_what_sites_add_to_an_identifier_does_not_hide_it(address: str, key: str | None) -> None:
    dois = {"a": "10.3389/fpsyg.2019.00001", "b": "10.1111/nous.12244", "d": "10.1101/2020.01.02.123456"}
    sources = [Source(Span("a.bib", 0, 0), key, doi=doi) for key, doi in dois.items()]
    sources += [Source(Span("a.bib", 0, 0), "e", arxiv="math/0309136")]
    sources += [Source(Span("a.bib", 0, 0), "f", arxiv="cond-mat/0309136")]
    assert [source.key for source in Bibliography(sources).by_url(address)] == ([key] if key else [])


def test_a_source_known_by_a_view_of_its_page_has_its_own_doi(tmp_path: Path, call: Call) -> None:
    item = {"id": "a", "title": "Kelp", "URL": "https://www.frontiersin.org/articles/10.3389/fpsyg.2019.00001/full"}
    (tmp_path / "refs.json").write_text(json.dumps([item]))
    (tmp_path / "wikitools.toml").write_text('bibliography = ["refs.json"]')
    _code, out, _err = call("bib", "list", "--output-format", "json", str(tmp_path))
    assert json.loads(out)["sources"][0]["doi"] == "10.3389/fpsyg.2019.00001"
