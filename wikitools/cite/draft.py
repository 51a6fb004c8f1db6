"""A citation that is being read: its author list as printed, and what is known so far about its sources."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wikitools.cite.alignment import Fit
    from wikitools.cite.citation import Citation
    from wikitools.cite.dates import Date
    from wikitools.cite.tokens import Piece
    from wikitools.sources.source import Source


Form = tuple[tuple[str, ...], bool, str]
"""Authors, whether "et al." follows, and year, as printed, without the year's letter."""


@dataclass(slots=True)
class Draft:
    """A citation, and what is known so far about its sources."""

    citation: Citation
    fits: tuple[Fit, ...] = ()
    """The sources whose authors and year agree, all of the best rank found."""
    printed: list[Piece] = field(default_factory=list)
    """The author list as printed; shared with the years that continue it."""
    lead: str = ""
    """"bracket", "narrative" or "bare"."""
    date: Date | None = None
    convincing: bool = True
    perhaps: bool = False
    """Whether it is not convincing by itself, so that other citations on the page decide."""
    likely: bool = False
    """Whether it counts on a page that usually cites in this form; else only if others on the page name its authors."""
    witness: str = ""
    """What besides authors and year shows which source is meant: "its footnote"."""
    ruled_out: tuple[tuple[Source, str], ...] = ()
    """Sources whose authors and year agree but that are certainly not meant, each with the reason."""

    @property
    def form(self) -> Form:
        """How it is printed: the same form again means the same works."""
        return self.citation.names, self.citation.et_al, self.citation.year
