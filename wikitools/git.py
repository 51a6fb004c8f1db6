"""Asks git which files it tracks, their content, and what changed; writes nothing and runs nothing else.

`repository.py` finds the repository and runs git.

Names and contents come from git's own objects (`ls-files`, `ls-tree`, `cat-file --batch`), never from a checkout: the
working tree and the index stay as they are. Paths in answers are relative to the wiki's root and POSIX; those of files
in the repository but outside of the wiki begin with `..`.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import re
import shutil
import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import IO, TYPE_CHECKING

from wikitools.files import Snapshot, is_absent, snapshot_of
from wikitools.records import dataclass
from wikitools.repository import GitError, Repository, ask, ask_anyway, converse, open_repository, open_submodule

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between a commit and a later state."""

    changed: frozenset[str]
    """Files that were added or whose content changed."""
    removed: frozenset[str]
    renamed: Mapping[str, str]
    """Files with a new path, each with the old one; their content may have changed, too."""

    def __bool__(self) -> bool:
        return bool(self.changed or self.removed)


Wanted = Mapping[str, int]
"""Which files are read: the ends of their paths (lower-case, with a slash before the first name), each with the largest
size in bytes that is kept in memory."""

_HISTORY = (
    'fetch the history: "fetch-depth: 0" for actions/checkout, "GIT_DEPTH: 0" on GitLab, or "git fetch --unshallow"'
)
_EMPTY_BLOB = frozenset(
    {"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"}
)
_EMPTY_TREE = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


def _relative(repository: Repository, path: str) -> str:
    """Return a path of the repository relative to the wiki's root."""
    if not repository.prefix:
        return path
    inside = path.removeprefix(repository.prefix + "/")
    return inside if inside != path else posixpath.relpath(path, repository.prefix)


# Commits


def find_commit(repository: Repository, name: str) -> str:
    """Return the id of the commit that `name` (a branch, tag, id, `HEAD~3`) means. Raises `GitError`."""
    if (found := _commit(repository, name)) is not None:
        return found
    if repository.shallow:
        raise GitError(f'the commit "{name}" is not in this shallow clone', _HISTORY)
    near = f"origin/{name}"
    hint = f'did you mean "{near}"?' if _commit(repository, near) else 'a branch, a tag or a commit: see "git log"'
    raise GitError(f'git knows no commit "{name}"', hint)


def find_head(repository: Repository) -> str:
    """Return the id of the commit that is checked out; before the first commit, that of git's empty tree."""
    found = _commit(repository, "HEAD")
    return _empty_tree(repository) if found is None else found


def _empty_tree(repository: Repository) -> str:
    form = ask(repository, "rev-parse", "--show-object-format").strip()
    return _EMPTY_TREE[64 if form == b"sha256" else 40]


def find_base(repository: Repository, name: str | None = None) -> tuple[str, str]:
    """Return where this line of work began: the id of a commit, and the branch that has this commit as well.

    That is the merge base of `HEAD` and `name`. Without a name, it is that of the commit which the remote has already
    (in a hook before a push); of the branch that GitHub or GitLab name as the pull request's target; of the remote's
    main branch; or of a local one. Without any of them it is `HEAD`.
    Raises `GitError` if a shallow clone does not reach back that far.
    """
    head = find_head(repository)
    if name is None and (remote := repository.environment.get("PRE_COMMIT_REMOTE_NAME")):
        # The runner of a pre-push hook says what the remote has; nothing before the first push.
        pushed = repository.environment.get("PRE_COMMIT_FROM_REF")
        if not pushed:
            return _empty_tree(repository), f"nothing on {remote}"
        return find_base(repository, pushed)[0], f"the last push to {remote}"
    if name is None:
        name = next((each for each in _branches(repository) if _commit(repository, each)), None)
        if name is None:
            return head, "HEAD"
    other = find_commit(repository, name)
    done = ask_anyway(repository, "merge-base", other, head)
    if done.returncode == 0:
        return os.fsdecode(done.stdout).strip(), name
    if repository.shallow:
        raise GitError(f'this shallow clone does not show where it diverged from "{name}"', _HISTORY)
    # The histories have no common commit, or there is no commit yet.
    return other, name


def _branches(repository: Repository) -> Iterator[str]:
    for variable in ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"):
        if branch := repository.environment.get(variable):
            # Without this error, the run would compare with something that nobody asked about.
            find_commit(repository, f"origin/{branch}")
            yield f"origin/{branch}"
    yield from ("origin/HEAD", "origin/main", "origin/master", "main", "master")


