"""What is known of an address on the web: a sum type in which only an answer that was received can say "gone"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wikitools.markdown.page import WebLink
    from wikitools.sources.source import Source
    from wikitools.text import Span


@dataclass(frozen=True, slots=True)
class Ok:
    """The page is there, or its registry knows the identifier."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The page is there, under another address."""

    to: str
    permanent: bool
    """Whether every redirect on the way says that it is for ever (301, 308)."""
    settled: bool = False
    """Whether the same was answered at two looks, a day or more apart."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The host says that there is no such page, or the registry that there is no such identifier."""

    why: str
    """As a phrase: "example.org answers 404"."""
    archived: str = ""
    """An archived copy from about the time when the link was written."""


@dataclass(frozen=True, slots=True)
class NoAnchor:
    """The page is there, was read to its end, and has no place of this name."""

    anchor: str
    near: str = ""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """There is no such host, it refuses connections, or its certificate is not its own."""

    why: str
    looks: int = 1
    """How many times in a row."""
    days: float = 0.0
    """Between the first of these looks and the last."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The host does not answer programs."""

    why: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer that says anything about the page."""

    why: str


@dataclass(frozen=True, slots=True)
class Unasked:
    """Nobody was asked."""

    why: str


UrlStatus = Ok | Moved | Gone | NoAnchor | Unreachable | Refused | Unknown | Unasked


class Asked(NamedTuple):
    """An address that somebody wrote, where, and what is known of it."""

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
    return tuple(dict.fromkeys(each for each in (source.url, *identifiers) if each))
