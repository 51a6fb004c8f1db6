"""Renames pages and headings of a wiki at random and counts what becomes of the links.

    python tests/benchmarks/mutation.py WIKI --engine obsidian --seed 1 [--pages 200] [--headings 200] [--out COPY]

First without touching the links: exactly the links that led there must become findings. Then from the start again with
what `wikitools rename` does, one after the other, every third page going to another folder: no finding may be new.
With `--out` the second wiki is written to a copy and read back from disk. Everything else happens in memory.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from wikitools import files
from wikitools.lint.facts import Facts
from wikitools.lint.policy import Policy
from wikitools.lint.run import lint
from wikitools.markdown.page import MarkdownLink, Wikilink
from wikitools.markdown.parse import parse, read
from wikitools.sources.source import Bibliography
from wikitools.text import apply
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.paths import folder_of
from wikitools.wiki.rename import RenameError, Renaming, heading_edit, inner_links, plan_rename
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Reason
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wikitools.markdown.page import Page

Link = tuple[str, int]
"""A link by its page's path before all renaming, and its place among the links there."""
Key = tuple[str, str, int | str]
"""A finding: rule, page before all renaming, and the link (or, for other findings, their subject)."""

# How an anchor is written does not matter for whether it exists.
POLICY = Policy(select=("links", "anchors"), ignore=("slug-anchor",))
DEAD = frozenset(
    ("ambiguous-wikilink", "broken-anchor", "broken-embed", "broken-link", "broken-wikilink", "missing-image")
)
"""The rules about links that are broken or ambiguous."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is renamed: pages within their folders, and headings."""

    moves: Mapping[str, str]
    headings: Mapping[tuple[str, int], str]


@dataclass(slots=True)
class Broken:
    """What became of the links when names changed and links did not."""

    led_there: set[Link] = field(default_factory=set)
    """Links, no findings before, that led to a renamed page or heading."""
    alive: dict[Link, str] = field(default_factory=dict)
    """Those of them that the engine still finds, with what it finds: by alias or title, or another page or heading."""
    silent: set[Link] = field(default_factory=set)
    """Those that now read like a placeholder ("unknown"), which is never reported."""
    renumbered: set[Link] = field(default_factory=set)
    """Links to other headings whose anchor is another one now, because a heading of the same text was renamed."""
    missed: set[Link] = field(default_factory=set)
    """Should have become findings."""
    unexpected: set[Link] = field(default_factory=set)
    """Should not."""


@dataclass(slots=True)
class Renamed:
    """What became of them under `rename`."""

    done: int = 0
    rewritten: int = 0
    refused: list[str] = field(default_factory=list)
    new: Counter[Key] = field(default_factory=Counter)
    wiki: Wiki | None = None
    paths: dict[str, str] = field(default_factory=dict)


def load(root: Path, engine: str) -> Wiki:
    """Read a wiki from disk."""
    inventory = files.find_pages(root)
    pages = [read(path, files.read_bytes(root, path)) for path in inventory.pages]
    return Wiki(pages, attachments=inventory.attachments, engine=engine)


def choose(wiki: Wiki, seed: int, pages: int, headings: int, *, named: bool = False) -> Changes:
    """Choose at random what is renamed; headings with links or anchors in them are left out.

    Most headings are named by no link; `named` chooses among those that are.
    """
    dice = random.Random(seed)
    readable = [path for path, page in wiki.pages.items() if not page.problems]
    chosen = dice.sample(readable, min(pages, len(readable)))
    moves = {}
    for number, path in enumerate(sorted(chosen)):
        name = f"renamed-{seed}-{number}" if number % 2 else f"Renamed {seed} {number}"
        moves[path] = f"{folder_of(path)}/{name}.md".removeprefix("/")
    possible = [
        (path, index)
        for path in readable
        for index, heading in enumerate(wiki.pages[path].headings)
        if heading.text and _is_plain(wiki.pages[path], index)
    ]
    if named:
        led_to = {
            (target, place)
            for page in wiki.pages.values()
            for link in inner_links(page)
            for target, places in [_led_to(wiki, link)]
            for place in places
        }
        possible = [each for each in possible if each in led_to]
    reworded = {
        place: f"Reworded {seed} heading {number}"
        for number, place in enumerate(sorted(dice.sample(possible, min(headings, len(possible)))))
    }
    return Changes(moves, reworded)


def _is_plain(page: Page, index: int) -> bool:
    span = page.headings[index].span
    return not any(span.contains(each.span) for each in (*page.links, *page.html_ids, *page.comments))


