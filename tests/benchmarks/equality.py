"""Compare the reading of real wikis with mistletoe's: the headings and the destinations of Markdown links of each page.

Usage: python tests/benchmarks/equality.py [--every N] [--show N] WIKI...

mistletoe knows no wikilinks, footnotes, formulas or comments between `%%`, and takes setext headings in quotes for
paragraphs, so some pages differ; `--show N` prints the first N of each wiki. Reference links are left out: the inner
brackets of a wikilink are one to mistletoe. For each wiki prints its pages, how many mistletoe fails on, and on how
many headings and destinations are not the same.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mistletoe import Document
from mistletoe.block_token import Heading, SetextHeading, Table
from mistletoe.html_renderer import HtmlRenderer
from mistletoe.span_token import AutoLink, Image, Link

from wikitools.markdown.blocks import source_of
from wikitools.markdown.page import Wikilink
from wikitools.markdown.parse import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.markdown.page import Page


def parts(part: object) -> Iterator[object]:
    """Yield all that mistletoe found, in page order."""
    yield part
    if isinstance(part, Table):
        yield from parts(part.header)
    for child in getattr(part, "children", None) or ():
        yield from parts(child)


def read_by_mistletoe(page: Page) -> tuple[list[int], Counter[str]]:
    """Return the levels of the headings of a page, and the destinations of its links, as mistletoe reads it."""
    levels: list[int] = []
    destinations: Counter[str] = Counter()
    with HtmlRenderer():  # type: ignore[no-untyped-call]  # mistletoe has no types
        for part in parts(Document(source_of(page).splitlines(keepends=True))):
            if isinstance(part, Heading | SetextHeading):
                levels.append(part.level)
            elif isinstance(part, Link | AutoLink):
                destinations[unquote(part.target)] += 1
            elif isinstance(part, Image):
                destinations[unquote(part.src)] += 1
    for definition in page.definitions:
        del destinations[unquote(definition.url)]
    return levels, destinations


def own_reading(page: Page) -> tuple[list[int], Counter[str]]:
    """Return the same of our reading."""
    links = [link for link in page.links if not isinstance(link, Wikilink)]
    defined = {definition.url for definition in page.definitions}
    written = [link for link in links if link.syntax in {"inline", "autolink"} and link.url not in defined]
    return [heading.level for heading in page.headings], Counter(unquote(link.url) for link in written)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("wikis", nargs="+", type=Path, metavar="WIKI")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="read each Nth page only")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print the first N pages that differ")
    options = parser.parse_args()
    for wiki in options.wikis:
        count: Counter[str] = Counter()
        for file in [file for file in sorted(wiki.rglob("*.md")) if file.is_file()][:: options.every]:
            page = read(file.relative_to(wiki).as_posix(), file.read_bytes())
            count["pages"] += 1
            try:
                theirs = read_by_mistletoe(page)
            except (AttributeError, IndexError, RecursionError, StopIteration, TypeError, ValueError) as error:
                count["failures of mistletoe"] += 1
                print(f"{page.path}: {error!r}", file=sys.stderr)
                continue
            ours = own_reading(page)
            count["headings differ"] += ours[0] != theirs[0]
            count["destinations differ"] += ours[1] != theirs[1]
            if ours != theirs and options.show > count["shown"]:
                count["shown"] += 1
                print(
                    f"  {page.path}: ours {ours[0]} {ours[1] - theirs[1]}; mistletoe {theirs[0]} {theirs[1] - ours[1]}"
                )
        print(f"{wiki.name}: {', '.join(f'{number} {what}' for what, number in count.items() if what != 'shown')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
