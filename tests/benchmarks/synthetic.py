"""Makes a wiki out of nothing: any number of pages, always the same ones for the same seed.

    python tests/benchmarks/synthetic.py FOLDER --pages 10000 [--seed 1] [--sources 2000] [--kind obsidian]

The densities are those of real wikis (medians and tails over five of them): pages of 3,300 characters on average with a
long tail, nine headings, ten links to other pages of which a few lead nowhere, four web links, three citations, some
code, math, tables and footnotes. Links go to few pages often and to many pages seldom, as links do.

There are three kinds. `wikilinks` writes every link as a wikilink. `plain` writes Markdown links. `obsidian` has
wikilinks, comments between `%%`, callouts, HTML lines, front matter full of wikilinks and a `.gitignore` of 80 lines.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

_ONSETS = (
    "b",
    "br",
    "c",
    "ch",
    "d",
    "dr",
    "f",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "r",
    "s",
    "sh",
    "st",
)
_RIMES = ("a", "ael", "an", "ar", "e", "el", "en", "er", "i", "il", "in", "o", "ol", "on", "or", "u", "ul", "une")
_SMALL_WORDS = (
    "a and are as at but by each for from has have if in is it its may more most no not of on one or other over some "
    "that the their then there these they this to under was we were what when where which while who with"
).split()

KINDS = ("wikilinks", "plain", "obsidian")
BROKEN = 0.02
"""The share of broken links."""
PAGES_A_FOLDER = 150
MEDIAN_PARAGRAPHS = 9
SECTIONS_AT_MOST = 40


@dataclass(frozen=True, slots=True)
class Words:
    """What pages are written with: words by falling frequency, surnames, and the sources of the bibliography."""

    words: tuple[str, ...]
    surnames: tuple[str, ...]
    sources: tuple[tuple[tuple[str, ...], int, str], ...]
    """Surnames, year and title of each."""


def make_words(seed: int, sources: int) -> Words:
    """Return the words of a wiki; the same for every number of pages."""
    dice = random.Random(f"words {seed}")
    made = dict.fromkeys(_word(dice) for _ in range(6000))
    words = tuple(made)
    surnames = tuple(dict.fromkeys(_word(dice).capitalize() for _ in range(sources // 2 + 50)))
    works = tuple(
        (
            tuple(dice.sample(surnames, k=dice.choice((1, 1, 2, 2, 3, 5)))),
            dice.randint(1970, 2025),
            " ".join(dice.choices(words, k=dice.randint(4, 9))).capitalize(),
        )
        for _ in range(sources)
    )
    return Words(words, surnames, works)


def _word(dice: random.Random) -> str:
    return "".join(dice.choice(_ONSETS) + dice.choice(_RIMES) for _ in range(dice.choice((1, 2, 2, 3))))


@dataclass(frozen=True, slots=True)
class SyntheticWiki:
    """A wiki of `size` pages; every page can be made alone, from its number."""

    size: int
    seed: int
    words: Words
    kind: str = "wikilinks"

    def path(self, number: int) -> str:
        """Return where page `number` lies."""
        return f"{self._folder(number // PAGES_A_FOLDER)}/{self.name(number)}.md"

    def _folder(self, number: int) -> str:
        words = self.words.words
        return f"{words[number % 40]}/{words[number % len(words)]}-{number}"

    def name(self, number: int) -> str:
        """Return the name of page `number`: two or three words and the number."""
        dice = random.Random(f"name {self.seed} {number}")
        return f"{' '.join(dice.choices(self.words.words, k=dice.choice((1, 2, 2)))).capitalize()} {number}"

    def headings(self, number: int) -> tuple[str, ...]:
        """Return the headings of page `number` below its title."""
        dice = random.Random(f"headings {self.seed} {number}")
        count = min(SECTIONS_AT_MOST, int(dice.lognormvariate(2.0, 0.6)))
        return tuple(" ".join(dice.choices(self.words.words, k=dice.randint(1, 4))).capitalize() for _ in range(count))

    def page(self, number: int) -> str:
        """Return the text of page `number`."""
        dice = random.Random(f"page {self.seed} {number}")
        headings = self.headings(number)
        paragraphs = max(2, min(600, int(dice.lognormvariate(0, 0.9) * MEDIAN_PARAGRAPHS)))
        parts = [self._head(number, dice), f"# {self.name(number)}\n"]
        for place in range(paragraphs):
            due = headings[place * len(headings) // paragraphs : (place + 1) * len(headings) // paragraphs]
            parts += (f"{'#' * dice.choice((2, 2, 3))} {heading}\n" for heading in due)
            parts.append(self._block(number, dice))
        notes = [f"[^{note}]: {self._sentence(number, dice)}\n" for note in range(1, 3)]
        if dice.random() < 0.1:
            parts += ["As noted before.[^1] And elsewhere.[^2]\n", *notes]
        return "\n".join(parts)

    def _head(self, number: int, dice: random.Random) -> str:
        if self.kind == "obsidian":
            related = "".join(f'  - "{self._link(number, dice)}"\n' for _ in range(dice.randint(1, 8)))
            return f'---\ntitle: {self.name(number)}\nup: "{self._link(number, dice)}"\nrelated:\n{related}---\n'
        if dice.random() < 0.5:
            return ""
        words = self.words.words
        alias = f"aliases: [{dice.choice(words)} {dice.choice(words)} {number}]\n" if dice.random() < 0.2 else ""
        return f"---\ntitle: {self.name(number)}\ntags: [{dice.choice(words)}, {dice.choice(words)}]\n{alias}---\n"

    def _block(self, number: int, dice: random.Random) -> str:
        if self.kind == "obsidian" and dice.random() < 0.2:
            return self._of_obsidian(number, dice)
        kind = dice.random()
        if kind < 0.05:
            return f"```python\n{dice.choice(self.words.words)} = [[1, 2], [3, 4]]  # (Nobody 1999)\n```\n"
        if kind < 0.08:
            return f"$$\nx_{{{number}}} = \\sum_i [[a_i]]\n$$\n"
        if kind < 0.2:
            return "".join(f"- {self._sentence(number, dice)}\n" for _ in range(dice.randint(2, 6)))
        if kind < 0.22:
            rows = "".join(f"| {self._link(number, dice, table=True)} | {self._plain(dice, 3)} |\n" for _ in range(4))
            return f"| page | what |\n|---|---|\n{rows}"
        return " ".join(self._sentence(number, dice) for _ in range(dice.randint(1, 4))) + "\n"

    def _of_obsidian(self, number: int, dice: random.Random) -> str:
        sentence = self._sentence(number, dice)
        return dice.choice(
            (
                f"%% {sentence} %%\n",
                f"%%\n{sentence}\n%%\n",
                f"> [!note] {self._plain(dice, 3)}\n> {sentence}\n",
                f"> [!warning]-\n> {sentence}\n> {self._sentence(number, dice)}\n",
                f'<div class="{self._plain(dice, 1)}">\n\n{sentence}\n\n</div>\n',
                f"{sentence}<br>\n<b>{self._plain(dice, 2)}</b> ^{dice.randrange(1 << 30):x}\n",
            )
        )

    def _plain(self, dice: random.Random, count: int) -> str:
        pool, weights = self.words.words, _frequencies(len(self.words.words))
        picked = iter(dice.choices(pool, cum_weights=weights, k=count))
        return " ".join(dice.choice(_SMALL_WORDS) if dice.random() < 0.45 else next(picked) for _ in range(count))

    def _sentence(self, number: int, dice: random.Random) -> str:
        text = self._plain(dice, dice.randint(6, 20)).capitalize()
        kind = dice.random()
        if kind < 0.26:
            return f"{text} {self._link(number, dice)} {self._plain(dice, 4)}."
        if kind < 0.36:
            return f"{text}, see [{self._plain(dice, 2)}](https://example.org/{number}/{dice.randrange(1 << 30):x})."
        if kind < 0.44:
            return f"{text} ({self._citation(dice)})."
        if kind < 0.47:
            return f"{text} `{dice.choice(self.words.words)}()` and *{self._plain(dice, 2)}*."
        return f"{text}."

    def _link(self, source: int, dice: random.Random, *, table: bool = False) -> str:
        if dice.random() < BROKEN:
            dead = " ".join(dice.choices(self.words.words, k=2)).capitalize()
            return f"[{dead}]({quote(dead)}.md)" if self.kind == "plain" else f"[[{dead}]]"
        # A quarter of all links go to one page in a hundred.
        number = int(self.size * dice.random() ** 3)
        target = self.name(number)
        kind = dice.random()
        heading = dice.choice(headings) if kind < 0.12 and (headings := self.headings(number)) else ""
        if self.kind == "plain":
            path = os.path.relpath(self.path(number), os.path.dirname(self.path(source)))
            return f"[{target}]({quote(path)}{'#' if heading else ''}{heading.lower().replace(' ', '-')})"
        if heading:
            target += f"#{heading}"
        if kind > 0.75:
            target += f"{chr(92) if table else ''}|{dice.choice(self.words.words)}"
        return f"[[{target}]]"

    def _citation(self, dice: random.Random) -> str:
        names, year, _title = self.words.sources[int(len(self.words.sources) * dice.random() ** 2)]
        written = names[0] if len(names) == 1 else " & ".join(names) if len(names) == 2 else f"{names[0]} et al."
        return f"{written}, {year}" if dice.random() < 0.5 else f"{written} {year}"

    def bibliography(self) -> str:
        """Return the sources as BibTeX."""
        entries = []
        for place, (names, year, title) in enumerate(self.words.sources):
            authors = " and ".join(f"{name}, A." for name in names)
            entries.append(
                f"@article{{{names[0].lower()}{year}n{place},\n  author = {{{authors}}},\n  title = {{{title}}},\n"
                f"  year = {{{year}}},\n  doi = {{10.5555/{place}}},\n}}\n"
            )
        return "\n".join(entries)

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield path and text of every file."""
        yield "references.bib", self.bibliography()
        if self.kind == "plain":
            yield "wikitools.toml", 'engine = "markdown"\n'
        if self.kind == "obsidian":
            yield ".gitignore", "".join(f"{form.format(word)}\n" for word in _IGNORED for form in _IGNORED_AS)
        for number in range(self.size):
            yield self.path(number), self.page(number)


