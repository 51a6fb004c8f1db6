"""Writes new texts into a wiki: each file as a whole, and only if it still has the text that was read."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from wikitools import files, interrupts
from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wikitools.lint.policy import Policy
    from wikitools.project.loading import Workspace


@dataclass(frozen=True, slots=True)
class Written:
    """What happened to texts that should be written; those in neither field were written."""

    refused: Mapping[str, str] = field(default_factory=dict)
    """Why files could not be written, by path."""
    changed: tuple[str, ...] = ()
    """Files that were changed or deleted since they were read."""


def write_texts(workspace: Workspace, texts: Mapping[str, str], done: list[str]) -> Written:
    """Write the new texts, each file as a whole and only if it still has what was read; adds those to `done`.

    An interrupt takes effect between two files. Raises `FileError` when another run keeps the wiki locked.
    """
    root, follow = workspace.settings.root, workspace.settings.follow_links
    refused: dict[str, str] = {}
    changed: list[str] = []
    waiting = sorted(texts)
    with files.writing(root, waiting, follow_links=follow), interrupts.Held():
        while waiting:
            interrupts.check()
            path = waiting.pop(0)
            try:
                files.write_atomic(
                    root, path, workspace.text_of(path).encode("utf-8"), texts[path], follow_links=follow
                )
                done.append(path)
            except files.ChangedError:
                changed.append(path)
            except files.DiskFullError as error:
                # Writing the rest would only fill the disk completely.
                refused.update(dict.fromkeys((path, *waiting), str(error)))
                waiting = []
            except files.FileError as error:
                refused[path] = str(error)
    return Written(refused, tuple(changed))


def write_and_retry(
    workspace: Workspace,
    texts: Mapping[str, str],
    again: Callable[[Workspace, frozenset[str]], Mapping[str, str]],
    done: list[str],
) -> tuple[Written, Workspace]:
    """Write the new texts; files that changed meanwhile are read, processed and written once more.

    `again` returns the new texts of the given files, for the wiki as it is then. Returns what was not written in the
    end, and the wiki as it was read last: the given one if nothing changed. Raises `FileError` as `write_texts` does.
    """
    first = write_texts(workspace, texts, done)
    if not first.changed:
        return first, workspace
    fresh = _read_again(workspace, first.changed)
    workspace = workspace.refreshed(fresh)
    second = write_texts(workspace, again(workspace, frozenset(fresh)), done)
    gone = (path for path in first.changed if path not in fresh)
    return Written({**first.refused, **second.refused}, tuple(sorted((*gone, *second.changed)))), workspace


def write_fixes(workspace: Workspace, texts: dict[str, str], policy: Policy, *, unsafe: bool) -> Mapping[str, str]:
    """Write pages with repairs, and return why some were not written.

    New repairs of changed pages are put into `texts`. Raises `FileError` as `write_texts` does.
    """
    from wikitools.lint.fix.fixing import fix

    failed: dict[str, str] = {}

    def again(fresh: Workspace, paths: frozenset[str]) -> Mapping[str, str]:
        made = fix(fresh.facts, replace(policy, paths=paths), rebuild=fresh.rebuild, unsafe=unsafe)
        failed.update(made.failed)
        texts.update(made.texts)
        return made.texts

    written, _workspace = write_and_retry(workspace, texts, again, [])
    changed = dict.fromkeys(written.changed, "it was changed meanwhile")
    return {**failed, **written.refused, **changed}


def _read_again(workspace: Workspace, paths: Iterable[str]) -> dict[str, str]:
    """Return the texts that files have now; without those that are gone, or nothing to read any more."""
    from wikitools.markdown.parse import read

    fresh: dict[str, str] = {}
    for path in paths:
        try:
            data = files.read_bytes(
                workspace.settings.root,
                path,
                limit=workspace.settings.max_page_size,
                follow_links=workspace.settings.follow_links,
            )
        except files.FileError:
            # There is nothing left to do; the change is reported.
            continue
        page = read(path, data)
        if not any(problem.kind == "unreadable-page" for problem in page.problems):
            fresh[path] = page.text
    return fresh
