"""Says which checks can be replayed, and what their output depends on.

A check can be replayed if its output is certain to follow from what `replay.py` compares: files on this disk. Checks
that ask git for states, write files or show how long they took cannot.
"""

from __future__ import annotations

import itertools
import os
import stat
from typing import TYPE_CHECKING, Any

import typer

from wikitools import replay
from wikitools.cli.recording import OF_GIT, Basis, places_above, state_of_places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wikitools.cli.output import Output
    from wikitools.cli.recording import Run
    from wikitools.cli.startup import AskedWiki
    from wikitools.project.job import Checked

_MOST_OTHERS = 20_000
"""If the wiki's folder contains so many more files than the wiki, looking at all of them would not pay."""
_TOO_YOUNG = 2_000_000_000
"""A file that changed less than these nanoseconds before the run may change again without a new time."""
_MOST_YOUNG = 50
_LARGEST_YOUNG = 1_000_000
"""How many files may be compared by their content, and how large each may be, in bytes."""


def is_replayable(wiki: AskedWiki, output: Output) -> bool:
    """Say whether the output of a check follows from files on this disk."""
    request, settings = wiki.request, wiki.settings
    return (
        wiki.store is not None
        and wiki.workspace.snapshot is None
        and not (request.verbose or request.executor or request.stands_in or settings.follow_links or output.files)
        and not (output.stdout == "github" and os.environ.get("GITHUB_STEP_SUMMARY"))
        and all(map(_is_looked_into, settings.bibliography or ()))
    )


def find_basis(run: Run, wiki: AskedWiki, checked: Checked) -> Basis | None:
    """Return what the output of a check depends on, as it was during the check; `None` if that is uncertain."""
    store, folder = wiki.store, replay.cache_folder(run.arguments)
    if store is None or folder is None or replay.is_in_repository(folder):
        return None
    folder, root = os.path.realpath(folder), os.fspath(wiki.settings.root)
    trees = (root, os.path.dirname(os.path.dirname(__file__)))
    inside = any(f"{folder}{os.sep}".startswith(f"{tree}{os.sep}") for tree in trees)
    above = places_above(run.arguments)
    if folder != os.path.dirname(store.file) or inside or run.above != state_of_places(above):
        return None
    places = _places(above, wiki, checked)
    if places is None:
        return None
    seen = list(replay.observe(trees, places))
    if any(state and stat.S_ISLNK(state[0]) for _place, *state in seen):
        # What is behind a link may be anywhere.
        return None
    inventory = checked.workspace.inventory
    if len(seen) > 3 * len(inventory.pages) + len(inventory.attachments) + _MOST_OTHERS:
        return None
    limit = run.began - _TOO_YOUNG
    alone = [each for each in seen[: len(places)] if each[0] not in above]
    if _came_or_went(seen[len(places) :], limit, root) or any(_may_be_new(*each, limit=limit) for each in alone):
        return None
    young = _young(seen, limit, root, checked)
    return None if young is None else Basis(trees, places, replay.state_of(seen), young, store.file)


# Files besides those in the wiki's folder and wikitools' own


def _places(above: frozenset[str], wiki: AskedWiki, checked: Checked) -> tuple[str, ...] | None:
    """Return the files that a check asks for; `None` if that cannot be said."""
    from wikitools.files import find_repository
    from wikitools.project.cache import library_files
    from wikitools.repository import is_in_environment

    settings, request = wiki.settings, wiki.request
    root = os.fspath(settings.root)
    places = {*above, *places_above((root, os.path.realpath(root), *request.paths))}
    repository = find_repository(root)
    if is_in_environment():
        # A hook, or a repository that only variables name: git's files are elsewhere.
        return None
    if repository is not None:
        git = os.path.join(repository, ".git")
        if not os.path.isdir(git) or os.path.lexists(os.path.join(repository, ".gitmodules")):
            # A worktree, or submodules: git's files are elsewhere.
            return None
        places.update((repository, *(os.path.join(git, name) for name in OF_GIT)))
        configuration = tuple(_configuration_of_git())
        if any(map(_includes, (*configuration, os.path.join(git, "config")))):
            return None
        places.update(configuration)
    baseline = (os.path.join(settings.folder, os.path.expanduser(settings.baseline)),) if settings.baseline else ()
    places.update(map(os.path.abspath, (*map(os.fspath, settings.files), *baseline, *request.config)))
    for path in itertools.filterfalse(_is_looked_into, checked.outside):
        place = os.path.normpath(os.path.join(root, path))
        while place not in places and place != root:
            # A folder on its way may become a link.
            places.add(place)
            place = os.path.dirname(place)
    places.update((*library_files(), typer.__file__))
    return None if any("\0" in place for place in places) else tuple(sorted(places))


