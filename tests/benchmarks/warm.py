"""What the second run of each command costs, against warm `lint -v`: processor seconds, the best of three.

`lint` without `-v` only prints again what it printed before.

    python tests/benchmarks/warm.py WIKI... [--python PYTHON]

Each WIKI is copied into a new git repository with one commit; one page is then changed and staged. A command runs once
to fill the cache and is measured after that.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMANDS = (
    ("lint", "-v"),
    ("lint",),
    ("lint", "--index", "git"),
    ("lint", "--staged"),
    ("lint", "--changed"),
    ("lint", "--new-since", "HEAD"),
    ("backfill", "--check"),
    ("backfill", "--check", "PAGE"),
    ("cite",),
    ("cite", "PAGE"),
)
_GIT = ("git", "-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "core.autocrlf=false")


def make_repository(wiki: Path, folder: Path) -> tuple[Path, str]:
    """Copy a wiki into a repository with one commit, change and stage a page; return its root and a page's path."""
    root = folder / "wiki"
    shutil.copytree(wiki, root, ignore=shutil.ignore_patterns(".git"), symlinks=True)
    for arguments in (("init", "-q"), ("add", "-A", "-f"), ("commit", "-q", "-m", "All")):
        subprocess.run((*_GIT, *arguments), cwd=root, check=True)
    pages = sorted(str(path.relative_to(root)) for path in root.rglob("*.md"))
    changed, page = pages[len(pages) // 2], pages[len(pages) // 3]
    with (root / changed).open("a", encoding="utf-8") as file:
        file.write("\nOne more line.\n")
    subprocess.run((*_GIT, "add", "-f", changed), cwd=root, check=True)
    # A file that is as young as the run is read again by the next one.
    time.sleep(2.5)
    return root, page


def run(python: str, root: Path, cache: Path, arguments: tuple[str, ...]) -> float:
    """Run a command in the wiki and return the processor time that it took, with its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "WIKITOOLS_CACHE_DIR": str(cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        (python, "-m", "wikitools", *arguments), cwd=root, env=environment, capture_output=True, check=False
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{arguments}: {done.stderr.decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(python: str, wiki: Path) -> None:
    """Print the table of one wiki."""
    with tempfile.TemporaryDirectory() as folder:
        root, page = make_repository(wiki, Path(folder))
        count = sum(1 for _page in root.rglob("*.md"))
        print(f"\n{wiki.name}: {count:,} pages\n\n{'command':<24} {'first':>7} {'second':>7} {'/ lint':>7}", flush=True)
        lint = 0.0
        for command in COMMANDS:
            arguments = tuple(page if each == "PAGE" else each for each in command)
            first = run(python, root, Path(folder) / "cache", arguments)
            second = min(run(python, root, Path(folder) / "cache", arguments) for _ in range(3))
            lint = lint or second
            print(f"{' '.join(command):<24} {first:>7.2f} {second:>7.2f} {second / lint:>7.1f}", flush=True)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wikis", type=Path, nargs="+", metavar="WIKI")
    parser.add_argument("--python", default=sys.executable)
    options = parser.parse_args()
    for wiki in options.wikis:
        measure(options.python, wiki)


if __name__ == "__main__":
    main()
