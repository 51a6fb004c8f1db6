"""How many wikilinks of a wiki each engine would leave broken."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from wikitools.text import Span
from wikitools.wiki.engines import ENGINES, is_address
from wikitools.wiki.index import folder_of
from wikitools.wiki.page import CUT, MARKDOWN, WIKILINK, Page, Wikilink, rows_of
from wikitools.wiki.placeholders import is_placeholder
from wikitools.wiki.resolution import Missing, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wikitools.wiki.engines import Engine
    from wikitools.wiki.index import Index
    from wikitools.wiki.resolution import Resolution
    from wikitools.wiki.rows import Row
    from wikitools.wiki.wiki import Wiki


def compare_engines(
    wiki: Wiki, engines: Iterable[str] = tuple(ENGINES), *, markdown: bool = False
) -> tuple[tuple[str, int, int], ...]:
    """Return (engine, broken wikilinks, all wikilinks) for each of `engines`, fewest broken first, else in their order.

    Broken is a link whose target leads nowhere, whatever its anchor. Placeholders and web addresses are not counted at
    all. The engine that the wiki was made with plays no part. `markdown` counts Markdown links in place of wikilinks.
    """
    return _compare(wiki.index, _count_links(wiki.pages.values()), engines, markdown=markdown)


def _compare(
    index: Index, counts: _Counts, engines: Iterable[str] = tuple(ENGINES), *, markdown: bool
) -> tuple[tuple[str, int, int], ...]:
    figures: list[tuple[str, int, int]] = []
    if markdown:
        total = counts.paths.total()
        figures += ((name, _broken_paths(index, ENGINES[name], counts.paths), total) for name in engines)
    else:
        total = counts.wikilinks.total()
        # Several engines read links alike.
        read: dict[Callable[[Wikilink], tuple[str, str | None]], Counter[_Asked]] = {}
        for name in engines:
            engine = ENGINES[name]
            if engine.read not in read:
                read[engine.read] = _read_all(counts.wikilinks, engine.read)
            figures.append((name, _broken_wikilinks(index, engine, read[engine.read]), total))
    return tuple(sorted(figures, key=lambda figure: figure[1]))


@dataclass(frozen=True, slots=True)
class Misfit:
    """A wiki is read by the rules of an engine that it was not written for; of `links` these leave some broken."""

    engine: str
    broken: int
    better: str
    better_broken: int
    links: int
    kind: str
    """"wikilinks" or "Markdown links"."""


_FEWEST, _SHARE = 20, 0.2
"""From how many broken links, and from which share of all, another engine is worth a look."""
_GAIN = 20
"""How many links of one kind must come alive for each of the other kind that breaks."""


def find_misfit(wiki: Wiki) -> Misfit | None:
    """Return what another engine would make of the wiki's links, when under its own many are broken, under that few.

    Few means: less than half as many, and of the other kind of link hardly more. Costs next to nothing on healthy
    wikis.
    """
    own, index = wiki.engine.name, wiki.index
    counts = _count_links(wiki.pages.values())
    for markdown in (False, True):
        (_name, broken, links), *_rest = _compare(index, counts, [own], markdown=markdown)
        if not _are_many(broken, links):
            continue
        others = {name: count for name, count, _links in _compare(index, counts, markdown=not markdown)}
        for better, count, _links in _compare(index, counts, markdown=markdown):
            if count * 2 < broken and others[better] - others[own] <= (broken - count) // _GAIN:
                kind = "Markdown links" if markdown else "wikilinks"
                return Misfit(own, broken, better, count, links, kind)
    return None


Tally = tuple[int, int, int, int]
"""How many wikilinks a page has, how many of them the wiki's own engine leaves broken; the same of Markdown links."""


def tally_links(page: Page, wiki: Wiki) -> Tally:
    """Count the links of one page, in the way of `find_misfit`."""
    engine, index = wiki.engine, wiki.index
    alive = [0, 0]
    targets, doubtful = wiki.plain_targets(page)
    rows = rows_of(page.links)
    for row, target in zip(rows, targets, strict=True):
        if target is not None:
            alive[row[0] == MARKDOWN] += 1
    if not doubtful:
        return alive[0], 0, alive[1], 0
    links, paths = counts = _Counts(Counter(), Counter())
    _count_rows(counts, folder_of(page.path), [rows[number] for number in doubtful])
    broken = _broken_wikilinks(index, engine, _read_all(links, engine.read)) if links else 0
    broken_paths = _broken_paths(index, engine, paths, index.table(_dead_paths))
    return links.total() + alive[0], broken, paths.total() + alive[1], broken_paths