def _is_looked_into(path: str) -> bool:
    """Say whether `observe` sees whether there is a file at this path of the wiki, or files that this glob fits."""
    return (
        not path.startswith(("/", "~"))
        and not os.path.isabs(path)
        and not any(part.startswith(".") or part in replay.SKIPPED for part in path.split("/"))
    )


def _configuration_of_git() -> Iterator[str]:
    """Yield git's program, and the files that say whether git trusts a repository."""
    from wikitools.programs import find_program

    home = os.path.expanduser("~")
    yield from (os.path.join(home, ".gitconfig"), "/etc/gitconfig")
    yield os.path.join(os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "git", "config")
    git = find_program("git")
    if git is not None:
        yield os.path.realpath(git)


def _includes(place: str) -> bool:
    """Say whether a configuration of git may include others."""
    try:
        with open(place, "rb") as file:
            return b"[include" in file.read(_LARGEST_YOUNG).lower()
    except OSError:
        return os.path.lexists(place)


# Whether times tell


def _young(
    seen: Iterable[tuple[Any, ...]], limit: int, root: str, checked: Checked
) -> tuple[tuple[str, bytes], ...] | None:
    """Return the files whose times cannot show that they change, with the content that the check has read.

    Returns `None` if there is one of which that is not known.
    """
    from wikitools.project.cache_keys import page_hash
    from wikitools.project.loading import find_dialect

    dialect = find_dialect(checked.workspace.settings)
    found: list[tuple[str, bytes]] = []
    for place, *state in seen:
        # Folders, and files that are not there, have no times.
        if len(state) >= _WITH_TIMES and (state[3] >= limit or state[4] >= limit):
            if not stat.S_ISREG(state[0]):
                return None
            with open(place, "rb") as file:
                data = file.read(_LARGEST_YOUNG + 1)
            hash_ = checked.hashes.get(os.path.relpath(place, root).replace(os.sep, "/"))
            if not hash_ or len(data) > _LARGEST_YOUNG or page_hash(data, dialect) != hash_:
                return None
            found.append((place, data))
    return tuple(found) if len(found) <= _MOST_YOUNG else None


_WITH_TIMES = 5
"""How many values `observe` gives at least for what has times: mode, size, inode, and both times."""


def _may_be_new(place: str, *state: Any, limit: int) -> bool:
    """Say whether a folder or a missing file was perhaps something else after `limit`: no time of theirs tells."""
    if len(state) >= _WITH_TIMES:
        return False
    folder = os.path.dirname(place)
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    status = os.stat(folder)
    return max(status.st_mtime_ns, status.st_ctime_ns) >= limit


def _came_or_went(seen: Iterable[tuple[Any, ...]], limit: int, root: str) -> bool:
    """Say whether files came or went after `limit` in a folder of the wiki that is looked into."""
    folders = (place for place, *state in seen if not state and place.startswith(root))
    for folder in (root, *(each for each in folders if not os.path.basename(each).startswith("."))):
        status = os.stat(folder)
        if max(status.st_mtime_ns, status.st_ctime_ns) >= limit:
            return True
    return False