def findings(wiki: Wiki, paths: Mapping[str, str]) -> Counter[Key]:
    """Return the findings of the link rules; `paths` gives the present path of each page by its first one."""
    first = {now: path for path, now in paths.items()}
    places = {
        (link.span.path, link.span.start, link.span.end): index
        for page in wiki.pages.values()
        for index, link in reversed(list(enumerate(inner_links(page))))
    }
    outcome = lint(Facts(wiki=wiki, bibliography=Bibliography(())), POLICY)
    return Counter(
        (
            each.rule,
            first.get(each.path, each.path),
            places.get((each.path, each.span.start, each.span.end), each.subject),
        )
        for each in outcome.diagnostics
    )


def links_of(found: Iterable[Key]) -> set[Link]:
    """Return the links among findings that are dead."""
    return {(path, link) for rule, path, link in found if isinstance(link, int) and rule in DEAD}


def break_links(wiki: Wiki, changes: Changes, before: Counter[Key]) -> Broken:
    """Rename without touching any link, and compare the findings with the links that led there."""
    pages = []
    for path, page in wiki.pages.items():
        edits = [heading_edit(page, index, text) for (on, index), text in changes.headings.items() if on == path]
        new_path = changes.moves.get(path, path)
        pages.append(parse(new_path, apply(page.text, edits)) if edits or new_path != path else page)
    changed = Wiki(pages, attachments=wiki.attachments, engine=wiki.engine.name)
    paths = {path: changes.moves.get(path, path) for path in wiki.pages}
    known = links_of(before)
    new = links_of(findings(changed, paths)) - known
    result = Broken()
    for path, page in wiki.pages.items():
        links = inner_links(page)
        now = inner_links(changed.pages[paths[path]])
        for index, link in enumerate(links):
            if (path, index) in known:
                continue
            target, named = _led_to(wiki, link)
            if target is None:
                continue
            if target in changes.moves or any((target, place) in changes.headings for place in named):
                result.led_there.add((path, index))
                target_now, named_now = _led_to(changed, now[index])
                if target_now is not None and _NOWHERE not in named_now and not _is_ambiguous(changed, now[index]):
                    result.alive[path, index] = target_now
                elif _is_placeholder(changed, now[index]):
                    result.silent.add((path, index))
            else:
                anchors, others = wiki.anchors_of(target), changed.anchors_of(paths.get(target, target))
                both = anchors is not None and others is not None
                if both and any(anchors.slugs[place] != others.slugs[place] for place in named if place >= 0):
                    result.renumbered.add((path, index))
    # A link with a definition is reported at the link, not at the definition.
    definitions = {
        (path, index)
        for path, page in wiki.pages.items()
        for index, link in enumerate(inner_links(page))
        if isinstance(link, MarkdownLink) and link.syntax == "definition"
    }
    expected = result.led_there - result.alive.keys() - result.silent - definitions
    result.led_there -= definitions
    result.missed = expected - new
    result.unexpected = new - expected - result.renumbered
    return result


_NOWHERE = -2


def _led_to(wiki: Wiki, link: Wikilink | MarkdownLink) -> tuple[str | None, tuple[int, ...]]:
    """Return the path that a link points to, and the indices of the headings that it names: a range names two."""
    target = wiki.target_of(link)
    if target is None or target not in wiki.pages:
        return target, ()
    if isinstance(link, Wikilink):
        anchor = wiki.read(link)[1]
        if not anchor:
            return target, ()
        names, anchors = wiki.engine.anchor_parts(anchor)[::2], wiki.anchors_of(target)
        if len(names) > 1 and anchors is not None:
            places = [wiki.engine.find_anchor(anchors, name) for name in names]
        else:
            places = [wiki.resolve_anchor(link, target)]
    else:
        fragment = link.url.partition("#")[2]
        if not fragment:
            return target, ()
        places = [wiki.resolve_fragment(fragment, target)]
    spans = {heading.span: index for index, heading in enumerate(wiki.pages[target].headings)}
    found = [spans.get(place.target) if isinstance(place, Found) else _NOWHERE for place in places]
    return target, tuple(index for index in found if index is not None)


def _is_ambiguous(wiki: Wiki, link: Wikilink | MarkdownLink) -> bool:
    return isinstance(wiki.resolve(link) if isinstance(link, Wikilink) else wiki.resolve_link(link), Ambiguous)


def _is_placeholder(wiki: Wiki, link: Wikilink | MarkdownLink) -> bool:
    found = wiki.resolve(link) if isinstance(link, Wikilink) else wiki.resolve_link(link)
    return isinstance(found, Missing) and found.why == Reason.PLACEHOLDER


