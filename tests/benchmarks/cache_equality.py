"""Compare what runs with the cache say with what runs without say, on real wikis and after random edits of them.

Usage: python tests/benchmarks/cache_equality.py [--edits N] WIKI...

Each wiki is copied; `lint`, `cite` and `backfill --diff` run without the cache, with an empty one and with a full one,
and so again after each of N edits (a page changed, deleted, renamed). Exit code 1 when any output differs by a byte.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

COMMANDS = (
    ("lint", "--select", "ALL", "--exit-zero", "--output-format", "json"),
    ("lint", "--exit-zero", "--output-format", "full"),
    ("lint", "--select", "links,anchors", "--exit-zero", "--output-format", "concise"),
    ("cite", "--output-format", "json"),
    ("backfill", "--diff"),
    ("backfill", "--check", "--json"),
)


def said(command: tuple[str, ...], wiki: Path, *cache: str) -> tuple[int, bytes, bytes]:
    """Return exit code and output of a run."""
    program = [sys.executable, "-m", "wikitools", *command, "--no-progress", *cache, "."]
    done = subprocess.run(program, cwd=wiki, capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


def edit(wiki: Path, rng: random.Random) -> str:
    """Do to the wiki what people do between two runs, and say what."""
    page = rng.choice(sorted(path for path in wiki.rglob("*.md") if path.is_file() and not path.is_symlink()))
    match rng.randrange(4):
        case 0:
            page.unlink()
            return f"deleted {page.name}"
        case 1:
            page.rename(page.with_name(f"renamed {rng.randrange(1000)}.md"))
            return f"renamed {page.name}"
        case 2:
            lines = page.read_bytes().splitlines(keepends=True)
            page.write_bytes(b"".join(line for line in lines if rng.random() < 0.9))
            return f"lines taken out of {page.name}"
        case _:
            with page.open("ab") as file:
                file.write(b"\n## New heading\n\n[[Nowhere]], [x](gone.md#y) (Doe et al., 2020)\n")
            return f"lines added to {page.name}"


def compare(source: Path, edits: int) -> int:
    rng = random.Random(source.name)
    different = 0
    with tempfile.TemporaryDirectory() as place:
        wiki = Path(place) / "wiki"
        shutil.copytree(source, wiki, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        for step in range(edits + 1):
            what = edit(wiki, rng) if step else "as it is"
            for command in COMMANDS:
                expected = said(command, wiki, "--no-cache")
                runs = ("cold", "warm") if not step else ("after the edit", "warm")
                for run in runs:
                    if said(command, wiki, "--cache-dir", f"{place}/cache") != expected:
                        different += 1
                        print(f"{source.name}, {what}, {run}: {' '.join(command)} differs", file=sys.stderr)
    print(f"{source.name}: {edits + 1} states, {len(COMMANDS)} commands, 2 runs each; {different} different")
    return different


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("wikis", nargs="+", type=Path, metavar="WIKI")
    parser.add_argument("--edits", type=int, default=3, metavar="N")
    options = parser.parse_args()
    return 1 if sum(compare(wiki, options.edits) for wiki in options.wikis) else 0


if __name__ == "__main__":
    sys.exit(main())
