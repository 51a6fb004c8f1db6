"""Colour for terminals, as plain ANSI sequences; without colour every function returns its text."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_CODES: Mapping[str, str] = MappingProxyType(
    {
        "error": "1;31",
        "warning": "1;33",
        "info": "1;36",
        "bold": "1",
        "dim": "2",
        "frame": "34",
        "good": "32",
        "bad": "31",
    }
)


@dataclass(frozen=True, slots=True)
class Style:
    """How to paint; `colour` off leaves every text as it is."""

    colour: bool = False

    def paint(self, name: str, text: str) -> str:
        """Return `text` in the look called `name`: a severity, "bold", "dim", "frame", "good" or "bad"."""
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.colour and text else text
