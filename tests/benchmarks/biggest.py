"""Prints the ten functions of wikitools that take the most time of a run, as the table of docs/performance.md.

    python tests/benchmarks/biggest.py WIKI [--python PYTHON]

Shares are of all that `cProfile` counts in one process, each function without what it calls: links and anchors cold,
all default rules cold, links with nothing changed and with one page changed, and `--staged` with all default rules. The
WIKI is copied.
"""

from __future__ import annotations

import argparse
import os
import pstats
import subprocess
import sys
import tempfile
from itertools import zip_longest
from pathlib import Path

from warm import make_repository

LINKS = ("--select", "links,anchors")
RUNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("links, cold", (*LINKS, "--no-cache")),
    ("all rules, cold", ("--no-cache",)),
    ("nothing changed", LINKS),
    ("one page changed", LINKS),
    ("`--staged`", ("--staged",)),
)
PROFILED = "import cProfile, sys; from wikitools.__main__ import main; cProfile.run('main()', sys.argv.pop())"
MOST, LEAST = 10, 0.005


def lint(start: tuple[str, ...], root: Path, options: tuple[str, ...], *end: str) -> None:
    """Run `lint` in the wiki, in one process; only the same environment leads to a replay."""
    environment = {**os.environ, "WIKITOOLS_JOBS": "1", "WIKITOOLS_CACHE_DIR": str(root.parent / "cache")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = (*start, "lint", *options, "--exit-zero", "--output-format", "json", ".", *end)
    subprocess.run(command, cwd=root, env=environment, capture_output=True, check=True)


def profile(python: str, root: Path, options: tuple[str, ...]) -> list[str]:
    """Return the biggest functions of one run, each as a cell with its share."""
    told = root.parent / "profile"
    lint((python, "-c", PROFILED), root, options, str(told))
    stats = pstats.Stats(str(told))
    own = {place: row[2] for place, row in stats.stats.items() if "/wikitools/" in place[0]}  # type: ignore[attr-defined]
    whole = stats.total_tt  # type: ignore[attr-defined]
    told.unlink()
    biggest = [place for place in sorted(own, key=lambda place: -own[place])[:MOST] if own[place] >= whole * LEAST]
    return [f"`{Path(place[0]).name}`: `{place[2]}` | {100 * own[place] / whole:.1f}" for place in biggest]


def main() -> None:
    """Profile all runs, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wiki", type=Path, metavar="WIKI")
    parser.add_argument("--python", default=sys.executable)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root, page = make_repository(options.wiki, Path(folder))
        columns: list[list[str]] = []
        for name, arguments in RUNS:
            if "cold" not in name:
                lint((options.python, "-m", "wikitools"), root, arguments)  # to fill the cache
            if name == "one page changed":
                with (root / page).open("a", encoding="utf-8") as file:
                    file.write("\nOne more line.\n")
            columns.append(profile(options.python, root, arguments))
    print("|", " | % | ".join(name for name, _ in RUNS), "| % |")
    print("|---|---:" * len(RUNS), "|", sep="")
    for row in zip_longest(*columns, fillvalue=" | "):
        print("|", " | ".join(row), "|")


if __name__ == "__main__":
    main()
