"""The rule missing-title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Page


@rule(group="pages", severity=Severity.INFO, since="0.1.0", default=False)
def missing_title(page: Page, facts: Facts) -> Iterator[Finding]:
    """A page has no title: neither `title` in its front matter nor a level-1 heading.

    On the web, search results and browser tabs show a file name instead. Off by default: in Obsidian and other wikis,
    the file name is the title.

    ```wiki
    -- alan-turing.md --
    Born in London.
    ^ "alan-turing" has neither a title in its front matter nor a level-1 heading
    -- machine.md --
    # The machine

    It computes.
    ```

    Either title is enough, and a page without text needs none:

    ```wiki
    -- alan-turing.md --
    ---
    title: Alan Turing
    ---
    Born in London.
    -- machine.md --
    The machine
    ===========
    -- empty.md --
    ```
    """
    title = page.front_matter.get("title")
    given = title is not None and str(title.value or "").strip()
    if page.text.strip() and not given and all(heading.level > 1 or not heading.text for heading in page.headings):
        yield Finding(
            span=Span(page.path, 0, 0),
            message=f"{quoted(page.name)} has neither a title in its front matter nor a level-1 heading",
            subject=page.path,
        )
