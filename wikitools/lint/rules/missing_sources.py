"""The rule missing-sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Related, Severity, rule
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Page


@rule(
    group="sources", severity=Severity.WARNING, since="0.1.0", needs_sources=True, default=False, counts_citations=True
)
def missing_sources(page: Page, facts: Facts) -> Iterator[Finding]:
    """A page cites sources but has no "Sources cited" block.

    Readers have to search for the works that the page cites. Off by default: in a wiki without such blocks, it would
    report every page. Select it if every page that cites sources should have one; `wikitools backfill --init` and the
    fix add them. A page with `sources: false` in its front matter needs no block.

    ```wiki
    -- page.md --
    It came (Greenblatt et al. 2024).
             ^^^^^^^^^^^^^^^^^^^^^^ the page cites 1 source but has no block of sources
    -- references.bib --
    @article{greenblatt2024,
      author = {Greenblatt, Ryan and Denison, Carson and Wright, Benjamin},
      title = {Alignment Faking},
      year = {2024},
    }
    -- wikitools.toml --
    [block]
    intro = ""
    -- page.md, fixed --
    It came (Greenblatt et al. 2024).

    ## Sources cited

    <!-- wikitools:sources hash=9b6a244c -->

    - Alignment Faking — referenced as (Greenblatt et al. 2024)

    <!-- /wikitools:sources -->
    ```

    Pages that cite nothing, or that need no block:

    ```wiki
    -- page.md --
    Nothing came.
    -- diary.md --
    ---
    sources: false
    ---
    It came (Greenblatt et al. 2024).
    -- references.bib --
    @article{greenblatt2024,
      author = {Greenblatt, Ryan and Denison, Carson and Wright, Benjamin},
      title = {Alignment Faking},
      year = {2024},
    }
    ```
    """
    from wikitools.lint.fix.source_blocks import plan as plan_of

    cited = facts.cited.get(page.path, ())
    found = [(each.citation, each.resolution.target) for each in cited if isinstance(each.resolution, Found)]
    if not found:
        return
    plan = plan_of(facts, page.path, init=True)
    if plan.state not in _HELP:
        return
    count = len({(source.span, source.key) for _, source in found})
    yield Finding(
        span=found[0][0].span,
        message=f"the page cites {count} source{'s' * (count != 1)} but has no block of sources",
        help=_HELP[plan.state],
        related=tuple(Related(place.span, place.message) for place in plan.places),
        fix=plan.fix,
    )


_HELP: Mapping[str, str] = {
    "added": "",
    "heading-taken": "the page has a hand-written section with that heading: rename it, or put the markers where the "
    "block belongs",
    "unsafe-place": "a new block would change how the page reads, as behind an unclosed code block, comment or tag: close "
    "it, or put the markers where the block belongs",
}
"""What helps when a page has no block, by the `BlockState`."""
