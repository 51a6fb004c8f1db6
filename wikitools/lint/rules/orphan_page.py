"""The rule orphan-page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.globs import glob_test
from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Page


@rule(group="pages", severity=Severity.INFO, since="0.1.0", default=False, counts_links=True)
def orphan_page(page: Page, facts: Facts) -> Iterator[Finding]:
    """No other page links to a page.

    Readers find it only by search. Usually nobody linked to it after it was written, or the page that did was deleted.
    Off by default: journals, source notes and wikis with a menu have many such pages. The setting `entry-pages` lists
    globs of pages that need no link (by default `index.md`, `README.md` and the like).

    ```wiki
    -- index.md --
    See [[Alan Turing]].
    -- Alan Turing.md --
    He knew.
    -- Alonzo Church.md --
    He knew too. See [[Alonzo Church]].
    ^ no other page links to "Alonzo Church"
    ```

    Pages with a link to them (in front matter and as embeds too), and entry pages:

    ```wiki
    -- index.md --
    ---
    related: "[[Alonzo Church]]"
    ---
    See [him](Alan%20Turing.md). ![[Life]]
    -- Alan Turing.md --
    He knew.
    -- Alonzo Church.md --
    He knew too.
    -- Life.md --
    Long.
    -- notes/README.md --
    About this folder.
    ```
    """
    if any(link.span.path != page.path for link in facts.wiki.links_to(page.path)):
        return
    if not glob_test(facts.settings.entry_pages)(page.path):
        yield Finding(
            span=Span(page.path, 0, 0),
            message=f"no other page links to {quoted(page.name)}",
            subject=page.path,
        )
