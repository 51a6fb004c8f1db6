"""The rule missing-url-anchor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.lint.url_status import NoAnchor, asked_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import WebLink


@rule(group="web", severity=Severity.INFO, since="0.2.0", needs_web=True, default=False, told_once=2)
def missing_url_anchor(link: WebLink, facts: Facts) -> Iterator[Finding]:
    """A web page does not have the anchor in its address.

    The page was read to its end, and nothing on it has this id or name, so readers land at its top. A page that shows
    its content to browsers only, such as a challenge, says nothing about its anchors. This is only an info, because
    some pages create their anchors with scripts.

    ```wiki
    -- index.md --
    See [the method](https://example.org/paper#methods).
                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the page has no anchor "methods"
    -- wikitools.toml --
    [web]
    "https://example.org/paper#methods" = "lacks: methods"
    ```

    The anchor exists:

    ```wiki
    -- index.md --
    See [the method](https://example.org/paper#methods).
    -- wikitools.toml --
    [web]
    "https://example.org/paper#methods" = "ok"
    ```
    """
    for url, span, status in asked_of(link, facts.web):
        if isinstance(status, NoAnchor):
            guess = f"; did you mean {quoted(status.near)}?" if status.near else ""
            yield Finding(span, f"the page has no anchor {quoted(status.anchor)}{guess}", subject=url)
