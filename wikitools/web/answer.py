"""What became of a request: a sum type in which only a whole answer by the host itself can say "no"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Hop:
    """A redirect that was followed: with which code it came, and from which address."""

    code: int
    url: str


@dataclass(frozen=True, slots=True)
class Received:
    """The host answered with success, and all of the answer arrived."""

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

    Any machine on the way can say 404. Whether it is the registry's own "no" is told by the body.
    """

    code: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    hops: tuple[Hop, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The host does not answer programs, or not us: 403 and the like, challenges, redirects in a circle."""

    why: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """There is no such host, it refuses connections, or its certificate is expired or another host's."""

    why: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer that says anything: a timeout, a broken connection, an overloaded server, a body that is too large."""

    why: str
    until: float = 0.0
    """When the host wants to be asked again, as seconds since 1970; 0 where it did not say."""


@dataclass(frozen=True, slots=True)
class Unasked:
    """Nothing was sent: a private address, another scheme, no time left, `--offline`."""

    why: str


NotReceived = Refused | Unreachable | Unknown | Unasked
Answer = Received | Absent | NotReceived
