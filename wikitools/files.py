"""Finds, reads and writes the files of a wiki: the only module that touches the disk.

Which files may be read. A path is judged as written: once `..` is resolved it must lie inside the wiki's root. Symbolic
links directly in the root folder are the owner's doing and may lead anywhere; a link further down must not lead out of
the root (or out of the folder that such a top-level link leads to). What the configuration names may lie anywhere.
Only regular files are read, and none above a size limit.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import tempfile
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pathspec import GitIgnoreSpec

PAGE_SUFFIXES = (".md", ".markdown")
BIBLIOGRAPHY_SUFFIXES = (
    *(".bib", ".bibtex", ".biblatex", ".ris", ".cff", ".json", ".csljson", ".yaml", ".yml", ".csv", ".tsv", ".tab"),
)
"""Ends of the names of files that may be bibliographies, whatever they hold."""
CONFIG_NAMES = ("wikitools.toml", "pyproject.toml")
DEFAULT_PAGE_SIZE = 20_000_000
DEFAULT_BIBLIOGRAPHY_SIZE = 500_000_000

_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})
_OLD_COPIES = ("logseq/bak", "logseq/version-files")
"""Folders, from the root, in which Logseq keeps what pages once said: readers never see them."""
_HEAD = 8192


Stamp = tuple[int, int, int]
"""Size in bytes, time of the last change in nanoseconds, and inode: a file that keeps them has hardly changed."""


class FileError(Exception):
    """A file cannot be read or written; the message is one line for the user and names the file."""


class OutsideError(FileError):
    """A path leads out of the wiki."""


class TooLargeError(FileError):
    """A file is larger than the limit."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """The files of one wiki. Paths are POSIX, relative to the root and sorted."""

    pages: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    """Everything else that a link may point to: bibliographies, and the further paths of pages that links lead to."""
    bibliographies: tuple[str, ...] = ()
    """Relative to the root; absolute where the configuration names a file outside of it."""
    discovered: bool = False
    """The bibliographies were found by looking, not named in the configuration."""
    excluded: tuple[str, ...] = ()
    """Pages and folders left out by `.gitignore` or `exclude`; a folder ends with `/` and stands for what is in it."""
    ignored: tuple[str, ...] = ()
    """Those of `excluded` that `.gitignore` files leave out."""
    untracked: tuple[str, ...] = ()
    """Files that are there and not listed, where a snapshot says what the wiki consists of."""
    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    """How each page was when it was found, where that was asked for."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Which files there are, where not the folder says it, and what those hold that are not read from the disk.

    Paths are POSIX and relative to the root; files outside of it, in the same repository, begin with `..`.
    """

    files: frozenset[str]
    folders: frozenset[str]
    """All folders that these lie in."""
    contents: Mapping[str, bytes] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Files too large to be held, each with its size in bytes."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Symbolic links among the files, with where they lead."""
    on_disk: bool = False
    """What is not in `contents` is read from the disk."""
    beside: bool = True
    """The folder has files beside those of the snapshot that are worth a word."""


def snapshot_of(
    paths: Iterable[str],
    *,
    contents: Mapping[str, bytes] | None = None,
    sizes: Mapping[str, int] | None = None,
    links: Mapping[str, str] | None = None,
    on_disk: bool = False,
    beside: bool = True,
) -> Snapshot:
    """Return the snapshot of these files."""
    files = frozenset(paths)
    folders: set[str] = set()
    for path in files:
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return Snapshot(files, frozenset(folders), contents or {}, sizes or {}, links or {}, on_disk, beside)


# Finding


