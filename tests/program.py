"""The program in a process of its own, as its users run it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

REPOSITORY = Path(__file__).parent.parent
PROGRAM = (sys.executable, "-m", "wikitools")


def environment(**more: str) -> dict[str, str]:
    """Return the environment of the tests, in which Python finds this wikitools whatever the current folder is."""
    return {**os.environ, "PYTHONPATH": python_path(), **more}


def python_path() -> str:
    """Return where Python finds this wikitools; it cannot fork where this process cannot."""
    folders = [REPOSITORY] if hasattr(os, "fork") else [REPOSITORY / "tests/without_fork", REPOSITORY]
    return os.pathsep.join(map(str, folders))


def on_terminal(
    *arguments: str,
    cwd: Path,
    environment: Mapping[str, str],
    columns: int | None = None,
    typed: str = "",
    program: tuple[str, ...] = PROGRAM,
) -> tuple[int, str]:
    """Return the exit code and what the program writes when all of its streams are a terminal.

    `typed` is what somebody types, read as it is asked for; a terminal shows it where it was typed.
    """
    ours, theirs = pty.openpty()
    if columns is not None:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [*program, *arguments, "--no-progress"], cwd=cwd, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    # Ctrl-D behind it ends the input.
    os.write(ours, (typed + "\x04").encode())
    written = b""
    while select.select([ours], [], [], 300)[0]:
        try:
            read = os.read(ours, 65536)
        except OSError:
            # The other end is closed.
            break
        if not read:
            break
        written += read
    code = process.wait(300)
    os.close(ours)
    return code, written.decode().replace("\r\n", "\n")
