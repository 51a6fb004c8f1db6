"""Finds the findings that an earlier state of the wiki did not have."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wikitools.lint.run import order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wikitools.lint.run import Diagnostic


def find_new(
    now: Iterable[Diagnostic],
    before: Iterable[Diagnostic],
    *,
    renamed: Mapping[str, str],
    text_of: Callable[[str], str],
    old_text_of: Callable[[str], str],
) -> tuple[Diagnostic, ...]:
    """Return the diagnostics of `now` that `before` does not have, in their order.

    Two findings are equal if page, rule and subject are, so lines may move; `renamed` maps a page to its old path. If a
    page has more equal findings than before, those on lines that the old page did not have are the new ones.
    """
    old = Counter(each.key for each in before)
    found: dict[tuple[str, str, str], list[Diagnostic]] = {}
    for each in now:
        path, rule, subject = each.key
        found.setdefault((renamed.get(path, path), rule, subject), []).append(each)
    new: list[Diagnostic] = []
    lines: dict[str, frozenset[str]] = {}
    for key, same in found.items():
        extra = len(same) - old[key]
        if extra <= 0:
            continue
        if extra < len(same):
            if key[0] not in lines:
                lines[key[0]] = frozenset(old_text_of(key[0]).split("\n"))
            known = lines[key[0]]
            # Sorting is stable: among equals, the last ones count as added.
            same.sort(key=lambda each: _line(each, text_of) not in known)
        new += same[len(same) - extra :]
    return tuple(sorted(new, key=order))


def _line(diagnostic: Diagnostic, text_of: Callable[[str], str]) -> str:
    text = text_of(diagnostic.path)
    start = text.rfind("\n", 0, diagnostic.span.start) + 1
    end = text.find("\n", diagnostic.span.start)
    return text[start : len(text) if end < 0 else end]