def find_pages(
    root: Path,
    *,
    exclude: Sequence[str] = (),
    gitignore: bool = True,
    bibliography: Sequence[str] | None = None,
    config_folder: Path | None = None,
    snapshot: Snapshot | None = None,
    stamps: bool = False,
) -> Inventory:
    """Return what lies under `root`, or what a snapshot has there.

    Hidden files and folders, `node_modules` and `__pycache__` are left out, then what `.gitignore` files (nested ones,
    those above the root up to the repository's, and `.git/info/exclude`) and the `exclude` patterns (gitignore syntax,
    relative to the root) say. `bibliography` lists paths and globs relative to `config_folder` (default: the root);
    `None` looks for them. What a snapshot lists is not left out for the sake of a `.gitignore`. `stamps` asks how each
    page is. Raises `FileError` when `root` is no folder or a named bibliography does not exist.
    """
    top = os.fspath(root)
    if not os.path.isdir(top):
        raise FileError(f"{top}: no such folder")
    ignored = _Ignored(top, exclude, gitignore=gitignore, snapshot=snapshot)
    pages: list[str] = []
    others: list[str] = []
    found = tuple(_walk(top, ignored, stamps=stamps)) if snapshot is None or snapshot.beside else ()
    untracked: tuple[str, ...] = ()
    if snapshot is not None:
        known = tuple(file for file in found if _is_listed(file, top, snapshot))
        untracked = tuple(sorted({file.path for file in found} - {file.path for file in known}))
        found = (*known, *_sparse(snapshot, known)) if snapshot.on_disk else tuple(_listed(snapshot, ignored))
    again = _second_paths(found)
    for each in found:
        is_page = each.path.lower().endswith(PAGE_SUFFIXES) and each.path not in again
        (pages if is_page else others).append(each.path)
    if bibliography is None:
        candidates = sorted(path for path in others if path not in again)
        bibliographies = tuple(path for path in candidates if _is_bibliography(os.path.join(top, path), path, snapshot))
    else:
        folder = top if config_folder is None else os.fspath(config_folder)
        bibliographies = _named(bibliography, folder, top, snapshot)
    return Inventory(
        pages=tuple(sorted(pages)),
        attachments=tuple(sorted(others)),
        bibliographies=bibliographies,
        discovered=bibliography is None,
        excluded=tuple(sorted(ignored.excluded)),
        ignored=tuple(sorted(ignored.by_git)),
        untracked=untracked,
        stamps={each.path: each.stamp for each in found if each.stamp is not None},
    )


@dataclass(frozen=True, slots=True)
class _File:
    """A file as the walk meets it."""

    path: str
    """Relative to the root and POSIX."""
    real: str
    """Where it lies once links are followed."""
    linked: bool
    """A link led here: to the file, or to a folder above it."""
    stamp: Stamp | None = None


def _second_paths(found: Iterable[_File]) -> frozenset[str]:
    """Return the paths of files that have a better one: that without links, else the first by name.

    A page that is read twice would be reported, and rewritten, twice.
    """
    linked = [file for file in found if file.linked]
    best = {file.real: file.path for file in found if not file.linked} if linked else {}
    again = set()
    for file in sorted(linked, key=lambda file: file.path):
        if best.setdefault(file.real, file.path) != file.path:
            again.add(file.path)
    return frozenset(again)


def _is_listed(file: _File, top: str, snapshot: Snapshot) -> bool:
    """Say whether a snapshot has the file, or the one that its links lead to."""
    if file.path in snapshot.files or not file.linked:
        return file.path in snapshot.files
    return os.path.relpath(file.real, os.path.realpath(top)).replace(os.sep, "/") in snapshot.files


def _sparse(snapshot: Snapshot, found: Iterable[_File]) -> Iterator[_File]:
    """Yield the files whose content a snapshot holds because they are not on the disk."""
    there = {file.path for file in found}
    for path in sorted({*snapshot.contents, *snapshot.sizes} - there):
        if not path.startswith("../") and not _is_hidden(path):
            yield _File(path, path, linked=False)


def _is_hidden(path: str) -> bool:
    return any(name.startswith(".") or name in _SKIPPED_FOLDERS for name in path.split("/")) or path.startswith(
        tuple(f"{folder}/" for folder in _OLD_COPIES)
    )


def _listed(snapshot: Snapshot, ignored: _Ignored) -> Iterator[_File]:
    """Yield the files of a snapshot, as the walk would those on the disk; links are followed as there."""
    below = sorted(snapshot.files)
    for path in below:
        if path.startswith("../") or _is_hidden(path) or path in snapshot.folders:
            continue
        if ignored.excludes(path):
            continue
        target = snapshot.links.get(path)
        if target is None:
            yield _File(path, path, linked=False)
        elif target in snapshot.files and target not in snapshot.folders:
            if "/" not in path or not target.startswith("../"):
                yield _File(path, target, linked=True)
        elif "/" not in path and target.startswith("../") and target in snapshot.folders:
            for each in below:
                rest = each.removeprefix(target + "/")
                if rest != each and not _is_hidden(rest) and not ignored.excludes(f"{path}/{rest}"):
                    yield _File(f"{path}/{rest}", each, linked=True)


