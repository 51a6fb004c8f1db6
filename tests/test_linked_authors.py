"""Authors of source notes that are links to pages: they are called as these pages are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

PAGES = {
    "title": ("people/p123.md", "---\ntitle: Ann Roe\n---\nText.\n"),
    "heading": ("people/p123.md", "# Ann Roe\n\nText.\n"),
    "alias": ("people/p123.md", "---\naliases: [Ann Roe]\n---\nText.\n"),
    "title beside a name": ("people/jane-doe.md", '---\ntitle: "Ann Roe"\n---\n'),
}


def cited(call: Call, folder: Path) -> list[str]:
    _code, out, _err = call("cite", "--output-format", "json-lines", str(folder))
    rows = [json.loads(line) for line in out.splitlines()]
    return [f"{row['text']} -> {' '.join(row['keys'])}" for row in rows if "text" in row]


def lay_out(folder: Path, authors: str, *pages: tuple[str, str]) -> None:
    note = f"---\ntitle: On kelp\nauthors: {authors}\nyear: 2019\ntype: source\n---\n"
    for path, text in (("notes/kelp.md", note), *pages):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("form", ['"[[{}]]"', '["[[{}]]"]', '["[[people/{}]]"]', '["[[{}.md]]"]'])
def test_an_author_is_called_as_the_linked_page(name: str, form: str, tmp_path: Path, call: Call) -> None:
    path, text = PAGES[name]
    lay_out(tmp_path, form.format(path.removeprefix("people/").removesuffix(".md")), (path, text))
    (tmp_path / "page.md").write_text("Kelp grows (Roe 2019).\n")
    assert cited(call, tmp_path) == ["Roe 2019 -> kelp"]


def test_several_authors(tmp_path: Path, call: Call) -> None:
    lay_out(
        tmp_path,
        '["[[p1]]", "[[p2]]", "[[p4|D. Wik]]", "[Ed Vane](../people/p1.md)"]',
        ("people/p1.md", "# Ann Roe\n"),
        ("people/p2.md", "# Bo Pim\n"),
        ("people/p4.md", "# Nobody Else\n"),
    )
    (tmp_path / "page.md").write_text("(Roe, Pim, Wik & Vane 2019)\n")
    assert cited(call, tmp_path) == ["Roe, Pim, Wik & Vane 2019 -> kelp"]


def test_two_pages_of_one_name_say_nothing(tmp_path: Path, call: Call) -> None:
    lay_out(tmp_path, '["[[p1]]"]', ("a/p1.md", "# Ann Roe\n"), ("b/p1.md", "# Bo Pim\n"))
    (tmp_path / "page.md").write_text("(Roe et al. 2019) (Pim et al. 2019)\n")
    assert cited(call, tmp_path) == ["Roe et al. 2019 -> ", "Pim et al. 2019 -> "]


def test_a_new_title_is_followed_from_a_warm_cache(tmp_path: Path, call: Call) -> None:
    lay_out(tmp_path, '["[[p1]]"]', ("people/p1.md", "# Ann Roe\n"))
    (tmp_path / "page.md").write_text("(Roe 2019, p. 2) and (Pim 2019, p. 3)\n")
    for _ in range(2):
        assert cited(call, tmp_path) == ["Roe 2019 -> kelp", "Pim 2019 -> "]
    (tmp_path / "people/p1.md").write_text("# Bo Pim\n")
    for _ in range(2):
        assert cited(call, tmp_path) == ["Roe 2019 -> ", "Pim 2019 -> kelp"]
