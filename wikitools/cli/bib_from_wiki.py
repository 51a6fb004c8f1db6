"""`wikitools bib add --from-wiki`: asks which works open citations mean, one wanted work after the other."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from wikitools.cli import cite_lookup
from wikitools.cli.network import open_web_memory
from wikitools.cli.question import ask
from wikitools.cli.terminal import fail, is_terminal, note, warn, write
from wikitools.report.summary import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wikitools.cli.startup import AskedWiki
    from wikitools.report.wanted import Wanted
    from wikitools.web.unlisted_works import Candidate

_NEVER = "never"
"""The name of these answers in the memory of answers from the web: nothing is written into the wiki."""


def choose(wiki: AskedWiki, *, sure: bool, offline: bool) -> tuple[list[str], bool]:
    """Return the identifiers of the works that the user chooses, and whether all wanted works got an answer.

    With `sure` these are the certain ones, without asking. The answer "never" is remembered for this wiki, and the
    question is not asked again.
    """
    from wikitools.cli.cite import rows_of_wiki
    from wikitools.report.wanted import group

    if not sure and not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
        fail(
            "--from-wiki asks which works are meant, and needs a terminal",
            "--yes adds what is certain without a question; "
            "or write a list to choose from: wikitools cite --unmatched --lookup -o FILE",
        )
    refused = _refused(wiki)
    groups = [each for each in group(rows_of_wiki(wiki, {"unmatched"})) if each.label not in refused]
    groups, wants, looked = cite_lookup.find(wiki, groups, offline=offline, max_time=None)
    proposed = [(each, found) for each, want in zip(groups, wants, strict=True) if (found := looked.candidates[want])]
    if not wiki.request.quiet:
        cite_lookup.tell_silence(looked)
        note(f"{count(len(groups), 'work')} wanted; proposals for {len(proposed)}")
    if not sure:
        return _answered(wiki, proposed), not looked.failed
    certain = _certain(proposed)
    if not certain and not wiki.request.quiet:
        more = "; without --yes, each is asked about" if proposed else ""
        note(f"no work is certain, and nothing was added{more}")
    return certain, not looked.failed


def _certain(proposed: Iterable[tuple[Wanted, Sequence[Candidate]]]) -> list[str]:
    return [cite_lookup.identifier(found[0]) for _group, found in proposed if cite_lookup.is_certain(found)]


def _answered(wiki: AskedWiki, proposed: Sequence[tuple[Wanted, Sequence[Candidate]]]) -> list[str]:
    taken: list[str] = []
    never: list[str] = []
    try:
        for number, (wanted, found) in enumerate(proposed):
            for line in cite_lookup.shown(wiki, wanted, found, numbered=True):
                write(line)
            numbers = [str(at) for at in range(1, len(found) + 1)]
            left = f"{len(proposed) - number} left"
            answer = ask(
                f"Add which one? {' '.join(numbers)}, s: skip, n: never, q: stop ({left})",
                (*numbers, "s", "n", "q"),
                "s",
            )
            if answer == "q":
                break
            if answer == "n":
                never += (wanted.label, *wanted.also)
            elif answer != "s":
                taken.append(cite_lookup.identifier(found[int(answer) - 1]))
    except EOFError:
        write("\n")
    finally:
        # Also after Ctrl-C.
        if never:
            _refuse(wiki, never)
    return taken


def _subject(wiki: AskedWiki, label: str) -> str:
    return f"{os.path.realpath(wiki.settings.root)}\n{label}"


def _refused(wiki: AskedWiki) -> frozenset[str]:
    """Return the wanted works, as they are cited, that were answered with "never" in this wiki."""
    memory = open_web_memory(wiki.request, wiki.settings)
    try:
        start = _subject(wiki, "")
        return frozenset(
            subject.removeprefix(start) for subject in memory.subjects(_NEVER) if subject.startswith(start)
        )
    finally:
        memory.close()


def _refuse(wiki: AskedWiki, labels: Iterable[str]) -> None:
    from wikitools.web.memory import Status

    if not wiki.request.cache:
        warn('--no-cache: answers of "never" are not remembered')
        return
    memory = open_web_memory(wiki.request, wiki.settings)
    try:
        for label in labels:
            memory.put(_NEVER, _subject(wiki, label), Status.HERE)
        memory.save()
    finally:
        memory.close()
