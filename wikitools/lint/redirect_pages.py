"""Pages that only redirect readers to another page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.markdown.page import WebLink
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wikitools.markdown.page import Page, PageLink
    from wikitools.wiki.wiki import Wiki

_KEYS = ("redirect", "redirect_to", "redirectto", "redirect-to")
_LONGEST = 1000
"""A page with more text than this, title and link included, is not just a redirect."""
_TITLE = re.compile(r"\s*#[^\n]*\n")
_SENDING_ON = re.compile(
    r"(?:this (?:page|note) (?:has|was|is)?\s*(?:been )?)?"
    r"(?:#?redirect(?:s|ed)?(?: to)?|(?:has |was |is |been )*(?:moved|renamed|merged)(?: (?:to|into))?|→|->|=>)"
    r"\s*:?\s*",
    re.IGNORECASE,
)


def redirects_of(wiki: Wiki) -> Mapping[str, str]:
    """Return the final target of each redirect, a page's path or an address, by the redirect's path.

    Chains are followed to their end; circles are left out.
    """
    steps = {path: goal for path in wiki.senders(sends_on) if (goal := _goal(wiki.pages[path], wiki)) is not None}
    ends = ((path, _end(path, steps)) for path in steps)
    return {path: end for path, end in ends if end is not None}


def sends_on(page: Page) -> bool:
    """Say whether a page is a redirect, without looking at other pages."""
    return _step(page) is not None


def _end(path: str, steps: Mapping[str, str]) -> str | None:
    seen = {path}
    while path in steps:
        path = steps[path]
        if path in seen or len(seen) > _LONGEST_CHAIN:
            return None
        seen.add(path)
    return path


_LONGEST_CHAIN = 50


def _goal(page: Page, wiki: Wiki) -> str | None:
    step = _step(page)
    if step is None:
        return None
    return _named(step, page, wiki) if isinstance(step, str) else _inside(wiki.target_of(step), page, wiki)


def _step(page: Page) -> str | PageLink | None:
    """Return the target of a redirect: that in its front matter, or its only link."""
    for key in _KEYS:
        entry = page.front_matter.get(key)
        if entry is not None and isinstance(entry.value, str) and entry.value.strip():
            return entry.value.strip()
    start = 0 if page.front_matter_span is None else page.front_matter_span.end
    if len(page.text) - start > _LONGEST:
        return None
    links = [link for link in page.links if link.span.start >= start]
    if len(links) != 1 or isinstance(links[0], WebLink) or getattr(links[0], "embed", False):
        return None
    link = links[0]
    before = page.text[start : link.span.start].lstrip("\ufeff\r\n ")
    before = _TITLE.sub("", before, count=1) if before.startswith("#") and "\n" in before else before
    after = page.text[link.span.end :]
    if _SENDING_ON.fullmatch(before.strip(" \t\r\n*_>") + " ") is None or after.strip(" \t\r\n.*_"):
        return None
    return link


def _named(goal: str, page: Page, wiki: Wiki) -> str | None:
    """Return what the front matter names: an address, a path or a page."""
    if "://" in goal:
        return goal
    name = goal.removeprefix("[[").removesuffix("]]").partition("|")[0].partition("#")[0].strip()
    answer = wiki.resolve_name(name, page.path) if name else None
    return _inside(answer.target, page, wiki) if isinstance(answer, Found) else None


def _inside(target: str | None, page: Page, wiki: Wiki) -> str | None:
    return target if target in wiki.pages and target != page.path else None
