"""What a redirect means: the page has moved or is gone, or another page only stands in for it."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from wikitools.lint.url_status import host_of

_BY_DESIGN = frozenset(
    {"doi.org", "dx.doi.org", "hdl.handle.net", "purl.org", "w3id.org", "n2t.net", "web.archive.org", "arxiv.org"}
    | {"youtu.be"}
)
"""Hosts whose addresses are meant to lead elsewhere, and to last."""
_ARK = re.compile(r"/ark:/?\d")
"""An Archival Resource Key, at whichever host: it is meant to last, too."""
_SHORTENERS = frozenset(
    ("bit.ly", "t.co", "goo.gl", "tinyurl.com", "ow.ly", "is.gd", "buff.ly", "dlvr.it", "amzn.to", "go.nature.com")
)
_PASSING = re.compile(
    r"(?:^|[/._-])(?:log-?in|sign-?in|sso|auth|oauth\d?|consent|cookies?|captcha|search|lang)(?:[/._?-]|$)", re.I
)
"""Words in the address of a page that stands in for the one that was asked for."""
_FRONT = re.compile(r"(?:index|home|default|main|start|welcome)(?:\.\w{1,5})?|[a-z]{2}(?:[-_][a-z]{2,4})?", re.I)
"""A part of a path that names a front page, or its language."""


def is_front_page_now(page: str, to: str) -> bool:
    """Say whether a page with a path of its own leads to the front page of its site.

    Another host's front page may well be the page itself: projects move to a domain of their own.
    """
    before, now = urlsplit(page), urlsplit(to)
    parts = [part for part in before.path.split("/") if part]
    return (
        not all(map(_FRONT.fullmatch, parts))
        and now.path.strip("/") == ""
        and not now.query
        and site_of(page) == site_of(to)
        and not _is_by_design(page)
    )


def is_short(page: str) -> bool:
    """Say whether an address is one of a shortener, which is meant to lead elsewhere but may not last."""
    return site_of(page) in _SHORTENERS


def counts_as_move(page: str, to: str) -> bool:
    """Say whether a redirect means that the page has another address, not that another one stands in for it."""
    target = urlsplit(urljoin(page, to))
    stands_in = _PASSING.search(f"{target.hostname}/{target.path}")
    return not _is_by_design(page) and not (stands_in and not _PASSING.search(page))


def _is_by_design(page: str) -> bool:
    return site_of(page) in _BY_DESIGN or _ARK.match(urlsplit(page).path) is not None


def site_of(url: str) -> str:
    """Return the host of an address without its `www.`."""
    return host_of(url).removeprefix("www.")