def _commit(repository: Repository, name: str) -> str | None:
    if not name or name.startswith("-") or "\0" in name:
        return None
    arguments = ("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    done = ask_anyway(repository, *arguments)
    return os.fsdecode(done.stdout).strip() if done.returncode == 0 else None


# Changes


def find_changes(repository: Repository, commit: str, *, staged: bool) -> Changes:
    """Return what differs between a commit and the index (`staged`), or the working tree; renames as git sees them.

    In the working tree, only files that git tracks are compared.
    """
    options = ("--name-status", "-z", "--find-renames", "-l32767", "--no-relative", "--no-ext-diff", "--no-textconv")
    cached = ("--cached",) if staged else ()
    more = ("--ignore-submodules=dirty", "--ita-invisible-in-index")
    import tempfile

    with tempfile.TemporaryDirectory(prefix="wikitools-") as folder:
        # To tell touched files from changed ones, "git diff" updates the index, so it gets a copy.
        place = ask(repository, "rev-parse", "--path-format=absolute", "--git-path", "index")
        copy = os.path.join(folder, "index")
        with contextlib.suppress(FileNotFoundError):
            # Without an index, nothing is staged.
            shutil.copyfile(os.fsdecode(place).rstrip("\n"), copy)
        apart = replace(repository, environment={**repository.environment, "GIT_INDEX_FILE": copy})
        words = ask(apart, "diff", *options, *more, *cached, commit, "--").split(b"\0")
    changed: set[str] = set()
    removed: set[str] = set()
    renamed: dict[str, str] = {}
    at = iter(words)
    for status in at:
        if not status:
            break
        path = _relative(repository, os.fsdecode(next(at)))
        kind = status[:1]
        if kind == b"D":
            removed.add(path)
            continue
        if kind in (b"R", b"C"):
            old, path = path, _relative(repository, os.fsdecode(next(at)))
            if kind == b"R":
                removed.add(old)
                renamed[path] = old
        changed.add(path)
    return Changes(frozenset(changed), frozenset(removed), renamed)


# States


def find_uncommitted(repository: Repository) -> tuple[str, ...]:
    """Return the files below the wiki that differ from git's last commit, including new files, as git names them.

    This includes checked-out submodules. Each is asked separately, because git would run programs that their
    configuration names.
    """
    below = ("--", repository.prefix or ".")
    options = ("--porcelain", "-z", "--no-renames", "--untracked-files=normal", "--ignore-submodules=dirty")
    said = ask(repository, "status", *options, *below)
    found = [os.fsdecode(entry[3:]) for entry in said.split(b"\0") if entry]
    for line in ask(repository, "ls-files", "-z", "--stage", "--full-name", *below).split(b"\0"):
        if line.startswith(_SUBMODULE.encode()):
            name = os.fsdecode(line.partition(b"\t")[2])
            inner = open_submodule(repository, name)
            found += (f"{name}/{each}" for each in (find_uncommitted(inner) if inner is not None else ()))
    return tuple(found)


def when_written(repository: Repository, path: str, lines: Iterable[int], seconds: float) -> dict[int, float]:
    """Return when lines of a file below the wiki were committed, in seconds since 1970, if git says it in time."""
    ranges = [part for line in sorted({*lines}) for part in ("-L", f"{line},{line}")]
    asked = ["blame", "--no-textconv", "--line-porcelain", *ranges, "--", f"{repository.prefix}{path}"]
    try:
        said = ask(repository, *asked, seconds=seconds)
    except GitError:
        # It is not committed, or shorter, or its history is long.
        return {}
    # Zeros in the place of the commit mean "not committed".
    return {int(line): float(time) for commit, line, time in _BLAMED.findall(said) if commit.strip(b"0")}


_BLAMED = re.compile(rb"^([0-9a-f]{40,64}) \d+ (\d+)(?: \d+)?\n(?:[^\t].*\n)*?author-time (\d+)$", re.MULTILINE)
"""A line in git's answer: its commit, its number now, and when it was written."""


def tracks_any(repository: Repository) -> bool:
    """Say whether git tracks anything in the folder that the repository was opened for, however its name is spelled.

    Some file systems ignore case, or treat two encodings of an accented letter as equal.
    """
    folder = _folded(repository.prefix + "/" if repository.prefix else "")
    tracked = ask(repository, "ls-files", "-z", "--full-name").split(b"\0")
    return any(name and _folded(os.fsdecode(name)).startswith(folder) for name in tracked)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file as git lists it."""

    path: str
    mode: str
    blob: str
    sparse: bool = False
    """It is not in the working tree, because the checkout is sparse."""
    home: Repository | None = None
    """The submodule that holds it."""
    unknown: bool = False
    """A submodule whose content is not known here."""


_LINK, _SUBMODULE = "120000", "160000"


def find_tracked(root: Path) -> frozenset[str] | None:
    """Return what git's index holds below `root`, submodules included; `None` without git or a repository."""
    try:
        repository = open_repository(root)
        entries = tuple(_index(repository, staged=False))
    except GitError:
        # Only a rule that compares with git needs this; it reports that it is skipped.
        return None
    return frozenset(entry.path for entry in entries if not entry.path.startswith("../"))


def find_gitlinks(root: Path) -> frozenset[str]:
    """Return the folders of submodules in git's index that are not checked out; none without git."""
    try:
        repository = open_repository(root)
        said = ask(repository, "ls-files", "-z", "--stage", "--full-name")
    except GitError:
        return frozenset()
    lines = (line.partition(b"\t") for line in said.split(b"\0"))
    named = (os.fsdecode(name) for about, _tab, name in lines if about.startswith(b"160000 "))
    return frozenset(_relative(repository, name) for name in named if is_absent(os.path.join(repository.top, name)))


def list_index(repository: Repository, wanted: Wanted) -> Snapshot:
    """Return the files that git tracks, as they are in the working tree.

    Those that a sparse checkout leaves out are read from the index.
    """
    entries = tuple(_index(repository, staged=False))
    held = _Contents(repository, (entry for entry in entries if entry.sparse), wanted, frozenset())
    return _made_of(entries, held, on_disk=True)


def read_index(repository: Repository, wanted: Wanted, *, named: Iterable[str] = ()) -> Snapshot:
    """Return the files as they are staged. Raises `GitError` while a merge has conflicts.

    Files outside of the root are only listed, except those in `named`.
    """
    entries = tuple(_index(repository, staged=True))
    if any(entry.blob in _EMPTY_BLOB for entry in entries):
        # After "git add --intent-to-add", git lists a file that would not be committed yet.
        head = find_head(repository)
        known = {entry.path for entry in _tree(repository, head)} | find_changes(repository, head, staged=True).changed
        entries = tuple(entry for entry in entries if entry.blob not in _EMPTY_BLOB or entry.path in known)
    return _snapshot(repository, entries, wanted, named, beside=True)


def read_commit(repository: Repository, commit: str, wanted: Wanted, *, named: Iterable[str] = ()) -> Snapshot:
    """Return the files as they were in a commit; `named` is the same as in `read_index`."""
    return _snapshot(repository, tuple(_tree(repository, commit)), wanted, named, beside=False)


def _snapshot(
    repository: Repository, entries: tuple[_Entry, ...], wanted: Wanted, named: Iterable[str], *, beside: bool
) -> Snapshot:
    pointers = [entry for entry in entries if entry.mode == _LINK]
    links: dict[str, str] = {}
    if pointers:
        targets = _Contents(repository, pointers, {"": 4096}, frozenset({_LINK}))
        targets.fetch(targets)
        for path, target in targets.items():
            leads_to = posixpath.normpath(posixpath.join(posixpath.dirname(path), os.fsdecode(target)))
            links[path] = leads_to
    outside = {*named, *(target for target in links.values() if target.startswith("../"))}
    near = [entry for entry in entries if not entry.path.startswith("../") or _is_below(entry.path, outside)]
    held = _Contents(repository, near, wanted, frozenset({"100644", "100755"}))
    return _made_of(entries, held, links=links, beside=beside)


def _is_below(path: str, folders: Container[str]) -> bool:
    """Say whether a path is one of these or is below one of them."""
    while path and path not in folders:
        path = path.rpartition("/")[0]
    return bool(path)


def _made_of(
    entries: Sequence[_Entry],
    held: _Contents,
    *,
    links: Mapping[str, str] | None = None,
    on_disk: bool = False,
    beside: bool = True,
) -> Snapshot:
    return snapshot_of(
        (entry.path for entry in entries),
        contents=held,
        sizes=held.sizes,
        blobs=held.blobs,
        fetch=held.fetch,
        links=links,
        on_disk=on_disk,
        beside=beside,
        absent=(entry.path for entry in entries if entry.unknown),
    )


def _index(repository: Repository, *, staged: bool) -> Iterator[_Entry]:
    """Yield what the index lists; in submodules, what their own index or, if `staged`, the named commit lists."""
    seen = ""
    for line in ask(repository, "ls-files", "-z", "-t", "--stage", "--full-name").split(b"\0"):
        if not line:
            continue
        about, _tab, name = line.partition(b"\t")
        tag, mode, blob, stage = os.fsdecode(about).split(" ")
        path = _relative(repository, os.fsdecode(name))
        if stage != "0":
            if staged:
                raise GitError(f"{path}: a merge left it with conflicts", 'resolve them and "git add" the file first')
            # Each side is listed; the working tree has one file with conflict markers.
            if path == seen:
                continue
            seen = path
        if mode == _SUBMODULE:
            yield from _submodule(repository, os.fsdecode(name), path, blob if staged else "")
        else:
            yield _Entry(path, mode, blob, sparse=tag == "S")


def _tree(repository: Repository, commit: str) -> Iterator[_Entry]:
    for line in ask(repository, "ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0"):
        if line:
            about, _tab, name = line.partition(b"\t")
            mode, _kind, blob = os.fsdecode(about).split(" ")
            path = _relative(repository, os.fsdecode(name))
            if mode == _SUBMODULE:
                yield from _submodule(repository, os.fsdecode(name), path, blob)
            else:
                yield _Entry(path, mode, blob)


def _submodule(repository: Repository, name: str, path: str, commit: str) -> Iterator[_Entry]:
    """Yield the submodule's folder and the files in it, as far as it was cloned."""
    inner = None if path.startswith("../") else open_submodule(repository, name)
    entries: tuple[_Entry, ...] | None = None
    if inner is not None:
        # The commit was never fetched, so its files are as unknown as those of a submodule that was not cloned.
        with contextlib.suppress(GitError):
            entries = tuple(_tree(inner, commit) if commit else _index(inner, staged=False))
    yield _Entry(path, _SUBMODULE, "", unknown=entries is None)
    for each in entries or ():
        yield replace(each, path=f"{path}/{each.path}", home=each.home or inner)


class _Contents(Mapping[str, bytes]):
    """The content of the wanted files with these modes (empty: all), read from git on demand, in batches."""

    def __init__(
        self, repository: Repository, entries: Iterable[_Entry], wanted: Wanted, modes: frozenset[str]
    ) -> None:
        self._repository = repository
        self._entries: dict[str, tuple[_Entry, int]] = {}
        self._held: dict[str, bytes] = {}
        self.sizes: dict[str, int] = {}
        """The sizes of files that turned out to be larger than wanted."""
        for entry in entries:
            limit = _limit(entry.path, wanted)
            if limit and entry.blob and (entry.mode in modes or not modes):
                self._entries[entry.path] = entry, limit
        self.blobs = {path: entry.blob for path, (entry, _limit) in self._entries.items()}

    def fetch(self, paths: Iterable[str]) -> None:
        """Read the content of these files, unless it is already known, with one process for each repository."""
        homes: dict[str, tuple[Repository, list[tuple[str, str, int]]]] = {}
        for path in paths:
            if path in self._entries and path not in self._held and path not in self.sizes:
                entry, limit = self._entries[path]
                home = entry.home or self._repository
                homes.setdefault(home.top, (home, []))[1].append((path, entry.blob, limit))
        for home, files in homes.values():
            answers = _blobs(home, [(blob, limit) for _path, blob, limit in files])
            for (path, _blob, limit), (size, data) in zip(files, answers, strict=True):
                if size > limit:
                    self.sizes[path] = size
                else:
                    self._held[path] = data

    def __getitem__(self, path: str) -> bytes:
        if path not in self._held:
            self.fetch((path,))
        return self._held[path]

    def __contains__(self, path: object) -> bool:
        return path in self._entries and path not in self.sizes

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def _limit(path: str, wanted: Wanted) -> int:
    name = f"/{path.lower()}"
    return max((limit for end, limit in wanted.items() if name.endswith(end)), default=0)


def _blobs(repository: Repository, wanted: list[tuple[str, int]]) -> Iterator[tuple[int, bytes]]:
    """Yield the size of each blob and, if that is within its limit, its content, all from one process."""
    with converse(repository, "cat-file", "--batch") as process:
        asking, answers = process.stdin, process.stdout
        if asking is None or answers is None:
            raise RuntimeError("a process was started with pipes and has none")
        # Both pipes fill up, so a thread must keep asking while the answers are read.
        writer = threading.Thread(target=_write, args=(asking, "".join(f"{blob}\n" for blob, _limit in wanted)))
        writer.start()
        try:
            for blob, limit in wanted:
                words = answers.readline().split()
                if len(words) != 3:
                    raise GitError(
                        f"{repository.top}: git lacks the object {blob[:10]}",
                        'a partial clone fetches it with "git fetch --refetch"; "git fsck" says what else is missing',
                    )
                size = int(words[2])
                yield size, _take(answers, size, keep=size <= limit)
        finally:
            process.kill()
            writer.join()


def _write(pipe: IO[bytes], text: str) -> None:
    try:
        with pipe:
            pipe.write(text.encode("ascii"))
    except OSError:
        # Git has ended; the reader of its answers will notice that they end too early.
        return


def _take(pipe: IO[bytes], size: int, *, keep: bool) -> bytes:
    """Read a blob and the line end after it; without `keep`, skip it."""
    data = b""
    if keep:
        data = pipe.read(size)
    else:
        left = size
        while left > 0 and (part := pipe.read(min(left, 1 << 20))):
            left -= len(part)
    pipe.read(1)
    return data
