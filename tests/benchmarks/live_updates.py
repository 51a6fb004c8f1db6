"""How long the live check takes for one edit, by kind and engine, and how much memory it holds after many.

    python tests/benchmarks/live_updates.py FOLDER [--pages 10000] [--engines obsidian,logseq]

FOLDER is a wiki that `synthetic.py` made, or a new one that is made now. Times are processor time of one process, in
milliseconds: the median and the 99th percentile of the edits of one kind. Each edit is taken back, which counts as one
more. Of sources, the times are of one engine: they do not depend on it. Memory is what the
process holds (RSS) after so many random edits, pages and titles included.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import synthetic

from wikitools.config import Settings
from wikitools.files import Unsaved
from wikitools.lint.policy import Policy
from wikitools.project import cache
from wikitools.project.live import Live
from wikitools.wiki.engines import ENGINES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wikitools.project.cache import Store

Timed = tuple[float, bool]
"""How long an update took, in milliseconds, and whether the check started over."""


def add_line(text: str, dice: random.Random) -> str:
    """Add a sentence with a link and a citation."""
    return f"{text}\nOne more line, see [[page {dice.randrange(99)}]] and (Doe {dice.randrange(1990, 2020)}).\n"


def add_heading(text: str, dice: random.Random) -> str:
    """Add a section."""
    return f"{text}\n## Section {dice.randrange(1000)}\n\nWords.\n"


def _with_field(text: str, line: str) -> str:
    head, rest = "", text
    if text.startswith("---\n"):
        head, _marker, rest = text[4:].partition("---\n")
    name = line.partition(":")[0]
    lines = [each for each in head.splitlines() if not each.startswith(f"{name}:")]
    return "\n".join(("---", line, *lines, "---", rest))


def set_title(text: str, dice: random.Random) -> str:
    """Give the page another title."""
    return _with_field(text, f"title: Title {dice.randrange(1000)}")


def set_alias(text: str, dice: random.Random) -> str:
    """Give the page an alias."""
    return _with_field(text, f"aliases: [Alias {dice.randrange(1000)}]")


def set_address(text: str, dice: random.Random) -> str:
    """Give the page what some engines find it by: a permalink, a property, a block with an id, a vault."""
    number = dice.randrange(1000)
    block = f"id:: 00000000-0000-4000-8000-{number:012}"
    return (
        _with_field(text, f"permalink: there/{number}")
        + f"\n[x](/wiki/page-{number}/) [[dendron://v/{number}]]\n{block}\n"
    )


PAGE_EDITS = {
    "line": add_line,
    "heading": add_heading,
    "title": set_title,
    "alias": set_alias,
    "address": set_address,
}
ENTRY = "@book{{new{0}, author = {{Doe, J.}}, title = {{New {0}}}, year = 2020}}"


class Bench:
    """A wiki under the live check, and edits to it."""

    def __init__(self, root: Path, engine: str, store: Store | None = None) -> None:
        self.root = root
        self.dice = random.Random(f"edits {engine}")
        self.pages = sorted(root.rglob("*.md"))
        settings = Settings(root=root, engine=engine)
        self.live = Live(settings, Policy(), asked=lambda _inventory, _others: None, jobs=1, store=store, alone=True)
        began = time.process_time()
        self.live.start()
        self.started = time.process_time() - began

    def update(self, *paths: Path) -> Timed:
        """Let the check follow what happened to these files."""
        began = time.process_time()
        found = self.live.update([str(path) for path in paths])
        took = (time.process_time() - began) * 1000
        return took, found is not None and found.whole

    def edit(self, change: Callable[[str, random.Random], str]) -> list[Timed]:
        """Change a page, and take it back."""
        page = self.dice.choice(self.pages)
        before = page.read_text(encoding="utf-8")
        page.write_text(change(before, self.dice), encoding="utf-8")
        try:
            found = self.update(page)
        finally:
            page.write_text(before, encoding="utf-8")
        return [found, self.update(page)]

    def type_in_editor(self) -> list[Timed]:
        """Change a page that is not saved, and close it."""
        page = self.dice.choice(self.pages)
        text = add_line(page.read_text(encoding="utf-8"), self.dice)
        path = page.relative_to(self.root).as_posix()
        self.live.unsaved[path] = Unsaved(text.encode(), self.dice.randrange(10**6))
        found = self.update()
        del self.live.unsaved[path]
        return [found, self.update()]

    def page_comes_and_goes(self) -> list[Timed]:
        """Add a page next to another one, then remove it."""
        page = self.dice.choice(self.pages).with_name(f"A new page {self.dice.randrange(10**6)}.md")
        page.write_text("# New\n\nWords.\n", encoding="utf-8")
        try:
            found = self.update(page)
        finally:
            page.unlink()
        return [found, self.update(page)]

    def page_is_renamed(self) -> list[Timed]:
        """Rename a page to which others link, and back."""
        page = self.dice.choice(self.pages)
        renamed = page.with_name(f"Renamed {self.dice.randrange(10**6)}.md")
        page.rename(renamed)
        try:
            found = self.update(page, renamed)
        finally:
            renamed.rename(page)
        return [found, self.update(page, renamed)]

    def source_changes(self) -> list[Timed]:
        """Add an entry to the bibliography, and take it away; give one that is cited another year, and back."""
        file = next(self.root.rglob("*.bib"))
        before = file.read_text(encoding="utf-8")
        entries = re.split(r"(?m)^(?=@)", before)
        chosen = self.dice.randrange(1, len(entries))
        later = re.sub(r"\b(19|20)(\d\d)\b", lambda year: str(int(year[0]) + 1), entries[chosen], count=1)
        texts = (
            f"{before}\n{ENTRY.format(self.dice.randrange(99))}\n",
            before,
            "".join((*entries[:chosen], later, *entries[chosen + 1 :])),
            before,
        )
        found = []
        try:
            for text in texts:
                file.write_text(text, encoding="utf-8")
                found.append(self.update(file))
        finally:
            file.write_text(before, encoding="utf-8")
        return found

    def random_edit(self) -> None:
        """Do something of any kind that takes no new check, and take it back."""
        pages = (self.page_comes_and_goes, self.page_is_renamed, self.type_in_editor)
        chosen = self.dice.choice((*PAGE_EDITS.values(), *pages))
        if chosen in pages:
            chosen()
        else:
            self.edit(chosen)  # type: ignore[arg-type]  # a change of a text


def percentile(times: Sequence[float], share: float) -> float:
    """Return the time that this share of the others does not pass."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def memory() -> float:
    """Return what this process holds, in MB."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def show(engine: str, kind: str, found: Sequence[Timed]) -> None:
    """Print one line of the table."""
    times = [took for took, _whole in found]
    whole = sum(each for _took, each in found)
    middle, most = percentile(times, 0.5), percentile(times, 0.99)
    print(f"{engine:<16} {kind:<8} {middle:>9.1f} {most:>9.1f} {whole:>4} of {len(found)}", flush=True)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--edits", type=int, default=20)
    parser.add_argument("--whole", type=int, default=5, help="how often sources change")
    parser.add_argument("--memory", type=int, default=500, help="random edits after which memory is measured; 0: none")
    parser.add_argument("--cache", help="a folder for the cache; without one nothing is known at the start")
    arguments = parser.parse_args()
    if not arguments.folder.exists():
        synthetic.make_wiki(arguments.folder, pages=arguments.pages)
    store = cache.open_store(arguments.cache, arguments.folder, print) if arguments.cache else None
    print(f"{'engine':<16} {'edit':<8} {'p50 ms':>9} {'p99 ms':>9} begun anew")
    for place, engine in enumerate(filter(None, arguments.engines.split(","))):
        bench = Bench(arguments.folder, engine, store)
        show(engine, "start", [(bench.started * 1000, True)])
        for kind, change in PAGE_EDITS.items():
            show(engine, kind, [each for _ in range(arguments.edits) for each in bench.edit(change)])
        others = (
            ("unsaved", bench.type_in_editor),
            ("page", bench.page_comes_and_goes),
            ("rename", bench.page_is_renamed),
        )
        for name, both in others:
            show(engine, name, [each for _ in range(arguments.edits) for each in both()])
        if arguments.whole and not place:
            show(engine, "source", [each for _ in range(arguments.whole) for each in bench.source_changes()])
    if arguments.memory:
        bench = Bench(arguments.folder, arguments.engines.split(",")[0], store)
        print(f"memory: {memory():.0f} MB after the start", flush=True)
        for number in range(1, arguments.memory + 1):
            bench.random_edit()
            if number % max(1, arguments.memory // 10) == 0:
                print(f"memory: {memory():.0f} MB after {number} edits, each taken back", flush=True)


if __name__ == "__main__":
    main()