def _real_path(path: str, snapshot: Snapshot) -> str:
    """Return where a file of a snapshot lies once its links are followed."""
    if path in snapshot.contents or path in snapshot.sizes:
        return path
    top, slash, rest = path.partition("/")
    return snapshot.links.get(path) or (f"{snapshot.links[top]}{slash}{rest}" if top in snapshot.links else path)


def _walk(top: str, ignored: _Ignored, *, stamps: bool) -> Iterator[_File]:
    """Yield the files under `top`; each real folder at most once, so loops of links end. Pages bear `stamps`."""
    real_top = os.path.realpath(top)
    seen = {real_top}
    # A folder to visit: its path relative to the root, where it really lies, and the real folder that links in it must
    # not leave.
    pending = [("", real_top, real_top)]
    while pending:
        folder, here, fence = pending.pop()
        ignored.enter(folder)
        try:
            with os.scandir(os.path.join(top, folder)) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError:
            # A folder that may not be listed has no pages for us; naming a path in it says why.
            ignored.excluded.append(folder + "/")
            continue
        if folder and any(entry.name == _CACHE_TAG for entry in entries) and _is_our_cache(os.path.join(top, folder)):
            continue
        for entry in entries:
            name = entry.name
            if name.startswith(".") or name in _SKIPPED_FOLDERS:
                continue
            path = f"{folder}/{name}" if folder else name
            if path in _OLD_COPIES:
                continue
            is_folder, is_file = _kind(entry)
            if ignored.leaves_out(path, is_folder=is_folder):
                continue
            linked = entry.is_symlink()
            if not is_folder:
                real = os.path.realpath(entry.path) if linked else os.path.join(here, name)
                if is_file and not (linked and folder and not _within(real, fence)):
                    stamp = _stamp_of(entry) if stamps and name.lower().endswith(PAGE_SUFFIXES) else None
                    yield _File(path, real, linked or fence != real_top, stamp)
                continue
            inner, below = fence, os.path.join(here, name)
            if linked:
                inner = below = os.path.realpath(entry.path)
                # A link back into the wiki would show its pages twice; one that leads out is the owner's, at the top.
                if folder or _within(inner, real_top) or _within(real_top, inner) or inner in seen:
                    continue
                seen.add(inner)
            pending.append((path, below, inner))


def _kind(entry: os.DirEntry[str]) -> tuple[bool, bool]:
    """Say whether an entry is, behind its link, a folder or a file; a link that leads in a circle is neither."""
    try:
        return entry.is_dir(), entry.is_file()
    except OSError:
        return False, False


def _stamp_of(entry: os.DirEntry[str]) -> Stamp | None:
    try:
        status = entry.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


_CACHE_TAG = "CACHEDIR.TAG"


def _is_our_cache(folder: str) -> bool:
    """Say whether a folder is a cache of wikitools, wherever the user put it."""
    return "made by wikitools" in _head(os.path.join(folder, _CACHE_TAG), _CACHE_TAG, None)


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


class _Ignored:
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


