"""Counts the wikilinks that each engine would leave broken."""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple

from wikitools.markdown.page import CUT, KIND, MARKDOWN, URL, WIKILINK, Page, Wikilink, rows_of
from wikitools.records import dataclass
from wikitools.text import Span
from wikitools.wiki.counted_links import counted_path, is_counted
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.lazy_pages import UnknownError
from wikitools.wiki.paths import folder_of
from wikitools.wiki.resolution import Found, Missing, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wikitools.markdown.page import LinkRow
    from wikitools.wiki.engines import Engine
    from wikitools.wiki.names_index import Index
    from wikitools.wiki.resolution import Resolution
    from wikitools.wiki.wiki import Wiki


def _compare(index: Index, counts: _Counts, *, markdown: bool) -> tuple[tuple[str, int, int], ...]:
    """Return (engine, broken links, all links) of each engine, fewest broken first, else in the order of `ENGINES`.

    A link is broken if its target leads nowhere, whatever its anchor. Placeholders and web addresses are not counted.
    The engine of `index` plays no part. `markdown` counts Markdown links instead of wikilinks.
    """
    figures: list[tuple[str, int, int]] = []
    if markdown:
        total = counts.paths.total()
        figures += ((name, Judge(index, ENGINES[name]).count_paths(counts.paths), total) for name in ENGINES)
    else:
        total = counts.wikilinks.total()
        # Several engines read links alike.
        read: dict[Callable[[Wikilink], tuple[str, str | None]], Counter[_Asked]] = {}
        for name in ENGINES:
            engine = ENGINES[name]
            if engine.read not in read:
                read[engine.read] = _read_all(counts.wikilinks, engine.read)
            figures.append((name, Judge(index, engine).count_names(read[engine.read]), total))
    return tuple(sorted(figures, key=lambda figure: figure[1]))


Tally = tuple[int, int | None, int, int | None]
"""The number of wikilinks on a page, how many of them are broken under the wiki's own engine, and the same two numbers
for Markdown links.

A number is `None` if it depends on other pages that are not known yet."""


def tally_links(page: Page, wiki: Wiki) -> Tally:
    """Count the links of one page as `choose_engine` counts them."""
    engine, index = wiki.engine, wiki.index
    alive = [0, 0]
    targets, doubtful = wiki.plain_targets(page)
    rows = rows_of(page.links)
    for row, target in zip(rows, targets, strict=True):
        if target is not None:
            alive[row[KIND] == MARKDOWN] += 1
    if not doubtful:
        return alive[0], 0, alive[1], 0
    links, paths = counts = _Counts(Counter(), Counter())
    _count_rows(counts, folder_of(page.path), [rows[number] for number in doubtful])
    judge = Judge(index, engine, paths=index.table(_dead_paths))
    broken: int | None
    broken_paths: int | None
    try:
        broken = judge.count_names(_read_all(links, engine.read)) if links else 0
    except UnknownError:
        broken = None
    try:
        broken_paths = judge.count_paths(paths)
    except UnknownError:
        broken_paths = None
    return links.total() + alive[0], broken, paths.total() + alive[1], broken_paths


def _dead_paths(_index: Index) -> dict[tuple[str, str], bool]:
    """Return the memo that says, by path and folder, which Markdown links are broken under the wiki's own engine."""
    return {}


@dataclass(frozen=True, slots=True)
class Choice:
    """The engine that suits a wiki, why, and how many links each engine would leave broken."""

    engine: str
    why: str
    wikilinks: int
    paths: int
    broken: Mapping[str, tuple[int, int]]
    """For each engine the broken wikilinks and the broken Markdown links; the engine with the fewest comes first."""
    unwritten: int
    """How many of these are no mistake, because the chosen engine shows a page for every name."""

    def lines(self) -> tuple[str, ...]:
        """Return the figures as text, one line for each engine, about the kinds of links that the wiki has."""
        kinds = ((self.wikilinks, "wikilinks"), (self.paths, "Markdown links"))
        rows = [
            f"{name:<16} "
            + ", ".join(
                f"{broken:>7,} of {total:,} {kind}"
                for broken, (total, kind) in zip(both, kinds, strict=True)
                if total or not any(all_links for all_links, _kind in kinds)
            )
            for name, both in self.broken.items()
        ]
        if self.unwritten:
            rows.append(
                f"({self.engine}: {self.unwritten:,} of them to pages that are not written yet, no error there)"
            )
        return tuple(rows)


