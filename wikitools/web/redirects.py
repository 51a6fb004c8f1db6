"""What a redirect means: the page has moved or is gone, or another page only stands in for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from wikitools.lint.url_status import host_of, is_front_name

if TYPE_CHECKING:
    from urllib.parse import SplitResult

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
_STANDS_IN = re.compile(
    r"(?<![^-])(?:log-?[io]n|sign-?(?:[io]n|up)|sso|saml\d?|auth|authenticat\w+|authori[sz]\w+|oauth\d?|consent|cookies?|captcha|challenge|sorry|search"
    r"|lang|(?:choose|select|change|set)-lang\w*|language-\w+|age-(?:verif\w+|check|gate|confirm\w*)|agegate)(?![^-])"
)
"""Words in the address of a page that stands in for the one that was asked for."""
_BETWEEN_WORDS = re.compile(r"[._]+|(?<=[a-z])(?=[A-Z])")
_PORTS = {"http": 80, "https": 443}


def is_front_page_now(page: str, to: str) -> bool:
    """Say whether a page with a path of its own leads to the front page of its site.

    Another host's front page may well be the page itself: projects move to a domain of their own.
    """
    before, now = urlsplit(page), urlsplit(to)
    parts = [part for part in before.path.split("/") if part]
    return (
        not all(map(is_front_name, parts))
        and now.path.strip("/") == ""
        and not now.query
        # A page with sections: each may be what a page of its own was.
        and not now.fragment
        and (site_of(page), _port(before)) == (site_of(to), _port(now))
        and not _is_by_design(page)
    )


def is_short(page: str) -> bool:
    """Say whether an address is one of a shortener, which is meant to lead elsewhere but may not last."""
    return site_of(page) in _SHORTENERS


def counts_as_move(page: str, to: str) -> bool:
    """Say whether a redirect means that the page has another address, not that another one stands in for it."""
    target = urljoin(page, to)
    # Nobody wants the page without encryption, but a short link may lead to a host that has none.
    loses_encryption = urlsplit(page).scheme != "http" and urlsplit(target).scheme == "http" and not is_short(page)
    return not _is_by_design(page) and not loses_encryption and not stands_in(page, target)


def stands_in(page: str, to: str) -> bool:
    """Say whether the address names a login, a consent or the like, which the page did not name at the same place."""
    before = _places(page)
    return any(
        set(_STANDS_IN.findall(part)) - set(_STANDS_IN.findall(before[place] if place < len(before) else ""))
        for place, part in enumerate(_places(to))
    )


def _places(url: str) -> list[str]:
    """Return the host and the parts of the path, the words of each separated by hyphens."""
    host, path = host_of(url), urlsplit(url).path
    return [_BETWEEN_WORDS.sub("-", part).lower() for part in (host, *path.strip("/").split("/"))]


def _port(address: SplitResult) -> int | None:
    """Return the port if it is not the usual one."""
    try:
        return None if address.port == _PORTS.get(address.scheme) else address.port
    except ValueError:
        return -1


def _is_by_design(page: str) -> bool:
    return site_of(page) in _BY_DESIGN or _ARK.match(urlsplit(page).path) is not None


def site_of(url: str) -> str:
    """Return the host of an address without its `www.`."""
    return host_of(url).removeprefix("www.")
