"""Renames files in the configuration when `rename` moves them, or says why nothing can be moved."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wikitools import files
from wikitools.cli.startup import or_fail
from wikitools.cli.terminal import fail

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wikitools.cli.startup import AskedWiki
    from wikitools.config import Settings


@dataclass(frozen=True, slots=True)
class ConfigTexts:
    """The configuration files that change, by path, which is relative to the root if they are inside it."""

    old: Mapping[str, str] = field(default_factory=dict)
    new: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """Sentences about settings that no longer apply to the moved files, or apply to them only now."""


def rename_in_settings(wiki: AskedWiki, moves: Mapping[str, str], folders: Mapping[str, str]) -> ConfigTexts:
    """Return the configuration files with the new paths of moved files; `folders` move with everything in them.

    Ends the run with exit code 2 if the settings would no longer mean the same files.
    """
    from wikitools.config import ConfigError, rename_in_config

    settings = wiki.settings
    if not moves:
        return ConfigTexts()
    root = os.fspath(settings.root)
    for new in moves.values():
        if files.is_left_out(root, new, settings.exclude, gitignore=settings.respect_gitignore):
            fail(f"nothing was renamed: {new} would be left out of the wiki by .gitignore or exclude")
    old_texts: dict[str, str] = {}
    texts: dict[str, str] = {}
    for place in map(os.fspath, settings.files):
        data = or_fail(lambda place=place: files.read_bytes(settings.root, place))  # type: ignore[misc]  # bound here
        text = data.decode("utf-8")
        try:
            new_text = rename_in_config(
                place, text, root=root, moves={**moves, **folders}, names=_lost_names(wiki, moves)
            )
        except ConfigError as error:
            fail(f"nothing was renamed: {error}", "change it first")
        if new_text != text:
            path = os.path.relpath(place, root).replace(os.sep, "/")
            if path.startswith("../") and files.behind_links(settings.root, path) is None:
                fail(f"nothing was renamed: {place} names it, and is outside of the repository", "change it first")
            path = place if path.startswith("../") else path
            old_texts[path], texts[path] = text, new_text
    now = _settings_with(wiki, texts, moves)
    _check_bibliographies(wiki, now, moves)
    return ConfigTexts(old_texts, texts, tuple(_changes(settings, now, moves)))


def _lost_names(wiki: AskedWiki, moves: Mapping[str, str]) -> dict[str, str]:
    """Return the file names, in lower case, that no file has after the move, each with its only new name."""
    known = wiki.workspace.facts.wiki
    kept = {_base(path) for path in (*known.pages, *known.attachments) if path not in moves} | {
        _base(path) for path in moves.values()
    }
    found: dict[str, set[str]] = {}
    for old, new in moves.items():
        found.setdefault(_base(old), set()).add(new.rpartition("/")[2])
    return {old: min(new) for old, new in found.items() if old not in kept and len(new) == 1}


def _base(path: str) -> str:
    return path.rpartition("/")[2].lower()


def _settings_with(wiki: AskedWiki, texts: Mapping[str, str], moves: Mapping[str, str]) -> Settings:
    """Return the settings of this run with these new texts of configuration files, which have not moved yet."""
    from wikitools.config import load_settings

    settings, asked = wiki.settings, wiki.request
    if settings.config is None or not texts:
        return settings
    root = os.fspath(settings.root)

    here = {new: old for old, new in moves.items()}

    def read(path: str, _home: str = "", follow_links: bool = settings.follow_links) -> str:
        inside = os.path.relpath(path, root).replace(os.sep, "/")
        inside = here.get(inside, inside)
        text = texts.get(inside, texts.get(path))
        if text is not None:
            return text.removeprefix("\ufeff")
        # It was read when the run began, and its location was checked then.
        return files.read_text(os.path.join(root, inside), follow_links=follow_links)

    config = os.fspath(settings.config)
    return load_settings(
        root,
        [(config, read(config))],
        read=read,
        options=asked.options,
        environment={} if asked.isolated else os.environ,
        assignments=[value for value in asked.config if "=" in value and not os.path.exists(value)],
        named=True,
        follow_links=settings.follow_links,
    )


def _check_bibliographies(wiki: AskedWiki, now: Settings, moves: Mapping[str, str]) -> None:
    """End the run if a bibliography that the settings name would no longer be one."""
    from wikitools.globs import glob_test

    if now.bibliography is None:
        return
    root = os.fspath(wiki.settings.root)
    places = {os.path.normpath(os.path.join(now.folder, os.path.expanduser(each))) for each in now.bibliography}
    paths = {os.path.relpath(place, root).replace(os.sep, "/") for place in places}
    fits = glob_test(tuple(f"/{path}" for path in sorted(paths)))
    for path in wiki.workspace.inventory.bibliographies:
        if path in moves and moves[path] not in paths and not fits(moves[path]):
            origin = wiki.settings.origin("bibliography")
            fail(
                f"nothing was renamed: {origin} names {path} as a bibliography, and not {moves[path]}",
                "change it first",
            )


def _changes(before: Settings, now: Settings, moves: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each pattern of per-file-ignores that matches only the old or the new path of a file."""
    from wikitools.globs import glob_test

    for (old_glob, _names), (glob, _same) in zip(before.per_file_ignores, now.per_file_ignores, strict=True):
        fitted, fits = glob_test((old_glob,)), glob_test((glob,))
        for old, new in moves.items():
            if fitted(old) != fits(new):
                yield f'per-file-ignores: "{glob}" {"now applies" if fits(new) else "no longer applies"} to {new}'
