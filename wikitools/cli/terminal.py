"""Standard output and standard error: colour, width, and what happens when the reader closes the pipe."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from typing import TYPE_CHECKING, NoReturn, TextIO

import typer

from wikitools.cli import recording
from wikitools.replay import ERROR, EXACT, TEXT, drop
from wikitools.report import runner
from wikitools.report.ansi import Style
from wikitools.report.screen import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NARROWEST = 40


def prepare() -> None:
    """Write characters that the terminal's encoding lacks as escapes, so that they do not end the run.

    Output to a stream that was closed before the program started is dropped.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # it stays open until the program ends
            setattr(sys, name, nowhere)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # It flushes first; if earlier output found no room, the end of the run reports it.
            with contextlib.suppress(OSError):
                stream.reconfigure(errors="backslashreplace")


def write(pieces: str | Iterable[str], *, exact: bool = False) -> None:
    """Write to standard output. If the reader has closed the pipe, the rest is silently dropped and the run goes on.

    In a CI job, text that the job's runner would take for a command is changed so that it is not one, unless the pieces
    must stay `exact`: data in a format that cannot contain such commands, intended commands, or a page. Exact pieces
    are written as UTF-8, whatever the terminal's encoding, with their own line ends. Each piece ends at the end of a
    line. Ends the run with exit code 2 if the output cannot be written for another reason, such as a full disk.
    """
    global _text_waits
    tamed = not exact and runner.listens(os.environ)
    try:
        for piece in (pieces,) if isinstance(pieces, str) else pieces:
            if exact:
                _write_bytes(piece)
            else:
                said = runner.tame(piece) if tamed else piece
                sys.stdout.write(said)
                _text_waits = True
                recording.take(TEXT, said)
    except BrokenPipeError:
        _lose(sys.stdout)
    except OSError as error:
        _lose(sys.stdout)
        fail(unwritable(error))


_text_waits = False
"""Whether the stream may contain text that must be flushed before bytes are written."""


def _write_bytes(text: str) -> None:
    """Write after what was written as text; a stream that replaces the usual one may not support bytes."""
    global _text_waits
    data = text.encode("utf-8", "backslashreplace")
    if (below := getattr(sys.stdout, "buffer", None)) is None:
        sys.stdout.write(data.decode("utf-8"))
        return
    if _text_waits:
        sys.stdout.flush()
        _text_waits = False
    below.write(data)
    recording.take(EXACT, data)


def write_table(records: Iterable[str]) -> None:
    """Write comma-separated values as exact bytes, except for text that a CI job's runner would take for a command."""
    tamed = runner.listens(os.environ)
    write((runner.tame(each) if tamed else each for each in records), exact=True)


def write_patch(pieces: Iterable[str]) -> None:
    """Write the part of a patch that is about one file, exact to the byte.

    In a CI job, output that does not go into a file may go into the log, where a line of the page may be a command. A
    line before the patch tells GitHub to ignore commands, and a line after it to accept them again; `git apply` and
    `patch` skip both lines. Other services have no such switch; there the run ends with exit code 2.
    """
    text = "".join(pieces)
    if not runner.listens(os.environ) or _goes_to_file(sys.stdout) or not runner.has_commands(text):
        write(text, exact=True)
        return
    if not runner.can_be_stopped(os.environ):
        fail("the patch contains text that this CI service would run as a command", "write it to a file: --diff > FILE")
    import secrets

    token = secrets.token_hex(16)
    write((f"::stop-commands::{token}\n", text, f"::{token}::\n"), exact=True)


