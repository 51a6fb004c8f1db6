"""Runs wikitools on synthetic wikis of growing size, and shows what a page costs in time and memory.

    python tests/benchmarks/scale.py [--sizes 1000,10000,100000] [--runs 3] [--json FILE] [--plot FILE.svg]
    python tests/benchmarks/scale.py --from FILE [--plot FILE.svg]

Each size is measured cold (`--no-cache`), warm (from a cache that the run before filled) and with one changed page.
Times are medians; a page's is processor time of all processes, which a busy machine changes less than the wall clock's.
Memory is the peak of the largest process. The plot needs matplotlib (the dependency group `bench`).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from synthetic import make_wiki

LINKS = ("lint", "--select", "links,anchors", "--exit-zero", "--output-format", "json")
ALL = ("lint", "--exit-zero", "--output-format", "json")


@dataclass(frozen=True, slots=True)
class Figures:
    """One way to run on one wiki: seconds and MiB."""

    pages: int
    run: str
    wall: float
    cpu: float
    memory: float

    @property
    def cpu_a_page(self) -> float:
        """Microseconds."""
        return self.cpu / self.pages * 1e6

    @property
    def memory_a_page(self) -> float:
        """KiB."""
        return self.memory / self.pages * 1024


def measure(command: list[str], folder: Path) -> tuple[float, float, float]:
    """Return wall seconds, CPU seconds and peak MiB of a command; raises `RuntimeError` when it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    words = process.stderr.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {words.decode(errors='replace')}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure_size(pages: int, *, runs: int, seed: int) -> list[Figures]:
    """Return what the runs cost on a wiki of `pages` pages."""
    home = Path(tempfile.mkdtemp(prefix="wikitools-scale-"))
    try:
        wiki = home / "wiki"
        size = make_wiki(wiki, pages=pages, seed=seed)
        print(f"{pages:,} pages, {size / 1e6:.0f} MB", file=sys.stderr)
        page = min(wiki.rglob("*.md"))
        program = [sys.executable, "-m", "wikitools"]
        kept = ["--cache-dir", str(home / "cache")]
        found = []
        for name, command in (
            ("links and anchors, cold", [*program, *LINKS, "--no-cache", "."]),
            ("all rules, cold", [*program, *ALL, "--no-cache", "."]),
            ("links and anchors, warm", [*program, *LINKS, *kept, "."]),
            ("links and anchors, one page changed", [*program, *LINKS, *kept, "."]),
        ):
            if "--no-cache" not in command:
                measure(command, wiki)
            taken = []
            for run in range(runs):
                if "changed" in name:
                    with page.open("a", encoding="utf-8") as file:
                        file.write(f"\nOne more line, number {run}.\n")
                taken.append(measure(command, wiki))
            found.append(Figures(pages, name, *(statistics.median(each) for each in zip(*taken, strict=True))))
        return found
    finally:
        shutil.rmtree(home, ignore_errors=True)


def render(figures: list[Figures]) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        "| run | pages | wall s | CPU s | MiB | CPU µs a page | KiB a page |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for each in sorted(figures, key=lambda each: (each.run, each.pages)):
        lines.append(
            f"| {each.run} | {each.pages:,} | {each.wall:.2f} | {each.cpu:.2f} | {each.memory:.0f} "
            f"| {each.cpu_a_page:.0f} | {each.memory_a_page:.1f} |"
        )
    return "\n".join(lines)


def plot(figures: list[Figures], place: Path) -> None:
    """Write the growth of processor time and memory as an SVG; both axes are logarithmic."""
    import matplotlib

    matplotlib.use("svg")
    # No random ids and no date: the same figures make the same file.
    matplotlib.rcParams["svg.hashsalt"] = "wikitools"
    from matplotlib import pyplot

    _figure, axes = pyplot.subplots(1, 2, figsize=(10, 4), layout="constrained")
    runs = sorted({each.run for each in figures})
    for run in runs:
        points = sorted((each.pages, each.cpu, each.memory) for each in figures if each.run == run)
        axes[0].plot([each[0] for each in points], [each[1] for each in points], marker="o", label=run)
        axes[1].plot([each[0] for each in points], [each[2] for each in points], marker="o", label=run)
    for axis, words in zip(axes, ("CPU seconds", "peak MiB"), strict=True):
        axis.set(xscale="log", yscale="log", xlabel="pages", ylabel=words)
        axis.grid(visible=True, which="both", alpha=0.2)
    axes[0].legend(fontsize="small")
    pyplot.savefig(place, metadata={"Date": None})


def main() -> int:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="known", type=Path, help="show figures that were measured before")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    figures: list[Figures] = []
    if options.known:
        figures = [Figures(**each) for each in json.loads(options.known.read_text(encoding="utf-8"))]
    for size in () if options.known else options.sizes.split(","):
        figures += measure_size(int(size), runs=options.runs, seed=options.seed)
        print(render([each for each in figures if each.pages == int(size)]), flush=True)
    print("\n" + render(figures))
    if options.json:
        options.json.write_text(json.dumps([asdict(each) for each in figures], indent=1) + "\n", encoding="utf-8")
    if options.plot:
        plot(figures, options.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
