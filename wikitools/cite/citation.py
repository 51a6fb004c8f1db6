"""The types of citations: one pointer to a work, and the source that it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, cast

from wikitools.records import dataclass
from wikitools.wiki.lazy_pages import UnknownError

if TYPE_CHECKING:
    from wikitools.sources.source import Source
    from wikitools.text import Span
    from wikitools.wiki.resolution import Resolution


@dataclass(frozen=True, slots=True)
class Citation:
    """One pointer to one work: "(Hubinger et al. 2019, §4)" has one, "(A 2019; B 2020)" two.

    `span` covers the pointer itself, names and year, without the group's brackets (`A et al. (2019)` includes its
    closing bracket only if the bracket belongs to this pointer alone). `text` is the text of the span, with single
    spaces and without line prefixes (`> `).
    """

    span: Span
    text: str
    names: tuple[str, ...] = ()
    """Author names as printed, in order, without "et al."; empty if there is only a key, URL or title."""
    et_al: bool = False
    year: str = ""
    """Four digits, or "in press", "n.d.", "forthcoming"; empty for a later mention without a year."""
    suffix: str = ""
    """The letter of `2019a`."""
    title: str = ""
    """A title or the name of a named source ("Atlas")."""
    locator: str = ""
    """"§4", "p. 3", "Ch. 7.6": kept as written."""
    narrative: bool = False
    """Whether the names are part of the sentence: "Shah et al. (2023) show"."""
    group: Span | None = None
    """The whole bracket around this pointer, brackets included; `None` if there is none."""
    key: str = ""
    """An explicit citation key: `[@key]`."""
    url: str = ""
    """The URL, DOI or arXiv id on the citation or next to it."""
    note: str = ""
    """The target of a wikilink to a source note."""
    kind: str = "author-year"
    """"author-year", "key", "note", "url", "named" (a work known by a name), "mention" (names, no year), "footnote"."""


class _Unsought:
    """Stands for runners-up that were not looked for; a rule that asks for them runs again when all pages are known."""

    def _ask(self, *_asked: object) -> NoReturn:
        raise UnknownError("runners-up")

    __getitem__ = __iter__ = __len__ = __bool__ = _ask


UNSOUGHT = cast("tuple[tuple[str, str], ...]", _Unsought())


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation and the source it means."""

    citation: Citation
    resolution: Resolution[Source]
    evidence: tuple[str, ...] = ()
    """Phrases such as "authors and year", "arXiv id in the link"."""
    losers: tuple[tuple[str, str], ...] = ()
    """Keys of runners-up, each with the reason why it lost; `UNSOUGHT` if nobody wants to know of what was found."""
    convincing: bool = True
    """Whether a citation that fits no source is worth reporting."""
