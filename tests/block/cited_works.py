"""Works, citations of them, and what becomes of a page that cites them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wikitools.block.block import BlockState, BlockStyle, plan_block, render_block
from wikitools.cite.citation import Citation, Cited
from wikitools.markdown.parse import parse
from wikitools.sources.names import Name
from wikitools.sources.source import Source
from wikitools.text import Span, apply
from wikitools.wiki.resolution import Ambiguous, Found, Missing

if TYPE_CHECKING:
    from wikitools.markdown.page import Page

STYLE = BlockStyle()
OPEN, CLOSE = "<!-- wikitools:sources -->", "<!-- /wikitools:sources -->"

HUBINGER = Source(
    Span("r.bib", 0, 9),
    "hubinger2019risks",
    (Name("Hubinger", "Evan"), Name("van Merwijk", "Chris"), Name("Mikulik"), Name("Skalse"), Name("Garrabrant")),
    ("2019",),
    title="Risks from Learned Optimization",
    arxiv="1906.01820",
    url="https://arxiv.org/abs/1906.01820",
)
ATLAS = Source(Span("atlas.md", 0, 5), "atlas", title="AI Safety Atlas", aliases=("Atlas",), note="atlas.md")


def cite(text: str, *sources: Source, at: int = 0, kind: str = "author-year", note: str = "", **more: object) -> Cited:
    span = Span("a.md", at, at + 1)
    narrative = bool(more.get("narrative", False))
    group = None if narrative or kind in ("note", "mention", "url") else span
    citation = Citation(span, text, kind=kind, note=note, narrative=narrative, group=group)
    if len(sources) == 1:
        return Cited(citation, Found(sources[0], "authors and year"), (), ())
    return Cited(citation, Ambiguous(sources) if sources else Missing(), (), ())


CITED = (cite("Hubinger et al. 2019", HUBINGER, at=1), cite("Atlas Ch.7", ATLAS, at=2, kind="named"))


def page(text: str) -> Page:
    return parse("a.md", text)


def after(text: str, cited: tuple[Cited, ...] = CITED, style: BlockStyle = STYLE, **how: Any) -> str:
    fix = plan_block(page(text), cited, style, **how).fix
    return text if fix is None else apply(text, fix.edits)


def state(text: str, cited: tuple[Cited, ...] = CITED, style: BlockStyle = STYLE, **how: Any) -> BlockState:
    return plan_block(page(text), cited, style, **how).state


def entries(cited: tuple[Cited, ...], style: BlockStyle = STYLE, text: str = "") -> list[str]:
    block = render_block(page(text), cited, style)
    return [line for line in block.split("\n") if line.startswith(("- ", "1.", "2.", "3."))]