def find_left_out(
    root: Path, inventory: Inventory, named: Iterable[str] = (), *, snapshot: Snapshot | None = None
) -> dict[str, bool]:
    """Return files that are there and not part of the wiki, by path, each with whether git ignores it.

    These are the files that the inventory leaves out (of very many, the first), and whatever exists among `named`, the
    normalised paths that links name: hidden files and, beginning with `..`, those outside the root that lie in its git
    repository. Folders among them end with `/`. Nothing is read, and no link is followed that leads out.
    """
    found: dict[str, bool] = {}
    ignored = frozenset(inventory.ignored)
    top = os.fspath(root)
    for entry in inventory.excluded:
        for path in _files_in(top, entry):
            if len(found) == _MOST_LEFT_OUT:
                break
            found[path] = entry in ignored
    known = frozenset((*inventory.pages, *inventory.attachments))
    repository = find_repository(top)
    for path in sorted(set(named)):
        if path in known or path in found:
            continue
        if snapshot is not None:
            there = path in snapshot.files or path in snapshot.folders
            is_folder = path in snapshot.folders
            if there and snapshot.on_disk and path not in snapshot.contents and path not in snapshot.sizes:
                # Git tracks what was removed from the working tree until somebody stages that.
                there = _lies_near(root, path, repository)
        else:
            there = _lies_near(root, path, repository)
            is_folder = there and os.path.isdir(os.path.join(top, path))
        if there:
            found[f"{path}/" if is_folder else path] = False
    return found


def _lies_near(root: Path, path: str, repository: str | None) -> bool:
    """Say whether a path that a link names exists, in the root or in its repository."""
    if not path.startswith("../"):
        return exists(root, path)
    real = os.path.realpath(os.path.join(root, path))
    return repository is not None and _within(real, os.path.realpath(repository)) and os.path.exists(real)


_MOST_LEFT_OUT = 50_000


def _files_in(top: str, entry: str) -> Iterator[str]:
    """Yield the files that an entry of `excluded` stands for."""
    if not entry.endswith("/"):
        yield entry
        return
    for folder, folders, names in os.walk(os.path.join(top, entry)):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED_FOLDERS)
        inside = os.path.relpath(folder, top).replace(os.sep, "/")
        for name in sorted(names):
            yield f"{inside}/{name}"


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


def find_repository(start: str) -> str | None:
    """Return the nearest folder at or above `start` that has a `.git` (a folder, or the file of a worktree)."""
    folder = os.path.abspath(start)
    while True:
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def find_config_files(start: str) -> list[tuple[str, str]]:
    """Return `(path, text)` of the files that may hold the configuration, nearest first.

    Looks from `start` upward, to the repository's root when there is one. Raises `FileError` when one cannot be read.
    """
    found = []
    folder = os.path.abspath(start)
    last = find_repository(folder)
    while True:
        for name in CONFIG_NAMES:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                found.append((path, read_text(path)))
        above = os.path.dirname(folder)
        if folder in (last, above):
            return found
        folder = above


