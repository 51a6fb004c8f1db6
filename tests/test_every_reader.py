"""Identifiers and addresses from every kind of bibliography to the page: the same works, the same block."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

SICI = "10.1002/(SICI)1097-0258(19980815)17:15<1661::AID-SIM968>3.0.CO;2-2"
NEXT = SICI.replace("1661", "1713")
SICI_ADDRESS = "https://doi.org/" + SICI.lower().replace("<", "%3C").replace(">", "%3E")

# The family name, which is also the key; what its entry says; how the page cites it; and the address in the block.
WORKS = (
    ("Alder", ("doi", SICI), "(Alder 2001)", SICI_ADDRESS),
    ("Birch", ("doi", NEXT), f"[it]({SICI_ADDRESS.replace('1661', '1713')})", SICI_ADDRESS.replace("1661", "1713")),
    (
        "Cedar",
        ("doi", "10.1175/1520-0442(1998)011{\\textless}0001:TTOC{\\textgreater}2.0.CO;2"),
        "(Cedar 2001)",
        "https://doi.org/10.1175/1520-0442(1998)011%3C0001:ttoc%3E2.0.co;2",
    ),
    (
        "Dogwood",
        ("doi", "10.1002/(SICI)1097-4628(19960418)60:3&lt;441::AID-APP17&gt;3.3.CO;2-#"),
        "(Dogwood 2001)",
        "https://doi.org/10.1002/(sici)1097-4628(19960418)60:3%3C441::aid-app17%3E3.3.co;2-%23",
    ),
    ("Elder", ("doi", "10.5555/ab.html"), "(Elder 2001)", "https://doi.org/10.5555/ab.html"),
    ("Fir", ("doi", "10.5555/abc/full"), "(Fir 2001)", "https://doi.org/10.5555/abc/full"),
    (
        "Gorse",
        ("url", r"https://example.org/some{\_}page?x=a{\%}20b{\&}y=2"),
        "(Gorse 2001)",
        "https://example.org/some_page?x=a%20b&y=2",
    ),
    ("Hazel", ("url", r"https://example.org/\textasciitilde{}u{\#}a"), "(Hazel 2001)", "https://example.org/~u#a"),
    ("Ivy", ("url", r"\href{https://example.org/ivy}{the site}"), "(Ivy 2001)", "https://example.org/ivy"),
    (
        "Juniper",
        ("doi", "10.3389/fpsyg.2019.00001"),
        "[it](https://www.frontiersin.org/articles/10.3389/fpsyg.2019.00001/full)",
        "https://doi.org/10.3389/fpsyg.2019.00001",
    ),
    (
        "Kapok",
        ("url", "https://onlinelibrary.wiley.com/doi/epdf/10.1111/nous.12244"),
        "[it](https://doi.org/10.1111%2Fnous.12244)",
        "https://onlinelibrary.wiley.com/doi/epdf/10.1111/nous.12244",
    ),
    (
        "Larch",
        ("arxiv", "math.GT/0309136"),
        "[it](https://arxiv.org/abs/math/0309136)",
        "https://arxiv.org/abs/math/0309136",
    ),
    ("Maple", ("url", "http://arxiv.org/abs/cs.CL/0001001"), "arXiv:cs/0001001", "http://arxiv.org/abs/cs.CL/0001001"),
)
PAGE = "# Page\n\n" + "\n\n".join(cited for _name, _field, cited, _address in WORKS) + "\n"
Field = tuple[str, str]


def bibtex(name: str, field: Field) -> str:
    what, value = field
    said = f"eprint = {{{value}}}, eprinttype = {{arxiv}}" if what == "arxiv" else f"{what} = {{{value}}}"
    return f"@misc{{{name}, author = {{{name}, A.}}, title = {{On {name}}}, year = {{2001}}, {said}}}\n"


def csl(name: str, field: Field) -> dict[str, object]:
    what, value = field
    said = {"number": f"arXiv:{value}"} if what == "arxiv" else {what.upper(): value}
    author = [{"family": name, "given": "A."}]
    return {"id": name, "type": "article", "title": f"On {name}", "author": author, "issued": 2001, **said}


def csl_yaml(name: str, field: Field) -> str:
    return f"- {json.dumps(csl(name, field))}\n"


def hayagriva(name: str, field: Field) -> str:
    what, value = field
    said = f"url: '{value}'" if what == "url" else f"serial-number: {{{what}: '{value}'}}"
    return f"{name}:\n  type: article\n  title: On {name}\n  author: {name}, A.\n  date: 2001\n  {said}\n"


def ris(name: str, field: Field) -> str:
    what, value = field
    said = {"doi": f"DO  - {value}", "url": f"UR  - {value}", "arxiv": f"AN  - arXiv:{value}"}[what]
    return f"TY  - JOUR\nID  - {name}\nAU  - {name}, A.\nTI  - On {name}\nPY  - 2001\n{said}\nER  - \n"


def row(name: str, field: Field) -> str:
    return f'{name},"{name}, A.",On {name},2001,' + ",".join(
        f'"{field[1] if what == field[0] else ""}"' for what in ("doi", "url", "arxiv")
    )


def cff(name: str, field: Field) -> str:
    what, value = field
    said = f"identifiers: [{{type: other, value: 'arXiv:{value}'}}]" if what == "arxiv" else f"{what}: '{value}'"
    return f"- type: article\n  title: On {name}\n  authors: [{{family-names: {name}}}]\n  year: 2001\n  {said}\n"


def front_matter(name: str, field: Field) -> str:
    return f"---\ntitle: On {name}\nauthors: [A. {name}]\nyear: 2001\n{field[0]}: '{field[1]}'\n---\n"


def lines(name: str, field: Field) -> str:
    return (
        f"---\ntype: source\n---\n# On {name}\n\n**Authors:** A. {name}\n**Year:** 2001\n**{field[0]}:** {field[1]}\n"
    )


def table(name: str, field: Field) -> str:
    rows = f"| Author | A. {name} |\n| Year | 2001 |\n| {field[0]} | {field[1]} |\n"
    return f"---\ntype: source\n---\n# On {name}\n\n| | |\n|---|---|\n{rows}"


def fence(name: str, field: Field) -> str:
    return f"# On {name}\n\n```bibtex\n{bibtex(name, field)}```\n"


ENTRIES = [(name, field) for name, field, _cited, _address in WORKS]


def one_file(name: str, text: str) -> dict[str, str]:
    return {name: text, "wikitools.toml": f'bibliography = ["{name}"]'}


READERS = {
    "BibTeX": one_file("refs.bib", "".join(bibtex(*each) for each in ENTRIES)),
    "CSL-JSON": one_file("refs.json", json.dumps([csl(*each) for each in ENTRIES])),
    "JSON lines": one_file("refs.jsonl", "".join(json.dumps(csl(*each)) + "\n" for each in ENTRIES)),
    "CSL-YAML": one_file("references.yaml", "references:\n" + "".join(csl_yaml(*each) for each in ENTRIES)),
    "Hayagriva": one_file("library.yml", "".join(hayagriva(*each) for each in ENTRIES)),
    "RIS": one_file("refs.ris", "".join(ris(*each) for each in ENTRIES)),
    "CSV": one_file("a.csv", "\n".join(["key,author,title,year,doi,url,arxiv", *(row(*each) for each in ENTRIES)])),
    "CFF": one_file("CITATION.cff", "title: Code\nreferences:\n" + "".join(cff(*each) for each in ENTRIES)),
    "front matter": {f"{name}.md": front_matter(name, field) for name, field in ENTRIES},
    "lines of a note": {f"{name}.md": lines(name, field) for name, field in ENTRIES},
    "a table in a note": {f"{name}.md": table(name, field) for name, field in ENTRIES},
    "a fence in a note": {f"{name}.md": fence(name, field) for name, field in ENTRIES},
    "fences on one page": {"all.md": "".join(fence(*each) for each in ENTRIES)},
    "the page itself": {
        "page.md": "---\nreferences:\n" + "".join(csl_yaml(*each) for each in ENTRIES) + "---\n" + PAGE
    },
}


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_brings_the_same_addresses_to_the_page(tmp_path: Path, call: Call, reader: str) -> None:
    for name, text in {"page.md": PAGE, "wikitools.toml": "", **READERS[reader]}.items():
        (tmp_path / name).write_text(text)
    before = (tmp_path / "page.md").read_text()
    code, out, err = call("backfill", "--init", str(tmp_path))
    assert code == 0, (out, err)
    written = (tmp_path / "page.md").read_text().removeprefix(before)
    assert [line.partition(" — ")[0] for line in written.splitlines() if line.startswith("- ")] == [
        f"- [On {name}]({f'<{address}>' if '(' in address else address})" for name, _field, _cited, address in WORKS
    ]
