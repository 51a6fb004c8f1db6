"""Folders, and pages behind symbolic links, that are renamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rename_plans import contents

from wikitools.cli.app import run

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

# ---- folders ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("notes/", "ideas/", "ideas"),
        ("notes", "ideas", "ideas"),
        ("notes", "more/ideas", "more/ideas"),
        ("./notes/", "./deep/er/ideas/", "deep/er/ideas"),
    ],
)
def test_a_folder_moves_with_all_that_is_in_it(wiki: Path, rename: Call, old: str, new: str, place: str) -> None:
    (wiki / "index.md").write_text("[[notes/Old]] [x](notes/Old.md#part) ![](notes/img/i.png) [dir](notes/)\n")
    (wiki / "notes/img/empty").mkdir(parents=True)
    (wiki / "notes/img/i.png").write_bytes(b"\x89PNG")
    (wiki / "notes/.hidden").write_text("kept")
    code, out, err = rename(old, new)
    assert (code, err) == (0, "")
    pages = 1 + ("/" in place)  # one level deeper, the way up is another one
    counted = f"{3 + pages} links on {pages} page{'s' * (pages - 1)}"
    assert out == f"renamed notes/ to {place}/ (4 files); {counted} rewritten\n"
    assert not (wiki / "notes").exists()
    assert (wiki / place / ".hidden").read_text() == "kept"
    assert (wiki / "index.md").read_text() == (
        f"[[{place}/Old]] [x]({place}/Old.md#part) ![]({place}/img/i.png) [dir]({place}/)\n"
    )
    up = "../" * (place.count("/") + 1)
    assert (wiki / place / "Old.md").read_text() == f"# Part\n\n[up]({up}index.md)\n"
    assert run(["lint", "-q"]) == 0


@pytest.mark.parametrize("beside", ["more/notes.md", "notes.md", "more/notes.png"])
def test_the_path_of_a_folder_means_the_folder(wiki: Path, rename: Call, beside: str) -> None:
    (wiki / "more").mkdir()
    (wiki / beside).write_text("# N\n")
    code, out, err = rename("notes", "ideas")
    assert (code, out[:35]) == (0, "renamed notes/ to ideas/ (2 files);")
    assert err == ("notes.md is another page and stays\n" if beside == "notes.md" else "")
    assert (wiki / beside).exists()
    assert (wiki / "index.md").read_text() == "[[Old]] and [x](ideas/Old.md#part)\n"


def test_a_folder_is_renamed_where_it_is(wiki: Path, rename: Call) -> None:
    assert rename("notes", "notes/../deep/sub/")[0] == 0
    assert rename("deep/sub/", "other/")[0] == 0
    assert (wiki / "deep/other/Old.md").exists()
    assert rename("deep/other", "./top")[0] == 0
    assert (wiki / "top/Old.md").exists()
    assert not (wiki / "notes").exists()


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("notes/", "taken/", "taken/: already exists"),
        ("notes/", "notes/sub/", "notes/sub/: a folder cannot move into itself"),
        ("notes/", "notes/", "notes/: already has that name"),
        ("notes/", "x?y/", 'x?y: a name with "?" in it'),
        ("notes/", "../out/", "../out/: outside the wiki"),
        ("nothing/", "x/", "nothing/: no such folder in the wiki"),
        ("linked/", "x/", "linked/alias.md: a symbolic link; move it by hand"),
    ],
)
def test_folders_that_cannot_move_stay(wiki: Path, rename: Call, old: str, new: str, why: str) -> None:
    (wiki / "taken").mkdir()
    (wiki / "taken/x.md").write_text("")
    (wiki / "linked").mkdir()
    (wiki / "linked/y.md").write_text("")
    (wiki / "linked/alias.md").symlink_to("y.md")
    before = contents(wiki)
    code, out, err = rename(old, new)
    assert (code, out) == (2, "")
    assert why in err
    assert contents(wiki) == before


def test_a_folder_as_a_diff(wiki: Path, rename: Call) -> None:
    before = contents(wiki)
    code, out, err = rename("notes/", "ideas/", "--diff")
    assert code == 1
    assert "rename from notes/Old.md\nrename to ideas/Old.md" in out
    assert err == "would rename notes/ to ideas/ (2 files); 1 link on 1 page rewritten\n"
    assert contents(wiki) == before


def test_a_page_that_a_symbolic_link_leads_to_stays(wiki: Path, rename: Call) -> None:
    (wiki / "alias.md").symlink_to("notes/Old.md")
    code, _out, err = rename("Old", "New")
    assert code == 2
    assert "alias.md is a symbolic link to notes/Old.md" in err


@pytest.mark.parametrize("new", ["ins/b.md", "ins/", "ins/new/b.md"])
def test_a_page_behind_a_link_goes_where_the_link_leads(wiki: Path, rename: Call, call: Call, new: str) -> None:
    (wiki / "sub/deep/er").mkdir(parents=True)
    (wiki / "ins").symlink_to("sub/deep/er")
    (wiki / "c.md").write_text("# C\n\n[a](a.md)\n")
    (wiki / "a.md").write_text("# A\n\n[c](c.md)\n")
    code, out, err = rename("a.md", new)
    place = {"ins/": "sub/deep/er/a.md"}.get(new, new.replace("ins", "sub/deep/er"))
    assert (code, err) == (0, "")
    assert f"a.md to {place};" in out
    up = "../" * place.count("/")
    assert (wiki / place).read_text() == f"# A\n\n[c]({up}c.md)\n"
    assert (wiki / "c.md").read_text() == f"# C\n\n[a]({place})\n"
    assert call("lint", "--select", "broken-link")[0] == 0


def test_a_folder_behind_a_link_goes_where_the_link_leads(wiki: Path, rename: Call, call: Call) -> None:
    (wiki / "sub/deep").mkdir(parents=True)
    (wiki / "ins").symlink_to("sub/deep")
    code, out, err = rename("notes/", "ins/ideas/")
    assert (code, err) == (0, "")
    assert "notes/ to sub/deep/ideas/ (2 files)" in out
    assert (wiki / "sub/deep/ideas/Old.md").read_text() == "# Part\n\n[up](../../../index.md)\n"
    assert call("lint", "--select", "broken-link")[0] == 0


def test_a_folder_does_not_move_into_itself_by_a_link(wiki: Path, rename: Call) -> None:
    (wiki / "ins").symlink_to("notes")
    before = contents(wiki)
    code, _, err = rename("notes/", "ins/ideas/")
    assert (code, "notes/ideas/: a folder cannot move into itself" in err) == (2, True)
    assert contents(wiki) == before


def test_behind_a_link_out_of_the_root_only_what_the_wiki_reads_there(wiki: Path, rename: Call) -> None:
    (wiki.parent / ".git").mkdir()
    (wiki.parent / "shared/deep").mkdir(parents=True)
    (wiki.parent / "shared/deep/s.md").write_text("")
    (wiki / "one").symlink_to("../shared")
    (wiki / "two").symlink_to("../shared")
    (wiki / "sub").mkdir()
    (wiki / "sub/three").symlink_to("../../shared/deep")
    # It would be read as `one/x.md`.
    code, _, err = rename("index.md", "two/x.md")
    assert (code, "two/x.md: outside the wiki" in err) == (2, True)
    assert rename("one/deep/s.md", "t.md")[0] == 0
    assert rename("index.md", "one/new/x.md")[0] == 0
    assert (wiki.parent / "shared/deep/t.md").exists()
    assert (wiki.parent / "shared/new/x.md").exists()


@pytest.mark.parametrize(
    "markers", [("<!-- wikitools:sources -->", "<!-- /wikitools:sources -->"), ("%% a %%", "%% z %%")]
)
def test_a_generated_block_stays_generated_when_its_links_follow_a_page(
    tmp_path: Path, markers: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wikitools.toml").write_text('[block]\nforeign-markers = [["%% a %%", "%% z %%"]]\n')
    (tmp_path / "atlas.md").write_text("---\ntitle: Atlas\ntype: book\nauthor: Cy Noor\nyear: 2021\n---\n")
    page = tmp_path / "page.md"
    page.write_text(f"See (Noor 2021).\n\n{markers[0]}\n{markers[1]}\n")
    assert run(["backfill", str(tmp_path)]) == 0
    assert "[Atlas](atlas.md)" in page.read_text()
    assert (
        run(
            [
                "rename",
                str(tmp_path / "atlas.md"),
                str(tmp_path / "maps.md"),
                "--config",
                str(tmp_path / "wikitools.toml"),
            ]
        )
        == 0
    )
    assert "[Atlas](maps.md)" in page.read_text()
    assert run(["backfill", "--check", str(tmp_path)]) == 0
    # A block that somebody edited stays edited.
    page.write_text(page.read_text().replace("[Atlas]", "[My Atlas]"))
    assert (
        run(
            [
                "rename",
                str(tmp_path / "maps.md"),
                str(tmp_path / "atlas.md"),
                "--config",
                str(tmp_path / "wikitools.toml"),
            ]
        )
        == 0
    )
    assert "[My Atlas](atlas.md)" in page.read_text()
    assert run(["backfill", str(tmp_path)]) == 1
    assert "edited by hand" in capsys.readouterr().out
