"""Colour and links for terminals, as plain escape sequences; without them every function returns its text."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

# Readable on dark and on light backgrounds: no yellow, which vanishes on white, and no blue, which does on black. Bold
# is for red and magenta only, since many terminals also make bold colours brighter.
_CODES: Mapping[str, str] = MappingProxyType(
    {
        "error": "1;31",
        "warning": "1;35",
        "info": "36",
        "bold": "1",
        "dim": "2",
        "frame": "2",
        "good": "32",
        "bad": "31",
    }
)


@dataclass(frozen=True, slots=True)
class Style:
    """Whether to write colours and links; without them, texts stay as they are."""

    colour: bool = False
    links: bool = False

    def paint(self, name: str, text: str) -> str:
        """Return `text` in the style called `name`: a severity, "bold", "dim", "frame", "good" or "bad"."""
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.colour and text else text

    def link(self, address: str, text: str) -> str:
        """Return `text` as a link to a URL (OSC 8); the URL must be percent-encoded."""
        return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\" if self.links and address and text else text


PLAIN = Style()
"""No colour, no links."""
