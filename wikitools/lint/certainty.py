"""Whether the page that a repair of a dead link leads to is certainly the one that the author meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.wiki.engines import is_asset_path
from wikitools.wiki.index import base_name, compose, fold, folder_of, loosen, without_suffix
from wikitools.wiki.resolution import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wikitools.wiki.index import Index
    from wikitools.wiki.wiki import Wiki

_CERTAIN = (Reason.CASE_DIFFERS, Reason.PERCENT_ENCODED)
_COMMON_NAMES = frozenset(
    "_index about api appendix architecture background bibliography changelog concepts conclusion config configuration"
    " contact contents contributing design discussion example examples faq features general getting-started glossary"
    " guide home index install installation intro introduction journal license links list log main meta methods misc"
    " news notes overview people plan project readme references resources results roadmap setup sources start summary"
    " template test tests toc todo tools tutorial usage welcome".split()
)
"""Nearly every folder may have one of these: that there is only one elsewhere does not say that it is meant."""
_SHORTEST_NAME = 3
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2,4})?")
_DIGITS = re.compile(r"\d+")
_BETWEEN_WORDS = re.compile(r"[\s_-]+")


def is_certain(why: str, target: str, goal: str, wiki: Wiki, *, from_path: str, label: str | None, path: bool) -> bool:
    """Say whether a dead link to `target` certainly means the page at `goal`, the only one that fits by `why`.

    `path` says that it is a Markdown link. Nothing is certain that leads a page to itself: no author means that by a
    name or a path.
    """
    if goal == from_path:
        return False
    if why in _CERTAIN:
        return True
    # In a path an alias or a title is hardly meant as one.
    if why == Reason.ALIAS_ONLY:
        return not path and _is_named_so(target, goal, wiki) and _is_clear_alias(target, goal, wiki, label)
    if why == Reason.TITLE_ONLY:
        return not path and _is_named_so(target, goal, wiki) and _has_words(target)
    if why == Reason.WRONG_FOLDER:
        # The name of a page tells what it is about; other files are named alike, `images/img_001.png` in each folder.
        return not is_asset_path(base_name(target)) and _is_only_misplaced(target, goal, wiki, from_path)
    if why == Reason.SPACE_OR_DASH:
        return _has_same_ends(base_name(without_suffix(target)), base_name(without_suffix(goal))) and (
            "/" not in target or fold(base_name(folder_of(target))) == fold(base_name(folder_of(goal)))
        )
    return False


def _has_words(name: str) -> bool:
    """Say whether a name has two words or more: a single one, or an acronym, has many meanings."""
    words = [part for part in _BETWEEN_WORDS.split(base_name(without_suffix(name))) if any(map(str.isalpha, part))]
    return len(words) > 1


def _is_clear_alias(target: str, goal: str, wiki: Wiki, label: str | None) -> bool:
    """Say whether an alias was written as one, or the label names the page."""
    page = wiki.pages[goal]
    if label is not None and loosen(label) in (loosen(page.title), loosen(page.name)):
        return True
    written = compose(without_suffix(target.rstrip("/")))
    return _has_words(target) and any(compose(alias) == written for alias in page.aliases)


def _is_named_so(target: str, goal: str, wiki: Wiki) -> bool:
    """Say whether no other page is named, titled or called so, but for case, blanks and dashes."""
    bare = without_suffix(target.rstrip("/"))
    index = wiki.index
    others = {*index.aliases.get(fold(bare), ()), *index.titles.get(fold(bare), ())}
    others.update(path for path in index.loose_names.get(loosen(base_name(bare)), ()) if path in wiki.pages)
    return others <= {goal}


def _has_same_ends(one: str, other: str) -> bool:
    """Say whether what differs stands between letters: `-help` is not `help`."""
    return bool(one and other) and one[0].isalnum() == other[0].isalnum() and one[-1].isalnum() == other[-1].isalnum()


def _is_only_misplaced(target: str, goal: str, wiki: Wiki, from_path: str) -> bool:
    """Say whether a page is not where it is looked for, rather than another one that nobody has written yet."""
    name = fold(base_name(without_suffix(target.rstrip("/"))))
    asked = [fold(step) for step in target.strip("/").split("/") if step not in ("", ".", "..")][:-1]
    there = fold(folder_of(goal)).split("/")
    if asked and there[-len(asked) :] == asked:
        # The folder is the right one, only the way to it is not.
        return True
    if name in _COMMON_NAMES or (name.isascii() and len(name) < _SHORTEST_NAME):
        return False
    if not asked:
        # The page's own folder, or one above it. Where both folders have pages of one name, each has a page for itself.
        twins = wiki.index.table(_names_by_folder)
        own = twins.get(fold(folder_of(from_path)), frozenset())
        return not own & twins.get(fold(folder_of(goal)), frozenset()) - _COMMON_NAMES
    if any(_LANGUAGE.fullmatch(step) for step in {*asked} ^ {*there}):
        return False
    if _DIGITS.findall("/".join(asked)) != _DIGITS.findall("/".join(there)) and any(map(_DIGITS.search, asked)):
        return False
    return "/".join(asked) not in wiki.index.table(_folder_endings)


def _names_by_folder(index: Index) -> Mapping[str, frozenset[str]]:
    """Return the names of the pages in each folder, folded."""
    found: dict[str, set[str]] = {}
    for path in index.pages:
        found.setdefault(fold(folder_of(path)), set()).add(fold(base_name(without_suffix(path))))
    return {folder: frozenset(names) for folder, names in found.items()}


def _folder_endings(index: Index) -> frozenset[str]:
    """Return how the paths of all folders with pages in them may end, folded."""
    found: set[str] = set()
    for folder in index.table(_names_by_folder):
        steps = folder.split("/")
        for last in range(1, len(steps) + 1):
            found.update("/".join(steps[first:last]) for first in range(last))
    return frozenset(found)
