"""Which links count when engines are compared: those that may name a page or file of this wiki."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import unquote

from wikitools.wiki.engines import is_address
from wikitools.wiki.placeholders import is_placeholder


@lru_cache(maxsize=50_000)
def counted_path(url: str) -> str | None:
    """Return the path that a Markdown link names; `None` when no file of this wiki is meant."""
    path = unquote(url.partition("#")[0].partition("?")[0])
    return path if path and not is_placeholder(path) and not is_address(path) else None


def is_counted(target: str, label: str | None) -> bool:
    """Say whether a wikilink counts: neither half of it (one is the target) shows that it leads outside this wiki."""
    return not any(is_placeholder(half) or is_address(half) for half in (target, label or "") if half)
