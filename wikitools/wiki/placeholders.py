"""Targets that stand for a link, in a template or in a page about links, and lead nowhere on purpose."""

from __future__ import annotations

import fnmatch
import re
from functools import cache

PLACEHOLDERS = ("...", "…", "*/...", "*/…", "*<?*>*", "*{?*}*", "$[0-9]*", "wikilink", "wikilinks")
"""The globs by default: `[[...]]`, `[[<slug>]]`, `[[{{title}}]]`, `[[$1]]`, and the syntax's own name."""


def is_placeholder(target: str, globs: tuple[str, ...] = PLACEHOLDERS) -> bool:
    """Say whether one of the globs fits the whole target; case does not count.

    >>> is_placeholder("<slug>"), is_placeholder("unknown"), is_placeholder("unknown", ("unknown",))
    (True, False, True)
    """
    return any(pattern.match(target) is not None for pattern in _patterns(globs))


@cache
def _patterns(globs: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(fnmatch.translate(glob), re.IGNORECASE) for glob in globs)