def choose_engine(wiki: Wiki, marks: Mapping[str, str], hints: Mapping[str, str] | None = None) -> Choice:
    """Return the engine that the wiki is made for.

    `marks` are files that programs left, by engine, the strongest first. Some engines accept more links than others,
    and every wiki has links that are simply wrong. So an engine whose mark is there is chosen unless another one leaves
    far fewer links broken. Without a mark it is the usual engine (plain Markdown if there are hardly any wikilinks,
    else Obsidian) unless another one leaves clearly fewer. `hints` are marks that only decide between equally good
    engines.
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
    unwritten = _unwritten(wiki.index, counts, ENGINES[engine], sums[engine])
    if unwritten:
        why += f"; {unwritten:,} of these lead to pages that are not written yet, which is no error in {engine}"
    return Choice(engine, why, total, total_paths, broken, unwritten)


def _unwritten(index: Index, counts: _Counts, engine: Engine, broken: int) -> int:
    """Return how many of the broken links lead to pages that are not written yet, where that is no mistake."""
    if not engine.shows_unwritten:
        return 0
    judge = Judge(index, engine, lets_unwritten=True)
    return broken - judge.count_names(_read_all(counts.wikilinks, engine.read)) - judge.count_paths(counts.paths)


_FAR, _CLEARLY, _HARDLY_ANY = 0.25, 0.1, 0.01
"""The share of all links that another engine must repair to be chosen against a mark, and against the usual engine; the
share of wikilinks up to which a wiki counts as plain Markdown."""
_FEW, _SLIPS = 2, 0.25
"""In a small wiki this many more links may be broken, up to this share of them: a typo or two does not mean that
another program wrote the wiki."""


def broken_by_page(wiki: Wiki, engine: str) -> dict[str, int]:
    """Return how many links an engine would report as broken on each page; pages without any are left out."""
    judge = Judge(wiki.index, ENGINES[engine], lets_unwritten=True)
    found: dict[str, int] = {}
    for page in wiki.pages.values():
        broken = sum(judge.breaks(link) for markdown in (False, True) for link in links_on(page, markdown=markdown))
        if broken:
            found[page.path] = broken
    return found


_Asked = tuple[str, str | None, str]
"""Target and anchor of a wikilink, and the folder of its page."""
Written = tuple[str, str | None, str | None, str] | tuple[str, str]
"""Target, anchor, label and folder of a wikilink, or path and folder of a Markdown link; the folder is that of the
page."""


def links_on(page: Page, *, markdown: bool) -> Iterator[Written]:
    """Yield those links of one kind on a page that count, in their order."""
    folder = folder_of(page.path)
    for row in rows_of(page.links):
        link = _counted(row, folder)
        if link is not None and markdown == (row[KIND] == MARKDOWN):
            yield link


def _counted(row: LinkRow, folder: str) -> Written | None:
    """Return the link in a row, or `None` if it does not count."""
    if row[KIND] == WIKILINK:
        _kind, _start, _end, target, anchor, label, flags, _whole = row
        return (target, anchor, label, folder) if not flags & CUT and is_counted(target, label) else None
    path = counted_path(row[URL]) if row[KIND] == MARKDOWN else None
    return None if path is None else (path, folder)


class _Counts(NamedTuple):
    """How often each link occurs. Equal links in one folder have one target, so they are counted by their text."""

    wikilinks: Counter[tuple[str, str | None, str | None, str]]
    """By target, anchor, label and folder."""
    paths: Counter[tuple[str, str]]
    """Markdown links by path and folder."""


def _count_links(pages: Iterable[Page]) -> _Counts:
    counts = _Counts(Counter(), Counter())
    for page in pages:
        _count_rows(counts, folder_of(page.path), rows_of(page.links))
    return counts


def _count_rows(counts: _Counts, folder: str, rows: Iterable[LinkRow]) -> None:
    for row in rows:
        link = _counted(row, folder)
        if link is None:
            continue
        if len(link) == 2:
            counts.paths[link] += 1
        else:
            counts.wikilinks[link] += 1


def _read_all(
    counts: Counter[tuple[str, str | None, str | None, str]], read: Callable[[Wikilink], tuple[str, str | None]]
) -> Counter[_Asked]:
    found: Counter[_Asked] = Counter()
    for (written, hash_part, label, folder), times in counts.items():
        target, anchor = read(Wikilink(_NOWHERE, written, hash_part, label))
        if target:
            found[target, anchor, folder] += times
    return found


@dataclass(frozen=True, slots=True)
class Judge:
    """Says which links an engine leaves broken among the files of an index; each is resolved once."""

    index: Index
    engine: Engine
    lets_unwritten: bool = False
    """Whether a link to a page that is not written yet counts as one that leads somewhere."""
    names: dict[tuple[str, str], bool] = field(default_factory=dict)
    """Whether a wikilink's target leads nowhere, by target and folder."""
    paths: dict[tuple[str, str], bool] = field(default_factory=dict)
    """The same for Markdown links, by path and folder."""
    targets: set[str] = field(default_factory=set)
    """The targets of the links that are not broken."""

    def breaks(self, link: Written) -> bool:
        """Say whether a link is broken, as it was written."""
        if len(link) == 2:
            return self.breaks_path(*link)
        written, hash_part, label, folder = link
        target, anchor = self.engine.read(Wikilink(_NOWHERE, written, hash_part, label))
        return bool(target) and self.breaks_name(target, anchor, folder)

    def breaks_name(self, target: str, anchor: str | None, folder: str) -> bool:
        """Say whether a wikilink is broken, by what the engine reads as its target and anchor."""
        engine = self.engine
        asked = (target, "" if engine.one_space else folder)
        dead = self.names.get(asked)
        if dead is None:
            dead = self.names[asked] = self._is_dead(engine.resolve(self.index, *asked))
        if dead and engine.hash_in_names and anchor:
            dead = self._is_dead(engine.resolve(self.index, f"{target}#{anchor}", folder))
        return dead

    def breaks_path(self, path: str, folder: str) -> bool:
        """Say whether a Markdown link is broken."""
        asked = (path, folder)
        dead = self.paths.get(asked)
        if dead is None:
            dead = self.paths[asked] = self._is_dead(self.engine.resolve_path(self.index, path, folder))
        return dead

    def count_names(self, counts: Counter[_Asked]) -> int:
        """Return how many of these wikilinks are broken."""
        return sum(times * self.breaks_name(*asked) for asked, times in counts.items())

    def count_paths(self, counts: Counter[tuple[str, str]]) -> int:
        """Return how many of these Markdown links are broken."""
        return sum(times * self.breaks_path(*asked) for asked, times in counts.items())

    def _is_dead(self, answer: Resolution[str]) -> bool:
        if isinstance(answer, Missing):
            lets = answer.why == Reason.UNWRITTEN and self.lets_unwritten
            return not lets and answer.why not in (Reason.OTHER_WIKI, Reason.PLACEHOLDER)
        self.targets.update((answer.target,) if isinstance(answer, Found) else answer.candidates[:3])
        return False


_NOWHERE = Span("", 0, 0)
