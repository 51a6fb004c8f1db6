"""Decides whether the repair of a dead link certainly finds the page that its author meant."""

from __future__ import annotations

import functools
import re
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING

from wikitools.markdown.page import START, MarkdownLink, Wikilink, heading_rows_of, rows_of
from wikitools.wiki.engines import is_asset_path
from wikitools.wiki.names_index import compose, fold, loosen
from wikitools.wiki.paths import base_name, folder_of, join, without_suffix
from wikitools.wiki.resolution import Found, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wikitools.markdown.page import PageLink
    from wikitools.wiki.names_index import Index
    from wikitools.wiki.wiki import Wiki

_CERTAIN = (Reason.CASE_DIFFERS, Reason.PERCENT_ENCODED)
_COMMON_NAMES = frozenset(
    "_index about api appendix architecture background bibliography changelog concepts conclusion config configuration"
    " contact contents contributing design discussion example examples faq features general getting-started glossary"
    " guide home index install installation intro introduction journal license links list log main meta methods misc"
    " news notes overview people plan project readme references resources results roadmap setup sources start summary"
    " template test tests toc todo tools tutorial usage welcome".split()
)
"""Nearly every folder may have a page with such a name: if there is only one elsewhere, it need not be the one that is
meant."""
_SHORTEST_NAME = 3
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2,4})?")
_DIGITS = re.compile(r"\d+")
_ABSENCE = (
    r"\b(?:stubs?|alias(?:es|ed)?|red ?links?|(?:dead|broken) (?:wiki)?links?|missing|unwritten|to-?do|tbd|planned"
    r"|wanted|renam(?:ed?|ing)|redirects?|(?:non-?|in)existent|to (?:write|create)(?=\s*:)"
    r"|(?:yet )?to be (?:written|created|added|made)"
    r"|(?:(?:when|once|until|if|not|never|yet)(?: yet)?|n['’]t)(?: been)? (?:exist|written|created|added|made|there)\w*"
    r"|(?:no|lacks?|needs?)(?: an?| such| own| its)*(?: [\w-]+)? (?:page|note|article|entry|file)s?"
    r"|fehl(?:t|en|ende\w*)|geplant\w*|noch nicht|existier(?:t|en) nicht"
    r"|manquante?s?|n['’]existent? pas|à (?:écrire|créer)|falta[n]?|no existen?|por (?:escribir|crear))\b"
    r"|缺失|缺少|不存在|待[写建补]|未(?:写|创建|作成)|存在しない"
)
"""Words about missing pages, or about how names lead to pages: in such a text a link is about its own name."""
_LIST_ITEM = re.compile(r"\s|[-*+>]|\d+[.)]\s")
_REACH = 2_000
"""How much of its line is read around a link, and how far above it the line that introduces its list may be."""


def is_certain(why: str, link: Wikilink | MarkdownLink, target: str, goal: str, wiki: Wiki) -> bool:
    """Say whether a dead link to `target` certainly means the page at `goal`, the only one that fits by `why`.

    A link to its own page is never certain: no author means that by a name or a path. Neither is a repair that would
    change the meaning of a line which says that a page is missing.
    """
    return goal != link.span.path and _is_meant(why, link, target, goal, wiki) and not _is_told_absent(link, wiki)


def _is_meant(why: str, link: Wikilink | MarkdownLink, target: str, goal: str, wiki: Wiki) -> bool:
    path = isinstance(link, MarkdownLink)
    if why in _CERTAIN:
        return True
    # In a path, an alias or a title is hardly meant.
    if why == Reason.ALIAS_ONLY:
        clear = isinstance(link, Wikilink) and _is_clear_alias(link, target, goal, wiki)
        return clear and _is_only(link, target, goal, wiki)
    if why == Reason.TITLE_ONLY:
        clear = not path and _has_words(target)
        return clear and _is_only(link, target, goal, wiki)
    if why == Reason.WRONG_FOLDER:
        # The name of a page says what it is about; other files have the same names in each folder:
        # `images/img_001.png`.
        return (
            not is_asset_path(base_name(target))
            and compose(base_name(without_suffix(target.rstrip("/")))) == compose(base_name(without_suffix(goal)))
            and _is_only_misplaced(link, target, goal, wiki)
        )
    if why == Reason.SPACE_OR_DASH:
        same_ends = _has_same_ends(base_name(without_suffix(target)), base_name(without_suffix(goal)))
        return same_ends and _is_in_its_folder(link, target, goal, wiki)
    return False


