"""A wiki in a repository, and git to change it with."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Git = "Callable[..., str]"

Call = "Callable[..., tuple[int, list[tuple[str, str, str]], str]]"

PAGES = {
    "index.md": "# Index\n\nSee [[alpha]], [[beta#Methods]] and [[gamma]].\n",
    "alpha.md": "# Alpha\n\nSee [[index]].\n",
    "beta.md": "# Beta\n\n## Methods\n\nSee [[index]].\n",
    "gamma.md": "# Gamma\n\nSee [[index]] and [[nowhere]].\n",
}


def git_in(folder: Path, *arguments: str) -> str:
    """Run git, which must succeed, and return what it says."""
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True, errors="surrogateescape"
    ).stdout.strip()


def write(folder: Path, texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def commit(folder: Path, message: str = "change", **texts: str) -> str:
    """Commit everything in the folder; return the commit."""
    git_in(folder, "add", "-A")
    git_in(folder, "commit", "-q", "-m", message)
    return git_in(folder, "rev-parse", "HEAD")


def found_in(output: str) -> list[tuple[str, str, str]]:
    if not output:
        return []
    return [(each["path"], each["rule"], each["subject"]) for each in json.loads(output)["diagnostics"]]


OLD = ("gamma.md", "broken-wikilink", "nowhere")
