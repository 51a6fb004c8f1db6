"""Navigation: from citations to entries and back, from links to pages and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from wikitools.lsp.under import Link, target_of, under
from wikitools.lsp.works import cited_on
from wikitools.markdown.page import MarkdownLink, Wikilink
from wikitools.text import Span
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wikitools.lint.facts import Facts
    from wikitools.lsp.view import View
    from wikitools.markdown.page import PageLink
    from wikitools.sources.source import Source


def define(view: View, offset: int, *, links: bool) -> list[types.Location]:
    """Return where the thing at an offset leads: a citation to its entry and its note, a link to its target."""
    here = under(view, offset)
    if here.cited is not None and here.source is not None:
        source = here.source
        places = [source.span]
        if source.note and source.note != source.span.path and source.note in view.facts.wiki.pages:
            places.append(Span(source.note, 0, 0))
        return [view.location(place) for place in places]
    if here.link is not None and links:
        target = target_of(here.link, view.facts)
        if target is not None and not target.path.endswith("/"):
            return [view.location(target)]
    return []


def refer(view: View, offset: int, *, links: bool, itself: bool) -> list[types.Location]:
    """Return where the thing at an offset is cited or linked to; with `itself`, also the entry or the target."""
    here = under(view, offset)
    source = here.source
    spans: list[Span] = []
    if source is not None and (here.cited is not None or here.heading is None or not links):
        spans += _citations(view, source)
        if itself:
            spans.append(source.span)
    elif links and here.link is not None:
        target = target_of(here.link, view.facts)
        if target is not None:
            spans += links_to(target, view.facts)
            spans += [target] if itself else []
    elif links and here.heading is not None:
        heading = view.page.headings[here.heading]
        # The first heading of a page is its title, so links to the page count.
        target = Span(view.path, 0, 0) if here.heading == 0 and heading.level == 1 else heading.span
        spans += links_to(target, view.facts)
        if here.heading == 0 and source is not None:
            spans += _citations(view, source)
    return [view.location(span) for span in sorted(dict.fromkeys(spans))]


def highlight(view: View, offset: int, *, links: bool) -> list[types.DocumentHighlight]:
    """Return the spans on the page that mean the same work or lead to the same target."""
    here = under(view, offset)
    spans: list[Span] = []
    if here.cited is not None and here.source is not None:
        spans = [
            each.citation.span
            for each in cited_on(view.path, view.facts)
            if isinstance(each.resolution, Found) and _is_one(each.resolution.target, here.source)
        ]
    elif here.link is not None and links and (target := target_of(here.link, view.facts)) is not None:
        spans = [link.span for link in _inner(view.page.links) if target_of(link, view.facts) == target]
    return [types.DocumentHighlight(view.range(span), types.DocumentHighlightKind.Text) for span in spans]


def _citations(view: View, source: Source) -> Iterator[Span]:
    """Yield the citations of a source in the wiki, in page order."""
    pages = (view.path,) if view.wiki is None else view.wiki.works.citing(source, view.facts)
    for path in pages:
        for each in cited_on(path, view.facts):
            if isinstance(each.resolution, Found) and _is_one(each.resolution.target, source):
                yield each.citation.span


def _is_one(one: Source, other: Source) -> bool:
    return one is other or (one.span, one.key) == (other.span, other.key)


def links_to(target: Span, facts: Facts) -> Iterator[Span]:
    """Yield the links to a heading or block, or all links to a page."""
    for link in facts.wiki.links_to(target.path):
        if isinstance(link, Wikilink | MarkdownLink) and (target.end == 0 or target_of(link, facts) == target):
            yield link.span


def _inner(links: Iterable[PageLink]) -> Iterator[Link]:
    return (link for link in links if isinstance(link, Wikilink | MarkdownLink))