def stamp_of(path: str) -> Stamp | None:
    """Return how a file is now, wherever it lies; `None` when it is not there."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


# Bibliographies


_CERTAIN_SUFFIXES = (".bib", ".bibtex", ".ris")
_CERTAIN_NAMES = frozenset({"citation.cff"})
_YAML_STEMS = re.compile(
    r"(?:^|[-_.])(?:references|bibliography|sources|library|hayagriva|csl|bib)(?:[-_.]|$)", re.IGNORECASE
)
_CSL_ENTRY = re.compile(
    r'"(?:issued|title-short|citation-key|container-title|DOI)"\s*:|"type"\s*:\s*"[a-z]+(?:[-_][a-z]+)*"'
)
_YAML_ENTRY = re.compile(r"^\s*-?\s*(?:issued|type|author|DOI|container-title)\s*:", re.MULTILINE)


def _is_bibliography(place: str, path: str, snapshot: Snapshot | None = None) -> bool:
    """Say whether a file is one, by its name and, where that says too little, by how it begins."""
    base = os.path.basename(place).lower()
    stem, suffix = os.path.splitext(base)
    if suffix in _CERTAIN_SUFFIXES or base in _CERTAIN_NAMES:
        return True
    if suffix == ".json":
        head = _head(place, path, snapshot).lstrip("\ufeff \t\r\n")
        return (
            re.match(r"\[\s*\{", head) is not None
            and '"title"' in head
            and '"id"' in head
            and bool(_CSL_ENTRY.search(head))
        )
    if suffix in {".yaml", ".yml"} and _YAML_STEMS.search(stem):
        head = _head(place, path, snapshot)
        return "title" in head and _YAML_ENTRY.search(head) is not None
    return False


def _head(place: str, path: str, snapshot: Snapshot | None) -> str:
    if snapshot is not None:
        held = snapshot.contents.get(_real_path(path, snapshot))
        if held is not None or not snapshot.on_disk:
            return (held or b"")[:_HEAD].decode("utf-8", errors="replace")
    try:
        with open(place, "rb") as file:
            return file.read(_HEAD).decode("utf-8", errors="replace")
    except OSError:
        # Looking around never fails; a bibliography that is named and unreadable does.
        return ""


def _named(patterns: Sequence[str], folder: str, top: str, snapshot: Snapshot | None = None) -> tuple[str, ...]:
    import glob

    from wikitools.lint.policy import glob_test

    found: list[str] = []
    for pattern in patterns:
        # A name that exists is no pattern, whatever brackets it has.
        path = os.path.join(folder, os.path.expanduser(pattern))
        if snapshot is not None and not snapshot.on_disk and not os.path.isabs(inside := relative_to(top, path)):
            matches = (
                [inside] if inside in snapshot.files else sorted(filter(glob_test((f"/{inside}",)), snapshot.files))
            )
            # What a commit did not have yet, it had not; the present state must have what its configuration names.
            if not matches and snapshot.beside:
                raise FileError(f"{pattern}: no such bibliography is staged")
            found += (_relative(os.path.normpath(os.path.join(top, match)), top) for match in matches)
            continue
        matches = [path] if os.path.exists(path) else sorted(glob.glob(path, recursive=True))
        files = [match for match in matches if os.path.isfile(match)]
        if not files:
            kind = "bibliography is a folder, not a file" if matches else "no such bibliography"
            raise FileError(f"{pattern}: {kind} (looked in {folder})")
        found += [_relative(os.path.normpath(match), top) for match in files]
    return tuple(dict.fromkeys(found))


def relative_to(top: str, path: str) -> str:
    """Return a path relative to `top` as snapshots name it; absolute when it lies outside of the repository."""
    repository = find_repository(top)
    path = os.path.normpath(path)
    if repository is None or not _within(path, repository):
        return path
    return os.path.relpath(path, top).replace(os.sep, "/")


def _relative(path: str, top: str) -> str:
    if _within(path, top):
        path = os.path.relpath(path, top)
    return path.replace(os.sep, "/")


# Reading


def join(page: str, reference: str) -> str | None:
    """Return the path that `reference`, written on `page`, leads to, or `None` when that is outside the root.

    A leading `/` means the root. Nothing is looked up on disk.

    >>> join("pages/a.md", "../bib/x.json")
    'bib/x.json'
    >>> join("pages/a.md", "../../etc/passwd") is None
    True
    """
    reference = reference.replace("\\", "/")
    if re.match(r"[A-Za-z]:", reference) or reference.startswith("//"):
        return None
    folder = "" if reference.startswith("/") else page.rpartition("/")[0]
    parts: list[str] = []
    for part in f"{folder}/{reference}".split("/"):
        if part in {"", "."}:
            continue
        if part == "..":
            if not parts:
                return None
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def locate(root: Path, path: str) -> str:
    """Return where `path` (relative to `root`) lies on disk; raises `OutsideError` when it leads out of the wiki."""
    inside = join("", path)
    if not inside or path.startswith("/"):
        raise OutsideError(f"{path}: outside the wiki")
    top = os.fspath(root)
    first, slash, rest = inside.partition("/")
    if not slash:
        return os.path.join(top, first)
    # The top level is the owner's; from there on, links must stay below the root or below that first folder.
    place = os.path.join(top, first, rest)
    real = os.path.realpath(place)
    if not (_within(real, os.path.realpath(os.path.join(top, first))) or _within(real, os.path.realpath(top))):
        raise OutsideError(f"{path}: a symbolic link leads out of the wiki")
    return place


def behind_links(root: Path, path: str) -> str | None:
    """Return where `path` really lies, relative to `root` (with `..` where it must be), once links are followed.

    `None` when that is neither below the root nor in its repository.
    """
    top, real = os.path.realpath(root), _place(root, path)
    inside = os.path.relpath(real, top).replace(os.sep, "/")
    if _within(real, top):
        return inside
    repository = find_repository(top)
    return inside if repository is not None and _within(real, repository) else None


def exists(root: Path, path: str) -> bool:
    """Say whether `path` (relative to `root`) is a file or folder inside the wiki, ignored ones included."""
    try:
        return os.path.exists(locate(root, path))
    except (OutsideError, ValueError):
        # A NUL in a name is a ValueError: no such file can exist.
        return False


def read_bytes(root: Path, path: str, *, limit: int = DEFAULT_PAGE_SIZE, snapshot: Snapshot | None = None) -> bytes:
    """Return the bytes of `path`, relative to `root` or, for what the configuration names, absolute.

    Raises `OutsideError`, `TooLargeError` (more than `limit` bytes) or `FileError` (missing, no file, no permission).
    """
    if snapshot is not None and not os.path.isabs(
        listed := relative_to(os.fspath(root), path) if os.path.isabs(path) else path
    ):
        real = _real_path(listed, snapshot)
        data = snapshot.contents.get(real)
        size = snapshot.sizes.get(real, 0) if data is None else len(data)
        if size > limit:
            raise TooLargeError(f"{path}: {_size(size)}, more than the limit of {_size(limit)}")
        if data is not None:
            return data
        if not snapshot.on_disk:
            raise FileError(f"{path}: no such file")
    return read_stamped(root, path, limit=limit)[0]


def read_stamped(root: Path, path: str, *, limit: int = DEFAULT_PAGE_SIZE) -> tuple[bytes, Stamp]:
    """Return the bytes of `path` and how the file was just before they were read; see `read_bytes`."""
    return _read(path if os.path.isabs(path) else locate(root, path), path, limit, 0)


class Reader:
    """Reads many files below one root: where its folders lead is found out once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._top = os.fspath(root)
        self._plain: dict[str, bool] = {}

    def read(self, path: str, *, limit: int = DEFAULT_PAGE_SIZE) -> tuple[bytes, Stamp]:
        """Return the bytes of `path` and how the file was just before they were read; raises as `read_bytes`."""
        folder = path.rpartition("/")[0]
        if _NO_FOLLOW and not os.path.isabs(path) and self._is_plain(folder):
            with contextlib.suppress(_LinkError):
                return _read(f"{self._top}/{path}", path, limit, _NO_FOLLOW)
        return read_stamped(self._root, path, limit=limit)

    def _is_plain(self, folder: str) -> bool:
        """Say whether a folder below the root is named as it should be, and reached without any link."""
        known = self._plain.get(folder)
        if known is None:
            inside = f"{os.path.realpath(self._top)}/{folder}".rstrip("/")
            known = join("", folder) == folder and os.path.realpath(os.path.join(self._top, folder)) == inside
            self._plain[folder] = known
        return known


