"""The wiki of the tests of `backfill`, and the command in a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

from program import PROGRAM, environment

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

BIBLIOGRAPHY = """\
@article{hubinger2019, author = {Hubinger, Evan and van Merwijk, Chris}, title = {Risks}, year = {2019},
  journal = {Machines}, url = {https://example.org/risks}}
@book{shah2023, author = {Shah, Rohin}, title = {Goals}, year = {2023}}
"""
EMPTY = "## Sources cited\n\n<!-- wikitools:sources -->\n<!-- /wikitools:sources -->\n"
BLOCK = re.compile(
    r"(?:## Sources cited\s+)?<!-- wikitools:sources(?: hash=[0-9a-f]{8})? -->.*?<!-- /wikitools:sources -->", re.S
)


def states(call: Call, *arguments: str) -> dict[str, str]:
    return {page["path"]: page["state"] for page in json.loads(call("backfill", "--json", *arguments)[1])["pages"]}


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def backfilled(folder: Path, *arguments: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [*before, *PROGRAM, "backfill", "-j", "1", *arguments]
    return subprocess.run(command, cwd=folder, env=environment(), check=False, capture_output=True, text=True)
