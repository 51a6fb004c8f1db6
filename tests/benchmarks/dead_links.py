"""What dead links cost: a cold `lint` of a wiki with broken links, compared with the same wiki without any.

    python tests/benchmarks/dead_links.py [--pages 5000] [--dead 3200] [--runs 3] [--profile]

The dead links have different targets: a third are one typo away from a page's name, the others are words of which no
page has all. Prints the processor time of all processes, the least of some runs. With `--profile` the wiki with dead
links is checked once in this process, and the functions that take most of the time are printed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

import synthetic
from scale import ALL, measure

from wikitools.config import Settings
from wikitools.lint.policy import Policy
from wikitools.project.checking import check


def make(folder: Path, *, pages: int, dead: int, alive: bool) -> None:
    """Write the wiki; if `alive`, the links that would be dead point to pages."""
    wiki = synthetic.SyntheticWiki(pages, 1, synthetic.make_words(1, 2000))
    dice = random.Random("dead links")
    numbers = [number * pages // dead for number in range(dead)]
    added: dict[int, list[str]] = {}
    for place, number in enumerate(numbers):
        name = wiki.name(dice.randrange(pages))
        wrong = _mistyped(name, dice) if place % 3 == 0 else f"{' '.join(dice.choices(wiki.words.words, k=3))} {place}"
        added.setdefault(number, []).append(name if alive else wrong)
    (folder / "references.bib").write_text(wiki.bibliography())
    for number in range(pages):
        file = folder / wiki.path(number)
        file.parent.mkdir(parents=True, exist_ok=True)
        more = "".join(f"\nMore of it is in [[{name}]].\n" for name in added.get(number, ()))
        file.write_text(wiki.page(number) + more)


def _mistyped(name: str, dice: random.Random) -> str:
    """Return a name with one letter twice."""
    at = dice.randrange(1, len(name.partition(" ")[0]))
    return f"{name[:at]}{name[at]}{name[at:]}"


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--dead", type=int, default=3200)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    synthetic.BROKEN = 0.0
    with tempfile.TemporaryDirectory(prefix="wikitools-dead-") as home:
        took = []
        for alive in (True, False):
            folder = Path(home, "alive" if alive else "dead")
            folder.mkdir()
            make(folder, pages=options.pages, dead=options.dead, alive=alive)
            if options.profile and not alive:
                profile(folder)
            command = [sys.executable, "-m", "wikitools", *ALL, "--no-cache", "."]
            runs = [measure(command, folder) for _ in range(options.runs)]
            took.append(min(cpu for _wall, cpu, _memory in runs))
            print(f"{folder.name}: {took[-1]:.2f} s of processor time", flush=True)
    print(f"{options.dead} dead links cost {took[1] - took[0]:.2f} s more, {took[1] / took[0]:.2f} times")
    return 0


def profile(folder: Path) -> None:
    """Check a wiki in this process, and print what takes the time."""
    import cProfile
    import pstats

    profiler = cProfile.Profile()
    profiler.runcall(check, Settings(root=folder), Policy(), jobs=1)
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(70)


if __name__ == "__main__":
    sys.exit(main())