_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


class _LinkError(Exception):
    """The file is a symbolic link, and links were not to be followed."""


def _read(place: str, path: str, limit: int, flags: int) -> tuple[bytes, Stamp]:
    try:
        # O_NONBLOCK: opening a named pipe must not wait for a writer.
        descriptor = os.open(place, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | flags)
    except (OSError, ValueError) as error:
        if flags and isinstance(error, OSError) and error.errno in _IS_LINK:
            raise _LinkError from error
        raise FileError(f"{path}: {_reason(error)}") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise FileError(f"{path}: {kind}")
    try:
        if status.st_size > limit:
            raise TooLargeError(f"{path}: {_size(status.st_size)}, more than the limit of {_size(limit)}")
        # One byte more than there should be: then a short answer is the whole file, and no second call is needed.
        data = os.read(descriptor, min(status.st_size + 1, limit))
        if len(data) != status.st_size:
            data = _read_on(descriptor, data, limit)
        return data, (status.st_size, status.st_mtime_ns, status.st_ino)
    except OSError as error:
        raise FileError(f"{path}: {_reason(error)}") from error
    finally:
        os.close(descriptor)


def _read_on(descriptor: int, data: bytes, limit: int) -> bytes:
    """Return `data` and what follows in a file that changes while it is read, or that a file system gives in parts."""
    parts, size = [data], len(data)
    while data and size < limit:
        data = os.read(descriptor, limit - size)
        parts.append(data)
        size += len(data)
    return b"".join(parts)


