"""How many wikilinks of a wiki each engine would leave broken."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wikitools.text import Span
from wikitools.wiki.engines import ENGINES, is_address, is_placeholder
from wikitools.wiki.index import folder_of
from wikitools.wiki.page import MarkdownLink, Wikilink
from wikitools.wiki.resolution import Missing, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wikitools.wiki.engines import Engine
    from wikitools.wiki.index import Index
    from wikitools.wiki.resolution import Resolution
    from wikitools.wiki.wiki import Wiki


def compare_engines(
    wiki: Wiki, engines: Iterable[str] = tuple(ENGINES), *, markdown: bool = False
) -> tuple[tuple[str, int, int], ...]:
    """Return (engine, broken wikilinks, all wikilinks) for each of `engines`, fewest broken first, else in their order.

    Broken is a link whose target leads nowhere, whatever its anchor. Placeholders and web addresses are not counted at
    all. The engine that the wiki was made with plays no part. `markdown` counts Markdown links in place of wikilinks.
    """
    # Equal links in one folder lead to one place: what is compared is their text, not where they stand.
    counts = _count_paths(wiki) if markdown else _count_wikilinks(wiki)
    total = sum(counts.values())
    ask = _broken_paths if markdown else _broken_wikilinks
    figures = [(name, ask(wiki.index, ENGINES[name], counts), total) for name in engines]
    return tuple(sorted(figures, key=lambda figure: figure[1]))


_Asked = tuple[str, str | None, str | None, str]
"""Target, anchor and label of a wikilink, and the folder it stands in."""


def _count_wikilinks(wiki: Wiki) -> Counter[_Asked]:
    counts: Counter[_Asked] = Counter()
    for page in wiki.pages.values():
        folder = folder_of(page.path)
        for link in page.links:
            if isinstance(link, Wikilink) and not _is_no_link(link):
                counts[link.target, link.anchor, link.label, folder] += 1
    return counts


def _count_paths(wiki: Wiki) -> Counter[_Asked]:
    counts: Counter[_Asked] = Counter()
    for page in wiki.pages.values():
        folder = folder_of(page.path)
        for link in page.links:
            if isinstance(link, MarkdownLink):
                path = unquote(link.url.partition("#")[0].partition("?")[0])
                if path and not is_placeholder(path) and not is_address(path):
                    counts[path, None, None, folder] += 1
    return counts


def _broken_wikilinks(index: Index, engine: Engine, counts: Counter[_Asked]) -> int:
    broken = 0
    dead: dict[tuple[str, str], bool] = {}
    for (written, hash_part, label, folder), times in counts.items():
        target, anchor = engine.read(Wikilink(_NOWHERE, written, hash_part, label))
        if not target:
            continue
        asked = (target, "" if engine.one_space else folder)
        is_dead = dead.get(asked)
        if is_dead is None:
            is_dead = dead[asked] = _is_dead(engine.resolve(index, *asked))
        if is_dead and engine.hash_in_names and anchor:
            is_dead = _is_dead(engine.resolve(index, f"{target}#{anchor}", folder))
        broken += times * is_dead
    return broken


def _broken_paths(index: Index, engine: Engine, counts: Counter[_Asked]) -> int:
    return sum(
        times for (path, _, _, folder), times in counts.items() if _is_dead(engine.resolve_path(index, path, folder))
    )


def _is_dead(answer: Resolution[str]) -> bool:
    return isinstance(answer, Missing) and answer.why not in (Reason.OTHER_WIKI, Reason.PLACEHOLDER)


_NOWHERE = Span("", 0, 0)


def _is_no_link(link: Wikilink) -> bool:
    """Say whether either half, one of which is the target, shows that no page of this wiki is meant."""
    return any(is_placeholder(half) or is_address(half) for half in (link.target, link.label or "") if half)
