"""What finding out which engine would suit better costs: its share of the processor time of a cold run.

    python tests/benchmarks/misfit_cost.py [--pages 10000] [--links 137000] [--engine obsidian] [WIKI]

Without WIKI, one is made: so many wikilinks, all of which lead to a page, and 30 Markdown links, of which 23 lead
nowhere. The share should stay below 5 %.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from wikitools.config import Settings
from wikitools.lint.policy import Policy
from wikitools.project.checking import check
from wikitools.wiki.engine_fit import KINDS

MARKDOWN_LINKS, DEAD = 30, 23


def make(folder: Path, pages: int, links: int) -> None:
    """Write the wiki."""
    each = links // pages
    for number in range(pages):
        targets = (f"topic {(number * 7 + step * 31) % pages}" for step in range(each))
        lines = "".join(f"Some words about it, and more in [[{target}]] on that.\n\n" for target in targets)
        if (
            number % max(1, pages // MARKDOWN_LINKS) == 0
            and (place := number * MARKDOWN_LINKS // pages) < MARKDOWN_LINKS
        ):
            lines += f"See [it](gone-{place}.md).\n" if place < DEAD else f"See [it](<topic {number}.md>).\n"
        (folder / f"topic {number}.md").write_text(f"# Topic {number}\n\n{lines}")


def measure(root: Path, engine: str) -> None:
    """Check a wiki without a cache, in one process, and print what the question takes."""
    start = time.process_time()
    checked = check(Settings(root=root, engine=engine), Policy(), jobs=1)
    middle = time.process_time()
    found = checked.misfit(KINDS)
    end = time.process_time()
    share = (end - middle) / (end - start)
    print(
        f"{root} as {engine}: check {middle - start:.2f} s, "
        f"question {end - middle:.3f} s: {share:.1%} of the run; {found}"
    )


def main() -> int:
    """Measure a wiki, or one made for it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wiki", type=Path, nargs="?")
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--links", type=int, default=137_000)
    parser.add_argument("--engine", default="obsidian")
    options = parser.parse_args()
    if options.wiki is not None:
        measure(options.wiki, options.engine)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), options.pages, options.links)
        measure(Path(folder), options.engine)
    return 0


if __name__ == "__main__":
    sys.exit(main())
