"""Looking up a citation from the editor: nothing is asked unasked, the user chooses, and the editor makes the edit."""

from __future__ import annotations

from ast import literal_eval
from typing import TYPE_CHECKING

import pytest
from lsp.editor import CODE, Editor, applied, edit, edits_of
from lsprotocol import types
from web.fakes import Fakes

from wikitools.lsp.positions import Encoding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

TITLE = 'Look up "LeCun et al. 2015" on the web …'
PAGE = "# Nets\n\n😀 Nets are deep (LeCun et al. 2015).\n"


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fakes]:
    with Fakes() as found:
        monkeypatch.setenv("WIKITOOLS_WEB_SERVICES", found.addresses)
        yield found


@pytest.fixture
def nets(wiki: Path) -> Path:
    (wiki / "nets.md").write_text(PAGE, encoding="utf-8")
    return wiki


def requests(services: Fakes) -> int:
    return sum(len(each.asked) for each in services.servers.values())


class User:
    """Answers questions, in order; an answer is the start of one of the choices, or "" for none."""

    def __init__(self, editor: Editor, *answers: str, writes: bool = True) -> None:
        self.asked: list[str] = []
        self.told: list[str] = []
        self.edits: list[types.WorkspaceEdit] = []
        left = list(answers)

        @editor.client.feature(types.WINDOW_SHOW_MESSAGE_REQUEST)
        def choose(params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
            self.asked.append(params.message)
            answer = left.pop(0)
            return next((each for each in params.actions or () if answer and each.title.startswith(answer)), None)

        for known in (types.WORKSPACE_APPLY_EDIT, types.WINDOW_SHOW_MESSAGE):
            editor.client.protocol.fm.features.pop(known, None)

        @editor.client.feature(types.WORKSPACE_APPLY_EDIT)
        def apply(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
            self.edits.append(params.edit)
            return types.ApplyWorkspaceEditResult(writes, None if writes else "read-only")

        @editor.client.feature(types.WINDOW_SHOW_MESSAGE)
        def tell(params: types.ShowMessageParams) -> None:
            self.told.append(params.message)


async def commands(editor: Editor) -> dict[str, types.Command]:
    """Return the commands that are offered for the citation, by their titles."""
    place = types.Position(2, 22)
    context = types.CodeActionContext([])
    params = types.CodeActionParams(editor.document("nets.md"), types.Range(place, place), context)
    found = await editor.client.text_document_code_action_async(params)
    # The client parses an action with a command as a plain command, and turns it into a string.
    said = {each.title: literal_eval(each.command) for each in found or () if isinstance(each, types.Command)}
    return {title: types.Command(title, each["command"], arguments=each["arguments"]) for title, each in said.items()}


async def command(editor: Editor) -> types.Command:
    editor.open("nets.md")
    await editor.published("nets.md", lambda rules: "unmatched-citation" in rules)
    found: dict[str, types.Command] = {}
    # Only the check of the whole wiki says where the work can be added.
    while not found:
        found = await commands(editor)
    return found[TITLE]


async def run(editor: Editor, asked: types.Command) -> None:
    await editor.client.workspace_execute_command_async(types.ExecuteCommandParams(asked.command, asked.arguments))


def test_a_work_is_looked_up_chosen_and_added(nets: Path, services: Fakes) -> None:
    before = (nets / "refs.bib").read_text()

    async def scenario(editor: Editor) -> None:
        user = User(editor, "Look up", "possible: LeCun")
        asked = await command(editor)
        assert requests(services) == 0
        await run(editor, asked)
        assert "no text of the page" in user.asked[0]
        assert user.asked[1].startswith('wikitools: Which work is "LeCun et al. 2015"?')
        sent = [each for server in services.servers.values() for each in server.asked]
        assert sent
        assert not any("deep" in each.target.lower() or b"deep" in each.body.lower() for each in sent)
        (made,) = user.edits
        after = applied(before, edits_of(made)[editor.uri("refs.bib")], Encoding.UTF16)
        assert "10.1038/nature14539" in after
        assert user.told[-1].endswith("was added to refs.bib; it counts once that is saved")
        # Once it is saved, the citation has its source.
        (nets / "refs.bib").write_text(after)
        saved = types.FileEvent(editor.uri("refs.bib"), types.FileChangeType.Changed)
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([saved]))
        await editor.published("nets.md", lambda rules: "unmatched-citation" not in rules)

    edit(nets, scenario, like=CODE)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (("Cancel",), []),
        (("",), []),
        (("Look up", "None of these"), []),
        (("Look up", "possible: LeCun"), ["wikitools: nothing was added: read-only"]),
    ],
)
def test_nothing_is_asked_or_added_against_the_users_will(
    nets: Path, services: Fakes, answers: tuple[str, ...], words: list[str]
) -> None:
    async def scenario(editor: Editor) -> None:
        user = User(editor, *answers, writes=False)
        await run(editor, await command(editor))
        assert len(user.asked) == len(answers)
        assert (requests(services) > 0) == (len(answers) > 1)
        assert (len(user.edits), user.told) == (len(words), words)

    edit(nets, scenario, like=CODE)


def test_what_is_gone_or_unknown_is_said(nets: Path, services: Fakes) -> None:
    async def scenario(editor: Editor) -> None:
        user = User(editor, "Look up")
        asked = await command(editor)
        editor.replace("nets.md", 2, "# Nets\n")
        await run(editor, asked)
        assert user.told == ["wikitools: there is no citation without a source any more"]
        editor.replace("nets.md", 3, PAGE.replace("LeCun et al. 2015", "Unwritten 1911"))
        await run(editor, asked)
        assert user.told[-1].startswith('wikitools: no work was found for "Unwritten 1911"')

    edit(nets, scenario, like=CODE)
    assert requests(services)


@pytest.mark.parametrize("bare", [True, False])
def test_it_is_offered_only_where_it_can_end_well(nets: Path, *, bare: bool) -> None:
    if not bare:
        (nets / "refs.bib").unlink()
        (nets / "wikitools.toml").write_text("")
        # A wiki with sources, and without a file that one could be added to.
        (nets / "doe.md").write_text("---\ntype: source\nauthors: [Ann Doe]\nyear: 2019\ntitle: On Tides\n---\n")

    async def scenario(editor: Editor) -> None:
        editor.open("nets.md")
        await editor.published("nets.md", lambda rules: "unmatched-citation" in rules)
        assert await editor.hover("tides.md", 0, 0) == ""
        if not bare:
            assert "Silence unmatched-citation here" in await editor.actions("nets.md", 2, 22)
            assert not await commands(editor)
        elif editor.capabilities.code_action_provider:
            pytest.fail("actions are offered to an editor that knows none")

    edit(nets, scenario, like=CODE, bare=bare)
