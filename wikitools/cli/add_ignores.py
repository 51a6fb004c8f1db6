"""`lint --add-ignore`: writes a comment for each current finding."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from wikitools.cli.terminal import complain, fail, note
from wikitools.cli.writing import write_diff, write_texts

if TYPE_CHECKING:
    from wikitools.cli.startup import AskedWiki
    from wikitools.lint.policy import Policy
    from wikitools.lint.run import Outcome


def check_request(reason: str | None, *, fix: bool) -> None:
    """End the run with exit code 2 if `--add-ignore` cannot do what was asked for, before anything is read."""
    if reason is None:
        return
    from wikitools.lint.fix.add_ignores import ReasonError, check_reason

    if fix:
        fail("--add-ignore and --fix exclude each other", "repair first, then silence what is left")
    try:
        check_reason(reason)
    except ReasonError as error:
        fail(f"--add-ignore: {error}")


def silence_findings(wiki: AskedWiki, outcome: Outcome, policy: Policy, reason: str, *, diff: bool) -> Outcome:
    """Write comments for the findings (with `diff`, show them and end the run).

    Return those that no comment can silence.
    """
    from wikitools.lint.fix.add_ignores import silence
    from wikitools.report.summary import count, places

    silenced = silence(wiki.workspace.facts, policy, outcome.diagnostics, reason=reason, rebuild=wiki.workspace.rebuild)
    told = f"{count(len(silenced.findings), 'problem')} in {places(silenced.texts)}"
    if diff:
        write_diff(wiki, silenced.texts)
        if not wiki.request.quiet:
            note(f"Would silence {told}." if silenced.texts else "Nothing to silence.")
        raise typer.Exit(1 if silenced.texts else 0)
    written = write_texts(wiki.workspace, silenced.texts)
    for path in written.changed:
        complain(f"{path}: changed on disk while wikitools ran; not written, run again")
    if lost := (*written.refused, *written.changed):
        fail(f"{len(lost)} of {count(len(silenced.texts), 'changed page')} were not written")
    if not wiki.request.quiet:
        if silenced.texts:
            note(f"Silenced {told}.")
        if silenced.left:
            note(f"No comment can silence {count(len(silenced.left), 'problem')}: per-file-ignores or a baseline can.")
    done = tuple(each.key for each in silenced.findings)
    return replace(outcome, diagnostics=silenced.left, silenced=(*outcome.silenced, *done))
