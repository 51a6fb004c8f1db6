"""Finds, reads and writes the files of a wiki: the only module that touches the disk.

Which files may be read. A path is judged as written: once `..` is resolved it must lie inside the wiki's root. Symbolic
links directly in the root folder are the owner's doing and may lead anywhere; a link further down must not lead out of
the root (or out of the folder that such a top-level link leads to). What the configuration names may lie anywhere.
Only regular files are read, and none above a size limit.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from pathspec import GitIgnoreSpec

PAGE_SUFFIXES = (".md", ".markdown")
CONFIG_NAMES = ("wikitools.toml", "pyproject.toml")
DEFAULT_PAGE_SIZE = 20_000_000
DEFAULT_BIBLIOGRAPHY_SIZE = 500_000_000

_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})
_HEAD = 8192


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
    """Everything else that a link may point to, bibliographies included."""
    bibliographies: tuple[str, ...] = ()
    """Relative to the root; absolute where the configuration names a file outside of it."""
    discovered: bool = False
    """The bibliographies were found by looking, not named in the configuration."""
    excluded: tuple[str, ...] = ()
    """Pages and folders left out by `.gitignore` or `exclude`; a folder ends with `/` and stands for what is in it."""


# Finding


def find_pages(
    root: Path,
    *,
    exclude: Sequence[str] = (),
    gitignore: bool = True,
    bibliography: Sequence[str] | None = None,
    config_folder: Path | None = None,
) -> Inventory:
    """Return what lies under `root`.

    Hidden files and folders, `node_modules` and `__pycache__` are left out, then what `.gitignore` files (nested ones,
    those above the root up to the repository's, and `.git/info/exclude`) and the `exclude` patterns (gitignore syntax,
    relative to the root) say. `bibliography` lists paths and globs relative to `config_folder` (default: the root);
    `None` looks for them. Raises `FileError` when `root` is no folder or a named bibliography does not exist.
    """
    top = os.fspath(root)
    if not os.path.isdir(top):
        raise FileError(f"{top}: no such folder")
    ignored = _Ignored(top, exclude, gitignore=gitignore)
    pages: list[str] = []
    others: list[str] = []
    for path in _walk(top, ignored):
        (pages if path.lower().endswith(PAGE_SUFFIXES) else others).append(path)
    if bibliography is None:
        bibliographies = tuple(path for path in sorted(others) if _is_bibliography(os.path.join(top, path)))
    else:
        folder = top if config_folder is None else os.fspath(config_folder)
        bibliographies = _named(bibliography, folder, top)
    return Inventory(
        pages=tuple(sorted(pages)),
        attachments=tuple(sorted(others)),
        bibliographies=bibliographies,
        discovered=bibliography is None,
        excluded=tuple(sorted(ignored.excluded)),
    )


def _walk(top: str, ignored: _Ignored) -> Iterator[str]:
    """Yield the files under `top`, relative and POSIX; each real folder at most once, so loops of links end."""
    real_top = os.path.realpath(top)
    seen = {real_top}
    # A folder to visit: its path relative to the root, and the real folder that links in it must not leave.
    pending = [("", real_top)]
    while pending:
        folder, fence = pending.pop()
        ignored.enter(folder)
        try:
            with os.scandir(os.path.join(top, folder)) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError:
            # A folder that may not be listed has no pages for us; naming a path in it says why.
            ignored.excluded.append(folder + "/")
            continue
        for entry in entries:
            name = entry.name
            if name.startswith(".") or name in _SKIPPED_FOLDERS:
                continue
            path = f"{folder}/{name}" if folder else name
            is_folder, is_file = _kind(entry)
            if ignored.says(path, is_folder=is_folder):
                ignored.excluded.append(path + "/" if is_folder else path)
                continue
            linked = entry.is_symlink()
            if not is_folder:
                if is_file and not (linked and folder and not _within(os.path.realpath(entry.path), fence)):
                    yield path
                continue
            inner = fence
            if linked:
                inner = os.path.realpath(entry.path)
                # A link back into the wiki would show its pages twice; one that leads out is the owner's, at the top.
                if folder or _within(inner, real_top) or _within(real_top, inner) or inner in seen:
                    continue
                seen.add(inner)
            pending.append((path, inner))


def _kind(entry: os.DirEntry[str]) -> tuple[bool, bool]:
    """Say whether an entry is, behind its link, a folder or a file; a link that leads in a circle is neither."""
    try:
        return entry.is_dir(), entry.is_file()
    except OSError:
        return False, False


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


class _Ignored:
    """What `.gitignore` files and `exclude` patterns leave out; the files are read as the walk enters their folders."""

    def __init__(self, top: str, exclude: Sequence[str], *, gitignore: bool) -> None:
        self.excluded: list[str] = []
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

    def says(self, path: str, *, is_folder: bool) -> bool:
        """Say whether `path` is left out: the deepest file with an opinion wins, as in git."""
        name = path + "/" if is_folder else path
        if self._exclude is not None and self._exclude.check_file(name).include:
            return True
        for prefix, spec in self._rules.get(path.rpartition("/")[0], ()):
            if (verdict := spec.check_file(name[len(prefix) :]).include) is not None:
                return verdict
        for prefix, spec in self._outer:
            if (verdict := spec.check_file(prefix + name).include) is not None:
                return verdict
        return False


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


def _is_bibliography(path: str) -> bool:
    """Say whether a file is one, by its name and, where that says too little, by how it begins."""
    base = os.path.basename(path).lower()
    stem, suffix = os.path.splitext(base)
    if suffix in _CERTAIN_SUFFIXES or base in _CERTAIN_NAMES:
        return True
    if suffix == ".json":
        head = _head(path).lstrip("\ufeff \t\r\n")
        return (
            re.match(r"\[\s*\{", head) is not None
            and '"title"' in head
            and '"id"' in head
            and bool(_CSL_ENTRY.search(head))
        )
    if suffix in {".yaml", ".yml"} and _YAML_STEMS.search(stem):
        head = _head(path)
        return "title" in head and _YAML_ENTRY.search(head) is not None
    return False


def _head(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read(_HEAD).decode("utf-8", errors="replace")
    except OSError:
        # Looking around never fails; a bibliography that is named and unreadable does.
        return ""


def _named(patterns: Sequence[str], folder: str, top: str) -> tuple[str, ...]:
    import glob

    found: list[str] = []
    for pattern in patterns:
        # A name that exists is no pattern, whatever brackets it has.
        path = os.path.join(folder, os.path.expanduser(pattern))
        matches = [path] if os.path.exists(path) else sorted(glob.glob(path, recursive=True))
        files = [match for match in matches if os.path.isfile(match)]
        if not files:
            kind = "bibliography is a folder, not a file" if matches else "no such bibliography"
            raise FileError(f"{pattern}: {kind} (looked in {folder})")
        found += [_relative(os.path.normpath(match), top) for match in files]
    return tuple(dict.fromkeys(found))


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


def exists(root: Path, path: str) -> bool:
    """Say whether `path` (relative to `root`) is a file or folder inside the wiki, ignored ones included."""
    try:
        return os.path.exists(locate(root, path))
    except (OutsideError, ValueError):
        # A NUL in a name is a ValueError: no such file can exist.
        return False


def read_bytes(root: Path, path: str, *, limit: int = DEFAULT_PAGE_SIZE) -> bytes:
    """Return the bytes of `path`, relative to `root` or, for what the configuration names, absolute.

    Raises `OutsideError`, `TooLargeError` (more than `limit` bytes) or `FileError` (missing, no file, no permission).
    """
    place = path if os.path.isabs(path) else locate(root, path)
    try:
        # O_NONBLOCK: opening a named pipe must not wait for a writer.
        descriptor = os.open(place, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        raise FileError(f"{path}: {_reason(error)}") from error
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise FileError(f"{path}: not a regular file")
        if status.st_size > limit:
            raise TooLargeError(f"{path}: {_size(status.st_size)}, more than the limit of {_size(limit)}")
        try:
            return file.read(limit)
        except OSError as error:
            raise FileError(f"{path}: {_reason(error)}") from error


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


def write_atomic(root: Path, path: str, old: bytes, new: str) -> None:
    """Replace the file's content: at any moment it holds either `old` or `new` (UTF-8), never a part.

    The file keeps its mode and owner, and a page that is a symbolic link stays one (its target is replaced). Raises
    `FileError`, with the file untouched, when it no longer holds `old`, may not be written, or `new` is not encodable.
    """
    place = os.path.realpath(path if os.path.isabs(path) else locate(root, path))
    try:
        data = new.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FileError(f"{path}: the new text has a lone surrogate at {error.start}; not written") from error
    try:
        status = os.stat(place)
        if not os.access(place, os.W_OK):
            raise FileError(f"{path}: read-only; not written")
        _replace(place, path, status, old, data)
    except OSError as error:
        raise FileError(f"{path}: {_reason(error)}; not written") from error


def _replace(place: str, path: str, status: os.stat_result, old: bytes, data: bytes) -> None:
    folder = os.path.dirname(place)
    descriptor, temporary = tempfile.mkstemp(prefix=".wikitools-", suffix=".tmp", dir=folder)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            _keep_owner(descriptor, path, status)
            os.chmod(temporary, stat.S_IMODE(status.st_mode))
            os.fsync(descriptor)
        with open(place, "rb") as current:
            if current.read(len(old) + 1) != old:
                raise FileError(f"{path}: changed on disk while wikitools ran; not written, run again")
        os.replace(temporary, place)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)


def _keep_owner(descriptor: int, path: str, status: os.stat_result) -> None:
    if not hasattr(os, "fchown"):
        return
    mine = os.fstat(descriptor)
    if (mine.st_uid, mine.st_gid) == (status.st_uid, status.st_gid):
        return
    try:
        os.fchown(descriptor, status.st_uid, status.st_gid)
    except PermissionError as error:
        raise FileError(f"{path}: belongs to another user or group, which writing would change; not written") from error


def _sync_folder(folder: str) -> None:
    """Make the rename itself durable where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
