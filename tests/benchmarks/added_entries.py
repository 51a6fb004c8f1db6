"""Compares entries that `bib add` writes with those that a person wrote: leave one out, write it again.

    python tests/benchmarks/added_entries.py BIB... [--seed 1] [--each 12] [--show 3]

From each BibTeX file some entries are taken away, one at a time. A record is made of what the entry says, as a registry
would say it, and added again. Counted are the key, the type, the order of the fields that both have, values that are
equal, fields that are missing or more, and entries that were not written because the proof failed.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from wikitools.project.additions import AdditionProofError, Bibliography, with_work
from wikitools.sources.readers import read_bibliography
from wikitools.sources.readers.bibtex_blocks import split_file
from wikitools.sources.record import Record

if TYPE_CHECKING:
    from wikitools.sources.source import Source

_OF_MANAGERS = frozenset(
    "abstract keywords file note issn urldate timestamp groups copyright langid language shorttitle".split()
)
"""Fields that say nothing of the work, or nothing that a registry knows."""


def record_of(source: Source) -> Record:
    """Return a work as a registry would describe it."""
    fields = source.fields
    parts = tuple(int(part) for part in re.findall(r"\d+", fields.get("date", ""))[:3])
    year = next((int(year) for year in source.years if year.isdigit()), 0)
    return Record(
        "crossref",
        kind=source.kind,
        title=source.title,
        names=source.names,
        date=parts or ((year,) if year else ()),
        years=source.years,
        container=fields.get("journal") or fields.get("journaltitle") or fields.get("booktitle") or "",
        volume=fields.get("volume", ""),
        issue=fields.get("number", "") or fields.get("issue", ""),
        pages=re.sub("[–—]|--", "-", fields.get("pages", "")),
        publisher=fields.get("publisher", "") or fields.get("institution", "") or fields.get("school", ""),
        doi=source.doi,
        arxiv=source.arxiv,
        arxiv_class=fields.get("primaryclass", "") or fields.get("eprintclass", ""),
        url=source.url,
    )


def compare(path: str, text: str, at: int, shown: bool, counts: Counter[str]) -> None:
    """Take the entry at this place away, add it again, and count what is the same."""
    sources, _problems = read_bibliography(path, text)
    source = sources[at]
    start = sources[at - 1].span.end if at else source.span.start
    end = source.span.end if at else sources[1].span.start
    began = time.perf_counter()
    try:
        new, key = with_work(Bibliography(path, text[:start] + text[end:]), record_of(source), ())
    except AdditionProofError as error:
        counts["not written"] += 1
        print(f"not written: {error}")
        return
    counts["milliseconds"] += round(1000 * (time.perf_counter() - began))
    again = next(each for each in read_bibliography(path, new.text)[0] if each.key == key)
    before, after = (each.replace("\r", "") for each in (source.span.of(text), again.span.of(new.text)))
    if shown and before != after:
        print(f"-- {before}\n++ {after}\n")
    old, made = split_file(before).entries[0], split_file(after).entries[0]
    common = [name for name in old.values if name in made.values]
    counts["entries"] += 1
    counts["key"] += key == source.key
    counts["type"] += old.kind == made.kind
    counts["order"] += common == [name for name in made.values if name in old.values]
    counts["values"] += len(common)
    counts["values equal"] += sum(old.values[name] == made.values[name] for name in common)
    counts["fields missing"] += len(old.values.keys() - made.values.keys() - _OF_MANAGERS)
    counts["fields more"] += len(made.values.keys() - old.values.keys())


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, metavar="BIB")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=12, help="entries of each file")
    parser.add_argument("--show", type=int, default=0, help="so many entries that differ")
    given = parser.parse_args()
    chance = random.Random(given.seed)
    counts: Counter[str] = Counter()
    for file in given.files:
        text = file.read_text(encoding="utf-8")
        sources, _problems = read_bibliography(str(file), text)
        usable = [at for at, each in enumerate(sources) if (each.doi or each.arxiv) and each.names and each.years]
        if len(sources) > 1:
            for at in chance.sample(usable, min(given.each, len(usable))):
                compare(str(file), text, at, counts["entries"] < given.show, counts)
    for name, count in counts.items():
        print(f"{name:<16}{count:>8,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
