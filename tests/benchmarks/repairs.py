"""Count safe repairs that are wrong: pages of real wikis are deleted or moved, so that it is known what links meant.

Usage: python tests/benchmarks/repairs.py [--engine NAME] [--share 0.15] [--seeds 3] WIKI...

A link to a deleted page means no other page: each safe repair of one is wrong. A link to a moved page, or from one,
means the page that it led to before. Links that were dead before are not counted. Exit code 1 when a repair is wrong.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wikitools.lint.facts import facts_of
from wikitools.lint.policy import Policy
from wikitools.lint.run import lint
from wikitools.markdown.parse import decode, parse
from wikitools.text import Safety, apply
from wikitools.wiki.engines import ENGINES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wikitools.lint.facts import Facts
    from wikitools.lint.run import Diagnostic

LINKS = Policy(select=("links", "anchors"))


class Judged(NamedTuple):
    """How many findings are new since pages were deleted or moved, how many got a safe repair, and the wrong ones."""

    new: int
    repaired: int
    wrong: tuple[str, ...]


def read_wiki(folder: Path) -> dict[str, str]:
    """Return the pages of a wiki, and its other files as empty ones."""
    found: dict[str, str] = {}
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder)
        if file.is_file() and not any(part.startswith(".") for part in path.parts):
            found[path.as_posix()] = decode(file.read_bytes())[0] if file.suffix == ".md" else ""
    return found


def without_some(texts: Mapping[str, str], share: float, dice: random.Random) -> dict[str, str | None]:
    """Return where each page is after some were deleted: `None` for those."""
    pages = [path for path in texts if path.endswith(".md")]
    gone = set(dice.sample(pages, int(len(pages) * share)))
    return {path: None if path in gone else path for path in texts}


def with_some_moved(texts: Mapping[str, str], share: float, dice: random.Random) -> dict[str, str | None]:
    """Return where each page is after some were moved to the folders of others."""
    pages = [path for path in texts if path.endswith(".md")]
    places: dict[str, str | None] = {path: path for path in texts}
    taken = set(texts)
    for path in dice.sample(pages, int(len(pages) * share)):
        folder = dice.choice(pages).rpartition("/")[0]
        to = f"{folder}/{path.rpartition('/')[2]}".lstrip("/")
        if to not in taken:
            taken.add(to)
            places[path] = to
    return places


def judge(before: Facts, texts: Mapping[str, str], places: Mapping[str, str | None], engine: str) -> Judged:
    """Compare the safe repairs in the changed wiki with what the links meant before."""
    meant: dict[tuple[str, int], str | None] = {}
    for path, page in before.wiki.pages.items():
        here = places[path]
        if here is not None:
            for link in page.links:
                target = before.wiki.target_of(link)
                if target is not None:
                    meant[here, link.span.start] = places.get(target, target)
    after = facts_of({to: texts[path] for path, to in places.items() if to is not None}, engine=engine)
    found = [each for each in lint(after, LINKS).diagnostics if (each.path, each.span.start) in meant]
    safe = [each for each in found if each.fix is not None and each.fix.safety is Safety.SAFE]
    wrong = []
    for each in safe:
        goal = leads_to(each, after)
        if goal != meant[each.path, each.span.start]:
            wrong.append(f"{each.path}: {each.message}; meant {meant[each.path, each.span.start]}, leads to {goal}")
    return Judged(len(found), len(safe), tuple(wrong))


def leads_to(diagnostic: Diagnostic, facts: Facts) -> str | None:
    """Return the target of a finding's link after its repair."""
    assert diagnostic.fix is not None
    path = diagnostic.path
    page = parse(path, apply(facts.text_of(path), diagnostic.fix.edits), facts.wiki.dialect)
    first = min(edit.span.start for edit in diagnostic.fix.edits)
    last = max(edit.span.start + len(edit.text) for edit in diagnostic.fix.edits)
    for link in page.links:
        if link.span.start <= last and first <= link.span.end:
            return facts.wiki.target_of(link)
    return None


def main() -> int:
    """Judge the repairs of some wikis."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("wikis", nargs="+", type=Path, metavar="WIKI")
    parser.add_argument("--engine", choices=sorted(ENGINES), default="obsidian")
    parser.add_argument("--share", type=float, default=0.15, help="the part of the pages that is deleted or moved")
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="how often")
    options = parser.parse_args()
    failed = False
    for folder in options.wikis:
        texts = read_wiki(folder)
        before = facts_of(texts, engine=options.engine)
        for seed in range(options.seeds):
            for change in (without_some, with_some_moved):
                places = change(texts, options.share, random.Random(f"{change.__name__} {seed}"))
                new, repaired, wrong = judge(before, texts, places, options.engine)
                kind = "deleted" if change is without_some else "moved"
                print(f"{folder.name}: {kind}, {new} findings, {repaired} safe repairs, {len(wrong)} wrong", flush=True)
                print(*wrong[:20], sep="\n", end="\n" if wrong else "", file=sys.stderr)
                failed = failed or bool(wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