def rename_all(wiki: Wiki, changes: Changes, before: Counter[Key], *, step: int = 1) -> Renamed:
    """Do the same with `rename`, `step` changes at a time; every third page also goes to another folder."""
    result = Renamed(wiki=wiki, paths={path: path for path in wiki.pages})
    folders = sorted({folder_of(path) for path in wiki.pages})
    moves = {}
    for number, (path, new) in enumerate(sorted(changes.moves.items())):
        folder = folders[number % len(folders)] if number % 3 == 0 else folder_of(new)
        moves[path] = f"{folder}/{new.rpartition('/')[2]}".removeprefix("/")
    todo: list[tuple[str, int | None, str]] = [(path, None, new) for path, new in moves.items()]
    todo += [(path, index, text) for (path, index), text in changes.headings.items()]
    random.Random(0).shuffle(todo)
    for start in range(0, len(todo), step):
        some = todo[start : start + step]
        paths = result.paths
        renaming = Renaming(
            {paths[path]: new for path, index, new in some if index is None},
            {(paths[path], index): text for path, index, text in some if index is not None},
        )
        try:
            plan = plan_rename(result.wiki or wiki, renaming)
        except RenameError as error:
            result.refused.append(str(error))
            continue
        result.done += len(some)
        result.rewritten += len(plan.rewritten)
        result.wiki = plan.wiki
        result.paths = {path: plan.moves.get(now, now) for path, now in paths.items()}
    result.new = findings(result.wiki or wiki, result.paths) - before
    return result


def write_copy(root: Path, out: Path, renamed: Renamed) -> None:
    """Write the renamed wiki to a copy of the one at `root`."""
    if out.exists():
        shutil.rmtree(out)
    shutil.copytree(root, out, symlinks=True)
    wiki = renamed.wiki
    for path, now in renamed.paths.items():
        if wiki is not None:
            if path != now:
                (out / path).unlink()
            (out / now).parent.mkdir(parents=True, exist_ok=True)
            (out / now).write_bytes(wiki.pages[now].text.encode("utf-8", "surrogatepass"))


def main() -> int:
    """Run on one wiki and print the figures; exits with 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("wiki", type=Path)
    parser.add_argument("--engine", choices=tuple(ENGINES), default="obsidian")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--headings", type=int, default=200)
    parser.add_argument("--named", action="store_true", help="rename only headings that some link names")
    parser.add_argument("--step", type=int, default=1, help="how many renames are planned at once")
    parser.add_argument("--out", type=Path, help="where the renamed copy goes")
    parser.add_argument("--show", type=int, default=5, help="how many examples are printed")
    options = parser.parse_args()
    began = time.perf_counter()
    wiki = load(options.wiki, options.engine)
    changes = choose(wiki, options.seed, options.pages, options.headings, named=options.named)
    before = findings(wiki, {path: path for path in wiki.pages})
    total = sum(len(inner_links(page)) for page in wiki.pages.values())
    print(f"{options.wiki.name}, engine {options.engine}, seed {options.seed}: {len(wiki.pages)} pages, {total} links")
    print(f"  findings before: {sum(before.values())}")
    broken = break_links(wiki, changes, before)
    elsewhere = Counter(
        "same page" if _is_same(wiki, changes, link, now) else "another page" for link, now in broken.alive.items()
    )
    print(f"  renamed without the links: {len(changes.moves)} pages, {len(changes.headings)} headings")
    alive = f"still found {len(broken.alive)} {dict(sorted(elsewhere.items()))}"
    print(f"    led there {len(broken.led_there)}, {alive}, read as placeholders {len(broken.silent)}")
    print(f"    renumbered {len(broken.renumbered)}, missed {len(broken.missed)}, unexpected {len(broken.unexpected)}")
    for kind in ("missed", "unexpected"):
        for path, index in sorted(getattr(broken, kind))[: options.show]:
            page = wiki.pages[path]
            print(f"      {kind}: {path}: {inner_links(page)[index].span.of(page.text)}")
    renamed = rename_all(wiki, changes, before, step=options.step)
    new = renamed.new
    if options.out is not None:
        write_copy(options.wiki, options.out, renamed)
        new = findings(load(options.out, options.engine), renamed.paths) - before
    print(
        f"  renamed with the links: {renamed.done}, {renamed.rewritten} links rewritten, {len(renamed.refused)} refused"
    )
    print(f"    new findings {sum(new.values())} {'(read back from disk)' if options.out else ''}")
    for reason in renamed.refused[: options.show]:
        print(f"      refused: {reason}")
    for key in sorted(new, key=str)[: options.show]:
        print(f"      new: {key}")
    print(f"  {time.perf_counter() - began:.0f} s")
    return int(bool(broken.missed or broken.unexpected or new))


def _is_same(wiki: Wiki, changes: Changes, link: Link, now: str) -> bool:
    target, _named = _led_to(wiki, inner_links(wiki.pages[link[0]])[link[1]])
    return target is not None and changes.moves.get(target, target) == now


if __name__ == "__main__":
    sys.exit(main())
