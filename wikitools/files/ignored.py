"""Files that `.gitignore` files and `exclude` patterns exclude, read as git reads them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wikitools.files.failure import FileError
from wikitools.files.read import read_patterns
from wikitools.files.real_paths import find_repository
from wikitools.globs import IgnoreList, TooManyPatternsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.files.inventory import Snapshot


class Ignored:
    """What `.gitignore` files and `exclude` patterns leave out; each file is read when the walk enters its folder."""

    def __init__(self, top: str, exclude: Sequence[str], *, gitignore: bool, snapshot: Snapshot | None = None) -> None:
        """Compile the patterns; raises `FileError` if there are too many."""
        self.excluded: list[str] = []
        self.by_git: list[str] = []
        self.unread: list[str] = []
        """Why ignore files were not read."""
        self._snapshot = snapshot
        self._top = top
        self._gitignore = gitignore
        try:
            self._exclude = IgnoreList(exclude)
        except TooManyPatternsError as error:
            raise FileError(f'"exclude" has {error}') from error
        self._rules: dict[str, list[tuple[str, IgnoreList]]] = {}
        self._outer = self._above() if gitignore else []

    def _above(self) -> list[tuple[str, IgnoreList]]:
        """Return the rules from the folders above the root, each with the root's path relative to that folder."""
        found: list[tuple[str, IgnoreList]] = []
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
                patterns = self._read(os.path.join(folder, name))
                # A wiki in a folder that git ignores was named on purpose, so these rules do not apply to its root.
                if patterns and not (prefix and patterns.ignores(prefix[:-1], is_folder=True)):
                    found.append((prefix, patterns))
            if folder == repository:
                return found
            folder = os.path.dirname(folder)

    def _read(self, path: str) -> IgnoreList:
        try:
            return IgnoreList(read_patterns(path, follow_links=path.endswith(_OF_GIT)))
        except FileError as error:
            self.unread.append(str(error))
        except TooManyPatternsError as error:
            self.unread.append(f"{path}: {error}")
        return _EMPTY

    def enter(self, folder: str) -> None:
        """Read the rules of `folder`, after those of its parents."""
        if not self._gitignore:
            return
        parent = folder.rpartition("/")[0]
        rules = self._rules.get(parent, []) if folder else []
        patterns = self._read(os.path.join(self._top, folder, ".gitignore"))
        if patterns:
            rules = [(folder + "/" if folder else "", patterns), *rules]
        self._rules[folder] = rules

    def is_silent(self, folder: str) -> bool:
        """Say whether no rule is about files in a folder that was entered."""
        return not self._exclude and not self._outer and not self._rules.get(folder)

    def leaves_out(self, path: str, *, is_folder: bool) -> bool:
        """Say whether `path` is left out, and remember it."""
        name = path + "/" if is_folder else path
        excluded = bool(self._exclude.verdict(path, is_folder=is_folder))
        known = excluded or self._is_known(path, is_folder=is_folder)
        by_git = not known and self._is_ignored(path, is_folder=is_folder)
        if by_git:
            self.by_git.append(name)
        if excluded or by_git:
            self.excluded.append(name)
        return excluded or by_git

    def excludes(self, path: str, *, is_folder: bool = False) -> bool:
        """Say whether the patterns leave out `path`, by itself or by a folder above, and remember it."""
        found = self._exclude.ignores(path, is_folder=is_folder)
        if found:
            self.excluded.append(path + "/" if is_folder else path)
        return found

    def _is_known(self, path: str, *, is_folder: bool) -> bool:
        if self._snapshot is None:
            return False
        return path in (self._snapshot.folders if is_folder else self._snapshot.files)

    def _is_ignored(self, path: str, *, is_folder: bool) -> bool:
        """Say whether git ignores `path`: the deepest file with a matching rule wins."""
        for prefix, patterns in self._rules.get(path.rpartition("/")[0], ()):
            if (verdict := patterns.verdict(path[len(prefix) :], is_folder=is_folder)) is not None:
                return verdict
        for prefix, patterns in self._outer:
            if (verdict := patterns.verdict(prefix + path, is_folder=is_folder)) is not None:
                return verdict
        return False


def is_left_out(top: str, path: str, exclude: Sequence[str], *, gitignore: bool) -> bool:
    """Say whether a file at this path would be left out of the wiki, whatever is there now."""
    ignored = Ignored(top, exclude, gitignore=gitignore)
    ignored.enter("")
    parts = path.split("/")
    for end in range(1, len(parts)):
        folder = "/".join(parts[:end])
        if ignored.leaves_out(folder, is_folder=True):
            return True
        ignored.enter(folder)
    return ignored.leaves_out(path, is_folder=False)


_EMPTY = IgnoreList(())
_OF_GIT = os.path.join(".git", "info", "exclude")
"""Not part of the repository's content, so git follows links there."""