def _is_in_its_folder(link: PageLink, target: str, goal: str, wiki: Wiki) -> bool:
    """Say whether the page at `goal` is in the folder that the link names.

    A path always names a folder. Two pages in two folders whose names are spelled a little differently are different
    pages: `papers/robot_arms.md` lists what `entities/robot-arms.md` is about.
    """
    there = fold(folder_of(goal))
    asked = fold(folder_of(target.strip("/")))
    named = wiki.resolve_name(base_name(without_suffix(goal)), link.span.path)
    if isinstance(link, Wikilink) and isinstance(named, Found) and named.target == goal:
        # This engine looks for names in all folders.
        return not asked or f"/{there}".endswith(f"/{asked}")
    meant = join("" if target.startswith("/") else wiki.base_of(link.span.path), folder_of(target.strip("/")))
    return meant is not None and fold(meant) == there


def _is_told_absent(link: PageLink, wiki: Wiki) -> bool:
    """Say whether the line of a link, its heading, or the line that introduces its list is about missing pages."""
    page = wiki.pages[link.span.path]
    first, last = _line_of(link, page.text)
    if _speaks_of_absence(page.text[first:last]):
        return True
    rows = heading_rows_of(page.headings)
    start = max(first - _REACH, 0)
    if above := bisect_left([start for start, _end, _level, _text, _ids in rows], first):
        _heading, heading_end, _level, heading, _ids = rows[above - 1]
        if _speaks_of_absence(heading[:_REACH]):
            return True
        start = max(heading_end, start)
    if not _LIST_ITEM.match(page.text, first):
        start = first
    lines = (line for line in reversed(page.text[start:first].splitlines()) if line.strip())
    introduction = next((line for line in lines if not _LIST_ITEM.match(line)), "")
    return _speaks_of_absence(introduction)


@lru_cache(maxsize=256)
def _speaks_of_absence(words: str) -> bool:
    return _absence().search(words) is not None


@functools.cache
def _absence() -> re.Pattern[str]:
    # Only dead links need it, and it takes long to compile.
    return re.compile(_ABSENCE, re.IGNORECASE)


