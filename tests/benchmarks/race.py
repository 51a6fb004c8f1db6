"""Times wikitools, rumdl and lychee, in turn in one run, and prints the ratios for each wiki and a table of them all.

    python tests/benchmarks/race.py WIKI... [--runs 5] [--rumdl PATH] [--lychee PATH] [--wikitools PATH]
    python tests/benchmarks/race.py --synthetic 10000

Each tool does its link checks: wikitools the groups links and anchors; rumdl MD051 and MD057; lychee offline, with
fragments and wikilinks. Each wiki is copied, as for "one page changed" a page of it is written before each run. Seconds
and MiB are medians; memory is the peak of the largest process. "Warm" is the second of two runs between which nothing
changed, the first two seconds after the last change: a younger file is read again. The last lines are the table of
docs/performance.md. A peer that is not installed is left out, and the output says so. The first round, which does not
count, compiles the packages. `--synthetic` makes three wikis, one of each kind of `synthetic.py`.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from synthetic import KINDS, make_wiki

if TYPE_CHECKING:
    from collections.abc import Callable

LINKS = ("--select", "links,anchors")
YOUNG = 2.1
"""Seconds after which a file is old enough to be known by its time."""
REPORT = ("--exit-zero", "--output-format", "json")

GOALS = (
    ("wikitools warm", "rumdl warm", 0.8),
    ("wikitools one page changed", "rumdl cold", 0.5),
    ("wikitools cold", "lychee", 1.5),
    ("wikitools cold", "rumdl cold", 2.0),
)
"""A run, the run that it is compared with, and the ratio to beat."""
COLUMNS = (
    "wikitools cold",
    "wikitools one page changed",
    "wikitools warm",
    "rumdl cold",
    "rumdl warm",
    "lychee",
)
"""The runs whose seconds are in the table."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One run: seconds on the clock, seconds of all processors, peak MiB."""

    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True, slots=True)
class Run:
    """What is run, and what happens before."""

    command: tuple[str, ...]
    prepare: Callable[[], None] = lambda: None


