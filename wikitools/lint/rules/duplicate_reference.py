"""The rule duplicate-reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Related, Severity, quoted, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.wiki.page import Page, ReferenceDefinition


@rule(group="links", severity=Severity.WARNING, since="0.1.0")
def duplicate_reference(page: Page, facts: Facts) -> Iterator[Finding]:
    """Two definitions of one reference link lead to different places.

    Only the first one counts, so links that mean the second lead the reader astray. Usually two pages were joined.
    Case and blanks play no part in labels. The same address twice does no harm and is left alone.

    ```wiki
    -- index.md --
    He wrote [a paper][1] and [another][1].

    [1]: https://example.org/mind
    [1]: https://example.org/logic
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "1" is already defined, as "https://example.org/mind"
    ```

    Different labels, and one address twice:

    ```wiki
    -- index.md --
    He wrote [a paper][1] and [another][2].

    [1]: https://example.org/mind
    [2]: https://example.org/logic
    [1]: https://example.org/mind
    [//]: # (a comment)
    [//]: # (and one more)
    ```
    """
    first: dict[str, ReferenceDefinition] = {}
    for definition in page.definitions:
        known = first.setdefault(definition.key, definition)
        if known.url != definition.url:
            yield Finding(
                span=definition.span,
                message=f"{quoted(definition.label)} is already defined, as {quoted(known.url)}",
                subject=definition.label,
                help="give it a label of its own",
                related=(Related(known.span, "the definition that counts"),),
            )
