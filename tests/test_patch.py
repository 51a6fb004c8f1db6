"""Patches of `--diff`: git applies them, and the files are then what the command itself makes of them, to the byte."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest
from program import PROGRAM, environment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("git") is None, reason="needs git")]

EMPTY = "## Sources cited\n\n<!-- wikitools:sources -->\n<!-- /wikitools:sources -->\n"
NAMES = (
    "plain.md",
    "two  blanks .and.md",
    "ünïcödé 日本.md",
    " leading blank.md",
    "it's.md",
    "--- a.md",
    "a => b {c}.md",
)
NAMES_OF_POSIX = ('quoted "name".md', "back\\slash.md", "a\ttab.md", "bell\a.md", "zero\u200bwidth.md")


def tree(root: Path) -> dict[str, tuple[bytes, bool]]:
    """Return the content of each file, and whether it may be run."""
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), bool(path.stat().st_mode & stat.S_IXUSR))
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


def git(root: Path, *arguments: str, stdin: bytes = b"") -> None:
    done = subprocess.run(("git", *arguments), cwd=root, input=stdin, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    root = tmp_path / "wiki"
    (root / "notes").mkdir(parents=True)
    (root / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n')
    (root / "refs.bib").write_text("@book{shah2023, author = {Shah, Rohin}, title = {Goals}, year = {2023}}\n")
    text = f"# A page\n\n[[Old]], [x](Old.md#part) (Shah 2023)\n\n{EMPTY}"
    names = NAMES if os.name == "nt" else (*NAMES, *NAMES_OF_POSIX)
    for number, name in enumerate(names):
        ended = text if number % 2 else text.replace("\n", "\r\n")
        ended = ended if number % 3 else ended.rstrip("\r\n")
        mark = "\ufeff" if number % 4 == 1 else ""
        (root / "notes" / name).write_bytes(f"{mark}{ended}".encode())
    (root / "notes/plain.md").chmod(0o755)
    (root / "notes/Old.md").write_text("\ufeff# Part\r\n\r\n[[plain]] [y](<it's.md>) ", newline="")
    (root / "notes/empty.md").write_text("")
    (root / "notes/data.bin").write_bytes(bytes(range(256)))
    git(root, "init", "-q")
    git(root, "add", "-A")
    return root


COMMANDS = {
    "a page": ("rename", "notes/Old.md", 'sub folder/ä "new" name.md'),
    "an empty page": ("rename", "notes/empty.md", "blank name.md"),
    "an attachment": ("rename", "notes/data.bin", "data two.bin"),
    "a heading": ("rename", "Old#Part", "Pièce"),
    "a folder": ("rename", "notes/", "dé ep/er/"),
    "blocks": ("backfill",),
    "repairs": ("lint", "--fix", "--select", "stale-sources"),
}


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_git_makes_of_a_patch_what_the_command_makes(wiki: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    command = tuple(word.replace('"', "") for word in command)
    before = tree(wiki)
    copy = tmp_path / "copy"
    shutil.copytree(wiki, copy, symlinks=True)
    preview = [word for word in command if word != "--fix"]
    shown = subprocess.run(
        [*PROGRAM, *preview, "--diff", "-q"], cwd=wiki, env=environment(), check=False, capture_output=True
    )
    assert (shown.returncode, shown.stderr) == (1, b"")
    assert tree(wiki) == before
    git(wiki, "apply", "--check", "--index", "-", stdin=shown.stdout)
    git(wiki, "apply", "-", stdin=shown.stdout)
    done = subprocess.run([*PROGRAM, *command, "-q"], cwd=copy, env=environment(), check=False, capture_output=True)
    assert done.stderr == b""
    assert tree(wiki) == tree(copy) != before
    # One such line for each file, as git itself writes it.
    headers = [line for line in shown.stdout.split(b"\n") if line.startswith(b"diff --git ")]
    git(wiki, "add", "-A")
    listed = subprocess.run(
        ("git", "diff-files", "--name-only"), cwd=wiki, check=True, capture_output=True
    ).stdout.splitlines()
    assert listed == []
    changed = {path for path in before.keys() | tree(wiki).keys() if before.get(path) != tree(wiki).get(path)}
    moved = before.keys() - tree(wiki).keys()
    assert len(headers) == len(changed) - len(moved)


@pytest.mark.parametrize("command", [("backfill",), ("rename", "Old.md", "New.md")])
def test_a_patch_made_in_a_folder_below_is_applied_there(wiki: Path, command: tuple[str, ...]) -> None:
    """git reads paths in its own patches from the top of the repository, and leaves out what lies above its folder."""
    here = wiki / "notes"
    (wiki / "index.md").write_text("No link.\n")
    shown = subprocess.run(
        [*PROGRAM, *command, "--diff"], cwd=here, env=environment(), check=False, capture_output=True
    )
    assert shown.returncode == 1
    assert b"apply it there" not in shown.stderr
    before = tree(wiki)
    git(here, "apply", "-", stdin=shown.stdout)
    assert tree(wiki) != before
    assert {path for path in before if before[path] != tree(wiki).get(path)} <= {
        *map("notes/{}".format, os.listdir(here)),
        "notes/Old.md",
    }


def test_names_are_quoted_as_git_quotes_them(wiki: Path) -> None:
    """`git diff` and `--diff` name the same files in the same way."""
    shown = subprocess.run(
        [*PROGRAM, "rename", "notes/Old.md", "New.md", "--diff", "-q"],
        cwd=wiki,
        env=environment(),
        check=False,
        capture_output=True,
    )
    assert shown.returncode == 1
    marks = (b"diff --git ", b"--- ", b"+++ ", b"rename ")
    ours = {line for line in shown.stdout.split(b"\n") if line.startswith(marks)}
    git(wiki, "-c", "user.name=x", "-c", "user.email=x@y", "commit", "-qm", "x")
    git(wiki, "apply", "--index", "-", stdin=shown.stdout)
    theirs = subprocess.run(
        ("git", "-c", "core.quotePath=true", "diff", "--cached", "-M10"), cwd=wiki, check=True, capture_output=True
    ).stdout
    assert ours == {line for line in theirs.split(b"\n") if line.startswith(marks)}
