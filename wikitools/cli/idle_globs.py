"""What the configuration names and the wiki does not have, as after a folder was moved: a warning, it may be a typo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.block.style import BlockStyle
from wikitools.cite.meanings import unused
from wikitools.cli.terminal import warn
from wikitools.globs import IgnoreList, glob_test, path_test
from wikitools.lint.rule_settings import ENTRY_PAGES
from wikitools.wiki.lazy_pages import Sealed
from wikitools.wiki.placeholders import PLACEHOLDERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wikitools.cli.startup import AskedWiki
    from wikitools.config import Settings
    from wikitools.files import Inventory


def warn_of_idle_globs(wiki: AskedWiki) -> None:
    """Warn about what is nowhere in the wiki, where all of it is looked at and nobody asked for silence.

    That are patterns that match no file, citations that no page has, and keys that no source has.
    """
    if wiki.asked is not None or wiki.request.quiet:
        return
    settings, inventory = wiki.settings, wiki.workspace.inventory
    known = (*inventory.pages, *inventory.bibliographies)
    for key, glob, test in _globs(settings):
        if not any(map(test, known)):
            warn(f"{settings.origin(key)}: {_named(key, glob)} matches no file{one_pattern(glob)}")
    for pattern in settings.exclude:
        if not _leaves_out(pattern, inventory):
            warn(f"{settings.origin('exclude')}: {_named('exclude', pattern)} leaves nothing out{one_pattern(pattern)}")
    means, facts = settings.citations.means, wiki.workspace.facts
    # A run of rules that need no citations does not read them.
    if means and not isinstance(facts.cited, Sealed):
        where = settings.origin("citations.means")
        for form in unused(means, (each for path in facts.wiki.pages for each in facts.cited.get(path, ()))):
            warn(f"{where}: {_named('citations.means', form)}: no page has this citation")
        for form, key in means.items():
            if not any(each.by_key(key) for each in (facts.bibliography, *facts.own.values())):
                warn(f"{where}: {_named('citations.means', form)}: no source has the key {_quoted(key)}")


def warn_of_idle_addresses(wiki: AskedWiki, addresses: Iterable[str], globs: Iterable[str]) -> None:
    """Warn about each glob of `exclude` of `[web]`, and each of the command line, that matches no address."""
    if wiki.asked is not None or wiki.request.quiet:
        return
    known = frozenset(addresses)
    written = frozenset(wiki.settings.web.exclude)
    for glob in dict.fromkeys(globs):
        if not any(map(glob_test((glob,)), known)):
            key = "web.exclude"
            whose = f"{wiki.settings.origin(key)}: {_named(key, glob)}" if glob in written else f"--exclude-url: {glob}"
            warn(f"{whose} matches no address{one_pattern(glob)}")


def warn_of_idle_placeholders(wiki: AskedWiki, skipped: int) -> None:
    """Warn about globs of placeholders that somebody wrote if no link of the wiki was skipped as one."""
    globs = wiki.settings.placeholders
    if wiki.asked is not None or wiki.request.quiet or skipped or not globs or globs == PLACEHOLDERS:
        return
    named = ", ".join(_quoted(glob) for glob in globs)
    hint = one_pattern(globs[0]) if len(globs) == 1 else ""
    warn(f"{wiki.settings.origin('placeholders')}: {named} in placeholders: no link matches{hint}")


def one_pattern(glob: str) -> str:
    """Return what helps if several patterns were written as one string, to be added to a message; else ""."""
    parts = [part for each in glob.split(",") if (part := each.strip())]
    return f"; write several as [{', '.join(_quoted(part) for part in parts)}]" if len(parts) > 1 else ""


def _named(key: str, glob: str) -> str:
    table, _dot, name = key.rpartition(".")
    return f"{_quoted(glob)} in {name}{f' of [{table}]' if table else ''}"


def _quoted(text: str) -> str:
    return f'"{text}"'


def _globs(settings: Settings) -> Iterator[tuple[str, str, Callable[[str], bool]]]:
    """Yield the globs of pages that the user wrote: the key, the glob and its test. Defaults need not match."""
    for glob, _names in settings.per_file_ignores:
        yield "per-file-ignores", glob, path_test(glob)
    bare = BlockStyle()
    lists = {
        "entry-pages": (settings.entry_pages, ENTRY_PAGES),
        "block.pages": (settings.block.pages, bare.pages),
        "block.exclude": (settings.block.exclude, bare.exclude),
    }
    for key, (globs, default) in lists.items():
        for glob in globs:
            if glob not in default:
                yield key, glob, glob_test((glob,))


def _leaves_out(pattern: str, inventory: Inventory) -> bool:
    """Say whether a line of `exclude` is about any file or folder, also one that another line or git leaves out.

    A line that takes something back (`!a.md`) is about what is there now.
    """
    lines = IgnoreList((pattern.removeprefix("!"),))
    if not lines:
        return True
    names = (*inventory.excluded, *inventory.pages, *inventory.attachments, *inventory.untracked)
    return any(lines.verdict(path, is_folder=is_folder) for path, is_folder in _paths(names))


def _paths(names: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield each name and once each folder above it, and whether it is a folder; names of folders end with a slash."""
    seen: set[str] = set()
    for name in names:
        path = name.removesuffix("/")
        yield path, name.endswith("/")
        folder = path.rpartition("/")[0]
        while folder and folder not in seen:
            seen.add(folder)
            yield folder, True
            folder = folder.rpartition("/")[0]