def _line_of(link: PageLink, text: str) -> tuple[int, int]:
    """Return start and end of the line of a link; for a very long line, of a part around it that many links share."""
    start, end = link.span.start, link.span.end
    lowest, highest = max(0, (start // _REACH - 1) * _REACH), (end // _REACH + 2) * _REACH
    first = max(text.rfind("\n", lowest, start), text.rfind("\r", lowest, start))
    after = text.find("\n", end, highest)
    return first + 1 if first >= 0 else lowest, after if after >= 0 else min(len(text), highest)


def _has_words(name: str) -> bool:
    """Say whether a name has two words or more, separated by blanks.

    A single word, or an acronym, has many meanings; and `wave-theory` looks like a file name, so it means a page of its
    own.
    """
    words = [part for part in base_name(without_suffix(name)).split() if any(map(str.isalpha, part))]
    return len(words) > 1


def _is_clear_alias(link: Wikilink, target: str, goal: str, wiki: Wiki) -> bool:
    """Say whether an alias was written as one, or the label names the page."""
    page = wiki.pages[goal]
    label = link.label if target == link.target else link.target
    if label is not None and loosen(label) in (loosen(page.title), loosen(page.name)):
        return True
    written = compose(without_suffix(target.rstrip("/")))
    return _has_words(target) and any(compose(alias) == written for alias in page.aliases)


def _is_only(link: PageLink, target: str, goal: str, wiki: Wiki) -> bool:
    """Say whether only the page at `goal` has this name: in the wiki, on the line and in the link itself."""
    if isinstance(link, Wikilink):
        other = link.label if target == link.target else link.target
        named = wiki.resolve_name(other.partition("#")[0].strip(), link.span.path) if other else None
        if isinstance(named, Found) and named.target not in (goal, link.span.path):
            return False
    return _is_named_so(target, goal, wiki) and not _is_beside(link, goal, wiki)


def _is_named_so(target: str, goal: str, wiki: Wiki) -> bool:
    """Say whether no other page has this name, title or alias, ignoring case, blanks and dashes."""
    bare = without_suffix(target.rstrip("/"))
    index = wiki.index
    others = {*index.aliases.get(fold(bare), ()), *index.titles.get(fold(bare), ())}
    others.update(path for path in index.loose_names.get(loosen(base_name(bare)), ()) if path in wiki.pages)
    return others <= {goal}


def _is_beside(link: PageLink, goal: str, wiki: Wiki) -> bool:
    """Say whether the line has a link to the page already: then its author distinguishes the two names.

    Examples: "no [[splicing]] page yet, only [[rna-processing]]", "[[tides]] corrected to [[ocean-tides]]".
    """
    page = wiki.pages[link.span.path]
    first, last = _line_of(link, page.text)
    rows = rows_of(page.links)
    low = bisect_left(rows, first, key=lambda row: row[START])
    high = bisect_left(rows, last, key=lambda row: row[START])
    if high - low > _MOST_BESIDE:
        return True
    return any(wiki.target_of(page.links[at]) == goal for at in range(low, high))


_MOST_BESIDE = 50
"""A line with more links is a list of all kinds of things, and comparing all pairs would take long."""


def _has_same_ends(one: str, other: str) -> bool:
    """Say whether the two names start and end alike, with letters or without: `-help` is not `help`."""
    return one[:1].isalnum() == other[:1].isalnum() and one[-1:].isalnum() == other[-1:].isalnum()


def _is_only_misplaced(link: PageLink, target: str, goal: str, wiki: Wiki) -> bool:
    """Say whether the link means a page that is in another folder, rather than one that is not written yet."""
    from_path = link.span.path
    name = fold(base_name(without_suffix(target.rstrip("/"))))
    asked = [fold(step) for step in target.strip("/").split("/") if step not in ("", ".", "..")][:-1]
    there = fold(folder_of(goal)).split("/")
    if asked and isinstance(link, MarkdownLink) and not target.startswith("/"):
        # A path says which folder it means.
        meant = join(wiki.base_of(from_path), folder_of(target.rstrip("/")))
        if meant and fold(meant) in wiki.index.table(_folders):
            return False
    if asked and there[-len(asked) :] == asked:
        # The folder is right, only the path to it is wrong.
        return True
    if name in _COMMON_NAMES or (name.isascii() and len(name) < _SHORTEST_NAME):
        return False
    if not asked:
        # The page's own folder: its author missed some steps up or down from there. A page in any other folder is a #
        # different one. If both folders have pages with the same names, each has its own.
        own = fold(folder_of(from_path))
        if not _is_within(own, "/".join(there)):
            return False
        twins = wiki.index.table(_names_by_folder)
        return not twins.get(own, frozenset()) & twins.get("/".join(there), frozenset()) - _COMMON_NAMES
    if any(_LANGUAGE.fullmatch(step) for step in {*asked} ^ {*there}):
        return False
    if _DIGITS.findall("/".join(asked)) != _DIGITS.findall("/".join(there)) and any(map(_DIGITS.search, asked)):
        return False
    return "/".join(asked) not in wiki.index.table(_folder_endings)


def _is_within(one: str, other: str) -> bool:
    """Say whether one of two folders is in the other."""
    short, long = sorted((one, other), key=len)
    return not short or f"{long}/".startswith(f"{short}/")


def _names_by_folder(index: Index) -> Mapping[str, frozenset[str]]:
    """Return the names of the pages in each folder, folded."""
    found: dict[str, set[str]] = {}
    for path in index.pages:
        found.setdefault(fold(folder_of(path)), set()).add(fold(base_name(without_suffix(path))))
    return {folder: frozenset(names) for folder, names in found.items()}


def _folders(index: Index) -> frozenset[str]:
    """Return the paths of all folders with pages in them, however deep, folded."""
    found: set[str] = set()
    for folder in index.table(_names_by_folder):
        steps = folder.split("/")
        found.update("/".join(steps[:last]) for last in range(1, len(steps) + 1))
    return frozenset(found)


def _folder_endings(index: Index) -> frozenset[str]:
    """Return all endings of the paths of folders with pages in them, folded."""
    found: set[str] = set()
    for folder in index.table(_folders):
        steps = folder.split("/")
        found.update("/".join(steps[first:]) for first in range(len(steps)))
    return frozenset(found)