def _goes_to_file(stream: TextIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        # Closed, or not a stream of the system.
        return False


def unwritable(error: OSError) -> str:
    """Return the message about output that cannot be written."""
    why = error.strerror or str(error)
    return f"cannot write to standard output: {why[:1].lower()}{why[1:]}"


def warn(message: str) -> None:
    """Write a line that says "warning:" to standard error."""
    _say("warning", message)


def note(message: str) -> None:
    """Write a line, or several, to standard error."""
    _tell("".join(f"{visible(line)}\n" for line in message.split("\n")))


def fail(message: str, hint: str = "") -> NoReturn:
    """Print one line that says why the command failed, with a hint, and end with exit code 2."""
    complain(message, hint)
    raise typer.Exit(2)


def complain(message: str, hint: str = "") -> None:
    """Write a line that says "error:" to standard error."""
    _say("error", f"{message} ({hint})" if hint else message)


def _say(kind: str, message: str) -> None:
    label = style_for(sys.stderr, os.environ).paint(kind, kind)
    line = " ".join(visible(part) for part in message.splitlines())
    _tell(f"{label}: {line}\n")


def _tell(text: str) -> None:
    try:
        said = runner.tame(text) if runner.listens(os.environ) else text
        sys.stderr.write(said)
        recording.take(ERROR, said)
    except OSError:
        # A closed pipe or a full disk: there is no way left to report it.
        _lose(sys.stderr)


def close() -> OSError | None:
    """Flush both streams, and return why output was lost; `None` if nothing must be reported.

    A closed pipe is not reported here either. Whatever fails, the interpreter's own flush at exit does not fail again.
    """
    lost: OSError | None = None
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _lose(sys.stdout)
    except OSError as error:
        _lose(sys.stdout)
        lost = error
    _flush_errors()
    return lost


def end_without_output(error: OSError, code: int) -> int:
    """Return the exit code of a run whose output could not be written: `code` if nobody reads it any more."""
    if isinstance(error, BrokenPipeError):
        return code
    prepare()
    complain(unwritable(error))
    _flush_errors()
    return 2


def _flush_errors() -> None:
    try:
        sys.stderr.flush()
    except OSError:
        # As above: there is no way left to report it.
        _lose(sys.stderr)


def _lose(stream: TextIO) -> None:
    """Drop what could not be written and what follows."""
    recording.give_up()
    drop(stream)


_chosen = "auto"


def choose_colour(choice: str) -> None:
    """Remember what `--color` says: "always", "never" or "auto"."""
    global _chosen
    _chosen = choice


def style_for(stream: TextIO, environment: Mapping[str, str]) -> Style:
    """Return the style for `stream`.

    It depends on `--color`, then NO_COLOR, then FORCE_COLOR or CLICOLOR_FORCE, then on whether it is a terminal.
    """
    if _chosen != "auto":
        return Style(_chosen == "always")
    if environment.get("NO_COLOR"):
        return Style(False)
    if environment.get("FORCE_COLOR", "0") not in {"", "0"} or environment.get("CLICOLOR_FORCE", "0") not in {"", "0"}:
        return Style(True)
    return Style(is_terminal(stream) and environment.get("TERM") != "dumb")


def output_style(links: str = "never") -> Style:
    """Return the style for standard output; `links` is the value of `--hyperlinks`."""
    style = style_for(sys.stdout, os.environ)
    return Style(style.colour, links_on(sys.stdout, os.environ, links))


# Terminals that support OSC 8 links, recognised by the variables that they set.
_LINKING = ("WT_SESSION", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "DOMTERM", "WEZTERM_PANE", "GHOSTTY_RESOURCES_DIR")
_LINKING_PROGRAMS = frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio", "zed"})
_VTE = 5000
"""GNOME's terminals support links since 0.50."""


def links_on(stream: TextIO, environment: Mapping[str, str], choice: str = "auto") -> bool:
    """Say whether to write links: as `--hyperlinks` says, else if the terminal is known to support them.

    FORCE_HYPERLINK decides for all programs, including on terminals that are not known here.
    """
    if choice != "auto":
        return choice == "always"
    if "FORCE_HYPERLINK" in environment:
        return environment["FORCE_HYPERLINK"] not in {"", "0"}
    if not is_terminal(stream) or environment.get("TERM") == "dumb" or environment.get("CI"):
        return False
    version = environment.get("VTE_VERSION", "")
    return (
        any(environment.get(name) for name in _LINKING)
        or environment.get("TERM_PROGRAM", "") in _LINKING_PROGRAMS
        or (version.isascii() and version.isdigit() and int(version) >= _VTE)
    )


def is_terminal(stream: TextIO) -> bool:
    """Say whether the stream is a terminal."""
    try:
        return stream.isatty()
    except ValueError:
        # The stream is closed.
        return False


def columns(otherwise: int, stream: TextIO | None = None) -> int:
    """Return the width of standard output (or of another stream).

    It is `otherwise` if that is not a terminal, so that logs do not depend on a window.
    """
    stream = stream or sys.stdout
    if not is_terminal(stream):
        return otherwise
    try:
        wide = os.get_terminal_size(stream.fileno()).columns
    except OSError:
        return otherwise
    # Some terminals say 0, because they do not know.
    return max(wide, _NARROWEST) if wide else otherwise
