"""What an editor shows while somebody writes: findings of texts that are not saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lsp.editor import CODE, NEOVIM, Editor, edit
from lsprotocol import types

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def spans(found: list[types.Diagnostic]) -> list[tuple[str, int, int, int]]:
    return [
        (str(each.code), each.range.start.line, each.range.start.character, each.range.end.character) for each in found
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_findings_stand_where_the_editor_counts_them(wiki: Path, encoding: str) -> None:
    wide = int(encoding == "utf-16")

    async def scenario(editor: Editor) -> None:
        assert editor.capabilities.position_encoding == encoding
        editor.open("tides.md")
        found = await editor.published("tides.md")
        assert spans(found) == [
            ("broken-wikilink", 2, 33, 40),
            ("broken-wikilink", 4, 5 + wide, 16 + wide),
        ]
        assert found[0].message == 'no page is named "Mon"'
        assert found[0].severity == types.DiagnosticSeverity.Error
        assert isinstance(found[0].data, str)
        # Behind an emoji, a combining mark and a wide character, in one line of several changes.
        editor.type("tides.md", 2, ((4, 0), (4, 0), "e\u0301"), ((4, 9 + wide), (4, 16 + wide), "waves"))
        found = await editor.published("tides.md", lambda rules: len(rules) == 1)
        assert spans(found) == [("broken-wikilink", 2, 33, 40)]
        editor.type("tides.md", 3, ((4, 9 + wide), (4, 14 + wide), "none"))
        editor.save("tides.md")
        found = await editor.published("tides.md", lambda rules: len(rules) == 2)
        assert spans(found)[1] == ("broken-wikilink", 4, 7 + wide, 15 + wide)

    edit(wiki, scenario, encodings=["utf-8", "utf-16"] if wide else ["utf-16", "utf-32"])


def test_the_encoding_is_the_editors_when_it_cannot_count_code_points(wiki: Path) -> None:
    async def scenario(editor: Editor) -> None:
        assert editor.capabilities.position_encoding == types.PositionEncodingKind.Utf16

    edit(wiki, scenario, like=CODE)


def test_only_the_last_text_counts(wiki: Path) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("waves.md")
        assert await editor.published("waves.md") == []
        before = len(editor.shown[editor.uri("waves.md")])
        # Faster than anybody looks: each of these would be a finding of its own.
        for version in range(2, 30):
            editor.replace("waves.md", version, f"# Waves\n\n[[none {version}]]\n")
        found = await editor.published("waves.md", bool)
        assert found[0].message == 'no page is named "none 29"'
        assert len(editor.shown[editor.uri("waves.md")]) == before + 1
        # Front matter that is not whole yet, and a page that is gone again.
        editor.replace("waves.md", 30, "---\ntitle: [\n---\n\n# Waves\n")
        await editor.published("waves.md", lambda rules: rules == ["invalid-front-matter"])
        document = editor.document("waves.md")
        editor.client.text_document_did_close(types.DidCloseTextDocumentParams(document))
        editor.open("waves.md")
        await editor.published("waves.md", lambda rules: not rules)

    edit(wiki, scenario)


def test_a_change_on_one_page_is_seen_on_another(wiki: Path) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("waves.md")
        editor.open("moon.md")
        assert await editor.published("waves.md") == []
        editor.type("moon.md", 2, ((9, 3), (9, 9), "Names"))
        found = await editor.published("waves.md", lambda rules: rules == ["broken-anchor"])
        assert found[0].message == '"moon" has no heading "Phases"'
        editor.type("moon.md", 3, ((9, 3), (9, 8), "Phases"))
        await editor.published("waves.md", lambda rules: not rules)
        # What is written outside of the editor.
        (wiki / "moon.md").unlink()
        (wiki / "refs.bib").write_text(
            "@book{roe2001, author = {Roe, Jo and Poe, Al}, title = {Of Waves}, year = {2001}}\n"
        )
        changes = [types.FileEvent(editor.uri("refs.bib"), types.FileChangeType.Changed)]
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes))
        await editor.published("waves.md", lambda rules: "unmatched-citation" in rules)
        (wiki / "wikitools.toml").write_text('bibliography = []\nignore = ["citations"]\n')
        editor.client.text_document_did_save(types.DidSaveTextDocumentParams(editor.document("wikitools.toml")))
        await editor.published("waves.md", lambda rules: "unmatched-citation" not in rules)

    edit(wiki, scenario)


def test_a_link_that_is_being_written_is_no_finding(wiki: Path) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("moon.md")
        assert await editor.published("moon.md") == []
        # Editors close brackets by themselves.
        editor.type("moon.md", 2, ((12, 0), (12, 0), "[[no such]] and "))
        editor.type("moon.md", 3, ((12, 9), (12, 9), "x"))
        editor.type("moon.md", 4, ((8, 0), (8, 0), "And [[void]]. "))
        found = await editor.published("moon.md", lambda rules: len(rules) == 2)
        assert [each.range.start.line for each in found] == [8, 12]
        editor.type("moon.md", 5, ((8, 10), (8, 10), "s"))
        found = await editor.published("moon.md", lambda rules: len(rules) == 1)
        assert found[0].range.start.line == 12
        # The cursor is elsewhere: within the link first, then not.
        params = types.DocumentHighlightParams(*editor.at("moon.md", 8, 7))
        await editor.client.text_document_document_highlight_async(params)
        count = len(editor.shown[editor.uri("moon.md")])
        params = types.DocumentHighlightParams(*editor.at("moon.md", 2, 0))
        await editor.client.text_document_document_highlight_async(params)
        found = await editor.published("moon.md", lambda rules: len(rules) == 2)
        assert len(editor.shown[editor.uri("moon.md")]) == count + 1

    edit(wiki, scenario)


def test_line_ends_and_byte_order_marks(wiki: Path) -> None:
    text = "# Sea\r\n\r\n😀 [[nowhere]]\r\nand\r[[void]]\r\n"
    (wiki / "sea.md").write_bytes(b"\xef\xbb\xbf" + text.encode())

    async def scenario(editor: Editor) -> None:
        editor.open("sea.md")
        expected = [("broken-wikilink", 2, 2, 13), ("broken-wikilink", 4, 0, 8)]
        assert spans(await editor.published("sea.md")) == expected
        # An editor that keeps the mark counts it.
        editor.open("tides.md", "\ufeff[[none]]\n")
        assert spans(await editor.published("tides.md")) == [("broken-wikilink", 0, 1, 9)]
        action = (await editor.actions("sea.md", 2, 4))["Silence broken-wikilink on this page"]
        assert action.edit is not None
        assert str(action.edit).count("wikitools-ignore-file broken-wikilink -->\\r\\n") == 1

    edit(wiki, scenario)


def test_a_page_in_no_wiki(tmp_path: Path) -> None:
    async def scenario(editor: Editor) -> None:
        # Nobody knows whether there is such a page; that there is no such heading is sure.
        editor.open("alone.md", "# Alone\n\n[[elsewhere]], [here](#none), (Doe 2020).\n")
        assert [each.code for each in await editor.published("alone.md")] == ["broken-anchor"]
        editor.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem("untitled:new", "markdown", 1, "[[#none]]\n"))
        )
        assert [each.code for each in await editor.published("untitled:new")] == ["broken-anchor"]

    (tmp_path / "alone.md").write_text("# Alone\n")
    edit(tmp_path, scenario, folder=False, like=NEOVIM)


def test_a_page_that_is_left_out_and_one_that_is_new(wiki: Path) -> None:
    (wiki / "wikitools.toml").write_text('bibliography = ["refs.bib"]\nexclude = ["drafts/"]\n')
    (wiki / "drafts").mkdir()
    (wiki / "drafts/one.md").write_text("[[nowhere]]\n")

    async def scenario(editor: Editor) -> None:
        editor.open("drafts/one.md")
        editor.open("new.md", "# New\n\n[[nowhere]] and [[#none]]\n")
        # It belongs to the wiki before it is saved, and others may link to it.
        await editor.published("new.md", lambda rules: sorted(rules) == ["broken-anchor", "broken-wikilink"])
        editor.open("tides.md", "# Tides\n\n[[new]]\n")
        assert await editor.published("tides.md") == []
        (wiki / "new.md").write_text("# New\n\n[[nowhere]] and [[#none]]\n")
        editor.save("new.md")
        editor.type("new.md", 2, ((2, 0), (2, 11), ""))
        await editor.published("new.md", lambda rules: rules == ["broken-anchor"])
        assert editor.uri("drafts/one.md") not in editor.shown

    edit(wiki, scenario)


def test_an_editor_that_can_do_nothing(wiki: Path) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("tides.md")
        found = await editor.published("tides.md")
        assert [each.code for each in found] == ["broken-wikilink"] * 2
        assert all(each.data is None and each.tags is None for each in found)
        assert editor.capabilities.position_encoding == "utf-16"
        hover = await editor.client.text_document_hover_async(types.HoverParams(*editor.at("waves.md", 2, 5)))
        assert hover is None
        editor.open("waves.md")
        hover = await editor.client.text_document_hover_async(types.HoverParams(*editor.at("waves.md", 2, 5)))
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        assert hover.contents.kind == types.MarkupKind.PlainText
        assert "On Tides" in hover.contents.value

    edit(wiki, scenario, bare=True)


def test_a_wrong_configuration_is_told_once(wiki: Path) -> None:
    (wiki / "wikitools.toml").write_text('engine = "obsidain"\n')

    async def scenario(editor: Editor) -> None:
        for path in ("tides.md", "waves.md"):
            editor.open(path)
            hover = await editor.client.text_document_hover_async(types.HoverParams(*editor.at(path, 0, 0)))
            assert hover is None
        assert len(editor.client.messages) == 1
        assert "obsidain" in editor.client.messages[0].message
        (wiki / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n')
        editor.save("wikitools.toml")
        await editor.published("tides.md", bool)

    edit(wiki, scenario)


def test_closed_pages_are_shown_when_somebody_asks(wiki: Path) -> None:
    (wiki / "bom.md").write_text("\ufeff[[gone]]\n", encoding="utf-8")

    async def scenario(editor: Editor) -> None:
        editor.open("moon.md")
        await editor.published("moon.md")
        editor.open("waves.md")
        await editor.published("waves.md")
        assert not {editor.uri("tides.md"), editor.uri("bom.md")} & editor.shown.keys()
        asked = types.ExecuteCommandParams("wikitools.showClosedPages")
        await editor.client.workspace_execute_command_async(asked)
        on_tides = await editor.published("tides.md", lambda rules: "broken-wikilink" in rules)
        assert spans(await editor.published("bom.md"))[0][1:] == (0, 0, 8)
        # They follow what is typed elsewhere, and are those of the page once it is open, and once it is closed again.
        editor.replace("moon.md", 2, "# Moon\n")
        await editor.published("waves.md", lambda rules: "broken-anchor" in rules)
        editor.open("tides.md")
        await editor.published("tides.md")
        editor.replace("tides.md", 2, "# Tides\n")
        await editor.published("tides.md", lambda rules: not rules)
        editor.client.text_document_did_close(types.DidCloseTextDocumentParams(editor.document("tides.md")))
        assert await editor.published("tides.md", bool) == on_tides
        editor.client.text_document_did_close(types.DidCloseTextDocumentParams(editor.document("waves.md")))
        await editor.published("waves.md", lambda rules: "broken-anchor" in rules)

    edit(wiki, scenario)


def test_what_a_closed_page_had_is_taken_back(wiki: Path) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("tides.md")
        await editor.published("tides.md", bool)
        editor.client.text_document_did_close(types.DidCloseTextDocumentParams(editor.document("tides.md")))
        await editor.published("tides.md", lambda rules: not rules)

    edit(wiki, scenario)
