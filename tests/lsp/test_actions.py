"""What an editor offers to do: repairs, near names, silence, and the block of sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lsp.editor import CODE, Editor, edit, edits_of
from lsp.editor import applied as applied_in
from lsprotocol import types

from wikitools.lsp.positions import Encoding

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def applied(text: str, edits: list[types.TextEdit]) -> str:
    return applied_in(text, edits, Encoding.UTF16)


NOTE = """\
# Note

😀 [[phases of the moon]] and [x]( moon.md#Phasses ), [[moon#Phase]], [[Luna]].

| a | b |
|---|---|
| 1 | [[nowhere]] |
"""


def test_repairs_and_silence(wiki: Path) -> None:
    (wiki / "note.md").write_text(NOTE, encoding="utf-8")
    (wiki / "Phases-of-the-Moon.md").write_text("# Phases\n")

    async def scenario(editor: Editor) -> None:
        editor.open("note.md")
        before = await editor.published("note.md")
        assert len(before) == 5
        uri = editor.uri("note.md")
        here = await editor.actions("note.md", 2, 5)
        repair = here['Link to "Phases-of-the-Moon"']
        assert repair.is_preferred
        assert repair.kind == types.CodeActionKind.QuickFix
        assert [each.code for each in repair.diagnostics or ()] == ["broken-wikilink"]
        assert repair.edit is not None
        change = (repair.edit.document_changes or ())[0]
        assert isinstance(change, types.TextDocumentEdit)
        assert (change.text_document.uri, change.text_document.version) == (uri, 1)
        assert "[[Phases-of-the-Moon|phases of the moon]]" in applied(NOTE, edits_of(repair.edit)[uri])
        # Nearest names guess, so they are not preferred; each is an action.
        anchor = (await editor.actions("note.md", 2, 60))['Change the anchor to "Phases"']
        assert not anchor.is_preferred
        assert "[[moon#Phases]]" in applied(NOTE, edits_of(anchor.edit)[uri])
        # In a table, the comment is inside the cell.
        silent = (await editor.actions("note.md", 6, 8))["Silence broken-wikilink here"]
        text = applied(NOTE, edits_of(silent.edit)[uri])
        assert "| 1 | [[nowhere]] <!-- wikitools-ignore-line broken-wikilink --> |" in text
        editor.replace("note.md", 2, text)
        assert len(await editor.published("note.md", lambda rules: len(rules) == 4)) == 4
        # All that is safe at once, and nothing that is not.
        every = await editor.actions("note.md", 0, 0, "source.fixAll")
        assert [*every] == ["Make all safe repairs on this page"]
        action = every["Make all safe repairs on this page"]
        assert action.kind == "source.fixAll.wikitools"
        text = applied(text, edits_of(action.edit)[uri])
        assert "[[Phases-of-the-Moon|phases of the moon]]" in text
        assert "[[moon#Phase]]" in text
        editor.replace("note.md", 3, text)
        await editor.published("note.md", lambda rules: len(rules) < 4)

    edit(wiki, scenario, like=CODE)


def test_the_block_of_sources(wiki: Path) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("waves.md")
        uri, text = editor.uri("waves.md"), (wiki / "waves.md").read_text()
        add = (await editor.actions("waves.md", 0, 0))["Add a block of this page's sources"]
        assert add.kind == "source.wikitools.regenerateSources"
        text = applied(text, edits_of(add.edit)[uri])
        assert "- [On Tides](https://doi.org/10.1000/tides)" in text
        editor.replace("waves.md", 2, text)
        # Nothing is left to do, until the page cites less.
        assert [*await editor.actions("waves.md", 0, 0, "source")] == []
        editor.replace("waves.md", 3, text.replace("Doe et al. (2019) and ", ""))
        renew = (await editor.actions("waves.md", 0, 0))["Regenerate this page's sources"]
        now = applied(text.replace("Doe et al. (2019) and ", ""), edits_of(renew.edit)[uri])
        assert "On Tides" not in now
        # As backfill does, it leaves alone what a person wrote, and says why.
        editor.replace("waves.md", 4, text.replace("- Of Waves", "- By hand"))
        kept = (await editor.actions("waves.md", 0, 0))["Regenerate this page's sources"]
        assert kept.edit is None
        assert kept.disabled is not None
        assert "edited since it was generated" in kept.disabled.reason
        # A bibliography can be open, too; its findings have no comments that silence them.
        editor.open("refs.bib", language="bibtex")
        await editor.published("refs.bib", lambda rules: rules == ["duplicate-key"])
        assert await editor.actions("refs.bib", 4, 7) == {}

    with (wiki / "refs.bib").open("a") as bibliography:
        bibliography.write("@book{roe2001, title = {Of Waves}, author = {Roe, Jo and Poe, Al}, year = {2001}}\n")

    edit(wiki, scenario, like=CODE)
