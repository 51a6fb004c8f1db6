"""The rule dead-url."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.fix.rewritten_links import change_address
from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.lint.url_status import Gone, asked_of
from wikitools.text import Safety

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import WebLink
    from wikitools.sources.source import Source


@rule(group="web", severity=Severity.WARNING, since="0.2.0", needs_web=True, default=False, told_once=2)
def dead_url(thing: WebLink | Source, facts: Facts) -> Iterator[Finding]:
    """A web address points to a page that is gone.

    Readers who follow it get an error page. Either the host answered that there is no such page (404 or 410 to a full
    request), or the registry answered that there is no such identifier, or the address now shows the site's front page.
    A host that refuses programs, asks for a pause, or does not answer in time is never called dead; the summary counts
    it.

    Look for the page's new address. If an archive has a copy from about the day on which the link was written, the
    finding names it, and the unsafe fix links to it.

    ```wiki
    -- index.md --
    See [the data](https://example.org/data).
                   ^^^^^^^^^^^^^^^^^^^^^^^^ "https://example.org/data" is gone: example.org answers 404
    -- references.bib --
    @article{shah2023,
    ^^^^^^^^^^^^^^^^^^ "https://doi.org/10.1000/182" is gone: doi.org has no such DOI
      author = {Shah, Rohin},
      title = {Goals},
      year = {2023},
      doi = {10.1000/182},
    }
    -- wikitools.toml --
    [web]
    "https://example.org/data" = "gone: example.org answers 404"
    "https://doi.org/10.1000/182" = "gone: doi.org has no such DOI"
    ```

    An archive has a copy:

    ```wiki
    -- index.md --
    See [the data](https://example.org/data).
                   ^^^^^^^^^^^^^^^^^^^^^^^^ "https://example.org/data" is gone: example.org answers 404
    -- wikitools.toml --
    [web]
    "https://example.org/data" = "gone: example.org answers 404; archived https://web.archive.org/web/2021/data"
    -- index.md, fixed unsafely --
    See [the data](https://web.archive.org/web/2021/data).
    ```

    A refusal and a timeout say nothing about the page:

    ```wiki
    -- index.md --
    See [a](https://example.org/a), [b](https://example.org/b) and [c](https://example.org/c).
    -- wikitools.toml --
    [web]
    "https://example.org/a" = "refused: example.org answers 403"
    "https://example.org/b" = "unknown: no answer"
    "https://example.org/c" = "ok"
    ```
    """
    for url, span, status in asked_of(thing, facts.web):
        if isinstance(status, Gone):
            yield Finding(
                span,
                f"{quoted(url)} is gone: {status.why}",
                subject=url,
                help=f"an archived copy: {status.archived}" if status.archived else "",
                fix=change_address(thing, url, status.archived, facts, Safety.UNSAFE) if status.archived else None,
            )