def measure(command: tuple[str, ...], folder: Path) -> Figures:
    """Run a command and throw away what it prints."""
    began = time.perf_counter()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _pid, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    return Figures(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def runs_on(wiki: Path, caches: Path, wikitools: str, rumdl: str | None, lychee: str | None) -> dict[str, Run]:
    """Return all runs on a wiki that may be written to."""
    dice = random.Random(20)
    pages = sorted(path for path in wiki.rglob("*.md") if path.is_file())

    def change() -> None:
        with dice.choice(pages).open("a", encoding="utf-8") as page:
            page.write(f"\n\nwritten {dice.random()}\n")

    def after_itself(*command: str) -> Run:
        def settle() -> None:
            time.sleep(YOUNG)
            measure(command, wiki)

        return Run(command, settle)

    ours, cache = (wikitools, "lint"), ("--cache-dir", str(caches / "ours"))
    found = {
        "wikitools cold": Run((*ours, *LINKS, *REPORT, "--no-cache", ".")),
        "wikitools warm": after_itself(*ours, *LINKS, *REPORT, *cache, "."),
        "wikitools one page changed": Run((*ours, *LINKS, *REPORT, *cache, "."), change),
        "wikitools all rules cold": Run((*ours, *REPORT, "--no-cache", ".")),
    }
    if rumdl is not None:
        theirs = (rumdl, "check", "--no-config", "-e", "MD051,MD057")
        found["rumdl cold"] = Run((*theirs, "--no-cache", "."))
        found["rumdl warm"] = after_itself(*theirs, "--cache-dir", str(caches / "rumdl"), ".")
    if lychee is not None:
        options = ("--offline", "--no-progress", "--include-fragments", "--include-wikilinks", "--format", "json")
        address = ("--base-url", f"{wiki}/", "--fallback-extensions", "md")
        found["lychee"] = Run((lychee, *options, *address, "."))
    return found


def race(wiki: Path, rounds: int, programs: tuple[str, str | None, str | None]) -> dict[str, Figures]:
    """Return the medians of all runs, taken in turn, each after one that does not count."""
    with tempfile.TemporaryDirectory(prefix="wikitools-race-") as caches:
        runs = runs_on(wiki, Path(caches), *programs)
        taken: dict[str, list[Figures]] = {name: [] for name in runs}
        for number in range(rounds + 1):
            for name, run in runs.items():
                run.prepare()
                figures = measure(run.command, wiki)
                if number:
                    taken[name].append(figures)
    return {
        name: Figures(
            *(statistics.median(column) for column in zip(*((f.wall, f.cpu, f.memory) for f in each), strict=True))
        )
        for name, each in taken.items()
    }


def show(name: str, wiki: Path, figures: dict[str, Figures]) -> str:
    """Print seconds and MiB of each run, and each ratio with its goal; return the wiki's row of the table."""
    sizes = [path.stat().st_size for path in wiki.rglob("*.md") if path.is_file()]
    print(f"\n{name}: {len(sizes):,} pages, {sum(sizes) / 1e6:.1f} MB\n{'':28} {'wall s':>8} {'cpu s':>8} {'MiB':>6}")
    for run, each in figures.items():
        print(f"{run:28} {each.wall:8.2f} {each.cpu:8.2f} {each.memory:6.0f}")
    speed = sum(sizes) / 1e6 / figures["wikitools all rules cold"].cpu
    print(f"all rules, cold: {speed:.2f} MB per processor second")
    cells = [name, f"{len(sizes):,}", f"{sum(sizes) / 1e6:.1f}"]
    cells += [f"{figures[run].wall:.2f} ({figures[run].cpu:.2f})" if run in figures else "" for run in COLUMNS]
    for ours, theirs, goal in GOALS:
        cells.append("")
        if theirs in figures:
            wall = figures[ours].wall / figures[theirs].wall
            cpu = figures[ours].cpu / figures[theirs].cpu
            verdict = "reached" if max(wall, cpu) <= goal else "missed"
            print(f"{ours} / {theirs}: {wall:.2f} (processor {cpu:.2f}); goal {goal}: {verdict}", flush=True)
            cells[-1] = f"{wall:.2f} ({cpu:.2f})"
    return f"| {' | '.join((*cells, f'{speed:.1f}', f'{figures[COLUMNS[0]].memory:.0f}'))} |"


def heading() -> str:
    """Return the first two lines of the table."""
    ratios = (f"{ours} / {theirs}, goal {goal}" for ours, theirs, goal in GOALS)
    cells = ("wiki", "pages", "MB", *COLUMNS, *ratios, "all rules, MB per processor second", "peak MiB")
    return f"| {' | '.join(cells)} |\n|---|{'---:|' * (len(cells) - 1)}".replace("wikitools ", "")


def main() -> int:
    """Race on copies of wikis, and on synthetic ones."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("wikis", type=Path, nargs="*", metavar="WIKI")
    parser.add_argument("--synthetic", type=int, metavar="PAGES", help="make wikis of so many pages")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--wikitools", default=shutil.which("wikitools"))
    parser.add_argument("--rumdl", default=shutil.which("rumdl"))
    parser.add_argument("--lychee", default=shutil.which("lychee"))
    options = parser.parse_args()
    if options.wikitools is None or not (options.wikis or options.synthetic):
        parser.error("give a wiki or --synthetic, and install wikitools or say where it is")
    for name in ("rumdl", "lychee"):
        if getattr(options, name) is None:
            print(f"{name} is not installed: left out")
    rows = [heading()]
    for source in (*options.wikis, *(sorted(KINDS) if options.synthetic else ())):
        with tempfile.TemporaryDirectory(prefix="wikitools-race-") as folder:
            wiki = Path(folder).resolve() / "wiki"
            if isinstance(source, Path):
                shutil.copytree(source, wiki, symlinks=True)
            else:
                make_wiki(wiki, pages=options.synthetic, kind=source)
            name = source.name if isinstance(source, Path) else f"`{source}`"
            rows.append(show(name, wiki, race(wiki, options.runs, (options.wikitools, options.rumdl, options.lychee))))
    print("\nSeconds on the clock (of all processors), and their ratios:\n", *rows, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
