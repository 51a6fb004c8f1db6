"""Settings for citations."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class CitationSettings:
    """The table `[citations]` of the configuration."""

    means: Mapping[str, str] = field(default_factory=dict)
    """A table of citations as they are printed, such as `"Greenblatt et al. 2024"`, each with the key of the source
    that is meant where a page leaves it open. What a page says itself (a letter, a key, a link) takes precedence."""
