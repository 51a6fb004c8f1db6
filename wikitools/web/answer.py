"""What became of a request: a sum type in which only a whole answer by the host itself can say "no"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.lint.url_status import Refused, Unasked, Unknown, Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Hop:
    """A redirect that was followed: its status code, and the address that sent it."""

    code: int
    url: str
    doubtful: bool = False
    """Whether a proxy may have sent it instead of the host."""


@dataclass(frozen=True, slots=True)
class Received:
    """The host answered with success, or a request for headers with a redirect, and all of the answer arrived."""

    code: int
    url: str
    """Where the answer came from: the last address after redirects."""
    headers: Mapping[str, str]
    body: bytes
    whole: bool = True
    """`False` for the beginning of a larger answer, when the caller wanted no more."""
    hops: tuple[Hop, ...] = ()


@dataclass(frozen=True, slots=True)
class Absent:
    """The host answered that there is nothing here (404 or 410), and all of the answer arrived.

    Any machine on the way can say 404; only the body shows whether the registry itself says no.
    """

    code: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    hops: tuple[Hop, ...] = ()


NotReceived = Refused | Unreachable | Unknown | Unasked
Answer = Received | Absent | NotReceived
