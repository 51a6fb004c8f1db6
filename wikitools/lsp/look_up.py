"""The command that looks a citation up on the web: only when the user says so, after being told what is sent.

What asks the services is given by the command line (`Options.look_up`); nothing else in the server uses the network.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from lsprotocol import types

from wikitools.lsp.works import cited_on
from wikitools.report.citations import rows_of
from wikitools.report.wanted import group
from wikitools.sources.same_work import same_work
from wikitools.sources.writers.write_error import CannotWriteError
from wikitools.wiki.resolution import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wikitools.lsp.homes import LookUp
    from wikitools.lsp.view import View
    from wikitools.report.wanted import Wanted
    from wikitools.sources.record import Record
    from wikitools.web.unlisted_works import Candidate, Looked

COMMAND = "wikitools.lookUp"
_SENT = "Registries learn its names and year, and identifiers of works on the page; no text of the page."
_LOOK_UP, _CANCEL, _NONE = "Look up", "Cancel", "None of these"


Answer = TypeVar("Answer")


class Editor(Protocol):
    """What the editor is asked to do."""

    async def ask(self, uri: str, work: Callable[[View], Answer], otherwise: Answer) -> Answer:
        """Return what `work` makes of an open page, or `otherwise` if nothing has been checked yet."""

    async def choose(self, question: str, answers: Sequence[str]) -> str | None:
        """Return which answer the user chooses; `None` for none."""

    async def make(self, edit: types.WorkspaceEdit, title: str) -> str | None:
        """Make an edit; return why not, if it was not made."""

    def inform(self, words: str) -> None:
        """Tell the user something."""


class _Prepared(NamedTuple):
    """What is asked about a citation."""

    label: str
    files: tuple[str, ...]
    """The bibliographies that it can be added to."""
    ask: Callable[[], Looked]


def offered(view: View, path: str, start: int) -> types.Command | None:
    """Return the command for a citation without a source; `None` where nothing could be done with an answer."""
    if view.wiki is None or not view.client.applies_edits or not view.wiki.bibliography_files:
        return None
    wanted = _wanted(view, start)
    if wanted is None:
        return None
    place = view.document.lines.place(start)
    return types.Command(
        f'Look up "{wanted.label}" on the web …', COMMAND, arguments=[view.uri(path), place.line, place.column]
    )


def _wanted(view: View, start: int) -> Wanted | None:
    """Return the work that the citation at an offset needs, with all citations of it on the page."""
    missing = [each for each in cited_on(view.path, view.facts) if isinstance(each.resolution, Missing)]
    groups = group(rows_of(view.path, view.document.text, missing))
    return next((each for each in groups if any(row.start == start for row in each.rows)), None)


async def run(editor: Editor, look_up: LookUp, uri: str, line: int, column: int) -> None:
    """Ask the user, then the services, then the user again, and add the work to the bibliography."""

    def prepare(view: View) -> _Prepared | None:
        wanted = _wanted(view, view.offset(types.Position(line, column)))
        if wanted is None or view.wiki is None:
            return None
        return _Prepared(wanted.label, view.wiki.bibliography_files, look_up(view.wiki.settings, view.facts, (wanted,)))

    prepared = await editor.ask(uri, prepare, None)
    if prepared is None:
        editor.inform("there is no citation without a source any more")
        return
    question = f'Look up "{prepared.label}" on the web? {_SENT}'
    if await editor.choose(question, (_LOOK_UP, _CANCEL)) != _LOOK_UP:
        return
    looked = await asyncio.to_thread(prepared.ask)
    silent = "".join(f"; {number} × no answer: {why}" for why, number in looked.silent.most_common(3))
    found = {_shown(each): each.record for candidates in looked.candidates.values() for each in candidates}
    if not found:
        editor.inform(f'no work was found for "{prepared.label}"{silent}')
        return
    record = found.get(await editor.choose(f'Which work is "{prepared.label}"?{silent}', (*found, _NONE)) or "")
    if record is None:
        return
    file: str | None = prepared.files[0]
    if len(prepared.files) > 1:
        file = await editor.choose("Add it to which bibliography?", prepared.files)
    if file is not None:
        await _add(editor, uri, file, record)


async def _add(editor: Editor, uri: str, file: str, record: Record) -> None:
    from wikitools.project.additions import AdditionProofError, Bibliography, adding

    def add(view: View) -> tuple[types.WorkspaceEdit | None, str]:
        known = view.facts.bibliography.sources
        there = next((each for each in known if same_work(each, record.as_source())), None)
        if there is not None:
            return None, f"{there.key} in {there.span.path} is this work"
        text = view.lines(file).text
        try:
            edit, _new, key = adding(Bibliography(file, text), record, {each.key for each in known})
        except (CannotWriteError, AdditionProofError) as error:
            return None, f"nothing was added: {error}"
        return view.edit([edit]), f"{key} was added to {file}; it counts once that is saved"

    unready: tuple[types.WorkspaceEdit | None, str] = None, "nothing was added: the wiki is being checked"
    edit, words = await editor.ask(uri, add, unready)
    if edit is not None:
        why_not = await editor.make(edit, "Add a source")
        words = words if why_not is None else f"nothing was added: {why_not}"
    editor.inform(words)


def _shown(candidate: Candidate) -> str:
    """Return a proposal in a line: "certain: LeCun, Bengio, Hinton 2015. Deep learning (10.1038/nature14539)"."""
    record = candidate.record
    families = [name.family for name in record.names or record.editors]
    people = ", ".join(families[:3]) + (" et al." if len(families) > 3 else "")
    name = record.doi or (f"arXiv:{record.arxiv}" if record.arxiv else f"PMID {record.pmid}")
    return f"{candidate.certainty}: {people} {record.year}. {record.title} ({name})"
