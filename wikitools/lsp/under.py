"""What is under the cursor: a citation, a link, a heading, or an entry of a bibliography."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.lsp.works import cited_on
from wikitools.markdown.page import MarkdownLink, Wikilink
from wikitools.text import Span
from wikitools.wiki.resolution import Ambiguous, Found, Missing
from wikitools.wiki.wiki import split_url

if TYPE_CHECKING:
    from wikitools.cite.citation import Cited
    from wikitools.lint.facts import Facts
    from wikitools.lsp.view import View
    from wikitools.sources.source import Source

Link = Wikilink | MarkdownLink


@dataclass(frozen=True, slots=True)
class Under:
    """What is at an offset; `None` where there is no such thing."""

    cited: Cited | None = None
    link: Link | None = None
    heading: int | None = None
    """The number of the heading on its page."""
    entry: Source | None = None
    """The source whose entry or note is there."""

    @property
    def source(self) -> Source | None:
        """The source that is meant, if there is exactly one."""
        if self.cited is not None and isinstance(self.cited.resolution, Found):
            source: Source = self.cited.resolution.target
            return source
        return self.entry if self.cited is None and self.link is None else None


def under(view: View, offset: int) -> Under:
    """Return what is at an offset of an open page or bibliography."""
    facts, path = view.facts, view.path
    page = facts.wiki.pages.get(path)
    if page is None:
        return Under(entry=_entry_at(path, offset, facts))
    cited = [each for each in cited_on(path, facts) if _holds(each.citation.span, offset)]
    links = [each for each in page.links if isinstance(each, Wikilink | MarkdownLink) and _holds(each.span, offset)]
    starts = [page.text.rfind("\n", 0, each.span.start) + 1 for each in page.headings]
    headings = [
        number
        for number, (each, start) in enumerate(zip(page.headings, starts, strict=True))
        if start <= offset <= each.span.end
    ]
    notes = facts.bibliography.by_note(path)
    return Under(
        cited=min(cited, key=lambda each: each.citation.span.end - each.citation.span.start, default=None),
        link=min(links, key=lambda each: each.span.end - each.span.start, default=None),
        heading=headings[0] if headings else None,
        entry=notes[0] if notes else None,
    )


def _holds(span: Span, offset: int) -> bool:
    return span.start <= offset <= span.end and span.start < span.end


def _entry_at(path: str, offset: int, facts: Facts) -> Source | None:
    """Return the entry of a bibliography at an offset: the last one that starts before it."""
    before = [each for each in facts.bibliography.sources if each.span.path == path and each.span.start <= offset]
    return max(before, key=lambda each: each.span.start, default=None)


def target_of(link: Link, facts: Facts) -> Span | None:
    """Return the span that a link leads to (without an anchor, the start of the page); `None` if nowhere."""
    wiki = facts.wiki
    path = wiki.target_of(link)
    if path is None:
        return None
    if isinstance(link, Wikilink):
        place = wiki.resolve_anchor(link, path)
    else:
        place = wiki.resolve_fragment(split_url(link.url)[1] or "", path)
    match place:
        case Found(target=span):
            return span
        case Ambiguous(candidates=(span, *_others)):
            return span
        case Missing():
            pass
    return Span(path, 0, 0)