# What systems say of a link that is not to be followed: Linux and macOS, FreeBSD, NetBSD.
_IS_LINK = (errno.ELOOP, errno.EMLINK, getattr(errno, "EFTYPE", errno.ELOOP))


def read_text(path: str) -> str:
    """Return a configuration file's text; raises `FileError` when it cannot be read or is not UTF-8."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            return file.read()
    except UnicodeDecodeError as error:
        raise FileError(f"{path}: not UTF-8 (byte {error.start})") from error
    except OSError as error:
        raise FileError(f"{path}: {_reason(error)}") from error


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return str(error)


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 100_000 else f"{count} bytes"


# Writing


def write_report(path: str, pieces: Iterable[str]) -> None:
    """Write a file that is no part of the wiki, in UTF-8: at any moment it is what it was, or whole.

    What is no regular file (a pipe, a device) is written to. Raises `FileError`.
    """
    place = os.path.realpath(path)
    try:
        if os.path.lexists(place) and not os.path.isfile(place):
            with open(place, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                file.writelines(pieces)
            return
        descriptor, temporary = tempfile.mkstemp(prefix=_TEMPORARY[0], suffix=_TEMPORARY[1], dir=os.path.dirname(place))
        try:
            with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                file.writelines(pieces)
            os.chmod(temporary, _mode_of(place))
            os.replace(temporary, place)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
    except OSError as error:
        raise FileError(f"{path}: {_reason(error)}; not written") from error


def _mode_of(place: str) -> int:
    """Return the mode of a file; of one that is not there, what new files get."""
    with contextlib.suppress(FileNotFoundError):
        return stat.S_IMODE(os.stat(place).st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def append(path: str, text: str) -> None:
    """Write at the end of a file; raises `FileError`."""
    try:
        with open(path, "a", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise FileError(f"{path}: {_reason(error)}; not written") from error


def size_of(path: str) -> int:
    """Return the bytes of a file; 0 when there is none."""
    try:
        return os.path.getsize(path)
    except OSError:
        return 0


class ChangedError(FileError):
    """The file is not what it was when it was read."""


class DiskFullError(FileError):
    """Nothing more can be written on that disk."""


_TEMPORARY = (".wikitools-write-", ".tmp")
# What `mkstemp` makes of it, and no file that somebody named by hand.
_IS_TEMPORARY = re.compile(r"\.wikitools-write-[a-z0-9_]{8}\.tmp").fullmatch
"""How names of temporary files begin and end: hidden, and without a page's suffix, so that none is taken for a page."""
_PATIENCE = 60.0
_PAUSE = 0.05


