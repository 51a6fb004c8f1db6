"""What `.gitignore` files and `exclude` patterns leave out, as git reads them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wikitools.files.paths import find_repository

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pathspec import GitIgnoreSpec

    from wikitools.files.inventory import Snapshot


class Ignored:
    """What `.gitignore` files and `exclude` patterns leave out; the files are read as the walk enters their folders."""

    def __init__(self, top: str, exclude: Sequence[str], *, gitignore: bool, snapshot: Snapshot | None = None) -> None:
        self.excluded: list[str] = []
        self.by_git: list[str] = []
        self._snapshot = snapshot
        self._top = top
        self._gitignore = gitignore
        self._exclude = _patterns(exclude)
        self._rules: dict[str, list[tuple[str, GitIgnoreSpec]]] = {}
        self._outer = self._above() if gitignore else []

    def _above(self) -> list[tuple[str, GitIgnoreSpec]]:
        """Return the rules from above the root, each with the root's path relative to their folder."""
        found: list[tuple[str, GitIgnoreSpec]] = []
        repository = find_repository(self._top)
        if repository is None:
            return found
        folder = self._top
        while True:
            prefix = os.path.relpath(self._top, folder).replace(os.sep, "/") + "/"
            prefix = "" if prefix == "./" else prefix
            names = [] if folder == self._top else [".gitignore"]
            if folder == repository:
                names.append(".git/info/exclude")
            for name in names:
                spec = _patterns_of(os.path.join(folder, name))
                # A wiki in a folder that git ignores was named on purpose: those rules do not empty it.
                if spec is not None and not (prefix and spec.check_file(prefix).include):
                    found.append((prefix, spec))
            if folder == repository:
                return found
            folder = os.path.dirname(folder)

    def enter(self, folder: str) -> None:
        """Take the rules of `folder` into account, after those of its parents."""
        if not self._gitignore:
            return
        parent = folder.rpartition("/")[0]
        rules = self._rules.get(parent, []) if folder else []
        spec = _patterns_of(os.path.join(self._top, folder, ".gitignore"))
        if spec is not None:
            rules = [(folder + "/" if folder else "", spec), *rules]
        self._rules[folder] = rules

    def is_silent(self, folder: str) -> bool:
        """Say whether nothing is said about what lies in a folder that was entered."""
        return self._exclude is None and not self._outer and not self._rules.get(folder)

    def leaves_out(self, path: str, *, is_folder: bool) -> bool:
        """Say whether `path` is left out, and remember it."""
        name = path + "/" if is_folder else path
        excluded = self._exclude is not None and bool(self._exclude.check_file(name).include)
        by_git = not excluded and not self._is_known(path, is_folder=is_folder) and self._is_ignored(path, name)
        if by_git:
            self.by_git.append(name)
        if excluded or by_git:
            self.excluded.append(name)
        return excluded or by_git

    def excludes(self, path: str) -> bool:
        """Say whether the patterns leave out a file, by its own path or that of a folder above, and remember it."""
        if self._exclude is None:
            return False
        parts = path.split("/")
        folders = ("/".join(parts[:end]) + "/" for end in range(1, len(parts)))
        found = any(bool(self._exclude.check_file(name).include) for name in (*folders, path))
        if found:
            self.excluded.append(path)
        return found

    def _is_known(self, path: str, *, is_folder: bool) -> bool:
        if self._snapshot is None:
            return False
        return path in (self._snapshot.folders if is_folder else self._snapshot.files)

    def _is_ignored(self, path: str, name: str) -> bool:
        """Say whether git ignores `path`: the deepest file with an opinion wins."""
        for prefix, spec in self._rules.get(path.rpartition("/")[0], ()):
            if (verdict := spec.check_file(name[len(prefix) :]).include) is not None:
                return verdict
        for prefix, spec in self._outer:
            if (verdict := spec.check_file(prefix + name).include) is not None:
                return verdict
        return False


def is_left_out(top: str, path: str, exclude: Sequence[str], *, gitignore: bool) -> bool:
    """Say whether a file would be left out of the wiki if it lay at this path, whatever lies there now."""
    ignored = Ignored(top, exclude, gitignore=gitignore)
    ignored.enter("")
    parts = path.split("/")
    for end in range(1, len(parts)):
        folder = "/".join(parts[:end])
        if ignored.leaves_out(folder, is_folder=True):
            return True
        ignored.enter(folder)
    return ignored.leaves_out(path, is_folder=False)


def _patterns(lines: Iterable[str]) -> GitIgnoreSpec | None:
    kept = [line for line in lines if line.strip() and not line.startswith("#")]
    if not kept:
        return None
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(kept)
    except ValueError:
        # One line that is no pattern must not switch the others off (git skips it too).
        return GitIgnoreSpec.from_lines([line for line in kept if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _patterns_of(path: str) -> GitIgnoreSpec | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return _patterns(file.read().splitlines())
    except OSError:
        # Most folders have none.
        return None
