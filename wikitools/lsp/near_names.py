"""For each dead link, one repair per similar name: the writer knows which of them is meant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from wikitools.cite.near_misses import near_in_key
from wikitools.lint.fix.rewritten_links import reanchor, refragment, repath, retarget
from wikitools.lint.rule import quoted
from wikitools.lsp.works import cited_on
from wikitools.markdown.page import MarkdownLink, Wikilink
from wikitools.text import Edit, Fix, Safety, Span
from wikitools.wiki.resolution import Found, Missing, Reason
from wikitools.wiki.wiki import split_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.cite.citation import Cited
    from wikitools.lint.facts import Facts
    from wikitools.lint.run import Diagnostic

_NO_NAMES = (Reason.DEAD_DEFINITION, Reason.NOT_LINKABLE)
"""For these rules, a similar name is not something to write."""


def near_fixes(diagnostic: Diagnostic, facts: Facts) -> Iterator[Fix]:
    """Yield the repairs that write a similar name; all of them are guesses."""
    page = facts.wiki.pages.get(diagnostic.path)
    if page is None:
        return
    for link in page.links:
        if link.span == diagnostic.span and isinstance(link, Wikilink | MarkdownLink):
            yield from _of_link(link, facts)
    if diagnostic.group == "citations":
        for cited in cited_on(page.path, facts):
            if cited.citation.span == diagnostic.span:
                yield from _of_citation(cited, facts)


def _of_link(link: Wikilink | MarkdownLink, facts: Facts) -> Iterator[Fix]:
    wiki = facts.wiki
    found = wiki.resolve(link) if isinstance(link, Wikilink) else wiki.resolve_link(link)
    if isinstance(found, Missing):
        for near in () if found.why in _NO_NAMES else found.near:
            edit = retarget(link, near, facts) if isinstance(link, Wikilink) else _to_path(link, near, facts)
            if edit is not None:
                yield Fix(f"link to {quoted(near)}", (edit,), Safety.UNSAFE)
    elif isinstance(found, Found):
        path = found.target
        if isinstance(link, Wikilink):
            place = wiki.resolve_anchor(link, path)
        else:
            place = wiki.resolve_fragment(split_url(link.url)[1] or "", path)
        for near in place.near if isinstance(place, Missing) else ():
            edit = (
                reanchor(link, near, path, facts) if isinstance(link, Wikilink) else refragment(link, near, path, facts)
            )
            if edit is not None:
                yield Fix(f"change the anchor to {quoted(near)}", (edit,), Safety.UNSAFE)


def _to_path(link: MarkdownLink, near: str, facts: Facts) -> Edit | None:
    answer = facts.wiki.resolve_link(replace(link, url=quote(near)))
    return repath(link, near, facts, goal=answer.target if isinstance(answer, Found) else None)


def _of_citation(cited: Cited, facts: Facts) -> Iterator[Fix]:
    citation, text = cited.citation, facts.text_of(cited.citation.span.path)
    near = near_in_key(cited, facts.bibliography_of(citation.span.path))
    start = text.find(citation.key, citation.span.start, citation.span.end) if citation.key else -1
    if near and start >= 0:
        place = Span(citation.span.path, start, start + len(citation.key))
        yield Fix(f"cite {quoted(near)}", (Edit(place, near),), Safety.UNSAFE)