@contextlib.contextmanager
def writing(root: Path, paths: Iterable[str], *, patience: float = _PATIENCE) -> Iterator[None]:
    """Keep other runs from writing to the wiki at `root` meanwhile; clear away what killed ones left beside `paths`.

    The lock is one on the folder itself (flock), so no file is left behind and the end of a process, however it ends,
    frees it. Where the system has no such locks, the comparison before each rename is all there is. Raises `FileError`
    when another run goes on writing for `patience` seconds.
    """
    try:
        descriptor = os.open(os.path.realpath(root), os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except OSError:
        # A folder that may not be opened (or a system that opens none) cannot be locked; writing says what is wrong.
        yield
        return
    try:
        deadline = time.monotonic() + patience
        while not _lock(descriptor):
            if time.monotonic() > deadline:
                raise FileError(f"{os.fspath(root)}: another run of wikitools is writing here; run again later")
            time.sleep(_PAUSE)
        folders = sorted({os.path.dirname(_place(root, path)) for path in paths})
        for folder in folders:
            _sweep(folder)
        try:
            yield
        except BaseException:
            # An interrupt may come between the making of a temporary file and the moment its name is known.
            for folder in folders:
                _sweep(folder)
            raise
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock an open file or folder until it is closed; `False` when another process has it locked."""
    try:
        import fcntl
    except ImportError:
        # Windows.
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # Some network file systems have no locks.
        return True
    return True


def _sweep(folder: str) -> None:
    """Remove the temporary files of runs that were killed; those of running ones are locked."""
    with contextlib.suppress(OSError), os.scandir(folder) as scan:
        for entry in scan:
            if _IS_TEMPORARY(entry.name) and _is_file(entry):
                descriptor = os.open(entry.path, os.O_RDONLY)
                try:
                    if _lock(descriptor):
                        os.unlink(entry.path)
                finally:
                    os.close(descriptor)


def _is_file(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False)


def _place(root: Path, path: str) -> str:
    """Return the real place of a file that is to be replaced: where a symbolic link leads."""
    return os.path.realpath(path if os.path.isabs(path) else locate(root, path))


def write_atomic(root: Path, path: str, old: bytes, new: str) -> None:
    """Replace the file's content: at any moment it holds either `old` or `new` (UTF-8), never a part.

    The file keeps its mode, its extended attributes and, where that is permitted, its owner and group; a page that is a
    symbolic link stays one (its target is replaced). Raises `FileError`, with the file untouched, when it is read-only
    or `new` is not encodable; `ChangedError` when it no longer holds `old`; `DiskFullError`.
    """
    place = _place(root, path)
    try:
        data = new.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FileError(f"{path}: the new text has a lone surrogate at {error.start}; not written") from error
    try:
        status = os.stat(place)
        if not stat.S_ISREG(status.st_mode):
            raise FileError(f"{path}: not a regular file; not written")
        # The system lets root write all the same; who takes away every right to write means root too.
        if not (os.access(place, os.W_OK) and stat.S_IMODE(status.st_mode) & 0o222):
            raise FileError(f"{path}: read-only; not written")
        if not os.access(os.path.dirname(place), os.W_OK | os.X_OK):
            raise FileError(f"{path}: its folder is read-only; not written")
        _replace(place, path, status, old, data)
    except FileNotFoundError as error:
        raise ChangedError(f"{path}: gone from the disk while wikitools ran; not written") from error
    except OSError as error:
        kind = DiskFullError if error.errno in _FULL else FileError
        raise kind(f"{path}: {_reason(error)}; not written") from error


_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


def _replace(place: str, path: str, status: os.stat_result, old: bytes, data: bytes) -> None:
    folder = os.path.dirname(place)
    descriptor, temporary = tempfile.mkstemp(prefix=_TEMPORARY[0], suffix=_TEMPORARY[1], dir=folder)
    try:
        with open(descriptor, "wb") as file:
            _lock(descriptor)
            file.write(data)
            file.flush()
            _keep_owner(descriptor, status)
            os.chmod(temporary, stat.S_IMODE(status.st_mode))
            _keep_attributes(place, temporary)
            os.fsync(descriptor)
        # As late as can be: whoever saves the page in the moment between these two lines is not seen.
        _expect(place, old, f"{path}: changed on disk while wikitools ran; not written")
        os.replace(temporary, place)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)
    _expect(place, data, f"{path}: changed by another program right after it was written")


def _expect(place: str, content: bytes, message: str) -> None:
    """Raise `ChangedError` with the message unless the file holds exactly this."""
    with open(place, "rb") as file:
        if file.read(len(content) + 1) != content:
            raise ChangedError(message)


def _keep_owner(descriptor: int, status: os.stat_result) -> None:
    """Give the file the owner and group it had; at least the group where only that is permitted."""
    if not hasattr(os, "fchown"):
        return
    mine = os.fstat(descriptor)
    if (mine.st_uid, mine.st_gid) == (status.st_uid, status.st_gid):
        return
    for owner in (status.st_uid, -1):
        try:
            os.fchown(descriptor, owner, status.st_gid)
        except PermissionError:
            # Only root gives files away. Who may write the page may also replace it: the group keeps its access.
            continue
        return


def _keep_attributes(place: str, temporary: str) -> None:
    """Copy extended attributes (labels, access control lists) where system and file system have them."""
    if not hasattr(os, "listxattr"):
        return
    with contextlib.suppress(OSError):
        for name in os.listxattr(place):
            # Some belong to the system, which sets them itself and lets nobody else.
            with contextlib.suppress(OSError):
                os.setxattr(temporary, name, os.getxattr(place, name))


def _sync_folder(folder: str) -> None:
    """Make the rename itself durable where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    # The page is whole either way: a system that does not sync folders has not failed to write it.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
