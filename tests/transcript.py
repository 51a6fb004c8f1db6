"""Transcripts: commands with what they print, as a reader sees them, run and compared.

A transcript is a `.console` file, or the fenced blocks of a page of the docs:

    $ command             a line for bash; lines that go on start with `> `
    what it prints        standard output and standard error together
    ?1                    its exit code, when that is not 0

On a page, a block that says `console` holds such lines. A block below a line that names a file, in backticks and with a
colon, is written there when its turn comes. `python tests/transcript.py FILE...` runs transcripts and writes down what
came out.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

REPOSITORY = Path(__file__).parent.parent
PRETTIER = REPOSITORY / "tests/formatters/node_modules/prettier/bin/prettier.cjs"
HOME = "/home/ada/wiki"
"""What the folder is called in transcripts: its own path is another one in each run."""

_FENCE = re.compile(r"^(?:`(?P<file>[^`\n]+)`:\n\n)?(?P<fence>`{3,})(?P<kind>[\w-]*)[^\n`]*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """A file to write, or commands to run; `start` and `end` are the range of their text in the transcript."""

    start: int
    end: int
    file: str = ""


def steps(text: str, *, page: bool) -> list[Step]:
    """Return what a transcript does, in order."""
    if not page:
        return [Step(0, len(text))]
    found, place = [], 0
    while (opening := _FENCE.search(text, place)) is not None:
        closing = re.compile(rf"^{opening['fence']}`*[ \t]*$", re.MULTILINE).search(text, opening.end())
        end = closing.start() if closing else len(text)
        if opening["file"] or opening["kind"] == "console":
            found.append(Step(opening.end(), end, opening["file"] or ""))
        place = closing.end() if closing else end
    return found


def commands(text: str) -> list[str]:
    """Return the commands of a transcript, without their output."""
    found: list[str] = []
    going = False
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append(line[2:])
        elif going and (line.startswith("> ") or line == ">"):
            found[-1] += "\n" + line[2:]
        going = line.startswith("$ ") or (going and line.startswith(">"))
    return found


def run(text: str, folder: Path, *, page: bool = False, variables: Mapping[str, str] | None = None) -> str:
    """Run a transcript in `folder` and return it with what its commands printed."""
    pieces, place, state = [], 0, ""
    for step in steps(text, page=page):
        pieces.append(text[place : step.start])
        place = step.end
        if step.file:
            target = folder / step.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text[step.start : step.end], encoding="utf-8", newline="\n")
            pieces.append(text[step.start : step.end])
            continue
        printed, state = _shell(commands(text[step.start : step.end]), folder, variables or {}, state)
        pieces.append(printed)
    return "".join(pieces) + text[place:]


_END = "--end of a command--"


def _shell(lines: list[str], folder: Path, variables: Mapping[str, str], before: str) -> tuple[str, str]:
    """Run commands in one shell, which starts as the last one ended; return the transcript and how this one ends."""
    script = before
    for line in lines:
        script += f"{line}\nprintf '\\n{_END} %d\\n' $?\n"
    script += "declare -p PATH; printf 'cd %q\\n' \"$PWD\"\n"
    # Typed in, as by a reader: the file that bash reads is not the standard input of its commands.
    with tempfile.NamedTemporaryFile("w", suffix=".sh", encoding="utf-8") as file:
        file.write(script)
        file.flush()
        done = subprocess.run(
            ("bash", "--norc", file.name),
            cwd=folder,
            env={**_environment(folder), **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
            check=False,
            encoding="utf-8",
        )
    *outputs, state = re.split(rf"\n{_END} (?P<code>\d+)\n", done.stdout)
    shown = ""
    for line, output, code in zip(lines, outputs[::2], outputs[1::2], strict=True):
        shown += "$ " + line.replace("\n", "\n> ").replace("\n> \n", "\n>\n") + "\n"
        if output:
            shown += output.replace(str(folder), HOME).rstrip("\n") + "\n"
        if code != "0":
            shown += f"?{code}\n"
    return re.sub(r"[ \t]+$", "", shown, flags=re.MULTILINE), state


def _environment(folder: Path) -> dict[str, str]:
    """Return the variables of a reader without any settings of their own, who works in `folder`."""
    python = shlex.quote(sys.executable)
    tools = folder.parent / "bin"
    for name, command in {
        "python3": f"exec {python}",
        "wikitools": f"PYTHONPATH={shlex.quote(str(REPOSITORY))} exec {python} -m wikitools",
        "pre-commit": f"exec {python} -m pre_commit",
        "prettier": f"exec node {shlex.quote(str(PRETTIER))}",
    }.items():
        tools.mkdir(exist_ok=True)
        (tools / name).write_text(f'#!/bin/sh\n{command} "$@"\n')
        (tools / name).chmod(0o755)
    return {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder.parent),
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        "TZ": "UTC",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        # The same commits in each run have the same names.
        "GIT_DEFAULT_HASH": "sha1",
        **{f"GIT_{who}_{what}": said for who in ("AUTHOR", "COMMITTER") for what, said in _IDENTITY.items()},
        # Worker processes would cost more than a handful of pages brings.
        "WIKITOOLS_JOBS": "1",
    }


_IDENTITY = {"NAME": "ada", "EMAIL": "ada@example.org", "DATE": "2026-01-01T00:00:00Z"}


def wheel(work: Path) -> dict[str, str]:
    """Build the wheel; return the variables with which `pip install "$WIKITOOLS"` installs it without a network.

    What it depends on is lent by this environment: links to its packages, without what pip would take for installed.
    """
    command = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(work / "wheel"))
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, timeout=300)
    lent = work / "lent"
    lent.mkdir()
    for folder in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for package in Path(folder).iterdir():
            if package.suffix not in (".dist-info", ".pth") and package.name not in ("pip", "setuptools", "wikitools"):
                (lent / package.name).symlink_to(package)
    return {
        "WIKITOOLS": str(next((work / "wheel").glob("*.whl"))),
        "PYTHONPATH": str(lent),
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def main() -> int:
    """Run the transcripts that are named, and write down what came out."""
    for name in sys.argv[1:]:
        file = Path(name)
        text = file.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as work:
            folder = Path(work, "wiki")
            if (file.parent / "wiki").is_dir():
                shutil.copytree(file.parent / "wiki", folder)
            else:
                folder.mkdir()
            variables = wheel(Path(work)) if "$WIKITOOLS" in text else {}
            text = run(text, folder, page=file.suffix == ".md", variables=variables)
        file.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
