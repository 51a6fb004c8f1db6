"""What is known about a web address: a sum type in which only an answer that was received can say "gone"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wikitools.markdown.page import WebLink
    from wikitools.sources.source import Source
    from wikitools.text import Span


@dataclass(frozen=True, slots=True)
class Ok:
    """The page exists, or its registry knows the identifier."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The page exists under another address."""

    to: str
    permanent: bool
    """Whether every redirect on the way is permanent (301, 308)."""
    settled: bool = False
    """Whether two requests, a day or more apart, got the same answer: the page itself, by the same way."""
    short: bool = False
    """Whether the address is a shortener's, and so is meant to lead elsewhere."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The host says that there is no such page, or the registry that there is no such identifier."""

    why: str
    """As a phrase: "example.org answers 404"."""
    archived: str = ""
    """An archived copy from about the time when the link was written."""


@dataclass(frozen=True, slots=True)
class NoAnchor:
    """The page exists, was read to its end, and has no anchor with this name."""

    anchor: str
    near: str = ""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """There is no such host, it refuses connections, or its certificate is invalid."""

    why: str
    looks: int = 1
    """How many times in a row."""
    days: float = 0.0
    """The time between the first and the last of these attempts."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The host does not answer programs, or not us: 403 and the like, challenges, redirects in a circle."""

    why: str
    code: int = 0
    """The status code, if that is the reason."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer that says anything: a timeout, a broken connection, an overloaded server, a body that is too large."""

    why: str
    until: float = 0.0
    """When the host wants to be asked again, in seconds since 1970; 0 if it did not say."""


@dataclass(frozen=True, slots=True)
class Unasked:
    """Nothing was sent: a private address, another scheme, no time left, `--offline`."""

    why: str


UrlStatus = Ok | Moved | Gone | NoAnchor | Unreachable | Refused | Unknown | Unasked


class Asked(NamedTuple):
    """An address in the wiki, where it is, and what is known about it."""

    url: str
    span: Span
    status: UrlStatus


def asked_of(thing: WebLink | Source, web: Mapping[str, UrlStatus] | None) -> Iterator[Asked]:
    """Yield the addresses of a link or a source that were asked for."""
    from wikitools.markdown.page import WebLink

    if isinstance(thing, WebLink):
        addresses = [(thing.url, thing.url_span)]
    else:
        addresses = [(url, thing.span) for url in addresses_of(thing)]
    for url, span in addresses:
        status = (web or {}).get(url)
        if status is not None:
            yield Asked(url, span, status)


def addresses_of(source: Source) -> tuple[str, ...]:
    """Return the addresses of a source, those of its identifiers included; each once."""
    identifiers = (
        f"https://doi.org/{source.doi}" if source.doi else "",
        f"https://arxiv.org/abs/{source.arxiv}" if source.arxiv else "",
    )
    return tuple(dict.fromkeys(each for each in (source.url, *identifiers, *source.links) if each))


_FRONT = re.compile(
    r"(?:index|home|default|main|start|welcome)(?:\.\w{1,5})?|[a-z]{2}(?:[-_][a-z]{2,4})?(?:[-_](?:[a-z]{2}|\d{3}))?",
    re.IGNORECASE,
)


def is_front_name(part: str) -> bool:
    """Say whether a part of a path names a front page, or its language: "index.html", "home", "zh-Hans-CN"."""
    return _FRONT.fullmatch(part) is not None


def host_of(url: str) -> str:
    """Return the host of an address, without its port; "" if it names none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
