"""Measure which part of a `backfill --init` mistletoe's second opinion takes, on a copy of a wiki.

Usage: python tests/benchmarks/second_opinion.py WIKI...

Prints the processor time of the run and of mistletoe, and how many pages mistletoe read. Nothing is written to WIKI.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from wikitools.cli.app import run
from wikitools.markdown import reference


def main() -> int:
    spent: list[float] = []
    unread = 0
    ask = reference.top_blocks_twice

    def timed(before: str, after: str) -> tuple[list[reference.TopBlock] | None, list[reference.TopBlock] | None]:
        nonlocal unread
        begin = time.process_time()
        answer = ask(before, after)
        spent.append(time.process_time() - begin)
        unread += answer[0] is None
        return answer

    reference.top_blocks_twice = timed
    for wiki in sys.argv[1:]:
        spent.clear()
        unread = 0
        with tempfile.TemporaryDirectory() as folder:
            copy = shutil.copytree(wiki, Path(folder) / "wiki")
            begin = time.process_time()
            run(["backfill", "--init", "--jobs", "1", "--quiet", "--no-cache", str(copy)])
            total = time.process_time() - begin
        share = 100 * sum(spent) / total
        read = len(spent) - unread
        print(f"{wiki}: {total:.1f} s, mistletoe {sum(spent):.1f} s ({share:.0f} %), read {read} of {len(spent)} pages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
