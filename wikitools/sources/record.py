"""A full description of a work: what a registry says about it, and what a new entry is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.records import dataclass
from wikitools.sources.source import Source
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wikitools.sources.names import Name

RETRACTED, CONCERN, CORRECTED, WITHDRAWN = "retracted", "concern", "corrected", "withdrawn"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice about a work after its publication."""

    kind: str
    """`retracted`, `concern`, `corrected` or `withdrawn`."""
    by: str = ""
    """Who says so: "publisher", "retraction-watch", "OpenAlex" …"""
    doi: str = ""
    date: str = ""


def gravest(notices: Iterable[Notice], kinds: Iterable[str]) -> Notice | None:
    """Return the most detailed notice of the first of these kinds that exists; `None` if there is none."""
    found = list(notices)
    for kind in kinds:
        own = [each for each in found if each.kind == kind]
        if own:
            return max(own, key=lambda each: (bool(each.date), bool(each.doi)))
    return None


@dataclass(frozen=True, slots=True)
class Record:
    """One work. Fields that a service does not fill are empty."""

    service: str
    kind: str = ""
    """CSL type: "article-journal", "book" …"""
    title: str = ""
    """With its subtitle, without markup."""
    names: tuple[Name, ...] = ()
    """Authors in order."""
    editors: tuple[Name, ...] = ()
    date: tuple[int, ...] = ()
    """Year, month, day of the version of record, as far as they are known."""
    years: tuple[str, ...] = ()
    """All years that are right: of record, in print, online, of a preprint. The main one first."""
    container: str = ""
    """The journal, proceedings or book that contains it."""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    number: str = ""
    """The article's number, if there are no pages."""
    publisher: str = ""
    isbn: tuple[str, ...] = ()
    doi: str = ""
    """Bare and lower-case."""
    arxiv: str = ""
    """Bare, without version."""
    arxiv_class: str = ""
    """`cs.LG`."""
    pmid: str = ""
    url: str = ""
    notices: tuple[Notice, ...] = ()
    is_notice: bool = False
    """Whether it is a notice about another work itself: a correction, a retraction."""
    published: str = ""
    """The DOI under which this preprint was published, if known."""
    preprints: tuple[str, ...] = ()
    """DOIs of preprints of this work."""
    others: bool = False
    """Whether there are more authors than those named."""
    note: str = ""
    """Information that every reader of the entry needs."""

    @property
    def year(self) -> str:
        """The main year; "" if none is known."""
        return self.years[0] if self.years else ""

    def as_source(self, key: str = "") -> Source:
        """Return the work as a source, to be compared with those of a bibliography."""
        fields = {
            name: value
            for name, value in (
                ("container-title", self.container),
                ("volume", self.volume),
                ("issue", self.issue),
                ("pages", self.pages),
                ("others", "and others" * self.others),
            )
            if value
        }
        own = self.doi.startswith("10.48550/arxiv.")
        return Source(
            span=Span("", 0, 0),
            key=key,
            names=self.names or self.editors,
            years=self.years,
            title=self.title,
            url=self.url,
            doi="" if own else self.doi,
            arxiv=self.arxiv,
            kind=self.kind,
            fields=fields,
        )
