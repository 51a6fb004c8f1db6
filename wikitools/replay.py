"""Prints again what an earlier run printed, if everything that it looked at is unchanged.

Most of a run in which nothing has changed is imports, so this module imports only what Python has at its start.
`cli/recording.py` writes the records, and `cli/replayable.py` says which runs have one.

A record belongs to one command line, folder, environment and terminal. It lists what the run depended on: the wiki with
all its folders, wikitools itself, and single files such as the configuration, git's index or a file that does not
exist. The state of each is compared: the names in folders, and type, size, times and inode of files. Files that were
too young for their times to tell are compared by their content. There is no judgement here: anything that differs, and
anything unexpected, means that the run takes place.
"""

from __future__ import annotations

import os
import stat
import sys
import zlib

from wikitools.user_cache import user_folder

# Type checkers take it for true; importing it from typing would take longer than all else here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, TextIO

_MAGIC = b"wikitools replay 1\n"
SKIPPED = frozenset({"node_modules", "__pycache__"})
"""Folders whose names and contents never count."""
_NEVER_MATTER = frozenset({"_", "OLDPWD", "SHLVL"})
"""Variables that shells change from one command to the next."""
_COMMANDS = frozenset({"lint"})

TEXT, EXACT, ERROR = range(3)
"""How a piece was written: as text or as bytes to standard output, or as text to standard error."""


class Record:
    """What a run depended on and what it printed."""

    def __init__(
        self,
        *,
        call: str,
        trees: tuple[str, ...],
        places: tuple[str, ...],
        state: str,
        young: tuple[tuple[str, bytes], ...],
        beside: tuple[str, ...],
        code: int,
        printed: tuple[tuple[int, bytes], ...],
    ) -> None:
        self.call = call
        """Stands for the command line, the environment and so on; see `call_of`."""
        self.trees = trees
        """Folders, of which everything below counts."""
        self.places = places
        """Single files and folders that count. Some do not exist."""
        self.state = state
        """What `observe` saw there, as `state_of` writes it."""
        self.young = young
        """Files with their content, as their times do not show whether they have changed."""
        self.beside = beside
        """Files of the cache that are used as long as this one is."""
        self.code = code
        """The exit code."""
        self.printed = printed
        """What was printed, each piece with `TEXT`, `EXACT` or `ERROR`; text as UTF-8."""


def find(arguments: Sequence[str]) -> Record | None:
    """Return the record of the same run, if nothing has changed since; `None` if the run must take place."""
    if not may_be_recorded(arguments):
        return None
    try:
        folder = cache_folder(arguments)
        if folder is None or is_in_repository(folder):
            return None
        call = call_of(arguments)
        file = os.path.join(folder, find_name(folder, call))
        record = read(file)
        if record is None or record.call != call or not _is_as_before(record):
            return None
    except (OSError, ValueError):
        return None
    for used in (file, *record.beside):
        try:  # noqa: SIM105  # contextlib would be imported for this alone
            # The least recently used files are deleted first.
            os.utime(used)
        except OSError:
            # It was deleted just now.
            pass
    return record


def may_be_recorded(arguments: Sequence[str]) -> bool:
    """Say whether runs of this command may leave a record."""
    return bool(arguments) and arguments[0] in _COMMANDS and sys.stdout is not None and sys.stderr is not None


def _is_as_before(record: Record) -> bool:
    # What changed last may well be what changed now, and the first difference is enough.
    if not all(_content(path) == data for path, data in record.young):
        return False
    known = iter(record.state.split("\n"))
    return all(repr(each) == next(known, "") for each in observe(record.trees, record.places)) and not any(known)


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def print_again(record: Record) -> None:
    """Write as `cli/terminal.py` does. Raises `OSError` if standard output cannot be written."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    for kind, data in record.printed:
        stream = sys.stderr if kind == ERROR else sys.stdout
        try:
            if kind == EXACT:
                stream.buffer.write(data)
            else:
                stream.write(data.decode("utf-8", "surrogatepass"))
            stream.flush()
        except OSError:
            drop(stream)
            if kind != ERROR:
                raise


def drop(stream: TextIO) -> None:
    """Redirect the stream to the null device, so that later writes and the flush at exit do not fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    finally:
        os.close(nowhere)


# What a run depends on


def call_of(arguments: Sequence[str]) -> str:
    """Return a hash of everything that the caller of this process decides, apart from files.

    It is a hash because variables of the environment may be secrets.
    """
    from hashlib import sha256

    variables = sorted((name, value) for name, value in os.environ.items() if name not in _NEVER_MATTER)
    python = (sys.version, sys.executable, sys.prefix, sys.flags)
    terminals = [_terminal(number) for number in range(3)]
    call = repr((list(arguments), os.getcwd(), variables, _user(), python, terminals))
    return sha256(call.encode("utf-8", "surrogatepass")).hexdigest()


def _user() -> object:
    """Return what decides which files can be read; nothing on Windows."""
    if sys.platform == "win32":
        return None
    return os.getuid(), os.geteuid(), os.getgid(), os.getegid(), sorted(os.getgroups())


def _terminal(number: int) -> tuple[int, int] | None:
    """Return the size of the terminal that a stream is; `None` if it is not one."""
    try:
        return tuple(os.get_terminal_size(number)) if os.isatty(number) else None  # type: ignore[return-value]
    except OSError:
        return (0, 0)


