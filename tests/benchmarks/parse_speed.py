"""Measure how fast pages are read: bytes to `Page`, in one process, each page's best of several times.

Usage: python tests/benchmarks/parse_speed.py [--every N] [--repeat N] [--memory] WIKI...

The best time of each page, summed, is what stays the same on a machine that does other things as well.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wikitools.markdown import parse
from wikitools.markdown.events import Events, as_read, in_ascii, without_emphasis
from wikitools.markdown.frontmatter import begin_of, read_front_matter
from wikitools.markdown.page import Page
from wikitools.markdown.reader import read_text
from wikitools.markdown.wiki_syntax import Name, find_names, without_names

if TYPE_CHECKING:
    from collections.abc import Callable


def best_time(work: Callable[[], Any], repeat: int) -> float:
    """Return the least processor time of several that `work` takes, in seconds."""
    times = []
    for _ in range(repeat):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return min(times)


def stages(path: str, data: bytes, repeat: int) -> dict[str, float]:
    """Return the time of each stage on one page, and of all of them, in seconds."""
    text = data.decode("utf-8", errors="replace")
    page = parse.read(path, data)
    begin = begin_of(page.text, page.front_matter_span)
    source = as_read(text, begin)
    shown = without_emphasis(without_names(in_ascii(source), page_names(source)))
    return {
        "decode": best_time(lambda: data.decode("utf-8", errors="replace"), repeat),
        "front matter": best_time(lambda: read_front_matter(path, text), repeat),
        "pyromark": best_time(lambda: Events(shown, keep=False), repeat),
        "Markdown": best_time(lambda: read_text(path, text, begin), repeat),
        "all": best_time(lambda: parse.read(path, data), repeat),
    }


def page_names(source: str) -> list[Name]:
    """Return what pyromark does not get to see."""
    return list(find_names(in_ascii(source), source, links_first=False))


def weigh(pages: list[tuple[str, bytes]]) -> None:
    """Print what the fields of the pages weigh, as the bytes that replacing each field by nothing gives back."""
    tracemalloc.start()
    read = [parse.read(path, data) for path, data in pages]
    gc.collect()
    total = tracemalloc.get_traced_memory()[0]
    print(f"memory: {total / len(read):.0f} bytes a page")
    for name in Page.__slots__:
        before = tracemalloc.get_traced_memory()[0]
        for page in read:
            object.__setattr__(page, name, None)
        gc.collect()
        freed = before - tracemalloc.get_traced_memory()[0]
        if freed:
            print(f"  {name}: {freed / len(read):.0f} bytes a page, {100 * freed / total:.0f} %")
    tracemalloc.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("wikis", nargs="+", type=Path, metavar="WIKI")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="read each Nth page only")
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="how often each page is read")
    parser.add_argument("--memory", action="store_true", help="weigh the fields of the pages instead")
    options = parser.parse_args()
    for wiki in options.wikis:
        files = [file for file in sorted(wiki.rglob("*.md")) if file.is_file()][:: options.every]
        pages = [(file.relative_to(wiki).as_posix(), file.read_bytes()) for file in files]
        size = sum(len(data) for _path, data in pages)
        print(f"{wiki.name}: {len(pages)} pages, {size / 1e6:.1f} MB")
        if options.memory:
            weigh(pages)
            continue
        gc.freeze()
        total: dict[str, float] = {}
        for path, data in pages:
            for stage, seconds in stages(path, data, options.repeat).items():
                total[stage] = total.get(stage, 0.0) + seconds
        for stage, seconds in total.items():
            microseconds = seconds / len(pages) * 1e6
            print(f"  {stage}: {microseconds:.0f} µs a page, {size / seconds / 1e6:.1f} MB/s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