def _dead_paths(_index: Index) -> dict[tuple[str, str], bool]:
    """Return where it is kept which Markdown links, by path and folder, the wiki's own engine leaves broken."""
    return {}


def may_misfit(tallies: Iterable[Tally]) -> bool:
    """Say whether so many links are broken that `find_misfit` would compare engines; `tallies` are those of pages."""
    sums = [sum(column) for column in zip(*tallies, strict=True)] or [0, 0, 0, 0]
    return any(_are_many(broken, links) for links, broken in (sums[:2], sums[2:]))


def _are_many(broken: int, links: int) -> bool:
    return broken >= _FEWEST and broken >= links * _SHARE


@dataclass(frozen=True, slots=True)
class Choice:
    """The engine that suits a wiki, why, and how many links each engine would leave broken."""

    engine: str
    why: str
    wikilinks: int
    paths: int
    broken: Mapping[str, tuple[int, int]]
    """By engine, fewest first: broken wikilinks, broken Markdown links."""

    def lines(self) -> tuple[str, ...]:
        """Return the figures as text, an engine a line."""
        return tuple(
            f"{name:<16} {wikilinks:>7,} of {self.wikilinks:,} wikilinks, {paths:>7,} of {self.paths:,} Markdown links"
            for name, (wikilinks, paths) in self.broken.items()
        )


def choose_engine(wiki: Wiki, marks: Mapping[str, str], hints: Mapping[str, str] | None = None) -> Choice:
    """Return the engine that the wiki is made for; `marks` are files that programs left, by engine, the best first.

    Some engines forgive more than others, and every wiki has links that are simply wrong. So an engine that left its
    mark stays unless another one leaves far fewer links broken, and so does the usual one (plain Markdown where there
    are hardly any wikilinks, else Obsidian) unless another one leaves clearly fewer. `hints` are marks that decide only
    between engines that are equally good.
    """
    counts = _count_links(wiki.pages.values())
    wikilinks = {name: broken for name, broken, _links in _compare(wiki.index, counts, markdown=False)}
    paths = {name: broken for name, broken, _links in _compare(wiki.index, counts, markdown=True)}
    total, total_paths = counts.wikilinks.total(), counts.paths.total()
    sums = {name: wikilinks[name] + paths[name] for name in ENGINES}
    order = sorted(ENGINES, key=lambda name: sums[name])
    broken = {name: (wikilinks[name], paths[name]) for name in order}
    least, links = sums[order[0]], total + total_paths
    usual = "markdown" if total <= links * _HARDLY_ANY else "obsidian"
    slips = min(_FEW, links * _SLIPS)
    marked = [name for name in marks if sums[name] <= least + max(links * _FAR, slips)]
    hinted = [name for name in hints or {} if sums[name] <= sums[usual]]
    engine, why = order[0], f"fewest broken links: {least:,} of {links:,}"
    if not links:
        engine = next(iter(marks), next(iter(ENGINES)))
        why = f"{marks[engine]} is there" if engine in marks else "the default: there are no links to go by"
    elif marked or hinted:
        engine = marked[0] if marked else hinted[0]
        mark = marks[engine] if marked else (hints or {})[engine]
        why = f"{mark} is there, and {sums[engine]:,} of {links:,} links are broken"
    elif sums[usual] <= least + max(links * _CLEARLY, slips):
        engine, dead = usual, f"{sums[usual]:,} of {links:,} links are broken"
        others = "; no other engine leaves clearly fewer" if sums[usual] else ""
        why = f"hardly any wikilinks; {dead}" if usual == "markdown" else f"{dead}{others}"
    return Choice(engine, why, total, total_paths, broken)


_FAR, _CLEARLY, _HARDLY_ANY = 0.25, 0.1, 0.01
"""Which share of all links must come alive for an engine to be chosen against a mark, or against the usual one; up to
which share of wikilinks a wiki is one of plain Markdown."""
_FEW, _SLIPS = 2, 0.25
"""In a small wiki, so many links more may be broken, at most this share of them: a slip or two of the pen is no sign of
another program."""


