"""The result of asking services about something: one has it, one says that it does not exist, or none answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Here(Generic[T_co]):
    """A service has it."""

    what: T_co
    asked: float
    """When it was asked, as seconds since 1970: an answer from the memory may be old."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """A service answered that it has nothing by that name."""

    by: str
    asked: float


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No service answered; this must never be taken for a "no"."""

    why: str


LookupResult = Here[T_co] | Nothing | NoAnswer


def mapped(found: LookupResult[T], reading: Callable[[T], T_co]) -> LookupResult[T_co]:
    """Return the result with `reading` applied to what was found."""
    return Here(reading(found.what), found.asked) if isinstance(found, Here) else found