_IGNORED = ("node_modules", "build", "cache", "venv", "trash", "tmp", "out", "dist", "log", "private")
_IGNORED_AS = ("{}/", "/{}", "*.{}", "**/{}/**", "{}-*.bak", ".{}", "!/{}/keep.md", "a/{}/*.tmp")
_WEIGHTS: dict[int, tuple[float, ...]] = {}


def _frequencies(count: int) -> tuple[float, ...]:
    """Return Zipf's weights, added up."""
    if count not in _WEIGHTS:
        _WEIGHTS[count] = tuple(accumulate(1 / (rank + 5) for rank in range(count)))
    return _WEIGHTS[count]


def make_wiki(folder: Path, *, pages: int, seed: int = 1, sources: int = 2000, kind: str = "wikilinks") -> int:
    """Write a wiki to an empty or new folder and return its size in bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    wiki = SyntheticWiki(pages, seed, make_words(seed, sources), kind)
    size = 0
    made: set[Path] = set()
    for path, text in wiki.files():
        place = folder / path
        if place.parent not in made:
            place.parent.mkdir(parents=True, exist_ok=True)
            made.add(place.parent)
        data = text.encode()
        place.write_bytes(data)
        size += len(data)
    return size


def main() -> int:
    """Write a wiki."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sources", type=int, default=2000)
    parser.add_argument("--kind", choices=KINDS, default="wikilinks")
    options = parser.parse_args()
    size = make_wiki(options.folder, pages=options.pages, seed=options.seed, sources=options.sources, kind=options.kind)
    print(f"{options.pages} pages, {size / 1e6:.1f} MB in {options.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
