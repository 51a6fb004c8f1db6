"""The paths for `lint`: from the command line, from a file with a list, or the open page of an editor."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from wikitools.cli.terminal import fail, note, write

if TYPE_CHECKING:
    from wikitools.cli.request import Request
    from wikitools.cli.startup import AskedWiki
    from wikitools.lint.fix.fixing import FixOutcome


def gather(
    asked: Request, paths: list[str] | None, files_from: str | None, stdin_filename: str | None
) -> tuple[Request, list[str] | None]:
    """Return the request and the paths to report on; ends the run if there are none, or if they contradict each other.

    `files_from` names a file (`-`: standard input) with one path per line, or separated by NUL. `stdin_filename` is the
    page whose text comes from standard input.
    """
    given = [path for path in paths or [] if path != "-"]
    if stdin_filename is not None:
        if given or files_from is not None:
            fail("--stdin-filename takes one page", "give no other PATHS")
        return replace(asked, stands_in=stdin_filename), [stdin_filename]
    if len(given) < len(paths or []):
        fail("-: a page on standard input needs its path", "--stdin-filename PATH")
    if files_from is None:
        return asked, paths
    given += _listed(files_from)
    if not given:
        if not asked.quiet:
            note(f"No paths in {files_from}: nothing to report on.")
        raise typer.Exit(0)
    return asked, given


def _listed(name: str) -> list[str]:
    try:
        if name == "-":
            text = os.fsdecode(sys.stdin.buffer.read())
        else:
            with open(name, "rb") as file:
                text = os.fsdecode(file.read())
    except OSError as error:
        fail(f"--files-from {name}: {(error.strerror or str(error)).lower()}")
    entries = text.split("\0") if "\0" in text else text.splitlines()
    return [entry for entry in entries if entry.strip()]


def write_fixed(wiki: AskedWiki, fixing: FixOutcome) -> None:
    """Print the repaired page from standard input, and the remaining findings on standard error."""
    from wikitools.report.summary import count

    (page,) = wiki.asked or ("",)
    write(fixing.texts.get(page, wiki.workspace.text_of(page)), exact=True)
    if not wiki.request.quiet:
        for each in fixing.remaining.diagnostics:
            note(f"{wiki.shown(each.path)}:{each.line}:{each.column}: {each.severity}[{each.rule}] {each.message}")
        if fixing.fixed:
            note(f"Fixed {count(len(fixing.fixed), 'problem')}.")


def require_clean(wiki: AskedWiki) -> None:
    """End the run with exit code 2 if git has uncommitted changes or new files in the wiki."""
    from wikitools import git
    from wikitools.cli.startup import or_fail
    from wikitools.repository import open_repository

    changed = or_fail(lambda: git.find_uncommitted(open_repository(wiki.settings.root)))
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        fail(f"--require-clean: {changed[0]}{more} not committed", "commit or stash them first; nothing was repaired")


def show_files(wiki: AskedWiki) -> None:
    """Print the pages and bibliographies that are reported on, one per line."""
    inventory = wiki.workspace.inventory
    shown = (*inventory.pages, *inventory.bibliographies)
    write(f"{wiki.shown(path)}\n" for path in shown if wiki.asked is None or path in wiki.asked)
