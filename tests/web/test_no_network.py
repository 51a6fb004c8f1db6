"""Commands that work on the wiki alone never touch the network: any attempt ends the program."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import program
import pytest

FIXTURE = Path(__file__).parents[2] / "fixtures/wiki-mesa"
# An audit hook hears of every look-up and connection, also of those made in C, and forked workers inherit it.
WATCHED = """
import os, sys
def hook(event, _arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.bind"}:
        os.write(2, f"network: {event}\\n".encode())
        os._exit(97)
sys.addaudithook(hook)
from wikitools.__main__ import main
sys.argv = ["wikitools", *sys.argv[1:]]
try:
    code = main()
finally:
    if {"httpx", "httpcore", "anyio"} & sys.modules.keys():
        os.write(2, b"network: loaded what speaks HTTP\\n")
        os._exit(98)
sys.exit(code)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["lint", "--select", "ALL", "--exit-zero"],
        ["lint", "--select", "ALL", "--exit-zero", "--no-cache", "-j", "2"],
        ["lint", "--fix", "--exit-zero"],
        ["backfill", "--init"],
        ["backfill"],
        ["backfill", "--check"],
        ["cite", "--unmatched"],
        ["bib", "check", "--exit-zero"],
        ["bib", "list"],
        ["rename", "scheming", "plotting"],
        ["baseline", "create"],
        ["explain", "broken-wikilink"],
        ["config", "show"],
        ["cache", "clean", "--web"],
    ],
    ids=" ".join,
)
def test_no_command_on_the_wiki_opens_a_socket(command: list[str], tmp_path: Path) -> None:
    shutil.copytree(FIXTURE, tmp_path / "wiki")
    ended = subprocess.run(
        [sys.executable, "-c", WATCHED, *command],
        cwd=tmp_path / "wiki",
        env=program.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "network:" not in ended.stderr
    assert ended.returncode in {0, 1}, ended.stderr


@pytest.mark.slow
def test_the_watch_hears_a_look_up(tmp_path: Path) -> None:
    """The test above would notice: a command that uses the network ends at once."""
    shutil.copytree(FIXTURE, tmp_path / "wiki")
    ended = subprocess.run(
        [sys.executable, "-c", WATCHED, "bib", "add", "10.1038/nature14539"],
        cwd=tmp_path / "wiki",
        env=program.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 97, ended.stderr
