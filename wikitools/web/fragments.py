"""Fragments of web addresses: which of them name a place on a page, and whether the page has it."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wikitools.web.shown import plain_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wikitools.web.shown import Page

_NOT_IDS = re.compile(
    r"[!:/]|page=|L\d+(?:C\d+)?(?:-L\d+(?:C\d+)?)?$|issuecomment-|discussion_r|diff-|t=\d|slide=|search=",
    re.IGNORECASE,
)
"""Fragments that programs on the page read: no element in its HTML has such a name."""
_NAMED = re.compile(
    r"""(?<![\w-])(?:id|name)["']?\s{0,9}[=:]\s{0,9}\\?(?:"([^"]{1,999})"|'([^']{1,999})'|([^\s"'<>=`]{1,999}))""",
    re.IGNORECASE,
)
"""An id or a name, also in a script or a comment. All repeats are bounded, so that no page makes a search slow."""


def anchor_of(fragment: str) -> str:
    """Return the anchor that a fragment names; "" for none, and for fragments that only programs understand.

    >>> anchor_of("method"), anchor_of("page=3"), anchor_of("method:~:text=word")
    ('method', '', 'method')
    """
    fragment = fragment.partition(":~:")[0]
    return "" if fragment.lower() in {"", "top"} or _NOT_IDS.match(fragment) else fragment


def find_anchors(page: Page, anchors: Iterable[str]) -> dict[str, str | bool | None]:
    """Return for each anchor whether a page has it: `True`, or the nearest name that it has ("": none).

    `None`: nobody can say, because the encoding of the page is not known, or because a heading is called so, of which a
    script may make an anchor. Scripts write anchors, too, so a name in a script counts.
    """
    names = {unescape(next(filter(None, match.groups())).rstrip("\\")) for match in _NAMED.finditer(page.text)}
    folded = {name.casefold(): name for name in sorted(names)}
    found: dict[str, str | bool | None] = {}
    for anchor in anchors:
        # By the HTML Standard the fragment counts as it is written, then as it is meant. GitHub adds a word.
        meant = unquote(anchor)
        if {anchor, meant, f"user-content-{meant}"} & names:
            found[anchor] = True
        elif plain_name(meant) in page.headings:
            found[anchor] = None
        else:
            found[anchor] = folded.get(meant.casefold(), "") if page.is_sure or meant.isascii() else None
    return found
