"""Compare the fast readings with mistletoe's on real wikis: every page must read the same, span for span.

Usage: python tests/benchmarks/equality.py [--every N] WIKI...

For each wiki prints its pages and bytes, how many pages are read as plain ones (`skim.py`) or by sections, the share of
the bytes that the fast block stage would take, and how many pages differ. With `--every 10` only each tenth page is
read. Exit code 1 when a page differs.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from wikitools.markdown import frontmatter, parse
from wikitools.markdown.blocks import needed, split_lines
from wikitools.markdown.fast import read_blocks_fast
from wikitools.markdown.sections import read_sections
from wikitools.markdown.skim import skim
from wikitools.markdown.structure import read_blocks

if TYPE_CHECKING:
    from wikitools.markdown.page import Page


@dataclass(slots=True)
class Tally:
    """What was found on the pages of one wiki."""

    pages: int = 0
    size: int = 0
    taken: int = 0
    taken_size: int = 0
    plain: int = 0
    by_sections: int = 0
    different: int = 0


def read_by_reference(path: str, data: bytes) -> Page:
    """Read a page by mistletoe and YAML alone."""
    with (
        patch.object(parse, "_read_plain", lambda _path, _text, _begin, _dialect: None),
        patch.object(parse, "read_blocks_fast", lambda _text, _lines: None),
        patch.object(frontmatter._Head, "read_flat", lambda _head: False),
    ):
        return parse.read(path, data)


def count_plain(page: Page, tally: Tally) -> None:
    """Count a page that is read as a plain one, or by sections."""
    begin = page.front_matter_span.end if page.front_matter_span is not None else 0
    if skim(page.text, begin) is not None:
        tally.plain += 1
    elif read_sections(page.path, page.text, begin) is not None:
        tally.by_sections += 1


def reads_alike(page: Page, data: bytes) -> tuple[bool, bool]:
    """Say whether the fast stage takes a page, and whether page and blocks are then what the reference says."""
    path = page.path
    lines = split_lines(page.text, page.front_matter_span.end if page.front_matter_span is not None else 0)
    blocks = read_blocks_fast(page.text, lines)
    # Compared as text: the values of a front matter may hold a float that is not a number.
    same = repr(page) == repr(read_by_reference(path, data))
    return blocks is not None, same and (blocks is None or blocks == needed(page.text, read_blocks(lines)))


def compare(wiki: Path, every: int) -> Tally:
    tally = Tally()
    for file in sorted(wiki.rglob("*.md"))[::every]:
        if not file.is_file():
            continue
        data = file.read_bytes()
        path = file.relative_to(wiki).as_posix()
        page = parse.read(path, data)
        count_plain(page, tally)
        taken, same = reads_alike(page, data)
        tally.pages += 1
        tally.size += len(data)
        tally.taken += taken
        tally.taken_size += len(data) if taken else 0
        if not same:
            tally.different += 1
            print(f"different: {path}", file=sys.stderr)
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("wikis", nargs="+", type=Path, metavar="WIKI")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="read each Nth page only")
    options = parser.parse_args()
    different = 0
    for wiki in options.wikis:
        tally = compare(wiki, options.every)
        different += tally.different
        share = 100 * tally.taken_size / tally.size if tally.size else 100.0
        print(
            f"{wiki.name}: {tally.pages} pages, {tally.size / 1e6:.1f} MB; "
            f"plain {tally.plain}, by sections {tally.by_sections}; "
            f"fast blocks {tally.taken} pages, {share:.2f} % of the bytes; {tally.different} different"
        )
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
