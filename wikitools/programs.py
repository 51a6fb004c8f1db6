"""The programs that wikitools runs (git, pandoc): how they are found, what they inherit, when they end.

Nothing else in wikitools starts a program. Strangers write wikis, and wikitools may be started in such a folder, so no
program is looked for there.
"""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use before it is killed."""

    seconds: int
    """Seconds of processor time, where the system can count it (not on Windows)."""
    file_size: int = 1 << 32
    """The most bytes of each file that it writes."""


_SUFFIXES = (".exe", ".com") if os.name == "nt" else ("",)
"""No .bat or .cmd: Windows' shell would parse their arguments a second time."""


def find_program(name: str) -> str | None:
    """Return the absolute path of a program on the PATH; `None` if there is none.

    The current folder is not searched, nor are entries of the PATH that depend on it: relative and empty ones.
    """
    return _find(name, os.environ.get("PATH", os.defpath), os.getcwd())


@functools.cache
def _find(name: str, path: str, here: str) -> str | None:
    for folder in trusted_folders(path, here):
        for suffix in _SUFFIXES:
            place = os.path.join(folder, name + suffix)
            if os.path.isfile(place) and os.access(place, os.X_OK):
                return place
    return None


def trusted_folders(path: str, here: str) -> tuple[str, ...]:
    """Return the folders of a PATH that do not depend on where a program is started, without the current one.

    >>> trusted_folders(os.pathsep.join(("/usr/bin", "", ".", "bin", "/wiki", "/bin")), "/wiki")
    ('/usr/bin', '/bin')
    """
    whole = (each for each in path.split(os.pathsep) if _is_whole(each))
    return tuple(each for each in whole if os.path.realpath(each) != os.path.realpath(here))


def _is_whole(folder: str) -> bool:
    """Say whether a path is absolute; on Windows, one without a drive depends on the current one."""
    return os.path.isabs(folder) and (os.name != "nt" or bool(os.path.splitdrive(folder)[0]))


def inherited(names: Sequence[str] | None = None) -> dict[str, str]:
    """Return the environment for a program: all of ours, or only the variables named, with the trusted part of PATH."""
    kept = dict(os.environ) if names is None else {name: os.environ[name] for name in names if name in os.environ}
    kept["PATH"] = os.pathsep.join(trusted_folders(os.environ.get("PATH", os.defpath), os.getcwd()))
    if os.name == "nt":
        # Without this, Windows looks in the current folder first, also for programs that this one starts.
        kept["NoDefaultCurrentDirectoryInExePath"] = "1"
    return kept


def run(
    command: Sequence[str], *, folder: str, environment: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[bytes]:
    """Run a program without input and return its output. Raises `OSError` or `subprocess.TimeoutExpired`."""
    return subprocess.run(
        _checked(command),
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=timeout,
    )


@contextlib.contextmanager
def started(
    command: Sequence[str],
    *,
    folder: str,
    environment: Mapping[str, str],
    stdin: Any,
    stdout: Any,
    stderr: Any,
    limits: Limits | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program, and end it when the block is left, if not before. Raises `OSError` if it cannot be started.

    With `limits` it also ends when its processor time is used up (not on Windows) and, on Linux, when this process
    ends, even by a signal that cannot be caught.
    """
    process = subprocess.Popen(
        _checked(command),
        cwd=folder,
        env=environment,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        # The function takes no lock and imports nothing, so it is safe right after a fork.
        preexec_fn=_prepared(limits) if limits is not None else None,  # noqa: PLW1509
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    # It may hold input that the program no longer read.
                    pipe.close()
        process.wait()


def _checked(command: Sequence[str]) -> list[str]:
    if not _is_whole(command[0]):
        raise ValueError(f"{command[0]}: programs are only started by their absolute path")
    return list(command)


_DIES_WITH_PARENT = 1
"""Linux: PR_SET_PDEATHSIG."""


def _prepared(limits: Limits) -> Callable[[], None] | None:
    """Return what the new process runs before it becomes the program; `None` on systems that cannot do this."""
    if sys.platform == "win32":
        return None
    import resource

    control = _process_control()
    parent = os.getpid()
    allowed = (
        # At the soft limit a program gets a signal that says why; at the hard limit it is killed.
        (resource.RLIMIT_CPU, limits.seconds, limits.seconds + 5),
        (resource.RLIMIT_FSIZE, limits.file_size, limits.file_size),
        (resource.RLIMIT_CORE, 0, 0),
    )
    bounds = []
    for kind, soft, hard in allowed:
        most = resource.getrlimit(kind)[1]
        # A process may not raise its own hard limit.
        bounds.append((kind, (soft, hard) if most == resource.RLIM_INFINITY else (min(soft, most), min(hard, most))))

    def prepare() -> None:
        if control is not None:
            control(_DIES_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != parent:
                # Our process ended before this was set.
                os._exit(1)
        for kind, pair in bounds:
            resource.setrlimit(kind, pair)

    return prepare


@functools.cache
def _process_control() -> Any:
    """Return Linux's `prctl`; `None` elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    try:
        return ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        # This Python has no shared C library; the other limits still hold.
        return None
