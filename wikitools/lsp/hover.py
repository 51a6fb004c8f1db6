"""What is shown when the cursor is on a citation or a link: what it means, and why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from wikitools.block.template import escape, squeeze
from wikitools.lint.rule import listed
from wikitools.lsp.source_in_words import details_of, reference_of
from wikitools.lsp.under import target_of, under
from wikitools.markdown.blocks import read_blocks
from wikitools.wiki.resolution import Ambiguous, Found

if TYPE_CHECKING:
    from wikitools.cite.citation import Cited
    from wikitools.lsp.view import View
    from wikitools.markdown.page import Page
    from wikitools.text import Span

_LONGEST = 400
_SHOWN = 5


def hover(view: View, offset: int, *, links: bool) -> types.Hover | None:
    """Return what is known about the citation or link at an offset; `None` if there is none."""
    here = under(view, offset)
    markdown = view.client.markdown
    if here.cited is not None:
        span, lines = here.cited.citation.span, _about_citation(view, here.cited, markdown=markdown)
    elif here.link is not None and links and (target := target_of(here.link, view.facts)) is not None:
        span, lines = here.link.span, _about_place(view, target, markdown=markdown)
    else:
        return None
    kind = types.MarkupKind.Markdown if markdown else types.MarkupKind.PlainText
    return types.Hover(types.MarkupContent(kind, ("\n\n" if markdown else "\n").join(lines)), view.range(span))


def _about_citation(view: View, cited: Cited, *, markdown: bool) -> list[str]:
    shown = escape if markdown else squeeze
    resolution = cited.resolution
    if isinstance(resolution, Found):
        source = resolution.target
        lines = details_of(source, markdown=markdown)
        if cited.evidence:
            lines.append(f"Matched by {shown(listed(cited.evidence, 9))}.")
        lines += [f"Not {shown(f'@{key}')}: {shown(why)}." for key, why in cited.losers[:_SHOWN]]
        if view.wiki is not None:
            others = [path for path in view.wiki.works.citing(source, view.facts) if path != view.path]
            if others:
                lines.append(f"Also cited on {shown(listed(others, _SHOWN))}.")
        return lines
    if isinstance(resolution, Ambiguous):
        candidates = resolution.candidates
        several = "It fits several sources:" if len(candidates) > 1 else "Perhaps it is this source:"
        named = [
            f"{'- ' if markdown else ''}{reference_of(each, markdown=markdown)} {shown(f'@{each.key}')}"
            for each in candidates[:_SHOWN]
        ]
        more = [f"and {len(candidates) - _SHOWN} more"] if len(candidates) > _SHOWN else []
        return [several, "\n".join([*named, *more])]
    near = f" Near: {shown(listed(resolution.near, _SHOWN))}." if resolution.near else ""
    return [f"No source fits {shown(cited.citation.text)}.{near}"]


def _about_place(view: View, place: Span, *, markdown: bool) -> list[str]:
    shown = escape if markdown else squeeze
    page = view.facts.wiki.pages.get(place.path)
    if page is None:
        return [shown(place.path)]
    heading = next((each.text for each in page.headings if each.span == place), "")
    title = f"{page.title} › {heading}" if heading and heading != page.title else page.title
    lines = [f"**{shown(title)}**" if markdown else shown(title), shown(place.path)]
    if paragraph := first_paragraph(page, place.end if heading else place.start):
        lines.append(shown(paragraph))
    return lines


_MARKUP = re.compile(r"!?\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]|!?\[([^\[\]]*)\]\([^()\s]*\)|<!--.*?-->")


def first_paragraph(page: Page, start: int) -> str:
    """Return the text of the first paragraph after an offset, without links; a long one is cut."""
    for block in read_blocks(page):
        if block.kind == "paragraph" and block.pieces[-1][1] > start:
            words = " ".join(page.text[first:last] for first, last in block.pieces)
            plain = squeeze(_MARKUP.sub(lambda found: found[1] or found[2] or "", words))
            if plain:
                return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST].rstrip()}…"
    return ""
