"""The rule dead-end-page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.markdown.page import WebLink
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Page


@rule(group="pages", severity=Severity.INFO, since="0.1.0", default=False)
def dead_end_page(page: Page, facts: Facts) -> Iterator[Finding]:
    """A page has no link to any other page.

    The reader can only go back. Usually the page is new, or the names of other pages in its text were never turned into
    links. Off by default: many wikis have such pages on purpose.

    ```wiki
    -- index.md --
    See [[Alan Turing]].
    -- Alan Turing.md --
    He knew [Church](https://example.org/church). See [above](#life).
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "Alan Turing" links to no other page
    ```

    Pages with any kind of link to another page, and pages without text:

    ```wiki
    -- index.md --
    See [him](Alan%20Turing.md).
    -- Alan Turing.md --
    Back to [[index]].
    -- empty.md --
    ```
    """
    targets = {facts.wiki.target_of(link) for link in page.links if not isinstance(link, WebLink)} - {None, page.path}
    if any(target in facts.wiki.pages or str(target).endswith("/") for target in targets):
        return
    span = _first_line(page)
    if span is not None:
        yield Finding(span=span, message=f"{quoted(page.name)} links to no other page", subject=page.path)


def _first_line(page: Page) -> Span | None:
    """Return the place of the first line of text below the front matter."""
    start = 0 if page.front_matter_span is None else page.front_matter_span.end
    rest = page.text[start:].lstrip("\ufeff \t\r\n")
    if not rest:
        return None
    begin = len(page.text) - len(rest)
    line = rest.splitlines()[0].rstrip()
    return Span(page.path, begin, begin + len(line))