def observe(trees: Iterable[str], places: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the state of single files, and of everything in folders apart from hidden folders and `SKIPPED`."""
    for place in places:
        yield place, *_state(place)
    for tree in trees:
        pending = [tree]
        while pending:
            folder = pending.pop()
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=_name_of)
            for entry in entries:
                name, path = entry.name, entry.path
                if name in SKIPPED:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    yield (path,)
                    if name[0] != ".":
                        pending.append(path)
                elif entry.is_symlink():
                    yield path, *_state(path)
                else:
                    yield path, *stamp(entry.stat(follow_symlinks=False))


def state_of(seen: Iterable[tuple[Any, ...]]) -> str:
    """Return what `observe` saw as a text."""
    return "\n".join(map(repr, seen))


def _name_of(entry: os.DirEntry[str]) -> str:
    return entry.name


def _state(place: str) -> tuple[Any, ...]:
    try:
        status = os.lstat(place)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    if stat.S_ISDIR(status.st_mode):
        return status.st_mode, status.st_uid, status.st_ino, status.st_dev
    if stat.S_ISLNK(status.st_mode):
        return (*stamp(status), os.readlink(place))
    return stamp(status)


def stamp(status: os.stat_result) -> tuple[int, ...]:
    """Return what changes when a file does: its mode, size, inode, and both times in nanoseconds at the end."""
    return status.st_mode, status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns


# The record


def cache_folder(arguments: Sequence[str]) -> str | None:
    """Return the folder of the cache that this command line asks for; `None` for a user without a home folder."""
    given = os.environ.get("WIKITOOLS_CACHE_DIR") or None
    for number, argument in enumerate(arguments):
        if argument == "--cache-dir":
            given = arguments[number + 1] if number + 1 < len(arguments) else None
        elif argument.startswith("--cache-dir="):
            given = argument.partition("=")[2]
    found = given or user_folder()
    return None if found is None else os.path.abspath(found)


def is_in_repository(folder: str) -> bool:
    """Say whether the cache may be in a repository, so that somebody else may have written it."""
    folder = os.path.realpath(folder)
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return False
        folder = above
    return True


def name_of(wiki: str, call: str) -> str:
    """Return the name of the record of a run; `wiki` are 16 characters that stand for the wiki."""
    return f"{wiki}-{_short(call)}.replay"


def _short(call: str) -> str:
    # Enough to find the file: the whole hash is compared with the one in it.
    return call[:16]


def find_name(folder: str, call: str) -> str:
    """Return the name of the record of this call, for whichever wiki. Raises `FileNotFoundError`."""
    end = f"-{_short(call)}.replay"
    for name in os.listdir(folder):
        if name.endswith(end):
            return name
    raise FileNotFoundError(end)


def packed(record: Record) -> Iterator[bytes]:
    """Yield the content of a file for a record: lengths, then parts, with a checksum before them."""
    parts = [
        _bytes(record.call),
        _bytes("\0".join(record.trees)),
        _bytes("\0".join(record.places)),
        _bytes(record.state),
        _bytes("\0".join(path for path, _data in record.young)),
        _bytes("\0".join(record.beside)),
        b"%d" % record.code,
        bytes(kind for kind, _data in record.printed),
        *(data for _path, data in record.young),
        *(data for _kind, data in record.printed),
    ]
    head = b" ".join(b"%d" % len(part) for part in parts)
    check = zlib.crc32(head)
    for part in parts:
        check = zlib.crc32(part, check)
    yield b"%s%08x %s\n" % (_MAGIC, check, head)
    yield from parts


def read(file: str) -> Record | None:
    """Return the record in a file; `None` if it is something else, damaged, or may be written by another user.

    Raises `OSError` and `ValueError`.
    """
    # Without O_NONBLOCK, a named pipe in its place would keep the run waiting.
    flags = ("O_NOFOLLOW", "O_BINARY", "O_NONBLOCK")
    descriptor = os.open(file, sum((getattr(os, flag, 0) for flag in flags), os.O_RDONLY))
    with open(descriptor, "rb") as opened:
        if not _is_own(os.fstat(descriptor)):
            return None
        data = opened.read()
    start = data.find(b"\n", len(_MAGIC))
    if not data.startswith(_MAGIC) or start < 0:
        return None
    check, head = data[len(_MAGIC) : start].split(b" ", 1)
    at = start + 1
    if zlib.crc32(memoryview(data)[at:], zlib.crc32(head)) != int(check, 16):
        return None
    parts = []
    for length in map(int, head.split()):
        parts.append(data[at : at + length])
        at += length
    call, trees, places, state, young, beside, code, kinds, *contents = parts
    paths = _texts(young)
    return Record(
        call=_text(call),
        trees=_texts(trees),
        places=_texts(places),
        state=_text(state),
        young=tuple(zip(paths, contents[: len(paths)], strict=True)),
        beside=_texts(beside),
        code=int(code),
        printed=tuple(zip(kinds, contents[len(paths) :], strict=True)),
    )


def _is_own(status: os.stat_result) -> bool:
    """Say whether it is a file that only this user can have written."""
    if sys.platform == "win32":
        return stat.S_ISREG(status.st_mode)
    return stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def _texts(data: bytes) -> tuple[str, ...]:
    return tuple(_text(data).split("\0")) if data else ()
