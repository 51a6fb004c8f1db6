"""Links in an editor: completion, definition, proven renames, and the outline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lsp.editor import CODE, Editor, applied, edit, edits_of
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from wikitools.lsp.positions import Encoding

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def test_proposals(wiki: Path) -> None:
    (wiki / "sub").mkdir()
    (wiki / "sub/moon.md").write_text("# Other moon\n")
    (wiki / "moon.png").write_bytes(b"")
    (wiki / "new.md").write_text("[[mo\n[[lu]]\n![[moo\n[[tides#\n[[tides#^\n[x](ti\n[x](tides.md#\n`[[mo`\n")

    async def scenario(editor: Editor) -> None:
        editor.open("new.md")
        await editor.published("new.md")
        # The shortest target that is unambiguous: two pages have the same name.
        assert await editor.complete("new.md", 0, 4) == {"moon": "moon]]", "sub/moon": "sub/moon]]"}
        # An alias keeps its words; brackets that are there stay.
        assert await editor.complete("new.md", 1, 4) == {"Luna": "moon|Luna"}
        assert "moon.png" in await editor.complete("new.md", 2, 6)
        assert await editor.complete("new.md", 3, 8) == {"Tides": "Tides]]"}
        assert await editor.complete("new.md", 4, 9) == {}
        assert await editor.complete("new.md", 5, 6) == {"tides": "tides.md"}
        assert await editor.complete("new.md", 6, 13) == {"Tides": "tides"}
        editor.type("new.md", 2, ((4, 0), (4, 9), "[[waves#^"), ((3, 0), (3, 8), "[[sub/moon#ot"))
        assert await editor.complete("new.md", 3, 13) == {"Other moon": "Other moon]]"}
        editor.type("new.md", 3, ((4, 0), (4, 9), "[[/moon#^"), ((4, 0), (4, 9), "[[tides.md#ti"))
        assert await editor.complete("new.md", 4, 13) == {"Tides": "Tides]]"}

    (wiki / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n')
    edit(wiki, scenario)


def test_there_and_back(wiki: Path) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("waves.md")
        await editor.published("waves.md")
        shown = await editor.hover("waves.md", 4, 34)
        assert shown == "**The Moon › Phases**\n\nmoon.md\n\nNew, full. ^phase" or "New, full." in shown
        places = await editor.client.text_document_definition_async(
            types.DefinitionParams(*editor.at("waves.md", 4, 36))
        )
        assert isinstance(places, tuple | list)
        assert [editor.place(each) for each in places if isinstance(each, types.Location)] == [("moon.md", "Phases")]
        editor.open("moon.md")
        context = types.ReferenceContext(include_declaration=False)
        of_heading = await editor.client.text_document_references_async(
            types.ReferenceParams(context, *editor.at("moon.md", 9, 5))
        )
        assert [editor.place(each) for each in of_heading or ()] == [("waves.md", "[[moon#Phases]]")]
        of_page = await editor.client.text_document_references_async(
            types.ReferenceParams(context, *editor.at("moon.md", 5, 4))
        )
        assert [editor.place(each) for each in of_page or ()] == [
            ("tides.md", "[[moon]]"),
            ("waves.md", "[[moon#Phases]]"),
        ]
        outline = await editor.client.text_document_document_symbol_async(
            types.DocumentSymbolParams(editor.document("moon.md"))
        )
        assert outline is not None
        top = outline[0]
        assert isinstance(top, types.DocumentSymbol)
        assert (top.name, [each.name for each in top.children or ()]) == ("The Moon", ["Phases"])
        pages = await editor.client.workspace_symbol_async(types.WorkspaceSymbolParams("lun"))
        assert [(each.name, each.container_name) for each in pages or ()] == [("Luna", "moon.md")]

    edit(wiki, scenario)


def test_renaming(wiki: Path) -> None:  # one session is a second
    texts = {path.name: path.read_text(encoding="utf-8") for path in wiki.glob("*.md")}

    def renamed(editor: Editor, made: types.WorkspaceEdit | None) -> dict[str, str]:
        edits = edits_of(made)
        return {
            name: applied(text, edits[editor.uri(name)], Encoding.UTF16)
            for name, text in texts.items()
            if editor.uri(name) in edits
        }

    async def scenario(editor: Editor) -> None:
        client = editor.client
        editor.open("waves.md")
        await editor.published("waves.md")
        # Each renames what is under the cursor: the page, its heading.
        page = await client.text_document_prepare_rename_async(types.PrepareRenameParams(*editor.at("waves.md", 4, 36)))
        place = await client.text_document_prepare_rename_async(
            types.PrepareRenameParams(*editor.at("waves.md", 4, 40))
        )
        assert isinstance(page, types.PrepareRenamePlaceholder)
        assert isinstance(place, types.PrepareRenamePlaceholder)
        assert (page.placeholder, place.placeholder) == ("moon", "Phases")
        made = await client.text_document_rename_async(types.RenameParams(*editor.at("waves.md", 4, 36), "Selene"))
        assert made is not None
        last = (made.document_changes or ())[-1]
        assert isinstance(last, types.RenameFile)
        assert (last.old_uri, last.new_uri) == (editor.uri("moon.md"), editor.uri("Selene.md"))
        assert renamed(editor, made) == {
            "tides.md": texts["tides.md"].replace("[[moon]]", "[[Selene]]"),
            "waves.md": texts["waves.md"].replace("[[moon#", "[[Selene#"),
        }
        made = await client.text_document_rename_async(types.RenameParams(*editor.at("waves.md", 4, 40), "Names"))
        assert renamed(editor, made) == {
            "moon.md": texts["moon.md"].replace("## Phases", "## Names"),
            "waves.md": texts["waves.md"].replace("#Phases", "#Names"),
        }
        # From the heading itself, with what is not saved; what cannot be is refused with its reason.
        editor.type("waves.md", 2, ((0, 0), (0, 0), "\n"))
        texts["waves.md"] = "\n" + texts["waves.md"]
        editor.open("moon.md")
        made = await client.text_document_rename_async(types.RenameParams(*editor.at("moon.md", 9, 4), "Of it"))
        assert renamed(editor, made)["waves.md"] == texts["waves.md"].replace("#Phases", "#Of it")
        refused = (("tides", "already exists"), (".x", "hidden"), ("../x", "from the root"), ("a\nb", "line break"))
        for name, why in refused:
            with pytest.raises(JsonRpcException, match=why):
                await client.text_document_rename_async(types.RenameParams(*editor.at("waves.md", 5, 36), name))
        # Files that the editor moves.
        files = types.RenameFilesParams([types.FileRename(editor.uri("tides.md"), editor.uri("sea/tides.md"))])
        made = await client.workspace_will_rename_files_async(files)
        assert renamed(editor, made) == {"waves.md": texts["waves.md"].replace("tides.md#", "sea/tides.md#")}
        files = types.RenameFilesParams([types.FileRename(editor.uri("tides.md"), editor.uri("moon.md"))])
        with pytest.raises(JsonRpcException, match=r"moon\.md: already exists"):
            await client.workspace_will_rename_files_async(files)

    edit(wiki, scenario, like=CODE)
