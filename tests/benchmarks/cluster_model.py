"""Measures what a check on a cluster costs: the workers' time, what travels, and what the coordinator is left with.

    python tests/benchmarks/cluster_model.py [--pages 5000] [--json FILE]

Everything runs in one process, one part after the other, so the figures are CPU seconds of one core. From them and
those of `scale.py` docs/scale.md works out what larger wikis take.
"""

from __future__ import annotations

import argparse
import json
import pickle  # noqa: TID251  # what Dask sends is pickled; here it is only weighed
import resource
import shutil
import sys
import tempfile
import time
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from synthetic import make_wiki

from wikitools.config import Settings
from wikitools.lint.policy import Policy
from wikitools.project import checking


class Scale(Executor):
    """Does the work at once, times it, and weighs what would travel."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.once = self.there = self.back = 0

    def map(self, fn: Any, *iterables: Any, timeout: float | None = None, chunksize: int = 1) -> Any:
        """Yield the answers."""
        self.once = max(self.once, len(pickle.dumps(fn)))
        for items in zip(*iterables, strict=True):
            self.there += len(pickle.dumps(items))
            began = time.process_time()
            answer = fn(*items)
            self.seconds += time.process_time() - began
            self.back += len(pickle.dumps(answer))
            yield answer


def measure(pages: int, groups: tuple[str, ...]) -> dict[str, float]:
    """Return the figures a page; bytes, CPU microseconds and KiB."""
    home = Path(tempfile.mkdtemp(prefix="wikitools-cluster-"))
    try:
        make_wiki(home / "wiki", pages=pages)
        scale = Scale()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.process_time()
        checking.check(Settings(root=home / "wiki"), Policy(select=groups), jobs=1, executor=scale)
        whole = time.process_time() - began
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return {
        "pages": pages,
        "worker_us": scale.seconds / pages * 1e6,
        "coordinator_us": (whole - scale.seconds) / pages * 1e6,
        "sent_bytes": scale.there / pages,
        "returned_bytes": scale.back / pages,
        "sent_once_bytes": scale.once / pages,
        "coordinator_kib": grown / pages,
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = {"links and anchors": measure(options.pages, ("links", "anchors")), "all rules": measure(options.pages, ())}
    for name, figures in found.items():
        print(name, {key: round(value, 1) for key, value in figures.items()})
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