def broken_by_page(wiki: Wiki, engine: str) -> dict[str, int]:
    """Return how many links each page has that an engine would leave broken, of the pages that have any."""
    chosen, index = ENGINES[engine], wiki.index
    dead: dict[tuple[str, str], bool] = {}
    dead_paths: dict[tuple[str, str], bool] = {}
    found: dict[str, int] = {}
    for page in wiki.pages.values():
        links, paths = counts = _Counts(Counter(), Counter())
        _count_rows(counts, folder_of(page.path), rows_of(page.links))
        broken = _broken_wikilinks(index, chosen, _read_all(links, chosen.read), dead)
        broken += _broken_paths(index, chosen, paths, dead_paths)
        if broken:
            found[page.path] = broken
    return found


_Asked = tuple[str, str | None, str]
"""Target and anchor of a wikilink, and the folder it stands in."""


class _Counts(NamedTuple):
    """How often which links stand on pages. Equal links in one folder lead to one place: their text is counted."""

    wikilinks: Counter[tuple[str, str | None, str | None, str]]
    """By target, anchor, label and folder."""
    paths: Counter[tuple[str, str]]
    """Markdown links by path and folder."""


def _count_links(pages: Iterable[Page]) -> _Counts:
    counts = _Counts(Counter(), Counter())
    for page in pages:
        _count_rows(counts, folder_of(page.path), rows_of(page.links))
    return counts


def _count_rows(counts: _Counts, folder: str, rows: Iterable[Row]) -> None:
    for row in rows:
        if row[0] == WIKILINK:
            target, anchor, label = row[3:6]
            if not row[6] & CUT and _is_counted(target, label):
                counts.wikilinks[target, anchor, label, folder] += 1
        elif row[0] == MARKDOWN:
            path = counted_path(row[3])
            if path is not None:
                counts.paths[path, folder] += 1


@lru_cache(maxsize=50_000)
def counted_path(url: str) -> str | None:
    """Return the path that a Markdown link names; `None` when no file of this wiki is meant."""
    path = unquote(url.partition("#")[0].partition("?")[0])
    return path if path and not is_placeholder(path) and not is_address(path) else None


def _read_all(
    counts: Counter[tuple[str, str | None, str | None, str]], read: Callable[[Wikilink], tuple[str, str | None]]
) -> Counter[_Asked]:
    found: Counter[_Asked] = Counter()
    for (written, hash_part, label, folder), times in counts.items():
        target, anchor = read(Wikilink(_NOWHERE, written, hash_part, label))
        if target:
            found[target, anchor, folder] += times
    return found


def _broken_wikilinks(
    index: Index, engine: Engine, counts: Counter[_Asked], dead: dict[tuple[str, str], bool] | None = None
) -> int:
    """Count the broken links; `dead` keeps the answers from one call to the next."""
    broken = 0
    dead = {} if dead is None else dead
    for (target, anchor, folder), times in counts.items():
        asked = (target, "" if engine.one_space else folder)
        is_dead = dead.get(asked)
        if is_dead is None:
            is_dead = dead[asked] = _is_dead(engine.resolve(index, *asked))
        if is_dead and engine.hash_in_names and anchor:
            is_dead = _is_dead(engine.resolve(index, f"{target}#{anchor}", folder))
        broken += times * is_dead
    return broken


def _broken_paths(
    index: Index, engine: Engine, counts: Counter[tuple[str, str]], dead: dict[tuple[str, str], bool] | None = None
) -> int:
    """Count the broken Markdown links in the same way."""
    broken = 0
    dead = {} if dead is None else dead
    for asked, times in counts.items():
        is_dead = dead.get(asked)
        if is_dead is None:
            is_dead = dead[asked] = _is_dead(engine.resolve_path(index, *asked))
        broken += times * is_dead
    return broken


def _is_dead(answer: Resolution[str]) -> bool:
    return isinstance(answer, Missing) and answer.why not in (Reason.OTHER_WIKI, Reason.PLACEHOLDER)


_NOWHERE = Span("", 0, 0)


def is_counted(link: Wikilink) -> bool:
    """Say whether neither half of a wikilink, one of which is the target, shows that no page of this wiki is meant."""
    return not link.cut and _is_counted(link.target, link.label)


def _is_counted(target: str, label: str | None) -> bool:
    return not any(is_placeholder(half) or is_address(half) for half in (target, label or "") if half)
