"""The rule stale-sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Related, Severity, rule
from wikitools.text import Span, line_and_column, line_starts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.block.block import BlockPlan
    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Page


@rule(group="sources", severity=Severity.WARNING, since="0.1.0", needs_sources=True, counts_citations=True)
def stale_sources(page: Page, facts: Facts) -> Iterator[Finding]:
    """The "Sources cited" block does not match what the page cites.

    Readers miss sources that the text relies on, or find some that it no longer cites. Usually the text was edited and
    the block was not regenerated. The fix writes what `wikitools backfill` writes, and changes only the block. A block
    that was edited by hand is not changed, nor is one that would lose an entry because a bibliography is damaged.

    ```wiki
    -- index.md --
    It came (Greenblatt et al. 2024).

    ## Sources cited

    <!-- wikitools:sources -->
    ^^^^^^^^^^^^^^^^^^^^^^^^^^ the block of sources is out of date: 1 to add
    <!-- /wikitools:sources -->
    -- references.bib --
    @article{greenblatt2024,
      author = {Greenblatt, Ryan and Denison, Carson and Wright, Benjamin},
      title = {Alignment Faking},
      year = {2024},
      url = {https://arxiv.org/abs/2412.14093},
    }
    -- wikitools.toml --
    [block]
    intro = ""
    -- index.md, fixed --
    It came (Greenblatt et al. 2024).

    ## Sources cited

    <!-- wikitools:sources hash=60d42e6f -->

    - [Alignment Faking](https://arxiv.org/abs/2412.14093) — referenced as (Greenblatt et al. 2024)

    <!-- /wikitools:sources -->
    ```

    An entry that no bibliography contains any more, while a bibliography is damaged:

    ```wiki
    -- index.md --
    It came (Greenblatt et al. 2024).

    ## Sources cited

    <!-- wikitools:sources hash=60d42e6f -->
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ updating the block of sources would lose an entry; line 6: "Alignment Faking" would be lost: references.bib:2:1 is damaged (fields that belong to no entry: "author = {Greenblatt, Ryan and Denison, Carson and")
    - [Alignment Faking](https://arxiv.org/abs/2412.14093) — referenced as (Greenblatt et al. 2024)
    <!-- /wikitools:sources -->
    -- references.bib --
    greenblatt2024,
      author = {Greenblatt, Ryan and Denison, Carson and Wright, Benjamin},
      title = {Alignment Faking},
      year = {2024},
    }
    -- wikitools.toml --
    [block]
    intro = ""
    ```

    A page without a block that has a hand-written section with the same heading:

    ```wiki
    -- index.md --
    It came (Greenblatt et al. 2024).

    ## Sources cited

    I cite what I have read.
    -- references.bib --
    @article{greenblatt2024,
      author = {Greenblatt, Ryan and Denison, Carson and Wright, Benjamin},
      title = {Alignment Faking},
      year = {2024},
    }
    ```
    """
    from wikitools.block.block import find_block
    from wikitools.lint.fix.source_blocks import plan as plan_of

    block = find_block(page, facts.style)
    if block is None:
        return
    plan = plan_of(facts, page.path)
    message = _message(plan)
    if message:
        # The message already covers problems of the whole block.
        places = [place for place in plan.places if place.span.start != block.span.start]
        for place in places:
            line, _column = line_and_column(line_starts(page.text), place.span.start)
            message += f"; line {line}: {place.message}"
        yield Finding(
            span=_first_line(block.span, page.text),
            message=message,
            related=tuple(Related(place.span, place.message) for place in places),
            help=_HELP.get(plan.state, ""),
            fix=plan.fix,
        )


_HELP = {
    "hand-edited": "move your words out of the block, or overwrite them with `wikitools backfill --force`",
    "sources-lost": "repair the bibliography, or drop the entry with `wikitools backfill --force`",
}


def _message(plan: BlockPlan) -> str:
    from wikitools.block.block import BlockState, block_changes

    if plan.state is BlockState.HAND_EDITED:
        return "the block of sources was edited by hand and no longer matches what the page cites"
    if plan.state is BlockState.SOURCES_LOST:
        return "updating the block of sources would lose an entry"
    if plan.state is BlockState.UNSAFE_PLACE:
        return "no marker can be written around this block of sources, so it cannot be updated"
    if plan.fix is None:
        return ""
    changes = block_changes(plan.old, plan.new)
    counted = ((changes.added, "to add"), (changes.removed, "to remove"), (changes.reworded, "to reword"))
    what = ", ".join(f"{len(entries)} {words}" for entries, words in counted if entries)
    if plan.state is BlockState.ADOPTED:
        return f"the generated list of sources has no markers yet{f' and is out of date: {what}' if what else ''}"
    return f"the block of sources is out of date: {what or 'its form changed'}"


def _first_line(span: Span, text: str) -> Span:
    ends = [place for mark in "\r\n" if (place := text.find(mark, span.start, span.end)) >= 0]
    return Span(span.path, span.start, min(ends, default=span.end))
